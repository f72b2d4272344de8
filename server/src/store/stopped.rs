//! Ending before the time: temporary tokens one by one or by subject, and a holder's own secret. All temporary tokens of
//! a token at once is a change of its epoch, in `tokens`.
//!
//! The list holds only what has not ended by itself; [`Store::forget_ended_stops`] takes the rest away.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use wire::{ActivityAction, ChangeView, SecretId, Subject, TemporaryId, Timestamp, TokenId};

use super::{Store, StoreError, Tx, interfaces, keys, on, record};
use crate::domain::activity::{Act, Actor};
use crate::domain::claims::Claims;
use crate::domain::stopped::Stop;

const PUT: &str = "INSERT INTO stopped_temporary (token_id, kind, value, stopped_at, expires_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (token_id, kind, value) DO UPDATE SET stopped_at = CASE WHEN stopped_temporary.stopped_at > excluded.stopped_at THEN stopped_temporary.stopped_at ELSE excluded.stopped_at END, expires_at = CASE WHEN stopped_temporary.expires_at IS NULL OR stopped_temporary.expires_at > excluded.expires_at THEN stopped_temporary.expires_at ELSE excluded.expires_at END WHERE stopped_temporary.kind = 'subject'";
const LIST: &str = "SELECT token_id, kind, value, stopped_at, expires_at FROM stopped_temporary WHERE expires_at IS NULL OR expires_at > $1";
const LIST_OF: &str = "SELECT token_id, kind, value, stopped_at, expires_at FROM stopped_temporary WHERE token_id = $1 AND (expires_at IS NULL OR expires_at > $2)";
const FORGET: &str = "DELETE FROM stopped_temporary WHERE expires_at <= $1 RETURNING token_id";
const END_SECRET: &str = "UPDATE secrets SET expires_at = $1 WHERE id = $2 AND token_id = $3 AND (expires_at IS NULL OR expires_at > $4)";
/// In milliseconds: how seldom the activity list tells that visitors end their temporary tokens.
const TOLD_EVERY: u64 = 3_600_000;
/// So many milliseconds beyond its own moment a stop of a subject reaches at first. Tokens are minted without asking the
/// database, so some are while a stop is being written: it has to reach to the answer. Whoever signs in again within
/// this time has to do it once more.
const REACH: i64 = 100;
const BUMP: &str = "UPDATE tokens SET version = version + 1 WHERE id = $1 AND deleted_at IS NULL";

/// Who ends a temporary token that is its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// A server, with the permanent secret.
    Server,
    /// Whoever holds the temporary token.
    Visitor,
}

#[derive(sqlx::FromRow)]
pub(super) struct StopRow {
    token_id: String,
    kind: String,
    value: String,
    stopped_at: i64,
    expires_at: Option<i64>,
}

impl StopRow {
    pub(super) fn read(self) -> Result<(TokenId, Stop, Option<Timestamp>), StoreError> {
        const WRONG: StoreError = StoreError::Inconsistent("stopped_temporary");
        let stop = match self.kind.as_str() {
            "jti" => Stop::Token(self.value.parse().map_err(|_| WRONG)?),
            "subject" => {
                let subject = Subject::parse(&self.value).map_err(|_| WRONG)?;
                Stop::Subject(subject, Timestamp::from_millis(self.stopped_at))
            }
            _ => return Err(WRONG),
        };
        let until = self.expires_at.map(Timestamp::from_millis);
        Ok((self.token_id.parse().map_err(|_| WRONG)?, stop, until))
    }
}

/// Every stop that still matters.
pub(super) async fn all(tx: &mut Tx, now: Timestamp) -> Result<Vec<StopRow>, StoreError> {
    Ok(on!(tx, c => sqlx::query_as::<_, StopRow>(LIST).bind(now.millis()).fetch_all(c).await?))
}

/// Every stop of a token that still matters.
pub(super) async fn of(tx: &mut Tx, token: &TokenId, now: Timestamp) -> Result<Vec<StopRow>, StoreError> {
    Ok(on!(tx, c => sqlx::query_as::<_, StopRow>(LIST_OF)
        .bind(token.as_str())
        .bind(now.millis())
        .fetch_all(c)
        .await?))
}

