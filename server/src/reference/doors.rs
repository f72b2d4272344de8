//! The methods that other products and standards know: OAuth 2.0, Imageshop, VIMP. What they take stands in `catalogue`; here is
//! what people read beside it, and calls to paste.

use leptos::prelude::*;

use super::base;
use super::catalogue::method;
use super::code::{Language, code, examples};
use super::frame::{Row, Section, p, table};
use super::methods::{refusals, rows};

/// The answer of `/oauth2/token` as shown.
pub(super) const GRANTED: &str = r#"{
  "access_token": "eyJhbGciOiJFZERTQSIsImtpZCI6…",
  "token_type": "Bearer",
  "expires_in": 900,
  "scope": "Press%20photos:read"
}"#;

/// The answer of `/oauth2/introspect` as shown.
pub(super) const INTROSPECTED: &str = r#"{
  "active": true,
  "scope": "Press%20photos:read",
  "client_id": "01KJ3ZQ0X5V8YB3M6N7P9R2T4W",
  "token_type": "Bearer",
  "exp": 1772367300,
  "iat": 1772366400,
  "sub": "01KJ3ZQ0X5V8YB3M6N7P9R2T4W",
  "aud": "https://tokens.example.net",
  "iss": "https://tokens.example.net",
  "jti": "01KJ3ZR7T2M4N6P8Q0S2V4X6Z8",
  "token_name": "WordPress",
  "token_kind": "temporary",
  "grants": [{ "interface": "Press photos", "permissions": ["read"] }]
}"#;

#[component]
pub(super) fn Token() -> impl IntoView {
    let base = base();
    let form = [
        ("grant_type", "client_credentials"),
        ("scope", "Press%20photos:read"),
    ];
    view! {
        <Section id="oauth-token" verb="POST" title="/oauth2/token">
            {p("The same as [GetTemporaryToken](#GetTemporaryToken), for OAuth libraries. The client's id is your token's id (`WhoAmI` tells it), its secret the permanent token: with `client_credentials` (RFC 6749) you get a temporary one. With a token exchange (RFC 8693) you narrow or shorten a token that you have, permanent or temporary; it never gets wider.")}
            {examples(form_calls(&base, "/oauth2/token", &form, Answered::Json))}
            <h3>"Form"</h3>
            {p("`application/x-www-form-urlencoded`. Authenticate with Basic, or with `client_id` and `client_secret` in the form; an exchange needs neither. Unknown parameters are ignored, repeated ones refused.")}
            {table("Parameters of the form", ["Parameter", "Holds", "Means"], rows("token"))}
            <h3>"Answer"</h3>
            {code(Language::Json, "Answer", GRANTED)}
            {words("token")}
        </Section>
    }
}

#[component]
pub(super) fn Introspect() -> impl IntoView {
    let base = base();
    let form = [("token", "VISITORS_TOKEN"), ("origin", "https://www.example.org")];
    view! {
        <Section id="oauth-introspect" verb="POST" title="/oauth2/introspect">
            {p("What [verify](#verify) answers with yes or no, as facts (RFC 7662). The token that asks needs the permission `introspect`, and sees only rights on interfaces where it has it; for all other tokens the answer is `active: false`. Both methods decide the same from the same facts, so pass on what you know of the visitor's request.")}
            {examples(form_calls(&base, "/oauth2/introspect", &form, Answered::Json))}
            <h3>"Form"</h3>
            {table("Parameters of the form", ["Parameter", "Holds", "Means"], rows("introspect"))}
            <h3>"Answer"</h3>
            {code(Language::Json, "Answer", INTROSPECTED)}
            {p("A token that would be refused: `{\"active\": false}`, and nothing more. `exp` is missing where there is no end.")}
            {words("introspect")}
        </Section>
    }
}

#[component]
pub(super) fn Revoke() -> impl IntoView {
    let base = base();
    view! {
        <Section id="oauth-revoke" verb="POST" title="/oauth2/revoke">
            {p("Ends a token before its time (RFC 7009): a secret (that version of it only) or a temporary token. A client ends what is its own. Whoever holds a token may end that one without a client; `POST /api/RevokeToken` does it with the token as credential and answers 204. A public token is ended by administrators only.")}
            {examples(form_calls(&base, "/oauth2/revoke", &[("token", "TEMPORARY_TOKEN")], Answered::Nothing))}
            <h3>"Form"</h3>
            {table("Parameters of the form", ["Parameter", "Holds", "Means"], rows("revoke"))}
            <h3>"Answer"</h3>
            {p("Status 200 without a body; also for a token that has ended for good, or that nobody knows. One that is only switched off for now is ended like any other, so that it does not come back.")}
            {words("revoke")}
        </Section>
    }
}

