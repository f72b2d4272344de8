//! Exposures: what is recorded, what is told, what is dealt with.

use super::*;
use crate::domain::exposure::ExposureCount;
use wire::Door;

suite!(
    exposures_add_up,
    only_the_first_exposure_is_an_entry_of_the_list,
    exposures_are_told_apart,
    made_up_pages_do_not_fill_the_database,
);

impl Db {
    fn exposure(&self, token: &TokenView, origin: &str, count: u64) -> ExposureCount {
        ExposureCount {
            token: token.id.clone(),
            token_name: token.name.clone(),
            secret: self.state(&token.id).secrets[0].id.clone(),
            door: Door::Browser,
            origin: origin.to_owned(),
            page: format!("{origin}/page"),
            place: String::new(),
            address: Some("192.0.2.1".to_owned()),
            first_seen_at: self.now(),
            last_seen_at: self.now(),
            count,
        }
    }
}

async fn exposures_add_up(db: Db) {
    let token = db.active("One").await;
    let first = db.now();
    db.record_exposures(&[db.exposure(&token, "https://a.example", 2)])
        .await
        .unwrap();
    db.clock.advance_seconds(60);
    db.record_exposures(&[db.exposure(&token, "https://a.example", 3)])
        .await
        .unwrap();
    let [seen] = &db.view(&token.id).await.exposures[..] else {
        panic!("one exposure")
    };
    assert_eq!(
        (seen.origin.as_deref(), seen.door),
        (Some("https://a.example"), Door::Browser)
    );
    assert_eq!(
        (seen.count, seen.first_seen_at, seen.last_seen_at),
        (5, first, db.now())
    );
}

async fn only_the_first_exposure_is_an_entry_of_the_list(db: Db) {
    let token = db.active("One").await;
    db.clock.advance_seconds(1);
    for _ in 0..3 {
        db.record_exposures(&[db.exposure(&token, "https://a.example", 2)])
            .await
            .unwrap();
    }
    let page = db.list_activity(PageQuery::default()).await.unwrap();
    assert_eq!(
        page.items
            .iter()
            .filter(|e| e.action.as_str() == "exposure.recorded")
            .count(),
        1
    );
    let entry = &page.items[0];
    assert_eq!(
        (entry.actor.kind.as_str(), entry.address.as_deref()),
        ("system", Some("192.0.2.1"))
    );
    assert_eq!(entry.subject.id.as_deref(), Some(token.id.as_str()));
    assert_eq!(entry.changes[0].after.as_deref(), Some("https://a.example/page"));
}

async fn exposures_are_told_apart(db: Db) {
    let (one, two) = (db.active("One").await, db.active("Two").await);
    let in_url = ExposureCount {
        door: Door::Url,
        ..db.exposure(&one, "", 1)
    };
    let seen = [
        db.exposure(&one, "https://a.example", 1),
        db.exposure(&one, "https://b.example", 1),
        in_url,
        db.exposure(&two, "https://a.example", 1),
    ];
    db.record_exposures(&seen).await.unwrap();
    let exposures = db.view(&one.id).await.exposures;
    assert_eq!(exposures.len(), 3);
    assert!(
        exposures
            .iter()
            .any(|e| e.door == Door::Url && e.origin.is_none())
    );
    assert_eq!(db.view(&two.id).await.exposures.len(), 1);
    assert_eq!(
        db.actions()
            .await
            .iter()
            .filter(|a| **a == "exposure.recorded")
            .count(),
        4
    );
}

/// Whoever has a secret can send any origin.
async fn made_up_pages_do_not_fill_the_database(db: Db) {
    let token = db.active("One").await;
    let many: Vec<_> = (0..150)
        .map(|n| db.exposure(&token, &format!("https://n{n}.example"), 1))
        .collect();
    db.record_exposures(&many).await.unwrap();
    db.record_exposures(&many).await.unwrap();
    let exposures = db.view(&token.id).await.exposures;
    assert_eq!(exposures.len(), 101, "100 pages, and one row for all others");
    assert_eq!(exposures.iter().map(|e| e.count).sum::<u64>(), 300);
    let others = exposures.iter().find(|e| e.origin.is_none()).unwrap();
    assert_eq!((others.count, &others.page), (100, &None));
    let told = db.actions().await;
    assert_eq!(told.iter().filter(|a| **a == "exposure.recorded").count(), 101);
}
