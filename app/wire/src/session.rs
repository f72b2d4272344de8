//! Who is signed in.

use serde::{Deserialize, Serialize};

use crate::{Timestamp, UserId};

/// A language that the app and the documents speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Language {
    /// English.
    #[serde(rename = "en")]
    English,
    /// Norwegian bokmål.
    #[serde(rename = "nb")]
    Bokmal,
    /// German.
    #[serde(rename = "de")]
    German,
}

impl Language {
    /// All of them, the default first.
    pub const ALL: [Self; 3] = [Self::English, Self::Bokmal, Self::German];

    /// Its tag (RFC 5646).
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Bokmal => "nb",
            Self::German => "de",
        }
    }

    /// The language of a tag.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }
}

/// Changes the administrator who asks: `PATCH /api/admin/v1/users/current`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PatchCurrentUserRequest {
    /// The language of the app; `null` = that of the browser.
    #[serde(
        default,
        deserialize_with = "crate::token::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub language: Option<Option<Language>>,
}

/// An administrator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserView {
    /// Its identity.
    pub id: UserId,
    /// The name to sign in with.
    pub name: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// The chosen language; `null` = that of the browser.
    #[serde(default)]
    pub language: Option<Language>,
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
