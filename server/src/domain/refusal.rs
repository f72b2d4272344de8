//! A refusal: its code, what happened and what to do next, and what is missing.

use std::borrow::Cow;

use wire::{ErrorCode, FieldError, Grant, HelpLanguage, TokensInTheWay, contains_token_value};

use super::limits::Standings;

/// Why something is not done. Holds nothing secret: it is shown to whoever asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Refusal {
    /// The code of the contract.
    pub code: ErrorCode,
    /// What happened and what to do next.
    pub detail: Cow<'static, str>,
    /// The rights that are missing.
    pub missing: Vec<Grant>,
    /// The fields that break a rule.
    pub errors: Vec<FieldError>,
    /// The tokens that stand in the way.
    pub in_the_way: Option<Box<TokensInTheWay>>,
    /// Seconds after which it may be tried again.
    pub retry_after: Option<u64>,
    /// How the limits stand that the request counted against, or the one that is used up.
    pub limits: Option<Box<Standings>>,
    /// In which language the help is that goes with it.
    pub help: Option<HelpLanguage>,
}

/// The longest name of a field that somebody may have mistyped, in bytes.
const LONGEST_NAME: usize = 40;

fn is_a_field_name(path: &str) -> bool {
    path.split('.').all(|name| name.len() <= LONGEST_NAME) && !contains_token_value(path)
}

impl Refusal {
    /// A refusal with a sentence.
    pub fn new(code: ErrorCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            detail: detail.into(),
            missing: Vec::new(),
            errors: Vec::new(),
            in_the_way: None,
            retry_after: None,
            limits: None,
            help: None,
        }
    }

    /// A refusal of fields. A name that somebody else gave a field may be a secret in the wrong place: it does not
    /// come back.
    #[must_use]
    pub fn fields(mut errors: Vec<FieldError>) -> Self {
        for error in errors.iter_mut().filter(|e| !is_a_field_name(&e.field)) {
            "…".clone_into(&mut error.field);
        }
        let named: Vec<String> = errors
            .iter()
            .map(|e| format!("{}: {}", e.field, e.detail))
            .collect();
        Self {
            errors,
            ..Self::new(ErrorCode::InvalidRequest, named.join("; "))
        }
    }

    /// A refusal of what comes too often, with the seconds after which it may be tried again.
    #[must_use]
    pub fn wait(seconds: u64, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            retry_after: Some(seconds),
            ..Self::new(ErrorCode::RateLimited, detail)
        }
    }

    /// The same, telling how the limits stand that the request counted against.
    #[must_use]
    pub fn telling(self, standings: &Standings) -> Self {
        Self {
            limits: Some(Box::new(*standings)),
            ..self
        }
    }

    /// A refusal for a missing right.
    #[must_use]
    pub fn missing(code: ErrorCode, detail: impl Into<Cow<'static, str>>, missing: Vec<Grant>) -> Self {
        Self {
            missing,
            ..Self::new(code, detail)
        }
    }
}
