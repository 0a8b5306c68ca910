//! Boards as ordered indexes. A page costs the same for ten members and for a million: it is
//! read from where it begins, and its ranks come from a count of members by score.
//!
//! A current streak ends without anybody visiting the member's record, by the next rounds being
//! posted. So streaks lie in partitions by the last round at which they still stand. As a member
//! holds at most two freezes, no more than four partitions are alive at any time: a page merges
//! those and never sees the others.
//!
//! A member who hides has scores and no entries: nobody sees them, no count holds them, and so
//! nobody's rank tells of them. Their own place is the one that they would be shown at.

use super::{
    Changes, Store, StoreError, Table,
    codec::{Key, Parts, decode},
    privacy::preferences,
};
use crate::domain::{
    board::{BoardKind, Entry, Month, Place},
    ids::{DailyId, UserId},
    member::{Board, Record, Score},
    streak::{FREEZES_MAX, Streak},
};
use serde::{Deserialize, Serialize};

/// Where a page begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cursor {
    /// At the top.
    Top,
    /// With the first entry behind this one.
    After(Entry),
    /// So that it ends with the last entry before this one.
    Before(Entry),
}

/// One row of a page: its place and the entry, which cursors are made of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// Rank, member and score.
    pub place: Place,
    /// The entry itself.
    pub entry: Entry,
}

/// Part of a board.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Page {
    /// At most as many as were asked for.
    pub rows: Vec<Row>,
    /// Whether anybody stands above the first row.
    pub more_above: bool,
    /// Whether anybody stands below the last row.
    pub more_below: bool,
    /// How many are on the board.
    pub total: u32,
}

/// A member's score with the partition in which it lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Placed {
    /// The score, and when it was reached.
    pub score: Score,
    /// The last round until which a streak stands; for a board of one month that month, as in
    /// 202611; otherwise 0.
    pub partition: u32,
}

impl Store {
    /// A page of a board as it is while round `open` is the newest.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn page(
        &self,
        daily: DailyId,
        board: Board,
        open: u32,
        cursor: Cursor,
        limit: usize,
    ) -> Result<Page, StoreError> {
        let sections = sections(daily, board, open);
        let entries = match cursor {
            Cursor::Top => self.below(&sections, None, limit + 1)?,
            Cursor::After(entry) => self.below(&sections, Some(entry), limit + 1)?,
            Cursor::Before(entry) => self.above(&sections, entry, limit + 1)?,
        };
        let mut page = Page { total: self.higher_than(&sections, None)?, ..Page::default() };
        let more = entries.len() > limit;
        let entries = match cursor {
            Cursor::Before(_) => &entries[entries.len().saturating_sub(limit)..],
            Cursor::Top | Cursor::After(_) => &entries[..entries.len().min(limit)],
        };
        (page.more_above, page.more_below) = match cursor {
            Cursor::Top => (false, more),
            Cursor::After(_) => (true, more),
            Cursor::Before(_) => (more, true),
        };
        for entry in entries {
            page.rows.push(self.row(&sections, *entry)?);
        }
        Ok(page)
    }

    /// A member's own place on a board, if they are on it.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn place(
        &self,
        daily: DailyId,
        board: Board,
        open: u32,
        user: UserId,
    ) -> Result<Option<Place>, StoreError> {
        let Some(placed) = self.get::<Placed>(Table::Scores, &score_key(daily, board, user))?
        else {
            return Ok(None);
        };
        if !partitions(board, open).contains(&placed.partition) {
            return Ok(None);
        }
        let sections = sections(daily, board, open);
        let Score { score, reached } = placed.score;
        Ok(Some(self.row(&sections, Entry { score, reached, user })?.place))
    }

    /// A member's stored scores, on those of the boards on which they have one.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn scores<'a>(
        &self,
        daily: DailyId,
        user: UserId,
        boards: impl IntoIterator<Item = &'a Board>,
    ) -> Result<Vec<(Board, Placed)>, StoreError> {
        let mut scores = Vec::new();
        for board in boards {
            let placed = self.get(Table::Scores, &score_key(daily, *board, user))?;
            scores.extend(placed.map(|placed| (*board, placed)));
        }
        Ok(scores)
    }

    fn row(&self, sections: &[Vec<u8>], entry: Entry) -> Result<Row, StoreError> {
        let rank = 1 + self.higher_than(sections, Some(entry.score))?;
        Ok(Row { place: Place { rank, user: entry.user, score: entry.score }, entry })
    }

    /// The first entries below `after`, from the top of the board where that is none.
    fn below(
        &self,
        sections: &[Vec<u8>],
        after: Option<Entry>,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        let mut entries = Vec::new();
        for section in sections {
            let begin =
                after.map_or_else(|| section.clone(), |entry| past(entry_key(section, entry)));
            let keys = self.tree(Table::Ranking).range(begin..past_prefix(section)).keys();
            for key in keys.take(limit) {
                looked_at();
                entries.push(entry_of(&key?, section.len())?);
            }
        }
        entries.sort_unstable();
        entries.truncate(limit);
        Ok(entries)
    }

    /// The last entries above `before`.
    fn above(
        &self,
        sections: &[Vec<u8>],
        before: Entry,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        let mut entries = Vec::new();
        for section in sections {
            let range = section.clone()..entry_key(section, before);
            for key in self.tree(Table::Ranking).range(range).keys().rev().take(limit) {
                looked_at();
                entries.push(entry_of(&key?, section.len())?);
            }
        }
        entries.sort_unstable();
        entries.drain(..entries.len().saturating_sub(limit));
        Ok(entries)
    }

    /// How many stand higher than a score; all of them where that is none. There are as many
    /// counts as different scores, and those are no more than rounds.
    fn higher_than(&self, sections: &[Vec<u8>], score: Option<u32>) -> Result<u32, StoreError> {
        let mut sum = 0;
        for section in sections {
            let end = score.map_or_else(|| past_prefix(section), |score| count_key(section, score));
            for count in self.tree(Table::Counts).range(section.clone()..end).values() {
                looked_at();
                sum += decode::<u32>(&count?)?;
            }
        }
        Ok(sum)
    }
}

