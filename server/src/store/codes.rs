//! One-time codes: set-up codes and strongroom tickets. Stored as digests, used once.

use wire::{ActivityAction, Timestamp, TokenId};

use super::{CodeRefusal, Store, StoreError, Tx, on};
use crate::domain::activity::{Act, Actor};
use crate::secret::CodeDigest;

const INSERT: &str = "INSERT INTO one_time_codes (digest, purpose, token_id, session_digest, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)";
const USE: &str = "UPDATE one_time_codes SET used_at = $1 WHERE digest = $2 AND purpose = $3 AND used_at IS NULL AND expires_at > $4 RETURNING token_id, session_digest, used_at";
const FIND: &str =
    "SELECT token_id, session_digest, used_at FROM one_time_codes WHERE digest = $1 AND purpose = $2";
const DELETE_OLD: &str = "DELETE FROM one_time_codes WHERE expires_at <= $1";
const DELETE_PURPOSE: &str = "DELETE FROM one_time_codes WHERE purpose = $1";

/// Used codes are kept so long after their end that going back in the browser is told apart from a wrong code, in
/// seconds.
const KEEP_SECONDS: i64 = 86_400;

/// What a code opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodePurpose {
    /// `/setup`.
    SetUp,
    /// A strongroom document.
    Handover,
    /// The form in a strongroom document in which an existing key is typed; stands in place of the cookie there.
    Import,
}

impl CodePurpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::SetUp => "set_up",
            Self::Handover => "handover",
            Self::Import => "import",
        }
    }
}

/// A code to be issued.
#[derive(Debug)]
pub struct NewCode {
    /// Its digest.
    pub digest: CodeDigest,
    /// What it opens.
    pub purpose: CodePurpose,
    /// For which token.
    pub token: Option<TokenId>,
    /// In which session.
    pub session: Option<CodeDigest>,
    /// Its end.
    pub expires_at: Timestamp,
}

/// What a code was issued for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedCode {
    /// For which token.
    pub token: Option<TokenId>,
    /// In which session.
    pub session: Option<CodeDigest>,
}

#[derive(sqlx::FromRow)]
struct CodeRow {
    token_id: Option<String>,
    session_digest: Option<Vec<u8>>,
    used_at: Option<i64>,
}

impl CodeRow {
    fn into_used(self) -> Result<UsedCode, StoreError> {
        let wrong = StoreError::Inconsistent("one_time_codes");
        let token = match self.token_id {
            Some(id) => Some(
                id.parse()
                    .map_err(|_| StoreError::Inconsistent("one_time_codes.token_id"))?,
            ),
            None => None,
        };
        let session = match self.session_digest {
            Some(bytes) => Some(CodeDigest::from_bytes(&bytes).ok_or(wrong)?),
            None => None,
        };
        Ok(UsedCode { token, session })
    }
}

