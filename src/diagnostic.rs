//! Faults in text that people write, the bank's files and the configuration: where each one is,
//! what is wrong and what would help. The readers of such text collect every fault before they
//! give up, because one run should be enough to mend a file.

pub mod fields;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use std::{
    cell::RefCell,
    fmt,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

/// One thing that is wrong with a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// The file, or `$NAME` for an environment variable.
    pub path: PathBuf,
    /// The line, counted from 1; also 1 for a fault of the file as a whole.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What would help.
    pub hint: Option<String>,
    excerpt: Option<Box<Excerpt>>,
}

/// The line that a fault is in, and the bytes of it that are to be underlined.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Excerpt {
    line: String,
    span: Range<usize>,
}

impl Fault {
    /// A fault of a file or folder as a whole.
    pub fn whole(path: impl Into<PathBuf>, message: impl Into<String>) -> Self {
        let (path, message) = (path.into(), message.into());
        Self { path, line: 1, column: 1, message, hint: None, excerpt: None }
    }

    /// The same fault with advice.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same fault with the word that was probably meant, or else with all that may be said.
    pub fn suggest<'a>(self, word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Self {
        let candidates: Vec<&str> = candidates.into_iter().collect();
        match nearest(word, candidates.iter().copied()) {
            Some(close) => self.hint(format!("did you mean `{close}`?")),
            None if candidates.is_empty() => self,
            None => self.hint(format!("known are {}", candidates.join(", "))),
        }
    }

    fn render(&self, renderer: &Renderer) -> String {
        let path = self.path.to_string_lossy();
        let title = Level::ERROR.primary_title(self.message.as_str());
        let group = match &self.excerpt {
            Some(excerpt) => title.element(
                Snippet::source(excerpt.line.as_str())
                    .line_start(self.line)
                    .path(path)
                    .annotation(AnnotationKind::Primary.span(excerpt.span.clone())),
            ),
            None => title.element(Origin::path(path).line(self.line).char_column(self.column)),
        };
        renderer.render(&[self.with_hint(group)])
    }

    fn with_hint<'a>(&'a self, group: Group<'a>) -> Group<'a> {
        match &self.hint {
            Some(hint) => group.element(Level::HELP.message(hint.as_str())),
            None => group,
        }
    }
}

/// For people, with its place and the line it is in.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(&Renderer::plain()))
    }
}

/// Every fault that was found, in the order of paths, lines and columns.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Faults(pub Vec<Fault>);

impl Faults {
    /// Sorts the faults; the same one found twice stays once.
    pub fn new(mut faults: Vec<Fault>) -> Self {
        faults.sort_by(|a, b| {
            (&a.path, a.line, a.column, &a.message).cmp(&(&b.path, b.line, b.column, &b.message))
        });
        faults.dedup();
        Self(faults)
    }

    /// All of them as text for people, each with its place and the line it is in; with colours
    /// for a terminal that shows them.
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let faults: Vec<String> = self.0.iter().map(|fault| fault.render(&renderer)).collect();
        let count = match self.0.len() {
            1 => "1 fault".to_owned(),
            many => format!("{many} faults"),
        };
        format!("{}\n\n{count} found", faults.join("\n\n"))
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Faults {}

/// Where readers put the faults that they find. It is shared by all readers of one run, so it
/// can be added to through a plain reference.
#[derive(Default, Debug)]
pub struct Report(RefCell<Vec<Fault>>);

impl Report {
    /// Notes a fault.
    pub fn add(&self, fault: Fault) {
        self.0.borrow_mut().push(fault);
    }

    /// Whether a fault of this file was noted.
    pub fn blames(&self, path: &Path) -> bool {
        self.0.borrow().iter().any(|fault| fault.path == path)
    }

    /// Notes the fault of something that failed.
    pub fn note<T>(&self, result: Result<T, Fault>) -> Option<T> {
        result.map_err(|fault| self.add(fault)).ok()
    }

