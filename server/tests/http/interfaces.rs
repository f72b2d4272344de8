//! `/api/admin/v1/interfaces`.

use serde_json::{Value, json};
use wire::ErrorCode;

use crate::harness::{Server, mint, on_both};

on_both![an_interface, names_of_the_past, interfaces_that_are_in_use];

async fn an_interface(server: Server) {
    let admin = server.admin().await;
    let body = json!({ "name": " Press photos ", "description": "First line\nSecond line", "public": true });
    let made = admin.send("POST", "/interfaces", body).await.is(201).json();
    let id = made["id"].as_str().unwrap();
    assert_eq!(
        made,
        json!({
            "id": id, "name": "Press photos", "description": "First line\nSecond line", "public": true,
            "token_count": 0, "created_at": "2026-03-01T12:00:00.000Z", "version": 1,
        })
    );
    let path = format!("/interfaces/{id}");
    assert_eq!(admin.get(&path).await.is(200).json(), made);
    let changed = admin
        .send("PATCH", &path, json!({ "version": 1, "description": "" }))
        .await
        .is(200)
        .json();
    assert_eq!(
        (&changed["description"], &changed["version"], &changed["public"]),
        (&json!(""), &json!(2), &json!(true))
    );
    for (body, field, code) in [
        (json!({ "name": "x", "public": "yes" }), "public", "wrong_type"),
        (json!({ "name": "x", "colour": 1 }), "colour", "unknown_field"),
        (
            json!({ "name": "x", "description": "a".repeat(501) }),
            "description",
            "too_long",
        ),
        (
            json!({ "name": "x", "description": "a\u{7}" }),
            "description",
            "control_character",
        ),
    ] {
        admin
            .send("POST", "/interfaces", body)
            .await
            .refused_field(field, code);
    }
    admin.interface("albums").await;
    let list = admin.get("/interfaces?per_page=1").await.is(200).json();
    assert_eq!(
        (&list["items"][0]["name"], &list["total"]),
        (&json!("albums"), &json!(2))
    );
}

async fn names_of_the_past(server: Server) {
    let admin = server.admin().await;
    let (_, secret) = admin.usual().await;
    let pass = mint(&server, &secret, json!({})).await;
    let item = admin.get("/interfaces").await.json()["items"][0].clone();
    let path = format!("/interfaces/{}", item["id"].as_str().unwrap());
    admin
        .send("PATCH", &path, json!({ "version": 1, "name": "Newsroom" }))
        .await
        .is(200);
    for name in ["Newsroom", "NEWSROOM", "Press photos", "press photos"] {
        for credential in [&secret, &pass] {
            let answer = server.may_read(credential, name).await.is(204);
            assert_eq!(answer.header("x-daypass-interfaces"), "Newsroom");
        }
    }
    let taken = admin
        .send("POST", "/interfaces", json!({ "name": "PRESS photos" }))
        .await;
    taken.refused(ErrorCode::Conflict);
    // Its own former names are free to it.
    admin
        .send("PATCH", &path, json!({ "version": 2, "name": "Press Photos" }))
        .await
        .is(200);
    let other = admin.interface("Other").await;
    let path = format!("/interfaces/{}", other.id);
    let taken = admin
        .send("PATCH", &path, json!({ "version": 1, "name": "newsroom" }))
        .await;
    assert_eq!(taken.refused(ErrorCode::Conflict)["errors"][0]["code"], "taken");
    // Nor after deletion.
    admin.api("DELETE", &path).send().await.is(204);
    admin
        .send("POST", "/interfaces", json!({ "name": "other" }))
        .await
        .refused(ErrorCode::Conflict);
    let missing = server
        .may_read(&secret, "Other")
        .await
        .refused(ErrorCode::InterfaceNotGranted);
    assert_eq!(
        missing["missing"],
        json!([{ "interface": "Other", "permissions": ["read"] }])
    );
}

async fn interfaces_that_are_in_use(server: Server) {
    let admin = server.admin().await;
    let (token, _) = admin.usual().await;
    let item: Value = admin.get("/interfaces").await.json()["items"][0].clone();
    assert_eq!(item["token_count"], 1);
    let path = format!("/interfaces/{}", item["id"].as_str().unwrap());
    let told = admin
        .api("DELETE", &path)
        .send()
        .await
        .refused(ErrorCode::Conflict);
    assert!(told["detail"].as_str().unwrap().contains("“WordPress”"), "{told}");
    assert_eq!(
        told["in_the_way"],
        json!({ "items": [{ "id": token.id, "name": "WordPress" }], "total": 1 })
    );
    admin.patch(&token, json!({ "grants": null })).await.is(200);
    admin.api("DELETE", &path).send().await.is(204);
    admin.get(&path).await.refused(ErrorCode::NotFound);
}
