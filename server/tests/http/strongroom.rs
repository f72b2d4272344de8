//! Handover and strongroom: the only answers that hold a permanent secret.

use serde_json::json;
use wire::{ErrorCode, TokenView};

use crate::harness::{Answer, Server, mint, on_both};

on_both![
    shown_once,
    replacing_with_an_overlap,
    a_third_secret_ends_the_first,
    an_existing_key_is_taken_over,
    keys_that_are_not_taken_over,
    tickets_that_open_nothing,
    import_tickets_stand_for_the_session,
    scripts_get_nothing,
    temporary_tokens_die_with_their_secret,
];

const POLICY: &str = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'; sandbox allow-forms";
const KEY: &str = "legacy-Kq7x2Zp9Wm4Tn8Rv";

#[track_caller]
fn is_a_strongroom_document(answer: &Answer) {
    assert_eq!(answer.header("content-security-policy"), POLICY);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert!(!answer.headers.contains_key("set-cookie"));
    let text = answer.text();
    for attribute in ["translate=\"no\"", "spellcheck=\"false\""] {
        assert!(text.contains(attribute), "{attribute}: {text}");
    }
    assert!(
        !text.contains("<script") && !text.contains(" style=") && !text.contains("javascript:"),
        "{text}"
    );
}

async fn shown_once(server: Server) {
    let admin = server.admin().await;
    admin.interface("Press photos").await;
    let token = admin.token(json!({ "name": "<Word & Press>", "grants": [{ "interface": "Press photos", "permissions": ["read"] }] })).await;
    let path = format!("/tokens/{}/handover", token.id);
    let handover = admin.api("POST", &path).send().await.is(201);
    assert_eq!(handover.json()["expires_at"], "2026-03-01T12:10:00.000Z");
    assert_eq!(handover.json().as_object().unwrap().len(), 2);
    let ticket = handover.json()["ticket"].as_str().unwrap().to_owned();
    let fields = [("ticket", ticket.as_str())];
    let shown = admin.strongroom(&token, &fields).send().await.is(200);
    is_a_strongroom_document(&shown);
    let secret = shown.element("secret");
    assert_eq!(secret.len(), 4 + 40 + 6);
    assert!(secret.starts_with("dps_"));
    assert!(shown.text().contains("&lt;Word &amp; Press"), "{}", shown.text());
    server.may_read(&secret, "Press photos").await.is(204);

    let before = admin.find(&token).await;
    let again = admin.strongroom(&token, &fields).send().await.is(409);
    is_a_strongroom_document(&again);
    assert!(again.text().contains("shown once"), "{}", again.text());
    assert!(!again.text().contains(&secret));
    assert_eq!(admin.find(&token).await, before, "nothing was changed");
    server.may_read(&secret, "Press photos").await.is(204);

    // As a program, and as a window.
    let ticket = admin.ticket(&token).await;
    let program = admin
        .0
        .post(&format!("/strongroom/{}", token.id))
        .form(&[("ticket", &ticket)]);
    is_a_strongroom_document(&program.send().await.is(200));
    let ticket = admin.ticket(&token).await;
    let window = admin
        .0
        .post(&format!("/strongroom/{}", token.id))
        .with("sec-fetch-dest", "document")
        .with("sec-fetch-mode", "navigate");
    is_a_strongroom_document(&window.form(&[("ticket", &ticket)]).send().await.is(200));
}

async fn replacing_with_an_overlap(server: Server) {
    let admin = server.admin().await;
    let (token, old) = admin.usual().await;
    let new = admin.secret(&token, 3600).await;
    let both = admin.find(&token).await;
    assert_eq!(both.secrets.len(), 2);
    assert_eq!(
        both.secrets[1].expires_at.unwrap().to_string(),
        "2026-03-01T13:00:00.000Z"
    );
    assert_eq!(both.secrets[0].expires_at, None);
    server.clock.advance_seconds(3599);
    server.may_read(&old, "Press photos").await.is(204);
    server.may_read(&new, "Press photos").await.is(204);
    server.clock.advance_seconds(1);
    server
        .may_read(&old, "Press photos")
        .await
        .refused(ErrorCode::TokenExpired);
    server.may_read(&new, "Press photos").await.is(204);
    assert_eq!(admin.find(&token).await.secrets.len(), 1);
    // Without an overlap at once.
    let newest = admin.secret(&token, 0).await;
    server
        .may_read(&new, "Press photos")
        .await
        .refused(ErrorCode::TokenExpired);
    server.may_read(&newest, "Press photos").await.is(204);
}

async fn a_third_secret_ends_the_first(server: Server) {
    let admin = server.admin().await;
    let (token, first) = admin.usual().await;
    let second = admin.secret(&token, 3600).await;
    let third = admin.secret(&token, 600).await;
    server
        .may_read(&first, "Press photos")
        .await
        .refused(ErrorCode::TokenExpired);
    server.may_read(&second, "Press photos").await.is(204);
    server.may_read(&third, "Press photos").await.is(204);
    assert_eq!(admin.find(&token).await.secrets.len(), 2);
    server.clock.advance_seconds(600);
    server
        .may_read(&second, "Press photos")
        .await
        .refused(ErrorCode::TokenExpired);
    server.may_read(&third, "Press photos").await.is(204);
}

