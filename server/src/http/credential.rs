//! Finding the credential in a request: `Authorization: Bearer`, `Token`, `X-Api-Key`, or the query of a URL.
//!
//! Our session cookie is not looked at here. Two different credentials in one request are refused: which one was
//! meant is a guess that an attacker would like us to make.

use std::borrow::Cow;

use axum::http::{HeaderMap, HeaderName, header};
use wire::ErrorCode;

use super::form::Form;
use crate::domain::refusal::Refusal;
use crate::secret::Presented;

const TOKEN: HeaderName = HeaderName::from_static("token");
const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// A credential, and whether it stood in a URL.
pub(super) struct Found<'r> {
    /// Its value.
    pub(super) value: Cow<'r, str>,
    /// Whether it stood in a URL.
    pub(super) in_url: bool,
    /// The permanent token beside a temporary one, where both were sent as `apikey` and `token`: the application that
    /// the temporary one has to belong to.
    pub(super) application: Option<Box<Found<'r>>>,
}

impl std::fmt::Debug for Found<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Found(in_url: {})", self.in_url)
    }
}

/// Finds the one credential of a request.
///
/// # Errors
/// `token_missing`, or `token_malformed` for two different ones.
pub(super) fn find<'r>(headers: &'r HeaderMap, queries: [Option<&'r str>; 2]) -> Result<Found<'r>, Refusal> {
    let mut sought = Sought::default();
    sought.headers(headers)?;
    for query in queries.into_iter().flatten() {
        sought.query(query)?;
    }
    sought.found()
}

/// Finds the one credential of a request with a form in its body, whose fields have the names of the parameters.
///
/// # Errors
/// `token_missing`, or `token_malformed` for two different ones.
pub(super) fn find_with_form<'r>(
    headers: &'r HeaderMap,
    query: Option<&'r str>,
    form: &'r Form<'_>,
) -> Result<Found<'r>, Refusal> {
    let mut sought = Sought::default();
    sought.headers(headers)?;
    if let Some(query) = query {
        sought.query(query)?;
    }
    for (name, value) in form.pairs() {
        sought.parameter(name, Cow::Borrowed(value), false)?;
    }
    sought.found()
}

/// What was found so far.
#[derive(Default)]
struct Sought<'r> {
    /// In a header, or as `token`.
    token: Option<Found<'r>>,
    /// As `apikey`.
    key: Option<Found<'r>>,
}

impl<'r> Sought<'r> {
    fn headers(&mut self, headers: &'r HeaderMap) -> Result<(), Refusal> {
        let bearer = headers.get_all(header::AUTHORIZATION).iter().map(|v| {
            let text = v.to_str().map_err(|_| malformed())?;
            let is_bearer =
                text.len() >= 7 && text.is_char_boundary(7) && text[..7].eq_ignore_ascii_case("bearer ");
            Ok(is_bearer.then(|| text[7..].trim()))
        });
        let plain = [TOKEN, API_KEY]
            .into_iter()
            .flat_map(|name| headers.get_all(name))
            .map(|v| v.to_str().map(|t| Some(t.trim())).map_err(|_| malformed()));
        for value in bearer.chain(plain) {
            if let Some(value) = value?.filter(|v| !v.is_empty()) {
                take(&mut self.token, Cow::Borrowed(value), false)?;
            }
        }
        Ok(())
    }

    fn query(&mut self, query: &'r str) -> Result<(), Refusal> {
        for pair in query.split('&') {
            let name = pair.split('=').next().unwrap_or_default();
            // Decoded only where it may be one of ours: most of what is asked has none.
            if matches!(name, "token" | "apikey") || name.contains(['%', '+']) {
                for (name, value) in form_urlencoded::parse(pair.as_bytes()) {
                    self.parameter(&name, value, true)?;
                }
            }
        }
        Ok(())
    }

    fn parameter(&mut self, name: &str, value: Cow<'r, str>, in_url: bool) -> Result<(), Refusal> {
        match name {
            _ if value.is_empty() => Ok(()),
            "token" => take(&mut self.token, value, in_url),
            "apikey" => take(&mut self.key, value, in_url),
            _ => Ok(()),
        }
    }

