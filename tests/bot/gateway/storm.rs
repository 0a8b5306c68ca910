//! Gateway connections that end in the middle of clicks: what was acknowledged to a member is
//! stored exactly once, nobody takes part twice, and the bot comes back by itself.

use super::{
    crowd::{Crowd, insist, set_daily},
    support::Stage,
    trouble::Trouble,
};
use discord_sim::{Clock, Options};
use futures_util::future::join_all;
use jiff::SignedDuration;
use std::time::{Duration, Instant};

const START: &str = "2026-03-02T09:00:00Z";

/// How long the bot may take until a command is answered again. Beginning a new session takes
/// serenity five to ten seconds.
const BACK_WITHIN: Duration = Duration::from_secs(30);

async fn stage(heartbeat_interval: Duration) -> Stage {
    let clock = Clock::frozen(START.parse().unwrap());
    let options = Options { clock, heartbeat_interval, ..Options::default() };
    let mut stage = Stage::on(options).await;
    stage.start_bot().await;
    set_daily(&stage).await;
    stage
}

/// To the same time of the next day, which is an hour before the daily's.
async fn next_day(stage: &mut Stage) {
    stage.travel_to(stage.clock.now() + SignedDuration::from_hours(24)).await;
}

async fn comes_back(stage: &Stage, after: Trouble) {
    let since = Instant::now();
    insist("a command", || async {
        stage.actor(stage.ada).command(stage.channel, "streak", &[]).await
    })
    .await;
    assert!(since.elapsed() < BACK_WITHIN, "{after:?}: back after {:?}", since.elapsed());
}

/// Three rounds: one with the trouble in the middle of the clicks, one with it twice in a row,
/// one in peace.
async fn survives(trouble: Trouble) {
    // Silent heartbeats are noticed only if there are some; otherwise as Discord has it.
    let fast = trouble == Trouble::SilentAcks;
    let interval = if fast { Duration::from_secs(1) } else { Duration::from_millis(41_250) };
    let mut stage = stage(interval).await;
    let mut crowd = Crowd::of(&stage, 12);
    for times in [1, 2, 0] {
        next_day(&mut stage).await;
        let meanwhile = async {
            for _ in 0..times {
                tokio::time::sleep(Duration::from_millis(60)).await;
                trouble.make(&stage.sim).await;
            }
        };
        let since = Instant::now();
        crowd.take_part(&stage, meanwhile).await;
        comes_back(&stage, trouble).await;
        tracing::info!(?trouble, times, took = ?since.elapsed(), "a round is over");
    }
    next_day(&mut stage).await;
    crowd.check(&stage).await;
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_trouble_in_the_middle_of_clicks_is_survived() {
    join_all(Trouble::ALL.map(survives)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_storm_of_all_troubles_loses_and_doubles_nothing() {
    let mut stage = stage(Duration::from_secs(2)).await;
    let mut crowd = Crowd::of(&stage, 25);
    // Two troubles a round, each once followed by each of two others.
    for (round, trouble) in Trouble::ALL.into_iter().enumerate() {
        let next = Trouble::ALL[(round * 4 + 1) % Trouble::ALL.len()];
        next_day(&mut stage).await;
        let meanwhile = async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            trouble.make(&stage.sim).await;
            tokio::time::sleep(Duration::from_millis(100)).await;
            next.make(&stage.sim).await;
        };
        crowd.take_part(&stage, meanwhile).await;
        comes_back(&stage, next).await;
    }
    next_day(&mut stage).await;
    crowd.check(&stage).await;
    stage.finish().await;
}

/// The handshake of a resume is never answered: serenity waits for ever, and says nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "takes over two minutes: silence is noticed after three of Discord's heartbeats"]
async fn a_gateway_that_never_answers_a_resume_is_given_up() {
    let mut stage = stage(Duration::from_millis(41_250)).await;
    let mut connected = stage.bot.as_ref().unwrap().connected.clone();
    stage.sim.gateway().stall(true);
    stage.sim.gateway().cut();
    let given_up = connected.wait_for(|connected| !connected);
    tokio::time::timeout(Duration::from_secs(150), given_up).await.expect("given up").unwrap();
    stage.sim.gateway().stall(false);
    stage.connected().await;
    assert_eq!(stage.sim.gateway().stats().identifies, 2, "a new session");
    comes_back(&stage, Trouble::Cut).await;
    stage.finish().await;
}
