//! Reaching the one who may change tokens: the running server, over its socket; or, where none runs, the same routes in
//! this process, once the server's lock is taken. So no command has a second implementation.

use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use serde_json::Value;
use server::config::Config;
use server::http::{self, App};
use tokio::net::UnixStream;
use tower::ServiceExt as _;
use wire::Problem;
use zeroize::Zeroizing;

use super::open::{open, try_lock};
use super::{Failure, socket};

/// The longest answer that is read, in bytes: a page of 200 tokens with all that can be written about each.
const LONGEST: usize = 64 << 20;

/// Who answers.
pub(super) enum Reach {
    /// The server that runs on the data folder.
    Running(reqwest::Client),
    /// This process, for as long as it holds the server's lock.
    Here {
        /// What is closed at the end.
        app: Arc<App>,
        /// The routes.
        router: Router,
        /// Kept from any server that starts meanwhile.
        _lock: File,
    },
}

impl Reach {
    /// Finds out who answers.
    ///
    /// # Errors
    /// When a server runs that cannot be reached, or the database cannot be opened.
    pub(super) async fn find(config: &Config) -> Result<Self, Failure> {
        let folder = &config.data_dir;
        let path = socket::path(folder);
        match UnixStream::connect(&path).await {
            Ok(_) => {
                let client = reqwest::Client::builder().unix_socket(path).build()?;
                return Ok(Self::Running(client));
            }
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) => {}
            Err(error) => return Err(not_reached(&path, &error)),
        }
        if !folder.is_dir() {
            return Err(format!(
                "there is no data folder {}; set DAYPASS_DATA_DIR to the server's",
                folder.display()
            )
            .into());
        }
        let Some(lock) = try_lock(folder)? else {
            return Err(format!(
                "a Daypass runs on the data folder {} and cannot be reached over {}; it may still be starting: try again, and see its log",
                folder.display(),
                path.display()
            )
            .into());
        };
        let app = open(config).await?;
        if !app.store.become_the_server().await? {
            return Err(
                "a Daypass elsewhere works on this database; run the command in its data folder".into(),
            );
        }
        let router = http::command_line_router(app.clone());
        Ok(Self::Here {
            app,
            router,
            _lock: lock,
        })
    }

    /// Asks, and gives the body of a good answer.
    ///
    /// # Errors
    /// The refusal in words, or that nobody answered.
    pub(super) async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let text = Zeroizing::new(body.map(ToString::to_string).unwrap_or_default());
        let (status, bytes) = match self {
            Self::Running(client) => {
                let request = client
                    .request(method, format!("http://daypass{path}"))
                    .header(header::CONTENT_TYPE, "application/json")
                    .body(text.to_string());
                let answer = request.send().await.map_err(reqwest::Error::without_url)?;
                let status = answer.status();
                let bytes = answer.bytes().await.map_err(reqwest::Error::without_url)?;
                (status, Zeroizing::new(bytes.to_vec()))
            }
            Self::Here { router, .. } => {
                let request = Request::builder()
                    .method(method)
                    .uri(path)
                    .header(header::CONTENT_TYPE, "application/json")
                    .body(Body::from(text.to_string()))?;
                let answer = router.clone().oneshot(request).await?;
                let status = answer.status();
                (
                    status,
                    Zeroizing::new(to_bytes(answer.into_body(), LONGEST).await?.to_vec()),
                )
            }
        };
        if status.is_success() {
            Ok(bytes)
        } else {
            Err(in_words(status, &bytes).into())
        }
    }

    /// Waits for what is still being written.
    pub(super) async fn close(self) {
        if let Self::Here { app, .. } = self {
            app.store.close().await;
        }
    }
}

/// A refusal as a person reads it.
pub(super) fn in_words(status: StatusCode, body: &[u8]) -> String {
    match serde_json::from_slice::<Problem>(body) {
        Ok(problem) => problem.detail,
        Err(_) => format!("the server answered {status}, which is no answer of a Daypass"),
    }
}

fn not_reached(path: &Path, error: &std::io::Error) -> Failure {
    let advice = if error.kind() == ErrorKind::PermissionDenied {
        "; run the command as the user that the server runs as"
    } else {
        ""
    };
    format!(
        "the server cannot be reached over {}: {error}{advice}",
        path.display()
    )
    .into()
}
