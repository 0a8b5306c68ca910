//! The clock of the simulated world. It can stand still, tick from any instant, and be moved;
//! snowflakes and timestamps come from it. Deadlines of the network (three seconds to acknowledge,
//! rate-limit windows, heartbeats) run in real time instead, for a jump must not fail them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

/// A clock that many hold and any of them may move.
#[derive(Clone, Debug)]
pub struct Clock {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    time: Mutex<Time>,
    moved: watch::Sender<u64>,
}

#[derive(Clone, Copy, Debug)]
enum Time {
    System,
    Frozen(Timestamp),
    Ticking { from: Timestamp, since: Instant },
}

impl Time {
    fn now(self) -> Timestamp {
        match self {
            Self::System => real_now(),
            Self::Frozen(at) => at,
            Self::Ticking { from, since } => {
                let passed = SignedDuration::try_from(since.elapsed()).unwrap_or_default();
                from.saturating_add(passed).unwrap_or(from)
            }
        }
    }

    fn moved_to(self, at: Timestamp) -> Self {
        match self {
            Self::Frozen(_) => Self::Frozen(at),
            Self::System | Self::Ticking { .. } => {
                Self::Ticking { from: at, since: Instant::now() }
            }
        }
    }
}

/// The machine's wall clock, for what must be told in real time.
#[expect(clippy::disallowed_methods, reason = "this is the simulated Discord's one reading of it")]
pub(super) fn real_now() -> Timestamp {
    Timestamp::now()
}

impl Clock {
    fn new(time: Time) -> Self {
        Self { inner: Arc::new(Inner { time: Mutex::new(time), moved: watch::Sender::new(0) }) }
    }

    /// The machine's clock. Once moved, it ticks on from there.
    pub fn system() -> Self {
        Self::new(Time::System)
    }

    /// A clock that stands at `at` until it is moved.
    pub fn frozen(at: Timestamp) -> Self {
        Self::new(Time::Frozen(at))
    }

    /// A clock that runs at real speed, starting at `at` now.
    pub fn ticking_from(at: Timestamp) -> Self {
        Self::new(Time::Ticking { from: at, since: Instant::now() })
    }

    /// The simulated instant.
    pub fn now(&self) -> Timestamp {
        self.inner.time.lock().unwrap_or_else(PoisonError::into_inner).now()
    }

    /// Moves the clock to `at`, forwards or back.
    pub fn set(&self, at: Timestamp) {
        let mut time = self.inner.time.lock().unwrap_or_else(PoisonError::into_inner);
        *time = time.moved_to(at);
        drop(time);
        self.inner.moved.send_modify(|count| *count += 1);
    }

    /// Moves the clock by `step` from where it stands.
    pub fn advance(&self, step: SignedDuration) {
        let mut time = self.inner.time.lock().unwrap_or_else(PoisonError::into_inner);
        let now = time.now();
        *time = time.moved_to(now.saturating_add(step).unwrap_or(now));
        drop(time);
        self.inner.moved.send_modify(|count| *count += 1);
    }

    /// A receiver that sees a change at each move (not at each tick). Sleepers wait on it beside
    /// their timer and read the clock anew.
    pub fn moves(&self) -> watch::Receiver<u64> {
        self.inner.moved.subscribe()
    }

    /// Waits for the next move after this call.
    pub async fn changed(&self) {
        // The sender lives in `self`, so the channel cannot close while this waits.
        let _ = self.moves().changed().await;
    }

    /// Whether simulated time runs by itself.
    pub fn is_ticking(&self) -> bool {
        let time = *self.inner.time.lock().unwrap_or_else(PoisonError::into_inner);
        !matches!(time, Time::Frozen(_))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn moving_a_frozen_clock_wakes_those_who_wait() {
        let start: Timestamp = "2026-03-06T14:30:00Z".parse().unwrap();
        let clock = Clock::frozen(start);
        let mut moves = clock.moves();
        clock.advance(SignedDuration::from_hours(24));
        moves.changed().await.unwrap();
        assert_eq!(clock.now().to_string(), "2026-03-07T14:30:00Z");
    }
}
