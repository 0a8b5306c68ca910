//! `/livez`, `/readyz`, `/metrics`, and `whetstone health`, which asks there.

use super::{
    Served,
    support::{
        Stage,
        process::{output, texts, whetstone},
    },
};
use std::process::Command;

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

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_whose_disk_takes_no_more_is_not_ready() {
    let stage = Stage::for_processes().await;
    // What goes beyond the limit fails, instead of ending the process.
    let mut command = Command::new("sh");
    let run = stage.command();
    let script = format!("trap '' XFSZ; exec '{}' run", run.get_program().to_str().unwrap());
    command.args(["-c", &script]);
    for (name, value) in run.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let served = Served::start(&stage, &mut command).await;
    served.says("readyz", 200, "ready").await;
    served.bot.limit_files(1);
    served.says("readyz", 503, "not ready\nstore: ").await;
    served.says("metrics", 200, "\nwhetstone_store_writable 0\n").await;
    served.bot.kill();
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
