//! `POST /api/GetTemporaryToken`, `GET /api/WhoAmI`, the JWK set, and tokens that somebody else signed.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use server::secret::SigningKey;
use wire::{ErrorCode, TokenView};

use crate::harness::{Answer, OWN, START, Server, mint, on_both, verify};

on_both![
    minted_as_asked,
    narrower_never_more,
    lifetimes,
    origins_and_subject,
    only_from_a_permanent_token,
    what_is_asked_wrongly,
    who_am_i,
    the_key_set_checks_a_minted_token,
    forged_tokens_are_refused,
    tokens_end_to_the_second,
];

const SECONDS: i64 = START / 1000;

async fn ask(server: &Server, secret: &str, body: Value) -> Answer {
    server
        .bearer(secret)
        .post("/api/GetTemporaryToken")
        .json(&body)
        .send()
        .await
}

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64.decode(payload).unwrap()).unwrap()
}

/// Rights on two interfaces.
async fn editor(server: &Server) -> (TokenView, String) {
    let admin = server.admin().await;
    let body = json!({ "name": "Editor", "grants": [
        { "interface": "Press photos", "permissions": ["read", "download", "upload", "introspect"] },
        { "interface": "Films", "permissions": ["read"] },
    ] });
    admin.active(body).await
}

async fn minted_as_asked(server: Server) {
    let (token, secret) = editor(&server).await;
    let bare = server
        .bearer(&secret)
        .post("/api/GetTemporaryToken")
        .send()
        .await
        .is(200);
    assert_eq!(bare.header("cache-control"), "no-store");
    let mut answer = bare.json();
    let pass = answer["token"].take();
    assert_eq!(
        answer,
        json!({
            "token": null, "token_type": "Bearer", "expires_in": 900, "expires_at": "2026-03-01T12:15:00.000Z",
            "grants": [
                { "interface": "Films", "permissions": ["read"] },
                { "interface": "Press photos", "permissions": ["read", "download", "upload"] },
            ],
            "origins": [], "subject": null,
        })
    );
    let claims = claims(pass.as_str().unwrap());
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!(OWN), &json!(OWN)));
    assert_eq!(
        (&claims["sub"], &claims["client_id"]),
        (&json!(token.id), &json!(token.id))
    );
    assert_eq!(
        (&claims["iat"], &claims["exp"]),
        (&json!(SECONDS), &json!(SECONDS + 900))
    );
    assert_eq!(
        ask(&server, &secret, json!({})).await.is(200).json()["grants"],
        answer["grants"]
    );
    // Every header that carries a token.
    for (name, value) in [
        ("token", secret.clone()),
        ("x-api-key", secret.clone()),
        ("authorization", format!("bearer {secret}")),
    ] {
        server
            .anonymous()
            .with(name, &value)
            .post("/api/GetTemporaryToken")
            .send()
            .await
            .is(200);
    }
}

