//! The index kept in step: loading, racing writers, dropped callers, several servers, what survives a crash.

use std::task::Poll;

use wire::{PatchSettingsRequest, Permission, Status};

use super::*;
use crate::domain::index::Missing;
use crate::store::StillTheServer;

suite!(
    loading_gives_what_publishing_gave,
    loading_leaves_newer_states_alone,
    tokens_are_looked_up_before_their_turn,
    what_cannot_be_read_keeps_nothing_else_from_working,
    a_load_that_began_earlier_revives_nothing,
    a_load_that_began_earlier_undoes_no_interface_or_setting,
    loading_and_revoking_at_once_ends_revoked,
    of_two_changes_of_one_version_one_wins,
    of_two_tokens_of_one_name_one_is_made,
    of_two_interfaces_of_one_name_one_is_made,
    of_two_holders_of_one_ticket_one_gets_a_secret,
    a_grant_and_the_deletion_of_its_interface_do_not_pass_each_other,
    switching_off_from_many_sides_happens_once,
    what_was_committed_and_not_published_is_caught_up_with,
    a_change_that_failed_is_looked_for,
    a_dropped_caller_cancels_nothing,
    a_dropped_reader_leaves_nothing_open,
    what_was_answered_survives_without_closing,
    two_may_open_a_database_at_once,
    one_server_at_a_time_where_no_folder_is_locked,
    a_server_whose_lock_is_lost_takes_it_again_or_stops,
    closing_waits_and_then_refuses,
);

/// Some tokens of every sort, with a history.
async fn furnish(db: &Db) -> Vec<TokenId> {
    let press = db.interface("Press").await;
    db.public_interface("Open").await;
    let plain = db
        .granted(
            "plain",
            &[
                grant("Press", &Permission::ALL),
                grant("Open", &[Permission::Read]),
            ],
        )
        .await;
    let page = db.public_token("page", "Open").await;
    let rotated = db.active("rotated").await;
    db.clock.advance_seconds(1);
    db.secret(&rotated.id, "new", 60).await;
    let off = db.active("off").await;
    db.deactivate_token(&cli(), &off.id, None).await.unwrap();
    db.deleted("deleted").await;
    db.update_interface(&cli(), &press.id, &rename_interface(&press, "Photos"))
        .await
        .unwrap();
    let change = PatchSettingsRequest {
        key_length: Some(64),
        ..Default::default()
    };
    db.update_settings(&cli(), &change).await.unwrap();
    vec![plain.id, page.id, rotated.id, off.id]
}

async fn loading_gives_what_publishing_gave(db: Db) {
    let ids = furnish(&db).await;
    let fresh = db.another().await;
    fresh.load().await.unwrap();
    for id in &ids {
        assert_eq!(format!("{:?}", fresh.state(id)), format!("{:?}", db.state(id)));
    }
    assert_eq!(fresh.ids().await.len(), ids.len());
    assert_eq!(**fresh.index().settings(), **db.index().settings());
    for name in ["Press", "photos", "OPEN", "nothing"] {
        assert_eq!(
            fresh.index().interfaces().find(name),
            db.index().interfaces().find(name),
            "{name}"
        );
    }
    for value in ["rotated", "new", "off", "deleted"] {
        assert_eq!(fresh.accepts(value), db.accepts(value), "{value}");
    }
}

async fn loading_leaves_newer_states_alone(db: Db) {
    furnish(&db).await;
    let before = db.everything().await;
    db.load().await.unwrap();
    assert_eq!(db.everything().await, before);
}

async fn tokens_are_looked_up_before_their_turn(db: Db) {
    let ids = furnish(&db).await;
    let fresh = db.another().await;
    fresh.prepare().await.unwrap();
    assert!(!fresh.index().is_complete());
    let missing = |value: &str| Missing::Digest(digest(value));
    for value in ["rotated", "new", "off", "deleted", "nobody's"] {
        // Twice: the second time, it is known where it is, or that it is nowhere.
        for _ in 0..2 {
            fresh.look_up(&missing(value)).await.unwrap();
            assert_eq!(fresh.accepts(value), db.accepts(value), "{value}");
        }
    }
    fresh.look_up(&Missing::Token(ids[1].clone())).await.unwrap();
    assert_eq!(
        format!("{:?}", fresh.state(&ids[1])),
        format!("{:?}", db.state(&ids[1]))
    );
    assert!(fresh.index().by_id(&ids[0]).is_none(), "nobody asked for it");
    fresh.load_tokens().await.unwrap();
    assert!(fresh.index().is_complete());
    for id in &ids {
        assert_eq!(format!("{:?}", fresh.state(id)), format!("{:?}", db.state(id)));
    }
}

