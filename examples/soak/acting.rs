//! The crowd that keeps the bot busy, and what became of each thing that somebody did.

use super::support::{Outcome, Team};
use discord_sim::{ActError, Actor, ChannelKind, Id, Options, Pending, Response, Sim};
use serde_json::json;
use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// How many members there are.
const MEMBERS: usize = 400;

/// How the gateway was when something was done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// It was connected until the answer came.
    Connected,
    /// It was cut before the answer came.
    Caught,
    /// It was cut already. Discord keeps these for three seconds at most.
    Cut,
}

impl Class {
    pub const ALL: [Self; 3] = [Self::Connected, Self::Caught, Self::Cut];
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connected => "while the gateway was connected",
            Self::Caught => "caught by a cut on the way",
            Self::Cut => "while the gateway was cut",
        })
    }
}

/// Something that somebody did.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    class: Class,
    took: Option<Duration>,
}

impl Sent {
    pub fn class(&self) -> Class {
        self.class
    }

    /// How long it took until it was acknowledged, if it was.
    pub fn millis(&self) -> Option<f64> {
        self.took.map(|took| took.as_secs_f64() * 1000.0)
    }
}

/// Everybody, and the Discord that they are on.
pub struct Crowd {
    pub sim: Sim,
    channel: Id,
    mona: Id,
    members: Vec<Id>,
    cuts: AtomicU64,
    /// Forms and quizzes that were sent off, each an interaction besides the one that opened it.
    second: AtomicU64,
    /// Everything that was done and has come to its end.
    pub sent: Mutex<Vec<Sent>>,
    wrong: Mutex<Vec<String>>,
}

impl Crowd {
    /// A server with many members and no bot yet. What the simulation keeps is bounded.
    ///
    /// # Errors
    /// It cannot be started.
    pub async fn gather() -> Outcome<Self> {
        let options = Options { record_capacity: 100, ..Options::default() };
        let Team { sim, guild, mona, members } = Team::gather(options, MEMBERS).await?;
        let channel = sim.add_channel(guild, "questions", ChannelKind::Text);
        let (sent, wrong) = (Mutex::default(), Mutex::default());
        let (cuts, second) = (AtomicU64::new(0), AtomicU64::new(0));
        Ok(Self { sim, channel, mona, members, cuts, second, sent, wrong })
    }

    /// Sets a daily up, and posts its first round.
    ///
    /// # Errors
    /// The bot does not answer.
    pub async fn set_up(&self) -> Outcome<()> {
        let mona = self.sim.user(self.mona);
        let (channel, days) = (json!(self.channel), json!("daily"));
        let options = [
            ("channel", channel),
            ("time", json!("09:30")),
            ("zone", json!("UTC")),
            ("days", days),
        ];
        mona.command(self.channel, "daily set", &options).await?;
        let posted = mona.command(self.channel, "daily post-now", &[]).await?;
        posted.message().map(drop).ok_or("nothing was posted".into())
    }

    /// Cuts the gateway.
    pub fn cut(&self) {
        self.cuts.fetch_add(1, Ordering::Relaxed);
        self.sim.gateway().cut();
    }

    pub fn resumes(&self) -> u64 {
        self.sim.gateway().stats().resumes
    }

    /// What was answered as it should not be.
    pub fn wrong(&self) -> Vec<String> {
        self.wrong.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The moderator posts a further round.
    pub async fn post(self: Arc<Self>) {
        let mona = self.sim.user(self.mona);
        let asked = mona.command(self.channel, "daily post-now", &[]).await;
        let question = asked.ok().and_then(|asked| asked.message().map(|message| message.id));
        let Some(question) = question else { return };
        // Where the gateway is cut just now, the next time will do.
        let _ = mona.click_label(self.channel, question, "Post an extra round").await;
    }

    /// Whether this turn was taken already by the second interaction of an earlier act.
    pub fn is_taken(&self) -> bool {
        let take = |second: u64| second.checked_sub(1);
        self.second.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }

    /// What somebody does: one interaction, or two where a form or a quiz opens.
    pub async fn act(self: Arc<Self>) {
        let place = rand::random_range(0..self.members.len());
        let Some(actor) = self.members.get(place).map(|member| self.sim.user(*member)) else {
            return;
        };
        if let Err(error) = self.one(&actor).await {
            self.complain(error.to_string());
        }
    }

    async fn one(&self, actor: &Actor) -> Result<(), ActError> {
        let newest = self.newest_round(actor);
        let channel = self.channel;
        let pending = match (rand::random_range(0..10), newest) {
            (0, _) | (_, None) => actor.start_command(channel, "streak", &[])?,
            (1, _) => actor.start_command(channel, "leaderboard", &[])?,
            (2, _) => {
                actor.start_command(channel, "question beginner", &[("private", json!(true))])?
            }
            (3 | 4, Some(round)) => actor.start_click_label(channel, round, "Answer")?,
            (5 | 6, Some(round)) => actor.start_click_label(channel, round, "Quiz")?,
            (7, Some(round)) => actor.start_click_label(channel, round, "Hint")?,
            (_, Some(round)) => actor.start_click_label(channel, round, "Reveal")?,
        };
        match self.until_answered(pending).await {
            Response::Modal(form) => {
                self.second.fetch_add(1, Ordering::Relaxed);
                let pending = actor.start_submit(&form, &[("text", "It depends.")])?;
                self.seen(actor, self.until_answered(pending).await);
            }
            Response::Message { message, .. } if message.button("A").is_some() => {
                self.second.fetch_add(1, Ordering::Relaxed);
                let pending = actor.start_click_label(channel, message.id, "B")?;
                self.seen(actor, self.until_answered(pending).await);
            }
            response => self.seen(actor, response),
        }
        Ok(())
    }

    /// Whether the gateway is connected, and how often it was cut and connected so far.
    fn connections(&self) -> (bool, u64) {
        let stats = self.sim.gateway().stats();
        let changes = self.cuts.load(Ordering::Relaxed) + stats.resumes + stats.identifies;
        (self.sim.gateway().connected() == 1, changes)
    }

    fn newest_round(&self, actor: &Actor) -> Option<Id> {
        let mut messages = actor.see(self.channel);
        messages.retain(|message| message.kind == 0 && !message.ephemeral);
        messages.iter().map(|message| message.id).max()
    }

    /// Waits for the answer, and notes how long it took.
    async fn until_answered(&self, pending: Pending) -> Response {
        let (begun, before) = (Instant::now(), self.connections());
        let response = pending.response().await;
        let took = (!response.is_failed()).then(|| begun.elapsed());
        let class = match (before.0, self.connections() == before) {
            (false, _) => Class::Cut,
            (true, false) => Class::Caught,
            (true, true) => Class::Connected,
        };
        let sent = Sent { class, took };
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).push(sent);
        response
    }

    /// Clears an answer away, and looks whether it is an apology.
    fn seen(&self, actor: &Actor, response: Response) {
        let Some(message) = response.message() else { return };
        let text = message.text();
        if text.contains("Sorry, something went wrong") {
            self.complain(text);
        }
        if message.ephemeral {
            // It may be gone already.
            let _ = actor.dismiss(message.channel, message.id);
        }
    }

    fn complain(&self, text: String) {
        self.wrong.lock().unwrap_or_else(PoisonError::into_inner).push(text);
    }
}
