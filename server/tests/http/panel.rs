//! What the token panel asks for beside lists and changes: use, secrets in their overlap, one act on many tokens.

use serde_json::{Value, json};
use wire::{BulkResponse, ErrorCode, TokenView};

use crate::harness::{Admin, Server, ask_and_leave, eventually, mint, on_both};

on_both![
    usage_of_a_token,
    a_replaced_secret_ends_early,
    many_tokens_at_once,
    refused_acts_change_nothing,
    requests_in_bulk_that_break_rules,
    an_act_on_many_outlives_its_request,
    lists_in_place_of_objects,
    addresses_of_nothing,
];

#[expect(
    clippy::needless_pass_by_value,
    reason = "an act is written where it is asked for"
)]
fn bulk(act: Value, tokens: &[&TokenView], dry_run: bool) -> Value {
    let tokens: Vec<_> = tokens
        .iter()
        .map(|t| json!({ "id": t.id, "version": t.version }))
        .collect();
    json!({ "act": act, "tokens": tokens, "dry_run": dry_run })
}

impl Admin<'_> {
    async fn bulk(&self, act: Value, tokens: &[&TokenView], dry_run: bool) -> BulkResponse {
        let answer = self
            .send("POST", "/tokens/bulk", bulk(act, tokens, dry_run))
            .await;
        answer.is(200).read()
    }
}

async fn usage_of_a_token(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    for _ in 0..3 {
        server.may_read(&secret, "Press photos").await.is(204);
    }
    server.may_read(&secret, "Other").await.is(403);
    mint(&server, &secret, json!({})).await;
    server.flush().await;
    server.clock.advance_seconds(86_400);
    let admin = server.admin().await;
    let path = format!("/tokens/{}/usage", token.id);
    let usage = admin.get(&format!("{path}?days=2")).await.is(200).json();
    assert_eq!(
        usage["days"],
        json!([
            { "day": "2026-03-01T00:00:00.000Z", "allowed": 3, "refused": 1, "minted": 1 },
            { "day": "2026-03-02T00:00:00.000Z", "allowed": 0, "refused": 0, "minted": 0 },
        ])
    );
    assert_eq!(
        (&usage["allowed"], &usage["refused"], &usage["minted"]),
        (&json!(3), &json!(1), &json!(1))
    );
    assert_eq!(usage["last_used_at"], "2026-03-01T12:00:00.000Z");
    let month = admin.get(&path).await.is(200).json();
    assert_eq!(month["days"].as_array().unwrap().len(), 30);
    let all = admin.get(&format!("{path}?days=395")).await.is(200).json();
    assert_eq!(all["days"].as_array().unwrap().len(), 395);
    for (days, code) in [
        ("0", "out_of_range"),
        ("396", "out_of_range"),
        ("x", "wrong_type"),
        ("-1", "wrong_type"),
    ] {
        let wrong = admin.get(&format!("{path}?days={days}")).await;
        wrong.refused_field("days", code);
    }
    let nothing = "/tokens/01ARZ3NDEKTSV4RRFFQ69G5FAV/usage";
    admin.get(nothing).await.refused(ErrorCode::NotFound);
    let anybody = server.anonymous().get(&format!("/api/admin/v1{path}"));
    anybody.send().await.refused(ErrorCode::Unauthenticated);
}

async fn a_replaced_secret_ends_early(server: Server) {
    let admin = server.admin().await;
    let (token, old) = admin.usual().await;
    let first = token.secrets[0].id.clone();
    let path = |secret: &str| format!("/tokens/{}/secrets/{secret}", token.id);
    let current = admin.api("DELETE", &path(first.as_str())).send().await;
    let problem = current.refused(ErrorCode::Conflict);
    assert!(problem["detail"].as_str().unwrap().contains("Replace it"));
    let pass = mint(&server, &old, json!({})).await;
    let new = admin.secret(&token, 3600).await;
    let of_new = mint(&server, &new, json!({})).await;
    for value in [&old, &new, &pass, &of_new] {
        server.may_read(value, "Press photos").await.is(204);
    }
    admin.api("DELETE", &path(first.as_str())).send().await.is(204);
    server
        .may_read(&old, "Press photos")
        .await
        .refused(ErrorCode::TokenExpired);
    server
        .may_read(&pass, "Press photos")
        .await
        .refused(ErrorCode::TemporaryTokenStopped);
    for value in [&new, &of_new] {
        server.may_read(value, "Press photos").await.is(204);
    }
    assert_eq!(admin.find(&token).await.secrets.len(), 1);
    admin.api("DELETE", &path(first.as_str())).send().await.is(204);
    for nothing in ["01ARZ3NDEKTSV4RRFFQ69G5FAV", "x"] {
        let answer = admin.api("DELETE", &path(nothing)).send().await;
        answer.refused(ErrorCode::NotFound);
    }
    let list = admin.get("/activity").await.is(200).json();
    assert_eq!(list["items"][0]["action"], "secret.ended");
    assert_eq!(
        list["items"][1]["action"], "secret.generated",
        "the latest is first"
    );
}

