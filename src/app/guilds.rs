//! Guilds that the bot is removed from. Their data goes thirty days later, unless the bot is
//! invited again. The chat platform tells of both, but not when; the scheduler's clock does.

use super::{App, Signal, messenger::MessengerError};
use crate::{
    domain::{
        daily::{Daily, Pause},
        guild::Departure,
        ids::GuildId,
    },
    error::Result,
};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// How many days a guild's data is kept once the bot is no longer in it.
pub const KEPT_DAYS: i64 = 30;

/// How long a guild's data stays where the platform did not say whether the bot is back in it.
const ASK_AGAIN: SignedDuration = SignedDuration::from_hours(1);

/// Whether the bot is in a guild.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Presence {
    /// It is.
    Here,
    /// It is not, and not for an outage.
    Gone,
}

impl App {
    /// The bot is in the guilds `here`, and in no others of those that `concerns` names: what has
    /// changed while nobody told is noted.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn guilds_are(
        &self,
        here: &BTreeSet<GuildId>,
        concerns: impl Fn(GuildId) -> bool,
    ) -> Result<()> {
        for guild in self.store.guilds().await?.into_iter().filter(|guild| concerns(*guild)) {
            let presence = if here.contains(&guild) { Presence::Here } else { Presence::Gone };
            self.guild_is(guild, presence).await?;
        }
        Ok(())
    }

    /// The bot is in the guild, or no longer: has the scheduler note it, where that is news.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn guild_is(&self, guild: GuildId, presence: Presence) -> Result<()> {
        let noted = match self.store.departure(guild).await? {
            Some(_) => Presence::Gone,
            None => Presence::Here,
        };
        if noted != presence {
            self.signal(Signal::Guild(guild, presence));
        }
        Ok(())
    }

    /// Notes that the bot is no longer in a guild, so that its data goes in time, or that it is
    /// back, so that all stays.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn note_guild(
        &self,
        guild: GuildId,
        presence: Presence,
        now: Timestamp,
    ) -> Result<()> {
        match presence {
            Presence::Here => self.welcome_back(guild, now).await,
            Presence::Gone => {
                let until = later(now, SignedDuration::from_hours(24 * KEPT_DAYS));
                if self.store.depart(guild, Departure { since: now, until }).await? {
                    tracing::info!(guild = guild.0, %until, "no longer in this guild; its data goes");
                }
                Ok(())
            }
        }
    }

    /// Keeps a guild's data, and lets those of its dailies post again that were refused meanwhile.
    async fn welcome_back(&self, guild: GuildId, now: Timestamp) -> Result<()> {
        if self.store.departure(guild).await?.is_none() {
            return Ok(());
        }
        let refused = |daily: &Daily| matches!(daily.pause, Some(Pause::Refused(_)));
        for daily in self.store.dailies_of(guild).await?.into_iter().filter(refused) {
            self.update(guild, daily.id, |daily| {
                if refused(daily) {
                    daily.pause = None;
                    daily.reschedule(now);
                    self.see_to_claim(daily);
                }
                Ok(())
            })
            .await?;
        }
        self.store.come_back(guild).await?;
        tracing::info!(guild = guild.0, "back in this guild; its data stays");
        self.signal(Signal::Schedule);
        Ok(())
    }

    /// Deletes a guild's data whose time has come. The platform is asked first: an invitation may
    /// have come while the bot was not running.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn let_go(&self, guild: GuildId, now: Timestamp) -> Result<()> {
        match self.messenger.is_in(guild).await {
            Ok(true) => self.welcome_back(guild, now).await,
            Ok(false) => {
                if let Some(dailies) = self.store.remove_guild(guild, now).await? {
                    tracing::info!(guild = guild.0, dailies, "the guild's data is deleted");
                }
                Ok(())
            }
            Err(MessengerError::Refused(_) | MessengerError::Unavailable(_)) => {
                tracing::warn!(guild = guild.0, "it is not known whether the bot is back; later");
                Ok(self.store.postpone(guild, later(now, ASK_AGAIN)).await?)
            }
        }
    }
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(Timestamp::MAX)
}
