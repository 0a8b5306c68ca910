//! A question of the bank, its quiz, and the filter that picks questions by level and topic.

use super::ids::{QuestionId, TopicId};
use super::shuffle;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// How hard a question is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Asked in a first interview.
    Beginner,
    /// Asked of people with some years of practice.
    Intermediate,
    /// Asked of senior engineers.
    Advanced,
}

impl Level {
    /// Every level, the easiest first.
    pub const ALL: [Self; 3] = [Self::Beginner, Self::Intermediate, Self::Advanced];

    /// The word for it, as in the bank's folders and in the commands.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Beginner => "beginner",
            Self::Intermediate => "intermediate",
            Self::Advanced => "advanced",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no level.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no level; the levels are beginner, intermediate and advanced")]
pub struct UnknownLevel(pub String);

impl FromStr for Level {
    type Err = UnknownLevel;

    fn from_str(word: &str) -> Result<Self, UnknownLevel> {
        Self::ALL
            .into_iter()
            .find(|level| level.as_str() == word)
            .ok_or_else(|| UnknownLevel(word.to_owned()))
    }
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
    /// The primary sources.
    pub sources: Vec<String>,
    /// Four choices, one of them right.
    pub quiz: Quiz,
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
