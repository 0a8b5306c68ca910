//! The stored form of rows that is not the domain's own.

use super::{StoreError, codec::decode};
use crate::domain::{
    member::{Chapter, Placed},
    round::Participation,
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A row of the table of participations.
#[derive(PartialEq, Serialize, Deserialize)]
pub(super) struct PartRow {
    took_part_on: Option<Date>,
    quiz_on: Option<Date>,
    pub(super) part: Participation,
}

impl From<Chapter> for PartRow {
    fn from(chapter: Chapter) -> Self {
        let Chapter { took_part_on, quiz_on, part, round: _ } = chapter;
        Self { took_part_on, quiz_on, part }
    }
}

impl PartRow {
    fn chapter(self, round: u32) -> Chapter {
        let Self { took_part_on, quiz_on, part } = self;
        Chapter { round, took_part_on, quiz_on, part }
    }
}

/// Reads the row of a round.
pub(super) fn read_chapter(value: &[u8], round: u32) -> Result<Chapter, StoreError> {
    decode(value).map(|row: PartRow| row.chapter(round))
}

/// Reads a score, wherever it stands.
pub(super) fn read_placed(value: &[u8]) -> Result<(), StoreError> {
    decode::<Placed>(value).map(drop)
}
