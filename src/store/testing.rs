//! What the tests of the store and of all above it stand on: a store in a folder of its own, and
//! dailies and rounds to put in it.
#![allow(clippy::unwrap_used)]

use super::{OpenError, Store, Table};
use crate::domain::{
    daily::{Claim, Daily, DailyName, Settings},
    ids::{ChannelId, DailyId, GuildId, MessageId},
    ledger::{CreateOutcome, NewDaily},
    question::Filter,
    round::{Post, Round},
    schedule::{Day, Schedule, zone},
};
use jiff::{SignedDuration, Timestamp, civil::time};
use std::{path::Path, time::Duration};

/// The guild of the tests.
pub const GUILD: GuildId = GuildId(1);

/// The channel of [`daily`].
pub const CHANNEL: ChannelId = ChannelId(10);

/// A cache that is large enough for tests.
const CACHE: u64 = 1 << 20;

/// A store that goes with its folder.
pub struct Temporary {
    /// The store.
    pub store: Store,
    /// Where it is.
    pub folder: tempfile::TempDir,
}

/// An empty store.
pub fn store() -> Temporary {
    let folder = tempfile::tempdir().unwrap();
    Temporary { store: Store::open(folder.path(), CACHE).unwrap(), folder }
}

/// Opens a folder's store once whoever had it open has let go of it.
pub async fn open(folder: &Path) -> Result<Store, OpenError> {
    loop {
        match Store::open(folder, CACHE) {
            Err(OpenError::Locked(_)) => tokio::time::sleep(Duration::from_millis(5)).await,
            outcome => return outcome,
        }
    }
}

impl Temporary {
    /// Closes the store and opens it again.
    pub async fn reopen(self) -> Self {
        let Self { store, folder } = self;
        drop(store);
        Self { store: open(folder.path()).await.unwrap(), folder }
    }
}

/// A daily's settings: 09:30 UTC on working days, all questions, a thread and a pin.
pub fn settings(name: &str, channel: ChannelId) -> Settings {
    Settings {
        name: DailyName::parse(name).unwrap(),
        channel,
        schedule: Schedule {
            time: time(9, 30, 0, 0),
            zone: zone("UTC").unwrap(),
            days: Day::WORKING.into(),
            skips: [].into(),
        },
        filter: Filter::default(),
        role: None,
        thread: true,
        pin: true,
    }
}

/// A new daily in the store.
pub async fn daily(store: &Store, name: &str, now: Timestamp) -> Daily {
    create(store, GUILD, settings(name, CHANNEL), 7, now).await
}

/// A new daily in the store, of any guild and settings.
pub async fn create(
    store: &Store,
    guild: GuildId,
    settings: Settings,
    seed: u64,
    at: Timestamp,
) -> Daily {
    let new = NewDaily { guild, settings, seed, set_by: None, at, most: 100 };
    match store.create_daily(new).await.unwrap() {
        CreateOutcome::Created(daily) => *daily,
        refused => panic!("{refused:?}"),
    }
}

/// A claim of a daily's next round, made when it is due.
pub fn claim(daily: &Daily) -> Claim {
    let due = daily.next_due.unwrap();
    Claim {
        number: daily.rounds + 1,
        question: "queue".into(),
        channel: daily.settings.channel,
        date: due.date,
        extra: false,
        until: due.at + SignedDuration::from_hours(6),
        at: due.at,
        nonce: format!("{}-{}", daily.id, daily.rounds + 1),
        deck: daily.deck.clone(),
        last_date_before: daily.last_date,
    }
}

/// The message of a claimed round, posted when it was due.
pub fn post(daily: &Daily, claim: &Claim) -> Post {
    let message = MessageId(1000 * daily.id.0 + u64::from(claim.number));
    Post { channel: claim.channel, message, at: claim.at }
}

/// Claims and confirms a daily's next round.
pub async fn next_round(store: &Store, id: DailyId) -> Round {
    let claimed = store.claim(id, |daily| Ok(Some(claim(daily)))).await.unwrap().unwrap();
    let claim = claimed.claim.clone().unwrap();
    store.confirm(id, claim.number, post(&claimed, &claim)).await.unwrap().unwrap()
}

/// The names of all tables, each with the parts of its keys and their widths in bytes; 0 stands for
/// a text of any length. `docs/privacy.md` lists them, and a test compares.
pub fn tables() -> Vec<(&'static str, &'static [(&'static str, usize)])> {
    Table::ALL.into_iter().map(|(table, name)| (name, key_of(table))).collect()
}

/// What a table's keys are made of. A new table is to be listed here, and in `docs/privacy.md`.
fn key_of(table: Table) -> &'static [(&'static str, usize)] {
    const DAILY: (&str, usize) = ("daily", 8);
    const MEMBER: (&str, usize) = ("member", 8);
    const ROUND: (&str, usize) = ("round", 4);
    const GUILD: (&str, usize) = ("server", 8);
    const BOARD: (&str, usize) = ("board", 1);
    const PARTITION: (&str, usize) = ("partition", 4);
    const SCORE: (&str, usize) = ("score", 4);
    match table {
        Table::Meta => &[("name", 0)],
        Table::Dailies => &[DAILY],
        Table::DailyNames => &[GUILD, ("name", 0)],
        Table::Due => &[("due", 8), DAILY],
        Table::Rounds | Table::Work => &[DAILY, ROUND],
        Table::Parts => &[DAILY, MEMBER, ROUND],
        Table::Members => &[MEMBER, DAILY],
        Table::Scores => &[DAILY, BOARD, ("month", 4), MEMBER],
        Table::Ranking => &[DAILY, BOARD, PARTITION, SCORE, ("reached", 8), MEMBER],
        Table::Counts => &[DAILY, BOARD, PARTITION, SCORE],
        Table::Preferences => &[MEMBER],
        Table::Guilds | Table::Departures => &[GUILD],
        Table::Leaving => &[("until", 8), GUILD],
    }
}

/// A row: the table's name, the key and the value.
pub type Row = (&'static str, Vec<u8>, Vec<u8>);

/// Every row of every table.
pub fn rows(store: &Store) -> Vec<Row> {
    let of = |(table, name): (Table, &'static str)| {
        let rows = store.tree(table).iter();
        rows.map(move |row| row.map(|(key, value)| (name, key.to_vec(), value.to_vec())).unwrap())
    };
    Table::ALL.into_iter().flat_map(of).collect()
}
