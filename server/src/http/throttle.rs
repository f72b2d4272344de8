//! Slows down guessing of passwords, set-up codes and codes of claims, per address and per account (GCRA); and
//! questions of strangers.
//!
//! Nobody is locked out for good: buckets fill again by themselves, and an address from which an administrator has
//! signed in before is not held up by what others do to the account from elsewhere.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::Clock as GovernorClock;
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

use crate::clock::Clock;

/// The injected clock, as governor wants it.
#[derive(Debug, Clone)]
struct Injected(Arc<dyn Clock>);

impl GovernorClock for Injected {
    type Instant = Duration;

    fn now(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.now().millis()).unwrap_or(0))
    }
}

type Limiter = RateLimiter<String, DefaultKeyedStateStore<String>, Injected, NoOpMiddleware<Duration>>;

/// The buckets. Kept in memory: a restart gives everybody a fresh start, which guessing does not profit from.
pub struct Throttle {
    /// Attempts of an address on an account: 5 at once, then one in 20 seconds.
    pairs: Limiter,
    /// Attempts of an address on anything: 20 at once, then one in 5 seconds.
    addresses: Limiter,
    /// Attempts on an account from addresses that are new to it: 20 at once, then one in 30 seconds.
    accounts: Limiter,
    /// Wrong codes of claims from an address: 10 at once, then one in 10 seconds. A bucket of their own, so that a
    /// server that repeats a wrong command keeps no administrator behind the same address from signing in.
    claims: Limiter,
    /// Questions of an address about digests, and reports of leaked secrets: 60 at once, then one in a second.
    questions: Limiter,
}

impl std::fmt::Debug for Throttle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Throttle")
    }
}

/// Above so many buckets those that are full again are thrown away.
const MANY: usize = 10_000;

fn limiter(clock: &Arc<dyn Clock>, burst: u32, seconds: u64) -> Limiter {
    let quota = Quota::with_period(Duration::from_secs(seconds))
        .unwrap_or(Quota::per_second(NonZeroU32::MIN))
        .allow_burst(NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN));
    RateLimiter::new(quota, DefaultKeyedStateStore::default(), Injected(clock.clone()))
}

/// One bucket per IPv4 address, and per /64 of IPv6: a household has a whole one.
fn place(address: Option<IpAddr>) -> String {
    match address.map(|a| a.to_canonical()) {
        None => "-".to_owned(),
        Some(IpAddr::V4(v4)) => v4.to_string(),
        Some(IpAddr::V6(v6)) => {
            let [a, b, c, d, ..] = v6.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).to_string()
        }
    }
}

impl Throttle {
    /// Full buckets.
    pub(super) fn new(clock: &Arc<dyn Clock>) -> Self {
        Self {
            pairs: limiter(clock, 5, 20),
            addresses: limiter(clock, 20, 5),
            accounts: limiter(clock, 20, 30),
            claims: limiter(clock, 10, 10),
            questions: limiter(clock, 60, 1),
        }
    }

    /// Takes one attempt to sign in out of the buckets. `known` says whether the account's owner has signed in from
    /// this address before.
    ///
    /// # Errors
    /// Seconds to wait.
    pub(super) fn attempt(&self, account: &str, address: Option<IpAddr>, known: bool) -> Result<(), u64> {
        let place = place(address);
        Self::take(&self.addresses, &place)?;
        Self::take(&self.pairs, &format!("{place} {account}"))?;
        if known {
            Ok(())
        } else {
            Self::take(&self.accounts, &account.to_owned())
        }
    }

    /// Takes one attempt at a set-up code out of the buckets.
    ///
    /// # Errors
    /// Seconds to wait.
    pub(super) fn attempt_code(&self, address: Option<IpAddr>) -> Result<(), u64> {
        Self::take(&self.addresses, &place(address))
    }

    /// Takes one wrong code of a claim out of the buckets. A right one never comes here, so it is never refused.
    ///
    /// # Errors
    /// Seconds to wait.
    pub(super) fn wrong_claim(&self, address: Option<IpAddr>) -> Result<(), u64> {
        Self::take(&self.claims, &place(address))
    }

    /// Takes one question of somebody without a token out of its bucket.
    ///
    /// # Errors
    /// Seconds to wait.
    pub(super) fn question(&self, address: Option<IpAddr>) -> Result<(), u64> {
        Self::take(&self.questions, &place(address))
    }

    fn take(limiter: &Limiter, key: &String) -> Result<(), u64> {
        if limiter.len() > MANY {
            limiter.retain_recent();
        }
        limiter.check_key(key).map_err(|no| {
            let wait = no.wait_time_from(limiter.clock().now());
            wait.as_millis()
                .div_ceil(1000)
                .try_into()
                .unwrap_or(u64::MAX)
                .max(1)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::FixedClock;

    #[test]
    fn slows_down_and_recovers() {
        let clock = Arc::new(FixedClock::at(1_700_000_000_000));
        let throttle = Throttle::new(&(clock.clone() as Arc<dyn Clock>));
        let here = Some("192.0.2.1".parse().unwrap());
        for _ in 0..5 {
            assert_eq!(throttle.attempt("owner", here, true), Ok(()));
        }
        let wait = throttle.attempt("owner", here, true).unwrap_err();
        assert!((1..=20).contains(&wait));
        clock.advance_seconds(20);
        assert_eq!(throttle.attempt("owner", here, true), Ok(()));
    }

    #[test]
    fn an_attack_from_many_addresses_does_not_hold_up_the_owner() {
        let throttle = Throttle::new(&(Arc::new(FixedClock::at(1_700_000_000_000)) as Arc<dyn Clock>));
        for n in 0..100_u8 {
            let _ = throttle.attempt("owner", Some(IpAddr::from([198, 51, 100, n])), false);
        }
        let new = Some("192.0.2.1".parse().unwrap());
        assert!(
            throttle.attempt("owner", new, false).is_err(),
            "an address new to the account has to wait"
        );
        assert_eq!(
            throttle.attempt("owner", Some("192.0.2.2".parse().unwrap()), true),
            Ok(())
        );
    }
}
