//! Interfaces, and every name that they ever had.

use sqlx::FromRow;
use wire::{
    ActivityAction, CreateInterfaceRequest, InterfaceId, InterfaceName, InterfaceView, Page, PageQuery,
    PatchInterfaceRequest, Timestamp, TokenReference, TokensInTheWay,
};

use super::activity::{last_change, limit_and_offset};
use super::error::on_unique;
use super::{Store, StoreError, Tx, on};
use crate::domain::activity::{Act, Actor, note};
use crate::domain::interfaces::{Interface, Interfaces};
use crate::domain::name::name_key;

const ALL: &str = "SELECT id, name, public_at FROM interfaces WHERE deleted_at IS NULL";
const NAMES: &str = "SELECT name_key, interface_id FROM interface_names";
const COUNT: &str = "SELECT COUNT(*) FROM interfaces WHERE deleted_at IS NULL";
const LIST: &str = "SELECT i.id, i.name, i.description, i.public_at, i.created_at, i.version, (SELECT COUNT(*) FROM grants g WHERE g.interface_id = i.id) AS token_count FROM interfaces i WHERE i.deleted_at IS NULL ORDER BY i.name_key, i.id LIMIT $1 OFFSET $2";
const FIND: &str = "SELECT i.id, i.name, i.description, i.public_at, i.created_at, i.version, (SELECT COUNT(*) FROM grants g WHERE g.interface_id = i.id) AS token_count FROM interfaces i WHERE i.id = $1 AND i.deleted_at IS NULL";
const INSERT: &str = "INSERT INTO interfaces (id, name, name_key, description, public_at, created_at, version) VALUES ($1, $2, $3, $4, $5, $6, 1)";
const RESERVE_NAME: &str = "INSERT INTO interface_names (name_key, interface_id) VALUES ($1, $2)";
const NAME_OWNER: &str = "SELECT interface_id FROM interface_names WHERE name_key = $1";
const UPDATE: &str = "UPDATE interfaces SET name = $1, name_key = $2, description = $3, public_at = $4, version = version + 1 WHERE id = $5 AND version = $6 AND deleted_at IS NULL";
const DELETE: &str =
    "UPDATE interfaces SET deleted_at = $1, version = version + 1 WHERE id = $2 AND deleted_at IS NULL";
/// The tokens of an interface by name, at most $2, each with how many there are.
const GRANTED_TO: &str = "SELECT t.id, t.name, COUNT(*) OVER () FROM grants g JOIN tokens t ON t.id = g.token_id WHERE g.interface_id = $1 ORDER BY t.name_key, t.id LIMIT $2";
const PUBLIC_TOKENS: &str = "SELECT t.id, t.name, COUNT(*) OVER () FROM grants g JOIN tokens t ON t.id = g.token_id WHERE g.interface_id = $1 AND t.kind = 'public' ORDER BY t.name_key, t.id LIMIT $2";

#[derive(FromRow)]
struct InterfaceRow {
    id: String,
    name: String,
    description: String,
    public_at: Option<i64>,
    created_at: i64,
    version: i64,
    token_count: i64,
}

impl InterfaceRow {
    fn into_view(self) -> Result<InterfaceView, StoreError> {
        Ok(InterfaceView {
            id: self
                .id
                .parse()
                .map_err(|_| StoreError::Inconsistent("interfaces.id"))?,
            name: self.name,
            description: self.description,
            public: self.public_at.is_some(),
            token_count: self.token_count.unsigned_abs(),
            created_at: Timestamp::from_millis(self.created_at),
            version: self.version,
        })
    }
}

/// The directory of all interfaces, as of the transaction.
pub(super) async fn load(tx: &mut Tx) -> Result<Interfaces, StoreError> {
    let version = last_change(tx).await?;
    let rows = on!(tx, c => sqlx::query_as::<_, (String, String, Option<i64>)>(ALL).fetch_all(c).await?);
    let names = on!(tx, c => sqlx::query_as::<_, (String, String)>(NAMES).fetch_all(c).await?);
    let id = |text: &str| {
        text.parse::<InterfaceId>()
            .map_err(|_| StoreError::Inconsistent("interfaces.id"))
    };
    let interfaces = rows
        .into_iter()
        .map(|(i, name, public_at)| {
            let name =
                InterfaceName::parse(&name).map_err(|_| StoreError::Inconsistent("interfaces.name"))?;
            Ok(Interface {
                id: id(&i)?,
                name,
                public: public_at.is_some(),
            })
        })
        .collect::<Result<Vec<_>, StoreError>>()?;
    let keys = names
        .into_iter()
        .map(|(key, i)| Ok((key, id(&i)?)))
        .collect::<Result<Vec<_>, StoreError>>()?;
    Ok(Interfaces::new(version, interfaces, keys))
}

