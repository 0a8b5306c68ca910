//! The bot, as a process, is killed with SIGKILL at every step between claim and close, and started
//! again: there is one message a round, one thread, one pin, and nothing that a member was told is
//! lost. The simulated Discord holds the request at which to kill, before or after it acts on it,
//! so the bot knows nothing of being tested.

use crate::support::{
    Stage, eventually,
    process::{Process, zone_at_noon},
    said,
};
use discord_sim::{Actor, Fault, Id, MessageView, Rule, RuleHandle};
use futures_util::StreamExt;
use jiff::SignedDuration;
use serde_json::json;
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{sync::mpsc, task::JoinSet};
use whetstone::{
    domain::{daily::Daily, ids::GuildId, round::Step},
    scheduler::{Clock, SystemClock},
};

/// The requests on a second round's way; `{first}` is the first round's message.
const LOOK: &str = "GET /channels/{channel}";
const SEND: &str = "POST /channels/{channel}/messages";
const THREAD: &str = "POST /channels/{channel}/messages/*/threads";
const PIN: &str = "PUT /channels/{channel}/pins/*";
const RESULTS: &str = "PATCH /channels/{channel}/messages/{first}";
const UNPIN: &str = "DELETE /channels/{channel}/pins/{first}";
const WAY: [&str; 6] = [LOOK, SEND, THREAD, PIN, RESULTS, UNPIN];

/// The requests by which a new process looks for what the killed one may have sent.
const OWN_ID: &str = "GET /users/@me";
const GUILD: &str = "GET /guilds/*";
const MEMBER: &str = "GET /guilds/*/members/*";
const HISTORY: &str = "GET /channels/{channel}/messages";

/// The two answers to the moderator's click.
const ACKNOWLEDGE: &str = "POST /interactions/*/*/callback";
const FOLLOW_UP: &str = "PATCH /webhooks/*/*/messages/@original";

/// How many cases run side by side.
const SIDE_BY_SIDE: usize = 3;

/// Discord knows a nonce for some minutes only.
const NONCE_FORGOTTEN: SignedDuration = SignedDuration::from_mins(6);

/// How long a step may take to come on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(20);

/// What makes the bot post the second round.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Cause {
    /// The moderator asks for an extra round.
    Moderator,
    /// It was due while the bot was down.
    Schedule,
}

