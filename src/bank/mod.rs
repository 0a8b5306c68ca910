//! The question bank: reads and checks content/ and the folders that add to it, and answers what
//! is in it. A bank never changes once it is made; a [`Shelf`] exchanges it as a whole.

mod assemble;
mod balance;
mod find;
pub mod limits;
mod markdown;
mod passage;
mod reader;
mod shelf;
mod stats;
mod style;
mod texts;
mod topics;
mod tree;

pub use balance::{Balance, Spread};
pub use shelf::Shelf;
pub use stats::{Counts, Stats};

use crate::{
    diagnostic::{Faults, Report, Source},
    domain::{
        ids::{QuestionId, TopicId},
        question::{Filter, Level, Question, Topic},
    },
};
use nucleo_matcher::Utf32String;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};
use texts::Care;
use topics::Topics;
use tree::Tree;

/// Questions and their topics.
#[derive(Clone, Debug)]
pub struct Bank {
    topics: Vec<Topic>,
    questions: BTreeMap<QuestionId, Question>,
    /// What each question can be found by, in the order of titles.
    index: Vec<(Utf32String, QuestionId)>,
    /// What each topic can be found by, in the order of `topics`.
    topic_index: Vec<Utf32String>,
    /// The files of those questions that were read from a folder.
    files: BTreeMap<QuestionId, PathBuf>,
}

impl Bank {
    /// A bank of questions that are at hand. If two have the same id, the later one stays.
    pub fn new(topics: Vec<Topic>, questions: impl IntoIterator<Item = Question>) -> Self {
        let questions: BTreeMap<_, _> =
            questions.into_iter().map(|question| (question.id.clone(), question)).collect();
        let mut by_title: Vec<&Question> = questions.values().collect();
        by_title.sort_by_cached_key(|question| (question.title.to_lowercase(), &question.id));
        let index = by_title.iter().map(|q| (key(q, &topics), q.id.clone())).collect();
        let topic_index = topics.iter().map(|t| format!("{} {}", t.name, t.id).into()).collect();
        Self { topics, questions, index, topic_index, files: BTreeMap::new() }
    }

    /// The bank that is compiled into the program. Its texts are read and not checked again;
    /// [`Bank::check`] does that.
    ///
    /// # Errors
    /// What cannot be read of content/, if it was built from a bad one.
    pub fn builtin() -> Result<Self, Faults> {
        Self::load(&[])
    }

    /// The built-in bank and the questions and topics of these folders, of which later ones
    /// replace earlier ones with the same id.
    ///
    /// # Errors
    /// Every fault of any of them; a folder that cannot be read is one.
    pub fn load(extra: &[PathBuf]) -> Result<Self, Faults> {
        let report = Report::default();
        let folders = extra.iter().map(|path| Tree::folder(path, &report));
        let builtin = Tree::builtin(Care::Trusting, &report);
        let trees: Vec<Tree> = [builtin].into_iter().chain(folders).collect();
        let bank = assemble::assemble(&trees, &report).bank();
        report.finish(bank)
    }

    /// Reads the bytes of one question's file, whatever topics there are.
    ///
    /// # Errors
    /// Every fault of it.
    pub fn read_question(path: &Path, bytes: &[u8]) -> Result<Option<Question>, Faults> {
        let report = Report::default();
        let topics = Topics { declared: Vec::new(), known: Vec::new(), complete: false };
        let source = report.note(Source::decode(path, bytes, limits::FILE_MAX));
        let draft = source.map(|source| reader::read(&source, &topics, Care::Checking, &report));
        report.finish(draft.and_then(|draft| draft.question("fuzz", Level::Beginner)))
    }

    /// Checks form and style of folders, each by itself over the built-in topics, or of the
    /// built-in bank if none is named. Gives what was checked.
    ///
    /// # Errors
    /// Every fault of any of them.
    pub fn check(paths: &[PathBuf]) -> Result<Checked, Faults> {
        let report = Report::default();
        let trees: Vec<Tree> = match paths {
            [] => vec![Tree::builtin(Care::Checking, &report)],
            paths => paths.iter().map(|path| Tree::folder(path, &report)).collect(),
        };
        let questions = trees.into_iter().map(|tree| Self::check_tree(tree, &report)).sum();
        report.finish(Checked { questions })
    }