/// The refusals of a method in OAuth's words, each with what to do and our codes behind it.
fn words(id: &str) -> AnyView {
    let words = method(id).map_or(&[][..], |m| m.words());
    let rows: Vec<Row> = words
        .iter()
        .map(|word| {
            let codes: Vec<String> = word
                .codes
                .iter()
                .map(|code| format!("[{code}](/api/errors#{code})"))
                .collect();
            let behind = if codes.is_empty() {
                String::new()
            } else {
                format!(" Codes: {}.", codes.join(", "))
            };
            let means = format!("{} {}{behind}", word.means, word.next);
            (word.error, word.status.to_string(), means)
        })
        .collect();
    view! {
        <h3>"Refusals"</h3>
        {p("As JSON in OAuth's words (RFC 6749, section 5.2): `error`, `error_description`, and `error_uri`, which leads to our own code where there is one. The header `X-Daypass-Code` has that, too.")}
        {table("Errors", ["Error", "Status", "Means"], rows)}
    }
    .into_any()
}

#[component]
pub(super) fn Metadata() -> impl IntoView {
    let base = base();
    let path = "/.well-known/oauth-authorization-server";
    view! {
        <Section id="oauth-metadata" verb="GET" title="/.well-known/oauth-authorization-server">
            {p("Where OAuth's methods are and what they understand (RFC 8414). Give your library this server's address as issuer, and it finds the rest.")}
            {examples(header_calls(&base, path, None))}
        </Section>
    }
}

#[component]
pub(super) fn Imageshop() -> impl IntoView {
    let base = base();
    view! {
        <Section id="imageshop" verb="GET" title="/Login/GetTemporaryToken">
            {p("For integrations that were written for Imageshop; `POST` does the same. The token stands in the header `Token`. Four methods, which differ in what they answer:")}
            {table(
                "Methods and their answers",
                ["Method", "Answers", "Means"],
                vec![
                    (
                        "/Login/GetTemporaryToken",
                        "a JSON string: `\"eyJhbGci…\"`".into(),
                        "A temporary token with all rights of the permanent one, for its usual lifetime.".into(),
                    ),
                    ("/Login/WhoAmI", "a JSON string: `\"WordPress\"`".into(), "The token's name.".into()),
                    ("/Login/CanUpload", "`true` or `false`".into(), "Whether it may upload anywhere.".into()),
                    (
                        "/V4.asmx/GetTemporaryToken",
                        "XML: `<string xmlns=\"http://imageshop.no/V4\">eyJhbGci…</string>`".into(),
                        "The older form of the first.".into(),
                    ),
                ],
            )}
            {examples(header_calls(&base, "/Login/GetTemporaryToken", Some("Token")))}
            <h3>"Parameters"</h3>
            {table("Parameters", ["Parameter", "Holds", "Means"], rows("V4GetTemporaryToken"))}
            {p("A permanent secret in the query (`?token=…`), as old integrations send it, is refused with `token_in_url` unless an administrator allows it. Send it in the header, or by `POST` in a form.")}
            {refusals("LoginGetTemporaryToken")}
        </Section>
    }
}

#[component]
pub(super) fn Vimp() -> impl IntoView {
    let base = base();
    view! {
        <Section id="vimp" verb="GET" title="/api/GetTemporaryToken">
            {p("For integrations that were written for VIMP, where the key is a parameter: `apikey`, in the query or in a form. `GET` and `POST` of [GetTemporaryToken](#GetTemporaryToken) and [WhoAmI](#WhoAmI) take it. Beside a temporary token in `token`, `apikey` says which application asks, and the temporary token acts; it has to be one of that application's.")}
            {examples(key_calls(&base))}
            <h3>"Parameters"</h3>
            {table("Parameters", ["Parameter", "Holds", "Means"], rows("GetTemporaryTokenByQuery"))}
            {p("In a form the names are the same. Lists are written by repeating the name; unknown names are refused.")}
            <h3>"Answer"</h3>
            {p("That of [GetTemporaryToken](#GetTemporaryToken), or of [WhoAmI](#WhoAmI). A permanent secret in the query is refused with `token_in_url` unless an administrator allows it: send it in a form, as above.")}
            {refusals("GetTemporaryTokenByQuery")}
        </Section>
    }
}

