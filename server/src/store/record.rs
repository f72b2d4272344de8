//! A token with everything that belongs to it, read from several tables: the source of the index's states and of
//! administrators' views.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::Arc;

use serde_json::Value;
use wire::{
    DealtWith, ExposureView, Kind, MaybeRateLimit, Network, Origin, Permissions, SecretView, Status,
    TemporaryLifetime, Timestamp, TokenId, TokenView,
};

use super::{Pair, StoreError, Tx, on};
use crate::domain::attention::{Bounds, Facts, attention};
use crate::domain::interfaces::Interfaces;
use crate::domain::settings::Settings;
use crate::domain::token::{SecretState, TokenGrant, TokenState, status};
use crate::secret::TokenDigest;

macro_rules! select {
    (tokens $rest:literal) => {
        concat!(
            "SELECT t.id, t.name, t.kind, t.temporary_lifetime, t.expires_at, t.allowed_origins, \
             t.allowed_networks, t.rate_limit, t.epoch, t.version, t.created_at, u.name AS created_by, \
             t.last_used_at, t.deactivated_at, t.deleted_at, t.note, t.contact, t.write_reason FROM tokens t LEFT JOIN users u ON u.id = t.created_by ",
            $rest
        )
    };
    (grants $rest:literal) => {
        concat!("SELECT token_id, interface_id, permissions FROM grants ", $rest)
    };
    // The current secret, the one without an end, is the first one even when the clock was set back.
    (secrets $rest:literal) => {
        concat!("SELECT id, token_id, digest, hint, created_at, expires_at, last_used_at FROM secrets ", $rest, " ORDER BY expires_at IS NOT NULL, created_at DESC, id DESC")
    };
    (exposures $rest:literal) => {
        concat!("SELECT token_id, secret_id, door, origin, page, place, address, first_seen_at, last_seen_at, count, dealt_with_at, dealt_with_by, dealt_with_reason FROM exposures ", $rest, " ORDER BY last_seen_at DESC, door, origin, place")
    };
}

const TOKEN: &str = select!(tokens "WHERE t.id = $1 AND t.deleted_at IS NULL");
const TOKENS_OF: Pair = Pair {
    sqlite: select!(tokens "WHERE t.deleted_at IS NULL AND t.id IN (SELECT value FROM json_each($1))"),
    postgres: select!(tokens "WHERE t.deleted_at IS NULL AND t.id IN (SELECT jsonb_array_elements_text($1::jsonb))"),
};
const TOMBSTONES_OF: Pair = Pair {
    sqlite: select!(tokens "WHERE t.deleted_at IS NOT NULL AND t.id IN (SELECT value FROM json_each($1))"),
    postgres: select!(tokens "WHERE t.deleted_at IS NOT NULL AND t.id IN (SELECT jsonb_array_elements_text($1::jsonb))"),
};
const TOMBSTONE: &str = select!(tokens "WHERE t.id = $1 AND t.deleted_at IS NOT NULL");
const GRANTS_OF: Pair = Pair {
    sqlite: select!(grants "WHERE token_id IN (SELECT value FROM json_each($1))"),
    postgres: select!(grants "WHERE token_id IN (SELECT jsonb_array_elements_text($1::jsonb))"),
};
const SECRETS_OF: Pair = Pair {
    sqlite: select!(secrets "WHERE token_id IN (SELECT value FROM json_each($1))"),
    postgres: select!(secrets "WHERE token_id IN (SELECT jsonb_array_elements_text($1::jsonb))"),
};
const EXPOSURES_OF: Pair = Pair {
    sqlite: select!(exposures "WHERE token_id IN (SELECT value FROM json_each($1))"),
    postgres: select!(exposures "WHERE token_id IN (SELECT jsonb_array_elements_text($1::jsonb))"),
};

#[derive(sqlx::FromRow)]
pub(super) struct TokenRow {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) temporary_lifetime: i64,
    pub(super) expires_at: Option<i64>,
    pub(super) allowed_origins: String,
    pub(super) allowed_networks: String,
    pub(super) rate_limit: String,
    pub(super) epoch: i64,
    pub(super) version: i64,
    pub(super) created_at: i64,
    pub(super) created_by: Option<String>,
    pub(super) last_used_at: Option<i64>,
    pub(super) deactivated_at: Option<i64>,
    pub(super) deleted_at: Option<i64>,
    pub(super) note: String,
    pub(super) contact: String,
    pub(super) write_reason: String,
}

