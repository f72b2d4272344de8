//! "May this token do that?": recognising a credential, checking it against the present state, and its rights.
//!
//! One core for every door. It decides only; counting, logging and answering belong to the doors.

use std::net::IpAddr;
use std::sync::Arc;

use wire::{
    Door, ErrorCode, Grant, HelpLanguage, InterfaceId, InterfaceName, Kind, MaybeRateLimit, Origin,
    Permission, Permissions, RateLimit, Timestamp,
};

use super::claims::Claims;
use super::exposure::presentable;
use super::index::{Index, Missing, Slot};
use super::interfaces::Interfaces;
use super::limits::{Empty, Policy, Standings};
use super::refusal::Refusal;
use super::settings::Settings;
use super::token::{TokenGrant, TokenState};
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

impl Surroundings<'_> {
    /// Whether a browser made the request, by what it cannot leave out.
    #[must_use]
    pub const fn is_browser(&self) -> bool {
        self.origin.is_some() || self.fetch_metadata
    }
}

/// Evidence that a permanent secret was used from client-side code or put in a URL.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// How it came to light.
    pub door: Door,
    /// The page's origin, where the request told it.
    pub origin: Option<Origin>,
    /// The page as it may be kept: the `Referer`, or else the origin; empty where the request told neither.
    pub page: String,
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
    /// Whether a server asks: the permanent secret came with the request, which no visitor has.
    pub by_server: bool,
    /// How its limits stand after this request; those that are in force.
    pub standings: Standings,
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

    /// What it may do with an interface now: of a temporary token, its own rights cut down to the parent's present
    /// ones.
    #[must_use]
    pub fn permissions_on(&self, interface: &InterfaceId) -> Permissions {
        let Some(claims) = &self.claims else {
            return self.state.permissions_on(interface);
        };
        claims
            .grants
            .iter()
            .find(|g| g.interface == *interface)
            .map_or(Permissions::NONE, |g| self.cut_down(interface, g.permissions))
    }

    fn cut_down(&self, interface: &InterfaceId, claimed: Permissions) -> Permissions {
        claimed
            .intersection(self.state.permissions_on(interface))
            .without(Permission::Introspect)
    }

    /// The interfaces that it has rights on, with the rights.
    pub fn rights(&self) -> impl Iterator<Item = (&InterfaceId, Permissions)> {
        let claimed = self.claims.as_ref().map(|claims| {
            claims
                .grants
                .iter()
                .map(|g| (&g.interface, self.cut_down(&g.interface, g.permissions)))
        });
        let own = claimed
            .is_none()
            .then(|| self.state.grants.iter().map(|g| (&g.interface, g.permissions)));
        claimed
            .into_iter()
            .flatten()
            .chain(own.into_iter().flatten())
            .filter(|(_, permissions)| !permissions.is_empty())
    }

    /// Its rights as grants.
    #[must_use]
    pub fn grants(&self) -> Vec<TokenGrant> {
        self.rights()
            .map(|(interface, permissions)| TokenGrant {
                interface: interface.clone(),
                permissions,
            })
            .collect()
    }
}

/// A credential that was not accepted.
#[derive(Debug)]
pub struct Rejected {
    /// Why.
    pub refusal: Refusal,
    /// Whose it is, where that is known; in the state in which it was refused, since the next one may have other secrets.
    pub holder: Option<Holder>,
    /// What it proves beside.
    pub evidence: Option<Evidence>,
    /// What is not in the index. As long as that is not complete, the refusal holds only if the database does not
    /// have it either.
    pub missing: Option<Missing>,
}

impl Rejected {
    fn for_want_of(missing: Missing, refusal: Refusal) -> Box<Self> {
        let mut rejected = Box::<Self>::from(refusal);
        rejected.missing = Some(missing);
        rejected
    }
}

impl From<Refusal> for Box<Rejected> {
    fn from(refusal: Refusal) -> Self {
        Self::new(Rejected {
            refusal,
            holder: None,
            evidence: None,
            missing: None,
        })
    }
}