/// The form in which a key is typed.
async fn form(server: &Server, token: &TokenView, overlap: &str) -> Answer {
    let admin = server.admin().await;
    let ticket = admin.ticket(token).await;
    let fields = [
        ("ticket", ticket.as_str()),
        ("mode", "import"),
        ("overlap", overlap),
    ];
    admin.strongroom(token, &fields).send().await.is(200)
}

/// Submits it as the sandboxed document does: no cookie, `Origin: null`.
async fn type_key(server: &Server, token: &TokenView, form: &Answer, key: &str) -> Answer {
    let (ticket, overlap) = (form.field("ticket"), form.field("overlap"));
    let page = server
        .anonymous()
        .with("origin", "null")
        .with("sec-fetch-dest", "iframe")
        .with("sec-fetch-mode", "navigate");
    let fields = [("ticket", ticket.as_str()), ("overlap", &overlap), ("key", key)];
    page.post(&format!("/strongroom/{}/import", token.id))
        .form(&fields)
        .send()
        .await
}

async fn an_existing_key_is_taken_over(server: Server) {
    let admin = server.admin().await;
    let (token, generated) = admin.usual().await;
    let form = form(&server, &token, "60").await;
    is_a_strongroom_document(&form);
    let done = type_key(&server, &token, &form, &format!(" {KEY}\r\n"))
        .await
        .is(200);
    is_a_strongroom_document(&done);
    assert!(
        !done.text().contains(KEY) && done.text().contains("lega…Rv"),
        "{}",
        done.text()
    );
    server.may_read(KEY, "Press photos").await.is(204);
    server.may_read(&generated, "Press photos").await.is(204);
    server.clock.advance_seconds(60);
    server
        .may_read(&generated, "Press photos")
        .await
        .refused(ErrorCode::TokenExpired);
    server
        .may_read(&KEY.to_lowercase(), "Press photos")
        .await
        .refused(ErrorCode::TokenUnknown);
    type_key(&server, &token, &form, "another-Kq7x2Zp9Wm4Tn8Rv")
        .await
        .is(409);
    // The temporary tokens of an imported key are like all others.
    let pass = mint(&server, KEY, json!({})).await;
    server.may_read(&pass, "Press photos").await.is(204);
    let list = admin.get("/activity").await.json();
    let import = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|i| i["action"] == "secret.imported")
        .unwrap();
    assert_eq!(import["actor"]["name"], "Ingrid");
}

async fn keys_that_are_not_taken_over(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    let form = form(&server, &token, "0").await;
    let pass = mint(&server, &secret, json!({})).await;
    for key in [
        "",
        "Kq7x2Zp9",
        "Kq7x2Zp9Wm4Tn8Rv Kq7x2Zp9Wm4Tn8Rw",
        "Kq7x2Zp9Wm4Tn8Rvä1234567",
        "aaaaaaaaaaaaaaaaaaaaaaaaa",
        "abcdefghijklmnopqrstuvwxyz",
        &"Kq7x2Zp9Wm4Tn8Rv".repeat(16),
        &secret,
        "dpp_Kq7x2Zp9Wm4Tn8Rv1234",
        &pass,
    ] {
        let back = type_key(&server, &token, &form, key).await.is(422);
        is_a_strongroom_document(&back);
        assert!(
            key.is_empty() || !back.text().contains(key),
            "a typed key does not come back"
        );
    }
    // The form goes on working after all that, with the overlap that was asked for.
    type_key(&server, &token, &form, KEY).await.is(200);
    // A key is one token's only, also when that has another one by now.
    let other = admin.token(json!({ "name": "Other" })).await;
    let form = self::form(&server, &other, "0").await;
    type_key(&server, &other, &form, KEY).await.is(422);
    admin.secret(&token, 0).await;
    type_key(&server, &other, &form, KEY).await.is(422);
    assert_eq!(admin.find(&other).await.status.as_str(), "awaiting_secret");
}

