//! Secrets that are public: what scanners may ask, reports of others, and sites that are watched. The keys of reporters
//! and the sites are served by real servers on this machine.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use server::config::KeysUrl;
use wire::{ErrorCode, SiteView};

use crate::harness::{Admin, Answer, Server, ask_and_leave, on_both, site};

on_both![
    digests_are_asked_for_by_range,
    digests_are_not_asked_for_without_end,
    nobody_reports_where_nobody_may,
    a_signed_report_is_an_alarm,
    reports_that_are_not_believed,
    who_hangs_up_shuts_no_door,
    a_watched_site_is_searched,
    what_was_found_waits_for_the_database,
    sites_are_registered,
    private_sites_are_out_of_reach,
];

fn hex(bytes: &[u8]) -> String {
    let digit = |d: u8| char::from_digit(d.into(), 16).unwrap();
    bytes
        .iter()
        .flat_map(|b| [digit(b >> 4), digit(b & 15)])
        .collect()
}

fn sha256(value: &str) -> String {
    hex(digest(&SHA256, value.as_bytes()).as_ref())
}

async fn known(server: &Server, value: &str) -> Vec<Value> {
    let range = &sha256(value)[..5];
    let uri = format!("/api/TokenDigests?range={range}");
    let answer = server.anonymous().get(&uri).send().await.is(200);
    assert_eq!(answer.header("cache-control"), "no-store");
    answer.json()["digests"].as_array().unwrap().clone()
}

async fn digests_are_asked_for_by_range(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    let here = |live| json!({ "digest": sha256(&secret)[..8], "kind": "secret", "live": live });
    assert_eq!(known(&server, &secret).await, [here(true)]);
    assert!(known(&server, "dps_of_nobody").await.is_empty());
    admin.act(&token, "deactivate").await;
    assert_eq!(known(&server, &secret).await, [here(false)]);
    for wrong in ["", "abcd", "ABCDE", "abcdef", "xyzzy", &secret] {
        let uri = format!("/api/TokenDigests?range={wrong}");
        let answer = server.anonymous().get(&uri).send().await;
        answer.refused(ErrorCode::InvalidRequest);
        assert!(wrong.len() < 10 || !answer.text().contains(wrong));
    }
    admin.settings(json!({ "api_enabled": false })).await.is(200);
    let off = server
        .anonymous()
        .get("/api/TokenDigests?range=abcde")
        .send()
        .await;
    off.refused(ErrorCode::ApiDisabled);
    // Whatever is asked.
    for odd in ["/api/TokenDigests", "/api/TokenDigests?x=1"] {
        let off = server.anonymous().get(odd).send().await;
        off.refused(ErrorCode::ApiDisabled);
    }
}

async fn digests_are_not_asked_for_without_end(server: Server) {
    let ask = || server.anonymous().get("/api/TokenDigests?range=abcde").send();
    for _ in 0..60 {
        ask().await.is(200);
    }
    let answer = ask().await;
    answer.refused(ErrorCode::RateLimited);
    assert_eq!(answer.header("retry-after"), "1");
    server.clock.advance_seconds(1);
    ask().await.is(200);
    // What cannot be read is a question too.
    for _ in 0..2 {
        let odd = server.anonymous().get("/api/TokenDigests?x=1").send().await;
        odd.refused(ErrorCode::RateLimited);
    }
}

/// Somebody who reports: a key, and a server that publishes it.
struct Reporter {
    key: EcdsaKeyPair,
    url: KeysUrl,
    fetched: Arc<Mutex<u32>>,
    /// Whoever holds it makes those who fetch the keys wait.
    gate: Arc<tokio::sync::Mutex<()>>,
}

/// A server on this machine; it ends with the test's runtime.
async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("http://{address}")
}

impl Reporter {
    async fn new() -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let der = key.public_key().as_der().unwrap();
        let pem = format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
            STANDARD.encode(der.as_ref())
        );
        let list = json!({ "public_keys": [{ "key_identifier": "one", "key": pem, "is_current": true }] });
        let fetched = Arc::<Mutex<u32>>::default();
        let gate = Arc::<tokio::sync::Mutex<()>>::default();
        let closed = gate.clone();
        let router = Router::new()
            .route(
                "/keys",
                get(
                    async move |State(fetched): State<Arc<Mutex<u32>>>, headers: HeaderMap| {
                        // As api.github.com answers whoever does not say who asks.
                        let agent = headers
                            .get(header::USER_AGENT)
                            .and_then(|agent| agent.to_str().ok());
                        if !agent.is_some_and(|agent| agent.starts_with("daypass/")) {
                            return StatusCode::FORBIDDEN.into_response();
                        }
                        *fetched.lock().unwrap() += 1;
                        drop(closed.lock().await);
                        axum::Json(list).into_response()
                    },
                ),
            )
            .with_state(fetched.clone());
        let url = KeysUrl::parse(&format!("{}/keys", serve(router).await)).unwrap();
        Self {
            key,
            url,
            fetched,
            gate,
        }
    }

    fn sign(&self, body: &str) -> String {
        let signature = self.key.sign(&SystemRandom::new(), body.as_bytes()).unwrap();
        STANDARD.encode(signature.as_ref())
    }

    async fn hear(&self, server: &Server) -> Server {
        let hearing = server::http::app::Site {
            report_keys: Some(self.url.clone()),
            ..site()
        };
        server.restarted_as(hearing).await
    }
}

