//! Rights as OAuth writes them (RFC 6749, section 3.3): `interface:permission` pairs with a space between.
//!
//! An interface's name is percent-encoded UTF-8, as in the headers of `/verify`: `Press%20photos:read`. The permission
//! stands after the last colon. Only the form is read here; whether somebody has these rights is decided elsewhere.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use wire::{Grant, InterfaceName, LIMITS, Permission, Permissions};

/// Everything but the unreserved characters of RFC 3986 (section 2.3).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Why a scope cannot be read. Holds nothing of what was sent: it may be a secret in the wrong place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// A part without a colon, or with a word after it that is no permission.
    #[error(
        "a scope is a list of interface:permission with spaces between, like Press%20photos:read, of which a form encodes the percent sign once more (Press%2520photos:read; curl does it with --data-urlencode); a permission is read, download, upload, edit, delete or introspect"
    )]
    Permission,
    /// A name that is not percent-encoded UTF-8, or breaks a rule of names.
    #[error(
        "the name of an interface in a scope is percent-encoded UTF-8: write Press%20photos:read for Press photos, and in a form its percent sign as %25"
    )]
    Name,
    /// More interfaces than a token can have.
    #[error("a scope names too many interfaces")]
    TooMany,
}

/// Reads a scope. Pairs of the same interface become one grant; the order is that of the first of them.
///
/// # Errors
/// When it is not a list of pairs.
pub fn parse(scope: &str) -> Result<Vec<Grant>, ScopeError> {
    let mut grants: Vec<Grant> = Vec::new();
    for pair in scope.split(' ').filter(|p| !p.is_empty()) {
        let (name, permission) = pair.rsplit_once(':').ok_or(ScopeError::Permission)?;
        let permission: Permission = permission.parse().map_err(|()| ScopeError::Permission)?;
        let interface = decoded(name).ok_or(ScopeError::Name)?;
        match grants.iter().position(|g| g.interface == interface) {
            Some(at) => grants[at].permissions = grants[at].permissions.with(permission),
            None if grants.len() == LIMITS.grants => return Err(ScopeError::TooMany),
            None => grants.push(Grant {
                interface,
                permissions: Permissions::NONE.with(permission),
            }),
        }
    }
    Ok(grants)
}

/// A name out of its percent-encoded form; a percent sign without two hexadecimal digits is refused, not kept.
fn decoded(name: &str) -> Option<InterfaceName> {
    let is_hex = |at: usize| name.as_bytes().get(at).is_some_and(u8::is_ascii_hexdigit);
    if name
        .match_indices('%')
        .any(|(at, _)| !is_hex(at + 1) || !is_hex(at + 2))
    {
        return None;
    }
    let text = percent_decode_str(name).decode_utf8().ok()?;
    InterfaceName::parse(&text).ok()
}

/// Writes rights as a scope.
#[must_use]
pub fn write(grants: &[Grant]) -> String {
    let mut scope = String::new();
    for grant in grants {
        for permission in grant.permissions.iter() {
            if !scope.is_empty() {
                scope.push(' ');
            }
            scope.extend(utf8_percent_encode(grant.interface.as_str(), ENCODED));
            scope.push(':');
            scope.push_str(permission.as_str());
        }
    }
    scope
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(name: &str, permissions: &[Permission]) -> Grant {
        Grant {
            interface: InterfaceName::parse(name).unwrap(),
            permissions: permissions.iter().copied().collect(),
        }
    }

    #[test]
    fn what_was_written_is_read() {
        let grants = [
            grant("Press photos", &[Permission::Read, Permission::Download]),
            grant("a:b 100% \"ø\\\"", &[Permission::Upload]),
        ];
        let scope = write(&grants);
        assert!(scope.starts_with("Press%20photos:read Press%20photos:download a%3Ab%20100%25%20"));
        // The characters that RFC 6749 allows in a scope.
        assert!(
            scope
                .bytes()
                .all(|b| matches!(b, 0x20 | 0x21 | 0x23..=0x5B | 0x5D..=0x7E))
        );
        assert_eq!(parse(&scope).unwrap(), grants);
        assert_eq!(parse("").unwrap(), []);
    }

    #[test]
    fn names_need_no_encoding_where_nothing_has_to_be_encoded() {
        assert_eq!(
            parse(" photos:read  photos:edit a:b:read").unwrap(),
            [
                grant("photos", &[Permission::Read, Permission::Edit]),
                grant("a:b", &[Permission::Read])
            ]
        );
    }

    #[test]
    fn what_is_no_pair_is_refused() {
        for (scope, why) in [
            ("photos", ScopeError::Permission),
            ("photos:look", ScopeError::Permission),
            ("photos:", ScopeError::Permission),
            (":read", ScopeError::Name),
            ("a%:read", ScopeError::Name),
            ("a%zz:read", ScopeError::Name),
            ("%ff:read", ScopeError::Name),
            ("a%00b:read", ScopeError::Name),
        ] {
            assert_eq!(parse(scope), Err(why), "{scope}");
        }
        let many: Vec<String> = (0..=LIMITS.grants).map(|n| format!("i{n}:read")).collect();
        assert_eq!(parse(&many.join(" ")), Err(ScopeError::TooMany));
    }
}
