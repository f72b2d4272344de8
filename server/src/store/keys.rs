//! Signing keys, sealed.

use wire::{ActivityAction, ChangeView, SigningKeyState, SigningKeyView, Timestamp};

use super::{Store, StoreError, Tx, activity, on, settings};
use crate::domain::activity::{Act, Actor};
use crate::domain::settings::Settings;
use crate::secret::SealedSecret;

const LIST: &str = "SELECT id, public_key, sealed, nonce, sealing_key_id, created_at, COALESCE(signs_from, created_at) AS signs_from, longest_lifetime FROM signing_keys WHERE retired_at IS NULL ORDER BY 7 DESC, id DESC";
const INSERT: &str = "INSERT INTO signing_keys (id, public_key, sealed, nonce, sealing_key_id, created_at, signs_from, longest_lifetime) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const COUNT: &str = "SELECT COUNT(*) FROM signing_keys";
const RETIRE: &str = "UPDATE signing_keys SET retired_at = $1 WHERE id = $2 AND retired_at IS NULL";
const RAISE: &str =
    "UPDATE signing_keys SET longest_lifetime = $1 WHERE retired_at IS NULL AND longest_lifetime < $1";
const LONGEST: &str = "SELECT COUNT(*), COUNT(longest_lifetime), MAX(longest_lifetime) FROM signing_keys WHERE retired_at IS NULL";
const ENDLESS: &str = "UPDATE signing_keys SET longest_lifetime = NULL WHERE retired_at IS NULL";

/// A new signing key.
#[derive(Debug, Clone)]
pub struct NewSigningKey {
    /// The `kid`.
    pub id: String,
    /// The public half.
    pub public_key: Vec<u8>,
    /// The seed, sealed for this row.
    pub seed: SealedSecret,
}

/// A signing key as it stands in the database.
#[derive(Debug, Clone)]
pub struct SealedSigningKey {
    /// What was stored.
    pub key: NewSigningKey,
    /// When it was made and put into the key set.
    pub created_at: Timestamp,
    /// From when on it signs.
    pub signs_from: Timestamp,
    /// The longest lifetime, in seconds, that a token signed by it can have; `None` = without an end.
    pub longest_lifetime: Option<i64>,
}

/// The keys in use, the one that signs last first, and the number of the last change.
#[derive(Debug, Clone)]
pub struct SigningKeys {
    /// The keys.
    pub keys: Vec<SealedSigningKey>,
    /// The number of the last change when they were read.
    pub version: i64,
}

impl SigningKeys {
    /// Which key signs at this moment: its place in the list.
    fn signing(&self, now: Timestamp) -> usize {
        let found = self.keys.iter().position(|k| k.signs_from <= now);
        found.unwrap_or(self.keys.len().saturating_sub(1))
    }

    /// Until when what a key has signed is accepted at most; `None` while it signs, or signed without an end.
    fn verifies_until(&self, at: usize, now: Timestamp) -> Option<Timestamp> {
        let successor = self.keys.get(at.checked_sub(1)?)?;
        let longest = self.keys[at].longest_lifetime?;
        (at > self.signing(now)).then(|| successor.signs_from.plus_seconds(longest))
    }

    /// As administrators see them, the one that signs last first.
    #[must_use]
    pub fn view(&self, now: Timestamp) -> Vec<SigningKeyView> {
        let signing = self.signing(now);
        let state = |at: usize| match at.cmp(&signing) {
            std::cmp::Ordering::Less => SigningKeyState::Next,
            std::cmp::Ordering::Equal => SigningKeyState::Signing,
            std::cmp::Ordering::Greater => SigningKeyState::Verifying,
        };
        let keys = self.keys.iter().enumerate();
        keys.map(|(at, sealed)| SigningKeyView {
            id: sealed.key.id.clone(),
            state: state(at),
            created_at: sealed.created_at,
            signs_from: sealed.signs_from,
            verifies_until: self.verifies_until(at, now),
        })
        .collect()
    }
}

#[derive(sqlx::FromRow)]
struct KeyRow {
    id: String,
    public_key: Vec<u8>,
    sealed: Vec<u8>,
    nonce: Vec<u8>,
    sealing_key_id: String,
    created_at: i64,
    signs_from: i64,
    longest_lifetime: Option<i64>,
}

impl KeyRow {
    fn into_key(self) -> Result<SealedSigningKey, StoreError> {
        let nonce = self
            .nonce
            .as_slice()
            .try_into()
            .map_err(|_| StoreError::Inconsistent("signing_keys.nonce"))?;
        Ok(SealedSigningKey {
            key: NewSigningKey {
                id: self.id,
                public_key: self.public_key,
                seed: SealedSecret {
                    key_id: self.sealing_key_id,
                    nonce,
                    bytes: self.sealed,
                },
            },
            created_at: Timestamp::from_millis(self.created_at),
            signs_from: Timestamp::from_millis(self.signs_from),
            longest_lifetime: self.longest_lifetime,
        })
    }
}

async fn load(tx: &mut Tx) -> Result<SigningKeys, StoreError> {
    let version = activity::last_change(tx).await?;
    let rows = on!(tx, c => sqlx::query_as::<_, KeyRow>(LIST).fetch_all(c).await?);
    let keys = rows.into_iter().map(KeyRow::into_key).collect::<Result<_, _>>()?;
    Ok(SigningKeys { keys, version })
}

