//! How an answer was packed on its way (`Content-Encoding`). None is asked for; some sites pack all the same, because
//! their files lie there packed. Never anything about what a file itself is: that is for its contents to say.

use std::io::{BufReader, Read};

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use reqwest::header::{CONTENT_ENCODING, HeaderMap};

use crate::brotli::Brotli;
use crate::content::{Budget, Metered};
use crate::zstd::Frames;

const BUFFER: usize = 64 * 1024;

/// A body as its site means it.
pub(crate) struct Decoded {
    pub(crate) body: Vec<u8>,
    /// Whether it was packed.
    pub(crate) was_packed: bool,
    /// What could not be unpacked.
    pub(crate) note: Option<String>,
}

/// Unpacks a body to at most so many bytes, which cost their budget. Of what cannot be unpacked to its end, the part
/// before that is answered; of what cannot be unpacked at all, the body itself.
pub(crate) fn decode(headers: &HeaderMap, mut body: Vec<u8>, most: usize, budget: &Budget) -> Decoded {
    let (mut was_packed, mut note) = (false, None);
    // What was done last is undone first.
    for name in codings(headers).iter().rev() {
        if body.is_empty() || note.is_some() {
            break;
        }
        let (unpacked, failed) = unpack(name, &body, most, budget);
        note = failed;
        if note.is_none() || !unpacked.is_empty() {
            (body, was_packed) = (unpacked, true);
        }
    }
    Decoded {
        body,
        was_packed,
        note,
    }
}

/// The codings in the order in which they were applied; what is no text is one that nobody knows.
fn codings(headers: &HeaderMap) -> Vec<String> {
    headers
        .get_all(CONTENT_ENCODING)
        .iter()
        .flat_map(|value| value.to_str().unwrap_or("(no text)").split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .filter(|name| !name.is_empty() && name != "identity")
        .collect()
}

/// What is unpacked, and what is to be said about it.
fn unpack(name: &str, packed: &[u8], most: usize, budget: &Budget) -> (Vec<u8>, Option<String>) {
    let stream: Box<dyn Read + '_> = match name {
        "gzip" | "x-gzip" => Box::new(MultiGzDecoder::new(packed)),
        "br" => Box::new(Brotli::new(packed)),
        "zstd" => Box::new(Frames::new(BufReader::with_capacity(BUFFER, packed))),
        // Some servers leave the two bytes away that should stand before it.
        "deflate" if is_zlib(packed) => Box::new(ZlibDecoder::new(packed)),
        "deflate" => Box::new(DeflateDecoder::new(packed)),
        _ => {
            let text =
                format!("it came packed as {name}, which is not unpacked; only its own bytes were searched");
            return (Vec::new(), Some(text));
        }
    };
    let mut metered = Metered { stream, budget };
    let mut unpacked = Vec::new();
    // One more than may be: to see that there is more.
    let read = (&mut metered).take(most as u64 + 1).read_to_end(&mut unpacked);
    let note = match read {
        Err(error) => Some(format!("it came packed as {name}, and not to its end: {error}")),
        Ok(_) if unpacked.len() > most => {
            unpacked.truncate(most);
            Some(format!(
                "unpacked larger than {most} bytes; the rest was not searched"
            ))
        }
        Ok(_) => None,
    };
    (unpacked, note)
}

fn is_zlib(bytes: &[u8]) -> bool {
    matches!(bytes, [first, second, ..] if first & 0x0f == 8 && u16::from_be_bytes([*first, *second]) % 31 == 0)
}
