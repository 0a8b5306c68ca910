//! Dailies: by id, by guild and name, and by the instant at which they are due.

use super::{
    Changes, Store, StoreError, Table,
    codec::{Key, Parts, decode},
    keys::{counter_key, daily_key, guild_key},
    plan,
};
use crate::{
    domain::{
        daily::{Claim, Daily},
        ids::{DailyId, GuildId},
        ledger::{CreateOutcome, NewDaily, Plan},
    },
    error::{Error, Result},
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
        let names = self.tree(Table::DailyNames).scan_prefix(guild_key(guild));
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

    /// Creates a daily.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn create_daily(&self, new: NewDaily) -> Result<CreateOutcome, StoreError> {
        self.write(|changes| {
            let others = changes.store.read_dailies_of(new.guild)?;
            let counter = counter_key("daily");
            let number = changes.get::<u64>(Table::Meta, &counter)?.unwrap_or(0) + 1;
            let (outcome, plan) = new.create(DailyId(number), &others);
            if let CreateOutcome::Created(_) = outcome {
                changes.put(Table::Meta, counter, &number)?;
            }
            plan::write(changes, plan)?;
            Ok(outcome)
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
            plan::write(changes, Plan::of_daily(Some(before), after))?;
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

/// Deletes a daily and all that hangs on it.
pub(super) fn delete_daily(changes: &mut Changes<'_>, id: DailyId) -> Result<(), StoreError> {
    super::members::delete_members(changes, id)?;
    let prefix = daily_key(id);
    for table in [Table::Rounds, Table::Work, Table::Scores, Table::Ranking, Table::Counts] {
        changes.delete_prefix(table, &prefix)?;
    }
    if let Some(stored) = changes.get::<Daily>(Table::Dailies, &prefix)? {
        plan::delete_entries(changes, &stored);
    }
    changes.delete(Table::Dailies, prefix);
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
