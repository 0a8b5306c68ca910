//! A disk whose power can fail. What was written is certain once its file was synced after it.
//! Each later write may be there, or not, or in part, sector by sector, in any order. Names of
//! files are certain once their folder was synced, and change in the order in which they were
//! changed: every file system of Linux keeps its own records in order.

use rand::{RngExt, rngs::StdRng};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::Path,
};

/// A change of a file or of a folder, or what makes changes last.
#[derive(Clone, Debug)]
pub enum What {
    Create { file: String },
    Write { file: String, at: u64, bytes: Vec<u8> },
    Length { file: String, length: u64 },
    Sync { file: String },
    Rename { from: String, to: String },
    Remove { file: String },
    Folder,
}

/// A change with the microseconds in which it was made; without an end it was cut off.
#[derive(Clone, Debug)]
pub struct Op {
    pub start: i64,
    pub end: Option<i64>,
    pub what: What,
}

/// The files of a disk by their paths, with all that is in them.
pub type Image = BTreeMap<String, Vec<u8>>;

/// What becomes of all that is not certain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// All of it is there: as if only the process had died.
    Kept,
    /// None of it is there.
    Dropped,
    /// It is there up to some write, which is torn.
    UpTo,
    /// Each write for itself is there, or not, or torn.
    Mixed,
}

impl Fate {
    pub const ALL: [Self; 4] = [Self::Kept, Self::Dropped, Self::UpTo, Self::Mixed];
}

/// A change of what is in a file, not yet certain.
#[derive(Clone)]
struct Change {
    start: i64,
    end: Option<i64>,
    at: u64,
    /// Without bytes it sets the length.
    bytes: Option<Vec<u8>>,
}

#[derive(Clone, Default)]
struct Inode {
    certain: Vec<u8>,
    changes: Vec<Change>,
}

/// A change of names, not yet certain.
#[derive(Clone)]
struct Naming {
    end: Option<i64>,
    folder: String,
    /// Each name and the inode that it then has, if any.
    names: Vec<(String, Option<usize>)>,
}

/// A disk with what the system has been told, and what of it is certain.
#[derive(Clone, Default)]
pub struct Disk {
    inodes: Vec<Inode>,
    /// As running programs see it.
    names: BTreeMap<String, usize>,
    /// As is certain.
    certain: BTreeMap<String, usize>,
    naming: Vec<Naming>,
}

impl Disk {
    /// A disk on which all is certain.
    pub fn of(image: &Image) -> Self {
        let mut disk = Self::default();
        for (name, bytes) in image {
            disk.names.insert(name.clone(), disk.inodes.len());
            disk.inodes.push(Inode { certain: bytes.clone(), ..Inode::default() });
        }
        disk.certain.clone_from(&disk.names);
        disk
    }

    /// The disk after all that was begun until then.
    pub fn after(image: &Image, ops: &[Op], until: i64) -> Self {
        let mut disk = Self::of(image);
        let mut syncs: Vec<&Op> = Vec::new();
        for op in ops.iter().filter(|op| op.start <= until) {
            syncs.retain(|sync| !disk.ends(sync, op.start));
            match (&op.what, op.end) {
                // What a sync has made certain is so from its end on.
                (What::Sync { .. }, Some(_)) => syncs.push(op),
                _ => disk.change(op),
            }
        }
        syncs.retain(|sync| !disk.ends(sync, until));
        disk
    }

    /// Ends a sync that has ended by then.
    fn ends(&mut self, sync: &Op, by: i64) -> bool {
        let ended = sync.end.is_some_and(|end| end <= by);
        if let (true, What::Sync { file }) = (ended, &sync.what) {
            self.sync(file, sync.start);
        }
        ended
    }

    fn change(&mut self, op: &Op) {
        match &op.what {
            What::Create { file } if !self.names.contains_key(file) => {
                self.inodes.push(Inode::default());
                let inode = self.inodes.len() - 1;
                self.names.insert(file.clone(), inode);
                self.name(op, file, vec![(file.clone(), Some(inode))]);
            }
            What::Write { file, at, bytes } => self.write(op, file, *at, Some(bytes.clone())),
            What::Length { file, length } => self.write(op, file, *length, None),
            What::Rename { from, to } => {
                let inode = self.names.remove(from);
                if let Some(inode) = inode {
                    self.names.insert(to.clone(), inode);
                }
                self.name(op, to, vec![(from.clone(), None), (to.clone(), inode)]);
            }
            What::Remove { file } => {
                self.names.remove(file);
                self.name(op, file, vec![(file.clone(), None)]);
            }
            What::Create { .. } | What::Sync { .. } | What::Folder => {}
        }
    }

