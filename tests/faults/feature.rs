//! What members, moderators and the scheduler do that needs a route, while the route has a fault:
//! up to the fault, through it, and on.

use crate::{
    journal::{Journal, Line},
    kind::{self, Kind},
    scene::{OWN_WORDS, PATIENCE, Scene, insist, within},
    support::said,
};
use discord_sim::{Fault, Id, Pending, Response, Rule, RuleHandle};
use jiff::SignedDuration;
use whetstone::bot::Bot;

/// How the scheduler's retries are given time: the longest that they wait is a quarter of an hour.
const RETRIED_WITHIN: SignedDuration = SignedDuration::from_mins(40);

/// How many requests of a late answer a short outage meets.
const SHORT_OUTAGE: usize = 3;

/// What the log says where an answer that was deferred is given up.
const GIVEN_UP: [&str; 2] = ["the late answer was refused", "the late answer did not get through"];

/// A use of a route.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Feature {
    /// A round is due in a text channel, with a thread and a pin.
    Round,
    /// A round is due in a forum, where the post before has been archived.
    ForumRound,
    /// It is not known whether a round was posted, and it is looked for.
    Lost,
    /// The same, by a bot that has just started.
    LostAtStart,
    /// The same in a forum.
    LostInForum,
    /// The number of those who took part is edited in.
    Count,
    /// A member sends an answer.
    Answer,
    /// A moderator changes the daily, which asks Discord about the channel.
    Set,
    /// A moderator has all looked at, the bot's own account included.
    Check,
    /// A daily's threads fail, of which whoever set it up is told in a direct message.
    Notice,
    /// A member shares an answer in the round's thread.
    Share,
    /// The bot starts, and its commands have changed.
    Start,
}

/// What came of a case.
#[derive(Default, Debug)]
pub struct Seen {
    /// What was wrong, or what the member read, while the fault lasted.
    pub meanwhile: String,
    /// What remained when it was over.
    pub afterwards: String,
    /// Whether somebody had to do something.
    pub helped: Option<&'static str>,
}

/// A route with a use of it.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    pub feature: Feature,
    /// The method and the template of the path.
    pub route: &'static str,
    pub kind: Kind,
}

impl Feature {
    /// As the table names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Round => "a round is due",
            Self::ForumRound => "a round is due in a forum, where the post before is archived",
            Self::Lost => "a round is looked for that may have been posted",
            Self::LostAtStart => "the same after a restart",
            Self::LostInForum => "a forum's round is looked for that may have been posted",
            Self::Count => "the number of those who took part is shown",
            Self::Answer => "a member sends an answer",
            Self::Set => "a moderator changes a daily with `/daily set`",
            Self::Check => "a moderator has all looked at with `/daily check`",
            Self::Notice => "a daily begins to fail, of which whoever set it up is told",
            Self::Share => "a member shares an answer in the round's thread",
            Self::Start => "the bot starts, with commands to register",
        }
    }

    pub fn in_forum(self) -> bool {
        matches!(self, Self::ForumRound | Self::LostInForum)
    }

    /// Lives through one case. The day begins at nine, with the round of the day before done.
    pub async fn meet(self, scene: &mut Scene, case: Case) -> Seen {
        match self {
            Self::Round | Self::ForumRound => round_is_due(scene, case).await,
            Self::Lost | Self::LostAtStart | Self::LostInForum => is_looked_for(scene, case).await,
            Self::Count => count_is_shown(scene, case).await,
            Self::Answer => answer_is_sent(scene, case).await,
            Self::Set => daily_is_changed(scene, case).await,
            Self::Check => all_is_looked_at(scene, case).await,
            Self::Notice => notice_is_due(scene, case).await,
            Self::Share => answer_is_shared(scene, case).await,
            Self::Start => bot_starts(scene, case).await,
        }
    }
}

/// Lets requests of the case's route meet its fault; `first` stands for the first parameter of the
/// template, where that tells the troubled guild from others.
fn rule(case: Case, first: Option<Id>) -> Rule {
    let mut first = first.map(|id| id.to_string());
    let parts = case.route.split('/').map(|part| match part.starts_with('{') {
        true => first.take().unwrap_or_else(|| "*".to_owned()),
        false => part.to_owned(),
    });
    let pattern = parts.collect::<Vec<_>>().join("/");
    let template = case.route.split_once(' ').unwrap().1;
    case.kind.rule(&pattern, template)
}

