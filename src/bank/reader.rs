//! Reads one question's file: TOML between two lines `+++`, then the answer in Markdown.

mod follow_ups;
mod sources;

pub use follow_ups::FollowUpDraft;
pub use sources::SourceDraft;

use super::{
    limits,
    passage::Passage,
    texts::{Care, Texts, fold},
    topics::Topics,
};
use crate::{
    diagnostic::{
        Fault, Report, Source,
        fields::{self, Fields, Text, Value},
    },
    domain::{
        ids::{QuestionId, TopicId},
        question::{Level, Question, Quiz},
    },
};
use std::ops::Range;

/// The line before and after the front matter.
const FENCE: &str = "+++";

/// What could be read of a question, each text with its place. What is missing has been reported.
pub struct Draft {
    source: Source,
    topics: Option<Vec<TopicId>>,
    /// What is asked.
    pub title: Option<Text>,
    /// The hint.
    pub hint: Option<Text>,
    /// What a good answer mentions.
    pub key_points: Option<Vec<Text>>,
    /// What one hears from somebody who has read about it.
    pub weak: Option<Text>,
    /// What one hears from somebody who has run it.
    pub strong: Option<Text>,
    /// What an interviewer would ask next.
    pub follow_ups: Option<Vec<FollowUpDraft>>,
    /// The primary sources.
    pub sources: Option<Vec<SourceDraft>>,
    /// The quiz, if all of it could be read.
    pub quiz: Option<QuizDraft>,
    answer: Range<usize>,
}

/// A quiz whose texts have their places.
pub struct QuizDraft {
    /// What is asked.
    pub ask: Text,
    /// The right choice.
    pub right: Text,
    /// The wrong ones, however many there are.
    pub wrong: Vec<Text>,
    /// Why the right one is right.
    pub why: Text,
}

impl Draft {
    fn empty(source: &Source) -> Self {
        Self {
            source: source.clone(),
            topics: None,
            title: None,
            hint: None,
            key_points: None,
            weak: None,
            strong: None,
            follow_ups: None,
            sources: None,
            quiz: None,
            answer: source.text().len()..source.text().len(),
        }
    }

    /// The file.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The answer in its file; empty without front matter.
    pub fn answer(&self) -> Passage<'_> {
        Passage::of_file(&self.source, "the answer", self.answer.clone())
    }

    /// The question, if all of it could be read.
    pub fn question(self, id: &str, level: Level) -> Option<Question> {
        Some(Question {
            id: QuestionId::from(id),
            level,
            answer: self.answer().text.trim().to_owned(),
            topics: self.topics?,
            title: trimmed(self.title?),
            hint: trimmed(self.hint?),
            key_points: all_trimmed(self.key_points?),
            weak: trimmed_if(self.weak),
            strong: trimmed_if(self.strong),
            follow_ups: all(self.follow_ups.unwrap_or_default(), FollowUpDraft::follow_up),
            sources: all(self.sources?, SourceDraft::source),
            quiz: self.quiz?.quiz()?,
        })
    }
}

impl QuizDraft {
    fn quiz(self) -> Option<Quiz> {
        let wrong = all_trimmed(self.wrong).try_into().ok()?;
        let (ask, right, why) = (trimmed(self.ask), trimmed(self.right), trimmed(self.why));
        Some(Quiz { ask, right, wrong, why })
    }
}

fn trimmed(text: Text) -> String {
    text.value.trim().to_owned()
}

fn trimmed_if(text: Option<Text>) -> Option<String> {
    text.map(trimmed)
}

fn all_trimmed(texts: Vec<Text>) -> Vec<String> {
    all(texts, trimmed)
}

fn all<T, U>(drafts: Vec<T>, finish: impl Fn(T) -> U) -> Vec<U> {
    drafts.into_iter().map(finish).collect()
}

/// Reads a question's file and reports what is wrong with its form, as closely as `care` says.
pub fn read(source: &Source, topics: &Topics, care: Care, report: &Report) -> Draft {
    let draft = Draft::empty(source);
    let Some(parts) = report.note(split(source, report)) else { return draft };
    let texts = Texts { source, care, report };
    let draft = fields::read(source, parts.front, report, |fields| {
        read_front(texts, fields, topics, Draft { answer: parts.answer, ..draft })
    });
    texts.check_answer(&draft.answer());
    draft
}

