//! The activity list.

use wire::Activity;

use super::{ApiError, get};

/// One page, latest first.
pub(crate) async fn list_activity(page: u32, per_page: u32) -> Result<Activity, ApiError> {
    get(format!("activity?page={page}&per_page={per_page}")).await
}
