//! Watched sites, and what scanners ask.

use super::*;
use wire::{
    ActivityAction, BulkAction, BulkRequest, BulkToken, CreateSiteRequest, Origin, PatchSiteRequest,
    SiteSearch, SiteView,
};

suite!(
    sites_are_registered_once,
    sites_are_paused_and_forgotten,
    sites_are_due_once_a_day,
    sites_that_were_never_searched_come_first,
    digests_are_found_by_range,
    what_works_is_one_rule,
);

impl Db {
    async fn site(&self, origin: &str) -> SiteView {
        self.create_site(&cli(), &request(origin)).await.unwrap()
    }
}

fn request(origin: &str) -> CreateSiteRequest {
    CreateSiteRequest {
        origin: Origin::parse(origin).unwrap(),
    }
}

async fn sites_are_registered_once(db: Db) {
    let one = db.site("https://b.example").await;
    assert!(!one.paused && !one.searching && one.last_search.is_none());
    let twice = db.create_site(&cli(), &request("https://b.example")).await;
    assert!(matches!(twice, Err(StoreError::Rules(e)) if e[0].field == "origin"));
    for n in 1..50 {
        db.site(&format!("https://a{n:02}.example")).await;
    }
    let many = db.create_site(&cli(), &request("https://c.example")).await;
    assert!(matches!(many, Err(StoreError::Rules(_))));
    let all = db.list_sites().await.unwrap();
    assert_eq!(all.len(), 50);
    assert_eq!(all[0].origin.as_str(), "https://a01.example");
    assert_eq!(all[49], one);
    assert_eq!(db.find_site(&one.id).await.unwrap(), Some(one));
}

async fn sites_are_paused_and_forgotten(db: Db) {
    let site = db.site("https://a.example").await;
    let pause = PatchSiteRequest {
        version: site.version,
        paused: Some(true),
    };
    let paused = db.update_site(&cli(), &site.id, &pause).await.unwrap();
    assert!(paused.paused);
    assert!(matches!(
        db.update_site(&cli(), &site.id, &pause).await,
        Err(StoreError::Stale)
    ));
    assert!(db.list_due_sites(db.now()).await.unwrap().is_empty());
    db.delete_site(&cli(), &site.id).await.unwrap();
    assert!(matches!(
        db.delete_site(&cli(), &site.id).await,
        Err(StoreError::NotFound("site"))
    ));
    // A search that was under way brings nothing back.
    db.begin_site_search(&site.id).await.unwrap();
    assert_eq!(db.find_site(&site.id).await.unwrap(), None);
    let actions: Vec<_> = db.list_activity(PageQuery::default()).await.unwrap().items;
    let actions: Vec<_> = actions.iter().map(|a| a.action).collect();
    assert_eq!(
        actions,
        [
            ActivityAction::SiteDeleted,
            ActivityAction::SiteUpdated,
            ActivityAction::SiteCreated
        ]
    );
}

async fn sites_are_due_once_a_day(db: Db) {
    let site = db.site("https://a.example").await;
    let day = 86_400;
    assert_eq!(
        db.list_due_sites(db.now().plus_seconds(-day)).await.unwrap(),
        std::slice::from_ref(&site.id)
    );
    db.begin_site_search(&site.id).await.unwrap();
    let search = SiteSearch {
        started_at: db.now(),
        ended_at: db.now(),
        failure: Some("it does not answer".to_owned()),
        files: 0,
        bytes: 0,
        findings: Vec::new(),
        total: 0,
        not_searched: Vec::new(),
    };
    db.record_site_search(&site.id, &search).await.unwrap();
    assert_eq!(
        db.find_site(&site.id).await.unwrap().unwrap().last_search,
        Some(search)
    );
    assert!(
        db.list_due_sites(db.now().plus_seconds(-day))
            .await
            .unwrap()
            .is_empty()
    );
    db.clock.advance_seconds(day);
    assert_eq!(
        db.list_due_sites(db.now().plus_seconds(-day))
            .await
            .unwrap()
            .len(),
        1
    );
}

async fn sites_that_were_never_searched_come_first(db: Db) {
    let (one, two, three) = (
        db.site("https://a.example").await,
        db.site("https://b.example").await,
        db.site("https://c.example").await,
    );
    db.begin_site_search(&two.id).await.unwrap();
    db.clock.advance_seconds(1);
    db.begin_site_search(&one.id).await.unwrap();
    assert_eq!(
        db.list_due_sites(db.now()).await.unwrap(),
        [three.id, two.id, one.id]
    );
}

async fn digests_are_found_by_range(db: Db) {
    // Every generated secret of the suite has the last 32 bits that there are.
    let token = db.active("One").await;
    let known = db.find_digests(0xf_ffff).await.unwrap().digests;
    assert_eq!(known.len(), 1);
    assert_eq!((known[0].digest.as_str(), known[0].live), ("ffffffff", true));
    assert!(db.find_digests(0xf_fffe).await.unwrap().digests.is_empty());
    db.deactivate_token(&cli(), &token.id, None).await.unwrap();
    assert!(!db.find_digests(0xf_ffff).await.unwrap().digests[0].live);
}

/// What scanners are told by the database is what the index says.
async fn what_works_is_one_rule(db: Db) {
    let agree = async |id: &wire::TokenId, works: &[bool]| {
        let state = db.state(id);
        let by_index: Vec<_> = state.secrets.iter().map(|s| state.works(s, db.now())).collect();
        let by_database = db.find_digests(0xf_ffff).await.unwrap().digests;
        let mut by_database: Vec<_> = by_database.iter().map(|d| d.live).collect();
        // Those of one range are in no order.
        by_database.sort_by_key(|live| !live);
        assert_eq!((by_index, by_database), (works.to_vec(), works.to_vec()));
    };
    let id = db.active("One").await.id;
    agree(&id, &[true]).await;
    // A replaced one works to the end of its overlap.
    db.secret(&id, "another", 60).await;
    agree(&id, &[true, true]).await;
    db.clock.advance_seconds(59);
    agree(&id, &[true, true]).await;
    db.clock.advance_seconds(1);
    agree(&id, &[true, false]).await;
    db.deactivate_token(&cli(), &id, None).await.unwrap();
    agree(&id, &[false, false]).await;
    db.activate_token(&cli(), &id, None).await.unwrap();
    agree(&id, &[true, false]).await;
    // A token has an end of its own.
    let ends = BulkRequest {
        act: BulkAction::SetExpiry {
            expires_at: Some(db.now().plus_seconds(60)),
        },
        tokens: vec![BulkToken {
            version: db.view(&id).await.version,
            id: id.clone(),
        }],
        dry_run: false,
    };
    assert!(db.change_tokens(&cli(), &ends).await.unwrap().applied);
    db.clock.advance_seconds(59);
    agree(&id, &[true, false]).await;
    db.clock.advance_seconds(1);
    agree(&id, &[false, false]).await;
}
