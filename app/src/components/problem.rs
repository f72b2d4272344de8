//! What went wrong, in the reader's words, with what to do next.

use leptos::prelude::*;
use wire::{ErrorCode, FieldError, FieldErrorCode, Language};

use super::icon::{Icon, icon};
use crate::api::ApiError;
use crate::dom::{Dom, view};
use crate::model::settings_draft::{LONGEST_ROTATION, SHORTEST_MAXIMUM};
use crate::model::{entry_of, lines};
use crate::text::{language, t};

/// An error as a sentence.
pub(crate) fn words(error: &ApiError) -> String {
    let problem = match error {
        ApiError::Unreachable => return t!(errors.unreachable).to_owned(),
        ApiError::Unexpected(status) => return t!(errors.unexpected, status = status),
        ApiError::Refused(problem) => problem,
    };
    let known = match problem.code {
        ErrorCode::Internal => t!(errors.internal),
        ErrorCode::NotFound => t!(errors.not_found),
        ErrorCode::Forbidden => t!(errors.forbidden),
        ErrorCode::ReauthenticationRequired => t!(errors.reauthentication_required),
        ErrorCode::Unauthenticated => t!(errors.unauthenticated),
        ErrorCode::RateLimited => t!(errors.rate_limited),
        ErrorCode::TokenNotInactive => t!(errors.token_not_inactive),
        ErrorCode::Conflict => t!(errors.conflict),
        // The other codes are for programs. Their own sentence is the best that there is, for those who read English.
        code if language() != Language::English => return t!(errors.refused, code = code),
        _ => return problem.detail.clone(),
    };
    match (&problem.request_id, problem.code) {
        (Some(id), ErrorCode::Internal) => format!("{known} {}", t!(errors.request_id, id = id)),
        _ => known.to_owned(),
    }
}

/// A field's error as a sentence. `typed` is what the field holds, to quote the line at fault.
pub(crate) fn field_words(error: &FieldError, typed: &str) -> String {
    let line = || {
        entry_of(error)
            .and_then(|at| lines(typed).nth(at))
            .unwrap_or_else(|| typed.trim())
    };
    let limit = match error.field.as_str() {
        "name" => Some(wire::TokenName::MAX),
        "description" => Some(wire::Description::MAX),
        "note" => Some(wire::Note::MAX),
        "contact" => Some(wire::Contact::MAX),
        "write_reason" => Some(wire::Reason::MAX),
        "subject" => Some(wire::Subject::MAX),
        _ => None,
    };
    let between = |from: i64, to: i64| {
        t!(
            fields.between,
            from = crate::format::number(from),
            to = crate::format::number(to)
        )
    };
    let known = match error.code {
        FieldErrorCode::Required if error.field == "write_reason" => t!(fields.reason_required),
        FieldErrorCode::Required if error.field == "confirm" => t!(fields.not_confirmed),
        FieldErrorCode::Required => t!(fields.required),
        FieldErrorCode::TooLong => match limit {
            Some(limit) => return t!(fields.too_long_text, limit = limit),
            None if error.field.starts_with("allowed_") => {
                return t!(fields.too_long_list, limit = wire::LIMITS.origins);
            }
            None => t!(fields.too_long),
        },
        FieldErrorCode::TooShort => t!(fields.too_short),
        FieldErrorCode::ControlCharacter => t!(fields.control_character),
        FieldErrorCode::ContainsToken => t!(fields.contains_token),
        FieldErrorCode::Taken => t!(fields.taken),
        FieldErrorCode::WrongType => t!(fields.wrong_type),
        FieldErrorCode::OutOfRange if error.field == "temporary_lifetime" => {
            return t!(
                fields.lifetime_range,
                most = crate::format::number(wire::LIMITS.longest_temporary_lifetime)
            );
        }
        FieldErrorCode::OutOfRange if error.field == "default_temporary_lifetime" => {
            t!(fields.default_lifetime_range)
        }
        FieldErrorCode::OutOfRange if error.field == "maximum_temporary_lifetime" => {
            return between(SHORTEST_MAXIMUM, wire::LIMITS.longest_temporary_lifetime);
        }
        FieldErrorCode::OutOfRange if error.field == "key_length" => {
            return between(wire::LIMITS.shortest_key.into(), wire::LIMITS.longest_key.into());
        }
        FieldErrorCode::OutOfRange if error.field == "rotation_age_days" => {
            return between(1, LONGEST_ROTATION);
        }
        FieldErrorCode::OutOfRange if error.field.contains("rate_limit") => {
            return t!(
                fields.rate_range,
                requests = crate::format::number(wire::LIMITS.rate_requests.into()),
                seconds = crate::format::number(wire::LIMITS.rate_seconds.into())
            );
        }
        FieldErrorCode::OutOfRange if error.field == "jti" => t!(fields.not_an_id),
        FieldErrorCode::OutOfRange => t!(fields.out_of_range),
        FieldErrorCode::InThePast => t!(fields.in_the_past),
        FieldErrorCode::NotAnOrigin => return t!(fields.not_an_origin, line = line()),
        FieldErrorCode::NotANetwork => return t!(fields.not_a_network, line = line()),
        FieldErrorCode::NotAPath => t!(fields.not_a_path),
        FieldErrorCode::UnknownInterface => t!(fields.unknown_interface),
        FieldErrorCode::Duplicate => t!(fields.duplicate),
        FieldErrorCode::NotForThisKind => t!(fields.not_for_this_kind),
        FieldErrorCode::InterfaceNotPublic => t!(fields.interface_not_public),
        FieldErrorCode::PublicNeeds => t!(fields.public_needs),
        FieldErrorCode::EndlessNotAllowed => t!(fields.endless_not_allowed),
        FieldErrorCode::Excludes => t!(fields.excludes),
        FieldErrorCode::Weak => t!(fields.weak),
        FieldErrorCode::UnknownField => t!(fields.other),
    };
    known.to_owned()
}

/// An error where something was to be shown.
#[component]
pub(crate) fn Failed(
    #[prop(into)] error: Signal<Option<ApiError>>,
    /// Tries again.
    #[prop(into)]
    retry: Callback<()>,
) -> impl IntoView {
    Dom::of(move || {
        error.get().map(|error| {
            view! {
                <div class="alert warn" role="alert">
                    {icon(Icon::Warn)}
                    <div>
                        <p><strong>{t!(errors.heading)}</strong></p>
                        <p>{words(&error)}</p>
                    </div>
                    <button type="button" class="btn" on:click=move |_| retry.run(())>{t!(common.retry)}</button>
                </div>
            }
        })
    })
}

/// A sentence that must be seen, where there is one.
#[component]
pub(crate) fn Refusal(#[prop(into)] text: Signal<Option<String>>) -> impl IntoView {
    Dom::of(move || {
        text.get().map(|text| {
            view! { <div class="alert warn" role="alert">{icon(Icon::Warn)}<p>{text}</p></div> }
        })
    })
}
