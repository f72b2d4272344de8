//! `POST /api/ReportLeakedToken`: somebody who searches what is public says that a token of ours stands in it, in the
//! form of GitHub's secret scanning partner programme. By that form the value itself comes in the body: it lives until its
//! digest is made, and goes nowhere.
//!
//! Answered only where the configuration names the reporter's keys, and read only when the signature is right. A report
//! is a hint, not an authority: what it does to a token is for the settings to say.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Request};
use serde::{Deserialize, Deserializer, Serialize};
use wire::{Door, ErrorCode, Kind, Origin};

use super::Shared;
use super::app::App;
use super::body;
use super::client::Client;
use super::error::ApiError;
use super::leak_keys::Unsigned;
use super::token_digests::too_many;
use crate::domain::exposure::{ExposureCount, presentable};
use crate::domain::refusal::Refusal;
use crate::secret::{KeySha256, PlainToken};

/// The most values of one report.
const MOST: usize = 5000;

/// A value that stands somewhere in public.
#[derive(Deserialize)]
struct Leak {
    #[serde(deserialize_with = "plain")]
    token: PlainToken,
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    url: Option<String>,
}

fn plain<'de, D: Deserializer<'de>>(from: D) -> Result<PlainToken, D::Error> {
    String::deserialize(from).map(PlainToken::reported)
}

/// What we make of it.
#[derive(Serialize)]
pub(super) struct Verdict {
    /// SHA-256 of the value, in hexadecimal digits: the form of the programme without the value itself.
    token_hash: String,
    /// The name of the pattern, as it was sent.
    token_type: String,
    /// Whether it was one that works.
    label: &'static str,
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Result<&'h str, Refusal> {
    let mut values = headers.get_all(name).iter();
    let one = values.next().and_then(|v| v.to_str().ok());
    one.filter(|_| values.next().is_none())
        .ok_or_else(|| refused("The report is not signed."))
}

fn refused(why: &'static str) -> Refusal {
    Refusal::new(ErrorCode::Forbidden, why)
}

/// Answers.
pub(super) async fn post_report_leaked_token(
    State(app): State<Shared>,
    client: Client,
    request: Request<Body>,
) -> Result<Json<Vec<Verdict>>, ApiError> {
    let keys = app.leak_keys.as_ref().ok_or(ApiError::NotFound("address"))?;
    too_many(app.throttle.question(client.0))?;
    let identifier = header(request.headers(), "github-public-key-identifier")?.to_owned();
    let signature = header(request.headers(), "github-public-key-signature")?.to_owned();
    let bytes = body::read_report(request).await?;
    keys.verify(&identifier, &signature, &bytes, app.now())
        .await
        .map_err(|error| match error {
            Unsigned::UnknownKey => refused("The report is signed with a key that is not known.").into(),
            Unsigned::Wrong => refused("The report's signature is wrong.").into(),
            Unsigned::NoKeys(reason) => {
                tracing::warn!(reason, "the keys of reporters cannot be had");
                ApiError::Internal("a report could not be checked")
            }
        })?;
    let leaks: Vec<Leak> = serde_json::from_slice(&bytes)
        .ok()
        .filter(|leaks: &Vec<Leak>| leaks.len() <= MOST)
        // What was sent does not come back, not even where it is wrong.
        .ok_or_else(|| {
            Refusal::new(
                ErrorCode::InvalidRequest,
                "The report has no form that is known here.",
            )
        })?;
    drop(bytes);
    if !app.index.is_complete() {
        // Who asks again in a moment is answered rightly; a token that is not read yet would be nobody's.
        return Err(ApiError::Internal(
            "a report came while the tokens are being read",
        ));
    }
    let mut seen = Vec::new();
    let verdicts = leaks
        .iter()
        .map(|leak| judge(&app, leak, client, &mut seen))
        .collect();
    drop(leaks);
    if !seen.is_empty() {
        app.store.record_exposures(&seen).await?;
    }
    Ok(Json(verdicts))
}

fn judge(app: &App, leak: &Leak, client: Client, seen: &mut Vec<ExposureCount>) -> Verdict {
    let place = presentable(leak.url.as_deref().unwrap_or_default());
    let origin = Origin::of_url(&place).map(String::from).unwrap_or_default();
    let sha256 = KeySha256::of(&leak.token);
    let found = app.exposure_of(&sha256, Door::Report, &origin, &place, client.0);
    // A public token that stands in public is where it belongs.
    let label = match &found {
        Some(found) if found.kind == Kind::Secret => "true_positive",
        _ => "false_positive",
    };
    seen.extend(found.and_then(|found| found.exposure));
    Verdict {
        token_hash: sha256.to_hex(),
        token_type: presentable(&leak.kind),
        label,
    }
}
