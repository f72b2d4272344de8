//! Temporary tokens whose signature was checked already, by SHA-256 of the whole token.
//!
//! Only what can never change is remembered: that the signature fits a key of that generation, and the claims. Everything else (end, epoch,
//! secret, rights, origin, network) is decided anew at every request.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arc_swap::ArcSwap;
use foldhash::fast::RandomState;
use papaya::HashMap;

use super::claims::Claims;

/// SHA-256 of a whole token.
pub type Fingerprint = [u8; 32];

/// The memory is in so many parts, by the first byte of the fingerprint: what is forgotten at once is one part's share,
/// some hundredths of a millisecond's work. In one piece it is ten milliseconds', and the requests behind it wait.
const PARTS: usize = 256;

/// So many of usual length are remembered by each part at least, and twice as many at most: in all 20,480 to 40,960.
const GENERATION: usize = 80;

/// So long they are together at most, in bytes, or there are fewer: in all 40 MiB of tokens at most, whatever is sent.
const GENERATION_BYTES: usize = GENERATION * 1024;

#[derive(Debug, Clone)]
struct Entry {
    claims: Arc<Claims>,
    /// Of the keys that it was checked with.
    keys: u64,
    /// How long the token is, in bytes.
    length: usize,
}

type Generation = HashMap<Fingerprint, Entry, RandomState>;

/// Two generations. When the younger one is full, the older one is forgotten and the younger one ages; what is asked for
/// again moves to the younger one.
#[derive(Debug, Default)]
struct Part {
    young: ArcSwap<Generation>,
    old: ArcSwap<Generation>,
    /// The length of all tokens in the younger one, in bytes.
    bytes: AtomicUsize,
}

/// The memory.
#[derive(Debug)]
pub struct Checked([Part; PARTS]);

impl Default for Checked {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Part::default()))
    }
}

impl Checked {
    /// The claims of a token that was checked with this generation of keys.
    #[must_use]
    pub fn find(&self, token: &Fingerprint, keys: u64) -> Option<Arc<Claims>> {
        self.part(token).find(token, keys)
    }

    /// Remembers the claims of a token of this length in bytes that was checked just now, with this generation of keys.
    pub fn remember(&self, token: Fingerprint, length: usize, claims: Arc<Claims>, keys: u64) {
        let entry = Entry { claims, keys, length };
        self.part(&token).insert(token, entry);
    }

    fn part(&self, token: &Fingerprint) -> &Part {
        &self.0[usize::from(token[0])]
    }
}

impl Part {
    fn find(&self, token: &Fingerprint, keys: u64) -> Option<Arc<Claims>> {
        if let Some(entry) = self.young.load().pin().get(token) {
            return (entry.keys == keys).then(|| entry.claims.clone());
        }
        let entry = self
            .old
            .load()
            .pin()
            .get(token)
            .filter(|e| e.keys == keys)?
            .clone();
        self.insert(*token, entry.clone());
        Some(entry.claims)
    }

    fn insert(&self, token: Fingerprint, entry: Entry) {
        let young = self.young.load();
        let bytes = self.bytes.fetch_add(entry.length, Ordering::Relaxed);
        if young.len() >= GENERATION || bytes >= GENERATION_BYTES {
            self.bytes.store(entry.length, Ordering::Relaxed);
            let fresh = Generation::with_capacity_and_hasher(GENERATION, RandomState::default());
            fresh.pin().insert(token, entry);
            // Two at once may both age the young one; then some are checked anew, which is all that is lost.
            self.old.store(self.young.swap(Arc::new(fresh)));
        } else {
            young.pin().insert(token, entry);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims() -> Arc<Claims> {
        let id = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
        Arc::new(Claims {
            iss: "https://me".to_owned(),
            aud: "https://me".to_owned(),
            sub: id.parse().unwrap(),
            client_id: id.parse().unwrap(),
            jti: id.parse().unwrap(),
            iat: 0,
            exp: None,
            secret_id: id.parse().unwrap(),
            epoch: 0,
            scope: None,
            grants: Vec::new(),
            origins: Vec::new(),
            network: None,
            nbf: None,
            subject: None,
            via: Vec::new(),
        })
    }

    fn fingerprint(number: usize) -> Fingerprint {
        let mut bytes = [0; 32];
        // As evenly as those of SHA-256.
        bytes[..8].copy_from_slice(&number.to_le_bytes());
        bytes
    }

    fn kept(checked: &Checked) -> usize {
        let in_part = |part: &Part| part.young.load().len() + part.old.load().len();
        checked.0.iter().map(in_part).sum()
    }

    #[test]
    fn is_bounded_and_keeps_what_is_asked_for() {
        let checked = Checked::default();
        for number in 0..=3 * PARTS * GENERATION {
            checked.remember(fingerprint(number), 700, claims(), 0);
            assert!(checked.find(&fingerprint(0), 0).is_some(), "{number}");
        }
        let remembered = kept(&checked);
        assert!(
            (PARTS * GENERATION..=2 * PARTS * GENERATION).contains(&remembered),
            "{remembered}"
        );
        assert!(checked.find(&fingerprint(1), 0).is_none());
        // Long ones count for more.
        let long = Checked::default();
        for number in 0..PARTS * GENERATION {
            long.remember(fingerprint(number), 16 * 1024, claims(), 0);
        }
        let remembered = kept(&long);
        assert!(
            remembered * 16 * 1024 <= 2 * PARTS * (GENERATION_BYTES + 16 * 1024),
            "{remembered}"
        );
        assert!(checked.find(&fingerprint(0), 1).is_none(), "a key was taken away");
    }
}
