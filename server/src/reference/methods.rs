//! The methods: purpose, parameters with their limits, answers, refusals, and calls to paste.
//!
//! The answers shown are checked against `wire` by the tests, and limits are taken from there.

use leptos::prelude::*;
use wire::ErrorCode;

use super::base;
use super::catalogue::{Credential, Method, method};
use super::code::{Language, code, examples};
use super::frame::{Row, Section, p, rich, table};

/// The answer of `GetTemporaryToken` as shown.
pub(super) const MINTED: &str = r#"{
  "token": "eyJhbGciOiJFZERTQSIsImtpZCI6…",
  "token_type": "Bearer",
  "expires_in": 900,
  "expires_at": "2026-03-01T12:15:00.000Z",
  "grants": [{ "interface": "Press photos", "permissions": ["read"] }],
  "origins": ["https://www.example.org"],
  "subject": null
}"#;

/// The answer of `WhoAmI` as shown.
pub(super) const WHO_AM_I: &str = r#"{
  "id": "01KJ3ZQ0X5V8YB3M6N7P9R2T4W",
  "name": "WordPress",
  "kind": "secret",
  "temporary": false,
  "grants": [{ "interface": "Press photos", "permissions": ["read", "download"] }],
  "expires_at": null,
  "temporary_lifetime": -1,
  "allowed_origins": [],
  "allowed_networks": [],
  "rate_limit": { "requests": 600, "per_seconds": 60 }
}"#;

/// What a call asks for in the examples.
pub(super) const WISH: &str = r#"{
  "lifetime": 900,
  "interfaces": ["Press photos"],
  "permissions": ["read"],
  "origins": ["https://www.example.org"]
}"#;

/// What every token can meet at any door: folded away, so that what is special about a method is seen.
const COMMON: [ErrorCode; 10] = [
    ErrorCode::TokenMissing,
    ErrorCode::TokenMalformed,
    ErrorCode::TokenUnknown,
    ErrorCode::TokenInactive,
    ErrorCode::TokenExpired,
    ErrorCode::TokenInUrl,
    ErrorCode::TemporaryTokenStopped,
    ErrorCode::ExposedInBrowser,
    ErrorCode::ApiDisabled,
    ErrorCode::Internal,
];

/// All refusals of a method, as the table of methods has them, each with what to do.
pub(super) fn refusals(id: &str) -> AnyView {
    let Some(method) = method(id) else {
        return ().into_any();
    };
    // Where no token is sent, nothing is what any token meets.
    let folds = method.credential != Credential::Nobody;
    let (common, own): (Vec<ErrorCode>, Vec<ErrorCode>) = method
        .codes()
        .into_iter()
        .partition(|code| folds && COMMON.contains(code));
    let count = common.len();
    view! {
        <h3>"Refusals"</h3>
        {(!own.is_empty()).then(|| explanations(&method, &own))}
        {(count > 0)
            .then(|| {
                view! {
                    <details class="common">
                        <summary>{format!("What any token can meet: {count} codes")}</summary>
                        {explanations(&method, &common)}
                    </details>
                }
            })}
        <p>
            <small>"How a refusal looks: " <a href="/api/errors">"errors"</a> "."</small>
        </p>
    }
    .into_any()
}

fn explanations(method: &Method, codes: &[ErrorCode]) -> AnyView {
    let items: Vec<_> = codes
        .iter()
        .map(|&code| {
            let (meaning, next) = method.explained(code);
            view! {
                <dt>
                    <a href=format!("/api/errors#{code}")>
                        <code>{code.as_str()}</code>
                    </a>
                    <small>{code.status()}</small>
                </dt>
                <dd>{rich(meaning)} " " {rich(next)}</dd>
            }
        })
        .collect();
    view! { <dl class="refusals">{items}</dl> }.into_any()
}

/// The fields of a method, as the table of methods has them.
pub(super) fn rows(id: &str) -> Vec<Row> {
    let fields = method(id).map(|m| m.fields).unwrap_or_default();
    fields
        .into_iter()
        .map(|f| (f.name, f.holds, f.means.to_owned()))
        .collect()
}

