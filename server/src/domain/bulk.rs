//! One act on many tokens: what it would do to each of them. Preview and act ask the same function, so that nothing
//! happens that was not shown.

use std::collections::HashSet;

use wire::{
    BulkAction, BulkRequest, ChangeView, ErrorCode, FieldError, FieldErrorCode, InterfaceId, LIMITS,
    Permissions, Reason, Status, Timestamp,
};

use super::changes;
use super::draft::Draft;
use super::interfaces::Interfaces;
use super::settings::Settings;
use super::token::{TokenGrant, permissions_on, status};

/// The most tokens of one act.
pub const MOST: usize = 1000;

/// An act whose names were found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Switches tokens off.
    Deactivate,
    /// Switches tokens on.
    Activate,
    /// Gives them an end, or takes it away.
    SetExpiry(Option<Timestamp>),
    /// Gives them permissions on an interface.
    AddInterface {
        /// Which one.
        interface: InterfaceId,
        /// Beside those that they have.
        permissions: Permissions,
        /// Why they may write; an empty one leaves theirs as it is.
        write_reason: Reason,
    },
    /// Takes every permission on an interface from them.
    RemoveInterface(InterfaceId),
    /// Deletes them.
    Delete,
}

/// A token as it is before the act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The row's version.
    pub version: i64,
    /// Its state.
    pub status: Status,
    /// Whether it has a secret.
    pub has_secret: bool,
    /// What is set on it.
    pub draft: Draft,
}

/// What happens to one token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    /// These fields change.
    Change(Vec<ChangeView>),
    /// It is so already.
    Nothing,
    /// It cannot be done.
    Refuse(ErrorCode, String),
}

/// The act of a request.
///
/// # Errors
/// The fields that break a rule, whatever the tokens are like.
pub fn resolve(request: &BulkRequest, interfaces: &Interfaces) -> Result<Act, Vec<FieldError>> {
    let mut errors = Vec::new();
    if request.tokens.is_empty() {
        errors.push(FieldError::new("tokens", FieldErrorCode::Required));
    }
    if request.tokens.len() > MOST {
        errors.push(FieldError {
            detail: format!("at most {MOST} tokens are allowed"),
            ..FieldError::new("tokens", FieldErrorCode::TooLong)
        });
    }
    let mut seen = HashSet::new();
    for (at, token) in request.tokens.iter().enumerate() {
        if !seen.insert(&token.id) {
            errors.push(FieldError::new(
                format!("tokens[{at}].id"),
                FieldErrorCode::Duplicate,
            ));
        }
    }
    let found = |name: &str| interfaces.find(name).map(|i| i.id.clone());
    let unknown = || FieldError::new("act.interface", FieldErrorCode::UnknownInterface);
    let act = match &request.act {
        BulkAction::Deactivate => Some(Act::Deactivate),
        BulkAction::Activate => Some(Act::Activate),
        BulkAction::Delete => Some(Act::Delete),
        BulkAction::SetExpiry { expires_at } => Some(Act::SetExpiry(*expires_at)),
        BulkAction::RemoveInterface { interface } => found(interface.as_str()).map(Act::RemoveInterface),
        BulkAction::AddInterface {
            interface,
            permissions,
            write_reason,
        } => {
            if permissions.is_empty() {
                errors.push(FieldError::new("act.permissions", FieldErrorCode::Required));
            }
            found(interface.as_str()).map(|interface| Act::AddInterface {
                interface,
                permissions: *permissions,
                write_reason: write_reason.clone(),
            })
        }
    };
    if act.is_none() {
        errors.push(unknown());
    }
    match act {
        Some(act) if errors.is_empty() => Ok(act),
        _ => Err(errors),
    }
}

impl Act {
    /// What is set on a token after the act.
    fn applied_to(&self, before: &Draft) -> Draft {
        let mut after = before.clone();
        match self {
            Self::Deactivate | Self::Activate | Self::Delete => {}
            Self::SetExpiry(end) => after.expires_at = *end,
            Self::AddInterface {
                interface,
                permissions,
                write_reason,
            } => {
                let had = permissions_on(&before.grants, interface);
                if !had.contains_all(*permissions) {
                    after.grants.retain(|g| g.interface != *interface);
                    after.grants.push(TokenGrant {
                        interface: interface.clone(),
                        permissions: had.union(*permissions),
                    });
                    if !write_reason.as_str().is_empty() {
                        after.write_reason = write_reason.clone();
                    }
                }
            }
            Self::RemoveInterface(interface) => after.grants.retain(|g| g.interface != *interface),
        }
        after.settle();
        after
    }

    /// What the act does to a token that somebody saw in a version.
    #[must_use]
    pub fn plan(
        &self,
        subject: &Subject,
        version: i64,
        settings: &Settings,
        interfaces: &Interfaces,
        now: Timestamp,
    ) -> Plan {
        if subject.version != version {
            return Plan::Refuse(
                ErrorCode::Conflict,
                "Somebody else changed it in the meantime. Look at the preview again.".to_owned(),
            );
        }
        let inactive = subject.status == Status::Inactive;
        let switched = |after: Option<Status>| {
            Plan::Change(vec![ChangeView {
                field: "status".to_owned(),
                before: Some(subject.status.as_str().to_owned()),
                after: after.map(|s| s.as_str().to_owned()),
            }])
        };
        match self {
            Self::Deactivate if inactive => Plan::Nothing,
            Self::Deactivate => switched(Some(Status::Inactive)),
            Self::Activate if inactive => switched(Some(status(
                subject.has_secret,
                false,
                subject.draft.expires_at,
                now,
            ))),
            Self::Activate => Plan::Nothing,
            Self::Delete if inactive => switched(None),
            Self::Delete => Plan::Refuse(
                ErrorCode::TokenNotInactive,
                "Only an inactive token can be deleted. Deactivate it first and see whether anything breaks."
                    .to_owned(),
            ),
            Self::SetExpiry(_) | Self::AddInterface { .. } | Self::RemoveInterface(_) => {
                self.plan_change(subject, settings, interfaces, now)
            }
        }
    }

    fn plan_change(
        &self,
        subject: &Subject,
        settings: &Settings,
        interfaces: &Interfaces,
        now: Timestamp,
    ) -> Plan {
        let before = &subject.draft;
        let after = self.applied_to(before);
        if after == *before {
            return Plan::Nothing;
        }
        let mut broken = after.broken_rules(Some(before), settings, interfaces, now);
        if after.grants.len() > LIMITS.grants {
            broken.push(FieldError::new("grants", FieldErrorCode::TooLong));
        }
        if broken.is_empty() {
            return Plan::Change(changes::of_update(before, &after, interfaces));
        }
        let sentences: Vec<_> = broken
            .iter()
            .map(|e| format!("{}: {}", e.field, e.detail))
            .collect();
        Plan::Refuse(ErrorCode::InvalidRequest, format!("{}.", sentences.join("; ")))
    }
}
