//! The store as the first version left it, killed: two dailies of twelve rounds, five members each.

use flate2::read::GzDecoder;
use std::{
    fs::{self, File},
    io,
    path::Path,
};

/// Puts its files into a folder.
pub fn unpack(folder: &Path) {
    let from = Path::new("tests/first_schema");
    for name in ["conf", "whetstone-store"] {
        fs::copy(from.join(name), folder.join(name)).unwrap();
    }
    let mut db = GzDecoder::new(File::open(from.join("db.gz")).unwrap());
    io::copy(&mut db, &mut File::create(folder.join("db")).unwrap()).unwrap();
}
