//! What outlives a run: the bot's store, and beside it the simulated Discord with its ids and
//! messages, so that streaks, boards and open rounds go on where they were left. Without a folder
//! to keep them in, both lie in a temporary one.

use super::Shared;
use crate::{
    error::{Fault, Result},
    files,
};
use discord_sim::{Id, Sim, Snapshot};
use serde::{Deserialize, Serialize};
use std::{io::ErrorKind, path::PathBuf, sync::Arc, time::Duration};
use tempfile::TempDir;
use tokio::sync::broadcast::error::RecvError;

/// How long changes gather before they are written, so that a burst is written once.
const GATHER: Duration = Duration::from_secs(1);

/// Bytes of the file that holds the simulated Discord: years of it.
const WORLD_MAX: usize = 256 * 1024 * 1024;

/// How long that may take to be read.
const READ_WITHIN: Duration = Duration::from_secs(30);

/// The simulated Discord as it was left.
#[derive(Serialize, Deserialize)]
pub(super) struct Kept {
    /// The guild that the page shows.
    pub guild: Id,
    /// Whether the daily has been set up.
    pub greeted: bool,
    /// Everything else.
    pub world: Snapshot,
}

impl Kept {
    pub(super) fn of(sim: &Sim, guild: Id, greeted: bool) -> Self {
        Self { guild, greeted, world: sim.snapshot() }
    }
}

/// The folder of a playground, what it lasts as long as if it is a temporary one, and the simulated
/// Discord of an earlier run.
pub(super) async fn open(keep: Option<PathBuf>) -> Result<(Folder, Option<TempDir>, Option<Kept>)> {
    let opened = files::apart(READ_WITHIN, || {
        let (folder, temporary) = Folder::open(keep)?;
        let kept = folder.load()?;
        Ok((folder, temporary, kept))
    });
    opened.await.map_err(|e| Fault::because("the playground's folder cannot be read", e))?
}

/// Where a playground's files are.
pub(super) struct Folder {
    path: PathBuf,
    /// Whether it is to outlive the run.
    keeps: bool,
}

impl Folder {
    /// The folder to keep, made if it is missing, or else a temporary one, which lasts as long as
    /// what comes with it.
    fn open(keep: Option<PathBuf>) -> Result<(Self, Option<TempDir>)> {
        if let Some(path) = keep {
            let failed = |e| Fault::because(format!("{} cannot be made", path.display()), e);
            std::fs::create_dir_all(&path).map_err(failed)?;
            return Ok((Self { path, keeps: true }, None));
        }
        let made = tempfile::Builder::new().prefix("whetstone-playground-").tempdir();
        let made = made.map_err(|e| Fault::because("no temporary folder can be made", e))?;
        Ok((Self { path: made.path().to_owned(), keeps: false }, Some(made)))
    }

    /// Where the bot's store is.
    pub(super) fn store(&self) -> PathBuf {
        self.path.join("store")
    }

    fn world(&self) -> PathBuf {
        self.path.join("discord.json")
    }

    /// The simulated Discord of an earlier run, if there was one.
    fn load(&self) -> Result<Option<Kept>> {
        let path = self.world();
        let damaged = |error: Box<dyn std::error::Error + Send + Sync>| {
            let what =
                format!("{} cannot be read; move its folder aside to begin anew", path.display());
            Fault::because(what, error)
        };
        match files::read(&path, WORLD_MAX) {
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes).map_err(|e| damaged(e.into()))?)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(damaged(error.into()).into()),
        }
    }

    /// Writes the simulated Discord down, unless all is to be forgotten.
    pub(super) async fn save(&self, kept: &Kept) -> Result<()> {
        if !self.keeps {
            return Ok(());
        }
        let path = self.world();
        let failed = |error| Fault::because(format!("{} cannot be written", path.display()), error);
        let bytes = serde_json::to_vec(kept)
            .map_err(|error| Fault::because("the simulated Discord is not JSON", error))?;
        let file = path.clone();
        let written = tokio::task::spawn_blocking(move || files::replace(&file, &bytes)).await;
        Ok(written.map_err(std::io::Error::other).flatten().map_err(failed)?)
    }
}

/// Writes each change down soon after it, until the playground stops.
pub(super) async fn keeper(shared: Arc<Shared>) {
    let mut changes = shared.sim.subscribe();
    let stop = shared.stop.clone();
    loop {
        let change = tokio::select! {
            () = stop.cancelled() => return,
            change = changes.recv() => change,
        };
        if matches!(change, Err(RecvError::Closed)) {
            return;
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(GATHER) => {}
        }
        changes = changes.resubscribe();
        if let Err(error) = shared.keep().await {
            tracing::error!(%error, "the simulated Discord is not kept");
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_not_kept_is_gone() {
        let (folder, temporary) = Folder::open(None).unwrap();
        assert!(folder.path.is_dir());
        let sim = Sim::start(discord_sim::Options::default()).await.unwrap();
        folder.save(&Kept::of(&sim, Id(1), true)).await.unwrap();
        assert!(folder.load().unwrap().is_none());
        drop(temporary);
        assert!(!folder.path.exists());
    }

    #[test]
    fn a_damaged_file_is_said_to_be_one_and_left_alone() {
        let place = tempfile::tempdir().unwrap();
        let (folder, _) = Folder::open(Some(place.path().join("new"))).unwrap();
        assert!(folder.load().unwrap().is_none());
        std::fs::write(folder.world(), "{").unwrap();
        let error = folder.load().err().unwrap().to_string();
        assert!(error.contains("discord.json cannot be read"), "{error}");
        assert_eq!(std::fs::read_to_string(folder.world()).unwrap(), "{");
        std::fs::remove_file(folder.world()).unwrap();
        files::testing::pipe(&folder.world());
        let error = folder.load().err().unwrap().to_string();
        assert!(error.contains("discord.json cannot be read"), "{error}");
    }
}
