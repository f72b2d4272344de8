//! What all doors have in common, whichever standard or product their form is from: they tell how limits stand, close
//! when API access is switched off, and judge a request when all of it is there.

use serde_json::{Value, json};
use wire::ErrorCode;

use crate::harness::{Answer, Call, Persona, Server, mint, on_both, verify};

on_both![
    every_door_tells_how_limits_stand,
    refusals_tell_of_limits,
    every_door_closes,
    a_body_that_is_held_back_stops_no_clock,
];

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

const IMAGESHOP: [&str; 4] = [
    "/Login/GetTemporaryToken",
    "/Login/WhoAmI",
    "/Login/CanUpload",
    "/V4.asmx/GetTemporaryToken",
];

/// The forms of OAuth's doors, for a client that sends its secret and asks about a token.
fn oauth(ask: &Persona<'_>, id: &str, secret: &str, about: &str) -> Vec<(&'static str, Call)> {
    let client = [("client_id", id), ("client_secret", secret)];
    let with = |path, more: &[(&str, &str)]| ask.post(path).form(&[&client[..], more].concat());
    vec![
        (
            "mint",
            with("/oauth2/token", &[("grant_type", "client_credentials")]),
        ),
        (
            "mint",
            ask.post("/oauth2/token").form(&[
                ("grant_type", EXCHANGE),
                ("subject_token", secret),
                ("subject_token_type", ACCESS_TOKEN),
            ]),
        ),
        ("verify", with("/oauth2/introspect", &[("token", about)])),
    ]
}

async fn every_door_tells_how_limits_stand(server: Server) {
    let admin = server.admin().await;
    let (_, other) = admin.usual().await;
    let (token, secret) = admin
        .active(json!({
            "name": "Limited",
            "grants": [{ "interface": "Press photos", "permissions": ["read", "introspect"] }],
            "rate_limit": { "requests": 2, "per_seconds": 60 },
        }))
        .await;
    let about = mint(&server, &other, json!({})).await;
    let (nobody, holder) = (server.anonymous(), server.bearer(&secret));
    let imageshop = server.anonymous().with("token", &secret);
    let doors = || {
        let mut doors = oauth(&nobody, token.id.as_str(), &secret, &about);
        for path in IMAGESHOP {
            let policy = if path.ends_with("Token") { "mint" } else { "verify" };
            doors.push((policy, imageshop.get(path)));
            doors.push((policy, nobody.post(path).form(&[("token", &secret)])));
        }
        doors.extend([
            ("mint", holder.post("/api/GetTemporaryToken")),
            ("mint", holder.get("/api/GetTemporaryToken")),
            (
                "mint",
                nobody.post("/api/GetTemporaryToken").form(&[("apikey", &secret)]),
            ),
            ("verify", holder.get("/api/WhoAmI")),
            ("verify", nobody.post("/api/WhoAmI").form(&[("apikey", &secret)])),
            ("verify", holder.get(&verify("Press photos", "read"))),
        ]);
        doors
    };
    for at in 0..doors().len() {
        // Every bucket is full again.
        server.clock.advance_seconds(60);
        let mut answers = Vec::new();
        for _ in 0..3 {
            let (policy, call) = doors().swap_remove(at);
            answers.push((policy, call.send().await));
        }
        let headers = |answer: &Answer| {
            ["ratelimit-policy", "ratelimit", "retry-after"].map(|name| answer.header(name).to_owned())
        };
        let (policy, first) = &answers[0];
        assert!(first.status.is_success(), "door {at}: {}", first.text());
        let quota = format!("\"{policy}\";q=2;w=60");
        let expected = [quota.clone(), format!("\"{policy}\";r=1;t=30"), String::new()];
        assert_eq!(headers(first), expected, "door {at}");
        let (_, last) = &answers[2];
        assert_eq!(last.status, 429, "door {at}: {}", last.text());
        assert_eq!(last.header("x-daypass-code"), "rate_limited", "door {at}");
        let expected = [quota, format!("\"{policy}\";r=0;t=60"), "30".to_owned()];
        assert_eq!(headers(last), expected, "door {at}");
    }
}