/// Puts a rule in force. From here on, what the log says is about it.
fn begin(scene: &mut Scene, rule: Rule) -> RuleHandle {
    (scene.begun, scene.aside) = (scene.journal.mark(), Journal::of_all_else().mark());
    scene.stage.sim.faults().add(rule)
}

/// The ids in the path by which the troubled guild is told apart.
fn own(scene: &Scene, case: Case) -> Option<Id> {
    match case.route.split('/').nth(1) {
        Some("guilds") => Some(scene.stage.guild),
        Some("channels") if !case.feature.in_forum() => Some(scene.stage.channel),
        // Next door there is no forum.
        _ => None,
    }
}

async fn met(rule: &RuleHandle) {
    tokio::time::timeout(PATIENCE, rule.hit()).await.expect("the fault is met");
}

/// While the fault lasts: the others act, and what the scheduler tries once more fails again.
async fn last(scene: &mut Scene, case: Case, rule: &RuleHandle) {
    met(rule).await;
    scene.others_are_served().await;
    scene.quiet().await;
    // A second time costs another twenty seconds where Discord is silent.
    if !case.kind.is_silent() {
        scene.travel(scene.stage.clock.now() + SignedDuration::from_mins(1)).await;
    }
}

/// The fault is over: what waits is retried, and a moderator helps where the daily is paused.
async fn recover(scene: &mut Scene, rule: &RuleHandle) -> Option<&'static str> {
    kind::end(rule);
    scene.travel(scene.stage.clock.now() + RETRIED_WITHIN).await;
    let shown = scene.moderator("daily show", &[]).await;
    if !shown.contains("Paused") {
        return None;
    }
    let resumed = scene.moderator("daily resume", &[]).await;
    assert!(resumed.contains("is running again"), "{resumed}");
    scene.travel(scene.stage.clock.now() + RETRIED_WITHIN).await;
    Some("`/daily resume`")
}

fn list(amiss: &[&str]) -> String {
    if amiss.is_empty() { "as it should be".to_owned() } else { amiss.join(", ") }
}

async fn with_pause(scene: &Scene, amiss: Vec<&str>) -> String {
    let shown = scene.moderator("daily show", &[]).await;
    let paused = shown.lines().find_map(|line| line.split_once("**Paused:** "));
    let reason = paused.map(|(_, reason)| reason.split(". ").next().unwrap_or(reason));
    match reason {
        Some(reason) => format!("{}; paused: “{reason}”", list(&amiss)),
        None => list(&amiss),
    }
}

async fn round_is_due(scene: &mut Scene, case: Case) -> Seen {
    let decorated = !case.feature.in_forum();
    if !decorated && let Some(post) = scene.rounds().pop() {
        scene.stage.sim.archive_thread(post.channel);
    }
    let wanted = rule(case, own(scene, case));
    let fault = begin(scene, wanted);
    scene.stage.clock.set(scene.due());
    last(scene, case, &fault).await;
    let meanwhile = with_pause(scene, scene.amiss(decorated)).await;
    let helped = recover(scene, &fault).await;
    let afterwards = list(&scene.amiss(decorated));
    if scene.today().is_some() {
        scene.ada_takes_part().await;
    }
    Seen { meanwhile, afterwards, helped }
}

async fn is_looked_for(scene: &mut Scene, case: Case) -> Seen {
    let decorated = !case.feature.in_forum();
    let send = match decorated {
        true => format!("POST /channels/{}/messages", scene.stage.channel),
        false => "POST /channels/*/threads".to_owned(),
    };
    let lost = scene.stage.sim.faults().add(Rule::new(&send, Fault::CutAfter));
    scene.stage.clock.set(scene.due());
    met(&lost).await;
    scene.quiet().await;
    if case.feature == Feature::LostAtStart {
        scene.stage.stop_bot().await;
    }
    lost.release();
    let wanted = rule(case, own(scene, case));
    let fault = begin(scene, wanted);
    match case.feature {
        Feature::LostAtStart => scene.stage.bot = Some(start(scene).await),
        _ => scene.stage.clock.advance(SignedDuration::from_mins(1)),
    }
    last(scene, case, &fault).await;
    let meanwhile = with_pause(scene, scene.amiss(decorated)).await;
    let helped = recover(scene, &fault).await;
    let afterwards = list(&scene.amiss(decorated));
    scene.ada_takes_part().await;
    Seen { meanwhile, afterwards, helped }
}

