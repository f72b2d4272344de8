//! What a browser asks before it sends a token here for a page of another origin (a CORS preflight). The answer is never
//! yes: a permanent secret must not go through. Whose it would be nobody knows, so it is no exposure: it is logged.

use std::sync::atomic::{AtomicI64, Ordering};

use axum::extract::State;
use axum::http::{HeaderMap, Method, header};

use super::Shared;
use super::app::App;
use super::error::ApiError;
use crate::domain::exposure::presentable;

/// Logged at most once a second in all.
static LAST: AtomicI64 = AtomicI64::new(0);

/// Answers for methods that a door does not have.
pub(super) async fn method_not_allowed(
    State(app): State<Shared>,
    method: Method,
    headers: HeaderMap,
) -> ApiError {
    note(&app, &method, &headers);
    ApiError::MethodNotAllowed
}

/// Logs it where a page asked whether it may send a token.
pub(super) fn note(app: &App, method: &Method, headers: &HeaderMap) {
    let now = app.now().seconds();
    if *method == Method::OPTIONS
        && let Some(origin) = who_would_send(headers)
        && LAST.swap(now, Ordering::Relaxed) != now
    {
        tracing::info!(origin, "a page asked whether it may send a token here");
    }
}

/// The origin of a page that would send a token, masked.
fn who_would_send(headers: &HeaderMap) -> Option<String> {
    let text = |name| headers.get(name)?.to_str().ok();
    let is_token = |name: &str| {
        ["authorization", "token", "x-api-key"]
            .into_iter()
            .any(|ours| name.trim().eq_ignore_ascii_case(ours))
    };
    let asked = text(header::ACCESS_CONTROL_REQUEST_HEADERS)?;
    asked.split(',').any(is_token).then_some(())?;
    text(header::ORIGIN).map(presentable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_that_would_send_a_token_are_told_apart() {
        let asks = |origin: &str, names: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ORIGIN, origin.parse().unwrap());
            headers.insert(header::ACCESS_CONTROL_REQUEST_HEADERS, names.parse().unwrap());
            who_would_send(&headers)
        };
        let page = "https://blog.example";
        for names in ["authorization", "content-type, Token", "x-api-key,x"] {
            assert_eq!(asks(page, names).as_deref(), Some(page), "{names}");
        }
        assert_eq!(asks(page, "content-type, x-token"), None);
        let value = format!("dps_{}", "aB3".repeat(16));
        assert_eq!(
            asks(&format!("https://{value}.example"), "token").as_deref(),
            Some("https://dps_….example")
        );
        assert_eq!(who_would_send(&HeaderMap::new()), None);
    }
}
