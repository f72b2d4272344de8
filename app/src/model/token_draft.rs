//! A token as it is being typed: every field as text, and the way from there to a request and back.
//!
//! The rules themselves are the types of `wire`; here they are only called, field by field, so that every error
//! stands beside its field at once.

use std::collections::BTreeMap;

use wire::{
    CreateTokenRequest, FieldError, FieldErrorCode, Grant, InterfaceName, Kind, LIMITS, MaybeRateLimit,
    Network, Origin, PatchTokenRequest, Permission, Permissions, RateLimit, TemporaryLifetime, Timestamp,
    TokenName, TokenView,
};

use super::lines;

/// Which of the three lifetimes is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum LifetimeChoice {
    #[default]
    Default,
    Own,
    Endless,
}

/// Which of the three rate limits is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum RateChoice {
    #[default]
    Default,
    Own,
    Unlimited,
}

/// What the form holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TokenDraft {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) lifetime: LifetimeChoice,
    pub(crate) seconds: String,
    /// By the interface's name.
    pub(crate) grants: BTreeMap<String, Permissions>,
    /// As `datetime-local` writes it.
    pub(crate) expires: String,
    pub(crate) origins: String,
    pub(crate) networks: String,
    pub(crate) rate: RateChoice,
    pub(crate) requests: String,
    pub(crate) per_seconds: String,
}

impl Default for TokenDraft {
    fn default() -> Self {
        Self {
            name: String::new(),
            kind: Kind::default(),
            lifetime: LifetimeChoice::default(),
            seconds: "900".to_owned(),
            grants: BTreeMap::new(),
            expires: String::new(),
            origins: String::new(),
            networks: String::new(),
            rate: RateChoice::default(),
            requests: "600".to_owned(),
            per_seconds: "60".to_owned(),
        }
    }
}

/// Gathers errors while fields go on being read.
#[derive(Default)]
struct Errors(Vec<FieldError>);

impl Errors {
    fn note<T>(&mut self, field: impl Into<String>, result: Result<T, FieldErrorCode>) -> Option<T> {
        result
            .map_err(|code| self.0.push(FieldError::new(field, code)))
            .ok()
    }

    fn entries<T>(
        &mut self,
        field: &str,
        text: &str,
        most: usize,
        read: impl Fn(&str) -> Result<T, FieldErrorCode>,
    ) -> Vec<T> {
        let mut read_ones = Vec::new();
        for (at, line) in lines(text).enumerate() {
            read_ones.extend(self.note(format!("{field}[{at}]"), read(line)));
        }
        if read_ones.len() > most {
            self.0.push(FieldError::new(field, FieldErrorCode::TooLong));
        }
        read_ones
    }
}

/// Whether a right can be given to a token of this kind on an interface that is public or not.
pub(crate) const fn may_grant(kind: Kind, interface_public: bool, permission: Permission) -> bool {
    match kind {
        Kind::Secret => true,
        Kind::Public => interface_public && matches!(permission, Permission::Read | Permission::Download),
    }
}

impl TokenDraft {
    /// The draft of a token that there is. `local` writes a moment as `datetime-local` wants it.
    pub(crate) fn of(view: &TokenView, local: impl Fn(Timestamp) -> String) -> Self {
        let usual = Self::default();
        let (lifetime, seconds) = match view.temporary_lifetime {
            TemporaryLifetime::Default => (LifetimeChoice::Default, usual.seconds),
            TemporaryLifetime::Endless => (LifetimeChoice::Endless, usual.seconds),
            TemporaryLifetime::Seconds(seconds) => (LifetimeChoice::Own, seconds.to_string()),
        };
        let (rate, requests, per_seconds) = match view.rate_limit {
            MaybeRateLimit::Default => (RateChoice::Default, usual.requests, usual.per_seconds),
            MaybeRateLimit::Unlimited => (RateChoice::Unlimited, usual.requests, usual.per_seconds),
            MaybeRateLimit::Limited(limit) => (
                RateChoice::Own,
                limit.requests.to_string(),
                limit.per_seconds.to_string(),
            ),
        };
        let join = |lines: Vec<String>| lines.join("\n");
        Self {
            name: view.name.clone(),
            kind: view.kind,
            lifetime,
            seconds,
            grants: view
                .grants
                .iter()
                .map(|g| (g.interface.as_str().to_owned(), g.permissions))
                .collect(),
            expires: view.expires_at.map(local).unwrap_or_default(),
            origins: join(view.allowed_origins.iter().map(ToString::to_string).collect()),
            networks: join(view.allowed_networks.iter().map(ToString::to_string).collect()),
            rate,
            requests,
            per_seconds,
        }
    }

