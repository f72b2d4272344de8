//! Creating, changing, switching and deleting tokens.

use wire::{FieldErrorCode, LIMITS, Network, Permission, Status, TemporaryLifetime, TokenId};

use super::*;

suite!(
    a_new_token_has_no_rights_and_awaits_its_secret,
    a_token_keeps_everything_that_it_is_given,
    a_token_tells_who_made_it,
    names_are_unique_without_regard_to_case_and_form,
    a_deleted_tokens_name_is_free,
    a_name_may_change_in_case_only,
    a_taken_name_is_refused_at_a_change,
    unknown_and_repeated_interfaces_are_refused,
    grants_without_permissions_are_dropped,
    lifetimes_and_ends_follow_the_rules,
    lists_have_limits,
    a_public_token_needs_its_limits_at_creation,
    a_public_token_keeps_its_limits_at_a_change,
    a_change_touches_only_what_it_names,
    null_clears,
    a_change_replaces_all_grants,
    changes_are_noted_field_by_field,
    what_is_written_down_is_kept_and_noted,
    a_stale_version_is_refused,
    acts_may_name_the_version_that_they_start_from,
    what_has_passed_is_not_questioned_again,
    unknown_tokens_are_not_found,
    switching_off_raises_the_epoch_and_is_published,
    switching_off_twice_changes_nothing,
    switching_off_again_elsewhere_is_published_too,
    switching_on_keeps_old_temporary_tokens_stopped,
    switching_on_an_active_token_changes_nothing,
    stopping_temporary_tokens_raises_the_epoch_only,
    only_inactive_tokens_are_deleted,
    deletion_publishes_a_tombstone,
    a_token_without_secret_can_be_switched_off_and_deleted,
    a_token_expires_by_itself,
);

async fn a_new_token_has_no_rights_and_awaits_its_secret(db: Db) {
    let token = db.token("WordPress").await;
    assert_eq!(
        (token.kind, token.status, token.version),
        (Kind::Secret, Status::AwaitingSecret, 1)
    );
    assert!(token.grants.is_empty() && token.secrets.is_empty() && token.exposures.is_empty());
    assert_eq!(
        (token.hint.as_ref(), token.expires_at, token.last_used_at),
        (None, None, None)
    );
    assert_eq!(token.temporary_lifetime, TemporaryLifetime::Default);
    assert_eq!(token.created_at, db.now());
    assert_eq!(db.view(&token.id).await, token);
    let state = db.state(&token.id);
    assert_eq!(
        (state.version, state.epoch, state.deactivated, state.deleted),
        (1, 0, false, false)
    );
    assert_eq!(db.actions().await, ["token.created"]);
}

async fn a_token_keeps_everything_that_it_is_given(db: Db) {
    db.interface("Press").await;
    let request = CreateTokenRequest {
        grants: vec![grant("press", &Permission::ALL)],
        temporary_lifetime: TemporaryLifetime::Seconds(60),
        expires_at: Some(db.after(3600)),
        allowed_origins: vec![origin("https://a.example"), origin("http://localhost:8090")],
        allowed_networks: vec![Network::parse("2001:db8::/32").unwrap()],
        rate_limit: limit(10, 60),
        ..token("Straße ☂")
    };
    let made = db.create_token(&cli(), &request).await.unwrap();
    let kept = db.view(&made.id).await;
    assert_eq!(kept, made);
    assert_eq!(kept.name, "Straße ☂");
    assert_eq!(
        kept.grants,
        [grant("Press", &Permission::ALL)],
        "under the interface's own name"
    );
    assert_eq!(kept.temporary_lifetime, request.temporary_lifetime);
    assert_eq!(kept.expires_at, request.expires_at);
    assert_eq!(kept.allowed_origins, request.allowed_origins);
    assert_eq!(kept.allowed_networks, request.allowed_networks);
    assert_eq!(kept.rate_limit, request.rate_limit);
}

async fn a_token_tells_who_made_it(db: Db) {
    let ada = db.user("Ada").await;
    let made = db
        .create_token(&acting(&ada, "192.0.2.1"), &token("WordPress"))
        .await
        .unwrap();
    assert_eq!(made.created_by.as_deref(), Some("Ada"));
    assert_eq!(db.token("Other").await.created_by, None);
}

async fn names_are_unique_without_regard_to_case_and_form(db: Db) {
    db.token("Straße").await;
    for same in ["straße", "STRASSE", "ｓｔｒａｓｓｅ"] {
        refused!(db, db.create_token(&cli(), &token(same)), StoreError::NameTaken);
    }
    db.token("Strase").await;
}

