//! The settings as they are being typed.

use super::path_rules::RulesDraft;
use wire::{
    FieldError, FieldErrorCode, LIMITS, MaybeRateLimit, PatchSettingsRequest, RateLimit, SettingsView,
};

/// The shortest maximum lifetime of temporary tokens, in seconds.
pub(crate) const SHORTEST_MAXIMUM: i64 = 60;

/// The longest time after which a secret is due for rotation, in days.
pub(crate) const LONGEST_ROTATION: i64 = 3650;

/// What the form holds. API access as a whole is no part of it: it is switched by itself, after a question.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own on the settings page"
)]
pub(crate) struct SettingsDraft {
    pub(crate) default_temporary_lifetime: String,
    pub(crate) maximum_temporary_lifetime: String,
    pub(crate) key_length: String,
    pub(crate) rotation_age_days: String,
    pub(crate) allow_endless_temporary_tokens: bool,
    pub(crate) allow_token_in_url: bool,
    pub(crate) deactivate_exposed: bool,
    pub(crate) forward_preflight: bool,
    /// Whether tokens without a limit of their own have one.
    pub(crate) limited: bool,
    pub(crate) requests: String,
    pub(crate) per_seconds: String,
    pub(crate) path_rules: RulesDraft,
}

impl SettingsDraft {
    pub(crate) fn of(view: &SettingsView) -> Self {
        let limit = view.default_rate_limit;
        Self {
            default_temporary_lifetime: view.default_temporary_lifetime.to_string(),
            maximum_temporary_lifetime: view.maximum_temporary_lifetime.to_string(),
            key_length: view.key_length.to_string(),
            rotation_age_days: view.rotation_age_days.to_string(),
            allow_endless_temporary_tokens: view.allow_endless_temporary_tokens,
            allow_token_in_url: view.allow_token_in_url,
            deactivate_exposed: view.deactivate_exposed,
            forward_preflight: view.forward_preflight,
            limited: limit.is_some(),
            requests: limit.map_or(600, |limit| limit.requests).to_string(),
            per_seconds: limit.map_or(60, |limit| limit.per_seconds).to_string(),
            path_rules: RulesDraft::of(&view.path_rules),
        }
    }

    fn limit(&self) -> Result<Option<RateLimit>, FieldErrorCode> {
        if !self.limited {
            return Ok(None);
        }
        let number = |text: &str| text.trim().parse().ok();
        number(&self.requests)
            .zip(number(&self.per_seconds))
            .and_then(|(requests, per_seconds)| RateLimit::new(requests, per_seconds))
            .map(Some)
            .ok_or(FieldErrorCode::OutOfRange)
    }

