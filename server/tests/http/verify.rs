//! `/verify`: the protected API's question, from a proxy and from a program.

use std::net::Ipv4Addr;

use serde_json::{Value, json};
use server::config::ProxyHeaders;
use wire::ErrorCode;

use crate::harness::{Answer, OWN, Server, mint, on_both, site, verify};

on_both![
    of_two_origins_none_is_believed,
    allowed_and_described,
    a_yes_is_the_status_that_is_asked_for,
    every_way_to_send_a_token,
    two_different_tokens,
    tokens_in_urls,
    the_browser_rule,
    exposures_are_recorded_once_and_counted,
    a_proxy_gets_no_body,
    only_the_trusted_family_is_believed,
    preflights_pass_only_where_switched_on,
    path_rules_say_what_a_request_needs,
    exposures_are_noticed_where_the_question_is_refused,
    the_clients_address,
    questions_that_are_wrong,
    rate_limits,
    one_visitor_leaves_something_to_others,
    an_address_of_its_own,
];

fn read() -> String {
    verify("Press photos", "read")
}

#[track_caller]
fn described(answer: &Answer, expected: &[(&str, &str)]) {
    let mut found: Vec<(&str, &str)> = answer
        .headers
        .iter()
        .filter_map(|(n, v)| Some((n.as_str().strip_prefix("x-daypass-")?, v.to_str().unwrap())))
        .collect();
    found.sort_unstable();
    // Interfaces stand there in no order that means anything.
    let mut interfaces: Vec<&str> = answer.header("x-daypass-interfaces").split(',').collect();
    interfaces.sort_unstable();
    let interfaces = interfaces.join(",");
    found[0].1 = &interfaces;
    assert_eq!(found, expected);
    assert!(answer.body.is_empty());
    assert_eq!(answer.header("cache-control"), "no-store");
}

async fn allowed_and_described(server: Server) {
    let admin = server.admin().await;
    let body = json!({ "name": "Blåbær, 100%", "grants": [
        { "interface": "Press photos", "permissions": ["read", "upload"] },
        { "interface": "Ærø/Film, 2", "permissions": ["read"] },
    ] });
    let (token, secret) = admin.active(body).await;
    let id = token.id.to_string();
    let name = "Bl%C3%A5b%C3%A6r%2C%20100%25";
    let interfaces = "%C3%86r%C3%B8%2FFilm%2C%202,Press%20photos";
    for method in ["GET", "HEAD", "POST"] {
        let answer = server.bearer(&secret).ask(method, &read()).send().await.is(204);
        described(
            &answer,
            &[
                ("interfaces", interfaces),
                ("permissions", "read,upload"),
                ("token-id", &id),
                ("token-kind", "secret"),
                ("token-name", name),
            ],
        );
    }
    let pass = mint(
        &server,
        &secret,
        json!({ "interfaces": ["Ærø/Film, 2"], "subject": "anna@example.org" }),
    )
    .await;
    let answer = server.may_read(&pass, "ÆRØ/film, 2").await.is(204);
    described(
        &answer,
        &[
            ("interfaces", "%C3%86r%C3%B8%2FFilm%2C%202"),
            ("permissions", "read"),
            ("subject", "anna%40example.org"),
            ("token-id", &id),
            ("token-kind", "temporary"),
            ("token-name", name),
        ],
    );
    let refused = server
        .bearer(&secret)
        .get(&verify("Press photos", "delete"))
        .send()
        .await;
    let problem = refused.refused(ErrorCode::PermissionNotGranted);
    assert_eq!(
        problem["missing"],
        json!([{ "interface": "Press photos", "permissions": ["delete"] }])
    );
    assert_eq!(
        refused.header("www-authenticate"),
        "Bearer realm=\"Daypass\", error=\"insufficient_scope\", scope=\"Press%20photos:delete\""
    );
    assert_eq!(refused.header("x-daypass-code"), "permission_not_granted");
    assert!(!refused.headers.contains_key("x-daypass-token-name"));
    let head = server.anonymous().ask("HEAD", &read()).send().await.is(401);
    assert_eq!(head.header("x-daypass-code"), "token_missing");
    assert_eq!(head.header("www-authenticate"), "Bearer realm=\"Daypass\"");
    assert!(head.body.is_empty());
}

