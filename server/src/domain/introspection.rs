//! What a caller may see of somebody else's token: only its grants on interfaces where the caller has `introspect`.
//!
//! Whether a token is accepted at all is not decided here but by [`super::verification::authenticate`], as for every
//! other door; so introspection and verification cannot disagree.

use wire::{ErrorCode, Permission};

use super::refusal::Refusal;
use super::token::{TokenGrant, permissions_on};
use super::verification::Holder;

/// Whether a holder may introspect at all.
///
/// # Errors
/// `permission_not_granted` for one without `introspect` on any interface, which public and temporary tokens never have.
pub fn require_introspect(caller: &Holder) -> Result<(), Refusal> {
    let may = |g: &TokenGrant| g.permissions.contains(Permission::Introspect);
    if caller.claims.is_none() && caller.state.grants.iter().any(may) {
        return Ok(());
    }
    Err(Refusal::new(
        ErrorCode::PermissionNotGranted,
        "The token that asks may not introspect on any interface. Ask an administrator for the permission introspect on the interfaces that your API serves.",
    ))
}

/// The grants that a caller may see. Nothing to see means that for this caller there is no such token.
#[must_use]
pub fn visible(caller: &[TokenGrant], grants: &[TokenGrant]) -> Vec<TokenGrant> {
    grants
        .iter()
        .filter(|g| permissions_on(caller, &g.interface).contains(Permission::Introspect))
        .filter(|g| !g.permissions.is_empty())
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::Permissions;

    fn grant(interface: &str, permissions: &[Permission]) -> TokenGrant {
        TokenGrant {
            interface: format!("01ARZ3NDEKTSV4RRFFQ69G5FA{interface}").parse().unwrap(),
            permissions: permissions.iter().copied().collect(),
        }
    }

    #[test]
    fn only_what_the_caller_may_introspect_is_seen() {
        let caller = [
            grant("1", &[Permission::Introspect]),
            grant("2", &[Permission::Read]),
        ];
        let one = grant("1", &[Permission::Read, Permission::Upload]);
        let grants = [
            one.clone(),
            grant("2", &[Permission::Read]),
            grant("3", &[Permission::Read]),
        ];
        assert_eq!(visible(&caller, &grants), [one]);
        assert_eq!(visible(&[], &grants), []);
        let empty = TokenGrant {
            permissions: Permissions::NONE,
            ..grant("1", &[])
        };
        assert_eq!(visible(&caller, &[empty]), []);
    }
}
