//! What the bot logs at the levels WARN and ERROR, kept apart for each thread: a stage that lives
//! in a thread of its own reads of its own bot alone.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, LazyLock, Mutex},
};
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
    subscriber::DefaultGuard,
};
use tracing_subscriber::{Layer, layer::Context, prelude::*};

/// The fields that say why; others hold numbers, which differ from run to run.
const REASONS: [&str; 6] = ["reason", "error", "fault", "refusal", "why", "outcome"];

/// A line of the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    pub message: String,
    pub reason: Option<String>,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            Some(reason) => write!(f, "{}: {reason}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// The lines so far.
#[derive(Clone, Default)]
pub struct Journal(Arc<Mutex<Vec<Line>>>);

impl Journal {
    /// Keeps what is logged in this thread, until the guard goes.
    pub fn of_this_thread() -> (Self, DefaultGuard) {
        Self::of_all_else();
        let journal = Self::default();
        let layered = tracing_subscriber::registry().with(journal.clone());
        let guard = tracing::subscriber::set_default(layered);
        (journal, guard)
    }

    /// Keeps what is logged in all threads that keep no journal of their own: those of serenity's
    /// clients.
    pub fn of_all_else() -> Self {
        static REST: LazyLock<Journal> = LazyLock::new(|| {
            let journal = Journal::default();
            let layered = tracing_subscriber::registry().with(journal.clone());
            tracing::subscriber::set_global_default(layered).expect("nothing else takes the log");
            journal
        });
        REST.clone()
    }

    /// How many lines there are.
    pub fn mark(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// The lines after a mark.
    pub fn since(&self, mark: usize) -> Vec<Line> {
        self.0.lock().unwrap()[mark..].to_vec()
    }
}

impl<S: Subscriber> Layer<S> for Journal {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let level = *event.metadata().level();
        // The simulated Discord is no part of the bot.
        if level > Level::WARN || event.metadata().target().starts_with("discord_sim") {
            return;
        }
        let mut fields = Fields::default();
        event.record(&mut fields);
        let reason = REASONS.iter().find_map(|name| fields.0.remove(*name));
        let message = fields.0.remove("message").unwrap_or_default();
        self.0.lock().unwrap().push(Line { message, reason });
    }
}

#[derive(Default)]
struct Fields(BTreeMap<&'static str, String>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}
