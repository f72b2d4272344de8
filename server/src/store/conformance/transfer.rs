//! Tables of tokens: exports and imports.

use wire::{ImportResponse, TokenListQuery};

use super::*;
use crate::domain::table;
use crate::store::NewRow;

suite!(
    rows_become_tokens,
    a_dry_run_changes_nothing,
    one_wrong_row_stops_all,
    names_and_keys_are_taken_once,
    every_error_of_a_row_is_told,
    an_export_follows_the_list,
    an_export_comes_in_the_order_of_the_list,
);

/// The rows of a table; a digest stands for a value that is that text.
fn rows(text: &str, keys: &[Option<&str>]) -> Vec<NewRow> {
    let keys = keys.iter().copied().chain(std::iter::repeat(None));
    let new = |value: &str| NewSecret {
        source: SecretSource::Digest,
        leak_prefix: None,
        ..secret(value)
    };
    table::read(text.as_bytes())
        .unwrap()
        .into_iter()
        .zip(keys)
        .map(|(row, key)| NewRow {
            row,
            secret: key.map(new),
        })
        .collect()
}

/// Line, column, rule.
fn wrong(response: &ImportResponse) -> Vec<(u64, &str, FieldErrorCode)> {
    let of = |row: &'_ wire::ImportedRow| row.errors.len();
    assert_eq!(response.applied, response.rows.iter().map(of).sum::<usize>() == 0);
    response
        .rows
        .iter()
        .flat_map(|row| row.errors.iter().map(|e| (row.line, e.field.as_str(), e.code)))
        .collect()
}

async fn rows_become_tokens(db: Db) {
    db.interface("Press; photos").await;
    let kari = db.user("Kari").await;
    let text = "name,grants,note\nA,Press\\; photos: read+upload,\"one\ntwo\"\nB,,\n";
    let made = db
        .import_tokens(
            &acting(&kari, "192.0.2.1"),
            rows(text, &[Some("key of A")]),
            false,
        )
        .await
        .unwrap();
    assert_eq!(wrong(&made), []);
    assert!(made.rows[0].has_digest && !made.rows[1].has_digest);
    let [a, b] = [0, 1].map(|at: usize| made.rows[at].id.clone().unwrap());
    assert!(db.accepts("key of A"), "published before the answer");
    let view = db.view(&a).await;
    assert_eq!(
        view.grants,
        [grant("Press; photos", &[Permission::Read, Permission::Upload])]
    );
    assert_eq!(
        (view.note.as_str(), view.status),
        ("one\ntwo", wire::Status::Active)
    );
    assert_eq!(view.created_by.as_deref(), Some("Kari"));
    assert_eq!(db.view(&b).await.status, wire::Status::AwaitingSecret);
    assert_eq!(db.state(&a).version, view.version);
    let mut actions = db.actions().await;
    actions.sort_unstable();
    assert_eq!(
        actions,
        [
            "interface.created",
            "secret.imported_by_digest",
            "token.created",
            "token.created",
            "user.created"
        ]
    );
    assert_eq!(
        db.count("SELECT COUNT(*) FROM secrets WHERE source = 'digest' AND leak_prefix IS NULL")
            .await,
        1
    );
    // It is a token like any other.
    db.secret(&a, "a new one", 60).await;
    assert!(db.accepts("key of A") && db.accepts("a new one"));
}

async fn a_dry_run_changes_nothing(db: Db) {
    let before = db.everything().await;
    let told = db
        .import_tokens(&cli(), rows("name\nA\nB\n", &[Some("key")]), true)
        .await
        .unwrap();
    assert!(
        !told.applied
            && told
                .rows
                .iter()
                .all(|row| row.errors.is_empty() && row.id.is_none())
    );
    assert_eq!(db.everything().await, before);
}

async fn one_wrong_row_stops_all(db: Db) {
    let before = db.everything().await;
    let text = "name,grants\nA,\nB,Nowhere: read\n";
    let told = db
        .import_tokens(&cli(), rows(text, &[Some("key")]), false)
        .await
        .unwrap();
    assert_eq!(wrong(&told), [(3, "grants", FieldErrorCode::UnknownInterface)]);
    assert!(told.rows.iter().all(|row| row.id.is_none()));
    assert_eq!(db.everything().await, before);
}

