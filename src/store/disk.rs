//! Whether the disk takes what is written, and how much room it has.

use super::{Store, StoreError};
use std::{
    io,
    time::{Duration, Instant},
};

impl Store {
    /// Sees that the disk takes what is written: by a commit that is no older than `fresh`, or else
    /// by writing something that means nothing.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn probe(&self, fresh: Duration) -> Result<(), StoreError> {
        self.inner.committer.check()?;
        match self.inner.committer.committed_at() {
            Some(at) if Instant::now().duration_since(at) < fresh => Ok(()),
            _ => self.set_note("probe", "").await,
        }
    }

    /// The bytes that the store may still take on its disk.
    ///
    /// # Errors
    /// Where the system does not say.
    pub async fn room(&self) -> Result<u64, StoreError> {
        let folder = self.inner.folder.clone();
        // A disk on a network may keep whoever asks waiting.
        let asked = tokio::task::spawn_blocking(move || rustix::fs::statvfs(&folder)).await;
        let disk = asked.map_err(io::Error::other).and_then(|disk| Ok(disk?));
        let disk = disk.map_err(StoreError::Io)?;
        Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::{domain::ids::UserId, store::testing};
    use std::{sync::atomic::Ordering, time::Duration};

    const HOUR: Duration = Duration::from_secs(3600);

    #[tokio::test]
    async fn a_commit_that_is_fresh_saves_the_trial_write() {
        let shop = testing::store();
        let writes = || shop.store.inner.writes.load(Ordering::SeqCst);
        let before = writes();
        shop.store.probe(HOUR).await.unwrap();
        assert_eq!(writes(), before + 1, "nothing was written since it was opened");
        shop.store.probe(HOUR).await.unwrap();
        assert_eq!(writes(), before + 1, "the first trial is as good as another");
        shop.store.set_hidden(UserId(1), true).await.unwrap();
        shop.store.probe(HOUR).await.unwrap();
        assert_eq!(writes(), before + 2);
        shop.store.probe(Duration::ZERO).await.unwrap();
        assert_eq!(writes(), before + 3, "what is not fresh says nothing");
    }

    #[tokio::test]
    async fn while_somebody_writes_no_commit_before_counts() {
        let shop = testing::store();
        shop.store.probe(HOUR).await.unwrap();
        let committer = &shop.store.inner.committer;
        assert!(committer.committed_at().is_some());
        let writer = committer.enter();
        assert!(committer.committed_at().is_none());
        drop(writer);
        assert!(committer.committed_at().is_some());
    }

    #[tokio::test]
    async fn the_disk_tells_its_room() {
        let shop = testing::store();
        assert!(shop.store.room().await.unwrap() > 0);
    }
}
