//! What the bot sends is what Discord takes: every command, button, form and suggestion is used,
//! with the built-in questions and with questions as long as the bank allows, and each body goes
//! through the checks of `support/validate.rs`. Those checks are themselves put to the test with
//! bodies that are wrong on purpose.

mod judges;
mod longest;
pub mod tour;

use crate::support::{
    Stage,
    validate::{Tally, own::embeds_length},
};
use discord_sim::Clock;
use jiff::{civil::time, tz::TimeZone};
use serde_json::{Value, json};
use std::{collections::BTreeSet, path::Path};
use tour::Tour;
use whetstone::{
    bank::{Bank, limits},
    domain::{
        daily::{DAILIES_MAX, DailyName, Declared, Settings},
        ids::{ChannelId, GuildId, ID_MAX},
        question::{Filter, Level},
        schedule::{Day, Schedule},
    },
};

/// What buttons and forms there are: family and version, and the verb.
const BUTTONS: [&str; 21] = [
    "round1:answer",
    "round1:form",
    "round1:quiz",
    "round1:pick",
    "round1:hint",
    "round1:reveal",
    "round1:full",
    "round1:deeper",
    "round1:grade",
    "round1:share",
    "practice1:answer",
    "practice1:form",
    "practice1:quiz",
    "practice1:pick",
    "practice1:hint",
    "practice1:reveal",
    "daily1:extra",
    "daily1:remove",
    "settings1:hide",
    "settings1:show",
    "privacy1:forget",
];

/// What must have been sent for a tour to have shown anything.
const SENT: [&str; 11] = [
    "Commands",
    "Callback 4",
    "Callback 5",
    "Callback 6",
    "Callback 7",
    "Callback 8",
    "Callback 9",
    "LateAnswer",
    "Message",
    "Edit",
    "Thread",
];

fn assert_complete(tour: &Tour) {
    let commands = tour::paths(&tour.stage).into_iter().map(|(name, _)| name);
    let plain = |option: &Value| option["type"] != 1;
    let options = tour::leaves(&tour.stage, plain).into_iter().map(|(c, o)| format!("{c} {o}"));
    let unused: BTreeSet<String> =
        commands.chain(options).filter(|name| !tour.used.contains(name)).collect();
    assert!(unused.is_empty(), "unused: {unused:?}");
    let clicked = tour.clicked.iter().filter(|button| !button.starts_with("board1:"));
    let clicked: BTreeSet<&str> = clicked.map(String::as_str).collect();
    assert_eq!(clicked, BUTTONS.into());
}

fn assert_sent(tally: &Tally) {
    let unsent: Vec<&str> = SENT.into_iter().filter(|name| tally.of(name) == 0).collect();
    assert!(unsent.is_empty(), "{unsent:?} not among {tally:?}");
    assert!(tally.of("Post") > 0, "no forum post among {tally:?}");
    assert_eq!(tally.of("Commands"), 1, "commands are registered once");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_the_bot_sends_is_valid() {
    let stage = Stage::at(tour::START).await;
    let mut tour = Tour::on(stage, None, "It depends.");
    tour.walk().await;
    assert_complete(&tour);
    assert_sent(&tour.stage.finish().await);
}

/// A stage whose bot knows the longest questions, too.
async fn stage_with_longest(folder: &Path) -> Stage {
    longest::write(folder);
    let mut stage = Stage::without_bot(Clock::frozen(tour::START.parse().unwrap())).await;
    stage.bank.push(folder.to_owned());
    stage.start_bot().await;
    stage
}

/// The largest of a measure over all bodies; an answer to an interaction counts as its data.
fn largest(stage: &Stage, measure: impl Fn(&Value) -> usize) -> usize {
    let bodies = stage.sim.requests().into_iter();
    let bodies = bodies.map(|r| r.body.get("data").unwrap_or(&r.body).clone());
    bodies.map(|body| measure(&body)).max().unwrap_or(0)
}

fn length(text: &Value) -> usize {
    text.as_str().map_or(0, |text| text.chars().count())
}

/// The texts were as long as they get, so that their validity says something.
fn assert_long(stage: &Stage) {
    let embeds = largest(stage, |body| embeds_length(&body["embeds"]));
    // The longest is the full answer with its sources.
    assert!((4_800..=6_000).contains(&embeds), "{embeds} characters of embeds");
    let content = largest(stage, |body| length(&body["content"]));
    assert!((1_800..=2_000).contains(&content), "{content} characters of content");
    let choices = |body: &Value| body["choices"].as_array().cloned().unwrap_or_default();
    let choice = |key: &'static str| {
        largest(stage, |body| choices(body).iter().map(|c| length(&c[key])).max().unwrap_or(0))
    };
    assert_eq!(choice("name"), 100);
    assert!((ID_MAX..=100).contains(&choice("value")), "{}", choice("value"));
    assert_eq!(largest(stage, |body| choices(body).len()), 25);
    let form = |body: &Value| body.get("custom_id").map_or(0, |_| length(&body["title"]));
    assert_eq!(largest(stage, form), 45);
    assert_eq!(largest(stage, |body| length(&body["name"])), 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_longest_questions_fit_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    let stage = stage_with_longest(folder.path()).await;
    let answer = "y".repeat(limits::OWN_ANSWER_MAX.into());
    let mut tour = Tour::on(stage, Some(&longest::topic()), &answer);
    tour.walk().await;
    assert_complete(&tour);
    assert_long(&tour.stage);
    assert_sent(&tour.stage.finish().await);
}

/// The folder is gone at the next start: open rounds and old buttons have no question any more.
#[tokio::test(flavor = "multi_thread")]
async fn questions_that_have_left_the_bank_are_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let stage = stage_with_longest(folder.path()).await;
    let mut tour = Tour::on(stage, Some(&longest::topic()), "It depends.");
    let daily = tour.daily(tour.stage.channel);
    tour.told("daily set", &daily, "is set up").await;
    tour.stage.travel("2026-03-06T15:00:00Z").await;
    let (ada, mona) = (tour.stage.ada, tour.stage.mona);
    let show = [("id", json!(tour.ids()[0]))];
    let practice = tour.ask(ada, "question show", &show).await;
    tour.stage.stop_bot().await;
    tour.stage.bank.clear();
    tour.stage.start_bot().await;
    let round = tour.stage.newest_round();
    for message in [&round, &practice] {
        for button in ["Quiz", "Hint", "Reveal"] {
            tour.see(ada, message, button, "has left the bank").await;
        }
    }
    tour.see(ada, &practice, "Answer", "has left the bank").await;
    // Nobody loses a streak to it: the round can be answered all the same.
    let answered = tour.answer(ada, &round).await.text();
    assert!(answered.contains("if you answered, it counts"), "{answered}");
    let streak = tour.ask(ada, "streak", &[]).await.text();
    assert!(streak.contains("Streak\n1 round"), "{streak}");
    for command in ["question today", "reveal", "daily preview", "daily show", "daily check"] {
        tour.ask(mona, command, &[]).await;
    }
    tour.stage.travel("2026-03-09T15:00:00Z").await;
    tour.told("daily show", &[], "No question matches").await;
    assert!(tour.stage.finish().await.of("Callback 4") > 10);
}

