//! Temporary tokens whose signature was checked already, by SHA-256 of the whole token.
//!
//! Only what can never change is remembered: that the signature fits a key of that generation, and the claims. Everything else (end, epoch,
//! secret, rights, origin, network) is decided anew at every request.

use std::sync::Arc;

use arc_swap::ArcSwap;
use foldhash::fast::RandomState;
use papaya::HashMap;

use super::claims::Claims;

/// SHA-256 of a whole token.
pub type Fingerprint = [u8; 32];

/// So many are remembered at least, and twice as many at most: about 20 MB.
const GENERATION: usize = 20_000;

#[derive(Debug, Clone)]
struct Entry {
    claims: Arc<Claims>,
    /// Of the keys that it was checked with.
    keys: u64,
}

type Generation = HashMap<Fingerprint, Entry, RandomState>;

/// The memory: two generations. When the younger one is full, the older one is forgotten and the younger one ages;
/// what is asked for again moves to the younger one.
#[derive(Debug, Default)]
pub struct Checked {
    young: ArcSwap<Generation>,
    old: ArcSwap<Generation>,
}

impl Checked {
    /// The claims of a token that was checked with this generation of keys.
    #[must_use]
    pub fn find(&self, token: &Fingerprint, keys: u64) -> Option<Arc<Claims>> {
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

    /// Remembers the claims of a token that was checked just now, with this generation of keys.
    pub fn remember(&self, token: Fingerprint, claims: Arc<Claims>, keys: u64) {
        self.insert(token, Entry { claims, keys });
    }

    fn insert(&self, token: Fingerprint, entry: Entry) {
        let young = self.young.load();
        if young.len() >= GENERATION {
            let fresh = Arc::new(Generation::default());
            fresh.pin().insert(token, entry);
            // Two at once may both age the young one; then some are checked anew, which is all that is lost.
            self.old.store(self.young.swap(fresh));
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
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        bytes
    }

    #[test]
    fn is_bounded_and_keeps_what_is_asked_for() {
        let checked = Checked::default();
        for number in 0..=3 * GENERATION {
            checked.remember(fingerprint(number), claims(), 0);
            assert!(checked.find(&fingerprint(0), 0).is_some(), "{number}");
        }
        let kept = checked.young.load().len() + checked.old.load().len();
        assert!(kept <= 2 * GENERATION, "{kept}");
        assert!(checked.find(&fingerprint(1), 0).is_none());
        assert!(checked.find(&fingerprint(0), 1).is_none(), "a key was taken away");
    }
}
