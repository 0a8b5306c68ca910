//! The bank as those who write it want to see it: every question as the messages that the bot would
//! send, and every fault of the last reading beside the question that it is about. Folders of
//! questions are read again as soon as something in them is saved.

use super::{news::News, watch::Watch};
use crate::{
    app::{messenger::RoundCard, practice::PracticeQuiz, rounds::Shown, wording::Wording},
    bank::{Bank, Shelf},
    commands::{self, posts::Posts},
    diagnostic::Fault,
    discord,
    domain::{
        ids::{DailyId, QuestionId},
        question::{Level, Question, Topic},
        round::Tally,
    },
    text::{answer, rounds},
};
use serde::Serialize;
use serde_json::Value;
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The order of the choices of a quiz that nobody in particular looks at.
const SEED: u64 = 0;

/// What a file of the built-in bank is called.
const BUILT_IN: &str = "built-in";

/// The bank, its folders and what became of the last reading.
pub(super) struct Library {
    shelf: Arc<Shelf>,
    folders: Vec<PathBuf>,
    watched: bool,
    last: Mutex<Reading>,
}

/// What a reading of the folders came to.
#[derive(Clone)]
struct Reading {
    /// Which one it is, counted from 1.
    number: u64,
    /// The bank since then, whose questions the faults are told beside.
    bank: Arc<Bank>,
    faults: Vec<Fault>,
}

/// In short, for the page of messages.
#[derive(Serialize)]
pub(super) struct Summary {
    watched: bool,
    questions: usize,
    faults: usize,
    read: u64,
}

/// All of it, for the page of questions.
#[derive(Serialize)]
pub(super) struct Page {
    watched: Vec<String>,
    topics: Vec<TopicView>,
    read: u64,
    questions: Vec<QuestionView>,
    /// The faults of files that gave no question yet.
    faults: Vec<FaultView>,
}

#[derive(Serialize)]
struct TopicView {
    id: String,
    name: String,
}

#[derive(Serialize)]
struct QuestionView {
    id: QuestionId,
    level: Level,
    topics: Vec<String>,
    title: String,
    /// The path of its file, or that it is compiled in.
    source: String,
    /// All its words in small letters.
    search: String,
    faults: Vec<FaultView>,
    cards: Cards,
}

/// The messages that a question leads to.
#[derive(Serialize)]
struct Cards {
    round: Value,
    hint: Value,
    quiz: Value,
    quiz_answer: Value,
    answer: Value,
    full: Value,
    /// Nothing where an interviewer would not ask on.
    deeper: Option<Value>,
}

#[derive(Serialize)]
struct FaultView {
    path: String,
    line: usize,
    column: usize,
    message: String,
    hint: Option<String>,
    /// All of it for people, with the line that it is in.
    text: String,
}

impl Library {
    pub(super) fn new(shelf: Arc<Shelf>, folders: Vec<PathBuf>, watched: bool) -> Self {
        let last = Reading { number: 1, bank: shelf.current(), faults: Vec::new() };
        Self { shelf, folders, watched, last: Mutex::new(last) }
    }

    /// Reads the folders again whenever something in them changes, for as long as it is let to.
    pub(super) async fn keep_reading(self: Arc<Self>, watch: Watch, news: News) {
        loop {
            watch.changed().await;
            self.read_again().await;
            news.bank();
        }
    }

    async fn read_again(&self) {
        let faults = self.shelf.reload().await.err().map_or_else(Vec::new, |found| found.list);
        let mut last = self.last();
        *last = Reading { number: last.number + 1, bank: self.shelf.current(), faults };
    }

    fn last(&self) -> MutexGuard<'_, Reading> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The bank in use.
    pub(super) fn bank(&self) -> Arc<Bank> {
        self.shelf.current()
    }

    pub(super) fn summary(&self) -> Summary {
        let last = self.last();
        Summary {
            watched: self.watched,
            questions: last.bank.len(),
            faults: last.faults.len(),
            read: last.number,
        }
    }

    pub(super) fn page(&self) -> Page {
        let Reading { number, bank, faults } = self.last().clone();
        let known: BTreeSet<&Path> = bank.iter().filter_map(|q| bank.file(&q.id)).collect();
        let (placed, rest): (Vec<&Fault>, Vec<&Fault>) =
            faults.iter().partition(|fault| known.contains(&*fault.path));
        let watched: &[PathBuf] = if self.watched { &self.folders } else { &[] };
        Page {
            watched: watched.iter().map(|folder| folder.display().to_string()).collect(),
            topics: bank.topics().iter().map(topic_view).collect(),
            read: number,
            questions: bank.iter().map(|question| view(&bank, question, &placed)).collect(),
            faults: rest.into_iter().map(fault_view).collect(),
        }
    }
}

fn topic_view(topic: &Topic) -> TopicView {
    TopicView { id: topic.id.to_string(), name: topic.name.clone() }
}