/// Indents all lines but the first.
fn indented(text: &str, by: usize) -> String {
    text.replace('\n', &format!("\n{}", " ".repeat(by)))
}

#[component]
pub(super) fn GetTemporaryToken() -> impl IntoView {
    let base = base();
    view! {
        <Section id="GetTemporaryToken" verb="POST" title="/api/GetTemporaryToken">
            {p("Makes a temporary token from your permanent one. Call it from your server, keep the answer until shortly before it ends, and hand it to the pages that need it.")}
            {examples(minting_examples(&base))}
            <h3>"Body"</h3>
            {p("JSON, or a form with the same names (lists by repeating them); everything may be left out, the body too. Without any field the temporary token has the rights (but `introspect`), the origins and the lifetime of its parent. Unknown fields are refused, and so are these fields in the address of a `POST`.")}
            {table(
                "Fields of the body",
                ["Field", "Holds", "Means"],
                rows("GetTemporaryToken"),
            )}
            <h3>"Answer"</h3>
            {p("Status 200. `expires_in` and `expires_at` are `null` for a token without an end. `grants` and `origins` are what it got; an empty list of origins means any.")}
            {code(Language::Json, "Answer", MINTED)}
            {p("Whoever asks for more than the parent has gets nothing: 403, and `missing` names what was too much. It is never silently less.")}
            {refusals("GetTemporaryToken")}
        </Section>
    }
}

/// The same call in every language.
pub(super) fn minting_examples(base: &str) -> [String; 5] {
    let wish = indented(WISH, 2);
    [
        format!(
            "curl -sS {base}/api/GetTemporaryToken \\\n  -H \"Authorization: Bearer $DAYPASS_TOKEN\" \\\n  -H \"Content-Type: application/json\" \\\n  -d '{wish}'\n"
        ),
        format!(
            r#"// On your server (Node 18 or later, Deno, Bun): never in a page.
const response = await fetch("{base}/api/GetTemporaryToken", {{
  method: "POST",
  headers: {{
    "Authorization": `Bearer ${{process.env.DAYPASS_TOKEN}}`,
    "Content-Type": "application/json",
  }},
  body: JSON.stringify({{
    lifetime: 900,
    interfaces: ["Press photos"],
    permissions: ["read"],
    origins: ["https://www.example.org"],
  }}),
}});
const answer = await response.json();
if (!response.ok) throw new Error(`${{answer.code}}: ${{answer.detail}}`);
// answer.token is what the page may have.
"#
        ),
        format!(
            r#"<?php
$call = curl_init("{base}/api/GetTemporaryToken");
curl_setopt_array($call, [
    CURLOPT_RETURNTRANSFER => true,
    CURLOPT_HTTPHEADER => [
        "Authorization: Bearer " . getenv("DAYPASS_TOKEN"),
        "Content-Type: application/json",
    ],
    CURLOPT_POSTFIELDS => json_encode([
        "lifetime" => 900,
        "interfaces" => ["Press photos"],
        "permissions" => ["read"],
        "origins" => ["https://www.example.org"],
    ]),
]);
$answer = json_decode(curl_exec($call), true);
if (curl_getinfo($call, CURLINFO_RESPONSE_CODE) !== 200) {{
    throw new RuntimeException($answer["code"] . ": " . $answer["detail"]);
}}
// $answer["token"] is what the page may have.
"#
        ),
        format!(
            r#"import json, os, urllib.request

call = urllib.request.Request(
    "{base}/api/GetTemporaryToken",
    data=json.dumps({{
        "lifetime": 900,
        "interfaces": ["Press photos"],
        "permissions": ["read"],
        "origins": ["https://www.example.org"],
    }}).encode(),
    headers={{
        "Authorization": "Bearer " + os.environ["DAYPASS_TOKEN"],
        "Content-Type": "application/json",
    }},
)
with urllib.request.urlopen(call, timeout=5) as response:
    answer = json.load(response)
# answer["token"] is what the page may have.
"#
        ),
        format!(
            r#"// ureq = {{ version = "3", features = ["json"] }}, serde_json = "1"
let token = std::env::var("DAYPASS_TOKEN")?;
let answer: serde_json::Value = ureq::post("{base}/api/GetTemporaryToken")
    .header("Authorization", format!("Bearer {{token}}"))
    .send_json(serde_json::json!({{
        "lifetime": 900,
        "interfaces": ["Press photos"],
        "permissions": ["read"],
        "origins": ["https://www.example.org"],
    }}))?
    .body_mut()
    .read_json()?;
// answer["token"] is what the page may have.
"#
        ),
    ]
}

