//! Reads `topics.toml`: the topics that questions may name.

use super::{
    limits,
    texts::{Care, Texts, fold},
    tree::{Entry, form_of_id},
};
use crate::{
    diagnostic::{
        Report,
        fields::{self, Fields, Text},
    },
    domain::{ids::TopicId, question::Topic},
};

/// The declared topics, in the order in which they were declared.
pub struct Topics {
    /// The topics.
    pub declared: Vec<Topic>,
    /// Every id that was meant to be declared, even by an entry with a fault.
    pub known: Vec<String>,
    /// Whether all declarations could be read; if not, a topic that seems to be undeclared may
    /// not be.
    pub complete: bool,
}

impl Topics {
    /// Reads the files one after the other; an entry of a later one replaces that of an earlier
    /// one with the same id.
    pub fn read<'a>(files: impl IntoIterator<Item = (Care, &'a Entry)>, report: &Report) -> Self {
        let mut topics = Self { declared: Vec::new(), known: Vec::new(), complete: true };
        for (care, file) in files {
            match report.note(file.read()) {
                Some(source) => topics.read_file(Texts { source: &source, care, report }),
                None => topics.complete = false,
            }
        }
        topics
    }

    fn read_file(&mut self, texts: Texts<'_>) {
        let (source, report) = (texts.source, texts.report);
        let text = source.text();
        if text.starts_with('\u{feff}') {
            let fault = source.fault(0..3, "the file begins with a byte order mark");
            return report.add(fault.hint("save it as UTF-8 without one"));
        }
        fields::read(source, 0..text.len(), report, |fields| {
            self.complete &= fields.sound();
            let tables = fields.optional("topic").map(|value| value.tables()).unwrap_or_default();
            let read: Vec<_> = tables.into_iter().map(|table| read_topic(texts, table)).collect();
            texts.check_distinct("id", read.iter().filter_map(|topic| topic.id.as_ref()));
            texts.check_distinct("name", read.iter().filter_map(|topic| topic.name.as_ref()));
            read.into_iter().for_each(|topic| self.add(topic));
        });
    }

    fn add(&mut self, read: Read) {
        if let Some(id) = read.id.iter().find(|id| !self.known.contains(&id.value)) {
            self.known.push(id.value.clone());
        }
        let Some(topic) = read.topic() else { return };
        match self.declared.iter_mut().find(|known| known.id == topic.id) {
            Some(known) => *known = topic,
            None => self.declared.push(topic),
        }
    }
}

struct Read {
    id: Option<Text>,
    name: Option<Text>,
    about: Option<Text>,
}

impl Read {
    fn topic(self) -> Option<Topic> {
        let (name, about) = (self.name?.value.trim().into(), self.about?.value.trim().into());
        Some(Topic { id: self.id?.value.as_str().into(), name, about })
    }
}

fn read_topic(texts: Texts<'_>, mut fields: Fields<'_>) -> Read {
    let id = fields.required("id").and_then(|value| {
        let id = value.text()?;
        if let Err(bad) = TopicId::parse(&id.value) {
            let complaint = form_of_id(bad);
            let fault = value.fault(format!("the topic `{}` {complaint}", fold(&id.value)));
            texts.report.add(fault.hint("for example `message-queues`"));
        }
        Some(id)
    });
    let name = texts.line(&mut fields, "name", limits::TOPIC_NAME_MAX);
    let about = texts.line(&mut fields, "about", limits::TOPIC_ABOUT_MAX);
    fields.finish();
    Read { id, name, about }
}
