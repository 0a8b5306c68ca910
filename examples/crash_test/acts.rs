//! What members and the moderator do, at random, and what they are told. Whatever is done is
//! noted before the bot can know of it, and its answer when it has come.

use super::{
    model::{Deed, Order, Setup, Told, Try, record},
    support::Outcome,
    world::{Fault, Promise, World},
};
use discord_sim::{Actor, Id, MessageView, Pending, Response};
use jiff::tz::TimeZone;
use rand::{RngExt, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::{Value, json};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::task::JoinSet;

/// How many dailies there are at once, at most.
const DAILIES: usize = 4;

const ZONES: [&str; 7] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Tokyo",
    "Asia/Kolkata",
    "Pacific/Kiritimati",
    "Etc/GMT+12",
];

const QUESTIONS: [&str; 3] = ["api-versioning", "webhooks", "idempotency-in-rest"];

/// Lets everybody act until the tasks are ended.
pub fn everybody(world: &World, rng: &mut StdRng) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    for place in 0..world.members.len() {
        let (world, rng) = (world.clone(), StdRng::seed_from_u64(rng.random()));
        tasks.spawn(member(world, place, rng));
    }
    tasks.spawn(moderator(world.clone(), StdRng::seed_from_u64(rng.random())));
    tasks
}

async fn nap(rng: &mut StdRng, most: u64) {
    tokio::time::sleep(Duration::from_millis(rng.random_range(0..=most))).await;
}

/// A round that is open, as far as anybody sees.
struct Open {
    daily: String,
    number: u32,
    message: MessageView,
}

async fn member(world: World, place: usize, mut rng: StdRng) {
    let Some((id, turn)) = world.members.get(place) else { return };
    let actor = world.sim.user(*id);
    loop {
        nap(&mut rng, 40).await;
        let _turn = turn.lock().await;
        let Some(open) = an_open_round(&world, &mut rng) else { continue };
        let acting = Acting { world: &world, actor: &actor, open: &open };
        // A client that refuses, because a message has changed meanwhile, is no fault.
        let _ = match rng.random_range(0..10) {
            0..4 => acting.answer(&mut rng).await,
            4..7 => acting.quiz(&mut rng).await,
            _ => acting.reveal(&mut rng).await,
        };
    }
}

fn an_open_round(world: &World, rng: &mut StdRng) -> Option<Open> {
    let live: Vec<(String, Id)> = {
        let state = world.state();
        let live = state.dailies.iter().filter(|(_, daily)| !daily.setups.contains(&None));
        live.map(|(name, daily)| (name.clone(), daily.channel)).collect()
    };
    let (daily, channel) = live.choose(rng)?.clone();
    let (number, message) = world.rounds(channel).pop()?;
    Some(Open { daily, number, message })
}

/// A member at an open round.
struct Acting<'a> {
    world: &'a World,
    actor: &'a Actor,
    open: &'a Open,
}

