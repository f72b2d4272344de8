//! Dates, numbers and durations in the reader's language, through the browser's `Intl`.
//!
//! Which unit says enough is decided in `model::span`; here are only the words. Nothing else of the browser
//! belongs here.

use js_sys::{Array, Date, Intl, JsString, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wire::{Language, Permission, TemporaryLifetime, Timestamp};

use crate::model::span::{age as age_of, distance, parts};
use crate::text::{language, t};

/// The language that numbers and dates are written in: the reader's own regional variant of the page's, since that
/// knows the order of day and month.
fn languages() -> Array {
    let tag = language().tag();
    let own = leptos::prelude::window()
        .navigator()
        .languages()
        .iter()
        .filter_map(|own| own.as_string())
        .find(|own| own.split('-').next() == Some(tag));
    Array::of1(&JsValue::from(own.unwrap_or_else(|| {
        match language() {
            // The tag alone would mean the American order.
            Language::English => "en-GB",
            Language::Bokmal | Language::German => tag,
        }
        .to_owned()
    })))
}

fn options(pairs: &[(&str, &str)]) -> Object {
    let options = Object::new();
    for (name, value) in pairs {
        // Setting a field of a fresh plain object cannot fail.
        let _ = Reflect::set(&options, &JsValue::from_str(name), &JsValue::from_str(value));
    }
    options
}

/// Calls a formatter's `format`, which is a bound function in every browser.
fn call(formatter: &JsValue, value: &JsValue) -> String {
    Reflect::get(formatter, &JsValue::from_str("format"))
        .ok()
        .and_then(|format| format.dyn_into::<js_sys::Function>().ok())
        .and_then(|format| format.call1(formatter, value).ok())
        .and_then(|text| text.as_string())
        .unwrap_or_default()
}

/// Now, by the reader's clock.
pub(crate) fn now() -> Timestamp {
    millis(Date::now())
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "milliseconds of a date are whole and far below the limit"
)]
fn millis(number: f64) -> Timestamp {
    Timestamp::from_millis(number as i64)
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds up to the year 9999 fit")]
fn js_date(at: Timestamp) -> Date {
    Date::new(&JsValue::from_f64(at.millis() as f64))
}

fn date_with(at: Timestamp, pairs: &[(&str, &str)]) -> String {
    let formatter = Intl::DateTimeFormat::new(&languages(), &options(pairs));
    call(&formatter, &js_date(at))
}

/// A day: "3 Mar 2026".
pub(crate) fn day(at: Timestamp) -> String {
    date_with(at, &[("dateStyle", "medium")])
}

/// A moment to the minute: "3 Mar 2026, 14:05".
pub(crate) fn moment(at: Timestamp) -> String {
    date_with(at, &[("dateStyle", "medium"), ("timeStyle", "short")])
}

/// A moment to the second, for hovering over "2 minutes ago".
pub(crate) fn exact(at: Timestamp) -> String {
    date_with(at, &[("dateStyle", "full"), ("timeStyle", "long")])
}

/// How far away a moment is: "2 minutes ago", "yesterday", "in 3 days".
#[expect(
    clippy::cast_precision_loss,
    reason = "a distance in its own unit is a small number"
)]
pub(crate) fn relative(at: Timestamp) -> String {
    let (number, unit) = distance(now().millis(), at.millis());
    let formatter = Intl::RelativeTimeFormat::new(&languages(), &options(&[("numeric", "auto")]));
    String::from(formatter.format(number as f64, unit.name()))
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below the limit")]
fn number_with(number: i64, pairs: &[(&str, &str)]) -> String {
    let formatter = Intl::NumberFormat::new(&languages(), &options(pairs));
    call(&formatter, &JsValue::from_f64(number as f64))
}

/// A count: "18,204".
pub(crate) fn count(number: u64) -> String {
    number_with(i64::try_from(number).unwrap_or(i64::MAX), &[])
}

/// A length of time: "1 hour 30 minutes".
pub(crate) fn length(seconds: i64) -> String {
    parts(seconds)
        .into_iter()
        .map(|(number, unit)| with_unit(number, unit.name()))
        .collect::<Vec<_>>()
        .join(" ")
}

fn with_unit(number: i64, unit: &str) -> String {
    number_with(
        number,
        &[("style", "unit"), ("unit", unit), ("unitDisplay", "long")],
    )
}

/// How old something is: "14 months"; nothing before it is a day old.
pub(crate) fn age(since: Timestamp) -> Option<String> {
    let (number, unit) = age_of((now().millis() - since.millis()) / 1000);
    (number > 0).then(|| with_unit(number, unit.name()))
}

/// How long temporary tokens live: "15 minutes", "default (15 minutes)", "no end".
pub(crate) fn lifetime(lifetime: TemporaryLifetime, default_seconds: i64) -> String {
    match lifetime {
        TemporaryLifetime::Default => t!(lifetime.default, words = length(default_seconds)),
        TemporaryLifetime::Endless => t!(lifetime.endless).to_owned(),
        TemporaryLifetime::Seconds(seconds) => length(seconds),
    }
}

/// The reader's word for a permission.
pub(crate) fn permission(permission: Permission) -> &'static str {
    match permission {
        Permission::Read => t!(permissions.read),
        Permission::Download => t!(permissions.download),
        Permission::Upload => t!(permissions.upload),
        Permission::Edit => t!(permissions.edit),
        Permission::Delete => t!(permissions.delete),
        Permission::Introspect => t!(permissions.introspect),
    }
}

/// Reads what a `datetime-local` field holds: a moment in the reader's own time zone.
pub(crate) fn from_local(text: &str) -> Option<Timestamp> {
    let number = Date::new(&JsString::from(text)).get_time();
    number.is_finite().then(|| millis(number))
}

/// Writes a moment as a `datetime-local` field wants it.
pub(crate) fn to_local(at: Timestamp) -> String {
    let date = js_date(at);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}",
        date.get_full_year(),
        date.get_month() + 1,
        date.get_date(),
        date.get_hours(),
        date.get_minutes()
    )
}

/// A number: "31,536,000".
pub(crate) fn number(number: i64) -> String {
    number_with(number, &[])
}
