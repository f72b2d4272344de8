//! Temporary tokens that are stopped one by one or by subject, secrets that their holders end, and the signing keys'
//! rotation.

use super::*;
use crate::domain::claims::Claims;
use crate::domain::index::Index;
use crate::secret::SealedSecret;
use crate::store::{Ending, NewSigningKey};
use wire::{PatchSettingsRequest, SigningKeyState, Subject, TemporaryId};

suite!(
    one_temporary_token_is_stopped,
    visitors_do_not_fill_the_activity_list,
    a_subject_is_stopped_until_now,
    what_is_minted_while_a_stop_waits_is_stopped,
    what_is_minted_while_a_stop_is_written_is_stopped,
    a_stop_is_never_taken_back_by_a_clock,
    stops_outlive_a_restart_and_end_with_what_they_stop,
    a_stop_outlives_what_was_allowed_before,
    a_later_stop_lets_go_of_nothing,
    a_stop_lasts_as_long_as_what_may_be_out,
    refused_stops_change_nothing,
    a_holder_ends_its_own_secret_only,
    keys_take_turns_and_the_old_one_goes_when_its_last_token_has_ended,
    a_key_that_signed_without_an_end_stays,
    at_once_there_is_one_key,
);

fn subject(name: &str) -> Subject {
    Subject::parse(name).unwrap()
}

impl Db {
    /// What a temporary token would say that is minted now.
    fn pass(&self, token: &TokenView, lifetime: Option<i64>, of: Option<&str>) -> Claims {
        let entropy: &dyn Entropy = &*self.entropy;
        Claims {
            iss: String::new(),
            aud: String::new(),
            sub: token.id.clone(),
            client_id: token.id.clone(),
            jti: entropy.new_id::<TemporaryId>(self.now()).unwrap(),
            iat: self.now().seconds(),
            nbf: None,
            exp: lifetime.map(|l| self.now().seconds() + l),
            secret_id: self.state(&token.id).secrets[0].id.clone(),
            epoch: 0,
            scope: None,
            grants: Vec::new(),
            origins: Vec::new(),
            network: None,
            subject: of.map(subject),
            via: Vec::new(),
        }
    }

    async fn stops(&self) -> i64 {
        self.count("SELECT COUNT(*) FROM stopped_temporary").await
    }
}

fn is_stopped(index: &Index, pass: &Claims) -> bool {
    let slot = index.by_id(&pass.sub).unwrap();
    slot.stopped().is_some_and(|stopped| stopped.holds(pass))
}

async fn one_temporary_token_is_stopped(db: Db) {
    let (token, other) = (db.active("One").await, db.active("Other").await);
    let (one, two) = (
        db.pass(&token, Some(60), Some("kari")),
        db.pass(&token, Some(60), None),
    );
    let narrowed = Claims {
        via: vec![one.jti.clone()],
        ..db.pass(&token, Some(30), None)
    };
    db.revoke_temporary_token(&cli(), &one, Ending::Server)
        .await
        .unwrap();
    db.revoke_temporary_token(&cli(), &one, Ending::Server)
        .await
        .unwrap();
    assert!(is_stopped(db.index(), &one) && !is_stopped(db.index(), &two));
    assert!(
        is_stopped(db.index(), &narrowed),
        "it dies with what it came from"
    );
    db.stop_temporary_token(&cli(), &token.id, &two.jti, Some(token.version))
        .await
        .unwrap();
    assert!(is_stopped(db.index(), &two));
    assert_eq!(db.stops().await, 2);
    assert_eq!(
        db.view(&token.id).await.version,
        token.version,
        "the token itself is as it was"
    );
    let elsewhere = Claims {
        sub: other.id.clone(),
        ..one.clone()
    };
    assert!(!is_stopped(db.index(), &elsewhere));
    let entries = db.list_activity(PageQuery::default()).await.unwrap().items;
    let acts: Vec<_> = entries
        .iter()
        .filter(|e| e.action.as_str().starts_with("token.") && e.action.as_str() != "token.created")
        .map(|e| (e.action.as_str(), e.changes[0].field.as_str(), e.changes.len()))
        .collect();
    assert_eq!(
        acts,
        [("token.temporary_stopped", "jti", 1), ("token.revoked", "jti", 2)],
        "once each"
    );
}

