//! The app's texts in every language, as they stand in `app/locales`.
//!
//! Owns their order: `t!` writes a text's place into the app, the bundle tool writes each language's texts in the
//! same order into a file of its own, and a browser downloads only the one that it reads. Runs on the machine
//! that builds; nothing of it may end up in the app.

use std::{collections::BTreeMap, fmt};

use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// The language that the app is written in; all others are compared with it.
pub const ORIGIN: Language = Language {
    tag: "en",
    json: include_str!("../../locales/en.json"),
};

/// Every language, the default first. Their tags are those of `wire::Language`.
pub const LANGUAGES: [Language; 3] = [
    ORIGIN,
    Language {
        tag: "nb",
        json: include_str!("../../locales/nb.json"),
    },
    Language {
        tag: "de",
        json: include_str!("../../locales/de.json"),
    },
];

/// A language, with its file.
#[derive(Debug, Clone, Copy)]
pub struct Language {
    /// Its tag (RFC 5646).
    pub tag: &'static str,
    json: &'static str,
}

impl Language {
    /// Its texts.
    ///
    /// # Errors
    ///
    /// When the file is not objects of texts, or a text could not be one line of the file that browsers get.
    pub fn read(self) -> Result<Catalogue, Fault> {
        Catalogue::read(self.json).map_err(|fault| Fault(format!("{}.json: {fault}", self.tag)))
    }
}

/// Why a catalogue cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault(String);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Fault {}

/// The groups of texts that only parts of the app show which are fetched later (`app/src/lazy.rs`): they come with the
/// first of those parts, so that a first visit need not wait for them.
pub const LATER: [&str; 17] = [
    "alarms",
    "breaks",
    "bulk",
    "claim",
    "compare",
    "confirm",
    "handover",
    "import",
    "interfaces",
    "path_rules",
    "runbook",
    "settings",
    "signing_keys",
    "sites",
    "token",
    "token_form",
    "usage",
];

/// Texts of these groups that the first part shows too, above all in the list of what was done.
const EARLY: [&str; 40] = [
    "bulk.activate",
    "bulk.add_interface",
    "bulk.clear",
    "bulk.deactivate",
    "bulk.delete",
    "bulk.full",
    "bulk.go",
    "bulk.label",
    "bulk.remove_interface",
    "bulk.select",
    "bulk.select_page",
    "bulk.selected",
    "bulk.selected_elsewhere",
    "bulk.set_expiry",
    "claim.browser",
    "claim.used_again",
    "claim.wrong_network",
    "interfaces.add",
    "path_rules.line",
    "path_rules.rule",
    "path_rules.title",
    "settings.allow_endless_temporary_tokens",
    "settings.allow_token_in_url",
    "settings.api_enabled",
    "settings.deactivate_exposed",
    "settings.default_rate_limit",
    "settings.default_temporary_lifetime",
    "settings.forward_preflight",
    "settings.key_length",
    "settings.maximum_temporary_lifetime",
    "settings.rotation_age_days",
    "sites.paused",
    "sites.title",
    "sites.watch",
    "token.rate_default",
    "token.rate_own",
    "token.rate_unlimited",
    "token_form.contact",
    "token_form.note",
    "token_form.write_reason",
];

/// Whether a text comes with the later parts of the app.
#[must_use]
pub fn is_later(key: &str) -> bool {
    let group = key.split_once('.').map_or(key, |(group, _)| group);
    LATER.contains(&group) && !EARLY.contains(&key)
}

/// Texts by their keys (`tokens.title`), in the order of the keys, those of later parts after the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue(BTreeMap<String, String>);

impl Catalogue {
    fn read(json: &str) -> Result<Self, Fault> {
        let value = serde_json::from_str(json).map_err(|error| Fault(error.to_string()))?;
        let mut texts = BTreeMap::new();
        flatten(&value, String::new(), &mut texts)?;
        Ok(Self(texts))
    }

    /// The place of a key among all of them, and its text.
    #[must_use]
    pub fn find(&self, key: &str) -> Option<(usize, &str)> {
        self.iter()
            .enumerate()
            .find_map(|(place, (there, text))| (there == key).then_some((place, text)))
    }

    /// The keys and their texts.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.visit(false).chain(self.visit(true))
    }

    fn visit(&self, later: bool) -> impl Iterator<Item = (&str, &str)> {
        let those = self.0.iter().filter(move |(key, _)| is_later(key) == later);
        those.map(|(key, text)| (key.as_str(), text.as_str()))
    }

    /// Tells one order of texts from another: SHA-256 of the keys, in hexadecimal digits. The app has it compiled
    /// in, so that it never shows texts of another build in the wrong places.
    #[must_use]
    pub fn order(&self) -> String {
        use fmt::Write as _;

        let mut hash = Sha256::new();
        for (key, _) in self.iter() {
            hash.update(key);
            hash.update("\n");
        }
        hash.finalize().iter().fold(String::new(), |mut digits, byte| {
            // Writing to a String cannot fail.
            let _ = write!(digits, "{byte:02x}");
            digits
        })
    }

    /// A file that browsers get, with the first texts or the later ones: the order of all, then one text in each line.
    #[must_use]
    pub fn lines(&self, later: bool) -> String {
        let mut lines = self.order();
        for (_, text) in self.visit(later) {
            lines.push('\n');
            lines.push_str(text);
        }
        lines
    }
}

