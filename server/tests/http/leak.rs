//! Secrets as canaries through every route: answers, log, errors' texts and the database's bytes are searched for
//! them. A canary may be in its own document, answer, cookie or form only.

use std::collections::BTreeSet;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Once};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::json;
use server::domain::verification::Credential;
use server::entropy::SystemEntropy;
use server::secret::{MasterKey, PlainPassword, PlainToken};
use tempfile::TempDir;
use tracing_subscriber::filter::{LevelFilter, dynamic_filter_fn};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use wire::TokenView;

use crate::harness::{Answer, Call, OWN, Place, Server, mint, verify, with_postgres};
use crate::sources::sources;

/// Every route there is. A new one fails the test until it stands here and so is driven too. (Those of the command line
/// are not there on a port: asking for them shows that.)
pub(crate) const ROUTES: &[&str] = &[
    "DELETE /api/admin/v1/interfaces/{id}",
    "DELETE /api/admin/v1/sites/{id}",
    "DELETE /api/admin/v1/tokens/{id}",
    "DELETE /api/admin/v1/tokens/{id}/claim",
    "DELETE /api/admin/v1/tokens/{id}/secrets/{secret_id}",
    "GET /",
    "GET /.well-known/jwks.json",
    "GET /.well-known/oauth-authorization-server",
    "GET /Login/CanUpload",
    "GET /Login/GetTemporaryToken",
    "GET /Login/WhoAmI",
    "GET /V4.asmx/GetTemporaryToken",
    "GET /account",
    "GET /activity",
    "GET /api",
    "GET /api/",
    "GET /api/GetTemporaryToken",
    "GET /api/TokenDigests",
    "GET /api/WhoAmI",
    "GET /api/admin/v1/activity",
    "GET /api/admin/v1/alarms",
    "GET /api/admin/v1/interfaces",
    "GET /api/admin/v1/interfaces/{id}",
    "GET /api/admin/v1/overview",
    "GET /api/admin/v1/sessions/current",
    "GET /api/admin/v1/settings",
    "GET /api/admin/v1/signing-keys",
    "GET /api/admin/v1/sites",
    "GET /api/admin/v1/tokens",
    "GET /api/admin/v1/tokens/export",
    "GET /api/admin/v1/tokens/{id}",
    "GET /api/admin/v1/tokens/{id}/claim",
    "GET /api/admin/v1/tokens/{id}/usage",
    "GET /api/admin/v1/{*rest}",
    "GET /api/errors",
    "GET /api/guides/gallery",
    "GET /api/guides/node",
    "GET /api/guides/static-site",
    "GET /api/guides/wordpress",
    "GET /api/openapi.json",
    "GET /api/{*path}",
    "GET /assets/{file}",
    "GET /command-line/tokens",
    "GET /health",
    "GET /interfaces",
    "GET /interfaces/{*rest}",
    "GET /login",
    "GET /login/done",
    "GET /settings/api",
    "GET /settings/sites",
    "GET /setup",
    "GET /strongroom/{token_id}",
    "GET /tokens",
    "GET /tokens/{*rest}",
    "GET /users",
    "GET /verify",
    "PATCH /api/admin/v1/interfaces/{id}",
    "PATCH /api/admin/v1/settings",
    "PATCH /api/admin/v1/sites/{id}",
    "PATCH /api/admin/v1/tokens/{id}",
    "PATCH /api/admin/v1/users/current",
    "POST /Login/CanUpload",
    "POST /Login/GetTemporaryToken",
    "POST /Login/WhoAmI",
    "POST /V4.asmx/GetTemporaryToken",
    "POST /api/GetTemporaryToken",
    "POST /api/ReportLeakedToken",
    "POST /api/RevokeToken",
    "POST /api/WhoAmI",
    "POST /api/admin/v1/interfaces",
    "POST /api/admin/v1/settings/preview",
    "POST /api/admin/v1/signing-keys/rotate",
    "POST /api/admin/v1/sites",
    "POST /api/admin/v1/sites/{id}/search",
    "POST /api/admin/v1/tokens",
    "POST /api/admin/v1/tokens/import",
    "POST /api/admin/v1/tokens/bulk",
    "POST /api/admin/v1/tokens/{id}/activate",
    "POST /api/admin/v1/tokens/{id}/deactivate",
    "POST /api/admin/v1/tokens/{id}/deal-with-exposures",
    "POST /api/admin/v1/tokens/{id}/handover",
    "POST /api/admin/v1/tokens/{id}/stop-temporary",
    "POST /claim",
    "POST /command-line/tokens",
    "POST /command-line/tokens/{token}/claim",
    "POST /command-line/tokens/{token}/deactivate",
    "POST /login",
    "POST /logout",
    "POST /oauth2/introspect",
    "POST /oauth2/revoke",
    "POST /oauth2/token",
    "POST /setup",
    "POST /strongroom/{token_id}",
    "POST /strongroom/{token_id}/import",
    "POST /verify",
];

