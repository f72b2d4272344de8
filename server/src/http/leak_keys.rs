//! The public keys that reports of leaked secrets are signed with: fetched from the one address that the configuration
//! names, kept for a day, fetched anew for an unknown one, but not more than once in a minute.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use tokio::sync::Mutex;
use wire::Timestamp;

use crate::config::KeysUrl;

/// How long keys are believed, in seconds.
const KEPT: i64 = 86_400;
/// How often they are fetched at most, in seconds.
const PAUSE: i64 = 60;
/// Who asks: GitHub answers 403 to those who do not say.
const AGENT: &str = concat!("daypass/", env!("CARGO_PKG_VERSION"));
/// Time for fetching them.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The most bytes of the list.
const LARGEST: usize = 256 * 1024;

/// Why a signature is not believed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unsigned {
    /// There is no such key.
    #[error("the key is unknown")]
    UnknownKey,
    /// The signature is wrong.
    #[error("the signature does not match the body")]
    Wrong,
    /// The keys cannot be had.
    #[error("{0}")]
    NoKeys(String),
}

#[derive(Deserialize)]
struct KeyList {
    public_keys: Vec<ListedKey>,
}

#[derive(Deserialize)]
struct ListedKey {
    key_identifier: String,
    key: String,
}

#[derive(Default)]
struct Known {
    /// By identifier, as DER.
    keys: HashMap<String, Vec<u8>>,
    fetched_at: Option<Timestamp>,
    tried_at: Option<Timestamp>,
}

struct Inner {
    url: KeysUrl,
    client: reqwest::Client,
    known: Mutex<Known>,
}

/// The keys.
pub(super) struct LeakKeys(Arc<Inner>);

impl std::fmt::Debug for LeakKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LeakKeys({})", self.0.url)
    }
}

impl LeakKeys {
    /// None yet.
    ///
    /// # Errors
    /// When the system has no TLS to offer.
    pub(super) fn new(url: KeysUrl) -> Result<Self, reqwest::Error> {
        let mut client = reqwest::Client::builder()
            .user_agent(AGENT)
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none());
        if url.is_plain() {
            // A proxy of the environment could put keys of its own in their place.
            client = client.no_proxy();
        }
        Ok(Self(Arc::new(Inner {
            url,
            client: client.build()?,
            known: Mutex::default(),
        })))
    }

    /// Whether a body was signed with the key of that identifier (ECDSA on P-256, SHA-256, ASN.1 in base64).
    ///
    /// # Errors
    /// When it was not, or the keys cannot be had.
    pub(super) async fn verify(
        &self,
        identifier: &str,
        signature: &str,
        body: &[u8],
        now: Timestamp,
    ) -> Result<(), Unsigned> {
        let signature = STANDARD.decode(signature).map_err(|_| Unsigned::Wrong)?;
        // In a task of its own: whoever hangs up meanwhile leaves the keys to those who come next. Otherwise a stranger
        // could have them asked for, go away, and shut the door for as long as they are not asked for again.
        let (inner, identifier) = (self.0.clone(), identifier.to_owned());
        let found = tokio::spawn(async move { inner.find(&identifier, now).await }).await;
        let key = found.map_err(|_| Unsigned::NoKeys("fetching them stopped half-way".to_owned()))??;
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key)
            .verify(body, &signature)
            .map_err(|_| Unsigned::Wrong)
    }
}

impl Inner {
    async fn find(&self, identifier: &str, now: Timestamp) -> Result<Vec<u8>, Unsigned> {
        let age = |at: Option<Timestamp>| at.map_or(i64::MAX, |at| now.seconds() - at.seconds());
        // Held while they are fetched: others wait for the same answer instead of asking too.
        let mut known = self.known.lock().await;
        let is_fresh = age(known.fetched_at) < KEPT;
        if let Some(key) = known.keys.get(identifier).filter(|_| is_fresh) {
            return Ok(key.clone());
        }
        if age(known.tried_at) >= PAUSE {
            known.tried_at = Some(now);
            known.keys = self.fetch().await?;
            known.fetched_at = Some(now);
        } else if !is_fresh {
            return Err(Unsigned::NoKeys(
                "they could not be fetched a moment ago".to_owned(),
            ));
        }
        known.keys.get(identifier).cloned().ok_or(Unsigned::UnknownKey)
    }

    async fn fetch(&self) -> Result<HashMap<String, Vec<u8>>, Unsigned> {
        let failed = |error: reqwest::Error| Unsigned::NoKeys(error.without_url().to_string());
        let answer = self.client.get(self.url.as_str()).send().await;
        let mut answer = answer
            .and_then(reqwest::Response::error_for_status)
            .map_err(failed)?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(failed)? {
            body.extend_from_slice(&chunk);
            if body.len() > LARGEST {
                return Err(Unsigned::NoKeys("the list of keys is too long".to_owned()));
            }
        }
        let list: KeyList =
            serde_json::from_slice(&body).map_err(|error| Unsigned::NoKeys(error.to_string()))?;
        Ok(list
            .public_keys
            .into_iter()
            .filter_map(|listed| Some((listed.key_identifier, der_of(&listed.key)?)))
            .collect())
    }
}

/// The bytes between the lines of a PEM file.
fn der_of(pem: &str) -> Option<Vec<u8>> {
    let lines = pem
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with("-----"));
    STANDARD.decode(lines.collect::<String>()).ok()
}
