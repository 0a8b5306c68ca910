//! Key points that the answer does not mention: a member who is graded by a checklist must find
//! each of its points in the model answer.

use super::words::{terms, words};
use crate::{
    bank::{passage::Passage, reader::Draft},
    diagnostic::Report,
};

/// The share of a key point's words that the answer must hold. Measured on 366 questions with 2,151
/// key points: 96 % of the points had 0.6 and more, and of the nine below 0.5 each asked for
/// something that the answer said in quite other words or not at all.
const LEAST: f64 = 0.5;

/// Reports key points that share too few words with the answer.
pub fn check(draft: &Draft, report: &Report) {
    let answer = draft.answer();
    if answer.text.trim().is_empty() {
        return;
    }
    let answered = terms(answer.text);
    for point in draft.key_points.iter().flatten() {
        let (said, missing): (Vec<_>, Vec<_>) =
            words(&point.value).partition(|word| answered.contains(&word.stem));
        let all = said.len() + missing.len();
        if (said.len() as f64) < LEAST * all as f64 {
            let passage = Passage::of_value(draft.source(), "a key point", point);
            let message = "the answer does not say what this key point asks for";
            let missing: Vec<String> = missing.iter().map(|w| format!("`{}`", w.text)).collect();
            let hint = format!(
                "say it in the answer, in the same words: it has no {}",
                missing.join(", ")
            );
            report.add(passage.fault(0..point.value.len(), message).hint(hint));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::bank::style::testing::with;

    #[test]
    fn a_key_point_that_the_answer_leaves_out_is_a_fault() {
        let forgotten = "Heaps keep the smallest key on top";
        assert_eq!(
            with(&[("First in, first out\",", &format!("{forgotten}\","))]),
            ["6:4 the answer does not say what this key point asks for"]
        );
    }

    #[test]
    fn other_forms_of_its_words_will_do() {
        let point = "Bursts are smoothed, and overloads hidden until the queue fills";
        let found = with(&[("It smooths bursts, and it hides overload until it is full", point)]);
        assert_eq!(found, Vec::<String>::new());
    }
}
