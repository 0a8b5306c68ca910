//! A realistic history, written through the store's own operations, and a picture of all that can
//! be asked of a store, as text: what was written and what is read are compared by it.

use jiff::{SignedDuration, Timestamp, civil::time};
use rand::{Rng, RngExt};
use std::{collections::BTreeSet, fmt::Write};
use whetstone::{
    domain::{
        board::{BoardKind, Cursor, Month},
        daily::{Claim, Daily, DailyName, Settings},
        ids::{ChannelId, DailyId, GuildId, MessageId, UserId},
        ledger::{CreateOutcome, Credit, NewDaily},
        member::Board,
        question::Filter,
        round::{Act, Grade, Post, Step},
        schedule::{Day, Schedule, zone},
    },
    store::Store,
};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// How long the history is.
#[derive(Clone, Copy)]
pub struct Size {
    /// Dailies, one a guild.
    pub dailies: u64,
    /// Rounds of each.
    pub rounds: u32,
    /// Members of each.
    pub members: u64,
}

impl Size {
    /// Two teams of a dozen over half a year.
    pub const REALISTIC: Self = Self { dailies: 2, rounds: 120, members: 12 };
}

/// Writes the history.
pub async fn write(store: &Store, size: Size, random: &mut impl Rng) -> Outcome<()> {
    let start: Timestamp = "2026-03-02T06:00:00Z".parse()?;
    for guild in 1..=size.dailies {
        let settings = settings(guild)?;
        let new = NewDaily {
            guild: GuildId(guild),
            settings,
            seed: guild,
            set_by: None,
            at: start,
            most: 5,
        };
        let CreateOutcome::Created(daily) = store.create_daily(new).await? else {
            return Err("no daily".into());
        };
        let id = daily.id;
        for _ in 0..size.rounds {
            let post = next_round(store, id).await?;
            take_part(store, id, post, size.members, random).await?;
        }
    }
    // Longer than a page, so that sled gives it a file of its own.
    store.set_note("history", &"written whole. ".repeat(60_000)).await?;
    Ok(())
}

fn settings(guild: u64) -> Outcome<Settings> {
    Ok(Settings {
        name: DailyName::parse(&format!("daily {guild}")).map_err(|_| "no name")?,
        channel: ChannelId(10 * guild),
        schedule: Schedule {
            time: time(9, 30, 0, 0),
            zone: zone("Europe/Berlin").map_err(|_| "no zone")?,
            days: Day::WORKING.into(),
            skips: BTreeSet::new(),
        },
        filter: Filter::default(),
        role: None,
        thread: true,
        pin: guild.is_multiple_of(2),
    })
}

/// Claims and confirms the next round, and does all that its message and the last one need.
async fn next_round(store: &Store, id: DailyId) -> Outcome<Post> {
    let claimed = store.claim(id, |daily| Ok(claim(daily))).await?.ok_or("no claim")?;
    let claim = claimed.claim.clone().ok_or("no claim")?;
    let message = MessageId(100_000 * id.0 + u64::from(claim.number));
    let post = Post { channel: claim.channel, message, at: claim.at };
    store.confirm(id, claim.number, post).await?.ok_or("no round")?;
    for number in [claim.number.saturating_sub(1), claim.number] {
        let done = |step: &mut Step| {
            if *step == Step::Pending {
                *step = Step::Done;
            }
        };
        let settle = |round: &mut whetstone::domain::round::Round| {
            for step in [&mut round.thread, &mut round.pin, &mut round.results, &mut round.unpin] {
                done(step);
            }
            round.shown = round.tally.took_part;
        };
        store.update_round(id, number, settle).await?;
    }
    Ok(post)
}

fn claim(daily: &Daily) -> Option<Claim> {
    let due = daily.next_due.as_ref()?;
    Some(Claim {
        number: daily.rounds + 1,
        question: "api-endpoint".into(),
        channel: daily.settings.channel,
        date: due.date,
        extra: false,
        until: due.at + SignedDuration::from_hours(6),
        at: due.at,
        nonce: format!("{}-{}", daily.id, daily.rounds + 1),
        deck: daily.deck.clone(),
        last_date_before: daily.last_date,
    })
}

/// Most members take part in one way or another; now and then somebody is credited.
async fn take_part(
    store: &Store,
    id: DailyId,
    post: Post,
    members: u64,
    random: &mut impl Rng,
) -> Outcome<()> {
    let number = store.daily(id).await?.ok_or("no daily")?.rounds;
    for member in 1..=members {
        let (user, at) = (UserId(1000 * id.0 + member), post.at + minutes(random));
        let acts: &[Act] = match random.random_range(0..10) {
            0 | 1 => &[],
            2 => &[Act::Revealed],
            3..6 => &[Act::Quiz { right: true }],
            6 => &[Act::Quiz { right: false }, Act::Revealed],
            7 => &[Act::Answered, Act::Shared],
            _ => &[Act::Answered, Act::Revealed, Act::Graded(Grade::GotIt)],
        };
        for act in acts {
            store.act(id, number, user, at, *act).await?;
        }
        if acts.is_empty() && number.is_multiple_of(10) {
            store.credit(id, number, user, at, Credit::Give).await?;
        }
    }
    Ok(())
}

fn minutes(random: &mut impl Rng) -> SignedDuration {
    SignedDuration::from_mins(random.random_range(1..600))
}

/// All that can be asked of a store with such a history.
pub async fn picture(store: &Store, size: Size) -> Outcome<String> {
    let mut picture = String::new();
    writeln!(picture, "note {:?}", store.note("history").await?)?;
    writeln!(picture, "due {:?} work {:?}", store.next_due().await?, store.work().await?)?;
    for daily in store.all_dailies().await? {
        writeln!(picture, "{daily:?}")?;
        writeln!(picture, "{:?}", store.dailies_of(daily.guild).await?)?;
        for number in 1..=daily.rounds {
            writeln!(picture, "{:?}", store.round(daily.id, number).await?)?;
        }
        for member in 1..=size.members {
            let user = UserId(1000 * daily.id.0 + member);
            writeln!(picture, "{:?}", store.history(daily.id, user).await?)?;
        }
        boards(store, &daily, size, &mut picture).await?;
    }
    Ok(picture)
}

async fn boards(store: &Store, daily: &Daily, size: Size, picture: &mut String) -> Outcome<()> {
    for kind in BoardKind::ALL {
        for month in 3..=9 {
            let board = Board::new(kind, Month { year: 2026, month });
            let page = store.page(daily.id, board, daily.rounds, Cursor::Top, 100).await?;
            writeln!(picture, "{page:?}")?;
            for member in 1..=size.members {
                let user = UserId(1000 * daily.id.0 + member);
                writeln!(picture, "{:?}", store.place(daily.id, board, daily.rounds, user).await?)?;
            }
        }
    }
    Ok(())
}
