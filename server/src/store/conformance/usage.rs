//! Statistics.

use super::*;
use crate::domain::sources::SourceCount;
use crate::store::UsageCount;
use wire::SourceKind;

suite!(
    usage_adds_up_by_hour_and_outcome,
    a_token_may_stand_twice_in_one_writing,
    usage_changes_no_version,
    usage_of_a_deleted_token_does_no_harm,
    sources_add_up_and_the_oldest_go,
);

const ALLOWED: &str =
    "SELECT CAST(COALESCE(SUM(count), 0) AS BIGINT) FROM usage_hour WHERE outcome = 'allowed'";

fn used(token: &TokenView, outcomes: &[(&'static str, u64)]) -> UsageCount {
    UsageCount {
        token: token.id.clone(),
        outcomes: outcomes.to_vec(),
        last_used_at: None,
        secrets: Vec::new(),
        sources: Vec::new(),
    }
}

async fn usage_adds_up_by_hour_and_outcome(db: Db) {
    let (one, two) = (db.active("One").await, db.active("Two").await);
    let used_secret = db.state(&one.id).secrets[0].id.clone();
    let counts = [
        UsageCount {
            last_used_at: Some(db.now()),
            secrets: vec![(used_secret, db.now())],
            ..used(&one, &[("allowed", 2), ("minted", 1)])
        },
        used(&two, &[("allowed", 10), ("refused", 5)]),
    ];
    db.record_usage(&counts).await.unwrap();
    db.record_usage(&counts).await.unwrap();
    assert_eq!(db.count(ALLOWED).await, 24);
    assert_eq!(db.count("SELECT COUNT(*) FROM usage_hour").await, 4);
    let (used_at, one, two) = (db.now(), db.view(&one.id).await, db.view(&two.id).await);
    assert_eq!(
        (one.last_used_at, one.secrets[0].last_used_at),
        (Some(used_at), Some(used_at))
    );
    assert_eq!((two.last_used_at, two.secrets[0].last_used_at), (None, None));
    db.clock.advance_seconds(3600);
    db.record_usage(&counts).await.unwrap();
    assert_eq!(db.count("SELECT COUNT(*) FROM usage_hour").await, 8);
    assert_eq!(db.count("SELECT COUNT(DISTINCT hour) FROM usage_hour").await, 2);
    assert_eq!(db.count(ALLOWED).await, 36);
}

/// As when a writing failed and its counts are written with the next ones.
async fn a_token_may_stand_twice_in_one_writing(db: Db) {
    let token = db.active("One").await;
    let counts = [used(&token, &[("allowed", 2)]), used(&token, &[("allowed", 3)])];
    db.record_usage(&counts).await.unwrap();
    assert_eq!(db.count(ALLOWED).await, 5);
}

async fn usage_changes_no_version(db: Db) {
    let token = db.active("One").await;
    let count = UsageCount {
        last_used_at: Some(db.now()),
        ..used(&token, &[("allowed", 1)])
    };
    db.record_usage(&[count]).await.unwrap();
    db.record_usage(&[]).await.unwrap();
    assert_eq!(db.view(&token.id).await.version, token.version);
    assert_eq!(
        db.count("SELECT COUNT(*) FROM change_log").await,
        2,
        "only the creation and the secret"
    );
}

async fn usage_of_a_deleted_token_does_no_harm(db: Db) {
    let token = db.active("One").await;
    let secret = db.state(&token.id).secrets[0].id.clone();
    db.deactivate_token(&cli(), &token.id, None).await.unwrap();
    db.delete_token(&cli(), &token.id, None).await.unwrap();
    let late = UsageCount {
        last_used_at: Some(db.now()),
        secrets: vec![(secret, db.now())],
        ..used(&token, &[("refused", 1)])
    };
    db.record_usage(&[late]).await.unwrap();
    assert_eq!(db.find_token(&token.id).await.unwrap(), None);
}

async fn sources_add_up_and_the_oldest_go(db: Db) {
    let (one, two) = (db.active("One").await, db.active("Two").await);
    let seen = |kind, value: &str, count| SourceCount {
        kind,
        value: value.to_owned(),
        last_seen_at: db.now(),
        count,
    };
    let from = |token: &TokenView, sources: Vec<SourceCount>| UsageCount {
        sources,
        ..used(token, &[])
    };
    let office = seen(SourceKind::Address, "192.0.2.1", 2);
    let page = seen(SourceKind::Origin, "https://a.example", 3);
    let both = from(&one, vec![office.clone(), page.clone()]);
    db.record_usage(&[both.clone(), from(&two, vec![office.clone()])])
        .await
        .unwrap();
    // Twice in one writing, and late: an older moment never replaces a newer one.
    let late = SourceCount {
        last_seen_at: Timestamp::from_millis(1),
        ..office
    };
    db.record_usage(&[both, from(&one, vec![late])]).await.unwrap();
    let sums = "SELECT CAST(SUM(count) AS BIGINT) FROM usage_source WHERE value = '192.0.2.1'";
    assert_eq!(db.count(sums).await, 2 + 2 + 2 + 2);
    assert_eq!(
        db.count("SELECT MIN(last_seen_at) FROM usage_source").await,
        START
    );
    db.clock.advance_seconds(60);
    let many = (0..99)
        .map(|n| SourceCount {
            kind: SourceKind::Address,
            value: format!("198.51.100.{n}"),
            last_seen_at: db.now(),
            count: 1,
        })
        .collect();
    db.record_usage(&[from(&one, many)]).await.unwrap();
    assert_eq!(
        db.count("SELECT COUNT(*) FROM usage_source").await,
        101,
        "100 of one token, 1 of the other"
    );
    let last = SourceCount {
        kind: SourceKind::Address,
        value: "203.0.113.1".to_owned(),
        last_seen_at: db.now(),
        count: 1,
    };
    db.record_usage(&[from(&one, vec![last])]).await.unwrap();
    assert_eq!(db.count("SELECT COUNT(*) FROM usage_source").await, 101);
    assert_eq!(
        db.count("SELECT COUNT(*) FROM usage_source WHERE value = 'https://a.example'")
            .await,
        0
    );
}
