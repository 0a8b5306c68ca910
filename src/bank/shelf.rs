//! The bank that is in use. It can be exchanged while the bot runs, for a good one only.

use super::{Bank, limits};
use crate::{
    diagnostic::{Fault, Faults},
    files,
};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};
use tokio::sync::Mutex;

/// Holds the bank in use and knows which folders it is read from.
#[derive(Debug)]
pub struct Shelf {
    bank: RwLock<Arc<Bank>>,
    extra: Vec<PathBuf>,
    /// Held by the thread that reads, which may hang for longer than anybody waits for it.
    reading: Arc<Mutex<()>>,
}

impl Shelf {
    /// Reads the built-in bank and the extra folders.
    ///
    /// # Errors
    /// Every fault of any of them, as [`Bank::load`]; that they do not answer is one.
    pub async fn open(extra: Vec<PathBuf>) -> Result<Self, Faults> {
        let shelf = Self { extra, ..Self::holding(Bank::new(Vec::new(), [])) };
        shelf.reload().await?;
        Ok(shelf)
    }

    /// A shelf with this bank, until it is reloaded.
    pub fn holding(bank: Bank) -> Self {
        let (bank, reading) = (RwLock::new(Arc::new(bank)), Arc::default());
        Self { bank, extra: Vec::new(), reading }
    }

    /// The bank in use. Who asks keeps it for as long as needed, whatever is loaded since.
    pub fn current(&self) -> Arc<Bank> {
        self.bank.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the folders again.
    ///
    /// # Errors
    /// Every fault of the new bank, or that the folders do not answer; the old one then stays in
    /// use.
    pub async fn reload(&self) -> Result<(), Faults> {
        self.reload_within(limits::READ_WITHIN).await
    }

    async fn reload_within(&self, within: Duration) -> Result<(), Faults> {
        let root = self.extra.first().map_or(Path::new("content"), PathBuf::as_path);
        // One that hangs is enough: no further thread is to hang beside it.
        let Ok(turn) = Arc::clone(&self.reading).try_lock_owned() else {
            let fault = Fault::whole(root, "the last reading of the folders has not ended yet");
            return Err(Faults::new(vec![fault.hint("is one on a network mount that hangs?")]));
        };
        let extra = self.extra.clone();
        let load = move || {
            let _turn = turn;
            Bank::load(&extra)
        };
        let loaded = files::apart(within, load).await;
        let unanswered = |error| Faults::new(vec![Fault::unanswered(root, &error)]);
        let bank = Arc::new(loaded.map_err(unanswered)??);
        *self.bank.write().unwrap_or_else(PoisonError::into_inner) = bank;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::fs;

    #[tokio::test]
    async fn folders_that_hang_are_told_of_and_no_second_thread_hangs_beside_the_first() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("beginner")).unwrap();
        let good = "tests/good_bank/questions/beginner/what-is-a-queue.md";
        fs::copy(good, folder.path().join("beginner/one.md")).unwrap();
        fs::copy("tests/good_bank/topics.toml", folder.path().join("topics.toml")).unwrap();
        let shelf = Shelf::open(vec![folder.path().into()]).await.unwrap();
        let before = shelf.current();

        // Nothing is read in no time at all, so the thread that began is still there or just gone.
        let told = shelf.reload_within(Duration::ZERO).await.unwrap_err().to_string();
        assert!(told.contains("has not answered for 0 s"), "{told}");
        assert!(Arc::ptr_eq(&before, &shelf.current()));

        let hangs = Arc::clone(&shelf.reading).lock_owned().await;
        let told = shelf.reload().await.unwrap_err().to_string();
        assert!(told.contains("the last reading of the folders has not ended yet"), "{told}");
        assert!(Arc::ptr_eq(&before, &shelf.current()));
        drop(hangs);
        shelf.reload().await.unwrap();
    }
}
