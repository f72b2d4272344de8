//! Two versions of the same thing side by side, where somebody else was first: field by field, what is typed here
//! and what stands there since, and a choice for each.
//!
//! Knows nothing about the thing: the page says which fields differ and takes the choice.

use std::collections::BTreeSet;

use leptos::prelude::*;

use super::changes::field_name;
use super::field::focus_id;
use super::icon::{Icon, icon};
use crate::dom::{Dom, view};
use crate::text::t;

/// A field in which two versions differ, with both values in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    /// As the contract, or the activity list, names it.
    pub(crate) field: String,
    /// What is typed here.
    pub(crate) mine: String,
    /// What stands there since.
    pub(crate) theirs: String,
    /// Whether it was changed here; what was not is taken from there unless somebody chooses otherwise.
    pub(crate) changed_here: bool,
}

const ID: &str = "compare";

/// The two versions. Takes the focus when it appears.
#[component]
pub(crate) fn Compare(
    differences: Vec<Difference>,
    #[prop(into)] busy: Signal<bool>,
    /// Save it with these fields taken from the other version.
    #[prop(into)]
    on_choose: Callback<Vec<String>>,
) -> impl IntoView {
    let theirs: RwSignal<BTreeSet<String>> = RwSignal::new(
        differences
            .iter()
            .filter(|difference| !difference.changed_here)
            .map(|difference| difference.field.clone())
            .collect(),
    );
    let rows = differences
        .into_iter()
        .enumerate()
        .map(|(at, difference)| row(at, difference, theirs))
        .collect::<Vec<_>>();
    focus_id(ID);
    view! {
        <section class="card compare" aria-labelledby="compare-title">
            <div class="alert warn" role="alert" id=ID tabindex="-1">
                {icon(Icon::Warn)}
                <div>
                    <p><strong id="compare-title">{t!(compare.title)}</strong></p>
                    <p>{t!(compare.text)}</p>
                </div>
            </div>
            <table class="list cards">
                <caption class="sr">{t!(compare.caption)}</caption>
                <thead>
                    <tr>
                        <th scope="col">{t!(compare.field)}</th>
                        <th scope="col">{t!(compare.mine)}</th>
                        <th scope="col">{t!(compare.theirs)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            <div class="pad">
                <div class="row">
                    <button
                        type="button"
                        class="btn first"
                        aria-busy=move || busy.get().to_string()
                        on:click=move |_| {
                            if !busy.get_untracked() {
                                on_choose.run(theirs.get_untracked().into_iter().collect());
                            }
                        }
                    >
                        {t!(compare.save)}
                    </button>
                </div>
            </div>
        </section>
    }
}

fn row(at: usize, difference: Difference, theirs: RwSignal<BTreeSet<String>>) -> Dom {
    let Difference {
        field,
        mine,
        theirs: there,
        ..
    } = difference;
    let name = field_name(&field);
    let choice = |take: bool, column: &'static str, value: String| {
        let (field, chosen) = (field.clone(), field.clone());
        let value = if value.is_empty() {
            t!(activity.nothing).to_owned()
        } else {
            value
        };
        view! {
            <td data-label=column>
                <label class="choice">
                    <input
                        type="radio"
                        name=format!("compare-{at}")
                        aria-label=t!(compare.choice, field = name, version = column, value = value)
                        prop:checked=move || theirs.with(|theirs| theirs.contains(&chosen)) == take
                        on:change=move |_| {
                            theirs
                                .update(|theirs| {
                                    if take {
                                        theirs.insert(field.clone());
                                    } else {
                                        theirs.remove(&field);
                                    }
                                });
                        }
                    />
                    <span class="lines">{value}</span>
                </label>
            </td>
        }
    };
    view! {
        <tr>
            <th scope="row">{name.clone()}</th>
            {choice(false, t!(compare.mine), mine)}
            {choice(true, t!(compare.theirs), there)}
        </tr>
    }
}
