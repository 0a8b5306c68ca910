#![doc = include_str!("../README.md")]

mod actor;
mod clock;
mod control;
mod error;
mod faults;
mod gateway;
mod http;
mod id;
pub mod permissions;
mod ratelimit;
mod record;
mod rest;
mod snapshot;
mod socket;
mod tls;
mod validate;
mod wire;
mod world;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

pub use actor::{
    ActError, Actor, AttachmentView, AuthorView, ChannelView, CommandView, Forgery, MemberView,
    MessageView, Pending, Response, RoleView, ThreadView,
};
pub use clock::Clock;
pub use control::GatewayControl;
pub use error::ApiError;
pub use faults::{Fault, Faults, Rule, RuleHandle};
pub use gateway::GatewayStats;
pub use id::{DISCORD_EPOCH_MS, Id};
pub use permissions::{Overwrite, Target};
pub use ratelimit::Limits;
pub use record::{Change, GatewayRecord, RequestRecord, Traffic};
pub use snapshot::Snapshot;
pub use world::{
    Attachment, ChannelKind, Choice, MessageInteraction, Modal, ModalInput, Pings, Reference,
};

use self::gateway::Hub;
use self::id::IdSource;
use self::ratelimit::Limiter;
use self::record::{Numbers, Record};
use self::world::{App, User, World};

/// How the simulation is set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// The clock of the simulated world.
    pub clock: Clock,
    /// The bot's name.
    pub bot_name: String,
    /// The bot's token.
    pub token: String,
    /// What the bot's role grants in guilds that are added from now on.
    pub bot_permissions: u64,
    /// The privileged gateway intents that the bot may ask for.
    pub privileged_intents: u64,
    /// How often the gateway wants a heartbeat.
    pub heartbeat_interval: Duration,
    /// How tight the rate limits are.
    pub limits: Limits,
    /// Most pins of a channel: 250, which replaced 50 in August 2025.
    pub max_pins: usize,
    /// How long people wait for an answer that was deferred.
    pub deferred_wait: Duration,
    /// How many of the latest requests stay on record.
    pub record_capacity: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            clock: Clock::system(),
            bot_name: "bot".to_owned(),
            // Libraries check a token's form: three parts, divided by dots.
            token: "MTAwMDAwMDAwMDAwMDAwMDAwMA.GSimul.ated-discord-token-that-opens-nothing"
                .to_owned(),
            bot_permissions: permissions::BOT,
            privileged_intents: 0,
            heartbeat_interval: Duration::from_millis(41_250),
            limits: Limits::default(),
            max_pins: 250,
            deferred_wait: Duration::from_secs(10),
            record_capacity: 100_000,
        }
    }
}

/// What all parts of a running simulation share.
pub(crate) struct Shared {
    state: Mutex<World>,
    limiter: Mutex<Limiter>,
    clock: Clock,
    options: Options,
    faults: Faults,
    record: Record,
    changes: broadcast::Sender<Change>,
    stop: CancellationToken,
    http: SocketAddr,
    https: SocketAddr,
    ca_pem: String,
}

impl Shared {
    fn world(&self) -> MutexGuard<'_, World> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn limiter(&self) -> MutexGuard<'_, Limiter> {
        self.limiter.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn gateway_url(&self) -> String {
        format!("ws://{}/gateway", self.http)
    }
}

/// A running simulation. Dropping it ends everything.
pub struct Sim {
    shared: Arc<Shared>,
    servers: Vec<tokio::task::JoinHandle<()>>,
}

impl Drop for Sim {
    fn drop(&mut self) {
        self.shared.stop.cancel();
        self.shared.faults.clear();
    }
}

impl Sim {
    /// Starts the servers on free ports of 127.0.0.1.
    ///
    /// # Errors
    ///
    /// A port cannot be had, or the certificates cannot be made.
    pub async fn start(options: Options) -> io::Result<Self> {
        Self::start_with(options, None).await
    }

    /// Starts the servers with the world of a snapshot. The clock stays as the options have it:
    /// move it to [`Snapshot::at`] at least, so that ids and times go on rising.
    ///
    /// # Errors
    ///
    /// As for [`Sim::start`].
    pub async fn start_from(options: Options, snapshot: Snapshot) -> io::Result<Self> {
        Self::start_with(options, Some(snapshot)).await
    }

    async fn start_with(options: Options, snapshot: Option<Snapshot>) -> io::Result<Self> {
        let plain = TcpListener::bind(("127.0.0.1", 0)).await?;
        let secure = TcpListener::bind(("127.0.0.1", 0)).await?;
        let (ca_pem, acceptor) = tls::make().map_err(io::Error::other)?;
        let (changes, _) = broadcast::channel(4096);
        let http = plain.local_addr()?;
        let numbers = Numbers::default();
        let hub = Hub::new(changes.clone(), numbers.clone(), options.clock.clone());
        let mut world = new_world(&options, hub, changes.clone(), format!("http://{http}"));
        if let Some(snapshot) = snapshot {
            snapshot.restore(&mut world);
        }
        let shared = Arc::new(Shared {
            state: Mutex::new(world),
            limiter: Mutex::new(Limiter::new(options.limits.clone())),
            clock: options.clock.clone(),
            faults: Faults::default(),
            record: Record::new(options.record_capacity, numbers),
            changes,
            stop: CancellationToken::new(),
            http,
            https: secure.local_addr()?,
            ca_pem,
            options,
        });
        let servers = vec![
            tokio::spawn(http::listen(Arc::clone(&shared), plain, None)),
            tokio::spawn(http::listen(Arc::clone(&shared), secure, Some(acceptor))),
        ];
        Ok(Self { shared, servers })
    }

    /// Ends everything and waits until the ports are free.
    pub async fn stop(mut self) {
        self.shared.stop.cancel();
        for server in std::mem::take(&mut self.servers) {
            // A server that panicked has ended, too.
            let _ = server.await;
        }
    }
}

fn new_world(
    options: &Options,
    hub: Hub,
    changes: broadcast::Sender<Change>,
    http_url: String,
) -> World {
    let mut ids = IdSource::default();
    let now = options.clock.now();
    // An application's id is its bot's id, too, since 2016.
    let (owner, bot) = (ids.next(now), ids.next(now));
    let name = options.bot_name.clone();
    let user = User { id: bot, name: name.clone(), display: name.clone(), bot: true };
    let display = "Developer".to_owned();
    let developer = User { id: owner, name: "developer".to_owned(), display, bot: false };
    World {
        clock: options.clock.clone(),
        ids,
        app: App { id: bot, bot, name, token: options.token.clone(), owner },
        users: BTreeMap::from([(bot, user), (owner, developer)]),
        guilds: BTreeMap::new(),
        outages: BTreeSet::new(),
        channels: BTreeMap::new(),
        commands: Vec::new(),
        interactions: BTreeMap::new(),
        ephemerals: VecDeque::new(),
        bot_permissions: options.bot_permissions,
        max_pins: options.max_pins,
        hub,
        changes,
        http_url,
    }
}
