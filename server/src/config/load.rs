//! From file and environment to one checked [`Config`].

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use ::config::{ConfigBuilder, File, FileFormat, Source, Value, ValueKind, builder::DefaultState};
use zeroize::Zeroizing;

use super::log::check_level;
use super::section::{Section, paths};
use super::{Config, ConfigError, MASK, SecretText};

const DEFAULT_FILE: &str = "daypass.toml";
const PREFIX: &str = "DAYPASS_";
const FILE_VARIABLE: &str = "DAYPASS_CONFIG";

/// The configuration, and what its owner should know about it.
#[derive(Debug)]
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// The file that was read, if any.
    pub file: Option<PathBuf>,
    /// What does not hinder the start, for the log. Without secrets.
    pub warnings: Vec<String>,
}

pub(super) fn load(
    file: Option<&Path>,
    env: impl IntoIterator<Item = (String, String)>,
) -> Result<Loaded, ConfigError> {
    let mut given = Given::of(env);
    let read = match file.map(Path::to_owned).or(given.file.take()) {
        Some(path) => Some((
            read_file(&path).map_err(|source| ConfigError::Read {
                path: path.clone(),
                source,
            })?,
            path,
        )),
        None => default_file()?,
    };
    let mut builder = ConfigBuilder::<DefaultState>::default();
    if let Some((text, path)) = &read {
        let source = File::from_str(text, FileFormat::Toml);
        let table = source.collect().map_err(|error| ConfigError::Syntax {
            path: path.clone(),
            reason: without_source(&error),
        })?;
        refuse_unknown(path, &table)?;
        builder = builder.add_source(source);
        // The file alone first: what is refused now stands in it, what is refused later comes from a variable.
        given.file = Some(path.clone());
        build(builder.clone()).map_err(|error| refusal(&error, |_| path.display().to_string()))?;
    }
    for (path, (variable, value)) in &given.values {
        builder = builder
            .set_override(path, value.clone())
            .map_err(|error| refusal(&error, |_| variable.clone()))?;
    }
    let config = build(builder).map_err(|error| refusal(&error, |key| given.place(key)))?;
    check(&config, &given)?;
    let mut warnings = given.warnings;
    warn(&config, &mut warnings);
    Ok(Loaded {
        config,
        file: given.file,
        warnings,
    })
}

/// What the environment says.
struct Given {
    /// Where the file is; later, the file that was read.
    file: Option<PathBuf>,
    /// By the path of the key: the variable's name and its value.
    values: BTreeMap<String, (String, Value)>,
    warnings: Vec<String>,
}

impl Given {
    fn of(env: impl IntoIterator<Item = (String, String)>) -> Self {
        let known: HashMap<String, (String, bool)> = paths(&Config::default())
            .into_iter()
            .map(|(path, key)| (variable(&path), (path, key.example.starts_with('['))))
            .collect();
        let mut given = Self {
            file: None,
            values: BTreeMap::new(),
            warnings: Vec::new(),
        };
        for (name, text) in env {
            if let Some((path, is_list)) = known.get(&name) {
                let origin = Some(&name);
                let value = if *is_list {
                    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                    ValueKind::Array(items.map(|item| Value::new(origin, item)).collect())
                } else if text.trim().is_empty() {
                    continue;
                } else {
                    ValueKind::String(text.trim().to_owned())
                };
                let value = Value::new(origin, value);
                given.values.insert(path.clone(), (name, value));
            } else if name == FILE_VARIABLE {
                given.file = Some(PathBuf::from(text)).filter(|path| !path.as_os_str().is_empty());
            } else if name
                .get(..PREFIX.len())
                .is_some_and(|p| p.eq_ignore_ascii_case(PREFIX))
            {
                let hint = did_you_mean(&name, known.keys());
                given.warnings.push(format!(
                    "the variable {name} means nothing to Daypass{hint}; it is ignored"
                ));
            }
        }
        given.warnings.sort();
        given
    }

    /// Where the value of a key comes from.
    fn place(&self, key: &str) -> String {
        match (self.values.get(key), &self.file) {
            (Some((variable, _)), _) => variable.clone(),
            (None, Some(file)) => file.display().to_string(),
            (None, None) => "the defaults".to_owned(),
        }
    }
}

fn variable(path: &str) -> String {
    format!("{PREFIX}{}", path.replace('.', "__").to_uppercase())
}

/// The known name that differs in nothing but case and separators.
fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a String>) -> String {
    let squash = |text: &str| text.replace(['_', '-', '.'], "").to_lowercase();
    let wanted = squash(name);
    known
        .into_iter()
        .find(|candidate| squash(candidate) == wanted)
        .map_or_else(String::new, |candidate| format!(" (did you mean {candidate}?)"))
}

fn read_file(path: &Path) -> io::Result<Zeroizing<String>> {
    fs::read_to_string(path).map(Zeroizing::new)
}

type Read = (Zeroizing<String>, PathBuf);

