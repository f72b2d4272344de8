//! Sessions of administrators.

use std::net::IpAddr;

use super::*;
use crate::store::NewSession;

suite!(
    a_session_is_found_until_its_end,
    an_idle_session_ends,
    use_keeps_a_session_open,
    looking_keeps_no_session_open,
    an_ended_session_is_gone,
    ended_sessions_are_cleared_away,
    signing_in_makes_a_place_known,
    a_session_needs_a_user,
    a_session_knows_the_language_that_was_chosen,
);

const HOUR: i64 = 3600;

fn new_session(user: &UserView, id: &str, expires_at: Timestamp, address: Option<&str>) -> NewSession {
    NewSession {
        digest: code(id),
        user: user.id.clone(),
        user_name: user.name.clone(),
        expires_at,
        address: address.map(|a| a.parse().unwrap()),
    }
}

impl Db {
    async fn sign_in(&self, user: &UserView, id: &str, lasting: i64) {
        self.create_session(new_session(user, id, self.after(lasting), None))
            .await
            .unwrap();
    }

    async fn is_open(&self, id: &str) -> bool {
        self.find_session(&code(id)).await.unwrap().is_some()
    }
}

async fn a_session_is_found_until_its_end(db: Db) {
    let ada = db.user("Ada").await;
    db.sign_in(&ada, "id", HOUR).await;
    let end = db.after(HOUR);
    db.clock.advance_seconds(HOUR - 1);
    let found = db.find_session(&code("id")).await.unwrap().expect("open");
    assert_eq!((found.user, found.expires_at), (ada, end));
    assert!(!db.is_open("another id").await);
    db.clock.advance_seconds(1);
    assert!(!db.is_open("id").await);
    assert!(db.actions().await.contains(&"session.created"));
}

async fn an_idle_session_ends(db: Db) {
    let ada = db.user("Ada").await;
    db.sign_in(&ada, "id", 24 * HOUR).await;
    db.clock.advance_seconds(8 * HOUR);
    assert!(!db.is_open("id").await);
}

async fn use_keeps_a_session_open(db: Db) {
    let ada = db.user("Ada").await;
    db.sign_in(&ada, "id", 24 * HOUR).await;
    for _ in 0..3 {
        db.clock.advance_seconds(7 * HOUR);
        assert!(db.is_open("id").await);
    }
    // Use within a minute is not written each time.
    let before = db.everything().await;
    db.clock.advance_seconds(59);
    assert!(db.is_open("id").await);
    assert_eq!(db.everything().await, before);
}

/// What an app asks by itself, with nobody at it.
async fn looking_keeps_no_session_open(db: Db) {
    let ada = db.user("Ada").await;
    db.sign_in(&ada, "id", 24 * HOUR).await;
    let before = db.everything().await;
    for _ in 0..7 {
        db.clock.advance_seconds(HOUR);
        let found = db.peek_session(&code("id")).await.unwrap().unwrap();
        assert_eq!(found.user, ada);
    }
    assert_eq!(db.everything().await, before);
    db.clock.advance_seconds(HOUR);
    assert!(db.peek_session(&code("id")).await.unwrap().is_none());
}

async fn an_ended_session_is_gone(db: Db) {
    let ada = db.user("Ada").await;
    db.sign_in(&ada, "one", HOUR).await;
    db.sign_in(&ada, "two", HOUR).await;
    db.end_session(&acting(&ada, "192.0.2.1"), &code("one"))
        .await
        .unwrap();
    assert_eq!((db.is_open("one").await, db.is_open("two").await), (false, true));
    let before = db.everything().await;
    db.end_session(&acting(&ada, "192.0.2.1"), &code("one"))
        .await
        .unwrap();
    assert_eq!(db.everything().await, before, "ending it twice changes nothing");
}

async fn ended_sessions_are_cleared_away(db: Db) {
    let ada = db.user("Ada").await;
    db.sign_in(&ada, "short", HOUR).await;
    db.sign_in(&ada, "idle", 24 * HOUR).await;
    db.clock.advance_seconds(8 * HOUR);
    db.sign_in(&ada, "new", HOUR).await;
    assert_eq!(db.count("SELECT COUNT(*) FROM sessions").await, 1);
}

async fn signing_in_makes_a_place_known(db: Db) {
    let (ada, eve) = (db.user("Ada").await, db.user("Eve").await);
    let address = |text: &str| text.parse::<IpAddr>().unwrap();
    let new = new_session(&ada, "id", db.after(HOUR), Some("::ffff:192.0.2.1"));
    db.create_session(new).await.unwrap();
    // With privacy addresses, whoever has a /64 is somewhere else in it every day.
    for (id, from) in [("v6", "2001:db8:1:2:a:b:c:d"), ("again", "2001:db8:1:2::1")] {
        let new = new_session(&ada, id, db.after(HOUR), Some(from));
        db.create_session(new).await.unwrap();
    }
    assert_eq!(db.count("SELECT COUNT(*) FROM known_places").await, 2);
    db.end_session(&acting(&ada, "192.0.2.2"), &code("id"))
        .await
        .unwrap();
    for (user, text, known) in [
        (&ada, "2001:db8:1:2:f:e:d:c", true),
        (&ada, "2001:db8:1:3::1", false),
        (&eve, "2001:db8:1:2::1", false),
        (&ada, "192.0.2.1", true),
        (&ada, "::ffff:192.0.2.1", true),
        (&ada, "192.0.2.2", false),
        (&eve, "192.0.2.1", false),
    ] {
        assert_eq!(
            db.knows_place(Some(&user.id), address(text)).await.unwrap(),
            known,
            "{} {text}",
            user.name
        );
    }
    assert!(!db.knows_place(None, address("192.0.2.1")).await.unwrap());
}

async fn a_session_needs_a_user(db: Db) {
    let mut nobody = db.user("Ada").await;
    nobody.id = "01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap();
    let new = new_session(&nobody, "id", db.after(HOUR), None);
    refused!(db, db.create_session(new), StoreError::Driver(_));
}

async fn a_session_knows_the_language_that_was_chosen(db: Db) {
    let (kari, ola) = (db.user("Kari").await, db.user("Ola").await);
    db.sign_in(&kari, "first", HOUR).await;
    db.sign_in(&ola, "other", HOUR).await;
    for chosen in [Some(wire::Language::Bokmal), Some(wire::Language::German), None] {
        db.choose_language(&kari.id, chosen).await.unwrap();
        let of = async |id| db.find_session(&code(id)).await.unwrap().unwrap().user.language;
        assert_eq!((of("first").await, of("other").await), (chosen, None));
    }
    let nobody = "01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap();
    refused!(
        db,
        db.choose_language(&nobody, None),
        StoreError::NotFound("user")
    );
}
