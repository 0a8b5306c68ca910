//! A question of the bank, its quiz, and the filter that picks questions by level and topic.

use super::{
    codes::{UnknownCode, codes},
    ids::{QuestionId, TopicId},
    shuffle,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

codes! {
    /// How hard a question is. Its code is the name of the bank's folder.
    pub enum Level {
        /// Asked in a first interview.
        Beginner = "beginner",
        /// Asked of people with some years of practice.
        Intermediate = "intermediate",
        /// Asked of senior engineers.
        Advanced = "advanced",
    }
}

/// The words of a list that people type, with commas between them.
pub fn listed(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|word| !word.is_empty())
}

/// Whether a list that people type leaves nothing out.
pub fn means_all(text: &str) -> bool {
    matches!(text.trim().to_lowercase().as_str(), "all" | "any")
}

/// Reads levels as people write them, with commas or blanks between them, in capitals or not. None
/// stands for all.
///
/// # Errors
/// A word that is no level.
pub fn parse_levels(text: &str) -> Result<Vec<Level>, UnknownCode> {
    if means_all(text) {
        return Ok(Vec::new());
    }
    let words = listed(text).flat_map(str::split_whitespace);
    let levels: Result<BTreeSet<Level>, _> =
        words.map(|word| word.to_lowercase().parse()).collect();
    Ok(levels?.into_iter().collect())
}

/// One entry of the bank.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Question {
    /// The stem of its file.
    pub id: QuestionId,
    /// The folder of its file.
    pub level: Level,
    /// One to three declared topics, the most fitting first.
    pub topics: Vec<TopicId>,
    /// What is asked, as an interviewer would say it.
    pub title: String,
    /// One sentence that helps without giving the answer away.
    pub hint: String,
    /// The model answer, in the Markdown that Discord shows.
    pub answer: String,
    /// What a good answer mentions; a checklist.
    pub key_points: Vec<String>,
    /// What one hears from somebody who has read about it.
    pub weak: Option<String>,
    /// What one hears from somebody who has run it.
    pub strong: Option<String>,
    /// What an interviewer would ask next.
    pub follow_ups: Vec<FollowUp>,
    /// The primary sources.
    pub sources: Vec<Source>,
    /// Four choices, one of them right.
    pub quiz: Quiz,
}

/// A question that an interviewer would ask next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FollowUp {
    /// What is asked.
    pub ask: String,
    /// What a good answer has.
    pub good: String,
}

/// Where statements of a question can be looked up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Source {
    /// What it is called: author, title, edition, part.
    pub name: String,
    /// Where it can be read, if it has a stable address.
    pub url: Option<String>,
    /// Which statement it backs.
    pub backs: Option<String>,
}

impl From<&str> for Source {
    /// A source of which no more than the name is known.
    fn from(name: &str) -> Self {
        Self { name: name.to_owned(), url: None, backs: None }
    }
}

/// A multiple-choice question with one right answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Quiz {
    /// What is asked.
    pub ask: String,
    /// The right choice.
    pub right: String,
    /// The wrong ones.
    pub wrong: [String; 3],
    /// Why the right one is right and the others are not.
    pub why: String,
}

/// One choice of a quiz as a member sees it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Choice<'a> {
    /// Its text.
    pub text: &'a str,
    /// Whether it is the right one.
    pub right: bool,
}

impl Quiz {
    /// The four choices in an order that depends on the seed alone, so that a member meets the
    /// same order each time and another member another one.
    pub fn shuffled(&self, seed: u64) -> [Choice<'_>; 4] {
        let [a, b, c] = &self.wrong;
        let mut choices = [
            Choice { text: &self.right, right: true },
            Choice { text: a, right: false },
            Choice { text: b, right: false },
            Choice { text: c, right: false },
        ];
        choices.sort_by_key(|choice| shuffle::position(seed, 0, choice.text));
        choices
    }
}

/// A subject that questions are grouped by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Topic {
    /// The id that questions name.
    pub id: TopicId,
    /// The name that members see.
    pub name: String,
    /// One line about it.
    pub about: String,
}

/// Which questions are wanted; an empty list leaves nothing out.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Filter {
    /// The levels wanted.
    pub levels: Vec<Level>,
    /// The topics wanted; a question needs one of them.
    pub topics: Vec<TopicId>,
}

impl Filter {
    /// Whether the question is wanted.
    pub fn matches(&self, question: &Question) -> bool {
        (self.levels.is_empty() || self.levels.contains(&question.level))
            && (self.topics.is_empty() || question.topics.iter().any(|t| self.topics.contains(t)))
    }
}
