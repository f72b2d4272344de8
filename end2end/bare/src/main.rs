//! The yardstick of `./dev bench`: the least that an axum server can do for one request. Owns no behaviour of
//! Daypass and must never get any; what it answers is only there to be counted.
//!
//! Usage: `bare ADDRESS`

use axum::{Router, http::StatusCode, routing::any};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let address = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "127.0.0.1:8081".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?;
    let router = Router::new().route("/verify", any(|| async { StatusCode::NO_CONTENT }));
    axum::serve(listener, router).await
}
