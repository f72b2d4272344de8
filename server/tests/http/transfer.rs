//! `/api/admin/v1/tokens/export` and `…/import`.

use serde_json::{Value, json};
use wire::{ErrorCode, ImportResponse, TokenView};

use crate::harness::{Admin, Answer, Server, on_both};

on_both![
    what_was_exported_can_be_imported,
    an_export_is_a_file,
    an_export_comes_in_pieces,
    a_table_becomes_tokens_that_work,
    a_table_that_is_none,
    a_key_in_the_wrong_place,
];

async fn import(admin: &Admin<'_>, dry_run: bool, table: &str) -> Answer {
    admin
        .api("POST", &format!("/tokens/import?dry_run={dry_run}"))
        .with("content-type", "text/csv; charset=utf-8")
        .body(table)
        .send()
        .await
}

async fn tokens(admin: &Admin<'_>) -> Vec<TokenView> {
    let list = admin.get("/tokens?per_page=200").await.is(200).json();
    serde_json::from_value(list["items"].clone()).unwrap()
}

/// What a table says of a token.
fn told(token: TokenView) -> Value {
    let mut token = serde_json::to_value(token).unwrap();
    for other in [
        "id",
        "status",
        "hint",
        "secrets",
        "created_at",
        "last_used_at",
        "version",
        "attention",
    ] {
        token.as_object_mut().unwrap().remove(other);
    }
    token
}

async fn what_was_exported_can_be_imported(server: Server) {
    let admin = server.admin().await;
    admin.public_interface("Open: \\; archive").await;
    admin.interface("=Press").await;
    admin
        .settings(json!({ "allow_endless_temporary_tokens": true }))
        .await
        .is(200);
    let bodies = [
        json!({ "name": "=HYPERLINK(\"http://evil.example\")", "note": "-1\n+2,\"three\";", "contact": "@web" }),
        json!({ "name": "'quoted'", "grants": [{ "interface": "=Press", "permissions": ["read", "delete"] },
            { "interface": "Open: \\; archive", "permissions": ["upload"] }], "write_reason": "why; not" }),
        json!({ "name": "Æ, ø; å", "kind": "public", "grants": [{ "interface": "Open: \\; archive",
            "permissions": ["read"] }], "allowed_origins": ["https://a.example", "http://b.example:81"],
            "rate_limit": { "requests": 5, "per_seconds": 60 }, "expires_at": "2027-01-31T12:00:00.123Z" }),
        json!({ "name": "rest", "temporary_lifetime": 0, "allowed_networks": ["10.0.0.0/8", "2001:db8::/32"],
            "rate_limit": "unlimited" }),
        json!({ "name": "seconds", "temporary_lifetime": 600 }),
    ];
    for body in bodies {
        admin.token(body).await;
    }
    let before = tokens(&admin).await;
    let file = admin.get("/tokens/export?format=csv").await.is(200);
    let again = import(&admin, true, file.text()).await.is(200).json();
    assert_eq!(again["rows"][0]["errors"][0]["code"], "taken");
    for token in &before {
        admin.act(token, "deactivate").await;
        admin
            .api("DELETE", &format!("/tokens/{}", token.id))
            .send()
            .await
            .is(204);
    }
    let made: ImportResponse = import(&admin, false, file.text()).await.is(200).read();
    assert!(made.applied, "{made:?}");
    let after = tokens(&admin).await;
    assert_eq!(
        after.into_iter().map(told).collect::<Vec<_>>(),
        before.into_iter().map(told).collect::<Vec<_>>()
    );
}

async fn an_export_is_a_file(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    admin.token(json!({ "name": "=1+1" })).await;
    let file = admin.get("/tokens/export?format=csv&sort=-name").await.is(200);
    assert_eq!(
        file.header("content-type"),
        "text/csv; charset=utf-8; header=present"
    );
    assert_eq!(file.header("cache-control"), "no-store");
    assert_eq!(
        file.header("content-disposition"),
        "attachment; filename=\"daypass-tokens-2026-03-01.csv\""
    );
    let hint = token.hint.clone().unwrap();
    assert_eq!(
        file.text()
            .trim_start_matches('\u{FEFF}')
            .lines()
            .collect::<Vec<_>>()[..2],
        [
            "name,kind,grants,temporary_lifetime,expires_at,allowed_origins,allowed_networks,rate_limit,note,contact,write_reason,id,status,hint,created_at,created_by,last_used_at",
            &format!(
                "WordPress,secret,Press photos: read+download,,,,,,,,,{},active,{hint},2026-03-01T12:00:00.000Z,Ingrid,",
                token.id
            ),
        ]
    );
    assert!(file.text().contains("\n'=1+1,"), "{}", file.text());
    let list = admin.get("/tokens/export?format=json&q=word").await.is(200);
    assert_eq!(list.header("content-type"), "application/json");
    assert_eq!(list.read::<Vec<TokenView>>(), [admin.find(&token).await]);
    assert_eq!(
        admin.get("/tokens/export?format=json&q=none").await.json(),
        json!([])
    );
    for file in [&file, &list] {
        assert!(!file.text().contains(&secret[8..20]));
    }
    admin
        .get("/tokens/export")
        .await
        .refused_field("format", "required");
    admin
        .get("/tokens/export?format=xml")
        .await
        .refused_field("format", "wrong_type");
    admin
        .get("/tokens/export?format=csv&page=2")
        .await
        .refused_field("page", "unknown_field");
    let long = format!("/tokens/export?format=csv&q={}", "a".repeat(201));
    admin.get(&long).await.refused_field("q", "too_long");
    server
        .anonymous()
        .get("/api/admin/v1/tokens/export?format=csv")
        .send()
        .await
        .refused(ErrorCode::Unauthenticated);
}