    /// The request that changes what differs from `was`. The server checks the same and has the last word.
    ///
    /// # Errors
    /// Every field that holds no number within its limits.
    pub(crate) fn patch(&self, was: &SettingsView) -> Result<PatchSettingsRequest, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut wrong = |field: &str, code| errors.push(FieldError::new(field, code));
        let mut number = |field: &str, text: &str, from: i64, to: i64| {
            let read = text.trim().parse::<i64>().ok();
            let read = read.filter(|number| (from..=to).contains(number));
            if read.is_none() {
                wrong(field, FieldErrorCode::OutOfRange);
            }
            read.unwrap_or_default()
        };
        let year = LIMITS.longest_temporary_lifetime;
        let maximum = number(
            "maximum_temporary_lifetime",
            &self.maximum_temporary_lifetime,
            SHORTEST_MAXIMUM,
            year,
        );
        let default = number(
            "default_temporary_lifetime",
            &self.default_temporary_lifetime,
            1,
            if maximum == 0 { year } else { maximum },
        );
        let short = |number: i64| u16::try_from(number).unwrap_or_default();
        let (shortest, longest) = (LIMITS.shortest_key.into(), LIMITS.longest_key.into());
        let key_length = short(number("key_length", &self.key_length, shortest, longest));
        let rotation = short(number(
            "rotation_age_days",
            &self.rotation_age_days,
            1,
            LONGEST_ROTATION,
        ));
        let limit = match self.limit() {
            Ok(limit) => limit,
            Err(code) => {
                wrong("default_rate_limit", code);
                None
            }
        };
        let rules = self.path_rules.read();
        let rules = match rules {
            Ok(rules) if errors.is_empty() => rules,
            rules => {
                errors.extend(rules.err().into_iter().flatten());
                return Err(errors);
            }
        };
        Ok(PatchSettingsRequest {
            version: was.version,
            api_enabled: None,
            default_temporary_lifetime: (default != was.default_temporary_lifetime).then_some(default),
            maximum_temporary_lifetime: (maximum != was.maximum_temporary_lifetime).then_some(maximum),
            key_length: (key_length != was.key_length).then_some(key_length),
            rotation_age_days: (rotation != was.rotation_age_days).then_some(rotation),
            allow_endless_temporary_tokens: (self.allow_endless_temporary_tokens
                != was.allow_endless_temporary_tokens)
                .then_some(self.allow_endless_temporary_tokens),
            allow_token_in_url: (self.allow_token_in_url != was.allow_token_in_url)
                .then_some(self.allow_token_in_url),
            deactivate_exposed: (self.deactivate_exposed != was.deactivate_exposed)
                .then_some(self.deactivate_exposed),
            default_rate_limit: (limit != was.default_rate_limit)
                .then(|| limit.map_or(MaybeRateLimit::Unlimited, MaybeRateLimit::Limited)),
            forward_preflight: (self.forward_preflight != was.forward_preflight)
                .then_some(self.forward_preflight),
            path_rules: (rules != was.path_rules).then_some(rules),
            // The page of watched sites has its switch.
            watch_sites: None,
        })
    }

    /// The fields in which two drafts differ, in the order of the form.
    pub(crate) fn differences(&self, other: &Self) -> Vec<String> {
        let text = |mine: &str, there: &str| mine.trim() == there.trim();
        [
            (
                "default_temporary_lifetime",
                text(
                    &self.default_temporary_lifetime,
                    &other.default_temporary_lifetime,
                ),
            ),
            (
                "maximum_temporary_lifetime",
                text(
                    &self.maximum_temporary_lifetime,
                    &other.maximum_temporary_lifetime,
                ),
            ),
            (
                "allow_endless_temporary_tokens",
                self.allow_endless_temporary_tokens == other.allow_endless_temporary_tokens,
            ),
            ("key_length", text(&self.key_length, &other.key_length)),
            (
                "rotation_age_days",
                text(&self.rotation_age_days, &other.rotation_age_days),
            ),
            (
                "allow_token_in_url",
                self.allow_token_in_url == other.allow_token_in_url,
            ),
            (
                "deactivate_exposed",
                self.deactivate_exposed == other.deactivate_exposed,
            ),
            (
                "default_rate_limit",
                self.limited == other.limited
                    && (!self.limited
                        || text(&self.requests, &other.requests)
                            && text(&self.per_seconds, &other.per_seconds)),
            ),
            (
                "forward_preflight",
                self.forward_preflight == other.forward_preflight,
            ),
            ("path_rules", self.path_rules.same(&other.path_rules)),
        ]
        .into_iter()
        .filter(|(_, same)| !same)
        .map(|(field, _)| field.to_owned())
        .collect()
    }

    /// Takes one field from another draft.
    pub(crate) fn take(&mut self, field: &str, from: &Self) {
        match field {
            "default_temporary_lifetime" => self
                .default_temporary_lifetime
                .clone_from(&from.default_temporary_lifetime),
            "maximum_temporary_lifetime" => self
                .maximum_temporary_lifetime
                .clone_from(&from.maximum_temporary_lifetime),
            "key_length" => self.key_length.clone_from(&from.key_length),
            "rotation_age_days" => self.rotation_age_days.clone_from(&from.rotation_age_days),
            "allow_endless_temporary_tokens" => {
                self.allow_endless_temporary_tokens = from.allow_endless_temporary_tokens;
            }
            "allow_token_in_url" => self.allow_token_in_url = from.allow_token_in_url,
            "deactivate_exposed" => self.deactivate_exposed = from.deactivate_exposed,
            "forward_preflight" => self.forward_preflight = from.forward_preflight,
            "path_rules" => self.path_rules.clone_from(&from.path_rules),
            "default_rate_limit" => {
                self.limited = from.limited;
                self.requests.clone_from(&from.requests);
                self.per_seconds.clone_from(&from.per_seconds);
            }
            _ => {}
        }
    }

    /// A field's value as the contract writes it.
    pub(crate) fn value(&self, field: &str) -> String {
        match field {
            "default_temporary_lifetime" => self.default_temporary_lifetime.clone(),
            "maximum_temporary_lifetime" => self.maximum_temporary_lifetime.clone(),
            "key_length" => self.key_length.clone(),
            "rotation_age_days" => self.rotation_age_days.clone(),
            "allow_endless_temporary_tokens" => self.allow_endless_temporary_tokens.to_string(),
            "allow_token_in_url" => self.allow_token_in_url.to_string(),
            "deactivate_exposed" => self.deactivate_exposed.to_string(),
            "forward_preflight" => self.forward_preflight.to_string(),
            "path_rules" => self.path_rules.value(),
            "default_rate_limit" if self.limited => format!(
                r#"{{"requests":{},"per_seconds":{}}}"#,
                self.requests, self.per_seconds
            ),
            _ => "null".to_owned(),
        }
    }
}

