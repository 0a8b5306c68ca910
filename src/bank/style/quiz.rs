//! Quizzes that can be guessed by somebody who knows nothing of the subject, by a word that only
//! the right choice has or by its length; and those whose `why` points where nothing stands.

use super::percent;
use crate::{
    bank::{
        passage::Passage,
        reader::{Draft, QuizDraft},
    },
    diagnostic::{Fault, Report, fields::Text},
};
use std::{ops::Range, path::Path};
use unicode_segmentation::UnicodeSegmentation;

/// Words that make a claim without exception. People who write wrong choices are fond of them.
const ABSOLUTES: &[&str] = &["all", "always", "completely", "entirely", "never", "none", "only"];

/// Words that make a claim easier to defend. People who write right choices are fond of them.
const QUALIFIERS: &[&str] = &[
    "generally",
    "likely",
    "may",
    "might",
    "mostly",
    "normally",
    "often",
    "probably",
    "sometimes",
    "typically",
    "usually",
];

/// Words that tell one choice from the others by its place.
const ORDINALS: &[&str] = &["first", "second", "third", "fourth", "last"];

/// How many times as long as each wrong choice the right one may be, or each wrong one as it. In 366
/// quizzes the right one was 1.09 times as long as the longest wrong one at most, and the shortest
/// wrong one 1.16 times as long as it.
const APART: f64 = 1.3;

/// In how many quizzes of a bank the right choice may be longer than each wrong one. Chance
/// makes it a quarter; in the 366 quizzes it was 14 %.
const LONGEST: f64 = 0.35;

/// Fewer quizzes than these say nothing about a habit.
const ENOUGH: usize = 20;

/// Reports what gives the right choice of a question's quiz away.
pub fn check(draft: &Draft, report: &Report) {
    let Some(quiz) = draft.quiz.as_ref().filter(|quiz| !quiz.wrong.is_empty()) else { return };
    let found = [
        alone(draft, quiz, ABSOLUTES),
        alone(draft, quiz, QUALIFIERS),
        alone_without(draft, quiz),
        of_other_length(draft, quiz),
        names_a_place(draft, quiz),
    ];
    found.into_iter().flatten().for_each(|fault| report.add(fault));
}

fn choice<'a>(draft: &'a Draft, text: &'a Text) -> Passage<'a> {
    Passage::of_value(draft.source(), "a choice", text)
}

/// The place of the first of these words.
fn find(text: &str, words: &[&str]) -> Option<Range<usize>> {
    text.unicode_word_indices()
        .find(|(_, word)| words.contains(&&*word.to_lowercase()))
        .map(|(at, word)| at..at + word.len())
}

/// The right choice has one of these words, and no wrong one has.
fn alone(draft: &Draft, quiz: &QuizDraft, words: &[&str]) -> Option<Fault> {
    let range = find(&quiz.right.value, words)?;
    if quiz.wrong.iter().any(|text| find(&text.value, words).is_some()) {
        return None;
    }
    let message = format!("the right choice alone says `{}`", &quiz.right.value[range.clone()]);
    let hint = "such a word gives it away; leave it out, or let a wrong choice have one as well";
    Some(choice(draft, &quiz.right).fault(range, message).hint(hint))
}

/// Each wrong choice has an absolute, and the right one has none.
fn alone_without(draft: &Draft, quiz: &QuizDraft) -> Option<Fault> {
    let places = quiz.wrong.iter().map(|text| Some((text, find(&text.value, ABSOLUTES)?)));
    let places: Vec<(&Text, Range<usize>)> = places.collect::<Option<_>>()?;
    let (first, range) = places.into_iter().next()?;
    if find(&quiz.right.value, ABSOLUTES).is_some() {
        return None;
    }
    let word = &first.value[range.clone()];
    let message =
        format!("each wrong choice has a word such as `{word}`, and the right one has none");
    let hint = "claims without exception are guessed to be wrong; let one wrong choice do without";
    Some(choice(draft, first).fault(range, message).hint(hint))
}

/// The right choice is far longer or far shorter than each wrong one.
fn of_other_length(draft: &Draft, quiz: &QuizDraft) -> Option<Fault> {
    let lengths = quiz.wrong.iter().map(length);
    let (right, least, most) = (length(&quiz.right), lengths.clone().min()?, lengths.max()?);
    let (than, hint) = if right as f64 > APART * most as f64 {
        (most, "shorten it, and leave reasons to `why`; or make the wrong ones as exact")
    } else if least as f64 > APART * right as f64 {
        (least, "say more, or shorten the wrong ones")
    } else {
        return None;
    };
    let message = format!(
        "the right choice stands out by its {right} characters; the nearest wrong one has {than}"
    );
    Some(choice(draft, &quiz.right).fault(0..quiz.right.value.len(), message).hint(hint))
}