impl Acting<'_> {
    async fn answer(&self, rng: &mut StdRng) -> Outcome<()> {
        let (channel, message) = (self.open.message.channel, self.open.message.id);
        let opened = self.actor.click_label(channel, message, "Answer").await?;
        let modal = opened.modal().ok_or("no form")?;
        let pending = self.actor.start_submit(modal, &[("text", "It depends.")])?;
        let shown = self.deed(Deed::Answer, pending, taking_part).await?;
        match rng.random_range(0..4) {
            0 => self.grade(&shown, rng).await,
            1 if shown.button("Share in thread").is_some() => self.share(&shown).await,
            _ => Ok(()),
        }
    }

    async fn quiz(&self, rng: &mut StdRng) -> Outcome<()> {
        let (channel, message) = (self.open.message.channel, self.open.message.id);
        let opening = self.actor.start_click_label(channel, message, "Quiz")?;
        let tried = Try::begun(opening.id(), Deed::Quiz);
        let shown = opening.response().await;
        let quiz = shown.message().ok_or("no quiz")?;
        if let Some((_, rest)) = quiz.text().split_once("You have had your one try at this quiz") {
            let told = Told::Counts(Some(verdict(rest).to_owned()));
            self.world.state().tries(&self.open.daily, self.place(), Try { told, ..tried });
            return Ok(());
        }
        let letter = ["A", "B", "C", "D"].choose(rng).ok_or("no letter")?;
        let pending = self.actor.start_click_label(channel, quiz.id, letter)?;
        self.deed(Deed::Quiz, pending, quizzed).await.map(drop)
    }

    async fn reveal(&self, rng: &mut StdRng) -> Outcome<()> {
        let (channel, message) = (self.open.message.channel, self.open.message.id);
        let pending = self.actor.start_click_label(channel, message, "Reveal")?;
        let shown = self.deed(Deed::Reveal, pending, revealed).await?;
        if rng.random_bool(0.6) { self.grade(&shown, rng).await } else { Ok(()) }
    }

    async fn grade(&self, shown: &MessageView, rng: &mut StdRng) -> Outcome<()> {
        let label = ["Missed", "Partly", "Got it"].choose(rng).ok_or("no grade")?;
        let pending = self.actor.start_click_label(shown.channel, shown.id, label)?;
        self.deed(Deed::Grade, pending, graded).await.map(drop)
    }

    async fn share(&self, shown: &MessageView) -> Outcome<()> {
        let share = self.actor.click_label(shown.channel, shown.id, "Share in thread").await?;
        let text = share.message().map(MessageView::text).unwrap_or_default();
        let all = ["is in the round's thread", "shared an answer to this round already"];
        let is_ending = self.is_ending();
        let mut state = self.world.state();
        if all.iter().any(|words| text.contains(words)) {
            state.acknowledged += 1;
            if let Some(daily) = state.dailies.get_mut(&self.open.daily) {
                daily.told_shared.insert((self.open.number, self.actor.id()));
            }
        } else if !text.is_empty() && !is_ending {
            state.faults.push(Fault::wrong(format!("sharing was answered: {text}")));
        }
        Ok(())
    }

    /// Notes a deed, waits for its answer, and notes that.
    async fn deed(
        &self,
        deed: Deed,
        pending: Pending,
        read: fn(&str) -> Option<Told>,
    ) -> Outcome<MessageView> {
        let id = pending.id();
        let clear = !self.is_open();
        self.world.state().tries(&self.open.daily, self.place(), Try::begun(id, deed));
        let response = pending.response().await;
        let message = response.message().ok_or("no answer")?;
        let text = message.text();
        let Some(told) = read(&text) else {
            if !self.is_ending() {
                self.world.fault(Fault::wrong(format!("{deed:?} was answered: {text}")));
            }
            return Err("not told".into());
        };
        let counts = matches!(told, Told::Counts(_));
        let mut state = self.world.state();
        state.heard(&self.open.daily, self.place(), id, told);
        state.acknowledged += 1;
        if counts {
            state.promise(Promise::Did(self.open.daily.clone(), self.place(), deed));
        }
        drop(state);
        if clear {
            self.compare_streak(&text);
        }
        Ok(message.clone())
    }

    /// Who acts in which round.
    fn place(&self) -> (Id, u32) {
        (self.actor.id(), self.open.number)
    }

    fn is_open(&self) -> bool {
        let state = self.world.state();
        let daily = state.dailies.get(&self.open.daily);
        daily.is_none_or(|daily| daily.is_open(self.actor.id()))
    }

    /// Whether the daily may be gone: its removal is ordered.
    fn is_ending(&self) -> bool {
        let state = self.world.state();
        state.dailies.get(&self.open.daily).is_none_or(|daily| daily.setups.contains(&None))
    }

    /// The streak that the answer tells must be the one that follows from the rules.
    fn compare_streak(&self, text: &str) {
        let Some((_, rest)) = text.split_once("Your streak stands at **") else { return };
        let told: Option<u32> = rest.split('*').next().and_then(|number| number.parse().ok());
        let mut state = self.world.state();
        let Some(daily) = state.dailies.get(&self.open.daily) else { return };
        let rounds = daily.took_part(self.actor.id());
        let newest = rounds.last().copied().unwrap_or(0);
        let wanted = record(&rounds, newest).streak;
        if told != Some(wanted) {
            let text = format!("a streak of {told:?} was told, not {wanted}: {rounds:?}");
            state.faults.push(Fault::wrong(text));
        }
    }
}