/// Envoy takes nothing but 200 for a yes.
async fn a_yes_is_the_status_that_is_asked_for(server: Server) {
    let admin = server.admin().await;
    let (_, secret) = admin.usual().await;
    for (status, answered) in [("200", 200), ("204", 204), ("", 204)] {
        for method in ["GET", "HEAD", "POST"] {
            let asked = format!("{}&status={status}", read());
            let answer = server.bearer(&secret).ask(method, &asked).send().await;
            let answer = answer.is(answered);
            assert!(answer.body.is_empty());
            assert_eq!(answer.header("x-daypass-token-name"), "WordPress");
        }
    }
    // A refusal has its own.
    let asked = format!("{}&status=200", verify("Press photos", "delete"));
    server.bearer(&secret).get(&asked).send().await.is(403);
    let rule = json!({ "path": "/press/*", "interface": "Press photos", "permission": "read" });
    let settings = json!({ "path_rules": [rule], "forward_preflight": true });
    admin.settings(settings).await.is(200);
    let by_path = server
        .proxy()
        .with("authorization", &format!("Bearer {secret}"))
        .with("x-original-uri", "/press/1.jpg")
        .with("x-original-method", "GET");
    by_path.get("/verify?status=200").send().await.is(200);
    let preflight = server
        .proxy()
        .with("x-original-uri", "/press/1.jpg")
        .with("x-original-method", "OPTIONS")
        .with("origin", "https://blog.example")
        .with("access-control-request-method", "GET");
    preflight.get("/verify?status=200").send().await.is(200);
}

async fn every_way_to_send_a_token(server: Server) {
    let admin = server.admin().await;
    let (_, secret) = admin.usual().await;
    let pass = mint(&server, &secret, json!({})).await;
    for credential in [&secret, &pass] {
        for (name, value) in [
            ("authorization", format!("Bearer {credential}")),
            ("authorization", format!("bearer {credential}")),
            ("authorization", format!("BEARER   {credential} ")),
            ("token", credential.clone()),
            ("x-api-key", credential.clone()),
        ] {
            server
                .anonymous()
                .with(name, &value)
                .get(&read())
                .send()
                .await
                .is(204);
        }
    }
    for name in ["token", "apikey"] {
        server
            .anonymous()
            .get(&format!("{}&{name}={pass}", read()))
            .send()
            .await
            .is(204);
        let original = format!("/photos/1.jpg?size=2&{name}={pass}");
        server
            .proxy()
            .with("x-original-uri", &original)
            .get(&read())
            .send()
            .await
            .is(204);
    }
    // Beside another scheme, and the same one twice.
    server
        .anonymous()
        .with("authorization", "Basic YTpi")
        .with("token", &secret)
        .get(&read())
        .send()
        .await
        .is(204);
    server
        .bearer(&secret)
        .with("token", &secret)
        .get(&read())
        .send()
        .await
        .is(204);
    for persona in [
        server.anonymous(),
        server.anonymous().with("authorization", "Bearer"),
        server.anonymous().with("token", ""),
        server.anonymous().with("cookie", &format!("token={secret}")),
    ] {
        persona.get(&read()).send().await.refused(ErrorCode::TokenMissing);
    }
    server
        .anonymous()
        .post(&read())
        .form(&[("token", &pass)])
        .send()
        .await
        .refused(ErrorCode::TokenMissing);
}

async fn two_different_tokens(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    let newer = admin.secret(&token, 60).await;
    let pass = mint(&server, &secret, json!({})).await;
    for persona in [
        server.bearer(&secret).with("token", &newer),
        server.bearer(&secret).with("x-api-key", &pass),
        server
            .bearer(&secret)
            .with("authorization", &format!("Bearer {newer}")),
        server
            .anonymous()
            .with("token", &secret)
            .with("token", "nonsense"),
    ] {
        persona
            .get(&read())
            .send()
            .await
            .refused(ErrorCode::TokenMalformed);
    }
    server
        .bearer(&secret)
        .get(&format!("{}&token={pass}", read()))
        .send()
        .await
        .refused(ErrorCode::TokenMalformed);
    let proxied = server
        .proxy()
        .with("x-original-uri", &format!("/a?token={pass}"))
        .with("token", &newer);
    let answer = proxied.get(&read()).send().await.is(401);
    assert_eq!(answer.header("x-daypass-code"), "token_malformed");
    for odd in ["\u{e4}\u{f6}", "dps_short", "dps_ÄÖÜ"] {
        server
            .anonymous()
            .with("token", odd)
            .get(&read())
            .send()
            .await
            .refused(ErrorCode::TokenMalformed);
    }
}

