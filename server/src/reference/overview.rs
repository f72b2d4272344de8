//! `/api`: what Daypass is to a web developer, how a token travels, and the methods.

use leptos::prelude::*;
use wire::Permission;

use super::base;
use super::claim::Claim;
use super::code::{Language, code};
use super::doors::{Imageshop, Introspect, Metadata, Revoke, Token, Tools, Vimp};
use super::frame::{Entry, Page, Section, p, rich, table};
use super::methods::{GetTemporaryToken, Keys, RevokeToken, Verify, WhoAmI};
use super::scanners::{ReportLeakedToken, TokenDigests};

const CONTENTS: &[Entry] = &[
    ("start", "In one minute"),
    ("sending", "Sending a token"),
    ("rights", "Rights"),
    ("lifetime", "How long a token lasts"),
    ("limits", "How many requests"),
    ("GetTemporaryToken", "GetTemporaryToken"),
    ("WhoAmI", "WhoAmI"),
    ("RevokeToken", "RevokeToken"),
    ("verify", "verify"),
    ("jwks", "Public keys"),
    ("oauth-token", "OAuth: token"),
    ("oauth-introspect", "OAuth: introspect"),
    ("oauth-revoke", "OAuth: revoke"),
    ("oauth-metadata", "OAuth: metadata"),
    ("imageshop", "Imageshop's forms"),
    ("vimp", "VIMP's forms"),
    ("claim", "Fetching a secret"),
    ("TokenDigests", "Found tokens"),
    ("ReportLeakedToken", "Reporting a leak"),
    ("tools", "OpenAPI"),
];

