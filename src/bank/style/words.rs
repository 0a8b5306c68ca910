//! Words as the rules of style compare them: without those that carry no meaning, reduced to
//! their stems, and weighed by how rare they are in the bank.

use crate::{
    bank::{assemble, reader::Draft, texts::Care, tree::Tree},
    diagnostic::Report,
};
use rust_stemmers::{Algorithm, Stemmer};
use std::{
    collections::{BTreeSet, HashMap},
    ops::Range,
    sync::LazyLock,
};
use unicode_segmentation::UnicodeSegmentation;

/// Words that say nothing about what a text is about, in alphabetical order. Among them are the
/// words that most interview questions are made of.
#[rustfmt::skip]
const STOP: &[&str] = &[
    "a", "able", "about", "above", "across", "after", "again", "against", "all", "along", "also",
    "always", "an", "and", "another", "any", "anyone", "anything", "anyway", "are", "aren't",
    "around", "as", "at", "be", "because", "been", "before", "being", "below", "between", "both",
    "but", "by", "can", "can't", "cannot", "come", "comes", "could", "did", "didn't", "do",
    "does", "doesn't", "doing", "don't", "done", "down", "during", "each", "either", "else",
    "every", "everybody", "everyone", "everything", "few", "for", "from", "further", "get",
    "gets", "give", "gives", "go", "goes", "got", "had", "happen", "happens", "has", "hasn't",
    "have", "haven't", "having", "he", "her", "here", "hers", "him", "his", "how", "however", "i",
    "if", "in", "into", "is", "isn't", "it", "it's", "its", "itself", "just", "let", "lets",
    "made", "make", "makes", "making", "many", "may", "me", "mean", "means", "meant", "might",
    "more", "most", "much", "must", "my", "need", "needed", "needs", "neither", "never", "next",
    "no", "nobody", "nor", "not", "nothing", "now", "of", "off", "on", "once", "one", "only",
    "onto", "or", "other", "others", "our", "out", "over", "own", "per", "put", "puts", "quite",
    "rather", "said", "same", "say", "says", "shall", "she", "should", "so", "some", "somebody",
    "someone", "something", "still", "such", "take", "taken", "takes", "than", "that", "that's",
    "the", "their", "them", "then", "there", "these", "they", "they're", "thing", "things",
    "this", "those", "though", "through", "thus", "to", "too", "towards", "two", "under", "until",
    "up", "upon", "us", "use", "used", "uses", "using", "very", "was", "way", "ways", "we",
    "were", "what", "when", "where", "whether", "which", "while", "who", "whom", "whose", "why",
    "will", "with", "within", "without", "won't", "would", "yet", "you", "your",
];

/// The shortest word that is looked at.
const SHORTEST: usize = 2;

/// A word of a text.
pub struct Word<'a> {
    /// As it is written.
    pub text: &'a str,
    /// Where it stands in its text.
    pub range: Range<usize>,
    /// What it shares with other forms of it.
    pub stem: String,
}

/// The stems of a text, each once.
pub type Terms = BTreeSet<String>;

/// The words of a text that carry meaning.
pub fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    let stemmer = Stemmer::create(Algorithm::English);
    text.unicode_word_indices().filter_map(move |(at, text)| {
        let lower = text.to_lowercase();
        let empty = lower.len() < SHORTEST || STOP.binary_search(&lower.as_str()).is_ok();
        let stem = (!empty).then(|| stemmer.stem(&lower).into_owned())?;
        Some(Word { text, range: at..at + text.len(), stem })
    })
}

/// The stems of the words of a text.
pub fn terms(text: &str) -> Terms {
    words(text).map(|word| word.stem).collect()
}

/// How many questions of the bank each stem occurs in.
#[derive(Clone, Default)]
pub struct Rarity {
    questions: usize,
    with: HashMap<String, usize>,
}

impl Rarity {
    /// How rare stems are in the built-in bank, which says more about the language of the subject
    /// than a small folder could.
    pub fn of_builtin() -> &'static Self {
        static BUILTIN: LazyLock<Rarity> = LazyLock::new(|| {
            let report = Report::default();
            let tree = Tree::builtin(Care::Trusting, &report);
            let mut rarity = Rarity::default();
            rarity.add(&assemble::assemble(&[tree], &report).drafts());
            rarity
        });
        &BUILTIN
    }

    /// Counts further questions.
    pub fn add(&mut self, drafts: &[&Draft]) {
        for draft in drafts {
            self.questions += 1;
            for stem in terms(draft.source().text()) {
                *self.with.entry(stem).or_default() += 1;
            }
        }
    }

    /// How much a stem says: near nothing if it is in each question, and more the fewer have it
    /// (the inverse document frequency of information retrieval).
    pub fn weight(&self, stem: &str) -> f64 {
        let with = self.with.get(stem).copied().unwrap_or_default();
        ((self.questions as f64 + 1.0) / (with as f64 + 0.5)).ln()
    }

    /// The weight of several stems.
    pub fn sum<'a>(&self, stems: impl IntoIterator<Item = &'a String>) -> f64 {
        stems.into_iter().map(|stem| self.weight(stem)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_words_are_in_order() {
        assert!(STOP.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn forms_of_a_word_are_one_term() {
        assert_eq!(terms("Caching, caches and the cache's TTL"), terms("a cached TTL's caches"));
        assert_eq!(terms("What is it that you would do, and why?"), Terms::new());
        let found: Vec<_> = words("`user_id` in HTTP/2").map(|w| (w.text, w.range)).collect();
        assert_eq!(found, [("user_id", 1..8), ("HTTP", 13..17)]);
    }

    #[test]
    fn rare_words_weigh_more() {
        let rarity = Rarity::of_builtin();
        let [rare, known, common] = ["bakeri", "lock", "data"].map(|stem| rarity.weight(stem));
        assert!(rare > known && known > common && common > 0.0, "{rare} {known} {common}");
    }
}
