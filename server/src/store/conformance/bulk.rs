//! One act on many tokens: previews, all or nothing, one transaction.

use wire::{
    BulkAction, BulkEffect, BulkOutcome, BulkRequest, BulkResponse, BulkToken, ErrorCode, Permission,
    Permissions, Reason, Status,
};

use super::*;
use crate::store::UsageCount;

suite!(
    a_preview_says_what_the_act_does_and_changes_nothing,
    switching_off_and_on_is_published,
    ends_are_set_and_taken_away,
    permissions_are_added_to_those_that_are_there,
    an_interface_is_taken_away_from_all,
    inactive_tokens_are_deleted_together,
    one_refusal_refuses_all,
    a_public_token_keeps_its_guardrails,
    requests_that_break_rules_are_refused,
    the_last_thirty_days_are_told,
    entries_are_those_of_single_acts,
    a_single_act_at_the_same_time_passes_before_or_after,
    a_dropped_caller_cancels_nothing,
    a_thousand_at_once,
);

fn of(tokens: &[&TokenView]) -> Vec<BulkToken> {
    let token = |t: &&TokenView| BulkToken {
        id: t.id.clone(),
        version: t.version,
    };
    tokens.iter().map(token).collect()
}

fn request(act: BulkAction, tokens: &[&TokenView]) -> BulkRequest {
    BulkRequest {
        act,
        tokens: of(tokens),
        dry_run: false,
    }
}

fn add(interface: &str, permissions: &[Permission], reason: &str) -> BulkAction {
    BulkAction::AddInterface {
        interface: InterfaceName::parse(interface).unwrap(),
        permissions: permissions.iter().copied().collect::<Permissions>(),
        write_reason: Reason::parse(reason).unwrap(),
    }
}

fn remove(interface: &str) -> BulkAction {
    BulkAction::RemoveInterface {
        interface: InterfaceName::parse(interface).unwrap(),
    }
}

fn outcomes(response: &BulkResponse) -> Vec<BulkOutcome> {
    response.effects.iter().map(|e| e.outcome).collect()
}

fn changes(effect: &BulkEffect) -> Vec<(&str, Option<&str>, Option<&str>)> {
    let all = effect.changes.iter();
    all.map(|c| (c.field.as_str(), c.before.as_deref(), c.after.as_deref()))
        .collect()
}

use BulkOutcome::{Changed, Refused, Unchanged};

impl Db {
    /// What is done, after a look at the preview, which has to say the same and to change nothing.
    async fn bulk(&self, act: BulkAction, tokens: &[&TokenView]) -> BulkResponse {
        let before = self.everything().await;
        let preview = BulkRequest {
            dry_run: true,
            ..request(act.clone(), tokens)
        };
        let preview = self.change_tokens(&cli(), &preview).await.unwrap();
        assert!(!preview.applied);
        assert_eq!(self.everything().await, before, "a preview changes nothing");
        let done = self.change_tokens(&cli(), &request(act, tokens)).await.unwrap();
        assert_eq!(outcomes(&done), outcomes(&preview));
        for (done, shown) in done.effects.iter().zip(&preview.effects) {
            assert_eq!((&done.changes, &done.detail), (&shown.changes, &shown.detail));
        }
        if !done.applied {
            assert_eq!(self.everything().await, before, "a refused act changes nothing");
        }
        for effect in done.effects.iter().filter(|_| done.applied) {
            assert_eq!(self.state(&effect.id).version, effect.version, "published");
        }
        done
    }
}

async fn a_preview_says_what_the_act_does_and_changes_nothing(db: Db) {
    let (on, off) = (db.active("on").await, db.active("off").await);
    let off = db.deactivate_token(&cli(), &off.id, None).await.unwrap();
    let done = db.bulk(BulkAction::Deactivate, &[&off, &on]).await;
    assert!(done.applied);
    assert_eq!(outcomes(&done), [Unchanged, Changed]);
    let [first, second] = &done.effects[..] else {
        panic!("two effects")
    };
    assert_eq!((first.name.as_str(), first.version), ("off", off.version));
    assert_eq!((second.name.as_str(), second.version), ("on", on.version + 1));
    assert!(changes(first).is_empty());
    assert_eq!(changes(second), [("status", Some("active"), Some("inactive"))]);
}

