//! Settings that administrators change while the server runs: one struct, with defaults, and one version.

use serde::{Deserialize, Serialize};
use wire::{
    FieldError, FieldErrorCode, LIMITS, MaybeRateLimit, PatchSettingsRequest, PathRule, RateLimit,
    SettingsView,
};

/// The settings. Stored as rows (name, JSON value) under the names of the fields; a missing row is the default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Settings {
    /// API access as a whole.
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
    pub deactivate_exposed: bool,
    /// For tokens without a limit of their own; `None` = none.
    pub default_rate_limit: Option<RateLimit>,
    /// Whether forwarded CORS preflight requests pass `/verify`.
    pub forward_preflight: bool,
    /// What a request needs by its path and method; the first match wins.
    pub path_rules: Vec<PathRule>,
    /// Whether watched sites are searched every day.
    pub watch_sites: bool,
    /// Counts changes.
    pub version: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            api_enabled: true,
            default_temporary_lifetime: 900,
            maximum_temporary_lifetime: 86_400,
            key_length: 40,
            rotation_age_days: 365,
            allow_endless_temporary_tokens: false,
            allow_token_in_url: false,
            deactivate_exposed: false,
            default_rate_limit: None,
            forward_preflight: false,
            path_rules: Vec::new(),
            watch_sites: false,
            version: 0,
        }
    }
}

impl Settings {
    /// The settings after a change.
    ///
    /// # Errors
    /// The fields that break a rule.
    pub fn changed(&self, patch: &PatchSettingsRequest) -> Result<Self, Vec<FieldError>> {
        let mut new = self.clone();
        let mut errors = Vec::new();
        macro_rules! take {
            ($($field:ident),*) => { $(if let Some(value) = patch.$field { new.$field = value; })* };
        }
        take!(
            api_enabled,
            default_temporary_lifetime,
            maximum_temporary_lifetime,
            key_length,
            rotation_age_days,
            allow_endless_temporary_tokens,
            allow_token_in_url,
            deactivate_exposed,
            forward_preflight,
            watch_sites
        );
        if let Some(rules) = &patch.path_rules {
            new.path_rules.clone_from(rules);
        }
        match patch.default_rate_limit {
            None => {}
            Some(MaybeRateLimit::Limited(limit)) => new.default_rate_limit = Some(limit),
            Some(MaybeRateLimit::Unlimited | MaybeRateLimit::Default) => new.default_rate_limit = None,
        }
        let mut check = |right: bool, field: &str, between: &str| {
            if !right {
                errors.push(FieldError {
                    detail: format!("a number {between} is needed"),
                    ..FieldError::new(field, FieldErrorCode::OutOfRange)
                });
            }
        };
        check(
            (60..=LIMITS.longest_temporary_lifetime).contains(&new.maximum_temporary_lifetime),
            "maximum_temporary_lifetime",
            "from 60 to 31536000",
        );
        check(
            (1..=new.maximum_temporary_lifetime).contains(&new.default_temporary_lifetime),
            "default_temporary_lifetime",
            "from 1 to the maximum temporary lifetime",
        );
        check(
            (LIMITS.shortest_key..=LIMITS.longest_key).contains(&new.key_length),
            "key_length",
            "from 32 to 128",
        );
        check(
            (1..=3650).contains(&new.rotation_age_days),
            "rotation_age_days",
            "from 1 to 3650",
        );
        if errors.is_empty() { Ok(new) } else { Err(errors) }
    }

    /// As administrators see them.
    #[must_use]
    pub fn view(&self) -> SettingsView {
        SettingsView {
            api_enabled: self.api_enabled,
            default_temporary_lifetime: self.default_temporary_lifetime,
            maximum_temporary_lifetime: self.maximum_temporary_lifetime,
            key_length: self.key_length,
            rotation_age_days: self.rotation_age_days,
            allow_endless_temporary_tokens: self.allow_endless_temporary_tokens,
            allow_token_in_url: self.allow_token_in_url,
            deactivate_exposed: self.deactivate_exposed,
            default_rate_limit: self.default_rate_limit,
            forward_preflight: self.forward_preflight,
            path_rules: self.path_rules.clone(),
            watch_sites: self.watch_sites,
            version: self.version,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_checked_together() {
        let patch = PatchSettingsRequest {
            maximum_temporary_lifetime: Some(600),
            key_length: Some(8),
            ..PatchSettingsRequest::default()
        };
        let errors = Settings::default().changed(&patch).unwrap_err();
        let fields: Vec<_> = errors.iter().map(|e| e.field.as_str()).collect();
        assert_eq!(fields, ["default_temporary_lifetime", "key_length"]);
    }
}
