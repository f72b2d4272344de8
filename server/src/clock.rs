//! The time, injected, so that tests say what time it is. Nothing else asks the operating system.

use std::fmt::Debug;

use wire::Timestamp;

/// Tells the time.
pub trait Clock: Debug + Send + Sync {
    /// Now, to the millisecond.
    fn now(&self) -> Timestamp;
}

/// The operating system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// A clock that stands still until a test moves it.
#[cfg(any(test, feature = "testing"))]
#[derive(Debug)]
pub struct FixedClock(std::sync::atomic::AtomicI64);

#[cfg(any(test, feature = "testing"))]
impl FixedClock {
    /// Stands at that many milliseconds since 1970.
    #[must_use]
    pub fn at(millis: i64) -> Self {
        Self(millis.into())
    }

    /// Moves on by that many seconds.
    pub fn advance_seconds(&self, seconds: i64) {
        self.0
            .fetch_add(seconds * 1000, std::sync::atomic::Ordering::SeqCst);
    }
}

#[cfg(any(test, feature = "testing"))]
impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(std::sync::atomic::Ordering::SeqCst))
    }
}
