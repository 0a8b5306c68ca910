//! Makes a store anew from the rows of another that do not follow from others: every streak,
//! freeze and board from what members did. To verify a store is to compare it with the outcome,
//! to repair it is to put the outcome in its place.

use super::{
    Store, StoreError, Table,
    codec::{Parts, decode, encode},
    describe,
    guilds::put_departure,
    keys::{daily_key, part_key, round_key, user_key},
    opening,
    plan::{self, put_daily, put_round},
    rows::PartRow,
    sums,
};
use crate::domain::{
    daily::Daily,
    guild::{Departure, GuildSettings},
    ids::{DailyId, GuildId, UserId},
    ledger::{Plan, Presence, Seen, moves},
    member::{Chapter, Preferences, Record},
    round::{Participation, Round, Tally},
};
use serde::de::IgnoredAny;
use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// How many rows are written at once.
const BATCH: usize = 1000;

/// What was found on the way.
#[derive(Default)]
pub(super) struct Findings {
    /// What is not there any more, or cannot be used.
    pub(super) lost: Vec<String>,
    /// What did not agree with the rest, and was set right in the new store.
    pub(super) mended: Vec<String>,
}

/// Fills a new store from a database that may be damaged.
pub(super) fn rebuild(from: &sled::Db, into: &Store) -> Result<Findings, StoreError> {
    let mut findings = Findings::default();
    for (table, name) in Table::ALL.into_iter().filter(|(table, _)| !table.is_derived()) {
        let tree = from.open_tree(name)?;
        copy(table, &tree, into, &mut findings)?;
    }
    rebuild_leaving(into)?;
    let dailies = into.read_all_dailies()?;
    drop_strays(into, &dailies, &mut findings)?;
    for daily in dailies {
        let mut rounds = rounds_of(into, daily.id)?;
        rebuild_daily(into, daily.clone(), &rounds, &mut findings)?;
        let tallies = rebuild_members(into, daily.id, &rounds, &mut findings)?;
        for (number, round) in &mut rounds {
            set_tally(round, tallies.get(number).copied().unwrap_or_default(), &mut findings);
            into.apply(|changes| put_round(changes, round))?;
        }
    }
    Ok(findings)
}

/// Copies the rows of a table that can be read and have its form.
fn copy(
    table: Table,
    tree: &sled::Tree,
    into: &Store,
    findings: &mut Findings,
) -> Result<(), StoreError> {
    let mut batch = Vec::new();
    let mut take = |key: &[u8], value: &[u8]| {
        if fits(table, key, value) {
            batch.push((key.to_vec(), value.to_vec()));
        } else {
            let row = describe::in_report(table.name(), key);
            findings.lost.push(format!("a row has not the form that it should have: {row}"));
        }
        if batch.len() >= BATCH { put(into, table, &mut batch) } else { Ok(()) }
    };
    let unread = salvage(tree, &mut take)?;
    put(into, table, &mut batch)?;
    if let Some(error) = unread {
        let name = table.name();
        findings.lost.push(format!("some rows of the table {name} cannot be read: {error}"));
    }
    Ok(())
}

/// Takes the rows from the front up to one that cannot be read, then from the back down to it.
/// Returns why there was one.
fn salvage(
    tree: &sled::Tree,
    mut take: impl FnMut(&[u8], &[u8]) -> Result<(), StoreError>,
) -> Result<Option<String>, StoreError> {
    let mut last = None;
    let mut rows = tree.iter();
    let error = loop {
        match next(|| rows.next()) {
            Ok(None) => return Ok(None),
            Ok(Some((key, value))) => {
                take(&key, &value)?;
                last = Some(key);
            }
            Err(error) => break error,
        }
    };
    let mut rows = tree.iter();
    while let Ok(Some((key, value))) = next(|| rows.next_back()) {
        if last.as_ref().is_some_and(|last| key <= *last) {
            break;
        }
        take(&key, &value)?;
    }
    Ok(Some(error))
}

