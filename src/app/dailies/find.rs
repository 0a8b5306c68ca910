//! Which daily is meant.

use super::super::App;
use crate::{
    domain::{
        daily::Daily,
        ids::{ChannelId, DailyId, GuildId, UserId},
    },
    error::{Mistake, Result},
};

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
