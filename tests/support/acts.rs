//! What members do in the longer stories, what they read of it, and what the bot logs meanwhile.
//! Each act takes a minute of simulated time, so that no two happen at the same instant.

use super::{Stage, eventually, said};
use discord_sim::{Id, MessageView};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    io,
    sync::{LazyLock, Mutex, PoisonError},
};
use tokio::runtime::{self, Handle};
use tracing_subscriber::fmt::MakeWriter;
use whetstone::{bank::Bank, domain::question::Question};

/// A member's record as `/streak` tells it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Told {
    pub streak: u32,
    pub best: u32,
    pub freezes: u32,
    pub rounds: u32,
}

/// Shortens the tables of the tests.
pub fn told(streak: u32, best: u32, freezes: u32, rounds: u32) -> Told {
    Told { streak, best, freezes, rounds }
}

/// A row of a board: rank, display name, score.
pub type Row = (u32, String, u32);

/// Shortens the tables of the tests.
pub fn rows(rows: &[(u32, &str, u32)]) -> Vec<Row> {
    rows.iter().map(|(rank, name, score)| (*rank, (*name).to_owned(), *score)).collect()
}

impl Stage {
    /// Lets a minute pass.
    pub fn minute(&self) {
        self.clock.advance(SignedDuration::from_mins(1));
    }

    /// The moderator uses a subcommand of `/daily`.
    pub async fn daily(&self, subcommand: &str, options: &[(&str, Value)]) -> String {
        self.minute();
        self.ask(self.mona, &format!("daily {subcommand}"), options).await
    }

    /// Waits until the scheduler sleeps until that instant.
    pub async fn wakes_at(&self, at: &str) {
        let at: Timestamp = at.parse().unwrap();
        let scheduling = self.bot.as_ref().unwrap().scheduling.clone();
        eventually(&format!("it wakes at {at}"), || scheduling.borrow().wakes_at == Some(at)).await;
    }

    /// A member answers the newest round through the form.
    pub async fn answers(&self, user: Id) -> MessageView {
        self.minute();
        self.answer(user, "It depends.").await
    }

    /// A member opens the quiz of the newest round.
    pub async fn opens_quiz(&self, user: Id) -> MessageView {
        self.minute();
        let round = self.newest_round();
        let opened = self.actor(user).click_label(self.channel, round.id, "Quiz").await.unwrap();
        opened.message().unwrap().clone()
    }

    /// A member picks a choice of an opened quiz of the newest round, and reads this.
    pub async fn picks(&self, user: Id, quiz: &MessageView, right: bool) -> String {
        self.minute();
        let letter = letter(question_of(&self.newest_round()), quiz, right);
        let picked = self.actor(user).click_label(self.channel, quiz.id, letter).await;
        said(&picked.unwrap())
    }

    /// A member takes the quiz of the newest round.
    pub async fn takes_quiz(&self, user: Id, right: bool) -> String {
        let quiz = self.opens_quiz(user).await;
        self.picks(user, &quiz, right).await
    }

    /// A member reveals the model answer of the newest round.
    pub async fn reveals(&self, user: Id) -> MessageView {
        self.minute();
        let round = self.newest_round();
        let shown = self.actor(user).click_label(self.channel, round.id, "Reveal").await.unwrap();
        shown.message().unwrap().clone()
    }

    /// A member grades themselves on what a reveal or an answer showed.
    pub async fn grades(&self, user: Id, shown: &MessageView, grade: &str) -> String {
        self.minute();
        let graded = self.actor(user).click_label(self.channel, shown.id, grade).await;
        said(&graded.unwrap())
    }

    /// What `/streak` tells a member of their record.
    pub async fn record(&self, user: Id) -> Told {
        let text = self.ask(user, "streak", &[]).await;
        let number = |name: &str| {
            let mut lines = text.lines().skip_while(|line| *line != name).skip(1);
            let value = lines.next().unwrap_or_else(|| panic!("{name} in {text}"));
            value.split(' ').next().unwrap().parse().unwrap_or_else(|_| panic!("{name} in {text}"))
        };
        // The title is "Streak" as well, so that field is found behind the description.
        let (_, fields) = text.split_once("\nStreak\n").expect("a streak");
        let streak = fields.split(' ').next().unwrap().parse().unwrap();
        let (best, freezes) = (number("Best"), number("Freezes left"));
        told(streak, best, freezes, number("Rounds in all"))
    }

