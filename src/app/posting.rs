//! Posting exactly once: claim (durable) → send (with the nonce) → confirm (durable) → decorate →
//! close the round before. Each part can be repeated after a crash or a fault: what was claimed
//! is looked for before it is sent again.

use super::{
    App, Signal,
    messenger::{Draft, MessengerError, Refusal, RoundCard},
};
use crate::{
    bank::Bank,
    domain::{
        daily::{Claim, Daily, NOTICE, Part, Pause},
        deck::Deck,
        ids::{DailyId, GuildId, QuestionId, UserId},
        round::{Post, Round, Step, StepName, Tally},
        schedule::{Due, Verdict, judge},
    },
    error::{Mistake, Result},
    telemetry::metrics::{self, Posting},
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

/// Why a claim is taken back.
#[derive(Debug)]
enum GivenUp {
    /// Discord does not take it.
    Refused(Refusal),
    /// The catch-up window has passed.
    TooLate,
    /// The daily was paused, the date skipped, or the question banned.
    NotWanted,
    /// The question has left the bank.
    QuestionGone,
}

impl GivenUp {
    fn outcome(&self) -> Posting {
        match self {
            Self::Refused(_) => Posting::Refused,
            Self::TooLate => Posting::Missed,
            Self::NotWanted | Self::QuestionGone => Posting::Withdrawn,
        }
    }
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
            let until = self.until(due.at);
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
            None => {
                // It may have been paused for want of questions.
                self.signal(Signal::Work(id, NOTICE));
                DueOutcome::Nothing
            }
        })
    }

    /// Steps over the days that went by while the bot was away, and says what is due now.
    fn next_worth_posting(&self, daily: &mut Daily, now: Timestamp) -> Option<Due> {
        daily.due_at()?;
        while let Some(due) = daily.next_due {
            match judge(&due, now, self.policy.catch_up) {
                Verdict::Wait => return None,
                Verdict::Post => return Some(due),
                Verdict::TooLate => {
                    tracing::warn!(
                        daily = daily.id.0, date = %due.date,
                        "missed: the bot was away for longer than the catch-up window"
                    );
                    metrics::round(Posting::Missed);
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
            daily.fails(Part::Post, "no question matches its levels and topics".to_owned(), now);
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
        self.daily_in(guild, id).await?;
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
            Ok(Some(claim(daily, drawn.0, drawn.1, today, is_out, self.until(now), now)))
        });
        let claimed = claimed.await;
        // Also where the claim is written but could not be committed: the scheduler sees to it.
        self.signal(Signal::Schedule);
        let claimed = claimed?;
        match (claimed.and_then(|daily| daily.claim), already) {
            (Some(claim), _) => self.post_claimed_now(id, claim.number, now).await,
            (None, Some(daily)) => Ok(PostNow::AlreadyOut(Box::new(daily))),
            (None, None) => Err(Mistake::NoDaily.into()),
        }
    }

    async fn post_claimed_now(&self, id: DailyId, number: u32, now: Timestamp) -> Result<PostNow> {
        let outcome = self.work(id, number, true, now).await;
        self.signal(Signal::Work(id, number));
        let outcome = outcome?;
        match self.store.round(id, number).await? {
            Some(round) => Ok(PostNow::Posted(Box::new(round))),
            None => match self.store.daily(id).await?.and_then(|daily| daily.pause) {
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

    /// Edits the number of those who took part into the open round's message.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn show_count(&self, id: DailyId, number: u32) -> Result<WorkOutcome> {
        let Some(daily) = self.store.daily(id).await? else { return Ok(WorkOutcome::Done) };
        let Some(round) = self.store.round(id, number).await? else { return Ok(WorkOutcome::Done) };
        if !round.count_is_behind() {
            return Ok(WorkOutcome::Done);
        }
        let message = self.wording.round(&self.card(&daily, &round));
        let edited = self.messenger.edit(round.post, &message).await;
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
        let (sent, found) = match fresh {
            true => (Ok(None), false),
            false => (self.find(daily, claim).await, true),
        };
        let sent = match sent {
            Ok(None) if found && now > claim.until => {
                return self.give_up(daily, claim, GivenUp::TooLate, now).await;
            }
            Ok(None) if !daily.still_wants(claim) => {
                return self.give_up(daily, claim, GivenUp::NotWanted, now).await;
            }
            Ok(None) if self.bank().get(&claim.question).is_none() => {
                return self.give_up(daily, claim, GivenUp::QuestionGone, now).await;
            }
            Ok(None) => {
                let draft = self.draft(daily, claim);
                match self.messenger.send(claim.channel, &draft, &claim.nonce).await {
                    Err(MessengerError::Refused(refusal)) => {
                        let why = GivenUp::Refused(refusal);
                        return self.give_up(daily, claim, why, now).await;
                    }
                    sent => sent.map(Some),
                }
            }
            found => found,
        };
        match sent {
            Ok(Some(post)) => self.confirm(daily.id, claim.number, post).await.map(|_| None),
            Ok(None) => Ok(None),
            // It may be out there, so the claim stays until somebody lets us look.
            Err(MessengerError::Refused(refusal)) => self.hold(daily.id, &refusal, now).await,
            Err(MessengerError::Unavailable(reason)) => Ok(Some(reason)),
        }
    }

    async fn find(&self, daily: &Daily, claim: &Claim) -> Result<Option<Post>, MessengerError> {
        let mark = self.wording.round_mark(daily.id, claim.number);
        self.messenger.find(daily.guild, claim.channel, &mark, claim.at).await
    }

    /// Records that a claimed round is out. The steps that follow are for whoever calls this.
    pub(super) async fn confirm(
        &self,
        id: DailyId,
        number: u32,
        post: Post,
    ) -> Result<Option<Round>> {
        let claim = self.store.daily(id).await?.and_then(|daily| daily.claim);
        let round = self.store.confirm(id, number, post).await?;
        tracing::info!(daily = id.0, round = number, "posted");
        // Confirmed again, by the scheduler after a click, it counts once.
        if let Some(claim) = claim.filter(|claim| claim.number == number) {
            let delay = post.at.duration_since(self.due(&claim));
            metrics::post_delay(delay.try_into().unwrap_or_default());
            metrics::round(Posting::Posted);
        }
        self.signal(Signal::Schedule);
        if number > 1 {
            self.signal(Signal::Work(id, number - 1));
        }
        Ok(round)
    }

    /// Pauses a daily whose claimed round can be neither found nor ruled out.
    async fn hold(&self, id: DailyId, refusal: &Refusal, now: Timestamp) -> Result<Option<String>> {
        tracing::warn!(daily = id.0, %refusal, "paused: the channel cannot be looked at");
        metrics::round(Posting::Refused);
        let pause = |daily: &mut Daily| {
            daily.pause.get_or_insert(Pause::Refused(refusal.to_string()));
            daily.fails(Part::Post, refusal.to_string(), now);
            Ok(())
        };
        self.store.update_daily(id, pause).await?;
        self.signal(Signal::Work(id, NOTICE));
        Ok(None)
    }

    /// Takes a claim back.
    async fn give_up(
        &self,
        daily: &Daily,
        claim: &Claim,
        why: GivenUp,
        now: Timestamp,
    ) -> Result<Option<String>> {
        tracing::warn!(
            daily = daily.id.0, round = claim.number, date = %claim.date, ?why,
            "the post is given up"
        );
        metrics::round(why.outcome());
        let abandon = |daily: &mut Daily| {
            // The round may have been confirmed meanwhile by a click on its message.
            if daily.claim.as_ref().is_none_or(|current| current.nonce != claim.nonce) {
                return Ok(());
            }
            daily.abandon(claim);
            match why {
                GivenUp::Refused(refusal) => {
                    daily.pause = Some(Pause::Refused(refusal.to_string()));
                    daily.fails(Part::Post, refusal.to_string(), now);
                }
                GivenUp::TooLate => daily.last_missed = Some(claim.date),
                // Another question takes its place.
                GivenUp::QuestionGone if !claim.extra => {
                    daily.next_due = Some(Due { at: claim.at, date: claim.date });
                }
                GivenUp::QuestionGone | GivenUp::NotWanted => {}
            }
            Ok(())
        };
        self.store.update_daily(daily.id, abandon).await?;
        self.signal(Signal::Schedule);
        self.signal(Signal::Work(daily.id, NOTICE));
        Ok(None)
    }

    /// Does one step and records how it went. Returns why it has to be tried again, if it has.
    async fn do_step(
        &self,
        id: DailyId,
        number: u32,
        step: StepName,
        now: Timestamp,
    ) -> Result<Option<String>> {
        let (daily, round) =
            match (self.store.daily(id).await?, self.store.round(id, number).await?) {
                (Some(daily), Some(round)) => (daily, round),
                _ => return Ok(None),
            };
        let mut thread = None;
        let card = self.card(&daily, &round);
        let outcome = match step {
            StepName::Thread => {
                let name = self.wording.thread_name(&card);
                self.messenger.start_thread(round.post, &name).await.map(|id| thread = Some(id))
            }
            StepName::Pin => self.messenger.pin(round.post).await,
            StepName::Results => self.messenger.edit(round.post, &self.wording.round(&card)).await,
            StepName::Unpin => self.messenger.unpin(round.post).await,
        };
        if let Some(part) = part_of(step) {
            self.note_step(&daily, part, &outcome, now).await?;
        }
        let state = match outcome {
            Ok(()) => Step::Done,
            Err(MessengerError::Unavailable(reason)) => return Ok(Some(reason)),
            Err(MessengerError::Refused(refusal)) => {
                tracing::warn!(daily = id.0, round = number, ?step, %refusal, "step given up");
                Step::GaveUp(refusal.to_string())
            }
        };
        let tally = round.tally;
        let update = |round: &mut Round| {
            round.thread_id = thread.or(round.thread_id);
            match step {
                // What came in while the results were sent is to be shown, too.
                StepName::Results if round.tally != tally => return,
                StepName::Results => round.shown = tally.took_part,
                // A round that closed meanwhile wants its new pin gone again.
                StepName::Pin if round.closed_at.is_some() => round.unpin = Step::Pending,
                StepName::Thread | StepName::Pin | StepName::Unpin => {}
            }
            *round.step_mut(step) = state;
        };
        self.store.update_round(id, number, update).await?;
        Ok(None)
    }

    /// Notes that a part of a daily fails, or works again.
    async fn note_step(
        &self,
        daily: &Daily,
        part: Part,
        outcome: &Result<(), MessengerError>,
        now: Timestamp,
    ) -> Result<()> {
        let reason = match outcome {
            Ok(()) if daily.troubles.contains_key(&part) => None,
            // Somebody has removed the message, and no step more is wanted of it.
            Err(MessengerError::Refused(Refusal::NoMessage)) => return Ok(()),
            Err(MessengerError::Refused(refusal)) => Some(refusal.to_string()),
            Ok(()) | Err(MessengerError::Unavailable(_)) => return Ok(()),
        };
        let note = |daily: &mut Daily| {
            match reason {
                Some(reason) => daily.fails(part, reason, now),
                None => daily.works(part),
            }
            Ok(())
        };
        self.store.update_daily(daily.id, note).await?;
        self.signal(Signal::Work(daily.id, NOTICE));
        Ok(())
    }

    fn until(&self, due: Timestamp) -> Timestamp {
        due.checked_add(self.policy.catch_up).unwrap_or(Timestamp::MAX)
    }

    /// When the claimed round should have gone out.
    fn due(&self, claim: &Claim) -> Timestamp {
        claim.until.checked_sub(self.policy.catch_up).unwrap_or(claim.at)
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

    /// The daily of that id, for the member who set it up.
    ///
    /// # Errors
    /// A mistake for any other, and where the store fails.
    pub async fn daily_set_by(&self, user: UserId, id: DailyId) -> Result<Daily> {
        let daily = self.store.daily(id).await?.filter(|daily| daily.set_by == Some(user));
        daily.ok_or_else(|| Mistake::StaleButton.into())
    }

    /// The guild's daily of that id; another guild's is none.
    ///
    /// # Errors
    /// A mistake where there is none, and where the store fails.
    pub async fn daily_in(&self, guild: GuildId, id: DailyId) -> Result<Daily> {
        let daily = self.store.daily(id).await?.filter(|daily| daily.guild == guild);
        daily.ok_or_else(|| Mistake::StaleButton.into())
    }
}

fn claim(
    daily: &Daily,
    question: QuestionId,
    deck: Deck,
    date: Date,
    extra: bool,
    until: Timestamp,
    now: Timestamp,
) -> Claim {
    Claim {
        number: daily.rounds + 1,
        question,
        channel: daily.settings.channel,
        date,
        extra,
        until,
        at: now,
        nonce: format!("{:016x}", rand::random::<u64>()),
        deck,
        last_date_before: daily.last_date,
    }
}

/// The part of a daily that a step belongs to, where its failing is anybody's concern.
fn part_of(step: StepName) -> Option<Part> {
    match step {
        StepName::Thread => Some(Part::Thread),
        StepName::Pin => Some(Part::Pin),
        StepName::Results | StepName::Unpin => None,
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
