//! A bot in a runtime of its own, which can end at once, as a crash would end it. The playground
//! lets anyone see what members notice of that.

use super::{Bot, Parts};
use crate::{
    error::{Fault, Result},
    scheduler::Status,
    store::Store,
};
use tokio::{
    runtime::{Builder, Runtime},
    sync::watch,
};

/// Threads of the runtime: one that sled keeps waiting must not keep the rest waiting.
const THREADS: usize = 2;

/// A bot whose tasks, the store's committer included, live in a runtime that ends with it.
///
/// Dropping it ends the bot at once: whatever runs is dropped where it waits, nothing is finished
/// and no commit is waited for. sled alone cannot be stopped from writing its own buffers as its
/// last handle goes, which is as if the crash had come a moment later.
pub struct Contained {
    bot: Bot,
    ground: Ground,
    connected: watch::Receiver<bool>,
    scheduling: watch::Receiver<Status>,
    store: Store,
}

/// The runtime. Dropping it ends its tasks, wherever it is dropped.
struct Ground(Option<Runtime>);

impl Drop for Ground {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl Ground {
    fn new() -> Result<Self> {
        let mut builder = Builder::new_multi_thread();
        let built = builder.worker_threads(THREADS).thread_name("bot").enable_all().build();
        Ok(Self(Some(built.map_err(|e| Fault::because("the bot has no threads", e))?)))
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        let Some(runtime) = &self.0 else { return Err(Fault::new("the bot has ended").into()) };
        let ended = |error| Fault::because("the bot's start ended in a panic", error);
        runtime.spawn(work).await.map_err(ended)?
    }
}

impl Contained {
    /// Starts a bot of the parts that `parts` makes within the runtime: a store that is opened
    /// there is let go of with all else.
    ///
    /// # Errors
    /// Where the parts cannot be had, or as for [`Bot::start`].
    pub async fn start(
        parts: impl Future<Output = Result<Parts>> + Send + 'static,
    ) -> Result<Self> {
        let ground = Ground::new()?;
        let started = ground.run(async move {
            let parts = parts.await?;
            let store = parts.store.clone();
            Ok((Bot::start(parts).await?, store))
        });
        let (bot, store) = started.await?;
        let (connected, scheduling) = (bot.connected.clone(), bot.scheduling.clone());
        Ok(Self { bot, ground, connected, scheduling, store })
    }

    /// Whether the gateway is connected.
    pub fn connected(&self) -> watch::Receiver<bool> {
        self.connected.clone()
    }

    /// What the scheduler is doing.
    pub fn scheduling(&self) -> watch::Receiver<Status> {
        self.scheduling.clone()
    }

    /// The bot's store. Whoever keeps a clone of it keeps it from being opened anew.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Whether a part of the bot has ended by itself, which is the end of all of it.
    pub fn has_ended(&self) -> bool {
        self.bot.has_ended()
    }

    /// Stops the bot in order.
    ///
    /// # Errors
    /// As for [`Bot::stop`].
    pub async fn stop(self) -> Result<()> {
        let Self { bot, ground, .. } = self;
        let stopped = bot.stop().await;
        drop(ground);
        stopped
    }
}
