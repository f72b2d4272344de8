//! The server answers while it reads its tokens: what is asked for before its turn is looked up, and nothing that was
//! taken away comes back.

use serde_json::{Value, json};
use wire::ErrorCode;

use crate::harness::{Server, mint, on_both, site};

on_both![
    the_first_answers_are_right,
    every_door_looks_up,
    what_is_revoked_before_its_turn_stays_revoked,
    unknown_tokens_ask_the_database_once,
];

fn press() -> Value {
    json!([{ "interface": "Press photos", "permissions": ["read"] }])
}

async fn the_first_answers_are_right(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    let pass = mint(&server, &secret, json!({ "subject": "kari" })).await;
    let stopped = mint(&server, &secret, json!({})).await;
    server
        .bearer(&stopped)
        .post("/api/RevokeToken")
        .send()
        .await
        .is(204);
    let (off, off_secret) = admin.active(json!({ "name": "Off", "grants": press() })).await;
    let off_pass = mint(&server, &off_secret, json!({})).await;
    admin.act(&off, "deactivate").await;
    let (gone, gone_secret) = admin.active(json!({ "name": "Gone", "grants": press() })).await;
    let gone_pass = mint(&server, &gone_secret, json!({})).await;
    admin.act(&gone, "deactivate").await;
    admin
        .api("DELETE", &format!("/tokens/{}", gone.id))
        .send()
        .await
        .is(204);
    let replaced = admin
        .active(json!({ "name": "Replaced", "grants": press() }))
        .await;
    let new = admin.secret(&replaced.0, 60).await;

    let server = server.restarting_as(site()).await;
    assert!(!server.app.index.is_complete());
    for round in ["looked up", "looked up before", "read"] {
        if round == "read" {
            server.app.store.load_tokens().await.unwrap();
            assert!(server.app.index.is_complete());
        }
        for good in [&secret, &pass, &replaced.1, &new] {
            server.may_read(good, "Press photos").await.is(204);
        }
        let refused = async |value: &str, code| {
            server.may_read(value, "Press photos").await.refused(code);
        };
        refused(&stopped, ErrorCode::TemporaryTokenStopped).await;
        refused(&off_secret, ErrorCode::TokenInactive).await;
        refused(&off_pass, ErrorCode::TemporaryTokenStopped).await;
        refused(&gone_secret, ErrorCode::TokenUnknown).await;
        refused(&gone_pass, ErrorCode::TemporaryTokenStopped).await;
        refused("a-key-that-nobody-ever-took-over", ErrorCode::TokenUnknown).await;
    }
    let answer = server.may_read(&pass, "Press photos").await;
    assert_eq!(answer.header("x-daypass-subject"), "kari");
    assert_eq!(answer.header("x-daypass-token-id"), token.id.as_str());
}

async fn every_door_looks_up(server: Server) {
    let admin = server.admin().await;
    let rights = json!([{ "interface": "Press photos", "permissions": ["read", "introspect"] }]);
    // One for each door: it is not there because another door asked for it before.
    let mut keys = Vec::new();
    for number in 0..9 {
        keys.push(
            admin
                .active(json!({ "name": format!("Door {number}"), "grants": rights }))
                .await,
        );
    }
    let server = server.restarting_as(site()).await;
    let mut keys = keys.into_iter();
    let mut next = || keys.next().unwrap();
    let bearer = |value: &str| server.bearer(value);
    bearer(&next().1).get("/api/WhoAmI").send().await.is(200);
    bearer(&next().1)
        .post("/api/GetTemporaryToken")
        .send()
        .await
        .is(200);
    bearer(&next().1).post("/api/RevokeToken").send().await.is(204);
    bearer(&next().1).get("/Login/WhoAmI").send().await.is(200);
    let form = [("apikey", next().1)];
    let form = form.each_ref().map(|(name, value)| (*name, value.as_str()));
    server
        .anonymous()
        .post("/api/WhoAmI")
        .form(&form)
        .send()
        .await
        .is(200);
    let (token, secret) = next();
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", token.id.as_str()),
        ("client_secret", &secret),
    ];
    server
        .anonymous()
        .post("/oauth2/token")
        .form(&form)
        .send()
        .await
        .is(200);
    let (caller, subject) = (next().1, next().1);
    let seen = bearer(&caller)
        .post("/oauth2/introspect")
        .form(&[("token", &subject)])
        .send()
        .await;
    assert_eq!(seen.is(200).json()["active"], true);
    let (token, secret) = next();
    let form = [
        ("client_id", token.id.as_str()),
        ("client_secret", &secret),
        ("token", &secret),
    ];
    server
        .anonymous()
        .post("/oauth2/revoke")
        .form(&form)
        .send()
        .await
        .is(200);
    server
        .may_read(&secret, "Press photos")
        .await
        .refused(ErrorCode::TokenExpired);
    assert!(!server.app.index.is_complete(), "each was looked up");
}

async fn what_is_revoked_before_its_turn_stays_revoked(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    let one = mint(&server, &secret, json!({})).await;
    let kari = mint(&server, &secret, json!({ "subject": "kari" })).await;
    let (other, other_secret) = admin.active(json!({ "name": "Other", "grants": press() })).await;

    let server = server.restarting_as(site()).await;
    let admin = server.admin().await;
    // Nobody has asked for either token yet.
    let stop = json!({ "subject": "kari", "version": admin.find(&token).await.version });
    admin
        .send("POST", &format!("/tokens/{}/stop-temporary", token.id), stop)
        .await
        .is(200);
    admin.act(&other, "deactivate").await;
    for round in 0..2 {
        server
            .may_read(&kari, "Press photos")
            .await
            .refused(ErrorCode::TemporaryTokenStopped);
        server.may_read(&one, "Press photos").await.is(204);
        server
            .may_read(&other_secret, "Press photos")
            .await
            .refused(ErrorCode::TokenInactive);
        if round == 0 {
            server.app.store.load_tokens().await.unwrap();
        }
    }
}

async fn unknown_tokens_ask_the_database_once(server: Server) {
    let admin = server.admin().await;
    let key = "a-key-of-another-system-0123456789";
    let server = server.restarting_as(site()).await;
    for _ in 0..3 {
        server
            .may_read(key, "Press photos")
            .await
            .refused(ErrorCode::TokenUnknown);
    }
    // That it was not there is remembered, and is no reason to refuse it once it is.
    drop(admin);
    let admin = server.admin().await;
    admin
        .send("POST", "/interfaces", json!({ "name": "Press photos" }))
        .await
        .is(201);
    let token = admin
        .token(json!({ "name": "Brought along", "grants": press() }))
        .await;
    let ticket = admin.ticket(&token).await;
    let asks = [("ticket", ticket.as_str()), ("mode", "import")];
    let form = admin.strongroom(&token, &asks).send().await.is(200);
    let typed = server.anonymous().with("origin", "null");
    let fields = [("ticket", form.field("ticket")), ("key", key.to_owned())];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    let path = format!("/strongroom/{}/import", token.id);
    typed.post(&path).form(&fields).send().await.is(200);
    server.may_read(key, "Press photos").await.is(204);
    // However many ask at the same time for one that is not here yet, all are answered.
    let server = server.restarting_as(site()).await;
    let asked: Vec<_> = (0..50)
        .map(|_| {
            let (server, key) = (server.clone(), key.to_owned());
            tokio::spawn(async move { server.may_read(&key, "Press photos").await.status.as_u16() })
        })
        .collect();
    for answer in asked {
        assert_eq!(answer.await.unwrap(), 204);
    }
}
