//! Which route is put to the test by which of its uses, and how the uses are lived through: each in
//! a thread of its own, one fault a day.

use crate::{
    feature::{Case, Feature, Seen, logged},
    kind::Kind,
    scene::Scene,
};
use jiff::SignedDuration;
use std::{
    collections::BTreeMap,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, mpsc},
    thread,
    time::{Duration, Instant},
};
use tokio::runtime::Builder;

/// Every use that is put to the test. A test fails if the bot calls a route that is not here.
pub const CHAINS: [(Feature, &str); 24] = [
    (Feature::Start, "GET /gateway/bot"),
    (Feature::Start, "GET /gateway"),
    (Feature::Start, "PUT /applications/{application}/commands"),
    (Feature::Answer, "POST /interactions/{interaction}/{token}/callback"),
    (Feature::Set, "PATCH /webhooks/{application}/{token}/messages/{message}"),
    (Feature::Set, "GET /channels/{channel}"),
    (Feature::Set, "GET /guilds/{guild}"),
    (Feature::Check, "GET /oauth2/applications/@me"),
    (Feature::Notice, "POST /users/@me/channels"),
    (Feature::Share, "POST /channels/{channel}/messages"),
    (Feature::Round, "GET /channels/{channel}"),
    (Feature::Round, "POST /channels/{channel}/messages"),
    (Feature::Round, "POST /channels/{channel}/messages/{message}/threads"),
    (Feature::Round, "PUT /channels/{channel}/pins/{message}"),
    (Feature::Round, "PATCH /channels/{channel}/messages/{message}"),
    (Feature::Round, "DELETE /channels/{channel}/pins/{message}"),
    (Feature::Count, "PATCH /channels/{channel}/messages/{message}"),
    (Feature::Lost, "GET /guilds/{guild}"),
    (Feature::Lost, "GET /guilds/{guild}/members/{user}"),
    (Feature::Lost, "GET /channels/{channel}/messages"),
    (Feature::LostAtStart, "GET /users/@me"),
    (Feature::ForumRound, "POST /channels/{channel}/threads"),
    (Feature::ForumRound, "PATCH /channels/{channel}"),
    (Feature::LostInForum, "GET /guilds/{guild}/threads/active"),
];

/// How many uses are lived through side by side.
const SIDE_BY_SIDE: usize = 11;

/// How long all of them may take, however slow the machine.
const WITHIN: Duration = Duration::from_secs(30 * 60);

/// How long one case may take.
const CASE_WITHIN: Duration = Duration::from_secs(8 * 60);

/// A case, and what came of it.
pub struct Outcome {
    pub case: Case,
    pub seen: Seen,
    /// What the log said first.
    pub logged: Option<String>,
}

/// The outcomes of one use.
type Told = (usize, Result<Vec<Outcome>, String>);

/// Lives through all uses.
///
/// # Panics
/// With the names of all cases that failed, or are still running after a very long time.
pub fn live_through() -> Vec<Outcome> {
    let only = std::env::var("FAULTS_ONLY").ok();
    let wanted = |place: &usize| {
        let (feature, route) = CHAINS[*place];
        only.as_ref().is_none_or(|only| format!("{feature:?} {route}").contains(only.as_str()))
    };
    let waiting: Vec<usize> = (0..CHAINS.len()).filter(wanted).rev().collect();
    let count = waiting.len();
    let queue = Arc::new(Mutex::new(waiting));
    let now = Arc::new(Mutex::new(BTreeMap::new()));
    let (tell, told) = mpsc::channel();
    for _ in 0..SIDE_BY_SIDE {
        let (queue, now, tell) = (Arc::clone(&queue), Arc::clone(&now), tell.clone());
        thread::spawn(move || work(&queue, &now, &tell));
    }
    drop(tell);
    gather(count, &told, &now)
}

fn gather(
    count: usize,
    told: &mpsc::Receiver<Told>,
    now: &Mutex<BTreeMap<usize, Case>>,
) -> Vec<Outcome> {
    let since = Instant::now();
    let (mut outcomes, mut failures) = (BTreeMap::new(), Vec::new());
    while outcomes.len() + failures.len() < count {
        let left = WITHIN.saturating_sub(since.elapsed());
        match told.recv_timeout(left) {
            Ok((place, Ok(done))) => drop(outcomes.insert(place, done)),
            Ok((_, Err(failure))) => failures.push(failure),
            Err(_) => {
                let running: Vec<Case> = now.lock().unwrap().values().copied().collect();
                failures.extend(running.into_iter().map(|case| format!("hangs: {}", name(case))));
                break;
            }
        }
    }
    assert!(failures.is_empty(), "{} uses failed:\n{}", failures.len(), failures.join("\n"));
    outcomes.into_values().flatten().collect()
}

pub fn name(case: Case) -> String {
    format!("{}, {}: {}", case.feature.name(), case.route, case.kind.name())
}

fn work(queue: &Mutex<Vec<usize>>, now: &Mutex<BTreeMap<usize, Case>>, tell: &mpsc::Sender<Told>) {
    while let Some(place) = { queue.lock().unwrap().pop() } {
        let note = |case| {
            now.lock().unwrap().insert(place, case);
        };
        let lived = std::panic::catch_unwind(AssertUnwindSafe(|| live(CHAINS[place], &note)));
        let case = now.lock().unwrap().remove(&place);
        let failed = |_| case.map_or_else(|| "before any case".to_owned(), name);
        // Nobody listens any more once the deadline has passed.
        if tell.send((place, lived.map_err(failed))).is_err() {
            return;
        }
    }
}

/// One use from fault to fault, in a runtime that stays in this thread, as its log does.
fn live((feature, route): (Feature, &'static str), note: &dyn Fn(Case)) -> Vec<Outcome> {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut scene = Scene::set_up(feature.in_forum()).await;
        // A first round, so that there is one before.
        scene.next_morning().await;
        let mut outcomes = Vec::new();
        for kind in Kind::ALL {
            let case = Case { feature, route, kind };
            note(case);
            scene.next_morning().await;
            let lived = tokio::time::timeout(CASE_WITHIN, one(&mut scene, case)).await;
            outcomes.push(lived.expect("it hangs"));
        }
        scene.check().await;
        crate::routes::assert_known(&scene.stage.sim);
        scene.stage.finish().await;
        outcomes
    })
}

/// One case, and a day after it on which all must be well.
async fn one(scene: &mut Scene, case: Case) -> Outcome {
    let since = Instant::now();
    let seen = case.feature.meet(scene, case).await;
    let logged = logged(scene, case).map(|line| line.to_string());
    // Where the bot has no use for the words of an answer, nothing is wrong if they are none.
    let unread = case.kind == Kind::Malformed && seen.meanwhile == "as it should be";
    let said = logged.is_some() || seen.meanwhile.contains("reads");
    assert!(said || unread, "nobody says what is wrong");
    scene.next_morning().await;
    scene.travel(scene.due() + SignedDuration::from_mins(5)).await;
    let amiss = scene.amiss(!case.feature.in_forum());
    assert!(amiss.is_empty(), "{}: the day after, {amiss:?}", name(case));
    scene.ada_takes_part().await;
    scene.others_are_served().await;
    eprintln!("{:?} {}: {seen:?} {logged:?}", since.elapsed(), name(case));
    Outcome { case, seen, logged }
}
