//! `/api/admin/v1/tokens` and `/settings`: life of a token, changes, lists.

use std::future::Future;
use std::pin::pin;
use std::task::Poll;

use serde_json::{Value, json};
use wire::{ErrorCode, TokenView};

use crate::harness::{Server, ask_and_leave, eventually, mint, on_both};

on_both![
    a_token_needs_a_name_only,
    life_of_a_token,
    absent_stays_and_null_clears,
    two_administrators_at_once,
    acts_from_a_stale_version,
    what_is_written_down,
    what_needs_attention,
    public_tokens_have_guardrails,
    lists_and_filters,
    deactivating_acts_in_the_next_request,
    stopping_temporary_tokens_leaves_the_token,
    narrowing_the_parent_acts_at_once,
    a_dropped_request_is_done_as_a_whole_or_not_at_all,
    a_change_that_waits_for_its_turn_outlives_its_request,
    settings,
    everything_is_in_the_activity_list,
];

async fn a_token_needs_a_name_only(server: Server) {
    let admin = server.admin().await;
    let answer = admin
        .send("POST", "/tokens", json!({ "name": " WordPress " }))
        .await
        .is(201);
    let token: TokenView = answer.read();
    assert_eq!(
        answer.json(),
        json!({
            "id": token.id, "name": "WordPress", "kind": "secret", "status": "awaiting_secret", "hint": null,
            "grants": [], "temporary_lifetime": -1, "expires_at": null, "allowed_origins": [],
            "allowed_networks": [], "rate_limit": null, "created_at": "2026-03-01T12:00:00.000Z",
            "created_by": "Ingrid", "last_used_at": null, "version": 1, "secrets": [], "exposures": [],
            "note": "", "contact": "", "write_reason": "", "attention": [],
        })
    );
    assert_eq!(
        admin.get(&format!("/tokens/{}", token.id)).await.is(200).json(),
        answer.json()
    );
    let full = json!({
        "name": "Full", "temporary_lifetime": 60, "expires_at": "2026-03-02T13:00:00+01:00",
        "allowed_origins": ["HTTPS://Www.Example.org:443/"], "allowed_networks": ["192.0.2.7/24", "2001:db8::1"],
        "rate_limit": "unlimited",
    });
    let full = admin.send("POST", "/tokens", full).await.is(201).json();
    assert_eq!(full["expires_at"], "2026-03-02T12:00:00.000Z");
    assert_eq!(full["allowed_origins"], json!(["https://www.example.org"]));
    assert_eq!(
        full["allowed_networks"],
        json!(["192.0.2.0/24", "2001:db8::1/128"])
    );
    assert_eq!(full["rate_limit"], "unlimited");
}

