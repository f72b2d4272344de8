//! The forms of Imageshop and VIMP: what integrations that were written for them send and read.

use serde_json::{Value, json};
use wire::ErrorCode;

use crate::harness::{Server, mint, on_both, verify};

on_both![
    imageshop_by_header,
    imageshop_by_url_and_form,
    vimp_by_query_and_form,
    a_key_and_a_temporary_token,
    what_forms_ask_for,
    networks_are_asked_for,
    what_a_post_asks_for_stands_in_its_body,
    json_that_is_called_a_form_is_json,
];

async fn imageshop_by_header(server: Server) {
    let admin = server.admin().await;
    let (_, secret) = admin.usual().await;
    let grants = json!([{ "interface": "Press photos", "permissions": ["read", "upload"] }]);
    let (_, uploader) = admin
        .active(json!({ "name": "Up \"loader\"", "grants": grants }))
        .await;
    // As the plugin for WordPress sends it.
    let plugin = |value: &str| {
        server
            .anonymous()
            .with("token", value)
            .with("accept", "application/json")
            .with("content-type", "application/json")
    };
    let pass = plugin(&secret)
        .get("/Login/GetTemporaryToken")
        .send()
        .await
        .is(200);
    assert_eq!(pass.header("content-type"), "application/json");
    assert_eq!(pass.header("cache-control"), "no-store");
    let pass: String = pass.read();
    server.may_read(&pass, "Press photos").await.is(204);
    for value in [&secret, &pass] {
        let name = plugin(value).get("/Login/WhoAmI").send().await.is(200);
        assert_eq!(name.json(), json!("WordPress"));
        let may = plugin(value).post("/Login/CanUpload").send().await.is(200);
        assert_eq!(may.json(), json!(false));
    }
    assert_eq!(
        plugin(&uploader).get("/Login/CanUpload").send().await.json(),
        json!(true)
    );
    assert_eq!(
        plugin(&uploader).get("/Login/WhoAmI").send().await.json(),
        json!("Up \"loader\"")
    );
    for path in ["GetTemporaryToken", "WhoAmI", "CanUpload"] {
        let path = format!("/Login/{path}");
        server
            .anonymous()
            .get(&path)
            .send()
            .await
            .refused(ErrorCode::TokenMissing);
        plugin("nobody-issued-this")
            .get(&path)
            .send()
            .await
            .refused(ErrorCode::TokenUnknown);
        let page = plugin(&secret).with("origin", "https://blog.example");
        page.get(&path).send().await.refused(ErrorCode::ExposedInBrowser);
    }
    plugin(&pass)
        .get("/Login/GetTemporaryToken")
        .send()
        .await
        .refused(ErrorCode::Forbidden);
}

fn text_of(xml: &str) -> String {
    let start = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<string xmlns=\"http://imageshop.no/V4\">";
    let rest = xml.strip_prefix(start).unwrap_or_else(|| panic!("{xml}"));
    rest.strip_suffix("</string>").unwrap().to_owned()
}

async fn imageshop_by_url_and_form(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    let asmx = "/V4.asmx/GetTemporaryToken";
    let form = [("token", secret.as_str()), ("privateKey", "something")];
    let xml = server.anonymous().post(asmx).form(&form).send().await.is(200);
    assert_eq!(xml.header("content-type"), "text/xml; charset=utf-8");
    server
        .may_read(&text_of(xml.text()), "Press photos")
        .await
        .is(204);
    let by_header = server
        .anonymous()
        .with("token", &secret)
        .get(asmx)
        .send()
        .await
        .is(200);
    server
        .may_read(&text_of(by_header.text()), "Press photos")
        .await
        .is(204);
    // The way of old integrations is refused, and seen, unless an administrator allows it.
    let old = format!("{asmx}?token={secret}&privateKey=something");
    server
        .anonymous()
        .get(&old)
        .send()
        .await
        .refused(ErrorCode::TokenInUrl);
    let login = format!("/Login/GetTemporaryToken?token={secret}");
    server
        .anonymous()
        .get(&login)
        .send()
        .await
        .refused(ErrorCode::TokenInUrl);
    server.flush().await;
    assert_eq!(admin.find(&token).await.exposures[0].count, 2);
    admin
        .settings(json!({ "allow_token_in_url": true }))
        .await
        .is(200);
    let xml = server.anonymous().get(&old).send().await.is(200);
    server
        .may_read(&text_of(xml.text()), "Press photos")
        .await
        .is(204);
}

