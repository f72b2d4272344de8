//! Names, addresses and sentences with the values in them taken out, in every form that is searched for: what a report
//! shows must not give away what it found.

use crate::search::value_at;

/// A text with its values replaced by their hints; `None` where it holds none.
#[must_use]
pub(crate) fn mask(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let (mut masked, mut copied, mut at) = (String::new(), 0, 0);
    // All that a form begins with.
    while let Some(next) = bytes[at..]
        .iter()
        .position(|b| matches!(b, b'd' | b'Z' | b'R' | b'k'))
    {
        at += next;
        if let Some((hint, length)) = value_at(&bytes[at..]) {
            masked.push_str(&text[copied..at]);
            masked.push_str(&hint);
            at += length;
            copied = at;
        } else {
            at += 1;
        }
    }
    (copied > 0).then(|| masked + &text[copied..])
}

/// The text itself, or masked where it has to be.
#[must_use]
pub(crate) fn masked(text: impl Into<String>) -> String {
    let text = text.into();
    mask(&text).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use wire::Kind;

    use super::*;
    use crate::form::hint;
    use crate::testing::{Written, value, write};

    #[test]
    fn values_are_masked_in_every_form() {
        for kind in [Kind::Secret, Kind::Public] {
            for random in [32, 40, 128] {
                let value = value(kind, random);
                let hint = hint(&value);
                for how in Written::ALL {
                    let written = String::from_utf8(write(&value, how)).unwrap();
                    let shown = mask(&format!("dp/ä{written}.{written}.js")).unwrap();
                    assert!(
                        shown.starts_with("dp/ä") && shown.strip_suffix(".js").is_some(),
                        "{how:?}: {shown}"
                    );
                    assert_eq!(shown.matches(&hint).count(), 2, "{how:?}: {shown}");
                    let inner = &written.as_bytes()[written.len() / 2..];
                    assert!(
                        !shown.as_bytes().windows(12).any(|w| inner.starts_with(w)),
                        "{how:?}: {shown}"
                    );
                    assert_eq!(mask(&shown), None, "{how:?}: {shown}");
                }
                assert_eq!(
                    mask(&format!("dp/ä{value}.{value}.js")),
                    Some(format!("dp/ä{hint}.{hint}.js"))
                );
            }
        }
        assert_eq!(mask("dps_nothing"), None);
    }
}
