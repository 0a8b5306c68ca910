//! Taking part in a round: answer, quiz, hint, reveal, grade, share.

use super::{App, Signal, messenger::MessengerError, posting::topic_names};
use crate::{
    domain::{
        daily::Daily,
        ids::{DailyId, GuildId, UserId},
        ledger::{ActOutcome, Change},
        question::{Choice, Question},
        round::{Act, Grade, Participation, Post, QuizResult, Round},
        shuffle,
    },
    error::{Mistake, Result},
};
use jiff::{SignedDuration, Timestamp};

/// How far Discord's clock may be behind ours.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(5);

/// Whose click it was, where, and when.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Click {
    /// The guild.
    pub guild: GuildId,
    /// The member.
    pub user: UserId,
    /// The time of the interaction itself.
    pub at: Timestamp,
    /// The message that was clicked on, where it is the round's own.
    pub post: Option<Post>,
}

/// A question as shown: with the names of its topics.
#[derive(Clone, PartialEq, Debug)]
pub struct Shown {
    /// The question.
    pub question: Question,
    /// The names of its topics.
    pub topics: Vec<String>,
}

/// A round with its question.
#[derive(Clone, PartialEq, Debug)]
pub struct RoundView {
    /// The daily.
    pub daily: Daily,
    /// The round.
    pub round: Round,
    /// What is asked.
    pub shown: Shown,
}

/// What an act led to.
#[derive(Clone, PartialEq, Debug)]
pub struct Acted {
    /// The round.
    pub view: RoundView,
    /// How the record changed; `None` for practice, once the round has closed.
    pub change: Option<Change>,
}

impl Acted {
    /// Whether the act made the member take part.
    pub fn newly_took_part(&self) -> bool {
        self.change.as_ref().is_some_and(|change| {
            change.before.took_part().is_none() && change.after.took_part().is_some()
        })
    }
}

/// A round's quiz as one member sees it.
#[derive(Clone, PartialEq, Debug)]
pub struct QuizView {
    /// The round.
    pub view: RoundView,
    /// The order of the choices, for [`crate::domain::question::Quiz::shuffled`].
    pub seed: u64,
    /// The member's one try, if it was used.
    pub result: Option<QuizResult>,
}

/// What became of sharing an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shared {
    /// It is in the thread.
    Done,
    /// One was there already.
    Already,
    /// The round has no thread.
    NoThread,
}

/// What a try at the quiz led to.
#[derive(Clone, PartialEq, Debug)]
pub struct QuizTried {
    /// The act.
    pub acted: Acted,
    /// The order of the choices.
    pub seed: u64,
    /// The choice that was picked.
    pub picked: usize,
    /// Whether it was right.
    pub right: bool,
    /// The earlier try, if this was not the first.
    pub earlier: Option<QuizResult>,
}

impl App {
    /// A round with its question. A click on the message of a round that is claimed but not yet
    /// confirmed confirms it: the message is evidently out.
    ///
    /// # Errors
    /// Mistakes for a foreign or unknown round and for a question that has left the bank.
    pub async fn round_view(&self, click: &Click, id: DailyId, number: u32) -> Result<RoundView> {
        let daily = self.daily_in(click.guild, id).await?;
        let round = self.round_clicked(click, &daily, number).await?;
        self.view_of(daily, round)
    }

    async fn round_clicked(&self, click: &Click, daily: &Daily, number: u32) -> Result<Round> {
        let claim = daily.claim.as_ref().filter(|claim| claim.number == number);
        // A message that is older than the claim belongs to a claim that was given up.
        let is_its = |post: &Post| claim.is_some_and(|claim| post.at >= claim.at - CLOCK_SKEW);
        let round = match click.post.filter(is_its) {
            Some(post) => {
                let round = self.confirm(daily.id, number, post).await;
                self.signal(Signal::Work(daily.id, number));
                round?
            }
            None => self.store.round(daily.id, number).await?,
        };
        round.ok_or_else(|| Mistake::UnknownRound { number }.into())
    }

    /// What is asked in a round, for the form in which it is answered; a round can be answered
    /// though its question has left the bank.
    ///
    /// # Errors
    /// Mistakes for a foreign or unknown round.
    pub async fn round_title(
        &self,
        click: &Click,
        id: DailyId,
        number: u32,
    ) -> Result<Option<String>> {
        let daily = self.daily_in(click.guild, id).await?;
        let round = self.round_clicked(click, &daily, number).await?;
        Ok(self.bank().get(&round.question).map(|question| question.title.clone()))
    }

    fn view_of(&self, daily: Daily, round: Round) -> Result<RoundView> {
        let bank = self.bank();
        let question = bank.get(&round.question).cloned().ok_or(Mistake::QuestionGone)?;
        let topics = topic_names(&bank, &question);
        Ok(RoundView { daily, round, shown: Shown { question, topics } })
    }

    /// The newest round of a daily.
    ///
    /// # Errors
    /// A mistake where nothing was posted yet.
    pub async fn newest_round(&self, daily: Daily) -> Result<RoundView> {
        let round = self.store.round(daily.id, daily.rounds).await?;
        let no_round = || Mistake::NoRoundYet { name: daily.settings.name.clone() };
        let round = round.ok_or_else(no_round)?;
        self.view_of(daily, round)
    }

    /// Records that a member sent an answer. The text is not stored.
    ///
    /// # Errors
    /// As [`App::round_view`].
    pub async fn answer(&self, click: &Click, id: DailyId, number: u32) -> Result<Acted> {
        self.act(click, id, number, Act::Answered).await
    }

