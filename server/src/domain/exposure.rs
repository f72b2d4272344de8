//! Exposures on their way to the database: coalesced per secret, door and origin, and capped, so that a page with a
//! million visitors costs one row.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use wire::{SecretId, Timestamp, TokenId};

use super::verification::Door;

/// The most different ones that wait; beyond that only known ones are counted.
const MOST: usize = 1000;

/// An exposure that was seen so many times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExposureCount {
    /// Whose secret.
    pub token: TokenId,
    /// Its name now.
    pub token_name: String,
    /// Which secret.
    pub secret: SecretId,
    /// How it came to light.
    pub door: Door,
    /// The page's origin; empty where the request did not tell it.
    pub origin: String,
    /// The last address.
    pub address: Option<String>,
    /// First time since the last writing.
    pub first_seen_at: Timestamp,
    /// Last time.
    pub last_seen_at: Timestamp,
    /// How often.
    pub count: u64,
}

/// Those that wait to be written.
#[derive(Debug, Default)]
pub struct Exposures(Mutex<HashMap<(SecretId, Door, String), ExposureCount>>);

impl Exposures {
    /// Notes one.
    pub fn note(&self, seen: ExposureCount) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (seen.secret.clone(), seen.door, seen.origin.clone());
        if let Some(known) = waiting.get_mut(&key) {
            known.count += seen.count;
            known.last_seen_at = seen.last_seen_at;
            known.address = seen.address;
        } else if waiting.len() < MOST {
            waiting.insert(key, seen);
        }
    }

    /// Takes all of them, to be written.
    #[must_use]
    pub fn take(&self) -> Vec<ExposureCount> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
            .into_values()
            .collect()
    }
}
