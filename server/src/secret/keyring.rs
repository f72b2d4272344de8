//! The master key and what is derived from it: the pepper of digests and the sealing key.
//!
//! A lost or wrong master key is a refusal at start, never a silent new one: with a new key every token in use
//! would be refused and every sealed value lost.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use aws_lc_rs::{constant_time, hkdf, hmac};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::{Zeroize, Zeroizing};

use super::{Pepper, SealError, SealedSecret};
use crate::entropy::Entropy;

/// Why there is no usable master key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or written.
    #[error("the master key file {path}: {source}")]
    File {
        /// The file.
        path: String,
        /// The operating system's reason.
        source: std::io::Error,
    },
    /// Others may read it.
    #[error("the master key file {0} may be read by others; run: chmod 600 {0}")]
    Permissions(String),
    /// Not 32 bytes in base64url.
    #[error(
        "the master key is not 32 bytes in base64url (43 characters); make one with: openssl rand 32 | basenc --base64url"
    )]
    Form,
    /// The same byte again and again: somebody's placeholder.
    #[error("the master key is a placeholder; make a real one with: openssl rand 32 | basenc --base64url")]
    Placeholder,
    /// The database has tokens, the key is gone.
    #[error(
        "the database exists, but its master key {0} is missing; put the key back from where you keep it (a new one would make every token and every signing key worthless)"
    )]
    Missing(String),
    /// Another key than the one that the database was made with.
    #[error("the master key is not the one that this database was made with; put the right one back")]
    Wrong,
    /// The library refused to derive.
    #[error("keys cannot be derived from the master key")]
    Derivation,
}

/// 32 random bytes from which everything else is derived. Wiped when dropped.
pub struct MasterKey(Zeroizing<[u8; 32]>);

impl MasterKey {
    /// Reads the text form: 32 bytes in base64url.
    ///
    /// # Errors
    /// When it is not that, or a placeholder.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let decoded = Zeroizing::new(
            URL_SAFE_NO_PAD
                .decode(text.trim().trim_end_matches('='))
                .map_err(|_| KeyError::Form)?,
        );
        let bytes: [u8; 32] = decoded.as_slice().try_into().map_err(|_| KeyError::Form)?;
        if bytes.iter().all(|b| *b == bytes[0]) {
            return Err(KeyError::Placeholder);
        }
        Ok(Self(Zeroizing::new(bytes)))
    }

    /// Reads it from a file that only its owner may read.
    ///
    /// # Errors
    /// When the file cannot be read, is open to others, or holds something else.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let wrap = |source| KeyError::File {
            path: path.display().to_string(),
            source,
        };
        let mode = fs::metadata(path).map_err(wrap)?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(KeyError::Permissions(path.display().to_string()));
        }
        Self::parse(&Zeroizing::new(fs::read_to_string(path).map_err(wrap)?))
    }

    /// Makes a new one in a new file, mode 0600. Only for an empty database.
    ///
    /// # Errors
    /// When the file exists or cannot be written.
    pub fn create(path: &Path, entropy: &dyn Entropy) -> Result<Self, KeyError> {
        let wrap = |source| KeyError::File {
            path: path.display().to_string(),
            source,
        };
        let mut bytes = Zeroizing::new([0_u8; 32]);
        entropy.fill(bytes.as_mut());
        let text = Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_ref()));
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(wrap)?;
        file.write_all(text.as_bytes())
            .and_then(|()| file.write_all(b"\n"))
            .and_then(|()| file.sync_all())
            .map_err(wrap)?;
        Ok(Self(bytes))
    }

    fn derive(&self, purpose: &'static [u8]) -> Result<Zeroizing<[u8; 32]>, KeyError> {
        let mut out = Zeroizing::new([0; 32]);
        hkdf::Salt::new(hkdf::HKDF_SHA256, b"daypass")
            .extract(self.0.as_ref())
            .expand(&[purpose], hkdf::HKDF_SHA256)
            .and_then(|okm| okm.fill(out.as_mut()))
            .map_err(|_| KeyError::Derivation)?;
        Ok(out)
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey")
    }
}

