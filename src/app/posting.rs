//! Posting exactly once: claim (durable) → send (with the nonce) → confirm (durable) → decorate →
//! close the round before. Each part can be repeated after a crash or a fault: what was claimed
//! is looked for before it is sent again.

mod claim;
mod send;
mod steps;

use super::{
    App,
    messenger::{Draft, RoundCard},
};
use crate::{
    bank::Bank,
    domain::{
        daily::{Claim, Daily, NOTICE},
        ids::{DailyId, QuestionId},
        question::Question,
        round::{Round, Tally},
    },
    error::Result,
};
use jiff::Timestamp;

/// What became of a daily that was due.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DueOutcome {
    /// A round is claimed and waits to be sent.
    Claimed(u32),
    /// Nothing is to be posted now.
    Nothing,
}

/// What became of the work on a round's message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum WorkOutcome {
    /// Nothing is left.
    Done,
    /// All is done but for the count, which the message shows too low.
    CountBehind,
    /// The count was edited in.
    CountShown {
        /// Whether more people came meanwhile.
        behind: bool,
    },
    /// The platform had a fault: to be tried again later.
    TryAgain(String),
}

/// What became of a request to post now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PostNow {
    /// The round is out.
    Posted(Box<Round>),
    /// Today's round is out already; an extra one must be asked for.
    AlreadyOut(Box<Daily>),
    /// The platform had a fault; the round follows by itself.
    Delayed,
}

impl App {
    /// Does what is to be done for a round's message, in order, until nothing is left or the
    /// platform has a fault. `fresh` says that the round was claimed just now by this process, so
    /// that its message need not be looked for.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn work(
        &self,
        id: DailyId,
        number: u32,
        fresh: bool,
        now: Timestamp,
    ) -> Result<WorkOutcome> {
        let Some(daily) = self.store.daily(id).await? else { return Ok(WorkOutcome::Done) };
        if number == NOTICE {
            return self.tell(daily).await;
        }
        if let Some(claim) = daily.claim.as_ref().filter(|claim| claim.number == number)
            && let Some(reason) = self.send(&daily, claim, fresh, now).await?
        {
            return Ok(WorkOutcome::TryAgain(reason));
        }
        let Some(round) = self.store.round(id, number).await? else { return Ok(WorkOutcome::Done) };
        let mut again = None;
        for step in round.pending_steps() {
            again = again.or(self.do_step(id, number, step, now).await?);
        }
        let round = self.store.round(id, number).await?;
        Ok(match again {
            Some(reason) => WorkOutcome::TryAgain(reason),
            None if round.is_some_and(|round| round.has_work()) => WorkOutcome::CountBehind,
            None => WorkOutcome::Done,
        })
    }

    /// The round's message as it should look now.
    pub fn card(&self, daily: &Daily, round: &Round) -> RoundCard {
        let closed = round.closed_at.is_some();
        RoundCard {
            tally: round.tally,
            closed,
            ..self.new_card(daily, round.number, &round.question)
        }
    }

    /// A claimed round as it is posted.
    pub(super) fn draft(&self, daily: &Daily, claim: &Claim) -> Draft {
        let card = self.new_card(daily, claim.number, &claim.question);
        Draft {
            message: self.wording.round(&card),
            title: self.wording.thread_name(&card),
            ping: card.role,
        }
    }

    /// The message of a round in which nobody has taken part yet.
    pub(super) fn new_card(&self, daily: &Daily, number: u32, question: &QuestionId) -> RoundCard {
        let bank = self.bank();
        let question = bank.get(question).cloned();
        RoundCard {
            daily: daily.id,
            number,
            topics: question.as_ref().map(|q| topic_names(&bank, q)).unwrap_or_default(),
            question,
            role: daily.settings.role,
            tally: Tally::default(),
            closed: false,
        }
    }
}

/// The names of a question's topics.
pub(super) fn topic_names(bank: &Bank, question: &Question) -> Vec<String> {
    question
        .topics
        .iter()
        .map(|id| bank.topic(id).map_or_else(|| id.to_string(), |topic| topic.name.clone()))
        .collect()
}
