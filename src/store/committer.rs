//! One task that makes writes durable. sled deadlocks when several flushes are in flight, and its
//! flush does not reach the disk on Linux, so a single committer flushes, syncs the file, and then
//! tells everybody who waited: many writers share one sync.
//!
//! After a failure nothing is promised any more. What sled holds in memory is not on the disk
//! then, and a later sync that says it is would not have to be true.

use super::{StoreError, files, marker::Note};
use crate::telemetry::metrics;
use std::{
    fs::File,
    io,
    path::Path,
    sync::{
        Arc, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::{Mutex, MutexGuard, Semaphore, mpsc, oneshot, watch};

/// How many writers one commit may serve; more wait for the next one.
const BATCH_MAX: usize = 4096;

/// How long the disk may take for a commit. One that takes longer counts as failed: better a bot
/// that ends, and says why, than one that answers nobody and waits.
const COMMIT_WITHIN: Duration = Duration::from_secs(30);

/// How many stores of this process may flush at once. All share sled's pool of seven threads and one
/// lock: were each of the threads to wait in a flush, none would be left to write what they wait
/// for, and none is added then (spacejam/sled #1308). A bot has one store; tests have many.
static FLUSHES: Semaphore = Semaphore::const_new(3);

type Outcome = Result<(), Arc<io::Error>>;

/// Where writers wait.
#[derive(Clone)]
pub(super) struct Committer {
    queue: mpsc::Sender<oneshot::Sender<Outcome>>,
    failure: Arc<watch::Sender<Option<Arc<io::Error>>>>,
    turn: Arc<Mutex<()>>,
    writers: Arc<AtomicUsize>,
    last: Last,
}

/// When the last commit was done that went well.
type Last = Arc<std::sync::Mutex<Option<Instant>>>;

/// Somebody who writes, from before their turn until after their commit.
pub(super) struct Writer(Arc<AtomicUsize>);

impl Drop for Writer {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Committer {
    /// Starts the task; it ends when the last `Committer` is dropped. `writes` counts what was
    /// written, and `note` is told how much of it is on the disk.
    pub(super) fn start(
        db: sled::Db,
        folder: &Path,
        writes: Arc<AtomicU64>,
        note: Note,
    ) -> Result<Self, StoreError> {
        let log = Arc::new(File::open(folder.join(files::LOG)).map_err(StoreError::Io)?);
        let (queue, waiters) = mpsc::channel(BATCH_MAX);
        let failure = Arc::new(watch::Sender::new(None));
        let (turn, writers, last) = Default::default();
        let committer = Self { queue, failure, turn, writers, last };
        let (failure, turn) = (Arc::clone(&committer.failure), Arc::clone(&committer.turn));
        let last = Arc::clone(&committer.last);
        let task = Task { db, log, writes, note, failure, turn, last };
        tokio::spawn(task.run(waiters));
        Ok(committer)
    }

    /// Says that somebody is about to write.
    pub(super) fn enter(&self) -> Writer {
        self.writers.fetch_add(1, Ordering::SeqCst);
        Writer(Arc::clone(&self.writers))
    }

    /// When the last commit was done; nothing while somebody writes, for whom the disk may not
    /// answer.
    pub(super) fn committed_at(&self) -> Option<Instant> {
        let idle = self.writers.load(Ordering::SeqCst) == 0;
        self.last.lock().unwrap_or_else(PoisonError::into_inner).filter(|_| idle)
    }

    /// The turn to write. A transaction of sled that begins while a flush is under way blocks its
    /// thread until that ends, and would block the whole runtime where the disk does not answer.
    pub(super) async fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// Returns once all that was written before the call is on the disk.
    pub(super) async fn commit(&self) -> Result<(), StoreError> {
        let (tell, told) = oneshot::channel();
        self.queue.send(tell).await.map_err(|_| StoreError::Closed)?;
        told.await.map_err(|_| StoreError::Closed)?.map_err(StoreError::Commit)
    }

    /// Whether anything may still be promised.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        self.failure.borrow().clone().map_or(Ok(()), |error| Err(StoreError::Commit(error)))
    }

    /// A write has failed half-way, for all that is known.
    pub(super) fn fail(&self, error: &StoreError) {
        fail(&self.failure, io::Error::other(error.to_string()));
    }

    /// Returns once a write or a commit has failed.
    pub(super) async fn failed(&self) -> StoreError {
        let mut failure = self.failure.subscribe();
        let error = failure.wait_for(Option::is_some).await.ok().and_then(|error| error.clone());
        error.map_or(StoreError::Closed, StoreError::Commit)
    }
}

/// Keeps the first failure, and returns it.
fn fail(failure: &watch::Sender<Option<Arc<io::Error>>>, error: io::Error) -> Arc<io::Error> {
    let error = Arc::new(error);
    failure.send_if_modified(|first| {
        let fresh = first.is_none();
        first.get_or_insert_with(|| Arc::clone(&error));
        fresh
    });
    error
}

struct Task {
    db: sled::Db,
    log: Arc<File>,
    writes: Arc<AtomicU64>,
    note: Note,
    failure: Arc<watch::Sender<Option<Arc<io::Error>>>>,
    turn: Arc<Mutex<()>>,
    last: Last,
}

impl Task {
    async fn run(mut self, mut waiters: mpsc::Receiver<oneshot::Sender<Outcome>>) {
        let mut batch = Vec::new();
        while waiters.recv_many(&mut batch, BATCH_MAX).await > 0 {
            let (begun, failed) = (Instant::now(), self.failure.borrow().clone());
            let outcome = match failed {
                Some(error) => Err(error),
                None => self.commit().await,
            };
            metrics::commit(batch.len(), begun.elapsed(), outcome.is_err());
            if outcome.is_ok() {
                *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
            }
            for waiter in batch.drain(..) {
                // A writer that has gone away does not need the answer.
                let _ = waiter.send(outcome.clone());
            }
        }
    }

    async fn commit(&mut self) -> Outcome {
        let turn = self.turn.lock().await;
        let writes = self.writes.load(Ordering::SeqCst);
        let flushed = in_time(self.flush()).await;
        // Told while it is nobody's turn: a flush that has not ended still blocks who writes.
        flushed.map_err(|error| fail(&self.failure, error))?;
        drop(turn);
        let log = Arc::clone(&self.log);
        let synced = async { tokio::task::spawn_blocking(move || log.sync_data()).await? };
        in_time(synced).await.map_err(|error| fail(&self.failure, error))?;
        // What was written is safe all the same; only a loss of it might not be noticed.
        if let Err(error) = self.note.note(writes) {
            tracing::warn!(%error, "it could not be noted how far the store has come");
        }
        Ok(())
    }

    async fn flush(&self) -> io::Result<usize> {
        let _permit = FLUSHES.acquire().await.map_err(io::Error::other)?;
        self.db.flush_async().await.map_err(io::Error::from)
    }
}

/// What the disk does, or that it has not answered.
async fn in_time<T, E: Into<io::Error>>(work: impl Future<Output = Result<T, E>>) -> io::Result<T> {
    let late = || {
        let words = format!("the disk has not answered within {COMMIT_WITHIN:?}");
        io::Error::new(io::ErrorKind::TimedOut, words)
    };
    let done = tokio::time::timeout(COMMIT_WITHIN, work).await;
    done.map_err(|_| late())?.map_err(Into::into)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::{domain::ids::UserId, store::testing};
    use std::{sync::mpsc, thread, time::Duration};

    #[test]
    fn many_stores_of_one_process_do_not_wait_for_each_other_for_good() {
        let (tell, told) = mpsc::channel();
        for _ in 0..24 {
            let tell = tell.clone();
            thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                runtime.unwrap().block_on(async {
                    let shop = testing::store();
                    for user in 0..100 {
                        shop.store.set_hidden(UserId(user), true).await.unwrap();
                    }
                });
                tell.send(()).unwrap();
            });
        }
        for _ in 0..24 {
            told.recv_timeout(Duration::from_secs(60)).unwrap();
        }
    }
}