#[cfg(test)]
thread_local! {
    /// How many rows were read, so that a test can tell the cost of a page.
    static LOOKED_AT: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

fn looked_at() {
    #[cfg(test)]
    LOOKED_AT.set(LOOKED_AT.get() + 1);
}

/// Moves a member's entries from where an old record had them to where the new one has them.
pub(super) fn put_scores(
    changes: &mut Changes<'_>,
    daily: DailyId,
    user: UserId,
    old: &Record,
    new: &Record,
) -> Result<(), StoreError> {
    let shown = !preferences(changes, user)?.hidden;
    let boards: std::collections::BTreeSet<_> =
        old.scores.keys().chain(new.scores.keys()).collect();
    for board in boards {
        let (before, after) = (placed(old, board), placed(new, board));
        if before == after {
            continue;
        }
        let key = score_key(daily, *board, user);
        if let Some(before) = before {
            changes.delete(Table::Scores, key.clone());
            if shown {
                place(changes, daily, *board, user, before, false)?;
            }
        }
        if let Some(after) = after {
            changes.put(Table::Scores, key, &after)?;
            if shown {
                place(changes, daily, *board, user, after, true)?;
            }
        }
    }
    Ok(())
}

/// Puts all of a member's entries in or takes them out; the scores stay.
pub(super) fn show(
    changes: &mut Changes<'_>,
    daily: DailyId,
    user: UserId,
    record: &Record,
    shown: bool,
) -> Result<(), StoreError> {
    for board in record.scores.keys() {
        if let Some(placed) = placed(record, board) {
            place(changes, daily, *board, user, placed, shown)?;
        }
    }
    Ok(())
}

/// Where a record has a member on a board.
fn placed(record: &Record, board: &Board) -> Option<Placed> {
    let score = *record.scores.get(board)?;
    Some(Placed { score, partition: partition(*board, &record.streak) })
}

/// Puts one entry in or takes it out, and keeps the count of its score.
fn place(
    changes: &mut Changes<'_>,
    daily: DailyId,
    board: Board,
    user: UserId,
    placed: Placed,
    present: bool,
) -> Result<(), StoreError> {
    let section = section(daily, board, placed.partition);
    let Score { score, reached } = placed.score;
    let entry_key = entry_key(&section, Entry { score, reached, user });
    let count_key = count_key(&section, score);
    let count: u32 = changes.get(Table::Counts, &count_key)?.unwrap_or(0);
    if present {
        changes.put(Table::Ranking, entry_key, &())?;
        return changes.put(Table::Counts, count_key, &(count + 1));
    }
    changes.delete(Table::Ranking, entry_key);
    match count.saturating_sub(1) {
        0 => changes.delete(Table::Counts, count_key),
        left => changes.put(Table::Counts, count_key, &left)?,
    }
    Ok(())
}

/// The partition in which a member's entry belongs: the streak's last round for streaks, the
/// month for what counts one month, and one for all else.
fn partition(board: Board, streak: &Streak) -> u32 {
    match board.kind {
        BoardKind::Streak => streak.alive_until().unwrap_or(0),
        _ => month_number(board.month),
    }
}

/// The partitions that a page reads.
fn partitions(board: Board, open: u32) -> std::ops::RangeInclusive<u32> {
    match board.kind {
        BoardKind::Streak => open..=open + u32::from(FREEZES_MAX) + 1,
        _ => month_number(board.month)..=month_number(board.month),
    }
}

fn month_number(month: Option<Month>) -> u32 {
    month.map_or(0, |month| {
        month.year.unsigned_abs() as u32 * 100 + month.month.unsigned_abs() as u32
    })
}

fn sections(daily: DailyId, board: Board, open: u32) -> Vec<Vec<u8>> {
    partitions(board, open).map(|partition| section(daily, board, partition)).collect()
}

fn kind_number(kind: BoardKind) -> u8 {
    match kind {
        BoardKind::Month => 1,
        BoardKind::Streak => 2,
        BoardKind::Best => 3,
        BoardKind::All => 4,
        BoardKind::Quiz => 5,
    }
}

/// What the keys of one partition begin with.
fn section(daily: DailyId, board: Board, partition: u32) -> Vec<u8> {
    Key::new().u64(daily.0).u8(kind_number(board.kind)).u32(partition).bytes()
}

fn score_key(daily: DailyId, board: Board, user: UserId) -> Vec<u8> {
    let month = month_number(board.month);
    Key::new().u64(daily.0).u8(kind_number(board.kind)).u32(month).u64(user.0).bytes()
}

fn count_key(section: &[u8], score: u32) -> Vec<u8> {
    [section, &(!score).to_be_bytes()].concat()
}

fn entry_key(section: &[u8], entry: Entry) -> Vec<u8> {
    let tail = Key::new().u32(!entry.score).time(entry.reached).u64(entry.user.0).bytes();
    [section, &tail].concat()
}

fn entry_of(key: &[u8], section: usize) -> Result<Entry, StoreError> {
    let mut parts = Parts::of(key.get(section..).ok_or(StoreError::BadKey)?);
    Ok(Entry { score: !parts.u32()?, reached: parts.time()?, user: UserId(parts.u64()?) })
}

/// Reads a score, wherever it stands.
pub(super) fn read_placed(value: &[u8]) -> Result<(), StoreError> {
    decode::<Placed>(value).map(drop)
}

/// Reads the entry in a key of a ranking that has the usual place before it.
pub(super) fn read_key(key: &[u8]) -> Result<(), StoreError> {
    entry_of(key, 0).map(drop)
}

/// The first key behind `key`.
fn past(mut key: Vec<u8>) -> Vec<u8> {
    key.push(0);
    key
}

/// The first key behind all that begin with `prefix`.
fn past_prefix(prefix: &[u8]) -> Vec<u8> {
    // No key is longer than this, so no key with the prefix comes behind it.
    [prefix, &[0xff; 32]].concat()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
