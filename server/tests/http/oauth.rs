//! OAuth's doors: `/oauth2/token`, `/oauth2/introspect`, `/oauth2/revoke` and the metadata, by the letter of their RFCs.

use std::net::Ipv4Addr;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use wire::TokenView;

use crate::harness::{Admin, Answer, CLIENT, OWN, Persona, START, Server, mint, on_both, verify};

on_both![
    client_credentials,
    clients_say_who_they_are_in_one_way,
    what_a_scope_asks_for,
    networks_are_asked_for,
    bad_requests_for_tokens,
    the_browser_rule_holds_here_too,
    token_exchange,
    an_exchange_never_widens,
    an_exchange_counts_as_minting_alone,
    a_server_alone_says_who_a_token_is_for,
    introspection,
    who_may_introspect,
    introspection_agrees_with_verification,
    introspection_tells_of_the_callers_limit,
    revocation,
    a_database_that_is_away_is_told,
    metadata,
];

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";

/// A client with its id and secret in the Authorization header.
fn basic<'s>(server: &'s Server, id: &str, secret: &str) -> Persona<'s> {
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = STANDARD.encode(format!("{}:{}", encode(id), encode(secret)));
    server.anonymous().with("authorization", &format!("Basic {pair}"))
}

async fn token(persona: &Persona<'_>, fields: &[(&str, &str)]) -> Answer {
    persona.post("/oauth2/token").form(fields).send().await
}

async fn credentials(persona: &Persona<'_>, fields: &[(&str, &str)]) -> Answer {
    let all = [&[("grant_type", "client_credentials")], fields].concat();
    token(persona, &all).await
}

async fn exchange(persona: &Persona<'_>, subject: &str, fields: &[(&str, &str)]) -> Answer {
    let own = [
        ("grant_type", EXCHANGE),
        ("subject_token", subject),
        ("subject_token_type", ACCESS_TOKEN),
    ];
    token(persona, &[&own, fields].concat()).await
}

async fn introspect(persona: &Persona<'_>, fields: &[(&str, &str)]) -> Answer {
    persona.post("/oauth2/introspect").form(fields).send().await
}

/// Insists on an error of RFC 6749, section 5.2.
#[track_caller]
fn error(answer: &Answer, status: u16, word: &str) -> Value {
    let text = answer.text();
    assert_eq!(answer.status, status, "{text}");
    assert_eq!(answer.header("content-type"), "application/json", "{text}");
    assert_eq!(answer.header("cache-control"), "no-store");
    let body = answer.json();
    assert_eq!(body["error"], word, "{text}");
    let description = body["error_description"].as_str().unwrap();
    assert!(!description.is_empty());
    let allowed = |b: u8| matches!(b, 0x20 | 0x21 | 0x23..=0x5B | 0x5D..=0x7E);
    assert!(description.bytes().all(allowed), "{description}");
    assert_eq!(
        status == 401,
        answer.headers.contains_key("www-authenticate"),
        "{text}"
    );
    body
}

fn granted(answer: Answer) -> (String, Value) {
    let answer = answer.is(200);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("pragma"), "no-cache");
    let body = answer.json();
    assert_eq!(body["token_type"], "Bearer");
    (body["access_token"].as_str().unwrap().to_owned(), body)
}

