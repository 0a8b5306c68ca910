//! The ledger: what follows from an act, a credit, a confirmation, hiding or a deletion, worked out
//! as a plan of what is to be written. An engine loads what a function here asks for, calls it, and
//! writes the plan, all in one transaction.

mod acts;
mod dailies;
mod privacy;
mod rounds;

pub use acts::{ActOutcome, Before, Change, Credit, CreditOutcome};
pub use dailies::{CreateOutcome, NewDaily};
pub use privacy::{Forgotten, Trace, Traces, hide};
pub use rounds::{Confirming, confirm};

use super::{
    daily::Daily,
    ids::{DailyId, UserId},
    member::{Board, Chapter, Placed, Preferences, Record},
    round::Round,
};
use std::collections::BTreeSet;

/// What is to be written, all of it or nothing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Plan {
    /// Dailies as they are to be.
    pub dailies: Vec<DailyChange>,
    /// Rounds as they are to be.
    pub rounds: Vec<Round>,
    /// What members did in rounds.
    pub parts: Vec<PartChange>,
    /// In which dailies a member has done anything.
    pub presences: Vec<Presence>,
    /// Members' scores and whether boards show them.
    pub moves: Vec<Move>,
    /// What members have chosen.
    pub preferences: Vec<(UserId, Preferences)>,
}

/// A daily before and after.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DailyChange {
    /// As it is stored; `None` for a new one.
    pub before: Option<Daily>,
    /// As it is to be.
    pub after: Daily,
}

/// A member's row in a round.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PartChange {
    /// The daily.
    pub daily: DailyId,
    /// The member.
    pub user: UserId,
    /// The round's number.
    pub round: u32,
    /// What is to be stored; `None` deletes the row.
    pub to: Option<Chapter>,
}

/// Whether a member has done anything in a daily.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Presence {
    /// The daily.
    pub daily: DailyId,
    /// The member.
    pub user: UserId,
    /// Whether they have.
    pub there: bool,
}

/// A member's score on a board, before and after.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Move {
    /// The daily.
    pub daily: DailyId,
    /// The member.
    pub user: UserId,
    /// The board.
    pub board: Board,
    /// What is stored.
    pub from: Option<Spot>,
    /// What is to be stored.
    pub to: Option<Spot>,
}

/// A score on a board. Who hides has scores that no page shows and no rank counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Spot {
    /// The score and where it lies.
    pub placed: Placed,
    /// Whether it is shown.
    pub shown: bool,
}

impl Plan {
    /// To write one daily.
    pub fn of_daily(before: Option<Daily>, after: Daily) -> Self {
        Self { dailies: vec![DailyChange { before, after }], ..Self::default() }
    }

    /// To write one round.
    pub fn of_round(round: Round) -> Self {
        Self { rounds: vec![round], ..Self::default() }
    }

    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A member's record in a daily, as far as boards have it.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// The record.
    pub record: &'a Record,
    /// Whether boards show the member.
    pub shown: bool,
}

/// What changes on the boards of a daily when a member's record does, or whether it is shown.
pub fn moves(daily: DailyId, user: UserId, from: Seen<'_>, to: Seen<'_>) -> Vec<Move> {
    let boards: BTreeSet<Board> =
        from.record.scores.keys().chain(to.record.scores.keys()).copied().collect();
    let spot = |seen: Seen<'_>, board| {
        seen.record.placed(board).map(|placed| Spot { placed, shown: seen.shown })
    };
    let moved = |board| Move { daily, user, board, from: spot(from, board), to: spot(to, board) };
    boards.into_iter().map(moved).filter(|moved| moved.from != moved.to).collect()
}
