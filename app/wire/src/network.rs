//! Client networks in CIDR form, IPv4 and IPv6.

use std::fmt;
use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};
use serde::{Deserialize, Serialize};

use crate::FieldErrorCode;

/// A network such as `192.0.2.0/24` or `2001:db8::/32`; a lone address means that address alone. Host bits are
/// cleared. IPv4 addresses in IPv6's form are IPv4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network(IpNet);

impl Network {
    /// Reads a network or a lone address.
    pub fn parse(text: &str) -> Result<Self, FieldErrorCode> {
        let text = text.trim();
        let net = match text.parse::<IpAddr>() {
            Ok(address) => IpNet::from(address.to_canonical()),
            Err(_) => text.parse::<IpNet>().map_err(|_| FieldErrorCode::NotANetwork)?,
        };
        Ok(Self(canonical(net).trunc()))
    }

    /// Whether all of another network lies in this one.
    #[must_use]
    pub fn holds(&self, other: &Self) -> bool {
        self.0.contains(&other.0)
    }

    /// Whether the address lies in the network; an IPv4-mapped IPv6 address counts as the IPv4 one.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

/// The bits before an IPv4 address in IPv6's form.
const BEFORE_V4: u8 = 96;

/// A network of IPv4 addresses in IPv6's form as one of IPv4: addresses are compared as those, so it would never match.
fn canonical(net: IpNet) -> IpNet {
    let IpNet::V6(v6) = net else { return net };
    let length = v6.prefix_len().checked_sub(BEFORE_V4);
    v6.addr()
        .to_ipv4_mapped()
        .zip(length)
        .and_then(|(address, length)| Ipv4Net::new(address, length).ok())
        .map_or(net, IpNet::V4)
}

impl TryFrom<String> for Network {
    type Error = FieldErrorCode;

    fn try_from(text: String) -> Result<Self, FieldErrorCode> {
        Self::parse(&text)
    }
}

impl From<Network> for String {
    fn from(network: Network) -> Self {
        network.to_string()
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contains_addresses_of_both_families() {
        let v4 = Network::parse("192.0.2.7/24").unwrap();
        assert_eq!(v4.to_string(), "192.0.2.0/24");
        assert!(v4.contains("192.0.2.200".parse().unwrap()));
        assert!(v4.contains("::ffff:192.0.2.200".parse().unwrap()));
        assert!(!v4.contains("192.0.3.1".parse().unwrap()));
        assert!(
            Network::parse("2001:db8::/32")
                .unwrap()
                .contains("2001:db8::1".parse().unwrap())
        );
        assert_eq!(Network::parse("127.0.0.1").unwrap().to_string(), "127.0.0.1/32");
        for (mapped, is) in [
            ("::ffff:192.0.2.0/120", "192.0.2.0/24"),
            ("::ffff:192.0.2.7/120", "192.0.2.0/24"),
            ("::ffff:c000:207/128", "192.0.2.7/32"),
            ("::ffff:0:0/96", "0.0.0.0/0"),
            ("::ffff:192.0.2.7", "192.0.2.7/32"),
            // More than the addresses of IPv4, or none of them.
            ("::ffff:0:0/95", "::fffe:0:0/95"),
            ("2001:db8::/120", "2001:db8::/120"),
        ] {
            let network = Network::parse(mapped).unwrap();
            assert_eq!(network.to_string(), is, "{mapped}");
            assert_eq!(Network::parse(is).unwrap(), network, "{is}");
        }
        let mapped = Network::parse("::ffff:192.0.2.0/120").unwrap();
        assert!(mapped.contains("192.0.2.200".parse().unwrap()));
        assert!(v4.holds(&mapped) && mapped.holds(&v4));
        for wrong in ["", "300.1.1.1", "10.0.0.0/33", "example.org"] {
            assert!(Network::parse(wrong).is_err(), "{wrong}");
        }
    }
}
