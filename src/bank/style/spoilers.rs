//! Hints and titles that give the answer away. Both are seen before the quiz is answered: a hint
//! that says what a key point says leaves nothing to remember, and a right choice that repeats
//! what only the title says can be guessed.

use super::words::{Rarity, Terms, terms, words};
use crate::{
    bank::{
        passage::Passage,
        reader::{Draft, QuizDraft},
    },
    diagnostic::{Report, fields::Text},
};

/// The share of a key point, by rarity, that a hint must not say, if that is three words or more.
/// Measured on 366 questions: seven hints were at it or above, each of which nearly spoke a key point
/// out. Below it began the hints that only ask for one. A single rare word in common is no sign: of
/// sixteen hints found that way, most gave nothing away.
const OF_POINT: f64 = 0.75;

/// The share of what sets the right choice apart, by rarity, that hint or title must not say; of the
/// hint, if that is two words or more. Measured on the same questions: one hint and three titles.
const OF_CHOICE: f64 = 0.5;

/// Reports what hint and title give away.
pub fn check(draft: &Draft, rarity: &Rarity, report: &Report) {
    let Some(title) = &draft.title else { return };
    let spoilers = Spoilers { draft, rarity, report, title: terms(&title.value) };
    if let Some(hint) = &draft.hint {
        spoilers.points_in_hint(hint);
        draft.quiz.iter().for_each(|quiz| spoilers.choice_in_hint(hint, quiz));
    }
    draft.quiz.iter().for_each(|quiz| spoilers.choice_in_title(title, quiz));
}

struct Spoilers<'a> {
    draft: &'a Draft,
    rarity: &'a Rarity,
    report: &'a Report,
    title: Terms,
}

impl Spoilers<'_> {
    /// What the title says already is no secret, so it does not count.
    fn points_in_hint(&self, hint: &Text) {
        let hinted = terms(&hint.value);
        for point in self.draft.key_points.iter().flatten() {
            let secret = &terms(&point.value) - &self.title;
            let told = &secret & &hinted;
            if told.len() >= 3 && self.share(&told, &secret) >= OF_POINT {
                let point = point.value.trim();
                let message = format!("the hint says what a key point says: `{point}`");
                self.add("`hint`", hint, &told, &message, "ask for it, in other words");
            }
        }
    }

    fn choice_in_hint(&self, hint: &Text, quiz: &QuizDraft) {
        let secret = &distinguishing(quiz) - &self.title;
        let told = &secret & &terms(&hint.value);
        if told.len() >= 2 && self.share(&told, &secret) >= OF_CHOICE {
            let message = "the hint has the words that only the quiz's right choice has";
            self.add(
                "`hint`",
                hint,
                &told,
                message,
                "say it in other words, here or in the choice",
            );
        }
    }

    /// A title that names what wrong choices say as well gives none away.
    fn choice_in_title(&self, title: &Text, quiz: &QuizDraft) {
        let secret = distinguishing(quiz);
        let told = &secret & &self.title;
        let known = &terms(&quiz.ask.value) | &terms(&quiz.right.value);
        let fair = quiz.wrong.iter().any(|text| {
            let theirs = &terms(&text.value) - &known;
            !theirs.is_disjoint(&self.title)
        });
        if !told.is_empty() && !fair && self.share(&told, &secret) >= OF_CHOICE {
            let message = "the title has the words that only the quiz's right choice has";
            let hint = "reword the right choice, or use the words in a wrong one or in `ask` too";
            self.add("`title`", title, &told, message, hint);
        }
    }

    fn share(&self, part: &Terms, whole: &Terms) -> f64 {
        self.rarity.sum(part) / self.rarity.sum(whole)
    }

    /// Reports at the first word that is told, and names them all.
    fn add(&self, name: &str, text: &Text, told: &Terms, message: &str, hint: &str) {
        let said: Vec<_> = words(&text.value).filter(|word| told.contains(&word.stem)).collect();
        let Some(first) = said.first() else { return };
        let named: Vec<String> = said.iter().map(|word| format!("`{}`", word.text)).collect();
        let passage = Passage::of_value(self.draft.source(), name, text);
        let fault = passage.fault(first.range.clone(), message);
        self.report.add(fault.hint(format!("{hint}; it has {}", named.join(", "))));
    }
}

/// What the right choice says and neither the quiz's question nor a wrong choice does.
fn distinguishing(quiz: &QuizDraft) -> Terms {
    let known =
        quiz.wrong.iter().fold(terms(&quiz.ask.value), |known, text| &known | &terms(&text.value));
    &terms(&quiz.right.value) - &known
}

#[cfg(test)]
mod tests {
    use crate::bank::style::testing::with;

    const TITLE: &str = "What is a queue?";
    const HINT: &str = "Think of a bakery on a Sunday morning.";
    const RIGHT: (&str, &str) = ("\"What was put in first\"", "\"The oldest entry by arrival\"");

    #[test]
    fn a_hint_that_says_a_key_point_is_found() {
        let hint = "Must a producer and its consumer run at one time?";
        let point = "Producers and consumers need not run at the same time";
        assert_eq!(
            with(&[(HINT, hint)]),
            [format!("4:16 the hint says what a key point says: `{point}`")]
        );
        assert_eq!(with(&[(HINT, "Who has to be there at that time?")]), Vec::<String>::new());
    }

    #[test]
    fn a_hint_that_says_the_right_choice_is_found() {
        assert_eq!(
            with(&[RIGHT, (HINT, "Think of the arrival of the oldest people.")]),
            ["4:22 the hint has the words that only the quiz's right choice has"]
        );
        assert_eq!(with(&[RIGHT, (HINT, "Who is the oldest?")]), Vec::<String>::new());
    }

    #[test]
    fn a_title_that_says_the_right_choice_is_found() {
        let title = (TITLE, "Why ask for the oldest arrival?");
        let message = "the title has the words that only the quiz's right choice has";
        assert_eq!(with(&[RIGHT, title]), [format!("2:26 {message}")]);
    }

    #[test]
    fn a_title_that_names_wrong_choices_as_well_is_fair() {
        let title = (TITLE, "How do the oldest arrival and the smallest key differ?");
        assert_eq!(with(&[RIGHT, title]), Vec::<String>::new());
    }
}
