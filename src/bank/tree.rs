//! The files of a bank: those compiled in, or those of a folder. Only their places are looked at
//! here: `topics.toml`, `questions/<level>/<id>.md` or, in a folder, `<level>/<id>.md`.

use super::{limits, texts::Care};
use crate::{
    diagnostic::{Fault, Report, Source},
    domain::{
        ids::{BadId, ID_MAX, QuestionId},
        question::Level,
    },
    files,
};
use include_dir::{Dir, include_dir};
use std::{
    io::{self, ErrorKind},
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
                let bytes = files::read(&self.path, limits::FILE_MAX)
                    .map_err(|error| unreadable(&self.path, &error))?;
                Source::decode(&self.path, &bytes, limits::FILE_MAX)
            }
        }
    }

    /// The file's path, unless it is compiled in.
    pub fn on_disk(&self) -> Option<&Path> {
        matches!(self.content, Content::OnDisk).then_some(&*self.path)
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
        let mut room = limits::NAMES_MAX;
        tree.walk(root, Path::new(""), &mut room, report);
        if tree.topics.is_none() && tree.questions.is_empty() && files::is_folder(root) {
            let fault = Fault::whole(root, "there is no question in this folder");
            report.add(fault.hint("questions are files `<level>/<id>.md` or in `questions/`"));
        }
        tree.sorted()
    }

    /// Looks through a folder, in which and in all further ones there may be so many more names.
    fn walk(&mut self, root: &Path, relative: &Path, room: &mut usize, report: &Report) {
        // Without the slash that an empty path would leave behind.
        let folder: PathBuf = root.join(relative).components().collect();
        let Some(names) = report.note(names(&folder, room)) else { return };
        for name in names {
            let (relative, path) = (relative.join(&name), folder.join(&name));
            if files::is_folder(&path) && relative.components().count() < DEPTH {
                self.walk(root, &relative, room, report);
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
    if let Err(bad) = QuestionId::parse(id) {
        let message = format!("the file's name `{id}` {}", form_of_id(bad));
        let fault = Fault::whole(&entry.path, message);
        report.add(fault.hint("the name is the question's id, for example `api-endpoint.md`"));
    }
    QuestionFile { level, id: id.to_owned(), entry }
}

/// What is wrong with a word that is no id, as the rest of a sentence that begins with the word.
pub fn form_of_id(bad: BadId) -> String {
    match bad {
        BadId::TooLong => format!("is longer than {ID_MAX} characters"),
        BadId::Form => "is no id: small letters and digits, separated by single dashes".to_owned(),
    }
}

fn misplaced(entry: &Entry, name: &str) -> Fault {
    let fault = Fault::whole(&entry.path, format!("`{name}` has no place in the bank here"));
    fault.hint("questions are files `<level>/<id>.md`; topics are declared in `topics.toml`")
}

fn unreadable(path: &Path, error: &io::Error) -> Fault {
    if error.kind() == ErrorKind::FileTooLarge {
        return Fault::whole(path, error.to_string()).hint("is this the right file?");
    }
    let fault = Fault::whole(path, format!("cannot read this: {error}"));
    fault.hint("is the path right, and may this user read it?")
}

/// The names in a folder, sorted, without hidden ones. They are taken off how many there may be.
fn names(folder: &Path, room: &mut usize) -> Result<Vec<PathBuf>, Fault> {
    let listed = files::names(folder, *room).map_err(|error| match error.kind() {
        ErrorKind::FileTooLarge => {
            let message = format!("more than {} names are in the bank's folder", limits::NAMES_MAX);
            Fault::whole(folder, message).hint("is this the right folder?")
        }
        _ => unreadable(folder, &error),
    })?;
    *room -= listed.len();
    let names = listed.into_iter().filter(|name| !name.to_string_lossy().starts_with('.'));
    let mut names: Vec<PathBuf> = names.map(PathBuf::from).collect();
    names.sort();
    Ok(names)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::{fs, os::unix::fs::symlink};

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
        assert_eq!(faults.list.len(), 1, "{faults}");
        assert!(faults.to_string().contains("no/such/folder"));
    }

    #[test]
    fn what_is_no_file_is_a_fault_and_links_in_a_ring_have_an_end() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("beginner/inner.md")).unwrap();
        files::testing::pipe(&at("beginner/pipe.md"));
        files::testing::pipe(&at("topics.toml"));
        symlink("/dev/zero", at("beginner/zero.md")).unwrap();
        symlink(at("beginner/ring.md"), at("beginner/ring.md")).unwrap();
        symlink(folder.path(), at("beginner/above")).unwrap();
        fs::File::create(at("beginner/huge.md")).unwrap().set_len(1 << 40).unwrap();
        let faults = crate::bank::Bank::load(&[folder.path().into()]).unwrap_err();
        let told = |name: &str| {
            let of_it = faults.list.iter().find(|fault| fault.path == at(name));
            of_it.map(|fault| fault.message.as_str()).unwrap_or_default()
        };
        for (name, words) in [
            ("beginner/pipe.md", "cannot read this: this is a named pipe, not a file"),
            ("topics.toml", "cannot read this: this is a named pipe, not a file"),
            ("beginner/zero.md", "cannot read this: this is a device, not a file"),
            ("beginner/ring.md", "cannot read this: Too many levels of symbolic links"),
            ("beginner/huge.md", "the file is larger than 64 KiB"),
            ("beginner/above/beginner", "`beginner` has no place in the bank here"),
        ] {
            assert!(told(name).starts_with(words), "{name}: {faults}");
        }
    }

    #[test]
    fn a_folder_with_too_much_in_it_is_one_fault() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("beginner")).unwrap();
        for number in 0..limits::NAMES_MAX {
            fs::write(folder.path().join(format!("beginner/{number}.md")), "x").unwrap();
        }
        let report = Report::default();
        Tree::folder(folder.path(), &report);
        let faults = report.finish(()).unwrap_err();
        assert_eq!(faults.list.len(), 2, "{faults}");
        assert_eq!(faults.list[1].message, "more than 10000 names are in the bank's folder");
    }
}
