//! Slows down guessing of passwords, set-up codes and codes of claims, per address and per account (GCRA); and
//! questions of strangers.
//!
//! Nobody is locked out for good: buckets fill again by themselves, and an address from which an administrator has
//! signed in before is not held up by what others do to the account from elsewhere.
//!
//! Strangers choose the keys, so nothing that they send is kept: a key is a few bytes, whatever was typed, there is
//! room for a fixed number of them, and upkeep forgets those whose buckets are full again.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::Arc;

use wire::RateLimit;

use crate::clock::Clock;
use crate::domain::limits::{Bucket, Buckets, network};

/// Where somebody is who tries; `None` where that is not known.
type Place = Option<u128>;

/// Stands for a name.
type Account = u64;

/// All at once, then one in so many seconds.
const fn at_once_then_each(burst: u32, seconds: u32) -> RateLimit {
    RateLimit {
        requests: burst,
        per_seconds: burst * seconds,
    }
}

/// Attempts of an address on an account.
const PAIR: RateLimit = at_once_then_each(5, 20);
/// Attempts of an address on anything.
const ADDRESS: RateLimit = at_once_then_each(20, 5);
/// Attempts on an account from addresses that are new to it.
const ACCOUNT: RateLimit = at_once_then_each(20, 30);
/// Wrong codes of claims from an address. A bucket of their own, so that a server that repeats a wrong command keeps no
/// administrator behind the same address from signing in.
const CLAIM: RateLimit = at_once_then_each(10, 10);
/// Questions of an address about digests, and reports of leaked secrets.
const QUESTION: RateLimit = at_once_then_each(60, 1);

/// So many keys of a kind have a bucket: more than a /48 of IPv6 has places, and about 10 MB.
const MOST: usize = 100_000;

/// The buckets. Kept in memory: a restart gives everybody a fresh start, which guessing does not profit from.
///
/// Where there is no room for an address any more it has no limit of its own. What is guessed at has one in any case:
/// accounts without a bucket share one.
pub struct Throttle {
    clock: Arc<dyn Clock>,
    /// Seeded, so that nobody finds two names that stand for each other.
    names: RandomState,
    pairs: Buckets<(Place, Account)>,
    addresses: Buckets<Place>,
    accounts: Buckets<Account>,
    other_accounts: Bucket,
    claims: Buckets<Place>,
    questions: Buckets<Place>,
}

impl std::fmt::Debug for Throttle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Throttle")
    }
}

fn place(address: Option<IpAddr>) -> Place {
    address.map(network)
}

impl Throttle {
    /// Full buckets.
    pub(super) fn new(clock: &Arc<dyn Clock>) -> Self {
        Self::with_room(clock, MOST)
    }

    fn with_room(clock: &Arc<dyn Clock>, most: usize) -> Self {
        Self {
            clock: clock.clone(),
            names: RandomState::new(),
            pairs: Buckets::new(most),
            addresses: Buckets::new(most),
            accounts: Buckets::new(most),
            other_accounts: Bucket::default(),
            claims: Buckets::new(most),
            questions: Buckets::new(most),
        }
    }

    /// Takes one attempt to sign in out of the address's buckets: before anything else is done for it.
    ///
    /// # Errors
    /// Seconds to wait.
    pub(super) fn attempt(&self, account: &str, address: Option<IpAddr>) -> Result<(), u64> {
        let place = place(address);
        self.take(&self.addresses, place, ADDRESS)?;
        self.take(&self.pairs, (place, self.names.hash_one(account)), PAIR)
    }

    /// Takes one attempt out of the account's bucket: of an address from which its owner has not signed in before.
    ///
    /// # Errors
    /// Seconds to wait.
    pub(super) fn attempt_from_elsewhere(&self, account: &str) -> Result<(), u64> {
        let now = self.clock.now();
        let own = self
            .accounts
            .take(self.names.hash_one(account), ACCOUNT, now)
            .map_err(|empty| empty.wait)?;
        if own.is_some() {
            return Ok(());
        }
        let shared = self.other_accounts.take(ACCOUNT, now);
        shared.map(|_| ()).map_err(|empty| empty.wait)
    }

    /// Takes one attempt at a set-up code out of the buckets.
    ///
    /// # Errors
    /// Seconds to wait.
    pub(super) fn attempt_code(&self, address: Option<IpAddr>) -> Result<(), u64> {
        self.take(&self.addresses, place(address), ADDRESS)
    }

