//! `/api/guides/wordpress`: a small plugin for WordPress, or any PHP, whose pages show what a day pass opens.

use leptos::prelude::*;

use crate::reference::code::{Language, code};
use crate::reference::frame::{Entry, Page, Section, p, rich};

const CONTENTS: &[Entry] = &[
    ("need", "What you need"),
    ("token", "1. The token stays on the server"),
    ("plugin", "2. The plugin"),
    ("script", "3. The page's script"),
    ("use", "4. Use it, and see that it works"),
    ("know", "Good to know"),
];

const CONFIG: &str = r"define('DAYPASS_URL', 'https://daypass.example.org');
define('DAYPASS_TOKEN', getenv('DAYPASS_TOKEN'));
define('DAYPASS_MEDIA', 'https://media.example.org');
";

const TRY: &str = r"# The plugin's end point gives a day pass, never the token itself.
curl -sS -X POST https://www.example.org/wp-json/day-pass/v1/pass

# The published page holds no token of any kind.
curl -sS https://www.example.org/press/ | grep -c -e dps_ -e dpp_
";

/// The page.
#[component]
pub(in crate::reference) fn WordPress() -> impl IntoView {
    view! {
        <Page
            path="/api/guides/wordpress"
            title="Guide: WordPress and PHP"
            lead="A plugin of one file: editors write a shortcode, visitors see the picture, and the permanent token stays in the server's environment."
            contents=CONTENTS
        >
            <Section id="need" title="What you need">
                <ul class="bullets">
                    <li>"WordPress 6.5 or later, and a way to put two files into its plugin folder."</li>
                    <li>
                        {rich("From an administrator: a permanent token, named after this site, with `read` on the interface that it shows.")}
                    </li>
                    <li>
                        {rich("The media behind a proxy that asks Daypass, as in the guide for [a gallery](/api/guides/gallery).")}
                    </li>
                </ul>
            </Section>
            <Section id="token" title="1. The token stays on the server">
                {p("Put it into the environment of PHP (`env[DAYPASS_TOKEN]` in the pool's file of PHP-FPM, which only root can read), not into the database: options and post meta end up in exports, backups and plugins.")}
                {code(Language::Php, "In wp-config.php", CONFIG)}
            </Section>
            <Section id="plugin" title="2. The plugin">
                {p("It adds the shortcode, and an end point from which the page gets its day pass: 15 minutes, read only, bound to this site's origin.")}
                {code(Language::Php, "wp-content/plugins/day-pass/day-pass.php", include_str!("samples/wordpress.php"))}
            </Section>
            <Section id="script" title="3. The page's script">
                {code(
                    Language::JavaScript,
                    "wp-content/plugins/day-pass/day-pass.js",
                    include_str!("samples/day-pass.js"),
                )}
                {p("Pages that stay open for longer renew their pass: `clients/js` in Daypass's sources does that, and needs no build step either (`import { DayPass } from \"./page.js\"`).")}
            </Section>
            <Section id="use" title="4. Use it, and see that it works">
                {p("Activate the plugin and write `[day_pass src=\"/press/rocket.webp\" alt=\"A rocket at dusk\"]` into a post.")}
                {code(Language::Curl, "From a shell", TRY)}
            </Section>
            <Section id="know" title="Good to know">
                <ul class="bullets">
                    <li>
                        {rich("Page caches are welcome: the page itself holds no pass. Only the end point must not be cached; it says `no-store`.")}
                    </li>
                    <li>
                        {rich("Everybody who can open the page gets a pass. For members only, answer `is_user_logged_in()` in `permission_callback`.")}
                    </li>
                    <li>
                        {rich("When the secret is replaced, put the new one into the environment and reload PHP-FPM during the overlap. Nothing else changes.")}
                    </li>
                    <li>
                        {rich("Without WordPress: [a static site](/api/guides/static-site) has the same end point as one PHP file.")}
                    </li>
                </ul>
            </Section>
        </Page>
    }
}
