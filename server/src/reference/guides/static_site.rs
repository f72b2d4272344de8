//! `/api/guides/static-site`: pages without a server of their own, by a public token or by one small file.

use leptos::prelude::*;

use crate::reference::code::{Language, code};
use crate::reference::frame::{Entry, Page, Section, p, rich};

const CONTENTS: &[Entry] = &[
    ("which", "Which way"),
    ("public", "A public token in the page"),
    ("file", "One small file on a server"),
    ("know", "Good to know"),
];

/// The page.
#[component]
pub(in crate::reference) fn StaticSite() -> impl IntoView {
    view! {
        <Page
            path="/api/guides/static-site"
            title="Guide: a static site"
            lead="A page without a server cannot keep a secret. So either it holds a token that is meant to be seen, or one small file somewhere keeps the secret for it."
            contents=CONTENTS
        >
            <Section id="which" title="Which way">
                {p("Is the content public anyway, and do you only want to know and limit who embeds it? Then a public token is enough. Is it not public? Then you need the small file, or any other server that you have.")}
            </Section>
            <Section id="public" title="A public token in the page">
                {p("An administrator makes a token of the kind `public`. Daypass insists on what makes it harmless: only `read` and `download`, only interfaces that are flagged public, at least one origin, a rate limit, and an end.")}
                {code(Language::Html, "In the page", include_str!("samples/public.html"))}
                {p("Anybody can copy it out of the page. From another page it is refused; a program can claim your origin, and is held by the rate limit. Note the day of its end: an administrator sees it coming, your visitors do not.")}
            </Section>
            <Section id="file" title="One small file on a server">
                {p("Almost any web space runs PHP. This file holds nothing secret itself; the token stands in its environment.")}
                {code(Language::Php, "day-pass.php", include_str!("samples/day-pass.php"))}
                {p("The page asks it with POST and puts the answer's `token` behind each picture's address. `page.js` of `clients/js` in Daypass's sources does that, and what else a page can wish for ([Node](/api/guides/node)). It needs no build step: copy it beside the page, and import it from there.")}
                {code(Language::Html, "In the page, with page.js", include_str!("samples/static.html"))}
            </Section>
            <Section id="know" title="Good to know">
                <ul class="bullets">
                    <li>
                        {rich("Never put a permanent token (`dps_…`) into a page, a script or a build variable that ends up in one. Daypass refuses it there ([exposed_in_browser](/api/errors#exposed_in_browser)) and tells the administrators.")}
                    </li>
                    <li>
                        {rich("A page with `Referrer-Policy: no-referrer` sees no picture: an `<img>` names its origin in the `Referer` only.")}
                    </li>
                </ul>
            </Section>
        </Page>
    }
}
