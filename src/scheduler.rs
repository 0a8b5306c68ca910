//! The scheduler: sleeps until the earliest due time, asks the use cases what is due, and has it
//! posted through the messenger. Nothing polls. It is safe to run twice: a claim in the store
//! decides, and what a crash left behind is taken up at the start.

pub mod backups;

pub use crate::app::Status;
use crate::{
    app::{
        App, Signal,
        posting::{DueOutcome, WorkOutcome},
    },
    domain::ids::{DailyId, GuildId},
    error::{Fault, Result},
};
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};
use tokio::{sync::mpsc, task::JoinSet};
use tokio_util::sync::CancellationToken;

/// The number of people who took part is edited in at most this often.
const COUNT_EVERY: SignedDuration = SignedDuration::from_secs(30);

/// After a fault of Discord's, at first and at most.
const RETRY_FIRST: SignedDuration = SignedDuration::from_secs(5);
const RETRY_LAST: SignedDuration = SignedDuration::from_mins(15);

/// After a fault of the store's.
const RETRY_STORE: SignedDuration = SignedDuration::from_secs(5);

/// After a panic, the backoff of this many attempts.
const PANIC_ATTEMPTS: u32 = 5;

/// How many dailies are claimed side by side; they share one commit.
const CLAIM_BATCH: usize = 256;

/// Tells the time and waits for it. Only the scheduler and the program's entry own one.
#[async_trait]
pub trait Clock: Send + Sync {
    /// The instant it is.
    fn now(&self) -> Timestamp;

    /// Returns once it is `at` or later; at once if it is.
    async fn sleep_until(&self, at: Timestamp);
}

/// The machine's clock.
pub struct SystemClock;

/// The longest uninterrupted sleep. A laptop's suspension or a set clock moves the wall clock but
/// not the timer, so the wall clock is looked at again from time to time.
const NAP: std::time::Duration = std::time::Duration::from_secs(15);

#[async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the owner of the wall clock")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    async fn sleep_until(&self, at: Timestamp) {
        while let Ok(left) = std::time::Duration::try_from(at.duration_since(self.now())) {
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.min(NAP)).await;
        }
    }
}

type Key = (DailyId, u32);
type Job = (tokio::task::Id, (u32, Result<WorkOutcome>));

/// A round whose message waits for work.
#[derive(Clone, Copy)]
struct Waiting {
    at: Timestamp,
    attempts: u32,
    fresh: bool,
}

/// The scheduler.
pub struct Scheduler {
    app: Arc<App>,
    clock: Arc<dyn Clock>,
    signals: mpsc::UnboundedReceiver<Signal>,
    heard: usize,
    waiting: HashMap<Key, Waiting>,
    running: HashMap<tokio::task::Id, Key>,
    busy: HashSet<Key>,
    rescan: bool,
    counted: HashMap<Key, Timestamp>,
    jobs: JoinSet<(u32, Result<WorkOutcome>)>,
    /// The guild whose data is about to go, one at a time.
    leaving: JoinSet<Result<()>>,
    /// No guild's data goes before, after a fault of the store's.
    leave_after: Timestamp,
}

impl Scheduler {
    /// A scheduler for these use cases.
    pub fn new(
        app: Arc<App>,
        clock: Arc<dyn Clock>,
        signals: mpsc::UnboundedReceiver<Signal>,
    ) -> Self {
        Self {
            app,
            clock,
            signals,
            heard: 0,
            waiting: HashMap::new(),
            running: HashMap::new(),
            busy: HashSet::new(),
            rescan: true,
            counted: HashMap::new(),
            jobs: JoinSet::new(),
            leaving: JoinSet::new(),
            leave_after: Timestamp::MIN,
        }
    }

