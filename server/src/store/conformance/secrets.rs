//! Handing a secret over: tickets, replacing with an overlap, taken keys.

use wire::Status;

use super::*;
use crate::store::CodeRefusal;

suite!(
    a_replaced_secret_can_be_ended_early,
    the_current_secret_is_not_ended_by_itself,
    the_first_secret_makes_a_token_active,
    without_overlap_the_previous_secret_ends_at_once,
    with_an_overlap_the_previous_secret_ends_later,
    a_third_secret_ends_the_first_at_once,
    replacing_keeps_the_epoch,
    the_current_secret_is_first_even_when_the_clock_was_set_back,
    a_ticket_works_once,
    a_ticket_expires,
    a_ticket_is_bound_to_its_session,
    a_ticket_is_bound_to_its_token,
    a_ticket_is_bound_to_its_purpose,
    a_key_in_use_is_refused_and_the_ticket_still_works,
    a_deleted_tokens_key_can_be_taken_over_again,
    a_ticket_of_a_deleted_token_opens_nothing,
    handing_over_is_noted_without_the_value,
    an_inactive_token_may_get_a_new_secret,
);

async fn the_first_secret_makes_a_token_active(db: Db) {
    let token = db.token("WordPress").await;
    let active = db.secret(&token.id, "value", 0).await;
    assert_eq!(
        (active.status, active.version),
        (Status::Active, token.version + 1)
    );
    assert_eq!(active.hint.as_deref(), Some("hint of value"));
    let [only] = &active.secrets[..] else {
        panic!("one secret")
    };
    assert_eq!(
        (only.created_at, only.expires_at, only.last_used_at),
        (db.now(), None, None)
    );
    assert_eq!(db.view(&token.id).await, active);
    assert!(db.accepts("value"));
    assert_eq!(
        db.index().by_digest(&digest("value")).unwrap().state().id,
        token.id
    );
}

async fn without_overlap_the_previous_secret_ends_at_once(db: Db) {
    let token = db.token("WordPress").await;
    db.secret(&token.id, "old", 0).await;
    db.clock.advance_seconds(1);
    let after = db.secret(&token.id, "new", 0).await;
    assert_eq!((db.accepts("old"), db.accepts("new")), (false, true));
    assert_eq!(
        (after.secrets.len(), after.hint.as_deref()),
        (1, Some("hint of new"))
    );
    assert_eq!(
        db.state(&token.id).secrets.len(),
        2,
        "an ended secret is told apart from an unknown one"
    );
}

async fn with_an_overlap_the_previous_secret_ends_later(db: Db) {
    let token = db.token("WordPress").await;
    db.secret(&token.id, "old", 0).await;
    db.clock.advance_seconds(1);
    let after = db.secret(&token.id, "new", 60).await;
    let ends: Vec<_> = after
        .secrets
        .iter()
        .map(|s| (s.hint.as_str(), s.expires_at))
        .collect();
    assert_eq!(ends, [("hint of new", None), ("hint of old", Some(db.after(60)))]);
    db.clock.advance_seconds(59);
    assert_eq!((db.accepts("old"), db.accepts("new")), (true, true));
    db.clock.advance_seconds(1);
    assert_eq!((db.accepts("old"), db.accepts("new")), (false, true));
    assert_eq!(db.view(&token.id).await.secrets.len(), 1);
}

async fn a_third_secret_ends_the_first_at_once(db: Db) {
    let token = db.token("WordPress").await;
    for value in ["first", "second", "third"] {
        db.clock.advance_seconds(1);
        db.secret(&token.id, value, 3600).await;
    }
    assert_eq!(
        (db.accepts("first"), db.accepts("second"), db.accepts("third")),
        (false, true, true)
    );
    assert_eq!(db.view(&token.id).await.secrets.len(), 2);
    db.clock.advance_seconds(1);
    db.secret(&token.id, "fourth", 0).await;
    assert_eq!(
        (db.accepts("second"), db.accepts("third"), db.accepts("fourth")),
        (false, false, true)
    );
}

