//! The playground: the bot on a simulated Discord, with a page that shows it, so that anyone can
//! try it without an account. Nothing of it leaves this machine.

mod act;
pub mod clock;
mod guard;
mod keep;
mod server;
mod stage;
mod state;

use crate::{
    bank::Shelf,
    bot::{Bot, Parts},
    config,
    discord::endpoint::Endpoint,
    domain::schedule,
    error::{Fault, Result},
    sim::{self, Clock, Id, Sim},
    store::Store,
};
use clock::SharedClock;
use jiff::{Timestamp, tz::TimeZone};
use keep::{Folder, Kept};
use secrecy::SecretString;
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use tokio_util::sync::CancellationToken;

/// Where the page is, if nothing else is asked for.
pub const DEFAULT_ADDRESS: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 7070);

/// The store's cache: a playground holds little.
const CACHE_BYTES: u64 = 16 << 20;

/// How long the bot may take to connect and to register its commands.
const START_WITHIN: Duration = Duration::from_secs(20);

/// How long requests that are under way may take once it ends.
const FINISH_WITHIN: Duration = Duration::from_secs(2);

/// How a playground is started.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the page is served: an address of the loopback interface. Port 0 takes a free one.
    pub address: SocketAddr,
    /// The folder in which the simulated Discord and the bot's store outlive the run. Without it
    /// both are gone when the playground ends.
    pub keep: Option<PathBuf>,
    /// Folders of questions besides the built-in ones.
    pub bank: Vec<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self { address: DEFAULT_ADDRESS, keep: None, bank: Vec::new() }
    }
}

/// What the page's server and the playground itself share.
struct Shared {
    sim: Sim,
    guild: Id,
    zone: TimeZone,
    store: Store,
    scheduling: watch::Receiver<crate::scheduler::Status>,
    /// Held while the clock travels: two people cannot move it at once.
    travelling: tokio::sync::Mutex<()>,
    folder: Folder,
    stop: CancellationToken,
}

/// A running playground.
pub struct Playground {
    /// Where the page is.
    pub address: SocketAddr,
    shared: Arc<Shared>,
    bot: Bot,
    server: JoinHandle<std::io::Result<()>>,
    keeper: JoinHandle<()>,
    /// The files of one that is not kept.
    temporary: Option<TempDir>,
}

impl Playground {
    /// Starts a playground at the machine's time, in the machine's time zone.
    ///
    /// # Errors
    /// The address is not on the loopback interface or is taken, the bank has faults, or the
    /// folder cannot be used.
    pub async fn start(options: Options) -> Result<Self> {
        Self::start_at(options, Clock::system(), &machine_zone()).await
    }

    /// Starts a playground on this clock, with its daily in this IANA time zone. A kept one goes
    /// on at the instant at which it was left, if the clock stands before that.
    ///
    /// # Errors
    /// As for [`Playground::start`]; also if there is no such zone.
    pub async fn start_at(options: Options, clock: Clock, zone: &str) -> Result<Self> {
        let listener = listen(options.address).await?;
        let address = listener.local_addr().map_err(|e| Fault::because("no address", e))?;
        let shelf = Shelf::open(options.bank)
            .map_err(|faults| Fault::because("the question bank has faults", faults))?;
        let (folder, temporary) = Folder::open(options.keep)?;
        let store = Store::open(&folder.store(), CACHE_BYTES)
            .map_err(|error| Fault::because("the playground's store did not open", error))?;
        let zone = schedule::zone(zone).map_err(|e| Fault::because("no such time zone", e))?;
        let (sim, guild, greeted) = wake(folder.load()?, clock).await?;
        // Before the bot stores an id: one that the world has forgotten would be given out anew.
        folder.save(&Kept::of(&sim, guild, greeted)).await?;
        let bot = Bot::start(parts(&sim, store.clone(), shelf)).await?;
        let shared = Arc::new(Shared {
            guild,
            zone,
            store,
            scheduling: bot.scheduling.clone(),
            travelling: tokio::sync::Mutex::new(()),
            folder,
            stop: CancellationToken::new(),
            sim,
        });
        started(&shared.sim, bot.connected.clone()).await?;
        if !greeted {
            stage::greet(&shared).await?;
        }
        shared.keep().await?;
        let keeper = tokio::spawn(keep::keeper(Arc::clone(&shared)));
        let server = tokio::spawn(server::serve(Arc::clone(&shared), listener, address));
        Ok(Self { address, shared, bot, server, keeper, temporary })
    }

