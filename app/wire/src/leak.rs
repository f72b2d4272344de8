//! Where permanent secrets stand that are public: what a scanner asks about, and sites that are watched. Never a
//! secret: values are named by hints and by the first bits of digests.

use serde::{Deserialize, Serialize};

use crate::{Kind, Origin, SiteId, Timestamp, TokenReference};

/// What is known of a range of digests: `GET /api/TokenDigests`. Whoever asks names 20 bits, so nobody learns
/// which value was meant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TokenDigests {
    /// Every generated secret whose digest starts with the range.
    pub digests: Vec<KnownDigest>,
}

/// A secret that was generated here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownDigest {
    /// The first 32 bits of SHA-256 of its value, as eight hexadecimal digits.
    pub digest: String,
    /// Secret or public.
    pub kind: Kind,
    /// Whether it is accepted now.
    pub live: bool,
}

/// A site that is watched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteView {
    /// Its identity.
    pub id: SiteId,
    /// Where it is.
    pub origin: Origin,
    /// Whether it is left out of the daily search.
    pub paused: bool,
    /// Whether it is being searched now.
    pub searching: bool,
    /// What the last search found; `null` before the first.
    pub last_search: Option<SiteSearch>,
    /// When it was registered.
    pub created_at: Timestamp,
    /// Counts changes; a PATCH carries it.
    pub version: i64,
}

/// What a search of a site found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteSearch {
    /// When it began.
    pub started_at: Timestamp,
    /// When it was over.
    pub ended_at: Timestamp,
    /// Why the site could not be searched at all; `null` where it could.
    pub failure: Option<String>,
    /// Files that were searched.
    pub files: u64,
    /// Bytes that were searched.
    pub bytes: u64,
    /// Values that were found, at most 100.
    pub findings: Vec<SiteFinding>,
    /// All places at which values were found.
    pub total: u64,
    /// What was not searched, at most 20: `address: reason`.
    pub not_searched: Vec<String>,
}

/// A value that stands on a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteFinding {
    /// The file, masked.
    pub place: String,
    /// Its line, from 1; 0 = in the name.
    pub line: u64,
    /// Secret or public.
    pub kind: Kind,
    /// Prefix, first four and last two characters.
    pub hint: String,
    /// Whose value it is; `null` = of no token that is here (any more).
    pub token: Option<TokenReference>,
}

/// Registers a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateSiteRequest {
    /// Where it is.
    pub origin: Origin,
}

/// Changes a site: an absent field stays.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PatchSiteRequest {
    /// The version that the change starts from; a stale one is a conflict.
    pub version: i64,
    /// See [`SiteView::paused`].
    #[serde(
        default,
        deserialize_with = "crate::token::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub paused: Option<bool>,
}
