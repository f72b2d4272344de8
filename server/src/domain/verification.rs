//! "May this token do that?": recognising a credential, checking it against the present state, and its rights.
//!
//! One core for every door. It decides only; counting, logging and answering belong to the doors.

use std::net::IpAddr;
use std::sync::Arc;

use wire::{
    ErrorCode, Grant, InterfaceName, Kind, MaybeRateLimit, Origin, Permission, Permissions, Timestamp,
};

use super::claims::Claims;
use super::index::{Index, Slot};
use super::interfaces::Interfaces;
use super::refusal::Refusal;
use super::token::{TokenGrant, TokenState, permissions_on};
use crate::secret::{JwtError, Pepper, Presented, decode_payload, fingerprint};

/// A credential as it arrived.
#[derive(Clone, Copy)]
pub struct Credential<'a> {
    /// Its value.
    pub value: &'a str,
    /// Whether it stood in a URL.
    pub in_url: bool,
}

impl std::fmt::Debug for Credential<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Credential(in_url: {})", self.in_url)
    }
}

/// What else the request tells.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// The `Origin` header.
    pub origin: Option<&'a str>,
    /// The `Referer` header.
    pub referer: Option<&'a str>,
    /// Whether `Sec-Fetch-Site` or `Sec-Fetch-Dest` was sent. `Sec-Fetch-Mode` alone proves nothing: Node's fetch
    /// sends it from servers.
    pub fetch_metadata: bool,
    /// The client's address.
    pub client: Option<IpAddr>,
    /// Now.
    pub now: Timestamp,
}

/// How a permanent secret came to light.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Door {
    /// In a request that a browser made.
    Browser,
    /// In a URL.
    Url,
}

impl Door {
    /// The word in the database and the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::Url => "url",
        }
    }
}

/// Evidence that a permanent secret was used from client-side code or put in a URL.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// How it came to light.
    pub door: Door,
    /// Which of the token's secrets.
    pub secret: usize,
    /// The page's origin, where the request told it.
    pub origin: Option<Origin>,
}

/// A credential that was accepted: whose it is and what it may do now.
#[derive(Debug, Clone)]
pub struct Holder {
    /// The permanent token, or the parent of the temporary one.
    pub slot: Arc<Slot>,
    /// Its state at the moment of the decision.
    pub state: Arc<TokenState>,
    /// Which of its secrets was presented, or minted the temporary token.
    pub secret: usize,
    /// The temporary token's claims.
    pub claims: Option<Arc<Claims>>,
    /// Its rights now: of a temporary token, intersected with the parent's.
    pub grants: Vec<TokenGrant>,
}

impl Holder {
    /// The kind for `X-Daypass-Token-Kind`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        if self.claims.is_some() {
            "temporary"
        } else {
            self.state.kind.as_str()
        }
    }
}

/// A credential that was not accepted.
#[derive(Debug)]
pub struct Rejected {
    /// Why.
    pub refusal: Refusal,
    /// Whose it is, where that is known.
    pub slot: Option<Arc<Slot>>,
    /// What it proves beside.
    pub evidence: Option<Evidence>,
}

impl From<Refusal> for Box<Rejected> {
    fn from(refusal: Refusal) -> Self {
        Self::new(Rejected {
            refusal,
            slot: None,
            evidence: None,
        })
    }
}

/// Accepts or refuses a credential.
///
/// # Errors
/// The refusal, with the slot it belongs to and the evidence of an exposure.
pub fn authenticate(
    index: &Index,
    pepper: &Pepper,
    issuer: &str,
    credential: Credential<'_>,
    around: &Surroundings<'_>,
) -> Result<Holder, Box<Rejected>> {
    let settings = index.settings();
    let presented = Presented::recognise(credential.value).map_err(|_| {
        Refusal::new(
            ErrorCode::TokenMalformed,
            "The token starts like one of ours, but its checksum is wrong. It was probably cut off or mistyped when it was copied.",
        )
    })?;
    let holder = match presented {
        Presented::Ours(value) | Presented::Foreign(value) => permanent(
            index,
            pepper,
            value,
            credential.in_url && !settings.allow_token_in_url,
            around,
        )?,
        Presented::Temporary(value) => {
            let endless = settings.allow_endless_temporary_tokens;
            temporary(index, issuer, value, endless, around)?
        }
    };
    let refuse = |refusal| {
        Box::new(Rejected {
            refusal,
            slot: Some(holder.slot.clone()),
            evidence: None,
        })
    };
    check_network(&holder.state, around).map_err(refuse)?;
    check_origin(&holder, around).map_err(refuse)?;
    let limit = match holder.state.rate_limit {
        MaybeRateLimit::Default => settings.default_rate_limit,
        MaybeRateLimit::Unlimited => None,
        MaybeRateLimit::Limited(limit) => Some(limit),
    };
    if let Some(limit) = limit
        && let Err(wait) = holder.slot.bucket.take(limit, around.now)
    {
        return Err(refuse(Refusal {
            retry_after: Some(wait),
            ..Refusal::new(
                ErrorCode::RateLimited,
                format!(
                    "The token's limit is {} requests in {} seconds. Try again in {wait} seconds.",
                    limit.requests, limit.per_seconds
                ),
            )
        }));
    }
    Ok(holder)
}

