//! What is stored, read from a copy of the store's files while no bot runs. The store's own code
//! reads the rows, and no more: nothing here follows from a rule of the game.

use super::{
    model::{Deed, Setup, Stored},
    support::Outcome,
};
use discord_sim::Id;
use std::{
    collections::BTreeMap,
    fs, io,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};
use whetstone::{
    domain::{
        daily::{Daily, Pause},
        ids::{GuildId, UserId},
        round::{Participation, Step},
    },
    store::Store,
};

/// A stored round.
#[derive(Debug)]
pub struct Round {
    pub message: Id,
    pub thread: bool,
    pub took_part: u32,
}

/// A stored daily.
#[derive(Debug)]
pub struct StoredDaily {
    pub setup: Setup,
    /// Whether something else than a moderator has paused it, and what.
    pub refused: Option<String>,
    pub rounds: BTreeMap<u32, Round>,
    /// The number of the round that is claimed.
    pub claimed: Option<u32>,
    pub parts: BTreeMap<(Id, u32), Stored>,
}

/// All dailies of the guild by name, and the number of rounds that want work.
pub type All = (BTreeMap<String, StoredDaily>, usize);

/// Reads a copy of the store in `folder`, which is made below `scratch`.
///
/// # Errors
/// It cannot be copied, or does not open, or cannot be read.
pub async fn read(folder: &Path, scratch: &Path, guild: Id, members: &[Id]) -> Outcome<All> {
    static COPIES: AtomicUsize = AtomicUsize::new(0);
    let copy = scratch.join(format!("copy-{}", COPIES.fetch_add(1, Ordering::Relaxed)));
    copy_files(folder, &copy)?;
    let all = read_in_place(&copy, guild, members).await;
    fs::remove_dir_all(&copy)?;
    all
}

/// Reads a store that nobody else wants.
///
/// # Errors
/// It does not open, or cannot be read.
pub async fn read_in_place(folder: &Path, guild: Id, members: &[Id]) -> Outcome<All> {
    let store = Store::open(folder, 8 << 20)?;
    let dailies = store.dailies_of(GuildId(guild.0)).await?;
    let mut read = BTreeMap::new();
    for daily in dailies {
        read.insert(daily.settings.name.as_str().to_owned(), of(&store, daily, members).await?);
    }
    Ok((read, store.work().await?.len()))
}

/// Copies the files of a folder; sled's folder of blobs is empty.
pub fn copy_files(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

async fn of(store: &Store, daily: Daily, members: &[Id]) -> Outcome<StoredDaily> {
    let mut rounds = BTreeMap::new();
    for number in 1..=daily.rounds {
        let round =
            store.round(daily.id, number).await?.ok_or(format!("round {number} is gone"))?;
        let (message, thread) = (Id(round.post.message.0), round.thread == Step::Done);
        rounds.insert(number, Round { message, thread, took_part: round.tally.took_part });
    }
    let mut parts = BTreeMap::new();
    for member in members {
        for chapter in store.history(daily.id, UserId(member.0)).await? {
            parts.insert((*member, chapter.round), deeds(&chapter.part));
        }
    }
    Ok(StoredDaily {
        refused: refusal(&daily),
        claimed: daily.claim.as_ref().map(|claim| claim.number),
        setup: setup(daily),
        rounds,
        parts,
    })
}

fn deeds(part: &Participation) -> Stored {
    let quiz = part.quiz.map(|quiz| {
        let verdict = if quiz.right { "right" } else { "wrong" };
        (quiz.at, Some(verdict.to_owned()))
    });
    let all = [
        (Deed::Answer, part.answered.map(|at| (at, None))),
        (Deed::Quiz, quiz),
        (Deed::Reveal, part.revealed.map(|at| (at, None))),
        (Deed::Grade, part.graded.map(|(grade, at)| (at, Some(grade.as_str().replace("_", " "))))),
        (Deed::Credit, part.credited.map(|at| (at, None))),
    ];
    let there = all.into_iter().filter_map(|(deed, done)| Some((deed, done?)));
    there.map(|(deed, (at, detail))| (deed, (at.as_millisecond(), detail))).collect()
}

fn refusal(daily: &Daily) -> Option<String> {
    let pause = daily.pause.as_ref().filter(|pause| !matches!(pause, Pause::Admin(_)));
    pause.map(|pause| format!("{pause:?}"))
}

fn setup(daily: Daily) -> Setup {
    let settings = daily.settings;
    Setup {
        channel: Id(settings.channel.0),
        time: settings.schedule.time.strftime("%H:%M").to_string(),
        zone: settings.schedule.zone.iana_name().unwrap_or_default().to_owned(),
        thread: settings.thread,
        pin: settings.pin,
        paused: daily.pause.is_some(),
        skips: settings.schedule.skips.iter().map(ToString::to_string).collect(),
        banned: daily.deck.banned.iter().map(ToString::to_string).collect(),
    }
}
