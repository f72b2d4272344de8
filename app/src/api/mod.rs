//! The only way out: typed functions for the administrators' endpoints.
//!
//! Owns the requests, the one place where a lost session or a silent server is noticed, and [`ApiError`]. It
//! never logs or keeps a body, and shows nothing.

pub(crate) mod activity;
pub(crate) mod alarms;
pub(crate) mod interfaces;
pub(crate) mod overview;
pub(crate) mod sessions;
pub(crate) mod settings;
pub(crate) mod signing_keys;
pub(crate) mod sites;
pub(crate) mod tokens;

use gloo_net::http::RequestBuilder;
use http::Method;
use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::JsValue;
use wire::{ErrorCode, Problem};

const BASE: &str = "/api/admin/v1/";

/// Why a request brought nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ApiError {
    /// The server said no, and why.
    Refused(Box<Problem>),
    /// No answer at all.
    Unreachable,
    /// An answer that the contract does not know.
    Unexpected(u16),
}

impl ApiError {
    /// The code, where the server gave one.
    pub(crate) fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Refused(problem) => Some(problem.code),
            Self::Unreachable | Self::Unexpected(_) => None,
        }
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(problem) => f.write_str(&problem.title),
            Self::Unreachable => f.write_str("no answer"),
            Self::Unexpected(status) => write!(f, "unexpected answer {status}"),
        }
    }
}

impl std::error::Error for ApiError {}

/// What every request learns about the line to the server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line {
    /// The session has ended.
    pub(crate) signed_out: RwSignal<bool>,
    /// The server does not answer.
    pub(crate) gone: RwSignal<bool>,
    /// Counts how often the line was good again after one of the two; what failed is then loaded anew.
    pub(crate) back: RwSignal<u32>,
}

thread_local! {
    static LINE: std::cell::OnceCell<Line> = const { std::cell::OnceCell::new() };
}

/// The state of the line. Made by the first call, which the app makes under its own owner.
pub(crate) fn line() -> Line {
    LINE.with(|line| {
        *line.get_or_init(|| Line {
            signed_out: RwSignal::new(false),
            gone: RwSignal::new(false),
            back: RwSignal::new(0),
        })
    })
}

impl Line {
    fn answered(self) {
        if self.gone.try_get_untracked() == Some(true) {
            self.gone.set(false);
            self.back.update(|times| *times += 1);
        }
    }

    /// `sent` is what [`Line::back`] counted when the request was sent: an answer from before the sign-in that has come
    /// meanwhile says nothing about the session of now.
    fn fail(self, error: ApiError, sent: u32) -> ApiError {
        match &error {
            ApiError::Unreachable if self.gone.try_get_untracked() == Some(false) => self.gone.set(true),
            // The one place where a lost session is noticed.
            ApiError::Refused(problem)
                if problem.code == ErrorCode::Unauthenticated
                    && self.back.try_get_untracked() == Some(sent)
                    && self.signed_out.try_get_untracked() == Some(false) =>
            {
                self.signed_out.set(true);
            }
            _ => {}
        }
        error
    }
}

/// What is sent, and which kind of content it is.
type Body = (&'static str, JsValue);

/// Sends a request and gives the body of a good answer.
async fn exchange(method: Method, path: String, body: Option<Body>) -> Result<String, ApiError> {
    let line = line();
    let sent = line.back.get_untracked();
    let request = RequestBuilder::new(&path)
        .method(method)
        .header("Accept", "application/json");
    let request = match body {
        Some((kind, body)) => request.header("Content-Type", kind).body(body),
        None => request.build(),
    };
    let answer = async {
        let response = request
            .map_err(|_| ApiError::Unreachable)?
            .send()
            .await
            .map_err(|_| ApiError::Unreachable)?;
        let status = response.status();
        // A proxy that finds nobody behind it answers for the server.
        if matches!(status, 502..=504) {
            return Err(ApiError::Unreachable);
        }
        let text = response.text().await.map_err(|_| ApiError::Unreachable)?;
        line.answered();
        if response.ok() {
            return Ok(text);
        }
        Err(
            serde_json::from_str(&text).map_or(ApiError::Unexpected(status), |problem| {
                ApiError::Refused(Box::new(problem))
            }),
        )
    };
    answer.await.map_err(|error| line.fail(error, sent))
}

/// The texts of the parts that are fetched later, in the page's language: the page says where they are.
pub(crate) async fn later_texts() -> Result<String, ApiError> {
    let path = document()
        .get_element_by_id("later-texts")
        .and_then(|element| element.get_attribute("content"))
        .unwrap_or_default();
    exchange(Method::GET, path, None).await
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, ApiError> {
    serde_json::from_str(text).map_err(|_| ApiError::Unexpected(200))
}

fn write<B: Serialize>(body: &B) -> Result<Body, ApiError> {
    let text = serde_json::to_string(body).map_err(|_| ApiError::Unexpected(0))?;
    Ok(("application/json", JsValue::from_str(&text)))
}

/// Asks for something that may take long, until that is taken back. Nobody is told when the server is silent: somebody
/// who really wants something will be.
async fn wait<T: DeserializeOwned>(path: String, taken_back: &web_sys::AbortSignal) -> Result<T, ApiError> {
    let line = line();
    let sent = line.back.get_untracked();
    let answer = RequestBuilder::new(&format!("{BASE}{path}"))
        .header("Accept", "application/json")
        .abort_signal(Some(taken_back))
        .send()
        .await
        .map_err(|_| ApiError::Unreachable)?;
    let text = answer.text().await.map_err(|_| ApiError::Unreachable)?;
    if answer.ok() {
        return read(&text);
    }
    Err(
        serde_json::from_str(&text).map_or(ApiError::Unexpected(answer.status()), |problem| {
            line.fail(ApiError::Refused(Box::new(problem)), sent)
        }),
    )
}

async fn get<T: DeserializeOwned>(path: String) -> Result<T, ApiError> {
    read(&exchange(Method::GET, format!("{BASE}{path}"), None).await?)
}

async fn send<B: Serialize, T: DeserializeOwned>(
    method: Method,
    path: String,
    body: &B,
) -> Result<T, ApiError> {
    read(&exchange(method, format!("{BASE}{path}"), Some(write(body)?)).await?)
}

/// Sends a file. The browser takes it from the disk; it never comes into the app.
async fn upload<T: DeserializeOwned>(
    path: String,
    kind: &'static str,
    file: web_sys::File,
) -> Result<T, ApiError> {
    read(&exchange(Method::POST, format!("{BASE}{path}"), Some((kind, file.into()))).await?)
}

async fn delete(path: String) -> Result<(), ApiError> {
    exchange(Method::DELETE, format!("{BASE}{path}"), None)
        .await
        .map(|_| ())
}