async fn switching_off_and_on_is_published(db: Db) {
    let tokens = [db.active("a").await, db.active("b").await, db.active("c").await];
    let all: Vec<_> = tokens.iter().collect();
    assert!(db.bulk(BulkAction::Deactivate, &all).await.applied);
    for token in &tokens {
        assert!(!db.accepts(&token.name));
        assert_eq!(
            (db.state(&token.id).epoch, db.state(&token.id).deactivated),
            (1, true)
        );
    }
    let off = [db.view(&tokens[0].id).await, db.view(&tokens[1].id).await];
    assert!(db.bulk(BulkAction::Activate, &[&off[0], &off[1]]).await.applied);
    assert!(db.accepts("a") && db.accepts("b") && !db.accepts("c"));
    let fresh = db.another().await;
    fresh.load().await.unwrap();
    for token in &tokens {
        assert_eq!(
            format!("{:?}", fresh.state(&token.id)),
            format!("{:?}", db.state(&token.id))
        );
    }
}

async fn ends_are_set_and_taken_away(db: Db) {
    let (one, two) = (db.active("one").await, db.active("two").await);
    let end = |expires_at| BulkAction::SetExpiry { expires_at };
    let past = db.bulk(end(Some(db.now())), &[&one, &two]).await;
    assert_eq!((past.applied, outcomes(&past)), (false, vec![Refused, Refused]));
    assert_eq!(past.effects[0].code, Some(ErrorCode::InvalidRequest));
    assert!(
        past.effects[0]
            .detail
            .as_ref()
            .unwrap()
            .starts_with("expires_at: ")
    );
    let soon = db.after(60);
    let done = db.bulk(end(Some(soon)), &[&one]).await;
    assert_eq!(
        changes(&done.effects[0]),
        [("expires_at", None, Some("2026-03-01T12:01:00.000Z"))]
    );
    let one = db.view(&one.id).await;
    assert_eq!(
        (one.expires_at, db.state(&one.id).expires_at),
        (Some(soon), Some(soon))
    );
    let done = db.bulk(end(Some(soon)), &[&one, &two]).await;
    assert_eq!(outcomes(&done), [Unchanged, Changed]);
    let two = db.view(&two.id).await;
    let done = db.bulk(end(None), &[&one, &two]).await;
    assert_eq!(outcomes(&done), [Changed, Changed]);
    assert_eq!(db.view(&two.id).await.expires_at, None);
}

async fn permissions_are_added_to_those_that_are_there(db: Db) {
    for name in ["Press", "Video"] {
        db.interface(name).await;
    }
    let (read, write) = ([Permission::Read], [Permission::Read, Permission::Upload]);
    let none = db.token("none").await;
    let some = db
        .granted("some", &[grant("Press", &read), grant("Video", &read)])
        .await;
    let all = db.granted("all", &[grant("Press", &Permission::ALL)]).await;
    let done = db
        .bulk(add("PRESS", &write, "Uploads pictures"), &[&none, &some, &all])
        .await;
    assert_eq!(outcomes(&done), [Changed, Changed, Unchanged]);
    assert_eq!(
        changes(&done.effects[0]),
        [
            ("write_reason", None, Some("Uploads pictures")),
            ("grants: Press", None, Some("read, upload")),
        ]
    );
    assert_eq!(
        changes(&done.effects[1])[1],
        ("grants: Press", Some("read"), Some("read, upload"))
    );
    let after = db.view(&some.id).await;
    assert_eq!(after.grants, [grant("Press", &write), grant("Video", &read)]);
    assert_eq!(after.write_reason, "Uploads pictures");
    assert_eq!(db.view(&all.id).await, all);
    let again = db.bulk(add("Press", &[Permission::Edit], ""), &[&after]).await;
    assert!(again.applied);
    assert_eq!(
        db.view(&some.id).await.write_reason,
        "Uploads pictures",
        "an empty reason takes none away"
    );
}

async fn an_interface_is_taken_away_from_all(db: Db) {
    for name in ["Press", "Video"] {
        db.interface(name).await;
    }
    let read = [Permission::Read];
    let both = db
        .granted("both", &[grant("Press", &read), grant("Video", &read)])
        .await;
    let video = db.granted("video", &[grant("Video", &read)]).await;
    let done = db.bulk(remove("press"), &[&both, &video]).await;
    assert_eq!((done.applied, outcomes(&done)), (true, vec![Changed, Unchanged]));
    assert_eq!(changes(&done.effects[0]), [("grants: Press", Some("read"), None)]);
    assert_eq!(db.view(&both.id).await.grants, [grant("Video", &read)]);
    assert_eq!(db.state(&both.id).grants.len(), 1);
}

