//! One text of the bank that members will see, and the checks that every such text has to pass:
//! it says something, it is not too long, and it holds nothing invisible and nobody's mention.

use super::limits::length;
use crate::diagnostic::{Fault, Report, Source, fields::Text};
use std::ops::Range;

/// A text and where it stands in its file.
pub struct Passage<'a> {
    source: &'a Source,
    /// What the key or the part is called in messages.
    pub name: &'a str,
    /// The text itself.
    pub text: &'a str,
    place: Place,
}

/// How places in the text are found in the file.
enum Place {
    /// The text stands in the file as it is, from this byte on.
    Exact(usize),
    /// The text was written with escapes, somewhere within these bytes.
    Within(Range<usize>),
}

impl<'a> Passage<'a> {
    /// A part of the file itself.
    pub fn of_file(source: &'a Source, name: &'a str, range: Range<usize>) -> Self {
        let place = Place::Exact(range.start);
        Self { source, name, text: &source.text()[range], place }
    }

    /// A TOML string of the file.
    pub fn of_value(source: &'a Source, name: &'a str, value: &'a Text) -> Self {
        let inner = value.span.start + 1..value.span.end.saturating_sub(1);
        let plain = source.text().get(inner.clone()) == Some(value.value.as_str());
        let place =
            if plain { Place::Exact(inner.start) } else { Place::Within(value.span.clone()) };
        Self { source, name, text: &value.value, place }
    }

    /// A fault at these bytes of the text, not yet reported.
    pub fn fault(&self, range: Range<usize>, message: impl Into<String>) -> Fault {
        let span = match &self.place {
            Place::Exact(start) => start + range.start..start + range.end,
            Place::Within(span) => span.clone(),
        };
        self.source.fault(span, message)
    }

    /// Checks what holds for all texts; `max` is in units of [`length`].
    pub fn check(&self, max: usize, lines: Lines, report: &Report) {
        if self.text.trim().is_empty() {
            let fault = self.fault(0..self.text.len(), format!("{} is empty", self.name));
            report.add(fault.hint("write it; it may not be left out"));
        }
        self.check_length(max, report);
        self.check_characters(lines, report);
        self.check_mentions(report);
    }

    fn check_length(&self, max: usize, report: &Report) {
        let found = length(self.text.trim());
        if found <= max {
            return;
        }
        let start = self.text.len() - self.text.trim_start().len();
        let over = start + prefix(&self.text[start..], max);
        let end = self.text.trim_end().len();
        let message =
            format!("{} is {found} characters long; at most {max} can be shown", self.name);
        report.add(self.fault(over..end, message).hint("what is underlined is too much"));
    }

    fn check_characters(&self, lines: Lines, report: &Report) {
        let bad = |c: char| match c {
            '\n' => lines == Lines::One,
            '\t' => lines == Lines::One,
            c => c.is_control() || invisible(c),
        };
        if let Some((at, c)) = self.text.char_indices().find(|(_, c)| bad(*c)) {
            let message = match c {
                '\n' => format!("{} must be one line", self.name),
                _ => format!("{} holds the invisible character {}", self.name, c.escape_unicode()),
            };
            let hint = match c {
                '\n' => "join the lines",
                '\r' => "save the file with LF line ends",
                _ => "delete the character",
            };
            report.add(self.fault(at..at + c.len_utf8(), message).hint(hint));
        }
    }

    fn check_mentions(&self, report: &Report) {
        for (at, form) in ["<@", "<#", "@everyone", "@here"]
            .into_iter()
            .flat_map(|form| self.text.match_indices(form))
            .filter(|(at, form)| is_mention(form, &self.text[at + form.len()..]))
        {
            let message =
                format!("{} mentions members, roles or channels with `{form}`", self.name);
            report.add(self.fault(at..at + form.len(), message).hint("leave the mention out"));
        }
    }
}

/// Whether a text may have several lines.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lines {
    /// One line only.
    One,
    /// Lines and paragraphs.
    Many,
}

/// The bytes of the longest beginning of a text that is no longer than `max`.
fn prefix(text: &str, max: usize) -> usize {
    let lengths = text.chars().scan(0, |sum, c| {
        *sum += c.len_utf16();
        Some((*sum, c.len_utf8()))
    });
    lengths.take_while(|(sum, _)| *sum <= max).map(|(_, bytes)| bytes).sum()
}

fn is_mention(form: &str, rest: &str) -> bool {
    match form {
        "<#" => rest.starts_with(|c: char| c.is_ascii_digit()),
        "<@" => true,
        _ => !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'),
    }
}

/// Characters that show nothing but change what is shown: zero-width spaces, directional marks
/// and overrides, the byte order mark. Joiners are left alone, since emoji are made with them.
fn invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{2069}' | '\u{feff}')
}
