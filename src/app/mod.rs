//! The use cases: post a round, take part, show a board. Plain data in, plain data out; the chat
//! platform is behind [`messenger::Messenger`], and time is an argument.

pub mod dailies;
pub mod guilds;
pub mod messenger;
pub mod notices;
pub mod posting;
pub mod practice;
pub mod privacy;
pub mod rounds;
pub mod standings;
#[cfg(test)]
pub mod testing;
pub mod wording;

use crate::{
    bank::{Bank, Shelf},
    domain::ids::{DailyId, GuildId},
    store::Store,
};
use jiff::{SignedDuration, Timestamp};
use messenger::Messenger;
use std::sync::Arc;
use tokio::sync::{mpsc, watch};
use wording::Wording;

/// What a use case tells the scheduler.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Signal {
    /// A daily's next post may have moved.
    Schedule,
    /// A round's message needs work.
    Work(DailyId, u32),
    /// The bot is in a guild again, or no longer.
    Guild(GuildId, guilds::Presence),
}

/// What the scheduler is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Status {
    /// When it last looked at what is due; `None` before the first time.
    pub looked_at: Option<Timestamp>,
    /// When it will look again, if nothing happens before.
    pub wakes_at: Option<Timestamp>,
    /// How many rounds it is working on.
    pub running: usize,
    /// How many signals it has not reckoned with yet.
    pub unheard: usize,
}

/// What the operator has chosen that the use cases go by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Policy {
    /// How late a due post may still go out.
    pub catch_up: SignedDuration,
    /// How many daily backups are kept; with 0 none is made.
    pub backups_kept: usize,
}

/// All that the use cases share.
pub struct App {
    /// The store.
    pub store: Store,
    shelf: Arc<Shelf>,
    messenger: Arc<dyn Messenger>,
    wording: Arc<dyn Wording>,
    policy: Policy,
    signals: mpsc::UnboundedSender<Signal>,
    status: watch::Sender<Status>,
}

impl App {
    /// Wires the use cases. The receiver is for the scheduler.
    pub fn new(
        store: Store,
        shelf: Arc<Shelf>,
        messenger: Arc<dyn Messenger>,
        wording: Arc<dyn Wording>,
        policy: Policy,
    ) -> (Self, mpsc::UnboundedReceiver<Signal>) {
        let (signals, received) = mpsc::unbounded_channel();
        let status = watch::Sender::default();
        (Self { store, shelf, messenger, wording, policy, signals, status }, received)
    }

    /// What the operator has chosen.
    pub fn policy(&self) -> Policy {
        self.policy
    }

    /// The bank as it is now.
    pub fn bank(&self) -> Arc<Bank> {
        self.shelf.current()
    }

    /// What the scheduler is doing, as it says itself.
    pub fn scheduling(&self) -> watch::Receiver<Status> {
        self.status.subscribe()
    }

    /// The scheduler says what it is doing, and how many signals it has heard since last time.
    pub fn report(&self, status: Status, heard: usize) {
        self.status.send_modify(|before| {
            *before = Status { unheard: before.unheard.saturating_sub(heard), ..status };
        });
    }

    fn signal(&self, signal: Signal) {
        self.status.send_modify(|status| status.unheard += 1);
        // Without a scheduler, as while shutting down, nobody needs to know: the store does.
        let _ = self.signals.send(signal);
    }
}
