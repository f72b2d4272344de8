//! Ending before the time: `POST /api/RevokeToken`, `stop-temporary` by subject and `jti`, and the signing keys'
//! rotation. Each is asked on tokens that were checked before, so that what is remembered of them is no way through.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde_json::{Value, json};
use server::clock::Clock;
use server::http::PUBLISHED_BEFORE;
use wire::{ErrorCode, SigningKeyState, SigningKeyView, Status};

use crate::harness::{Admin, Answer, Server, mint, on_both};

on_both![
    a_page_ends_its_temporary_token,
    a_server_ends_its_secret_and_no_other,
    what_is_refused_for_now_is_ended_for_good,
    nobody_ends_a_public_token,
    a_visitor_ends_so_many,
    a_subject_is_stopped,
    a_stop_outlives_a_setting,
    one_is_stopped_by_an_administrator,
    what_is_asked_wrongly,
    keys_rotate_with_an_overlap,
    keys_rotate_at_once,
    networks_are_narrowed,
];

async fn revoke(server: &Server, token: &str) -> Answer {
    server.bearer(token).post("/api/RevokeToken").send().await
}

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64.decode(payload).unwrap()).unwrap()
}

/// The one entry of the activity list with this action.
async fn act(admin: &Admin<'_>, action: &str) -> Value {
    let list = admin.get("/activity").await.is(200).json();
    let mut entries = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|e| e["action"] == action);
    let entry = entries.next().unwrap_or_else(|| panic!("no {action}")).clone();
    assert!(entries.next().is_none(), "{action} twice");
    entry
}

async fn a_page_ends_its_temporary_token(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    let one = mint(&server, &secret, json!({ "subject": "kari" })).await;
    let two = mint(&server, &secret, json!({})).await;
    for pass in [&one, &two] {
        server.may_read(pass, "Press photos").await.is(204);
    }
    let page = server.bearer(&one).with("origin", "https://a.example");
    let ended = page.post("/api/RevokeToken").send().await.is(204);
    assert_eq!((ended.header("cache-control"), ended.body.len()), ("no-store", 0));
    for _ in 0..2 {
        server
            .may_read(&one, "Press photos")
            .await
            .refused(ErrorCode::TemporaryTokenStopped);
    }
    revoke(&server, &one)
        .await
        .refused(ErrorCode::TemporaryTokenStopped);
    server.may_read(&two, "Press photos").await.is(204);
    server.may_read(&secret, "Press photos").await.is(204);
    let act = act(&admin, "token.revoked").await;
    assert_eq!(act["actor"]["name"], json!(token.name));
    assert_eq!(act["subject"]["id"], json!(token.id));
    let changes = json!([
        { "field": "jti", "before": claims(&one)["jti"], "after": null },
        { "field": "subject", "before": "kari", "after": null },
    ]);
    assert_eq!(act["changes"], changes);
    // In the database too, not only in memory.
    let again = server.restarted_as(crate::harness::site()).await;
    again
        .may_read(&one, "Press photos")
        .await
        .refused(ErrorCode::TemporaryTokenStopped);
    again.may_read(&two, "Press photos").await.is(204);
}

async fn a_server_ends_its_secret_and_no_other(server: Server) {
    let admin = server.admin().await;
    let (token, first) = admin.usual().await;
    let second = admin.secret(&token, 3600).await;
    let (of_first, of_second) = (
        mint(&server, &first, json!({})).await,
        mint(&server, &second, json!({})).await,
    );
    for value in [&first, &second, &of_first, &of_second] {
        server.may_read(value, "Press photos").await.is(204);
    }
    revoke(&server, &second).await.is(204);
    server
        .may_read(&second, "Press photos")
        .await
        .refused(ErrorCode::TokenExpired);
    server
        .may_read(&of_second, "Press photos")
        .await
        .refused(ErrorCode::TemporaryTokenStopped);
    server.may_read(&first, "Press photos").await.is(204);
    server.may_read(&of_first, "Press photos").await.is(204);
    // A limit that is used up is no reason to keep a secret alive.
    let limit = json!({ "rate_limit": { "requests": 1, "per_seconds": 3600 } });
    admin.patch(&token, limit).await.is(200);
    server.may_read(&first, "Press photos").await.is(204);
    server
        .may_read(&first, "Press photos")
        .await
        .refused(ErrorCode::RateLimited);
    revoke(&server, &first).await.is(204);
    revoke(&server, &first).await.refused(ErrorCode::TokenExpired);
    // The token is there, and waits for a new secret, as everybody can see who looks for such.
    let waiting = admin.find(&token).await;
    assert_eq!((waiting.status, waiting.hint), (Status::AwaitingSecret, None));
    assert!(waiting.secrets.is_empty() && waiting.attention.is_empty());
    for (status, total) in [("awaiting_secret", 1), ("active", 0)] {
        let list = admin
            .get(&format!("/tokens?status={status}"))
            .await
            .is(200)
            .json();
        assert_eq!(list["total"], total, "{status}");
    }
    let third = admin.secret(&token, 0).await;
    admin.patch(&token, json!({ "rate_limit": null })).await.is(200);
    server.may_read(&third, "Press photos").await.is(204);
    assert_eq!(admin.find(&token).await.status, Status::Active);
}

