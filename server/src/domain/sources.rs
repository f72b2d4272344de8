//! Where a token is used from: addresses of clients and origins of pages, on their way to the statistics.
//!
//! Bounded per token, and without an allocation where the source was just seen. Only sources of requests that were
//! answered yes are noted: what strangers try in vain must not push the true ones out.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use wire::{Origin, SourceKind, Timestamp};

/// The most sources of one token that wait to be written; as many are kept in the database.
pub const MOST: usize = 100;

/// So many stay known from one writing to the next.
const REMEMBERED: usize = 8;

/// A source as the request tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source<'r> {
    /// The client's address.
    Address(IpAddr),
    /// The `Origin` header.
    Origin(&'r str),
    /// The `Referer` header, where there is no `Origin`.
    Referer(&'r str),
}

#[derive(Debug, PartialEq, Eq)]
enum Known {
    Address(IpAddr),
    Origin(Box<str>),
}

impl Known {
    fn is(&self, source: Source<'_>) -> bool {
        match (self, source) {
            (Self::Address(known), Source::Address(seen)) => *known == seen,
            (Self::Origin(known), Source::Origin(seen)) => **known == *seen,
            (Self::Origin(known), Source::Referer(seen)) => seen
                .strip_prefix(&**known)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#'])),
            _ => false,
        }
    }

    /// `None` for what is no origin.
    fn read(source: Source<'_>) -> Option<Self> {
        let origin = match source {
            Source::Address(address) => return Some(Self::Address(address)),
            Source::Origin(text) => Origin::parse(text).ok()?,
            Source::Referer(text) => Origin::of_url(text)?,
        };
        Some(Self::Origin(origin.as_str().into()))
    }
}

#[derive(Debug)]
struct Seen {
    source: Known,
    last: Timestamp,
    count: u64,
}

/// A source that was seen so many times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceCount {
    /// Address or origin.
    pub kind: SourceKind,
    /// The address or origin itself.
    pub value: String,
    /// Last time.
    pub last_seen_at: Timestamp,
    /// How often.
    pub count: u64,
}

/// The sources of one token that wait to be written, the latest first.
#[derive(Debug, Default)]
pub struct Sources(Mutex<Vec<Seen>>);

impl Sources {
    /// Notes one.
    pub fn note(&self, source: Source<'_>, now: Timestamp) {
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = list.iter().position(|s| s.source.is(source));
        if let Some(at) = found {
            list[..=at].rotate_right(1);
        } else {
            let Some(known) = Known::read(source) else { return };
            // The text may differ and the origin be the same: its own port, or capitals.
            let same = list.iter().position(|s| s.source == known);
            let seen = match same {
                Some(at) => list.remove(at),
                None => Seen {
                    source: known,
                    last: now,
                    count: 0,
                },
            };
            list.insert(0, seen);
            list.truncate(MOST);
        }
        list[0].last = now;
        list[0].count += 1;
    }

    /// Takes what was seen since the last time.
    #[must_use]
    pub fn take(&self) -> Vec<SourceCount> {
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = list
            .iter()
            .filter(|s| s.count > 0)
            .map(|s| {
                let (kind, value) = match &s.source {
                    Known::Address(address) => (SourceKind::Address, address.to_string()),
                    Known::Origin(origin) => (SourceKind::Origin, origin.to_string()),
                };
                SourceCount {
                    kind,
                    value,
                    last_seen_at: s.last,
                    count: s.count,
                }
            })
            .collect();
        list.truncate(REMEMBERED);
        list.shrink_to_fit();
        for seen in list.iter_mut() {
            seen.count = 0;
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn taken(sources: &Sources) -> Vec<(String, u64)> {
        sources.take().into_iter().map(|s| (s.value, s.count)).collect()
    }

    #[test]
    fn one_origin_has_many_forms() {
        let sources = Sources::default();
        for source in [
            Source::Origin("https://a.example"),
            Source::Origin("HTTPS://A.example:443"),
            Source::Referer("https://a.example/page?x#y"),
            Source::Referer("https://a.example"),
            Source::Referer("https://A.example/page"),
            Source::Referer("https://a.example.evil/"),
            Source::Address("192.0.2.1".parse().unwrap()),
        ] {
            sources.note(source, NOW);
        }
        assert_eq!(
            taken(&sources),
            [
                ("192.0.2.1".to_owned(), 1),
                ("https://a.example.evil".to_owned(), 1),
                ("https://a.example".to_owned(), 5)
            ]
        );
        assert!(sources.take().is_empty(), "known, and not seen again");
        sources.note(Source::Origin("https://a.example"), NOW);
        assert_eq!(taken(&sources), [("https://a.example".to_owned(), 1)]);
    }

    #[test]
    fn foreign_text_is_never_kept_as_it_came() {
        let sources = Sources::default();
        let value = format!("https://dps_{}.example", "a".repeat(46));
        for text in ["null", "nonsense", "javascript:alert(1)", value.as_str()] {
            sources.note(Source::Origin(text), NOW);
            sources.note(Source::Referer(text), NOW);
        }
        assert_eq!(taken(&sources), []);
    }

    #[test]
    fn the_oldest_beyond_the_limit_are_dropped() {
        let sources = Sources::default();
        for number in 0..=300_u32 {
            sources.note(Source::Address(IpAddr::from(number.to_be_bytes())), NOW);
            sources.note(Source::Origin("https://a.example"), NOW);
        }
        let all = taken(&sources);
        assert_eq!(all.len(), MOST);
        assert_eq!(all[0], ("https://a.example".to_owned(), 301));
        assert_eq!(all[1], ("0.0.1.44".to_owned(), 1));
        assert_eq!(sources.0.lock().unwrap().len(), REMEMBERED);
    }
}
