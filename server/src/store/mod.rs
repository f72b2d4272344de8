//! One concrete store over SQLite and PostgreSQL. A public method is one use case in one transaction.
//!
//! SQL is constant text, written once in the `$1` style and run on both engines; where they must differ, the pair
//! stands side by side as a `Pair`. Times and ids come in as values, never from the database.
//!
//! Writers take turns on both engines: SQLite has one writer by nature (`BEGIN IMMEDIATE`), on PostgreSQL each
//! transaction that changes something takes one advisory lock first. So a check and the write that follows it
//! cannot be overtaken, and versions are published in the order of commits. Administrators are few; statistics do
//! not take the lock.
//!
//! A change is committed and published to the index in a task of its own, which a dropped request cannot cancel:
//! after it has been answered, no request sees the old state. Nothing in here may await anything but the database,
//! and no plaintext of a secret ever comes here.

mod activity;
mod alarms;
mod bulk;
mod claims;
mod codes;
#[cfg(test)]
mod conformance;
mod error;
mod export;
mod exposures;
mod following;
mod import;
mod interfaces;
mod keys;
mod leaks;
mod loading;
mod open;
mod record;
mod secrets;
mod seed;
mod server_lock;
mod sessions;
mod settings;
mod sites;
mod stopped;
mod token_list;
mod token_usage;
mod tokens;
mod usage;
mod users;

use std::future::Future;
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, PoisonError};

use tokio::sync::{Mutex, watch};
use ulid::Ulid;

use sqlx::{Postgres, Sqlite, SqlitePool, Transaction};
use wire::Timestamp;

pub use alarms::Bell;
pub use claims::{Claimant, NewClaim};
pub use codes::{CodePurpose, NewCode, UsedCode};
pub use error::{ClaimRefusal, CodeRefusal, StoreError};
pub use import::NewRow;
pub use keys::{NewSigningKey, SealedSigningKey, SigningKeys};
pub use secrets::{NewSecret, SecretSource};
pub use seed::{
    Seed, SeedActivity, SeedExposure, SeedHour, SeedInterface, SeedSecret, SeedSource, SeedToken, SeedUser,
};
use server_lock::ServerLock;
pub use server_lock::StillTheServer;
pub use sessions::{NewSession, Session};
pub use stopped::Ending;
pub use usage::UsageCount;
pub use users::{NewUser, User};

use crate::clock::Clock;
use crate::domain::index::Index;
use crate::entropy::Entropy;

enum Pools {
    Sqlite { writer: SqlitePool, readers: SqlitePool },
    Postgres(sqlx::PgPool),
}

struct Inner {
    pools: Pools,
    index: Arc<Index>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    /// The last id that was made: those of one millisecond go on from it.
    last_id: std::sync::Mutex<Ulid>,
    /// For tokens that are asked for before the index has them.
    look_ups: loading::LookUps,
    /// The last entry of the change log that is in the index for certain.
    followed: AtomicI64,
    /// Holds the lock of the one server on PostgreSQL.
    server_lock: Mutex<Option<ServerLock>>,
    /// Rings when an alarm was committed.
    bell: watch::Sender<Bell>,
}

/// The database, and the index that is kept in step with it.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.inner.pools {
            Pools::Sqlite { .. } => "Store(SQLite)",
            Pools::Postgres(_) => "Store(PostgreSQL)",
        })
    }
}

/// SQL that must differ between the engines, with the same parameters and columns.
struct Pair {
    sqlite: &'static str,
    postgres: &'static str,
}

/// A transaction. Rolled back when dropped.
struct Tx {
    engine: Engine,
    /// What rings after the commit: an alarm was written.
    bell: Option<watch::Sender<Bell>>,
}

/// The transaction on either engine.
enum Engine {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// Runs one expression on the connection of a transaction, once per engine, so that real types are used.
macro_rules! on {
    ($tx:expr, $conn:ident => $body:expr) => {
        match $tx.this() {
            $crate::store::Engine::Sqlite(tx) => {
                let $conn = &mut **tx;
                $body
            }
            $crate::store::Engine::Postgres(tx) => {
                let $conn = &mut **tx;
                $body
            }
        }
    };
    ($tx:expr, $conn:ident, $sql:ident = $pair:expr => $body:expr) => {
        match $tx.this() {
            $crate::store::Engine::Sqlite(tx) => {
                let ($conn, $sql) = (&mut **tx, $pair.sqlite);
                $body
            }
            $crate::store::Engine::Postgres(tx) => {
                let ($conn, $sql) = (&mut **tx, $pair.postgres);
                $body
            }
        }
    };
}
use on;

/// Begins a transaction on PostgreSQL in a task of its own, which a dropped request cannot stop half-way. Tried with sqlx
/// 0.9: a begin that is dropped before its answer leaves its transaction open on a connection that goes back to the pool,
/// and whoever gets that one next may not write.
async fn begin(
    pool: &sqlx::PgPool,
    statement: &'static str,
) -> Result<Transaction<'static, Postgres>, StoreError> {
    let pool = pool.clone();
    let begun = tokio::spawn(async move { pool.begin_with(statement).await }).await;
    Ok(begun.map_err(|_| StoreError::Inconsistent("a transaction could not begin"))??)
}