async fn an_export_comes_in_pieces(server: Server) {
    let admin = server.admin().await;
    let rows = (0..1001)
        .map(|n| format!("Token {n:04}\n"))
        .collect::<Vec<_>>()
        .concat();
    for half in [&rows[..500 * 11], &rows[500 * 11..]] {
        import(&admin, false, &format!("name\n{half}")).await.is(200);
    }
    for (format, lines) in [("csv", 1002), ("json", 1003)] {
        let path = format!("/tokens/export?format={format}");
        let file = admin.get(&path).await.is(200);
        assert_eq!(file.text().lines().count(), lines, "{format}");
        if format == "json" {
            let names: Vec<String> = file
                .read::<Vec<TokenView>>()
                .into_iter()
                .map(|t| t.name)
                .collect();
            assert!(names.is_sorted() && names[1000] == "Token 1000");
        }
    }
}

async fn a_table_becomes_tokens_that_work(server: Server) {
    let admin = server.admin().await;
    admin.interface("Press photos").await;
    // The SHA-256 of the key "abc" (FIPS 180-2). Nobody checks how good such a key is: that is what unchecked means.
    let table = "\u{FEFF}name;grants;sha256\r\nOld site;press PHOTOS: read;ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\r\nNew site;;\r\n";
    let dry: ImportResponse = import(&admin, true, table).await.is(200).read();
    assert!(!dry.applied && dry.rows.len() == 2 && dry.rows[0].has_digest);
    server
        .may_read("abc", "Press photos")
        .await
        .refused(ErrorCode::TokenUnknown);
    let made = import(&admin, false, table).await.is(200).json();
    assert_eq!(
        made["rows"][0],
        json!({ "line": 2, "name": "Old site", "grants": "press PHOTOS: read", "has_digest": true,
            "id": made["rows"][0]["id"], "errors": [] })
    );
    server.may_read("abc", "Press photos").await.is(204);
    let all = tokens(&admin).await;
    let old = all.iter().find(|t| t.name == "Old site").unwrap();
    assert_eq!(old.hint.as_deref(), Some("by digest"));
    let again = import(
        &admin,
        false,
        &table.replace("Old", "Other").replace("New", "Third"),
    )
    .await
    .is(200)
    .json();
    assert_eq!(again["applied"], false);
    let error = &again["rows"][0]["errors"][0];
    assert_eq!(
        (&error["field"], &error["code"]),
        (&json!("sha256"), &json!("taken"))
    );
    assert!(!error.to_string().contains("Old site"));
}

async fn a_table_that_is_none(server: Server) {
    let admin = server.admin().await;
    import(&admin, true, "name,colour\nA,b\n")
        .await
        .refused_field("colour", "unknown_field");
    import(&admin, true, "kind\nsecret\n")
        .await
        .refused_field("name", "required");
    import(&admin, true, "").await.refused(ErrorCode::InvalidRequest);
    let long = format!("name\n{}", "A\n".repeat(1001));
    let told = import(&admin, true, &long)
        .await
        .refused(ErrorCode::InvalidRequest);
    assert!(told["detail"].as_str().unwrap().contains("1000"), "{told}");
    let large = format!("name,note\nA,{}\n", "a".repeat(1_048_576));
    import(&admin, true, &large)
        .await
        .refused_as(413, ErrorCode::InvalidRequest);
    // Larger than other bodies may be.
    let fine = format!(
        "name,note\n{}",
        (0..60)
            .map(|n| format!("{n},{}\n", "a".repeat(1990)))
            .collect::<Vec<_>>()
            .concat()
    );
    import(&admin, true, &fine).await.is(200);
    admin
        .send("POST", "/tokens/import", json!({}))
        .await
        .refused(ErrorCode::InvalidRequest);
    let call = admin
        .api("POST", "/tokens/import?dry=yes")
        .with("content-type", "text/csv");
    call.body("name\nA\n")
        .send()
        .await
        .refused_field("dry", "unknown_field");
    let foreign = server
        .anonymous()
        .post("/api/admin/v1/tokens/import")
        .with("content-type", "text/csv");
    foreign
        .body("name\nA\n")
        .send()
        .await
        .refused(ErrorCode::Unauthenticated);
    assert!(tokens(&admin).await.is_empty());
}

async fn a_key_in_the_wrong_place(server: Server) {
    let admin = server.admin().await;
    let (_, secret) = admin.usual().await;
    for (table, column) in [
        (format!("name,sha256\nA,{secret}\n"), "sha256"),
        (format!("name,note\nA,use {secret}\n"), "note"),
        (format!("name\n{secret}\n"), "name"),
        (format!("name,grants\nA,{secret}: read\n"), "grants"),
    ] {
        let answer = import(&admin, false, &table).await.is(200);
        let told = answer.json();
        let error = &told["rows"][0]["errors"][0];
        assert_eq!(
            (&error["field"], &error["code"]),
            (&json!(column), &json!("contains_token"))
        );
        assert_eq!(told["applied"], false);
        assert!(!answer.text().contains(&secret[8..24]), "{told}");
    }
    let answer = import(&admin, false, "name,sha256\nA,legacy-key-Zq81mf0aKd72\n")
        .await
        .is(200);
    assert_eq!(answer.json()["rows"][0]["errors"][0]["code"], "wrong_type");
    assert!(!answer.text().contains("legacy-key"), "{}", answer.text());
    let answer = import(&admin, false, &format!("name,{secret}\nA,b\n")).await;
    answer.refused(ErrorCode::InvalidRequest);
    assert!(!answer.text().contains(&secret[8..24]), "{}", answer.text());
}
