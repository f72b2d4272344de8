//! Finding the credential in a request: `Authorization: Bearer`, `Token`, `X-Api-Key`, or the query of a URL.
//!
//! Our session cookie is not looked at here. Two different credentials in one request are refused: which one was
//! meant is a guess that an attacker would like us to make.

use std::borrow::Cow;

use wire::ErrorCode;

use super::form::Form;
use super::headers::{Headers, Name};
use crate::domain::refusal::Refusal;
use crate::secret::Presented;

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

/// Finds the one credential of a request, with the form in its body where it has one: its fields have the names of the
/// parameters.
///
/// # Errors
/// `token_missing`, or `token_malformed` for two different ones.
pub(super) fn find<'r>(
    headers: Headers<'r>,
    queries: [Option<&'r str>; 2],
    form: Option<&'r Form<'_>>,
) -> Result<Found<'r>, Refusal> {
    let mut sought = Sought::default();
    sought.headers(headers)?;
    for query in queries.into_iter().flatten() {
        sought.query(query)?;
    }
    for (name, value) in form.into_iter().flat_map(Form::pairs) {
        sought.parameter(name, Cow::Borrowed(value), false)?;
    }
    sought.found()
}

/// The most values of one request that are looked at beside its credential.
const MOST: usize = 8;

/// Permanent secrets in the queries, under other names than ours: `?access_token=…`, as RFC 6750 (section 2.3) has it, or
/// whatever a page calls it. They are no credentials, and they stand in a URL.
pub(super) fn stray(queries: [Option<&str>; 2]) -> Vec<Cow<'_, str>> {
    let pairs = queries.into_iter().flatten().flat_map(|query| {
        // Nearly no query has it; an escaped `_` is still behind it.
        let may = query.contains("dps").then_some(query.as_bytes());
        form_urlencoded::parse(may.unwrap_or_default())
    });
    pairs
        .filter(|(name, value)| !is_ours(name) && holds_secret(value))
        .map(|(_, value)| value)
        .take(MOST)
        .collect()
}

fn holds_secret(value: &str) -> bool {
    value.starts_with("dps_") && matches!(Presented::recognise(value), Ok(Presented::Ours(_)))
}

/// Whether a parameter of this name is a credential.
fn is_ours(name: &str) -> bool {
    matches!(name, "token" | "apikey")
}

/// What a request holds that was refused because it holds several: every value that may be a permanent one, and whether
/// it stood in a URL.
pub(super) fn several<'r>(
    headers: Headers<'r>,
    queries: [Option<&'r str>; 2],
    form: Option<&'r Form<'_>>,
) -> Vec<(Cow<'r, str>, bool)> {
    let in_headers = in_headers(headers)
        .filter_map(Result::ok)
        .map(|v| (Cow::Borrowed(v), false));
    let parsed = |query: &'r str| form_urlencoded::parse(query.as_bytes());
    let in_queries = queries.into_iter().flatten().flat_map(parsed);
    let in_queries = in_queries
        .filter(|(name, _)| is_ours(name))
        .map(|(_, value)| (value, true));
    let pairs = form
        .into_iter()
        .flat_map(Form::pairs)
        .filter(|(name, _)| is_ours(name));
    let in_form = pairs.map(|(_, value)| (Cow::Borrowed(value), false));
    in_headers
        .chain(in_queries)
        .chain(in_form)
        .filter(|(value, _)| !matches!(Presented::recognise(value), Ok(Presented::Temporary(_)) | Err(_)))
        .take(MOST)
        .collect()
}

/// The values in the headers.
fn in_headers(headers: Headers<'_>) -> impl Iterator<Item = Result<&str, Refusal>> {
    let bearer = headers.all(Name::Authorization).map(|v| {
        let text = v.to_str().map_err(|_| malformed())?;
        let is_bearer =
            text.len() >= 7 && text.is_char_boundary(7) && text[..7].eq_ignore_ascii_case("bearer ");
        Ok(if is_bearer { text[7..].trim() } else { "" })
    });
    let plain = [Name::Token, Name::ApiKey]
        .into_iter()
        .flat_map(move |name| headers.all(name))
        .map(|v| v.to_str().map(str::trim).map_err(|_| malformed()));
    bearer
        .chain(plain)
        .filter(|value| !matches!(value, Ok(value) if value.is_empty()))
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
    fn headers(&mut self, headers: Headers<'r>) -> Result<(), Refusal> {
        for value in in_headers(headers) {
            take(&mut self.token, Cow::Borrowed(value?), false)?;
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
    use axum::http::HeaderMap;

    fn headers(list: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in list {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    fn value(list: &[(&'static str, &str)], query: Option<&str>) -> Result<(String, bool), ErrorCode> {
        find(Headers::of(&headers(list)), [query, None], None)
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
    fn secrets_are_seen_under_any_name_and_beside_each_other() {
        let ours = "dps_pNoxb5ByzGpDDAeFDxU40TFhsoHckzJcaLGlussz3UWVrq";
        let sum = scan::form::checksum(&ours.as_bytes()[..44]);
        let ours = format!("{}{}", &ours[..44], String::from_utf8_lossy(&sum));
        let escaped = ours.replace('_', "%5F");
        for query in [format!("access_token={ours}"), format!("x=1&key={escaped}&y")] {
            assert_eq!(stray([None, Some(&query)]), [ours.as_str()], "{query}");
        }
        // Those that are credentials, those with a wrong checksum, those for pages.
        for query in [
            format!("token={ours}"),
            format!("x={ours}A"),
            format!("x={}", ours.replace("dps", "dpp")),
            "x=dps_1".to_owned(),
        ] {
            assert!(stray([Some(&query), None]).is_empty(), "{query}");
        }
        let headers = headers(&[
            ("authorization", &format!("Bearer {ours}")),
            ("token", "imported-key-of-old"),
        ]);
        let query = format!("token=eyJh.b.c&apikey={escaped}");
        let all: Vec<_> = several(Headers::of(&headers), [Some(&query), None], None)
            .into_iter()
            .map(|(value, in_url)| (value.into_owned(), in_url))
            .collect();
        let expected = [
            (ours.as_str(), false),
            ("imported-key-of-old", false),
            (ours.as_str(), true),
        ];
        assert_eq!(all, expected.map(|(value, in_url)| (value.to_owned(), in_url)));
    }

    #[test]
    fn a_key_names_the_application_of_a_temporary_token() {
        let headers = HeaderMap::new();
        let found = find(
            Headers::of(&headers),
            [Some("apikey=k&token=eyJh.b.c"), None],
            None,
        )
        .unwrap();
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
