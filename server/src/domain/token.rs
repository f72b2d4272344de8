//! A token as the server knows it: a stable identity with rights and a state. It has no secret field.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use wire::{
    InterfaceId, Kind, MaybeRateLimit, Network, Origin, Permissions, SecretId, Status, TemporaryLifetime,
    Timestamp, TokenId,
};

use crate::secret::TokenDigest;

/// A right: an interface, by id, and what may be done with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenGrant {
    /// Which interface.
    pub interface: InterfaceId,
    /// What may be done with it.
    pub permissions: Permissions,
}

/// One version of a token's value: its digest, never its value.
#[derive(Debug, Clone)]
pub struct SecretState {
    /// Its identity; temporary tokens carry it.
    pub id: SecretId,
    /// What presented values are compared with.
    pub digest: TokenDigest,
    /// The end of its overlap, for a replaced one.
    pub expires_at: Option<Timestamp>,
    /// When it was last accepted, in milliseconds since 1970; 0 = not since the start. Survives replacement of the
    /// state.
    pub last_used: Arc<AtomicI64>,
}

impl SecretState {
    /// Whether it is still accepted.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }

    /// Notes that it was accepted.
    pub fn used(&self, now: Timestamp) {
        self.last_used.store(now.millis(), Ordering::Relaxed);
    }
}

/// Everything that a decision about a token needs. Immutable: a change makes a new one with a higher version.
#[derive(Debug, Clone)]
pub struct TokenState {
    /// Its identity.
    pub id: TokenId,
    /// The row's version.
    pub version: i64,
    /// Its name.
    pub name: String,
    /// Where it may be kept.
    pub kind: Kind,
    /// Whether it was switched off.
    pub deactivated: bool,
    /// Whether it was deleted: a tombstone that outlives late readers.
    pub deleted: bool,
    /// Its own end.
    pub expires_at: Option<Timestamp>,
    /// Raised to stop all temporary tokens at once.
    pub epoch: i64,
    /// How long its temporary tokens live.
    pub temporary_lifetime: TemporaryLifetime,
    /// Its rights, sorted by interface ([`Index::publish`](super::index::Index::publish) sees to it).
    pub grants: Vec<TokenGrant>,
    /// Pages that it may be used from; empty = any.
    pub allowed_origins: Vec<Origin>,
    /// Networks that it may be used from; empty = any.
    pub allowed_networks: Vec<Network>,
    /// Requests in a period.
    pub rate_limit: MaybeRateLimit,
    /// All its secrets, the current one first; ended ones stay so that they are told apart from unknown ones.
    pub secrets: Vec<SecretState>,
}

impl TokenState {
    /// Of a token of which nothing is known yet but its id: it may do nothing.
    #[must_use]
    pub const fn unloaded(id: TokenId, version: i64) -> Self {
        Self {
            id,
            version,
            name: String::new(),
            kind: Kind::Secret,
            deactivated: true,
            deleted: true,
            expires_at: None,
            epoch: 0,
            temporary_lifetime: TemporaryLifetime::Default,
            grants: Vec::new(),
            allowed_origins: Vec::new(),
            allowed_networks: Vec::new(),
            rate_limit: MaybeRateLimit::Default,
            secrets: Vec::new(),
        }
    }

    /// Whether one of its secrets works: whoever has it is let in. What scanners are told by the database
    /// (`Store::find_digests`) is the same rule, and a test holds the two together.
    #[must_use]
    pub fn works(&self, secret: &SecretState, now: Timestamp) -> bool {
        !self.deleted
            && !self.deactivated
            && self.expires_at.is_none_or(|end| now < end)
            && secret.is_live(now)
    }

    /// The permissions on an interface.
    #[must_use]
    pub fn permissions_on(&self, interface: &InterfaceId) -> Permissions {
        self.grants
            .binary_search_by(|g| g.interface.cmp(interface))
            .map_or(Permissions::NONE, |at| self.grants[at].permissions)
    }
}

/// The permissions that grants give on an interface.
#[must_use]
pub fn permissions_on(grants: &[TokenGrant], interface: &InterfaceId) -> Permissions {
    grants
        .iter()
        .find(|g| g.interface == *interface)
        .map_or(Permissions::NONE, |g| g.permissions)
}

/// The state that administrators see. `has_secret`: whether any of its secrets is still accepted; a token whose last
/// one was ended by its holder waits for the next one.
#[must_use]
pub fn status(has_secret: bool, deactivated: bool, expires_at: Option<Timestamp>, now: Timestamp) -> Status {
    if deactivated {
        Status::Inactive
    } else if expires_at.is_some_and(|end| end <= now) {
        Status::Expired
    } else if has_secret {
        Status::Active
    } else {
        Status::AwaitingSecret
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_is_derived() {
        let now = Timestamp::from_millis(1000);
        let at = |millis| Some(Timestamp::from_millis(millis));
        assert_eq!(status(false, false, None, now), Status::AwaitingSecret);
        assert_eq!(status(true, false, at(1001), now), Status::Active);
        assert_eq!(status(true, false, at(1000), now), Status::Expired);
        assert_eq!(status(true, true, at(1), now), Status::Inactive);
    }
}
