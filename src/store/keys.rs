//! The key of each table's rows.

use super::{
    StoreError,
    codec::{Key, Parts},
};
use crate::domain::{
    board::{BoardKind, Entry},
    ids::{DailyId, GuildId, UserId},
    member::Board,
};
use jiff::Timestamp;

pub(super) fn daily_key(id: DailyId) -> Vec<u8> {
    Key::new().u64(id.0).bytes()
}

pub(super) fn name_key(guild: GuildId, name: &str) -> Vec<u8> {
    Key::new().u64(guild.0).text(name).bytes()
}

pub(super) fn due_key(at: Timestamp, id: DailyId) -> Vec<u8> {
    Key::new().time(at).u64(id.0).bytes()
}

pub(super) fn round_key(daily: DailyId, number: u32) -> Vec<u8> {
    Key::new().u64(daily.0).u32(number).bytes()
}

pub(super) fn part_key(daily: DailyId, user: UserId, number: u32) -> Vec<u8> {
    Key::new().u64(daily.0).u64(user.0).u32(number).bytes()
}

/// What the keys of all that a member did in a daily begin with.
pub(super) fn history_prefix(daily: DailyId, user: UserId) -> Vec<u8> {
    Key::new().u64(daily.0).u64(user.0).bytes()
}

pub(super) fn member_key(daily: DailyId, user: UserId) -> Vec<u8> {
    Key::new().u64(user.0).u64(daily.0).bytes()
}

/// What a member has chosen; all keys of [`member_key`] begin so, too.
pub(super) fn user_key(user: UserId) -> Vec<u8> {
    Key::new().u64(user.0).bytes()
}

pub(super) fn guild_key(guild: GuildId) -> Vec<u8> {
    Key::new().u64(guild.0).bytes()
}

pub(super) fn leaving_key(until: Timestamp, guild: GuildId) -> Vec<u8> {
    Key::new().time(until).u64(guild.0).bytes()
}

pub(super) fn note_key(name: &str) -> Vec<u8> {
    format!("note/{name}").into_bytes()
}

pub(super) fn counter_key(counter: &str) -> Vec<u8> {
    format!("counter/{counter}").into_bytes()
}

/// What the keys of one partition of a board begin with.
pub(super) fn section(daily: DailyId, board: Board, partition: u32) -> Vec<u8> {
    Key::new().u64(daily.0).u8(kind_number(board.kind)).u32(partition).bytes()
}

fn kind_number(kind: BoardKind) -> u8 {
    match kind {
        BoardKind::Month => 1,
        BoardKind::Streak => 2,
        BoardKind::Best => 3,
        BoardKind::All => 4,
        BoardKind::Quiz => 5,
    }
}

pub(super) fn score_key(daily: DailyId, board: Board, user: UserId) -> Vec<u8> {
    let kind = kind_number(board.kind);
    Key::new().u64(daily.0).u8(kind).u32(board.month_number()).u64(user.0).bytes()
}

pub(super) fn count_key(section: &[u8], score: u32) -> Vec<u8> {
    [section, &(!score).to_be_bytes()].concat()
}

pub(super) fn entry_key(section: &[u8], entry: Entry) -> Vec<u8> {
    let tail = Key::new().u32(!entry.score).time(entry.reached).u64(entry.user.0).bytes();
    [section, &tail].concat()
}

/// The entry in a key of a ranking, behind so many bytes of the section.
pub(super) fn entry_of(key: &[u8], section: usize) -> Result<Entry, StoreError> {
    let mut parts = Parts::of(key.get(section..).ok_or(StoreError::BadKey)?);
    Ok(Entry { score: !parts.u32()?, reached: parts.time()?, user: UserId(parts.u64()?) })
}

/// The first key behind `key`.
pub(super) fn past(mut key: Vec<u8>) -> Vec<u8> {
    key.push(0);
    key
}

/// The first key behind all that begin with `prefix`.
pub(super) fn past_prefix(prefix: &[u8]) -> Vec<u8> {
    // No key is longer than this, so no key with the prefix comes behind it.
    [prefix, &[0xff; 32]].concat()
}
