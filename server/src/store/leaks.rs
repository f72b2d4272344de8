//! What scanners ask: which generated secrets have digests in a range. Answers no name and no id.

use wire::{Kind, KnownDigest, TokenDigests};

use super::{Store, StoreError, on};

/// Bits of a digest that are told; of those, 12 are not asked for.
const RANGE: u32 = 1 << 12;

/// The most of one range. With a million secrets there is one in it, on average.
const MOST: i64 = 1000;

// What works is what `TokenState::works` says.
const IN_RANGE: &str = "SELECT s.leak_prefix, t.kind, CAST(CASE WHEN t.deleted_at IS NULL AND t.deactivated_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > $3) AND (s.expires_at IS NULL OR s.expires_at > $3) THEN 1 ELSE 0 END AS BIGINT) FROM secrets s JOIN tokens t ON t.id = s.token_id WHERE s.leak_prefix >= $1 AND s.leak_prefix < $2 ORDER BY s.leak_prefix LIMIT $4";

impl Store {
    /// The generated secrets whose digest starts with these 20 bits.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_digests(&self, range: u32) -> Result<TokenDigests, StoreError> {
        let first = i64::from(range) * i64::from(RANGE);
        let mut tx = self.read().await?;
        let rows = on!(tx, c => sqlx::query_as::<_, (i64, String, i64)>(IN_RANGE)
            .bind(first)
            .bind(first + i64::from(RANGE))
            .bind(self.now().millis())
            .bind(MOST)
            .fetch_all(c)
            .await?);
        let digests = rows
            .into_iter()
            .map(|(digest, kind, live)| {
                Ok(KnownDigest {
                    digest: format!("{digest:08x}"),
                    kind: match kind.as_str() {
                        "secret" => Kind::Secret,
                        "public" => Kind::Public,
                        _ => return Err(StoreError::Inconsistent("tokens.kind")),
                    },
                    live: live != 0,
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(TokenDigests { digests })
    }
}
