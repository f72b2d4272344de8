//! What `/verify` tells about a token, in the form of headers: made once for each of its states and not for each request.

use http::HeaderValue;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use wire::InterfaceId;

use super::interfaces::Interfaces;
use super::token::TokenState;

/// Everything but the unreserved characters of RFC 3986 (section 2.3).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A longer list of interfaces is left out: proxies refuse answers with long headers as a whole. In bytes.
const LONGEST_HEADER: usize = 4096;

/// A text as it stands in a header.
#[must_use]
pub fn encode(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, ENCODED)
}

/// The present names of interfaces, separated by commas. `None` where that would be too long.
#[must_use]
pub fn interface_names<'i>(
    ids: impl Iterator<Item = &'i InterfaceId>,
    interfaces: &Interfaces,
) -> Option<HeaderValue> {
    let mut names = String::new();
    for interface in ids.filter_map(|id| interfaces.get(id)) {
        if !names.is_empty() {
            names.push(',');
        }
        names.extend(encode(interface.name.as_str()));
    }
    HeaderValue::try_from(names)
        .ok()
        .filter(|names| names.len() <= LONGEST_HEADER)
}

/// A token as it was at one version, its interfaces as they were called at one version.
#[derive(Debug)]
pub struct Description {
    version: i64,
    directory: i64,
    /// Its id.
    pub id: HeaderValue,
    /// Its name.
    pub name: HeaderValue,
    /// The interfaces that it has rights on.
    pub interfaces: Option<HeaderValue>,
}

impl Description {
    /// Makes one.
    #[must_use]
    pub fn of(state: &TokenState, interfaces: &Interfaces) -> Self {
        // Ids and percent-encoded text have only characters that headers may have.
        let value = |text: &str| HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""));
        Self {
            version: state.version,
            directory: interfaces.version,
            id: value(state.id.as_str()),
            name: value(&encode(&state.name).to_string()),
            interfaces: interface_names(state.grants.iter().map(|g| &g.interface), interfaces),
        }
    }

    /// Whether it still says how things are.
    #[must_use]
    pub const fn is_of(&self, state: &TokenState, interfaces: &Interfaces) -> bool {
        self.version == state.version && self.directory == interfaces.version
    }
}
