//! Kills the bot's process at random instants while members act, starts it again, and compares
//! all that members were told with what is stored and what the bot then answers. With
//! `--power-loss`, the store's files are put back to what a disk may hold after the power failed.
//!
//! `cargo run --release --example crash_test -- --rounds 1000 --power-loss 200`. Linux; the rounds
//! with power loss need strace. The method is described in docs/reliability.md.
#![allow(clippy::print_stdout, reason = "an example talks to its user")]

mod acts;
mod check;
mod disk;
mod model;
mod power;
mod stored;
#[path = "../support/mod.rs"]
mod support;
mod trace;
mod world;

use clap::Parser;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::{
    collections::BTreeMap,
    fmt,
    path::PathBuf,
    process::{Command, ExitCode},
    time::{Duration, Instant},
};
use support::{Outcome, Process};
use world::{Fault, Kind, World};

/// Rounds in one world, before a new one is begun with an empty store.
const ROUNDS_OF_A_WORLD: u64 = 100;

/// The most acts that are answered between two kills, but for those of the last moment.
const ACTS_OF_A_ROUND: u64 = 60;

/// Kills the bot at random instants and checks that nothing is lost and nothing is double.
#[derive(Parser)]
struct Args {
    /// How often the process is killed and checked.
    #[arg(long, default_value_t = 20)]
    rounds: u64,
    /// How often the power fails, after the other rounds.
    #[arg(long, default_value_t = 0, value_name = "ROUNDS")]
    power_loss: u64,
    /// The first world's seed; each world after it has the next one. What is chosen follows from
    /// it, though not the instants at which things happen.
    #[arg(long)]
    seed: Option<u64>,
    /// The program to try, instead of this build's.
    #[arg(long, value_name = "PATH")]
    program: Option<PathBuf>,
    /// Keep what lies on the disk when something is wrong.
    #[arg(long)]
    keep: bool,
}

/// What the bot was doing when it was killed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Phase {
    Starting,
    Acting,
    Posting,
    Resting,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Starting => "starting",
            Self::Acting => "while members acted",
            Self::Posting => "while a round was posted or a daily set up",
            Self::Resting => "at rest",
        })
    }
}

/// What is told at the end.
#[derive(Default)]
struct Summary {
    rounds: u64,
    power_rounds: u64,
    /// Disks after a power failure that were looked at.
    images: u64,
    /// Recordings of a process that did not tell what was then in the files.
    unread: u64,
    kills: BTreeMap<Phase, u64>,
    acknowledged: u64,
    unanswered: u64,
    messages: u64,
    faults: Vec<Fault>,
}

impl Summary {
    fn count(&self, kind: Kind) -> usize {
        self.faults.iter().filter(|fault| fault.kind == kind).count()
    }

