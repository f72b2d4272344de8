//! The activity list and the change log. Entries are written in the transaction of what they tell about.

use serde_json::{Value, json};
use wire::{
    Activity, ActivityAction, ActivityId, ActivityView, ActorView, ChangeView, Page, PageQuery, SubjectView,
    Timestamp,
};

use super::{Pair, Store, StoreError, Tx, on};
use crate::domain::activity::{Act, Actor};

const INSERT: &str = "INSERT INTO activity (id, at, action, actor_kind, actor_id, actor_name, subject_kind, subject_id, subject_name, address, changes) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
const LOG_CHANGE: &str =
    "INSERT INTO change_log (at, subject_kind, subject_id, version) VALUES ($1, $2, $3, $4)";
const INSERT_ALL: Pair = Pair {
    sqlite: "INSERT INTO activity (id, at, action, actor_kind, actor_id, actor_name, subject_kind, subject_id, subject_name, address, changes) SELECT json_extract(value, '$[0]'), $2, json_extract(value, '$[1]'), $3, $4, $5, json_extract(value, '$[2]'), json_extract(value, '$[3]'), json_extract(value, '$[4]'), $6, json_extract(value, '$[5]') FROM json_each($1)",
    postgres: "INSERT INTO activity (id, at, action, actor_kind, actor_id, actor_name, subject_kind, subject_id, subject_name, address, changes) SELECT e ->> 0, $2, e ->> 1, $3, $4, $5, e ->> 2, e ->> 3, e ->> 4, $6, e ->> 5 FROM jsonb_array_elements($1::jsonb) e",
};
const LOG_CHANGES: Pair = Pair {
    sqlite: "INSERT INTO change_log (at, subject_kind, subject_id, version) SELECT $2, $3, json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each($1) ORDER BY key",
    postgres: "INSERT INTO change_log (at, subject_kind, subject_id, version) SELECT $2, $3, e ->> 0, (e ->> 1)::bigint FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS list (e, place) ORDER BY place",
};
const LAST_CHANGE: &str = "SELECT COALESCE(MAX(sequence), 0) FROM change_log";
const COUNT: &str = "SELECT COUNT(*) FROM activity";
const LIST: &str = "SELECT id, at, action, actor_kind, actor_name, subject_kind, subject_id, subject_name, address, changes FROM activity ORDER BY at DESC, id DESC LIMIT $1 OFFSET $2";

#[derive(sqlx::FromRow)]
pub(super) struct ActivityRow {
    id: String,
    at: i64,
    action: String,
    actor_kind: String,
    actor_name: Option<String>,
    subject_kind: String,
    subject_id: Option<String>,
    subject_name: Option<String>,
    address: Option<String>,
    changes: String,
}

impl ActivityRow {
    pub(super) fn into_view(self) -> Result<ActivityView, StoreError> {
        Ok(ActivityView {
            id: self
                .id
                .parse::<ActivityId>()
                .map_err(|_| StoreError::Inconsistent("activity.id"))?,
            at: Timestamp::from_millis(self.at),
            action: serde_json::from_value::<ActivityAction>(Value::String(self.action))
                .map_err(|_| StoreError::Inconsistent("activity.action"))?,
            actor: ActorView {
                kind: self.actor_kind,
                name: self.actor_name,
            },
            subject: SubjectView {
                kind: self.subject_kind,
                id: self.subject_id,
                name: self.subject_name,
            },
            address: self.address,
            changes: serde_json::from_str::<Vec<ChangeView>>(&self.changes)
                .map_err(|_| StoreError::Inconsistent("activity.changes"))?,
        })
    }
}

