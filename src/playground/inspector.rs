//! What goes over the wire between the bot and the simulated Discord, for the page to show: each
//! request with its answer, and each event of the gateway. Headers are left out, and with them the
//! token.

use super::Shared;
use discord_sim::{GatewayRecord, RequestRecord, Traffic};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The most entries that are given at once.
const ENTRIES_MAX: usize = 300;

/// The longest part of a path that is written out: an id is, the token of an interaction is not.
const SEGMENT_MAX: usize = 24;

/// What the page knows already.
#[derive(Deserialize)]
pub(super) struct After {
    #[serde(default)]
    after: u64,
}

/// What is new to the page.
#[derive(Serialize)]
pub(super) struct Entries {
    entries: Vec<Entry>,
    /// The number of the newest entry of all.
    last: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Request,
    Event,
}

/// A request or an event.
#[derive(Serialize)]
struct Entry {
    number: u64,
    kind: Kind,
    /// When, on the simulated clock, in milliseconds since 1970.
    at: i64,
    /// The same on the machine's.
    real_at: i64,
    /// `POST /channels/1/messages`, or the event's name.
    label: String,
    status: Option<u16>,
    /// Whether the connection was cut before the answer.
    cut: bool,
    /// How long it took, in milliseconds of real time.
    ms: Option<u64>,
    /// Discord's code, if the answer was an error.
    error: Option<u32>,
    /// What was sent.
    body: Value,
    answer: Value,
}

impl Shared {
    /// The newest entries after those that the page knows.
    pub(super) fn inspect(&self, known: &After) -> Entries {
        let (traffic, last) = self.sim.traffic(known.after, ENTRIES_MAX);
        Entries { entries: traffic.iter().map(entry).collect(), last }
    }
}

fn entry(traffic: &Traffic) -> Entry {
    match traffic {
        Traffic::Request(record) => request(record),
        Traffic::Event(record) => event(record),
    }
}

fn request(record: &RequestRecord) -> Entry {
    Entry {
        number: record.number,
        kind: Kind::Request,
        at: record.at.as_millisecond(),
        real_at: record.real_at.as_millisecond(),
        label: label(&record.method, &record.path, &record.query),
        status: record.status,
        cut: record.cut,
        ms: u64::try_from(record.took.as_millis()).ok(),
        error: record.error,
        body: record.body.clone(),
        answer: record.answer.clone(),
    }
}

fn event(record: &GatewayRecord) -> Entry {
    let milliseconds = Timestamp::as_millisecond;
    Entry {
        number: record.number,
        kind: Kind::Event,
        at: milliseconds(record.at),
        real_at: milliseconds(record.real_at),
        label: record.event.clone(),
        status: None,
        cut: false,
        ms: None,
        error: None,
        body: record.data.clone(),
        answer: Value::Null,
    }
}

fn label(method: &str, path: &str, query: &str) -> String {
    let shown =
        |part: &str| if part.len() > SEGMENT_MAX { "…".to_owned() } else { part.to_owned() };
    let path = path.split('/').map(shown).collect::<Vec<_>>().join("/");
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{method} {path}{mark}{query}")
}

#[cfg(test)]
mod tests {
    use super::label;

    #[test]
    fn ids_are_shown_and_tokens_are_not() {
        let token = "aW50ZXJhY3Rpb24.1.00000000000000000000000000000000";
        let path = format!("/interactions/1437000000000000000/{token}/callback");
        assert_eq!(label("POST", &path, ""), "POST /interactions/1437000000000000000/…/callback");
        assert_eq!(
            label("GET", "/channels/1/messages", "limit=1"),
            "GET /channels/1/messages?limit=1"
        );
    }
}
