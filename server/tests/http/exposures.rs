//! Exposure at every door: wherever a permanent secret comes in, a browser's request is refused with help and recorded,
//! and a server's is not. And what stands in the answers: no value, whoever planted it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use server::entropy::SystemEntropy;
use server::secret::{PlainToken, holds_value};
use wire::{Kind, TokenView};

use crate::harness::{Answer, Persona, Server, mint, on_both, verify};

on_both!(
    every_door_notices_a_browser,
    urls_are_noticed_at_every_door,
    a_page_of_another_origin_is_not_let_through,
    secrets_among_several_are_noticed,
    secrets_in_urls_are_noticed_under_any_name,
    the_refusal_says_what_to_do,
    planted_values_are_masked_and_lists_still_answer,
    what_is_typed_into_documents_comes_back_masked,
    dealing_with_an_exposure,
    a_server_written_in_rust_is_no_browser,
);

/// Every door that takes a permanent secret, with the secret in each place where the door looks for it.
fn doors(token: &TokenView, secret: &str) -> Vec<(&'static str, Door)> {
    let read = verify("Press photos", "read");
    let bearer = ("authorization", format!("Bearer {secret}"));
    let basic = format!("{}:{secret}", token.id);
    let basic = ("authorization", format!("Basic {}", STANDARD.encode(basic)));
    let plain = |method, uri: &str, header: (&'static str, String)| Door {
        method,
        uri: uri.to_owned(),
        headers: vec![header],
        form: Vec::new(),
    };
    let form = |uri: &str, headers: Vec<(&'static str, String)>, form: &[(&'static str, &str)]| Door {
        method: "POST",
        uri: uri.to_owned(),
        headers,
        form: form
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect(),
    };
    let id = token.id.as_str();
    let asked = [("token", "nonsense")];
    let client = [("client_id", id), ("client_secret", secret)];
    let exchange = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token", secret),
        (
            "subject_token_type",
            "urn:ietf:params:oauth:token-type:access_token",
        ),
    ];
    let mint = [("grant_type", "client_credentials")];
    vec![
        ("verify", plain("GET", &read, bearer.clone())),
        ("verify", plain("HEAD", &read, ("token", secret.to_owned()))),
        ("verify", plain("POST", &read, ("x-api-key", secret.to_owned()))),
        ("mint", plain("POST", "/api/GetTemporaryToken", bearer.clone())),
        ("who", plain("GET", "/api/WhoAmI", bearer.clone())),
        ("revoke", plain("POST", "/api/RevokeToken", bearer.clone())),
        (
            "vimp",
            form("/api/GetTemporaryToken", vec![], &[("apikey", secret)]),
        ),
        ("vimp", form("/api/WhoAmI", vec![], &[("apikey", secret)])),
        (
            "imageshop",
            plain("GET", "/Login/GetTemporaryToken", ("token", secret.to_owned())),
        ),
        (
            "imageshop",
            plain("GET", "/Login/WhoAmI", ("token", secret.to_owned())),
        ),
        (
            "imageshop",
            plain("GET", "/Login/CanUpload", ("token", secret.to_owned())),
        ),
        (
            "imageshop",
            plain("GET", "/V4.asmx/GetTemporaryToken", ("token", secret.to_owned())),
        ),
        ("oauth basic", form("/oauth2/token", vec![basic.clone()], &mint)),
        (
            "oauth body",
            form("/oauth2/token", vec![], &[&mint[..], &client[..]].concat()),
        ),
        ("oauth exchange", form("/oauth2/token", vec![], &exchange)),
        (
            "introspect bearer",
            form("/oauth2/introspect", vec![bearer.clone()], &asked),
        ),
        (
            "introspect basic",
            form("/oauth2/introspect", vec![basic.clone()], &asked),
        ),
        (
            "introspect body",
            form("/oauth2/introspect", vec![], &[&asked[..], &client[..]].concat()),
        ),
        (
            "revoke basic",
            form("/oauth2/revoke", vec![basic.clone()], &asked),
        ),
        (
            "revoke body",
            form("/oauth2/revoke", vec![], &[&asked[..], &client[..]].concat()),
        ),
    ]
}

