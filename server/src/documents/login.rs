//! Signing in.
//!
//! Says the same of a wrong name and of a wrong password. A typed password never comes back into the document.

use leptos::prelude::*;
use wire::{contains_token_value, mask_token_values};

use super::parts::{Alert, Field, Outside, Site, Typing, document, duration};

/// What the sign-in document says.
#[derive(Debug, Clone, Copy)]
pub struct LoginPage<'a> {
    /// Where the assets are.
    pub site: Site<'a>,
    /// Why it is shown.
    pub state: LoginState,
    /// The name typed before.
    pub name: &'a str,
    /// Where to go afterwards; anything but a path of ours becomes `/`.
    pub next: &'a str,
}

/// Why the sign-in document is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginState {
    /// Somebody wants to sign in.
    First,
    /// Name or password was wrong; which one is not said.
    Failed,
    /// Too many attempts.
    Throttled {
        /// How long to wait.
        seconds: u64,
    },
    /// Somebody just signed out.
    SignedOut,
    /// The session has ended, or is too old for an act.
    Again,
}

/// The document of `/login`.
#[must_use]
pub fn login(page: &LoginPage<'_>) -> String {
    let texts = &page.site.texts().login;
    document(page.site, Outside::Sheet, texts.title, "", || {
        let alert = match page.state {
            LoginState::First | LoginState::SignedOut | LoginState::Again => None,
            LoginState::Failed => Some((texts.failed, texts.failed_advice.to_owned())),
            LoginState::Throttled { seconds } => Some((
                texts.throttled,
                (texts.throttled_advice)(&duration(page.site.texts(), seconds)),
            )),
        };
        let notice = match page.state {
            LoginState::SignedOut => Some(texts.signed_out),
            LoginState::Again => Some(texts.again),
            _ => None,
        };
        // Whoever pastes a value here by mistake, or on purpose, does not get it back.
        let name = mask_token_values(page.name).into_owned();
        let name_is_known = !name.is_empty();
        let no_alert = alert.is_none();
        view! {
            {alert.map(|(title, advice)| view! { <Alert title=title advice=advice /> })}
            {notice.map(|text| view! { <div class="alert note" role="status"><p>{text}</p></div> })}
            <form method="post" action="/login" class="form">
                <input type="hidden" name="next" value=local_path(page.next).to_owned() />
                <Field
                    name="name"
                    label=texts.name
                    typing=Typing::Name
                    value=name
                    first=no_alert && !name_is_known
                />
                <Field
                    name="password"
                    label=texts.password
                    typing=Typing::Password("current-password")
                    first=no_alert && name_is_known
                />
                <button class="btn first">{texts.title}</button>
            </form>
        }
    })
}

/// What is said after signing in in a tab of its own.
#[derive(Debug, Clone, Copy)]
pub struct SignedInPage<'a> {
    /// Where the assets are.
    pub site: Site<'a>,
    /// Who signed in.
    pub name: &'a str,
}

/// The document for a tab that was opened only to sign in again.
#[must_use]
pub fn signed_in(page: &SignedInPage<'_>) -> String {
    let texts = &page.site.texts().login;
    document(
        page.site,
        Outside::Sheet,
        texts.done,
        &(texts.done_as)(page.name),
        || {
            view! {
                <p role="status">{texts.done_close}</p>
                <a class="btn" href="/">{texts.done_open}</a>
            }
        },
    )
}

/// The path, if it is one on this server; `/` otherwise. A `next` comes from outside, and browsers take `//host` and
/// `/\host` for other servers. None of our paths holds a token's value.
#[must_use]
pub fn local_path(next: &str) -> &str {
    let is_local = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains(['\\', '\n', '\r', '\t'])
        && next.bytes().all(|b| b.is_ascii_graphic())
        && !contains_token_value(next);
    if is_local { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_ours_are_gone_to() {
        for path in ["/", "/tokens", "/tokens?q=a%20b#x"] {
            assert_eq!(local_path(path), path);
        }
        for elsewhere in [
            "",
            "tokens",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "https://evil.example/",
            "javascript:alert(1)",
            "/\u{a0}x",
            &format!("/?x=dps_{}", "a".repeat(46)),
        ] {
            assert_eq!(local_path(elsewhere), "/", "{elsewhere:?}");
        }
    }
}
