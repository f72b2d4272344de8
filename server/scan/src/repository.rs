//! Whether a repository is one that git may be sent to read: a stranger's may hold a pipe where git expects a file, and
//! git would wait at it for ever. Looks at names and kinds of files, and at two short texts; never at objects.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Longest configuration and longest list of other stores of objects that are read, in bytes.
const LONGEST: u64 = 1024 * 1024;

/// What git does not read when it lists objects and commits: programs, what others keep there, repositories within.
const NOT_READ: [&str; 5] = ["annex", "fsmonitor--daemon.ipc", "hooks", "lfs", "modules"];

/// Why git is not sent to a repository.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unfit {
    /// It cannot be looked at.
    #[error("{0}: {1}")]
    Unreadable(String, io::Error),
    /// A pipe, a device, a socket.
    #[error("{0} is neither a file nor a folder")]
    Odd(String),
    /// A link to somewhere else.
    #[error("{0} is a link that leads out of it")]
    LeadsOut(String),
    /// A repository's data that says that they are in another one.
    #[error("it says that its data are somewhere else")]
    Elsewhere,
    /// Its configuration is in several files, and one may be anything.
    #[error("its configuration includes other files")]
    Includes,
    /// Where it borrows objects from is no repository.
    #[error("it borrows objects from what is no repository")]
    Borrows,
    /// A file that is short everywhere.
    #[error("{0} is too long")]
    TooLong(String),
}

/// Looks at everything in a repository that git would open, and in those that it borrows objects from.
///
/// # Errors
/// The first thing that is not as git makes it.
pub(crate) fn check(repository: &Path) -> Result<(), Unfit> {
    if fs::symlink_metadata(repository.join("commondir")).is_ok() {
        return Err(Unfit::Elsewhere);
    }
    walk(repository, repository, true)?;
    for name in ["config", "config.worktree"] {
        // Anywhere, and in whatever case: a false alarm is a note, the other thing a search without an end.
        if short(&repository.join(name))?
            .to_ascii_lowercase()
            .contains("[include")
        {
            return Err(Unfit::Includes);
        }
    }
    let mut seen = BTreeSet::new();
    let mut stores = vec![repository.join("objects")];
    while let Some(store) = stores.pop() {
        for line in short(&store.join("info/alternates"))?.lines() {
            let other = borrowed(&store, line)?;
            if seen.insert(other.clone()) {
                walk(&other, &other, false)?;
                stores.push(other);
            }
        }
    }
    Ok(())
}

/// A store of objects that another one names.
fn borrowed(store: &Path, line: &str) -> Result<PathBuf, Unfit> {
    let other = store.join(line).canonicalize().map_err(|_| Unfit::Borrows)?;
    let is_store = other.file_name().is_some_and(|name| name == "objects")
        && other.parent().is_some_and(crate::history::is_repository);
    is_store.then_some(other).ok_or(Unfit::Borrows)
}

/// Looks at a folder and all in it, without following a link.
fn walk(root: &Path, folder: &Path, is_outermost: bool) -> Result<(), Unfit> {
    let unreadable = |path: &Path, error| Unfit::Unreadable(within(root, path), error);
    for entry in fs::read_dir(folder).map_err(|error| unreadable(folder, error))? {
        let entry = entry.map_err(|error| unreadable(folder, error))?;
        if is_outermost && NOT_READ.iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        let path = entry.path();
        let kind = entry.file_type().map_err(|error| unreadable(&path, error))?;
        if kind.is_dir() {
            walk(root, &path, false)?;
        } else if kind.is_symlink() {
            // Old ones have such a `HEAD`. What it leads to within is looked at in its own place; what leads nowhere
            // cannot be opened.
            if path.canonicalize().is_ok_and(|to| !is_looked_at(root, &to)) {
                return Err(Unfit::LeadsOut(within(root, &path)));
            }
        } else if !kind.is_file() {
            return Err(Unfit::Odd(within(root, &path)));
        }
    }
    Ok(())
}

/// Whether a place is one that the walk comes to.
fn is_looked_at(root: &Path, place: &Path) -> bool {
    place.strip_prefix(root).is_ok_and(|inner| {
        let first = inner.components().next();
        !NOT_READ
            .iter()
            .any(|name| first.is_some_and(|first| first.as_os_str() == *name))
    })
}

fn within(root: &Path, path: &Path) -> String {
    path.strip_prefix(root)
        .unwrap_or(path)
        .to_string_lossy()
        .into_owned()
}

/// The text of a short file; nothing where there is none. It was looked at before: it is no pipe.
fn short(path: &Path) -> Result<String, Unfit> {
    let name = || {
        path.file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(String::new()),
        Err(error) => return Err(Unfit::Unreadable(name(), error)),
    };
    let mut bytes = Vec::new();
    file.take(LONGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Unfit::Unreadable(name(), error))?;
    if bytes.len() as u64 > LONGEST {
        return Err(Unfit::TooLong(name()));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