    /// Records that a member looked at the model answer.
    ///
    /// # Errors
    /// As [`App::round_view`].
    pub async fn reveal(&self, click: &Click, id: DailyId, number: u32) -> Result<Acted> {
        self.act(click, id, number, Act::Revealed).await
    }

    /// Records a member's grade.
    ///
    /// # Errors
    /// As [`App::round_view`]; a grade needs an answer or a reveal before it.
    pub async fn grade(
        &self,
        click: &Click,
        id: DailyId,
        number: u32,
        grade: Grade,
    ) -> Result<Acted> {
        let part = self.store.participation(id, number, click.user).await?;
        if part.answered.is_none() && part.revealed.is_none() {
            let view = self.round_view(click, id, number).await?;
            if view.round.is_open_at(click.at) {
                return Err(Mistake::GradeBeforeReveal.into());
            }
        }
        self.act(click, id, number, Act::Graded(grade)).await
    }

    /// The quiz of a round, in this member's order.
    ///
    /// # Errors
    /// As [`App::round_view`].
    pub async fn quiz(&self, click: &Click, id: DailyId, number: u32) -> Result<QuizView> {
        let view = self.round_view(click, id, number).await?;
        let result = self.store.participation(id, number, click.user).await?.quiz;
        let seed = quiz_seed(&view.daily, number, click.user);
        Ok(QuizView { view, seed, result })
    }

    /// A try at the quiz. Only the first counts.
    ///
    /// # Errors
    /// As [`App::round_view`].
    pub async fn try_quiz(
        &self,
        click: &Click,
        id: DailyId,
        number: u32,
        picked: usize,
    ) -> Result<QuizTried> {
        let QuizView { view, seed, result } = self.quiz(click, id, number).await?;
        let right = choice(&view.shown.question, seed, picked)?.right;
        let acted = match result {
            Some(_) => Acted { view, change: None },
            None => self.act(click, id, number, Act::Quiz { right }).await?,
        };
        // Of two quick clicks the one that was stored counts.
        let stored = acted.change.as_ref().and_then(|change| change.before.quiz);
        Ok(QuizTried { acted, seed, picked, right, earlier: result.or(stored) })
    }

    /// Posts a member's answer in the round's thread, once.
    ///
    /// # Errors
    /// Mistakes for a foreign or unknown round, and where the thread does not take it.
    pub async fn share(
        &self,
        click: &Click,
        id: DailyId,
        number: u32,
        answer: &str,
    ) -> Result<Shared> {
        let daily = self.daily_in(click.guild, id).await?;
        let round = self.round_clicked(click, &daily, number).await?;
        let Some(thread) = round.thread_id else { return Ok(Shared::NoThread) };
        if self.store.participation(id, number, click.user).await?.shared.is_some() {
            return Ok(Shared::Already);
        }
        let message = self.wording.shared(click.user, answer);
        let nonce = share_nonce(id, number, click.user);
        if let Err(error) = self.messenger.say(thread, &message, &nonce).await {
            tracing::warn!(daily = id.0, round = number, %error, "an answer could not be shared");
            let passing = matches!(error, MessengerError::Unavailable(_));
            return Err(Mistake::ShareFailed { passing }.into());
        }
        // In a closed round nothing is stored; there Discord alone refuses the second one.
        self.store.act(id, number, click.user, click.at, Act::Shared).await?;
        Ok(Shared::Done)
    }

    async fn act(&self, click: &Click, id: DailyId, number: u32, act: Act) -> Result<Acted> {
        let daily = self.daily_in(click.guild, id).await?;
        self.round_clicked(click, &daily, number).await?;
        // It counts even where the question has left the bank and there is nothing to show.
        match self.store.act(id, number, click.user, click.at, act).await? {
            ActOutcome::Recorded(change) => {
                if change.round.has_work() {
                    self.signal(Signal::Work(id, number));
                }
                let view = self.view_of(daily, change.round.clone())?;
                Ok(Acted { view, change: Some(*change) })
            }
            ActOutcome::Late(round) => {
                Ok(Acted { view: self.view_of(daily, *round)?, change: None })
            }
            ActOutcome::UnknownRound => Err(Mistake::UnknownRound { number }.into()),
        }
    }

    /// What a member has done in a round so far.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn participation(&self, view: &RoundView, user: UserId) -> Result<Participation> {
        Ok(self.store.participation(view.round.daily, view.round.number, user).await?)
    }
}

/// The choice at a place in a member's order.
pub(super) fn choice(question: &Question, seed: u64, picked: usize) -> Result<Choice<'_>> {
    let choices = question.quiz.shuffled(seed);
    choices.get(picked).copied().ok_or_else(|| Mistake::StaleButton.into())
}

fn quiz_seed(daily: &Daily, number: u32, user: UserId) -> u64 {
    shuffle::position(daily.deck.seed, u64::from(number), &user.to_string())
}

/// Sets the nonces of shared answers apart from other uses of the hash.
const SHARE_SEED: u64 = 0x5_4A2E;

/// The same for the same member and round, and no longer than the 25 characters that Discord takes.
/// <https://discord.com/developers/docs/resources/message#create-message>
fn share_nonce(daily: DailyId, number: u32, author: UserId) -> String {
    let whose = format!("{daily} {number} {author}");
    format!("{:016x}", shuffle::position(SHARE_SEED, 0, &whose))
}
