//! Claims: a server fetches a secret that no browser ever sees, once.

use std::net::Ipv4Addr;

use serde_json::{Value, json};
use tempfile::TempDir;
use wire::{ErrorCode, TokenView};

use crate::harness::{
    Admin, Answer, Persona, Place, Server, ask_and_leave, eventually, mint, on_both, with_postgres,
};

on_both![
    a_server_fetches_a_secret_once,
    json_for_those_who_ask_for_it,
    a_browser_burns_the_code,
    the_wrong_network_burns_the_code,
    ten_minutes_and_no_more,
    wrong_codes_are_slowed_down_and_right_ones_are_not,
    what_cannot_be_read_burns_nothing,
    a_used_ticket_gives_no_second_command,
    the_session_may_end_the_token_may_not,
    an_administrator_looks_and_cancels,
    a_dropped_request_goes_on,
];

/// Where the fetching server is.
const SERVER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 7);

/// The document with the command.
async fn document(admin: &Admin<'_>, token: &TokenView, fields: &[(&str, &str)]) -> Answer {
    let ticket = admin.ticket(token).await;
    let mut all = vec![("ticket", ticket.as_str()), ("mode", "claim")];
    all.extend(fields);
    admin.strongroom(token, &all).send().await.is(200)
}

/// The code in the command of a document.
fn code_of(document: &Answer) -> String {
    let command = document.element("claim");
    let code = command.strip_prefix("printf code=").unwrap();
    code.split(' ').next().unwrap().to_owned()
}

async fn issue(admin: &Admin<'_>, token: &TokenView, fields: &[(&str, &str)]) -> String {
    code_of(&document(admin, token, fields).await)
}

async fn fetch(who: &Persona<'_>, code: &str) -> Answer {
    who.post("/claim").form(&[("code", code)]).send().await
}

async fn status(admin: &Admin<'_>, token: &TokenView) -> Value {
    let answer = admin.get(&format!("/tokens/{}/claim", token.id)).await.is(200);
    assert_eq!(answer.header("cache-control"), "no-store");
    answer.json()["claim"].clone()
}

async fn alarms(admin: &Admin<'_>) -> Vec<Value> {
    let list = admin.get("/activity?per_page=200").await.is(200).json();
    let items = list["items"].as_array().unwrap().iter();
    items
        .filter(|i| i["action"] == "claim.refused")
        .cloned()
        .collect()
}

async fn a_server_fetches_a_secret_once(server: Server) {
    let admin = server.admin().await;
    let (token, old) = admin.usual().await;
    assert_eq!(status(&admin, &token).await, Value::Null);
    let document = document(&admin, &token, &[("overlap", "60")]).await;
    assert_eq!(document.header("cache-control"), "no-store");
    assert!(
        document
            .header("content-security-policy")
            .contains("sandbox allow-forms")
    );
    assert!(!document.text().contains("<script") && !document.text().contains("id=\"secret\""));
    let code = code_of(&document);
    assert!(code.len() >= 43, "256 bits: {code}");
    assert!(!code.contains("dps_"));
    let open = status(&admin, &token).await;
    assert_eq!(
        (&open["status"], &open["created_by"]),
        (&json!("open"), &json!("Ingrid"))
    );
    assert_eq!(open["expires_at"], "2026-03-01T12:10:00.000Z");
    assert_eq!(
        admin.find(&token).await.secrets.len(),
        1,
        "no secret is made before the claim"
    );

    server.clock.advance_seconds(300);
    let fetched = fetch(&server.anonymous().at(SERVER), &code).await.is(200);
    assert_eq!(fetched.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(fetched.header("cache-control"), "no-store");
    assert_eq!(fetched.header("x-content-type-options"), "nosniff");
    assert!(!fetched.headers.contains_key("access-control-allow-origin"));
    let secret = fetched.text().to_owned();
    assert_eq!(secret.len(), 4 + 40 + 6, "the secret and nothing else");
    server.may_read(&secret, "Press photos").await.is(204);
    server.may_read(&old, "Press photos").await.is(204);
    mint(&server, &secret, json!({})).await;
    let done = status(&admin, &token).await;
    assert_eq!(
        (&done["status"], &done["fetched_from"], &done["fetched_at"]),
        (
            &json!("fetched"),
            &json!("192.0.2.7"),
            &json!("2026-03-01T12:05:00.000Z")
        )
    );
    // The overlap began with the claim, not with the command.
    server.clock.advance_seconds(59);
    server.may_read(&old, "Press photos").await.is(204);
    server.clock.advance_seconds(1);
    server
        .may_read(&old, "Press photos")
        .await
        .refused(ErrorCode::TokenExpired);

    // Whoever comes second gets nothing, changes nothing, and is noticed once.
    let before = admin.find(&token).await;
    for _ in 0..3 {
        let again = fetch(&server.anonymous(), &code).await;
        let problem = again.refused(ErrorCode::Conflict);
        assert!(
            problem["detail"].as_str().unwrap().contains("replace it"),
            "{problem}"
        );
    }
    assert_eq!(admin.find(&token).await, before);
    server.may_read(&secret, "Press photos").await.is(204);
    let alarms = alarms(&admin).await;
    assert_eq!(alarms.len(), 1);
    assert_eq!(alarms[0]["address"], "203.0.113.9");
    assert_eq!(alarms[0]["subject"]["name"], "WordPress");
    assert_eq!(alarms[0]["changes"][0]["after"], "used_again");
    let twice = status(&admin, &token).await;
    assert_eq!(
        (&twice["status"], &twice["ended_by"], &twice["ended_from"]),
        (&json!("fetched"), &json!("used_again"), &json!("203.0.113.9"))
    );
}

async fn json_for_those_who_ask_for_it(server: Server) {
    let admin = server.admin().await;
    let (token, _) = admin.usual().await;
    let code = issue(&admin, &token, &[]).await;
    // `curl --data '{…}'` calls it a form.
    let call = server
        .anonymous()
        .post("/claim")
        .with("accept", "application/json")
        .with("content-type", "application/x-www-form-urlencoded")
        .body(format!(" {{\"code\":\"{code}\"}}"));
    let answer = call.send().await.is(200);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.json().as_object().unwrap().len(), 1);
    let secret = answer.json()["secret"].as_str().unwrap().to_owned();
    server.may_read(&secret, "Press photos").await.is(204);
}

