//! Settings: rows of a name and a JSON value.

use serde_json::{Map, Value};
use wire::{ActivityAction, ChangeView, PatchSettingsRequest};

use super::{Store, StoreError, Tx, on};
use crate::domain::activity::{Act, Actor};
use crate::domain::settings::Settings;

const LIST: &str = "SELECT name, value FROM settings";
const PUT: &str = "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";

pub(super) async fn load(tx: &mut Tx) -> Result<Settings, StoreError> {
    let wrong = |_| StoreError::Inconsistent("settings");
    let rows = on!(tx, c => sqlx::query_as::<_, (String, String)>(LIST).fetch_all(c).await?);
    let mut fields = Map::new();
    for (name, value) in rows {
        fields.insert(name, serde_json::from_str(&value).map_err(wrong)?);
    }
    serde_json::from_value(Value::Object(fields)).map_err(wrong)
}

impl Store {
    /// Changes settings.
    ///
    /// # Errors
    /// [`StoreError::Stale`], [`StoreError::Rules`], or when the database fails.
    pub async fn update_settings(
        &self,
        actor: &Actor,
        patch: &PatchSettingsRequest,
    ) -> Result<Settings, StoreError> {
        let (store, actor, patch) = (self.clone(), actor.clone(), patch.clone());
        self.detached(async move {
            let mut tx = store.write().await?;
            let before = load(&mut tx).await?;
            if before.version != patch.version {
                return Err(StoreError::Stale);
            }
            let mut after = before.changed(&patch).map_err(StoreError::Rules)?;
            after.version += 1;
            let as_map = |settings: &Settings| match serde_json::to_value(settings) {
                Ok(Value::Object(map)) => Ok(map),
                _ => Err(StoreError::Inconsistent("settings")),
            };
            let (old, new) = (as_map(&before)?, as_map(&after)?);
            let mut changes = Vec::new();
            for (name, value) in new.iter().filter(|(name, value)| old.get(*name) != Some(value)) {
                on!(tx, c => sqlx::query(PUT).bind(name.as_str()).bind(value.to_string()).execute(c).await.map(|_| ()))?;
                if name != "version" {
                    changes.push(ChangeView {
                        field: name.clone(),
                        before: old.get(name).map(Value::to_string),
                        after: Some(value.to_string()),
                    });
                }
            }
            store.log_change(&mut tx, "settings", "settings", after.version).await?;
            let act = Act {
                action: ActivityAction::SettingsUpdated,
                subject_kind: "settings",
                subject_id: None,
                subject_name: None,
                changes,
            };
            store.record(&mut tx, &actor, act).await?;
            tx.commit().await?;
            store.inner.index.publish_settings(after.clone());
            Ok(after)
        })
        .await
    }
}
