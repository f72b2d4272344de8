//! The keys that sign temporary tokens: `GET /api/admin/v1/signing-keys`, `POST /api/admin/v1/signing-keys/rotate`.
//! Public halves and times only.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// What a key does now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SigningKeyState {
    /// It is in the key set already, and signs from its moment on.
    Next,
    /// It signs.
    Signing,
    /// It signs no more; what it signed is accepted until the last of it has ended.
    Verifying,
}

/// A key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SigningKeyView {
    /// Its `kid`.
    pub id: String,
    /// What it does now.
    pub state: SigningKeyState,
    /// When it was made and put into the key set.
    pub created_at: Timestamp,
    /// From when on it signs.
    pub signs_from: Timestamp,
    /// Until when what it signed is accepted at most, once another key signs; `null` while it signs, and where it may
    /// have signed tokens without an end.
    pub verifies_until: Option<Timestamp>,
}

/// Makes a new key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RotateSigningKeyRequest {
    /// For a key that somebody else may have: the new one signs at once, and all temporary tokens of before are refused.
    #[serde(default)]
    pub at_once: bool,
}