#[component]
pub(super) fn WhoAmI() -> impl IntoView {
    let base = base();
    view! {
        <Section id="WhoAmI" verb="GET" title="/api/WhoAmI">
            {p("Says what the token that you send is and may do now. It works with every kind of token, and changes nothing: a good first call, and a good health check.")}
            {examples(who_am_i_examples(&base))}
            <h3>"Parameters"</h3>
            {p("None but the token itself, in one of the [usual places](#sending). `POST` is the same; it also takes the token in a form.")}
            {table("Parameters of the query or the form", ["Parameter", "Holds", "Means"], rows("WhoAmI"))}
            <h3>"Answer"</h3>
            {p("Status 200.")}
            {code(Language::Json, "Answer", WHO_AM_I)}
            {table(
                "Fields of the answer",
                ["Field", "Holds", "Means"],
                vec![
                    ("id, name", "text".into(), "The token; of a temporary token, its parent.".into()),
                    ("kind", "`secret` or `public`".into(), "Where the permanent token may be kept.".into()),
                    ("temporary", "`true` or `false`".into(), "Whether you sent a temporary token.".into()),
                    ("grants", "list".into(), "Its rights at this moment.".into()),
                    ("expires_at", "time or `null`".into(), "When it ends; `null` is no end.".into()),
                    (
                        "temporary_lifetime",
                        "seconds, `-1` or `0`".into(),
                        "How long its temporary tokens last; `-1` is the server's default, `0` no end.".into(),
                    ),
                    ("allowed_origins", "list".into(), "Pages that it works from; empty is any.".into()),
                    ("allowed_networks", "list".into(), "Networks that it works from; empty is any.".into()),
                    (
                        "rate_limit",
                        "`null`, `\"unlimited\"` or `{requests, per_seconds}`".into(),
                        "Its limit; `null` is the server's default.".into(),
                    ),
                    ("subject", "text".into(), "As asked for when it was minted; absent if it was not.".into()),
                ],
            )}
            {refusals("WhoAmI")}
        </Section>
    }
}

fn who_am_i_examples(base: &str) -> [String; 5] {
    [
        format!("curl -sS {base}/api/WhoAmI -H \"Authorization: Bearer $DAYPASS_TOKEN\"\n"),
        format!(
            r#"// On your server: never in a page.
const response = await fetch("{base}/api/WhoAmI", {{
  headers: {{ "Authorization": `Bearer ${{process.env.DAYPASS_TOKEN}}` }},
}});
console.log(await response.json());
"#
        ),
        format!(
            r#"<?php
$call = curl_init("{base}/api/WhoAmI");
curl_setopt_array($call, [
    CURLOPT_RETURNTRANSFER => true,
    CURLOPT_HTTPHEADER => ["Authorization: Bearer " . getenv("DAYPASS_TOKEN")],
]);
print_r(json_decode(curl_exec($call), true));
"#
        ),
        format!(
            r#"import json, os, urllib.request

call = urllib.request.Request(
    "{base}/api/WhoAmI",
    headers={{"Authorization": "Bearer " + os.environ["DAYPASS_TOKEN"]}},
)
with urllib.request.urlopen(call, timeout=5) as response:
    print(json.load(response))
"#
        ),
        format!(
            r#"// ureq = {{ version = "3", features = ["json"] }}, serde_json = "1"
let token = std::env::var("DAYPASS_TOKEN")?;
let answer: serde_json::Value = ureq::get("{base}/api/WhoAmI")
    .header("Authorization", format!("Bearer {{token}}"))
    .call()?
    .body_mut()
    .read_json()?;
println!("{{answer:#}}");
"#
        ),
    ]
}

