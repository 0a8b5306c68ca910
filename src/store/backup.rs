//! Backups: everything of one instant in one file, made while the bot goes on. What is written is
//! compared with what the tables add up to, so a backup never holds less than the store did.

mod format;

pub(super) use format::Reader;

use super::{
    Store, StoreError, Table,
    codec::SCHEMA,
    files::{close_file, make_private_folder, sync_folder},
    snapshot::Snapshot,
    sums::{self, Sum},
};
use format::Writer;
use jiff::{Timestamp, fmt::strtime, tz::TimeZone};
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

/// Why a backup could not be made or read.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The store cannot be read.
    #[error("the store cannot be read for the backup")]
    Store(#[from] StoreError),
    /// The file or its folder cannot be used.
    #[error("the backup {path} cannot be read or written")]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// Another backup is being made.
    #[error("another backup is being made; try again once it is done")]
    UnderWay,
    /// There is such a file.
    #[error("there is a file {0} already; give the backup another name")]
    Exists(PathBuf),
    /// What was read is not what was written.
    #[error(
        "the store is damaged, so no backup was made of it: the table {0} is not what was written; \
         keep the older backups, stop the bot, and see what `whetstone store verify` says"
    )]
    StoreDamaged(String),
    /// The file is none, or not as it was written.
    #[error("the backup {path} is damaged: {reason}; use another one")]
    Damaged {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A newer program has written it.
    #[error(
        "the backup {path} is of {what} {found}, but this program knows those up to {known}; \
         restore it with the newer whetstone that wrote it, or one that is newer still"
    )]
    TooNew {
        /// Which.
        path: PathBuf,
        /// Of what: the file's format or the store's schema.
        what: &'static str,
        /// Which one it is of.
        found: u32,
        /// The newest that this program knows.
        known: u32,
    },
}

/// What comes before the ending of the names of automatic backups.
const PREFIX: &str = "whetstone-";

/// The ending of their names: JSON lines, compressed.
const SUFFIX: &str = ".jsonl.gz";

/// What is behind a file's name until it is whole.
const UNFINISHED: &str = ".unfinished";

/// How the instant stands in their names, so that they sort by it.
const INSTANT: &str = "%Y%m%dT%H%M%SZ";

/// Where the backups go that are made by themselves, and how many are kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Automatic {
    /// The folder; it is made if it is missing.
    pub folder: PathBuf,
    /// How many of them; the newest stay.
    pub keep: usize,
}

impl Automatic {
    /// When the newest of them was made.
    ///
    /// # Errors
    /// Where the folder cannot be read.
    pub fn newest(&self) -> Result<Option<Timestamp>, BackupError> {
        let names = self.names()?;
        Ok(names.iter().rev().find_map(|name| instant_of(name)))
    }

    /// The newest of them.
    ///
    /// # Errors
    /// Where the folder cannot be read.
    pub fn newest_file(&self) -> Result<Option<PathBuf>, BackupError> {
        Ok(self.names()?.last().map(|name| self.folder.join(name)))
    }

    /// The names of those that there are, the oldest first.
    fn names(&self) -> Result<Vec<String>, BackupError> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(of_file(&self.folder)(error)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let name = entry.map_err(of_file(&self.folder))?.file_name().into_string();
            names.extend(name.ok().filter(|name| instant_of(name).is_some()));
        }
        names.sort();
        Ok(names)
    }

    /// Sees that the owner alone may read those that there are.
    pub(super) fn close_to_others(&self) -> Result<(), BackupError> {
        for name in self.names()? {
            let path = self.folder.join(name);
            close_file(&path).map_err(of_file(&path))?;
        }
        Ok(())
    }

    fn file(&self, now: Timestamp, more: &str) -> Result<PathBuf, BackupError> {
        make_private_folder(&self.folder).map_err(of_file(&self.folder))?;
        let instant = TimeZone::UTC.to_datetime(now).strftime(INSTANT).to_string();
        Ok(self.folder.join(format!("{PREFIX}{instant}{more}{SUFFIX}")))
    }

    /// Deletes the oldest ones, once the newest is known to be good. Other files stay.
    fn prune(&self) -> Result<(), BackupError> {
        let names = self.names()?;
        for name in &names[..names.len().saturating_sub(self.keep)] {
            let path = self.folder.join(name);
            fs::remove_file(&path).map_err(of_file(&path))?;
        }
        // Those that were killed over; there is one backup at a time, and this one is done.
        for entry in fs::read_dir(&self.folder).map_err(of_file(&self.folder))?.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.strip_suffix(UNFINISHED).is_some_and(|name| instant_of(name).is_some()) {
                fs::remove_file(entry.path()).map_err(of_file(&entry.path()))?;
            }
        }
        Ok(())
    }

    /// Makes a backup of a store of an older schema, before it is changed.
    pub(super) fn before_migration(
        &self,
        db: &sled::Db,
        schema: u8,
        now: Timestamp,
    ) -> Result<PathBuf, BackupError> {
        let path = self.file(now, &format!("-before-schema-{}", schema + 1))?;
        make(&path, true, schema, now, |writer| {
            for (_, name) in Table::ALL {
                for row in db.open_tree(name).map_err(StoreError::Sled)?.iter() {
                    let (key, value) = row.map_err(StoreError::Sled)?;
                    writer.row(name, &key, &value)?;
                }
            }
            Ok(())
        })?;
        self.prune()?;
        Ok(path)
    }
}

