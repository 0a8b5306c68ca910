//! The store's files as files: which they are, whether somebody has them open, and copies of them.

use super::{OpenError, marker};
use crate::files;
use std::{
    fs::{self, File, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

/// sled's log, which it also locks.
pub(super) const LOG: &str = "db";

/// The folder of sled's that holds large values.
const BLOBS: &str = "blobs";

/// sled lets its lock go some time after the last handle went; this is more than it ever takes.
const CLOSES_WITHIN: Duration = Duration::from_secs(60);

/// Whether a file or folder of that name, in the store's folder, is part of the store.
pub(super) fn is_part(name: &str) -> bool {
    matches!(name, LOG | "conf" | BLOBS) || name.starts_with("snap.") || name == marker::NAME
}

/// What else is found where a store is or was: its backups, what restores and repairs leave, the sign
/// of life, and the folder that a new file system has.
fn is_beside(name: &str) -> bool {
    let kept = ["replaced-", "ready-", "moving-", "being-"];
    matches!(name, "backups" | "health.json" | "health.json.new" | "lost+found")
        || kept.iter().any(|prefix| name.starts_with(prefix))
}

/// A file that has nothing to do with a store, in a folder that holds none. A store that is begun
/// there may be a slip: a home folder, or the folder of another program.
///
/// # Errors
/// Where the folder cannot be read. One that is not there yet is not foreign.
pub(super) fn foreign(folder: &Path) -> io::Result<Option<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        entries => entries?,
    };
    let mut found = None;
    for entry in entries {
        let name = entry?.file_name();
        match name.to_string_lossy().as_ref() {
            marker::NAME => return Ok(None),
            name if is_part(name) || is_beside(name) => {}
            _ => found = Some(folder.join(name)),
        }
    }
    Ok(found)
}

/// The names of the store's files and folders that are there.
pub(super) fn parts(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.extend(entry?.file_name().into_string().ok().filter(|name| is_part(name)));
    }
    names.sort();
    Ok(names)
}

/// Sees that the parts are files, those too in the folder of blobs: sled would wait for a pipe.
pub(super) fn check_kinds(folder: &Path) -> io::Result<()> {
    for name in parts(folder)? {
        let path = folder.join(&name);
        if name == BLOBS && path.is_dir() {
            for blob in fs::read_dir(&path)? {
                check_kind(&blob?.path())?;
            }
        } else {
            check_kind(&path)?;
        }
    }
    Ok(())
}

fn check_kind(path: &Path) -> io::Result<()> {
    match fs::metadata(path).and_then(|found| files::regular(&found)) {
        // A bot that has the store open may have removed it since.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        checked => checked
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display()))),
    }
}

/// Keeps everybody else from opening the store while it lives.
pub(super) struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file is not enough: a process that was forked meanwhile has it open, too, until
        // it becomes another program, and the lock is of the open file (flock(2)).
        if let Err(error) = self.0.unlock() {
            tracing::warn!(%error, "the store's lock could not be given back");
        }
    }
}

/// Locks the store. `None` where there is no log.
pub(super) fn lock(folder: &Path) -> Result<Option<Lock>, OpenError> {
    let failed = |source| OpenError::Folder { path: folder.to_owned(), source };
    let log = match files::open(&folder.join(LOG)) {
        Ok(log) => log,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    match log.try_lock() {
        Ok(()) => Ok(Some(Lock(log))),
        Err(TryLockError::WouldBlock) => Err(OpenError::Locked(folder.to_owned())),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// Waits until nobody has the store open any more.
pub(super) async fn closed(folder: &Path) -> Result<(), OpenError> {
    let wait = async {
        loop {
            match lock(folder) {
                Err(OpenError::Locked(_)) => tokio::time::sleep(Duration::from_millis(5)).await,
                outcome => return outcome.map(drop),
            }
        }
    };
    let locked = |_| Err(OpenError::Locked(folder.to_owned()));
    tokio::time::timeout(CLOSES_WITHIN, wait).await.unwrap_or_else(locked)
}

/// Copies the store's files, and nothing else of the folder.
pub(super) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for name in parts(from)? {
        let (from, to) = (from.join(&name), to.join(&name));
        if from.is_dir() { copy_folder(&from, &to)? } else { fs::copy(&from, &to).map(drop)? }
    }
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

/// What a group and all others may do with a file.
const OTHERS: u32 = 0o077;

/// A folder, with those above it, that its owner alone may look into; one that is there stays as it
/// is.
pub(super) fn make_private_folder(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Sees that the owner alone may read a store: one that was begun by an earlier version, or that was
/// copied, may be open to all.
pub(super) fn close_to_others(folder: &Path) -> io::Result<()> {
    for name in parts(folder)? {
        let path = folder.join(name);
        close_file(&path)?;
        if path.is_dir() {
            for entry in fs::read_dir(&path)? {
                close_file(&entry?.path())?;
            }
        }
    }
    Ok(())
}

/// The same of a single file or folder.
pub(super) fn close_file(path: &Path) -> io::Result<()> {
    let metadata = match fs::symlink_metadata(path) {
        // sled takes away what it no longer needs, at any time.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        metadata => metadata?,
    };
    let mode = metadata.permissions().mode();
    if metadata.is_symlink() || mode & OTHERS == 0 {
        return Ok(());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(mode & !OTHERS))
}

/// Makes durable which files are in a folder.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Makes all of a store's files durable.
pub(super) fn sync(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { sync(&path)? } else { File::open(&path)?.sync_all()? }
    }
    sync_folder(folder)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_folder_of_something_else_is_foreign_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        assert_eq!(foreign(&folder.join("none")).unwrap(), None);
        assert_eq!(foreign(folder).unwrap(), None);
        for beside in ["backups", "replaced-1", "lost+found"] {
            fs::create_dir(folder.join(beside)).unwrap();
        }
        assert_eq!(foreign(folder).unwrap(), None);
        let letter = folder.join("letter.txt");
        fs::write(&letter, "Dear Ada,").unwrap();
        assert_eq!(foreign(folder).unwrap(), Some(letter));
        // Another program may have a file of that name.
        fs::write(folder.join(LOG), "").unwrap();
        assert!(foreign(folder).unwrap().is_some());
        // Whatever lies beside a store, it is one.
        fs::write(folder.join(marker::NAME), "").unwrap();
        assert_eq!(foreign(folder).unwrap(), None);
    }

    #[test]
    fn a_lock_that_is_dropped_is_free_though_a_forked_process_has_the_file_open() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(LOG), "").unwrap();
        let held = lock(folder.path()).unwrap().unwrap();
        let Err(OpenError::Locked(_)) = lock(folder.path()) else { panic!("it is locked") };
        // What a fork does to an open file.
        let forked = held.0.try_clone().unwrap();
        drop(held);
        assert!(lock(folder.path()).unwrap().is_some());
        drop(forked);
    }
}
