//! A strict reader of TOML tables. It knows which keys were asked for, and so reports the others;
//! every value remembers its place; and a fault in one value does not hide the next one's.

use super::{Fault, Report, Source};
use std::ops::Range;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// A text value and its place, quotes included.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Text {
    /// What it says, escapes resolved.
    pub value: String,
    /// The bytes of the source that it was read from.
    pub span: Range<usize>,
}

/// What all tables of one document share.
struct Document<'a> {
    source: &'a Source,
    report: &'a Report,
    /// Where the TOML begins in the source.
    base: usize,
    /// Whether the TOML parsed without an error; if not, what seems missing may be there.
    sound: bool,
}

impl Document<'_> {
    fn place(&self, span: Range<usize>) -> Range<usize> {
        self.base + span.start..self.base + span.end
    }

    fn add(&self, span: Range<usize>, message: String, hint: String) {
        self.report.add(self.source.fault(span, message).hint(hint));
    }
}

/// Parses a part of the source as TOML and reads its root table with `read`. Syntax errors are
/// reported, one a line, and what can be read in spite of them is read.
pub fn read<T>(
    source: &Source,
    part: Range<usize>,
    report: &Report,
    read: impl FnOnce(&mut Fields<'_>) -> T,
) -> T {
    let (table, errors) = DeTable::parse_recoverable(&source.text()[part.clone()]);
    let document = Document { source, report, base: part.start, sound: errors.is_empty() };
    let mut last_line = 0;
    for error in errors {
        let span = document.place(error.span().unwrap_or_default());
        let fault = source.fault(span, format!("not valid TOML: {}", error.message()));
        let fault = fault.hint("texts stand in quotes, lists in brackets; no key comes twice");
        if fault.line != last_line {
            last_line = fault.line;
            report.add(fault);
        }
    }
    let mut fields = Fields {
        document: &document,
        table: table.get_ref(),
        span: part.start..part.start,
        name: String::new(),
        asked: Vec::new(),
    };
    let value = read(&mut fields);
    fields.finish();
    value
}

/// The keys of one table. [`Fields::finish`] reports those that nobody asked for.
pub struct Fields<'a> {
    document: &'a Document<'a>,
    table: &'a DeTable<'a>,
    span: Range<usize>,
    name: String,
    asked: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// The value of a key that may be left out.
    pub fn optional(&mut self, key: &'static str) -> Option<Value<'a>> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        let (_, value) = self.table.iter().find(|(name, _)| name.get_ref() == key)?;
        Some(Value { document: self.document, value, key, label: format!("`{key}`") })
    }

    /// The value of a key that must be there; that it is not, is reported.
    pub fn required(&mut self, key: &'static str) -> Option<Value<'a>> {
        let value = self.optional(key);
        if value.is_none() && self.document.sound {
            let message = format!("`{key}` is missing{}", self.place());
            let hint = format!("add `{key}`; it may not be left out");
            self.document.add(self.span.clone(), message, hint);
        }
        value
    }

    /// Whether the text had no syntax errors, so that all that is missing is really missing.
    pub fn sound(&self) -> bool {
        self.document.sound
    }

    /// Reports the keys that were not asked for.
    pub fn finish(self) {
        let known = |key: &str| self.asked.contains(&key) || (key.is_empty() && !self.sound());
        for key in self.table.keys().filter(|key| !known(key.get_ref())) {
            let message = format!("unknown key `{}`{}", key.get_ref(), self.place());
            let span = self.document.place(key.span());
            let fault = self.document.source.fault(span, message);
            self.document.report.add(fault.suggest(key.get_ref(), self.asked.iter().copied()));
        }
    }

    fn place(&self) -> String {
        if self.name.is_empty() { String::new() } else { format!(" in `{}`", self.name) }
    }
}

/// One value of a table. Each reading method reports a wrong type and then gives nothing.
pub struct Value<'a> {
    document: &'a Document<'a>,
    value: &'a Spanned<DeValue<'a>>,
    key: &'static str,
    /// What it is called in messages.
    label: String,
}

