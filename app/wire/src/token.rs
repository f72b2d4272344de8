//! Tokens as administrators see and change them. None of these types has room for a secret.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    Contact, ExposureView, Grant, MaybeRateLimit, Network, Note, Origin, Permission, Reason, SecretId,
    Subject, TemporaryId, TemporaryLifetime, Timestamp, TokenId, TokenName,
};

/// Where a token may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// On servers only.
    #[default]
    Secret,
    /// In a web page too, with forced limits.
    Public,
}

impl Kind {
    /// The word in the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Public => "public",
        }
    }
}

/// The state of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Made, but no secret was handed over yet.
    AwaitingSecret,
    /// In use.
    Active,
    /// Switched off; it can be switched on again or deleted.
    Inactive,
    /// Its own end has passed.
    Expired,
}

impl Status {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::AwaitingSecret, Self::Active, Self::Inactive, Self::Expired];

    /// The word in the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AwaitingSecret => "awaiting_secret",
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Expired => "expired",
        }
    }
}

/// A token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenView {
    /// Its identity.
    pub id: TokenId,
    /// Its name, unique without regard to case.
    pub name: String,
    /// Where it may be kept.
    pub kind: Kind,
    /// Its state now.
    pub status: Status,
    /// The hint of the current secret (prefix, first 4, last 2 characters); `null` while it has none.
    pub hint: Option<String>,
    /// Its rights.
    pub grants: Vec<Grant>,
    /// How long its temporary tokens live.
    pub temporary_lifetime: TemporaryLifetime,
    /// Its own end.
    pub expires_at: Option<Timestamp>,
    /// Pages that its temporary tokens (or a public token itself) may be used from; empty = any.
    pub allowed_origins: Vec<Origin>,
    /// Networks that it may be used from; empty = any.
    pub allowed_networks: Vec<Network>,
    /// Requests in a period.
    pub rate_limit: MaybeRateLimit,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it, by name.
    pub created_by: Option<String>,
    /// When one of its secrets or temporary tokens was last accepted, to the second.
    pub last_used_at: Option<Timestamp>,
    /// Counts changes; a PATCH carries it.
    pub version: i64,
    /// Its live secrets, the current one first.
    pub secrets: Vec<SecretView>,
    /// Evidence that its secret was used from client-side code or put in a URL, latest first.
    #[serde(default)]
    pub exposures: Vec<ExposureView>,
    /// A free note.
    #[serde(default)]
    pub note: String,
    /// Who answers for the integration that holds it.
    #[serde(default)]
    pub contact: String,
    /// Why it may write, in plain words.
    #[serde(default)]
    pub write_reason: String,
    /// Why somebody should look at it, the most urgent first; empty = all is well.
    #[serde(default)]
    pub attention: Vec<Attention>,
}

/// Why somebody should look at a token. Only tokens that can be used (active, or expiring) have any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attention {
    /// Its secret was used from client-side code or put in a URL.
    Exposed,
    /// Its own end is less than 14 days away.
    ExpiresSoon,
    /// Its current secret is older than the setting `rotation_age_days`.
    RotationDue,
    /// Its current secret was handed over more than 7 days ago, and the token was never used.
    NeverUsed,
    /// It was last used more than 90 days ago.
    Unused,
    /// It may write to three interfaces or more.
    BroadRights,
}

impl Attention {
    /// All of them, the most urgent first.
    pub const ALL: [Self; 6] = [
        Self::Exposed,
        Self::ExpiresSoon,
        Self::RotationDue,
        Self::NeverUsed,
        Self::Unused,
        Self::BroadRights,
    ];

    /// The word in the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exposed => "exposed",
            Self::ExpiresSoon => "expires_soon",
            Self::RotationDue => "rotation_due",
            Self::NeverUsed => "never_used",
            Self::Unused => "unused",
            Self::BroadRights => "broad_rights",
        }
    }
}

/// Which tokens that need attention a list shows: `any`, or those with one reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AttentionFilter {
    /// With any reason.
    Any,
    /// With this reason.
    Only(Attention),
}

impl AttentionFilter {
    /// The word in the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Only(reason) => reason.as_str(),
        }
    }
}

impl Serialize for AttentionFilter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for AttentionFilter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        if word == "any" {
            return Ok(Self::Any);
        }
        Attention::ALL
            .into_iter()
            .find(|reason| reason.as_str() == word)
            .map(Self::Only)
            .ok_or_else(|| serde::de::Error::custom("`any` or a reason for attention is needed"))
    }
}

/// One version of a token's value, without the value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretView {
    /// Its identity.
    pub id: SecretId,
    /// Prefix, first 4 and last 2 characters.
    pub hint: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops: the end of the overlap, for a replaced one.
    pub expires_at: Option<Timestamp>,
    /// When it, or a temporary token minted from it, was last accepted.
    pub last_used_at: Option<Timestamp>,
}

