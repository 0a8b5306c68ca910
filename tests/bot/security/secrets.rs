//! The token is in nothing that the program writes: a full trace log of everything, of all crates,
//! through start, interactions, failing requests, lost connections and refusals.

use super::support::{
    Stage, eventually,
    process::{Process, zone_at_noon},
    said,
};
use discord_sim::{Fault, Limits, Options, Rule};
use serde_json::json;
use std::{fmt::Write, path::Path, time::Duration};

/// In the form of Discord's, and like no other text.
const TOKEN: &str = "MTIzNDU2Nzg5MDEyMzQ1Njc4OQ.Gx7Qw2.kV9_zR4tLq-8sYb3NfXcJ1hPdWmA6uEoKgTiBv";

/// One that Discord has never given.
const WRONG: &str = "OTg3NjU0MzIxMDk4NzY1NDMyMQ.GhT5kP.wB2xQ-7mNc_4vZr9LdJsFyKa3eUgHoXp1iTqMj";

/// How long the program may take to give up.
const GIVES_UP_WITHIN: Duration = Duration::from_secs(30);

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The part of a token that is the secret; the others are an id and a time.
fn secret(token: &str) -> &str {
    token.rsplit('.').next().unwrap()
}

/// What base64 makes of a text that begins so many bytes after a group of three: the characters
/// that depend on the text alone.
fn base64(text: &str, offset: usize) -> String {
    let bytes = [vec![0; offset], text.as_bytes().to_vec()].concat();
    let groups = bytes.chunks_exact(3).flat_map(|group| {
        let bits = group.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        [18, 12, 6, 0].map(|shift| char::from(BASE64[(bits >> shift & 63) as usize]))
    });
    groups.skip(if offset == 0 { 0 } else { 4 }).collect()
}

/// The forms in which a secret could be written.
fn forms(secret: &str) -> Vec<String> {
    let bytes = |each: fn(u8) -> String, between: &str| {
        secret.bytes().map(each).collect::<Vec<_>>().join(between)
    };
    let mut forms = vec![
        secret.to_owned(),
        secret.chars().rev().collect(),
        bytes(|byte| format!("{byte:02x}"), ""),
        bytes(|byte| format!("{byte:02X}"), ""),
        bytes(|byte| format!("{byte:02x}"), " "),
        bytes(|byte| format!("{byte}"), ", "),
        bytes(|byte| format!("0x{byte:02x}"), ", "),
        bytes(|byte| format!("%{byte:02X}"), ""),
        // As a URL writes it where it takes no chances.
        secret.replace('-', "%2D").replace('_', "%5F"),
        secret.replace('-', "%2d").replace('_', "%5f"),
    ];
    for offset in 0..3 {
        let standard = base64(secret, offset);
        forms.push(standard.replace('+', "-").replace('/', "_"));
        forms.push(standard);
    }
    forms
}

/// Where in a text a token stands, in whatever form, with what is around it.
fn leaks(token: &str, text: &str) -> Vec<String> {
    let mut leaks = Vec::new();
    for form in forms(secret(token)).into_iter().chain(forms(token)) {
        if let Some(at) = text.find(&form) {
            let line = text[..at].lines().last().unwrap_or_default();
            leaks.push(format!("{form}\n    after: {line}"));
        }
    }
    leaks
}

/// All that stands in the files of a folder.
fn all_files(folder: &Path) -> String {
    let mut all = String::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.push_str(&all_files(&path));
        } else {
            let bytes = std::fs::read(&path).unwrap();
            writeln!(all, "{}: {}", path.display(), String::from_utf8_lossy(&bytes)).unwrap();
        }
    }
    all
}

async fn stage() -> Stage {
    let options = Options { token: TOKEN.to_owned(), ..Options::default() };
    let stage = Stage::on(options).await;
    stage.sim.set_limits(Limits::none());
    stage
}

/// The bot with all that any crate has to say in its log.
fn launch(stage: &Stage, token: &str, format: &str) -> Process {
    let mut command = stage.command();
    command.env("DISCORD_TOKEN", token);
    command.env("WHETSTONE_LOG_FILTER", "trace").env("WHETSTONE_LOG_FORMAT", format);
    command.env("RUST_BACKTRACE", "full");
    Process::start(&mut command, &stage.folder.path().join("log"))
}

