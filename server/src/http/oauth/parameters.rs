//! The parameters of a request: read once, repeated ones refused, unknown ones ignored (RFC 6749, section 3.2).

use std::fmt;
use std::net::IpAddr;

use axum::body::Bytes;
use axum::extract::Request;
use axum::http::request::Parts;
use wire::Timestamp;

use super::error::{About, OAuthError, Word};
use crate::domain::verification::{Credential, Purpose, Surroundings};
use crate::http::app::App;
use crate::http::form::{Form, is_form};
use crate::http::headers::Headers;
use crate::http::{body, client, holder};

/// Those that may stand there more than once (RFC 8693 section 2.1, RFC 8707 section 2).
const MANY: [&str; 2] = ["resource", "audience"];

/// Those that hold a token. In a URL they are noticed, and not taken.
const SECRETS: [&str; 4] = ["client_secret", "subject_token", "token", "apikey"];

/// A request that was read.
pub(super) struct Asked {
    parts: Parts,
    body: Bytes,
    /// The address that asks.
    pub(super) address: Option<IpAddr>,
    /// When.
    pub(super) now: Timestamp,
}

impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Asked")
    }
}

impl Asked {
    /// Reads a request.
    pub(super) async fn read(app: &App, request: Request) -> Result<Self, OAuthError> {
        let (parts, content) = request.into_parts();
        let address = client::address(Headers::of(&parts.headers), client::peer(&parts), &app.site);
        let body = body::read(Request::new(content))
            .await
            .map_err(|e| OAuthError::of(e, About::Wish))?;
        Ok(Self {
            parts,
            body,
            address,
            // Not before the body is here: whoever holds it back must not be judged as of a moment long ago.
            now: app.now(),
        })
    }

    /// The headers and the rest of the request.
    pub(super) fn parts(&self) -> &Parts {
        &self.parts
    }

    /// What the request tells beside its parameters.
    pub(super) fn around(&self) -> Surroundings<'_> {
        client::surroundings(Headers::of(&self.parts.headers), self.address, self.now)
    }

    /// The parameters.
    ///
    /// # Errors
    /// `invalid_request` when it is no form, when one stands there twice, or when a secret stands in the URL: that one
    /// is noted as an exposure too.
    pub(super) async fn form(&self, app: &App) -> Result<Form<'_>, OAuthError> {
        self.refuse_secrets_in_url(app).await?;
        if !self.body.is_empty() && !is_form(&self.parts.headers) {
            return Err(OAuthError::new(
                Word::InvalidRequest,
                "Send the parameters as application/x-www-form-urlencoded in the body.",
            ));
        }
        let form = Form::parse(&self.body);
        if form.repeated(&MANY).is_some() {
            return Err(OAuthError::new(
                Word::InvalidRequest,
                "A parameter stands there twice. Only resource and audience may.",
            ));
        }
        Ok(form)
    }

    async fn refuse_secrets_in_url(&self, app: &App) -> Result<(), OAuthError> {
        let Some(query) = self.parts.uri.query() else {
            return Ok(());
        };
        let around = self.around();
        for (name, value) in Form::parse(query.as_bytes()).pairs() {
            if SECRETS.contains(&name) {
                let credential = Credential { value, in_url: true };
                // Only for what is noted on the way; it is refused whatever the settings allow elsewhere.
                drop(holder::accept_value(app, credential, Purpose::Verify, &around).await);
                return Err(OAuthError::new(
                    Word::InvalidRequest,
                    "A secret or a token must not stand in the URL of this method: URLs are logged and passed on. Send it in the body or in the Authorization header, and ask an administrator to replace a permanent one.",
                ));
            }
        }
        Ok(())
    }
}
