//! Request ids and the request log. Ids are our own: a client's would let it write into the log.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::HeaderValue;
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;

use super::Shared;

tokio::task_local! {
    static REQUEST_ID: String;
}

/// The id of the request that is being answered; `None` on the hot routes.
pub(super) fn id() -> Option<String> {
    REQUEST_ID.try_with(Clone::clone).ok()
}

/// Gives each request an id, a span and a line in the log: method, route and status, never a query, a header or a body.
pub(super) async fn scope(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let id = app
        .entropy
        .new_id::<wire::ActivityId>(app.now())
        .map(String::from)
        .unwrap_or_default();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("-", MatchedPath::as_str)
        .to_owned();
    let span = tracing::info_span!("request", id = %id, method = %request.method(), route = %route);
    let started = Instant::now();
    REQUEST_ID
        .scope(id.clone(), async move {
            let mut response = next.run(request).await;
            if let Ok(value) = HeaderValue::from_str(&id) {
                response.headers_mut().insert("x-request-id", value);
            }
            tracing::info!(
                status = response.status().as_u16(),
                microseconds = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
                "answered"
            );
            response
        })
        .instrument(span)
        .await
}