type Row = (sled::IVec, sled::IVec);

/// The next row, or why it cannot be read; sled may panic at what it finds.
fn next(step: impl FnOnce() -> Option<Result<Row, sled::Error>>) -> Result<Option<Row>, String> {
    let row = catch_unwind(AssertUnwindSafe(step)).map_err(|panic| opening::said(&*panic))?;
    row.transpose().map_err(|error| sums::sled_says(&error))
}

fn put(into: &Store, table: Table, batch: &mut Vec<(Vec<u8>, Vec<u8>)>) -> Result<(), StoreError> {
    into.apply(|changes| {
        for (key, value) in batch.drain(..) {
            changes.pending.insert((table, key), Some(value));
        }
        Ok(())
    })
}

/// Whether a row has the form of its table.
fn fits(table: Table, key: &[u8], value: &[u8]) -> bool {
    let form = match table {
        Table::Dailies => decode(value).is_ok_and(|daily: Daily| daily_key(daily.id) == key),
        Table::Rounds => {
            decode(value).is_ok_and(|round: Round| round_key(round.daily, round.number) == key)
        }
        Table::Parts => decode::<PartRow>(value).is_ok(),
        Table::Preferences => decode::<Preferences>(value).is_ok(),
        Table::Guilds => decode::<GuildSettings>(value).is_ok(),
        Table::Departures => decode::<Departure>(value).is_ok(),
        _ => decode::<IgnoredAny>(value).is_ok(),
    };
    form && describe::row(table.name(), key).is_some()
}

/// Takes out what belongs to a daily that is not there.
fn drop_strays(into: &Store, dailies: &[Daily], findings: &mut Findings) -> Result<(), StoreError> {
    for table in [Table::Rounds, Table::Parts] {
        let mut strays = BTreeMap::<u64, Vec<Vec<u8>>>::new();
        for key in into.tree(table).iter().keys() {
            let key = key?;
            let daily = Parts::of(&key).u64()?;
            if !dailies.iter().any(|known| known.id.0 == daily) {
                strays.entry(daily).or_default().push(key.to_vec());
            }
        }
        for (daily, keys) in strays {
            let (count, name) = (keys.len(), table.name());
            findings
                .lost
                .push(format!("{count} rows of {name} are of daily {daily}, which is not there"));
            into.apply(|changes| {
                keys.into_iter().for_each(|key| changes.delete(table, key));
                Ok::<_, StoreError>(())
            })?;
        }
    }
    Ok(())
}

/// Writes by when the data of the guilds goes that the bot is no longer in.
fn rebuild_leaving(into: &Store) -> Result<(), StoreError> {
    for row in into.tree(Table::Departures).iter() {
        let (key, value) = row?;
        let (guild, departure) = (GuildId(Parts::of(&key).u64()?), decode(&value)?);
        into.apply(|changes| put_departure(changes, guild, &departure))?;
    }
    Ok(())
}

fn rounds_of(into: &Store, daily: DailyId) -> Result<BTreeMap<u32, Round>, StoreError> {
    let rows = into.tree(Table::Rounds).scan_prefix(daily_key(daily)).values();
    rows.map(|row| decode(&row?).map(|round: Round| (round.number, round))).collect()
}

/// Writes a daily with its index entries, and sees that no number of a round is given out twice.
fn rebuild_daily(
    into: &Store,
    mut daily: Daily,
    rounds: &BTreeMap<u32, Round>,
    findings: &mut Findings,
) -> Result<(), StoreError> {
    let id = daily.id;
    let newest = rounds.keys().next_back().copied().unwrap_or(0);
    if newest > daily.rounds {
        findings.mended.push(format!("daily {id} knew of {} rounds, not {newest}", daily.rounds));
        daily.rounds = newest;
        daily.claim = daily.claim.filter(|claim| claim.number > newest);
    }
    for missing in (1..=daily.rounds).filter(|number| !rounds.contains_key(number)) {
        findings.lost.push(format!("round {missing} of daily {id}"));
    }
    into.apply(|changes| {
        let counter = b"counter/daily".to_vec();
        if changes.get::<u64>(Table::Meta, &counter)?.unwrap_or(0) < id.0 {
            findings
                .mended
                .push(format!("the number of daily {id} could have been given out again"));
            changes.put(Table::Meta, counter, &id.0)?;
        }
        put_daily(changes, None, &daily)
    })
}

