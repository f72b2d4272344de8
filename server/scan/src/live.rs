//! Asks a server which of the values that were found work, without telling it one: it is asked for a range of digests,
//! 2²⁰ of them in all, and answers the first 32 bits of each that it knows there.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::time::Duration;

use reqwest::{Client, StatusCode, Url, redirect};
use wire::TokenDigests;

use crate::report::{Report, State};
use crate::site::{explain, parse_site};

/// Time for one question.
const TIMEOUT: Duration = Duration::from_secs(20);
/// The most bytes of an answer.
const LARGEST: usize = 1024 * 1024;
/// The longest time that the server may ask to wait, in seconds.
const LONGEST_WAIT: u64 = 60;
/// The longest time that is waited in all, because the server asks for it.
const PATIENCE: Duration = Duration::from_mins(10);

/// Why the server could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// Not an address.
    #[error("a server's address starts with https://, or with http:// where it is this machine's own")]
    Address,
    /// It cannot be reached.
    #[error("the server cannot be asked: {0}")]
    Unreachable(String),
    /// It answers something else.
    #[error("the server answers {0}: is it Daypass?")]
    Status(StatusCode),
    /// It lets others wait, longer than anybody does.
    #[error("the server has no time to be asked about all of them")]
    Busy,
}

/// A server that may be asked. Nobody on the way may read along: even the beginning of a digest tells whoever knows a
/// value where it was found.
#[derive(Debug, Clone)]
pub struct LiveServer(Url);

impl LiveServer {
    /// Reads an address.
    ///
    /// # Errors
    /// [`LiveError::Address`] when it is none, or one of another machine without TLS.
    pub fn parse(text: &str) -> Result<Self, LiveError> {
        let url = parse_site(text).map_err(|_| LiveError::Address)?;
        let host = url.host_str().unwrap_or_default();
        let is_own = host == "localhost"
            || host
                .trim_matches(['[', ']'])
                .parse::<IpAddr>()
                .is_ok_and(|address| address.is_loopback());
        if url.scheme() == "https" || is_own {
            Ok(Self(url))
        } else {
            Err(LiveError::Address)
        }
    }
}

/// Writes into each finding whether its value works.
///
/// # Errors
/// When the server cannot be asked. Findings of which it was asked before keep their state.
pub async fn ask_server(report: &mut Report, server: &LiveServer) -> Result<(), LiveError> {
    ask_patiently(report, server, PATIENCE).await
}

async fn ask_patiently(
    report: &mut Report,
    server: &LiveServer,
    mut patience: Duration,
) -> Result<(), LiveError> {
    let server = &server.0;
    let mut client = Client::builder()
        .timeout(TIMEOUT)
        .redirect(redirect::Policy::none());
    if server.scheme() == "http" {
        // What does not leave this machine goes to no proxy, which would read it.
        client = client.no_proxy();
    }
    let client = client.build().map_err(|e| LiveError::Unreachable(explain(&e)))?;
    let ranges: BTreeSet<u32> = report.findings.iter().map(|f| f.fingerprint() >> 12).collect();
    for range in ranges {
        let known = ask(&client, server, range, &mut patience).await?;
        for finding in &mut report.findings {
            let fingerprint = finding.fingerprint();
            if fingerprint >> 12 == range {
                finding.state = match known.get(&fingerprint) {
                    Some(true) => State::Live,
                    Some(false) => State::Inactive,
                    None => State::Unknown,
                };
            }
        }
    }
    Ok(())
}

async fn ask(
    client: &Client,
    server: &Url,
    range: u32,
    patience: &mut Duration,
) -> Result<HashMap<u32, bool>, LiveError> {
    let url = server
        .join(&format!("/api/TokenDigests?range={range:05x}"))
        .map_err(|_| LiveError::Address)?;
    loop {
        let mut response = client
            .get(url.clone())
            .send()
            .await
            .map_err(|e| LiveError::Unreachable(explain(&e)))?;
        if response.status() == StatusCode::TOO_MANY_REQUESTS {
            let wait = response
                .headers()
                .get("retry-after")
                .and_then(|w| w.to_str().ok());
            let wait = wait
                .and_then(|w| w.parse().ok())
                .unwrap_or(1)
                .clamp(1, LONGEST_WAIT);
            let wait = Duration::from_secs(wait);
            *patience = patience.checked_sub(wait).ok_or(LiveError::Busy)?;
            tokio::time::sleep(wait).await;
            continue;
        }
        if !response.status().is_success() {
            return Err(LiveError::Status(response.status()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|e| LiveError::Unreachable(explain(&e)))?
        {
            body.extend_from_slice(&chunk);
            if body.len() > LARGEST {
                return Err(LiveError::Unreachable("its answer is too long".to_owned()));
            }
        }
        let answer: TokenDigests =
            serde_json::from_slice(&body).map_err(|e| LiveError::Unreachable(e.to_string()))?;
        let mut known = HashMap::new();
        for entry in answer.digests {
            if let Ok(digest) = u32::from_str_radix(&entry.digest, 16) {
                // Two secrets may share 32 bits; that one of them works is what matters.
                *known.entry(digest).or_default() |= entry.live;
            }
        }
        return Ok(known);
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use wire::Kind;

    use super::*;
    use crate::testing::value;
    use crate::{Gathering, Options, finish, search_files};

    #[test]
    fn only_this_machine_is_asked_without_tls() {
        for fine in [
            "https://daypass.example",
            "http://localhost:8080",
            "http://127.0.0.1:8080",
            "http://127.8.9.1/",
            "http://[::1]:8080",
        ] {
            assert!(LiveServer::parse(fine).is_ok(), "{fine}");
        }
        for wrong in [
            "http://daypass.example",
            "http://192.168.1.1",
            "http://localhost.example",
            "http://127.0.0.1.example",
            "http://[::ffff:192.0.2.1]",
            "daypass.example",
            "https://name:password@daypass.example",
            "ftp://localhost",
        ] {
            assert!(
                matches!(LiveServer::parse(wrong), Err(LiveError::Address)),
                "{wrong}"
            );
        }
    }

    #[tokio::test]
    async fn a_server_that_always_asks_to_wait_is_left() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::<AtomicUsize>::default();
        let heard = asked.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                heard.fetch_add(1, Ordering::SeqCst);
                let _ = stream.read(&mut [0; 1024]).unwrap();
                let busy = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nConnection: close\r\n\r\n";
                stream.write_all(busy).unwrap();
            }
        });
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a"), value(Kind::Secret, 40)).unwrap();
        let gathering = Arc::new(Gathering::default());
        search_files(&[folder.path().to_path_buf()], Options::default(), &gathering).unwrap();
        let mut report = finish(gathering);
        let server = LiveServer::parse(&address).unwrap();
        let done = ask_patiently(&mut report, &server, Duration::from_secs(2)).await;
        assert!(matches!(done, Err(LiveError::Busy)), "{done:?}");
        assert_eq!(asked.load(Ordering::SeqCst), 3);
        assert_eq!(report.findings[0].state, State::NotAsked);
    }
}
