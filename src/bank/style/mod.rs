//! How well a bank is written: quizzes that cannot be guessed, hints and titles that give nothing
//! away, answers that say what the key points promise, in sentences that can be read on a phone.
//! `bank check` alone asks for this; a bank with faults of style works, and a bot starts with it.

mod coverage;
mod quiz;
pub mod reading;
mod references;
mod spoilers;
mod twins;
mod words;

use super::reader::Draft;
use crate::diagnostic::Report;
use std::path::Path;
use words::Rarity;

/// Reports all that could be written better in the bank at `root`.
pub fn check(root: &Path, drafts: &[&Draft], report: &Report) {
    // A file with a fault of form is compared with others when it is mended.
    let sound = drafts.iter().copied().filter(|draft| !report.blames(draft.source().path()));
    let sound: Vec<&Draft> = sound.collect();
    // That the built-in bank, when it is checked, counts twice in this changes no proportion.
    let mut rarity = Rarity::of_builtin().clone();
    rarity.add(drafts);
    for draft in drafts {
        quiz::check(draft, report);
        spoilers::check(draft, &rarity, report);
        coverage::check(draft, report);
        references::check(draft, report);
        reading::check(draft, report);
    }
    quiz::check_balance(root, drafts, report);
    twins::check(&sound, &rarity, report);
}

/// The share of a whole in percent, for messages.
fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod testing {
    //! A good question, changed in one place and judged.

    use super::*;
    use crate::{
        bank::{reader, texts::Care, topics::Topics},
        diagnostic::Source,
    };

    pub const GOOD: &str =
        include_str!("../../../tests/good_bank/questions/beginner/what-is-a-queue.md");

    pub fn draft(path: &str, text: &str) -> Draft {
        let topics = Topics { declared: Vec::new(), known: Vec::new(), complete: false };
        let report = Report::default();
        let draft =
            reader::read(&Source::new(Path::new(path), text), &topics, Care::Checking, &report);
        report.finish(draft).unwrap()
    }

    /// What is said about several questions, each line with its place.
    pub fn judged(texts: &[&str]) -> Vec<String> {
        let named = texts.iter().enumerate();
        let drafts: Vec<Draft> = named.map(|(at, text)| draft(&format!("{at}"), text)).collect();
        let report = Report::default();
        check(Path::new("bank"), &drafts.iter().collect::<Vec<_>>(), &report);
        let faults = report.finish(()).err().map(|faults| faults.list).unwrap_or_default();
        let place = |f: &crate::diagnostic::Fault| format!("{}:{}", f.line, f.column);
        faults.iter().map(|fault| format!("{} {}", place(fault), fault.message)).collect()
    }

    /// What is said about the good question if some of it is replaced.
    pub fn with(replacements: &[(&str, &str)]) -> Vec<String> {
        let text = replacements.iter().fold(GOOD.to_owned(), |text, (old, new)| {
            assert!(text.contains(old), "no {old} in {text}");
            text.replace(old, new)
        });
        judged(&[&text])
    }

    #[test]
    fn a_good_question_passes() {
        assert_eq!(with(&[]), Vec::<String>::new());
    }
}
