//! What the page is told of by itself: that something has changed, and never what. It asks for that
//! as its viewer. Whatever changes rings one of three bells, and each open page listens to them.

use axum::extract::ws::{Message, WebSocket};
use discord_sim::{Change, Clock};
use serde_json::json;
use std::time::Duration;
use tokio::sync::{
    broadcast::{self, error::RecvError},
    watch,
};
use tokio_util::sync::CancellationToken;

/// A page is told of the same kind of news at most once in this time.
const GATHER: Duration = Duration::from_millis(40);

/// How often a quiet connection is shown to be alive.
const PING_EVERY: Duration = Duration::from_secs(20);

/// How long a page may take to read what it is told; one that sleeps is given up, and comes back.
const READ_WITHIN: Duration = Duration::from_secs(10);

/// The three bells.
#[derive(Clone, Default)]
pub(super) struct News {
    changed: watch::Sender<()>,
    traffic: watch::Sender<()>,
    bank: watch::Sender<()>,
}

impl News {
    /// The state may have changed.
    pub(super) fn changed(&self) {
        self.changed.send_replace(());
    }

    /// The bank has been read again.
    pub(super) fn bank(&self) {
        self.bank.send_replace(());
        self.changed();
    }

    /// Rings at each change of the value, and once more when nobody can change it any more.
    pub(super) async fn follow<T>(self, mut value: watch::Receiver<T>) {
        while value.changed().await.is_ok() {
            self.changed();
        }
        self.changed();
    }

    /// Rings for what happens in the simulated Discord, until that ends.
    pub(super) async fn gather(self, mut changes: broadcast::Receiver<Change>, clock: Clock) {
        let mut moves = clock.moves();
        loop {
            tokio::select! {
                change = changes.recv() => match change {
                    Ok(change) => self.ring_for(&change),
                    // Having missed some is no harm: the page asks for all of it anyway.
                    Err(RecvError::Lagged(_)) => self.all(),
                    Err(RecvError::Closed) => return,
                },
                // The sender lives in the clock.
                _ = moves.changed() => self.changed(),
            }
        }
    }

    /// Something has gone over the wire.
    fn traffic(&self) {
        self.traffic.send_replace(());
    }

    fn all(&self) {
        self.changed();
        self.traffic();
    }

    fn ring_for(&self, change: &Change) {
        match change {
            // One request less is to fail.
            Change::Request { record } if record.status == Some(500) => self.all(),
            Change::Request { .. } | Change::Gateway { .. } => self.traffic(),
            Change::Interaction { .. } | Change::Typing { .. } => {}
            _ => self.changed(),
        }
    }

    /// Tells a page of the news until it goes or the playground stops. It holds nothing but the
    /// bells, so that a page which does not read keeps nothing else.
    pub(super) async fn tell(self, mut page: WebSocket, stop: CancellationToken) {
        let told = stop.run_until_cancelled(self.tell_on(&mut page)).await;
        if told.is_none() {
            let goodbye = page.send(Message::Close(None));
            // One that does not read has no need of it.
            let _ = tokio::time::timeout(GATHER, goodbye).await;
        }
    }

    async fn tell_on(&self, page: &mut WebSocket) -> Option<()> {
        let mut bells = [&self.changed, &self.traffic, &self.bank].map(watch::Sender::subscribe);
        // A page that comes, or comes back, has missed these.
        bells[0].mark_changed();
        bells[2].mark_changed();
        loop {
            let [changed, traffic, bank] = &mut bells;
            // The senders live in `self`, so an error is impossible.
            tokio::select! {
                _ = changed.changed() => changed.mark_changed(),
                _ = traffic.changed() => traffic.mark_changed(),
                _ = bank.changed() => bank.mark_changed(),
                heard = page.recv() => {
                    heard?.ok()?;
                    continue;
                }
                () = tokio::time::sleep(PING_EVERY) => {
                    send(page, Message::Ping(Default::default())).await?;
                    continue;
                }
            }
            for (bell, name) in bells.iter_mut().zip(["changed", "traffic", "bank"]) {
                if bell.has_changed().unwrap_or(false) {
                    bell.mark_unchanged();
                    send(page, Message::text(json!({ "type": name }).to_string())).await?;
                }
            }
            tokio::time::sleep(GATHER).await;
        }
    }
}

async fn send(page: &mut WebSocket, message: Message) -> Option<()> {
    tokio::time::timeout(READ_WITHIN, page.send(message)).await.ok()?.ok()
}
