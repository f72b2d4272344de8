//! Request ids, the request log, and the language of whoever asks. Ids are our own: a client's would let it write into the log.

use std::cell::Cell;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::HeaderValue;
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;
use wire::Language;

use super::{Shared, language, session};
use crate::secret::CodeDigest;

tokio::task_local! {
    static REQUEST_ID: String;
    static LANGUAGE: Cell<Language>;
}

/// The id of the request that is being answered; `None` on the hot routes.
pub(super) fn id() -> Option<String> {
    REQUEST_ID.try_with(Clone::clone).ok()
}

/// The language of whoever asks; English where that is not known.
pub(super) fn language() -> Language {
    LANGUAGE.try_with(Cell::get).unwrap_or(Language::English)
}

/// From here on the answer is in this language, where one is given.
pub(super) fn speak(chosen: Option<Language>) {
    if let Some(language) = chosen {
        // Outside of a request there is nobody to speak to.
        let _ = LANGUAGE.try_with(|cell| cell.set(language));
    }
}

/// The session that a document is for. Programs and the app's files are not asked who they are.
fn session_of(request: &Request) -> Option<CodeDigest> {
    let path = request.uri().path();
    let is_document = !path.starts_with("/api/") && !path.starts_with("/assets/");
    session::digest(request.headers()).filter(|_| is_document)
}

/// The language that the administrator of a session chose. A database that does not answer is told of by what was
/// asked for.
async fn chosen(app: &Shared, session: Option<CodeDigest>) -> Option<Language> {
    let session = app.store.find_session(&session?).await.ok()??;
    session.user.language
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
    let shared_id = id.clone();
    let wished = language::language(None, request.headers());
    let chosen = chosen(&app, session_of(&request)).await;
    let language = Cell::new(chosen.unwrap_or(wished));
    let answer = async move {
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
    };
    REQUEST_ID
        .scope(shared_id, LANGUAGE.scope(language, answer))
        .instrument(span)
        .await
}
