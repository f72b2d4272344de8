//! One act on many tokens: `POST /api/admin/v1/tokens/bulk`. All or nothing, and first as a preview.

use serde::{Deserialize, Serialize};

use crate::object::objects;
use crate::{ErrorCode, InterfaceName, Permissions, Reason, Timestamp, TokenId};

/// What is done to each of the tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case", from = "Form")]
pub enum BulkAction {
    /// Switches them off, and their temporary tokens with them.
    Deactivate,
    /// Switches them on.
    Activate,
    /// Gives them an end, or another one.
    SetExpiry {
        /// The new end; `null` = none.
        expires_at: Option<Timestamp>,
    },
    /// Gives them permissions on an interface, beside those that they have.
    AddInterface {
        /// Which one.
        interface: InterfaceName,
        /// What they may do there.
        permissions: Permissions,
        /// Why they may write, in plain words.
        write_reason: Reason,
    },
    /// Takes every permission on an interface from them.
    RemoveInterface {
        /// Which one.
        interface: InterfaceName,
    },
    /// Deletes them; each must be inactive.
    Delete,
}

/// An act as it is read: serde refuses unknown fields only where a variant has a body.
#[derive(Serialize, Deserialize)]
#[serde(
    tag = "action",
    rename_all = "snake_case",
    deny_unknown_fields,
    remote = "Self"
)]
enum Form {
    Deactivate {},
    Activate {},
    SetExpiry {
        expires_at: Option<Timestamp>,
    },
    AddInterface {
        interface: InterfaceName,
        permissions: Permissions,
        #[serde(default)]
        write_reason: Reason,
    },
    RemoveInterface {
        interface: InterfaceName,
    },
    Delete {},
}

impl From<Form> for BulkAction {
    fn from(form: Form) -> Self {
        match form {
            Form::Deactivate {} => Self::Deactivate,
            Form::Activate {} => Self::Activate,
            Form::SetExpiry { expires_at } => Self::SetExpiry { expires_at },
            Form::AddInterface {
                interface,
                permissions,
                write_reason,
            } => Self::AddInterface {
                interface,
                permissions,
                write_reason,
            },
            Form::RemoveInterface { interface } => Self::RemoveInterface { interface },
            Form::Delete {} => Self::Delete,
        }
    }
}

/// A token as the preview showed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct BulkToken {
    /// Which one.
    pub id: TokenId,
    /// The version that the act starts from; a stale one refuses the whole act.
    pub version: i64,
}

/// One act on many tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BulkRequest {
    /// What is done.
    pub act: BulkAction,
    /// To which tokens: 1 ..= 1000, none twice.
    pub tokens: Vec<BulkToken>,
    /// Only says what would happen.
    #[serde(default)]
    pub dry_run: bool,
}

/// What happens to one token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkEffect {
    /// Which one.
    pub id: TokenId,
    /// Its name.
    pub name: String,
    /// Its version now (after the act, where it was done).
    pub version: i64,
    /// What happens to it.
    pub outcome: BulkOutcome,
    /// What changes, field by field; empty where nothing does.
    pub changes: Vec<crate::ChangeView>,
    /// Requests that were answered yes in the last 30 days: what may break.
    pub requests: u64,
    /// Why it is refused.
    pub code: Option<ErrorCode>,
    /// Why it is refused, as a sentence.
    pub detail: Option<String>,
}

/// What happens to one token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BulkOutcome {
    /// It is changed.
    Changed,
    /// It is so already.
    Unchanged,
    /// It cannot be done; then nothing is done to any.
    Refused,
}

/// What happened, or would happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkResponse {
    /// Whether it was done: not at a dry run, and not where one token is refused.
    pub applied: bool,
    /// One entry per token, in the order of the request.
    pub effects: Vec<BulkEffect>,
}
objects!(Form, BulkToken);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_act_is_an_object_with_its_name() {
        let text = r#"{"act":{"action":"set_expiry","expires_at":null},"tokens":[{"id":"01ARZ3NDEKTSV4RRFFQ69G5FAV","version":1}]}"#;
        let request: BulkRequest = serde_json::from_str(text).unwrap();
        assert_eq!(request.act, BulkAction::SetExpiry { expires_at: None });
        assert!(!request.dry_run);
        for wrong in [
            r#"{"act":["deactivate"],"tokens":[]}"#,
            r#"{"act":{"action":"deactivate"},"tokens":[["01ARZ3NDEKTSV4RRFFQ69G5FAV",1]]}"#,
            r#"{"act":{"action":"deactivate","more":1},"tokens":[]}"#,
            r#"{"act":{"action":"explode"},"tokens":[]}"#,
        ] {
            assert!(serde_json::from_str::<BulkRequest>(wrong).is_err(), "{wrong}");
        }
    }
}