/// Temporary tokens carry the id of their secret; those of the other secret go on during the overlap.
async fn replacing_keeps_the_epoch(db: Db) {
    let token = db.active("WordPress").await;
    let first = db.state(&token.id).secrets[0].id.clone();
    db.clock.advance_seconds(1);
    db.secret(&token.id, "new", 60).await;
    let state = db.state(&token.id);
    assert_eq!(state.epoch, 0);
    assert!(state.secrets[0].id != first && state.secrets[1].id == first);
}

async fn the_current_secret_is_first_even_when_the_clock_was_set_back(db: Db) {
    let token = db.token("WordPress").await;
    db.secret(&token.id, "old", 0).await;
    db.clock.advance_seconds(-10);
    let after = db.secret(&token.id, "new", 60).await;
    assert_eq!(after.hint.as_deref(), Some("hint of new"));
    let hints: Vec<_> = after.secrets.iter().map(|s| s.hint.as_str()).collect();
    assert_eq!(hints, ["hint of new", "hint of old"]);
    assert!(db.state(&token.id).secrets[0].digest == digest("new"));
}

async fn a_ticket_works_once(db: Db) {
    let token = db.token("WordPress").await;
    let ticket = db.ticket(&token.id, "ticket").await;
    let replace = |value| db.replace(&token.id, &ticket, secret(value));
    replace("value").await.unwrap();
    refused!(db, replace("other"), StoreError::Code(CodeRefusal::Used));
    db.clock.advance_seconds(601);
    refused!(db, replace("other"), StoreError::Code(CodeRefusal::Used));
    assert!(db.accepts("value"));
}

async fn a_ticket_expires(db: Db) {
    let token = db.token("WordPress").await;
    let ticket = db.ticket(&token.id, "ticket").await;
    db.clock.advance_seconds(600);
    refused!(
        db,
        db.replace(&token.id, &ticket, secret("value")),
        StoreError::Code(CodeRefusal::Expired)
    );
}

async fn a_ticket_is_bound_to_its_session(db: Db) {
    let token = db.token("WordPress").await;
    let ticket = db.ticket(&token.id, "ticket").await;
    let (actor, foreign) = (cli(), code("another session"));
    let change = db.replace_secret(&actor, &token.id, &foreign, &ticket, secret("value"), seconds(0));
    refused!(db, change, StoreError::Code(CodeRefusal::Unknown));
    db.replace(&token.id, &ticket, secret("value")).await.unwrap();
}

async fn a_ticket_is_bound_to_its_token(db: Db) {
    let (one, two) = (db.token("One").await, db.token("Two").await);
    let ticket = db.ticket(&one.id, "ticket").await;
    refused!(
        db,
        db.replace(&two.id, &ticket, secret("value")),
        StoreError::Code(CodeRefusal::Unknown)
    );
    db.replace(&one.id, &ticket, secret("value")).await.unwrap();
}

async fn a_ticket_is_bound_to_its_purpose(db: Db) {
    let token = db.token("WordPress").await;
    let ticket = db.ticket(&token.id, "ticket").await;
    refused!(
        db,
        db.replace(&token.id, &ticket, imported("value")),
        StoreError::Code(CodeRefusal::Unknown)
    );
    let nobodys = code("nobody issued this");
    refused!(
        db,
        db.replace(&token.id, &nobodys, secret("value")),
        StoreError::Code(CodeRefusal::Unknown)
    );
}

async fn a_key_in_use_is_refused_and_the_ticket_still_works(db: Db) {
    db.active("taken").await;
    let two = db.active("Two").await;
    let ticket = db.ticket(&two.id, "ticket").await;
    let replace = |value| db.replace(&two.id, &ticket, secret(value));
    refused!(db, replace("taken"), StoreError::KeyInUse);
    assert!(db.accepts("Two"), "the secret before goes on working");
    replace("free").await.unwrap();
    assert_eq!((db.accepts("Two"), db.accepts("free")), (false, true));
}