/// A request.
struct Door {
    method: &'static str,
    uri: String,
    headers: Vec<(&'static str, String)>,
    form: Vec<(&'static str, String)>,
}

impl Door {
    async fn ask(&self, persona: Persona<'_>) -> Answer {
        let mut persona = persona;
        for (name, value) in &self.headers {
            persona = persona.with(name, value);
        }
        let call = persona.ask(self.method, &self.uri);
        if self.form.is_empty() {
            return call.send().await;
        }
        let fields: Vec<(&str, &str)> = self.form.iter().map(|(n, v)| (*n, v.as_str())).collect();
        call.form(&fields).send().await
    }
}

async fn every_door_notices_a_browser(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    // What browsers send; any of them is enough.
    let marks = [
        ("origin", "https://blog.example"),
        ("sec-fetch-site", "same-origin"),
        ("sec-fetch-dest", "empty"),
    ];
    let mut count = 0;
    for (name, door) in doors(&token, &secret) {
        for (header, value) in marks {
            let answer = door.ask(server.anonymous().with(header, value)).await;
            let status = answer.status.as_u16();
            assert!(matches!(status, 400 | 401 | 403), "{name} {header}: {status}");
            server.flush().await;
            count += 1;
            let exposures = admin.find(&token).await.exposures;
            let seen: u64 = exposures.iter().map(|e| e.count).sum();
            assert_eq!(seen, count, "{name} ({} {}) with {header}", door.method, door.uri);
            assert!(exposures.iter().all(|e| e.door == wire::Door::Browser));
        }
    }
    // The same doors, asked by a server: nothing more is recorded, whatever they answer.
    for (name, door) in doors(&token, &secret) {
        if name.starts_with("revoke") {
            continue;
        }
        let answer = door.ask(server.anonymous().with("sec-fetch-mode", "cors")).await;
        assert!(
            answer.status.is_success() || answer.status == 403,
            "{name}: {}",
            answer.status
        );
    }
    server.flush().await;
    let seen: u64 = admin.find(&token).await.exposures.iter().map(|e| e.count).sum();
    assert_eq!(seen, count);
}

async fn urls_are_noticed_at_every_door(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    let read = verify("Press photos", "read");
    let doors = [
        format!("{read}&token={secret}"),
        format!("{read}&apikey={secret}"),
        format!("/api/WhoAmI?token={secret}"),
        format!("/api/WhoAmI?apikey={secret}"),
        format!("/api/GetTemporaryToken?apikey={secret}"),
        format!("/Login/WhoAmI?token={secret}"),
    ];
    let mut count = 0;
    for uri in &doors {
        let page = server
            .anonymous()
            .with("referer", "https://blog.example/post/7?draft=1");
        page.get(uri).send().await.refused(wire::ErrorCode::TokenInUrl);
        count += 1;
    }
    // As a proxy passes it on.
    let original = server
        .proxy()
        .with("x-original-uri", &format!("/photos/1.webp?token={secret}"))
        .with("referer", "https://blog.example/post/7");
    assert_eq!(
        original.get(&read).send().await.header("x-daypass-code"),
        "token_in_url"
    );
    server.flush().await;
    let [seen] = &admin.find(&token).await.exposures[..] else {
        panic!("one page, one door")
    };
    assert_eq!((seen.door, seen.count), (wire::Door::Url, count + 1));
    assert_eq!(seen.page.as_deref(), Some("https://blog.example/post/7"));
}

/// A browser asks before it sends a token from another origin, and is never told that it may.
async fn a_page_of_another_origin_is_not_let_through(server: Server) {
    for uri in [
        "/api/GetTemporaryToken",
        "/api/WhoAmI",
        "/api/RevokeToken",
        "/oauth2/token",
        "/oauth2/introspect",
        "/Login/GetTemporaryToken",
        &verify("Press photos", "read"),
    ] {
        let page = server
            .anonymous()
            .with("origin", "https://blog.example")
            .with("access-control-request-method", "POST")
            .with("access-control-request-headers", "authorization");
        let answer = page.ask("OPTIONS", uri).send().await;
        assert_eq!(answer.status.as_u16(), 405, "{uri}");
        let names: Vec<_> = answer
            .headers
            .keys()
            .map(|name| name.as_str().to_owned())
            .collect();
        assert!(
            !names.iter().any(|name| name.starts_with("access-control-")),
            "{uri}: {names:?}"
        );
    }
}

/// Which of two tokens was meant is a guess; that one of them is in a page is none.
async fn secrets_among_several_are_noticed(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    let (other, second) = admin.active(json!({ "name": "Second" })).await;
    let minted = mint(&server, &secret, json!({})).await;
    let page = || server.bearer(&secret).with("origin", "https://blog.example");
    let refused = page().get(&format!("/api/WhoAmI?token={minted}")).send().await;
    refused.refused(wire::ErrorCode::TokenMalformed);
    // In a URL by itself, with another one in a header.
    let refused = server.bearer(&minted).get(&format!("/api/WhoAmI?token={second}"));
    refused.send().await.refused(wire::ErrorCode::TokenMalformed);
    // Two headers of a server expose nothing.
    let refused = server.bearer(&secret).with("token", &second).get("/api/WhoAmI");
    refused.send().await.refused(wire::ErrorCode::TokenMalformed);
    server.flush().await;
    for (token, door) in [(&token, wire::Door::Browser), (&other, wire::Door::Url)] {
        let exposures = admin.find(token).await.exposures;
        let seen: Vec<_> = exposures.iter().map(|e| (e.door, e.count)).collect();
        assert_eq!(seen, [(door, 1)], "{}", token.name);
    }
}

async fn secrets_in_urls_are_noticed_under_any_name(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    let read = verify("Press photos", "read");
    let escaped = secret.replace('_', "%5F");
    for uri in [
        format!("/api/WhoAmI?access_token={secret}"),
        format!("/api/WhoAmI?x=1&key={escaped}"),
        format!("{read}&access_token={secret}"),
    ] {
        server
            .anonymous()
            .get(&uri)
            .send()
            .await
            .refused(wire::ErrorCode::TokenInUrl);
        // Whatever is sent in its proper place.
        server
            .bearer(&secret)
            .get(&uri)
            .send()
            .await
            .refused(wire::ErrorCode::TokenInUrl);
    }
    let original = server
        .proxy()
        .with("x-original-uri", &format!("/photos/1.webp?access_token={secret}"));
    let code = original.get(&read).send().await;
    assert_eq!(code.header("x-daypass-code"), "token_in_url");
    server.flush().await;
    let exposures = admin.find(&token).await.exposures;
    assert_eq!((exposures.len(), exposures[0].count), (1, 7));
    // Nobody's is a parameter like any other, and so is one where URLs may have them.
    let nobodys = PlainToken::generate(Kind::Secret, 40, &SystemEntropy);
    let uri = format!("/api/WhoAmI?access_token={}", nobodys.expose_in_strongroom());
    server.bearer(&secret).get(&uri).send().await.is(200);
    admin
        .settings(json!({ "allow_token_in_url": true }))
        .await
        .is(200);
    let uri = format!("/api/WhoAmI?access_token={secret}");
    server.bearer(&secret).get(&uri).send().await.is(200);
    server
        .anonymous()
        .get(&uri)
        .send()
        .await
        .refused(wire::ErrorCode::TokenMissing);
}

async fn the_refusal_says_what_to_do(server: Server) {
    let admin = server.admin().await;
    let (_, secret) = admin.usual().await;
    for (page, language) in [
        ("https://blog.example/index.php?p=1", "php"),
        ("https://blog.example/wp-content/x", "php"),
        ("https://blog.example/", "javascript"),
    ] {
        let browser = server
            .bearer(&secret)
            .with("origin", "https://blog.example")
            .with("referer", page);
        let problem = browser
            .get("/api/WhoAmI")
            .send()
            .await
            .refused(wire::ErrorCode::ExposedInBrowser);
        assert_eq!(problem["help"]["language"], language);
        let code = problem["help"]["code"].as_str().unwrap();
        assert!(code.contains("/api/GetTemporaryToken") && code.contains("DAYPASS_TOKEN"));
        assert!(problem["detail"].as_str().unwrap().contains("/api/guides/"));
        for guide in problem["help"]["guides"].as_array().unwrap() {
            server
                .anonymous()
                .get(guide.as_str().unwrap())
                .send()
                .await
                .is(200);
        }
    }
    let other = server.anonymous().get("/api/WhoAmI").send().await;
    assert_eq!(other.refused(wire::ErrorCode::TokenMissing)["help"], Value::Null);
}

/// Values of our form, made by somebody else, in every text that is kept. An origin comes in lower case, so there is one
/// whose checksum is right in lower case too.
async fn planted_values_are_masked_and_lists_still_answer(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    let any = PlainToken::generate(Kind::Secret, 40, &SystemEntropy)
        .expose_in_strongroom()
        .to_owned();
    let lower = lower_case_value();
    assert!(holds_value(any.as_bytes()) && holds_value(lower.as_bytes()));
    let pass = crate::harness::mint(&server, &secret, json!({ "lifetime": 600 })).await;
    let read = verify("Press photos", "read");
    for value in [&any, &lower] {
        for origin in [
            format!("https://{value}.example"),
            format!("https://x.example/{value}"),
        ] {
            for credential in [&secret, &pass] {
                let page = server
                    .bearer(credential)
                    .with("origin", &origin)
                    .with("referer", &format!("{origin}/{value}/page.html?{value}"))
                    .with("user-agent", value)
                    .with("x-forwarded-for", value);
                page.get(&read).send().await;
                // A tab may stand in a header; what is kept has none.
                let (start, end) = value.split_at(20);
                let torn = server.bearer(credential).with("sec-fetch-dest", "image").with(
                    "referer",
                    &format!("https://torn.example/{start}\t{end}/page.html"),
                );
                torn.get(&read).send().await;
                let image = server.bearer(credential).with("sec-fetch-dest", "image").with(
                    "referer",
                    &format!("https://blog.example/{value}/page.html?{value}"),
                );
                image.get(&read).send().await;
            }
        }
        // A refusal that names the origin of whoever asks.
        let bound = json!({ "lifetime": 60, "origins": ["https://www.example.org"] });
        let bound = crate::harness::mint(&server, &secret, bound).await;
        let refused = server
            .bearer(&bound)
            .with("origin", &format!("https://{value}.example"));
        refused
            .get(&read)
            .send()
            .await
            .refused(wire::ErrorCode::OriginNotAllowed);
        // Text of ours is refused, not masked: somebody typed it.
        admin
            .patch(
                &token,
                json!({ "allowed_origins": [format!("https://{value}.example")] }),
            )
            .await
            .refused(wire::ErrorCode::InvalidRequest);
        let subject = json!({ "subject": format!("user {value}") });
        let mint = server
            .bearer(&secret)
            .post("/api/GetTemporaryToken")
            .json(&subject);
        mint.send().await.refused(wire::ErrorCode::InvalidRequest);
        admin
            .patch(&token, json!({ "note": format!("the old one was {value}") }))
            .await
            .refused(wire::ErrorCode::InvalidRequest);
    }
    server.flush().await;
    for path in [
        "/tokens?per_page=200",
        "/activity?per_page=200",
        "/alarms",
        "/overview",
        "/tokens/export?format=json",
        "/tokens/export?format=csv",
        &format!("/tokens/{}", token.id),
        &format!("/tokens/{}/usage", token.id),
    ] {
        let answer = admin.get(path).await.is(200);
        assert!(!holds_value(&answer.body), "{path}");
        assert!(!String::from_utf8_lossy(&answer.body).contains(&lower), "{path}");
    }
    let dump = server.place.dump().await;
    assert!(!holds_value(&dump), "nothing of it is stored");
    let pages: Vec<_> = admin
        .find(&token)
        .await
        .exposures
        .into_iter()
        .filter_map(|e| e.page)
        .collect();
    assert!(
        pages
            .iter()
            .any(|page| page == "https://blog.example/dps_…/page.html"),
        "{pages:?}"
    );
}

/// Nobody has to be signed in to make a document repeat what it was sent: that is no fault of ours to be logged.
async fn what_is_typed_into_documents_comes_back_masked(server: Server) {
    let value = PlainToken::generate(Kind::Secret, 40, &SystemEntropy)
        .expose_in_strongroom()
        .to_owned();
    let nobody = server.anonymous();
    let document = nobody.get(&format!("/setup?code={value}")).send().await.is(200);
    assert!(!document.text().contains(&value) && document.text().contains("dps_…"));
    let page = server.anonymous().with("origin", crate::harness::OWN);
    let typed = [("code", value.as_str()), ("name", &value), ("password", "short")];
    let document = page.post("/setup").form(&typed).send().await.is(422);
    assert!(!document.text().contains(&value));
    server.admin().await;
    let document = nobody.get(&format!("/login?next=/{value}")).send().await.is(200);
    assert_eq!(document.field("next"), "/");
    let typed = [("name", value.as_str()), ("password", "x"), ("next", &value)];
    for status in [401, 401, 401, 401, 401, 429] {
        let document = page.post("/login").form(&typed).send().await.is(status);
        assert!(!document.text().contains(&value) && document.text().contains("dps_…"));
    }
}

/// A value with a right checksum in which no letter is a capital.
fn lower_case_value() -> String {
    let checksum = |text: &str| String::from_utf8(scan::form::checksum(text.as_bytes()).to_vec()).unwrap();
    (0_u64..1_000_000)
        .map(|n| format!("dps_{n:040}"))
        .map(|text| format!("{text}{}", checksum(&text)))
        .find(|value| !value.bytes().any(|b| b.is_ascii_uppercase()))
        .unwrap()
}

async fn dealing_with_an_exposure(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    let page = server.bearer(&secret).with("origin", "https://blog.example");
    page.get("/api/WhoAmI").send().await.is(403);
    server.flush().await;
    let path = format!("/tokens/{}/deal-with-exposures", token.id);
    let done = json!({ "dealt_with": true, "reason": "Our own test page" });
    let view = admin.send("POST", &path, done.clone()).await.is(200).json();
    assert_eq!(view["exposures"][0]["dealt_with"]["by"], "Ingrid");
    assert_eq!(view["attention"], json!([]));
    let undone = json!({ "dealt_with": false });
    let view = admin.send("POST", &path, undone).await.is(200).json();
    assert_eq!(view["attention"], json!(["exposed"]));
    for wrong in [
        json!({}),
        json!({ "dealt_with": true, "reason": "x".repeat(501) }),
        json!({ "dealt_with": true, "reason": format!("dps_{}", "a".repeat(46)) }),
        json!({ "dealt_with": true, "version": 1 }),
    ] {
        admin.send("POST", &path, wrong).await.is(422);
    }
    server
        .bearer(&secret)
        .post(&format!("/api/admin/v1{path}"))
        .json(&done)
        .send()
        .await
        .is(401);
}

/// As every HTTP client of Rust that is built on hyper.
async fn a_server_written_in_rust_is_no_browser(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = server::http::service(server.app.clone(), server::http::Doors::All);
    let service = axum::ServiceExt::into_make_service_with_connect_info::<std::net::SocketAddr>(app);
    let serving = tokio::spawn(async move { axum::serve(listener, service).await });
    let client = reqwest::Client::new();
    let read = format!("http://{address}{}", verify("Press photos", "read"));
    let asked = client.get(read).bearer_auth(&secret).send().await.unwrap();
    let mint = format!("http://{address}/api/GetTemporaryToken");
    let minted = client.post(mint).bearer_auth(&secret).send().await.unwrap();
    assert_eq!((asked.status().as_u16(), minted.status().as_u16()), (204, 200));
    server.flush().await;
    assert!(admin.find(&token).await.exposures.is_empty());
    serving.abort();
}