/// What is only switched off, or over for now, would be accepted again as soon as an administrator changes their mind.
async fn what_is_refused_for_now_is_ended_for_good(server: Server) {
    let admin = server.admin().await;
    admin
        .settings(json!({ "allow_endless_temporary_tokens": true }))
        .await
        .is(200);
    for door in ["ours", "OAuth's, by its holder", "OAuth's, by its client"] {
        let body = json!({
            "name": door,
            "temporary_lifetime": 0,
            "grants": [{ "interface": "Press photos", "permissions": ["read"] }],
        });
        let (token, secret) = admin.active(body).await;
        let client = [
            ("client_id", token.id.as_str()),
            ("client_secret", secret.as_str()),
        ];
        let end = async |value: &str| {
            let form = |more: &[(&str, &str)]| {
                let call = server.anonymous().post("/oauth2/revoke");
                call.form(&[&[("token", value)], more].concat()).send()
            };
            let answer = match door {
                "ours" => revoke(&server, value).await,
                "OAuth's, by its holder" => form(&[]).await,
                _ => form(&client).await,
            };
            assert!(answer.status.is_success(), "{door}: {}", answer.text());
        };
        let refused = async |value: &str, code: ErrorCode| {
            server.may_read(value, "Press photos").await.refused(code);
        };
        let endless = mint(&server, &secret, json!({})).await;
        let settings = |on: bool| admin.settings(json!({ "allow_endless_temporary_tokens": on }));
        settings(false).await.is(200);
        refused(&endless, ErrorCode::TokenExpired).await;
        end(&endless).await;
        settings(true).await.is(200);
        refused(&endless, ErrorCode::TemporaryTokenStopped).await;

        let pass = mint(&server, &secret, json!({ "lifetime": 900 })).await;
        let soon = json!({ "expires_at": server.clock.now().plus_seconds(60) });
        admin.patch(&token, soon).await.is(200);
        server.clock.advance_seconds(60);
        refused(&pass, ErrorCode::TokenExpired).await;
        end(&pass).await;
        admin.patch(&token, json!({ "expires_at": null })).await.is(200);
        refused(&pass, ErrorCode::TemporaryTokenStopped).await;

        server.may_read(&secret, "Press photos").await.is(204);
        admin.act(&token, "deactivate").await;
        refused(&secret, ErrorCode::TokenInactive).await;
        end(&secret).await;
        let activated = admin.act(&token, "activate").await;
        refused(&secret, ErrorCode::TokenExpired).await;
        assert_eq!(activated.status, Status::AwaitingSecret);
    }
    // In the database too.
    let again = server.restarted_as(crate::harness::site()).await;
    let tokens = again.admin().await.get("/tokens?status=awaiting_secret").await;
    assert_eq!(tokens.is(200).json()["total"], 3);
}

async fn nobody_ends_a_public_token(server: Server) {
    let admin = server.admin().await;
    admin.public_interface("Open").await;
    let body = json!({
        "name": "Page", "kind": "public", "expires_at": "2027-01-01T00:00:00Z",
        "grants": [{ "interface": "Open", "permissions": ["read"] }],
        "allowed_origins": ["https://a.example"], "rate_limit": { "requests": 100, "per_seconds": 60 },
    });
    let token = admin.token(body).await;
    let public = admin.secret(&token, 0).await;
    let visitor = || server.bearer(&public).with("origin", "https://a.example");
    visitor()
        .post("/api/RevokeToken")
        .send()
        .await
        .refused(ErrorCode::Forbidden);
    let read = crate::harness::verify("Open", "read");
    visitor().get(&read).send().await.is(204);
}

