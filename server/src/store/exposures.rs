//! Exposures: recording that permanent secrets were seen where they must not be, and that somebody has dealt with it.
//! Only masked text of others comes here, never a value.

use wire::{ActivityAction, ChangeView, Door, Reason, TokenId, TokenView};

use super::record::TokenRecord;
use super::{Store, StoreError, Tx, interfaces, on, record, settings, tokens};
use crate::domain::activity::{Act, Actor, Who};
use crate::domain::exposure::{ExposureCount, coalesced};
use crate::domain::token::TokenState;

/// The most of one secret. What comes beyond is counted in one row without an origin: whoever has a secret must not be
/// able to fill the database with made-up pages.
const MOST: i64 = 100;

/// The most that one transaction records.
const AT_ONCE: usize = 100;

const COUNT: &str = "SELECT COUNT(*) FROM exposures WHERE secret_id = $1";
const KNOWN: &str = "SELECT e.dealt_with_at, e.first_seen_at, t.activated_at FROM exposures e JOIN tokens t ON t.id = e.token_id WHERE e.secret_id = $1 AND e.door = $2 AND e.origin = $3 AND e.place = $4";
// What was on its way when somebody dealt with it is not seen again.
const RECORD: &str = "INSERT INTO exposures (secret_id, door, origin, place, token_id, page, address, first_seen_at, last_seen_at, count) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (secret_id, door, origin, place) DO UPDATE SET last_seen_at = excluded.last_seen_at, page = excluded.page, address = excluded.address, count = exposures.count + excluded.count, dealt_with_at = CASE WHEN excluded.last_seen_at > exposures.dealt_with_at THEN NULL ELSE exposures.dealt_with_at END";

const DEAL_WITH: &str = "UPDATE exposures SET dealt_with_at = $1, dealt_with_by = $2, dealt_with_reason = $3 WHERE token_id = $4 AND dealt_with_at IS NULL";
const REOPEN: &str = "UPDATE exposures SET dealt_with_at = NULL WHERE token_id = $1 AND dealt_with_at = (SELECT MAX(e.dealt_with_at) FROM exposures e WHERE e.token_id = $1)";

/// What is known of an exposure when it is seen. Administrators are told of the first two.
#[derive(Clone, Copy)]
enum News {
    /// It was never seen before.
    First,
    /// Somebody had dealt with it already.
    Again {
        /// Whether somebody has activated the token since then.
        decided: bool,
    },
    /// It is on the list.
    No {
        /// Whether somebody has activated the token since: knowing this, and so for good.
        decided: bool,
    },
}

impl News {
    const fn is_told(self) -> bool {
        matches!(self, Self::First | Self::Again { .. })
    }

    /// Whether an administrator has wanted the token on, knowing of this: no finding overrules that.
    const fn is_decided(self) -> bool {
        matches!(self, Self::Again { decided: true } | Self::No { decided: true })
    }
}

