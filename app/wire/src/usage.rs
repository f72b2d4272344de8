//! What a token is used for: `GET /api/admin/v1/tokens/{id}/usage`, and what there is in all: `GET …/overview`.

use serde::{Deserialize, Serialize};

use crate::{Attention, Status, Timestamp};

/// Which stretch of time is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsageQuery {
    /// The last so many days, 1 ..= 395 (13 months).
    #[serde(default = "month")]
    pub days: u16,
}

const fn month() -> u16 {
    30
}

impl Default for UsageQuery {
    fn default() -> Self {
        Self { days: month() }
    }
}

/// What a token was used for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageView {
    /// Requests that were answered yes.
    pub allowed: u64,
    /// Requests that were refused.
    pub refused: u64,
    /// Temporary tokens that were minted.
    pub minted: u64,
    /// When it was last accepted.
    pub last_used_at: Option<Timestamp>,
    /// One entry per day (UTC) of the stretch, the oldest first, days without use too.
    pub days: Vec<UsageDay>,
    /// Where it was used from, latest first, at most 100.
    pub sources: Vec<UsageSource>,
}

/// One day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageDay {
    /// Its beginning, in UTC.
    pub day: Timestamp,
    /// Requests that were answered yes.
    pub allowed: u64,
    /// Requests that were refused.
    pub refused: u64,
    /// Temporary tokens that were minted.
    pub minted: u64,
}

/// Where a token was used from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageSource {
    /// An address or the origin of a page.
    pub kind: SourceKind,
    /// The address or origin itself.
    pub value: String,
    /// When it was last seen.
    pub last_seen_at: Timestamp,
    /// How often it was seen in all.
    pub count: u64,
}

/// What a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// The network address of a client.
    Address,
    /// The origin of a page.
    Origin,
}

/// How many tokens there are, and which of them need attention.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverviewView {
    /// Tokens in all.
    pub total: u64,
    /// Tokens by state; every state has an entry.
    pub states: Vec<StateCount>,
    /// Tokens that need attention for any reason.
    pub needs_attention: u64,
    /// Reasons that at least one token has, the most urgent first. A token counts under each of its reasons.
    pub attention: Vec<AttentionCount>,
    /// Interfaces.
    pub interfaces: u64,
    /// Whether any token was ever used.
    pub used: bool,
}

/// Tokens in one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateCount {
    /// The state.
    pub status: Status,
    /// How many.
    pub count: u64,
}

/// Tokens with one reason for attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttentionCount {
    /// The reason.
    pub reason: Attention,
    /// How many.
    pub count: u64,
}
