//! The methods for those who look for leaked tokens: whether one that was found works, and reporting one. What they take
//! stands in `catalogue`.

use leptos::prelude::*;

use super::base;
use super::code::{Language, code, examples};
use super::frame::{Section, p, rich, table};
use super::methods::{refusals, rows};

/// The answer of `TokenDigests` as shown.
pub(super) const KNOWN: &str = r#"{
  "digests": [{ "digest": "3f1a9c07", "kind": "secret", "live": true }]
}"#;

/// The answer of `ReportLeakedToken` as shown.
pub(super) const JUDGED: &str = r#"[
  {
    "token_hash": "3f1a9c07c1f0d1d9b0a9d39be5ae0c2c2f2d2bb6f7e4b3a19e6c5d4f3a2b1c0d",
    "token_type": "daypass_token",
    "label": "true_positive"
  }
]"#;

#[component]
pub(super) fn TokenDigests() -> impl IntoView {
    let base = base();
    view! {
        <Section id="TokenDigests" verb="GET" title="/api/TokenDigests">
            <p>
                {rich("Does a token that was found somewhere still work? Send the first 20 bits of SHA-256 of it, and compare what comes back: the first 32 bits of every generated secret that is known here. ")}
                <strong>"Never send the token itself."</strong>
                {rich(" Imported keys are not in the list. `daypass scan --server` asks this way.")}
            </p>
            {examples(digest_calls(&base))}
            {table("Parameters", ["Parameter", "Holds", "Means"], rows("TokenDigests"))}
            {code(Language::Json, "Answer", KNOWN)}
            {p("`live` is whether it is accepted now. There is no name and no id in it: who needs those signs in.")}
            {refusals("TokenDigests")}
        </Section>
    }
}

fn digest_calls(base: &str) -> [String; 5] {
    [
        format!(
            "range=$(printf %s \"$FOUND\" | sha256sum | cut -c1-5)\ncurl -sS \"{base}/api/TokenDigests?range=$range\"\n"
        ),
        format!(
            r#"import {{ createHash }} from "node:crypto";

const digest = createHash("sha256").update(process.env.FOUND).digest("hex");
const response = await fetch("{base}/api/TokenDigests?range=" + digest.slice(0, 5));
const {{ digests }} = await response.json();
console.log(digests.filter((known) => digest.startsWith(known.digest)));
"#
        ),
        format!(
            r#"<?php
$digest = hash("sha256", getenv("FOUND"));
$call = curl_init("{base}/api/TokenDigests?range=" . substr($digest, 0, 5));
curl_setopt_array($call, [CURLOPT_RETURNTRANSFER => true]);
$known = json_decode(curl_exec($call), true)["digests"];
print_r(array_filter($known, fn($one) => str_starts_with($digest, $one["digest"])));
"#
        ),
        format!(
            r#"import hashlib, json, os, urllib.request

digest = hashlib.sha256(os.environ["FOUND"].encode()).hexdigest()
address = "{base}/api/TokenDigests?range=" + digest[:5]
with urllib.request.urlopen(address, timeout=5) as response:
    known = json.load(response)["digests"]
print([one for one in known if digest.startswith(one["digest"])])
"#
        ),
        format!(
            r#"// ureq = {{ version = "3", features = ["json"] }}, serde_json = "1", sha2 = "0.10", hex = "0.4"
use sha2::{{Digest, Sha256}};

let digest = hex::encode(Sha256::digest(std::env::var("FOUND")?));
let answer: serde_json::Value = ureq::get(format!("{base}/api/TokenDigests?range={{}}", &digest[..5]))
    .call()?
    .body_mut()
    .read_json()?;
let known = answer["digests"].as_array().ok_or("no list")?.iter();
let known = known.filter(|one| one["digest"].as_str().is_some_and(|start| digest.starts_with(start)));
println!("{{:#?}}", known.collect::<Vec<_>>());
"#
        ),
    ]
}

#[component]
pub(super) fn ReportLeakedToken() -> impl IntoView {
    view! {
        <Section id="ReportLeakedToken" verb="POST" title="/api/ReportLeakedToken">
            {p("For services that search what is public, in the form of GitHub's secret scanning partner programme. It answers only where the operator has named the reporter's keys. The body is a JSON list; its bytes are signed with ECDSA on P-256 (SHA-256, ASN.1, base64).")}
            {table("Headers and fields of each entry", ["Name", "Holds", "Means"], rows("ReportLeakedToken"))}
            {code(Language::Json, "Answer", JUDGED)}
            {p("One entry for each, in the same order. `token_hash` is SHA-256 of the token in hexadecimal digits; the token does not come back. `label` is `true_positive` for a secret of ours. Administrators see it at once; the token is switched off only where their settings say so.")}
            {refusals("ReportLeakedToken")}
        </Section>
    }
}
