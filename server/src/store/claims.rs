//! Claims: issuing a one-time code, and exchanging it for a secret. Only digests come here.
//!
//! Of all who use a code, at whatever moment, one gets the secret: the row is decided in a writer's transaction, and
//! writers take turns. What is refused changes nothing but the claim itself and the activity list.

use std::net::IpAddr;

use wire::{
    ActivityAction, ChangeView, ClaimEnd, ClaimId, ClaimResponse, ClaimStatus, ClaimView, Kind, Network,
    Overlap, Timestamp, TokenId, TokenView,
};

use super::record::id_list;
use super::secrets::Putting;
use super::{ClaimRefusal, CodePurpose, NewSecret, Pair, Store, StoreError, Tx, on, record};
use crate::domain::activity::{Act, Actor, Who};
use crate::secret::CodeDigest;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT c.id, c.token_id, c.issuer_kind, c.issuer_id, c.issuer_name, c.network, c.overlap, c.created_at, c.expires_at, \
             c.claimed_at, c.claimed_from, c.ended_at, c.ended_by, c.ended_from, t.name AS token_name, t.kind AS token_kind \
             FROM claims c JOIN tokens t ON t.id = c.token_id ",
            $rest
        )
    };
}

const INSERT: &str = "INSERT INTO claims (id, digest, token_id, issuer_kind, issuer_id, issuer_name, network, overlap, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const BY_DIGEST: &str = select!("WHERE c.digest = $1");
const LATEST: &str = select!("WHERE c.token_id = $1 AND t.deleted_at IS NULL ORDER BY c.id DESC LIMIT 1");
const USE: &str = "UPDATE claims SET claimed_at = $1, claimed_from = $2 WHERE id = $3 AND claimed_at IS NULL AND ended_at IS NULL";
const END: &str =
    "UPDATE claims SET ended_at = $1, ended_by = $2, ended_from = $3 WHERE id = $4 AND ended_at IS NULL";
const END_OPEN: Pair = Pair {
    sqlite: "UPDATE claims SET ended_at = $2, ended_by = $3 WHERE claimed_at IS NULL AND ended_at IS NULL AND expires_at > $4 AND token_id IN (SELECT value FROM json_each($1))",
    postgres: "UPDATE claims SET ended_at = $2, ended_by = $3 WHERE claimed_at IS NULL AND ended_at IS NULL AND expires_at > $4 AND token_id IN (SELECT jsonb_array_elements_text($1::jsonb))",
};
const DELETE_OLD: &str = "DELETE FROM claims WHERE expires_at <= $1";

/// A code lives so long, in seconds: ten minutes.
const CLAIM_SECONDS: i64 = 600;

/// Claims are kept so long after their end, in seconds: a month, so that a code that turns up later in somebody's
/// history still raises the alarm.
const KEEP_SECONDS: i64 = 30 * 86_400;

/// A claim to be issued.
#[derive(Debug, Clone)]
pub struct NewClaim {
    /// The digest of its code.
    pub digest: CodeDigest,
    /// For which token.
    pub token: TokenId,
    /// Where the code may be used from.
    pub network: Option<Network>,
    /// How long the secret before goes on working, from the moment of the claim.
    pub overlap: Overlap,
}

/// Who uses a code.
#[derive(Debug, Clone, Copy)]
pub struct Claimant {
    /// From which address, where that is known.
    pub address: Option<IpAddr>,
    /// Whether the request says that a browser made it.
    pub browser: bool,
}

#[derive(sqlx::FromRow)]
struct ClaimRow {
    id: String,
    token_id: String,
    issuer_kind: String,
    issuer_id: Option<String>,
    issuer_name: Option<String>,
    network: Option<String>,
    overlap: i64,
    created_at: i64,
    expires_at: i64,
    claimed_at: Option<i64>,
    claimed_from: Option<String>,
    ended_at: Option<i64>,
    ended_by: Option<String>,
    ended_from: Option<String>,
    token_name: String,
    token_kind: String,
}

/// A row, read.
struct Claim {
    id: ClaimId,
    token: TokenId,
    issuer: Who,
    network: Option<Network>,
    overlap: Overlap,
    ended_by: Option<ClaimEnd>,
    row: ClaimRow,
}