async fn narrower_never_more(server: Server) {
    let (_, secret) = editor(&server).await;
    let read = |interface: &str| json!({ "interface": interface, "permissions": ["read"] });
    for (body, grants) in [
        (json!({ "grants": [read("films")] }), json!([read("Films")])),
        (json!({ "interfaces": ["Films"] }), json!([read("Films")])),
        (
            json!({ "permissions": ["read"] }),
            json!([read("Films"), read("Press photos")]),
        ),
        (
            json!({ "interfaces": ["PRESS photos"], "permissions": ["read"] }),
            json!([read("Press photos")]),
        ),
        (
            json!({ "grants": [read("Films"), read("Films")] }),
            json!([read("Films")]),
        ),
        (json!({ "grants": [] }), json!([])),
        (json!({ "interfaces": [] }), json!([])),
    ] {
        assert_eq!(
            ask(&server, &secret, body.clone()).await.is(200).json()["grants"],
            grants,
            "{body}"
        );
    }
    let grant =
        |interface: &str, permission: &str| json!({ "interface": interface, "permissions": [permission] });
    for (body, code, missing) in [
        (
            json!({ "grants": [grant("Press photos", "edit")] }),
            ErrorCode::PermissionNotGranted,
            json!([grant("Press photos", "edit")]),
        ),
        (
            json!({ "grants": [grant("press photos", "introspect")] }),
            ErrorCode::PermissionNotGranted,
            json!([grant("Press photos", "introspect")]),
        ),
        (
            json!({ "grants": [grant("Nowhere", "read")] }),
            ErrorCode::InterfaceNotGranted,
            json!([grant("Nowhere", "read")]),
        ),
        (
            json!({ "interfaces": ["Nowhere"] }),
            ErrorCode::InterfaceNotGranted,
            json!([grant("Nowhere", "read")]),
        ),
        (
            json!({ "permissions": ["upload"] }),
            ErrorCode::PermissionNotGranted,
            json!([grant("Films", "upload")]),
        ),
        (
            json!({ "grants": [grant("Films", "read"), grant("Films", "delete")] }),
            ErrorCode::PermissionNotGranted,
            json!([grant("Films", "delete")]),
        ),
    ] {
        let problem = ask(&server, &secret, body.clone()).await.refused(code);
        assert_eq!(problem["missing"], missing, "{body}");
    }
    let pass = mint(
        &server,
        &secret,
        json!({ "interfaces": ["Press photos"], "permissions": ["read"] }),
    )
    .await;
    server.may_read(&pass, "Press photos").await.is(204);
    let films = server
        .may_read(&pass, "Films")
        .await
        .refused(ErrorCode::InterfaceNotGranted);
    assert_eq!(films["missing"], json!([read("Films")]));
    let upload = server
        .bearer(&pass)
        .get(&verify("Press photos", "upload"))
        .send()
        .await;
    assert_eq!(
        upload.refused(ErrorCode::PermissionNotGranted)["missing"],
        json!([grant("Press photos", "upload")])
    );
    // `introspect` is asked of permanent tokens only.
    let introspect = verify("Press photos", "introspect");
    server.bearer(&secret).get(&introspect).send().await.is(204);
    let whole = mint(&server, &secret, json!({})).await;
    server
        .bearer(&whole)
        .get(&introspect)
        .send()
        .await
        .refused(ErrorCode::PermissionNotGranted);
}

async fn lifetimes(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    let expires_in =
        async |body: Value| ask(&server, &secret, body).await.is(200).json()["expires_in"].clone();
    assert_eq!(expires_in(json!({ "lifetime": 60 })).await, 60);
    assert_eq!(expires_in(json!({ "lifetime": 900 })).await, 900);
    for lifetime in [-1, 0, 901] {
        ask(&server, &secret, json!({ "lifetime": lifetime }))
            .await
            .refused_field("lifetime", "out_of_range");
    }
    admin
        .settings(json!({ "default_temporary_lifetime": 300 }))
        .await
        .is(200);
    assert_eq!(expires_in(json!({})).await, 300);
    admin
        .patch(&token, json!({ "temporary_lifetime": 7200 }))
        .await
        .is(200);
    assert_eq!(expires_in(json!({})).await, 7200);
    admin
        .settings(json!({ "maximum_temporary_lifetime": 3600 }))
        .await
        .is(200);
    assert_eq!(
        expires_in(json!({})).await,
        3600,
        "the setting caps what was set before it"
    );

    admin
        .patch(&token, json!({ "temporary_lifetime": 0 }))
        .await
        .refused_field("temporary_lifetime", "endless_not_allowed");
    admin
        .settings(json!({ "allow_endless_temporary_tokens": true }))
        .await
        .is(200);
    admin
        .patch(&token, json!({ "temporary_lifetime": 0 }))
        .await
        .is(200);
    let endless = ask(&server, &secret, json!({})).await.is(200).json();
    assert_eq!(
        (&endless["expires_in"], &endless["expires_at"]),
        (&Value::Null, &Value::Null)
    );
    assert!(claims(endless["token"].as_str().unwrap()).get("exp").is_none());
    assert_eq!(expires_in(json!({ "lifetime": 40_000_000 })).await, 40_000_000);
    server.clock.advance_seconds(400 * 86_400);
    server
        .may_read(endless["token"].as_str().unwrap(), "Press photos")
        .await
        .is(204);
    let admin = server.admin().await;
    admin
        .settings(json!({ "allow_endless_temporary_tokens": false }))
        .await
        .is(200);
    assert_eq!(expires_in(json!({})).await, 3600);
    // What has no end follows the setting, both ways.
    let pass = endless["token"].as_str().unwrap();
    server
        .may_read(pass, "Press photos")
        .await
        .refused(ErrorCode::TokenExpired);
    for (allowed, status) in [(true, 204), (false, 401)] {
        admin
            .settings(json!({ "allow_endless_temporary_tokens": allowed }))
            .await
            .is(200);
        server.may_read(pass, "Press photos").await.is(status);
    }

    // Never beyond the parent's own end.
    let end = server.app.now().plus_seconds(100);
    admin.patch(&token, json!({ "expires_at": end })).await.is(200);
    assert_eq!(expires_in(json!({})).await, 100);
    admin
        .settings(json!({ "allow_endless_temporary_tokens": true }))
        .await
        .is(200);
    assert_eq!(expires_in(json!({})).await, 100);
}

