//! Why somebody should look at a token: the filter and the counts, which are SQL, say what the domain says.

use std::collections::BTreeSet;

use wire::{Attention, AttentionFilter, Door, OverviewView, Permission, Status, TokenListQuery};

use super::*;
use crate::domain::exposure::ExposureCount;
use crate::store::UsageCount;

suite!(
    filter_and_counts_say_what_the_domain_says,
    an_empty_house_has_an_overview,
    reasons_follow_the_setting,
    dealing_with_a_reason_takes_it_away,
);

const DAY: i64 = 86_400;

/// How old the secrets of tokens are when they are looked at, in days; `None` = no secret. The ends of the stretches
/// are among them.
const AGES: [Option<i64>; 5] = [Some(400), Some(365), Some(8), Some(0), None];
/// When a token was last used, in seconds before the look.
const USES: [Option<i64>; 4] = [None, Some(90 * DAY + 1), Some(90 * DAY), Some(5)];
/// Its end, in seconds after the look.
const ENDS: [Option<i64>; 5] = [None, Some(-1), Some(0), Some(14 * DAY - 1), Some(14 * DAY)];
const INTERFACES: [&str; 4] = ["One", "Two", "Three", "Four"];
/// What it may do on each of the interfaces.
const RIGHTS: [[Option<Permission>; 4]; 3] = [
    [None; 4],
    [
        Some(Permission::Upload),
        Some(Permission::Edit),
        Some(Permission::Read),
        Some(Permission::Introspect),
    ],
    [
        Some(Permission::Upload),
        Some(Permission::Edit),
        Some(Permission::Delete),
        None,
    ],
];

impl Db {
    async fn with_attention(&self, filter: Option<AttentionFilter>) -> BTreeSet<String> {
        let query = TokenListQuery {
            attention: filter,
            per_page: Some(200),
            ..Default::default()
        };
        let page = self.list_tokens(&query).await.unwrap();
        assert_eq!(page.total, page.items.len() as u64);
        page.items.into_iter().map(|t| t.name).collect()
    }

    async fn overview(&self) -> OverviewView {
        self.count_tokens().await.unwrap()
    }

    async fn used_before(&self, token: &TokenId, seconds: i64) {
        let count = UsageCount {
            token: token.clone(),
            outcomes: Vec::new(),
            last_used_at: Some(self.after(-seconds)),
            secrets: Vec::new(),
            sources: Vec::new(),
        };
        self.record_usage(&[count]).await.unwrap();
    }

    async fn exposed(&self, token: &TokenView) {
        let exposure = ExposureCount {
            token: token.id.clone(),
            token_name: token.name.clone(),
            secret: self.state(&token.id).secrets[0].id.clone(),
            door: Door::Browser,
            origin: "https://a.example".to_owned(),
            page: String::new(),
            place: String::new(),
            address: None,
            first_seen_at: self.now(),
            last_seen_at: self.now(),
            count: 1,
        };
        self.record_exposures(&[exposure]).await.unwrap();
    }
}

/// Tokens in every situation that matters to a reason, as they are at [`looking`]: not each combination of all, but
/// so many that each two situations meet.
async fn furnish(db: &Db) {
    for name in INTERFACES {
        db.interface(name).await;
    }
    let look = db.after(500 * DAY);
    let situations = || {
        (0..150).map(|n: usize| {
            (
                n,
                AGES[n % AGES.len()],
                USES[n / 2 % USES.len()],
                ENDS[n / 5 % ENDS.len()],
                RIGHTS[n / 3 % RIGHTS.len()],
            )
        })
    };
    for (n, _, _, end, rights) in situations() {
        let grants = INTERFACES.iter().zip(rights);
        let request = CreateTokenRequest {
            grants: grants.filter_map(|(name, p)| Some(grant(name, &[p?]))).collect(),
            expires_at: end.map(|seconds| look.plus_seconds(seconds)),
            ..token(&format!("token {n}"))
        };
        db.create_token(&cli(), &request).await.unwrap();
    }
    for moment in AGES.into_iter().flatten() {
        db.clock
            .advance_seconds((look.millis() - db.now().millis()) / 1000 - moment * DAY);
        for (n, age, ..) in situations() {
            let token = db.named(&format!("token {n}")).await;
            if age == Some(moment) {
                db.secret(&token.id, &token.name, 0).await;
            } else if age == Some(400) && moment == 8 && n % 4 == 0 {
                // Replaced: the current one is young, the one in its overlap is not.
                db.secret(&token.id, &format!("{n} anew"), 30 * DAY).await;
            }
        }
    }
    assert_eq!(db.now(), look);
    for (n, age, used, ..) in situations() {
        let token = db.named(&format!("token {n}")).await;
        if let Some(seconds) = used {
            db.used_before(&token.id, seconds).await;
        }
        if n % 7 == 0 && age.is_some() {
            db.exposed(&token).await;
        }
        if n % 13 == 1 && age.is_some() {
            // Its holder ended the current one; where that was all, nothing can use the token.
            let current = db.state(&token.id).secrets[0].id.clone();
            db.revoke_secret(&cli(), &token.id, &current).await.unwrap();
        }
        if n % 11 == 0 {
            db.deactivate_token(&cli(), &token.id, None).await.unwrap();
        }
    }
    for gone in ["token 22", "token 77"] {
        let token = db.named(gone).await;
        db.delete_token(&cli(), &token.id, None).await.unwrap();
    }
}