async fn many_tokens_at_once(server: Server) {
    let admin = server.admin().await;
    let (one, first) = admin.usual().await;
    let (two, second) = admin
        .active(json!({ "name": "Other", "grants": [{ "interface": "Video", "permissions": ["read"] }] }))
        .await;
    server.may_read(&first, "Press photos").await.is(204);
    server.flush().await;
    let add = json!({
        "action": "add_interface", "interface": "video", "permissions": ["upload", "read"],
        "write_reason": "Films of the day",
    });
    let preview = admin.bulk(add.clone(), &[&two, &one], true).await;
    assert!(!preview.applied);
    let shown = serde_json::to_value(&preview.effects).unwrap();
    assert_eq!(
        shown[1],
        json!({
            "id": one.id, "name": "WordPress", "version": one.version, "outcome": "changed", "requests": 1,
            "code": null, "detail": null,
            "changes": [
                { "field": "write_reason", "before": null, "after": "Films of the day" },
                { "field": "grants: Video", "before": null, "after": "read, upload" },
            ],
        })
    );
    server
        .may_read(&first, "Video")
        .await
        .refused(ErrorCode::InterfaceNotGranted);
    let done = admin.bulk(add, &[&two, &one], false).await;
    assert!(done.applied);
    server.may_read(&first, "Video").await.is(204);
    let (one, two) = (admin.find(&one).await, admin.find(&two).await);
    assert_eq!(done.effects[1].version, one.version);
    let off = admin
        .bulk(json!({ "action": "deactivate" }), &[&one, &two], false)
        .await;
    assert!(off.applied);
    for secret in [&first, &second] {
        server
            .may_read(secret, "Video")
            .await
            .refused(ErrorCode::TokenInactive);
    }
    let (one, two) = (admin.find(&one).await, admin.find(&two).await);
    let gone = admin
        .bulk(json!({ "action": "delete" }), &[&one, &two], false)
        .await;
    assert!(gone.applied);
    assert_eq!(admin.get("/tokens").await.is(200).json()["total"], 0);
    server
        .may_read(&first, "Video")
        .await
        .refused(ErrorCode::TokenUnknown);
}

async fn refused_acts_change_nothing(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    let other = admin.token(json!({ "name": "Other" })).await;
    let mut stale = other.clone();
    stale.version += 1;
    let before = admin.get("/activity").await.json()["total"].clone();
    for (act, tokens, code) in [
        (
            json!({ "action": "deactivate" }),
            [&token, &stale],
            ErrorCode::Conflict,
        ),
        (
            json!({ "action": "delete" }),
            [&token, &other],
            ErrorCode::TokenNotInactive,
        ),
        (
            json!({ "action": "set_expiry", "expires_at": "2026-03-01T11:00:00Z" }),
            [&token, &other],
            ErrorCode::InvalidRequest,
        ),
    ] {
        let answer = admin.bulk(act, &tokens, false).await;
        assert!(!answer.applied);
        let refused = &answer.effects[1];
        assert_eq!(refused.code, Some(code));
        assert!(
            refused.detail.as_ref().is_some_and(|d| d.ends_with('.')),
            "{refused:?}"
        );
    }
    server.may_read(&secret, "Press photos").await.is(204);
    assert_eq!(admin.find(&token).await.version, token.version);
    assert_eq!(admin.get("/activity").await.json()["total"], before);
}

