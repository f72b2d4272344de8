//! Every word that a reader sees, from the catalogue in `locales/`, in the reader's language.
//!
//! Owns the texts that came with the page and the `t!` macro (crate `markup`). The server chooses the language: it
//! is that of the page around the app, and another one means another page. No text may stand in a view; no number
//! or date is formatted here (`format`).

use std::fmt::Display;
use std::sync::OnceLock;

use wire::Language;

pub(crate) use markup::t;

static TEXTS: OnceLock<Vec<&'static str>> = OnceLock::new();
/// Those that only later parts of the app show.
static LATER: OnceLock<Vec<&'static str>> = OnceLock::new();

/// Takes the texts of the page's language, as the bundle tool wrote them: their order, then one in each line. Once,
/// before the first view. Says whether they are those of this build; others would stand in the wrong places.
pub(crate) fn install(lines: String) -> bool {
    keep(&TEXTS, lines)
}

/// Takes the texts of the later parts, before the first of them is shown. Twice does no harm.
pub(crate) fn install_later(lines: String) -> bool {
    has_later() || keep(&LATER, lines)
}

/// Whether the texts of the later parts are there.
pub(crate) fn has_later() -> bool {
    LATER.get().is_some()
}

fn keep(place: &OnceLock<Vec<&'static str>>, lines: String) -> bool {
    // They are read for as long as the page is there.
    let mut lines = lines.leak().split('\n');
    lines.next() == Some(markup::order_of_texts!()) && place.set(lines.collect()).is_ok()
}

/// The text at a place. For `t!`, which knows the places.
pub(crate) fn text(place: usize) -> &'static str {
    #[cfg(test)]
    for (texts, later) in [(&TEXTS, false), (&LATER, true)] {
        texts.get_or_init(|| {
            let lines = catalogue::ORIGIN.read().unwrap().lines(later);
            lines.leak().split('\n').skip(1).collect()
        });
    }
    let first = TEXTS.get().map_or(&[][..], Vec::as_slice);
    let later = LATER.get().map_or(&[][..], Vec::as_slice);
    first
        .get(place)
        .or_else(|| later.get(place.wrapping_sub(first.len())))
        .copied()
        .unwrap_or_default()
}

/// The language that the page is in.
pub(crate) fn language() -> Language {
    static PAGE: OnceLock<Language> = OnceLock::new();
    *PAGE.get_or_init(|| {
        let tag = leptos::prelude::document()
            .document_element()
            .and_then(|root| root.get_attribute("lang"));
        Language::ALL
            .into_iter()
            .find(|language| tag.as_deref() == Some(language.tag()))
            .unwrap_or(Language::English)
    })
}

/// A language by its own name, the same in every language.
pub(crate) const fn own_name(language: Language) -> &'static str {
    match language {
        Language::English => "English",
        Language::Bokmal => "Norsk bokmål",
        Language::German => "Deutsch",
    }
}

/// Fills holes, each once and from left to right, so that a value can hold braces of its own.
pub(crate) fn fill(text: &str, holes: &[(&str, &dyn Display)]) -> String {
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
    fn holes_are_filled_once() {
        assert_eq!(fill("{a} and {b}", &[("a", &"{b}"), ("b", &2)]), "{b} and 2");
        assert_eq!(fill("no hole", &[]), "no hole");
    }

    #[test]
    fn a_hole_can_stand_anywhere() {
        let text = t!(activity.token_deleted, who = "Ingrid", what = HOLE);
        assert_eq!(around(&text).0, "Ingrid deleted the token ");
        assert_eq!(around("no hole"), ("no hole".to_owned(), String::new()));
    }

    #[test]
    fn the_catalogue_speaks_the_languages_of_the_contract() {
        let tags = catalogue::LANGUAGES.map(|language| language.tag);
        assert_eq!(tags, Language::ALL.map(Language::tag));
    }

    /// What a first visit shows comes with the first visit: a text of the others would be missing there.
    #[test]
    fn the_first_part_shows_only_texts_that_are_there() {
        let first = [
            "lib.rs",
            "context.rs",
            "format.rs",
            "lazy.rs",
            "leaving.rs",
            "router.rs",
            "components/changes.rs",
            "components/chips.rs",
            "components/dialog.rs",
            "components/field.rs",
            "components/head.rs",
            "components/language.rs",
            "components/list.rs",
            "components/load.rs",
            "components/log.rs",
            "components/menu.rs",
            "components/pager.rs",
            "components/problem.rs",
            "components/shell.rs",
            "components/time.rs",
            "pages/mod.rs",
            "pages/not_found.rs",
            "pages/overview.rs",
            "pages/token_acts.rs",
            "pages/tokens.rs",
        ];
        for file in first {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("src")
                .join(file);
            let mut code = std::fs::read_to_string(path).unwrap();
            code.retain(|c| !c.is_whitespace());
            for text in code.split("t!(").skip(1) {
                let key = text.split([')', ',']).next().unwrap();
                assert!(!catalogue::is_later(key), "{file} shows {key}");
            }
        }
    }

    /// A text that nothing shows is only weight. `page.…` stand in the page around the app.
    #[test]
    fn every_text_is_shown() {
        fn sources(folder: &std::path::Path, into: &mut String) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    sources(&path, into);
                } else {
                    into.push_str(&std::fs::read_to_string(path).unwrap());
                }
            }
        }
        let mut all = String::new();
        sources(
            std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")),
            &mut all,
        );
        all.retain(|c| !c.is_whitespace());
        let english = catalogue::ORIGIN.read().unwrap();
        let shown = |key: &str| {
            [')', ',']
                .iter()
                .any(|end| all.contains(&format!("t!({key}{end}")))
        };
        let idle: Vec<_> = english
            .iter()
            .map(|(key, _)| key)
            .filter(|key| !key.starts_with("page.") && !shown(key))
            .collect();
        assert!(idle.is_empty(), "nothing shows {idle:?}");
    }
}
