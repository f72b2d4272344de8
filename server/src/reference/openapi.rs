//! `GET /api/openapi.json`: the table of methods as OpenAPI 3.1, for tools.
//!
//! The snapshot in `docs/openapi.json` shows what a change does to the contract; a test compares.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use wire::{ErrorCode, Permission};

use super::catalogue::{Answer, Credential, Field, Method, Place, methods};

/// The description of a server at this address.
#[must_use]
pub fn document(base: &str) -> Value {
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for method in methods() {
        for verb in method.verbs {
            let path = paths.entry(method.path).or_default();
            path.insert(verb.to_lowercase(), operation(&method, verb));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Daypass",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Temporary tokens for pages, minted from permanent ones that stay on servers",
            "description": "For people: /api on this server.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": base }],
        "externalDocs": { "url": format!("{base}/api"), "description": "The same for people, with examples" },
        "paths": paths,
        "components": { "schemas": schemas(), "securitySchemes": security_schemes() },
    })
}

fn operation(method: &Method, verb: &str) -> Value {
    let id = if method.verbs.len() == 1 {
        method.id.to_owned()
    } else {
        format!("{}By{}{}", method.id, &verb[..1], verb[1..].to_lowercase())
    };
    let is_in_query = |f: &&Field| f.place == Place::Query || (f.place == Place::Either && verb == "GET");
    let is_parameter = |f: &&Field| is_in_query(f) || f.place == Place::Header;
    let parameters: Vec<Value> = method
        .fields
        .iter()
        .filter(is_parameter)
        .map(|f| {
            let place = if f.place == Place::Header {
                "header"
            } else {
                "query"
            };
            json!({
                "name": f.name, "in": place, "required": f.needed,
                "description": described(f),
                "schema": if f.place == Place::Header { f.schema.clone() } else { in_form(f) },
            })
        })
        .collect();
    let mut operation = json!({
        "operationId": id,
        "summary": method.summary,
        "parameters": parameters,
        "responses": responses(method),
        "security": security(method.credential),
    });
    let in_body: Vec<&Field> = method.fields.iter().filter(|f| !is_parameter(f)).collect();
    if !in_body.is_empty() {
        operation["requestBody"] = body(&in_body);
    }
    operation
}

fn described(field: &Field) -> String {
    format!("{} ({})", field.means, field.holds)
}

/// What a field may be in a form or a query: without a value it counts as not sent (RFC 6749, 3.2).
fn in_form(field: &Field) -> Value {
    let or_nothing = |schema: &Value| json!({ "anyOf": [schema, { "const": "" }] });
    // One of a query that may be left out but not be empty says so. Of a body, the same schema is that of its JSON.
    let is_never_empty = field.place == Place::Query && field.schema["minLength"].as_u64() > Some(0);
    if field.needed || is_never_empty || field.is_never_without_value() {
        return field.schema.clone();
    }
    let mut schema = field.schema.clone();
    match schema.get_mut("items") {
        Some(items) => {
            *items = or_nothing(items);
            // Those without a value are not counted, which no schema can say; the field's text names the limit.
            schema.as_object_mut().map(|list| list.remove("maxItems"));
        }
        None => schema = or_nothing(&schema),
    }
    schema
}

fn body(fields: &[&Field]) -> Value {
    let json = fields.iter().any(|f| f.place == Place::Json);
    let schema = |form: bool| {
        let properties: Map<String, Value> = fields
            .iter()
            // A form cannot hold a list of objects.
            .filter(|f| !(form && f.name == "grants"))
            .map(|f| {
                let mut schema = if form { in_form(f) } else { f.schema.clone() };
                schema["description"] = described(f).into();
                (f.name.to_owned(), schema)
            })
            .collect();
        let required: Vec<&str> = fields.iter().filter(|f| f.needed).map(|f| f.name).collect();
        json!({
            "type": "object", "properties": properties, "required": required,
            // OAuth's forms ignore what they do not know, if it stands there once; everything else refuses it.
            "additionalProperties": if !json && form { json!({ "type": "string" }) } else { json!(false) },
        })
    };
    if fields.iter().any(|f| f.place == Place::Listed) {
        let mut entry = schema(false);
        // Reporters may tell more than is known here.
        entry["additionalProperties"] = true.into();
        let list = json!({ "type": "array", "items": entry });
        return json!({ "required": true, "content": { "application/json": { "schema": list } } });
    }
    let mut content = json!({ "application/x-www-form-urlencoded": { "schema": schema(true) } });
    if json {
        content["application/json"] = json!({ "schema": schema(false) });
    }
    let required = fields.iter().any(|f| f.needed);
    json!({ "required": required, "content": content })
}

