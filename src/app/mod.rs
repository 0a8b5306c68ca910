//! The use cases: post a round, take part, show a board. Plain data in, plain data out; the chat
//! platform is behind [`messenger::Messenger`], and time is an argument.

pub mod dailies;
pub mod messenger;
pub mod posting;
pub mod practice;
pub mod rounds;
pub mod standings;
#[cfg(test)]
pub mod testing;

use crate::{
    bank::{Bank, Shelf},
    domain::ids::DailyId,
    store::Store,
};
use jiff::SignedDuration;
use messenger::Messenger;
use std::sync::Arc;
use tokio::sync::mpsc;

/// What a use case tells the scheduler.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Signal {
    /// A daily's next post may have moved.
    Schedule,
    /// A round's message needs work.
    Work(DailyId, u32),
}

/// All that the use cases share.
pub struct App {
    /// The store.
    pub store: Store,
    shelf: Arc<Shelf>,
    messenger: Arc<dyn Messenger>,
    catch_up: SignedDuration,
    signals: mpsc::UnboundedSender<Signal>,
}

impl App {
    /// Wires the use cases. The receiver is for the scheduler.
    pub fn new(
        store: Store,
        shelf: Arc<Shelf>,
        messenger: Arc<dyn Messenger>,
        catch_up: SignedDuration,
    ) -> (Self, mpsc::UnboundedReceiver<Signal>) {
        let (signals, received) = mpsc::unbounded_channel();
        (Self { store, shelf, messenger, catch_up, signals }, received)
    }

    /// The bank as it is now.
    pub fn bank(&self) -> Arc<Bank> {
        self.shelf.current()
    }

    fn signal(&self, signal: Signal) {
        // Without a scheduler, as while shutting down, nobody needs to know: the store does.
        let _ = self.signals.send(signal);
    }
}