async fn what_cannot_be_read_keeps_nothing_else_from_working(db: Db) {
    let (good, bad, worse) = (
        db.active("good").await,
        db.active("bad").await,
        db.active("worse").await,
    );
    db.spoil(
        "UPDATE tokens SET kind = 'another' WHERE name = 'bad'",
        "UPDATE secrets SET digest = substr(digest, 1, 3) WHERE token_id IN (SELECT id FROM tokens WHERE name = 'worse')",
    )
    .await;
    let fresh = db.another().await;
    fresh.load().await.unwrap();
    assert!(fresh.accepts("good") && fresh.index().by_id(&good.id).is_some());
    for token in [&bad, &worse] {
        assert!(fresh.index().by_id(&token.id).is_none());
    }
    // Numbers that are no set of permissions at all.
    db.interface("Press").await;
    let read = [grant("Press", &[Permission::Read])];
    let (wide, odd) = (
        db.granted("wide", &read).await.id,
        db.granted("odd", &read).await.id,
    );
    let served = db.granted("served", &read).await.id;
    db.spoil(
        "UPDATE grants SET permissions = 256 WHERE token_id IN (SELECT id FROM tokens WHERE name = 'wide')",
        "UPDATE grants SET permissions = -1 WHERE token_id IN (SELECT id FROM tokens WHERE name = 'odd')",
    )
    .await;
    let fresh = db.another().await;
    fresh.load().await.unwrap();
    assert!(fresh.index().is_complete());
    assert_eq!(fresh.state(&served).grants.len(), 1);
    for id in [&wide, &odd] {
        assert!(fresh.index().by_id(id).is_none());
    }
}

/// The race step by step: a load reads, an administrator revokes and is answered, then the load publishes.
async fn a_load_that_began_earlier_revives_nothing(db: Db) {
    let (off, gone, rotated) = (
        db.active("off").await,
        db.active("gone").await,
        db.active("old").await,
    );
    let server = db.another().await;
    let mut tx = server.read().await.unwrap();
    let ids = [&off, &gone, &rotated].map(|token| token.id.clone());
    let read = crate::store::record::some(&mut tx, &ids).await.unwrap();
    assert_eq!(read.len(), 3);
    drop(tx);
    server.deactivate_token(&cli(), &off.id, None).await.unwrap();
    server.deactivate_token(&cli(), &gone.id, None).await.unwrap();
    server.delete_token(&cli(), &gone.id, None).await.unwrap();
    server.clock.advance_seconds(1);
    server.secret(&rotated.id, "new", 0).await;
    for record in read {
        server.index().publish(record.into_state());
    }
    for value in ["off", "gone", "old"] {
        assert!(!server.accepts(value), "{value}");
    }
    assert!(server.accepts("new"));
}

async fn a_load_that_began_earlier_undoes_no_interface_or_setting(db: Db) {
    let open = db.public_interface("Open").await;
    let mut tx = db.read().await.unwrap();
    let directory = crate::store::interfaces::load(&mut tx).await.unwrap();
    let settings = crate::store::settings::load(&mut tx).await.unwrap();
    drop(tx);
    let change = PatchInterfaceRequest {
        public: Some(false),
        ..patch_interface(&open)
    };
    db.update_interface(&cli(), &open.id, &change).await.unwrap();
    let change = PatchSettingsRequest {
        api_enabled: Some(false),
        ..Default::default()
    };
    db.update_settings(&cli(), &change).await.unwrap();
    db.index().publish_interfaces(directory);
    db.index().publish_settings(settings);
    assert!(!db.index().interfaces().get(&open.id).unwrap().public);
    assert!(!db.index().settings().api_enabled);
}

/// The race as it happens, many times, in whichever order it comes.
async fn loading_and_revoking_at_once_ends_revoked(db: Db) {
    for round in 0..20 {
        let value = format!("value {round}");
        let token = db.active(&value).await;
        let server = db.another().await;
        let revoke = async {
            let off = server.deactivate_token(&cli(), &token.id, None).await.unwrap();
            assert_eq!(off.status, Status::Inactive);
            assert!(!server.accepts(&value), "after the answer nobody says yes");
        };
        let (loaded, ()) = tokio::join!(server.load(), revoke);
        loaded.unwrap();
        assert!(!server.accepts(&value));
        server.close().await;
    }
}

