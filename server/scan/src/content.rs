//! What a stream holds: text to be searched, or an archive to be looked into – as deep, as many entries and as many
//! bytes as the limits allow, so that no archive can blow up.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

use flate2::read::MultiGzDecoder;
use zip::ZipReadOptions;
use zip::read::Config;
use zip::result::ZipError;
use zip::unstable::read::ZipIterable;

use crate::brotli::Brotli;
use crate::mask::mask;
use crate::report::{Gathering, Place};
use crate::search::{Hit, LONGEST_FORM, Searcher, Sha256, Verdict};
use crate::zstd::Frames;

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
/// The most that is read of a zip to learn where its table of contents begins, in bytes.
const LONGEST_END: u64 = 64 * 1024 * 1024;
/// What tells an archive from a text is within these bytes.
const HEAD: usize = 512;
/// Bytes of the record that a zip ends with, and of what may stand behind it.
const ZIP_END: usize = 22;
const ZIP_COMMENT: usize = 65_535;
const BUFFER: usize = 64 * 1024;
/// A file of so many bytes is searched in pieces, one for each core: below that, other files keep the cores busy.
const LARGE: u64 = 32 * 1024 * 1024;

/// What a stream is by its first bytes; brotli has no mark, so its name decides. What begins with a program or with
/// signatures may be a zip by its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Archive {
    Zip,
    Gzip,
    Tar,
    Zstd,
    Brotli,
    /// Perhaps a zip with something before it.
    PerhapsZip,
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
    // Frames to be skipped may come first, and do where several threads have packed.
    if head.get(1..4) == Some(b"\x2a\x4d\x18") && head[0] & 0xf0 == 0x50 {
        return Some(Archive::Zstd);
    }
    if head.get(257..262) == Some(b"ustar") {
        return Some(Archive::Tar);
    }
    let ending = Path::new(name).extension().and_then(|e| e.to_str());
    let ending = ending.map(str::to_ascii_lowercase);
    if ending.as_deref() == Some("br") {
        return Some(Archive::Brotli);
    }
    let is_program = matches!(ending.as_deref(), Some("crx" | "exe" | "pyz" | "run" | "sfx"));
    let is_likely = is_program || head.starts_with(b"Cr24");
    (is_likely || memchr::memmem::find(head, b"PK\x03\x04").is_some()).then_some(Archive::PerhapsZip)
}

/// Whether something would be unpacked that begins so and has that name.
pub(crate) fn is_archive(head: &[u8], name: &str) -> bool {
    recognise(&head[..head.len().min(HEAD)], name).is_some()
}

/// Whether a file ends like a zip, whatever it begins with: with the record that leads to a table of contents, and that
/// table where it says. That a file has no more than the mark of that record says nothing.
fn ends_like_a_zip(file: &File) -> io::Result<bool> {
    let length = file.metadata()?.len();
    let tail = length.min((ZIP_END + ZIP_COMMENT) as u64);
    let begins = length - tail;
    let mut bytes = vec![0; usize::try_from(tail).unwrap_or(0)];
    file.read_exact_at(&mut bytes, begins)?;
    for at in memchr::memmem::find_iter(&bytes, b"PK\x05\x06") {
        let Some(end) = bytes[at..].first_chunk::<ZIP_END>() else {
            break;
        };
        let comment = usize::from(u16::from_le_bytes([end[20], end[21]]));
        let size = u64::from(u32::from_le_bytes([end[12], end[13], end[14], end[15]]));
        if at + ZIP_END + comment != bytes.len() {
            continue;
        }
        // A larger one says elsewhere how large it is.
        let Some(contents) = (begins + at as u64)
            .checked_sub(size)
            .filter(|_| size != u64::from(u32::MAX))
        else {
            return Ok(size == u64::from(u32::MAX));
        };
        let mut mark = [0; 4];
        file.read_exact_at(&mut mark, contents)?;
        return Ok(&mark == b"PK\x01\x02");
    }
    Ok(false)
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
pub(crate) struct Metered<'b, R> {
    pub(crate) stream: R,
    pub(crate) budget: &'b Budget,
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let n = self.stream.read(to)?;
        let left = self.budget.bytes.get().checked_sub(n as u64);
        // Whoever meets the error, however it is wrapped, sees by what is left that there is nothing to go on with.
        self.budget.bytes.set(left.unwrap_or(0));
        left.map(|_| n)
            .ok_or_else(|| io::Error::other(TooMuch(self.budget.limits.bytes)))
    }
}

