//! A server in the process of the test: the real router over a database of its own, a clock that the test moves, and
//! personas to ask as. Nothing listens on a port and nothing waits.

use std::any::Any;
use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use server::clock::{Clock, FixedClock};
use server::config::ProxyHeaders;
use server::domain::activity::{Actor, Who};
use server::entropy::{Entropy, SequentialEntropy, SystemEntropy};
use server::http::app::{Database, MasterKeySource, Site};
use server::http::{App, Front};
use server::secret::{OneTimeCode, PasswordHashText};
use server::store::{NewSession, NewUser};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{PgPool, Postgres, QueryBuilder, SqlitePool};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::LocalSet;
use tower::ServiceExt;
use wire::{ErrorCode, InterfaceView, Network, Origin, TokenView, UserName};

/// 2026-03-01T12:00:00Z, in milliseconds.
pub(crate) const START: i64 = 1_772_366_400_000;

/// Our own origin.
pub(crate) const OWN: &str = "http://127.0.0.1:8080";

/// Where the protected API's proxy runs.
pub(crate) const PROXY: Ipv4Addr = Ipv4Addr::LOCALHOST;

/// Where everybody else is, unless a test says otherwise (RFC 5737).
pub(crate) const CLIENT: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 9);

/// Declares tests on both engines: `sqlite::…` and `postgres::…`. One that is left out of the list is dead code, which
/// the lints refuse.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $name() {
                crate::harness::on_sqlite(super::$name).await;
            })*
        }
        mod postgres {
            $(#[tokio::test]
            async fn $name() {
                crate::harness::on_postgres(super::$name).await;
            })*
        }
    };
}
pub(crate) use on_both;

/// Sends a request that cannot be answered yet, and hangs up when it waits.
pub(crate) async fn ask_and_leave<T>(asked: impl Future<Output = T>) {
    // Long enough to get to where it waits, on a busy machine too.
    let waits = tokio::time::timeout(Duration::from_secs(2), asked).await.is_err();
    assert!(waits, "it waits for its turn");
}

/// Waits for what happens though nobody is left who asked for it.
pub(crate) async fn eventually(what: impl AsyncFn() -> bool) {
    let wait = async {
        while !what().await {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), wait)
        .await
        .expect("it happens though nobody waits for it");
}

/// Where a test's database is.
#[derive(Clone)]
pub(crate) enum Place {
    Sqlite(PathBuf),
    Postgres(Box<PgConnectOptions>),
}

impl Place {
    fn database(&self) -> Database {
        match self {
            Self::Sqlite(folder) => Database::Sqlite(folder.join("daypass.sqlite")),
            Self::Postgres(options) => Database::Postgres(options.clone()),
        }
    }

    /// Everything that the database holds: the bytes of SQLite's files, the rows of PostgreSQL's tables.
    pub(crate) async fn dump(&self) -> Vec<u8> {
        let mut all = Vec::new();
        match self {
            Self::Sqlite(folder) => {
                for entry in std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
                    if !entry.ends_with("master.key") {
                        all.extend(std::fs::read(entry).unwrap());
                    }
                }
            }
            Self::Postgres(options) => {
                let pool = PgPool::connect_with(options.as_ref().clone()).await.unwrap();
                let tables =
                    "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'";
                let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&pool).await.unwrap();
                for table in tables {
                    let mut query =
                        QueryBuilder::<Postgres>::new(format!("SELECT t::text FROM \"{table}\" t"));
                    let rows: Vec<String> = query.build_query_scalar().fetch_all(&pool).await.unwrap();
                    all.extend(rows.join("\n").into_bytes());
                }
            }
        }
        all
    }

    /// Takes the table of secrets away, so that every statement on it fails.
    pub(crate) async fn break_secrets(&self) {
        self.alter("ALTER TABLE secrets RENAME TO gone").await;
    }

    /// Changes a table, as no program of ours does.
    pub(crate) async fn alter(&self, statement: &'static str) {
        match self {
            Self::Sqlite(folder) => {
                let file = SqliteConnectOptions::new().filename(folder.join("daypass.sqlite"));
                let pool = SqlitePool::connect_with(file).await.unwrap();
                sqlx::query(statement).execute(&pool).await.unwrap();
            }
            Self::Postgres(options) => {
                let pool = PgPool::connect_with(options.as_ref().clone()).await.unwrap();
                sqlx::query(statement).execute(&pool).await.unwrap();
            }
        }
    }

    /// Makes every writer wait until what comes back is dropped, as another program on the same database would.
    pub(crate) async fn take_the_writers_turn(&self) -> Box<dyn Any> {
        match self {
            Self::Sqlite(folder) => {
                let file = SqliteConnectOptions::new().filename(folder.join("daypass.sqlite"));
                let pool = SqlitePool::connect_with(file).await.unwrap();
                Box::new(pool.begin_with("BEGIN IMMEDIATE").await.unwrap())
            }
            Self::Postgres(options) => {
                let pool = PgPool::connect_with(options.as_ref().clone()).await.unwrap();
                let mut turn = pool.begin().await.unwrap();
                // The store's own lock: "daypass", then one.
                let lock = sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(0x6461_7970_6173_7301_i64);
                lock.execute(&mut *turn).await.unwrap();
                Box::new(turn)
            }
        }
    }
}

