//! Setting dailies up and looking after them.

mod declare;
mod find;
mod manage;
mod save;

use super::messenger::{ChannelReport, MessengerError};
use crate::domain::{daily::Daily, question::Question, round::StepName, schedule::Due};

/// How many rounds a preview shows.
pub const PREVIEW_ROUNDS: usize = 7;

/// What became of `/daily set`.
#[derive(Clone, PartialEq, Debug)]
pub struct Saved {
    /// The daily as it is now.
    pub daily: Daily,
    /// Whether it is new.
    pub created: bool,
    /// How many questions it can draw from.
    pub questions: usize,
}

/// All that an admin wants to know of a daily.
#[derive(Clone, PartialEq, Debug)]
pub struct DailyView {
    /// The daily.
    pub daily: Daily,
    /// How many questions it can draw from.
    pub questions: usize,
    /// How many of them this cycle has used.
    pub used: usize,
    /// What could not be done for the newest round's message.
    pub gave_up: Vec<(StepName, String)>,
}

/// One round of a preview.
#[derive(Clone, PartialEq, Debug)]
pub struct Upcoming {
    /// When.
    pub due: Option<Due>,
    /// What will be asked.
    pub question: Question,
}

/// What was found by `/daily check`.
#[derive(Clone, PartialEq, Debug)]
pub struct CheckReport {
    /// The daily.
    pub daily: Daily,
    /// About the channel, or why it could not be looked at.
    pub channel: Result<ChannelReport, MessengerError>,
    /// How many questions it can draw from.
    pub questions: usize,
}
