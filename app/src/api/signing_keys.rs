//! The keys that sign temporary tokens: public halves and times only.

use http::Method;
use wire::{RotateSigningKeyRequest, SigningKeyView};

use super::{ApiError, get, send};

/// All that are in use, the one that signs last first.
pub(crate) async fn list_signing_keys() -> Result<Vec<SigningKeyView>, ApiError> {
    get("signing-keys".to_owned()).await
}

/// Makes a new key, that signs later or at once. Answers the keys as they are then.
pub(crate) async fn rotate_signing_key(at_once: bool) -> Result<Vec<SigningKeyView>, ApiError> {
    let request = RotateSigningKeyRequest { at_once };
    send(Method::POST, "signing-keys/rotate".to_owned(), &request).await
}
