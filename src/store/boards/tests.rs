//! Boards: what the indexes give is what ranking everybody anew would give, and a page of a large
//! board reads no more than one of a small board.

use super::{super::plan, *};
use crate::{
    domain::{
        board::{BoardKind, Month, rank},
        ledger::{Credit, Plan, Seen, moves},
        member::{Chapter, Record},
        round::{Act, Participation, Round},
    },
    store::testing::{self, Temporary, daily, next_round, rows},
};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use proptest::{collection::vec, prelude::*};
use std::collections::{BTreeMap, BTreeSet};

/// Rounds are posted in the last days of March and the first of April.
fn start() -> Timestamp {
    "2026-03-26T12:00:00Z".parse().unwrap()
}

/// What a member does in a round, and how many minutes after it was posted.
#[derive(Clone, Copy, Debug)]
enum Doing {
    Nothing,
    Acts(Act, i64),
    Credited(i64),
}

fn doing() -> impl Strategy<Value = Doing> {
    let act = prop_oneof![
        Just(Act::Answered),
        Just(Act::Quiz { right: true }),
        Just(Act::Quiz { right: false }),
        Just(Act::Revealed),
    ];
    // Few different minutes, so that several reach a score at the same time.
    prop_oneof![
        3 => Just(Doing::Nothing),
        6 => (act, 0..3_i64).prop_map(|(act, minute)| Doing::Acts(act, minute)),
        1 => (0..3_i64).prop_map(Doing::Credited),
    ]
}

/// What each of some members does in each of some rounds.
fn histories() -> impl Strategy<Value = Vec<Vec<Doing>>> {
    (1_usize..9).prop_flat_map(|rounds| vec(vec(doing(), rounds), 1..14))
}

/// A store in which all of it was done, each click on its own and in no particular order.
async fn played(histories: &[Vec<Doing>]) -> (Temporary, DailyId, Vec<Round>) {
    let shop = testing::store();
    let id = daily(&shop.store, "daily", start()).await.id;
    let mut rounds = Vec::new();
    for _ in 0..histories[0].len() {
        rounds.push(next_round(&shop.store, id).await);
    }
    let mut acts = Vec::new();
    for (user, history) in (1..).map(UserId).zip(histories) {
        for (round, doing) in rounds.iter().zip(history).rev() {
            acts.push(does(&shop.store, id, user, round, *doing));
        }
    }
    join_all(acts).await;
    (shop, id, rounds)
}

async fn does(store: &Store, id: DailyId, user: UserId, round: &Round, doing: Doing) {
    match doing {
        Doing::Nothing => {}
        Doing::Acts(act, minute) => {
            drop(store.act(id, round.number, user, later(round, minute), act).await.unwrap());
        }
        Doing::Credited(minute) => {
            let at = later(round, minute);
            let credit = Credit::Give;
            drop(store.credit(id, round.number, user, at, credit).await.unwrap());
        }
    }
}

fn later(round: &Round, minutes: i64) -> Timestamp {
    round.post.at + SignedDuration::from_mins(minutes)
}

/// A member's record by the domain alone.
fn record(rounds: &[Round], history: &[Doing]) -> Record {
    let chapters: Vec<Chapter> = rounds
        .iter()
        .zip(history)
        .map(|(round, doing)| {
            let mut part = Participation::default();
            match *doing {
                Doing::Nothing => {}
                Doing::Acts(act, minute) => part.record(act, later(round, minute)),
                Doing::Credited(minute) => part.credited = Some(later(round, minute)),
            }
            // All is done within minutes of the post, on the same date in UTC.
            let took_part_on = part.took_part().map(|_| round.date);
            let quiz_on = part.quiz.map(|_| round.date);
            Chapter { round: round.number, took_part_on, quiz_on, part }
        })
        .collect();
    Record::replay(&chapters)
}

/// The whole board by the domain alone, while round `open` is the newest.
fn expected(records: &[Record], board: Board, open: u32) -> Vec<Place> {
    let entry = |(user, record): (UserId, &Record)| {
        let over = record.streak.standing(open).current == 0;
        let hidden = board.kind == BoardKind::Streak && over;
        let Score { score, reached } = *record.scores.get(&board).filter(|_| !hidden)?;
        Some(Entry { score, reached, user })
    };
    rank((1..).map(UserId).zip(records).filter_map(entry).collect())
}

fn boards() -> Vec<Board> {
    let months = [3, 4].map(|month| Month { year: 2026, month });
    let all = months.map(|month| BoardKind::ALL.map(|kind| Board::new(kind, month)));
    all.into_iter().flatten().collect::<BTreeSet<_>>().into_iter().collect()
}

fn places(page: &Page) -> Vec<Place> {
    page.rows.iter().map(|row| row.place).collect()
}

