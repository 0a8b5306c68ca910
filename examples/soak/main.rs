//! Keeps the bot busy for long: so many interactions a second through the simulated Discord, whose
//! gateway is cut every minute. Tells the memory of the bot's process, how long acknowledgements
//! took, and whether any was missing.
//!
//! `cargo run --release --example soak -- --minutes 60 --rate 50`. Linux.
#![allow(clippy::print_stdout, reason = "an example talks to its user")]

mod acting;
#[allow(dead_code, reason = "the crash test needs more of it")]
#[path = "../support/mod.rs"]
mod support;

use acting::{Class, Crowd, Sent};
use clap::Parser;
use std::{
    path::PathBuf,
    process::ExitCode,
    sync::{Arc, PoisonError},
    time::{Duration, Instant},
};
use support::{Outcome, Process, bot, eventually, program};
use tokio::task::JoinSet;

/// How often the bot's memory is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// How often a new round is posted.
const ROUND_EVERY: Duration = Duration::from_secs(300);

/// What acts are given at the end to be answered.
const PATIENCE: Duration = Duration::from_secs(15);

/// The most that the memory of the last quarter may be above that of the first.
const FLAT_WITHIN: f64 = 1.10;

/// Keeps the bot busy, and tells how it bears it.
#[derive(Parser)]
struct Args {
    /// For how long.
    #[arg(long, default_value_t = 60.0)]
    minutes: f64,
    /// Interactions a second.
    #[arg(long, default_value_t = 50)]
    rate: u32,
    /// Seconds between two cuts of the gateway.
    #[arg(long, default_value_t = 60)]
    cut_every: u64,
    /// The program to try, instead of this build's.
    #[arg(long, value_name = "PATH")]
    program: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Args::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("soak: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args) -> Outcome<bool> {
    let program = program(args.program.clone())?;
    let folder = tempfile::tempdir()?;
    let crowd = Arc::new(Crowd::gather().await?);
    let mut command = bot(&program, &crowd.sim, &folder.path().join("store"));
    let mut process = Process::start(&mut command, &folder.path().join("log"))?;
    let there = || crowd.sim.gateway().connected() == 1 && !crowd.sim.commands(None).is_empty();
    if !eventually(Duration::from_secs(30), there).await {
        return Err("the bot does not connect".into());
    }
    crowd.set_up().await?;
    let soaked = soak(&args, &crowd, &mut process).await?;
    Ok(tell(&args, &crowd, &soaked))
}

/// What was measured.
struct Soaked {
    /// KiB resident, in the order of time.
    memory: Vec<u64>,
    cuts: u64,
    took: Duration,
}

async fn soak(args: &Args, crowd: &Arc<Crowd>, process: &mut Process) -> Outcome<Soaked> {
    let (begun, mut acts) = (Instant::now(), JoinSet::new());
    let length = Duration::from_secs_f64(args.minutes * 60.0);
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / args.rate);
    let mut looks = tokio::time::interval(LOOK_EVERY);
    let mut cuts = tokio::time::interval(Duration::from_secs(args.cut_every));
    let mut rounds = tokio::time::interval(ROUND_EVERY);
    cuts.tick().await;
    rounds.tick().await;
    let mut soaked = Soaked { memory: Vec::new(), cuts: 0, took: length };
    while begun.elapsed() < length {
        tokio::select! {
            _ = ticks.tick() => if !crowd.is_taken() {
                acts.spawn(Arc::clone(crowd).act());
            },
            _ = cuts.tick() => {
                crowd.cut();
                soaked.cuts += 1;
            }
            _ = rounds.tick() => drop(acts.spawn(Arc::clone(crowd).post())),
            _ = looks.tick() => {
                if let Some(status) = process.ended()? {
                    return Err(format!("the bot has ended by itself: {status}").into());
                }
                soaked.memory.push(resident_kib(process.id())?);
            }
        }
        while acts.try_join_next().is_some() {}
    }
    soaked.took = begun.elapsed();
    let all = async { while acts.join_next().await.is_some() {} };
    // Whoever waits longer than that is counted as one who got no answer.
    let _ = tokio::time::timeout(PATIENCE, all).await;
    Ok(soaked)
}

/// Prints the table. Returns whether all is well.
fn tell(args: &Args, crowd: &Crowd, soaked: &Soaked) -> bool {
    let sent = crowd.sent.lock().unwrap_or_else(PoisonError::into_inner);
    let minutes = soaked.took.as_secs_f64() / 60.0;
    let rate = sent.len() as f64 / soaked.took.as_secs_f64();
    println!("{minutes:.1} minutes, {rate:.1} interactions a second ({} asked)", args.rate);
    println!("gateway cut {} times, sessions resumed {}", soaked.cuts, crowd.resumes());
    println!("| interactions | sent | acknowledged | p50 ms | p99 ms | max ms |");
    println!("|---|---|---|---|---|---|");
    let mut all_is_well = true;
    for class in Class::ALL {
        let of_class: Vec<&Sent> = sent.iter().filter(|sent| sent.class() == class).collect();
        let mut times: Vec<f64> = of_class.iter().filter_map(|sent| sent.millis()).collect();
        times.sort_by(f64::total_cmp);
        let [p50, p99, max] = [0.5, 0.99, 1.0].map(|share| quantile(&times, share));
        let (sent, answered) = (of_class.len(), times.len());
        println!("| {class} | {sent} | {answered} | {p50:.1} | {p99:.1} | {max:.1} |");
        all_is_well &= class != Class::Connected || sent == answered;
    }
    let [first, second, third, last] = quarters(&soaked.memory);
    let most = soaked.memory.iter().max().copied().unwrap_or(0) as f64 / 1024.0;
    println!(
        "resident by quarters: {first:.1}, {second:.1}, {third:.1}, {last:.1} MiB; most {most:.1} MiB"
    );
    for text in crowd.wrong() {
        println!("wrong: {text}");
        all_is_well = false;
    }
    all_is_well && last <= first * FLAT_WITHIN
}

/// The mean of each quarter, in MiB.
fn quarters(kib: &[u64]) -> [f64; 4] {
    [0, 1, 2, 3].map(|quarter| {
        let part = &kib[kib.len() * quarter / 4..kib.len() * (quarter + 1) / 4];
        part.iter().sum::<u64>() as f64 / part.len().max(1) as f64 / 1024.0
    })
}

fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = (sorted.len() as f64 * share).ceil() as usize;
    sorted.get(place.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}

/// A process's resident memory, as Linux tells it.
fn resident_kib(process: u32) -> Outcome<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).ok_or("no VmRSS")?;
    Ok(line.split_whitespace().nth(1).ok_or("no figure")?.parse()?)
}