/// What is refused for another reason has used up a request all the same.
async fn refusals_tell_of_limits(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin
        .active(json!({
            "name": "WordPress",
            "grants": [{ "interface": "Press photos", "permissions": ["read"] }],
            "rate_limit": { "requests": 2, "per_seconds": 60 },
        }))
        .await;
    let (holder, nobody) = (server.bearer(&secret), server.anonymous());
    let client = [
        ("grant_type", "client_credentials"),
        ("client_id", token.id.as_str()),
        ("client_secret", secret.as_str()),
    ];
    let with = |name: &'static str, value: &'static str| [&client[..], &[(name, value)]].concat();
    let form = |fields: &[(&str, &str)]| nobody.post("/oauth2/token").form(fields);
    let about = [
        ("client_id", token.id.as_str()),
        ("client_secret", secret.as_str()),
        ("token", "x"),
    ];
    let doors = [
        ("verify", 403, holder.get(&verify("Press photos", "upload"))),
        (
            "mint",
            403,
            holder
                .post("/api/GetTemporaryToken")
                .json(&json!({ "permissions": ["upload"] })),
        ),
        (
            "mint",
            422,
            holder
                .post("/api/GetTemporaryToken")
                .json(&json!({ "lifetme": 1 })),
        ),
        ("mint", 422, holder.get("/api/GetTemporaryToken?lifetime=soon")),
        (
            "mint",
            422,
            nobody
                .post("/api/GetTemporaryToken")
                .form(&[("apikey", &secret), ("lifetime", "soon")]),
        ),
        ("mint", 400, form(&with("scope", "Press%20photos:upload"))),
        ("mint", 400, form(&with("lifetime", "soon"))),
        ("verify", 403, nobody.post("/oauth2/introspect").form(&about)),
    ];
    for (at, (policy, status, call)) in doors.into_iter().enumerate() {
        server.clock.advance_seconds(120);
        let answer = call.send().await;
        assert_eq!(answer.status, status, "door {at}: {}", answer.text());
        let stands = format!("\"{policy}\";r=1;t=30");
        assert_eq!(answer.header("ratelimit"), stands, "door {at}");
    }
}

