//! Finds values in a stream of bytes, block by block: as they are, in UTF-16, with an escaped `_`, and in base64.
//!
//! One vectorised pass looks for the prefix in all its forms; what stands behind it is looked at only then. Memory is
//! one block, however long the stream or a line is. What was found is wiped at once: a [`Hit`] has a hint and a digest.

use std::io::{self, Read};

use aho_corasick::{AhoCorasick, AhoCorasickKind, BuildError, MatchKind};
use aws_lc_rs::digest;
use serde::Serialize;
use wire::Kind;
use zeroize::Zeroize;

use crate::form::{self, LONGEST, PREFIX_LENGTH, prefix_of};

/// Bytes that are read at once: they stay in the processor's cache.
const BLOCK: usize = 256 * 1024;
/// No value in any form takes more bytes: two for each character in UTF-16, base64 with line breaks less.
pub(crate) const LONGEST_FORM: usize = 512;
const _: () = assert!(LONGEST * 2 < LONGEST_FORM);

/// How a value was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// As it is.
    Plain,
    /// Two bytes for each character, in either order.
    Utf16,
    /// With `_` escaped: `%5F`, `\u005f`, `\x5f`, `&#95;`.
    Escaped,
    /// In base64, at any of its three positions, with line breaks or without.
    Base64,
}

impl Encoding {
    /// What a person reads.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Utf16 => "UTF-16",
            Self::Escaped => "escaped",
            Self::Base64 => "base64",
        }
    }
}

/// SHA-256 of a value. A value has at least 190 random bits, so nobody finds it from here.
pub type Sha256 = [u8; 32];

/// A value that was found. Not the value itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Bytes of the stream before it.
    pub offset: u64,
    /// Its line, from 1; 0 where lines were not counted.
    pub line: u64,
    /// Its column in code units of UTF-16, as editors and code hosts count, from 1; 0 where lines were not counted.
    pub column: u64,
    /// Secret or public, by its prefix.
    pub kind: Kind,
    /// How it was written.
    pub encoding: Encoding,
    /// Prefix, first four and last two characters.
    pub hint: String,
    /// SHA-256 of the value.
    pub sha256: Sha256,
}

/// A form in which the prefix may be written.
#[derive(Debug, Clone, Copy)]
enum Form {
    Plain,
    Utf16,
    /// The bytes before the `_`.
    Escaped,
    /// Where decoding begins, and how many bytes then still belong to the prefix.
    Base64 {
        from: usize,
        prefix: usize,
    },
}

type Needle = (&'static [u8], Form, Kind);

/// The three forms in base64 follow from where in a group of three bytes the value begins; a test makes them anew.
const NEEDLES: [Needle; 16] = [
    (b"dps_", Form::Plain, Kind::Secret),
    (b"dpp_", Form::Plain, Kind::Public),
    (b"d\0p\0s\0_", Form::Utf16, Kind::Secret),
    (b"d\0p\0p\0_", Form::Utf16, Kind::Public),
    (b"dps%5", Form::Escaped, Kind::Secret),
    (b"dpp%5", Form::Escaped, Kind::Public),
    (b"dps\\", Form::Escaped, Kind::Secret),
    (b"dpp\\", Form::Escaped, Kind::Public),
    (b"dps&#", Form::Escaped, Kind::Secret),
    (b"dpp&#", Form::Escaped, Kind::Public),
    (b"ZHBzX", Form::Base64 { from: 4, prefix: 1 }, Kind::Secret),
    (b"ZHBwX", Form::Base64 { from: 4, prefix: 1 }, Kind::Public),
    (b"Rwc1", Form::Base64 { from: 2, prefix: 2 }, Kind::Secret),
    (b"RwcF", Form::Base64 { from: 2, prefix: 2 }, Kind::Public),
    (b"kcHNf", Form::Base64 { from: 5, prefix: 0 }, Kind::Secret),
    (b"kcHBf", Form::Base64 { from: 5, prefix: 0 }, Kind::Public),
];

/// Other ways to write `_`.
const UNDERSCORES: [&[u8]; 9] = [
    b"%5F", b"%5f", b"\\u005f", b"\\u005F", b"\\x5f", b"\\x5F", b"&#95;", b"&#x5f;", b"&#x5F;",
];

/// What is to be done with a stream whose first block was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Go on.
    Search,
    /// It is something else: stop before searching.
    Stop,
}

