//! What is fixed before the start: addresses, folders, the database, the master key. One file per section.
//!
//! The doc comments of the sections' fields are the only description of the configuration: `daypass config print`
//! writes them out. What administrators change while the server runs is no configuration but a setting, kept in the
//! database: never add it here. Nothing here logs, and no text made here (errors and `Debug` included) holds a
//! secret.

mod database_url;
mod error;
mod leaks;
mod load;
mod log;
mod print;
mod public_url;
mod secret_text;
mod section;
#[cfg(test)]
mod tests;
mod this_machine;

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use wire::{Network, Origin};

pub use database_url::{DatabaseUrl, DatabaseUrlError};
pub use error::ConfigError;
pub use leaks::{KeysUrl, LeaksConfig};
pub use load::Loaded;
pub use log::{LogConfig, LogFormat};
pub use public_url::PublicUrl;
pub use secret_text::SecretText;
pub use this_machine::is_this_machine;

use section::{section, words};

/// What stands in place of a secret, wherever one would be printed.
const MASK: &str = "***";

words! {
    /// Which family of headers tells the original request of a proxy's question.
    pub enum ProxyHeaders {
        /// `X-Original-URI` and `X-Original-Method`.
        Original = "original",
        /// `X-Forwarded-Uri` and `X-Forwarded-Method`.
        Forwarded = "forwarded",
    }
}

section! {
    /// The whole configuration: the keys outside of any section, and the sections.
    pub struct Config {
        /// The address and port that the server listens on.
        pub listen: SocketAddr = SocketAddr::from(([127, 0, 0, 1], 8080)) => "\"127.0.0.1:8080\"",
        /// An address and port of its own for `/verify`, so that only the proxy reaches it. Unset: it is answered
        /// at `listen`.
        pub verify_listen: Option<SocketAddr> = None => "\"127.0.0.1:8081\"",
        /// The folder of the database file and the master key. A relative path starts at the
        /// folder in which the server is started.
        pub data_dir: PathBuf = PathBuf::from("./data") => "\"/var/lib/daypass\"",
        /// The address under which browsers reach Daypass: scheme, host, and port where it is not the scheme's own.
        /// It fixes the origin that is our own, the issuer of temporary tokens and links. Unset: the
        /// listen address, under both names of the own machine.
        pub public_url: Option<PublicUrl> = None => "\"https://daypass.example.org\"",
        /// The database: `postgres://USER:PASSWORD@HOST/NAME` or `sqlite:FILE`. Unset: a file in
        /// `data_dir`.
        pub database_url: Option<DatabaseUrl> = None => "\"postgres://daypass:PASSWORD@localhost/daypass\"",
        /// A file that holds `database_url`, in place of `database_url` itself.
        pub database_url_file: Option<PathBuf> = None => "\"/run/secrets/daypass_database_url\"",
        /// The master key, 32 random bytes in base64url, made by `openssl rand 32 | basenc --base64url`. Unset: a
        /// file in `data_dir`, made together with an empty database. Keep a copy of it away from the database's.
        pub master_key: Option<SecretText> = None => "\"MASTER_KEY\"",
        /// A file that holds the master key, in place of `master_key` itself.
        pub master_key_file: Option<PathBuf> = None => "\"/run/secrets/daypass_master_key\"",
        /// The networks of the proxies whose word about a client's address and its original request is believed. An
        /// empty list (or an empty variable) believes none.
        pub trusted_proxies: Vec<Network> = loopback_networks() => "[\"127.0.0.0/8\", \"::1/128\"]",
        /// The one family of headers that is believed: `original` (`X-Original-URI`, `X-Original-Method`) or
        /// `forwarded` (`X-Forwarded-Uri`, `X-Forwarded-Method`). The other is ignored.
        pub proxy_headers: ProxyHeaders = ProxyHeaders::Original => "\"original\"",
        sections {
            /// What the server writes to standard error.
            pub log: LogConfig;
            /// Secrets that are public: who may report them, and which sites may be watched.
            pub leaks: LeaksConfig;
        }
    }
}