async fn a_browser_burns_the_code(server: Server) {
    let admin = server.admin().await;
    let (token, old) = admin.usual().await;
    let traces = [
        ("origin", "https://blog.example"),
        ("origin", "null"),
        ("sec-fetch-site", "none"),
        ("sec-fetch-dest", "document"),
    ];
    for (n, (name, value)) in traces.into_iter().enumerate() {
        let code = issue(&admin, &token, &[]).await;
        let browser = server.anonymous().with(name, value);
        fetch(&browser, &code).await.refused(ErrorCode::ExposedInBrowser);
        assert_eq!(alarms(&admin).await.len(), n + 1);
        let claim = status(&admin, &token).await;
        assert_eq!(
            (&claim["status"], &claim["ended_by"]),
            (&json!("burned"), &json!("browser"))
        );
        fetch(&server.anonymous(), &code)
            .await
            .refused(ErrorCode::Conflict);
        assert_eq!(alarms(&admin).await.len(), n + 1);
    }
    // Nothing was deactivated, and no secret was made.
    server.may_read(&old, "Press photos").await.is(204);
    assert_eq!(admin.find(&token).await.secrets.len(), 1);
    // What Node sends is no browser.
    let code = issue(&admin, &token, &[]).await;
    let node = server.anonymous().with("sec-fetch-mode", "cors");
    fetch(&node, &code).await.is(200);
}

async fn the_wrong_network_burns_the_code(server: Server) {
    let admin = server.admin().await;
    let (token, old) = admin.usual().await;
    let ticket = admin.ticket(&token).await;
    let fields = [
        ("ticket", ticket.as_str()),
        ("mode", "claim"),
        ("network", "nowhere"),
    ];
    admin.strongroom(&token, &fields).send().await.is(422);
    let network = [("network", "192.0.2.0/24")];
    let code = issue(&admin, &token, &network).await;
    fetch(&server.anonymous(), &code)
        .await
        .refused(ErrorCode::NetworkNotAllowed);
    fetch(&server.anonymous().at(SERVER), &code)
        .await
        .refused(ErrorCode::Conflict);
    assert_eq!(alarms(&admin).await[0]["changes"][0]["after"], "wrong_network");
    server.may_read(&old, "Press photos").await.is(204);
    // A forwarded address counts from a trusted proxy only.
    let code = issue(&admin, &token, &network).await;
    let liar = server.anonymous().with("x-forwarded-for", "192.0.2.7");
    fetch(&liar, &code).await.refused(ErrorCode::NetworkNotAllowed);
    let code = issue(&admin, &token, &network).await;
    let proxied = server.proxy().with("x-forwarded-for", "10.9.9.9, 192.0.2.7");
    fetch(&proxied, &code).await.is(200);
    assert_eq!(status(&admin, &token).await["fetched_from"], "192.0.2.7");
}

