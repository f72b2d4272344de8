//! Where a secret may go: to a terminal, or into a file that only its owner reads. Never into a pipe, the log or an
//! argument.

use std::fs::{self, File, Permissions};
use std::io::{self, IsTerminal as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};
use std::path::{Path, PathBuf};

use clap::Args;
use tempfile::NamedTempFile;
use zeroize::Zeroizing;

use super::Failure;

/// What is said on the command line.
#[derive(Args)]
pub(crate) struct Destination {
    /// Stores the secret in this file of variables, mode 0600; its other lines stay.
    #[arg(long, value_name = "FILE", conflicts_with = "write")]
    write_env: Option<PathBuf>,
    /// Stores the secret alone in this file, mode 0600.
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
    /// The variable's name in the file of variables.
    #[arg(long, value_name = "VARIABLE", default_value = "DAYPASS_TOKEN")]
    name: String,
}

/// A place that was looked at and is there.
pub(super) enum Place {
    /// The terminal of whoever runs this.
    Terminal,
    /// A file, which is replaced as a whole.
    File {
        /// What takes its place: in the same folder, so that it can.
        next: NamedTempFile,
        /// Where the secret goes.
        path: PathBuf,
        /// The variable, in a file of variables.
        variable: Option<String>,
    },
}

impl Destination {
    /// Makes sure of the place before a secret is made or fetched: afterwards it would be too late.
    ///
    /// # Errors
    /// When there is no place for a secret, or the file cannot be written.
    pub(super) fn prepare(self, terminal: bool) -> Result<Place, Failure> {
        let (path, variable) = match (self.write_env, self.write) {
            (Some(path), _) => (path, Some(self.name)),
            (None, Some(path)) => (path, None),
            (None, None) if terminal && io::stdout().is_terminal() => return Ok(Place::Terminal),
            (None, None) if terminal => {
                return Err(
                    "a secret is printed to a terminal only; store it with --write-env FILE or --write FILE"
                        .into(),
                );
            }
            (None, None) => return Err("say where the secret goes: --write-env FILE or --write FILE".into()),
        };
        if let Some(name) = variable.as_deref().filter(|name| !is_variable(name)) {
            return Err(format!(
                "--name {name}: a variable has letters, digits and _, and starts with no digit"
            )
            .into());
        }
        // Through a link, so that the link stays one.
        let path = if path.exists() { path.canonicalize()? } else { path };
        if path.exists() && !path.is_file() {
            return Err(format!("{} is no file", path.display()).into());
        }
        read_lines(&path)?;
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let next = NamedTempFile::new_in(folder)
            .map_err(|e| format!("{} cannot be written: {e}", path.display()))?;
        belong_like(&path, next.as_file())
            .map_err(|e| format!("{} cannot keep its owner: {e}", path.display()))?;
        Ok(Place::File { next, path, variable })
    }
}

/// Makes a file private, and the property of whoever owns the one that it is to replace: run by root for a service's
/// user, the file stays that user's.
fn belong_like(path: &Path, next: &File) -> io::Result<()> {
    next.set_permissions(Permissions::from_mode(0o600))?;
    match fs::metadata(path) {
        Ok(old) if old.uid() != next.metadata()?.uid() => fchown(next, Some(old.uid()), Some(old.gid())),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// What a file of variables holds; nothing when it is not there.
fn read_lines(path: &Path) -> Result<Zeroizing<String>, Failure> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Zeroizing::new(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Zeroizing::default()),
        Err(error) => Err(format!("{} cannot be read: {error}", path.display()).into()),
    }
}

fn is_variable(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !name.is_empty() && name.chars().all(fits) && !name.starts_with(|c: char| c.is_ascii_digit())
}

/// A value as it stands in a file of variables: programs read such files as scripts, so that what is more than letters
/// and digits says nothing to them. Ours are nothing else.
fn quoted(value: &str) -> Zeroizing<String> {
    // Reserved at once, as below; each quote becomes four characters.
    let quotes = value.bytes().filter(|byte| *byte == b'\'').count();
    let mut text = Zeroizing::new(String::with_capacity(value.len() + 3 * quotes + 2));
    if value
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    {
        text.push_str(value);
        return text;
    }
    text.push('\'');
    for (number, part) in value.split('\'').enumerate() {
        if number > 0 {
            text.push_str("'\\''");
        }
        text.push_str(part);
    }
    text.push('\'');
    text
}