fn part(token: &str, at: usize) -> Value {
    let part = token.split('.').nth(at).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// Rights on two interfaces.
async fn editor(admin: &Admin<'_>) -> (TokenView, String) {
    let body = json!({ "name": "Editor", "grants": [
        { "interface": "Press photos", "permissions": ["read", "download", "upload"] },
        { "interface": "Films: 50% \"new\"", "permissions": ["read"] },
    ] });
    admin.active(body).await
}

/// The protected API's own token.
async fn guard(admin: &Admin<'_>, interfaces: &[&str]) -> (TokenView, String) {
    let grants: Vec<Value> = interfaces
        .iter()
        .map(|i| json!({ "interface": i, "permissions": ["introspect"] }))
        .collect();
    admin
        .active(json!({ "name": "Guard", "grants": grants, "rate_limit": "unlimited" }))
        .await
}

async fn client_credentials(server: Server) {
    let admin = server.admin().await;
    let (editor, secret) = editor(&admin).await;
    let id = editor.id.as_str();
    let all =
        "Films%3A%2050%25%20%22new%22:read Press%20photos:read Press%20photos:download Press%20photos:upload";
    let in_body = [("client_id", id), ("client_secret", secret.as_str())];
    for answer in [
        credentials(&basic(&server, id, &secret), &[]).await,
        credentials(&server.anonymous(), &in_body).await,
        // Programs that repeat their id, that leave values empty, that send what nobody knows.
        credentials(
            &basic(&server, id, &secret),
            &[("client_id", id), ("scope", ""), ("colour", "red")],
        )
        .await,
    ] {
        let (pass, body) = granted(answer);
        assert_eq!(body["scope"], all);
        assert_eq!(body["expires_in"], 900);
        assert!(body.get("issued_token_type").is_none());
        // RFC 9068, section 2.
        assert_eq!(part(&pass, 0)["typ"], "at+jwt");
        let claims = part(&pass, 1);
        assert_eq!((&claims["iss"], &claims["aud"]), (&json!(OWN), &json!(OWN)));
        assert_eq!((&claims["sub"], &claims["client_id"]), (&json!(id), &json!(id)));
        assert_eq!(claims["iat"], START / 1000);
        assert_eq!(claims["exp"], START / 1000 + 900);
        assert!(claims["jti"].as_str().is_some_and(|j| j.len() == 26));
        assert!(claims.get("scope").is_none(), "none was asked for");
        server.may_read(&pass, "Press photos").await.is(204);
    }
    let (_, body) = granted(
        credentials(
            &basic(&server, id, &secret),
            &[
                ("scope", "Press%20photos:read"),
                ("lifetime", "60"),
                ("origins", "https://one.example https://two.example"),
                ("subject", "kari"),
                ("resource", OWN),
                ("resource", &format!("{OWN}/")),
                ("audience", OWN),
            ],
        )
        .await,
    );
    assert_eq!(
        (&body["scope"], &body["expires_in"]),
        (&json!("Press%20photos:read"), &json!(60))
    );
    let claims = part(body["access_token"].as_str().unwrap(), 1);
    assert_eq!(
        claims["origins"],
        json!(["https://one.example", "https://two.example"])
    );
    assert_eq!(claims["subject"], "kari");
    assert_eq!(claims["scope"], body["scope"], "RFC 9068, section 2.2.3");
    // It is counted as minted, like at the other doors.
    server.flush().await;
    assert!(admin.find(&editor).await.last_used_at.is_some());
}

async fn clients_say_who_they_are_in_one_way(server: Server) {
    let admin = server.admin().await;
    let (editor, secret) = editor(&admin).await;
    let (other, _) = admin.usual().await;
    let id = editor.id.as_str();
    let pass = mint(&server, &secret, json!({})).await;
    let with_basic = basic(&server, id, &secret);
    let nobody = server.anonymous();

    let challenge = |answer: &Answer, scheme: &str| {
        error(
            answer,
            401,
            if scheme == "Basic" {
                "invalid_client"
            } else {
                "invalid_token"
            },
        );
        assert!(answer.header("www-authenticate").starts_with(scheme));
    };
    for wrong in [
        credentials(&nobody, &[]).await,
        credentials(&nobody, &[("client_id", id)]).await,
        credentials(&nobody, &[("client_secret", &secret)]).await,
        credentials(&basic(&server, other.id.as_str(), &secret), &[]).await,
        credentials(&basic(&server, "", &secret), &[]).await,
        credentials(&basic(&server, id, ""), &[]).await,
        credentials(&basic(&server, id, "wrong"), &[]).await,
        credentials(
            &basic(&server, id, &format!("{}x", &secret[..secret.len() - 1])),
            &[],
        )
        .await,
        credentials(&basic(&server, id, &pass), &[]).await,
        credentials(&nobody.clone().with("authorization", "Basic ???"), &[]).await,
        credentials(&nobody.clone().with("authorization", "Basic"), &[]).await,
        credentials(&server.bearer(&secret), &[]).await,
        credentials(&nobody.clone().with("token", &secret), &[]).await,
    ] {
        challenge(&wrong, "Basic");
    }
    for twice in [
        credentials(&with_basic, &[("client_id", id), ("client_secret", &secret)]).await,
        credentials(&with_basic, &[("client_secret", &secret)]).await,
        credentials(&with_basic, &[("client_id", other.id.as_str())]).await,
        credentials(&with_basic.clone().with("authorization", "Bearer a"), &[]).await,
    ] {
        error(&twice, 400, "invalid_request");
    }
    // An imported key with characters that mean something in a form, sent encoded and as it is.
    let key = "q7+Zk%41w_Lm/9Xr~Tb2!Vn4";
    let legacy = admin.token(json!({ "name": "Legacy" })).await;
    let ticket = admin.ticket(&legacy).await;
    let asked = admin
        .strongroom(&legacy, &[("ticket", &ticket), ("mode", "import")])
        .send()
        .await
        .is(200);
    server
        .anonymous()
        .with("origin", "null")
        .post(&format!("/strongroom/{}/import", legacy.id))
        .form(&[("ticket", &asked.field("ticket")), ("key", key)])
        .send()
        .await
        .is(200);
    granted(credentials(&basic(&server, legacy.id.as_str(), key), &[]).await);
    let raw = STANDARD.encode(format!("{}:{key}", legacy.id));
    let raw = server.anonymous().with("authorization", &format!("Basic {raw}"));
    granted(credentials(&raw, &[]).await);

    admin.act(&editor, "deactivate").await;
    let body = error(&credentials(&with_basic, &[]).await, 401, "invalid_client");
    assert_eq!(body["error_uri"], "/api/errors#token_inactive");
}

async fn what_a_scope_asks_for(server: Server) {
    let admin = server.admin().await;
    let (editor, secret) = editor(&admin).await;
    let client = basic(&server, editor.id.as_str(), &secret);
    let scope = async |scope: &str| credentials(&client, &[("scope", scope)]).await;
    for (asked, got) in [
        ("Press%20photos:read", "Press%20photos:read"),
        (
            "press%20PHOTOS:download  Press%20photos:read",
            "Press%20photos:read Press%20photos:download",
        ),
        (
            "Films%3A%2050%25%20%22new%22:read",
            "Films%3A%2050%25%20%22new%22:read",
        ),
        (
            "Films:%2050%25%20%22new%22:read",
            "Films%3A%2050%25%20%22new%22:read",
        ),
    ] {
        assert_eq!(granted(scope(asked).await).1["scope"], got, "{asked}");
    }
    for wrong in [
        "read",
        "Press photos:read",
        "Press%2:read",
        "Press%20photos:look",
        ":read",
        "%00:read",
    ] {
        error(&scope(wrong).await, 400, "invalid_scope");
    }
    let more = error(
        &scope("Press%20photos:read Press%20photos:delete Other:read").await,
        400,
        "invalid_scope",
    );
    let description = more["error_description"].as_str().unwrap();
    assert!(
        description.ends_with("Missing: Press%20photos:delete Other:read"),
        "{description}"
    );
    assert_eq!(more["error_uri"], "/api/errors#permission_not_granted");
    error(&scope("Press%20photos:introspect").await, 400, "invalid_scope");
}

async fn networks_are_asked_for(server: Server) {
    let admin = server.admin().await;
    let body = json!({
        "name": "Office",
        "grants": [{ "interface": "Press photos", "permissions": ["read"] }],
        "allowed_networks": ["198.51.100.0/24", "203.0.113.0/24"],
    });
    let (token, secret) = admin.active(body).await;
    let client = basic(&server, token.id.as_str(), &secret);
    let read = async |pass: &str, at: [u8; 4]| {
        let visitor = server.bearer(pass).at(at.into());
        let answer = visitor.get(&verify("Press photos", "read")).send().await;
        answer.status.as_u16()
    };
    let (pass, _) = granted(credentials(&client, &[("network", "198.51.100.0/25")]).await);
    assert_eq!(part(&pass, 1)["network"], "198.51.100.0/25");
    assert_eq!(read(&pass, [198, 51, 100, 7]).await, 204);
    assert_eq!(read(&pass, [198, 51, 100, 200]).await, 403);
    assert_eq!(read(&pass, [203, 0, 113, 9]).await, 403);
    // An exchange may narrow it, from where it works itself, and never widens it.
    let inside = server.anonymous().at([198, 51, 100, 7].into());
    let (narrow, _) = granted(exchange(&inside, &pass, &[("network", "198.51.100.7")]).await);
    assert_eq!(read(&narrow, [198, 51, 100, 7]).await, 204);
    assert_eq!(read(&narrow, [198, 51, 100, 8]).await, 403);
    for (outside, by) in [
        ("198.51.100.0/24", &pass),
        ("203.0.113.9", &pass),
        ("198.51.100.8", &narrow),
    ] {
        let more = exchange(&inside, by, &[("network", outside)]).await;
        assert_eq!(more.header("x-daypass-code"), "network_not_allowed", "{outside}");
    }
    let kept = granted(exchange(&inside, &pass, &[]).await).0;
    assert_eq!(part(&kept, 1)["network"], "198.51.100.0/25");
    for outside in ["198.51.101.7", "::/0"] {
        let more = credentials(&client, &[("network", outside)]).await;
        assert_eq!(more.header("x-daypass-code"), "network_not_allowed", "{outside}");
    }
    let wrong = credentials(&client, &[("network", "everywhere")]).await;
    error(&wrong, 400, "invalid_request");
}

async fn bad_requests_for_tokens(server: Server) {
    let admin = server.admin().await;
    let (editor, secret) = editor(&admin).await;
    let client = basic(&server, editor.id.as_str(), &secret);
    for (fields, word) in [
        (&[][..], "invalid_request"),
        (&[("grant_type", "")], "invalid_request"),
        (&[("grant_type", "password")], "unsupported_grant_type"),
        (
            &[
                ("grant_type", "client_credentials"),
                ("grant_type", "client_credentials"),
            ],
            "invalid_request",
        ),
        (
            &[
                ("grant_type", "client_credentials"),
                ("scope", "a:read"),
                ("scope", "a:read"),
            ],
            "invalid_request",
        ),
        (
            &[("grant_type", "client_credentials"), ("lifetime", "901")],
            "invalid_request",
        ),
        (
            &[("grant_type", "client_credentials"), ("lifetime", "0")],
            "invalid_request",
        ),
        (
            &[("grant_type", "client_credentials"), ("lifetime", "soon")],
            "invalid_request",
        ),
        (
            &[("grant_type", "client_credentials"), ("origins", "nowhere")],
            "invalid_request",
        ),
        (
            &[("grant_type", "client_credentials"), ("subject", "a\tb")],
            "invalid_request",
        ),
        (
            &[
                ("grant_type", "client_credentials"),
                ("resource", "https://other.example"),
            ],
            "invalid_target",
        ),
        (
            &[
                ("grant_type", "client_credentials"),
                ("resource", OWN),
                ("audience", "other"),
            ],
            "invalid_target",
        ),
    ] {
        error(&token(&client, fields).await, 400, word);
    }
    let post = || client.post("/oauth2/token");
    let json = json!({ "grant_type": "client_credentials" });
    error(&post().json(&json).send().await, 400, "invalid_request");
    let large = post().form(&[("grant_type", "client_credentials"), ("x", &"x".repeat(70_000))]);
    error(&large.send().await, 413, "invalid_request");
    for path in ["/oauth2/token", "/oauth2/introspect", "/oauth2/revoke"] {
        let answer = client.get(path).send().await;
        error(&answer, 405, "invalid_request");
        assert_eq!(answer.header("allow"), "POST", "{path}");
    }

    admin.settings(json!({ "api_enabled": false })).await.is(200);
    let off = error(&credentials(&client, &[]).await, 403, "unauthorized_client");
    assert_eq!(off["error_uri"], "/api/errors#api_disabled");
    admin.settings(json!({ "api_enabled": true })).await.is(200);
    let limit = json!({ "rate_limit": { "requests": 2, "per_seconds": 60 } });
    admin.patch(&editor, limit).await.is(200);
    granted(credentials(&client, &[]).await);
    granted(credentials(&client, &[]).await);
    let limited = credentials(&client, &[]).await;
    error(&limited, 429, "temporarily_unavailable");
    assert_eq!(limited.header("retry-after"), "30");
}

async fn the_browser_rule_holds_here_too(server: Server) {
    let admin = server.admin().await;
    let (editor, secret) = editor(&admin).await;
    let id = editor.id.as_str();
    let browser = basic(&server, id, &secret).with("origin", "https://blog.example");
    let refused = error(&credentials(&browser, &[]).await, 403, "unauthorized_client");
    assert_eq!(refused["error_uri"], "/api/errors#exposed_in_browser");
    let browser = server.anonymous().with("sec-fetch-site", "cross-site");
    let in_body = [("client_id", id), ("client_secret", secret.as_str())];
    error(&credentials(&browser, &in_body).await, 403, "unauthorized_client");
    error(
        &exchange(&browser, &secret, &[]).await,
        403,
        "unauthorized_client",
    );
    // A wrong id beside it makes no difference to what came to light.
    error(
        &credentials(&browser, &[("client_id", "x"), ("client_secret", &secret)]).await,
        403,
        "unauthorized_client",
    );
    // A page that narrows its own day pass is fine.
    let pass = mint(&server, &secret, json!({})).await;
    granted(exchange(&browser, &pass, &[]).await);

    // In a URL it is refused whatever the settings allow elsewhere.
    admin
        .settings(json!({ "allow_token_in_url": true }))
        .await
        .is(200);
    for path in ["token", "introspect"] {
        let uri =
            format!("/oauth2/{path}?grant_type=client_credentials&client_id={id}&client_secret={secret}");
        error(
            &server.anonymous().post(&uri).send().await,
            400,
            "invalid_request",
        );
    }
    admin
        .settings(json!({ "allow_token_in_url": false }))
        .await
        .is(200);
    let uri = format!("/oauth2/token?client_secret={secret}");
    error(
        &server.anonymous().post(&uri).send().await,
        400,
        "invalid_request",
    );
    server.flush().await;
    let seen = serde_json::to_value(admin.find(&editor).await.exposures).unwrap();
    let mut seen: Vec<String> = seen
        .as_array()
        .unwrap()
        .iter()
        .map(|e| format!("{} {} {}", e["door"], e["origin"], e["count"]))
        .collect();
    seen.sort();
    assert_eq!(
        seen,
        [
            "\"browser\" \"https://blog.example\" 1",
            "\"browser\" null 3",
            "\"url\" null 1"
        ]
    );
}

async fn token_exchange(server: Server) {
    let admin = server.admin().await;
    let (editor, secret) = editor(&admin).await;
    let (other, others) = admin.usual().await;
    let nobody = server.anonymous();
    let (pass, body) = granted(exchange(&nobody, &secret, &[("scope", "Press%20photos:read")]).await);
    assert_eq!(body["issued_token_type"], ACCESS_TOKEN);
    assert_eq!(body["scope"], "Press%20photos:read");
    server.may_read(&pass, "Press photos").await.is(204);
    let as_jwt = [
        ("grant_type", EXCHANGE),
        ("subject_token", pass.as_str()),
        ("subject_token_type", JWT),
        ("requested_token_type", JWT),
    ];
    assert_eq!(granted(token(&nobody, &as_jwt).await).1["issued_token_type"], JWT);
    // With a client beside it, it has to be that client's.
    granted(exchange(&basic(&server, editor.id.as_str(), &secret), &pass, &[]).await);
    let stranger = basic(&server, other.id.as_str(), &others);
    error(&exchange(&stranger, &pass, &[]).await, 400, "invalid_request");
    error(
        &exchange(&basic(&server, other.id.as_str(), "wrong"), &pass, &[]).await,
        401,
        "invalid_client",
    );
    for fields in [
        &[("grant_type", EXCHANGE)][..],
        &[("grant_type", EXCHANGE), ("subject_token", pass.as_str())],
        &[("grant_type", EXCHANGE), ("subject_token_type", ACCESS_TOKEN)],
        &[
            ("grant_type", EXCHANGE),
            ("subject_token", pass.as_str()),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:saml2"),
        ],
        // A permanent one is no JWT.
        &[
            ("grant_type", EXCHANGE),
            ("subject_token", secret.as_str()),
            ("subject_token_type", JWT),
        ],
    ] {
        error(&token(&nobody, fields).await, 400, "invalid_request");
    }
    for more in [
        ("actor_token", "a"),
        (
            "requested_token_type",
            "urn:ietf:params:oauth:token-type:refresh_token",
        ),
    ] {
        error(&exchange(&nobody, &pass, &[more]).await, 400, "invalid_request");
    }
    error(
        &exchange(&nobody, &pass, &[("audience", "x")]).await,
        400,
        "invalid_target",
    );
    // What is not accepted anywhere else is not exchanged either (RFC 8693, section 2.2.2).
    let unknown = error(
        &exchange(&nobody, "nobody-issued-this", &[]).await,
        400,
        "invalid_request",
    );
    assert_eq!(unknown["error_uri"], "/api/errors#token_unknown");
    admin.act(&editor, "stop-temporary").await;
    let stopped = error(&exchange(&nobody, &pass, &[]).await, 400, "invalid_request");
    assert_eq!(stopped["error_uri"], "/api/errors#temporary_token_stopped");
}

async fn an_exchange_never_widens(server: Server) {
    let admin = server.admin().await;
    let (editor, secret) = editor(&admin).await;
    let nobody = server.anonymous();
    let pass = mint(
        &server,
        &secret,
        json!({
            "lifetime": 100,
            "interfaces": ["Press photos"],
            "permissions": ["read", "download"],
            "origins": ["https://one.example", "https://two.example"],
            "subject": "kari",
        }),
    )
    .await;
    let page = nobody.clone().with("origin", "https://one.example");
    server.clock.advance_seconds(40);
    let (narrow, body) = granted(
        exchange(
            &page,
            &pass,
            &[
                ("scope", "Press%20photos:read"),
                ("origins", "https://one.example"),
            ],
        )
        .await,
    );
    assert_eq!(
        body["expires_in"], 60,
        "not a second longer than what it came from"
    );
    let claims = part(&narrow, 1);
    assert_eq!(claims["origins"], json!(["https://one.example"]));
    assert_eq!(claims["subject"], "kari");
    assert_ne!(claims["jti"], part(&pass, 1)["jti"]);
    let (short, body) = granted(exchange(&page, &narrow, &[("lifetime", "5")]).await);
    assert_eq!(body["expires_in"], 5);
    assert_eq!(body["scope"], "Press%20photos:read");

    for (fields, word) in [
        (&[("scope", "Press%20photos:download")][..], "invalid_scope"),
        (&[("scope", "Films%3A%2050%25%20%22new%22:read")], "invalid_scope"),
        (&[("origins", "https://two.example")], "invalid_request"),
        (&[("origins", "https://three.example")], "invalid_request"),
        (&[("subject", "ola")], "invalid_request"),
        (&[("lifetime", "901")], "invalid_request"),
    ] {
        error(&exchange(&page, &narrow, fields).await, 400, word);
    }
    // From a page that it is not for, nothing at all.
    let elsewhere = nobody.with("origin", "https://two.example");
    error(
        &exchange(&elsewhere, &narrow, &[]).await,
        403,
        "unauthorized_client",
    );

    let read = async |token: &str| {
        let page = server.bearer(token).with("origin", "https://one.example");
        page.get(&verify("Press photos", "read"))
            .send()
            .await
            .status
            .as_u16()
    };
    assert_eq!((read(&narrow).await, read(&short).await), (204, 204));
    server.clock.advance_seconds(5);
    assert_eq!((read(&narrow).await, read(&short).await), (204, 401));
    // All of them die with their parent.
    admin.act(&editor, "deactivate").await;
    assert_eq!(read(&narrow).await, 401);
}

/// Visitors who ask as often as they may keep no server from minting, whichever way it mints.
async fn an_exchange_counts_as_minting_alone(server: Server) {
    let admin = server.admin().await;
    let (editor, secret) = editor(&admin).await;
    let limit = json!({ "rate_limit": { "requests": 2, "per_seconds": 60 } });
    admin.patch(&editor, limit).await.is(200);
    let client = basic(&server, editor.id.as_str(), &secret);
    for _ in 0..2 {
        server.may_read(&secret, "Press photos").await.is(204);
    }
    server.may_read(&secret, "Press photos").await.is(429);
    for _ in 0..2 {
        granted(exchange(&client, &secret, &[]).await);
    }
    error(
        &exchange(&client, &secret, &[]).await,
        429,
        "temporarily_unavailable",
    );
    // Nor does a key beside a temporary token count, at the doors that take both.
    server.clock.advance_seconds(120);
    let pass = mint(&server, &secret, json!({})).await;
    let both = [("apikey", secret.as_str()), ("token", pass.as_str())];
    let who = server.anonymous().post("/api/WhoAmI").form(&both);
    let seen = who.send().await.is(200);
    assert!(
        seen.header("ratelimit").starts_with("\"verify\";r=1"),
        "{}",
        seen.header("ratelimit")
    );
}

/// The protected API believes `X-Daypass-Subject`, so no visitor may choose it.
async fn a_server_alone_says_who_a_token_is_for(server: Server) {
    let admin = server.admin().await;
    let (editor, secret) = editor(&admin).await;
    let director = [("subject", "director")];
    let pass = mint(&server, &secret, json!({})).await;
    let visitor = server.anonymous();
    let refused = error(
        &exchange(&visitor, &pass, &director).await,
        400,
        "invalid_request",
    );
    assert!(
        refused["error_description"].as_str().unwrap().contains("server"),
        "{refused}"
    );
    // The token's own server may say so, from the pass that its visitor sent.
    let client = basic(&server, editor.id.as_str(), &secret);
    let (hers, _) = granted(exchange(&client, &pass, &[("subject", "kari")]).await);
    let seen = server.may_read(&hers, "Press photos").await.is(204);
    assert_eq!(seen.header("x-daypass-subject"), "kari");
    granted(exchange(&visitor, &hers, &[("subject", "kari")]).await);
    granted(exchange(&visitor, &secret, &director).await);
    granted(credentials(&client, &director).await);

    // A public token is in every visitor's hands.
    admin.public_interface("Open").await;
    let page = json!({
        "name": "Page", "kind": "public", "expires_at": "2027-01-01T00:00:00Z",
        "grants": [{ "interface": "Open", "permissions": ["read"] }],
        "allowed_origins": ["https://a.example"], "rate_limit": { "requests": 100, "per_seconds": 60 },
    });
    let page = admin.token(page).await;
    let public = admin.secret(&page, 0).await;
    let origin = "https://a.example";
    let on_page = || server.bearer(&public).with("origin", origin);
    let mint = on_page().post("/api/GetTemporaryToken");
    let mint = mint.json(&json!({ "subject": "director" }));
    mint.send().await.refused_field("subject", "not_for_this_kind");
    let mint = on_page().get("/api/GetTemporaryToken?subject=director");
    mint.send().await.refused_field("subject", "not_for_this_kind");
    let client = basic(&server, page.id.as_str(), &public).with("origin", origin);
    error(&credentials(&client, &director).await, 400, "invalid_request");
    let (pass, _) = granted(credentials(&client, &[]).await);
    error(&exchange(&client, &pass, &director).await, 400, "invalid_request");
}

async fn introspection(server: Server) {
    let admin = server.admin().await;
    let (editor, secret) = editor(&admin).await;
    let (guard, key) = guard(&admin, &["Press photos"]).await;
    let client = basic(&server, guard.id.as_str(), &key);
    let pass = mint(
        &server,
        &secret,
        json!({ "subject": "kari", "permissions": ["read"] }),
    )
    .await;
    let answer = introspect(&client, &[("token", &pass), ("token_type_hint", "access_token")]).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let claims = part(&pass, 1);
    assert_eq!(
        answer.is(200).json(),
        json!({
            "active": true,
            // The other interface is none of this caller's business.
            "scope": "Press%20photos:read",
            "client_id": editor.id, "sub": editor.id, "token_type": "Bearer",
            "iss": OWN, "aud": OWN,
            "exp": claims["exp"], "iat": claims["iat"], "jti": claims["jti"],
            "token_name": "Editor", "token_kind": "temporary", "subject": "kari",
            "grants": [{ "interface": "Press photos", "permissions": ["read"] }],
        })
    );
    let answer = introspect(&server.bearer(&key), &[("token", &secret)]).await;
    assert_eq!(
        answer.is(200).json(),
        json!({
            "active": true,
            "scope": "Press%20photos:read Press%20photos:download Press%20photos:upload",
            "client_id": editor.id, "sub": editor.id, "token_type": "Bearer",
            "iss": OWN, "aud": OWN,
            "token_name": "Editor", "token_kind": "secret",
            "grants": [{ "interface": "Press photos", "permissions": ["read", "download", "upload"] }],
        })
    );
    // A secret that is about to end says so.
    admin
        .patch(&editor, json!({ "expires_at": "2026-03-01T12:00:30.000Z" }))
        .await
        .is(200);
    for token in [&secret, &pass] {
        let answer = introspect(&client, &[("token", token)]).await.json();
        assert_eq!(answer["exp"], START / 1000 + 30);
    }
    let in_body = [
        ("client_id", guard.id.as_str()),
        ("client_secret", key.as_str()),
        ("token", pass.as_str()),
    ];
    assert_eq!(
        introspect(&server.anonymous(), &in_body).await.json()["active"],
        true
    );
    // Being asked about counts as a use, of both.
    server.flush().await;
    for token in [&editor, &guard] {
        assert!(admin.find(token).await.last_used_at.is_some());
    }
    error(&introspect(&client, &[]).await, 400, "invalid_request");
    error(
        &introspect(&client, &[("token", &pass), ("token", &pass)]).await,
        400,
        "invalid_request",
    );
    error(
        &introspect(&client, &[("token", &pass), ("client_ip", "here")]).await,
        400,
        "invalid_request",
    );
    // Where a page is, says one of the two; a whole address is no origin.
    let body = json!({ "origins": ["https://one.example"] });
    let bound = mint(&server, &secret, body).await;
    for (name, value, is_active) in [
        ("origin", "https://one.example", true),
        ("referer", "https://one.example/page?x=1", true),
        ("origin", "https://two.example", false),
        ("referer", "https://two.example/", false),
        ("origin", "null", false),
    ] {
        let answer = introspect(&client, &[("token", &bound), (name, value)]).await;
        assert_eq!(answer.is(200).json()["active"], is_active, "{name} {value}");
    }
    let whole = [("token", bound.as_str()), ("origin", "https://one.example/page")];
    error(&introspect(&client, &whole).await, 400, "invalid_request");
}

/// RFC 7009, section 2.2.1: what could not be ended is still there, and the client may try again.
async fn a_database_that_is_away_is_told(server: Server) {
    let admin = server.admin().await;
    let (editor, secret) = editor(&admin).await;
    let client = basic(&server, editor.id.as_str(), &secret);
    let pass = mint(&server, &secret, json!({})).await;
    server.app.store.close().await;
    let by_client = client.post("/oauth2/revoke").form(&[("token", &pass)]);
    let by_client = by_client.send().await;
    error(&by_client, 503, "temporarily_unavailable");
    let by_itself = server.bearer(&pass).post("/api/RevokeToken").send().await;
    by_itself.refused_as(503, wire::ErrorCode::Internal);
    for answer in [by_client, by_itself] {
        assert_eq!(answer.header("retry-after"), "5");
    }
    server.may_read(&pass, "Press photos").await.is(204);
}

async fn who_may_introspect(server: Server) {
    let admin = server.admin().await;
    let (editor, secret) = editor(&admin).await;
    let (guard, key) = guard(&admin, &["Archive"]).await;
    let pass = mint(&server, &secret, json!({})).await;
    let inactive = json!({ "active": false });
    // Another API's guard learns nothing, whatever the token is.
    let client = basic(&server, guard.id.as_str(), &key);
    for token in [&secret, &pass, "nobody-issued-this", "dps_x", "a.b.c", &key] {
        let answer = introspect(&client, &[("token", token)]).await.is(200).json();
        let own = token == key;
        assert_eq!(answer == inactive, !own, "{answer}");
    }
    // Without the permission: refused, and told which one.
    let refused = introspect(&server.bearer(&secret), &[("token", &pass)]).await;
    assert_eq!(refused.status, 403);
    assert_eq!(refused.json()["error"], "insufficient_scope");
    assert_eq!(refused.json()["error_uri"], "/api/errors#permission_not_granted");
    assert!(refused.header("www-authenticate").contains("insufficient_scope"));
    let both = json!({ "grants": [
        { "interface": "Press photos", "permissions": ["read", "introspect"] },
    ] });
    admin.patch(&editor, both).await.is(200);
    // A temporary token never has it, not even of a parent that has.
    let late = mint(&server, &secret, json!({})).await;
    assert_eq!(
        introspect(&server.bearer(&late), &[("token", &pass)])
            .await
            .status,
        403
    );
    assert_eq!(
        introspect(&server.bearer(&secret), &[("token", &pass)])
            .await
            .json()["active"],
        true
    );
    error(
        &introspect(&server.anonymous(), &[("token", &pass)]).await,
        401,
        "invalid_client",
    );
    let wrong = introspect(&server.bearer("wrong"), &[("token", &pass)]).await;
    error(&wrong, 401, "invalid_token");
    assert!(wrong.header("www-authenticate").starts_with("Bearer"));
    let page = server.bearer(&secret).with("origin", "https://blog.example");
    error(
        &introspect(&page, &[("token", &pass)]).await,
        403,
        "unauthorized_client",
    );
}

/// Asks both doors the same with the same facts. `/verify` knows the address from the connection.
async fn both(
    server: &Server,
    guard: &Persona<'_>,
    token: &str,
    origin: Option<&str>,
    at: Ipv4Addr,
) -> (u16, bool) {
    let mut visitor = server.bearer(token).at(at);
    let address = at.to_string();
    let mut fields = vec![("token", token), ("client_ip", address.as_str())];
    if let Some(origin) = origin {
        visitor = visitor.with("origin", origin);
        fields.push(("origin", origin));
    }
    let verified = visitor.get(&verify("Press photos", "read")).send().await;
    let answer = introspect(guard, &fields).await;
    if answer.status == 429 {
        return (verified.status.as_u16(), false);
    }
    let answer = answer.is(200).json();
    let scope = answer["scope"].as_str().unwrap_or_default().to_owned();
    let may = answer["active"] == true && scope.split(' ').any(|s| s == "Press%20photos:read");
    (verified.status.as_u16(), may)
}

async fn introspection_agrees_with_verification(server: Server) {
    let admin = server.admin().await;
    let (guard, key) = guard(&admin, &["Press photos", "Films"]).await;
    let guard = basic(&server, guard.id.as_str(), &key);
    let press = json!([{ "interface": "Press photos", "permissions": ["read"] }]);
    let (plain, plain_secret) = admin.active(json!({ "name": "Plain", "grants": press })).await;
    let (off, off_secret) = admin.active(json!({ "name": "Off", "grants": press })).await;
    let films = json!([{ "interface": "Films", "permissions": ["read"] }]);
    let (_, films_secret) = admin.active(json!({ "name": "Films", "grants": films })).await;
    let (narrowed, narrowed_secret) = admin.active(json!({ "name": "Narrowed", "grants": press })).await;
    let (_, bound_secret) = admin
        .active(json!({ "name": "Bound", "grants": press, "allowed_networks": ["203.0.113.0/24"] }))
        .await;
    let (limited, limited_secret) = admin.active(json!({ "name": "Limited", "grants": press })).await;
    let (rotated, old_secret) = admin.active(json!({ "name": "Rotated", "grants": press })).await;
    let old_pass = mint(&server, &old_secret, json!({ "lifetime": 900 })).await;
    let new_secret = admin.secret(&rotated, 60).await;
    let (_, ends_secret) = admin
        .active(json!({ "name": "Ends", "grants": press, "expires_at": "2026-03-01T12:01:00.000Z" }))
        .await;
    let origins = json!({ "origins": ["https://one.example"] });
    let mut tokens = vec![
        mint(&server, &plain_secret, json!({})).await,
        mint(&server, &plain_secret, json!({ "lifetime": 30 })).await,
        mint(&server, &plain_secret, origins).await,
        mint(&server, &plain_secret, json!({ "grants": [] })).await,
        mint(&server, &off_secret, json!({})).await,
        mint(&server, &films_secret, json!({})).await,
        mint(&server, &narrowed_secret, json!({})).await,
        mint(&server, &bound_secret, json!({})).await,
        mint(&server, &ends_secret, json!({})).await,
        mint(&server, &limited_secret, json!({})).await,
        old_pass,
        "nobody-issued-this".to_owned(),
        "dps_x".to_owned(),
        "eyJhbGciOiJub25lIn0.e30.".to_owned(),
    ];
    let cut = tokens[0][..tokens[0].len() - 1].to_owned();
    tokens.extend([
        cut,
        plain_secret,
        off_secret,
        films_secret,
        narrowed_secret,
        bound_secret,
        old_secret,
        new_secret,
        ends_secret,
    ]);
    let mut outcomes = Vec::new();
    let mut compare = async |when: &str| {
        for (n, token) in tokens.iter().enumerate() {
            for origin in [None, Some("https://one.example"), Some("https://two.example")] {
                for at in [CLIENT, Ipv4Addr::new(198, 51, 100, 7)] {
                    let (status, may) = both(&server, &guard, token, origin, at).await;
                    assert_eq!(status == 204, may, "{when}: {n} {origin:?} {at}: {status}");
                    outcomes.push(status);
                }
            }
        }
    };
    compare("at first").await;
    admin.act(&off, "deactivate").await;
    admin.patch(&narrowed, json!({ "grants": films })).await.is(200);
    compare("after changes").await;
    server.clock.advance_seconds(30);
    compare("after half a minute").await;
    server.clock.advance_seconds(30);
    compare("after a minute").await;
    admin.act(&plain, "stop-temporary").await;
    compare("after stopping").await;
    let limit = json!({ "rate_limit": { "requests": 1, "per_seconds": 3600 } });
    admin.patch(&limited, limit).await.is(200);
    let last = tokens[9].clone();
    server.may_read(&last, "Press photos").await.is(204);
    let (status, may) = both(&server, &guard, &last, None, CLIENT).await;
    assert_eq!((status, may), (429, false));
    let wait = introspect(&guard, &[("token", &last)]).await;
    error(&wait, 429, "temporarily_unavailable");
    // The comparison saw yes, and no in all its forms.
    for status in [204, 401, 403] {
        assert!(outcomes.contains(&status), "{status}");
    }
    assert!(outcomes.iter().filter(|s| **s == 204).count() > 50);
    assert!(
        outcomes.iter().all(|s| matches!(s, 204 | 401 | 403)),
        "{outcomes:?}"
    );
}

/// How many requests a token has left is its holder's business, and that there is such a token is not for everybody.
async fn introspection_tells_of_the_callers_limit(server: Server) {
    let admin = server.admin().await;
    let (editor, secret) = editor(&admin).await;
    let films = json!({ "interfaces": ["Films: 50% \"new\""] });
    let pass = mint(&server, &secret, films).await;
    let limit = |requests: u32, seconds: u32| json!({ "rate_limit": { "requests": requests, "per_seconds": seconds } });
    admin.patch(&editor, limit(2, 3600)).await.is(200);
    let (guard, key) = guard(&admin, &["Press photos"]).await;
    admin.patch(&guard, limit(100, 60)).await.is(200);
    let guard = basic(&server, guard.id.as_str(), &key);
    for _ in 0..2 {
        server.may_read(&secret, "Press photos").await.is(204);
    }
    let held = introspect(&guard, &[("token", &secret)]).await;
    let told = error(&held, 429, "temporarily_unavailable");
    assert_eq!(held.header("retry-after"), "1800");
    assert_eq!(held.header("ratelimit-policy"), "\"verify\";q=100;w=60");
    assert!(held.header("ratelimit").starts_with("\"verify\";r=99"));
    let told = told["error_description"].as_str().unwrap();
    assert!(!told.contains("3600"), "{told}");
    // This one is nothing that the caller may see, though the token behind it is.
    let unseen = introspect(&guard, &[("token", &pass)]).await.is(200);
    assert_eq!(unseen.json(), json!({ "active": false }));
}

async fn revocation(server: Server) {
    let admin = server.admin().await;
    let (editor, secret) = editor(&admin).await;
    let (other, others) = admin.usual().await;
    let client = basic(&server, editor.id.as_str(), &secret);
    let nobody = server.anonymous();
    let revoke = async |persona: &Persona<'_>, token: &str| {
        persona
            .post("/oauth2/revoke")
            .form(&[("token", token)])
            .send()
            .await
    };
    let read = async |token: &str| server.may_read(token, "Press photos").await.status.as_u16();
    let bound = json!({ "origins": ["https://one.example"] });
    let [first, second, third] = [
        mint(&server, &secret, json!({})).await,
        mint(&server, &secret, json!({})).await,
        mint(&server, &secret, bound).await,
    ];
    let (narrowed, _) = granted(exchange(&nobody, &first, &[]).await);
    // Its client, and what was narrowed from it ends with it.
    assert_eq!(read(&narrowed).await, 204);
    assert!(revoke(&client, &first).await.is(200).body.is_empty());
    assert_eq!(
        (read(&first).await, read(&narrowed).await, read(&second).await),
        (401, 401, 204)
    );
    // Whoever holds it; and a client's own from anywhere, though it is bound to pages.
    revoke(&nobody, &second).await.is(200);
    assert_eq!(read(&second).await, 401);
    error(&revoke(&nobody, &third).await, 403, "unauthorized_client");
    revoke(&client, &third).await.is(200);
    // What is not accepted any more, or never was.
    for gone in [&first, &second, &third, "nobody-issued-this", "dps_x", "a.b.c"] {
        revoke(&client, gone).await.is(200);
        revoke(&nobody, gone).await.is(200);
    }
    // Not somebody else's, not with wrong credentials, not by a page with a secret.
    let fourth = mint(&server, &secret, json!({})).await;
    let stranger = basic(&server, other.id.as_str(), &others);
    error(&revoke(&stranger, &fourth).await, 400, "unauthorized_client");
    let wrong = basic(&server, other.id.as_str(), "wrong");
    error(&revoke(&wrong, &fourth).await, 401, "invalid_client");
    let page = nobody.clone().with("origin", "https://blog.example");
    error(&revoke(&page, &secret).await, 403, "unauthorized_client");
    error(
        &nobody.post("/oauth2/revoke").send().await,
        400,
        "invalid_request",
    );
    assert_eq!((read(&fourth).await, read(&secret).await), (204, 204));
    // A secret ends itself and what it minted.
    revoke(&client, &secret).await.is(200);
    assert_eq!((read(&fourth).await, read(&secret).await), (401, 401));
}

