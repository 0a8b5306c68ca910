//! A flood from one member: the others are served, and the flood costs little.

use super::{
    AFTER, BEFORE,
    support::{Stage, eventually, said},
};
use discord_sim::{Id, Response};
use serde_json::json;
use std::collections::BTreeMap;
use whetstone::config::Limits;

/// Far more than anybody clicks.
const FLOOD: usize = 500;

/// What a member can do at once, by default.
const AT_ONCE: usize = 30;

/// How often a member is told, at once.
const TOLD: usize = 4;

async fn limited() -> Stage {
    let mut stage = Stage::without_bot(discord_sim::Clock::frozen(BEFORE.parse().unwrap())).await;
    stage.limits = Limits::default();
    stage.start_bot().await;
    stage.set_daily("09:30", "America/New_York", &[]).await;
    stage.travel(AFTER).await;
    stage
}

/// How many answers the bot has given to each of these interactions.
fn answers(stage: &Stage, interactions: &[Id]) -> BTreeMap<Id, usize> {
    let mut answers = BTreeMap::new();
    for request in stage.sim.requests() {
        let mut parts = request.path.trim_matches('/').split('/');
        if parts.next() != Some("interactions") {
            continue;
        }
        let id: Id = parts.next().unwrap().parse().unwrap();
        if interactions.contains(&id) {
            *answers.entry(id).or_default() += 1;
        }
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn one_members_flood_slows_nobody_else_down() {
    let stage = limited().await;
    let round = stage.newest_round();
    let (ada, bob) = (stage.actor(stage.ada), stage.actor(stage.bob));
    let click = |_| ada.start_click_label(stage.channel, round.id, "Hint").unwrap();
    let flood: Vec<_> = (0..FLOOD).map(click).collect();
    let ids: Vec<Id> = flood.iter().map(discord_sim::Pending::id).collect();
    // Bob comes behind all of them, and does not notice.
    let answered = stage.answer(stage.bob, "It depends.").await;
    assert!(answered.text().contains("You are in"), "{}", answered.text());
    let graded = bob.click_label(stage.channel, answered.id, "Got it").await.unwrap();
    assert!(said(&graded).contains("got it"), "{}", said(&graded));
    // Of the flood the first are served, the next few told, and the rest cost no request.
    let cost = || answers(&stage, &ids).len();
    eventually("the flood is seen to", || cost() >= AT_ONCE + TOLD).await;
    let mut said_so = 0;
    let answered = answers(&stage, &ids);
    for pending in flood.into_iter().filter(|pending| answered.contains_key(&pending.id())) {
        let response = pending.response().await;
        let Response::Message { message, .. } = response else { continue };
        assert!(message.ephemeral);
        said_so += usize::from(message.text().contains("please try again in 1 second."));
    }
    assert_eq!(said_so, TOLD);
    stage.clock.advance(jiff::SignedDuration::from_secs(10));
    let hint = ada.click_label(stage.channel, round.id, "Hint").await.unwrap();
    assert!(!said(&hint).contains("try again"), "{}", said(&hint));
    assert_eq!(answers(&stage, &ids).len(), AT_ONCE + TOLD);
    stage.finish().await;
}

/// Also by those who may do everything else.
#[tokio::test(flavor = "multi_thread")]
async fn commands_forms_and_clicks_share_one_bucket() {
    let stage = limited().await;
    stage.clock.advance(jiff::SignedDuration::from_mins(1));
    let round = stage.newest_round();
    let mona = stage.actor(stage.mona);
    for _ in 0..AT_ONCE / 2 {
        assert!(!stage.ask(stage.mona, "daily show", &[]).await.contains("try again"));
        let clicked = mona.click_label(stage.channel, round.id, "Answer").await.unwrap();
        assert!(clicked.modal().is_some(), "{clicked:?}");
    }
    for command in ["daily show", "daily check", "question any", "help"] {
        let told = stage.ask(stage.mona, command, &[]).await;
        assert!(told.contains("please try again in"), "/{command}: {told}");
    }
    stage.finish().await;
}

/// Who types fast gets no suggestions for a moment, and nothing else comes of it.
#[tokio::test(flavor = "multi_thread")]
async fn suggestions_do_not_use_up_what_members_may_do() {
    let stage = limited().await;
    let ada = stage.actor(stage.ada);
    for typed in ["q", "qu", "que"].repeat(AT_ONCE) {
        let typing = ada.autocomplete(stage.channel, "question show", "id", typed, &[]);
        assert!(!typing.await.unwrap().is_empty());
    }
    let shown = stage.ask(stage.ada, "question show", &[("id", json!("zqxj"))]).await;
    assert!(shown.contains("No question is called"), "{shown}");
    stage.finish().await;
}
