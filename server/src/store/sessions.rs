//! Sessions of signed-in administrators. Their ids are here as digests only.

use std::net::{IpAddr, Ipv6Addr};

use wire::{ActivityAction, Language, Timestamp, UserId, UserView};

use super::{Store, StoreError, on};
use crate::domain::activity::{Act, Actor, Who};
use crate::domain::limits::network;
use crate::secret::CodeDigest;

/// A session that nobody used for so long has ended, in seconds.
const IDLE_SECONDS: i64 = 8 * 3600;
/// `last_seen_at` is written at most so often, in seconds.
const SEEN_EVERY: i64 = 60;

const INSERT: &str = "INSERT INTO sessions (digest, user_id, created_at, last_seen_at, expires_at, address) VALUES ($1, $2, $3, $4, $5, $6)";
const FIND: &str = "SELECT s.user_id, s.last_seen_at, s.expires_at, u.name, u.created_at, u.language FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.digest = $1";
const SEEN: &str = "UPDATE sessions SET last_seen_at = $1 WHERE digest = $2";
const DELETE: &str = "DELETE FROM sessions WHERE digest = $1";
const DELETE_ENDED: &str = "DELETE FROM sessions WHERE expires_at <= $1 OR last_seen_at <= $2";
const REMEMBER_PLACE: &str =
    "INSERT INTO known_places (user_id, place) VALUES ($1, $2) ON CONFLICT (user_id, place) DO NOTHING";
const KNOWN_PLACE: &str = "SELECT 1 FROM known_places WHERE user_id = $1 AND place = $2";
/// Stands for whoever does not exist: it takes as long to know nothing of somebody as of nobody.
const NOBODY: &str = "00000000000000000000000000";

/// A session to be opened.
#[derive(Debug)]
pub struct NewSession {
    /// The digest of its id.
    pub digest: CodeDigest,
    /// Whose it is.
    pub user: UserId,
    /// The user's name, for the activity list.
    pub user_name: String,
    /// When it ends whatever happens.
    pub expires_at: Timestamp,
    /// From which address.
    pub address: Option<IpAddr>,
}

/// An open session.
#[derive(Debug, Clone)]
pub struct Session {
    /// Whose it is.
    pub user: UserView,
    /// When it ends whatever happens.
    pub expires_at: Timestamp,
}

/// Where an address is: the same that limits are for, since whoever has a /64 has another address of it every day.
fn place(address: IpAddr) -> String {
    let place = IpAddr::from(Ipv6Addr::from_bits(network(address)));
    place.to_canonical().to_string()
}

#[derive(sqlx::FromRow)]
struct SessionRow {
    user_id: String,
    last_seen_at: i64,
    expires_at: i64,
    name: String,
    created_at: i64,
    language: Option<String>,
}

impl Store {
    /// Opens a session, and clears those that have ended away.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn create_session(&self, new: NewSession) -> Result<(), StoreError> {
        let store = self.clone();
        self.detached(async move {
            let now = store.now();
            let mut tx = store.write().await?;
            let idle = now.plus_seconds(-IDLE_SECONDS);
            on!(tx, c => sqlx::query(DELETE_ENDED).bind(now.millis()).bind(idle.millis()).execute(c).await.map(|_| ()))?;
            on!(tx, c => sqlx::query(INSERT)
                .bind(new.digest.as_bytes())
                .bind(new.user.as_str())
                .bind(now.millis())
                .bind(now.millis())
                .bind(new.expires_at.millis())
                .bind(new.address.map(|a| a.to_canonical().to_string()))
                .execute(c)
                .await
                .map(|_| ()))?;
            if let Some(address) = new.address {
                on!(tx, c => sqlx::query(REMEMBER_PLACE).bind(new.user.as_str()).bind(place(address)).execute(c).await.map(|_| ()))?;
            }
            let actor = Actor {
                who: Who::User { id: new.user.clone(), name: new.user_name.clone() },
                address: new.address,
            };
            let act = Act::new(ActivityAction::SessionCreated, "session");
            store.record(&mut tx, &actor, act).await?;
            tx.commit().await
        })
        .await
    }

    /// The open session of an id's digest. Notes that it is in use, at most once a minute.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_session(&self, digest: &CodeDigest) -> Result<Option<Session>, StoreError> {
        let Some((session, idle)) = self.look_at_session(digest).await? else {
            return Ok(None);
        };
        if idle >= SEEN_EVERY * 1000 {
            let mut tx = self.write_statistics().await?;
            on!(tx, c => sqlx::query(SEEN).bind(self.now().millis()).bind(digest.as_bytes()).execute(c).await.map(|_| ()))?;
            tx.commit().await?;
        }
        Ok(Some(session))
    }

    /// The open session of an id's digest. What the app asks by itself, with nobody there, keeps no session open.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn peek_session(&self, digest: &CodeDigest) -> Result<Option<Session>, StoreError> {
        let found = self.look_at_session(digest).await?;
        Ok(found.map(|(session, _)| session))
    }

    /// The open session, and for how many milliseconds nobody has used it.
    async fn look_at_session(&self, digest: &CodeDigest) -> Result<Option<(Session, i64)>, StoreError> {
        let now = self.now();
        let mut tx = self.read().await?;
        let row = on!(tx, c => sqlx::query_as::<_, SessionRow>(FIND).bind(digest.as_bytes()).fetch_optional(c).await?);
        drop(tx);
        let Some(row) = row else { return Ok(None) };
        let idle = now.millis() - row.last_seen_at;
        if row.expires_at <= now.millis() || idle >= IDLE_SECONDS * 1000 {
            return Ok(None);
        }
        let session = Session {
            user: UserView {
                id: row
                    .user_id
                    .parse()
                    .map_err(|_| StoreError::Inconsistent("sessions.user_id"))?,
                name: row.name,
                created_at: Timestamp::from_millis(row.created_at),
                language: row.language.as_deref().and_then(Language::from_tag),
            },
            expires_at: Timestamp::from_millis(row.expires_at),
        };
        Ok(Some((session, idle)))
    }

    /// Ends a session. Ending one that is not open changes nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_session(&self, actor: &Actor, digest: &CodeDigest) -> Result<(), StoreError> {
        let (store, actor, digest) = (self.clone(), actor.clone(), digest.clone());
        self.detached(async move {
            let mut tx = store.write().await?;
            let ended = on!(tx, c => sqlx::query(DELETE).bind(digest.as_bytes()).execute(c).await.map(|r| r.rows_affected()))?;
            if ended > 0 {
                let act = Act::new(ActivityAction::SessionEnded, "session");
                store.record(&mut tx, &actor, act).await?;
            }
            tx.commit().await
        })
        .await
    }

    /// Whether the administrator has signed in from this place before: this address, or another one of its /64 of IPv6.
    /// Such a place is not held up by what others do to the account from elsewhere. `None`, somebody who does not exist,
    /// is looked for just the same.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn knows_place(&self, user: Option<&UserId>, address: IpAddr) -> Result<bool, StoreError> {
        let mut tx = self.read().await?;
        let known = on!(tx, c => sqlx::query_scalar::<_, i32>(KNOWN_PLACE)
            .bind(user.map_or(NOBODY, UserId::as_str))
            .bind(place(address))
            .fetch_optional(c)
            .await?);
        Ok(known.is_some())
    }
}
