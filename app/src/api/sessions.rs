//! Who is signed in. Signing in and out are plain forms outside of the app.

use wire::CurrentSession;

use super::{ApiError, get};

/// The session of this browser.
pub(crate) async fn find_current_session() -> Result<CurrentSession, ApiError> {
    get("sessions/current".to_owned()).await
}
