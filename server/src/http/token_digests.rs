//! `GET /api/TokenDigests?range=…`: for scanners that want to know whether what they found works. They name 20 bits of
//! a digest and get the first 32 of all that are known there, so neither a value nor its whole digest is ever sent.

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::header;
use axum::http::request::Parts;
use serde::Deserialize;
use wire::{ErrorCode, TokenDigests};

use super::Shared;
use super::body::Query;
use super::client::Client;
use super::error::ApiError;
use super::holder::require_api;
use crate::domain::refusal::Refusal;

/// Hexadecimal digits of a range.
const DIGITS: usize = 5;

/// What is asked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    range: String,
}

/// Answers.
pub(super) async fn get_token_digests(
    State(app): State<Shared>,
    client: Client,
    mut parts: Parts,
) -> Result<([(header::HeaderName, &'static str); 1], Json<TokenDigests>), ApiError> {
    require_api(&app)?;
    too_many(app.throttle.question(client.0))?;
    // Read only now: what cannot be read is a question too.
    let Query(Asked { range }) = Query::from_request_parts(&mut parts, &app).await?;
    let is_range = range.len() == DIGITS && range.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let range = u32::from_str_radix(&range, 16).ok().filter(|_| is_range).ok_or_else(|| {
        // What was asked does not come back: it may be a whole value.
        Refusal::new(
            ErrorCode::InvalidRequest,
            "A range is five hexadecimal digits: the first 20 bits of SHA-256 of a value. Never send the value itself.",
        )
    })?;
    let known = app.store.find_digests(range).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(known)))
}

/// Strangers who ask too often have to wait.
pub(super) fn too_many(taken: Result<(), u64>) -> Result<(), Refusal> {
    taken.map_err(|seconds| Refusal::wait(seconds, "Too many questions from this address; wait a moment."))
}
