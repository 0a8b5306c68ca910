//! The bank's check against folders on disk: a good one, and one in which each file shows one
//! way to be wrong. The snapshot is what `whetstone bank check tests/bad_bank` prints.

use proptest::prelude::*;
use std::{
    fs,
    path::{Path, PathBuf},
};
use whetstone::{bank::Bank, diagnostic::Faults, domain::question::Level};

const GOOD: &str = "tests/good_bank";
const BAD: &str = "tests/bad_bank";

/// The files of the bad bank that hold no fault, or several.
const NO_FAULT: [&str; 4] = [
    "advanced/duplicate-id.md",
    "advanced/nearly-same-answer.md",
    "advanced/nearly-same-title.md",
    "advanced/same-title.md",
];
const SEVERAL: [&str; 2] = ["topics.toml", "beginner/several-faults.md"];

fn bad() -> Faults {
    Bank::check(&[BAD.into()]).unwrap_err()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn a_good_folder_passes() {
    assert_eq!(Bank::check(&[GOOD.into()]).unwrap().to_string(), "2 questions, no faults");
}

#[test]
fn the_built_in_bank_passes() {
    let checked = Bank::check(&[]).map_err(|faults| faults.render(false, usize::MAX)).unwrap();
    assert_eq!(checked.questions, Bank::builtin().unwrap().len());
}

/// What the bank of a year has to be: a question for each day of a leap year.
#[test]
fn the_built_in_bank_is_balanced() {
    let bank = Bank::builtin().unwrap();
    let stats = bank.stats();
    assert_eq!(Level::ALL.map(|level| stats.all.at(level)), [110, 146, 110]);
    assert_eq!(stats.all.total(), 366);
    for (topic, counts) in stats.topics {
        assert!(counts.total() >= 15, "{topic} has only {} questions", counts.total());
    }
    let balance = bank.balance();
    assert!(balance.longest_share() <= 0.35, "{balance}");
}

#[test]
fn every_fault_is_found_in_one_run() {
    insta::assert_snapshot!(bad().render(false, usize::MAX));
}

#[test]
fn every_fault_has_a_place_and_a_hint() {
    for fault in bad().list {
        assert!(fault.line > 0 && fault.column > 0, "{fault:?}");
        assert!(fault.hint.is_some(), "{fault:?}");
    }
}

#[test]
fn each_bad_file_has_the_one_fault_it_is_named_for() {
    let faults = bad().list;
    for path in files(Path::new(BAD)) {
        // A folder in the wrong place is one fault, whatever is in it.
        let count = faults.iter().filter(|fault| path.starts_with(&fault.path)).count();
        let named = |names: &[&str]| names.iter().any(|name| path.ends_with(name));
        let expected = if named(&NO_FAULT) { count == 0 } else { count == 1 };
        assert!(expected || (named(&SEVERAL) && count > 1), "{}: {count}", path.display());
    }
}

/// A folder with the good question under as many names, and with what `change` makes of it.
fn folder(count: usize, change: impl Fn(usize, &str) -> String) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("beginner")).unwrap();
    fs::copy("tests/good_bank/topics.toml", folder.path().join("topics.toml")).unwrap();
    let good = fs::read_to_string("tests/good_bank/questions/beginner/what-is-a-queue.md").unwrap();
    for at in 0..count {
        let text = good.replace("What is a queue?", &format!("What is number {at}?"));
        let path = folder.path().join(format!("beginner/number-{at}.md"));
        fs::write(path, change(at, &text)).unwrap();
    }
    folder
}

#[test]
fn faults_of_style_stop_the_check_and_never_the_start() {
    let folder = folder(2, |_, text| {
        let text = text.replace("What was put in first", "Always what was put in first of all");
        text.replace("Knuth, The", "RFC0791 and Knuth, The")
    });
    let paths = [folder.path().to_owned()];
    let told = Bank::check(&paths).unwrap_err().render(false, usize::MAX);
    for fault in ["nearly the same answer", "alone says `Always`", "`RFC0791` is no RFC"] {
        assert!(told.contains(fault), "{fault} is not in {told}");
    }
    let bank = Bank::load(&paths).unwrap();
    assert_eq!(bank.len(), Bank::builtin().unwrap().len() + 2);
}

