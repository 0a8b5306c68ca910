//! `whetstone doctor`: what is wrong, and what to do about it.

use super::support::{
    Stage,
    process::{output, texts, whetstone},
};
use discord_sim::{ChannelKind, Fault, Id, Rule, permissions};
use serde_json::json;

/// A daily in a configuration file.
fn declared(name: &str, guild: Id, channel: Id) -> String {
    format!(
        "[[daily]]\nname = '{name}'\nguild = '{guild}'\nchannel = '{channel}'\ntime = '9:30'\n\
         zone = 'UTC'\npin = true\n"
    )
}

/// What the doctor says: its exit code and its words.
fn examine(stage: &Stage, file: &str, token: &str) -> (Option<i32>, String) {
    let path = stage.folder.path().join("whetstone.toml");
    std::fs::write(&path, file).unwrap();
    let mut command = whetstone(&["doctor", "--config", path.to_str().unwrap()]);
    command.env("DISCORD_TOKEN", token).env("WHETSTONE_STORE_PATH", stage.store_path());
    command.env("WHETSTONE_DISCORD_API_URL", stage.sim.http_url());
    let output = output(&mut command);
    let (out, err) = texts(&output);
    (output.status.code(), out + &err)
}

fn assert_holds(told: &str, all: &[&str]) {
    for words in all {
        assert!(told.contains(words), "no “{words}” in:\n{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_is_well_is_listed_and_exits_with_0() {
    let stage = Stage::for_processes().await;
    let file = declared("backend", stage.guild, stage.channel);
    let (code, told) = examine(&stage, &file, stage.sim.token());
    assert_eq!(code, Some(0), "{told}");
    let channel = stage.channel;
    let all_there = format!(
        "✅ daily “backend” of server {}: All permissions that it needs in channel {channel} are there.",
        stage.guild
    );
    assert_holds(
        &told,
        &[
            "✅ Token: it is that of",
            "✅ Intents",
            "✅ Interactions",
            "✅ Gateway",
            "✅ Store: there is none",
            &all_there,
        ],
    );
    assert!(!told.contains('❌'), "{told}");
    // It connects to no gateway, registers nothing and sends nothing.
    assert!(stage.sim.requests().iter().all(|request| request.method == "GET"));
    assert!(!stage.store_path().exists(), "it has begun a store");
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_thing_that_is_wrong_is_named_with_what_to_do() {
    let stage = Stage::for_processes().await;
    let sim = &stage.sim;
    sim.deny_bot(stage.channel, permissions::SEND_MESSAGES | permissions::PIN_MESSAGES);
    let hidden = sim.add_channel(stage.guild, "hidden", ChannelKind::Text);
    sim.deny_bot(hidden, permissions::VIEW_CHANNEL);
    let forum = sim.add_channel(stage.guild, "forum", ChannelKind::Forum);
    sim.require_forum_tag(forum, true);
    let foreign = sim.add_guild("Others", sim.add_user("otto", "Otto"));
    let away = sim.add_channel(foreign, "away", ChannelKind::Text);
    let gone = sim.add_channel(stage.guild, "gone", ChannelKind::Text);
    sim.remove_channel(gone);
    let channels = [stage.channel, hidden, forum, away, gone].into_iter().enumerate();
    let file: String =
        channels.map(|(n, channel)| declared(&format!("d{n}"), stage.guild, channel)).collect();
    let application = json!({ "flags": 0, "interactions_endpoint_url": "https://example.org/x" });
    let elsewhere = Fault::Status { status: 200, body: application };
    sim.faults().add(Rule::new("GET /oauth2/applications/@me", elsewhere));
    let (code, told) = examine(&stage, &file, sim.token());
    assert_eq!(code, Some(1), "{told}");
    assert_holds(
        &told,
        &[
            "❌ Interactions: they go to https://example.org/x",
            "“d0”",
            "the bot lacks: Send Messages, Pin Messages. Open the channel's settings → Permissions",
            "the bot lacks View Channel there",
            "is a forum that wants a tag on each post",
            "the channel belongs to another server",
            "the channel is gone",
            "checks found something wrong",
        ],
    );
    assert_eq!(told.matches("❌").count(), 6, "{told}");
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_token_and_an_absent_discord_are_told() {
    let stage = Stage::for_processes().await;
    let (code, told) = examine(&stage, "", "not.a.token");
    assert_eq!(code, Some(1), "{told}");
    assert_holds(&told, &["❌ Token: Discord refuses it", "DISCORD_TOKEN_FILE"]);
    let body = json!({ "message": "500: Internal Server Error", "code": 0 });
    stage.sim.faults().add(Rule::new("GET /users/@me", Fault::Status { status: 500, body }));
    let (code, told) = examine(&stage, "", stage.sim.token());
    assert_eq!(code, Some(1), "{told}");
    assert_holds(&told, &["❌ Can't reach Discord: status 500"]);
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dailies_of_the_store_are_looked_at_while_no_bot_uses_it() {
    let stage = Stage::for_processes().await;
    let bot = stage.run_process().await;
    stage.set_daily("09:30", "UTC", &[]).await;
    let (code, told) = examine(&stage, "", stage.sim.token());
    assert_eq!(code, Some(0), "{told}");
    assert_holds(&told, &["✅ Store: a running bot uses it. `/daily check`"]);
    bot.stop().await;
    stage.sim.deny_bot(stage.channel, permissions::EMBED_LINKS);
    let (code, told) = examine(&stage, "", stage.sim.token());
    assert_eq!(code, Some(1), "{told}");
    assert_holds(&told, &["holds 1 dailies", "“daily”", "the bot lacks: Embed Links"]);
    stage.finish().await;
}