async fn report(server: &Server, identifier: &str, signature: &str, body: &str) -> Answer {
    let reporter = server
        .anonymous()
        .with("github-public-key-identifier", identifier)
        .with("github-public-key-signature", signature);
    reporter.post("/api/ReportLeakedToken").body(body).send().await
}

fn leak(token: &str, url: &str) -> Value {
    json!({ "token": token, "type": "daypass_token", "url": url, "source": "commit" })
}

async fn nobody_reports_where_nobody_may(server: Server) {
    let reporter = Reporter::new().await;
    let body = json!([leak("dps_x", "")]).to_string();
    report(&server, "one", &reporter.sign(&body), &body)
        .await
        .refused(ErrorCode::NotFound);
    assert_eq!(*reporter.fetched.lock().unwrap(), 0);
}

async fn alarms(admin: &Admin<'_>, action: &str) -> usize {
    let list = admin.get("/activity?per_page=200").await.is(200).json();
    let items = list["items"].as_array().unwrap();
    items.iter().filter(|e| e["action"] == action).count()
}

async fn a_signed_report_is_an_alarm(server: Server) {
    let reporter = Reporter::new().await;
    let server = reporter.hear(&server).await;
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    let url = format!("https://github.example/a/b/blob/main/{secret}/x.js?token={secret}#L1");
    let body = json!([leak(&secret, &url), leak("dps_unknown", "")]).to_string();
    let signature = reporter.sign(&body);
    let answer = report(&server, "one", &signature, &body).await.is(200);
    assert_eq!(
        answer.json(),
        json!([
            { "token_hash": sha256(&secret), "token_type": "daypass_token", "label": "true_positive" },
            { "token_hash": sha256("dps_unknown"), "token_type": "daypass_token", "label": "false_positive" },
        ])
    );
    assert!(!answer.text().contains(&secret));
    let exposures = admin.find(&token).await.exposures;
    assert_eq!(exposures.len(), 1);
    assert_eq!(exposures[0].door, wire::Door::Report);
    assert_eq!(
        exposures[0].place.as_deref(),
        Some("https://github.example/a/b/blob/main/dps_…/x.js")
    );
    assert_eq!(exposures[0].origin.as_deref(), Some("https://github.example"));
    assert_eq!(alarms(&admin, "leak.reported").await, 1);
    // The same report once more says nothing new.
    report(&server, "one", &signature, &body).await.is(200);
    let again = admin.find(&token).await;
    assert_eq!((again.exposures.len(), again.exposures[0].count), (1, 2));
    assert_eq!(alarms(&admin, "leak.reported").await, 1);
    assert_eq!(*reporter.fetched.lock().unwrap(), 1, "the keys are kept");
    // It is a hint and no authority: the token works.
    assert_eq!(again.status, wire::Status::Active);
}

async fn reports_that_are_not_believed(server: Server) {
    let reporter = Reporter::new().await;
    let server = reporter.hear(&server).await;
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    let body = json!([leak(&secret, "https://a.example/x")]).to_string();
    let signature = reporter.sign(&body);
    let other = Reporter::new().await;
    for (identifier, signature, body) in [
        ("one", other.sign(&body).as_str(), body.as_str()),
        ("one", &signature, &body.replace("/x", "/y")),
        ("one", "nonsense", &body),
        ("one", "", &body),
        ("two", &signature, &body),
        ("", &signature, &body),
    ] {
        report(&server, identifier, signature, body)
            .await
            .refused(ErrorCode::Forbidden);
    }
    let unsigned = server
        .anonymous()
        .post("/api/ReportLeakedToken")
        .body(body.as_str());
    unsigned.send().await.refused(ErrorCode::Forbidden);
    // Unknown keys do not make us ask again and again.
    assert_eq!(*reporter.fetched.lock().unwrap(), 1);
    let huge = format!("[{}]", " ".repeat(1024 * 1024));
    report(&server, "one", &reporter.sign(&huge), &huge).await.is(413);
    for wrong in ["{}", "nonsense", &format!("[{{\"token\":7,\"x\":\"{secret}\"}}]")] {
        let answer = report(&server, "one", &reporter.sign(wrong), wrong).await;
        answer.refused(ErrorCode::InvalidRequest);
        assert!(!answer.text().contains(&secret));
    }
    assert!(admin.find(&token).await.exposures.is_empty());
    assert_eq!(alarms(&admin, "leak.reported").await, 0);
}

