//! Opening and closing the database.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, watch};

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::following::NOT_YET;
use super::loading::LookUps;
use super::{Inner, Pools, Store, StoreError, on};
use crate::clock::Clock;
use crate::domain::index::Index;
use crate::entropy::Entropy;

const READERS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 12;

const FIND_FACT: &str = "SELECT value FROM facts WHERE name = $1";
const INSERT_FACT: &str = "INSERT INTO facts (name, value) VALUES ($1, $2)";
const KEY_CHECK: &str = "master_key_check";

/// Makes the database's file, where it is missing, for its owner alone; SQLite gives its log files the same mode.
fn make_private(file: &Path) -> std::io::Result<()> {
    match OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)
    {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

impl Store {
    /// Opens (and makes, where it is missing) an SQLite database in a file.
    ///
    /// # Errors
    /// When the file cannot be opened or brought up to date.
    pub async fn open_sqlite(
        file: &Path,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, StoreError> {
        make_private(file).map_err(sqlx::Error::Io)?;
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10));
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_with(options.clone())
            .await?;
        sqlx::migrate!("migrations/sqlite").run(&writer).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .connect_with(options)
            .await?;
        Ok(Self::with(Pools::Sqlite { writer, readers }, clock, entropy))
    }

    /// Opens a PostgreSQL database. Several servers may start at once: the migrations take a lock.
    ///
    /// # Errors
    /// When it cannot be reached or brought up to date.
    pub async fn open_postgres(
        options: PgConnectOptions,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, StoreError> {
        let pool = PgPoolOptions::new()
            .max_connections(POSTGRES_CONNECTIONS)
            .acquire_timeout(Duration::from_secs(10))
            .connect_with(options)
            .await?;
        sqlx::migrate!("migrations/postgres").run(&pool).await?;
        Ok(Self::with(Pools::Postgres(pool), clock, entropy))
    }

    fn with(pools: Pools, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self {
            inner: Arc::new(Inner {
                pools,
                index: Arc::new(Index::default()),
                clock,
                entropy,
                last_id: std::sync::Mutex::default(),
                server_lock: Mutex::default(),
                bell: watch::Sender::default(),
                look_ups: LookUps::default(),
                followed: NOT_YET.into(),
            }),
        }
    }

    /// The stored check value of the master key; `None` for an empty database.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_key_check(&self) -> Result<Option<String>, StoreError> {
        let mut tx = self.read().await?;
        Ok(on!(tx, c => sqlx::query_scalar::<_, String>(FIND_FACT).bind(KEY_CHECK).fetch_optional(c).await?))
    }

    /// Stores the check value of the master key. Once only: a second time fails.
    ///
    /// # Errors
    /// When the database fails or has one already.
    pub async fn create_key_check(&self, value: &str) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        on!(tx, c => sqlx::query(INSERT_FACT).bind(KEY_CHECK).bind(value).execute(c).await.map(|_| ()))?;
        tx.commit().await
    }

    /// Waits for running transactions and closes all connections.
    pub async fn close(&self) {
        match &self.inner.pools {
            Pools::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Pools::Postgres(pool) => {
                self.inner.server_lock.lock().await.take();
                pool.close().await;
            }
        }
    }
}
