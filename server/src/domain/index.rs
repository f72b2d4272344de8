//! The index that the hot path reads instead of the database: every token's present state, the interfaces, the
//! settings and the keys, without a lock.
//!
//! A token has one slot for good. The maps lead to the slot, the slot to the present state; so one atomic store
//! publishes a change, and what counts requests survives it. A state replaces another only with a higher row
//! version, and deletion leaves a tombstone with its version: a late reader of the database can never bring back
//! what was revoked in the meantime.
//!
//! It is read while it is still being filled. Until then "not here" means [`Missing`]: ask the database.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use arc_swap::{ArcSwap, ArcSwapOption, Guard};
use foldhash::fast::RandomState;
use papaya::HashMap;
use wire::{Timestamp, TokenId};

use super::checked::Checked;
use super::description::Description;
use super::interfaces::Interfaces;
use super::limits::{Bucket, Endings, Visitors};
use super::settings::Settings;
use super::sources::Sources;
use super::stopped::{Stop, Stopped};
use super::token::TokenState;
use crate::secret::{SigningKey, TokenDigest, VerifyingKeys};

/// What the index does not have, though the database may: only until [`Index::is_complete`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Missing {
    /// The token of a presented value.
    Digest(TokenDigest),
    /// The parent of a temporary token.
    Token(TokenId),
}

/// What is counted between two writes of the statistics.
#[derive(Debug, Default)]
pub struct Counters {
    /// Answered yes.
    pub allowed: AtomicU64,
    /// Answered no.
    pub refused: AtomicU64,
    /// Temporary tokens minted.
    pub minted: AtomicU64,
    /// When it was last accepted, in milliseconds since 1970.
    pub last_used: AtomicI64,
    /// The second in which a refusal was last logged, since 1970.
    pub last_refusal: AtomicI64,
    /// When it was last written down that visitors end their temporary tokens, in milliseconds since 1970.
    pub last_ending: AtomicI64,
    /// Whether it waits to be written.
    dirty: AtomicBool,
}

/// Older than every row's version.
const UNLOADED: i64 = 0;

/// One token's place in the index, for good.
#[derive(Debug)]
pub struct Slot {
    state: ArcSwap<TokenState>,
    /// Questions in the period.
    pub asked: Bucket,
    /// Temporary tokens minted in the period: asking often must not keep a server from minting.
    pub minted: Bucket,
    /// Statistics.
    pub counters: Counters,
    /// Where it is used from.
    pub sources: Sources,
    /// Temporary tokens that were stopped; most tokens never have any.
    stopped: OnceLock<Box<Stopped>>,
    /// How it was described last; only for those in use.
    description: ArcSwapOption<Description>,
}

impl Slot {
    /// The present state.
    #[must_use]
    pub fn state(&self) -> Arc<TokenState> {
        self.state.load_full()
    }

    /// Its temporary tokens that were stopped one by one or by subject.
    #[must_use]
    pub fn stopped(&self) -> Option<&Stopped> {
        self.stopped.get().map(|stopped| &**stopped)
    }

    fn new(state: Arc<TokenState>) -> Self {
        Self {
            state: ArcSwap::new(state),
            asked: Bucket::default(),
            minted: Bucket::default(),
            counters: Counters::default(),
            sources: Sources::default(),
            stopped: OnceLock::new(),
            description: ArcSwapOption::empty(),
        }
    }

    /// What is told about it in this state.
    #[must_use]
    pub fn describe(&self, state: &TokenState, interfaces: &Interfaces) -> Arc<Description> {
        if let Some(known) = &*self.description.load()
            && known.is_of(state, interfaces)
        {
            return known.clone();
        }
        let new = Arc::new(Description::of(state, interfaces));
        self.description.store(Some(new.clone()));
        new
    }

    /// Whether its token was read from the database; before that, only its stops are here.
    fn is_loaded(&self) -> bool {
        self.state.load().version > UNLOADED
    }

    /// Whether one of the token's secrets has this digest.
    fn knows(&self, digest: &TokenDigest) -> bool {
        self.state.load().secrets.iter().any(|s| s.digest == *digest)
    }
}

