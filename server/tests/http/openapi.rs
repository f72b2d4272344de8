//! The description for tools: complete, as in the repository, and true to the types that travel.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use wire::MintRequest;

use crate::harness::{Server, mint, on_both};
use crate::leak::declared;

on_both![is_served_and_snapshotted, answers_fit, every_wish_is_described];

const SNAPSHOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.json");

async fn description(server: &Server) -> Value {
    let answer = server.anonymous().get("/api/openapi.json").send().await.is(200);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    answer.json()
}

async fn is_served_and_snapshotted(server: Server) {
    let served = description(&server).await;
    let text = format!("{served:#}\n");
    if std::env::var_os("DAYPASS_WRITE_OPENAPI").is_some() {
        std::fs::write(SNAPSHOT, &text).unwrap();
    }
    let kept = std::fs::read_to_string(SNAPSHOT).unwrap_or_default();
    assert!(
        kept == text,
        "docs/openapi.json is not what is served: look at the difference that DAYPASS_WRITE_OPENAPI=1 makes"
    );
    // Every address of the public router that is no page is described, and nothing else.
    let pages = ["/api", "/api/", "/api/errors", "/api/{*path}"];
    let public = |route: &&String| {
        let path = route.split_once(' ').unwrap().1;
        let starts = [
            "/api/",
            "/claim",
            "/oauth2/",
            "/verify",
            "/.well-known/",
            "/Login/",
            "/V4.",
            "/health",
        ];
        starts.iter().any(|s| path.starts_with(s))
            && !path.starts_with("/api/admin/")
            && !path.starts_with("/api/guides/")
            && !pages.contains(&path)
    };
    let routes = declared();
    let routes: BTreeSet<String> = routes.iter().filter(public).cloned().collect();
    let mut described = BTreeSet::new();
    let mut ids = Vec::new();
    for (path, verbs) in served["paths"].as_object().unwrap() {
        for (verb, operation) in verbs.as_object().unwrap() {
            described.insert(format!("{} {path}", verb.to_uppercase()));
            ids.push(operation["operationId"].as_str().unwrap().to_owned());
            for (status, answer) in operation["responses"].as_object().unwrap() {
                assert!(
                    !answer["description"].as_str().unwrap().is_empty(),
                    "{path} {status}"
                );
                let says_when = answer["headers"]["Retry-After"].is_object();
                let waits = matches!(status.as_str(), "429" | "503");
                assert_eq!(says_when, waits, "{path} {status}");
            }
        }
    }
    assert_eq!(described, routes);
    // What a limited answer really tells is described, of a yes too.
    let admin = server.admin().await;
    let grants = json!([{ "interface": "Press photos", "permissions": ["read"] }]);
    let body =
        json!({ "name": "Limited", "grants": grants, "rate_limit": { "requests": 900, "per_seconds": 60 } });
    let (_, secret) = admin.active(body).await;
    let told = server.may_read(&secret, "Press photos").await.is(204);
    let described = &served["paths"]["/verify"]["get"]["responses"]["204"]["headers"];
    let described: BTreeSet<String> = described
        .as_object()
        .unwrap()
        .keys()
        .map(|k| k.to_lowercase())
        .collect();
    for name in ["ratelimit", "ratelimit-policy", "x-daypass-token-id"] {
        assert!(
            told.headers.contains_key(name) && described.contains(name),
            "{name}"
        );
    }
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{ids:?}");
    // Every reference inside leads somewhere.
    for (at, _) in text.match_indices("\"#/components/") {
        let pointer = text[at + 2..].split('"').next().unwrap();
        assert!(served.pointer(pointer).is_some(), "{pointer}");
    }
}