#[derive(sqlx::FromRow)]
struct GrantRow {
    token_id: String,
    interface_id: String,
    permissions: i64,
}

#[derive(sqlx::FromRow)]
struct SecretRow {
    id: String,
    token_id: String,
    digest: Vec<u8>,
    hint: String,
    created_at: i64,
    expires_at: Option<i64>,
    last_used_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct ExposureRow {
    token_id: String,
    secret_id: String,
    door: String,
    origin: String,
    page: String,
    place: String,
    address: Option<String>,
    first_seen_at: i64,
    last_seen_at: i64,
    count: i64,
    dealt_with_at: Option<i64>,
    dealt_with_by: Option<String>,
    dealt_with_reason: String,
}

pub(super) struct SecretRecord {
    pub(super) state: SecretState,
    pub(super) hint: String,
    pub(super) created_at: Timestamp,
    last_used_at: Option<Timestamp>,
}

/// A token and what belongs to it.
pub(super) struct TokenRecord {
    pub(super) id: TokenId,
    pub(super) row: TokenRow,
    pub(super) kind: Kind,
    pub(super) temporary_lifetime: TemporaryLifetime,
    pub(super) allowed_origins: Vec<Origin>,
    pub(super) allowed_networks: Vec<Network>,
    pub(super) rate_limit: MaybeRateLimit,
    pub(super) grants: Vec<TokenGrant>,
    pub(super) secrets: Vec<SecretRecord>,
    exposures: Vec<ExposureView>,
}

pub(super) fn parse<T: FromStr>(text: &str, column: &'static str) -> Result<T, StoreError> {
    text.parse().map_err(|_| StoreError::Inconsistent(column))
}

pub(super) fn json<T: serde::de::DeserializeOwned>(
    text: &str,
    column: &'static str,
) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Inconsistent(column))
}

pub(super) fn word<T: serde::de::DeserializeOwned>(
    text: &str,
    column: &'static str,
) -> Result<T, StoreError> {
    serde_json::from_value(Value::String(text.to_owned())).map_err(|_| StoreError::Inconsistent(column))
}

/// Ids as statements take many at once: a JSON list.
pub(super) fn id_list<'a>(ids: impl IntoIterator<Item = &'a TokenId>) -> String {
    ids.into_iter()
        .map(TokenId::as_str)
        .collect::<Value>()
        .to_string()
}

pub(super) fn read_lifetime(number: i64) -> Result<TemporaryLifetime, StoreError> {
    TemporaryLifetime::from_number(number).ok_or(StoreError::Inconsistent("tokens.temporary_lifetime"))
}

pub(super) fn read_grant(interface: &str, permissions: i64) -> Result<TokenGrant, StoreError> {
    Ok(TokenGrant {
        interface: parse(interface, "grants.interface_id")?,
        permissions: u8::try_from(permissions)
            .ok()
            .and_then(Permissions::from_bits)
            .ok_or(StoreError::Inconsistent("grants.permissions"))?,
    })
}

pub(super) fn read_secret(
    id: &str,
    digest: Option<TokenDigest>,
    expires_at: Option<i64>,
) -> Result<SecretState, StoreError> {
    Ok(SecretState {
        id: parse(id, "secrets.id")?,
        digest: digest.ok_or(StoreError::Inconsistent("secrets.digest"))?,
        expires_at: expires_at.map(Timestamp::from_millis),
        last_used: Arc::default(),
    })
}

