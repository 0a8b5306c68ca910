//! Reads the texts of a TOML table, each through all its checks: what the files of questions and
//! of topics have in common.

use super::{
    limits,
    markdown::{self, Form},
    passage::{Lines, Passage},
};
use crate::diagnostic::{
    Report, Source,
    fields::{Fields, Text, Value, entry_of},
};
use std::{collections::BTreeMap, ops::RangeInclusive};

/// How closely texts are looked at while they are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Care {
    /// What is compiled in was checked before, by `bank check` in the tests. To check it again at
    /// each start would take longer than all the rest of reading it.
    Trusting,
    /// Every text goes through all its checks.
    Checking,
}

/// The file that is being read, how closely, and where its faults go.
#[derive(Clone, Copy)]
pub struct Texts<'a> {
    /// The file.
    pub source: &'a Source,
    /// How closely it is read.
    pub care: Care,
    /// Its faults.
    pub report: &'a Report,
}

impl Texts<'_> {
    /// The text of a key that must be there: one line, at most `max` long.
    pub fn line(&self, fields: &mut Fields<'_>, key: &'static str, max: usize) -> Option<Text> {
        let text = fields.required(key)?.text()?;
        self.check_lines(|| format!("`{key}`"), std::slice::from_ref(&text), max);
        Some(text)
    }

    /// The text of a key that may be left out; otherwise as in [`Texts::line`].
    pub fn optional_line(
        &self,
        fields: &mut Fields<'_>,
        key: &'static str,
        max: usize,
    ) -> Option<Text> {
        let text = fields.optional(key)?.text()?;
        self.check_lines(|| format!("`{key}`"), std::slice::from_ref(&text), max);
        Some(text)
    }

    /// The list of texts of a key that must be there, each as in [`Texts::line`], as many as
    /// `count` says and no two alike.
    pub fn list(
        &self,
        fields: &mut Fields<'_>,
        key: &'static str,
        max: usize,
        count: RangeInclusive<usize>,
    ) -> Option<Vec<Text>> {
        let value = fields.required(key)?;
        let texts = value.texts()?;
        self.check_lines(|| entry_of(key), &texts, max);
        self.check_count(key, &value, texts.len(), count);
        self.check_distinct(key, &texts);
        Some(texts)
    }

    /// Reports how many there are if it is not a number that may be.
    pub fn check_count(
        &self,
        key: &str,
        value: &Value<'_>,
        found: usize,
        count: RangeInclusive<usize>,
    ) {
        if !count.contains(&found) {
            let wanted = match (*count.start(), *count.end()) {
                (from, to) if from == to => from.to_string(),
                (from, to) => format!("{from} to {to}"),
            };
            let fault = value.fault(format!("`{key}` has {found} entries, not {wanted}"));
            let hint = match count.start().checked_sub(found) {
                Some(more) => format!("add {more} more"),
                None => format!("leave {} out", found - count.end()),
            };
            self.report.add(fault.hint(hint));
        }
    }

    /// Reports each text that says the same as one before it.
    pub fn check_distinct<'t>(&self, key: &str, texts: impl IntoIterator<Item = &'t Text>) {
        if self.care == Care::Trusting {
            return;
        }
        let mut seen = BTreeMap::new();
        for text in texts {
            if seen.insert(fold(&text.value), ()).is_some() {
                let message = format!("`{key}` says the same twice: `{}`", text.value.trim());
                let fault = self.source.fault(text.span.clone(), message);
                self.report.add(fault.hint("leave one of the two out, or change it"));
            }
        }
    }

    /// Checks the Markdown below the front matter.
    pub fn check_answer(&self, answer: &Passage<'_>) {
        if self.care == Care::Checking {
            answer.check(limits::ANSWER_MAX, Lines::Many, self.report);
            markdown::check(answer, Form::Blocks, self.report);
        }
    }

    /// Checks texts that are each one line, at most `max` long.
    pub fn check_lines(&self, name: impl FnOnce() -> String, texts: &[Text], max: usize) {
        if self.care == Care::Trusting {
            return;
        }
        let name = name();
        for text in texts {
            let passage = Passage::of_value(self.source, &name, text);
            passage.check(max, Lines::One, self.report);
            markdown::check(&passage, Form::Inline, self.report);
        }
    }
}

/// A text as it counts for whether two are alike: capitals and spaces make no difference.
pub fn fold(text: &str) -> String {
    text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}