impl Store {
    /// Stops one temporary token, by its holder. Of what visitors end, the activity list tells once an hour: they must
    /// not fill it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when its parent is gone, or when the database fails.
    pub async fn revoke_temporary_token(
        &self,
        actor: &Actor,
        claims: &Claims,
        by: Ending,
    ) -> Result<(), StoreError> {
        let until = claims
            .exp
            .map(|end| Timestamp::from_millis(end.saturating_mul(1000)));
        let changes = [
            Some(("jti", claims.jti.to_string())),
            claims.subject.as_ref().map(|s| ("subject", s.to_string())),
        ];
        let what = What::Token(claims.jti.clone());
        let action = ActivityAction::TokenRevoked;
        self.stop(
            actor,
            &claims.sub,
            what,
            Until::Known(until),
            None,
            (action, by == Ending::Visitor),
            changes,
        )
        .await
    }

    /// Stops one temporary token of a token, by its `jti`. Whether there is such a one is not known: nobody keeps a
    /// list of them.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::Stale`], or when the database fails.
    pub async fn stop_temporary_token(
        &self,
        actor: &Actor,
        token: &TokenId,
        jti: &TemporaryId,
        version: Option<i64>,
    ) -> Result<(), StoreError> {
        self.stop_for_others(actor, token, What::Token(jti.clone()), version)
            .await
    }

    /// Stops all temporary tokens of a token that were minted for a subject until this returns, and those that are
    /// narrowed from them.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::Stale`], or when the database fails.
    pub async fn stop_subject(
        &self,
        actor: &Actor,
        token: &TokenId,
        subject: &Subject,
        version: Option<i64>,
    ) -> Result<(), StoreError> {
        self.stop_for_others(actor, token, What::Subject(subject.clone()), version)
            .await
    }

    /// By somebody who does not hold it.
    async fn stop_for_others(
        &self,
        actor: &Actor,
        token: &TokenId,
        what: What,
        version: Option<i64>,
    ) -> Result<(), StoreError> {
        let named = match &what {
            What::Token(jti) => ("jti", jti.to_string()),
            What::Subject(subject) => ("subject", subject.to_string()),
        };
        let told = (ActivityAction::TokenTemporaryStopped, false);
        self.stop(
            actor,
            token,
            what,
            Until::Longest,
            version,
            told,
            [Some(named), None],
        )
        .await
    }