async fn vimp_by_query_and_form(server: Server) {
    let admin = server.admin().await;
    let (_, secret) = admin.usual().await;
    let nobody = server.anonymous();
    let minted = nobody
        .post("/api/GetTemporaryToken")
        .form(&[("apikey", &secret), ("lifetime", "60")])
        .send()
        .await
        .is(200)
        .json();
    assert_eq!(minted["expires_in"], 60);
    let pass = minted["token"].as_str().unwrap();
    server.may_read(pass, "Press photos").await.is(204);
    let who = nobody
        .post("/api/WhoAmI")
        .form(&[("apikey", &secret)])
        .send()
        .await
        .is(200)
        .json();
    assert_eq!(
        (&who["name"], &who["temporary"]),
        (&json!("WordPress"), &json!(false))
    );
    let who = nobody
        .get(&format!("/api/WhoAmI?apikey={pass}"))
        .send()
        .await
        .is(200)
        .json();
    assert_eq!(who["temporary"], true);
    // Without a form a POST is the same as a GET.
    server.bearer(&secret).post("/api/WhoAmI").send().await.is(200);
    // By GET the key stands in the URL.
    let by_get = format!("/api/GetTemporaryToken?apikey={secret}&lifetime=60&interfaces=Press%20photos");
    nobody.get(&by_get).send().await.refused(ErrorCode::TokenInUrl);
    admin
        .settings(json!({ "allow_token_in_url": true }))
        .await
        .is(200);
    let minted = nobody.get(&by_get).send().await.is(200);
    assert_eq!(minted.header("cache-control"), "no-store");
    assert_eq!(minted.json()["expires_in"], 60);
    let by_header = server.bearer(&secret).get("/api/GetTemporaryToken").send().await;
    assert_eq!(by_header.is(200).json()["expires_in"], 900);
}

async fn a_key_and_a_temporary_token(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    let grants = json!([{ "interface": "Press photos", "permissions": ["read"] }]);
    let (_, other) = admin.active(json!({ "name": "Other", "grants": grants })).await;
    let pass = mint(
        &server,
        &secret,
        json!({ "permissions": ["read"], "subject": "kari" }),
    )
    .await;
    let who =
        async |fields: &[(&str, &str)]| server.anonymous().post("/api/WhoAmI").form(fields).send().await;
    // The key says which application it is, the temporary token acts.
    let both = [("apikey", secret.as_str()), ("token", pass.as_str())];
    let seen = who(&both).await.is(200).json();
    assert_eq!(
        (&seen["temporary"], &seen["subject"]),
        (&json!(true), &json!("kari"))
    );
    assert_eq!(seen["grants"][0]["permissions"], json!(["read"]));
    // Not the other way round, not for another application, not two keys, not two temporary tokens.
    let another = mint(&server, &secret, json!({})).await;
    for (key, token) in [
        (&pass, &secret),
        (&other, &pass),
        (&secret, &other),
        (&another, &pass),
    ] {
        let answer = who(&[("apikey", key), ("token", token)]).await;
        answer.refused(ErrorCode::TokenMalformed);
    }
    let foreign = who(&[("apikey", &other), ("token", &pass)]).await;
    assert!(
        foreign.text().contains("was not minted for"),
        "{}",
        foreign.text()
    );
    // A key that is not accepted makes the temporary one worthless too.
    who(&[("apikey", "nobody-issued-this"), ("token", &pass)])
        .await
        .refused(ErrorCode::TokenUnknown);
    // The same in the URL of what is protected: a secret does not belong there, unless it is allowed.
    let proxied = server
        .proxy()
        .with("x-original-uri", &format!("/1.jpg?apikey={secret}&token={pass}"));
    let refused = proxied.get(&verify("Press photos", "read")).send().await.is(401);
    assert_eq!(refused.header("x-daypass-code"), "token_in_url");
    admin
        .settings(json!({ "allow_token_in_url": true }))
        .await
        .is(200);
    let allowed = proxied.get(&verify("Press photos", "read")).send().await.is(204);
    assert_eq!(allowed.header("x-daypass-token-kind"), "temporary");
    let more = proxied
        .get(&verify("Press photos", "download"))
        .send()
        .await
        .is(403);
    assert_eq!(more.header("x-daypass-code"), "permission_not_granted");
    // Minting is for the key alone.
    let form = server.anonymous().post("/api/GetTemporaryToken").form(&both);
    form.send().await.refused(ErrorCode::Forbidden);
    admin.act(&token, "deactivate").await;
    who(&both).await.refused(ErrorCode::TokenInactive);
}

