//! Interfaces and every name that they ever had.

use wire::{Description, InterfaceId, Permission};

use super::*;

suite!(
    an_interface_keeps_what_it_is_given,
    a_change_touches_only_what_it_names,
    names_are_unique_without_regard_to_case_and_form,
    former_names_are_never_given_to_another,
    names_of_deleted_interfaces_are_never_given_again,
    an_interface_may_take_its_own_former_name_back,
    renaming_keeps_grants_and_the_old_name_resolves,
    a_stale_version_is_refused,
    unknown_interfaces_are_not_found,
    unflagging_is_refused_while_public_tokens_reach_it,
    secret_tokens_do_not_hinder_unflagging,
    deleting_is_refused_while_tokens_have_grants,
    a_refusal_names_fifty_tokens,
    a_deleted_interface_is_gone_from_the_directory,
    lists_are_by_name_in_pages,
    changes_are_noted_field_by_field,
);

async fn an_interface_keeps_what_it_is_given(db: Db) {
    let request = CreateInterfaceRequest {
        description: Description::parse("Two\nlines").unwrap(),
        public: true,
        ..interface("Press photos")
    };
    let made = db.create_interface(&cli(), &request).await.unwrap();
    assert_eq!(
        (made.name.as_str(), made.description.as_str()),
        ("Press photos", "Two\nlines")
    );
    assert_eq!((made.public, made.token_count, made.version), (true, 0, 1));
    assert_eq!(made.created_at, db.now());
    assert_eq!(db.interface_view(&made.id).await, made);
    let directory = db.index().interfaces();
    let published = directory.get(&made.id).unwrap();
    assert_eq!(
        (published.name.as_str(), published.public),
        ("Press photos", true)
    );
    assert_eq!(db.actions().await, ["interface.created"]);
}

async fn a_change_touches_only_what_it_names(db: Db) {
    let before = db.public_interface("Press").await;
    let change = PatchInterfaceRequest {
        description: Some(Description::parse("Photos").unwrap()),
        ..patch_interface(&before)
    };
    let after = db.update_interface(&cli(), &before.id, &change).await.unwrap();
    assert_eq!(
        after,
        InterfaceView {
            description: "Photos".to_owned(),
            version: 2,
            ..before
        }
    );
    assert_eq!(db.interface_view(&after.id).await, after);
}

async fn names_are_unique_without_regard_to_case_and_form(db: Db) {
    db.interface("Straße").await;
    let other = db.interface("Other").await;
    for same in ["straße", "STRASSE", "ｓｔｒａｓｓｅ"] {
        refused!(
            db,
            db.create_interface(&cli(), &interface(same)),
            StoreError::NameTaken
        );
        let change = rename_interface(&other, same);
        refused!(
            db,
            db.update_interface(&cli(), &other.id, &change),
            StoreError::NameTaken
        );
    }
}

async fn former_names_are_never_given_to_another(db: Db) {
    let press = db.interface("Press").await;
    db.update_interface(&cli(), &press.id, &rename_interface(&press, "Photos"))
        .await
        .unwrap();
    refused!(
        db,
        db.create_interface(&cli(), &interface("PRESS")),
        StoreError::NameTaken
    );
}

async fn names_of_deleted_interfaces_are_never_given_again(db: Db) {
    let press = db.interface("Press").await;
    let press = db
        .update_interface(&cli(), &press.id, &rename_interface(&press, "Photos"))
        .await
        .unwrap();
    db.delete_interface(&cli(), &press.id).await.unwrap();
    for name in ["press", "photos"] {
        refused!(
            db,
            db.create_interface(&cli(), &interface(name)),
            StoreError::NameTaken
        );
    }
}

async fn an_interface_may_take_its_own_former_name_back(db: Db) {
    let press = db.interface("Press").await;
    let photos = db
        .update_interface(&cli(), &press.id, &rename_interface(&press, "Photos"))
        .await
        .unwrap();
    let back = db
        .update_interface(&cli(), &press.id, &rename_interface(&photos, "PRESS"))
        .await
        .unwrap();
    assert_eq!((back.name.as_str(), back.version), ("PRESS", 3));
    assert_eq!(db.index().interfaces().find("photos").unwrap().id, press.id);
}

async fn renaming_keeps_grants_and_the_old_name_resolves(db: Db) {
    let press = db.interface("Press").await;
    let token = db
        .granted("WordPress", &[grant("Press", &[Permission::Read])])
        .await;
    db.update_interface(&cli(), &press.id, &rename_interface(&press, "Photos"))
        .await
        .unwrap();
    assert_eq!(
        db.view(&token.id).await.grants,
        [grant("Photos", &[Permission::Read])]
    );
    let directory = db.index().interfaces();
    for name in ["Press", "PRESS", "Photos", "photos"] {
        let found = directory.find(name).expect("both names resolve");
        assert_eq!((&found.id, found.name.as_str()), (&press.id, "Photos"));
        assert!(
            db.state(&token.id)
                .permissions_on(&found.id)
                .contains(Permission::Read)
        );
    }
    let under_the_old_name = db.granted("Other", &[grant("press", &[Permission::Read])]).await;
    assert_eq!(under_the_old_name.grants, [grant("Photos", &[Permission::Read])]);
}

async fn a_stale_version_is_refused(db: Db) {
    let press = db.interface("Press").await;
    db.update_interface(&cli(), &press.id, &rename_interface(&press, "Photos"))
        .await
        .unwrap();
    let change = rename_interface(&press, "Pictures");
    refused!(
        db,
        db.update_interface(&cli(), &press.id, &change),
        StoreError::Stale
    );
}