async fn find(tx: &mut Tx, id: &InterfaceId) -> Result<Option<InterfaceRow>, StoreError> {
    Ok(on!(tx, c => sqlx::query_as::<_, InterfaceRow>(FIND).bind(id.as_str()).fetch_optional(c).await?))
}

/// Refuses a change while a list of tokens is not empty.
async fn refuse_while_there_are(tx: &mut Tx, sql: &'static str, id: &InterfaceId) -> Result<(), StoreError> {
    let rows = on!(tx, c => sqlx::query_as::<_, (String, String, i64)>(sql)
        .bind(id.as_str())
        .bind(i64::from(TokensInTheWay::MOST))
        .fetch_all(c)
        .await?);
    let Some(total) = rows.first().map(|(_, _, total)| total.unsigned_abs()) else {
        return Ok(());
    };
    let items = rows
        .into_iter()
        .map(|(id, name, _)| {
            let id = id.parse().map_err(|_| StoreError::Inconsistent("tokens.id"))?;
            Ok(TokenReference { id, name })
        })
        .collect::<Result<_, StoreError>>()?;
    Err(StoreError::InTheWay(TokensInTheWay { items, total }))
}

/// Reserves a name for an interface for ever. Its own former names are free to it.
async fn reserve_name(tx: &mut Tx, id: &InterfaceId, key: &str) -> Result<(), StoreError> {
    let owner = on!(tx, c => sqlx::query_scalar::<_, String>(NAME_OWNER).bind(key).fetch_optional(c).await?);
    match owner {
        Some(owner) if owner == id.as_str() => Ok(()),
        Some(_) => Err(StoreError::NameTaken),
        None => {
            on!(tx, c => sqlx::query(RESERVE_NAME).bind(key).bind(id.as_str()).execute(c).await.map(|_| ()))
                .map_err(|e| {
                    on_unique(
                        e,
                        "interface_names_pkey",
                        "interface_names.name_key",
                        StoreError::NameTaken,
                    )
                })
        }
    }
}

