//! Connections: taken in, answered one request after the other (HTTP/1.1), taken down.
//!
//! What `axum::serve` leaves open is decided here: how long a connection may be silent, or in the middle of a request's
//! head, and how long those that have begun may keep the server from stopping. No request is looked at.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use axum::serve::Listener;
use futures_util::FutureExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;

use super::front::Front;

/// How long clients are waited for.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For the head of a request, from the moment at which it could begin: a silent connection is closed after that too.
    pub head: Duration,
    /// For answers that have begun, and requests that are not complete, when the server stops.
    pub farewell: Duration,
}

impl Default for Patience {
    /// nginx closes a connection to us that it does not need after a minute: that is for it to do, or a request of its
    /// visitor would now and then meet a closed one. And Docker kills whoever has not stopped after ten seconds.
    fn default() -> Self {
        Self {
            head: Duration::from_secs(75),
            farewell: Duration::from_secs(8),
        }
    }
}

/// Answers until it is told to stop; then what was asked already.
pub async fn serve(
    listener: TcpListener,
    front: Front,
    patience: Patience,
    stopping: impl Future<Output = ()>,
) {
    take_in(listener, move |request| front.answer(request), patience, stopping).await;
}

async fn take_in<A: Future<Output = Response> + Send + 'static>(
    mut listener: TcpListener,
    answer: impl Fn(Request) -> A + Clone + Send + 'static,
    patience: Patience,
    stopping: impl Future<Output = ()>,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(patience.head);
    let connections = GracefulShutdown::new();
    let mut stopping = pin!(stopping);
    loop {
        let (stream, peer): (_, SocketAddr) = tokio::select! {
            taken = Listener::accept(&mut listener) => taken,
            () = &mut stopping => break,
        };
        let answer = answer.clone();
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            answer(request).map(Ok::<_, Infallible>)
        });
        let connection = http.serve_connection(TokioIo::new(stream), service);
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(error = %error, "a connection failed");
            }
        });
    }
    drop(listener);
    if tokio::time::timeout(patience.farewell, connections.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("connections whose requests were not complete are cut off");
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;
    use tokio::sync::oneshot;
    use tower::ServiceExt;

    use super::*;

    async fn read_all(mut stream: TcpStream) -> (String, Duration) {
        let started = Instant::now();
        let mut text = String::new();
        let _ = stream.read_to_string(&mut text).await;
        (text, started.elapsed())
    }

    /// Half a head, nothing at all, or silence behind an answer: each is waited for, and not for ever. What is being
    /// answered has its time.
    #[tokio::test]
    async fn nobody_is_waited_for_without_end() {
        let slow = async || {
            tokio::time::sleep(Duration::from_secs(2)).await;
            "slow"
        };
        let router = axum::Router::new()
            .route("/slow", get(slow))
            .route("/", get(async || "quick"));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let patience = Patience {
            head: Duration::from_millis(500),
            farewell: Duration::from_millis(500),
        };
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(take_in(
            listener,
            move |request| router.clone().oneshot(request).map(Result::unwrap),
            patience,
            async { stopped.await.unwrap() },
        ));
        let said = async |text: &'static str| {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(text.as_bytes()).await.unwrap();
            read_all(stream).await
        };
        let (half, nothing, once, slow) = tokio::join!(
            said("GET / HTTP/1.1\r\nHost: x\r\n"),
            said(""),
            said("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
            said("GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
        );
        assert!(!half.0.contains("200 OK") && nothing.0.is_empty());
        assert!(
            once.0.ends_with("quick") && slow.0.ends_with("slow"),
            "{} {}",
            once.0,
            slow.0
        );
        for (what, (_, time)) in [("half", half), ("nothing", nothing), ("once", once)] {
            assert!(time >= Duration::from_millis(400), "{what}: {time:?}");
            assert!(time < Duration::from_secs(30), "{what}: {time:?}");
        }
        // A request that is answered longer than is waited for at the end.
        let last = tokio::spawn(async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream
                .write_all(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
                .await
                .unwrap();
            read_all(stream).await
        });
        tokio::time::sleep(Duration::from_millis(200)).await;
        let told = Instant::now();
        stop.send(()).unwrap();
        serving.await.unwrap();
        assert!(
            told.elapsed() < Duration::from_millis(1900),
            "{:?}",
            told.elapsed()
        );
        last.abort();
    }
}
