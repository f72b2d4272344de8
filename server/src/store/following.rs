//! Publishing what was committed and not published, by the change log.
//!
//! When the way to the database is lost between a commit and its answer, the change has failed for whoever asked for it
//! and is in force in the database; the index would go on saying what was before: yes, to a secret that was replaced. So
//! a failed change is followed by a look at the log, and upkeep looks again once a minute. What was published already is
//! published once more, which changes nothing.
//!
//! **Nothing is changed here, in the database least of all.** Signing keys are read again by upkeep anyway.

use std::sync::atomic::Ordering;

use wire::TokenId;

use super::{Store, StoreError, Tx, activity, interfaces, on, record, settings, stopped};

const SINCE: &str = "SELECT DISTINCT subject_kind, subject_id FROM change_log WHERE sequence > $1";

/// Where the log was not followed from the beginning: what is in the index was not read from the database.
pub(super) const NOT_YET: i64 = -1;

impl Store {
    /// From here on the log is followed; what was before is read in the same transaction.
    pub(super) async fn follow_from_here(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let last = activity::last_change(tx).await?;
        self.inner.followed.store(last, Ordering::Release);
        Ok(())
    }

    /// Publishes what the log has since the last time. Before [`Store::prepare`] there is nothing to keep in step.
    ///
    /// # Errors
    /// When the database fails or is inconsistent; then the next time begins where this one did.
    pub async fn catch_up(&self) -> Result<(), StoreError> {
        let since = self.inner.followed.load(Ordering::Acquire);
        if since == NOT_YET {
            return Ok(());
        }
        let index = &self.inner.index;
        // In the writer's turn: whatever was being committed when the way was lost has ended by then, so or so.
        let mut tx = self.write().await?;
        let last = activity::last_change(&mut tx).await?;
        if last == since {
            return Ok(());
        }
        let changed =
            on!(tx, c => sqlx::query_as::<_, (String, String)>(SINCE).bind(since).fetch_all(c).await?);
        let of = |kind: &str| {
            let ids = changed.iter().filter(|(k, _)| k == kind);
            ids.map(|(_, id)| {
                id.parse()
                    .map_err(|_| StoreError::Inconsistent("change_log.subject_id"))
            })
            .collect::<Result<Vec<TokenId>, _>>()
        };
        let has = |kind: &str| changed.iter().any(|(k, _)| k == kind);
        for token in of("stopped_temporary")? {
            for row in stopped::of(&mut tx, &token, self.now()).await? {
                let (token, stop, until) = row.read()?;
                index.publish_stop(&token, stop, until);
            }
        }
        let tokens = of("token")?;
        let present = record::some(&mut tx, &tokens).await?;
        let gone = record::some_tombstones(&mut tx, &tokens).await?;
        for record in present.into_iter().chain(gone) {
            index.publish(record.into_state());
        }
        if has("interface") {
            index.publish_interfaces(interfaces::load(&mut tx).await?);
        }
        if has("settings") {
            index.publish_settings(settings::load(&mut tx).await?);
        }
        self.inner.followed.fetch_max(last, Ordering::AcqRel);
        Ok(())
    }

    /// After a change that the database failed: it may be in force all the same. Nobody waits for this.
    pub(super) fn catch_up_soon(&self) {
        let store = self.clone();
        tokio::spawn(async move {
            if let Err(error) = store.catch_up().await {
                tracing::warn!(error = %error, "what a failed change left could not be looked at yet");
            }
        });
    }
}
