//! One task that makes writes durable. sled deadlocks when several flushes are in flight, and its
//! flush does not reach the disk on Linux, so a single committer flushes, syncs the file, and then
//! tells everybody who waited: many writers share one sync.

use super::{StoreError, marker};
use crate::telemetry::metrics;
use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::{mpsc, oneshot};

/// How many writers one commit may serve; more wait for the next one.
const BATCH_MAX: usize = 4096;

/// How often it is marked how far the store has come, while there are writes.
const MARK_EVERY: Duration = Duration::from_secs(60);

type Waiter = oneshot::Sender<Result<(), Arc<std::io::Error>>>;

/// Where writers wait.
#[derive(Clone)]
pub(super) struct Committer {
    queue: mpsc::Sender<Waiter>,
}

impl Committer {
    /// Starts the task; it ends when the last `Committer` is dropped.
    pub(super) fn start(db: sled::Db, folder: &Path) -> Result<Self, StoreError> {
        let file = File::open(folder.join("db")).map_err(StoreError::Io)?;
        let (queue, waiters) = mpsc::channel(BATCH_MAX);
        tokio::spawn(run(db, folder.to_owned(), Arc::new(file), waiters));
        Ok(Self { queue })
    }

    /// Returns once all that was written before the call is on the disk.
    pub(super) async fn commit(&self) -> Result<(), StoreError> {
        let (tell, told) = oneshot::channel();
        self.queue.send(tell).await.map_err(|_| StoreError::Closed)?;
        told.await.map_err(|_| StoreError::Closed)?.map_err(StoreError::Commit)
    }
}

async fn run(db: sled::Db, folder: PathBuf, file: Arc<File>, mut waiters: mpsc::Receiver<Waiter>) {
    let mut batch = Vec::new();
    let mut marked: Option<Instant> = None;
    while waiters.recv_many(&mut batch, BATCH_MAX).await > 0 {
        let begun = Instant::now();
        let outcome = sync(&db, Arc::clone(&file)).await.map_err(Arc::new);
        metrics::commit(batch.len(), begun.elapsed(), outcome.is_err());
        for waiter in batch.drain(..) {
            // A writer that has gone away does not need the answer.
            let _ = waiter.send(outcome.clone());
        }
        if outcome.is_ok() && marked.is_none_or(|at| at.elapsed() >= MARK_EVERY) {
            mark(db.clone(), folder.clone()).await;
            marked = Some(Instant::now());
        }
    }
}

async fn mark(db: sled::Db, folder: PathBuf) {
    let marked = tokio::task::spawn_blocking(move || marker::mark(&db, &folder)).await;
    // What was written is safe all the same; only a loss of it would not be noticed.
    if let Ok(Err(error)) = marked {
        tracing::warn!(%error, "it could not be marked how far the store has come");
    }
}

async fn sync(db: &sled::Db, file: Arc<File>) -> std::io::Result<()> {
    db.flush_async().await.map_err(std::io::Error::from)?;
    tokio::task::spawn_blocking(move || file.sync_data()).await?
}
