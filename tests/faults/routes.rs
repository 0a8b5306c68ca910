//! No route of the bot's is missing from the table: a tour of all that it can do collects those
//! that it calls.

use crate::{
    chains::CHAINS,
    journal::Journal,
    scene::Scene,
    support::Stage,
    tour::{self, Tour},
};
use discord_sim::{Fault, Rule, Sim};
use std::collections::BTreeSet;

/// The routes that were called, with their methods.
fn called(sim: &Sim) -> BTreeSet<String> {
    let requests = sim.requests();
    let known = requests.iter().map(|request| {
        let path = request.route.unwrap_or(request.path.as_str());
        format!("{} {path}", request.method)
    });
    known.collect()
}

fn in_table() -> BTreeSet<String> {
    CHAINS.iter().map(|(_, route)| (*route).to_owned()).collect()
}

/// Fails if the bot has called a route that the table does not have.
pub fn assert_known(sim: &Sim) {
    let missing: Vec<String> = called(sim).difference(&in_table()).cloned().collect();
    assert!(missing.is_empty(), "give these a use in chains.rs: {missing:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_that_the_bot_calls_is_in_the_table() {
    Journal::of_all_else();
    let mut tour = Tour::on(Stage::at(tour::START).await, None, "It depends.");
    tour.walk().await;
    let mut all = called(&tour.stage.sim);
    all.extend(a_forum_in_trouble().await);
    assert_known(&tour.stage.sim);
    let table = in_table();
    let unused: Vec<_> = table.difference(&all).collect();
    assert!(unused.is_empty(), "the bot calls these no more: {unused:?}");
    tour.stage.finish().await;
}

/// What happens rarely: a forum's round that may have been posted, after one that is archived.
async fn a_forum_in_trouble() -> BTreeSet<String> {
    let mut scene = Scene::set_up(true).await;
    for _ in 0..2 {
        scene.next_morning().await;
    }
    let post = scene.rounds().pop().unwrap();
    scene.stage.sim.archive_thread(post.channel);
    let lost = Rule::new("POST /channels/*/threads", Fault::CutAfter).once();
    scene.stage.sim.faults().add(lost);
    scene.next_morning().await;
    assert_known(&scene.stage.sim);
    scene.check().await;
    let called = called(&scene.stage.sim);
    scene.stage.finish().await;
    called
}
