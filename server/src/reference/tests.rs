//! What holds for every page, and the router around them.

use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use super::*;

const BASE: &str = "https://tokens.example.net";
const PAGES: [&str; 6] = [
    "/api",
    "/api/errors",
    "/api/guides/gallery",
    "/api/guides/wordpress",
    "/api/guides/node",
    "/api/guides/static-site",
];

async fn get_page(method: Method, path: &str, accept: &str) -> (Response<()>, String) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::ACCEPT, accept);
    let router = router(
        &format!("{BASE}/"),
        "/assets/style-0.css",
        "/assets/favicon-0.svg",
    );
    let response = router
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (
        Response::from_parts(parts, ()),
        String::from_utf8(body.to_vec()).unwrap(),
    )
}

async fn page(path: &str) -> (Response<()>, String) {
    get_page(Method::GET, path, "text/html,*/*;q=0.8").await
}

fn header_of(response: &Response<()>, name: HeaderName) -> &str {
    response.headers()[name].to_str().unwrap()
}

#[tokio::test]
async fn every_script_carries_the_nonce_of_the_policy() {
    let mut nonces = Vec::new();
    for path in PAGES.into_iter().chain(["/api/nothing"]) {
        let (response, html) = page(path).await;
        let policy = header_of(&response, header::CONTENT_SECURITY_POLICY);
        let nonce = policy
            .split_once("'nonce-")
            .unwrap()
            .1
            .split_once('\'')
            .unwrap()
            .0
            .to_owned();
        assert_eq!(
            policy,
            format!(
                "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; \
                 base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
            )
        );
        let with_nonce = html.matches(&format!("<script nonce=\"{nonce}\">")).count();
        assert_eq!(html.matches("<script").count(), with_nonce, "{path}: {html}");
        assert!(!html.contains("style=") && !html.contains("<style"), "{path}");
        nonces.push(nonce);
    }
    nonces.sort();
    nonces.dedup();
    assert_eq!(nonces.len(), PAGES.len() + 1, "a nonce is used once");
}