/// A part of a file, read beside others.
struct Piece<'f> {
    file: &'f File,
    at: u64,
    end: u64,
}

impl Read for Piece<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let room = to.len().min(left);
        let n = self.file.read_at(&mut to[..room], self.at)?;
        self.at += n as u64;
        Ok(n)
    }
}

/// Fails once, where a stream did: what came before that is searched like anything else.
struct Failed(Option<io::Error>);

impl Read for Failed {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// A zip while its end is read: what leads to its table of contents may claim to be as long as the whole file, and is
/// held in memory.
struct Contents<'f> {
    file: &'f File,
    /// Bytes that may still be read.
    left: u64,
}

impl<'f> Contents<'f> {
    const fn new(file: &'f File) -> Self {
        Self {
            file,
            left: LONGEST_END,
        }
    }
}

impl Read for Contents<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let n = self.file.read(to)?;
        let left = self.left.checked_sub(n as u64);
        self.left = left.ok_or_else(|| io::Error::other("where its contents are is too long to be read"))?;
        Ok(n)
    }
}

impl Seek for Contents<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// Searches contents, one after the other; each thread has its own.
#[derive(Debug)]
pub(crate) struct Content<'g> {
    searcher: Searcher,
    limits: Limits,
    /// Values that were found in the file that is searched.
    found: HashSet<Sha256>,
    pub(crate) gathering: &'g Gathering,
}

impl<'g> Content<'g> {
    pub(crate) fn new(searcher: Searcher, limits: Limits, gathering: &'g Gathering) -> Self {
        Self {
            searcher,
            limits,
            found: HashSet::new(),
            gathering,
        }
    }

    /// A file on disk.
    pub(crate) fn file(&mut self, path: &Path) {
        let name = path.to_string_lossy();
        let place = Place::new(&name);
        self.found.clear();
        self.name(&place, &name);
        if let Err(error) = self.open(path, &place) {
            self.gathering.note(&place, error.to_string());
        }
    }

