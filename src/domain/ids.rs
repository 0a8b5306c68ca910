//! Identifiers. Those of the chat platform are opaque numbers here (Discord calls them snowflakes).

use serde::{Deserialize, Serialize};
use std::fmt;

/// A text that is no id of the chat platform: a whole number, never 0
/// (<https://discord.com/developers/docs/reference#snowflakes>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadNumber(pub String);

macro_rules! numeric_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl $name {
            /// Reads an id as people copy it.
            ///
            /// # Errors
            /// A text that is none.
            pub fn parse(text: &str) -> Result<Self, BadNumber> {
                let id = text.trim().parse().ok().filter(|id| *id > 0);
                id.map(Self).ok_or_else(|| BadNumber(text.to_owned()))
            }
        }

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

/// Characters of an id of the bank: it is part of a button's custom id, which holds 100
/// (<https://discord.com/developers/docs/components/reference#anatomy-of-a-component>).
pub const ID_MAX: usize = 60;

/// Why a text is no id of the bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadId {
    /// It has more than [`ID_MAX`] characters.
    TooLong,
    /// It has other characters, or dashes in other places.
    Form,
}

fn check_id(text: &str) -> Result<(), BadId> {
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if text.len() > ID_MAX {
        return Err(BadId::TooLong);
    }
    let group = |part: &str| !part.is_empty() && part.chars().all(letter);
    if text.split('-').all(group) { Ok(()) } else { Err(BadId::Form) }
}

macro_rules! text_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// Reads an id: small letters and digits, in groups with single dashes between them.
            ///
            /// # Errors
            /// Why a text is none.
            pub fn parse(text: &str) -> Result<Self, BadId> {
                check_id(text).map(|()| Self(text.to_owned()))
            }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_the_bank_are_plain_words() {
        for good in ["a", "api-endpoint", "http2", "2-phase-commit"] {
            assert_eq!(QuestionId::parse(good), Ok(good.into()));
        }
        for bad in ["", "-a", "a-", "a--b", "A", "a_b", "ä", " a"] {
            assert_eq!(TopicId::parse(bad), Err(BadId::Form), "{bad}");
        }
        assert_eq!(TopicId::parse(&"a".repeat(61)), Err(BadId::TooLong));
    }

    #[test]
    fn ids_of_the_platform_are_positive_numbers() {
        assert_eq!(GuildId::parse(" 7 "), Ok(GuildId(7)));
        for bad in ["", "0", "-1", "x", "1.5", "18446744073709551616"] {
            assert_eq!(RoleId::parse(bad), Err(BadNumber(bad.to_owned())));
        }
    }
}
