//! Rounds, and the list of those whose message needs work.

use super::{
    Store, StoreError, Table,
    codec::Parts,
    keys::{daily_key, round_key},
    plan,
};
use crate::domain::{
    daily::Daily,
    ids::DailyId,
    ledger::{self, Confirming, Plan},
    round::{Post, Round},
};

impl Store {
    /// The round of that number.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn round(&self, daily: DailyId, number: u32) -> Result<Option<Round>, StoreError> {
        self.get(Table::Rounds, &round_key(daily, number))
    }

    /// Changes a round. `None` where there is none of that number.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn update_round(
        &self,
        daily: DailyId,
        number: u32,
        change: impl FnOnce(&mut Round),
    ) -> Result<Option<Round>, StoreError> {
        self.write(|changes| {
            let Some(mut round) = changes.get::<Round>(Table::Rounds, &round_key(daily, number))?
            else {
                return Ok(None);
            };
            change(&mut round);
            plan::write(changes, Plan::of_round(round.clone()))?;
            Ok(Some(round))
        })
        .await
    }

    /// Records that the claimed round is out, and closes the one before it. Returns the round;
    /// `None` where nothing of that number is claimed or posted. Asked twice, it answers twice
    /// and changes nothing the second time.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn confirm(
        &self,
        daily: DailyId,
        number: u32,
        post: Post,
    ) -> Result<Option<Round>, StoreError> {
        self.write(|changes| {
            let stored: Option<Daily> = changes.get(Table::Dailies, &daily_key(daily))?;
            let newest = stored.as_ref().map_or(0, |daily| daily.rounds);
            let round = |number| changes.get(Table::Rounds, &round_key(daily, number));
            let (newest, existing) = (round(newest)?, round(number)?);
            let confirming = Confirming { daily: stored, newest, existing };
            let (round, plan) = ledger::confirm(confirming, number, post);
            plan::write(changes, plan)?;
            Ok(round)
        })
        .await
    }

    /// The rounds whose message needs work.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn work(&self) -> Result<Vec<(DailyId, u32)>, StoreError> {
        let keys = self.tree(Table::Work).iter().keys();
        keys.map(|key| {
            let key = key?;
            let mut parts = Parts::of(&key);
            Ok((DailyId(parts.u64()?), parts.u32()?))
        })
        .collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
