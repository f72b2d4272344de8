//! Which language a reader gets: the one that an administrator has chosen, else the browser's wish, else English.
//!
//! Owns the reading of `Accept-Language` and nothing that is written in any language.

use axum::http::{HeaderMap, header};
use wire::Language;

/// The administrator's choice, or what the browser asks for.
pub(super) fn language(chosen: Option<Language>, headers: &HeaderMap) -> Language {
    chosen.or_else(|| wanted(headers)).unwrap_or(Language::ALL[0])
}

/// The language with the highest weight among those that there are; the first one where several weigh the same.
/// What is no list of languages is passed over.
fn wanted(headers: &HeaderMap) -> Option<Language> {
    let mut best: Option<(Language, f32)> = None;
    for line in headers.get_all(header::ACCEPT_LANGUAGE) {
        for range in line.to_str().unwrap_or_default().split(',') {
            let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
            let weight = match parameters.trim().split_once('=') {
                Some((name, weight)) if name.trim().eq_ignore_ascii_case("q") => {
                    weight.trim().parse().unwrap_or(0.0)
                }
                _ => 1.0_f32,
            };
            // A weight that is no number is not greater than anything.
            if weight > best.map_or(0.0, |(_, weight)| weight)
                && let Some(language) = of_tag(tag.trim())
            {
                best = Some((language, weight));
            }
        }
    }
    best.map(|(language, _)| language)
}

/// The language that readers of a tag understand best.
fn of_tag(tag: &str) -> Option<Language> {
    let primary = tag.split('-').next().unwrap_or_default();
    match primary.to_ascii_lowercase().as_str() {
        "en" => Some(Language::English),
        // Norwegian without saying which, and nynorsk, which we do not have.
        "nb" | "no" | "nn" => Some(Language::Bokmal),
        "de" => Some(Language::German),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn asked(lines: &[&'static [u8]]) -> Language {
        let headers = lines
            .iter()
            .map(|line| (header::ACCEPT_LANGUAGE, HeaderValue::from_bytes(line).unwrap()));
        language(None, &headers.collect())
    }

    #[test]
    fn the_choice_comes_before_the_wish() {
        let headers = HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, HeaderValue::from_static("de"))]);
        assert_eq!(language(Some(Language::Bokmal), &headers), Language::Bokmal);
        assert_eq!(language(None, &headers), Language::German);
        assert_eq!(language(None, &HeaderMap::new()), Language::English);
    }

    #[test]
    fn the_heaviest_language_that_there_is_wins() {
        for (line, expected) in [
            (
                &b"nb-NO,nb;q=0.9,no;q=0.8,nn;q=0.7,en;q=0.5"[..],
                Language::Bokmal,
            ),
            (b"nn", Language::Bokmal),
            (b"fr-CH, fr;q=0.9, en;q=0.7, de;q=0.8, *;q=0.5", Language::German),
            (b"DE-at ; Q=0.4 , en;q=0.3", Language::German),
            (b"de;q=0, nb;q=0.1", Language::Bokmal),
            (b"de, en", Language::German),
            (b"fr", Language::English),
        ] {
            assert_eq!(asked(&[line]), expected, "{}", String::from_utf8_lossy(line));
        }
        assert_eq!(asked(&[b"fr", b"de"]), Language::German);
    }

    #[test]
    fn what_is_no_list_of_languages_is_passed_over() {
        for line in [
            &b""[..],
            b";;;,,,=",
            b"de;q=NaN",
            b"de;q=-1",
            b"de;q=x",
            b"\xff\xfe",
            b"-,--,;q=1",
        ] {
            assert_eq!(
                asked(&[line]),
                Language::English,
                "{}",
                String::from_utf8_lossy(line)
            );
        }
    }
}