#[component]
pub(super) fn Tools() -> impl IntoView {
    let base = base();
    view! {
        <Section id="tools" verb="GET" title="/api/openapi.json">
            {p("All of this for tools: OpenAPI 3.1, from which clients are generated. It is public, and may be read from pages (`Access-Control-Allow-Origin: *`). `GET /health` answers `ok` as plain text while the server answers at all; it says nothing about tokens.")}
            {examples(header_calls(&base, "/api/openapi.json", None))}
        </Section>
    }
}

/// A form with the key in it, in every language of the examples.
fn key_calls(base: &str) -> [String; 5] {
    [
        format!(
            "curl -sS {base}/api/GetTemporaryToken \\\n  --data-urlencode \"apikey=$DAYPASS_TOKEN\" \\\n  --data-urlencode \"permissions=read\"\n"
        ),
        format!(
            r#"// On your server: never in a page.
const response = await fetch("{base}/api/GetTemporaryToken", {{
  method: "POST",
  body: new URLSearchParams({{ apikey: process.env.DAYPASS_TOKEN, permissions: "read" }}),
}});
console.log(await response.json());
"#
        ),
        format!(
            r#"<?php
$call = curl_init("{base}/api/GetTemporaryToken");
curl_setopt_array($call, [
    CURLOPT_RETURNTRANSFER => true,
    CURLOPT_POSTFIELDS => http_build_query(["apikey" => getenv("DAYPASS_TOKEN"), "permissions" => "read"]),
]);
print_r(json_decode(curl_exec($call), true));
"#
        ),
        format!(
            r#"import json, os, urllib.parse, urllib.request

form = urllib.parse.urlencode({{"apikey": os.environ["DAYPASS_TOKEN"], "permissions": "read"}})
call = urllib.request.Request("{base}/api/GetTemporaryToken", data=form.encode())
with urllib.request.urlopen(call, timeout=5) as response:
    print(json.load(response))
"#
        ),
        format!(
            r#"// ureq = {{ version = "3", features = ["json"] }}, serde_json = "1"
let token = std::env::var("DAYPASS_TOKEN")?;
let answer: serde_json::Value = ureq::post("{base}/api/GetTemporaryToken")
    .send_form([("apikey", token.as_str()), ("permissions", "read")])?
    .body_mut()
    .read_json()?;
println!("{{answer:#}}");
"#
        ),
    ]
}

/// What a call to paste gets back when all is well.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answered {
    /// JSON, which the example shows.
    Json,
    /// An empty body. Whoever reads JSON from it fails though all is well.
    Nothing,
}

