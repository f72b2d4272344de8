//! Session ids, set-up codes and tickets: random, shown once, stored as digests.

use std::fmt;

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroize;

use crate::entropy::Entropy;

/// 256 random bits as text.
pub struct OneTimeCode(String);

impl OneTimeCode {
    /// Makes one for programs and cookies: 43 characters of base64url.
    #[must_use]
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut bytes: [u8; 32] = entropy.bytes();
        let text = URL_SAFE_NO_PAD.encode(bytes);
        bytes.zeroize();
        Self(text)
    }

    /// Makes one that people can type: 20 characters without look-alikes in groups of five, 100 random bits.
    #[must_use]
    pub fn generate_readable(entropy: &dyn Entropy) -> Self {
        const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
        let bytes: [u8; 20] = entropy.bytes();
        let mut text = String::with_capacity(23);
        for (at, byte) in bytes.iter().enumerate() {
            if at > 0 && at % 5 == 0 {
                text.push('-');
            }
            text.push(char::from(LETTERS[usize::from(*byte) % 32]));
        }
        Self(text)
    }

    /// The code itself, for the one who is to have it.
    #[must_use]
    pub fn expose_to_its_owner(&self) -> &str {
        &self.0
    }

    /// What is stored.
    #[must_use]
    pub fn digest(&self) -> CodeDigest {
        CodeDigest::of(&self.0)
    }
}

impl Drop for OneTimeCode {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for OneTimeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneTimeCode")
    }
}

/// SHA-256 of a code. Enough without a key: nobody can try 100 random bits.
#[derive(Clone, PartialEq, Eq)]
pub struct CodeDigest([u8; 32]);

impl CodeDigest {
    /// The digest of a presented code. White space around it does not count.
    #[must_use]
    pub fn of(presented: &str) -> Self {
        let hash = digest::digest(&digest::SHA256, presented.trim().as_bytes());
        let mut bytes = [0; 32];
        bytes.copy_from_slice(hash.as_ref());
        Self(bytes)
    }

    /// The digest of a code that a person typed: small letters and missing hyphens are forgiven.
    #[must_use]
    pub fn of_typed(typed: &str) -> Self {
        let letters: Vec<char> = typed
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let grouped: Vec<String> = letters.chunks(5).map(|c| c.iter().collect()).collect();
        Self::of(&grouped.join("-"))
    }

    /// The bytes, for the store's column.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// From the store's column; `None` when it is not 32 bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl fmt::Debug for CodeDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeDigest")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SystemEntropy;

    #[test]
    fn typed_codes_are_forgiving() {
        let code = OneTimeCode::generate_readable(&SystemEntropy);
        let typed = code.expose_to_its_owner().to_lowercase().replace('-', " ");
        assert_eq!(CodeDigest::of_typed(&typed), code.digest());
        assert_eq!(format!("{code:?}"), "OneTimeCode");
    }
}