async fn inactive_tokens_are_deleted_together(db: Db) {
    let mut tokens = Vec::new();
    for name in ["a", "b"] {
        let token = db.active(name).await;
        tokens.push(db.deactivate_token(&cli(), &token.id, None).await.unwrap());
    }
    let active = db.active("active").await;
    let refused = db.bulk(BulkAction::Delete, &[&tokens[0], &active]).await;
    assert_eq!(
        (refused.applied, outcomes(&refused)),
        (false, vec![Changed, Refused])
    );
    assert_eq!(refused.effects[1].code, Some(ErrorCode::TokenNotInactive));
    let done = db.bulk(BulkAction::Delete, &[&tokens[0], &tokens[1]]).await;
    assert!(done.applied);
    assert_eq!(changes(&done.effects[0]), [("status", Some("inactive"), None)]);
    for token in &tokens {
        assert_eq!(db.find_token(&token.id).await.unwrap(), None);
        assert!(db.state(&token.id).deleted);
    }
    assert_eq!(db.count("SELECT COUNT(*) FROM secrets").await, 1);
    let gone = db.bulk(BulkAction::Deactivate, &[&active, &tokens[0]]).await;
    assert_eq!(outcomes(&gone), [Changed, Refused]);
    assert_eq!(gone.effects[1].code, Some(ErrorCode::NotFound));
}

async fn one_refusal_refuses_all(db: Db) {
    let (one, two) = (db.active("one").await, db.active("two").await);
    db.update_token(&cli(), &two.id, &rename(&two, "renamed"))
        .await
        .unwrap();
    let stale = db.bulk(BulkAction::Deactivate, &[&one, &two]).await;
    assert_eq!((stale.applied, outcomes(&stale)), (false, vec![Changed, Refused]));
    let refused = &stale.effects[1];
    assert_eq!(
        (refused.name.as_str(), refused.version),
        ("renamed", two.version + 1)
    );
    assert_eq!(refused.code, Some(ErrorCode::Conflict));
    assert!(db.accepts("one"));
}

async fn a_public_token_keeps_its_guardrails(db: Db) {
    db.public_interface("Open").await;
    db.public_interface("Also open").await;
    db.interface("Press").await;
    let page = db.public_token("page", "Open").await;
    let server = db.token("server").await;
    let read = [Permission::Read];
    for (act, why) in [
        (add("Press", &read, ""), ".interface: "),
        (add("Open", &[Permission::Upload], ""), ".permissions: "),
        (BulkAction::SetExpiry { expires_at: None }, "expires_at: "),
    ] {
        let done = db.bulk(act, &[&server, &page]).await;
        assert_eq!(done.effects[1].outcome, Refused);
        let detail = done.effects[1].detail.as_ref().unwrap();
        assert!(detail.contains(why) && !done.applied, "{why} {detail}");
    }
    assert!(
        db.bulk(add("Also open", &read, ""), &[&server, &page])
            .await
            .applied
    );
}

async fn requests_that_break_rules_are_refused(db: Db) {
    db.interface("Press").await;
    let token = db.active("WordPress").await;
    let many: Vec<BulkToken> = (0..1001)
        .map(|_| BulkToken {
            id: db.store.new_id().unwrap(),
            version: 1,
        })
        .collect();
    let with = |tokens: Vec<BulkToken>| BulkRequest {
        tokens,
        ..request(BulkAction::Deactivate, &[])
    };
    for (wrong, field, code) in [
        (with(Vec::new()), "tokens", FieldErrorCode::Required),
        (with(many), "tokens", FieldErrorCode::TooLong),
        (
            with(of(&[&token, &token])),
            "tokens[1].id",
            FieldErrorCode::Duplicate,
        ),
        (
            request(add("Nothing", &[Permission::Read], ""), &[&token]),
            "act.interface",
            FieldErrorCode::UnknownInterface,
        ),
        (
            request(remove("Nothing"), &[&token]),
            "act.interface",
            FieldErrorCode::UnknownInterface,
        ),
        (
            request(add("Press", &[], ""), &[&token]),
            "act.permissions",
            FieldErrorCode::Required,
        ),
    ] {
        for dry_run in [true, false] {
            let wrong = BulkRequest {
                dry_run,
                ..wrong.clone()
            };
            let refusal = db.refusal(db.change_tokens(&cli(), &wrong)).await;
            assert_eq!(rules(&refusal), [(field, code)]);
        }
    }
}