impl Db {
    async fn named(&self, name: &str) -> TokenView {
        let query = TokenListQuery {
            q: Some(name.to_owned()),
            per_page: Some(200),
            ..Default::default()
        };
        let page = self.list_tokens(&query).await.unwrap();
        page.items
            .into_iter()
            .find(|t| t.name == name)
            .expect("a token of this name")
    }
}

async fn filter_and_counts_say_what_the_domain_says(db: Db) {
    furnish(&db).await;
    let all = db
        .list_tokens(&TokenListQuery {
            per_page: Some(200),
            ..Default::default()
        })
        .await
        .unwrap()
        .items;
    let names_of = |wanted: &dyn Fn(&TokenView) -> bool| -> BTreeSet<String> {
        all.iter().filter(|t| wanted(t)).map(|t| t.name.clone()).collect()
    };
    let overview = db.overview().await;
    assert_eq!(overview.total, 148);
    for reason in Attention::ALL {
        let expected = names_of(&|t| t.attention.contains(&reason));
        assert!(expected.len() > 2, "{reason:?} is among the situations");
        assert_eq!(
            db.with_attention(Some(AttentionFilter::Only(reason))).await,
            expected,
            "{reason:?}"
        );
        let counted = overview.attention.iter().find(|a| a.reason == reason).unwrap();
        assert_eq!(counted.count, expected.len() as u64, "{reason:?}");
    }
    let any = names_of(&|t| !t.attention.is_empty());
    assert_eq!(db.with_attention(Some(AttentionFilter::Any)).await, any);
    assert_eq!(overview.needs_attention, any.len() as u64);
    for status in Status::ALL {
        let expected = names_of(&|t| t.status == status).len() as u64;
        assert!(expected > 0, "{status:?} is among the situations");
        let counted = overview.states.iter().find(|s| s.status == status).unwrap();
        assert_eq!(counted.count, expected, "{status:?}");
    }
    let (ended, overlapping) = (db.named("token 1").await, db.named("token 40").await);
    assert_eq!((ended.status, ended.hint), (Status::AwaitingSecret, None));
    assert_eq!(
        overlapping.status,
        Status::Active,
        "the one before it still works"
    );
    let fine = names_of(&|t| t.status == Status::Active && t.attention.is_empty());
    assert!(!fine.is_empty());
    assert!(
        all.iter()
            .all(|t| t.status == Status::Active || t.attention.is_empty())
    );
    assert_eq!((overview.interfaces, overview.used), (4, true));
}

async fn an_empty_house_has_an_overview(db: Db) {
    let overview = db.overview().await;
    assert_eq!((overview.total, overview.needs_attention), (0, 0));
    assert_eq!((overview.interfaces, overview.used), (0, false));
    assert!(overview.states.iter().all(|s| s.count == 0) && overview.attention.is_empty());
    assert_eq!(
        overview.states.iter().map(|s| s.status).collect::<Vec<_>>(),
        Status::ALL
    );
}

async fn reasons_follow_the_setting(db: Db) {
    let token = db.active("WordPress").await;
    db.clock.advance_seconds(5 * DAY);
    assert!(db.view(&token.id).await.attention.is_empty());
    let change = wire::PatchSettingsRequest {
        rotation_age_days: Some(4),
        ..Default::default()
    };
    db.update_settings(&cli(), &change).await.unwrap();
    assert_eq!(db.view(&token.id).await.attention, [Attention::RotationDue]);
    let due = Some(AttentionFilter::Only(Attention::RotationDue));
    assert_eq!(db.with_attention(due).await.len(), 1);
    assert_eq!(db.overview().await.needs_attention, 1);
}

async fn dealing_with_a_reason_takes_it_away(db: Db) {
    let token = db.active("WordPress").await;
    db.clock.advance_seconds(400 * DAY);
    assert_eq!(
        db.view(&token.id).await.attention,
        [Attention::RotationDue, Attention::NeverUsed]
    );
    db.used_before(&token.id, 0).await;
    let after = db.secret(&token.id, "new", 3600).await;
    assert!(after.attention.is_empty(), "what an act answers is as new");
    assert!(db.with_attention(Some(AttentionFilter::Any)).await.is_empty());
}
