//! `/api/guides/node`: a site with a Node server, with the modules of `clients/js`.

use leptos::prelude::*;

use crate::reference::code::{Language, code};
use crate::reference::frame::{Entry, Page, Section, p, rich};

const CONTENTS: &[Entry] = &[
    ("need", "What you need"),
    ("backend", "1. The server's half"),
    ("page", "2. The page's half"),
    ("know", "Good to know"),
];

/// The page.
#[component]
pub(in crate::reference) fn Node() -> impl IntoView {
    view! {
        <Page
            path="/api/guides/node"
            title="Guide: a Node site"
            lead="Two small modules without dependencies: one holds the permanent token on your server, the other keeps a day pass fresh in the page."
            contents=CONTENTS
        >
            <Section id="need" title="What you need">
                <ul class="bullets">
                    <li>
                        {rich("`clients/js` of Daypass's sources, copied into your project or installed from there (`npm install ./daypass/clients/js`). Node 18 or later; types are with it.")}
                    </li>
                    <li>
                        {rich("A permanent token in a file that only your server reads (mode 0600, or a container's secret). The file is read at each request: when the secret is replaced, nothing has to be restarted.")}
                    </li>
                </ul>
            </Section>
            <Section id="backend" title="1. The server's half">
                {code(Language::JavaScript, "server.mjs", include_str!("samples/server.mjs"))}
                {p("With Express: `app.post(\"/day-pass\", dayPass)`. The handler answers pages of your own site only, and tells visitors nothing of what went wrong between the servers; your log has Daypass's code.")}
            </Section>
            <Section id="page" title="2. The page's half">
                {code(Language::JavaScript, "In the page", include_str!("samples/page.mjs"))}
                {p("`daypass-client` is a name that bundlers know and browsers do not. Without a bundler, serve `page.js` with your page and import it from there: `import { DayPass } from \"./page.js\"`.")}
                {p("However many callers ask, your server is asked once. The pass is renewed before it ends, also after the computer slept, in a hidden tab, and when the visitor's clock is wrong; it is kept in memory only, and sent to the origins that you name, nowhere else.")}
            </Section>
            <Section id="know" title="Good to know">
                <ul class="bullets">
                    <li>
                        {rich("`subject` says who in your system the pass is for. It reaches the protected API as `X-Daypass-Subject`, and gives no rights.")}
                    </li>
                    <li>
                        {rich("Call `pass.close()` when somebody signs out.")}
                    </li>
                    <li>
                        {rich("Rendering on the server? Ask with the pass there too (`issuer.mint()`), not with the permanent token: what a page shows must not depend on more rights than the page has.")}
                    </li>
                </ul>
            </Section>
        </Page>
    }
}
