//! Rate limits (GCRA), on the injected clock.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use governor::clock::Clock as GovernorClock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use wire::{RateLimit, Timestamp};

/// The time that governor sees. It is set before each decision, so that decisions are pure.
#[derive(Debug, Clone, Default)]
pub struct DecisionClock(Arc<std::sync::atomic::AtomicU64>);

impl DecisionClock {
    /// Moves to a moment.
    pub fn set(&self, now: Timestamp) {
        let millis = u64::try_from(now.millis()).unwrap_or(0);
        self.0.store(millis, std::sync::atomic::Ordering::Relaxed);
    }
}

impl GovernorClock for DecisionClock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::from(Duration::from_millis(
            self.0.load(std::sync::atomic::Ordering::Relaxed),
        ))
    }
}

type Limiter = RateLimiter<NotKeyed, InMemoryState, DecisionClock, NoOpMiddleware<Nanos>>;

struct Current {
    limit: RateLimit,
    limiter: Limiter,
}

/// A bucket whose limit may change while it is in use.
#[derive(Default)]
pub struct Bucket {
    clock: DecisionClock,
    current: ArcSwapOption<Current>,
}

/// The quota of a limit: all of it at once, then evenly.
#[must_use]
pub fn quota(limit: RateLimit) -> Option<Quota> {
    let burst = NonZeroU32::new(limit.requests)?;
    let period = Duration::from_secs(u64::from(limit.per_seconds)) / limit.requests;
    Quota::with_period(period.max(Duration::from_nanos(1))).map(|q| q.allow_burst(burst))
}

impl Bucket {
    /// Takes one request out of the bucket.
    ///
    /// # Errors
    /// Seconds to wait, at least 1, when it is empty.
    pub fn take(&self, limit: RateLimit, now: Timestamp) -> Result<(), u64> {
        self.clock.set(now);
        let current = self.current.load();
        let fits = current.as_ref().filter(|c| c.limit == limit);
        let result = if let Some(current) = fits {
            current.limiter.check()
        } else {
            let Some(quota) = quota(limit) else { return Ok(()) };
            let fresh = Arc::new(Current {
                limit,
                limiter: RateLimiter::direct_with_clock(quota, self.clock.clone()),
            });
            let result = fresh.limiter.check();
            self.current.store(Some(fresh));
            result
        };
        result.map_err(|no| {
            let wait = no.wait_time_from(self.clock.now());
            wait.as_secs() + u64::from(wait.subsec_nanos() > 0).max(u64::from(wait.is_zero()))
        })
    }
}

impl std::fmt::Debug for Bucket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Bucket")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allows_the_burst_then_says_how_long_to_wait() {
        let bucket = Bucket::default();
        let limit = RateLimit {
            requests: 3,
            per_seconds: 60,
        };
        let at = |seconds: i64| Timestamp::from_millis(1_700_000_000_000 + seconds * 1000);
        for _ in 0..3 {
            assert_eq!(bucket.take(limit, at(0)), Ok(()));
        }
        assert_eq!(bucket.take(limit, at(0)), Err(20));
        assert_eq!(bucket.take(limit, at(15)), Err(5));
        assert_eq!(bucket.take(limit, at(20)), Ok(()));
        assert_eq!(bucket.take(limit, at(20)), Err(20));
        let wider = RateLimit {
            requests: 5,
            per_seconds: 60,
        };
        assert_eq!(bucket.take(wider, at(20)), Ok(()));
    }
}
