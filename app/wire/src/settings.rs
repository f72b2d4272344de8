//! Settings that administrators change while the server runs.

use serde::{Deserialize, Serialize};

use crate::{MaybeRateLimit, PathRule, RateLimit};

/// The settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own on the settings page"
)]
pub struct SettingsView {
    /// API access as a whole; off = every method answers `api_disabled`.
    pub api_enabled: bool,
    /// In seconds.
    pub default_temporary_lifetime: i64,
    /// In seconds.
    pub maximum_temporary_lifetime: i64,
    /// Random characters of a generated value.
    pub key_length: u16,
    /// Days after which a secret is due for rotation.
    pub rotation_age_days: u16,
    /// Whether a temporary token may have no end.
    pub allow_endless_temporary_tokens: bool,
    /// Whether a secret-kind permanent token is accepted in a URL.
    pub allow_token_in_url: bool,
    /// Whether a token is switched off when the value of its secret is found: in a URL, on a watched site or in a report.
    /// Never for headers of a browser alone.
    #[serde(default)]
    pub deactivate_exposed: bool,
    /// For tokens without a limit of their own; `null` = none.
    pub default_rate_limit: Option<RateLimit>,
    /// Whether forwarded CORS preflight requests pass `/verify`.
    pub forward_preflight: bool,
    /// What a request needs by its path and method, where the proxy does not name it; the first match wins.
    #[serde(default)]
    pub path_rules: Vec<PathRule>,
    /// Whether watched sites are searched every day.
    #[serde(default)]
    pub watch_sites: bool,
    /// Counts changes; a PATCH carries it.
    pub version: i64,
}

/// Changes settings: an absent field stays, and but for the rate limit none can be `null`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PatchSettingsRequest {
    /// The version that the change starts from; a stale one is a conflict.
    pub version: i64,
    /// See [`SettingsView::api_enabled`].
    #[serde(
        default,
        deserialize_with = "crate::token::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub api_enabled: Option<bool>,
    /// See [`SettingsView::default_temporary_lifetime`].
    #[serde(
        default,
        deserialize_with = "crate::token::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub default_temporary_lifetime: Option<i64>,
    /// See [`SettingsView::maximum_temporary_lifetime`].
    #[serde(
        default,
        deserialize_with = "crate::token::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub maximum_temporary_lifetime: Option<i64>,
    /// See [`SettingsView::key_length`].
    #[serde(
        default,
        deserialize_with = "crate::token::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub key_length: Option<u16>,
    /// See [`SettingsView::rotation_age_days`].
    #[serde(
        default,
        deserialize_with = "crate::token::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub rotation_age_days: Option<u16>,
    /// See [`SettingsView::allow_endless_temporary_tokens`].
    #[serde(
        default,
        deserialize_with = "crate::token::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub allow_endless_temporary_tokens: Option<bool>,
    /// See [`SettingsView::allow_token_in_url`].
    #[serde(
        default,
        deserialize_with = "crate::token::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub allow_token_in_url: Option<bool>,
    /// See [`SettingsView::deactivate_exposed`].
    #[serde(
        default,
        deserialize_with = "crate::token::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub deactivate_exposed: Option<bool>,
    /// `"unlimited"` or `null` = none.
    #[serde(
        default,
        deserialize_with = "crate::token::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub default_rate_limit: Option<MaybeRateLimit>,
    /// See [`SettingsView::forward_preflight`].
    #[serde(
        default,
        deserialize_with = "crate::token::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub forward_preflight: Option<bool>,
    /// All rules, replacing those before. See [`SettingsView::path_rules`].
    #[serde(
        default,
        deserialize_with = "crate::token::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub path_rules: Option<Vec<PathRule>>,
    /// See [`SettingsView::watch_sites`].
    #[serde(
        default,
        deserialize_with = "crate::token::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub watch_sites: Option<bool>,
}

/// How many tokens a change of settings would affect, field by field: `POST /api/admin/v1/settings/preview` with the
/// body of a PATCH. Fields that affect no token by themselves are not here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SettingsEffects {
    /// Tokens that answer `api_disabled` from then on: all that can be used, where the API is switched off.
    pub api_enabled: u64,
    /// Tokens with the default lifetime.
    pub default_temporary_lifetime: u64,
    /// Tokens with a longer lifetime of their own than the new maximum.
    pub maximum_temporary_lifetime: u64,
    /// Tokens whose secret would be due for rotation.
    pub rotation_age_days: u64,
    /// Tokens that have temporary tokens without an end.
    pub allow_endless_temporary_tokens: u64,
    /// Tokens whose secret was seen in a URL.
    pub allow_token_in_url: u64,
    /// Tokens without a limit of their own.
    pub default_rate_limit: u64,
    /// Tokens with a right that a rule asks for which is new, gone, or stands elsewhere.
    #[serde(default)]
    pub path_rules: u64,
}