/// Starts a bot on the store as it is, and waits for nothing.
async fn start(scene: &Scene) -> Bot {
    Bot::start(scene.stage.parts()).await.unwrap()
}

/// Lets today's rounds be posted.
async fn rounds_are_out(scene: &mut Scene) {
    scene.travel(scene.due()).await;
    let amiss = scene.amiss(true);
    assert!(amiss.is_empty(), "{amiss:?}");
}

async fn count_is_shown(scene: &mut Scene, case: Case) -> Seen {
    rounds_are_out(scene).await;
    let wanted = rule(case, own(scene, case));
    let fault = begin(scene, wanted);
    scene.ada_takes_part().await;
    last(scene, case, &fault).await;
    let shown = |scene: &Scene, count: &str| match scene.today().unwrap().text().contains(count) {
        true => "the number is right",
        false => "the number is too low",
    };
    let meanwhile = shown(scene, "**1** person has").to_owned();
    let mut helped = recover(scene, &fault).await;
    if shown(scene, "**1** person has") != "the number is right" {
        helped = Some("the next who takes part");
    }
    // Another member takes part, and the number is right at the latest then.
    let (bob, today) = (scene.stage.actor(scene.stage.bob), scene.today().unwrap());
    let revealed = insist(|| bob.click_label(today.channel, today.id, "Reveal")).await;
    let revealed = revealed.message().unwrap().clone();
    insist(|| bob.click_label(revealed.channel, revealed.id, "Got it")).await;
    scene.quiet().await;
    scene.travel(scene.stage.clock.now() + SignedDuration::from_mins(1)).await;
    let afterwards = shown(scene, "**2** people have").to_owned();
    Seen { meanwhile, afterwards, helped }
}

/// What a member sees of an answer.
fn sight(response: &Response) -> String {
    match response {
        Response::Failed => "sees “This interaction failed”".to_owned(),
        Response::Thinking { .. } => "sees “thinking …”".to_owned(),
        other => format!("reads “{}”", first_sentence(&said(other))),
    }
}

