//! Files and folders: every one is read, hidden ones too, on all cores; nothing is left out because some other tool
//! ignores it.

use std::collections::{BTreeSet, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ignore::{DirEntry, WalkBuilder, WalkState};

use crate::content::{Content, Limits};
use crate::history;
use crate::report::{Gathering, Place, Report};
use crate::search::Searcher;

/// What is searched beside the files themselves.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Histories of git too.
    pub history: bool,
    /// Links to other places too. Loops are noticed.
    pub follow_links: bool,
    /// How far into archives.
    pub limits: Limits,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            history: true,
            follow_links: false,
            limits: Limits::default(),
        }
    }
}

/// What the walk came by of git.
#[derive(Default)]
struct Seen {
    /// Repositories whose histories are to be searched.
    repositories: BTreeSet<PathBuf>,
    /// Folders with a repository's objects, as the walk names them.
    stores: HashSet<PathBuf>,
}

type Repositories = Arc<Mutex<Seen>>;

/// Searches files and folders; `-` is standard input. `gathering` may be looked at meanwhile.
///
/// # Errors
/// Only when the search cannot begin at all. What could not be read is noted in the report.
pub fn search_files(paths: &[PathBuf], options: Options, gathering: &Arc<Gathering>) -> io::Result<()> {
    let new_content = |gathering| -> io::Result<Content<'_>> {
        let searcher = Searcher::new().map_err(io::Error::other)?;
        Ok(Content::new(searcher, options.limits, gathering))
    };
    let mut own = new_content(gathering)?;
    let repositories = Repositories::default();
    let mut walk: Option<WalkBuilder> = None;
    for path in paths {
        if path.as_os_str() == "-" {
            own.stream(&Place::new("(standard input)"), &mut io::stdin().lock());
        } else if let Some(walk) = &mut walk {
            walk.add(path);
        } else {
            walk = Some(WalkBuilder::new(path));
        }
    }
    if let Some(mut walk) = walk {
        let seen = repositories.clone();
        walk.standard_filters(false)
            .follow_links(options.follow_links)
            .threads(std::thread::available_parallelism().map_or(1, Into::into))
            .filter_entry(move |entry| !is_packed(entry, options.history, &seen));
        let mut contents = Vec::new();
        walk.build_parallel().run(|| {
            // Every thread gets its own; there is no way to fail from here but to stop.
            match new_content(gathering) {
                Ok(mut content) => Box::new(move |entry| {
                    visit(&mut content, entry);
                    WalkState::Continue
                }),
                Err(error) => {
                    contents.push(error);
                    Box::new(|_| WalkState::Quit)
                }
            }
        });
        if let Some(error) = contents.pop() {
            return Err(error);
        }
    }
    let seen = std::mem::take(&mut *repositories.lock().unwrap_or_else(PoisonError::into_inner));
    for repository in seen.repositories {
        history::search(&mut own, &repository);
    }
    Ok(())
}

/// The report of a search that is over.
#[must_use]
pub fn finish(gathering: Arc<Gathering>) -> Report {
    Arc::into_inner(gathering)
        .map(Gathering::finish)
        .unwrap_or_default()
}

/// Objects of git are packed; where histories are searched, git itself unpacks them, and otherwise nobody asked. Notes
/// repositories on the way.
///
/// What else lies beside them is a file like any other: git does not list it, and a built site may have such folders.
fn is_packed(entry: &DirEntry, history: bool, repositories: &Repositories) -> bool {
    let path = entry.path();
    let is_folder = entry.file_type().is_some_and(|t| t.is_dir());
    let repository = if is_folder && entry.file_name() == "objects" {
        path.parent()
            .filter(|p| history::is_repository(p))
            .map(Path::to_path_buf)
    } else if !is_folder && entry.file_name() == ".git" {
        history::pointed_to(path)
    } else {
        return !is_folder && is_object(path, repositories);
    };
    let Some(repository) = repository else {
        return false;
    };
    let mut seen = repositories.lock().unwrap_or_else(PoisonError::into_inner);
    if is_folder {
        seen.stores.insert(path.to_path_buf());
    }
    if let (true, Ok(repository)) = (history, repository.canonicalize()) {
        seen.repositories.insert(repository);
    }
    false
}

