//! The files of a bank: those compiled in, or those of a folder. Only their places are looked at
//! here: `topics.toml`, `questions/<level>/<id>.md` or, in a folder, `<level>/<id>.md`.

use super::{limits, texts::Care};
use crate::{
    diagnostic::{Fault, Report, Source},
    domain::question::Level,
};
use include_dir::{Dir, include_dir};
use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

static CONTENT: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/content");

/// What the paths of compiled-in files begin with in messages.
const BUILTIN: &str = "content";

/// The deepest place of a file: `questions/<level>/<id>.md`.
const DEPTH: usize = 3;

/// A file of a bank, not yet read.
pub struct Entry {
    /// The path for messages.
    pub path: PathBuf,
    content: Content,
}

enum Content {
    Embedded(&'static [u8]),
    OnDisk,
}

impl Entry {
    /// The file's text.
    ///
    /// # Errors
    /// A file that cannot be read, is too large or is not UTF-8.
    pub fn read(&self) -> Result<Source, Fault> {
        match self.content {
            Content::Embedded(bytes) => Source::decode(&self.path, bytes, limits::FILE_MAX),
            Content::OnDisk => {
                let bytes = self.bytes().map_err(|error| unreadable(&self.path, &error))?;
                Source::decode(&self.path, &bytes, limits::FILE_MAX)
            }
        }
    }

    /// The file's path, unless it is compiled in.
    pub fn on_disk(&self) -> Option<&Path> {
        matches!(self.content, Content::OnDisk).then_some(&*self.path)
    }

