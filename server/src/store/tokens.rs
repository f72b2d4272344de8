//! Tokens: creating, changing, switching off and on, deleting.

use wire::{
    ActivityAction, ChangeView, ClaimEnd, Contact, CreateTokenRequest, Note, PatchTokenRequest, Reason,
    Timestamp, TokenId, TokenName, TokenView,
};

use super::claims::end_open_claims;
use super::error::on_unique;
use super::record::TokenRecord;
use super::{Store, StoreError, Tx, interfaces, on, record, settings};
use crate::domain::activity::{Act, Actor, Who, note};
use crate::domain::changes;
use crate::domain::draft::{Draft, resolve};
use crate::domain::interfaces::Interfaces;
use crate::domain::name::name_key;
use crate::domain::token::TokenGrant;

const INSERT: &str = "INSERT INTO tokens (id, name, name_key, kind, temporary_lifetime, expires_at, allowed_origins, allowed_networks, rate_limit, note, contact, write_reason, epoch, version, created_at, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, 1, $13, $14)";
const UPDATE: &str = "UPDATE tokens SET name = $1, name_key = $2, temporary_lifetime = $3, expires_at = $4, allowed_origins = $5, allowed_networks = $6, rate_limit = $7, note = $8, contact = $9, write_reason = $10, version = version + 1 WHERE id = $11 AND version = $12 AND deleted_at IS NULL";
const DEACTIVATE: &str = "UPDATE tokens SET deactivated_at = $1, epoch = epoch + 1, version = version + 1 WHERE id = $2 AND deactivated_at IS NULL AND deleted_at IS NULL";
const ACTIVATE: &str = "UPDATE tokens SET deactivated_at = NULL, activated_at = $1, version = version + 1 WHERE id = $2 AND deactivated_at IS NOT NULL AND deleted_at IS NULL";
const STOP: &str =
    "UPDATE tokens SET epoch = epoch + 1, version = version + 1 WHERE id = $1 AND deleted_at IS NULL";
const DELETE: &str = "UPDATE tokens SET deleted_at = $1, epoch = epoch + 1, version = version + 1 WHERE id = $2 AND deactivated_at IS NOT NULL AND deleted_at IS NULL";
const INSERT_GRANT: &str = "INSERT INTO grants (token_id, interface_id, permissions) VALUES ($1, $2, $3)";
const VERSION: &str = "SELECT version FROM tokens WHERE id = $1 AND deleted_at IS NULL";
const NAMED: &str = "SELECT id FROM tokens WHERE name_key = $1 AND deleted_at IS NULL";
const DELETE_GRANTS: &str = "DELETE FROM grants WHERE token_id = $1";
const DELETE_SECRETS: &str = "DELETE FROM secrets WHERE token_id = $1";

/// JSON text of a list or limit, for its column.
fn column<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| StoreError::Inconsistent("a value that is not JSON"))
}

impl Store {
    /// Creates a token. It has no secret yet.
    ///
    /// # Errors
    /// [`StoreError::Rules`], [`StoreError::NameTaken`], or when the database fails.
    pub async fn create_token(
        &self,
        actor: &Actor,
        request: &CreateTokenRequest,
    ) -> Result<TokenView, StoreError> {
        let (store, actor, request) = (self.clone(), actor.clone(), request.clone());
        self.detached(async move {
            let mut tx = store.write().await?;
            let directory = interfaces::load(&mut tx).await?;
            let grants = resolve(&request.grants, &directory).map_err(StoreError::Rules)?;
            let mut draft = Draft {
                kind: request.kind,
                grants,
                temporary_lifetime: request.temporary_lifetime,
                expires_at: request.expires_at,
                allowed_origins: request.allowed_origins,
                allowed_networks: request.allowed_networks,
                rate_limit: request.rate_limit,
                note: request.note,
                contact: request.contact,
                write_reason: request.write_reason,
            };
            let now = store.now();
            let broken = draft.broken_rules(None, &settings::load(&mut tx).await?, &directory, now);
            if !broken.is_empty() {
                return Err(StoreError::Rules(broken));
            }
            draft.settle();
            let id = store.insert_token(&mut tx, &actor, &request.name, &draft).await?;
            let changes = changes::of_creation(&draft, &directory);
            store
                .publish_token(tx, &actor, &id, ActivityAction::TokenCreated, changes, &directory)
                .await
        })
        .await
    }