    fn found(self) -> Result<Found<'r>, Refusal> {
        match (self.token, self.key) {
            (Some(token), Some(key)) if token.value == key.value => Ok(Found {
                in_url: token.in_url || key.in_url,
                ..token
            }),
            // The key says which application it is, the temporary token acts.
            (Some(token), Some(key)) if is_temporary(&token) && !is_temporary(&key) => Ok(Found {
                application: Some(Box::new(key)),
                ..token
            }),
            (Some(_), Some(_)) => Err(different()),
            (one, other) => one.or(other).ok_or_else(|| {
                Refusal::new(
                    ErrorCode::TokenMissing,
                    "Send the token as \"Authorization: Bearer …\", or in the header Token or X-Api-Key. A temporary token may also stand in the URL as ?token=….",
                )
            }),
        }
    }
}

fn is_temporary(found: &Found<'_>) -> bool {
    matches!(Presented::recognise(&found.value), Ok(Presented::Temporary(_)))
}

/// The refusal of two credentials of which one cannot tell which is meant.
pub(super) fn different() -> Refusal {
    Refusal::new(
        ErrorCode::TokenMalformed,
        "The request holds two different tokens. Send one.",
    )
}

fn take<'r>(found: &mut Option<Found<'r>>, value: Cow<'r, str>, in_url: bool) -> Result<(), Refusal> {
    match found {
        Some(first) if first.value != value => Err(different()),
        Some(first) => {
            first.in_url |= in_url;
            Ok(())
        }
        None => {
            *found = Some(Found {
                value,
                in_url,
                application: None,
            });
            Ok(())
        }
    }
}

fn malformed() -> Refusal {
    Refusal::new(
        ErrorCode::TokenMalformed,
        "The token holds characters that no token has.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(list: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in list {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    fn value(list: &[(&'static str, &str)], query: Option<&str>) -> Result<(String, bool), ErrorCode> {
        find(&headers(list), [query, None])
            .map(|f| (f.value.into_owned(), f.in_url))
            .map_err(|r| r.code)
    }

    #[test]
    fn looks_everywhere() {
        for list in [
            ("authorization", "Bearer a"),
            ("authorization", "bearer  a "),
            ("token", "a"),
            ("x-api-key", "a"),
        ] {
            assert_eq!(value(&[list], None), Ok(("a".to_owned(), false)));
        }
        assert_eq!(value(&[], Some("x=1&token=a%2Bb")), Ok(("a+b".to_owned(), true)));
        assert_eq!(value(&[], Some("apikey=a")), Ok(("a".to_owned(), true)));
        for query in ["%74oken=a", "a&b=&&%61pi%6Bey=a&token", "x=token&token=a"] {
            assert_eq!(value(&[], Some(query)), Ok(("a".to_owned(), true)), "{query}");
        }
    }

    #[test]
    fn the_same_twice_is_one_and_two_are_none() {
        assert_eq!(
            value(&[("token", "a"), ("x-api-key", "a")], None),
            Ok(("a".to_owned(), false))
        );
        assert_eq!(
            value(&[("token", "a")], Some("token=a")),
            Ok(("a".to_owned(), true))
        );
        assert_eq!(
            value(&[("token", "a"), ("x-api-key", "b")], None),
            Err(ErrorCode::TokenMalformed)
        );
        assert_eq!(
            value(
                &[("authorization", "Bearer a"), ("authorization", "Bearer b")],
                None
            ),
            Err(ErrorCode::TokenMalformed)
        );
        assert_eq!(
            value(&[], Some("token=a&token=b")),
            Err(ErrorCode::TokenMalformed)
        );
    }

    #[test]
    fn a_key_names_the_application_of_a_temporary_token() {
        let headers = HeaderMap::new();
        let found = find(&headers, [Some("apikey=k&token=eyJh.b.c"), None]).unwrap();
        assert_eq!(found.value, "eyJh.b.c");
        assert_eq!(found.application.unwrap().value, "k");
        for query in [
            "apikey=k&token=l",
            "apikey=eyJh.b.c&token=k",
            "apikey=eyJh.b.c&token=eyJh.b.d",
        ] {
            assert_eq!(value(&[], Some(query)), Err(ErrorCode::TokenMalformed), "{query}");
        }
        // Only under these two names: which one a header means is a guess.
        assert_eq!(
            value(&[("token", "eyJh.b.c"), ("x-api-key", "k")], None),
            Err(ErrorCode::TokenMalformed)
        );
    }

    #[test]
    fn other_schemes_and_cookies_are_no_credentials() {
        for list in [
            ("authorization", "Basic YTpi"),
            ("authorization", "Bearer "),
            ("cookie", "__Host-daypass=a"),
        ] {
            assert_eq!(value(&[list], None), Err(ErrorCode::TokenMissing));
        }
    }
}
