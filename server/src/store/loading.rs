//! Filling the index from the database: first what no answer can do without, then the tokens, while the server answers
//! already. Whoever asks for a token before its turn has it looked up.
//!
//! What is read here may be old by the time it is published: the index keeps the newer state. A token that the program
//! cannot read is left out and so refused; it must not keep the others from working.

use std::sync::PoisonError;
use std::time::Instant;

use futures_util::TryStreamExt;
use wire::{Permissions, TemporaryLifetime, Timestamp};

use super::record::{self, json, parse, word};
use super::{Pair, Store, StoreError, on};
use crate::domain::index::Missing;
use crate::domain::token::{SecretState, TokenGrant, TokenState};
use crate::secret::TokenDigest;

/// One row for each secret, those of a token one after the other, the current one first. The order is the primary
/// key's, so that neither engine has to sort.
macro_rules! select {
    ($grants:literal) => {
        concat!(
            "SELECT t.id, t.version, t.name, t.kind, t.deactivated_at, t.expires_at, t.epoch, t.temporary_lifetime, \
             t.allowed_origins, t.allowed_networks, t.rate_limit, (SELECT ",
            $grants,
            " FROM grants g WHERE g.token_id = t.id) AS grants, \
             s.id AS secret_id, s.digest, s.expires_at AS secret_expires_at \
             FROM tokens t LEFT JOIN secrets s ON s.token_id = t.id WHERE t.deleted_at IS NULL \
             ORDER BY t.id, s.expires_at IS NOT NULL, s.created_at DESC, s.id DESC"
        )
    };
}

const ALL: Pair = Pair {
    sqlite: select!("group_concat(g.interface_id || ' ' || g.permissions, ' ')"),
    postgres: select!("string_agg(g.interface_id || ' ' || g.permissions, ' ')"),
};
const OWNER: &str = "SELECT token_id FROM secrets WHERE digest = $1";

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    version: i64,
    name: String,
    kind: String,
    deactivated_at: Option<i64>,
    expires_at: Option<i64>,
    epoch: i64,
    temporary_lifetime: i64,
    allowed_origins: String,
    allowed_networks: String,
    rate_limit: String,
    grants: Option<String>,
    secret_id: Option<String>,
    digest: Option<Vec<u8>>,
    secret_expires_at: Option<i64>,
}

impl Row {
    fn secret(&mut self) -> Result<Option<SecretState>, StoreError> {
        let (Some(id), Some(digest)) = (self.secret_id.take(), self.digest.take()) else {
            return Ok(None);
        };
        Ok(Some(SecretState {
            id: parse(&id, "secrets.id")?,
            digest: TokenDigest::from_bytes(&digest).ok_or(StoreError::Inconsistent("secrets.digest"))?,
            expires_at: self.secret_expires_at.map(Timestamp::from_millis),
            last_used: std::sync::Arc::default(),
        }))
    }

    fn grants(&self) -> Result<Vec<TokenGrant>, StoreError> {
        let text = self.grants.as_deref().unwrap_or_default();
        let mut words = text.split_ascii_whitespace();
        let mut grants = Vec::with_capacity(words.clone().count() / 2);
        while let (Some(interface), Some(bits)) = (words.next(), words.next()) {
            grants.push(TokenGrant {
                interface: parse(interface, "grants.interface_id")?,
                permissions: bits
                    .parse()
                    .ok()
                    .and_then(Permissions::from_bits)
                    .ok_or(StoreError::Inconsistent("grants.permissions"))?,
            });
        }
        Ok(grants)
    }

    /// The token with its first secret.
    fn begin(mut self) -> Result<TokenState, StoreError> {
        Ok(TokenState {
            id: parse(&self.id, "tokens.id")?,
            version: self.version,
            kind: word(&self.kind, "tokens.kind")?,
            deactivated: self.deactivated_at.is_some(),
            deleted: false,
            expires_at: self.expires_at.map(Timestamp::from_millis),
            epoch: self.epoch,
            temporary_lifetime: TemporaryLifetime::from_number(self.temporary_lifetime)
                .ok_or(StoreError::Inconsistent("tokens.temporary_lifetime"))?,
            grants: self.grants()?,
            allowed_origins: json(&self.allowed_origins, "tokens.allowed_origins")?,
            allowed_networks: json(&self.allowed_networks, "tokens.allowed_networks")?,
            rate_limit: json(&self.rate_limit, "tokens.rate_limit")?,
            secrets: self.secret()?.into_iter().collect(),
            name: self.name,
        })
    }
}

/// The token whose rows are being read.
enum Reading {
    None,
    Good(TokenState),
    /// It cannot be read, by its id.
    Bad(String),
}

/// So many things that exist nowhere are remembered; beyond that they are looked up again.
const MOST_ABSENT: usize = 10_000;

/// Taken turns and what was found to be nowhere. Two requests for the same token ask the database once; however many
/// there are, they ask it for [`TURNS`] at a time.
#[derive(Debug, Default)]
pub(super) struct LookUps {
    turns: [tokio::sync::Mutex<()>; TURNS],
    absent: std::sync::Mutex<std::collections::HashSet<Missing>>,
}

const TURNS: usize = 16;

impl LookUps {
    fn turn(&self, missing: &Missing) -> &tokio::sync::Mutex<()> {
        use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(missing);
        &self.turns[usize::from(hash.to_le_bytes()[0]) % TURNS]
    }

    fn absent(&self) -> std::sync::MutexGuard<'_, std::collections::HashSet<Missing>> {
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
        let (mut reading, mut number) = (Reading::None, 0_usize);
        let mut finish = |read: Reading| match read {
            Reading::Good(state) => {
                index.publish(state);
                number += 1;
            }
            Reading::Bad(id) => {
                tracing::error!(
                    token.id = id,
                    "this token cannot be read from the database and is refused"
                );
            }
            Reading::None => {}
        };
        let mut tx = self.read().await?;
        on!(tx, c, sql = ALL => {
            let mut rows = sqlx::query_as::<_, Row>(sql).fetch(c);
            while let Some(mut row) = rows.try_next().await? {
                match &mut reading {
                    Reading::Good(state) if state.id.as_str() == row.id => match row.secret() {
                        Ok(secret) => state.secrets.extend(secret),
                        Err(_) => reading = Reading::Bad(row.id),
                    },
                    Reading::Bad(id) if *id == row.id => {}
                    _ => {
                        let id = row.id.clone();
                        let next = row.begin().map_or(Reading::Bad(id), Reading::Good);
                        finish(std::mem::replace(&mut reading, next));
                    }
                }
            }
        });
        finish(reading);
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
                let found = on!(tx, c => sqlx::query_scalar::<_, String>(OWNER).bind(&digest.as_bytes()[..]).fetch_optional(c).await?);
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
