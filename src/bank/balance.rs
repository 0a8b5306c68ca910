//! How balanced a bank is beyond its counts: whether the length of a choice tells that it is right,
//! and how long its answers and their sentences are.

use super::style::reading;
use crate::domain::question::{Question, Quiz};
use std::fmt;

/// Lengths in a bank. Its text form is a few lines for a terminal.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Balance {
    /// How many quizzes there are.
    pub quizzes: usize,
    /// In how many of them the right choice is longer than each wrong one.
    pub longest: usize,
    /// In how many of them it is shorter than each wrong one.
    pub shortest: usize,
    /// The words of an answer outside of code blocks.
    pub answers: Spread,
    /// The words of a sentence of an answer.
    pub sentences: Spread,
}

/// Numbers, summed up.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Spread {
    /// The smallest.
    pub least: usize,
    /// The average.
    pub mean: f64,
    /// The largest.
    pub most: usize,
}

impl Balance {
    /// Measures the questions.
    pub fn new<'a>(questions: impl Iterator<Item = &'a Question> + Clone) -> Self {
        let mut balance = Self::default();
        for question in questions.clone() {
            let (right, wrong) = lengths(&question.quiz);
            balance.quizzes += 1;
            balance.longest += usize::from(wrong.iter().all(|wrong| right > *wrong));
            balance.shortest += usize::from(wrong.iter().all(|wrong| right < *wrong));
        }
        let words: Vec<Vec<usize>> = questions.map(words).collect();
        balance.answers = Spread::of(words.iter().map(|sentences| sentences.iter().sum()));
        balance.sentences = Spread::of(words.iter().flatten().copied());
        balance
    }

    /// The share of the quizzes in which the right choice is the longest.
    pub fn longest_share(&self) -> f64 {
        self.longest as f64 / self.quizzes.max(1) as f64
    }
}

impl Spread {
    fn of(numbers: impl Iterator<Item = usize> + Clone) -> Self {
        let count = numbers.clone().count().max(1);
        let mean = numbers.clone().sum::<usize>() as f64 / count as f64;
        let least = numbers.clone().min().unwrap_or_default();
        Self { least, mean, most: numbers.max().unwrap_or_default() }
    }
}

/// The characters of the right choice, and of the wrong ones.
fn lengths(quiz: &Quiz) -> (usize, [usize; 3]) {
    let length = |text: &String| text.chars().count();
    (length(&quiz.right), quiz.wrong.each_ref().map(length))
}

/// The words of each sentence of the answer.
fn words(question: &Question) -> Vec<usize> {
    reading::sentences(&question.answer).iter().map(|sentence| sentence.words.len()).collect()
}

impl fmt::Display for Balance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |part: usize| 100.0 * part as f64 / self.quizzes.max(1) as f64;
        let (longest, shortest) = (percent(self.longest), percent(self.shortest));
        writeln!(
            f,
            "right choice   the longest in {longest:.0} %, the shortest in {shortest:.0} %"
        )?;
        let Spread { least, mean, most } = self.answers;
        writeln!(f, "answer         {mean:.0} words on average, {least} to {most}")?;
        let Spread { mean, most, .. } = self.sentences;
        writeln!(f, "sentence       {mean:.1} words on average, at most {most}")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::bank::Bank;

    #[test]
    fn lengths_are_measured() {
        let bank = Bank::load(&["tests/good_bank".into()]).unwrap();
        let queues = bank.iter().filter(|q| q.topics[0].as_str() == "queues");
        let balance = Balance::new(queues);
        assert_eq!((balance.quizzes, balance.longest, balance.shortest), (2, 0, 1));
        insta::assert_snapshot!(balance, @r"
        right choice   the longest in 0 %, the shortest in 50 %
        answer         156 words on average, 141 to 170
        sentence       11.1 words on average, at most 27
        ");
    }

    #[test]
    fn no_questions_are_no_trouble() {
        assert_eq!(Balance::new([].iter()), Balance::default());
    }
}
