//! Set-up codes, tickets inside strongroom documents, administrators, the master key's check, signing keys.

use super::*;
use crate::secret::SealedSecret;
use crate::store::{CodeRefusal, NewSigningKey};

suite!(
    a_set_up_code_makes_the_first_administrator_once,
    a_new_set_up_code_voids_the_one_before,
    a_set_up_code_expires,
    a_set_up_code_is_useless_when_an_administrator_exists,
    two_set_ups_at_once_make_one_administrator,
    a_ticket_is_exchanged_for_an_import_ticket,
    a_foreign_ticket_is_not_exchanged,
    a_ticket_tells_what_it_was_issued_for,
    used_codes_are_kept_for_a_day_after_their_end,
    administrators_names_are_unique_without_regard_to_case,
    administrators_are_found_by_name,
    the_master_keys_check_is_stored_once,
    the_first_signing_key_is_stored_once,
    two_servers_agree_on_the_first_signing_key,
);

async fn a_set_up_code_makes_the_first_administrator_once(db: Db) {
    assert!(!db.has_user().await.unwrap());
    db.create_set_up_code(code("right"), db.after(600)).await.unwrap();
    let wrong = code("wrong");
    refused!(
        db,
        db.set_up(&cli(), &wrong, new_user("Ada")),
        StoreError::Code(CodeRefusal::Unknown)
    );
    let ada = db.set_up(&cli(), &code("right"), new_user("Ada")).await.unwrap();
    assert_eq!((ada.name.as_str(), ada.created_at), ("Ada", db.now()));
    assert!(db.has_user().await.unwrap());
    refused!(
        db,
        db.set_up(&cli(), &code("right"), new_user("Eve")),
        StoreError::AlreadySetUp
    );
    assert_eq!(db.actions().await, ["user.created"]);
}

async fn a_new_set_up_code_voids_the_one_before(db: Db) {
    db.create_set_up_code(code("first"), db.after(600)).await.unwrap();
    db.create_set_up_code(code("second"), db.after(600))
        .await
        .unwrap();
    let first = code("first");
    refused!(
        db,
        db.set_up(&cli(), &first, new_user("Ada")),
        StoreError::Code(CodeRefusal::Unknown)
    );
    db.set_up(&cli(), &code("second"), new_user("Ada")).await.unwrap();
}

async fn a_set_up_code_expires(db: Db) {
    db.create_set_up_code(code("code"), db.after(600)).await.unwrap();
    db.clock.advance_seconds(600);
    let late = code("code");
    refused!(
        db,
        db.set_up(&cli(), &late, new_user("Ada")),
        StoreError::Code(CodeRefusal::Expired)
    );
}

async fn a_set_up_code_is_useless_when_an_administrator_exists(db: Db) {
    db.create_set_up_code(code("code"), db.after(600)).await.unwrap();
    db.user("Ada").await;
    refused!(
        db,
        db.set_up(&cli(), &code("code"), new_user("Eve")),
        StoreError::AlreadySetUp
    );
}

async fn two_set_ups_at_once_make_one_administrator(db: Db) {
    db.create_set_up_code(code("code"), db.after(600)).await.unwrap();
    let (actor, digest) = (cli(), code("code"));
    let (one, two) = tokio::join!(
        db.set_up(&actor, &digest, new_user("One")),
        db.set_up(&actor, &digest, new_user("Two"))
    );
    assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|won| **won).count(), 1);
    assert!(matches!(one.or(two).map(|_| ()), Ok(())));
    assert_eq!(db.count("SELECT COUNT(*) FROM users").await, 1);
}

fn import_ticket(token: &TokenId, text: &str, expires_at: Timestamp) -> NewCode {
    NewCode {
        purpose: CodePurpose::Import,
        ..ticket(token, text, expires_at)
    }
}

async fn a_ticket_is_exchanged_for_an_import_ticket(db: Db) {
    let token = db.token("WordPress").await;
    let first = db.ticket(&token.id, "first").await;
    let here = session();
    let exchange = |text| db.exchange_ticket(&first, &here, import_ticket(&token.id, text, db.after(600)));
    exchange("second").await.unwrap();
    refused!(db, exchange("third"), StoreError::Code(CodeRefusal::Used));
    let second = code("second");
    let replace = |value| db.replace(&token.id, &second, imported(value));
    assert_eq!(replace("key").await.unwrap().hint.as_deref(), Some("hint of key"));
    refused!(db, replace("other"), StoreError::Code(CodeRefusal::Used));
    assert_eq!(
        db.count("SELECT COUNT(*) FROM secrets WHERE source = 'imported' AND leak_prefix IS NULL")
            .await,
        1
    );
    assert!(db.actions().await.contains(&"secret.imported"));
}