    /// What may be done with an interface so far.
    pub(crate) fn permissions(&self, interface: &str) -> Permissions {
        self.grants.get(interface).copied().unwrap_or_default()
    }

    /// Gives or takes one right.
    pub(crate) fn set(&mut self, interface: &str, permission: Permission, granted: bool) {
        let before = self.permissions(interface);
        let after = if granted {
            before.with(permission)
        } else {
            before.without(permission)
        };
        if after.is_empty() {
            self.grants.remove(interface);
        } else {
            self.grants.insert(interface.to_owned(), after);
        }
    }

    /// The lifetime that is typed, where it is one.
    pub(crate) fn lifetime(&self) -> Option<TemporaryLifetime> {
        match self.lifetime {
            LifetimeChoice::Default => Some(TemporaryLifetime::Default),
            LifetimeChoice::Endless => Some(TemporaryLifetime::Endless),
            LifetimeChoice::Own => {
                let seconds = self.seconds.trim().parse().ok().filter(|seconds| *seconds > 0)?;
                TemporaryLifetime::from_number(seconds)
            }
        }
    }

    /// The request that makes the token. `moment` reads what `datetime-local` writes.
    ///
    /// # Errors
    /// Every field that breaks a rule.
    pub(crate) fn create(
        &self,
        now: Timestamp,
        moment: impl Fn(&str) -> Option<Timestamp>,
    ) -> Result<CreateTokenRequest, Vec<FieldError>> {
        let mut errors = Errors::default();
        let name = errors.note("name", TokenName::parse(&self.name).map_err(|error| error.code));
        let lifetime = errors.note(
            "temporary_lifetime",
            self.lifetime().ok_or(FieldErrorCode::OutOfRange),
        );
        let expires_at = match self.expires.trim() {
            "" => None,
            text => errors.note(
                "expires_at",
                moment(text).ok_or(FieldErrorCode::WrongType).and_then(|at| {
                    if at > now {
                        Ok(at)
                    } else {
                        Err(FieldErrorCode::InThePast)
                    }
                }),
            ),
        };
        let allowed_origins = errors.entries("allowed_origins", &self.origins, LIMITS.origins, Origin::parse);
        let allowed_networks = errors.entries(
            "allowed_networks",
            &self.networks,
            LIMITS.networks,
            Network::parse,
        );
        let rate_limit = match self.rate {
            RateChoice::Default => Some(MaybeRateLimit::Default),
            RateChoice::Unlimited => Some(MaybeRateLimit::Unlimited),
            RateChoice::Own => errors.note("rate_limit", self.own_rate().ok_or(FieldErrorCode::OutOfRange)),
        };
        let mut grants = Vec::new();
        for (interface, permissions) in &self.grants {
            let field = format!("grants[{}].interface", grants.len());
            let interface = InterfaceName::parse(interface).map_err(|error| error.code);
            if let Some(interface) = errors.note(field, interface) {
                grants.push(Grant {
                    interface,
                    permissions: *permissions,
                });
            }
        }
        if self.kind == Kind::Public {
            self.check_public(&mut errors);
        }
        match (name, lifetime, rate_limit) {
            (Some(name), Some(temporary_lifetime), Some(rate_limit)) if errors.0.is_empty() => {
                Ok(CreateTokenRequest {
                    name,
                    kind: self.kind,
                    grants,
                    temporary_lifetime,
                    expires_at,
                    allowed_origins,
                    allowed_networks,
                    rate_limit,
                    note: wire::Note::default(),
                    contact: wire::Contact::default(),
                    write_reason: wire::Reason::default(),
                })
            }
            _ => Err(errors.0),
        }
    }