    /// Runs until it is told to stop, then finishes what it has begun.
    pub async fn run(mut self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let now = self.clock.now();
            let failed = self.claim_due(now).await || !self.take_up_what_was_left(now).await;
            // Where the store failed, a claim may stand that nobody has been told of.
            self.rescan = failed;
            self.start_work(now);
            self.start_leaving(now).await;
            let wake = self.next_wake(now, failed).await;
            self.report(now, wake);
            tokio::select! {
                () = stop.cancelled() => {}
                () = sleep(self.clock.as_ref(), wake) => {}
                Some(signal) = self.signals.recv() => self.on_signal(signal).await,
                Some(done) = self.jobs.join_next_with_id(), if !self.jobs.is_empty() => self.on_done(done),
                Some(left) = self.leaving.join_next(), if !self.leaving.is_empty() => self.on_left(left),
            }
        }
        while self.jobs.join_next().await.is_some() {}
        while self.leaving.join_next().await.is_some() {}
    }

    /// Rounds whose posting or whose message a crash or a fault interrupted. Returns whether they
    /// could be read.
    async fn take_up_what_was_left(&mut self, at: Timestamp) -> bool {
        if !self.rescan {
            return true;
        }
        match self.app.store.work().await {
            Ok(left) => {
                for key in left.into_iter().filter(|key| !self.busy.contains(key)) {
                    self.waiting.entry(key).or_insert(Waiting { at, attempts: 0, fresh: false });
                }
                true
            }
            Err(error) => {
                tracing::error!(%error, "unfinished rounds cannot be read");
                false
            }
        }
    }

    /// Claims all that is due. Returns whether the store failed.
    async fn claim_due(&mut self, now: Timestamp) -> bool {
        let mut before = Vec::new();
        loop {
            let due = match self.app.store.due(now, CLAIM_BATCH).await {
                Ok(due) if due.is_empty() => return false,
                Ok(due) => due,
                Err(error) => {
                    tracing::error!(%error, "what is due cannot be read");
                    return true;
                }
            };
            if due == before {
                tracing::error!(?due, "what is due stays due: is the store damaged?");
                return true;
            }
            if self.claim_batch(&due, now).await {
                return true;
            }
            before = due;
        }
    }

    /// Claims these side by side, each in a task of its own, so that what goes wrong with one
    /// stays with it. Returns whether anything did.
    async fn claim_batch(&mut self, due: &[DailyId], now: Timestamp) -> bool {
        let mut claims = JoinSet::new();
        for &id in due {
            let app = Arc::clone(&self.app);
            claims.spawn(async move { (id, app.claim_due(id, now).await) });
        }
        let mut failed = false;
        while let Some(claim) = claims.join_next().await {
            match claim {
                Ok((id, Ok(DueOutcome::Claimed(number)))) => {
                    let waiting = Waiting { at: now, attempts: 0, fresh: true };
                    self.waiting.insert((id, number), waiting);
                }
                Ok((_, Ok(DueOutcome::Nothing))) => {}
                Ok((id, Err(error))) => {
                    failed = true;
                    tracing::error!(daily = id.0, %error, "a daily could not be claimed");
                }
                Err(error) => {
                    failed = true;
                    tracing::error!(%error, "a claim ended in a panic");
                }
            }
        }
        failed
    }

    fn start_work(&mut self, now: Timestamp) {
        self.counted.retain(|_, at| now.duration_since(*at) < COUNT_EVERY);
        let ready: Vec<Key> = self
            .waiting
            .iter()
            .filter(|(key, waiting)| waiting.at <= now && !self.busy.contains(key))
            .map(|(key, _)| *key)
            .collect();
        for key in ready {
            let Some(waiting) = self.waiting.remove(&key) else { continue };
            let app = Arc::clone(&self.app);
            let count_now = !self.counted.contains_key(&key);
            let job = self.jobs.spawn(async move {
                (waiting.attempts, work(&app, key, waiting.fresh, now, count_now).await)
            });
            self.running.insert(job.id(), key);
            self.busy.insert(key);
        }
    }

    async fn on_signal(&mut self, signal: Signal) {
        self.heard += 1;
        let at = self.clock.now();
        match signal {
            Signal::Schedule => {}
            Signal::Work(daily, number) => {
                let waiting = Waiting { at, attempts: 0, fresh: false };
                self.waiting.entry((daily, number)).or_insert(waiting);
            }
            // In the order in which they come, and each durable before the next.
            Signal::Guild(guild, presence) => {
                if let Err(error) = self.app.note_guild(guild, presence, at).await {
                    tracing::error!(guild = guild.0, ?presence, %error, "not noted; the next connection shows it again");
                }
            }
        }
    }

    /// Lets the data of the guild go whose time has come, if there is one.
    async fn start_leaving(&mut self, now: Timestamp) {
        let Some((at, guild)) = self.next_to_leave(now).await else { return };
        if at <= now {
            let app = Arc::clone(&self.app);
            self.leaving.spawn(async move { app.let_go(guild, now).await });
        }
    }

    fn on_left(&mut self, left: Result<Result<()>, tokio::task::JoinError>) {
        let fault = |error| Fault::because("letting a guild's data go ended in a panic", error);
        if let Err(error) = left.map_err(|error| fault(error).into()).flatten() {
            tracing::error!(%error, "a guild's data could not be let go");
            self.leave_after = later(self.clock.now(), RETRY_LAST);
        }
    }

    /// The next guild whose data goes, and when; none while another one's goes.
    async fn next_to_leave(&self, now: Timestamp) -> Option<(Timestamp, GuildId)> {
        if !self.leaving.is_empty() {
            return None;
        }
        match self.app.store.next_to_leave().await {
            Ok(next) => next.map(|(at, guild)| (at.max(self.leave_after), guild)),
            Err(error) => {
                tracing::error!(%error, "it cannot be read which guild's data goes next");
                Some((later(now, RETRY_STORE), GuildId(0)))
            }
        }
    }

    fn on_done(&mut self, done: Result<Job, tokio::task::JoinError>) {
        let (id, attempts, outcome) = match done {
            Ok((id, (attempts, outcome))) => (id, attempts, outcome),
            Err(error) => {
                let fault = Fault::because("work on a round ended in a panic", error.to_string());
                (error.id(), PANIC_ATTEMPTS, Err(fault.into()))
            }
        };
        let Some(key) = self.running.remove(&id) else { return };
        self.busy.remove(&key);
        let now = self.clock.now();
        let retry = match outcome {
            Ok(WorkOutcome::Done) => return,
            Ok(WorkOutcome::CountShown { behind }) => {
                self.counted.insert(key, now);
                if !behind {
                    return;
                }
                Waiting { at: later(now, COUNT_EVERY), attempts: 0, fresh: false }
            }
            Ok(WorkOutcome::CountBehind) => {
                let last = self.counted.get(&key).copied().unwrap_or(now);
                Waiting { at: later(last, COUNT_EVERY), attempts: 0, fresh: false }
            }
            Ok(WorkOutcome::TryAgain(reason)) => {
                tracing::warn!(
                    daily = key.0.0,
                    round = key.1,
                    attempts,
                    reason,
                    "to be tried again"
                );
                Waiting { at: later(now, backoff(attempts)), attempts: attempts + 1, fresh: false }
            }
            Err(error) => {
                tracing::error!(daily = key.0.0, round = key.1, %error, "work on a round failed");
                Waiting { at: later(now, backoff(attempts)), attempts: attempts + 1, fresh: false }
            }
        };
        self.waiting.insert(key, retry);
    }

    /// When there is something to do next, if nothing happens before.
    async fn next_wake(&self, now: Timestamp, failed: bool) -> Option<Timestamp> {
        if failed {
            return Some(later(now, RETRY_STORE));
        }
        let due = self.app.store.next_due().await.unwrap_or_else(|error| {
            tracing::error!(%error, "what is due cannot be read");
            Some(later(now, RETRY_STORE))
        });
        let work = self
            .waiting
            .iter()
            .filter(|(key, _)| !self.busy.contains(key))
            .map(|(_, waiting)| waiting.at);
        let leaves = self.next_to_leave(now).await.map(|(at, _)| at);
        due.into_iter().chain(work).chain(leaves).min()
    }

    fn report(&mut self, now: Timestamp, wakes_at: Option<Timestamp>) {
        let running = self.running.len() + self.leaving.len();
        let status = Status { looked_at: Some(now), wakes_at, running, unheard: 0 };
        self.app.report(status, std::mem::take(&mut self.heard));
    }
}