/// Writes what follows from what the members of a daily did. Returns what each round adds up to.
fn rebuild_members(
    into: &Store,
    daily: DailyId,
    rounds: &BTreeMap<u32, Round>,
    findings: &mut Findings,
) -> Result<BTreeMap<u32, Tally>, StoreError> {
    let mut tallies = BTreeMap::new();
    let mut member = None;
    for key in into.tree(Table::Parts).scan_prefix(daily_key(daily)).keys() {
        let key = key?;
        let mut parts = Parts::of(&key);
        parts.u64()?;
        let user = UserId(parts.u64()?);
        if member.replace(user) != Some(user) {
            let history = set_dates(into, daily, user, rounds, findings)?;
            for chapter in &history {
                count(&mut tallies, rounds, chapter);
            }
            into.apply(|changes| {
                let chosen: Option<Preferences> =
                    changes.get(Table::Preferences, &user_key(user))?;
                plan::write(changes, standing(daily, user, chosen.unwrap_or_default(), &history))
            })?;
        }
    }
    Ok(tallies)
}

/// What follows from a member's history in a daily where nothing of it is stored yet.
fn standing(daily: DailyId, user: UserId, chosen: Preferences, history: &[Chapter]) -> Plan {
    let (none, record) = (Record::default(), Record::replay(history));
    let seen = |record| Seen { record, shown: !chosen.hidden };
    Plan {
        presences: vec![Presence { daily, user, there: true }],
        moves: moves(daily, user, seen(&none), seen(&record)),
        ..Plan::default()
    }
}

/// A member's history, each row with the dates that follow from its round.
fn set_dates(
    into: &Store,
    daily: DailyId,
    user: UserId,
    rounds: &BTreeMap<u32, Round>,
    findings: &mut Findings,
) -> Result<Vec<Chapter>, StoreError> {
    let mut history = into.read_history(daily, user)?;
    for chapter in &mut history {
        let Some(round) = rounds.get(&chapter.round) else { continue };
        let should = Chapter::new(round, chapter.part.clone());
        if *chapter != should {
            let key = part_key(daily, user, chapter.round);
            let row = describe::in_report(Table::Parts.name(), &key);
            findings.mended.push(format!("the dates did not fit the round: {row}"));
            let value = encode(&PartRow::from(should.clone()))?;
            put(into, Table::Parts, &mut vec![(key, value)])?;
            *chapter = should;
        }
    }
    Ok(history)
}

/// Adds what a member did to what its round adds up to.
fn count(tallies: &mut BTreeMap<u32, Tally>, rounds: &BTreeMap<u32, Round>, chapter: &Chapter) {
    let Some(round) = rounds.get(&chapter.round) else { return };
    let tally = tallies.entry(chapter.round).or_default();
    let mut counted = Round { tally: *tally, ..round.clone() };
    counted.replace_part(&Participation::default(), &chapter.part);
    *tally = counted.tally;
}

/// Sets what a round adds up to; where that was wrong and is shown, it is to be shown anew.
fn set_tally(round: &mut Round, tally: Tally, findings: &mut Findings) {
    if round.tally == tally {
        return;
    }
    let Round { daily, number, tally: was, .. } = round;
    let (is, was) = (tally.took_part, was.took_part);
    findings.mended.push(format!(
        "round {number} of daily {daily} did not count its members rightly ({was} took part by \
         its count, {is} by what they did)"
    ));
    round.tally = tally;
    if round.closed_at.is_some() {
        round.results = crate::domain::round::Step::Pending;
    }
}