    fn own_rate(&self) -> Option<MaybeRateLimit> {
        let requests = self.requests.trim().parse().ok()?;
        let per_seconds = self.per_seconds.trim().parse().ok()?;
        RateLimit::new(requests, per_seconds).map(MaybeRateLimit::Limited)
    }

    /// What a public token needs, beside each field that lacks it. The server has the last word.
    fn check_public(&self, errors: &mut Errors) {
        let mut lacks = |field: &str, lacking: bool, code| {
            if lacking {
                errors.0.push(FieldError::new(field, code));
            }
        };
        lacks(
            "allowed_origins",
            lines(&self.origins).next().is_none(),
            FieldErrorCode::PublicNeeds,
        );
        lacks(
            "expires_at",
            self.expires.trim().is_empty(),
            FieldErrorCode::PublicNeeds,
        );
        lacks(
            "rate_limit",
            self.rate != RateChoice::Own,
            FieldErrorCode::PublicNeeds,
        );
        let reading = [Permission::Read, Permission::Download]
            .into_iter()
            .collect::<Permissions>();
        let too_much = self
            .grants
            .values()
            .any(|permissions| !reading.contains_all(*permissions));
        lacks("grants", too_much, FieldErrorCode::NotForThisKind);
    }

    /// The request that changes what differs from `was`.
    ///
    /// # Errors
    /// Every field that breaks a rule.
    pub(crate) fn patch(
        &self,
        was: &TokenView,
        now: Timestamp,
        moment: impl Fn(&str) -> Option<Timestamp>,
        local: impl Fn(Timestamp) -> String,
    ) -> Result<PatchTokenRequest, Vec<FieldError>> {
        let before = Self::of(was, local);
        // An expiry that has passed and is left alone is no error: the rest of an expired token can be changed.
        let kept_expiry = self.expires == before.expires;
        let checked = Self {
            expires: if kept_expiry {
                String::new()
            } else {
                self.expires.clone()
            },
            ..self.clone()
        };
        let request = match checked.create(now, moment) {
            Ok(request) => request,
            Err(mut errors) => {
                errors.retain(|error| {
                    !(kept_expiry && error.field == "expires_at" && was.expires_at.is_some())
                });
                if !errors.is_empty() {
                    return Err(errors);
                }
                // Only the expiry that is kept was missing: read the rest as it stands.
                let with_expiry = Self {
                    kind: Kind::Secret,
                    ..checked
                };
                with_expiry.create(now, |_| None)?
            }
        };
        Ok(PatchTokenRequest {
            version: was.version,
            name: (request.name.as_str() != was.name).then_some(request.name),
            grants: (self.grants != before.grants).then_some(Some(request.grants)),
            temporary_lifetime: (request.temporary_lifetime != was.temporary_lifetime)
                .then_some(Some(request.temporary_lifetime)),
            expires_at: (!kept_expiry).then_some(request.expires_at),
            allowed_origins: (request.allowed_origins != was.allowed_origins)
                .then_some(Some(request.allowed_origins)),
            allowed_networks: (request.allowed_networks != was.allowed_networks)
                .then_some(Some(request.allowed_networks)),
            rate_limit: (request.rate_limit != was.rate_limit).then_some(request.rate_limit),
            note: None,
            contact: None,
            write_reason: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    fn moment(text: &str) -> Option<Timestamp> {
        Timestamp::parse(&format!("{text}:00Z"))
    }

    fn local(at: Timestamp) -> String {
        at.to_string()[..16].to_owned()
    }

    fn named(name: &str) -> TokenDraft {
        TokenDraft {
            name: name.to_owned(),
            ..TokenDraft::default()
        }
    }

    fn view() -> TokenView {
        serde_json::from_str(
            r#"{"id":"01ARZ3NDEKTSV4RRFFQ69G5FAV","name":"Widget","kind":"public","status":"expired",
                "hint":null,"grants":[{"interface":"Open archive","permissions":["read"]}],
                "temporary_lifetime":300,"expires_at":"1970-01-01T00:00:00.000Z",
                "allowed_origins":["https://a.example"],"allowed_networks":[],
                "rate_limit":{"requests":10,"per_seconds":60},"created_at":"1970-01-01T00:00:00.000Z",
                "created_by":null,"last_used_at":null,"version":4,"secrets":[]}"#,
        )
        .unwrap()
    }

    #[test]
    fn a_name_is_enough() {
        let request = named(" WordPress ").create(NOW, moment).unwrap();
        assert_eq!(request.name.as_str(), "WordPress");
        assert_eq!(request.temporary_lifetime, TemporaryLifetime::Default);
        assert!(request.grants.is_empty());
    }

    #[test]
    fn every_broken_rule_is_named_at_its_field() {
        let draft = TokenDraft {
            lifetime: LifetimeChoice::Own,
            seconds: "-1".into(),
            expires: "1970-01-01T00:00".into(),
            origins: "https://a.example\n\nexample.org/x".into(),
            networks: "10.0.0.0/99".into(),
            rate: RateChoice::Own,
            requests: "0".into(),
            ..named("")
        };
        let fields: Vec<_> = draft
            .create(NOW, moment)
            .unwrap_err()
            .into_iter()
            .map(|e| (e.field, e.code))
            .collect();
        assert_eq!(
            fields,
            [
                ("name".to_owned(), FieldErrorCode::Required),
                ("temporary_lifetime".to_owned(), FieldErrorCode::OutOfRange),
                ("expires_at".to_owned(), FieldErrorCode::InThePast),
                ("allowed_origins[1]".to_owned(), FieldErrorCode::NotAnOrigin),
                ("allowed_networks[0]".to_owned(), FieldErrorCode::NotANetwork),
                ("rate_limit".to_owned(), FieldErrorCode::OutOfRange),
            ]
        );
    }

    #[test]
    fn a_public_token_needs_its_limits() {
        let mut draft = TokenDraft {
            kind: Kind::Public,
            ..named("Widget")
        };
        draft.set("Open archive", Permission::Upload, true);
        let fields: Vec<_> = draft
            .create(NOW, moment)
            .unwrap_err()
            .into_iter()
            .map(|e| e.field)
            .collect();
        assert_eq!(fields, ["allowed_origins", "expires_at", "rate_limit", "grants"]);
    }

    #[test]
    fn a_grant_without_permission_is_no_grant() {
        let mut draft = named("x");
        draft.set("Press", Permission::Read, true);
        draft.set("Press", Permission::Edit, true);
        draft.set("Press", Permission::Read, false);
        assert_eq!(draft.create(NOW, moment).unwrap().grants.len(), 1);
        draft.set("Press", Permission::Edit, false);
        assert!(draft.create(NOW, moment).unwrap().grants.is_empty());
    }

    #[test]
    fn an_unchanged_draft_changes_nothing() {
        let was = view();
        let patch = TokenDraft::of(&was, local)
            .patch(&was, NOW, moment, local)
            .unwrap();
        assert_eq!(
            patch,
            PatchTokenRequest {
                version: 4,
                ..PatchTokenRequest::default()
            }
        );
    }

    #[test]
    fn only_what_differs_travels() {
        let was = view();
        let mut draft = TokenDraft::of(&was, local);
        draft.name = "Gadget".into();
        draft.expires = "2030-01-01T00:00".into();
        let patch = draft.patch(&was, NOW, moment, local).unwrap();
        assert_eq!(patch.name.unwrap().as_str(), "Gadget");
        assert_eq!(patch.expires_at, Some(Timestamp::parse("2030-01-01T00:00:00Z")));
        assert_eq!(patch.grants, None);
        assert_eq!(patch.rate_limit, None);
    }

    #[test]
    fn an_expiry_is_cleared_with_null() {
        let was = TokenView {
            kind: Kind::Secret,
            ..view()
        };
        let draft = TokenDraft {
            expires: String::new(),
            ..TokenDraft::of(&was, local)
        };
        assert_eq!(
            draft.patch(&was, NOW, moment, local).unwrap().expires_at,
            Some(None)
        );
    }
}