/// As many dailies as a server may have, with the longest names, in all topics there are.
#[tokio::test(flavor = "multi_thread")]
async fn as_many_dailies_as_may_be_fit_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    longest::write(folder.path());
    let bank = Bank::load(&[folder.path().to_owned()]).unwrap();
    let mut stage = Stage::without_bot(Clock::frozen(tour::START.parse().unwrap())).await;
    stage.bank.push(folder.path().to_owned());
    let settings = |number: usize| Settings {
        name: DailyName::parse(&format!("{}{number:02}", &tour::NAME[2..])).unwrap(),
        channel: ChannelId(stage.channel.0),
        schedule: Schedule {
            time: time(9, 30, 0, 0),
            zone: TimeZone::get("America/Argentina/ComodRivadavia").unwrap(),
            days: Day::ALL.into_iter().take(6).collect(),
            skips: BTreeSet::new(),
        },
        filter: Filter {
            levels: Level::ALL.to_vec(),
            topics: bank.topics().iter().map(|topic| topic.id.clone()).collect(),
        },
        role: None,
        thread: true,
        pin: true,
    };
    let guild = GuildId(stage.guild.0);
    let declared = |number| Declared { guild, settings: settings(number) };
    stage.declared = (0..DAILIES_MAX).map(declared).collect();
    stage.start_bot().await;
    let mut tour = Tour::on(stage, None, "It depends.");
    tour.told("daily show", &[], "more; name one").await;
    tour.told("daily check", &[], "25 of 25 dailies can post").await;
    tour.told("daily show", &[("daily", json!("none"))], "no daily named").await;
    let another = [tour.daily(tour.stage.channel), vec![("name", json!("another"))]].concat();
    tour.told("daily set", &another, "Remove one first").await;
    let actor = tour.stage.actor(tour.stage.mona);
    let typed = actor.autocomplete(tour.stage.channel, "daily show", "daily", "", &[]).await;
    assert_eq!(typed.unwrap().len(), DAILIES_MAX);
    tour.stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
#[should_panic(expected = "must end with finish()")]
async fn a_test_that_forgets_the_check_fails() {
    Stage::without_bot(Clock::frozen(tour::START.parse().unwrap())).await;
}

/// What the simulation took is checked all the same: it does not mind the key that is misspelt.
#[tokio::test(flavor = "multi_thread")]
#[should_panic(expected = "/embed: an unknown key (own)")]
async fn a_bad_body_fails_the_test() {
    let stage = Stage::without_bot(Clock::frozen(tour::START.parse().unwrap())).await;
    let url = format!("{}/api/v10/channels/{}/messages", stage.sim.http_url(), stage.channel);
    let client = reqwest::Client::new();
    let token = format!("Bot {}", stage.sim.token());
    let body = json!({ "content": "Hello", "embed": {} }).to_string();
    let request = client.post(url).header("authorization", token);
    let request = request.header("content-type", "application/json").body(body);
    assert_eq!(request.send().await.unwrap().status(), 200);
    stage.finish().await;
}
