//! What the bot sends is what Discord takes: every command, button, form and suggestion is used,
//! with the built-in questions and with questions as long as the bank allows, and each body goes
//! through the checks of `support/validate.rs`. Those checks are themselves put to the test with
//! bodies that are wrong on purpose.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

#[path = "bodies/judges.rs"]
mod judges;
#[path = "bodies/longest.rs"]
mod longest;
#[path = "bodies/tour.rs"]
mod tour;

use std::collections::BTreeSet;
use support::{Stage, validate::Tally};
use tour::Tour;
use whetstone::sim::Clock;

/// What buttons and forms there are: family and version, and the verb.
const BUTTONS: [&str; 16] = [
    "round1:answer",
    "round1:form",
    "round1:quiz",
    "round1:pick",
    "round1:hint",
    "round1:reveal",
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
];

/// What must have been sent for a tour to have shown anything.
const SENT: [&str; 10] = [
    "Commands",
    "Callback 4",
    "Callback 5",
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
    let plain = |option: &serde_json::Value| option["type"] != 1;
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

#[tokio::test(flavor = "multi_thread")]
async fn the_longest_questions_fit_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    longest::write(folder.path());
    let mut stage = Stage::without_bot(Clock::frozen(tour::START.parse().unwrap())).await;
    stage.bank.push(folder.path().to_owned());
    stage.start_bot().await;
    let mut tour = Tour::on(stage, Some(&longest::topic()), &"y".repeat(1500));
    tour.walk().await;
    assert_complete(&tour);
    assert_sent(&tour.stage.finish().await);
}
