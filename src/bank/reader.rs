//! Reads one question's file: TOML between two lines `+++`, then the answer in Markdown.

use super::{
    limits,
    markdown::{self, Form},
    passage::{Lines, Passage},
    texts::{Texts, fold},
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

/// What could be read of a question. What is missing has been reported.
#[derive(Default)]
pub struct Draft {
    /// The title and its place, which the check for equal titles needs.
    pub title: Option<Text>,
    topics: Option<Vec<TopicId>>,
    hint: Option<Text>,
    key_points: Option<Vec<Text>>,
    sources: Option<Vec<Text>>,
    quiz: Option<Quiz>,
    answer: String,
}

impl Draft {
    /// The question, if all of it could be read.
    pub fn question(self, id: &str, level: Level) -> Option<Question> {
        Some(Question {
            id: QuestionId::from(id),
            level,
            topics: self.topics?,
            title: trimmed(self.title?),
            hint: trimmed(self.hint?),
            answer: self.answer,
            key_points: self.key_points?.into_iter().map(trimmed).collect(),
            sources: self.sources?.into_iter().map(trimmed).collect(),
            quiz: self.quiz?,
        })
    }
}

fn trimmed(text: Text) -> String {
    text.value.trim().to_owned()
}

/// Reads a question's file and reports all that is wrong with it.
pub fn read(source: &Source, topics: &Topics, report: &Report) -> Draft {
    let parts = match split(source, report) {
        Ok(parts) => parts,
        Err(fault) => {
            report.add(fault);
            return Draft::default();
        }
    };
    let texts = Texts { source, report };
    let draft =
        fields::read(source, parts.front, report, |fields| read_front(texts, fields, topics));
    let answer = Passage::of_file(source, "the answer", parts.answer);
    answer.check(limits::ANSWER_MAX, Lines::Many, report);
    markdown::check(&answer, Form::Blocks, report);
    Draft { answer: answer.text.trim().to_owned(), ..draft }
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

fn read_front(texts: Texts<'_>, fields: &mut Fields<'_>, topics: &Topics) -> Draft {
    Draft {
        title: texts.line(fields, "title", limits::TITLE_MAX),
        topics: fields.required("topics").and_then(|value| read_topics(texts, &value, topics)),
        hint: texts.line(fields, "hint", limits::HINT_MAX),
        key_points: texts.list(fields, "key_points", limits::KEY_POINT_MAX, limits::KEY_POINTS),
        sources: texts.list(fields, "sources", limits::SOURCE_MAX, limits::SOURCES),
        quiz: fields
            .required("quiz")
            .and_then(|value| value.table())
            .and_then(|table| read_quiz(texts, table)),
        answer: String::new(),
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

fn read_quiz(texts: Texts<'_>, mut fields: Fields<'_>) -> Option<Quiz> {
    let ask = texts.line(&mut fields, "ask", limits::QUIZ_ASK_MAX);
    let right = texts.line(&mut fields, "right", limits::CHOICE_MAX);
    let count = limits::WRONG_CHOICES..=limits::WRONG_CHOICES;
    let wrong = texts.list(&mut fields, "wrong", limits::CHOICE_MAX, count);
    let why = texts.line(&mut fields, "why", limits::WHY_MAX);
    fields.finish();
    let (ask, right, wrong, why) = (ask?, right?, wrong?, why?);
    if let Some(same) = wrong.iter().find(|text| fold(&text.value) == fold(&right.value)) {
        let fault = texts.source.fault(same.span.clone(), "this wrong choice is the right one");
        texts.report.add(fault.hint("each of the four choices must differ from the others"));
    }
    let wrong: Vec<String> = wrong.into_iter().map(trimmed).collect();
    let wrong = wrong.try_into().ok()?;
    Some(Quiz { ask: trimmed(ask), right: trimmed(right), wrong, why: trimmed(why) })
}
