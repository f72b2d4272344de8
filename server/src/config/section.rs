//! A section is a struct whose doc comments are kept for printing: [`section!`] declares the struct, its defaults,
//! and the list of its keys from one text, so that none can be forgotten.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;

use wire::Network;

use super::{DatabaseUrl, KeysUrl, PublicUrl, SecretText};

/// A key of a section, ready to be printed.
pub(super) struct Key {
    /// Its name within the section.
    pub(super) name: &'static str,
    /// The lines of its doc comment.
    pub(super) doc: &'static [&'static str],
    /// A value as it may stand in the file.
    pub(super) example: &'static str,
    /// The value as it may stand in the file, masked where it is secret; `None` where there is none.
    pub(super) value: Option<String>,
}

/// A section within another, ready to be printed.
pub(super) struct Part {
    pub(super) name: &'static str,
    pub(super) doc: &'static [&'static str],
    pub(super) keys: Vec<Key>,
}

/// What [`section!`] makes of every section.
pub(super) trait Section {
    /// Its keys, in the order of declaration.
    fn keys(&self) -> Vec<Key>;
    /// The sections in it.
    fn parts(&self) -> Vec<Part>;
}

/// Every key of the section and of those in it, by its full path (`log.format`).
pub(super) fn paths(section: &impl Section) -> Vec<(String, Key)> {
    let own = section.keys().into_iter().map(|key| (key.name.to_owned(), key));
    let inner = section.parts().into_iter().flat_map(|part| {
        part.keys
            .into_iter()
            .map(move |key| (format!("{}.{}", part.name, key.name), key))
    });
    own.chain(inner).collect()
}

/// Declares a section: `/// description`, `pub key: Type = default => "an example in TOML",`.
macro_rules! section {
    (
        $(#[doc = $about:literal])*
        pub struct $name:ident {
            $(
                $(#[doc = $doc:literal])*
                pub $key:ident: $type:ty = $default:expr => $example:literal,
            )*
            $(sections {
                $(
                    $(#[doc = $part_doc:literal])*
                    pub $part:ident: $part_type:ty;
                )*
            })?
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Debug, Clone, serde::Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct $name {
            $($(#[doc = $doc])* pub $key: $type,)*
            $($($(#[doc = $part_doc])* pub $part: $part_type,)*)?
        }

        impl Default for $name {
            fn default() -> Self {
                Self {
                    $($key: $default,)*
                    $($($part: <$part_type>::default(),)*)?
                }
            }
        }

        impl $crate::config::section::Section for $name {
            fn keys(&self) -> Vec<$crate::config::section::Key> {
                vec![$($crate::config::section::Key {
                    name: stringify!($key),
                    doc: &[$($doc),*],
                    example: $example,
                    value: $crate::config::section::Literal::literal(&self.$key),
                }),*]
            }

            fn parts(&self) -> Vec<$crate::config::section::Part> {
                vec![$($($crate::config::section::Part {
                    name: stringify!($part),
                    doc: &[$($part_doc),*],
                    keys: $crate::config::section::Section::keys(&self.$part),
                }),*)?]
            }
        }
    };
}
pub(super) use section;

/// Declares a choice between words; what else is given is refused by a text that lists them.
macro_rules! words {
    (
        $(#[doc = $about:literal])*
        pub enum $name:ident {
            $($(#[doc = $doc:literal])* $variant:ident = $word:literal,)*
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
        #[serde(try_from = "String")]
        pub enum $name {
            $($(#[doc = $doc])* $variant,)*
        }

        impl $name {
            /// The word as the configuration has it.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                match text.as_str() {
                    $($word => Ok(Self::$variant),)*
                    _ => Err(format!("it must be one of: {}", [$($word),*].join(", "))),
                }
            }
        }

        impl $crate::config::section::Literal for $name {
            fn literal(&self) -> Option<String> {
                Some($crate::config::section::quoted(self.as_str()))
            }
        }
    };
}
pub(super) use words;

/// A value in TOML; secrets masked.
pub(super) trait Literal {
    fn literal(&self) -> Option<String>;
}

/// A TOML string.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

impl<T: Literal> Literal for Option<T> {
    fn literal(&self) -> Option<String> {
        self.as_ref().and_then(Literal::literal)
    }
}

impl Literal for String {
    fn literal(&self) -> Option<String> {
        Some(quoted(self))
    }
}

impl Literal for bool {
    fn literal(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl Literal for PathBuf {
    fn literal(&self) -> Option<String> {
        Some(quoted(&self.to_string_lossy()))
    }
}

impl Literal for Vec<Network> {
    fn literal(&self) -> Option<String> {
        let items: Vec<_> = self.iter().map(|network| quoted(&network.to_string())).collect();
        Some(format!("[{}]", items.join(", ")))
    }
}

macro_rules! literal_by_display {
    ($($type:ty),*) => {
        $(impl Literal for $type {
            fn literal(&self) -> Option<String> {
                Some(quoted(&self.to_string()))
            }
        })*
    };
}
// The secret ones among them display themselves masked.
literal_by_display!(SocketAddr, PublicUrl, KeysUrl, DatabaseUrl, SecretText);