pub(crate) async fn on_sqlite<F: Future<Output = ()> + 'static>(test: fn(Server) -> F) {
    let folder = TempDir::new().unwrap();
    let place = Place::Sqlite(folder.path().to_owned());
    test(Server::start(place, folder.path(), Arc::<SequentialEntropy>::default()).await).await;
}

pub(crate) async fn on_postgres<F: Future<Output = ()> + 'static>(test: fn(Server) -> F) {
    let folder = TempDir::new().unwrap();
    let keys = folder.path().to_owned();
    with_postgres(async move |place| {
        test(Server::start(place, &keys, Arc::<SequentialEntropy>::default()).await).await;
    })
    .await;
}

/// Runs a test with a PostgreSQL database of its own, which goes away after a failed test too.
pub(crate) async fn with_postgres<F>(test: impl FnOnce(Place) -> F)
where
    F: Future<Output = ()> + 'static,
{
    let url = std::env::var("DAYPASS_TEST_POSTGRES_URL").expect("PostgreSQL is required: run ./dev test");
    let server = PgConnectOptions::from_str(&url).expect("DAYPASS_TEST_POSTGRES_URL is a PostgreSQL URL");
    let unique = u64::from_be_bytes((&SystemEntropy as &dyn Entropy).bytes());
    let name = format!("daypass_http_{unique:016x}");
    let admin = PgPoolOptions::new()
        .max_connections(1)
        .connect_with(server.clone())
        .await;
    let admin = admin.expect("PostgreSQL is required: run ./dev test");
    // Names of databases cannot be bound. The template is the one to which nobody is ever connected.
    let command = |parts: [&str; 3]| QueryBuilder::<Postgres>::new(parts.concat());
    let mut create = command(["CREATE DATABASE ", &name, " TEMPLATE template0"]);
    create.build().execute(&admin).await.unwrap();
    let place = Place::Postgres(Box::new(server.database(&name)));
    let here = LocalSet::new();
    let running = here.spawn_local(test(place));
    let outcome = here.run_until(running).await;
    drop(here);
    let mut remove = command(["DROP DATABASE ", &name, " WITH (FORCE)"]);
    remove.build().execute(&admin).await.unwrap();
    if let Err(failed) = outcome {
        std::panic::resume_unwind(failed.into_panic());
    }
}

/// How the server stands, where a test wants it otherwise.
pub(crate) fn site() -> Site {
    let origin = |text| Origin::parse(text).unwrap();
    Site {
        issuer: origin(OWN),
        own_origins: vec![origin(OWN), origin("http://localhost:8080")],
        trusted_proxies: vec![
            Network::parse("127.0.0.0/8").unwrap(),
            Network::parse("::1").unwrap(),
        ],
        proxy_headers: ProxyHeaders::Original,
        listen: "127.0.0.1:8080".to_owned(),
        report_keys: None,
        sites_reach: scan::Reach::Public,
    }
}

/// A running server.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) app: Arc<App>,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) place: Place,
    router: Front,
    folder: PathBuf,
    entropy: Arc<dyn Entropy>,
}

impl Server {
    pub(crate) async fn start(place: Place, folder: &Path, entropy: Arc<dyn Entropy>) -> Self {
        let server = Self::start_as(site(), place, folder, Arc::new(FixedClock::at(START)), entropy).await;
        server.app.store.load_tokens().await.unwrap();
        server
    }

    async fn start_as(
        site: Site,
        place: Place,
        folder: &Path,
        clock: Arc<FixedClock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let app = App::start(
            site,
            place.database(),
            MasterKeySource::File(folder.join("master.key")),
            clock.clone(),
            entropy.clone(),
        )
        .await
        .unwrap();
        let router = server::http::service(app.clone(), server::http::Doors::All);
        Self {
            app,
            clock,
            place,
            router,
            folder: folder.to_owned(),
            entropy,
        }
    }