/// The first sentence, without what is written in bold and without a channel's number.
fn first_sentence(text: &str) -> String {
    let text = text.lines().next().unwrap_or_default().replace("**", "");
    let end = text.find(". ").map_or(text.len(), |at| at + 1);
    let words = text[..end].split(' ');
    let words = words.map(|word| if word.starts_with("<#") { "#questions" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

async fn answer_is_sent(scene: &mut Scene, case: Case) -> Seen {
    rounds_are_out(scene).await;
    let (ada, today) = (scene.stage.actor(scene.stage.ada), scene.today().unwrap());
    let opened = insist(|| ada.click_label(today.channel, today.id, "Answer")).await;
    let hers = |body: &serde_json::Value| body.to_string().contains(OWN_WORDS);
    let mut wanted = rule(case, None).when(hers);
    if case.kind.passes() {
        // A second wait of a second would leave a busy machine too little of Discord's three.
        wanted = wanted.once();
    }
    let fault = begin(scene, wanted);
    let sent = ada.start_submit(opened.modal().unwrap(), &[("text", OWN_WORDS)]).unwrap();
    met(&fault).await;
    let (response, ()) = tokio::join!(sent.response(), scene.others_are_served());
    notices(scene, case).await;
    kind::end(&fault);
    let meanwhile = sight(&response);
    let again = insist(|| ada.click_label(today.channel, today.id, "Answer")).await;
    let values = [("text", OWN_WORDS)];
    let answered = said(&insist(|| ada.submit(again.modal().unwrap(), &values)).await);
    assert!(
        answered.contains("You have taken part in"),
        "it counts from the first time on: {answered}"
    );
    scene.told += 1;
    scene.travel(scene.stage.clock.now() + SignedDuration::from_mins(1)).await;
    let once = scene.today().unwrap().text().contains("**1** person has");
    let afterwards = if once { "the answer counts, once" } else { "the answer counts twice" };
    let failed = response.is_failed().then_some("none needed; a second try says that it counts");
    Seen { meanwhile, afterwards: afterwards.to_owned(), helped: failed }
}

/// An answer that takes its time: what the member sees, unless the bot gives it up.
async fn late_answer(scene: &mut Scene, sent: Pending, fault: &RuleHandle) -> Response {
    met(fault).await;
    let (journal, begun, message) = (scene.journal.clone(), scene.begun, sent.id());
    let given_up = || {
        let lines = journal.since(begun).into_iter();
        lines.map(|line| line.message).find(|line| GIVEN_UP.contains(&line.as_str()))
    };
    let answer = async {
        tokio::select! {
            response = sent.response() => response,
            _ = within(given_up) => Response::Thinking { message },
        }
    };
    tokio::join!(answer, scene.others_are_served()).0
}

async fn daily_is_changed(scene: &mut Scene, case: Case) -> Seen {
    rounds_are_out(scene).await;
    let mut wanted = rule(case, own(scene, case));
    let is_answer = case.route.starts_with("PATCH /webhooks/");
    if is_answer && !case.kind.is_refusal() {
        wanted = wanted.times(if case.kind.is_silent() { 1 } else { SHORT_OUTAGE });
    }
    let fault = begin(scene, wanted);
    let before = late_answers(scene);
    let options = scene.daily(scene.stage.channel, true);
    let mona = scene.stage.actor(scene.stage.mona);
    let sent = mona.start_command(scene.stage.channel, "daily set", &options).unwrap();
    let response = late_answer(scene, sent, &fault).await;
    notices(scene, case).await;
    kind::end(&fault);
    if is_answer && case.kind.is_silent() {
        // The second try must not come tomorrow, when Discord takes it no more.
        within(|| (late_answers(scene) > before + 1).then_some(())).await.expect("a second try");
    }
    let meanwhile = sight(&response);
    let again = scene.moderator("daily set", &options).await;
    let afterwards = if again.contains("is changed") { "the daily is changed" } else { "in vain" };
    let changed = said_changed(&response);
    Seen {
        meanwhile,
        afterwards: afterwards.to_owned(),
        helped: (!changed).then_some("`/daily set` again"),
    }
}

async fn all_is_looked_at(scene: &mut Scene, case: Case) -> Seen {
    rounds_are_out(scene).await;
    let wanted = rule(case, None);
    let fault = begin(scene, wanted);
    let mona = scene.stage.actor(scene.stage.mona);
    let sent = mona.start_command(scene.stage.channel, "daily check", &[]).unwrap();
    let response = late_answer(scene, sent, &fault).await;
    kind::end(&fault);
    let text = said(&response);
    let wrong = text.lines().find(|line| line.starts_with('❌'));
    let meanwhile = match wrong {
        Some(wrong) => format!("reads “{wrong}”"),
        None => "reads that all is well".to_owned(),
    };
    let again = scene.moderator("daily check", &[]).await;
    assert!(!again.contains('❌'), "{again}");
    let helped = wrong.map(|_| "`/daily check` again");
    Seen { meanwhile, afterwards: "all is looked at".to_owned(), helped }
}

/// The daily's threads are refused for a day, so that there is something to be told.
async fn notice_is_due(scene: &mut Scene, case: Case) -> Seen {
    let template = "/channels/{channel}/messages/{message}/threads";
    let pattern = format!("POST /channels/{}/messages/*/threads", scene.stage.channel);
    let refused = scene.stage.sim.faults().add(Kind::Status403.rule(&pattern, template));
    let before = notices_to_mona(scene);
    let wanted = rule(case, None);
    let fault = begin(scene, wanted);
    scene.stage.clock.set(scene.due());
    last(scene, case, &fault).await;
    let told = |scene: &Scene| match notices_to_mona(scene) - before {
        0 => "nobody was told".to_owned(),
        1 => "the notice is there, once".to_owned(),
        more => format!("the notice is there {more} times"),
    };
    let meanwhile = told(scene);
    let helped = recover(scene, &fault).await;
    kind::end(&refused);
    let afterwards = told(scene);
    scene.ada_takes_part().await;
    Seen { meanwhile, afterwards, helped }
}

/// How many messages the bot has sent to the one who set the daily up.
fn notices_to_mona(scene: &Scene) -> usize {
    scene.stage.sim.messages(scene.stage.actor(scene.stage.mona).dm()).len()
}

/// How often an answer that was deferred has been sent.
fn late_answers(scene: &Scene) -> usize {
    let requests = scene.stage.sim.requests();
    let late = requests.iter().filter(|request| request.path.starts_with("/webhooks/"));
    late.count()
}

fn said_changed(response: &Response) -> bool {
    response.message().is_some_and(|message| message.text().contains("is changed"))
}

async fn answer_is_shared(scene: &mut Scene, case: Case) -> Seen {
    rounds_are_out(scene).await;
    let (ada, today) = (scene.stage.actor(scene.stage.ada), scene.today().unwrap());
    let opened = insist(|| ada.click_label(today.channel, today.id, "Answer")).await;
    let values = [("text", OWN_WORDS)];
    let answered = insist(|| ada.submit(opened.modal().unwrap(), &values)).await;
    scene.told += 1;
    let answered = answered.message().unwrap().clone();
    let thread = today.thread.unwrap().id;
    let fault = begin(scene, rule(case, Some(thread)));
    let share = "Share in thread";
    let sent = ada.start_click_label(answered.channel, answered.id, share).unwrap();
    let response = late_answer(scene, sent, &fault).await;
    kind::end(&fault);
    let meanwhile = sight(&response);
    let again = said(&insist(|| ada.click_label(answered.channel, answered.id, share)).await);
    assert!(again.contains("in the round's thread") || again.contains("already"), "{again}");
    let helped = meanwhile.contains("could not be posted").then_some("a second click");
    let shared = scene.stage.sim.messages(thread);
    let shared = shared.iter().filter(|message| message.text().contains(OWN_WORDS)).count();
    let afterwards = match shared {
        1 => "the answer is in the thread, once".to_owned(),
        other => format!("the answer is there {other} times"),
    };
    Seen { meanwhile, afterwards, helped }
}

async fn bot_starts(scene: &mut Scene, case: Case) -> Seen {
    scene.stage.stop_bot().await;
    let fault = begin(scene, rule(case, None));
    let parts = scene.stage.parts();
    parts.store.set_note("registered commands", "other ones").await.unwrap();
    scene.stage.bot = Some(Bot::start(parts).await.unwrap());
    met(&fault).await;
    let before_gateway = case.route.ends_with("/gateway/bot");
    // Rounds come out though members cannot be heard yet.
    scene.stage.clock.set(scene.due());
    scene.quiet().await;
    let noticed = || logged(scene, case);
    within(noticed).await.expect("the bot says what is wrong");
    if !before_gateway || case.kind.passes() {
        scene.stage.connected().await;
        scene.others_are_served().await;
    }
    let connected = *scene.stage.bot.as_ref().unwrap().connected.borrow();
    let amiss = scene.amiss(true);
    let meanwhile = match connected {
        true => format!("connected; {}", rounds(&amiss)),
        false => format!("not connected; {}", rounds(&amiss)),
    };
    kind::end(&fault);
    scene.stage.connected().await;
    let registered = || {
        let requests = scene.stage.sim.requests();
        let own = |route| route == Some("/applications/{application}/commands");
        let last = requests.iter().rfind(|request| own(request.route))?;
        (last.status == Some(200) && !last.cut).then_some(())
    };
    within(registered).await.expect("the commands are registered");
    if before_gateway && !case.kind.passes() {
        scene.others_are_served().await;
    }
    scene.ada_takes_part().await;
    Seen { meanwhile, afterwards: "connected, commands registered".to_owned(), helped: None }
}

/// What the log says of the fault.
pub fn logged(scene: &Scene, case: Case) -> Option<Line> {
    let mut lines = scene.journal.since(scene.begun).into_iter();
    let first = match case.feature {
        // What the notice is about is logged as well, and first.
        Feature::Notice => lines.find(|line| line.message != "step given up"),
        _ => lines.next(),
    };
    first.or_else(|| at_gateway(case, scene.aside))
}

/// Also where Discord never answers, the bot notices by itself.
async fn notices(scene: &Scene, case: Case) {
    if case.kind.is_silent() {
        within(|| logged(scene, case)).await.expect("the bot notices that nobody answers");
    }
}

/// What serenity logs in a thread of its own, of the one route that it asks by itself.
fn at_gateway(case: Case, mark: usize) -> Option<Line> {
    let own = case.route == "GET /gateway";
    let lines = if own { Journal::of_all_else().since(mark) } else { Vec::new() };
    let about = ["gateway URL", "a rate limit"];
    lines.into_iter().find(|line| about.iter().any(|words| line.message.contains(words)))
}

fn rounds(amiss: &[&str]) -> String {
    if amiss.is_empty() { "rounds come out in time".to_owned() } else { amiss.join(", ") }
}
