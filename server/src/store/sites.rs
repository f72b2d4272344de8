//! Sites that are watched, and what their last search found. What is found comes here as hints and masked addresses.

use sqlx::FromRow;
use wire::{
    ActivityAction, ChangeView, CreateSiteRequest, FieldError, FieldErrorCode, Origin, PatchSiteRequest,
    SiteId, SiteSearch, SiteView, Timestamp,
};

use super::error::on_unique;
use super::{Store, StoreError, Tx, on};
use crate::domain::activity::{Act, Actor, Who, note};

/// The most sites: each is fetched every day.
const MOST: i64 = 50;

const COUNT: &str = "SELECT COUNT(*) FROM watched_sites";
const LIST: &str =
    "SELECT id, origin, created_at, paused_at, result, version FROM watched_sites ORDER BY origin, id";
const FIND: &str =
    "SELECT id, origin, created_at, paused_at, result, version FROM watched_sites WHERE id = $1";
const INSERT: &str =
    "INSERT INTO watched_sites (id, origin, created_at, created_by, version) VALUES ($1, $2, $3, $4, 1)";
const UPDATE: &str =
    "UPDATE watched_sites SET paused_at = $1, version = version + 1 WHERE id = $2 AND version = $3";
const DELETE: &str = "DELETE FROM watched_sites WHERE id = $1";
const DUE: &str = "SELECT id FROM watched_sites WHERE paused_at IS NULL AND (started_at IS NULL OR started_at <= $1) ORDER BY started_at IS NOT NULL, started_at, id";
const STARTED: &str = "UPDATE watched_sites SET started_at = $1 WHERE id = $2";
const FOUND: &str = "UPDATE watched_sites SET result = $1 WHERE id = $2";

#[derive(FromRow)]
struct SiteRow {
    id: String,
    origin: String,
    created_at: i64,
    paused_at: Option<i64>,
    result: String,
    version: i64,
}

impl SiteRow {
    fn into_view(self) -> Result<SiteView, StoreError> {
        let last_search = match self.result.as_str() {
            "" => None,
            result => Some(
                serde_json::from_str::<SiteSearch>(result)
                    .map_err(|_| StoreError::Inconsistent("watched_sites.result"))?,
            ),
        };
        Ok(SiteView {
            id: self
                .id
                .parse()
                .map_err(|_| StoreError::Inconsistent("watched_sites.id"))?,
            origin: Origin::parse(&self.origin)
                .map_err(|_| StoreError::Inconsistent("watched_sites.origin"))?,
            paused: self.paused_at.is_some(),
            searching: false,
            last_search,
            created_at: Timestamp::from_millis(self.created_at),
            version: self.version,
        })
    }
}

async fn find(tx: &mut Tx, id: &SiteId) -> Result<Option<SiteRow>, StoreError> {
    Ok(on!(tx, c => sqlx::query_as::<_, SiteRow>(FIND).bind(id.as_str()).fetch_optional(c).await?))
}

fn refuse(code: FieldErrorCode, detail: &str) -> StoreError {
    StoreError::Rules(vec![FieldError {
        detail: detail.to_owned(),
        ..FieldError::new("origin", code)
    }])
}

