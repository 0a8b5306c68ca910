//! The bot's life in the playground: it is started, can be killed as a crash would kill it, and is
//! started again on the same store, by the same path each time. Nothing here keeps the store while
//! the bot is gone.

use super::{clock::SharedClock, news::News};
use crate::{
    app::Policy,
    bank::Shelf,
    bot::{Contained, Parts},
    config,
    discord::endpoint::Endpoint,
    domain::{
        daily::Daily,
        ids::{GuildId, UserId},
        member::Record,
    },
    error::{Fault, Result},
    scheduler::Status,
    store::{Automatic, OpenError, Store, StoreError},
};
use discord_sim::{Clock, Sim};
use secrecy::SecretString;
use serde::Serialize;
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{sync::watch, time::Instant};

/// The store's cache: a playground holds little.
const CACHE_BYTES: u64 = 16 << 20;

/// How long the bot may take to connect and to register its commands.
pub(super) const CONNECT_WITHIN: Duration = Duration::from_secs(20);

/// How long the last threads of a bot that was killed may hold the store.
const FREE_WITHIN: Duration = Duration::from_secs(10);

/// Between two looks whether something is so that nobody tells of.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// What the bot is made of, again and again.
#[derive(Clone)]
pub(super) struct Recipe {
    folder: PathBuf,
    shelf: Arc<Shelf>,
    endpoint: Endpoint,
    token: SecretString,
    clock: Clock,
}

impl Recipe {
    pub(super) fn new(sim: &Sim, folder: PathBuf, shelf: Arc<Shelf>) -> Self {
        let authority = sim.ca_pem().as_bytes().to_vec();
        Self {
            folder,
            shelf,
            endpoint: Endpoint::Local { address: sim.https_addr(), authority },
            token: SecretString::from(sim.token().to_owned()),
            clock: sim.clock().clone(),
        }
    }

    async fn parts(self) -> Result<Parts> {
        Ok(Parts {
            store: open(&self.folder, &self.clock).await?,
            shelf: self.shelf,
            endpoint: self.endpoint,
            token: self.token,
            clock: Arc::new(SharedClock(self.clock)),
            // Its store is thrown away, or is the operator's to copy.
            policy: Policy { catch_up: config::Schedule::default().catch_up, backups_kept: 0 },
            declared: Vec::new(),
            // A month of the simulated members' acts comes within seconds.
            limits: config::Limits::NONE,
        })
    }
}

/// Opens the store, once whoever had it before has let go of it. A kept one of an older schema is
/// backed up first, as the bot's own is.
async fn open(folder: &Path, clock: &Clock) -> Result<Store> {
    let deadline = Instant::now() + FREE_WITHIN;
    let keep = config::Backup::default().keep;
    let backups = Automatic { folder: folder.join("backups"), keep };
    loop {
        let (place, backups, now) = (folder.to_owned(), backups.clone(), clock.now());
        let open = move || Store::open_with_backup(&place, CACHE_BYTES, &backups, now);
        let opened = tokio::task::spawn_blocking(open).await;
        match opened.map_err(|e| Fault::because("the store's opening ended in a panic", e))? {
            Err(OpenError::Locked(_)) if Instant::now() < deadline => {
                tokio::time::sleep(LOOK_EVERY).await;
            }
            opened => {
                let failed = |e| Fault::because("the playground's store did not open", e);
                return Ok(opened.map_err(failed)?);
            }
        }
    }
}

/// How the bot is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Pulse {
    /// It runs.
    Running,
    /// It has been killed, or has ended by itself.
    Stopped,
    /// It is being started.
    Starting,
}

enum State {
    Stopped,
    Starting,
    Running {
        bot: Contained,
        /// Whether it has been waited for until it was connected.
        awaited: bool,
    },
}

/// The bot's life.
pub(super) struct Life {
    recipe: Recipe,
    state: Mutex<State>,
    /// Held by whoever starts or ends the bot.
    turn: tokio::sync::Mutex<()>,
    /// The dailies as they were when somebody last could look.
    dailies: Mutex<Vec<Daily>>,
    /// The members' records, likewise.
    records: Mutex<Vec<(UserId, Record)>>,
    news: News,
}

impl Life {
    pub(super) fn new(recipe: Recipe, news: News) -> Self {
        let (state, turn) = (Mutex::new(State::Stopped), tokio::sync::Mutex::default());
        let (dailies, records) = Default::default();
        Self { recipe, state, turn, dailies, records, news }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, state: State) -> State {
        let before = std::mem::replace(&mut *self.state(), state);
        self.news.changed();
        before
    }

