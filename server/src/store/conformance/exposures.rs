//! Exposures: what is recorded, what is told, what is dealt with.

use super::*;
use crate::domain::exposure::ExposureCount;
use crate::store::{ClaimRefusal, Claimant, NewClaim};
use wire::{Attention, AttentionFilter, Door, Reason, TokenListQuery};

suite!(
    exposures_add_up,
    ten_thousand_of_one_place_are_one_row,
    nothing_is_lost_between_two_transactions,
    only_the_first_exposure_is_an_entry_of_the_list,
    exposures_are_told_apart,
    made_up_pages_do_not_fill_the_database,
    dealt_with_until_it_is_seen_again,
    found_values_switch_off_where_the_settings_say_so,
    what_was_found_before_the_setting_switches_off_too,
    who_activates_after_dealing_with_it_has_decided,
    switching_off_by_itself_ends_open_claims,
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

/// A value may stand ten thousand times in one file.
async fn ten_thousand_of_one_place_are_one_row(db: Db) {
    let token = db.active("One").await;
    let first = db.now();
    let mut all = vec![db.exposure(&token, "https://a.example", 1); 9_999];
    db.clock.advance_seconds(60);
    let last = ExposureCount {
        page: "https://a.example/last".to_owned(),
        ..db.exposure(&token, "https://a.example", 1)
    };
    all.push(last);
    let started = std::time::Instant::now();
    db.record_exposures(&all).await.unwrap();
    assert!(
        started.elapsed() < std::time::Duration::from_secs(2),
        "{:?}",
        started.elapsed()
    );
    let [seen] = &db.view(&token.id).await.exposures[..] else {
        panic!("one exposure")
    };
    assert_eq!(
        (seen.count, seen.first_seen_at, seen.last_seen_at),
        (10_000, first, db.now())
    );
    assert_eq!(seen.page.as_deref(), Some("https://a.example/last"));
    assert_eq!(
        db.actions()
            .await
            .iter()
            .filter(|a| **a == "exposure.recorded")
            .count(),
        1
    );
}

/// Each is recorded once, whichever transaction it comes in.
async fn nothing_is_lost_between_two_transactions(db: Db) {
    let tokens = [
        db.active("One").await,
        db.active("Two").await,
        db.active("Three").await,
    ];
    let all: Vec<_> = (0..270)
        .map(|n| db.exposure(&tokens[n % 3], &format!("https://n{n}.example"), 1))
        .collect();
    db.record_exposures(&all).await.unwrap();
    for token in &tokens {
        let exposures = db.view(&token.id).await.exposures;
        assert_eq!(
            (exposures.len(), exposures.iter().map(|e| e.count).sum::<u64>()),
            (90, 90)
        );
    }
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

impl Db {
    async fn is_exposed(&self, token: &TokenView) -> bool {
        let query = TokenListQuery {
            attention: Some(AttentionFilter::Only(Attention::Exposed)),
            ..TokenListQuery::default()
        };
        let listed = self.list_tokens(&query).await.unwrap().total == 1;
        let view = self.view(&token.id).await;
        assert_eq!(
            view.attention.contains(&Attention::Exposed),
            listed,
            "the list and the token say the same"
        );
        let counted = self.count_tokens().await.unwrap().attention;
        assert_eq!(counted.iter().any(|c| c.reason == Attention::Exposed), listed);
        listed
    }
}

async fn dealt_with_until_it_is_seen_again(db: Db) {
    let token = db.active("One").await;
    let ada = db.user("Ada").await;
    let who = acting(&ada, "192.0.2.9");
    let reason = Reason::parse("Our own test page").unwrap();
    let version = db.view(&token.id).await.version;
    // Nothing to deal with: nothing changes.
    let before = db.everything().await;
    db.deal_with_exposures(&who, &token.id, &reason).await.unwrap();
    db.reopen_exposures(&who, &token.id).await.unwrap();
    assert_eq!(db.everything().await, before);

    let seen = db.exposure(&token, "https://a.example", 1);
    db.record_exposures(std::slice::from_ref(&seen)).await.unwrap();
    assert!(db.is_exposed(&token).await);
    db.clock.advance_seconds(10);
    let view = db.deal_with_exposures(&who, &token.id, &reason).await.unwrap();
    let marked = view.exposures[0].dealt_with.clone().unwrap();
    assert_eq!(
        (marked.at, marked.by.as_deref(), marked.reason.as_str()),
        (db.now(), Some("Ada"), "Our own test page")
    );
    assert!(!db.is_exposed(&token).await);
    // What was on its way before is not seen again.
    db.record_exposures(std::slice::from_ref(&seen)).await.unwrap();
    assert!(!db.is_exposed(&token).await);
    // Taken back, and done again.
    db.reopen_exposures(&who, &token.id).await.unwrap();
    assert!(db.is_exposed(&token).await);
    db.deal_with_exposures(&who, &token.id, &Reason::default())
        .await
        .unwrap();
    // Seen again, it is open again and an alarm again.
    db.clock.advance_seconds(1);
    db.record_exposures(&[db.exposure(&token, "https://a.example", 1)])
        .await
        .unwrap();
    assert!(db.is_exposed(&token).await);
    assert_eq!(db.view(&token.id).await.exposures[0].count, 3);
    let told = db.actions().await;
    let count = |action: &str| told.iter().filter(|a| **a == action).count();
    assert_eq!(count("exposure.recorded"), 2);
    assert_eq!(
        (count("exposures.dealt_with"), count("exposures.reopened")),
        (2, 1)
    );
    assert_eq!(
        db.view(&token.id).await.version,
        version,
        "nothing about the token changed"
    );
    let nobody = db.deleted("Gone").await;
    refused!(
        db,
        db.deal_with_exposures(&who, &nobody, &reason),
        StoreError::NotFound(_)
    );
    refused!(db, db.reopen_exposures(&who, &nobody), StoreError::NotFound(_));
}

async fn found_values_switch_off_where_the_settings_say_so(db: Db) {
    let at_a_door = |token: &TokenView, door| ExposureCount {
        door,
        place: format!("src/{}.js", door.as_str()),
        ..db.exposure(token, "https://a.example", 1)
    };
    let off = async |token: &TokenView| db.view(&token.id).await.status == wire::Status::Inactive;
    let careful = db.active("before").await;
    for door in Door::ALL {
        db.record_exposures(&[at_a_door(&careful, door)]).await.unwrap();
    }
    assert!(!off(&careful).await, "off by default");
    let on = wire::PatchSettingsRequest {
        deactivate_exposed: Some(true),
        ..Default::default()
    };
    db.update_settings(&cli(), &on).await.unwrap();
    for door in Door::ALL {
        let token = db.active(door.as_str()).await;
        db.record_exposures(&[at_a_door(&token, door)]).await.unwrap();
        let stopped = door != Door::Browser;
        assert_eq!(off(&token).await, stopped, "headers alone never do: {door:?}");
        assert_eq!(db.state(&token.id).deactivated, stopped, "the index knows");
        if !stopped {
            continue;
        }
        let page = db.list_activity(PageQuery::default()).await.unwrap();
        let entry = &page.items[0];
        assert_eq!(
            (entry.action.as_str(), entry.actor.kind.as_str()),
            ("token.deactivated", "system")
        );
        assert_eq!(entry.changes[0].field, door.as_str());
        assert_eq!(
            entry.changes[0].after.as_deref(),
            Some(format!("src/{}.js", door.as_str()).as_str())
        );
        // Whoever activates it again has decided: the same finding does not switch it off again.
        db.activate_token(&cli(), &token.id, None).await.unwrap();
        db.clock.advance_seconds(1);
        db.record_exposures(&[at_a_door(&token, door)]).await.unwrap();
        assert!(!off(&token).await);
    }
    // A secret that has ended harms nobody.
    let token = db.active("replaced").await;
    let old = at_a_door(&token, Door::Report);
    db.secret(&token.id, "replaced again", 0).await;
    db.record_exposures(&[old]).await.unwrap();
    assert!(!off(&token).await);
}

impl Db {
    async fn let_findings_switch_off(&self, on: bool) {
        let patch = wire::PatchSettingsRequest {
            version: self.index().settings().version,
            deactivate_exposed: Some(on),
            ..Default::default()
        };
        self.update_settings(&cli(), &patch).await.unwrap();
    }

    /// The token's value is found where it was found before.
    async fn find_in_url(&self, token: &TokenView) {
        let seen = ExposureCount {
            door: Door::Url,
            ..self.exposure(token, "https://a.example", 1)
        };
        self.record_exposures(&[seen]).await.unwrap();
        self.clock.advance_seconds(60);
    }

    async fn is_off(&self, token: &TokenView) -> bool {
        self.view(&token.id).await.status == wire::Status::Inactive
    }

    async fn told(&self, action: &str) -> usize {
        self.actions().await.iter().filter(|a| **a == action).count()
    }
}

async fn what_was_found_before_the_setting_switches_off_too(db: Db) {
    let token = db.active("One").await;
    db.find_in_url(&token).await;
    db.find_in_url(&token).await;
    assert!(!db.is_off(&token).await);
    db.let_findings_switch_off(true).await;
    assert!(!db.is_off(&token).await, "only when it is found again");
    db.find_in_url(&token).await;
    assert!(db.is_off(&token).await && db.state(&token.id).deactivated);
    assert_eq!(
        (
            db.told("exposure.recorded").await,
            db.told("token.deactivated").await
        ),
        (1, 1),
        "nothing new was found"
    );
    // Whoever activates it again, knowing this, has decided.
    db.activate_token(&cli(), &token.id, None).await.unwrap();
    db.clock.advance_seconds(60);
    db.find_in_url(&token).await;
    assert!(!db.is_off(&token).await);
    // Dealt with and found once more, it is something new.
    db.deal_with_exposures(&cli(), &token.id, &Reason::default())
        .await
        .unwrap();
    db.clock.advance_seconds(60);
    db.find_in_url(&token).await;
    assert!(db.is_off(&token).await);
    // So has who activates many, and who did so before the setting was on.
    let careful = db.active("Two").await;
    db.let_findings_switch_off(false).await;
    db.find_in_url(&careful).await;
    db.deactivate_token(&cli(), &careful.id, None).await.unwrap();
    let tokens = [&token, &careful].map(|t| t.id.clone());
    let mut listed = Vec::new();
    for id in tokens {
        let version = db.view(&id).await.version;
        listed.push(wire::BulkToken { id, version });
    }
    let request = wire::BulkRequest {
        tokens: listed,
        act: wire::BulkAction::Activate,
        dry_run: false,
    };
    assert!(db.change_tokens(&cli(), &request).await.unwrap().applied);
    db.let_findings_switch_off(true).await;
    db.clock.advance_seconds(60);
    for token in [&token, &careful] {
        db.find_in_url(token).await;
        assert!(!db.is_off(token).await);
    }
    // A place that is new to it is another question.
    let seen = ExposureCount {
        door: Door::Report,
        ..db.exposure(&careful, "https://b.example", 1)
    };
    db.record_exposures(&[seen]).await.unwrap();
    assert!(db.is_off(&careful).await);
}

/// Switched off by what was found, dealt with, and then activated: the next day's search finds the same.
async fn who_activates_after_dealing_with_it_has_decided(db: Db) {
    let token = db.active("One").await;
    db.let_findings_switch_off(true).await;
    db.find_in_url(&token).await;
    assert!(db.is_off(&token).await);
    db.deal_with_exposures(&cli(), &token.id, &Reason::default())
        .await
        .unwrap();
    db.clock.advance_seconds(60);
    db.activate_token(&cli(), &token.id, None).await.unwrap();
    db.clock.advance_seconds(86_400);
    for _ in 0..2 {
        db.find_in_url(&token).await;
        assert!(!db.is_off(&token).await);
    }
    assert_eq!(db.told("exposure.recorded").await, 2, "it is told all the same");
}

async fn switching_off_by_itself_ends_open_claims(db: Db) {
    let token = db.active("One").await;
    db.let_findings_switch_off(true).await;
    let new = NewClaim {
        digest: code("claim"),
        token: token.id.clone(),
        network: None,
        overlap: seconds(0),
    };
    db.issue_claim(&cli(), new).await.unwrap();
    db.find_in_url(&token).await;
    assert!(db.is_off(&token).await);
    let by = Claimant {
        address: None,
        browser: false,
    };
    refused!(
        db,
        db.claim_secret(&code("claim"), by, secret("new")),
        StoreError::Claim(ClaimRefusal::Ended(wire::ClaimEnd::TokenOff))
    );
}
