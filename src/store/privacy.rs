//! What is stored of one member over all guilds: what they have chosen, showing and hiding them on
//! boards, and deleting all of it. `docs/privacy.md` lists each field; a test compares.

use super::{
    Changes, Store, StoreError, Table,
    codec::{Parts, decode},
    keys::{daily_key, round_key, user_key},
    plan,
};
use crate::domain::{
    daily::Daily,
    ids::{DailyId, UserId},
    ledger::{self, Forgotten, Trace, Traces},
    member::{Chapter, Preferences},
    round::Round,
};

impl Store {
    /// What a member has chosen.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn preferences(&self, user: UserId) -> Result<Preferences, StoreError> {
        Ok(self.get(Table::Preferences, &user_key(user))?.unwrap_or_default())
    }

    /// Hides a member from all boards, or shows them again. Returns whether that is a change.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn set_hidden(&self, user: UserId, hidden: bool) -> Result<bool, StoreError> {
        self.write(|changes| {
            let before = preferences(changes, user)?;
            let mut histories = Vec::new();
            for daily in changes.store.read_dailies_with(user)? {
                histories.push((daily, changes.store.read_history(daily, user)?));
            }
            let histories = histories.iter().map(|(daily, history)| (*daily, history.as_slice()));
            let (changed, plan) = ledger::hide(user, before, hidden, histories);
            plan::write(changes, plan)?;
            Ok(changed)
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
        let keys = self.tree(Table::Members).scan_prefix(user_key(user)).keys();
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
            let (forgotten, plan) = traces(changes, user, naming)?.forget();
            plan::write(changes, plan)?;
            Ok(forgotten)
        })
        .await
    }
}

/// All that is stored of a member.
fn traces(changes: &Changes<'_>, user: UserId, naming: Vec<DailyId>) -> Result<Traces, StoreError> {
    let preferences = preferences(changes, user)?;
    let (mut dailies, mut named_in) = (Vec::new(), Vec::new());
    for daily in changes.store.read_dailies_with(user)? {
        let history = changes.store.read_history(daily, user)?;
        let rounds = rounds_of(changes, daily, &history)?;
        dailies.push(Trace { daily, history, rounds });
    }
    for daily in naming {
        named_in.extend(changes.get::<Daily>(Table::Dailies, &daily_key(daily))?);
    }
    Ok(Traces { user, preferences, dailies, named_in })
}

/// The rounds of a history.
fn rounds_of(
    changes: &Changes<'_>,
    daily: DailyId,
    history: &[Chapter],
) -> Result<Vec<Round>, StoreError> {
    let mut rounds = Vec::new();
    for chapter in history {
        rounds.extend(changes.get::<Round>(Table::Rounds, &round_key(daily, chapter.round))?);
    }
    Ok(rounds)
}

/// What a member has chosen, as it is for the action that writes.
fn preferences(changes: &Changes<'_>, user: UserId) -> Result<Preferences, StoreError> {
    Ok(changes.get(Table::Preferences, &user_key(user))?.unwrap_or_default())
}