async fn what_forms_ask_for(server: Server) {
    let admin = server.admin().await;
    let (_, secret) = admin.usual().await;
    let ask = async |fields: &[(&str, &str)]| {
        let call = server.bearer(&secret).post("/api/GetTemporaryToken");
        call.form(fields).send().await
    };
    let minted: Value = ask(&[
        ("interfaces", "Press photos"),
        ("permissions", "read"),
        ("origins", "https://one.example"),
        ("origins", "https://two.example"),
        ("subject", "kari"),
    ])
    .await
    .is(200)
    .json();
    assert_eq!(
        minted["grants"],
        json!([{ "interface": "Press photos", "permissions": ["read"] }])
    );
    assert_eq!(
        minted["origins"],
        json!(["https://one.example", "https://two.example"])
    );
    assert_eq!(minted["subject"], "kari");
    ask(&[("lifetme", "60")])
        .await
        .refused_field("lifetme", "unknown_field");
    // Whoever left out which, or from where, must not get all.
    for field in ["lifetime", "interfaces", "permissions", "origins", "network"] {
        ask(&[(field, "")]).await.refused_field(field, "required");
        let by_query = format!("/api/GetTemporaryToken?{field}=");
        let by_query = server.bearer(&secret).get(&by_query).send().await;
        by_query.refused_field(field, "required");
    }
    ask(&[("lifetme", "")])
        .await
        .refused_field("lifetme", "unknown_field");
    ask(&[("subject", "")]).await.is(200);
    ask(&[("lifetime", "soon")])
        .await
        .refused_field("lifetime", "wrong_type");
    ask(&[("lifetime", "901")])
        .await
        .refused_field("lifetime", "out_of_range");
    ask(&[("lifetime", "1"), ("lifetime", "1")])
        .await
        .refused_field("lifetime", "duplicate");
    ask(&[("permissions", "upload")])
        .await
        .refused(ErrorCode::PermissionNotGranted);
    let large = [("subject", "x".repeat(70_000))];
    let large: Vec<(&str, &str)> = large.iter().map(|(n, v)| (*n, v.as_str())).collect();
    ask(&large).await.refused_as(413, ErrorCode::InvalidRequest);
    // A typo in the place of a name may be a secret: it does not come back.
    let answer = ask(&[(&secret, "x")]).await;
    assert!(!answer.text().contains(&secret[..20]));
}