async fn life_of_a_token(server: Server) {
    let admin = server.admin().await;
    let awaiting = admin.token(json!({ "name": "Awaiting" })).await;
    let path = format!("/tokens/{}", awaiting.id);
    admin
        .api("DELETE", &path)
        .send()
        .await
        .refused(ErrorCode::TokenNotInactive);
    assert_eq!(
        admin.act(&awaiting, "deactivate").await.status.as_str(),
        "inactive"
    );
    assert_eq!(
        admin.act(&awaiting, "activate").await.status.as_str(),
        "awaiting_secret"
    );
    admin.act(&awaiting, "deactivate").await;
    let version = admin.find(&awaiting).await.version;
    assert_eq!(
        admin.act(&awaiting, "deactivate").await.version,
        version,
        "twice changes nothing"
    );
    admin.api("DELETE", &path).send().await.is(204);
    admin.get(&path).await.refused(ErrorCode::NotFound);
    admin
        .api("DELETE", &path)
        .send()
        .await
        .refused(ErrorCode::NotFound);

    let (token, secret) = admin.usual().await;
    let path = format!("/tokens/{}", token.id);
    assert_eq!(token.status.as_str(), "active");
    let hint = format!("{}…{}", &secret[..8], &secret[secret.len() - 2..]);
    assert_eq!(token.hint.as_deref(), Some(hint.as_str()));
    admin
        .api("DELETE", &path)
        .send()
        .await
        .refused(ErrorCode::TokenNotInactive);
    server.may_read(&secret, "Press photos").await.is(204);
    admin.act(&token, "deactivate").await;
    server
        .may_read(&secret, "Press photos")
        .await
        .refused(ErrorCode::TokenInactive);
    admin.act(&token, "activate").await;
    server.may_read(&secret, "Press photos").await.is(204);

    let ends = json!({ "expires_at": "2026-03-01T12:00:10Z" });
    admin.patch(&token, ends).await.is(200);
    server.clock.advance_seconds(9);
    server.may_read(&secret, "Press photos").await.is(204);
    server.clock.advance_seconds(1);
    server
        .may_read(&secret, "Press photos")
        .await
        .refused(ErrorCode::TokenExpired);
    assert_eq!(admin.find(&token).await.status.as_str(), "expired");
    // What has ended may be changed without being asked for a later end.
    admin.patch(&token, json!({ "name": "Old blog" })).await.is(200);
    admin.patch(&token, json!({ "expires_at": null })).await.is(200);
    server.may_read(&secret, "Press photos").await.is(204);

    admin.act(&token, "deactivate").await;
    admin.api("DELETE", &path).send().await.is(204);
    server
        .may_read(&secret, "Press photos")
        .await
        .refused(ErrorCode::TokenUnknown);
    // The name is free again, the secret is not.
    admin.token(json!({ "name": "Old blog" })).await;
}

async fn absent_stays_and_null_clears(server: Server) {
    let admin = server.admin().await;
    admin.interface("Press photos").await;
    let full = json!({
        "name": "Full", "grants": [{ "interface": "press PHOTOS", "permissions": ["download", "read", "read"] }],
        "temporary_lifetime": 60, "expires_at": "2027-01-01T00:00:00Z", "allowed_origins": ["https://example.org"],
        "allowed_networks": ["192.0.2.0/24"], "rate_limit": { "requests": 5, "per_seconds": 60 },
    });
    let token = admin.token(full).await;
    assert_eq!(
        serde_json::to_value(&token.grants).unwrap(),
        json!([{ "interface": "Press photos", "permissions": ["read", "download"] }])
    );
    let same: TokenView = admin.patch(&token, json!({})).await.is(200).read();
    assert_eq!(
        TokenView {
            version: token.version,
            ..same
        },
        token
    );
    let renamed = admin
        .patch(&token, json!({ "name": "FULL" }))
        .await
        .is(200)
        .json();
    assert_eq!(renamed["name"], "FULL");
    assert_eq!(renamed["temporary_lifetime"], 60);
    let cleared = json!({
        "grants": null, "temporary_lifetime": null, "expires_at": null, "allowed_origins": null,
        "allowed_networks": null, "rate_limit": null,
    });
    let cleared = admin.patch(&token, cleared).await.is(200).json();
    assert_eq!(cleared["grants"], json!([]));
    assert_eq!(cleared["temporary_lifetime"], -1);
    assert_eq!(cleared["rate_limit"], Value::Null);
    assert_eq!(cleared["expires_at"], Value::Null);
    assert_eq!(cleared["allowed_origins"], json!([]));
    assert_eq!(cleared["allowed_networks"], json!([]));
    admin
        .patch(&token, json!({ "name": null }))
        .await
        .refused_field("name", "wrong_type");
    admin
        .patch(&token, json!({ "kind": "public" }))
        .await
        .refused_field("kind", "unknown_field");
    let path = format!("/tokens/{}", token.id);
    admin
        .send("PATCH", &path, json!({ "name": "x" }))
        .await
        .refused_field("version", "required");
}

