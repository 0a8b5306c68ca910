//! Snowflakes: Discord's ids hold the instant at which they were made.
//! <https://discord.com/developers/docs/reference#snowflakes>

use super::limits::EPOCH_MS;
use jiff::Timestamp;

/// The instant at which an id was made, to the millisecond.
pub fn time_of(id: u64) -> Timestamp {
    let millis = i64::try_from(id >> 22).unwrap_or(0) + EPOCH_MS;
    // Forty-two bits of milliseconds from 2015 stay within the years that jiff knows.
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// The lowest id of an instant, for asking for what came after it.
pub fn first_at(at: Timestamp) -> u64 {
    u64::try_from(at.as_millisecond() - EPOCH_MS).unwrap_or(0) << 22
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_documentation() {
        // 175928847299117063 is 2016-04-30 11:18:25.796 UTC.
        assert_eq!(time_of(175_928_847_299_117_063).as_millisecond(), 1_462_015_105_796);
    }

    #[test]
    fn an_instant_comes_back() {
        let at = time_of(175_928_847_299_117_063);
        assert_eq!(time_of(first_at(at)), at);
    }
}