/// Searches streams, one after the other, with one block of memory.
pub struct Searcher {
    automaton: AhoCorasick,
    block: Vec<u8>,
}

impl std::fmt::Debug for Searcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The block holds what was read last.
        f.write_str("Searcher")
    }
}

impl Drop for Searcher {
    fn drop(&mut self) {
        self.block.zeroize();
    }
}

/// Where lines stand.
#[derive(Debug, Clone, Copy)]
struct Lines {
    line: u64,
    /// Offset in the stream of the line's first byte.
    began: u64,
    /// Offset up to which lines were counted.
    counted: u64,
    /// Code units of UTF-16 from `began` to there, of a text in UTF-8.
    units: u64,
}

impl Lines {
    /// A stream's first bytes: a mark of the byte order is no character.
    fn begin(bytes: &[u8]) -> Self {
        const MARKS: [&[u8]; 3] = [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"];
        let mark = MARKS.into_iter().find(|mark| bytes.starts_with(mark));
        let length = mark.unwrap_or_default().len() as u64;
        Self {
            line: 1,
            began: length,
            counted: length,
            units: 0,
        }
    }

    fn advance(&mut self, bytes: &[u8]) {
        self.line += memchr::memchr_iter(b'\n', bytes).count() as u64;
        let mut line = bytes;
        if let Some(last) = memchr::memrchr(b'\n', bytes) {
            self.began = self.counted + last as u64 + 1;
            self.units = 0;
            line = &bytes[last + 1..];
        }
        // One for each character, and a second one for each of four bytes.
        let units = line
            .iter()
            .map(|b| u64::from(b & 0xc0 != 0x80) + u64::from(*b >= 0xf0));
        self.units += units.sum::<u64>();
        self.counted += bytes.len() as u64;
    }

    /// The column of what begins at `counted`.
    fn column(&self, form: Form) -> u64 {
        match form {
            Form::Utf16 => (self.counted - self.began) / 2 + 1,
            _ => self.units + 1,
        }
    }
}

impl Searcher {
    /// Gets ready.
    ///
    /// # Errors
    /// Never in practice: the patterns are constant, and a test builds them.
    pub fn new() -> Result<Self, BuildError> {
        let automaton = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::DFA))
            .match_kind(MatchKind::LeftmostFirst)
            .build(NEEDLES.iter().map(|(needle, ..)| needle))?;
        Ok(Self {
            automaton,
            block: vec![0; BLOCK],
        })
    }

    /// Another one, for a thread of its own.
    pub(crate) fn another(&self) -> Self {
        Self {
            automaton: self.automaton.clone(),
            block: vec![0; BLOCK],
        }
    }

    /// Searches a stream to its end and answers how many bytes it had. Without `count_lines`, hits have no lines; who
    /// can read the stream again asks for them only when there is a hit.
    ///
    /// # Errors
    /// When reading fails. What stands before that is searched, and told.
    pub fn search(
        &mut self,
        stream: &mut dyn Read,
        count_lines: bool,
        mut look: impl FnMut(&[u8]) -> Verdict,
        mut hit: impl FnMut(Hit),
    ) -> io::Result<u64> {
        let mut lines = Lines::begin(&[]);
        // `block[..filled]` is the stream from `offset` on.
        let (mut offset, mut filled, mut first) = (0_u64, 0, true);
        loop {
            let (mut ended, mut failed) = (false, None);
            while filled < BLOCK {
                match stream.read(&mut self.block[filled..]) {
                    Ok(0) => {
                        ended = true;
                        break;
                    }
                    Ok(n) => filled += n,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => {
                        (ended, failed) = (true, Some(error));
                        break;
                    }
                }
            }
            let block = &self.block[..filled];
            if std::mem::take(&mut first) {
                if look(block) == Verdict::Stop {
                    return Ok(0);
                }
                lines = Lines::begin(block);
            }
            // What begins behind this may go on in the next block.
            let whole = if ended { filled } else { filled - LONGEST_FORM };
            for found in self.automaton.find_iter(block) {
                if found.start() >= whole {
                    break;
                }
                let (needle, form, kind) = NEEDLES[found.pattern().as_usize()];
                let text = &block[found.start()..filled.min(found.start() + LONGEST_FORM)];
                let Some(Value { hint, sha256, .. }) = read_value(text, needle, form, kind) else {
                    continue;
                };
                let at = offset + found.start() as u64;
                if count_lines {
                    let counted = usize::try_from(lines.counted - offset).unwrap_or(0);
                    lines.advance(&block[counted..found.start().max(counted)]);
                }
                hit(Hit {
                    offset: at,
                    line: if count_lines { lines.line } else { 0 },
                    column: if count_lines { lines.column(form) } else { 0 },
                    kind,
                    encoding: match form {
                        Form::Plain => Encoding::Plain,
                        Form::Utf16 => Encoding::Utf16,
                        Form::Escaped => Encoding::Escaped,
                        Form::Base64 { .. } => Encoding::Base64,
                    },
                    hint,
                    sha256,
                });
            }
            if ended {
                return failed.map_or(Ok(offset + filled as u64), Err);
            }
            if count_lines {
                let counted = usize::try_from(lines.counted - offset).unwrap_or(0);
                lines.advance(&block[counted..whole]);
            }
            self.block.copy_within(whole..filled, 0);
            offset += whole as u64;
            filled -= whole;
        }
    }
}

