//! Sets a daily up, or changes it, once its channel was looked at.

use super::{
    super::{
        App, Signal,
        messenger::{ChannelReport, MessengerError, Needs},
    },
    Saved,
};
use crate::{
    domain::{
        daily::{DAILIES_MAX, Daily, Pause, Settings},
        ids::{DailyId, GuildId, UserId},
        ledger::{CreateOutcome, NewDaily},
    },
    error::{Fault, Mistake, Result},
};
use jiff::Timestamp;

impl App {
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

    pub(super) async fn create_daily(
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

    pub(in crate::app) async fn update<T>(
        &self,
        guild: GuildId,
        id: DailyId,
        change: impl FnOnce(&mut Daily) -> Result<T>,
    ) -> Result<T> {
        self.daily_in(guild, id).await?;
        self.store.update_daily(id, change).await?.ok_or_else(|| Mistake::StaleButton.into())
    }
}