async fn two_administrators_at_once(server: Server) {
    let (first, second) = (
        server.admin_named("Ingrid").await,
        server.admin_named("Jens").await,
    );
    let token = first.token(json!({ "name": "Shared" })).await;
    let path = format!("/tokens/{}", token.id);
    let change = |name: &str| json!({ "version": token.version, "name": name });
    first.send("PATCH", &path, change("Ingrid's")).await.is(200);
    let told = second.send("PATCH", &path, change("Jens'")).await;
    let problem = told.refused(ErrorCode::Conflict);
    assert!(
        problem["detail"].as_str().unwrap().contains("Somebody else"),
        "{problem}"
    );
    assert_eq!(second.find(&token).await.name, "Ingrid's");

    let interface = first.interface("Press photos").await;
    let path = format!("/interfaces/{}", interface.id);
    let change = |text: &str| json!({ "version": interface.version, "description": text });
    first.send("PATCH", &path, change("one")).await.is(200);
    second
        .send("PATCH", &path, change("two"))
        .await
        .refused(ErrorCode::Conflict);
    let settings = first.get("/settings").await.json();
    let change = |days: i64| json!({ "version": settings["version"], "rotation_age_days": days });
    first.send("PATCH", "/settings", change(30)).await.is(200);
    second
        .send("PATCH", "/settings", change(60))
        .await
        .refused(ErrorCode::Conflict);
    // A taken name, at creation and at change.
    second.token(json!({ "name": "Mine" })).await;
    let taken = second.patch(&token, json!({ "name": "MINE" })).await;
    assert_eq!(taken.refused(ErrorCode::Conflict)["errors"][0]["code"], "taken");
}

async fn acts_from_a_stale_version(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    let path = format!("/tokens/{}", token.id);
    for act in ["deactivate", "activate", "stop-temporary"] {
        let stale = json!({ "version": token.version - 1 });
        let answer = admin.send("POST", &format!("{path}/{act}"), stale).await;
        answer.refused(ErrorCode::Conflict);
    }
    server.may_read(&secret, "Press photos").await.is(204);
    admin
        .send("POST", &format!("{path}/deactivate"), json!({ "versoin": 1 }))
        .await
        .refused_field("versoin", "unknown_field");
    let now = json!({ "version": token.version });
    admin
        .send("POST", &format!("{path}/deactivate"), now)
        .await
        .is(200);
    let stale = format!("{path}?version={}", token.version);
    admin
        .api("DELETE", &stale)
        .send()
        .await
        .refused(ErrorCode::Conflict);
    let wrong = format!("{path}?version=x");
    admin
        .api("DELETE", &wrong)
        .send()
        .await
        .refused_field("version", "wrong_type");
    let present = format!("{path}?version={}", token.version + 1);
    admin.api("DELETE", &present).send().await.is(204);
}

async fn what_is_written_down(server: Server) {
    let admin = server.admin().await;
    let note = "é".repeat(2000);
    let body = json!({ "name": "Blog", "note": note, "contact": " Kari ", "write_reason": "Uploads" });
    let token = admin.token(body).await;
    assert_eq!(
        (
            token.note.as_str(),
            token.contact.as_str(),
            token.write_reason.as_str()
        ),
        (note.as_str(), "Kari", "Uploads")
    );
    let value = format!("dps_{}", "a".repeat(46));
    for (field, text, code) in [
        ("note", "é".repeat(2001), "too_long"),
        ("contact", "é".repeat(201), "too_long"),
        ("contact", "two\nlines".to_owned(), "control_character"),
        ("write_reason", "é".repeat(501), "too_long"),
        ("note", format!("its key is {value}"), "contains_token"),
    ] {
        let mut body = json!({ "name": "Other" });
        body[field] = json!(text);
        admin
            .send("POST", "/tokens", body)
            .await
            .refused_field(field, code);
        let mut body = json!({});
        body[field] = json!(text);
        admin.patch(&token, body).await.refused_field(field, code);
    }
    assert_eq!(admin.find(&token).await, token);
    let after: TokenView = admin
        .patch(&token, json!({ "note": null, "contact": "" }))
        .await
        .is(200)
        .read();
    assert_eq!(
        (
            after.note.as_str(),
            after.contact.as_str(),
            after.write_reason.as_str()
        ),
        ("", "", "Uploads")
    );
}

