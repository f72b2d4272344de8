//! The method with which a server fetches its secret, so that no browser sees it. What it takes stands in `catalogue`.

use leptos::prelude::*;

use super::base;
use super::code::{Language, code};
use super::frame::{Section, p, table};
use super::methods::{refusals, rows};

#[component]
pub(super) fn Claim() -> impl IntoView {
    let base = base();
    view! {
        <Section id="claim" verb="POST" title="/claim">
            {p("The best way for a permanent secret to reach your server: an administrator gives you a one-time code, your server exchanges it, and no browser ever sees the secret. It is made at that moment; where it replaces another one, the overlap begins then. The code works once, for ten minutes.")}
            {code(
                Language::Curl,
                "Call",
                &format!("printf code=\"$CODE\" | curl -sS --fail-with-body -d @- {base}/claim\n"),
            )}
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