/// A value against the part of JSON Schema that the description uses.
fn check(all: &Value, schema: &Value, value: &Value, at: &str) {
    if let Some(pointer) = schema["$ref"].as_str() {
        return check(all, all.pointer(&pointer[1..]).unwrap(), value, at);
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let kind = |s: &&Value| s["type"] == type_of(value) || s.get("const").is_some_and(|c| c == value);
        let choice = choices
            .iter()
            .find(kind)
            .unwrap_or_else(|| panic!("{at}: {value}"));
        return check(all, choice, value, at);
    }
    match &schema["type"] {
        Value::String(kind) => assert_eq!(kind, type_of(value), "{at}: {value}"),
        Value::Array(kinds) => assert!(kinds.contains(&json!(type_of(value))), "{at}: {value}"),
        _ => {}
    }
    if let Some(only) = schema.get("const") {
        assert_eq!(only, value, "{at}");
    }
    if let Some(words) = schema["enum"].as_array() {
        assert!(words.contains(value), "{at}: {value}");
    }
    for item in value.as_array().into_iter().flatten() {
        check(all, &schema["items"], item, at);
    }
    let Some(members) = value.as_object() else { return };
    for (name, member) in members {
        let property = schema["properties"].get(name);
        check(
            all,
            property.unwrap_or_else(|| panic!("{at}.{name} is not described")),
            member,
            name,
        );
    }
    for name in schema["required"].as_array().into_iter().flatten() {
        assert!(
            members.contains_key(name.as_str().unwrap()),
            "{at}.{name} is missing"
        );
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Real answers of every method, good and bad, against the schemas that are served.
async fn answers_fit(server: Server) {
    let all = description(&server).await;
    let admin = server.admin().await;
    let grants = json!([{ "interface": "Press photos", "permissions": ["read", "upload", "introspect"] }]);
    let body =
        json!({ "name": "Own", "grants": grants, "rate_limit": { "requests": 900, "per_seconds": 60 } });
    let (token, secret) = admin.active(body).await;
    let wish = json!({
        "lifetime": 60, "grants": [{ "interface": "Press photos", "permissions": ["read"] }],
        "origins": ["https://one.example"], "subject": "kari",
    });
    let pass = mint(&server, &secret, json!({ "subject": "kari" })).await;
    let holder = server.bearer(&secret);
    let visitor = server.bearer(&pass);
    let nobody = server.anonymous();
    let client = [
        ("client_id", token.id.as_str()),
        ("client_secret", secret.as_str()),
    ];
    let minting = [&client[..], &[("grant_type", "client_credentials")]].concat();
    let asking = [&client[..], &[("token", pass.as_str())]].concat();
    let stranger = [&client[..], &[("token", "nobody")]].concat();
    for (call, verb, path) in [
        (
            holder.post("/api/GetTemporaryToken").json(&wish),
            "post",
            "/api/GetTemporaryToken",
        ),
        (
            holder.get("/api/GetTemporaryToken?lifetime=5"),
            "get",
            "/api/GetTemporaryToken",
        ),
        (
            holder.post("/api/GetTemporaryToken").json(&json!({ "x": 1 })),
            "post",
            "/api/GetTemporaryToken",
        ),
        (
            holder
                .post("/api/GetTemporaryToken")
                .json(&json!({ "interfaces": ["Other"] })),
            "post",
            "/api/GetTemporaryToken",
        ),
        (
            nobody.post("/api/GetTemporaryToken"),
            "post",
            "/api/GetTemporaryToken",
        ),
        (holder.get("/api/WhoAmI"), "get", "/api/WhoAmI"),
        (visitor.post("/api/WhoAmI"), "post", "/api/WhoAmI"),
        (nobody.get("/api/WhoAmI"), "get", "/api/WhoAmI"),
        (
            visitor.get("/verify?interface=Press%20photos&permission=read"),
            "get",
            "/verify",
        ),
        (
            visitor.get("/verify?interface=Press%20photos&permission=edit"),
            "get",
            "/verify",
        ),
        (visitor.get("/verify?interface=Press%20photos"), "get", "/verify"),
        (
            nobody.post("/oauth2/token").form(&minting),
            "post",
            "/oauth2/token",
        ),
        (
            nobody.post("/oauth2/token").form(&client),
            "post",
            "/oauth2/token",
        ),
        (
            nobody.post("/oauth2/token").form(&minting[1..]),
            "post",
            "/oauth2/token",
        ),
        (
            nobody.post("/oauth2/introspect").form(&asking),
            "post",
            "/oauth2/introspect",
        ),
        (
            nobody.post("/oauth2/introspect").form(&stranger),
            "post",
            "/oauth2/introspect",
        ),
        (nobody.post("/oauth2/introspect"), "post", "/oauth2/introspect"),
        (
            visitor.post("/oauth2/introspect").form(&[("token", &pass)]),
            "post",
            "/oauth2/introspect",
        ),
        (
            holder.get("/Login/GetTemporaryToken"),
            "get",
            "/Login/GetTemporaryToken",
        ),
        (holder.post("/Login/WhoAmI"), "post", "/Login/WhoAmI"),
        (holder.get("/Login/CanUpload"), "get", "/Login/CanUpload"),
        (nobody.get("/Login/CanUpload"), "get", "/Login/CanUpload"),
        (
            holder.get("/V4.asmx/GetTemporaryToken"),
            "get",
            "/V4.asmx/GetTemporaryToken",
        ),
        (
            nobody.get("/.well-known/jwks.json"),
            "get",
            "/.well-known/jwks.json",
        ),
        (
            nobody.get("/.well-known/oauth-authorization-server"),
            "get",
            "/.well-known/oauth-authorization-server",
        ),
        (nobody.get("/health"), "get", "/health"),
        (
            nobody.post("/oauth2/revoke").form(&stranger),
            "post",
            "/oauth2/revoke",
        ),
        (nobody.post("/oauth2/revoke"), "post", "/oauth2/revoke"),
        (nobody.post("/api/RevokeToken"), "post", "/api/RevokeToken"),
        (visitor.post("/api/RevokeToken"), "post", "/api/RevokeToken"),
    ] {
        let answer = call.send().await;
        let status = answer.status.as_str().to_owned();
        let described = all["paths"][path][verb]["responses"]
            .get(&status)
            .unwrap_or_else(|| panic!("{verb} {path} {status}: {}", answer.text()));
        let Some(content) = described["content"].as_object() else {
            assert!(answer.body.is_empty(), "{verb} {path} {status}");
            continue;
        };
        let kind = answer
            .header("content-type")
            .split(';')
            .next()
            .unwrap()
            .to_owned();
        let schema = content
            .get(&kind)
            .unwrap_or_else(|| panic!("{verb} {path} {status}: {kind}"));
        if kind.ends_with("json") {
            check(&all, &schema["schema"], &answer.json(), path);
        }
    }
}

/// A field that is added to the type has to be named here, or this does not compile, and described, or it fails.
async fn every_wish_is_described(server: Server) {
    let all = description(&server).await;
    let MintRequest {
        lifetime: _,
        grants: _,
        interfaces: _,
        permissions: _,
        origins: _,
        network: _,
        subject: _,
    } = MintRequest::default();
    let fields = [
        "grants",
        "interfaces",
        "lifetime",
        "network",
        "origins",
        "permissions",
        "subject",
    ];
    let body = &all["paths"]["/api/GetTemporaryToken"]["post"]["requestBody"]["content"];
    let properties = body["application/json"]["schema"]["properties"]
        .as_object()
        .unwrap();
    let described: BTreeSet<&str> = properties.keys().map(String::as_str).collect();
    assert_eq!(described, BTreeSet::from(fields));
}
