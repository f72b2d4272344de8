//! What happens by itself: statistics and exposures are written once a second, the first exposure at once. A job must
//! never change a token or a right.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use wire::Timestamp;

use crate::domain::exposure::Exposures;
use crate::domain::index::{Index, Slot};
use crate::store::{Store, StoreError, UsageCount};

/// How often what was gathered is written.
const EVERY: Duration = Duration::from_secs(1);
/// How often in a row exposures are tried to be written: a database that is away comes back, and what it refuses for
/// good must not stand in the way of others for ever.
const TRIES: u32 = 600;

fn moment(millis: i64) -> Option<Timestamp> {
    (millis > 0).then(|| Timestamp::from_millis(millis))
}

fn gather(slot: &Slot) -> UsageCount {
    let state = slot.state();
    let counters = &slot.counters;
    let taken = [
        ("allowed", counters.allowed.swap(0, Ordering::Relaxed)),
        ("refused", counters.refused.swap(0, Ordering::Relaxed)),
        ("minted", counters.minted.swap(0, Ordering::Relaxed)),
    ];
    UsageCount {
        token: state.id.clone(),
        outcomes: taken.into_iter().filter(|(_, n)| *n > 0).collect(),
        last_used_at: moment(counters.last_used.load(Ordering::Relaxed)),
        secrets: state
            .secrets
            .iter()
            .filter_map(|s| moment(s.last_used.load(Ordering::Relaxed)).map(|at| (s.id.clone(), at)))
            .collect(),
        sources: slot.sources.take(),
    }
}

/// Writes what was gathered since the last time.
///
/// # Errors
/// When the database fails: then a second of statistics is lost, and nothing else.
pub async fn flush(store: &Store, index: &Index, exposures: &Exposures) -> Result<(), StoreError> {
    let told = flush_exposures(store, exposures).await;
    let counts: Vec<UsageCount> = index.take_dirty().iter().map(|slot| gather(slot)).collect();
    if !counts.is_empty() {
        store.record_usage(&counts).await?;
    }
    told
}

/// Writes the exposures that wait.
///
/// # Errors
/// When the database fails: then they wait for the next time.
pub async fn flush_exposures(store: &Store, exposures: &Exposures) -> Result<(), StoreError> {
    let seen = exposures.take();
    if seen.is_empty() {
        return Ok(());
    }
    let written = store.record_exposures(&seen).await;
    if written.is_err() {
        // Some may be there already: better counted twice than not told.
        exposures.put_back(seen);
    }
    written
}

/// Why something is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Why {
    Time,
    Exposed,
    Stopping,
}

/// Writes once a second until told to stop, and once more then. An exposure after a quiet second is written at once, so
/// that administrators see it at once; what comes in the same second waits for the end of it.
pub async fn run(
    store: Store,
    exposures: Arc<Exposures>,
    exposed: Arc<Notify>,
    mut stop: watch::Receiver<bool>,
) {
    let index = store.index().clone();
    let mut next = Instant::now() + EVERY;
    let mut told = Instant::now();
    let mut failed = 0;
    loop {
        let why = tokio::select! {
            () = tokio::time::sleep_until(next) => Why::Time,
            () = exposed.notified(), if told.elapsed() >= EVERY => Why::Exposed,
            _ = stop.wait_for(|s| *s) => Why::Stopping,
        };
        let written = if why == Why::Exposed {
            told = Instant::now();
            flush_exposures(&store, &exposures).await
        } else {
            next = Instant::now() + EVERY;
            flush(&store, &index, &exposures).await
        };
        failed = if written.is_ok() { 0 } else { failed + 1 };
        if let Err(error) = written {
            tracing::warn!(error = %error, "statistics of a second could not be written");
        }
        if failed >= TRIES {
            let lost = exposures.take().len();
            tracing::error!(
                exposures = lost,
                "exposures could not be written for long and were given up"
            );
            failed = 0;
        }
        if why == Why::Stopping {
            return;
        }
    }
}

/// Forgets what nobody needs any more: stops of what has ended by itself, and visitors' buckets that are full again.
///
/// # Errors
/// When the database fails: then they stay until the next time.
pub async fn tidy(store: &Store, now: Timestamp) -> Result<(), StoreError> {
    store.index().visitors.forget_full(now);
    store.index().endings.forget_full(now);
    store.forget_ended_stops().await
}

/// Does something again and again until told to stop.
pub async fn repeat<F: Future<Output = ()>>(
    every: Duration,
    mut stop: watch::Receiver<bool>,
    task: impl Fn() -> F,
) {
    loop {
        let stopping = tokio::select! {
            () = tokio::time::sleep(every) => false,
            _ = stop.wait_for(|s| *s) => true,
        };
        if stopping {
            return;
        }
        task().await;
    }
}
