//! Which hosts are this machine itself: what is sent there over plain http, nobody on the way can read.

use std::net::IpAddr;

/// Whether a URL's host (an IPv6 address in brackets or without) is this machine: `localhost`, or a loopback address. No
/// other name is, whatever it ends with: who answers for it is for somebody's name server to say.
#[must_use]
pub fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_not_believed() {
        for here in ["localhost", "127.0.0.1", "127.9.9.9", "[::1]", "::1"] {
            assert!(is_this_machine(here), "{here}");
        }
        for elsewhere in [
            "",
            "127.0.0.1.example.net",
            "a.localhost",
            "10.0.0.1",
            "[2001:db8::1]",
        ] {
            assert!(!is_this_machine(elsewhere), "{elsewhere}");
        }
    }
}