    /// The file's bytes, as far as needed to see that they are too many.
    fn bytes(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        File::open(&self.path)?.take(limits::FILE_MAX as u64 + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// A question's file and what its place says about it.
pub struct QuestionFile {
    /// The folder's level; nothing if that was a fault.
    pub level: Option<Level>,
    /// The stem.
    pub id: String,
    /// The file.
    pub entry: Entry,
}

/// The files of one bank, in the order of their paths.
pub struct Tree {
    /// What all its files are in, for messages.
    pub root: PathBuf,
    /// How closely its files are to be read.
    pub care: Care,
    /// The file that declares topics.
    pub topics: Option<Entry>,
    /// The questions.
    pub questions: Vec<QuestionFile>,
}

impl Tree {
    fn new(root: impl Into<PathBuf>, care: Care) -> Self {
        Self { root: root.into(), care, topics: None, questions: Vec::new() }
    }

    /// The files compiled in.
    pub fn builtin(care: Care, report: &Report) -> Self {
        let mut tree = Self::new(BUILTIN, care);
        let mut folders = vec![&CONTENT];
        while let Some(folder) = folders.pop() {
            folders.extend(folder.dirs());
            for file in folder.files() {
                let path = Path::new(BUILTIN).join(file.path());
                let content = Content::Embedded(file.contents());
                tree.place(file.path(), Entry { path, content }, report);
            }
        }
        tree.sorted()
    }

    /// Only the topics compiled in.
    pub fn builtin_topics(report: &Report) -> Self {
        Self { questions: Vec::new(), ..Self::builtin(Care::Trusting, report) }
    }

    /// The files of a folder. One without a question or a topic is a fault: it is hardly the
    /// folder that was meant.
    pub fn folder(root: &Path, report: &Report) -> Self {
        let mut tree = Self::new(root, Care::Checking);
        tree.walk(root, Path::new(""), report);
        if tree.topics.is_none() && tree.questions.is_empty() && root.is_dir() {
            let fault = Fault::whole(root, "there is no question in this folder");
            report.add(fault.hint("questions are files `<level>/<id>.md` or in `questions/`"));
        }
        tree.sorted()
    }

    fn walk(&mut self, root: &Path, relative: &Path, report: &Report) {
        let folder = root.join(relative);
        let Some(names) = report.note(names(&folder)) else { return };
        for name in names {
            let (relative, path) = (relative.join(&name), folder.join(&name));
            if path.is_dir() && relative.components().count() < DEPTH {
                self.walk(root, &relative, report);
            } else {
                self.place(&relative, Entry { path, content: Content::OnDisk }, report);
            }
        }
    }

    /// Puts a file where its path, seen from the root, says it belongs.
    fn place(&mut self, relative: &Path, entry: Entry, report: &Report) {
        let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
        let parts: Vec<&str> = parts.iter().map(AsRef::as_ref).collect();
        match parts[..] {
            [.., name] if name.starts_with('.') => {}
            ["topics.toml"] => self.topics = Some(entry),
            [name] if name == "README.md" || name.starts_with("LICENSE") => {}
            ["questions", name] | [name] => report.add(misplaced(&entry, name)),
            ["questions", folder, name] | [folder, name] => match name.strip_suffix(".md") {
                Some(id) => self.questions.push(question(folder, id, entry, report)),
                None => report.add(misplaced(&entry, name)),
            },
            _ => report.add(misplaced(&entry, parts.last().unwrap_or(&""))),
        }
    }

    fn sorted(mut self) -> Self {
        self.questions.sort_by(|a, b| a.entry.path.cmp(&b.entry.path));
        self
    }
}

fn question(folder: &str, id: &str, entry: Entry, report: &Report) -> QuestionFile {
    let level = folder.parse::<Level>().ok();
    if level.is_none() {
        let message = format!("the folder `{folder}` is no level");
        let fault = Fault::whole(&entry.path, message);
        report.add(fault.suggest(folder, Level::ALL.map(Level::as_str)));
    }
    if let Err(complaint) = check_id(id) {
        let fault = Fault::whole(&entry.path, format!("the file's name `{id}` {complaint}"));
        report.add(fault.hint("the name is the question's id, for example `api-endpoint.md`"));
    }
    QuestionFile { level, id: id.to_owned(), entry }
}

/// Whether a word can be the id of a question or a topic: small letters and digits, in groups
/// that single dashes part.
///
/// # Errors
/// What is wrong with it, as the rest of a sentence that begins with the word.
pub fn check_id(id: &str) -> Result<(), String> {
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if id.len() > limits::ID_MAX {
        return Err(format!("is longer than {} characters", limits::ID_MAX));
    }
    if id.split('-').all(|part| !part.is_empty() && part.chars().all(letter)) {
        return Ok(());
    }
    Err("is no id: small letters and digits, parted by single dashes".to_owned())
}

fn misplaced(entry: &Entry, name: &str) -> Fault {
    let fault = Fault::whole(&entry.path, format!("`{name}` has no place in the bank here"));
    fault.hint("questions are files `<level>/<id>.md`; topics are declared in `topics.toml`")
}

fn unreadable(path: &Path, error: &io::Error) -> Fault {
    let fault = Fault::whole(path, format!("cannot read this: {error}"));
    fault.hint("is the path right, and may this user read it?")
}

/// The names in a folder, sorted, without hidden ones.
fn names(folder: &Path) -> Result<Vec<PathBuf>, Fault> {
    let listed = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let mut names: Vec<PathBuf> = listed
        .map_err(|error| unreadable(folder, &error))?
        .into_iter()
        .map(|entry| PathBuf::from(entry.file_name()))
        .filter(|name| !name.to_string_lossy().starts_with('.'))
        .collect();
    names.sort();
    Ok(names)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_plain_words() {
        for good in ["a", "api-endpoint", "http2", "2-phase-commit"] {
            assert_eq!(check_id(good), Ok(()), "{good}");
        }
        for bad in ["", "-a", "a-", "a--b", "A", "a_b", "ä", &"a".repeat(61)] {
            assert!(check_id(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn hidden_files_and_readmes_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("README.md"), "x").unwrap();
        fs::create_dir(folder.path().join(".git")).unwrap();
        fs::create_dir(folder.path().join("beginner")).unwrap();
        fs::write(folder.path().join("beginner/a.md"), "x").unwrap();
        let report = Report::default();
        let tree = Tree::folder(folder.path(), &report);
        assert_eq!(report.finish(tree.questions.len()).unwrap(), 1);
    }

    #[test]
    fn a_folder_that_is_not_there_is_a_fault() {
        let report = Report::default();
        Tree::folder(Path::new("no/such/folder"), &report);
        let faults = report.finish(()).unwrap_err();
        assert_eq!(faults.0.len(), 1, "{faults}");
        assert!(faults.to_string().contains("no/such/folder"));
    }
}
