//! The built app inside the binary: its assets under `/assets/`, and its page, in every language.
//!
//! Owns the headers of these answers: types, caching, compression, and the policy of the app's page. What is
//! served here is the same for everybody who reads a language; nothing else that depends on a person, a session
//! or a token may enter.

use std::{borrow::Cow, collections::HashMap, sync::LazyLock};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use rust_embed::RustEmbed;
use wire::Language;

/// What the bundle tool left; empty until `./dev` has built the app. A debug build reads it when it starts, a
/// release build carries it.
#[derive(RustEmbed)]
#[folder = "../target/site"]
#[allow_missing = true]
struct Site;

/// How the names of the app's page begin in the site: `index-en.html` and so on.
const PAGE: &str = "index-";

/// What the app's page may load and where it may stand. No inline script or style, nothing of third parties.
const PAGE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; worker-src 'none'; \
     frame-ancestors 'none'",
);

/// An asset's name is made from its content: what it names never changes.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// The page names the assets of this build, and going back must not show an earlier one.
const NEVER: HeaderValue = HeaderValue::from_static("no-store");

const NO_SNIFF: (header::HeaderName, HeaderValue) = (
    header::X_CONTENT_TYPE_OPTIONS,
    HeaderValue::from_static("nosniff"),
);

/// Answered for the page by a binary that was built without the app.
const NOT_BUILT: &str = "This Daypass was built without its app. Everything else works.\n\n\
    Run ./dev run in the source folder: it builds the app and a server that carries it.\n";

static BUILT: LazyLock<Assets> = LazyLock::new(|| {
    Assets::new(Site::iter().filter_map(|name| {
        let file = Site::get(&name)?;
        Some((name, file.data, file.metadata.sha256_hash()))
    }))
});

/// Serves `/assets/{file}`.
pub(super) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/assets/{file}", get(get_asset))
}

/// The app's page in a language, for every one of its routes.
pub(super) fn get_app(language: Language, headers: &HeaderMap) -> Response {
    BUILT.page(language, headers)
}

/// Where the documents find the style sheet.
#[must_use]
pub(super) fn stylesheet_path() -> &'static str {
    &BUILT.stylesheet
}

/// Where the documents find the icon.
#[must_use]
pub(super) fn favicon_path() -> &'static str {
    &BUILT.favicon
}

async fn get_asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    BUILT.asset(&name, &headers)
}

/// One form of an asset.
struct Variant {
    bytes: Bytes,
    /// Strong, so each form has its own.
    etag: HeaderValue,
}

struct Asset {
    media_type: HeaderValue,
    plain: Variant,
    brotli: Option<Variant>,
}

/// All assets of a build.
struct Assets {
    by_name: HashMap<String, Asset>,
    stylesheet: String,
    favicon: String,
}

impl Assets {
    /// Takes names, contents and SHA-256 digests; `x.br` is the compressed form of `x`.
    fn new(files: impl Iterator<Item = (Cow<'static, str>, Cow<'static, [u8]>, [u8; 32])>) -> Self {
        let mut compressed = HashMap::new();
        let mut plain = Vec::new();
        for (name, bytes, digest) in files {
            let bytes = match bytes {
                Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                Cow::Owned(bytes) => Bytes::from(bytes),
            };
            let variant = Variant {
                bytes,
                etag: etag(digest),
            };
            match name.strip_suffix(".br") {
                Some(of) => drop(compressed.insert(of.to_owned(), variant)),
                None => plain.push((name.into_owned(), variant)),
            }
        }
        let by_name: HashMap<_, _> = plain
            .into_iter()
            .map(|(name, plain)| {
                let brotli = compressed.remove(&name);
                let media_type = media_type(&name);
                (
                    name,
                    Asset {
                        media_type,
                        plain,
                        brotli,
                    },
                )
            })
            .collect();
        // The fallback is the name before the hash: it answers 404, and the log then says what is missing.
        let path_of = |stem: &str, extension: &str| {
            let served = |name: &&String| name.starts_with(stem) && name.ends_with(extension);
            let name = by_name.keys().find(served).cloned();
            format!("/assets/{}", name.unwrap_or_else(|| format!("{stem}{extension}")))
        };
        let stylesheet = path_of("style", ".css");
        let favicon = path_of("favicon", ".svg");
        Self {
            by_name,
            stylesheet,
            favicon,
        }
    }