async fn a_deleted_tokens_name_is_free(db: Db) {
    let gone = db.deleted("WordPress").await;
    assert_ne!(db.token("wordpress").await.id, gone);
}

async fn a_name_may_change_in_case_only(db: Db) {
    let before = db.token("wordpress").await;
    let after = db
        .update_token(&cli(), &before.id, &rename(&before, "WordPress"))
        .await
        .unwrap();
    assert_eq!((after.name.as_str(), after.version), ("WordPress", 2));
    assert_eq!(db.state(&before.id).name, "WordPress");
}

async fn a_taken_name_is_refused_at_a_change(db: Db) {
    db.token("One").await;
    let two = db.token("Two").await;
    refused!(
        db,
        db.update_token(&cli(), &two.id, &rename(&two, "ONE")),
        StoreError::NameTaken
    );
}

async fn unknown_and_repeated_interfaces_are_refused(db: Db) {
    db.interface("Press").await;
    let read = [Permission::Read];
    let grants = vec![
        grant("Press", &read),
        grant("Nothing", &read),
        grant("PRESS", &read),
    ];
    let wrong = [
        ("grants[1].interface", FieldErrorCode::UnknownInterface),
        ("grants[2].interface", FieldErrorCode::Duplicate),
    ];
    let request = CreateTokenRequest {
        grants: grants.clone(),
        ..token("WordPress")
    };
    assert_eq!(rules(&db.refusal(db.create_token(&cli(), &request)).await), wrong);
    let made = db.token("WordPress").await;
    let change = PatchTokenRequest {
        grants: Some(Some(grants)),
        ..patch(&made)
    };
    assert_eq!(
        rules(&db.refusal(db.update_token(&cli(), &made.id, &change)).await),
        wrong
    );
}

async fn grants_without_permissions_are_dropped(db: Db) {
    db.interface("Press").await;
    assert!(
        db.granted("WordPress", &[grant("Press", &[])])
            .await
            .grants
            .is_empty()
    );
    assert_eq!(db.count("SELECT COUNT(*) FROM grants").await, 0);
}

async fn lifetimes_and_ends_follow_the_rules(db: Db) {
    let lasting = |temporary_lifetime| CreateTokenRequest {
        temporary_lifetime,
        ..token("WordPress")
    };
    let ending = |expires_at| CreateTokenRequest {
        expires_at: Some(expires_at),
        ..token("WordPress")
    };
    let beyond = Timestamp::from_millis(Timestamp::MAX.millis() + 1);
    for (request, wrong) in [
        (
            lasting(TemporaryLifetime::Endless),
            ("temporary_lifetime", FieldErrorCode::EndlessNotAllowed),
        ),
        (
            lasting(TemporaryLifetime::Seconds(86_401)),
            ("temporary_lifetime", FieldErrorCode::OutOfRange),
        ),
        (ending(db.now()), ("expires_at", FieldErrorCode::InThePast)),
        (ending(beyond), ("expires_at", FieldErrorCode::OutOfRange)),
    ] {
        assert_eq!(
            rules(&db.refusal(db.create_token(&cli(), &request)).await),
            [wrong]
        );
    }
    db.create_token(&cli(), &ending(Timestamp::MAX)).await.unwrap();
}

async fn lists_have_limits(db: Db) {
    let many = |most: usize| vec![origin("https://a.example"); most];
    let request = CreateTokenRequest {
        allowed_origins: many(LIMITS.origins + 1),
        ..token("WordPress")
    };
    let wrong = [("allowed_origins", FieldErrorCode::TooLong)];
    assert_eq!(rules(&db.refusal(db.create_token(&cli(), &request)).await), wrong);
    let request = CreateTokenRequest {
        allowed_origins: many(LIMITS.origins),
        ..request
    };
    db.create_token(&cli(), &request).await.unwrap();
}

