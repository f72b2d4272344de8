//! Tokens from a table: `POST /api/admin/v1/tokens/import?dry_run=true|false` with a body of `text/csv`. All or nothing.
//!
//! A table never holds a secret: its column `sha256` holds the SHA-256 of an existing key (64 hexadecimal digits),
//! which is enough to recognise it. A token without one waits for its secret from the strongroom.

use serde::{Deserialize, Serialize};

use crate::{FieldError, TokenId};

/// The columns, in the order of an export. Only `name` is needed; an unknown one is refused.
pub const IMPORT_COLUMNS: [&str; 12] = [
    "name",
    "kind",
    "grants",
    "temporary_lifetime",
    "expires_at",
    "allowed_origins",
    "allowed_networks",
    "rate_limit",
    "note",
    "contact",
    "write_reason",
    "sha256",
];

/// How a table is taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportQuery {
    /// Only says what would happen.
    #[serde(default)]
    pub dry_run: bool,
}

/// One row of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedRow {
    /// The line in the file, from 1 (the header).
    pub line: u64,
    /// The name in it.
    pub name: String,
    /// Its rights in words, as in the file.
    pub grants: String,
    /// Whether its key is known by digest, so that it works at once.
    pub has_digest: bool,
    /// The token that was made of it.
    pub id: Option<TokenId>,
    /// What is wrong with it; `field` is the column.
    pub errors: Vec<FieldError>,
}

/// What happened, or would happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportResponse {
    /// Whether it was done: not at a dry run, and not where one row is wrong.
    pub applied: bool,
    /// One entry per row, in the order of the file.
    pub rows: Vec<ImportedRow>,
}