/// What a credential is accepted for: which limit it counts against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A question.
    Verify,
    /// A temporary token.
    Mint,
    /// Ending the credential itself, or what belongs to the same token. No limit stands in the way of that, and nothing
    /// that an administrator may take back: what is switched off today works again tomorrow, unless it is ended.
    Revoke,
    /// Saying, beside another token, which application asks. It is the other one that counts.
    Application,
    /// Nothing: it came with a request that is refused for something else. An exposure is one all the same.
    Notice,
}

/// Accepts or refuses a credential that came with a request.
///
/// # Errors
/// The refusal, with the slot it belongs to and the evidence of an exposure.
pub fn authenticate(
    index: &Index,
    pepper: &Pepper,
    issuer: &str,
    credential: Credential<'_>,
    purpose: Purpose,
    around: &Surroundings<'_>,
) -> Result<Holder, Box<Rejected>> {
    let settings = index.settings();
    let mut holder = recognise(index, pepper, issuer, credential.value)?;
    let refuse = |holder: &Holder, refusal| {
        Box::new(Rejected {
            refusal,
            holder: Some(holder.clone()),
            evidence: None,
            missing: None,
        })
    };
    check_exposure(&holder, credential.in_url && !settings.allow_token_in_url, around)?;
    let state = match purpose {
        Purpose::Revoke => check_end(&holder, around.now),
        _ => check_state(&holder, &settings, around.now),
    };
    state.map_err(|r| refuse(&holder, r))?;
    check_network(&holder, around).map_err(|r| refuse(&holder, r))?;
    check_origin(&holder, around).map_err(|r| refuse(&holder, r))?;
    holder.standings =
        take_from_limits(index, &settings, &holder, purpose, around).map_err(|r| refuse(&holder, r))?;
    Ok(holder)
}

/// Whose a credential is that somebody else ends: as [`authenticate`] for [`Purpose::Revoke`], but where it was sent
/// from does not matter.
///
/// # Errors
/// The refusal, where it can never be accepted again.
pub fn identify(
    index: &Index,
    pepper: &Pepper,
    issuer: &str,
    value: &str,
    now: Timestamp,
) -> Result<Holder, Box<Rejected>> {
    let holder = recognise(index, pepper, issuer, value)?;
    check_end(&holder, now)?;
    Ok(holder)
}

fn unknown() -> Refusal {
    Refusal::new(
        ErrorCode::TokenUnknown,
        "Nobody issued this token here. Check that it is complete, and that it is meant for this server.",
    )
}

fn expired(detail: &'static str) -> Refusal {
    Refusal::new(ErrorCode::TokenExpired, detail)
}

/// Whose it is; whether it is accepted is another question.
fn recognise(index: &Index, pepper: &Pepper, issuer: &str, value: &str) -> Result<Holder, Box<Rejected>> {
    let presented = Presented::recognise(value).map_err(|_| {
        Refusal::new(
            ErrorCode::TokenMalformed,
            "The token starts like one of ours, but its checksum is wrong. It was probably cut off or mistyped when it was copied.",
        )
    })?;
    match presented {
        Presented::Ours(value) | Presented::Foreign(value) => {
            let digest = pepper.digest_presented(value);
            let slot = index
                .by_digest(&digest)
                .ok_or_else(|| Rejected::for_want_of(Missing::Digest(digest), unknown()))?;
            let state = slot.state();
            let secret = state
                .secrets
                .iter()
                .position(|s| s.digest == digest)
                .filter(|_| !state.deleted)
                .ok_or_else(unknown)?;
            Ok(Holder {
                slot,
                by_server: state.kind == Kind::Secret,
                state,
                secret,
                claims: None,
                standings: [None; 2],
            })
        }
        Presented::Temporary(value) => {
            let claims = checked_claims(index, issuer, value)?;
            let slot = index
                .by_id(&claims.sub)
                .ok_or_else(|| Rejected::for_want_of(Missing::Token(claims.sub.clone()), stopped()))?;
            let state = slot.state();
            let secret = state
                .secrets
                .iter()
                .position(|s| s.id == claims.secret_id)
                .filter(|_| !state.deleted)
                .ok_or_else(stopped)?;
            Ok(Holder {
                slot,
                state,
                secret,
                claims: Some(claims),
                by_server: false,
                standings: [None; 2],
            })
        }
    }
}

