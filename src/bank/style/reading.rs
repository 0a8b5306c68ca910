//! How an answer reads: long enough to say why, short enough for two minutes, and in sentences
//! that are understood at the first reading, on a phone, perhaps in a second language.

use crate::{
    bank::{passage::Passage, reader::Draft},
    diagnostic::Report,
};
use pulldown_cmark::{Event, Parser, Tag, TagEnd};
use std::ops::{Range, RangeInclusive};

/// How many words an answer has, headings and code blocks left out.
const WORDS: RangeInclusive<usize> = 100..=300;

/// Words of a sentence on average. In 366 answers it was 9 in the median and 13.4 at most.
const MEAN_MAX: f64 = 18.0;

/// Words of the longest sentence; it had 34 in those answers.
const SENTENCE_MAX: usize = 38;

/// Reports answers and sentences of a wrong length.
pub fn check(draft: &Draft, report: &Report) {
    let answer = draft.answer();
    if answer.text.trim().is_empty() {
        return;
    }
    let sentences = sentences(answer.text);
    check_words(&answer, &sentences, report);
    check_sentences(&answer, &sentences, report);
}

fn check_words(answer: &Passage<'_>, sentences: &[Sentence], report: &Report) {
    let words: Vec<&Range<usize>> = sentences.iter().flat_map(|s| &s.words).collect();
    let message = format!(
        "the answer has {} words outside of code blocks, not {} to {}",
        words.len(),
        WORDS.start(),
        WORDS.end()
    );
    if words.len() < *WORDS.start() {
        let fault = answer.fault(beginning(answer), message);
        report.add(fault.hint("say why it is so, and what it costs; give an example"));
    } else if let Some(over) = words.get(*WORDS.end()) {
        let fault = answer.fault(over.start..answer.text.trim_end().len(), message);
        report.add(fault.hint("what begins here is too much; keep to what was asked"));
    }
}

fn check_sentences(answer: &Passage<'_>, sentences: &[Sentence], report: &Report) {
    let words: usize = sentences.iter().map(|sentence| sentence.words.len()).sum();
    let mean = words as f64 / sentences.len().max(1) as f64;
    if mean > MEAN_MAX {
        let message = format!(
            "a sentence of the answer has {mean:.1} words on average; {MEAN_MAX} are easy to read"
        );
        let fault = answer.fault(beginning(answer), message);
        report.add(fault.hint("make two sentences of the longest ones"));
    }
    for sentence in sentences.iter().filter(|sentence| sentence.words.len() > SENTENCE_MAX) {
        let message = format!(
            "this sentence has {} words; more than {SENTENCE_MAX} are hard to follow",
            sentence.words.len()
        );
        let fault = answer.fault(sentence.range(), message);
        report.add(fault.hint("make two of it, or a list"));
    }
}

/// Where the answer begins.
fn beginning(answer: &Passage<'_>) -> Range<usize> {
    answer.text.len() - answer.text.trim_start().len()..answer.text.len()
}

/// A sentence of the answer's prose.
#[derive(Default)]
pub struct Sentence {
    /// Where its words stand in the answer. A piece of code within a line is one word.
    pub words: Vec<Range<usize>>,
}

impl Sentence {
    fn range(&self) -> Range<usize> {
        let start = self.words.first().map_or(0, |word| word.start);
        start..self.words.last().map_or(start, |word| word.end)
    }
}

/// The sentences of an answer's paragraphs, lists and quotes. A colon and a semicolon end one, as
/// in Flesch's measure of how easily a text is read (A New Readability Yardstick, 1948): what counts
/// is how much a reader has to keep in mind at once.
pub fn sentences(markdown: &str) -> Vec<Sentence> {
    let mut prose = Prose { markdown, ..Prose::default() };
    let mut skipping = false;
    for (event, range) in Parser::new(markdown).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(_) | Tag::Heading { .. }) => skipping = true,
            Event::End(TagEnd::CodeBlock | TagEnd::Heading(_)) => skipping = false,
            Event::Start(Tag::Paragraph | Tag::Item)
            | Event::End(TagEnd::Paragraph | TagEnd::Item) => {
                prose.end_sentence();
            }
            Event::SoftBreak | Event::HardBreak => prose.end_word(),
            Event::Text(_) if !skipping => prose.text(range),
            Event::Code(_) if !skipping => prose.extend(range),
            _ => {}
        }
    }
    prose.end_sentence();
    prose.sentences
}