async fn visitors_do_not_fill_the_activity_list(db: Db) {
    let (token, other) = (db.active("One").await, db.active("Other").await);
    let end = async |token: &TokenView, by| {
        let pass = db.pass(token, Some(9000), None);
        db.revoke_temporary_token(&cli(), &pass, by).await.unwrap();
        assert!(is_stopped(db.index(), &pass));
    };
    let told = async || {
        let acts = db.actions().await;
        acts.iter().filter(|a| **a == "token.revoked").count()
    };
    for _ in 0..5 {
        end(&token, Ending::Visitor).await;
    }
    assert_eq!(told().await, 1);
    end(&other, Ending::Visitor).await;
    assert_eq!(told().await, 2, "once for each token");
    db.clock.advance_seconds(3599);
    end(&token, Ending::Visitor).await;
    assert_eq!(told().await, 2);
    db.clock.advance_seconds(1);
    end(&token, Ending::Visitor).await;
    assert_eq!(told().await, 3);
    for _ in 0..5 {
        end(&token, Ending::Server).await;
    }
    assert_eq!(told().await, 8, "what a server does is told");
    assert_eq!(db.stops().await, 13, "and all of them are stopped");
}

async fn a_subject_is_stopped_until_now(db: Db) {
    let token = db.active("One").await;
    let before = db.pass(&token, Some(600), Some("kari"));
    let somebody = db.pass(&token, Some(600), Some("ola"));
    db.stop_subject(&cli(), &token.id, &subject("kari"), None)
        .await
        .unwrap();
    assert!(is_stopped(db.index(), &before) && !is_stopped(db.index(), &somebody));
    db.clock.advance_seconds(1);
    let after = db.pass(&token, Some(600), Some("kari"));
    assert!(!is_stopped(db.index(), &after), "signed in again");
    db.stop_subject(&cli(), &token.id, &subject("kari"), None)
        .await
        .unwrap();
    assert!(is_stopped(db.index(), &after) && is_stopped(db.index(), &before));
    assert_eq!(db.stops().await, 1);
}

/// Another one has the writer's turn, and time passes.
async fn what_is_minted_while_a_stop_waits_is_stopped(db: Db) {
    let token = db.active("One").await;
    let turn = db.write().await.unwrap();
    let stopping = {
        let (db, id) = (db.clone(), token.id.clone());
        tokio::spawn(async move { db.stop_subject(&cli(), &id, &subject("kari"), None).await })
    };
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
    db.clock.advance_seconds(5);
    let pass = db.pass(&token, Some(600), Some("kari"));
    drop(turn);
    stopping.await.unwrap().unwrap();
    let again = db.another().await;
    again.load().await.unwrap();
    assert!(is_stopped(db.index(), &pass) && is_stopped(again.index(), &pass));
}

/// A clock that goes on whenever somebody looks at it.
#[derive(Debug)]
struct Hasty(Arc<FixedClock>);

impl Clock for Hasty {
    fn now(&self) -> Timestamp {
        self.0.advance_seconds(1);
        self.0.now()
    }
}

/// However long the writing takes: nothing that was minted before the answer is accepted after it.
async fn what_is_minted_while_a_stop_is_written_is_stopped(db: Db) {
    let token = db.active("One").await;
    let (clock, entropy) = (Arc::new(Hasty(db.clock.clone())), db.entropy.clone());
    let slow = match &db.place {
        Place::Sqlite(file) => Store::open_sqlite(file, clock, entropy).await,
        Place::Postgres(options) => Store::open_postgres((**options).clone(), clock, entropy).await,
    }
    .unwrap();
    slow.load().await.unwrap();
    slow.stop_subject(&cli(), &token.id, &subject("kari"), None)
        .await
        .unwrap();
    // The time stands still from here on: the last moment before the answer.
    let pass = db.pass(&token, Some(600), Some("kari"));
    let again = db.another().await;
    again.load().await.unwrap();
    assert!(is_stopped(slow.index(), &pass) && is_stopped(again.index(), &pass));
    let entries = db.actions().await;
    let stops = entries.iter().filter(|a| **a == "token.temporary_stopped");
    assert_eq!(stops.count(), 1, "it is one act");
    // Whoever signs in again is somebody new.
    db.clock.advance_seconds(3600);
    assert!(!is_stopped(
        slow.index(),
        &db.pass(&token, Some(600), Some("kari"))
    ));
}

