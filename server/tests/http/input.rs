//! Bad input: each kind is its own clear problem, and changes nothing.

use serde_json::{Value, json};
use wire::ErrorCode;

use crate::harness::{Server, on_both};

on_both![
    bodies_that_are_no_json,
    bodies_that_are_too_large,
    fields_that_are_wrong,
    names,
    nothing_that_was_sent_comes_back_in_a_refusal,
    ids_of_nothing,
    pages_of_lists,
    forms,
];

async fn nothing_was_made(server: &Server) {
    let list = server.admin().await.get("/tokens").await.is(200).json();
    assert_eq!(list["total"], 0);
}

async fn bodies_that_are_no_json(server: Server) {
    let admin = server.admin().await;
    for (body, says) in [
        (&b""[..], "not JSON"),
        (b"{", "not JSON"),
        (b"name=x", "not JSON"),
        (b"{\"name\":\"x\"} {}", "not JSON"),
        (b"{\"name\":\"x\",}", "not JSON"),
        (b"{\"name\":\"\xff\"}", "not UTF-8"),
        (b"\xff\xfe", "not UTF-8"),
    ] {
        let answer = admin.api("POST", "/tokens").body(body).send().await;
        let problem = answer.refused(ErrorCode::InvalidRequest);
        assert!(problem["detail"].as_str().unwrap().contains(says), "{problem}");
    }
    // Deep nesting ends the request, not the server.
    let deep = [vec![b'['; 50_000], vec![b']'; 10]].concat();
    admin
        .api("POST", "/tokens")
        .body(deep)
        .send()
        .await
        .refused(ErrorCode::InvalidRequest);
    nothing_was_made(&server).await;
}

async fn bodies_that_are_too_large(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    let large = vec![b' '; 65_537];
    for call in [
        admin.api("POST", "/tokens"),
        admin.api("PATCH", "/settings"),
        admin.api("POST", &format!("/tokens/{}/handover", token.id)),
        admin.strongroom(&token, &[]),
        admin.0.post("/login"),
        server.bearer(&secret).post("/api/GetTemporaryToken"),
    ] {
        call.body(large.clone())
            .send()
            .await
            .refused_as(413, ErrorCode::InvalidRequest);
    }
    // Exactly the limit is read.
    let mut exact = br#"{"name":"Exact"}"#.to_vec();
    exact.resize(65_536, b' ');
    admin.api("POST", "/tokens").body(exact).send().await.is(201);
}