async fn sleep(clock: &dyn Clock, until: Option<Timestamp>) {
    match until {
        Some(at) => clock.sleep_until(at).await,
        None => std::future::pending().await,
    }
}

async fn work(
    app: &App,
    (daily, number): Key,
    fresh: bool,
    now: Timestamp,
    count_now: bool,
) -> Result<WorkOutcome> {
    match app.work(daily, number, fresh, now).await? {
        WorkOutcome::CountBehind if count_now => app.show_count(daily, number).await,
        outcome => Ok(outcome),
    }
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(Timestamp::MAX)
}

/// Doubles with each attempt, up to a limit, and is scattered so that many do not come at once.
fn backoff(attempts: u32) -> SignedDuration {
    let doubled = RETRY_FIRST.checked_mul(1 << attempts.min(20)).unwrap_or(RETRY_LAST);
    doubled.min(RETRY_LAST).mul_f64(rand::random_range(0.75..1.25))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_backoff_grows_and_is_bounded() {
        for attempts in 0..40 {
            let wait = backoff(attempts);
            assert!(wait >= RETRY_FIRST.mul_f64(0.75), "{wait:?}");
            assert!(wait <= RETRY_LAST.mul_f64(1.25), "{wait:?}");
        }
        assert!(backoff(6) > backoff(0));
    }
}