/// What may be told of a value.
struct Value {
    hint: String,
    sha256: Sha256,
    /// Its bytes without the prefix.
    length: usize,
}

/// The hint of the value that a text begins with, in whatever form, and how many bytes it takes there. For short texts:
/// streams are searched in one pass.
pub(crate) fn value_at(text: &[u8]) -> Option<(String, usize)> {
    NEEDLES.iter().find_map(|(needle, form, kind)| {
        if !text.starts_with(needle) {
            return None;
        }
        let value = read_value(text, needle, *form, *kind)?;
        Some((value.hint, written(text, needle, *form, value.length)))
    })
}

/// How many bytes a value takes that has so many behind its prefix.
fn written(text: &[u8], needle: &[u8], form: Form, length: usize) -> usize {
    match form {
        Form::Plain => PREFIX_LENGTH + length,
        Form::Utf16 => needle.len() + length * 2,
        Form::Escaped => {
            let escape = UNDERSCORES.iter().find(|e| text[3..].starts_with(e));
            3 + escape.map_or(0, |e| e.len()) + length
        }
        Form::Base64 { from, prefix } => {
            // Six bits in each, and line breaks between them.
            let digits = ((prefix + length) * 8).div_ceil(6);
            let last = text[from..]
                .iter()
                .enumerate()
                .filter(|(_, c)| !matches!(c, b'\r' | b'\n'))
                .nth(digits - 1);
            last.map_or(text.len(), |(at, _)| from + at + 1)
        }
    }
}