#[component]
pub(super) fn RevokeToken() -> impl IntoView {
    let base = base();
    view! {
        <Section id="RevokeToken" verb="POST" title="/api/RevokeToken">
            {p("Ends the token that you send, before its time: a visitor's temporary token when the visitor signs out, a server's secret when somebody else may have seen it. From the answer on it is refused, and so is every temporary token that came from it. Of a permanent token only the secret that you send ends; an administrator hands over a new one. A public token cannot be ended here: it is in the hands of every visitor.")}
            {examples(revoke_examples(&base))}
            {p("A temporary token that is bound to pages or networks is ended from there only. So name one of its pages as `Origin`, as above; or end it by [revoke](#oauth-revoke), from anywhere, with id and secret of the token behind it.")}
            {p("A page can end its own temporary token too, without knowing how it went: browsers let pages of other origins neither send a token here in a header nor read the answer. Where the page has to know, its own server does it.")}
            {code(Language::JavaScript, "In the page", &revoke_from_a_page(&base))}
            <h3>"Parameters"</h3>
            {p("None but the token itself, in one of the [usual places](#sending). The body may be left out, or be an empty object (`{}`); a field in it is refused.")}
            {table(
                "What ends, by what is sent",
                ["Sent", "Holds", "Means"],
                vec![
                    (
                        "a permanent secret",
                        "`dps_…`, or a key of 20 to 255 characters that was imported".into(),
                        "That version of the value ends, with all temporary tokens that it minted. Where a replaced one still works beside it, that one goes on. The token keeps its name and rights, and waits for a new secret.".into(),
                    ),
                    (
                        "a temporary token",
                        "at most 16 KiB".into(),
                        "It ends, with every one that was narrowed from it. Others of the same parent go on.".into(),
                    ),
                    (
                        "a public token",
                        "`dpp_…`".into(),
                        "Refused (`forbidden`): every visitor holds it. An administrator can deactivate it.".into(),
                    ),
                ],
            )}
            <h3>"Answer"</h3>
            {p("Status 204, without a body: from now on it is refused, everywhere and for good. It cannot be undone, and an administrator who activates the token again, or gives it a later end, does not bring it back. Asked once more, the answer is 401 (`token_expired` for a secret, `temporary_token_stopped` for a temporary token): that is success too. No rate limit stands in the way of a secret; pages of one network end 60 temporary tokens of a token at once, then one a second (429, `rate_limited`). [revoke](#oauth-revoke) does the same for OAuth libraries.")}
            {refusals("RevokeToken")}
        </Section>
    }
}

fn revoke_examples(base: &str) -> [String; 5] {
    [
        format!(
            "# A server ends its own secret, because somebody else may have seen it.\ncurl -sS -i -X POST {base}/api/RevokeToken -H \"Authorization: Bearer $DAYPASS_TOKEN\"\n"
        ),
        format!(
            r#"// On your server, with the visitor's temporary token, when the visitor signs out.
const answer = await fetch("{base}/api/RevokeToken", {{
  method: "POST",
  headers: {{
    "Authorization": `Bearer ${{temporaryToken}}`,
    "Origin": "https://www.example.org", // a page that the token is bound to
  }},
}});
// 401: it had ended already.
if (answer.status !== 204 && answer.status !== 401) throw new Error((await answer.json()).code);
"#
        ),
        format!(
            r#"<?php
// With the visitor's temporary token, when the visitor signs out.
$call = curl_init("{base}/api/RevokeToken");
curl_setopt_array($call, [
    CURLOPT_POST => true,
    CURLOPT_POSTFIELDS => "",
    CURLOPT_RETURNTRANSFER => true,
    CURLOPT_HTTPHEADER => [
        "Authorization: Bearer " . $temporaryToken,
        "Origin: https://www.example.org", // a page that the token is bound to
    ],
]);
$problem = json_decode(curl_exec($call), true);
// 401: it had ended already.
if (!in_array(curl_getinfo($call, CURLINFO_RESPONSE_CODE), [204, 401])) {{
    throw new RuntimeException($problem["code"]);
}}
"#
        ),
        format!(
            r#"import urllib.error, urllib.request

# With the visitor's temporary token, when the visitor signs out.
call = urllib.request.Request(
    "{base}/api/RevokeToken",
    method="POST",
    headers={{
        "Authorization": "Bearer " + temporary_token,
        "Origin": "https://www.example.org",  # a page that the token is bound to
    }},
)
try:
    urllib.request.urlopen(call, timeout=5).close()
except urllib.error.HTTPError as refusal:
    if refusal.code != 401:  # it had ended already
        raise
"#
        ),
        format!(
            r#"// ureq = "3". With the visitor's temporary token, when the visitor signs out.
let answer = ureq::post("{base}/api/RevokeToken")
    .header("Authorization", format!("Bearer {{temporary_token}}"))
    .header("Origin", "https://www.example.org") // a page that the token is bound to
    .config()
    .http_status_as_error(false)
    .build()
    .send_empty()?;
// 401: it had ended already.
assert!(matches!(answer.status().as_u16(), 204 | 401));
"#
        ),
    ]
}