/// Everything derived from the master key.
#[derive(Debug)]
pub struct Keyring {
    pepper: Pepper,
    sealing: SealingKey,
    check: String,
}

pub(super) struct SealingKey {
    pub(super) id: String,
    pub(super) bytes: Zeroizing<[u8; 32]>,
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealingKey({})", self.id)
    }
}

impl Keyring {
    /// Derives the keys.
    ///
    /// # Errors
    /// When the library refuses.
    pub fn derive(master: &MasterKey) -> Result<Self, KeyError> {
        let mut check_key = master.derive(b"check v1")?;
        let tag = hmac::sign(
            &hmac::Key::new(hmac::HMAC_SHA256, check_key.as_ref()),
            b"daypass key check",
        );
        check_key.zeroize();
        let check = URL_SAFE_NO_PAD.encode(tag.as_ref());
        Ok(Self {
            pepper: Pepper::new(&*master.derive(b"pepper v1")?),
            sealing: SealingKey {
                id: check[..12].to_owned(),
                bytes: master.derive(b"sealing v1")?,
            },
            check,
        })
    }

    /// The pepper of digests.
    #[must_use]
    pub const fn pepper(&self) -> &Pepper {
        &self.pepper
    }

    /// The value that the database keeps to recognise its own master key. Reveals nothing of it.
    #[must_use]
    pub fn check_value(&self) -> &str {
        &self.check
    }

    /// Compares with the value that the database keeps.
    ///
    /// # Errors
    /// [`KeyError::Wrong`] when it is another key's.
    pub fn confirm(&self, stored: &str) -> Result<(), KeyError> {
        constant_time::verify_slices_are_equal(self.check.as_bytes(), stored.as_bytes())
            .map_err(|_| KeyError::Wrong)
    }

    /// Seals bytes so that only this keyring, and only for this row and purpose, opens them.
    ///
    /// # Errors
    /// When the library refuses.
    pub fn seal(
        &self,
        row_id: &str,
        purpose: &str,
        plain: &[u8],
        entropy: &dyn Entropy,
    ) -> Result<SealedSecret, SealError> {
        SealedSecret::seal(&self.sealing, row_id, purpose, plain, entropy)
    }

    /// Opens sealed bytes for the length of one call.
    ///
    /// # Errors
    /// When they were sealed by another key, or for another row or purpose.
    pub fn with<T>(
        &self,
        sealed: &SealedSecret,
        row_id: &str,
        purpose: &str,
        use_it: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, SealError> {
        sealed
            .open(&self.sealing, row_id, purpose)
            .map(|opened| use_it(&opened))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SystemEntropy;

    #[test]
    fn a_key_file_is_private_and_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        let made = Keyring::derive(&MasterKey::create(&path, &SystemEntropy).unwrap()).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let read = Keyring::derive(&MasterKey::read(&path).unwrap()).unwrap();
        assert!(read.confirm(made.check_value()).is_ok());
        assert!(matches!(
            MasterKey::create(&path, &SystemEntropy),
            Err(KeyError::File { .. })
        ));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(MasterKey::read(&path), Err(KeyError::Permissions(_))));
    }

    #[test]
    fn another_key_is_noticed() {
        let one = Keyring::derive(&MasterKey(Zeroizing::new([1; 32]))).unwrap();
        let other = Keyring::derive(&MasterKey(Zeroizing::new([2; 32]))).unwrap();
        assert!(matches!(other.confirm(one.check_value()), Err(KeyError::Wrong)));
    }

    #[test]
    fn placeholders_are_refused() {
        assert!(matches!(
            MasterKey::parse(&"A".repeat(43)),
            Err(KeyError::Placeholder)
        ));
        assert!(matches!(MasterKey::parse("change me"), Err(KeyError::Form)));
    }
}
