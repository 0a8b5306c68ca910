//! How many questions the bank has, by topic and level.

use crate::domain::{
    ids::TopicId,
    question::{Level, Question, Topic},
};
use std::fmt;

/// Questions by level, in the order of [`Level::ALL`].
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Counts(pub [usize; Level::ALL.len()]);

impl Counts {
    /// The questions of one level.
    pub fn at(&self, level: Level) -> usize {
        Level::ALL.into_iter().zip(self.0).filter(|(l, _)| *l == level).map(|(_, n)| n).sum()
    }

    /// The questions of all levels.
    pub fn total(&self) -> usize {
        self.0.iter().sum()
    }

    fn of<'a>(questions: impl Iterator<Item = &'a Question> + Clone) -> Self {
        Self(Level::ALL.map(|level| questions.clone().filter(|q| q.level == level).count()))
    }
}

/// How many questions the bank has. Its text form is a table for a terminal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stats {
    /// Each topic, in the order of their declaration. A question counts for each of its topics.
    pub topics: Vec<(TopicId, Counts)>,
    /// All questions, each once.
    pub all: Counts,
}

impl Stats {
    /// Counts the questions.
    pub fn new<'a>(
        topics: &[Topic],
        questions: impl Iterator<Item = &'a Question> + Clone,
    ) -> Self {
        let of = |topic: &Topic| {
            let id = topic.id.clone();
            let counts = Counts::of(questions.clone().filter(|q| q.topics.contains(&id)));
            (id, counts)
        };
        Self { topics: topics.iter().map(of).collect(), all: Counts::of(questions.clone()) }
    }
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let longest = self.topics.iter().map(|(id, _)| id.as_str().len()).max();
        let width = longest.unwrap_or_default().max("all questions".len());
        write!(f, "{:width$}", "topic")?;
        for level in Level::ALL {
            write!(f, "  {}", level.as_str())?;
        }
        writeln!(f, "  total")?;
        for (id, counts) in &self.topics {
            row(f, width, id.as_str(), counts)?;
        }
        row(f, width, "all questions", &self.all)
    }
}

fn row(f: &mut fmt::Formatter<'_>, width: usize, name: &str, counts: &Counts) -> fmt::Result {
    write!(f, "{name:width$}")?;
    for level in Level::ALL {
        write!(f, "  {:>width$}", counts.at(level), width = level.as_str().len())?;
    }
    writeln!(f, "  {:>5}", counts.total())
}