    /// The same data and the same time, started again, standing as `site` says.
    pub(crate) async fn restarted_as(&self, site: Site) -> Self {
        self.app.store.close().await;
        let server = self.restarting_as(site).await;
        server.app.store.load_tokens().await.unwrap();
        server
    }

    /// The same, and it answers already, though it has not read its tokens.
    pub(crate) async fn restarting_as(&self, site: Site) -> Self {
        self.app.store.close().await;
        let (clock, entropy) = (self.clock.clone(), self.entropy.clone());
        Self::start_as(site, self.place.clone(), &self.folder, clock, entropy).await
    }

    /// The text of the master key's file.
    pub(crate) fn master_key(&self) -> String {
        let text = std::fs::read_to_string(self.folder.join("master.key")).unwrap();
        text.trim().to_owned()
    }

    /// Nobody: no cookie, no token, no origin.
    pub(crate) fn anonymous(&self) -> Persona<'_> {
        Persona {
            server: self,
            headers: HeaderMap::new(),
            peer: CLIENT,
        }
    }

    /// A program with a token.
    pub(crate) fn bearer(&self, token: &str) -> Persona<'_> {
        self.anonymous().with("authorization", &format!("Bearer {token}"))
    }

    /// The protected API's proxy.
    pub(crate) fn proxy(&self) -> Persona<'_> {
        Persona {
            peer: PROXY,
            ..self.anonymous()
        }
    }

    /// A page of our own with the cookie of a session that is open. The password's hash fits no password: what needs
    /// one signs in by itself.
    pub(crate) async fn admin(&self) -> Admin<'_> {
        self.admin_named("Ingrid").await
    }

    pub(crate) async fn admin_named(&self, name: &str) -> Admin<'_> {
        let actor = Actor {
            who: Who::CommandLine,
            address: None,
        };
        let new = NewUser {
            name: UserName::parse(name).unwrap(),
            password_hash: PasswordHashText::from_column("none".to_owned()),
        };
        let user = match self.app.store.find_user(name).await.unwrap() {
            Some(user) => user.id,
            None => self.app.store.create_user(&actor, new).await.unwrap().id,
        };
        let code = OneTimeCode::generate(&*self.entropy);
        let session = NewSession {
            digest: code.digest(),
            user,
            user_name: name.to_owned(),
            expires_at: self.clock.now().plus_seconds(43_200),
            address: None,
        };
        self.app.store.create_session(session).await.unwrap();
        self.signed_in(code.expose_to_its_owner())
    }

    /// A page of our own with this cookie.
    pub(crate) fn signed_in(&self, cookie: &str) -> Admin<'_> {
        Admin(
            self.anonymous()
                .with("cookie", &format!("__Host-daypass={cookie}"))
                .with("origin", OWN),
        )
    }

    /// Writes what was gathered in memory, as the job does once a second.
    pub(crate) async fn flush(&self) {
        server::jobs::flush(&self.app.store, &self.app.index, &self.app.exposures)
            .await
            .unwrap();
    }

    /// Asks `/verify` for `read` on an interface.
    pub(crate) async fn may_read(&self, token: &str, interface: &str) -> Answer {
        self.bearer(token).get(&verify(interface, "read")).send().await
    }
}

/// The address of a question to `/verify`.
pub(crate) fn verify(interface: &str, permission: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("interface", interface)
        .append_pair("permission", permission)
        .finish();
    format!("/verify?{query}")
}

/// Who asks: headers that go with every request, and the address at the other end.
#[derive(Clone)]
pub(crate) struct Persona<'s> {
    server: &'s Server,
    headers: HeaderMap,
    peer: Ipv4Addr,
}

impl Persona<'_> {
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.append(
            HeaderName::from_str(name).unwrap(),
            HeaderValue::from_bytes(value.as_bytes()).unwrap(),
        );
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    pub(crate) fn at(mut self, peer: Ipv4Addr) -> Self {
        self.peer = peer;
        self
    }

    pub(crate) fn ask(&self, method: &str, uri: &str) -> Call {
        let mut request = Request::new(Vec::new());
        *request.method_mut() = Method::from_bytes(method.as_bytes()).unwrap();
        *request.uri_mut() = uri.parse().unwrap();
        *request.headers_mut() = self.headers.clone();
        request
            .headers_mut()
            .entry(header::HOST)
            .or_insert(HeaderValue::from_static("127.0.0.1:8080"));
        request
            .extensions_mut()
            .insert(ConnectInfo(SocketAddr::from((self.peer, 40_000))));
        Call {
            router: self.server.router.clone(),
            request,
        }
    }

    pub(crate) fn get(&self, uri: &str) -> Call {
        self.ask("GET", uri)
    }

    pub(crate) fn post(&self, uri: &str) -> Call {
        self.ask("POST", uri)
    }
}