async fn a_stop_is_never_taken_back_by_a_clock(db: Db) {
    let token = db.active("One").await;
    let pass = db.pass(&token, Some(600), Some("kari"));
    let stop = async || {
        db.stop_subject(&cli(), &token.id, &subject("kari"), None)
            .await
            .unwrap();
    };
    stop().await;
    db.clock.advance_seconds(-60);
    stop().await;
    let again = db.another().await;
    again.load().await.unwrap();
    assert!(is_stopped(db.index(), &pass) && is_stopped(again.index(), &pass));
}

async fn stops_outlive_a_restart_and_end_with_what_they_stop(db: Db) {
    let token = db.active("One").await;
    let short = db.pass(&token, Some(60), None);
    let endless = db.pass(&token, None, None);
    let kari = db.pass(&token, Some(60), Some("kari"));
    for pass in [&short, &endless] {
        db.revoke_temporary_token(&cli(), pass, Ending::Server)
            .await
            .unwrap();
    }
    db.stop_subject(&cli(), &token.id, &subject("kari"), None)
        .await
        .unwrap();
    let again = db.another().await;
    again.load().await.unwrap();
    for pass in [&short, &endless, &kari] {
        assert!(is_stopped(again.index(), pass));
    }
    db.clock.advance_seconds(59);
    db.forget_ended_stops().await.unwrap();
    assert_eq!(db.stops().await, 3);
    db.clock.advance_seconds(1);
    db.forget_ended_stops().await.unwrap();
    assert_eq!(db.stops().await, 2);
    assert!(!is_stopped(db.index(), &short), "nobody needs to know any more");
    assert!(is_stopped(db.index(), &endless) && is_stopped(db.index(), &kari));
    db.clock.advance_seconds(LIMITS.longest_temporary_lifetime);
    db.forget_ended_stops().await.unwrap();
    assert_eq!(db.stops().await, 1, "what has no end is stopped for good");
}

/// A token without an end is about, and nothing of today tells that one was ever allowed.
async fn a_stop_outlives_what_was_allowed_before(db: Db) {
    db.create_first_signing_key(&key("1"), db.now()).await.unwrap();
    let token = db.active("One").await;
    db.settings_with(|s| s.allow_endless_temporary_tokens = Some(true))
        .await;
    let (kari, ola) = (
        db.pass(&token, None, Some("kari")),
        db.pass(&token, None, Some("ola")),
    );
    db.settings_with(|s| {
        s.allow_endless_temporary_tokens = Some(false);
        s.maximum_temporary_lifetime = Some(3600);
    })
    .await;
    db.stop_subject(&cli(), &token.id, &subject("kari"), None)
        .await
        .unwrap();
    db.stop_temporary_token(&cli(), &token.id, &ola.jti, None)
        .await
        .unwrap();
    db.clock.advance_seconds(10 * LIMITS.longest_temporary_lifetime);
    db.forget_ended_stops().await.unwrap();
    let again = db.another().await;
    again.load().await.unwrap();
    for pass in [&kari, &ola] {
        assert!(is_stopped(db.index(), pass) && is_stopped(again.index(), pass));
    }
    // What a retired key signed is refused anyway, so stops need not be kept for it.
    db.rotate_signing_key(&cli(), key("2"), db.now(), true)
        .await
        .unwrap();
    let per = db.pass(&token, Some(60), Some("per"));
    db.stop_subject(&cli(), &token.id, &subject("per"), None)
        .await
        .unwrap();
    assert!(is_stopped(db.index(), &per));
    db.clock.advance_seconds(LIMITS.longest_temporary_lifetime + 1);
    db.forget_ended_stops().await.unwrap();
    assert!(!is_stopped(db.index(), &per));
    assert_eq!(db.stops().await, 2);
}

