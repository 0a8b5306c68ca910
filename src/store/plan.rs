//! Writes what the ledger has worked out, with the index entries that follow from each row.

use super::{
    Changes, StoreError, Table,
    keys::{
        count_key, daily_key, due_key, entry_key, member_key, name_key, part_key, round_key,
        score_key, section, user_key,
    },
    rows::PartRow,
};
use crate::domain::{
    board::Entry,
    daily::{Daily, NOTICE},
    ids::UserId,
    ledger::{Move, PartChange, Plan, Presence, Spot},
    member::{Placed, Preferences, Score},
    round::Round,
};

/// Writes a plan.
pub(super) fn write(changes: &mut Changes<'_>, plan: Plan) -> Result<(), StoreError> {
    let Plan { dailies, rounds, parts, presences, moves, preferences } = plan;
    for daily in dailies {
        put_daily(changes, daily.before.as_ref(), &daily.after)?;
    }
    for round in rounds {
        put_round(changes, &round)?;
    }
    for part in parts {
        put_part(changes, part)?;
    }
    for presence in presences {
        put_presence(changes, presence)?;
    }
    for moved in moves {
        put_move(changes, moved)?;
    }
    for (user, chosen) in preferences {
        put_preferences(changes, user, chosen)?;
    }
    Ok(())
}

/// Writes a daily and moves its index entries from where `before` had them.
pub(super) fn put_daily(
    changes: &mut Changes<'_>,
    before: Option<&Daily>,
    after: &Daily,
) -> Result<(), StoreError> {
    if let Some(before) = before {
        delete_entries(changes, before);
    }
    changes.put(Table::DailyNames, name_key(after.guild, &after.settings.name), &after.id)?;
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

/// Deletes the index entries of a daily.
pub(super) fn delete_entries(changes: &mut Changes<'_>, daily: &Daily) {
    changes.delete(Table::DailyNames, name_key(daily.guild, &daily.settings.name));
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

fn put_part(changes: &mut Changes<'_>, part: PartChange) -> Result<(), StoreError> {
    let key = part_key(part.daily, part.user, part.round);
    match part.to {
        Some(chapter) => changes.put(Table::Parts, key, &PartRow::from(chapter)),
        None => {
            changes.delete(Table::Parts, key);
            Ok(())
        }
    }
}

pub(super) fn put_presence(
    changes: &mut Changes<'_>,
    presence: Presence,
) -> Result<(), StoreError> {
    let key = member_key(presence.daily, presence.user);
    if presence.there {
        return changes.put(Table::Members, key, &());
    }
    changes.delete(Table::Members, key);
    Ok(())
}

/// Moves a member's score, and their entry where one is shown.
pub(super) fn put_move(changes: &mut Changes<'_>, moved: Move) -> Result<(), StoreError> {
    let Move { daily, user, board, from, to } = moved;
    let placed = |spot: Option<Spot>| spot.map(|spot| spot.placed);
    if placed(from) != placed(to) {
        let key = score_key(daily, board, user);
        match placed(to) {
            Some(placed) => changes.put(Table::Scores, key, &placed)?,
            None => changes.delete(Table::Scores, key),
        }
    }
    let shown = |spot: Option<Spot>| spot.filter(|spot| spot.shown).map(|spot| spot.placed);
    let (from, to) = (shown(from), shown(to));
    if from == to {
        return Ok(());
    }
    let section = |placed: &Placed| section(daily, board, placed.partition);
    if let Some(from) = from {
        delete_entry(changes, &section(&from), entry(from, user))?;
    }
    if let Some(to) = to {
        put_entry(changes, &section(&to), entry(to, user))?;
    }
    Ok(())
}

fn entry(placed: Placed, user: UserId) -> Entry {
    let Score { score, reached } = placed.score;
    Entry { score, reached, user }
}

/// Puts an entry in, and counts it.
fn put_entry(changes: &mut Changes<'_>, section: &[u8], entry: Entry) -> Result<(), StoreError> {
    let key = count_key(section, entry.score);
    let count: u32 = changes.get(Table::Counts, &key)?.unwrap_or(0);
    changes.put(Table::Ranking, entry_key(section, entry), &())?;
    changes.put(Table::Counts, key, &(count + 1))
}

/// Takes an entry out, and counts it no longer.
fn delete_entry(changes: &mut Changes<'_>, section: &[u8], entry: Entry) -> Result<(), StoreError> {
    let key = count_key(section, entry.score);
    let count: u32 = changes.get(Table::Counts, &key)?.unwrap_or(0);
    changes.delete(Table::Ranking, entry_key(section, entry));
    match count.saturating_sub(1) {
        0 => changes.delete(Table::Counts, key),
        left => changes.put(Table::Counts, key, &left)?,
    }
    Ok(())
}

/// Writes what a member has chosen; what everybody begins with needs no row.
fn put_preferences(
    changes: &mut Changes<'_>,
    user: UserId,
    chosen: Preferences,
) -> Result<(), StoreError> {
    if chosen == Preferences::default() {
        changes.delete(Table::Preferences, user_key(user));
        return Ok(());
    }
    changes.put(Table::Preferences, user_key(user), &chosen)
}
