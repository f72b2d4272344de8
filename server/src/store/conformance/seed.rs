//! A whole organisation at once.

use super::*;
use crate::store::{Seed, SeedHour, SeedInterface, SeedSecret, SeedToken, SeedUser};

suite!(
    a_seed_fills_an_empty_database,
    a_seed_never_touches_what_is_there,
    a_seed_is_all_or_nothing
);

impl Db {
    fn some_id<T: FromStr>(&self) -> T {
        let entropy: &dyn Entropy = &*self.entropy;
        entropy.new_id(self.now()).unwrap()
    }

    fn seed_of(&self, interface_name: &str, granted: &str) -> Seed {
        let owner: wire::UserId = self.some_id();
        let user = SeedUser {
            id: owner.clone(),
            name: UserName::parse("Kari").unwrap(),
            password_hash: PasswordHashText::from_column("none".to_owned()),
            created_at: self.after(-9000),
        };
        let made = SeedToken {
            id: self.some_id(),
            made: CreateTokenRequest {
                grants: vec![grant(granted, &[Permission::Read, Permission::Upload])],
                rate_limit: limit(5, 60),
                allowed_origins: vec![origin("https://www.example.org")],
                note: wire::Note::parse("first\nsecond").unwrap(),
                ..token("Æ \"quoted\" 'name'")
            },
            created_at: self.after(-8000),
            created_by: owner,
            last_used_at: Some(self.after(-60)),
            deactivated_at: None,
            secrets: vec![SeedSecret {
                id: self.some_id(),
                new: secret("value"),
                created_at: self.after(-7000),
                expires_at: None,
                last_used_at: None,
            }],
            exposures: Vec::new(),
            hours: vec![SeedHour {
                hour: 7,
                outcome: "allowed",
                count: 11,
            }],
            sources: Vec::new(),
        };
        Seed {
            users: vec![user],
            interfaces: vec![SeedInterface {
                id: self.some_id(),
                made: interface(interface_name),
                created_at: self.after(-9000),
            }],
            tokens: vec![made],
            activity: Vec::new(),
        }
    }
}

async fn a_seed_fills_an_empty_database(db: Db) {
    db.seed(db.seed_of("Press", "Press")).await.unwrap();
    assert!(db.accepts("value"));
    let view = db
        .list_tokens(&wire::TokenListQuery::default())
        .await
        .unwrap()
        .items
        .remove(0);
    assert_eq!(view.name, "Æ \"quoted\" 'name'");
    assert_eq!(
        view.grants,
        [grant("Press", &[Permission::Read, Permission::Upload])]
    );
    assert_eq!((view.rate_limit, view.allowed_origins.len()), (limit(5, 60), 1));
    assert_eq!(
        (view.note.as_str(), view.created_by.as_deref()),
        ("first\nsecond", Some("Kari"))
    );
    assert_eq!(view.created_at, db.after(-8000));
    assert_eq!(
        db.count("SELECT CAST(SUM(count) AS BIGINT) FROM usage_hour")
            .await,
        11
    );
    assert!(db.index().interfaces().find("press").is_some());
    // What was seeded is changed like anything else.
    db.update_token(&cli(), &view.id, &rename(&view, "Other"))
        .await
        .unwrap();
}

async fn a_seed_never_touches_what_is_there(db: Db) {
    db.interface("Video").await;
    refused!(db, db.seed(db.seed_of("Press", "Press")), StoreError::NotEmpty);
}

async fn a_seed_is_all_or_nothing(db: Db) {
    refused!(db, db.seed(db.seed_of("Press", "Nowhere")), StoreError::Rules(_));
}
