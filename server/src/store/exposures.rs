//! Exposures: recording that permanent secrets were seen where they must not be, and that somebody has dealt with it.
//! Only masked text of others comes here, never a value.

use wire::{ActivityAction, ChangeView, Door};

use super::{Store, StoreError, Tx, on};
use crate::domain::activity::{Act, Actor, Who};
use crate::domain::exposure::ExposureCount;

/// The most of one secret. What comes beyond is counted in one row without an origin: whoever has a secret must not be
/// able to fill the database with made-up pages.
const MOST: i64 = 100;

const COUNT: &str = "SELECT COUNT(*) FROM exposures WHERE secret_id = $1";
const KNOWN: &str =
    "SELECT dealt_with_at FROM exposures WHERE secret_id = $1 AND door = $2 AND origin = $3 AND place = $4";
// What was on its way when somebody dealt with it is not seen again.
const RECORD: &str = "INSERT INTO exposures (secret_id, door, origin, place, token_id, page, address, first_seen_at, last_seen_at, count) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (secret_id, door, origin, place) DO UPDATE SET last_seen_at = excluded.last_seen_at, page = excluded.page, address = excluded.address, count = exposures.count + excluded.count, dealt_with_at = CASE WHEN excluded.last_seen_at > exposures.dealt_with_at THEN NULL ELSE exposures.dealt_with_at END";

/// Whether administrators are to be told: it was never seen before, or somebody had dealt with it already.
enum News {
    First,
    Again,
    No,
}

impl Store {
    /// Records that permanent secrets were seen where they must not be. The first time of each secret, door, origin and
    /// place is an entry of the activity list too, and so is the first time after somebody has dealt with it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record_exposures(&self, exposures: &[ExposureCount]) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        for exposure in exposures {
            self.record_exposure(&mut tx, exposure).await?;
        }
        tx.commit().await
    }

    /// Records one in a transaction.
    async fn record_exposure(&self, tx: &mut Tx, seen: &ExposureCount) -> Result<(), StoreError> {
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
        if matches!(news, News::No) {
            return Ok(());
        }
        let actor = Actor {
            who: Who::System,
            address: seen.address.as_deref().and_then(|a| a.parse().ok()),
        };
        let place = [seen.place, seen.page, seen.origin];
        let act = Act {
            action: match seen.door {
                Door::Browser | Door::Url | Door::Scan => ActivityAction::ExposureRecorded,
                Door::Report => ActivityAction::LeakReported,
                Door::Site => ActivityAction::SiteLeakFound,
            },
            subject_kind: "token",
            subject_id: Some(seen.token.as_str()),
            subject_name: Some(&seen.token_name),
            changes: vec![ChangeView {
                field: seen.door.as_str().to_owned(),
                before: None,
                after: place.into_iter().find(|text| !text.is_empty()),
            }],
        };
        self.record(tx, &actor, act).await
    }
}

async fn news(tx: &mut Tx, seen: &ExposureCount) -> Result<News, StoreError> {
    let known = on!(tx, c => sqlx::query_scalar::<_, Option<i64>>(KNOWN)
        .bind(seen.secret.as_str())
        .bind(seen.door.as_str())
        .bind(seen.origin.as_str())
        .bind(seen.place.as_str())
        .fetch_optional(c)
        .await?);
    Ok(match known {
        None => News::First,
        Some(Some(dealt_with)) if seen.last_seen_at.millis() > dealt_with => News::Again,
        Some(_) => News::No,
    })
}
