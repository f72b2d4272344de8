//! The method with which a server fetches its secret, so that no browser sees it. What it takes stands in `catalogue`.

use leptos::prelude::*;

use super::base;
use super::code::{Language, code, examples};
use super::frame::{Section, p, table};
use super::methods::{refusals, rows};

#[component]
pub(super) fn Claim() -> impl IntoView {
    let base = base();
    view! {
        <Section id="claim" verb="POST" title="/claim">
            {p("The best way for a permanent secret to reach your server: an administrator gives you a one-time code, your server exchanges it, and no browser ever sees the secret. It is made at that moment; where it replaces another one, the overlap begins then. The code works once, for ten minutes.")}
            {examples(claim_calls(&base))}
            {p("The program `daypass` stores it in a file that only its owner may read, and prints nothing:")}
            {code(
                Language::Curl,
                "With the program",
                &format!("printf %s \"$CODE\" | daypass claim {base} --write-env .env\n"),
            )}
            {table("Parameters", ["Parameter", "Holds", "Means"], rows("claim"))}
            {p("The answer is the secret and nothing else, as text; with `Accept: application/json` it is `{\"secret\": \"…\"}`. Store it at once: nobody can show it again. A second use, a use from another network than the administrator named, and a use from a browser are refused, end the code and are reported to the administrators; nothing else changes. Then ask for a new code.")}
            {refusals("claim")}
        </Section>
    }
}

fn claim_calls(base: &str) -> [String; 5] {
    [
        format!("printf code=\"$CODE\" | curl -sS --fail-with-body -d @- {base}/claim\n"),
        format!(
            r#"// Once, on your server: never in a page.
const response = await fetch("{base}/claim", {{
  method: "POST",
  body: new URLSearchParams({{ code: process.env.CODE }}),
}});
if (!response.ok) throw new Error((await response.json()).code);
const secret = await response.text();
// Store it at once, where only your server can read it.
"#
        ),
        format!(
            r#"<?php
$call = curl_init("{base}/claim");
curl_setopt_array($call, [
    CURLOPT_RETURNTRANSFER => true,
    CURLOPT_POSTFIELDS => http_build_query(["code" => getenv("CODE")]),
]);
$secret = curl_exec($call);
if (curl_getinfo($call, CURLINFO_RESPONSE_CODE) !== 200) {{
    throw new RuntimeException(json_decode($secret, true)["code"]);
}}
// Store it at once, where only your server can read it.
"#
        ),
        format!(
            r#"import os, urllib.parse, urllib.request

form = urllib.parse.urlencode({{"code": os.environ["CODE"]}})
with urllib.request.urlopen("{base}/claim", data=form.encode(), timeout=5) as response:
    secret = response.read().decode()
# Store it at once, where only your server can read it.
"#
        ),
        format!(
            r#"// ureq = "3"
let code = std::env::var("CODE")?;
let secret = ureq::post("{base}/claim")
    .send_form([("code", code.as_str())])?
    .body_mut()
    .read_to_string()?;
// Store it at once, where only your server can read it.
"#
        ),
    ]
}