    /// Changes a token.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::Stale`], [`StoreError::Rules`], [`StoreError::NameTaken`], or when the
    /// database fails.
    pub async fn update_token(
        &self,
        actor: &Actor,
        id: &TokenId,
        patch: &PatchTokenRequest,
    ) -> Result<TokenView, StoreError> {
        let (store, actor, id, patch) = (self.clone(), actor.clone(), id.clone(), patch.clone());
        self.detached(async move {
            let mut tx = store.write().await?;
            let found = record::one(&mut tx, &id)
                .await?
                .ok_or(StoreError::NotFound("token"))?;
            if found.row.version != patch.version {
                return Err(StoreError::Stale);
            }
            let directory = interfaces::load(&mut tx).await?;
            let before = draft_of(&found)?;
            let mut after = before.clone();
            if let Some(grants) = patch.grants {
                after.grants = resolve(&grants.unwrap_or_default(), &directory).map_err(StoreError::Rules)?;
            }
            if let Some(lifetime) = patch.temporary_lifetime {
                after.temporary_lifetime = lifetime.unwrap_or_default();
            }
            if let Some(end) = patch.expires_at {
                after.expires_at = end;
            }
            if let Some(origins) = patch.allowed_origins {
                after.allowed_origins = origins.unwrap_or_default();
            }
            if let Some(networks) = patch.allowed_networks {
                after.allowed_networks = networks.unwrap_or_default();
            }
            if let Some(limit) = patch.rate_limit {
                after.rate_limit = limit;
            }
            if let Some(note) = patch.note {
                after.note = note.unwrap_or_default();
            }
            if let Some(contact) = patch.contact {
                after.contact = contact.unwrap_or_default();
            }
            if let Some(reason) = patch.write_reason {
                after.write_reason = reason.unwrap_or_default();
            }
            let broken = after.broken_rules(
                Some(&before),
                &settings::load(&mut tx).await?,
                &directory,
                store.now(),
            );
            if !broken.is_empty() {
                return Err(StoreError::Rules(broken));
            }
            after.settle();
            let name = patch.name.map_or_else(|| found.row.name.clone(), String::from);
            let changed = on!(tx, c => sqlx::query(UPDATE)
                .bind(name.as_str())
                .bind(name_key(&name))
                .bind(after.temporary_lifetime.number())
                .bind(after.expires_at.map(Timestamp::millis))
                .bind(column(&after.allowed_origins)?)
                .bind(column(&after.allowed_networks)?)
                .bind(column(&after.rate_limit)?)
                .bind(after.note.as_str())
                .bind(after.contact.as_str())
                .bind(after.write_reason.as_str())
                .bind(id.as_str())
                .bind(patch.version)
                .execute(c)
                .await
                .map(|r| r.rows_affected()))
            .map_err(|e| on_unique(e, "tokens_name_key", "tokens.name_key", StoreError::NameTaken))?;
            if changed != 1 {
                return Err(StoreError::Stale);
            }
            if before.grants != after.grants {
                on!(tx, c => sqlx::query(DELETE_GRANTS).bind(id.as_str()).execute(c).await.map(|_| ()))?;
                insert_grants(&mut tx, &id, &after.grants).await?;
            }
            let mut changes = Vec::new();
            note(&mut changes, "name", &found.row.name, &name, |n| Some(n.clone()));
            changes.extend(changes::of_update(&before, &after, &directory));
            store
                .publish_token(tx, &actor, &id, ActivityAction::TokenUpdated, changes, &directory)
                .await
        })
        .await
    }

    /// Switches a token off; it and all its temporary tokens are refused from the next request on. Doing it twice
    /// changes nothing the second time.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::Stale`] when a version is given that is not the present one, or when the
    /// database fails.
    pub async fn deactivate_token(
        &self,
        actor: &Actor,
        id: &TokenId,
        version: Option<i64>,
    ) -> Result<TokenView, StoreError> {
        self.switch(actor, id, version, Switch::Off).await
    }

    /// Switches a token on. Temporary tokens of before stay stopped.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::Stale`] when a version is given that is not the present one, or when the
    /// database fails.
    pub async fn activate_token(
        &self,
        actor: &Actor,
        id: &TokenId,
        version: Option<i64>,
    ) -> Result<TokenView, StoreError> {
        self.switch(actor, id, version, Switch::On).await
    }

    /// Stops all temporary tokens of a token at once. The token itself goes on working.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::Stale`] when a version is given that is not the present one, or when the
    /// database fails.
    pub async fn stop_temporary_tokens(
        &self,
        actor: &Actor,
        id: &TokenId,
        version: Option<i64>,
    ) -> Result<TokenView, StoreError> {
        self.switch(actor, id, version, Switch::StopTemporary).await
    }

