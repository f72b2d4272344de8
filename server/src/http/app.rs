//! What handlers share, and how it is brought up: database, master key, signing key, index.

use std::path::PathBuf;
use std::sync::Arc;

use sqlx::postgres::PgConnectOptions;
use tokio::sync::Notify;
use wire::{Network, Origin, Timestamp};

use super::leak_keys::LeakKeys;
use super::sites::Searching;
use super::verify::Questions;
use super::{Throttle, signing_keys};
use crate::clock::Clock;
use crate::config::{KeysUrl, ProxyHeaders};
use crate::domain::exposure::Exposures;
use crate::domain::index::Index;
use crate::entropy::Entropy;
use crate::secret::{JwtError, KeyError, Keyring, MasterKey, PasswordError, Passwords, SealError};
use crate::store::{Store, StoreError};

/// Where this server stands, from the configuration.
#[derive(Debug, Clone)]
pub struct Site {
    /// Our own origin in tokens, links and commands.
    pub issuer: Origin,
    /// Every origin that is ours.
    pub own_origins: Vec<Origin>,
    /// Peers whose forwarded headers are believed.
    pub trusted_proxies: Vec<Network>,
    /// The one family of headers that they use.
    pub proxy_headers: ProxyHeaders,
    /// The address that the server listens on, for the page about TLS.
    pub listen: String,
    /// Where the keys of those are who report leaked secrets; none: nobody does.
    pub report_keys: Option<KeysUrl>,
    /// Where watched sites may be.
    pub sites_reach: scan::Reach,
}

/// Which database.
#[derive(Debug)]
pub enum Database {
    /// A file of SQLite.
    Sqlite(PathBuf),
    /// A server of PostgreSQL.
    Postgres(Box<PgConnectOptions>),
}

/// Where the master key comes from.
#[derive(Debug)]
pub enum MasterKeySource {
    /// The configuration.
    Given(MasterKey),
    /// A file in the data folder, made for an empty database.
    File(PathBuf),
}

/// Why the server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The master key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A sealed value.
    #[error("the signing key: {0}")]
    Seal(#[from] SealError),
    /// A signing key.
    #[error("the signing key: {0}")]
    Jwt(#[from] JwtError),
    /// Passwords.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The client that asks other servers.
    #[error("TLS: {0}")]
    Client(#[from] reqwest::Error),
    /// An id.
    #[error("an id could not be made")]
    Id,
}

/// What handlers share.
#[derive(Debug)]
pub struct App {
    /// The database and the index that is kept in step with it.
    pub store: Store,
    /// The index.
    pub index: Arc<Index>,
    /// Everything derived from the master key.
    pub keyring: Keyring,
    /// Hashes and compares passwords.
    pub passwords: Passwords,
    /// Slows down guessing.
    pub throttle: Throttle,
    /// Exposures on their way to the database.
    pub exposures: Arc<Exposures>,
    /// Told when one of them should be written soon.
    pub exposed: Arc<Notify>,
    /// The keys of those who report leaked secrets.
    pub(super) leak_keys: Option<LeakKeys>,
    /// Watched sites that are being searched.
    pub(super) searching: Searching,
    /// What proxies ask.
    pub(super) questions: Questions,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Where this server stands.
    pub site: Site,
}

impl App {
    /// Opens the database, finds or makes the keys, and reads what every answer needs. The tokens come into the index
    /// with [`Store::load_tokens`], while the server answers already.
    ///
    /// # Errors
    /// When one of these fails: above all for a missing or wrong master key.
    pub async fn start(
        site: Site,
        database: Database,
        master_key: MasterKeySource,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Arc<Self>, StartError> {
        let store = match database {
            Database::Sqlite(file) => Store::open_sqlite(&file, clock.clone(), entropy.clone()).await?,
            Database::Postgres(options) => {
                Store::open_postgres(*options, clock.clone(), entropy.clone()).await?
            }
        };
        let keyring = find_keyring(&store, master_key, &*entropy).await?;
        store.prepare().await?;
        let index = store.index().clone();
        index.publish_keys(signing_keys::find(&store, &keyring, clock.now(), &*entropy).await?);
        let passwords = Passwords::new(&*entropy)?;
        let throttle = Throttle::new(&clock);
        let exposures = Arc::<Exposures>::default();
        let leak_keys = site.report_keys.clone().map(LeakKeys::new).transpose()?;
        Ok(Arc::new(Self {
            store,
            index,
            keyring,
            passwords,
            throttle,
            exposures,
            leak_keys,
            searching: Searching::default(),
            questions: Questions::default(),
            exposed: Arc::default(),
            clock,
            entropy,
            site,
        }))
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

async fn find_keyring(
    store: &Store,
    source: MasterKeySource,
    entropy: &dyn Entropy,
) -> Result<Keyring, StartError> {
    let check = store.find_key_check().await?;
    let master = match (source, &check) {
        (MasterKeySource::Given(key), _) => key,
        (MasterKeySource::File(path), _) if path.exists() => MasterKey::read(&path)?,
        (MasterKeySource::File(path), None) => MasterKey::create(&path, entropy)?,
        (MasterKeySource::File(path), Some(_)) => {
            return Err(KeyError::Missing(path.display().to_string()).into());
        }
    };
    let keyring = Keyring::derive(&master)?;
    match check {
        Some(check) => keyring.confirm(&check)?,
        None => store.create_key_check(keyring.check_value()).await?,
    }
    Ok(keyring)
}