fn default_file() -> Result<Option<Read>, ConfigError> {
    let path = PathBuf::from(DEFAULT_FILE);
    match read_file(&path) {
        Ok(text) => Ok(Some((text, path))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(ConfigError::Read { path, source }),
    }
}

/// The text of a secret in a file of its own, without white space around it.
pub(super) fn read_secret(key: &'static str, path: &Path) -> Result<SecretText, ConfigError> {
    let text = read_file(path).map_err(|source| ConfigError::SecretFile {
        key,
        path: path.to_owned(),
        source,
    })?;
    match text.trim() {
        "" => Err(ConfigError::SecretFileEmpty {
            key,
            path: path.to_owned(),
        }),
        secret => Ok(SecretText::from(secret.to_owned())),
    }
}

fn build(builder: ConfigBuilder<DefaultState>) -> Result<Config, ::config::ConfigError> {
    builder.build()?.try_deserialize()
}

fn refuse_unknown(file: &Path, table: &HashMap<String, Value>) -> Result<(), ConfigError> {
    let defaults = Config::default();
    let known: Vec<String> = paths(&defaults).into_iter().map(|(path, _)| path).collect();
    let mut unknown = Vec::new();
    let mut name = |path: String| unknown.push(format!("`{path}`{}", did_you_mean(&path, &known)));
    let parts = defaults.parts();
    for (key, value) in table {
        if !parts.iter().any(|part| part.name == key) {
            if !known.contains(key) {
                name(key.clone());
            }
        } else if let ValueKind::Table(inner) = &value.kind {
            inner
                .keys()
                .map(|inner| format!("{key}.{inner}"))
                .filter(|path| !known.contains(path))
                .for_each(&mut name);
        }
    }
    if unknown.is_empty() {
        return Ok(());
    }
    unknown.sort();
    Err(ConfigError::UnknownKeys {
        path: file.to_owned(),
        keys: unknown.join(", "),
    })
}

/// The parser's message without the line of the file that it quotes: a secret may stand there.
fn without_source(error: &::config::ConfigError) -> String {
    let text = match error {
        ::config::ConfigError::FileParse { cause, .. } => cause.to_string(),
        other => other.to_string(),
    };
    let quoted = |line: &&str| {
        line.trim_start_matches(|c: char| c == ' ' || c.is_ascii_digit())
            .starts_with('|')
    };
    let kept: Vec<_> = text
        .lines()
        .filter(|line| !quoted(line))
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    kept.join(": ")
}

fn refusal(error: &::config::ConfigError, place: impl Fn(&str) -> String) -> ConfigError {
    let (key, reason) = match error {
        ::config::ConfigError::Type {
            key: Some(key),
            unexpected,
            expected,
            ..
        } => (key.as_str(), format!("it is the {unexpected}, not {expected}")),
        ::config::ConfigError::At {
            key: Some(key),
            error,
            ..
        } => (key.as_str(), error.to_string()),
        other => ("", other.to_string()),
    };
    // An item of a list is named with its index; the list is what the place and the example are known of.
    let path = key.split('[').next().unwrap_or(key);
    ConfigError::Value {
        place: place(path),
        key: key.to_owned(),
        reason,
        example: example_of(path),
    }
}

/// How the key may stand in the file.
pub(super) fn example_of(path: &str) -> String {
    paths(&Config::default())
        .into_iter()
        .find(|(known, _)| known == path)
        .map_or_else(
            || format!("[{path}]"),
            |(_, key)| format!("{} = {}", key.name, key.example),
        )
}

/// What no single value shows.
fn check(config: &Config, given: &Given) -> Result<(), ConfigError> {
    let refuse = |key: &str, reason: String| {
        Err(ConfigError::Value {
            place: given.place(key),
            key: key.to_owned(),
            reason,
            example: example_of(key),
        })
    };
    let both_forms = |key: &'static str, file: &'static str| {
        Err(ConfigError::BothForms {
            key,
            key_place: given.place(key),
            file_place: given.place(file),
        })
    };
    let masked = |key: &'static str| {
        Err(ConfigError::Masked {
            place: given.place(key),
            key,
        })
    };

    if config.database_url.is_some() && config.database_url_file.is_some() {
        return both_forms("database_url", "database_url_file");
    }
    if config.master_key.is_some() && config.master_key_file.is_some() {
        return both_forms("master_key", "master_key_file");
    }
    if config
        .database_url
        .as_ref()
        .is_some_and(super::DatabaseUrl::holds_mask)
    {
        return masked("database_url");
    }
    if config.master_key.as_ref().is_some_and(|key| key.expose() == MASK) {
        return masked("master_key");
    }
    if config.verify_listen == Some(config.listen) && config.listen.port() != 0 {
        return refuse("verify_listen", "it is the same address as `listen`".to_owned());
    }
    check_level(&config.log.level).or_else(|reason| refuse("log.level", reason))
}

fn warn(config: &Config, warnings: &mut Vec<String>) {
    match &config.public_url {
        None if !config.listen.ip().to_canonical().is_loopback() => warnings.push(format!(
            "the server listens on {} without a public_url: links and the issuer of temporary tokens name {}, and browsers elsewhere cannot sign in; set public_url to the https address that they use",
            config.listen,
            config.issuer()
        )),
        Some(url) if !url.keeps_secure_cookies() => warnings.push(format!(
            "public_url is {url}: over plain http browsers drop the cookie of a session, and nobody can sign in; set up TLS and give the https address"
        )),
        _ => {}
    }
    for network in &config.trusted_proxies {
        if ["0.0.0.0/0", "::/0"].contains(&network.to_string().as_str()) {
            warnings.push(format!(
                "trusted_proxies holds {network}: every client is believed about its own address; name the proxies alone"
            ));
        }
    }
}
