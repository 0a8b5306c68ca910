//! The playground: the bot on a simulated Discord, with a page that shows it, so that anyone can
//! try it without an account. Nothing of it leaves this machine.

mod act;
pub mod clock;
mod company;
mod guard;
mod inspector;
mod journey;
mod keep;
mod library;
mod life;
mod news;
mod problem;
mod server;
mod stage;
mod state;
mod trouble;
mod watch;

use crate::{
    bank::Shelf,
    domain::schedule,
    error::{Fault, Result},
};
use company::Company;
use discord_sim::{Clock, Id, Sim};
use jiff::{Timestamp, tz::TimeZone};
use keep::{Folder, Kept};
use library::Library;
use life::{Life, Recipe};
use news::News;
use problem::Problem;
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use trouble::Troubles;
use watch::Watch;

/// Where the page is, if nothing else is asked for.
pub const DEFAULT_ADDRESS: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 7070);

/// How many requests the simulated Discord remembers: more than the page shows at once.
const KEPT_REQUESTS: usize = 2_000;

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
    /// Folders of questions besides the built-in ones; they are read again when something in them
    /// changes.
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
    life: Life,
    troubles: Troubles,
    library: Arc<Library>,
    news: News,
    /// Held while the clock travels: two people cannot move it at once. The company comes along.
    travelling: tokio::sync::Mutex<Company>,
    folder: Folder,
    stop: CancellationToken,
    /// What runs beside the server; all of it ends when the playground stops.
    tasks: TaskTracker,
}

/// A running playground.
pub struct Playground {
    /// Where the page is.
    pub address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<std::io::Result<()>>,
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
        // Before the first reading, so that nothing is saved unseen in between.
        let watch = watch(&options.bank).await;
        let shelf = Shelf::open(options.bank.clone()).await;
        let faulty = |faults| Fault::because("the question bank has faults", faults);
        let shelf = Arc::new(shelf.map_err(faulty)?);
        let (folder, temporary, kept) = keep::open(options.keep).await?;
        let zone = schedule::zone(zone)
            .map_err(|unknown| Fault::new(format!("there is no time zone {}", unknown.name)))?;
        let (sim, guild, greeted) = wake(kept, clock).await?;
        // Before the bot stores an id: one that the world has forgotten would be given out anew.
        folder.save(&Kept::of(&sim, guild, greeted)).await?;
        let news = News::default();
        let recipe = Recipe::new(&sim, folder.store(), Arc::clone(&shelf));
        let shared = Arc::new(Shared {
            guild,
            zone,
            life: Life::new(recipe, news.clone()),
            troubles: Troubles::default(),
            library: Arc::new(Library::new(shelf, options.bank, watch.is_some())),
            news,
            travelling: tokio::sync::Mutex::default(),
            folder,
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            sim,
        });
        shared.life.start().await?;
        if !shared.life.connected(&shared.sim).await {
            let what = "the bot did not connect to the simulated Discord in time";
            return Err(Fault::new(what).into());
        }
        if !greeted {
            stage::greet(&shared).await?;
        }
        shared.keep().await?;
        shared.run_beside(watch);
        let server = tokio::spawn(server::serve(Arc::clone(&shared), listener, address));
        Ok(Self { address, shared, server, temporary })
    }

    /// The simulated Discord on which the bot runs.
    pub fn sim(&self) -> &Sim {
        &self.shared.sim
    }

    /// The guild that the page shows.
    pub fn guild(&self) -> Id {
        self.shared.guild
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
        self.shared.tasks.close();
        // Had one of them ended in a panic, the world is saved below all the same.
        let _ = tokio::time::timeout(FINISH_WITHIN, self.shared.tasks.wait()).await;
        let stopped = self.shared.life.stop().await;
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

/// Watches the folders, if there are any and they can be watched.
async fn watch(folders: &[PathBuf]) -> Option<Watch> {
    if folders.is_empty() {
        return None;
    }
    let cannot = |error| tracing::warn!(%error, "the bank's folders cannot be watched");
    Watch::new(folders).await.map_err(cannot).ok()
}

/// The simulated Discord, as it was left or new, with everybody in it, its guild, and whether that
/// has been greeted.
async fn wake(kept: Option<Kept>, clock: Clock) -> Result<(Sim, Id, bool)> {
    let (sim, guild, greeted) = waken(kept, clock).await?;
    stage::invite_company(&sim, guild);
    stage::open_direct_messages(&sim, guild);
    Ok((sim, guild, greeted))
}

async fn waken(kept: Option<Kept>, clock: Clock) -> Result<(Sim, Id, bool)> {
    let options = discord_sim::Options {
        clock: clock.clone(),
        bot_name: "Whetstone".to_owned(),
        record_capacity: KEPT_REQUESTS,
        ..discord_sim::Options::default()
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

    /// Starts what runs beside the server until the playground stops.
    fn run_beside(self: &Arc<Self>, watch: Option<Watch>) {
        self.tasks.spawn(keep::keeper(Arc::clone(self)));
        let (changes, clock) = (self.sim.subscribe(), self.sim.clock().clone());
        self.until_stop(self.news.clone().gather(changes, clock));
        if let Some(watch) = watch {
            self.until_stop(Arc::clone(&self.library).keep_reading(watch, self.news.clone()));
        }
    }

    fn until_stop(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(self.stop.clone().run_until_cancelled_owned(work));
    }

    /// Does it to its end, or to the playground's, even if the page that has asked for it has gone:
    /// a journey or a start that is broken off would leave things half done.
    async fn to_the_end<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Problem>> + Send + 'static,
    ) -> Result<T, Problem> {
        let task = self.tasks.spawn(self.stop.clone().run_until_cancelled_owned(work));
        match task.await {
            Ok(Some(outcome)) => outcome,
            Ok(None) => Err(Problem::failed("the playground is stopping")),
            Err(error) => Err(Problem::failed(format!("this ended in a panic: {error}"))),
        }
    }

    /// Writes down what is to outlive the run.
    async fn keep(&self) -> Result<()> {
        self.folder.save(&Kept::of(&self.sim, self.guild, true)).await
    }
}
