//! Claims: one code, one secret, and nothing for whoever comes second or from elsewhere.

use std::net::IpAddr;

use wire::{BulkAction, BulkRequest, BulkToken, ClaimEnd, ClaimStatus, ClaimView, Network, Status};

use super::*;
use crate::store::{ClaimRefusal, Claimant, CodeRefusal, NewClaim};

suite!(
    a_code_gives_one_secret,
    the_overlap_begins_with_the_claim,
    a_second_use_is_written_down_once,
    a_browser_burns_the_code,
    another_network_burns_the_code,
    codes_end_after_ten_minutes,
    of_two_servers_one_gets_a_secret,
    an_administrator_cancels,
    whatever_hands_over_later_takes_its_place,
    switching_the_token_off_ends_it,
    a_ticket_gives_one_claim,
    a_code_of_last_month_is_forgotten,
    a_dropped_caller_loses_the_secret_and_the_page_says_fetched,
);

fn new_claim(token: &TokenId, text: &str, network: Option<&str>, overlap: i64) -> NewClaim {
    NewClaim {
        digest: code(text),
        token: token.clone(),
        network: network.map(|n| Network::parse(n).unwrap()),
        overlap: seconds(overlap),
    }
}

fn from(address: &str) -> Claimant {
    Claimant {
        address: Some(address.parse::<IpAddr>().unwrap()),
        browser: false,
    }
}

const SERVER: &str = "192.0.2.7";

impl Db {
    async fn issue(&self, token: &TokenId, text: &str) -> ClaimView {
        let new = new_claim(token, text, None, 0);
        self.issue_claim(&cli(), new).await.unwrap()
    }

    async fn claim_of(&self, token: &TokenId) -> ClaimView {
        self.find_claim(token).await.unwrap().claim.expect("a claim")
    }

    /// Uses a code for a secret of the same name.
    async fn claim(&self, text: &str, by: Claimant) -> Result<TokenView, StoreError> {
        self.claim_secret(&code(text), by, secret(text)).await
    }

    async fn alarms(&self) -> usize {
        let actions = self.actions().await;
        actions.iter().filter(|a| **a == "claim.refused").count()
    }
}

/// Asserts that a code is refused for a reason, that no secret came of it, and how many alarms there are then.
macro_rules! opens_nothing {
    ($db:expr, $text:expr, $by:expr, $alarms:expr, $reason:pat) => {
        let secrets = $db.count("SELECT COUNT(*) FROM secrets").await;
        let refusal = $db.claim($text, $by).await.expect_err("the code opens nothing");
        assert!(matches!(refusal, StoreError::Claim($reason)), "{refusal:?}");
        assert_eq!($db.count("SELECT COUNT(*) FROM secrets").await, secrets);
        assert_eq!($db.alarms().await, $alarms);
    };
}

async fn a_code_gives_one_secret(db: Db) {
    let ingrid = db.user("Ingrid").await;
    let token = db.token("WordPress").await;
    assert_eq!(db.find_claim(&token.id).await.unwrap().claim, None);
    let new = new_claim(&token.id, "code", Some("192.0.2.0/24"), 0);
    let issued = db
        .issue_claim(&acting(&ingrid, "198.51.100.1"), new)
        .await
        .unwrap();
    assert_eq!(issued.status, ClaimStatus::Open);
    assert_eq!(
        (issued.created_by.as_deref(), issued.expires_at),
        (Some("Ingrid"), db.after(600))
    );
    assert_eq!(
        db.find_claimed_kind(&code("code")).await.unwrap(),
        Some(Kind::Secret)
    );
    assert_eq!(db.find_claimed_kind(&code("other")).await.unwrap(), None);
    assert_eq!(db.view(&token.id).await.status, Status::AwaitingSecret);
    db.clock.advance_seconds(5);
    let after = db.claim("code", from(SERVER)).await.unwrap();
    assert_eq!(after.status, Status::Active);
    assert!(db.accepts("code"));
    let fetched = db.claim_of(&token.id).await;
    assert_eq!(fetched.status, ClaimStatus::Fetched);
    assert_eq!(
        (fetched.fetched_at, fetched.fetched_from.as_deref()),
        (Some(db.now()), Some(SERVER))
    );
    assert_eq!(fetched.ended_by, None);
    let list = db.list_activity(PageQuery::default()).await.unwrap();
    let entry = &list.items[0];
    assert_eq!(entry.action.as_str(), "secret.claimed");
    assert_eq!(entry.actor.name.as_deref(), Some("Ingrid"));
    assert_eq!(entry.address.as_deref(), Some(SERVER));
    opens_nothing!(db, "nobody issued this", from(SERVER), 0, ClaimRefusal::Unknown);
}

