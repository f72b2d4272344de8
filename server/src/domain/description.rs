//! What `/verify` tells about a token, in the form of headers: made once for each of its states and not for each request.

use http::{HeaderMap, HeaderName, HeaderValue, header};
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

/// The token's id.
const TOKEN_ID: HeaderName = HeaderName::from_static("x-daypass-token-id");
/// Its name.
const TOKEN_NAME: HeaderName = HeaderName::from_static("x-daypass-token-name");
/// Its kind (`secret`, `public`, `temporary`).
pub const TOKEN_KIND: HeaderName = HeaderName::from_static("x-daypass-token-kind");
/// The interfaces that it has rights on.
pub const INTERFACES: HeaderName = HeaderName::from_static("x-daypass-interfaces");

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
    /// What does not depend on the request.
    pub headers: HeaderMap,
}

impl Description {
    /// Makes one.
    #[must_use]
    pub fn of(state: &TokenState, interfaces: &Interfaces) -> Self {
        // Ids and percent-encoded text have only characters that headers may have.
        let value = |text: &str| HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""));
        // With room for what a request adds.
        let mut headers = HeaderMap::with_capacity(12);
        headers.insert(TOKEN_ID, value(state.id.as_str()));
        headers.insert(TOKEN_NAME, value(&encode(&state.name).to_string()));
        headers.insert(TOKEN_KIND, HeaderValue::from_static(state.kind.as_str()));
        let named = interface_names(state.grants.iter().map(|g| &g.interface), interfaces);
        if let Some(names) = named {
            headers.insert(INTERFACES, names);
        }
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Self {
            version: state.version,
            directory: interfaces.version,
            headers,
        }
    }

    /// Whether it still says how things are.
    #[must_use]
    pub const fn is_of(&self, state: &TokenState, interfaces: &Interfaces) -> bool {
        self.version == state.version && self.directory == interfaces.version
    }
}
