//! The daily backup. When the newest one was made is read from its name, so a restart neither
//! skips a day nor makes one too many.

use super::Clock;
use crate::{
    files,
    store::{Automatic, BackupError, Store},
    telemetry::metrics::{self, BackupOutcome},
};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// From one backup to the next.
const EVERY: SignedDuration = SignedDuration::from_hours(24);

/// After one that failed.
const RETRY: SignedDuration = SignedDuration::from_hours(1);

/// How long the folder may take to say what is in it.
const LOOK_WITHIN: Duration = Duration::from_secs(30);

/// Makes backups for ever, one a day. What goes wrong is logged and tried again.
pub async fn run(store: Store, clock: impl Clock, automatic: Automatic) {
    if automatic.keep == 0 {
        tracing::warn!("no backups are made: backup.keep is 0");
        return;
    }
    let mut next = first(&automatic, clock.now()).await;
    loop {
        clock.sleep_until(next).await;
        let now = clock.now();
        next = match store.automatic_backup(&automatic, now).await {
            Ok(file) => {
                tracing::info!(file = %file.display(), "made a backup");
                metrics::backup(BackupOutcome::Made);
                metrics::last_backup(now);
                now + EVERY
            }
            Err(error) => {
                report(&error);
                now + RETRY
            }
        };
    }
}

/// A day after the newest one, or at once. One from the future, which a wrong clock has made,
/// puts the next one off by no more than a day.
async fn first(automatic: &Automatic, now: Timestamp) -> Timestamp {
    let its_own = automatic.clone();
    match files::apart(LOOK_WITHIN, move || its_own.newest()).await {
        Ok(Ok(newest)) => {
            let newest = newest.inspect(|made_at| metrics::last_backup(*made_at));
            newest.map_or(now, |newest| newest.min(now) + EVERY)
        }
        Ok(Err(error)) => {
            report(&error);
            now
        }
        Err(error) => {
            metrics::backup(BackupOutcome::Failed);
            tracing::error!(%error, "the folder of the backups does not answer");
            now + RETRY
        }
    }
}

fn report(error: &BackupError) {
    metrics::backup(BackupOutcome::Failed);
    let cause = std::error::Error::source(error).map(ToString::to_string);
    tracing::error!(%error, cause, "no backup was made; it is tried again in an hour");
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::store::testing;
    use async_trait::async_trait;
    use std::sync::{Arc, Mutex};
    use tokio::sync::watch;

    /// A clock that a test sets; it also tells until when somebody sleeps.
    #[derive(Clone)]
    struct Hands {
        now: Arc<watch::Sender<Timestamp>>,
        until: Arc<watch::Sender<Option<Timestamp>>>,
        slept: Arc<Mutex<Vec<Timestamp>>>,
    }

    impl Hands {
        fn at(now: Timestamp) -> Self {
            Self {
                now: Arc::new(watch::Sender::new(now)),
                until: Arc::new(watch::Sender::new(None)),
                slept: Arc::default(),
            }
        }

        /// Waits until it sleeps until later than now.
        async fn sleeps(&self) -> Timestamp {
            let now = *self.now.borrow();
            let mut until = self.until.subscribe();
            until.wait_for(|until| until.is_some_and(|until| until > now)).await.unwrap().unwrap()
        }
    }

    #[async_trait]
    impl Clock for Hands {
        fn now(&self) -> Timestamp {
            *self.now.borrow()
        }

        async fn sleep_until(&self, at: Timestamp) {
            self.slept.lock().unwrap().push(at);
            self.until.send_replace(Some(at));
            self.now.subscribe().wait_for(|now| *now >= at).await.unwrap();
        }
    }

    fn made(automatic: &Automatic) -> usize {
        std::fs::read_dir(&automatic.folder).map_or(0, Iterator::count)
    }

    #[tokio::test]
    async fn one_a_day_the_newest_seven_kept_and_none_too_many_after_a_restart() {
        let shop = testing::store();
        let automatic = Automatic { folder: shop.folder.path().join("backups"), keep: 7 };
        let hands = Hands::at("2026-03-02T12:00:00Z".parse().unwrap());
        let start = || tokio::spawn(run(shop.store.clone(), hands.clone(), automatic.clone()));
        let mut running = start();
        for day in 1..=10_usize {
            let until = hands.sleeps().await;
            assert_eq!(made(&automatic), day.min(7), "day {day}");
            assert_eq!(until, hands.now() + EVERY);
            if day == 4 {
                running.abort();
                hands.until.send_replace(None);
                hands.now.send_modify(|now| *now += SignedDuration::from_hours(20));
                running = start();
                assert_eq!(hands.sleeps().await, until, "the restart counts for nothing");
                assert_eq!(made(&automatic), 4);
            }
            hands.now.send_replace(until);
        }
        running.abort();
    }

    #[tokio::test]
    async fn what_fails_is_tried_again_in_an_hour() {
        let shop = testing::store();
        let folder = shop.folder.path().join("backups");
        std::fs::write(&folder, "a file is in the way").unwrap();
        let automatic = Automatic { folder: folder.clone(), keep: 7 };
        let hands = Hands::at("2026-03-02T12:00:00Z".parse().unwrap());
        let running = tokio::spawn(run(shop.store.clone(), hands.clone(), automatic.clone()));
        let until = hands.sleeps().await;
        assert_eq!(until, hands.now() + RETRY);
        std::fs::remove_file(&folder).unwrap();
        hands.now.send_replace(until);
        hands.sleeps().await;
        assert_eq!(made(&automatic), 1);
        running.abort();
    }
}