/// Any number that no other program uses on the same database.
const WRITERS_LOCK: i64 = 0x6461_7970_6173_7301;

impl Store {
    /// The index that this store publishes to.
    #[must_use]
    pub fn index(&self) -> &Arc<Index> {
        &self.inner.index
    }

    fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// A new id, after every other one that this store made, even when the clock was set back: lists keep the order of
    /// what happened, and whoever asks for what came after an entry misses nothing.
    fn new_id<T: std::str::FromStr>(&self) -> Result<T, StoreError> {
        let failed = StoreError::Inconsistent("an id could not be made");
        let Some(mut id) = self.inner.entropy.new_id::<Ulid>(self.now()) else {
            return Err(failed);
        };
        {
            let mut last = self.inner.last_id.lock().unwrap_or_else(PoisonError::into_inner);
            if let Ok(next) = last.increment()
                && last.timestamp_ms() >= id.timestamp_ms()
            {
                id = next;
            }
            *last = id;
        }
        id.to_string().parse().map_err(|_| failed)
    }

    /// Begins a transaction that changes something; writers take turns.
    async fn write(&self) -> Result<Tx, StoreError> {
        Ok(Tx::from(match &self.inner.pools {
            Pools::Sqlite { writer, .. } => Engine::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?),
            Pools::Postgres(pool) => {
                let mut tx = begin(pool, "BEGIN").await?;
                sqlx::query("SELECT pg_advisory_xact_lock($1)")
                    .bind(WRITERS_LOCK)
                    .execute(&mut *tx)
                    .await?;
                Engine::Postgres(tx)
            }
        }))
    }

    /// Begins a transaction that only adds to statistics: it waits for nobody's turn on PostgreSQL.
    async fn write_statistics(&self) -> Result<Tx, StoreError> {
        Ok(Tx::from(match &self.inner.pools {
            Pools::Sqlite { writer, .. } => Engine::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?),
            Pools::Postgres(pool) => Engine::Postgres(begin(pool, "BEGIN").await?),
        }))
    }

    /// Begins a transaction that sees one state of the database.
    async fn read(&self) -> Result<Tx, StoreError> {
        Ok(Tx::from(match &self.inner.pools {
            Pools::Sqlite { readers, .. } => Engine::Sqlite(readers.begin().await?),
            Pools::Postgres(pool) => {
                Engine::Postgres(begin(pool, "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").await?)
            }
        }))
    }

    /// Runs a change to its end even when the request that asked for it is dropped. One that the database failed may have
    /// been committed all the same, when the way there was lost before the answer: the index is told what is the case.
    async fn detached<T: Send + 'static>(
        &self,
        change: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> Result<T, StoreError> {
        let store = self.clone();
        let change = async move {
            let done = change.await;
            if matches!(done, Err(StoreError::Driver(_))) {
                store.catch_up_soon();
            }
            done
        };
        tokio::spawn(change)
            .await
            .map_err(|_| StoreError::Inconsistent("a change stopped half-way; it was rolled back"))?
    }
}

impl From<Engine> for Tx {
    fn from(engine: Engine) -> Self {
        Self { engine, bell: None }
    }
}

impl Tx {
    /// The engine's own: lets [`on!`] take a transaction and a borrow of one alike.
    const fn this(&mut self) -> &mut Engine {
        &mut self.engine
    }

    /// Makes it ring after the commit.
    fn ring(&mut self, bell: &watch::Sender<Bell>) {
        self.bell = Some(bell.clone());
    }

    async fn commit(self) -> Result<(), StoreError> {
        match self.engine {
            Engine::Sqlite(tx) => tx.commit().await?,
            Engine::Postgres(tx) => tx.commit().await?,
        }
        if let Some(bell) = self.bell {
            bell.send_modify(|_| ());
        }
        Ok(())
    }
}