impl ClaimRow {
    fn read(self) -> Result<Claim, StoreError> {
        let wrong = StoreError::Inconsistent;
        let issuer = match (self.issuer_kind.as_str(), &self.issuer_id, &self.issuer_name) {
            ("user", Some(id), Some(name)) => Who::User {
                id: id.parse().map_err(|_| wrong("claims.issuer_id"))?,
                name: name.clone(),
            },
            ("command_line", None, None) => Who::CommandLine,
            _ => return Err(wrong("claims.issuer_kind")),
        };
        let network = self.network.as_deref().map(Network::parse).transpose();
        let ended_by = match self.ended_by.as_deref() {
            None => None,
            Some(word) => Some(ClaimEnd::from_word(word).ok_or(wrong("claims.ended_by"))?),
        };
        Ok(Claim {
            id: self.id.parse().map_err(|_| wrong("claims.id"))?,
            token: self.token_id.parse().map_err(|_| wrong("claims.token_id"))?,
            issuer,
            network: network.map_err(|_| wrong("claims.network"))?,
            overlap: Overlap::from_seconds(self.overlap).ok_or(wrong("claims.overlap"))?,
            ended_by,
            row: self,
        })
    }
}

impl Claim {
    /// What stands in the way of using it; `None` = nothing does.
    fn refusal(&self, by: Claimant, now: Timestamp) -> Option<ClaimRefusal> {
        let outside = |network: &Network| !by.address.is_some_and(|a| network.contains(a));
        if self.row.claimed_at.is_some() {
            Some(ClaimRefusal::Misused(ClaimEnd::UsedAgain))
        } else if let Some(end) = self.ended_by {
            Some(ClaimRefusal::Ended(end))
        } else if self.row.expires_at <= now.millis() {
            Some(ClaimRefusal::Expired)
        } else if by.browser {
            Some(ClaimRefusal::Misused(ClaimEnd::Browser))
        } else if self.network.as_ref().is_some_and(outside) {
            Some(ClaimRefusal::Misused(ClaimEnd::WrongNetwork))
        } else {
            None
        }
    }

    fn view(self, now: Timestamp) -> ClaimView {
        let status = match (self.row.claimed_at, self.ended_by) {
            (Some(_), _) => ClaimStatus::Fetched,
            (None, Some(end)) if end.is_misuse() => ClaimStatus::Burned,
            (None, Some(_)) => ClaimStatus::Cancelled,
            (None, None) if self.row.expires_at <= now.millis() => ClaimStatus::Expired,
            (None, None) => ClaimStatus::Open,
        };
        ClaimView {
            id: self.id,
            status,
            network: self.network,
            overlap: self.overlap.seconds(),
            created_at: Timestamp::from_millis(self.row.created_at),
            created_by: self.row.issuer_name,
            expires_at: Timestamp::from_millis(self.row.expires_at),
            fetched_at: self.row.claimed_at.map(Timestamp::from_millis),
            fetched_from: self.row.claimed_from,
            ended_at: self.row.ended_at.map(Timestamp::from_millis),
            ended_by: self.ended_by,
            ended_from: self.row.ended_from,
        }
    }
}

/// An address as it is stored.
fn column(address: Option<IpAddr>) -> Option<String> {
    address.map(|a| a.to_canonical().to_string())
}

impl Store {
    /// Issues a claim with a strongroom ticket, which is used up. An open claim of before is cancelled.
    ///
    /// # Errors
    /// [`StoreError::Code`] when the ticket opens nothing, [`StoreError::NotFound`], or when the database fails.
    pub async fn issue_claim_with_ticket(
        &self,
        actor: &Actor,
        session: &CodeDigest,
        ticket: &CodeDigest,
        new: NewClaim,
    ) -> Result<ClaimView, StoreError> {
        let (store, actor) = (self.clone(), actor.clone());
        let (session, ticket) = (session.clone(), ticket.clone());
        self.detached(async move {
            let mut tx = store.write().await?;
            store
                .use_ticket(&mut tx, CodePurpose::Handover, &ticket, &new.token, &session)
                .await?;
            store.insert_claim(tx, &actor, new).await
        })
        .await
    }

