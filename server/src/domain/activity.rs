//! Entries of the activity list before they are stored: who did what to what, from where. Never a secret.

use std::net::IpAddr;

use wire::{ActivityAction, ChangeView, TokenId, UserId};

/// Who does something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// A signed-in administrator.
    User {
        /// Its identity.
        id: UserId,
        /// Its name now.
        name: String,
    },
    /// The holder of a token.
    Token {
        /// Its identity.
        id: TokenId,
        /// Its name now.
        name: String,
    },
    /// The command line on the server.
    CommandLine,
    /// Daypass itself.
    System,
}

/// Who does something, and from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Who.
    pub who: Who,
    /// From which address.
    pub address: Option<IpAddr>,
}

impl Actor {
    /// The kind, id and name for the list.
    #[must_use]
    pub fn columns(&self) -> (&'static str, Option<&str>, Option<&str>) {
        match &self.who {
            Who::User { id, name } => ("user", Some(id.as_str()), Some(name)),
            Who::Token { id, name } => ("token", Some(id.as_str()), Some(name)),
            Who::CommandLine => ("command_line", None, None),
            Who::System => ("system", None, None),
        }
    }
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act<'a> {
    /// What.
    pub action: ActivityAction,
    /// `token`, `interface`, `user`, `settings` or `session`.
    pub subject_kind: &'static str,
    /// To which one.
    pub subject_id: Option<&'a str>,
    /// Its name now.
    pub subject_name: Option<&'a str>,
    /// What changed.
    pub changes: Vec<ChangeView>,
}

impl<'a> Act<'a> {
    /// Something was done to one of this kind.
    #[must_use]
    pub const fn new(action: ActivityAction, subject_kind: &'static str) -> Self {
        Self {
            action,
            subject_kind,
            subject_id: None,
            subject_name: None,
            changes: Vec::new(),
        }
    }

    /// To which one, and what it is called now.
    #[must_use]
    pub const fn to(mut self, id: &'a str, name: &'a str) -> Self {
        self.subject_id = Some(id);
        self.subject_name = Some(name);
        self
    }

    /// What changed.
    #[must_use]
    pub fn with(mut self, changes: Vec<ChangeView>) -> Self {
        self.changes = changes;
        self
    }
}

/// Notes a change of a field where there is one.
pub fn note<T: PartialEq>(
    changes: &mut Vec<ChangeView>,
    field: &str,
    before: &T,
    after: &T,
    text: impl Fn(&T) -> Option<String>,
) {
    if before != after {
        changes.push(ChangeView {
            field: field.to_owned(),
            before: text(before),
            after: text(after),
        });
    }
}