impl Store {
    /// Issues a new set-up code; earlier ones are void.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn create_set_up_code(
        &self,
        digest: CodeDigest,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        on!(tx, c => sqlx::query(DELETE_PURPOSE).bind(CodePurpose::SetUp.as_str()).execute(c).await.map(|_| ()))?;
        let new = NewCode {
            digest,
            purpose: CodePurpose::SetUp,
            token: None,
            session: None,
            expires_at,
        };
        self.insert_code(&mut tx, &new).await?;
        tx.commit().await
    }

    /// Issues a ticket for a token's strongroom document.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for an unknown token, or when the database fails.
    pub async fn create_ticket(&self, actor: &Actor, new: NewCode) -> Result<(), StoreError> {
        let (store, actor) = (self.clone(), actor.clone());
        self.detached(async move {
            let mut tx = store.write().await?;
            let token = new.token.as_ref().ok_or(StoreError::NotFound("token"))?;
            let record = super::record::one(&mut tx, token)
                .await?
                .ok_or(StoreError::NotFound("token"))?;
            store.insert_code(&mut tx, &new).await?;
            if new.purpose == CodePurpose::Handover {
                let act =
                    Act::new(ActivityAction::HandoverStarted, "token").to(token.as_str(), &record.row.name);
                store.record(&mut tx, &actor, act).await?;
            }
            tx.commit().await
        })
        .await
    }

    /// What a ticket was issued for, used or not.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_ticket(
        &self,
        digest: &CodeDigest,
        purpose: CodePurpose,
    ) -> Result<Option<UsedCode>, StoreError> {
        let mut tx = self.read().await?;
        let row = on!(tx, c => sqlx::query_as::<_, CodeRow>(FIND)
            .bind(digest.as_bytes())
            .bind(purpose.as_str())
            .fetch_optional(c)
            .await?);
        row.map(CodeRow::into_used).transpose()
    }

    /// Exchanges the ticket of a strongroom document for the ticket of the form inside it, in one step.
    ///
    /// # Errors
    /// [`StoreError::Code`] when the first ticket opens nothing, [`StoreError::NotFound`] for a new one of no token, or
    /// when the database fails.
    pub async fn exchange_ticket(
        &self,
        first: &CodeDigest,
        session: &CodeDigest,
        new: NewCode,
    ) -> Result<(), StoreError> {
        let (store, first, session) = (self.clone(), first.clone(), session.clone());
        self.detached(async move {
            let mut tx = store.write().await?;
            let token = new.token.as_ref().ok_or(StoreError::NotFound("token"))?;
            store
                .use_ticket(&mut tx, CodePurpose::Handover, &first, token, &session)
                .await?;
            store.insert_code(&mut tx, &new).await?;
            tx.commit().await
        })
        .await
    }

    async fn insert_code(&self, tx: &mut Tx, new: &NewCode) -> Result<(), StoreError> {
        let now = self.now();
        let old = now.plus_seconds(-KEEP_SECONDS);
        on!(tx, c => sqlx::query(DELETE_OLD).bind(old.millis()).execute(c).await.map(|_| ()))?;
        on!(tx, c => sqlx::query(INSERT)
            .bind(new.digest.as_bytes())
            .bind(new.purpose.as_str())
            .bind(new.token.as_ref().map(TokenId::as_str))
            .bind(new.session.as_ref().map(CodeDigest::as_bytes))
            .bind(now.millis())
            .bind(new.expires_at.millis())
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Uses a strongroom ticket in a transaction: the authority over the secret of that one token, in the session in
    /// which it was issued. A rollback gives it back.
    pub(super) async fn use_ticket(
        &self,
        tx: &mut Tx,
        purpose: CodePurpose,
        ticket: &CodeDigest,
        token: &TokenId,
        session: &CodeDigest,
    ) -> Result<(), StoreError> {
        let used = self.use_code(tx, purpose, ticket).await?;
        if used.token.as_ref() == Some(token) && used.session.as_ref() == Some(session) {
            Ok(())
        } else {
            Err(StoreError::Code(CodeRefusal::Unknown))
        }
    }

    /// Uses a code in a transaction: a rollback gives it back.
    pub(super) async fn use_code(
        &self,
        tx: &mut Tx,
        purpose: CodePurpose,
        digest: &CodeDigest,
    ) -> Result<UsedCode, StoreError> {
        let now = self.now().millis();
        let used = on!(tx, c => sqlx::query_as::<_, CodeRow>(USE)
            .bind(now)
            .bind(digest.as_bytes())
            .bind(purpose.as_str())
            .bind(now)
            .fetch_optional(c)
            .await?);
        if let Some(row) = used {
            return row.into_used();
        }
        let known = on!(tx, c => sqlx::query_as::<_, CodeRow>(FIND)
            .bind(digest.as_bytes())
            .bind(purpose.as_str())
            .fetch_optional(c)
            .await?);
        Err(StoreError::Code(match known {
            None => CodeRefusal::Unknown,
            Some(CodeRow { used_at: Some(_), .. }) => CodeRefusal::Used,
            Some(_) => CodeRefusal::Expired,
        }))
    }
}