    fn print(&self, seed: u64, took: Duration) {
        println!(
            "rounds {}, rounds with power loss {} ({} disk images), first seed {seed}, {:.0} s",
            self.rounds,
            self.power_rounds,
            self.images,
            took.as_secs_f64()
        );
        for (phase, kills) in &self.kills {
            println!("  killed {phase}: {kills}");
        }
        println!("acts acknowledged {}, cut off {}", self.acknowledged, self.unanswered);
        println!("messages posted {}", self.messages);
        if self.unread > 0 {
            println!(
                "recordings that could not be relied upon, and rounds left out: {}",
                self.unread
            );
        }
        let [lost, double, wrong] = [Kind::Lost, Kind::Double, Kind::Wrong].map(|k| self.count(k));
        println!("lost {lost}, double {double}, otherwise wrong {wrong}");
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Args::parse()).await {
        Ok(summary) if summary.faults.is_empty() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            println!("crash_test: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args) -> Outcome<Summary> {
    let program = support::program(args.program.clone())?;
    let first = args.seed.unwrap_or_else(|| rand::random_range(0..1_000_000));
    let (mut summary, since) = (Summary::default(), Instant::now());
    let mut seed = first;
    while summary.rounds < args.rounds && summary.faults.is_empty() {
        let rounds = ROUNDS_OF_A_WORLD.min(args.rounds - summary.rounds);
        one_world(&program, seed, (rounds, 0), &mut summary, args.keep).await?;
        seed += 1;
    }
    if args.power_loss > 0 && !trace::is_possible() {
        return Err("the rounds with power loss need strace, and leave to trace".into());
    }
    while summary.power_rounds < args.power_loss && summary.faults.is_empty() {
        let rounds = ROUNDS_OF_A_WORLD.min(args.power_loss - summary.power_rounds);
        one_world(&program, seed, (0, rounds), &mut summary, args.keep).await?;
        seed += 1;
    }
    summary.print(first, since.elapsed());
    Ok(summary)
}

/// Lives through one world, and adds what came of it.
async fn one_world(
    program: &std::path::Path,
    seed: u64,
    (rounds, power_rounds): (u64, u64),
    summary: &mut Summary,
    keep: bool,
) -> Outcome<()> {
    let world = World::new(program.to_owned()).await?;
    let mut rng = StdRng::seed_from_u64(seed);
    let mut trial = Trial { world: &world, summary };
    let lived = match power_rounds {
        0 => trial.live(&mut rng, rounds).await,
        _ => trial.live_with_power_loss(&mut rng, power_rounds).await,
    };
    match lived {
        Ok(round) => report(&world, seed, &format!("round {round}")),
        Err(error) => {
            world.fault(Fault::wrong(error));
            report(&world, seed, "some round");
        }
    }
    let mut state = world.state();
    summary.acknowledged += state.acknowledged;
    summary.unanswered += state.unanswered;
    let channels = state.dailies.values().map(|daily| world.rounds(daily.channel).len() as u64);
    summary.messages += channels.sum::<u64>();
    summary.faults.append(&mut state.faults);
    drop(state);
    if keep && !summary.faults.is_empty() {
        let kept = std::env::temp_dir().join(format!("whetstone-crash-{seed}"));
        let _ = std::fs::rename(world.folder.path(), &kept);
        println!("kept in {}", kept.display());
    }
    Ok(())
}

/// Prints what is wrong.
fn report(world: &World, seed: u64, round: &str) {
    for fault in &world.state().faults {
        println!("seed {seed}, {round}: {:?}: {}", fault.kind, fault.text);
    }
}

/// A world under trial.
struct Trial<'a> {
    world: &'a World,
    summary: &'a mut Summary,
}

impl Trial<'_> {
    async fn live(&mut self, rng: &mut StdRng, rounds: u64) -> Outcome<u64> {
        let mut bot = self.world.launch()?;
        self.world.online(&mut bot).await?;
        for round in 1..=rounds {
            bot = self.round(bot, rng).await?;
            self.summary.rounds += 1;
            if !self.world.state().faults.is_empty() {
                return Ok(round);
            }
        }
        self.end(bot).await?;
        Ok(rounds)
    }

    /// Lets everybody act, kills the bot, and checks all, then and after it has started again.
    async fn round(&mut self, mut bot: Process, rng: &mut StdRng) -> Outcome<Process> {
        let mut tasks = acts::everybody(self.world, rng);
        self.until_the_kill(rng).await;
        let phase = if self.world.is_posting() { Phase::Posting } else { Phase::Acting };
        self.kill(&mut bot, phase).await?;
        tasks.shutdown().await;
        self.world.state().unanswered += acts::unanswered(self.world);
        self.world.check_store().await;
        while rng.random_bool(0.2) {
            let mut bot = self.world.launch()?;
            tokio::time::sleep(Duration::from_micros(rng.random_range(0..80_000))).await;
            let is_there = self.world.sim.gateway().connected() > 0;
            self.kill(&mut bot, if is_there { Phase::Resting } else { Phase::Starting }).await?;
        }
        let mut bot = self.world.launch()?;
        self.world.online(&mut bot).await?;
        self.world.check_answers().await?;
        Ok(bot)
    }

    /// Waits for a random number of answers and then for a random moment, so that as much happens
    /// on a slow machine as on a quick one.
    async fn until_the_kill(&self, rng: &mut StdRng) {
        let wanted = self.world.state().acknowledged + rng.random_range(0..=ACTS_OF_A_ROUND);
        let is_enough = || self.world.state().acknowledged >= wanted;
        support::eventually(Duration::from_secs(5), is_enough).await;
        tokio::time::sleep(Duration::from_micros(rng.random_range(0..20_000))).await;
    }

    async fn kill(&mut self, bot: &mut Process, phase: Phase) -> Outcome<()> {
        if let Some(status) = bot.ended()? {
            return Err(format!("the bot has ended by itself: {status}").into());
        }
        bot.kill()?;
        *self.summary.kills.entry(phase).or_default() += 1;
        self.world.offline().await;
        Ok(())
    }

    /// Stops the bot as an operator does, once it has nothing left to do, and looks once more.
    async fn end(&mut self, mut bot: Process) -> Outcome<()> {
        // A message's count is brought up to date every half minute.
        support::eventually(Duration::from_secs(45), || self.world.counts_are_shown()).await;
        let stop = format!("kill -TERM {}", bot.id());
        if !Command::new("sh").args(["-c", &stop]).status()?.success() || !bot.wait()?.success() {
            return Err("the bot does not stop".into());
        }
        self.world.offline().await;
        self.world.check_store().await;
        self.world.check_end().await;
        Ok(())
    }
}
