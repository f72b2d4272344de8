//! Path rules: which interface and permission a request needs, for proxies that ask `/verify` without naming them.

use std::borrow::Cow;
use std::fmt;

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

use crate::{FieldErrorCode, InterfaceName, Permission, TextError, contains_token_value};

/// Most rules.
pub const LONGEST_PATH_RULES: usize = 200;

/// One rule. The first one whose path and method match says what a request needs; without one it is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PathRule {
    /// Which paths.
    pub path: PathPattern,
    /// Which methods; empty = all.
    #[serde(default)]
    pub methods: Vec<Method>,
    /// The interface that the content belongs to, by its name (a former one will do).
    pub interface: InterfaceName,
    /// What such a request needs there.
    pub permission: Permission,
}

/// Why no rule says what a request needs. It is refused then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoRule {
    /// The path can be read in more than one way.
    Ambiguous,
    /// No rule covers it.
    Uncovered,
}

impl PathRule {
    /// Which rule says what a request needs: the place of the first one that matches its URI, as it was written, and
    /// its method.
    ///
    /// The path is decoded once. One that servers read in different ways (dot segments, empty segments, encoded
    /// slashes, semicolons, what is encoded twice) is refused and never put right: what is protected must not depend on
    /// whose reading the file server follows. So is one that an earlier rule, which asks for something else, covers on
    /// servers that take no account of capitals and of dots and spaces at the end of a name.
    ///
    /// # Errors
    /// Why none of them does.
    pub fn first(rules: &[Self], uri: &str, method: &str) -> Result<usize, NoRule> {
        let path = plain_path(uri).ok_or(NoRule::Ambiguous)?;
        let at = rules
            .iter()
            .position(|rule| rule.holds_for(method) && rule.path.matches(&path))
            .ok_or(NoRule::Uncovered)?;
        let found = &rules[at];
        let is_read_otherwise = rules[..at].iter().any(|rule| {
            rule.holds_for(method) && !rule.asks_for_the_same(found) && rule.path.matches_folded(&path)
        });
        if is_read_otherwise {
            return Err(NoRule::Ambiguous);
        }
        Ok(at)
    }

    fn asks_for_the_same(&self, other: &Self) -> bool {
        (&self.interface, self.permission) == (&other.interface, other.permission)
    }

    fn holds_for(&self, method: &str) -> bool {
        let method = if method == "HEAD" { "GET" } else { method };
        self.methods.is_empty() || self.methods.iter().any(|m| m.as_str() == method)
    }
}

/// The path of a URI, decoded; `None` where it is not one of one meaning.
fn plain_path(uri: &str) -> Option<Cow<'_, str>> {
    let path = uri.split_once('?').map_or(uri, |(path, _)| path);
    let below = path.strip_prefix('/')?;
    let is_odd =
        |(at, _): (usize, &str)| matches!(encoded(path, at), None | Some("2F" | "2f" | "5C" | "5c" | "00"));
    if path.contains(['#', '\\']) || path.match_indices('%').any(is_odd) {
        return None;
    }
    let decoded = percent_decode_str(path).decode_utf8().ok()?;
    // What some servers decode once more, however its percent sign and its digits were written.
    let is_encoded_twice = |(at, _): (usize, &str)| encoded(&decoded, at).is_some();
    if decoded.match_indices('%').any(is_encoded_twice) {
        return None;
    }
    let last = below.split('/').count() - 1;
    let odd = decoded[1..].split('/').enumerate().any(|(at, segment)| {
        matches!(segment, "." | "..")
            || (segment.is_empty() && at != last)
            // Some servers take what follows a `;` for parameters of the segment, and look for what stands before it.
            || segment.contains(';')
            || segment.chars().any(char::is_control)
    });
    (!odd).then_some(decoded)
}

/// The two hexadecimal digits behind a percent sign.
fn encoded(path: &str, at: usize) -> Option<&str> {
    path.get(at + 1..at + 3)
        .filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// A method of HTTP (RFC 9110, section 9.3; PATCH: RFC 5789). A rule for `GET` holds for `HEAD` too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Fetches.
    Get,
    /// Sends.
    Post,
    /// Replaces.
    Put,
    /// Changes.
    Patch,
    /// Removes.
    Delete,
    /// Asks what may be done.
    Options,
}

impl Method {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 6] = [
        Self::Get,
        Self::Post,
        Self::Put,
        Self::Patch,
        Self::Delete,
        Self::Options,
    ];

    /// The word in HTTP.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
        }
    }
}

/// A path such as `/press/rocket.webp`, or all below one, such as `/press/*`. Written as people read it, not
/// percent-encoded: 1–500 characters. One with a `;` covers nothing, since no such path has one meaning
/// ([`PathRule::first`]); the server takes no new rule with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PathPattern(String);

impl PathPattern {
    /// The most characters (not bytes).
    pub const MAX: usize = 500;

