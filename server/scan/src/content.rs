//! What a stream holds: text to be searched, or an archive to be looked into – as deep, as many entries and as many
//! bytes as the limits allow, so that no archive can blow up.

use std::borrow::Cow;
use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, Write};
use std::path::Path;

use brotli_decompressor::Decompressor;
use flate2::read::MultiGzDecoder;
use ruzstd::decoding::StreamingDecoder;
use zip::ZipArchive;
use zip::result::ZipError;

use crate::report::{Gathering, Place};
use crate::search::{Hit, Searcher, Verdict};
use crate::{form, report};

/// How far into archives one file may lead.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Archives within archives.
    pub depth: usize,
    /// Bytes that are unpacked from one file.
    pub bytes: u64,
    /// Files that are unpacked from one file.
    pub entries: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 5,
            bytes: 4 * 1024 * 1024 * 1024,
            entries: 1_000_000,
        }
    }
}

/// Longest name of a tar entry that is read, in bytes.
const LONGEST_NAME: u64 = 4096;
/// What tells an archive from a text is within these bytes.
const HEAD: usize = 512;
const BUFFER: usize = 64 * 1024;

/// What a stream is by its first bytes; brotli has no mark, so its name decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Archive {
    Zip,
    Gzip,
    Tar,
    Zstd,
    Brotli,
    /// One that is not looked into.
    Other(&'static str),
}

fn recognise(head: &[u8], name: &str) -> Option<Archive> {
    const MARKS: [(&[u8], Archive); 9] = [
        (b"PK\x03\x04", Archive::Zip),
        (b"PK\x05\x06", Archive::Zip),
        (b"\x1f\x8b\x08", Archive::Gzip),
        (b"\x28\xb5\x2f\xfd", Archive::Zstd),
        (b"BZh", Archive::Other("bzip2")),
        (b"\xfd7zXZ\0", Archive::Other("xz")),
        (b"7z\xbc\xaf\x27\x1c", Archive::Other("7z")),
        (b"Rar!\x1a\x07", Archive::Other("rar")),
        (b"MSCF\0\0\0\0", Archive::Other("cab")),
    ];
    if let Some((_, archive)) = MARKS.iter().find(|(mark, _)| head.starts_with(mark)) {
        // Three letters are too few to be sure: behind `BZh` stand a digit and the number pi.
        let sure = !head.starts_with(b"BZh") || head.get(4..10) == Some(b"1AY&SY");
        return sure.then_some(*archive);
    }
    if head.get(257..262) == Some(b"ustar") {
        return Some(Archive::Tar);
    }
    Path::new(name)
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("br"))
        .then_some(Archive::Brotli)
}

/// Why an archive was left.
#[derive(Debug, thiserror::Error)]
enum Left {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("{0}")]
    Zip(#[from] ZipError),
}

#[derive(Debug, thiserror::Error)]
#[error("unpacked as far as the limit of {0} bytes allows; the rest was not searched")]
struct TooMuch(u64);

/// What is left of the limits, for one file or for several.
#[derive(Debug, Clone)]
pub(crate) struct Budget {
    limits: Limits,
    bytes: Cell<u64>,
    entries: Cell<u64>,
}

impl Budget {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            bytes: Cell::new(limits.bytes),
            entries: Cell::new(limits.entries),
        }
    }

    pub(crate) const fn limits(&self) -> Limits {
        self.limits
    }

    fn entry(&self) -> io::Result<()> {
        let left = self.entries.get().checked_sub(1);
        let left = left
            .ok_or_else(|| io::Error::other("more files than the limit allows; the rest was not searched"))?;
        self.entries.set(left);
        Ok(())
    }
}

/// A stream that costs its budget.
struct Metered<'b, R> {
    stream: R,
    budget: &'b Budget,
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let n = self.stream.read(to)?;
        let left = self.budget.bytes.get().checked_sub(n as u64);
        let left = left.ok_or_else(|| io::Error::other(TooMuch(self.budget.limits.bytes)))?;
        self.budget.bytes.set(left);
        Ok(n)
    }
}

/// Searches contents, one after the other; each thread has its own.
#[derive(Debug)]
pub(crate) struct Content<'g> {
    searcher: Searcher,
    limits: Limits,
    pub(crate) gathering: &'g Gathering,
}

impl<'g> Content<'g> {
    pub(crate) fn new(searcher: Searcher, limits: Limits, gathering: &'g Gathering) -> Self {
        Self {
            searcher,
            limits,
            gathering,
        }
    }

    /// A file on disk.
    pub(crate) fn file(&mut self, path: &Path) {
        let name = path.to_string_lossy();
        let place = Place::new(&name);
        self.name(&place, &name);
        if let Err(error) = self.open(path, &place) {
            self.gathering.note(&place, error.to_string());
        }
    }