    fn asset(&self, name: &str, request: &HeaderMap) -> Response {
        match self.by_name.get(name) {
            // The page has addresses of its own, with a policy of its own.
            Some(asset) if !name.starts_with(PAGE) => {
                // No `Cross-Origin-Resource-Policy`: the sandboxed strongroom has an origin of its own and could
                // not load the style sheet.
                asset.answer(request, [(header::CACHE_CONTROL, FOR_EVER)])
            }
            _ => (StatusCode::NOT_FOUND, [NO_SNIFF, (header::CACHE_CONTROL, NEVER)]).into_response(),
        }
    }

    fn page(&self, language: Language, request: &HeaderMap) -> Response {
        let headers = [
            (header::CACHE_CONTROL, NEVER),
            (header::CONTENT_SECURITY_POLICY, PAGE_POLICY),
            // With `no-referrer` even our own form would send `Origin: null`.
            (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
        ];
        match self.by_name.get(&format!("{PAGE}{}.html", language.tag())) {
            Some(page) => page.answer(request, headers),
            None => (StatusCode::SERVICE_UNAVAILABLE, headers, [NO_SNIFF], NOT_BUILT).into_response(),
        }
    }
}

impl Asset {
    fn answer<const N: usize>(
        &self,
        request: &HeaderMap,
        headers: [(header::HeaderName, HeaderValue); N],
    ) -> Response {
        let (variant, encoding) = match &self.brotli {
            Some(brotli) if accepts_brotli(request) => (brotli, Some(HeaderValue::from_static("br"))),
            _ => (&self.plain, None),
        };
        let common = [
            NO_SNIFF,
            (header::ETAG, variant.etag.clone()),
            (header::VARY, HeaderValue::from_static("accept-encoding")),
        ];
        if is_known(request, &variant.etag) {
            return (StatusCode::NOT_MODIFIED, common, headers).into_response();
        }
        let encoding = encoding.map(|encoding| [(header::CONTENT_ENCODING, encoding)]);
        let media_type = [(header::CONTENT_TYPE, self.media_type.clone())];
        let body = Body::from(variant.bytes.clone());
        match encoding {
            Some(encoding) => (common, headers, media_type, encoding, body).into_response(),
            None => (common, headers, media_type, body).into_response(),
        }
    }
}

fn etag(digest: [u8; 32]) -> HeaderValue {
    let digits = hex::encode(&digest[..16]);
    // Digits between quotes are always a header value; an empty one would only cost the saving.
    HeaderValue::try_from(format!("\"{digits}\"")).unwrap_or(HeaderValue::from_static(""))
}

fn media_type(name: &str) -> HeaderValue {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    HeaderValue::from_static(match extension {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        // Browsers compile while they load only with exactly this type.
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        "png" => "image/png",
        "ico" => "image/vnd.microsoft.icon",
        _ => "application/octet-stream",
    })
}

/// Whether `Accept-Encoding` names brotli and does not rule it out.
fn accepts_brotli(request: &HeaderMap) -> bool {
    elements(request, &header::ACCEPT_ENCODING).any(|element| {
        let mut parts = element.split(';').map(str::trim);
        let named = parts
            .next()
            .is_some_and(|coding| coding.eq_ignore_ascii_case("br"));
        let weight = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
        named && weight.is_none_or(|weight| weight.parse::<f32>().is_ok_and(|weight| weight > 0.0))
    })
}

/// Whether the client has this very form already.
fn is_known(request: &HeaderMap, etag: &HeaderValue) -> bool {
    elements(request, &header::IF_NONE_MATCH)
        .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag).as_bytes() == etag.as_bytes())
}

