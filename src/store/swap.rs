//! Puts a new store in the place of the one in a folder, all or nothing, whatever crashes. The
//! folder itself may be a volume that cannot be renamed, so the files move within it: the new
//! store is built in a folder inside; that is given a name that says it is ready; the old files
//! move aside, into a folder of their own that stays; then the new ones move up. Whoever opens
//! the store finishes what was begun.

use super::files::{self, sync_folder};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Where a store is built. One that is found there was never finished, and is of no use.
const BUILDING: &str = "being-built";

/// A store that is whole, while the old files move aside; a number follows.
const READY: &str = "ready-";

/// A store whose files move up.
const MOVING: &str = "moving-";

/// The files of the store that was there before.
const REPLACED: &str = "replaced-";

/// An empty folder to build a store in.
pub(super) fn begin(folder: &Path) -> io::Result<PathBuf> {
    let building = folder.join(BUILDING);
    if building.exists() {
        fs::remove_dir_all(&building)?;
    }
    fs::create_dir_all(&building)?;
    Ok(building)
}

/// Throws a store away that was not finished.
pub(super) fn abandon(folder: &Path) {
    // It is thrown away before the next one is built, if not now.
    let _ = fs::remove_dir_all(folder.join(BUILDING));
}

/// Puts the store that was built in its place. Returns where the files of the one before are, if
/// there was one. Nobody may have either open.
pub(super) fn commit(folder: &Path) -> io::Result<Option<PathBuf>> {
    let number = (1_u32..).find(|number| !folder.join(format!("{REPLACED}{number}")).exists());
    let number = number.unwrap_or(0);
    let building = folder.join(BUILDING);
    files::sync(&building)?;
    fs::rename(building, folder.join(format!("{READY}{number}")))?;
    sync_folder(folder)?;
    finish(folder)?;
    Ok(Some(folder.join(format!("{REPLACED}{number}"))).filter(|replaced| replaced.exists()))
}

/// Finishes what a crash has interrupted. From the moment that a store is ready, it is the one.
pub(super) fn finish(folder: &Path) -> io::Result<()> {
    if !is_unfinished(folder)? {
        return Ok(());
    }
    // Somebody else may be at it: a restore that runs, while a bot starts.
    let turn = fs::File::open(folder)?;
    turn.lock()?;
    if let Some((ready, number)) = find(folder, READY)? {
        let replaced = folder.join(format!("{REPLACED}{number}"));
        for name in files::parts(folder)? {
            fs::create_dir_all(&replaced)?;
            fs::rename(folder.join(&name), replaced.join(&name))?;
        }
        sync_folder(folder)?;
        fs::rename(ready, folder.join(format!("{MOVING}{number}")))?;
        sync_folder(folder)?;
    }
    if let Some((moving, _)) = find(folder, MOVING)? {
        for name in files::parts(&moving)? {
            fs::rename(moving.join(&name), folder.join(&name))?;
        }
        sync_folder(folder)?;
        fs::remove_dir_all(moving)?;
    }
    Ok(())
}

/// Whether a crash has interrupted it.
pub(super) fn is_unfinished(folder: &Path) -> io::Result<bool> {
    Ok(find(folder, READY)?.is_some() || find(folder, MOVING)?.is_some())
}

fn find(folder: &Path, prefix: &str) -> io::Result<Option<(PathBuf, String)>> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix(prefix));
        let number = number.filter(|number| number.parse::<u32>().is_ok());
        if let Some(number) = number {
            return Ok(Some((entry.path(), number.to_owned())));
        }
    }
    Ok(None)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn write(folder: &Path, what: &str) {
        for name in ["conf", "db", "snap.01", "whetstone-store"] {
            fs::write(folder.join(name), what).unwrap();
        }
        fs::create_dir_all(folder.join("blobs")).unwrap();
        fs::write(folder.join("blobs/1"), what).unwrap();
    }

    fn assert_is(folder: &Path, what: &str) {
        for name in ["conf", "db", "snap.01", "whetstone-store", "blobs/1"] {
            assert_eq!(fs::read_to_string(folder.join(name)).unwrap(), what, "{name}");
        }
    }

    #[test]
    fn the_new_store_takes_the_place_and_the_old_one_stays_aside() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        fs::write(folder.join("health.json"), "stays").unwrap();
        for (what, replaced) in [("a", None), ("b", Some("a")), ("c", Some("b"))] {
            write(&begin(folder).unwrap(), what);
            let aside = commit(folder).unwrap();
            assert_is(folder, what);
            assert_eq!(aside.is_some(), replaced.is_some());
            aside.iter().zip(replaced).for_each(|(aside, what)| assert_is(aside, what));
        }
        assert_eq!(fs::read_to_string(folder.join("health.json")).unwrap(), "stays");
    }

    /// Cuts the way short before each of its renames, as a crash would.
    #[test]
    fn wherever_it_is_interrupted_it_is_one_store_or_the_other() {
        for moved_aside in 0..=5 {
            for moved_up in 0..=5 {
                let folder = tempfile::tempdir().unwrap();
                let folder = folder.path();
                write(folder, "old");
                let ready = folder.join("ready-1");
                fs::create_dir_all(&ready).unwrap();
                write(&ready, "new");
                let replaced = folder.join("replaced-1");
                fs::create_dir_all(&replaced).unwrap();
                for name in files::parts(folder).unwrap().into_iter().take(moved_aside) {
                    fs::rename(folder.join(&name), replaced.join(&name)).unwrap();
                }
                if moved_aside == 5 {
                    let moving = folder.join("moving-1");
                    fs::rename(&ready, &moving).unwrap();
                    for name in files::parts(&moving).unwrap().into_iter().take(moved_up) {
                        fs::rename(moving.join(&name), folder.join(&name)).unwrap();
                    }
                }
                finish(folder).unwrap();
                assert_is(folder, "new");
                assert_is(&replaced, "old");
            }
        }
    }

    #[test]
    fn what_was_not_ready_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "old");
        write(&begin(folder.path()).unwrap(), "half");
        finish(folder.path()).unwrap();
        assert_is(folder.path(), "old");
        abandon(folder.path());
        assert!(!folder.path().join(BUILDING).exists());
    }
}
