//! Values and the ways to write them, for tests.

use std::sync::atomic::{AtomicU64, Ordering};

use wire::Kind;

use crate::Encoding;
use crate::form::{BASE62, checksum, prefix_of};

/// A new value with that many random characters.
pub(crate) fn value(kind: Kind, random: u16) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0x9e37_79b9_7f4a_7c15);
    let mut state = NEXT.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
    let mut value = prefix_of(kind).to_owned();
    for _ in 0..random {
        // xorshift64*: good enough to look random.
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        let number = state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        value.push(char::from(BASE62[usize::try_from(number % 62).unwrap()]));
    }
    let sum = checksum(value.as_bytes());
    value.extend(sum.iter().map(|b| char::from(*b)));
    value
}

/// How a value may stand in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    Plain,
    Utf16Le,
    Utf16Be,
    Percent,
    Json,
    Hex,
    Entity,
    Base64(usize),
    Base64Lines,
}

impl Written {
    pub(crate) const ALL: [Self; 11] = [
        Self::Plain,
        Self::Utf16Le,
        Self::Utf16Be,
        Self::Percent,
        Self::Json,
        Self::Hex,
        Self::Entity,
        Self::Base64(0),
        Self::Base64(1),
        Self::Base64(2),
        Self::Base64Lines,
    ];

    pub(crate) fn encoding(self) -> Encoding {
        match self {
            Self::Plain => Encoding::Plain,
            Self::Utf16Le | Self::Utf16Be => Encoding::Utf16,
            Self::Percent | Self::Json | Self::Hex | Self::Entity => Encoding::Escaped,
            Self::Base64(_) | Self::Base64Lines => Encoding::Base64,
        }
    }
}

/// Writes a value in a form.
pub(crate) fn write(value: &str, how: Written) -> Vec<u8> {
    match how {
        Written::Plain => value.as_bytes().to_vec(),
        Written::Utf16Le => value.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        Written::Utf16Be => value.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        Written::Percent => value.replace('_', "%5F").into_bytes(),
        Written::Json => value.replace('_', "\\u005f").into_bytes(),
        Written::Hex => value.replace('_', "\\x5F").into_bytes(),
        Written::Entity => value.replace('_', "&#95;").into_bytes(),
        Written::Base64(before) => encode(format!("{}{value}", &"u:"[..before]).as_bytes()),
        Written::Base64Lines => encode(format!("user:{value}:and more").as_bytes())
            .chunks(76)
            .flat_map(|line| [line, b"\r\n"].concat())
            .collect(),
    }
}

fn encode(bytes: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = Vec::new();
    for group in bytes.chunks(3) {
        let mut three = [0; 3];
        three[..group.len()].copy_from_slice(group);
        let bits = u32::from_be_bytes([0, three[0], three[1], three[2]]);
        for place in 0..4 {
            text.push(if place > group.len() {
                b'='
            } else {
                DIGITS[usize::try_from(bits >> (18 - 6 * place) & 63).unwrap()]
            });
        }
    }
    text
}