/// The routes that the sources declare.
pub(crate) fn declared() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let literal = |text: &str| text.split('"').nth(1).unwrap().to_owned();
    for folder in ["server/src/http", "server/src/reference"] {
        for (path, code) in sources(folder) {
            let below = if path.starts_with("admin/") {
                "/api/admin/v1"
            } else {
                ""
            };
            for (at, _) in code.match_indices(".route(") {
                let rest = &code[at + 7..];
                let mut depth = 1;
                let end = rest.find(|c| {
                    depth += i32::from(c == '(') - i32::from(c == ')');
                    depth == 0
                });
                let call = &rest[..end.unwrap()];
                if call.starts_with("path,") {
                    // The app's pages: a list of addresses, all alike.
                    let list = code.split("fn router").nth(1).unwrap();
                    let list = &list[list.find('[').unwrap()..list.find(']').unwrap()];
                    let pages = list.split('"').filter(|p| p.starts_with('/'));
                    found.extend(pages.map(|p| format!("GET {p}")));
                    continue;
                }
                let before = found.len();
                for method in ["get", "post", "put", "patch", "delete", "any"] {
                    let calls = [
                        format!(" {method}("),
                        format!(".{method}("),
                        format!("\n{method}("),
                    ];
                    if calls.iter().any(|c| call.contains(c)) {
                        let method = if method == "any" {
                            "GET".to_owned()
                        } else {
                            method.to_uppercase()
                        };
                        found.insert(format!("{method} {below}{}", literal(call)));
                    }
                }
                assert!(found.len() > before, "{path}: {call}");
            }
            for (at, _) in code.match_indices("path!(") {
                found.insert(format!("GET {}", literal(&code[at..])));
            }
        }
    }
    found
}

#[test]
fn every_route_is_driven() {
    let listed: BTreeSet<String> = ROUTES.iter().map(|r| (*r).to_owned()).collect();
    assert_eq!(declared(), listed);
}

/// A secret and every form in which it is searched for.
struct Canary {
    name: &'static str,
    forms: Vec<String>,
}

impl Canary {
    fn new(name: &'static str, value: &str) -> Self {
        assert!(value.len() >= 16, "{name}");
        // A piece that no hint shows: a part that is cut off somewhere is a leak too.
        let piece = &value[value.len() - 16..value.len() - 2];
        let hex = hex(value);
        let encoded: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
        let forms = [
            value.to_owned(),
            piece.to_owned(),
            hex.to_uppercase(),
            hex,
            encoded,
            URL_SAFE_NO_PAD.encode(value),
            STANDARD_NO_PAD.encode(value),
            value.chars().rev().collect(),
        ];
        Self {
            name,
            forms: forms.into(),
        }
    }

    fn is_in(&self, hay: &str) -> bool {
        self.forms.iter().any(|form| hay.contains(form))
    }
}

#[test]
fn the_search_finds_what_is_there() {
    let value = "dps_K7mQ2xR9vT4wZ8yB3nC6pD1fG5hJ0k";
    let canary = Canary::new("value", value);
    let hex = hex(value);
    for leak in [
        format!("before {value} after"),
        format!("cut off: …{}", &value[10..]),
        format!("\\x{hex}"),
        format!("body={}", URL_SAFE_NO_PAD.encode(value)),
    ] {
        assert!(canary.is_in(&leak), "{leak}");
    }
    for harmless in ["", "dps_K7mQ…0k", "dps_"] {
        assert!(!canary.is_in(harmless), "{harmless}");
    }
}