fn some_text(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

/// One token that is not deleted.
pub(super) async fn one(tx: &mut Tx, id: &TokenId) -> Result<Option<TokenRecord>, StoreError> {
    let row = on!(tx, c => sqlx::query_as::<_, TokenRow>(TOKEN).bind(id.as_str()).fetch_optional(c).await?);
    Ok(complete(tx, row.into_iter().collect()).await?.pop())
}

/// One token that is deleted: nothing but its tombstone.
pub(super) async fn tombstone(tx: &mut Tx, id: &TokenId) -> Result<Option<TokenRecord>, StoreError> {
    let row =
        on!(tx, c => sqlx::query_as::<_, TokenRow>(TOMBSTONE).bind(id.as_str()).fetch_optional(c).await?);
    Ok(complete(tx, row.into_iter().collect()).await?.pop())
}

/// Those of some tokens that are not deleted, in any order.
pub(super) async fn some(tx: &mut Tx, ids: &[TokenId]) -> Result<Vec<TokenRecord>, StoreError> {
    let list = id_list(ids);
    let rows = on!(tx, c, sql = TOKENS_OF => sqlx::query_as::<_, TokenRow>(sql).bind(list.as_str()).fetch_all(c).await?);
    complete(tx, rows).await
}

/// Those of some tokens that are deleted, in any order: nothing but their tombstones.
pub(super) async fn some_tombstones(tx: &mut Tx, ids: &[TokenId]) -> Result<Vec<TokenRecord>, StoreError> {
    let list = id_list(ids);
    let rows = on!(tx, c, sql = TOMBSTONES_OF => sqlx::query_as::<_, TokenRow>(sql).bind(list.as_str()).fetch_all(c).await?);
    complete(tx, rows).await
}

/// Rows of tokens, with what belongs to them, in the same order.
pub(super) async fn complete(tx: &mut Tx, rows: Vec<TokenRow>) -> Result<Vec<TokenRecord>, StoreError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids = Value::from(rows.iter().map(|r| r.id.as_str()).collect::<Vec<_>>()).to_string();
    let grants = on!(tx, c, sql = GRANTS_OF => sqlx::query_as::<_, GrantRow>(sql).bind(ids.as_str()).fetch_all(c).await?);
    let secrets = on!(tx, c, sql = SECRETS_OF => sqlx::query_as::<_, SecretRow>(sql).bind(ids.as_str()).fetch_all(c).await?);
    let exposures = on!(tx, c, sql = EXPOSURES_OF => sqlx::query_as::<_, ExposureRow>(sql).bind(ids.as_str()).fetch_all(c).await?);
    join(rows, grants, secrets, exposures)
}

fn join(
    rows: Vec<TokenRow>,
    grants: Vec<GrantRow>,
    secrets: Vec<SecretRow>,
    exposures: Vec<ExposureRow>,
) -> Result<Vec<TokenRecord>, StoreError> {
    let mut grants_of: HashMap<String, Vec<TokenGrant>> = HashMap::new();
    for row in grants {
        let grant = read_grant(&row.interface_id, row.permissions)?;
        grants_of.entry(row.token_id).or_default().push(grant);
    }
    let mut secrets_of: HashMap<String, Vec<SecretRecord>> = HashMap::new();
    for row in secrets {
        let state = read_secret(&row.id, TokenDigest::from_bytes(&row.digest), row.expires_at)?;
        secrets_of.entry(row.token_id).or_default().push(SecretRecord {
            state,
            hint: row.hint,
            created_at: Timestamp::from_millis(row.created_at),
            last_used_at: row.last_used_at.map(Timestamp::from_millis),
        });
    }
    let mut exposures_of: HashMap<String, Vec<ExposureView>> = HashMap::new();
    for row in exposures {
        exposures_of.entry(row.token_id).or_default().push(ExposureView {
            door: word(&row.door, "exposures.door")?,
            secret_id: parse(&row.secret_id, "exposures.secret_id")?,
            origin: some_text(row.origin),
            page: some_text(row.page),
            place: some_text(row.place),
            address: row.address,
            first_seen_at: Timestamp::from_millis(row.first_seen_at),
            last_seen_at: Timestamp::from_millis(row.last_seen_at),
            count: row.count.unsigned_abs(),
            dealt_with: row.dealt_with_at.map(|at| DealtWith {
                at: Timestamp::from_millis(at),
                by: row.dealt_with_by,
                reason: row.dealt_with_reason,
            }),
        });
    }
    rows.into_iter()
        .map(|row| {
            let mut grants = grants_of.remove(&row.id).unwrap_or_default();
            grants.sort_by(|a, b| a.interface.cmp(&b.interface));
            Ok(TokenRecord {
                id: parse(&row.id, "tokens.id")?,
                kind: word(&row.kind, "tokens.kind")?,
                temporary_lifetime: read_lifetime(row.temporary_lifetime)?,
                allowed_origins: json(&row.allowed_origins, "tokens.allowed_origins")?,
                allowed_networks: json(&row.allowed_networks, "tokens.allowed_networks")?,
                rate_limit: json(&row.rate_limit, "tokens.rate_limit")?,
                grants,
                secrets: secrets_of.remove(&row.id).unwrap_or_default(),
                exposures: exposures_of.remove(&row.id).unwrap_or_default(),
                row,
            })
        })
        .collect()
}

