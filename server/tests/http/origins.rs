//! Whose pages may change anything: the `Origin` rules, the host name, and methods that an address does not have.

use serde_json::json;
use wire::ErrorCode;

use crate::harness::{OWN, Server, on_both, site};
use crate::leak::ROUTES;

on_both![
    changes_need_our_own_origin,
    reading_from_another_site_is_refused,
    another_host_name_is_told_how_to_set_up_tls,
    behind_tls_any_name_is_answered,
    every_refusal_is_a_problem,
    every_answer_has_rules,
];

async fn changes_need_our_own_origin(server: Server) {
    let admin = server.admin().await;
    let (token, _) = admin.usual().await;
    let bare = admin.0.clone().without("origin");
    let id = &token.id;
    let handover = format!("/api/admin/v1/tokens/{id}/handover");
    let sign_in = &[("name", "x"), ("password", "x")][..];
    let paths = [
        (handover.clone(), &[][..]),
        ("/logout".to_owned(), &[]),
        ("/login".to_owned(), sign_in),
        (format!("/strongroom/{id}"), &[("ticket", "x")]),
        (
            format!("/strongroom/{id}/import"),
            &[("ticket", "x"), ("key", "x")],
        ),
        ("/setup".to_owned(), sign_in),
    ];
    let send = |persona: &crate::harness::Persona<'_>, path: &str, fields: &[(&str, &str)]| {
        let call = persona.post(path);
        if fields.is_empty() {
            call
        } else {
            call.form(fields)
        }
    };
    for (path, fields) in &paths {
        let foreign = [
            bare.clone().with("origin", "http://127.0.0.1:9090"),
            bare.clone().with("origin", "https://127.0.0.1:8080"),
            bare.clone().with("origin", "http://127.0.0.1:8080.evil.example"),
            bare.clone()
                .with("origin", "https://evil.example")
                .with("sec-fetch-site", "same-origin"),
            bare.clone()
                .with("origin", OWN)
                .with("origin", "https://evil.example"),
            bare.clone(),
            bare.clone().with("sec-fetch-site", "same-site"),
            bare.clone().with("sec-fetch-site", "none"),
        ];
        for persona in foreign {
            let answer = send(&persona, path, fields).send().await.is(403);
            if path.starts_with("/api") {
                answer.refused(ErrorCode::Forbidden);
            }
        }
        if !path.ends_with("/import") {
            let null = bare.clone().with("origin", "null");
            send(&null, path, fields).send().await.is(403);
        }
    }
    let path = &handover;
    bare.clone()
        .with("sec-fetch-site", "same-origin")
        .post(path)
        .send()
        .await
        .is(201);
    let null = bare
        .clone()
        .with("origin", "null")
        .with("sec-fetch-site", "same-origin");
    null.post(path).send().await.is(201);
    bare.clone()
        .with("origin", "http://localhost:8080")
        .post(path)
        .send()
        .await
        .is(201);
    for method in ["PATCH", "DELETE"] {
        let answer = bare
            .ask(method, &format!("/api/admin/v1/tokens/{id}"))
            .json(&json!({}))
            .send()
            .await;
        answer.refused(ErrorCode::Forbidden);
    }
}

async fn reading_from_another_site_is_refused(server: Server) {
    let admin = server.admin().await;
    let reader = admin.0.clone().without("origin");
    for (site, status) in [
        ("same-origin", 200),
        ("none", 200),
        ("same-site", 403),
        ("cross-site", 403),
    ] {
        let answer = reader
            .get("/api/admin/v1/tokens")
            .with("sec-fetch-site", site)
            .send()
            .await;
        answer.is(status);
    }
    // No answer invites another origin's script.
    let answer = reader
        .get("/api/admin/v1/tokens")
        .with("origin", "https://evil.example")
        .send()
        .await;
    assert!(!answer.headers.contains_key("access-control-allow-origin"));
}

async fn another_host_name_is_told_how_to_set_up_tls(server: Server) {
    let there = server.anonymous().with("host", "daypass.example.org");
    for path in ["/", "/login", "/setup", "/tokens"] {
        let answer = there.get(path).send().await.is(421);
        assert!(answer.text().contains("public_url"), "{}", answer.text());
    }
    there
        .get("/api/admin/v1/tokens")
        .send()
        .await
        .refused(ErrorCode::Forbidden);
    // What programs call works under every name.
    there.get("/health").send().await.is(200);
    there.get("/.well-known/jwks.json").send().await.is(200);
    there
        .get("/api/WhoAmI")
        .send()
        .await
        .refused(ErrorCode::TokenMissing);
}