/// Reads what stands behind a prefix and answers what may be told of it when it is a value.
fn read_value(text: &[u8], needle: &[u8], form: Form, kind: Kind) -> Option<Value> {
    let mut value = [0_u8; LONGEST];
    value[..PREFIX_LENGTH].copy_from_slice(prefix_of(kind).as_bytes());
    let rest = &mut value[PREFIX_LENGTH..];
    let length = match form {
        Form::Plain => copy(text[PREFIX_LENGTH..].iter().copied(), rest),
        // Behind `_` come pairs: the byte that is 0, and the character. In the other order the 0 is the upper half of
        // the next character, which is the same.
        Form::Utf16 => copy(
            text[needle.len()..]
                .chunks_exact(2)
                .map_while(|pair| (pair[0] == 0).then_some(pair[1])),
            rest,
        ),
        Form::Escaped => {
            let escape = UNDERSCORES.iter().find(|e| text[3..].starts_with(e))?;
            copy(text[3 + escape.len()..].iter().copied(), rest)
        }
        Form::Base64 { from, prefix } => {
            let mut bytes = base64(text[from..].iter().copied());
            let begins = &prefix_of(kind).as_bytes()[PREFIX_LENGTH - prefix..];
            if !begins.iter().all(|b| bytes.next() == Some(*b)) {
                return None;
            }
            copy(bytes, rest)
        }
    };
    let found = form::length_of_value(&value[..PREFIX_LENGTH + length]).and_then(|length| {
        let text = std::str::from_utf8(&value[..length]).ok()?;
        let sha256 = digest::digest(&digest::SHA256, text.as_bytes());
        Some(Value {
            hint: form::hint(text),
            sha256: sha256.as_ref().try_into().ok()?,
            length: length - PREFIX_LENGTH,
        })
    });
    value.zeroize();
    found
}

/// Copies letters and digits to the first byte that is none.
fn copy(bytes: impl Iterator<Item = u8>, to: &mut [u8]) -> usize {
    let mut length = 0;
    for (place, byte) in to.iter_mut().zip(bytes) {
        if !byte.is_ascii_alphanumeric() {
            break;
        }
        *place = byte;
        length += 1;
    }
    length
}

