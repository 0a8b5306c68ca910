//! The store's schema version and the steps from one to the next, run in order when it opens.

use super::{OpenError, StoreError, codec::SCHEMA};
use std::path::Path;

/// Where the version stands in the default tree.
const KEY: &[u8] = b"schema";

/// A step from one schema to the next.
type Migration = fn(&sled::Db) -> Result<(), StoreError>;

/// The step at place `n` leads from schema `n + 1` to schema `n + 2`. Schema 1 is the first.
const MIGRATIONS: &[Migration] = &[];

/// Brings the store to this program's schema.
pub(super) fn run(db: &sled::Db, folder: &Path) -> Result<(), OpenError> {
    migrate(db, folder, SCHEMA, MIGRATIONS)
}

fn migrate(
    db: &sled::Db,
    folder: &Path,
    known: u8,
    migrations: &[Migration],
) -> Result<(), OpenError> {
    let damaged = |reason: String| OpenError::Damaged { path: folder.to_owned(), reason };
    let found = match db.get(KEY).map_err(|error| damaged(error.to_string()))?.as_deref() {
        Some([version]) => *version,
        Some(_) => return Err(damaged("its schema version cannot be read".to_owned())),
        None if db.was_recovered() && has_rows(db) => {
            return Err(damaged("it holds rows but no schema version".to_owned()));
        }
        None => known,
    };
    if found > known {
        return Err(OpenError::TooNew { path: folder.to_owned(), found, known });
    }
    let first = usize::from(found).checked_sub(1);
    let steps = first.and_then(|first| migrations.get(first..));
    let steps = steps.ok_or_else(|| damaged(format!("there is no schema {found}")))?;
    for (from, step) in (found..known).zip(steps) {
        tracing::info!(from, to = from + 1, "migrating the store");
        step(db).map_err(|error| damaged(error.to_string()))?;
        set(db, from + 1).map_err(|error| damaged(error.to_string()))?;
    }
    set(db, known).map_err(|error| damaged(error.to_string()))
}

fn has_rows(db: &sled::Db) -> bool {
    db.tree_names()
        .into_iter()
        .filter_map(|name| db.open_tree(name).ok())
        .any(|tree| !tree.is_empty())
}

fn set(db: &sled::Db, version: u8) -> Result<(), StoreError> {
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
        let folder = tempfile::tempdir().unwrap();
        let db = sled::open(folder.path()).unwrap();
        migrate(&db, folder.path(), 1, &[]).unwrap();
        assert_eq!(db.get("log").unwrap(), None, "a new store starts at the newest schema");
        migrate(&db, folder.path(), 3, steps).unwrap();
        migrate(&db, folder.path(), 3, steps).unwrap();
        assert_eq!(db.get("log").unwrap().unwrap().as_ref(), b"ab");
    }

    #[test]
    fn a_newer_store_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let db = sled::open(folder.path()).unwrap();
        set(&db, 9).unwrap();
        let error = run(&db, folder.path()).unwrap_err();
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
        assert!(matches!(run(&db, folder.path()), Err(OpenError::Damaged { .. })));
    }
}