    /// Issues a claim for somebody whose authority needs no ticket: the command line. An open claim of before is
    /// cancelled.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or when the database fails.
    pub async fn issue_claim(&self, actor: &Actor, new: NewClaim) -> Result<ClaimView, StoreError> {
        let (store, actor) = (self.clone(), actor.clone());
        self.detached(async move {
            let tx = store.write().await?;
            store.insert_claim(tx, &actor, new).await
        })
        .await
    }

    async fn insert_claim(&self, mut tx: Tx, actor: &Actor, new: NewClaim) -> Result<ClaimView, StoreError> {
        let found = record::one(&mut tx, &new.token)
            .await?
            .ok_or(StoreError::NotFound("token"))?;
        let now = self.now();
        let old = now.plus_seconds(-KEEP_SECONDS);
        on!(tx, c => sqlx::query(DELETE_OLD).bind(old.millis()).execute(c).await.map(|_| ()))?;
        end_open_claims(&mut tx, [&new.token], ClaimEnd::Superseded, now).await?;
        let id: ClaimId = self.new_id()?;
        let (kind, issuer, name) = actor.columns();
        on!(tx, c => sqlx::query(INSERT)
            .bind(id.as_str())
            .bind(new.digest.as_bytes())
            .bind(new.token.as_str())
            .bind(kind)
            .bind(issuer)
            .bind(name)
            .bind(new.network.map(|n| n.to_string()))
            .bind(new.overlap.seconds())
            .bind(now.millis())
            .bind(now.plus_seconds(CLAIM_SECONDS).millis())
            .execute(c)
            .await
            .map(|_| ()))?;
        let network = new.network.map(|network| ChangeView {
            field: "network".to_owned(),
            before: None,
            after: Some(network.to_string()),
        });
        let act = Act::new(ActivityAction::ClaimIssued, "token")
            .to(new.token.as_str(), &found.row.name)
            .with(network.into_iter().collect());
        self.record(&mut tx, actor, act).await?;
        let issued = latest(&mut tx, &new.token)
            .await?
            .ok_or(StoreError::Inconsistent("claims"))?;
        tx.commit().await?;
        Ok(issued.view(now))
    }