fn hex(value: &str) -> String {
    let digit = |d: u8| char::from_digit(d.into(), 16).unwrap();
    value
        .bytes()
        .flat_map(|b| [digit(b >> 4), digit(b & 15)])
        .collect()
}

/// What was logged, at the finest level, by all crates and all threads, while a leak test runs.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static LISTENERS: AtomicUsize = AtomicUsize::new(0);

struct Log;

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let all = tracing_subscriber::fmt::layer()
            .with_writer(|| Log)
            .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
            .with_filter(dynamic_filter_fn(|_, _| LISTENERS.load(Ordering::SeqCst) > 0));
        let subscriber = tracing_subscriber::registry().with(LevelFilter::TRACE).with(all);
        tracing::subscriber::set_global_default(subscriber).unwrap();
    });
    LISTENERS.fetch_add(1, Ordering::SeqCst);
}

/// Every answer, under the name of what was asked.
#[derive(Default)]
struct Heard(Vec<(String, Answer)>);

impl Heard {
    async fn ask(&mut self, what: &str, call: Call) -> Answer {
        let answer = call.send().await;
        self.0.push((what.to_owned(), answer.clone()));
        answer
    }
}

#[tokio::test]
async fn sqlite() {
    let folder = TempDir::new().unwrap();
    let place = Place::Sqlite(folder.path().to_owned());
    // Real randomness: the canaries of a test must not turn up in another one's log.
    drive(Server::start(place, folder.path(), Arc::new(SystemEntropy)).await).await;
}

#[tokio::test]
async fn postgres() {
    let folder = TempDir::new().unwrap();
    let keys = folder.path().to_owned();
    with_postgres(async move |place| {
        drive(Server::start(place, &keys, Arc::new(SystemEntropy)).await).await;
    })
    .await;
}

