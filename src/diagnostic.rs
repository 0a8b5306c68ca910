//! Faults in text that people write, the bank's files and the configuration: where each one is,
//! what is wrong and what would help. The readers of such text collect every fault before they
//! give up, because one run should be enough to mend a file.

pub mod fields;

use crate::files::Unanswered;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use std::{
    cell::RefCell,
    collections::BTreeSet,
    fmt,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

/// How many faults of one run are kept; more are counted.
const KEPT: usize = 1_000;

/// Characters of a message; what it quotes may be a whole file.
const MESSAGE_MAX: usize = 300;

/// Characters of a hint, which may list all that may be said.
const HINT_MAX: usize = 2_000;

/// Bytes of a line that is shown; a longer one is hardly text that somebody has written.
const LINE_MAX: usize = 4_096;

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
        let (path, message) = (path.into(), shortened(message.into(), MESSAGE_MAX));
        Self { path, line: 1, column: 1, message, hint: None, excerpt: None }
    }

    /// The fault that files could not be read to their end, found while this was read.
    pub fn unanswered(root: &Path, unanswered: &Unanswered) -> Self {
        let path = match unanswered {
            Unanswered::Late { path, .. } if !path.as_os_str().is_empty() => path,
            _ => root,
        };
        let fault = Self::whole(path, format!("cannot read this: {unanswered}"));
        fault.hint("is it on a disk or a network mount that hangs?")
    }

    /// The same fault with advice.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(shortened(hint.into(), HINT_MAX));
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

/// A text of at most so many characters.
fn shortened(mut text: String, max: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(max) {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// The faults that were found, in the order of paths, lines and columns.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Faults {
    /// Each of them, up to a thousand.
    pub list: Vec<Fault>,
    /// How many more there are.
    pub unlisted: usize,
}

impl Faults {
    /// Sorts the faults; the same one found twice stays once.
    pub fn new(mut list: Vec<Fault>) -> Self {
        list.sort_by(|a, b| {
            (&a.path, a.line, a.column, &a.message).cmp(&(&b.path, b.line, b.column, &b.message))
        });
        list.dedup();
        Self { list, unlisted: 0 }
    }

    /// How many of them are told where nobody has asked for all of them.
    pub const TOLD: usize = 20;

    /// The first `most` of them as text for people, each with its place and the line it is in; with
    /// colours for a terminal that shows them.
    pub fn render(&self, colour: bool, most: usize) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let shown = self.list.iter().take(most);
        let faults: Vec<String> = shown.map(|fault| fault.render(&renderer)).collect();
        let count = match self.list.len() + self.unlisted {
            1 => "1 fault found".to_owned(),
            all if all > faults.len() => {
                format!("{all} faults found; the first {} are shown", faults.len())
            }
            all => format!("{all} faults found"),
        };
        format!("{}\n\n{count}", faults.join("\n\n"))
    }
}

/// The first of them, for a log.
impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false, Self::TOLD))
    }
}

impl std::error::Error for Faults {}

/// Where readers put the faults that they find. It is shared by all readers of one run, so it
/// can be added to through a plain reference. However many there are, it keeps a thousand.
#[derive(Default, Debug)]
pub struct Report(RefCell<Found>);

#[derive(Default, Debug)]
struct Found {
    faults: Vec<Fault>,
    unlisted: usize,
    /// The files of all faults, those too that are only counted.
    paths: BTreeSet<PathBuf>,
}

impl Report {
    /// Notes a fault.
    pub fn add(&self, fault: Fault) {
        let mut found = self.0.borrow_mut();
        if !found.paths.contains(&fault.path) {
            found.paths.insert(fault.path.clone());
        }
        if found.faults.len() < KEPT { found.faults.push(fault) } else { found.unlisted += 1 }
    }

    /// Whether a fault of this file was noted.
    pub fn blames(&self, path: &Path) -> bool {
        self.0.borrow().paths.contains(path)
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
        let Found { faults, unlisted, .. } = self.0.into_inner();
        if faults.is_empty() { Ok(read) } else { Err(Faults { unlisted, ..Faults::new(faults) }) }
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
            message: shortened(message.into(), MESSAGE_MAX),
            hint: None,
            excerpt: (line_end - line_start <= LINE_MAX).then(|| {
                Box::new(Excerpt {
                    line: self.text[line_start..line_end].to_owned(),
                    span: start - line_start..end.max(start) - line_start,
                })
            }),
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
        assert_eq!(faults.list, [fault("a"), fault("b")]);
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

    #[test]
    fn thousands_of_faults_are_counted_and_some_of_them_told() {
        let report = Report::default();
        let long = "word ".repeat(20_000);
        for number in 0..5_000 {
            let path = format!("{number:04}.md");
            let source = Source::new(Path::new(&path), &long);
            report.add(source.fault(7..9, long.as_str()).hint(long.as_str()));
        }
        assert!(report.blames(Path::new("4999.md")) && !report.blames(Path::new("5000.md")));
        let faults = report.finish(()).unwrap_err();
        assert_eq!((faults.list.len(), faults.unlisted), (1_000, 4_000));
        let (told, all) = (faults.to_string(), faults.render(false, usize::MAX));
        assert!(told.ends_with("\n\n5000 faults found; the first 20 are shown"), "{told}");
        assert!(all.ends_with("\n\n5000 faults found; the first 1000 are shown"));
        assert!(told.contains("0019.md:1:8") && !told.contains("0020.md"), "{told}");
        assert!(told.len() < 20 * 3_000 && all.len() < 1_000 * 3_000, "{}", told.len());
    }

    proptest! {
        #[test]
        fn any_place_in_any_text_can_be_shown(text in "(\\PC|[\n\r\t\u{7}\u{200b}])*", a in 0usize..40, b in 0usize..40, colour: bool) {
            let fault = Source::new(Path::new("a"), &text).fault(a..b, "bad");
            prop_assert!(Faults::new(vec![fault]).render(colour, 1).contains("bad"));
        }
    }
}
