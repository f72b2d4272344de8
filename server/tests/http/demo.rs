//! The made-up organisation keeps the rules that real data has to keep.

use serde_json::{Value, json};
use server::demo::{Demo, fill};
use wire::TokenView;

use crate::harness::{OWN, Server, on_both};

on_both![
    the_organisation_is_whole,
    a_crowd_is_as_large_as_was_asked_for,
    people_are_not_overwritten
];

async fn show(server: &Server, demo: Demo) -> Result<(String, String), String> {
    let app = &server.app;
    let welcome = fill(
        &app.store,
        &app.keyring,
        &app.passwords,
        &*app.entropy,
        app.now(),
        demo,
    )
    .await
    .map_err(|e| e.to_string())?;
    Ok((
        welcome.name.to_owned(),
        welcome.password.expose_to_its_owner().to_owned(),
    ))
}

async fn the_organisation_is_whole(server: Server) {
    let (name, password) = show(&server, Demo::Organisation).await.unwrap();
    let fields = [("name", name.as_str()), ("password", password.as_str())];
    let own = server.anonymous().with("origin", OWN);
    own.post("/login").form(&fields).send().await.is(303);
    let admin = server.admin_named(&name).await;
    let list = admin.get("/tokens?per_page=200").await.is(200).json();
    assert_eq!(list["total"], 30);
    let tokens: Vec<TokenView> = serde_json::from_value(list["items"].clone()).unwrap();
    for status in wire::Status::ALL {
        assert!(tokens.iter().any(|t| t.status == status), "{status:?}");
    }
    for token in &tokens {
        assert!(token.created_at <= server.app.now(), "{}", token.name);
        assert!(
            token
                .last_used_at
                .is_none_or(|at| at > token.created_at && at <= server.app.now()),
            "{}",
            token.name
        );
        // A change that changes nothing asks for all rules that hold for a token as a whole.
        admin.patch(token, json!({ "name": token.name })).await.is(200);
    }
    assert_eq!(admin.get("/interfaces").await.json()["total"], 8);
    let all: Value = admin.get("/activity?per_page=200").await.is(200).json();
    assert!(all["total"].as_u64().unwrap() > 80, "{}", all["total"]);
}

async fn a_crowd_is_as_large_as_was_asked_for(server: Server) {
    show(&server, Demo::Crowd(2500)).await.unwrap();
    let admin = server.admin_named("Ingrid Solberg").await;
    for status in wire::Status::ALL {
        let path = format!("/tokens?status={}", status.as_str());
        assert!(
            admin.get(&path).await.is(200).json()["total"].as_u64() > Some(50),
            "{status:?}"
        );
    }
    assert_eq!(admin.get("/tokens").await.json()["total"], 2500);
}

async fn people_are_not_overwritten(server: Server) {
    server.admin().await;
    let refused = show(&server, Demo::Organisation).await.unwrap_err();
    assert_eq!(refused, "the database is not empty");
}
