//! Claims a round: its number, its question and its nonce are durable before anything is sent.

use super::{
    super::{App, Signal},
    DueOutcome, PostNow,
};
use crate::{
    bank::Bank,
    domain::{
        daily::{Claim, Daily, NOTICE, Part, Pause},
        deck::Deck,
        ids::{DailyId, GuildId, QuestionId},
        schedule::{Due, Verdict, judge},
    },
    error::{Mistake, Result},
    telemetry::metrics::{self, Posting},
};
use jiff::{Timestamp, civil::Date};

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

    fn until(&self, due: Timestamp) -> Timestamp {
        due.checked_add(self.policy.catch_up).unwrap_or(Timestamp::MAX)
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
