//! Secrets: handing one over, and replacing it with an overlap. Only digests come here.

use wire::{ActivityAction, ChangeView, ClaimEnd, Overlap, SecretId, Timestamp, TokenId, TokenView};

use super::error::on_unique;
use super::{CodePurpose, CodeRefusal, Store, StoreError, Tx, claims, interfaces, on, record, settings};
use crate::domain::activity::Actor;
use crate::secret::{CodeDigest, TokenDigest};

const INSERT: &str = "INSERT INTO secrets (id, token_id, digest, pepper_id, hint, source, leak_prefix, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const END_CURRENT: &str = "UPDATE secrets SET expires_at = $1 WHERE token_id = $2 AND expires_at IS NULL";
const END_PREVIOUS: &str = "UPDATE secrets SET expires_at = $1 WHERE token_id = $2 AND expires_at > $3";
const FIND: &str = "SELECT hint, expires_at FROM secrets WHERE id = $1 AND token_id = $2";
const END: &str = "UPDATE secrets SET expires_at = $1 WHERE id = $2 AND token_id = $3";
const BUMP: &str = "UPDATE tokens SET version = version + 1 WHERE id = $1 AND deleted_at IS NULL";

/// How a secret came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretSource {
    /// Made here.
    Generated,
    /// Typed by an administrator who had it already.
    Imported,
    /// Taken over by its SHA-256: nobody has checked how good it is.
    Digest,
}

impl SecretSource {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Generated => "generated",
            Self::Imported => "imported",
            Self::Digest => "digest",
        }
    }

    pub(super) const fn action(self) -> ActivityAction {
        match self {
            Self::Generated => ActivityAction::SecretGenerated,
            Self::Imported => ActivityAction::SecretImported,
            Self::Digest => ActivityAction::SecretImportedByDigest,
        }
    }

    /// The ticket that this way of handing over uses up; `None` = it hands nothing over.
    const fn ticket(self) -> Option<CodePurpose> {
        match self {
            Self::Generated => Some(CodePurpose::Handover),
            Self::Imported => Some(CodePurpose::Import),
            Self::Digest => None,
        }
    }
}

/// A secret to be stored: its digest, never its value.
#[derive(Debug, Clone)]
pub struct NewSecret {
    /// The keyed digest.
    pub digest: TokenDigest,
    /// Which pepper made it.
    pub pepper_id: String,
    /// Prefix, first four and last two characters.
    pub hint: String,
    /// How it came to be.
    pub source: SecretSource,
    /// The first 32 bits of SHA-256, for generated values only.
    pub leak_prefix: Option<u32>,
}

/// A secret that is about to become a token's current one.
pub(super) struct Putting<'a> {
    /// Whose.
    pub(super) token: &'a TokenId,
    /// The secret.
    pub(super) new: &'a NewSecret,
    /// How long the one before goes on working.
    pub(super) overlap: Overlap,
    /// What the activity list calls it.
    pub(super) action: ActivityAction,
    /// The one moment at which all of it happens: who compares a claim with its secret finds them alike.
    pub(super) now: Timestamp,
}

impl Store {
    /// Gives a token a new secret, with a one-time ticket. The secret before goes on working for the overlap; one
    /// before that ends at once, so that at most two are live.
    ///
    /// # Errors
    /// [`StoreError::Code`] when the ticket opens nothing, [`StoreError::KeyInUse`], [`StoreError::NotFound`], or
    /// when the database fails. Then nothing is changed and the ticket is not used up.
    pub async fn replace_secret(
        &self,
        actor: &Actor,
        token: &TokenId,
        session: &CodeDigest,
        ticket: &CodeDigest,
        new: NewSecret,
        overlap: Overlap,
    ) -> Result<TokenView, StoreError> {
        let (store, actor, token) = (self.clone(), actor.clone(), token.clone());
        let (session, ticket) = (session.clone(), ticket.clone());
        self.detached(async move {
            let mut tx = store.write().await?;
            let purpose = new
                .source
                .ticket()
                .ok_or(StoreError::Code(CodeRefusal::Unknown))?;
            store
                .use_ticket(&mut tx, purpose, &ticket, &token, &session)
                .await?;
            let putting = Putting {
                token: &token,
                new: &new,
                overlap,
                action: new.source.action(),
                now: store.now(),
            };
            store.put_secret(tx, &actor, putting).await
        })
        .await
    }

