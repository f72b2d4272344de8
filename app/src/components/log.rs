//! Entries of the activity list as sentences. Where an entry names a token that still has a page, the name leads
//! there.

use leptos::prelude::*;
use wire::{ActivityAction, ActivityView, ActorView};

use super::changes::Changes;
use super::time::Moment;
use crate::dom::{Dom, view};
use crate::text::{HOLE, around as around_hole, t};

fn who(actor: &ActorView) -> String {
    match (actor.kind.as_str(), &actor.name) {
        ("token", Some(name)) => t!(activity.token_actor, name = name),
        ("command_line", _) => t!(activity.command_line).to_owned(),
        ("system", _) => t!(activity.system).to_owned(),
        (_, Some(name)) => name.clone(),
        (_, None) => t!(activity.somebody).to_owned(),
    }
}

fn sentence(entry: &ActivityView) -> String {
    use ActivityAction as A;
    let (who, what) = (&who(&entry.actor), HOLE);
    let about = |field: &str| entry.changes.iter().any(|change| change.field == field);
    match entry.action {
        A::UserCreated => t!(activity.user_created, who = who, what = what),
        A::SessionCreated => t!(activity.session_created, who = who),
        A::SessionEnded => t!(activity.session_ended, who = who),
        A::InterfaceCreated => t!(activity.interface_created, who = who, what = what),
        A::InterfaceUpdated => t!(activity.interface_updated, who = who, what = what),
        A::InterfaceDeleted => t!(activity.interface_deleted, who = who, what = what),
        A::TokenCreated => t!(activity.token_created, who = who, what = what),
        A::TokenUpdated => t!(activity.token_updated, who = who, what = what),
        A::TokenDeactivated => t!(activity.token_deactivated, who = who, what = what),
        A::TokenActivated => t!(activity.token_activated, who = who, what = what),
        A::TokenDeleted => t!(activity.token_deleted, who = who, what = what),
        A::TokenTemporaryStopped if about("jti") => t!(activity.token_one_stopped, who = who, what = what),
        A::TokenTemporaryStopped if about("subject") => {
            t!(activity.token_subject_stopped, who = who, what = what)
        }
        A::TokenTemporaryStopped => t!(activity.token_temporary_stopped, who = who, what = what),
        A::TokenRevoked => t!(activity.token_revoked, who = who, what = what),
        A::HandoverStarted => t!(activity.handover_started, who = who, what = what),
        A::SecretGenerated => t!(activity.secret_generated, who = who, what = what),
        A::SecretImported => t!(activity.secret_imported, who = who, what = what),
        A::SecretImportedByDigest => t!(activity.secret_imported_by_digest, who = who, what = what),
        A::ClaimIssued => t!(activity.claim_issued, who = who, what = what),
        A::SecretClaimed => t!(activity.secret_claimed, who = who, what = what),
        A::ClaimCancelled => t!(activity.claim_cancelled, who = who, what = what),
        A::SecretEnded => t!(activity.secret_ended, who = who, what = what),
        A::TokensExported => t!(activity.tokens_exported, who = who),
        A::ExposureRecorded => t!(activity.exposure_recorded, what = what),
        A::LeakReported => t!(activity.leak_reported, what = what),
        A::SiteLeakFound => t!(activity.site_leak_found, what = what),
        A::ClaimRefused => t!(activity.claim_refused, what = what),
        A::ExposuresDealtWith => t!(activity.exposures_dealt_with, who = who, what = what),
        A::ExposuresReopened => t!(activity.exposures_reopened, who = who, what = what),
        A::SiteCreated => t!(activity.site_created, who = who, what = what),
        A::SiteUpdated => t!(activity.site_updated, who = who, what = what),
        A::SiteDeleted => t!(activity.site_deleted, who = who, what = what),
        A::SettingsUpdated => t!(activity.settings_updated, who = who),
        A::SigningKeyRotated => t!(activity.signing_key_rotated, who = who),
    }
}

/// The list.
#[component]
pub(crate) fn Log(entries: Vec<ActivityView>) -> impl IntoView {
    view! { <ol class="log">{entries.into_iter().map(entry).collect::<Vec<_>>()}</ol> }
}

fn entry(entry: ActivityView) -> Dom {
    let (at, address, changes) = (entry.at, entry.address.clone(), entry.changes.clone());
    view! {
        <li>
            <Moment at />
            <div>
                <p>
                    {told(entry)}
                    {address
                        .map(|address| {
                            view! { " " <span class="from">{t!(activity.from, address = address)}</span> }
                        })}
                </p>
                <Changes changes />
            </div>
        </li>
    }
}

/// An entry as a sentence.
pub(crate) fn told(entry: ActivityView) -> Dom {
    let (before, after) = around_hole(&sentence(&entry));
    let name = entry.subject.name.unwrap_or_default();
    let name = (!name.is_empty()).then(|| t!(common.quoted, name = name));
    let gone = entry.action == ActivityAction::TokenDeleted;
    let link = (entry.subject.kind == "token" && !gone)
        .then_some(entry.subject.id)
        .flatten();
    let named = match link {
        Some(id) => name.map(|name| view! { <a href=format!("/tokens/{id}")>{name}</a> }.into_any()),
        None => name.map(|name| view! { <strong>{name}</strong> }.into_any()),
    };
    // A sentence without a hole says all that there is.
    let named = (!after.is_empty() || before.ends_with(' '))
        .then_some(named)
        .flatten();
    view! {
        {before}
        {named}
        {after}
    }
}