async fn a_foreign_ticket_is_not_exchanged(db: Db) {
    let (one, two) = (db.token("One").await, db.token("Two").await);
    let first = db.ticket(&one.id, "first").await;
    let end = db.after(600);
    let unknown = code("nobody issued this");
    let foreign = code("another session");
    let new = |token: &TokenView| import_ticket(&token.id, "second", end);
    let no = StoreError::Code(CodeRefusal::Unknown);
    for change in [
        db.exchange_ticket(&first, &session(), new(&two)).await,
        db.exchange_ticket(&first, &foreign, new(&one)).await,
        db.exchange_ticket(&unknown, &session(), new(&one)).await,
    ] {
        assert_eq!(change.unwrap_err().to_string(), no.to_string());
    }
    db.exchange_ticket(&first, &session(), new(&one)).await.unwrap();
}

async fn a_ticket_tells_what_it_was_issued_for(db: Db) {
    let token = db.token("WordPress").await;
    let digest = db.ticket(&token.id, "ticket").await;
    db.replace(&token.id, &digest, secret("value")).await.unwrap();
    let used = db
        .find_ticket(&digest, CodePurpose::Handover)
        .await
        .unwrap()
        .expect("used, but known");
    assert_eq!((used.token, used.session), (Some(token.id), Some(session())));
    assert_eq!(db.find_ticket(&digest, CodePurpose::Import).await.unwrap(), None);
    assert_eq!(
        db.find_ticket(&code("other"), CodePurpose::Handover)
            .await
            .unwrap(),
        None
    );
}

async fn used_codes_are_kept_for_a_day_after_their_end(db: Db) {
    let token = db.token("WordPress").await;
    let first = db.ticket(&token.id, "ticket").await;
    db.replace(&token.id, &first, secret("value")).await.unwrap();
    let find = || db.find_ticket(&first, CodePurpose::Handover);
    db.clock.advance_seconds(600 + 86_399);
    db.ticket(&token.id, "later").await;
    assert!(find().await.unwrap().is_some());
    db.clock.advance_seconds(1);
    db.ticket(&token.id, "later still").await;
    assert!(find().await.unwrap().is_none());
}

async fn administrators_names_are_unique_without_regard_to_case(db: Db) {
    db.user("Zoë").await;
    for same in ["zoë", "ZOË", "Zoe\u{308}"] {
        refused!(db, db.create_user(&cli(), new_user(same)), StoreError::NameTaken);
    }
    db.user("Zoe").await;
}

async fn administrators_are_found_by_name(db: Db) {
    let made = db.user("Zoë").await;
    for name in ["Zoë", " zoë ", "ZOE\u{308}"] {
        let found = db.find_user(name).await.unwrap().expect("found");
        assert_eq!(
            (&found.id, found.name.as_str(), found.created_at),
            (&made.id, "Zoë", db.now())
        );
        assert_eq!(found.password_hash.as_column(), "hash of Zoë's password");
    }
    for name in ["", "Zo", "Zoë%", "Zoë\0", "\0", "' OR 1=1 --"] {
        assert!(db.find_user(name).await.unwrap().is_none(), "{name:?}");
    }
}

async fn the_master_keys_check_is_stored_once(db: Db) {
    assert_eq!(db.find_key_check().await.unwrap(), None);
    db.create_key_check("check").await.unwrap();
    refused!(db, db.create_key_check("other"), StoreError::Driver(_));
    assert_eq!(db.find_key_check().await.unwrap().as_deref(), Some("check"));
}

fn signing_key(id: &str) -> NewSigningKey {
    let seed = SealedSecret {
        key_id: "sealing".to_owned(),
        nonce: [7; 12],
        bytes: vec![0, 1, 255],
    };
    NewSigningKey {
        id: id.to_owned(),
        public_key: vec![0, 2, 254],
        seed,
    }
}

async fn the_first_signing_key_is_stored_once(db: Db) {
    assert!(db.list_signing_keys().await.unwrap().keys.is_empty());
    assert!(
        db.create_first_signing_key(&signing_key("one"), db.now())
            .await
            .unwrap()
    );
    assert!(
        !db.create_first_signing_key(&signing_key("two"), db.now())
            .await
            .unwrap()
    );
    let [sealed] = &db.list_signing_keys().await.unwrap().keys[..] else {
        panic!("one key")
    };
    let (key, stored) = (&sealed.key, signing_key("one"));
    assert_eq!(sealed.longest_lifetime, Some(86_400), "as the settings say");
    assert_eq!(
        (&key.id, &key.public_key, &key.seed),
        (&stored.id, &stored.public_key, &stored.seed)
    );
}

async fn two_servers_agree_on_the_first_signing_key(db: Db) {
    let other = db.another().await;
    let (one, two) = (signing_key("one"), signing_key("two"));
    let (first, second) = tokio::join!(
        db.create_first_signing_key(&one, db.now()),
        other.create_first_signing_key(&two, db.now())
    );
    assert_ne!(first.unwrap(), second.unwrap());
    assert_eq!(db.list_signing_keys().await.unwrap().keys.len(), 1);
}
