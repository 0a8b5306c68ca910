//! What the longer trials share: the bot's real program as a child process on a simulated Discord.

use discord_sim::{Id, Limits, Options, Sim, permissions::MANAGE_GUILD};
use std::{
    error::Error,
    fs::OpenOptions,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

/// What a trial ends in.
pub type Outcome<T> = Result<T, Box<dyn Error>>;

/// The program that is tried: the one named, or this build's, brought up to date.
///
/// # Errors
/// It cannot be built or found.
pub fn program(named: Option<PathBuf>) -> Outcome<PathBuf> {
    if let Some(named) = named {
        return Ok(named);
    }
    let own = std::env::current_exe()?;
    let profile = own.ancestors().nth(2).ok_or("an example lies in target/PROFILE/examples")?;
    if let Some(cargo) = std::env::var_os("CARGO") {
        let mut build = Command::new(cargo);
        build.args(["build", "--quiet", "--locked", "--bin", "whetstone"]);
        if profile.file_name().is_some_and(|name| name == "release") {
            build.arg("--release");
        }
        if !build.status()?.success() {
            return Err("the program could not be built".into());
        }
    }
    let program = profile.join("whetstone");
    if program.exists() { Ok(program) } else { Err("build the program first".into()) }
}

/// The program, set up to run the bot on a simulated Discord, with a store in that folder.
pub fn bot(program: &Path, sim: &Sim, store: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars() {
        if name.starts_with("WHETSTONE_") || name.starts_with("DISCORD_") {
            command.env_remove(name);
        }
    }
    command.env("DISCORD_TOKEN", sim.token());
    command.env("WHETSTONE_DISCORD_API_URL", sim.http_url());
    command.env("WHETSTONE_STORE_PATH", store);
    // A few members do in seconds what a team does in a day.
    command.env("WHETSTONE_LIMITS_MEMBER_PER_MINUTE", "0");
    command.env("WHETSTONE_LIMITS_GUILD_PER_MINUTE", "0");
    command.arg("run");
    command
}

/// A server with a moderator and members, and no bot yet.
pub struct Team {
    pub sim: Sim,
    pub guild: Id,
    /// The moderator.
    pub mona: Id,
    pub members: Vec<Id>,
}

impl Team {
    /// A simulated Discord with a team of so many members.
    ///
    /// # Errors
    /// The simulation cannot be started.
    pub async fn gather(options: Options, members: usize) -> Outcome<Self> {
        let sim = Sim::start(options).await?;
        // Over plain HTTP the bot leaves the limits to the proxy that it believes to talk to.
        sim.set_limits(Limits::none());
        let owner = sim.add_user("olga", "Olga");
        let guild = sim.add_guild("Team", owner);
        let managers = sim.add_role(guild, "Managers", MANAGE_GUILD);
        let mona = sim.add_user("mona", "Mona");
        sim.add_member(guild, mona, &[managers]);
        let join = |place| {
            let user = sim.add_user(&format!("member{place}"), &format!("Member {place}"));
            sim.add_member(guild, user, &[]);
            user
        };
        let members = (0..members).map(join).collect();
        Ok(Self { sim, guild, mona, members })
    }
}

/// A child process, killed when it is dropped.
pub struct Process {
    child: Child,
    /// The process that is meant, where the child only watches it.
    watched: Option<u32>,
}

impl Process {
    /// Starts it; what it writes is added to the log file.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn start(command: &mut Command, log: &Path) -> Outcome<Self> {
        let file = OpenOptions::new().create(true).append(true).open(log)?;
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        Ok(Self { child: command.spawn()?, watched: None })
    }

    /// The same for a command that starts `program`, and ends with it.
    ///
    /// # Errors
    /// It cannot be started, or ends without starting the program.
    pub fn start_watched(command: &mut Command, program: &Path, log: &Path) -> Outcome<Self> {
        let program = program.canonicalize()?;
        let mut process = Self::start(command, log)?;
        let children = format!("/proc/{0}/task/{0}/children", process.child.id());
        // strace has other children, too, with which it tries what the system can do.
        let is_it = |id: &u32| {
            std::fs::read_link(format!("/proc/{id}/exe")).is_ok_and(|exe| exe == program)
        };
        while process.watched.is_none() {
            let text = std::fs::read_to_string(&children)?;
            let ids = text.split_whitespace().filter_map(|id| id.parse().ok());
            process.watched = ids.into_iter().find(is_it);
            if process.ended()?.is_some() {
                return Err("the watching program has ended at once".into());
            }
        }
        Ok(process)
    }

    /// Its id.
    pub fn id(&self) -> u32 {
        self.watched.unwrap_or(self.child.id())
    }

    /// How it ended, if it has.
    ///
    /// # Errors
    /// The system does not say.
    pub fn ended(&mut self) -> Outcome<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Ends it with SIGKILL: nothing of it runs once this returns.
    ///
    /// # Errors
    /// The system does not say how it ended.
    pub fn kill(&mut self) -> Outcome<()> {
        // Either may have ended by itself.
        match self.watched {
            Some(watched) => {
                Command::new("sh").args(["-c", &format!("kill -KILL {watched}")]).output()?;
            }
            None => drop(self.child.kill()),
        }
        self.child.wait()?;
        Ok(())
    }

    /// Waits until it has ended by itself.
    ///
    /// # Errors
    /// The system does not say how it ended.
    pub fn wait(&mut self) -> Outcome<ExitStatus> {
        Ok(self.child.wait()?)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Whoever drops it has no more use for an error.
        let _ = self.kill();
    }
}

/// Waits until something is so, or for that long. Returns whether it is.
pub async fn eventually(within: Duration, is_so: impl Fn() -> bool) -> bool {
    let since = std::time::Instant::now();
    while !is_so() {
        if since.elapsed() > within {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    true
}
