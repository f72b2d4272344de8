//! Settings.

use wire::PatchSettingsRequest;

use super::*;
use crate::domain::settings::Settings;

suite!(
    the_defaults_need_no_rows,
    a_change_is_kept_and_published,
    a_stale_version_is_refused,
    broken_rules_are_refused,
    settings_rule_tokens,
    a_limit_can_be_taken_away,
);

async fn the_defaults_need_no_rows(db: Db) {
    db.load().await.unwrap();
    assert_eq!(*db.index().settings(), Settings::default());
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
    assert_eq!(*db.index().settings(), expected);
    let other = db.another().await;
    other.load().await.unwrap();
    assert_eq!(*other.index().settings(), expected);
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