fn responses(method: &Method) -> Value {
    let mut responses = Map::new();
    let (status, mut good) = answer(method);
    if has_limits(method) {
        for (name, header) in limits() {
            good["headers"][name] = header;
        }
    }
    if method.answer == Answer::Described {
        let mut asked_for = good.clone();
        asked_for["description"] = "Yes, where `status=200` asks for it.".into();
        responses.insert("200".to_owned(), asked_for);
    }
    responses.insert(status.to_owned(), good);
    if method.speaks_oauth() {
        // The status of OAuth's errors goes with who is at fault, not with the code.
        let mut by_status: BTreeMap<u16, Vec<String>> = BTreeMap::new();
        for word in method.words() {
            let line = format!("- `{}`: {}", word.error, word.means);
            by_status.entry(word.status).or_default().push(line);
        }
        for (status, lines) in by_status {
            let status = status.to_string();
            let answer = refusal(&lines.join("\n"), "application/json", "OAuthError");
            let answer = told_when(method, &status, answer);
            responses.insert(status, answer);
        }
        return Value::Object(responses);
    }
    let mut by_status: BTreeMap<u16, Vec<ErrorCode>> = BTreeMap::new();
    for code in method.codes() {
        by_status.entry(code.status()).or_default().push(code);
    }
    for (status, codes) in by_status {
        let lines: Vec<String> = codes
            .iter()
            .map(|code| format!("- `{code}`: {}", method.explained(*code).0))
            .collect();
        let text = lines.join("\n");
        let answer = refusal(&text, "application/problem+json", "Problem");
        let status = status.to_string();
        let answer = told_when(method, &status, answer);
        responses.insert(status, answer);
    }
    if STORING.contains(&method.id) {
        let text = "- `internal`: the database does not answer, and nothing was changed";
        let answer = refusal(text, "application/problem+json", "Problem");
        responses.insert("503".to_owned(), told_when(method, "503", answer));
    }
    if method.verbs.contains(&"POST") {
        let text = match method.id {
            "ReportLeakedToken" => "The body is larger than 1 MiB",
            _ => "The body is larger than 64 KiB",
        };
        responses.insert(
            "413".to_owned(),
            refusal(text, "application/problem+json", "Problem"),
        );
    }
    if method
        .fields
        .iter()
        .any(|f| matches!(f.place, Place::Query | Place::Either))
    {
        // The line of the request is refused before anybody looks at it, so this has no body.
        let text = json!({ "description": "The address is longer than 64 KiB" });
        responses.insert("414".to_owned(), text);
    }
    Value::Object(responses)
}

/// What is answered only when the database has: by their ids.
const STORING: [&str; 4] = ["RevokeToken", "TokenDigests", "ReportLeakedToken", "claim"];

fn retry_after(text: &str) -> Value {
    json!({ "description": text, "required": true, "schema": { "type": "integer", "minimum": 1 } })
}

/// Whether its answers tell how the limits of a token stand. What ends a token counts against none of them; that and what
/// everybody may ask have limits of another kind, which are told by a 429 alone.
fn has_limits(method: &Method) -> bool {
    method.codes().contains(&ErrorCode::RateLimited)
        && method.credential != Credential::Nobody
        && !matches!(method.answer, Answer::Nothing | Answer::Done)
}