/// A second round, and the requests at which the processes that work on it are killed, in turn.
struct Case {
    cause: Cause,
    kills: Vec<(&'static str, Fault)>,
}

impl Case {
    async fn run(self) {
        let name = &format!("{:?}, killed at {:?}", self.cause, self.kills);
        let (stage, bot) = with_first_round().await;
        let mut bot = Some(bot);
        let mut button = None;
        match self.cause {
            Cause::Moderator => button = Some(extra_button(&stage).await),
            Cause::Schedule => {
                bot.take().unwrap().stop().await;
                make_it_yesterdays(&stage).await;
            }
        }
        for (step, fault) in &self.kills {
            let rule = hold(&stage, step, fault.clone());
            if let Some(button) = button.take() {
                click_extra(&stage, button);
            }
            let running = bot.take().unwrap_or_else(|| stage.launch());
            meet(name, &rule).await;
            running.kill();
            // What was held before Discord acted on it never happens.
            rule.cut();
            stage.offline().await;
            // Discord forgets the nonce meanwhile, so that the bot itself must find its message.
            stage.clock.advance(NONCE_FORGOTTEN);
        }
        let bot = stage.run_process().await;
        if self.kills.iter().any(|(step, _)| *step == ACKNOWLEDGE) {
            // Nobody was promised anything, so nothing comes by itself.
            assert_eq!(stage.rounds().len(), 1, "{name}");
            click_extra(&stage, extra_button(&stage).await);
        }
        all_is_done_once(name, &stage, bot).await;
        stage.finish().await;
    }
}

async fn run(cases: impl IntoIterator<Item = Case>) {
    futures_util::stream::iter(cases).for_each_concurrent(SIDE_BY_SIDE, Case::run).await;
}

/// Each of the steps, once held before it is acted upon and once after.
fn at_each(cause: Cause, steps: &[&'static str]) -> Vec<Case> {
    let holds = [Fault::HoldBefore, Fault::HoldAfter];
    let kills = steps.iter().flat_map(|step| holds.iter().map(|hold| (*step, hold.clone())));
    kills.map(|kill| Case { cause, kills: vec![kill] }).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_extra_round_survives_a_kill_at_every_step() {
    run(at_each(Cause::Moderator, &WAY)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_due_round_survives_a_kill_at_every_step() {
    run(at_each(Cause::Schedule, &WAY)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_survives_a_kill_at_the_answers_to_the_moderator() {
    run(at_each(Cause::Moderator, &[ACKNOWLEDGE, FOLLOW_UP])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_survives_a_second_kill_while_the_first_is_mended() {
    use Fault::{HoldAfter, HoldBefore};
    let not_sent = [
        (LOOK, HoldBefore),
        (OWN_ID, HoldBefore),
        (GUILD, HoldBefore),
        (MEMBER, HoldBefore),
        (HISTORY, HoldBefore),
        (HISTORY, HoldAfter),
        (SEND, HoldBefore),
        (SEND, HoldAfter),
    ];
    // What was sent is found, and not sent again.
    let sent = [(HISTORY, HoldBefore), (HISTORY, HoldAfter), (THREAD, HoldAfter)];
    let after = |first: Fault, second| vec![(SEND, first), second];
    let kills = not_sent.map(|second| after(HoldBefore, second)).into_iter();
    let kills = kills.chain(sent.map(|second| after(HoldAfter, second)));
    let mut kills: Vec<_> = kills.collect();
    // A process for each step: of the second round's own, and of those that close the first.
    kills.push([LOOK, SEND, THREAD, PIN].map(|step| (step, HoldAfter)).to_vec());
    kills.push([LOOK, SEND, RESULTS, UNPIN].map(|step| (step, HoldAfter)).to_vec());
    run(kills.into_iter().map(|kills| Case { cause: Cause::Schedule, kills })).await;
}

/// The claim's nonce is the same in every process, and Discord takes it only once.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_discord_acts_on_after_the_restart_is_the_same_message() {
    let (stage, bot) = with_first_round().await;
    let rule = hold(&stage, SEND, Fault::HoldBefore);
    click_extra(&stage, extra_button(&stage).await);
    meet("late", &rule).await;
    bot.kill();
    stage.offline().await;
    let second = hold(&stage, HISTORY, Fault::HoldAfter);
    let bot = stage.run_process().await;
    meet("the history without the message", &second).await;
    rule.release();
    eventually("the late message is there", || stage.rounds().len() == 2).await;
    second.release();
    all_is_done_once("a late message", &stage, bot).await;
    stage.finish().await;
}

/// Whoever sees the message can click on it, though the bot does not know yet that it is out.
#[tokio::test(flavor = "multi_thread")]
async fn a_click_on_a_message_that_is_not_confirmed_yet_counts() {
    let (stage, bot) = with_first_round().await;
    let rule = hold(&stage, SEND, Fault::HoldAfter);
    click_extra(&stage, extra_button(&stage).await);
    meet("sent", &rule).await;
    bot.kill();
    rule.cut();
    stage.offline().await;
    let rule = hold(&stage, HISTORY, Fault::HoldBefore);
    let bot = stage.run_process().await;
    meet("the history", &rule).await;
    let text = stage.answer(stage.bob, "I was quick.").await.text();
    assert!(text.contains("Your streak stands at **1** round."), "{text}");
    rule.release();
    eventually("the second round is there", || is_done(&stage)).await;
    assert_once("a click", &stage);
    eventually("Bob is counted", || counted(&stage.newest_round())).await;
    let streak = stage.ask(stage.bob, "streak", &[]).await;
    assert!(streak.contains("Rounds in all\n1"), "{streak}");
    bot.stop().await;
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_count_survives_a_kill() {
    let counts = [Fault::HoldBefore, Fault::HoldAfter].map(async |fault| {
        let name = &format!("the count, {fault:?}");
        let (stage, bot) = with_first_round().await;
        click_extra(&stage, extra_button(&stage).await);
        eventually("the second round is there", || is_done(&stage)).await;
        let second = stage.newest_round().id.to_string();
        let step = format!("PATCH /channels/{{channel}}/messages/{second}");
        let rule = hold(&stage, &step, fault);
        let text = stage.answer(stage.ada, "Again.").await.text();
        assert!(text.contains("Your streak stands at **2** rounds."), "{name}: {text}");
        meet(name, &rule).await;
        bot.kill();
        rule.cut();
        stage.offline().await;
        let bot = stage.run_process().await;
        eventually(name, || counted(&stage.newest_round())).await;
        assert_once(name, &stage);
        bot.stop().await;
        nothing_is_left(name, &stage).await;
        stage.finish().await;
    });
    futures_util::future::join_all(counts).await;
}

/// A stage whose daily has posted its first round, in which Ada took part.
async fn with_first_round() -> (Stage, Process) {
    let stage = Stage::for_processes().await;
    let bot = stage.run_process().await;
    let options = [("days", json!("daily")), ("pin", json!(true))];
    let told = stage.set_daily("11:00", &zone_at_noon(), &options).await;
    assert!(told.contains("is set up"), "{told}");
    stage.ask(stage.mona, "daily post-now", &[]).await;
    eventually("the first round is there", || {
        stage.rounds().first().is_some_and(|round| round.pinned && round.thread.is_some())
    })
    .await;
    let text = stage.answer(stage.ada, "It depends.").await.text();
    assert!(text.contains("Your streak stands at **1** round."), "{text}");
    eventually("Ada is counted", || counted(&stage.newest_round())).await;
    (stage, bot)
}

/// Lets the first round be yesterday's, so that today's has been due since 11:00.
async fn make_it_yesterdays(stage: &Stage) {
    let guild = GuildId(stage.guild.to_string().parse().unwrap());
    let this_morning = SystemClock.now() - SignedDuration::from_hours(4);
    stage
        .in_store(async |store| {
            let daily = store.dailies_of(guild).await.unwrap().remove(0);
            let change = |daily: &mut Daily| {
                daily.last_date = daily.last_date.map(|date| date.yesterday().unwrap());
                daily.reschedule(this_morning);
                Ok(())
            };
            store.update_daily(daily.id, change).await.unwrap().unwrap();
        })
        .await;
}

/// The question whether an extra round should be posted.
async fn extra_button(stage: &Stage) -> Id {
    let mona = stage.actor(stage.mona);
    let asked = mona.command(stage.channel, "daily post-now", &[]).await.unwrap();
    asked.message().expect("a question").id
}

/// Says yes to it, and does not wait.
fn click_extra(stage: &Stage, question: Id) {
    let mona = stage.actor(stage.mona);
    drop(mona.start_click_label(stage.channel, question, "Post an extra round").unwrap());
}

fn hold(stage: &Stage, step: &str, fault: Fault) -> RuleHandle {
    let first = stage.rounds().first().unwrap().id.to_string();
    let pattern = step.replace("{channel}", &stage.channel.to_string()).replace("{first}", &first);
    stage.sim.faults().add(Rule::new(&pattern, fault).once())
}

async fn meet(name: &str, rule: &RuleHandle) {
    let met = tokio::time::timeout(PATIENCE, rule.hit()).await;
    met.unwrap_or_else(|_| panic!("{name}: the request never came"));
}

/// Whether the message shows that one member took part.
fn counted(round: &MessageView) -> bool {
    round.text().contains("**1** person has taken part.")
}

/// Whether the second round is out with all that belongs to it, and the first is closed.
fn is_done(stage: &Stage) -> bool {
    let rounds = stage.rounds();
    let [first, .., last] = rounds.as_slice() else { return false };
    let is_closed = first.text().contains("Took part") && !first.pinned;
    is_closed && last.pinned && last.thread.is_some()
}

/// One message a round, one thread a round, one pin and one notice of each pin; the first round's
/// results once.
fn assert_once(name: &str, stage: &Stage) {
    let rounds = stage.rounds();
    let footers: Vec<_> = rounds.iter().map(|round| &round.embeds[0]["footer"]["text"]).collect();
    assert_eq!(footers, ["#1 · closed", "#2 · open until the next question"], "{name}");
    let threads = stage.sim.channels().into_iter().filter(|c| c.parent == Some(stage.channel));
    let mut threads: Vec<Id> = threads.map(|thread| thread.id).collect();
    threads.sort();
    // A thread below a message has the message's id.
    assert_eq!(threads, [rounds[0].id, rounds[1].id], "{name}");
    let messages = stage.sim.messages(stage.channel);
    let pinned: Vec<Id> = messages.iter().filter(|m| m.pinned).map(|m| m.id).collect();
    assert_eq!(pinned, [rounds[1].id], "{name}");
    let notices = messages.iter().filter(|message| message.kind == 6).count();
    assert_eq!(notices, 2, "{name}: {messages:#?}");
    let fields = rounds[0].embeds[0]["fields"].as_array().unwrap();
    let shown = fields.iter().filter(|f| f["name"] == "Took part" && f["value"] == "1 member");
    assert_eq!(shown.count(), 1, "{name}: {fields:?}");
}

/// Waits until the bot has nothing left to do, and looks at what there is: in the channel, by a
/// click, and in the store.
async fn all_is_done_once(name: &str, stage: &Stage, bot: Process) {
    eventually(&format!("{name}: the second round is there"), || is_done(stage)).await;
    assert_once(name, stage);
    let text = stage.answer(stage.ada, "Again.").await.text();
    assert!(text.contains("Your streak stands at **2** rounds."), "{name}: {text}");
    eventually("Ada is counted", || counted(&stage.newest_round())).await;
    bot.stop().await;
    assert_once(name, stage);
    nothing_is_left(name, stage).await;
}

/// The store of the stopped bot knows two rounds, the second by its message, and no work on them.
async fn nothing_is_left(name: &str, stage: &Stage) {
    let guild = GuildId(stage.guild.to_string().parse().unwrap());
    let newest = stage.newest_round().id.to_string();
    stage
        .in_store(async |store| {
            let daily = store.dailies_of(guild).await.unwrap().remove(0);
            assert_eq!((daily.rounds, daily.claim), (2, None), "{name}");
            let [first, second] = [store.round(daily.id, 1).await, store.round(daily.id, 2).await]
                .map(|round| round.unwrap().unwrap());
            assert_eq!(second.post.message.0.to_string(), newest, "{name}");
            assert_eq!(second.thread_id.unwrap().0.to_string(), newest, "{name}");
            let steps = [second.thread, second.pin, first.results, first.unpin];
            assert!(steps.iter().all(|step| *step == Step::Done), "{name}: {steps:?}");
            assert_eq!(store.work().await.unwrap(), [], "{name}");
        })
        .await;
}

/// In each of these rounds all members take part at once, and the bot is killed in the middle.
const KILLED_ROUNDS: usize = 10;
const MEMBERS: usize = 16;

#[tokio::test(flavor = "multi_thread")]
async fn what_members_were_told_survives_kills_while_they_click() {
    let stage = Stage::for_processes().await;
    let members: Vec<Actor> = (0..MEMBERS).map(|place| join(&stage, place)).collect();
    let mut bot = stage.run_process().await;
    let zone = zone_at_noon();
    stage.set_daily("11:00", &zone, &[("days", json!("daily")), ("thread", json!(false))]).await;
    stage.ask(stage.mona, "daily post-now", &[]).await;
    let mut interrupted = 0;
    for number in 1..=KILLED_ROUNDS {
        if number > 1 {
            click_extra(&stage, extra_button(&stage).await);
        }
        eventually("the next round is there", || stage.rounds().len() == number).await;
        let told = all_click_until_the_kill(&stage, &members, number, bot).await;
        bot = stage.run_process().await;
        for (place, member) in members.iter().enumerate() {
            if told.contains(&place) {
                let streak = said(&member.command(stage.channel, "streak", &[]).await.unwrap());
                let wanted = format!("You have taken part in round #{number}.");
                assert!(streak.contains(&wanted), "member {place}: {streak}");
            } else {
                interrupted += 1;
                assert!(take_part(&stage, member, place).await, "member {place}");
            }
        }
    }
    assert!(interrupted > 0, "no kill came in the middle");
    for member in &members {
        let options = [("kind", json!("all"))];
        let board = member.command(stage.channel, "leaderboard", &options).await.unwrap();
        let own = format!("You: 1st — **{KILLED_ROUNDS}** rounds");
        assert!(said(&board).contains(&own), "{}", said(&board));
        let streak = said(&member.command(stage.channel, "streak", &[]).await.unwrap());
        assert!(streak.contains(&format!("Streak\n{KILLED_ROUNDS} rounds")), "{streak}");
    }
    bot.stop().await;
    stage.finish().await;
}

fn join(stage: &Stage, place: usize) -> Actor {
    let user = stage.sim.add_user(&format!("member{place}"), &format!("Member {place}"));
    stage.sim.add_member(stage.guild, user, &[]);
    stage.actor(user)
}

/// Lets all members take part in the newest round at once, and kills the bot as soon as `kill_at`
/// of them were told that they did. Returns who was told so.
async fn all_click_until_the_kill(
    stage: &Stage,
    members: &[Actor],
    kill_at: usize,
    bot: Process,
) -> BTreeSet<usize> {
    let told = Arc::new(Mutex::new(BTreeSet::new()));
    let (tell, mut hear) = mpsc::unbounded_channel();
    let round = (stage.channel, stage.newest_round().id);
    let mut clicks = JoinSet::new();
    for (place, member) in members.iter().cloned().enumerate() {
        let (told, tell) = (Arc::clone(&told), tell.clone());
        clicks.spawn(async move {
            if take_part_in(round, &member, place).await {
                told.lock().unwrap().insert(place);
                tell.send(()).unwrap();
            }
        });
    }
    for _ in 0..kill_at {
        tokio::time::timeout(PATIENCE, hear.recv()).await.expect("an answer");
    }
    bot.kill();
    stage.offline().await;
    // What had arrived before the kill is still read; nobody waits for what will not come.
    tokio::time::sleep(Duration::from_millis(50)).await;
    clicks.shutdown().await;
    let told = told.lock().unwrap();
    told.clone()
}

async fn take_part(stage: &Stage, member: &Actor, place: usize) -> bool {
    take_part_in((stage.channel, stage.newest_round().id), member, place).await
}

/// Takes part, every second member by an answer and the others by the quiz. Returns whether the
/// bot said that it counts.
async fn take_part_in((channel, round): (Id, Id), member: &Actor, place: usize) -> bool {
    let by_answer = place.is_multiple_of(2);
    let verb = if by_answer { "Answer" } else { "Quiz" };
    let opened = member.click_label(channel, round, verb).await.unwrap();
    let response = match (opened.modal(), opened.message()) {
        (Some(form), _) => member.submit(form, &[("text", "It depends.")]).await.unwrap(),
        (_, Some(quiz)) if quiz.button("A").is_some() => {
            member.click_label(channel, quiz.id, "A").await.unwrap()
        }
        // A quiz that the killed bot had written down before it could say so.
        (_, Some(quiz)) => return quiz.text().contains("You have had your one try"),
        (None, None) => return false,
    };
    let text = response.message().map(MessageView::text).unwrap_or_default();
    let all = ["You are in.", "You have taken part in round"];
    all.iter().any(|words| text.contains(words))
}
