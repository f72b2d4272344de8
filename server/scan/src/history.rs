//! Histories of git: every object that the repository has, also those that no branch leads to any more.
//!
//! The program `git` reads them: it knows every pack, delta, alternate and hash that there is, and where there is a
//! repository, there is git. It is told to fetch nothing and to run nothing that the repository's own configuration
//! names, because that may be a stranger's.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::content::{Content, is_archive};
use crate::mask::masked;
use crate::report::Place;
use crate::repository;
use crate::tree::Named;

/// Longest line that git writes about an object, in bytes.
const LONGEST_HEADER: u64 = 1024;
/// Longest file that says where a repository is, in bytes.
const LONGEST_POINTER: u64 = 4096;
/// The largest folder of which the names are read, in bytes.
const LARGEST_FOLDER: u64 = 16 * 1024 * 1024;
const BUFFER: usize = 256 * 1024;
/// How long git may be waited for without a byte from it. What was overlooked in a repository must not hold a search up
/// for ever.
const PATIENCE: Duration = Duration::from_mins(1);

/// The folder of a repository's data, when a folder is one (`.git`, or a bare repository).
pub(crate) fn is_repository(folder: &Path) -> bool {
    folder.join("HEAD").is_file() && folder.join("objects").is_dir() && folder.join("refs").is_dir()
}

/// Where a file `.git` points to, as work trees and submodules have it.
pub(crate) fn pointed_to(file: &Path) -> Option<PathBuf> {
    let text = pointer(file)?;
    let target = Path::new(text.strip_prefix("gitdir:")?.trim());
    let folder = file.parent()?.join(target);
    // A work tree shares the objects of its repository.
    let folder = match pointer(&folder.join("commondir")) {
        Some(common) => folder.join(common.trim()),
        None => folder,
    };
    folder.canonicalize().ok().filter(|f| is_repository(f))
}

/// The text of a file that says where a repository is. What a stranger gave that name may be a pipe that never ends, a
/// link to a device, or a large file: none of them is such a file.
fn pointer(file: &Path) -> Option<String> {
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut text = String::new();
    let file = File::open(file).ok()?;
    file.take(LONGEST_POINTER).read_to_string(&mut text).ok()?;
    Some(text)
}

fn git(repository: &Path) -> Command {
    let mut command = Command::new("git");
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("GIT_") {
            command.env_remove(name);
        }
    }
    command
        .env("GIT_NO_LAZY_FETCH", "1")
        // None: the repository itself may allow each protocol by its name, against `protocol.allow`.
        .env("GIT_ALLOW_PROTOCOL", "")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("LC_ALL", "C")
        .arg("--git-dir")
        .arg(repository)
        // Reading runs nothing, so whose the folder is does not matter.
        .args([
            "-c",
            "safe.directory=*",
            "-c",
            "core.fsmonitor=false",
            "-c",
            "protocol.allow=never",
            // Names of people are not asked for, and the file for them may be anything.
            "-c",
            "log.mailmap=false",
        ])
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// What a program writes, and since when it is waited for.
struct Watched {
    out: ChildStdout,
    waiting: Arc<Mutex<Option<Instant>>>,
}

fn set(waiting: &Mutex<Option<Instant>>, since: Option<Instant>) {
    *waiting.lock().unwrap_or_else(PoisonError::into_inner) = since;
}

impl Read for Watched {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        // Only here: who searches what was written takes the time that it takes.
        set(&self.waiting, Some(Instant::now()));
        let read = self.out.read(to);
        set(&self.waiting, None);
        read
    }
}

/// Ends a program that was waited for too long. Says whether it had to, once it is told that the program has ended.
fn watch(
    child: &Mutex<Child>,
    waiting: &Mutex<Option<Instant>>,
    patience: Duration,
    ended: &mpsc::Receiver<()>,
) -> bool {
    while ended.recv_timeout(patience / 10) == Err(RecvTimeoutError::Timeout) {
        let since = *waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if since.is_some_and(|since| since.elapsed() > patience) {
            // It may have ended by itself.
            let _ = child.lock().unwrap_or_else(PoisonError::into_inner).kill();
            return true;
        }
    }
    false
}