async fn fields_that_are_wrong(server: Server) {
    let admin = server.admin().await;
    for (body, field, code) in [
        (json!({}), "name", "required"),
        (json!({ "name": "x", "nmae": 1 }), "nmae", "unknown_field"),
        (json!({ "name": 7 }), "name", "wrong_type"),
        (json!({ "name": null }), "name", "wrong_type"),
        (json!({ "name": "x", "kind": "private" }), "kind", "wrong_type"),
        (json!({ "name": "x", "grants": {} }), "grants", "wrong_type"),
        (
            json!({ "name": "x", "grants": [{ "interface": "a" }] }),
            "grants[0].permissions",
            "required",
        ),
        (
            json!({ "name": "x", "grants": [{ "interface": "a", "permissions": ["look"] }] }),
            "grants[0].permissions[0]",
            "wrong_type",
        ),
        (
            json!({ "name": "x", "grants": [{ "interface": "a", "permissions": [], "x": 1 }] }),
            "grants[0].x",
            "unknown_field",
        ),
        (
            json!({ "name": "x", "grants": [{ "interface": "a", "permissions": ["read"] }] }),
            "grants[0].interface",
            "unknown_interface",
        ),
        (
            json!({ "name": "x", "temporary_lifetime": -2 }),
            "temporary_lifetime",
            "out_of_range",
        ),
        (
            json!({ "name": "x", "temporary_lifetime": 1.5 }),
            "temporary_lifetime",
            "wrong_type",
        ),
        (
            json!({ "name": "x", "temporary_lifetime": 31_536_001 }),
            "temporary_lifetime",
            "out_of_range",
        ),
        (
            json!({ "name": "x", "temporary_lifetime": 86_401 }),
            "temporary_lifetime",
            "out_of_range",
        ),
        (
            json!({ "name": "x", "temporary_lifetime": 0 }),
            "temporary_lifetime",
            "endless_not_allowed",
        ),
        (
            json!({ "name": "x", "expires_at": "tomorrow" }),
            "expires_at",
            "wrong_type",
        ),
        (
            json!({ "name": "x", "expires_at": "2026-03-01T12:00:00Z" }),
            "expires_at",
            "in_the_past",
        ),
        (
            json!({ "name": "x", "allowed_origins": ["example.org"] }),
            "allowed_origins[0]",
            "not_an_origin",
        ),
        (
            json!({ "name": "x", "allowed_origins": ["https://example.org/x"] }),
            "allowed_origins[0]",
            "not_an_origin",
        ),
        (
            json!({ "name": "x", "allowed_origins": vec!["https://example.org"; 21] }),
            "allowed_origins",
            "too_long",
        ),
        (
            json!({ "name": "x", "allowed_networks": ["192.0.2.0/33"] }),
            "allowed_networks[0]",
            "not_a_network",
        ),
        (
            json!({ "name": "x", "rate_limit": "none" }),
            "rate_limit",
            "out_of_range",
        ),
        (
            json!({ "name": "x", "rate_limit": { "requests": 0, "per_seconds": 1 } }),
            "rate_limit",
            "out_of_range",
        ),
        (
            json!({ "name": "x", "secret": "mine" }),
            "secret",
            "unknown_field",
        ),
    ] {
        admin
            .send("POST", "/tokens", body)
            .await
            .refused_field(field, code);
    }
    let twice = admin
        .api("POST", "/tokens")
        .body(r#"{"name":"a","name":"b"}"#)
        .send()
        .await;
    twice.refused_field("name", "duplicate");
    nothing_was_made(&server).await;
}

async fn names(server: Server) {
    let admin = server.admin().await;
    for path in ["/tokens", "/interfaces"] {
        let long: String = "ä".repeat(101);
        let hidden = "a\u{200B}b";
        let value = format!("my dps_{} key", "a".repeat(46));
        for (name, code) in [
            ("", "required"),
            (" \t\n ", "required"),
            (long.as_str(), "too_long"),
            ("a\u{0}b", "control_character"),
            ("a\nb", "control_character"),
            ("a\u{202E}b", "control_character"),
            (hidden, "control_character"),
            (value.as_str(), "contains_token"),
        ] {
            admin
                .send("POST", path, json!({ "name": name }))
                .await
                .refused_field("name", code);
        }
        let longest = "ä".repeat(100);
        admin.send("POST", path, json!({ "name": longest })).await.is(201);
        let made = admin
            .send("POST", path, json!({ "name": "  Straße 🌍 \n" }))
            .await
            .is(201)
            .json();
        assert_eq!(made["name"], "Straße 🌍");
        for same in ["Straße 🌍", "STRASSE 🌍", "ｓｔｒａｓｓｅ 🌍"] {
            let taken = admin.send("POST", path, json!({ "name": same })).await;
            let problem = taken.refused(ErrorCode::Conflict);
            assert_eq!(problem["errors"][0]["code"], "taken");
            assert_eq!(problem["errors"][0]["field"], "name");
        }
    }
}

async fn nothing_that_was_sent_comes_back_in_a_refusal(server: Server) {
    let admin = server.admin().await;
    let (_, secret) = admin.usual().await;
    let mut bodies = vec![
        json!({ "name": "x", "temporary_lifetime": secret }),
        json!({ "name": "x", "kind": secret }),
        json!({ "name": "x", "rate_limit": secret }),
        json!({ "name": "x", "grants": secret }),
        json!({ "name": "x", "expires_at": secret }),
        json!({ "name": "x", "allowed_origins": [secret] }),
        json!({ "name": secret }),
        json!({ "name": "x", "grants": [{ "interface": "Press photos", "permissions": [secret] }] }),
    ];
    let mut keyed = json!({ "name": "x" });
    keyed[&secret] = json!(1);
    bodies.push(keyed);
    for body in bodies {
        let answer = admin.send("POST", "/tokens", body).await;
        answer.refused(ErrorCode::InvalidRequest);
        assert!(!answer.text().contains(&secret), "{}", answer.text());
    }
    for uri in [
        format!("/verify?{secret}=1"),
        format!("/verify?interface=Press%20photos&permission={secret}"),
        format!("/verify?interface={secret}&permission=read"),
    ] {
        let answer = server.bearer(&secret).get(&uri).send().await;
        assert!(answer.status.is_client_error());
        assert!(!answer.text().contains(&secret), "{}", answer.text());
    }
    for query in [
        format!("sort={secret}"),
        format!("{secret}=1"),
        format!("page={secret}"),
    ] {
        let answer = admin.get(&format!("/tokens?{query}")).await;
        answer.refused(ErrorCode::InvalidRequest);
        assert!(!answer.text().contains(&secret), "{}", answer.text());
    }
}

async fn ids_of_nothing(server: Server) {
    let admin = server.admin().await;
    for id in [
        "01JNA4B1PD0000000000000000",
        "nothing",
        "01jna4b1pd000000000000000i",
        "%00",
        "%FF",
    ] {
        for (method, path) in [
            ("GET", "/tokens/ID"),
            ("PATCH", "/tokens/ID"),
            ("DELETE", "/tokens/ID"),
            ("POST", "/tokens/ID/handover"),
            ("POST", "/tokens/ID/activate"),
            ("POST", "/tokens/ID/deactivate"),
            ("POST", "/tokens/ID/stop-temporary"),
            ("GET", "/interfaces/ID"),
            ("PATCH", "/interfaces/ID"),
            ("DELETE", "/interfaces/ID"),
        ] {
            let call = admin.api(method, &path.replace("ID", id));
            let call = if method == "PATCH" {
                call.json(&json!({ "version": 1 }))
            } else {
                call
            };
            call.send().await.refused(ErrorCode::NotFound);
        }
    }
}

async fn pages_of_lists(server: Server) {
    let admin = server.admin().await;
    for list in ["/tokens", "/interfaces", "/activity"] {
        for (query, field, code) in [
            ("page=0", "page", "out_of_range"),
            ("per_page=0", "per_page", "out_of_range"),
            ("per_page=201", "per_page", "out_of_range"),
            ("per_page=many", "per_page", "wrong_type"),
            ("page=-1", "page", "wrong_type"),
            ("colour=red", "colour", "unknown_field"),
            ("page=1&page=2", "page", "duplicate"),
        ] {
            admin
                .get(&format!("{list}?{query}"))
                .await
                .refused_field(field, code);
        }
        let page: Value = admin
            .get(&format!("{list}?per_page=200&page=1000000"))
            .await
            .is(200)
            .json();
        assert_eq!(page["items"], json!([]));
        assert_eq!(page["per_page"], 200);
    }
}

async fn forms(server: Server) {
    let admin = server.admin().await;
    let (token, _) = admin.usual().await;
    admin
        .strongroom(&token, &[("ticket", "x"), ("mode", "show")])
        .send()
        .await
        .refused_field("mode", "wrong_type");
    for overlap in ["-1", "2592001", "soon", "1.5"] {
        let answer = admin
            .strongroom(&token, &[("ticket", "x"), ("overlap", overlap)])
            .send()
            .await;
        answer.refused_field("overlap", "out_of_range");
    }
    // A misspelt field would otherwise cut the overlap to nothing, silently.
    admin
        .strongroom(&token, &[("ticket", "x"), ("overlapp", "60")])
        .send()
        .await
        .refused_field("overlapp", "unknown_field");
    admin
        .0
        .post("/login")
        .form(&[("name", "x")])
        .send()
        .await
        .refused_field("password", "required");
}