/// The headers that tell how limits stand, where the token has any.
fn limits() -> [(&'static str, Value); 2] {
    let header = |text: &str| json!({ "description": text, "schema": { "type": "string" } });
    [
        (
            "RateLimit-Policy",
            header(
                "The limits that the request counted against, as `\"verify\";q=600;w=60`. Absent without a limit.",
            ),
        ),
        (
            "RateLimit",
            header(
                "How each stands, as `\"verify\";r=599;t=1`: requests that are left, seconds until all are there again.",
            ),
        ),
    ]
}

/// An answer with the headers that say when to come back, where its status is 429 or 503.
fn told_when(method: &Method, status: &str, mut answer: Value) -> Value {
    let text = match status {
        "429" => "Seconds until the next request passes.",
        "503" => "Seconds after which to try again.",
        _ => return answer,
    };
    answer["headers"]["Retry-After"] = retry_after(text);
    if status == "429" && has_limits(method) {
        for (name, header) in limits() {
            answer["headers"][name] = header;
        }
    }
    answer
}

fn refusal(text: &str, kind: &str, schema: &str) -> Value {
    json!({ "description": text, "content": { kind: { "schema": named(schema) } } })
}

fn answer(method: &Method) -> (&'static str, Value) {
    let of = |text: &str, kind: &str, schema: Value| json!({ "description": text, "content": { kind: { "schema": schema } } });
    match method.answer {
        Answer::Nothing => ("204", json!({ "description": "It is done." })),
        Answer::Done => ("200", json!({ "description": "It is done." })),
        Answer::Described => {
            let header = |text: &str| json!({ "description": text, "schema": { "type": "string" } });
            let headers = json!({
                "X-Daypass-Token-Id": header("The token; of a temporary token, its parent."),
                "X-Daypass-Token-Name": header("Its name, percent-encoded."),
                "X-Daypass-Token-Kind": header("secret, public or temporary."),
                "X-Daypass-Subject": header("Who it is for in the integrator's system, percent-encoded."),
                "X-Daypass-Interfaces": header("The interfaces that it has rights on, percent-encoded, commas between."),
                "X-Daypass-Permissions": header("What it may do on the interface asked about, commas between."),
            });
            ("204", json!({ "description": "Yes.", "headers": headers }))
        }
        Answer::Json(schema) => {
            let kind = match schema {
                "KeySet" => "application/jwk-set+json",
                _ => "application/json",
            };
            ("200", of("As asked for.", kind, named(schema)))
        }
        Answer::Text => (
            "200",
            of("As asked for.", "application/json", json!({ "type": "string" })),
        ),
        Answer::YesOrNo => (
            "200",
            of("As asked for.", "application/json", json!({ "type": "boolean" })),
        ),
        Answer::Xml => {
            let schema = json!({ "type": "string", "xml": { "name": "string", "namespace": "http://imageshop.no/V4" } });
            ("200", of("The temporary token.", "text/xml", schema))
        }
        Answer::Secret => {
            let json = object(&json!({ "secret": { "type": "string" } }), &[]);
            let content = json!({ "text/plain": { "schema": { "type": "string" } }, "application/json": { "schema": json } });
            (
                "200",
                json!({ "description": "The secret, and nothing else. As JSON where `Accept` asks for it.", "content": content }),
            )
        }
        Answer::Plain => ("200", of("It does.", "text/plain", json!({ "type": "string" }))),
    }
}

fn security(credential: Credential) -> Value {
    match credential {
        Credential::Nobody => json!([]),
        Credential::Token => {
            json!([{ "bearer": [] }, { "tokenHeader": [] }, { "keyHeader": [] }, { "tokenInUrl": [] }, { "keyInUrl": [] }])
        }
        // The empty one: credentials of a client may stand in the form, and an exchange needs none.
        Credential::Client => json!([{ "client": [] }, {}]),
        Credential::ClientOrBearer => json!([{ "client": [] }, { "bearer": [] }, {}]),
    }
}

fn security_schemes() -> Value {
    json!({
        "bearer": { "type": "http", "scheme": "bearer" },
        "client": { "type": "http", "scheme": "basic", "description": "A token's id and its secret." },
        "tokenHeader": { "type": "apiKey", "in": "header", "name": "Token" },
        "keyHeader": { "type": "apiKey", "in": "header", "name": "X-Api-Key" },
        "tokenInUrl": { "type": "apiKey", "in": "query", "name": "token", "description": "Temporary and public tokens only." },
        "keyInUrl": { "type": "apiKey", "in": "query", "name": "apikey", "description": "Temporary and public tokens only." },
    })
}

fn named(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

/// An object; all properties but the optional ones are always there.
fn object(properties: &Value, optional: &[&str]) -> Value {
    let required: Vec<&str> = properties
        .as_object()
        .into_iter()
        .flat_map(Map::keys)
        .map(String::as_str)
        .filter(|name| !optional.contains(name))
        .collect();
    json!({ "type": "object", "required": required, "properties": properties })
}

fn schemas() -> Value {
    let text = || json!({ "type": "string" });
    let texts = || json!({ "type": "array", "items": { "type": "string" } });
    let maybe = |kind: &str| json!({ "type": [kind, "null"] });
    let time = || json!({ "type": ["string", "null"], "format": "date-time" });
    let whole = || json!({ "type": "integer" });
    let grants = || json!({ "type": "array", "items": named("Grant") });
    let permissions: Vec<&str> = Permission::ALL.into_iter().map(Permission::as_str).collect();
    let codes: Vec<&str> = ErrorCode::ALL.iter().map(|c| c.as_str()).collect();
    json!({
        "Permission": { "type": "string", "enum": permissions },
        "Grant": object(&json!({
            "interface": { "type": "string", "minLength": 1, "maxLength": 100 },
            "permissions": { "type": "array", "items": named("Permission") },
        }), &[]),
        "MintResponse": object(&json!({
            "token": text(), "token_type": { "const": "Bearer" }, "expires_in": maybe("integer"),
            "expires_at": time(), "grants": grants(), "origins": texts(), "network": text(), "subject": maybe("string"),
        }), &["network"]),
        "WhoAmI": object(&json!({
            "id": text(), "name": text(), "kind": { "enum": ["secret", "public"] },
            "temporary": { "type": "boolean" }, "grants": grants(), "expires_at": time(),
            "temporary_lifetime": { "type": "integer", "minimum": -1 },
            "allowed_origins": texts(), "allowed_networks": texts(),
            "rate_limit": { "oneOf": [
                { "type": "null" }, { "const": "unlimited" },
                object(&json!({ "requests": whole(), "per_seconds": whole() }), &[]),
            ] },
            "subject": text(),
        }), &["subject"]),
        "AccessToken": object(&json!({
            "access_token": text(), "token_type": { "const": "Bearer" }, "expires_in": whole(),
            "scope": text(), "issued_token_type": text(),
        }), &["expires_in", "issued_token_type"]),
        "Introspection": object(&json!({
            "active": { "type": "boolean" }, "scope": text(), "client_id": text(), "token_type": text(),
            "exp": whole(), "iat": whole(), "sub": text(), "aud": text(), "iss": text(), "jti": text(),
            "token_name": text(), "token_kind": { "enum": ["secret", "public", "temporary"] },
            "subject": text(), "grants": grants(),
        }), &[
            "scope", "client_id", "token_type", "exp", "iat", "sub", "aud", "iss", "jti", "token_name",
            "token_kind", "subject", "grants",
        ]),
        "OAuthError": object(&json!({
            "error": text(), "error_description": text(), "error_uri": text(),
        }), &["error_uri"]),
        "Metadata": object(&json!({
            "issuer": text(), "token_endpoint": text(), "introspection_endpoint": text(), "revocation_endpoint": text(),
            "revocation_endpoint_auth_methods_supported": texts(), "jwks_uri": text(),
            "service_documentation": text(), "response_types_supported": texts(),
            "grant_types_supported": texts(), "token_endpoint_auth_methods_supported": texts(),
            "introspection_endpoint_auth_methods_supported": texts(),
        }), &[]),
        "KeySet": object(&json!({
            "keys": { "type": "array", "items": object(&json!({
                "kty": { "const": "OKP" }, "crv": { "const": "Ed25519" }, "use": { "const": "sig" },
                "alg": { "const": "EdDSA" }, "kid": text(), "x": text(),
            }), &[]) },
        }), &[]),
        "TokenDigests": object(&json!({
            "digests": { "type": "array", "items": object(&json!({
                "digest": { "type": "string", "pattern": "^[0-9a-f]{8}$" },
                "kind": { "enum": ["secret", "public"] }, "live": { "type": "boolean" },
            }), &[]) },
        }), &[]),
        "LeakVerdicts": { "type": "array", "items": object(&json!({
            "token_hash": text(), "token_type": text(), "label": { "enum": ["true_positive", "false_positive"] },
        }), &[]) },
        "Description": { "type": "object" },
        "Problem": object(&json!({
            "type": text(), "title": text(), "status": whole(), "detail": text(),
            "code": { "type": "string", "enum": codes },
            "missing": grants(),
            "errors": { "type": "array", "items": object(&json!({
                "field": text(), "code": text(), "detail": text(),
            }), &[]) },
            "help": object(&json!({
                "language": { "type": "string", "enum": ["php", "javascript", "python"] },
                "code": text(), "guides": texts(),
            }), &[]),
            "request_id": text(),
        }), &["missing", "errors", "help", "request_id"]),
    })
}