    /// Stops the page, the bot and the simulated Discord, and removes what is not to be kept.
    ///
    /// # Errors
    /// Where the last write fails.
    pub async fn stop(mut self) -> Result<()> {
        self.shared.stop.cancel();
        if tokio::time::timeout(FINISH_WITHIN, &mut self.server).await.is_err() {
            self.server.abort();
        }
        let stopped = self.bot.stop().await;
        // Had it ended in a panic, the world is saved below all the same.
        let _ = self.keeper.await;
        let saved = self.shared.keep().await;
        if let Some(shared) = Arc::into_inner(self.shared) {
            shared.sim.stop().await;
        }
        // Here rather than when the last request is done with it, for some may never be.
        drop(self.temporary);
        stopped.and(saved)
    }
}

/// Runs a playground until `until` says to stop; `ready` is told where the page is.
///
/// # Errors
/// As for [`Playground::start`] and [`Playground::stop`].
pub async fn run(
    options: Options,
    ready: impl FnOnce(SocketAddr),
    until: impl Future<Output = ()>,
) -> Result<()> {
    let mut until = std::pin::pin!(until);
    let playground = tokio::select! {
        started = Playground::start(options) => started?,
        () = &mut until => return Ok(()),
    };
    ready(playground.address);
    until.await;
    playground.stop().await
}

async fn listen(address: SocketAddr) -> Result<TcpListener> {
    if !address.ip().is_loopback() {
        let what = format!(
            "{address} is not an address of the loopback interface; the playground lets whoever \
             reaches it act as anyone, so it is served to this machine alone"
        );
        return Err(Fault::new(what).into());
    }
    let taken = |error| Fault::because(format!("cannot listen on {address}"), error);
    Ok(TcpListener::bind(address).await.map_err(taken)?)
}

/// The simulated Discord, as it was left or new, its guild, and whether that has been greeted.
async fn wake(kept: Option<Kept>, clock: Clock) -> Result<(Sim, Id, bool)> {
    let options = sim::Options {
        clock: clock.clone(),
        bot_name: "Whetstone".to_owned(),
        ..sim::Options::default()
    };
    let failed = |error| Fault::because("the simulated Discord did not start", error);
    let Some(kept) = kept else {
        let sim = Sim::start(options).await.map_err(failed)?;
        let guild = stage::build(&sim);
        return Ok((sim, guild, false));
    };
    if clock.now() < kept.world.at() {
        clock.set(kept.world.at());
    }
    let sim = Sim::start_from(options, kept.world).await.map_err(failed)?;
    Ok((sim, kept.guild, kept.greeted))
}

fn parts(sim: &Sim, store: Store, shelf: Shelf) -> Parts {
    Parts {
        store,
        shelf: Arc::new(shelf),
        endpoint: Endpoint::Local {
            address: sim.https_addr(),
            authority: sim.ca_pem().as_bytes().to_vec(),
        },
        token: SecretString::from(sim.token().to_owned()),
        clock: Arc::new(SharedClock(sim.clock().clone())),
        catch_up: config::Schedule::default().catch_up,
        declared: Vec::new(),
        limits: config::Limits::default(),
    }
}

/// Waits until the bot is connected and its commands can be used.
async fn started(sim: &Sim, mut connected: watch::Receiver<bool>) -> Result<()> {
    let ready = async {
        // A bot that has gone never connects: the deadline tells.
        let _ = connected.wait_for(|connected| *connected).await;
        while sim.commands(None).is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let late = |_| Fault::new("the bot did not connect to the simulated Discord in time");
    Ok(tokio::time::timeout(START_WITHIN, ready).await.map_err(late)?)
}

/// The machine's IANA time zone, or UTC where it is not known or has no name.
fn machine_zone() -> String {
    let zone = TimeZone::try_system().unwrap_or(TimeZone::UTC);
    let name = zone.iana_name().filter(|name| schedule::zone(name).is_ok());
    name.unwrap_or("UTC").to_owned()
}

impl Shared {
    fn now(&self) -> Timestamp {
        self.sim.clock().now()
    }

    /// Writes down what is to outlive the run.
    async fn keep(&self) -> Result<()> {
        self.folder.save(&Kept::of(&self.sim, self.guild, true)).await
    }
}
