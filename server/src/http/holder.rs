//! The way in for everybody with a token in hand: find the credential, let the domain decide, count, note exposures,
//! and log refusals at most once a second per token.

use std::borrow::Cow;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::BytesMut;
use wire::{ErrorCode, Subject, Timestamp};

use super::app::App;
use super::credential::Found;
use super::form::Form;
use super::headers::Headers;
use super::{client, credential, error};
use crate::domain::exposure::ExposureCount;
use crate::domain::index::{Missing, Outcome};
use crate::domain::limits::{Policy, Standings};
use crate::domain::refusal::Refusal;
use crate::domain::scope;
use crate::domain::sources::Source;
use crate::domain::verification::{
    Credential, Evidence, Holder, Purpose, Rejected, Surroundings, authenticate, identify,
};

/// Refusals of nobody's token are logged at most once a second in all.
static LAST_UNKNOWN: AtomicI64 = AtomicI64::new(0);

/// A request with a token in hand.
pub(super) struct Visit<'r> {
    headers: Headers<'r>,
    queries: [Option<&'r str>; 2],
    /// What it tells beside the token.
    pub(super) around: Surroundings<'r>,
}

impl<'r> Visit<'r> {
    /// A request that is no proxy's question about another one.
    pub(super) fn of(parts: &'r Parts, app: &App) -> Self {
        let headers = Headers::of(&parts.headers);
        let client = client::address(headers, client::peer(parts), &app.site);
        Self::through(headers, [parts.uri.query(), None], client, app.now())
    }

    /// A request of which the client's address and the queries that may hold a token are known.
    pub(super) fn through(
        headers: Headers<'r>,
        queries: [Option<&'r str>; 2],
        client: Option<IpAddr>,
        now: Timestamp,
    ) -> Self {
        Self {
            headers,
            queries,
            around: client::surroundings(headers, client, now),
        }
    }

    /// Accepts or refuses its credential.
    ///
    /// # Errors
    /// The refusal; it is counted and logged already.
    pub(super) async fn accept(&self, app: &App, purpose: Purpose) -> Result<Holder, Refusal> {
        accept_sent(app, self.headers, self.queries, None, purpose, &self.around).await
    }
}

/// Accepts or refuses the one credential of a request with a form.
///
/// # Errors
/// The refusal; it is counted and logged already.
pub(super) async fn accept_with_form(
    app: &App,
    parts: &Parts,
    form: &Form<'_>,
    purpose: Purpose,
    around: &Surroundings<'_>,
) -> Result<Holder, Refusal> {
    let queries = [parts.uri.query(), None];
    accept_sent(
        app,
        Headers::of(&parts.headers),
        queries,
        Some(form),
        purpose,
        around,
    )
    .await
}

async fn accept_sent(
    app: &App,
    headers: Headers<'_>,
    queries: [Option<&str>; 2],
    form: Option<&Form<'_>>,
    purpose: Purpose,
    around: &Surroundings<'_>,
) -> Result<Holder, Refusal> {
    require_api(app)?;
    refuse_stray(app, queries, around).await?;
    match credential::find(headers, queries, form) {
        Ok(found) => accept_found(app, &found, purpose, around).await,
        Err(refusal) => {
            let all = || credential::several(headers, queries, form);
            Err(note_several(app, refusal, all, around).await)
        }
    }
}

/// A permanent secret in the query under a name that is none of ours is exposed all the same. Whose it is not here, or
/// where settings allow it in URLs, it is a parameter of the page's like any other.
async fn refuse_stray(
    app: &App,
    queries: [Option<&str>; 2],
    around: &Surroundings<'_>,
) -> Result<(), Refusal> {
    for value in credential::stray(queries) {
        if let Err(rejected) = note_exposed(app, &value, true, around).await
            && rejected.evidence.is_some()
        {
            return Err(rejected.refusal);
        }
    }
    Ok(())
}

/// Notes which of several credentials are exposed. The request stays refused: which one was meant is a guess.
async fn note_several<'r>(
    app: &App,
    refusal: Refusal,
    all: impl FnOnce() -> Vec<(Cow<'r, str>, bool)>,
    around: &Surroundings<'_>,
) -> Refusal {
    if refusal.code == ErrorCode::TokenMalformed {
        for (value, in_url) in all() {
            if in_url || around.is_browser() {
                let _ = note_exposed(app, &value, in_url, around).await;
            }
        }
    }
    refusal
}

/// Looks at a value that is not acted on: as for one that is to be ended, no limit is used up. Apart, so that its
/// future, which is large, is there only while it is needed.
fn note_exposed<'a>(
    app: &'a App,
    value: &'a str,
    in_url: bool,
    around: &'a Surroundings<'_>,
) -> Pin<Box<dyn Future<Output = Result<Holder, Box<Rejected>>> + Send + 'a>> {
    Box::pin(accept_value(
        app,
        Credential { value, in_url },
        Purpose::Revoke,
        around,
    ))
}

