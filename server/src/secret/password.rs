//! Administrators' passwords: argon2id (RFC 9106), a few at a time, away from the threads that answer requests.

use std::fmt;
use std::sync::Arc;

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio::sync::Semaphore;
use wire::{FieldErrorCode, LIMITS};
use zeroize::Zeroize;

use crate::entropy::Entropy;

/// OWASP's second recommendation for argon2id: 19 MiB, 2 passes, 1 lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// As many at once as take 40 MiB.
const AT_ONCE: usize = 2;

/// Why a password could not be hashed or compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// The library refused, or the server is stopping.
    #[error("passwords cannot be compared now")]
    Unavailable,
}

/// A password as it was typed. No `Clone`, `Serialize` or `Display`; wiped when dropped.
#[derive(serde::Deserialize)]
#[serde(transparent)]
pub struct PlainPassword(String);

impl PlainPassword {
    /// Takes what was typed.
    #[must_use]
    pub const fn new(typed: String) -> Self {
        Self(typed)
    }

    /// Whether both are the same, to catch a slip of the finger in a new one.
    #[must_use]
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Drop for PlainPassword {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for PlainPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlainPassword")
    }
}

/// The rules of a new password: 12 to 256 characters, not the name, not one character again and again.
///
/// # Errors
/// The rule that it breaks.
pub fn check_password(password: &PlainPassword, name: &str) -> Result<(), FieldErrorCode> {
    let length = password.0.chars().count();
    if length < LIMITS.shortest_password {
        return Err(if length == 0 {
            FieldErrorCode::Required
        } else {
            FieldErrorCode::TooShort
        });
    }
    if length > LIMITS.longest_password {
        return Err(FieldErrorCode::TooLong);
    }
    let lower = password.0.to_lowercase();
    let mut different: Vec<char> = lower.chars().collect();
    different.sort_unstable();
    different.dedup();
    let weak = different.len() < 5
        || lower.contains("password1234")
        || (!name.is_empty() && lower == name.to_lowercase());
    if weak { Err(FieldErrorCode::Weak) } else { Ok(()) }
}

/// A password's hash in PHC form.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHashText(String);

impl PasswordHashText {
    /// From the store's column.
    #[must_use]
    pub const fn from_column(text: String) -> Self {
        Self(text)
    }

    /// For the store's column.
    #[must_use]
    pub fn as_column(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHashText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHashText")
    }
}

/// Hashes and compares passwords.
#[derive(Debug, Clone)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    /// What an unknown name's password is compared with, so that it takes as long as a known one's.
    decoy: PasswordHashText,
}

fn argon() -> Result<Argon2<'static>, PasswordError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|_| PasswordError::Unavailable)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash_now(password: &PlainPassword, salt: [u8; 16]) -> Result<PasswordHashText, PasswordError> {
    let hash: phc::PasswordHash = argon()?
        .hash_password_with_salt(password.0.as_bytes(), &salt)
        .map_err(|_| PasswordError::Unavailable)?;
    Ok(PasswordHashText(hash.to_string()))
}

impl Passwords {
    /// Prepares the decoy; takes as long as one comparison.
    ///
    /// # Errors
    /// When the library refuses.
    pub fn new(entropy: &dyn Entropy) -> Result<Self, PasswordError> {
        let nobodys = PlainPassword::new(URL_SAFE_NO_PAD.encode(entropy.bytes::<16>()));
        Ok(Self {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            decoy: hash_now(&nobodys, entropy.bytes())?,
        })
    }

    /// Hashes a new password.
    ///
    /// # Errors
    /// When the library refuses or the server is stopping.
    pub async fn hash(
        &self,
        password: PlainPassword,
        entropy: &dyn Entropy,
    ) -> Result<PasswordHashText, PasswordError> {
        let salt = entropy.bytes();
        self.away(move || hash_now(&password, salt)).await?
    }

    /// Compares; `None` for an unknown name takes as long and is always false.
    ///
    /// # Errors
    /// When the library refuses or the server is stopping.
    pub async fn matches(
        &self,
        password: PlainPassword,
        hash: Option<PasswordHashText>,
    ) -> Result<bool, PasswordError> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.decoy.clone());
        self.away(move || {
            let parsed = phc::PasswordHash::new(&hash.0).map_err(|_| PasswordError::Unavailable)?;
            let same = argon()?.verify_password(password.0.as_bytes(), &parsed).is_ok();
            Ok(same && known)
        })
        .await?
    }

    async fn away<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PasswordError> {
        let turn = self
            .turns
            .clone()
            .acquire_owned()
            .await
            .map_err(|_| PasswordError::Unavailable)?;
        tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        })
        .await
        .map_err(|_| PasswordError::Unavailable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SystemEntropy;

    #[tokio::test]
    async fn compares_and_never_accepts_the_decoy() {
        let passwords = Passwords::new(&SystemEntropy).unwrap();
        let typed = || PlainPassword::new("correct horse battery".to_owned());
        let hash = passwords.hash(typed(), &SystemEntropy).await.unwrap();
        assert!(hash.as_column().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(passwords.matches(typed(), Some(hash.clone())).await.unwrap());
        assert!(
            !passwords
                .matches(PlainPassword::new("wrong".to_owned()), Some(hash))
                .await
                .unwrap()
        );
        assert!(!passwords.matches(typed(), None).await.unwrap());
    }

    #[test]
    fn rules_of_a_new_password() {
        let check = |text: &str| check_password(&PlainPassword::new(text.to_owned()), "Ingrid Lunde");
        assert_eq!(check(""), Err(FieldErrorCode::Required));
        assert_eq!(check("too short"), Err(FieldErrorCode::TooShort));
        assert_eq!(check("aaaaaaaaaaaaaaaa"), Err(FieldErrorCode::Weak));
        assert_eq!(check("ingrid lunde"), Err(FieldErrorCode::Weak));
        assert_eq!(check("four plain english words"), Ok(()));
    }
}
