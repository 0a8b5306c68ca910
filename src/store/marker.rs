//! Marks, counted in the store and in a small file beside it. sled takes a log that it cannot read
//! any further for one that ends there, and one whose beginning it cannot read for a new one.
//! Where the store knows of fewer marks than the file, it has lost what was written before the
//! last of them, and must not be taken for what it was.

use super::StoreError;
use std::{fs, io, path::Path};

/// The file beside sled's own.
const NAME: &str = "whetstone-store";

/// Where the count stands in the default tree.
const KEY: &[u8] = b"marks";

/// Whether the log that must be there is gone.
pub(super) fn has_lost_its_log(folder: &Path) -> bool {
    let length = fs::metadata(folder.join("db")).map_or(0, |file| file.len());
    marks_noted(folder).is_some() && length == 0
}

/// Whether the store has lost what was written before the last mark.
pub(super) fn is_behind(db: &sled::Db, folder: &Path) -> Result<bool, StoreError> {
    Ok(marks(db)? < marks_noted(folder).unwrap_or(0))
}

/// Sets a mark, in the store first. No other flush may be under way.
pub(super) fn mark(db: &sled::Db, folder: &Path) -> Result<(), StoreError> {
    let marks = marks(db)? + 1;
    db.insert(KEY, &marks.to_be_bytes())?;
    db.flush()?;
    // sled's flush does not reach the disk by itself; the file must never be ahead of the store.
    fs::File::open(folder.join("db")).and_then(|db| db.sync_data()).map_err(StoreError::Io)?;
    note(folder, marks).map_err(StoreError::Io)
}

fn marks(db: &sled::Db) -> Result<u64, StoreError> {
    let Some(bytes) = db.get(KEY)? else { return Ok(0) };
    bytes.as_ref().try_into().map(u64::from_be_bytes).map_err(|_| StoreError::BadKey)
}

/// Whether a store has been here that came as far as its first mark.
pub(super) fn is_there(folder: &Path) -> bool {
    marks_noted(folder).is_some()
}

/// The marks that the file counts; `None` where no store has been here.
fn marks_noted(folder: &Path) -> Option<u64> {
    let text = fs::read_to_string(folder.join(NAME)).ok()?;
    // A file that was cut short counts as one with a mark.
    Some(text.split_whitespace().find_map(|word| word.parse().ok()).unwrap_or(1))
}

fn note(folder: &Path, marks: u64) -> io::Result<()> {
    let text = format!(
        "A store of Whetstone, with {marks} marks set. Stop the bot before you copy this folder, and \
         copy all of it, this file too.\n"
    );
    let (path, fresh) = (folder.join(NAME), folder.join("whetstone-store.new"));
    fs::write(&fresh, text)?;
    fs::File::open(&fresh)?.sync_all()?;
    fs::rename(&fresh, &path)?;
    fs::File::open(folder)?.sync_all()
}
