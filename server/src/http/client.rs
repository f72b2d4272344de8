//! Who really asks: the client's address, and what a proxy says of the original request.
//!
//! Forwarded headers are believed only from a trusted proxy, and only those of the one family that it uses.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use wire::{ErrorCode, Timestamp};

use super::Shared;
use super::app::Site;
use super::error::ApiError;
use super::headers::{Headers, Name};
use crate::config::ProxyHeaders;
use crate::domain::refusal::Refusal;
use crate::domain::verification::Surroundings;

/// The client's address.
#[derive(Debug, Clone, Copy)]
pub(super) struct Client(pub(super) Option<IpAddr>);

impl FromRequestParts<Shared> for Client {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Self::Rejection> {
        Ok(Self(address(Headers::of(&parts.headers), peer(parts), &app.site)))
    }
}

/// The address at the other end of the connection.
pub(super) fn peer(parts: &Parts) -> Option<IpAddr> {
    parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map(|info| info.0.ip().to_canonical())
}

/// Whether forwarded headers of this peer are believed.
pub(super) fn is_trusted(site: &Site, peer: Option<IpAddr>) -> bool {
    peer.is_some_and(|p| site.trusted_proxies.iter().any(|n| n.contains(p)))
}

/// The client's address: the peer's, or behind a trusted proxy the right-most hop that is not a trusted proxy. A hop
/// that cannot be read makes the address unknown: nothing to its left can be believed.
pub(super) fn address(headers: Headers<'_>, peer: Option<IpAddr>, site: &Site) -> Option<IpAddr> {
    if !headers.has(Name::ForwardedFor) || !is_trusted(site, peer) {
        return peer;
    }
    let mut nearest = peer;
    for value in headers.all(Name::ForwardedFor).rev() {
        for hop in value.to_str().ok()?.rsplit(',') {
            let hop = parse_hop(hop.trim())?;
            nearest = Some(hop);
            if !is_trusted(site, Some(hop)) {
                return nearest;
            }
        }
    }
    nearest
}

/// An address with or without a port.
fn parse_hop(text: &str) -> Option<IpAddr> {
    let address = text
        .parse::<IpAddr>()
        .ok()
        .or_else(|| text.parse::<SocketAddr>().ok().map(|a| a.ip()))?;
    Some(address.to_canonical())
}

/// A header that may be there once. `None` when it is missing.
///
/// # Errors
/// When it is there twice or is not text.
fn once(headers: Headers<'_>, name: Name) -> Result<Option<&str>, ApiError> {
    let mut values = headers.all(name);
    let first = values.next();
    if values.next().is_some() {
        return Err(Refusal::new(
            ErrorCode::InvalidRequest,
            format!(
                "The header {} is there twice. The proxy must overwrite what its visitors send.",
                name.header()
            ),
        )
        .into());
    }
    first
        .map(|v| {
            v.to_str().map_err(|_| {
                Refusal::new(
                    ErrorCode::InvalidRequest,
                    format!("The header {} is not text.", name.header()),
                )
                .into()
            })
        })
        .transpose()
}

/// What a trusted proxy says of the request that it asks about.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Original<'h> {
    /// Its URI.
    pub(super) uri: Option<&'h str>,
    /// Its method.
    pub(super) method: Option<&'h str>,
}

/// Reads the one family of headers that is believed.
///
/// # Errors
/// When one of them is there twice.
pub(super) fn original<'h>(
    headers: Headers<'h>,
    trusted: bool,
    site: &Site,
) -> Result<Original<'h>, ApiError> {
    if !trusted {
        return Ok(Original::default());
    }
    let (uri, method) = match site.proxy_headers {
        ProxyHeaders::Original => (Name::OriginalUri, Name::OriginalMethod),
        ProxyHeaders::Forwarded => (Name::ForwardedUri, Name::ForwardedMethod),
    };
    Ok(Original {
        uri: once(headers, uri)?,
        method: once(headers, method)?,
    })
}

/// Whether a proxy asks, whose visitor gets no body from us.
pub(super) fn is_proxied(headers: Headers<'_>) -> bool {
    headers.has(Name::OriginalUri) || headers.has(Name::ForwardedUri)
}

/// What the request tells beside its credential.
pub(super) fn surroundings(headers: Headers<'_>, client: Option<IpAddr>, now: Timestamp) -> Surroundings<'_> {
    // Of several different ones, none is what the browser said.
    let text = |name| {
        let mut all = headers.all(name);
        let first = all.next()?;
        Some(match first.to_str() {
            Ok(text) if all.all(|other| other == first) => text,
            _ => "?",
        })
    };
    Surroundings {
        origin: text(Name::Origin),
        referer: text(Name::Referer),
        fetch_metadata: headers.has(Name::FetchSite) || headers.has(Name::FetchDest),
        client,
        now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderMap;
    use wire::{Network, Origin};

    fn site() -> Site {
        Site {
            issuer: Origin::parse("http://127.0.0.1:8080").unwrap(),
            own_origins: Vec::new(),
            trusted_proxies: vec![
                Network::parse("127.0.0.0/8").unwrap(),
                Network::parse("10.0.0.0/8").unwrap(),
            ],
            proxy_headers: ProxyHeaders::Original,
            listen: String::new(),
            report_keys: None,
            sites_reach: scan::Reach::Public,
        }
    }

    fn seen(peer: &str, forwarded: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        address(Headers::of(&headers), Some(peer.parse().unwrap()), &site()).map(|a| a.to_string())
    }

    #[test]
    fn believes_only_trusted_hops() {
        let is = |text: &str| Some(text.to_owned());
        assert_eq!(seen("192.0.2.1", &["203.0.113.9"]), is("192.0.2.1"));
        assert_eq!(seen("127.0.0.1", &["203.0.113.9"]), is("203.0.113.9"));
        assert_eq!(
            seen("127.0.0.1", &["1.1.1.1, 203.0.113.9, 10.0.0.7"]),
            is("203.0.113.9")
        );
        assert_eq!(
            seen("127.0.0.1", &["1.1.1.1", "203.0.113.9:4711"]),
            is("203.0.113.9")
        );
        assert_eq!(seen("127.0.0.1", &["::ffff:203.0.113.9"]), is("203.0.113.9"));
        assert_eq!(seen("127.0.0.1", &["[2001:db8::1]:443"]), is("2001:db8::1"));
        assert_eq!(seen("127.0.0.1", &["1.1.1.1, nonsense"]), None);
        assert_eq!(seen("127.0.0.1", &[]), is("127.0.0.1"));
        assert_eq!(seen("127.0.0.1", &["10.1.1.1"]), is("10.1.1.1"));
    }

    #[test]
    fn duplicates_of_the_original_request_are_refused() {
        let mut headers = HeaderMap::new();
        headers.append("x-original-uri", "/a".parse().unwrap());
        assert_eq!(
            original(Headers::of(&headers), true, &site()).unwrap().uri,
            Some("/a")
        );
        assert_eq!(original(Headers::of(&headers), false, &site()).unwrap().uri, None);
        headers.append("x-original-uri", "/b".parse().unwrap());
        assert!(original(Headers::of(&headers), true, &site()).is_err());
        assert!(original(Headers::of(&headers), false, &site()).is_ok());
    }
}
