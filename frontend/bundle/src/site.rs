//! The finished files: compressed, written, and weighed.
//!
//! Owns the site folder: what it did not write does not stay there. Must never look inside a file.

use std::{fmt, fs, io::ErrorKind, path::Path};

use brotli::enc::BrotliEncoderParams;
use sha2::{Digest as _, Sha256};

use crate::{Outcome, files};

/// SHA-256, written as hexadecimal digits.
#[derive(Default)]
pub(crate) struct Hash(Sha256);

impl Hash {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        // The length keeps "ab", "c" apart from "a", "bc".
        self.0.update(bytes.len().to_le_bytes());
        self.0.update(bytes);
    }

    pub(crate) fn finish(self) -> String {
        use fmt::Write as _;
        self.0.finalize().iter().fold(String::new(), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

/// When a browser downloads a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Visit {
    /// Whoever has never been here.
    First,
    /// Whoever has never been here and reads this language.
    FirstIn(&'static str),
    /// Only where it is needed.
    Later,
}

/// A file of the site.
pub(crate) struct Asset {
    /// As served.
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    /// Only where it is smaller.
    brotli: Option<Vec<u8>>,
    visit: Visit,
}

impl Asset {
    pub(crate) fn new(name: String, bytes: Vec<u8>, visit: Visit) -> Outcome<Self> {
        let mut compressed = Vec::new();
        let parameters = BrotliEncoderParams {
            quality: 11,
            size_hint: bytes.len(),
            ..Default::default()
        };
        brotli::BrotliCompress(&mut bytes.as_slice(), &mut compressed, &parameters)?;
        let brotli = (compressed.len() < bytes.len()).then_some(compressed);
        Ok(Self {
            name,
            bytes,
            brotli,
            visit,
        })
    }

    /// What travels.
    fn weight(&self) -> usize {
        self.brotli.as_ref().unwrap_or(&self.bytes).len()
    }
}

/// What a browser downloads that has never been here, in the language whose texts are longest.
pub(crate) fn first_visit(assets: &[Asset]) -> usize {
    let weight = |visit: Visit| -> usize {
        let those = assets.iter().filter(|asset| asset.visit == visit);
        those.map(Asset::weight).sum()
    };
    let languages = assets.iter().filter_map(|asset| match asset.visit {
        Visit::FirstIn(_) => Some(weight(asset.visit)),
        Visit::First | Visit::Later => None,
    });
    weight(Visit::First) + languages.max().unwrap_or_default()
}

/// Brings the folder to exactly these files, and touches none that is right already: the server is built again
/// when one of them is newer.
pub(crate) fn write(site: &Path, assets: &[Asset]) -> Outcome<()> {
    fs::create_dir_all(site)?;
    let mut wanted = Vec::new();
    for asset in assets {
        wanted.push((site.join(&asset.name), &asset.bytes));
        if let Some(brotli) = &asset.brotli {
            wanted.push((site.join(format!("{}.br", asset.name)), brotli));
        }
    }
    for path in files(site)? {
        if !wanted.iter().any(|(wanted, _)| *wanted == path) {
            fs::remove_file(path)?;
        }
    }
    for (path, bytes) in wanted {
        match fs::read(&path) {
            Ok(there) if there == *bytes => {}
            Ok(_) => fs::write(path, bytes)?,
            Err(error) if error.kind() == ErrorKind::NotFound => fs::write(path, bytes)?,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// The sizes, for people.
pub(crate) struct Table<'a>(pub(crate) &'a [Asset]);

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<32} {:>10} {:>10}", "asset", "bytes", "brotli")?;
        for asset in self.0 {
            writeln!(
                f,
                "{:<32} {:>10} {:>10}",
                asset.name,
                asset.bytes.len(),
                asset.weight()
            )?;
        }
        write!(f, "{:<32} {:>10} {:>10}", "first visit", "", first_visit(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_get_smaller_stays_as_it_is() {
        let small = Asset::new("a.txt".into(), b"a".to_vec(), Visit::First).unwrap();
        assert!(small.brotli.is_none());
        let large = Asset::new("b.txt".into(), vec![b'a'; 1000], Visit::First).unwrap();
        assert!(large.weight() < 100);
    }

    #[test]
    fn a_first_visit_is_in_one_language() {
        let asset = |name: &str, weight, visit| {
            let bytes = name.bytes().cycle().take(weight).collect();
            Asset::new(name.into(), bytes, visit).unwrap()
        };
        // So small that nothing makes them smaller.
        let assets = [
            asset("a", 1, Visit::First),
            asset("b", 2, Visit::FirstIn("en")),
            asset("c", 3, Visit::FirstIn("nb")),
            asset("d", 1, Visit::FirstIn("nb")),
            asset("e", 3, Visit::Later),
        ];
        assert_eq!(first_visit(&assets), 5);
    }

    #[test]
    fn the_folder_holds_exactly_the_site() {
        let folder = std::env::temp_dir().join(format!("daypass-bundle-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("old-0123.css"), "gone").unwrap();
        let assets = [Asset::new("a.css".into(), vec![b'a'; 1000], Visit::First).unwrap()];
        write(&folder, &assets).unwrap();
        let names: Vec<_> = files(&folder)
            .unwrap()
            .iter()
            .map(|path| path.file_name().unwrap().to_owned())
            .collect();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(names, ["a.css", "a.css.br"]);
    }
}
