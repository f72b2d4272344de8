//! The list of tokens: search, filters, order, pages; and what the overview counts with the same conditions. The only
//! file that puts SQL together; it joins constants, and every value is bound.

use std::collections::HashMap;

use sqlx::{Database, Encode, QueryBuilder, Type};
use wire::{
    Attention, AttentionCount, AttentionFilter, OverviewView, Page, Permission, Permissions, StateCount,
    Status, TokenId, TokenListQuery, TokenSort, TokenView,
};

use super::activity::limit_and_offset;
use super::{Engine, Store, StoreError, interfaces, on, record, settings};
use crate::domain::attention::{BROAD_INTERFACES, Bounds};
use crate::domain::interfaces::Interfaces;
use crate::domain::name::name_key;

const INTERFACES: &str = "SELECT COUNT(*) FROM interfaces WHERE deleted_at IS NULL";
const EVER_USED: &str =
    "SELECT COUNT(*) FROM (SELECT 1 FROM tokens WHERE last_used_at IS NOT NULL LIMIT 1) used";

/// The condition that a token has a secret that is still accepted.
fn push_has_secret<DB>(sql: &mut QueryBuilder<DB>, bounds: &Bounds)
where
    DB: Database,
    i64: for<'e> Encode<'e, DB> + Type<DB>,
{
    sql.push("EXISTS (SELECT 1 FROM secrets s WHERE s.token_id = t.id AND (s.expires_at IS NULL OR s.expires_at > ")
        .push_bind(bounds.now.millis())
        .push("))");
}

/// Grants that let somebody write. A literal, so that an index can hold just these.
macro_rules! writing {
    () => {
        "(g.permissions & 28) <> 0"
    };
}
const WRITING: u8 = Permissions::NONE
    .with(Permission::Upload)
    .with(Permission::Edit)
    .with(Permission::Delete)
    .bits();
const _: () = assert!(WRITING == 28, "the literal in `writing!`");

/// Which tokens: the values of the conditions, owned, so that they can be bound on either engine.
pub(super) struct Conditions {
    search: Option<(String, String)>,
    #[expect(
        clippy::option_option,
        reason = "no filter, a name that no interface has, an interface"
    )]
    interface: Option<Option<String>>,
    permission: Option<i64>,
    status: Option<Status>,
    kind: Option<&'static str>,
    attention: Option<AttentionFilter>,
    bounds: Bounds,
}

