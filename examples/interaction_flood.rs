//! Drives many interactions through a bot, on the simulated Discord, and prints how much memory
//! the bot's process holds meanwhile: it must not grow with each click. The bot runs in a process
//! of its own, on the path of the real Discord with serenity's rate limiter on.
//!
//! `cargo run --release --example interaction_flood -- [INTERACTIONS]` (20,000 by default). Linux.
#![allow(clippy::print_stdout, reason = "an example talks to its user")]

use discord_sim::{Actor, ChannelKind, Id, Limits, Options, Response, Sim};
use futures_util::future::join_all;
use jiff::SignedDuration;
use secrecy::SecretString;
use std::{
    error::Error,
    path::Path,
    process::{Child, Command},
    sync::Arc,
    time::{Duration, Instant},
};
use whetstone::{
    app::Policy,
    bank::Shelf,
    bot::{Bot, Parts},
    config,
    discord::endpoint::Endpoint,
    scheduler::SystemClock,
    store::Store,
};

/// Clicks under way at once.
const AT_ONCE: usize = 50;

/// How often the memory is looked at.
const POINTS: usize = 16;

type Outcome<T> = Result<T, Box<dyn Error>>;

#[tokio::main]
async fn main() -> Outcome<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["bot", address, token, folder] => bot(address, token, Path::new(folder)).await,
        [] => flood(20_000).await,
        [interactions] => flood(interactions.parse()?).await,
        _ => Err("usage: interaction_flood [INTERACTIONS]".into()),
    }
}

/// The bot, until its process is killed.
async fn bot(address: &str, token: &str, folder: &Path) -> Outcome<()> {
    let authority = std::fs::read(folder.join("authority.pem"))?;
    let bot = Bot::start(Parts {
        store: Store::open(&folder.join("store"), 16 << 20)?,
        shelf: Arc::new(Shelf::open(Vec::new()).await?),
        endpoint: Endpoint::Local { address: address.parse()?, authority },
        token: SecretString::from(token.to_owned()),
        clock: Arc::new(SystemClock),
        policy: Policy { catch_up: SignedDuration::from_hours(6), backups_kept: 0 },
        declared: Vec::new(),
        // It acts as a crowd in one account.
        limits: config::Limits::NONE,
    })
    .await?;
    Ok(bot.run(std::future::pending()).await?)
}

async fn flood(wanted: usize) -> Outcome<()> {
    let folder = std::env::temp_dir().join(format!("whetstone-flood-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let options = Options { limits: Limits::none(), record_capacity: 100, ..Options::default() };
    let sim = Sim::start(options).await?;
    std::fs::write(folder.join("authority.pem"), sim.ca_pem())?;
    let mut child = Command::new(std::env::current_exe()?)
        .args(["bot", &sim.https_addr().to_string(), sim.token()])
        .arg(&folder)
        .spawn()?;
    let outcome = measure(&sim, &child, wanted).await;
    child.kill()?;
    child.wait()?;
    std::fs::remove_dir_all(folder)?;
    outcome
}

async fn measure(sim: &Sim, child: &Child, wanted: usize) -> Outcome<()> {
    let ada = sim.add_user("ada", "Ada");
    let guild = sim.add_guild("Team", ada);
    let channel = sim.add_channel(guild, "questions", ChannelKind::Text);
    let actor = sim.user(ada);
    while actor.commands(channel).is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let asked = actor.command(channel, "question beginner", &[]).await?;
    let card = asked.message().ok_or("no question came")?.id;
    let (mut done, mut points, since) = (0, Vec::new(), Instant::now());
    while done < wanted {
        click(&actor, channel, card).await?;
        done += AT_ONCE;
        if done * POINTS / wanted > points.len() {
            let resident = resident_kib(child.id())?;
            println!("{done:>9} interactions: {resident:>7} KiB resident");
            points.push(resident);
        }
    }
    let quarter = (points.len() / 4).max(1);
    let mean = |part: &[u64]| part.iter().sum::<u64>() / part.len() as u64;
    let (first, last) = (mean(&points[..quarter]), mean(&points[points.len() - quarter..]));
    let rate = done as f64 / since.elapsed().as_secs_f64();
    println!("first quarter {first} KiB, last quarter {last} KiB, {rate:.0} interactions a second");
    Ok(())
}

/// Clicks as often as is done at once, and clears the answers away.
async fn click(actor: &Actor, channel: Id, card: Id) -> Outcome<()> {
    let clicks = (0..AT_ONCE).map(|_| actor.click_label(channel, card, "Hint"));
    for response in join_all(clicks).await {
        match response? {
            Response::Message { message, .. } => actor.dismiss(channel, message.id)?,
            other => return Err(format!("an answer, not {other:?}").into()),
        }
    }
    Ok(())
}

/// A process's resident memory, as Linux tells it.
fn resident_kib(process: u32) -> Outcome<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).ok_or("no VmRSS")?;
    Ok(line.split_whitespace().nth(1).ok_or("no figure")?.parse()?)
}