async fn of_two_changes_of_one_version_one_wins(db: Db) {
    let token = db.token("WordPress").await;
    let (actor, other) = (cli(), db.another().await);
    let (one, two) = (rename(&token, "One"), rename(&token, "Two"));
    let (one, two) = tokio::join!(
        db.update_token(&actor, &token.id, &one),
        other.update_token(&actor, &token.id, &two)
    );
    let (won, lost) = if one.is_ok() { (one, two) } else { (two, one) };
    assert!(matches!(lost, Err(StoreError::Stale)), "{lost:?}");
    assert_eq!(db.view(&token.id).await, won.unwrap());
    assert_eq!(db.count("SELECT COUNT(*) FROM activity").await, 2);
}

async fn of_two_tokens_of_one_name_one_is_made(db: Db) {
    let (actor, other) = (cli(), db.another().await);
    let (one, two) = (token("WordPress"), token("WORDPRESS"));
    let (one, two) = tokio::join!(db.create_token(&actor, &one), other.create_token(&actor, &two));
    let lost = if one.is_ok() { two } else { one };
    assert!(matches!(lost, Err(StoreError::NameTaken)), "{lost:?}");
    assert_eq!(db.ids().await.len(), 1);
}

async fn of_two_interfaces_of_one_name_one_is_made(db: Db) {
    let (actor, other) = (cli(), db.another().await);
    let (one, two) = (interface("Press"), interface("PRESS"));
    let (one, two) = tokio::join!(
        db.create_interface(&actor, &one),
        other.create_interface(&actor, &two)
    );
    let lost = if one.is_ok() { two } else { one };
    assert!(matches!(lost, Err(StoreError::NameTaken)), "{lost:?}");
    assert_eq!(db.list_interfaces(PageQuery::default()).await.unwrap().total, 1);
}

async fn of_two_holders_of_one_ticket_one_gets_a_secret(db: Db) {
    let token = db.token("WordPress").await;
    let ticket = db.ticket(&token.id, "ticket").await;
    let (actor, session) = (cli(), session());
    let (one, two) = tokio::join!(
        db.replace_secret(&actor, &token.id, &session, &ticket, secret("one"), seconds(0)),
        db.replace_secret(&actor, &token.id, &session, &ticket, secret("two"), seconds(0)),
    );
    assert_ne!(one.is_ok(), two.is_ok());
    assert_eq!(db.count("SELECT COUNT(*) FROM secrets").await, 1);
}

async fn a_grant_and_the_deletion_of_its_interface_do_not_pass_each_other(db: Db) {
    let (actor, other) = (cli(), db.another().await);
    for round in 0..5 {
        let name = format!("interface {round}");
        let press = db.interface(&name).await;
        let request = CreateTokenRequest {
            grants: vec![grant(&name, &[Permission::Read])],
            ..token(&name)
        };
        let (made, deleted) = tokio::join!(
            db.create_token(&actor, &request),
            other.delete_interface(&actor, &press.id)
        );
        assert_ne!(made.is_ok(), deleted.is_ok());
        match (made, deleted) {
            (Ok(_), Err(StoreError::InTheWay(tokens))) => assert_eq!(tokens.items[0].name, name),
            (Err(StoreError::Rules(_)), Ok(())) => {}
            other => panic!("{other:?}"),
        }
    }
}

async fn switching_off_from_many_sides_happens_once(db: Db) {
    let token = db.active("WordPress").await;
    let sides: Vec<_> = (0..8)
        .map(|_| {
            let (db, id) = (db.clone(), token.id.clone());
            tokio::spawn(async move {
                db.deactivate_token(&cli(), &id, None).await.unwrap();
                assert!(!db.accepts("WordPress"), "after the answer nobody says yes");
            })
        })
        .collect();
    for side in sides {
        side.await.unwrap();
    }
    assert_eq!(db.state(&token.id).epoch, 1);
    assert_eq!(
        db.actions()
            .await
            .iter()
            .filter(|a| **a == "token.deactivated")
            .count(),
        1
    );
}

/// Whoever gets the connection of a reader that left half-way may write, and sees what is there now.
async fn a_dropped_reader_leaves_nothing_open(db: Db) {
    let token = db.active("read").await;
    for round in 0..36 {
        // Left at every point where it waits, with the question sent and no answer read.
        let (mut reading, mut left) = (Box::pin(db.find_token(&token.id)), 1 + round % 12);
        std::future::poll_fn(|context| {
            left -= 1;
            match reading.as_mut().poll(context) {
                Poll::Pending if left > 0 => Poll::Pending,
                _ => Poll::Ready(()),
            }
        })
        .await;
        drop(reading);
        tokio::time::sleep(Duration::from_millis(3)).await;
        // Connections take turns: one of these gets the one that was left.
        for turn in 0..3 {
            db.interface(&format!("Interface {round} {turn}")).await;
        }
    }
}

