//! What a search found: gathered by all threads, bounded, and without a single value in it.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use wire::Kind;

use crate::mask::masked;
use crate::search::{Encoding, Hit, Sha256};

/// The most findings, and the most notes, that are kept; more are only counted.
pub const MOST: usize = 10_000;

/// Where something is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// The file, or the address of a page. Values in it are masked.
    pub path: String,
    /// In an archive: the file in it; in an archive in an archive, several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
    /// In a history: the object of git.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// In a history: the first commit that has the object; none for one that no branch or tag leads to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
}

impl Place {
    /// A file or an address.
    #[must_use]
    pub fn new(path: &str) -> Self {
        Self {
            path: masked(path),
            members: Vec::new(),
            object: None,
            commit: None,
        }
    }

    /// A file in this archive.
    #[must_use]
    pub fn member(&self, name: &str) -> Self {
        let mut inner = self.clone();
        inner.members.push(masked(name));
        inner
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.path)?;
        for member in &self.members {
            write!(f, "!{member}")?;
        }
        Ok(())
    }
}

/// Whether a value that was found is one that works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// No server was asked.
    NotAsked,
    /// It works now.
    Live,
    /// The server knows it; its token is switched off, or ended.
    Inactive,
    /// The server does not know it (any more).
    Unknown,
}

impl State {
    /// What a person reads.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotAsked => "not asked",
            Self::Live => "LIVE",
            Self::Inactive => "inactive",
            Self::Unknown => "unknown to the server",
        }
    }
}

/// A value that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where.
    pub place: Place,
    /// The line, from 1; 0 where the name itself holds the value.
    pub line: u64,
    /// The column in code units of UTF-16, from 1; 0 as above.
    pub column: u64,
    /// Secret or public.
    pub kind: Kind,
    /// How it is written.
    pub encoding: Encoding,
    /// Prefix, first four and last two characters.
    pub hint: String,
    /// SHA-256 of the value.
    pub sha256: Sha256,
    /// Whether it works.
    pub state: State,
}

impl Finding {
    /// The first 32 bits of the digest: tells values apart, and is all that a server is ever asked by.
    #[must_use]
    pub fn fingerprint(&self) -> u32 {
        u32::from_be_bytes([self.sha256[0], self.sha256[1], self.sha256[2], self.sha256[3]])
    }
}

/// Something that could not be searched, or not to its end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Note {
    /// Where.
    pub place: Place,
    /// Why.
    pub text: String,
}

/// What a search found.
#[derive(Debug, Default)]
pub struct Report {
    /// Values, in order of their places.
    pub findings: Vec<Finding>,
    /// Findings beyond [`MOST`].
    pub more_findings: u64,
    /// What was not searched: where there is one, nothing can be promised.
    pub notes: Vec<Note>,
    /// Notes beyond [`MOST`].
    pub more_notes: u64,
    /// Why a server was not asked which values work, or not of all.
    pub not_asked: Option<String>,
    /// Files, pages and objects that were searched.
    pub files: u64,
    /// Bytes that were searched, unpacked.
    pub bytes: u64,
}

impl Report {
    /// Whether a value that belongs on servers is among the findings.
    #[must_use]
    pub fn has_secrets(&self) -> bool {
        self.more_findings > 0 || self.findings.iter().any(|f| f.kind == Kind::Secret)
    }

    /// Whether all that was to be searched and asked was.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.notes.is_empty() && self.not_asked.is_none()
    }

    /// Different values among the findings.
    #[must_use]
    pub fn values(&self) -> usize {
        self.findings
            .iter()
            .map(|f| f.sha256)
            .collect::<BTreeSet<_>>()
            .len()
    }
}

/// What threads add to. Counters may be read while the search runs, to show progress.
#[derive(Debug, Default)]
pub struct Gathering {
    report: Mutex<Report>,
    files: AtomicU64,
    bytes: AtomicU64,
}

impl Gathering {
    /// Files so far.
    pub fn files(&self) -> u64 {
        self.files.load(Ordering::Relaxed)
    }

    /// Bytes so far.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Notes that something named by the caller could not be searched at all.
    pub fn failed(&self, what: &str, why: &str) {
        self.note(&Place::new(what), why);
    }

    pub(crate) fn searched(&self, bytes: u64) {
        self.files.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn found(&self, place: &Place, hit: Hit) {
        let mut report = self.report.lock().unwrap_or_else(PoisonError::into_inner);
        if report.findings.len() >= MOST {
            report.more_findings += 1;
            return;
        }
        report.findings.push(Finding {
            place: place.clone(),
            line: hit.line,
            column: hit.column,
            kind: hit.kind,
            encoding: hit.encoding,
            hint: hit.hint,
            sha256: hit.sha256,
            state: State::NotAsked,
        });
    }

    pub(crate) fn note(&self, place: &Place, text: impl Into<String>) {
        let mut report = self.report.lock().unwrap_or_else(PoisonError::into_inner);
        if report.notes.len() >= MOST {
            report.more_notes += 1;
            return;
        }
        report.notes.push(Note {
            place: place.clone(),
            // An error of a library may repeat a name.
            text: masked(text),
        });
    }

    /// Changes findings whose commit is known only when all objects were read.
    pub(crate) fn amend(&self, mut change: impl FnMut(&mut Finding)) {
        let mut report = self.report.lock().unwrap_or_else(PoisonError::into_inner);
        report.findings.iter_mut().for_each(&mut change);
    }

    /// The report, in order.
    pub(crate) fn finish(self) -> Report {
        let mut report = self.report.into_inner().unwrap_or_else(PoisonError::into_inner);
        report.files = self.files.into_inner();
        report.bytes = self.bytes.into_inner();
        report
            .findings
            .sort_by(|a, b| (&a.place, a.line, a.column).cmp(&(&b.place, b.line, b.column)));
        report.notes.sort();
        report
    }
}
