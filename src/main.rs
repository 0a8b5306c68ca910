//! The command line: wiring only.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the command line talks to its user")]

#[cfg(feature = "playground")]
#[path = "main/playground.rs"]
mod playground_command;
#[path = "main/store.rs"]
mod store_commands;

use clap::{Args, Parser, Subcommand};
use rustix::fs::Mode;
use secrecy::SecretString;
use std::{
    error::Error,
    io::{IsTerminal, Write},
    path::PathBuf,
    pin::pin,
    process::ExitCode,
    sync::Arc,
    time::Duration,
};
use tokio::signal::unix::{Signal, SignalKind, signal};
use whetstone::{
    app::Policy,
    bank::{Bank, Shelf},
    bot::{Bot, Parts},
    config::{self, Config, UnknownVariable},
    diagnostic::{Fault, Faults},
    discord::endpoint::Endpoint,
    files,
    ops::{Life, Ops, Watched, doctor, health},
    scheduler::{Clock, SystemClock, backups},
    store::{self, Store},
    telemetry,
};

/// How long the configuration and the token may take to be read.
const READ_WITHIN: Duration = Duration::from_secs(10);

/// How long a bank may take to be read and judged when somebody waits for that alone.
const CHECK_WITHIN: Duration = Duration::from_secs(300);

/// After how long it is told that the store is still being opened.
const OPENS_WITHIN: Duration = Duration::from_secs(30);

/// How long the end of the program waits for what still blocks a thread.
const CLOSE_WITHIN: Duration = Duration::from_millis(500);

/// A Discord bot that asks a backend team one good interview question every working day.
#[derive(Parser)]
#[command(version = telemetry::version::line())]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the bot on Discord. The token comes from DISCORD_TOKEN or DISCORD_TOKEN_FILE.
    Run(RunArgs),
    /// Try the bot without Discord: a page on this machine with a simulated server.
    #[cfg(feature = "playground")]
    Playground(playground_command::PlaygroundArgs),
    /// The question bank.
    #[command(subcommand)]
    Bank(BankCommand),
    /// The store: see that it is whole, repair it, back it up, restore it.
    #[command(subcommand)]
    Store(store_commands::StoreCommand),
    /// Exit with 0 if the bot that uses this configuration is alive.
    Health(HealthArgs),
    /// See whether the bot could work: token, intents, and each daily's channel and permissions.
    Doctor(ConfigArgs),
}

#[derive(Args)]
struct ConfigArgs {
    /// The configuration file; without one all settings have their defaults.
    #[arg(long, value_name = "PATH", env = "WHETSTONE_CONFIG")]
    config: Option<PathBuf>,
}

#[derive(Args)]
struct RunArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// Begin a store although its folder holds other files and no store. It is needed once.
    #[arg(long)]
    begin_store: bool,
}

#[derive(Args)]
struct HealthArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// Exit with 1 also if it is alive but not connected, cannot write, or cannot post.
    #[arg(long)]
    ready: bool,
}

#[derive(Subcommand)]
enum BankCommand {
    /// Show every fault of the bank: of the built-in one, or of the folders named.
    Check {
        /// Folders laid out like content/.
        paths: Vec<PathBuf>,
    },
    /// Show how many questions there are, by topic and level, and how long their parts are.
    Stats {
        /// Further folders, on top of the built-in bank.
        paths: Vec<PathBuf>,
    },
}

type Outcome = Result<(), Box<dyn Error>>;

fn main() -> ExitCode {
    // What it writes says what each member did: its owner alone may read it.
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
    let command = Cli::parse().command;
    // Who asks for the faults of a bank is shown all of them.
    let most = if matches!(command, Command::Bank(_)) { usize::MAX } else { Faults::TOLD };
    let outcome = match command {
        Command::Run(args) => in_runtime(run(args)),
        #[cfg(feature = "playground")]
        Command::Playground(args) => in_runtime(playground_command::run(args)),
        Command::Bank(command) => in_runtime(bank(command)),
        Command::Store(command) => in_runtime(store_commands::run(command)),
        Command::Health(args) => in_runtime(tell_health(args)),
        Command::Doctor(args) => in_runtime(examine(args)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(error.as_ref(), most);
            ExitCode::FAILURE
        }
    }
}

fn in_runtime(main: impl Future<Output = Outcome>) -> Outcome {
    let runtime = tokio::runtime::Runtime::new()?;
    let outcome = runtime.block_on(main);
    runtime.shutdown_timeout(CLOSE_WITHIN);
    outcome
}

