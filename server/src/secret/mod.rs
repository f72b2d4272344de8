//! The only module that sees the bytes of a secret: values of tokens, digests, sealed values, the keyring, signing
//! of temporary tokens, passwords, one-time codes.
//!
//! Nothing in here is serialised, printed or sent, except by the functions whose names say so
//! ([`PlainToken::expose_in_strongroom`]). Never add `Clone`, `Serialize` or `Display` to a type that holds
//! plaintext.

mod code;
mod digest;
mod jwt;
mod keyring;
mod password;
mod plain;
mod sealed;

pub use code::{CodeDigest, OneTimeCode};
pub use digest::{KeySha256, Pepper, TokenDigest, fingerprint};
pub use jwt::{JwtError, LONGEST_TOKEN, SigningKey, VerifyingKeys, decode_payload, key_set};
pub use keyring::{KeyError, Keyring, MasterKey};
pub use password::{PasswordError, PasswordHashText, Passwords, PlainPassword, check_password};
pub use plain::{ImportError, Malformed, PlainToken, Presented, beginning_of_value, holds_value};
pub use sealed::{SealError, SealedSecret};
