//! Dailies: by id, by guild and name, and by the instant at which they are due.

use super::{
    Changes, Store, StoreError, Table,
    codec::{Key, Parts, decode},
    notes::next_number,
    rounds::round_key,
};
use crate::{
    domain::{
        daily::{Claim, Daily, NOTICE, Settings},
        ids::{DailyId, GuildId, UserId},
    },
    error::{Error, Mistake, Result},
};
use jiff::Timestamp;

impl Store {
    /// The daily of that id.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn daily(&self, id: DailyId) -> Result<Option<Daily>, StoreError> {
        self.read_daily(id)
    }

    pub(super) fn read_daily(&self, id: DailyId) -> Result<Option<Daily>, StoreError> {
        self.get(Table::Dailies, &daily_key(id))
    }

    /// The dailies of a guild, in the order of their names.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn dailies_of(&self, guild: GuildId) -> Result<Vec<Daily>, StoreError> {
        self.read_dailies_of(guild)
    }

    pub(super) fn read_dailies_of(&self, guild: GuildId) -> Result<Vec<Daily>, StoreError> {
        let names = self.tree(Table::DailyNames).scan_prefix(Key::new().u64(guild.0).bytes());
        let mut dailies = Vec::new();
        for id in names.values() {
            dailies.extend(self.read_daily(decode(&id?)?)?);
        }
        Ok(dailies)
    }

    /// Every daily, in the order of the ids. Costs as much as there are.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn all_dailies(&self) -> Result<Vec<Daily>, StoreError> {
        self.read_all_dailies()
    }

    pub(super) fn read_all_dailies(&self) -> Result<Vec<Daily>, StoreError> {
        self.tree(Table::Dailies).iter().values().map(|row| decode(&row?)).collect()
    }

    /// Creates a daily. A guild may have `most` of them, and no two of one name.
    ///
    /// # Errors
    /// Mistakes where the guild has as many, or one of that name; where the store cannot be
    /// written.
    pub async fn create_daily(
        &self,
        guild: GuildId,
        settings: Settings,
        seed: u64,
        now: Timestamp,
        most: usize,
    ) -> Result<Daily> {
        self.create_daily_by(None, guild, settings, seed, now, most).await
    }

    /// The same for somebody, who is told should it fail.
    ///
    /// # Errors
    /// As [`Store::create_daily`].
    pub async fn create_daily_by(
        &self,
        set_by: Option<UserId>,
        guild: GuildId,
        settings: Settings,
        seed: u64,
        now: Timestamp,
        most: usize,
    ) -> Result<Daily> {
        self.write(|changes| {
            let names = changes.store.read_dailies_of(guild)?;
            if names.iter().any(|daily| daily.settings.name == settings.name) {
                return Err(Mistake::NameTaken { name: settings.name }.into());
            }
            if names.len() >= most {
                return Err(Mistake::TooManyDailies { limit: most }.into());
            }
            let id = DailyId(next_number(changes, "daily")?);
            let daily = Daily { set_by, ..Daily::new(id, guild, settings, seed, now) };
            put_daily(changes, None, &daily)?;
            Ok::<_, Error>(daily)
        })
        .await
    }

    /// Changes a daily. `None` where there is no such daily.
    ///
    /// # Errors
    /// Those of the change, and where the store cannot be written.
    pub async fn update_daily<T>(
        &self,
        id: DailyId,
        change: impl FnOnce(&mut Daily) -> Result<T>,
    ) -> Result<Option<T>> {
        self.write(|changes| {
            let Some(before) = changes.get::<Daily>(Table::Dailies, &daily_key(id))? else {
                return Ok::<_, Error>(None);
            };
            let mut after = before.clone();
            let outcome = change(&mut after)?;
            put_daily(changes, Some(&before), &after)?;
            Ok(Some(outcome))
        })
        .await
    }

    /// Removes a daily with its rounds, its boards and what its members did.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn remove_daily(&self, daily: &Daily) -> Result<(), StoreError> {
        self.write(|changes| delete_daily(changes, daily.id)).await
    }

    /// The earliest instant at which a daily is due.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        let first = self.tree(Table::Due).iter().keys().next().transpose()?;
        first.map(|key| Parts::of(&key).time()).transpose()
    }

    /// The dailies that are due at `now`, the earliest first, at most `limit`.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<DailyId>, StoreError> {
        let end = Key::new().time(now).u64(u64::MAX).bytes();
        let keys = self.tree(Table::Due).range(..=end).keys().take(limit);
        keys.map(|key| {
            let key = key?;
            let mut parts = Parts::of(&key);
            parts.time()?;
            Ok(DailyId(parts.u64()?))
        })
        .collect()
    }

    /// Promises a round: `make` says which, seeing the daily as it is at that moment, or `None`
    /// to promise nothing.
    ///
    /// # Errors
    /// Those of `make`, and where the store cannot be written.
    pub async fn claim(
        &self,
        id: DailyId,
        make: impl FnOnce(&mut Daily) -> Result<Option<Claim>>,
    ) -> Result<Option<Daily>> {
        let changed = self.update_daily(id, |daily| {
            let claim = make(daily)?;
            let claimed = claim.is_some();
            if let Some(claim) = claim {
                daily.claim(claim);
            }
            Ok(claimed.then(|| daily.clone()))
        });
        Ok(changed.await?.flatten())
    }
}

pub(super) fn daily_key(id: DailyId) -> Vec<u8> {
    Key::new().u64(id.0).bytes()
}

/// Writes a daily and moves its index entries from where `before` had them.
pub(super) fn put_daily(
    changes: &mut Changes<'_>,
    before: Option<&Daily>,
    after: &Daily,
) -> Result<(), StoreError> {
    if let Some(before) = before {
        unindex(changes, before);
    }
    changes.put(Table::DailyNames, name_key(after), &after.id)?;
    if let Some(at) = after.due_at() {
        changes.put(Table::Due, due_key(at, after.id), &())?;
    }
    if let Some(claim) = &after.claim {
        changes.put(Table::Work, round_key(after.id, claim.number), &())?;
    }
    if !after.untold().is_empty() {
        changes.put(Table::Work, round_key(after.id, NOTICE), &())?;
    }
    changes.put(Table::Dailies, daily_key(after.id), after)
}

/// Deletes a daily and all that hangs on it.
pub(super) fn delete_daily(changes: &mut Changes<'_>, id: DailyId) -> Result<(), StoreError> {
    super::members::delete_members(changes, id)?;
    let prefix = daily_key(id);
    for table in [Table::Rounds, Table::Work, Table::Scores, Table::Ranking, Table::Counts] {
        changes.delete_prefix(table, &prefix)?;
    }
    if let Some(stored) = changes.get::<Daily>(Table::Dailies, &prefix)? {
        unindex(changes, &stored);
    }
    changes.delete(Table::Dailies, prefix);
    Ok(())
}

fn unindex(changes: &mut Changes<'_>, daily: &Daily) {
    changes.delete(Table::DailyNames, name_key(daily));
    if let Some(at) = daily.due_at() {
        changes.delete(Table::Due, due_key(at, daily.id));
    }
    if let Some(claim) = &daily.claim {
        changes.delete(Table::Work, round_key(daily.id, claim.number));
    }
    if !daily.untold().is_empty() {
        changes.delete(Table::Work, round_key(daily.id, NOTICE));
    }
}

fn name_key(daily: &Daily) -> Vec<u8> {
    Key::new().u64(daily.guild.0).text(&daily.settings.name).bytes()
}

fn due_key(at: Timestamp, id: DailyId) -> Vec<u8> {
    Key::new().time(at).u64(id.0).bytes()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
