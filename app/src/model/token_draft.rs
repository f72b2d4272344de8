//! A token as it is being typed: every field as text, and the way from there to a request and back.
//!
//! The rules themselves are the types of `wire`; here they are only called, field by field, so that every error
//! stands beside its field at once.

use std::collections::{BTreeMap, BTreeSet};

use wire::{
    Contact, CreateTokenRequest, FieldError, FieldErrorCode, Grant, InterfaceName, Kind, LIMITS,
    MaybeRateLimit, Network, Note, Origin, PatchTokenRequest, Permission, Permissions, RateLimit, Reason,
    TemporaryLifetime, Timestamp, TokenName, TokenView,
};

use super::lines;

/// How a difference in the rights on one interface is named; the activity list names it so too.
const GRANTS_ON: &str = "grants: ";

/// Programs that tokens are often made for, offered while a name is typed.
pub(crate) const USUAL_NAMES: [&str; 8] = [
    "WordPress",
    "Drupal",
    "TYPO3",
    "Craft CMS",
    "SharePoint",
    "InDesign",
    "Mailchimp",
    "Power BI",
];

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
    /// In seconds; -1 is the default of the settings, 0 has no end.
    pub(crate) lifetime: String,
    /// By the interface's name.
    pub(crate) grants: BTreeMap<String, Permissions>,
    /// As `datetime-local` writes it.
    pub(crate) expires: String,
    pub(crate) origins: String,
    pub(crate) networks: String,
    pub(crate) rate: RateChoice,
    pub(crate) requests: String,
    pub(crate) per_seconds: String,
    pub(crate) note: String,
    pub(crate) contact: String,
    pub(crate) write_reason: String,
}

impl Default for TokenDraft {
    fn default() -> Self {
        Self {
            name: String::new(),
            kind: Kind::default(),
            lifetime: "-1".to_owned(),
            grants: BTreeMap::new(),
            expires: String::new(),
            origins: String::new(),
            networks: String::new(),
            rate: RateChoice::default(),
            requests: "600".to_owned(),
            per_seconds: "60".to_owned(),
            note: String::new(),
            contact: String::new(),
            write_reason: String::new(),
        }
    }
}

