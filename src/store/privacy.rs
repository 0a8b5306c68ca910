//! What is stored of one member over all guilds: what they have chosen, showing and hiding them on
//! boards, and deleting all of it. `docs/privacy.md` lists each field; a test compares.

use super::{
    Changes, Store, StoreError, Table, boards,
    codec::{Key, Parts, decode},
    dailies::{daily_key, put_daily},
    members::{member_key, part_key},
    rounds::{put_round, round_key},
};
use crate::domain::{
    daily::Daily,
    ids::{DailyId, UserId},
    member::{Preferences, Record},
    round::Round,
};

/// What was deleted of a member.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Forgotten {
    /// The dailies in which they had done anything.
    pub dailies: usize,
    /// The rounds in which they had done anything.
    pub rounds: Vec<(DailyId, u32)>,
}

impl Store {
    /// What a member has chosen.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn preferences(&self, user: UserId) -> Result<Preferences, StoreError> {
        Ok(self.get(Table::Preferences, &preferences_key(user))?.unwrap_or_default())
    }

    /// Hides a member from all boards, or shows them again. Returns whether that is a change.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn set_hidden(&self, user: UserId, hidden: bool) -> Result<bool, StoreError> {
        self.write(|changes| {
            let before = preferences(changes, user)?;
            if before.hidden == hidden {
                return Ok(false);
            }
            for daily in changes.store.read_dailies_with(user)? {
                let record = Record::replay(&changes.store.read_history(daily, user)?);
                boards::show(changes, daily, user, &record, !hidden)?;
            }
            put_preferences(changes, user, Preferences { hidden })?;
            Ok(true)
        })
        .await
    }

    /// The dailies in which a member has done anything, whatever the guild.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn dailies_with(&self, user: UserId) -> Result<Vec<DailyId>, StoreError> {
        self.read_dailies_with(user)
    }

    pub(super) fn read_dailies_with(&self, user: UserId) -> Result<Vec<DailyId>, StoreError> {
        let keys = self.tree(Table::Members).scan_prefix(Key::new().u64(user.0).bytes()).keys();
        keys.map(|key| {
            let key = key?;
            let mut parts = Parts::of(&key);
            parts.u64()?;
            Ok(DailyId(parts.u64()?))
        })
        .collect()
    }

    /// The dailies that a member has set up or paused. Looks at every daily.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn dailies_naming(&self, user: UserId) -> Result<Vec<DailyId>, StoreError> {
        self.read_dailies_naming(user)
    }

    pub(super) fn read_dailies_naming(&self, user: UserId) -> Result<Vec<DailyId>, StoreError> {
        let mut naming = Vec::new();
        let digits = user.to_string().into_bytes();
        for row in self.tree(Table::Dailies).iter().values() {
            let row = row?;
            // Reading a daily costs far more than seeing that it cannot name the member.
            if !row.windows(digits.len()).any(|part| part == digits) {
                continue;
            }
            let daily: Daily = decode(&row)?;
            if daily.names(user) {
                naming.push(daily.id);
            }
        }
        Ok(naming)
    }

    /// Deletes all that is stored of a member, in every guild at once. Rounds then count as if the
    /// member had never been there.
    ///
    /// # Errors
    /// Where the store cannot be written; nothing is deleted then.
    pub async fn forget_member(&self, user: UserId) -> Result<Forgotten, StoreError> {
        // Before it is this one's turn to write: there may be many dailies to look at.
        let naming = self.read_dailies_naming(user)?;
        self.write(|changes| {
            let mut forgotten = Forgotten::default();
            for daily in changes.store.read_dailies_with(user)? {
                let rounds = forget_in(changes, daily, user)?;
                forgotten.dailies += 1;
                forgotten.rounds.extend(rounds.into_iter().map(|number| (daily, number)));
            }
            for daily in naming {
                forget_name(changes, daily, user)?;
            }
            changes.delete(Table::Preferences, preferences_key(user));
            Ok(forgotten)
        })
        .await
    }
}

/// Deletes what a member did in one daily. Returns the rounds.
fn forget_in(
    changes: &mut Changes<'_>,
    daily: DailyId,
    user: UserId,
) -> Result<Vec<u32>, StoreError> {
    let history = changes.store.read_history(daily, user)?;
    boards::put_scores(changes, daily, user, &Record::replay(&history), &Record::default())?;
    for chapter in &history {
        changes.delete(Table::Parts, part_key(daily, user, chapter.round));
        let round = changes.get::<Round>(Table::Rounds, &round_key(daily, chapter.round))?;
        if let Some(mut round) = round {
            round.forget_part(&chapter.part);
            put_round(changes, &round)?;
        }
    }
    changes.delete(Table::Members, member_key(daily, user));
    Ok(history.iter().map(|chapter| chapter.round).collect())
}

/// Names the member in a daily no longer.
fn forget_name(changes: &mut Changes<'_>, id: DailyId, user: UserId) -> Result<(), StoreError> {
    let Some(before) = changes.get::<Daily>(Table::Dailies, &daily_key(id))? else {
        return Ok(());
    };
    let mut after = before.clone();
    after.forget(user);
    put_daily(changes, Some(&before), &after)
}

/// What a member has chosen, as it is for the action that writes.
pub(super) fn preferences(changes: &Changes<'_>, user: UserId) -> Result<Preferences, StoreError> {
    Ok(changes.get(Table::Preferences, &preferences_key(user))?.unwrap_or_default())
}

/// Writes what a member has chosen; what everybody begins with needs no row.
fn put_preferences(
    changes: &mut Changes<'_>,
    user: UserId,
    chosen: Preferences,
) -> Result<(), StoreError> {
    if chosen == Preferences::default() {
        changes.delete(Table::Preferences, preferences_key(user));
        return Ok(());
    }
    changes.put(Table::Preferences, preferences_key(user), &chosen)
}

fn preferences_key(user: UserId) -> Vec<u8> {
    Key::new().u64(user.0).bytes()
}
