//! `GET /api/WhoAmI`: what a holder may know about its own token.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use wire::{Timestamp, WhoAmI};

use super::Shared;
use super::holder::{self, Visit};
use crate::domain::index::Outcome;
use crate::domain::interfaces::Interfaces;
use crate::domain::verification::{Holder, Purpose};

/// Answers.
pub(super) async fn get_who_am_i(State(app): State<Shared>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let visit = Visit::of(&parts, &app);
    match visit.accept(&app, Purpose::Verify).await {
        Ok(who) => {
            holder::count(&app, &who, Outcome::Allowed, &visit.around);
            told(&who, &app.index.interfaces())
        }
        Err(refusal) => holder::refuse(refusal, false),
    }
}

/// The answer to a holder.
pub(super) fn told(who: &Holder, interfaces: &Interfaces) -> Response {
    let mut response = Json(view(who, interfaces)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    holder::tell_limits(headers, &who.standings);
    response
}

fn view(who: &Holder, interfaces: &Interfaces) -> WhoAmI {
    let state = &who.state;
    let own_end = who
        .claims
        .as_ref()
        .and_then(|c| c.exp)
        .map(|s| Timestamp::from_millis(s.saturating_mul(1000)));
    let claimed = who.claims.as_ref().map(|c| c.origins.clone()).unwrap_or_default();
    let both = || {
        claimed
            .iter()
            .filter(|o| state.allowed_origins.contains(o))
            .cloned()
            .collect()
    };
    WhoAmI {
        id: state.id.clone(),
        name: state.name.clone(),
        kind: state.kind,
        temporary: who.claims.is_some(),
        grants: interfaces.named(&who.grants()),
        expires_at: match (own_end, state.expires_at) {
            (Some(own), Some(parents)) => Some(own.min(parents)),
            (own, parents) => own.or(parents),
        },
        temporary_lifetime: state.temporary_lifetime,
        allowed_origins: match (claimed.is_empty(), state.allowed_origins.is_empty()) {
            (true, _) => state.allowed_origins.clone(),
            (false, true) => claimed,
            (false, false) => both(),
        },
        allowed_networks: match who.claims.as_ref().and_then(|c| c.network) {
            // Minted inside the parent's networks; where those were changed since, both count.
            Some(own)
                if state.allowed_networks.is_empty()
                    || state.allowed_networks.iter().any(|n| n.holds(&own)) =>
            {
                vec![own]
            }
            Some(own) => state
                .allowed_networks
                .iter()
                .filter(|n| own.holds(n))
                .copied()
                .collect(),
            None => state.allowed_networks.clone(),
        },
        rate_limit: state.rate_limit,
        subject: who.claims.as_ref().and_then(|c| c.subject.clone()),
    }
}
