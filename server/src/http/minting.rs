//! Minting for all doors: the domain decides, the present key signs, the request is counted.
//!
//! How a wish arrives and how the answer looks belong to the doors.

use wire::{ErrorCode, FieldError, FieldErrorCode, MintRequest, TemporaryId};

use super::app::App;
use super::error::ApiError;
use super::holder;
use crate::domain::index::Outcome;
use crate::domain::limits::Standings;
use crate::domain::minting::{Minted, mint};
use crate::domain::refusal::Refusal;
use crate::domain::scope;
use crate::domain::verification::{Holder, Surroundings};
use crate::secret::LONGEST_TOKEN;

/// A temporary token and what it is.
pub(super) struct Signed {
    /// The signed token.
    pub(super) token: String,
    /// What it says.
    pub(super) minted: Minted,
    /// How the limits of what it was minted from stand.
    pub(super) standings: Standings,
}

impl std::fmt::Debug for Signed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signed({})", self.minted.claims.jti)
    }
}

/// How a temporary token says its rights.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Says {
    /// By the ids of interfaces.
    Grants,
    /// Also as a scope, which was asked for.
    ScopeToo,
}

/// Mints from a permanent token only.
///
/// # Errors
/// As [`from_any`], and `forbidden` for a temporary token.
pub(super) fn from_permanent(
    app: &App,
    around: &Surroundings<'_>,
    who: &Holder,
    wanted: &MintRequest,
) -> Result<Signed, ApiError> {
    if who.claims.is_some() {
        holder::note_refusal(app, Some(who), ErrorCode::Forbidden, around.now);
        return Err(Refusal::new(
            ErrorCode::Forbidden,
            "A temporary token cannot ask for another one here. Let your server ask, with the permanent token; or narrow this one by a token exchange at /oauth2/token.",
        )
        .into());
    }
    from_any(app, around, who, wanted, Says::Grants)
}

/// Mints from a permanent or a temporary token; from the latter only what is narrower.
///
/// # Errors
/// The refusal, counted and logged already; or that there is no key to sign with.
pub(super) fn from_any(
    app: &App,
    around: &Surroundings<'_>,
    who: &Holder,
    wanted: &MintRequest,
    says: Says,
) -> Result<Signed, ApiError> {
    let now = around.now;
    let jti = app
        .entropy
        .new_id::<TemporaryId>(now)
        .ok_or(ApiError::Internal("an id could not be made"))?;
    let mut minted = mint(
        who,
        &app.index.interfaces(),
        &app.index.settings(),
        app.site.issuer.as_str(),
        wanted,
        now,
        jti,
    )
    .inspect_err(|r| holder::note_refusal(app, Some(who), r.code, now))?;
    if says == Says::ScopeToo {
        minted.claims.scope = Some(scope::write(&minted.grants));
    }
    let keys = app
        .index
        .keys()
        .ok_or(ApiError::Internal("there is no signing key"))?;
    let token = keys
        .signing_at(now)
        .ok_or(ApiError::Internal("there is no signing key"))?
        .sign(&minted.claims)
        .map_err(|_| ApiError::Internal("a token could not be signed"))?;
    if token.len() > LONGEST_TOKEN {
        let refusal = Refusal::fields(vec![FieldError {
            detail: "so many rights make a token that nobody takes; ask for fewer interfaces".to_owned(),
            ..FieldError::new("grants", FieldErrorCode::TooLong)
        }]);
        holder::note_refusal(app, Some(who), ErrorCode::InvalidRequest, now);
        return Err(refusal.into());
    }
    holder::count(app, who, Outcome::Minted, around);
    Ok(Signed {
        token,
        minted,
        standings: who.standings,
    })
}
