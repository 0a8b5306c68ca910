//! `discord.api_url`: all goes to the one server that it names. The address of the gateway comes
//! from there, and where it cannot be had the bot waits.

use super::{
    crowd::{Crowd, insist, set_daily},
    support::{Stage, eventually},
};
use discord_sim::{Clock, Fault, Rule};
use jiff::SignedDuration;
use serde_json::Value;
use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv4Addr},
    sync::{Arc, Mutex},
    time::Duration,
};
use whetstone::{
    bot::{Bot, Parts},
    discord::endpoint::Endpoint,
};

async fn stage() -> Stage {
    Stage::without_bot(Clock::frozen("2026-03-02T09:00:00Z".parse().unwrap())).await
}

fn parts(stage: &Stage) -> Parts {
    Parts { endpoint: Endpoint::Proxy(stage.sim.http_url()), ..stage.parts() }
}

fn unavailable(pattern: &str) -> Rule {
    Rule::new(pattern, Fault::Status { status: 502, body: Value::Null })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_whole_story_works_through_a_proxy() {
    let mut stage = stage().await;
    let parts = parts(&stage);
    stage.start_bot_with(parts).await;
    eventually("the commands are registered", || !stage.sim.commands(None).is_empty()).await;
    set_daily(&stage).await;
    let mut crowd = Crowd::of(&stage, 8);
    let day = SignedDuration::from_hours(24);
    stage.travel_to(stage.clock.now() + day).await;
    crowd.take_part(&stage, async { stage.sim.gateway().cut() }).await;
    stage.travel_to(stage.clock.now() + day).await;
    crowd.check(&stage).await;
    let host = stage.sim.http_url().replace("http://", "");
    let asked = stage.sim.requests();
    let elsewhere = asked.iter().find(|request| {
        !request.headers.iter().any(|(name, value)| name == "host" && *value == host)
    });
    assert!(elsewhere.is_none(), "{elsewhere:?}");
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_other_gateway_is_asked_while_the_address_cannot_be_had() {
    let mut stage = stage().await;
    let seen = Peers::watch();
    let failing = ["GET /gateway", "GET /gateway/bot"];
    let rules = failing.map(|pattern| stage.sim.faults().add(unavailable(pattern)));
    let parts = parts(&stage);
    stage.bot = Some(Bot::start(parts).await.unwrap());
    // Two tries at least.
    rules[1].hit_times(2).await;
    assert_eq!(stage.sim.gateway().stats().connections, 0);
    assert!(!*stage.bot.as_ref().unwrap().connected.borrow());
    rules.iter().for_each(|rule| rule.release());
    stage.connected().await;
    answers(&stage).await;
    seen.are_all_here();
    stage.finish().await;
}

/// The address is had from `GET /gateway/bot`, then serenity itself asks `GET /gateway`, is
/// refused, and would go to Discord's own gateway.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn serenity_does_not_fall_back_to_the_real_gateway() {
    let mut stage = stage().await;
    let seen = Peers::watch();
    let rule = stage.sim.faults().add(unavailable("GET /gateway"));
    let parts = parts(&stage);
    stage.start_bot_with(parts).await;
    assert!(rule.hits() >= 1, "serenity asks by itself");
    answers(&stage).await;
    assert_eq!(stage.sim.gateway().stats().identifies, 1);
    seen.are_all_here();
    stage.finish().await;
}

async fn answers(stage: &Stage) {
    eventually("the commands are registered", || !stage.sim.commands(None).is_empty()).await;
    insist("a command", || async {
        stage.actor(stage.ada).command(stage.channel, "help", &[]).await
    })
    .await;
}

/// The addresses that this process has or opens connections to, looked at all the while.
struct Peers {
    seen: Arc<Mutex<BTreeSet<IpAddr>>>,
    watching: tokio::task::JoinHandle<()>,
}

impl Peers {
    fn watch() -> Self {
        let seen = Arc::new(Mutex::new(BTreeSet::new()));
        let noted = Arc::clone(&seen);
        let watching = tokio::spawn(async move {
            loop {
                noted.lock().unwrap().extend(peers());
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        });
        Self { seen, watching }
    }

    fn are_all_here(self) {
        self.watching.abort();
        let mut seen = self.seen.lock().unwrap();
        seen.extend(peers());
        assert!(seen.contains(&IpAddr::V4(Ipv4Addr::LOCALHOST)), "something was seen: {seen:?}");
        assert!(seen.iter().all(IpAddr::is_loopback), "{seen:?}");
    }
}

/// The other ends of this process's sockets, from Linux's tables: TCP in every state, and the UDP
/// of a name being looked up.
fn peers() -> Vec<IpAddr> {
    let links = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
    let names = links.filter_map(|link| std::fs::read_link(link.path()).ok());
    let own: BTreeSet<String> = names
        .filter_map(|name| {
            let name = name.to_string_lossy().into_owned();
            Some(name.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned())
        })
        .collect();
    let tables = ["tcp", "tcp6", "udp", "udp6"].map(|kind| format!("/proc/self/net/{kind}"));
    let tables = tables.iter().filter_map(|path| std::fs::read_to_string(path).ok());
    let lines: Vec<String> =
        tables.flat_map(|table| table.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    let rows = lines.iter().map(|line| line.split_whitespace().collect::<Vec<_>>());
    rows.filter(|row| row.get(9).is_some_and(|inode| own.contains(*inode)))
        .filter_map(|row| address(row[2].split(':').next()?))
        .filter(|address| !address.is_unspecified())
        .collect()
}

/// An address as the tables write it: words of four bytes in the machine's order, in hexadecimal.
fn address(text: &str) -> Option<IpAddr> {
    let word = |at: usize| u32::from_str_radix(text.get(at..at + 8)?, 16).ok();
    if text.len() == 8 {
        return Some(IpAddr::from(word(0)?.to_ne_bytes()));
    }
    let words = [word(0)?, word(8)?, word(16)?, word(24)?].map(u32::to_ne_bytes);
    let bytes: [u8; 16] = words.concat().try_into().ok()?;
    Some(IpAddr::from(bytes).to_canonical())
}
