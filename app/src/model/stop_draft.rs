//! Which temporary tokens of a token are to be stopped, as somebody chooses and types it.

use wire::{FieldError, FieldErrorCode, StopTemporaryRequest, Subject, TemporaryId};

/// Which of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum StopScope {
    /// All that were made so far.
    #[default]
    All,
    /// Those that were made for one subject.
    Subject,
    /// One, by its id.
    One,
}

/// What is chosen and typed. What was typed for another choice stays, for those who change their mind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct StopDraft {
    pub(crate) scope: StopScope,
    pub(crate) subject: String,
    pub(crate) jti: String,
}

impl StopDraft {
    /// What is asked of the server. Whatever the token's version is: that it was edited meanwhile changes nothing about
    /// which temporary tokens were made.
    ///
    /// # Errors
    /// What is wrong with the field of the choice, as the server would say it.
    pub(crate) fn request(&self) -> Result<StopTemporaryRequest, FieldError> {
        let mut request = StopTemporaryRequest::default();
        match self.scope {
            StopScope::All => {}
            StopScope::Subject => {
                let subject = Subject::parse(&self.subject);
                request.subject = Some(subject.map_err(|error| FieldError::new("subject", error.code))?);
            }
            StopScope::One => {
                let jti = self.jti.trim();
                let code = if jti.is_empty() {
                    FieldErrorCode::Required
                } else {
                    FieldErrorCode::OutOfRange
                };
                let id: Result<TemporaryId, _> = jti.parse();
                request.jti = Some(id.map_err(|_| FieldError::new("jti", code))?);
            }
        }
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

    fn draft(scope: StopScope) -> StopDraft {
        StopDraft {
            scope,
            subject: " kari ".to_owned(),
            jti: format!(" {ID}\n"),
        }
    }

    #[test]
    fn only_what_is_chosen_is_sent() {
        let sent = |scope| serde_json::to_value(draft(scope).request().unwrap()).unwrap();
        assert_eq!(sent(StopScope::All), serde_json::json!({}));
        assert_eq!(sent(StopScope::Subject), serde_json::json!({ "subject": "kari" }));
        assert_eq!(sent(StopScope::One), serde_json::json!({ "jti": ID }));
    }

    #[test]
    fn what_is_wrong_is_said_at_the_field_of_the_choice_alone() {
        let wrong = |scope, subject: &str, jti: &str| {
            let draft = StopDraft {
                scope,
                subject: subject.to_owned(),
                jti: jti.to_owned(),
            };
            draft.request().map_err(|error| (error.field, error.code))
        };
        let refused = |field: &str, code| Err((field.to_owned(), code));
        assert_eq!(
            wrong(StopScope::Subject, " ", "x"),
            refused("subject", FieldErrorCode::Required)
        );
        assert_eq!(
            wrong(StopScope::Subject, &"a".repeat(201), ""),
            refused("subject", FieldErrorCode::TooLong)
        );
        assert_eq!(
            wrong(StopScope::One, "", " "),
            refused("jti", FieldErrorCode::Required)
        );
        assert_eq!(
            wrong(StopScope::One, "", &ID.to_lowercase()),
            refused("jti", FieldErrorCode::OutOfRange)
        );
        assert!(wrong(StopScope::All, "", "x").is_ok());
    }
}
