//! One act on many tokens, all or nothing, in one transaction and a few statements however many tokens there are.

use std::collections::HashMap;

use wire::{
    ActivityAction, BulkEffect, BulkOutcome, BulkRequest, BulkResponse, BulkToken, ClaimEnd, ErrorCode,
    TokenId,
};

use super::record::{self, TokenRecord, id_list};
use super::{Pair, Store, StoreError, Tx, claims, interfaces, on, settings, tokens};
use crate::domain::activity::{Act, Actor};
use crate::domain::bulk::{self, Plan, Subject};
use crate::domain::settings::Settings;

/// How many hours of use the preview tells: 30 days.
const HOURS_TOLD: i64 = 30 * 24;

/// Joins `ids`, a JSON list of ids, into a statement of each engine.
macro_rules! of_ids {
    ($start:literal, $end:literal) => {
        Pair {
            sqlite: concat!($start, " IN (SELECT value FROM json_each($1))", $end),
            postgres: concat!($start, " IN (SELECT jsonb_array_elements_text($1::jsonb))", $end),
        }
    };
}

const REQUESTS: Pair = of_ids!(
    "SELECT token_id, CAST(SUM(count) AS BIGINT) FROM usage_hour WHERE token_id",
    " AND hour >= $2 AND outcome = 'allowed' GROUP BY token_id"
);
const DEACTIVATE: Pair = of_ids!(
    "UPDATE tokens SET deactivated_at = $2, epoch = epoch + 1, version = version + 1 WHERE deactivated_at IS NULL AND deleted_at IS NULL AND id",
    ""
);
const ACTIVATE: Pair = of_ids!(
    "UPDATE tokens SET deactivated_at = NULL, activated_at = $2, version = version + 1 WHERE deactivated_at IS NOT NULL AND deleted_at IS NULL AND id",
    ""
);
const SET_EXPIRY: Pair = of_ids!(
    "UPDATE tokens SET expires_at = $2, version = version + 1 WHERE deleted_at IS NULL AND id",
    ""
);
const ADD_GRANTS: Pair = Pair {
    sqlite: "INSERT INTO grants (token_id, interface_id, permissions) SELECT value, $2, $3 FROM json_each($1) WHERE true ON CONFLICT (token_id, interface_id) DO UPDATE SET permissions = grants.permissions | excluded.permissions",
    postgres: "INSERT INTO grants (token_id, interface_id, permissions) SELECT e, $2, $3 FROM jsonb_array_elements_text($1::jsonb) e ON CONFLICT (token_id, interface_id) DO UPDATE SET permissions = grants.permissions | excluded.permissions",
};
const GIVE_REASON: Pair = of_ids!(
    "UPDATE tokens SET write_reason = CASE WHEN $2 = '' THEN write_reason ELSE $2 END, version = version + 1 WHERE deleted_at IS NULL AND id",
    ""
);
const REMOVE_GRANTS: Pair = of_ids!("DELETE FROM grants WHERE interface_id = $2 AND token_id", "");
const BUMP: Pair = of_ids!(
    "UPDATE tokens SET version = version + 1 WHERE deleted_at IS NULL AND id",
    ""
);
const DELETE: Pair = of_ids!(
    "UPDATE tokens SET deleted_at = $2, epoch = epoch + 1, version = version + 1 WHERE deactivated_at IS NOT NULL AND deleted_at IS NULL AND id",
    ""
);
const DELETE_GRANTS: Pair = of_ids!("DELETE FROM grants WHERE token_id", "");
const DELETE_SECRETS: Pair = of_ids!("DELETE FROM secrets WHERE token_id", "");

/// The tokens of a request as they are now, and what would happen to each.
struct Planned {
    act: bulk::Act,
    /// In the order of the request.
    effects: Vec<BulkEffect>,
}

fn effect(token: &BulkToken, found: Option<&TokenRecord>, plan: Plan, requests: u64) -> BulkEffect {
    let (outcome, changes, refusal) = match plan {
        Plan::Change(changes) => (BulkOutcome::Changed, changes, None),
        Plan::Nothing => (BulkOutcome::Unchanged, Vec::new(), None),
        Plan::Refuse(code, detail) => (BulkOutcome::Refused, Vec::new(), Some((code, detail))),
    };
    let (code, detail) = refusal.unzip();
    BulkEffect {
        id: token.id.clone(),
        name: found.map_or_else(String::new, |f| f.row.name.clone()),
        version: found.map_or(token.version, |f| f.row.version),
        outcome,
        changes,
        requests,
        code,
        detail,
    }
}