struct Parts {
    front: Range<usize>,
    answer: Range<usize>,
}

/// Finds the front matter and the answer.
fn split(source: &Source, report: &Report) -> Result<Parts, Fault> {
    let hint = "a question's file is TOML between two lines `+++`, then the answer";
    let text = source.text();
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    if start > 0 {
        let fault = source.fault(0..start, "the file begins with a byte order mark");
        report.add(fault.hint("save it as UTF-8 without one"));
    }
    let mut lines = lines(text, start);
    if lines.next().is_none_or(|line| text[line].trim_end() != FENCE) {
        return Err(source.fault(start..start, "the front matter is missing").hint(hint));
    }
    let front = start + text[start..].find('\n').map_or(text.len() - start, |at| at + 1);
    match lines.find(|line| text[line.clone()].trim_end() == FENCE) {
        Some(fence) => Ok(Parts { front: front..fence.start, answer: fence.end..text.len() }),
        None => {
            let end = start + FENCE.len();
            Err(source.fault(start..end, "the front matter is never closed").hint(hint))
        }
    }
}

/// The ranges of the lines from `start` on, line ends included.
fn lines(text: &str, start: usize) -> impl Iterator<Item = Range<usize>> {
    text[start..].split_inclusive('\n').scan(start, |at, line| {
        let range = *at..*at + line.len();
        *at = range.end;
        Some(range)
    })
}

fn read_front(texts: Texts<'_>, fields: &mut Fields<'_>, topics: &Topics, draft: Draft) -> Draft {
    Draft {
        title: texts.line(fields, "title", limits::TITLE_MAX),
        topics: fields.required("topics").and_then(|value| read_topics(texts, &value, topics)),
        hint: texts.line(fields, "hint", limits::HINT_MAX),
        key_points: texts.list(fields, "key_points", limits::KEY_POINT_MAX, limits::KEY_POINTS),
        weak: texts.optional_line(fields, "weak", limits::VOICE_MAX),
        strong: texts.optional_line(fields, "strong", limits::VOICE_MAX),
        follow_ups: follow_ups::read(texts, fields),
        sources: sources::read(texts, fields),
        quiz: fields
            .required("quiz")
            .and_then(|value| value.table())
            .and_then(|table| read_quiz(texts, table)),
        ..draft
    }
}

fn read_topics(texts: Texts<'_>, value: &Value<'_>, topics: &Topics) -> Option<Vec<TopicId>> {
    let named = value.texts()?;
    texts.check_count("topics", value, named.len(), limits::TOPICS);
    texts.check_distinct("topics", &named);
    let undeclared = |text: &&Text| topics.complete && !topics.known.contains(&text.value);
    for text in named.iter().filter(undeclared) {
        let message = format!("the topic `{}` is not declared in topics.toml", text.value);
        let fault = texts.source.fault(text.span.clone(), message);
        texts.report.add(fault.suggest(&text.value, topics.known.iter().map(String::as_str)));
    }
    Some(named.into_iter().map(|text| TopicId(text.value)).collect())
}

fn read_quiz(texts: Texts<'_>, mut fields: Fields<'_>) -> Option<QuizDraft> {
    let ask = texts.line(&mut fields, "ask", limits::QUIZ_ASK_MAX);
    let right = texts.line(&mut fields, "right", limits::CHOICE_MAX);
    let count = limits::WRONG_CHOICES..=limits::WRONG_CHOICES;
    let wrong = texts.list(&mut fields, "wrong", limits::CHOICE_MAX, count);
    let why = texts.line(&mut fields, "why", limits::WHY_MAX);
    fields.finish();
    let (ask, right, wrong, why) = (ask?, right?, wrong?, why?);
    let same = |text: &&Text| fold(&text.value) == fold(&right.value);
    if let Some(same) = wrong.iter().find(same).filter(|_| texts.care == Care::Checking) {
        let fault = texts.source.fault(same.span.clone(), "this wrong choice is the right one");
        texts.report.add(fault.hint("each of the four choices must differ from the others"));
    }
    Some(QuizDraft { ask, right, wrong, why })
}
