//! What members did in rounds, and the scores that follow from it.

use super::{
    Changes, Store, StoreError, Table,
    codec::Parts,
    keys::{daily_key, history_prefix, member_key, part_key, round_key, user_key},
    plan,
    rows::{PartRow, read_chapter},
};
use crate::domain::{
    ids::{DailyId, UserId},
    ledger::{ActOutcome, Before, Credit, CreditOutcome},
    member::Chapter,
    round::{Act, Participation},
};
use jiff::Timestamp;

impl Store {
    /// Records what a member did at `at` in a round.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn act(
        &self,
        daily: DailyId,
        number: u32,
        user: UserId,
        at: Timestamp,
        act: Act,
    ) -> Result<ActOutcome, StoreError> {
        self.write(|changes| {
            let (outcome, plan) = before(changes, daily, number, user)?.act(at, act);
            plan::write(changes, plan)?;
            Ok(outcome)
        })
        .await
    }

    /// Credits a member for a round, or takes that back.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn credit(
        &self,
        daily: DailyId,
        number: u32,
        user: UserId,
        at: Timestamp,
        credit: Credit,
    ) -> Result<CreditOutcome, StoreError> {
        self.write(|changes| {
            let (outcome, plan) = before(changes, daily, number, user)?.credit(at, credit);
            plan::write(changes, plan)?;
            Ok(outcome)
        })
        .await
    }

    /// What a member did in a round; all blank where nothing is stored.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn participation(
        &self,
        daily: DailyId,
        number: u32,
        user: UserId,
    ) -> Result<Participation, StoreError> {
        let row: Option<PartRow> = self.get(Table::Parts, &part_key(daily, user, number))?;
        Ok(row.map(|row| row.part).unwrap_or_default())
    }

    /// All that a member did in a daily, the oldest round first.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn history(&self, daily: DailyId, user: UserId) -> Result<Vec<Chapter>, StoreError> {
        self.read_history(daily, user)
    }

    pub(super) fn read_history(
        &self,
        daily: DailyId,
        user: UserId,
    ) -> Result<Vec<Chapter>, StoreError> {
        let rows = self.tree(Table::Parts).scan_prefix(history_prefix(daily, user));
        rows.map(|row| {
            let (key, value) = row?;
            let mut parts = Parts::of(&key);
            parts.u64()?;
            parts.u64()?;
            read_chapter(&value, parts.u32()?)
        })
        .collect()
    }
}

/// What is stored before a member does something in a round.
fn before(
    changes: &Changes<'_>,
    daily: DailyId,
    number: u32,
    user: UserId,
) -> Result<Before, StoreError> {
    Ok(Before {
        round: changes.get(Table::Rounds, &round_key(daily, number))?,
        user,
        preferences: changes.get(Table::Preferences, &user_key(user))?.unwrap_or_default(),
        history: changes.store.read_history(daily, user)?,
    })
}

/// Deletes what every member did in a daily.
pub(super) fn delete_members(changes: &mut Changes<'_>, daily: DailyId) -> Result<(), StoreError> {
    let prefix = daily_key(daily);
    for key in changes.store.tree(Table::Parts).scan_prefix(&prefix).keys() {
        let key = key?;
        let mut parts = Parts::of(&key);
        parts.u64()?;
        let user = UserId(parts.u64()?);
        changes.delete(Table::Members, member_key(daily, user));
    }
    changes.delete_prefix(Table::Parts, &prefix)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