/// Decodes base64, of either alphabet, to the first character that is none; line breaks are passed over.
fn base64(text: impl Iterator<Item = u8>) -> impl Iterator<Item = u8> {
    let mut bits = 0_u32;
    let mut have = 0;
    text.filter(|c| !matches!(c, b'\r' | b'\n'))
        .map_while(|c| {
            let six = match c {
                b'A'..=b'Z' => c - b'A',
                b'a'..=b'z' => c - b'a' + 26,
                b'0'..=b'9' => c - b'0' + 52,
                b'+' | b'-' => 62,
                b'/' | b'_' => 63,
                _ => return None,
            };
            Some(u32::from(six))
        })
        .filter_map(move |six| {
            bits = (bits << 6 | six) & 0xffff;
            have += 6;
            if have < 8 {
                return None;
            }
            have -= 8;
            u8::try_from(bits >> have & 0xff).ok()
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{Written, value, write};

    fn hits(bytes: &[u8], step: usize) -> Vec<Hit> {
        struct Slowly<'b>(&'b [u8], usize);
        impl Read for Slowly<'_> {
            fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
                let n = to.len().min(self.1).min(self.0.len());
                to[..n].copy_from_slice(&self.0[..n]);
                self.0 = &self.0[n..];
                Ok(n)
            }
        }
        let mut found = Vec::new();
        let mut searcher = Searcher::new().unwrap();
        let read = searcher
            .search(
                &mut Slowly(bytes, step),
                true,
                |_| Verdict::Search,
                |h| found.push(h),
            )
            .unwrap();
        assert_eq!(read, bytes.len() as u64);
        found
    }

    #[test]
    fn every_form_is_found_at_every_place_around_a_block_border() {
        for kind in [Kind::Secret, Kind::Public] {
            let value = value(kind, 40);
            for how in Written::ALL {
                let written = write(&value, how);
                for before in [
                    0,
                    1,
                    2,
                    3,
                    BLOCK - 600,
                    BLOCK - 100,
                    BLOCK - 3,
                    BLOCK,
                    2 * BLOCK - 130,
                ] {
                    let mut text = vec![b'.'; before];
                    text.extend(&written);
                    text.extend(b"\n;;;");
                    let found = hits(&text, 100_000);
                    assert_eq!(found.len(), 1, "{how:?} {before}");
                    assert_eq!(found[0].encoding, how.encoding());
                    assert_eq!(found[0].kind, kind);
                    assert_eq!(found[0].hint, form::hint(&value));
                    assert_eq!(
                        found[0].sha256,
                        digest::digest(&digest::SHA256, value.as_bytes()).as_ref()
                    );
                }
            }
        }
    }

    #[test]
    fn lines_and_columns_are_counted_over_blocks() {
        let value = value(Kind::Secret, 40);
        let mut text = "a line\n".repeat(BLOCK / 4).into_bytes();
        text.extend(format!("  {value}\n\n{value}").bytes());
        let found = hits(&text, usize::MAX);
        let first = (BLOCK / 4) as u64 + 1;
        let places: Vec<_> = found.iter().map(|h| (h.line, h.column)).collect();
        assert_eq!(places, [(first, 3), (first + 2, 1)]);
        assert_eq!(found[0].offset, 7 * (first - 1) + 2);
    }

    #[test]
    fn columns_are_code_units_of_utf16() {
        let value = value(Kind::Secret, 40);
        let place = |bytes: &[u8]| {
            let found = hits(bytes, usize::MAX);
            assert_eq!(found.len(), 1);
            (found[0].line, found[0].column)
        };
        assert_eq!(place(format!("\u{feff}key {value}").as_bytes()), (1, 5));
        assert_eq!(place(format!("\næøå😀 {value}").as_bytes()), (2, 7));
        let long = format!("{}ø{value}", "ø".repeat(BLOCK));
        assert_eq!(place(long.as_bytes()), (1, BLOCK as u64 + 2));
        let text = format!("\u{feff}ab\nø😀 {value}");
        for to_bytes in [u16::to_le_bytes, u16::to_be_bytes] {
            let bytes: Vec<u8> = text.encode_utf16().flat_map(to_bytes).collect();
            assert_eq!(place(&bytes), (2, 5));
        }
    }

    #[test]
    fn several_on_one_endless_line() {
        let value = value(Kind::Secret, 128);
        let text = format!("{}{value}{value},{value}", "x".repeat(3 * BLOCK));
        let found = hits(text.as_bytes(), usize::MAX);
        assert_eq!(found.len(), 3);
        assert!(found.iter().all(|h| h.line == 1));
    }

    #[test]
    fn hits_and_searchers_show_no_value() {
        let value = value(Kind::Secret, 40);
        let found = hits(value.as_bytes(), usize::MAX);
        assert!(!format!("{found:?}").contains(&value));
    }

    proptest! {
        #[test]
        fn a_planted_value_is_found(
            before in proptest::collection::vec(any::<u8>(), 0..3000),
            behind in proptest::collection::vec(any::<u8>(), 0..300),
            random in 32_u16..=128,
            public in any::<bool>(),
            how in 0..Written::ALL.len(),
            step in 1_usize..2000,
        ) {
            let kind = if public { Kind::Public } else { Kind::Secret };
            let value = value(kind, random);
            let how = Written::ALL[how];
            let mut text = before.clone();
            // What stands beside it in base64 and UTF-16 is of the same form.
            text.push(b'"');
            text.extend(write(&value, how));
            text.push(b'"');
            text.extend(&behind);
            let found = hits(&text, step);
            prop_assert_eq!(found.len(), 1);
            prop_assert_eq!(&found[0].hint, &form::hint(&value));
        }

        #[test]
        fn text_that_only_looks_like_one_is_not(
            parts in proptest::collection::vec("(dps_|dpp_|dps%5F|ZHBzX|Rwc1|kcHNf|dps\\\\u005f)[0-9A-Za-z]{0,200}", 0..20)
        ) {
            prop_assert!(hits(parts.concat().as_bytes(), usize::MAX).is_empty());
        }

        #[test]
        fn random_bytes_hold_none(bytes in proptest::collection::vec(any::<u8>(), 0..5000)) {
            prop_assert!(hits(&bytes, 999).is_empty());
        }
    }
}
