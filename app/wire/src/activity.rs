//! The activity list: who did what, when, to what, from where. Never a secret.

use serde::{Deserialize, Serialize};

use crate::{ActivityId, Timestamp};

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// What was done. The text form is stored and never changes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ActivityAction {
            $($(#[$doc])* #[serde(rename = $text)] $name,)*
        }

        impl ActivityAction {
            /// Every action.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The word in the contract and in the database.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

actions! {
    /// An administrator was created.
    UserCreated = "user.created";
    /// An administrator signed in.
    SessionCreated = "session.created";
    /// An administrator signed out.
    SessionEnded = "session.ended";
    /// An interface was made.
    InterfaceCreated = "interface.created";
    /// An interface was changed.
    InterfaceUpdated = "interface.updated";
    /// An interface was deleted.
    InterfaceDeleted = "interface.deleted";
    /// A token was made.
    TokenCreated = "token.created";
    /// A token was changed.
    TokenUpdated = "token.updated";
    /// A token was switched off.
    TokenDeactivated = "token.deactivated";
    /// A token was switched on.
    TokenActivated = "token.activated";
    /// A token was deleted.
    TokenDeleted = "token.deleted";
    /// All temporary tokens of a token were stopped.
    TokenTemporaryStopped = "token.temporary_stopped";
    /// A holder ended its own secret or temporary token.
    TokenRevoked = "token.revoked";
    /// A strongroom ticket was asked for.
    HandoverStarted = "handover.started";
    /// A secret was generated and shown.
    SecretGenerated = "secret.generated";
    /// An existing key was taken over.
    SecretImported = "secret.imported";
    /// An existing key was taken over by its digest.
    SecretImportedByDigest = "secret.imported_by_digest";
    /// A one-time code was issued with which a server fetches a new secret.
    ClaimIssued = "claim.issued";
    /// A server fetched a new secret with a one-time code. The actor is who issued the code, the address the server's.
    SecretClaimed = "secret.claimed";
    /// A one-time code was cancelled before a server used it.
    ClaimCancelled = "claim.cancelled";
    /// A replaced secret was ended before its overlap was over.
    SecretEnded = "secret.ended";
    /// The list of tokens was exported.
    TokensExported = "tokens.exported";
    /// A permanent secret was used from client-side code or put in a URL.
    ExposureRecorded = "exposure.recorded";
    /// Somebody reported that a permanent secret is public.
    LeakReported = "leak.reported";
    /// A permanent secret stands on a site that is watched.
    SiteLeakFound = "site.leak_found";
    /// A claim code was used a second time, from a wrong network or by a browser; it is burnt.
    ClaimRefused = "claim.refused";
    /// The exposures of a token were marked as dealt with.
    ExposuresDealtWith = "exposures.dealt_with";
    /// That marking was taken back.
    ExposuresReopened = "exposures.reopened";
    /// A site was registered, to be watched.
    SiteCreated = "site.created";
    /// A watched site was paused, or is watched again.
    SiteUpdated = "site.updated";
    /// A site is watched no longer.
    SiteDeleted = "site.deleted";
    /// Settings were changed.
    SettingsUpdated = "settings.updated";
    /// A new key was made that signs temporary tokens from a moment on.
    SigningKeyRotated = "signing_key.rotated";
}

impl ActivityAction {
    /// Whether administrators should know of it at once, wherever they are.
    #[must_use]
    pub const fn is_alarm(self) -> bool {
        matches!(
            self,
            Self::ExposureRecorded | Self::LeakReported | Self::SiteLeakFound | Self::ClaimRefused
        )
    }
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityView {
    /// Its identity, in the order of time.
    pub id: ActivityId,
    /// When.
    pub at: Timestamp,
    /// What.
    pub action: ActivityAction,
    /// Who.
    pub actor: ActorView,
    /// To what.
    pub subject: SubjectView,
    /// From which address.
    pub address: Option<String>,
    /// What changed.
    pub changes: Vec<ChangeView>,
}

/// One field before and after, as text. Never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeView {
    /// The field as the contract names it.
    pub field: String,
    /// Before; `null` where there was nothing.
    pub before: Option<String>,
    /// After; `null` where nothing is left.
    pub after: Option<String>,
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActorView {
    /// `user`, `token`, `command_line` or `system`.
    pub kind: String,
    /// The name at the time.
    pub name: Option<String>,
}

/// What it was done to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubjectView {
    /// `token`, `interface`, `user`, `settings`, `session`, `site` or `signing_key`.
    pub kind: String,
    /// Its id, where it has one.
    pub id: Option<String>,
    /// The name at the time.
    pub name: Option<String>,
}

/// A page of entries.
pub type Activity = crate::Page<ActivityView>;