impl TokenRecord {
    /// Its state.
    pub(super) fn status(&self, now: Timestamp) -> Status {
        status(
            self.has_live_secret(now),
            self.row.deactivated_at.is_some(),
            self.row.expires_at.map(Timestamp::from_millis),
            now,
        )
    }

    /// Whether any of its secrets is accepted.
    pub(super) fn has_live_secret(&self, now: Timestamp) -> bool {
        self.secrets.iter().any(|s| s.state.is_live(now))
    }

    /// The secret that has no end.
    pub(super) fn current_secret(&self) -> Option<&SecretRecord> {
        self.secrets.iter().find(|s| s.state.expires_at.is_none())
    }

    /// For the index.
    pub(super) fn into_state(self) -> TokenState {
        TokenState {
            id: self.id,
            version: self.row.version,
            name: self.row.name,
            kind: self.kind,
            deactivated: self.row.deactivated_at.is_some(),
            deleted: self.row.deleted_at.is_some(),
            expires_at: self.row.expires_at.map(Timestamp::from_millis),
            epoch: self.row.epoch,
            temporary_lifetime: self.temporary_lifetime,
            grants: self.grants,
            allowed_origins: self.allowed_origins,
            allowed_networks: self.allowed_networks,
            rate_limit: self.rate_limit,
            secrets: self.secrets.into_iter().map(|s| s.state).collect(),
        }
    }

    /// For administrators. What needs attention depends on the settings.
    pub(super) fn view(&self, interfaces: &Interfaces, settings: &Settings, now: Timestamp) -> TokenView {
        let expires_at = self.row.expires_at.map(Timestamp::from_millis);
        let last_used_at = self.row.last_used_at.map(Timestamp::from_millis);
        let status = self.status(now);
        let live = || self.secrets.iter().filter(|s| s.state.is_live(now));
        let facts = Facts {
            status,
            exposed: self.exposures.iter().any(|e| e.dealt_with.is_none()),
            expires_at,
            secret_created_at: self.current_secret().map(|s| s.created_at),
            last_used_at,
            writable_interfaces: self.grants.iter().filter(|g| g.permissions.any_write()).count(),
        };
        TokenView {
            id: self.id.clone(),
            name: self.row.name.clone(),
            kind: self.kind,
            status,
            hint: live().next().map(|s| s.hint.clone()),
            grants: interfaces.named(&self.grants),
            temporary_lifetime: self.temporary_lifetime,
            expires_at,
            allowed_origins: self.allowed_origins.clone(),
            allowed_networks: self.allowed_networks.clone(),
            rate_limit: self.rate_limit,
            created_at: Timestamp::from_millis(self.row.created_at),
            created_by: self.row.created_by.clone(),
            last_used_at,
            version: self.row.version,
            secrets: live()
                .map(|s| SecretView {
                    id: s.state.id.clone(),
                    hint: s.hint.clone(),
                    created_at: s.created_at,
                    expires_at: s.state.expires_at,
                    last_used_at: s.last_used_at,
                })
                .collect(),
            exposures: self.exposures.clone(),
            note: self.row.note.clone(),
            contact: self.row.contact.clone(),
            write_reason: self.row.write_reason.clone(),
            attention: attention(&facts, &Bounds::at(now, settings)),
        }
    }
}