    fn open(&mut self, path: &Path, place: &Place) -> io::Result<()> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        let (mut archive, mut any, mut is_text) = (None, false, true);
        // Lines are counted only when there is something to tell about: nearly never.
        let mut look = |head: &[u8]| {
            let head = &head[..head.len().min(HEAD)];
            archive = recognise(head, &place.path);
            is_text = !head.contains(&0) && !head.starts_with(b"#!");
            match archive {
                None | Some(Archive::PerhapsZip) => Verdict::Search,
                Some(_) => Verdict::Stop,
            }
        };
        let searched = if length >= LARGE {
            let mut head = [0; HEAD];
            file.read_exact_at(&mut head, 0)?;
            match look(&head) {
                Verdict::Stop => Ok(0),
                Verdict::Search => self.search_in_pieces(&file, length, &mut any),
            }
        } else {
            self.searcher.search(&mut file, false, look, |_| any = true)
        };
        // A look at its end costs a little: not for each of many texts.
        if archive == Some(Archive::PerhapsZip) || (archive.is_none() && !is_text) {
            archive = ends_like_a_zip(&file)?.then_some(Archive::Zip);
        }
        if let Some(archive) = archive {
            file.rewind()?;
            let budget = Budget::new(self.limits);
            let left = match archive {
                Archive::Zip => self.zip(place, &file, 1, &budget),
                _ => self.unpack(place, &place.path, archive, &mut file, 1, &budget),
            };
            // It may only look like an archive, and in one that is there is more than what it unpacks to.
            file.rewind()?;
            let bytes = self.rest(place, &mut file)?;
            if let Err(left) = left {
                self.gathering.note(place, left.to_string());
                self.gathering.searched(bytes);
            }
        } else if any {
            file.rewind()?;
            self.plain(place, &mut file)?;
        } else {
            self.gathering.searched(searched?);
        }
        Ok(())
    }

    /// Looks on all cores whether there is `any` value in a large file. Pieces overlap by what a value may take, so that
    /// none is cut in two.
    fn search_in_pieces(&self, file: &File, length: u64, any: &mut bool) -> io::Result<u64> {
        let pieces = std::thread::available_parallelism().map_or(1, |n| n.get() as u64);
        let each = length.div_ceil(pieces);
        std::thread::scope(|scope| {
            let searching: Vec<_> = (0..pieces)
                .map(|number| {
                    let mut searcher = self.searcher.another();
                    let mut piece = Piece {
                        file,
                        at: number * each,
                        end: (number + 1) * each + LONGEST_FORM as u64,
                    };
                    scope.spawn(move || {
                        let mut any = false;
                        let searched =
                            searcher.search(&mut piece, false, |_| Verdict::Search, |_| any = true);
                        (any, searched)
                    })
                })
                .collect();
            let mut all = Ok(length);
            for thread in searching {
                let stopped = |_| (false, Err(io::Error::other("the search stopped half-way")));
                let (found, searched) = thread.join().unwrap_or_else(stopped);
                *any |= found;
                all = all.and_then(|all| searched.map(|_| all));
            }
            all
        })
    }

    /// What is in memory as a whole, with what others have left of a budget.
    pub(crate) fn bytes_within(&mut self, place: &Place, name: &str, bytes: &[u8], budget: &Budget) {
        self.stream_within(place, name, &mut &*bytes, budget);
        if is_archive(bytes, name) {
            // Bytes in memory can always be read.
            let _ = self.rest(place, &mut &*bytes);
        }
    }

    /// Unpacks what only its name shows to be packed, and what was searched as it is without one: no value that it has so
    /// is told again.
    pub(crate) fn unpack_named(&mut self, place: &Place, name: &str, stream: &mut dyn Read) {
        if let Err(left) = self.known(place, name, stream) {
            self.gathering.note(place, left.to_string());
        }
    }

    fn known(&mut self, place: &Place, name: &str, stream: &mut dyn Read) -> Result<(), Left> {
        let mut spooled = tempfile::tempfile()?;
        io::copy(stream, &mut spooled)?;
        spooled.rewind()?;
        self.found.clear();
        let found = &mut self.found;
        let known = |hit: Hit| {
            found.insert(hit.sha256);
        };
        self.searcher
            .search(&mut spooled, false, |_| Verdict::Search, known)?;
        spooled.rewind()?;
        let budget = Budget::new(self.limits);
        match recognise(b"", name) {
            Some(Archive::PerhapsZip) if !ends_like_a_zip(&spooled)? => Ok(()),
            Some(archive) => self.unpack(place, name, archive, &mut spooled, 1, &budget),
            None => Ok(()),
        }
    }

    /// A stream that can be read once, and has no name.
    pub(crate) fn stream(&mut self, place: &Place, stream: &mut dyn Read) {
        self.stream_within(place, "", stream, &Budget::new(self.limits));
    }

    /// The same for one that has a name, with what others have left of a budget.
    pub(crate) fn stream_within(
        &mut self,
        place: &Place,
        name: &str,
        stream: &mut dyn Read,
        budget: &Budget,
    ) {
        self.found.clear();
        if let Err(left) = self.within(place, name, stream, 0, budget) {
            self.gathering.note(place, left.to_string());
        }
    }

    /// A name may hold a value too.
    pub(crate) fn name(&mut self, place: &Place, name: &str) {
        if mask(name).is_some() {
            self.nameless(place, name, |_, _| true);
        }
    }

    /// A header of an answer.
    pub(crate) fn header(&mut self, place: &Place, value: &[u8]) {
        self.name(&place.member("(header)"), &String::from_utf8_lossy(value));
    }

    /// Where a page leads to, as a browser reads it: what is written there otherwise than in the page is told.
    pub(crate) fn link(&mut self, place: &Place, link: &str) {
        if mask(link).is_some() {
            self.nameless(&place.member("(link)"), link, |found, hit| {
                !found.contains(&hit.sha256)
            });
        }
    }

    /// A text that stands in no line of a file.
    fn nameless(&mut self, place: &Place, text: &str, is_told: fn(&HashSet<Sha256>, &Hit) -> bool) {
        let (gathering, found) = (self.gathering, &mut self.found);
        let hit = |hit: Hit| {
            if is_told(found, &hit) {
                found.insert(hit.sha256);
                gathering.found(
                    place,
                    Hit {
                        line: 0,
                        column: 0,
                        ..hit
                    },
                );
            }
        };
        // A text in memory can always be read.
        let _ = self
            .searcher
            .search(&mut text.as_bytes(), false, |_| Verdict::Search, hit);
    }

    fn plain(&mut self, place: &Place, stream: &mut dyn Read) -> io::Result<()> {
        let (gathering, found) = (self.gathering, &mut self.found);
        let hit = |hit: Hit| {
            found.insert(hit.sha256);
            gathering.found(place, hit);
        };
        let bytes = self.searcher.search(stream, true, |_| Verdict::Search, hit)?;
        gathering.searched(bytes);
        Ok(())
    }

    /// An archive's own bytes, or what is left of them: what stands between its files and behind its end. Values that
    /// were found in its files already are not told again.
    fn rest(&mut self, place: &Place, stream: &mut dyn Read) -> io::Result<u64> {
        let (gathering, found) = (self.gathering, &mut self.found);
        let hit = |hit: Hit| {
            if found.insert(hit.sha256) {
                gathering.found(place, hit);
            }
        };
        self.searcher.search(stream, true, |_| Verdict::Search, hit)
    }

    fn within(
        &mut self,
        place: &Place,
        name: &str,
        stream: &mut dyn Read,
        depth: usize,
        budget: &Budget,
    ) -> Result<(), Left> {
        let mut head = [0; HEAD];
        let (mut filled, mut failed) = (0, None);
        while filled < HEAD {
            match stream.read(&mut head[filled..]) {
                Ok(0) => break,
                Ok(n) => filled += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        let head = &head[..filled];
        let archive = recognise(head, name);
        let mut whole = head.chain(Failed(failed)).chain(stream);
        match archive {
            None => Ok(self.plain(place, &mut whole)?),
            Some(archive) if depth < self.limits.depth => {
                self.unpack(place, name, archive, &mut whole, depth + 1, budget)
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
        name: &str,
        archive: Archive,
        stream: &mut dyn Read,
        depth: usize,
        budget: &Budget,
    ) -> Result<(), Left> {
        match archive {
            Archive::Zip | Archive::PerhapsZip => {
                // Its table of contents stands at its end. It was counted when it was unpacked itself, if it was.
                let mut spooled = tempfile::tempfile()?;
                let most = self.limits.bytes;
                if io::copy(&mut stream.take(most.saturating_add(1)), &mut spooled)? > most {
                    budget.bytes.set(0);
                    return Err(io::Error::other(TooMuch(most)).into());
                }
                spooled.flush()?;
                spooled.rewind()?;
                if archive == Archive::PerhapsZip && !ends_like_a_zip(&spooled)? {
                    return Ok(self.plain(place, &mut spooled)?);
                }
                let done = self.zip(place, &spooled, depth, budget);
                spooled.rewind()?;
                self.rest(place, &mut spooled)?;
                done
            }
            Archive::Gzip => {
                let stream = MultiGzDecoder::new(BufReader::with_capacity(BUFFER, stream));
                self.unpacked(place, name, stream, depth, budget)
            }
            Archive::Zstd => {
                let stream = Frames::new(BufReader::with_capacity(BUFFER, stream));
                self.unpacked(place, name, stream, depth, budget)
            }
            Archive::Brotli => {
                let mut brotli = Brotli::new(stream);
                self.unpacked(place, name, &mut brotli, depth, budget)?;
                self.rest(place, &mut brotli.rest())?;
                Ok(())
            }
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
        name: &str,
        stream: impl Read,
        depth: usize,
        budget: &Budget,
    ) -> Result<(), Left> {
        let inner = Path::new(name)
            .file_stem()
            .map(|s| s.to_string_lossy().into_owned())
            .unwrap_or_default();
        let mut metered = Metered { stream, budget };
        self.within(&place.member(&inner), &inner, &mut metered, depth, budget)
    }

    /// Entry after entry, so that no table of contents is too long for the memory, and none hides another of its name.
    fn zip(&mut self, place: &Place, file: &File, depth: usize, budget: &Budget) -> Result<(), Left> {
        let file = BufReader::with_capacity(BUFFER, Contents::new(file));
        let mut archive = ZipIterable::try_new(file, Config::default())?;
        let entries = archive.files()?;
        entries.reader_mut().get_mut().left = u64::MAX;
        while let Some(entry) = entries.next() {
            budget.entry()?;
            let entry = entry?;
            if entry.is_dir() {
                continue;
            }
            let name = entry.name().map_or_else(
                |_| String::from_utf8_lossy(entry.name_raw()).into_owned(),
                Cow::into_owned,
            );
            let inner = place.member(&name);
            self.name(&inner, &name);
            let searched = match entry.with_reader(entries.reader_mut(), ZipReadOptions::new()) {
                Ok(stream) => self.within(&inner, &name, &mut Metered { stream, budget }, depth, budget),
                Err(error) => Err(error.into()),
            };
            if let Err(left) = searched {
                self.gathering.note(&inner, left.to_string());
                if budget.bytes.get() == 0 {
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
        // Not counted: where it came out of another archive, that is done, and else nothing is unpacked.
        let mut archive = tar::Archive::new(&mut *stream);
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
            // One damaged file says nothing about the next; where the archive itself ends, the next one cannot be had.
            if let Err(left) = self.within(&inner, &name, &mut entry, depth, budget) {
                self.gathering.note(&inner, left.to_string());
                if budget.bytes.get() == 0 {
                    return Ok(());
                }
            }
        }
        // The archive ends where its own end is, which need not be that of the file.
        self.rest(place, stream)?;
        Ok(())
    }
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
        let mut content = Content::new(Searcher::new().unwrap(), limits, &gathering);
        content.stream_within(&Place::new(name), name, &mut &*bytes, &Budget::new(limits));
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

    /// One value lies across the end of each piece.
    #[test]
    fn a_large_file_is_searched_in_pieces_and_loses_none() {
        let pieces = std::thread::available_parallelism().map_or(1, |n| n.get() as u64);
        let length = LARGE + 4711;
        let each = length.div_ceil(pieces);
        let mut text = "12345678901234567890123456789\n".repeat(usize::try_from(length / 30 + 1).unwrap());
        text.truncate(usize::try_from(length).unwrap());
        let mut places: Vec<u64> = (1..pieces).map(|n| n * each - 20).collect();
        places.extend([each / 2, length - 50]);
        for at in &places {
            let at = usize::try_from(*at).unwrap();
            text.replace_range(at..at + 50, &value(Kind::Secret, 40));
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("large.txt");
        for found in [places.len(), 0] {
            std::fs::write(&path, &text).unwrap();
            let gathering = Gathering::default();
            Content::new(Searcher::new().unwrap(), Limits::default(), &gathering).file(&path);
            let report = gathering.finish();
            assert_eq!(
                (report.findings.len(), report.files, report.bytes),
                (found, 1, length)
            );
            text = text.replace("dps_", "dpx_");
        }
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

    /// What is no file of an archive is in it all the same.
    #[test]
    fn nothing_in_an_archive_is_passed_over() {
        let values: Vec<String> = (0..2).map(|_| value(Kind::Secret, 40)).collect();
        let (inner, outer) = (values[0].as_bytes(), values[1].as_bytes());
        let mut comment = zipped(&[("app.js", inner)]);
        let length = u16::try_from(outer.len()).unwrap();
        comment.truncate(comment.len() - 2);
        comment.extend(length.to_le_bytes());
        comment.extend(outer);
        let behind = |packed: Vec<u8>| [&packed, outer].concat();
        let tar = behind(tarred(&[("app.js", inner)]));
        for (name, bytes) in [
            ("app.js.br", behind(brotlied(inner))),
            ("site.tar", tar.clone()),
            ("site.tgz", gzipped(&tar)),
            ("site.zip", comment.clone()),
            ("sites.zip", zipped(&[("site.zip", &comment)])),
        ] {
            let report = look_into(name, &bytes, Limits::default());
            let found = |on_disk: &str, report: &Report| {
                let mut hints: Vec<_> = report.findings.iter().map(|f| f.hint.clone()).collect();
                hints.sort();
                let mut expected: Vec<_> = values.iter().map(|value| crate::form::hint(value)).collect();
                expected.sort();
                assert_eq!(hints, expected, "{name} {on_disk}: each once");
                assert!(report.notes.is_empty(), "{name}: {:?}", report.notes);
            };
            found("as a stream", &report);
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            let gathering = Gathering::default();
            Content::new(Searcher::new().unwrap(), Limits::default(), &gathering).file(&path);
            found("as a file", &gathering.finish());
        }
    }

    /// Programs that unpack themselves, and extensions of browsers with their signatures.
    #[test]
    fn a_zip_with_something_before_it_is_unpacked() {
        let value = value(Kind::Secret, 40);
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file("app.js", SimpleFileOptions::default()).unwrap();
        zip.write_all(format!("{}{value}", "x".repeat(1000)).as_bytes())
            .unwrap();
        let zip = zip.finish().unwrap().into_inner();
        assert!(
            !zip.windows(20).any(|w| value.as_bytes().starts_with(w)),
            "packed"
        );
        let program = [&b"MZ\x90\0"[..], &[0; 2000]].concat();
        for (name, before) in [
            ("a.crx", [&b"Cr24\x03\0\0\0"[..], &[1; 900]].concat()),
            ("a.pyz", b"#!/usr/bin/env python3\n".to_vec()),
            ("a.exe", program.clone()),
        ] {
            let bytes = [&before[..], &zip].concat();
            let report = look_into(name, &bytes, Limits::default());
            assert_eq!((report.findings.len(), report.notes.len()), (1, 0), "{name}");
            // On disk the name does not matter.
            let folder = tempfile::tempdir().unwrap();
            for name in [name, "setup"] {
                let path = folder.path().join(name);
                std::fs::write(&path, &bytes).unwrap();
                let gathering = Gathering::default();
                Content::new(Searcher::new().unwrap(), Limits::default(), &gathering).file(&path);
                let report = gathering.finish();
                assert_eq!((report.findings.len(), report.notes.len()), (1, 0), "{name}");
                assert_eq!(report.findings[0].place.members, ["app.js"]);
            }
        }
        // The mark alone makes none.
        let marked = [&program[..], b"PK\x05\x06", &[0; 100]].concat();
        let report = look_into("a.exe", &marked, Limits::default());
        assert!(report.notes.is_empty(), "{:?}", report.notes);
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

    /// A tar in gzip and a zip in a zip are unpacked once, and counted once.
    #[test]
    fn what_is_unpacked_is_counted_once() {
        let value = value(Kind::Secret, 40);
        // What nobody packs smaller.
        let mut state = 1_u32;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        })
        .take(2_000_000)
        .collect();
        let files: [(&str, &[u8]); 2] = [("noise", &noise), ("app.js", value.as_bytes())];
        // The inner zip, and then what is in it.
        for (name, bytes, most) in [
            ("a.tgz", gzipped(&tarred(&files)), 2_100_000),
            ("a.zip", zipped(&[("b.zip", &zipped(&files))]), 4_100_000),
        ] {
            let limits = |bytes| Limits {
                bytes,
                ..Limits::default()
            };
            let report = look_into(name, &bytes, limits(most));
            assert_eq!(
                (report.findings.len(), report.notes.len()),
                (1, 0),
                "{name}: {:?}",
                report.notes
            );
            let report = look_into(name, &bytes, limits(most / 2));
            assert!(!report.notes.is_empty(), "{name}");
        }
    }

    /// Several frames make one file, as `cat` and programs with several threads write it.
    #[test]
    fn every_frame_of_zstd_is_unpacked() {
        let values: Vec<String> = (0..2).map(|_| value(Kind::Secret, 40)).collect();
        let level = ruzstd::encoding::CompressionLevel::Fastest;
        let [one, two] = [0, 1].map(|n| ruzstd::encoding::compress_to_vec(values[n].as_bytes(), level));
        let skipped = b"\x50\x2a\x4d\x18\x04\0\0\0abcd".to_vec();
        for (parts, found) in [
            (vec![&one, &two], 2),
            (vec![&skipped, &one, &skipped, &two, &skipped], 2),
            (vec![&skipped, &two], 1),
        ] {
            let whole = parts.into_iter().flatten().copied().collect::<Vec<u8>>();
            let report = look_into("app.js.zst", &whole, Limits::default());
            assert_eq!(report.findings.len(), found);
            assert!(report.notes.is_empty(), "{:?}", report.notes);
        }
    }

    #[test]
    fn what_stands_before_damage_is_searched() {
        let value = value(Kind::Secret, 40);
        let level = ruzstd::encoding::CompressionLevel::Fastest;
        let filler = "filler ".repeat(60_000);
        for text in [value.clone(), format!("{filler}{value}")] {
            let zstd = ruzstd::encoding::compress_to_vec(text.as_bytes(), level);
            let gzip = gzipped(text.as_bytes());
            for (name, damaged) in [
                ("a.zst", [&zstd[..], b"more"].concat()),
                ("a.zst", [&zstd[..], &zstd[..12]].concat()),
                ("a.gz", [&gzip[..], b"more"].concat()),
                ("a.gz", gzip[..gzip.len() - 4].to_vec()),
            ] {
                let gathering = Gathering::default();
                let mut content = Content::new(Searcher::new().unwrap(), Limits::default(), &gathering);
                content.stream_within(
                    &Place::new(name),
                    name,
                    &mut &damaged[..],
                    &Budget::new(Limits::default()),
                );
                let report = gathering.finish();
                let counts = (report.findings.len(), report.notes.len());
                assert_eq!(counts, (1, 1), "{name}: {:?}", report.notes);
            }
        }
    }

    /// One damaged file, or one that its name is wrong about, does not hide the others.
    #[test]
    fn what_stands_behind_damage_is_searched() {
        let value = value(Kind::Secret, 40);
        let broken = &gzipped(value.as_bytes())[..30];
        let files: [(&str, &[u8]); 4] = [
            ("fixture.gz", broken),
            ("x.br", b"no brotli at all"),
            ("y.zst", b"\x28\xb5\x2f\xfd none either"),
            ("app.js", value.as_bytes()),
        ];
        for (name, bytes) in [("a.tar", tarred(&files)), ("a.tgz", gzipped(&tarred(&files)))] {
            let report = look_into(name, &bytes, Limits::default());
            assert_eq!(report.findings.len(), 1, "{name}: {:?}", report.notes);
            let mut at: Vec<_> = report
                .notes
                .iter()
                .map(|n| n.place.members.last().unwrap().as_str())
                .collect();
            at.sort_unstable();
            assert_eq!(at, ["fixture.gz", "x.br", "y.zst"], "{:?}", report.notes);
        }
        // Where the archive itself ends, it is said, and once.
        let cut = &tarred(&[("a.js", b"x"), ("b.js", &[b'x'; 5000])])[..3000];
        assert_eq!(look_into("a.tar", cut, Limits::default()).notes.len(), 1);
    }

    /// Two files of one name: programs show one of them, and each a different one.
    #[test]
    fn no_entry_of_a_zip_hides_behind_another() {
        let values: Vec<String> = (0..2).map(|_| value(Kind::Secret, 40)).collect();
        let mut zip = zipped(&[("a1.js", values[0].as_bytes()), ("a2.js", values[1].as_bytes())]);
        for at in 0..zip.len() - 5 {
            if &zip[at..at + 5] == b"a2.js" {
                zip[at + 1] = b'1';
            }
        }
        let report = look_into("a.zip", &zip, Limits::default());
        assert_eq!(
            (report.findings.len(), report.notes.len()),
            (2, 0),
            "{:?}",
            report.notes
        );
    }

    /// Where a table of contents is told by a record of any length that the file claims.
    #[test]
    fn a_zip_cannot_fill_the_memory_with_where_its_contents_are() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.zip");
        let mut file = File::create(&path).unwrap();
        let (length, begins) = (100 * 1024 * 1024_u64, 4_u64);
        file.write_all(b"PK\x03\x04").unwrap();
        // The long end record, with nothing in the archive, and `length` bytes of whatever somebody wants.
        file.write_all(
            &[
                &b"PK\x06\x06"[..],
                &(44 + length).to_le_bytes(),
                &[45, 0, 45, 0],
                &[0; 40],
            ]
            .concat(),
        )
        .unwrap();
        file.seek(SeekFrom::Current(i64::try_from(length).unwrap()))
            .unwrap();
        // Where that is, and the short end record, which says that it is too short.
        file.write_all(&[&b"PK\x06\x07"[..], &[0; 4], &begins.to_le_bytes(), &[1, 0, 0, 0]].concat())
            .unwrap();
        file.write_all(&[&b"PK\x05\x06"[..], &[0; 4], &[0xff; 12], &[0; 2]].concat())
            .unwrap();
        drop(file);
        let gathering = Gathering::default();
        Content::new(Searcher::new().unwrap(), Limits::default(), &gathering).file(&path);
        let report = gathering.finish();
        assert_eq!(report.notes.len(), 1);
        assert!(
            report.notes[0].text.contains("too long to be read"),
            "{:?}",
            report.notes
        );
    }

    #[test]
    fn what_only_looks_like_an_archive_is_searched_as_it_is() {
        let value = value(Kind::Secret, 40);
        for mark in ["PK\x03\x04", "\x1f\u{8b}\x08", "Rar!\x1a\x07", "no"] {
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