async fn what_needs_attention(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    let names = async |query: &str| -> Vec<String> {
        let page = admin.get(&format!("/tokens?{query}")).await.is(200).json();
        let items = page["items"].as_array().unwrap();
        items
            .iter()
            .map(|t| t["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert!(names("attention=any").await.is_empty());
    let page = server.bearer(&secret).with("origin", "https://blog.example");
    page.get("/api/WhoAmI")
        .send()
        .await
        .refused(ErrorCode::ExposedInBrowser);
    server.flush().await;
    assert_eq!(admin.find(&token).await.attention, [wire::Attention::Exposed]);
    assert_eq!(names("attention=any").await, ["WordPress"]);
    assert_eq!(names("attention=exposed&permission=read").await, ["WordPress"]);
    assert_eq!(
        names("permission=download&interface=press%20photos").await,
        ["WordPress"]
    );
    for none in [
        "attention=unused",
        "attention=exposed&permission=delete",
        "attention=any&status=inactive",
    ] {
        assert!(names(none).await.is_empty(), "{none}");
    }
    assert_eq!(names("sort=secret_created_at").await, ["WordPress"]);
    for (query, field) in [
        ("attention=some", "attention"),
        ("permission=write", "permission"),
    ] {
        let answer = admin.get(&format!("/tokens?{query}")).await;
        let problem = answer.refused(ErrorCode::InvalidRequest);
        assert_eq!(problem["errors"][0]["field"], field);
    }
    assert_eq!(
        admin.get("/overview").await.is(200).json(),
        json!({
            "total": 1, "needs_attention": 1, "interfaces": 1, "used": false,
            "states": [
                { "status": "awaiting_secret", "count": 0 }, { "status": "active", "count": 1 },
                { "status": "inactive", "count": 0 }, { "status": "expired", "count": 0 },
            ],
            "attention": [{ "reason": "exposed", "count": 1 }],
        })
    );
    server.may_read(&secret, "Press photos").await.is(204);
    server.flush().await;
    assert_eq!(admin.get("/overview").await.is(200).json()["used"], true);
    server
        .anonymous()
        .get("/api/admin/v1/overview")
        .send()
        .await
        .refused(ErrorCode::Unauthenticated);
}

async fn public_tokens_have_guardrails(server: Server) {
    let admin = server.admin().await;
    admin.public_interface("Logos").await;
    admin.interface("Press photos").await;
    let whole = json!({
        "name": "Site", "kind": "public", "grants": [{ "interface": "Logos", "permissions": ["read", "download"] }],
        "allowed_origins": ["https://example.org"], "rate_limit": { "requests": 100, "per_seconds": 60 },
        "expires_at": "2026-12-31T00:00:00Z",
    });
    let with = |field: &str, value: Value| {
        let mut body = whole.clone();
        body[field] = value;
        body
    };
    for (body, field, code) in [
        (
            with("allowed_origins", json!([])),
            "allowed_origins",
            "public_needs",
        ),
        (with("rate_limit", json!(null)), "rate_limit", "public_needs"),
        (
            with("rate_limit", json!("unlimited")),
            "rate_limit",
            "public_needs",
        ),
        (with("expires_at", json!(null)), "expires_at", "public_needs"),
        (
            with(
                "grants",
                json!([{ "interface": "Logos", "permissions": ["upload"] }]),
            ),
            "grants[0].permissions",
            "not_for_this_kind",
        ),
        (
            with(
                "grants",
                json!([{ "interface": "Logos", "permissions": ["introspect"] }]),
            ),
            "grants[0].permissions",
            "not_for_this_kind",
        ),
        (
            with(
                "grants",
                json!([{ "interface": "Press photos", "permissions": ["read"] }]),
            ),
            "grants[0].interface",
            "interface_not_public",
        ),
    ] {
        admin
            .send("POST", "/tokens", body)
            .await
            .refused_field(field, code);
    }
    let token = admin.token(whole.clone()).await;
    for (field, value) in [
        ("allowed_origins", json!(null)),
        ("rate_limit", json!(null)),
        ("expires_at", json!(null)),
    ] {
        admin
            .patch(&token, json!({ field: value }))
            .await
            .refused_field(field, "public_needs");
    }
    let secret = admin.secret(&token, 0).await;
    assert!(secret.starts_with("dpp_"), "public values have their own prefix");
    let page = server
        .anonymous()
        .with("origin", "https://example.org")
        .with("sec-fetch-site", "cross-site");
    let uri = format!("{}&token={secret}", crate::harness::verify("Logos", "read"));
    let answer = page.get(&uri).send().await.is(204);
    assert_eq!(answer.header("x-daypass-token-kind"), "public");
    server
        .anonymous()
        .get(&uri)
        .send()
        .await
        .refused(ErrorCode::OriginNotAllowed);
    // While public tokens reach it, it stays public; the answer names them.
    let logos = admin.get("/interfaces").await.json()["items"][0].clone();
    assert_eq!(logos["name"], "Logos");
    let path = format!("/interfaces/{}", logos["id"].as_str().unwrap());
    let body = json!({ "version": logos["version"], "public": false });
    let told = admin
        .send("PATCH", &path, body.clone())
        .await
        .refused(ErrorCode::Conflict);
    assert!(told["detail"].as_str().unwrap().contains("“Site”"), "{told}");
    admin.patch(&token, json!({ "grants": [] })).await.is(200);
    admin.send("PATCH", &path, body).await.is(200);
}

async fn lists_and_filters(server: Server) {
    let admin = server.admin().await;
    let names = |answer: &Value| -> Vec<String> {
        answer["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|t| t["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let (used, secret) = admin.usual().await;
    server.clock.advance_seconds(1);
    let other = admin.token(json!({ "name": "äpfel_50%" })).await;
    server.clock.advance_seconds(1);
    let off = admin.token(json!({ "name": "Zeitung" })).await;
    admin.act(&off, "deactivate").await;
    server.may_read(&secret, "Press photos").await.is(204);
    server.flush().await;
    assert_eq!(
        admin.find(&used).await.last_used_at.unwrap().to_string(),
        "2026-03-01T12:00:02.000Z"
    );
    for (query, found) in [
        ("", vec!["WordPress", "Zeitung", "äpfel_50%"]),
        ("sort=-name", vec!["äpfel_50%", "Zeitung", "WordPress"]),
        ("sort=created_at", vec!["WordPress", "äpfel_50%", "Zeitung"]),
        ("sort=-created_at", vec!["Zeitung", "äpfel_50%", "WordPress"]),
        ("sort=-last_used_at&per_page=1", vec!["WordPress"]),
        ("status=active", vec!["WordPress"]),
        ("status=inactive", vec!["Zeitung"]),
        ("status=awaiting_secret", vec!["äpfel_50%"]),
        ("status=expired", vec![]),
        ("kind=public", vec![]),
        ("kind=secret&per_page=1&page=2", vec!["Zeitung"]),
        ("interface=press+photos", vec!["WordPress"]),
        ("interface=nothing", vec![]),
        ("q=%C3%84PFEL", vec!["äpfel_50%"]),
        ("q=50%25", vec!["äpfel_50%"]),
        ("q=%25", vec!["äpfel_50%"]),
        ("q=l_5", vec!["äpfel_50%"]),
        ("q=l%255", vec![]),
        ("q=word&status=inactive", vec![]),
    ] {
        let answer = admin.get(&format!("/tokens?{query}")).await.is(200).json();
        assert_eq!(names(&answer), found, "{query}");
    }
    let hint = used.hint.unwrap();
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("q", &hint[..8])
        .finish();
    let answer = admin.get(&format!("/tokens?{query}")).await.is(200).json();
    assert_eq!(names(&answer), ["WordPress"], "by hint");
    let page = admin.get("/tokens?per_page=2&page=2").await.is(200).json();
    assert_eq!(
        (&page["page"], &page["per_page"], &page["total"]),
        (&json!(2), &json!(2), &json!(3))
    );
    assert_eq!(names(&page), ["äpfel_50%"]);
    assert_eq!(other.name, "äpfel_50%");
    let answer = admin.get(&format!("/tokens?q={}", "a".repeat(201))).await;
    answer.refused_field("q", "too_long");
}

async fn deactivating_acts_in_the_next_request(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    let pass = mint(&server, &secret, json!({})).await;
    server.may_read(&pass, "Press photos").await.is(204);
    admin.act(&token, "deactivate").await;
    server
        .may_read(&pass, "Press photos")
        .await
        .refused(ErrorCode::TemporaryTokenStopped);
    server
        .may_read(&secret, "Press photos")
        .await
        .refused(ErrorCode::TokenInactive);
    let again = server.bearer(&secret).post("/api/GetTemporaryToken").send().await;
    again.refused(ErrorCode::TokenInactive);
    server
        .bearer(&pass)
        .get("/api/WhoAmI")
        .send()
        .await
        .refused(ErrorCode::TemporaryTokenStopped);
    // Activation brings the token back, not what was minted before.
    admin.act(&token, "activate").await;
    server.may_read(&secret, "Press photos").await.is(204);
    server
        .may_read(&pass, "Press photos")
        .await
        .refused(ErrorCode::TemporaryTokenStopped);
    let fresh = mint(&server, &secret, json!({})).await;
    server.may_read(&fresh, "Press photos").await.is(204);
    admin.act(&token, "deactivate").await;
    admin
        .api("DELETE", &format!("/tokens/{}", token.id))
        .send()
        .await
        .is(204);
    server
        .may_read(&fresh, "Press photos")
        .await
        .refused(ErrorCode::TemporaryTokenStopped);
}

async fn stopping_temporary_tokens_leaves_the_token(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    let pass = mint(&server, &secret, json!({})).await;
    admin.act(&token, "stop-temporary").await;
    server
        .may_read(&pass, "Press photos")
        .await
        .refused(ErrorCode::TemporaryTokenStopped);
    server.may_read(&secret, "Press photos").await.is(204);
    let fresh = mint(&server, &secret, json!({})).await;
    server.may_read(&fresh, "Press photos").await.is(204);
}

async fn narrowing_the_parent_acts_at_once(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    let pass = mint(&server, &secret, json!({})).await;
    let page = server.bearer(&pass).with("origin", "https://one.example");
    let read = crate::harness::verify("Press photos", "read");
    let download = crate::harness::verify("Press photos", "download");
    page.get(&download).send().await.is(204);
    admin
        .patch(
            &token,
            json!({ "grants": [{ "interface": "Press photos", "permissions": ["read"] }] }),
        )
        .await
        .is(200);
    page.get(&download)
        .send()
        .await
        .refused(ErrorCode::PermissionNotGranted);
    page.get(&read).send().await.is(204);
    admin
        .patch(&token, json!({ "allowed_origins": ["https://two.example"] }))
        .await
        .is(200);
    page.get(&read).send().await.refused(ErrorCode::OriginNotAllowed);
    admin
        .patch(
            &token,
            json!({ "allowed_origins": null, "allowed_networks": ["192.0.2.0/24"] }),
        )
        .await
        .is(200);
    page.get(&read).send().await.refused(ErrorCode::NetworkNotAllowed);
    admin
        .patch(
            &token,
            json!({ "allowed_networks": null, "expires_at": "2026-03-01T12:01:00Z" }),
        )
        .await
        .is(200);
    page.get(&read).send().await.is(204);
    server.clock.advance_seconds(60);
    page.get(&read).send().await.refused(ErrorCode::TokenExpired);
    admin
        .patch(&token, json!({ "expires_at": null, "grants": [] }))
        .await
        .is(200);
    page.get(&read)
        .send()
        .await
        .refused(ErrorCode::InterfaceNotGranted);
    // Widening never gives a temporary token more than it was minted with.
    let narrow = mint(&server, &secret, json!({})).await;
    admin
        .patch(
            &token,
            json!({ "grants": [{ "interface": "Press photos", "permissions": ["read"] }] }),
        )
        .await
        .is(200);
    server
        .may_read(&narrow, "Press photos")
        .await
        .refused(ErrorCode::InterfaceNotGranted);
}

/// Polls a future so many times at most, and drops it then.
async fn dropped_after<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = polls;
    std::future::poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match future.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            // Polled once more without being woken: enough, since nothing here needs more than its turn.
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

async fn a_dropped_request_is_done_as_a_whole_or_not_at_all(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    for polls in 1.. {
        admin.act(&token, "activate").await;
        let call = admin
            .api("POST", &format!("/tokens/{}/deactivate", token.id))
            .into_future();
        let answered = dropped_after(polls, call).await.is_some();
        // Writers take turns, so after this one the dropped one has had its turn; unless it still waits for a
        // connection, and then does its work between the two looks.
        admin.interface(&format!("After {polls} polls")).await;
        let look = async || {
            let stored = admin.find(&token).await.status.as_str() == "inactive";
            (
                stored,
                server.may_read(&secret, "Press photos").await.status == 401,
            )
        };
        let mut seen = look().await;
        if seen.0 != seen.1 {
            seen = look().await;
        }
        let (stored, published) = seen;
        assert_eq!(stored, published, "after {polls} polls");
        if answered {
            assert!(stored);
            break;
        }
    }
}

async fn a_change_that_waits_for_its_turn_outlives_its_request(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    let turn = server.place.take_the_writers_turn().await;
    let call = admin.api("POST", &format!("/tokens/{}/deactivate", token.id));
    ask_and_leave(call.into_future()).await;
    server.may_read(&secret, "Press photos").await.is(204);
    drop(turn);
    eventually(async || server.may_read(&secret, "Press photos").await.status != 204).await;
    server
        .may_read(&secret, "Press photos")
        .await
        .refused(ErrorCode::TokenInactive);
    assert_eq!(admin.find(&token).await.status.as_str(), "inactive");
}

async fn settings(server: Server) {
    let admin = server.admin().await;
    assert_eq!(
        admin.get("/settings").await.is(200).json(),
        json!({
            "api_enabled": true, "default_temporary_lifetime": 900, "maximum_temporary_lifetime": 86_400,
            "key_length": 40, "rotation_age_days": 365, "allow_endless_temporary_tokens": false,
            "allow_token_in_url": false, "deactivate_exposed": false, "default_rate_limit": null, "forward_preflight": false, "path_rules": [],
            "watch_sites": false, "version": 0,
        })
    );
    for (field, value) in [
        ("key_length", json!(31)),
        ("key_length", json!(129)),
        ("default_temporary_lifetime", json!(0)),
        ("default_temporary_lifetime", json!(86_401)),
        ("maximum_temporary_lifetime", json!(59)),
        ("rotation_age_days", json!(0)),
    ] {
        admin
            .settings(json!({ field: value }))
            .await
            .refused_field(field, "out_of_range");
    }
    let preview = async |body| admin.send("POST", "/settings/preview", body).await;
    preview(json!({ "version": 0, "key_length": 31 }))
        .await
        .refused_field("key_length", "out_of_range");
    preview(json!({ "version": 7 }))
        .await
        .refused(ErrorCode::Conflict);
    admin
        .settings(json!({ "api_enabled": "no" }))
        .await
        .refused_field("api_enabled", "wrong_type");
    admin
        .settings(json!({ "colour": 1 }))
        .await
        .refused_field("colour", "unknown_field");

    let (token, secret) = admin.usual().await;
    let pass = mint(&server, &secret, json!({})).await;
    let effects = preview(json!({ "version": 0, "api_enabled": false }))
        .await
        .is(200)
        .json();
    assert_eq!(
        effects,
        json!({
            "api_enabled": 1, "default_temporary_lifetime": 0, "maximum_temporary_lifetime": 0,
            "rotation_age_days": 0, "allow_endless_temporary_tokens": 0, "allow_token_in_url": 0,
            "default_rate_limit": 0, "path_rules": 0,
        })
    );
    server.may_read(&secret, "Press photos").await.is(204);
    let before = admin.find(&token).await;
    admin.settings(json!({ "api_enabled": false })).await.is(200);
    assert_eq!(admin.find(&token).await, before, "nothing is lost");
    for credential in [&secret, &pass] {
        server
            .may_read(credential, "Press photos")
            .await
            .refused(ErrorCode::ApiDisabled);
        server
            .bearer(credential)
            .get("/api/WhoAmI")
            .send()
            .await
            .refused(ErrorCode::ApiDisabled);
        let answer = server
            .bearer(credential)
            .post("/api/GetTemporaryToken")
            .send()
            .await;
        answer.refused(ErrorCode::ApiDisabled);
    }
    assert_eq!(admin.get("/sessions/current").await.json()["api_enabled"], false);
    admin
        .settings(json!({ "api_enabled": true, "key_length": 64 }))
        .await
        .is(200);
    for credential in [&secret, &pass] {
        server.may_read(credential, "Press photos").await.is(204);
    }
    assert_eq!(admin.secret(&token, 0).await.len(), 4 + 64 + 6);

    admin
        .settings(json!({ "default_rate_limit": { "requests": 2, "per_seconds": 60 } }))
        .await
        .is(200);
    let (_, other) = admin
        .active(
            json!({ "name": "Other", "grants": [{ "interface": "Press photos", "permissions": ["read"] }] }),
        )
        .await;
    server.may_read(&other, "Press photos").await.is(204);
    server.may_read(&other, "Press photos").await.is(204);
    let held = server.may_read(&other, "Press photos").await;
    held.refused(ErrorCode::RateLimited);
    assert_eq!(held.header("retry-after"), "30");
    server.clock.advance_seconds(30);
    server.may_read(&other, "Press photos").await.is(204);
    admin
        .settings(json!({ "default_rate_limit": "unlimited" }))
        .await
        .is(200);
    for _ in 0..5 {
        server.may_read(&other, "Press photos").await.is(204);
    }
}

async fn everything_is_in_the_activity_list(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    server.clock.advance_seconds(5);
    admin.patch(&token, json!({ "name": "Blog" })).await.is(200);
    admin.act(&token, "stop-temporary").await;
    admin.act(&token, "deactivate").await;
    admin.act(&token, "activate").await;
    admin.settings(json!({ "rotation_age_days": 90 })).await.is(200);
    server
        .bearer(&secret)
        .get("/api/WhoAmI")
        .with("origin", "https://blog.example")
        .send()
        .await
        .is(403);
    server.flush().await;
    admin.act(&token, "deactivate").await;
    admin
        .api("DELETE", &format!("/tokens/{}", token.id))
        .send()
        .await
        .is(204);
    let list = admin.get("/activity?per_page=200").await.is(200).json();
    let items = list["items"].as_array().unwrap();
    let actions: Vec<&str> = items.iter().map(|i| i["action"].as_str().unwrap()).collect();
    assert_eq!(
        actions,
        [
            "token.deleted",
            "token.deactivated",
            "exposure.recorded",
            "settings.updated",
            "token.activated",
            "token.deactivated",
            "token.temporary_stopped",
            "token.updated",
            "secret.generated",
            "handover.started",
            "token.created",
            "interface.created",
            "session.created",
            "user.created",
        ]
    );
    assert_eq!(list["total"], 14);
    let renamed = items.iter().find(|i| i["action"] == "token.updated").unwrap();
    assert_eq!(renamed["at"], "2026-03-01T12:00:05.000Z");
    assert_eq!(renamed["actor"], json!({ "kind": "user", "name": "Ingrid" }));
    assert_eq!(
        renamed["subject"],
        json!({ "kind": "token", "id": token.id, "name": "Blog" })
    );
    assert_eq!(renamed["address"], "203.0.113.9");
    assert_eq!(
        renamed["changes"],
        json!([{ "field": "name", "before": "WordPress", "after": "Blog" }])
    );
    let exposed = items.iter().find(|i| i["action"] == "exposure.recorded").unwrap();
    assert_eq!(
        exposed["changes"],
        json!([{ "field": "browser", "before": null, "after": "https://blog.example" }])
    );
    // Refused changes leave no entry.
    admin.send("POST", "/tokens", json!({ "name": "" })).await.is(422);
    assert_eq!(admin.get("/activity").await.json()["total"], 14);
}
