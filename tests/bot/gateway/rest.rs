//! REST calls that fail: answers to clicks that are cut or refused before and after they took
//! effect, and rate limits on the routes of channels.

use super::{
    crowd::{Crowd, insist, set_daily},
    support::{Stage, eventually},
};
use discord_sim::{Fault, Limits, Response, Rule};
use futures_util::future::join_all;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const CALLBACK: &str = "POST /interactions/*/*/callback";
const SEND: &str = "POST /channels/*/messages";

async fn stage() -> Stage {
    let stage = Stage::at("2026-03-02T09:00:00Z").await;
    set_daily(&stage).await;
    stage
}

async fn next_day(stage: &mut Stage) {
    stage.travel_to(stage.clock.now() + SignedDuration::from_hours(24)).await;
}

fn server_error() -> Fault {
    Fault::Status { status: 503, body: Value::Null }
}

/// In one round a quarter of all answers to clicks meets the fault; members who see a click fail
/// click again. Gives how many answers met it.
async fn clicks_meet(fault: Fault) -> usize {
    let mut stage = stage().await;
    let mut crowd = Crowd::of(&stage, 12);
    next_day(&mut stage).await;
    let mut hits = 0;
    let rules: Vec<_> = (0..5)
        .map(|place| {
            stage.sim.faults().add(Rule::new(CALLBACK, fault.clone()).skip(place * 3).once())
        })
        .collect();
    crowd.take_part(&stage, async {}).await;
    for rule in rules {
        hits += rule.hits();
        rule.release();
    }
    next_day(&mut stage).await;
    crowd.check(&stage).await;
    stage.finish().await;
    hits
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn answers_that_meet_a_fault_are_stored_once_and_told_truly() {
    let faults = [
        Fault::CutBefore,
        Fault::CutAfter,
        server_error(),
        Fault::MalformedJson,
        Fault::Delay(Duration::from_millis(800)),
        // Too late for Discord: the member sees a failure and clicks again.
        Fault::Delay(Duration::from_millis(3500)),
        Fault::RouteLimit { retry_after: Duration::from_millis(300) },
    ];
    let hits = join_all(faults.map(clicks_meet)).await;
    assert!(hits.iter().all(|hits| *hits >= 4), "each fault was met: {hits:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_cut_is_sent_again() {
    // The second answer to one click is refused, which tells that the first had arrived.
    let cases = [
        (Fault::CutBefore, [None, Some(204)]),
        (Fault::CutAfter, [Some(204), Some(400)]),
        (server_error(), [Some(503), Some(204)]),
    ];
    for (fault, expected) in cases {
        let stage = stage().await;
        stage.sim.faults().add(Rule::new(CALLBACK, fault.clone()).once());
        let asked = stage.actor(stage.ada).start_command(stage.channel, "help", &[]).unwrap();
        let path = format!("/interactions/{}/", asked.id());
        let response = asked.response().await;
        assert!(matches!(response, Response::Message { .. }), "{fault:?}: {response:?}");
        let statuses = || -> Vec<Option<u16>> {
            let requests = stage.sim.requests();
            requests.iter().filter(|r| r.path.starts_with(&path)).map(|r| r.status).collect()
        };
        eventually("the answer is sent again", || statuses().last() == expected.last()).await;
        // On a connection that was used before, the HTTP client itself tries again, too.
        let mut statuses = statuses();
        statuses.dedup();
        assert_eq!(statuses, expected, "{fault:?}");
        stage.finish().await;
    }
}

/// A post of a round that meets a rate limit is made once, after the time that was asked for.
async fn post_meets(fault: Fault, wait: Duration) {
    let mut stage = stage().await;
    let rule = stage.sim.faults().add(Rule::new(SEND, fault.clone()).times(2));
    let since = Instant::now();
    next_day(&mut stage).await;
    assert_eq!(rule.hits(), 2, "{fault:?}");
    assert!(since.elapsed() >= wait * 2, "{fault:?}: {:?}", since.elapsed());
    assert_eq!(stage.rounds().len(), 1, "{fault:?}");
    // A third day with nothing in the way.
    next_day(&mut stage).await;
    assert_eq!(stage.rounds().len(), 2, "{fault:?}");
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_post_that_is_limited_is_made_once() {
    // Discord's header counts whole seconds.
    let retry_after = Duration::from_secs(1);
    tokio::join!(
        post_meets(Fault::RouteLimit { retry_after }, retry_after),
        post_meets(Fault::GlobalLimit { retry_after }, retry_after),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tight_limits_of_a_channel_are_kept_and_every_round_posted() {
    let mut stage = Stage::at("2026-03-02T09:00:00Z").await;
    let default = Some((4, Duration::from_millis(300)));
    let mut limits = Limits { default, ..Limits::default() };
    limits.routes.insert("POST /channels/{channel}/messages".into(), (1, Duration::from_secs(1)));
    stage.sim.set_limits(limits);
    for place in 0..4 {
        let options = [("name", json!(format!("daily-{place}"))), ("days", json!("mon-sun"))];
        let set = || async {
            let mut all = vec![
                ("channel", json!(stage.channel)),
                ("time", json!("10:00")),
                ("zone", json!("UTC")),
            ];
            all.extend_from_slice(&options);
            stage.actor(stage.mona).command(stage.channel, "daily set", &all).await
        };
        insist("a daily", set).await;
    }
    let mut scheduling = stage.bot.as_ref().unwrap().scheduling.clone();
    scheduling.wait_for(|status| status.wakes_at.is_some()).await.unwrap();
    next_day(&mut stage).await;
    assert_eq!(stage.rounds().len(), 4, "each daily posts once, whatever the limits");
    stage.finish().await;
}
