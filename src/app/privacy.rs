//! What a member decides about their own data: whether boards show them, having all of it, and
//! having all of it deleted.

use super::{App, Signal};
use crate::{
    domain::{
        daily::Daily,
        ids::{DailyId, UserId},
        ledger::Forgotten,
        member::{Board, Chapter, Placed, Preferences, Record},
        round::Round,
        streak::Streak,
    },
    error::Result,
};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// All that is stored of a member.
#[derive(Clone, PartialEq, Debug)]
pub struct MemberData {
    /// The member.
    pub user: UserId,
    /// As of when.
    pub at: Timestamp,
    /// What they have chosen.
    pub preferences: Preferences,
    /// The dailies in which anything is stored of them, in the order of the guilds.
    pub dailies: Vec<DailyData>,
}

/// What is stored of a member in one daily.
#[derive(Clone, PartialEq, Debug)]
pub struct DailyData {
    /// The member.
    pub user: UserId,
    /// The daily, which may name them as who set it up or paused it.
    pub daily: Daily,
    /// What they did in each round, the oldest first, with the round.
    pub rounds: Vec<(Chapter, Option<Round>)>,
    /// The streak that follows from it.
    pub streak: Streak,
    /// Their scores.
    pub boards: Vec<(Board, Placed)>,
}

impl App {
    /// What a member has chosen.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn preferences(&self, user: UserId) -> Result<Preferences> {
        Ok(self.store.preferences(user).await?)
    }

    /// Hides a member from the boards of all guilds, or shows them again.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn hide(&self, user: UserId, hidden: bool) -> Result<()> {
        self.store.set_hidden(user, hidden).await?;
        Ok(())
    }

    /// All that is stored of a member, in every guild.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn member_data(&self, user: UserId, at: Timestamp) -> Result<MemberData> {
        let mut ids: BTreeSet<DailyId> = self.store.dailies_with(user).await?.into_iter().collect();
        ids.extend(self.store.dailies_naming(user).await?);
        let mut dailies = Vec::new();
        for id in ids {
            if let Some(daily) = self.store.daily(id).await? {
                dailies.push(self.daily_data(daily, user).await?);
            }
        }
        dailies.sort_by_key(|data| (data.daily.guild, data.daily.id));
        let preferences = self.store.preferences(user).await?;
        Ok(MemberData { user, at, preferences, dailies })
    }

    async fn daily_data(&self, daily: Daily, user: UserId) -> Result<DailyData> {
        let history = self.store.history(daily.id, user).await?;
        let record = Record::replay(&history);
        let boards = self.store.scores(daily.id, user, record.scores.keys()).await?;
        let mut rounds = Vec::new();
        for chapter in history {
            let round = self.store.round(daily.id, chapter.round).await?;
            rounds.push((chapter, round));
        }
        Ok(DailyData { user, daily, rounds, streak: record.streak, boards })
    }

    /// Deletes all that is stored of a member, in every guild.
    ///
    /// # Errors
    /// Where the store fails; nothing is deleted then.
    pub async fn forget_member(&self, user: UserId) -> Result<Forgotten> {
        let forgotten = self.store.forget_member(user).await?;
        for &(daily, number) in &forgotten.rounds {
            // The open round's message shows how many took part.
            let round = self.store.round(daily, number).await?;
            if round.is_some_and(|round| round.has_work()) {
                self.signal(Signal::Work(daily, number));
            }
        }
        Ok(forgotten)
    }
}