#[tokio::test]
async fn pages_carry_their_headers() {
    for path in PAGES {
        let (response, html) = page(path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert_eq!(header_of(&response, header::CACHE_CONTROL), "no-cache");
        assert_eq!(header_of(&response, header::X_CONTENT_TYPE_OPTIONS), "nosniff");
        assert_eq!(header_of(&response, header::REFERRER_POLICY), "no-referrer");
        assert_eq!(
            header_of(&response, header::CONTENT_TYPE),
            "text/html; charset=utf-8"
        );
        assert!(html.starts_with("<!DOCTYPE html><html lang=\"en\">"), "{path}");
        assert!(
            html.contains("href=\"/assets/style-0.css\"") && html.contains("· Daypass</title>"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_page_for_people_and_a_problem_for_programs() {
    let (response, html) = page("/api/guides/nothing").await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert!(
        html.contains("There is nothing here") && html.contains("href=\"/api\""),
        "{html}"
    );
    for (method, accept) in [
        (Method::POST, "text/html"),
        (Method::GET, "*/*"),
        (Method::GET, "application/json"),
    ] {
        let (response, body) = get_page(method, "/api/getTemporaryToken", accept).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        assert_eq!(
            header_of(&response, header::CONTENT_TYPE),
            "application/problem+json"
        );
        let problem: Problem = serde_json::from_str(&body).unwrap();
        assert_eq!(problem.code, ErrorCode::NotFound);
    }
    let (response, _) = page("/api/").await;
    assert_eq!(header_of(&response, header::LOCATION), "/api");
}

#[tokio::test]
async fn every_link_inside_leads_somewhere() {
    let mut ids = Vec::new();
    let mut links = Vec::new();
    for path in PAGES {
        let (_, html) = page(path).await;
        let values = |attribute: &str| -> Vec<String> {
            html.split(&format!(" {attribute}=\""))
                .skip(1)
                .map(|rest| rest.split_once('"').unwrap().0.to_owned())
                .collect()
        };
        let mine = values("id");
        let mut unique = mine.clone();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), mine.len(), "{path}: an id stands twice");
        ids.extend(mine.into_iter().map(|id| format!("{path}#{id}")));
        links.extend(
            values("href")
                .into_iter()
                .map(|href| match href.strip_prefix('#') {
                    Some(id) => format!("{path}#{id}"),
                    None => href,
                }),
        );
    }
    for link in links.iter().filter(|link| link.starts_with("/api")) {
        assert!(ids.contains(link) || PAGES.contains(&link.as_str()), "{link}");
    }
    for code in ErrorCode::ALL {
        assert!(ids.contains(&format!("/api/errors#{code}")), "{code}");
    }
}

#[tokio::test]
async fn examples_call_this_server() {
    let (_, html) = page("/api").await;
    for path in [
        "/api/GetTemporaryToken",
        "/api/WhoAmI",
        "/api/RevokeToken",
        "/verify?interface=",
        "/.well-known/jwks.json",
        "/oauth2/token",
        "/oauth2/introspect",
        "/oauth2/revoke",
        "/.well-known/oauth-authorization-server",
        "/Login/GetTemporaryToken",
        "/claim",
        "/api/TokenDigests",
    ] {
        assert!(html.matches(&format!("{BASE}{path}")).count() >= 5, "{path}");
    }
    assert!(!html.contains(&format!("{BASE}//")));
}

/// What is described for tools is described for people: every method, every field of it, every code with what to do.
#[tokio::test]
async fn every_method_is_described_whole() {
    let (_, html) = page("/api").await;
    let sections: Vec<&str> = html.split("<section").collect();
    for method in catalogue::methods() {
        let about: Vec<&&str> = sections.iter().filter(|s| s.contains(method.path)).collect();
        assert!(!about.is_empty(), "{}", method.path);
        let says = |what: &str| about.iter().any(|section| section.contains(what));
        for field in &method.fields {
            assert!(says(field.name), "{}: {}", method.path, field.name);
        }
        if method.credential == catalogue::Credential::Nobody {
            continue;
        }
        let whole = about.iter().any(|s| {
            method
                .codes()
                .iter()
                .all(|c| s.contains(&format!("/api/errors#{c}\"")))
        });
        assert!(whole, "{} has a section with all its codes", method.path);
    }
    let headings = html.matches("<h3>Refusals</h3>").count();
    assert!(headings >= 9, "{headings}");
}

/// Where OAuth is spoken its words are shown, and every code stands behind one of them.
#[tokio::test]
async fn every_word_of_oauth_is_described() {
    let (_, html) = page("/api").await;
    for method in catalogue::methods().iter().filter(|m| m.speaks_oauth()) {
        let opening = format!(" id=\"oauth-{}\"", method.id);
        let section = html
            .split("<section")
            .find(|section| section.starts_with(&opening))
            .unwrap();
        let mut behind: Vec<&str> = Vec::new();
        for word in method.words() {
            assert!(
                section.contains(&format!("<code>{}<", word.error)),
                "{}",
                word.error
            );
            behind.extend(word.codes.iter().map(|code| code.as_str()));
        }
        behind.sort_unstable();
        behind.dedup();
        let mut codes: Vec<&str> = method.codes().iter().map(|code| code.as_str()).collect();
        codes.sort_unstable();
        assert_eq!(behind, codes, "{}", method.path);
    }
}

/// What a code means at a method is said there, where that is not what it means at the others.
#[tokio::test]
async fn a_code_means_what_it_means_there() {
    let (_, html) = page("/api").await;
    for (id, says, says_nothing_of) in [
        ("claim", "Nobody issued this code", "may not do this"),
        ("claim", "The code was used already", "the name is taken"),
        ("claim", "A browser sent the code", "is probably in a page"),
        ("claim", "Many wrong codes", "Keep a temporary token"),
        (
            "TokenDigests",
            "Too many questions from your address",
            "Keep a temporary token",
        ),
        (
            "TokenDigests",
            "five hexadecimal digits in lower case",
            "its rule",
        ),
        (
            "ReportLeakedToken",
            "Too many reports from your address",
            "Keep a temporary token",
        ),
        ("ReportLeakedToken", "its signature is wrong", "may not do this"),
        ("RevokeToken", "from one network", "Keep a temporary token"),
        ("RevokeToken", "none of them can end it", "may not do this"),
        (
            "GetTemporaryToken",
            "cannot ask for another one",
            "may not do this",
        ),
        (
            "imageshop",
            "More requests than the token",
            "one address may send",
        ),
    ] {
        let opening = format!(" id=\"{id}\"");
        let section = html
            .split("<section")
            .find(|section| section.starts_with(&opening))
            .unwrap();
        assert!(section.contains(says), "{id}: {says}");
        assert!(!section.contains(says_nothing_of), "{id}: {says_nothing_of}");
    }
}

/// Texts are written with two marks, for code and for links; any other would be shown as it stands.
#[tokio::test]
async fn no_mark_is_shown_as_it_stands() {
    for path in PAGES {
        let (_, html) = page(path).await;
        let texts = html
            .split("<pre")
            .map(|part| part.split_once("</pre>").map_or(part, |(_, text)| text));
        for text in texts {
            for mark in ["**", "`", "](", ": 1 codes"] {
                assert!(!text.contains(mark), "{path}: {mark} in {text}");
            }
        }
    }
}

#[test]
fn shown_answers_are_those_of_the_contract() {
    let minted: serde_json::Value = serde_json::from_str(methods::MINTED).unwrap();
    let read: wire::MintResponse = serde_json::from_value(minted.clone()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), minted);
    let who: serde_json::Value = serde_json::from_str(methods::WHO_AM_I).unwrap();
    let read: wire::WhoAmI = serde_json::from_value(who.clone()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), who);
    serde_json::from_str::<wire::MintRequest>(methods::WISH).unwrap();
    for shown in [doors::GRANTED, doors::INTROSPECTED] {
        assert!(
            serde_json::from_str::<serde_json::Value>(shown)
                .unwrap()
                .is_object()
        );
    }
}

/// The guide's configuration must be as careful as the example that is really run.
#[test]
fn the_guide_overwrites_every_header_that_the_example_does() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/gallery/nginx.conf");
    let example = std::fs::read_to_string(example).unwrap();
    let question = example
        .split_once("location = /_daypass {")
        .unwrap()
        .1
        .split_once("\n        }")
        .unwrap()
        .0;
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let guide: Vec<String> = guides::NGINX.lines().map(words).collect();
    let set: Vec<String> = question
        .lines()
        .map(words)
        .filter(|l| l.starts_with("proxy_set_header") && !l.contains(" Host "))
        .collect();
    assert!(set.len() > 10, "the example was read");
    for line in set {
        assert!(guide.contains(&line), "{line}");
    }
}