/// Exchanging a pass and ending what comes of it, again and again.
async fn a_visitor_ends_so_many(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    admin
        .patch(&token, json!({ "rate_limit": "unlimited" }))
        .await
        .is(200);
    let pass = async || mint(&server, &secret, json!({})).await;
    for door in 0..60 {
        let pass = pass().await;
        if door % 2 == 0 {
            revoke(&server, &pass).await.is(204);
        } else {
            let form = [("token", pass.as_str())];
            let visitor = server.anonymous().post("/oauth2/revoke");
            visitor.form(&form).send().await.is(200);
        }
    }
    let last = pass().await;
    let held = revoke(&server, &last).await;
    held.refused(ErrorCode::RateLimited);
    assert_eq!(held.header("retry-after"), "1");
    // A pass is no client, whosever pass it ends.
    let form = [("token", last.as_str())];
    for visitor in [server.anonymous(), server.bearer(&pass().await)] {
        let held = visitor.post("/oauth2/revoke").form(&form).send().await;
        assert_eq!((held.status.as_u16(), held.header("retry-after")), (429, "1"));
    }
    server.may_read(&last, "Press photos").await.is(204);
    let entries = admin.get("/activity?per_page=200").await.is(200).json();
    let entries = entries["items"].as_array().unwrap();
    let told = entries.iter().filter(|e| e["action"] == "token.revoked").count();
    assert_eq!(told, 1, "nobody fills the list");
    // Neither its server has to wait, nor an administrator, nor somebody elsewhere.
    let server_itself = server.bearer(&secret).post("/oauth2/revoke").form(&form);
    server_itself.send().await.is(200);
    server
        .may_read(&last, "Press photos")
        .await
        .refused(ErrorCode::TemporaryTokenStopped);
    let other = pass().await;
    let jti = claims(&other)["jti"].clone();
    stop(&admin, &token, json!({ "jti": jti })).await.is(200);
    let elsewhere = server.bearer(&pass().await).at([198, 51, 100, 7].into());
    elsewhere.post("/api/RevokeToken").send().await.is(204);
    server.clock.advance_seconds(1);
    revoke(&server, &pass().await).await.is(204);
    revoke(&server, &pass().await)
        .await
        .refused(ErrorCode::RateLimited);
    revoke(&server, &secret).await.is(204);
}

async fn stop(admin: &Admin<'_>, token: &wire::TokenView, body: Value) -> Answer {
    let path = format!("/tokens/{}/stop-temporary", token.id);
    admin.send("POST", &path, body).await
}

async fn a_subject_is_stopped(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    let kari = mint(&server, &secret, json!({ "subject": "kari" })).await;
    let ola = mint(&server, &secret, json!({ "subject": "ola" })).await;
    let nobody = mint(&server, &secret, json!({})).await;
    server.may_read(&kari, "Press photos").await.is(204);
    let answer = stop(&admin, &token, json!({ "subject": "kari" })).await.is(200);
    assert_eq!(answer.json()["id"], json!(token.id));
    server
        .may_read(&kari, "Press photos")
        .await
        .refused(ErrorCode::TemporaryTokenStopped);
    server.may_read(&ola, "Press photos").await.is(204);
    server.may_read(&nobody, "Press photos").await.is(204);
    assert_eq!(
        act(&admin, "token.temporary_stopped").await["changes"],
        json!([{ "field": "subject", "before": "kari", "after": null }])
    );
    server.clock.advance_seconds(1);
    let again = mint(&server, &secret, json!({ "subject": "kari" })).await;
    server.may_read(&again, "Press photos").await.is(204);
}