async fn a_public_token_needs_its_limits_at_creation(db: Db) {
    db.public_interface("Open").await;
    db.interface("Closed").await;
    let right = public_token("Page", "Open", db.after(3600));
    let grants = |grants| CreateTokenRequest {
        grants,
        ..right.clone()
    };
    let needs = FieldErrorCode::PublicNeeds;
    for (request, field, rule) in [
        (
            CreateTokenRequest {
                allowed_origins: Vec::new(),
                ..right.clone()
            },
            "allowed_origins",
            needs,
        ),
        (
            CreateTokenRequest {
                expires_at: None,
                ..right.clone()
            },
            "expires_at",
            needs,
        ),
        (
            CreateTokenRequest {
                rate_limit: MaybeRateLimit::Default,
                ..right.clone()
            },
            "rate_limit",
            needs,
        ),
        (
            CreateTokenRequest {
                rate_limit: MaybeRateLimit::Unlimited,
                ..right.clone()
            },
            "rate_limit",
            needs,
        ),
        (
            grants(vec![grant("Open", &[Permission::Read, Permission::Upload])]),
            "grants[0].permissions",
            FieldErrorCode::NotForThisKind,
        ),
        (
            grants(vec![grant("Open", &[Permission::Introspect])]),
            "grants[0].permissions",
            FieldErrorCode::NotForThisKind,
        ),
        (
            grants(vec![grant("Closed", &[Permission::Read])]),
            "grants[0].interface",
            FieldErrorCode::InterfaceNotPublic,
        ),
    ] {
        assert_eq!(
            rules(&db.refusal(db.create_token(&cli(), &request)).await),
            [(field, rule)]
        );
    }
    let made = db.create_token(&cli(), &right).await.unwrap();
    assert_eq!(db.state(&made.id).kind, Kind::Public);
}

async fn a_public_token_keeps_its_limits_at_a_change(db: Db) {
    db.public_interface("Open").await;
    db.interface("Closed").await;
    let page = db.public_token("Page", "Open").await;
    let grants = |list| PatchTokenRequest {
        grants: Some(Some(list)),
        ..patch(&page)
    };
    let needs = FieldErrorCode::PublicNeeds;
    for (change, field, rule) in [
        (
            PatchTokenRequest {
                allowed_origins: Some(None),
                ..patch(&page)
            },
            "allowed_origins",
            needs,
        ),
        (
            PatchTokenRequest {
                expires_at: Some(None),
                ..patch(&page)
            },
            "expires_at",
            needs,
        ),
        (
            PatchTokenRequest {
                rate_limit: Some(MaybeRateLimit::Unlimited),
                ..patch(&page)
            },
            "rate_limit",
            needs,
        ),
        (
            grants(vec![grant("Open", &[Permission::Delete])]),
            "grants[0].permissions",
            FieldErrorCode::NotForThisKind,
        ),
        (
            grants(vec![grant("Closed", &[Permission::Read])]),
            "grants[0].interface",
            FieldErrorCode::InterfaceNotPublic,
        ),
    ] {
        assert_eq!(
            rules(&db.refusal(db.update_token(&cli(), &page.id, &change)).await),
            [(field, rule)]
        );
    }
    let change = grants(vec![grant("Open", &[Permission::Read, Permission::Download])]);
    db.update_token(&cli(), &page.id, &change).await.unwrap();
}

async fn a_change_touches_only_what_it_names(db: Db) {
    db.interface("Press").await;
    let before = db
        .granted("WordPress", &[grant("Press", &[Permission::Read])])
        .await;
    let change = PatchTokenRequest {
        expires_at: Some(Some(db.after(60))),
        ..patch(&before)
    };
    let after = db.update_token(&cli(), &before.id, &change).await.unwrap();
    assert_eq!(
        after,
        TokenView {
            expires_at: Some(db.after(60)),
            version: 2,
            ..before
        }
    );
    assert_eq!(db.view(&after.id).await, after);
    let state = db.state(&after.id);
    assert_eq!((state.version, state.expires_at), (2, after.expires_at));
}

async fn null_clears(db: Db) {
    db.interface("Press").await;
    let request = CreateTokenRequest {
        grants: vec![grant("Press", &[Permission::Read])],
        temporary_lifetime: TemporaryLifetime::Seconds(60),
        expires_at: Some(db.after(60)),
        allowed_origins: vec![origin("https://a.example")],
        allowed_networks: vec![Network::parse("192.0.2.0/24").unwrap()],
        rate_limit: limit(10, 60),
        ..token("WordPress")
    };
    let full = db.create_token(&cli(), &request).await.unwrap();
    let change = PatchTokenRequest {
        grants: Some(None),
        temporary_lifetime: Some(None),
        expires_at: Some(None),
        allowed_origins: Some(None),
        allowed_networks: Some(None),
        rate_limit: Some(MaybeRateLimit::Default),
        ..patch(&full)
    };
    let cleared = db.update_token(&cli(), &full.id, &change).await.unwrap();
    let other = db.token("Other").await;
    assert_eq!(
        cleared,
        TokenView {
            id: full.id,
            name: full.name,
            version: 2,
            ..other
        }
    );
}