/// Whether a file is an object, or one of the files of a pack, by what git goes by: its name, and where it lies.
fn is_object(path: &Path, repositories: &Repositories) -> bool {
    let Some(folder) = path.parent() else { return false };
    let store = folder
        .parent()
        .filter(|s| s.file_name().is_some_and(|n| n == "objects"));
    let names = (folder.file_name(), path.file_name());
    let (Some(store), (Some(within), Some(name))) = (store, names) else {
        return false;
    };
    let (within, name) = (within.as_encoded_bytes(), name.as_encoded_bytes());
    let is_hex = |text: &[u8]| text.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let is_loose = || within.len() == 2 && matches!(name.len(), 38 | 62) && is_hex(within) && is_hex(name);
    // A pack without its index is none to git.
    let is_pack = || {
        let ending = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
        within == b"pack"
            && matches!(ending, "pack" | "idx" | "rev" | "bitmap" | "mtimes")
            && path.with_extension("idx").is_file()
            && path.with_extension("pack").is_file()
    };
    let seen = || repositories.lock().unwrap_or_else(PoisonError::into_inner);
    (is_loose() || is_pack()) && seen().stores.contains(store)
}

fn visit(content: &mut Content<'_>, entry: Result<DirEntry, ignore::Error>) {
    match entry {
        Ok(entry) if entry.file_type().is_some_and(|t| t.is_file()) => content.file(entry.path()),
        // What the caller named is to be searched, or said.
        Ok(entry) if entry.depth() == 0 && entry.file_type().is_some_and(|t| !t.is_dir()) => {
            let place = Place::new(&entry.path().to_string_lossy());
            content.gathering.note(&place, "neither a file nor a folder");
        }
        // Folders are walked into by themselves; links, pipes and devices hold nothing of their own.
        Ok(_) => {}
        Err(error) => {
            let (path, text) = explain(&error);
            content.gathering.note(&Place::new(&path), text);
        }
    }
}

