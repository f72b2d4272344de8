//! Where a page, a script or a style sheet leads to: what a browser would fetch or a visitor could follow.

use std::str;

use html5gum::{Token, Tokenizer};
use reqwest::Url;

/// The most links of one page that are looked at.
const MOST: usize = 5000;
/// Longest address that is followed, in bytes.
const LONGEST: usize = 2000;

/// What a file is, as far as links are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Html,
    Script,
    Style,
}

impl Format {
    /// By the type that the server names, and where it names none by the ending, or by how the file begins.
    pub(crate) fn of(content_type: &str, path: &str, body: &[u8]) -> Option<Self> {
        let name = content_type.split(';').next().unwrap_or_default().trim();
        let ends = |ending: &str| path.to_ascii_lowercase().ends_with(ending);
        match name {
            "text/html" | "application/xhtml+xml" => Some(Self::Html),
            "text/css" => Some(Self::Style),
            _ if name.contains("javascript") || name.contains("ecmascript") => Some(Self::Script),
            _ if ends(".js") || ends(".mjs") || ends(".cjs") => Some(Self::Script),
            _ if ends(".css") => Some(Self::Style),
            _ if ends(".html") || ends(".htm") => Some(Self::Html),
            "" if begins_like_html(body) => Some(Self::Html),
            _ => None,
        }
    }
}

/// What a browser takes for a page where nobody says what it is: a tag comes first.
fn begins_like_html(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    body.trim_ascii_start().starts_with(b"<")
}

/// A link: files that a page needs come before other pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) url: Url,
    pub(crate) is_page: bool,
}

/// The links of a file.
pub(crate) fn links(format: Format, base: &Url, bytes: &[u8]) -> Vec<Link> {
    let mut found = Found {
        base: base.clone(),
        links: Vec::new(),
    };
    match format {
        Format::Html => found.html(bytes),
        Format::Script => found.script(bytes),
        Format::Style => found.style(bytes),
    }
    found.links
}

struct Found {
    base: Url,
    links: Vec<Link>,
}

impl Found {
    fn add(&mut self, text: &[u8], is_page: bool) {
        // First: what is too long may be nearly the whole file, again and again.
        if text.len() > LONGEST || self.links.len() >= MOST {
            return;
        }
        let Ok(text) = str::from_utf8(text) else { return };
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        if let Ok(mut url) = self.base.join(text)
            && matches!(url.scheme(), "http" | "https")
        {
            url.set_fragment(None);
            self.links.push(Link { url, is_page });
        }
    }

    fn html(&mut self, bytes: &[u8]) {
        let mut within = None;
        for token in Tokenizer::new(bytes) {
            let Ok(token) = token;
            match token {
                Token::StartTag(tag) => {
                    within = match &**tag.name {
                        b"script" => Some(Format::Script),
                        b"style" => Some(Format::Style),
                        _ => None,
                    };
                    let is_page = matches!(&**tag.name, b"a" | b"area" | b"iframe" | b"frame");
                    if &**tag.name == b"base"
                        && let Some(base) = tag.attributes.get(&b"href"[..])
                        && let Ok(base) = str::from_utf8(base)
                        && let Ok(base) = self.base.join(base.trim())
                    {
                        self.base = base;
                        continue;
                    }
                    for (name, value) in &tag.attributes {
                        match &***name {
                            b"href" | b"src" | b"data" | b"poster" | b"data-src" | b"data-href" => {
                                self.add(value, is_page);
                            }
                            b"srcset" | b"imagesrcset" => {
                                for candidate in value.split(|b| *b == b',') {
                                    let url = candidate.trim_ascii().split(u8::is_ascii_whitespace).next();
                                    self.add(url.unwrap_or_default(), false);
                                }
                            }
                            // A page that sends its visitors on: `0; url=next.html`.
                            b"content" => {
                                let lower = value.to_ascii_lowercase();
                                if let Some(at) = memchr::memmem::find(&lower, b"url")
                                    && let Some(to) = value[at + 3..].trim_ascii_start().strip_prefix(b"=")
                                {
                                    self.add(unquoted(to), true);
                                }
                            }
                            b"style" => self.style(value),
                            _ => {}
                        }
                    }
                }
                Token::EndTag(_) => within = None,
                Token::String(text) => match within {
                    Some(Format::Script) => self.script(&text),
                    Some(Format::Style) => self.style(&text),
                    _ => {}
                },
                _ => {}
            }
        }
    }

    /// Names of files in quotes, as bundlers write them, and the source map.
    fn script(&mut self, bytes: &[u8]) {
        const ENDINGS: [&[u8]; 7] = [b".js", b".mjs", b".cjs", b".wasm", b".json", b".css", b".map"];
        self.source_map(bytes);
        let mut from = 0;
        for at in memchr::memchr3_iter(b'"', b'\'', b'`', bytes) {
            let quoted = &bytes[from..at];
            from = at + 1;
            let path = quoted.split(|b| *b == b'?').next().unwrap_or_default();
            if path.len() < 200
                && ENDINGS.iter().any(|ending| path.ends_with(ending))
                && path
                    .iter()
                    .all(|b| b.is_ascii_alphanumeric() || b"-._~/:@!$&+,=%[]".contains(b))
            {
                self.add(quoted, false);
                // Lists of what a bundler loads beforehand start at the root.
                if !quoted.starts_with(b".") && !quoted.starts_with(b"/") && !quoted.contains(&b':') {
                    self.add(&[b"/", quoted].concat(), false);
                }
            }
        }
    }

