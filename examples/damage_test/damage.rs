//! Damage to one file: what a disk, a full volume or a careless copy may do to it.

use rand::{Rng, RngExt};
use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

/// The kinds of damage.
pub const KINDS: [&str; 3] = ["truncated", "zeroed", "bits flipped"];

/// Damage that is to be done.
pub struct Damage {
    path: PathBuf,
    kind: &'static str,
}

impl Damage {
    /// Each file in turn, and each kind in turn.
    pub fn choose(folder: &Path, number: usize, random: &mut impl Rng) -> io::Result<Self> {
        let files = files(folder)?;
        // The log is nearly all of a store, so it gets half of the cases.
        let log = folder.join("db");
        let path = if random.random_bool(0.4) { &log } else { &files[number % files.len()] };
        Ok(Self { path: path.clone(), kind: KINDS[number / files.len() % KINDS.len()] })
    }

    /// The file's name; those of snapshots and blobs without their numbers.
    pub fn file(&self) -> String {
        let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
        match self.path.parent().and_then(name).as_deref() {
            Some("blobs") => "blobs/*".to_owned(),
            _ => match name(&self.path) {
                Some(name) if name.starts_with("snap.") => "snap.*".to_owned(),
                name => name.unwrap_or_default(),
            },
        }
    }

    /// What is done to it.
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// Does it; at least one byte is another one afterwards.
    pub fn apply(&self, random: &mut impl Rng) -> io::Result<()> {
        let before = fs::read(&self.path)?;
        let mut bytes = before.clone();
        while bytes == before && !before.is_empty() {
            let at = random.random_range(0..bytes.len());
            match self.kind {
                "truncated" => bytes.truncate(if random.random_bool(0.2) { 0 } else { at }),
                "zeroed" => zero(&mut bytes, at, random),
                _ => flip(&mut bytes, random),
            }
        }
        fs::write(&self.path, bytes)
    }
}

/// Zeroes everything, or a piece of up to a page or of up to the end.
fn zero(bytes: &mut [u8], at: usize, random: &mut impl Rng) {
    let length = bytes.len();
    match random.random_range(0..5) {
        0 => bytes.fill(0),
        1 => bytes[at..].fill(0),
        _ => {
            let end = (at + random.random_range(1..=4096)).min(length);
            bytes[at..end].fill(0);
        }
    }
}

/// Flips one bit, or up to 64 near each other, or all over the file.
fn flip(bytes: &mut [u8], random: &mut impl Rng) {
    let length = bytes.len();
    let count = if random.random_bool(0.5) { 1 } else { random.random_range(2..=64) };
    let begin = random.random_range(0..length);
    let span = if random.random_bool(0.5) { length } else { 512.min(length) };
    for _ in 0..count {
        let at = (begin + random.random_range(0..span)) % length;
        bytes[at] ^= 1 << random.random_range(0..8);
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.path.display(), self.kind)
    }
}

/// The files of a store, those in folders too, in the order of their names.
pub fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { found.extend(files(&path)?) } else { found.push(path) }
    }
    found.sort();
    Ok(found)
}
