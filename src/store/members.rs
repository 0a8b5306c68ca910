//! What members did in rounds, and the scores that follow from it.

use super::{
    Changes, Store, StoreError, Table, boards,
    codec::{Key, Parts, decode},
    rounds::{put_round, round_key},
};
use crate::domain::{
    ids::{DailyId, UserId},
    member::{Chapter, Record},
    round::{Act, Participation, Round},
    streak::Event,
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

/// A row of the table of participations.
#[derive(PartialEq, Serialize, Deserialize)]
pub(super) struct PartRow {
    took_part_on: Option<Date>,
    quiz_on: Option<Date>,
    pub(super) part: Participation,
}

impl PartRow {
    pub(super) fn new(round: &Round, part: Participation) -> Self {
        let local = |at: Timestamp| round.zone.to_datetime(at).date();
        let took_part_on = match part.took_part() {
            // A credit is about the round, whenever it is given.
            Some(at) if part.credited == Some(at) => Some(round.date),
            at => at.map(local),
        };
        Self { took_part_on, quiz_on: part.quiz.map(|quiz| local(quiz.at)), part }
    }

    pub(super) fn chapter(self, round: u32) -> Chapter {
        let Self { took_part_on, quiz_on, part } = self;
        Chapter { round, took_part_on, quiz_on, part }
    }
}

/// Reads the row of a round.
pub(super) fn read_chapter(value: &[u8], round: u32) -> Result<Chapter, StoreError> {
    decode(value).map(|row: PartRow| row.chapter(round))
}

/// What became of an act.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ActOutcome {
    /// It is recorded.
    Recorded(Box<Change>),
    /// The round had closed before the act: it counts for nothing and nothing is stored.
    Late(Box<Round>),
    /// No such round.
    UnknownRound,
}

/// How an act changed a member's record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// The round after the act.
    pub round: Round,
    /// What the member had done before it.
    pub before: Participation,
    /// And has done now.
    pub after: Participation,
    /// The member's record now.
    pub record: Record,
    /// What the act did to the streak; empty if the member had taken part already.
    pub events: Vec<Event>,
}

/// What an admin does about a member's round.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Credit {
    /// Count it as taken part in.
    Give,
    /// Take an earlier credit back.
    TakeBack,
}

/// What became of a credit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CreditOutcome {
    /// It is recorded.
    Changed(Box<Change>),
    /// There was nothing to change: the member took part, or had no credit.
    Nothing,
    /// No such round.
    UnknownRound,
}

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
            let Some(round) = changes.get::<Round>(Table::Rounds, &round_key(daily, number))?
            else {
                return Ok(ActOutcome::UnknownRound);
            };
            if !round.is_open_at(at) {
                return Ok(ActOutcome::Late(Box::new(round)));
            }
            let change = change_part(changes, round, user, |part| part.record(act, at))?;
            Ok(ActOutcome::Recorded(Box::new(change)))
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
            let Some(round) = changes.get::<Round>(Table::Rounds, &round_key(daily, number))?
            else {
                return Ok(CreditOutcome::UnknownRound);
            };
            let part = part_of(changes, daily, user, number)?;
            let possible = match credit {
                Credit::Give => part.took_part().is_none(),
                Credit::TakeBack => part.credited.is_some(),
            };
            if !possible {
                return Ok(CreditOutcome::Nothing);
            }
            let change = change_part(changes, round, user, |part| match credit {
                Credit::Give => part.credited = Some(at),
                Credit::TakeBack => part.credited = None,
            })?;
            Ok(CreditOutcome::Changed(Box::new(change)))
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
        let rows = self.tree(Table::Parts).scan_prefix(member_prefix(daily, user));
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

/// Changes what a member did in a round and everything that follows from it: the round's tally
/// and the member's scores. The record is replayed from the member's whole history, so a credit
/// for an old round and a click that arrives late are nothing special.
fn change_part(
    changes: &mut Changes<'_>,
    mut round: Round,
    user: UserId,
    change: impl FnOnce(&mut Participation),
) -> Result<Change, StoreError> {
    let (daily, number) = (round.daily, round.number);
    let mut history = changes.store.read_history(daily, user)?;
    let place = history.binary_search_by_key(&number, |chapter| chapter.round);
    let before = place.map(|place| history[place].part.clone()).unwrap_or_default();
    let mut after = before.clone();
    change(&mut after);
    let old = Record::replay(&history);
    let chapter = PartRow::new(&round, after.clone()).chapter(number);
    match place {
        Ok(place) => history[place] = chapter,
        Err(place) => history.insert(place, chapter),
    }
    let record = Record::replay(&history);
    if before != after {
        round.replace_part(&before, &after);
        let row = PartRow::new(&round, after.clone());
        changes.put(Table::Parts, part_key(daily, user, number), &row)?;
        changes.put(Table::Members, member_key(daily, user), &())?;
        put_round(changes, &round)?;
        boards::put_scores(changes, daily, user, &old, &record)?;
    }
    let same = old.events.iter().zip(&record.events).take_while(|(old, new)| old == new).count();
    let events = record.events[same..].to_vec();
    Ok(Change { round, before, after, record, events })
}

fn part_of(
    changes: &Changes<'_>,
    daily: DailyId,
    user: UserId,
    number: u32,
) -> Result<Participation, StoreError> {
    let row: Option<PartRow> = changes.get(Table::Parts, &part_key(daily, user, number))?;
    Ok(row.map(|row| row.part).unwrap_or_default())
}

/// Deletes what every member did in a daily.
pub(super) fn delete_members(changes: &mut Changes<'_>, daily: DailyId) -> Result<(), StoreError> {
    let prefix = Key::new().u64(daily.0).bytes();
    for key in changes.store.tree(Table::Parts).scan_prefix(&prefix).keys() {
        let key = key?;
        let mut parts = Parts::of(&key);
        parts.u64()?;
        let user = UserId(parts.u64()?);
        changes.delete(Table::Members, member_key(daily, user));
    }
    changes.delete_prefix(Table::Parts, &prefix)
}

fn member_prefix(daily: DailyId, user: UserId) -> Vec<u8> {
    Key::new().u64(daily.0).u64(user.0).bytes()
}

pub(super) fn member_key(daily: DailyId, user: UserId) -> Vec<u8> {
    Key::new().u64(user.0).u64(daily.0).bytes()
}

pub(super) fn part_key(daily: DailyId, user: UserId, number: u32) -> Vec<u8> {
    Key::new().u64(daily.0).u64(user.0).u32(number).bytes()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
