//! Settings.

use wire::{Door, PatchSettingsRequest, PathRule, SettingsEffects};

use super::*;
use crate::domain::exposure::ExposureCount;
use crate::domain::settings::Settings;

suite!(
    the_defaults_need_no_rows,
    a_change_is_kept_and_published,
    a_stale_version_is_refused,
    broken_rules_are_refused,
    settings_rule_tokens,
    a_limit_can_be_taken_away,
    a_preview_counts_and_changes_nothing,
    a_preview_counts_who_has_what_rules_ask_for,
    a_preview_is_checked_like_a_change,
);

async fn the_defaults_need_no_rows(db: Db) {
    db.load().await.unwrap();
    assert_eq!(**db.index().settings(), Settings::default());
}

async fn a_change_is_kept_and_published(db: Db) {
    let change = PatchSettingsRequest {
        api_enabled: Some(false),
        key_length: Some(64),
        default_rate_limit: Some(limit(100, 60)),
        ..Default::default()
    };
    let after = db.update_settings(&cli(), &change).await.unwrap();
    let expected = Settings {
        api_enabled: false,
        key_length: 64,
        default_rate_limit: RateLimit::new(100, 60),
        version: 1,
        ..Settings::default()
    };
    assert_eq!(after, expected);
    assert_eq!(**db.index().settings(), expected);
    let other = db.another().await;
    other.load().await.unwrap();
    assert_eq!(**other.index().settings(), expected);
    let entry = db
        .list_activity(PageQuery::default())
        .await
        .unwrap()
        .items
        .remove(0);
    let mut fields: Vec<_> = entry
        .changes
        .iter()
        .map(|c| (c.field.as_str(), c.before.as_deref(), c.after.as_deref()))
        .collect();
    fields.sort_unstable();
    assert_eq!(
        fields,
        [
            ("api_enabled", Some("true"), Some("false")),
            (
                "default_rate_limit",
                Some("null"),
                Some(r#"{"per_seconds":60,"requests":100}"#)
            ),
            ("key_length", Some("40"), Some("64")),
        ]
    );
}

async fn a_stale_version_is_refused(db: Db) {
    let change = PatchSettingsRequest {
        key_length: Some(64),
        ..Default::default()
    };
    db.update_settings(&cli(), &change).await.unwrap();
    refused!(db, db.update_settings(&cli(), &change), StoreError::Stale);
}

async fn broken_rules_are_refused(db: Db) {
    let change = PatchSettingsRequest {
        key_length: Some(31),
        maximum_temporary_lifetime: Some(600),
        ..Default::default()
    };
    let refusal = db.refusal(db.update_settings(&cli(), &change)).await;
    let out_of_range = FieldErrorCode::OutOfRange;
    assert_eq!(
        rules(&refusal),
        [
            ("default_temporary_lifetime", out_of_range),
            ("key_length", out_of_range)
        ]
    );
}

async fn settings_rule_tokens(db: Db) {
    let change = PatchSettingsRequest {
        allow_endless_temporary_tokens: Some(true),
        maximum_temporary_lifetime: Some(3600),
        ..Default::default()
    };
    db.update_settings(&cli(), &change).await.unwrap();
    let lasting = |number| CreateTokenRequest {
        temporary_lifetime: wire::TemporaryLifetime::from_number(number).unwrap(),
        ..token("WordPress")
    };
    let refusal = db.refusal(db.create_token(&cli(), &lasting(3601))).await;
    assert_eq!(
        rules(&refusal),
        [("temporary_lifetime", FieldErrorCode::OutOfRange)]
    );
    db.create_token(&cli(), &lasting(0)).await.unwrap();
}

async fn a_limit_can_be_taken_away(db: Db) {
    let change = |version, limit| PatchSettingsRequest {
        version,
        default_rate_limit: Some(limit),
        ..Default::default()
    };
    db.update_settings(&cli(), &change(0, limit(100, 60)))
        .await
        .unwrap();
    let after = db
        .update_settings(&cli(), &change(1, MaybeRateLimit::Unlimited))
        .await
        .unwrap();
    assert_eq!((after.default_rate_limit, after.version), (None, 2));
}

async fn a_preview_counts_and_changes_nothing(db: Db) {
    let lasting = |name, number, rate_limit| CreateTokenRequest {
        temporary_lifetime: wire::TemporaryLifetime::from_number(number).unwrap(),
        rate_limit,
        ..token(name)
    };
    let allow = PatchSettingsRequest {
        allow_endless_temporary_tokens: Some(true),
        ..Default::default()
    };
    db.update_settings(&cli(), &allow).await.unwrap();
    let default = MaybeRateLimit::Default;
    for (name, lifetime, rate_limit) in [
        ("usual", -1, default),
        ("brief", 60, MaybeRateLimit::Unlimited),
        ("long", 3600, limit(1, 1)),
        ("endless", 0, default),
        ("waiting", -1, default),
        ("off", -1, default),
        ("over", -1, default),
    ] {
        let request = CreateTokenRequest {
            expires_at: (name == "over").then(|| db.after(100)),
            ..lasting(name, lifetime, rate_limit)
        };
        let made = db.create_token(&cli(), &request).await.unwrap();
        if name != "waiting" {
            db.secret(&made.id, name, 0).await;
        }
        if name == "off" {
            db.deactivate_token(&cli(), &made.id, None).await.unwrap();
        }
    }
    db.deleted("gone").await;
    db.clock.advance_seconds(30 * 86_400);
    let young = db.active("young").await;
    let exposure = ExposureCount {
        token: young.id.clone(),
        token_name: young.name.clone(),
        secret: young.secrets[0].id.clone(),
        door: Door::Url,
        origin: String::new(),
        page: String::new(),
        place: String::new(),
        address: None,
        first_seen_at: db.now(),
        last_seen_at: db.now(),
        count: 1,
    };
    db.record_exposures(&[exposure]).await.unwrap();
    let every = PatchSettingsRequest {
        version: 1,
        api_enabled: Some(false),
        default_temporary_lifetime: Some(600),
        maximum_temporary_lifetime: Some(1800),
        rotation_age_days: Some(29),
        allow_endless_temporary_tokens: Some(false),
        allow_token_in_url: Some(true),
        default_rate_limit: Some(limit(5, 5)),
        ..Default::default()
    };
    let before = db.everything().await;
    let effects = db.preview_settings(&every).await.unwrap();
    assert_eq!(
        effects,
        SettingsEffects {
            // usual, brief, long, endless and young: not waiting, off or over.
            api_enabled: 5,
            default_temporary_lifetime: 5,
            maximum_temporary_lifetime: 1,
            rotation_age_days: 4,
            allow_endless_temporary_tokens: 1,
            allow_token_in_url: 1,
            default_rate_limit: 6,
            path_rules: 0,
        }
    );
    let same = PatchSettingsRequest {
        version: 1,
        api_enabled: Some(true),
        maximum_temporary_lifetime: Some(86_400),
        ..Default::default()
    };
    assert_eq!(
        db.preview_settings(&same).await.unwrap(),
        SettingsEffects::default()
    );
    assert_eq!(db.everything().await, before);
}

async fn a_preview_counts_who_has_what_rules_ask_for(db: Db) {
    for name in ["Press", "Films"] {
        db.interface(name).await;
    }
    let holding = async |name, interface, permissions: &[Permission]| {
        let request = CreateTokenRequest {
            grants: vec![grant(interface, permissions)],
            ..token(name)
        };
        db.create_token(&cli(), &request).await.unwrap()
    };
    holding("both", "Press", &[Permission::Read, Permission::Upload]).await;
    holding("reader", "Press", &[Permission::Read]).await;
    holding("elsewhere", "Films", &[Permission::Read]).await;
    let gone = holding("gone", "Press", &[Permission::Upload]).await;
    db.deactivate_token(&cli(), &gone.id, None).await.unwrap();
    db.delete_token(&cli(), &gone.id, None).await.unwrap();
    let rule = |path: &str, interface: &str, permission| PathRule {
        path: wire::PathPattern::parse(path).unwrap(),
        methods: Vec::new(),
        interface: wire::InterfaceName::parse(interface).unwrap(),
        permission,
    };
    let read = rule("/press/*", "Press", Permission::Read);
    let upload = rule("/press/new/*", "press", Permission::Upload);
    let films = rule("/films/*", "Films", Permission::Read);
    let affects = async |version, rules: &[&PathRule]| {
        let patch = PatchSettingsRequest {
            version,
            path_rules: Some(rules.iter().copied().cloned().collect()),
            ..Default::default()
        };
        db.preview_settings(&patch).await.unwrap().path_rules
    };
    assert_eq!(affects(0, &[]).await, 0);
    assert_eq!(affects(0, &[&upload]).await, 1);
    assert_eq!(affects(0, &[&upload, &read]).await, 2, "each token once");
    let change = PatchSettingsRequest {
        path_rules: Some(vec![upload.clone(), read.clone()]),
        ..Default::default()
    };
    db.update_settings(&cli(), &change).await.unwrap();
    assert_eq!(affects(1, &[&upload, &read]).await, 0, "as it is");
    assert_eq!(affects(1, &[&upload, &read, &films]).await, 1);
    assert_eq!(affects(1, &[&read]).await, 1, "who may upload");
    assert_eq!(affects(1, &[&read, &upload]).await, 2, "the order tells");
}

async fn a_preview_is_checked_like_a_change(db: Db) {
    let broken = PatchSettingsRequest {
        rotation_age_days: Some(0),
        ..Default::default()
    };
    let refusal = db.refusal(db.preview_settings(&broken)).await;
    assert_eq!(
        rules(&refusal),
        [("rotation_age_days", FieldErrorCode::OutOfRange)]
    );
    let stale = PatchSettingsRequest {
        version: 1,
        ..Default::default()
    };
    refused!(db, db.preview_settings(&stale), StoreError::Stale);
}