async fn the_overlap_begins_with_the_claim(db: Db) {
    let token = db.active("old").await;
    db.issue_claim(&cli(), new_claim(&token.id, "new", None, 60))
        .await
        .unwrap();
    db.clock.advance_seconds(599);
    assert_eq!(
        db.view(&token.id).await.secrets[0].expires_at,
        None,
        "nothing waits"
    );
    let after = db.claim("new", from(SERVER)).await.unwrap();
    assert_eq!(after.secrets[1].expires_at, Some(db.after(60)));
    assert!(db.accepts("old") && db.accepts("new"));
    db.clock.advance_seconds(60);
    assert!(!db.accepts("old") && db.accepts("new"));
}

async fn a_second_use_is_written_down_once(db: Db) {
    let token = db.token("WordPress").await;
    db.issue(&token.id, "code").await;
    db.claim("code", from(SERVER)).await.unwrap();
    db.clock.advance_seconds(3600);
    for _ in 0..3 {
        opens_nothing!(
            db,
            "code",
            from("198.51.100.9"),
            1,
            ClaimRefusal::Misused(ClaimEnd::UsedAgain)
        );
    }
    let claim = db.claim_of(&token.id).await;
    assert_eq!(claim.status, ClaimStatus::Fetched);
    assert_eq!(claim.fetched_from.as_deref(), Some(SERVER));
    assert_eq!(
        (claim.ended_at, claim.ended_by, claim.ended_from.as_deref()),
        (Some(db.now()), Some(ClaimEnd::UsedAgain), Some("198.51.100.9"))
    );
    assert!(db.accepts("code"), "an alarm changes nothing else");
    assert_eq!(db.view(&token.id).await.status, Status::Active);
}

async fn a_browser_burns_the_code(db: Db) {
    let token = db.active("old").await;
    db.issue(&token.id, "code").await;
    let browser = Claimant {
        browser: true,
        ..from(SERVER)
    };
    opens_nothing!(db, "code", browser, 1, ClaimRefusal::Misused(ClaimEnd::Browser));
    opens_nothing!(
        db,
        "code",
        from(SERVER),
        1,
        ClaimRefusal::Ended(ClaimEnd::Browser)
    );
    let claim = db.claim_of(&token.id).await;
    assert_eq!(
        (claim.status, claim.ended_by),
        (ClaimStatus::Burned, Some(ClaimEnd::Browser))
    );
    assert!(db.accepts("old"));
}

async fn another_network_burns_the_code(db: Db) {
    let token = db.token("WordPress").await;
    let unknown = Claimant {
        address: None,
        browser: false,
    };
    for (n, by) in [from("192.0.3.1"), from("2001:db8::1"), unknown]
        .into_iter()
        .enumerate()
    {
        let text = format!("code {n}");
        let new = new_claim(&token.id, &text, Some("192.0.2.0/24"), 0);
        db.issue_claim(&cli(), new).await.unwrap();
        opens_nothing!(
            db,
            &text,
            by,
            n + 1,
            ClaimRefusal::Misused(ClaimEnd::WrongNetwork)
        );
        opens_nothing!(
            db,
            &text,
            from(SERVER),
            n + 1,
            ClaimRefusal::Ended(ClaimEnd::WrongNetwork)
        );
    }
    let new = new_claim(&token.id, "mapped", Some("192.0.2.0/24"), 0);
    db.issue_claim(&cli(), new).await.unwrap();
    db.claim("mapped", from("::ffff:192.0.2.9")).await.unwrap();
    assert_eq!(
        db.claim_of(&token.id).await.fetched_from.as_deref(),
        Some("192.0.2.9")
    );
}

