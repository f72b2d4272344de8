//! A token as it is about to be stored: the rules that hold for it as a whole, at creation and at every change.

use wire::{
    Contact, FieldError, FieldErrorCode, Grant, Kind, LIMITS, MaybeRateLimit, Network, Note, Origin,
    Permission, Reason, TemporaryLifetime, Timestamp,
};

use super::interfaces::Interfaces;
use super::settings::Settings;
use super::token::TokenGrant;

/// What can be set on a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Where it may be kept; never changes.
    pub kind: Kind,
    /// Its rights.
    pub grants: Vec<TokenGrant>,
    /// How long its temporary tokens live.
    pub temporary_lifetime: TemporaryLifetime,
    /// Its own end.
    pub expires_at: Option<Timestamp>,
    /// Pages that it may be used from.
    pub allowed_origins: Vec<Origin>,
    /// Networks that it may be used from.
    pub allowed_networks: Vec<Network>,
    /// Requests in a period.
    pub rate_limit: MaybeRateLimit,
    /// A free note.
    pub note: Note,
    /// Who answers for the integration that holds it.
    pub contact: Contact,
    /// Why it may write.
    pub write_reason: Reason,
}

/// Finds the interfaces of grants by name, in the order of the request.
///
/// # Errors
/// The entries that name an unknown interface or one twice.
pub fn resolve(grants: &[Grant], interfaces: &Interfaces) -> Result<Vec<TokenGrant>, Vec<FieldError>> {
    let mut resolved: Vec<TokenGrant> = Vec::with_capacity(grants.len());
    let mut errors = Vec::new();
    if grants.len() > LIMITS.grants {
        return Err(vec![FieldError::new("grants", FieldErrorCode::TooLong)]);
    }
    for (at, grant) in grants.iter().enumerate() {
        let field = || format!("grants[{at}].interface");
        match interfaces.find(grant.interface.as_str()) {
            None => errors.push(FieldError::new(field(), FieldErrorCode::UnknownInterface)),
            Some(found) if resolved.iter().any(|g| g.interface == found.id) => {
                errors.push(FieldError::new(field(), FieldErrorCode::Duplicate));
            }
            Some(found) => {
                resolved.push(TokenGrant {
                    interface: found.id.clone(),
                    permissions: grant.permissions,
                });
            }
        }
    }
    if errors.is_empty() {
        Ok(resolved)
    } else {
        Err(errors)
    }
}

impl Draft {
    /// Brings the grants into the form in which they are stored: none without permissions, by interface.
    pub fn settle(&mut self) {
        self.grants.retain(|g| !g.permissions.is_empty());
        self.grants.sort_by(|a, b| a.interface.cmp(&b.interface));
    }

