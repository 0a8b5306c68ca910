//! Rounds, and the list of those whose message needs work.

use super::{
    Changes, Store, StoreError, Table,
    codec::{Key, Parts},
    dailies::{daily_key, put_daily},
};
use crate::domain::{
    daily::{Claim, Daily},
    ids::DailyId,
    round::{Post, Round, Step, Tally},
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
            put_round(changes, &round)?;
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
            let Some(before) = changes.get::<Daily>(Table::Dailies, &daily_key(daily))? else {
                return Ok(None);
            };
            let Some(claim) = before.claim.clone().filter(|claim| claim.number == number) else {
                return changes.get(Table::Rounds, &round_key(daily, number));
            };
            if let Some(mut last) =
                changes.get::<Round>(Table::Rounds, &round_key(daily, before.rounds))?
            {
                last.close(post.at);
                put_round(changes, &last)?;
            }
            let round = opened(&before, &claim, post);
            let mut after = before.clone();
            after.confirm(claim);
            put_daily(changes, Some(&before), &after)?;
            put_round(changes, &round)?;
            Ok(Some(round))
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

fn opened(daily: &Daily, claim: &Claim, post: Post) -> Round {
    let settings = &daily.settings;
    // In a forum the post is a thread already, and its first message cannot be pinned in a channel.
    let in_forum = post.channel != claim.channel;
    Round {
        daily: daily.id,
        number: claim.number,
        question: claim.question.clone(),
        date: claim.date,
        zone: settings.schedule.zone.clone(),
        extra: claim.extra,
        post,
        thread_id: in_forum.then_some(post.channel),
        thread: Step::wanted(settings.thread && !in_forum),
        pin: Step::wanted(settings.pin && !in_forum),
        results: Step::NotWanted,
        unpin: Step::NotWanted,
        closed_at: None,
        tally: Tally::default(),
        shown: 0,
    }
}

pub(super) fn round_key(daily: DailyId, number: u32) -> Vec<u8> {
    Key::new().u64(daily.0).u32(number).bytes()
}

/// Writes a round and keeps the list of work in step.
pub(super) fn put_round(changes: &mut Changes<'_>, round: &Round) -> Result<(), StoreError> {
    let key = round_key(round.daily, round.number);
    if round.has_work() {
        changes.put(Table::Work, key.clone(), &())?;
    } else {
        changes.delete(Table::Work, key.clone());
    }
    changes.put(Table::Rounds, key, round)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
