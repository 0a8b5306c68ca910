//! Opening a store. Everything in it is read and compared with what was written, so that a bot
//! never answers from a damaged store: it takes about a second for each million rows, and is the
//! price of not having to trust the disk.

use super::{
    Store, StoreError, Table,
    backup::Automatic,
    committer::Committer,
    files,
    marker::{self, Marker},
    migrations, power, sums, swap,
};
use jiff::Timestamp;
use std::{
    io::ErrorKind,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, atomic::AtomicU64},
    time::Duration,
};

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
        "the store in {path} is damaged: {reason}. No bot runs on it. `whetstone store repair` \
         mends what can be mended, says what is lost, and keeps what it found; `whetstone store \
         restore --replace FILE` puts a backup in its place"
    )]
    Damaged {
        /// Where.
        path: PathBuf,
        /// What sled or the check found.
        reason: String,
    },
    /// The disk is full.
    #[error("the disk that holds the store in {0} is full; make room on it, and start again")]
    Full(PathBuf),
    /// The disk or the folder is read-only.
    #[error(
        "the store's folder {0} is read-only; see that it is mounted and owned so that this user \
         may write to it, and that the disk is well"
    )]
    ReadOnly(PathBuf),
    /// The folder cannot be used.
    #[error("the store's folder {path} cannot be used; see that it exists and is writable")]
    Folder {
        /// Where.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// Nothing of it can be read.
    #[error(
        "nothing of the store in {path} can be read: {reason}. Nothing was changed. Put a backup in \
         its place with `whetstone store restore --replace FILE`"
    )]
    Hopeless {
        /// Where.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The folder holds something else.
    #[error(
        "{0} lies where the store is to begin, and no store does; give store.path a folder of its \
         own. If that is the right place all the same, say so once with --begin-store"
    )]
    Foreign(PathBuf),
    /// There is none, though one was asked for.
    #[error("there is no store in {0}; see store.path")]
    None(PathBuf),
    /// The backup that comes before a migration could not be made.
    #[error(
        "the store is to be brought to schema {to}, but the backup before it could not be made"
    )]
    NoBackup {
        /// To which schema.
        to: u8,
        /// Why.
        #[source]
        source: Box<super::BackupError>,
    },
}

impl OpenError {
    /// What a refusal of the system means for a store.
    pub(super) fn of_io(folder: &Path, source: std::io::Error) -> Self {
        let path = folder.to_owned();
        match source.kind() {
            ErrorKind::WouldBlock => Self::Locked(path),
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::Full(path),
            ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => Self::ReadOnly(path),
            // sled 0.34 reports the lock as text inside an error of kind Other.
            _ if source.to_string().contains("could not acquire lock") => Self::Locked(path),
            _ => Self::Folder { path, source },
        }
    }

    pub(super) fn damaged(folder: &Path, reason: impl ToString) -> Self {
        Self::Damaged { path: folder.to_owned(), reason: reason.to_string() }
    }

    /// What an error of the store's means while it is being opened.
    pub(super) fn of_store(folder: &Path, error: StoreError) -> Self {
        match error {
            StoreError::Io(source) | StoreError::Sled(sled::Error::Io(source)) => {
                Self::of_io(folder, source)
            }
            StoreError::Sled(error) => Self::damaged(folder, sums::sled_says(&error)),
            error => Self::damaged(folder, error),
        }
    }
}

/// Sees that no store is begun in a folder of something else.
///
/// # Errors
/// Where the folder holds no store, but other files; or cannot be read.
pub fn refuse_foreign(folder: &Path) -> Result<(), OpenError> {
    match files::foreign(folder) {
        Ok(None) => Ok(()),
        Ok(Some(file)) => Err(OpenError::Foreign(file)),
        Err(error) => Err(OpenError::of_io(folder, error)),
    }
}

impl Store {
    /// Opens the store in the folder, or starts one where the folder is new or empty. A store of
    /// an older schema is brought to this program's, without a backup.
    ///
    /// # Errors
    /// Says what to do when the store is in use, damaged, or written by a newer program.
    pub fn open(folder: &Path, cache_bytes: u64) -> Result<Self, OpenError> {
        open(folder, cache_bytes, None)
    }

    /// The same, with a backup before the store is brought to a newer schema.
    ///
    /// # Errors
    /// As for [`Store::open`], and where the backup cannot be made: then nothing is migrated.
    pub fn open_with_backup(
        folder: &Path,
        cache_bytes: u64,
        backups: &Automatic,
        now: Timestamp,
    ) -> Result<Self, OpenError> {
        if let Err(error) = backups.close_to_others() {
            tracing::warn!(%error, "others than their owner may be able to read the backups");
        }
        open(folder, cache_bytes, Some((backups, now)).filter(|(backups, _)| backups.keep > 0))
    }
}