async fn ten_minutes_and_no_more(server: Server) {
    let admin = server.admin().await;
    let (token, old) = admin.usual().await;
    let code = issue(&admin, &token, &[]).await;
    server.clock.advance_seconds(600);
    let late = fetch(&server.anonymous(), &code).await;
    let problem = late.refused(ErrorCode::Forbidden);
    assert!(
        problem["detail"].as_str().unwrap().contains("ten minutes"),
        "{problem}"
    );
    assert_eq!(status(&admin, &token).await["status"], "expired");
    assert_eq!(alarms(&admin).await.len(), 0, "being late is no attack");
    server.may_read(&old, "Press photos").await.is(204);
    let code = issue(&admin, &token, &[]).await;
    server.clock.advance_seconds(599);
    fetch(&server.anonymous(), &code).await.is(200);
}

async fn wrong_codes_are_slowed_down_and_right_ones_are_not(server: Server) {
    let admin = server.admin().await;
    let (token, _) = admin.usual().await;
    let code = issue(&admin, &token, &[]).await;
    let here = server.anonymous();
    for _ in 0..10 {
        fetch(&here, "made-up").await.refused(ErrorCode::Forbidden);
    }
    let slow = fetch(&here, "made-up").await;
    slow.refused(ErrorCode::RateLimited);
    assert!((1..=10).contains(&slow.header("retry-after").parse::<u64>().unwrap()));
    assert_eq!(alarms(&admin).await.len(), 0);
    // Another address, and after a while the same one, are answered again; the right code always.
    fetch(&server.anonymous().at(SERVER), "made-up")
        .await
        .refused(ErrorCode::Forbidden);
    fetch(&here, &code).await.is(200);
    fetch(&here, "made-up").await.refused(ErrorCode::RateLimited);
    server.clock.advance_seconds(10);
    fetch(&here, "made-up").await.refused(ErrorCode::Forbidden);
}

async fn what_cannot_be_read_burns_nothing(server: Server) {
    let admin = server.admin().await;
    let (token, _) = admin.usual().await;
    let code = issue(&admin, &token, &[]).await;
    let here = server.anonymous();
    here.post("/claim").send().await.refused_field("code", "required");
    here.post("/claim")
        .body("{}")
        .send()
        .await
        .refused_field("code", "required");
    let twice = here.post("/claim").form(&[("code", &code), ("code", &code)]);
    twice.send().await.refused_field("code", "duplicate");
    let more = here.post("/claim").form(&[("code", &code), ("network", "x")]);
    more.send().await.refused_field("network", "unknown_field");
    here.post("/claim").body(vec![b'x'; 70_000]).send().await.is(413);
    // The code in a URL is no code, and nowhere in the answer.
    let url = here.post(&format!("/claim?code={code}")).send().await;
    url.refused_field("code", "required");
    assert!(!url.text().contains(&code));
    let raw = here.post("/claim").body(code.clone()).send().await.is(422);
    assert!(!raw.text().contains(&code), "{}", raw.text());
    here.get("/claim").send().await.is(405);
    here.ask("OPTIONS", "/claim").send().await.is(405);
    assert_eq!(status(&admin, &token).await["status"], "open");
    fetch(&here, &format!(" {code}\n")).await.is(200);
}

async fn a_used_ticket_gives_no_second_command(server: Server) {
    let admin = server.admin().await;
    let (token, _) = admin.usual().await;
    let ticket = admin.ticket(&token).await;
    let fields = [("ticket", ticket.as_str()), ("mode", "claim")];
    let first = admin.strongroom(&token, &fields).send().await.is(200);
    let claim = status(&admin, &token).await;
    // Back and reload send it again.
    let again = admin.strongroom(&token, &fields).send().await.is(409);
    assert!(!again.text().contains("id=\"claim\""));
    assert_eq!(status(&admin, &token).await, claim);
    fetch(&server.anonymous(), &code_of(&first)).await.is(200);
    // As a script of the app's own origin would ask.
    let ticket = admin.ticket(&token).await;
    let script = admin
        .0
        .post(&format!("/strongroom/{}", token.id))
        .with("sec-fetch-site", "same-origin")
        .with("sec-fetch-dest", "empty")
        .with("sec-fetch-mode", "cors")
        .form(&[("ticket", &ticket), ("mode", "claim")]);
    let nothing = script.send().await.is(403);
    assert!(!nothing.text().contains("id=\"claim\""));
}

