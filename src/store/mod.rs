//! The one place that knows sled. Its operations are whole actions of the domain: each is atomic,
//! and each that writes returns only when the write is on the disk.
//!
//! Writers take turns: an action reads what it needs, collects its changes, and applies them in
//! one transaction over the tables that it touches. Readers never wait.

mod backup;
mod boards;
mod codec;
mod committer;
mod dailies;
mod describe;
mod disk;
mod files;
pub mod fuzz;
mod guilds;
mod keys;
mod marker;
mod members;
mod migrations;
mod notes;
mod opening;
mod plan;
mod power;
mod privacy;
mod rebuild;
mod repair;
mod restore;
mod rounds;
mod rows;
mod snapshot;
mod sums;
mod swap;
#[cfg(test)]
pub mod testing;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
mod verify;

pub use backup::{Automatic, BackupError};
pub use codec::SCHEMA;
pub use opening::{OpenError, refuse_foreign};
pub use repair::{Repaired, repair};
pub use restore::{RestoreError, Restored, restore};
pub use verify::{Verified, VerifiedBackup, verify, verify_backup};

use codec::{decode, encode};
use committer::Committer;
use serde::{Serialize, de::DeserializeOwned};
use sled::{
    Transactional,
    transaction::{ConflictableTransactionError, TransactionalTree},
};
use snapshot::View;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};
use sums::Sum;

/// The tables, each a sled tree of that name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Table {
    /// Single values: counters and notes.
    Meta,
    /// daily → the daily.
    Dailies,
    /// guild, name → daily.
    DailyNames,
    /// due instant, daily → nothing.
    Due,
    /// daily, number → the round.
    Rounds,
    /// daily, number → nothing: rounds whose message needs work, claimed ones included; the number
    /// 0 stands for a notice that the daily fails.
    Work,
    /// daily, user, round → what the member did.
    Parts,
    /// user, daily → nothing: where a member has done anything.
    Members,
    /// daily, board, user → the member's score on the board.
    Scores,
    /// daily, board, score falling, reached, user → nothing.
    Ranking,
    /// daily, board, score falling → how many members have it.
    Counts,
    /// user → what the member has chosen.
    Preferences,
    /// guild → what it has chosen for all its dailies.
    Guilds,
    /// guild → since when the bot is no longer in it, and when its data goes.
    Departures,
    /// the instant at which its data goes, guild → nothing.
    Leaving,
}

impl Table {
    const ALL: [(Self, &str); 15] = [
        (Self::Meta, "meta"),
        (Self::Dailies, "dailies"),
        (Self::DailyNames, "daily_names"),
        (Self::Due, "due"),
        (Self::Rounds, "rounds"),
        (Self::Work, "work"),
        (Self::Parts, "parts"),
        (Self::Members, "members"),
        (Self::Scores, "scores"),
        (Self::Ranking, "ranking"),
        (Self::Counts, "counts"),
        (Self::Preferences, "preferences"),
        (Self::Guilds, "guilds"),
        (Self::Departures, "departures"),
        (Self::Leaving, "leaving"),
    ];

    fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// Whether its rows follow from those of the other tables, so that they can be made anew.
    fn is_derived(self) -> bool {
        match self {
            Self::Meta
            | Self::Dailies
            | Self::Rounds
            | Self::Parts
            | Self::Preferences
            | Self::Guilds
            | Self::Departures => false,
            Self::DailyNames
            | Self::Due
            | Self::Work
            | Self::Members
            | Self::Scores
            | Self::Ranking
            | Self::Counts
            | Self::Leaving => true,
        }
    }
}

/// What the store can fail with.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// sled could not read or write.
    #[error("the store cannot be read or written")]
    Sled(#[from] sled::Error),
    /// The file system refused.
    #[error("the store's files cannot be used")]
    Io(#[source] std::io::Error),
    /// A commit failed, now or before, so nothing may be promised until the store is opened anew.
    #[error(
        "the store could not be written to the disk, so nothing more is promised; see that the \
         disk has room and is well, and start again"
    )]
    Commit(#[source] Arc<std::io::Error>),
    /// The store is shutting down.
    #[error("the store is closed")]
    Closed,
    /// A key has not the form that its table has.
    #[error("the store holds a key or a value of a wrong form")]
    BadKey,
    /// A value that does not parse.
    #[error("the store holds a value that cannot be read")]
    Damaged(#[source] serde_json::Error),
    /// A value that another version wrote.
    #[error("the store holds a value of form {0}, which this program does not read")]
    ForeignValue(u8),
    /// A value that cannot be written.
    #[error("a value cannot be written")]
    Encode(#[source] serde_json::Error),
}

impl From<StoreError> for crate::error::Error {
    fn from(error: StoreError) -> Self {
        crate::error::Fault::because("the store failed", error).into()
    }
}

/// An error and each cause below it, on one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        line.push_str(&format!(": {cause}"));
        next = cause.source();
    }
    line
}

/// The cache of a store that is built or read once and closed again.
const SCRATCH_CACHE: u64 = 64 << 20;

/// The store. Clones share it.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    trees: Vec<sled::Tree>,
    writer: Mutex<()>,
    /// What a backup under way must still see, though it was changed since.
    view: Mutex<Option<Arc<View>>>,
    writes: Arc<AtomicU64>,
    committer: Committer,
    folder: PathBuf,
    db: sled::Db,
}

