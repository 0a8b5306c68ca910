//! Whether a daily can work, and who is told when it stops: permissions are taken away, channels
//! go, direct messages are closed, and the bot starts anew in between.

use crate::support::{Stage, acts::Journal, closed};
use discord_sim::{ChannelKind, Fault, Id, Limits, MessageView, Rule, permissions};
use serde_json::json;

/// A stage with a daily at 14:30 UTC, every day, that Mona has set up.
async fn stage() -> Stage {
    Journal::keep();
    let stage = Stage::at("2026-03-02T12:00:00Z").await;
    stage.sim.set_limits(Limits::none());
    let more = [("days", json!("daily")), ("pin", json!(true))];
    let told = stage.set_daily("14:30", "UTC", &more).await;
    assert!(told.contains("is set up"), "{told}");
    stage.wakes_at("2026-03-02T14:30:00Z").await;
    stage
}

/// Mona sets a daily of that name up in a channel, and reads this.
async fn set(stage: &Stage, name: &str, channel: Id) -> String {
    let options = [
        ("name", json!(name)),
        ("channel", json!(channel)),
        ("time", json!("14:30")),
        ("zone", json!("UTC")),
        ("days", json!("daily")),
    ];
    stage.daily("set", &options).await
}

/// What the bot has told in a channel: its messages there that are no rounds and no answers.
fn told_in(stage: &Stage, channel: Id) -> Vec<String> {
    let is_notice = |message: &MessageView| {
        message.author.bot && !message.ephemeral && message.content.starts_with("⚠️")
    };
    let all = stage.sim.messages(channel);
    all.into_iter().filter(is_notice).map(|message| message.content).collect()
}

/// What Mona was told directly.
fn told_mona(stage: &Stage) -> Vec<String> {
    told_in(stage, stage.actor(stage.mona).dm())
}

async fn restart(stage: &mut Stage) {
    stage.stop_bot().await;
    stage.start_bot().await;
}

