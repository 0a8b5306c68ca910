//! Setting dailies up and looking after them.

use super::{
    App, Signal,
    messenger::{Account, AccountError, ChannelReport, MessengerError, Needs},
};
use crate::{
    domain::{
        daily::{DAILIES_MAX, Daily, Declared, Pause, Settings},
        ids::{ChannelId, DailyId, GuildId, QuestionId, UserId},
        ledger::{CreateOutcome, Credit, CreditOutcome, NewDaily},
        question::Question,
        round::StepName,
        schedule::Due,
    },
    error::{Fault, Mistake, Result},
};
use jiff::{Timestamp, civil::Date};

/// How many rounds a preview shows.
pub const PREVIEW_ROUNDS: usize = 7;

/// What became of `/daily set`.
#[derive(Clone, PartialEq, Debug)]
pub struct Saved {
    /// The daily as it is now.
    pub daily: Daily,
    /// Whether it is new.
    pub created: bool,
    /// How many questions it can draw from.
    pub questions: usize,
}

/// All that an admin wants to know of a daily.
#[derive(Clone, PartialEq, Debug)]
pub struct DailyView {
    /// The daily.
    pub daily: Daily,
    /// How many questions it can draw from.
    pub questions: usize,
    /// How many of them this cycle has used.
    pub used: usize,
    /// What could not be done for the newest round's message.
    pub gave_up: Vec<(StepName, String)>,
}

/// One round of a preview.
#[derive(Clone, PartialEq, Debug)]
pub struct Upcoming {
    /// When.
    pub due: Option<Due>,
    /// What will be asked.
    pub question: Question,
}

/// What was found by `/daily check`.
#[derive(Clone, PartialEq, Debug)]
pub struct CheckReport {
    /// The daily.
    pub daily: Daily,
    /// About the channel, or why it could not be looked at.
    pub channel: Result<ChannelReport, MessengerError>,
    /// How many questions it can draw from.
    pub questions: usize,
}