async fn insert(
    tx: &mut Tx,
    new: &NewSigningKey,
    now: Timestamp,
    signs_from: Timestamp,
) -> Result<(), StoreError> {
    let longest = longest_lifetime(&settings::load(tx).await?);
    on!(tx, c => sqlx::query(INSERT)
        .bind(new.id.as_str())
        .bind(new.public_key.as_slice())
        .bind(new.seed.bytes.as_slice())
        .bind(new.seed.nonce.as_slice())
        .bind(new.seed.key_id.as_str())
        .bind(now.millis())
        .bind(signs_from.millis())
        .bind(longest)
        .execute(c)
        .await
        .map(|_| ()))?;
    Ok(())
}

async fn retire(tx: &mut Tx, id: &str, now: Timestamp) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(RETIRE).bind(now.millis()).bind(id).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// The longest lifetime that the settings allow, in seconds; `None` = no end.
fn longest_lifetime(settings: &Settings) -> Option<i64> {
    (!settings.allow_endless_temporary_tokens).then_some(settings.maximum_temporary_lifetime)
}

/// Notes what the keys may sign from now on: a part of every change of settings, so that no key is retired before the
/// last of its tokens has ended.
pub(super) async fn note_longest_lifetime(tx: &mut Tx, settings: &Settings) -> Result<(), StoreError> {
    match longest_lifetime(settings) {
        Some(longest) => on!(tx, c => sqlx::query(RAISE).bind(longest).execute(c).await.map(|_| ()))?,
        None => on!(tx, c => sqlx::query(ENDLESS).execute(c).await.map(|_| ()))?,
    }
    Ok(())
}

/// The longest lifetime, in seconds, of a token that may be out and is still accepted; `None` = without an end. The
/// settings of today do not tell: what was minted under others is accepted to its end. A key remembers the longest that
/// it may have signed, and nothing that a retired one signed is accepted.
pub(super) async fn longest_accepted(tx: &mut Tx) -> Result<Option<i64>, StoreError> {
    let (keys, with_an_end, longest) =
        on!(tx, c => sqlx::query_as::<_, (i64, i64, Option<i64>)>(LONGEST).fetch_one(c).await?);
    if keys > with_an_end {
        return Ok(None);
    }
    let today = longest_lifetime(&settings::load(tx).await?);
    Ok(today.map(|today| longest.map_or(today, |longest| longest.max(today))))
}

impl Store {
    /// The signing keys in use.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_signing_keys(&self) -> Result<SigningKeys, StoreError> {
        load(&mut self.read().await?).await
    }

    /// Stores the first signing key. When another server was faster, nothing is stored and the answer is false.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn create_first_signing_key(
        &self,
        key: &NewSigningKey,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        if on!(tx, c => sqlx::query_scalar::<_, i64>(COUNT).fetch_one(c).await?) > 0 {
            return Ok(false);
        }
        insert(&mut tx, key, now, now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Stores a new key that signs from a moment on. With `at_once` it signs now and all others are retired, so that
    /// every temporary token of before is refused.
    ///
    /// # Errors
    /// [`StoreError::KeyWaits`] while another one waits for its moment, or when the database fails.
    pub async fn rotate_signing_key(
        &self,
        actor: &Actor,
        new: NewSigningKey,
        signs_from: Timestamp,
        at_once: bool,
    ) -> Result<SigningKeys, StoreError> {
        let (store, actor) = (self.clone(), actor.clone());
        self.detached(async move {
            let mut tx = store.write().await?;
            let now = store.now();
            let before = load(&mut tx).await?;
            if at_once {
                for old in &before.keys {
                    retire(&mut tx, &old.key.id, now).await?;
                }
            } else if before.signing(now) > 0 {
                return Err(StoreError::KeyWaits);
            }
            insert(&mut tx, &new, now, if at_once { now } else { signs_from }).await?;
            store
                .log_change(&mut tx, "signing_key", &new.id, now.millis())
                .await?;
            let previous = before.keys.get(before.signing(now));
            let mut changes = vec![ChangeView {
                field: "kid".to_owned(),
                before: previous.map(|old| old.key.id.clone()),
                after: Some(new.id.clone()),
            }];
            if at_once {
                changes.push(ChangeView {
                    field: "at_once".to_owned(),
                    before: None,
                    after: Some("true".to_owned()),
                });
            }
            let act = Act {
                subject_id: Some(&new.id),
                changes,
                ..Act::new(ActivityAction::SigningKeyRotated, "signing_key")
            };
            store.record(&mut tx, &actor, act).await?;
            let after = load(&mut tx).await?;
            tx.commit().await?;
            Ok(after)
        })
        .await
    }

    /// Retires the keys whose last token has ended, and gives those that are left.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn retire_signing_keys(&self) -> Result<SigningKeys, StoreError> {
        let now = self.now();
        let ended = move |keys: &SigningKeys| -> Vec<String> {
            let is_over = |at: &usize| keys.verifies_until(*at, now).is_some_and(|end| end <= now);
            let ended = (0..keys.keys.len()).filter(is_over);
            ended.map(|at| keys.keys[at].key.id.clone()).collect()
        };
        let present = self.list_signing_keys().await?;
        if ended(&present).is_empty() {
            return Ok(present);
        }
        let store = self.clone();
        self.detached(async move {
            let mut tx = store.write().await?;
            for id in ended(&load(&mut tx).await?) {
                retire(&mut tx, &id, now).await?;
                store
                    .log_change(&mut tx, "signing_key", &id, now.millis())
                    .await?;
            }
            let left = load(&mut tx).await?;
            tx.commit().await?;
            Ok(left)
        })
        .await
    }
}