/// What a page of another origin can send. A header with a token is preceded by a question, which is never answered yes.
fn revoke_from_a_page(base: &str) -> String {
    format!(
        r#"// When its visitor signs out.
await fetch(`{base}/api/RevokeToken?token=${{temporaryToken}}`, {{ method: "POST", mode: "no-cors" }});
"#
    )
}

#[component]
pub(super) fn Verify() -> impl IntoView {
    let base = base();
    view! {
        <Section id="verify" verb="GET" title="/verify">
            {p("For what Daypass protects: may this token do that? Your web server asks it for every request (nginx `auth_request`, Caddy `forward_auth`, Traefik ForwardAuth, Envoy), or your own API asks it with the token that a visitor sent. `GET`, `HEAD` and `POST` are the same. How to set it up for nginx: [a gallery](/api/guides/gallery).")}
            {examples(verify_examples(&base))}
            <h3>"Parameters"</h3>
            {p("The first two go together, and others are refused. A trusted proxy may leave both out: then the path rules that the administrators have made say what the original request needs, by its path and method (below). One of the two alone is refused.")}
            {table(
                "Parameters of the query",
                ["Parameter", "Holds", "Means"],
                rows("verify"),
            )}
            <h3>"Answer"</h3>
            {p("Status 204 without a body (or 200, where `status=200` asks for it): yes. These headers say who it is; names are percent-encoded UTF-8.")}
            {table(
                "Headers of the answer",
                ["Header", "Holds", "Means"],
                vec![
                    ("X-Daypass-Token-Id", "id".into(), "The token; of a temporary token, its parent.".into()),
                    ("X-Daypass-Token-Name", "name".into(), "Its name.".into()),
                    ("X-Daypass-Token-Kind", "`secret`, `public` or `temporary`".into(), "What was sent.".into()),
                    (
                        "X-Daypass-Subject",
                        "text".into(),
                        "Who it is for in the integrator's system. Never take rights from it.".into(),
                    ),
                    ("X-Daypass-Interfaces", "names, with commas between".into(), "The interfaces that it has rights on.".into()),
                    ("X-Daypass-Permissions", "permissions, with commas between".into(), "What it may do on the interface asked about.".into()),
                ],
            )}
            {p("Otherwise 401 (with `WWW-Authenticate: Bearer`), 403 (where rights are missing, `WWW-Authenticate` names them: `scope=\"Press%20photos:read\"`), or 429 (with `Retry-After`). `X-Daypass-Code` has the [code](/api/errors); the body is a problem document, or empty when a proxy asks.")}
            {p("The visitor's URL, method and address are believed only from a trusted proxy (by default: from this machine), as `X-Original-URI`, `X-Original-Method` and `X-Forwarded-For`. The proxy has to overwrite what a visitor sends under these names. Where this server is set to it (`proxy_headers`), they are `X-Forwarded-Uri` and `X-Forwarded-Method` instead.")}
            {p("An API that asks by itself passes on what came with the visitor's request: `Origin`, `Referer` and `Sec-Fetch-*`, by which a token that is bound to pages is accepted and a secret that is in a page is noticed; and, where it is a trusted proxy (`trusted_proxies` in this server's configuration), `X-Forwarded-For` with the visitor's address alone. Without that address all its visitors share one limit, and a token that is bound to networks is judged by the address of the API.")}
            {p("With path rules, both the URL and the method have to be there. The first rule that matches counts, and what none matches is refused (`interface_not_granted`). A path that servers read in different ways (dots, empty parts, encoded slashes, semicolons, what is encoded twice, another rule's path in other letters) is refused with 422 (`invalid_request`), whatever the rules say.")}
            {refusals("verify")}
        </Section>
    }
}