async fn origins_and_subject(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    let body = json!({ "origins": ["https://One.example/"], "subject": " Anna Ærlig " });
    let answer = ask(&server, &secret, body).await.is(200).json();
    assert_eq!(answer["origins"], json!(["https://one.example"]));
    assert_eq!(answer["subject"], "Anna Ærlig");
    let pass = answer["token"].as_str().unwrap();
    let read = verify("Press photos", "read");
    let allowed = server
        .bearer(pass)
        .with("origin", "https://one.example")
        .get(&read)
        .send()
        .await
        .is(204);
    assert_eq!(allowed.header("x-daypass-subject"), "Anna%20%C3%86rlig");
    let by_referer = server
        .bearer(pass)
        .with("referer", "https://one.example/gallery?x=1");
    by_referer.get(&read).send().await.is(204);
    for persona in [
        server.bearer(pass),
        server.bearer(pass).with("origin", "https://two.example"),
        server.bearer(pass).with("origin", "https://one.example:444"),
        server.bearer(pass).with("origin", "null"),
        server
            .bearer(pass)
            .with("origin", "null")
            .with("referer", "https://one.example/"),
        server
            .bearer(pass)
            .with("origin", "https://two.example")
            .with("referer", "https://one.example/"),
        server
            .bearer(pass)
            .with("referer", "https://two.example/https://one.example/"),
    ] {
        persona
            .get(&read)
            .send()
            .await
            .refused(ErrorCode::OriginNotAllowed);
    }
    admin
        .patch(
            &token,
            json!({ "allowed_origins": ["https://one.example", "https://two.example"] }),
        )
        .await
        .is(200);
    let all = ask(&server, &secret, json!({})).await.is(200).json();
    assert_eq!(
        all["origins"],
        json!(["https://one.example", "https://two.example"])
    );
    let problem = ask(&server, &secret, json!({ "origins": ["https://three.example"] })).await;
    let problem = problem.refused(ErrorCode::OriginNotAllowed);
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("https://three.example"),
        "{problem}"
    );
}

async fn only_from_a_permanent_token(server: Server) {
    let (_, secret) = editor(&server).await;
    let pass = mint(&server, &secret, json!({})).await;
    ask(&server, &pass, json!({})).await.refused(ErrorCode::Forbidden);
    let post = || server.anonymous().post("/api/GetTemporaryToken");
    post().send().await.refused(ErrorCode::TokenMissing);
    post()
        .with("authorization", "Basic YTpi")
        .send()
        .await
        .refused(ErrorCode::TokenMissing);
    post()
        .with("token", "nobody-issued-this")
        .send()
        .await
        .refused(ErrorCode::TokenUnknown);
    let mistyped = format!("{}x", &secret[..secret.len() - 1]);
    post()
        .with("token", &mistyped)
        .send()
        .await
        .refused(ErrorCode::TokenMalformed);
    let page = server.bearer(&secret).with("origin", "https://one.example");
    page.post("/api/GetTemporaryToken")
        .send()
        .await
        .refused(ErrorCode::ExposedInBrowser);
    let url = format!("/api/GetTemporaryToken?token={secret}");
    server
        .anonymous()
        .post(&url)
        .send()
        .await
        .refused(ErrorCode::TokenInUrl);
}

