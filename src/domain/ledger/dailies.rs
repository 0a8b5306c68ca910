//! A new daily.

use super::Plan;
use crate::domain::{
    daily::{Daily, DailyName, Settings},
    ids::{DailyId, GuildId, UserId},
};
use jiff::Timestamp;

/// A daily that somebody wants to have.
#[derive(Clone, Debug)]
pub struct NewDaily {
    /// In which guild.
    pub guild: GuildId,
    /// What was chosen.
    pub settings: Settings,
    /// What its deck is shuffled by.
    pub seed: u64,
    /// Who is told should it fail; nobody where the configuration file declares it.
    pub set_by: Option<UserId>,
    /// When.
    pub at: Timestamp,
    /// How many a guild may have.
    pub most: usize,
}

/// What became of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CreateOutcome {
    /// It is there.
    Created(Box<Daily>),
    /// The guild has one of that name.
    NameTaken,
    /// The guild has as many as it may have.
    TooMany,
}

impl NewDaily {
    /// Creates it under an id that no daily has had, beside those that the guild has.
    pub fn create(self, id: DailyId, others: &[Daily]) -> (CreateOutcome, Plan) {
        let Self { guild, settings, seed, set_by, at, most } = self;
        if !name_is_free(&settings.name, id, others) {
            return (CreateOutcome::NameTaken, Plan::default());
        }
        if others.len() >= most {
            return (CreateOutcome::TooMany, Plan::default());
        }
        let daily = Daily { set_by, ..Daily::new(id, guild, settings, seed, at) };
        (CreateOutcome::Created(Box::new(daily.clone())), Plan::of_daily(None, daily))
    }
}

/// Whether a guild's daily may have that name beside those that the guild has.
pub fn name_is_free(name: &DailyName, id: DailyId, others: &[Daily]) -> bool {
    !others.iter().any(|other| other.id != id && other.settings.name == *name)
}