fn verdict(text: &str) -> &'static str {
    if text.contains("right") { "right" } else { "wrong" }
}

fn is_late(text: &str) -> bool {
    text.contains("has closed, so this is practice")
}

fn taking_part(text: &str) -> Option<Told> {
    let all = ["You are in.", "You have taken part in round"];
    let counts = all.iter().any(|words| text.contains(words)).then_some(Told::Counts(None));
    if is_late(text) { Some(Told::CountsNot) } else { counts }
}

fn quizzed(text: &str) -> Option<Told> {
    let result = [
        ("**Right!**", "right"),
        ("**Not quite.**", "wrong"),
        ("Your one try was right", "right"),
        ("Your one try was wrong", "wrong"),
    ];
    let told = result.iter().find(|(words, _)| text.contains(words))?.1.to_owned();
    if is_late(text) { Some(Told::CountsNot) } else { Some(Told::Counts(Some(told))) }
}

fn revealed(text: &str) -> Option<Told> {
    let grade = text.contains("Grade your own answer").then_some(Told::Counts(None));
    grade.or_else(|| taking_part(text))
}

fn graded(text: &str) -> Option<Told> {
    if is_late(text) {
        return Some(Told::CountsNot);
    }
    let (_, rest) = text.split_once("graded yourself: **")?;
    Some(Told::Counts(rest.split('*').next().map(str::to_owned)))
}

async fn moderator(world: World, mut rng: StdRng) {
    let moderating = Moderating { world: &world, actor: world.sim.user(world.mona) };
    loop {
        nap(&mut rng, 20).await;
        let live: Vec<String> = {
            let state = world.state();
            let live = state.dailies.iter().filter(|(_, daily)| !daily.setups.contains(&None));
            live.map(|(name, _)| name.clone()).collect()
        };
        let name = live.choose(&mut rng).cloned();
        // A client that refuses, because a message has changed meanwhile, is no fault.
        let _ = match (rng.random_range(0..20), name) {
            (0..4, _) | (_, None) if live.len() < DAILIES => moderating.create(&mut rng).await,
            (0..9, Some(name)) => moderating.post(&name).await,
            (9..14, Some(name)) => moderating.credit(&name, &mut rng).await,
            (14..19, Some(name)) => moderating.order(&name, &mut rng).await,
            (_, Some(name)) if live.len() > 1 => moderating.remove(&name).await,
            _ => Ok(()),
        };
    }
}

/// Counts a post under way for as long as it lives.
struct Posting(Arc<AtomicUsize>);

impl Posting {
    fn begin(world: &World) -> Self {
        world.posting.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(&world.posting))
    }
}

impl Drop for Posting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The moderator.
struct Moderating<'a> {
    world: &'a World,
    actor: Actor,
}