/// Members and a moderator use the bot, while Discord has faults and loses connections.
async fn use_it(stage: &Stage) {
    let told = stage.set_daily("00:01", &zone_at_noon(), &[("thread", json!(true))]).await;
    assert!(told.contains("is set up"), "{told}");
    for (route, fault) in [
        ("POST /channels/*/messages", Fault::Status { status: 500, body: json!({}) }),
        ("GET /channels/*", Fault::Status { status: 401, body: json!({ "message": "401" }) }),
        ("GET /guilds/*", Fault::CutBefore),
        ("POST /interactions/*/*/callback", Fault::CutAfter),
    ] {
        let rule = stage.sim.faults().add(Rule::new(route, fault).once());
        stage.ask(stage.mona, "daily check", &[]).await;
        stage.actor(stage.mona).command(stage.channel, "daily post-now", &[]).await.unwrap();
        rule.release();
    }
    eventually("the round is out", || !stage.rounds().is_empty()).await;
    stage.answer(stage.ada, "It depends.").await;
    stage.sim.gateway().cut();
    stage.online().await;
    stage.sim.gateway().invalidate(false);
    stage.offline().await;
    stage.online().await;
    let picked = stage.actor(stage.bob).command(stage.channel, "question any", &[]).await.unwrap();
    assert!(!said(&picked).is_empty());
}

async fn a_life_without_a_leak(format: &str) {
    let stage = stage().await;
    let process = launch(&stage, TOKEN, format);
    stage.online().await;
    use_it(&stage).await;
    let log = stage.folder.path().join("log");
    process.stop().await;
    let text = std::fs::read_to_string(&log).unwrap();
    // A log without these would show nothing: they see every request and every frame.
    for heard in ["TRACE", "serenity", "tungstenite", "hyper", "reqwest", "sled"] {
        assert!(text.contains(heard), "nothing of {heard} in {} bytes of log", text.len());
    }
    assert_eq!(leaks(TOKEN, &text), Vec::<String>::new());
    // The store, the sign of life, and whatever else it has left.
    assert_eq!(leaks(TOKEN, &all_files(stage.folder.path())), Vec::<String>::new());
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_trace_log_holds_the_token() {
    a_life_without_a_leak("human").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_trace_log_in_json_holds_the_token() {
    a_life_without_a_leak("json").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_token_is_not_shown() {
    let stage = stage().await;
    let mut process = launch(&stage, WRONG, "human");
    assert_eq!(process.ended(GIVES_UP_WITHIN).await.code(), Some(1));
    let text = process.log();
    assert!(text.contains("Discord refuses the token"), "{text}");
    assert_eq!(leaks(WRONG, &text), Vec::<String>::new());
    stage.finish().await;
}

/// The gateway itself refuses it, as it does when the token is made anew while the bot runs.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_the_gateway_refuses_is_not_shown() {
    let stage = stage().await;
    let mut process = launch(&stage, TOKEN, "human");
    stage.online().await;
    stage.sim.gateway().close(4004);
    assert_eq!(process.ended(GIVES_UP_WITHIN).await.code(), Some(1));
    let text = process.log();
    assert!(text.contains("Discord refuses the token"), "{text}");
    assert_eq!(leaks(TOKEN, &text), Vec::<String>::new());
    stage.finish().await;
}

/// What is no token is shown as little, wherever it comes from.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_token_is_not_shown() {
    let stage = stage().await;
    let file = stage.folder.path().join("token");
    std::fs::write(&file, format!("Bot {WRONG}")).unwrap();
    let spaced = WRONG.replacen('.', " .", 1);
    for (variable, value) in [
        ("DISCORD_TOKEN", format!("Bot {WRONG}")),
        ("DISCORD_TOKEN", spaced),
        ("DISCORD_TOKEN_FILE", file.display().to_string()),
    ] {
        let mut command = stage.command();
        command.env_remove("DISCORD_TOKEN").env(variable, value);
        command.env("WHETSTONE_LOG_FILTER", "trace");
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let text = [output.stdout, output.stderr].concat();
        assert_eq!(leaks(WRONG, &String::from_utf8(text).unwrap()), Vec::<String>::new());
    }
    stage.finish().await;
}

#[test]
fn a_leak_would_be_found() {
    let token = TOKEN;
    for text in [
        format!("Authorization: Bot {token}"),
        format!("\"token\":\"{token}\""),
        format!("{:?}", token.as_bytes()),
        format!("{:02x?}", token.as_bytes()).replace(", ", ""),
        "x\nQm90IE1USXpORFUyTnpnNU1ERXlNelExTmpjNE9RLkd4N1F3Mi5rVjlfelI0dExxLThzWWIzTmZYY0oxaFBkV21BNnVFb0tnVGlCdg==".to_owned(),
        secret(token).replace('-', "%2D").replace('_', "%5F"),
    ] {
        assert!(!leaks(token, &text).is_empty(), "{text}");
    }
    assert!(leaks(token, "Bot [token]").is_empty());
}