async fn codes_end_after_ten_minutes(db: Db) {
    let token = db.token("WordPress").await;
    db.issue(&token.id, "code").await;
    db.clock.advance_seconds(599);
    assert_eq!(db.claim_of(&token.id).await.status, ClaimStatus::Open);
    db.clock.advance_seconds(1);
    assert_eq!(db.claim_of(&token.id).await.status, ClaimStatus::Expired);
    refused!(
        db,
        db.claim("code", from(SERVER)),
        StoreError::Claim(ClaimRefusal::Expired)
    );
}

async fn of_two_servers_one_gets_a_secret(db: Db) {
    let other = db.another().await;
    let token = db.token("WordPress").await;
    for round in 0..25 {
        let text = format!("code {round}");
        db.issue(&token.id, &text).await;
        let (one, two) = (format!("one {round}"), format!("two {round}"));
        let digest = code(&text);
        let (first, second) = tokio::join!(
            db.claim_secret(&digest, from("192.0.2.1"), secret(&one)),
            other.claim_secret(&digest, from("192.0.2.2"), secret(&two)),
        );
        let loser = match (first, second) {
            (Ok(_), Err(loser)) | (Err(loser), Ok(_)) => loser,
            neither => panic!("exactly one wins: {neither:?}"),
        };
        assert!(
            matches!(
                loser,
                StoreError::Claim(ClaimRefusal::Misused(ClaimEnd::UsedAgain))
            ),
            "{loser:?}"
        );
        assert_eq!(db.count("SELECT COUNT(*) FROM secrets").await, round + 1);
    }
    assert_eq!(db.alarms().await, 25);
}

