//! What forms and lists know without a browser: drafts, queries, durations. Tested on the host.
//!
//! No view, signal, request or text of the catalogue belongs here.

pub(crate) mod interface_draft;
pub(crate) mod path_rules;
pub(crate) mod query;
pub(crate) mod selection;
pub(crate) mod settings_draft;
pub(crate) mod span;
pub(crate) mod stop_draft;
pub(crate) mod token_draft;

use wire::FieldError;

/// The first error of a field, or of one of its entries: `allowed_origins` finds `allowed_origins[2]` too.
pub(crate) fn error_of<'a>(errors: &'a [FieldError], field: &str) -> Option<&'a FieldError> {
    errors.iter().find(|error| {
        error
            .field
            .strip_prefix(field)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['[', '.']))
    })
}

/// Which entry of a list an error is about: 2 for `allowed_origins[2]`.
pub(crate) fn entry_of(error: &FieldError) -> Option<usize> {
    let (_, rest) = error.field.split_once('[')?;
    rest.split_once(']')?.0.parse().ok()
}

/// The lines of a text area that say something.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::FieldErrorCode;

    #[test]
    fn entries_belong_to_their_field() {
        let errors = [FieldError::new("allowed_origins[2]", FieldErrorCode::NotAnOrigin)];
        let found = error_of(&errors, "allowed_origins").unwrap();
        assert_eq!(entry_of(found), Some(2));
        assert!(error_of(&errors, "allowed").is_none());
        assert!(error_of(&errors, "name").is_none());
    }
}
