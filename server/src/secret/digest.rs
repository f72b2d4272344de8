//! Keyed digests of token values.
//!
//! Values carry at least 190 random bits, so a fast hash is enough: nobody can try them all. It is keyed so that a
//! copy of the database alone verifies nothing, not even a guess. SHA-256 comes first so that a key can also be
//! taken over by its SHA-256 without ever being seen.

use std::fmt;

use aws_lc_rs::{constant_time, digest, hmac};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::PlainToken;

/// `HMAC-SHA-256(pepper, SHA-256(value))`. Compared in constant time; has no `Serialize`.
#[derive(Clone, Copy, Eq)]
pub struct TokenDigest([u8; 32]);

impl TokenDigest {
    /// The bytes, for the store's column.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// In hexadecimal digits, for statements that take many at once.
    #[must_use]
    pub fn to_hex(&self) -> String {
        hex::encode(self.0)
    }

    /// From the store's column; `None` when it is not 32 bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl PartialEq for TokenDigest {
    fn eq(&self, other: &Self) -> bool {
        constant_time::verify_slices_are_equal(&self.0, &other.0).is_ok()
    }
}

impl std::hash::Hash for TokenDigest {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl fmt::Debug for TokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenDigest")
    }
}

/// The SHA-256 of a key that nobody shows us: enough to recognise the key. `Debug` prints its name.
#[derive(Clone, PartialEq, Eq)]
pub struct KeySha256([u8; 32]);

impl KeySha256 {
    /// One that was computed elsewhere.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// That of a value.
    #[must_use]
    pub fn of(token: &PlainToken) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest::digest(&digest::SHA256, token.bytes()).as_ref());
        Self(bytes)
    }

    /// In hexadecimal digits: those who have the value can tell it by them, and nobody else can do anything with them.
    #[must_use]
    pub fn to_hex(&self) -> String {
        hex::encode(self.0)
    }

    /// Reads 64 hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(Self(bytes))
    }
}

impl fmt::Debug for KeySha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeySha256")
    }
}

/// The key of all digests, derived from the master key.
pub struct Pepper {
    id: String,
    key: hmac::Key,
}

impl Pepper {
    pub(super) fn new(bytes: &[u8; 32]) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, bytes);
        let name = hmac::sign(&key, b"daypass pepper id");
        let id = URL_SAFE_NO_PAD.encode(&name.as_ref()[..6]);
        Self { id, key }
    }

    /// Which pepper it is, for the store's column. Reveals nothing of it.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The digest of a presented value.
    #[must_use]
    pub fn digest_presented(&self, value: &str) -> TokenDigest {
        self.digest_bytes(value.as_bytes())
    }

    /// The digest of a new value, to be stored.
    #[must_use]
    pub fn digest(&self, token: &PlainToken) -> TokenDigest {
        self.digest_bytes(token.bytes())
    }

    /// The digest of a key of which only the SHA-256 is known.
    #[must_use]
    pub fn digest_of_sha256(&self, key: &KeySha256) -> TokenDigest {
        self.digest_inner(&key.0)
    }

    fn digest_bytes(&self, value: &[u8]) -> TokenDigest {
        self.digest_inner(digest::digest(&digest::SHA256, value).as_ref())
    }

    fn digest_inner(&self, inner: &[u8]) -> TokenDigest {
        let tag = hmac::sign(&self.key, inner);
        let mut bytes = [0; 32];
        bytes.copy_from_slice(tag.as_ref());
        TokenDigest(bytes)
    }
}

impl fmt::Debug for Pepper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pepper({})", self.id)
    }
}

/// SHA-256 of a presented temporary token, under which a checked one is remembered.
#[must_use]
pub fn fingerprint(value: &str) -> [u8; 32] {
    let hash = digest::digest(&digest::SHA256, value.as_bytes());
    let mut bytes = [0; 32];
    bytes.copy_from_slice(hash.as_ref());
    bytes
}

impl PlainToken {
    /// The first 32 bits of SHA-256, by which a scanner asks whether a value is live without sending it. Stored
    /// for generated values only: those have enough randomness for 32 bits to be worthless to a guesser.
    #[must_use]
    pub fn leak_prefix(&self) -> u32 {
        let hash = digest::digest(&digest::SHA256, self.bytes());
        let mut first = [0; 4];
        first.copy_from_slice(&hash.as_ref()[..4]);
        u32::from_be_bytes(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SystemEntropy;
    use wire::Kind;

    #[test]
    fn depends_on_value_and_pepper() {
        let (one, other) = (Pepper::new(&[1; 32]), Pepper::new(&[2; 32]));
        let token = PlainToken::generate(Kind::Secret, 40, &SystemEntropy);
        let value = token.expose_in_strongroom();
        assert_eq!(one.digest(&token), one.digest_presented(value));
        assert_ne!(one.digest(&token), other.digest(&token));
        assert_ne!(one.digest(&token), one.digest_presented(&value[1..]));
        assert_ne!(one.id(), other.id());
        // SHA-256 of "abc" (FIPS 180-2).
        let known = "BA7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let key = KeySha256::parse(known).unwrap();
        assert_eq!(one.digest_of_sha256(&key), one.digest_presented("abc"));
        for wrong in ["", &known[1..], &known.replace('f', "g"), "ø".repeat(32).as_str()] {
            assert_eq!(KeySha256::parse(wrong), None);
        }
    }
}
