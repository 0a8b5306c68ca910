//! The simulated Discord's clock as the bot's clock, and moving it so that nothing is jumped over.

use crate::{
    scheduler::{self, Status},
    sim,
};
use async_trait::async_trait;
use jiff::Timestamp;
use std::time::Duration;
use tokio::sync::watch;

/// The bot's view of the simulated clock.
pub struct SharedClock(pub sim::Clock);

#[async_trait]
impl scheduler::Clock for SharedClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    async fn sleep_until(&self, at: Timestamp) {
        let mut moves = self.0.moves();
        while let Ok(left) = Duration::try_from(at.duration_since(self.0.now())) {
            if left.is_zero() {
                return;
            }
            let timer = async {
                match self.0.is_ticking() {
                    true => tokio::time::sleep(left).await,
                    false => std::future::pending().await,
                }
            };
            tokio::select! {
                () = timer => {}
                // The sender lives in the clock, so the channel cannot close while this waits.
                _ = moves.changed() => {}
            }
        }
    }
}

/// Waits until the scheduler has done all that is due by now.
pub async fn settle(clock: &sim::Clock, scheduling: &mut watch::Receiver<Status>) {
    let settled = scheduling.wait_for(|status| {
        let now = clock.now();
        status.looked_at.is_some()
            && status.running == 0
            && status.unheard == 0
            && status.wakes_at.is_none_or(|wake| wake > now)
    });
    // A scheduler that has gone will do no more.
    let _ = settled.await;
}

/// Moves the clock to `target`, stopping at each instant at which the scheduler has something to
/// do, so that each post goes out at its own time.
pub async fn travel(
    clock: &sim::Clock,
    scheduling: &mut watch::Receiver<Status>,
    target: Timestamp,
) {
    loop {
        settle(clock, scheduling).await;
        let wake = scheduling.borrow().wakes_at;
        match wake.filter(|wake| *wake < target && *wake > clock.now()) {
            Some(wake) => clock.set(wake),
            None => break,
        }
    }
    if clock.now() < target {
        clock.set(target);
    }
    settle(clock, scheduling).await;
}