fn unknown() -> Refusal {
    Refusal::new(
        ErrorCode::TokenUnknown,
        "Nobody issued this token here. Check that it is complete, and that it is meant for this server.",
    )
}

fn permanent(
    index: &Index,
    pepper: &Pepper,
    value: &str,
    url_refused: bool,
    around: &Surroundings<'_>,
) -> Result<Holder, Box<Rejected>> {
    let digest = pepper.digest_presented(value);
    let slot = index.by_digest(&digest).ok_or_else(unknown)?;
    let state = slot.state();
    let secret = state
        .secrets
        .iter()
        .position(|s| s.digest == digest)
        .filter(|_| !state.deleted)
        .ok_or_else(unknown)?;
    let refuse = |refusal, evidence| {
        Box::new(Rejected {
            refusal,
            slot: Some(slot.clone()),
            evidence,
        })
    };
    if state.kind == Kind::Secret {
        let evidence = |door| {
            Some(Evidence {
                door,
                secret,
                origin: page_origin(around),
            })
        };
        if url_refused {
            return Err(refuse(
                Refusal::new(
                    ErrorCode::TokenInUrl,
                    "A permanent token must not stand in a URL: URLs are logged, kept in histories and passed on. Send it in the Authorization header from your server, or put a temporary token from /api/GetTemporaryToken into the URL. Ask an administrator to replace the secret.",
                ),
                evidence(Door::Url),
            ));
        }
        if around.origin.is_some() || around.fetch_metadata {
            return Err(refuse(
                Refusal::new(
                    ErrorCode::ExposedInBrowser,
                    "A permanent token was sent by a browser, so everybody who opens the page can read it. Let your server ask for a temporary token (POST /api/GetTemporaryToken) and give that one to the page. If a proxy of yours adds the token to its visitors' requests, let it drop Origin and Sec-Fetch-… first. Ask an administrator to replace the secret.",
                ),
                evidence(Door::Browser),
            ));
        }
    }
    if state.deactivated {
        return Err(refuse(
            Refusal::new(
                ErrorCode::TokenInactive,
                "An administrator has switched the token off.",
            ),
            None,
        ));
    }
    if state.expires_at.is_some_and(|end| end <= around.now) {
        return Err(refuse(
            Refusal::new(
                ErrorCode::TokenExpired,
                "The token has reached its end. Ask an administrator for a new one or a later end.",
            ),
            None,
        ));
    }
    if !state.secrets[secret].is_live(around.now) {
        return Err(refuse(
            Refusal::new(
                ErrorCode::TokenExpired,
                "The token's secret was replaced and its overlap is over. Use the new secret.",
            ),
            None,
        ));
    }
    let grants = state.grants.clone();
    Ok(Holder {
        slot,
        state,
        secret,
        claims: None,
        grants,
    })
}

fn stopped() -> Refusal {
    Refusal::new(
        ErrorCode::TemporaryTokenStopped,
        "The temporary token was stopped before its time. Ask your server for a new one; if that fails too, an administrator has stopped the token behind it.",
    )
}

/// The claims of a token that is signed by us. A signature that was checked already is not checked anew.
fn checked_claims(index: &Index, issuer: &str, value: &str) -> Result<Arc<Claims>, Refusal> {
    let fingerprint = fingerprint(value);
    if let Some(claims) = index.checked.find(&fingerprint) {
        return Ok(claims);
    }
    let keys = index.keys().ok_or_else(unknown)?;
    let malformed = || {
        Refusal::new(
            ErrorCode::TokenMalformed,
            "The temporary token is not well-formed. It was probably cut off.",
        )
    };
    let payload = keys.verifying.check(value).map_err(|e| match e {
        JwtError::Malformed => malformed(),
        JwtError::UnknownKey | JwtError::Signature | JwtError::Key => unknown(),
    })?;
    let claims: Claims = decode_payload(payload).map_err(|_| malformed())?;
    if claims.iss != issuer || claims.aud != issuer || claims.sub != claims.client_id {
        return Err(unknown());
    }
    let claims = Arc::new(claims);
    index.checked.remember(fingerprint, claims.clone());
    Ok(claims)
}

