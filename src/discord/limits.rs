//! Discord's limits that the bot keeps, each with the page that states it. Lengths are counted in
//! Unicode scalar values.

use std::time::Duration;

/// The longest custom id of a button or a form.
/// <https://discord.com/developers/docs/components/reference#anatomy-of-a-component>
pub const CUSTOM_ID_MAX: usize = 100;

/// The most messages that one look at a channel's history gives.
/// <https://discord.com/developers/docs/resources/message#get-channel-messages>
pub const HISTORY_PAGE: u8 = 100;

/// Requests a second that a bot may make over all routes; interaction callbacks are exempt. Kept
/// below Discord's 50, for the limit is theirs to count.
/// <https://discord.com/developers/docs/topics/rate-limits#global-rate-limit>
pub const REQUESTS_PER_SECOND: u32 = 45;

/// How long Discord waits for an interaction to be acknowledged.
/// <https://discord.com/developers/docs/interactions/receiving-and-responding#responding-to-an-interaction>
pub const ACKNOWLEDGE_WITHIN: Duration = Duration::from_secs(3);

/// The first millisecond of Discord's own time, from which snowflakes count.
/// <https://discord.com/developers/docs/reference#snowflakes>
pub const EPOCH_MS: i64 = 1_420_070_400_000;

/// The most characters of a text input.
/// <https://discord.com/developers/docs/components/reference#text-input-text-input-structure>
pub const TEXT_INPUT_MAX: usize = 4_000;
