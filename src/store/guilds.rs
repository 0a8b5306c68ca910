//! Guilds: which ones anything is stored of, what each has chosen for all its dailies, and those
//! that the bot is no longer in, by the instant at which their data goes.

use super::{
    Changes, Store, StoreError, Table,
    codec::Parts,
    dailies::delete_daily,
    keys::{guild_key, leaving_key},
};
use crate::domain::{
    guild::{Departure, GuildSettings},
    ids::GuildId,
};
use jiff::Timestamp;
use std::collections::BTreeSet;

impl Store {
    /// A guild's choices; the defaults where it has made none.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn guild(&self, guild: GuildId) -> Result<GuildSettings, StoreError> {
        Ok(self.get(Table::Guilds, &guild_key(guild))?.unwrap_or_default())
    }

    /// Changes a guild's choices.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn update_guild(
        &self,
        guild: GuildId,
        change: impl FnOnce(&mut GuildSettings),
    ) -> Result<(), StoreError> {
        self.write(|changes| {
            let key = guild_key(guild);
            let mut settings = changes.get(Table::Guilds, &key)?.unwrap_or_default();
            change(&mut settings);
            if settings == GuildSettings::default() {
                changes.delete(Table::Guilds, key);
                return Ok(());
            }
            changes.put(Table::Guilds, key, &settings)
        })
        .await
    }

    /// The guilds that have dailies or have chosen anything, in order. Costs as much as there are
    /// guilds.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn guilds(&self) -> Result<BTreeSet<GuildId>, StoreError> {
        let (mut guilds, mut from) = (BTreeSet::new(), Some(0));
        while let Some(first) = from {
            let mut keys = self.tree(Table::DailyNames).range(guild_key(GuildId(first))..).keys();
            let Some(key) = keys.next().transpose()? else { break };
            let guild = Parts::of(&key).u64()?;
            guilds.insert(GuildId(guild));
            from = guild.checked_add(1);
        }
        for key in self.tree(Table::Guilds).iter().keys() {
            guilds.insert(GuildId(Parts::of(&key?).u64()?));
        }
        Ok(guilds)
    }

    /// Whether and since when the bot is no longer in a guild.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn departure(&self, guild: GuildId) -> Result<Option<Departure>, StoreError> {
        self.get(Table::Departures, &guild_key(guild))
    }

    /// The guild whose data goes first, and when.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn next_to_leave(&self) -> Result<Option<(Timestamp, GuildId)>, StoreError> {
        let first = self.tree(Table::Leaving).iter().keys().next().transpose()?;
        let Some(key) = first else { return Ok(None) };
        let mut parts = Parts::of(&key);
        Ok(Some((parts.time()?, GuildId(parts.u64()?))))
    }

    /// Records that the bot is no longer in a guild. The first record stands; of a guild without
    /// dailies and choices nothing is stored, and so there is nothing to record. Returns whether
    /// it is new.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn depart(&self, guild: GuildId, departure: Departure) -> Result<bool, StoreError> {
        self.write(|changes| {
            let key = guild_key(guild);
            let has_data = changes.get::<GuildSettings>(Table::Guilds, &key)?.is_some()
                || !changes.store.read_dailies_of(guild)?.is_empty();
            let noted = departure.to_note(changes.get(Table::Departures, &key)?, has_data);
            if let Some(departure) = noted {
                put_departure(changes, guild, &departure)?;
            }
            Ok(noted.is_some())
        })
        .await
    }

    /// Records that the bot is in a guild again. Returns since when it had not been, if so.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn come_back(&self, guild: GuildId) -> Result<Option<Departure>, StoreError> {
        self.write(|changes| take_departure(changes, guild)).await
    }

    /// Leaves a guild's data until later, if it is to go at all.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn postpone(&self, guild: GuildId, until: Timestamp) -> Result<(), StoreError> {
        self.write(|changes| match take_departure(changes, guild)? {
            Some(departure) => put_departure(changes, guild, &Departure { until, ..departure }),
            None => Ok(()),
        })
        .await
    }

    /// Deletes all that is stored of a guild, if the time for that has come. Returns how many
    /// dailies it had; `None` if it is to stay.
    ///
    /// # Errors
    /// Where the store cannot be written; nothing is deleted then.
    pub async fn remove_guild(
        &self,
        guild: GuildId,
        now: Timestamp,
    ) -> Result<Option<usize>, StoreError> {
        self.write(|changes| {
            let stored = changes.get::<Departure>(Table::Departures, &guild_key(guild))?;
            if !stored.is_some_and(|departure| departure.is_due(now)) {
                return Ok(None);
            }
            let dailies = changes.store.read_dailies_of(guild)?;
            for daily in &dailies {
                delete_daily(changes, daily.id)?;
            }
            changes.delete(Table::Guilds, guild_key(guild));
            take_departure(changes, guild)?;
            Ok(Some(dailies.len()))
        })
        .await
    }
}

