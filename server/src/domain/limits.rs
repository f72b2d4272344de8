//! Rate limits: GCRA, one number per bucket, decided with the time that is passed in.
//!
//! Our own few lines, because governor's buckets neither change their quota nor share a table among different quotas,
//! because no number of keys bounds its tables, and because two buckets stand in every token's slot: sixteen bytes each
//! here. Governor is the oracle of the tests.

use std::hash::Hash;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use foldhash::fast::RandomState;
use papaya::HashMap;
use wire::{RateLimit, Timestamp, TokenId};

const NANOS: u64 = 1_000_000_000;

/// Which limit: its name in the headers `RateLimit` and `RateLimit-Policy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Questions with the token and its temporary ones together.
    Verify,
    /// Temporary tokens minted from it.
    Mint,
    /// Questions of one client network with temporary or public tokens.
    Visitor,
}

impl Policy {
    /// The name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Mint => "mint",
            Self::Visitor => "visitor",
        }
    }
}

/// How a bucket stands after a request: what goes into the headers `RateLimit` and `RateLimit-Policy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The limit.
    pub limit: RateLimit,
    /// Requests that would pass now.
    pub remaining: u32,
    /// Seconds until the bucket is full again, rounded up.
    pub reset: u64,
}

/// How limits stand: a token's own, and a visitor's share of it.
pub type Standings = [Option<(Policy, Standing)>; 2];

/// The bucket is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Empty {
    /// How it stands.
    pub standing: Standing,
    /// Seconds to wait, at least 1.
    pub wait: u64,
}

/// A bucket: all requests of the limit at once, then evenly. Its limit may change while it is in use.
///
#[derive(Debug, Default)]
pub struct Bucket {
    /// The moment at which it will be full again, in nanoseconds since 1970 ("theoretical arrival time").
    full: AtomicU64,
    /// The limit that it was used with last, as one number. Another limit starts with a full bucket.
    limit: AtomicU64,
}

impl Bucket {
    /// Takes one request out.
    ///
    /// # Errors
    /// When it is empty; then nothing was taken.
    pub fn take(&self, limit: RateLimit, now: Timestamp) -> Result<Standing, Empty> {
        // Limits have at least one request and at most a million in a second: never zero.
        let each = (u64::from(limit.per_seconds) * NANOS / u64::from(limit.requests.max(1))).max(1);
        let whole = each * u64::from(limit.requests);
        let now = u64::try_from(now.millis()).unwrap_or(0) * (NANOS / 1000);
        let number = u64::from(limit.requests) << 32 | u64::from(limit.per_seconds);
        if self.limit.load(Ordering::Relaxed) != number {
            self.limit.store(number, Ordering::Relaxed);
            self.full.store(now, Ordering::Relaxed);
        }
        let mut full = self.full.load(Ordering::Relaxed);
        loop {
            // Not in the past; and not beyond one period, as after a clock that was set back.
            let from = full.clamp(now, now + whole);
            let to = from + each;
            let standing = |full: u64| Standing {
                limit,
                remaining: u32::try_from((now + whole - full) / each).unwrap_or(u32::MAX),
                reset: (full - now).div_ceil(NANOS),
            };
            if to > now + whole {
                return Err(Empty {
                    standing: standing(from),
                    wait: (to - now - whole).div_ceil(NANOS).max(1),
                });
            }
            match self
                .full
                .compare_exchange_weak(full, to, Ordering::Relaxed, Ordering::Relaxed)
            {
                Ok(_) => return Ok(standing(to)),
                Err(other) => full = other,
            }
        }
    }

    fn is_full(&self, now: Timestamp) -> bool {
        let now = u64::try_from(now.millis()).unwrap_or(0) * (NANOS / 1000);
        self.full.load(Ordering::Relaxed) <= now
    }
}

/// What one client network may use of a token's limit: half, so that one visitor cannot use it up.
#[must_use]
pub fn share(limit: RateLimit) -> RateLimit {
    RateLimit {
        requests: limit.requests.div_ceil(2),
        ..limit
    }
}

/// Where a client is, for what it may use: one IPv4 address, or a /64 of IPv6, which is one household and has more
/// addresses than it could ever use up.
#[must_use]
pub fn network(client: IpAddr) -> u128 {
    match client.to_canonical() {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits() >> 64 << 64,
    }
}