/// The instant in the name of an automatic backup.
fn instant_of(name: &str) -> Option<Timestamp> {
    let name = name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?;
    let (instant, _) = name.split_once("Z-").unwrap_or((name.strip_suffix('Z')?, ""));
    let time = strtime::parse(INSTANT, format!("{instant}Z")).ok()?.to_datetime().ok()?;
    TimeZone::UTC.to_timestamp(time).ok()
}

/// What a refusal of the system means for a file of a backup.
pub(super) fn of_file(path: &Path) -> impl Fn(io::Error) -> BackupError {
    |source| BackupError::File { path: path.to_owned(), source }
}

impl Store {
    /// Makes a backup in a new file. Others go on reading and writing meanwhile; what they change
    /// from now on is not in it.
    ///
    /// # Errors
    /// Where the file is there already or cannot be written, and where the store is not as it was
    /// written: then no file is left.
    pub async fn backup(&self, file: &Path, now: Timestamp) -> Result<(), BackupError> {
        let (store, file) = (self.clone(), file.to_owned());
        let made = tokio::task::spawn_blocking(move || store.make_backup(&file, false, now)).await;
        made.map_err(|error| StoreError::Io(io::Error::other(error)))?
    }

    /// Makes one of the backups that are made by themselves, and lets the oldest of them go.
    ///
    /// # Errors
    /// As for [`Store::backup`].
    pub async fn automatic_backup(
        &self,
        automatic: &Automatic,
        now: Timestamp,
    ) -> Result<PathBuf, BackupError> {
        let (store, automatic) = (self.clone(), automatic.clone());
        let made = tokio::task::spawn_blocking(move || {
            let file = automatic.file(now, "")?;
            store.make_backup(&file, true, now)?;
            automatic.prune()?;
            Ok(file)
        });
        made.await.map_err(|error| StoreError::Io(io::Error::other(error)))?
    }

    fn make_backup(&self, file: &Path, again: bool, now: Timestamp) -> Result<(), BackupError> {
        make(file, again, SCHEMA, now, |writer| {
            let snapshot = Snapshot::take(self)?;
            for (table, name) in Table::ALL {
                snapshot.each(table, |key, value| writer.row(name, key, value))?;
            }
            let wrong = snapshot.sums.iter().find(|(name, sum)| writer.sum(name) != **sum);
            match wrong {
                Some((name, _)) => Err(BackupError::StoreDamaged((*name).to_owned())),
                None => Ok(()),
            }
        })
    }
}

/// Writes a file whole, reads it again, and only then gives it its name; or leaves none.
fn make(
    path: &Path,
    again: bool,
    schema: u8,
    now: Timestamp,
    write: impl FnOnce(&mut Writer) -> Result<(), BackupError>,
) -> Result<(), BackupError> {
    if !again && path.exists() {
        return Err(BackupError::Exists(path.to_owned()));
    }
    let unfinished = PathBuf::from(format!("{}{UNFINISHED}", path.display()));
    let made = Writer::create(&unfinished, schema, now).and_then(|mut writer| {
        write(&mut writer)?;
        let sums = writer.finish()?;
        let read = contents(&unfinished)?;
        if read != sums {
            let reason = "it does not hold what was written to it".to_owned();
            return Err(BackupError::Damaged { path: path.to_owned(), reason });
        }
        fs::rename(&unfinished, path).map_err(of_file(path))?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        sync_folder(folder.unwrap_or(Path::new("."))).map_err(of_file(path))
    });
    made.inspect_err(|_| {
        // It is of no use, and may not be there.
        let _ = fs::remove_file(&unfinished);
    })
}

/// Reads a backup whole, and tells what each of its tables adds up to.
pub(super) fn contents(path: &Path) -> Result<BTreeMap<String, Sum>, BackupError> {
    let mut reader = Reader::open(path, u32::from(SCHEMA))?;
    let mut sums: BTreeMap<String, sums::Sum> = BTreeMap::new();
    while let Some(row) = reader.next_row()? {
        sums.entry(row.table.clone()).or_default().add(&row.table, &row.key, &row.value);
    }
    Ok(sums)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
