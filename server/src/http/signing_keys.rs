//! The keys that sign temporary tokens: opened at the start, rotated with an overlap, retired when the last token that
//! they signed has ended.
//!
//! A new key is in the key set for [`PUBLISHED_BEFORE`] seconds before it signs: twice as long as the set may be kept
//! by those who check tokens by themselves, so that all of them know it when they meet its first token.

use std::sync::Arc;

use wire::{SecretId, SigningKeyView, Timestamp};
use zeroize::Zeroize;

use super::app::{App, StartError};
use crate::domain::activity::Actor;
use crate::domain::index::Keys;
use crate::entropy::Entropy;
use crate::secret::{Keyring, SigningKey, VerifyingKeys};
use crate::store::{NewSigningKey, SigningKeys, Store, StoreError};

/// What the seeds are sealed for.
const PURPOSE: &str = "signing key";

/// How long the key set may be kept by those who fetch it, in seconds.
pub(super) const KEY_SET_AGE: i64 = 300;

/// How long a new key is in the key set before it signs, in seconds.
pub const PUBLISHED_BEFORE: i64 = 2 * KEY_SET_AGE;

fn make(keyring: &Keyring, now: Timestamp, entropy: &dyn Entropy) -> Result<NewSigningKey, StartError> {
    let id: SecretId = entropy.new_id(now).ok_or(StartError::Id)?;
    let mut seed: [u8; 32] = entropy.bytes();
    let key = SigningKey::from_seed(id.as_str(), &seed);
    let sealed = keyring.seal(id.as_str(), PURPOSE, &seed, entropy);
    seed.zeroize();
    Ok(NewSigningKey {
        id: id.to_string(),
        public_key: key?.public_key(),
        seed: sealed?,
    })
}

/// Opens the keys that sign now or later; of the others only the public halves are needed.
fn open(keyring: &Keyring, stored: &SigningKeys, now: Timestamp) -> Result<Keys, StartError> {
    let mut verifying = VerifyingKeys::default();
    let mut signing: Vec<(Timestamp, SigningKey)> = Vec::new();
    for sealed in &stored.keys {
        let (id, seed) = (&sealed.key.id, &sealed.key.seed);
        verifying.add(id, &sealed.key.public_key)?;
        if signing.last().is_none_or(|(from, _)| *from > now) {
            let key = keyring.with(seed, id, PURPOSE, |seed| SigningKey::from_seed(id, seed))??;
            signing.push((sealed.signs_from, key));
        }
    }
    Ok(Keys::new(signing, verifying, stored.version))
}

/// The keys of the database; the first one is made for an empty one.
pub(super) async fn find(
    store: &Store,
    keyring: &Keyring,
    now: Timestamp,
    entropy: &dyn Entropy,
) -> Result<Keys, StartError> {
    let mut stored = store.list_signing_keys().await?;
    if stored.keys.is_empty() {
        let first = make(keyring, now, entropy)?;
        store.create_first_signing_key(&first, now).await?;
        // Another server may have been faster: whatever is stored counts.
        stored = store.list_signing_keys().await?;
    }
    open(keyring, &stored, now)
}

impl App {
    fn publish_keys(&self, stored: &SigningKeys) -> Result<(), StartError> {
        self.index.publish_keys(open(&self.keyring, stored, self.now())?);
        Ok(())
    }

    /// Makes a new key. It signs [`PUBLISHED_BEFORE`] seconds from now; with `at_once` it signs now, and every temporary
    /// token of before is refused from the answer on.
    ///
    /// # Errors
    /// When one waits for its moment already, or the database or a key fails.
    pub async fn rotate_signing_key(
        self: &Arc<Self>,
        actor: &Actor,
        at_once: bool,
    ) -> Result<Vec<SigningKeyView>, StartError> {
        let (app, actor) = (self.clone(), actor.clone());
        // In a task of its own: a dropped request must not leave the keys unpublished.
        let rotation = tokio::spawn(async move {
            let new = make(&app.keyring, app.now(), &*app.entropy)?;
            let from = app.now().plus_seconds(PUBLISHED_BEFORE);
            let stored = app.store.rotate_signing_key(&actor, new, from, at_once).await?;
            app.publish_keys(&stored)?;
            Ok(stored.view(app.now()))
        });
        let stopped = StoreError::Inconsistent("a rotation stopped half-way");
        rotation.await.map_err(|_| StartError::Store(stopped))?
    }

    /// Reads the keys again, as the command line may have rotated them, and retires those whose last token has ended.
    ///
    /// # Errors
    /// When the database or a key fails; then the present keys stay.
    pub async fn look_after_keys(&self) -> Result<(), StartError> {
        self.publish_keys(&self.store.retire_signing_keys().await?)
    }
}
