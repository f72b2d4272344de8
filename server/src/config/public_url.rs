//! The address under which browsers reach Daypass.

use std::fmt;

use serde::Deserialize;
use wire::{FieldErrorCode, Origin};

use super::this_machine::is_this_machine;

/// An `http` or `https` address without a path: Daypass cannot live below a path of another site, since its cookie
/// (`__Host-`) and its origin checks are the whole host's.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PublicUrl(Origin);

impl PublicUrl {
    /// Reads the address; one `/` at its end is taken off.
    ///
    /// # Errors
    /// When it is not http or https, or has a path, a query or a user name.
    pub fn parse(text: &str) -> Result<Self, FieldErrorCode> {
        Origin::parse(text).map(Self)
    }

    /// The address as an origin.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.0
    }

    /// Whether browsers keep `Secure` cookies of this address: https, or the browser's own machine.
    #[must_use]
    pub fn keeps_secure_cookies(&self) -> bool {
        let Some(authority) = self.0.as_str().strip_prefix("http://") else {
            return true;
        };
        let host = match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
            _ => authority,
        };
        // Browsers take every such name for their own machine, without asking a name server.
        is_this_machine(host) || host.ends_with(".localhost")
    }
}

impl TryFrom<String> for PublicUrl {
    type Error = FieldErrorCode;

    fn try_from(text: String) -> Result<Self, FieldErrorCode> {
        Self::parse(&text)
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_an_origin_and_nothing_more() {
        assert_eq!(
            PublicUrl::parse("https://Daypass.Example.org:443/")
                .unwrap()
                .to_string(),
            "https://daypass.example.org"
        );
        for wrong in [
            "",
            "daypass.example.org",
            "https://example.org/daypass",
            "https://u@example.org",
            "ftp://a",
        ] {
            assert!(PublicUrl::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn knows_where_secure_cookies_are_kept() {
        for (url, kept) in [
            ("https://example.org", true),
            ("http://example.org", false),
            ("http://127.0.0.1:8080", true),
            ("http://[::1]:8080", true),
            ("http://[::1]", true),
            ("http://[2001:db8::1]", false),
            ("http://localhost", true),
            ("http://daypass.localhost:81", true),
            ("http://localhost.example.org", false),
        ] {
            assert_eq!(
                PublicUrl::parse(url).unwrap().keeps_secure_cookies(),
                kept,
                "{url}"
            );
        }
    }
}