async fn what_is_asked_wrongly(server: Server) {
    let (_, secret) = editor(&server).await;
    for (body, field, code) in [
        (json!({ "lifetme": 60 }), "lifetme", "unknown_field"),
        (json!({ "lifetime": "60" }), "lifetime", "wrong_type"),
        (json!({ "origins": ["*"] }), "origins[0]", "not_an_origin"),
        (
            json!({ "origins": vec!["https://a.example"; 21] }),
            "origins",
            "too_long",
        ),
        (json!({ "subject": "" }), "subject", "required"),
        (json!({ "subject": "a".repeat(201) }), "subject", "too_long"),
        (json!({ "subject": secret }), "subject", "contains_token"),
        (json!({ "permissions": ["look"] }), "permissions[0]", "wrong_type"),
        (
            json!({ "grants": [], "permissions": ["read"] }),
            "grants",
            "excludes",
        ),
        (json!({ "grants": [], "interfaces": [] }), "grants", "excludes"),
    ] {
        ask(&server, &secret, body).await.refused_field(field, code);
    }
    for body in ["{", "[]", "7", "\u{feff}{}"] {
        let answer = server
            .bearer(&secret)
            .post("/api/GetTemporaryToken")
            .body(body)
            .send()
            .await;
        answer.refused(ErrorCode::InvalidRequest);
    }
    // A refusal of the token comes first: who has none learns nothing of the rest.
    server
        .anonymous()
        .post("/api/GetTemporaryToken")
        .body("{")
        .send()
        .await
        .refused(ErrorCode::TokenMissing);
}

async fn who_am_i(server: Server) {
    let admin = server.admin().await;
    let body = json!({
        "name": "Blog", "grants": [{ "interface": "Press photos", "permissions": ["read", "introspect"] }],
        "expires_at": "2026-03-02T12:00:00Z", "allowed_origins": ["https://one.example"],
        "allowed_networks": ["203.0.113.0/24"], "rate_limit": { "requests": 50, "per_seconds": 60 },
    });
    let (token, secret) = admin.active(body).await;
    let me = server.bearer(&secret).get("/api/WhoAmI").send().await.is(200);
    assert_eq!(me.header("cache-control"), "no-store");
    assert_eq!(
        me.json(),
        json!({
            "id": token.id, "name": "Blog", "kind": "secret", "temporary": false,
            "grants": [{ "interface": "Press photos", "permissions": ["read", "introspect"] }],
            "expires_at": "2026-03-02T12:00:00.000Z", "temporary_lifetime": -1,
            "allowed_origins": ["https://one.example"], "allowed_networks": ["203.0.113.0/24"],
            "rate_limit": { "requests": 50, "per_seconds": 60 },
        })
    );
    let pass = mint(&server, &secret, json!({ "subject": "Anna", "lifetime": 60 })).await;
    let page = server.anonymous().with("origin", "https://one.example");
    let me = page
        .get(&format!("/api/WhoAmI?apikey={pass}"))
        .send()
        .await
        .is(200)
        .json();
    assert_eq!(me["temporary"], true);
    assert_eq!(me["expires_at"], "2026-03-01T12:01:00.000Z");
    assert_eq!(me["subject"], "Anna");
    assert_eq!(
        me["grants"],
        json!([{ "interface": "Press photos", "permissions": ["read"] }])
    );
    let elsewhere = server.bearer(&secret).at([192, 0, 2, 1].into());
    elsewhere
        .get("/api/WhoAmI")
        .send()
        .await
        .refused(ErrorCode::NetworkNotAllowed);
}

async fn the_key_set_checks_a_minted_token(server: Server) {
    let admin = server.admin().await;
    let (token, secret) = admin.usual().await;
    let pass = mint(&server, &secret, json!({ "subject": "Anna" })).await;
    let answer = server
        .anonymous()
        .get("/.well-known/jwks.json")
        .send()
        .await
        .is(200);
    assert_eq!(answer.header("content-type"), "application/jwk-set+json");
    let keys: JwkSet = answer.read();
    let header = jsonwebtoken::decode_header(&pass).unwrap();
    assert_eq!(
        (header.alg, header.typ.as_deref()),
        (Algorithm::EdDSA, Some("at+jwt"))
    );
    let jwk = keys.find(&header.kid.unwrap()).unwrap();
    assert!(!answer.text().contains("\"d\""), "no private half");
    let key = DecodingKey::from_jwk(jwk).unwrap();
    let mut rules = Validation::new(Algorithm::EdDSA);
    // The library would ask the operating system for the time.
    rules.validate_exp = false;
    rules.set_audience(&[OWN]);
    rules.set_issuer(&[OWN]);
    let read = jsonwebtoken::decode::<Value>(&pass, &key, &rules).unwrap();
    assert_eq!(read.claims["sub"], json!(token.id));
    assert_eq!(read.claims["subject"], "Anna");
    assert_eq!(read.claims["exp"], json!(SECONDS + 900));
    rules.set_audience(&["https://elsewhere.example"]);
    assert!(jsonwebtoken::decode::<Value>(&pass, &key, &rules).is_err());
    // The same key after a restart.
    let server = server.restarted_as(crate::harness::site()).await;
    server.may_read(&pass, "Press photos").await.is(204);
}