/// Shows an error with its causes; the first `most` faults of text files with the lines that they
/// are in.
fn report(error: &(dyn Error + 'static), most: usize) {
    let mut stderr = std::io::stderr();
    if let Some(faults) = error.downcast_ref::<Faults>() {
        let rendered = faults.render(stderr.is_terminal(), most);
        // Where this cannot be written, nothing can be told.
        let _ = writeln!(stderr, "{rendered}");
        return;
    }
    let mut line = format!("whetstone: {error}");
    let mut next = error.source();
    while let Some(cause) = next {
        line.push_str(&format!(": {cause}"));
        next = cause.source();
    }
    let _ = writeln!(stderr, "{line}");
}

async fn load(args: ConfigArgs) -> Result<Config, Faults> {
    let path = args.config;
    let root = path.clone().unwrap_or_default();
    let read = move || Config::load(path.as_deref(), |name| std::env::var(name).ok());
    let hangs = |error| Faults::new(vec![Fault::unanswered(&root, &error)]);
    files::apart(READ_WITHIN, read).await.map_err(hangs)?
}

async fn token() -> Result<SecretString, Box<dyn Error>> {
    let read = || config::token(|name| std::env::var(name).ok());
    Ok(files::apart(READ_WITHIN, read).await??)
}

fn warn_of_unknown_variables() {
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    for UnknownVariable { name, meant } in config::unknown_variables(names) {
        tracing::warn!(variable = name, meant, "no setting is named like this variable");
    }
}

async fn run(args: RunArgs) -> Outcome {
    let config = load(args.config).await?;
    let token = token().await?;
    // Before anything else, so that no signal during the start is lost, or ends the program.
    let mut until = pin!(told_to_stop()?);
    let hangup = signal(SignalKind::hangup())?;
    telemetry::init(&config.log, Some(&token));
    warn_of_unknown_variables();
    let ops = match config.ops.listen {
        Some(address) => Some(Ops::bind(address).await?),
        None => None,
    };
    let (shelf, store) = tokio::select! {
        opened = open(&config, args.begin_store) => opened?,
        // Whoever waits for a disk that does not answer can be told to stop.
        () = &mut until => return Ok(()),
    };
    let automatic = store_commands::automatic(&config);
    let keeping = tokio::spawn(backups::run(store.clone(), SystemClock, automatic));
    let bot = start(&config, token, Arc::clone(&shelf), store.clone()).await?;
    let questions = shelf.current().len();
    tracing::info!(version = telemetry::version::line(), questions, "started");
    tokio::spawn(reload_at(hangup, shelf));
    let (connected, scheduling) = (bot.connected.clone(), bot.scheduling.clone());
    let watched = Watched::new(store.clone(), connected, scheduling, Arc::new(SystemClock));
    let watched = Arc::new(watched);
    let serving = ops.map(|ops| ops.serve(Arc::clone(&watched)));
    let life = Life::begin(watched, config.store.path.clone());
    let outcome = bot.run(until).await;
    life.end().await;
    keeping.abort();
    serving.inspect(|serving| serving.abort());
    // sled flushes as it closes, and a disk that does not answer is not waited for.
    tokio::task::spawn_blocking(move || drop(store));
    Ok(outcome?)
}

/// Reads the bank, and opens the store.
async fn open(config: &Config, begin_store: bool) -> Result<(Arc<Shelf>, Store), Box<dyn Error>> {
    let shelf = Arc::new(Shelf::open(config.bank.extra.clone()).await?);
    let bank = shelf.current();
    config.check_topics(bank.topics().iter().map(|topic| topic.id.as_str()))?;
    let (path, cache) = (config.store.path.clone(), config.store.cache_mib << 20);
    let automatic = store_commands::automatic(config);
    let open = move || {
        if !begin_store {
            store::refuse_foreign(&path)?;
        }
        Store::open_with_backup(&path, cache, &automatic, SystemClock.now())
    };
    let mut opening = tokio::task::spawn_blocking(open);
    loop {
        match tokio::time::timeout(OPENS_WITHIN, &mut opening).await {
            Ok(opened) => return Ok((shelf, opened??)),
            // It may be large, and all of it is read.
            Err(_) => tracing::warn!("the store is still being opened"),
        }
    }
}

async fn start(
    config: &Config,
    token: SecretString,
    shelf: Arc<Shelf>,
    store: Store,
) -> Result<Bot, Box<dyn Error>> {
    let parts = Parts {
        store,
        shelf,
        endpoint: endpoint(config),
        token,
        clock: Arc::new(SystemClock),
        policy: Policy { catch_up: config.schedule.catch_up, backups_kept: config.backup.keep },
        declared: config.daily.clone(),
        limits: config.limits,
    };
    Ok(Bot::start(parts).await?)
}

fn endpoint(config: &Config) -> Endpoint {
    match &config.discord.api_url {
        Some(url) => Endpoint::Proxy(url.clone()),
        None => Endpoint::Real,
    }
}

/// Resolves at SIGTERM or Ctrl-C.
fn told_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Reads the extra folders again at each SIGHUP. A bad folder leaves the bank as it was.
async fn reload_at(mut hangup: Signal, shelf: Arc<Shelf>) {
    while hangup.recv().await.is_some() {
        match shelf.reload().await {
            Ok(()) => tracing::info!(questions = shelf.current().len(), "the bank is reloaded"),
            Err(faults) => tracing::error!("the bank has faults and stays as it was:\n{faults}"),
        }
    }
}

async fn bank(command: BankCommand) -> Outcome {
    match command {
        BankCommand::Check { paths } => {
            let check = move || Bank::check(&paths);
            println!("{}", files::apart(CHECK_WITHIN, check).await??);
        }
        BankCommand::Stats { paths } => {
            let bank = files::apart(CHECK_WITHIN, move || Bank::load(&paths)).await??;
            print!("{}\n{}", bank.stats(), bank.balance());
        }
    }
    Ok(())
}

async fn tell_health(args: HealthArgs) -> Outcome {
    let config = load(args.config).await?;
    let health = health::health(&config, SystemClock.now()).await?;
    if args.ready && !health.ready {
        return Err(health.words.into());
    }
    println!("{}", health.words);
    Ok(())
}

async fn examine(args: ConfigArgs) -> Outcome {
    let config = load(args).await?;
    let token = token().await?;
    let endpoint = endpoint(&config);
    let findings = doctor::examine(&config, endpoint, token).await?;
    for finding in &findings {
        println!("{finding}");
    }
    match findings.iter().filter(|finding| !finding.good).count() {
        0 => Ok(()),
        wrong => Err(format!("{wrong} of {} checks found something wrong", findings.len()).into()),
    }
}