pub(super) fn put_departure(
    changes: &mut Changes<'_>,
    guild: GuildId,
    departure: &Departure,
) -> Result<(), StoreError> {
    changes.put(Table::Leaving, leaving_key(departure.until, guild), &())?;
    changes.put(Table::Departures, guild_key(guild), departure)
}

fn take_departure(
    changes: &mut Changes<'_>,
    guild: GuildId,
) -> Result<Option<Departure>, StoreError> {
    let departure = changes.get::<Departure>(Table::Departures, &guild_key(guild))?;
    if let Some(departure) = departure {
        changes.delete(Table::Leaving, leaving_key(departure.until, guild));
        changes.delete(Table::Departures, guild_key(guild));
    }
    Ok(departure)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::{
        domain::ids::ChannelId,
        store::testing::{self, rows, settings},
    };
    use jiff::SignedDuration;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn days(days: i64) -> Timestamp {
        NOW + SignedDuration::from_hours(24 * days)
    }

    /// A store in which these guilds have so many dailies.
    async fn with(guilds: &[(u64, usize)]) -> testing::Temporary {
        let shop = testing::store();
        for (guild, dailies) in guilds {
            for number in 0..*dailies {
                let settings = settings(&format!("daily {number}"), ChannelId(1));
                testing::create(&shop.store, GuildId(*guild), settings, 1, NOW).await;
            }
        }
        shop
    }

    /// Has a guild choose where its notices go.
    async fn choose(shop: &testing::Temporary, guild: u64) {
        let change = |chosen: &mut GuildSettings| chosen.notices = Some(ChannelId(1));
        shop.store.update_guild(GuildId(guild), change).await.unwrap();
    }

    #[tokio::test]
    async fn each_guild_that_has_dailies_is_named_once() {
        let shop = with(&[(1, 2), (2, 1), (258, 3), (u64::MAX, 2)]).await;
        choose(&shop, 2).await;
        choose(&shop, 300).await;
        let guilds = [1, 2, 258, 300, u64::MAX].map(GuildId);
        assert_eq!(shop.store.guilds().await.unwrap(), BTreeSet::from(guilds));
    }

    #[tokio::test]
    async fn a_guild_that_has_only_chosen_something_leaves_nothing_behind_either() {
        let shop = with(&[(2, 1)]).await;
        let before = rows(&shop.store);
        choose(&shop, 1).await;
        let departure = Departure { since: NOW, until: days(30) };
        assert!(shop.store.depart(GuildId(1), departure).await.unwrap());
        assert_eq!(shop.store.remove_guild(GuildId(1), days(30)).await.unwrap(), Some(0));
        assert_eq!(rows(&shop.store), before);
    }

    #[tokio::test]
    async fn the_first_departure_stands_until_the_guild_is_back() {
        let shop = with(&[(1, 1)]).await;
        let before = rows(&shop.store);
        let departure = |day| Departure { since: days(day), until: days(day + 30) };
        let (guild, unknown) = (GuildId(1), GuildId(9));
        assert!(shop.store.depart(guild, departure(1)).await.unwrap());
        assert!(!shop.store.depart(guild, departure(2)).await.unwrap());
        assert!(!shop.store.depart(unknown, departure(1)).await.unwrap());
        assert_eq!(shop.store.next_to_leave().await.unwrap(), Some((days(31), guild)));
        shop.store.postpone(guild, days(40)).await.unwrap();
        shop.store.postpone(unknown, days(40)).await.unwrap();
        assert_eq!(shop.store.next_to_leave().await.unwrap(), Some((days(40), guild)));
        let back = shop.store.come_back(guild).await.unwrap();
        assert_eq!(back, Some(Departure { since: days(1), until: days(40) }));
        assert_eq!(shop.store.come_back(guild).await.unwrap(), None);
        assert_eq!(rows(&shop.store), before);
    }

    #[tokio::test]
    async fn only_a_guild_that_has_left_and_whose_time_has_come_is_removed() {
        let shop = with(&[(1, 2), (2, 1)]).await;
        let guild = GuildId(1);
        choose(&shop, 1).await;
        assert_eq!(shop.store.remove_guild(guild, days(99)).await.unwrap(), None);
        // The index counts whole milliseconds, and the scheduler wakes by it.
        let until = days(30) + SignedDuration::from_micros(500);
        shop.store.depart(guild, Departure { since: NOW, until }).await.unwrap();
        let early = days(30) - SignedDuration::from_millis(1);
        assert_eq!(shop.store.remove_guild(guild, early).await.unwrap(), None);
        let (at, _) = shop.store.next_to_leave().await.unwrap().unwrap();
        assert_eq!(shop.store.remove_guild(guild, at).await.unwrap(), Some(2));
        assert_eq!(shop.store.guilds().await.unwrap(), BTreeSet::from([GuildId(2)]));
        assert_eq!(shop.store.guild(guild).await.unwrap(), GuildSettings::default());
        assert_eq!(shop.store.next_to_leave().await.unwrap(), None);
    }
}
