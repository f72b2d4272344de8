//! The suite that runs on both engines: each behaviour is written once and is a test named `sqlite::…` and one named
//! `postgres::…`. A missing PostgreSQL fails the tests, it never skips them.
//!
//! Time stands still unless a test moves it, and ids come in a repeatable order; so nothing here waits, sleeps or
//! depends on luck.

mod activity;
mod alarms;
mod attention;
mod bulk;
mod claims;
mod codes;
mod exposures;
mod interfaces;
mod live;
mod schema;
mod secrets;
mod seed;
mod sessions;
mod settings;
mod sites;
mod stopped;
mod token_list;
mod token_usage;
mod tokens;
mod transfer;
mod usage;

use std::fmt::Debug;
use std::future::Future;
use std::ops::Deref;
use std::path::PathBuf;
use std::pin::pin;
use std::str::FromStr;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Postgres, QueryBuilder, Row};
use tempfile::TempDir;
use wire::{
    CreateInterfaceRequest, CreateTokenRequest, FieldErrorCode, Grant, InterfaceId, InterfaceName,
    InterfaceView, Kind, LIMITS, MaybeRateLimit, Origin, Overlap, PageQuery, PatchInterfaceRequest,
    PatchTokenRequest, Permission, RateLimit, Timestamp, TokenId, TokenName, TokenView, UserName, UserView,
};

use super::{CodePurpose, NewCode, NewSecret, NewUser, Pools, SecretSource, Store, StoreError, on};
use crate::clock::{Clock, FixedClock};
use crate::domain::activity::{Actor, Who};
use crate::domain::token::TokenState;
use crate::entropy::{Entropy, SequentialEntropy, SystemEntropy};
use crate::secret::{CodeDigest, PasswordHashText, TokenDigest};

/// 2026-03-01T12:00:00Z.
const START: i64 = 1_772_366_400_000;

/// Declares tests on both engines. One that is left out of the list is dead code, which the lints refuse.
macro_rules! suite {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                crate::store::conformance::on_sqlite(super::$name).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                crate::store::conformance::on_postgres(super::$name).await;
            })*
        }
    };
}
use suite;

/// Where a test's database is.
#[derive(Clone)]
enum Place {
    Sqlite(PathBuf),
    Postgres(Box<PgConnectOptions>),
}

/// A database of the test's own. Methods of the store are called on it directly.
#[derive(Clone)]
struct Db {
    store: Store,
    clock: Arc<FixedClock>,
    entropy: Arc<SequentialEntropy>,
    place: Place,
}

impl Deref for Db {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

async fn on_sqlite<F: Future<Output = ()> + Send + 'static>(test: fn(Db) -> F) {
    let folder = TempDir::new().unwrap();
    test(Db::open(Place::Sqlite(folder.path().join("daypass.sqlite3"))).await).await;
}

async fn on_postgres<F: Future<Output = ()> + Send + 'static>(test: fn(Db) -> F) {
    let url = std::env::var("DAYPASS_TEST_POSTGRES_URL").expect("PostgreSQL is required: run ./dev test");
    let server = PgConnectOptions::from_str(&url).expect("DAYPASS_TEST_POSTGRES_URL is a PostgreSQL URL");
    let unique = u64::from_be_bytes((&SystemEntropy as &dyn Entropy).bytes());
    let name = format!("daypass_test_{unique:016x}");
    let admin = PgPoolOptions::new()
        .max_connections(1)
        .connect_with(server.clone())
        .await;
    let admin = admin.expect("PostgreSQL is required: run ./dev test");
    // Names of databases cannot be bound. The template is the one to which nobody is ever connected.
    let command = |parts: [&str; 3]| QueryBuilder::<Postgres>::new(parts.concat());
    let mut create = command(["CREATE DATABASE ", &name, " TEMPLATE template0"]);
    create.build().execute(&admin).await.unwrap();
    // In a task of its own, so that the database goes away after a failed test too.
    let place = Place::Postgres(Box::new(server.database(&name)));
    let outcome = tokio::spawn(async move { test(Db::open(place).await).await }).await;
    let mut drop = command(["DROP DATABASE ", &name, " WITH (FORCE)"]);
    drop.build().execute(&admin).await.unwrap();
    if let Err(failed) = outcome {
        std::panic::resume_unwind(failed.into_panic());
    }
}

