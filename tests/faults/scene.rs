//! Two guilds with a daily each. What happens to the one must not touch the other.

use crate::{
    journal::Journal,
    support::{Stage, acts::number_of, said},
};
use discord_sim::{ActError, ChannelKind, Clock, Id, Limits, MessageView, Options, Response};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};
use tracing::subscriber::DefaultGuard;
use whetstone::{bot::Bot, playground::clock};

/// When the dailies are due: on every day, at ten in the morning UTC.
const DUE: SignedDuration = SignedDuration::from_hours(10);

/// How long anything may take in real time, however slow the machine.
pub const PATIENCE: Duration = Duration::from_secs(150);

/// What the member of the troubled guild types.
pub const OWN_WORDS: &str = "Ada's own words.";

/// Both guilds, and what their members were told.
pub struct Scene {
    pub stage: Stage,
    pub journal: Journal,
    pub forum: Id,
    /// The other guild, its owner and its member.
    pub other: Other,
    /// Midnight of the day that it is.
    pub day: Timestamp,
    /// In how many rounds Ada was told that she is in.
    pub told: u32,
    /// The log's line at which the fault began.
    pub begun: usize,
    /// The same of serenity's own threads.
    pub aside: usize,
    _logging: DefaultGuard,
}

/// The guild next door.
pub struct Other {
    pub channel: Id,
    pub nora: Id,
    pub ben: Id,
    pub told: u32,
}

impl Scene {
    /// A stage in this thread with both dailies set up, in the troubled guild in a forum or a text
    /// channel.
    pub async fn set_up(in_forum: bool) -> Self {
        let (journal, logging) = Journal::of_this_thread();
        let day: Timestamp = "2026-03-02T00:00:00Z".parse().unwrap();
        let options = Options {
            clock: Clock::frozen(day + SignedDuration::from_hours(8)),
            limits: Limits::none(),
            deferred_wait: PATIENCE,
            ..Options::default()
        };
        let mut stage = Stage::on(options).await;
        let nora = stage.sim.add_user("nora", "Nora");
        let guild = stage.sim.add_guild("Next door", nora);
        let ben = stage.sim.add_user("ben", "Ben");
        stage.sim.add_member(guild, ben, &[]);
        let channel = stage.sim.add_channel(guild, "questions", ChannelKind::Text);
        let forum = stage.sim.add_channel(stage.guild, "forum", ChannelKind::Forum);
        stage.start_bot().await;
        let other = Other { channel, nora, ben, told: 0 };
        let mut scene = Self {
            stage,
            journal,
            forum,
            other,
            day,
            told: 0,
            begun: 0,
            aside: 0,
            _logging: logging,
        };
        scene.set_dailies(in_forum).await;
        scene
    }

    async fn set_dailies(&mut self, in_forum: bool) {
        let place = if in_forum { self.forum } else { self.stage.channel };
        let own = self.daily(place, !in_forum);
        let said = self.moderator("daily set", &own).await;
        assert!(said.contains("is set up"), "{said}");
        let theirs = self.daily(self.other.channel, false);
        let (nora, channel) = (self.stage.actor(self.other.nora), self.other.channel);
        let said = said_of(insist(|| nora.command(channel, "daily set", &theirs)).await);
        assert!(said.contains("is set up"), "{said}");
    }

    /// The options of a daily.
    pub fn daily(&self, channel: Id, decorated: bool) -> Vec<(&'static str, Value)> {
        vec![
            ("channel", json!(channel)),
            ("time", json!("10:00")),
            ("zone", json!("UTC")),
            ("days", json!("mon-sun")),
            ("thread", json!(decorated)),
            ("pin", json!(decorated)),
        ]
    }

    /// The moderator of the troubled guild uses a command.
    pub async fn moderator(&self, command: &str, options: &[(&str, Value)]) -> String {
        let mona = self.stage.actor(self.stage.mona);
        said_of(insist(|| mona.command(self.stage.channel, command, options)).await)
    }

    /// When today's rounds are due.
    pub fn due(&self) -> Timestamp {
        self.day + DUE
    }

    /// To nine o'clock of the next day, by way of whatever is due before.
    pub async fn next_morning(&mut self) {
        self.day += SignedDuration::from_hours(24);
        self.travel(self.day + SignedDuration::from_hours(9)).await;
    }

    /// Lets time pass, each due thing done at its time.
    pub async fn travel(&mut self, to: Timestamp) {
        let mut scheduling = self.bot().scheduling.clone();
        let passing = clock::travel(&self.stage.clock, &mut scheduling, to);
        tokio::time::timeout(PATIENCE, passing).await.expect("time passes");
    }

    /// Waits until the scheduler sleeps.
    pub async fn quiet(&self) {
        let mut scheduling = self.bot().scheduling.clone();
        let waiting = clock::settle(&self.stage.clock, &mut scheduling);
        tokio::time::timeout(PATIENCE, waiting).await.expect("the scheduler comes to rest");
    }

    fn bot(&self) -> &Bot {
        self.stage.bot.as_ref().unwrap()
    }

