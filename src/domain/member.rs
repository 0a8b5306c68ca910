//! A member's record in a daily, and how it follows from what the member did in each round.

use super::{
    board::{BoardKind, Month},
    round::{Participation, Round},
    streak::{Event, FREEZES_MAX, Streak},
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, ops::RangeInclusive};

/// One round of a member's history.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chapter {
    /// The round's number.
    pub round: u32,
    /// The local date on which the member took part, or that of a round that was credited.
    pub took_part_on: Option<Date>,
    /// The local date on which the member answered the quiz.
    pub quiz_on: Option<Date>,
    /// What the member did in it.
    pub part: Participation,
}

impl Chapter {
    /// What a member did in a round, with the dates in the zone that the round was posted in.
    pub fn new(round: &Round, part: Participation) -> Self {
        let local = |at: Timestamp| round.zone.to_datetime(at).date();
        let took_part_on = match part.took_part() {
            // A credit is about the round, whenever it is given.
            Some(at) if part.credited == Some(at) => Some(round.date),
            at => at.map(local),
        };
        let quiz_on = part.quiz.map(|quiz| local(quiz.at));
        Self { round: round.number, took_part_on, quiz_on, part }
    }
}

/// What a member has chosen, for every guild at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Preferences {
    /// Shown to nobody on boards.
    #[serde(default)]
    pub hidden: bool,
}

/// A board that a member has a score on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Serialize, Deserialize)]
pub struct Board {
    /// Which one.
    pub kind: BoardKind,
    /// The month, of those that count one month only.
    pub month: Option<Month>,
}

impl Board {
    /// The board of that kind; `month` is used where the kind is about one month.
    pub fn new(kind: BoardKind, month: Month) -> Self {
        let monthly = matches!(kind, BoardKind::Month | BoardKind::Quiz);
        Self { kind, month: monthly.then_some(month) }
    }

    /// The partition that an entry of a member with this streak belongs in. A current streak ends
    /// without anybody visiting the member's record, by the next rounds being posted; so streaks lie
    /// in partitions by the last round at which they still stand.
    pub fn partition(self, streak: &Streak) -> u32 {
        match self.kind {
            BoardKind::Streak => streak.alive_until().unwrap_or(0),
            _ => self.month_number(),
        }
    }

    /// The partitions that are shown while round `open` is the newest. As a member holds at most
    /// two freezes, streaks are alive in no more than four.
    pub fn partitions(self, open: u32) -> RangeInclusive<u32> {
        match self.kind {
            BoardKind::Streak => open..=open + u32::from(FREEZES_MAX) + 1,
            _ => self.month_number()..=self.month_number(),
        }
    }

    /// The month as a number; 0 of a board that is about no month.
    pub fn month_number(self) -> u32 {
        self.month.map_or(0, Month::number)
    }
}

/// A score and when it was reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Score {
    /// Rounds or right answers.
    pub score: u32,
    /// The time of the act that reached it.
    pub reached: Timestamp,
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

/// All that follows from a member's history.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Record {
    /// The streak.
    pub streak: Streak,
    /// What happened to the streak, the oldest first.
    pub events: Vec<Event>,
    /// The scores on each board.
    pub scores: BTreeMap<Board, Score>,
}

impl Record {
    /// Replays a history, the oldest round first.
    pub fn replay<'a>(history: impl IntoIterator<Item = &'a Chapter>) -> Self {
        let mut record = Self::default();
        for chapter in history {
            record.add(chapter);
        }
        record
    }

    /// Where the record has the member on a board.
    pub fn placed(&self, board: Board) -> Option<Placed> {
        let score = *self.scores.get(&board)?;
        Some(Placed { score, partition: board.partition(&self.streak) })
    }

    /// Adds the newest round of the history.
    fn add(&mut self, chapter: &Chapter) {
        if let (Some(at), Some(date)) = (chapter.part.took_part(), chapter.took_part_on) {
            let month = Month::from(date);
            let best = self.streak.best;
            let (streak, events) = std::mem::take(&mut self.streak).take_part(chapter.round);
            self.count(Board::new(BoardKind::All, month), at);
            self.count(Board::new(BoardKind::Month, month), at);
            self.set(Board::new(BoardKind::Streak, month), streak.current, at);
            if streak.best > best {
                self.set(Board::new(BoardKind::Best, month), streak.best, at);
            }
            self.streak = streak;
            self.events.extend(events);
        }
        let right = chapter.part.quiz.filter(|quiz| quiz.right);
        if let (Some(quiz), Some(date)) = (right, chapter.quiz_on) {
            self.count(Board::new(BoardKind::Quiz, Month::from(date)), quiz.at);
        }
    }

    fn count(&mut self, board: Board, at: Timestamp) {
        let before = self.scores.get(&board).copied();
        let before = before.unwrap_or(Score { score: 0, reached: at });
        // A credit for an old round is reached when it is given, not before what was there.
        self.set(board, before.score + 1, at.max(before.reached));
    }

    fn set(&mut self, board: Board, score: u32, reached: Timestamp) {
        self.scores.insert(board, Score { score, reached });
    }
}
