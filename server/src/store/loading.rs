//! Filling the index from the database: first what no answer can do without, then the tokens, while the server answers
//! already. Whoever asks for a token before its turn has it looked up.
//!
//! What is read here may be old by the time it is published: the index keeps the newer state. A token that the program
//! cannot read is left out and so refused; it must not keep the others from working.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use foldhash::fast::RandomState;
use futures_util::TryStreamExt;
use serde::Deserialize;
use wire::{Timestamp, TokenId};

use super::record::{self, json, parse, read_grant, read_lifetime, read_secret, word};
use super::{Pair, Store, StoreError, Tx, on};
use crate::domain::index::Missing;
use crate::domain::token::{SecretState, TokenGrant, TokenState};
use crate::secret::TokenDigest;

/// A table from its beginning to its end, as JSON lists of up to a thousand rows: handing over every row by itself
/// takes ten times as long as reading it.
macro_rules! pages {
    ($table:literal, $columns:literal, $digest:literal) => {
        Pair {
            sqlite: concat!(
                "SELECT json_group_array(json_array(",
                $columns,
                ", hex(",
                $digest,
                "))) FROM ",
                $table,
                " GROUP BY rowid / 1000"
            ),
            postgres: concat!(
                "SELECT json_agg(json_build_array(",
                $columns,
                ", encode(",
                $digest,
                ", 'hex')))::text FROM \
                 (SELECT *, row_number() OVER () / 1000 AS page FROM ",
                $table,
                ") paged GROUP BY page"
            ),
        }
    };
    ($table:literal, $columns:literal) => {
        Pair {
            sqlite: concat!(
                "SELECT json_group_array(json_array(",
                $columns,
                ")) FROM ",
                $table,
                " GROUP BY rowid / 1000"
            ),
            postgres: concat!(
                "SELECT json_agg(json_build_array(",
                $columns,
                "))::text FROM \
                 (SELECT *, row_number() OVER () / 1000 AS page FROM ",
                $table,
                ") paged GROUP BY page"
            ),
        }
    };
}

// The deleted ones are left out here, since an index over that column would lead through the table in another order.
const TOKENS: Pair = pages!(
    "tokens",
    "id, version, name, kind, deactivated_at, deleted_at, expires_at, epoch, temporary_lifetime, allowed_origins, allowed_networks, rate_limit"
);
const GRANTS: Pair = pages!("grants", "token_id, interface_id, permissions");
const SECRETS: Pair = pages!("secrets", "token_id, id, expires_at", "digest");
const OWNER: &str = "SELECT token_id FROM secrets WHERE digest = $1";

#[derive(Deserialize)]
struct TokenRow<'p> {
    id: &'p str,
    version: i64,
    #[serde(borrow)]
    name: Cow<'p, str>,
    #[serde(borrow)]
    kind: Cow<'p, str>,
    deactivated_at: Option<i64>,
    deleted_at: Option<i64>,
    expires_at: Option<i64>,
    epoch: i64,
    temporary_lifetime: i64,
    #[serde(borrow)]
    allowed_origins: Cow<'p, str>,
    #[serde(borrow)]
    allowed_networks: Cow<'p, str>,
    #[serde(borrow)]
    rate_limit: Cow<'p, str>,
}

impl TokenRow<'_> {
    fn read(self) -> Result<TokenState, StoreError> {
        Ok(TokenState {
            id: parse(self.id, "tokens.id")?,
            version: self.version,
            kind: word(&self.kind, "tokens.kind")?,
            deactivated: self.deactivated_at.is_some(),
            deleted: false,
            expires_at: self.expires_at.map(Timestamp::from_millis),
            epoch: self.epoch,
            temporary_lifetime: read_lifetime(self.temporary_lifetime)?,
            grants: Vec::new(),
            allowed_origins: json(&self.allowed_origins, "tokens.allowed_origins")?,
            allowed_networks: json(&self.allowed_networks, "tokens.allowed_networks")?,
            rate_limit: json(&self.rate_limit, "tokens.rate_limit")?,
            secrets: Vec::new(),
            name: self.name.into_owned(),
        })
    }
}

