//! Reads the texts of a TOML table, each through all its checks: what the files of questions and
//! of topics have in common.

use super::{
    markdown::{self, Form},
    passage::{Lines, Passage},
};
use crate::diagnostic::{
    Report, Source,
    fields::{Fields, Text, Value, entry_of},
};
use std::{collections::BTreeMap, ops::RangeInclusive};

/// The file that is being read, and where its faults go.
#[derive(Clone, Copy)]
pub struct Texts<'a> {
    /// The file.
    pub source: &'a Source,
    /// Its faults.
    pub report: &'a Report,
}

impl Texts<'_> {
    /// The text of a key that must be there: one line, at most `max` long.
    pub fn line(&self, fields: &mut Fields<'_>, key: &'static str, max: usize) -> Option<Text> {
        let text = fields.required(key)?.text()?;
        self.check_line(&format!("`{key}`"), &text, max);
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
        texts.iter().for_each(|text| self.check_line(&entry_of(key), text, max));
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
        let mut seen = BTreeMap::new();
        for text in texts {
            if seen.insert(fold(&text.value), ()).is_some() {
                let message = format!("`{key}` says the same twice: `{}`", text.value.trim());
                let fault = self.source.fault(text.span.clone(), message);
                self.report.add(fault.hint("leave one of the two out, or change it"));
            }
        }
    }

    fn check_line(&self, name: &str, text: &Text, max: usize) {
        let passage = Passage::of_value(self.source, name, text);
        passage.check(max, Lines::One, self.report);
        markdown::check(&passage, Form::Inline, self.report);
    }
}

/// A text as it counts for whether two are alike: capitals and spaces make no difference.
pub fn fold(text: &str) -> String {
    text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}