async fn tokens_in_urls(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    let own = format!("{}&token={secret}", read());
    let answer = server.anonymous().get(&own).send().await;
    answer.refused(ErrorCode::TokenInUrl);
    let original = server
        .proxy()
        .with("x-original-uri", &format!("/1.jpg?apikey={secret}"))
        .with("referer", "https://blog.example/post");
    let answer = original.get(&read()).send().await.is(401);
    assert_eq!(answer.header("x-daypass-code"), "token_in_url");
    // The header beside it makes nothing good: the URL stands in logs by now.
    server
        .bearer(&secret)
        .get(&own)
        .send()
        .await
        .refused(ErrorCode::TokenInUrl);
    server.flush().await;
    let exposures = serde_json::to_value(admin.find(&token).await.exposures).unwrap();
    let mut seen: Vec<(Value, Value)> = exposures
        .as_array()
        .unwrap()
        .iter()
        .map(|e| (e["origin"].clone(), e["count"].clone()))
        .collect();
    seen.sort_by_key(|(origin, _)| origin.to_string());
    assert_eq!(
        seen,
        [(json!("https://blog.example"), json!(1)), (Value::Null, json!(2))]
    );
    assert!(exposures.as_array().unwrap().iter().all(|e| e["door"] == "url"));
    // Evidence switches nothing off.
    server.may_read(&secret, "Press photos").await.is(204);
    admin
        .settings(json!({ "allow_token_in_url": true }))
        .await
        .is(200);
    server.anonymous().get(&own).send().await.is(204);
    original.get(&read()).send().await.is(204);
    let page = server.anonymous().with("origin", "https://blog.example");
    page.get(&own).send().await.refused(ErrorCode::ExposedInBrowser);
}

async fn the_browser_rule(server: Server) {
    let admin = server.admin().await;
    let (_, secret) = admin.usual().await;
    let pass = mint(&server, &secret, json!({})).await;
    for (name, value) in [
        ("origin", "https://blog.example"),
        ("origin", "null"),
        ("origin", OWN),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-origin"),
        ("sec-fetch-dest", "image"),
        ("sec-fetch-dest", "empty"),
    ] {
        let browser = server.bearer(&secret).with(name, value);
        browser
            .get(&read())
            .send()
            .await
            .refused(ErrorCode::ExposedInBrowser);
        browser
            .get("/api/WhoAmI")
            .send()
            .await
            .refused(ErrorCode::ExposedInBrowser);
        server
            .bearer(&pass)
            .with(name, value)
            .get(&read())
            .send()
            .await
            .is(204);
    }
    // Node's fetch sends the mode from servers; programs may send a referer.
    for (name, value) in [
        ("sec-fetch-mode", "cors"),
        ("referer", "https://blog.example/"),
        ("user-agent", "Mozilla/5.0"),
    ] {
        server
            .bearer(&secret)
            .with(name, value)
            .get(&read())
            .send()
            .await
            .is(204);
    }
    // Refused as exposed even when it would be refused anyway: the evidence counts.
    let (token, other) = admin.active(json!({ "name": "Off" })).await;
    admin.act(&token, "deactivate").await;
    let browser = server.bearer(&other).with("origin", "https://blog.example");
    browser
        .get(&read())
        .send()
        .await
        .refused(ErrorCode::ExposedInBrowser);
    server.flush().await;
    assert_eq!(admin.find(&token).await.exposures.len(), 1);
}

async fn exposures_are_recorded_once_and_counted(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    let page = server.bearer(&secret).with("origin", "https://blog.example");
    for _ in 0..3 {
        page.get(&read()).send().await.is(403);
    }
    server.flush().await;
    server.clock.advance_seconds(5);
    page.get("/api/WhoAmI").send().await.is(403);
    server.flush().await;
    let found = admin.find(&token).await;
    assert_eq!(
        serde_json::to_value(&found.exposures).unwrap(),
        json!([{
            "door": "browser", "secret_id": found.secrets[0].id, "origin": "https://blog.example",
            "page": "https://blog.example", "place": null, "address": "203.0.113.9", "dealt_with": null,
            "first_seen_at": "2026-03-01T12:00:00.000Z",
            "last_seen_at": "2026-03-01T12:00:05.000Z", "count": 4,
        }])
    );
    assert_eq!(
        found.status.as_str(),
        "active",
        "header evidence never switches a token off"
    );
    server.may_read(&secret, "Press photos").await.is(204);
    let list = admin.get("/activity").await.json();
    let entries = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|i| i["action"] == "exposure.recorded")
        .count();
    assert_eq!(entries, 1);
}