/// Every claim that a temporary token can have is in the table.
#[tokio::test]
async fn every_claim_is_described() {
    let (_, html) = page("/api").await;
    let keys = html
        .split("<section")
        .find(|s| s.contains("id=\"jwks\""))
        .unwrap();
    for claim in [
        "sub",
        "client_id",
        "jti",
        "iat",
        "exp",
        "nbf",
        "grants",
        "scope",
        "origins",
        "network",
        "subject",
        "secret_id",
        "epoch",
        "via",
        "iss",
        "aud",
    ] {
        let named = |text: &str| text.split([',', ' ']).any(|word| word == claim);
        assert!(
            keys.split("<code>")
                .any(|code| code.split_once('<').is_some_and(|(text, _)| named(text))),
            "{claim}"
        );
    }
}

/// The rules of the example that checks offline, tried: an end counts to the second, and not every token has one.
#[test]
fn the_offline_example_knows_ends_and_tokens_without_one() {
    use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};

    let shown = methods::keys_examples(BASE)[4].clone();
    for line in [
        "rules.leeway = 0;",
        "rules.set_required_spec_claims(&[\"iss\", \"aud\"]);",
    ] {
        assert!(shown.contains(line), "{shown}");
    }
    let mut rules = Validation::new(Algorithm::HS256);
    rules.set_issuer(&[BASE]);
    rules.set_audience(&[BASE]);
    rules.leeway = 0;
    rules.set_required_spec_claims(&["iss", "aud"]);
    let accepted = |claims: serde_json::Value| {
        let token = encode(&Header::default(), &claims, &EncodingKey::from_secret(b"any")).unwrap();
        decode::<serde_json::Value>(&token, &DecodingKey::from_secret(b"any"), &rules).is_ok()
    };
    let now = jsonwebtoken::get_current_timestamp();
    assert!(accepted(serde_json::json!({ "iss": BASE, "aud": BASE })));
    assert!(accepted(
        serde_json::json!({ "iss": BASE, "aud": BASE, "exp": now + 900 })
    ));
    assert!(!accepted(
        serde_json::json!({ "iss": BASE, "aud": BASE, "exp": now - 30 })
    ));
    assert!(!accepted(serde_json::json!({ "iss": "another", "aud": BASE })));
    assert!(!accepted(serde_json::json!({ "iss": BASE })));
}
