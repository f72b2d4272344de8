//! The list of tokens: search, filters, order, pages.

use wire::{Page, Permission, Status, TokenListQuery, TokenSort};

use super::*;
use crate::store::UsageCount;

suite!(
    search_finds_a_part_of_the_name_without_regard_to_case_and_form,
    search_takes_every_character_as_it_is,
    search_finds_a_part_of_a_hint_without_regard_to_case,
    filters_by_status,
    filters_by_kind,
    filters_by_interface_under_any_of_its_names,
    filters_by_permission_on_an_interface,
    filters_work_together,
    sorts_by_name,
    sorts_by_creation,
    sorts_by_last_use,
    sorts_by_the_age_of_the_current_secret,
    pages_have_totals,
    deleted_tokens_are_not_listed,
    entries_are_complete,
);

impl Db {
    async fn list(&self, query: &TokenListQuery) -> Page<TokenView> {
        self.list_tokens(query).await.unwrap()
    }

    async fn search(&self, q: &str) -> Vec<String> {
        let query = TokenListQuery {
            q: Some(q.to_owned()),
            ..Default::default()
        };
        self.list(&query)
            .await
            .items
            .into_iter()
            .map(|t| t.name)
            .collect()
    }

    async fn sorted(&self, sort: TokenSort) -> Vec<String> {
        let query = TokenListQuery {
            sort,
            ..Default::default()
        };
        self.list(&query)
            .await
            .items
            .into_iter()
            .map(|t| t.name)
            .collect()
    }
}

async fn search_finds_a_part_of_the_name_without_regard_to_case_and_form(db: Db) {
    db.token("Große Straße").await;
    db.token("WordPress").await;
    for q in ["straße", "STRASSE", "ｓｔｒａｓｓｅ", "sse str", " Große "] {
        assert_eq!(db.search(q).await, ["Große Straße"], "{q}");
    }
    assert_eq!(db.search("S").await.len(), 2);
    assert_eq!(db.search("  ").await.len(), 2, "nothing is searched for");
    assert!(db.search("nothing").await.is_empty());
}

