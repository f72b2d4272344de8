//! Every word that a reader sees, from the catalogue in `locales/`, in the reader's language.
//!
//! Owns the choice of the language and the `t!` macro. No text may stand in a view; no number or date is
//! formatted here (`format`).

use std::sync::atomic::{AtomicUsize, Ordering};

use leptos::prelude::window;
use leptos_i18n::Locale as _;

use crate::i18n::Locale;

static CHOSEN: AtomicUsize = AtomicUsize::new(0);

/// The language that texts are in. It is chosen once, before the first view.
pub(crate) fn locale() -> Locale {
    let all = Locale::get_all();
    all.get(CHOSEN.load(Ordering::Relaxed))
        .copied()
        .unwrap_or_default()
}

/// Chooses the first language of the reader that there is a catalogue for.
pub(crate) fn choose_locale() {
    let wanted = window().navigator().languages();
    let wanted: Vec<String> = wanted
        .iter()
        .filter_map(|language| language.as_string())
        .collect();
    let all: Vec<&str> = Locale::get_all().iter().map(|locale| locale.as_str()).collect();
    CHOSEN.store(best(&wanted, &all), Ordering::Relaxed);
}

/// The place of the first wanted language among those that there are, or 0, the default.
fn best(wanted: &[String], all: &[&str]) -> usize {
    let language = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
    wanted
        .iter()
        .find_map(|wanted| {
            let exact = all.iter().position(|there| there.eq_ignore_ascii_case(wanted));
            exact.or_else(|| all.iter().position(|there| language(there) == language(wanted)))
        })
        .unwrap_or(0)
}

/// A text of the catalogue: `t!(tokens.title)` is a `&'static str`, `t!(common.actions_for, name = token.name)` a
/// `String` in which `{name}` is filled. A key that does not exist does not compile; a test compares the holes of
/// all languages. (The catalogue's own interpolation makes a type for every text, which costs size for nothing.)
macro_rules! t {
    ($($key:ident).+) => { ::leptos_i18n::td_string!($crate::text::locale(), $($key).+) };
    ($($key:ident).+, $($name:ident = $value:expr),+) => {
        $crate::text::fill(
            ::leptos_i18n::td_string!($crate::text::locale(), $($key).+),
            &[$((stringify!($name), &$value as &dyn ::std::fmt::Display)),+],
        )
    };
}
pub(crate) use t;

/// Fills holes, each once and from left to right, so that a value can hold braces of its own.
pub(crate) fn fill(text: &str, holes: &[(&str, &dyn std::fmt::Display)]) -> String {
    let mut filled = String::with_capacity(text.len() + 24);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            rest = after;
            break;
        };
        if let Some((_, value)) = holes.iter().find(|(hole, _)| *hole == name) {
            filled.push_str(&value.to_string());
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

/// Where a text is given with a hole, this stands in the hole; [`around`] finds it again.
pub(crate) const HOLE: &str = "\u{FFFC}";

/// What stands before and after the hole, so that a link can be put there in any language.
pub(crate) fn around(text: &str) -> (String, String) {
    let (before, after) = text.split_once(HOLE).unwrap_or((text, ""));
    (before.to_owned(), after.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_language_that_there_is_wins() {
        let wanted = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>();
        assert_eq!(best(&wanted(&["fr", "nb-NO", "en"]), &["en", "nb"]), 1);
        assert_eq!(best(&wanted(&["pt-BR"]), &["en", "pt", "pt-BR"]), 2);
        assert_eq!(best(&wanted(&["fr"]), &["en", "nb"]), 0);
        assert_eq!(best(&[], &["en"]), 0);
    }

    #[test]
    fn holes_are_filled_once() {
        assert_eq!(fill("{a} and {b}", &[("a", &"{b}"), ("b", &2)]), "{b} and 2");
        assert_eq!(fill("no hole", &[]), "no hole");
    }

    /// Every catalogue, flattened: the path of a text and its holes.
    fn holes(catalogue: &serde_json::Value, path: &str, into: &mut Vec<(String, Vec<String>)>) {
        match catalogue {
            serde_json::Value::Object(texts) => {
                for (name, text) in texts {
                    holes(text, &format!("{path}.{name}"), into);
                }
            }
            text => {
                let text = text.as_str().unwrap();
                let mut found: Vec<_> = text
                    .split('{')
                    .skip(1)
                    .map(|rest| rest.split_once('}').unwrap().0.to_owned())
                    .collect();
                found.sort();
                into.push((path.to_owned(), found));
            }
        }
    }

    #[test]
    fn every_language_has_the_same_holes() {
        let read = |language: &str| {
            let path = format!("{}/locales/{language}.json", env!("CARGO_MANIFEST_DIR"));
            let mut found = Vec::new();
            holes(
                &serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap(),
                "",
                &mut found,
            );
            found.sort();
            found
        };
        let english = read("en");
        for locale in Locale::get_all() {
            assert_eq!(read(locale.as_str()), english, "{}", locale.as_str());
        }
    }

    #[test]
    fn a_hole_can_stand_anywhere() {
        let text = t!(activity.token_deleted, who = "Ingrid", what = HOLE);
        assert_eq!(around(&text).0, "Ingrid deleted the token ");
        assert_eq!(around("no hole"), ("no hole".to_owned(), String::new()));
    }
}