fn verify_examples(base: &str) -> [String; 5] {
    let query = "verify?interface=Press%20photos&permission=read";
    [
        format!(
            "# 204 is yes. All three came with the request that you protect; curl leaves out what is empty.\ncurl -sS -i \"{base}/{query}\" \\\n  -H \"Authorization: Bearer $VISITORS_TOKEN\" \\\n  -H \"Origin: $VISITORS_ORIGIN\" -H \"Referer: $VISITORS_REFERER\"\n"
        ),
        format!(
            r#"// In your API: what begins with "visitors" came with the request that you protect.
const headers = {{ "Authorization": `Bearer ${{visitorsToken}}` }};
if (visitorsOrigin) headers["Origin"] = visitorsOrigin;
if (visitorsReferer) headers["Referer"] = visitorsReferer;
const answer = await fetch("{base}/{query}", {{ headers }});
if (answer.status !== 204) {{
  // Refuse, with the same status and the code that says why.
  console.log(answer.status, answer.headers.get("X-Daypass-Code"));
}}
"#
        ),
        format!(
            r#"<?php
// In your API: what begins with "visitors" came with the request that you protect.
$call = curl_init("{base}/{query}");
curl_setopt_array($call, [
    CURLOPT_RETURNTRANSFER => true,
    CURLOPT_HTTPHEADER => [
        "Authorization: Bearer " . $visitorsToken,
        "Origin: " . $visitorsOrigin, // curl leaves out what is empty
        "Referer: " . $visitorsReferer,
    ],
]);
$problem = json_decode(curl_exec($call), true);
$allowed = curl_getinfo($call, CURLINFO_RESPONSE_CODE) === 204;
// If not allowed: refuse; $problem["code"] says why.
"#
        ),
        format!(
            r#"import urllib.error, urllib.request

# In your API: what begins with "visitors" came with the request that you protect.
headers = {{"Authorization": "Bearer " + visitors_token}}
if visitors_origin:
    headers["Origin"] = visitors_origin
if visitors_referer:
    headers["Referer"] = visitors_referer
call = urllib.request.Request("{base}/{query}", headers=headers)
try:
    with urllib.request.urlopen(call, timeout=5) as answer:
        allowed = answer.status == 204
except urllib.error.HTTPError as refusal:
    allowed = False
    print(refusal.code, refusal.headers["X-Daypass-Code"])
"#
        ),
        format!(
            r#"// ureq = "3". In your API: what begins with "visitors" came with the request that you protect.
let mut question = ureq::get("{base}/{query}")
    .header("Authorization", format!("Bearer {{visitors_token}}"));
for (name, value) in [("Origin", visitors_origin), ("Referer", visitors_referer)] {{
    if let Some(value) = value {{
        question = question.header(name, value);
    }}
}}
let answer = question.config().http_status_as_error(false).build().call()?;
let allowed = answer.status() == 204;
// If not allowed: refuse; answer.headers()["x-daypass-code"] says why.
"#
        ),
    ]
}

