//! Makes one bank of several: what is compiled in, and folders that add to it or replace parts.

use super::{
    Bank, reader,
    texts::fold,
    topics::Topics,
    tree::{QuestionFile, Tree},
};
use crate::{
    diagnostic::{Fault, Report, Source, fields::Text},
    domain::question::{Level, Question},
};
use std::{
    collections::{BTreeMap, btree_map},
    path::{Path, PathBuf},
};

/// A question's file that was read.
struct Read {
    id: String,
    /// Its title and the file it stands in, if it could be read.
    title: Option<(Source, Text)>,
    question: Option<Question>,
    /// Where it lies, unless it is compiled in.
    file: Option<PathBuf>,
}

/// Reads all trees, reports every fault, and gives the bank of what could be read. A question
/// or topic of a later tree replaces that of an earlier one with the same id.
pub fn assemble(trees: &[Tree], report: &Report) -> Bank {
    let topics = Topics::read(trees.iter().filter_map(|tree| tree.topics.as_ref()), report);
    let mut bank: Vec<Read> = Vec::new();
    for tree in trees {
        check_ids(&tree.questions, report);
        let read: Vec<Read> =
            tree.questions.iter().map(|file| read_file(file, &topics, report)).collect();
        bank.retain(|old| !tree.questions.iter().any(|new| new.id == old.id));
        bank.extend(read);
    }
    check_titles(&bank, report);
    let files = bank.iter().filter_map(|read| Some((read.id.as_str().into(), read.file.clone()?)));
    let files = files.collect();
    let questions = bank.into_iter().filter_map(|read| read.question);
    Bank { files, ..Bank::new(topics.declared, questions) }
}

fn read_file(file: &QuestionFile, topics: &Topics, report: &Report) -> Read {
    let id = file.id.clone();
    let place = file.entry.on_disk().map(Path::to_owned);
    let Some(source) = report.note(file.entry.read()) else {
        return Read { id, title: None, question: None, file: place };
    };
    let draft = reader::read(&source, topics, report);
    let title = draft.title.clone().map(|title| (source, title));
    // A file in no level's folder is read for its faults alone.
    let question = draft.question(&id, file.level.unwrap_or(Level::Beginner));
    Read { id, title, question, file: place }
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
fn check_titles(bank: &[Read], report: &Report) {
    let mut first: BTreeMap<String, PathBuf> = BTreeMap::new();
    for (source, title) in bank.iter().filter_map(|read| read.title.as_ref()) {
        let key = fold(&title.value);
        if let Some(path) = first.get(&key).filter(|_| !key.is_empty()) {
            let fault = source.fault(title.span.clone(), "another question has the same title");
            report.add(fault.hint(format!("it is in {}", path.display())));
        }
        first.entry(key).or_insert_with(|| source.path().to_owned());
    }
}
