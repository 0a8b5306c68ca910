//! What members do: it counts once, by its own time, and a credit that is taken back leaves the
//! boards as they were.

use super::*;
use crate::{
    domain::{
        board::{BoardKind, Cursor, Month},
        ids::ChannelId,
        ledger::Change,
        member::{Board, Record, Score},
        round::{Grade, QuizResult, Round, Tally},
        schedule::zone,
        streak::Event,
    },
    store::testing::{self, GUILD, Temporary, daily, next_round, rows, settings},
};
use jiff::{SignedDuration, ToSpan};

const ADA: UserId = UserId(101);
const BOB: UserId = UserId(102);

fn start() -> Timestamp {
    "2026-03-02T12:00:00Z".parse().unwrap()
}

/// A store with a daily and so many rounds.
async fn with_rounds(rounds: u32) -> (Temporary, DailyId, Vec<Round>) {
    let shop = testing::store();
    let id = daily(&shop.store, "daily", start()).await.id;
    let mut posted = Vec::new();
    for _ in 0..rounds {
        posted.push(next_round(&shop.store, id).await);
    }
    (shop, id, posted)
}

fn recorded(outcome: ActOutcome) -> Change {
    match outcome {
        ActOutcome::Recorded(change) => *change,
        other => panic!("{other:?}"),
    }
}