impl Store {
    /// All sites, by origin. None is being searched as far as the database knows.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_sites(&self) -> Result<Vec<SiteView>, StoreError> {
        let mut tx = self.read().await?;
        let rows = on!(tx, c => sqlx::query_as::<_, SiteRow>(LIST).fetch_all(c).await?);
        rows.into_iter().map(SiteRow::into_view).collect()
    }

    /// A site.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_site(&self, id: &SiteId) -> Result<Option<SiteView>, StoreError> {
        find(&mut self.read().await?, id)
            .await?
            .map(SiteRow::into_view)
            .transpose()
    }

    /// Registers a site.
    ///
    /// # Errors
    /// [`StoreError::Rules`] for one that is registered already, or one too many; or when the database fails.
    pub async fn create_site(
        &self,
        actor: &Actor,
        request: &CreateSiteRequest,
    ) -> Result<SiteView, StoreError> {
        let (store, actor, origin) = (self.clone(), actor.clone(), request.origin.clone());
        self.detached(async move {
            let mut tx = store.write().await?;
            let count = on!(tx, c => sqlx::query_scalar::<_, i64>(COUNT).fetch_one(c).await?);
            if count >= MOST {
                return Err(refuse(FieldErrorCode::OutOfRange, "50 sites are watched already"));
            }
            let id: SiteId = store.new_id()?;
            let by = match &actor.who {
                Who::User { id, .. } => Some(id.as_str()),
                _ => None,
            };
            on!(tx, c => sqlx::query(INSERT)
                .bind(id.as_str())
                .bind(origin.as_str())
                .bind(store.now().millis())
                .bind(by)
                .execute(c)
                .await
                .map(|_| ()))
            .map_err(|e| {
                let twice = refuse(FieldErrorCode::Duplicate, "this site is watched already");
                on_unique(e, "watched_sites_origin", "watched_sites.origin", twice)
            })?;
            store
                .publish_site(tx, &actor, &id, ActivityAction::SiteCreated, Vec::new())
                .await
        })
        .await
    }

    /// Pauses a site, or watches it again.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::Stale`], or when the database fails.
    pub async fn update_site(
        &self,
        actor: &Actor,
        id: &SiteId,
        patch: &PatchSiteRequest,
    ) -> Result<SiteView, StoreError> {
        let (store, actor, id, patch) = (self.clone(), actor.clone(), id.clone(), patch.clone());
        self.detached(async move {
            let mut tx = store.write().await?;
            let before = find(&mut tx, &id).await?.ok_or(StoreError::NotFound("site"))?;
            let paused = patch.paused.unwrap_or(before.paused_at.is_some());
            let paused_at = paused.then(|| before.paused_at.unwrap_or_else(|| store.now().millis()));
            let changed = on!(tx, c => sqlx::query(UPDATE)
                .bind(paused_at)
                .bind(id.as_str())
                .bind(patch.version)
                .execute(c)
                .await
                .map(|r| r.rows_affected()))?;
            if changed != 1 {
                return Err(StoreError::Stale);
            }
            let mut changes = Vec::new();
            note(
                &mut changes,
                "paused",
                &before.paused_at.is_some(),
                &paused,
                |p| Some(p.to_string()),
            );
            store
                .publish_site(tx, &actor, &id, ActivityAction::SiteUpdated, changes)
                .await
        })
        .await
    }

    /// Forgets a site. What it exposed stays with the tokens.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or when the database fails.
    pub async fn delete_site(&self, actor: &Actor, id: &SiteId) -> Result<(), StoreError> {
        let (store, actor, id) = (self.clone(), actor.clone(), id.clone());
        self.detached(async move {
            let mut tx = store.write().await?;
            let before = find(&mut tx, &id).await?.ok_or(StoreError::NotFound("site"))?;
            on!(tx, c => sqlx::query(DELETE).bind(id.as_str()).execute(c).await.map(|_| ()))?;
            let act = Act::new(ActivityAction::SiteDeleted, "site").to(id.as_str(), &before.origin);
            store.record(&mut tx, &actor, act).await?;
            tx.commit().await
        })
        .await
    }

    /// The sites whose last search began at this moment or before, and those that were never searched; paused ones
    /// left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_due_sites(&self, since: Timestamp) -> Result<Vec<SiteId>, StoreError> {
        let mut tx = self.read().await?;
        let rows =
            on!(tx, c => sqlx::query_scalar::<_, String>(DUE).bind(since.millis()).fetch_all(c).await?);
        rows.into_iter()
            .map(|id| {
                id.parse()
                    .map_err(|_| StoreError::Inconsistent("watched_sites.id"))
            })
            .collect()
    }

    /// Notes that a search begins: a site that makes the server fall over is not searched again at the next start.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin_site_search(&self, id: &SiteId) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        let now = self.now().millis();
        on!(tx, c => sqlx::query(STARTED).bind(now).bind(id.as_str()).execute(c).await.map(|_| ()))?;
        tx.commit().await
    }

    /// Keeps what a search found. A site that was deleted meanwhile stays so.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record_site_search(&self, id: &SiteId, search: &SiteSearch) -> Result<(), StoreError> {
        let result =
            serde_json::to_string(search).map_err(|_| StoreError::Inconsistent("watched_sites.result"))?;
        let mut tx = self.write().await?;
        on!(tx, c => sqlx::query(FOUND).bind(result.as_str()).bind(id.as_str()).execute(c).await.map(|_| ()))?;
        tx.commit().await
    }

    async fn publish_site(
        &self,
        mut tx: Tx,
        actor: &Actor,
        id: &SiteId,
        action: ActivityAction,
        changes: Vec<ChangeView>,
    ) -> Result<SiteView, StoreError> {
        let after = find(&mut tx, id).await?.ok_or(StoreError::NotFound("site"))?;
        let act = Act::new(action, "site")
            .to(id.as_str(), &after.origin)
            .with(changes);
        self.record(&mut tx, actor, act).await?;
        tx.commit().await?;
        after.into_view()
    }
}