/// An outcome that is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Answered yes.
    Allowed,
    /// Answered no.
    Refused,
    /// A temporary token was minted.
    Minted,
}

/// What signs and checks temporary tokens.
#[derive(Debug)]
pub struct Keys {
    /// Sign new ones, each from its moment on; the latest moment first.
    pub signing: Vec<(Timestamp, SigningKey)>,
    /// Check all that are accepted.
    pub verifying: VerifyingKeys,
    /// The number of the last change in the database; older keys never replace newer ones.
    pub version: i64,
    /// Raised when a key is taken away: what was checked before counts no more.
    generation: u64,
}

impl Keys {
    /// The keys as they stood at a change.
    #[must_use]
    pub const fn new(signing: Vec<(Timestamp, SigningKey)>, verifying: VerifyingKeys, version: i64) -> Self {
        Self {
            signing,
            verifying,
            version,
            generation: 0,
        }
    }

    /// The key that signs at this moment.
    #[must_use]
    pub fn signing_at(&self, now: Timestamp) -> Option<&SigningKey> {
        // A clock that was set back must not stop the minting.
        let latest = self.signing.iter().find(|(from, _)| *from <= now);
        latest.or(self.signing.last()).map(|(_, key)| key)
    }

    /// For [`Checked`]: what was checked under another generation counts no more.
    #[must_use]
    pub const fn generation(&self) -> u64 {
        self.generation
    }
}

/// The index.
#[derive(Debug, Default)]
pub struct Index {
    by_digest: HashMap<TokenDigest, Arc<Slot>, RandomState>,
    by_id: HashMap<TokenId, Arc<Slot>, RandomState>,
    interfaces: ArcSwap<Interfaces>,
    settings: ArcSwap<Settings>,
    keys: ArcSwapOption<Keys>,
    publishing_keys: Mutex<()>,
    /// Temporary tokens whose signature was checked already.
    pub checked: Checked,
    /// What client networks have used of tokens' limits.
    pub visitors: Visitors,
    /// What client networks have ended of tokens' temporary ones.
    pub endings: Endings,
    dirty: Mutex<Vec<Arc<Slot>>>,
    complete: AtomicBool,
}

impl Index {
    /// The slot of a presented value's digest.
    #[must_use]
    pub fn by_digest(&self, digest: &TokenDigest) -> Option<Arc<Slot>> {
        self.by_digest.pin().get(digest).cloned()
    }

    /// The slot of a token.
    #[must_use]
    pub fn by_id(&self, id: &TokenId) -> Option<Arc<Slot>> {
        self.by_id.pin().get(id).filter(|slot| slot.is_loaded()).cloned()
    }