    /// Of which kind the secret is that a code stands for, whatever state the claim is in; `None` = nobody issued it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_claimed_kind(&self, code: &CodeDigest) -> Result<Option<Kind>, StoreError> {
        let mut tx = self.read().await?;
        let row = by_digest(&mut tx, code).await?;
        row.map(|claim| record::word(&claim.row.token_kind, "tokens.kind"))
            .transpose()
    }

    /// Gives a token a new secret, with the code of a claim: exactly one of all who use it gets one, and the overlap of
    /// the secret before begins now. Misuse burns a code that is still unused, and raises one alarm.
    ///
    /// # Errors
    /// [`StoreError::Claim`] when the code opens nothing, [`StoreError::NotFound`] for a token that is gone, or when the
    /// database fails. Then no secret is made.
    pub async fn claim_secret(
        &self,
        code: &CodeDigest,
        by: Claimant,
        new: NewSecret,
    ) -> Result<TokenView, StoreError> {
        let (store, code) = (self.clone(), code.clone());
        self.detached(async move {
            let mut tx = store.write().await?;
            let now = store.now();
            let claim = by_digest(&mut tx, &code)
                .await?
                .ok_or(StoreError::Claim(ClaimRefusal::Unknown))?;
            if let Some(refusal) = claim.refusal(by, now) {
                if let ClaimRefusal::Misused(misuse) = refusal {
                    store.note_misuse(tx, &claim, misuse, by, now).await?;
                }
                return Err(StoreError::Claim(refusal));
            }
            let used = on!(tx, c => sqlx::query(USE)
                .bind(now.millis())
                .bind(column(by.address))
                .bind(claim.id.as_str())
                .execute(c)
                .await
                .map(|r| r.rows_affected()))?;
            if used != 1 {
                return Err(StoreError::Inconsistent("a claim was used beside its writer"));
            }
            let actor = Actor {
                who: claim.issuer,
                address: by.address,
            };
            let putting = Putting {
                token: &claim.token,
                new: &new,
                overlap: claim.overlap,
                action: ActivityAction::SecretClaimed,
                now,
            };
            store.put_secret(tx, &actor, putting).await
        })
        .await
    }

    /// Writes down that a code was used where it may not be: once for each claim, so that nobody can fill the list.
    async fn note_misuse(
        &self,
        mut tx: Tx,
        claim: &Claim,
        misuse: ClaimEnd,
        by: Claimant,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let first = on!(tx, c => sqlx::query(END)
            .bind(now.millis())
            .bind(misuse.as_str())
            .bind(column(by.address))
            .bind(claim.id.as_str())
            .execute(c)
            .await
            .map(|r| r.rows_affected()))?;
        if first == 0 {
            return Ok(());
        }
        let actor = Actor {
            who: Who::System,
            address: by.address,
        };
        let act = Act::new(ActivityAction::ClaimRefused, "token")
            .to(claim.token.as_str(), &claim.row.token_name)
            .with(vec![ChangeView {
                field: "reason".to_owned(),
                before: None,
                after: Some(misuse.as_str().to_owned()),
            }]);
        self.record(&mut tx, &actor, act).await?;
        tx.commit().await
    }

    /// Cancels the open claim of a token. Without an open one nothing is changed.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for a token that is gone, or when the database fails.
    pub async fn cancel_claim(&self, actor: &Actor, token: &TokenId) -> Result<ClaimResponse, StoreError> {
        let (store, actor, token) = (self.clone(), actor.clone(), token.clone());
        self.detached(async move {
            let mut tx = store.write().await?;
            let now = store.now();
            let found = record::one(&mut tx, &token)
                .await?
                .ok_or(StoreError::NotFound("token"))?;
            if end_open_claims(&mut tx, [&token], ClaimEnd::Cancelled, now).await? > 0 {
                let act =
                    Act::new(ActivityAction::ClaimCancelled, "token").to(token.as_str(), &found.row.name);
                store.record(&mut tx, &actor, act).await?;
            }
            let claim = latest(&mut tx, &token).await?.map(|claim| claim.view(now));
            tx.commit().await?;
            Ok(ClaimResponse { claim })
        })
        .await
    }

    /// The latest claim of a token.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for a token that is gone, or when the database fails.
    pub async fn find_claim(&self, token: &TokenId) -> Result<ClaimResponse, StoreError> {
        let mut tx = self.read().await?;
        let claim = latest(&mut tx, token).await?.map(|claim| claim.view(self.now()));
        if claim.is_none() && record::one(&mut tx, token).await?.is_none() {
            return Err(StoreError::NotFound("token"));
        }
        Ok(ClaimResponse { claim })
    }
}

async fn by_digest(tx: &mut Tx, code: &CodeDigest) -> Result<Option<Claim>, StoreError> {
    let row =
        on!(tx, c => sqlx::query_as::<_, ClaimRow>(BY_DIGEST).bind(code.as_bytes()).fetch_optional(c).await?);
    row.map(ClaimRow::read).transpose()
}

async fn latest(tx: &mut Tx, token: &TokenId) -> Result<Option<Claim>, StoreError> {
    let row =
        on!(tx, c => sqlx::query_as::<_, ClaimRow>(LATEST).bind(token.as_str()).fetch_optional(c).await?);
    row.map(ClaimRow::read).transpose()
}

/// Ends the open claims of tokens in a transaction, and tells how many there were. Every use case calls it that makes an
/// older promise of a secret void.
pub(super) async fn end_open_claims(
    tx: &mut Tx,
    tokens: impl IntoIterator<Item = &TokenId> + Send,
    end: ClaimEnd,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let tokens = id_list(tokens);
    Ok(on!(tx, c, sql = END_OPEN => sqlx::query(sql)
        .bind(tokens.as_str())
        .bind(now.millis())
        .bind(end.as_str())
        .bind(now.millis())
        .execute(c)
        .await?
        .rows_affected()))
}