    /// Checks a pattern.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let refuse = |code| Err(TextError { code, limit: None });
        let path = text.strip_suffix('*').unwrap_or(text);
        if text.is_empty() {
            return refuse(FieldErrorCode::Required);
        }
        if text.chars().count() > Self::MAX {
            return Err(TextError {
                code: FieldErrorCode::TooLong,
                limit: Some(Self::MAX),
            });
        }
        if path.chars().any(char::is_control) {
            return refuse(FieldErrorCode::ControlCharacter);
        }
        if contains_token_value(text) {
            return refuse(FieldErrorCode::ContainsToken);
        }
        let segments = path.strip_prefix('/').unwrap_or(path).split('/');
        let last = segments.clone().count() - 1;
        let odd = segments.enumerate().any(|(at, segment)| {
            matches!(segment, "." | "..")
                || (segment.is_empty() && at != last)
                || segment.contains(['*', '?', '#', '%', '\\'])
        });
        let all_below = text.len() != path.len();
        if !path.starts_with('/') || odd || (all_below && !path.ends_with('/')) {
            return refuse(FieldErrorCode::NotAPath);
        }
        Ok(Self(text.to_owned()))
    }

    /// The pattern.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a path, decoded, is one of these.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        match self.0.strip_suffix('*') {
            Some(below) => path.starts_with(below),
            None => path == self.0,
        }
    }

    /// The same on a server that takes no account of capitals and of dots and spaces at the end of a name.
    fn matches_folded(&self, path: &str) -> bool {
        let (pattern, is_all_below) = match self.0.strip_suffix('*') {
            Some(below) => (below, true),
            None => (self.as_str(), false),
        };
        let mut path = folded(path);
        folded(pattern).all(|c| path.next() == Some(c)) && (is_all_below || path.next().is_none())
    }
}

/// A path as Windows finds files by it.
fn folded(path: &str) -> impl Iterator<Item = char> {
    path.split_inclusive('/').flat_map(|segment| {
        let (name, end) = match segment.strip_suffix('/') {
            Some(name) => (name, "/"),
            None => (segment, ""),
        };
        let name = name.trim_end_matches(['.', ' ']);
        name.chars().chain(end.chars()).flat_map(char::to_lowercase)
    })
}

impl TryFrom<String> for PathPattern {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        Self::parse(&text)
    }
}

impl From<PathPattern> for String {
    fn from(pattern: PathPattern) -> Self {
        pattern.0
    }
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_a_path_or_all_below_one() {
        let pattern = |text| PathPattern::parse(text).unwrap();
        assert!(pattern("/press/*").matches("/press/2026/rocket.webp"));
        assert!(!pattern("/press/*").matches("/press"));
        assert!(!pattern("/press/*").matches("/pressed/x"));
        assert!(pattern("/feed.xml").matches("/feed.xml") && !pattern("/feed.xml").matches("/feed.xml/x"));
        assert!(pattern("/*").matches("/") && pattern("/").matches("/"));
        assert!(pattern("/bilder/blåbær/*").matches("/bilder/blåbær/1"));
        for odd in [
            "press/*", "*", "/press*", "/a/*/b", "/a//b", "//", "//*", "/a/../b", "/a/.", "/a?b", "/a%20b",
            "/a#b", "/a\\b",
        ] {
            assert_eq!(
                PathPattern::parse(odd).unwrap_err().code,
                FieldErrorCode::NotAPath,
                "{odd}"
            );
        }
        assert_eq!(PathPattern::parse("").unwrap_err().code, FieldErrorCode::Required);
        assert_eq!(
            PathPattern::parse(&format!("/{}", "a".repeat(500)))
                .unwrap_err()
                .limit,
            Some(500)
        );
        assert_eq!(
            PathPattern::parse("/a\nb").unwrap_err().code,
            FieldErrorCode::ControlCharacter
        );
    }

    fn rules(all: &[(&str, &[Method], Permission)]) -> Vec<PathRule> {
        let rule = |(path, methods, permission): &(&str, &[Method], Permission)| PathRule {
            path: PathPattern::parse(path).unwrap(),
            methods: methods.to_vec(),
            interface: InterfaceName::parse("Press photos").unwrap(),
            permission: *permission,
        };
        all.iter().map(rule).collect()
    }

    #[test]
    fn what_an_earlier_rule_covers_on_a_forgetful_server_is_refused() {
        let rules = rules(&[
            ("/press/originals/*", &[Method::Get], Permission::Download),
            ("/press/Ærlig.webp", &[], Permission::Edit),
            ("/press/open/*", &[], Permission::Read),
            ("/press/*", &[], Permission::Read),
        ]);
        let first = |uri, method| PathRule::first(&rules, uri, method);
        for uri in [
            "/press/Originals/1.webp",
            "/press/originals./1.webp",
            "/press/originals%20/1.webp",
            "/press/originals.%20./1.webp",
            "/press/%C3%A6RLIG.WEBP",
            "/press/%C3%86rlig.webp.",
        ] {
            assert_eq!(first(uri, "GET"), Err(NoRule::Ambiguous), "{uri}");
        }
        assert_eq!(first("/PRESS/originals/1.webp", "GET"), Err(NoRule::Uncovered));
        assert_eq!(first("/press/originals/1.webp", "GET"), Ok(0));
        assert_eq!(first("/press/%C3%86rlig.webp", "GET"), Ok(1));
        // The earlier rule is about another method, asks for the same, or is about another name.
        assert_eq!(first("/press/Originals/1.webp", "POST"), Ok(3));
        assert_eq!(first("/press/Open/1.webp", "GET"), Ok(3));
        assert_eq!(first("/press/originals-2/1.webp", "GET"), Ok(3));
        assert_eq!(first("/press/Originals", "GET"), Ok(3));
        assert_eq!(first("/press/Other.webp", "GET"), Ok(3));
    }

    #[test]
    fn what_is_encoded_twice_is_refused() {
        let rules = rules(&[("/*", &[], Permission::Read)]);
        for uri in [
            "/a%252e",
            "/%252e%252e/a",
            "/a%252Fb",
            "/100%2541",
            "/a%25%32%65",
            "/a%252%65/b",
            "/a%25%32e",
            "/a%2525",
        ] {
            assert_eq!(
                PathRule::first(&rules, uri, "GET"),
                Err(NoRule::Ambiguous),
                "{uri}"
            );
        }
        for uri in ["/100%25", "/100%25.webp", "/100%25%20x", "/100%252", "/a?b%2520"] {
            assert!(PathRule::first(&rules, uri, "GET").is_ok(), "{uri}");
        }
    }
}