fn fault_view(fault: &Fault) -> FaultView {
    FaultView {
        path: fault.path.display().to_string(),
        line: fault.line,
        column: fault.column,
        message: fault.message.clone(),
        hint: fault.hint.clone(),
        text: fault.to_string(),
    }
}

fn view(bank: &Bank, question: &Question, faults: &[&Fault]) -> QuestionView {
    let file = bank.file(&question.id);
    let own = faults.iter().filter(|fault| Some(fault.path.as_path()) == file);
    let named = question.topics.iter().filter_map(|id| bank.topic(id));
    let names: Vec<String> = named.map(|topic| topic.name.clone()).collect();
    QuestionView {
        id: question.id.clone(),
        level: question.level,
        topics: question.topics.iter().map(ToString::to_string).collect(),
        title: question.title.clone(),
        source: file.map_or_else(|| BUILT_IN.to_owned(), |path| path.display().to_string()),
        search: words(question, &names),
        faults: own.map(|fault| fault_view(fault)).collect(),
        cards: cards(question, names),
    }
}

/// Everything that is written in a question, in small letters.
fn words(question: &Question, topics: &[String]) -> String {
    let quiz = &question.quiz;
    let ids = question.topics.iter().map(|id| id.as_str());
    let one =
        [&question.title, &question.hint, &question.answer, &quiz.ask, &quiz.right, &quiz.why];
    let lists = [&question.key_points[..], &quiz.wrong, topics];
    let voices = question.weak.iter().chain(&question.strong);
    let follow_ups = question.follow_ups.iter().flat_map(|next| [&next.ask, &next.good]);
    let sources = question.sources.iter();
    let sources = sources.flat_map(|one| [Some(&one.name), one.url.as_ref(), one.backs.as_ref()]);
    let texts = one.into_iter().chain(lists.into_iter().flatten()).chain(voices);
    let texts = texts.chain(follow_ups).chain(sources.flatten()).map(String::as_str);
    let all = [question.id.as_str(), question.level.as_str()].into_iter().chain(ids).chain(texts);
    all.collect::<Vec<_>>().join("\n").to_lowercase()
}

/// By the code that makes the bot's own messages. A round is the first one of the first daily.
fn cards(question: &Question, topics: Vec<String>) -> Cards {
    let round = RoundCard {
        daily: DailyId(1),
        number: 1,
        question: Some(question.clone()),
        topics: topics.clone(),
        role: None,
        tally: Tally::default(),
        closed: false,
    };
    let shown = Shown { question: question.clone(), topics };
    let asked_further = !question.follow_ups.is_empty();
    let right = question.quiz.shuffled(SEED).iter().position(|choice| choice.right);
    let quiz = |picked| PracticeQuiz { shown: shown.clone(), seed: SEED, picked };
    Cards {
        round: discord::preview(&Posts.round(&round)),
        hint: discord::preview(&rounds::hint(&shown)),
        quiz: discord::preview(&commands::question::quiz(&quiz(None))),
        quiz_answer: discord::preview(&commands::question::quiz(&quiz(
            right.map(|place| (place, true)),
        ))),
        answer: discord::preview(&commands::question::revealed(&shown)),
        full: discord::preview(&answer::in_full(question)),
        deeper: asked_further.then(|| discord::preview(&answer::deeper(question))),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::fs;

    #[tokio::test]
    async fn a_page_never_has_the_faults_of_one_bank_and_the_questions_of_another() {
        let folder = tempfile::tempdir().unwrap();
        let file = "beginner/what-is-a-queue.md";
        fs::create_dir(folder.path().join("beginner")).unwrap();
        let good_bank = Path::new("tests/good_bank");
        fs::copy(good_bank.join("topics.toml"), folder.path().join("topics.toml")).unwrap();
        fs::copy(good_bank.join("questions").join(file), folder.path().join(file)).unwrap();
        let shelf = Arc::new(Shelf::open(vec![folder.path().into()]).await.unwrap());
        let library = Library::new(Arc::clone(&shelf), vec![folder.path().into()], true);
        let shown = || {
            let page = library.page();
            let question =
                page.questions.into_iter().find(|one| one.id.as_str() == "what-is-a-queue");
            let question = question.unwrap();
            (question.title, question.faults.len())
        };
        let good = fs::read_to_string(folder.path().join(file)).unwrap();
        fs::write(folder.path().join(file), good.replace("hint =", "hnt =")).unwrap();
        library.read_again().await;
        assert_eq!(shown(), ("What is a queue?".to_owned(), 2));

        fs::write(folder.path().join(file), good.replace("What is a queue?", "Mended?")).unwrap();
        // As in the midst of a reading: the shelf has its bank, and the faults are not noted yet.
        shelf.reload().await.unwrap();
        assert_eq!(shown(), ("What is a queue?".to_owned(), 2));
        library.read_again().await;
        assert_eq!(shown(), ("Mended?".to_owned(), 0));
    }
}
