//! A whole bot on a simulated Discord, in one process: what the whole-bot tests stand on.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, missing_docs)]

pub mod acts;
pub mod process;
pub mod validate;

use discord_sim::{Actor, ChannelKind, Clock, Id, MessageView, Options, Response, Sim};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tracing_subscriber::{EnvFilter, fmt, prelude::*};
use validate::Tally;
use whetstone::{
    app::Policy,
    bank::{Bank, Shelf},
    bot::{Bot, Parts},
    config::Limits,
    discord::endpoint::Endpoint,
    domain::daily::Declared,
    playground::clock::{SharedClock, settle, travel},
    store::Store,
};

/// A guild with a moderator and three members, a channel, and a bot. Each test that uses one ends
/// with [`Stage::finish`], which checks all that the bot sent.
pub struct Stage {
    pub sim: Sim,
    pub clock: Clock,
    pub bot: Option<Bot>,
    pub folder: tempfile::TempDir,
    pub guild: Id,
    pub channel: Id,
    pub mona: Id,
    pub ada: Id,
    pub bob: Id,
    pub cleo: Id,
    /// Folders that add to the built-in bank, from the next start of the bot on.
    pub bank: Vec<PathBuf>,
    /// The dailies that the configuration file declares, from the next start of the bot on.
    pub declared: Vec<Declared>,
    /// How often members may act, from the next start of the bot on. Most tests do at one instant
    /// what people do in hours.
    pub limits: Limits,
    finished: bool,
}

impl Drop for Stage {
    fn drop(&mut self) {
        // A check that a test can forget is none. A test that fails has its own message.
        assert!(self.finished || std::thread::panicking(), "the test must end with finish()");
    }
}

/// Manage Server, as Discord numbers it.
const MANAGE_GUILD: u64 = 1 << 5;

impl Stage {
    /// A stage whose clock stands at `at`, with the bot connected.
    pub async fn at(at: &str) -> Self {
        Self::with(Clock::frozen(at.parse().unwrap())).await
    }

    pub async fn with(clock: Clock) -> Self {
        let mut stage = Self::without_bot(clock).await;
        stage.start_bot().await;
        stage
    }

    pub async fn without_bot(clock: Clock) -> Self {
        Self::on(Options { clock, ..Options::default() }).await
    }

    /// A stage without a bot on a simulation of this kind.
    pub async fn on(options: Options) -> Self {
        log();
        let clock = options.clock.clone();
        let sim = Sim::start(options).await.unwrap();
        let owner = sim.add_user("olga", "Olga");
        let guild = sim.add_guild("Team", owner);
        let managers = sim.add_role(guild, "Managers", MANAGE_GUILD);
        let add = |name: &str, display: &str, roles: &[Id]| {
            let user = sim.add_user(name, display);
            sim.add_member(guild, user, roles);
            user
        };
        let mona = add("mona", "Mona", &[managers]);
        let (ada, bob, cleo) =
            (add("ada", "Ada", &[]), add("bob", "Bob", &[]), add("cleo", "Cleo", &[]));
        let channel = sim.add_channel(guild, "questions", ChannelKind::Text);
        let folder = tempfile::tempdir().unwrap();
        Self {
            sim,
            clock,
            bot: None,
            folder,
            guild,
            channel,
            mona,
            ada,
            bob,
            cleo,
            bank: Vec::new(),
            declared: Vec::new(),
            limits: Limits::NONE,
            finished: false,
        }
    }

    pub fn endpoint(&self) -> Endpoint {
        Endpoint::Local {
            address: self.sim.https_addr(),
            authority: self.sim.ca_pem().as_bytes().to_vec(),
        }
    }

    /// Starts the bot on the stage's store and waits until it is connected and registered.
    pub async fn start_bot(&mut self) {
        self.start_bot_with(self.parts()).await;
    }

    /// What the bot of this stage is made of.
    pub fn parts(&self) -> Parts {
        Parts {
            store: Store::open(self.folder.path(), 16 << 20).unwrap(),
            shelf: Arc::new(Shelf::holding(Bank::load(&self.bank).unwrap())),
            endpoint: self.endpoint(),
            token: SecretString::from(self.sim.token().to_owned()),
            clock: Arc::new(SharedClock(self.clock.clone())),
            policy: Policy { catch_up: SignedDuration::from_hours(6), backups_kept: 7 },
            declared: self.declared.clone(),
            limits: self.limits,
        }
    }

    pub async fn start_bot_with(&mut self, parts: Parts) {
        self.bot = Some(Bot::start(parts).await.unwrap());
        self.connected().await;
        eventually("the commands are registered", || !self.sim.commands(None).is_empty()).await;
        self.settle().await;
    }

    pub async fn connected(&mut self) {
        let mut connected = self.bot.as_ref().unwrap().connected.clone();
        let wait = connected.wait_for(|connected| *connected);
        tokio::time::timeout(Duration::from_secs(20), wait).await.expect("connects").unwrap();
    }

