//! `/api/admin/v1/tokens/import`: tokens from a table. The table is never logged and, but for names and rights, does
//! not come back.

use axum::Json;
use axum::extract::State;
use wire::{ErrorCode, ImportQuery, ImportResponse};

use crate::domain::refusal::Refusal;
use crate::domain::table::{self, TableError};
use crate::http::Shared;
use crate::http::body::{Query, TableBody};
use crate::http::error::ApiError;
use crate::http::session::Admin;
use crate::store::{NewRow, NewSecret, SecretSource};

/// All that is known of a key by its digest.
const HINT: &str = "by digest";

/// Makes tokens of a table, or says what would happen.
pub(super) async fn import_tokens(
    State(app): State<Shared>,
    admin: Admin,
    Query(query): Query<ImportQuery>,
    TableBody(table): TableBody,
) -> Result<Json<ImportResponse>, ApiError> {
    let rows = table::read(&table).map_err(|error| match error {
        TableError::Columns(errors) => Refusal::fields(errors),
        other => Refusal::new(ErrorCode::InvalidRequest, other.to_string()),
    })?;
    let pepper = app.keyring.pepper();
    let rows = rows
        .into_iter()
        .map(|row| NewRow {
            secret: row.sha256.as_ref().map(|key| NewSecret {
                digest: pepper.digest_of_sha256(key),
                pepper_id: pepper.id().to_owned(),
                hint: HINT.to_owned(),
                source: SecretSource::Digest,
                leak_prefix: None,
            }),
            row,
        })
        .collect();
    Ok(Json(
        app.store.import_tokens(&admin.actor, rows, query.dry_run).await?,
    ))
}