impl Store {
    /// Records that permanent secrets were seen where they must not be. The first time of each secret, door, origin and
    /// place is an entry of the activity list too, and so is the first time after somebody has dealt with it.
    ///
    /// Where the settings say so, and the value itself was found ([`Door::is_proof`]), the token is switched off in the
    /// same transaction: for what was found before the settings said so too, when it is seen again. Not where that
    /// secret has ended, nor where somebody has activated the token since it was found, or since it was dealt with.
    ///
    /// Of many, some may be recorded already when the rest fails.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record_exposures(&self, exposures: &[ExposureCount]) -> Result<(), StoreError> {
        let (store, exposures) = (self.clone(), coalesced(exposures));
        self.detached(async move {
            // Each is a few statements: nobody else who writes waits for thousands of them.
            for some in exposures.chunks(AT_ONCE) {
                store.record_some(some).await?;
            }
            Ok(())
        })
        .await
    }

    /// Records some in one transaction.
    async fn record_some(&self, exposures: &[ExposureCount]) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        let settings = settings::load(&mut tx).await?;
        let mut off = Vec::new();
        for exposure in exposures {
            let news = self.record_exposure(&mut tx, exposure).await?;
            if !news.is_decided() && settings.deactivate_exposed && exposure.door.is_proof() {
                off.extend(self.switch_off(&mut tx, exposure).await?);
            }
        }
        tx.commit().await?;
        for state in off {
            self.inner.index.publish(state);
        }
        Ok(())
    }

    /// Marks the exposures of a token as dealt with. What is seen from now on is open again. Where none is open nothing
    /// changes.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or when the database fails.
    pub async fn deal_with_exposures(
        &self,
        actor: &Actor,
        id: &TokenId,
        reason: &Reason,
    ) -> Result<TokenView, StoreError> {
        self.mark(actor, id, Some(reason)).await
    }

    /// Takes the last marking back.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or when the database fails.
    pub async fn reopen_exposures(&self, actor: &Actor, id: &TokenId) -> Result<TokenView, StoreError> {
        self.mark(actor, id, None).await
    }

    async fn mark(
        &self,
        actor: &Actor,
        id: &TokenId,
        dealt_with: Option<&Reason>,
    ) -> Result<TokenView, StoreError> {
        let (store, actor, id, reason) = (self.clone(), actor.clone(), id.clone(), dealt_with.cloned());
        self.detached(async move {
            let mut tx = store.write().await?;
            let found = record::one(&mut tx, &id).await?.ok_or(StoreError::NotFound("token"))?;
            let by = match &actor.who {
                Who::User { name, .. } => Some(name.as_str()),
                _ => None,
            };
            let changed = match &reason {
                Some(reason) => on!(tx, c => sqlx::query(DEAL_WITH)
                    .bind(store.now().millis())
                    .bind(by)
                    .bind(reason.as_str())
                    .bind(id.as_str())
                    .execute(c)
                    .await
                    .map(|r| r.rows_affected()))?,
                None => on!(tx, c => sqlx::query(REOPEN).bind(id.as_str()).execute(c).await.map(|r| r.rows_affected()))?,
            };
            if changed > 0 {
                let said = reason.as_ref().filter(|reason| !reason.as_str().is_empty());
                let action = if reason.is_some() {
                    ActivityAction::ExposuresDealtWith
                } else {
                    ActivityAction::ExposuresReopened
                };
                let why = said.map(|reason| ChangeView {
                    field: "reason".to_owned(),
                    before: None,
                    after: Some(reason.as_str().to_owned()),
                });
                let act = Act::new(action, "token")
                    .to(id.as_str(), &found.row.name)
                    .with(why.into_iter().collect());
                store.record(&mut tx, &actor, act).await?;
            }
            let found = record::one(&mut tx, &id).await?.ok_or(StoreError::NotFound("token"))?;
            let directory = interfaces::load(&mut tx).await?;
            let settings = settings::load(&mut tx).await?;
            tx.commit().await?;
            Ok(found.view(&directory, &settings, store.now()))
        })
        .await
    }

    /// Switches the token of a found secret off; nothing where the secret has ended, or the token is off already.
    async fn switch_off(&self, tx: &mut Tx, seen: &ExposureCount) -> Result<Option<TokenState>, StoreError> {
        let now = self.now();
        let works = |found: &TokenRecord| {
            let secret = found.secrets.iter().find(|s| s.state.id == seen.secret);
            secret.is_some_and(|s| s.state.is_live(now))
        };
        let is_live = record::one(tx, &seen.token)
            .await?
            .is_some_and(|found| works(&found));
        if !is_live || !tokens::deactivate_in(tx, &seen.token, now).await? {
            return Ok(None);
        }
        let found = record::one(tx, &seen.token)
            .await?
            .ok_or(StoreError::NotFound("token"))?;
        self.log_change(tx, "token", found.id.as_str(), found.row.version)
            .await?;
        let actor = Actor {
            who: Who::System,
            address: None,
        };
        let act = Act::new(ActivityAction::TokenDeactivated, "token")
            .to(seen.token.as_str(), &found.row.name)
            .with(vec![where_seen(seen)]);
        self.record(tx, &actor, act).await?;
        Ok(Some(found.into_state()))
    }

    /// Records one in a transaction. Says what was known of it.
    async fn record_exposure(&self, tx: &mut Tx, seen: &ExposureCount) -> Result<News, StoreError> {
        let mut seen = seen.clone();
        let mut news = news(tx, &seen).await?;
        if matches!(news, News::First) {
            let count = on!(tx, c => sqlx::query_scalar::<_, i64>(COUNT).bind(seen.secret.as_str()).fetch_one(c).await?);
            if count >= MOST {
                (seen.origin, seen.place, seen.page) = Default::default();
                news = self::news(tx, &seen).await?;
            }
        }
        on!(tx, c => sqlx::query(RECORD)
            .bind(seen.secret.as_str())
            .bind(seen.door.as_str())
            .bind(seen.origin.as_str())
            .bind(seen.place.as_str())
            .bind(seen.token.as_str())
            .bind(seen.page.as_str())
            .bind(seen.address.as_deref())
            .bind(seen.first_seen_at.millis())
            .bind(seen.last_seen_at.millis())
            .bind(i64::try_from(seen.count).unwrap_or(i64::MAX))
            .execute(c)
            .await
            .map(|_| ()))?;
        if !news.is_told() {
            return Ok(news);
        }
        let actor = Actor {
            who: Who::System,
            address: seen.address.as_deref().and_then(|a| a.parse().ok()),
        };
        let action = match seen.door {
            Door::Browser | Door::Url => ActivityAction::ExposureRecorded,
            Door::Report => ActivityAction::LeakReported,
            Door::Site => ActivityAction::SiteLeakFound,
        };
        let act = Act::new(action, "token")
            .to(seen.token.as_str(), &seen.token_name)
            .with(vec![where_seen(&seen)]);
        self.record(tx, &actor, act).await?;
        Ok(news)
    }
}

/// The door, and what is known of the place.
fn where_seen(seen: &ExposureCount) -> ChangeView {
    let place = [&seen.place, &seen.page, &seen.origin];
    ChangeView {
        field: seen.door.as_str().to_owned(),
        before: None,
        after: place.into_iter().find(|text| !text.is_empty()).cloned(),
    }
}

async fn news(tx: &mut Tx, seen: &ExposureCount) -> Result<News, StoreError> {
    let known = on!(tx, c => sqlx::query_as::<_, (Option<i64>, i64, Option<i64>)>(KNOWN)
        .bind(seen.secret.as_str())
        .bind(seen.door.as_str())
        .bind(seen.origin.as_str())
        .bind(seen.place.as_str())
        .fetch_optional(c)
        .await?);
    Ok(match known {
        None => News::First,
        Some((Some(dealt_with), _, activated)) if seen.last_seen_at.millis() > dealt_with => News::Again {
            decided: activated.is_some_and(|activated| activated >= dealt_with),
        },
        Some((_, first_seen, activated)) => News::No {
            decided: activated.is_some_and(|activated| activated >= first_seen),
        },
    })
}
