//! Values that must be recovered: sealed with an AEAD, bound to their row and purpose.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use zeroize::Zeroizing;

use super::keyring::SealingKey;
use crate::entropy::Entropy;

/// Why a value could not be sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Sealed by another key.
    #[error("the value was sealed by another key")]
    OtherKey,
    /// Changed, or of another row or purpose.
    #[error("the value cannot be opened")]
    Broken,
}

/// A sealed value as it stands in the database.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedSecret {
    /// Which key sealed it.
    pub key_id: String,
    /// Used once.
    pub nonce: [u8; NONCE_LEN],
    /// Ciphertext and tag.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for SealedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedSecret({})", self.key_id)
    }
}

fn context(row_id: &str, purpose: &str) -> Aad<Vec<u8>> {
    Aad::from(format!("daypass\0{purpose}\0{row_id}").into_bytes())
}

fn cipher(key: &SealingKey) -> Result<LessSafeKey, SealError> {
    UnboundKey::new(&AES_256_GCM, key.bytes.as_ref())
        .map(LessSafeKey::new)
        .map_err(|_| SealError::Broken)
}

impl SealedSecret {
    pub(super) fn seal(
        key: &SealingKey,
        row_id: &str,
        purpose: &str,
        plain: &[u8],
        entropy: &dyn Entropy,
    ) -> Result<Self, SealError> {
        let nonce: [u8; NONCE_LEN] = entropy.bytes();
        let mut buffer = Zeroizing::new(plain.to_vec());
        let tag = cipher(key)?
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                context(row_id, purpose),
                buffer.as_mut_slice(),
            )
            .map_err(|_| SealError::Broken)?;
        let mut bytes = buffer.to_vec();
        bytes.extend_from_slice(tag.as_ref());
        Ok(Self {
            key_id: key.id.clone(),
            nonce,
            bytes,
        })
    }

    pub(super) fn open(
        &self,
        key: &SealingKey,
        row_id: &str,
        purpose: &str,
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        if self.key_id != key.id {
            return Err(SealError::OtherKey);
        }
        let mut buffer = Zeroizing::new(self.bytes.clone());
        let length = cipher(key)?
            .open_in_place(
                Nonce::assume_unique_for_key(self.nonce),
                context(row_id, purpose),
                &mut buffer,
            )
            .map_err(|_| SealError::Broken)?
            .len();
        buffer.truncate(length);
        Ok(buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SystemEntropy;
    use crate::secret::{Keyring, MasterKey};

    #[test]
    fn opens_only_for_its_row_and_purpose() {
        let folder = tempfile::tempdir().unwrap();
        let keyring =
            Keyring::derive(&MasterKey::create(&folder.path().join("key"), &SystemEntropy).unwrap()).unwrap();
        let sealed = keyring.seal("row", "signing", b"plain", &SystemEntropy).unwrap();
        assert!(!sealed.bytes.windows(5).any(|w| w == b"plain"));
        assert_eq!(
            keyring.with(&sealed, "row", "signing", <[u8]>::to_vec),
            Ok(b"plain".to_vec())
        );
        assert_eq!(
            keyring.with(&sealed, "other", "signing", |_| ()),
            Err(SealError::Broken)
        );
        assert_eq!(
            keyring.with(&sealed, "row", "other", |_| ()),
            Err(SealError::Broken)
        );
        let mut changed = sealed.clone();
        changed.bytes[0] ^= 1;
        assert_eq!(
            keyring.with(&changed, "row", "signing", |_| ()),
            Err(SealError::Broken)
        );
        changed.key_id = "other".to_owned();
        assert_eq!(
            keyring.with(&changed, "row", "signing", |_| ()),
            Err(SealError::OtherKey)
        );
    }
}