impl Store {
    /// Waits until all that was written is on the disk.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub async fn flush(&self) -> Result<(), StoreError> {
        self.inner.committer.commit().await
    }

    /// Returns once a write could not be made durable: from then on nothing is promised any more.
    pub async fn failed(&self) -> StoreError {
        self.inner.committer.failed().await
    }

    /// The bytes that the store takes on the disk.
    ///
    /// # Errors
    /// Where the files cannot be read.
    pub async fn size_on_disk(&self) -> Result<u64, StoreError> {
        let db = self.inner.db.clone();
        let size = tokio::task::spawn_blocking(move || db.size_on_disk()).await;
        Ok(size.map_err(|error| StoreError::Io(std::io::Error::other(error)))??)
    }

    fn tree(&self, table: Table) -> &sled::Tree {
        &self.inner.trees[table as usize]
    }

    fn get<T: DeserializeOwned>(&self, table: Table, key: &[u8]) -> Result<Option<T>, StoreError> {
        self.tree(table).get(key)?.map(|bytes| decode(&bytes)).transpose()
    }

    /// Runs an action that writes: alone among writers, all or nothing, durable on return.
    async fn write<T, E: From<StoreError>>(
        &self,
        action: impl FnOnce(&mut Changes<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let _writer = self.inner.committer.enter();
        let turn = self.inner.committer.turn().await;
        let outcome = self.apply(action)?;
        drop(turn);
        self.inner.committer.commit().await?;
        Ok(outcome)
    }

    fn apply<T, E: From<StoreError>>(
        &self,
        action: impl FnOnce(&mut Changes<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        // A panic while the lock is held leaves nothing half done: changes apply at the end.
        let _turn = self.inner.writer.lock().unwrap_or_else(PoisonError::into_inner);
        self.inner.committer.check()?;
        let mut changes = Changes { store: self, pending: BTreeMap::new() };
        let outcome = action(&mut changes)?;
        changes.apply().inspect_err(|error| self.inner.committer.fail(error))?;
        Ok(outcome)
    }
}

/// What an action is about to write, read through by the action itself.
struct Changes<'a> {
    store: &'a Store,
    pending: BTreeMap<(Table, Vec<u8>), Option<Vec<u8>>>,
}

impl Changes<'_> {
    fn get<T: DeserializeOwned>(&self, table: Table, key: &[u8]) -> Result<Option<T>, StoreError> {
        match self.pending.get(&(table, key.to_vec())) {
            Some(Some(bytes)) => decode(bytes).map(Some),
            Some(None) => Ok(None),
            None => self.store.get(table, key),
        }
    }

    fn put<T: Serialize>(
        &mut self,
        table: Table,
        key: Vec<u8>,
        value: &T,
    ) -> Result<(), StoreError> {
        self.pending.insert((table, key), Some(encode(value)?));
        Ok(())
    }

    fn delete(&mut self, table: Table, key: Vec<u8>) {
        self.pending.insert((table, key), None);
    }

    /// Deletes every row whose key begins so.
    fn delete_prefix(&mut self, table: Table, prefix: &[u8]) -> Result<(), StoreError> {
        for key in self.store.tree(table).scan_prefix(prefix).keys() {
            self.delete(table, key?.to_vec());
        }
        Ok(())
    }

    fn apply(self) -> Result<(), StoreError> {
        if self.pending.is_empty() {
            return Ok(());
        }
        self.keep_for_backup()?;
        let tables: BTreeSet<Table> = self.pending.keys().map(|(table, _)| *table).collect();
        let tables: Vec<Table> = tables.into_iter().collect();
        let ledger = sled::Tree::clone(&self.store.inner.db);
        let trees = tables.iter().map(|table| self.store.tree(*table).clone());
        let trees: Vec<sled::Tree> = std::iter::once(ledger).chain(trees).collect();
        let writes = trees.as_slice().transaction(|views| self.write_in(&tables, views)).map_err(
            |error| match error {
                sled::transaction::TransactionError::Storage(error) => StoreError::Sled(error),
                sled::transaction::TransactionError::Abort(error) => error,
            },
        )?;
        self.store.inner.writes.store(writes, Ordering::SeqCst);
        Ok(())
    }

    /// Writes the changes, and with them what their tables add up to from now on. Returns how many
    /// writes there have been.
    fn write_in(
        &self,
        tables: &[Table],
        views: &[TransactionalTree],
    ) -> Result<u64, ConflictableTransactionError<StoreError>> {
        let Some((ledger, views)) = views.split_first() else { return Ok(0) };
        let abort = ConflictableTransactionError::Abort;
        for (table, view) in tables.iter().zip(views) {
            let (name, sum_key) = (table.name(), sums::key(table.name()));
            let mut sum = Sum::read(ledger.get(&sum_key)?.as_deref()).map_err(abort)?;
            let of_table = self.pending.iter().filter(|((of, _), _)| of == table);
            for ((_, key), value) in of_table {
                let old = match value {
                    Some(value) => view.insert(key.as_slice(), value.as_slice())?,
                    None => view.remove(key.as_slice())?,
                };
                if let Some(old) = old {
                    sum.remove(name, key, &old);
                }
                if let Some(value) = value {
                    sum.add(name, key, value);
                }
            }
            ledger.insert(sum_key, sum.bytes().as_slice())?;
        }
        let writes = sums::read_number(ledger.get(sums::WRITES)?.as_deref()).map_err(abort)? + 1;
        ledger.insert(sums::WRITES, &writes.to_be_bytes())?;
        Ok(writes)
    }

    /// Keeps what a backup under way must still see, before it is changed.
    fn keep_for_backup(&self) -> Result<(), StoreError> {
        let view = self.store.inner.view.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(view) = view else { return Ok(()) };
        for (table, key) in self.pending.keys() {
            view.keep(*table, key, self.store.tree(*table))?;
        }
        Ok(())
    }
}