/// Makes words and sentences of pieces of text.
#[derive(Default)]
struct Prose<'a> {
    markdown: &'a str,
    sentences: Vec<Sentence>,
    sentence: Sentence,
    word: Option<Range<usize>>,
    /// Whether a sentence ends here if a space follows.
    ended: bool,
}

impl Prose<'_> {
    fn text(&mut self, range: Range<usize>) {
        for (at, c) in self.markdown[range.clone()].char_indices() {
            if c.is_whitespace() {
                self.end_word();
            } else {
                let ended = ".!?:;".contains(c) || (self.ended && ")\"'”’".contains(c));
                let at = range.start + at;
                self.extend(at..at + c.len_utf8());
                self.ended = ended;
            }
        }
    }

    fn extend(&mut self, range: Range<usize>) {
        let start = self.word.as_ref().map_or(range.start, |word| word.start);
        self.word = Some(start..range.end);
        self.ended = false;
    }

    /// A dash or an arrow between two words is none.
    fn end_word(&mut self) {
        let says =
            |word: &Range<usize>| self.markdown[word.clone()].contains(char::is_alphanumeric);
        let word = self.word.take().filter(says);
        self.sentence.words.extend(word);
        if self.ended {
            self.end_sentence();
        }
    }

    fn end_sentence(&mut self) {
        self.ended = false;
        self.end_word();
        if !self.sentence.words.is_empty() {
            self.sentences.push(std::mem::take(&mut self.sentence));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bank::style::testing::{GOOD, judged};

    /// The sentences of a text, each with its words put together again.
    fn read(markdown: &str) -> Vec<String> {
        let words = |s: &Sentence| s.words.iter().map(|w| &markdown[w.clone()]).collect::<Vec<_>>();
        sentences(markdown).iter().map(|sentence| words(sentence).join(" ")).collect()
    }

    #[test]
    fn prose_is_cut_into_sentences() {
        let text = "# Not this\n\n**Cut.** Then (yes!) one\nmore: `a. b` and v1.2 - so\n\n\
            ```sql\nSELECT 1;\n```\n\n- an item\n- *another*. Two?\n\n> \"Quoted.\" Done";
        let expected = [
            "Cut.",
            "Then (yes!)",
            "one more:",
            "`a. b` and v1.2 so",
            "an item",
            "another*.",
            "Two?",
            "\"Quoted.\"",
            "Done",
        ];
        assert_eq!(read(text), expected);
    }

    /// The good question with another answer.
    fn answer(text: &str) -> Vec<String> {
        let front = GOOD.rfind("+++\n").map_or("", |at| &GOOD[..at + 4]);
        let mut faults = judged(&[&format!("{front}{text}")]);
        faults.retain(|fault| !fault.contains("key point"));
        faults
    }

    #[test]
    fn an_answer_is_neither_too_short_nor_too_long() {
        let words = |count: usize| answer(&"One two. ".repeat(count / 2));
        let message = "words outside of code blocks, not 100 to 300";
        assert_eq!(words(98), [format!("22:1 the answer has 98 {message}")]);
        assert_eq!(words(100), Vec::<String>::new());
        assert_eq!(words(300), Vec::<String>::new());
        assert_eq!(words(302), [format!("22:1351 the answer has 302 {message}")]);
        assert_eq!(answer(&format!("```\n{}\n```", "One two. ".repeat(60))).len(), 1);
    }

    #[test]
    fn long_sentences_are_found_one_by_one_and_on_average() {
        let (short, long) = ("One two. ".repeat(50), "word ".repeat(39));
        let message = "this sentence has 39 words; more than 38 are hard to follow";
        assert_eq!(answer(&format!("{short}\n\n{long}")), [format!("24:1 {message}")]);
        assert_eq!(answer(&format!("{short}\n\n{}", &long[5..])), Vec::<String>::new());
        let message = "a sentence of the answer has 19.0 words on average; 18 are easy to read";
        let text = format!("{}. ", "word ".repeat(19).trim()).repeat(6);
        assert_eq!(answer(&text), [format!("22:1 {message}")]);
    }
}
