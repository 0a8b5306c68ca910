//! Verifies a store: reads all of it, and makes it anew from what members did to compare. It works
//! on a copy, for sled cuts off what it cannot read from a store that it opens.

use super::{
    OpenError, RestoreError, Restored, SCRATCH_CACHE, Store, StoreError, Table, describe, files,
    opening,
    rebuild::{self, Findings},
    restore,
    sums::Sum,
    swap,
};
use jiff::Timestamp;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};
use tempfile::TempDir;

/// How many differences of a table are told one by one.
const DIFFERENCES: usize = 5;

/// How the names of folders begin in which a copy is read.
const WORK: &str = "being-read-";

/// What a check of a whole store found.
#[derive(Debug, Default)]
pub struct Verified {
    /// How many rows were read.
    pub rows: u64,
    /// All that is wrong; nothing where the store is as it should be.
    pub wrong: Vec<String>,
}

/// What a check of a backup found.
#[derive(Debug)]
pub struct VerifiedBackup {
    /// When it was made.
    pub made_at: Timestamp,
    /// The schema that it is of.
    pub schema: u8,
    /// What the store is like that a restore makes of it.
    pub verified: Verified,
}

/// Reads everything in a store that nobody has open, and changes nothing.
///
/// # Errors
/// Where the store cannot be looked at: it is in use, not there, or there is no room for a copy.
pub async fn verify(folder: &Path) -> Result<Verified, OpenError> {
    let _lock = take(folder)?;
    let work = work_place(folder)?;
    let copy = work.path().join("copy");
    files::copy(folder, &copy).map_err(|error| OpenError::of_io(folder, error))?;
    match Store::open(&copy, SCRATCH_CACHE) {
        Ok(store) => check(&store, &work.path().join("anew")).await,
        Err(OpenError::Damaged { reason, .. }) => Ok(Verified { rows: 0, wrong: vec![reason] }),
        Err(error @ OpenError::TooNew { .. }) => Err(error),
        Err(error) => Ok(Verified { rows: 0, wrong: vec![super::chain(&error)] }),
    }
}

/// Reads a backup whole, makes a store of it in a folder of its own, as a restore would, and looks at
/// that as [`verify`] does. That folder is inside `scratch`, or where that cannot be written, where
/// the system keeps what is temporary; nothing of it is left.
///
/// # Errors
/// Why the backup is of no use, or cannot be tried here.
pub async fn verify_backup(file: &Path, scratch: &Path) -> Result<VerifiedBackup, RestoreError> {
    let of_io = |error| OpenError::of_io(scratch, error);
    let inside = tempfile::Builder::new().prefix(WORK).tempdir_in(scratch);
    let work = inside.or_else(|_| tempfile::tempdir()).map_err(of_io)?;
    let place = work.path().join("restored");
    let Restored { made_at, schema, .. } = restore::restore(file, &place, false).await?;
    let store = Store::open(&place, SCRATCH_CACHE)?;
    let verified = check(&store, &work.path().join("anew")).await;
    drop(store);
    files::closed(&place).await?;
    Ok(VerifiedBackup { made_at, schema, verified: verified? })
}

/// Sees that there is a store and that nobody has it open, which lasts while the lock does.
pub(super) fn take(folder: &Path) -> Result<Option<files::Lock>, OpenError> {
    let of_io = |error| OpenError::of_io(folder, error);
    if !folder.exists() {
        return Err(OpenError::None(folder.to_owned()));
    }
    let lock = files::lock(folder)?;
    if swap::is_unfinished(folder).map_err(of_io)? {
        swap::finish(folder).map_err(of_io)?;
        return take(folder);
    }
    if files::parts(folder).map_err(of_io)?.is_empty() {
        return Err(OpenError::None(folder.to_owned()));
    }
    Ok(lock)
}

/// Where to copy to: inside the folder, or where that cannot be written, where the system keeps
/// what is temporary.
pub(super) fn work_place(folder: &Path) -> Result<TempDir, OpenError> {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(WORK) {
            // Another one was killed over it; that it stays does no harm.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
    let inside = tempfile::Builder::new().prefix(WORK).tempdir_in(folder);
    inside.or_else(|_| tempfile::tempdir()).map_err(|error| OpenError::of_io(folder, error))
}

/// Compares a store with one that is made anew from what members did.
pub(super) async fn check(store: &Store, anew: &Path) -> Result<Verified, OpenError> {
    let other = Store::open(anew, SCRATCH_CACHE)?;
    let compared = catch_unwind(AssertUnwindSafe(|| compare(store, &other)));
    let compared = compared
        .unwrap_or_else(|panic| Ok(Verified { rows: 0, wrong: vec![opening::said(&*panic)] }));
    drop(other);
    files::closed(anew).await?;
    compared.map_err(|error| OpenError::of_store(anew, error))
}

fn compare(store: &Store, other: &Store) -> Result<Verified, StoreError> {
    let Findings { lost, mended } = rebuild::rebuild(&store.inner.db, other)?;
    let mut verified = Verified { rows: 0, wrong: [lost, mended].concat() };
    for (table, name) in Table::ALL {
        let is = Sum::of(name, store.tree(table))?;
        verified.rows += is.rows;
        if table.is_derived() && is != Sum::of(name, other.tree(table))? {
            verified.wrong.extend(differences(name, store.tree(table), other.tree(table))?);
        }
    }
    Ok(verified)
}

/// How a table differs from what follows from the participations.
fn differences(
    name: &str,
    is: &sled::Tree,
    should: &sled::Tree,
) -> Result<Vec<String>, StoreError> {
    let mut told = Vec::new();
    let mut count = 0;
    let mut tell = |what: &str, key: &[u8]| {
        count += 1;
        if count <= DIFFERENCES {
            told.push(format!("a row {what}: {}", describe::in_report(name, key)));
        }
    };
    for row in should.iter() {
        let (key, value) = row?;
        match is.get(&key)? {
            None => tell("is missing that follows from the others", &key),
            Some(found) if found != value => tell("does not follow from the others", &key),
            Some(_) => {}
        }
    }
    for key in is.iter().keys() {
        let key = key?;
        if !should.contains_key(&key)? {
            tell("is there that does not follow from the others", &key);
        }
    }
    if count > DIFFERENCES {
        told.push(format!("and {} more rows of the table {name}", count - DIFFERENCES));
    }
    Ok(told)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
