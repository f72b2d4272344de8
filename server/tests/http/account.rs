//! `/setup`, `/login`, `/logout` and sessions.

use std::net::Ipv4Addr;

use serde_json::{Value, json};
use wire::{ErrorCode, Timestamp};

use crate::harness::{Answer, CLIENT, OWN, PROXY, Persona, Server, on_both};

on_both![
    set_up_once,
    set_up_codes_end,
    a_new_set_up_code_voids_the_one_before,
    sign_in_and_out,
    sign_in_answers_unknown_names_like_wrong_passwords,
    guessing_is_slowed_down_and_nobody_is_locked_out,
    names_that_are_too_long_are_one,
    whoever_has_to_wait_is_not_looked_up,
    an_owner_is_known_in_the_whole_network,
    guessing_set_up_codes_is_slowed_down,
    sessions_end,
    no_session_no_answer,
    a_language_is_chosen,
    documents_speak_the_readers_language,
];

const PASSWORD: &str = "correct horse battery";

async fn code(server: &Server) -> String {
    let code = server::http::issue_code(&server.app).await.unwrap().unwrap();
    code.expose_to_its_owner().to_owned()
}

fn own(server: &Server) -> Persona<'_> {
    server.anonymous().with("origin", OWN)
}

async fn set_up(server: &Server, code: &str) -> Answer {
    let fields = [
        ("code", code),
        ("name", "Ingrid"),
        ("password", PASSWORD),
        ("password_again", PASSWORD),
    ];
    own(server).post("/setup").form(&fields).send().await
}

async fn sign_in(server: &Server, name: &str, password: &str) -> Answer {
    sign_in_from(server, CLIENT, name, password).await
}

async fn sign_in_from(server: &Server, peer: Ipv4Addr, name: &str, password: &str) -> Answer {
    let fields = [("name", name), ("password", password)];
    own(server).at(peer).post("/login").form(&fields).send().await
}

fn cookie(answer: &Answer) -> String {
    let set = answer.header("set-cookie");
    set.strip_prefix("__Host-daypass=")
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned()
}

async fn set_up_once(server: Server) {
    let people = server.anonymous();
    assert_eq!(people.get("/").send().await.is(303).header("location"), "/setup");
    assert_eq!(
        people.get("/login").send().await.is(303).header("location"),
        "/setup"
    );
    let code = code(&server).await;
    assert!(people.get("/setup").send().await.is(200).text().contains("<form"));

    set_up(&server, "AAAAA-BBBBB-CCCCC-DDDDD").await.is(403);
    let weak = [("code", code.as_str()), ("name", "Ingrid"), ("password", "short")];
    own(&server).post("/setup").form(&weak).send().await.is(422);
    let differ = [
        ("code", code.as_str()),
        ("name", "Ingrid"),
        ("password", PASSWORD),
        ("password_again", "another one!"),
    ];
    own(&server).post("/setup").form(&differ).send().await.is(422);
    let nameless = [("code", code.as_str()), ("name", " "), ("password", PASSWORD)];
    own(&server).post("/setup").form(&nameless).send().await.is(422);
    server
        .anonymous()
        .post("/setup")
        .form(&[("code", &code)])
        .send()
        .await
        .is(422);

    // Typed small and without hyphens, as people do. It signs in at once.
    let typed = code.to_lowercase().replace('-', "");
    let done = set_up(&server, &typed).await.is(303);
    assert_eq!(done.header("location"), "/");
    server.signed_in(&cookie(&done)).get("/tokens").await.is(200);

    set_up(&server, &code).await.is(409);
    assert!(!people.get("/setup").send().await.is(200).text().contains("<form"));
    assert!(server::http::issue_code(&server.app).await.unwrap().is_none());
}

async fn set_up_codes_end(server: Server) {
    let code = code(&server).await;
    server.clock.advance_seconds(3600);
    set_up(&server, &code).await.is(403);
    assert!(!server.app.store.has_user().await.unwrap());
}

async fn a_new_set_up_code_voids_the_one_before(server: Server) {
    let first = code(&server).await;
    let second = code(&server).await;
    set_up(&server, &first).await.is(403);
    set_up(&server, &second).await.is(303);
}

