//! The dailies that the configuration declares, read by the domain's own rules.

use super::parse::Complaint;
use crate::{
    diagnostic::{
        Fault, Report,
        fields::{Fields, Value},
    },
    domain::{
        daily::{DAILIES_MAX, DailyName, Declared, Settings},
        ids::{ChannelId, GuildId, RoleId},
        question::{Filter, Level},
        schedule::{self, Day, Schedule},
    },
};
use std::collections::{BTreeMap, BTreeSet};

/// Reads all of them. To `topics` go the topics that they name, each with the fault that it
/// is if the bank does not know it.
pub fn read(
    root: &mut Fields<'_>,
    report: &Report,
    topics: &mut Vec<(String, Fault)>,
) -> Vec<Declared> {
    let tables = root.optional("daily").map(|value| value.tables()).unwrap_or_default();
    let mut dailies: Vec<Declared> = Vec::new();
    let mut names: BTreeMap<GuildId, BTreeSet<String>> = BTreeMap::new();
    for table in tables {
        let mut reader = Reader { fields: table, report, topics };
        let name = reader.fields.optional("name");
        let daily = reader.daily();
        reader.fields.finish();
        let Some((daily, name)) = daily.zip(name) else { continue };
        let others = names.entry(daily.guild).or_default();
        if !others.insert(daily.settings.name.to_lowercase()) {
            let message = format!("the guild has another daily named `{}`", &*daily.settings.name);
            report.add(name.fault(message).hint("give one of the two another name"));
        }
        if others.len() == DAILIES_MAX + 1 {
            let message = format!("the guild has more than {DAILIES_MAX} dailies from here on");
            report.add(name.fault(message).hint("leave some of them out"));
        }
        dailies.push(daily);
    }
    dailies
}

struct Reader<'a, 'r> {
    fields: Fields<'a>,
    report: &'r Report,
    topics: &'r mut Vec<(String, Fault)>,
}

impl<'a> Reader<'a, '_> {
    /// Reads every key before it gives up, so that no fault hides another.
    fn daily(&mut self) -> Option<Declared> {
        let id = Value::integer_or_text;
        let name = self.required("name", Self::plain, DailyName::parse);
        let guild = self.required("guild", id, GuildId::parse);
        let channel = self.required("channel", id, ChannelId::parse);
        let schedule = self.schedule();
        let filter = Filter {
            levels: self.words("levels", Level::ALL.map(Level::as_str), str::parse),
            topics: self.topics().iter().map(|topic| topic.as_str().into()).collect(),
        };
        let role = self.fields.optional("role");
        let role = role.and_then(|value| self.parsed(&value, id, RoleId::parse));
        let thread = self.boolean("thread", true);
        let pin = self.boolean("pin", false);
        let (name, channel, schedule) = (name?, channel?, schedule?);
        let settings = Settings { name, channel, schedule, filter, role, thread, pin };
        Some(Declared { guild: guild?, settings })
    }

    fn schedule(&mut self) -> Option<Schedule> {
        let time = self.required("time", Self::plain, schedule::parse_time);
        let zone = self.required("zone", Self::plain, schedule::zone);
        let days = self.words("days", Day::ALL.map(Day::as_str), schedule::parse_day);
        let days = if days.is_empty() { Day::WORKING.into() } else { days.into_iter().collect() };
        Some(Schedule { time: time?, zone: zone?, days, skips: BTreeSet::new() })
    }

    fn plain(value: &Value<'a>) -> Option<String> {
        value.text().map(|text| text.value)
    }

    fn required<T, E: Into<Complaint>>(
        &mut self,
        key: &'static str,
        read: impl Fn(&Value<'a>) -> Option<String>,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        let value = self.fields.required(key)?;
        self.parsed(&value, read, parse)
    }

    fn parsed<T, E: Into<Complaint>>(
        &self,
        value: &Value<'a>,
        read: impl Fn(&Value<'a>) -> Option<String>,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = read(value)?;
        self.report.note(parse(&text).map_err(|fault| fault.into().of(value)))
    }

    fn boolean(&mut self, key: &'static str, default: bool) -> bool {
        let value = self.fields.optional(key);
        value.and_then(|value| value.boolean()).unwrap_or(default)
    }

    /// A list of words that must be among those known: each once, and at least one where the key is
    /// there.
    fn words<T: PartialEq, E, const N: usize>(
        &mut self,
        key: &'static str,
        known: [&str; N],
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Vec<T> {
        let Some(value) = self.fields.optional(key) else { return Vec::new() };
        let Some(entries) = value.entries() else { return Vec::new() };
        if entries.is_empty() {
            let hint = format!("name at least one of {}, or leave it out", known.join(", "));
            self.report.add(value.fault(format!("`{key}` is empty")).hint(hint));
        }
        let mut found: Vec<T> = Vec::new();
        for entry in entries {
            let Some(word) = Self::plain(&entry) else { continue };
            match parse(&word) {
                Err(_) => {
                    let fault = entry.fault(format!("`{word}` is none of the {key}"));
                    self.report.add(fault.suggest(&word, known));
                }
                Ok(one) if found.contains(&one) => {
                    let fault = entry.fault(format!("`{word}` is named twice"));
                    self.report.add(fault.hint("leave it out here"));
                }
                Ok(one) => found.push(one),
            }
        }
        found
    }

    fn topics(&mut self) -> Vec<String> {
        let entries = self.fields.optional("topics").and_then(|value| value.entries());
        let mut topics = Vec::new();
        for entry in entries.unwrap_or_default() {
            let Some(topic) = Self::plain(&entry) else { continue };
            let fault = entry.fault(format!("the bank has no topic `{topic}`"));
            self.topics.push((topic.clone(), fault));
            topics.push(topic);
        }
        topics
    }
}
