//! The last look at every answer: one that holds a value of our own format with a valid checksum is not sent.
//!
//! Defence in depth. Nothing should ever be found here: types keep secrets out of answers, and text of others is masked
//! before it is stored, so that this can block no list. What finds something is a fault of ours, and the log says so,
//! without the value. **Only the strongroom's document and the claim's answer mark theirs with [`HandsOver`].**
//!
//! And one that is no page of its own is no place for a script: as a document in a frame it would be one of our origin
//! without rules of its own, into which a script of the app could put what the app's rules refuse.
//!
//! What is whole is looked at before its first byte leaves; what is streamed ends where a value was found. Answers
//! without a body cost nothing, and assets do not pass here.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};

use super::error::ApiError;
use crate::secret::{beginning_of_value, holds_value};

/// Marks the one answer that hands a secret over.
#[derive(Debug, Clone, Copy)]
pub(super) struct HandsOver;

/// A value of ours was found where none may be.
#[derive(Debug, thiserror::Error)]
#[error("a value of a permanent token was about to be sent")]
struct Found;

const FAULT: &str = "an answer held a value of a permanent token and was not sent; only the strongroom and the claim hand one over";

/// The rules of everything that has none of its own: nothing is loaded, nothing runs, no frame holds it, and it is of no
/// origin.
pub(super) const CSP_DEFAULT: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; sandbox");

/// Looks at an answer. Refuses one that holds a value, and gives rules to one that has none.
pub(super) fn look(response: Response) -> Response {
    if response.body().is_end_stream() {
        return response;
    }
    let mut response = looked_at(response);
    response
        .headers_mut()
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(CSP_DEFAULT);
    response
}

fn looked_at(response: Response) -> Response {
    if response.extensions().get::<HandsOver>().is_some() {
        return response;
    }
    let (parts, mut body) = response.into_parts();
    if body.size_hint().exact().is_none() {
        return Response::from_parts(parts, watched(body, None));
    }
    // A body of known length is there already: nothing has to be waited for.
    let first = match Pin::new(&mut body).poll_frame(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Some(Ok(frame))) => frame.into_data().ok(),
        _ => None,
    };
    match first {
        Some(data) if body.is_end_stream() => {
            if holds_value(&data) {
                return ApiError::Internal(FAULT).into_response();
            }
            Response::from_parts(parts, Body::from(data))
        }
        first => Response::from_parts(parts, watched(body, first)),
    }
}

/// A body that ends with an error where a value is found, also one that is spread over several pieces: what may be the
/// beginning of one waits for what follows.
fn watched(body: Body, first: Option<Bytes>) -> Body {
    let pieces = stream::iter(first.map(Ok)).chain(body.into_data_stream());
    Body::from_stream(stream::unfold(
        (pieces, Bytes::new()),
        async |(mut pieces, waiting)| {
            let piece = match pieces.next().await {
                Some(Ok(piece)) if waiting.is_empty() => piece,
                Some(Ok(piece)) => [waiting, piece].concat().into(),
                Some(Err(error)) => return Some((Err(error), (pieces, Bytes::new()))),
                // It was no value.
                None if waiting.is_empty() => return None,
                None => return Some((Ok(waiting), (pieces, Bytes::new()))),
            };
            if holds_value(&piece) {
                tracing::error!(error = FAULT, "internal error");
                return Some((Err(axum::Error::new(Found)), (pieces, Bytes::new())));
            }
            let waiting = piece.slice(beginning_of_value(&piece)..);
            let piece = piece.slice(..piece.len() - waiting.len());
            Some((Ok(piece), (pieces, waiting)))
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SystemEntropy;
    use crate::secret::PlainToken;
    use http_body_util::BodyExt;
    use wire::Kind;

    fn value() -> String {
        PlainToken::generate(Kind::Secret, 128, &SystemEntropy)
            .expose_in_strongroom()
            .to_owned()
    }

    fn streamed(pieces: Vec<Bytes>) -> Response {
        Response::new(Body::from_stream(stream::iter(
            pieces.into_iter().map(Ok::<_, std::io::Error>),
        )))
    }

    #[tokio::test]
    async fn whole_answers_with_a_value_are_not_sent() {
        let value = value();
        for text in [
            value.clone(),
            format!("{{\"note\":\"{value}\"}}"),
            format!("x{value}y"),
        ] {
            let answer = look(text.into_response());
            assert_eq!(answer.status(), 500);
            let body = answer.into_body().collect().await.unwrap().to_bytes();
            assert!(!holds_value(&body) && !body.is_empty());
        }
        let marked = {
            let mut response = value.clone().into_response();
            response.extensions_mut().insert(HandsOver);
            look(response)
        };
        assert_eq!(marked.into_body().collect().await.unwrap().to_bytes(), value);
    }

    #[tokio::test]
    async fn others_arrive_as_they_are() {
        let wrong = value().replacen(|c: char| c.is_ascii_digit(), "x", 1);
        for text in ["", "{}", "dps_", "dps_short", wrong.as_str()] {
            let answer = look(text.to_owned().into_response());
            assert_eq!(answer.status(), 200);
            assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), text);
        }
        let pieces: Vec<Bytes> = (0..50).map(|n| Bytes::from(format!("{n},{wrong}\n"))).collect();
        let body = look(streamed(pieces.clone()))
            .into_body()
            .collect()
            .await
            .unwrap();
        assert_eq!(body.to_bytes(), pieces.concat());
    }

    /// However the pieces are cut.
    #[tokio::test]
    async fn a_stream_ends_where_a_value_is() {
        let text = format!("{}{}{}", "a,".repeat(300), value(), ",b".repeat(300));
        for size in [1, 2, 7, 50, 137, 138, 139, 500, 5000] {
            let pieces = text.as_bytes().chunks(size).map(Bytes::copy_from_slice).collect();
            let mut body = look(streamed(pieces)).into_body().into_data_stream();
            let mut arrived = Vec::new();
            let end = loop {
                match body.next().await {
                    Some(Ok(piece)) => arrived.extend(piece),
                    end => break end,
                }
            };
            assert!(matches!(end, Some(Err(_))), "{size}");
            let begun = arrived.windows(4).any(|four| four == b"dps_");
            assert!(!begun, "not even its beginning arrived: {size}");
        }
    }
}
