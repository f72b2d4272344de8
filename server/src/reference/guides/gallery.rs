//! `/api/guides/gallery`: pictures behind nginx that only a day pass opens, from the configuration to the page.

use leptos::prelude::*;

use crate::reference::base;
use crate::reference::code::{Language, code, examples};
use crate::reference::frame::{Entry, Page, Section, p, rich};
use crate::reference::methods::minting_examples;

const CONTENTS: &[Entry] = &[
    ("need", "What you need"),
    ("nginx", "1. nginx asks Daypass"),
    ("backend", "2. Your server gets a day pass"),
    ("page", "3. The page shows the pictures"),
    ("try", "4. Try it, and stop it"),
    ("know", "Good to know"),
];

/// nginx's part. Every header that Daypass would believe from a proxy is overwritten.
pub(in crate::reference) const NGINX: &str = r#"upstream daypass {
    server 127.0.0.1:8080;      # where Daypass listens
    keepalive 16;
}

# An <img> carries its token in the URL, so no log may hold the query: $uri is the path alone.
log_format without_query '$remote_addr [$time_iso8601] $request_method $uri $status';

server {
    listen 80;                  # use 443 and a certificate outside of a trial
    server_name www.example.org;
    access_log /var/log/nginx/gallery.log without_query;
    error_log  /var/log/nginx/gallery-error.log alert;   # error lines hold whole URLs

    location = /_daypass {
        internal;
        proxy_pass http://daypass/verify?interface=$daypass_interface&permission=read;
        proxy_pass_request_body off;
        proxy_set_header Content-Length "";

        # Daypass believes these from its proxy, so a visitor's own must never get through.
        proxy_set_header X-Original-URI     $request_uri;
        proxy_set_header X-Original-Method  $request_method;
        proxy_set_header X-Forwarded-For    $remote_addr;
        proxy_set_header X-Forwarded-Uri    "";
        proxy_set_header X-Forwarded-Method "";
        proxy_set_header X-Forwarded-Host   "";
        proxy_set_header X-Forwarded-Proto  "";
        proxy_set_header X-Real-IP          "";
        proxy_set_header Forwarded          "";

        # By these Daypass tells a page from a program, and this page from another.
        proxy_set_header Origin         $http_origin;
        proxy_set_header Referer        $http_referer;
        proxy_set_header Sec-Fetch-Site $http_sec_fetch_site;
        proxy_set_header Sec-Fetch-Mode $http_sec_fetch_mode;
        proxy_set_header Sec-Fetch-Dest $http_sec_fetch_dest;

        proxy_set_header Cookie     "";
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host       127.0.0.1:8080;
    }

    location /photos/ {
        root /srv/gallery;
        auth_request     /_daypass;
        auth_request_set $daypass_status      $upstream_status;
        auth_request_set $daypass_code        $upstream_http_x_daypass_code;
        auth_request_set $daypass_retry_after $upstream_http_retry_after;
        error_page 500 = @daypass_said_otherwise;

        add_header X-Daypass-Code $daypass_code always;
        add_header Cache-Control  "no-store" always;     # a stop acts at the next request
        etag off;
        if_modified_since off;

        # Which interface a folder belongs to, percent-encoded. One without a line is closed: 503.
        location /photos/open/  { set $daypass_interface "Open%20archive"; }
        location /photos/press/ { set $daypass_interface "Press%20photos"; }
    }

    # nginx knows only 2xx, 401 and 403 as answers; a 429 it would turn into a 500.
    location @daypass_said_otherwise {
        add_header X-Daypass-Code $daypass_code always;
        add_header Retry-After    $daypass_retry_after always;
        add_header Cache-Control  "no-store" always;
        if ($daypass_status = 429) { return 429; }
        return 503;
    }
}
"#;

const PAGE: &str = r#"<meta name="referrer" content="strict-origin-when-cross-origin">
<img data-photo="/photos/press/rocket.webp" alt="A rocket at dusk">
<script type="module">
  // Your server's own end point, which makes the call of step 2 and answers { token, expires_in }.
  const pass = await (await fetch("/day-pass", { method: "POST" })).json();
  for (const img of document.querySelectorAll("[data-photo]")) {
    img.src = `${img.dataset.photo}?token=${encodeURIComponent(pass.token)}`;
  }
</script>
"#;

const TRY: &str = r#"# No token: 401, and the code says why.
curl -sS -i http://www.example.org/photos/press/rocket.webp | grep -i -e ^HTTP -e daypass

# With a day pass, as the page would send it: 200.
curl -sS -o rocket.webp -w '%{http_code}\n' \
  -H "Referer: https://www.example.org/" \
  "http://www.example.org/photos/press/rocket.webp?token=$DAY_PASS"
"#;

/// The page.
#[component]
pub(in crate::reference) fn Gallery() -> impl IntoView {
    view! {
        <Page
            path="/api/guides/gallery"
            title="Guide: a gallery"
            lead="Pictures behind nginx that open with a day pass only. Your page shows them; the permanent token never leaves your server."
            contents=CONTENTS
            languages=true
        >
            <Section id="need" title="What you need">
                <ul class="bullets">
                    <li>{rich("nginx with `auth_request` (Debian's has it), on the machine that Daypass runs on.")}</li>
                    <li>
                        {rich("From an administrator: the interfaces “Open archive” and “Press photos”, and a permanent token with `read` on both.")}
                    </li>
                    <li>"A server of your own, in any language, that serves the page."</li>
                </ul>
                {p("On the server, put the token into the environment (a systemd unit, a container's secret, a `.env` file outside of the repository) as `DAYPASS_TOKEN`.")}
            </Section>
            <Section id="nginx" title="1. nginx asks Daypass">
                {p("Each request for a picture becomes a question to [verify](/api#verify). nginx answers with the file, or with Daypass's refusal.")}
                {code(Language::Nginx, "/etc/nginx/conf.d/gallery.conf", NGINX)}
                {p("nginx on another machine? Then Daypass has to trust it: add its address to `trusted_proxies`.")}
            </Section>
            <Section id="backend" title="2. Your server gets a day pass">
                {p("One call, with as few rights as the page needs, for your page's origin only. Keep the answer until a minute before it ends: every visitor may have the same one, or each their own with a `subject`.")}
                {examples(minting_examples(&base()))}
            </Section>
            <Section id="page" title="3. The page shows the pictures">
                {code(Language::Html, "In the page", PAGE)}
                {p("An `<img>` cannot send a header, so the day pass stands in the URL. It is bound to your origin, which an `<img>` names in its `Referer`: a page with `no-referrer` would see no picture.")}
            </Section>
            <Section id="try" title="4. Try it, and stop it">
                {code(Language::Curl, "From a shell", TRY)}
                {p("Now let an administrator deactivate the token: the very next request for a picture is refused, with every day pass that was ever made from it. Activating it again does not bring those back; ask for a new one.")}
            </Section>
            <Section id="know" title="Good to know">
                <ul class="bullets">
                    <li>
                        {rich("Caches hold what they were given. Keep `no-store` on protected files, or accept that a stop acts only when the cache forgets.")}
                    </li>
                    <li>
                        {rich("When the page is open for longer than the day pass lasts, ask for a new one as soon as a picture fails with [token_expired](/api/errors#token_expired).")}
                    </li>
                    <li>
                        {rich("Cookies do not know ports. Serve the gallery under another host name than Daypass, so that neither sees the other's cookies.")}
                    </li>
                </ul>
            </Section>
        </Page>
    }
}
