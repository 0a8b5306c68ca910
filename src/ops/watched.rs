//! What is looked at in a running bot, for the pages and for its sign of life alike.

use crate::{
    app::Status,
    error::{Fault, Result},
    scheduler::Clock,
    store::Store,
};
use jiff::{SignedDuration, Timestamp};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// After its time, the scheduler should be awake by now.
const OVERSLEPT: SignedDuration = SignedDuration::from_mins(5);

/// How long it must stay late by a clock that nobody sets: more than one of the naps after which the
/// scheduler looks at the wall clock again. A clock that jumps ahead, or a laptop that wakes, makes
/// it late for no longer than that.
const LATE_FOR: Duration = Duration::from_secs(60);

/// How long the outcome of a trial write holds, whoever asks how often.
const PROBE_EVERY: Duration = Duration::from_secs(10);

/// How long a trial write may take: less than the five seconds that health checks wait.
const PROBE_WITHIN: Duration = Duration::from_secs(3);

/// A commit that is no older than this is as good as a trial write, and costs no further one.
const FRESH: Duration = Duration::from_secs(60);

/// Bytes of room that the disk must have: some of the pieces by which the store grows. A trial write
/// alone fits into what is allocated already.
const ROOM_MIN: u64 = 4 << 20;

/// What was found about a part: nothing, or what is wrong with it.
pub(super) type Found = Option<String>;

/// The parts of a running bot.
pub struct Watched {
    store: Store,
    connected: watch::Receiver<bool>,
    scheduling: watch::Receiver<Status>,
    clock: Arc<dyn Clock>,
    late: Late,
    probed: tokio::sync::Mutex<Option<(Instant, Found)>>,
}

impl Watched {
    /// The parts of a bot: its store, whether its gateway is connected, what its scheduler does, and
    /// who tells the time.
    pub fn new(
        store: Store,
        connected: watch::Receiver<bool>,
        scheduling: watch::Receiver<Status>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let (late, probed) = Default::default();
        Self { store, connected, scheduling, clock, late, probed }
    }

    /// The instant it is.
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Whether the gateway is connected, and a way to hear when that changes.
    pub(super) fn connected(&self) -> watch::Receiver<bool> {
        self.connected.clone()
    }

    pub(super) fn gateway(&self) -> Found {
        (!*self.connected.borrow()).then(|| "not connected".to_owned())
    }

    pub(super) fn scheduler(&self) -> Found {
        let status = *self.scheduling.borrow();
        let overslept = self.late.for_long(&status, self.clock.now(), Instant::now());
        let wakes_at = status.wakes_at.unwrap_or_default();
        overslept.then(|| format!("has slept past its time, {wakes_at}"))
    }

    /// Whether the store can be written to. Whoever asks while it is tried waits for the outcome.
    pub(super) async fn store(&self) -> Found {
        let mut probed = self.probed.lock().await;
        if let Some((at, found)) = &*probed
            && at.elapsed() < PROBE_EVERY
        {
            return found.clone();
        }
        let found = match tokio::time::timeout(PROBE_WITHIN, self.try_store()).await {
            Ok(tried) => tried.err().map(|error| error.to_string()),
            Err(_) => Some(format!("the disk has not answered within {PROBE_WITHIN:?}")),
        };
        *probed = Some((Instant::now(), found.clone()));
        found
    }

    async fn try_store(&self) -> Result<(), String> {
        let unwritable = |error| Fault::because("not writable", error).chain();
        let room = self.store.room().await.map_err(unwritable)?;
        if room < ROOM_MIN {
            return Err(format!("the disk is full: {} KiB are left", room >> 10));
        }
        self.store.probe(FRESH).await.map_err(unwritable)
    }

    /// Bytes that the store takes, and bytes that its disk has left, as far as they can be told.
    pub(super) async fn sizes(&self) -> (Option<u64>, Option<u64>) {
        (self.store.size_on_disk().await.ok(), self.store.room().await.ok())
    }
}

/// Since when the scheduler is late, by a clock that does not jump.
#[derive(Default)]
struct Late(Mutex<Option<Instant>>);

impl Late {
    /// Whether it has stayed late for so long that it will not come.
    fn for_long(&self, status: &Status, now: Timestamp, here: Instant) -> bool {
        let mut since = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if status.wakes_at.is_none_or(|wakes_at| now <= wakes_at + OVERSLEPT) {
            *since = None;
            return false;
        }
        here.duration_since(*since.get_or_insert(here)) >= LATE_FOR
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// What is told of a scheduler that was to wake at 14:30, after these minutes of the wall clock
    /// and seconds of one that does not jump.
    fn told(looks: &[(i64, u64)]) -> Vec<bool> {
        let wakes_at: Timestamp = "2026-03-06T14:30:00Z".parse().unwrap();
        let status = Status { wakes_at: Some(wakes_at), ..Status::default() };
        let (late, begun) = (Late::default(), Instant::now());
        let look = |(minutes, seconds): &(i64, u64)| {
            let now = wakes_at + SignedDuration::from_mins(*minutes);
            late.for_long(&status, now, begun + Duration::from_secs(*seconds))
        };
        looks.iter().map(look).collect()
    }

    #[test]
    fn a_scheduler_that_stays_late_is_told_of() {
        assert_eq!(told(&[(-9, 0), (5, 840), (6, 900), (7, 960)]), [false, false, false, true]);
    }

    #[test]
    fn a_clock_that_jumps_makes_nobody_late_who_wakes_soon() {
        // Hours ahead at once; by its next nap it has woken.
        assert_eq!(told(&[(-9, 0), (600, 15), (600, 59), (-1, 61)]), [false; 4]);
        // It jumps back as well: what was late before does not count.
        assert_eq!(told(&[(600, 0), (-9, 30), (600, 59), (600, 61)]), [false; 4]);
    }

    #[test]
    fn one_that_waits_for_nothing_is_never_late() {
        let (late, now) = (Late::default(), Timestamp::MAX);
        let here = Instant::now();
        assert!(!late.for_long(&Status::default(), now, here));
        assert!(!late.for_long(&Status::default(), now, here + LATE_FOR * 2));
    }
}
