//! Claims: one-time codes with which a server fetches a new secret itself. Neither the code nor the secret is here.

use serde::{Deserialize, Serialize};

use crate::{ClaimId, Network, Timestamp};

/// Where a claim stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimStatus {
    /// Nobody has used it, and it can be used.
    Open,
    /// A server has fetched the secret.
    Fetched,
    /// Its time was over before anybody used it.
    Expired,
    /// It was used from where it may not be: nothing was given out, and it opens nothing any more.
    Burned,
    /// It opens nothing any more because of what an administrator did.
    Cancelled,
}

macro_rules! ends {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// Why a claim ended otherwise than by being fetched, or what was tried with it afterwards. The text form is stored and never changes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub enum ClaimEnd {
            $($(#[$doc])* #[serde(rename = $text)] $name,)*
        }

        impl ClaimEnd {
            /// The word in the contract and in the database.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The end with this word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($text => Some(Self::$name),)* _ => None }
            }
        }
    };
}

ends! {
    /// Somebody used the code again after the secret had been fetched.
    UsedAgain = "used_again";
    /// A browser used the code.
    Browser = "browser";
    /// It was used from outside of its network.
    WrongNetwork = "wrong_network";
    /// An administrator cancelled it.
    Cancelled = "cancelled";
    /// A newer handover took its place.
    Superseded = "superseded";
    /// The token was deactivated or deleted.
    TokenOff = "token_off";
}

impl ClaimEnd {
    /// Whether somebody tried what is not allowed, so that an alarm was raised.
    #[must_use]
    pub const fn is_misuse(self) -> bool {
        matches!(self, Self::UsedAgain | Self::Browser | Self::WrongNetwork)
    }
}

/// A claim as administrators see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimView {
    /// Its identity, in the order of time. Not the code.
    pub id: ClaimId,
    /// Where it stands.
    pub status: ClaimStatus,
    /// Where it may be used from; `null` = anywhere.
    pub network: Option<Network>,
    /// How long the secret before goes on working once it is fetched, in seconds.
    pub overlap: i64,
    /// When it was issued.
    pub created_at: Timestamp,
    /// Who issued it: an administrator's name; `null` = the command line.
    pub created_by: Option<String>,
    /// The end of its ten minutes.
    pub expires_at: Timestamp,
    /// When the secret was fetched.
    pub fetched_at: Option<Timestamp>,
    /// From which address, where that was known.
    pub fetched_from: Option<String>,
    /// When it ended otherwise, or was used again.
    pub ended_at: Option<Timestamp>,
    /// Why.
    pub ended_by: Option<ClaimEnd>,
    /// From which address, where that was known.
    pub ended_from: Option<String>,
}

/// The latest claim of a token, if it ever had one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimResponse {
    /// The latest one.
    pub claim: Option<ClaimView>,
}
