//! Identifiers. Those of the chat platform are opaque numbers here (Discord calls them snowflakes).

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! numeric_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

numeric_id! {
    /// A guild: what Discord's members call a server.
    GuildId,
    /// A channel, or a thread, which is a channel of its own.
    ChannelId,
    /// A person.
    UserId,
    /// A role of a guild.
    RoleId,
    /// A message of a channel.
    MessageId,
    /// A daily, unique over all guilds of one store.
    DailyId,
}

macro_rules! text_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The identifier as written in the bank.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

text_id! {
    /// A question of the bank: the stem of its file. It never changes.
    QuestionId,
    /// A topic declared in the bank's `topics.toml`.
    TopicId,
}