async fn tickets_that_open_nothing(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    let other = admin.token(json!({ "name": "Other" })).await;
    let elsewhere = server.admin_named("Jens").await;
    let again = server.admin().await;
    let before = admin.find(&token).await;
    let ticket = admin.ticket(&token).await;
    let fields = [("ticket", ticket.as_str())];
    for (answer, status) in [
        (admin.strongroom(&token, &[]).send().await, 403),
        (
            admin.strongroom(&token, &[("ticket", "made-up")]).send().await,
            403,
        ),
        (admin.strongroom(&other, &fields).send().await, 403),
        (elsewhere.strongroom(&token, &fields).send().await, 403),
        (again.strongroom(&token, &fields).send().await, 403),
        (
            server
                .signed_in("made-up")
                .strongroom(&token, &fields)
                .send()
                .await,
            401,
        ),
    ] {
        is_a_strongroom_document(&answer.is(status));
    }
    let import = [("ticket", ticket.as_str()), ("mode", "import")];
    elsewhere.strongroom(&token, &import).send().await.is(403);
    admin.strongroom(&other, &import).send().await.is(403);
    // A ticket of the one kind is none of the other.
    let typed = admin
        .0
        .post(&format!("/strongroom/{}/import", token.id))
        .form(&[("ticket", &ticket), ("key", KEY)]);
    typed.send().await.is(403);
    let form = form(&server, &token, "0").await;
    admin
        .strongroom(&token, &[("ticket", &form.field("ticket"))])
        .send()
        .await
        .is(403);
    assert_eq!(admin.find(&token).await, before);
    // None of that used it up; its time does.
    server.clock.advance_seconds(600);
    let late = admin.strongroom(&token, &fields).send().await.is(403);
    is_a_strongroom_document(&late);
    assert_eq!(admin.find(&token).await, before);
    type_key(&server, &token, &form, KEY).await.is(403);
    server.may_read(&secret, "Press photos").await.is(204);
    // A token that is gone.
    let ticket = admin.ticket(&other).await;
    admin.act(&other, "deactivate").await;
    admin
        .api("DELETE", &format!("/tokens/{}", other.id))
        .send()
        .await
        .is(204);
    admin
        .strongroom(&other, &[("ticket", &ticket)])
        .send()
        .await
        .is(404);
}

async fn import_tickets_stand_for_the_session(server: Server) {
    let admin = server.admin().await;
    let (token, _) = admin.usual().await;
    let other = admin.token(json!({ "name": "Other" })).await;
    let ticket = admin.ticket(&token).await;
    let form = admin
        .strongroom(&token, &[("ticket", &ticket), ("mode", "import")])
        .send()
        .await
        .is(200);
    // For this token only, with a null origin or our own, never another one.
    type_key(&server, &other, &form, KEY).await.is(403);
    let foreign = server.anonymous().with("origin", "https://evil.example");
    let fields = [("ticket", form.field("ticket")), ("key", KEY.to_owned())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let path = format!("/strongroom/{}/import", token.id);
    foreign.post(&path).form(&fields).send().await.is(403);
    server.anonymous().post(&path).form(&fields).send().await.is(403);
    // Signing out ends it.
    admin.0.post("/logout").send().await.is(303);
    type_key(&server, &token, &form, KEY).await.is(403);
    server
        .may_read(KEY, "Press photos")
        .await
        .refused(ErrorCode::TokenUnknown);
}

async fn scripts_get_nothing(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    let ticket = admin.ticket(&token).await;
    let before = admin.find(&token).await;
    let path = format!("/strongroom/{}", token.id);
    let import = format!("{path}/import");
    for (dest, mode) in [
        (Some("empty"), Some("cors")),
        (Some("empty"), Some("same-origin")),
        (Some("empty"), Some("no-cors")),
        (Some("empty"), Some("navigate")),
        (Some("iframe"), Some("cors")),
        (Some("document"), None),
        (Some("iframe"), None),
        (None, Some("navigate")),
        (None, Some("cors")),
        (Some("object"), Some("navigate")),
        (Some("embed"), Some("navigate")),
        (Some("script"), Some("no-cors")),
        (Some("image"), Some("no-cors")),
        (Some("worker"), Some("same-origin")),
    ] {
        for path in [&path, &import] {
            for fields in [
                &[("ticket", ticket.as_str())][..],
                &[("ticket", &ticket), ("mode", "import")],
                &[("ticket", &ticket), ("key", KEY)],
            ] {
                let mut call = admin
                    .0
                    .post(path)
                    .with("sec-fetch-site", "same-origin")
                    .form(fields);
                if let Some(dest) = dest {
                    call = call.with("sec-fetch-dest", dest);
                }
                if let Some(mode) = mode {
                    call = call.with("sec-fetch-mode", mode);
                }
                let status = call.send().await.status.as_u16();
                assert!(matches!(status, 403 | 422), "{dest:?} {mode:?} {status}");
            }
        }
    }
    // GET shows and changes nothing, whoever asks.
    for fields in ["", "?ticket=x", &format!("?ticket={ticket}&mode=generate")] {
        let answer = admin.0.get(&format!("{path}{fields}")).send().await.is(200);
        is_a_strongroom_document(&answer);
        assert!(!answer.text().contains("id=\"secret\""));
    }
    assert_eq!(admin.find(&token).await, before);
    server.may_read(&secret, "Press photos").await.is(204);
    // The ticket is as good as before.
    admin
        .strongroom(&token, &[("ticket", &ticket)])
        .send()
        .await
        .is(200);
}

async fn temporary_tokens_die_with_their_secret(server: Server) {
    let admin = server.admin().await;
    let (token, old) = admin.usual().await;
    let of_old = mint(&server, &old, json!({})).await;
    let new = admin.secret(&token, 60).await;
    let of_new = mint(&server, &new, json!({})).await;
    server.may_read(&of_old, "Press photos").await.is(204);
    server.clock.advance_seconds(60);
    server
        .may_read(&of_old, "Press photos")
        .await
        .refused(ErrorCode::TemporaryTokenStopped);
    server.may_read(&of_new, "Press photos").await.is(204);
}
