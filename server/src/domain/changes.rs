//! What differs between two forms of a token, field by field, in words: for the activity list and for the preview of
//! an act. Never a secret.

use wire::{ChangeView, Permission};

use super::activity::note;
use super::draft::Draft;
use super::interfaces::Interfaces;
use super::token::{TokenGrant, permissions_on};

/// What a new token was given that is worth an entry: what is written down about it, and its rights.
#[must_use]
pub fn of_creation(draft: &Draft, directory: &Interfaces) -> Vec<ChangeView> {
    let mut changes = Vec::new();
    texts(&mut changes, None, draft);
    grants(&mut changes, &[], &draft.grants, directory);
    changes
}

/// What a change changes. The name is not part of a draft.
#[must_use]
pub fn of_update(before: &Draft, after: &Draft, directory: &Interfaces) -> Vec<ChangeView> {
    let mut changes = Vec::new();
    note(
        &mut changes,
        "temporary_lifetime",
        &before.temporary_lifetime,
        &after.temporary_lifetime,
        |l| Some(l.number().to_string()),
    );
    note(
        &mut changes,
        "expires_at",
        &before.expires_at,
        &after.expires_at,
        |e| e.map(|e| e.to_string()),
    );
    let joined = |words: Vec<String>| Some(words.join(", ")).filter(|t| !t.is_empty());
    note(
        &mut changes,
        "allowed_origins",
        &before.allowed_origins,
        &after.allowed_origins,
        |o| joined(o.iter().map(ToString::to_string).collect()),
    );
    note(
        &mut changes,
        "allowed_networks",
        &before.allowed_networks,
        &after.allowed_networks,
        |n| joined(n.iter().map(ToString::to_string).collect()),
    );
    note(
        &mut changes,
        "rate_limit",
        &before.rate_limit,
        &after.rate_limit,
        |l| serde_json::to_string(l).ok(),
    );
    texts(&mut changes, Some(before), after);
    grants(&mut changes, &before.grants, &after.grants, directory);
    changes
}

/// What is written down about a token; `None` = there was no token before.
fn texts(changes: &mut Vec<ChangeView>, before: Option<&Draft>, after: &Draft) {
    fn of(draft: &Draft) -> [(&'static str, &str); 3] {
        [
            ("note", draft.note.as_str()),
            ("contact", draft.contact.as_str()),
            ("write_reason", draft.write_reason.as_str()),
        ]
    }
    for (at, (field, text)) in of(after).into_iter().enumerate() {
        let old = before.map_or("", |b| of(b)[at].1);
        note(changes, field, &old, &text, |t| {
            Some((*t).to_owned()).filter(|t| !t.is_empty())
        });
    }
}

/// One entry per interface whose permissions changed.
fn grants(
    changes: &mut Vec<ChangeView>,
    before: &[TokenGrant],
    after: &[TokenGrant],
    directory: &Interfaces,
) {
    let words = |grants: &[TokenGrant], grant: &TokenGrant| {
        let permissions = permissions_on(grants, &grant.interface);
        let words: Vec<_> = permissions.iter().map(Permission::as_str).collect();
        Some(words.join(", ")).filter(|w| !w.is_empty())
    };
    let added = after
        .iter()
        .filter(|a| !before.iter().any(|b| b.interface == a.interface));
    for grant in before.iter().chain(added) {
        let name = directory.get(&grant.interface).map_or("?", |i| i.name.as_str());
        note(
            changes,
            &format!("grants: {name}"),
            &words(before, grant),
            &words(after, grant),
            Clone::clone,
        );
    }
}