/// What another store changes is in the database and not in this one's index, as after a commit whose answer was lost.
async fn what_was_committed_and_not_published_is_caught_up_with(db: Db) {
    let press = db.interface("Press").await;
    let (rotated, off, gone) = (
        db.active("old").await,
        db.active("off").await,
        db.active("gone").await,
    );
    let server = db.another().await;
    server.load().await.unwrap();
    db.clock.advance_seconds(1);
    db.secret(&rotated.id, "new", 0).await;
    db.deactivate_token(&cli(), &off.id, None).await.unwrap();
    db.deactivate_token(&cli(), &gone.id, None).await.unwrap();
    db.delete_token(&cli(), &gone.id, None).await.unwrap();
    db.update_interface(&cli(), &press.id, &rename_interface(&press, "Photos"))
        .await
        .unwrap();
    let change = PatchSettingsRequest {
        api_enabled: Some(false),
        ..Default::default()
    };
    db.update_settings(&cli(), &change).await.unwrap();
    let kari = wire::Subject::parse("kari").unwrap();
    db.stop_subject(&cli(), &rotated.id, &kari, None).await.unwrap();
    let made = db.active("made").await;
    assert!(server.accepts("old") && server.accepts("off") && server.accepts("gone"));
    server.catch_up().await.unwrap();
    for value in ["old", "off", "gone"] {
        assert!(!server.accepts(value), "{value}");
    }
    assert!(server.accepts("new") && server.accepts("made"));
    assert_eq!(server.state(&made.id).version, made.version);
    assert!(server.index().interfaces().find("Photos").is_some());
    assert!(!server.index().settings().api_enabled);
    assert!(server.index().by_id(&rotated.id).unwrap().stopped().is_some());
    // A second look finds nothing, and neither changes anything.
    let before = server.everything().await;
    server.catch_up().await.unwrap();
    assert_eq!(server.everything().await, before);
}

async fn a_change_that_failed_is_looked_for(db: Db) {
    let (token, server) = (db.active("WordPress").await, db.another().await);
    server.load().await.unwrap();
    let (lost, id) = (db.clone(), token.id.clone());
    let failed = server.detached(async move {
        lost.deactivate_token(&cli(), &id, None).await?;
        Err::<(), _>(StoreError::Driver(sqlx::Error::WorkerCrashed))
    });
    assert!(matches!(failed.await, Err(StoreError::Driver(_))));
    eventually(|| server.state(&token.id).deactivated).await;
    assert!(!server.accepts("WordPress"));
}

async fn a_dropped_caller_cancels_nothing(db: Db) {
    let (token, press) = (db.active("WordPress").await, db.interface("Press").await);
    let ticket = db.ticket(&token.id, "ticket").await;
    let new = secret("new");
    ask_and_leave(db.replace_secret(&cli(), &token.id, &session(), &ticket, new, seconds(60)));
    eventually(|| db.accepts("new")).await;
    ask_and_leave(db.deactivate_token(&cli(), &token.id, None));
    eventually(|| db.state(&token.id).deactivated).await;
    ask_and_leave(db.delete_token(&cli(), &token.id, None));
    eventually(|| db.state(&token.id).deleted).await;
    ask_and_leave(db.create_interface(&cli(), &interface("Video")));
    eventually(|| db.index().interfaces().find("Video").is_some()).await;
    ask_and_leave(db.update_interface(&cli(), &press.id, &rename_interface(&press, "Photos")));
    eventually(|| db.index().interfaces().find("Photos").is_some()).await;
    ask_and_leave(db.delete_interface(&cli(), &press.id));
    eventually(|| db.index().interfaces().get(&press.id).is_none()).await;
    let change = PatchSettingsRequest {
        key_length: Some(64),
        ..Default::default()
    };
    ask_and_leave(db.update_settings(&cli(), &change));
    eventually(|| db.index().settings().key_length == 64).await;
    // What is published is committed: another server reads the same.
    let fresh = db.another().await;
    fresh.load().await.unwrap();
    assert_eq!(fresh.find_token(&token.id).await.unwrap(), None);
    assert!(fresh.index().interfaces().find("Video").is_some());
    assert!(fresh.index().interfaces().find("Photos").is_none());
    assert_eq!(**fresh.index().settings(), **db.index().settings());
}

