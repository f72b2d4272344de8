//! Web origins (RFC 6454): scheme, host and port, nothing else.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{FieldErrorCode, contains_token_value};

/// An `http` or `https` origin in its canonical form: lower case, without the scheme's own port.
///
/// Host names are given in ASCII (an internationalised name in its `xn--` form, as browsers send it).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Origin(String);

impl Origin {
    /// The most characters that are allowed.
    pub const MAX: usize = 255;

    /// Reads exactly an origin: a path other than `/`, a query, a user name or a wildcard is refused, and so is a host
    /// that looks like a token's value: an origin is kept and shown.
    pub fn parse(text: &str) -> Result<Self, FieldErrorCode> {
        let text = text.trim();
        let (origin, rest) = Self::split(text)?;
        if rest.is_empty() || rest == "/" {
            Ok(origin)
        } else {
            Err(FieldErrorCode::NotAnOrigin)
        }
    }

    /// The origin of a whole address, as a `Referer` carries it.
    #[must_use]
    pub fn of_url(url: &str) -> Option<Self> {
        Self::split(url).ok().map(|(origin, _)| origin)
    }

    fn split(text: &str) -> Result<(Self, &str), FieldErrorCode> {
        let wrong = FieldErrorCode::NotAnOrigin;
        let (scheme, after) = text.split_once("://").ok_or(wrong)?;
        let end = after.find(['/', '?', '#']).unwrap_or(after.len());
        let (authority, rest) = after.split_at(end);
        let authority: http::uri::Authority = authority.parse().map_err(|_| wrong)?;
        if authority.as_str().contains('@')
            || authority.host().is_empty()
            || authority.as_str().len() > Self::MAX - 8
        {
            return Err(wrong);
        }
        let host = authority.host().to_ascii_lowercase();
        let plausible = host.starts_with('[')
            || host
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'));
        let has_port = authority.as_str().len() > authority.host().len();
        if !plausible || (has_port && authority.port_u16().is_none()) {
            return Err(wrong);
        }
        if contains_token_value(&host) {
            return Err(FieldErrorCode::ContainsToken);
        }
        let scheme = scheme.to_ascii_lowercase();
        let own_port = match scheme.as_str() {
            "https" => 443,
            "http" => 80,
            _ => return Err(wrong),
        };
        let origin = match authority.port_u16().filter(|p| *p != own_port) {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        };
        Ok((Self(origin), rest))
    }

    /// The origin as a browser sends it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Origin {
    type Error = FieldErrorCode;

    fn try_from(text: String) -> Result<Self, FieldErrorCode> {
        Self::parse(&text)
    }
}

impl From<Origin> for String {
    fn from(origin: Origin) -> Self {
        origin.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_canonical() {
        for (given, meant) in [
            ("https://Example.ORG", "https://example.org"),
            ("https://example.org:443/", "https://example.org"),
            ("http://localhost:8090", "http://localhost:8090"),
            ("HTTP://[::1]:80", "http://[::1]"),
        ] {
            assert_eq!(Origin::parse(given).unwrap().as_str(), meant);
        }
    }

    #[test]
    fn refuses_what_is_more_or_less_than_an_origin() {
        for wrong in [
            "",
            "null",
            "*",
            "https://",
            "https://*",
            "https://a b",
            "ftp://example.org",
            "https://example.org/path",
            "https://user@example.org",
            "https://example.org?x",
            "example.org",
            "https://example.org:",
            "https://example.org:99999",
        ] {
            assert!(Origin::parse(wrong).is_err(), "{wrong}");
        }
        // No text of ours holds a token's value, and none of others is kept with one.
        let value = format!("https://dps_{}.example", "A".repeat(46));
        assert_eq!(Origin::parse(&value), Err(FieldErrorCode::ContainsToken));
        assert_eq!(Origin::of_url(&value), None);
    }

    #[test]
    fn reads_a_referrer() {
        assert_eq!(
            Origin::of_url("https://a.example/page?q=1#x").unwrap().as_str(),
            "https://a.example"
        );
        assert_eq!(Origin::of_url("about:blank"), None);
    }
}