impl Moderating<'_> {
    /// Sets up a daily whose first round is due already, or at the next full minute.
    async fn create(&self, rng: &mut StdRng) -> Outcome<()> {
        let _posting = Posting::begin(self.world);
        let name = format!("d{}", self.world.state().dailies.len() + 1);
        let channel = self.world.new_channel(&name);
        let now = match rng.random_bool(0.7) {
            true => self.world.discord_now(),
            false => self.world.now(),
        };
        let due = (now.as_second() + 20).div_euclid(60) * 60 + 60;
        let zone = ZONES.choose(rng).copied().unwrap_or("UTC");
        let local = TimeZone::get(zone)?.to_datetime(jiff::Timestamp::from_second(due)?);
        let setup = Setup {
            channel,
            time: local.strftime("%H:%M").to_string(),
            zone: zone.to_owned(),
            thread: rng.random_bool(0.7),
            pin: rng.random_bool(0.7),
            paused: false,
            skips: [].into(),
            banned: [].into(),
        };
        let daily = super::model::Daily::new(channel, due * 1000);
        self.world.state().dailies.insert(name.clone(), daily);
        self.set(&name, channel, setup).await
    }

    async fn set(&self, name: &str, channel: Id, setup: Setup) -> Outcome<()> {
        let options = [
            ("channel", json!(setup.channel)),
            ("time", json!(setup.time)),
            ("zone", json!(setup.zone)),
            ("name", json!(name)),
            ("days", json!("daily")),
            ("thread", json!(setup.thread)),
            ("pin", json!(setup.pin)),
        ];
        let pending = self.actor.start_command(channel, "daily set", &options)?;
        self.give(name, Order::Set(Box::new(setup)), pending).await
    }

    /// Notes an order, waits for its answer, and notes that.
    async fn give(&self, name: &str, order: Order, pending: Pending) -> Outcome<()> {
        let before = {
            let mut state = self.world.state();
            let daily = state.dailies.get_mut(name).ok_or("no daily")?;
            let before = daily.setups.clone();
            daily.ordered(&order);
            if matches!(order, Order::Remove) {
                state.promise(Promise::Ends(name.to_owned()));
            }
            before
        };
        let response = pending.response().await;
        let text = response.message().ok_or("no answer")?.text();
        let mut state = self.world.state();
        state.acknowledged += 1;
        let daily = state.dailies.get_mut(name).ok_or("no daily")?;
        if let Err(text) = daily.answered(&before, &order, &text) {
            state.faults.push(Fault::wrong(text));
        } else if matches!(order, Order::Set(_)) {
            state.promise(Promise::Exists(name.to_owned()));
        }
        Ok(())
    }

    async fn order(&self, name: &str, rng: &mut StdRng) -> Outcome<()> {
        let (channel, setup) = self.daily(name)?;
        let setup = setup.ok_or("not set up")?;
        let posted = !self.world.rounds(channel).is_empty();
        let named = ("daily", json!(name));
        match rng.random_range(0..5) {
            // A daily that waits for its first round is left alone, so that the round must come.
            0 | 1 if !posted => Ok(()),
            0 => self.say(name, channel, "daily pause", &[named], Order::Pause).await,
            1 => self.say(name, channel, "daily resume", &[named], Order::Resume).await,
            2 => {
                let date = format!("2099-01-{:02}", rng.random_range(1..20));
                let options = [("date", json!(date)), named];
                self.say(name, channel, "daily skip", &options, Order::Skip(date)).await
            }
            3 => {
                let question = (*QUESTIONS.choose(rng).ok_or("no question")?).to_owned();
                let options = [("question", json!(question)), named];
                self.say(name, channel, "daily ban", &options, Order::Ban(question)).await
            }
            _ => {
                let (thread, pin) = (rng.random(), rng.random());
                self.set(name, channel, Setup { thread, pin, ..setup }).await
            }
        }
    }

    async fn say(
        &self,
        name: &str,
        channel: Id,
        command: &str,
        options: &[(&str, Value)],
        order: Order,
    ) -> Outcome<()> {
        let pending = self.actor.start_command(channel, command, options)?;
        self.give(name, order, pending).await
    }

    async fn remove(&self, name: &str) -> Outcome<()> {
        let (channel, _) = self.daily(name)?;
        let named = [("daily", json!(name))];
        let asked = self.actor.command(channel, "daily remove", &named).await?;
        let question = asked.message().ok_or("no question")?.id;
        let button = "Remove it for good";
        let pending = self.actor.start_click_label(channel, question, button)?;
        self.give(name, Order::Remove, pending).await
    }

    async fn post(&self, name: &str) -> Outcome<()> {
        let _posting = Posting::begin(self.world);
        let (channel, _) = self.daily(name)?;
        let named = [("daily", json!(name))];
        let mut response = self.actor.command(channel, "daily post-now", &named).await?;
        let question = response.message().filter(|m| m.button("Post an extra round").is_some());
        if let Some(question) = question.map(|message| message.id) {
            response = self.actor.click_label(channel, question, "Post an extra round").await?;
        }
        self.note_post(name, &response);
        Ok(())
    }

    fn note_post(&self, name: &str, response: &Response) {
        let Some(text) = response.message().map(MessageView::text) else { return };
        let mut state = self.world.state();
        state.acknowledged += 1;
        let told = text.split_once("Round #").and_then(|(_, rest)| {
            let (number, link) = rest.split_once(" is out: ")?;
            Some((number.parse().ok()?, link.rsplit('/').next()?.parse().ok()?))
        });
        let others = ["is paused", "on its way already", "posted meanwhile"];
        if let Some((number, message)) = told {
            if let Some(daily) = state.dailies.get_mut(name) {
                daily.told_out.insert(number, message);
            }
            state.promise(Promise::Out(name.to_owned(), number));
        } else if !others.iter().any(|words| text.contains(words)) {
            state.faults.push(Fault::wrong(format!("posting was answered: {text}")));
        }
    }

    async fn credit(&self, name: &str, rng: &mut StdRng) -> Outcome<()> {
        let (channel, _) = self.daily(name)?;
        let rounds = self.world.rounds(channel).last().map_or(0, |(number, _)| *number);
        if rounds == 0 {
            return Ok(());
        }
        let number = rng.random_range(1..=rounds);
        let (member, turn) = self.world.members.choose(rng).ok_or("no member")?;
        let back = rng.random_bool(0.4);
        let _turn = turn.lock().await;
        let options = [
            ("member", json!(member)),
            ("round", json!(number)),
            ("take-back", json!(back)),
            ("daily", json!(name)),
        ];
        let pending = self.actor.start_command(channel, "daily credit", &options)?;
        let id = pending.id();
        let mut tried = Try::begun(id, Deed::Credit);
        if back {
            tried.at = -tried.at;
        }
        self.world.state().tries(name, (*member, number), tried);
        let response = pending.response().await;
        let text = response.message().ok_or("no answer")?.text();
        let done = ["is credited for round", "is taken back"];
        let refused = ["took part in that round already", "have no credit", "no round #"];
        let mut state = self.world.state();
        state.acknowledged += 1;
        let told = match () {
            () if done.iter().any(|words| text.contains(words)) => Told::Counts(None),
            () if refused.iter().any(|words| text.contains(words)) => Told::CountsNot,
            () => {
                state.faults.push(Fault::wrong(format!("a credit was answered: {text}")));
                return Ok(());
            }
        };
        state.heard(name, (*member, number), id, told);
        Ok(())
    }

    fn daily(&self, name: &str) -> Outcome<(Id, Option<Setup>)> {
        let state = self.world.state();
        let daily = state.dailies.get(name).ok_or("no daily")?;
        Ok((daily.channel, daily.setups.first().cloned().flatten()))
    }
}

/// How many tries are without an answer.
pub fn unanswered(world: &World) -> u64 {
    let state = world.state();
    let parts = state.dailies.values().flat_map(|daily| daily.parts.values());
    let tries = parts.flat_map(|part| &part.tries).filter(|tried| tried.told == Told::Nothing);
    let orders = state.dailies.values().filter(|daily| daily.setups.len() > 1);
    (tries.count() + orders.count()) as u64
}