impl Db {
    async fn open(place: Place) -> Self {
        let (clock, entropy) = (Arc::new(FixedClock::at(START)), Arc::default());
        let store = open(&place, &clock, &entropy).await.unwrap();
        Self {
            store,
            clock,
            entropy,
            place,
        }
    }

    /// Another store over the same database, like a second server: its index is empty.
    async fn another(&self) -> Self {
        let store = open(&self.place, &self.clock, &self.entropy).await.unwrap();
        Self {
            store,
            ..self.clone()
        }
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn after(&self, seconds: i64) -> Timestamp {
        self.now().plus_seconds(seconds)
    }

    async fn user(&self, name: &str) -> UserView {
        self.create_user(&cli(), new_user(name)).await.unwrap()
    }

    async fn interface(&self, name: &str) -> InterfaceView {
        self.create_interface(&cli(), &interface(name)).await.unwrap()
    }

    async fn public_interface(&self, name: &str) -> InterfaceView {
        let request = CreateInterfaceRequest {
            public: true,
            ..interface(name)
        };
        self.create_interface(&cli(), &request).await.unwrap()
    }

    async fn token(&self, name: &str) -> TokenView {
        self.create_token(&cli(), &token(name)).await.unwrap()
    }

    async fn granted(&self, name: &str, grants: &[Grant]) -> TokenView {
        let request = CreateTokenRequest {
            grants: grants.to_vec(),
            ..token(name)
        };
        self.create_token(&cli(), &request).await.unwrap()
    }

    async fn public_token(&self, name: &str, interface: &str) -> TokenView {
        let request = public_token(name, interface, self.after(3600));
        self.create_token(&cli(), &request).await.unwrap()
    }

    async fn ticket(&self, token: &TokenId, code: &str) -> CodeDigest {
        let new = ticket(token, code, self.after(600));
        let digest = new.digest.clone();
        self.create_ticket(&cli(), new).await.unwrap();
        digest
    }

    /// Uses a ticket up for a secret, in its session and without overlap.
    async fn replace(
        &self,
        token: &TokenId,
        ticket: &CodeDigest,
        new: NewSecret,
    ) -> Result<TokenView, StoreError> {
        self.replace_secret(&cli(), token, &session(), ticket, new, seconds(0))
            .await
    }

    /// Gives the token a secret with that value's stand-in of a digest.
    async fn secret(&self, token: &TokenId, value: &str, overlap: i64) -> TokenView {
        let ticket = self
            .ticket(token, &format!("ticket for {value} of {token}"))
            .await;
        self.replace_secret(
            &cli(),
            token,
            &session(),
            &ticket,
            secret(value),
            seconds(overlap),
        )
        .await
        .unwrap()
    }

    /// A token with a secret.
    async fn active(&self, name: &str) -> TokenView {
        let token = self.token(name).await;
        self.secret(&token.id, name, 0).await
    }

    async fn deleted(&self, name: &str) -> TokenId {
        let id = self.active(name).await.id;
        self.deactivate_token(&cli(), &id, None).await.unwrap();
        self.delete_token(&cli(), &id, None).await.unwrap();
        id
    }

    async fn view(&self, id: &TokenId) -> TokenView {
        self.find_token(id).await.unwrap().expect("the token exists")
    }

    async fn interface_view(&self, id: &InterfaceId) -> InterfaceView {
        self.find_interface(id)
            .await
            .unwrap()
            .expect("the interface exists")
    }

    /// What the index says of a token.
    fn state(&self, id: &TokenId) -> Arc<TokenState> {
        self.index().by_id(id).expect("the token is in the index").state()
    }

    /// Whether a presented value would be accepted.
    fn accepts(&self, value: &str) -> bool {
        let Some(slot) = self.index().by_digest(&digest(value)) else {
            return false;
        };
        let state = slot.state();
        let secret = state.secrets.iter().find(|s| s.digest == digest(value));
        !state.deleted && !state.deactivated && secret.is_some_and(|s| s.is_live(self.now()))
    }

    async fn actions(&self) -> Vec<&'static str> {
        let page = self
            .list_activity(PageQuery {
                page: 1,
                per_page: 200,
            })
            .await
            .unwrap();
        page.items.iter().map(|entry| entry.action.as_str()).collect()
    }

    async fn count(&self, sql: &'static str) -> i64 {
        match &self.inner.pools {
            Pools::Sqlite { readers, .. } => sqlx::query_scalar(sql).fetch_one(readers).await.unwrap(),
            Pools::Postgres(pool) => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap(),
        }
    }

