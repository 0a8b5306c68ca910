//! Reads a question's sources: each a name, or a table with its address and what it is named for.

use super::{trimmed, trimmed_if};
use crate::{
    bank::{
        limits,
        passage::{Lines, Passage},
        texts::{Care, Texts},
    },
    diagnostic::fields::{Fields, Text, TextOrTable, entry_of},
    domain::question::Source,
};
use url::Url;

/// What links in a message begin with.
const SCHEMES: [&str; 2] = ["https", "http"];

/// A source whose texts have their places.
pub struct SourceDraft {
    /// What it is called.
    pub name: Text,
    /// Where it can be read.
    pub url: Option<Text>,
    /// Which statement it backs.
    pub backs: Option<Text>,
}

impl SourceDraft {
    /// The source itself.
    pub fn source(self) -> Source {
        let Self { name, url, backs } = self;
        Source { name: trimmed(name), url: trimmed_if(url), backs: trimmed_if(backs) }
    }
}

/// The sources; nothing if one of them could not be read.
pub fn read(texts: Texts<'_>, fields: &mut Fields<'_>) -> Option<Vec<SourceDraft>> {
    let value = fields.required("sources")?;
    let entries = value.entries()?;
    texts.check_count("sources", &value, entries.len(), limits::SOURCES);
    // Each is read, so that a fault in one does not hide the next one's.
    let read: Vec<Option<SourceDraft>> = entries
        .into_iter()
        .map(|entry| match entry.text_or_table()? {
            TextOrTable::Text(name) => Some(read_name(texts, name)),
            TextOrTable::Table(table) => read_table(texts, table),
        })
        .collect();
    let sources: Vec<SourceDraft> = read.into_iter().collect::<Option<_>>()?;
    texts.check_distinct("sources", sources.iter().map(|source| &source.name));
    Some(sources)
}

fn read_name(texts: Texts<'_>, name: Text) -> SourceDraft {
    texts.check_lines(|| entry_of("sources"), std::slice::from_ref(&name), limits::SOURCE_MAX);
    SourceDraft { name, url: None, backs: None }
}

fn read_table(texts: Texts<'_>, mut fields: Fields<'_>) -> Option<SourceDraft> {
    let name = texts.line(&mut fields, "name", limits::SOURCE_NAME_MAX);
    let url = fields.optional("url").and_then(|value| value.text());
    let backs = texts.optional_line(&mut fields, "use", limits::SOURCE_USE_MAX);
    fields.finish();
    let name = name?;
    if let Some(url) = url.as_ref().filter(|_| texts.care == Care::Checking) {
        check_url(texts, url);
        check_linked(texts, &name);
    }
    Some(SourceDraft { name, url, backs })
}

/// An address is no Markdown, so it has checks of its own: it must be one that a link can lead to.
fn check_url(texts: Texts<'_>, text: &Text) {
    let passage = Passage::of_value(texts.source, "`url`", text);
    passage.check(limits::SOURCE_URL_MAX, Lines::One, texts.report);
    let url = passage.text;
    let whole = !url.contains(|c: char| c.is_whitespace() || "<>".contains(c));
    let leads =
        Url::parse(url).is_ok_and(|parsed| SCHEMES.contains(&parsed.scheme()) && parsed.has_host());
    let empty = url.trim().is_empty();
    if !(empty || whole && leads) {
        let message = format!("`{url}` is no address that a link can lead to");
        let hint = "an address begins with https:// and a host, and has no spaces";
        texts.report.add(passage.fault(0..url.len(), message).hint(hint));
    }
}

/// A name becomes the text of a link, which ends at a bracket.
fn check_linked(texts: Texts<'_>, name: &Text) {
    if let Some(at) = name.value.find(['[', ']']) {
        let passage = Passage::of_value(texts.source, "`name`", name);
        let message = "the name of a source with an address holds a square bracket";
        let hint = "the name is shown as a link, which ends there; use round brackets";
        texts.report.add(passage.fault(at..at + 1, message).hint(hint));
    }
}
