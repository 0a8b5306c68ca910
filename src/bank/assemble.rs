//! Makes one bank of several: what is compiled in, and folders that add to it or replace parts.

use super::{
    Bank, limits,
    reader::{self, Draft},
    texts::{Care, fold},
    topics::Topics,
    tree::{QuestionFile, Tree},
};
use crate::{
    diagnostic::{Fault, Report, Source},
    domain::question::{Level, Topic},
};
use std::{
    collections::{BTreeMap, BTreeSet, btree_map},
    path::{Path, PathBuf},
};

/// A question's file, as far as it could be read.
struct Read {
    id: String,
    level: Level,
    /// What it says; nothing if it is no text.
    draft: Option<Draft>,
    /// Where it lies, unless it is compiled in.
    place: Option<PathBuf>,
}

/// What was read of several trees, of which later ones replace parts of earlier ones.
pub struct Assembly {
    topics: Vec<Topic>,
    /// The files of the questions that count, in the order of trees and paths.
    files: Vec<Read>,
}

impl Assembly {
    /// What the files say.
    pub fn drafts(&self) -> Vec<&Draft> {
        self.files.iter().filter_map(|file| file.draft.as_ref()).collect()
    }

    /// The bank of all that could be read.
    pub fn bank(self) -> Bank {
        let place = |file: &Read| Some((file.id.as_str().into(), file.place.clone()?));
        let files = self.files.iter().filter_map(place).collect();
        let question = |file: Read| file.draft?.question(&file.id, file.level);
        let questions = self.files.into_iter().filter_map(question);
        Bank { files, ..Bank::new(self.topics, questions) }
    }
}

/// Reads all trees and reports every fault of form. A question or topic of a later tree replaces
/// that of an earlier one with the same id.
pub fn assemble(trees: &[Tree], report: &Report) -> Assembly {
    let declared = trees.iter().filter_map(|tree| Some((tree.care, tree.topics.as_ref()?)));
    let topics = Topics::read(declared, report);
    let mut files: Vec<Read> = Vec::new();
    for tree in trees {
        check_ids(&tree.questions, report);
        let replaced: BTreeSet<&str> = tree.questions.iter().map(|new| new.id.as_str()).collect();
        files.retain(|old| !replaced.contains(old.id.as_str()));
        files.extend(read_files(tree, &topics, report));
    }
    check_titles(&files, report);
    Assembly { topics: topics.declared, files }
}

/// Reads the questions of a tree, as far as they are of a size that a bank has.
fn read_files(tree: &Tree, topics: &Topics, report: &Report) -> Vec<Read> {
    let mut room = limits::BANK_MAX;
    let mut files = Vec::new();
    for file in &tree.questions {
        let source = report.note(file.entry.read());
        let size = source.as_ref().map_or(0, |source| source.text().len());
        let Some(left) = room.checked_sub(size) else {
            let most = limits::BANK_MAX / (1024 * 1024);
            let fault = Fault::whole(&tree.root, format!("the files are larger than {most} MiB"));
            report.add(fault.hint("is this the right folder?"));
            break;
        };
        room = left;
        files.push(read_file(file, source, topics, tree.care, report));
    }
    files
}

fn read_file(
    file: &QuestionFile,
    source: Option<Source>,
    topics: &Topics,
    care: Care,
    report: &Report,
) -> Read {
    Read {
        id: file.id.clone(),
        // A file in no level's folder is read for its faults alone.
        level: file.level.unwrap_or(Level::Beginner),
        place: file.entry.on_disk().map(Path::to_owned),
        draft: source.map(|source| reader::read(&source, topics, care, report)),
    }
}

/// Reports ids that two files of one tree share.
fn check_ids(files: &[QuestionFile], report: &Report) {
    let mut first: BTreeMap<&str, &Path> = BTreeMap::new();
    for file in files {
        match first.entry(&file.id) {
            btree_map::Entry::Vacant(entry) => {
                entry.insert(&file.entry.path);
            }
            btree_map::Entry::Occupied(entry) => {
                let message = format!("the id `{}` is taken", file.id);
                let hint = format!("{} has it", entry.get().display());
                report.add(Fault::whole(&file.entry.path, message).hint(hint));
            }
        }
    }
}

/// Reports titles that two questions share.
fn check_titles(files: &[Read], report: &Report) {
    let mut first: BTreeMap<String, &Path> = BTreeMap::new();
    for draft in files.iter().filter_map(|file| file.draft.as_ref()) {
        let Some(title) = &draft.title else { continue };
        let key = fold(&title.value);
        if let Some(path) = first.get(&key).filter(|_| !key.is_empty()) {
            let message = "another question has the same title";
            let fault = draft.source().fault(title.span.clone(), message);
            report.add(fault.hint(format!("it is in {}", path.display())));
        }
        first.entry(key).or_insert_with(|| draft.source().path());
    }
}