async fn a_proxy_gets_no_body(server: Server) {
    let admin = server.admin().await;
    let (_, secret) = admin.usual().await;
    for header in ["x-original-uri", "x-forwarded-uri"] {
        let proxy = server.proxy().with(header, "/photos/1.jpg");
        for (credential, question, status, code) in [
            ("", read(), 401, "token_missing"),
            ("nonsense", read(), 401, "token_unknown"),
            (
                &secret,
                verify("Press photos", "delete"),
                403,
                "permission_not_granted",
            ),
            (&secret, verify("Films", "read"), 403, "interface_not_granted"),
            (&secret, "/verify".to_owned(), 422, "invalid_request"),
        ] {
            let answer = proxy
                .clone()
                .with("token", credential)
                .get(&question)
                .send()
                .await
                .is(status);
            assert!(answer.body.is_empty());
            assert_eq!(answer.header("x-daypass-code"), code);
            assert!(!answer.headers.contains_key("content-type"));
            assert!(matches!(answer.header("content-length"), "" | "0"));
            assert_eq!(
                answer.headers.contains_key("www-authenticate"),
                status != 403 || code.ends_with("granted")
            );
        }
        proxy.with("token", &secret).get(&read()).send().await.is(204);
    }
}

async fn only_the_trusted_family_is_believed(server: Server) {
    let admin = server.admin().await;
    let (_, secret) = admin.usual().await;
    let pass = mint(&server, &secret, json!({})).await;
    let uri = format!("/1.jpg?token={pass}");
    let code = async |persona: crate::harness::Persona<'_>| {
        let answer = persona.get(&read()).send().await;
        (answer.status.as_u16(), answer.header("x-daypass-code").to_owned())
    };
    let missing = (401, "token_missing".to_owned());
    let allowed = (204, String::new());
    let invalid = (422, "invalid_request".to_owned());
    assert_eq!(code(server.proxy().with("x-original-uri", &uri)).await, allowed);
    assert_eq!(
        code(server.anonymous().with("x-original-uri", &uri)).await,
        missing,
        "not from a stranger"
    );
    assert_eq!(
        code(server.proxy().with("x-forwarded-uri", &uri)).await,
        missing,
        "not the other family"
    );
    let twice = server
        .proxy()
        .with("x-original-uri", "/1.jpg")
        .with("x-original-uri", &uri);
    assert_eq!(code(twice).await, invalid);
    let methods = server
        .proxy()
        .with("x-original-uri", &uri)
        .with("x-original-method", "GET")
        .with("x-original-method", "PUT");
    assert_eq!(code(methods).await, invalid);
    // Duplicates of what is not believed anyway harm nobody.
    let ignored = server
        .proxy()
        .with("x-original-uri", &uri)
        .with("x-forwarded-uri", "/a")
        .with("x-forwarded-uri", "/b");
    assert_eq!(code(ignored).await, allowed);
    let odd = server.proxy().with("x-original-uri", "/caf\u{e9}");
    assert_eq!(code(odd).await, invalid);

    let mut forwarded = site();
    forwarded.proxy_headers = ProxyHeaders::Forwarded;
    forwarded.trusted_proxies = vec![wire::Network::parse("10.1.0.0/16").unwrap()];
    let server = server.restarted_as(forwarded).await;
    let proxy = || server.anonymous().at(Ipv4Addr::new(10, 1, 2, 3));
    assert_eq!(code(proxy().with("x-forwarded-uri", &uri)).await, allowed);
    assert_eq!(code(proxy().with("x-original-uri", &uri)).await, missing);
    assert_eq!(
        code(server.proxy().with("x-forwarded-uri", &uri)).await,
        missing,
        "loopback is not trusted here"
    );
    assert_eq!(
        code(
            proxy()
                .with("x-forwarded-uri", &uri)
                .with("x-forwarded-uri", &uri)
        )
        .await,
        invalid
    );
}