async fn the_session_may_end_the_token_may_not(server: Server) {
    let admin = server.admin().await;
    let (token, old) = admin.usual().await;
    let code = issue(&admin, &token, &[]).await;
    let newer = issue(&admin, &token, &[]).await;
    admin.0.post("/logout").send().await.is(303);
    // The claim is the token's: who issued it may go home.
    fetch(&server.anonymous(), &code)
        .await
        .refused(ErrorCode::Conflict);
    fetch(&server.anonymous(), &newer).await.is(200);
    server
        .may_read(&old, "Press photos")
        .await
        .refused(ErrorCode::TokenExpired);
    let admin = server.admin().await;
    let code = issue(&admin, &token, &[]).await;
    admin.act(&token, "deactivate").await;
    let off = fetch(&server.anonymous(), &code).await;
    assert!(
        off.refused(ErrorCode::Conflict)["detail"]
            .as_str()
            .unwrap()
            .contains("deactivated")
    );
    assert_eq!(status(&admin, &token).await["ended_by"], "token_off");
    admin.act(&token, "activate").await;
    fetch(&server.anonymous(), &code)
        .await
        .refused(ErrorCode::Conflict);
    assert_eq!(alarms(&admin).await.len(), 0);
}

async fn an_administrator_looks_and_cancels(server: Server) {
    let admin = server.admin().await;
    let (token, _) = admin.usual().await;
    let code = issue(&admin, &token, &[]).await;
    let path = format!("/tokens/{}/claim", token.id);
    // Only with a session, and from our own pages.
    let uri = format!("/api/admin/v1{path}");
    server
        .anonymous()
        .get(&uri)
        .send()
        .await
        .refused(ErrorCode::Unauthenticated);
    server
        .anonymous()
        .ask("DELETE", &uri)
        .send()
        .await
        .refused(ErrorCode::Unauthenticated);
    let other = admin
        .0
        .clone()
        .without("origin")
        .with("origin", "https://evil.example");
    other
        .ask("DELETE", &uri)
        .send()
        .await
        .refused(ErrorCode::Forbidden);
    let seen = admin.get(&path).await.is(200);
    assert!(!seen.text().contains(&code));
    let cancelled = admin.api("DELETE", &path).send().await.is(200).json();
    assert_eq!(cancelled["claim"]["status"], "cancelled");
    fetch(&server.anonymous(), &code)
        .await
        .refused(ErrorCode::Conflict);
    let actions = admin.get("/activity").await.json();
    assert_eq!(actions["items"][0]["action"], "claim.cancelled");
    assert_eq!(actions["items"][0]["actor"]["name"], "Ingrid");
    let nobody = "/tokens/01ARZ3NDEKTSV4RRFFQ69G5FAV/claim";
    admin.get(nobody).await.refused(ErrorCode::NotFound);
    admin
        .api("DELETE", nobody)
        .send()
        .await
        .refused(ErrorCode::NotFound);
}

/// A server that hangs up in the middle: the secret is made or it is not, and the page says which.
async fn a_dropped_request_goes_on(server: Server) {
    let admin = server.admin().await;
    let (token, _) = admin.usual().await;
    let code = issue(&admin, &token, &[]).await;
    let turn = server.place.take_the_writers_turn().await;
    let call = server.anonymous().post("/claim").form(&[("code", &code)]);
    ask_and_leave(call.into_future()).await;
    drop(turn);
    eventually(async || status(&admin, &token).await["status"] == "fetched").await;
    fetch(&server.anonymous(), &code)
        .await
        .refused(ErrorCode::Conflict);
    assert_eq!(alarms(&admin).await.len(), 1);
    let code = issue(&admin, &token, &[]).await;
    fetch(&server.anonymous(), &code).await.is(200);
}

/// Two servers with the same command at the same instant, many times: one wins, the other raises the alarm.
async fn race(server: Server) {
    const ROUNDS: usize = 25;
    let admin = server.admin().await;
    let token = admin.token(json!({ "name": "WordPress" })).await;
    for round in 0..ROUNDS {
        let code = issue(&admin, &token, &[]).await;
        let (one, two) = (server.anonymous().at(SERVER), server.anonymous());
        let (one, two) = tokio::join!(fetch(&one, &code), fetch(&two, &code));
        let (winner, loser) = if one.status == 200 { (one, two) } else { (two, one) };
        winner.is(200);
        loser.refused(ErrorCode::Conflict);
        assert_eq!(alarms(&admin).await.len(), round + 1);
    }
    assert_eq!(admin.find(&token).await.secrets.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_servers_at_the_same_instant_one_wins_sqlite() {
    let folder = TempDir::new().unwrap();
    let place = Place::Sqlite(folder.path().to_owned());
    race(
        Server::start(
            place,
            folder.path(),
            std::sync::Arc::new(server::entropy::SystemEntropy),
        )
        .await,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_servers_at_the_same_instant_one_wins_postgres() {
    let folder = TempDir::new().unwrap();
    let keys = folder.path().to_owned();
    with_postgres(async move |place| {
        race(Server::start(place, &keys, std::sync::Arc::new(server::entropy::SystemEntropy)).await).await;
    })
    .await;
}
