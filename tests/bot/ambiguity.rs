//! When nobody can tell whether Discord has taken a post: it is found, never doubled, and what
//! admins and members do meanwhile counts.

use crate::support::{Stage, acts::number_of, eventually};
use discord_sim::{ChannelKind, Fault, Limits, MessageView, Rule, permissions};
use serde_json::json;

const SEND: &str = "POST /channels/*/messages";

/// Monday's round is out and answered; Tuesday's was sent at 14:30, but the answer got lost.
async fn a_lost_answer() -> Stage {
    let mut stage = Stage::at("2026-03-09T12:00:00Z").await;
    stage.sim.set_limits(Limits::none());
    stage.set_daily("09:30", "America/New_York", &[("pin", json!(true))]).await;
    stage.travel("2026-03-09T15:00:00Z").await;
    let lost = stage.sim.faults().add(Rule::new(SEND, Fault::CutAfter).once());
    stage.clock.set("2026-03-10T13:30:00Z".parse().unwrap());
    lost.hit().await;
    stage.settle().await;
    assert_eq!(numbers(&stage), [1, 2], "it is out");
    assert!(!is_closed(&stage.rounds()[0]), "and the bot does not know it");
    stage
}

fn numbers(stage: &Stage) -> Vec<u32> {
    stage.rounds().iter().map(number_of).collect()
}

fn is_closed(round: &MessageView) -> bool {
    round.text().contains("closed")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_click_on_the_message_tells_the_bot() {
    let mut stage = a_lost_answer().await;
    // No time passes, so nothing is tried again; the click alone confirms the round.
    let round = stage.newest_round();
    stage.actor(stage.ada).click_label(stage.channel, round.id, "Hint").await.unwrap();
    eventually("the round before shows that it has closed", || is_closed(&stage.rounds()[0])).await;
    eventually("its pin has gone", || !stage.rounds()[0].pinned).await;
    stage.travel("2026-03-10T13:40:00Z").await;
    assert!(stage.newest_round().pinned && stage.newest_round().thread.is_some());
    assert_eq!(numbers(&stage), [1, 2]);
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_cannot_be_searched_pauses_the_daily_and_keeps_the_round() {
    let mut stage = a_lost_answer().await;
    stage.sim.deny_bot(stage.channel, permissions::READ_MESSAGE_HISTORY);
    stage.travel("2026-03-10T13:40:00Z").await;
    let shown = stage.ask(stage.mona, "daily show", &[]).await;
    assert!(shown.contains("Paused") && shown.contains("Round #2"), "{shown}");
    stage.sim.deny_bot(stage.channel, 0);
    stage.ask(stage.mona, "daily resume", &[]).await;
    stage.settle().await;
    eventually("the round before has closed", || is_closed(&stage.rounds()[0])).await;
    stage.travel("2026-03-11T14:00:00Z").await;
    assert_eq!(numbers(&stage), [1, 2, 3], "found, not doubled, and its number not used again");
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_is_looked_for_where_it_was_sent() {
    let mut stage = a_lost_answer().await;
    let other = stage.sim.add_channel(stage.guild, "elsewhere", ChannelKind::Text);
    let moved =
        [("channel", json!(other)), ("time", json!("09:30")), ("zone", json!("America/New_York"))];
    stage.ask(stage.mona, "daily set", &moved).await;
    // By the next try Discord has forgotten the nonce: only the search can tell.
    stage.clock.set("2026-03-10T13:40:00Z".parse().unwrap());
    stage.travel("2026-03-10T14:00:00Z").await;
    assert_eq!(numbers(&stage), [1, 2]);
    assert!(stage.newest_round().thread.is_some(), "it is no forum's post");
    assert!(stage.rounds_in(other).is_empty());
    stage.travel("2026-03-11T14:00:00Z").await;
    assert_eq!(stage.rounds_in(other).iter().map(number_of).collect::<Vec<_>>(), [3]);
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_stops_a_post_that_waits_for_discord() {
    let mut stage = Stage::at("2026-03-09T12:00:00Z").await;
    stage.sim.set_limits(Limits::none());
    stage.set_daily("09:30", "America/New_York", &[]).await;
    let body = json!({ "code": 0, "message": "" });
    let down = stage.sim.faults().add(Rule::new(SEND, Fault::Status { status: 503, body }));
    stage.travel("2026-03-09T14:00:00Z").await;
    let shown = stage.ask(stage.mona, "daily show", &[]).await;
    assert!(shown.contains("Round #1 has been waiting"), "{shown}");
    stage.ask(stage.mona, "daily pause", &[]).await;
    down.release();
    stage.travel("2026-03-09T18:00:00Z").await;
    assert!(stage.rounds().is_empty(), "paused dailies post nothing");
    stage.ask(stage.mona, "daily resume", &[]).await;
    stage.travel("2026-03-10T14:00:00Z").await;
    assert_eq!(numbers(&stage), [1]);
    assert_eq!(stage.newest_round().timestamp, "2026-03-10T13:30:00.000000+00:00");
    stage.finish().await;
}
