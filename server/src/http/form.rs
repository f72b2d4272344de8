//! Parameters of a form: names and values in their order, from a body or a query.
//!
//! What they mean belongs to the doors. They may hold secrets: nothing here prints or keeps them.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use axum::http::{HeaderMap, header};

/// Names and values.
pub(super) struct Form<'b>(Vec<(Cow<'b, str>, Cow<'b, str>)>);

impl<'b> Form<'b> {
    /// Reads `application/x-www-form-urlencoded`.
    pub(super) fn parse(bytes: &'b [u8]) -> Self {
        Self(form_urlencoded::parse(bytes).collect())
    }

    /// The pairs in their order; those without a value count as left out.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.everything().filter(|(_, value)| !value.is_empty())
    }

    /// All pairs in their order, also those without a value.
    pub(super) fn everything(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    /// The values of a name.
    pub(super) fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.pairs()
            .filter(move |(n, _)| *n == name)
            .map(|(_, value)| value)
    }

    /// The value of a name; the first one where it stands there twice, which the door has to refuse.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.pairs().find(|(n, _)| *n == name).map(|(_, value)| value)
    }

    /// A name that stands there twice, with or without values, apart from those that may.
    pub(super) fn repeated(&self, but: &[&str]) -> Option<&str> {
        // In one pass: a body has room for thousands of names, and whoever sent them may be nobody.
        let mut seen = HashSet::with_capacity(self.0.len());
        self.0
            .iter()
            .map(|(name, _)| &**name)
            .find(|name| !but.contains(name) && !seen.insert(*name))
    }
}

impl fmt::Debug for Form<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Form({})", self.0.len())
    }
}

/// Whether a body says that it is a form.
pub(super) fn is_form(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(header::CONTENT_TYPE) else {
        return false;
    };
    let kind = kind.to_str().unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn what_is_empty_is_left_out_and_what_is_twice_is_found() {
        let form = Form::parse(b"a=1&b=&c=%C3%B8+x&resource=1&resource=2");
        assert_eq!(form.get("a"), Some("1"));
        assert_eq!(form.get("b"), None);
        assert_eq!(form.get("c"), Some("ø x"));
        assert_eq!(form.all("resource").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(form.repeated(&["resource"]), None);
        assert_eq!(form.repeated(&[]), Some("resource"));
        assert_eq!(Form::parse(b"b=&b=").repeated(&[]), Some("b"));
    }

    /// Comparing each name with all before it would take minutes here.
    #[test]
    fn many_names_are_looked_through_once() {
        let names: Vec<String> = (0..200_000).map(|n| format!("{n:x}")).collect();
        let all = names.join("&");
        let started = Instant::now();
        assert_eq!(Form::parse(all.as_bytes()).repeated(&[]), None);
        let twice = format!("{all}&7");
        assert_eq!(Form::parse(twice.as_bytes()).repeated(&[]), Some("7"));
        assert!(started.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn a_form_says_that_it_is_one() {
        let says = |kind: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, kind.parse().unwrap());
            is_form(&headers)
        };
        assert!(says("application/x-www-form-urlencoded"));
        assert!(says("Application/X-WWW-Form-Urlencoded; charset=UTF-8"));
        assert!(!says("application/json"));
        assert!(!is_form(&HeaderMap::new()));
    }
}
