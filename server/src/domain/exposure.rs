//! Exposures on their way to the database: coalesced per secret, door, origin and place, and capped, so that a page with
//! a million visitors costs one row. Text of others is masked before it comes here.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use wire::{Door, SecretId, Timestamp, TokenId, mask_token_values};

use super::token::{SecretState, TokenState};

/// The most different ones that wait; beyond that only known ones are counted.
const MOST: usize = 1000;

/// The most characters of a page or a place that are kept.
const LONGEST: usize = 300;

/// The address of a page or file as it may be kept: without query and fragment, where secrets are, masked, and not
/// too long. In this order: what is taken out after masking could put a value together again, and one that was cut
/// before masking could not be recognised any more.
#[must_use]
pub fn presentable(text: &str) -> String {
    let end = text.find(['?', '#']).unwrap_or(text.len());
    let visible: String = text[..end].chars().filter(|c| !c.is_control()).collect();
    let masked = mask_token_values(&visible);
    match masked.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &masked[..end]),
        None => masked.into_owned(),
    }
}

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
    /// The page, without query and fragment, masked; empty where the request did not tell it.
    pub page: String,
    /// The file or address that holds the value, masked; empty where a request brought it.
    pub place: String,
    /// The last address.
    pub address: Option<String>,
    /// First time since the last writing.
    pub first_seen_at: Timestamp,
    /// Last time.
    pub last_seen_at: Timestamp,
    /// How often.
    pub count: u64,
}

/// Secret, door, origin and place.
type Key = (SecretId, Door, String, String);

impl ExposureCount {
    /// One that was seen now; where is for others to say.
    #[must_use]
    pub fn once(
        token: &TokenState,
        secret: &SecretState,
        door: Door,
        address: Option<IpAddr>,
        now: Timestamp,
    ) -> Self {
        Self {
            token: token.id.clone(),
            token_name: token.name.clone(),
            secret: secret.id.clone(),
            door,
            origin: String::new(),
            page: String::new(),
            place: String::new(),
            address: address.map(|a| a.to_canonical().to_string()),
            first_seen_at: now,
            last_seen_at: now,
            count: 1,
        }
    }

    fn key(&self) -> Key {
        (
            self.secret.clone(),
            self.door,
            self.origin.clone(),
            self.place.clone(),
        )
    }

    /// Counts another one of the same key, seen later or at the same moment.
    fn add(&mut self, seen: Self) {
        self.count = self.count.saturating_add(seen.count);
        self.last_seen_at = seen.last_seen_at;
        self.address = seen.address;
        self.page = seen.page;
    }
}

/// One for each secret, door, origin and place, in the order in which they were seen first: the same value may stand in
/// one file ten thousand times.
#[must_use]
pub fn coalesced(seen: &[ExposureCount]) -> Vec<ExposureCount> {
    let mut places = HashMap::<Key, usize>::new();
    let mut all: Vec<ExposureCount> = Vec::new();
    for one in seen {
        match places.entry(one.key()) {
            Entry::Occupied(place) => all[*place.get()].add(one.clone()),
            Entry::Vacant(place) => {
                place.insert(all.len());
                all.push(one.clone());
            }
        }
    }
    all
}

/// Those that wait to be written.
#[derive(Debug, Default)]
pub struct Exposures(Mutex<HashMap<Key, ExposureCount>>);

impl Exposures {
    /// Notes one. Says whether it is the first of its kind that waits: then it should be written soon.
    pub fn note(&self, seen: ExposureCount) -> bool {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = seen.key();
        if let Some(known) = waiting.get_mut(&key) {
            known.add(seen);
        } else if waiting.len() < MOST {
            waiting.insert(key, seen);
            return true;
        }
        false
    }

    /// Takes back what could not be written, as far as there is room. What waits by now was seen later.
    pub fn put_back(&self, seen: Vec<ExposureCount>) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for mut one in seen {
            let key = one.key();
            if let Some(later) = waiting.remove(&key) {
                one.add(later);
            }
            if waiting.len() < MOST {
                waiting.insert(key, one);
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_written_waits_again() {
        let seen = |origin: &str, at: i64| ExposureCount {
            token: "01J00000000000000000000000".parse().unwrap(),
            token_name: String::new(),
            secret: "01J00000000000000000000001".parse().unwrap(),
            door: Door::Browser,
            origin: origin.to_owned(),
            page: String::new(),
            place: String::new(),
            address: None,
            first_seen_at: Timestamp::from_millis(at),
            last_seen_at: Timestamp::from_millis(at),
            count: 1,
        };
        let exposures = Exposures::default();
        exposures.note(seen("a", 1));
        let taken = exposures.take();
        exposures.note(seen("a", 2));
        exposures.put_back(taken);
        let again = exposures.take();
        assert_eq!(again.len(), 1);
        let one = &again[0];
        let times = (one.first_seen_at.millis(), one.last_seen_at.millis());
        assert_eq!((one.count, times), (2, (1, 2)));
        // There is no more room than before.
        let many = (0..2 * MOST).map(|n| seen(&n.to_string(), 1)).collect();
        exposures.put_back(many);
        assert_eq!(exposures.take().len(), MOST);
    }

    #[test]
    fn pages_are_kept_without_what_may_be_secret() {
        let value = "aB3".repeat(16);
        for (given, kept) in [
            (
                "https://a.example/p/x.html?token=1#y".to_owned(),
                "https://a.example/p/x.html",
            ),
            ("https://a.example/#/route".to_owned(), "https://a.example/"),
            (
                format!("https://a.example/dps_{value}/x"),
                "https://a.example/dps_…/x",
            ),
            ("a\u{7}b".to_owned(), "ab"),
            // Whole only once what is not shown is taken out.
            (
                format!("https://a.example/dps_{}\t{}/x", &value[..20], &value[20..]),
                "https://a.example/dps_…/x",
            ),
            (format!("dp\u{7f}s_{value}"), "dps_…"),
            (String::new(), ""),
        ] {
            assert_eq!(presentable(&given), kept);
        }
        let long = format!("https://a.example/{}", "ø".repeat(1000));
        assert_eq!(presentable(&long).chars().count(), LONGEST + 1);
        // A value at the cut is masked as well.
        let at_the_cut = format!("{}dps_{value}", "x".repeat(LONGEST - 20));
        assert!(!presentable(&at_the_cut).contains("aB3"));
    }
}