/// Whether a request changes nothing.
pub(crate) fn is_empty(patch: &PatchSettingsRequest) -> bool {
    *patch
        == PatchSettingsRequest {
            version: patch.version,
            ..PatchSettingsRequest::default()
        }
}

/// The request that takes a change back: what `patch` changed is again as it was. `version` is the present one.
pub(crate) fn undo(patch: &PatchSettingsRequest, was: &SettingsView, version: i64) -> PatchSettingsRequest {
    PatchSettingsRequest {
        version,
        api_enabled: patch.api_enabled.map(|_| was.api_enabled),
        default_temporary_lifetime: patch
            .default_temporary_lifetime
            .map(|_| was.default_temporary_lifetime),
        maximum_temporary_lifetime: patch
            .maximum_temporary_lifetime
            .map(|_| was.maximum_temporary_lifetime),
        key_length: patch.key_length.map(|_| was.key_length),
        rotation_age_days: patch.rotation_age_days.map(|_| was.rotation_age_days),
        allow_endless_temporary_tokens: patch
            .allow_endless_temporary_tokens
            .map(|_| was.allow_endless_temporary_tokens),
        allow_token_in_url: patch.allow_token_in_url.map(|_| was.allow_token_in_url),
        deactivate_exposed: patch.deactivate_exposed.map(|_| was.deactivate_exposed),
        default_rate_limit: patch.default_rate_limit.map(|_| {
            was.default_rate_limit
                .map_or(MaybeRateLimit::Unlimited, MaybeRateLimit::Limited)
        }),
        forward_preflight: patch.forward_preflight.map(|_| was.forward_preflight),
        path_rules: patch.path_rules.as_ref().map(|_| was.path_rules.clone()),
        watch_sites: patch.watch_sites.map(|_| was.watch_sites),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view() -> SettingsView {
        SettingsView {
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
            version: 7,
        }
    }

    #[test]
    fn only_what_differs_travels_and_can_be_taken_back() {
        let was = view();
        let mut draft = SettingsDraft::of(&was);
        assert!(is_empty(&draft.patch(&was).unwrap()));
        draft.key_length = " 64 ".into();
        draft.limited = true;
        let patch = draft.patch(&was).unwrap();
        assert_eq!(patch.version, 7);
        assert_eq!(patch.key_length, Some(64));
        assert_eq!(
            patch.default_rate_limit,
            RateLimit::new(600, 60).map(MaybeRateLimit::Limited)
        );
        assert_eq!(patch.rotation_age_days, None);
        draft.path_rules.add();
        draft.path_rules.change(0, |rule| {
            rule.path = "/press/*".into();
            rule.interface = "Press".into();
        });
        let ruled = draft.patch(&was).unwrap();
        assert_eq!(ruled.path_rules.as_ref().map(Vec::len), Some(1));
        assert_eq!(undo(&ruled, &was, 8).path_rules, Some(Vec::new()));
        let back = undo(&patch, &was, 8);
        assert_eq!((back.version, back.key_length), (8, Some(40)));
        assert_eq!(back.default_rate_limit, Some(MaybeRateLimit::Unlimited));
        assert_eq!(back.forward_preflight, None);
    }

    #[test]
    fn what_is_no_number_within_its_limits_is_named() {
        let draft = SettingsDraft {
            default_temporary_lifetime: "601".into(),
            maximum_temporary_lifetime: "600".into(),
            key_length: "long".into(),
            rotation_age_days: "70000".into(),
            limited: true,
            requests: "0".into(),
            ..SettingsDraft::of(&view())
        };
        let fields: Vec<_> = draft
            .patch(&view())
            .unwrap_err()
            .into_iter()
            .map(|error| error.field)
            .collect();
        assert_eq!(
            fields,
            [
                "default_temporary_lifetime",
                "key_length",
                "rotation_age_days",
                "default_rate_limit"
            ]
        );
    }

    #[test]
    fn versions_are_put_together_field_by_field() {
        let mut mine = SettingsDraft::of(&view());
        let theirs = SettingsDraft {
            key_length: "64".into(),
            limited: true,
            allow_token_in_url: true,
            ..mine.clone()
        };
        mine.rotation_age_days = "90".into();
        let differences = mine.differences(&theirs);
        assert_eq!(
            differences,
            [
                "key_length",
                "rotation_age_days",
                "allow_token_in_url",
                "default_rate_limit"
            ]
        );
        for field in &differences {
            mine.take(field, &theirs);
        }
        assert_eq!(mine, theirs);
        assert_eq!(
            theirs.value("default_rate_limit"),
            r#"{"requests":600,"per_seconds":60}"#
        );
    }
}
