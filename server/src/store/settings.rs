//! Settings: rows of a name and a JSON value.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use wire::{ActivityAction, ChangeView, PatchSettingsRequest, PathRule, Permissions, SettingsEffects};

use super::{Pair, Store, StoreError, Tx, interfaces, keys, on};
use crate::domain::activity::{Act, Actor};
use crate::domain::path_rules;
use crate::domain::settings::Settings;

const LIST: &str = "SELECT name, value FROM settings";
const PUT: &str = "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";

/// $1 is now, $2 the longest lifetime, $3 the moment before which a secret is due for rotation.
const EFFECTS: &str = "SELECT \
    COUNT(CASE WHEN t.usable THEN 1 END) AS usable, \
    COUNT(CASE WHEN t.temporary_lifetime = -1 THEN 1 END) AS default_lifetime, \
    COUNT(CASE WHEN t.temporary_lifetime > $2 THEN 1 END) AS longer, \
    COUNT(CASE WHEN t.usable AND EXISTS (SELECT 1 FROM secrets s WHERE s.token_id = t.id AND s.expires_at IS NULL AND s.created_at < $3) THEN 1 END) AS due, \
    COUNT(CASE WHEN t.temporary_lifetime = 0 THEN 1 END) AS endless, \
    COUNT(CASE WHEN EXISTS (SELECT 1 FROM exposures e WHERE e.token_id = t.id AND e.door = 'url') THEN 1 END) AS in_url, \
    COUNT(CASE WHEN t.rate_limit = 'null' THEN 1 END) AS default_limit \
    FROM (SELECT id, temporary_lifetime, rate_limit, (deactivated_at IS NULL AND (expires_at IS NULL OR expires_at > $1) AND EXISTS (SELECT 1 FROM secrets s WHERE s.token_id = tokens.id AND (s.expires_at IS NULL OR s.expires_at > $1))) AS usable FROM tokens WHERE deleted_at IS NULL) t";

/// How many tokens have one of these rights: $1 is a list of `[id of an interface, bits of permissions]`.
const WITH_RIGHTS: Pair = Pair {
    sqlite: "SELECT COUNT(DISTINCT g.token_id) FROM grants g JOIN tokens t ON t.id = g.token_id AND t.deleted_at IS NULL JOIN (SELECT json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS bits FROM json_each($1)) v ON v.id = g.interface_id AND (g.permissions & v.bits) <> 0",
    postgres: "SELECT COUNT(DISTINCT g.token_id) FROM grants g JOIN tokens t ON t.id = g.token_id AND t.deleted_at IS NULL JOIN (SELECT e ->> 0 AS id, (e ->> 1)::bigint AS bits FROM jsonb_array_elements($1::jsonb) e) v ON v.id = g.interface_id AND (g.permissions & v.bits) <> 0",
};

/// What the tokens have to do with the settings, in numbers.
#[derive(sqlx::FromRow)]
struct EffectsRow {
    usable: i64,
    default_lifetime: i64,
    longer: i64,
    due: i64,
    endless: i64,
    in_url: i64,
    default_limit: i64,
}

pub(super) async fn load(tx: &mut Tx) -> Result<Settings, StoreError> {
    let wrong = |_| StoreError::Inconsistent("settings");
    let rows = on!(tx, c => sqlx::query_as::<_, (String, String)>(LIST).fetch_all(c).await?);
    let mut fields = Map::new();
    for (name, value) in rows {
        fields.insert(name, serde_json::from_str(&value).map_err(wrong)?);
    }
    serde_json::from_value(Value::Object(fields)).map_err(wrong)
}