/// The browser rule and the URL rule: a permanent secret is refused where it must not be, whatever its state.
fn check_exposure(
    holder: &Holder,
    url_refused: bool,
    around: &Surroundings<'_>,
) -> Result<(), Box<Rejected>> {
    if holder.claims.is_some() || holder.state.kind == Kind::Public {
        return Ok(());
    }
    let (door, refusal) = if url_refused {
        (
            Door::Url,
            Refusal::new(
                ErrorCode::TokenInUrl,
                "A permanent token must not stand in a URL: URLs are logged, kept in histories and passed on. Send it in the Authorization header from your server, or put a temporary token into the URL: your server gets one with POST /api/GetTemporaryToken, as the code under \"help\" does. This was recorded; ask an administrator to replace the secret.",
            ),
        )
    } else if around.is_browser() {
        (
            Door::Browser,
            Refusal::new(
                ErrorCode::ExposedInBrowser,
                "A permanent token was sent by a browser, so everybody who opens the page can read it. 1. Move it to your server. 2. Let your server ask for a temporary token (POST /api/GetTemporaryToken), as the code under \"help\" does; /api/guides/node, /api/guides/wordpress and /api/guides/static-site show the whole way. 3. Give that one to the page. This was recorded; ask an administrator to replace the secret. If a proxy of yours adds the token to its visitors' requests, let it drop Origin and Sec-Fetch-… first.",
            ),
        )
    } else {
        return Ok(());
    };
    let page = page(around);
    let help = Some(HelpLanguage::of_page(&page));
    Err(Box::new(Rejected {
        refusal: Refusal { help, ..refusal },
        holder: Some(holder.clone()),
        evidence: Some(Evidence {
            door,
            origin: page_origin(around),
            page,
        }),
        missing: None,
    }))
}

/// The page that a request comes from. Where `Origin` and `Referer` contradict each other, the origin counts.
fn page(around: &Surroundings<'_>) -> String {
    let origin = page_origin(around);
    let referer = around
        .referer
        .filter(|referer| origin.is_some() && Origin::of_url(referer) == origin);
    match (referer, origin) {
        (Some(referer), _) => presentable(referer),
        (None, Some(origin)) => origin.into(),
        (None, None) => String::new(),
    }
}

/// Whether it has ended for good: no change of the token or of the settings, and no clock, brings it back.
fn check_end(holder: &Holder, now: Timestamp) -> Result<(), Refusal> {
    let is_live = holder.state.secrets[holder.secret].is_live(now);
    let Some(claims) = &holder.claims else {
        return if is_live { Ok(()) } else { Err(secret_ended()) };
    };
    check_own_end(claims, now)?;
    let is_stopped = || holder.slot.stopped().is_some_and(|list| list.holds(claims));
    if holder.state.epoch != claims.epoch || !is_live || is_stopped() {
        return Err(stopped());
    }
    Ok(())
}

/// Whether it is accepted now, from wherever it comes.
fn check_state(holder: &Holder, settings: &Settings, now: Timestamp) -> Result<(), Refusal> {
    if let Some(claims) = &holder.claims {
        return check_temporary(holder, claims, settings, now);
    }
    let state = &holder.state;
    if state.deactivated {
        return Err(Refusal::new(
            ErrorCode::TokenInactive,
            "An administrator has switched the token off.",
        ));
    }
    if state.expires_at.is_some_and(|end| end <= now) {
        return Err(expired(
            "The token has reached its end. Ask an administrator for a new one or a later end.",
        ));
    }
    check_end(holder, now)
}

fn secret_ended() -> Refusal {
    expired("The token's secret was ended, or replaced and its overlap is over. Use the new secret.")
}