async fn drive(server: Server) {
    listen();
    let mut heard = Heard::default();
    let password = format!("pw-{}", random());
    let wrong_password = format!("no-{}", random());
    let imported = format!("legacy-{}", random());
    let refused_key = format!("bad key {}", random());

    // Set-up, sign-in.
    let code = server::http::issue_code(&server.app).await.unwrap().unwrap();
    let code = code.expose_to_its_owner().to_owned();
    let own = server.anonymous().with("origin", OWN);
    heard
        .ask("set-up form", own.get(&format!("/setup?code={code}")))
        .await
        .is(200);
    let fields = [
        ("code", code.as_str()),
        ("name", "Ingrid"),
        ("password", &password),
    ];
    let done = heard
        .ask("set-up done", own.post("/setup").form(&fields))
        .await
        .is(303);
    let first = cookie_of(&done);
    let fields = [("name", "Ingrid"), ("password", wrong_password.as_str())];
    heard
        .ask("wrong password", own.post("/login").form(&fields))
        .await
        .is(401);
    let fields = [("name", "Ingrid"), ("password", password.as_str())];
    let done = heard
        .ask("signed in", own.post("/login").form(&fields))
        .await
        .is(303);
    let second = cookie_of(&done);
    let admin = server.signed_in(&second);

    // A generated secret, an imported key, a temporary token of each.
    admin.interface("Press photos").await;
    let grants = json!([{ "interface": "Press photos", "permissions": ["read"] }]);
    let token = admin
        .token(json!({ "name": "WordPress", "grants": grants }))
        .await;
    let spare = admin.token(json!({ "name": "Spare" })).await;
    let handover = format!("/tokens/{}/handover", token.id);
    let ticket = heard.ask("ticket", admin.api("POST", &handover)).await.is(201);
    let ticket = ticket.json()["ticket"].as_str().unwrap().to_owned();
    let form = [("ticket", ticket.as_str())];
    let shown = heard.ask("secret", admin.strongroom(&token, &form)).await.is(200);
    let secret = shown.element("secret");
    heard
        .ask("used ticket", admin.strongroom(&token, &form))
        .await
        .is(409);
    let other = heard
        .ask("other ticket", admin.api("POST", &handover))
        .await
        .is(201);
    let other = other.json()["ticket"].as_str().unwrap().to_owned();
    let form = [
        ("ticket", other.as_str()),
        ("mode", "import"),
        ("overlap", "3600"),
    ];
    let asked = heard
        .ask("import form", admin.strongroom(&token, &form))
        .await
        .is(200);
    let inner = asked.field("ticket");
    let sandbox = server.anonymous().with("origin", "null");
    let path = format!("/strongroom/{}/import", token.id);
    let form = [
        ("ticket", inner.as_str()),
        ("key", &refused_key),
        ("overlap", "3600"),
    ];
    heard
        .ask("import form", sandbox.post(&path).form(&form))
        .await
        .is(422);
    let form = [
        ("ticket", inner.as_str()),
        ("key", &imported),
        ("overlap", "3600"),
    ];
    heard
        .ask("imported", sandbox.post(&path).form(&form))
        .await
        .is(200);
    // A secret that a server fetches, and the code of it, used and unused.
    let away = admin.token(json!({ "name": "Fetched" })).await;
    let mut codes = Vec::new();
    let mut claimed = String::new();
    for what in ["claim command", "claim command, unused"] {
        let ticket = admin.ticket(&away).await;
        let form = [("ticket", ticket.as_str()), ("mode", "claim")];
        let asked = heard.ask(what, admin.strongroom(&away, &form)).await.is(200);
        let command = asked.element("claim");
        let code = command.strip_prefix("printf code=").unwrap();
        codes.push(code.split(' ').next().unwrap().to_owned());
        if codes.len() == 1 {
            for what in ["claimed", "claimed again"] {
                let call = server.anonymous().post("/claim").form(&[("code", &codes[0])]);
                let answer = heard.ask(what, call).await;
                if what == "claimed" {
                    answer.is(200).text().clone_into(&mut claimed);
                }
            }
        }
    }
    heard
        .ask("claim", admin.api("GET", &format!("/tokens/{}/claim", away.id)))
        .await
        .is(200);
    let mut passes = Vec::new();
    for permanent in [&secret, &imported] {
        let mint = server.bearer(permanent).post("/api/GetTemporaryToken");
        let minted = heard.ask("minted", mint).await.is(200).json();
        passes.push(minted["token"].as_str().unwrap().to_owned());
    }

    let canaries = [
        Canary::new("generated secret", &secret),
        Canary::new("claimed secret", &claimed),
        Canary::new("used code", &codes[0]),
        Canary::new("unused code", &codes[1]),
        Canary::new("imported key", &imported),
        Canary::new("refused key", &refused_key),
        Canary::new("temporary token", &passes[0]),
        Canary::new("temporary token", &passes[1]),
        Canary::new("ticket", &ticket),
        Canary::new("ticket", &other),
        Canary::new("inner ticket", &inner),
        Canary::new("set-up code", &code),
        Canary::new("password", &password),
        Canary::new("wrong password", &wrong_password),
        Canary::new("session", &first),
        Canary::new("session", &second),
        Canary::new("master key", &server.master_key()),
    ];

    // Every route, as everybody, with secrets in every place.
    let values = [&secret, &imported, &passes[0], &passes[1]];
    for route in ROUTES {
        everywhere(&mut heard, &server, route, &second, &token, &spare, &values).await;
    }
    // What proxies and pages pass on.
    for value in values {
        let read = verify("Press photos", "read");
        let proxy = server
            .proxy()
            .with("x-original-uri", &format!("/1.jpg?token={value}"));
        let referer = format!("https://blog.example/post?key={value}");
        let proxy = proxy
            .with("referer", &referer)
            .with("user-agent", value)
            .with("x-forwarded-for", "203.0.113.1");
        heard.ask("proxied", proxy.get(&read)).await;
        let page = server
            .bearer(value)
            .with("origin", "https://blog.example")
            .with("referer", &referer);
        heard.ask("page", page.get(&read)).await;
        heard.ask("page", page.get("/api/WhoAmI")).await;
        heard
            .ask("mistyped", server.bearer(&format!("{value}x")).get(&read))
            .await;
    }
    // Whose request was refused, the log says by the name that the integrator gave.
    let (_, of_kari) = admin
        .active(
            json!({ "name": "Named", "grants": [{ "interface": "Press photos", "permissions": ["read"] }] }),
        )
        .await;
    let of_kari = mint(&server, &of_kari, json!({ "subject": "kari-42" })).await;
    let refused = server.bearer(&of_kari).get(&verify("Press photos", "upload"));
    heard.ask("named", refused).await.is(403);
    server.flush().await;
    for path in ["/activity?per_page=200", "/tokens?per_page=200"] {
        heard.ask("lists", admin.api("GET", path)).await.is(200);
    }
    // Every form of a canary is ASCII, which bytes of other kinds around it do not disturb.
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let database = text(&server.place.dump().await);

    // The texts of errors and of everything that holds a secret.
    let credential = Credential {
        value: &secret,
        in_url: true,
    };
    let key = |text: &str| MasterKey::parse(text).map_err(|e| format!("{e} {e:?}"));
    let texts = [
        format!("{:?} {:#?}", server.app, server.app.index),
        format!("{credential:?} {:?}", PlainPassword::new(password.clone())),
        format!(
            "{:?} {:?}",
            PlainToken::import(refused_key.clone()),
            PlainToken::import(imported.clone())
        ),
        format!(
            "{:?} {:?} {:?}",
            key(&server.master_key()),
            key(&secret),
            key(&password)
        ),
    ]
    .concat();
    // The database fails in the middle of the one act that holds a plaintext.
    let last = heard
        .ask("last ticket", admin.api("POST", &handover))
        .await
        .is(201);
    let last = last.json()["ticket"].as_str().unwrap().to_owned();
    server.place.break_secrets().await;
    let failed = heard
        .ask("failed", admin.strongroom(&token, &[("ticket", &last)]))
        .await;
    assert_eq!(failed.status, 500);
    assert!(
        !failed.text().contains("secrets"),
        "internal text stays inside: {}",
        failed.text()
    );

    tracing::trace!("the log is heard: {}", token.id);
    let log = text(&LOG.lock().unwrap());
    LISTENERS.fetch_sub(1, Ordering::SeqCst);
    assert!(log.contains(&format!("the log is heard: {}", token.id)));
    assert!(log.contains("the store failed"), "the failure is in the log");
    let refused = log
        .lines()
        .find(|line| line.contains("kari-42") && line.contains("refused"));
    let refused = refused.expect("who was refused is in the log");
    assert!(
        refused.contains("permission_not_granted") && refused.contains("token.jti"),
        "{refused}"
    );
    assert!(database.contains("Press photos"), "the database is read");
    assert!(heard.0.len() > ROUTES.len() * 8, "{}", heard.0.len());

    let answers: Vec<(String, String)> = heard
        .0
        .iter()
        .map(|(what, answer)| (what.clone(), whole(answer)))
        .collect();
    for canary in &canaries {
        assert!(!canary.is_in(&database), "the database holds: {}", canary.name);
        assert!(!canary.is_in(&log), "the log holds: {}", canary.name);
        assert!(!canary.is_in(&texts), "a text holds: {}", canary.name);
        let allowed: &[&str] = match canary.name {
            "generated secret" => &["secret"],
            "claimed secret" => &["claimed"],
            "used code" => &["claim command"],
            "unused code" => &["claim command, unused"],
            "temporary token" => &["minted"],
            "ticket" => &["ticket", "other ticket"],
            "inner ticket" => &["import form"],
            "set-up code" => &["set-up form"],
            "session" => &["set-up done", "signed in"],
            _ => &[],
        };
        let mut seen_where_allowed = allowed.is_empty();
        for (what, answer) in &answers {
            if canary.is_in(answer) {
                assert!(
                    allowed.contains(&what.as_str()),
                    "“{what}” holds: {}: {answer}",
                    canary.name
                );
                seen_where_allowed = true;
            }
        }
        assert!(
            seen_where_allowed,
            "{} was never seen, so nothing was tested",
            canary.name
        );
    }
}