impl Store {
    /// A page of interfaces, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_interfaces(&self, query: PageQuery) -> Result<Page<InterfaceView>, StoreError> {
        let mut tx = self.read().await?;
        let total = on!(tx, c => sqlx::query_scalar::<_, i64>(COUNT).fetch_one(c).await?);
        let (limit, offset) = limit_and_offset(query);
        let rows = on!(tx, c => sqlx::query_as::<_, InterfaceRow>(LIST).bind(limit).bind(offset).fetch_all(c).await?);
        Ok(Page {
            items: rows
                .into_iter()
                .map(InterfaceRow::into_view)
                .collect::<Result<_, _>>()?,
            page: query.page,
            per_page: query.per_page,
            total: total.unsigned_abs(),
        })
    }

    /// An interface.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_interface(&self, id: &InterfaceId) -> Result<Option<InterfaceView>, StoreError> {
        find(&mut self.read().await?, id)
            .await?
            .map(InterfaceRow::into_view)
            .transpose()
    }

    /// Creates an interface.
    ///
    /// # Errors
    /// [`StoreError::NameTaken`], also for a name of the past, or when the database fails.
    pub async fn create_interface(
        &self,
        actor: &Actor,
        request: &CreateInterfaceRequest,
    ) -> Result<InterfaceView, StoreError> {
        let (store, actor, request) = (self.clone(), actor.clone(), request.clone());
        self.detached(async move {
            let mut tx = store.write().await?;
            let id: InterfaceId = store.new_id()?;
            let now = store.now().millis();
            let key = name_key(request.name.as_str());
            on!(tx, c => sqlx::query(INSERT)
                .bind(id.as_str())
                .bind(request.name.as_str())
                .bind(key.as_str())
                .bind(request.description.as_str())
                .bind(request.public.then_some(now))
                .bind(now)
                .execute(c)
                .await
                .map(|_| ()))?;
            reserve_name(&mut tx, &id, &key).await?;
            store
                .publish_interface(tx, &actor, &id, ActivityAction::InterfaceCreated, Vec::new())
                .await
        })
        .await
    }

    /// Changes an interface. Grants, and proxies that use its former name, go on working.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::Stale`], [`StoreError::NameTaken`], [`StoreError::InTheWay`] when it
    /// is to be public no longer while public tokens reach it, or when the database fails.
    pub async fn update_interface(
        &self,
        actor: &Actor,
        id: &InterfaceId,
        patch: &PatchInterfaceRequest,
    ) -> Result<InterfaceView, StoreError> {
        let (store, actor, id, patch) = (self.clone(), actor.clone(), id.clone(), patch.clone());
        self.detached(async move {
            let mut tx = store.write().await?;
            let before = find(&mut tx, &id)
                .await?
                .ok_or(StoreError::NotFound("interface"))?;
            if before.version != patch.version {
                return Err(StoreError::Stale);
            }
            let public = patch.public.unwrap_or(before.public_at.is_some());
            if before.public_at.is_some() && !public {
                refuse_while_there_are(&mut tx, PUBLIC_TOKENS, &id).await?;
            }
            let name = patch.name.map_or_else(|| before.name.clone(), String::from);
            let description = patch
                .description
                .map_or_else(|| before.description.clone(), String::from);
            let key = name_key(&name);
            reserve_name(&mut tx, &id, &key).await?;
            let public_at = public.then(|| before.public_at.unwrap_or_else(|| store.now().millis()));
            let changed = on!(tx, c => sqlx::query(UPDATE)
                .bind(name.as_str())
                .bind(key.as_str())
                .bind(description.as_str())
                .bind(public_at)
                .bind(id.as_str())
                .bind(patch.version)
                .execute(c)
                .await
                .map(|r| r.rows_affected()))?;
            if changed != 1 {
                return Err(StoreError::Stale);
            }
            let mut changes = Vec::new();
            note(&mut changes, "name", &before.name, &name, |n| Some(n.clone()));
            note(
                &mut changes,
                "description",
                &before.description,
                &description,
                |d| Some(d.clone()).filter(|d| !d.is_empty()),
            );
            note(
                &mut changes,
                "public",
                &before.public_at.is_some(),
                &public,
                |p| Some(p.to_string()),
            );
            store
                .publish_interface(tx, &actor, &id, ActivityAction::InterfaceUpdated, changes)
                .await
        })
        .await
    }

    /// Deletes an interface that no token has a grant on. Its names stay reserved.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::InTheWay`] with the tokens that have a grant, or when the database
    /// fails.
    pub async fn delete_interface(&self, actor: &Actor, id: &InterfaceId) -> Result<(), StoreError> {
        let (store, actor, id) = (self.clone(), actor.clone(), id.clone());
        self.detached(async move {
            let mut tx = store.write().await?;
            let before = find(&mut tx, &id)
                .await?
                .ok_or(StoreError::NotFound("interface"))?;
            refuse_while_there_are(&mut tx, GRANTED_TO, &id).await?;
            let now = store.now().millis();
            on!(tx, c => sqlx::query(DELETE).bind(now).bind(id.as_str()).execute(c).await.map(|_| ()))?;
            store
                .log_change(&mut tx, "interface", id.as_str(), before.version + 1)
                .await?;
            let act = Act::new(ActivityAction::InterfaceDeleted, "interface").to(id.as_str(), &before.name);
            store.record(&mut tx, &actor, act).await?;
            let directory = load(&mut tx).await?;
            tx.commit().await?;
            store.inner.index.publish_interfaces(directory);
            Ok(())
        })
        .await
    }

    async fn publish_interface(
        &self,
        mut tx: Tx,
        actor: &Actor,
        id: &InterfaceId,
        action: ActivityAction,
        changes: Vec<wire::ChangeView>,
    ) -> Result<InterfaceView, StoreError> {
        let after = find(&mut tx, id)
            .await?
            .ok_or(StoreError::NotFound("interface"))?;
        self.log_change(&mut tx, "interface", id.as_str(), after.version)
            .await?;
        let act = Act::new(action, "interface")
            .to(id.as_str(), &after.name)
            .with(changes);
        self.record(&mut tx, actor, act).await?;
        let directory = load(&mut tx).await?;
        tx.commit().await?;
        self.inner.index.publish_interfaces(directory);
        after.into_view()
    }
}
