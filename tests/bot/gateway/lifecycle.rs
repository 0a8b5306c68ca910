//! Start and stop of the real program against servers that refuse, stall or break.

use super::{
    crowd::set_daily,
    support::{
        Stage, eventually,
        process::{Process, whetstone},
    },
};
use discord_sim::{Fault, Response, Rule};
use serde_json::Value;
use std::{
    net::TcpListener,
    path::Path,
    time::{Duration, Instant},
};

/// What Docker and systemd leave by default.
const STOPPED_WITHIN: Duration = Duration::from_secs(10);

/// A token of the right form that opens nothing.
const WRONG: &str = "MTAwMDAwMDAwMDAwMDAwMDAwMA.GWrong.wrong-token-that-must-never-be-shown";

/// Runs the program with a wrong token to its end; gives its log.
async fn refused(stage: &Stage) -> String {
    let mut command = stage.command();
    // Libraries log all they can, for a token may hide there.
    command.env("DISCORD_TOKEN", WRONG).env("WHETSTONE_LOG_FILTER", "trace");
    let mut process = Process::start(&mut command, &stage.folder.path().join("log"));
    assert_eq!(process.ended(STOPPED_WITHIN).await.code(), Some(1));
    let log = process.log();
    assert!(!log.contains("never-be-shown"), "the token is in the log");
    log
}

/// Sends SIGTERM and waits for an orderly end in time; gives how long it took.
async fn stops(process: Process, folder: &Path) -> Duration {
    let (status, took) = process.terminate().await;
    let log = std::fs::read_to_string(folder.join("log")).unwrap();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(log.contains("stopped") && !log.contains("did not finish"), "{log}");
    took
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_is_told_by_the_variable_and_never_shown() {
    let stage = Stage::for_processes().await;
    let log = refused(&stage).await;
    let last = log.lines().last().unwrap_or_default();
    assert!(last.contains("DISCORD_TOKEN") && last.contains("refuses the token"), "{last}");
    assert_eq!(stage.sim.gateway().stats().connections, 0);
    stage.finish().await;
}

/// REST takes the token, as a proxy that adds its own does, and the gateway does not.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_the_gateway_refuses_ends_the_program_too() {
    let stage = Stage::for_processes().await;
    let gateway = serde_json::json!({
        "url": stage.sim.gateway_url(),
        "shards": 1,
        "session_start_limit":
            { "total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1 },
    });
    let fine = Fault::Status { status: 200, body: gateway };
    stage.sim.faults().add(Rule::new("GET /gateway/bot", fine));
    let log = refused(&stage).await;
    let last = log.lines().last().unwrap_or_default();
    assert!(last.contains("DISCORD_TOKEN"), "{last}");
    assert_eq!(stage.sim.gateway().stats().connections, 1);
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_stops_while_the_server_accepts_and_never_answers() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let mut command = whetstone(&["run"]);
    command.env("DISCORD_TOKEN", WRONG).env("WHETSTONE_DISCORD_API_URL", &url);
    command.env("WHETSTONE_STORE_PATH", folder.path().join("store"));
    let process = Process::start(&mut command, &folder.path().join("log"));
    let accepted = tokio::task::spawn_blocking(move || silent.accept().map(|it| (silent, it)));
    let _open = tokio::time::timeout(Duration::from_secs(10), accepted).await.unwrap();
    stops(process, folder.path()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_stops_while_the_gateway_never_answers_the_handshake() {
    let stage = Stage::for_processes().await;
    stage.sim.gateway().stall(true);
    let process = stage.launch();
    asked_for_gateway(&stage, 2).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    stops(process, stage.folder.path()).await;
    assert_eq!(stage.sim.gateway().stats().identifies, 0);
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_stops_while_the_gateway_refuses_to_resume() {
    let stage = Stage::for_processes().await;
    let process = stage.launch();
    stage.sim.ready().await;
    eventually("the commands are registered", || !stage.sim.commands(None).is_empty()).await;
    stage.sim.gateway().refuse(true);
    stage.sim.gateway().cut();
    // By now serenity has failed to resume, and spins.
    tokio::time::sleep(Duration::from_millis(1300)).await;
    stops(process, stage.folder.path()).await;
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_says_goodbye_to_the_gateway() {
    let stage = Stage::for_processes().await;
    let process = stage.launch();
    stage.sim.ready().await;
    eventually("the commands are registered", || !stage.sim.commands(None).is_empty()).await;
    stops(process, stage.folder.path()).await;
    eventually("the session is given up", || stage.sim.gateway().connected() == 0).await;
    stage.finish().await;
}

/// The address is had, and then serenity asks for it once more by itself.
#[tokio::test(flavor = "multi_thread")]
async fn the_program_stops_while_serenity_asks_for_the_gateway() {
    let stage = Stage::for_processes().await;
    let held = stage.sim.faults().add(Rule::new("GET /gateway", Fault::HoldBefore));
    let process = stage.launch();
    held.hit().await;
    let took = stops(process, stage.folder.path()).await;
    assert!(took < Duration::from_secs(4), "{took:?}");
    stage.finish().await;
}

async fn asked_for_gateway(stage: &Stage, times: usize) {
    eventually("the address of the gateway is asked for", || {
        let requests = stage.sim.requests();
        requests.iter().filter(|request| request.path.starts_with("/gateway")).count() >= times
    })
    .await;
}

/// An interaction that the bot has begun is finished: its answer waits at the server while the
/// bot is told to stop.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_stop_finishes_a_slow_interaction() {
    let mut stage = Stage::at("2026-03-02T09:00:00Z").await;
    set_daily(&stage).await;
    let delay = Fault::Delay(Duration::from_millis(1500));
    let slow = stage.sim.faults().add(Rule::new("POST /interactions/**", delay));
    let pending = stage.actor(stage.ada).start_command(stage.channel, "help", &[]).unwrap();
    slow.hit().await;
    let since = Instant::now();
    let (response, ()) = tokio::join!(pending.response(), stage.stop_bot());
    assert!(matches!(response, Response::Message { .. }), "{response:?}");
    let took = since.elapsed();
    assert!(took >= Duration::from_millis(1400), "the stop waited: {took:?}");
    assert!(took < STOPPED_WITHIN, "{took:?}");
    assert_eq!(stage.sim.gateway().connected(), 0);
    stage.finish().await;
}

/// A stop does not wait for the registration of the commands, which would be tried for ever.
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_does_not_wait_for_the_commands_registration() {
    let stage = Stage::for_processes().await;
    let unavailable = Fault::Status { status: 503, body: Value::Null };
    let rule = stage.sim.faults().add(Rule::new("PUT /applications/*/commands", unavailable));
    let process = stage.launch();
    rule.hit().await;
    let took = stops(process, stage.folder.path()).await;
    assert!(took < Duration::from_secs(4), "{took:?}");
    stage.finish().await;
}