    async fn switch(
        &self,
        actor: &Actor,
        id: &TokenId,
        version: Option<i64>,
        switch: Switch,
    ) -> Result<TokenView, StoreError> {
        let (store, actor, id) = (self.clone(), actor.clone(), id.clone());
        self.detached(async move {
            let mut tx = store.write().await?;
            check_version(&mut tx, &id, version).await?;
            let now = store.now();
            let is_changed = match switch {
                Switch::Off => deactivate_in(&mut tx, &id, now).await?,
                Switch::On => {
                    on!(tx, c => sqlx::query(ACTIVATE).bind(now.millis()).bind(id.as_str()).execute(c).await.map(|r| r.rows_affected() > 0))?
                }
                Switch::StopTemporary => {
                    on!(tx, c => sqlx::query(STOP).bind(id.as_str()).execute(c).await.map(|r| r.rows_affected() > 0))?
                }
            };
            let directory = interfaces::load(&mut tx).await?;
            if !is_changed {
                let found = record::one(&mut tx, &id).await?.ok_or(StoreError::NotFound("token"))?;
                let view = found.view(&directory, &settings::load(&mut tx).await?, store.now());
                // Whoever changed it may have committed but not published yet; the answer must not come before.
                store.inner.index.publish(found.into_state());
                return Ok(view);
            }
            let action = match switch {
                Switch::Off => ActivityAction::TokenDeactivated,
                Switch::On => ActivityAction::TokenActivated,
                Switch::StopTemporary => ActivityAction::TokenTemporaryStopped,
            };
            store.publish_token(tx, &actor, &id, action, Vec::new(), &directory).await
        })
        .await
    }

    /// Deletes an inactive token and its secrets. Its name is free again; the activity list keeps what happened.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::Stale`] when a version is given that is not the present one,
    /// [`StoreError::NotInactive`], or when the database fails.
    pub async fn delete_token(
        &self,
        actor: &Actor,
        id: &TokenId,
        version: Option<i64>,
    ) -> Result<(), StoreError> {
        let (store, actor, id) = (self.clone(), actor.clone(), id.clone());
        self.detached(async move {
            let mut tx = store.write().await?;
            check_version(&mut tx, &id, version).await?;
            let now = store.now();
            let deleted = on!(tx, c => sqlx::query(DELETE).bind(now.millis()).bind(id.as_str()).execute(c).await.map(|r| r.rows_affected()))?;
            if deleted == 0 {
                let exists = record::one(&mut tx, &id).await?.is_some();
                return Err(if exists { StoreError::NotInactive } else { StoreError::NotFound("token") });
            }
            on!(tx, c => sqlx::query(DELETE_GRANTS).bind(id.as_str()).execute(c).await.map(|_| ()))?;
            on!(tx, c => sqlx::query(DELETE_SECRETS).bind(id.as_str()).execute(c).await.map(|_| ()))?;
            end_open_claims(&mut tx, [&id], ClaimEnd::TokenOff, now).await?;
            let gone = record::tombstone(&mut tx, &id).await?.ok_or(StoreError::NotFound("token"))?;
            store.log_change(&mut tx, "token", id.as_str(), gone.row.version).await?;
            let act = Act::new(ActivityAction::TokenDeleted, "token").to(id.as_str(), &gone.row.name);
            store.record(&mut tx, &actor, act).await?;
            tx.commit().await?;
            store.inner.index.publish(gone.into_state());
            Ok(())
        })
        .await
    }