/// Accepts or refuses what was found in a request. Of two, the temporary token acts, and only for the application that
/// the other one is.
///
/// # Errors
/// The refusal; it is counted and logged already.
pub(super) async fn accept_found(
    app: &App,
    found: &Found<'_>,
    purpose: Purpose,
    around: &Surroundings<'_>,
) -> Result<Holder, Refusal> {
    let application = match found.application.as_deref() {
        Some(key) => Some(accept_one(app, key, Purpose::Application, around).await?),
        None => None,
    };
    let who = accept_one(app, found, purpose, around).await?;
    match application {
        Some(application) if application.state.id != who.state.id => {
            note_refusal(app, Some(&who), ErrorCode::TokenMalformed, around.now);
            Err(of_another_application().telling(&who.standings))
        }
        _ => Ok(who),
    }
}

/// The refusal of a temporary token beside the key of an application that it was not minted for.
fn of_another_application() -> Refusal {
    Refusal::new(
        ErrorCode::TokenMalformed,
        "The temporary token was not minted for the application whose key stands beside it. Send the key that it was minted with, or the temporary token alone.",
    )
}

async fn accept_one(
    app: &App,
    found: &Found<'_>,
    purpose: Purpose,
    around: &Surroundings<'_>,
) -> Result<Holder, Refusal> {
    let credential = Credential {
        value: &found.value,
        in_url: found.in_url,
    };
    let accepted = accept_value(app, credential, purpose, around).await;
    accepted.map_err(|rejected| rejected.refusal)
}

/// Accepts or refuses a credential that a door found where only it looks, in its form for instance.
///
/// # Errors
/// The refusal; it is counted and logged already, and what it proves is noted.
pub(super) async fn accept_value(
    app: &App,
    credential: Credential<'_>,
    purpose: Purpose,
    around: &Surroundings<'_>,
) -> Result<Holder, Box<Rejected>> {
    let (pepper, issuer) = (app.keyring.pepper(), app.site.issuer.as_str());
    let decide = || authenticate(&app.index, pepper, issuer, credential, purpose, around);
    decided(app, decide).await.inspect_err(|rejected| {
        if let (Some(holder), Some(evidence)) = (&rejected.holder, &rejected.evidence) {
            note_exposure(app, holder, evidence, around.client, around.now);
        }
        note_refusal(app, rejected.holder.as_ref(), rejected.refusal.code, around.now);
    })
}

/// Whose a credential is that somebody else ends.
///
/// # Errors
/// The refusal, where it can never be accepted again.
pub(super) async fn identify_value(app: &App, value: &str, now: Timestamp) -> Result<Holder, Box<Rejected>> {
    let (pepper, issuer) = (app.keyring.pepper(), app.site.issuer.as_str());
    decided(app, || identify(&app.index, pepper, issuer, value, now)).await
}

/// A decision by the index. As long as that is still being filled, what it lacks is looked up first.
async fn decided(
    app: &App,
    decide: impl Fn() -> Result<Holder, Box<Rejected>>,
) -> Result<Holder, Box<Rejected>> {
    // Asked before: what comes in between must not make a miss final.
    let is_complete = app.index.is_complete();
    let decision = decide();
    match &decision {
        Err(rejected) if !is_complete => match &rejected.missing {
            Some(missing) => look_up(app, missing).await?,
            None => return decision,
        },
        _ => return decision,
    }
    decide()
}

/// Apart, so that its future, which is large, is there only while it is needed.
fn look_up<'a>(
    app: &'a App,
    missing: &'a Missing,
) -> Pin<Box<dyn Future<Output = Result<(), Refusal>> + Send + 'a>> {
    Box::pin(async move {
        app.store.look_up(missing).await.map_err(|error| {
            tracing::error!(error = %error, "a token could not be looked up");
            Refusal::new(
                ErrorCode::Internal,
                "The server has just started and could not look the token up. Try again in a moment.",
            )
        })
    })
}

/// Counts a request that was answered yes, and notes where it came from.
pub(super) fn count(app: &App, holder: &Holder, outcome: Outcome, around: &Surroundings<'_>) {
    holder.state.secrets[holder.secret].used(around.now);
    let sources = &holder.slot.sources;
    if let Some(address) = around.client {
        sources.note(Source::Address(address), around.now);
    }
    match (around.origin, around.referer) {
        (Some(origin), _) => sources.note(Source::Origin(origin), around.now),
        (None, Some(referer)) => sources.note(Source::Referer(referer), around.now),
        (None, None) => {}
    }
    app.index.count(&holder.slot, outcome, around.now);
}

/// Every method needs API access to be on.
///
/// # Errors
/// `api_disabled`, whatever was sent.
pub(super) fn require_api(app: &App) -> Result<(), Refusal> {
    if app.index.settings().api_enabled {
        Ok(())
    } else {
        Err(api_disabled())
    }
}

fn api_disabled() -> Refusal {
    Refusal::new(
        ErrorCode::ApiDisabled,
        "An administrator has switched API access off. No token was changed; try again when it is on.",
    )
}