async fn requests_in_bulk_that_break_rules(server: Server) {
    let admin = server.admin().await;
    let token = admin.token(json!({ "name": "WordPress" })).await;
    let off = || json!({ "action": "deactivate" });
    for (body, field, code) in [
        (bulk(off(), &[], false), "tokens", "required"),
        (bulk(off(), &[&token, &token], true), "tokens[1].id", "duplicate"),
        (
            bulk(
                json!({ "action": "remove_interface", "interface": "Nothing" }),
                &[&token],
                false,
            ),
            "act.interface",
            "unknown_interface",
        ),
        (
            bulk(json!({ "action": "deactivate", "more": 1 }), &[&token], false),
            "act.more",
            "unknown_field",
        ),
        (
            json!({ "act": off(), "tokens": [], "dry_rum": true }),
            "dry_rum",
            "unknown_field",
        ),
    ] {
        let answer = admin.send("POST", "/tokens/bulk", body).await;
        answer.refused_field(field, code);
    }
    let unknown = admin.send(
        "POST",
        "/tokens/bulk",
        bulk(json!({ "action": "x" }), &[&token], false),
    );
    unknown.await.refused(ErrorCode::InvalidRequest);
    // A thousand fit into a body, one more does not pass.
    let many = |n: usize| {
        let tokens: Vec<_> = (0..n)
            .map(|n| json!({ "id": format!("01ARZ3NDEKTSV4RRFFQ6{n:06}"), "version": 1 }))
            .collect();
        json!({ "act": off(), "tokens": tokens })
    };
    let thousand = admin.send("POST", "/tokens/bulk", many(1000)).await.is(200);
    let thousand: BulkResponse = thousand.read();
    assert!(
        thousand
            .effects
            .iter()
            .all(|e| e.code == Some(ErrorCode::NotFound))
    );
    let more = admin.send("POST", "/tokens/bulk", many(1001)).await;
    more.refused_field("tokens", "too_long");
    let anybody = server
        .anonymous()
        .post("/api/admin/v1/tokens/bulk")
        .json(&many(1));
    anybody.send().await.refused(ErrorCode::Unauthenticated);
}

async fn an_act_on_many_outlives_its_request(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    let turn = server.place.take_the_writers_turn().await;
    let body = bulk(json!({ "action": "deactivate" }), &[&token], false);
    // As far as it gets while another one writes; then nobody is there any more.
    ask_and_leave(admin.api("POST", "/tokens/bulk").json(&body).into_future()).await;
    drop(turn);
    eventually(async || server.may_read(&secret, "Press photos").await.status != 204).await;
    server
        .may_read(&secret, "Press photos")
        .await
        .refused(ErrorCode::TokenInactive);
    assert_eq!(admin.find(&token).await.status.as_str(), "inactive");
}

async fn lists_in_place_of_objects(server: Server) {
    let admin = server.admin().await;
    admin.interface("Press photos").await;
    for (body, field) in [
        (
            json!({ "name": "A", "grants": [["Press photos", ["read"]]] }),
            "grants[0]",
        ),
        (json!({ "name": "A", "rate_limit": [10, 60] }), "rate_limit"),
    ] {
        let answer = admin.send("POST", "/tokens", body.clone()).await;
        let problem = answer.refused(ErrorCode::InvalidRequest);
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    let limit = admin.settings(json!({ "default_rate_limit": [10, 60] })).await;
    limit.refused(ErrorCode::InvalidRequest);
    let (_, secret) = admin.usual().await;
    let mint = server.bearer(&secret).post("/api/GetTemporaryToken");
    let answer = mint
        .json(&json!({ "grants": [["Press photos", ["read"]]] }))
        .send()
        .await;
    answer.refused(ErrorCode::InvalidRequest);
}

async fn addresses_of_nothing(server: Server) {
    let admin = server.admin().await;
    for path in ["/nothing", "/tokens/x/y/z", "/bulk"] {
        for method in ["GET", "POST", "DELETE"] {
            let answer = admin.api(method, path).send().await;
            let problem = answer.refused(ErrorCode::NotFound);
            assert_eq!(
                problem["request_id"],
                answer.header("x-request-id"),
                "{method} {path}"
            );
        }
    }
    let answer = server.anonymous().get("/api/admin/v1/nothing").send().await;
    answer.refused(ErrorCode::NotFound);
}