#[test]
fn a_bank_whose_longest_choice_is_too_often_right_is_a_fault_of_its_folder() {
    let longest = |many: usize| {
        let folder = folder(20, |at, text| match at < many {
            true => text.replace("What was put in first", "What was put in at first"),
            false => text.to_owned(),
        });
        let faults = Bank::check(&[folder.path().to_owned()]).unwrap_err().list;
        faults.into_iter().find(|fault| fault.path == folder.path())
    };
    assert_eq!(longest(7), None);
    let fault = longest(8).unwrap();
    assert!(fault.message.contains("longest in 8 of 20"), "{fault:?}");
    assert!(fault.hint.unwrap().contains("beginner/number-0.md"));
}

/// The blocks of one language in a page of the docs.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let opening = format!("\n```{language}\n");
    let parts = page.split(&opening).skip(1);
    parts.map(|part| part.split_once("\n```\n").unwrap().0.to_owned() + "\n").collect()
}

#[test]
fn the_examples_of_the_docs_are_as_good_and_as_bad_as_they_say() {
    let page = fs::read_to_string("docs/writing-questions.md").unwrap();
    let examples = blocks(&page, "markdown");
    assert_eq!(check(examples[0].as_bytes()).map_err(|faults| faults.to_string()), Ok(1));
    let told = check(examples[1].as_bytes()).unwrap_err().list;
    let told = told.iter().map(|f| format!("{}:{} {}\n", f.line, f.column, f.message));
    assert_eq!(told.collect::<String>(), blocks(&page, "text")[0]);
}

#[test]
fn several_folders_are_checked_each_by_itself() {
    assert_eq!(Bank::check(&[GOOD.into(), GOOD.into()]).unwrap().questions, 4);
    let faults = Bank::check(&[GOOD.into(), BAD.into(), "no/such/folder".into()]).unwrap_err();
    assert_eq!(faults.list.len(), bad().list.len() + 1);
}

/// Checks one question's text, from a file as the program does.
fn check(text: &[u8]) -> Result<usize, Faults> {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("beginner")).unwrap();
    fs::write(folder.path().join("beginner/one.md"), text).unwrap();
    fs::copy("tests/good_bank/topics.toml", folder.path().join("topics.toml")).unwrap();
    Bank::check(&[folder.path().into()]).map(|checked| checked.questions)
}

/// A text that is a fault to nobody or shows all its faults, in both ways of showing them.
fn passes_or_is_shown(text: &[u8]) {
    if let Err(faults) = check(text) {
        assert!(!faults.list.is_empty());
        assert!(faults.render(true, Faults::TOLD).len() > faults.to_string().len());
    }
}

/// Pieces that mean something to the reader.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        "(\\PC|[\n\r\t\u{0}\u{200b}\u{feff}]){0,6}",
        prop::sample::select(vec![
            "+++",
            "\n",
            "\n\n",
            "\"",
            "'''",
            "[",
            "](",
            ")",
            "[^",
            "]:",
            "```",
            "`",
            "|",
            "---",
            "<",
            ">",
            "<!--",
            "&lt;",
            "\\",
            "- [ ] ",
            "# ",
            "[[quiz]]",
            "[quiz]",
            "title",
            " = ",
            "{",
            "@here",
            "<@",
            "\u{1f9ea}",
        ])
        .prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_reader_survives_any_text(pieces in prop::collection::vec(piece(), 0..40), front: bool) {
        let text = pieces.concat();
        passes_or_is_shown(if front { format!("+++\n{text}\n+++\n{text}") } else { text }.as_bytes());
    }

    #[test]
    fn the_reader_survives_damaged_files(
        at in any::<prop::sample::Index>(),
        length in 0usize..80,
        instead in prop::collection::vec(piece(), 0..4),
    ) {
        let good = fs::read("tests/good_bank/questions/beginner/what-is-a-queue.md").unwrap();
        let (start, mut damaged) = (at.index(good.len()), good.clone());
        let end = (start + length).min(good.len());
        damaged.splice(start..end, instead.concat().into_bytes());
        passes_or_is_shown(&damaged);
    }

    #[test]
    fn bytes_are_no_trouble(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        passes_or_is_shown(&bytes);
    }
}
