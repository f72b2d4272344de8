//! The pages. Each owns what it loads and what it changes; how it looks is made of `components`.

pub(crate) mod activity;
pub(crate) mod bulk;
pub(crate) mod import;
pub(crate) mod interfaces;
pub(crate) mod not_found;
pub(crate) mod overview;
pub(crate) mod path_rules;
mod runbook;
pub(crate) mod settings;
pub(crate) mod signing_keys;
pub(crate) mod sites;
pub(crate) mod token;
pub(crate) mod token_acts;
pub(crate) mod token_claim;
pub(crate) mod token_dialogs;
pub(crate) mod token_form;
pub(crate) mod token_stop;
pub(crate) mod tokens;

use leptos::prelude::*;

use crate::api::ApiError;
use crate::components::field::Errors;
use crate::components::problem::words;

/// A request that is under way, and what came of it when it was nothing good.
#[derive(Clone, Copy)]
pub(crate) struct Attempt {
    pub(crate) busy: RwSignal<bool>,
    pub(crate) refusal: RwSignal<Option<String>>,
}

impl Attempt {
    pub(crate) fn new() -> Self {
        Self {
            busy: RwSignal::new(false),
            refusal: RwSignal::new(None),
        }
    }

    pub(crate) fn start(self) {
        self.busy.set(true);
        self.refusal.set(None);
    }

    pub(crate) fn end(self, refusal: Option<String>) {
        // The page may be gone by the time the answer comes.
        let _ = self.busy.try_set(false);
        let _ = self.refusal.try_set(refusal);
    }

    /// Says why not: at the fields that it is about, or as a whole.
    pub(crate) fn refuse(self, errors: Errors, error: ApiError) {
        match error {
            ApiError::Refused(problem) if !problem.errors.is_empty() => {
                let _ = errors.try_set(problem.errors);
                self.end(None);
            }
            error => self.end(Some(words(&error))),
        }
    }

    pub(crate) fn reset(self) {
        self.busy.set(false);
        self.refusal.set(None);
    }
}

/// Sends a change to the server. What is shown meanwhile, and what comes of it, is the task's own affair.
pub(crate) fn act(task: impl Future<Output = ()> + 'static) {
    crate::dom::spawn(Box::pin(task));
}