fn loopback_networks() -> Vec<Network> {
    ["127.0.0.0/8", "::1/128"]
        .into_iter()
        .filter_map(|text| Network::parse(text).ok())
        .collect()
}

impl Config {
    /// Reads the TOML file, then the environment, which wins.
    ///
    /// The file is `file`, else the one that `DAYPASS_CONFIG` names, else `daypass.toml` in the working folder where
    /// there is one. `env` is the whole environment; only `DAYPASS_…` is looked at. An empty variable counts as unset.
    ///
    /// # Errors
    /// When the file cannot be read or holds unknown keys, a value is refused, or a secret is given in both forms.
    pub fn load(
        file: Option<&Path>,
        env: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Loaded, ConfigError> {
        load::load(file, env)
    }

    /// The configuration as a TOML file: every key with its description, the ones without a value commented out,
    /// secrets masked.
    #[must_use]
    pub fn print(&self) -> String {
        print::print(self)
    }

    /// The database's URL, from whichever form it is given in; `None` means the file in the data folder.
    ///
    /// # Errors
    /// When the file cannot be read or does not hold such a URL.
    pub fn resolve_database_url(&self) -> Result<Option<DatabaseUrl>, ConfigError> {
        match (&self.database_url, &self.database_url_file) {
            (Some(url), _) => Ok(Some(url.clone())),
            (None, Some(path)) => {
                let text = load::read_secret("database_url_file", path)?;
                DatabaseUrl::parse(text.expose())
                    .map(Some)
                    .map_err(|reason| ConfigError::Value {
                        place: path.display().to_string(),
                        key: "database_url".to_owned(),
                        reason: reason.to_string(),
                        example: load::example_of("database_url"),
                    })
            }
            (None, None) => Ok(None),
        }
    }

    /// The text of the master key, from whichever form it is given in; `None` means the file in the data folder.
    /// Permissions of a `master_key_file` are not looked at: mounted secrets have their mounter's.
    ///
    /// # Errors
    /// When the file cannot be read or is empty.
    pub fn resolve_master_key(&self) -> Result<Option<SecretText>, ConfigError> {
        match (&self.master_key, &self.master_key_file) {
            (Some(key), _) => Ok(Some(key.clone())),
            (None, Some(path)) => load::read_secret("master_key_file", path).map(Some),
            (None, None) => Ok(None),
        }
    }

    /// The origins that are our own: a request with another one is cross-origin.
    ///
    /// Without a `public_url` they are made from the port of `listen`; whoever listens on port 0 puts the address it
    /// got into `listen` first.
    #[must_use]
    pub fn own_origins(&self) -> Vec<Origin> {
        if let Some(url) = &self.public_url {
            return vec![url.origin().clone()];
        }
        let mut origins = vec![self.loopback("127.0.0.1"), self.loopback("localhost")];
        if let IpAddr::V6(ip) = self.listen.ip()
            && (ip.is_loopback() || ip.is_unspecified())
        {
            origins.push(self.loopback("[::1]"));
        }
        origins
    }

    /// The issuer of temporary tokens and the start of every link: `public_url`, else the listen port on loopback.
    #[must_use]
    pub fn issuer(&self) -> Origin {
        match &self.public_url {
            Some(url) => url.origin().clone(),
            // Nothing answers at 127.0.0.1 then, and links must reach us.
            None if self.listen.ip() == IpAddr::from(std::net::Ipv6Addr::LOCALHOST) => self.loopback("[::1]"),
            None => self.loopback("127.0.0.1"),
        }
    }

    #[expect(
        clippy::expect_used,
        reason = "three constant hosts and a number always make an origin; a test tries them"
    )]
    fn loopback(&self, host: &str) -> Origin {
        Origin::parse(&format!("http://{host}:{}", self.listen.port())).expect("a loopback origin")
    }
}