async fn the_last_thirty_days_are_told(db: Db) {
    let token = db.active("WordPress").await;
    for (count, days) in [(1000, 1), (7, 30), (5, 0)] {
        let counted = UsageCount {
            token: token.id.clone(),
            outcomes: vec![("allowed", count), ("refused", 100), ("minted", 100)],
            last_used_at: None,
            secrets: Vec::new(),
            sources: Vec::new(),
        };
        db.record_usage(&[counted]).await.unwrap();
        db.clock.advance_seconds(days * 86_400);
    }
    let done = db.bulk(BulkAction::Deactivate, &[&token]).await;
    assert_eq!(done.effects[0].requests, 12, "thirty days, to the hour");
}

async fn entries_are_those_of_single_acts(db: Db) {
    let ada = db.user("Ada").await;
    let (one, two) = (db.active("one").await, db.active("two").await);
    db.clock.advance_seconds(1);
    let actor = acting(&ada, "192.0.2.1");
    let off = request(BulkAction::Deactivate, &[&one, &two]);
    db.change_tokens(&actor, &off).await.unwrap();
    let end = BulkAction::SetExpiry {
        expires_at: Some(db.after(60)),
    };
    let (one, two) = (db.view(&one.id).await, db.view(&two.id).await);
    db.change_tokens(&actor, &request(end, &[&one, &two]))
        .await
        .unwrap();
    let items = db.list_activity(PageQuery::default()).await.unwrap().items;
    let told: Vec<_> = items[..4]
        .iter()
        .map(|e| {
            (
                e.action.as_str(),
                e.subject.name.as_deref().unwrap(),
                e.changes.len(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("token.updated", "two", 1),
            ("token.updated", "one", 1),
            ("token.deactivated", "two", 0),
            ("token.deactivated", "one", 0),
        ]
    );
    for entry in &items[..4] {
        assert_eq!(entry.actor.name.as_deref(), Some("Ada"));
        assert_eq!(entry.address.as_deref(), Some("192.0.2.1"));
        assert_eq!(entry.at, db.now());
    }
    assert_eq!(db.count("SELECT COUNT(*) FROM change_log").await, 8);
    assert_eq!(db.count("SELECT MAX(version) FROM change_log").await, 4);
}

async fn a_single_act_at_the_same_time_passes_before_or_after(db: Db) {
    for round in 0..10 {
        let (name, other) = (format!("a {round}"), format!("b {round}"));
        let (one, two) = (db.active(&name).await, db.active(&other).await);
        let server = db.another().await;
        server.load().await.unwrap();
        let (actor, both) = (cli(), request(BulkAction::Deactivate, &[&one, &two]));
        let (bulk, single) = tokio::join!(
            db.change_tokens(&actor, &both),
            db.deactivate_token(&actor, &two.id, None)
        );
        let (bulk, single) = (bulk.unwrap(), single.unwrap());
        assert_eq!(single.status, Status::Inactive);
        assert!(!db.accepts(&other), "after the answers nobody says yes");
        assert_eq!(db.accepts(&name), !bulk.applied);
        assert_eq!(db.state(&two.id).epoch, 1, "switched off once");
        assert_eq!(bulk.effects[1].outcome == Refused, !bulk.applied);
    }
}

async fn a_dropped_caller_cancels_nothing(db: Db) {
    let (one, two) = (db.active("one").await, db.active("two").await);
    let (actor, both) = (cli(), request(BulkAction::Deactivate, &[&one, &two]));
    ask_and_leave(db.change_tokens(&actor, &both));
    eventually(|| !db.accepts("one") && !db.accepts("two")).await;
    assert_eq!(db.view(&two.id).await.status, Status::Inactive);
}

async fn a_thousand_at_once(db: Db) {
    db.interface("Press").await;
    let mut tokens = Vec::new();
    for n in 0..1000 {
        tokens.push(db.token(&format!("token {n}")).await);
    }
    let all: Vec<_> = tokens.iter().collect();
    let done = db
        .change_tokens(&cli(), &request(add("Press", &Permission::ALL, "Why not"), &all))
        .await
        .unwrap();
    assert!(done.applied && done.effects.iter().all(|e| e.outcome == Changed));
    assert_eq!(
        db.count("SELECT COUNT(*) FROM grants WHERE permissions = 63")
            .await,
        1000
    );
    for token in &tokens {
        assert_eq!(db.state(&token.id).grants.len(), 1);
    }
}
