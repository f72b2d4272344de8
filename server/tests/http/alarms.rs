//! The feed of alarms: who may look, and that it answers when something happens.

use std::time::Duration;

use serde_json::{Value, json};
use wire::ErrorCode;

use crate::harness::{Server, on_both, verify};

on_both!(
    alarms_are_for_administrators,
    an_alarm_answers_whoever_waits,
    whoever_signs_out_meanwhile_is_told_nothing,
    waiting_keeps_no_session_open,
    alarms_name_the_page,
);

async fn alarms_are_for_administrators(server: Server) {
    let admin = server.admin().await;
    let (_, secret) = admin.usual().await;
    for nobody in [server.anonymous(), server.bearer(&secret)] {
        nobody
            .get("/api/admin/v1/alarms")
            .send()
            .await
            .refused(ErrorCode::Unauthenticated);
    }
    let elsewhere = admin.0.clone().with("sec-fetch-site", "cross-site");
    elsewhere
        .get("/api/admin/v1/alarms")
        .send()
        .await
        .refused(ErrorCode::Forbidden);
    let none = admin.get("/alarms").await.is(200).json();
    assert_eq!(
        none,
        json!({ "items": [], "cursor": "00000000000000000000000000" })
    );
    for wrong in ["after=x", "before=00000000000000000000000000"] {
        admin.get(&format!("/alarms?{wrong}")).await.is(422);
    }
}

async fn an_alarm_answers_whoever_waits(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    let cursor = admin.get("/alarms").await.json()["cursor"].clone();
    let waiting = format!("/alarms?after={}", cursor.as_str().unwrap());
    let mut answer = Box::pin(admin.get(&waiting));
    let early = tokio::time::timeout(Duration::from_millis(300), &mut answer).await;
    assert!(early.is_err(), "there is nothing to tell yet");
    let page = server.bearer(&secret).with("origin", "https://blog.example");
    page.get("/api/WhoAmI").send().await.is(403);
    server.flush().await;
    let alarms = answer.await.is(200).json();
    assert_eq!(alarms["items"].as_array().unwrap().len(), 1);
    assert_eq!(alarms["items"][0]["action"], "exposure.recorded");
    assert_eq!(alarms["items"][0]["subject"]["id"], json!(token.id));
    assert_eq!(alarms["cursor"], alarms["items"][0]["id"]);
    // Asked again with the old cursor it is there at once.
    assert_eq!(admin.get(&waiting).await.json(), alarms);
    server.app.store.stop_watching_alarms();
    let after = format!("/alarms?after={}", alarms["cursor"].as_str().unwrap());
    assert_eq!(
        admin.get(&after).await.is(200).json()["items"],
        json!([]),
        "nobody waits any more"
    );
}

async fn whoever_signs_out_meanwhile_is_told_nothing(server: Server) {
    let admin = server.admin().await;
    let (_, secret) = admin.usual().await;
    let other = server.admin_named("Kari").await;
    let waiting = "/alarms?after=00000000000000000000000000";
    let mut answer = Box::pin(admin.get(waiting));
    let mut theirs = Box::pin(other.get(waiting));
    for waits in [&mut answer, &mut theirs] {
        let early = tokio::time::timeout(Duration::from_millis(300), waits).await;
        assert!(early.is_err(), "there is nothing to tell yet");
    }
    admin.0.post("/logout").send().await.is(303);
    let page = server.bearer(&secret).with("origin", "https://blog.example");
    page.get("/api/WhoAmI").send().await.is(403);
    server.flush().await;
    answer.await.refused(ErrorCode::Unauthenticated);
    assert_eq!(theirs.await.is(200).json()["items"].as_array().unwrap().len(), 1);
}

async fn waiting_keeps_no_session_open(server: Server) {
    let admin = server.admin().await;
    let token = admin.token(json!({ "name": "WordPress" })).await;
    let claim = format!("/tokens/{}/claim", token.id);
    for _ in 0..9 {
        admin.get("/alarms").await.is(200);
        admin.get(&claim).await.is(200);
        server.clock.advance_seconds(3600 - 450);
    }
    // Eight hours without anybody: nothing but the app itself has asked.
    server.clock.advance_seconds(3600);
    admin.get("/alarms").await.refused(ErrorCode::Unauthenticated);
    admin.get(&claim).await.refused(ErrorCode::Unauthenticated);
}

async fn alarms_name_the_page(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    let value = format!("dps_{}", "a".repeat(46));
    let read = verify("Press photos", "read");
    let seen = async |origin: Option<&str>, referer: &str| -> Value {
        let mut page = server.bearer(&secret).with("sec-fetch-site", "cross-site");
        if let Some(origin) = origin {
            page = page.with("origin", origin);
        }
        page.with("referer", referer).get(&read).send().await.is(403);
        server.flush().await;
        admin.get("/alarms").await.json()["items"][0]["changes"][0]["after"].clone()
    };
    let own = seen(Some("https://a.example"), "https://a.example/post/1?key=2#3").await;
    assert_eq!(own, "https://a.example/post/1");
    let other = seen(Some("https://b.example"), "https://a.example/post/1").await;
    assert_eq!(other, "https://b.example", "the two contradict each other");
    let image = seen(None, "https://c.example/gallery").await;
    assert_eq!(image, "https://c.example/gallery");
    let masked = seen(None, &format!("https://d.example/{value}/x?{value}")).await;
    assert_eq!(masked, "https://d.example/dps_…/x");
    let exposures = admin.find(&token).await.exposures;
    assert_eq!(exposures.len(), 4);
    assert!(
        exposures
            .iter()
            .all(|e| e.address.as_deref() == Some("203.0.113.9"))
    );
}