async fn path_rules_say_what_a_request_needs(server: Server) {
    let admin = server.admin().await;
    let (_, press) = admin.usual().await;
    let asked = async |method: &str, uri: &str, path: &str| {
        server
            .proxy()
            .with("authorization", &format!("Bearer {press}"))
            .with("x-original-method", method)
            .with("x-original-uri", uri)
            .get(path)
            .send()
            .await
    };
    // Without rules the proxy has to name what it asks for.
    asked("GET", "/press/a.webp", "/verify").await.is(422);
    let rules = json!([
        { "path": "/press/*", "methods": ["POST"], "interface": "press PHOTOS", "permission": "upload" },
        { "path": "/press/*", "methods": ["GET"], "interface": "Press photos", "permission": "read" },
    ]);
    admin.settings(json!({ "path_rules": rules })).await.is(200);
    let codes = [
        ("GET", "/press/a.webp?size=1", 204, ""),
        ("HEAD", "/press/a.webp", 204, ""),
        ("POST", "/press/a.webp", 403, "permission_not_granted"),
        ("DELETE", "/press/a.webp", 403, "interface_not_granted"),
        ("GET", "/elsewhere", 403, "interface_not_granted"),
        ("GET", "/press/../elsewhere", 422, "invalid_request"),
        ("GET", "/press/%2e%2e/elsewhere", 422, "invalid_request"),
        ("GET", "/press%2fa.webp", 422, "invalid_request"),
    ];
    for (method, uri, status, code) in codes {
        let answer = asked(method, uri, "/verify").await;
        let found = answer
            .headers
            .get("x-daypass-code")
            .map_or("", |v| v.to_str().unwrap());
        assert_eq!((answer.status.as_u16(), found), (status, code), "{method} {uri}");
    }
    // What the proxy names itself goes before the rules; half a question is none.
    asked("GET", "/elsewhere", &read()).await.is(204);
    asked("GET", "/press/a.webp", "/verify?permission=read")
        .await
        .is(422);
    // Only a trusted proxy says what was asked for, and it says the method too.
    let uri = "/press/a.webp";
    let visitor = server.bearer(&press).at(crate::harness::CLIENT);
    visitor
        .with("x-original-uri", uri)
        .with("x-original-method", "GET")
        .get("/verify")
        .send()
        .await
        .is(422);
    let proxy = server.proxy().with("authorization", &format!("Bearer {press}"));
    proxy
        .with("x-original-uri", uri)
        .get("/verify")
        .send()
        .await
        .is(422);
    for (rule, field) in [
        (
            json!({ "path": "/a", "interface": "Nowhere", "permission": "read" }),
            "path_rules[0].interface",
        ),
        (
            json!({ "path": "a/*", "interface": "Press photos", "permission": "read" }),
            "path_rules[0].path",
        ),
    ] {
        let answer = admin.settings(json!({ "path_rules": [rule] })).await.is(422);
        assert!(answer.text().contains(field), "{}", answer.text());
    }
    let many = vec![json!({ "path": "/a", "interface": "Press photos", "permission": "read" }); 201];
    admin
        .settings(json!({ "path_rules": many }))
        .await
        .refused_field("path_rules", "too_long");
}

async fn exposures_are_noticed_where_the_question_is_refused(server: Server) {
    let admin = server.admin().await;
    let body = json!({
        "name": "Limited",
        "grants": [{ "interface": "Press photos", "permissions": ["read"] }],
        "rate_limit": { "requests": 1, "per_seconds": 3600 },
    });
    let (token, secret) = admin.active(body).await;
    let rules = json!([{ "path": "/press/*", "interface": "Press photos", "permission": "read" }]);
    admin.settings(json!({ "path_rules": rules })).await.is(200);
    let asked = async |query: &str, uri: &str, headers: &[(&str, &str)]| {
        let proxy = server.proxy().with("x-original-method", "GET");
        let proxy = headers
            .iter()
            .fold(proxy.with("x-original-uri", uri), |p, (name, value)| {
                p.with(name, value)
            });
        let answer = proxy.get(&format!("/verify{query}")).send().await;
        (answer.status.as_u16(), answer.header("x-daypass-code").to_owned())
    };
    let is = |status: u16, code: &str| (status, code.to_owned());
    // No rule for it, a path with two readings, a question that nobody understands.
    let refused = [
        ("", "/elsewhere", is(403, "interface_not_granted")),
        ("", "/press/../a", is(422, "invalid_request")),
        ("?colour=red", "/press/a", is(422, "invalid_request")),
    ];
    let bearer = format!("Bearer {secret}");
    let page = [("token", secret.as_str()), ("origin", "https://blog.example")];
    for (query, uri, code) in &refused {
        let in_url = format!("{uri}?token={secret}");
        assert_eq!(asked(query, &in_url, &[]).await, is(401, "token_in_url"), "{uri}");
        assert_eq!(
            asked(query, uri, &page).await,
            is(403, "exposed_in_browser"),
            "{uri}"
        );
        // What is answered to everybody else is the same as ever, and uses nothing up.
        for headers in [
            &[][..],
            &[("token", "nobody-issued-this")],
            &[("authorization", &bearer)],
        ] {
            assert_eq!(asked(query, uri, headers).await, *code, "{uri}");
        }
    }
    server.flush().await;
    let exposures = serde_json::to_value(admin.find(&token).await.exposures).unwrap();
    let mut seen: Vec<String> = exposures
        .as_array()
        .unwrap()
        .iter()
        .map(|e| format!("{} {}", e["door"], e["count"]))
        .collect();
    seen.sort();
    assert_eq!(seen, ["\"browser\" 3", "\"url\" 3"]);
    assert_eq!(asked("", "/press/a", &[("token", &secret)]).await, is(204, ""));
    let off = json!({ "api_enabled": false });
    admin.settings(off).await.is(200);
    for (query, uri, _) in &refused {
        assert_eq!(asked(query, uri, &page).await, is(403, "api_disabled"), "{uri}");
    }
}