async fn a_change_replaces_all_grants(db: Db) {
    db.interface("Press").await;
    db.interface("Video").await;
    let before = db
        .granted("WordPress", &[grant("Press", &[Permission::Read])])
        .await;
    let grants = vec![grant("Video", &[Permission::Upload, Permission::Edit])];
    let change = PatchTokenRequest {
        grants: Some(Some(grants.clone())),
        ..patch(&before)
    };
    let after = db.update_token(&cli(), &before.id, &change).await.unwrap();
    assert_eq!(after.grants, grants);
    assert_eq!(db.view(&after.id).await.grants, grants);
    let state = db.state(&after.id);
    let video = db.index().interfaces().find("Video").unwrap().id.clone();
    assert_eq!(state.grants.len(), 1);
    assert_eq!(state.permissions_on(&video), grants[0].permissions);
}

async fn changes_are_noted_field_by_field(db: Db) {
    db.interface("Press").await;
    let before = db.granted("One", &[grant("Press", &[Permission::Read])]).await;
    let change = PatchTokenRequest {
        grants: Some(None),
        temporary_lifetime: Some(Some(TemporaryLifetime::Seconds(60))),
        rate_limit: Some(limit(10, 60)),
        ..rename(&before, "Two")
    };
    db.clock.advance_seconds(1);
    db.update_token(&cli(), &before.id, &change).await.unwrap();
    let entry = db
        .list_activity(PageQuery::default())
        .await
        .unwrap()
        .items
        .remove(0);
    assert_eq!(
        (entry.action.as_str(), entry.subject.name.as_deref()),
        ("token.updated", Some("Two"))
    );
    let changes: Vec<_> = entry
        .changes
        .iter()
        .map(|c| (c.field.as_str(), c.before.as_deref(), c.after.as_deref()))
        .collect();
    assert_eq!(
        changes,
        [
            ("name", Some("One"), Some("Two")),
            ("temporary_lifetime", Some("-1"), Some("60")),
            (
                "rate_limit",
                Some("null"),
                Some(r#"{"requests":10,"per_seconds":60}"#)
            ),
            ("grants: Press", Some("read"), None),
        ]
    );
}

async fn what_is_written_down_is_kept_and_noted(db: Db) {
    let text = |text: &str| wire::Note::parse(text).unwrap();
    let request = CreateTokenRequest {
        note: text("One\nTwo"),
        contact: wire::Contact::parse("Kari, desk@press.example").unwrap(),
        ..token("WordPress")
    };
    let made = db.create_token(&cli(), &request).await.unwrap();
    assert_eq!(
        (made.note.as_str(), made.contact.as_str()),
        ("One\nTwo", "Kari, desk@press.example")
    );
    let change = PatchTokenRequest {
        note: Some(None),
        write_reason: Some(Some(wire::Reason::parse("Uploads the daily pictures").unwrap())),
        ..patch(&made)
    };
    db.clock.advance_seconds(1);
    let after = db.update_token(&cli(), &made.id, &change).await.unwrap();
    assert_eq!(
        (
            after.note.as_str(),
            after.contact.as_str(),
            after.write_reason.as_str()
        ),
        ("", "Kari, desk@press.example", "Uploads the daily pictures")
    );
    assert_eq!(db.view(&made.id).await, after);
    let items = db.list_activity(PageQuery::default()).await.unwrap().items;
    let noted = |at: usize| -> Vec<_> {
        let changes = items[at].changes.iter();
        changes
            .map(|c| (c.field.as_str(), c.before.as_deref(), c.after.as_deref()))
            .collect()
    };
    assert_eq!(
        noted(0),
        [
            ("note", Some("One\nTwo"), None),
            ("write_reason", None, Some("Uploads the daily pictures")),
        ]
    );
    assert_eq!(
        noted(1),
        [
            ("note", None, Some("One\nTwo")),
            ("contact", None, Some("Kari, desk@press.example")),
        ]
    );
}

async fn acts_may_name_the_version_that_they_start_from(db: Db) {
    let token = db.active("WordPress").await;
    let (old, now) = (Some(token.version - 1), Some(token.version));
    refused!(db, db.deactivate_token(&cli(), &token.id, old), StoreError::Stale);
    refused!(db, db.activate_token(&cli(), &token.id, old), StoreError::Stale);
    refused!(
        db,
        db.stop_temporary_tokens(&cli(), &token.id, old),
        StoreError::Stale
    );
    let stopped = db.stop_temporary_tokens(&cli(), &token.id, now).await.unwrap();
    refused!(db, db.deactivate_token(&cli(), &token.id, now), StoreError::Stale);
    let off = db
        .deactivate_token(&cli(), &token.id, Some(stopped.version))
        .await
        .unwrap();
    refused!(db, db.delete_token(&cli(), &token.id, now), StoreError::Stale);
    refused!(
        db,
        db.activate_token(&cli(), &token.id, Some(i64::MAX)),
        StoreError::Stale
    );
    db.delete_token(&cli(), &token.id, Some(off.version))
        .await
        .unwrap();
    refused!(
        db,
        db.delete_token(&cli(), &token.id, Some(off.version + 1)),
        StoreError::NotFound("token")
    );
}

async fn a_stale_version_is_refused(db: Db) {
    let first = db.token("WordPress").await;
    db.update_token(&cli(), &first.id, &rename(&first, "Second"))
        .await
        .unwrap();
    refused!(
        db,
        db.update_token(&cli(), &first.id, &rename(&first, "Third")),
        StoreError::Stale
    );
    let future = PatchTokenRequest {
        version: 3,
        ..patch(&first)
    };
    refused!(db, db.update_token(&cli(), &first.id, &future), StoreError::Stale);
}

async fn what_has_passed_is_not_questioned_again(db: Db) {
    let request = CreateTokenRequest {
        expires_at: Some(db.after(60)),
        ..token("WordPress")
    };
    let made = db.create_token(&cli(), &request).await.unwrap();
    db.clock.advance_seconds(120);
    let after = db
        .update_token(&cli(), &made.id, &rename(&made, "Other"))
        .await
        .unwrap();
    let past = PatchTokenRequest {
        expires_at: Some(Some(db.after(-1))),
        ..patch(&after)
    };
    let refusal = db.refusal(db.update_token(&cli(), &made.id, &past)).await;
    assert_eq!(rules(&refusal), [("expires_at", FieldErrorCode::InThePast)]);
}

async fn unknown_tokens_are_not_found(db: Db) {
    let gone = db.deleted("WordPress").await;
    let never: TokenId = "01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap();
    for id in [&gone, &never] {
        assert_eq!(db.find_token(id).await.unwrap(), None);
        let change = PatchTokenRequest {
            version: 1,
            ..Default::default()
        };
        refused!(
            db,
            db.update_token(&cli(), id, &change),
            StoreError::NotFound("token")
        );
        refused!(
            db,
            db.deactivate_token(&cli(), id, None),
            StoreError::NotFound("token")
        );
        refused!(
            db,
            db.activate_token(&cli(), id, None),
            StoreError::NotFound("token")
        );
        refused!(
            db,
            db.stop_temporary_tokens(&cli(), id, None),
            StoreError::NotFound("token")
        );
        refused!(
            db,
            db.delete_token(&cli(), id, None),
            StoreError::NotFound("token")
        );
        refused!(
            db,
            db.create_ticket(&cli(), ticket(id, "x", db.after(600))),
            StoreError::NotFound("token")
        );
    }
}

async fn switching_off_raises_the_epoch_and_is_published(db: Db) {
    let token = db.active("WordPress").await;
    assert!(db.accepts("WordPress"));
    let off = db.deactivate_token(&cli(), &token.id, None).await.unwrap();
    assert_eq!((off.status, off.version), (Status::Inactive, token.version + 1));
    let state = db.state(&token.id);
    assert_eq!(
        (state.deactivated, state.epoch, state.version),
        (true, 1, off.version)
    );
    assert!(!db.accepts("WordPress"));
}

async fn switching_off_twice_changes_nothing(db: Db) {
    let token = db.active("WordPress").await;
    let once = db.deactivate_token(&cli(), &token.id, None).await.unwrap();
    let before = db.everything().await;
    assert_eq!(db.deactivate_token(&cli(), &token.id, None).await.unwrap(), once);
    assert_eq!(db.everything().await, before);
}

/// Whoever is told "inactive" relies on it, whether or not it was their call that did it.
async fn switching_off_again_elsewhere_is_published_too(db: Db) {
    let token = db.active("WordPress").await;
    let other = db.another().await;
    other.load().await.unwrap();
    db.deactivate_token(&cli(), &token.id, None).await.unwrap();
    assert!(other.accepts("WordPress"));
    let again = other.deactivate_token(&cli(), &token.id, None).await.unwrap();
    assert_eq!(again.status, Status::Inactive);
    assert!(!other.accepts("WordPress"));
}

async fn switching_on_keeps_old_temporary_tokens_stopped(db: Db) {
    let token = db.active("WordPress").await;
    db.deactivate_token(&cli(), &token.id, None).await.unwrap();
    let on = db.activate_token(&cli(), &token.id, None).await.unwrap();
    assert_eq!(on.status, Status::Active);
    assert_eq!(
        (db.state(&token.id).deactivated, db.state(&token.id).epoch),
        (false, 1)
    );
    assert!(db.accepts("WordPress"));
}

async fn switching_on_an_active_token_changes_nothing(db: Db) {
    let token = db.active("WordPress").await;
    let before = db.everything().await;
    assert_eq!(db.activate_token(&cli(), &token.id, None).await.unwrap(), token);
    assert_eq!(db.everything().await, before);
}

async fn stopping_temporary_tokens_raises_the_epoch_only(db: Db) {
    let token = db.active("WordPress").await;
    for epoch in [1, 2] {
        let stopped = db.stop_temporary_tokens(&cli(), &token.id, None).await.unwrap();
        assert_eq!(
            (stopped.status, db.state(&token.id).epoch),
            (Status::Active, epoch)
        );
        assert!(db.accepts("WordPress"));
    }
    assert_eq!(
        db.actions()
            .await
            .iter()
            .filter(|a| **a == "token.temporary_stopped")
            .count(),
        2
    );
}

async fn only_inactive_tokens_are_deleted(db: Db) {
    let active = db.active("WordPress").await;
    refused!(
        db,
        db.delete_token(&cli(), &active.id, None),
        StoreError::NotInactive
    );
    let request = CreateTokenRequest {
        expires_at: Some(db.after(60)),
        ..token("Short")
    };
    let expired = db.create_token(&cli(), &request).await.unwrap();
    db.clock.advance_seconds(60);
    refused!(
        db,
        db.delete_token(&cli(), &expired.id, None),
        StoreError::NotInactive
    );
}

async fn deletion_publishes_a_tombstone(db: Db) {
    db.interface("Press").await;
    let token = db
        .granted("WordPress", &[grant("Press", &[Permission::Read])])
        .await;
    let before = db.secret(&token.id, "value", 0).await;
    db.deactivate_token(&cli(), &token.id, None).await.unwrap();
    db.clock.advance_seconds(1);
    db.delete_token(&cli(), &token.id, None).await.unwrap();
    let state = db.state(&token.id);
    assert_eq!(
        (state.deleted, state.epoch, state.version),
        (true, 2, before.version + 2)
    );
    assert!(state.secrets.is_empty() && state.grants.is_empty());
    assert!(!db.accepts("value"));
    assert_eq!(db.count("SELECT COUNT(*) FROM secrets").await, 0);
    assert_eq!(db.count("SELECT COUNT(*) FROM grants").await, 0);
    let entry = db
        .list_activity(PageQuery::default())
        .await
        .unwrap()
        .items
        .remove(0);
    assert_eq!(
        (entry.action.as_str(), entry.subject.name.as_deref()),
        ("token.deleted", Some("WordPress"))
    );
}

async fn a_token_without_secret_can_be_switched_off_and_deleted(db: Db) {
    let token = db.token("WordPress").await;
    assert_eq!(
        db.deactivate_token(&cli(), &token.id, None).await.unwrap().status,
        Status::Inactive
    );
    assert_eq!(
        db.activate_token(&cli(), &token.id, None).await.unwrap().status,
        Status::AwaitingSecret
    );
    db.deactivate_token(&cli(), &token.id, None).await.unwrap();
    db.delete_token(&cli(), &token.id, None).await.unwrap();
    assert_eq!(db.find_token(&token.id).await.unwrap(), None);
}

async fn a_token_expires_by_itself(db: Db) {
    let request = CreateTokenRequest {
        expires_at: Some(db.after(60)),
        ..token("WordPress")
    };
    let made = db.create_token(&cli(), &request).await.unwrap();
    assert_eq!(db.secret(&made.id, "value", 0).await.status, Status::Active);
    db.clock.advance_seconds(60);
    assert_eq!(db.view(&made.id).await.status, Status::Expired);
}
