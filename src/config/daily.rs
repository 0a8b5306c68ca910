//! The dailies that the configuration declares.

use super::parse::{self, Complaint};
use crate::diagnostic::{
    Fault, Report,
    fields::{Fields, Value},
};
use jiff::{civil::Time, tz::TimeZone};

/// The weekdays as the file writes them.
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// The days on which a daily posts if the file names none.
const WORKING_DAYS: [&str; 5] = ["mon", "tue", "wed", "thu", "fri"];

/// The levels as the bank's folders are called.
const LEVELS: [&str; 3] = ["beginner", "intermediate", "advanced"];

/// A daily that the file declares. Discord's ids are plain numbers here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeclaredDaily {
    /// Its name, unique within the guild.
    pub name: String,
    /// The guild.
    pub guild: u64,
    /// The channel to post in.
    pub channel: u64,
    /// When, on the zone's clocks.
    pub time: Time,
    /// The time zone; it has an IANA name.
    pub zone: TimeZone,
    /// The weekdays, each one of `mon` to `sun`; at least one.
    pub days: Vec<String>,
    /// The levels, each `beginner`, `intermediate` or `advanced`; none stands for all.
    pub levels: Vec<String>,
    /// The ids of topics, not yet compared with the bank; none stands for all.
    pub topics: Vec<String>,
    /// The role to ping.
    pub role: Option<u64>,
    /// Whether each question gets a thread.
    pub thread: bool,
    /// Whether the open question is pinned.
    pub pin: bool,
}

/// Reads all of them. To `topics` go the topics that they name, each with the fault that it
/// is if the bank does not know it.
pub fn read(
    root: &mut Fields<'_>,
    report: &Report,
    topics: &mut Vec<(String, Fault)>,
) -> Vec<DeclaredDaily> {
    let tables = root.optional("daily").map(|value| value.tables()).unwrap_or_default();
    let mut dailies: Vec<DeclaredDaily> = Vec::new();
    for table in tables {
        let mut reader = Reader { fields: table, report, topics };
        let name = reader.fields.optional("name");
        let daily = reader.daily();
        reader.fields.finish();
        let Some((daily, name)) = daily.zip(name) else { continue };
        if dailies.iter().any(|other| same(other, &daily)) {
            let message = format!("the guild has another daily named `{}`", daily.name);
            report.add(name.fault(message).hint("give one of the two another name"));
        }
        dailies.push(daily);
    }
    dailies
}

fn same(a: &DeclaredDaily, b: &DeclaredDaily) -> bool {
    a.guild == b.guild && a.name.to_lowercase() == b.name.to_lowercase()
}

struct Reader<'a, 'r> {
    fields: Fields<'a>,
    report: &'r Report,
    topics: &'r mut Vec<(String, Fault)>,
}

impl<'a> Reader<'a, '_> {
    /// Reads every key before it gives up, so that no fault hides another.
    fn daily(&mut self) -> Option<DeclaredDaily> {
        let name = self.required("name", Self::plain, parse::daily_name);
        let guild = self.required("guild", Value::integer_or_text, parse::snowflake);
        let channel = self.required("channel", Value::integer_or_text, parse::snowflake);
        let time = self.required("time", Self::plain, parse::time);
        let zone = self.required("zone", Self::plain, parse::zone);
        let days = self.words("days", &DAYS);
        let levels = self.words("levels", &LEVELS);
        let topics = self.topics();
        let role = self.fields.optional("role");
        let role = role.map(|value| self.parsed(&value, Value::integer_or_text, parse::snowflake));
        let thread = self.boolean("thread", true);
        let pin = self.boolean("pin", false);
        Some(DeclaredDaily {
            name: name?,
            guild: guild?,
            channel: channel?,
            time: time?,
            zone: zone?,
            days: days.unwrap_or_else(|| WORKING_DAYS.map(String::from).to_vec()),
            levels: levels.unwrap_or_default(),
            topics,
            role: role.flatten(),
            thread,
            pin,
        })
    }

    fn plain(value: &Value<'a>) -> Option<String> {
        value.text().map(|text| text.value)
    }

    fn required<T>(
        &mut self,
        key: &'static str,
        read: impl Fn(&Value<'a>) -> Option<String>,
        parse: impl Fn(&str) -> Result<T, Complaint>,
    ) -> Option<T> {
        let value = self.fields.required(key)?;
        self.parsed(&value, read, parse)
    }

    fn parsed<T>(
        &self,
        value: &Value<'a>,
        read: impl Fn(&Value<'a>) -> Option<String>,
        parse: impl Fn(&str) -> Result<T, Complaint>,
    ) -> Option<T> {
        let text = read(value)?;
        self.report.note(parse(&text).map_err(|complaint| complaint.of(value)))
    }

    fn boolean(&mut self, key: &'static str, default: bool) -> bool {
        let value = self.fields.optional(key);
        value.and_then(|value| value.boolean()).unwrap_or(default)
    }

    /// A list of words that must be among those known; each once, and at least one.
    fn words(&mut self, key: &'static str, known: &[&str]) -> Option<Vec<String>> {
        let value = self.fields.optional(key)?;
        let entries = value.entries()?;
        if entries.is_empty() {
            let hint = format!("name at least one of {}, or leave it out", known.join(", "));
            self.report.add(value.fault(format!("`{key}` is empty")).hint(hint));
        }
        let mut words: Vec<String> = Vec::new();
        for entry in entries {
            let word = Self::plain(&entry)?;
            if !known.contains(&word.as_str()) {
                let fault = entry.fault(format!("`{word}` is none of the {key}"));
                self.report.add(fault.suggest(&word, known.iter().copied()));
            } else if words.contains(&word) {
                let fault = entry.fault(format!("`{word}` is named twice"));
                self.report.add(fault.hint("leave it out here"));
            }
            words.push(word);
        }
        Some(words)
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