    /// Checks one tree, and tells how many questions could be read.
    fn check_tree(tree: Tree, report: &Report) -> usize {
        let root = tree.root.clone();
        let assembly = assemble::assemble(&[Tree::builtin_topics(report), tree], report);
        style::check(&root, &assembly.drafts(), report);
        assembly.bank().len()
    }

    /// The question with this id.
    pub fn get(&self, id: &QuestionId) -> Option<&Question> {
        self.questions.get(id)
    }

    /// The file that the question was read from; `None` for one that is compiled in.
    pub fn file(&self, id: &QuestionId) -> Option<&Path> {
        self.files.get(id).map(PathBuf::as_path)
    }

    /// All questions, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Question> + Clone {
        self.questions.values()
    }

    /// The questions that a filter lets through, in the order of their ids.
    pub fn matching(&self, filter: &Filter) -> Vec<&Question> {
        self.iter().filter(|question| filter.matches(question)).collect()
    }

    /// All topics, in the order of their declaration.
    pub fn topics(&self) -> &[Topic] {
        &self.topics
    }

    /// The topic with this id.
    pub fn topic(&self, id: &TopicId) -> Option<&Topic> {
        self.topics.iter().find(|topic| topic.id == *id)
    }

    /// How many questions there are.
    pub fn len(&self) -> usize {
        self.questions.len()
    }

    /// Whether there is no question.
    pub fn is_empty(&self) -> bool {
        self.questions.is_empty()
    }

    /// How many questions there are by topic and level.
    pub fn stats(&self) -> Stats {
        Stats::new(&self.topics, self.iter())
    }

    /// How long choices, answers and sentences are.
    pub fn balance(&self) -> Balance {
        Balance::new(self.iter())
    }

    /// At most `limit` questions whose title, id or topics match what was typed, the best first;
    /// if nothing was typed, the first by title.
    pub fn find(&self, text: &str, limit: usize) -> Vec<&Question> {
        find::best(text, self.index.iter().map(|(key, _)| key), limit)
            .into_iter()
            .filter_map(|at| self.get(&self.index[at].1))
            .collect()
    }

    /// At most `limit` topics whose name or id match what was typed, the best first; if nothing
    /// was typed, the first declared.
    pub fn complete_topics(&self, text: &str, limit: usize) -> Vec<&Topic> {
        find::best(text, &self.topic_index, limit).into_iter().map(|at| &self.topics[at]).collect()
    }
}

/// A bank without a fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Checked {
    /// How many questions it has.
    pub questions: usize,
}

impl std::fmt::Display for Checked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let noun = if self.questions == 1 { "question" } else { "questions" };
        write!(f, "{} {noun}, no faults", self.questions)
    }
}