/// The page.
#[component]
pub(super) fn Overview() -> impl IntoView {
    let base = base();
    let permissions: Vec<_> = Permission::ALL
        .into_iter()
        .map(|permission| {
            let text = match permission {
                Permission::Read => "See what is there.",
                Permission::Download => "Fetch originals.",
                Permission::Upload => "Add something new.",
                Permission::Edit => "Change what is there.",
                Permission::Delete => "Remove what is there.",
                Permission::Introspect => "Ask what other tokens with rights on the interface may do. Never held by temporary or public tokens.",
            };
            let class = if permission.is_write() { "chip write" } else { "chip" };
            view! {
                <dt>
                    <span class=class>{permission.as_str()}</span>
                </dt>
                <dd>{text}</dd>
            }
        })
        .collect();
    view! {
        <Page
            path="/api"
            title="API reference"
            lead="You were given a permanent token. Keep it on your server, and give your pages day passes: temporary tokens that may do less and end soon."
            contents=CONTENTS
            languages=true
        >
            <Section id="start" title="In one minute">
                <ol class="flow">
                    <li>
                        <strong>"Your server asks for a temporary token"</strong>
                        {p("with the permanent one, which it keeps in its environment: [GetTemporaryToken](#GetTemporaryToken).")}
                    </li>
                    <li>
                        <strong>"Your page uses it"</strong>
                        {p("for what Daypass protects: in a header, or in the address of a picture.")}
                    </li>
                    <li>
                        <strong>"It ends by itself"</strong>
                        {p("after some minutes, or at once when an administrator stops it. A copied one is soon worth nothing.")}
                    </li>
                </ol>
                {code(
                    Language::Curl,
                    "Your first call: does the token work?",
                    &format!(
                        "# The permanent token, as it was handed to you. Keep it out of code and history.\nread -rs DAYPASS_TOKEN\n\ncurl -sS {base}/api/WhoAmI -H \"Authorization: Bearer $DAYPASS_TOKEN\"\n",
                    ),
                )}
                {p("Whole examples: [a gallery](/api/guides/gallery) from the web server's configuration to the page, [WordPress](/api/guides/wordpress), [Node](/api/guides/node), [a static site](/api/guides/static-site). Every refusal has a code: [errors](/api/errors).")}
            </Section>
            <Section id="sending" title="Sending a token">
                {p("One token per request, in one of these places. Two different tokens in one request are refused (`token_malformed`).")}
                {table(
                    "Where a token may stand",
                    ["Place", "Permanent secret", "Temporary or public"],
                    vec![
                        ("Authorization: Bearer …", "yes, from servers".into(), "yes".into()),
                        ("Token: …", "yes, from servers".into(), "yes".into()),
                        ("X-Api-Key: …", "yes, from servers".into(), "yes".into()),
                        (
                            "?token=… or ?apikey=…",
                            "no: `token_in_url`".into(),
                            "yes, for `<img>` and the like, which cannot send headers".into(),
                        ),
                    ],
                )}
                <div class="alert note">
                    <p>
                        {rich("A permanent token of kind secret never belongs into a page, an app or a URL. A request that carries it together with `Origin`, `Sec-Fetch-Site` or `Sec-Fetch-Dest` comes from a browser: it is refused ([exposed_in_browser](/api/errors#exposed_in_browser)), and the administrators see it.")}
                    </p>
                </div>
                {p("Values start with `dps_` (permanent, kind secret) or `dpp_` (permanent, kind public), so that scanners for leaked secrets recognise them. An administrator may also have taken over a key that you had before. Temporary tokens are signed JSON web tokens and start with `eyJ`; treat them as opaque.")}
            </Section>
            <Section id="rights" title="Rights">
                {p("The protected API is divided into interfaces: named collections, such as “Press photos”. A token's rights are its grants: an interface, and what may be done with it.")}
                <dl class="facts permissions">{permissions}</dl>
                {p("A temporary token never has more than its parent. Its rights are compared with the parent's at every request, so when an administrator narrows the parent, its temporary tokens are narrowed in the same moment.")}
                {p("A token may also be bound to origins (pages that it works from), to networks, and to a number of requests. Origins keep honest browsers to their pages; they do not bind programs, which can send any header.")}
            </Section>
            <Section id="lifetime" title="How long a token lasts">
                {p("A permanent token lasts until its own end, if it has one, or until an administrator switches it off. When its secret is replaced, the previous one may go on working for an agreed time, so that you can change over without a gap.")}
                {p("A temporary token lasts as long as its parent's temporary lifetime says: a number of seconds, or `-1` for this server's default, or `0` for no end (where the server allows it). You may ask for less, never for more, and never beyond the parent's own end. It ends early when the secret that minted it ends, or when an administrator stops it.")}
            </Section>
            <Section id="limits" title="How many requests">
                {p("A token may have a limit: so many requests in so many seconds, used at once or evenly. Its temporary tokens count against it too; asking for temporary tokens has the same limit, counted by itself. What visitors do with temporary and public tokens is also counted per network, half of the limit each, so that one visitor cannot use it up. Beyond the limit every method answers 429 ([rate_limited](/api/errors#rate_limited)), never 401.")}
                {table(
                    "Headers of the answer",
                    ["Header", "Holds", "Means"],
                    vec![
                        (
                            "RateLimit-Policy",
                            "`\"verify\";q=600;w=60`".into(),
                            "The limits that this request counted against: `verify`, `mint` or `visitor`, each with its requests (`q`) and seconds (`w`). Absent without a limit.".into(),
                        ),
                        (
                            "RateLimit",
                            "`\"verify\";r=599;t=1`".into(),
                            "How each stands: requests that are left (`r`), and seconds until all of them are there again (`t`).".into(),
                        ),
                        ("Retry-After", "seconds".into(), "With status 429: when the next request passes.".into()),
                    ],
                )}
            </Section>
            <GetTemporaryToken />
            <WhoAmI />
            <RevokeToken />
            <Verify />
            <Keys />
            <Token />
            <Introspect />
            <Revoke />
            <Metadata />
            <Imageshop />
            <Vimp />
            <Claim />
            <TokenDigests />
            <ReportLeakedToken />
            <Tools />
        </Page>
    }
}
