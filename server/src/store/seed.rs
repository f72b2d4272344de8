//! A whole organisation at once, with its past: for demonstrations and measurements. Only an empty database takes it.
//!
//! The rows are made elsewhere (`demo`); this file writes them, a thousand in a statement. Nothing that answers
//! requests may call it: of what it is given it questions the names of interfaces and nothing else.

use serde_json::{Value, json};
use wire::{
    ActivityAction, ActivityId, ChangeView, CreateInterfaceRequest, CreateTokenRequest, Door, InterfaceId,
    SecretId, SourceKind, Timestamp, TokenId, UserId, UserName,
};

use super::secrets::NewSecret;
use super::{Pair, Store, StoreError, Tx, interfaces, on};
use crate::domain::activity::Actor;
use crate::domain::draft::resolve;
use crate::domain::interfaces::Interfaces;
use crate::domain::name::name_key;
use crate::secret::PasswordHashText;

/// Rows of one statement.
const AT_ONCE: usize = 1000;

const IS_EMPTY: &str = "SELECT (SELECT COUNT(*) FROM users) + (SELECT COUNT(*) FROM interfaces) + (SELECT COUNT(*) FROM tokens) + (SELECT COUNT(*) FROM activity)";

/// An insertion of many rows, given as one list of JSON objects with the names of the columns.
macro_rules! insert {
    (@sqlite text $column:ident) => { concat!("value ->> '", stringify!($column), "'") };
    (@sqlite number $column:ident) => { concat!("value ->> '", stringify!($column), "'") };
    (@sqlite bytes $column:ident) => { concat!("unhex(value ->> '", stringify!($column), "')") };
    (@postgres text $column:ident) => { concat!("e ->> '", stringify!($column), "'") };
    (@postgres number $column:ident) => { concat!("(e ->> '", stringify!($column), "')::bigint") };
    (@postgres bytes $column:ident) => { concat!("decode(e ->> '", stringify!($column), "', 'hex')") };
    ($table:ident: $kind:ident $first:ident $(, $kinds:ident $column:ident)* $(,)?) => {
        Pair {
            sqlite: concat!(
                "INSERT INTO ", stringify!($table), " (", stringify!($first) $(, ", ", stringify!($column))*, ") SELECT ",
                insert!(@sqlite $kind $first) $(, ", ", insert!(@sqlite $kinds $column))*, " FROM json_each($1)"
            ),
            postgres: concat!(
                "INSERT INTO ", stringify!($table), " (", stringify!($first) $(, ", ", stringify!($column))*, ") SELECT ",
                insert!(@postgres $kind $first) $(, ", ", insert!(@postgres $kinds $column))*, " FROM jsonb_array_elements($1::jsonb) e"
            ),
        }
    };
}

const USERS: Pair =
    insert!(users: text id, text name, text name_key, text password_hash, number created_at, number version);
const INTERFACES: Pair = insert!(interfaces: text id, text name, text name_key, text description, number public_at, number created_at, number version);
const INTERFACE_NAMES: Pair = insert!(interface_names: text name_key, text interface_id);
const TOKENS: Pair = insert!(tokens: text id, text name, text name_key, text kind, number temporary_lifetime, number expires_at, text allowed_origins, text allowed_networks, text rate_limit, number epoch, number version, number created_at, text created_by, number last_used_at, number deactivated_at, text note, text contact, text write_reason);
const GRANTS: Pair = insert!(grants: text token_id, text interface_id, number permissions);
const SECRETS: Pair = insert!(secrets: text id, text token_id, bytes digest, text pepper_id, text hint, text source, number leak_prefix, number created_at, number expires_at, number last_used_at);
const EXPOSURES: Pair = insert!(exposures: text secret_id, text door, text origin, text place, text token_id, text page, text address, number first_seen_at, number last_seen_at, number count);
const HOURS: Pair = insert!(usage_hour: text token_id, number hour, text outcome, number count);
const SOURCES: Pair =
    insert!(usage_source: text token_id, text kind, text value, number last_seen_at, number count);
const ACTIVITY: Pair = insert!(activity: text id, number at, text action, text actor_kind, text actor_id, text actor_name, text subject_kind, text subject_id, text subject_name, text address, text changes);

/// Everything that an empty database is to hold.
#[derive(Debug, Default)]
pub struct Seed {
    /// Administrators.
    pub users: Vec<SeedUser>,
    /// Interfaces.
    pub interfaces: Vec<SeedInterface>,
    /// Tokens.
    pub tokens: Vec<SeedToken>,
    /// What happened, in any order.
    pub activity: Vec<SeedActivity>,
}

/// An administrator.
#[derive(Debug)]
pub struct SeedUser {
    /// Its identity.
    pub id: UserId,
    /// The name to sign in with.
    pub name: UserName,
    /// The password's hash.
    pub password_hash: PasswordHashText,
    /// When it was created.
    pub created_at: Timestamp,
}

