//! Why the configuration is refused. Every text says what to do; none holds a secret.

use std::path::PathBuf;

/// Why the server does not start with this configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is not there or not readable.
    #[error(
        "the configuration file {} cannot be read: {source}; name the right one with --config or DAYPASS_CONFIG",
        path.display()
    )]
    Read {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: std::io::Error,
    },
    /// The file is not TOML.
    #[error("the configuration file {} is not TOML: {reason}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Line, column and reason; not the line itself, which may hold a secret.
        reason: String,
    },
    /// Keys that do not exist: a mistyped one would silently leave the default in force.
    #[error(
        "the configuration file {} has unknown keys: {keys}; correct or remove them (`daypass config print` lists all keys)",
        path.display()
    )]
    UnknownKeys {
        /// The file.
        path: PathBuf,
        /// Their names, with the known ones they resemble.
        keys: String,
    },
    /// A value that cannot be used.
    #[error("{place}: `{key}` cannot be used: {reason}; write it like {example}")]
    Value {
        /// The file or the variable that holds it.
        place: String,
        /// Its path.
        key: String,
        /// What is wrong with it.
        reason: String,
        /// What a right one looks like.
        example: String,
    },
    /// One secret as value and as file.
    #[error("both `{key}` ({key_place}) and `{key}_file` ({file_place}) are set; keep one of them")]
    BothForms {
        /// The path of the value.
        key: &'static str,
        /// Where the value is set.
        key_place: String,
        /// Where the file is set.
        file_place: String,
    },
    /// The mask in place of the secret.
    #[error(
        "{place}: `{key}` holds the mask that is printed in place of a secret; put the secret itself there, or leave the key out"
    )]
    Masked {
        /// Where it is set.
        place: String,
        /// Its path.
        key: &'static str,
    },
    /// The file of a secret is not there or not readable.
    #[error(
        "the file {} that `{key}` names cannot be read: {source}; correct the path or let the server's user read it",
        path.display()
    )]
    SecretFile {
        /// The path of the key.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: std::io::Error,
    },
    /// The file of a secret has nothing in it.
    #[error("the file {} that `{key}` names is empty; put the secret there", path.display())]
    SecretFileEmpty {
        /// The path of the key.
        key: &'static str,
        /// The file.
        path: PathBuf,
    },
}