async fn a_later_stop_lets_go_of_nothing(db: Db) {
    let token = db.active("One").await;
    let endless = db.pass(&token, None, Some("kari"));
    db.settings_with(|s| s.allow_endless_temporary_tokens = Some(true))
        .await;
    let stop = async || {
        db.stop_subject(&cli(), &token.id, &subject("kari"), None)
            .await
            .unwrap();
    };
    stop().await;
    db.settings_with(|s| s.allow_endless_temporary_tokens = Some(false))
        .await;
    db.clock.advance_seconds(1);
    stop().await;
    db.clock.advance_seconds(10 * LIMITS.longest_temporary_lifetime);
    db.forget_ended_stops().await.unwrap();
    let again = db.another().await;
    again.load().await.unwrap();
    assert!(is_stopped(db.index(), &endless) && is_stopped(again.index(), &endless));
}

async fn a_stop_lasts_as_long_as_what_may_be_out(db: Db) {
    const DAY: i64 = 86_400;
    db.create_first_signing_key(&key("1"), db.now()).await.unwrap();
    let token = db.active("One").await;
    let lasts = async |seconds: i64| {
        let (kari, ola) = (
            db.pass(&token, Some(seconds), Some("kari")),
            db.pass(&token, Some(seconds), None),
        );
        db.stop_subject(&cli(), &token.id, &subject("kari"), None)
            .await
            .unwrap();
        db.stop_temporary_token(&cli(), &token.id, &ola.jti, None)
            .await
            .unwrap();
        db.clock.advance_seconds(seconds - 1);
        db.forget_ended_stops().await.unwrap();
        let again = db.another().await;
        again.load().await.unwrap();
        for pass in [&kari, &ola] {
            assert!(is_stopped(db.index(), pass) && is_stopped(again.index(), pass));
        }
        db.clock.advance_seconds(2);
        db.forget_ended_stops().await.unwrap();
        assert_eq!(db.stops().await, 0, "{seconds}");
    };
    lasts(DAY).await;
    // What was minted a moment ago lasts as long as was allowed then.
    db.settings_with(|s| s.maximum_temporary_lifetime = Some(900))
        .await;
    lasts(DAY).await;
    // When the key that may have signed it is gone, so is that.
    db.rotate_signing_key(&cli(), key("2"), db.now(), false)
        .await
        .unwrap();
    lasts(DAY).await;
    assert_eq!(db.keys().await.len(), 1);
    lasts(900).await;
    db.settings_with(|s| s.maximum_temporary_lifetime = Some(3600))
        .await;
    lasts(3600).await;
}

async fn refused_stops_change_nothing(db: Db) {
    let token = db.active("One").await;
    let pass = db.pass(&token, Some(60), None);
    let gone = db.deleted("Gone").await;
    let stale = db
        .refusal(db.stop_subject(&cli(), &token.id, &subject("kari"), Some(1)))
        .await;
    assert!(matches!(stale, StoreError::Stale), "{stale}");
    let stale = db
        .refusal(db.stop_temporary_token(&cli(), &token.id, &pass.jti, Some(99)))
        .await;
    assert!(matches!(stale, StoreError::Stale), "{stale}");
    let missing = db
        .refusal(db.stop_subject(&cli(), &gone, &subject("kari"), None))
        .await;
    assert!(matches!(missing, StoreError::NotFound("token")), "{missing}");
    let secret = db.state(&token.id).secrets[0].id.clone();
    let missing = db.refusal(db.revoke_secret(&cli(), &gone, &secret)).await;
    assert!(matches!(missing, StoreError::NotFound("token")), "{missing}");
    let other = db.active("Other").await;
    let missing = db.refusal(db.revoke_secret(&cli(), &other.id, &secret)).await;
    assert!(matches!(missing, StoreError::NotFound("secret")), "{missing}");
}

