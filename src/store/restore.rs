//! Puts the store of a backup in a folder, all or nothing: it is built beside the old one, read
//! again, brought to this program's schema, and only then put in its place.

use super::{
    BackupError, OpenError, Store, StoreError, Table,
    backup::Reader,
    codec::SCHEMA,
    files, migrations, opening,
    sums::{self, Sum},
    swap,
};
use jiff::Timestamp;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// How many rows are written at once.
const BATCH: usize = 1000;

/// Why a backup was not restored. Nothing has changed then.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// There is a store in the folder.
    #[error(
        "there is a store in {0} already; with --replace the backup takes its place, and what is \
         there now is kept beside it"
    )]
    NotEmpty(PathBuf),
    /// The backup is of no use.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// The store's folder is of no use, or somebody has the store open.
    #[error(transparent)]
    Open(#[from] OpenError),
}

/// What was restored.
#[derive(Debug)]
pub struct Restored {
    /// When the backup was made.
    pub made_at: Timestamp,
    /// Rows of the backup.
    pub rows: u64,
    /// The schema that it had.
    pub schema: u8,
    /// Where the files of the store are that was there before.
    pub replaced: Option<PathBuf>,
}

/// Restores a backup into a folder without a store, or with `replace` in the place of the one
/// that is there, which nobody may have open.
///
/// # Errors
/// Why nothing was changed.
pub async fn restore(file: &Path, folder: &Path, replace: bool) -> Result<Restored, RestoreError> {
    let of_io = |error| OpenError::of_io(folder, error);
    let mut reader = Reader::open(file, u32::from(SCHEMA))?;
    std::fs::create_dir_all(folder).map_err(of_io)?;
    // Kept until the old files have moved aside.
    let lock = files::lock(folder)?;
    swap::finish(folder).map_err(of_io)?;
    if !replace && !files::parts(folder).map_err(of_io)?.is_empty() {
        return Err(RestoreError::NotEmpty(folder.to_owned()));
    }
    let building = swap::begin(folder).map_err(of_io)?;
    let built = build(&mut reader, file, &building).await;
    let rows = built.inspect_err(|_| swap::abandon(folder))?;
    if lock.is_none() && folder.join(files::LOG).exists() {
        // Somebody has begun one meanwhile.
        swap::abandon(folder);
        return Err(OpenError::Locked(folder.to_owned()).into());
    }
    let replaced = swap::commit(folder).map_err(of_io)?;
    Ok(Restored { made_at: reader.made_at, rows, schema: reader.schema, replaced })
}

async fn build(reader: &mut Reader, file: &Path, building: &Path) -> Result<u64, RestoreError> {
    let rows = fill(reader, file, building)?;
    files::closed(building).await?;
    // Opening it migrates it, and reads all of it.
    let store = Store::open(building, super::SCRATCH_CACHE)?;
    drop(store);
    files::closed(building).await?;
    Ok(rows)
}

/// Writes the rows of a backup as they are, of whatever schema they are.
fn fill(reader: &mut Reader, file: &Path, building: &Path) -> Result<u64, RestoreError> {
    let of_store = |error: StoreError| OpenError::of_store(building, error);
    let of_sled = |error: sled::Error| of_store(error.into());
    let db = opening::open_db(building, super::SCRATCH_CACHE)?;
    let mut count = 0;
    let mut sums: BTreeMap<String, Sum> = BTreeMap::new();
    let mut batches: BTreeMap<String, (sled::Batch, usize)> = BTreeMap::new();
    while let Some(row) = reader.next_row()? {
        if reader.schema == SCHEMA && !Table::ALL.iter().any(|(_, name)| *name == row.table) {
            return Err(damaged(file, format!("it has an unknown table {}", row.table)));
        }
        sums.entry(row.table.clone()).or_default().add(&row.table, &row.key, &row.value);
        let (batch, size) = batches.entry(row.table.clone()).or_default();
        batch.insert(row.key, row.value);
        (*size, count) = (*size + 1, count + 1);
        if *size >= BATCH {
            apply(&db, &row.table, batches.remove(&row.table)).map_err(of_sled)?;
        }
    }
    for (table, batch) in batches {
        apply(&db, &table, Some(batch)).map_err(of_sled)?;
    }
    if let Some(table) = wrong_table(&db, &sums).map_err(of_sled)? {
        return Err(damaged(file, format!("the rows of {table} did not arrive as they are")));
    }
    if reader.schema > 1 {
        sums::write_all(&db, sled::Batch::default()).map_err(of_store)?;
    }
    migrations::set(&db, reader.schema).map_err(of_store)?;
    opening::sync_log(&db, building)?;
    Ok(count)
}

fn damaged(file: &Path, reason: String) -> RestoreError {
    BackupError::Damaged { path: file.to_owned(), reason }.into()
}

fn apply(
    db: &sled::Db,
    table: &str,
    batch: Option<(sled::Batch, usize)>,
) -> Result<(), sled::Error> {
    let Some((batch, _)) = batch else { return Ok(()) };
    db.open_tree(table)?.apply_batch(batch)
}

/// A table that does not hold what was to be written to it.
fn wrong_table(db: &sled::Db, sums: &BTreeMap<String, Sum>) -> Result<Option<String>, sled::Error> {
    for (table, sum) in sums {
        if Sum::of(table, &db.open_tree(table)?)? != *sum {
            return Ok(Some(table.clone()));
        }
    }
    Ok(None)
}