fn stopped() -> Refusal {
    Refusal::new(
        ErrorCode::TemporaryTokenStopped,
        "The temporary token was stopped before its time. Ask your server for a new one; if that fails too, an administrator has stopped the token behind it.",
    )
}

/// How far clocks may be apart for the beginning of a temporary token, in seconds. None for its end.
const LEEWAY: i64 = 30;

/// Not a moment longer than promised: no leeway for `exp`.
fn check_own_end(claims: &Claims, now: Timestamp) -> Result<(), Refusal> {
    let ends = claims.exp.map(|end| end.saturating_mul(1000));
    if ends.is_some_and(|end| now.millis() >= end) {
        return Err(expired(
            "The temporary token has reached its end. Ask your server for a new one.",
        ));
    }
    Ok(())
}

fn check_temporary(
    holder: &Holder,
    claims: &Claims,
    settings: &Settings,
    now: Timestamp,
) -> Result<(), Refusal> {
    let state = &holder.state;
    check_own_end(claims, now)?;
    // What was minted without an end follows the present setting, as all rights follow the parent's present ones.
    if claims.exp.is_none() && !settings.allow_endless_temporary_tokens {
        return Err(expired(
            "Temporary tokens without an end are switched off. Ask your server for a new one.",
        ));
    }
    let begins = claims.nbf.unwrap_or(claims.iat).max(claims.iat);
    if begins.saturating_sub(LEEWAY) > now.seconds() {
        return Err(Refusal::new(
            ErrorCode::TokenMalformed,
            "The temporary token begins in the future. The clock of the server that minted it, or of the one that checks it, is wrong.",
        ));
    }
    if state.deactivated || state.epoch != claims.epoch {
        return Err(stopped());
    }
    if state.expires_at.is_some_and(|end| end <= now) {
        return Err(expired(
            "The token behind this temporary token has reached its end.",
        ));
    }
    check_end(holder, now)
}

/// The claims of a token that is signed by us. A signature that was checked already is not checked anew.
fn checked_claims(index: &Index, issuer: &str, value: &str) -> Result<Arc<Claims>, Refusal> {
    let fingerprint = fingerprint(value);
    let keys = index.keys().ok_or_else(unknown)?;
    if let Some(claims) = index.checked.find(&fingerprint, keys.generation()) {
        return Ok(claims);
    }
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
    index
        .checked
        .remember(fingerprint, value.len(), claims.clone(), keys.generation());
    Ok(claims)
}

fn page_origin(around: &Surroundings<'_>) -> Option<Origin> {
    match around.origin {
        Some(origin) => Origin::parse(origin).ok(),
        None => around.referer.and_then(Origin::of_url),
    }
}

/// Whether it is what visitors of pages hold, not servers: it has a share per client network, and pages it is bound to.
fn is_visitors(holder: &Holder) -> bool {
    holder.claims.is_some() || holder.state.kind == Kind::Public
}

fn take_from_limits(
    index: &Index,
    settings: &Settings,
    holder: &Holder,
    purpose: Purpose,
    around: &Surroundings<'_>,
) -> Result<Standings, Refusal> {
    let limit = match holder.state.rate_limit {
        MaybeRateLimit::Default => settings.default_rate_limit,
        MaybeRateLimit::Unlimited => None,
        MaybeRateLimit::Limited(limit) => Some(limit),
    };
    let (Some(limit), Purpose::Verify | Purpose::Mint) = (limit, purpose) else {
        return Ok([None; 2]);
    };
    let mut visitor = None;
    if let (true, Some(client)) = (is_visitors(holder), around.client) {
        visitor = index
            .visitors
            .take(&holder.state.id, client, limit, around.now)
            .map_err(|empty| used_up(Policy::Visitor, empty))?;
    }
    let (policy, bucket) = match purpose {
        Purpose::Mint => (Policy::Mint, &holder.slot.minted),
        _ => (Policy::Verify, &holder.slot.asked),
    };
    let own = bucket
        .take(limit, around.now)
        .map_err(|empty| used_up(policy, empty))?;
    Ok([Some((policy, own)), visitor.map(|v| (Policy::Visitor, v))])
}

