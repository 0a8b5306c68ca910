//! The world in which members act: a simulated Discord, a store, and what everybody was told.

use super::{
    model::{Daily, Deed, Told, Try},
    support::{Outcome, Process, Team, bot, eventually},
    trace,
};
use discord_sim::{ChannelKind, Clock, Id, MessageView, Options, Sim};
use jiff::{SignedDuration, Timestamp};
use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use whetstone::scheduler::{Clock as _, SystemClock};

/// Discord's clock is that much behind the bot's. So a time that `/daily set` finds in the future
/// has come already when the scheduler looks, and a post falls due at once. It is less than the
/// five minutes for which the bot allows.
const LAG: SignedDuration = SignedDuration::from_secs(150);

/// How many members act.
const MEMBERS: usize = 9;

/// How long anything may take on a machine that is busy.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// What can be wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Somebody was told what is not so any more.
    Lost,
    /// Something is there twice.
    Double,
    /// Anything else: a wrong figure, an apology, a bot that does not start.
    Wrong,
}

/// Something that is wrong.
#[derive(Clone, Debug)]
pub struct Fault {
    pub kind: Kind,
    pub text: String,
}

impl Fault {
    pub fn lost(text: impl fmt::Display) -> Self {
        Self { kind: Kind::Lost, text: text.to_string() }
    }

    pub fn double(text: impl fmt::Display) -> Self {
        Self { kind: Kind::Double, text: text.to_string() }
    }

    pub fn wrong(text: impl fmt::Display) -> Self {
        Self { kind: Kind::Wrong, text: text.to_string() }
    }
}

/// Something that was told, and must be there from then on.
#[derive(Clone, Debug)]
pub enum Promise {
    /// The daily is set up.
    Exists(String),
    /// The daily is about to be removed: nothing of it is promised any more.
    Ends(String),
    /// A round is out.
    Out(String, u32),
    /// A member did that in a round.
    Did(String, (Id, u32), Deed),
}

/// What everybody was told so far, and what was seen to be wrong.
#[derive(Debug, Default)]
pub struct State {
    pub dailies: BTreeMap<String, Daily>,
    pub faults: Vec<Fault>,
    /// What was told, each with the microsecond at which it had been heard.
    pub promises: Vec<(i64, Promise)>,
    /// Acts of members and moderators that were answered.
    pub acknowledged: u64,
    /// Acts to which nobody heard an answer before the kill.
    pub unanswered: u64,
}

impl State {
    /// Notes what is tried for a member in a round.
    pub fn tries(&mut self, daily: &str, place: (Id, u32), tried: Try) {
        if let Some(daily) = self.dailies.get_mut(daily) {
            daily.parts.entry(place).or_default().tries.push(tried);
        }
    }

    /// Notes what was told of a try.
    pub fn heard(&mut self, daily: &str, place: (Id, u32), id: Id, told: Told) {
        let part = self.dailies.get_mut(daily).and_then(|daily| daily.parts.get_mut(&place));
        if let Some(part) = part {
            part.hear(id, told);
        }
    }

    /// Notes what was told.
    pub fn promise(&mut self, promise: Promise) {
        self.promises.push((SystemClock.now().as_microsecond(), promise));
    }
}

/// The world. Clones share it.
#[derive(Clone)]
pub struct World {
    pub sim: Arc<Sim>,
    pub guild: Id,
    pub mona: Id,
    pub members: Arc<Vec<(Id, tokio::sync::Mutex<()>)>>,
    pub state: Arc<Mutex<State>>,
    /// How many posts are under way on a moderator's behalf.
    pub posting: Arc<AtomicUsize>,
    pub folder: Arc<tempfile::TempDir>,
    pub program: PathBuf,
}

impl World {
    /// A world in which nothing has happened yet.
    ///
    /// # Errors
    /// The simulation cannot be started.
    pub async fn new(program: PathBuf) -> Outcome<Self> {
        let now = Clock::system().now();
        let clock = Clock::ticking_from(now.checked_sub(LAG)?);
        let options = Options { clock, record_capacity: 1000, ..Options::default() };
        let Team { sim, guild, mona, members } = Team::gather(options, MEMBERS).await?;
        let members = members.into_iter().map(|member| (member, Default::default())).collect();
        Ok(Self {
            sim: Arc::new(sim),
            guild,
            mona,
            members: Arc::new(members),
            state: Arc::default(),
            posting: Arc::default(),
            folder: Arc::new(tempfile::tempdir()?),
            program,
        })
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn fault(&self, fault: Fault) {
        self.state().faults.push(fault);
    }

    /// The folder that stands for the disk, and the bot's store on it.
    pub fn disk(&self) -> PathBuf {
        self.folder.path().join("disk")
    }

    pub fn store(&self) -> PathBuf {
        self.disk().join("store")
    }

    pub fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// Starts the bot without waiting for anything.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn launch(&self) -> Outcome<Process> {
        Process::start(&mut bot(&self.program, &self.sim, &self.store()), &self.log())
    }

    /// The same, with its system calls recorded.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn launch_recorded(&self, record: &Path) -> Outcome<Process> {
        let mut command = trace::recorded(&bot(&self.program, &self.sim, &self.store()), record);
        Process::start_watched(&mut command, &self.program, &self.log())
    }

    /// Waits until members can talk to the bot.
    ///
    /// # Errors
    /// It has ended, or is not connected in time.
    pub async fn online(&self, process: &mut Process) -> Outcome<()> {
        let since = std::time::Instant::now();
        while self.sim.gateway().connected() != 1 || self.sim.commands(None).is_empty() {
            if let Some(status) = process.ended()? {
                return Err(format!("the bot has ended by itself: {status}").into());
            }
            if since.elapsed() > PATIENCE {
                return Err("the bot is not connected in time".into());
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Ok(())
    }

    /// Waits until Discord has seen the bot go, so that nobody talks to its dead connection.
    pub async fn offline(&self) {
        if !eventually(PATIENCE, || self.sim.gateway().connected() == 0).await {
            self.fault(Fault::wrong("the dead bot's connection stays"));
        }
        // What it had sent before it died is still read.
        tokio::time::sleep(Duration::from_millis(30)).await;
    }

    /// A channel for a new daily.
    pub fn new_channel(&self, name: &str) -> Id {
        self.sim.add_channel(self.guild, name, ChannelKind::Text)
    }

    /// The messages of the rounds in a channel with their numbers, the oldest first.
    pub fn rounds(&self, channel: Id) -> Vec<(u32, MessageView)> {
        let mut messages = self.sim.messages(channel);
        messages.retain(|message| message.kind == 0 && message.author.bot && !message.ephemeral);
        messages.retain(|message| message.labels() == ["Answer", "Quiz", "Hint", "Reveal"]);
        messages.into_iter().map(|message| (number_of(&message), message)).collect()
    }

    pub fn is_posting(&self) -> bool {
        self.posting.load(Ordering::Relaxed) > 0
    }

    /// The bot's instant.
    pub fn now(&self) -> Timestamp {
        self.sim.clock().now().saturating_add(LAG).unwrap_or(Timestamp::MAX)
    }

    /// The instant for the simulated Discord.
    pub fn discord_now(&self) -> Timestamp {
        self.sim.clock().now()
    }
}

/// The number in a round's message.
fn number_of(message: &MessageView) -> u32 {
    let footer = message.embeds.first().and_then(|embed| embed["footer"]["text"].as_str());
    let number = footer.and_then(|text| text.trim_start_matches('#').split(' ').next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}