/// The elements of a header that holds a list, over all of its lines.
fn elements<'a>(request: &'a HeaderMap, name: &header::HeaderName) -> impl Iterator<Item = &'a str> {
    let lines = request
        .get_all(name)
        .into_iter()
        .filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    use super::*;

    fn assets() -> Assets {
        let files: [(&'static str, &'static [u8]); 9] = [
            ("index-en.html", b"<!doctype html>"),
            ("index-en.html.br", b"page, compressed"),
            ("index-de.html", b"<!doctype html><html lang=de>"),
            ("style-0123.css", b"a { color: red }"),
            ("style-0123.css.br", b"sheet, compressed"),
            ("app-4567.wasm", b"\0asm"),
            ("glue-89ab.js", b"export default 1"),
            ("favicon-cdef.svg", b"<svg/>"),
            ("texts-de-0123.txt", b"Schl\xc3\xbcssel"),
        ];
        let mut digest = 0;
        Assets::new(files.into_iter().map(|(name, bytes)| {
            digest += 1;
            (Cow::Borrowed(name), Cow::Borrowed(bytes), [digest; 32])
        }))
    }

    /// What every visitor downloads holds nothing that is secret, or looks like it. A binary that was built without the app
    /// has nothing to search.
    #[test]
    fn the_built_app_holds_nothing_secret() {
        let looks_secret = |bytes: &[u8]| {
            let letters = |from: usize| {
                let rest = bytes.get(from..).unwrap_or_default();
                let word = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
                rest.iter().take_while(word).count()
            };
            let found = |start: &'static str, longer_than: usize| {
                memchr::memmem::find_iter(bytes, start).any(|at| letters(at + start.len()) > longer_than)
            };
            found("dps_", 19)
                || found("dpp_", 19)
                || found("eyJhbGciOi", 9)
                || found("AKIA", 15)
                || found("ghp_", 29)
                || memchr::memmem::find(bytes, b"-----BEGIN").is_some()
                || memchr::memmem::find(bytes, b"Bearer eyJ").is_some()
        };
        for planted in [
            "x dps_0123456789abcdefghijABCDEF",
            "eyJhbGciOiJFZERTQSJ9.e30.x",
            "-----BEGIN PRIVATE KEY-----",
        ] {
            assert!(looks_secret(planted.as_bytes()), "{planted}");
        }
        assert!(!looks_secret(b"dps_ and dpp_"));
        for name in Site::iter().filter(|name| !name.ends_with(".br")) {
            let file = Site::get(&name).unwrap();
            assert!(!looks_secret(&file.data), "{name}");
        }
    }

    fn request(headers: &[(header::HeaderName, &'static str)]) -> HeaderMap {
        headers
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)))
            .collect()
    }

    fn header_of(response: &Response, name: header::HeaderName) -> Option<&str> {
        response.headers().get(name).map(|value| value.to_str().unwrap())
    }

    async fn body_of(response: Response) -> Bytes {
        response.into_body().collect().await.unwrap().to_bytes()
    }

    #[tokio::test]
    async fn types_are_those_that_browsers_insist_on() {
        let assets = assets();
        for (name, media_type) in [
            ("app-4567.wasm", "application/wasm"),
            ("glue-89ab.js", "text/javascript; charset=utf-8"),
            ("style-0123.css", "text/css; charset=utf-8"),
            ("favicon-cdef.svg", "image/svg+xml"),
            ("texts-de-0123.txt", "text/plain; charset=utf-8"),
        ] {
            let response = assets.asset(name, &HeaderMap::new());
            assert_eq!(response.status(), StatusCode::OK, "{name}");
            assert_eq!(
                header_of(&response, header::CONTENT_TYPE),
                Some(media_type),
                "{name}"
            );
            assert_eq!(
                header_of(&response, header::X_CONTENT_TYPE_OPTIONS),
                Some("nosniff"),
                "{name}"
            );
            assert_eq!(
                header_of(&response, header::CACHE_CONTROL),
                Some("public, max-age=31536000, immutable"),
                "{name}"
            );
        }
    }

    #[tokio::test]
    async fn brotli_is_sent_to_those_who_accept_it() {
        for (accepted, compressed) in [
            ("gzip, deflate, br, zstd", true),
            ("BR", true),
            ("gzip, br;q=0.5", true),
            ("gzip, br;q=0", false),
            ("br; q=0.0", false),
            ("gzip", false),
            ("brotli", false),
        ] {
            let response = assets().asset("style-0123.css", &request(&[(header::ACCEPT_ENCODING, accepted)]));
            assert_eq!(
                header_of(&response, header::VARY),
                Some("accept-encoding"),
                "{accepted}"
            );
            assert_eq!(
                header_of(&response, header::CONTENT_ENCODING),
                compressed.then_some("br"),
                "{accepted}"
            );
            let expected: &[u8] = if compressed {
                b"sheet, compressed"
            } else {
                b"a { color: red }"
            };
            assert_eq!(body_of(response).await, expected, "{accepted}");
        }
    }

    #[tokio::test]
    async fn what_has_no_smaller_form_is_sent_as_it_is() {
        let response = assets().asset("app-4567.wasm", &request(&[(header::ACCEPT_ENCODING, "br")]));
        assert_eq!(header_of(&response, header::CONTENT_ENCODING), None);
        assert_eq!(body_of(response).await, &b"\0asm"[..]);
    }

    #[tokio::test]
    async fn a_known_form_is_not_sent_again() {
        let assets = assets();
        let plain = assets.asset("style-0123.css", &HeaderMap::new());
        let tag = header_of(&plain, header::ETAG).unwrap().to_owned();
        let mut again = HeaderMap::new();
        again.insert(
            header::IF_NONE_MATCH,
            HeaderValue::try_from(format!("\"x\", W/{tag}")).unwrap(),
        );
        let response = assets.asset("style-0123.css", &again);
        assert_eq!(response.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(header_of(&response, header::ETAG), Some(tag.as_str()));
        assert!(body_of(response).await.is_empty());

        // The compressed form is another one, so the same tag does not stand for it.
        again.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("br"));
        assert_eq!(assets.asset("style-0123.css", &again).status(), StatusCode::OK);
    }

    #[test]
    fn the_strongroom_may_load_the_style_sheet() {
        let response = assets().asset("style-0123.css", &HeaderMap::new());
        assert!(!response.headers().contains_key("cross-origin-resource-policy"));
    }

    #[test]
    fn what_is_not_an_asset_is_not_found() {
        for name in [
            "style.css",
            "index-en.html",
            "style-0123.css.br",
            "",
            "../Cargo.toml",
        ] {
            assert_eq!(
                assets().asset(name, &HeaderMap::new()).status(),
                StatusCode::NOT_FOUND,
                "{name}"
            );
        }
    }

    #[test]
    fn documents_learn_the_hashed_paths() {
        let assets = assets();
        assert_eq!(assets.stylesheet, "/assets/style-0123.css");
        assert_eq!(assets.favicon, "/assets/favicon-cdef.svg");
        let none = Assets::new(std::iter::empty());
        assert_eq!(none.stylesheet, "/assets/style.css");
        assert_eq!(none.favicon, "/assets/favicon.svg");
    }

    #[tokio::test]
    async fn the_page_carries_its_policy_and_is_never_kept() {
        let response = assets().page(Language::English, &request(&[(header::ACCEPT_ENCODING, "br")]));
        assert_eq!(
            header_of(&response, header::CONTENT_TYPE),
            Some("text/html; charset=utf-8")
        );
        assert_eq!(header_of(&response, header::CACHE_CONTROL), Some("no-store"));
        assert_eq!(header_of(&response, header::REFERRER_POLICY), Some("same-origin"));
        assert_eq!(header_of(&response, header::CONTENT_ENCODING), Some("br"));
        assert_eq!(
            header_of(&response, header::CONTENT_SECURITY_POLICY),
            Some(
                "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
                 img-src 'self' data:; connect-src 'self'; frame-src 'self'; form-action 'self'; \
                 base-uri 'none'; worker-src 'none'; frame-ancestors 'none'"
            )
        );
        assert_eq!(body_of(response).await, &b"page, compressed"[..]);
    }

    #[tokio::test]
    async fn every_language_has_its_page() {
        let response = assets().page(Language::German, &HeaderMap::new());
        assert_eq!(body_of(response).await, &b"<!doctype html><html lang=de>"[..]);
    }

    #[tokio::test]
    async fn a_binary_without_the_app_says_how_to_get_it() {
        let response = Assets::new(std::iter::empty()).page(Language::English, &HeaderMap::new());
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        let body = body_of(response).await;
        assert!(String::from_utf8(body.to_vec()).unwrap().contains("./dev run"));
    }

    #[tokio::test]
    async fn only_reading_is_routed() {
        let ask = |method: &str| {
            let request = Request::builder()
                .method(method)
                .uri("/assets/none.css")
                .body(Body::empty())
                .unwrap();
            router::<()>().oneshot(request)
        };
        assert_eq!(ask("GET").await.unwrap().status(), StatusCode::NOT_FOUND);
        assert_eq!(ask("HEAD").await.unwrap().status(), StatusCode::NOT_FOUND);
        assert_eq!(
            ask("POST").await.unwrap().status(),
            StatusCode::METHOD_NOT_ALLOWED
        );
    }
}