async fn preflights_pass_only_where_switched_on(server: Server) {
    let admin = server.admin().await;
    let preflight = || {
        let preflight = server
            .proxy()
            .with("x-original-uri", "/1.jpg")
            .with("x-original-method", "OPTIONS");
        preflight
            .with("origin", "https://blog.example")
            .with("access-control-request-method", "GET")
    };
    preflight().get(&read()).send().await.is(401);
    admin.settings(json!({ "forward_preflight": true })).await.is(200);
    let answer = preflight().get(&read()).send().await.is(204);
    assert!(!answer.headers.contains_key("x-daypass-token-id"));
    preflight()
        .without("x-original-method")
        .get(&read())
        .send()
        .await
        .is(401);
    preflight()
        .without("x-original-method")
        .with("x-original-method", "GET")
        .get(&read())
        .send()
        .await
        .is(401);
    preflight()
        .without("access-control-request-method")
        .get(&read())
        .send()
        .await
        .is(401);
    preflight().without("origin").get(&read()).send().await.is(401);
    preflight()
        .at(crate::harness::CLIENT)
        .get(&read())
        .send()
        .await
        .is(401);
    let other_family = preflight()
        .without("x-original-method")
        .with("x-forwarded-method", "OPTIONS");
    other_family.get(&read()).send().await.is(401);
    // Switched off is switched off, for those without a token too.
    admin.settings(json!({ "api_enabled": false })).await.is(200);
    let off = preflight().get(&read()).send().await.is(403);
    assert_eq!(off.header("x-daypass-code"), "api_disabled");
    admin.settings(json!({ "api_enabled": true })).await.is(200);
    preflight().get(&read()).send().await.is(204);
}

async fn the_clients_address(server: Server) {
    let admin = server.admin().await;
    let body = json!({ "name": "Office", "allowed_networks": ["198.51.100.0/24", "2001:db8::/32"], "grants": [{ "interface": "Press photos", "permissions": ["read"] }] });
    let (_, secret) = admin.active(body).await;
    let direct = |peer: [u8; 4]| server.bearer(&secret).at(peer.into());
    direct([198, 51, 100, 7]).get(&read()).send().await.is(204);
    direct([198, 51, 101, 7])
        .get(&read())
        .send()
        .await
        .refused(ErrorCode::NetworkNotAllowed);
    // A stranger's header changes nothing, in either direction.
    direct([198, 51, 101, 7])
        .with("x-forwarded-for", "198.51.100.7")
        .get(&read())
        .send()
        .await
        .is(403);
    direct([198, 51, 100, 7])
        .with("x-forwarded-for", "203.0.113.1")
        .get(&read())
        .send()
        .await
        .is(204);
    let through = |hops: &[&str]| {
        let proxy = server.proxy().with("token", &secret);
        hops.iter()
            .fold(proxy, |persona, hop| persona.with("x-forwarded-for", hop))
    };
    for (hops, status) in [
        (&["198.51.100.7"][..], 204),
        (&["198.51.100.7:1234"], 204),
        (&["2001:db8::7"], 204),
        (&["[2001:db8::7]:443"], 204),
        (&["::ffff:198.51.100.7"], 204),
        (&["203.0.113.1"], 403),
        (&["203.0.113.1, 198.51.100.7"], 204),
        (&["198.51.100.7, 203.0.113.1"], 403),
        (&["198.51.100.7, 127.0.0.5"], 204),
        (&["203.0.113.1", "198.51.100.7, 127.0.0.1"], 204),
        (&["198.51.100.7", "203.0.113.1"], 403),
        (&["198.51.100.7, unknown"], 403),
        (&["unknown, 198.51.100.7"], 204),
        (&[""], 403),
        (&[], 403),
    ] {
        assert_eq!(through(hops).get(&read()).send().await.status, status, "{hops:?}");
    }
    // A network of IPv4 in IPv6's form is the same as without it.
    let body = json!({ "name": "Mapped", "allowed_networks": ["::ffff:198.51.100.0/120"], "grants": [{ "interface": "Press photos", "permissions": ["read"] }] });
    let (token, secret) = admin.active(body).await;
    assert_eq!(json!(token.allowed_networks), json!(["198.51.100.0/24"]));
    for (peer, status) in [([198, 51, 100, 7], 204), ([198, 51, 101, 7], 403)] {
        let direct = server.bearer(&secret).at(peer.into());
        direct.get(&read()).send().await.is(status);
    }
}