async fn metadata(server: Server) {
    let answer = server
        .anonymous()
        .get("/.well-known/oauth-authorization-server")
        .send()
        .await
        .is(200);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "public, max-age=3600");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    let body = answer.json();
    assert_eq!(body["issuer"], OWN);
    assert_eq!(body["response_types_supported"], json!([]));
    // Each address that it names is there.
    for name in ["token_endpoint", "introspection_endpoint", "revocation_endpoint"] {
        let path = body[name].as_str().unwrap().strip_prefix(OWN).unwrap().to_owned();
        let answer = server.anonymous().post(&path).send().await;
        assert!(matches!(answer.status.as_u16(), 400 | 401), "{path}");
        assert!(answer.json()["error"].is_string());
    }
    for name in ["jwks_uri", "service_documentation"] {
        let path = body[name].as_str().unwrap().strip_prefix(OWN).unwrap().to_owned();
        server.anonymous().get(&path).send().await.is(200);
    }
    // Each way that it names works.
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    let id = token.id.as_str();
    for grant in body["grant_types_supported"].as_array().unwrap() {
        let fields = [
            ("grant_type", grant.as_str().unwrap()),
            ("subject_token", secret.as_str()),
            ("subject_token_type", ACCESS_TOKEN),
        ];
        granted(self::token(&basic(&server, id, &secret), &fields).await);
    }
}
