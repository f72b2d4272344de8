//! Which server works on a PostgreSQL database: a lock of the database that belongs to a connection kept for it alone.
//!
//! Two servers would each publish changes to an index of their own only. A connection can end without anybody's doing
//! (a restart of the database, a firewall), and the lock ends with it: so it is looked at again and again. On SQLite the
//! data folder's lock does the same.

use std::time::Duration;

use sqlx::postgres::PgPool;
use sqlx::{Connection, PgConnection};

use super::{Pools, Store, StoreError};

/// The lock's name in the database.
const SERVER_LOCK: i64 = 0x6461_7970_6173_7302;

/// So long the kept connection may take to answer: one that was dropped on the way never does.
const SILENCE: Duration = Duration::from_secs(3);

const TAKE: &str = "SELECT pg_try_advisory_lock($1)";
const OWN_PROCESS: &str = "SELECT pg_backend_pid()";
// Of the lock's number the upper half is its class, the lower half its object.
const END_IF_HOLDING: &str = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE pid = $2 AND granted
    AND locktype = 'advisory' AND objsubid = 1 AND classid::bigint = $1 >> 32 AND objid::bigint = $1 & 4294967295
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

/// The connection that holds it.
#[derive(Debug)]
pub(super) struct ServerLock {
    connection: PgConnection,
    /// The process at the other end of the connection.
    process: i32,
}

/// What a look at the lock found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StillTheServer {
    /// It is held.
    Yes,
    /// It was lost and is held again. Somebody else may have changed the database in between.
    Again,
    /// Another server has it.
    No,
}

impl ServerLock {
    async fn take(pool: &PgPool) -> Result<Option<Self>, StoreError> {
        let mut connection = pool.acquire().await?.detach();
        let got: bool = sqlx::query_scalar(TAKE)
            .bind(SERVER_LOCK)
            .fetch_one(&mut connection)
            .await?;
        if !got {
            connection.close().await?;
            return Ok(None);
        }
        let process = sqlx::query_scalar(OWN_PROCESS).fetch_one(&mut connection).await?;
        Ok(Some(Self { connection, process }))
    }

    async fn is_held(&mut self) -> bool {
        matches!(
            tokio::time::timeout(SILENCE, self.connection.ping()).await,
            Ok(Ok(()))
        )
    }
}

impl Store {
    /// Makes this the one server of the database, until it closes; false when there is one already. On SQLite this is
    /// always true.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn become_the_server(&self) -> Result<bool, StoreError> {
        let Pools::Postgres(pool) = &self.inner.pools else {
            return Ok(true);
        };
        let lock = ServerLock::take(pool).await?;
        let got = lock.is_some();
        *self.inner.server_lock.lock().await = lock;
        Ok(got)
    }

    /// Looks whether this is still the one server, and becomes it again where the lock was lost and nobody else took it.
    ///
    /// # Errors
    /// When the database fails: then nobody knows, and it is to be asked again.
    pub async fn still_the_server(&self) -> Result<StillTheServer, StoreError> {
        let Pools::Postgres(pool) = &self.inner.pools else {
            return Ok(StillTheServer::Yes);
        };
        let mut held = self.inner.server_lock.lock().await;
        let Some(lock) = held.as_mut() else {
            return Ok(StillTheServer::No);
        };
        if lock.is_held().await {
            return Ok(StillTheServer::Yes);
        }
        // The database may not have noticed that the connection is gone: that one of ours must not stand in the way.
        sqlx::query(END_IF_HOLDING)
            .bind(SERVER_LOCK)
            .bind(lock.process)
            .execute(pool)
            .await?;
        // It lets go a moment later.
        for _ in 0..20 {
            if let Some(lock) = ServerLock::take(pool).await? {
                *held = Some(lock);
                return Ok(StillTheServer::Again);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        *held = None;
        Ok(StillTheServer::No)
    }
}