impl App {
    /// The guild's dailies.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn dailies(&self, guild: GuildId) -> Result<Vec<Daily>> {
        Ok(self.store.dailies_of(guild).await?)
    }

    /// The daily that is meant: the named one, the one whose channel or thread this is, or the
    /// only one.
    ///
    /// # Errors
    /// Mistakes that list the names where it is not clear.
    pub async fn daily(
        &self,
        guild: GuildId,
        name: Option<&str>,
        channel: ChannelId,
    ) -> Result<Daily> {
        let mut dailies = self.store.dailies_of(guild).await?;
        let names = || dailies.iter().map(|daily| daily.settings.name.clone()).collect();
        if dailies.is_empty() {
            return Err(Mistake::NoDaily.into());
        }
        let place = match name {
            Some(name) => {
                let found = dailies.iter().position(|daily| *daily.settings.name == *name.trim());
                let unknown = || Mistake::UnknownDaily { name: name.to_owned(), names: names() };
                found.ok_or_else(unknown)?
            }
            None if dailies.len() == 1 => 0,
            None => match self.places_of(&dailies, channel).await[..] {
                [place] => place,
                _ => return Err(Mistake::WhichDaily { names: names() }.into()),
            },
        };
        Ok(dailies.swap_remove(place))
    }

    /// Which of the dailies post in this channel, or have it as their newest round's thread.
    async fn places_of(&self, dailies: &[Daily], channel: ChannelId) -> Vec<usize> {
        let mut places = Vec::new();
        for (place, daily) in dailies.iter().enumerate() {
            if daily.settings.channel == channel || self.is_thread_of(daily, channel).await {
                places.push(place);
            }
        }
        places
    }

    /// Whether the channel is the thread of the daily's newest round.
    async fn is_thread_of(&self, daily: &Daily, channel: ChannelId) -> bool {
        let newest = self.store.round(daily.id, daily.rounds).await;
        newest.is_ok_and(|round| round.is_some_and(|round| round.thread_id == Some(channel)))
    }

    /// The channel's fitness for a daily.
    ///
    /// # Errors
    /// Where the chat platform refuses or has a fault.
    pub async fn inspect(
        &self,
        guild: GuildId,
        settings: &Settings,
    ) -> Result<ChannelReport, MessengerError> {
        let Settings { thread, pin, role, .. } = *settings;
        let needs = Needs { embeds: true, thread, pin, role };
        self.messenger.inspect(guild, settings.channel, needs).await
    }

    /// Saves a daily, new or changed, after its channel was looked at.
    ///
    /// # Errors
    /// Mistakes for what cannot work; nothing is saved then.
    pub async fn save_daily(
        &self,
        guild: GuildId,
        existing: Option<DailyId>,
        settings: Settings,
        by: UserId,
        now: Timestamp,
    ) -> Result<Saved> {
        let questions = self.bank().matching(&settings.filter).len();
        if questions == 0 {
            return Err(Mistake::NothingMatches.into());
        }
        self.require_fit(guild, &settings).await?;
        let saved = match existing {
            Some(id) => self.change_daily(guild, id, settings, by, now).await?,
            None => self.create_daily(Some(by), guild, settings, now).await?,
        };
        self.signal(Signal::Schedule);
        Ok(Saved { daily: saved, created: existing.is_none(), questions })
    }

    async fn require_fit(&self, guild: GuildId, settings: &Settings) -> Result<()> {
        let channel = settings.channel.0;
        match self.inspect(guild, settings).await {
            Ok(report) if !report.suitable => Err(Mistake::WrongChannelKind { channel }.into()),
            Ok(report) if report.wants_tag => Err(Mistake::ForumWantsTag { channel }.into()),
            Ok(report) if !report.missing.is_empty() => {
                Err(Mistake::MissingPermissions { channel, missing: report.missing }.into())
            }
            Ok(_) => Ok(()),
            Err(MessengerError::Refused(_)) => Err(Mistake::UnknownChannel { channel }.into()),
            Err(error @ MessengerError::Unavailable(_)) => {
                Err(Fault::because("the channel could not be looked at", error).into())
            }
        }
    }

    async fn create_daily(
        &self,
        by: Option<UserId>,
        guild: GuildId,
        settings: Settings,
        now: Timestamp,
    ) -> Result<Daily> {
        let (name, seed) = (settings.name.clone(), rand::random());
        let new = NewDaily { guild, settings, seed, set_by: by, at: now, most: DAILIES_MAX };
        match self.store.create_daily(new).await? {
            CreateOutcome::Created(daily) => Ok(*daily),
            CreateOutcome::NameTaken => Err(Mistake::NameTaken { name }.into()),
            CreateOutcome::TooMany => Err(Mistake::TooManyDailies { limit: DAILIES_MAX }.into()),
        }
    }

    async fn change_daily(
        &self,
        guild: GuildId,
        id: DailyId,
        settings: Settings,
        by: UserId,
        now: Timestamp,
    ) -> Result<Daily> {
        self.update(guild, id, |daily| {
            if daily.governed {
                return Err(Mistake::GovernedByFile { name: daily.settings.name.clone() }.into());
            }
            // A date that was skipped while the channel was looked at stays skipped.
            let skips = std::mem::take(&mut daily.settings.schedule.skips);
            daily.settings = settings;
            daily.settings.schedule.skips = skips;
            daily.set_by = Some(by);
            // The channel was looked at, and all is well there: what fails from now on is news.
            daily.troubles.clear();
            daily.reschedule(now);
            if !matches!(daily.pause, Some(Pause::Admin(_))) {
                daily.pause = None;
            }
            self.see_to_claim(daily);
            Ok(daily.clone())
        })
        .await
    }

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

    /// Makes the stored dailies agree with those that the configuration file declares.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn declare(&self, declared: Vec<Declared>, now: Timestamp) -> Result<()> {
        for stored in self.store.all_dailies().await?.into_iter().filter(|daily| daily.governed) {
            let is_it = |one: &Declared| {
                one.guild == stored.guild && one.settings.name == stored.settings.name
            };
            let still = declared.iter().any(is_it);
            if !still {
                tracing::warn!(daily = stored.id.0, "no longer in the configuration file: paused");
                self.update(stored.guild, stored.id, |daily| {
                    daily.governed = false;
                    daily.pause = Some(Pause::LeftFile);
                    Ok(())
                })
                .await?;
            }
        }
        for Declared { guild, settings } in declared {
            let name = settings.name.clone();
            self.declare_one(guild, settings, now).await.map_err(|error| {
                Fault::because(
                    format!("the daily “{}” of guild {guild} cannot be kept", &*name),
                    error,
                )
            })?;
        }
        self.signal(Signal::Schedule);
        Ok(())
    }

    async fn declare_one(
        &self,
        guild: GuildId,
        mut settings: Settings,
        now: Timestamp,
    ) -> Result<()> {
        let existing = self.store.dailies_of(guild).await?;
        let existing = existing.into_iter().find(|daily| daily.settings.name == settings.name);
        let id = match existing {
            Some(daily) => daily.id,
            None => self.create_daily(None, guild, settings.clone(), now).await?.id,
        };
        self.update(guild, id, |daily| {
            // Dates to skip are set by command, whoever governs the rest.
            settings.schedule.skips = daily.settings.schedule.skips.clone();
            if daily.settings != settings {
                let moved = daily.settings.schedule != settings.schedule;
                daily.settings = settings;
                if moved {
                    daily.reschedule(now);
                }
                // Whoever changed the file may have mended what was wrong.
                if !matches!(daily.pause, Some(Pause::Admin(_)) | None) {
                    daily.pause = None;
                    daily.reschedule(now);
                }
            }
            if daily.pause == Some(Pause::LeftFile) {
                daily.pause = None;
                daily.reschedule(now);
            }
            daily.governed = true;
            Ok(())
        })
        .await
    }

    /// Has the scheduler look at a post that waits for a daily to go on.
    pub(super) fn see_to_claim(&self, daily: &Daily) {
        if let Some(claim) = &daily.claim {
            self.signal(Signal::Work(daily.id, claim.number));
        }
    }

    pub(super) async fn update<T>(
        &self,
        guild: GuildId,
        id: DailyId,
        change: impl FnOnce(&mut Daily) -> Result<T>,
    ) -> Result<T> {
        self.daily_in(guild, id).await?;
        self.store.update_daily(id, change).await?.ok_or_else(|| Mistake::StaleButton.into())
    }
}
