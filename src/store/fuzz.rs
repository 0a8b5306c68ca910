//! Reads bytes as each table's rows are read, and does with them what is done with rows that
//! could be read. See [`crate::fuzzing`].

use super::{
    StoreError,
    codec::{Parts, decode, encode},
    keys::entry_of,
    rows::{read_chapter, read_placed},
};
use crate::domain::{
    daily::Daily,
    guild::{Departure, GuildSettings},
    member::{Preferences, Record},
    round::Round,
};
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Debug;

/// Reads a row: the first byte says of which table, the others are the value, or values parted by
/// line breaks for a member's participations, or a key. Says whether it could be read.
///
/// # Panics
/// Where a value that was read is not written as it was.
pub fn read(bytes: &[u8]) -> bool {
    let Some((kind, value)) = bytes.split_first() else { return false };
    let read = match kind {
        b'd' => daily(value),
        b'r' => round(value),
        b'p' => participations(value),
        b's' => read_placed(value),
        b'c' => again::<Preferences>(value).map(drop),
        b'g' => again::<GuildSettings>(value).map(drop),
        b'l' => again::<Departure>(value).map(drop),
        b'n' => again::<u64>(value).map(drop),
        b't' => again::<String>(value).map(drop),
        b'k' => entry_of(value, 0).map(drop),
        b'q' => key(value),
        _ => Err(StoreError::BadKey),
    };
    read.is_ok()
}

/// Reads a value, writes it and reads it again.
fn again<T: DeserializeOwned + Serialize + PartialEq + Debug>(
    bytes: &[u8],
) -> Result<T, StoreError> {
    let read: T = decode(bytes)?;
    let written = encode(&read)?;
    assert_eq!(decode::<T>(&written)?, read, "what is written is not what was read");
    Ok(read)
}

fn daily(bytes: &[u8]) -> Result<(), StoreError> {
    let mut daily: Daily = again(bytes)?;
    daily.settings.schedule.local_date(Timestamp::UNIX_EPOCH);
    daily.reschedule(Timestamp::UNIX_EPOCH);
    Ok(())
}

fn round(bytes: &[u8]) -> Result<(), StoreError> {
    let round: Round = again(bytes)?;
    round.has_work();
    round.is_open_at(Timestamp::UNIX_EPOCH);
    Ok(())
}

fn participations(bytes: &[u8]) -> Result<(), StoreError> {
    let rows = bytes.split(|byte| *byte == b'\n').zip(1..);
    let chapters: Result<Vec<_>, _> = rows.map(|(row, number)| read_chapter(row, number)).collect();
    Record::replay(&chapters?).streak.standing(u32::MAX);
    Ok(())
}

fn key(bytes: &[u8]) -> Result<(), StoreError> {
    let mut parts = Parts::of(bytes);
    parts.time()?;
    parts.u64()?;
    parts.u32().map(drop)
}
