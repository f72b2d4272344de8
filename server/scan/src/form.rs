//! The form of a permanent token's value, for everybody who makes, recognises or searches one: `dps_` or `dpp_`, 32 to
//! 128 base62 characters, then six base62 characters of the CRC-32 of all before.
//!
//! **NEVER CHANGE THE PREFIXES OR THE CHECKSUM**: scanners all over the world look for exactly this form, and every
//! value in use would be refused. Pure: nothing in here keeps a value.

use crc32fast::Hasher;
use wire::{Kind, LIMITS};

/// The letters and digits of a value, in the order of their worth.
pub const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Bytes of the prefix.
pub const PREFIX_LENGTH: usize = 4;
/// Bytes of the checksum.
pub const CHECKSUM_LENGTH: usize = 6;
/// Bytes of the shortest value.
pub const SHORTEST: usize = PREFIX_LENGTH + LIMITS.shortest_key as usize + CHECKSUM_LENGTH;
/// Bytes of the longest value.
pub const LONGEST: usize = PREFIX_LENGTH + LIMITS.longest_key as usize + CHECKSUM_LENGTH;

/// The prefix of a kind.
#[must_use]
pub const fn prefix_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Secret => "dps_",
        Kind::Public => "dpp_",
    }
}

/// The kind that a text claims to be by its prefix.
#[inline]
#[must_use]
pub fn kind_of(value: &[u8]) -> Option<Kind> {
    [Kind::Secret, Kind::Public]
        .into_iter()
        .find(|kind| value.starts_with(prefix_of(*kind).as_bytes()))
}

/// The checksum of prefix and random characters.
#[must_use]
pub fn checksum(body: &[u8]) -> [u8; CHECKSUM_LENGTH] {
    in_base62(crc32fast::hash(body))
}

/// Whether this is a whole value: prefix, length, characters and checksum.
#[must_use]
pub fn is_well_formed(value: &[u8]) -> bool {
    if kind_of(value).is_none()
        || !(SHORTEST..=LONGEST).contains(&value.len())
        || !are_alphanumeric(&value[PREFIX_LENGTH..])
    {
        return false;
    }
    let (body, sum) = value.split_at(value.len() - CHECKSUM_LENGTH);
    checksum(body) == sum
}

/// All of them are looked at, also after a wrong one: without a way out in the middle the compiler takes many at once.
fn are_alphanumeric(text: &[u8]) -> bool {
    text.iter().fold(true, |all, b| all & b.is_ascii_alphanumeric())
}

/// The length in bytes of the value that a text starts with, whatever follows it: in a binary file strings stand side
/// by side without anything between them. That a random text passes for one length is a matter of 2⁻³² for each.
#[must_use]
pub fn length_of_value(text: &[u8]) -> Option<usize> {
    kind_of(text)?;
    let run = text[PREFIX_LENGTH..]
        .iter()
        .take(LONGEST - PREFIX_LENGTH)
        .take_while(|b| b.is_ascii_alphanumeric())
        .count();
    let longest = PREFIX_LENGTH + run;
    if longest < SHORTEST {
        return None;
    }
    let shortest_body = SHORTEST - CHECKSUM_LENGTH;
    let mut sum = Hasher::new();
    sum.update(&text[..shortest_body]);
    for body in shortest_body..=longest - CHECKSUM_LENGTH {
        if in_base62(sum.clone().finalize()) == text[body..body + CHECKSUM_LENGTH] {
            return Some(body + CHECKSUM_LENGTH);
        }
        sum.update(&text[body..=body]);
    }
    None
}

/// Prefix, first four and last two characters: enough to recognise a value, useless to guess it.
#[must_use]
pub fn hint(value: &str) -> String {
    let (prefix, rest) = match value.split_at_checked(PREFIX_LENGTH) {
        Some((prefix, rest)) if kind_of(prefix.as_bytes()).is_some() => (prefix, rest),
        _ => ("", value),
    };
    let first: String = rest.chars().take(4).collect();
    let last = rest.char_indices().rev().nth(1).map_or("", |(at, _)| &rest[at..]);
    format!("{prefix}{first}…{last}")
}

fn in_base62(mut rest: u32) -> [u8; CHECKSUM_LENGTH] {
    let mut sum = [b'0'; CHECKSUM_LENGTH];
    for place in sum.iter_mut().rev() {
        *place = BASE62[(rest % 62) as usize];
        rest /= 62;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::value;

    #[test]
    fn a_value_is_found_whatever_follows_it() {
        for random in [32, 40, 128] {
            let value = value(Kind::Secret, random);
            assert!(is_well_formed(value.as_bytes()));
            for behind in ["", " ", "\"", "_", "AAAA", &"z".repeat(500)] {
                let text = format!("{value}{behind}");
                assert_eq!(length_of_value(text.as_bytes()), Some(value.len()), "{behind}");
            }
            assert_eq!(length_of_value(&value.as_bytes()[..value.len() - 1]), None);
        }
    }

    #[test]
    fn one_changed_character_is_no_value() {
        let value = value(Kind::Public, 40);
        for at in 4..value.len() {
            let mut wrong = value.clone().into_bytes();
            wrong[at] = if wrong[at] == b'x' { b'y' } else { b'x' };
            assert_eq!(length_of_value(&wrong), None, "{at}");
            assert!(!is_well_formed(&wrong));
        }
    }

    #[test]
    fn the_form_never_changes() {
        let value = b"dpp_pNoxb5ByzGpDDAeFDxU40TFhsoHckzJcaLGlussz3UWVrq";
        assert!(is_well_formed(value));
        assert_eq!(length_of_value(value), Some(50));
    }
}
