//! Interfaces: named collections of the protected API.

use serde::{Deserialize, Serialize};

use crate::{Description, InterfaceId, InterfaceName, Timestamp};

/// An interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterfaceView {
    /// Its identity; temporary tokens carry it.
    pub id: InterfaceId,
    /// Its name; once used, it is never given to another interface.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Whether its content is to be treated as public.
    pub public: bool,
    /// How many tokens have a grant on it.
    pub token_count: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// Counts changes; a PATCH carries it.
    pub version: i64,
}

/// Makes an interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateInterfaceRequest {
    /// Unique without regard to case, also among names of the past.
    pub name: InterfaceName,
    /// What it is.
    #[serde(default)]
    pub description: Description,
    /// Whether its content is to be treated as public.
    #[serde(default)]
    pub public: bool,
}

/// Changes an interface: an absent field stays, and none can be `null` (send an empty description to clear it).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PatchInterfaceRequest {
    /// The version that the change starts from; a stale one is a conflict.
    pub version: i64,
    /// A new name; grants stay.
    #[serde(
        default,
        deserialize_with = "crate::token::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub name: Option<InterfaceName>,
    /// A new description.
    #[serde(
        default,
        deserialize_with = "crate::token::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub description: Option<Description>,
    /// Whether its content is to be treated as public. Refused while public tokens reach it.
    #[serde(
        default,
        deserialize_with = "crate::token::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub public: Option<bool>,
}