/// An interface.
#[derive(Debug)]
pub struct SeedInterface {
    /// Its identity.
    pub id: InterfaceId,
    /// What it is.
    pub made: CreateInterfaceRequest,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A token with its past.
#[derive(Debug)]
pub struct SeedToken {
    /// Its identity.
    pub id: TokenId,
    /// What it is now.
    pub made: CreateTokenRequest,
    /// When it was made.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: UserId,
    /// When it was last accepted.
    pub last_used_at: Option<Timestamp>,
    /// When it was switched off.
    pub deactivated_at: Option<Timestamp>,
    /// Its secrets, the current one first.
    pub secrets: Vec<SeedSecret>,
    /// Where a secret of it was seen.
    pub exposures: Vec<SeedExposure>,
    /// Requests by the hour.
    pub hours: Vec<SeedHour>,
    /// Where it was used from.
    pub sources: Vec<SeedSource>,
}

/// A secret. Nobody knows its value.
#[derive(Debug)]
pub struct SeedSecret {
    /// Its identity.
    pub id: SecretId,
    /// What is stored of it.
    pub new: NewSecret,
    /// When it was made.
    pub created_at: Timestamp,
    /// The end of its overlap.
    pub expires_at: Option<Timestamp>,
    /// When it was last accepted.
    pub last_used_at: Option<Timestamp>,
}

/// Evidence that the token's current secret was where it must not be.
#[derive(Debug)]
pub struct SeedExposure {
    /// How it came to light.
    pub door: Door,
    /// The page's origin; empty where the request did not tell it.
    pub origin: String,
    /// The page; empty where the request did not tell it.
    pub page: String,
    /// From which address.
    pub address: String,
    /// First time.
    pub first_seen_at: Timestamp,
    /// Last time.
    pub last_seen_at: Timestamp,
    /// How often.
    pub count: u64,
}

/// Requests of an hour.
#[derive(Debug, Clone, Copy)]
pub struct SeedHour {
    /// Hours since 1970.
    pub hour: i64,
    /// `allowed`, `refused` or `minted`.
    pub outcome: &'static str,
    /// How many.
    pub count: u64,
}

/// Where a token was used from.
#[derive(Debug)]
pub struct SeedSource {
    /// What it is.
    pub kind: SourceKind,
    /// The address or the origin.
    pub value: String,
    /// When it was last seen.
    pub last_seen_at: Timestamp,
    /// How often.
    pub count: u64,
}

/// An entry of the activity list.
#[derive(Debug)]
pub struct SeedActivity {
    /// Its identity.
    pub id: ActivityId,
    /// When.
    pub at: Timestamp,
    /// Who, and from where.
    pub actor: Actor,
    /// What.
    pub action: ActivityAction,
    /// `token`, `interface`, `user`, `settings` or `session`.
    pub subject_kind: &'static str,
    /// To which one.
    pub subject_id: Option<String>,
    /// Its name then.
    pub subject_name: Option<String>,
    /// What changed.
    pub changes: Vec<ChangeView>,
}

impl Store {
    /// Fills an empty database, and the index with it: all or nothing.
    ///
    /// # Errors
    /// [`StoreError::NotEmpty`], [`StoreError::Rules`] for a grant on an interface that is not among the seed's, or
    /// when the database fails.
    pub async fn seed(&self, seed: Seed) -> Result<(), StoreError> {
        let store = self.clone();
        self.detached(async move {
            let mut tx = store.write().await?;
            if on!(tx, c => sqlx::query_scalar::<_, i64>(IS_EMPTY).fetch_one(c).await?) > 0 {
                return Err(StoreError::NotEmpty);
            }
            put(&mut tx, &USERS, lists(seed.users.iter().map(user))).await?;
            put(&mut tx, &INTERFACES, lists(seed.interfaces.iter().map(interface))).await?;
            put(
                &mut tx,
                &INTERFACE_NAMES,
                lists(seed.interfaces.iter().map(interface_name)),
            )
            .await?;
            let directory = interfaces::load(&mut tx).await?;
            let grants = grants(&seed.tokens, &directory)?;
            put(&mut tx, &TOKENS, lists(seed.tokens.iter().map(token))).await?;
            put(&mut tx, &GRANTS, lists(grants)).await?;
            put(&mut tx, &SECRETS, lists(seed.tokens.iter().flat_map(secrets))).await?;
            put(&mut tx, &EXPOSURES, lists(seed.tokens.iter().flat_map(exposures))).await?;
            put(&mut tx, &HOURS, lists(seed.tokens.iter().flat_map(hours))).await?;
            put(&mut tx, &SOURCES, lists(seed.tokens.iter().flat_map(sources))).await?;
            put(&mut tx, &ACTIVITY, lists(seed.activity.iter().map(activity))).await?;
            tx.commit().await?;
            store.load().await
        })
        .await
    }
}

/// Rows as the lists of one statement each.
fn lists(rows: impl IntoIterator<Item = Value>) -> Vec<String> {
    let mut rows = rows.into_iter();
    let next = || {
        let some: Vec<Value> = rows.by_ref().take(AT_ONCE).collect();
        (!some.is_empty()).then(|| Value::from(some).to_string())
    };
    std::iter::from_fn(next).collect()
}

async fn put(tx: &mut Tx, pair: &Pair, lists: Vec<String>) -> Result<(), StoreError> {
    for list in lists {
        on!(tx, c, sql = pair => sqlx::query(sql).bind(list.as_str()).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}

fn millis(at: Option<Timestamp>) -> Option<i64> {
    at.map(Timestamp::millis)
}

fn user(user: &SeedUser) -> Value {
    json!({
        "id": user.id.as_str(),
        "name": user.name.as_str(),
        "name_key": name_key(user.name.as_str()),
        "password_hash": user.password_hash.as_column(),
        "created_at": user.created_at.millis(),
        "version": 1,
    })
}

fn interface(interface: &SeedInterface) -> Value {
    let made = &interface.made;
    json!({
        "id": interface.id.as_str(),
        "name": made.name.as_str(),
        "name_key": name_key(made.name.as_str()),
        "description": made.description.as_str(),
        "public_at": made.public.then_some(interface.created_at.millis()),
        "created_at": interface.created_at.millis(),
        "version": 1,
    })
}

fn interface_name(interface: &SeedInterface) -> Value {
    json!({ "name_key": name_key(interface.made.name.as_str()), "interface_id": interface.id.as_str() })
}

fn grants(tokens: &[SeedToken], directory: &Interfaces) -> Result<Vec<Value>, StoreError> {
    let mut rows = Vec::new();
    for token in tokens {
        for grant in resolve(&token.made.grants, directory).map_err(StoreError::Rules)? {
            rows.push(json!({
                "token_id": token.id.as_str(),
                "interface_id": grant.interface.as_str(),
                "permissions": grant.permissions.bits(),
            }));
        }
    }
    Ok(rows)
}

fn token(token: &SeedToken) -> Value {
    let made = &token.made;
    json!({
        "id": token.id.as_str(),
        "name": made.name.as_str(),
        "name_key": name_key(made.name.as_str()),
        "kind": made.kind.as_str(),
        "temporary_lifetime": made.temporary_lifetime.number(),
        "expires_at": millis(made.expires_at),
        "allowed_origins": json!(made.allowed_origins).to_string(),
        "allowed_networks": json!(made.allowed_networks).to_string(),
        "rate_limit": json!(made.rate_limit).to_string(),
        "epoch": 0,
        "version": 1,
        "created_at": token.created_at.millis(),
        "created_by": token.created_by.as_str(),
        "last_used_at": millis(token.last_used_at),
        "deactivated_at": millis(token.deactivated_at),
        "note": made.note.as_str(),
        "contact": made.contact.as_str(),
        "write_reason": made.write_reason.as_str(),
    })
}

fn secrets(token: &SeedToken) -> impl Iterator<Item = Value> {
    token.secrets.iter().map(|secret| {
        json!({
            "id": secret.id.as_str(),
            "token_id": token.id.as_str(),
            "digest": secret.new.digest.to_hex(),
            "pepper_id": secret.new.pepper_id,
            "hint": secret.new.hint,
            "source": secret.new.source.as_str(),
            "leak_prefix": secret.new.leak_prefix,
            "created_at": secret.created_at.millis(),
            "expires_at": millis(secret.expires_at),
            "last_used_at": millis(secret.last_used_at),
        })
    })
}

fn exposures(token: &SeedToken) -> impl Iterator<Item = Value> {
    let current = token.secrets.first();
    token
        .exposures
        .iter()
        .zip(std::iter::repeat(current))
        .filter_map(|(exposure, secret)| {
            Some(json!({
                "secret_id": secret?.id.as_str(),
                "door": exposure.door.as_str(),
                "origin": exposure.origin,
                "place": "",
                "page": exposure.page,
                "token_id": token.id.as_str(),
                "address": exposure.address,
                "first_seen_at": exposure.first_seen_at.millis(),
                "last_seen_at": exposure.last_seen_at.millis(),
                "count": exposure.count,
            }))
        })
}

fn hours(token: &SeedToken) -> impl Iterator<Item = Value> {
    token.hours.iter().map(|hour| {
        json!({
            "token_id": token.id.as_str(),
            "hour": hour.hour,
            "outcome": hour.outcome,
            "count": hour.count,
        })
    })
}

fn sources(token: &SeedToken) -> impl Iterator<Item = Value> {
    token.sources.iter().map(|source| {
        json!({
            "token_id": token.id.as_str(),
            "kind": source.kind,
            "value": source.value,
            "last_seen_at": source.last_seen_at.millis(),
            "count": source.count,
        })
    })
}

fn activity(entry: &SeedActivity) -> Value {
    let (kind, id, name) = entry.actor.columns();
    json!({
        "id": entry.id.as_str(),
        "at": entry.at.millis(),
        "action": entry.action.as_str(),
        "actor_kind": kind,
        "actor_id": id,
        "actor_name": name,
        "subject_kind": entry.subject_kind,
        "subject_id": entry.subject_id,
        "subject_name": entry.subject_name,
        "address": entry.actor.address.map(|a| a.to_canonical().to_string()),
        "changes": json!(entry.changes).to_string(),
    })
}