/// What the files hold at the moment of the answer, as after a power cut: nothing was closed before.
async fn what_was_answered_survives_without_closing(db: Db) {
    let token = db.active("WordPress").await;
    db.deactivate_token(&cli(), &token.id, None).await.unwrap();
    let survivor = match &db.place {
        Place::Postgres(_) => db.another().await,
        Place::Sqlite(file) => {
            let folder = file.parent().unwrap().join("after the crash");
            std::fs::create_dir(&folder).unwrap();
            for ending in ["", "-wal"] {
                let name = format!("daypass.sqlite3{ending}");
                std::fs::copy(file.with_file_name(&name), folder.join(&name)).unwrap();
            }
            let place = Place::Sqlite(folder.join("daypass.sqlite3"));
            let store = open(&place, &db.clock, &db.entropy).await.unwrap();
            Db {
                store,
                place,
                ..db.clone()
            }
        }
    };
    survivor.load().await.unwrap();
    assert_eq!(survivor.everything().await, db.everything().await);
    assert_eq!(survivor.view(&token.id).await, db.view(&token.id).await);
    let (place, clock, entropy) = (db.place.clone(), db.clock.clone(), db.entropy.clone());
    drop(db);
    let reopened = open(&place, &clock, &entropy).await.unwrap();
    assert_eq!(
        reopened.find_token(&token.id).await.unwrap(),
        Some(survivor.view(&token.id).await)
    );
}

/// A first start on PostgreSQL; on SQLite a command beside the server, which has made the tables already.
async fn two_may_open_a_database_at_once(db: Db) {
    if let Pools::Postgres(pool) = &db.inner.pools {
        sqlx::raw_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
            .execute(pool)
            .await
            .unwrap();
    }
    let (one, two) = tokio::join!(
        open(&db.place, &db.clock, &db.entropy),
        open(&db.place, &db.clock, &db.entropy)
    );
    let (one, two) = (one.unwrap(), two.unwrap());
    let made = one.create_token(&cli(), &token("WordPress")).await.unwrap();
    assert_eq!(two.find_token(&made.id).await.unwrap(), Some(made));
}

/// SQLite has the data folder's lock instead, which is not the store's.
async fn one_server_at_a_time_where_no_folder_is_locked(db: Db) {
    let other = db.another().await;
    assert!(db.become_the_server().await.unwrap());
    let is_sqlite = matches!(db.inner.pools, Pools::Sqlite { .. });
    assert_eq!(other.become_the_server().await.unwrap(), is_sqlite);
    db.close().await;
    assert!(becomes_the_server(&other).await);
}

/// PostgreSQL notices a moment later that the connection has gone.
async fn becomes_the_server(store: &Store) -> bool {
    for _ in 0..100 {
        if store.become_the_server().await.unwrap() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}

/// As after a restart of the database, or a firewall that drops silent connections.
async fn a_server_whose_lock_is_lost_takes_it_again_or_stops(db: Db) {
    let Pools::Postgres(pool) = &db.inner.pools else {
        return assert_eq!(db.still_the_server().await.unwrap(), StillTheServer::Yes);
    };
    let other = db.another().await;
    assert!(db.become_the_server().await.unwrap());
    assert_eq!(db.still_the_server().await.unwrap(), StillTheServer::Yes);
    let end_it = async || {
        let ended = "SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory'
            AND objid::bigint = 1634956034 AND granted AND database = (SELECT oid FROM pg_database
            WHERE datname = current_database())";
        let ended: i64 = sqlx::query_scalar(ended).fetch_one(pool).await.unwrap();
        assert_eq!(ended, 1);
    };
    end_it().await;
    assert_eq!(db.still_the_server().await.unwrap(), StillTheServer::Again);
    assert_eq!(db.still_the_server().await.unwrap(), StillTheServer::Yes);
    assert!(!other.become_the_server().await.unwrap());
    end_it().await;
    assert!(becomes_the_server(&other).await);
    assert_eq!(db.still_the_server().await.unwrap(), StillTheServer::No);
    assert_eq!(db.still_the_server().await.unwrap(), StillTheServer::No);
    assert_eq!(other.still_the_server().await.unwrap(), StillTheServer::Yes);
}

async fn closing_waits_and_then_refuses(db: Db) {
    let other = db.another().await;
    let token = db.token("WordPress").await;
    ask_and_leave(db.update_token(&cli(), &token.id, &rename(&token, "Other")));
    eventually(|| db.state(&token.id).name == "Other").await;
    db.close().await;
    assert!(matches!(
        db.find_token(&token.id).await,
        Err(StoreError::Driver(_))
    ));
    assert!(matches!(
        db.deactivate_token(&cli(), &token.id, None).await,
        Err(StoreError::Driver(_))
    ));
    assert_eq!(other.view(&token.id).await.name, "Other");
}