    fn style(&mut self, bytes: &[u8]) {
        self.source_map(bytes);
        let mut closing = Ends::new(bytes, |b| b == b')');
        for at in memchr::memmem::find_iter(bytes, b"url(") {
            let Some(end) = closing.after(at + 4) else { break };
            self.add(unquoted(&bytes[at + 4..end]), false);
        }
        let mut opening = Ends::new(bytes, is_quote);
        let mut closing = Ends::new(bytes, is_quote);
        for at in memchr::memmem::find_iter(bytes, b"@import") {
            let Some(begin) = opening.after(at + 7) else { break };
            let Some(end) = closing.after(begin + 1) else {
                break;
            };
            self.add(&bytes[begin + 1..end], false);
        }
    }

    fn source_map(&mut self, bytes: &[u8]) {
        let mut behind = Ends::new(bytes, |b| b.is_ascii_whitespace() || b == b'*' || is_quote(b));
        for at in memchr::memmem::find_iter(bytes, b"sourceMappingURL=") {
            let end = behind.after(at + 17).unwrap_or(bytes.len());
            self.add(&bytes[at + 17..end], false);
        }
    }
}

fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'')
}

/// What stands in quotes, or alone.
fn unquoted(text: &[u8]) -> &[u8] {
    let text = text.trim_ascii();
    match text.split_first() {
        Some((quote, rest)) if is_quote(*quote) => rest.split(|b| b == quote).next().unwrap_or_default(),
        _ => text,
    }
}

/// The ends of what begins at ever later places. Each byte is looked at once, however often something begins before it:
/// a text without a single end would else be read anew from each beginning.
struct Ends<'b, F> {
    bytes: &'b [u8],
    is_end: F,
    /// The last one that was found; the length of the text where there is none any more.
    next: usize,
}

impl<'b, F: Fn(u8) -> bool> Ends<'b, F> {
    fn new(bytes: &'b [u8], is_end: F) -> Self {
        Self {
            bytes,
            is_end,
            next: 0,
        }
    }

    /// The first end at `from` or behind it.
    fn after(&mut self, from: usize) -> Option<usize> {
        if self.next < from {
            let rest = self.bytes.get(from..).unwrap_or_default();
            let found = rest.iter().position(|b| (self.is_end)(*b));
            self.next = found.map_or(self.bytes.len(), |at| from + at);
        }
        (self.next < self.bytes.len()).then_some(self.next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(format: Format, text: &str) -> Vec<String> {
        let base = Url::parse("https://a.example/dir/page").unwrap();
        links(format, &base, text.as_bytes())
            .into_iter()
            .map(|l| l.url.as_str().trim_start_matches("https://a.example").to_owned())
            .collect()
    }

    #[test]
    fn a_pages_links() {
        let page = r#"<!doctype html><link rel=stylesheet href="/a.css?x"><script src='b.js'></script>
            <a href="../next?x#part">x</a><img srcset="s.png 1x, l.png 2x"><meta http-equiv=refresh content="0; url=on.html">
            <meta http-equiv=refresh content="1; URL = 'quoted.html' "><script>import("./lazy.js"); f('https://b.example/c.js')</script><style>p{background:url("i.png")}</style>
            <a href="mailto:x">x</a><a href="javascript:x">x</a><!-- <a href="not"> --><base href="/other/"><a href="y">y</a>"#;
        assert_eq!(
            paths(Format::Html, page),
            [
                "/a.css?x",
                "/dir/b.js",
                "/next?x",
                "/dir/s.png",
                "/dir/l.png",
                "/dir/on.html",
                "/dir/quoted.html",
                "/dir/lazy.js",
                "https://b.example/c.js",
                "/dir/i.png",
                "/other/y"
            ]
        );
    }

    /// Eight times the text takes about eight times as long, whatever stands in it.
    #[test]
    fn the_time_grows_with_the_text() {
        let base = Url::parse("https://a.example/").unwrap();
        for part in ["@import", "url(", "sourceMappingURL=", "@import'", "url('x"] {
            let took = |bytes: usize| {
                let text = part.repeat(bytes / part.len());
                let started = std::time::Instant::now();
                links(Format::Style, &base, text.as_bytes());
                started.elapsed()
            };
            let (small, large) = (took(64 * 1024), took(512 * 1024));
            let fair = small * 8 * 4 + std::time::Duration::from_millis(500);
            assert!(large < fair, "{part}: {small:?}, {large:?}");
        }
    }

    #[test]
    fn a_scripts_links() {
        let script =
            "const d=['assets/x-1a.js',\"./y.wasm\"];no(\"a sentence.js\");\n//# sourceMappingURL=app.js.map";
        assert_eq!(
            paths(Format::Script, script),
            [
                "/dir/app.js.map",
                "/dir/assets/x-1a.js",
                "/assets/x-1a.js",
                "/dir/y.wasm"
            ]
        );
        assert_eq!(
            paths(
                Format::Style,
                "@import 'b.css';p{x:url(f.woff2)}/*# sourceMappingURL=s.map */"
            ),
            ["/dir/s.map", "/dir/f.woff2", "/dir/b.css"]
        );
    }
}