    /// What was read, if nothing was wrong with any of it.
    ///
    /// # Errors
    /// All faults that were noted.
    pub fn finish<T>(self, read: T) -> Result<T, Faults> {
        match self.0.into_inner() {
            faults if faults.is_empty() => Ok(read),
            faults => Err(Faults::new(faults)),
        }
    }
}

/// A text with its name, which can say where in it a fault is. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Source {
    path: Arc<Path>,
    text: Arc<str>,
}

impl Source {
    /// A text that is at hand.
    pub fn new(path: &Path, text: &str) -> Self {
        Self { path: path.into(), text: text.into() }
    }

    /// The text of a file's bytes.
    ///
    /// # Errors
    /// More bytes than `max`, or bytes that are not UTF-8.
    pub fn decode(path: &Path, bytes: &[u8], max: usize) -> Result<Self, Fault> {
        if bytes.len() > max {
            let message = format!("the file is larger than {} KiB", max / 1024);
            return Err(Fault::whole(path, message).hint("is this the right file?"));
        }
        std::str::from_utf8(bytes).map(|text| Self::new(path, text)).map_err(|error| {
            let good = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
            Self::new(path, &good)
                .fault(good.len()..good.len(), "the file is not UTF-8 from here on")
                .hint("save it as UTF-8")
        })
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The file's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A fault at these bytes of the text. Bytes outside of it, or in the middle of a
    /// character, are moved to the nearest place before.
    pub fn fault(&self, span: Range<usize>, message: impl Into<String>) -> Fault {
        let start = self.text.floor_char_boundary(span.start.min(self.text.len()));
        let line_start = self.text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = self.text[start..].find('\n').map_or(self.text.len(), |at| start + at);
        let end = self.text.floor_char_boundary(span.end.clamp(start, line_end));
        Fault {
            path: self.path.to_path_buf(),
            line: self.text[..start].matches('\n').count() + 1,
            column: self.text[line_start..start].chars().count() + 1,
            message: message.into(),
            hint: None,
            excerpt: Some(Box::new(Excerpt {
                line: self.text[line_start..line_end].to_owned(),
                span: start - line_start..end.max(start) - line_start,
            })),
        }
    }
}

/// The candidate that was probably meant by a word that is none of them: at most a third of its
/// letters are wrong, missing, too many or swapped.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let allowed = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&word, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_fault_names_line_and_column_in_characters() {
        let source = Source::new(Path::new("a.md"), "eins\nzwölf x\ndrei");
        let at = source.text().find('x').unwrap_or_default();
        let fault = source.fault(at..at + 1, "no x, please").hint("leave it out");
        assert_eq!((fault.line, fault.column), (2, 7));
        insta::assert_snapshot!(Faults::new(vec![fault]), @r"
        error: no x, please
         --> a.md:2:7
          |
        2 | zwölf x
          |       ^
          |
          = help: leave it out

        1 fault found
        ");
    }

    #[test]
    fn faults_are_sorted_and_kept_once() {
        let fault = |path: &str| Fault::whole(path, "bad");
        let faults = Faults::new(vec![fault("b"), fault("a"), fault("b")]);
        assert_eq!(faults, Faults(vec![fault("a"), fault("b")]));
    }

    #[test]
    fn bytes_that_are_no_text_are_placed() {
        let fault = Source::decode(Path::new("a"), b"ok\nno \xff", 100).map(|_| ()).unwrap_err();
        assert_eq!((fault.line, fault.column), (2, 4));
    }

    #[test]
    fn the_nearest_word_is_near() {
        assert_eq!(nearest("titel", ["hint", "title"]), Some("title"));
        assert_eq!(nearest("Advanced", ["beginner", "advanced"]), Some("advanced"));
        assert_eq!(nearest("colour", ["hint", "title"]), None);
    }

    proptest! {
        #[test]
        fn any_place_in_any_text_can_be_shown(text in "(\\PC|[\n\r\t\u{7}\u{200b}])*", a in 0usize..40, b in 0usize..40, colour: bool) {
            let fault = Source::new(Path::new("a"), &text).fault(a..b, "bad");
            prop_assert!(Faults::new(vec![fault]).render(colour).contains("bad"));
        }
    }
}