    /// Whether every token of the database is here, so that what is not here does not exist.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.complete.load(Ordering::Acquire)
    }

    /// Makes room for so many tokens at once.
    pub fn reserve(&self, tokens: usize) {
        self.by_id.pin().reserve(tokens);
        self.by_digest.pin().reserve(tokens);
    }

    /// Every token of the database is here now.
    pub fn set_complete(&self) {
        self.complete.store(true, Ordering::Release);
    }

    /// Whether it has come meanwhile.
    #[must_use]
    pub fn has(&self, missing: &Missing) -> bool {
        match missing {
            Missing::Digest(digest) => self.by_digest(digest).is_some(),
            Missing::Token(id) => self.by_id(id).is_some(),
        }
    }

    /// Publishes a state read from the database. An older version than the present one changes nothing.
    pub fn publish(&self, state: impl Into<Arc<TokenState>>) {
        let mut state: Arc<TokenState> = state.into();
        if !state.grants.is_sorted_by(|a, b| a.interface < b.interface) {
            Arc::make_mut(&mut state)
                .grants
                .sort_by(|a, b| a.interface.cmp(&b.interface));
        }
        let by_id = self.by_id.pin();
        if let Some(slot) = by_id.get(&state.id) {
            let before = slot.state.load();
            for secret in &mut Arc::make_mut(&mut state).secrets {
                if let Some(known) = before.secrets.iter().find(|s| s.id == secret.id) {
                    secret.last_used = known.last_used.clone();
                }
            }
        }
        let slot = by_id.get_or_insert_with(state.id.clone(), || Arc::new(Slot::new(state.clone())));
        slot.state.rcu(|present| {
            if present.version < state.version {
                state.clone()
            } else {
                present.clone()
            }
        });
        // After the state: whoever finds the slot by a new digest finds the secret in its state too. An older state's
        // digests lead to a state that does not know them, which answers "unknown".
        let by_digest = self.by_digest.pin();
        for digest in state.secrets.iter().map(|s| s.digest).filter(|d| slot.knows(d)) {
            // A key of a deleted token may be taken over by another one: its way leads there from then on.
            let is_taken = by_digest.get(&digest).is_some_and(|known| known.knows(&digest));
            if !is_taken {
                by_digest.insert(digest, slot.clone());
            }
        }
    }

    /// Publishes a stop of temporary tokens. Of a token that is not loaded yet, too: it must be here when the token
    /// comes.
    pub fn publish_stop(&self, token: &TokenId, stop: Stop, until: Option<Timestamp>) {
        let by_id = self.by_id.pin();
        let slot = by_id.get_or_insert_with(token.clone(), || {
            Arc::new(Slot::new(Arc::new(TokenState::unloaded(token.clone(), UNLOADED))))
        });
        slot.stopped.get_or_init(Box::default).add(stop, until);
    }

    /// Forgets a token's stops of what has ended by itself.
    pub fn forget_ended_stops(&self, token: &TokenId, now: Timestamp) {
        if let Some(stopped) = self.by_id.pin().get(token).and_then(|slot| slot.stopped()) {
            stopped.forget_ended(now);
        }
    }

    /// The interfaces.
    #[must_use]
    pub fn interfaces(&self) -> Guard<Arc<Interfaces>> {
        self.interfaces.load()
    }

    /// Publishes the interfaces; an older directory changes nothing.
    pub fn publish_interfaces(&self, new: Interfaces) {
        let new = Arc::new(new);
        self.interfaces.rcu(|present| {
            if present.version <= new.version {
                new.clone()
            } else {
                present.clone()
            }
        });
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> Guard<Arc<Settings>> {
        self.settings.load()
    }

    /// Publishes the settings; older ones change nothing.
    pub fn publish_settings(&self, new: Settings) {
        let new = Arc::new(new);
        self.settings.rcu(|present| {
            if present.version <= new.version {
                new.clone()
            } else {
                present.clone()
            }
        });
    }

    /// The signing keys; `None` only before the start is complete.
    #[must_use]
    pub fn keys(&self) -> Option<Arc<Keys>> {
        self.keys.load_full()
    }

    /// Publishes the signing keys; older ones change nothing.
    pub fn publish_keys(&self, mut keys: Keys) {
        let _turn = self
            .publishing_keys
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(present) = &*self.keys.load() {
            if present.version > keys.version {
                return;
            }
            let lost = !keys.verifying.has_all_of(&present.verifying);
            keys.generation = present.generation + u64::from(lost);
        }
        self.keys.store(Some(Arc::new(keys)));
    }

    /// Counts a request for the statistics.
    pub fn count(&self, slot: &Arc<Slot>, outcome: Outcome, now: Timestamp) {
        let counters = &slot.counters;
        match outcome {
            Outcome::Allowed => &counters.allowed,
            Outcome::Refused => &counters.refused,
            Outcome::Minted => &counters.minted,
        }
        .fetch_add(1, Ordering::Relaxed);
        if outcome != Outcome::Refused {
            counters.last_used.store(now.millis(), Ordering::Relaxed);
        }
        if !counters.dirty.load(Ordering::Relaxed) && !counters.dirty.swap(true, Ordering::AcqRel) {
            self.dirty
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(slot.clone());
        }
    }

    /// Takes the slots that were counted since the last time.
    #[must_use]
    pub fn take_dirty(&self) -> Vec<Arc<Slot>> {
        let taken = std::mem::take(&mut *self.dirty.lock().unwrap_or_else(PoisonError::into_inner));
        for slot in &taken {
            slot.counters.dirty.store(false, Ordering::Release);
        }
        taken
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::domain::token::SecretState;
    use wire::{Kind, MaybeRateLimit, TemporaryLifetime};

    pub(crate) fn state(version: i64, deactivated: bool) -> TokenState {
        TokenState {
            id: "01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap(),
            version,
            name: "WordPress".to_owned(),
            kind: Kind::Secret,
            deactivated,
            deleted: false,
            expires_at: None,
            epoch: 0,
            temporary_lifetime: TemporaryLifetime::Default,
            grants: Vec::new(),
            allowed_origins: Vec::new(),
            allowed_networks: Vec::new(),
            rate_limit: MaybeRateLimit::Default,
            secrets: Vec::new(),
        }
    }

    #[test]
    fn an_older_version_changes_nothing() {
        let index = Index::default();
        let now = |index: &Index| index.by_id(&state(1, false).id).unwrap().state();
        index.publish(state(2, true));
        index.publish(state(1, false));
        assert_eq!((now(&index).version, now(&index).deactivated), (2, true));
        index.publish(state(3, false));
        assert!(!now(&index).deactivated);
    }

    #[test]
    fn a_late_reader_never_revives_a_revoked_token() {
        // Many readers publish what they read before the revocation, in any order with it.
        for _ in 0..200 {
            let index = Arc::new(Index::default());
            let threads: Vec<_> = [(1, false), (2, true), (1, false), (1, false)]
                .map(|(version, off)| {
                    let index = index.clone();
                    std::thread::spawn(move || index.publish(state(version, off)))
                })
                .into_iter()
                .collect();
            for thread in threads {
                thread.join().unwrap();
            }
            assert!(index.by_id(&state(1, false).id).unwrap().state().deactivated);
        }
    }

    #[test]
    fn a_deleted_tokens_key_leads_to_the_token_that_took_it_over() {
        let index = Index::default();
        let secret = |id: &str| SecretState {
            id: id.parse().unwrap(),
            digest: TokenDigest::from_bytes(&[7; 32]).unwrap(),
            expires_at: None,
            last_used: Arc::default(),
        };
        let mut first = state(1, false);
        first.secrets.push(secret("01ARZ3NDEKTSV4RRFFQ69G5FA1"));
        let late = first.clone();
        let digest = first.secrets[0].digest;
        index.publish(first);
        let mut gone = state(2, true);
        gone.deleted = true;
        index.publish(gone);
        let mut second = state(1, false);
        second.id = "01ARZ3NDEKTSV4RRFFQ69G5FA2".parse().unwrap();
        second.secrets.push(secret("01ARZ3NDEKTSV4RRFFQ69G5FA3"));
        let id = second.id.clone();
        index.publish(second);
        assert_eq!(index.by_digest(&digest).unwrap().state().id, id);
        index.publish(late);
        assert_eq!(index.by_digest(&digest).unwrap().state().id, id);
    }

    #[test]
    fn a_stop_is_there_before_its_token() {
        let index = Index::default();
        let id = state(1, false).id;
        index.publish_stop(
            &id,
            Stop::Token("01ARYZ6S41TSV4RRFFQ69G5FAV".parse().unwrap()),
            None,
        );
        assert!(index.by_id(&id).is_none(), "nothing is known of the token itself");
        index.publish(state(1, false));
        let slot = index.by_id(&id).unwrap();
        assert_eq!(slot.state().version, 1);
        assert!(slot.stopped().is_some());
    }

    #[test]
    fn counting_survives_a_new_state() {
        let index = Index::default();
        index.publish(state(1, false));
        let slot = index.by_id(&state(1, false).id).unwrap();
        index.count(&slot, Outcome::Allowed, Timestamp::from_millis(5));
        index.publish(state(2, false));
        index.count(&slot, Outcome::Allowed, Timestamp::from_millis(6));
        assert_eq!(index.take_dirty().len(), 1);
        assert_eq!(slot.counters.allowed.load(Ordering::Relaxed), 2);
        assert!(index.take_dirty().is_empty());
    }
}