impl TokenDraft {
    /// A public token for pages of some origins that looks at some interfaces: at those that are flagged public. A
    /// limit is proposed; the form asks for the end.
    pub(crate) fn public<'i>(
        name: String,
        origins: String,
        interfaces: impl Iterator<Item = &'i wire::InterfaceView>,
    ) -> Self {
        let read = Permissions::NONE.with(Permission::Read);
        Self {
            name,
            kind: Kind::Public,
            origins,
            grants: interfaces
                .filter(|interface| interface.public)
                .map(|interface| (interface.name.clone(), read))
                .collect(),
            rate: RateChoice::Own,
            ..Self::default()
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
            lifetime: view.temporary_lifetime.number().to_string(),
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
            note: view.note.clone(),
            contact: view.contact.clone(),
            write_reason: view.write_reason.clone(),
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
        TemporaryLifetime::from_number(self.lifetime.trim().parse().ok()?)
    }

    /// Whether it may change content somewhere.
    pub(crate) fn writes(&self) -> bool {
        self.writes_more(&BTreeMap::new())
    }

    /// Whether it may change content where it could not before: the reason is asked for then. A public token never
    /// writes, whatever is ticked.
    pub(crate) fn writes_more(&self, before: &BTreeMap<String, Permissions>) -> bool {
        self.kind == Kind::Secret
            && self.grants.iter().any(|(interface, permissions)| {
                let had = before.get(interface).copied().unwrap_or_default();
                permissions.difference(had).any_write()
            })
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
        self.read(&BTreeMap::new(), now, moment)
    }

    /// Reads every field. `before` are the rights that it has already.
    fn read(
        &self,
        before: &BTreeMap<String, Permissions>,
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
        let rate_limit = errors.note("rate_limit", self.rate_limit().ok_or(FieldErrorCode::OutOfRange));
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
        let note = errors.note("note", Note::parse(&self.note).map_err(|error| error.code));
        let contact = errors.note(
            "contact",
            Contact::parse(&self.contact).map_err(|error| error.code),
        );
        let reason = Reason::parse(&self.write_reason).map_err(|error| error.code);
        let write_reason = errors.note(
            "write_reason",
            reason.and_then(|reason| {
                if reason.as_str().is_empty() && self.writes_more(before) {
                    Err(FieldErrorCode::Required)
                } else {
                    Ok(reason)
                }
            }),
        );
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
                    note: note.unwrap_or_default(),
                    contact: contact.unwrap_or_default(),
                    write_reason: write_reason.unwrap_or_default(),
                })
            }
            _ => Err(errors.0),
        }
    }

    /// The rate limit that is typed, where it is one.
    pub(crate) fn rate_limit(&self) -> Option<MaybeRateLimit> {
        match self.rate {
            RateChoice::Default => return Some(MaybeRateLimit::Default),
            RateChoice::Unlimited => return Some(MaybeRateLimit::Unlimited),
            RateChoice::Own => {}
        }
        let requests = self.requests.trim().parse().ok()?;
        let per_seconds = self.per_seconds.trim().parse().ok()?;
        RateLimit::new(requests, per_seconds).map(MaybeRateLimit::Limited)
    }

    /// What a public token needs, and whether this one has it.
    pub(crate) fn guardrails(&self) -> [(&'static str, bool); 4] {
        let reading = Permissions::NONE
            .with(Permission::Read)
            .with(Permission::Download);
        let mut all = self.grants.values();
        [
            ("allowed_origins", lines(&self.origins).next().is_some()),
            ("expires_at", !self.expires.trim().is_empty()),
            ("rate_limit", self.rate == RateChoice::Own),
            (
                "grants",
                all.all(|permissions| reading.contains_all(*permissions)),
            ),
        ]
    }

    /// What a public token needs, beside each field that lacks it. The server has the last word.
    fn check_public(&self, errors: &mut Errors) {
        for (field, _) in self.guardrails().into_iter().filter(|(_, there)| !there) {
            let code = if field == "grants" {
                FieldErrorCode::NotForThisKind
            } else {
                FieldErrorCode::PublicNeeds
            };
            errors.0.push(FieldError::new(field, code));
        }
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
        let request = match checked.read(&before.grants, now, moment) {
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
                with_expiry.read(&before.grants, now, |_| None)?
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
            note: (request.note.as_str() != was.note).then_some(Some(request.note)),
            contact: (request.contact.as_str() != was.contact).then_some(Some(request.contact)),
            write_reason: (request.write_reason.as_str() != was.write_reason)
                .then_some(Some(request.write_reason)),
        })
    }

    /// The fields in which two drafts differ, in the order of the form; rights interface by interface.
    pub(crate) fn differences(&self, other: &Self) -> Vec<String> {
        let rate = |draft: &Self| match draft.rate {
            RateChoice::Own => (draft.rate, draft.requests.clone(), draft.per_seconds.clone()),
            rate => (rate, String::new(), String::new()),
        };
        let plain = [
            ("name", self.name == other.name),
            ("contact", self.contact == other.contact),
            ("note", self.note == other.note),
            (
                "temporary_lifetime",
                self.lifetime.trim() == other.lifetime.trim(),
            ),
        ];
        let interfaces: BTreeSet<&String> = self.grants.keys().chain(other.grants.keys()).collect();
        let rights = interfaces
            .into_iter()
            .filter(|interface| self.permissions(interface) != other.permissions(interface))
            .map(|interface| format!("{GRANTS_ON}{interface}"));
        let rest = [
            ("write_reason", self.write_reason == other.write_reason),
            ("expires_at", self.expires == other.expires),
            ("allowed_origins", lines(&self.origins).eq(lines(&other.origins))),
            (
                "allowed_networks",
                lines(&self.networks).eq(lines(&other.networks)),
            ),
            ("rate_limit", rate(self) == rate(other)),
        ];
        let differing = |(field, same): (&str, bool)| (!same).then(|| field.to_owned());
        plain
            .into_iter()
            .filter_map(differing)
            .chain(rights)
            .chain(rest.into_iter().filter_map(differing))
            .collect()
    }

    /// Takes one field, named as [`Self::differences`] does, from another draft.
    pub(crate) fn take(&mut self, field: &str, from: &Self) {
        match field {
            "name" => self.name.clone_from(&from.name),
            "contact" => self.contact.clone_from(&from.contact),
            "note" => self.note.clone_from(&from.note),
            "temporary_lifetime" => self.lifetime.clone_from(&from.lifetime),
            "write_reason" => self.write_reason.clone_from(&from.write_reason),
            "expires_at" => self.expires.clone_from(&from.expires),
            "allowed_origins" => self.origins.clone_from(&from.origins),
            "allowed_networks" => self.networks.clone_from(&from.networks),
            "rate_limit" => {
                self.rate = from.rate;
                self.requests.clone_from(&from.requests);
                self.per_seconds.clone_from(&from.per_seconds);
            }
            field => {
                let Some(interface) = field.strip_prefix(GRANTS_ON) else {
                    return;
                };
                let there = from.permissions(interface);
                if there.is_empty() {
                    self.grants.remove(interface);
                } else {
                    self.grants.insert(interface.to_owned(), there);
                }
            }
        }
    }
}