    /// Takes one wrong code of a claim out of the buckets. A right one never comes here, so it is never refused.
    ///
    /// # Errors
    /// Seconds to wait.
    pub(super) fn wrong_claim(&self, address: Option<IpAddr>) -> Result<(), u64> {
        self.take(&self.claims, place(address), CLAIM)
    }

    /// Takes one question of somebody without a token out of its bucket.
    ///
    /// # Errors
    /// Seconds to wait.
    pub(super) fn question(&self, address: Option<IpAddr>) -> Result<(), u64> {
        self.take(&self.questions, place(address), QUESTION)
    }

    /// Forgets the buckets that are full again. Called now and then, beside the requests.
    pub fn forget_full(&self) {
        let now = self.clock.now();
        self.pairs.forget_full(now);
        self.accounts.forget_full(now);
        for places in [&self.addresses, &self.claims, &self.questions] {
            places.forget_full(now);
        }
    }

    fn take<K: std::hash::Hash + Eq>(
        &self,
        buckets: &Buckets<K>,
        key: K,
        limit: RateLimit,
    ) -> Result<(), u64> {
        let taken = buckets.take(key, limit, self.clock.now());
        taken.map(|_| ()).map_err(|empty| empty.wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::FixedClock;

    impl Throttle {
        fn sign_in(&self, account: &str, address: Option<IpAddr>, known: bool) -> Result<(), u64> {
            self.attempt(account, address)?;
            if known {
                Ok(())
            } else {
                self.attempt_from_elsewhere(account)
            }
        }
    }

    #[test]
    fn slows_down_and_recovers() {
        let clock = Arc::new(FixedClock::at(1_700_000_000_000));
        let throttle = Throttle::new(&(clock.clone() as Arc<dyn Clock>));
        let here = Some("192.0.2.1".parse().unwrap());
        for _ in 0..5 {
            assert_eq!(throttle.sign_in("owner", here, true), Ok(()));
        }
        let wait = throttle.sign_in("owner", here, true).unwrap_err();
        assert!((1..=20).contains(&wait));
        clock.advance_seconds(20);
        assert_eq!(throttle.sign_in("owner", here, true), Ok(()));
    }

    #[test]
    fn an_attack_from_many_addresses_does_not_hold_up_the_owner() {
        let throttle = Throttle::new(&(Arc::new(FixedClock::at(1_700_000_000_000)) as Arc<dyn Clock>));
        for n in 0..100_u8 {
            let _ = throttle.sign_in("owner", Some(IpAddr::from([198, 51, 100, n])), false);
        }
        let new = Some("192.0.2.1".parse().unwrap());
        assert!(
            throttle.sign_in("owner", new, false).is_err(),
            "an address new to the account has to wait"
        );
        assert_eq!(
            throttle.sign_in("owner", Some("192.0.2.2".parse().unwrap()), true),
            Ok(())
        );
    }

    #[test]
    fn what_strangers_type_fills_no_memory() {
        let clock = Arc::new(FixedClock::at(1_700_000_000_000));
        let throttle = Throttle::with_room(&(clock.clone() as Arc<dyn Clock>), 50);
        let from = |n: u32| Some(IpAddr::from(n.to_be_bytes()));
        for n in 0..1000 {
            let _ = throttle.sign_in(&format!("name {n}"), from(n), false);
            let _ = throttle.wrong_claim(from(n));
            let _ = throttle.question(from(n));
        }
        let numbers = || {
            let places = [&throttle.addresses, &throttle.claims, &throttle.questions].map(Buckets::len);
            [
                places.to_vec(),
                vec![throttle.pairs.len(), throttle.accounts.len()],
            ]
            .concat()
        };
        assert_eq!(numbers(), [50; 5]);
        // There was no room for this account; guessing at it is slowed down all the same, and its owner is not.
        assert!(throttle.sign_in("owner", from(5000), false).is_err());
        assert_eq!(throttle.sign_in("owner", from(5001), true), Ok(()));
        clock.advance_seconds(600);
        throttle.forget_full();
        assert_eq!(numbers(), [0; 5]);
        assert_eq!(throttle.sign_in("owner", from(5000), false), Ok(()));
    }
}
