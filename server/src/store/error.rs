//! What can go wrong in the store, in the words of the domain.

use wire::{ClaimEnd, FieldError, TokensInTheWay};

/// Why a one-time code or ticket opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeRefusal {
    /// Nobody issued it, or for something else, or to somebody else.
    Unknown,
    /// It was used before.
    Used,
    /// Its time is over.
    Expired,
}

/// Why the code of a claim opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimRefusal {
    /// Nobody issued it.
    Unknown,
    /// Its ten minutes are over.
    Expired,
    /// It ended before, for this reason.
    Ended(ClaimEnd),
    /// It was used as it must not be; the alarm was raised.
    Misused(ClaimEnd),
}

/// Why a use case failed. The data is as it was before, but for [`StoreError::Driver`] where the way to the database was lost
/// before it could answer a commit.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database or the way to it.
    #[error("the database: {0}")]
    Driver(#[from] sqlx::Error),
    /// The database's form could not be brought up to date.
    #[error("the database's migrations: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The database holds something that this program never writes.
    #[error("the database is inconsistent: {0}")]
    Inconsistent(&'static str),
    /// There is no such token, interface or user.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// Somebody else changed it in the meantime.
    #[error("it was changed in the meantime")]
    Stale,
    /// The name is in use, or was in use where names are never given twice.
    #[error("the name is taken")]
    NameTaken,
    /// Only inactive tokens are deleted.
    #[error("the token is not inactive")]
    NotInactive,
    /// The current secret of a token is replaced, or the token deactivated; it is not ended by itself.
    #[error("the secret is the token's current one")]
    SecretIsCurrent,
    /// Fields break rules.
    #[error("fields break rules")]
    Rules(Vec<FieldError>),
    /// Tokens stand in the way.
    #[error("tokens stand in the way")]
    InTheWay(TokensInTheWay),
    /// The key that was to be taken over is another token's secret already.
    #[error("the key is in use")]
    KeyInUse,
    /// A new signing key waits for its moment already.
    #[error("a signing key waits for its moment already")]
    KeyWaits,
    /// The one-time code opens nothing.
    #[error("the one-time code opens nothing")]
    Code(CodeRefusal),
    /// The code of a claim opens nothing. A misuse of it was written down; nothing else was changed.
    #[error("the code of the claim opens nothing")]
    Claim(ClaimRefusal),
    /// Only an empty database is filled from a seed.
    #[error("the database is not empty")]
    NotEmpty,
    /// Set-up is over: an administrator exists.
    #[error("an administrator exists already")]
    AlreadySetUp,
}

/// Turns the violation of a unique index into a refusal: by its name on PostgreSQL, by its columns on SQLite.
pub(super) fn on_unique(
    error: sqlx::Error,
    index: &'static str,
    columns: &'static str,
    refusal: StoreError,
) -> StoreError {
    let hit = error.as_database_error().is_some_and(|e| {
        e.is_unique_violation()
            && match e.constraint() {
                Some(name) => name == index,
                None => e.message().contains(columns),
            }
    });
    if hit { refusal } else { StoreError::Driver(error) }
}
