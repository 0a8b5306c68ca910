//! The store's files as files: which they are, whether somebody has them open, and copies of them.

use super::{OpenError, marker};
use crate::files;
use std::{
    fs::{self, File, TryLockError},
    io,
    path::Path,
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
