//! Boards: the kinds of ranking that a daily has, their order, and the ranks within one.

use super::{codes::codes, ids::UserId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::{cmp::Ordering, fmt, str::FromStr};

codes! {
    /// What a board ranks members of a daily by, the default first.
    pub enum BoardKind {
        /// Rounds taken part in during this calendar month of the daily's time zone.
        Month = "month",
        /// The current streak.
        Streak = "streak",
        /// The best streak ever.
        Best = "best",
        /// All rounds ever taken part in.
        All = "all",
        /// Right quiz answers in this calendar month.
        Quiz = "quiz",
    }
}

/// A member's score on a board. The least entry stands at the top: the higher score first, among
/// equal scores who reached it first, and at last the lower user id, so that no two entries tie.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// The score.
    pub score: u32,
    /// When the score was reached.
    pub reached: Timestamp,
    /// Whose it is.
    pub user: UserId,
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        other
            .score
            .cmp(&self.score)
            .then_with(|| self.reached.cmp(&other.reached))
            .then_with(|| self.user.cmp(&other.user))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A row of a board.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// The rank, from 1; one more than the number of members with a better score.
    pub rank: u32,
    /// Who stands there.
    pub user: UserId,
    /// Their score.
    pub score: u32,
}

/// Ranks a whole board, top first. Equal scores share a rank and the ranks after them are left
/// out: 1, 2, 2, 4.
pub fn rank(mut entries: Vec<Entry>) -> Vec<Place> {
    entries.sort_unstable();
    let mut places: Vec<Place> = Vec::with_capacity(entries.len());
    for (Entry { score, user, .. }, position) in entries.into_iter().zip(1..) {
        let shared = places.last().filter(|above| above.score == score);
        let rank = shared.map_or(position, |above| above.rank);
        places.push(Place { rank, user, score });
    }
    places
}

/// Where a page of a board begins.
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

/// A calendar month, written `2026-11`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Month {
    /// The year.
    pub year: i16,
    /// The month, 1 to 12.
    pub month: i8,
}

impl Month {
    /// The month as one number, 202611 for November 2026.
    pub fn number(self) -> u32 {
        u32::from(self.year.unsigned_abs()) * 100 + u32::from(self.month.unsigned_abs())
    }
}

impl From<Date> for Month {
    fn from(date: Date) -> Self {
        Self { year: date.year(), month: date.month() }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl FromStr for Month {
    type Err = UnknownMonth;

    fn from_str(text: &str) -> Result<Self, UnknownMonth> {
        let parts = text.rsplit_once('-').and_then(|(year, month)| {
            let (year, month) = (year.parse().ok()?, month.parse().ok()?);
            (1..=12).contains(&month).then_some(Self { year, month })
        });
        parts.ok_or_else(|| UnknownMonth(text.to_owned()))
    }
}

/// A text that is no month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownMonth(pub String);

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Entry, Month, Place, UserId, rank};
    use jiff::Timestamp;
    use jiff::civil::date;

    fn entry(user: u64, score: u32, reached: i64) -> Entry {
        Entry { score, reached: Timestamp::from_second(reached).unwrap(), user: UserId(user) }
    }

    #[test]
    fn equal_scores_share_a_rank_and_the_first_to_reach_it_is_shown_first() {
        let places = rank(vec![
            entry(1, 3, 50),
            entry(2, 7, 90),
            entry(3, 5, 80),
            entry(4, 5, 70),
            entry(6, 1, 10),
            entry(5, 1, 10),
        ]);
        let place = |rank, user, score| Place { rank, user: UserId(user), score };
        let expected = [
            place(1, 2, 7),
            place(2, 4, 5),
            place(2, 3, 5),
            place(4, 1, 3),
            place(5, 5, 1),
            place(5, 6, 1),
        ];
        assert_eq!(places, expected);
        assert_eq!(rank(vec![]), []);
    }

    #[test]
    fn months_are_in_order() {
        let month = |year, month, day| Month::from(date(year, month, day));
        assert_eq!(month(2026, 11, 30).to_string(), "2026-11");
        assert_eq!(month(2026, 11, 1), month(2026, 11, 30));
        assert!(month(2026, 12, 31) < month(2027, 1, 1));
        for written in ["2026-11", "0001-01", "-001-12"] {
            assert_eq!(written.parse::<Month>().unwrap().to_string(), written);
        }
        for bad in ["2026", "2026-13", "2026-0", "2026-x", "99999-01", "-"] {
            assert!(bad.parse::<Month>().is_err(), "{bad}");
        }
    }
}