/// Tokens without an end were allowed once. Stopping them later must not end when the longest of today would.
async fn a_stop_outlives_a_setting(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    let allowed = json!({ "allow_endless_temporary_tokens": true });
    admin.settings(allowed).await.is(200);
    admin
        .patch(&token, json!({ "temporary_lifetime": 0 }))
        .await
        .is(200);
    let pass = mint(&server, &secret, json!({ "subject": "kari" })).await;
    assert!(claims(&pass).get("exp").is_none());
    admin
        .patch(&token, json!({ "temporary_lifetime": 60 }))
        .await
        .is(200);
    let not_any_more = json!({ "allow_endless_temporary_tokens": false, "default_temporary_lifetime": 60, "maximum_temporary_lifetime": 60 });
    admin.settings(not_any_more).await.is(200);
    server
        .may_read(&pass, "Press photos")
        .await
        .refused(ErrorCode::TokenExpired);
    stop(&admin, &token, json!({ "subject": "kari" })).await.is(200);
    server.clock.advance_seconds(2 * 31_536_000);
    server.app.store.forget_ended_stops().await.unwrap();
    server.app.look_after_keys().await.unwrap();
    // Whoever allows them again later does not think of her.
    let admin = server.admin().await;
    let allowed = json!({ "allow_endless_temporary_tokens": true });
    admin.settings(allowed).await.is(200);
    server
        .may_read(&pass, "Press photos")
        .await
        .refused(ErrorCode::TemporaryTokenStopped);
    let again = server.restarted_as(crate::harness::site()).await;
    again
        .may_read(&pass, "Press photos")
        .await
        .refused(ErrorCode::TemporaryTokenStopped);
}

async fn one_is_stopped_by_an_administrator(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    let one = mint(&server, &secret, json!({})).await;
    let two = mint(&server, &secret, json!({})).await;
    server.may_read(&one, "Press photos").await.is(204);
    let body = json!({ "jti": claims(&one)["jti"], "version": token.version });
    stop(&admin, &token, body).await.is(200);
    server
        .may_read(&one, "Press photos")
        .await
        .refused(ErrorCode::TemporaryTokenStopped);
    server.may_read(&two, "Press photos").await.is(204);
    // All of them at once goes on working as before.
    stop(&admin, &token, json!({})).await.is(200);
    server
        .may_read(&two, "Press photos")
        .await
        .refused(ErrorCode::TemporaryTokenStopped);
}

async fn what_is_asked_wrongly(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    let pass = mint(&server, &secret, json!({})).await;
    let jti = claims(&pass)["jti"].clone();
    let both = stop(&admin, &token, json!({ "subject": "kari", "jti": jti })).await;
    both.refused_field("jti", "excludes");
    stop(&admin, &token, json!({ "jti": "x" }))
        .await
        .refused(ErrorCode::InvalidRequest);
    stop(&admin, &token, json!({ "subject": "" }))
        .await
        .refused(ErrorCode::InvalidRequest);
    stop(&admin, &token, json!({ "subject": "kari", "version": 99 }))
        .await
        .refused(ErrorCode::Conflict);
    let unknown = server.bearer(&secret).post("/api/RevokeToken");
    unknown
        .json(&json!({ "token": "x" }))
        .send()
        .await
        .refused_field("token", "unknown_field");
    server
        .anonymous()
        .post("/api/RevokeToken")
        .send()
        .await
        .refused(ErrorCode::TokenMissing);
    server.may_read(&pass, "Press photos").await.is(204);
    server.may_read(&secret, "Press photos").await.is(204);
    admin.settings(json!({ "api_enabled": false })).await.is(200);
    revoke(&server, &pass).await.refused(ErrorCode::ApiDisabled);
}

async fn published(server: &Server) -> Vec<String> {
    let set = server
        .anonymous()
        .get("/.well-known/jwks.json")
        .send()
        .await
        .is(200);
    assert_eq!(set.header("cache-control"), "public, max-age=300");
    let keys = set.json()["keys"].as_array().unwrap().clone();
    keys.iter()
        .map(|k| k["kid"].as_str().unwrap().to_owned())
        .collect()
}