/// Mona chooses a channel of its own for notices.
async fn choose_channel(stage: &Stage) -> Id {
    let ops = stage.sim.add_channel(stage.guild, "ops", ChannelKind::Text);
    let told = stage.daily("notices", &[("channel", json!(ops))]).await;
    assert!(told.contains(&format!("<#{ops}> is told once")), "{told}");
    ops
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permission_that_is_taken_away_is_told_once_until_it_was_mended_and_goes_anew() {
    let mut stage = stage().await;
    let ops = choose_channel(&stage).await;
    stage.sim.deny_bot(stage.channel, permissions::SEND_MESSAGES);
    stage.travel("2026-03-02T15:00:00Z").await;
    let told = told_in(&stage, ops);
    let [notice] = told.as_slice() else { panic!("one notice, not {told:?}") };
    let lines: Vec<&str> = notice.lines().collect();
    let head = format!("⚠️ **daily** in <#{}> does not post any more", stage.channel);
    assert!(lines[0].starts_with(&head), "{notice}");
    assert_eq!(lines[1], "The post: the bot lacks a permission in the channel.");
    assert!(lines[2].contains("the bot lacks: **Send Messages**"), "{notice}");
    assert!(lines[2].contains("Open the channel's settings → Permissions"), "{notice}");
    assert!(notice.contains("`/daily resume`"), "{notice}");

    // Neither days nor a new start nor a resumption in vain tell it again.
    restart(&mut stage).await;
    stage.travel("2026-03-04T15:00:00Z").await;
    stage.daily("resume", &[]).await;
    stage.travel("2026-03-05T15:00:00Z").await;
    restart(&mut stage).await;
    assert_eq!((told_in(&stage, ops), stage.posted().len()), (told.clone(), 0));

    stage.sim.deny_bot(stage.channel, 0);
    stage.daily("resume", &[]).await;
    stage.travel("2026-03-06T15:00:00Z").await;
    assert_eq!((told_in(&stage, ops).len(), stage.posted().len()), (1, 1));

    stage.sim.deny_bot(stage.channel, permissions::SEND_MESSAGES);
    stage.travel("2026-03-07T15:00:00Z").await;
    let again = told_in(&stage, ops);
    assert_eq!((again.len(), &again[0]), (2, &told[0]));
    assert_eq!(told_mona(&stage), [""; 0]);
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_channel_for_it_whoever_set_the_daily_up_is_told_directly() {
    let mut stage = stage().await;
    let shown = stage.daily("notices", &[]).await;
    assert!(shown.contains("the one who set it up is told once, by direct message"), "{shown}");
    stage.sim.remove_channel(stage.channel);
    stage.travel("2026-03-04T15:00:00Z").await;
    restart(&mut stage).await;
    let told = told_mona(&stage);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("The post: the channel is gone."), "{told:?}");
    let sent = stage.finish().await;
    assert_eq!(sent.of("Direct"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn closed_direct_messages_are_logged_and_nothing_else_is_harmed() {
    let mut stage = stage().await;
    let journal = Journal::keep();
    let other = stage.sim.add_channel(stage.guild, "other", ChannelKind::Text);
    let dm = stage.actor(stage.mona).dm();
    let body = json!({ "message": "Cannot send messages to this user", "code": 50007 });
    let closed =
        Rule::new(&format!("POST /channels/{dm}/messages"), Fault::Status { status: 403, body });
    let closed = stage.sim.faults().add(closed);
    set(&stage, "other", other).await;
    stage.sim.deny_bot(stage.channel, permissions::SEND_MESSAGES);
    stage.travel("2026-03-04T15:00:00Z").await;
    restart(&mut stage).await;
    // The other daily goes on, and Discord is not asked again and again.
    assert_eq!(stage.posted_in(other).len(), 3);
    assert_eq!((told_mona(&stage).len(), closed.hits()), (0, 1));
    let logged =
        journal.lines(&["WARN", "a notice is refused", "Cannot send messages to this user"]);
    assert_eq!(logged.len(), 1, "{logged:?}");
    assert!(!journal.lines(&["WARN", "nobody could be told"]).is_empty());
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_that_fails_each_day_is_told_once_and_again_after_it_has_worked() {
    let mut stage = stage().await;
    let ops = choose_channel(&stage).await;
    stage.sim.deny_bot(stage.channel, permissions::PIN_MESSAGES);
    stage.travel("2026-03-05T15:00:00Z").await;
    let told = told_in(&stage, ops);
    assert_eq!((told.len(), stage.posted().len()), (1, 4), "{told:?}");
    assert!(told[0].contains("posts, but not all of it works"), "{told:?}");
    assert!(told[0].contains("The pin: the bot lacks a permission"), "{told:?}");
    assert!(told[0].contains("the bot lacks: **Pin Messages**"), "{told:?}");
    assert!(!told[0].contains("/daily resume"), "{told:?}");

    stage.sim.deny_bot(stage.channel, 0);
    stage.travel("2026-03-06T15:00:00Z").await;
    assert!(stage.newest_round().pinned);
    stage.sim.deny_bot(stage.channel, permissions::PIN_MESSAGES);
    stage.travel("2026-03-08T15:00:00Z").await;
    assert_eq!(told_in(&stage, ops).len(), 2);
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_waits_while_discord_fails_and_is_not_doubled_by_a_crash() {
    let mut stage = stage().await;
    let ops = choose_channel(&stage).await;
    let path = format!("POST /channels/{ops}/messages");
    let body = json!({ "message": "500: Internal Server Error", "code": 0 });
    let failing = stage.sim.faults().add(Rule::new(&path, Fault::Status { status: 500, body }));
    stage.sim.deny_bot(stage.channel, permissions::SEND_MESSAGES);
    stage.travel("2026-03-02T14:31:00Z").await;
    assert!(failing.hits() > 0);
    failing.release();
    // It arrives, and the bot dies before it hears of that.
    let unheard = stage.sim.faults().add(Rule::new(&path, Fault::HoldAfter).once());
    let scheduling = stage.bot.as_ref().unwrap().scheduling.clone();
    let wakes_at = scheduling.borrow().wakes_at.unwrap();
    stage.clock.set(wakes_at);
    unheard.hit().await;
    assert_eq!(told_in(&stage, ops).len(), 1);
    let stopping = stage.bot.take().unwrap();
    unheard.cut();
    stopping.stop().await.unwrap();
    closed(stage.folder.path()).await;
    stage.start_bot().await;
    stage.travel("2026-03-03T15:00:00Z").await;
    assert_eq!(told_in(&stage, ops).len(), 1);
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_for_notices_is_looked_at_before_it_is_chosen_and_by_the_check() {
    let stage = stage().await;
    let ops = stage.sim.add_channel(stage.guild, "ops", ChannelKind::Text);
    stage.sim.deny_bot(ops, permissions::SEND_MESSAGES | permissions::READ_MESSAGE_HISTORY);
    let told = stage.daily("notices", &[("channel", json!(ops))]).await;
    assert!(told.contains("Nothing was saved"), "{told}");
    assert!(told.contains("**Send Messages**, **Read Message History**"), "{told}");
    let forum = stage.sim.add_channel(stage.guild, "forum", ChannelKind::Forum);
    let told = stage.daily("notices", &[("channel", json!(forum))]).await;
    assert!(told.contains("a text or announcement channel"), "{told}");
    let shown = stage.daily("notices", &[]).await;
    assert!(shown.contains("the one who set it up"), "{shown}");

    stage.sim.deny_bot(ops, permissions::EMBED_LINKS);
    stage.daily("notices", &[("channel", json!(ops))]).await;
    let checked = stage.daily("check", &[]).await;
    assert!(checked.contains(&format!("✅ Notices go to <#{ops}>.")), "{checked}");
    stage.sim.deny_bot(ops, permissions::SEND_MESSAGES);
    let checked = stage.daily("check", &[]).await;
    assert!(
        checked.contains("❌ Notices: In") && checked.contains("**Send Messages**"),
        "{checked}"
    );
    let told = stage.daily("notices", &[("direct", json!(true))]).await;
    assert!(told.contains("by direct message, from now on"), "{told}");
    let checked = stage.daily("check", &[]).await;
    assert!(!checked.contains("Notices"), "{checked}");
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_not_work_is_said_before_it_is_saved() {
    let stage = Stage::at("2026-03-02T12:00:00Z").await;
    stage.sim.set_limits(Limits::none());
    let forum = stage.sim.add_channel(stage.guild, "forum", ChannelKind::Forum);
    stage.sim.add_forum_tag(forum, "backend");
    stage.sim.require_forum_tag(forum, true);
    let told = set(&stage, "daily", forum).await;
    assert!(told.contains("Nothing was saved"), "{told}");
    assert!(told.contains("*Require people to select tags when posting*"), "{told}");
    let hidden = stage.sim.add_channel(stage.guild, "hidden", ChannelKind::Text);
    stage.sim.deny_bot(hidden, permissions::VIEW_CHANNEL);
    let told = set(&stage, "daily", hidden).await;
    assert!(told.contains("Nothing was saved") && told.contains("**View Channel**"), "{told}");
    assert!(stage.daily("show", &[]).await.contains("no daily question here yet"));

    stage.sim.require_forum_tag(forum, false);
    set(&stage, "daily", forum).await;
    set(&stage, "second", stage.channel).await;
    stage.sim.require_forum_tag(forum, true);
    stage.sim.deny_bot(stage.channel, permissions::CREATE_PUBLIC_THREADS);
    let checked = stage.daily("check", &[]).await;
    for words in [
        "✅ The bot's token and intents are in order.",
        "is a forum that wants a tag on each post",
        "the bot lacks: **Create Public Threads**",
    ] {
        assert!(checked.contains(words), "{words} in {checked}");
    }
    stage.finish().await;
}
