//! Exposures: evidence that a permanent secret was where it must not be, and what was done about it. Never the secret:
//! pages and places come masked, without query and fragment.

use serde::{Deserialize, Serialize};

use crate::{ActivityId, ActivityView, Reason, SecretId, Timestamp};

/// How a permanent secret came to light. The words are stored and never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Door {
    /// In a request that a browser made.
    Browser,
    /// In a URL.
    Url,
    /// On a site that is watched.
    Site,
    /// Somebody reported it.
    Report,
}

impl Door {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Browser, Self::Url, Self::Site, Self::Report];

    /// The word in the database and the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::Url => "url",
            Self::Site => "site",
            Self::Report => "report",
        }
    }

    /// Whether the value itself was found. Headers of a browser are evidence, never proof: a proxy that adds a token
    /// to its visitors' requests looks the same. So they never switch a token off by themselves.
    #[must_use]
    pub const fn is_proof(self) -> bool {
        !matches!(self, Self::Browser)
    }
}

/// Evidence that a secret was where it must not be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExposureView {
    /// How it came to light.
    pub door: Door,
    /// Which of the token's secrets; it may have ended since.
    pub secret_id: SecretId,
    /// The page's origin, where the request told it.
    pub origin: Option<String>,
    /// The page itself, as far as the last request told it: without query and fragment.
    pub page: Option<String>,
    /// The file or address that holds the secret, where one was searched or reported.
    pub place: Option<String>,
    /// From which address the last request came.
    pub address: Option<String>,
    /// First time.
    pub first_seen_at: Timestamp,
    /// Last time.
    pub last_seen_at: Timestamp,
    /// How often.
    pub count: u64,
    /// Who has dealt with it; `null` while nobody has, or after it was seen again.
    pub dealt_with: Option<DealtWith>,
}

/// That somebody has dealt with an exposure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DealtWith {
    /// When.
    pub at: Timestamp,
    /// The administrator's name at the time; `null` when it was done on the command line.
    pub by: Option<String>,
    /// Why, in the administrator's words; may be empty.
    pub reason: String,
}

/// Marks all exposures of a token as dealt with, or takes that back.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DealWithExposuresRequest {
    /// `false` takes the last marking back.
    pub dealt_with: bool,
    /// Why, in your own words.
    #[serde(default)]
    pub reason: Reason,
}

/// Which alarms are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlarmsQuery {
    /// Those after this one; the answer waits until there is one, up to 25 seconds. Absent = the latest ones, at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<ActivityId>,
}

/// Alarms, the latest first, at most 20.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlarmsView {
    /// Entries of the activity list of which the action is an alarm.
    pub items: Vec<ActivityView>,
    /// What to ask `after` next.
    pub cursor: ActivityId,
}
