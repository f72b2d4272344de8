//! What folders in a history say: the names of files, which are not in the files. Of use for what only its name shows to
//! be packed.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::content::is_archive;

/// The most files that are remembered.
const MOST: usize = 100_000;

/// Files that are to be unpacked because of their names, by their objects.
#[derive(Debug, Default)]
pub(crate) struct Named {
    pub(crate) files: BTreeMap<String, String>,
    /// There were more.
    pub(crate) is_full: bool,
}

impl Named {
    /// Reads a folder as git keeps it: for each entry its mode, a space, its name, a zero, and its object's number.
    pub(crate) fn add(&mut self, mut folder: &[u8], id_length: usize) {
        while let Some((entry, rest)) = split(folder, 0) {
            let Some((id, rest)) = rest.split_at_checked(id_length) else {
                return;
            };
            folder = rest;
            let Some((mode, name)) = split(entry, b' ') else {
                return;
            };
            let name = String::from_utf8_lossy(name);
            if !mode.starts_with(b"100") || !is_archive(b"", &name) {
                continue;
            }
            if self.files.len() >= MOST {
                self.is_full = true;
                return;
            }
            let mut object = String::with_capacity(id_length * 2);
            for byte in id {
                // Writing to a text cannot fail.
                let _ = write!(object, "{byte:02x}");
            }
            self.files.insert(object, name.into_owned());
        }
    }
}

fn split(bytes: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let place = memchr::memchr(at, bytes)?;
    Some((&bytes[..place], &bytes[place + 1..]))
}