/// `why` speaks of a letter or a place, which are others for each member.
fn names_a_place(draft: &Draft, quiz: &QuizDraft) -> Option<Fault> {
    let why = Passage::of_value(draft.source(), "`why`", &quiz.why);
    let words: Vec<(usize, &str)> = why.text.unicode_word_indices().collect();
    let choice = |word: &str| ["choice", "option"].contains(&&*word.to_lowercase());
    let names = |first: &str, second: &str| {
        (choice(first) && ["A", "B", "C", "D"].contains(&second))
            || (choice(second) && ORDINALS.contains(&&*first.to_lowercase()))
    };
    let pair = words.windows(2).find(|pair| names(pair[0].1, pair[1].1))?;
    let range = pair[0].0..pair[1].0 + pair[1].1.len();
    let message = format!("`why` names a place: `{}`", &why.text[range.clone()]);
    let hint = "the choices are shuffled for each member; say what the choice says";
    Some(why.fault(range, message).hint(hint))
}

fn length(text: &Text) -> usize {
    text.value.trim().chars().count()
}

/// By how many characters the right choice is longer than each wrong one.
fn surplus(quiz: &QuizDraft) -> usize {
    let longest = quiz.wrong.iter().map(length).max().unwrap_or_default();
    length(&quiz.right).saturating_sub(longest)
}

/// Reports a bank in which it pays to pick the longest choice.
pub fn check_balance(root: &Path, drafts: &[&Draft], report: &Report) {
    let quizzes = drafts.iter().filter_map(|draft| Some((draft, surplus(draft.quiz.as_ref()?))));
    let mut longest: Vec<_> = quizzes.clone().filter(|(_, surplus)| *surplus > 0).collect();
    let all = quizzes.count();
    let share = longest.len() as f64 / all as f64;
    if all < ENOUGH || share <= LONGEST {
        return;
    }
    longest.sort_by_key(|(_, surplus)| *surplus);
    let paths = longest.iter().map(|(draft, _)| draft.source().path().display().to_string());
    let message = format!(
        "the right choice is the longest in {} of {all} quizzes; it may be in {} of them",
        longest.len(),
        percent(LONGEST)
    );
    let hint = format!(
        "whoever picks the longest would pass; begin where few characters are too many: {}",
        paths.take(5).collect::<Vec<_>>().join(", ")
    );
    report.add(Fault::whole(root, message).hint(hint));
}

#[cfg(test)]
mod tests {
    use crate::bank::style::testing::{GOOD, judged, with};

    const RIGHT: &str = "What was put in first\"";
    const LAST: &str = "What was put in last";
    const SMALLEST: &str = "What is the smallest";
    const HOTTEST: &str = "What is the \\\"hottest\\\"";

    fn right(text: &str) -> Vec<String> {
        with(&[(RIGHT, &format!("{text}\""))])
    }

    #[test]
    fn a_word_that_only_the_right_choice_has_is_found() {
        assert_eq!(right("What usually is first"), ["14:15 the right choice alone says `usually`"]);
        assert_eq!(right("Only what came first"), ["14:10 the right choice alone says `Only`"]);
        let fair = with(&[(RIGHT, "What usually is first\""), (LAST, "What often is last")]);
        assert_eq!(fair, Vec::<String>::new());
    }

    #[test]
    fn absolutes_in_all_wrong_choices_are_found() {
        let wrong = [
            (LAST, "Always what is last"),
            (SMALLEST, "Never what is big"),
            (HOTTEST, "What is \\\"all\\\" hot"),
        ];
        let message = "each wrong choice has a word such as `Always`, and the right one has none";
        assert_eq!(with(&wrong), [format!("16:4 {message}")]);
        assert_eq!(with(&wrong[..2]), Vec::<String>::new());
    }

    #[test]
    fn a_length_that_stands_out_is_found() {
        let found = right("What was put in first, since it keeps order");
        let message =
            "the right choice stands out by its 43 characters; the nearest wrong one has 21";
        assert_eq!(found, [format!("14:10 {message}")]);
        let message =
            "the right choice stands out by its 9 characters; the nearest wrong one has 20";
        assert_eq!(right("The first"), [format!("14:10 {message}")]);
    }

    #[test]
    fn a_why_that_names_a_place_is_found() {
        let why = "A queue keeps the order of arrival.";
        let found = |text: &str| with(&[(why, text)]);
        assert_eq!(
            found("The last choice is a stack."),
            ["20:12 `why` names a place: `last choice`"]
        );
        assert_eq!(found("So (option B) is."), ["20:12 `why` names a place: `option B`"]);
        assert_eq!(found("The first was a good choice."), Vec::<String>::new());
    }

    #[test]
    fn a_bank_in_which_the_longest_is_right_too_often_is_a_fault_as_a_whole() {
        let longest = GOOD.replace(RIGHT, "What was put in as the first\"");
        let bank = |count: usize, of: usize| {
            let texts: Vec<&str> =
                (0..of).map(|at| if at < count { &*longest } else { GOOD }).collect();
            let mut faults = judged(&texts);
            faults.retain(|fault| fault.contains("longest"));
            faults
        };
        assert_eq!(bank(7, 20), Vec::<String>::new());
        let message =
            "the right choice is the longest in 8 of 20 quizzes; it may be in 35 % of them";
        assert_eq!(bank(8, 20), [format!("1:1 {message}")]);
        assert_eq!(bank(19, 19), Vec::<String>::new());
    }
}
