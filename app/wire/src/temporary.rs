//! What web developers send and get: `GetTemporaryToken` and `WhoAmI`.

use serde::{Deserialize, Serialize};

use crate::{
    Grant, InterfaceName, Kind, MaybeRateLimit, Network, Origin, Permission, Subject, TemporaryLifetime,
    Timestamp, TokenId,
};

/// Asks for a temporary token. Everything may be left out: then it has the parent's rights and default lifetime.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MintRequest {
    /// In seconds, from 1; never more than the parent's temporary lifetime.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifetime: Option<i64>,
    /// Narrower rights; not together with `interfaces` and `permissions`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grants: Option<Vec<Grant>>,
    /// Only these of the parent's interfaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interfaces: Option<Vec<InterfaceName>>,
    /// Only these permissions, on each of the interfaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Vec<Permission>>,
    /// Pages that it may be used from; where the parent has origins, some of those.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origins: Option<Vec<Origin>>,
    /// The network or lone address that it may be used from, of your visitor for instance; inside the parent's where
    /// that has networks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<Network>,
    /// Who in your system it is for. It travels to the protected API and is never trusted for rights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
}

/// A temporary token. This is the value that a web page may hold.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MintResponse {
    /// The signed token.
    pub token: String,
    /// Always `Bearer`.
    pub token_type: String,
    /// Seconds until it ends; `null` = no end.
    pub expires_in: Option<i64>,
    /// When it ends; `null` = no end.
    pub expires_at: Option<Timestamp>,
    /// Its rights.
    pub grants: Vec<Grant>,
    /// Pages that it may be used from; empty = any.
    pub origins: Vec<Origin>,
    /// The network that it may be used from, as asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<Network>,
    /// As asked for.
    pub subject: Option<Subject>,
}

/// What a holder may know about its own token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhoAmI {
    /// The token's id; of a temporary token, its parent's.
    pub id: TokenId,
    /// The token's name; of a temporary token, its parent's.
    pub name: String,
    /// The permanent token's kind.
    pub kind: Kind,
    /// Whether what was presented is a temporary token.
    pub temporary: bool,
    /// Its rights now.
    pub grants: Vec<Grant>,
    /// When it ends; `null` = no end.
    pub expires_at: Option<Timestamp>,
    /// How long temporary tokens minted from it live, in seconds.
    pub temporary_lifetime: TemporaryLifetime,
    /// Pages that it may be used from; empty = any.
    pub allowed_origins: Vec<Origin>,
    /// Networks that it may be used from; empty = any.
    pub allowed_networks: Vec<Network>,
    /// Requests in a period.
    pub rate_limit: MaybeRateLimit,
    /// Who in the integrator's system it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
}

impl std::fmt::Debug for MintResponse {
    /// Prints everything but the token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MintResponse")
            .field("expires_in", &self.expires_in)
            .field("grants", &self.grants)
            .field("origins", &self.origins)
            .finish_non_exhaustive()
    }
}
