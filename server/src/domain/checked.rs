//! Temporary tokens whose signature was checked already, by SHA-256 of the whole token.
//!
//! Only what can never change is remembered: that the signature fits, and the claims. Everything else (end, epoch,
//! secret, rights, origin, network) is decided anew at every request.

use std::sync::Arc;

use arc_swap::ArcSwap;
use papaya::HashMap;

use super::claims::Claims;

/// SHA-256 of a whole token.
pub type Fingerprint = [u8; 32];

/// So many are remembered at least, and twice as many at most: about 20 MB.
const GENERATION: usize = 20_000;

type Generation = HashMap<Fingerprint, Arc<Claims>>;

/// The memory: two generations. When the younger one is full, the older one is forgotten and the younger one ages;
/// what is asked for again moves to the younger one.
#[derive(Debug, Default)]
pub struct Checked {
    young: ArcSwap<Generation>,
    old: ArcSwap<Generation>,
}

impl Checked {
    /// The claims of a token that was checked.
    #[must_use]
    pub fn find(&self, token: &Fingerprint) -> Option<Arc<Claims>> {
        if let Some(claims) = self.young.load().pin().get(token) {
            return Some(claims.clone());
        }
        let claims = self.old.load().pin().get(token).cloned()?;
        self.remember(*token, claims.clone());
        Some(claims)
    }

    /// Remembers the claims of a token that was checked just now.
    pub fn remember(&self, token: Fingerprint, claims: Arc<Claims>) {
        let young = self.young.load();
        if young.len() >= GENERATION {
            let fresh = Arc::new(Generation::default());
            fresh.pin().insert(token, claims);
            // Two at once may both age the young one; then some are checked anew, which is all that is lost.
            self.old.store(self.young.swap(fresh));
        } else {
            young.pin().insert(token, claims);
        }
    }

    /// Forgets everything: when keys change, every signature counts anew.
    pub fn forget(&self) {
        self.young.store(Arc::default());
        self.old.store(Arc::default());
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
            jti: String::new(),
            iat: 0,
            exp: None,
            secret_id: id.parse().unwrap(),
            epoch: 0,
            grants: Vec::new(),
            origins: Vec::new(),
            subject: None,
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
            checked.remember(fingerprint(number), claims());
            assert!(checked.find(&fingerprint(0)).is_some(), "{number}");
        }
        let kept = checked.young.load().len() + checked.old.load().len();
        assert!(kept <= 2 * GENERATION, "{kept}");
        assert!(checked.find(&fingerprint(1)).is_none());
        checked.forget();
        assert!(checked.find(&fingerprint(0)).is_none());
    }
}