/// A form sent by a client, in every language of the examples.
fn form_calls(base: &str, path: &str, fields: &[(&str, &str)], answered: Answered) -> [String; 5] {
    let lines = |each: &dyn Fn(&str, &str) -> String, between: &str| {
        let lines: Vec<String> = fields.iter().map(|(name, value)| each(name, value)).collect();
        lines.join(between)
    };
    let either = |json: &'static str, nothing: &'static str| match answered {
        Answered::Json => json,
        Answered::Nothing => nothing,
    };
    let curl = lines(&|n, v| format!("  --data-urlencode \"{n}={v}\""), " \\\n");
    let curl_shows = either("", " -i");
    let js = lines(&|n, v| format!("    {n}: \"{v}\","), "\n");
    let js_reads = either(
        "console.log(await response.json());",
        "if (!response.ok) throw new Error((await response.json()).error);",
    );
    let php = lines(&|n, v| format!("        \"{n}\" => \"{v}\","), "\n");
    let php_reads = either(
        "print_r(json_decode(curl_exec($call), true));",
        r#"$problem = json_decode(curl_exec($call), true);
if (curl_getinfo($call, CURLINFO_RESPONSE_CODE) !== 200) {
    throw new RuntimeException($problem["error"]);
}"#,
    );
    let python = lines(&|n, v| format!("    \"{n}\": \"{v}\","), "\n");
    let python_imports = either("base64, json, os", "base64, os");
    let python_reads = either(
        "with urllib.request.urlopen(call, timeout=5) as response:\n    print(json.load(response))",
        "urllib.request.urlopen(call, timeout=5).close()",
    );
    let rust = lines(&|n, v| format!("        (\"{n}\", \"{v}\"),"), "\n");
    let rust_needs = either(
        r#"ureq = { version = "3", features = ["json"] }, serde_json = "1", base64 = "0.22""#,
        r#"ureq = "3", base64 = "0.22""#,
    );
    let rust_keeps = either("let answer: serde_json::Value = ", "");
    let rust_reads = either(
        "?\n    .body_mut()\n    .read_json()?;\nprintln!(\"{answer:#}\");",
        "?;",
    );
    [
        format!(
            "curl -sS{curl_shows} {base}{path} \\\n  -u \"$DAYPASS_TOKEN_ID:$DAYPASS_TOKEN\" \\\n{curl}\n"
        ),
        format!(
            r#"// On your server: never in a page.
const {{ DAYPASS_TOKEN_ID: id, DAYPASS_TOKEN: secret }} = process.env;
const response = await fetch("{base}{path}", {{
  method: "POST",
  headers: {{ "Authorization": "Basic " + btoa(`${{id}}:${{secret}}`) }},
  body: new URLSearchParams({{
{js}
  }}),
}});
{js_reads}
"#
        ),
        format!(
            r#"<?php
$call = curl_init("{base}{path}");
curl_setopt_array($call, [
    CURLOPT_RETURNTRANSFER => true,
    CURLOPT_USERPWD => getenv("DAYPASS_TOKEN_ID") . ":" . getenv("DAYPASS_TOKEN"),
    CURLOPT_POSTFIELDS => http_build_query([
{php}
    ]),
]);
{php_reads}
"#
        ),
        format!(
            r#"import {python_imports}, urllib.parse, urllib.request

pair = os.environ["DAYPASS_TOKEN_ID"] + ":" + os.environ["DAYPASS_TOKEN"]
form = urllib.parse.urlencode({{
{python}
}})
call = urllib.request.Request(
    "{base}{path}",
    data=form.encode(),
    headers={{"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}},
)
{python_reads}
"#
        ),
        format!(
            r#"// {rust_needs}
use base64::prelude::*;

let pair = format!("{{}}:{{}}", std::env::var("DAYPASS_TOKEN_ID")?, std::env::var("DAYPASS_TOKEN")?);
{rust_keeps}ureq::post("{base}{path}")
    .header("Authorization", format!("Basic {{}}", BASE64_STANDARD.encode(pair)))
    .send_form([
{rust}
    ]){rust_reads}
"#
        ),
    ]
}

/// A request without a body, in every language of the examples; the token in a header where there is one.
fn header_calls(base: &str, path: &str, header: Option<&str>) -> [String; 5] {
    let with = |text: String| header.map_or_else(String::new, |_| text);
    let name = header.unwrap_or_default();
    [
        format!(
            "curl -sS {base}{path}{}\n",
            with(format!(" -H \"{name}: $DAYPASS_TOKEN\""))
        ),
        format!(
            "// On your server: never in a page.\nconst response = await fetch(\"{base}{path}\"{});\nconsole.log(await response.json());\n",
            with(format!(
                ", {{\n  headers: {{ \"{name}\": process.env.DAYPASS_TOKEN }},\n}}"
            ))
        ),
        format!(
            "<?php\n$call = curl_init(\"{base}{path}\");\ncurl_setopt_array($call, [\n    CURLOPT_RETURNTRANSFER => true,\n{}]);\nprint_r(json_decode(curl_exec($call), true));\n",
            with(format!(
                "    CURLOPT_HTTPHEADER => [\"{name}: \" . getenv(\"DAYPASS_TOKEN\")],\n"
            ))
        ),
        format!(
            "import json, os, urllib.request\n\ncall = urllib.request.Request(\n    \"{base}{path}\",\n{})\nwith urllib.request.urlopen(call, timeout=5) as response:\n    print(json.load(response))\n",
            with(format!(
                "    headers={{\"{name}\": os.environ[\"DAYPASS_TOKEN\"]}},\n"
            ))
        ),
        format!(
            "// ureq = {{ version = \"3\", features = [\"json\"] }}, serde_json = \"1\"\nlet answer: serde_json::Value = ureq::get(\"{base}{path}\")\n{}    .call()?\n    .body_mut()\n    .read_json()?;\nprintln!(\"{{answer:#}}\");\n",
            with(format!(
                "    .header(\"{name}\", std::env::var(\"DAYPASS_TOKEN\")?)\n"
            ))
        ),
    ]
}