/// A request that is about to be sent.
pub(crate) struct Call {
    router: Front,
    request: Request<Vec<u8>>,
}

impl Call {
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::from_str(name).unwrap();
        let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
        self.request.headers_mut().append(name, value);
        self
    }

    pub(crate) fn body(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        *self.request.body_mut() = bytes.into();
        self
    }

    pub(crate) fn json(self, value: &Value) -> Self {
        self.with("content-type", "application/json")
            .body(value.to_string())
    }

    pub(crate) fn form(self, fields: &[(&str, &str)]) -> Self {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.with("content-type", "application/x-www-form-urlencoded")
            .body(body)
    }

    /// The request on its way, to be polled by hand.
    pub(crate) fn into_future(self) -> impl Future<Output = Answer> {
        answer(self.router, self.request.map(Body::from))
    }

    /// Sends all but the body, until the server waits for that.
    pub(crate) async fn held(self) -> Held {
        let (send, sent) = oneshot::channel();
        let (parts, body) = self.request.into_parts();
        let later = Body::from_stream(futures_util::stream::once(sent));
        let mut asking = Box::pin(answer(self.router, Request::from_parts(parts, later)));
        let waits = std::future::poll_fn(|cx| Poll::Ready(asking.as_mut().poll(cx).is_pending())).await;
        assert!(waits, "it was answered without its body");
        Held { asking, send, body }
    }

    pub(crate) async fn send(self) -> Answer {
        self.into_future().await
    }
}

/// A request that was sent without its body.
pub(crate) struct Held {
    asking: Pin<Box<dyn Future<Output = Answer>>>,
    send: oneshot::Sender<Vec<u8>>,
    body: Vec<u8>,
}

impl Held {
    /// Sends the body too.
    pub(crate) async fn let_go(self) -> Answer {
        self.send.send(self.body).unwrap();
        self.asking.await
    }
}

async fn answer(router: Front, request: Request<Body>) -> Answer {
    let response = router.oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: body.collect().await.unwrap().to_bytes(),
    }
}

/// What came back.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// Insists on a status.
    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    #[track_caller]
    pub(crate) fn read<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Insists on a problem document of RFC 9457 with this code and the status that goes with it.
    #[track_caller]
    pub(crate) fn refused(&self, code: ErrorCode) -> Value {
        self.refused_as(code.status(), code)
    }

    #[track_caller]
    pub(crate) fn refused_as(&self, status: u16, code: ErrorCode) -> Value {
        let text = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status, status, "{text}");
        assert_eq!(self.header("content-type"), "application/problem+json", "{text}");
        let problem = self.json();
        assert_eq!(problem["code"], code.as_str(), "{text}");
        assert_eq!(problem["status"], status, "{text}");
        assert_eq!(problem["title"], code.title(), "{text}");
        assert_eq!(problem["type"], format!("/api/errors#{code}"), "{text}");
        assert!(
            problem["detail"].as_str().is_some_and(|d| !d.is_empty()),
            "{text}"
        );
        problem
    }

    /// Insists on a refusal of this one field.
    #[track_caller]
    pub(crate) fn refused_field(&self, field: &str, code: &str) {
        let problem = self.refused(ErrorCode::InvalidRequest);
        let errors = problem["errors"]
            .as_array()
            .unwrap_or_else(|| panic!("{problem}"));
        let hit = |e: &&Value| e["field"] == field && e["code"] == code;
        assert!(errors.iter().find(hit).is_some(), "{field} {code}: {problem}");
    }

    /// The text of the element with this id in a document of ours.
    #[track_caller]
    pub(crate) fn element(&self, id: &str) -> String {
        let text = self.text();
        let from = text
            .find(&format!("id=\"{id}\""))
            .unwrap_or_else(|| panic!("no #{id} in {text}"));
        let from = from + text[from..].find('>').unwrap() + 1;
        text[from..from + text[from..].find('<').unwrap()].to_owned()
    }

    /// The value of the hidden field with this name in a document of ours.
    #[track_caller]
    pub(crate) fn field(&self, name: &str) -> String {
        let text = self.text();
        let tag = text
            .split('<')
            .find(|t| t.starts_with("input") && t.contains(&format!("name=\"{name}\"")))
            .unwrap_or_else(|| panic!("no field {name} in {text}"));
        let from = tag.find("value=\"").unwrap() + 7;
        tag[from..from + tag[from..].find('"').unwrap()].to_owned()
    }
}