async fn networks_are_asked_for(server: Server) {
    let admin = server.admin().await;
    let (_, secret) = admin.usual().await;
    admin
        .settings(json!({ "allow_token_in_url": true }))
        .await
        .is(200);
    let by_form = async |network: &str| {
        let call = server.anonymous().post("/api/GetTemporaryToken");
        call.form(&[("apikey", secret.as_str()), ("network", network)])
            .send()
            .await
    };
    let by_query = async |network: &str| {
        let path = format!("/api/GetTemporaryToken?apikey={secret}&network={network}");
        server.anonymous().get(&path).send().await
    };
    for minted in [
        by_form("198.51.100.0/24").await,
        by_query("198.51.100.0/24").await,
    ] {
        let minted = minted.is(200).json();
        assert_eq!(minted["network"], "198.51.100.0/24");
        let pass = minted["token"].as_str().unwrap();
        for (peer, status) in [([198, 51, 100, 7], 204), ([198, 51, 101, 7], 403)] {
            let visitor = server.bearer(pass).at(peer.into());
            let read = visitor.get(&verify("Press photos", "read")).send();
            read.await.is(status);
        }
    }
    for wrong in [by_form("everywhere").await, by_query("everywhere").await] {
        wrong.refused_field("network", "not_a_network");
    }
    let call = server.bearer(&secret).post("/api/GetTemporaryToken");
    let twice = call.form(&[("network", "198.51.100.7"), ("network", "198.51.100.7")]);
    twice.send().await.refused_field("network", "duplicate");
}

/// By GET it stands in the query. A POST that has it there too would get more than was asked for.
async fn what_a_post_asks_for_stands_in_its_body(server: Server) {
    let admin = server.admin().await;
    let (_, secret) = admin.usual().await;
    let pass = mint(&server, &secret, json!({})).await;
    let ask = |query: &str| {
        let path = format!("/api/GetTemporaryToken?{query}");
        server.bearer(&secret).post(&path)
    };
    for (query, field) in [
        ("permissions=read&lifetime=60", "permissions"),
        ("a=b&lifetime=60", "lifetime"),
        ("grants=%5B%5D", "grants"),
        ("permissions=", "permissions"),
        ("interfaces=Press%20photos", "interfaces"),
        ("origins=https://one.example", "origins"),
        ("network=198.51.100.7", "network"),
        ("subject=kari", "subject"),
    ] {
        let plain = ask(query).send().await;
        plain.refused_field(field, "unknown_field");
        assert!(plain.text().contains("into the body"), "{}", plain.text());
        let json = ask(query).json(&json!({ "lifetime": 60 })).send().await;
        json.refused_field(field, "unknown_field");
        let form = ask(query).form(&[("lifetime", "60")]).send().await;
        form.refused_field(field, "unknown_field");
    }
    // Nothing is asked for here; and the credential may stand in the address.
    ask("colour=red").send().await.is(200);
    ask(&format!("token={secret}&lifetime=60"))
        .send()
        .await
        .refused(ErrorCode::TokenInUrl);
    let by_url = format!("/api/GetTemporaryToken?token={pass}");
    let by_url = server.anonymous().post(&by_url).send().await;
    by_url.refused(ErrorCode::Forbidden);
}

/// As curl, urllib and PHP's curl send it where nobody names the type: read as a form it would ask for nothing, and get
/// all that the token may.
async fn json_that_is_called_a_form_is_json(server: Server) {
    let admin = server.admin().await;
    let (_, secret) = admin.usual().await;
    let ask = async |body: &str| {
        let call = server.bearer(&secret).post("/api/GetTemporaryToken");
        let call = call.with("content-type", "application/x-www-form-urlencoded");
        call.body(body).send().await
    };
    let wish =
        r#" {"lifetime":100,"permissions":["read"],"origins":["https://one.example"],"subject":"kari"}"#;
    let minted: Value = ask(wish).await.is(200).json();
    assert_eq!(minted["expires_in"], 100);
    assert_eq!(
        minted["grants"],
        json!([{ "interface": "Press photos", "permissions": ["read"] }])
    );
    assert_eq!(minted["origins"], json!(["https://one.example"]));
    assert_eq!(minted["subject"], "kari");
    ask(r#"{"lifetme":100}"#)
        .await
        .refused_field("lifetme", "unknown_field");
    ask(r#"{"lifetime":100"#).await.refused(ErrorCode::InvalidRequest);
    ask(r#"["lifetime"]"#).await.refused(ErrorCode::InvalidRequest);
}
