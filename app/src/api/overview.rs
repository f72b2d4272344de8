//! What there is in all.

use wire::OverviewView;

use super::{ApiError, get};

/// How many tokens there are, and which of them need attention.
pub(crate) async fn find_overview() -> Result<OverviewView, ApiError> {
    get("overview".to_owned()).await
}