fn open(
    folder: &Path,
    cache_bytes: u64,
    backups: Option<(&Automatic, Timestamp)>,
) -> Result<Store, OpenError> {
    // sled asserts much of what it reads, and what it reads may be damaged.
    let opened = catch_unwind(AssertUnwindSafe(|| {
        let db = open_checked(folder, cache_bytes)?;
        migrations::run(&db, folder, backups)?;
        check_sums(&db, folder)?;
        Ok(db)
    }));
    let db = opened.unwrap_or_else(|panic| Err(OpenError::damaged(folder, said(&*panic))))?;
    let of_store = |error| OpenError::of_store(folder, error);
    let writes = sums::writes(&db).map_err(of_store)?;
    sync_log(&db, folder)?;
    let note = marker::Note::create(folder, writes);
    let note = note.map_err(|error| OpenError::of_io(folder, error))?;
    if let Err(error) = files::close_to_others(folder) {
        tracing::warn!(%error, "others than its owner may be able to read the store");
    }
    let trees = Table::ALL.iter().map(|(_, name)| db.open_tree(name)).collect::<Result<_, _>>();
    let trees = trees.map_err(|error| of_store(error.into()))?;
    let writes = Arc::new(AtomicU64::new(writes));
    let committer = Committer::start(db.clone(), folder, Arc::clone(&writes), note);
    let inner = super::Inner {
        trees,
        writer: Mutex::new(()),
        view: Mutex::new(None),
        writes,
        committer: committer.map_err(of_store)?,
        folder: folder.to_owned(),
        db,
    };
    Ok(Store { inner: Arc::new(inner) })
}

/// What a panic said.
pub(super) fn said(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("sled cannot make sense of it").to_owned()
}

/// Opens sled's database, unless it is known to have lost what was written last.
pub(super) fn open_checked(folder: &Path, cache_bytes: u64) -> Result<sled::Db, OpenError> {
    let of_io = |error| OpenError::of_io(folder, error);
    files::make_private_folder(folder).map_err(of_io)?;
    swap::finish(folder).map_err(of_io)?;
    files::check_kinds(folder).map_err(of_io)?;
    let marker = marker::read(folder).map_err(of_io)?;
    if marker != Marker::None && log_is_empty(folder) {
        return Err(OpenError::damaged(folder, "its file db is gone or empty"));
    }
    power::before_opening(folder)?;
    let db = open_db(folder, cache_bytes)?;
    power::sync(folder).map_err(of_io)?;
    let writes = sums::writes(&db).map_err(|error| OpenError::of_store(folder, error))?;
    match behind(marker, &db, writes).map_err(|error| OpenError::of_store(folder, error.into()))? {
        None => Ok(db),
        Some(reason) => Err(OpenError::damaged(folder, reason)),
    }
}

/// What a store has lost of what was written last, or why that cannot be told.
pub(super) fn behind(
    marker: Marker,
    db: &sled::Db,
    writes: u64,
) -> Result<Option<String>, sled::Error> {
    let name = marker::NAME;
    Ok(match marker {
        // The file is made as soon as a store is.
        Marker::None if writes > 0 => {
            Some(format!("its file {name} is gone, so a loss would not be noticed"))
        }
        Marker::Unreadable => {
            Some(format!("its file {name} cannot be read, so a loss would not be noticed"))
        }
        Marker::Writes(noted) if writes < noted => {
            Some(format!("its file db holds {writes} of the {noted} writes that were made"))
        }
        Marker::Marks(noted) if marker::marks(db)? < noted => {
            Some("its file db ends before what is known to have been written".to_owned())
        }
        Marker::None | Marker::Writes(_) | Marker::Marks(_) => None,
    })
}

pub(super) fn log_is_empty(folder: &Path) -> bool {
    std::fs::metadata(folder.join(files::LOG)).map_or(0, |file| file.len()) == 0
}

/// How often sled tidies its file up. What it syncs then, though nothing may have been written, is
/// on the disk already: the committer sees to that.
const TIDY_EVERY: Duration = Duration::from_secs(10);

/// Opens sled's database as it is.
pub(super) fn open_db(folder: &Path, cache_bytes: u64) -> Result<sled::Db, OpenError> {
    let config = sled::Config::new().path(folder).cache_capacity(cache_bytes);
    let tidy_every = u64::try_from(TIDY_EVERY.as_millis()).ok();
    let opened = config.flush_every_ms(tidy_every).open();
    opened.map_err(|error| OpenError::of_store(folder, error.into()))
}

/// Reads everything and compares it with what was written.
fn check_sums(db: &sled::Db, folder: &Path) -> Result<(), OpenError> {
    let stored = sums::stored(db).map_err(|error| OpenError::of_store(folder, error))?;
    let faults = stored.into_iter().filter_map(|(name, sum)| {
        Some(format!("the table {name}: {}", sums::fault(db, name, sum)?))
    });
    let faults: Vec<String> = faults.collect();
    if faults.is_empty() { Ok(()) } else { Err(OpenError::damaged(folder, faults.join("; "))) }
}

/// Makes all durable that sled has written so far; its own flush does not. No other flush may be
/// under way.
pub(super) fn sync_log(db: &sled::Db, folder: &Path) -> Result<(), OpenError> {
    db.flush().map_err(|error| OpenError::of_store(folder, error.into()))?;
    let synced = std::fs::File::open(folder.join(files::LOG)).and_then(|log| log.sync_data());
    synced.map_err(|error| OpenError::of_io(folder, error))
}