/// Counts a request that was answered no, and logs it unless one was logged in this second already. Of a temporary
/// token also which one it was, and who it is for: by that name the integrator knows whose request it was.
pub(super) fn note_refusal(app: &App, who: Option<&Holder>, code: ErrorCode, now: Timestamp) {
    let last = who.map_or(&LAST_UNKNOWN, |who| &who.slot.counters.last_refusal);
    if last.swap(now.seconds(), Ordering::Relaxed) != now.seconds() {
        if let Some(who) = who {
            let claims = who.claims.as_deref();
            tracing::info!(
                token.id = %who.state.id,
                token.jti = claims.map(|c| c.jti.as_str()),
                subject = claims.and_then(|c| c.subject.as_ref()).map(Subject::as_str),
                code = code.as_str(),
                "refused"
            );
        } else {
            tracing::info!(code = code.as_str(), "refused");
        }
    }
    if let Some(who) = who {
        app.index.count(&who.slot, Outcome::Refused, now);
    }
}

fn note_exposure(app: &App, holder: &Holder, evidence: &Evidence, client: Option<IpAddr>, now: Timestamp) {
    // Of the state that was judged: in the one after it, a new secret may stand in the place of this one.
    let (state, secret) = (&holder.state, &holder.state.secrets[holder.secret]);
    let first = app.exposures.note(ExposureCount {
        origin: evidence.origin.clone().map(String::from).unwrap_or_default(),
        page: evidence.page.clone(),
        ..ExposureCount::once(state, secret, evidence.door, client, now)
    });
    if first {
        app.exposed.notify_one();
    }
}

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Tells how limits stand, in the form of draft-ietf-httpapi-ratelimit-headers-10: for each policy its quota and
/// window, the requests that remain, and the seconds until all of them are there again.
pub(super) fn tell_limits(headers: &mut HeaderMap, standings: &Standings) {
    // Both in one piece of memory, since nearly every answer has them.
    let mut limits = BytesMut::with_capacity(128);
    let mut policies = limits.split_off(64);
    for (policy, standing) in standings.iter().flatten() {
        let quota = (";q=", u64::from(standing.limit.requests));
        let window = (";w=", u64::from(standing.limit.per_seconds));
        push_item(&mut policies, *policy, [quota, window]);
        let remaining = (";r=", u64::from(standing.remaining));
        push_item(&mut limits, *policy, [remaining, (";t=", standing.reset)]);
    }
    if policies.is_empty() {
        return;
    }
    if let (Ok(policies), Ok(limits)) = (
        HeaderValue::from_maybe_shared(policies.freeze()),
        HeaderValue::from_maybe_shared(limits.freeze()),
    ) {
        headers.insert(RATE_LIMIT_POLICY, policies);
        headers.insert(RATE_LIMIT, limits);
    }
}

/// One more item of a list of structured fields (RFC 9651): its name, and its parameters.
fn push_item(list: &mut BytesMut, policy: Policy, parameters: [(&str, u64); 2]) {
    list.extend_from_slice(if list.is_empty() { b"\"" } else { b", \"" });
    list.extend_from_slice(policy.as_str().as_bytes());
    list.extend_from_slice(b"\"");
    for (name, number) in parameters {
        list.extend_from_slice(name.as_bytes());
        list.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
    }
}

/// A refusal as an answer, with the challenge of RFC 6750 (section 3) and the code for proxies. A proxy's visitor
/// gets no body: nginx would not read it and would have to drop the connection.
pub(super) fn refuse(refusal: Refusal, proxied: bool) -> Response {
    let code = refusal.code;
    let status = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let challenge = challenge(&refusal, status);
    let limits = refusal.limits.clone();
    let mut response = if proxied {
        error::refused_without_body(status, &refusal)
    } else {
        error::refused(status, refusal)
    };
    let headers = response.headers_mut();
    if let Some(limits) = limits {
        tell_limits(headers, &limits);
    }
    headers.insert("x-daypass-code", HeaderValue::from_static(code.as_str()));
    if let Some(challenge) = challenge {
        headers.insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

/// Longer than this, in bytes, what is missing is not told in a header: proxies have little room for those.
const LONGEST_SCOPE: usize = 4096;

/// The challenge of a refusal. Where rights are missing it names them as scope, since a proxy's visitor gets no body.
fn challenge(refusal: &Refusal, status: StatusCode) -> Option<HeaderValue> {
    let fixed = match (refusal.code, status) {
        (ErrorCode::TokenMissing, _) => "Bearer realm=\"Daypass\"",
        (_, StatusCode::UNAUTHORIZED) => "Bearer realm=\"Daypass\", error=\"invalid_token\"",
        (ErrorCode::InterfaceNotGranted | ErrorCode::PermissionNotGranted, _) => {
            let fixed = "Bearer realm=\"Daypass\", error=\"insufficient_scope\"";
            let scope = scope::write(&refusal.missing);
            if !scope.is_empty() && scope.len() <= LONGEST_SCOPE {
                return HeaderValue::try_from(format!("{fixed}, scope=\"{scope}\"")).ok();
            }
            fixed
        }
        (ErrorCode::InvalidRequest, _) => "Bearer realm=\"Daypass\", error=\"invalid_request\"",
        _ => return None,
    };
    Some(HeaderValue::from_static(fixed))
}
