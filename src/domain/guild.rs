//! What a guild has chosen for all its dailies.

use super::ids::ChannelId;
use serde::{Deserialize, Serialize};

/// A guild's choices.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct GuildSettings {
    /// Where it is told that a daily fails; where there is none, the one who set the daily up is
    /// told directly.
    pub notices: Option<ChannelId>,
}
