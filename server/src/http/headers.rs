//! The headers that are looked for wherever a token is in hand: which of them a request has, found in one pass.
//!
//! Most requests have one or two of them, and a map is asked with a hash for each that it may have. What a header means
//! is said where it is looked for; nothing is decided here.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// A header that is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    /// `Authorization`.
    Authorization,
    /// `Token`.
    Token,
    /// `X-Api-Key`.
    ApiKey,
    /// `X-Forwarded-For`.
    ForwardedFor,
    /// `X-Forwarded-Uri`.
    ForwardedUri,
    /// `X-Forwarded-Method`.
    ForwardedMethod,
    /// `X-Original-Uri`.
    OriginalUri,
    /// `X-Original-Method`.
    OriginalMethod,
    /// `Origin`.
    Origin,
    /// `Referer`.
    Referer,
    /// `Sec-Fetch-Site`.
    FetchSite,
    /// `Sec-Fetch-Dest`.
    FetchDest,
    /// `Access-Control-Request-Method`.
    RequestMethod,
}

impl Name {
    /// As it stands in requests.
    pub(super) const fn header(self) -> HeaderName {
        match self {
            Self::Authorization => header::AUTHORIZATION,
            Self::Token => HeaderName::from_static("token"),
            Self::ApiKey => HeaderName::from_static("x-api-key"),
            Self::ForwardedFor => HeaderName::from_static("x-forwarded-for"),
            Self::ForwardedUri => HeaderName::from_static("x-forwarded-uri"),
            Self::ForwardedMethod => HeaderName::from_static("x-forwarded-method"),
            Self::OriginalUri => HeaderName::from_static("x-original-uri"),
            Self::OriginalMethod => HeaderName::from_static("x-original-method"),
            Self::Origin => header::ORIGIN,
            Self::Referer => header::REFERER,
            Self::FetchSite => HeaderName::from_static("sec-fetch-site"),
            Self::FetchDest => HeaderName::from_static("sec-fetch-dest"),
            Self::RequestMethod => header::ACCESS_CONTROL_REQUEST_METHOD,
        }
    }

    /// Names of headers are in small letters here, whatever was sent.
    fn of(header: &HeaderName) -> Option<Self> {
        Some(match header.as_str() {
            "authorization" => Self::Authorization,
            "token" => Self::Token,
            "x-api-key" => Self::ApiKey,
            "x-forwarded-for" => Self::ForwardedFor,
            "x-forwarded-uri" => Self::ForwardedUri,
            "x-forwarded-method" => Self::ForwardedMethod,
            "x-original-uri" => Self::OriginalUri,
            "x-original-method" => Self::OriginalMethod,
            "origin" => Self::Origin,
            "referer" => Self::Referer,
            "sec-fetch-site" => Self::FetchSite,
            "sec-fetch-dest" => Self::FetchDest,
            "access-control-request-method" => Self::RequestMethod,
            _ => return None,
        })
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// The headers of a request.
#[derive(Clone, Copy)]
pub(super) struct Headers<'h> {
    headers: &'h HeaderMap,
    /// A bit for each name that is there.
    there: u16,
}

impl<'h> Headers<'h> {
    /// Looks at each of them once.
    pub(super) fn of(headers: &'h HeaderMap) -> Self {
        let names = headers.keys().filter_map(Name::of);
        Self {
            headers,
            there: names.fold(0, |there, name| there | name.bit()),
        }
    }

    /// Whether there is one of this name.
    pub(super) const fn has(self, name: Name) -> bool {
        self.there & name.bit() != 0
    }

    /// All of this name, in the order in which they came.
    pub(super) fn all(self, name: Name) -> impl DoubleEndedIterator<Item = &'h HeaderValue> + use<'h> {
        let there = self.has(name).then(|| self.headers.get_all(name.header()).iter());
        there.into_iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Name; 13] = [
        Name::Authorization,
        Name::Token,
        Name::ApiKey,
        Name::ForwardedFor,
        Name::ForwardedUri,
        Name::ForwardedMethod,
        Name::OriginalUri,
        Name::OriginalMethod,
        Name::Origin,
        Name::Referer,
        Name::FetchSite,
        Name::FetchDest,
        Name::RequestMethod,
    ];

    #[test]
    fn each_is_found_and_no_other() {
        for name in ALL {
            let mut headers = HeaderMap::new();
            headers.insert("host", HeaderValue::from_static("localhost"));
            headers.insert("x-forwarded-host", HeaderValue::from_static("other"));
            assert!(ALL.iter().all(|other| !Headers::of(&headers).has(*other)));
            headers.append(name.header(), HeaderValue::from_static("1"));
            headers.append(name.header(), HeaderValue::from_static("2"));
            let headers = Headers::of(&headers);
            for other in ALL {
                assert_eq!(headers.has(other), other == name, "{other:?}");
                assert_eq!(headers.all(other).next().is_some(), other == name, "{other:?}");
            }
            assert!(headers.all(name).rev().eq(["2", "1"]), "{name:?}");
        }
    }
}
