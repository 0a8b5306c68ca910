//! The one place that knows sled. Its operations are whole actions of the domain: each is atomic,
//! and each that writes returns only when the write is on the disk.
//!
//! Writers take turns: an action reads what it needs, collects its changes, and applies them in
//! one transaction over the tables that it touches. Readers never wait.

mod boards;
mod codec;
mod committer;
mod dailies;
mod files;
mod marker;
mod members;
mod migrations;
mod notes;
mod rounds;
#[cfg(test)]
pub mod testing;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

pub use boards::{Cursor, Page, Row};
pub use members::{ActOutcome, Change, Credit, CreditOutcome};

use codec::{decode, encode};
use committer::Committer;
use serde::{Serialize, de::DeserializeOwned};
use sled::{Transactional, transaction::ConflictableTransactionError};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

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
    /// daily, number → nothing: rounds whose message needs work, claimed ones included.
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
}

impl Table {
    const ALL: [(Self, &str); 11] = [
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
    ];
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
    /// A commit failed, so nothing may be promised.
    #[error("the store could not be written to the disk")]
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
    #[error("the store holds a value of schema {0}, which this program does not read")]
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

/// Why a store did not open. Each message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Somebody else has it open.
    #[error(
        "the store in {0} is in use by another process; stop the other whetstone first, or give \
         this one a store.path of its own"
    )]
    Locked(PathBuf),
    /// Written by a newer program.
    #[error(
        "the store in {path} has schema {found}, but this program knows schemas up to {known}; \
         start the newer whetstone that wrote it"
    )]
    TooNew {
        /// Where.
        path: PathBuf,
        /// The store's schema.
        found: u8,
        /// The newest that this program knows.
        known: u8,
    },
    /// It cannot be read.
    #[error(
        "the store in {path} is damaged: {reason}. It is left where it is: move the folder aside, and \
         put a backup in its place. If there is a file snap.* of no length in it, delete that file and \
         try again: it is made anew"
    )]
    Damaged {
        /// Where.
        path: PathBuf,
        /// What sled or the check found.
        reason: String,
    },
    /// The folder cannot be used.
    #[error("the store's folder {path} cannot be used; see that it exists and is writable")]
    Folder {
        /// Where.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
}

/// The store. Clones share it.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    trees: Vec<sled::Tree>,
    writer: Mutex<()>,
    committer: Committer,
    db: sled::Db,
}

impl Store {
    /// Opens the store in the folder, or starts one where the folder is new or empty.
    ///
    /// # Errors
    /// Says what to do when the store is in use, damaged, or written by a newer program.
    pub fn open(folder: &Path, cache_bytes: u64) -> Result<Self, OpenError> {
        let db = open_db(folder, cache_bytes)?;
        let damaged = |error: &dyn std::fmt::Display| OpenError::Damaged {
            path: folder.to_owned(),
            reason: error.to_string(),
        };
        if marker::is_behind(&db, folder).map_err(|error| damaged(&error))? {
            return Err(damaged(&"its file db ends before what is known to have been written"));
        }
        migrations::run(&db, folder)?;
        marker::mark(&db, folder).map_err(|error| damaged(&error))?;
        let trees = Table::ALL
            .iter()
            .map(|(_, name)| db.open_tree(name))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| damaged(&error))?;
        let committer = Committer::start(db.clone(), folder).map_err(|error| damaged(&error))?;
        Ok(Self { inner: Arc::new(Inner { trees, writer: Mutex::new(()), committer, db }) })
    }

    /// Waits until all that was written is on the disk.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub async fn flush(&self) -> Result<(), StoreError> {
        self.inner.committer.commit().await
    }

    /// The bytes that the store takes on the disk.
    ///
    /// # Errors
    /// Where the files cannot be read.
    pub fn size_on_disk(&self) -> Result<u64, StoreError> {
        Ok(self.inner.db.size_on_disk()?)
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
        let outcome = self.apply(action)?;
        self.inner.committer.commit().await?;
        Ok(outcome)
    }

    fn apply<T, E: From<StoreError>>(
        &self,
        action: impl FnOnce(&mut Changes<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        // A panic while the lock is held leaves nothing half done: changes apply at the end.
        let _turn = self.inner.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changes = Changes { store: self, pending: BTreeMap::new() };
        let outcome = action(&mut changes)?;
        changes.apply()?;
        Ok(outcome)
    }
}

fn open_db(folder: &Path, cache_bytes: u64) -> Result<sled::Db, OpenError> {
    let folder_error = |source| OpenError::Folder { path: folder.to_owned(), source };
    std::fs::create_dir_all(folder).map_err(folder_error)?;
    if marker::has_lost_its_log(folder) {
        let reason = "its file db is gone or empty".to_owned();
        return Err(OpenError::Damaged { path: folder.to_owned(), reason });
    }
    files::before_opening(folder).map_err(folder_error)?;
    let opened = sled::Config::new().path(folder).cache_capacity(cache_bytes).open();
    let db = opened.map_err(|error| match error {
        sled::Error::Io(io) if io.kind() == std::io::ErrorKind::WouldBlock => {
            OpenError::Locked(folder.to_owned())
        }
        // sled 0.34 reports the lock as text inside an error of kind Other.
        sled::Error::Io(io) if io.to_string().contains("could not acquire lock") => {
            OpenError::Locked(folder.to_owned())
        }
        sled::Error::Io(io) => folder_error(io),
        other => OpenError::Damaged { path: folder.to_owned(), reason: other.to_string() },
    })?;
    files::sync(folder).map_err(folder_error)?;
    Ok(db)
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
        let tables: BTreeSet<Table> = self.pending.keys().map(|(table, _)| *table).collect();
        let tables: Vec<Table> = tables.into_iter().collect();
        let trees: Vec<sled::Tree> =
            tables.iter().map(|table| self.store.tree(*table).clone()).collect();
        trees
            .as_slice()
            .transaction(|views| {
                for ((table, key), value) in &self.pending {
                    let view = tables.binary_search(table).map(|place| &views[place]);
                    let Ok(view) = view else { continue };
                    match value {
                        Some(value) => drop(view.insert(key.as_slice(), value.as_slice())?),
                        None => drop(view.remove(key.as_slice())?),
                    }
                }
                Ok::<(), ConflictableTransactionError<()>>(())
            })
            .map_err(|error| match error {
                sled::transaction::TransactionError::Storage(error) => StoreError::Sled(error),
                // The closure above never aborts.
                sled::transaction::TransactionError::Abort(()) => StoreError::Closed,
            })
    }
}
