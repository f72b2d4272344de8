//! The data folder, its locks, and bringing the application up over it. What is asked of it belongs to the commands.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;

use server::clock::SystemClock;
use server::config::Config;
use server::domain::activity::{Actor, Who};
use server::entropy::SystemEntropy;
use server::http::App;
use server::http::app::{Database, MasterKeySource, Site};
use server::secret::MasterKey;

use super::Failure;

/// Whoever may run this program on this machine, for the activity list.
pub(super) const fn actor() -> Actor {
    Actor {
        who: Who::CommandLine,
        address: None,
    }
}

/// The data folder, made when it is missing; others have no business in it.
pub(super) fn open_data_dir(folder: &Path) -> Result<(), Failure> {
    if !folder.exists() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    Ok(())
}

/// A file that processes take turns with.
fn lock_file(path: &Path) -> Result<File, Failure> {
    Ok(OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(path)?)
}

/// The lock of the one server of a data folder, held until it is dropped; `None` = another process has it.
pub(super) fn try_lock(folder: &Path) -> Result<Option<File>, Failure> {
    let file = lock_file(&folder.join("daypass.lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// One server per data folder: two would each publish changes to its own index only.
pub(super) fn lock(folder: &Path) -> Result<File, Failure> {
    try_lock(folder)?.ok_or_else(|| {
        format!(
            "another Daypass already runs on the data folder {}; stop it, or set DAYPASS_DATA_DIR to another folder",
            folder.display()
        )
        .into()
    })
}

/// Opens what is needed. One process at a time: two that start on an empty folder at the same moment must not both
/// make the tables and the master key.
pub(super) async fn open(config: &Config) -> Result<Arc<App>, Failure> {
    let turn = lock_file(&config.data_dir.join("daypass.opening"))?;
    turn.lock()?;
    let database = match config.resolve_database_url()? {
        None => Database::Sqlite(config.data_dir.join("daypass.sqlite")),
        Some(url) => match url.sqlite_file() {
            Some(file) => Database::Sqlite(file),
            None => Database::Postgres(Box::new(url.expose().parse()?)),
        },
    };
    let master_key = match config.resolve_master_key()? {
        Some(text) => MasterKeySource::Given(MasterKey::parse(text.expose())?),
        None => MasterKeySource::File(config.data_dir.join("master.key")),
    };
    let site = Site {
        issuer: config.issuer(),
        own_origins: config.own_origins(),
        trusted_proxies: config.trusted_proxies.clone(),
        proxy_headers: config.proxy_headers,
        listen: config.listen.to_string(),
        report_keys: config.leaks.report_keys_url.clone(),
        sites_reach: if config.leaks.private_sites {
            scan::Reach::Everywhere
        } else {
            scan::Reach::Public
        },
    };
    let app = App::start(
        site,
        database,
        master_key,
        Arc::new(SystemClock),
        Arc::new(SystemEntropy),
    )
    .await?;
    drop(turn);
    Ok(app)
}