fn temporary(
    index: &Index,
    issuer: &str,
    value: &str,
    endless_allowed: bool,
    around: &Surroundings<'_>,
) -> Result<Holder, Box<Rejected>> {
    let claims = checked_claims(index, issuer, value)?;
    let slot = index.by_id(&claims.sub).ok_or_else(stopped)?;
    let state = slot.state();
    let refuse = |refusal| {
        Box::new(Rejected {
            refusal,
            slot: Some(slot.clone()),
            evidence: None,
        })
    };
    // Not a moment longer than promised: no leeway for `exp`.
    if claims
        .exp
        .is_some_and(|end| around.now.millis() >= end.saturating_mul(1000))
    {
        return Err(refuse(Refusal::new(
            ErrorCode::TokenExpired,
            "The temporary token has reached its end. Ask your server for a new one.",
        )));
    }
    // What was minted without an end follows the present setting, as all rights follow the parent's present ones.
    if claims.exp.is_none() && !endless_allowed {
        return Err(refuse(Refusal::new(
            ErrorCode::TokenExpired,
            "Temporary tokens without an end are switched off. Ask your server for a new one.",
        )));
    }
    if state.deleted || state.deactivated || state.epoch != claims.epoch {
        return Err(refuse(stopped()));
    }
    if state.expires_at.is_some_and(|end| end <= around.now) {
        return Err(refuse(Refusal::new(
            ErrorCode::TokenExpired,
            "The token behind this temporary token has reached its end.",
        )));
    }
    let secret = state
        .secrets
        .iter()
        .position(|s| s.id == claims.secret_id && s.is_live(around.now))
        .ok_or_else(|| refuse(stopped()))?;
    let grants = claims
        .grants
        .iter()
        .map(|g| TokenGrant {
            interface: g.interface.clone(),
            permissions: g
                .permissions
                .intersection(state.permissions_on(&g.interface))
                .without(Permission::Introspect),
        })
        .filter(|g| !g.permissions.is_empty())
        .collect();
    Ok(Holder {
        slot,
        state,
        secret,
        claims: Some(claims),
        grants,
    })
}

fn page_origin(around: &Surroundings<'_>) -> Option<Origin> {
    match around.origin {
        Some(origin) => Origin::parse(origin).ok(),
        None => around.referer.and_then(Origin::of_url),
    }
}

fn check_network(state: &TokenState, around: &Surroundings<'_>) -> Result<(), Refusal> {
    let allowed = &state.allowed_networks;
    let inside = around
        .client
        .is_some_and(|address| allowed.iter().any(|n| n.contains(address)));
    if allowed.is_empty() || inside {
        return Ok(());
    }
    Err(Refusal::new(
        ErrorCode::NetworkNotAllowed,
        "The token is not allowed from this network. If the request came through a proxy, let it pass the client's address on and name the proxy in trusted_proxies.",
    ))
}

/// Binds honest browsers, not programs: a program can send any origin.
fn check_origin(holder: &Holder, around: &Surroundings<'_>) -> Result<(), Refusal> {
    if holder.claims.is_none() && holder.state.kind == Kind::Secret {
        return Ok(());
    }
    let claimed = holder.claims.as_ref().map_or(&[][..], |c| &c.origins);
    let lists = [&holder.state.allowed_origins[..], claimed];
    if lists.iter().all(|l| l.is_empty()) {
        return Ok(());
    }
    let Some(origin) = page_origin(around) else {
        return Err(Refusal::new(
            ErrorCode::OriginNotAllowed,
            "The token is bound to pages of certain origins, and the request named none: it had no Origin and no usable Referer. A page with Referrer-Policy: no-referrer has to allow the origin to be sent (strict-origin-when-cross-origin), and a proxy has to pass both headers on.",
        ));
    };
    if lists.iter().all(|l| l.is_empty() || l.contains(&origin)) {
        return Ok(());
    }
    Err(Refusal::new(
        ErrorCode::OriginNotAllowed,
        format!(
            "The token is not allowed on pages of {origin}. Ask for a temporary token with this origin, or an administrator to allow it."
        ),
    ))
}

/// Whether the holder has the permission on the interface.
///
/// # Errors
/// The refusal, naming what is missing.
pub fn authorize(
    holder: &Holder,
    interfaces: &Interfaces,
    interface: &str,
    permission: Permission,
) -> Result<Permissions, Refusal> {
    let wanted: Permissions = [permission].into_iter().collect();
    let found = interfaces.find(interface);
    let has = found.map_or(Permissions::NONE, |i| permissions_on(&holder.grants, &i.id));
    if has.contains(permission) {
        return Ok(has);
    }
    let name = found
        .map(|i| i.name.clone())
        .or_else(|| InterfaceName::parse(interface).ok());
    let missing = name
        .into_iter()
        .map(|interface| Grant {
            interface,
            permissions: wanted,
        })
        .collect();
    Err(if has.is_empty() {
        Refusal::missing(
            ErrorCode::InterfaceNotGranted,
            "The token has no rights on this interface. Ask an administrator for the rights that are named under \"missing\".",
            missing,
        )
    } else {
        Refusal::missing(
            ErrorCode::PermissionNotGranted,
            format!(
                "The token may not {permission} on this interface. Ask an administrator for the rights that are named under \"missing\"."
            ),
            missing,
        )
    })
}
