//! Looks after a daily: shows, previews, pauses, skips, removes it.

use super::{
    super::{
        App, Signal,
        messenger::{Account, AccountError},
    },
    CheckReport, DailyView, PREVIEW_ROUNDS, Upcoming,
};
use crate::{
    domain::{
        daily::{Daily, Pause},
        ids::{DailyId, GuildId, QuestionId, UserId},
        ledger::{Credit, CreditOutcome},
        question::Question,
        schedule::Due,
    },
    error::{Mistake, Result},
};
use jiff::{Timestamp, civil::Date};

impl App {
    /// All about a daily.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn show_daily(&self, daily: Daily) -> Result<DailyView> {
        let bank = self.bank();
        let pool = bank.matching(&daily.settings.filter);
        let used = pool.iter().filter(|question| daily.deck.used.contains(&question.id)).count();
        let newest = self.store.round(daily.id, daily.rounds).await?;
        let gave_up = newest.map(|round| round.gave_up()).unwrap_or_default();
        Ok(DailyView { questions: pool.len(), used, gave_up, daily })
    }

    /// The next rounds of a daily.
    pub fn preview(&self, daily: &Daily, now: Timestamp) -> Vec<Upcoming> {
        let bank = self.bank();
        let pool = bank.matching(&daily.settings.filter);
        let schedule = &daily.settings.schedule;
        // A paused daily's next post is counted as if it were resumed now.
        let mut due = match daily.pause {
            Some(_) => schedule.next_after(now, daily.last_date),
            None => daily.next_due,
        };
        let mut upcoming = Vec::new();
        let mut deck = daily.deck.clone();
        if let Some(claim) = &daily.claim {
            upcoming.extend(bank.get(&claim.question).map(|q| (None, q)));
            let mut after = daily.clone();
            after.confirm(claim.clone());
            deck = after.deck;
        }
        for id in deck.preview(&pool, PREVIEW_ROUNDS - upcoming.len()) {
            upcoming.extend(bank.get(&id).map(|question| (due, question)));
            due = due.and_then(|d| schedule.next_after(d.at.max(now), Some(d.date)));
        }
        let owned = |(due, question): (Option<Due>, &Question)| Upcoming {
            due,
            question: question.clone(),
        };
        upcoming.into_iter().map(owned).collect()
    }

    /// Puts a question next, in front of the deck.
    ///
    /// # Errors
    /// Mistakes for an unknown question and for one the daily does not ask.
    pub async fn queue(&self, daily: &Daily, question: &QuestionId) -> Result<Daily> {
        let matches = self.bank().get(question).is_some_and(|q| daily.settings.filter.matches(q));
        if !matches || daily.deck.banned.contains(question) {
            return Err(Mistake::NotAskedHere { question: question.to_string() }.into());
        }
        self.update(daily.guild, daily.id, |daily| {
            daily.deck.queue.retain(|queued| queued != question);
            daily.deck.queue.insert(0, question.clone());
            Ok(daily.clone())
        })
        .await
    }

    /// Bans a question from a daily for good, or allows it again. Returns whether it is banned now.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn ban(&self, daily: &Daily, question: &QuestionId) -> Result<bool> {
        self.update(daily.guild, daily.id, |daily| {
            daily.deck.queue.retain(|queued| queued != question);
            let banned = !daily.deck.banned.remove(question);
            if banned {
                daily.deck.banned.insert(question.clone());
            }
            Ok(banned)
        })
        .await
    }

    /// Puts dates on the skip list, or takes them off it. Returns whether they are on it now.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn skip(&self, daily: &Daily, dates: &[Date], now: Timestamp) -> Result<bool> {
        let skipped = self.update(daily.guild, daily.id, |daily| {
            let today = daily.settings.schedule.local_date(now);
            let skips = &mut daily.settings.schedule.skips;
            // What has passed is never looked at again.
            skips.retain(|date| *date >= today);
            let all_there = dates.iter().all(|date| skips.contains(date));
            for date in dates {
                if all_there {
                    skips.remove(date)
                } else {
                    skips.insert(*date)
                };
            }
            daily.reschedule(now);
            Ok(!all_there)
        });
        let skipped = skipped.await?;
        self.signal(Signal::Schedule);
        Ok(skipped)
    }

    /// Stops a daily until it is resumed.
    ///
    /// # Errors
    /// A mistake where it is paused already.
    pub async fn pause(&self, daily: &Daily, user: UserId) -> Result<Daily> {
        let paused = self.update(daily.guild, daily.id, |daily| {
            if daily.pause.is_some() {
                return Err(Mistake::Paused { name: daily.settings.name.clone() }.into());
            }
            daily.pause = Some(Pause::Admin(Some(user)));
            Ok(daily.clone())
        });
        let paused = paused.await?;
        self.signal(Signal::Schedule);
        Ok(paused)
    }

    /// Lets a daily post again, from its next due time on.
    ///
    /// # Errors
    /// A mistake where it is not paused.
    pub async fn resume(&self, daily: &Daily, now: Timestamp) -> Result<Daily> {
        let resumed = self.update(daily.guild, daily.id, |daily| {
            if daily.pause.take().is_none() {
                return Err(Mistake::NotPaused { name: daily.settings.name.clone() }.into());
            }
            daily.reschedule(now);
            self.see_to_claim(daily);
            Ok(daily.clone())
        });
        let resumed = resumed.await?;
        self.signal(Signal::Schedule);
        Ok(resumed)
    }

    /// Removes a daily with all its rounds and boards.
    ///
    /// # Errors
    /// Mistakes for another guild's daily and for one that the configuration file governs.
    pub async fn remove_daily(&self, guild: GuildId, id: DailyId) -> Result<Daily> {
        let daily = self.daily_in(guild, id).await?;
        if daily.governed {
            return Err(Mistake::GovernedByFile { name: daily.settings.name }.into());
        }
        self.store.remove_daily(&daily).await?;
        self.signal(Signal::Schedule);
        Ok(daily)
    }

    /// Credits a member for a round, or takes that back.
    ///
    /// # Errors
    /// Mistakes for an unknown round and where there is nothing to change.
    pub async fn credit(
        &self,
        daily: &Daily,
        number: u32,
        user: UserId,
        at: Timestamp,
        credit: Credit,
    ) -> Result<()> {
        match self.store.credit(daily.id, number, user, at, credit).await? {
            CreditOutcome::Changed(change) => {
                if change.round.has_work() {
                    self.signal(Signal::Work(daily.id, number));
                }
                Ok(())
            }
            CreditOutcome::UnknownRound => Err(Mistake::UnknownRound { number }.into()),
            CreditOutcome::Nothing => Err(match credit {
                Credit::Give => Mistake::NothingToCredit,
                Credit::TakeBack => Mistake::NothingToTakeBack,
            }
            .into()),
        }
    }

    /// Looks at the bot's own account.
    ///
    /// # Errors
    /// Why it cannot be looked at.
    pub async fn check_account(&self) -> Result<Account, AccountError> {
        self.messenger.account().await
    }

    /// Looks at what a daily needs to work.
    pub async fn check_daily(&self, daily: Daily) -> CheckReport {
        let channel = self.inspect(daily.guild, &daily.settings).await;
        let questions = self.bank().matching(&daily.settings.filter).len();
        CheckReport { daily, channel, questions }
    }

    /// Has the scheduler look at a post that waits for a daily to go on.
    pub(in crate::app) fn see_to_claim(&self, daily: &Daily) {
        if let Some(claim) = &daily.claim {
            self.signal(Signal::Work(daily.id, claim.number));
        }
    }
}