impl Store {
    /// Writes an entry in a transaction. An alarm rings after its commit.
    pub(super) async fn record(&self, tx: &mut Tx, actor: &Actor, act: Act<'_>) -> Result<(), StoreError> {
        if act.action.is_alarm() {
            tx.ring(&self.inner.bell);
        }
        let id: ActivityId = self.new_id()?;
        let (kind, actor_id, actor_name) = actor.columns();
        let address = actor.address.map(|a| a.to_canonical().to_string());
        let changes = serde_json::to_string(&act.changes).map_err(|_| StoreError::Inconsistent("changes"))?;
        on!(tx, c => sqlx::query(INSERT)
            .bind(id.as_str())
            .bind(self.now().millis())
            .bind(act.action.as_str())
            .bind(kind)
            .bind(actor_id)
            .bind(actor_name)
            .bind(act.subject_kind)
            .bind(act.subject_id)
            .bind(act.subject_name)
            .bind(address)
            .bind(changes)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Writes many entries of one actor in a transaction, in one statement.
    pub(super) async fn record_all<'a>(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        acts: impl Iterator<Item = Act<'a>> + Send,
    ) -> Result<(), StoreError> {
        let mut rows = Vec::new();
        for act in acts {
            if act.action.is_alarm() {
                tx.ring(&self.inner.bell);
            }
            let id: ActivityId = self.new_id()?;
            let changes =
                serde_json::to_string(&act.changes).map_err(|_| StoreError::Inconsistent("changes"))?;
            rows.push(json!([
                id,
                act.action,
                act.subject_kind,
                act.subject_id,
                act.subject_name,
                changes
            ]));
        }
        let rows = Value::from(rows).to_string();
        let (kind, actor_id, actor_name) = actor.columns();
        let address = actor.address.map(|a| a.to_canonical().to_string());
        on!(tx, c, sql = INSERT_ALL => sqlx::query(sql)
            .bind(rows.as_str())
            .bind(self.now().millis())
            .bind(kind)
            .bind(actor_id)
            .bind(actor_name)
            .bind(address)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Notes many changes for replicas, each a subject's id and its new version, in one statement.
    pub(super) async fn log_changes(
        &self,
        tx: &mut Tx,
        kind: &'static str,
        changes: impl Iterator<Item = (&str, i64)> + Send,
    ) -> Result<(), StoreError> {
        let rows = changes
            .map(|(id, version)| json!([id, version]))
            .collect::<Value>()
            .to_string();
        on!(tx, c, sql = LOG_CHANGES => sqlx::query(sql)
            .bind(rows.as_str())
            .bind(self.now().millis())
            .bind(kind)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Notes a change for replicas.
    pub(super) async fn log_change(
        &self,
        tx: &mut Tx,
        kind: &'static str,
        id: &str,
        version: i64,
    ) -> Result<(), StoreError> {
        on!(tx, c => sqlx::query(LOG_CHANGE)
            .bind(self.now().millis())
            .bind(kind)
            .bind(id)
            .bind(version)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// A page of the activity list, latest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_activity(&self, query: PageQuery) -> Result<Activity, StoreError> {
        let mut tx = self.read().await?;
        let total = on!(tx, c => sqlx::query_scalar::<_, i64>(COUNT).fetch_one(c).await?);
        let (limit, offset) = limit_and_offset(query);
        let rows =
            on!(tx, c => sqlx::query_as::<_, ActivityRow>(LIST).bind(limit).bind(offset).fetch_all(c).await?);
        Ok(Page {
            items: rows
                .into_iter()
                .map(ActivityRow::into_view)
                .collect::<Result<_, _>>()?,
            page: query.page,
            per_page: query.per_page,
            total: total.unsigned_abs(),
        })
    }
}

/// The number of the last change: the version of what is derived from several rows.
pub(super) async fn last_change(tx: &mut Tx) -> Result<i64, StoreError> {
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>(LAST_CHANGE).fetch_one(c).await?))
}

/// `LIMIT` and `OFFSET` of a page.
pub(super) fn limit_and_offset(query: PageQuery) -> (i64, i64) {
    (
        i64::from(query.per_page),
        i64::from(query.page.saturating_sub(1)) * i64::from(query.per_page),
    )
}
