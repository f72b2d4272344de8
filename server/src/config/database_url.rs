//! The database's URL, whose password nothing prints.
//!
//! A URL is taken apart strictly, and refused where two readings are possible: masking that guesses shows the part of
//! a password that follows an unencoded `/`.

use std::fmt;
use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, de};

use super::MASK;

/// Parameters whose values may be shown; of every other one only the name is.
const HARMLESS: [&str; 8] = [
    "sslmode",
    "sslrootcert",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "application_name",
];

/// Where the database is: `postgres://…` or `sqlite:FILE`. `Debug` and `Display` mask the password.
#[derive(Clone)]
pub struct DatabaseUrl {
    text: SecretString,
    masked: String,
}

/// Why a text is no URL of a database. It holds nothing of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseUrlError {
    /// Another scheme, or none.
    #[error("it must begin with postgres:// or sqlite:")]
    Scheme,
    /// Characters that must be encoded, or more than one reading.
    #[error(
        "it is not a plain URL; in its user name and password, characters such as @ / ? # and spaces are written as %40 %2F %3F %23 %20"
    )]
    Ambiguous,
    /// No lasting file.
    #[error("sqlite: is followed by the path of a file, without parameters")]
    SqliteFile,
}

impl DatabaseUrl {
    /// Reads the URL.
    ///
    /// # Errors
    /// When it is of another database, or it could be read in two ways.
    pub fn parse(text: &str) -> Result<Self, DatabaseUrlError> {
        let text = text.trim();
        Ok(Self {
            masked: mask(text)?,
            text: SecretString::from(text),
        })
    }

    /// The whole URL, its password included.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }

    /// The file of an `sqlite:` URL; `None` for any other.
    #[must_use]
    pub fn sqlite_file(&self) -> Option<PathBuf> {
        sqlite_path(self.expose()).map(PathBuf::from)
    }

    /// Whether a secret in it is the mask itself: copied from where it was printed.
    pub(super) fn holds_mask(&self) -> bool {
        let text = self.expose();
        text.contains(&format!(":{MASK}@"))
            || text.split(['?', '&']).any(|p| p.ends_with(&format!("={MASK}")))
    }
}

fn sqlite_path(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once(':')?;
    scheme
        .eq_ignore_ascii_case("sqlite")
        .then(|| rest.strip_prefix("//").unwrap_or(rest))
}

/// The URL with its password and every parameter that may be secret replaced.
fn mask(text: &str) -> Result<String, DatabaseUrlError> {
    use DatabaseUrlError::{Ambiguous, Scheme, SqliteFile};

    if let Some(path) = sqlite_path(text) {
        let lasting = !path.is_empty() && !path.starts_with(':') && !path.contains('?');
        return if lasting {
            Ok(text.to_owned())
        } else {
            Err(SqliteFile)
        };
    }
    let (scheme, rest) = text.split_once("://").ok_or(Scheme)?;
    if !["postgres", "postgresql"].contains(&scheme) {
        return Err(Scheme);
    }
    if rest.contains(|c: char| c == '#' || c.is_whitespace() || c.is_control()) {
        return Err(Ambiguous);
    }
    let (place, query) = match rest.split_once('?') {
        Some((place, query)) => (place, Some(query)),
        None => (rest, None),
    };
    let (authority, path) = place.split_at(place.find('/').unwrap_or(place.len()));
    if path.contains('@') || query.is_some_and(|q| q.contains(['@', '?'])) {
        return Err(Ambiguous);
    }
    let (user_info, host) = match authority.split_once('@') {
        Some((user_info, host)) => (Some(user_info), host),
        None => (None, authority),
    };
    let after_host = match host.strip_prefix('[') {
        Some(address) => address.split_once(']').ok_or(Ambiguous)?.1,
        None => &host[host.find(':').unwrap_or(host.len())..],
    };
    let port = after_host.strip_prefix(':').unwrap_or(after_host);
    if host.contains('@') || !port.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Ambiguous);
    }

    let user_info = user_info.map_or_else(String::new, |info| match info.split_once(':') {
        Some((user, _)) => format!("{user}:{MASK}@"),
        None => format!("{info}@"),
    });
    let query = query.map_or_else(String::new, |query| {
        let shown: Vec<_> = query
            .split('&')
            .map(|parameter| match parameter.split_once('=') {
                Some((name, _)) if !HARMLESS.contains(&name) => format!("{name}={MASK}"),
                _ => parameter.to_owned(),
            })
            .collect();
        format!("?{}", shown.join("&"))
    });
    Ok(format!("{scheme}://{user_info}{host}{path}{query}"))
}

impl<'de> Deserialize<'de> for DatabaseUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DatabaseUrl").field(&self.masked).finish()
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_the_password_and_unknown_parameters() {
        for (given, shown) in [
            ("postgres://u:canary@h/db", "postgres://u:***@h/db"),
            ("postgresql://u:can:ary@h:5432/db", "postgresql://u:***@h:5432/db"),
            (
                "postgres://u:c%40n%2Fary@[::1]:5432/db",
                "postgres://u:***@[::1]:5432/db",
            ),
            (
                "postgres://u@h/db?password=canary&sslmode=require",
                "postgres://u@h/db?password=***&sslmode=require",
            ),
            (
                "postgres://u@h/db?p%61ssword=canary",
                "postgres://u@h/db?p%61ssword=***",
            ),
            ("postgres://:canary@h", "postgres://:***@h"),
            (
                "postgres://postgres@%2Frun%2Fpostgresql/db",
                "postgres://postgres@%2Frun%2Fpostgresql/db",
            ),
            (
                "postgres:///db?host=/run/postgresql",
                "postgres:///db?host=/run/postgresql",
            ),
            ("sqlite:data/own.db", "sqlite:data/own.db"),
        ] {
            let url = DatabaseUrl::parse(given).unwrap();
            assert_eq!(url.to_string(), shown);
            assert_eq!(format!("{url:?}"), format!("DatabaseUrl(\"{shown}\")"));
            assert_eq!(url.expose(), given);
        }
    }

    #[test]
    fn refuses_what_could_be_masked_wrongly_without_repeating_it() {
        for wrong in [
            "",
            "canary",
            "mysql://u:canary@h/db",
            "postgres://u:can/ary@h/db",
            "postgres://u:can?ary@h/db",
            "postgres://u:can#ary@h/db",
            "postgres://u:can@ary@h/db",
            "postgres://u:can ary@h/db",
            "postgres://u:canary",
            "postgres://u@h/db?password=can@ary",
            "postgres://u:canary@[::1/db",
            "sqlite::memory:",
            "sqlite:",
            "sqlite:canary.db?mode=ro",
        ] {
            let error = DatabaseUrl::parse(wrong).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("ary"), "{wrong}");
        }
    }

    #[test]
    fn knows_the_file_of_sqlite() {
        let file = |text: &str| DatabaseUrl::parse(text).unwrap().sqlite_file();
        assert_eq!(file("sqlite:data/own.db"), Some(PathBuf::from("data/own.db")));
        assert_eq!(file("sqlite:///var/own.db"), Some(PathBuf::from("/var/own.db")));
        assert_eq!(file("postgres://h/db"), None);
    }

    #[test]
    fn notices_a_copied_mask() {
        let holds = |text: &str| DatabaseUrl::parse(text).unwrap().holds_mask();
        assert!(holds("postgres://u:***@h/db"));
        assert!(holds("postgres://u@h/db?password=***&sslmode=require"));
        assert!(!holds("postgres://u:a***@h/db"));
    }
}
