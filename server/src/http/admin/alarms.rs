//! `/api/admin/v1/alarms`: what an open app waits for.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use wire::{AlarmsQuery, AlarmsView};

use crate::http::Shared;
use crate::http::body::Query;
use crate::http::error::ApiError;
use crate::http::session::Onlooker;

/// So long an answer waits for an alarm: shorter than what proxies and browsers wait for.
const PATIENCE: Duration = Duration::from_secs(25);

/// So many may wait at once; others are answered at once, and come again.
const WAITING: usize = 256;

/// Waiting costs a place in memory, and nothing else: whoever waits asks the database again only when an alarm was
/// committed or the patience is over.
pub(super) async fn list_alarms(
    State(app): State<Shared>,
    onlooker: Onlooker,
    Query(query): Query<AlarmsQuery>,
) -> Result<Json<AlarmsView>, ApiError> {
    // Before the list is read: an alarm that is committed meanwhile rings.
    let mut bell = app.store.watch_alarms();
    let stopping = bell.borrow_and_update().stopping;
    let found = app.store.list_alarms(query.after.as_ref()).await?;
    let crowded = app.store.count_watching() > WAITING;
    if query.after.is_none() || !found.items.is_empty() || stopping || crowded {
        return Ok(Json(found));
    }
    let rung = tokio::time::timeout(PATIENCE, bell.changed()).await;
    // Whoever has signed out meanwhile is told nothing of what has happened since.
    onlooker.look_again(&app).await?;
    match rung {
        Ok(_) => Ok(Json(app.store.list_alarms(query.after.as_ref()).await?)),
        // Another process may have written one, the command line for instance: the next request finds it.
        Err(_) => Ok(Json(found)),
    }
}