async fn every_door_closes(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin
        .active(json!({
            "name": "WordPress",
            "grants": [{ "interface": "Press photos", "permissions": ["read", "introspect"] }],
        }))
        .await;
    let pass = mint(&server, &secret, json!({})).await;
    let rules = json!([{ "path": "/press/*", "interface": "Press photos", "permission": "read" }]);
    let off = json!({ "api_enabled": false, "path_rules": rules });
    admin.settings(off).await.is(200);
    // Whatever is sent: what is right, what nobody issued, nothing at all.
    for value in [&secret, &pass, "nobody-issued-this", ""] {
        let nobody = server.anonymous();
        let mut doors: Vec<Call> = oauth(&nobody, token.id.as_str(), value, &pass)
            .into_iter()
            .map(|(_, call)| call)
            .collect();
        doors.push(nobody.post("/oauth2/revoke").form(&[("token", value)]));
        doors.push(nobody.post("/oauth2/token"));
        for door in doors {
            let answer = door.send().await.is(403);
            let error: Value = answer.json();
            assert_eq!(error["error"], "unauthorized_client");
            assert_eq!(error["error_uri"], "/api/errors#api_disabled");
            assert_eq!(answer.header("x-daypass-code"), "api_disabled");
            assert_eq!(answer.header("cache-control"), "no-store");
        }
        let (holder, imageshop) = (server.bearer(value), server.anonymous().with("token", value));
        let mut doors: Vec<Call> = IMAGESHOP
            .into_iter()
            .flat_map(|path| [imageshop.get(path), nobody.post(path).form(&[("token", value)])])
            .collect();
        for path in ["/api/GetTemporaryToken", "/api/WhoAmI"] {
            doors.extend([
                holder.get(path),
                holder.post(path),
                nobody.post(path).form(&[("apikey", value)]),
                nobody.get(&format!("{path}?apikey={value}")),
            ]);
        }
        doors.extend([
            holder
                .post("/api/GetTemporaryToken")
                .json(&json!({ "colour": 1 })),
            holder.post("/api/RevokeToken"),
            holder.get(&verify("Press photos", "read")),
            holder.get(&verify("Nowhere", "read")),
            holder.get("/verify?interface=Press%20photos"),
            holder.get("/verify"),
        ]);
        for door in doors {
            let answer = door.send().await;
            answer.refused(ErrorCode::ApiDisabled);
            assert_eq!(answer.header("x-daypass-code"), "api_disabled");
        }
        // A proxy's visitors get no body; also where no path rule would have let anybody in.
        for uri in ["/press/1.webp", "/elsewhere"] {
            let proxy = server
                .proxy()
                .with("x-original-uri", uri)
                .with("x-original-method", "GET")
                .with("authorization", &format!("Bearer {value}"));
            for question in ["/verify", &verify("Press photos", "read")] {
                let answer = proxy.get(question).send().await.is(403);
                assert_eq!(answer.header("x-daypass-code"), "api_disabled");
                assert!(answer.body.is_empty());
            }
        }
    }
    // Nothing was lost, and nothing was ended.
    admin.settings(json!({ "api_enabled": true })).await.is(200);
    for value in [&secret, &pass] {
        server.may_read(value, "Press photos").await.is(204);
    }
    server.flush().await;
    assert!(admin.find(&token).await.exposures.is_empty());
}

/// Whoever begins a request in time and sends its body when the time is over comes too late.
async fn a_body_that_is_held_back_stops_no_clock(server: Server) {
    let admin = server.admin().await;
    let (usual, replaced) = admin.usual().await;
    let (guard, key) = admin
        .active(json!({
            "name": "Guard",
            "grants": [{ "interface": "Press photos", "permissions": ["introspect"] }],
        }))
        .await;
    let grants = json!([{ "interface": "Press photos", "permissions": ["read", "introspect"] }]);
    let ends = json!({ "name": "Ends", "grants": grants, "expires_at": "2026-03-01T12:01:00.000Z" });
    let (token, secret) = admin.active(ends).await;
    let newer = admin.secret(&usual, 60).await;
    let anyone = server.anonymous();
    let holder = server.bearer(&secret);
    let own = [("token", secret.as_str())];

    let json = holder
        .post("/api/GetTemporaryToken")
        .json(&json!({}))
        .held()
        .await;
    let form = anyone
        .post("/api/GetTemporaryToken")
        .form(&[("apikey", secret.as_str())])
        .held()
        .await;
    let who = anyone.post("/api/WhoAmI").form(&own).held().await;
    let imageshop = anyone.post("/Login/WhoAmI").form(&own).held().await;
    let ending = server.bearer(&replaced).post("/api/RevokeToken").held().await;
    let mut oauth = Vec::new();
    for (_, call) in self::oauth(&anyone, token.id.as_str(), &secret, &key) {
        oauth.push(call.held().await);
    }
    let about = self::oauth(&anyone, guard.id.as_str(), &key, &secret)
        .remove(2)
        .1
        .held()
        .await;
    server.clock.advance_seconds(60);
    for held in [json, form, who, imageshop, ending] {
        held.let_go().await.refused(ErrorCode::TokenExpired);
    }
    for held in oauth {
        let answer = held.let_go().await;
        assert_eq!(
            answer.header("x-daypass-code"),
            "token_expired",
            "{}",
            answer.text()
        );
    }
    assert_eq!(about.let_go().await.is(200).json(), json!({ "active": false }));
    server.may_read(&newer, "Press photos").await.is(204);
}