#[derive(Deserialize)]
struct GrantRow<'p> {
    token: &'p str,
    interface: &'p str,
    permissions: i64,
}

impl GrantRow<'_> {
    fn read(&self) -> Result<TokenGrant, StoreError> {
        read_grant(self.interface, self.permissions)
    }
}

#[derive(Deserialize)]
struct SecretRow<'p> {
    token: &'p str,
    id: &'p str,
    expires_at: Option<i64>,
    digest: &'p str,
}

impl SecretRow<'_> {
    fn read(&self) -> Result<SecretState, StoreError> {
        let digest = hex::decode(self.digest).ok();
        let digest = digest.and_then(|bytes| TokenDigest::from_bytes(&bytes));
        read_secret(self.id, digest, self.expires_at)
    }
}

/// The tokens that were read so far. Each is where it will stay, so that a million are not moved again.
#[derive(Default)]
struct Read(HashMap<TokenId, Arc<TokenState>, RandomState>);

impl Read {
    fn token(&mut self, row: TokenRow<'_>) {
        if row.deleted_at.is_some() {
            return;
        }
        let id = row.id.to_owned();
        match row.read() {
            Ok(state) => {
                self.0.insert(state.id.clone(), Arc::new(state));
            }
            Err(error) => report(&id, &error),
        }
    }

    /// Adds what belongs to a token that is there; what cannot be read takes the token with it.
    fn add<T>(&mut self, token: &str, read: Result<T, StoreError>, put: impl FnOnce(&mut TokenState, T)) {
        let Ok(id) = token.parse::<TokenId>() else { return };
        match (self.0.get_mut(&id).and_then(Arc::get_mut), read) {
            (Some(state), Ok(part)) => put(state, part),
            (Some(_), Err(error)) => {
                report(token, &error);
                self.0.remove(&id);
            }
            (None, _) => {}
        }
    }
}

fn report(token: &str, error: &StoreError) {
    tracing::error!(token.id = token, error = %error, "this token cannot be read from the database and is refused");
}

/// Reads a table page by page.
async fn read_pages(
    tx: &mut Tx,
    pages: &Pair,
    mut take: impl FnMut(&str) -> Result<(), serde_json::Error>,
) -> Result<(), StoreError> {
    on!(tx, c, sql = pages => {
        let mut pages = sqlx::query_scalar::<_, String>(sql).fetch(c);
        while let Some(page) = pages.try_next().await? {
            take(&page).map_err(|_| StoreError::Inconsistent("a page of rows"))?;
        }
    });
    Ok(())
}

/// So many things that exist nowhere are remembered; beyond that they are looked up again.
const MOST_ABSENT: usize = 10_000;

/// How many look-ups there are at a time, however many ask. Two that ask for the same token take the same turn, so the
/// second finds what the first has found.
const TURNS: usize = 16;

/// Look-ups that are under way, and what was found to be nowhere.
#[derive(Debug, Default)]
pub(super) struct LookUps {
    turns: [tokio::sync::Mutex<()>; TURNS],
    absent: Mutex<HashSet<Missing>>,
}

impl LookUps {
    fn turn(&self, missing: &Missing) -> &tokio::sync::Mutex<()> {
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(missing);
        &self.turns[usize::from(hash.to_le_bytes()[0]) % TURNS]
    }

    fn absent(&self) -> MutexGuard<'_, HashSet<Missing>> {
        self.absent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    /// Fills the index with everything that the database has.
    ///
    /// # Errors
    /// When the database fails or is inconsistent.
    pub async fn load(&self) -> Result<(), StoreError> {
        self.prepare().await?;
        self.load_tokens().await
    }