/// Buckets by key, at most so many, whoever makes the keys up. Those that are full again are forgotten beside the
/// requests, never by one of them.
#[derive(Debug)]
pub struct Buckets<K: Hash + Eq> {
    by_key: HashMap<K, Bucket, RandomState>,
    most: usize,
}

impl<K: Hash + Eq> Buckets<K> {
    /// Room for so many.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self {
            by_key: HashMap::default(),
            most,
        }
    }

    /// Takes one request out of a key's bucket. `None` where there was no room for one.
    ///
    /// # Errors
    /// When it is empty.
    pub fn take(&self, key: K, limit: RateLimit, now: Timestamp) -> Result<Option<Standing>, Empty> {
        let buckets = self.by_key.pin();
        let bucket = match buckets.get(&key) {
            Some(bucket) => bucket,
            None if buckets.len() >= self.most => return Ok(None),
            None => buckets.get_or_insert_with(key, Bucket::default),
        };
        bucket.take(limit, now).map(Some)
    }

    /// Forgets the buckets that are full again. Called now and then, beside the requests.
    pub fn forget_full(&self, now: Timestamp) {
        self.by_key.pin().retain(|_, bucket| !bucket.is_full(now));
    }

    /// How many there are.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.by_key.len()
    }
}

/// So many networks have a bucket at most: about 16 MB. Beyond that, new ones only share their token's limit.
const MOST: usize = 100_000;

/// The buckets of client networks, for temporary and public tokens.
#[derive(Debug)]
pub struct Visitors(Buckets<(TokenId, u128)>);

impl Default for Visitors {
    fn default() -> Self {
        Self(Buckets::new(MOST))
    }
}

impl Visitors {
    /// Takes one request out of a network's share. `None` where there was no room for a bucket.
    ///
    /// # Errors
    /// When its share is used up.
    pub fn take(
        &self,
        token: &TokenId,
        client: IpAddr,
        limit: RateLimit,
        now: Timestamp,
    ) -> Result<Option<Standing>, Empty> {
        self.0.take((token.clone(), network(client)), share(limit), now)
    }

    /// Forgets the buckets that are full again. Called now and then, beside the requests.
    pub fn forget_full(&self, now: Timestamp) {
        self.0.forget_full(now);
    }
}

/// So many temporary tokens of a token end visitors of one network themselves.
const ENDINGS: RateLimit = RateLimit {
    requests: 60,
    per_seconds: 60,
};

/// The buckets of client networks, for temporary tokens that end themselves: each is written to the database, and a
/// visitor can exchange one for the next. Whoever has no address known shares one bucket with others.
#[derive(Debug)]
pub struct Endings(Buckets<(TokenId, Option<u128>)>);

impl Default for Endings {
    fn default() -> Self {
        Self(Buckets::new(MOST))
    }
}

impl Endings {
    /// Takes one out of a network's bucket.
    ///
    /// # Errors
    /// When it is empty.
    pub fn take(&self, token: &TokenId, client: Option<IpAddr>, now: Timestamp) -> Result<(), Empty> {
        let key = (token.clone(), client.map(network));
        self.0.take(key, ENDINGS, now).map(|_| ())
    }

    /// Forgets the buckets that are full again. Called now and then, beside the requests.
    pub fn forget_full(&self, now: Timestamp) {
        self.0.forget_full(now);
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;
    use std::sync::Arc;
    use std::time::Duration;

    use governor::clock::FakeRelativeClock;
    use governor::{Quota, RateLimiter};
    use proptest::prelude::*;

    use super::*;

    fn limit(requests: u32, per_seconds: u32) -> RateLimit {
        RateLimit::new(requests, per_seconds).unwrap()
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000 + seconds * 1000)
    }

    #[test]
    fn allows_the_burst_then_says_how_long_to_wait() {
        let bucket = Bucket::default();
        let three = limit(3, 60);
        for remaining in [2, 1, 0] {
            assert_eq!(bucket.take(three, at(0)).unwrap().remaining, remaining);
        }
        let empty = bucket.take(three, at(0)).unwrap_err();
        assert_eq!(
            (empty.wait, empty.standing.remaining, empty.standing.reset),
            (20, 0, 60)
        );
        assert_eq!(bucket.take(three, at(15)).unwrap_err().wait, 5);
        assert!(bucket.take(three, at(20)).is_ok());
        assert_eq!(bucket.take(three, at(20)).unwrap_err().wait, 20);
        assert!(bucket.take(limit(5, 60), at(20)).is_ok(), "a wider limit");
        assert!(bucket.take(limit(1, 1), at(22)).is_ok(), "another one");
        assert!(
            bucket.take(limit(1, 1), at(-90)).is_err(),
            "a clock that was set back"
        );
        assert!(bucket.take(limit(1, 1), at(23)).is_ok(), "and is right again");
    }