    /// Makes a secret a token's current one, commits and publishes: the end of every way of handing over. What was
    /// promised to others before, an open claim, is void.
    pub(super) async fn put_secret(
        &self,
        mut tx: Tx,
        actor: &Actor,
        putting: Putting<'_>,
    ) -> Result<TokenView, StoreError> {
        let Putting {
            token,
            new,
            overlap,
            action,
            now,
        } = putting;
        let before = record::one(&mut tx, token)
            .await?
            .ok_or(StoreError::NotFound("token"))?;
        let end = now.plus_seconds(overlap.seconds());
        claims::end_open_claims(&mut tx, [token], ClaimEnd::Superseded, now).await?;
        on!(tx, c => sqlx::query(END_PREVIOUS)
            .bind(now.millis())
            .bind(token.as_str())
            .bind(now.millis())
            .execute(c)
            .await
            .map(|_| ()))?;
        on!(tx, c => sqlx::query(END_CURRENT).bind(end.millis()).bind(token.as_str()).execute(c).await.map(|_| ()))?;
        let id: SecretId = self.new_id()?;
        self.insert_secret(&mut tx, &id, token, new, now).await?;
        on!(tx, c => sqlx::query(BUMP).bind(token.as_str()).execute(c).await.map(|_| ()))?;
        let directory = interfaces::load(&mut tx).await?;
        let mut changes = vec![ChangeView {
            field: "secret".to_owned(),
            before: before.secrets.first().map(|s| s.hint.clone()),
            after: Some(new.hint.clone()),
        }];
        if !before.secrets.is_empty() && overlap.seconds() > 0 {
            changes.push(ChangeView {
                field: "overlap".to_owned(),
                before: None,
                after: Some(overlap.seconds().to_string()),
            });
        }
        self.publish_token(tx, actor, token, action, changes, &directory)
            .await
    }

    /// Writes a secret in a transaction.
    pub(super) async fn insert_secret(
        &self,
        tx: &mut Tx,
        id: &SecretId,
        token: &TokenId,
        new: &NewSecret,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        on!(tx, c => sqlx::query(INSERT)
            .bind(id.as_str())
            .bind(token.as_str())
            .bind(new.digest.as_bytes())
            .bind(new.pepper_id.as_str())
            .bind(new.hint.as_str())
            .bind(new.source.as_str())
            .bind(new.leak_prefix.map(i64::from))
            .bind(now.millis())
            .execute(c)
            .await
            .map(|_| ()))
        .map_err(|e| on_unique(e, "secrets_digest", "secrets.digest", StoreError::KeyInUse))
    }

    /// Ends a replaced secret before its overlap is over: it, and temporary tokens minted from it, are refused from the
    /// answer on. One that has ended already stays as it is.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::SecretIsCurrent`] for the secret that has no end, or when the database
    /// fails.
    pub async fn end_secret(
        &self,
        actor: &Actor,
        token: &TokenId,
        secret: &SecretId,
    ) -> Result<TokenView, StoreError> {
        let (store, actor, token, secret) = (self.clone(), actor.clone(), token.clone(), secret.clone());
        self.detached(async move {
            let mut tx = store.write().await?;
            let before = record::one(&mut tx, &token)
                .await?
                .ok_or(StoreError::NotFound("token"))?;
            let (hint, end) = on!(tx, c => sqlx::query_as::<_, (String, Option<i64>)>(FIND)
                .bind(secret.as_str())
                .bind(token.as_str())
                .fetch_optional(c)
                .await?)
            .ok_or(StoreError::NotFound("secret"))?;
            let end = end.ok_or(StoreError::SecretIsCurrent)?;
            let now = store.now();
            let directory = interfaces::load(&mut tx).await?;
            if end <= now.millis() {
                let view = before.view(&directory, &settings::load(&mut tx).await?, now);
                // Whoever ended it may have committed but not published yet; the answer must not come before.
                store.inner.index.publish(before.into_state());
                return Ok(view);
            }
            on!(tx, c => sqlx::query(END)
                .bind(now.millis())
                .bind(secret.as_str())
                .bind(token.as_str())
                .execute(c)
                .await
                .map(|_| ()))?;
            on!(tx, c => sqlx::query(BUMP).bind(token.as_str()).execute(c).await.map(|_| ()))?;
            let changes = vec![ChangeView {
                field: "secret".to_owned(),
                before: Some(hint),
                after: None,
            }];
            store
                .publish_token(
                    tx,
                    &actor,
                    &token,
                    ActivityAction::SecretEnded,
                    changes,
                    &directory,
                )
                .await
        })
        .await
    }
}