fn credited(outcome: CreditOutcome) -> Change {
    match outcome {
        CreditOutcome::Changed(change) => *change,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_act_is_recorded_once() {
    let (shop, id, rounds) = with_rounds(1).await;
    let at = rounds[0].post.at + 5.minutes();
    let act = |act, at| shop.store.act(id, 1, ADA, at, act);
    let first = recorded(act(Act::Quiz { right: false }, at).await.unwrap());
    assert_eq!(first.before, Participation::default());
    assert_eq!(first.after.quiz, Some(QuizResult { at, right: false }));
    assert_eq!(first.events, [Event::TookPart { round: 1, current: 1 }]);
    let before = rows(&shop.store);
    let second = recorded(act(Act::Quiz { right: true }, at + 1.minute()).await.unwrap());
    assert_eq!((&second.before, second.events), (&second.after, vec![]));
    assert_eq!(second.after, first.after);
    assert_eq!(rows(&shop.store), before);
    assert_eq!(shop.store.participation(id, 1, ADA).await.unwrap(), first.after);
    assert_eq!(shop.store.participation(id, 1, BOB).await.unwrap(), Participation::default());
}

#[tokio::test]
async fn the_tally_counts_members_and_not_clicks() {
    let (shop, id, rounds) = with_rounds(1).await;
    let at = rounds[0].post.at;
    let acts = [
        (ADA, Act::Answered),
        (ADA, Act::Answered),
        (ADA, Act::Quiz { right: true }),
        (ADA, Act::Graded(Grade::GotIt)),
        (BOB, Act::Revealed),
        (UserId(103), Act::Revealed),
        (UserId(103), Act::Graded(Grade::Missed)),
        (UserId(103), Act::Quiz { right: false }),
    ];
    for (user, act) in acts {
        shop.store.act(id, 1, user, at, act).await.unwrap();
    }
    let tally = shop.store.round(id, 1).await.unwrap().unwrap().tally;
    let expected = Tally { took_part: 2, grades: [1, 0, 1], quiz_answers: 2, quiz_right: 1 };
    assert_eq!(tally, expected);
}

/// Fifty members click at once; each is counted.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_click_is_lost_when_many_come_at_once() {
    let (shop, id, rounds) = with_rounds(1).await;
    let at = rounds[0].post.at;
    let mut tasks = tokio::task::JoinSet::new();
    for click in 0..100 {
        let store = shop.store.clone();
        let user = UserId(click % 50);
        tasks.spawn(async move { store.act(id, 1, user, at, Act::Answered).await.unwrap() });
    }
    let newly = |change: &Change| !change.events.is_empty();
    let changes = tasks.join_all().await.into_iter().map(recorded);
    assert_eq!(changes.filter(newly).count(), 50);
    assert_eq!(shop.store.round(id, 1).await.unwrap().unwrap().tally.took_part, 50);
    let board = Board { kind: BoardKind::All, month: None };
    assert_eq!(shop.store.page(id, board, 1, Cursor::Top, 10).await.unwrap().total, 50);
}

/// The next round's message decides, to the millisecond, whenever the act is processed.
#[tokio::test]
async fn the_time_of_the_act_decides_whether_it_is_late() {
    let (shop, id, rounds) = with_rounds(2).await;
    let closed = rounds[1].post.at;
    let before = rows(&shop.store);
    let late = shop.store.act(id, 1, ADA, closed, Act::Answered).await.unwrap();
    assert!(matches!(&late, ActOutcome::Late(round) if round.number == 1), "{late:?}");
    let unknown = shop.store.act(id, 3, ADA, closed, Act::Answered).await.unwrap();
    assert_eq!(unknown, ActOutcome::UnknownRound);
    assert_eq!(rows(&shop.store), before);
    let in_time = closed - SignedDuration::from_millis(1);
    let change = recorded(shop.store.act(id, 1, ADA, in_time, Act::Answered).await.unwrap());
    assert_eq!(change.round.tally.took_part, 1);
}

/// A click in round 1 that is processed after one in round 2 joins the streak all the same.
#[tokio::test]
async fn acts_count_in_the_order_of_their_rounds() {
    let (shop, id, rounds) = with_rounds(2).await;
    shop.store.act(id, 2, ADA, rounds[1].post.at, Act::Answered).await.unwrap();
    let change =
        recorded(shop.store.act(id, 1, ADA, rounds[0].post.at, Act::Answered).await.unwrap());
    assert_eq!((change.record.streak.current, change.record.streak.last), (2, Some(2)));
    let numbers: Vec<u32> = shop
        .store
        .history(id, ADA)
        .await
        .unwrap()
        .into_iter()
        .map(|chapter| chapter.round)
        .collect();
    assert_eq!(numbers, [1, 2]);
}

#[tokio::test]
async fn a_credit_joins_a_streak_and_taking_it_back_undoes_that() {
    let (shop, id, rounds) = with_rounds(5).await;
    for place in [0, 4] {
        let (number, at) = (rounds[place].number, rounds[place].post.at);
        shop.store.act(id, number, ADA, at, Act::Answered).await.unwrap();
    }
    // Three rounds missed are more than the one freeze: the streak began again at round 5.
    assert_eq!(Record::replay(&shop.store.history(id, ADA).await.unwrap()).streak.current, 1);
    let boards = || {
        let mut rows = rows(&shop.store);
        rows.retain(|(table, ..)| ["scores", "ranking", "counts"].contains(table));
        rows
    };
    let before = boards();
    let at = start() + SignedDuration::from_hours(2000);
    let credit = |number, credit| shop.store.credit(id, number, ADA, at, credit);
    credited(credit(2, Credit::Give).await.unwrap());
    let change = credited(credit(3, Credit::Give).await.unwrap());
    // 1, 2 and 3 in a row, 4 covered by the freeze, 5 the fourth.
    assert_eq!((change.record.streak.current, change.record.streak.freezes), (4, 0));
    assert_eq!(change.round.tally.took_part, 1);
    assert_eq!(credit(3, Credit::Give).await.unwrap(), CreditOutcome::Nothing);
    assert_eq!(credit(1, Credit::Give).await.unwrap(), CreditOutcome::Nothing);
    assert_eq!(credit(1, Credit::TakeBack).await.unwrap(), CreditOutcome::Nothing);
    assert_eq!(credit(9, Credit::Give).await.unwrap(), CreditOutcome::UnknownRound);
    for number in [2, 3] {
        let change = credited(credit(number, Credit::TakeBack).await.unwrap());
        assert_eq!(change.round.tally.took_part, 0);
    }
    assert_eq!(boards(), before);
}

/// The rounds of the end of a month and what is done in them after midnight.
#[tokio::test]
async fn the_month_is_that_of_the_act_in_the_dailys_zone() {
    let shop = testing::store();
    let mut settings = settings("daily", ChannelId(10));
    settings.schedule.zone = zone("America/New_York").unwrap();
    let now: Timestamp = "2026-03-31T12:00:00Z".parse().unwrap();
    let id = testing::create(&shop.store, GUILD, settings, 7, now).await.id;
    let round = next_round(&shop.store, id).await;
    assert_eq!(round.post.at.to_string(), "2026-03-31T13:30:00Z");
    // Four hours behind UTC there, so that April begins at 04:00.
    for (user, at) in [(ADA, "2026-04-01T03:59:59Z"), (BOB, "2026-04-01T04:00:00Z")] {
        let act = Act::Quiz { right: true };
        shop.store.act(id, 1, user, at.parse().unwrap(), act).await.unwrap();
    }
    // A credit is about the round, whenever it is given.
    let may = "2026-05-01T12:00:00Z".parse().unwrap();
    shop.store.credit(id, 1, UserId(103), may, Credit::Give).await.unwrap();
    let users = async |kind, month| -> Vec<u64> {
        let board = Board::new(kind, Month { year: 2026, month });
        let page = shop.store.page(id, board, 1, Cursor::Top, 10).await.unwrap();
        page.rows.iter().map(|row| row.place.user.0).collect()
    };
    assert_eq!(users(BoardKind::Month, 3).await, [101, 103]);
    assert_eq!(users(BoardKind::Month, 4).await, [102]);
    assert_eq!(users(BoardKind::Quiz, 3).await, [101]);
    assert_eq!(users(BoardKind::Quiz, 4).await, [102]);
    assert_eq!(users(BoardKind::Month, 5).await, [0; 0]);
}

#[tokio::test]
async fn members_and_dailies_are_kept_apart() {
    let (shop, id, rounds) = with_rounds(1).await;
    let other = daily(&shop.store, "other", start()).await.id;
    next_round(&shop.store, other).await;
    shop.store.act(id, 1, ADA, rounds[0].post.at, Act::Answered).await.unwrap();
    assert_eq!(shop.store.history(other, ADA).await.unwrap(), []);
    assert_eq!(shop.store.history(id, BOB).await.unwrap(), []);
    let chapters = shop.store.history(id, ADA).await.unwrap();
    let record = Record::replay(&chapters);
    let all = Board { kind: BoardKind::All, month: None };
    assert_eq!(record.scores[&all], Score { score: 1, reached: rounds[0].post.at });
}
