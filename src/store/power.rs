//! sled's files, as far as sled itself leaves them in a state from which it does not start after a
//! crash or after the power has failed.

use super::{
    OpenError, files,
    marker::{self, Marker},
};
use std::{fs, io, path::Path};

/// What sled calls a snapshot that it is writing. At its start it looks for files with another
/// ending, and so takes one that was cut off for its newest snapshot.
const HALF_WRITTEN: &str = ".generating";

/// Makes a folder fit to be opened after a crash. What is in use is left alone.
pub(super) fn before_opening(folder: &Path) -> Result<(), OpenError> {
    // The lock that sled takes. It is given back with the file.
    match files::lock(folder) {
        Err(OpenError::Locked(_)) => Ok(()),
        lock => lock.and_then(|_held| mend(folder).map_err(|e| OpenError::of_io(folder, e))),
    }
}

fn mend(folder: &Path) -> io::Result<()> {
    // What a killed process has written may still be in the system's memory alone. sled's snapshot
    // must not come to be on the disk before it.
    sync(folder)?;
    remove_half_written_snapshots(folder)?;
    // A first start that did not come to its end promised nothing to anybody. sled's settings may
    // be half written then; it writes them anew.
    match marker::read(folder)? {
        Marker::None => remove(&folder.join("conf")),
        _ => Ok(()),
    }
}

/// Makes durable what is in sled's files, as far as there are any. sled never syncs the file of
/// its settings, without which it does not open.
pub(super) fn sync(folder: &Path) -> io::Result<()> {
    for name in ["conf", files::LOG] {
        match crate::files::open(&folder.join(name)) {
            Ok(file) => file.sync_all()?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn remove_half_written_snapshots(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with("snap.") && name.ends_with(HALF_WRITTEN) {
            remove(&path)?;
        }
    }
    Ok(())
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}
