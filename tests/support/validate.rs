//! Checks of every body that the bot sent: that Discord's documented API would take it. Three
//! judges that know nothing of each other look at each one: twilight, Discord's own OpenAPI
//! description, and our own list of what those two miss. What the simulation took is no proof,
//! for it may share the bot's misunderstandings.

pub mod openapi;
pub mod own;
pub mod pings;
mod twilight;

use discord_sim::Sim;
use serde_json::Value;
use std::{collections::BTreeMap, fmt};

/// Discord's code for a body that does not have the right form, and for a message without
/// anything in it.
/// <https://discord.com/developers/docs/topics/opcodes-and-status-codes#json-json-error-codes>
const BAD_BODY: [u32; 2] = [50035, 50006];

/// What a body is, which follows from the request's method and path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// The commands, registered in bulk.
    Commands,
    /// The first answer to an interaction.
    Callback,
    /// A message in a channel.
    Message,
    /// A changed message.
    Edit,
    /// The answer to an interaction that was deferred.
    LateAnswer,
    /// A thread below a message.
    Thread,
    /// A post in a forum.
    Post,
    /// A channel for direct messages with a member.
    Direct,
    /// An archived thread that is opened again.
    OpenAgain,
}

impl Kind {
    /// The kind of body that a request has; `None` for those that have none, or that nobody has
    /// written a check for.
    pub fn of(method: &str, path: &str) -> Option<Self> {
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        match (method, parts.as_slice()) {
            ("PUT", ["applications", _, "commands"]) => Some(Self::Commands),
            ("POST", ["interactions", _, _, "callback"]) => Some(Self::Callback),
            ("POST", ["channels", _, "messages"]) => Some(Self::Message),
            ("PATCH", ["channels", _, "messages", _]) => Some(Self::Edit),
            ("PATCH", ["webhooks", _, _, "messages", "@original"]) => Some(Self::LateAnswer),
            ("POST", ["channels", _, "messages", _, "threads"]) => Some(Self::Thread),
            ("POST", ["channels", _, "threads"]) => Some(Self::Post),
            ("PATCH", ["channels", _]) => Some(Self::OpenAgain),
            ("POST", ["users", "@me", "channels"]) => Some(Self::Direct),
            _ => None,
        }
    }
}

/// What is wrong with a body, and who says so.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// `twilight`, `OpenAPI`, `own`, `pings`, or `route`.
    pub by: &'static str,
    /// Where in the body, as a JSON pointer.
    pub pointer: String,
    /// What.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.pointer.is_empty() { "/" } else { &self.pointer };
        write!(f, "{place}: {} ({})", self.message, self.by)
    }
}

/// The faults that one judge has found so far.
pub struct Findings {
    by: &'static str,
    pub faults: Vec<Fault>,
}

impl Findings {
    fn by(by: &'static str) -> Self {
        Self { by, faults: Vec::new() }
    }

    fn add(&mut self, pointer: impl Into<String>, message: impl Into<String>) {
        let (pointer, message) = (pointer.into(), message.into());
        self.faults.push(Fault { by: self.by, pointer, message });
    }
}

/// How many bodies of each kind were checked; callbacks are told apart by their type, as in
/// `Callback 4`.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Tally(pub BTreeMap<String, usize>);

impl Tally {
    /// How many bodies of this name were checked.
    pub fn of(&self, name: &str) -> usize {
        self.0.get(name).copied().unwrap_or(0)
    }

    fn count(&mut self, kind: Kind, body: &Value) {
        let name = match kind {
            Kind::Callback => format!("{kind:?} {}", body["type"]),
            kind => format!("{kind:?}"),
        };
        *self.0.entry(name).or_default() += 1;
    }
}

/// Checks every body that the bot has sent, whatever the answer to it was; and that it pings nobody.
///
/// # Panics
///
/// With a list of all faults, if there is any; also if requests have dropped off the record.
pub fn check_requests(sim: &Sim) -> Tally {
    let requests = sim.requests();
    assert_eq!(requests.len() as u64, sim.request_counts().0, "some requests are off the record");
    let (mut tally, mut faults) = (Tally::default(), Vec::new());
    for request in requests {
        let mut found = faults_of(&request.method, &request.path, &request.body);
        if request.error.is_some_and(|code| BAD_BODY.contains(&code)) {
            let message = format!("the simulation refused it: {}", request.answer);
            found.push(Fault { by: "simulation", pointer: String::new(), message });
        }
        if let Some(kind) = Kind::of(&request.method, &request.path) {
            found.extend(pings::check(kind, &request.body).faults);
            tally.count(kind, &request.body);
        }
        let (number, method, path) = (request.number, &request.method, &request.path);
        let place = format!("request {number}, {method} {path}");
        faults.extend(found.into_iter().map(|fault| format!("{place}\n    {fault}")));
    }
    let count = faults.len();
    assert!(faults.is_empty(), "{count} faults in what the bot sent:\n{}", faults.join("\n"));
    tally
}

/// All that is wrong with one body, to every judge.
pub fn faults_of(method: &str, path: &str, body: &Value) -> Vec<Fault> {
    let mut route = Findings::by("route");
    let Some(kind) = Kind::of(method, path) else {
        if !body.is_null() {
            route.add("", "bodies of this route have no check yet: add it to tests/support");
        }
        return route.faults;
    };
    if body.is_null() {
        route.add("", "a JSON body belongs here");
        return route.faults;
    }
    let judges = [
        twilight::check(kind, body),
        openapi::check(method, path, kind, body),
        own::check(kind, body),
    ];
    judges.into_iter().flat_map(|findings| findings.faults).collect()
}

/// The items of a list, none if it is none.
fn items(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}