/// A signed-in administrator on a page of our own.
#[derive(Clone)]
pub(crate) struct Admin<'s>(pub(crate) Persona<'s>);

impl Admin<'_> {
    /// A request to the administrators' API.
    pub(crate) fn api(&self, method: &str, path: &str) -> Call {
        self.0.ask(method, &format!("/api/admin/v1{path}"))
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.api("GET", path).send().await
    }

    pub(crate) async fn send(&self, method: &str, path: &str, body: Value) -> Answer {
        self.api(method, path).json(&body).send().await
    }

    pub(crate) async fn interface(&self, name: &str) -> InterfaceView {
        self.send("POST", "/interfaces", json!({ "name": name }))
            .await
            .is(201)
            .read()
    }

    pub(crate) async fn public_interface(&self, name: &str) -> InterfaceView {
        let body = json!({ "name": name, "public": true });
        self.send("POST", "/interfaces", body).await.is(201).read()
    }

    pub(crate) async fn token(&self, body: Value) -> TokenView {
        self.send("POST", "/tokens", body).await.is(201).read()
    }

    pub(crate) async fn find(&self, token: &TokenView) -> TokenView {
        self.get(&format!("/tokens/{}", token.id)).await.is(200).read()
    }

    /// Changes a token from its present version.
    pub(crate) async fn patch(&self, token: &TokenView, mut body: Value) -> Answer {
        body["version"] = json!(self.find(token).await.version);
        self.send("PATCH", &format!("/tokens/{}", token.id), body).await
    }

    /// `activate`, `deactivate` or `stop-temporary`.
    pub(crate) async fn act(&self, token: &TokenView, act: &str) -> TokenView {
        let path = format!("/tokens/{}/{act}", token.id);
        self.api("POST", &path).send().await.is(200).read()
    }

    pub(crate) async fn settings(&self, mut body: Value) -> Answer {
        let now: Value = self.get("/settings").await.is(200).json();
        body["version"] = now["version"].clone();
        self.send("PATCH", "/settings", body).await
    }

    pub(crate) async fn ticket(&self, token: &TokenView) -> String {
        let path = format!("/tokens/{}/handover", token.id);
        let answer = self.api("POST", &path).send().await.is(201);
        answer.json()["ticket"].as_str().unwrap().to_owned()
    }

    /// The strongroom's form, as the app submits it into its frame.
    pub(crate) fn strongroom(&self, token: &TokenView, fields: &[(&str, &str)]) -> Call {
        self.0
            .post(&format!("/strongroom/{}", token.id))
            .with("sec-fetch-site", "same-origin")
            .with("sec-fetch-mode", "navigate")
            .with("sec-fetch-dest", "iframe")
            .form(fields)
    }

    /// Gives the token a new secret, as the strongroom shows it.
    pub(crate) async fn secret(&self, token: &TokenView, overlap: i64) -> String {
        let ticket = self.ticket(token).await;
        let fields = [("ticket", ticket.as_str()), ("overlap", &overlap.to_string())];
        self.strongroom(token, &fields)
            .send()
            .await
            .is(200)
            .element("secret")
    }

    /// An active token with `read` and `download` on `Press photos`, which is made where it is missing.
    pub(crate) async fn usual(&self) -> (TokenView, String) {
        self.active(json!({
            "name": "WordPress",
            "grants": [{ "interface": "Press photos", "permissions": ["read", "download"] }],
        }))
        .await
    }

    /// An active token; interfaces of its grants are made where they are missing.
    pub(crate) async fn active(&self, body: Value) -> (TokenView, String) {
        for grant in body["grants"].as_array().into_iter().flatten() {
            let made = self
                .send("POST", "/interfaces", json!({ "name": grant["interface"] }))
                .await;
            assert!(matches!(made.status.as_u16(), 201 | 409));
        }
        let token = self.token(body).await;
        let secret = self.secret(&token, 0).await;
        (self.find(&token).await, secret)
    }
}

/// Asks for a temporary token.
pub(crate) async fn mint(server: &Server, secret: &str, body: Value) -> String {
    let answer = server
        .bearer(secret)
        .post("/api/GetTemporaryToken")
        .json(&body)
        .send()
        .await;
    answer.is(200).json()["token"].as_str().unwrap().to_owned()
}