async fn behind_tls_any_name_is_answered(server: Server) {
    let mut tls = site();
    tls.issuer = wire::Origin::parse("https://daypass.example.org").unwrap();
    tls.own_origins = vec![tls.issuer.clone()];
    let server = server.restarted_as(tls).await;
    let people = server.anonymous().with("host", "daypass:8080");
    people.get("/setup").send().await.is(200);
    people
        .post("/login")
        .with("origin", OWN)
        .form(&[("password", "x")])
        .send()
        .await
        .is(403);
    let ours = people
        .post("/login")
        .with("origin", "https://daypass.example.org");
    ours.form(&[("name", "x"), ("password", "x")])
        .send()
        .await
        .is(401);
}

async fn every_refusal_is_a_problem(server: Server) {
    let admin = server.admin().await;
    for (method, path) in [
        ("PUT", "/api/admin/v1/tokens"),
        ("GET", "/api/admin/v1/tokens/01JNA4B1PD0000000000000000/handover"),
        ("PUT", "/api/GetTemporaryToken"),
        ("DELETE", "/api/WhoAmI"),
        ("PUT", "/verify"),
        ("DELETE", "/login"),
        ("GET", "/logout"),
        ("PUT", "/strongroom/01JNA4B1PD0000000000000000"),
        ("POST", "/tokens"),
        ("POST", "/health"),
        ("POST", "/.well-known/jwks.json"),
    ] {
        let answer = admin.0.ask(method, path).send().await;
        answer.refused_as(405, ErrorCode::NotFound);
    }
    for path in [
        "/api/admin/v1/nothing",
        "/api/nothing",
        "/api/gettemporarytoken",
        "/nothing",
        "/verify/x",
    ] {
        admin.0.get(path).send().await.refused(ErrorCode::NotFound);
    }
    let page = admin
        .0
        .get("/nothing")
        .with("accept", "text/html")
        .send()
        .await
        .is(404);
    assert!(page.header("content-type").starts_with("text/html"));
    // Ids in answers lead to the log; they are ours, whatever the client sends.
    let answer = admin
        .0
        .get("/api/admin/v1/tokens/nothing")
        .with("x-request-id", "planted")
        .send()
        .await;
    let id = answer.json()["request_id"].as_str().unwrap().to_owned();
    assert_eq!(answer.header("x-request-id"), id);
    assert_ne!(id, "planted");
    assert_eq!(id.len(), 26);
}

/// What is no page of its own is a document all the same where a frame shows it: one of our origin, in which nothing
/// may run.
async fn every_answer_has_rules(server: Server) {
    const POLICY: &str = "content-security-policy";
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    // Where there is no body there is nothing to have rules for.
    let yes = server.may_read(&secret, "Press photos").await.is(204);
    assert!(!yes.headers.contains_key(POLICY));
    let not_there = ["GET /assets/none.js", "DELETE /health", "PUT /api/WhoAmI"];
    for route in ROUTES.iter().copied().chain(not_there) {
        let (method, path) = route.split_once(' ').unwrap();
        let path: String = path
            .split('/')
            .map(|part| {
                if part.starts_with('{') {
                    token.id.as_str()
                } else {
                    part
                }
            })
            .collect::<Vec<_>>()
            .join("/");
        for persona in [server.anonymous(), server.admin().await.0, server.bearer(&secret)] {
            for accept in ["*/*", "text/html"] {
                let answer = persona
                    .clone()
                    .with("accept", accept)
                    .ask(method, &path)
                    .send()
                    .await;
                let rules = answer.header(POLICY);
                let what = format!("{route} {} {rules}", answer.status);
                if answer.body.is_empty() {
                    continue;
                }
                assert!(rules.starts_with("default-src 'none'"), "{what}");
                assert!(rules.contains("frame-ancestors"), "{what}");
                // A binary that was built without the app has a text in the place of its page.
                let is_page = answer.header("content-type").starts_with("text/html")
                    || rules.contains("worker-src 'none'");
                if !is_page {
                    assert_eq!(
                        rules, "default-src 'none'; frame-ancestors 'none'; sandbox",
                        "{what}"
                    );
                }
            }
        }
    }
    let health = server.anonymous().get("/health").send().await.is(200);
    assert!(!health.body.is_empty() && health.headers.contains_key(POLICY));
}