/// Turns the pages down to the last and up again to the first, and holds both against the board.
async fn turn_all_pages(
    store: &Store,
    id: DailyId,
    board: Board,
    open: u32,
    limit: usize,
    whole: &[Place],
) {
    let page_at = async |cursor| store.page(id, board, open, cursor, limit).await.unwrap();
    let mut page = page_at(Cursor::Top).await;
    let mut down = places(&page);
    assert!(!page.more_above);
    while page.more_below {
        page = page_at(Cursor::After(page.rows.last().unwrap().entry)).await;
        assert!(page.more_above && !page.rows.is_empty(), "{page:?}");
        assert_eq!(page.total as usize, whole.len());
        down.extend(places(&page));
    }
    assert_eq!(down, whole, "{board:?} while {open} is open, in pages of {limit}");
    let mut up = places(&page);
    while page.more_above {
        page = page_at(Cursor::Before(page.rows[0].entry)).await;
        assert!(page.more_below && page.rows.len() == limit, "{page:?}");
        up.splice(0..0, places(&page));
    }
    assert_eq!(up, whole, "{board:?} while {open} is open, in pages of {limit}, upwards");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn every_board_is_what_ranking_all_anew_gives(
        histories in histories(),
        limit in 1_usize..5,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (shop, id, rounds) = played(&histories).await;
            let records: Vec<Record> =
                histories.iter().map(|history| record(&rounds, history)).collect();
            let newest = rounds.len() as u32;
            for board in boards() {
                // With each round that is posted, streaks end without anybody visiting a record.
                for open in newest..newest + 5 {
                    let whole = expected(&records, board, open);
                    turn_all_pages(&shop.store, id, board, open, limit, &whole).await;
                    for user in (1..=histories.len() as u64).map(UserId) {
                        let own = shop.store.place(id, board, open, user).await.unwrap();
                        let place = whole.iter().find(|place| place.user == user).copied();
                        assert_eq!(own, place, "{board:?} while {open} is open, of {user}");
                    }
                }
            }
        });
    }
}

/// Whether a member hides before the first round, whether at the end, and whether they are
/// forgotten then.
#[derive(Clone, Copy, Debug)]
struct Fate {
    hides_first: bool,
    hides_last: bool,
    forgotten: bool,
}

fn fate() -> impl Strategy<Value = Fate> {
    any::<(bool, bool, bool)>().prop_map(|(hides_first, hides_last, forgotten)| Fate {
        hides_first,
        hides_last,
        forgotten,
    })
}

/// What members did with what then becomes of them.
fn fates() -> impl Strategy<Value = Vec<(Vec<Doing>, Fate)>> {
    histories().prop_flat_map(|histories| {
        histories.into_iter().map(|history| (Just(history), fate())).collect::<Vec<_>>()
    })
}

/// A store in which each member who hides does so before and after, and the forgotten are.
async fn lived(lives: &[(Vec<Doing>, Fate)]) -> (Temporary, DailyId, u32) {
    let shop = testing::store();
    let id = daily(&shop.store, "daily", start()).await.id;
    let members = || (1..).map(UserId).zip(lives);
    let hide = |user, hidden| shop.store.set_hidden(user, hidden);
    join_all(members().map(|(user, (_, fate))| hide(user, fate.hides_first))).await;
    let mut rounds = Vec::new();
    for _ in 0..lives[0].0.len() {
        rounds.push(next_round(&shop.store, id).await);
    }
    let acts = members().flat_map(|(user, (history, _))| {
        let act = move |(round, doing)| (user, round, doing);
        rounds.iter().zip(history).map(act)
    });
    join_all(acts.map(|(user, round, doing)| does(&shop.store, id, user, round, *doing))).await;
    join_all(members().map(|(user, (_, fate))| hide(user, fate.hides_last))).await;
    let forgotten = members().filter(|(_, (_, fate))| fate.forgotten);
    join_all(forgotten.map(|(user, _)| shop.store.forget_member(user))).await;
    (shop, id, rounds.len() as u32)
}

