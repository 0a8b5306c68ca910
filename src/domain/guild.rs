//! What a guild has chosen for all its dailies, and that the bot is no longer in it.

use super::ids::ChannelId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A guild's choices.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct GuildSettings {
    /// Where it is told that a daily fails; where there is none, the one who set the daily up is
    /// told directly.
    pub notices: Option<ChannelId>,
}

/// That the bot is no longer in a guild.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Departure {
    /// When that was noticed.
    pub since: Timestamp,
    /// When the guild's data goes.
    pub until: Timestamp,
}

impl Departure {
    /// Whether the time has come for the guild's data to go.
    pub fn is_due(&self, now: Timestamp) -> bool {
        // Compared as an index has it, to the millisecond.
        self.until.as_millisecond() <= now.as_millisecond()
    }

    /// What is to be noted of a guild that the bot is no longer in, if anything is: the first note
    /// stands, and of a guild of which nothing is stored there is nothing to note.
    pub fn to_note(self, noted: Option<Self>, anything_stored: bool) -> Option<Self> {
        (noted.is_none() && anything_stored).then_some(self)
    }
}