#[component]
pub(super) fn Keys() -> impl IntoView {
    let base = base();
    view! {
        <Section id="jwks" verb="GET" title="/.well-known/jwks.json">
            {p("The public keys (a JWK set) with which a program checks temporary tokens by itself, without asking Daypass. They are signed with Ed25519 (`alg` is `EdDSA`, `typ` is `at+jwt`); `iss` and `aud` are this server's address.")}
            {examples(keys_examples(&base))}
            <div class="alert warn">
                <p>
                    "Checked this way, a token that an administrator stopped goes on working until its own end. Keep lifetimes short, or ask "
                    <a href="#verify">"verify"</a> "."
                </p>
            </div>
            {table(
                "Claims of a temporary token",
                ["Claim", "Holds", "Means"],
                vec![
                    ("sub, client_id", "id".into(), "The parent token.".into()),
                    ("jti", "id".into(), "This temporary token.".into()),
                    ("iat, exp", "seconds since 1970".into(), "When it was minted, when it ends; no `exp` is no end.".into()),
                    ("nbf", "seconds since 1970".into(), "Not to be used before. Daypass sets none; one that is there counts.".into()),
                    (
                        "grants",
                        "list of `{interface, permissions}`".into(),
                        "Its rights when it was minted. Interfaces by id, so that renaming one changes nothing.".into(),
                    ),
                    (
                        "scope",
                        "`interface:permission` with spaces between".into(),
                        "Its rights by the names of that time; only where it was asked for with a scope (`/oauth2/token`).".into(),
                    ),
                    ("origins", "list".into(), "Pages that it works from; absent is any.".into()),
                    (
                        "network",
                        "an address or a network".into(),
                        "Where it works from; absent is wherever its parent does. Compare it with your visitor's address.".into(),
                    ),
                    ("subject", "text".into(), "As asked for.".into()),
                    ("secret_id, epoch", "id, number".into(), "By these Daypass stops it early.".into()),
                    (
                        "via",
                        "list of ids".into(),
                        "The temporary tokens that it was narrowed from, the first one first. It ends with each of them.".into(),
                    ),
                ],
            )}
        </Section>
    }
}

pub(super) fn keys_examples(base: &str) -> [String; 5] {
    [
        format!("curl -sS {base}/.well-known/jwks.json\n"),
        format!(
            r#"// npm install jose
import {{ createRemoteJWKSet, jwtVerify }} from "jose";

const keys = createRemoteJWKSet(new URL("{base}/.well-known/jwks.json"));
const {{ payload }} = await jwtVerify(token, keys, {{
  issuer: "{base}",
  audience: "{base}",
  algorithms: ["EdDSA"],
  typ: "at+jwt",
}});
console.log(payload.grants);
"#
        ),
        format!(
            r#"<?php
// composer require firebase/php-jwt
use Firebase\JWT\{{JWK, JWT}};

$set = json_decode(file_get_contents("{base}/.well-known/jwks.json"), true);
$claims = JWT::decode($token, JWK::parseKeySet($set, "EdDSA"));
if ($claims->iss !== "{base}" || $claims->aud !== "{base}") {{
    throw new RuntimeException("a token of another server");
}}
print_r($claims->grants);
"#
        ),
        format!(
            r#"# pip install "pyjwt[crypto]"
import jwt

keys = jwt.PyJWKClient("{base}/.well-known/jwks.json")
claims = jwt.decode(
    token,
    keys.get_signing_key_from_jwt(token).key,
    algorithms=["EdDSA"],
    issuer="{base}",
    audience="{base}",
)
print(claims["grants"])
"#
        ),
        format!(
            r#"// jsonwebtoken = {{ version = "11", features = ["aws_lc_rs"] }}, ureq = {{ version = "3", features = ["json"] }}, serde_json = "1"
use jsonwebtoken::{{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet}};

let keys: JwkSet = ureq::get("{base}/.well-known/jwks.json").call()?.body_mut().read_json()?;
let kid = decode_header(&token)?.kid.ok_or("no key id")?;
let key = DecodingKey::from_jwk(keys.find(&kid).ok_or("unknown key")?)?;
let mut rules = Validation::new(Algorithm::EdDSA);
rules.set_issuer(&["{base}"]);
rules.set_audience(&["{base}"]);
// An end is an end, to the second; a token that has none needs none.
rules.leeway = 0;
rules.set_required_spec_claims(&["iss", "aud"]);
let claims = decode::<serde_json::Value>(&token, &key, &rules)?.claims;
println!("{{}}", claims["grants"]);
"#
        ),
    ]
}
