//! What a token is used for, as administrators see it.

use wire::{SourceKind, TokenId};

use super::*;
use crate::store::UsageCount;

suite!(
    days_without_use_are_there_too,
    days_begin_at_midnight_in_utc,
    sources_are_told_latest_first,
    a_late_writing_moves_no_last_use_back,
    unknown_tokens_have_no_usage,
);

impl Db {
    async fn counted(&self, token: &TokenView, outcomes: &[(&'static str, u64)]) {
        let count = UsageCount {
            token: token.id.clone(),
            outcomes: outcomes.to_vec(),
            last_used_at: Some(self.now()),
            secrets: Vec::new(),
            sources: Vec::new(),
        };
        self.record_usage(&[count]).await.unwrap();
    }

    async fn source(&self, token: &TokenView, kind: &str, value: &str, count: i64) {
        let sql = "INSERT INTO usage_source (token_id, kind, value, last_seen_at, count) VALUES ($1, $2, $3, $4, $5)";
        let mut tx = self.write().await.unwrap();
        crate::store::on!(tx, c => sqlx::query(sql)
            .bind(token.id.as_str())
            .bind(kind)
            .bind(value)
            .bind(self.now().millis())
            .bind(count)
            .execute(c)
            .await
            .map(|_| ()))
        .unwrap();
        tx.commit().await.unwrap();
    }
}

async fn days_without_use_are_there_too(db: Db) {
    let (token, other) = (db.active("One").await, db.active("Other").await);
    db.counted(&other, &[("allowed", 100)]).await;
    let usage = db.find_usage(&token.id, 7).await.unwrap();
    assert_eq!(
        (usage.allowed, usage.days.len(), usage.last_used_at),
        (0, 7, None)
    );
    db.counted(&token, &[("allowed", 3), ("refused", 2), ("minted", 1)])
        .await;
    db.clock.advance_seconds(3600);
    db.counted(&token, &[("allowed", 4)]).await;
    let used_at = db.now();
    db.clock.advance_seconds(2 * 86_400);
    let usage = db.find_usage(&token.id, 4).await.unwrap();
    let days: Vec<_> = usage
        .days
        .iter()
        .map(|d| (d.day.to_string(), d.allowed, d.refused, d.minted))
        .collect();
    let day = |day, allowed, refused, minted| (format!("2026-{day}T00:00:00.000Z"), allowed, refused, minted);
    assert_eq!(
        days,
        [
            day("02-28", 0, 0, 0),
            day("03-01", 7, 2, 1),
            day("03-02", 0, 0, 0),
            day("03-03", 0, 0, 0),
        ]
    );
    assert_eq!((usage.allowed, usage.refused, usage.minted), (7, 2, 1));
    assert_eq!(usage.last_used_at, Some(used_at));
    let today = db.find_usage(&token.id, 1).await.unwrap();
    assert_eq!((today.days.len(), today.allowed), (1, 0));
    assert_eq!(db.find_usage(&token.id, 395).await.unwrap().allowed, 7);
}

async fn days_begin_at_midnight_in_utc(db: Db) {
    let token = db.active("One").await;
    // START is noon.
    db.clock.advance_seconds(12 * 3600 - 1);
    db.counted(&token, &[("allowed", 1)]).await;
    db.clock.advance_seconds(1);
    db.counted(&token, &[("allowed", 2)]).await;
    let days = db.find_usage(&token.id, 2).await.unwrap().days;
    assert_eq!((days[0].allowed, days[1].allowed), (1, 2));
    assert_eq!(days[1].day, db.now());
}

async fn sources_are_told_latest_first(db: Db) {
    let (token, other) = (db.active("One").await, db.active("Other").await);
    db.source(&other, "address", "192.0.2.9", 1).await;
    db.source(&token, "address", "192.0.2.1", 5).await;
    db.clock.advance_seconds(1);
    db.source(&token, "origin", "https://a.example", 7).await;
    let sources = db.find_usage(&token.id, 30).await.unwrap().sources;
    let told: Vec<_> = sources
        .iter()
        .map(|s| (s.kind, s.value.as_str(), s.count))
        .collect();
    assert_eq!(
        told,
        [
            (SourceKind::Origin, "https://a.example", 7),
            (SourceKind::Address, "192.0.2.1", 5),
        ]
    );
    assert_eq!(sources[0].last_seen_at, db.now());
}

async fn a_late_writing_moves_no_last_use_back(db: Db) {
    let token = db.active("One").await;
    let secret = db.state(&token.id).secrets[0].id.clone();
    let at = |seconds| UsageCount {
        token: token.id.clone(),
        outcomes: Vec::new(),
        last_used_at: Some(db.after(seconds)),
        secrets: vec![(secret.clone(), db.after(seconds))],
        sources: Vec::new(),
    };
    for (late, expected) in [(vec![at(60), at(50)], 60), (vec![at(30)], 60), (vec![at(70)], 70)] {
        db.record_usage(&late).await.unwrap();
        let view = db.view(&token.id).await;
        assert_eq!(view.last_used_at, Some(db.after(expected)));
        assert_eq!(view.secrets[0].last_used_at, Some(db.after(expected)));
    }
}

async fn unknown_tokens_have_no_usage(db: Db) {
    let gone = db.deleted("WordPress").await;
    let never: TokenId = "01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap();
    for id in [gone, never] {
        assert!(matches!(
            db.find_usage(&id, 30).await,
            Err(StoreError::NotFound("token"))
        ));
    }
}