/// Escapes what `LIKE` gives a meaning to.
fn like(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

impl Conditions {
    /// The conditions of a query; `None` when no token can meet them.
    pub(super) fn of(query: &TokenListQuery, directory: &Interfaces, bounds: Bounds) -> Option<Self> {
        let search = query.q.as_deref().map(str::trim).filter(|q| !q.is_empty());
        // In no name or hint; PostgreSQL refuses it, SQLite ends the pattern there.
        if search.is_some_and(|q| q.contains('\0')) {
            return None;
        }
        Some(Self {
            search: search.map(|q| (like(&name_key(q)), like(&q.to_ascii_lowercase()))),
            interface: query
                .interface
                .as_deref()
                .map(|name| directory.find(name).map(|i| i.id.to_string())),
            permission: query
                .permission
                .map(|p| i64::from(Permissions::NONE.with(p).bits())),
            status: query.status,
            kind: query.kind.map(wire::Kind::as_str),
            attention: query.attention,
            bounds,
        })
    }

    /// Puts the conditions behind `FROM tokens t`.
    pub(super) fn push<DB>(&self, sql: &mut QueryBuilder<DB>)
    where
        DB: Database,
        String: for<'e> Encode<'e, DB> + Type<DB>,
        i64: for<'e> Encode<'e, DB> + Type<DB>,
    {
        sql.push(" WHERE t.deleted_at IS NULL");
        if let Some((name, hint)) = &self.search {
            sql.push(" AND (t.name_key LIKE ").push_bind(name.clone());
            sql.push(" ESCAPE '\\' OR t.id IN (SELECT s.token_id FROM secrets s WHERE LOWER(s.hint) LIKE ");
            sql.push_bind(hint.clone()).push(" ESCAPE '\\'))");
        }
        if let Some(kind) = self.kind {
            sql.push(" AND t.kind = ").push_bind(kind.to_owned());
        }
        self.push_rights(sql);
        if let Some(status) = self.status {
            push_status(sql, status, &self.bounds);
        }
        if let Some(filter) = self.attention {
            push_status(sql, Status::Active, &self.bounds);
            let reasons = match filter {
                AttentionFilter::Any => &Attention::ALL[..],
                AttentionFilter::Only(reason) => &[reason][..],
            };
            for (at, reason) in reasons.iter().enumerate() {
                sql.push(if at == 0 { " AND (" } else { " OR " });
                push_reason(sql, *reason, &self.bounds);
            }
            sql.push(")");
        }
    }

    /// An interface, a permission, or the permission on the interface.
    fn push_rights<DB>(&self, sql: &mut QueryBuilder<DB>)
    where
        DB: Database,
        String: for<'e> Encode<'e, DB> + Type<DB>,
        i64: for<'e> Encode<'e, DB> + Type<DB>,
    {
        let interface = match &self.interface {
            None if self.permission.is_none() => return,
            Some(None) => {
                sql.push(" AND 1 = 0");
                return;
            }
            None => None,
            Some(Some(id)) => Some(id),
        };
        sql.push(" AND t.id IN (SELECT g.token_id FROM grants g WHERE ");
        if let Some(id) = interface {
            sql.push("g.interface_id = ").push_bind(id.clone());
        }
        if let Some(permission) = self.permission {
            sql.push(if interface.is_some() { " AND " } else { "" });
            sql.push("(g.permissions & ").push_bind(permission).push(") <> 0");
        }
        sql.push(")");
    }
}

/// Says in SQL what [`crate::domain::token::status`] says.
fn push_status<DB>(sql: &mut QueryBuilder<DB>, status: Status, bounds: &Bounds)
where
    DB: Database,
    i64: for<'e> Encode<'e, DB> + Type<DB>,
{
    if status == Status::Inactive {
        sql.push(" AND t.deactivated_at IS NOT NULL");
        return;
    }
    sql.push(" AND t.deactivated_at IS NULL");
    if status == Status::Expired {
        sql.push(" AND t.expires_at <= ").push_bind(bounds.now.millis());
        return;
    }
    sql.push(" AND (t.expires_at IS NULL OR t.expires_at > ")
        .push_bind(bounds.now.millis())
        .push(if status == Status::Active {
            ") AND "
        } else {
            ") AND NOT "
        });
    push_has_secret(sql, bounds);
}

/// Says in SQL what [`crate::domain::attention::attention`] says of an active token.
fn push_reason<DB>(sql: &mut QueryBuilder<DB>, reason: Attention, bounds: &Bounds)
where
    DB: Database,
    i64: for<'e> Encode<'e, DB> + Type<DB>,
{
    let made_before = "EXISTS (SELECT 1 FROM secrets s WHERE s.token_id = t.id AND s.expires_at IS NULL AND s.created_at < ";
    match reason {
        Attention::Exposed => {
            sql.push("t.id IN (SELECT e.token_id FROM exposures e WHERE e.dealt_with_at IS NULL)");
        }
        Attention::ExpiresSoon => {
            sql.push("t.expires_at < ")
                .push_bind(bounds.expires_before.millis());
        }
        Attention::RotationDue => {
            sql.push(made_before)
                .push_bind(bounds.rotated_before.millis())
                .push(")");
        }
        Attention::NeverUsed => {
            sql.push("(t.last_used_at IS NULL AND ").push(made_before);
            sql.push_bind(bounds.handed_over_before.millis()).push("))");
        }
        Attention::Unused => {
            sql.push("t.last_used_at < ")
                .push_bind(bounds.used_before.millis());
        }
        Attention::BroadRights => {
            sql.push(concat!(
                "t.id IN (SELECT g.token_id FROM grants g WHERE ",
                writing!(),
                " GROUP BY g.token_id HAVING COUNT(*) >= "
            ));
            sql.push_bind(i64::try_from(BROAD_INTERFACES).unwrap_or(i64::MAX))
                .push(")");
        }
    }
}

/// Counts tokens by state and by the reasons that they would have if they were active, as bits in the order of
/// [`Attention::ALL`].
fn push_counts<DB>(sql: &mut QueryBuilder<DB>, bounds: &Bounds)
where
    DB: Database,
    i64: for<'e> Encode<'e, DB> + Type<DB>,
{
    sql.push("SELECT c.status, c.reasons, COUNT(*) FROM (SELECT CASE WHEN t.deactivated_at IS NOT NULL THEN 'inactive' WHEN t.expires_at <= ");
    sql.push_bind(bounds.now.millis()).push(" THEN 'expired' WHEN ");
    push_has_secret(sql, bounds);
    sql.push(" THEN 'active' ELSE 'awaiting_secret' END AS status, CAST(0");
    for (reason, bit) in Attention::ALL.into_iter().zip(["1", "2", "4", "8", "16", "32"]) {
        sql.push(" + CASE WHEN ");
        push_reason(sql, reason, bounds);
        sql.push(" THEN ").push(bit).push(" ELSE 0 END");
    }
    sql.push(
        " AS BIGINT) AS reasons FROM tokens t WHERE t.deleted_at IS NULL) c GROUP BY c.status, c.reasons",
    );
}

const fn order(sort: TokenSort) -> &'static str {
    match sort {
        TokenSort::Name => " ORDER BY t.name_key, t.id",
        TokenSort::NameDescending => " ORDER BY t.name_key DESC, t.id DESC",
        TokenSort::Created => " ORDER BY t.created_at, t.id",
        TokenSort::CreatedDescending => " ORDER BY t.created_at DESC, t.id DESC",
        TokenSort::LastUsed => " ORDER BY COALESCE(t.last_used_at, 0), t.id",
        TokenSort::SecretAge => {
            " ORDER BY COALESCE((SELECT s.created_at FROM secrets s WHERE s.token_id = t.id AND s.expires_at IS NULL), 9223372036854775807), t.id"
        }
        TokenSort::LastUsedDescending => " ORDER BY COALESCE(t.last_used_at, 0) DESC, t.id DESC",
    }
}