async fn questions_that_are_wrong(server: Server) {
    let admin = server.admin().await;
    let (_, secret) = admin.usual().await;
    for (query, field, code) in [
        ("", "interface", "required"),
        ("?interface=Press%20photos", "permission", "required"),
        ("?permission=read", "interface", "required"),
        ("?interface=&permission=read", "interface", "required"),
        (
            "?interface=Press%20photos&permission=look",
            "permission",
            "wrong_type",
        ),
        (
            "?interface=a&interface=b&permission=read",
            "interface",
            "duplicate",
        ),
        (
            "?interface=a&permission=read&permission=delete",
            "permission",
            "duplicate",
        ),
        (
            "?interface=a&permission=read&colour=red",
            "colour",
            "unknown_field",
        ),
        ("?interface=a&permission=read&status=302", "status", "wrong_type"),
        ("?status=200&status=200", "status", "duplicate"),
    ] {
        let answer = server
            .bearer(&secret)
            .get(&format!("/verify{query}"))
            .send()
            .await;
        answer.refused_field(field, code);
        assert_eq!(answer.header("x-daypass-code"), "invalid_request");
    }
    let nowhere = server
        .may_read(&secret, "Nowhere")
        .await
        .refused(ErrorCode::InterfaceNotGranted);
    assert_eq!(
        nowhere["missing"],
        json!([{ "interface": "Nowhere", "permissions": ["read"] }])
    );
    let odd = server
        .may_read(&secret, &"x".repeat(101))
        .await
        .refused(ErrorCode::InterfaceNotGranted);
    assert!(
        odd.get("missing").is_none(),
        "a name that no interface can have: {odd}"
    );
    let allowed = server.anonymous().ask("PUT", "/verify").send().await;
    let mut methods: Vec<&str> = allowed.header("allow").split(',').collect();
    methods.sort_unstable();
    assert_eq!(methods, ["GET", "HEAD", "POST"]);
}

async fn rate_limits(server: Server) {
    let admin = server.admin().await;
    let body = json!({ "name": "Slow", "rate_limit": { "requests": 3, "per_seconds": 60 }, "grants": [{ "interface": "Press photos", "permissions": ["read"] }] });
    let (token, secret) = admin.active(body).await;
    let pass = mint(&server, &secret, json!({})).await;
    let first = server.may_read(&pass, "Press photos").await.is(204);
    assert_eq!(
        (first.header("ratelimit-policy"), first.header("ratelimit")),
        (
            "\"verify\";q=3;w=60, \"visitor\";q=2;w=60",
            "\"verify\";r=2;t=20, \"visitor\";r=1;t=30"
        )
    );
    let second = server.may_read(&secret, "Press photos").await.is(204);
    assert_eq!(second.header("ratelimit"), "\"verify\";r=1;t=40");
    server.may_read(&pass, "Press photos").await.is(204);
    let held = server
        .proxy()
        .with("token", &pass)
        .with("x-forwarded-for", "198.51.100.7")
        .with("x-original-uri", "/1.jpg")
        .get(&read())
        .send()
        .await
        .is(429);
    assert_eq!(
        (held.header("retry-after"), held.header("x-daypass-code")),
        ("20", "rate_limited")
    );
    assert_eq!(
        (held.header("ratelimit-policy"), held.header("ratelimit")),
        ("\"verify\";q=3;w=60", "\"verify\";r=0;t=60")
    );
    assert!(held.body.is_empty());
    // Asking too often keeps no server from minting; minting has a bucket of its own.
    for remaining in ["r=1", "r=0"] {
        let minted = server
            .bearer(&secret)
            .post("/api/GetTemporaryToken")
            .send()
            .await
            .is(200);
        assert!(
            minted
                .header("ratelimit")
                .starts_with(&format!("\"mint\";{remaining}"))
        );
    }
    let held = server.bearer(&secret).post("/api/GetTemporaryToken").send().await;
    held.refused(ErrorCode::RateLimited);
    assert_eq!(
        (held.header("retry-after"), held.header("www-authenticate")),
        ("20", "")
    );
    server.clock.advance_seconds(20);
    server.may_read(&secret, "Press photos").await.is(204);
    server
        .may_read(&secret, "Press photos")
        .await
        .refused(ErrorCode::RateLimited);
    admin
        .patch(&token, json!({ "rate_limit": "unlimited" }))
        .await
        .is(200);
    for _ in 0..10 {
        let free = server.may_read(&pass, "Press photos").await.is(204);
        assert_eq!(free.header("ratelimit"), "");
    }
    // The setting's limit, for tokens without one of their own.
    admin.patch(&token, json!({ "rate_limit": null })).await.is(200);
    let limit = json!({ "default_rate_limit": { "requests": 1, "per_seconds": 10 } });
    admin.settings(limit).await.is(200);
    server.clock.advance_seconds(60);
    server.may_read(&secret, "Press photos").await.is(204);
    server
        .may_read(&secret, "Press photos")
        .await
        .refused(ErrorCode::RateLimited);
}