    /// Every rule that the draft breaks; none = it may be stored. `before` is what it was, at a change: what was
    /// allowed then and has not been touched is not questioned again.
    #[must_use]
    pub fn broken_rules(
        &self,
        before: Option<&Self>,
        settings: &Settings,
        interfaces: &Interfaces,
        now: Timestamp,
    ) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let changed = |differs: fn(&Self, &Self) -> bool| before.is_none_or(|b| differs(b, self));
        if changed(|a, b| a.expires_at != b.expires_at) && self.expires_at.is_some_and(|end| end <= now) {
            errors.push(FieldError::new("expires_at", FieldErrorCode::InThePast));
        }
        if self.expires_at.is_some_and(|end| end > Timestamp::MAX) {
            errors.push(FieldError::new("expires_at", FieldErrorCode::OutOfRange));
        }
        if changed(|a, b| a.temporary_lifetime != b.temporary_lifetime) {
            match self.temporary_lifetime {
                TemporaryLifetime::Endless if !settings.allow_endless_temporary_tokens => {
                    errors.push(FieldError::new(
                        "temporary_lifetime",
                        FieldErrorCode::EndlessNotAllowed,
                    ));
                }
                TemporaryLifetime::Seconds(seconds) if seconds > settings.maximum_temporary_lifetime => {
                    errors.push(FieldError {
                        detail: format!(
                            "the settings allow at most {} seconds",
                            settings.maximum_temporary_lifetime
                        ),
                        ..FieldError::new("temporary_lifetime", FieldErrorCode::OutOfRange)
                    });
                }
                _ => {}
            }
        }
        let mut count = |field: &str, length: usize, most: usize| {
            if length > most {
                errors.push(FieldError {
                    detail: format!("at most {most} entries are allowed"),
                    ..FieldError::new(field, FieldErrorCode::TooLong)
                });
            }
        };
        count("allowed_origins", self.allowed_origins.len(), LIMITS.origins);
        count("allowed_networks", self.allowed_networks.len(), LIMITS.networks);
        if self.kind == Kind::Public {
            self.public_rules(interfaces, &mut errors);
        }
        errors
    }

    /// A public token may stand in a web page, so everybody holds it: only read and download, only public
    /// interfaces, bound to origins, limited and with an end.
    fn public_rules(&self, interfaces: &Interfaces, errors: &mut Vec<FieldError>) {
        for (at, grant) in self.grants.iter().enumerate() {
            if grant
                .permissions
                .iter()
                .any(|p| !matches!(p, Permission::Read | Permission::Download))
            {
                errors.push(FieldError::new(
                    format!("grants[{at}].permissions"),
                    FieldErrorCode::NotForThisKind,
                ));
            }
            if !interfaces.get(&grant.interface).is_some_and(|i| i.public) {
                errors.push(FieldError::new(
                    format!("grants[{at}].interface"),
                    FieldErrorCode::InterfaceNotPublic,
                ));
            }
        }
        let needs = [
            ("allowed_origins", self.allowed_origins.is_empty()),
            (
                "rate_limit",
                !matches!(self.rate_limit, MaybeRateLimit::Limited(_)),
            ),
            ("expires_at", self.expires_at.is_none()),
        ];
        errors.extend(
            needs
                .into_iter()
                .filter(|(_, lacks)| *lacks)
                .map(|(field, _)| FieldError::new(field, FieldErrorCode::PublicNeeds)),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::interfaces::Interface;
    use wire::{InterfaceName, Permissions};

    #[test]
    fn rules_name_the_entry_of_the_request() {
        let interface = |id: &str, name: &str, public| Interface {
            id: id.parse().unwrap(),
            name: InterfaceName::parse(name).unwrap(),
            public,
        };
        let all = [
            interface("01ARZ3NDEKTSV4RRFFQ69G5FA9", "Open", true),
            interface("01ARZ3NDEKTSV4RRFFQ69G5FA1", "Press", false),
        ];
        let keys = [
            ("open".to_owned(), all[0].id.clone()),
            ("press".to_owned(), all[1].id.clone()),
        ];
        let interfaces = Interfaces::new(1, all, keys);
        let read: Permissions = [Permission::Read].into_iter().collect();
        let grant = |name: &str| Grant {
            interface: InterfaceName::parse(name).unwrap(),
            permissions: read,
        };
        let mut draft = Draft {
            kind: Kind::Public,
            grants: resolve(&[grant("Open"), grant("Press")], &interfaces).unwrap(),
            temporary_lifetime: TemporaryLifetime::Default,
            expires_at: Some(Timestamp::MAX),
            allowed_origins: vec![Origin::parse("https://a.example").unwrap()],
            allowed_networks: Vec::new(),
            rate_limit: MaybeRateLimit::Limited(wire::RateLimit {
                requests: 1,
                per_seconds: 1,
            }),
            note: Note::default(),
            contact: Contact::default(),
            write_reason: Reason::default(),
        };
        let broken = draft.broken_rules(None, &Settings::default(), &interfaces, Timestamp::from_millis(0));
        let fields: Vec<_> = broken.iter().map(|e| e.field.as_str()).collect();
        assert_eq!(fields, ["grants[1].interface"]);
        draft.settle();
        assert_eq!(draft.grants[0].interface.as_str(), "01ARZ3NDEKTSV4RRFFQ69G5FA1");
    }
}