fn parse_ids(ids: Vec<String>) -> Result<Vec<TokenId>, StoreError> {
    ids.into_iter()
        .map(|id| id.parse().map_err(|_| StoreError::Inconsistent("tokens.id")))
        .collect()
}

macro_rules! run {
    ($connection:expr, $conditions:expr, $order:expr, $limit:expr, $offset:expr) => {{
        let mut count = QueryBuilder::new("SELECT COUNT(*) FROM tokens t");
        $conditions.push(&mut count);
        let total: i64 = count.build_query_scalar().fetch_one(&mut **$connection).await?;
        let mut list = QueryBuilder::new("SELECT t.id FROM tokens t");
        $conditions.push(&mut list);
        list.push($order)
            .push(" LIMIT ")
            .push_bind($limit)
            .push(" OFFSET ")
            .push_bind($offset);
        let ids: Vec<String> = list.build_query_scalar().fetch_all(&mut **$connection).await?;
        (total, ids)
    }};
}

impl Store {
    /// A page of tokens.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_tokens(&self, query: &TokenListQuery) -> Result<Page<TokenView>, StoreError> {
        let page = wire::PageQuery {
            page: query.page.unwrap_or(1),
            per_page: query.per_page.unwrap_or(wire::PageQuery::default().per_page),
        };
        let (limit, offset) = limit_and_offset(page);
        let now = self.now();
        let mut tx = self.read().await?;
        let directory = interfaces::load(&mut tx).await?;
        let settings = settings::load(&mut tx).await?;
        let Some(conditions) = Conditions::of(query, &directory, Bounds::at(now, &settings)) else {
            return Ok(Page {
                items: Vec::new(),
                page: page.page,
                per_page: page.per_page,
                total: 0,
            });
        };
        let order = order(query.sort);
        // First which ones: that much stands in an index. Then the rows of these alone.
        let (total, ids) = match tx.this() {
            Engine::Sqlite(tx) => run!(tx, conditions, order, limit, offset),
            Engine::Postgres(tx) => run!(tx, conditions, order, limit, offset),
        };
        let ids = parse_ids(ids)?;
        let records = record::some(&mut tx, &ids).await?;
        let mut views: HashMap<TokenId, TokenView> = records
            .iter()
            .map(|r| (r.id.clone(), r.view(&directory, &settings, now)))
            .collect();
        Ok(Page {
            items: ids.iter().filter_map(|id| views.remove(id)).collect(),
            page: page.page,
            per_page: page.per_page,
            total: total.unsigned_abs(),
        })
    }

    /// The tokens of a list in its order, all pages of it.
    pub(super) async fn list_token_ids(&self, query: &TokenListQuery) -> Result<Vec<TokenId>, StoreError> {
        let mut tx = self.read().await?;
        let directory = interfaces::load(&mut tx).await?;
        let bounds = Bounds::at(self.now(), &settings::load(&mut tx).await?);
        let Some(conditions) = Conditions::of(query, &directory, bounds) else {
            return Ok(Vec::new());
        };
        let ids: Vec<String> = on!(tx, c => {
            let mut sql = QueryBuilder::new("SELECT t.id FROM tokens t");
            conditions.push(&mut sql);
            sql.push(order(query.sort));
            sql.build_query_scalar().fetch_all(c).await?
        });
        parse_ids(ids)
    }

    /// How many tokens there are, in which states, and which of them need attention.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_tokens(&self) -> Result<OverviewView, StoreError> {
        let mut tx = self.read().await?;
        let bounds = Bounds::at(self.now(), &settings::load(&mut tx).await?);
        let interfaces = on!(tx, c => sqlx::query_scalar::<_, i64>(INTERFACES).fetch_one(c).await?);
        let used = on!(tx, c => sqlx::query_scalar::<_, i64>(EVER_USED).fetch_one(c).await?);
        let rows: Vec<(String, i64, i64)> = on!(tx, c => {
            let mut sql = QueryBuilder::new("");
            push_counts(&mut sql, &bounds);
            sql.build_query_as().fetch_all(c).await?
        });
        let count = |wanted: &dyn Fn(&str, i64) -> bool| -> u64 {
            let counted = rows
                .iter()
                .filter(|(status, reasons, _)| wanted(status, *reasons));
            counted.map(|(_, _, count)| count.unsigned_abs()).sum()
        };
        let active = Status::Active.as_str();
        let with = |bits: i64| count(&move |status, reasons| status == active && reasons & bits != 0);
        Ok(OverviewView {
            total: count(&|_, _| true),
            states: Status::ALL
                .map(|status| StateCount {
                    status,
                    count: count(&move |s, _| s == status.as_str()),
                })
                .into(),
            needs_attention: with(i64::MAX),
            attention: (0..)
                .zip(Attention::ALL)
                .map(|(at, reason)| AttentionCount {
                    reason,
                    count: with(1 << at),
                })
                .filter(|a| a.count > 0)
                .collect(),
            interfaces: interfaces.unsigned_abs(),
            used: used > 0,
        })
    }
}