/// An answer as one text: headers, then the body.
fn whole(answer: &Answer) -> String {
    let mut bytes = Vec::new();
    for (name, value) in &answer.headers {
        bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\n"].concat());
    }
    bytes.extend(&answer.body);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// One route, as everybody who might ask, with every secret wherever something can be sent.
async fn everywhere(
    heard: &mut Heard,
    server: &Server,
    route: &str,
    session: &str,
    token: &TokenView,
    spare: &TokenView,
    values: &[&String],
) {
    let (method, path) = route.split_once(' ').unwrap();
    // What changes a token changes one that is not needed any more.
    let id = if method == "GET" { &token.id } else { &spare.id };
    let path = [
        "{id}",
        "{secret_id}",
        "{token_id}",
        "{token}",
        "{file}",
        "{*rest}",
        "{*path}",
    ]
    .iter()
    .fold(path.to_owned(), |path, part| path.replace(part, id.as_str()));
    let admin = || {
        if route.ends_with("/logout") {
            server.signed_in("gone")
        } else {
            server.signed_in(session)
        }
    };
    for (n, value) in values.iter().enumerate() {
        let what = format!("{route} {n}");
        let uri = format!("{path}?interface=Press%20photos&permission=read&token={value}&code=&page=1");
        // Minting gives a temporary token to whoever may have one: that answer is looked at elsewhere.
        let mints = route.ends_with("/GetTemporaryToken");
        for persona in [
            admin().0,
            admin().0.with("authorization", &format!("Bearer {value}")),
            server.bearer(value),
            server
                .anonymous()
                .with("token", value)
                .with("origin", "https://blog.example"),
        ] {
            for html in [false, true] {
                let persona = if html {
                    persona.clone().with("accept", "text/html")
                } else {
                    persona.clone()
                };
                heard.ask(&what, persona.ask(method, &path)).await;
                let keyed = json!({ "version": 1, (*value): value, "name": value, "lifetime": value });
                let named = json!({ "version": 1, "name": value, "description": value, "subject": value });
                if method != "GET" {
                    heard.ask(&what, persona.ask(method, &path).json(&keyed)).await;
                    // Our values are refused in names; an imported key has no form to tell it by.
                    if value.starts_with("dps_") {
                        heard.ask(&what, persona.ask(method, &path).json(&named)).await;
                    }
                    let fields = [
                        ("ticket", value.as_str()),
                        ("code", value),
                        ("key", value),
                        ("password", value),
                        ("privateKey", value),
                    ];
                    heard.ask(&what, persona.ask(method, &path).form(&fields)).await;
                    if path.starts_with("/oauth2/") {
                        for fields in oauth_forms(value, token) {
                            heard.ask(&what, persona.ask(method, &path).form(&fields)).await;
                        }
                        let basic = STANDARD_NO_PAD.encode(format!("{}:{value}", token.id));
                        let basic = server
                            .anonymous()
                            .with("authorization", &format!("Basic {basic}"));
                        for fields in oauth_forms(value, token) {
                            heard
                                .ask(&what, basic.ask(method, &path).form(&fields[..1]))
                                .await;
                        }
                    }
                }
            }
        }
        if !mints {
            heard.ask(&what, admin().0.ask(method, &uri)).await;
        }
    }
}

/// A value in every parameter of OAuth's doors that holds one, and in those that should not.
fn oauth_forms<'v>(value: &'v str, token: &'v TokenView) -> [Vec<(&'static str, &'v str)>; 3] {
    [
        vec![
            ("grant_type", "client_credentials"),
            ("client_id", token.id.as_str()),
            ("client_secret", value),
        ],
        vec![
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("subject_token", value),
            (
                "subject_token_type",
                "urn:ietf:params:oauth:token-type:access_token",
            ),
        ],
        vec![
            ("token", value),
            ("grant_type", value),
            ("client_id", value),
            ("scope", value),
            ("resource", value),
            ("subject", value),
            ("origin", value),
            ("client_ip", value),
        ],
    ]
}

fn cookie_of(answer: &Answer) -> String {
    let set = answer.header("set-cookie");
    let value = set.strip_prefix("__Host-daypass=").unwrap();
    value.split(';').next().unwrap().to_owned()
}

fn random() -> String {
    let code = server::secret::OneTimeCode::generate(&SystemEntropy);
    code.expose_to_its_owner().replace(['-', '_'], "x")
}