async fn search_takes_every_character_as_it_is(db: Db) {
    for name in ["100% sure", "a_b", r"back\slash", "it's", "plain"] {
        db.token(name).await;
    }
    for (q, name) in [
        ("%", "100% sure"),
        ("_", "a_b"),
        (r"\", r"back\slash"),
        ("'", "it's"),
        ("0% s", "100% sure"),
    ] {
        assert_eq!(db.search(q).await, [name], "{q}");
    }
    for nothing in ["%%", "a%b", "__", r"\%", "\0", "plain\0"] {
        assert!(db.search(nothing).await.is_empty(), "{nothing:?}");
    }
}

async fn search_finds_a_part_of_a_hint_without_regard_to_case(db: Db) {
    let token = db.token("WordPress").await;
    let ticket = db.ticket(&token.id, "ticket").await;
    let new = NewSecret {
        hint: "dps_aB_3…9Z".to_owned(),
        ..secret("value")
    };
    db.replace(&token.id, &ticket, new).await.unwrap();
    db.active("Other").await;
    for q in ["dps_aB_3…9Z", "aB_", "AB_", "9z", "DPS"] {
        assert_eq!(db.search(q).await, ["WordPress"], "{q}");
    }
    assert!(db.search("a__").await.is_empty());
}

async fn filters_by_status(db: Db) {
    db.token("awaiting").await;
    db.active("active").await;
    let off = db.active("inactive").await;
    db.deactivate_token(&cli(), &off.id, None).await.unwrap();
    let ending = |name| CreateTokenRequest {
        expires_at: Some(db.after(60)),
        ..token(name)
    };
    db.create_token(&cli(), &ending("expired")).await.unwrap();
    let both = db.create_token(&cli(), &ending("off and expired")).await.unwrap();
    db.deactivate_token(&cli(), &both.id, None).await.unwrap();
    db.clock.advance_seconds(60);
    for (status, expected) in [
        (Status::AwaitingSecret, &["awaiting"][..]),
        (Status::Active, &["active"]),
        (Status::Inactive, &["inactive", "off and expired"]),
        (Status::Expired, &["expired"]),
    ] {
        let page = db
            .list(&TokenListQuery {
                status: Some(status),
                ..Default::default()
            })
            .await;
        assert_eq!(names(&page.items), expected);
        assert!(
            page.items.iter().all(|t| t.status == status),
            "the filter and the shown state agree"
        );
        assert_eq!(page.total, expected.len() as u64);
    }
}

async fn filters_by_kind(db: Db) {
    db.public_interface("Open").await;
    db.token("server").await;
    db.public_token("page", "Open").await;
    for (kind, expected) in [(Kind::Secret, "server"), (Kind::Public, "page")] {
        let page = db
            .list(&TokenListQuery {
                kind: Some(kind),
                ..Default::default()
            })
            .await;
        assert_eq!(names(&page.items), [expected]);
    }
}

async fn filters_by_interface_under_any_of_its_names(db: Db) {
    let press = db.interface("Press").await;
    db.interface("Video").await;
    db.granted("photos", &[grant("Press", &[Permission::Read])]).await;
    db.granted("films", &[grant("Video", &[Permission::Read])]).await;
    db.update_interface(&cli(), &press.id, &rename_interface(&press, "Pictures"))
        .await
        .unwrap();
    for (interface, expected) in [
        ("Pictures", &["photos"][..]),
        ("press", &["photos"]),
        ("VIDEO", &["films"]),
        ("Nothing", &[]),
    ] {
        let query = TokenListQuery {
            interface: Some(interface.to_owned()),
            ..Default::default()
        };
        let page = db.list(&query).await;
        assert_eq!(
            (names(&page.items), page.total),
            (expected.to_vec(), expected.len() as u64)
        );
    }
}

async fn filters_by_permission_on_an_interface(db: Db) {
    for name in ["Press", "Video"] {
        db.interface(name).await;
    }
    let (read, upload) = ([Permission::Read], [Permission::Read, Permission::Upload]);
    db.granted("press", &[grant("Press", &upload), grant("Video", &read)])
        .await;
    db.granted("video", &[grant("Press", &read), grant("Video", &upload)])
        .await;
    db.granted("reader", &[grant("Press", &read)]).await;
    db.token("nothing").await;
    for (permission, interface, expected) in [
        (Permission::Upload, None, &["press", "video"][..]),
        (Permission::Upload, Some("PRESS"), &["press"]),
        (Permission::Read, Some("Press"), &["press", "reader", "video"]),
        (Permission::Delete, None, &[]),
        (Permission::Read, Some("Nothing"), &[]),
    ] {
        let query = TokenListQuery {
            permission: Some(permission),
            interface: interface.map(str::to_owned),
            ..Default::default()
        };
        let page = db.list(&query).await;
        assert_eq!(names(&page.items), expected, "{permission} {interface:?}");
        assert_eq!(page.total, expected.len() as u64);
    }
}

async fn filters_work_together(db: Db) {
    db.public_interface("Open").await;
    db.public_token("page one", "Open").await;
    db.public_token("page two", "Open").await;
    db.token("page three").await;
    let query = TokenListQuery {
        q: Some("ONE".to_owned()),
        status: Some(Status::AwaitingSecret),
        kind: Some(Kind::Public),
        interface: Some("open".to_owned()),
        ..Default::default()
    };
    assert_eq!(names(&db.list(&query).await.items), ["page one"]);
}

async fn sorts_by_name(db: Db) {
    for name in ["b", "É", "A", "_", "Z", "a b"] {
        db.token(name).await;
    }
    let expected = ["_", "A", "a b", "b", "Z", "É"];
    assert_eq!(db.sorted(TokenSort::Name).await, expected);
    let mut backwards = db.sorted(TokenSort::NameDescending).await;
    backwards.reverse();
    assert_eq!(backwards, expected);
}

async fn sorts_by_creation(db: Db) {
    for name in ["b", "a", "c"] {
        db.token(name).await;
        db.clock.advance_seconds(1);
    }
    assert_eq!(db.sorted(TokenSort::Created).await, ["b", "a", "c"]);
    assert_eq!(db.sorted(TokenSort::CreatedDescending).await, ["c", "a", "b"]);
}

async fn sorts_by_last_use(db: Db) {
    db.token("never").await;
    for name in ["b", "a"] {
        db.clock.advance_seconds(1);
        let token = db.token(name).await.id;
        let used = UsageCount {
            token,
            outcomes: Vec::new(),
            last_used_at: Some(db.now()),
            secrets: Vec::new(),
            sources: Vec::new(),
        };
        db.record_usage(&[used]).await.unwrap();
    }
    assert_eq!(db.sorted(TokenSort::LastUsed).await, ["never", "b", "a"]);
    assert_eq!(
        db.sorted(TokenSort::LastUsedDescending).await,
        ["a", "b", "never"]
    );
}

async fn sorts_by_the_age_of_the_current_secret(db: Db) {
    let rotated = db.active("rotated").await;
    db.token("without").await;
    for name in ["b", "a"] {
        db.clock.advance_seconds(1);
        db.active(name).await;
    }
    assert_eq!(
        db.sorted(TokenSort::SecretAge).await,
        ["rotated", "b", "a", "without"]
    );
    db.clock.advance_seconds(1);
    db.secret(&rotated.id, "new", 3600).await;
    assert_eq!(
        db.sorted(TokenSort::SecretAge).await,
        ["b", "a", "rotated", "without"]
    );
}

async fn pages_have_totals(db: Db) {
    for name in ["a1", "a2", "a3", "a4", "a5", "b"] {
        db.token(name).await;
    }
    let mut listed = Vec::new();
    for page in 1..=4 {
        let query = TokenListQuery {
            q: Some("a".to_owned()),
            sort: TokenSort::Created,
            page: Some(page),
            per_page: Some(2),
            ..Default::default()
        };
        let part = db.list(&query).await;
        assert_eq!((part.page, part.per_page, part.total), (page, 2, 5));
        listed.extend(part.items.into_iter().map(|t| t.name));
    }
    listed.sort();
    assert_eq!(
        listed,
        ["a1", "a2", "a3", "a4", "a5"],
        "each one once, although all were made at the same time"
    );
    let usual = db.list(&TokenListQuery::default()).await;
    assert_eq!((usual.page, usual.per_page, usual.total), (1, 50, 6));
}

async fn deleted_tokens_are_not_listed(db: Db) {
    db.deleted("gone").await;
    let page = db.list(&TokenListQuery::default()).await;
    assert_eq!((page.items.len(), page.total), (0, 0));
}

async fn entries_are_complete(db: Db) {
    db.interface("Press").await;
    let token = db
        .granted("WordPress", &[grant("Press", &[Permission::Read])])
        .await;
    let token = db.secret(&token.id, "value", 0).await;
    let other = db.token("X").await;
    assert_eq!(db.list(&TokenListQuery::default()).await.items, [token, other]);
}
