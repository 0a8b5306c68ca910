//! `/livez`, `/readyz`, `/metrics`, and `whetstone health`, which asks there.

use super::{
    Served,
    support::{
        Stage,
        process::{Process, output, texts, whetstone},
    },
};
use discord_sim::Response;
use serde_json::json;
use std::{
    io::Write,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use whetstone::scheduler::{Clock, SystemClock};

/// What `whetstone health` says of the bot at that address: its exit code and its words.
fn health(address: &str, args: &[&str]) -> (Option<i32>, String) {
    let mut command = whetstone(&[&["health"], args].concat());
    let output = output(command.env("WHETSTONE_OPS_LISTEN", address));
    let (out, err) = texts(&output);
    (output.status.code(), out + &err)
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_served_unless_the_configuration_says_so() {
    let stage = Stage::for_processes().await;
    let bot = stage.run_process().await;
    assert!(!bot.log().contains("serving"), "{}", bot.log());
    bot.stop().await;
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_without_its_gateway_is_alive_and_not_ready() {
    let stage = Stage::for_processes().await;
    let served = Served::start(&stage, &mut stage.command()).await;
    served.says("readyz", 200, "ready").await;
    assert_eq!(served.page("livez").await, (200, "alive\n".to_owned()));
    assert_eq!(health(&served.address, &[]), (Some(0), "alive, ready\n".to_owned()));
    assert_eq!(health(&served.address, &["--ready"]).0, Some(0));

    stage.sim.gateway().refuse(true);
    stage.sim.gateway().cut();
    served.says("readyz", 503, "not ready\ngateway: not connected\n").await;
    assert_eq!(served.page("livez").await.0, 200);
    served.says("metrics", 200, "\nwhetstone_gateway_connected 0\n").await;
    let (code, told) = health(&served.address, &[]);
    assert_eq!((code, told.as_str()), (Some(0), "alive, not ready: gateway: not connected\n"));
    let (code, told) = health(&served.address, &["--ready"]);
    assert!(code == Some(1) && told.contains("gateway: not connected"), "{told}");

    stage.sim.gateway().refuse(false);
    served.says("readyz", 200, "ready").await;
    served.says("metrics", 200, "\nwhetstone_gateway_connected 1\n").await;
    let Served { bot, address } = served;
    bot.stop().await;
    let (code, told) = health(&address, &[]);
    assert!(code == Some(1) && told.contains("does not answer at"), "{told}");
    assert!(told.contains("ops.listen"), "{told}");
    stage.finish().await;
}

/// What holds every write of a process up, as a disk does that does not answer. Ends with its drop.
struct Hold(Child);

impl Hold {
    /// None where strace is missing or may not trace, except in CI, where nothing is skipped.
    async fn on(bot: &Process) -> Option<Self> {
        let pid = bot.id().to_string();
        let mut strace = Command::new("strace");
        strace.args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=pwrite64", "-e"]);
        strace.args(["inject=pwrite64:delay_enter=600s", "-p", &pid]).stderr(Stdio::null());
        let mut hold = strace.spawn().ok().map(Self);
        while let Some(Self(child)) = &mut hold {
            if child.try_wait().unwrap().is_some() {
                hold = None;
            } else if threads(&pid).all(|status| !status.contains("TracerPid:\t0\n")) {
                return hold;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert!(
            std::env::var_os("CI").is_none(),
            "nothing is skipped in CI, but strace cannot trace"
        );
        eprintln!("SKIPPED: a disk that does not answer, for strace is missing or may not trace");
        None
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        // It may have ended with the process that it traced.
        let _ = self.0.kill();
        self.0.wait().unwrap();
    }
}

/// What the system says of each thread of a process.
fn threads(pid: &str) -> impl Iterator<Item = String> {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    // A thread may have ended since.
    tasks.filter_map(|task| std::fs::read_to_string(task.unwrap().path().join("status")).ok())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_whose_disk_does_not_answer_is_not_ready_and_ends() {
    let stage = Stage::for_processes().await;
    let mut served = Served::start(&stage, &mut stage.command()).await;
    stage.set_daily("00:00", "UTC", &[]).await;
    served.says("readyz", 200, "ready").await;
    let Some(hold) = Hold::on(&served.bot).await else { return };
    // More of those who write than the bot has threads.
    let skips = (1..=16).map(|day| {
        let date = json!(format!("2040-01-{day:02}"));
        let mona = stage.actor(stage.mona);
        async move { mona.command(stage.channel, "daily skip", &[("date", date)]).await.unwrap() }
    });
    let others = async {
        served.says("readyz", 503, "store: the disk has not answered within 3s").await;
        served.says("metrics", 200, "\nwhetstone_store_writable 0\n").await;
        served.says("livez", 200, "alive").await;
        assert!(stage.ask(stage.ada, "topics", &[]).await.contains("questions"));
    };
    let (waiting, ()) = tokio::join!(futures_util::future::join_all(skips), others);
    // Nobody was told that it is saved.
    assert!(waiting.iter().all(Response::is_failed), "{waiting:?}");

    // Its parent hears of it only when strace, too, has let go of it.
    let begun = Instant::now();
    let status = format!("/proc/{}/status", served.bot.id());
    while !std::fs::read_to_string(&status).unwrap().contains("State:\tZ") {
        assert!(begun.elapsed() < Duration::from_secs(60), "it still runs");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    drop(hold);
    assert_eq!(served.bot.ended(Duration::from_secs(10)).await.code(), Some(1));
    let log = served.bot.log();
    assert!(log.contains("the disk has not answered within 30s"), "{log}");
    assert!(log.contains("nothing more is promised; see that the disk has room"), "{log}");
    stage.finish().await;
}

/// As many as are allowed, and more than a process has descriptors for.
#[tokio::test(flavor = "multi_thread")]
async fn half_requests_keep_nobody_waiting() {
    let stage = Stage::for_processes().await;
    let served = Served::start(&stage, &mut stage.command()).await;
    served.says("readyz", 200, "ready").await;
    served.bot.limit_descriptors(256);
    let mut halves = Vec::new();
    for _ in 0..400 {
        let mut half = std::net::TcpStream::connect(&served.address).unwrap();
        half.write_all(b"GET /livez HTTP/1.1\r\nHost:").unwrap();
        halves.push(half);
    }
    assert_eq!(health(&served.address, &["--ready"]), (Some(0), "alive, ready\n".to_owned()));
    assert!(stage.ask(stage.ada, "topics", &[]).await.contains("questions"));
    drop(halves);
    served.bot.stop().await;
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_tells_of_its_process_and_its_backups() {
    let stage = Stage::for_processes().await;
    let served = Served::start(&stage, &mut stage.command()).await;
    served.says("metrics", 200, "\nwhetstone_backups_total{outcome=\"made\"} 1\n").await;
    let (_, text) = served.page("metrics").await;
    let value = |name: &str| -> f64 {
        let line = text.lines().find(|line| line.starts_with(&format!("{name} ")));
        line.unwrap_or_else(|| panic!("no {name} in:\n{text}"))[name.len() + 1..].parse().unwrap()
    };
    let now = SystemClock.now().as_second() as f64;
    for at in ["whetstone_backup_last_success_timestamp_seconds", "process_start_time_seconds"] {
        // The system counts the start of a process in ticks since its own.
        assert!((now - value(at)).abs() < 600.0, "{at} is {}", value(at));
    }
    for more_than_none in [
        "process_resident_memory_bytes",
        "process_open_fds",
        "process_max_fds",
        "process_threads",
        "whetstone_store_free_bytes",
    ] {
        assert!(value(more_than_none) > 0.0, "{more_than_none}");
    }
    assert!(text.contains("\n# TYPE process_cpu_seconds_total counter\n"), "{text}");
    served.bot.stop().await;
    stage.finish().await;

    // A file where the folder of the backups is to be.
    let stage = Stage::for_processes().await;
    let in_the_way = stage.folder.path().join("in-the-way");
    std::fs::write(&in_the_way, "").unwrap();
    stage.offline().await;
    let mut command = stage.command();
    let served = Served::start(&stage, command.env("WHETSTONE_BACKUP_PATH", &in_the_way)).await;
    // One at the start and one by the clock, whichever has come when this is asked.
    served.says("metrics", 200, "\nwhetstone_backups_total{outcome=\"failed\"} ").await;
    served.says("metrics", 200, "\nwhetstone_backup_last_success_timestamp_seconds 0\n").await;
    served.bot.stop().await;
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_taken_stops_the_start() {
    let stage = Stage::for_processes().await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = output(stage.command().env("WHETSTONE_OPS_LISTEN", &address));
    let (_, told) = texts(&output);
    assert_eq!(output.status.code(), Some(1));
    assert!(told.contains("ops.listen") && told.contains(&address), "{told}");
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_members_do_is_counted() {
    let stage = Stage::for_processes().await;
    let served = Served::start(&stage, &mut stage.command()).await;
    stage.ask(stage.ada, "topics", &[]).await;
    stage.ask(stage.ada, "streak", &[]).await;
    stage.set_daily("00:00", "UTC", &[]).await;
    stage.ask(stage.mona, "daily post-now", &[]).await;
    stage.answer(stage.ada, "It depends.").await;
    stage.sim.gateway().send_event("MESSAGE_CREATE", &serde_json::json!({ "id": 1 }));
    for line in [
        r#"whetstone_interactions_total{command="topics",outcome="done"} 1"#,
        r#"whetstone_interactions_total{command="streak",outcome="mistake"} 1"#,
        r#"whetstone_interactions_total{command="daily",outcome="done"} 2"#,
        r#"whetstone_interactions_total{command="round",outcome="done"} 2"#,
        r#"whetstone_interactions_total{command="round",outcome="fault"} 0"#,
        r#"whetstone_interaction_answer_seconds_count{command="topics"} 1"#,
        r#"whetstone_posts_total{outcome="posted"} 1"#,
        "whetstone_late_posts_total 0",
        "whetstone_post_delay_seconds_count 1",
        r#"whetstone_gateway_sessions_total{kind="started"} 1"#,
        "whetstone_gateway_unknown_events_total 1",
    ] {
        served.says("metrics", 200, &format!("\n{line}\n")).await;
    }
    served.bot.stop().await;
    stage.finish().await;
}
