//! Signing keys, sealed.

use wire::Timestamp;

use super::{Store, StoreError, on};
use crate::secret::SealedSecret;

const LIST: &str = "SELECT id, public_key, sealed, nonce, sealing_key_id FROM signing_keys WHERE retired_at IS NULL ORDER BY created_at DESC, id DESC";
const INSERT: &str = "INSERT INTO signing_keys (id, public_key, sealed, nonce, sealing_key_id, created_at) VALUES ($1, $2, $3, $4, $5, $6)";
const COUNT: &str = "SELECT COUNT(*) FROM signing_keys";

/// A signing key as it stands in the database.
#[derive(Debug, Clone)]
pub struct SealedSigningKey {
    /// The `kid`.
    pub id: String,
    /// The public half.
    pub public_key: Vec<u8>,
    /// The seed, sealed for this row.
    pub seed: SealedSecret,
}

#[derive(sqlx::FromRow)]
struct KeyRow {
    id: String,
    public_key: Vec<u8>,
    sealed: Vec<u8>,
    nonce: Vec<u8>,
    sealing_key_id: String,
}

impl Store {
    /// The signing keys in use, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_signing_keys(&self) -> Result<Vec<SealedSigningKey>, StoreError> {
        let mut tx = self.read().await?;
        let rows = on!(tx, c => sqlx::query_as::<_, KeyRow>(LIST).fetch_all(c).await?);
        rows.into_iter()
            .map(|r| {
                let nonce = r
                    .nonce
                    .as_slice()
                    .try_into()
                    .map_err(|_| StoreError::Inconsistent("signing_keys.nonce"))?;
                Ok(SealedSigningKey {
                    id: r.id,
                    public_key: r.public_key,
                    seed: SealedSecret {
                        key_id: r.sealing_key_id,
                        nonce,
                        bytes: r.sealed,
                    },
                })
            })
            .collect()
    }

    /// Stores the first signing key. When another server was faster, nothing is stored and the answer is false.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn create_first_signing_key(
        &self,
        key: &SealedSigningKey,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        if on!(tx, c => sqlx::query_scalar::<_, i64>(COUNT).fetch_one(c).await?) > 0 {
            return Ok(false);
        }
        on!(tx, c => sqlx::query(INSERT)
            .bind(key.id.as_str())
            .bind(key.public_key.as_slice())
            .bind(key.seed.bytes.as_slice())
            .bind(key.seed.nonce.as_slice())
            .bind(key.seed.key_id.as_str())
            .bind(now.millis())
            .execute(c)
            .await
            .map(|_| ()))?;
        tx.commit().await?;
        Ok(true)
    }
}