fn forged(header: &Value, claims: &Value, signature: &str) -> String {
    let part = |value: &Value| BASE64.encode(value.to_string());
    format!("{}.{}.{signature}", part(header), part(claims))
}

/// Claims with one name twice, which no map can hold.
struct Twice<'a>(&'a Value, &'a str, Value);

impl Serialize for Twice<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.0.as_object().unwrap() {
            map.serialize_entry(name, value)?;
        }
        map.serialize_entry(self.1, &self.2)?;
        map.end()
    }
}

async fn forged_tokens_are_refused(server: Server) {
    let admin = server.admin().await;
    let (_, secret) = admin.usual().await;
    let pass = mint(&server, &secret, json!({})).await;
    let genuine = claims(&pass);
    let header = BASE64.decode(pass.split('.').next().unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    let (signed, signature) = pass.rsplit_once('.').unwrap();
    let payload = signed.split_once('.').unwrap().1;
    let keys = server.app.index.keys().unwrap();
    let key = keys.signing_at(server.app.now()).unwrap();
    let with = |name: &str, value: Value| {
        let mut changed = genuine.clone();
        changed[name] = value;
        changed
    };
    let headed = |name: &str, value: Value| {
        let mut changed = header.clone();
        changed[name] = value;
        changed
    };
    let refused = async |what: &str, token: String, code: ErrorCode| {
        for call in [
            server.bearer(&token).get(&verify("Press photos", "read")),
            server.bearer(&token).get("/api/WhoAmI"),
            server
                .anonymous()
                .get(&format!("{}&token={token}", verify("Press photos", "read"))),
            server.bearer(&token).post("/api/GetTemporaryToken"),
        ] {
            let answer = call.send().await;
            assert_eq!(answer.header("x-daypass-code"), code.as_str(), "{what}");
            answer.refused(code);
        }
    };

    for alg in ["none", "None", "NONE"] {
        let none = json!({ "alg": alg, "typ": "at+jwt", "kid": header["kid"] });
        refused("alg none", forged(&none, &genuine, ""), ErrorCode::TokenUnknown).await;
        refused(
            "alg none, signed",
            forged(&none, &genuine, signature),
            ErrorCode::TokenUnknown,
        )
        .await;
    }
    let unsigned = format!("{signed}.");
    refused("no signature", unsigned, ErrorCode::TokenUnknown).await;

    let jwks = server
        .anonymous()
        .get("/.well-known/jwks.json")
        .send()
        .await
        .json();
    let public = jwks["keys"][0]["x"].as_str().unwrap().to_owned();
    for key in [public.as_bytes().to_vec(), BASE64.decode(&public).unwrap()] {
        let mut hs256 = Header::new(Algorithm::HS256);
        hs256.kid = Some(header["kid"].as_str().unwrap().to_owned());
        hs256.typ = Some("at+jwt".to_owned());
        let token = jsonwebtoken::encode(&hs256, &genuine, &EncodingKey::from_secret(&key)).unwrap();
        refused("HS256 with the public key", token, ErrorCode::TokenUnknown).await;
    }

    // Signed by a key that is not ours, under our kid and under its own.
    let other = SigningKey::from_seed(header["kid"].as_str().unwrap(), &[7; 32]).unwrap();
    refused(
        "another key",
        other.sign(&genuine).unwrap(),
        ErrorCode::TokenUnknown,
    )
    .await;
    let stranger = SigningKey::from_seed("stranger", &[7; 32]).unwrap();
    refused(
        "unknown kid",
        stranger.sign(&genuine).unwrap(),
        ErrorCode::TokenUnknown,
    )
    .await;
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": BASE64.encode(stranger.public_key()) });
    for (name, value) in [
        ("typ", json!("JWT")),
        ("typ", json!("AT+JWT")),
        ("alg", json!("Ed25519")),
        ("kid", json!("../../etc/passwd")),
        ("jwk", jwk),
        ("jku", json!("https://evil.example/jwks.json")),
        ("crit", json!(["b64"])),
    ] {
        let token = forged(&headed(name, value.clone()), &genuine, signature);
        refused(&format!("{name} {value}"), token, ErrorCode::TokenUnknown).await;
    }

    // Changed after it was signed.
    let richer = with("exp", json!(SECONDS + 9_000_000));
    refused(
        "changed",
        forged(&header, &richer, signature),
        ErrorCode::TokenUnknown,
    )
    .await;

    // Rightly signed, wrong content: what a mistake of ours would look like.
    for (what, claims, code) in [
        (
            "iss",
            with("iss", json!("https://elsewhere.example")),
            ErrorCode::TokenUnknown,
        ),
        (
            "aud",
            with("aud", json!("https://elsewhere.example")),
            ErrorCode::TokenUnknown,
        ),
        ("aud list", with("aud", json!([OWN])), ErrorCode::TokenMalformed),
        (
            "client_id",
            with("client_id", json!("01JNA4B1PD0000000000000000")),
            ErrorCode::TokenUnknown,
        ),
        (
            "unknown claim",
            with("admin", json!(true)),
            ErrorCode::TokenMalformed,
        ),
        (
            "exp as text",
            with("exp", json!("never")),
            ErrorCode::TokenMalformed,
        ),
        ("expired", with("exp", json!(SECONDS)), ErrorCode::TokenExpired),
        (
            "begins later",
            with("nbf", json!(SECONDS + 31)),
            ErrorCode::TokenMalformed,
        ),
        (
            "minted later",
            with("iat", json!(SECONDS + 31)),
            ErrorCode::TokenMalformed,
        ),
        (
            "epoch",
            with("epoch", json!(99)),
            ErrorCode::TemporaryTokenStopped,
        ),
        (
            "secret",
            with("secret_id", json!("01JNA4B1PD0000000000000000")),
            ErrorCode::TemporaryTokenStopped,
        ),
    ] {
        refused(what, key.sign(&claims).unwrap(), code).await;
    }
    let mut gone = genuine.clone();
    gone["sub"] = json!("01JNA4B1PD0000000000000000");
    gone["client_id"] = gone["sub"].clone();
    refused(
        "no parent",
        key.sign(&gone).unwrap(),
        ErrorCode::TemporaryTokenStopped,
    )
    .await;
    for (name, value) in [
        ("exp", json!(SECONDS + 9_000_000)),
        ("sub", genuine["sub"].clone()),
        ("grants", json!([])),
    ] {
        let token = key.sign(&Twice(&genuine, name, value)).unwrap();
        refused(&format!("{name} twice"), token, ErrorCode::TokenMalformed).await;
    }
    // Clocks may be half a minute apart for the beginning.
    let early = with("nbf", json!(SECONDS + 30));
    let early = key.sign(&early).unwrap();
    server.may_read(&early, "Press photos").await.is(204);
    // More rights than the parent has come to nothing.
    let films = admin.interface("Films").await;
    let greedy = with(
        "grants",
        json!([{ "interface": films.id, "permissions": ["read", "delete"] }]),
    );
    let greedy = key.sign(&greedy).unwrap();
    server
        .may_read(&greedy, "Films")
        .await
        .refused(ErrorCode::InterfaceNotGranted);

    for (what, token) in [
        ("padding", format!("{pass}==")),
        (
            "no base64url",
            format!("{signed}.{}", signature.replace(['A', 'b', 'c'], "+")),
        ),
        ("too long", format!("{signed}{}.{signature}", "A".repeat(20_000))),
    ] {
        let answer = server.may_read(&token, "Press photos").await;
        assert_eq!(answer.status, 401, "{what}");
    }
    let four = format!("{signed}.{payload}.{signature}");
    refused("four parts", four, ErrorCode::TokenUnknown).await;
    // After all that the genuine one goes on working.
    server.may_read(&pass, "Press photos").await.is(204);
}

async fn tokens_end_to_the_second(server: Server) {
    let admin = server.admin().await;
    let (_, secret) = admin.usual().await;
    let pass = mint(&server, &secret, json!({ "lifetime": 10 })).await;
    server.clock.advance_seconds(9);
    server.may_read(&pass, "Press photos").await.is(204);
    server.clock.advance_seconds(1);
    let answer = server.may_read(&pass, "Press photos").await;
    answer.refused(ErrorCode::TokenExpired);
    assert_eq!(
        answer.header("www-authenticate"),
        "Bearer realm=\"Daypass\", error=\"invalid_token\""
    );
}
