//! Who is signed in. Signing in and out are plain forms outside of the app.

use http::Method;
use wire::{CurrentSession, Language, PatchCurrentUserRequest};

use super::{ApiError, get, send};

/// The session of this browser.
pub(crate) async fn find_current_session() -> Result<CurrentSession, ApiError> {
    get("sessions/current".to_owned()).await
}

/// Remembers the language of the administrator who asks; nothing means that of the browser.
pub(crate) async fn choose_language(language: Option<Language>) -> Result<(), ApiError> {
    let request = PatchCurrentUserRequest {
        language: Some(language),
    };
    let _: serde::de::IgnoredAny = send(Method::PATCH, "users/current".to_owned(), &request).await?;
    Ok(())
}
