//! A token's value in the clear: how it is made, recognised and refused.
//!
//! The form itself (prefix, length, checksum) is that of `scan::form`, for everybody who looks for one.

use std::fmt;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use scan::form::{
    BASE62, CHECKSUM_LENGTH, LONGEST, PREFIX_LENGTH, checksum, is_well_formed, kind_of, length_of_value,
    prefix_of,
};
use wire::{Kind, LIMITS};
use zeroize::Zeroize;

use crate::entropy::Entropy;

const SHORTEST_IMPORT: usize = 20;
const LONGEST_IMPORT: usize = 255;

/// A value of our form that cannot be one: wrong length, characters or checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed;

/// Why an existing key was not taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// Not 20 to 255 characters.
    #[error("a key has 20 to 255 characters")]
    Length,
    /// A character that is not printable ASCII, or a space.
    #[error("a key has printable ASCII characters only, without spaces")]
    Characters,
    /// It starts with a prefix of ours, or is in the form of our temporary tokens.
    #[error("keys that start with dps_ or dpp_, and signed tokens (JWTs), cannot be taken over")]
    Reserved,
    /// Too few different characters, or a pattern.
    #[error(
        "the key is too easy to guess: use at least ten different characters, without repetition or sequence"
    )]
    Weak,
}

/// The value of a token in the clear.
///
/// No `Clone`, no `Serialize`, no `Display`; `Debug` prints its name; wiped when dropped. It leaves only as a
/// digest, by [`PlainToken::expose_in_strongroom`], or by [`PlainToken::expose_to_claimant`].
pub struct PlainToken(String);

impl PlainToken {
    /// Makes a new value with that many random characters.
    ///
    /// `length` is held within [`LIMITS`]: a shorter one would not be a secret.
    #[must_use]
    pub fn generate(kind: Kind, length: u16, entropy: &dyn Entropy) -> Self {
        let length = usize::from(length.clamp(LIMITS.shortest_key, LIMITS.longest_key));
        let mut value = String::with_capacity(PREFIX_LENGTH + length + CHECKSUM_LENGTH);
        value.push_str(prefix_of(kind));
        let mut block = [0_u8; 64];
        while value.len() < PREFIX_LENGTH + length {
            entropy.fill(&mut block);
            // 248 = 4 × 62: bytes above are thrown away, so that every character is equally likely.
            for byte in block.iter().filter(|b| **b < 248) {
                if value.len() < PREFIX_LENGTH + length {
                    value.push(char::from(BASE62[usize::from(*byte) % 62]));
                }
            }
        }
        block.zeroize();
        let sum = checksum(value.as_bytes());
        value.extend(sum.iter().map(|b| char::from(*b)));
        Self(value)
    }

    /// Takes over a key that exists already.
    ///
    /// # Errors
    /// When it has not 20 to 255 printable ASCII characters, is of a form of ours, or is easy to guess.
    pub fn import(mut typed: String) -> Result<Self, ImportError> {
        let result = check_import(typed.trim());
        let value = Self(typed.trim().to_owned());
        typed.zeroize();
        result.map(|()| value)
    }

    /// A value that somebody says is public. Nothing is asked of its form: it is for its digest alone.
    #[must_use]
    pub fn reported(value: String) -> Self {
        Self(value)
    }

    /// The value itself, for the one document in which a person sees it. Every call of this is counted by a test.
    #[must_use]
    pub fn expose_in_strongroom(&self) -> &str {
        &self.0
    }

    /// The value itself, for the server that used the code of a claim. Every call of this is counted by a test.
    #[must_use]
    pub fn expose_to_claimant(&self) -> &str {
        &self.0
    }

    /// What goes into digests.
    pub(super) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Prefix, first four and last two characters: enough to recognise it, useless to guess it.
    #[must_use]
    pub fn hint(&self) -> String {
        scan::form::hint(&self.0)
    }
}

impl Drop for PlainToken {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for PlainToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlainToken")
    }
}

/// What somebody presented as a credential, recognised by its form without any look-up.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Presented<'a> {
    /// A value of our form with a right checksum.
    Ours(&'a str),
    /// A signed token, by its looks.
    Temporary(&'a str),
    /// Anything else: an imported key, or nonsense.
    Foreign(&'a str),
}

impl<'a> Presented<'a> {
    /// Recognises a value.
    ///
    /// # Errors
    /// When it has our prefix and is not one of ours.
    pub fn recognise(value: &'a str) -> Result<Self, Malformed> {
        if kind_of(value.as_bytes()).is_some() {
            return if is_well_formed(value.as_bytes()) {
                Ok(Self::Ours(value))
            } else {
                Err(Malformed)
            };
        }
        if looks_signed(value) {
            Ok(Self::Temporary(value))
        } else {
            Ok(Self::Foreign(value))
        }
    }
}

impl fmt::Debug for Presented<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Presented")
    }
}

/// Every JOSE header is a JSON object, so its base64url starts with `eyJ`.
fn looks_signed(value: &str) -> bool {
    value.starts_with("eyJ") && memchr::memchr_iter(b'.', value.as_bytes()).count() == 2
}

/// Whether a value of our form with a right checksum stands anywhere in a text, whatever stands around it.
#[must_use]
pub fn holds_value(text: &[u8]) -> bool {
    // What both prefixes begin with; the two characters are rare side by side.
    static START: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"dp"));
    START
        .find_iter(text)
        .any(|at| length_of_value(&text[at..]).is_some())
}

