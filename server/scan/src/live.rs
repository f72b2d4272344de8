//! Asks a server which of the values that were found work, without telling it one: it is asked for a range of digests,
//! 2²⁰ of them in all, and answers the first 32 bits of each that it knows there.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use reqwest::{Client, StatusCode, Url, redirect};
use wire::TokenDigests;

use crate::report::{Report, State};
use crate::site::explain;

/// Time for one question.
const TIMEOUT: Duration = Duration::from_secs(20);
/// The most bytes of an answer.
const LARGEST: usize = 1024 * 1024;
/// The longest time that the server may ask to wait, in seconds.
const LONGEST_WAIT: u64 = 60;

/// Why the server could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// Not an address.
    #[error("the server's address starts with https:// (or http:// on this machine)")]
    Address,
    /// It cannot be reached.
    #[error("the server cannot be asked: {0}")]
    Unreachable(String),
    /// It answers something else.
    #[error("the server answers {0}: is it Daypass?")]
    Status(StatusCode),
}

/// Writes into each finding whether its value works.
///
/// # Errors
/// When the server cannot be asked. Findings of which it was asked before keep their state.
pub async fn ask_server(report: &mut Report, server: &Url) -> Result<(), LiveError> {
    let client = Client::builder()
        .timeout(TIMEOUT)
        .redirect(redirect::Policy::none())
        .build()
        .map_err(|e| LiveError::Unreachable(explain(&e)))?;
    let ranges: BTreeSet<u32> = report.findings.iter().map(|f| f.fingerprint() >> 12).collect();
    for range in ranges {
        let known = ask(&client, server, range).await?;
        for finding in &mut report.findings {
            let fingerprint = finding.fingerprint();
            if fingerprint >> 12 == range {
                finding.state = match known.get(&fingerprint) {
                    Some(true) => State::Live,
                    Some(false) => State::Inactive,
                    None => State::Unknown,
                };
            }
        }
    }
    Ok(())
}

async fn ask(client: &Client, server: &Url, range: u32) -> Result<HashMap<u32, bool>, LiveError> {
    let url = server
        .join(&format!("/api/TokenDigests?range={range:05x}"))
        .map_err(|_| LiveError::Address)?;
    loop {
        let mut response = client
            .get(url.clone())
            .send()
            .await
            .map_err(|e| LiveError::Unreachable(explain(&e)))?;
        if response.status() == StatusCode::TOO_MANY_REQUESTS {
            let wait = response
                .headers()
                .get("retry-after")
                .and_then(|w| w.to_str().ok());
            let wait = wait
                .and_then(|w| w.parse().ok())
                .unwrap_or(1)
                .clamp(1, LONGEST_WAIT);
            tokio::time::sleep(Duration::from_secs(wait)).await;
            continue;
        }
        if !response.status().is_success() {
            return Err(LiveError::Status(response.status()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|e| LiveError::Unreachable(explain(&e)))?
        {
            body.extend_from_slice(&chunk);
            if body.len() > LARGEST {
                return Err(LiveError::Unreachable("its answer is too long".to_owned()));
            }
        }
        let answer: TokenDigests =
            serde_json::from_slice(&body).map_err(|e| LiveError::Unreachable(e.to_string()))?;
        let mut known = HashMap::new();
        for entry in answer.digests {
            if let Ok(digest) = u32::from_str_radix(&entry.digest, 16) {
                // Two secrets may share 32 bits; that one of them works is what matters.
                *known.entry(digest).or_default() |= entry.live;
            }
        }
        return Ok(known);
    }
}