    /// A board as the moderator reads it.
    pub async fn board(&self, kind: &str) -> Vec<Row> {
        let text = self.ask(self.mona, "leaderboard", &[("kind", json!(kind))]).await;
        text.lines().filter(|line| line.contains("<@")).map(|line| self.row(line)).collect()
    }

    fn row(&self, line: &str) -> Row {
        let (medal, rest) = line.split_once(" <@").unwrap();
        let (id, rest) = rest.split_once("> — **").unwrap();
        let rank = match medal {
            "🥇" => 1,
            "🥈" => 2,
            "🥉" => 3,
            number => number.trim_matches(['*', '.']).parse().unwrap(),
        };
        let score = rest.split_once("**").unwrap().0.parse().unwrap();
        (rank, self.name(id.parse().unwrap()), score)
    }

    /// The name that is shown for a member.
    pub fn name(&self, user: Id) -> String {
        let users = self.sim.users();
        users.into_iter().find(|known| known.id == user).unwrap().name
    }

    /// The numbers of the rounds in the channel and the instants of their messages' snowflakes.
    pub fn posted(&self) -> Vec<(u32, String)> {
        self.posted_in(self.channel)
    }

    /// The same for any channel.
    pub fn posted_in(&self, channel: Id) -> Vec<(u32, String)> {
        let rounds = self.rounds_in(channel);
        rounds.iter().map(|round| (number_of(round), round.id.timestamp().to_string())).collect()
    }

    /// The messages of the rounds in a channel, the oldest first.
    pub fn rounds_in(&self, channel: Id) -> Vec<MessageView> {
        let mut messages = self.sim.messages(channel);
        messages.retain(|message| message.author.bot && !message.ephemeral);
        messages.retain(|message| message.labels() == ["Answer", "Quiz", "Hint", "Reveal"]);
        messages
    }
}

/// Rounds as [`Stage::posted`] gives them.
pub fn rounds_at(rounds: &[(u32, &str)]) -> Vec<(u32, String)> {
    rounds.iter().map(|(number, at)| (*number, (*at).to_owned())).collect()
}

/// The number in a round's message.
pub fn number_of(round: &MessageView) -> u32 {
    let footer = round.embeds[0]["footer"]["text"].as_str().unwrap();
    footer.trim_start_matches('#').split(' ').next().unwrap().parse().unwrap()
}

/// The question that a round's message asks.
pub fn question_of(round: &MessageView) -> &'static Question {
    static BANK: LazyLock<Bank> = LazyLock::new(|| Bank::builtin().unwrap());
    let title = round.embeds[0]["title"].as_str().unwrap();
    BANK.iter().find(|question| question.title == title).unwrap()
}

/// The letter of the right choice in a member's quiz, or of a wrong one.
fn letter(question: &Question, quiz: &MessageView, right: bool) -> &'static str {
    let text = quiz.embeds[0]["description"].as_str().unwrap();
    let is_right = |letter: &str| text.contains(&format!("**{letter}** · {}", question.quiz.right));
    ["A", "B", "C", "D"].into_iter().find(|letter| is_right(letter) == right).unwrap()
}

/// The log of one test. Each has a runtime of its own, by which its lines are told from those of
/// the tests beside it.
#[derive(Clone, Copy)]
pub struct Journal(runtime::Id);

static WRITTEN: LazyLock<Mutex<HashMap<runtime::Id, Vec<u8>>>> = LazyLock::new(Mutex::default);

impl Journal {
    /// Keeps the log of the test that calls this, from here on.
    pub fn keep() -> Self {
        super::log();
        Self(Handle::current().id())
    }

    /// The lines that hold all of these words.
    pub fn lines(&self, words: &[&str]) -> Vec<String> {
        let written = WRITTEN.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = written.get(&self.0).map(Vec::as_slice).unwrap_or_default();
        let text = String::from_utf8_lossy(bytes);
        let fitting = text.lines().filter(|line| words.iter().all(|word| line.contains(word)));
        fitting.map(str::to_owned).collect()
    }
}

/// Where the log of all tests goes.
#[derive(Clone, Copy)]
pub struct Written;

impl MakeWriter<'_> for Written {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        *self
    }
}

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // What is logged outside of a runtime belongs to no test.
        if let Ok(test) = Handle::try_current() {
            let mut written = WRITTEN.lock().unwrap_or_else(PoisonError::into_inner);
            written.entry(test.id()).or_default().extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
