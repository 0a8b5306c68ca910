//! The bot, wired: store, bank, use cases, scheduler and gateway. The program's entry and the
//! playground start the same bot, and differ only in where Discord is and who tells the time.

mod contained;

pub use contained::Contained;

use crate::{
    app::{App, Policy},
    bank::Shelf,
    commands::{pace::Pace, posts::Posts},
    config::Limits,
    discord::{
        endpoint::{Endpoint, Rest},
        gateway::Gateway,
        messenger::DiscordMessenger,
    },
    domain::daily::Declared,
    error::{Error, Fault, Result},
    scheduler::{Clock, Scheduler, Status},
    store::Store,
};
use futures_util::FutureExt;
use secrecy::SecretString;
use std::{sync::Arc, time::Duration};
use tokio::{sync::watch, task::JoinHandle};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How long what runs may take to finish once the bot is told to stop. Together with the last
/// commit this stays below the ten seconds that Docker and systemd leave by default.
const FINISH_WITHIN: Duration = Duration::from_secs(7);

/// How long the last commit may take.
const FLUSH_WITHIN: Duration = Duration::from_secs(2);

/// What a bot is made of.
pub struct Parts {
    /// The store.
    pub store: Store,
    /// The bank.
    pub shelf: Arc<Shelf>,
    /// Where Discord is.
    pub endpoint: Endpoint,
    /// The bot's token.
    pub token: SecretString,
    /// Who tells the time.
    pub clock: Arc<dyn Clock>,
    /// What the operator has chosen that the use cases go by.
    pub policy: Policy,
    /// The dailies that the configuration file declares.
    pub declared: Vec<Declared>,
    /// How often members and guilds may act.
    pub limits: Limits,
}

/// A running bot.
pub struct Bot {
    store: Store,
    stop: CancellationToken,
    tasks: TaskTracker,
    gateway: JoinHandle<Result<()>>,
    scheduler: JoinHandle<Result<()>>,
    /// Whether the gateway is connected.
    pub connected: watch::Receiver<bool>,
    /// What the scheduler is doing.
    pub scheduling: watch::Receiver<Status>,
}

impl Bot {
    /// Starts a bot.
    ///
    /// # Errors
    /// Where the store fails or the HTTP client cannot be set up.
    pub async fn start(parts: Parts) -> Result<Self> {
        let Parts { store, shelf, endpoint, token, clock, policy, declared, limits } = parts;
        let rest = Rest::new(&endpoint, &token)?;
        let messenger = Arc::new(DiscordMessenger::new(rest.clone()));
        let (app, signals) = App::new(store.clone(), shelf, messenger, Arc::new(Posts), policy);
        let app = Arc::new(app);
        app.declare(declared, clock.now()).await?;
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        let scheduling = app.scheduling();
        let scheduler = Scheduler::new(Arc::clone(&app), clock, signals);
        let (connected_tx, connected) = watch::channel(false);
        let gateway = Gateway {
            endpoint,
            token,
            rest,
            app,
            pace: Arc::new(Pace::new(limits)),
            tasks: tasks.clone(),
            stop: stop.clone(),
            connected: connected_tx,
        };
        Ok(Self {
            store,
            scheduler: tokio::spawn(scheduler.run(stop.clone()).map(Ok)),
            gateway: tokio::spawn(async move { gateway.run().await }),
            stop,
            tasks,
            connected,
            scheduling,
        })
    }

    /// Runs until `until` says to stop, or until a part of it can go on no more.
    ///
    /// # Errors
    /// Why Discord refuses the bot, what ended in a panic, or why the last commit failed.
    pub async fn run(mut self, until: impl Future<Output = ()>) -> Result<()> {
        let ended = tokio::select! {
            () = until => Ok(()),
            ended = &mut self.gateway => flatten(ended),
            ended = &mut self.scheduler => flatten(ended),
            // Nothing can be promised any more; whoever starts the bot again finds what was.
            error = self.store.failed() => Err(Error::from(error)),
        };
        let stopped = self.stop().await;
        ended.and(stopped)
    }

    /// Whether a part of it has ended, so that it can go on no more.
    fn has_ended(&self) -> bool {
        self.gateway.is_finished() || self.scheduler.is_finished()
    }

    /// Stops taking work, finishes what runs, and makes all durable.
    ///
    /// # Errors
    /// Why the last commit failed.
    pub async fn stop(mut self) -> Result<()> {
        tracing::info!("stopping");
        self.stop.cancel();
        self.tasks.close();
        let finish = async {
            self.tasks.wait().await;
            // A panic of either has been logged by the panic itself.
            // One that ended by itself has been awaited already.
            for task in [&mut self.scheduler, &mut self.gateway] {
                if !task.is_finished() {
                    let _ = task.await;
                }
            }
        };
        if tokio::time::timeout(FINISH_WITHIN, finish).await.is_err() {
            tracing::warn!("some work did not finish; it is taken up at the next start");
        }
        self.gateway.abort();
        match tokio::time::timeout(FLUSH_WITHIN, self.store.flush()).await {
            Ok(flushed) => flushed?,
            // All that anybody was told is saved was committed before they were told.
            Err(_) => tracing::warn!("the disk does not answer; the last flush was not waited for"),
        }
        tracing::info!("stopped");
        Ok(())
    }
}

fn flatten(ended: Result<Result<()>, tokio::task::JoinError>) -> Result<()> {
    match ended {
        Ok(outcome) => outcome,
        Err(error) => Err(Fault::because("a part of the bot ended in a panic", error).into()),
    }
}