impl<'a> Value<'a> {
    /// The bytes of the source that hold it.
    pub fn span(&self) -> Range<usize> {
        self.document.place(self.value.span())
    }

    /// A fault of this value, not yet reported.
    pub fn fault(&self, message: impl Into<String>) -> Fault {
        self.document.source.fault(self.span(), message)
    }

    /// A text.
    pub fn text(&self) -> Option<Text> {
        let text = self.value.get_ref().as_str();
        let text = text.map(|text| Text { value: text.to_owned(), span: self.span() });
        let quoted =
            self.written().map_or("\"…\"".to_owned(), |written| format!("\"{written}\""));
        self.expect("a text in quotes", &quoted, text)
    }

    /// A list of texts; nothing if one of them is no text.
    pub fn texts(&self) -> Option<Vec<Text>> {
        let texts: Vec<Option<Text>> = self.entries()?.iter().map(Value::text).collect();
        texts.into_iter().collect()
    }

    /// True or false.
    pub fn boolean(&self) -> Option<bool> {
        let meant = match self.meant().as_deref() {
            Some("false" | "no" | "off" | "0") => "false",
            _ => "true",
        };
        self.expect("true or false", meant, self.value.get_ref().as_bool())
    }

    /// A whole number, as it is written apart from underscores and signs that change nothing.
    pub fn integer(&self) -> Option<i128> {
        let integer = self.value.get_ref().as_integer();
        let integer = integer.and_then(|i| i128::from_str_radix(i.as_str(), i.radix()).ok());
        let meant = self.meant().filter(|meant| meant.parse::<i128>().is_ok());
        self.expect("a whole number", meant.as_deref().unwrap_or("5"), integer)
    }

    /// A whole number, or a text for whatever reason the number is written as one.
    pub fn integer_or_text(&self) -> Option<String> {
        match self.value.get_ref() {
            DeValue::String(text) => Some(text.to_string()),
            DeValue::Integer(_) => self.integer().map(|integer| integer.to_string()),
            _ => self.expect("a whole number, or one in quotes", "\"5\"", None),
        }
    }

    /// A table within the table; nobody has asked for any of its keys yet.
    pub fn table(&self) -> Option<Fields<'a>> {
        let table = self.expect("a table", "{ … }", self.value.get_ref().as_table())?;
        let (span, name) = (self.span(), self.key.to_owned());
        Some(Fields { document: self.document, table, span, name, asked: Vec::new() })
    }

    /// A text, or a table with more to say than a text could.
    pub fn text_or_table(&self) -> Option<TextOrTable<'a>> {
        match self.value.get_ref() {
            DeValue::String(_) => self.text().map(TextOrTable::Text),
            DeValue::Table(_) => self.table().map(TextOrTable::Table),
            _ => self.expect("a text or a table", "\"…\" or { … }", None),
        }
    }

    /// Tables written as `[[name]]`; those that are no table are left out.
    pub fn tables(&self) -> Vec<Fields<'a>> {
        self.entries().unwrap_or_default().iter().filter_map(Value::table).collect()
    }

    /// The entries of a list.
    pub fn entries(&self) -> Option<Vec<Value<'a>>> {
        let text = self.value.get_ref().as_str();
        let listed = text.map_or("[…]".to_owned(), |text| format!("[\"{text}\"]"));
        let array = self.expect("a list", &listed, self.value.get_ref().as_array())?;
        let label = entry_of(self.key);
        let item = |value| Value { value, label: label.clone(), ..*self };
        Some(array.iter().map(item).collect())
    }

    /// A single value that is no text, as it is written.
    fn written(&self) -> Option<&str> {
        let single = matches!(
            self.value.get_ref(),
            DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_)
        );
        self.document.source.text().get(self.span()).filter(|_| single)
    }

    /// What a single value says, with quotes or without.
    fn meant(&self) -> Option<String> {
        let said = self.value.get_ref().as_str().or_else(|| self.written());
        said.map(|said| said.trim().to_lowercase())
    }

    fn expect<T>(&self, wanted: &str, example: &str, value: Option<T>) -> Option<T> {
        if value.is_none() {
            let found = match self.value.get_ref() {
                DeValue::String(_) => "text",
                DeValue::Integer(_) => "whole number",
                DeValue::Array(_) => "list",
                other => other.type_str(),
            };
            let message = format!("{} must be {wanted}, not a {found}", self.label);
            self.document.add(self.span(), message, format!("write it as {example}"));
        }
        value
    }
}

