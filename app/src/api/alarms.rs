//! The feed of alarms.

use wire::{ActivityId, AlarmsView};

use super::{ApiError, wait};

/// The alarms after one, as soon as there is any (up to 25 seconds); without one, the latest ones at once. Taken back by
/// the signal.
pub(crate) async fn wait_for_alarms(
    after: Option<ActivityId>,
    taken_back: &web_sys::AbortSignal,
) -> Result<AlarmsView, ApiError> {
    let query = after.map(|id| format!("?after={id}")).unwrap_or_default();
    wait(format!("alarms{query}"), taken_back).await
}