    fn open(&mut self, path: &Path, place: &Place) -> io::Result<()> {
        let mut file = File::open(path)?;
        let (mut archive, mut any) = (None, false);
        // Lines are counted only when there is something to tell about: nearly never.
        let look = |head: &[u8]| {
            archive = recognise(head, &place.path);
            if archive.is_some() {
                Verdict::Stop
            } else {
                Verdict::Search
            }
        };
        let bytes = self.searcher.search(&mut file, false, look, |_| any = true)?;
        if let Some(archive) = archive {
            file.rewind()?;
            let budget = Budget::new(self.limits);
            let left = match archive {
                Archive::Zip => self.zip(place, &file, 1, &budget),
                _ => self.unpack(place, archive, &mut file, 1, &budget),
            };
            if let Err(left) = left {
                self.gathering.note(place, left.to_string());
                // It may only look like an archive.
                file.rewind()?;
                self.plain(place, &mut file)?;
            }
        } else if any {
            file.rewind()?;
            self.plain(place, &mut file)?;
        } else {
            self.gathering.searched(bytes);
        }
        Ok(())
    }

    /// A stream that can be read once.
    pub(crate) fn stream(&mut self, place: &Place, stream: &mut dyn Read) {
        self.stream_within(place, stream, &Budget::new(self.limits));
    }

    /// The same, with what others have left of a budget.
    pub(crate) fn stream_within(&mut self, place: &Place, stream: &mut dyn Read, budget: &Budget) {
        if let Err(left) = self.within(place, stream, 0, budget) {
            self.gathering.note(place, left.to_string());
        }
    }

    /// A name may hold a value too.
    pub(crate) fn name(&mut self, place: &Place, name: &str) {
        if form::mask(name).is_none() {
            return;
        }
        let gathering = self.gathering;
        let nameless = |hit: Hit| {
            let hit = Hit {
                line: 0,
                column: 0,
                ..hit
            };
            gathering.found(place, hit);
        };
        // A text in memory can always be read.
        let _ = self
            .searcher
            .search(&mut name.as_bytes(), false, |_| Verdict::Search, nameless);
    }

    /// A header of an answer.
    pub(crate) fn header(&mut self, place: &Place, value: &[u8]) {
        if form::mask(&String::from_utf8_lossy(value)).is_some() {
            self.name(&place.member("(header)"), &String::from_utf8_lossy(value));
        }
    }

    fn plain(&mut self, place: &Place, stream: &mut dyn Read) -> io::Result<()> {
        let gathering: &report::Gathering = self.gathering;
        let bytes = self.searcher.search(
            stream,
            true,
            |_| Verdict::Search,
            |hit| gathering.found(place, hit),
        )?;
        gathering.searched(bytes);
        Ok(())
    }

