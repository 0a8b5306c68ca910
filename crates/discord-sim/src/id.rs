//! Snowflakes: Discord's identifiers, which carry the instant at which they were made.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The first millisecond of 2015, from which snowflakes count
/// (<https://discord.com/developers/docs/reference#snowflakes>).
pub const DISCORD_EPOCH_MS: i64 = 1_420_070_400_000;

/// A snowflake. Written as a string in JSON, as Discord does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(pub u64);

impl Id {
    /// The first snowflake that can be made at `at`.
    pub fn at(at: Timestamp) -> Self {
        Self((at.as_millisecond() - DISCORD_EPOCH_MS).max(0).cast_unsigned() << 22)
    }

    /// The instant at which it was made, to the millisecond.
    pub fn timestamp(self) -> Timestamp {
        let ms = (self.0 >> 22).cast_signed() + DISCORD_EPOCH_MS;
        Timestamp::from_millisecond(ms).unwrap_or_default()
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Id {
    type Err = std::num::ParseIntError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl Serialize for Id {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl From<Id> for serde_json::Value {
    fn from(id: Id) -> Self {
        Self::String(id.to_string())
    }
}

/// Reads a snowflake out of a JSON string (or, tolerantly, a number).
pub(crate) fn id_of(value: &serde_json::Value) -> Option<Id> {
    value.as_str().map_or_else(|| value.as_u64().map(Id), |text| text.parse().ok())
}

/// Makes snowflakes that are unique and rise, even while the clock stands still or goes back.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct IdSource {
    last: u64,
}

impl IdSource {
    pub(crate) fn next(&mut self, now: Timestamp) -> Id {
        self.last = (self.last + 1).max(Id::at(now).0);
        Id(self.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snowflake_tells_its_instant() {
        // The example of Discord's reference page.
        let id = Id(175_928_847_299_117_063);
        assert_eq!(id.timestamp().to_string(), "2016-04-30T11:18:25.796Z");
    }

    #[test]
    fn snowflakes_rise_while_the_clock_stands_still() {
        let mut source = IdSource::default();
        let now = Id(175_928_847_299_117_063).timestamp();
        let (first, second) = (source.next(now), source.next(now));
        assert!(first < second);
        assert_eq!(second.timestamp(), now);
    }
}
