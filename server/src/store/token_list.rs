//! The list of tokens: search, filters, order, pages. The only file that puts SQL together; it joins constants,
//! and every value is bound.

use sqlx::{Database, Encode, QueryBuilder, Type};
use wire::{Page, Status, TokenListQuery, TokenSort, TokenView};

use super::activity::limit_and_offset;
use super::record::{TokenRow, complete, select};
use super::{Store, StoreError, Tx, interfaces};
use crate::domain::name::name_key;

/// Values of the conditions, owned, so that they can be bound on either engine.
struct Conditions {
    search: Option<(String, String)>,
    #[expect(
        clippy::option_option,
        reason = "no filter, a name that no interface has, an interface"
    )]
    interface: Option<Option<String>>,
    status: Option<Status>,
    kind: Option<&'static str>,
    now: i64,
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
    fn push<DB>(&self, sql: &mut QueryBuilder<DB>)
    where
        DB: Database,
        String: for<'e> Encode<'e, DB> + Type<DB>,
        i64: for<'e> Encode<'e, DB> + Type<DB>,
    {
        sql.push(" WHERE t.deleted_at IS NULL");
        if let Some((name, hint)) = &self.search {
            sql.push(" AND (t.name_key LIKE ").push_bind(name.clone());
            sql.push(
                " ESCAPE '\\' OR EXISTS (SELECT 1 FROM secrets s WHERE s.token_id = t.id AND LOWER(s.hint) LIKE ",
            );
            sql.push_bind(hint.clone()).push(" ESCAPE '\\'))");
        }
        if let Some(kind) = self.kind {
            sql.push(" AND t.kind = ").push_bind(kind.to_owned());
        }
        match &self.interface {
            None => {}
            Some(None) => {
                sql.push(" AND 1 = 0");
            }
            Some(Some(id)) => {
                sql.push(" AND EXISTS (SELECT 1 FROM grants g WHERE g.token_id = t.id AND g.interface_id = ");
                sql.push_bind(id.clone()).push(")");
            }
        }
        let Some(status) = self.status else { return };
        if status == Status::Inactive {
            sql.push(" AND t.deactivated_at IS NOT NULL");
            return;
        }
        sql.push(" AND t.deactivated_at IS NULL");
        if status == Status::Expired {
            sql.push(" AND t.expires_at <= ").push_bind(self.now);
            return;
        }
        sql.push(" AND (t.expires_at IS NULL OR t.expires_at > ")
            .push_bind(self.now)
            .push(")");
        sql.push(match status {
            Status::Active => " AND EXISTS (SELECT 1 FROM secrets s WHERE s.token_id = t.id)",
            _ => " AND NOT EXISTS (SELECT 1 FROM secrets s WHERE s.token_id = t.id)",
        });
    }
}

const fn order(sort: TokenSort) -> &'static str {
    match sort {
        TokenSort::Name => " ORDER BY t.name_key, t.id",
        TokenSort::NameDescending => " ORDER BY t.name_key DESC, t.id DESC",
        TokenSort::Created => " ORDER BY t.created_at, t.id",
        TokenSort::CreatedDescending => " ORDER BY t.created_at DESC, t.id DESC",
        TokenSort::LastUsed => " ORDER BY COALESCE(t.last_used_at, 0), t.id",
        TokenSort::SecretAge => {
            " ORDER BY COALESCE((SELECT MAX(s.created_at) FROM secrets s WHERE s.token_id = t.id), 9223372036854775807), t.id"
        }
        TokenSort::LastUsedDescending => " ORDER BY COALESCE(t.last_used_at, 0) DESC, t.id DESC",
    }
}

macro_rules! run {
    ($connection:expr, $conditions:expr, $order:expr, $limit:expr, $offset:expr) => {{
        let mut count = QueryBuilder::new("SELECT COUNT(*) FROM tokens t");
        $conditions.push(&mut count);
        let total: i64 = count.build_query_scalar().fetch_one(&mut **$connection).await?;
        let mut list = QueryBuilder::new(select!(tokens ""));
        $conditions.push(&mut list);
        list.push($order).push(" LIMIT ").push_bind($limit).push(" OFFSET ").push_bind($offset);
        let rows: Vec<TokenRow> = list.build_query_as().fetch_all(&mut **$connection).await?;
        (total, rows)
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
        let search = query.q.as_deref().map(str::trim).filter(|q| !q.is_empty());
        // In no name or hint; PostgreSQL refuses it, SQLite ends the pattern there.
        if search.is_some_and(|q| q.contains('\0')) {
            return Ok(Page {
                items: Vec::new(),
                page: page.page,
                per_page: page.per_page,
                total: 0,
            });
        }
        let conditions = Conditions {
            search: search.map(|q| (like(&name_key(q)), like(&q.to_ascii_lowercase()))),
            interface: query
                .interface
                .as_deref()
                .map(|name| directory.find(name).map(|i| i.id.to_string())),
            status: query.status,
            kind: query.kind.map(wire::Kind::as_str),
            now: now.millis(),
        };
        let order = order(query.sort);
        let (total, rows) = match &mut tx {
            Tx::Sqlite(tx) => run!(tx, conditions, order, limit, offset),
            Tx::Postgres(tx) => run!(tx, conditions, order, limit, offset),
        };
        let records = complete(&mut tx, rows).await?;
        Ok(Page {
            items: records.iter().map(|r| r.view(&directory, now)).collect(),
            page: page.page,
            per_page: page.per_page,
            total: total.unsigned_abs(),
        })
    }
}
