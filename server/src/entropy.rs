//! Randomness, injected, so that tests can repeat it. The real one is the operating system's and nothing else.

use std::fmt::Debug;

use rand::TryRng;
use rand::rngs::SysRng;
use ulid::Ulid;
use wire::Timestamp;

/// Fills bytes with randomness.
pub trait Entropy: Debug + Send + Sync {
    /// Fills the whole buffer.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    /// # Panics
    /// When the operating system has no randomness: going on without it would make guessable secrets.
    #[expect(
        clippy::expect_used,
        reason = "there is nothing safe to do without randomness"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        SysRng
            .try_fill_bytes(bytes)
            .expect("the operating system gives randomness");
    }
}

impl dyn Entropy + '_ {
    /// That many random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// A new identifier: the time, then 80 random bits.
    pub fn new_id<T: std::str::FromStr>(&self, now: Timestamp) -> Option<T> {
        let random = u128::from_be_bytes(self.bytes());
        let millis = u64::try_from(now.millis()).unwrap_or(0);
        Ulid::from_parts(millis, random).to_string().parse().ok()
    }
}

/// A repeatable sequence for tests. Never a source of real secrets.
#[cfg(any(test, feature = "testing"))]
#[derive(Debug, Default)]
pub struct SequentialEntropy(std::sync::atomic::AtomicU64);

#[cfg(any(test, feature = "testing"))]
impl Entropy for SequentialEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let count = self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            let block = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &count.to_be_bytes());
            chunk.copy_from_slice(&block.as_ref()[..chunk.len()]);
        }
    }
}