    /// Makes of the data what this program never writes.
    async fn spoil(&self, one: &'static str, other: &'static str) {
        let mut tx = self.write().await.unwrap();
        for statement in [one, other] {
            let changed =
                on!(tx, c => sqlx::query(statement).execute(c).await.map(|r| r.rows_affected()).unwrap());
            assert_eq!(changed, 1, "{statement}");
        }
        tx.commit().await.unwrap();
    }

    /// Every row of every table and all that the index says, as text: to see that nothing changed.
    async fn everything(&self) -> String {
        let mut lines = vec![format!("{:?}", self.index().settings())];
        for dump in schema::DUMPS {
            lines.push(dump.postgres.to_owned());
            lines.extend(self.rows(dump).await);
        }
        for id in self.ids().await {
            lines.push(format!("{:?}", self.index().by_id(&id).map(|slot| slot.state())));
        }
        let directory = self.index().interfaces();
        let all = PageQuery {
            page: 1,
            per_page: 200,
        };
        let interfaces = self.list_interfaces(all).await.unwrap().items;
        lines.extend(interfaces.iter().map(|i| format!("{:?}", directory.get(&i.id))));
        lines.join("\n")
    }

    async fn rows(&self, dump: &super::Pair) -> Vec<String> {
        let mut rows: Vec<String> = match &self.inner.pools {
            Pools::Sqlite { readers, .. } => {
                let cell = |row: &sqlx::sqlite::SqliteRow, at| {
                    let bytes: Option<Vec<u8>> = row.get_unchecked(at);
                    bytes.map_or_else(|| "NULL".to_owned(), |b| b.escape_ascii().to_string())
                };
                let rows = sqlx::query(dump.sqlite).fetch_all(readers).await.unwrap();
                rows.iter()
                    .map(|r| (0..r.len()).map(|at| cell(r, at)).collect::<Vec<_>>().join("|"))
                    .collect()
            }
            Pools::Postgres(pool) => sqlx::query_scalar(dump.postgres).fetch_all(pool).await.unwrap(),
        };
        rows.sort();
        rows
    }

    async fn ids(&self) -> Vec<TokenId> {
        const IDS: &str = "SELECT id FROM tokens WHERE deleted_at IS NULL ORDER BY id";
        let mut tx = self.read().await.unwrap();
        let ids = on!(tx, c => sqlx::query_scalar::<_, String>(IDS).fetch_all(c).await.unwrap());
        ids.iter().map(|id| id.parse().unwrap()).collect()
    }

    /// The refusal of a change; fails when the change was made, or changed anything although it was refused.
    async fn refusal<T: Debug>(&self, change: impl Future<Output = Result<T, StoreError>>) -> StoreError {
        let before = self.everything().await;
        let refusal = change.await.expect_err("the change is refused");
        assert_eq!(
            self.everything().await,
            before,
            "a refused change changes nothing"
        );
        refusal
    }
}

/// Asserts that a change is refused for a reason, and that the data is as it was.
macro_rules! refused {
    ($db:expr, $change:expr, $reason:pat) => {
        let refusal = $db.refusal($change).await;
        assert!(
            matches!(refusal, $reason),
            "refused, but because of this: {refusal:?}"
        );
    };
}
use refused;

async fn open(
    place: &Place,
    clock: &Arc<FixedClock>,
    entropy: &Arc<SequentialEntropy>,
) -> Result<Store, StoreError> {
    let (clock, entropy) = (clock.clone(), entropy.clone());
    match place {
        Place::Sqlite(file) => Store::open_sqlite(file, clock, entropy).await,
        Place::Postgres(options) => Store::open_postgres((**options).clone(), clock, entropy).await,
    }
}

/// Somebody for whom no row is needed.
fn cli() -> Actor {
    Actor {
        who: Who::CommandLine,
        address: None,
    }
}

fn acting(user: &UserView, address: &str) -> Actor {
    let who = Who::User {
        id: user.id.clone(),
        name: user.name.clone(),
    };
    Actor {
        who,
        address: Some(address.parse().unwrap()),
    }
}

fn new_user(name: &str) -> NewUser {
    NewUser {
        name: UserName::parse(name).unwrap(),
        password_hash: PasswordHashText::from_column(format!("hash of {name}'s password")),
    }
}

fn interface(name: &str) -> CreateInterfaceRequest {
    CreateInterfaceRequest {
        name: InterfaceName::parse(name).unwrap(),
        description: wire::Description::default(),
        public: false,
    }
}

