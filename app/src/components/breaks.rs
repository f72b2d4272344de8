//! What a token was used for of late: what may break when it stops working.

use leptos::prelude::*;
use wire::{SourceKind, UsageView};

use crate::dom::{Dom, view};
use crate::format;
use crate::text::t;

/// Addresses or origins that are named; the rest is counted.
const NAMED: usize = 4;

/// What came of asking: nothing yet, the usage, or why it is not known.
pub(crate) type Used = Option<Result<UsageView, String>>;

/// The last 30 days in a few lines.
#[component]
pub(crate) fn Breaks(used: Signal<Used>) -> impl IntoView {
    let shown = move || match used.get() {
        None => view! { <p class="hint">{t!(breaks.loading)}</p> },
        Some(Err(why)) => view! { <p>{t!(breaks.unknown, why = why)}</p> },
        Some(Ok(usage)) => lines(&usage),
    };
    view! { <div class="breaks" aria-live="polite">{shown}</div> }
}

fn lines(usage: &UsageView) -> Dom {
    let last = usage.last_used_at.map(format::relative);
    let summary = match (usage.allowed, last) {
        (0, None) => t!(breaks.never).to_owned(),
        (0, Some(when)) => t!(breaks.not_lately, when = when),
        (count, when) => t!(
            breaks.used,
            count = format::count(count),
            when = when.unwrap_or_else(|| t!(common.never).to_owned())
        ),
    };
    let sources = |kind: SourceKind, label: &'static str| {
        let all: Vec<&str> = usage
            .sources
            .iter()
            .filter(|source| source.kind == kind)
            .map(|source| source.value.as_str())
            .collect();
        let more = all.len().saturating_sub(NAMED);
        (!all.is_empty()).then(|| {
            let named = all
                .iter()
                .take(NAMED)
                .map(|value| view! { <code>{*value}</code> " " });
            view! {
                <dt>{label}</dt>
                <dd>
                    {named.collect::<Vec<_>>()}
                    {(more > 0).then(|| t!(common.more, count = format::count(more as u64)))}
                </dd>
            }
        })
    };
    let idle = usage.allowed == 0;
    view! {
        <p><strong class:warn=!idle>{summary}</strong></p>
        {(!usage.sources.is_empty())
            .then(|| {
                view! {
                    <dl class="facts">
                        {sources(SourceKind::Address, t!(breaks.addresses))}
                        {sources(SourceKind::Origin, t!(breaks.origins))}
                    </dl>
                }
            })}
    }
}