/// The text by which a question can be found.
fn key(question: &Question, topics: &[Topic]) -> Utf32String {
    let named = topics.iter().filter(|topic| question.topics.contains(&topic.id));
    let names: Vec<String> = named.map(|topic| format!("{} {}", topic.name, topic.id)).collect();
    format!("{} {} {}", question.title, question.id, names.join(" ")).into()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::domain::question::Level;
    use std::fs;

    const GOOD: &str = "tests/good_bank";
    const QUEUE: &str = "questions/beginner/what-is-a-queue.md";

    fn good() -> Bank {
        Bank::load(&[GOOD.into()]).unwrap()
    }

    fn ids(questions: &[&Question]) -> Vec<String> {
        questions.iter().map(|question| question.id.to_string()).collect()
    }

    /// A folder with one question, the good one under another title.
    fn folder(path: &str, title: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let text = fs::read_to_string(Path::new(GOOD).join(QUEUE)).unwrap();
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let text = text.replace("What is a queue?", title).replace("\"queues\", ", "");
        fs::write(path, text).unwrap();
        folder
    }

    #[test]
    fn a_question_is_read_whole() {
        let bank = good();
        let question = bank.get(&"what-is-a-queue".into()).unwrap();
        assert_eq!(question.level, Level::Beginner);
        assert_eq!(question.topics, [TopicId::from("queues"), TopicId::from("messaging")]);
        assert_eq!(question.key_points.len(), 3);
        assert_eq!(question.quiz.wrong[2], "What is the \"hottest\"");
        assert!(question.answer.starts_with("A queue hands"), "{}", question.answer);
        assert!(question.answer.ends_with("VecDeque.html)."), "{}", question.answer);
    }

    #[test]
    fn a_filter_and_the_topics_narrow_the_bank() {
        let bank = good();
        let filter = Filter { levels: vec![Level::Advanced], topics: vec!["queues".into()] };
        assert_eq!(ids(&bank.matching(&filter)), ["bounded-queues"]);
        assert_eq!(bank.topic(&"queues".into()).unwrap().name, "Queues");
        assert_eq!(bank.topics().len(), Bank::builtin().unwrap().topics().len() + 1);
    }

    #[test]
    fn questions_and_topics_are_found_by_some_of_their_letters() {
        let queues = good().questions.into_values().filter(|q| q.topics[0].as_str() == "queues");
        let bank = Bank::new(good().topics, queues);
        assert_eq!(ids(&bank.find("WHAT queue", 1)), ["what-is-a-queue"]);
        assert_eq!(ids(&bank.find("bnded", 5)), ["bounded-queues"]);
        assert_eq!(ids(&bank.find("zzzz", 5)), Vec::<String>::new());
        assert_eq!(bank.find("", 1).len(), 1);
        assert_eq!(bank.complete_topics("queue", 5)[0].id.as_str(), "queues");
        assert_eq!(bank.complete_topics("", 3).len(), 3);
    }

    #[test]
    fn a_folder_replaces_a_question_of_the_same_id() {
        let newer = folder("advanced/what-is-a-queue.md", "What is a queue, really?");
        let bank = Bank::load(&[GOOD.into(), newer.path().into()]).unwrap();
        assert_eq!(bank.len(), good().len());
        let question = bank.get(&"what-is-a-queue".into()).unwrap();
        assert_eq!(
            (question.level, &*question.title),
            (Level::Advanced, "What is a queue, really?")
        );
        let file = newer.path().join("advanced/what-is-a-queue.md");
        assert_eq!(bank.file(&question.id), Some(&*file));
        let builtin = Bank::builtin().unwrap();
        assert!(builtin.iter().all(|question| bank.file(&question.id).is_none()));
    }

    #[test]
    fn titles_are_unique_over_all_folders() {
        let twin = folder("beginner/twin.md", "WHAT is  a queue?");
        let faults = Bank::load(&[GOOD.into(), twin.path().into()]).unwrap_err();
        assert_eq!(faults.list.len(), 1, "{faults}");
        assert!(faults.list[0].path.ends_with("beginner/twin.md"), "{faults}");
        assert_eq!(Bank::check(&[twin.path().into()]).unwrap().questions, 1);
    }

    #[tokio::test]
    async fn a_bad_bank_never_replaces_a_good_one() {
        let folder = folder("beginner/one.md", "One?");
        let shelf = Shelf::open(vec![folder.path().into()]).await.unwrap();
        let count = shelf.current().len();
        let second = folder.path().join("beginner/two.md");
        fs::write(&second, "no front matter").unwrap();
        let faults = shelf.reload().await.unwrap_err();
        assert!(faults.list.iter().all(|fault| fault.path == second), "{faults}");
        assert_eq!(shelf.current().len(), count);
        let good = fs::read_to_string(folder.path().join("beginner/one.md")).unwrap();
        fs::write(&second, good.replace("One?", "Two?")).unwrap();
        shelf.reload().await.unwrap();
        assert_eq!(shelf.current().len(), count + 1);
    }

    #[test]
    fn the_stats_count_each_question_once_in_all() {
        let bank = Bank::new(
            good()
                .topics
                .into_iter()
                .filter(|t| ["queues", "apis"].contains(&t.id.as_str()))
                .collect(),
            good().questions.into_values().filter(|q| q.topics.contains(&"queues".into())),
        );
        insta::assert_snapshot!(bank.stats(), @r"
        topic          beginner  intermediate  advanced  total
        apis                  0             0         0      0
        queues                1             0         1      2
        all questions         1             0         1      2
        ");
    }
}
