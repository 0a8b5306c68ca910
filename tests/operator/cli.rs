//! The program as its operator meets it: what it says when it cannot start, how it stops, reloads
//! and tells whether it is alive.

use crate::support;
use crate::support::{
    Stage, eventually,
    process::{Process, output, texts, whetstone},
};
use discord_sim::{Fault, Rule};
use serde_json::json;
use std::{
    fs,
    net::TcpListener,
    path::Path,
    process::Command,
    sync::mpsc,
    time::{Duration, Instant},
};

/// Runs the program, which must fail with 1 and say so on standard error alone.
fn fails(command: &mut Command) -> String {
    let begun = Instant::now();
    let output = output(command);
    let (out, err) = texts(&output);
    assert_eq!((output.status.code(), out.as_str()), (Some(1), ""), "{err}");
    assert!(err.ends_with('\n') && !err.contains("panicked"), "{err}");
    assert!(begun.elapsed() < Duration::from_secs(10), "it took {:?}", begun.elapsed());
    err
}

fn assert_holds(text: &str, all: &[&str]) {
    for words in all {
        assert!(text.contains(words), "no “{words}” in:\n{text}");
    }
}

#[test]
fn without_a_token_the_message_names_the_variable_and_the_playground() {
    let told = fails(&mut whetstone(&["run"]));
    assert_holds(&told, &["DISCORD_TOKEN", "DISCORD_TOKEN_FILE", "whetstone playground"]);
}

#[test]
fn an_unknown_key_is_shown_at_its_place_with_the_nearest_known_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("whetstone.toml");
    fs::write(&path, "[store]\npath = \"data\"\n\n[schedule]\ncatchup = \"6h\"\n").unwrap();
    let path = path.to_str().unwrap();
    for command in ["run", "health"] {
        let told = fails(&mut whetstone(&[command, "--config", path]));
        let place = format!("{path}:5:1");
        assert_holds(&told, &["unknown key `catchup`", &place, "did you mean `catch_up`?"]);
    }
}

#[test]
fn a_configuration_that_is_not_there_is_named() {
    let told = fails(&mut whetstone(&["run", "--config", "/no/such/whetstone.toml"]));
    assert_holds(&told, &["/no/such/whetstone.toml", "No such file"]);
}

#[test]
fn a_store_path_that_is_a_file_is_refused_and_the_file_left_alone() {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), "mine").unwrap();
    let mut command = whetstone(&["run"]);
    command.env("DISCORD_TOKEN", "not.a.token").env("WHETSTONE_STORE_PATH", file.path());
    // Nobody listens there, should it come that far.
    command.env("WHETSTONE_DISCORD_API_URL", "http://127.0.0.1:9");
    let told = fails(&mut command);
    assert_holds(&told, &[file.path().to_str().unwrap(), "cannot be used; see that it exists"]);
    assert_eq!(fs::read_to_string(file.path()).unwrap(), "mine");
}

#[test]
fn no_store_is_begun_in_a_folder_of_something_else_unless_that_is_meant() {
    let folder = tempfile::tempdir().unwrap();
    let letter = folder.path().join("letter.txt");
    fs::write(&letter, "Dear Ada,").unwrap();
    let mut run = whetstone(&["run"]);
    run.env("DISCORD_TOKEN", "not.a.token").env("WHETSTONE_STORE_PATH", folder.path());
    run.env("WHETSTONE_DISCORD_API_URL", "http://127.0.0.1:9");
    let told = fails(&mut run);
    assert_holds(&told, &[letter.to_str().unwrap(), "store.path", "--begin-store"]);
    let mut restore = whetstone(&["store", "restore", "no-such-file"]);
    let told = fails(restore.env("WHETSTONE_STORE_PATH", folder.path()));
    assert_holds(&told, &["--begin-store"]);
    let all = |folder: &Path| fs::read_dir(folder).unwrap().count();
    assert_eq!(all(folder.path()), 1, "something was written there");
    let mut restore = whetstone(&["store", "restore", "no-such-file", "--begin-store"]);
    let told = fails(restore.env("WHETSTONE_STORE_PATH", folder.path()));
    assert_holds(&told, &["no-such-file"]);
}

#[test]
fn the_bank_check_exits_with_0_or_1() {
    let built_in = output(&mut whetstone(&["bank", "check"]));
    let (out, err) = texts(&built_in);
    assert_eq!((built_in.status.code(), err.as_str()), (Some(0), ""));
    assert_holds(&out, &["questions, no faults"]);
    let good = output(&mut whetstone(&["bank", "check", "tests/good_bank"]));
    assert_eq!(
        (good.status.code(), texts(&good).0.as_str()),
        (Some(0), "2 questions, no faults\n")
    );
    let told = fails(&mut whetstone(&["bank", "check", "tests/good_bank", "tests/bad_bank"]));
    assert_holds(&told, &["tests/bad_bank/questions/", "faults found"]);
    assert!(!told.contains("are shown"), "the check tells of every fault: {told}");
    let told = fails(&mut whetstone(&["bank", "check", "/no/such/folder"]));
    assert_holds(&told, &["/no/such/folder"]);
}

