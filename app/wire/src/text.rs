//! Texts that people give: names, descriptions, subjects. Their rules are here once, for forms and server alike.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::FieldErrorCode;

/// Why a text was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextError {
    /// The rule that it breaks.
    pub code: FieldErrorCode,
    /// The limit in characters where the rule has one.
    pub limit: Option<usize>,
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.code, self.limit) {
            (FieldErrorCode::TooLong, Some(limit)) => write!(f, "at most {limit} characters are allowed"),
            (code, _) => f.write_str(code.detail()),
        }
    }
}

impl std::error::Error for TextError {}

/// As they are, and as an address may have them.
const CHECKED_PREFIXES: [&str; 6] = ["dps_", "dpp_", "dps%5F", "dpp%5F", "dps%5f", "dpp%5f"];
const SHORTEST_VALUE: usize = 32 + 6;

/// Whether a text contains something of the form of a permanent token's value. Stricter than needed (the checksum
/// is not looked at): a text of ours has no business to look like a secret at all.
#[must_use]
pub fn contains_token_value(text: &str) -> bool {
    CHECKED_PREFIXES.iter().any(|prefix| {
        text.match_indices(prefix).any(|(at, _)| {
            text[at + prefix.len()..]
                .bytes()
                .take_while(u8::is_ascii_alphanumeric)
                .count()
                >= SHORTEST_VALUE
        })
    })
}

/// A text of others with everything of the form of a permanent token's value cut down to its prefix. What it gives
/// never [`contains_token_value`].
#[must_use]
pub fn mask_token_values(text: &str) -> Cow<'_, str> {
    if !contains_token_value(text) {
        return Cow::Borrowed(text);
    }
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    let first = |text: &str| {
        let places = CHECKED_PREFIXES.iter().map(|p| Some((text.find(p)?, p.len())));
        places.flatten().min()
    };
    while let Some((at, prefix)) = first(rest) {
        let (before, from) = rest.split_at(at);
        let (prefix, after) = from.split_at(prefix);
        let length = after.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let value = if length >= SHORTEST_VALUE { length } else { 0 };
        masked.push_str(before);
        masked.push_str(prefix);
        if value > 0 {
            masked.push('…');
        }
        rest = &after[value..];
    }
    masked.push_str(rest);
    Cow::Owned(masked)
}

/// Characters that change how text around them is shown, or are not shown at all.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{00AD}')
}

fn check(text: &str, shortest: usize, longest: usize, lines: bool) -> Result<(), TextError> {
    let length = text.chars().count();
    let code = if length < shortest {
        FieldErrorCode::Required
    } else if length > longest {
        return Err(TextError {
            code: FieldErrorCode::TooLong,
            limit: Some(longest),
        });
    } else if text.chars().any(|c| is_hidden(c) && !(lines && c == '\n')) {
        FieldErrorCode::ControlCharacter
    } else if contains_token_value(text) {
        FieldErrorCode::ContainsToken
    } else {
        return Ok(());
    };
    Err(TextError { code, limit: None })
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $shortest:expr, $longest:expr, $lines:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The most characters (not bytes) that are allowed.
            pub const MAX: usize = $longest;

            /// Checks a text after removing white space at both ends.
            pub fn parse(text: &str) -> Result<Self, TextError> {
                let text = text.trim();
                check(text, $shortest, $longest, $lines)?;
                Ok(Self(text.to_owned()))
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = TextError;

            fn try_from(text: String) -> Result<Self, TextError> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text!(
    /// A token's name: 1–100 characters, trimmed, without control characters.
    TokenName, 1, 100, false
);
text!(
    /// An interface's name: 1–100 characters, trimmed, without control characters.
    InterfaceName, 1, 100, false
);
text!(
    /// An administrator's name: 1–100 characters, trimmed, without control characters.
    UserName, 1, 100, false
);
text!(
    #[derive(Default)]
    /// A description: up to 500 characters, lines allowed.
    Description,
    0,
    500,
    true
);
text!(
    #[derive(Default)]
    /// A free note on a token: up to 2000 characters, lines allowed.
    Note,
    0,
    2000,
    true
);
text!(
    #[derive(Default)]
    /// Who answers for the integration that holds a token (a person, a team, an address): up to 200 characters.
    Contact,
    0,
    200,
    false
);
text!(
    #[derive(Default)]
    /// Why a token may write, in plain words: up to 500 characters, lines allowed.
    Reason,
    0,
    500,
    true
);
text!(
    /// Who in the integrator's system a temporary token is for: 1–200 characters. Never trusted for rights.
    Subject, 1, 200, false
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_and_limited() {
        assert_eq!(TokenName::parse("  WordPress \n").unwrap().as_str(), "WordPress");
        assert_eq!(
            TokenName::parse("   ").unwrap_err().code,
            FieldErrorCode::Required
        );
        assert!(TokenName::parse(&"ø".repeat(100)).is_ok());
        assert_eq!(TokenName::parse(&"ø".repeat(101)).unwrap_err().limit, Some(100));
        for hidden in ["a\u{0}b", "a\tb", "a\u{202E}b", "a\u{200B}b"] {
            assert_eq!(
                TokenName::parse(hidden).unwrap_err().code,
                FieldErrorCode::ControlCharacter,
                "{hidden:?}"
            );
        }
    }

    #[test]
    fn no_text_holds_a_token() {
        let value = format!("dps_{}", "a".repeat(46));
        assert_eq!(
            TokenName::parse(&format!("old: {value}")).unwrap_err().code,
            FieldErrorCode::ContainsToken
        );
        assert!(TokenName::parse("dps_short").is_ok());
    }

    #[test]
    fn texts_of_others_are_masked() {
        let value = "a".repeat(46);
        for (text, masked) in [
            (format!("dps_{value}"), "dps_…"),
            (format!("/x/dps_{value}/dpp_{value}.js"), "/x/dps_…/dpp_….js"),
            (format!("dps_dps_{value} dps_short ø"), "dps_dps_… dps_short ø"),
            (
                format!("/x/dps%5F{value}/dpp%5f{value}.js?dps%5Fshort"),
                "/x/dps%5F…/dpp%5f….js?dps%5Fshort",
            ),
        ] {
            assert_eq!(mask_token_values(&text), masked);
            assert!(!contains_token_value(masked));
        }
        assert_eq!(
            mask_token_values("https://a.example/dps_x"),
            "https://a.example/dps_x"
        );
    }

    #[test]
    fn only_descriptions_have_lines() {
        assert!(Description::parse("one\ntwo").is_ok());
        assert!(Description::parse("").is_ok());
        assert!(TokenName::parse("one\ntwo").is_err());
    }
}
