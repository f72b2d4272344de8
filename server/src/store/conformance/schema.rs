//! The migrations of both engines make the same tables, and the suite leaves no method of the store out.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::*;
use crate::store::Pair;

macro_rules! dumps {
    ($($table:literal),* $(,)?) => {
        const TABLES: &[&str] = &[$($table),*];
        /// Every row of each table.
        pub(super) const DUMPS: &[Pair] = &[$(Pair {
            sqlite: concat!("SELECT * FROM ", $table),
            postgres: concat!("SELECT t::text FROM ", $table, " t"),
        }),*];
    };
}
dumps!(
    "activity",
    "change_log",
    "claims",
    "exposures",
    "facts",
    "grants",
    "interface_names",
    "interfaces",
    "known_places",
    "one_time_codes",
    "secrets",
    "sessions",
    "settings",
    "signing_keys",
    "stopped_temporary",
    "tokens",
    "usage_hour",
    "usage_source",
    "users",
    "watched_sites",
);

suite!(
    every_table_is_compared_before_and_after_a_refusal,
    columns_are_the_same_on_both_engines,
    indexes_are_the_same_on_both_engines,
    sqlite_is_set_up_to_keep_what_it_answered,
);

const COLUMNS: Pair = Pair {
    sqlite: "SELECT m.name || '.' || c.name || ' ' || CASE c.type WHEN 'INTEGER' THEN 'BIGINT' ELSE c.type END || CASE c.\"notnull\" WHEN 1 THEN ' NOT NULL' ELSE '' END FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite@_%' ESCAPE '@' AND m.name <> '_sqlx_migrations'",
    postgres: "SELECT table_name || '.' || column_name || ' ' || CASE data_type WHEN 'bytea' THEN 'BLOB' ELSE UPPER(data_type) END || CASE is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE '' END FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '_sqlx_migrations'",
};
const INDEXES: Pair = Pair {
    sqlite: "SELECT m.name || ' ' || i.name || CASE i.\"unique\" WHEN 1 THEN ' unique' ELSE '' END || CASE i.partial WHEN 1 THEN ' partial' ELSE '' END FROM sqlite_master m, pragma_index_list(m.name) i WHERE m.type = 'table' AND i.origin = 'c'",
    postgres: "SELECT t.relname || ' ' || x.relname || CASE WHEN i.indisunique THEN ' unique' ELSE '' END || CASE WHEN i.indpred IS NOT NULL THEN ' partial' ELSE '' END FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_namespace n ON n.oid = t.relnamespace WHERE n.nspname = 'public' AND NOT i.indisprimary",
};
/// What is sorted, or compared in order, must be so by bytes, whatever the database's language.
const SORTED_BY_LANGUAGE: &str = "SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = 'public' AND column_name IN ('id', 'name_key') AND collation_name IS DISTINCT FROM 'C'";

/// What a query says on a new database of each engine.
async fn both(db: Db, pair: &Pair) -> (Vec<String>, Vec<String>) {
    let folder = TempDir::new().unwrap();
    let sqlite = match &db.place {
        Place::Sqlite(_) => db.clone(),
        Place::Postgres(_) => Db::open(Place::Sqlite(folder.path().join("daypass.sqlite3"))).await,
    };
    (sqlite.rows(pair).await, db.rows(pair).await)
}

async fn every_table_is_compared_before_and_after_a_refusal(db: Db) {
    let tables: BTreeSet<_> = db
        .rows(&COLUMNS)
        .await
        .iter()
        .map(|c| c.split_once('.').unwrap().0.to_owned())
        .collect();
    assert_eq!(tables.iter().map(String::as_str).collect::<Vec<_>>(), TABLES);
}

async fn columns_are_the_same_on_both_engines(db: Db) {
    let (sqlite, this) = both(db, &COLUMNS).await;
    assert!(sqlite.len() > 80);
    assert_eq!(this, sqlite);
}

async fn indexes_are_the_same_on_both_engines(db: Db) {
    if let Place::Postgres(_) = db.place {
        assert_eq!(db.count(SORTED_BY_LANGUAGE).await, 0);
    }
    let (sqlite, this) = both(db, &INDEXES).await;
    assert!(sqlite.contains(&"tokens tokens_name_key unique partial".to_owned()));
    assert_eq!(this, sqlite);
}

async fn sqlite_is_set_up_to_keep_what_it_answered(db: Db) {
    let Pools::Sqlite { writer, .. } = &db.inner.pools else {
        return;
    };
    for (pragma, expected) in [("PRAGMA synchronous", 2_i64), ("PRAGMA foreign_keys", 1)] {
        let value: i64 = sqlx::query_scalar(pragma).fetch_one(writer).await.unwrap();
        assert_eq!(value, expected, "{pragma}");
    }
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode")
        .fetch_one(writer)
        .await
        .unwrap();
    assert_eq!(mode, "wal");
}

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn files(path: &str, ending: &str) -> Vec<PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(folder(path))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|file| file.extension().is_some_and(|e| e == ending))
        .collect();
    files.sort();
    files
}

#[test]
fn migrations_have_the_same_numbers_and_names() {
    let names = |path| {
        let files = files(path, "sql").into_iter();
        files
            .map(|f| f.file_name().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert!(!names("migrations/sqlite").is_empty());
    assert_eq!(names("migrations/sqlite"), names("migrations/postgres"));
}

#[test]
fn every_method_of_the_store_is_called_here() {
    let text = |path| {
        let read = |file: PathBuf| std::fs::read_to_string(file).unwrap();
        files(path, "rs").into_iter().map(read).collect::<Vec<_>>()
    };
    let suite = text("src/store/conformance").concat();
    let mut methods = Vec::new();
    for source in text("src/store") {
        let mut inside = false;
        for line in source.lines() {
            inside = if inside {
                line != "}"
            } else {
                line == "impl Store {"
            };
            if let Some(rest) = line.trim_start().strip_prefix("pub async fn ").filter(|_| inside) {
                methods.push(rest.split(['(', '<']).next().unwrap().to_owned());
            }
        }
    }
    assert!(methods.len() > 30, "{methods:?}");
    methods.retain(|m| !suite.contains(&format!(".{m}(")) && !suite.contains(&format!("Store::{m}(")));
    assert!(methods.is_empty(), "the suite never calls {methods:?}");
}