async fn names_and_keys_are_taken_once(db: Db) {
    use FieldErrorCode::{Duplicate, Taken};
    db.active("Taken").await;
    let gone = db.deleted("Gone").await;
    let text = "name\nTAKEN\nFree\nｆree\nGone\nLast\n";
    let keys = [None, Some("Taken"), Some("twice"), Some("Gone"), Some("twice")];
    let told = db.import_tokens(&cli(), rows(text, &keys), false).await.unwrap();
    assert_eq!(
        wrong(&told),
        [
            (2, "name", Taken),
            (3, "sha256", Taken),
            (4, "name", Duplicate),
            (6, "sha256", Duplicate)
        ]
    );
    let detail = &told.rows[1].errors[0].detail;
    assert!(
        !detail.contains("Taken"),
        "whose key it is stays untold: {detail}"
    );
    // The name and the key of a deleted token are free again.
    let made = db
        .import_tokens(&cli(), rows("name\nGone\n", &[Some("Gone")]), false)
        .await
        .unwrap();
    assert!(made.applied && made.rows[0].id.as_ref() != Some(&gone));
    assert!(db.accepts("Gone"));
}

async fn every_error_of_a_row_is_told(db: Db) {
    use FieldErrorCode::{
        Duplicate, EndlessNotAllowed, InThePast, OutOfRange, PublicNeeds, Required, UnknownInterface,
        WrongType,
    };
    db.interface("Closed").await;
    let text = "name,kind,grants,temporary_lifetime,expires_at,rate_limit\n\
                ,public,Closed: read+upload; Closed: read,90000,2020-01-01,x\n\
                B,public,Closed: read; Nowhere: read,0,,\n";
    let told = db.import_tokens(&cli(), rows(text, &[]), false).await.unwrap();
    assert_eq!(
        wrong(&told),
        [
            (2, "name", Required),
            (2, "rate_limit", WrongType),
            (2, "grants", Duplicate),
            (2, "expires_at", InThePast),
            (2, "temporary_lifetime", OutOfRange),
            (2, "allowed_origins", PublicNeeds),
            (3, "grants", UnknownInterface),
            (3, "temporary_lifetime", EndlessNotAllowed),
            (3, "allowed_origins", PublicNeeds),
            (3, "rate_limit", PublicNeeds),
            (3, "expires_at", PublicNeeds),
        ]
    );
    assert!(
        told.rows[1].errors[0].detail.starts_with("entry 2: "),
        "{:?}",
        told.rows[1].errors
    );
}

async fn an_export_follows_the_list(db: Db) {
    let kept = db.active("Kept").await;
    let gone = db.active("Gone").await;
    db.token("Waiting").await;
    let query = TokenListQuery {
        status: Some(wire::Status::Active),
        ..TokenListQuery::default()
    };
    // Entries of one moment have no order.
    db.clock.advance_seconds(1);
    let ids = db.begin_export(&cli(), &query, "csv").await.unwrap();
    assert_eq!(ids, [gone.id.clone(), kept.id.clone()]);
    assert_eq!(db.actions().await[0], "tokens.exported");
    let entry = db
        .list_activity(PageQuery::default())
        .await
        .unwrap()
        .items
        .remove(0);
    let told: Vec<_> = entry
        .changes
        .iter()
        .map(|c| (c.field.as_str(), c.after.as_deref().unwrap()))
        .collect();
    assert_eq!(told, [("format", "csv"), ("tokens", "2"), ("status", "active")]);
    db.deactivate_token(&cli(), &gone.id, None).await.unwrap();
    db.delete_token(&cli(), &gone.id, None).await.unwrap();
    let found = db.find_tokens(&ids).await.unwrap();
    assert_eq!(found, [db.view(&kept.id).await]);
}

async fn an_export_comes_in_the_order_of_the_list(db: Db) {
    for name in ["b", "A", "c"] {
        db.token(name).await;
    }
    for (sort, expected) in [
        (wire::TokenSort::Name, ["A", "b", "c"]),
        (wire::TokenSort::NameDescending, ["c", "b", "A"]),
    ] {
        let query = TokenListQuery {
            sort,
            ..TokenListQuery::default()
        };
        let ids = db.begin_export(&cli(), &query, "json").await.unwrap();
        assert_eq!(names(&db.find_tokens(&ids).await.unwrap()), expected);
    }
}