    fn name(&mut self, op: &Op, file: &str, names: Vec<(String, Option<usize>)>) {
        let folder = folder_of(file).to_owned();
        self.naming.push(Naming { end: op.end, folder, names });
    }

    fn write(&mut self, op: &Op, file: &str, at: u64, bytes: Option<Vec<u8>>) {
        if let Some(inode) = self.names.get(file) {
            let change = Change { start: op.start, end: op.end, at, bytes };
            self.inodes[*inode].changes.push(change);
        }
    }

    /// What had ended when the sync began is certain from now on.
    fn sync(&mut self, file: &str, began: i64) {
        let ended = |end: Option<i64>| end.is_some_and(|end| end <= began);
        if let Some(inode) = self.names.get(file) {
            let inode = &mut self.inodes[*inode];
            let (synced, later) =
                inode.changes.drain(..).partition(|change: &Change| ended(change.end));
            inode.changes = later;
            for change in synced {
                change.apply(&mut inode.certain, |_| true, 4096);
            }
            return;
        }
        let of_folder = |naming: &Naming| naming.folder == file && ended(naming.end);
        if let Some(last) = self.naming.iter().rposition(of_folder) {
            let synced: Vec<Naming> = self.naming.drain(..=last).collect();
            synced.iter().for_each(|naming| naming.apply(&mut self.certain));
        }
    }

    /// What the disk may hold after the power failed.
    pub fn fail(&self, fate: Fate, rng: &mut StdRng) -> Image {
        let all = if fate == Fate::Kept { self.naming.len() } else { 0 };
        let most = if fate == Fate::Dropped { 0 } else { self.naming.len() };
        let mut names = self.certain.clone();
        for naming in &self.naming[..rng.random_range(all..=most)] {
            naming.apply(&mut names);
        }
        let sector = if rng.random() { 512 } else { 4096 };
        let mut starts: Vec<i64> = self
            .inodes
            .iter()
            .flat_map(|inode| &inode.changes)
            .map(|change| change.start)
            .collect();
        starts.sort_unstable();
        let torn = starts.get(rng.random_range(0..=starts.len())).copied().unwrap_or(i64::MAX);
        let read = |inode: usize| {
            let inode = &self.inodes[inode];
            let mut bytes = inode.certain.clone();
            for change in &inode.changes {
                let share = share(fate, change.start, torn, rng);
                change.apply(&mut bytes, |_| rng.random_bool(share), sector);
            }
            bytes
        };
        let inodes: Vec<(String, usize)> = names.into_iter().collect();
        let contents: Vec<Vec<u8>> = inodes.iter().map(|(_, inode)| *inode).map(read).collect();
        inodes.into_iter().map(|(name, _)| name).zip(contents).collect()
    }
}

/// How likely each sector of a change is there.
fn share(fate: Fate, start: i64, torn: i64, rng: &mut StdRng) -> f64 {
    match fate {
        Fate::Kept => 1.0,
        Fate::Dropped => 0.0,
        Fate::UpTo if start < torn => 1.0,
        Fate::UpTo if start > torn => 0.0,
        Fate::UpTo => 0.5,
        Fate::Mixed => [1.0, 1.0, 0.5, 0.0][rng.random_range(0..4)],
    }
}

impl Change {
    /// Does to a file what of the change is there.
    fn apply(&self, file: &mut Vec<u8>, mut is_there: impl FnMut(u64) -> bool, sector: u64) {
        let Some(bytes) = &self.bytes else {
            if is_there(0) {
                file.resize(self.at as usize, 0);
            }
            return;
        };
        let mut from = self.at;
        let end = self.at + bytes.len() as u64;
        while from < end {
            let to = ((from / sector + 1) * sector).min(end);
            if is_there(from / sector) {
                if file.len() < to as usize {
                    file.resize(to as usize, 0);
                }
                let part = (from - self.at) as usize..(to - self.at) as usize;
                file[from as usize..to as usize].copy_from_slice(&bytes[part]);
            }
            from = to;
        }
    }
}

impl Naming {
    fn apply(&self, names: &mut BTreeMap<String, usize>) {
        for (name, inode) in &self.names {
            match inode {
                Some(inode) => drop(names.insert(name.clone(), *inode)),
                None => drop(names.remove(name)),
            }
        }
    }
}

