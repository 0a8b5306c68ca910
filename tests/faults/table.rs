//! The table in `docs/reliability/faults.md`, in parts, each compared with what its test has seen.

use std::{fs, path::Path, sync::Mutex};

const FILE: &str = "docs/reliability/faults.md";

/// Says that the file is to be written anew.
const UPDATE: &str = "UPDATE_DOCS";

/// Parts are written one after the other.
static WRITING: Mutex<()> = Mutex::new(());

/// Compares a part of the file with what was seen, or writes it anew.
///
/// # Panics
/// Where they differ.
pub fn compare(part: &str, seen: &str) {
    let _one = WRITING.lock().unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    let text = fs::read_to_string(&path).unwrap();
    let (begin, end) = (format!("<!-- {part}: begin -->\n"), format!("<!-- {part}: end -->"));
    let (head, rest) = text.split_once(&begin).expect("the part begins");
    let (told, tail) = rest.split_once(&end).expect("the part ends");
    if std::env::var_os(UPDATE).is_some() {
        fs::write(&path, format!("{head}{begin}{seen}{end}{tail}")).unwrap();
        return;
    }
    let differ = told.lines().zip(seen.lines()).find(|(told, seen)| told != seen);
    assert!(
        told == seen,
        "{FILE} differs from what was seen; {UPDATE}=1 writes it anew. The first difference:\n\
         {differ:#?}"
    );
}

/// A row of a table in Markdown.
pub fn row(cells: &[&str]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    format!("| {} |\n", cells.join(" | "))
}