/// A value that may be either.
pub enum TextOrTable<'a> {
    /// A text.
    Text(Text),
    /// A table.
    Table(Fields<'a>),
}

/// What an entry of a list is called in messages.
pub fn entry_of(key: &str) -> String {
    format!("an entry of `{key}`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn messages(text: &str, reader: impl FnOnce(&mut Fields<'_>)) -> Vec<String> {
        let (source, report) = (Source::new(Path::new("a"), text), Report::default());
        read(&source, 0..text.len(), &report, reader);
        let faults = report.finish(()).err().map(|faults| faults.list).unwrap_or_default();
        faults.into_iter().map(|f| format!("{}:{} {}", f.line, f.column, f.message)).collect()
    }

    #[test]
    fn the_hint_is_what_was_meant() {
        let hint = |value: &str, read: fn(&Value<'_>)| {
            let text = format!("a = {value}\n");
            let (source, report) = (Source::new(Path::new("a"), &text), Report::default());
            super::read(&source, 0..text.len(), &report, |fields| {
                fields.required("a").iter().for_each(read);
            });
            let Err(mut faults) = report.finish(()) else { panic!("no fault: {text}") };
            (faults.list.len(), faults.list.remove(0).hint.unwrap_or_default())
        };
        type Read = fn(&Value<'_>);
        let (number, yes, text, list): (Read, Read, Read, Read) = (
            |value| assert_eq!(value.integer(), None),
            |value| assert_eq!(value.boolean(), None),
            |value| assert_eq!(value.text(), None),
            |value| assert!(value.entries().is_none()),
        );
        for (value, read, expected) in [
            ("\"64\"", number, "64"),
            ("' -7 '", number, "-7"),
            ("'many'", number, "5"),
            ("true", number, "5"),
            ("'No'", yes, "false"),
            ("'yes'", yes, "true"),
            ("0", yes, "false"),
            ("64", text, "\"64\""),
            ("6.5", text, "\"6.5\""),
            ("true", text, "\"true\""),
            ("[]", text, "\"…\""),
            ("'mon'", list, "[\"mon\"]"),
            ("1", list, "[…]"),
        ] {
            assert_eq!(hint(value, read), (1, format!("write it as {expected}")), "{value}");
        }
    }

    #[test]
    fn every_fault_is_reported_at_its_place() {
        let found = messages("titel = 1\nhint = 2\n[quiz]\nask = ['a', 3]\n", |fields| {
            assert_eq!(fields.required("title").and_then(|v| v.text()), None);
            assert_eq!(fields.required("hint").and_then(|v| v.text()), None);
            let mut quiz = fields.required("quiz").and_then(|v| v.table());
            if let Some(quiz) = &mut quiz {
                assert_eq!(quiz.required("ask").and_then(|v| v.texts()), None);
                assert!(quiz.required("why").is_none());
            }
            quiz.into_iter().for_each(Fields::finish);
        });
        let expected = [
            "1:1 `title` is missing",
            "1:1 unknown key `titel`",
            "2:8 `hint` must be a text in quotes, not a whole number",
            "3:1 `why` is missing in `quiz`",
            "4:13 an entry of `ask` must be a text in quotes, not a whole number",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn syntax_errors_hide_nothing_but_what_is_missing() {
        let found = messages("hint = nope\n= 3\nnumber = 0x1f\nmore = 1\n", |fields| {
            assert!(fields.required("title").is_none());
            fields.optional("hint");
            assert_eq!(fields.optional("number").and_then(|v| v.integer()), Some(31));
        });
        let expected = [
            "1:8 not valid TOML: invalid float, expected `nan`",
            "2:1 not valid TOML: unquoted keys cannot be empty, expected letters, numbers, `-`, `_`",
            "4:1 unknown key `more`",
        ];
        assert_eq!(found, expected);
    }
}
