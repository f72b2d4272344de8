//! What a token is used for, as administrators see it. Only reads: what is counted is written by `usage.rs`.

use wire::{SourceKind, Timestamp, TokenId, UsageDay, UsageSource, UsageView};

use super::{Store, StoreError, on};

const LAST_USED: &str = "SELECT last_used_at FROM tokens WHERE id = $1 AND deleted_at IS NULL";
const DAYS: &str = "SELECT hour / 24, outcome, CAST(SUM(count) AS BIGINT) FROM usage_hour WHERE token_id = $1 AND hour >= $2 AND hour < $3 GROUP BY hour / 24, outcome";
const SOURCES: &str = "SELECT kind, value, last_seen_at, count FROM usage_source WHERE token_id = $1 ORDER BY last_seen_at DESC, kind, value LIMIT 100";

const HOURS_OF_A_DAY: i64 = 24;
const SECONDS_OF_A_DAY: i64 = 86_400;

/// Adds what was counted under an outcome's name to a day.
fn add(day: &mut UsageDay, outcome: &str, count: u64) -> Result<(), StoreError> {
    match outcome {
        "allowed" => day.allowed += count,
        "refused" => day.refused += count,
        "minted" => day.minted += count,
        _ => return Err(StoreError::Inconsistent("usage_hour.outcome")),
    }
    Ok(())
}

impl Store {
    /// What a token was used for in the last so many days (UTC), today among them: one entry per day, days without use
    /// too. The last second may be missing.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or when the database fails.
    pub async fn find_usage(&self, id: &TokenId, days: u16) -> Result<UsageView, StoreError> {
        let today = self.now().seconds().div_euclid(SECONDS_OF_A_DAY);
        let first = today - i64::from(days) + 1;
        let mut tx = self.read().await?;
        let last_used_at = on!(tx, c => sqlx::query_scalar::<_, Option<i64>>(LAST_USED).bind(id.as_str()).fetch_optional(c).await?)
            .ok_or(StoreError::NotFound("token"))?;
        let counted: Vec<(i64, String, i64)> = on!(tx, c => sqlx::query_as(DAYS)
            .bind(id.as_str())
            .bind(first * HOURS_OF_A_DAY)
            .bind((today + 1) * HOURS_OF_A_DAY)
            .fetch_all(c)
            .await?);
        let sources: Vec<(String, String, i64, i64)> =
            on!(tx, c => sqlx::query_as(SOURCES).bind(id.as_str()).fetch_all(c).await?);
        let mut by_day: Vec<UsageDay> = (first..=today)
            .map(|day| UsageDay {
                day: Timestamp::from_millis(day * SECONDS_OF_A_DAY * 1000),
                allowed: 0,
                refused: 0,
                minted: 0,
            })
            .collect();
        for (day, outcome, count) in counted {
            let day = usize::try_from(day - first)
                .ok()
                .and_then(|at| by_day.get_mut(at));
            let day = day.ok_or(StoreError::Inconsistent("usage_hour.hour"))?;
            add(day, &outcome, count.unsigned_abs())?;
        }
        Ok(UsageView {
            allowed: by_day.iter().map(|d| d.allowed).sum(),
            refused: by_day.iter().map(|d| d.refused).sum(),
            minted: by_day.iter().map(|d| d.minted).sum(),
            last_used_at: last_used_at.map(Timestamp::from_millis),
            days: by_day,
            sources: sources
                .into_iter()
                .map(|(kind, value, last_seen_at, count)| {
                    Ok(UsageSource {
                        kind: source_kind(&kind)?,
                        value,
                        last_seen_at: Timestamp::from_millis(last_seen_at),
                        count: count.unsigned_abs(),
                    })
                })
                .collect::<Result<_, StoreError>>()?,
        })
    }
}

fn source_kind(word: &str) -> Result<SourceKind, StoreError> {
    match word {
        "address" => Ok(SourceKind::Address),
        "origin" => Ok(SourceKind::Origin),
        _ => Err(StoreError::Inconsistent("usage_source.kind")),
    }
}