    #[test]
    fn threads_share_a_bucket_exactly() {
        let bucket = Arc::new(Bucket::default());
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let bucket = bucket.clone();
                std::thread::spawn(move || {
                    (0..500)
                        .filter(|_| bucket.take(limit(700, 60), at(0)).is_ok())
                        .count()
                })
            })
            .collect();
        assert_eq!(threads.into_iter().map(|t| t.join().unwrap()).sum::<usize>(), 700);
    }

    #[test]
    fn one_visitor_leaves_half_to_others() {
        let visitors = Visitors::default();
        let token: TokenId = "01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap();
        let ask = |address: &str| {
            visitors
                .take(&token, address.parse().unwrap(), limit(4, 60), at(0))
                .is_ok()
        };
        assert!(ask("192.0.2.1") && ask("::ffff:192.0.2.1"), "written in two ways");
        assert!(!ask("192.0.2.1"));
        assert!(ask("192.0.2.2"));
        assert!(ask("2001:db8::1") && ask("2001:db8::ffff:1"));
        assert!(!ask("2001:db8:0:0:1::2"), "the same /64");
        assert!(ask("2001:db8:0:1::2"));
        visitors.forget_full(at(29));
        assert_eq!(visitors.0.len(), 4);
        visitors.forget_full(at(30));
        assert_eq!(visitors.0.len(), 2);
        visitors.forget_full(at(60));
        assert_eq!(visitors.0.len(), 0);
    }

    #[test]
    fn one_visitor_ends_so_many_and_others_go_on() {
        let endings = Endings::default();
        let token: TokenId = "01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap();
        let end = |address: Option<&str>, now| {
            let client = address.map(|a| a.parse().unwrap());
            endings.take(&token, client, now).map_err(|empty| empty.wait)
        };
        for address in [Some("2001:db8::1"), None] {
            for _ in 0..60 {
                assert_eq!(end(address, at(0)), Ok(()));
            }
            assert_eq!(end(address, at(0)), Err(1));
        }
        assert_eq!(end(Some("2001:db8::2"), at(0)), Err(1), "the same household");
        assert_eq!(end(Some("192.0.2.1"), at(0)), Ok(()));
        assert_eq!(end(Some("2001:db8::2"), at(1)), Ok(()));
        endings.forget_full(at(61));
        assert_eq!(endings.0.len(), 0);
    }

    #[test]
    fn memory_is_bounded() {
        let visitors = Visitors::default();
        let token: TokenId = "01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap();
        for number in 0..u32::try_from(MOST).unwrap() + 10 {
            let client = IpAddr::from(number.to_be_bytes());
            assert!(visitors.take(&token, client, limit(10, 60), at(0)).is_ok());
        }
        assert_eq!(visitors.0.len(), MOST);
    }

    proptest! {
        /// Whatever the limit and the pauses, governor decides the same.
        #[test]
        fn governor_decides_the_same(
            requests in 1_u32..50,
            per_seconds in 1_u32..120,
            pauses in prop::collection::vec(0_u64..3000, 1..200),
        ) {
            // A period that divides evenly: governor rounds another way.
            let per_seconds = per_seconds * requests;
            let each = Duration::from_secs(u64::from(per_seconds / requests));
            let quota = Quota::with_period(each).unwrap().allow_burst(NonZeroU32::new(requests).unwrap());
            let clock = FakeRelativeClock::default();
            let oracle = RateLimiter::direct_with_clock(quota, clock.clone());
            let (bucket, mut now) = (Bucket::default(), at(0));
            for pause in pauses {
                clock.advance(Duration::from_millis(pause));
                now = Timestamp::from_millis(now.millis() + i64::try_from(pause).unwrap());
                prop_assert_eq!(bucket.take(limit(requests, per_seconds), now).is_ok(), oracle.check().is_ok());
            }
        }
    }
}
