//! Start and stop of the real program against servers that refuse, stall or break.

use crate::{
    crowd::set_daily,
    support::{Stage, eventually},
};
use serde_json::Value;
use std::{
    io::Read,
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    thread::JoinHandle,
    time::{Duration, Instant},
};
use whetstone::sim::{Clock, Fault, Options, Response, Rule};

/// What Docker and systemd leave by default.
const STOPPED_WITHIN: Duration = Duration::from_secs(10);

/// A token of the right form that opens nothing.
const WRONG: &str = "MTAwMDAwMDAwMDAwMDAwMDAwMA.GWrong.wrong-token-that-must-never-be-shown";

async fn stage() -> Stage {
    Stage::on(Options { clock: Clock::system(), ..Options::default() }).await
}

/// The program, run as an operator does.
struct Program {
    child: Child,
    log: JoinHandle<String>,
}

impl Drop for Program {
    fn drop(&mut self) {
        // It has ended already, unless the test failed.
        let _ = self.child.kill();
    }
}

impl Program {
    fn start(api_url: &str, store: &Path, token: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_whetstone"))
            .arg("run")
            .env_clear()
            .env("DISCORD_TOKEN", token)
            .env("WHETSTONE_DISCORD_API_URL", api_url)
            .env("WHETSTONE_STORE_PATH", store)
            .env("WHETSTONE_LOG_FILTER", "trace")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Read all the while, for a full pipe would stop the program.
        let mut stderr = child.stderr.take().unwrap();
        let log = std::thread::spawn(move || {
            let mut log = Vec::new();
            stderr.read_to_end(&mut log).unwrap();
            String::from_utf8_lossy(&log).into_owned()
        });
        Self { child, log }
    }

    fn on(stage: &Stage, token: &str) -> Self {
        Self::start(&stage.sim.http_url(), stage.folder.path(), token)
    }

    /// Waits until the program has ended by itself; gives its exit code and its log.
    async fn end(mut self) -> (Option<i32>, String) {
        let since = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(since.elapsed() < STOPPED_WITHIN * 2, "it does not end");
            tokio::time::sleep(Duration::from_millis(10)).await;
        };
        let log = std::mem::replace(&mut self.log, std::thread::spawn(String::new));
        (status.code(), log.join().unwrap())
    }

    /// Sends SIGTERM and waits for an orderly end; gives how long it took.
    async fn stops_cleanly(self) -> Duration {
        let since = Instant::now();
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let (code, log) = self.end().await;
        let took = since.elapsed();
        let end: Vec<&str> = log.lines().rev().take(5).collect();
        assert_eq!(code, Some(0), "{end:#?}");
        assert!(took < STOPPED_WITHIN, "{took:?}: {end:#?}");
        assert!(log.contains("whetstone::bot: stopped"), "{end:#?}");
        took
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_is_told_by_the_variable_and_never_shown() {
    let stage = stage().await;
    let (code, log) = Program::on(&stage, WRONG).end().await;
    assert_eq!(code, Some(1));
    let last = log.lines().last().unwrap_or_default();
    assert!(last.contains("DISCORD_TOKEN") && last.contains("refuses the token"), "{last}");
    assert!(!log.contains("never-be-shown"), "the token is in the log");
    assert_eq!(stage.sim.gateway().stats().connections, 0);
}

/// REST takes the token, as a proxy that adds its own does, and the gateway does not.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_the_gateway_refuses_ends_the_program_too() {
    let stage = stage().await;
    let gateway = serde_json::json!({
        "url": stage.sim.gateway_url(),
        "shards": 1,
        "session_start_limit":
            { "total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1 },
    });
    let fine = Fault::Status { status: 200, body: gateway };
    stage.sim.faults().add(Rule::new("GET /gateway/bot", fine));
    let (code, log) = Program::on(&stage, WRONG).end().await;
    assert_eq!(code, Some(1));
    let last = log.lines().last().unwrap_or_default();
    assert!(last.contains("DISCORD_TOKEN"), "{last}");
    assert!(!log.contains("never-be-shown"), "the token is in the log");
    assert_eq!(stage.sim.gateway().stats().connections, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_stops_while_the_server_accepts_and_never_answers() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(&url, folder.path(), WRONG);
    let accepted = tokio::task::spawn_blocking(move || silent.accept().map(|it| (silent, it)));
    let _open = tokio::time::timeout(Duration::from_secs(10), accepted).await.unwrap();
    program.stops_cleanly().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_stops_while_the_gateway_never_answers_the_handshake() {
    let stage = stage().await;
    stage.sim.gateway().stall(true);
    let program = Program::on(&stage, stage.sim.token());
    asked_for_gateway(&stage, 2).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    program.stops_cleanly().await;
    assert_eq!(stage.sim.gateway().stats().identifies, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_stops_while_the_gateway_refuses_to_resume() {
    let stage = stage().await;
    let program = Program::on(&stage, stage.sim.token());
    stage.sim.ready().await;
    eventually("the commands are registered", || !stage.sim.commands(None).is_empty()).await;
    stage.sim.gateway().refuse(true);
    stage.sim.gateway().cut();
    // By now serenity has failed to resume, and spins.
    tokio::time::sleep(Duration::from_millis(1300)).await;
    program.stops_cleanly().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_says_goodbye_to_the_gateway() {
    let stage = stage().await;
    let program = Program::on(&stage, stage.sim.token());
    stage.sim.ready().await;
    eventually("the commands are registered", || !stage.sim.commands(None).is_empty()).await;
    program.stops_cleanly().await;
    eventually("the session is given up", || stage.sim.gateway().connected() == 0).await;
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
}

/// A stop does not wait for the registration of the commands, which would be tried for ever.
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_does_not_wait_for_the_commands_registration() {
    let stage = stage().await;
    let unavailable = Fault::Status { status: 503, body: Value::Null };
    let rule = stage.sim.faults().add(Rule::new("PUT /applications/*/commands", unavailable));
    let program = Program::on(&stage, stage.sim.token());
    rule.hit().await;
    let took = program.stops_cleanly().await;
    assert!(took < Duration::from_secs(4), "{took:?}");
}