async fn unknown_interfaces_are_not_found(db: Db) {
    let gone = db.interface("Press").await;
    db.delete_interface(&cli(), &gone.id).await.unwrap();
    let never: InterfaceId = "01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap();
    for id in [&gone.id, &never] {
        assert_eq!(db.find_interface(id).await.unwrap(), None);
        let change = patch_interface(&gone);
        refused!(
            db,
            db.update_interface(&cli(), id, &change),
            StoreError::NotFound("interface")
        );
        refused!(
            db,
            db.delete_interface(&cli(), id),
            StoreError::NotFound("interface")
        );
    }
}

/// The names, and how many there are.
fn in_the_way(tokens: &wire::TokensInTheWay) -> (Vec<&str>, u64) {
    (
        tokens.items.iter().map(|t| t.name.as_str()).collect(),
        tokens.total,
    )
}

async fn a_refusal_names_fifty_tokens(db: Db) {
    let press = db.interface("Press").await;
    for number in 0..53 {
        db.granted(
            &format!("Token {number:02}"),
            &[grant("Press", &[Permission::Read])],
        )
        .await;
    }
    match db.refusal(db.delete_interface(&cli(), &press.id)).await {
        StoreError::InTheWay(tokens) => {
            let (names, total) = in_the_way(&tokens);
            assert_eq!(
                (names.len(), names[0], names[49], total),
                (50, "Token 00", "Token 49", 53)
            );
        }
        other => panic!("{other:?}"),
    }
}

async fn unflagging_is_refused_while_public_tokens_reach_it(db: Db) {
    let open = db.public_interface("Open").await;
    db.granted("Server", &[grant("Open", &[Permission::Read])]).await;
    db.public_token("page b", "Open").await;
    let inactive = db.public_token("Page A", "Open").await;
    db.deactivate_token(&cli(), &inactive.id, None).await.unwrap();
    let open = db.interface_view(&open.id).await;
    let change = PatchInterfaceRequest {
        public: Some(false),
        ..patch_interface(&open)
    };
    match db.refusal(db.update_interface(&cli(), &open.id, &change)).await {
        StoreError::InTheWay(tokens) => assert_eq!(in_the_way(&tokens), (vec!["Page A", "page b"], 2)),
        other => panic!("{other:?}"),
    }
    assert!(db.index().interfaces().get(&open.id).unwrap().public);
}

async fn secret_tokens_do_not_hinder_unflagging(db: Db) {
    let open = db.public_interface("Open").await;
    db.granted("Server", &[grant("Open", &[Permission::Read])]).await;
    let change = PatchInterfaceRequest {
        public: Some(false),
        ..patch_interface(&open)
    };
    assert!(
        !db.update_interface(&cli(), &open.id, &change)
            .await
            .unwrap()
            .public
    );
    assert!(!db.index().interfaces().get(&open.id).unwrap().public);
}

async fn deleting_is_refused_while_tokens_have_grants(db: Db) {
    let press = db.interface("Press").await;
    db.granted("b", &[grant("Press", &[Permission::Read])]).await;
    db.granted("A", &[grant("Press", &[Permission::Read])]).await;
    assert_eq!(db.interface_view(&press.id).await.token_count, 2);
    match db.refusal(db.delete_interface(&cli(), &press.id)).await {
        StoreError::InTheWay(tokens) => {
            assert_eq!(in_the_way(&tokens), (vec!["A", "b"], 2));
            assert_eq!(db.view(&tokens.items[0].id).await.name, "A");
        }
        other => panic!("{other:?}"),
    }
}

async fn a_deleted_interface_is_gone_from_the_directory(db: Db) {
    let press = db.interface("Press").await;
    db.delete_interface(&cli(), &press.id).await.unwrap();
    assert!(db.index().interfaces().get(&press.id).is_none());
    assert!(db.index().interfaces().find("Press").is_none());
    assert_eq!(db.list_interfaces(PageQuery::default()).await.unwrap().total, 0);
}

async fn lists_are_by_name_in_pages(db: Db) {
    for name in ["b", "É", "A", "_", "Z"] {
        db.interface(name).await;
    }
    let page = |page| db.list_interfaces(PageQuery { page, per_page: 2 });
    let mut listed = Vec::new();
    for number in 1..=4 {
        let part = page(number).await.unwrap();
        assert_eq!((part.page, part.per_page, part.total), (number, 2, 5));
        listed.extend(part.items.into_iter().map(|i| i.name));
    }
    assert_eq!(listed, ["_", "A", "b", "Z", "É"]);
}

async fn changes_are_noted_field_by_field(db: Db) {
    let press = db.interface("Press").await;
    db.clock.advance_seconds(1);
    let change = PatchInterfaceRequest {
        public: Some(true),
        ..rename_interface(&press, "Photos")
    };
    db.update_interface(&cli(), &press.id, &change).await.unwrap();
    let entry = db
        .list_activity(PageQuery::default())
        .await
        .unwrap()
        .items
        .remove(0);
    assert_eq!(
        (entry.action.as_str(), entry.subject.name.as_deref()),
        ("interface.updated", Some("Photos"))
    );
    let fields: Vec<_> = entry
        .changes
        .iter()
        .map(|c| (c.field.as_str(), c.after.as_deref()))
        .collect();
    assert_eq!(fields, [("name", Some("Photos")), ("public", Some("true"))]);
}
