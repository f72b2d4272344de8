//! What a request needs by its path and method, where the proxy does not say so itself.
//!
//! The path is taken as the visitor wrote it, decoded once. One that servers read in different ways (dot segments,
//! empty segments, encoded slashes) is refused and never put right: what is protected must not depend on whose
//! reading the file server follows.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use wire::{ErrorCode, FieldError, FieldErrorCode, LONGEST_PATH_RULES, Method, PathRule};

use super::interfaces::Interfaces;
use super::refusal::Refusal;

/// The first rule that matches.
///
/// # Errors
/// [`ErrorCode::InvalidRequest`] for a path that can be read in more than one way, [`ErrorCode::InterfaceNotGranted`]
/// where no rule matches.
pub fn find<'r>(rules: &'r [PathRule], uri: &str, method: &str) -> Result<&'r PathRule, Refusal> {
    let path = plain_path(uri).ok_or_else(|| {
        Refusal::new(
            ErrorCode::InvalidRequest,
            "The path can be read in more than one way (dots, empty parts, encoded slashes). Ask for it as it is.",
        )
    })?;
    rules
        .iter()
        .find(|rule| holds_for(&rule.methods, method) && rule.path.matches(&path))
        .ok_or_else(|| {
            Refusal::new(
                ErrorCode::InterfaceNotGranted,
                "No path rule covers this request, so nobody may make it.",
            )
        })
}

fn holds_for(methods: &[Method], method: &str) -> bool {
    let method = if method == "HEAD" { "GET" } else { method };
    methods.is_empty() || methods.iter().any(|m| m.as_str() == method)
}

/// The path of a URI, decoded; `None` where it is not one of one meaning.
fn plain_path(uri: &str) -> Option<Cow<'_, str>> {
    let path = uri.split_once('?').map_or(uri, |(path, _)| path);
    let below = path.strip_prefix('/')?;
    let encoded_separator = |at: usize| {
        path.get(at + 1..at + 3).is_none_or(|hex| {
            !hex.bytes().all(|b| b.is_ascii_hexdigit()) || matches!(hex, "2F" | "2f" | "5C" | "5c" | "00")
        })
    };
    if path.contains(['#', '\\']) || path.match_indices('%').any(|(at, _)| encoded_separator(at)) {
        return None;
    }
    let decoded = percent_decode_str(path).decode_utf8().ok()?;
    let last = below.split('/').count() - 1;
    let odd = decoded[1..].split('/').enumerate().any(|(at, segment)| {
        // `;` begins parameters of a segment for some servers, which then look for what stands before it.
        let name = segment.split(';').next().unwrap_or_default();
        matches!(name, "." | "..")
            || (segment.is_empty() && at != last)
            || segment.chars().any(char::is_control)
    });
    (!odd).then_some(decoded)
}

/// The entries that break a rule: too many, or of an interface that there is not.
#[must_use]
pub fn broken(rules: &[PathRule], interfaces: &Interfaces) -> Vec<FieldError> {
    if rules.len() > LONGEST_PATH_RULES {
        return vec![FieldError {
            detail: format!("at most {LONGEST_PATH_RULES} rules are allowed"),
            ..FieldError::new("path_rules", FieldErrorCode::TooLong)
        }];
    }
    rules
        .iter()
        .enumerate()
        .filter(|(_, rule)| interfaces.find(rule.interface.as_str()).is_none())
        .map(|(at, _)| {
            FieldError::new(
                format!("path_rules[{at}].interface"),
                FieldErrorCode::UnknownInterface,
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Vec<PathRule> {
        serde_json::from_value(serde_json::json!([
            {"path": "/press/*", "methods": ["POST"], "interface": "Press", "permission": "upload"},
            {"path": "/press/free.webp", "methods": ["GET"], "interface": "Open", "permission": "read"},
            {"path": "/press/*", "methods": ["GET"], "interface": "Press", "permission": "read"},
            {"path": "/bilder/blåbær/*", "interface": "Open", "permission": "read"},
        ]))
        .unwrap()
    }

    #[test]
    fn the_first_match_wins() {
        let rules = rules();
        let found = |uri, method| {
            find(&rules, uri, method).map(|rule| format!("{}:{}", rule.interface, rule.permission.as_str()))
        };
        assert_eq!(found("/press/a.webp?token=x", "GET").unwrap(), "Press:read");
        assert_eq!(found("/press/a.webp", "HEAD").unwrap(), "Press:read");
        assert_eq!(found("/press/a.webp", "POST").unwrap(), "Press:upload");
        assert_eq!(found("/press/free.webp", "GET").unwrap(), "Open:read");
        assert_eq!(
            found("/bilder/bl%C3%A5b%C3%A6r/1", "PROPFIND").unwrap(),
            "Open:read"
        );
        assert_eq!(found("/%70ress/a.webp", "GET").unwrap(), "Press:read");
        for (uri, method) in [
            ("/press", "GET"),
            ("/press/a", "DELETE"),
            ("/press/a", "get"),
            ("/Press/a", "GET"),
            ("/", "GET"),
        ] {
            assert_eq!(
                found(uri, method).unwrap_err().code,
                ErrorCode::InterfaceNotGranted,
                "{method} {uri}"
            );
        }
    }

    #[test]
    fn a_path_of_two_meanings_matches_nothing() {
        let everything: Vec<PathRule> = serde_json::from_value(
            serde_json::json!([{"path": "/*", "interface": "Open", "permission": "read"}]),
        )
        .unwrap();
        for uri in [
            "/press/../secret",
            "/press/%2e%2e/secret",
            "/press/..;/secret",
            "/press/./a",
            "//press/a",
            "/press//a",
            "/press%2Fa",
            "/press%5ca",
            "/press\\a",
            "/a%00",
            "/a%",
            "/a%zz",
            "/a%C3",
            "press/a",
            "http://host/press/a",
            "",
            "/a%0Ab",
            "/a#b",
        ] {
            assert_eq!(
                find(&everything, uri, "GET").unwrap_err().code,
                ErrorCode::InvalidRequest,
                "{uri}"
            );
        }
        for uri in ["/", "/a/", "/a..b/...", "/?x=/../y", "/a%20b", "/a;v=1"] {
            assert!(find(&everything, uri, "GET").is_ok(), "{uri}");
        }
    }
}