impl Store {
    /// Does one act to many tokens, or with `dry_run` only says what it would do. When one token cannot be changed,
    /// none is.
    ///
    /// # Errors
    /// [`StoreError::Rules`] when the request itself breaks a rule, or when the database fails. A token that cannot be
    /// changed is no error but an effect.
    pub async fn change_tokens(
        &self,
        actor: &Actor,
        request: &BulkRequest,
    ) -> Result<BulkResponse, StoreError> {
        let (store, actor, request) = (self.clone(), actor.clone(), request.clone());
        self.detached(async move {
            // Before the writer's turn: a month of many tokens takes long to add up, and decides nothing.
            let requests = store.requests_of(&request).await?;
            if request.dry_run {
                let mut tx = store.read().await?;
                let planned = store.plan(&mut tx, &request, &requests).await?;
                return Ok(BulkResponse {
                    applied: false,
                    effects: planned.effects,
                });
            }
            let mut tx = store.write().await?;
            let planned = store.plan(&mut tx, &request, &requests).await?;
            let refused = planned.effects.iter().any(|e| e.outcome == BulkOutcome::Refused);
            if refused {
                return Ok(BulkResponse {
                    applied: false,
                    effects: planned.effects,
                });
            }
            store.apply(tx, &actor, planned).await
        })
        .await
    }

    async fn requests_of(&self, request: &BulkRequest) -> Result<HashMap<String, u64>, StoreError> {
        let ids = id_list(request.tokens.iter().take(bulk::MOST).map(|t| &t.id));
        let first = self.now().seconds().div_euclid(3600) - HOURS_TOLD;
        let mut tx = self.read().await?;
        let rows: Vec<(String, i64)> = on!(tx, c, sql = REQUESTS => sqlx::query_as(sql).bind(ids.as_str()).bind(first).fetch_all(c).await?);
        Ok(rows
            .into_iter()
            .map(|(id, count)| (id, count.unsigned_abs()))
            .collect())
    }

    async fn plan(
        &self,
        tx: &mut Tx,
        request: &BulkRequest,
        requests: &HashMap<String, u64>,
    ) -> Result<Planned, StoreError> {
        let directory = interfaces::load(tx).await?;
        let settings: Settings = settings::load(tx).await?;
        let now = self.now();
        let act = bulk::resolve(request, &directory).map_err(StoreError::Rules)?;
        let records = record::some(
            tx,
            &request.tokens.iter().map(|t| t.id.clone()).collect::<Vec<_>>(),
        )
        .await?;
        let records: HashMap<&TokenId, &TokenRecord> = records.iter().map(|r| (&r.id, r)).collect();
        let mut effects = Vec::with_capacity(request.tokens.len());
        for token in &request.tokens {
            let found = records.get(&token.id).copied();
            let plan = match found {
                None => Plan::Refuse(
                    ErrorCode::NotFound,
                    "There is no such token. It may have been deleted in the meantime.".to_owned(),
                ),
                Some(found) => {
                    let subject = Subject {
                        version: found.row.version,
                        status: found.status(now),
                        has_secret: found.has_live_secret(now),
                        draft: tokens::draft_of(found)?,
                    };
                    act.plan(&subject, token.version, &settings, &directory, now)
                }
            };
            let requests = requests.get(token.id.as_str()).copied().unwrap_or(0);
            effects.push(effect(token, found, plan, requests));
        }
        Ok(Planned { act, effects })
    }