    #[expect(clippy::too_many_arguments, reason = "the ways above name what they pass")]
    async fn stop(
        &self,
        actor: &Actor,
        token: &TokenId,
        what: What,
        until: Until,
        version: Option<i64>,
        (action, seldom): (ActivityAction, bool),
        changes: [Option<(&'static str, String)>; 2],
    ) -> Result<(), StoreError> {
        let (store, actor, token) = (self.clone(), actor.clone(), token.clone());
        self.detached(async move {
            let mut tx = store.write().await?;
            let found = record::one(&mut tx, &token)
                .await?
                .ok_or(StoreError::NotFound("token"))?;
            if version.is_some_and(|v| v != found.row.version) {
                return Err(StoreError::Stale);
            }
            // Not before the writer's turn: what was minted while waiting for it is meant too.
            let mut reach = REACH;
            let (mut stop, until, new) = put(&mut tx, &token, &what, until, store.now(), reach).await?;
            let slot = store.inner.index.by_id(&token).filter(|_| seldom);
            let told = slot.map(|slot| (slot.counters.last_ending.load(Ordering::Relaxed), slot));
            let tells = told
                .as_ref()
                .is_none_or(|(last, _)| last.abs_diff(store.now().millis()) >= TOLD_EVERY);
            if new {
                store
                    .log_change(&mut tx, "stopped_temporary", token.as_str(), store.now().millis())
                    .await?;
            }
            if new && tells {
                let changes = changes.into_iter().flatten().map(|(field, what)| ChangeView {
                    field: field.to_owned(),
                    before: Some(what),
                    after: None,
                });
                let act = Act::new(action, "token")
                    .to(token.as_str(), &found.row.name)
                    .with(changes.collect());
                store.record(&mut tx, &actor, act).await?;
            }
            tx.commit().await?;
            if let (true, Some((_, slot))) = (new && tells, told) {
                slot.counters
                    .last_ending
                    .store(store.now().millis(), Ordering::Relaxed);
            }
            // Whoever stopped it before may have committed but not published yet: twice does no harm.
            store.inner.index.publish_stop(&token, stop.clone(), until);
            // Where writing took longer than the stop reaches, it is written again, to reach further.
            while !reaches(&stop, store.now()) {
                reach = reach.saturating_mul(2);
                let mut tx = store.write().await?;
                let (further, until, _) =
                    put(&mut tx, &token, &what, Until::Longest, store.now(), reach).await?;
                store
                    .log_change(&mut tx, "stopped_temporary", token.as_str(), store.now().millis())
                    .await?;
                tx.commit().await?;
                stop = further;
                store.inner.index.publish_stop(&token, stop.clone(), until);
            }
            Ok(())
        })
        .await
    }

    /// Ends one secret of a token, by its holder. It and the temporary tokens that it minted are refused from the
    /// answer on; another secret of the token goes on working.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or when the database fails.
    pub async fn revoke_secret(
        &self,
        actor: &Actor,
        token: &TokenId,
        secret: &SecretId,
    ) -> Result<(), StoreError> {
        let (store, actor, token, secret) = (self.clone(), actor.clone(), token.clone(), secret.clone());
        self.detached(async move {
            let mut tx = store.write().await?;
            let now = store.now();
            let before = record::one(&mut tx, &token)
                .await?
                .ok_or(StoreError::NotFound("token"))?;
            let hint = before.secrets.iter().find(|s| s.state.id == secret);
            let hint = hint
                .map(|s| s.hint.clone())
                .ok_or(StoreError::NotFound("secret"))?;
            let ended = on!(tx, c => sqlx::query(END_SECRET)
                .bind(now.millis())
                .bind(secret.as_str())
                .bind(token.as_str())
                .bind(now.millis())
                .execute(c)
                .await
                .map(|r| r.rows_affected()))?;
            if ended == 0 {
                // Whoever ended it before may have committed but not published yet.
                store.inner.index.publish(before.into_state());
                return Ok(());
            }
            let directory = interfaces::load(&mut tx).await?;
            on!(tx, c => sqlx::query(BUMP).bind(token.as_str()).execute(c).await.map(|_| ()))?;
            let changes = vec![ChangeView {
                field: "secret".to_owned(),
                before: Some(hint),
                after: None,
            }];
            let action = ActivityAction::TokenRevoked;
            store
                .publish_token(tx, &actor, &token, action, changes, &directory)
                .await
                .map(|_| ())
        })
        .await
    }

    /// Takes stops away that stop only what has ended by itself.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_ended_stops(&self) -> Result<(), StoreError> {
        let now = self.now();
        let mut tx = self.write().await?;
        let ended: BTreeSet<String> = on!(tx, c => sqlx::query_scalar::<_, String>(FORGET)
            .bind(now.millis())
            .fetch_all(c)
            .await?)
        .into_iter()
        .collect();
        tx.commit().await?;
        for id in ended {
            let id = id
                .parse()
                .map_err(|_| StoreError::Inconsistent("stopped_temporary"))?;
            self.inner.index.forget_ended_stops(&id, now);
        }
        Ok(())
    }
}

/// What is stopped.
enum What {
    /// One temporary token.
    Token(TemporaryId),
    /// All of a subject, until a moment that is chosen when it is written.
    Subject(Subject),
}

/// Writes a stop, and says until when it matters and whether it is a new one.
async fn put(
    tx: &mut Tx,
    parent: &TokenId,
    what: &What,
    until: Until,
    now: Timestamp,
    reach: i64,
) -> Result<(Stop, Option<Timestamp>, bool), StoreError> {
    let (stop, kind, value, at) = match what {
        What::Token(jti) => (Stop::Token(jti.clone()), "jti", jti.as_str(), now),
        What::Subject(subject) => {
            let at = Timestamp::from_millis(now.millis().saturating_add(reach));
            (
                Stop::Subject(subject.clone(), at),
                "subject",
                subject.as_str(),
                at,
            )
        }
    };
    let until = match until {
        Until::Known(until) => until,
        Until::Longest => keys::longest_accepted(tx)
            .await?
            .map(|longest| at.plus_seconds(longest)),
    };
    let new = on!(tx, c => sqlx::query(PUT)
        .bind(parent.as_str())
        .bind(kind)
        .bind(value)
        .bind(at.millis())
        .bind(until.map(Timestamp::millis))
        .execute(c)
        .await
        .map(|r| r.rows_affected() > 0))?;
    Ok((stop, until, new))
}

/// Whether a stop holds what was minted until a moment.
fn reaches(stop: &Stop, moment: Timestamp) -> bool {
    match stop {
        Stop::Token(_) => true,
        Stop::Subject(_, at) => moment <= *at,
    }
}

/// How long a stop matters.
enum Until {
    /// Until the token's own end.
    Known(Option<Timestamp>),
    /// As long as any token minted until then can last that is accepted.
    Longest,
}