    /// How the bot is.
    pub(super) fn pulse(&self) -> Pulse {
        match &*self.state() {
            State::Running { bot, .. } if bot.has_ended() => Pulse::Stopped,
            State::Running { awaited: true, .. } => Pulse::Running,
            State::Running { .. } | State::Starting => Pulse::Starting,
            State::Stopped => Pulse::Stopped,
        }
    }

    /// What the scheduler is doing, where there is one.
    pub(super) fn scheduling(&self) -> Option<watch::Receiver<Status>> {
        match &*self.state() {
            State::Running { bot, .. } if !bot.has_ended() => Some(bot.scheduling()),
            _ => None,
        }
    }

    /// The store of a bot that runs. Whoever keeps it keeps the next bot from opening it.
    fn store(&self) -> Option<Store> {
        match &*self.state() {
            State::Running { bot, .. } => Some(bot.store().clone()),
            State::Stopped | State::Starting => None,
        }
    }

    /// The guild's dailies; while the bot is gone, as they were when it went.
    pub(super) async fn dailies(&self, guild: GuildId) -> Vec<Daily> {
        let read = match self.store() {
            Some(store) => Some(store.dailies_of(guild).await),
            None => None,
        };
        known(&self.dailies, read)
    }

    /// What these members have done in a daily; while the bot is gone, as it was when somebody last
    /// asked.
    pub(super) async fn records(&self, daily: &Daily, users: &[UserId]) -> Vec<(UserId, Record)> {
        let read = match self.store() {
            Some(store) => Some(records(&store, daily, users).await),
            None => None,
        };
        known(&self.records, read)
    }

    /// Starts the bot, unless it runs.
    ///
    /// # Errors
    /// Where its store does not open, or as for [`Contained::start`].
    pub(super) async fn start(&self) -> Result<()> {
        let _turn = self.turn.lock().await;
        if !matches!(self.pulse(), Pulse::Stopped) {
            return Ok(());
        }
        // One that has ended by itself still holds the store.
        drop(self.put(State::Starting));
        match Contained::start(self.recipe.clone().parts()).await {
            Ok(bot) => {
                tokio::spawn(self.news.clone().follow(bot.scheduling()));
                self.put(State::Running { bot, awaited: false });
                Ok(())
            }
            Err(error) => {
                self.put(State::Stopped);
                Err(error)
            }
        }
    }

    /// Waits until the bot is connected and its commands can be used, or has gone; false if that
    /// takes too long.
    pub(super) async fn connected(&self, sim: &Sim) -> bool {
        let connected = match &*self.state() {
            State::Running { bot, .. } => Some(bot.connected()),
            _ => None,
        };
        let ready = async {
            let is_there = async {
                connected?.wait_for(|connected| *connected).await.ok()?;
                while sim.commands(None).is_empty() {
                    tokio::time::sleep(LOOK_EVERY).await;
                }
                Some(())
            };
            is_there.await.is_some()
        };
        let ready = tokio::time::timeout(CONNECT_WITHIN, ready).await.unwrap_or(false);
        self.awaited();
        ready
    }

    /// Nobody waits for the bot any more.
    pub(super) fn awaited(&self) {
        if let State::Running { awaited, .. } = &mut *self.state() {
            *awaited = true;
        }
        self.news.changed();
    }

    /// Ends the bot at once, as a crash would.
    pub(super) async fn kill(&self, guild: GuildId) {
        let _turn = self.turn.lock().await;
        self.dailies(guild).await;
        drop(self.put(State::Stopped));
    }

    /// Stops the bot in order.
    ///
    /// # Errors
    /// As for [`Contained::stop`].
    pub(super) async fn stop(&self) -> Result<()> {
        match self.put(State::Stopped) {
            State::Running { bot, .. } => bot.stop().await,
            State::Stopped | State::Starting => Ok(()),
        }
    }
}

async fn records(
    store: &Store,
    daily: &Daily,
    users: &[UserId],
) -> Result<Vec<(UserId, Record)>, StoreError> {
    let mut records = Vec::new();
    for user in users {
        records.push((*user, Record::replay(&store.history(daily.id, *user).await?)));
    }
    Ok(records)
}

/// What was read, or what was known before where nothing could be.
fn known<T: Clone>(known: &Mutex<T>, read: Option<Result<T, StoreError>>) -> T {
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    match read {
        Some(Ok(read)) => *known = read,
        Some(Err(error)) => tracing::error!(%error, "the store cannot be read"),
        None => {}
    }
    known.clone()
}
