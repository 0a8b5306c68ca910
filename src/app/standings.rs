//! Streaks and boards.

use super::App;
use crate::{
    domain::{
        board::{BoardKind, Cursor, Month, Page, Place},
        daily::Daily,
        ids::{DailyId, GuildId, UserId},
        member::{Board, Record, Score},
        streak::{Event, Standing},
    },
    error::{Mistake, Result},
};
use jiff::Timestamp;

/// How many rows a page of a board has.
pub const PAGE_SIZE: usize = 10;

/// A member's streak with what led to it.
#[derive(Clone, PartialEq, Debug)]
pub struct StreakView {
    /// The daily.
    pub daily: Daily,
    /// The member.
    pub user: UserId,
    /// The streak as it stands while the newest round is open.
    pub standing: Standing,
    /// What happened to the streak, the oldest first.
    pub events: Vec<Event>,
    /// How the streak ended, where it has and the member has not come back since.
    pub ended: Option<Event>,
    /// Rounds that the member ever took part in.
    pub rounds: u32,
}

/// A page of a board and the asking member's own place.
#[derive(Clone, PartialEq, Debug)]
pub struct BoardView {
    /// The daily.
    pub daily: Daily,
    /// Which board.
    pub board: Board,
    /// The page.
    pub page: Page,
    /// The asking member's place, on this page or not. Of one who hides it is the place at which
    /// they would be shown.
    pub own: Option<Place>,
    /// Whether the asking member is shown to nobody.
    pub hidden: bool,
}

impl App {
    /// A member's streak in a daily, for `asker`.
    ///
    /// # Errors
    /// A mistake where the member shows it to nobody else; where the store fails.
    pub async fn streak(&self, daily: Daily, user: UserId, asker: UserId) -> Result<StreakView> {
        if user != asker && self.store.preferences(user).await?.hidden {
            return Err(Mistake::Hidden.into());
        }
        let record = Record::replay(&self.store.history(daily.id, user).await?);
        let rounds = record
            .scores
            .get(&Board { kind: BoardKind::All, month: None })
            .map_or(0, |Score { score, .. }| *score);
        let Record { streak, events, .. } = record;
        let standing = streak.standing(daily.rounds);
        let ended = streak.last.filter(|_| standing.current == 0).map(|last| Event::Broke {
            from: last + 1,
            to: daily.rounds.saturating_sub(1),
            was: streak.current,
        });
        Ok(StreakView { daily, user, standing, events, ended, rounds })
    }

    /// A page of a board of the month in which `at` lies in the daily's zone, or of `month`.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn board(
        &self,
        daily: Daily,
        kind: BoardKind,
        month: Option<Month>,
        cursor: Cursor,
        at: Timestamp,
        user: UserId,
    ) -> Result<BoardView> {
        let this_month = Month::from(daily.settings.schedule.local_date(at));
        let board = Board::new(kind, month.unwrap_or(this_month));
        let page_at = |cursor| self.store.page(daily.id, board, daily.rounds, cursor, PAGE_SIZE);
        let mut page = page_at(cursor).await?;
        if page.rows.is_empty() {
            // All who stood there have left the board since its buttons were made.
            page = page_at(Cursor::Top).await?;
        }
        let own = self.store.place(daily.id, board, daily.rounds, user).await?;
        let hidden = self.store.preferences(user).await?.hidden;
        Ok(BoardView { daily, board, page, own, hidden })
    }

    /// The daily that a board's button names.
    ///
    /// # Errors
    /// A mistake where it is not the guild's.
    pub async fn board_daily(&self, guild: GuildId, id: DailyId) -> Result<Daily> {
        self.daily_in(guild, id).await
    }
}
