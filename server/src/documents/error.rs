//! Error pages for people: what happened, what to do next, and the id that leads to the log.
//!
//! Never the inner reason of an error: that stays in the log.

use leptos::prelude::*;
use wire::ErrorCode;

use super::parts::{Outside, Site, document};

/// What an error page says.
#[derive(Debug, Clone, Copy)]
pub struct ErrorPage<'a> {
    /// Where the assets are.
    pub site: Site<'a>,
    /// The HTTP status.
    pub status: u16,
    /// Its code: what is said in other languages than English.
    pub code: ErrorCode,
    /// What happened, in a few English words.
    pub title: &'a str,
    /// What happened this time and what to do next, in English.
    pub detail: &'a str,
    /// Leads to the log.
    pub request_id: Option<&'a str>,
}

/// What is said where there is nothing.
#[derive(Debug, Clone, Copy)]
pub struct NothingHerePage<'a> {
    /// Where the assets are.
    pub site: Site<'a>,
    /// Leads to the log.
    pub request_id: Option<&'a str>,
}

/// A page for an error.
#[must_use]
pub fn error(page: &ErrorPage<'_>) -> String {
    let (title, detail) = (page.site.texts().errors.of_code)(page.code).unwrap_or((page.title, page.detail));
    sheet(page.site, page.status, title, detail, page.request_id)
}

/// A page for an address where there is nothing.
#[must_use]
pub fn nothing_here(page: &NothingHerePage<'_>) -> String {
    let texts = &page.site.texts().errors;
    sheet(
        page.site,
        404,
        texts.nothing_here,
        texts.nothing_here_detail,
        page.request_id,
    )
}

fn sheet(site: Site<'_>, status: u16, title: &str, detail: &str, request_id: Option<&str>) -> String {
    let all = site.texts();
    document(site, Outside::Sheet, title, detail, || {
        let request = request_id.map(|id| {
            view! {
                {all.errors.log}
                <code>{id.to_owned()}</code>
            }
        });
        view! {
            <a class="btn first" href="/">{all.common.go_to_overview}</a>
            <p>
                <small>{(all.errors.status)(u64::from(status))} {request}</small>
            </p>
        }
    })
}

/// What is said to a browser that came over plain http under a name that is not this machine's own.
#[derive(Debug, Clone, Copy)]
pub struct TlsPage<'a> {
    /// Where the assets are.
    pub site: Site<'a>,
    /// The host that the browser asked for; from the request, so only ever shown.
    pub host: &'a str,
    /// Where Daypass listens, for the examples: `127.0.0.1:8080`.
    pub listen: &'a str,
}

/// A host name for the examples: the asked one without its port if it can be one, else a made-up one. It is put into a
/// configuration that people copy, so nothing else than a host name gets in.
fn example_host(host: &str) -> &str {
    let name = host.split_once(':').map_or(host, |(name, _)| name);
    let is_name = !name.is_empty()
        && name.len() <= 253
        && name.contains('.')
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'))
        && name.bytes().any(|b| b.is_ascii_alphabetic());
    if is_name { name } else { "daypass.example.org" }
}

/// Says how TLS is set up.
#[must_use]
pub fn tls(page: &TlsPage<'_>) -> String {
    let host = example_host(page.host);
    let listen = page.listen;
    let setting = format!("public_url = \"https://{host}\"");
    let caddy = format!(
        "{host} {{\n    reverse_proxy {listen} {{\n        header_up -X-Original-URI\n        \
         header_up -X-Original-Method\n        header_up -X-Forwarded-Uri\n        \
         header_up -X-Forwarded-Method\n    }}\n}}\n"
    );
    let nginx = format!(
        "server {{\n    listen 443 ssl;\n    server_name {host};\n    \
         ssl_certificate     /etc/letsencrypt/live/{host}/fullchain.pem;\n    \
         ssl_certificate_key /etc/letsencrypt/live/{host}/privkey.pem;\n\n    \
         location / {{\n        proxy_pass http://{listen};\n        \
         proxy_set_header Host               $host;\n        \
         proxy_set_header X-Forwarded-For    $remote_addr;\n        \
         proxy_set_header X-Original-URI     \"\";\n        \
         proxy_set_header X-Original-Method  \"\";\n        \
         proxy_set_header X-Forwarded-Uri    \"\";\n        \
         proxy_set_header X-Forwarded-Method \"\";\n    }}\n}}\n"
    );
    let texts = &page.site.texts().tls;
    document(page.site, Outside::WideSheet, texts.title, texts.lead, || {
        view! {
            <ol class="steps">
                <li>
                    <div>
                        <p>{texts.tell}</p>
                        <pre tabindex="0"><code>{setting}</code></pre>
                        <p>
                            {texts.or_as} <code>"DAYPASS_PUBLIC_URL"</code> {texts.restart}
                        </p>
                    </div>
                </li>
                <li>
                    <div>
                        <p>{texts.proxy}</p>
                        <pre tabindex="0"><code>{caddy}</code></pre>
                        <p>{texts.with_nginx}</p>
                        <pre tabindex="0"><code>{nginx}</code></pre>
                        <p>
                            {texts.headers}
                        </p>
                    </div>
                </li>
                <li>
                    <div>
                        <p>{(texts.open)(&format!("https://{host}/"))}</p>
                    </div>
                </li>
            </ol>
            <p>
                {texts.trying} <code>{format!("http://{listen}/")}</code>
                {texts.trying_works}
            </p>
        }
    })
}

#[cfg(test)]
mod tests {
    use super::example_host;

    #[test]
    fn only_host_names_get_into_the_examples() {
        assert_eq!(example_host("api.example.net:8080"), "api.example.net");
        for wrong in [
            "",
            "192.0.2.1",
            "[::1]:80",
            "a.b;return 200",
            "a.b\nc",
            "<script>.x",
            "intranet",
        ] {
            assert_eq!(example_host(wrong), "daypass.example.org", "{wrong}");
        }
    }
}
