//! A small file beside the store that says how many writes are on the disk. sled takes a log that
//! it cannot read any further for one that ends there, and one whose beginning it cannot read for
//! a new one. Where the store knows of fewer writes than the file, it has lost the last of them,
//! and must not be taken for what it was.
//!
//! The file says so after each commit, never before it. It is not synced each time: after a power
//! loss it may be some seconds old, which is no worse than a little less to compare with.

use super::files::sync_folder;
use crate::files;
use siphasher::sip::SipHasher13;
use std::{
    fs::{self, File},
    hash::Hasher,
    io::{self, Write},
    os::unix::fs::FileExt,
    path::Path,
};

/// The file's name.
pub(super) const NAME: &str = "whetstone-store";

/// Bytes of the file, with room to spare.
const FILE_MAX: usize = 4_096;

const HEAD: &str = "A store of Whetstone. Stop the bot before you copy this folder, and copy all \
                    of it, this file too.\n";

/// What the file of the first schema begins with; marks were set in it once a minute.
const FIRST_HEAD: &str = "A store of Whetstone, with ";

/// Where the first schema counted its marks in the default tree.
const MARKS: &[u8] = b"marks";

/// What the file says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Marker {
    /// No store has been here.
    None,
    /// So many writes are on the disk.
    Writes(u64),
    /// The first schema's: so many marks were set.
    Marks(u64),
    /// It is there and says nothing that can be relied upon.
    Unreadable,
}

/// Reads the file.
pub(super) fn read(folder: &Path) -> io::Result<Marker> {
    let bytes = match files::read(&folder.join(NAME), FILE_MAX) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Marker::None),
        Err(error) => return Err(error),
    };
    let text = String::from_utf8_lossy(&bytes);
    if let Some(rest) = text.strip_prefix(FIRST_HEAD) {
        let marks = rest.split(' ').next().and_then(|word| word.parse().ok());
        return Ok(marks.map_or(Marker::Unreadable, Marker::Marks));
    }
    let slots = text.lines().skip(1).filter_map(of_slot);
    Ok(slots.max().map_or(Marker::Unreadable, Marker::Writes))
}

/// How many marks a store of the first schema knows of.
pub(super) fn marks(db: &sled::Db) -> Result<u64, sled::Error> {
    let marks = db.get(MARKS)?.and_then(|bytes| bytes.as_ref().try_into().ok());
    Ok(marks.map_or(0, u64::from_be_bytes))
}

/// The file, open to be written again and again.
pub(super) struct Note {
    file: File,
    slot: u64,
}

impl Note {
    /// Makes the file anew, all or nothing. The writes that it tells of must be on the disk.
    pub(super) fn create(folder: &Path, writes: u64) -> io::Result<Self> {
        let fresh = folder.join(format!("{NAME}.new"));
        let mut file = files::create(&fresh)?;
        file.write_all(format!("{HEAD}{0}{0}", slot(writes)).as_bytes())?;
        file.sync_all()?;
        fs::rename(&fresh, folder.join(NAME))?;
        sync_folder(folder)?;
        Ok(Self { file, slot: 0 })
    }

    /// Notes how many writes are on the disk, in one of two places in turn: should the machine
    /// die while one is written, the other stands.
    pub(super) fn note(&mut self, writes: u64) -> io::Result<()> {
        let text = slot(writes);
        self.slot = 1 - self.slot;
        let offset = HEAD.len() as u64 + self.slot * text.len() as u64;
        self.file.write_all_at(text.as_bytes(), offset)
    }
}

fn slot(writes: u64) -> String {
    format!("writes {writes:020} checksum {:016x}\n", checksum(writes))
}

fn of_slot(line: &str) -> Option<u64> {
    let (writes, sum) = line.strip_prefix("writes ")?.split_once(" checksum ")?;
    let writes = writes.parse().ok()?;
    (u64::from_str_radix(sum, 16).ok()? == checksum(writes)).then_some(writes)
}

fn checksum(writes: u64) -> u64 {
    let mut hasher = SipHasher13::new();
    hasher.write_u64(writes);
    hasher.finish()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn is(folder: &Path) -> Marker {
        read(folder).unwrap()
    }

    #[test]
    fn it_says_the_last_that_was_noted() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(is(folder.path()), Marker::None);
        let mut note = Note::create(folder.path(), 7).unwrap();
        assert_eq!(is(folder.path()), Marker::Writes(7));
        for writes in [8, 9, 1_000_000, 1_000_001] {
            note.note(writes).unwrap();
            assert_eq!(is(folder.path()), Marker::Writes(writes));
        }
    }

    #[test]
    fn one_torn_place_leaves_the_other_and_no_good_one_says_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut note = Note::create(folder.path(), 7).unwrap();
        note.note(8).unwrap();
        let path = folder.path().join(NAME);
        let whole = fs::read_to_string(&path).unwrap();
        fs::write(&path, whole.replace("08 checksum", "09 checksum")).unwrap();
        assert_eq!(is(folder.path()), Marker::Writes(7));
        for bad in ["", HEAD, "garbage\n"] {
            fs::write(&path, bad).unwrap();
            assert_eq!(is(folder.path()), Marker::Unreadable, "{bad}");
        }
    }

    #[test]
    fn the_file_of_the_first_schema_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let text = "A store of Whetstone, with 12 marks set. Stop the bot before you copy it.\n";
        fs::write(folder.path().join(NAME), text).unwrap();
        assert_eq!(is(folder.path()), Marker::Marks(12));
    }
}
