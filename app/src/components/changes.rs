//! Fields and their values in words, for the activity list, for previews and for comparing two versions.
//!
//! The contract's names and values come in, the reader's words go out. No field of a form belongs here.

use leptos::prelude::*;
use wire::{ChangeView, MaybeRateLimit, PathRule, Permission, Permissions, Timestamp};

use super::chips::{kind_words, status_words};
use crate::dom::{Dom, view};
use crate::format;
use crate::model::query::{kind_of, status_of};
use crate::text::t;

/// A field's name; one that has no word is shown as the contract writes it.
pub(crate) fn field_name(name: &str) -> String {
    match name {
        "name" => t!(activity.field_name),
        "description" => t!(activity.field_description),
        "public" => t!(activity.field_public),
        "kind" => t!(activity.field_kind),
        "grants" => t!(activity.field_grants),
        "temporary_lifetime" => t!(activity.field_temporary_lifetime),
        "expires_at" => t!(activity.field_expires_at),
        "allowed_origins" => t!(activity.field_allowed_origins),
        "allowed_networks" => t!(activity.field_allowed_networks),
        "rate_limit" => t!(activity.field_rate_limit),
        "overlap" => t!(activity.field_overlap),
        "status" => t!(activity.field_status),
        "secret" => t!(activity.field_secret),
        "reason" => t!(activity.field_reason),
        "browser" => t!(activity.field_browser),
        "url" => t!(activity.field_url),
        "site" => t!(activity.field_scan),
        "report" => t!(activity.field_report),
        "network" => t!(activity.field_network),
        "subject" => t!(activity.field_subject),
        "jti" => t!(activity.field_jti),
        "kid" => t!(activity.field_kid),
        "at_once" => t!(activity.field_at_once),
        "note" => t!(token_form.note),
        "contact" => t!(token_form.contact),
        "write_reason" => t!(token_form.write_reason),
        "api_enabled" => t!(settings.api_enabled),
        "default_temporary_lifetime" => t!(settings.default_temporary_lifetime),
        "maximum_temporary_lifetime" => t!(settings.maximum_temporary_lifetime),
        "key_length" => t!(settings.key_length),
        "rotation_age_days" => t!(settings.rotation_age_days),
        "allow_endless_temporary_tokens" => t!(settings.allow_endless_temporary_tokens),
        "allow_token_in_url" => t!(settings.allow_token_in_url),
        "deactivate_exposed" => t!(settings.deactivate_exposed),
        "default_rate_limit" => t!(settings.default_rate_limit),
        "forward_preflight" => t!(settings.forward_preflight),
        "path_rules" => t!(path_rules.title),
        "watch_sites" => t!(sites.watch),
        "paused" => t!(sites.paused),
        other => {
            return other.strip_prefix("grants: ").map_or_else(
                || other.to_owned(),
                |interface| t!(activity.field_grants_on, name = interface),
            );
        }
    }
    .to_owned()
}

/// A rate limit in words.
pub(crate) fn rate_words(limit: MaybeRateLimit) -> String {
    match limit {
        MaybeRateLimit::Default => t!(token.rate_default).to_owned(),
        MaybeRateLimit::Unlimited => t!(token.rate_unlimited).to_owned(),
        MaybeRateLimit::Limited(limit) => t!(
            token.rate_own,
            requests = format::count(limit.requests.into()),
            period = format::length(limit.per_seconds.into())
        ),
    }
}

/// Permissions in words.
pub(crate) fn permission_words(permissions: Permissions) -> String {
    permissions
        .iter()
        .map(format::permission)
        .collect::<Vec<_>>()
        .join(", ")
}

/// A lifetime of temporary tokens in words, as its number in the contract.
fn lifetime_words(number: i64) -> String {
    match number {
        -1 => t!(lifetime.of_settings).to_owned(),
        0 => t!(lifetime.endless).to_owned(),
        seconds => format::length(seconds),
    }
}

/// Path rules in words, one in a line.
fn rules_words(rules: Vec<PathRule>) -> String {
    let line = |(at, rule): (usize, PathRule)| {
        let methods: Vec<_> = rule.methods.iter().map(|method| method.as_str()).collect();
        t!(
            path_rules.line,
            number = (at + 1),
            methods = methods.join(" "),
            path = rule.path,
            interface = rule.interface,
            permission = format::permission(rule.permission)
        )
    };
    rules
        .into_iter()
        .enumerate()
        .map(line)
        .collect::<Vec<_>>()
        .join("\n")
}

/// A value as the contract writes it, in words; what has no other words stays as it is.
pub(crate) fn value_words(field: &str, value: &str) -> String {
    let number = || value.parse::<i64>().ok();
    let known = match field {
        "temporary_lifetime" | "default_temporary_lifetime" | "maximum_temporary_lifetime" => {
            number().map(lifetime_words)
        }
        "overlap" => number().map(format::length),
        "rotation_age_days" => number().map(|days| format::length(days.saturating_mul(86_400))),
        "expires_at" => Timestamp::parse(value).map(format::moment),
        "default_rate_limit" if value == "null" => Some(t!(token.rate_unlimited).to_owned()),
        "rate_limit" | "default_rate_limit" => serde_json::from_str(value).ok().map(rate_words),
        "path_rules" => serde_json::from_str(value).ok().map(rules_words),
        "kind" => kind_of(value).map(|kind| kind_words(kind).to_owned()),
        "status" => status_of(value).map(|status| status_words(status).to_owned()),
        "reason" => match value {
            "used_again" => Some(t!(claim.used_again).to_owned()),
            "browser" => Some(t!(claim.browser).to_owned()),
            "wrong_network" => Some(t!(claim.wrong_network).to_owned()),
            _ => None,
        },
        _ => match value {
            "true" => Some(t!(common.yes).to_owned()),
            "false" => Some(t!(common.no).to_owned()),
            permissions if field.starts_with("grants: ") => permissions
                .split(", ")
                .map(str::parse::<Permission>)
                .collect::<Result<Permissions, ()>>()
                .ok()
                .map(permission_words),
            _ => None,
        },
    };
    known.unwrap_or_else(|| value.to_owned())
}

/// What changed, field by field.
#[component]
pub(crate) fn Changes(changes: Vec<ChangeView>) -> impl IntoView {
    Dom::of((!changes.is_empty()).then(|| {
        view! { <ul class="changes">{changes.into_iter().map(change).collect::<Vec<_>>()}</ul> }
    }))
}

fn change(change: ChangeView) -> Dom {
    let ChangeView { field, before, after } = change;
    let words = |value: String| value_words(&field, &value);
    // Which ones were stopped says what the entry is about; nothing takes its place.
    if let ("subject" | "jti", Some(which), None) = (field.as_str(), &before, &after) {
        return view! { <li>{field_name(&field)} ": " <ins>{which.clone()}</ins></li> };
    }
    view! {
        <li>
            {field_name(&field)} ": "
            {before.map(|before| view! { <del>{words(before)}</del> " → " })}
            <ins>{after.map_or_else(|| t!(activity.nothing).to_owned(), words)}</ins>
        </li>
    }
}