    /// The messages of all rounds of the troubled guild, the oldest first.
    pub fn rounds(&self) -> Vec<MessageView> {
        let mut rounds = self.stage.rounds_in(self.stage.channel);
        let posts = self.stage.sim.channels().into_iter();
        for post in posts.filter(|channel| channel.parent == Some(self.forum)) {
            rounds.extend(self.stage.rounds_in(post.id));
        }
        rounds.sort_by_key(|round| round.id);
        rounds
    }

    /// Today's round of the troubled guild.
    pub fn today(&self) -> Option<MessageView> {
        self.rounds().pop().filter(|round| round.id.timestamp() >= self.day)
    }

    /// The round before today's.
    fn before_today(&self) -> Option<MessageView> {
        self.rounds().into_iter().rfind(|round| round.id.timestamp() < self.day)
    }

    /// Today's round next door, once it is out.
    fn next_door(&self) -> Option<MessageView> {
        let newest = self.stage.rounds_in(self.other.channel).pop();
        newest.filter(|round| round.id.timestamp() >= self.day)
    }

    /// What is not as it should be after ten o'clock.
    pub fn amiss(&self, decorated: bool) -> Vec<&'static str> {
        let mut amiss = Vec::new();
        let Some(today) = self.today() else {
            return vec!["the round is not out"];
        };
        if today.id.timestamp() > self.due() + SignedDuration::from_secs(1) {
            amiss.push("the round is out, late");
        }
        if decorated && today.thread.is_none() {
            amiss.push("no thread");
        }
        if decorated && !today.pinned {
            amiss.push("no pin");
        }
        if let Some(before) = self.before_today() {
            if !before.text().contains("closed") {
                amiss.push("the round before open");
            }
            if before.pinned {
                amiss.push("the round before pinned");
            }
        }
        amiss
    }

    /// The other guild, at the very time: its round comes out when it is due, and its member's
    /// answer is taken. Called where today's rounds are due.
    pub async fn others_are_served(&mut self) {
        let out = within(|| self.next_door()).await.expect("the round next door is out");
        assert!(out.id.timestamp() <= self.due() + SignedDuration::from_secs(1), "in time");
        let ben = self.stage.actor(self.other.ben);
        let answered = answer(&ben, &out, "Ben's words.").await;
        assert!(answered.contains("You are in."), "{answered}");
        self.other.told += 1;
    }

    /// Ada takes part in today's round, which must be open.
    pub async fn ada_takes_part(&mut self) {
        let today = self.today().expect("a round");
        let answered = answer(&self.stage.actor(self.stage.ada), &today, OWN_WORDS).await;
        assert!(answered.contains("You are in."), "{answered}");
        self.told += 1;
    }

    /// Nothing is there twice, and all that was acknowledged is known.
    pub async fn check(&self) {
        let rounds = self.rounds();
        let numbers: Vec<u32> = rounds.iter().map(number_of).collect();
        let expected: Vec<u32> = (1..=numbers.len() as u32).collect();
        assert_eq!(numbers, expected, "each number once");
        let days = rounds.iter().map(|r| r.id.timestamp().to_string()[..10].to_owned());
        assert_eq!(days.collect::<BTreeSet<_>>().len(), rounds.len(), "one a day");
        let stage = &self.stage;
        let in_all = |text: String| {
            let line = text.lines().skip_while(|line| *line != "Rounds in all").nth(1);
            line.and_then(|line| line.parse::<u32>().ok()).unwrap_or(0)
        };
        let streak = |user: Id, channel: Id| async move {
            let actor = stage.actor(user);
            said_of(insist(|| actor.command(channel, "streak", &[])).await)
        };
        assert_eq!(in_all(streak(stage.ada, stage.channel).await), self.told, "of Ada");
        let (ben, channel) = (self.other.ben, self.other.channel);
        assert_eq!(in_all(streak(ben, channel).await), self.other.told, "of Ben");
    }
}

/// Answers a round through its form; what the member reads.
async fn answer(actor: &discord_sim::Actor, round: &MessageView, words: &str) -> String {
    let opened = insist(|| actor.click_label(round.channel, round.id, "Answer")).await;
    let modal = opened.modal().unwrap_or_else(|| panic!("a form, not {opened:?}"));
    let values = [("text", words)];
    said_of(insist(|| actor.submit(modal, &values)).await)
}

/// Acts again until the bot has answered: on a busy machine three seconds may be too short.
pub async fn insist<F>(act: impl Fn() -> F) -> Response
where
    F: Future<Output = Result<Response, ActError>>,
{
    let since = Instant::now();
    loop {
        match act().await.unwrap() {
            Response::Failed if since.elapsed() < PATIENCE => {}
            response => return response,
        }
    }
}

fn said_of(response: Response) -> String {
    said(&response)
}

/// Waits until something is there.
pub async fn within<T>(look: impl Fn() -> Option<T>) -> Option<T> {
    let since = Instant::now();
    while since.elapsed() < PATIENCE {
        if let Some(seen) = look() {
            return Some(seen);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    None
}