fn folder_of(file: &str) -> &str {
    file.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Reads all files below a folder.
///
/// # Errors
/// They cannot be read.
pub fn image_of(folder: &Path) -> io::Result<Image> {
    let mut image = Image::new();
    let mut left = vec![(folder.to_owned(), String::new())];
    while let Some((folder, prefix)) = left.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            match entry.file_type()?.is_dir() {
                true => left.push((entry.path(), format!("{name}/"))),
                false => drop(image.insert(name, fs::read(entry.path())?)),
            }
        }
    }
    Ok(image)
}

/// Makes a folder hold these files and no others.
///
/// # Errors
/// They cannot be written.
pub fn write(image: &Image, folder: &Path) -> io::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    for (name, bytes) in image {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(path, bytes)?;
    }
    Ok(())
}

/// Leaves out what the end of the process cut off and did not happen, as the files show. What did
/// happen had done so when the process had died.
pub fn settle(ops: &mut Vec<Op>, died: i64, real: &Image) {
    ops.retain(|op| op.end.is_some() || has_happened(&op.what, real));
    for op in ops {
        op.end.get_or_insert(died);
    }
}

fn has_happened(what: &What, real: &Image) -> bool {
    match what {
        What::Create { file } => real.contains_key(file),
        What::Write { file, at, bytes } => {
            let at = *at as usize;
            let there = real.get(file).and_then(|file| file.get(at..at + bytes.len()));
            there == Some(bytes.as_slice())
        }
        What::Length { file, length } => {
            real.get(file).is_some_and(|file| file.len() as u64 == *length)
        }
        What::Rename { from, to } => !real.contains_key(from) && real.contains_key(to),
        What::Remove { file } => !real.contains_key(file),
        What::Sync { .. } | What::Folder => false,
    }
}

/// How two images differ, if they do.
pub fn difference(told: &Image, real: &Image) -> Option<String> {
    let names: BTreeSet<&String> = told.keys().chain(real.keys()).collect();
    names.into_iter().find_map(|name| match (told.get(name), real.get(name)) {
        (Some(told), Some(real)) if told == real => None,
        (Some(told), Some(real)) => {
            let place = told.iter().zip(real).position(|(told, real)| told != real);
            let from = place.unwrap_or(0).saturating_sub(32);
            let around = |bytes: &[u8]| {
                bytes[from.min(bytes.len())..bytes.len().min(from + 64)].escape_ascii().to_string()
            };
            Some(format!(
                "{name}, {} and {} bytes, at {place:?}: {} and {}",
                told.len(),
                real.len(),
                around(told),
                around(real)
            ))
        }
        (told, _) => Some(format!("{name} is {}", if told.is_some() { "gone" } else { "there" })),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    fn op(start: i64, what: What) -> Op {
        Op { start, end: Some(start + 1), what }
    }

    fn write_of(start: i64, byte: u8) -> Op {
        op(start, What::Write { file: "s/db".to_owned(), at: 0, bytes: vec![byte; 9000] })
    }

    fn sync(start: i64, file: &str) -> Op {
        op(start, What::Sync { file: file.to_owned() })
    }

    #[test]
    fn what_is_synced_is_certain_and_what_is_not_may_be_torn() {
        let base = Image::from([("s/db".to_owned(), vec![1; 9000])]);
        let ops = [write_of(10, 2), sync(20, "s/db"), write_of(30, 3)];
        let mut rng = StdRng::seed_from_u64(1);
        let mut fail =
            |until, fate| Disk::after(&base, &ops, until).fail(fate, &mut rng)["s/db"].clone();
        assert_eq!(fail(100, Fate::Dropped), vec![2; 9000]);
        assert_eq!(fail(100, Fate::Kept), vec![3; 9000]);
        assert_eq!(fail(20, Fate::Dropped), vec![1; 9000], "the sync had not ended");
        let torn: Vec<_> = (0..50).map(|_| fail(100, Fate::Mixed)).collect();
        assert!(torn.iter().flatten().all(|byte| matches!(byte, 2 | 3)));
        assert!(torn.iter().any(|file| file.contains(&2) && file.contains(&3)));
    }

    #[test]
    fn a_name_is_certain_once_its_folder_is_synced() {
        let create = |start, name: &str| op(start, What::Create { file: format!("s/{name}") });
        let ops = [create(10, "a"), sync(20, "s/a"), sync(30, "s"), create(40, "b")];
        let mut rng = StdRng::seed_from_u64(1);
        let mut names = |until, fate| {
            let image = Disk::after(&Image::new(), &ops, until).fail(fate, &mut rng);
            image.into_keys().collect::<Vec<_>>()
        };
        assert!(names(25, Fate::Dropped).is_empty());
        assert_eq!(names(100, Fate::Dropped), ["s/a"]);
        assert_eq!(names(100, Fate::Kept), ["s/a", "s/b"]);
    }
}
