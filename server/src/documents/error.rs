//! Error pages for people: what happened, what to do next, and the id that leads to the log.
//!
//! Never the inner reason of an error: that stays in the log.

use leptos::prelude::*;

use super::parts::{Outside, Site, document};

/// What an error page says.
#[derive(Debug, Clone, Copy)]
pub struct ErrorPage<'a> {
    /// Where the assets are.
    pub site: Site<'a>,
    /// The HTTP status.
    pub status: u16,
    /// What happened, in a few words.
    pub title: &'a str,
    /// What happened this time and what to do next.
    pub detail: &'a str,
    /// Leads to the log.
    pub request_id: Option<&'a str>,
    /// Where to go from here: path and text.
    pub link: Option<(&'a str, &'a str)>,
}

/// A page for an error.
#[must_use]
pub fn error(page: &ErrorPage<'_>) -> String {
    document(page.site, Outside::Sheet, page.title, page.detail, || {
        let link = page.link.map(|(path, text)| {
            view! { <a class="btn first" href=path.to_owned()>{text.to_owned()}</a> }
        });
        let request = page.request_id.map(|id| {
            view! {
                ". The server's log has more under "
                <code>{id.to_owned()}</code>
            }
        });
        view! {
            {link}
            <p>
                <small>{format!("Status {}", page.status)} {request}</small>
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
    let lead = "You came over plain http. Passwords and secrets would travel readably, and your browser would not keep \
                the sign-in cookie. So Daypass does not go on here.";
    document(page.site, Outside::WideSheet, "Set up TLS first", lead, || {
        view! {
            <ol class="steps">
                <li>
                    <div>
                        <p>"Tell Daypass its address, in its configuration file:"</p>
                        <pre tabindex="0"><code>{setting}</code></pre>
                        <p>
                            "or as " <code>"DAYPASS_PUBLIC_URL"</code> " in its environment. Then restart it."
                        </p>
                    </div>
                </li>
                <li>
                    <div>
                        <p>"Put a server that speaks TLS in front of it. With Caddy, which gets the certificate by itself:"</p>
                        <pre tabindex="0"><code>{caddy}</code></pre>
                        <p>"With nginx:"</p>
                        <pre tabindex="0"><code>{nginx}</code></pre>
                        <p>
                            "Daypass believes these headers from a proxy, so both examples remove what a visitor sends of them."
                        </p>
                    </div>
                </li>
                <li>
                    <div>
                        <p>{format!("Open https://{host}/.")}</p>
                    </div>
                </li>
            </ol>
            <p>
                "Only trying it out? On the machine itself, or through an SSH tunnel, " <code>{format!("http://{listen}/")}</code>
                " works without TLS."
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