    /// A token.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_token(&self, id: &TokenId) -> Result<Option<TokenView>, StoreError> {
        let mut tx = self.read().await?;
        let Some(found) = record::one(&mut tx, id).await? else {
            return Ok(None);
        };
        let directory = interfaces::load(&mut tx).await?;
        let settings = settings::load(&mut tx).await?;
        Ok(Some(found.view(&directory, &settings, self.now())))
    }

    /// The token of this name, without regard to case.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_token_named(&self, name: &str) -> Result<Option<TokenId>, StoreError> {
        let mut tx = self.read().await?;
        let id = on!(tx, c => sqlx::query_scalar::<_, String>(NAMED).bind(name_key(name.trim())).fetch_optional(c).await?);
        id.map(|id| id.parse().map_err(|_| StoreError::Inconsistent("tokens.id")))
            .transpose()
    }

    /// Writes a token that breaks no rule in a transaction. It has no secret yet.
    pub(super) async fn insert_token(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        name: &TokenName,
        draft: &Draft,
    ) -> Result<TokenId, StoreError> {
        let id: TokenId = self.new_id()?;
        let created_by = match &actor.who {
            Who::User { id, .. } => Some(id.as_str()),
            _ => None,
        };
        on!(tx, c => sqlx::query(INSERT)
            .bind(id.as_str())
            .bind(name.as_str())
            .bind(name_key(name.as_str()))
            .bind(draft.kind.as_str())
            .bind(draft.temporary_lifetime.number())
            .bind(draft.expires_at.map(Timestamp::millis))
            .bind(column(&draft.allowed_origins)?)
            .bind(column(&draft.allowed_networks)?)
            .bind(column(&draft.rate_limit)?)
            .bind(draft.note.as_str())
            .bind(draft.contact.as_str())
            .bind(draft.write_reason.as_str())
            .bind(self.now().millis())
            .bind(created_by)
            .execute(c)
            .await
            .map(|_| ()))
        .map_err(|e| on_unique(e, "tokens_name_key", "tokens.name_key", StoreError::NameTaken))?;
        insert_grants(tx, &id, &draft.grants).await?;
        Ok(id)
    }

    /// Notes a change of a token, commits it and publishes the new state: the end of every use case that changes one.
    pub(super) async fn publish_token(
        &self,
        mut tx: Tx,
        actor: &Actor,
        id: &TokenId,
        action: ActivityAction,
        changes: Vec<ChangeView>,
        directory: &Interfaces,
    ) -> Result<TokenView, StoreError> {
        let found = record::one(&mut tx, id)
            .await?
            .ok_or(StoreError::NotFound("token"))?;
        self.log_change(&mut tx, "token", id.as_str(), found.row.version)
            .await?;
        let act = Act::new(action, "token")
            .to(id.as_str(), &found.row.name)
            .with(changes);
        self.record(&mut tx, actor, act).await?;
        let settings = settings::load(&mut tx).await?;
        tx.commit().await?;
        let view = found.view(directory, &settings, self.now());
        self.inner.index.publish(found.into_state());
        Ok(view)
    }
}

/// Refuses what starts from another version than the present one; `None` starts from any.
pub(super) async fn check_version(tx: &mut Tx, id: &TokenId, version: Option<i64>) -> Result<(), StoreError> {
    let Some(version) = version else {
        return Ok(());
    };
    let present =
        on!(tx, c => sqlx::query_scalar::<_, i64>(VERSION).bind(id.as_str()).fetch_optional(c).await?);
    match present {
        None => Err(StoreError::NotFound("token")),
        Some(present) if present == version => Ok(()),
        Some(_) => Err(StoreError::Stale),
    }
}

/// Switches a token off in a transaction, and with it what was promised of it: a claim of before gives no secret. Says
/// whether it was on.
pub(super) async fn deactivate_in(tx: &mut Tx, id: &TokenId, now: Timestamp) -> Result<bool, StoreError> {
    let changed = on!(tx, c => sqlx::query(DEACTIVATE)
        .bind(now.millis())
        .bind(id.as_str())
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if changed == 0 {
        return Ok(false);
    }
    end_open_claims(tx, [id], ClaimEnd::TokenOff, now).await?;
    Ok(true)
}

#[derive(Clone, Copy)]
enum Switch {
    Off,
    On,
    StopTemporary,
}

async fn insert_grants(tx: &mut Tx, id: &TokenId, grants: &[TokenGrant]) -> Result<(), StoreError> {
    for grant in grants {
        on!(tx, c => sqlx::query(INSERT_GRANT)
            .bind(id.as_str())
            .bind(grant.interface.as_str())
            .bind(i64::from(grant.permissions.bits()))
            .execute(c)
            .await
            .map(|_| ()))?;
    }
    Ok(())
}

/// What is set on a token.
pub(super) fn draft_of(record: &TokenRecord) -> Result<Draft, StoreError> {
    let wrong = |_| StoreError::Inconsistent("what is written down about a token");
    Ok(Draft {
        kind: record.kind,
        grants: record.grants.clone(),
        temporary_lifetime: record.temporary_lifetime,
        expires_at: record.row.expires_at.map(Timestamp::from_millis),
        allowed_origins: record.allowed_origins.clone(),
        allowed_networks: record.allowed_networks.clone(),
        rate_limit: record.rate_limit,
        note: Note::parse(&record.row.note).map_err(wrong)?,
        contact: Contact::parse(&record.row.contact).map_err(wrong)?,
        write_reason: Reason::parse(&record.row.write_reason).map_err(wrong)?,
    })
}
