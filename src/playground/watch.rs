//! Watches folders for changes, whichever way an editor saves, and however often a folder itself
//! goes away and comes back.

use crate::files;
use notify::{
    Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher,
    event::{AccessKind, AccessMode},
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::sync::{Mutex, Notify};

/// How long changes gather, for saving one file takes an editor several steps.
const GATHER: Duration = Duration::from_millis(150);

/// How long the system may take to say what is in the folders.
const ARM_WITHIN: Duration = Duration::from_secs(10);

/// Folders that are watched.
pub(super) struct Watch {
    /// Held by the thread that arms it, which a network mount may keep.
    watched: Arc<Mutex<Watched>>,
    touched: Arc<Notify>,
}

struct Watched {
    watcher: RecommendedWatcher,
    folders: Vec<PathBuf>,
    armed: Vec<PathBuf>,
}

impl Watch {
    /// Watches these folders from now on.
    ///
    /// # Errors
    /// Where the system lets nothing be watched.
    pub(super) async fn new(folders: &[PathBuf]) -> Result<Self, notify::Error> {
        let absolute = folders.iter().map(std::path::absolute).collect::<Result<_, _>>();
        let folders: Vec<PathBuf> = absolute.map_err(notify::Error::io)?;
        let touched = Arc::new(Notify::new());
        let (places, bell) = (folders.clone(), Arc::clone(&touched));
        let watcher = notify::recommended_watcher(move |event| match event {
            Ok(event) if !concerns(&event, &places) => {}
            Ok(_) => bell.notify_one(),
            Err(error) => tracing::warn!(%error, "the bank's folders may be watched in part only"),
        })?;
        let watched = Arc::new(Mutex::new(Watched { watcher, folders, armed: Vec::new() }));
        let watch = Self { watched, touched };
        watch.arm().await;
        Ok(watch)
    }

    /// Returns once something has changed. What changes after it has returned is told the next
    /// time, so whoever reads the folders then misses nothing.
    pub(super) async fn changed(&self) {
        self.touched.notified().await;
        tokio::time::sleep(GATHER).await;
        self.arm().await;
    }

    async fn arm(&self) {
        let Ok(mut watched) = Arc::clone(&self.watched).try_lock_owned() else {
            tracing::warn!("a folder of the bank does not answer, so changes may go unnoticed");
            return;
        };
        if let Err(error) = files::apart(ARM_WITHIN, move || watched.arm()).await {
            tracing::warn!(%error, "the bank's folders may be watched in part only");
        }
    }
}

impl Watched {
    /// Watches the folders as they are now, and what each lies in, to see it go and come. It is done
    /// again each time, for a folder that has come back is another one to the system.
    fn arm(&mut self) {
        for path in self.armed.drain(..) {
            // One that is gone is no longer watched anyway.
            let _ = self.watcher.unwatch(&path);
        }
        let mut wanted = BTreeMap::new();
        for folder in &self.folders {
            let above = folder.ancestors().skip(1).find(|above| files::is_folder(above));
            above.map(|above| wanted.entry(above).or_insert(RecursiveMode::NonRecursive));
        }
        for folder in self.folders.iter().filter(|folder| files::is_folder(folder)) {
            wanted.insert(folder, RecursiveMode::Recursive);
        }
        for (path, mode) in wanted {
            match self.watcher.watch(path, mode) {
                Ok(()) => self.armed.push(path.to_owned()),
                Err(error) => {
                    tracing::warn!(%error, path = %path.display(), "it cannot be watched");
                }
            }
        }
    }
}

/// Whether an event may change what is read from the folders. That a file is read, as after each
/// change, does not; so every debouncer that does not tell reading from writing would go round and
/// round.
fn concerns(event: &Event, folders: &[PathBuf]) -> bool {
    let written = AccessKind::Close(AccessMode::Write);
    if matches!(event.kind, EventKind::Access(kind) if kind != written) {
        return false;
    }
    let inside = |path: &Path| folders.iter().any(|f| path.starts_with(f) || f.starts_with(path));
    event.need_rescan() || event.paths.iter().any(|path| inside(path))
}