fn explain(error: &ignore::Error) -> (String, String) {
    match error {
        ignore::Error::WithPath { path, err } => (path.to_string_lossy().into_owned(), explain(err).1),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => explain(err),
        ignore::Error::Loop { ancestor, child } => (
            child.to_string_lossy().into_owned(),
            format!("a link back to {}: not followed", ancestor.display()),
        ),
        ignore::Error::Io(error) => (String::new(), error.to_string()),
        other => (String::new(), other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::process::Command;

    use wire::Kind;

    use super::*;
    use crate::testing::{Written, value, write};

    fn search(path: &Path, options: Options) -> Report {
        let gathering = Arc::new(Gathering::default());
        search_files(&[path.to_path_buf()], options, &gathering).unwrap();
        finish(gathering)
    }

    fn git(folder: &Path, args: &[&str]) -> String {
        let done = Command::new("git")
            .current_dir(folder)
            .args([
                "-c",
                "user.name=A",
                "-c",
                "user.email=a@example.org",
                "-c",
                "commit.gpgsign=false",
            ])
            .args(args)
            .output()
            .unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    }

    /// What a bundler leaves: a page, scripts, a source map, WebAssembly, hidden and ignored files.
    #[test]
    fn a_built_site() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let values: Vec<String> = (0..7).map(|_| value(Kind::Secret, 40)).collect();
        fs::create_dir_all(root.join("assets/.vite")).unwrap();
        fs::write(
            root.join("index.html"),
            format!("<!doctype html>\n<meta content=\"{}\">", values[0]),
        )
        .unwrap();
        fs::write(
            root.join("assets/app.js"),
            format!("const k=\"{}\";fetch(k)", values[1]),
        )
        .unwrap();
        let map = format!(
            r#"{{"version":3,"sourcesContent":["const k = \"{}\";\n"],"mappings":""}}"#,
            values[2]
        );
        fs::write(root.join("assets/app.js.map"), map).unwrap();
        let mut module = b"\0asm\x01\0\0\0\x0b\x07\x01\0\x41\0\x0b\x32hello".to_vec();
        module.extend(values[3].bytes());
        module.extend(b"world\0\xff\xfe");
        fs::write(root.join("assets/app_bg.wasm"), module).unwrap();
        fs::write(
            root.join("assets/.vite/manifest.json"),
            format!("\"{}\"", values[4]),
        )
        .unwrap();
        fs::write(root.join(".gitignore"), ".env\n").unwrap();
        fs::write(root.join(".env"), format!("KEY={}\n", values[5])).unwrap();
        fs::write(root.join("web.config"), write(&values[6], Written::Utf16Le)).unwrap();
        let report = search(root, Options::default());
        let found: Vec<_> = report
            .findings
            .iter()
            .map(|f| (f.place.path.rsplit('/').next().unwrap(), f.line, f.hint.clone()))
            .collect();
        let hint = |n: usize| crate::form::hint(&values[n]);
        assert_eq!(
            found,
            [
                (".env", 1, hint(5)),
                ("manifest.json", 1, hint(4)),
                ("app.js", 1, hint(1)),
                ("app.js.map", 1, hint(2)),
                ("app_bg.wasm", 1, hint(3)),
                ("index.html", 2, hint(0)),
                ("web.config", 1, hint(6)),
            ]
        );
        assert!(report.notes.is_empty());
        assert_eq!((report.files, report.values()), (8, 7));
    }

    #[test]
    fn a_history() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let (deleted, said, amended) = (
            value(Kind::Secret, 40),
            value(Kind::Secret, 32),
            value(Kind::Public, 128),
        );
        git(root, &["init", "--quiet", "--initial-branch=main"]);
        fs::create_dir(root.join("src")).unwrap();
        fs::write(root.join("src/key.js"), format!("\n\nkey = '{deleted}'\n")).unwrap();
        git(root, &["add", "."]);
        git(root, &["commit", "--quiet", "-m", "first"]);
        fs::remove_file(root.join("src/key.js")).unwrap();
        git(root, &["commit", "--quiet", "-am", &format!("removed {said}")]);
        fs::write(root.join("b.txt"), &amended).unwrap();
        git(root, &["add", "."]);
        git(root, &["commit", "--quiet", "-m", "second"]);
        git(root, &["reset", "--quiet", "--hard", "HEAD~1"]);
        git(root, &["reflog", "expire", "--expire=now", "--all"]);
        git(root, &["repack", "--quiet", "-ad", "--keep-unreachable"]);
        let report = search(root, Options::default());
        let by_hint = |value: &str| {
            let hint = crate::form::hint(value);
            let all: Vec<_> = report
                .findings
                .iter()
                .filter(|f| f.hint == hint && f.place.object.is_some())
                .collect();
            assert_eq!(all.len(), 1);
            all[0]
        };
        let first = by_hint(&deleted);
        assert_eq!(first.place.members, ["src/key.js"]);
        assert_eq!(first.line, 3);
        assert_eq!(first.place.commit.as_ref().unwrap().len(), 40);
        assert!(by_hint(&said).place.commit.is_some());
        assert_eq!(by_hint(&amended).place.commit, None);
        assert!(report.notes.is_empty(), "{:?}", report.notes);
        let without = search(
            root,
            Options {
                history: false,
                ..Options::default()
            },
        );
        assert!(without.findings.iter().all(|f| f.place.object.is_none()));
        // A work tree points to the same repository.
        let tree = tempfile::tempdir().unwrap();
        let path = tree.path().join("tree");
        git(root, &["worktree", "add", "--quiet", path.to_str().unwrap()]);
        let by_tree = search(&path, Options::default());
        assert_eq!(
            by_tree
                .findings
                .iter()
                .filter(|f| f.place.object.is_some())
                .count(),
            3
        );
    }

    /// git lists objects without their names.
    #[test]
    fn what_only_its_name_shows_to_be_packed_is_unpacked_in_a_history() {
        let value = value(Kind::Secret, 40);
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        git(root, &["init", "--quiet"]);
        let mut packed = Vec::new();
        let how = brotli::enc::BrotliEncoderParams::default();
        brotli::BrotliCompress(
            &mut format!("{}{value}", "x".repeat(1000)).as_bytes(),
            &mut packed,
            &how,
        )
        .unwrap();
        fs::create_dir(root.join("dist")).unwrap();
        // What was found without a name is not told again.
        let (behind, plain) = (
            crate::testing::value(Kind::Secret, 40),
            crate::testing::value(Kind::Secret, 40),
        );
        packed.extend(behind.bytes());
        fs::write(root.join("dist/app.js.br"), packed).unwrap();
        fs::write(root.join("dist/setup.run"), format!("#!/bin/sh\nkey={plain}\n")).unwrap();
        git(root, &["add", "."]);
        git(root, &["commit", "--quiet", "-m", "a"]);
        fs::remove_dir_all(root.join("dist")).unwrap();
        git(root, &["commit", "--quiet", "-am", "b"]);
        let report = search(root, Options::default());
        assert!(report.notes.is_empty(), "{:?}", report.notes);
        let found: Vec<_> = report
            .findings
            .iter()
            .map(|f| (f.place.members.join("!"), f.hint.clone()))
            .collect();
        let expected = [
            ("dist/app.js.br", &behind),
            ("dist/app.js.br!app.js", &value),
            ("dist/setup.run", &plain),
        ]
        .map(|(at, value)| (at.to_owned(), crate::form::hint(value)));
        assert_eq!(BTreeSet::from_iter(found.clone()), expected.into());
        assert_eq!(found.len(), 3, "each once");
    }

    /// What has the folders of a repository may be a site, and a repository may hold what git does not know of.
    #[test]
    fn what_lies_beside_objects_is_searched() {
        let value = value(Kind::Secret, 40);
        let folder = tempfile::tempdir().unwrap();
        let (site, repository) = (folder.path().join("dist"), folder.path().join("repository"));
        fs::create_dir_all(site.join("refs")).unwrap();
        fs::create_dir_all(site.join("objects/ab")).unwrap();
        fs::write(site.join("HEAD"), "").unwrap();
        fs::write(site.join("objects/app.js"), &value).unwrap();
        fs::write(site.join("objects/ab/c.js"), &value).unwrap();
        assert_eq!(search(&site, Options::default()).findings.len(), 2);
        fs::create_dir(&repository).unwrap();
        git(&repository, &["init", "--quiet"]);
        fs::write(repository.join("a"), "nothing").unwrap();
        git(&repository, &["add", "."]);
        git(&repository, &["commit", "--quiet", "-m", "a"]);
        let objects = repository.join(".git/objects");
        fs::create_dir_all(objects.join("pack")).unwrap();
        for name in ["app.js", "info/notes", "pack/x.pack", "pack/x.txt"] {
            fs::write(objects.join(name), &value).unwrap();
        }
        let report = search(&repository, Options::default());
        assert_eq!(report.findings.len(), 4, "{:?}", report.findings);
        git(&repository, &["repack", "--quiet", "-a"]);
        let packed = search(&repository, Options::default());
        assert_eq!(
            (packed.findings.len(), packed.notes.len()),
            (4, 0),
            "{:?}",
            packed.notes
        );
        // No object and no pack of git's is read as a file.
        let alone = Options {
            history: false,
            ..Options::default()
        };
        let files = ignore::WalkBuilder::new(&repository)
            .standard_filters(false)
            .build();
        let read = files.map(Result::unwrap).filter(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            entry.file_type().unwrap().is_file() && name.len() != 38 && !name.starts_with("pack-")
        });
        assert_eq!(search(&repository, alone).files, read.count() as u64);
    }

    #[test]
    fn a_strangers_repository_runs_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        git(root, &["init", "--quiet"]);
        fs::write(root.join("a"), value(Kind::Secret, 40)).unwrap();
        fs::write(root.join(".gitattributes"), "* diff=evil filter=evil\n").unwrap();
        git(root, &["add", "."]);
        git(root, &["commit", "--quiet", "-m", "a"]);
        let touched = root.join("touched");
        // A program of its own: some of these are run without a shell.
        let evil = root.join("evil");
        fs::write(&evil, format!("#!/bin/sh\ntouch '{}'\n", touched.display())).unwrap();
        fs::set_permissions(&evil, fs::Permissions::from_mode(0o755)).unwrap();
        let evil = evil.to_string_lossy().into_owned();
        for key in [
            "core.fsmonitor",
            "core.pager",
            "core.sshCommand",
            "diff.external",
            "diff.evil.textconv",
            "diff.evil.command",
            "filter.evil.smudge",
            "log.showSignature",
            "gpg.program",
        ] {
            let value = if key == "log.showSignature" { "true" } else { &evil };
            git(root, &["config", key, value]);
        }
        // A commit that claims to be signed: who shows its signature runs what the configuration names.
        let unsigned = git(root, &["cat-file", "commit", "HEAD"]);
        let (headers, message) = unsigned.split_once("\n\n").unwrap();
        let armour = "-----BEGIN PGP SIGNATURE-----\n \n iQ==\n -----END PGP SIGNATURE-----";
        let signed = root.join("signed");
        fs::write(&signed, format!("{headers}\ngpgsig {armour}\n\n{message}")).unwrap();
        let object = ["hash-object", "-t", "commit", "-w", signed.to_str().unwrap()];
        let commit = git(root, &object);
        git(root, &["update-ref", "HEAD", commit.trim()]);
        // The trap is a real one.
        git(root, &["log", "-1", "--format=%H"]);
        assert!(touched.exists());
        fs::remove_file(&touched).unwrap();
        let report = search(root, Options::default());
        assert!(report.findings.iter().any(|f| f.place.commit.is_some()));
        assert!(!touched.exists());
    }

    #[test]
    fn what_is_named_like_a_repository_is_read_only_where_it_is_a_short_file() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for name in ["pipe", "zeros", "large", "common"] {
            fs::create_dir(root.join(name)).unwrap();
        }
        let pipe = |at: &str| {
            let made = Command::new("mkfifo").arg(root.join(at)).status().unwrap();
            assert!(made.success());
        };
        pipe("pipe/.git");
        symlink("/dev/zero", root.join("zeros/.git")).unwrap();
        let large = fs::File::create(root.join("large/.git")).unwrap();
        large.set_len(64 * 1024 * 1024).unwrap();
        // The folder that it points to has an end, and says that it is somewhere else.
        fs::write(root.join("common/.git"), "gitdir: ../elsewhere").unwrap();
        fs::create_dir(root.join("elsewhere")).unwrap();
        pipe("elsewhere/commondir");
        let path = root.to_path_buf();
        let (done, ended) = std::sync::mpsc::channel();
        std::thread::spawn(move || done.send(search(&path, Options::default())));
        let report = ended.recv_timeout(std::time::Duration::from_mins(1)).unwrap();
        assert!(report.notes.is_empty(), "{:?}", report.notes);
        assert!(crate::history::pointed_to(&root.join("large/.git")).is_none());
    }

    /// Git would wait at a pipe, or read what somebody else put somewhere else.
    #[test]
    fn git_is_not_sent_to_what_is_not_as_git_makes_it() {
        type Spoil<'s> = (&'s str, &'s dyn Fn(&Path));
        let value = value(Kind::Secret, 40);
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("a pipe");
        let pipe_at = |at: &Path| {
            fs::create_dir_all(at.parent().unwrap()).unwrap();
            let _ = fs::remove_file(at);
            assert!(Command::new("mkfifo").arg(at).status().unwrap().success());
        };
        pipe_at(&pipe);
        let other = folder.path().join("other");
        let cases: [Spoil<'_>; 10] = [
            ("somewhere else", &|at| pipe_at(&at.join("commondir"))),
            ("neither a file", &|at| {
                pipe_at(&at.join("objects/info/alternates"));
            }),
            ("neither a file", &|at| pipe_at(&at.join("config"))),
            ("neither a file", &|at| {
                pipe_at(&at.join("objects/ab").join("c".repeat(38)));
            }),
            ("neither a file", &|at| {
                pipe_at(&at.join("objects/pack/pack-a.idx"));
            }),
            ("neither a file", &|at| pipe_at(&at.join("refs/heads/x"))),
            ("leads out", &|at| symlink(&pipe, at.join("packed-refs")).unwrap()),
            ("includes other files", &|at| {
                let config = fs::read_to_string(at.join("config")).unwrap();
                fs::write(
                    at.join("config"),
                    format!("{config}[Include]\npath = {}\n", pipe.display()),
                )
                .unwrap();
            }),
            ("no repository", &|at| {
                fs::create_dir_all(at.join("objects/info")).unwrap();
                fs::write(at.join("objects/info/alternates"), "/dev\n").unwrap();
            }),
            ("neither a file", &|at| {
                fs::create_dir(&other).unwrap();
                git(&other, &["init", "--quiet", "--bare"]);
                pipe_at(&other.join("objects/pack/pack-b.pack"));
                let line = format!("{}\n", other.join("objects").display());
                fs::create_dir_all(at.join("objects/info")).unwrap();
                fs::write(at.join("objects/info/alternates"), line).unwrap();
            }),
        ];
        for (number, (why, spoil)) in cases.into_iter().enumerate() {
            let root = folder.path().join(number.to_string());
            fs::create_dir(&root).unwrap();
            git(&root, &["init", "--quiet"]);
            fs::write(root.join("a"), &value).unwrap();
            spoil(&root.join(".git"));
            let (done, ended) = std::sync::mpsc::channel();
            std::thread::spawn(move || done.send(search(&root, Options::default())));
            let report = ended.recv_timeout(std::time::Duration::from_mins(1)).unwrap();
            assert_eq!((report.findings.len(), report.notes.len()), (1, 1), "{number}");
            assert!(report.notes[0].text.contains(why), "{number}: {:?}", report.notes);
        }
        // What git itself makes is read: a link within, objects of another repository, hooks that are links.
        let (lender, root) = (folder.path().join("lender"), folder.path().join("borrower"));
        fs::create_dir(&lender).unwrap();
        git(&lender, &["init", "--quiet"]);
        fs::write(lender.join("a"), &value).unwrap();
        git(&lender, &["add", "."]);
        git(&lender, &["commit", "--quiet", "-m", "a"]);
        git(
            folder.path(),
            &["clone", "--quiet", "--shared", "lender", "borrower"],
        );
        symlink(&pipe, root.join(".git/hooks/pre-commit")).unwrap();
        symlink("HEAD", root.join(".git/OLD_HEAD")).unwrap();
        let report = search(&root, Options::default());
        assert!(report.notes.is_empty(), "{:?}", report.notes);
        assert_eq!(report.findings.len(), 2);
    }

    #[test]
    fn loops_pipes_and_what_cannot_be_read_are_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir(root.join("sub")).unwrap();
        fs::write(root.join("sub/a"), value(Kind::Secret, 40)).unwrap();
        symlink(root, root.join("sub/loop")).unwrap();
        symlink("nowhere", root.join("dangling")).unwrap();
        let pipe = Command::new("mkfifo").arg(root.join("pipe")).status().unwrap();
        assert!(pipe.success());
        let report = search(root, Options::default());
        assert_eq!(report.findings.len(), 1);
        assert!(report.notes.is_empty(), "{:?}", report.notes);
        let followed = search(
            root,
            Options {
                follow_links: true,
                ..Options::default()
            },
        );
        assert_eq!(followed.findings.len(), 1);
        assert!(followed.notes.iter().any(|n| n.text.contains("a link back")));
        for named in ["missing", "pipe"] {
            let report = search(&root.join(named), Options::default());
            assert_eq!(report.notes.len(), 1, "{named}: who names it is told");
        }
        // A link that was named itself is followed.
        symlink(root.join("sub/a"), root.join("named")).unwrap();
        assert_eq!(search(&root.join("named"), Options::default()).findings.len(), 1);
    }
}
