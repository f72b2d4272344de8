//! Temporary tokens of one token that were stopped before their time: one by one, or all of a subject. Everything of a
//! token at once is its epoch's business.
//!
//! Only grows, but for what has ended by itself: so it needs no version, and a late reader of the database can only
//! add what is stopped already.

use papaya::HashMap;
use wire::{Subject, TemporaryId, Timestamp};

use super::claims::Claims;

/// A stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// Of one temporary token.
    Token(TemporaryId),
    /// Of all that were minted for a subject until this moment.
    Subject(Subject, Timestamp),
}

#[derive(Debug, Clone, Copy)]
struct SubjectStop {
    at: Timestamp,
    until: Option<Timestamp>,
}

/// The stops of one token.
#[derive(Debug, Default)]
pub struct Stopped {
    tokens: HashMap<TemporaryId, Option<Timestamp>>,
    subjects: HashMap<Subject, SubjectStop>,
}

impl Stopped {
    /// Adds one. `until`: when the last token that it stops has ended by itself; `None` = never.
    pub fn add(&self, stop: Stop, until: Option<Timestamp>) {
        match stop {
            Stop::Token(id) => {
                self.tokens.pin().insert(id, until);
            }
            Stop::Subject(subject, at) => {
                // Of two stops the later moment and the later end hold: a later stop must not let go sooner of what an
                // earlier one had to hold.
                self.subjects.pin().update_or_insert(
                    subject,
                    |known| SubjectStop {
                        at: known.at.max(at),
                        until: known.until.zip(until).map(|(one, other)| one.max(other)),
                    },
                    SubjectStop { at, until },
                );
            }
        }
    }

    /// Whether a temporary token, or one that it was narrowed from, is among them. Of a subject, the moment of the first
    /// one counts: whoever narrows a token later makes no new one of it.
    #[must_use]
    pub fn holds(&self, claims: &Claims) -> bool {
        let tokens = self.tokens.pin();
        tokens.contains_key(&claims.jti)
            || claims.via.iter().any(|id| tokens.contains_key(id))
            || claims.subject.as_ref().is_some_and(|subject| {
                let first = claims.via.first().unwrap_or(&claims.jti);
                // Minted in the very millisecond of the stop: rather one too many than one too few.
                self.subjects
                    .pin()
                    .get(subject)
                    .is_some_and(|stop| first.made_at() <= stop.at)
            })
    }

    /// Forgets what stops only tokens that have ended by themselves.
    pub fn forget_ended(&self, now: Timestamp) {
        let lasts = |until: &Option<Timestamp>| until.is_none_or(|end| now < end);
        self.tokens.pin().retain(|_, until| lasts(until));
        self.subjects.pin().retain(|_, stop| lasts(&stop.until));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The `n`-th of a few temporary tokens, each minted in a second of its own, every other one for somebody.
    fn pass(n: u8) -> Claims {
        let id = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
        let made = ulid::Ulid::from_parts(u64::from(n) * 1000, u128::from(n));
        Claims {
            iss: String::new(),
            aud: String::new(),
            sub: id.parse().unwrap(),
            client_id: id.parse().unwrap(),
            jti: made.to_string().parse().unwrap(),
            iat: i64::from(n),
            nbf: None,
            exp: Some(i64::from(n) + 20),
            secret_id: id.parse().unwrap(),
            epoch: 0,
            scope: None,
            grants: Vec::new(),
            origins: Vec::new(),
            network: None,
            subject: n.is_multiple_of(2).then(|| Subject::parse("kari").unwrap()),
            via: Vec::new(),
        }
    }

    #[derive(Debug, Clone)]
    enum Step {
        Token(u8),
        Subject(u8),
        /// A server that read the list before reads it again, late.
        Again(u8),
        Forget(u8),
    }

    fn step() -> impl Strategy<Value = Step> {
        (0_u8..4, 0_u8..16).prop_map(|(what, n)| match what {
            0 => Step::Token(n),
            1 => Step::Subject(n),
            2 => Step::Again(n),
            _ => Step::Forget(n),
        })
    }

    proptest! {
        /// Stopping, reading the list again late, and forgetting what has ended, in any order: what was stopped once is
        /// stopped as long as it has not ended by itself.
        #[test]
        fn nothing_brings_a_stopped_token_back(steps in prop::collection::vec(step(), 1..40)) {
            let stopped = Stopped::default();
            let second = |n: u8| Timestamp::from_millis(i64::from(n) * 1000);
            let longest = |at: u8| Some(second(at).plus_seconds(20));
            let mut never_again: Vec<u8> = Vec::new();
            let mut added: Vec<(Stop, Option<Timestamp>)> = Vec::new();
            let mut now = 0;
            for step in steps {
                let new = match step {
                    Step::Token(n) => {
                        never_again.push(n);
                        Some((Stop::Token(pass(n).jti), longest(n)))
                    }
                    Step::Subject(at) => {
                        never_again.extend((0..=at).filter(|n| n % 2 == 0));
                        Some((Stop::Subject(Subject::parse("kari").unwrap(), second(at)), longest(at)))
                    }
                    Step::Again(n) => added.get(usize::from(n)).cloned(),
                    Step::Forget(at) => {
                        now = now.max(at);
                        stopped.forget_ended(second(now));
                        None
                    }
                };
                if let Some((stop, until)) = new {
                    added.push((stop.clone(), until));
                    stopped.add(stop, until);
                }
                for n in &never_again {
                    let ended = pass(*n).exp.is_some_and(|end| end <= i64::from(now));
                    prop_assert!(ended || stopped.holds(&pass(*n)), "{n} at {now}");
                }
            }
        }
    }

    #[test]
    fn narrowing_is_no_way_around_a_stop() {
        let stopped = Stopped::default();
        let subject = Subject::parse("kari").unwrap();
        stopped.add(Stop::Subject(subject, Timestamp::from_millis(4000)), None);
        let narrowed = |from: &[u8]| Claims {
            via: from.iter().map(|n| pass(*n).jti).collect(),
            ..pass(8)
        };
        assert!(stopped.holds(&narrowed(&[4])) && stopped.holds(&narrowed(&[2, 6])));
        assert!(!stopped.holds(&narrowed(&[6])) && !stopped.holds(&narrowed(&[])));
    }

    #[test]
    fn others_are_left_alone() {
        let stopped = Stopped::default();
        stopped.add(Stop::Token(pass(3).jti), None);
        stopped.add(
            Stop::Subject(Subject::parse("kari").unwrap(), Timestamp::from_millis(4000)),
            None,
        );
        let held: Vec<u8> = (0..10).filter(|n| stopped.holds(&pass(*n))).collect();
        assert_eq!(held, [0, 2, 3, 4]);
    }
}
