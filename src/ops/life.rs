//! Gives signs of life while the bot runs, for `whetstone health` where no pages are served.

use super::Watched;
use crate::telemetry::life::{self, Beat, Tick};
use std::{io, path::PathBuf, sync::Arc, time::Duration};
use tokio::{sync::watch, task::JoinHandle};
use tokio_util::sync::CancellationToken;

/// Between two signs.
const EVERY: Duration = Duration::from_secs(15);

/// How long the end waits for a disk that may not answer.
const ENDS_WITHIN: Duration = Duration::from_secs(1);

/// Signs of life that are given again and again.
pub struct Life {
    folder: PathBuf,
    stop: CancellationToken,
    giving: JoinHandle<()>,
}

impl Life {
    /// Gives them in a store's folder from now on.
    pub fn begin(watched: Arc<Watched>, folder: PathBuf) -> Self {
        let stop = CancellationToken::new();
        let giving = tokio::spawn(give(watched, folder.clone(), stop.clone()));
        Self { folder, stop, giving }
    }

    /// Takes the last one back: the bot has stopped.
    pub async fn end(self) {
        let Self { folder, stop, giving } = self;
        stop.cancel();
        let ending = async {
            // One that is being given is finished first.
            let _ = giving.await;
            on_disk(move || life::take_back(&folder)).await
        };
        match tokio::time::timeout(ENDS_WITHIN, ending).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the sign of life could not be taken back"),
            Err(_) => tracing::warn!("the disk does not answer; the sign of life may stay"),
        }
    }
}

async fn give(watched: Arc<Watched>, folder: PathBuf, stop: CancellationToken) {
    let mut connected = watched.connected();
    while !stop.is_cancelled() {
        // A scheduler that overslept does not live, whatever else does.
        match watched.scheduler() {
            None => {
                let connected = *connected.borrow_and_update();
                let beat = Beat { at: watched.now(), connected, tick: Tick::now() };
                let folder = folder.clone();
                if let Err(error) = on_disk(move || life::give(&folder, &beat)).await {
                    tracing::warn!(%error, "no sign of life could be given");
                }
            }
            Some(wrong) => tracing::error!("the scheduler {wrong}"),
        }
        stop.run_until_cancelled(next(&mut connected)).await;
    }
}

/// Does something with a disk that may not answer.
async fn on_disk(work: impl FnOnce() -> io::Result<()> + Send + 'static) -> io::Result<()> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

/// Returns when a sign is due, or once the gateway has come or gone.
async fn next(connected: &mut watch::Receiver<bool>) {
    let changed = async {
        if connected.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    // Being late by the time that it takes changes nothing.
    let _ = tokio::time::timeout(EVERY, changed).await;
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_sign_is_due_at_once_when_the_gateway_comes_or_goes() {
        let (tell, mut connected) = watch::channel(false);
        for now in [true, false] {
            tell.send_replace(now);
            let due = tokio::time::timeout(EVERY / 2, next(&mut connected));
            due.await.unwrap();
            assert_eq!(*connected.borrow_and_update(), now);
        }
        let due = tokio::time::timeout(Duration::from_millis(50), next(&mut connected));
        assert!(due.await.is_err(), "nothing has changed");
    }
}