async fn one_visitor_leaves_something_to_others(server: Server) {
    let admin = server.admin().await;
    let body = json!({ "name": "Page", "rate_limit": { "requests": 6, "per_seconds": 60 }, "grants": [{ "interface": "Press photos", "permissions": ["read"] }] });
    let (_, secret) = admin.active(body).await;
    let pass = mint(&server, &secret, json!({})).await;
    let ask = async |address: &str| {
        let visitor = server
            .proxy()
            .with("token", &pass)
            .with("x-forwarded-for", address);
        visitor.get(&read()).send().await
    };
    for address in ["198.51.100.7", "::ffff:198.51.100.7", "198.51.100.7:4711"] {
        ask(address).await.is(204);
    }
    let held = ask("198.51.100.7").await;
    assert!(
        held.refused(ErrorCode::RateLimited)["detail"]
            .as_str()
            .unwrap()
            .contains("network")
    );
    assert_eq!(
        (held.header("ratelimit-policy"), held.header("retry-after")),
        ("\"visitor\";q=3;w=60", "20")
    );
    // Three are left for everybody else: two of one household, one of its neighbour.
    ask("2001:db8::1").await.is(204);
    ask("2001:db8::2").await.is(204);
    ask("2001:db8:0:1::1").await.is(204);
    assert_eq!(
        ask("203.0.113.50").await.header("ratelimit-policy"),
        "\"verify\";q=6;w=60"
    );
    // A server's own requests have no share.
    server.clock.advance_seconds(60);
    for _ in 0..6 {
        server.may_read(&secret, "Press photos").await.is(204);
    }
}

async fn an_address_of_its_own(server: Server) {
    use axum::body::Body;
    use axum::http::Request;
    use tower::ServiceExt;

    let admin = server.admin().await;
    let (_, secret) = admin.usual().await;
    let router = server::http::service(server.app.clone(), server::http::Doors::VerifyAlone);
    for (path, status) in [
        (read().as_str(), 204),
        ("/login", 404),
        ("/api/WhoAmI", 404),
        ("/", 404),
    ] {
        let request = Request::get(path)
            .header("token", &secret)
            .body(Body::empty())
            .unwrap();
        assert_eq!(
            router.clone().oneshot(request).await.unwrap().status(),
            status,
            "{path}"
        );
    }
}

async fn of_two_origins_none_is_believed(server: Server) {
    let admin = server.admin().await;
    let (_, secret) = admin.usual().await;
    let pass = mint(&server, &secret, json!({ "origins": ["https://one.example"] })).await;
    let visitor = server.bearer(&pass);
    for (name, one, two) in [
        ("origin", "https://one.example", "https://two.example"),
        ("referer", "https://one.example/", "https://two.example/"),
    ] {
        let from = |values: &[&str]| {
            let mut visitor = visitor.clone();
            for value in values {
                visitor = visitor.with(name, value);
            }
            visitor.get(&verify("Press photos", "read"))
        };
        from(&[one]).send().await.is(204);
        from(&[one, one]).send().await.is(204);
        for several in [[one, two], [two, one]] {
            let refused = from(&several).send().await;
            refused.refused(ErrorCode::OriginNotAllowed);
        }
    }
}