    async fn apply(&self, mut tx: Tx, actor: &Actor, planned: Planned) -> Result<BulkResponse, StoreError> {
        let Planned { act, mut effects } = planned;
        let is_changed = |e: &&BulkEffect| e.outcome == BulkOutcome::Changed;
        let changed = effects.iter().filter(is_changed).count();
        let ids: Vec<&TokenId> = effects.iter().filter(is_changed).map(|e| &e.id).collect();
        let written = if changed == 0 {
            0
        } else {
            self.write_act(&mut tx, &act, &ids).await?
        };
        if written != changed as u64 {
            return Err(StoreError::Inconsistent("a token was changed beside its writer"));
        }
        let all: Vec<TokenId> = effects.iter().map(|e| e.id.clone()).collect();
        let after = if act == bulk::Act::Delete {
            record::some_tombstones(&mut tx, &all).await?
        } else {
            record::some(&mut tx, &all).await?
        };
        let versions: HashMap<&str, i64> = after.iter().map(|r| (r.id.as_str(), r.row.version)).collect();
        for effect in &mut effects {
            let version = versions.get(effect.id.as_str());
            effect.version =
                *version.ok_or(StoreError::Inconsistent("a token went away beside its writer"))?;
        }
        let told = matches!(
            act,
            bulk::Act::SetExpiry(_) | bulk::Act::AddInterface { .. } | bulk::Act::RemoveInterface(_)
        );
        let changed: Vec<&BulkEffect> = effects.iter().filter(is_changed).collect();
        self.log_changes(
            &mut tx,
            "token",
            changed.iter().map(|e| (e.id.as_str(), e.version)),
        )
        .await?;
        let acts = changed.iter().map(|e| {
            Act::new(action(&act), "token")
                .to(e.id.as_str(), &e.name)
                // As for one token: what the action's name says already is not said again.
                .with(if told { e.changes.clone() } else { Vec::new() })
        });
        self.record_all(&mut tx, actor, acts).await?;
        tx.commit().await?;
        // Those that did not change too: whoever changed them may have committed but not published yet.
        for record in after {
            self.inner.index.publish(record.into_state());
        }
        Ok(BulkResponse {
            applied: true,
            effects,
        })
    }

    /// Changes the rows of the tokens, and tells how many tokens it changed.
    async fn write_act(&self, tx: &mut Tx, act: &bulk::Act, tokens: &[&TokenId]) -> Result<u64, StoreError> {
        let now = self.now().millis();
        let ids = id_list(tokens.iter().copied());
        let ids = ids.as_str();
        match act {
            bulk::Act::Deactivate => {
                claims::end_open_claims(tx, tokens.iter().copied(), ClaimEnd::TokenOff, self.now()).await?;
                run(tx, &DEACTIVATE, ids, Some(now)).await
            }
            bulk::Act::Activate => run(tx, &ACTIVATE, ids, Some(now)).await,
            bulk::Act::SetExpiry(end) => run(tx, &SET_EXPIRY, ids, end.map(wire::Timestamp::millis)).await,
            bulk::Act::AddInterface {
                interface,
                permissions,
                write_reason,
            } => {
                on!(tx, c, sql = ADD_GRANTS => sqlx::query(sql)
                    .bind(ids)
                    .bind(interface.as_str())
                    .bind(i64::from(permissions.bits()))
                    .execute(c)
                    .await
                    .map(|_| ()))?;
                Ok(on!(tx, c, sql = GIVE_REASON => sqlx::query(sql)
                    .bind(ids)
                    .bind(write_reason.as_str())
                    .execute(c)
                    .await?
                    .rows_affected()))
            }
            bulk::Act::RemoveInterface(interface) => {
                on!(tx, c, sql = REMOVE_GRANTS => sqlx::query(sql)
                    .bind(ids)
                    .bind(interface.as_str())
                    .execute(c)
                    .await
                    .map(|_| ()))?;
                Ok(on!(tx, c, sql = BUMP => sqlx::query(sql).bind(ids).execute(c).await?.rows_affected()))
            }
            bulk::Act::Delete => {
                claims::end_open_claims(tx, tokens.iter().copied(), ClaimEnd::TokenOff, self.now()).await?;
                for pair in [DELETE_GRANTS, DELETE_SECRETS] {
                    on!(tx, c, sql = pair => sqlx::query(sql).bind(ids).execute(c).await.map(|_| ()))?;
                }
                run(tx, &DELETE, ids, Some(now)).await
            }
        }
    }
}

async fn run(tx: &mut Tx, pair: &Pair, ids: &str, moment: Option<i64>) -> Result<u64, StoreError> {
    Ok(on!(tx, c, sql = pair => sqlx::query(sql).bind(ids).bind(moment).execute(c).await?.rows_affected()))
}

const fn action(act: &bulk::Act) -> ActivityAction {
    match act {
        bulk::Act::Deactivate => ActivityAction::TokenDeactivated,
        bulk::Act::Activate => ActivityAction::TokenActivated,
        bulk::Act::Delete => ActivityAction::TokenDeleted,
        bulk::Act::SetExpiry(_) | bulk::Act::AddInterface { .. } | bulk::Act::RemoveInterface(_) => {
            ActivityAction::TokenUpdated
        }
    }
}