fn kid(token: &str) -> String {
    let header = BASE64.decode(token.split('.').next().unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}

async fn keys_rotate_with_an_overlap(server: Server) {
    let admin = server.admin().await;
    let (_, secret) = admin.usual().await;
    let before = mint(&server, &secret, json!({})).await;
    server.may_read(&before, "Press photos").await.is(204);
    let answer = admin
        .send("POST", "/signing-keys/rotate", json!({}))
        .await
        .is(201);
    let keys: Vec<SigningKeyView> = answer.read();
    let states: Vec<_> = keys.iter().map(|k| k.state).collect();
    assert_eq!(states, [SigningKeyState::Next, SigningKeyState::Signing]);
    assert!(!answer.text().contains("seed") && !answer.text().contains("sealed"));
    // Published, but it does not sign yet.
    let (new, old) = (keys[0].id.clone(), keys[1].id.clone());
    assert_eq!(published(&server).await, [new.clone(), old.clone()]);
    assert_eq!(kid(&mint(&server, &secret, json!({})).await), old);
    admin
        .send("POST", "/signing-keys/rotate", json!({}))
        .await
        .refused(ErrorCode::Conflict);
    server.clock.advance_seconds(PUBLISHED_BEFORE - 1);
    let last = mint(&server, &secret, json!({})).await;
    assert_eq!(kid(&last), old);
    server.clock.advance_seconds(1);
    let first = mint(&server, &secret, json!({})).await;
    assert_eq!(kid(&first), new);
    for pass in [&before, &last, &first] {
        server.may_read(pass, "Press photos").await.is(204);
    }
    // A server that starts in between knows both.
    let server = server.restarted_as(crate::harness::site()).await;
    server.may_read(&last, "Press photos").await.is(204);
    assert_eq!(kid(&mint(&server, &secret, json!({})).await), new);
    // The old one goes when the longest token that it may have signed has ended.
    server.clock.advance_seconds(86_399);
    server.app.look_after_keys().await.unwrap();
    assert_eq!(published(&server).await.len(), 2);
    server.clock.advance_seconds(1);
    server.app.look_after_keys().await.unwrap();
    assert_eq!(published(&server).await, [new]);
    let act = server.admin().await.get("/activity").await.is(200).json();
    let rotated = json!("signing_key.rotated");
    assert!(
        act["items"]
            .as_array()
            .unwrap()
            .iter()
            .any(|a| a["action"] == rotated)
    );
}

async fn keys_rotate_at_once(server: Server) {
    let admin = server.admin().await;
    let (_, secret) = admin.usual().await;
    let before = mint(&server, &secret, json!({})).await;
    server.may_read(&before, "Press photos").await.is(204);
    let body = json!({ "at_once": true });
    let keys: Vec<SigningKeyView> = admin
        .send("POST", "/signing-keys/rotate", body)
        .await
        .is(201)
        .read();
    assert_eq!(keys.len(), 1);
    for _ in 0..2 {
        server
            .may_read(&before, "Press photos")
            .await
            .refused(ErrorCode::TokenUnknown);
    }
    let after = mint(&server, &secret, json!({})).await;
    assert_eq!(kid(&after), keys[0].id);
    server.may_read(&after, "Press photos").await.is(204);
    // Keys as they were before, read late: they change nothing.
    admin
        .send("POST", "/signing-keys/rotate", json!({ "colour": 1 }))
        .await
        .refused_field("colour", "unknown_field");
}

async fn networks_are_narrowed(server: Server) {
    let admin = server.admin().await;
    let body = json!({ "name": "Office", "allowed_networks": ["198.51.100.0/24", "203.0.113.0/24"], "grants": [{ "interface": "Press photos", "permissions": ["read"] }] });
    let (token, secret) = admin.active(body).await;
    let ask = |body: Value| {
        server
            .bearer(&secret)
            .post("/api/GetTemporaryToken")
            .json(&body)
            .send()
    };
    let minted = ask(json!({ "network": "::ffff:198.51.100.7" }))
        .await
        .is(200)
        .json();
    assert_eq!(minted["network"], "198.51.100.7/32");
    for outside in ["198.51.101.7", "198.51.100.0/23", "::/0"] {
        ask(json!({ "network": outside }))
            .await
            .refused(ErrorCode::NetworkNotAllowed);
    }
    ask(json!({ "network": "everywhere" }))
        .await
        .refused_field("network", "not_a_network");
    let pass = minted["token"].as_str().unwrap();
    let from = |address: &str| {
        let visitor = server
            .proxy()
            .with("token", pass)
            .with("x-forwarded-for", address);
        visitor
            .get(&crate::harness::verify("Press photos", "read"))
            .send()
    };
    from("198.51.100.7").await.is(204);
    from("198.51.100.8").await.refused(ErrorCode::NetworkNotAllowed);
    from("203.0.113.9").await.refused(ErrorCode::NetworkNotAllowed);
    let me = server
        .proxy()
        .with("token", pass)
        .with("x-forwarded-for", "198.51.100.7");
    let me = me.get("/api/WhoAmI").send().await.is(200).json();
    assert_eq!(me["allowed_networks"], json!(["198.51.100.7/32"]));
    // Narrowing the parent acts at once.
    let narrower = json!({ "allowed_networks": ["203.0.113.0/24"] });
    admin.patch(&token, narrower).await.is(200);
    from("198.51.100.7").await.refused(ErrorCode::NetworkNotAllowed);
}