/// The request that takes a change back: what `patch` changed is again as it was. `version` is the present one.
pub(crate) fn undo(patch: &PatchTokenRequest, was: &TokenView, version: i64) -> PatchTokenRequest {
    PatchTokenRequest {
        version,
        name: patch.name.as_ref().and_then(|_| TokenName::parse(&was.name).ok()),
        grants: patch.grants.as_ref().map(|_| Some(was.grants.clone())),
        temporary_lifetime: patch.temporary_lifetime.map(|_| Some(was.temporary_lifetime)),
        expires_at: patch.expires_at.map(|_| was.expires_at),
        allowed_origins: patch
            .allowed_origins
            .as_ref()
            .map(|_| Some(was.allowed_origins.clone())),
        allowed_networks: patch
            .allowed_networks
            .as_ref()
            .map(|_| Some(was.allowed_networks.clone())),
        rate_limit: patch.rate_limit.map(|_| was.rate_limit),
        note: patch.note.as_ref().map(|_| Note::parse(&was.note).ok()),
        contact: patch.contact.as_ref().map(|_| Contact::parse(&was.contact).ok()),
        write_reason: patch
            .write_reason
            .as_ref()
            .map(|_| Reason::parse(&was.write_reason).ok()),
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
            lifetime: "-2".into(),
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
        let mut draft = TokenDraft {
            write_reason: "Captions are corrected there".into(),
            ..named("x")
        };
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
    fn a_new_right_to_write_needs_a_reason() {
        let mut draft = named("x");
        draft.set("Press", Permission::Read, true);
        assert!(draft.create(NOW, moment).is_ok());
        draft.set("Press", Permission::Upload, true);
        let errors = draft.create(NOW, moment).unwrap_err();
        assert_eq!(errors.len(), 1);
        assert_eq!(
            (errors[0].field.as_str(), errors[0].code),
            ("write_reason", FieldErrorCode::Required)
        );
        draft.write_reason = "  Editors upload from the newsroom ".into();
        let request = draft.create(NOW, moment).unwrap();
        assert_eq!(request.write_reason.as_str(), "Editors upload from the newsroom");

        // What it could do before is not asked for again; what is new is.
        let was: TokenView = TokenView {
            kind: Kind::Secret,
            grants: request.grants,
            ..view()
        };
        let mut again = TokenDraft::of(&was, local);
        again.name = "Renamed".into();
        assert!(again.patch(&was, NOW, moment, local).is_ok());
        again.set("Press", Permission::Delete, true);
        assert_eq!(
            again.patch(&was, NOW, moment, local).unwrap_err()[0].field,
            "write_reason"
        );
    }

    #[test]
    fn the_two_special_lifetimes_are_numbers_like_the_others() {
        for (text, lifetime) in [
            ("-1", Some(TemporaryLifetime::Default)),
            (" 0 ", Some(TemporaryLifetime::Endless)),
            ("900", Some(TemporaryLifetime::Seconds(900))),
            ("", None),
            ("15m", None),
        ] {
            let draft = TokenDraft {
                lifetime: text.into(),
                ..named("x")
            };
            assert_eq!(draft.lifetime(), lifetime, "{text:?}");
        }
    }

    #[test]
    fn versions_are_put_together_field_by_field() {
        let was = view();
        let (mut mine, mut theirs) = (TokenDraft::of(&was, local), TokenDraft::of(&was, local));
        assert!(mine.differences(&theirs).is_empty());
        mine.name = "Mine".into();
        mine.set("Open archive", Permission::Download, true);
        theirs.note = "Theirs".into();
        theirs.set("Open archive", Permission::Read, false);
        theirs.set("Press", Permission::Read, true);
        theirs.rate = RateChoice::Unlimited;
        let differences = mine.differences(&theirs);
        assert_eq!(
            differences,
            [
                "name",
                "note",
                "grants: Open archive",
                "grants: Press",
                "rate_limit"
            ]
        );
        for field in &differences {
            mine.take(field, &theirs);
        }
        assert_eq!(mine, theirs);
    }

    #[test]
    fn a_change_is_taken_back_with_the_former_values() {
        let was = TokenView {
            kind: Kind::Secret,
            ..view()
        };
        let mut draft = TokenDraft::of(&was, local);
        draft.set("Press", Permission::Read, true);
        draft.note = "New".into();
        let patch = draft.patch(&was, NOW, moment, local).unwrap();
        let back = undo(&patch, &was, 5);
        assert_eq!(back.version, 5);
        assert_eq!(back.grants, Some(Some(was.grants)));
        assert_eq!(back.note, Some(Some(Note::default())));
        assert_eq!((back.name, back.expires_at, back.rate_limit), (None, None, None));
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