/// Where something stands at the end of a text that may be the beginning of a value, which what follows completes; the
/// text's length where nothing does.
#[must_use]
pub fn beginning_of_value(text: &[u8]) -> usize {
    let from = text.len().saturating_sub(LONGEST);
    let begins = |part: &[u8]| {
        [Kind::Secret, Kind::Public].into_iter().any(|kind| {
            let length = part.len().min(PREFIX_LENGTH);
            let (start, rest) = part.split_at(length);
            start == &prefix_of(kind).as_bytes()[..length] && rest.iter().all(u8::is_ascii_alphanumeric)
        })
    };
    (from..text.len())
        .find(|at| begins(&text[*at..]))
        .unwrap_or(text.len())
}

fn check_import(value: &str) -> Result<(), ImportError> {
    if !(SHORTEST_IMPORT..=LONGEST_IMPORT).contains(&value.len()) {
        return Err(ImportError::Length);
    }
    if !value.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(ImportError::Characters);
    }
    if kind_of(value.as_bytes()).is_some() || looks_signed(value) {
        return Err(ImportError::Reserved);
    }
    let mut seen = [false; 128];
    for byte in value.bytes() {
        seen[usize::from(byte)] = true;
    }
    let different = seen.iter().filter(|s| **s).count();
    let steps = value
        .as_bytes()
        .windows(2)
        .filter(|w| w[0].abs_diff(w[1]) <= 1)
        .count();
    let repeats = (1..=value.len() / 2).any(|n| {
        value
            .as_bytes()
            .iter()
            .skip(n)
            .eq(value.as_bytes().iter().take(value.len() - n))
    });
    if different < 10 || steps * 2 > value.len() || repeats {
        Err(ImportError::Weak)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::{SequentialEntropy, SystemEntropy};

    #[test]
    fn a_generated_value_is_recognised_and_its_neighbours_are_not() {
        let token = PlainToken::generate(Kind::Secret, 40, &SystemEntropy);
        let value = token.expose_in_strongroom().to_owned();
        assert_eq!(value.len(), 50);
        assert_eq!(Presented::recognise(&value), Ok(Presented::Ours(&value)));
        for at in 4..value.len() {
            let mut wrong = value.clone().into_bytes();
            wrong[at] = if wrong[at] == b'x' { b'y' } else { b'x' };
            let wrong = String::from_utf8(wrong).unwrap();
            assert_eq!(Presented::recognise(&wrong), Err(Malformed), "{at}");
        }
        assert_eq!(Presented::recognise(&value[..49]), Err(Malformed));
    }

    #[test]
    fn the_form_never_changes() {
        let token = PlainToken::generate(Kind::Public, 40, &SequentialEntropy::default());
        assert_eq!(
            token.expose_in_strongroom(),
            "dpp_pNoxb5ByzGpDDAeFDxU40TFhsoHckzJcaLGlussz3UWVrq"
        );
    }

    #[test]
    fn length_follows_the_setting_within_limits() {
        for (asked, got) in [(1, 32), (32, 32), (64, 64), (1000, 128)] {
            let token = PlainToken::generate(Kind::Secret, asked, &SystemEntropy);
            assert_eq!(token.expose_in_strongroom().len(), 4 + got + 6);
        }
    }

    #[test]
    fn hints_reveal_six_characters() {
        let token = PlainToken::generate(Kind::Secret, 40, &SystemEntropy);
        let value = token.expose_in_strongroom();
        assert_eq!(token.hint(), format!("dps_{}…{}", &value[4..8], &value[48..]));
        assert_eq!(
            PlainToken::import("Xk39-lmQz-72bd-PPwq-1".to_owned())
                .unwrap()
                .hint(),
            "Xk39…-1"
        );
    }

    #[test]
    fn weak_keys_are_not_taken_over() {
        let import = |text: &str| PlainToken::import(text.to_owned()).map(|_| ());
        assert_eq!(import("short"), Err(ImportError::Length));
        assert_eq!(import(&"aB3$".repeat(64)), Err(ImportError::Length));
        assert_eq!(import("with space in the middle x"), Err(ImportError::Characters));
        assert_eq!(import("dps_0000000000000000000000"), Err(ImportError::Reserved));
        assert_eq!(import("aaaaaaaaaaaaaaaaaaaaaaaa"), Err(ImportError::Weak));
        assert_eq!(import("abcdefghijklmnopqrstuvwxyz"), Err(ImportError::Weak));
        assert_eq!(import("qK3vTz81LpqK3vTz81LpqK3vTz81Lp"), Err(ImportError::Weak));
        assert_eq!(import("b7e23ec29af22b0b4e41da31e868d572"), Ok(()));
    }

    #[test]
    fn a_value_is_found_wherever_it_stands() {
        for length in [32, 40, 128] {
            let token = PlainToken::generate(Kind::Public, length, &SystemEntropy);
            let value = token.expose_in_strongroom();
            for text in [
                value.to_owned(),
                format!("dp dps_ dps_short {value}"),
                format!("\"{value}\""),
                format!("dps_{value}"),
                format!("{value}abc"),
                format!("ødpdp{value}_"),
            ] {
                assert!(holds_value(text.as_bytes()), "{length}");
            }
            assert!(!holds_value(&value.as_bytes()[..value.len() - 1]));
            assert!(!holds_value(&value.as_bytes()[1..]));
            assert!(!holds_value(value.replacen("dpp_", "dps_", 1).as_bytes()));
        }
        assert!(!holds_value(b"") && !holds_value(b"dps_"));
    }

    #[test]
    fn debug_prints_the_name_only() {
        let token = PlainToken::generate(Kind::Secret, 40, &SystemEntropy);
        assert_eq!(format!("{token:?}"), "PlainToken");
    }
}
