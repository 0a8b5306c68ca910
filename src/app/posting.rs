//! Posting exactly once: claim (durable) → send (with the nonce) → confirm (durable) → decorate →
//! close the round before. Each part can be repeated after a crash or a fault: what was claimed
//! is looked for before it is sent again.

use super::{
    App, Signal,
    messenger::{MessengerError, Refusal, RoundCard},
};
use crate::{
    bank::Bank,
    domain::{
        daily::{Claim, Daily, Pause},
        deck::Deck,
        ids::{DailyId, GuildId, QuestionId},
        round::{Post, Round, Step, StepName, Tally},
        schedule::{Due, Verdict, judge},
    },
    error::{Fault, Mistake, Result},
};
use jiff::{Timestamp, civil::Date};

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
    /// Looks at a daily whose time may have come: claims its round, or skips the days for which
    /// it is too late.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn claim_due(&self, id: DailyId, now: Timestamp) -> Result<DueOutcome> {
        let bank = self.bank();
        let claimed = self.store.claim(id, |daily| {
            let Some(due) = self.next_worth_posting(daily, now) else { return Ok(None) };
            let until = due.at.checked_add(self.catch_up).ok();
            Ok(self
                .draw(&bank, daily, now)
                .map(|(question, deck)| claim(daily, question, deck, due.date, false, until, now)))
        });
        let daily = claimed.await?;
        Ok(match daily.and_then(|daily| daily.claim) {
            Some(claim) => {
                tracing::info!(daily = id.0, round = claim.number, "claimed");
                DueOutcome::Claimed(claim.number)
            }
            None => DueOutcome::Nothing,
        })
    }

    /// Steps over the days that went by while the bot was away, and says what is due now.
    fn next_worth_posting(&self, daily: &mut Daily, now: Timestamp) -> Option<Due> {
        daily.due_at()?;
        while let Some(due) = daily.next_due {
            match judge(&due, now, self.catch_up) {
                Verdict::Wait => return None,
                Verdict::Post => return Some(due),
                Verdict::TooLate => {
                    tracing::warn!(
                        daily = daily.id.0, date = %due.date,
                        "missed: the bot was away for longer than the catch-up window"
                    );
                    daily.last_missed = Some(due.date);
                    daily.reschedule(due.at);
                }
            }
        }
        None
    }

    /// Draws the next question, or pauses the daily where there is none.
    fn draw(&self, bank: &Bank, daily: &mut Daily, now: Timestamp) -> Option<(QuestionId, Deck)> {
        let drawn = daily.deck.draw(&bank.matching(&daily.settings.filter));
        if drawn.is_none() {
            tracing::warn!(daily = daily.id.0, %now, "paused: no question matches");
            daily.pause = Some(Pause::NoQuestions);
        }
        drawn
    }

    /// Posts the day's round now, unless it is out already.
    ///
    /// # Errors
    /// Mistakes for a daily that is paused, has nothing to ask, or cannot post; store faults.
    pub async fn post_now(&self, id: DailyId, now: Timestamp) -> Result<PostNow> {
        self.claim_now(id, now, None).await
    }

    /// Posts an extra round, if the newest one has that number: asked twice, it posts once.
    ///
    /// # Errors
    /// As [`App::post_now`], and where another round was posted meanwhile.
    pub async fn post_extra(
        &self,
        guild: GuildId,
        id: DailyId,
        newest: u32,
        now: Timestamp,
    ) -> Result<PostNow> {
        self.daily_in(guild, id)?;
        self.claim_now(id, now, Some(newest)).await
    }

    async fn claim_now(&self, id: DailyId, now: Timestamp, extra: Option<u32>) -> Result<PostNow> {
        let bank = self.bank();
        let mut already = None;
        let claimed = self.store.claim(id, |daily| {
            if daily.pause.is_some() {
                return Err(Mistake::Paused { name: daily.settings.name.clone() }.into());
            }
            if daily.claim.is_some() {
                return Err(Mistake::PostUnderWay.into());
            }
            if extra.is_some_and(|newest| newest != daily.rounds) {
                return Err(Mistake::RoundPostedMeanwhile { number: daily.rounds }.into());
            }
            let today = daily.settings.schedule.local_date(now);
            let is_out = daily.last_date.is_some_and(|last| last >= today);
            if is_out && extra.is_none() {
                already = Some(daily.clone());
                return Ok(None);
            }
            let drawn = self.draw(&bank, daily, now).ok_or(Mistake::NothingMatches)?;
            Ok(Some(claim(daily, drawn.0, drawn.1, today, is_out, None, now)))
        });
        let claimed = claimed.await?;
        self.signal(Signal::Schedule);
        match (claimed.and_then(|daily| daily.claim), already) {
            (Some(claim), _) => self.post_claimed_now(id, claim.number, now).await,
            (None, Some(daily)) => Ok(PostNow::AlreadyOut(Box::new(daily))),
            (None, None) => Err(Mistake::NoDaily.into()),
        }
    }

    async fn post_claimed_now(&self, id: DailyId, number: u32, now: Timestamp) -> Result<PostNow> {
        let outcome = self.work(id, number, true, now).await?;
        self.signal(Signal::Work(id, number));
        self.signal(Signal::Work(id, number - 1));
        match self.store.round(id, number)? {
            Some(round) => Ok(PostNow::Posted(Box::new(round))),
            None => match self.store.daily(id)?.and_then(|daily| daily.pause) {
                Some(Pause::Refused(reason)) => Err(Mistake::PostFailed { reason }.into()),
                _ => {
                    tracing::warn!(daily = id.0, round = number, ?outcome, "the post is delayed");
                    Ok(PostNow::Delayed)
                }
            },
        }
    }

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
        let Some(daily) = self.store.daily(id)? else { return Ok(WorkOutcome::Done) };
        if let Some(claim) = daily.claim.as_ref().filter(|claim| claim.number == number)
            && let Some(reason) = self.send(&daily, claim, fresh, now).await?
        {
            return Ok(WorkOutcome::TryAgain(reason));
        }
        let Some(mut round) = self.store.round(id, number)? else { return Ok(WorkOutcome::Done) };
        while let Some(step) = round.next_step() {
            match self.do_step(&daily, &round, step).await? {
                Ok(after) => round = after,
                Err(reason) => return Ok(WorkOutcome::TryAgain(reason)),
            }
        }
        Ok(if round.count_is_behind() { WorkOutcome::CountBehind } else { WorkOutcome::Done })
    }

    /// Edits the number of those who took part into the open round's message.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn show_count(&self, id: DailyId, number: u32) -> Result<WorkOutcome> {
        let Some(daily) = self.store.daily(id)? else { return Ok(WorkOutcome::Done) };
        let Some(round) = self.store.round(id, number)? else { return Ok(WorkOutcome::Done) };
        if !round.count_is_behind() {
            return Ok(WorkOutcome::Done);
        }
        let edited = self.messenger.edit(round.post, &self.card(&daily, &round)).await;
        match edited {
            Err(MessengerError::Unavailable(reason)) => return Ok(WorkOutcome::TryAgain(reason)),
            Err(MessengerError::Refused(refusal)) => {
                tracing::warn!(daily = id.0, round = number, %refusal, "the count is not shown");
            }
            Ok(()) => {}
        }
        let shown = round.tally.took_part;
        let after = self.store.update_round(id, number, |round| round.shown = shown).await?;
        let behind = after.is_some_and(|round| round.count_is_behind());
        Ok(WorkOutcome::CountShown { behind })
    }

    /// Sends a claimed round. Returns why it has to be tried again, if it has.
    async fn send(
        &self,
        daily: &Daily,
        claim: &Claim,
        fresh: bool,
        now: Timestamp,
    ) -> Result<Option<String>> {
        match self.find_or_send(daily, claim, fresh, now).await {
            Ok(Some(post)) => {
                let round = self.store.confirm(daily.id, claim.number, post).await?;
                tracing::info!(daily = daily.id.0, round = claim.number, "posted");
                if let Some(before) = round.and_then(|round| round.number.checked_sub(1)) {
                    self.signal(Signal::Work(daily.id, before));
                }
                Ok(None)
            }
            Ok(None) => self.give_up(daily, claim, None).await,
            Err(MessengerError::Refused(refusal)) => {
                self.give_up(daily, claim, Some(refusal)).await
            }
            Err(MessengerError::Unavailable(reason)) => Ok(Some(reason)),
        }
    }

    /// The round's message: found, or sent; `None` where it is too late to send it.
    async fn find_or_send(
        &self,
        daily: &Daily,
        claim: &Claim,
        fresh: bool,
        now: Timestamp,
    ) -> Result<Option<Post>, MessengerError> {
        let channel = daily.settings.channel;
        if !fresh {
            let found =
                self.messenger.find(daily.guild, channel, daily.id, claim.number, claim.at).await?;
            if found.is_some() || claim.until.is_some_and(|until| now > until) {
                return Ok(found);
            }
        }
        let card = self.new_card(daily, claim.number, &claim.question);
        self.messenger.send(channel, &card, &claim.nonce).await.map(Some)
    }

    /// Takes a claim back: with a refusal the daily pauses, without one the day is missed.
    async fn give_up(
        &self,
        daily: &Daily,
        claim: &Claim,
        refusal: Option<Refusal>,
    ) -> Result<Option<String>> {
        tracing::warn!(
            daily = daily.id.0, round = claim.number, date = %claim.date, ?refusal,
            "the post is given up"
        );
        let abandon = |daily: &mut Daily| {
            // The round may have been confirmed meanwhile by a click on its message.
            if daily.claim.as_ref().is_some_and(|current| current.nonce == claim.nonce) {
                daily.abandon(claim);
                match &refusal {
                    Some(refusal) => daily.pause = Some(Pause::Refused(refusal.to_string())),
                    None => daily.last_missed = Some(claim.date),
                }
            }
            Ok(())
        };
        self.store.update_daily(daily.id, abandon).await?;
        self.signal(Signal::Schedule);
        Ok(None)
    }

    /// Does one step and records how it went; the inner error is a reason to try again.
    async fn do_step(
        &self,
        daily: &Daily,
        round: &Round,
        step: StepName,
    ) -> Result<Result<Round, String>> {
        let mut thread = None;
        let card = self.card(daily, round);
        let outcome = match step {
            StepName::Thread => {
                self.messenger.start_thread(round.post, &card).await.map(|id| thread = Some(id))
            }
            StepName::Pin => self.messenger.pin(round.post).await,
            StepName::Results => self.messenger.edit(round.post, &card).await,
            StepName::Unpin => self.messenger.unpin(round.post).await,
        };
        let state = match outcome {
            Ok(()) => Step::Done,
            Err(MessengerError::Unavailable(reason)) => return Ok(Err(reason)),
            Err(MessengerError::Refused(refusal)) => {
                tracing::warn!(daily = daily.id.0, round = round.number, ?step, %refusal, "step given up");
                Step::GaveUp(refusal.to_string())
            }
        };
        let shown = round.tally.took_part;
        let update = |round: &mut Round| {
            // A round that closed meanwhile wants its new pin gone again.
            let closed_meanwhile = step == StepName::Pin && round.closed_at.is_some();
            if closed_meanwhile && state == Step::Done {
                round.unpin = Step::Pending;
            }
            *round.step_mut(step) = state;
            round.thread_id = thread.or(round.thread_id);
            if step == StepName::Results {
                round.shown = shown;
            }
        };
        let after = self.store.update_round(daily.id, round.number, update).await?;
        after
            .map(Ok)
            .ok_or_else(|| Fault::new("a round vanished while its message was made").into())
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

    /// The message of a round in which nobody has taken part yet.
    fn new_card(&self, daily: &Daily, number: u32, question: &QuestionId) -> RoundCard {
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

    /// The guild's daily of that id; another guild's is none.
    pub(super) fn daily_in(&self, guild: GuildId, id: DailyId) -> Result<Daily> {
        let daily = self.store.daily(id)?.filter(|daily| daily.guild == guild);
        daily.ok_or_else(|| Mistake::StaleButton.into())
    }
}

fn claim(
    daily: &Daily,
    question: QuestionId,
    deck: Deck,
    date: Date,
    extra: bool,
    until: Option<Timestamp>,
    now: Timestamp,
) -> Claim {
    Claim {
        number: daily.rounds + 1,
        question,
        date,
        extra,
        until,
        at: now,
        nonce: format!("{:016x}", rand::random::<u64>()),
        deck,
        last_date_before: daily.last_date,
    }
}

/// The names of a question's topics.
pub(super) fn topic_names(
    bank: &Bank,
    question: &crate::domain::question::Question,
) -> Vec<String> {
    question
        .topics
        .iter()
        .map(|id| bank.topic(id).map_or_else(|| id.to_string(), |topic| topic.name.clone()))
        .collect()
}
