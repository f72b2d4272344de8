//! What a temporary token says about itself (RFC 7519, RFC 9068, and six claims of our own).

use serde::{Deserialize, Serialize};
use wire::{InterfaceId, Network, Origin, Permissions, SecretId, Subject, TemporaryId, TokenId};

/// A grant inside a temporary token: interfaces by id, so that renaming changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimedGrant {
    /// Which interface.
    pub interface: InterfaceId,
    /// What may be done with it.
    pub permissions: Permissions,
}

/// The claims. Unknown and duplicate ones are refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    /// This server (`public_url`).
    pub iss: String,
    /// Who is to accept it: this server again, which answers for the protected API.
    pub aud: String,
    /// The parent token.
    pub sub: TokenId,
    /// The parent token (RFC 9068 wants it under this name too).
    pub client_id: TokenId,
    /// This temporary token.
    pub jti: TemporaryId,
    /// When it was minted, in seconds since 1970.
    pub iat: i64,
    /// Not to be used before, in seconds since 1970. We set none; one that is there counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nbf: Option<i64>,
    /// When it ends, in seconds since 1970; absent = no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp: Option<i64>,
    /// The secret that minted it; it dies with that secret.
    pub secret_id: SecretId,
    /// The parent's epoch; it dies when the epoch is raised.
    pub epoch: i64,
    /// Its rights, by the names that they had when it was minted (RFC 9068, section 2.2.3): for those who read a token
    /// without asking us, where the request named a scope. Never read here: `grants` are what counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Its rights.
    pub grants: Vec<ClaimedGrant>,
    /// Pages that it may be used from; absent = any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub origins: Vec<Origin>,
    /// The network that it may be used from; absent = any that the parent may be used from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<Network>,
    /// Who in the integrator's system it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// The temporary tokens that it was narrowed from, the first one first; it dies with each of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub via: Vec<TemporaryId>,
}
