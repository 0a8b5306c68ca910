//! The store's schema version and the steps from one to the next, run in order when it opens.

use super::{Automatic, OpenError, StoreError, codec::SCHEMA, sums};
use jiff::Timestamp;
use std::path::Path;

/// Where the version stands in the default tree.
const KEY: &[u8] = b"schema";

/// A step from one schema to the next.
type Migration = fn(&sled::Db) -> Result<(), StoreError>;

/// The step at place `n` leads from schema `n + 1` to schema `n + 2`. Schema 1 is the first.
const MIGRATIONS: &[Migration] = &[add_up];

/// Schema 2: what each table adds up to.
fn add_up(db: &sled::Db) -> Result<(), StoreError> {
    sums::write_all(db, sled::Batch::default())
}

/// Brings the store to this program's schema, after a backup if there is a place for it.
pub(super) fn run(
    db: &sled::Db,
    folder: &Path,
    backups: Option<(&Automatic, Timestamp)>,
) -> Result<(), OpenError> {
    let before = |schema| {
        let Some((backups, now)) = backups else { return Ok(()) };
        let made = backups.before_migration(db, schema, now);
        let file =
            made.map_err(|source| OpenError::NoBackup { to: SCHEMA, source: Box::new(source) })?;
        tracing::info!(file = %file.display(), "made a backup before the store is migrated");
        Ok(())
    };
    migrate(db, folder, SCHEMA, MIGRATIONS, before)
}

fn migrate(
    db: &sled::Db,
    folder: &Path,
    known: u8,
    migrations: &[Migration],
    before: impl FnOnce(u8) -> Result<(), OpenError>,
) -> Result<(), OpenError> {
    let of_store = |error| OpenError::of_store(folder, error);
    let found = version(db, folder)?.unwrap_or(known);
    if found > known {
        return Err(OpenError::TooNew { path: folder.to_owned(), found, known });
    }
    let first = usize::from(found).checked_sub(1);
    let steps = first.and_then(|first| migrations.get(first..));
    let damaged = || OpenError::damaged(folder, format!("there is no schema {found}"));
    let steps = steps.ok_or_else(damaged)?;
    if found < known {
        before(found)?;
    }
    for (from, step) in (found..known).zip(steps) {
        tracing::info!(from, to = from + 1, "migrating the store");
        step(db).map_err(of_store)?;
        set(db, from + 1).map_err(of_store)?;
    }
    set(db, known).map_err(of_store)
}

/// The store's schema; nothing where the store is new.
pub(super) fn version(db: &sled::Db, folder: &Path) -> Result<Option<u8>, OpenError> {
    let found = db.get(KEY).map_err(|error| OpenError::of_store(folder, error.into()))?;
    match found.as_deref() {
        Some([version]) => Ok(Some(*version)),
        Some(_) => Err(OpenError::damaged(folder, "its schema version cannot be read")),
        None if db.was_recovered() && has_rows(db) => {
            Err(OpenError::damaged(folder, "it holds rows but no schema version"))
        }
        None => Ok(None),
    }
}

fn has_rows(db: &sled::Db) -> bool {
    db.tree_names()
        .into_iter()
        .filter_map(|name| db.open_tree(name).ok())
        .any(|tree| !tree.is_empty())
}

/// Says of what schema the store is.
pub(super) fn set(db: &sled::Db, version: u8) -> Result<(), StoreError> {
    db.insert(KEY, &[version])?;
    db.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn each_step_runs_once_and_in_order() {
        fn note(db: &sled::Db, step: &str) {
            let mut log = db.get("log").unwrap().unwrap_or_default().to_vec();
            log.extend(step.as_bytes());
            db.insert("log", log).unwrap();
        }
        let steps: &[Migration] = &[
            |db| {
                note(db, "a");
                Ok(())
            },
            |db| {
                note(db, "b");
                Ok(())
            },
        ];
        let none = |_| panic!("nothing is migrated");
        let backups = std::cell::Cell::new(0);
        let once = |schema| {
            assert_eq!(schema, 1);
            backups.set(backups.get() + 1);
            Ok(())
        };
        let folder = tempfile::tempdir().unwrap();
        let db = sled::open(folder.path()).unwrap();
        migrate(&db, folder.path(), 1, &[], none).unwrap();
        assert_eq!(db.get("log").unwrap(), None, "a new store starts at the newest schema");
        migrate(&db, folder.path(), 3, steps, once).unwrap();
        migrate(&db, folder.path(), 3, steps, once).unwrap();
        assert_eq!(db.get("log").unwrap().unwrap().as_ref(), b"ab");
        assert_eq!(backups.get(), 1, "one backup before the first step");
    }

    #[test]
    fn a_newer_store_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let db = sled::open(folder.path()).unwrap();
        set(&db, 9).unwrap();
        let error = run(&db, folder.path(), None).unwrap_err();
        assert!(matches!(error, OpenError::TooNew { found: 9, known: SCHEMA, .. }));
        assert!(error.to_string().contains("start the newer whetstone"));
    }

    #[test]
    fn rows_without_a_version_are_not_taken_for_an_empty_store() {
        let folder = tempfile::tempdir().unwrap();
        {
            let db = sled::open(folder.path()).unwrap();
            db.open_tree("dailies").unwrap().insert("x", "y").unwrap();
            db.flush().unwrap();
        }
        // sled gives its lock back some time after the database was dropped.
        let db = std::iter::repeat_with(|| sled::open(folder.path())).find_map(Result::ok).unwrap();
        assert!(matches!(run(&db, folder.path(), None), Err(OpenError::Damaged { .. })));
    }
}