/// The settings after a change that keeps every rule.
async fn changed(
    tx: &mut Tx,
    before: &Settings,
    patch: &PatchSettingsRequest,
) -> Result<Settings, StoreError> {
    let after = before.changed(patch);
    // What a rule of before named may be gone meanwhile; only new rules are questioned.
    let broken = match &patch.path_rules {
        Some(rules) => path_rules::broken(rules, &interfaces::load(tx).await?),
        None => Vec::new(),
    };
    match after {
        Ok(after) if broken.is_empty() => Ok(after),
        Ok(_) => Err(StoreError::Rules(broken)),
        Err(mut errors) => {
            errors.extend(broken);
            Err(StoreError::Rules(errors))
        }
    }
}

/// How many tokens have a right that a rule asks for which a change touches.
async fn with_rights_of(tx: &mut Tx, rules: &[&PathRule]) -> Result<u64, StoreError> {
    if rules.is_empty() {
        return Ok(0);
    }
    let directory = interfaces::load(tx).await?;
    let rights: BTreeSet<(&str, u8)> = rules
        .iter()
        .filter_map(|rule| {
            // The interface of a rule of before may be gone: nobody has rights on that.
            let interface = directory.find(rule.interface.as_str())?;
            Some((
                interface.id.as_str(),
                Permissions::NONE.with(rule.permission).bits(),
            ))
        })
        .collect();
    let rights = serde_json::json!(rights).to_string();
    let count = on!(tx, c, sql = WITH_RIGHTS => sqlx::query_scalar::<_, i64>(sql).bind(rights.as_str()).fetch_one(c).await?);
    Ok(count.unsigned_abs())
}

impl Store {
    /// How many tokens a change would affect. A field that stays as it is affects none.
    ///
    /// # Errors
    /// [`StoreError::Stale`], [`StoreError::Rules`], or when the database fails.
    pub async fn preview_settings(
        &self,
        patch: &PatchSettingsRequest,
    ) -> Result<SettingsEffects, StoreError> {
        let mut tx = self.read().await?;
        let before = load(&mut tx).await?;
        if before.version != patch.version {
            return Err(StoreError::Stale);
        }
        let after = changed(&mut tx, &before, patch).await?;
        let now = self.now();
        let row = on!(tx, c => sqlx::query_as::<_, EffectsRow>(EFFECTS)
            .bind(now.millis())
            .bind(after.maximum_temporary_lifetime)
            .bind(now.plus_seconds(-86_400 * i64::from(after.rotation_age_days)).millis())
            .fetch_one(c)
            .await?);
        let counted = |differs: bool, count: i64| if differs { count.unsigned_abs() } else { 0 };
        Ok(SettingsEffects {
            api_enabled: counted(before.api_enabled && !after.api_enabled, row.usable),
            default_temporary_lifetime: counted(
                before.default_temporary_lifetime != after.default_temporary_lifetime,
                row.default_lifetime,
            ),
            maximum_temporary_lifetime: counted(
                before.maximum_temporary_lifetime != after.maximum_temporary_lifetime,
                row.longer,
            ),
            rotation_age_days: counted(before.rotation_age_days != after.rotation_age_days, row.due),
            allow_endless_temporary_tokens: counted(
                before.allow_endless_temporary_tokens != after.allow_endless_temporary_tokens,
                row.endless,
            ),
            allow_token_in_url: counted(before.allow_token_in_url != after.allow_token_in_url, row.in_url),
            default_rate_limit: counted(
                before.default_rate_limit != after.default_rate_limit,
                row.default_limit,
            ),
            path_rules: with_rights_of(
                &mut tx,
                &path_rules::touched(&before.path_rules, &after.path_rules),
            )
            .await?,
        })
    }

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
            let mut after = changed(&mut tx, &before, &patch).await?;
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
            keys::note_longest_lifetime(&mut tx, &after).await?;
            store.log_change(&mut tx, "settings", "settings", after.version).await?;
            let act = Act::new(ActivityAction::SettingsUpdated, "settings").with(changes);
            store.record(&mut tx, &actor, act).await?;
            tx.commit().await?;
            store.inner.index.publish_settings(after.clone());
            Ok(after)
        })
        .await
    }
}