async fn a_holder_ends_its_own_secret_only(db: Db) {
    let token = db.token("One").await;
    db.secret(&token.id, "first", 0).await;
    db.secret(&token.id, "second", 3600).await;
    assert!(db.accepts("first") && db.accepts("second"));
    let [second, first] = &db.state(&token.id).secrets[..] else {
        panic!("two secrets")
    };
    db.revoke_secret(&cli(), &token.id, &second.id).await.unwrap();
    assert!(db.accepts("first") && !db.accepts("second"));
    db.revoke_secret(&cli(), &token.id, &second.id).await.unwrap();
    db.revoke_secret(&cli(), &token.id, &first.id).await.unwrap();
    assert!(!db.accepts("first"));
    let revoked = db
        .actions()
        .await
        .iter()
        .filter(|a| **a == "token.revoked")
        .count();
    assert_eq!(revoked, 2);
    db.secret(&token.id, "third", 0).await;
    assert!(db.accepts("third") && !db.accepts("second"));
}

fn key(id: &str) -> NewSigningKey {
    NewSigningKey {
        id: id.to_owned(),
        public_key: vec![1],
        seed: SealedSecret {
            key_id: "sealing".to_owned(),
            nonce: [7; 12],
            bytes: vec![1],
        },
    }
}

impl Db {
    async fn keys(&self) -> Vec<(String, SigningKeyState)> {
        let keys = self.retire_signing_keys().await.unwrap().view(self.now());
        keys.into_iter().map(|k| (k.id, k.state)).collect()
    }

    async fn settings_with(&self, change: impl FnOnce(&mut PatchSettingsRequest)) {
        let mut patch = PatchSettingsRequest {
            version: self.index().settings().version,
            ..PatchSettingsRequest::default()
        };
        change(&mut patch);
        self.update_settings(&cli(), &patch).await.unwrap();
    }
}

async fn keys_take_turns_and_the_old_one_goes_when_its_last_token_has_ended(db: Db) {
    use SigningKeyState::{Next, Signing, Verifying};
    let is = |id: &str, state| (id.to_owned(), state);
    db.create_first_signing_key(&key("1"), db.now()).await.unwrap();
    let moment = db.after(600);
    db.rotate_signing_key(&cli(), key("2"), moment, false)
        .await
        .unwrap();
    assert_eq!(db.keys().await, [is("2", Next), is("1", Signing)]);
    let waits = db
        .refusal(db.rotate_signing_key(&cli(), key("3"), moment, false))
        .await;
    assert!(matches!(waits, StoreError::KeyWaits), "{waits}");
    // Longer tokens are allowed while the first one still signs.
    db.settings_with(|s| s.maximum_temporary_lifetime = Some(1_000_000))
        .await;
    db.clock.advance_seconds(600);
    assert_eq!(db.keys().await, [is("2", Signing), is("1", Verifying)]);
    db.settings_with(|s| s.maximum_temporary_lifetime = Some(3600))
        .await;
    let ends = db.list_signing_keys().await.unwrap().view(db.now());
    assert_eq!(
        (ends[0].verifies_until, ends[1].verifies_until),
        (None, Some(moment.plus_seconds(1_000_000)))
    );
    db.clock.advance_seconds(999_999);
    assert_eq!(db.keys().await.len(), 2);
    db.clock.advance_seconds(1);
    assert_eq!(db.keys().await, [is("2", Signing)]);
    assert!(db.actions().await.contains(&"signing_key.rotated"));
}

async fn a_key_that_signed_without_an_end_stays(db: Db) {
    db.create_first_signing_key(&key("1"), db.now()).await.unwrap();
    db.settings_with(|s| s.allow_endless_temporary_tokens = Some(true))
        .await;
    db.settings_with(|s| s.allow_endless_temporary_tokens = Some(false))
        .await;
    db.rotate_signing_key(&cli(), key("2"), db.now(), false)
        .await
        .unwrap();
    db.clock.advance_seconds(10 * LIMITS.longest_temporary_lifetime);
    assert_eq!(db.keys().await.len(), 2);
}

async fn at_once_there_is_one_key(db: Db) {
    db.create_first_signing_key(&key("1"), db.now()).await.unwrap();
    db.rotate_signing_key(&cli(), key("2"), db.after(600), false)
        .await
        .unwrap();
    db.rotate_signing_key(&cli(), key("3"), db.after(600), true)
        .await
        .unwrap();
    assert_eq!(db.keys().await, [("3".to_owned(), SigningKeyState::Signing)]);
}