/// Makes a token. Only `name` is needed: no rights, kind `secret`, no limits are the defaults.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateTokenRequest {
    /// Unique without regard to case.
    pub name: TokenName,
    /// Where it may be kept.
    #[serde(default)]
    pub kind: Kind,
    /// Its rights.
    #[serde(default)]
    pub grants: Vec<Grant>,
    /// How long its temporary tokens live, in seconds.
    #[serde(default)]
    pub temporary_lifetime: TemporaryLifetime,
    /// Its own end.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    /// At most 20.
    #[serde(default)]
    pub allowed_origins: Vec<Origin>,
    /// At most 20.
    #[serde(default)]
    pub allowed_networks: Vec<Network>,
    /// Requests in a period.
    #[serde(default)]
    pub rate_limit: MaybeRateLimit,
    /// A free note.
    #[serde(default)]
    pub note: Note,
    /// Who answers for the integration that holds it.
    #[serde(default)]
    pub contact: Contact,
    /// Why it may write, in plain words. The app asks for it where a write permission is given.
    #[serde(default)]
    pub write_reason: Reason,
}

/// Keeps "absent" (unchanged) and "null" (cleared) apart.
pub(crate) fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Changes a token: an absent field stays, `null` clears it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PatchTokenRequest {
    /// The version that the change starts from; a stale one is a conflict.
    pub version: i64,
    /// A new name.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub name: Option<TokenName>,
    /// All its rights, replacing those before.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub grants: Option<Option<Vec<Grant>>>,
    /// How long its temporary tokens live.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub temporary_lifetime: Option<Option<TemporaryLifetime>>,
    /// Its own end.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub expires_at: Option<Option<Timestamp>>,
    /// Its origins.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub allowed_origins: Option<Option<Vec<Origin>>>,
    /// Its networks.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub allowed_networks: Option<Option<Vec<Network>>>,
    /// Its rate limit.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub rate_limit: Option<MaybeRateLimit>,
    /// A free note; `null` or an empty text clears it.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub note: Option<Option<Note>>,
    /// Who answers for the integration that holds it.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub contact: Option<Option<Contact>>,
    /// Why it may write, in plain words.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub write_reason: Option<Option<Reason>>,
}

/// What lists of tokens are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum TokenSort {
    /// Name, A to Z.
    #[default]
    #[serde(rename = "name")]
    Name,
    /// Name, Z to A.
    #[serde(rename = "-name")]
    NameDescending,
    /// Oldest first.
    #[serde(rename = "created_at")]
    Created,
    /// Newest first.
    #[serde(rename = "-created_at")]
    CreatedDescending,
    /// Longest unused first.
    #[serde(rename = "last_used_at")]
    LastUsed,
    /// Just used first.
    #[serde(rename = "-last_used_at")]
    LastUsedDescending,
    /// The oldest current secret first.
    #[serde(rename = "secret_created_at")]
    SecretAge,
}

/// Which tokens a list shows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenListQuery {
    /// A part of the name or of a hint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// One state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// One kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// Tokens with a grant on the interface of this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interface: Option<String>,
    /// Tokens with this permission; together with `interface`, on that one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permission: Option<Permission>,
    /// Tokens that somebody should look at: `any`, or one reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attention: Option<AttentionFilter>,
    /// The order.
    #[serde(default)]
    pub sort: TokenSort,
    /// From 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// 1 ..= 200.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_page: Option<u32>,
}

/// The version that an act starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VersionRequest {
    /// A stale one is a conflict; absent = whatever the version is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
}

/// Which temporary tokens of a token are stopped. Without `subject` and `jti`: all of them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StopTemporaryRequest {
    /// The token's version that the act starts from; a stale one is a conflict; absent = whatever the version is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
    /// Only those that were minted for this subject until now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// Only this one, by its `jti`. Not together with `subject`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jti: Option<TemporaryId>,
}

/// Lets one strongroom document be opened, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandoverResponse {
    /// Goes into the form `POST /strongroom/{token_id}`. It opens the document and is no secret of a token.
    pub ticket: String,
    /// Ten minutes later.
    pub expires_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_all_that_a_token_needs() {
        let request: CreateTokenRequest = serde_json::from_str(r#"{"name":"WordPress"}"#).unwrap();
        assert_eq!(request.kind, Kind::Secret);
        assert!(request.grants.is_empty());
        assert_eq!(request.temporary_lifetime, TemporaryLifetime::Default);
        assert!(serde_json::from_str::<CreateTokenRequest>(r#"{"name":"x","secret":"y"}"#).is_err());
    }

    #[test]
    fn absent_and_null_differ_in_a_patch() {
        let patch: PatchTokenRequest =
            serde_json::from_str(r#"{"version":3,"expires_at":null,"rate_limit":null}"#).unwrap();
        assert_eq!(patch.expires_at, Some(None));
        assert_eq!(patch.rate_limit, Some(MaybeRateLimit::Default));
        assert_eq!(patch.grants, None);
        assert!(serde_json::from_str::<PatchTokenRequest>(r#"{"version":3,"name":null}"#).is_err());
        assert!(serde_json::from_str::<PatchTokenRequest>(r#"{"name":"x"}"#).is_err());
        assert_eq!(
            serde_json::to_string(&patch).unwrap(),
            r#"{"version":3,"expires_at":null,"rate_limit":null}"#
        );
    }
}