#[test]
fn a_bad_extra_folder_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = whetstone(&["run"]);
    command.env("DISCORD_TOKEN", "not.a.token").env("WHETSTONE_BANK_EXTRA", "tests/bad_bank");
    command.env("WHETSTONE_STORE_PATH", folder.path().join("store"));
    command.env("WHETSTONE_DISCORD_API_URL", "http://127.0.0.1:9");
    let told = fails(&mut command);
    assert_holds(&told, &["tests/bad_bank/questions/", "faults found; the first 20 are shown"]);
    assert!(!folder.path().join("store").exists(), "a store was begun all the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_on_the_same_store_is_refused_at_once() {
    let stage = Stage::for_processes().await;
    let bot = stage.run_process().await;
    let told = fails(&mut stage.command());
    let path = stage.store_path();
    let wanted = ["in use by another process; stop the other whetstone first", "store.path"];
    assert_holds(&told, &wanted);
    assert_holds(&told, &[path.to_str().unwrap()]);
    // The first one does not mind.
    assert_holds(&stage.ask(stage.ada, "topics", &[]).await, &["Observability"]);
    bot.stop().await;
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn health_exits_with_0_while_the_bot_lives_and_with_1_otherwise() {
    let stage = Stage::for_processes().await;
    let health = || {
        let mut command = whetstone(&["health"]);
        command.env("WHETSTONE_STORE_PATH", stage.store_path());
        command
    };
    let told = fails(&mut health());
    assert_holds(&told, &["no sign of life", stage.store_path().to_str().unwrap()]);

    let bot = stage.run_process().await;
    let sign = stage.store_path().join("health.json");
    let connected = || fs::read_to_string(&sign).is_ok_and(|sign| sign.contains("true"));
    eventually("a sign of life of a connected bot", connected).await;
    let alive = output(&mut health());
    assert_eq!(alive.status.code(), Some(0), "{:?}", texts(&alive));
    assert_holds(&texts(&alive).0, &["alive at", "gateway connected"]);
    let told = fails(health().env("WHETSTONE_HEALTH_MAX_AGE", "1ms"));
    assert_holds(&told, &["the last sign of life is", "health.max_age allows 1ms"]);

    bot.kill();
    fs::write(&sign, r#"{"at":"2026-03-06T14:30:00Z","connected":true}"#).unwrap();
    assert_holds(&fails(&mut health()), &["the last sign of life is", "health.max_age allows"]);
    stage.offline().await;

    let bot = stage.run_process().await;
    eventually("a sign of life of a connected bot", connected).await;
    bot.stop().await;
    assert_holds(&fails(&mut health()), &["no sign of life"]);
    stage.finish().await;
}

const QUESTION: &str = "tests/good_bank/questions/beginner/what-is-a-queue.md";

/// Writes a question into an extra folder.
fn add_question(bank: &Path, id: &str, title: &str) {
    let text = fs::read_to_string(QUESTION).unwrap();
    let text = text.replace("What is a queue?", title);
    fs::write(bank.join("questions/beginner").join(format!("{id}.md")), text).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn sighup_reads_the_extra_folders_again_and_keeps_the_bank_where_they_are_bad() {
    let stage = Stage::for_processes().await;
    let bank = stage.folder.path().join("bank");
    fs::create_dir_all(bank.join("questions/beginner")).unwrap();
    fs::copy("tests/good_bank/topics.toml", bank.join("topics.toml")).unwrap();
    add_question(&bank, "first", "What came first?");
    let log = stage.folder.path().join("log");
    let bot = Process::start(stage.command().env("WHETSTONE_BANK_EXTRA", &bank), &log);
    stage.online().await;
    let show = async |id: &str| stage.ask(stage.ada, "question show", &[("id", json!(id))]).await;
    assert_holds(&show("first").await, &["What came first?"]);

    add_question(&bank, "second", "What came second?");
    add_question(&bank, "first", "What was there at first?");
    assert!(!show("second").await.contains("What came second?"), "it is read without being told");
    bot.signal("HUP");
    eventually("the bank is reloaded", || bot.log().contains("the bank is reloaded")).await;
    assert_holds(&show("second").await, &["What came second?"]);
    assert_holds(&show("first").await, &["What was there at first?"]);

    add_question(&bank, "third", "What came third?");
    fs::write(bank.join("questions/beginner/second.md"), "+++\ntitel = \"Oops\"\n+++\n").unwrap();
    bot.signal("HUP");
    eventually("the faults are logged", || bot.log().contains("stays as it was")).await;
    assert_holds(&bot.log(), &["questions/beginner/second.md:2:1", "titel"]);
    assert_holds(&show("second").await, &["What came second?"]);
    assert!(!show("third").await.contains("What came third?"), "half of a bad bank is used");

    add_question(&bank, "second", "What came second, again?");
    bot.signal("HUP");
    eventually("the bank is reloaded again", || {
        bot.log().matches("the bank is reloaded").count() == 2
    })
    .await;
    assert_holds(&show("second").await, &["What came second, again?"]);
    assert_holds(&show("third").await, &["What came third?"]);
    bot.stop().await;
    stage.finish().await;
}

/// What needs no waiting for is over much sooner than after the ten seconds that are allowed.
const PROMPT: Duration = Duration::from_secs(4);

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_ends_an_idle_bot_and_one_that_is_not_connected() {
    let stage = Stage::for_processes().await;
    for refused in [false, true] {
        stage.sim.gateway().refuse(refused);
        let bot = stage.launch();
        if refused {
            eventually("it tries", || bot.log().contains("Err starting shard")).await;
        } else {
            stage.online().await;
        }
        let (status, took) = bot.terminate().await;
        assert_eq!(status.code(), Some(0), "gateway refused: {refused}");
        assert!(took < PROMPT, "gateway refused: {refused}, it took {took:?}");
        stage.offline().await;
    }
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_and_ctrl_c_end_a_bot_whose_discord_accepts_and_never_answers() {
    let stage = Stage::for_processes().await;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (accepted, accepts) = mpsc::channel();
    std::thread::spawn(move || {
        // Nobody may be left to hear it; then the connections end, too.
        while let Ok((stream, _)) = listener.accept() {
            if accepted.send(stream).is_err() {
                return;
            }
        }
    });
    for signal in ["TERM", "INT"] {
        let log = stage.folder.path().join("log");
        let mut bot = Process::start(stage.command().env("WHETSTONE_DISCORD_API_URL", &url), &log);
        let stream = accepts.recv_timeout(Duration::from_secs(10)).expect("a connection");
        bot.signal(signal);
        let status = bot.ended(PROMPT).await;
        assert_eq!(status.code(), Some(0), "{signal}");
        drop(stream);
    }
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_lets_the_work_that_runs_be_finished() {
    let (stage, bot) = with_a_daily().await;
    let send = format!("POST /channels/{}/messages", stage.channel);
    let rule = stage.sim.faults().add(Rule::new(&send, Fault::HoldBefore).once());
    let mona = stage.actor(stage.mona);
    let asked = mona.start_command(stage.channel, "daily post-now", &[]).unwrap();
    rule.hit().await;
    let ending = tokio::spawn(bot.terminate());
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!ending.is_finished(), "it did not wait for what it had begun");
    rule.release();
    let (status, took) = ending.await.unwrap();
    assert_eq!(status.code(), Some(0));
    assert!(took < PROMPT, "it took {took:?}");
    let round = stage.newest_round();
    assert!(round.pinned && round.thread.is_some(), "{round:?}");
    let told = support::said(&asked.response().await);
    assert!(told.contains("#1"), "the moderator is told: {told}");
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_ends_within_ten_seconds_what_never_finishes_and_the_next_start_does_it() {
    let (stage, bot) = with_a_daily().await;
    let send = format!("POST /channels/{}/messages", stage.channel);
    let rule = stage.sim.faults().add(Rule::new(&send, Fault::HoldAfter).once());
    let mona = stage.actor(stage.mona);
    drop(mona.start_command(stage.channel, "daily post-now", &[]).unwrap());
    rule.hit().await;
    let (status, _) = bot.terminate().await;
    assert_eq!(status.code(), Some(0));
    rule.cut();
    stage.offline().await;
    let bot = stage.run_process().await;
    eventually("the round is finished", || {
        stage.newest_round().pinned && stage.newest_round().thread.is_some()
    })
    .await;
    assert_eq!(stage.rounds().len(), 1);
    bot.stop().await;
    stage.finish().await;
}

/// A bot with a daily that pins, and posts nothing by itself soon.
async fn with_a_daily() -> (Stage, Process) {
    let stage = Stage::for_processes().await;
    let bot = stage.run_process().await;
    let options = [("pin", json!(true)), ("days", json!("daily"))];
    stage.set_daily("11:00", &support::process::zone_at_noon(), &options).await;
    (stage, bot)
}
