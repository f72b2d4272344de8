//! Alarms: which entries are some, in which order they are told, and that nobody misses one.

use super::*;
use crate::domain::exposure::ExposureCount;
use wire::{ActivityAction, Door};

suite!(
    alarms_come_after_a_cursor,
    the_bell_rings_after_the_commit,
    a_clock_that_is_set_back_hides_no_alarm,
    who_waits_is_sent_away,
);

impl Db {
    /// Uses a token where it must not be used.
    async fn alarm(&self, token: &TokenView, origin: &str) {
        let seen = ExposureCount {
            token: token.id.clone(),
            token_name: token.name.clone(),
            secret: self.state(&token.id).secrets[0].id.clone(),
            door: Door::Browser,
            origin: origin.to_owned(),
            page: origin.to_owned(),
            place: String::new(),
            address: None,
            first_seen_at: self.now(),
            last_seen_at: self.now(),
            count: 1,
        };
        self.record_exposures(&[seen]).await.unwrap();
    }
}

async fn alarms_come_after_a_cursor(db: Db) {
    let token = db.active("One").await;
    let none = db.list_alarms(None).await.unwrap();
    assert!(none.items.is_empty());
    assert_eq!(db.list_alarms(Some(&none.cursor)).await.unwrap(), none);
    db.alarm(&token, "https://a.example").await;
    db.deactivate_token(&cli(), &token.id, None).await.unwrap();
    let first = db.list_alarms(Some(&none.cursor)).await.unwrap();
    let [entry] = &first.items[..] else {
        panic!("{first:?}")
    };
    assert!(entry.action == ActivityAction::ExposureRecorded && entry.id == first.cursor);
    assert!(
        db.list_alarms(Some(&first.cursor))
            .await
            .unwrap()
            .items
            .is_empty()
    );
    for n in 0..30 {
        db.alarm(&token, &format!("https://n{n}.example")).await;
    }
    let rest = db.list_alarms(Some(&first.cursor)).await.unwrap();
    assert_eq!(rest.items.len(), 20, "the latest ones");
    assert_eq!(
        rest.items[0].changes[0].after.as_deref(),
        Some("https://n29.example")
    );
    assert_eq!(db.list_alarms(None).await.unwrap(), rest);
}

async fn the_bell_rings_after_the_commit(db: Db) {
    let token = db.active("One").await;
    let mut bell = db.watch_alarms();
    bell.borrow_and_update();
    db.deactivate_token(&cli(), &token.id, None).await.unwrap();
    assert!(!bell.has_changed().unwrap(), "no alarm");
    db.alarm(&token, "https://a.example").await;
    assert!(bell.has_changed().unwrap());
    bell.borrow_and_update();
    db.alarm(&token, "https://a.example").await;
    assert!(!bell.has_changed().unwrap(), "known already");
    db.alarm(&token, "https://b.example").await;
    assert!(bell.has_changed().unwrap());
    assert_eq!(db.count_watching(), 1);
}

async fn a_clock_that_is_set_back_hides_no_alarm(db: Db) {
    let token = db.active("One").await;
    db.alarm(&token, "https://a.example").await;
    let before = db.list_alarms(None).await.unwrap().cursor;
    db.clock.advance_seconds(-3600);
    db.alarm(&token, "https://b.example").await;
    assert_eq!(db.list_alarms(Some(&before)).await.unwrap().items.len(), 1);
}

async fn who_waits_is_sent_away(db: Db) {
    let mut bell = db.watch_alarms();
    bell.borrow_and_update();
    db.stop_watching_alarms();
    bell.changed().await.unwrap();
    assert!(bell.borrow().stopping && db.watch_alarms().borrow().stopping);
}
