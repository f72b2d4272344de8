//! What a request needs by its path and method, where the proxy does not say so itself. Which rule that is, is decided
//! in `wire`, by the function with which administrators try rules out; here are its refusals, and which rules may be.

use wire::{ErrorCode, FieldError, FieldErrorCode, LONGEST_PATH_RULES, NoRule, PathRule};

use super::interfaces::Interfaces;
use super::refusal::Refusal;

/// The first rule that matches.
///
/// # Errors
/// [`ErrorCode::InvalidRequest`] for a path that can be read in more than one way, [`ErrorCode::InterfaceNotGranted`]
/// where no rule matches.
pub fn find<'r>(rules: &'r [PathRule], uri: &str, method: &str) -> Result<&'r PathRule, Refusal> {
    match PathRule::first(rules, uri, method) {
        Ok(at) => Ok(&rules[at]),
        Err(NoRule::Ambiguous) => Err(Refusal::new(
            ErrorCode::InvalidRequest,
            "The path can be read in more than one way (dots, empty parts, encoded slashes, semicolons, another rule's path in other letters). Ask for it as it is.",
        )),
        Err(NoRule::Uncovered) => Err(Refusal::new(
            ErrorCode::InterfaceNotGranted,
            "No path rule covers this request, so nobody may make it.",
        )),
    }
}

/// The rules that a change touches: of before and of after, without what is the same at the beginning and at the end.
#[must_use]
pub fn touched<'r>(before: &'r [PathRule], after: &'r [PathRule]) -> Vec<&'r PathRule> {
    let same = |(one, other): &(&PathRule, &PathRule)| one == other;
    let first = before.iter().zip(after).take_while(same).count();
    let (before, after) = (&before[first..], &after[first..]);
    let last = before
        .iter()
        .rev()
        .zip(after.iter().rev())
        .take_while(same)
        .count();
    let (before, after) = (&before[..before.len() - last], &after[..after.len() - last]);
    before.iter().chain(after).collect()
}

/// The entries that break a rule: too many, of an interface that there is not, or with a path that covers nothing.
#[must_use]
pub fn broken(rules: &[PathRule], interfaces: &Interfaces) -> Vec<FieldError> {
    if rules.len() > LONGEST_PATH_RULES {
        return vec![FieldError {
            detail: format!("at most {LONGEST_PATH_RULES} rules are allowed"),
            ..FieldError::new("path_rules", FieldErrorCode::TooLong)
        }];
    }
    let of_one = |(at, rule): (usize, &PathRule)| {
        let wrong = |field, code| FieldError::new(format!("path_rules[{at}].{field}"), code);
        let is_unknown = interfaces.find(rule.interface.as_str()).is_none();
        [
            is_unknown.then(|| wrong("interface", FieldErrorCode::UnknownInterface)),
            rule.path
                .as_str()
                .contains(';')
                .then(|| wrong("path", FieldErrorCode::NotAPath)),
        ]
    };
    let errors = rules.iter().enumerate().flat_map(of_one);
    errors.flatten().collect()
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
    fn what_stays_where_it_was_is_not_touched() {
        let all = rules();
        assert!(touched(&all, &all).is_empty());
        let mut fewer = all.clone();
        let gone = fewer.remove(1);
        assert_eq!(touched(&all, &fewer), [&gone]);
        assert_eq!(touched(&fewer, &all), [&gone]);
        let mut turned = all.clone();
        turned.swap(1, 2);
        assert_eq!(touched(&all, &turned), [&all[1], &all[2], &all[2], &all[1]]);
        assert_eq!(touched(&[], &all).len(), 4);
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
            "/secret;x/a",
            "/secret%3Bx/a",
            "/a;v=1",
            "/;",
        ] {
            assert_eq!(
                find(&everything, uri, "GET").unwrap_err().code,
                ErrorCode::InvalidRequest,
                "{uri}"
            );
        }
        for uri in ["/", "/a/", "/a..b/...", "/?x=/../y", "/a%20b", "/a?b;c"] {
            assert!(find(&everything, uri, "GET").is_ok(), "{uri}");
        }
    }
}