async fn an_administrator_cancels(db: Db) {
    let token = db.token("WordPress").await;
    refused!(
        db,
        db.cancel_claim(&cli(), &"01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap()),
        StoreError::NotFound(_)
    );
    assert_eq!(db.cancel_claim(&cli(), &token.id).await.unwrap().claim, None);
    db.issue(&token.id, "code").await;
    let cancelled = db.cancel_claim(&cli(), &token.id).await.unwrap().claim.unwrap();
    assert_eq!(
        (cancelled.status, cancelled.ended_by),
        (ClaimStatus::Cancelled, Some(ClaimEnd::Cancelled))
    );
    db.cancel_claim(&cli(), &token.id).await.unwrap();
    let noted = db.actions().await;
    assert_eq!(noted.iter().filter(|a| **a == "claim.cancelled").count(), 1);
    opens_nothing!(
        db,
        "code",
        from(SERVER),
        0,
        ClaimRefusal::Ended(ClaimEnd::Cancelled)
    );
    // Of a fetched one nothing can be taken back.
    db.issue(&token.id, "fetched").await;
    db.claim("fetched", from(SERVER)).await.unwrap();
    let claim = db.cancel_claim(&cli(), &token.id).await.unwrap().claim.unwrap();
    assert_eq!((claim.status, claim.ended_by), (ClaimStatus::Fetched, None));
}

async fn whatever_hands_over_later_takes_its_place(db: Db) {
    let token = db.token("WordPress").await;
    db.issue(&token.id, "first").await;
    db.issue(&token.id, "second").await;
    opens_nothing!(
        db,
        "first",
        from(SERVER),
        0,
        ClaimRefusal::Ended(ClaimEnd::Superseded)
    );
    db.secret(&token.id, "shown", 0).await;
    opens_nothing!(
        db,
        "second",
        from(SERVER),
        0,
        ClaimRefusal::Ended(ClaimEnd::Superseded)
    );
    assert!(db.accepts("shown"));
    // A ticket alone hands nothing over.
    db.issue(&token.id, "third").await;
    db.ticket(&token.id, "looked at").await;
    db.claim("third", from(SERVER)).await.unwrap();
}

async fn switching_the_token_off_ends_it(db: Db) {
    let off = |db: Db, id: TokenId, act: BulkAction| async move {
        let version = db.view(&id).await.version;
        let request = BulkRequest {
            tokens: vec![BulkToken { id, version }],
            act,
            dry_run: false,
        };
        assert!(db.change_tokens(&cli(), &request).await.unwrap().applied);
    };
    let (one, many) = (db.token("One").await, db.token("Many").await);
    db.issue(&one.id, "one").await;
    db.issue(&many.id, "many").await;
    db.deactivate_token(&cli(), &one.id, None).await.unwrap();
    off(db.clone(), many.id.clone(), BulkAction::Deactivate).await;
    for text in ["one", "many"] {
        opens_nothing!(db, text, from(SERVER), 0, ClaimRefusal::Ended(ClaimEnd::TokenOff));
    }
    // An inactive token may be given a secret; one that is deleted may not.
    db.issue(&one.id, "one while off").await;
    db.issue(&many.id, "many while off").await;
    db.delete_token(&cli(), &one.id, None).await.unwrap();
    off(db.clone(), many.id.clone(), BulkAction::Delete).await;
    for text in ["one while off", "many while off"] {
        opens_nothing!(db, text, from(SERVER), 0, ClaimRefusal::Ended(ClaimEnd::TokenOff));
    }
    refused!(db, db.find_claim(&one.id), StoreError::NotFound("token"));
    refused!(
        db,
        db.issue_claim(&cli(), new_claim(&one.id, "gone", None, 0)),
        StoreError::NotFound("token")
    );
    let prepared = db.token("Prepared").await;
    assert_eq!(
        db.find_token_named(" pREPARED ").await.unwrap(),
        Some(prepared.id.clone())
    );
    assert_eq!(
        db.find_token_named("One").await.unwrap(),
        None,
        "its name is free again"
    );
    db.deactivate_token(&cli(), &prepared.id, None).await.unwrap();
    db.issue(&prepared.id, "prepared").await;
    let after = db.claim("prepared", from(SERVER)).await.unwrap();
    assert_eq!(after.status, Status::Inactive);
}

async fn a_ticket_gives_one_claim(db: Db) {
    let (token, other) = (db.token("One").await, db.token("Two").await);
    let ticket = db.ticket(&token.id, "ticket").await;
    let issue = |id: &TokenId, session: CodeDigest, text: &str| {
        let (db, ticket, new) = (db.clone(), ticket.clone(), new_claim(id, text, None, 0));
        async move { db.issue_claim_with_ticket(&cli(), &session, &ticket, new).await }
    };
    refused!(
        db,
        issue(&other.id, session(), "a"),
        StoreError::Code(CodeRefusal::Unknown)
    );
    refused!(
        db,
        issue(&token.id, code("another session"), "b"),
        StoreError::Code(CodeRefusal::Unknown)
    );
    issue(&token.id, session(), "c").await.unwrap();
    refused!(
        db,
        issue(&token.id, session(), "d"),
        StoreError::Code(CodeRefusal::Used)
    );
    refused!(
        db,
        db.replace(&token.id, &ticket, secret("e")),
        StoreError::Code(CodeRefusal::Used)
    );
    db.claim("c", from(SERVER)).await.unwrap();
}

async fn a_code_of_last_month_is_forgotten(db: Db) {
    let (token, other) = (db.token("One").await, db.token("Two").await);
    db.issue(&token.id, "code").await;
    db.claim("code", from(SERVER)).await.unwrap();
    db.clock.advance_seconds(31 * 86_400);
    opens_nothing!(
        db,
        "code",
        from(SERVER),
        1,
        ClaimRefusal::Misused(ClaimEnd::UsedAgain)
    );
    db.issue(&other.id, "other").await;
    opens_nothing!(db, "code", from(SERVER), 1, ClaimRefusal::Unknown);
}

/// As `kill -9` between the commit and the answer: the secret is lost, and what is shown says so.
async fn a_dropped_caller_loses_the_secret_and_the_page_says_fetched(db: Db) {
    let token = db.token("WordPress").await;
    db.issue(&token.id, "code").await;
    ask_and_leave(db.claim_secret(&code("code"), from(SERVER), secret("code")));
    // What had begun goes on to its end.
    eventually(|| db.accepts("code")).await;
    let fetched = db.claim_of(&token.id).await;
    assert_eq!((fetched.status, fetched.ended_by), (ClaimStatus::Fetched, None));
    // A second server learns that it was used.
    opens_nothing!(
        db,
        "code",
        from(SERVER),
        1,
        ClaimRefusal::Misused(ClaimEnd::UsedAgain)
    );
    db.issue(&token.id, "again").await;
    db.claim("again", from(SERVER)).await.unwrap();
}
