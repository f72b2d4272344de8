//! Alarms: entries of the activity list that administrators should see at once. They are written like every other
//! entry; here is how the open apps learn of them. Nothing of them is kept in memory.

use serde_json::Value;
use tokio::sync::watch;
use wire::{ActivityAction, ActivityId, AlarmsView};

use super::activity::ActivityRow;
use super::{Pair, Store, StoreError, on};

/// The most that are told at once.
const MOST: i64 = 20;

const ALARMS: Pair = Pair {
    sqlite: "SELECT id, at, action, actor_kind, actor_name, subject_kind, subject_id, subject_name, address, changes FROM activity WHERE action IN (SELECT value FROM json_each($1)) AND id > $2 ORDER BY id DESC LIMIT $3",
    postgres: "SELECT id, at, action, actor_kind, actor_name, subject_kind, subject_id, subject_name, address, changes FROM activity WHERE action IN (SELECT jsonb_array_elements_text($1::jsonb)) AND id > $2 ORDER BY id DESC LIMIT $3",
};

/// The id before all others.
const BEFORE_ALL: &str = "00000000000000000000000000";

/// What those who wait for alarms look at. It rings, which is to say that they are told of a change, when an alarm was
/// committed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bell {
    /// The server is stopping: nobody should wait any more.
    pub stopping: bool,
}

impl Store {
    /// What is told when an alarm was committed. Look at it first and at the list then, and no alarm is missed.
    #[must_use]
    pub fn watch_alarms(&self) -> watch::Receiver<Bell> {
        self.inner.bell.subscribe()
    }

    /// How many watch.
    #[must_use]
    pub fn count_watching(&self) -> usize {
        self.inner.bell.receiver_count()
    }

    /// Sends away whoever waits for alarms, because the server stops.
    pub fn stop_watching_alarms(&self) {
        self.inner.bell.send_modify(|bell| bell.stopping = true);
    }

    /// The alarms after an entry, or the latest ones.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_alarms(&self, after: Option<&ActivityId>) -> Result<AlarmsView, StoreError> {
        let actions: Value = ActivityAction::ALL
            .iter()
            .filter(|action| action.is_alarm())
            .map(|action| action.as_str())
            .collect();
        let mut tx = self.read().await?;
        let rows = on!(tx, c, sql = ALARMS => sqlx::query_as::<_, ActivityRow>(sql)
            .bind(actions.to_string())
            .bind(after.map_or(BEFORE_ALL, ActivityId::as_str))
            .bind(MOST)
            .fetch_all(c)
            .await?);
        let items = rows
            .into_iter()
            .map(ActivityRow::into_view)
            .collect::<Result<Vec<_>, _>>()?;
        let cursor = match (items.first(), after) {
            (Some(latest), _) => latest.id.clone(),
            (None, Some(after)) => after.clone(),
            (None, None) => BEFORE_ALL
                .parse()
                .map_err(|_| StoreError::Inconsistent("the first id"))?,
        };
        Ok(AlarmsView { items, cursor })
    }
}
