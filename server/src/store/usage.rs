//! Statistics: gathered in memory, written together once a second.

use serde_json::json;
use wire::{SecretId, Timestamp, TokenId};

use super::{Pair, Store, StoreError, on};
use crate::domain::sources::{MOST, SourceCount};

const HOURS: Pair = Pair {
    sqlite: "INSERT INTO usage_hour (token_id, hour, outcome, count) SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), SUM(json_extract(value, '$[3]')) FROM json_each($1) WHERE true GROUP BY 1, 2, 3 ON CONFLICT (token_id, hour, outcome) DO UPDATE SET count = usage_hour.count + excluded.count",
    postgres: "INSERT INTO usage_hour (token_id, hour, outcome, count) SELECT e ->> 0, (e ->> 1)::bigint, e ->> 2, SUM((e ->> 3)::bigint)::bigint FROM jsonb_array_elements($1::jsonb) e GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 ON CONFLICT (token_id, hour, outcome) DO UPDATE SET count = usage_hour.count + excluded.count",
};
// A late writing never moves a last use back.
const TOKENS_USED: Pair = Pair {
    sqlite: "UPDATE tokens SET last_used_at = v.at FROM (SELECT json_extract(value, '$[0]') AS id, MAX(json_extract(value, '$[1]')) AS at FROM json_each($1) GROUP BY 1) AS v WHERE tokens.id = v.id AND (tokens.last_used_at IS NULL OR tokens.last_used_at < v.at)",
    postgres: "UPDATE tokens SET last_used_at = v.at FROM (SELECT e ->> 0 AS id, MAX((e ->> 1)::bigint) AS at FROM jsonb_array_elements($1::jsonb) e GROUP BY 1) AS v WHERE tokens.id = v.id AND (tokens.last_used_at IS NULL OR tokens.last_used_at < v.at)",
};
const SECRETS_USED: Pair = Pair {
    sqlite: "UPDATE secrets SET last_used_at = v.at FROM (SELECT json_extract(value, '$[0]') AS id, MAX(json_extract(value, '$[1]')) AS at FROM json_each($1) GROUP BY 1) AS v WHERE secrets.id = v.id AND (secrets.last_used_at IS NULL OR secrets.last_used_at < v.at)",
    postgres: "UPDATE secrets SET last_used_at = v.at FROM (SELECT e ->> 0 AS id, MAX((e ->> 1)::bigint) AS at FROM jsonb_array_elements($1::jsonb) e GROUP BY 1) AS v WHERE secrets.id = v.id AND (secrets.last_used_at IS NULL OR secrets.last_used_at < v.at)",
};
const SOURCES: Pair = Pair {
    sqlite: "INSERT INTO usage_source (token_id, kind, value, last_seen_at, count) SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), MAX(json_extract(value, '$[3]')), SUM(json_extract(value, '$[4]')) FROM json_each($1) WHERE true GROUP BY 1, 2, 3 ON CONFLICT (token_id, kind, value) DO UPDATE SET count = usage_source.count + excluded.count, last_seen_at = MAX(usage_source.last_seen_at, excluded.last_seen_at)",
    postgres: "INSERT INTO usage_source (token_id, kind, value, last_seen_at, count) SELECT e ->> 0, e ->> 1, e ->> 2, MAX((e ->> 3)::bigint), SUM((e ->> 4)::bigint)::bigint FROM jsonb_array_elements($1::jsonb) e GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 ON CONFLICT (token_id, kind, value) DO UPDATE SET count = usage_source.count + excluded.count, last_seen_at = GREATEST(usage_source.last_seen_at, excluded.last_seen_at)",
};
const OLD_SOURCES: Pair = Pair {
    sqlite: "DELETE FROM usage_source WHERE (token_id, kind, value) IN (SELECT token_id, kind, value FROM (SELECT token_id, kind, value, ROW_NUMBER() OVER (PARTITION BY token_id ORDER BY last_seen_at DESC, kind, value) AS place FROM usage_source WHERE token_id IN (SELECT token_id FROM usage_source WHERE token_id IN (SELECT value FROM json_each($1)) GROUP BY token_id HAVING COUNT(*) > $2)) WHERE place > $2)",
    postgres: "DELETE FROM usage_source WHERE (token_id, kind, value) IN (SELECT token_id, kind, value FROM (SELECT token_id, kind, value, ROW_NUMBER() OVER (PARTITION BY token_id ORDER BY last_seen_at DESC, kind, value) AS place FROM usage_source WHERE token_id IN (SELECT token_id FROM usage_source WHERE token_id IN (SELECT jsonb_array_elements_text($1::jsonb)) GROUP BY token_id HAVING COUNT(*) > $2)) AS numbered WHERE place > $2)",
};

/// What was counted for one token.
#[derive(Debug, Clone)]
pub struct UsageCount {
    /// Which token.
    pub token: TokenId,
    /// Requests per outcome (`allowed`, `refused`, `minted`).
    pub outcomes: Vec<(&'static str, u64)>,
    /// When it was last accepted.
    pub last_used_at: Option<Timestamp>,
    /// When its secrets were last accepted.
    pub secrets: Vec<(SecretId, Timestamp)>,
    /// Where it was used from.
    pub sources: Vec<SourceCount>,
}

impl Store {
    /// Adds to the statistics: one statement per table.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record_usage(&self, counts: &[UsageCount]) -> Result<(), StoreError> {
        let hour = self.now().seconds().div_euclid(3600);
        let hours: Vec<_> = counts
            .iter()
            .flat_map(|c| {
                c.outcomes
                    .iter()
                    .map(|(outcome, n)| json!([c.token.as_str(), hour, outcome, n]))
            })
            .collect();
        let tokens: Vec<_> = counts
            .iter()
            .filter_map(|c| c.last_used_at.map(|at| json!([c.token.as_str(), at.millis()])))
            .collect();
        let secrets: Vec<_> = counts
            .iter()
            .flat_map(|c| &c.secrets)
            .map(|(id, at)| json!([id.as_str(), at.millis()]))
            .collect();
        let sources: Vec<_> = counts
            .iter()
            .flat_map(|c| {
                c.sources.iter().map(|s| {
                    json!([
                        c.token.as_str(),
                        s.kind,
                        s.value,
                        s.last_seen_at.millis(),
                        s.count
                    ])
                })
            })
            .collect();
        let seen: Vec<_> = counts
            .iter()
            .filter(|c| !c.sources.is_empty())
            .map(|c| c.token.as_str())
            .collect();
        let mut tx = self.write_statistics().await?;
        for (pair, rows) in [
            (HOURS, hours),
            (TOKENS_USED, tokens),
            (SECRETS_USED, secrets),
            (SOURCES, sources),
        ] {
            if !rows.is_empty() {
                let rows = serde_json::Value::from(rows).to_string();
                on!(tx, c, sql = pair => sqlx::query(sql).bind(rows.as_str()).execute(c).await.map(|_| ()))?;
            }
        }
        if !seen.is_empty() {
            let seen = serde_json::Value::from(seen).to_string();
            let most = i64::try_from(MOST).unwrap_or(i64::MAX);
            on!(tx, c, sql = OLD_SOURCES => sqlx::query(sql).bind(seen.as_str()).bind(most).execute(c).await.map(|_| ()))?;
        }
        tx.commit().await
    }
}
