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
                let new = SubjectStop { at, until };
                self.subjects.pin().update_or_insert(
                    subject,
                    |known| if known.at < at { new } else { *known },
                    new,
                );
            }
        }
    }

    /// Whether a temporary token, or one that it was narrowed from, is among them.
    #[must_use]
    pub fn holds(&self, claims: &Claims) -> bool {
        let tokens = self.tokens.pin();
        tokens.contains_key(&claims.jti)
            || claims.via.iter().any(|id| tokens.contains_key(id))
            || claims.subject.as_ref().is_some_and(|subject| {
                // Minted in the very millisecond of the stop: rather one too many than one too few.
                self.subjects
                    .pin()
                    .get(subject)
                    .is_some_and(|stop| claims.jti.made_at() <= stop.at)
            })
    }

    /// Forgets what stops only tokens that have ended by themselves.
    pub fn forget_ended(&self, now: Timestamp) {
        let lasts = |until: &Option<Timestamp>| until.is_none_or(|end| now < end);
        self.tokens.pin().retain(|_, until| lasts(until));
        self.subjects.pin().retain(|_, stop| lasts(&stop.until));
    }
}