/// Runs git and hands over what it writes.
fn run(
    mut command: Command,
    patience: Duration,
    read: impl FnOnce(BufReader<Watched>) -> io::Result<()>,
) -> io::Result<()> {
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let Some(out) = child.stdout.take() else {
        return Err(io::Error::other("git says nothing"));
    };
    let (child, waiting) = (Mutex::new(child), Arc::<Mutex<Option<Instant>>>::default());
    let watched = Watched {
        out,
        waiting: waiting.clone(),
    };
    let (end, ended) = mpsc::channel();
    let (done, was_ended) = thread::scope(|scope| {
        let (child, waiting) = (&child, &waiting);
        let watching = scope.spawn(move || watch(child, waiting, patience, &ended));
        let done = read(BufReader::with_capacity(BUFFER, watched));
        drop(end);
        (done, watching.join().unwrap_or(true))
    });
    let mut child = child.into_inner().unwrap_or_else(PoisonError::into_inner);
    if done.is_err() {
        // It may have ended by itself.
        let _ = child.kill();
    }
    let status = child.wait()?;
    if was_ended {
        let text = format!("git wrote nothing for {} seconds", patience.as_secs());
        return Err(io::Error::other(text));
    }
    done?;
    if status.success() {
        Ok(())
    } else {
        Err(io::Error::other(format!("git ended with {status}")))
    }
}

/// Searches all objects of a repository.
pub(crate) fn search(content: &mut Content<'_>, repository: &Path) {
    let place = Place::new(&repository.to_string_lossy());
    if let Err(why) = repository::check(repository) {
        content
            .gathering
            .note(&place, format!("the history was not searched: {why}"));
        return;
    }
    let mut named = Named::default();
    let mut command = git(repository);
    command.args([
        "cat-file",
        "--batch-all-objects",
        "--unordered",
        "--buffer",
        "--batch",
    ]);
    let mut searched = run(command, PATIENCE, |out| {
        read_objects(out, &place, |inner, kind, mut bytes| {
            if kind == "tree" {
                search_folder(content, inner, &mut named, &mut bytes)
            } else {
                content.stream(inner, &mut bytes);
                Ok(())
            }
        })
    });
    if searched.is_ok() && !named.files.is_empty() {
        searched = search_named(content, &place, repository, &named);
    }
    if let Err(error) = searched {
        content.gathering.note(
            &place,
            format!("the history was not searched to its end: {error}"),
        );
        return;
    }
    if named.is_full {
        content.gathering.note(
            &place,
            "it has more packed files than are remembered; not all were unpacked",
        );
    }
    name_commits(content, &place, repository);
}

/// A folder of the history: its names are searched, and those of packed files are remembered.
fn search_folder(
    content: &mut Content<'_>,
    inner: &Place,
    named: &mut Named,
    bytes: &mut dyn Read,
) -> io::Result<()> {
    let mut folder = Vec::new();
    Read::take(&mut *bytes, LARGEST_FOLDER).read_to_end(&mut folder)?;
    // Two digits for each byte.
    let id_length = inner.object.as_ref().map_or(0, String::len) / 2;
    named.add(&folder, id_length);
    content.stream(inner, &mut folder.as_slice().chain(bytes));
    Ok(())
}

/// Unpacks what only its name shows to be packed: git lists objects without names, and they were searched as they are.
fn search_named(
    content: &mut Content<'_>,
    place: &Place,
    repository: &Path,
    named: &Named,
) -> io::Result<()> {
    let mut list = tempfile::tempfile()?;
    for object in named.files.keys() {
        writeln!(list, "{object}")?;
    }
    list.rewind()?;
    let mut command = git(repository);
    command.args(["cat-file", "--buffer", "--batch"]).stdin(list);
    run(command, PATIENCE, |out| {
        read_objects(out, place, |inner, _, mut bytes| {
            let name = inner.object.as_ref().and_then(|object| named.files.get(object));
            // What its bytes show was unpacked with all others.
            if let Some(name) = name
                && !is_archive(bytes.fill_buf()?, "")
            {
                content.unpack_named(inner, name, &mut bytes);
            }
            Ok(())
        })
    })
}

