//! First run: the one-time code from the server's output makes the first administrator.
//!
//! Typed passwords never come back into the document, whatever was wrong.

use leptos::prelude::*;
use wire::{FieldErrorCode, LIMITS, TextError, mask_token_values};

use super::parts::{Alert, Field, Outside, Site, Typing, document, duration};
use super::texts::Texts;

/// What the set-up document says.
#[derive(Debug, Clone)]
pub struct SetupPage<'a> {
    /// Where the assets are.
    pub site: Site<'a>,
    /// Whether there is a form.
    pub state: SetupState<'a>,
}

/// Whether an administrator can be made.
#[derive(Debug, Clone)]
pub enum SetupState<'a> {
    /// The form. The code (from the link that the server printed) and the name are those typed before.
    Open {
        /// The one-time code.
        code: &'a str,
        /// The name.
        name: &'a str,
        /// What was wrong, if the form was sent already.
        problems: &'a [SetupProblem],
    },
    /// The code's time is over.
    CodeExpired,
    /// An administrator exists.
    Closed,
}

/// What can be wrong with the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetupProblem {
    /// No code, or not the one that the server printed.
    WrongCode,
    /// Too many wrong codes; the seconds to wait.
    TooManyCodes(u64),
    /// The name breaks a rule.
    Name(TextError),
    /// Shorter than allowed.
    PasswordTooShort,
    /// Longer than allowed.
    PasswordTooLong,
    /// Too easy to guess.
    PasswordWeak,
    /// The two passwords are not the same.
    PasswordsDiffer,
}

impl SetupProblem {
    fn field(self) -> &'static str {
        match self {
            Self::WrongCode | Self::TooManyCodes(_) => "code",
            Self::Name(_) => "name",
            Self::PasswordTooShort | Self::PasswordTooLong | Self::PasswordWeak => "password",
            Self::PasswordsDiffer => "password_again",
        }
    }

    fn label(self, texts: &Texts) -> &'static str {
        match self.field() {
            "code" => texts.setup.code,
            "name" => texts.login.name,
            "password" => texts.login.password,
            _ => texts.setup.password_again,
        }
    }

    fn text(self, texts: &Texts) -> String {
        let setup = &texts.setup;
        match self {
            Self::WrongCode => setup.wrong_code.to_owned(),
            Self::TooManyCodes(seconds) => (setup.too_many_codes)(&duration(texts, seconds)),
            Self::Name(error) => match error.code {
                FieldErrorCode::Required => setup.name_required.to_owned(),
                FieldErrorCode::TooLong => (setup.name_too_long)(error.limit.unwrap_or(100) as u64),
                FieldErrorCode::ControlCharacter => setup.name_hidden.to_owned(),
                FieldErrorCode::ContainsToken => setup.name_token.to_owned(),
                _ => setup.name_other.to_owned(),
            },
            Self::PasswordTooShort => (setup.password_too_short)(LIMITS.shortest_password as u64),
            Self::PasswordTooLong => (setup.password_too_long)(LIMITS.longest_password as u64),
            Self::PasswordWeak => setup.password_weak.to_owned(),
            Self::PasswordsDiffer => setup.passwords_differ.to_owned(),
        }
    }
}

/// The document of `/setup`.
#[must_use]
pub fn setup(page: &SetupPage<'_>) -> String {
    let all = page.site.texts();
    let texts = &all.setup;
    let (title, lead) = match page.state {
        SetupState::Open { .. } => (texts.title, texts.lead),
        SetupState::CodeExpired => (texts.expired, texts.expired_lead),
        SetupState::Closed => (texts.closed, texts.closed_lead),
    };
    document(page.site, Outside::Sheet, title, lead, || match page.state {
        SetupState::Open { code, name, problems } => form(all, code, name, problems).into_any(),
        SetupState::CodeExpired => view! { <p>{texts.expired_advice}</p> }.into_any(),
        SetupState::Closed => view! { <a class="btn first" href="/login">{all.login.title}</a> }.into_any(),
    })
}

fn form(all: &'static Texts, code: &str, name: &str, problems: &[SetupProblem]) -> impl IntoView + use<> {
    let texts = &all.setup;
    // Whoever pastes a value here by mistake, or on purpose, does not get it back.
    let [code, name] = [code, name].map(|typed| mask_token_values(typed).into_owned());
    let of = |field| problems.iter().find(|p| p.field() == field).map(|p| p.text(all));
    let alert = (!problems.is_empty()).then(|| {
        let fields = problems
            .iter()
            .map(|p| (p.field(), format!("{}: {}", p.label(all), p.text(all))))
            .collect();
        view! { <Alert title=texts.refused fields=fields /> }
    });
    // Typing starts at the first field that is still empty, unless there is an alert to be read first.
    let untouched = problems.is_empty();
    let has_code = !code.is_empty();
    view! {
        {alert}
        <form method="post" action="/setup" class="form">
            <Field
                name="code"
                label=texts.code
                typing=Typing::Key
                value=code
                problem=of("code")
                first=untouched && !has_code
                hint=texts.code_hint
            />
            <Field
                name="name"
                label=all.login.name
                typing=Typing::Name
                value=name
                problem=of("name")
                first=untouched && has_code
                hint=texts.name_hint
            />
            <Field
                name="password"
                label=all.login.password
                typing=Typing::Password("new-password")
                problem=of("password")
                hint=(texts.password_hint)(LIMITS.shortest_password as u64)
            />
            <Field
                name="password_again"
                label=texts.password_again
                typing=Typing::Password("new-password")
                problem=of("password_again")
            />
            <button class="btn first">{texts.submit}</button>
        </form>
    }
}
