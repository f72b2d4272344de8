//! `/api/admin/v1/tokens/export`: the list as a file, a batch at a time, so that its length costs no memory.

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Deserialize;
use wire::{AttentionFilter, Kind, Permission, Status, TokenId, TokenListQuery, TokenSort, TokenView};

use super::tokens::check_search;
use crate::domain::table;
use crate::http::Shared;
use crate::http::body::Query;
use crate::http::error::ApiError;
use crate::http::session::Admin;

/// Tokens of one batch.
const AT_ONCE: usize = 500;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Format {
    Csv,
    Json,
}

impl Format {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }
}

/// The format, and the list's filters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExportQuery {
    format: Format,
    #[serde(default)]
    q: Option<String>,
    #[serde(default)]
    status: Option<Status>,
    #[serde(default)]
    kind: Option<Kind>,
    #[serde(default)]
    interface: Option<String>,
    #[serde(default)]
    permission: Option<Permission>,
    #[serde(default)]
    attention: Option<AttentionFilter>,
    #[serde(default)]
    sort: TokenSort,
}

/// Where an export stands.
struct Export {
    app: Shared,
    format: Format,
    ids: std::vec::IntoIter<TokenId>,
    begun: bool,
    ended: bool,
}

impl Export {
    /// The next piece of the file; `None` after the last one.
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, ApiError> {
        if self.ended {
            return Ok(None);
        }
        let ids: Vec<TokenId> = self.ids.by_ref().take(AT_ONCE).collect();
        let tokens = self.app.store.find_tokens(&ids).await?;
        self.ended = self.ids.len() == 0;
        let piece = match self.format {
            Format::Csv => self.csv(&tokens)?,
            Format::Json => self.json(&tokens)?,
        };
        self.begun |= !tokens.is_empty() || self.format == Format::Csv;
        Ok(Some((piece.into(), self)))
    }

    fn csv(&self, tokens: &[TokenView]) -> Result<Vec<u8>, ApiError> {
        let mut piece = Vec::new();
        if !self.begun {
            // Without it, spreadsheets take the file for another encoding.
            piece.extend("\u{FEFF}".as_bytes());
        }
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(&mut piece);
        let header = (!self.begun).then(|| table::export_columns().into_iter().map(str::to_owned).collect());
        for row in header.into_iter().chain(tokens.iter().map(table::cells)) {
            writer
                .write_record(&row)
                .map_err(|_| ApiError::Internal("a row could not be written"))?;
        }
        writer
            .flush()
            .map_err(|_| ApiError::Internal("a row could not be written"))?;
        drop(writer);
        Ok(piece)
    }

    fn json(&self, tokens: &[TokenView]) -> Result<Vec<u8>, ApiError> {
        let mut piece = Vec::new();
        for (at, token) in tokens.iter().enumerate() {
            piece.extend(if self.begun || at > 0 { b",\n" } else { b"[\n" });
            serde_json::to_writer(&mut piece, token)
                .map_err(|_| ApiError::Internal("a token could not be written"))?;
        }
        if self.ended {
            piece.extend(if self.begun || !tokens.is_empty() {
                &b"\n]\n"[..]
            } else {
                b"[]\n"
            });
        }
        Ok(piece)
    }
}

/// The list as a file, never with a secret.
pub(super) async fn export_tokens(
    State(app): State<Shared>,
    admin: Admin,
    Query(query): Query<ExportQuery>,
) -> Result<Response, ApiError> {
    check_search(query.q.as_deref())?;
    let format = query.format;
    let list = TokenListQuery {
        q: query.q,
        status: query.status,
        kind: query.kind,
        interface: query.interface,
        permission: query.permission,
        attention: query.attention,
        sort: query.sort,
        page: None,
        per_page: None,
    };
    let ids = app
        .store
        .begin_export(&admin.actor, &list, format.as_str())
        .await?;
    let today = app.now().to_string();
    let today = today.get(..10).unwrap_or_default();
    let kind = match format {
        Format::Csv => "text/csv; charset=utf-8; header=present",
        Format::Json => "application/json",
    };
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!(
                "attachment; filename=\"daypass-tokens-{today}.{}\"",
                format.as_str()
            ),
        ),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    let export = Export {
        app,
        format,
        ids: ids.into_iter(),
        begun: false,
        ended: false,
    };
    // What fails on the way breaks the transfer off, so that half a file is not taken for a whole one.
    let pieces = stream::try_unfold(export, |export| async {
        export
            .next()
            .await
            .inspect_err(|error| tracing::error!(%error, "an export broke off"))
    });
    Ok((headers, Body::from_stream(pieces)).into_response())
}