fn used_up(policy: Policy, empty: Empty) -> Refusal {
    let RateLimit {
        requests,
        per_seconds,
    } = empty.standing.limit;
    let wait = empty.wait;
    let whose = match policy {
        Policy::Verify => "The token's limit is",
        Policy::Mint => "The token's limit for new temporary tokens is",
        Policy::Visitor => "The limit for one visitor's network is half of the token's:",
    };
    Refusal {
        limits: Some(Box::new([Some((policy, empty.standing)), None])),
        ..Refusal::wait(
            wait,
            format!("{whose} {requests} requests in {per_seconds} seconds. Try again in {wait} seconds."),
        )
    }
}

fn check_network(holder: &Holder, around: &Surroundings<'_>) -> Result<(), Refusal> {
    let allowed = &holder.state.allowed_networks;
    let claimed = holder.claims.as_ref().and_then(|c| c.network.as_ref());
    if allowed.is_empty() && claimed.is_none() {
        return Ok(());
    }
    let inside = around.client.is_some_and(|address| {
        (allowed.is_empty() || allowed.iter().any(|n| n.contains(address)))
            && claimed.is_none_or(|n| n.contains(address))
    });
    if inside {
        return Ok(());
    }
    Err(Refusal::new(
        ErrorCode::NetworkNotAllowed,
        "The token is not allowed from this network. If the request came through a proxy, let it pass the client's address on and name the proxy in trusted_proxies.",
    ))
}

/// Binds honest browsers, not programs: a program can send any origin.
fn check_origin(holder: &Holder, around: &Surroundings<'_>) -> Result<(), Refusal> {
    if !is_visitors(holder) {
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
            "The token is not allowed on pages of {origin}. Ask for a temporary token with this origin, or an administrator to allow it.",
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
    let has = found.map_or(Permissions::NONE, |i| holder.permissions_on(&i.id));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::index::tests::state;
    use crate::domain::token::SecretState;
    use crate::secret::{Keyring, MasterKey, TokenDigest};

    /// An exposure is booked on the secret that was sent, though it is replaced before anybody books it.
    #[test]
    fn a_refusal_tells_of_the_state_that_was_judged() {
        let master = MasterKey::parse(&format!("{}E", "B".repeat(42))).unwrap();
        let keyring = Keyring::derive(&master).unwrap();
        let (index, pepper) = (Index::default(), keyring.pepper());
        let value = "q7+Zk%41w_Lm/9Xr~Tb2!Vn4";
        let Ok(Presented::Foreign(presented)) = Presented::recognise(value) else {
            panic!("it has the form of ours");
        };
        let secret = |id: &str, digest| SecretState {
            id: id.parse().unwrap(),
            digest,
            expires_at: None,
            last_used: Arc::default(),
        };
        let old = secret("01ARZ3NDEKTSV4RRFFQ69G5FA1", pepper.digest_presented(presented));
        index.publish(TokenState {
            secrets: vec![old.clone()],
            ..state(1, false)
        });
        let around = Surroundings {
            origin: Some("https://blog.example"),
            referer: None,
            fetch_metadata: false,
            client: None,
            now: Timestamp::from_millis(0),
        };
        let credential = Credential { value, in_url: false };
        let rejected = authenticate(&index, pepper, "", credential, Purpose::Verify, &around).unwrap_err();
        let new = secret(
            "01ARZ3NDEKTSV4RRFFQ69G5FA2",
            TokenDigest::from_bytes(&[1; 32]).unwrap(),
        );
        index.publish(TokenState {
            secrets: vec![new, old.clone()],
            ..state(2, false)
        });
        assert!(rejected.evidence.is_some());
        let who = rejected.holder.unwrap();
        assert_eq!(who.state.secrets[who.secret].id, old.id);
    }
}
