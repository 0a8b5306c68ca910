//! The program as a child process: started on a stage's simulated Discord, killed, told to stop,
//! its log at hand.

use super::{Stage, closed, eventually};
use discord_sim::Limits;
use jiff::tz::TimeZone;
use std::{
    fs::{File, OpenOptions},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    time::{Duration, Instant},
};
use whetstone::{
    scheduler::{Clock, SystemClock},
    store::Store,
};

/// Docker leaves a container that long after SIGTERM, and so the bot may take no longer.
const STOPS_WITHIN: Duration = Duration::from_secs(10);

/// The program with nothing of the test's own environment that would configure it.
pub fn whetstone(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_whetstone"));
    for (name, _) in std::env::vars() {
        if name.starts_with("WHETSTONE_") || name.starts_with("DISCORD_") {
            command.env_remove(name);
        }
    }
    command.args(args).stdin(Stdio::null());
    command
}

/// A process that runs. Dropping it kills it; in a test that fails, its log is shown then.
pub struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts the program; what it writes is added to the log file.
    pub fn start(command: &mut Command, log: &Path) -> Self {
        let file: File = OpenOptions::new().create(true).append(true).open(log).unwrap();
        let child = command.stdout(file.try_clone().unwrap()).stderr(file).spawn().unwrap();
        Self { child, log: log.to_owned() }
    }

    /// Ends it with SIGKILL: nothing of it runs once this returns.
    pub fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        self.child.wait().unwrap();
    }

    /// The process, as the system numbers it.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal, named as kill(1) names it.
    pub fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success(), "{kill}");
    }

    /// Lets it write no file beyond so many bytes, as a full disk would.
    pub fn limit_files(&self, bytes: u64) {
        let (pid, limit) = (self.child.id().to_string(), format!("--fsize={bytes}"));
        assert!(Command::new("prlimit").args(["--pid", &pid, &limit]).status().unwrap().success());
    }

    /// Lets it have no more than so many files and connections.
    pub fn limit_descriptors(&self, count: u64) {
        let (pid, limit) = (self.child.id().to_string(), format!("--nofile={count}"));
        assert!(Command::new("prlimit").args(["--pid", &pid, &limit]).status().unwrap().success());
    }

    /// Sends SIGTERM, and waits for the end; also tells how long that took.
    pub async fn terminate(mut self) -> (ExitStatus, Duration) {
        let begun = Instant::now();
        self.signal("TERM");
        (self.ended(STOPS_WITHIN).await, begun.elapsed())
    }

    /// Sends SIGTERM to a bot that has nothing to wait for.
    pub async fn stop(self) {
        let (status, _) = self.terminate().await;
        assert_eq!(status.code(), Some(0));
    }

    /// Waits until it ends by itself.
    pub async fn ended(&mut self, within: Duration) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begun.elapsed() < within, "it still runs after {within:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// All that it, and those before it with the same log file, have written.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
        if std::thread::panicking() {
            eprintln!("--- the log of the bot that ran when the test failed:\n{}", self.log());
        }
    }
}

impl Stage {
    /// A stage in real time for bots in processes of their own.
    pub async fn for_processes() -> Self {
        let stage = Self::without_bot(discord_sim::Clock::system()).await;
        // Over plain HTTP the bot leaves the limits to the proxy that it believes to talk to.
        stage.sim.set_limits(Limits::none());
        stage
    }

    /// The folder of the bot's store.
    pub fn store_path(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    /// The program, set up to run the bot on this stage.
    pub fn command(&self) -> Command {
        let mut command = whetstone(&["run"]);
        command.env("DISCORD_TOKEN", self.sim.token());
        command.env("WHETSTONE_DISCORD_API_URL", self.sim.http_url());
        command.env("WHETSTONE_STORE_PATH", self.store_path());
        // A few members of a test do in seconds what a team does in a day.
        command.env("WHETSTONE_LIMITS_MEMBER_PER_MINUTE", "0");
        command.env("WHETSTONE_LIMITS_GUILD_PER_MINUTE", "0");
        command
    }

    /// Starts the bot without waiting for anything.
    pub fn launch(&self) -> Process {
        Process::start(&mut self.command(), &self.folder.path().join("log"))
    }

    /// Starts the bot and waits until members can talk to it.
    pub async fn run_process(&self) -> Process {
        let process = self.launch();
        self.online().await;
        process
    }

    /// Waits until members can talk to the bot.
    pub async fn online(&self) {
        eventually("the bot is connected and its commands are registered", || {
            self.sim.gateway().connected() == 1 && !self.sim.commands(None).is_empty()
        })
        .await;
    }

    /// Waits until Discord has seen the bot go, so that nobody talks to its dead connection.
    pub async fn offline(&self) {
        eventually("the bot is gone", || self.sim.gateway().connected() == 0).await;
    }

    /// Looks into the store of a bot that does not run, and closes it again.
    pub async fn in_store<T>(&self, look: impl AsyncFnOnce(&Store) -> T) -> T {
        let folder = self.store_path();
        let store = Store::open(&folder, 4 << 20).unwrap();
        let seen = look(&store).await;
        drop(store);
        // sled lets its lock go a little later, and the next process must not meet it.
        closed(&folder).await;
        seen
    }
}

/// Runs the program to its end.
pub fn output(command: &mut Command) -> Output {
    command.output().unwrap()
}

/// What a program that ended has written to standard output and to standard error.
pub fn texts(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr))
}

/// A time zone in which it is between noon and one o'clock now, so that 11:00 is past and today
/// does not end.
pub fn zone_at_noon() -> String {
    let hour = TimeZone::UTC.to_datetime(SystemClock.now()).hour();
    // These names count hours west of Greenwich.
    format!("Etc/GMT{:+}", hour - 12)
}