/// The text of a file of variables with the variable set: in the place of its first line, or at the end.
fn with_variable(before: &str, variable: &str, secret: &str) -> Zeroizing<String> {
    let secret = quoted(secret);
    let sets = |line: &str| {
        let line = line.trim_start();
        let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
        line.strip_prefix(variable)
            .is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    // Reserved at once: a text that grows leaves pieces of itself in memory.
    let mut after = Zeroizing::new(String::with_capacity(
        before.len() + variable.len() + secret.len() + 16,
    ));
    let mut is_set = false;
    for line in before.lines() {
        if !sets(line) {
            after.push_str(line);
        } else if is_set {
            continue;
        } else {
            let export = if line.trim_start().starts_with("export ") {
                "export "
            } else {
                ""
            };
            for part in [export, variable, "=", &secret] {
                after.push_str(part);
            }
            is_set = true;
        }
        after.push('\n');
    }
    if !is_set {
        for part in [variable, "=", &secret, "\n"] {
            after.push_str(part);
        }
    }
    after
}

impl Place {
    /// Puts the secret there; the file is the old one or the new one at every moment. Says where it is now, in words.
    ///
    /// # Errors
    /// When it cannot be written. The old file is as it was.
    pub(super) fn put(self, secret: &str) -> Result<String, Failure> {
        let Self::File {
            mut next,
            path,
            variable,
        } = self
        else {
            let mut out = io::stdout().lock();
            writeln!(out, "{secret}")?;
            out.flush()?;
            return Ok("it is shown this once".to_owned());
        };
        match &variable {
            Some(variable) => {
                let text = with_variable(&read_lines(&path)?, variable, secret);
                next.write_all(text.as_bytes())?;
            }
            None => next.write_all(secret.as_bytes())?,
        }
        next.as_file().sync_all()?;
        let folder = next.path().parent().map(Path::to_owned);
        next.persist(&path)?;
        if let Some(folder) = folder {
            File::open(folder)?.sync_all()?;
        }
        Ok(match variable {
            Some(variable) => format!("it is in {} as {variable}", path.display()),
            None => format!("it is in {}", path.display()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_lines_stay() {
        let after = |before| with_variable(before, "TOKEN", "new").to_string();
        assert_eq!(after(""), "TOKEN=new\n");
        assert_eq!(after("A=1"), "A=1\nTOKEN=new\n");
        assert_eq!(
            after("# mine\nTOKENS=x\n  TOKEN = old\n\nB=2\nTOKEN=older\n"),
            "# mine\nTOKENS=x\nTOKEN=new\n\nB=2\n"
        );
        assert_eq!(after("export TOKEN=old\n"), "export TOKEN=new\n");
    }

    /// Whatever an imported key is made of, a shell reads it as it is and runs nothing.
    #[test]
    fn a_shell_reads_what_was_stored() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join(".env");
        for secret in [
            "dps_aB3",
            "a$(touch${IFS}x)`touch${IFS}y`;b\"c\\d#e&f",
            "it's-'quoted'",
            "'",
        ] {
            let text = with_variable("A=1\n", "TOKEN", secret);
            fs::write(&path, text.as_bytes()).unwrap();
            let shell = std::process::Command::new("sh")
                .current_dir(folder.path())
                .args(["-c", ". ./.env && printf %s \"$TOKEN\""])
                .output()
                .unwrap();
            assert_eq!(String::from_utf8(shell.stdout).unwrap(), secret);
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "{secret}");
        }
        assert_eq!(*with_variable("", "TOKEN", "dps_aB3"), "TOKEN=dps_aB3\n");
    }

    /// What can be refused is refused before a secret is made or fetched.
    #[test]
    fn the_place_is_its_owners_before_a_secret_is_there() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join(".env");
        fs::write(&path, "A=1\n").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        // Only root gives files away.
        let _ = std::os::unix::fs::chown(&path, Some(54_321), Some(54_321));
        let owner = fs::metadata(&path).unwrap().uid();
        let destination = Destination {
            write_env: Some(path.clone()),
            write: None,
            name: "TOKEN".to_owned(),
        };
        let place = destination.prepare(false).unwrap();
        let Place::File { next, .. } = &place else {
            panic!("a file")
        };
        let ready = next.as_file().metadata().unwrap();
        assert_eq!(
            (ready.uid(), ready.mode() & 0o777, ready.len()),
            (owner, 0o600, 0)
        );
        place.put("secret").unwrap();
        let after = fs::metadata(&path).unwrap();
        assert_eq!((after.uid(), after.mode() & 0o777), (owner, 0o600));
    }

    #[test]
    fn variables_have_names() {
        assert!(is_variable("DAYPASS_TOKEN") && is_variable("_a1"));
        for wrong in ["", "1A", "A-B", "A=B", "A B", "Å"] {
            assert!(!is_variable(wrong), "{wrong}");
        }
    }
}
