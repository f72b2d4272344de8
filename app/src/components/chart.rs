//! Days as bars: one path for what was allowed, one for what was refused, and the same figures as a table for
//! those who cannot see it or want to know exactly.

use leptos::prelude::*;
use std::fmt::Write as _;
use wire::UsageDay;

use super::time::Day;
use crate::dom::view;
use crate::format;
use crate::text::t;

/// Width of a day and height of the whole, in the drawing's own units.
const STEP: u64 = 10;
const HEIGHT: u64 = 80;

/// Bars from `from` to `to`, in parts of `most`, as one path. What is not nothing can be seen.
fn bars(days: &[UsageDay], most: u64, span: impl Fn(&UsageDay) -> (u64, u64)) -> String {
    let up = |count: u64| count.saturating_mul(HEIGHT).div_ceil(most.max(1)).min(HEIGHT);
    let mut path = String::new();
    for (at, day) in (0_u64..).zip(days) {
        let (from, to) = span(day);
        if to > from {
            let (low, high) = (up(from), up(to).max(up(from) + 1));
            // Writing to a String cannot fail.
            let _ = write!(
                path,
                "M{} {}v-{}h{}v{}z",
                at * STEP + 1,
                HEIGHT + 1 - low,
                high - low,
                STEP - 2,
                high - low
            );
        }
    }
    path
}

/// The chart.
#[component]
pub(crate) fn Chart(days: Vec<UsageDay>) -> impl IntoView {
    let most = days
        .iter()
        .map(|day| day.allowed + day.refused)
        .max()
        .unwrap_or_default();
    let width = STEP * days.len() as u64;
    let allowed = bars(&days, most, |day| (0, day.allowed));
    let refused = bars(&days, most, |day| (day.allowed, day.allowed + day.refused));
    let ends = days
        .first()
        .zip(days.last())
        .map(|(first, last)| (first.day, last.day));
    let rows = days
        .into_iter()
        .rev()
        .filter(|day| day.allowed + day.refused + day.minted > 0)
        .map(|day| {
            view! {
                <tr>
                    <th scope="row"><Day at=day.day /></th>
                    <td>{format::count(day.allowed)}</td>
                    <td>{format::count(day.refused)}</td>
                    <td>{format::count(day.minted)}</td>
                </tr>
            }
        })
        .collect::<Vec<_>>();
    view! {
        <div class="chart" aria-hidden="true">
            <span class="most">{format::count(most)}</span>
            <svg viewBox=format!("0 0 {width} {}", HEIGHT + 1) preserveAspectRatio="none">
                <path class="allowed" d=allowed></path>
                <path class="refused" d=refused></path>
            </svg>
            {ends
                .map(|(first, last)| {
                    view! {
                        <p class="ends"><span>{format::day(first)}</span><span>{format::day(last)}</span></p>
                    }
                })}
        </div>
        <details class="figures-of">
            <summary>{t!(usage.as_table)}</summary>
            <table class="list small">
                <caption class="sr">{t!(usage.caption)}</caption>
                <thead>
                    <tr>
                        <th scope="col">{t!(usage.day)}</th>
                        <th scope="col">{t!(usage.allowed)}</th>
                        <th scope="col">{t!(usage.refused)}</th>
                        <th scope="col">{t!(usage.minted)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </details>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::Timestamp;

    #[test]
    fn little_is_seen_and_nothing_is_not() {
        let day = |allowed, refused| UsageDay {
            day: Timestamp::from_millis(0),
            allowed,
            refused,
            minted: 0,
        };
        let days = [day(100_000, 0), day(0, 0), day(1, 1)];
        let most = 100_000;
        assert_eq!(
            bars(&days, most, |day| (0, day.allowed)),
            "M1 81v-80h8v80zM21 81v-1h8v1z"
        );
        assert_eq!(
            bars(&days, most, |day| (day.allowed, day.allowed + day.refused)),
            "M21 80v-1h8v1z"
        );
    }
}