    /// What no answer can do without: the settings, the interfaces, and which temporary tokens are stopped.
    ///
    /// # Errors
    /// When the database fails or is inconsistent.
    pub async fn prepare(&self) -> Result<(), StoreError> {
        let mut tx = self.read().await?;
        self.follow_from_here(&mut tx).await?;
        let settings = super::settings::load(&mut tx).await?;
        let interfaces = super::interfaces::load(&mut tx).await?;
        self.inner.index.publish_settings(settings);
        self.inner.index.publish_interfaces(interfaces);
        for row in super::stopped::all(&mut tx, self.now()).await? {
            let (token, stop, until) = row.read()?;
            self.inner.index.publish_stop(&token, stop, until);
        }
        Ok(())
    }

    /// Reads every token into the index. Until it is through, [`Store::look_up`] finds those that are asked for.
    ///
    /// # Errors
    /// When the database fails; then what was read stays, and it may be called again.
    pub async fn load_tokens(&self) -> Result<(), StoreError> {
        let (index, start) = (&self.inner.index, Instant::now());
        let mut read = Read::default();
        let mut tx = self.read().await?;
        read_pages(&mut tx, &TOKENS, |page| {
            serde_json::from_str::<Vec<TokenRow<'_>>>(page)?
                .into_iter()
                .for_each(|row| read.token(row));
            Ok(())
        })
        .await?;
        read_pages(&mut tx, &GRANTS, |page| {
            for row in serde_json::from_str::<Vec<GrantRow<'_>>>(page)? {
                read.add(row.token, row.read(), |state, grant| state.grants.push(grant));
            }
            Ok(())
        })
        .await?;
        read_pages(&mut tx, &SECRETS, |page| {
            for row in serde_json::from_str::<Vec<SecretRow<'_>>>(page)? {
                read.add(row.token, row.read(), |state, secret| state.secrets.push(secret));
            }
            Ok(())
        })
        .await?;
        drop(tx);
        let number = read.0.len();
        index.reserve(number);
        for (done, mut state) in read.0.into_values().enumerate() {
            if let Some(state) = Arc::get_mut(&mut state) {
                state.grants.shrink_to_fit();
                state.secrets.shrink_to_fit();
                // The current one, which has no end, is the first; then from new to old.
                state
                    .secrets
                    .sort_by(|a, b| (a.expires_at.is_some(), &b.id).cmp(&(b.expires_at.is_some(), &a.id)));
            }
            index.publish(state);
            if done % 1000 == 0 {
                // Whoever asks in the meantime waits for a thousand tokens at most.
                tokio::task::yield_now().await;
            }
        }
        index.set_complete();
        self.inner.look_ups.absent().clear();
        let milliseconds = start.elapsed().as_millis();
        tracing::info!(tokens = number, milliseconds, "the index is complete");
        Ok(())
    }

    /// Reads one token into the index, where the database has it.
    ///
    /// # Errors
    /// When the database fails or is inconsistent.
    pub async fn look_up(&self, missing: &Missing) -> Result<(), StoreError> {
        let Self { inner } = self;
        let _turn = inner.look_ups.turn(missing).lock().await;
        if inner.index.is_complete() || inner.index.has(missing) || inner.look_ups.absent().contains(missing)
        {
            return Ok(());
        }
        let mut tx = self.read().await?;
        let id = match missing {
            Missing::Token(id) => Some(id.clone()),
            Missing::Digest(digest) => {
                let found = on!(tx, c => sqlx::query_scalar::<_, String>(OWNER).bind(digest.as_bytes()).fetch_optional(c).await?);
                found.map(|id| parse(&id, "secrets.token_id")).transpose()?
            }
        };
        let found = match id {
            Some(id) => record::one(&mut tx, &id).await?,
            None => None,
        };
        if let Some(found) = found {
            inner.index.publish(found.into_state());
        } else {
            let mut absent = inner.look_ups.absent();
            if absent.len() < MOST_ABSENT {
                absent.insert(missing.clone());
            }
        }
        Ok(())
    }
}