    fn within(
        &mut self,
        place: &Place,
        stream: &mut dyn Read,
        depth: usize,
        budget: &Budget,
    ) -> Result<(), Left> {
        let mut head = [0; HEAD];
        let mut filled = 0;
        while filled < HEAD {
            match stream.read(&mut head[filled..]) {
                Ok(0) => break,
                Ok(n) => filled += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        let head = &head[..filled];
        let name = place.members.last().unwrap_or(&place.path);
        let archive = recognise(head, name);
        let mut whole = head.chain(stream);
        match archive {
            None => Ok(self.plain(place, &mut whole)?),
            Some(archive) if depth < self.limits.depth => {
                self.unpack(place, archive, &mut whole, depth + 1, budget)
            }
            Some(_) => {
                self.gathering.note(
                    place,
                    format!(
                        "an archive deeper than {} others was not unpacked",
                        self.limits.depth
                    ),
                );
                Ok(self.plain(place, &mut whole)?)
            }
        }
    }

    fn unpack(
        &mut self,
        place: &Place,
        archive: Archive,
        stream: &mut dyn Read,
        depth: usize,
        budget: &Budget,
    ) -> Result<(), Left> {
        match archive {
            Archive::Zip => {
                // Its table of contents stands at its end.
                let mut spooled = tempfile::tempfile()?;
                let mut metered = Metered { stream, budget };
                io::copy(&mut metered, &mut spooled)?;
                spooled.flush()?;
                spooled.rewind()?;
                self.zip(place, &spooled, depth, budget)
            }
            Archive::Gzip => {
                let stream = MultiGzDecoder::new(BufReader::with_capacity(BUFFER, stream));
                self.unpacked(place, stream, depth, budget)
            }
            Archive::Zstd => {
                let stream = BufReader::with_capacity(BUFFER, stream);
                let stream = StreamingDecoder::new(stream).map_err(io::Error::other)?;
                self.unpacked(place, stream, depth, budget)
            }
            Archive::Brotli => self.unpacked(place, Decompressor::new(stream, BUFFER), depth, budget),
            Archive::Tar => self.tar(place, stream, depth, budget),
            Archive::Other(name) => {
                self.gathering.note(
                    place,
                    format!("{name} is not unpacked; only its own bytes were searched"),
                );
                Ok(self.plain(place, stream)?)
            }
        }
    }

    /// What was packed alone: it has the archive's name without the ending.
    fn unpacked(
        &mut self,
        place: &Place,
        stream: impl Read,
        depth: usize,
        budget: &Budget,
    ) -> Result<(), Left> {
        let name = place.members.last().unwrap_or(&place.path);
        let inner = Path::new(name)
            .file_stem()
            .map(|s| s.to_string_lossy().into_owned())
            .unwrap_or_default();
        let mut metered = Metered { stream, budget };
        self.within(&place.member(&inner), &mut metered, depth, budget)
    }

    fn zip(&mut self, place: &Place, file: &File, depth: usize, budget: &Budget) -> Result<(), Left> {
        let mut archive = ZipArchive::new(BufReader::with_capacity(BUFFER, file))?;
        for index in 0..archive.len() {
            budget.entry()?;
            let member = match archive.by_index(index) {
                Ok(entry) if entry.is_dir() => continue,
                Ok(entry) => {
                    let name = entry
                        .name()
                        .map_or_else(|_| format!("entry {index}"), Cow::into_owned);
                    let inner = place.member(&name);
                    self.name(&inner, &name);
                    let mut metered = Metered {
                        stream: entry,
                        budget,
                    };
                    self.within(&inner, &mut metered, depth, budget)
                        .map_err(|left| (inner, left))
                }
                Err(error) => Err((place.member(&format!("entry {index}")), error.into())),
            };
            if let Err((inner, left)) = member {
                self.gathering.note(&inner, left.to_string());
                if budget.bytes.get() == 0 || is_too_much(&left) {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn tar(
        &mut self,
        place: &Place,
        stream: &mut dyn Read,
        depth: usize,
        budget: &Budget,
    ) -> Result<(), Left> {
        let mut archive = tar::Archive::new(Metered { stream, budget });
        // Raw: names longer than a header are entries of their own, which the library would read whole, however long.
        let mut long_name = None;
        for entry in archive.entries()?.raw(true) {
            budget.entry()?;
            let mut entry = entry?;
            let kind = entry.header().entry_type();
            if kind.is_gnu_longname() || kind.is_pax_local_extensions() {
                let mut head = Vec::new();
                (&mut entry).take(LONGEST_NAME).read_to_end(&mut head)?;
                long_name = if kind.is_gnu_longname() {
                    head.split(|b| *b == 0).next().map(<[u8]>::to_vec)
                } else {
                    pax_path(&head).or(long_name)
                };
                self.plain(place, &mut head.chain(entry))?;
                continue;
            }
            let name = long_name
                .take()
                .unwrap_or_else(|| entry.path_bytes().into_owned());
            let name = String::from_utf8_lossy(&name).into_owned();
            let inner = place.member(&name);
            self.name(&inner, &name);
            self.within(&inner, &mut entry, depth, budget)?;
        }
        Ok(())
    }
}

fn is_too_much(left: &Left) -> bool {
    matches!(left, Left::Io(error) if error.get_ref().and_then(|e| e.downcast_ref::<TooMuch>()).is_some())
}

/// The name in an extended header of tar: lines of `length path=name`.
fn pax_path(head: &[u8]) -> Option<Vec<u8>> {
    head.split(|b| *b == b'\n').find_map(|line| {
        let at = line.iter().position(|b| *b == b' ')?;
        line[at + 1..].strip_prefix(b"path=").map(<[u8]>::to_vec)
    })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use wire::Kind;
    use zip::write::SimpleFileOptions;

    use super::*;
    use crate::report::Report;
    use crate::testing::value;

    fn look_into(name: &str, bytes: &[u8], limits: Limits) -> Report {
        let gathering = Gathering::default();
        Content::new(Searcher::new().unwrap(), limits, &gathering).stream(&Place::new(name), &mut &*bytes);
        let by_stream = gathering.finish();
        // The same from a file.
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let gathering = Gathering::default();
        Content::new(Searcher::new().unwrap(), limits, &gathering).file(&path);
        let report = gathering.finish();
        assert_eq!(by_stream.findings.len(), report.findings.len());
        for (a, b) in by_stream.findings.iter().zip(&report.findings) {
            assert_eq!((&a.place.members, a.line), (&b.place.members, b.line));
        }
        assert_eq!(by_stream.notes.len(), report.notes.len());
        report
    }

    fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in files {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn tarred(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut tar = tar::Builder::new(Vec::new());
        for (name, bytes) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            tar.append_data(&mut header, name, *bytes).unwrap();
        }
        tar.into_inner().unwrap()
    }

    fn gzipped(bytes: &[u8]) -> Vec<u8> {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(bytes).unwrap();
        gzip.finish().unwrap()
    }

    fn brotlied(bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        brotli::BrotliCompress(
            &mut &*bytes,
            &mut out,
            &brotli::enc::BrotliEncoderParams::default(),
        )
        .unwrap();
        out
    }

    #[test]
    fn each_archive_is_looked_into() {
        let value = value(Kind::Secret, 40);
        let script = format!("let a;\nlet key = '{value}';\n");
        let script = script.as_bytes();
        let long = format!("{}/app.js", "folder/".repeat(30));
        for (name, bytes, members) in [
            (
                "site.zip",
                zipped(&[("a.txt", b"x"), ("js/app.js", script)]),
                vec!["js/app.js"],
            ),
            (
                "site.tar",
                tarred(&[("a.txt", b"x"), ("js/app.js", script)]),
                vec!["js/app.js"],
            ),
            ("long.tar", tarred(&[(&long, script)]), vec![long.as_str()]),
            ("app.js.gz", gzipped(script), vec!["app.js"]),
            ("app.js.br", brotlied(script), vec!["app.js"]),
            (
                "app.js.zst",
                ruzstd::encoding::compress_to_vec(script, ruzstd::encoding::CompressionLevel::Fastest),
                vec!["app.js"],
            ),
            (
                "site.tgz",
                gzipped(&tarred(&[("inner.zip", &zipped(&[("app.js", script)]))])),
                vec!["site", "inner.zip", "app.js"],
            ),
        ] {
            let report = look_into(name, &bytes, Limits::default());
            assert_eq!(report.findings.len(), 1, "{name}");
            assert_eq!(report.findings[0].place.members, members, "{name}");
            assert_eq!((report.findings[0].line, report.findings[0].column), (2, 12));
            assert!(report.notes.is_empty(), "{name}: {:?}", report.notes);
        }
    }

    #[test]
    fn bombs_do_not_go_off() {
        let limits = Limits {
            depth: 3,
            bytes: 1_000_000,
            entries: 50,
        };
        let zeros = vec![0; 4_000_000];
        let said = |report: &Report, what: &str| {
            assert!(
                report.notes.iter().any(|n| n.text.contains(what)),
                "{what}: {:?}",
                report.notes
            );
        };
        said(
            &look_into("b.gz", &gzipped(&zeros), limits),
            "limit of 1000000 bytes",
        );
        said(
            &look_into("b.br", &brotlied(&zeros), limits),
            "limit of 1000000 bytes",
        );
        let many = zipped(&[("a", &zeros), ("b", &zeros)]);
        said(&look_into("b.zip", &many, limits), "limit of 1000000 bytes");
        let names: Vec<String> = (0..100).map(|n| format!("{n}")).collect();
        let files: Vec<(&str, &[u8])> = names.iter().map(|n| (n.as_str(), &b""[..])).collect();
        said(&look_into("b.zip", &zipped(&files), limits), "more files");
        said(&look_into("b.tar", &tarred(&files), limits), "more files");
        let mut deep = b"x".to_vec();
        for _ in 0..6 {
            deep = gzipped(&deep);
        }
        said(&look_into("b.gz", &deep, limits), "deeper than 3");
    }

    #[test]
    fn what_only_looks_like_an_archive_is_searched_as_it_is() {
        let value = value(Kind::Secret, 40);
        for mark in ["PK\x03\x04", "\x1f\u{8b}\x08", "Rar!\x1a\x07", "7z"] {
            let text = format!("{mark} {value}");
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("x.br");
            std::fs::write(&path, text).unwrap();
            let gathering = Gathering::default();
            Content::new(Searcher::new().unwrap(), Limits::default(), &gathering).file(&path);
            let report = gathering.finish();
            assert_eq!(report.findings.len(), 1, "{mark}");
            assert_eq!(report.notes.len(), 1, "{mark}");
        }
    }

    #[test]
    fn names_are_searched_and_masked() {
        let value = value(Kind::Secret, 40);
        let report = look_into(
            "a.zip",
            &zipped(&[(&format!("{value}.txt"), b"")]),
            Limits::default(),
        );
        assert_eq!(report.findings.len(), 1);
        assert_eq!(report.findings[0].line, 0);
        assert!(!format!("{report:?}").contains(&value));
    }
}