async fn a_deleted_tokens_key_can_be_taken_over_again(db: Db) {
    db.deleted("key").await;
    let token = db.token("Again").await;
    db.secret(&token.id, "key", 0).await;
    let fresh = db.another().await;
    fresh.load().await.unwrap();
    assert!(fresh.accepts("key"));
    assert!(db.accepts("key"));
}

async fn a_ticket_of_a_deleted_token_opens_nothing(db: Db) {
    let token = db.token("WordPress").await;
    let ticket = db.ticket(&token.id, "ticket").await;
    db.deactivate_token(&cli(), &token.id, None).await.unwrap();
    db.delete_token(&cli(), &token.id, None).await.unwrap();
    refused!(
        db,
        db.replace(&token.id, &ticket, secret("value")),
        StoreError::NotFound("token")
    );
}

async fn handing_over_is_noted_without_the_value(db: Db) {
    let token = db.token("WordPress").await;
    for value in ["first", "second"] {
        db.clock.advance_seconds(1);
        db.secret(&token.id, value, 60).await;
    }
    let page = db.list_activity(PageQuery::default()).await.unwrap();
    let entry = page
        .items
        .iter()
        .find(|e| e.action.as_str() == "secret.generated")
        .unwrap();
    let changes: Vec<_> = entry
        .changes
        .iter()
        .map(|c| (c.field.as_str(), c.before.as_deref(), c.after.as_deref()))
        .collect();
    assert_eq!(
        changes,
        [
            ("secret", Some("hint of first"), Some("hint of second")),
            ("overlap", None, Some("60"))
        ]
    );
    assert_eq!(
        db.actions()
            .await
            .iter()
            .filter(|a| **a == "handover.started")
            .count(),
        2
    );
}

async fn an_inactive_token_may_get_a_new_secret(db: Db) {
    let token = db.active("WordPress").await;
    db.deactivate_token(&cli(), &token.id, None).await.unwrap();
    assert_eq!(db.secret(&token.id, "new", 0).await.status, Status::Inactive);
    assert!(!db.accepts("new"));
    db.activate_token(&cli(), &token.id, None).await.unwrap();
    assert!(db.accepts("new"));
}

async fn a_replaced_secret_can_be_ended_early(db: Db) {
    let token = db.active("old").await;
    let old = db.state(&token.id).secrets[0].id.clone();
    let both = db.secret(&token.id, "new", 3600).await;
    assert!(db.accepts("old") && db.accepts("new"));
    db.clock.advance_seconds(1);
    let after = db.end_secret(&cli(), &token.id, &old).await.unwrap();
    assert!(!db.accepts("old") && db.accepts("new"));
    assert_eq!((after.version, after.secrets.len()), (both.version + 1, 1));
    assert_eq!(db.view(&token.id).await, after);
    let entry = db
        .list_activity(PageQuery::default())
        .await
        .unwrap()
        .items
        .remove(0);
    assert_eq!(entry.action.as_str(), "secret.ended");
    assert_eq!(entry.changes[0].before.as_deref(), Some("hint of old"));
    // Twice changes nothing, and is published where the first time was not seen.
    let before = db.everything().await;
    assert_eq!(db.end_secret(&cli(), &token.id, &old).await.unwrap(), after);
    assert_eq!(db.everything().await, before);
    let fresh = db.another().await;
    fresh.load().await.unwrap();
    assert!(!fresh.accepts("old") && fresh.accepts("new"));
}

async fn the_current_secret_is_not_ended_by_itself(db: Db) {
    let (token, other) = (db.active("one").await, db.active("two").await);
    let (current, foreign) = (
        db.state(&token.id).secrets[0].id.clone(),
        db.state(&other.id).secrets[0].id.clone(),
    );
    refused!(
        db,
        db.end_secret(&cli(), &token.id, &current),
        StoreError::SecretIsCurrent
    );
    refused!(
        db,
        db.end_secret(&cli(), &token.id, &foreign),
        StoreError::NotFound("secret")
    );
    let gone = db.deleted("gone").await;
    refused!(
        db,
        db.end_secret(&cli(), &gone, &current),
        StoreError::NotFound("token")
    );
}