/// The place of one who hides: behind those who are shown with a better score.
fn place_in_hiding(shown: &[Place], record: &Record, board: Board, user: UserId) -> Place {
    let score = record.scores[&board].score;
    let rank = 1 + shown.iter().filter(|place| place.score > score).count() as u32;
    Place { rank, user, score }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn who_is_forgotten_was_never_there(lives in fates()) {
        let without: Vec<_> = lives
            .iter()
            .map(|(history, fate)| match fate.forgotten {
                true => (vec![Doing::Nothing; history.len()], Fate { hides_last: false, ..*fate }),
                false => (history.clone(), *fate),
            })
            .collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (with, without) =
            runtime.block_on(async { (lived(&lives).await, lived(&without).await) });
        prop_assert_eq!(rows(&with.0.store), rows(&without.0.store));
    }

    #[test]
    fn who_hides_is_no_row_and_no_rank_and_sees_their_own(lives in fates()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (shop, id, newest) = runtime.block_on(lived(&lives));
        let rounds: Vec<Round> =
            (1..=newest).map(|n| runtime.block_on(shop.store.round(id, n)).unwrap().unwrap()).collect();
        let record = |(history, fate): &(Vec<Doing>, Fate)| match fate.forgotten {
            true => Record::default(),
            false => record(&rounds, history),
        };
        let records: Vec<Record> = lives.iter().map(record).collect();
        let shown = |(record, (_, fate)): (&Record, &(Vec<Doing>, Fate))| match fate.hides_last {
            true => Record::default(),
            false => record.clone(),
        };
        let seen: Vec<Record> = records.iter().zip(&lives).map(shown).collect();
        for board in boards() {
            let whole = expected(&seen, board, newest);
            runtime.block_on(turn_all_pages(&shop.store, id, board, newest, 3, &whole));
            for (user, place) in everybody(&records, board, newest) {
                let hides = lives[user.0 as usize - 1].1.hides_last;
                let record = &records[user.0 as usize - 1];
                let hidden = place.map(|_| place_in_hiding(&whole, record, board, user));
                let seen = whole.iter().find(|place| place.user == user).copied();
                let own = runtime.block_on(shop.store.place(id, board, newest, user)).unwrap();
                assert_eq!(own, if hides { hidden } else { seen }, "{board:?} of {user}");
            }
        }
    }
}

/// Each member's place if nobody hid; none where they have no score.
fn everybody(records: &[Record], board: Board, open: u32) -> Vec<(UserId, Option<Place>)> {
    let whole = expected(records, board, open);
    let place = |user| whole.iter().find(|place| place.user == user).copied();
    (1..=records.len() as u64).map(|user| (UserId(user), place(UserId(user)))).collect()
}

#[tokio::test]
async fn a_streak_leaves_the_board_with_the_round_that_ends_it() {
    // One freeze from the start: it covers round 2 while 3 is open, and 3 too is missed in 4.
    let (shop, id, _) = played(&[vec![Doing::Acts(Act::Answered, 0)]]).await;
    let board = Board { kind: BoardKind::Streak, month: None };
    for (open, on_it) in [(1, true), (2, true), (3, true), (4, false)] {
        let page = shop.store.page(id, board, open, Cursor::Top, 10).await.unwrap();
        assert_eq!(page.rows.is_empty(), !on_it, "while {open} is open");
    }
    assert_eq!(shop.store.place(id, board, 4, UserId(1)).await.unwrap(), None);
}

/// Puts so many members on a board, with ten different scores.
fn fill(store: &Store, daily: DailyId, members: u64) {
    let board = Board { kind: BoardKind::All, month: None };
    let users: Vec<u64> = (1..=members).collect();
    for batch in users.chunks(5_000) {
        let filled = store.apply(|changes| {
            for user in batch {
                let reached = Timestamp::from_second(i64::try_from(*user).unwrap_or(0)).unwrap();
                let score = Score { score: 1 + (*user % 10) as u32, reached };
                let record =
                    Record { scores: BTreeMap::from([(board, score)]), ..Record::default() };
                let seen = |record| Seen { record, shown: true };
                let moves = moves(daily, UserId(*user), seen(&Record::default()), seen(&record));
                plan::write(changes, Plan { moves, ..Plan::default() })?;
            }
            Ok::<(), StoreError>(())
        });
        filled.unwrap();
    }
}

/// The rows that are read for the first page, for one in the middle, for one's own place.
async fn reads(store: &Store, daily: DailyId, middle: u64) -> [usize; 3] {
    let board = Board { kind: BoardKind::All, month: None };
    let mut before = LOOKED_AT.get();
    let mut reading = || LOOKED_AT.get() - std::mem::replace(&mut before, LOOKED_AT.get());
    let entry = Entry {
        score: 1 + (middle % 10) as u32,
        reached: Timestamp::from_second(i64::try_from(middle).unwrap()).unwrap(),
        user: UserId(middle),
    };
    let page = async |cursor| {
        let page = store.page(daily, board, 1, cursor, 3).await.unwrap();
        assert_eq!(page.rows.len(), 3);
    };
    page(Cursor::Top).await;
    let top = reading();
    page(Cursor::After(entry)).await;
    let after = reading();
    assert!(store.place(daily, board, 1, UserId(middle)).await.unwrap().is_some());
    [top, after, reading()]
}

#[tokio::test]
async fn a_page_reads_no_more_of_a_hundred_thousand_members_than_of_ten() {
    let shop = testing::store();
    let (small, large) = (DailyId(1), DailyId(2));
    fill(&shop.store, small, 10);
    fill(&shop.store, large, 100_000);
    let (few, many) = (reads(&shop.store, small, 5).await, reads(&shop.store, large, 50_005).await);
    assert!(few.iter().chain(&many).all(|reads| *reads > 0), "{few:?} {many:?}");
    // Fewer where neighbours share a score, and so the count of those above.
    assert!(many.iter().zip(few).all(|(many, few)| *many <= few), "{few:?} {many:?}");
}
