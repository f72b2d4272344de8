//! The section `leaks`.

use std::fmt;

use http::Uri;
use serde::Deserialize;

use super::section::section;
use super::this_machine::is_this_machine;

section! {
    /// Secrets that are public: who may report them, and which sites may be watched.
    pub struct LeaksConfig {
        /// Where the public keys are that reports of leaked secrets are signed with; GitHub's are at
        /// `https://api.github.com/meta/public_keys/secret_scanning`. Unset: `/api/ReportLeakedToken` answers nobody.
        pub report_keys_url: Option<KeysUrl> = None => "\"https://api.github.com/meta/public_keys/secret_scanning\"",
        /// Whether sites in private networks and on this machine may be watched. With `false`, nobody can read the
        /// network that the server stands in by naming a site.
        pub private_sites: bool = false => "false",
    }
}

/// An address that keys are fetched from: https, or http on the own machine.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct KeysUrl(String);

impl KeysUrl {
    /// Reads the address.
    ///
    /// # Errors
    /// When it is not https, but for http on a loopback address; or has a name or password in it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const WRONG: &str = "an https address is needed";
        let uri: Uri = text.parse().map_err(|_| WRONG)?;
        let authority = uri
            .authority()
            .filter(|a| !a.as_str().contains('@'))
            .ok_or(WRONG)?;
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") if is_this_machine(authority.host()) => {}
            _ => return Err(WRONG),
        }
        Ok(Self(text.to_owned()))
    }

    /// Whether it is on the own machine, over plain http: no way there may lead through a proxy.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        !self.0.starts_with("https:")
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for KeysUrl {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        Self::parse(&text)
    }
}

impl fmt::Display for KeysUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_by_https() {
        for right in [
            "https://api.github.com/meta/x",
            "http://127.0.0.1:9/keys",
            "http://[::1]/",
            "http://localhost/x",
        ] {
            let url = KeysUrl::parse(right).unwrap();
            assert_eq!(url.is_plain(), right.starts_with("http:"), "{right}");
        }
        for wrong in [
            "",
            "api.github.com",
            "http://api.github.com/x",
            "ftp://a.example",
            "https://a:b@c.example",
        ] {
            assert!(KeysUrl::parse(wrong).is_err(), "{wrong}");
        }
    }
}
