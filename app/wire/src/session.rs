//! Who is signed in.

use serde::{Deserialize, Serialize};

use crate::{Timestamp, UserId};

/// An administrator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserView {
    /// Its identity.
    pub id: UserId,
    /// The name to sign in with.
    pub name: String,
    /// When it was created.
    pub created_at: Timestamp,
}

/// The session that asks: `GET /api/admin/v1/sessions/current`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurrentSession {
    /// Who is signed in.
    pub user: UserView,
    /// When it ends whatever happens.
    pub expires_at: Timestamp,
    /// Whether API access is switched on.
    pub api_enabled: bool,
    /// The default lifetime of temporary tokens, in seconds, for "default (15 minutes)".
    pub default_temporary_lifetime: i64,
    /// Whether temporary tokens without an end may be chosen.
    pub allow_endless_temporary_tokens: bool,
}