async fn sign_in_and_out(server: Server) {
    set_up(&server, &code(&server).await).await.is(303);
    assert_eq!(
        server
            .anonymous()
            .get("/tokens/1?x=2")
            .send()
            .await
            .is(303)
            .header("location"),
        "/login?next=%2Ftokens%2F1%3Fx%3D2"
    );
    let page = server
        .anonymous()
        .get("/login?next=%2Ftokens")
        .send()
        .await
        .is(200);
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(
        page.header("content-security-policy"),
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    assert_eq!(page.header("referrer-policy"), "same-origin");
    assert_eq!(page.field("next"), "/tokens");

    // Without regard to case or white space.
    let fields = [("name", " INGRID "), ("password", PASSWORD), ("next", "/tokens")];
    let done = own(&server).post("/login").form(&fields).send().await.is(303);
    assert_eq!(done.header("location"), "/tokens");
    let set = done.header("set-cookie");
    let mut attributes: Vec<&str> = set.split("; ").skip(1).collect();
    attributes.sort_unstable();
    assert_eq!(
        attributes,
        ["HttpOnly", "Path=/", "SameSite=Strict", "Secure"],
        "{set}"
    );
    assert!(cookie(&done).len() >= 43);

    let admin = server.signed_in(&cookie(&done));
    let session = admin.get("/sessions/current").await.is(200).json();
    assert_eq!(session["user"]["name"], "Ingrid");
    assert_eq!(session["expires_at"], "2026-03-02T00:00:00.000Z");
    // Of two that are both called ours, nobody knows which one is: not even where the last one is right.
    let twice = format!("made-up; __Host-daypass={}", cookie(&done));
    let twice = server.signed_in(&twice).get("/tokens").await;
    twice.refused(ErrorCode::Unauthenticated);
    let app = admin.0.get("/tokens").send().await;
    assert!(
        app.header("content-security-policy")
            .contains("worker-src 'none'"),
        "{:?}",
        app.headers
    );
    assert_eq!(app.header("cache-control"), "no-store");

    let out = admin.0.post("/logout").send().await.is(303);
    assert_eq!(out.header("clear-site-data"), "\"cache\"");
    let gone = out.header("set-cookie");
    assert!(
        gone.starts_with("__Host-daypass=;") && gone.contains("Max-Age=0"),
        "{gone}"
    );
    assert!(gone.contains("Secure") && gone.contains("Path=/"), "{gone}");
    admin
        .get("/sessions/current")
        .await
        .refused(ErrorCode::Unauthenticated);
    // Nowhere but to ourselves.
    for elsewhere in [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "javascript:1",
    ] {
        let fields = [("name", "Ingrid"), ("password", PASSWORD), ("next", elsewhere)];
        server.clock.advance_seconds(20);
        let done = own(&server).post("/login").form(&fields).send().await.is(303);
        assert_eq!(done.header("location"), "/", "{elsewhere}");
    }
}

async fn sign_in_answers_unknown_names_like_wrong_passwords(server: Server) {
    set_up(&server, &code(&server).await).await.is(303);
    let wrong = sign_in(&server, "ingrid", "not her password").await.is(401);
    let unknown = sign_in(&server, "nobody", "not her password").await.is(401);
    assert_eq!(wrong.text().replace("ingrid", "nobody"), unknown.text());
    let headers = |a: &Answer| {
        let mut h: Vec<_> = a
            .headers
            .iter()
            .filter(|(n, _)| *n != "x-request-id")
            .map(|(n, v)| (n.clone(), v.clone()))
            .collect();
        h.sort_by(|a, b| a.0.as_str().cmp(b.0.as_str()));
        h.retain(|(n, _)| n != "content-length");
        h
    };
    assert_eq!(headers(&wrong), headers(&unknown));
    assert!(!wrong.headers.contains_key("set-cookie"));
    assert!(!wrong.text().contains("not her password"));
}

async fn guessing_is_slowed_down_and_nobody_is_locked_out(server: Server) {
    set_up(&server, &code(&server).await).await.is(303);
    let guesser = Ipv4Addr::new(198, 51, 100, 7);
    for _ in 0..5 {
        sign_in_from(&server, guesser, "ingrid", "not her password")
            .await
            .is(401);
    }
    let held = sign_in_from(&server, guesser, "ingrid", PASSWORD).await.is(429);
    assert_eq!(held.header("retry-after"), "20");
    assert!(!held.headers.contains_key("set-cookie"));
    // An unknown name is held up alike.
    for _ in 0..5 {
        sign_in_from(&server, guesser, "nobody", "not her password")
            .await
            .is(401);
    }
    sign_in_from(&server, guesser, "nobody", PASSWORD).await.is(429);
    // Many addresses against one account: those that are new to it are held up, the owner's is not.
    for last in 1..=15 {
        sign_in_from(&server, Ipv4Addr::new(198, 51, 101, last), "ingrid", "wrong")
            .await
            .is(401);
    }
    sign_in_from(&server, Ipv4Addr::new(198, 51, 102, 1), "ingrid", PASSWORD)
        .await
        .is(429);
    sign_in(&server, "ingrid", PASSWORD).await.is(303);
    // It passes by itself.
    server.clock.advance_seconds(19);
    sign_in_from(&server, guesser, "ingrid", PASSWORD).await.is(429);
    server.clock.advance_seconds(11);
    sign_in_from(&server, guesser, "ingrid", PASSWORD).await.is(303);
}

/// The one who signs in is at another address of her /64 the next day, and somebody guesses at her password meanwhile.
async fn an_owner_is_known_in_the_whole_network(server: Server) {
    set_up(&server, &code(&server).await).await.is(303);
    let from = async |address: &str, password| {
        let client = own(&server).at(PROXY).with("x-forwarded-for", address);
        let fields = [("name", "ingrid"), ("password", password)];
        client.post("/login").form(&fields).send().await
    };
    from("2001:db8:1:2:1234:5678:9abc:def0", PASSWORD).await.is(303);
    server.clock.advance_seconds(86_400);
    for guesser in 1..=20 {
        from(&format!("2001:db8:ffff:{guesser}::1"), "wrong")
            .await
            .is(401);
    }
    from("2001:db8:1:3::1", PASSWORD).await.is(429);
    from("2001:db8:1:2:fedc:ba98:7654:3210", PASSWORD).await.is(303);
}

/// What nobody does can take no time that tells who exists.
async fn whoever_has_to_wait_is_not_looked_up(server: Server) {
    set_up(&server, &code(&server).await).await.is(303);
    for name in ["ingrid", "nobody"] {
        for _ in 0..5 {
            sign_in(&server, name, "not her password").await.is(401);
        }
    }
    server.app.store.close().await;
    for name in ["ingrid", "nobody"] {
        sign_in(&server, name, PASSWORD).await.is(429);
    }
}

/// One that could be somebody's is an account of its own; what is longer is not, so it leaves no trace of its own.
async fn names_that_are_too_long_are_one(server: Server) {
    set_up(&server, &code(&server).await).await.is(303);
    let guesser = Ipv4Addr::new(198, 51, 100, 7);
    // This sign is eighteen when it is compared.
    let long = |n: u32| format!("{}{n}", "\u{fdfa}".repeat(5000));
    let mut pages = Vec::new();
    for n in 0..5 {
        let answer = sign_in_from(&server, guesser, &long(n), PASSWORD).await.is(401);
        pages.push(answer.text().to_owned());
    }
    assert!(pages.iter().all(|page| page == &pages[0]));
    sign_in_from(&server, guesser, &long(5), PASSWORD).await.is(429);
    for longest in ["a", "b"].map(|letter| letter.repeat(100)) {
        for name in [longest.clone(), format!(" {longest}\n")] {
            sign_in_from(&server, guesser, &name, PASSWORD).await.is(401);
        }
    }
    sign_in(&server, "ingrid", PASSWORD).await.is(303);
}

async fn guessing_set_up_codes_is_slowed_down(server: Server) {
    let code = code(&server).await;
    for _ in 0..20 {
        let fields = [
            ("code", "AAAAA-BBBBB-CCCCC-DDDDD"),
            ("name", "Eve"),
            ("password", "short"),
        ];
        own(&server).post("/setup").form(&fields).send().await.is(422);
    }
    let held = set_up(&server, &code).await.is(429);
    assert_eq!(held.header("retry-after"), "5");
    server.clock.advance_seconds(5);
    set_up(&server, &code).await.is(303);
}

async fn sessions_end(server: Server) {
    let idle = server.admin().await;
    let busy = server.admin().await;
    for _ in 0..8 {
        server.clock.advance_seconds(3599);
        busy.get("/sessions/current").await.is(200);
    }
    server.clock.advance_seconds(8);
    idle.get("/sessions/current")
        .await
        .refused(ErrorCode::Unauthenticated);
    busy.get("/sessions/current").await.is(200);
    server.clock.advance_seconds(4 * 3600);
    busy.get("/sessions/current")
        .await
        .refused(ErrorCode::Unauthenticated);
    assert!(server.app.now() > Timestamp::from_millis(crate::harness::START));
}

async fn no_session_no_answer(server: Server) {
    let people = server.anonymous().with("origin", OWN);
    for (method, path) in [
        ("GET", "/tokens"),
        ("POST", "/tokens"),
        ("GET", "/settings"),
        ("GET", "/activity"),
    ] {
        let answer = people.ask(method, &format!("/api/admin/v1{path}")).send().await;
        answer.refused(ErrorCode::Unauthenticated);
    }
    server
        .signed_in("made-up")
        .get("/tokens")
        .await
        .refused(ErrorCode::Unauthenticated);
    // A token is no administrator: no token can make another one.
    let admin = server.admin().await;
    let (_, secret) = admin.usual().await;
    for persona in [server.bearer(&secret), server.bearer(&secret).with("origin", OWN)] {
        persona
            .post("/api/admin/v1/tokens")
            .send()
            .await
            .refused(ErrorCode::Unauthenticated);
        persona
            .get("/api/admin/v1/tokens")
            .send()
            .await
            .refused(ErrorCode::Unauthenticated);
    }
    // And a cookie is no token.
    let answer = admin.0.get("/api/WhoAmI").send().await;
    answer.refused(ErrorCode::TokenMissing);
    // Two cookies of that name: whoever planted the other one gets nothing.
    let twice = admin.0.clone().with("cookie", "__Host-daypass=planted");
    twice
        .get("/api/admin/v1/tokens")
        .send()
        .await
        .refused(ErrorCode::Unauthenticated);
}

async fn a_language_is_chosen(server: Server) {
    let admin = server.admin().await;
    let language = async || admin.get("/sessions/current").await.is(200).json()["user"]["language"].clone();
    assert_eq!(language().await, Value::Null);
    for chosen in [json!("nb"), json!("de"), json!("en"), Value::Null] {
        let answer = admin
            .send("PATCH", "/users/current", json!({ "language": chosen }))
            .await
            .is(200)
            .json();
        assert_eq!(
            (&answer["name"], &answer["language"]),
            (&json!("Ingrid"), &chosen)
        );
        assert_eq!(language().await, chosen);
    }
    admin
        .send("PATCH", "/users/current", json!({ "language": "de" }))
        .await
        .is(200);
    admin.send("PATCH", "/users/current", json!({})).await.is(200);
    assert_eq!(language().await, "de");
    admin
        .send("PATCH", "/users/current", json!({ "language": "sv" }))
        .await
        .refused_field("language", "wrong_type");
    admin
        .send("PATCH", "/users/current", json!({ "name": "Root" }))
        .await
        .refused_field("name", "unknown_field");
    assert_eq!(language().await, "de");
    let other = server.admin_named("Ola").await;
    assert_eq!(
        other.get("/sessions/current").await.json()["user"]["language"],
        Value::Null
    );
}

async fn documents_speak_the_readers_language(server: Server) {
    let anonymous = server.anonymous().with("accept", "text/html");
    let wishing = |wish: &str| anonymous.clone().with("accept-language", wish);
    assert!(
        anonymous
            .get("/setup")
            .send()
            .await
            .is(200)
            .text()
            .contains("<html lang=\"en\"")
    );
    let setup = wishing("de-AT, en;q=0.5").get("/setup").send().await.is(200);
    assert!(setup.text().contains("<html lang=\"de\"") && setup.text().contains("Einrichtungscode"));
    let admin = server.admin().await;
    let login = wishing("nn-NO").get("/login").send().await.is(200);
    assert!(login.text().contains("<html lang=\"nb\"") && login.text().contains("Logg inn"));
    assert_eq!(login.header("vary"), "accept-language, cookie");
    assert_eq!(login.header("cache-control"), "no-store");
    let hostile = "q=;;,,de;q=9999999999999999999999,\u{e5}".repeat(100);
    wishing(&hostile).get("/login").send().await.is(200);
    // Her choice comes before her browser's wish.
    admin
        .send("PATCH", "/users/current", json!({ "language": "de" }))
        .await
        .is(200);
    let hers = admin
        .0
        .clone()
        .with("accept", "text/html")
        .with("accept-language", "nb");
    for path in ["/login/done", "/nowhere", "/strongroom/x"] {
        let page = hers.get(path).send().await;
        assert!(
            page.text().contains("<html lang=\"de\""),
            "{path}: {}",
            page.text()
        );
    }
    let token = admin.token(json!({ "name": "WordPress" })).await;
    let ticket = admin.ticket(&token).await;
    let fields = [("ticket", ticket.as_str()), ("mode", "import")];
    let form = admin.strongroom(&token, &fields).send().await.is(200);
    assert!(form.text().contains("Vorhandener Schlüssel"), "{}", form.text());
    // Inside the sandbox no cookie is sent; the ticket tells whose form it is.
    let ticket = form.field("ticket");
    let path = format!("/strongroom/{}/import", token.id);
    let fields = [("ticket", ticket.as_str()), ("key", "short")];
    let sandbox = server
        .anonymous()
        .with("origin", "null")
        .with("accept-language", "nb");
    let again = sandbox.post(&path).form(&fields).send().await.is(422);
    assert!(
        again.text().contains("Der Schlüssel ist zu kurz"),
        "{}",
        again.text()
    );
    // Refusals are told of in the reader's words too.
    let refused = hers
        .clone()
        .without("cookie")
        .with("cookie", "")
        .get("/login/done")
        .send()
        .await
        .is(401);
    assert!(refused.text().contains("Ikke logget inn"), "{}", refused.text());
}