fn flatten(value: &Value, path: String, into: &mut BTreeMap<String, String>) -> Result<(), Fault> {
    match value {
        Value::Object(texts) => {
            for (name, text) in texts {
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                flatten(text, path, into)?;
            }
            Ok(())
        }
        Value::String(text) if text.is_empty() => Err(Fault(format!("{path} is empty"))),
        Value::String(text) if text.contains(['\n', '\r']) => {
            Err(Fault(format!("{path} has more than one line")))
        }
        Value::String(text) => {
            holes(text).map_err(|fault| Fault(format!("{path}: {fault}")))?;
            into.insert(path, text.clone());
            Ok(())
        }
        _ => Err(Fault(format!("{path} is not a text"))),
    }
}

/// The names of the holes in a text, sorted.
///
/// # Errors
///
/// When a brace has no partner.
pub fn holes(text: &str) -> Result<Vec<&str>, Fault> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let hole = rest[at..].strip_prefix('{').and_then(|rest| rest.split_once('}'));
        let Some((name, after)) = hole.filter(|(name, _)| !name.contains('{')) else {
            return Err(Fault(format!("a brace without a partner in “{text}”")));
        };
        names.push(name);
        rest = after;
    }
    names.sort_unstable();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<(&'static str, Catalogue)> {
        LANGUAGES
            .map(|language| (language.tag, language.read().unwrap()))
            .into()
    }

    #[test]
    fn every_language_has_every_text_and_no_other() {
        let english = ORIGIN.read().unwrap();
        for (tag, texts) in all() {
            for (key, _) in english.iter() {
                assert!(texts.find(key).is_some(), "{tag}.json lacks {key}");
            }
            for (key, _) in texts.iter() {
                assert!(
                    english.find(key).is_some(),
                    "{tag}.json has {key}, which nothing else has"
                );
            }
        }
    }

    #[test]
    fn every_language_has_the_same_holes() {
        let english = ORIGIN.read().unwrap();
        for (tag, texts) in all() {
            for (key, text) in english.iter() {
                let other = texts.find(key).unwrap().1;
                assert_eq!(holes(other).unwrap(), holes(text).unwrap(), "{tag}.json: {key}");
            }
        }
    }

    /// A sentence that is the same in two languages has been forgotten. Words can be the same ("Status").
    #[test]
    fn no_sentence_was_left_in_english() {
        let english = ORIGIN.read().unwrap();
        for (tag, texts) in all().into_iter().skip(1) {
            for (key, text) in english.iter() {
                let is_word = |word: &&str| word.starts_with(char::is_alphabetic);
                let words = text.split_whitespace().filter(is_word);
                if words.count() > 2 {
                    assert_ne!(texts.find(key).unwrap().1, text, "{tag}.json: {key} is English");
                }
            }
        }
    }

    /// Norwegian and German quote with marks of their own.
    #[test]
    fn quotation_marks_are_those_of_the_language() {
        for (tag, foreign) in [("en", "„«»"), ("nb", "„“”"), ("de", "«»”")] {
            let language = LANGUAGES.iter().find(|language| language.tag == tag).unwrap();
            for (key, text) in language.read().unwrap().iter() {
                assert!(
                    !text.contains(|c| foreign.contains(c)),
                    "{tag}.json: {key}: {text}"
                );
            }
        }
    }

    #[test]
    fn a_place_is_that_of_the_line() {
        let english = ORIGIN.read().unwrap();
        let (first, later) = (english.lines(false), english.lines(true));
        let before = first.lines().count() - 1;
        for (key, lines, skipped) in [("tokens.title", &first, 0), ("settings.title", &later, before)] {
            let (at, text) = english.find(key).unwrap();
            assert_eq!(lines.lines().next(), Some(english.order().as_str()));
            assert_eq!(lines.lines().nth(at - skipped + 1), Some(text));
        }
        assert_eq!(before + later.lines().count() - 1, english.iter().count());
        for group in LATER {
            assert!(
                english
                    .iter()
                    .any(|(key, _)| key.split_once('.').is_some_and(|(g, _)| g == group)),
                "{group}"
            );
        }
    }

    #[test]
    fn the_order_is_that_of_the_keys() {
        let order = |json: &str| Catalogue::read(json).unwrap().order();
        let one = order(r#"{"a":"one","b":"two"}"#);
        assert_eq!(one.len(), 64);
        assert_eq!(one, order(r#"{"b":"to","a":"en"}"#));
        assert_ne!(one, order(r#"{"a":"one","c":"two"}"#));
        assert_ne!(one, order(r#"{"a":"one","b":"two","c":"three"}"#));
    }

    #[test]
    fn what_cannot_be_a_line_is_refused() {
        for json in [
            r#"{"a":"one\ntwo"}"#,
            r#"{"a":""}"#,
            r#"{"a":1}"#,
            r#"{"a":"{b"}"#,
            r#"{"a":"b}"}"#,
            r#"{"a":"{b{c}"}"#,
        ] {
            assert!(Catalogue::read(json).is_err(), "{json}");
        }
        assert_eq!(holes("{b} and {a}"), Ok(vec!["a", "b"]));
    }
}
