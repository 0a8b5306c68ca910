//! Boards as ordered indexes. A page costs the same for ten members and for a million: it is
//! read from where it begins, and its ranks come from a count of members by score.
//! A page merges the partitions that are alive and never sees the others.
//!
//! A member who hides has scores and no entries: nobody sees them, no count holds them, and so
//! nobody's rank tells of them. Their own place is the one that they would be shown at.

use super::{
    Store, StoreError, Table,
    codec::decode,
    keys::{count_key, entry_key, entry_of, past, past_prefix, score_key, section},
};
use crate::domain::{
    board::{Cursor, Entry, Page, Place, Row},
    ids::{DailyId, UserId},
    member::{Board, Placed, Score},
};

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
        if !board.partitions(open).contains(&placed.partition) {
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

fn sections(daily: DailyId, board: Board, open: u32) -> Vec<Vec<u8>> {
    board.partitions(open).map(|partition| section(daily, board, partition)).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