/// A stranger makes the keys be fetched and does not wait for them.
async fn who_hangs_up_shuts_no_door(server: Server) {
    let reporter = Reporter::new().await;
    let server = reporter.hear(&server).await;
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    let closed = reporter.gate.lock().await;
    let stranger = server
        .anonymous()
        .with("github-public-key-identifier", "one")
        .with("github-public-key-signature", "AAAA");
    ask_and_leave(stranger.post("/api/ReportLeakedToken").body("[]").into_future()).await;
    drop(closed);
    let body = json!([leak(&secret, "https://a.example/x")]).to_string();
    report(&server, "one", &reporter.sign(&body), &body).await.is(200);
    assert_eq!(admin.find(&token).await.exposures.len(), 1);
    assert_eq!(
        *reporter.fetched.lock().unwrap(),
        1,
        "they were fetched all the same"
    );
}

/// A server to which sites of this machine are within reach.
async fn reaching(server: &Server) -> Server {
    let everywhere = server::http::app::Site {
        sites_reach: scan::Reach::Everywhere,
        ..site()
    };
    server.restarted_as(everywhere).await
}

/// Waits for the end of a search that somebody asked for.
async fn searched(admin: &Admin<'_>, id: &str) -> Value {
    for _ in 0..500 {
        let list = admin.get("/sites").await.is(200).json();
        let site = list
            .as_array()
            .unwrap()
            .iter()
            .find(|s| s["id"] == id)
            .unwrap()
            .clone();
        if site["searching"] == false && !site["last_search"].is_null() {
            return site["last_search"].clone();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the search has no end");
}

/// A site is searched once a day: what was found while the database failed is not lost.
async fn what_was_found_waits_for_the_database(server: Server) {
    let server = reaching(&server).await;
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    let page = format!("<p>{secret}</p>");
    let origin = serve(Router::new().route("/", get(async || axum::response::Html(page)))).await;
    let site: SiteView = admin
        .send("POST", "/sites", json!({ "origin": origin }))
        .await
        .is(201)
        .read();
    server.place.alter("ALTER TABLE exposures RENAME TO away").await;
    server.app.search_site(&site.id).await.unwrap();
    // Nor does what a request brings.
    let browser = server.bearer(&secret).with("origin", "https://blog.example");
    browser
        .get("/api/WhoAmI")
        .send()
        .await
        .refused(ErrorCode::ExposedInBrowser);
    let written = server::jobs::flush(&server.app.store, &server.app.index, &server.app.exposures).await;
    assert!(written.is_err());
    server.place.alter("ALTER TABLE away RENAME TO exposures").await;
    server.flush().await;
    let exposures = admin.find(&token).await.exposures;
    let mut doors: Vec<_> = exposures.iter().map(|e| e.door.as_str()).collect();
    doors.sort_unstable();
    assert_eq!(doors, ["browser", "site"]);
    let list = admin.get("/sites").await.json();
    assert_eq!(list[0]["last_search"]["total"], 1, "the result is kept");
}

async fn a_watched_site_is_searched(server: Server) {
    let server = reaching(&server).await;
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    let script = format!("\nconst key = \"{secret}\";");
    let origin = serve(
        Router::new()
            .route(
                "/",
                get(async || axum::response::Html("<script src=/app.js></script>")),
            )
            .route(
                "/app.js",
                get(async move || ([("content-type", "text/javascript")], script)),
            ),
    )
    .await;
    let site: SiteView = admin
        .send("POST", "/sites", json!({ "origin": origin }))
        .await
        .is(201)
        .read();
    let begun = admin
        .api("POST", &format!("/sites/{}/search", site.id))
        .send()
        .await
        .is(202);
    assert_eq!(begun.json()["searching"], true);
    let found = searched(&admin, site.id.as_str()).await;
    assert_eq!(found["failure"], Value::Null);
    assert_eq!(
        found["findings"],
        json!([{
            "place": format!("{origin}/app.js"), "line": 2, "kind": "secret", "hint": token_hint(&secret),
            "token": { "id": token.id, "name": token.name },
        }])
    );
    let exposures = admin.find(&token).await.exposures;
    assert_eq!(exposures.len(), 1);
    assert_eq!(
        (exposures[0].door, exposures[0].place.as_deref()),
        (wire::Door::Site, Some(&*format!("{origin}/app.js")))
    );
    assert_eq!(alarms(&admin, "site.leak_found").await, 1);
    // By itself only where the setting says so, and once a day.
    server.clock.advance_seconds(86_400);
    // Sessions are over by then.
    let admin = server.admin_named("Kari").await;
    server.app.search_due_sites().await.unwrap();
    assert_eq!(admin.find(&token).await.exposures[0].count, 1);
    admin.settings(json!({ "watch_sites": true })).await.is(200);
    for _ in 0..2 {
        server.app.search_due_sites().await.unwrap();
        assert_eq!(admin.find(&token).await.exposures[0].count, 2);
    }
    // One of a token that is switched off exposes nothing either, however often somebody deals with it.
    server.clock.advance_seconds(86_400);
    let admin = server.admin_named("Per").await;
    admin.act(&token, "deactivate").await;
    let path = format!("/tokens/{}/deal-with-exposures", token.id);
    let done = json!({ "dealt_with": true, "reason": "It is off" });
    admin.send("POST", &path, done).await.is(200);
    let told = alarms(&admin, "site.leak_found").await;
    server.app.search_due_sites().await.unwrap();
    assert_eq!(admin.find(&token).await.exposures[0].count, 2);
    assert_eq!(alarms(&admin, "site.leak_found").await, told);
    admin.act(&token, "activate").await;
    // A secret that works no more still stands there, and exposes nothing.
    server.clock.advance_seconds(86_400);
    let admin = server.admin_named("Olav").await;
    admin.secret(&token, 0).await;
    server.app.search_due_sites().await.unwrap();
    let after = admin.find(&token).await;
    assert_eq!(after.exposures[0].count, 2);
    let list = admin.get("/sites").await.json();
    assert_eq!(list[0]["last_search"]["total"], 1);
}

fn token_hint(secret: &str) -> String {
    format!("{}…{}", &secret[..8], &secret[secret.len() - 2..])
}

async fn sites_are_registered(server: Server) {
    let admin = server.admin().await;
    let site: SiteView = admin
        .send("POST", "/sites", json!({ "origin": "https://a.example/" }))
        .await
        .is(201)
        .read();
    assert_eq!(site.origin.as_str(), "https://a.example");
    let twice = admin
        .send("POST", "/sites", json!({ "origin": "https://A.example" }))
        .await;
    twice.refused_field("origin", "duplicate");
    let value = format!("https://dps_{}.example", "a".repeat(46));
    for wrong in ["a.example", "https://a.example/path", "ftp://a.example", &value] {
        admin
            .send("POST", "/sites", json!({ "origin": wrong }))
            .await
            .refused(ErrorCode::InvalidRequest);
    }
    let path = format!("/sites/{}", site.id);
    let paused = admin
        .send("PATCH", &path, json!({ "version": 1, "paused": true }))
        .await
        .is(200);
    assert_eq!(paused.json()["paused"], true);
    admin
        .send("PATCH", &path, json!({ "version": 1, "paused": false }))
        .await
        .refused(ErrorCode::Conflict);
    admin.api("DELETE", &path).send().await.is(204);
    admin
        .api("DELETE", &path)
        .send()
        .await
        .refused(ErrorCode::NotFound);
    admin
        .api("POST", &format!("{path}/search"))
        .send()
        .await
        .refused(ErrorCode::NotFound);
    assert_eq!(admin.get("/sites").await.json(), json!([]));
}

async fn private_sites_are_out_of_reach(server: Server) {
    let admin = server.admin().await;
    let asked = Arc::<Mutex<u32>>::default();
    let router = Router::new()
        .route(
            "/",
            get(async |State(asked): State<Arc<Mutex<u32>>>| {
                *asked.lock().unwrap() += 1;
                "inside"
            }),
        )
        .with_state(asked.clone());
    let origin = serve(router).await;
    for origin in [origin.clone(), origin.replace("127.0.0.1", "localhost")] {
        let site: SiteView = admin
            .send("POST", "/sites", json!({ "origin": origin }))
            .await
            .is(201)
            .read();
        admin
            .api("POST", &format!("/sites/{}/search", site.id))
            .send()
            .await
            .is(202);
        let found = searched(&admin, site.id.as_str()).await;
        assert_eq!(found["failure"], "its address is not a public one");
    }
    assert_eq!(*asked.lock().unwrap(), 0);
}
