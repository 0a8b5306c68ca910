//! Questions that ask the same: titles that share most of their words, and answers that share most
//! of what is rare in them. In a year of questions nobody wants to meet one twice.

use super::{
    percent,
    words::{Rarity, Terms, terms, words},
};
use crate::{
    bank::{passage::Passage, reader::Draft, texts::fold},
    diagnostic::Report,
};
use std::collections::BTreeMap;

/// The share of the words of two titles that both have. Measured on 366 questions that people had
/// chosen to be different: the nearest pairs had 0.50 ("Why does a consumer acknowledge a message,
/// and when should it?", "How do you make a message consumer idempotent?"), and 0.43.
const TITLES: f64 = 0.6;

/// How alike two answers are: the cosine of the angle between them in the space of words. Measured
/// on the same questions: the nearest pairs of different questions had 0.44 (how a JWT works, and
/// how one is checked wrongly) and 0.43; an answer with every other sentence replaced by another
/// answer's had 0.57 with the old one in the median, one without every third word 0.87.
const ANSWERS: f64 = 0.5;

/// Reports each question that is too much like one before it.
pub fn check(drafts: &[&Draft], rarity: &Rarity, report: &Report) {
    check_titles(drafts, report);
    check_answers(drafts, rarity, report);
}

fn check_titles(drafts: &[&Draft], report: &Report) {
    let titled = drafts.iter().filter_map(|draft| Some((draft, draft.title.as_ref()?)));
    let titled: Vec<_> = titled.map(|(draft, title)| (draft, title, terms(&title.value))).collect();
    for (at, (draft, title, stems)) in titled.iter().enumerate() {
        let share = |other: &Terms| common(stems, other);
        let near = titled[..at].iter().map(|(d, t, other)| (share(other), d, t));
        let nearest = near.max_by(|a, b| a.0.total_cmp(&b.0));
        let Some((share, other, text)) = nearest.filter(|(share, ..)| *share >= TITLES) else {
            continue;
        };
        // Equal titles are a fault of form.
        if fold(&text.value) != fold(&title.value) {
            let passage = Passage::of_value(draft.source(), "`title`", title);
            let message = "another question has nearly the same title";
            let hint = format!(
                "{} asks `{}`, with {} of the words in common; ask something else, or say what differs",
                other.source().path().display(),
                text.value.trim(),
                percent(share)
            );
            report.add(passage.fault(0..title.value.len(), message).hint(hint));
        }
    }
}

/// The share of the words of both that both have.
fn common(a: &Terms, b: &Terms) -> f64 {
    let (both, any) = (a.intersection(b).count(), a.union(b).count());
    if any == 0 { 0.0 } else { both as f64 / any as f64 }
}

fn check_answers(drafts: &[&Draft], rarity: &Rarity, report: &Report) {
    // By word, the answers before this one that have it.
    let mut with: BTreeMap<String, Vec<(usize, f64)>> = BTreeMap::new();
    for (at, draft) in drafts.iter().enumerate() {
        let mut alike = vec![0.0; at];
        for (stem, weight) in direction(draft.answer().text, rarity) {
            let before = with.entry(stem).or_default();
            before.iter().for_each(|(other, theirs)| alike[*other] += weight * theirs);
            before.push((at, weight));
        }
        let nearest = alike.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
        if let Some((other, share)) = nearest.filter(|(_, share)| **share >= ANSWERS) {
            let answer = draft.answer();
            let start = answer.text.len() - answer.text.trim_start().len();
            let message = "another question has nearly the same answer";
            let hint = format!(
                "it is {} like the one in {}; leave one of the two out, or let each keep to its subject",
                percent(*share),
                drafts[other].source().path().display()
            );
            report.add(answer.fault(start..answer.text.len(), message).hint(hint));
        }
    }
}

/// A text as a direction in the space of words: how often each occurs, dampened, times its rarity,
/// at a length of 1 in all.
fn direction(text: &str, rarity: &Rarity) -> Vec<(String, f64)> {
    let mut counts: BTreeMap<String, f64> = BTreeMap::new();
    words(text).for_each(|word| *counts.entry(word.stem).or_default() += 1.0);
    let weight = |(stem, count): (String, f64)| {
        let weight = (1.0 + count.ln()) * rarity.weight(&stem);
        (stem, weight)
    };
    let mut weights: Vec<_> = counts.into_iter().map(weight).collect();
    let length = weights.iter().map(|(_, weight)| weight * weight).sum::<f64>().sqrt();
    weights.iter_mut().for_each(|(_, weight)| *weight /= length);
    weights
}

#[cfg(test)]
mod tests {
    use crate::bank::style::testing::{GOOD, judged};

    const OTHER: &str =
        include_str!("../../../tests/good_bank/questions/advanced/bounded-queues.md");

    #[test]
    fn different_questions_on_one_subject_pass() {
        assert_eq!(judged(&[GOOD, OTHER]), Vec::<String>::new());
    }

    #[test]
    fn a_title_in_other_words_is_found_and_an_equal_one_is_left_to_the_reader() {
        let title = "How would you bound a queue?";
        let near = GOOD.replace("What is a queue?", "What is the bound of a queue for?");
        let fault = "2:10 another question has nearly the same title";
        assert_eq!(judged(&[OTHER, &near]), [fault]);
        let equal = GOOD.replace("What is a queue?", title);
        assert_eq!(judged(&[OTHER, &equal]), Vec::<String>::new());
    }

    #[test]
    fn an_answer_that_was_reworded_in_part_is_found() {
        let reworded = GOOD
            .replace("What is a queue?", "Where do people stand in line?")
            .replace("That is also its danger. A queue hides", "Beware: it hides")
            .replace("Neither has to wait for the other, so producers", "Producers")
            .replace("at the limit.", "then.");
        assert_eq!(
            judged(&[OTHER, GOOD, &reworded]),
            ["22:1 another question has nearly the same answer"]
        );
    }
}