fn patch_interface(view: &InterfaceView) -> PatchInterfaceRequest {
    PatchInterfaceRequest {
        version: view.version,
        ..Default::default()
    }
}

fn rename_interface(view: &InterfaceView, name: &str) -> PatchInterfaceRequest {
    PatchInterfaceRequest {
        name: Some(InterfaceName::parse(name).unwrap()),
        ..patch_interface(view)
    }
}

fn grant(interface: &str, permissions: &[Permission]) -> Grant {
    Grant {
        interface: InterfaceName::parse(interface).unwrap(),
        permissions: permissions.iter().copied().collect(),
    }
}

fn token(name: &str) -> CreateTokenRequest {
    CreateTokenRequest {
        name: TokenName::parse(name).unwrap(),
        kind: Kind::Secret,
        grants: Vec::new(),
        temporary_lifetime: wire::TemporaryLifetime::default(),
        expires_at: None,
        allowed_origins: Vec::new(),
        allowed_networks: Vec::new(),
        rate_limit: MaybeRateLimit::Default,
        note: wire::Note::default(),
        contact: wire::Contact::default(),
        write_reason: wire::Reason::default(),
    }
}

/// With all that a public token needs.
fn public_token(name: &str, interface: &str, expires_at: Timestamp) -> CreateTokenRequest {
    CreateTokenRequest {
        kind: Kind::Public,
        grants: vec![grant(interface, &[Permission::Read])],
        expires_at: Some(expires_at),
        allowed_origins: vec![origin("https://www.example.org")],
        rate_limit: limit(60, 60),
        ..token(name)
    }
}

fn patch(view: &TokenView) -> PatchTokenRequest {
    PatchTokenRequest {
        version: view.version,
        ..Default::default()
    }
}

fn rename(view: &TokenView, name: &str) -> PatchTokenRequest {
    PatchTokenRequest {
        name: Some(TokenName::parse(name).unwrap()),
        ..patch(view)
    }
}

fn origin(text: &str) -> Origin {
    Origin::parse(text).unwrap()
}

fn limit(requests: u32, per_seconds: u32) -> MaybeRateLimit {
    MaybeRateLimit::Limited(RateLimit::new(requests, per_seconds).unwrap())
}

/// A caller that asks, and goes away before it is answered.
fn ask_and_leave<T>(change: impl Future<Output = T>) {
    // The answer may even be there at once; nobody looks at it.
    let _ = pin!(change).poll(&mut Context::from_waker(Waker::noop()));
}

/// Waits for what happens though nobody is left who asked for it.
async fn eventually(what: impl Fn() -> bool) {
    let wait = async {
        while !what() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), wait)
        .await
        .expect("it happens though nobody waits for it");
}

fn seconds(overlap: i64) -> Overlap {
    Overlap::from_seconds(overlap).unwrap()
}

/// The digest of a session, a ticket or a code.
fn code(text: &str) -> CodeDigest {
    CodeDigest::of(text)
}

/// The session in which tickets are issued.
fn session() -> CodeDigest {
    code("session")
}

fn ticket(token: &TokenId, text: &str, expires_at: Timestamp) -> NewCode {
    NewCode {
        digest: code(text),
        purpose: CodePurpose::Handover,
        token: Some(token.clone()),
        session: Some(session()),
        expires_at,
    }
}

/// The digest of a value. Which one does not matter to the store; it only has to be the same each time.
fn digest(value: &str) -> TokenDigest {
    TokenDigest::from_bytes(code(value).as_bytes()).unwrap()
}

fn secret(value: &str) -> NewSecret {
    NewSecret {
        digest: digest(value),
        pepper_id: "pepper".to_owned(),
        hint: format!("hint of {value}"),
        source: SecretSource::Generated,
        leak_prefix: Some(u32::MAX),
    }
}

/// A key that an administrator had already.
fn imported(value: &str) -> NewSecret {
    NewSecret {
        source: SecretSource::Imported,
        leak_prefix: None,
        ..secret(value)
    }
}

/// The fields and rules of a refusal.
fn rules(refusal: &StoreError) -> Vec<(&str, FieldErrorCode)> {
    match refusal {
        StoreError::Rules(errors) => errors.iter().map(|e| (e.field.as_str(), e.code)).collect(),
        other => panic!("refused, but because of this: {other:?}"),
    }
}

fn names(tokens: &[TokenView]) -> Vec<&str> {
    tokens.iter().map(|t| t.name.as_str()).collect()
}
