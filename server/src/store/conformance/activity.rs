//! The activity list and the change log.

use super::*;

suite!(
    the_latest_is_first_in_pages,
    entries_of_one_millisecond_keep_their_order,
    entries_tell_who_and_from_where,
    each_change_is_in_the_change_log_once
);

async fn the_latest_is_first_in_pages(db: Db) {
    for name in ["1", "2", "3", "4", "5"] {
        db.token(name).await;
        db.clock.advance_seconds(1);
    }
    let mut listed = Vec::new();
    for page in 1..=4 {
        let part = db.list_activity(PageQuery { page, per_page: 2 }).await.unwrap();
        assert_eq!((part.page, part.per_page, part.total), (page, 2, 5));
        listed.extend(part.items.into_iter().map(|e| e.subject.name.unwrap()));
    }
    assert_eq!(listed, ["5", "4", "3", "2", "1"]);
}

async fn entries_of_one_millisecond_keep_their_order(db: Db) {
    let names: Vec<String> = (0..30).map(|n| format!("token {n}")).collect();
    for name in &names {
        db.token(name).await;
    }
    let listed = db.list_activity(PageQuery::default()).await.unwrap().items;
    let listed: Vec<_> = listed
        .into_iter()
        .rev()
        .map(|e| e.subject.name.unwrap())
        .collect();
    assert_eq!(listed, names);
}

async fn entries_tell_who_and_from_where(db: Db) {
    let ada = db.user("Ada").await;
    db.clock.advance_seconds(1);
    let token = db
        .create_token(&acting(&ada, "::ffff:192.0.2.1"), &token("WordPress"))
        .await
        .unwrap();
    db.clock.advance_seconds(1);
    let holder = Who::Token {
        id: token.id.clone(),
        name: token.name.clone(),
    };
    db.stop_temporary_tokens(
        &Actor {
            who: holder,
            address: None,
        },
        &token.id,
        None,
    )
    .await
    .unwrap();
    let page = db.list_activity(PageQuery::default()).await.unwrap();
    let [stopped, created, user] = &page.items[..] else {
        panic!("three entries")
    };
    let who = |e: &wire::ActivityView| (e.actor.kind.clone(), e.actor.name.clone(), e.address.clone());
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(who(stopped), ("token".to_owned(), some("WordPress"), None));
    assert_eq!(who(created), ("user".to_owned(), some("Ada"), some("192.0.2.1")));
    assert_eq!(who(user), ("command_line".to_owned(), None, None));
    assert_eq!(
        (user.subject.kind.as_str(), user.subject.name.as_deref()),
        ("user", Some("Ada"))
    );
    assert_eq!(
        (created.subject.kind.as_str(), created.subject.id.as_deref()),
        ("token", Some(token.id.as_str()))
    );
    assert_eq!(created.at, db.after(-1));
}

/// Replicas follow it: whatever changes a token, an interface or the settings stands there with its new version.
async fn each_change_is_in_the_change_log_once(db: Db) {
    let press = db.interface("Press").await;
    db.update_interface(&cli(), &press.id, &rename_interface(&press, "Photos"))
        .await
        .unwrap();
    db.delete_interface(&cli(), &press.id).await.unwrap();
    let token = db.active("WordPress").await;
    db.update_token(&cli(), &token.id, &rename(&token, "Other"))
        .await
        .unwrap();
    db.deactivate_token(&cli(), &token.id, None).await.unwrap();
    db.activate_token(&cli(), &token.id, None).await.unwrap();
    db.stop_temporary_tokens(&cli(), &token.id, None).await.unwrap();
    db.deactivate_token(&cli(), &token.id, None).await.unwrap();
    db.delete_token(&cli(), &token.id, None).await.unwrap();
    let change = wire::PatchSettingsRequest {
        key_length: Some(64),
        ..Default::default()
    };
    db.update_settings(&cli(), &change).await.unwrap();
    for (sql, expected) in [
        (
            "SELECT COUNT(*) FROM change_log WHERE subject_kind = 'interface'",
            3,
        ),
        (
            "SELECT MAX(version) FROM change_log WHERE subject_kind = 'interface'",
            3,
        ),
        ("SELECT COUNT(*) FROM change_log WHERE subject_kind = 'token'", 8),
        (
            "SELECT MAX(version) FROM change_log WHERE subject_kind = 'token'",
            8,
        ),
        (
            "SELECT COUNT(*) FROM change_log WHERE subject_kind = 'settings' AND version = 1",
            1,
        ),
    ] {
        assert_eq!(db.count(sql).await, expected, "{sql}");
    }
}
