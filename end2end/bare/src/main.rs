//! The yardstick of `./dev bench`: the least that an axum server can do for a request that is answered like one of
//! Daypass. Owns no behaviour of Daypass and must never get any; what it answers is only there to be counted.
//!
//! Usage: `bare ADDRESS ANSWER`, where the file ANSWER holds the status, a line for each header, an empty line and the
//! body, as Daypass has answered.

use std::io::{Error, ErrorKind};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use axum::routing::any;

#[derive(Clone)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

fn read(text: &str) -> Option<Answer> {
    let (head, body) = text.split_once("\n\n")?;
    let mut lines = head.lines();
    let status = lines.next()?.parse().ok()?;
    let mut headers = HeaderMap::new();
    for line in lines {
        let (name, value) = line.split_once(": ")?;
        headers.append(
            name.parse::<HeaderName>().ok()?,
            HeaderValue::from_str(value).ok()?,
        );
    }
    Some(Answer {
        status,
        headers,
        body: body.to_owned().into(),
    })
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let usage = || Error::new(ErrorKind::InvalidInput, "usage: bare ADDRESS ANSWER");
    let address = arguments.next().ok_or_else(usage)?;
    let file = arguments.next().ok_or_else(usage)?;
    let answer = read(&std::fs::read_to_string(file)?).ok_or_else(usage)?;
    // The request's body is taken in, as Daypass has to.
    let handler = move |_: Bytes| async move {
        let mut response = Response::new(Body::from(answer.body));
        *response.status_mut() = answer.status;
        *response.headers_mut() = answer.headers;
        response
    };
    let listener = tokio::net::TcpListener::bind(address).await?;
    axum::serve(listener, Router::new().fallback(any(handler))).await
}