/// Reads objects as git writes them, one after the other; what is left of one is passed over.
fn read_objects(
    mut out: impl BufRead,
    place: &Place,
    mut each: impl FnMut(&Place, &str, &mut dyn BufRead) -> io::Result<()>,
) -> io::Result<()> {
    let mut header = String::new();
    loop {
        header.clear();
        if (&mut out).take(LONGEST_HEADER).read_line(&mut header)? == 0 {
            return Ok(());
        }
        let mut words = header.split_ascii_whitespace();
        let (object, kind, size) = (words.next(), words.next(), words.next().map(str::parse::<u64>));
        if kind == Some("missing") {
            // A history that was fetched in part: what is not there cannot be searched, nor given away.
            continue;
        }
        let (Some(object), Some(kind), Some(Ok(size))) = (object, kind, size) else {
            return Err(io::Error::other("git wrote something unexpected"));
        };
        let inner = Place {
            object: Some(object.to_owned()),
            // A commit's own text: its message, its author.
            commit: (kind == "commit").then(|| object.to_owned()),
            ..place.clone()
        };
        let mut bytes = (&mut out).take(size);
        each(&inner, kind, &mut bytes)?;
        // An archive may end before its bytes do; a line break follows.
        io::copy(&mut bytes, &mut io::sink())?;
        out.read_exact(&mut [0])?;
    }
}

/// Finds for each object with a value the first commit that has it, and its name there.
fn name_commits(content: &mut Content<'_>, place: &Place, repository: &Path) {
    let mut wanted: HashMap<String, Option<(String, String)>> = HashMap::new();
    content.gathering.amend(|finding| {
        if finding.place.path == place.path && finding.place.commit.is_none() {
            wanted.extend(finding.place.object.clone().map(|o| (o, None)));
        }
    });
    if wanted.is_empty() {
        return;
    }
    let mut command = git(repository);
    command.args([
        "log",
        "--all",
        "--reflog",
        "--raw",
        "--no-abbrev",
        "--no-renames",
        "--no-ext-diff",
        "--no-textconv",
        // Who shows signatures runs the program that the configuration names for them.
        "--no-show-signature",
        "--root",
        "-m",
        "-z",
        "--format=%H",
    ]);
    let named = run(command, PATIENCE, |out| read_log(out, &mut wanted));
    if let Err(error) = named {
        content
            .gathering
            .note(place, format!("commits could not be named: {error}"));
    }
    content.gathering.amend(|finding| {
        if finding.place.path != place.path {
            return;
        }
        let known = finding.place.object.as_ref().and_then(|o| wanted.get(o));
        if let Some(Some((commit, path))) = known {
            finding.place.commit = Some(commit.clone());
            finding.place.members.insert(0, masked(path.as_str()));
        }
    });
}

/// Newest first, so what stands last is the first commit with the object.
fn read_log(out: impl BufRead, wanted: &mut HashMap<String, Option<(String, String)>>) -> io::Result<()> {
    let (mut commit, mut object) = (String::new(), None);
    for word in out.split(0) {
        let word = word?;
        let text = String::from_utf8_lossy(&word);
        let text = text.trim_start_matches('\n');
        if let Some(object) = std::mem::take(&mut object) {
            if let Some(entry) = wanted.get_mut::<String>(&object) {
                *entry = Some((commit.clone(), text.to_owned()));
            }
        } else if let Some(change) = text.strip_prefix(':') {
            // `100644 100644 before after M`, and then the name.
            object = Some(change.split(' ').nth(3).unwrap_or_default().to_owned());
        } else if !text.is_empty() {
            text.clone_into(&mut commit);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Who writes nothing is not waited for without an end; who searches slowly what was written is.
    #[test]
    fn a_program_that_says_nothing_is_ended() {
        let patience = Duration::from_millis(100);
        let mut silent = Command::new("sleep");
        silent.arg("600");
        let done = run(silent, patience, |mut out| {
            io::copy(&mut out, &mut io::sink()).map(|_| ())
        });
        assert!(done.unwrap_err().to_string().contains("wrote nothing"));
        let mut quick = Command::new("echo");
        quick.arg("a");
        let done = run(quick, patience, |mut out| {
            thread::sleep(patience * 3);
            io::copy(&mut out, &mut io::sink()).map(|_| ())
        });
        done.unwrap();
    }
}