    /// Stops the bot as SIGTERM does, and waits until its last threads have let go of the store,
    /// which the end of a process would bring about at once.
    pub async fn stop_bot(&mut self) {
        self.bot.take().unwrap().stop().await.unwrap();
        closed(self.folder.path()).await;
    }

    /// Ends the test: stops the bot if it still runs, and checks its store and every body that it
    /// has sent.
    pub async fn finish(mut self) -> Tally {
        self.finished = true;
        if self.bot.is_some() {
            self.stop_bot().await;
        }
        self.verify_store().await;
        validate::check_requests(&self.sim)
    }

    /// Checks that what the bot stored agrees with itself: boards and streaks with what members did.
    async fn verify_store(&self) {
        // Bots in processes of their own have their store elsewhere, and may run still.
        if self.folder.path().join("db").exists() {
            let verified = whetstone::store::verify(self.folder.path()).await.unwrap();
            assert!(verified.wrong.is_empty(), "{:#?}", verified.wrong);
        }
    }

    /// Waits until the scheduler has done all that is due.
    pub async fn settle(&mut self) {
        let mut scheduling = self.bot.as_ref().unwrap().scheduling.clone();
        let wait = settle(&self.clock, &mut scheduling);
        tokio::time::timeout(Duration::from_secs(30), wait).await.expect("settles");
    }

    /// Lets time pass up to an instant, each due thing done at its own time.
    pub async fn travel(&mut self, to: &str) {
        self.travel_to(to.parse().unwrap()).await;
    }

    pub async fn travel_to(&mut self, to: Timestamp) {
        let mut scheduling = self.bot.as_ref().unwrap().scheduling.clone();
        let wait = travel(&self.clock, &mut scheduling, to);
        tokio::time::timeout(Duration::from_secs(60), wait).await.expect("time passes");
    }

    pub fn actor(&self, user: Id) -> Actor {
        self.sim.user(user)
    }

    /// Sets a daily up as the moderator would, and returns what the bot said.
    pub async fn set_daily(&self, time: &str, zone: &str, more: &[(&str, Value)]) -> String {
        let mut options =
            vec![("channel", json!(self.channel)), ("time", json!(time)), ("zone", json!(zone))];
        options.extend_from_slice(more);
        said(&self.actor(self.mona).command(self.channel, "daily set", &options).await.unwrap())
    }

    /// Uses a command and returns the text of the answer.
    pub async fn ask(&self, user: Id, command: &str, options: &[(&str, Value)]) -> String {
        said(&self.actor(user).command(self.channel, command, options).await.unwrap())
    }

    /// The messages of the rounds in the channel, the oldest first.
    pub fn rounds(&self) -> Vec<MessageView> {
        let mut messages = self.actor(self.mona).see(self.channel);
        messages.retain(|message| message.kind == 0 && message.author.bot && !message.ephemeral);
        messages.retain(|message| message.labels() == ["Answer", "Quiz", "Hint", "Reveal"]);
        messages.sort_by_key(|message| message.id);
        messages
    }

    pub fn newest_round(&self) -> MessageView {
        self.rounds().pop().expect("a round")
    }

    /// A member sends an answer to the newest round through the form, and sees this.
    pub async fn answer(&self, user: Id, text: &str) -> MessageView {
        let round = self.newest_round();
        let actor = self.actor(user);
        let opened = actor.click_label(self.channel, round.id, "Answer").await.unwrap();
        let modal = opened.modal().unwrap_or_else(|| panic!("a form, not {opened:?}"));
        let sent = actor.submit(modal, &[("text", text)]).await.unwrap();
        sent.message().unwrap_or_else(|| panic!("a message, not {sent:?}")).clone()
    }
}

/// The text of a response.
pub fn said(response: &Response) -> String {
    response.message().unwrap_or_else(|| panic!("a message, not {response:?}")).text()
}

/// Waits until something is so.
pub async fn eventually(what: &str, done: impl Fn() -> bool) {
    for _ in 0..4000 {
        if done() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("in vain: {what}");
}

/// Waits until nobody has the store in that folder open any more.
pub async fn closed(store: &Path) {
    let log = File::open(store.join("db")).unwrap();
    eventually("the store is closed", || log.try_lock().is_ok()).await;
    // A process that another test is just starting may have the file open as well, so closing it
    // would not give the lock back.
    log.unlock().unwrap();
}

/// Shows the bot's log where RUST_LOG asks for it, and keeps it for [`acts::Journal`].
pub fn log() {
    let shown = fmt::layer().with_test_writer().with_filter(EnvFilter::from_default_env());
    let kept = fmt::layer().with_ansi(false).with_writer(acts::Written);
    let kept = kept.with_filter(EnvFilter::new("whetstone=info"));
    // A second test in the process finds it set up.
    let _ = tracing_subscriber::registry().with(shown).with(kept).try_init();
}
