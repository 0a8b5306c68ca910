use super::{
    super::{
        keys::{part_key, round_key},
        repair,
        testing::{self, daily, next_round, rows},
    },
    *,
};
use crate::domain::{
    daily::{Daily, NOTICE, Part},
    guild::{Departure, GuildSettings},
    ids::{DailyId, UserId},
    ledger::Credit,
    round::{Act, Grade},
};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

fn now() -> Timestamp {
    "2026-03-02T12:00:00Z".parse().unwrap()
}

/// A store with a history, closed.
async fn with_history(steps: &[(u8, u8)]) -> (tempfile::TempDir, DailyId) {
    let testing::Temporary { store, folder } = testing::store();
    let id = daily(&store, "daily", now()).await.id;
    let mut round = next_round(&store, id).await;
    for (what, who) in steps {
        let (user, at, number) = (UserId((*who % 5).into()), round.post.at, round.number);
        let act = match what % 14 {
            0 | 1 => {
                round = next_round(&store, id).await;
                continue;
            }
            2 | 3 => {
                let credit = if *what % 14 == 2 { Credit::Give } else { Credit::TakeBack };
                let old = 1 + u32::from(*who) % number;
                store.credit(id, old, user, at, credit).await.unwrap();
                continue;
            }
            12 => {
                store.set_hidden(user, round.number % 2 == 1).await.unwrap();
                continue;
            }
            13 => {
                fail(&store, id, at).await;
                continue;
            }
            4 => Act::Quiz { right: true },
            5 => Act::Quiz { right: false },
            6 => Act::Revealed,
            7 => Act::Graded(Grade::Partly),
            8 => Act::Shared,
            _ => Act::Answered,
        };
        store.act(id, number, user, at, act).await.unwrap();
    }
    choose_and_depart(&store).await;
    drop(store);
    files::closed(folder.path()).await.unwrap();
    (folder, id)
}

/// A part of the daily begins to fail, of which a notice is due, or works again.
async fn fail(store: &Store, id: DailyId, at: Timestamp) {
    let change = |daily: &mut Daily| {
        match daily.troubles.is_empty() {
            true => daily.fails(Part::Thread, "no more threads".to_owned(), at),
            false => daily.works(Part::Thread),
        }
        Ok(())
    };
    store.update_daily(id, change).await.unwrap();
}

/// The guild has chosen something, and the bot is no longer in it.
async fn choose_and_depart(store: &Store) {
    let choose = |chosen: &mut GuildSettings| chosen.notices = Some(testing::CHANNEL);
    store.update_guild(testing::GUILD, choose).await.unwrap();
    let departure = Departure { since: now(), until: now() + SignedDuration::from_hours(720) };
    assert!(store.depart(testing::GUILD, departure).await.unwrap());
}

const STEPS: [(u8, u8); 14] = [
    (12, 1),
    (13, 0),
    (9, 1),
    (4, 2),
    (6, 3),
    (7, 3),
    (0, 0),
    (9, 1),
    (2, 2),
    (0, 0),
    (0, 0),
    (9, 1),
    (4, 4),
    (5, 2),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Whatever members and moderators do, all that follows from it is as it would be made anew.
    #[test]
    fn nothing_is_wrong_with_a_store_that_was_only_used(
        steps in prop::collection::vec(any::<(u8, u8)>(), 0..60),
    ) {
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let (folder, _) = with_history(&steps).await;
            let verified = verify(folder.path()).await.unwrap();
            assert_eq!(verified.wrong, [""; 0], "{steps:?}");
            assert!(verified.rows > 0);
        });
    }
}

/// Changes a table behind the back of the rules, with the sums kept right.
async fn tamper(folder: &Path, change: impl FnOnce(&mut super::super::Changes<'_>)) {
    let store = testing::open(folder).await.unwrap();
    store
        .apply(|changes| {
            change(changes);
            Ok::<_, StoreError>(())
        })
        .unwrap();
    store.flush().await.unwrap();
    drop(store);
    files::closed(folder).await.unwrap();
}

/// Every table that follows from the others: a row gone, a row changed, a row too many.
#[tokio::test]
async fn what_does_not_follow_from_the_participations_is_told_and_repaired() {
    for (table, name) in Table::ALL.into_iter().filter(|(table, _)| table.is_derived()) {
        for kind in 0..3 {
            let (folder, _) = with_history(&STEPS).await;
            let whole = rows(&testing::open(folder.path()).await.unwrap());
            files::closed(folder.path()).await.unwrap();
            let (_, key, _) = whole.iter().find(|(of, ..)| *of == name).unwrap();
            let other = [key.as_slice(), &[0]].concat();
            tamper(folder.path(), |changes| match kind {
                0 => changes.delete(table, key.clone()),
                1 => changes.put(table, key.clone(), &"changed").unwrap(),
                _ => changes.put(table, other.clone(), &()).unwrap(),
            })
            .await;
            let wrong = verify(folder.path()).await.unwrap().wrong;
            assert!(wrong.iter().any(|wrong| wrong.contains(name)), "{name} {kind}: {wrong:?}");
            let repaired = repair(folder.path()).await.unwrap();
            assert_eq!(repaired.lost, [""; 0], "{name} {kind}");
            assert!(repaired.kept.is_some());
            assert_eq!(rows(&testing::open(folder.path()).await.unwrap()), whole, "{name} {kind}");
        }
    }
}

#[tokio::test]
async fn a_round_that_counts_wrongly_is_told_and_repaired() {
    let (folder, id) = with_history(&STEPS).await;
    let store = testing::open(folder.path()).await.unwrap();
    let was = store.round(id, 1).await.unwrap().unwrap().tally;
    store.update_round(id, 1, |round| round.tally.took_part += 1).await.unwrap();
    drop(store);
    files::closed(folder.path()).await.unwrap();
    let wrong = verify(folder.path()).await.unwrap().wrong;
    assert!(wrong[0].contains("round 1 of daily 1 did not count"), "{wrong:?}");
    repair(folder.path()).await.unwrap();
    let store = testing::open(folder.path()).await.unwrap();
    assert_eq!(store.round(id, 1).await.unwrap().unwrap().tally, was);
}

#[tokio::test]
async fn what_cannot_be_made_anew_is_said_to_be_lost() {
    let (folder, id) = with_history(&STEPS).await;
    let round = round_key(id, 2);
    let part = part_key(id, UserId(1), 1);
    tamper(folder.path(), |changes| {
        changes.delete(Table::Rounds, round);
        changes.pending.insert((Table::Parts, part), Some(b"\x01{}".to_vec()));
    })
    .await;
    let wrong = verify(folder.path()).await.unwrap().wrong.join("\n");
    let repaired = repair(folder.path()).await.unwrap();
    for told in [wrong, repaired.lost.join("\n")] {
        assert!(told.contains("round 2 of daily 1"), "{told}");
        assert!(told.contains("parts, daily 1, member 1, round 1"), "{told}");
    }
    // All that is left agrees with itself, but for the round that stays away.
    let wrong = verify(folder.path()).await.unwrap().wrong;
    assert_eq!(wrong, ["round 2 of daily 1"]);
    let store = testing::open(folder.path()).await.unwrap();
    assert!(store.history(id, UserId(1)).await.unwrap().iter().all(|chapter| chapter.round != 1));
}

/// The history has what verifying must know of: a hidden member, who has scores and is on no board,
/// and a notice that nobody was told yet.
#[tokio::test]
async fn members_who_hide_and_untold_notices_are_as_they_should_be() {
    let (folder, id) = with_history(&STEPS).await;
    let work = round_key(id, NOTICE);
    let store = testing::open(folder.path()).await.unwrap();
    assert!(store.preferences(UserId(1)).await.unwrap().hidden);
    assert!(store.tree(Table::Work).contains_key(&work).unwrap());
    // The keys of both end with the member.
    let has = |table: Table, user: u64| {
        let mut keys = store.tree(table).iter().keys().map(Result::unwrap);
        keys.any(|key| key.ends_with(&user.to_be_bytes()))
    };
    assert!(has(Table::Scores, 1) && !has(Table::Ranking, 1));
    assert!(has(Table::Scores, 2) && has(Table::Ranking, 2));
    drop(store);
    files::closed(folder.path()).await.unwrap();
    assert_eq!(verify(folder.path()).await.unwrap().wrong, [""; 0]);
}

/// What members and guilds have chosen, and that the bot has left, follows from nothing else.
#[tokio::test]
async fn choices_and_departures_that_cannot_be_read_are_said_to_be_lost() {
    let (folder, _) = with_history(&STEPS).await;
    let tables = [Table::Preferences, Table::Guilds, Table::Departures];
    tamper(folder.path(), |changes| {
        for table in tables {
            changes
                .pending
                .insert((table, vec![0, 0, 0, 0, 0, 0, 0, 1]), Some(b"\x01\"x\"".to_vec()));
        }
    })
    .await;
    let lost = repair(folder.path()).await.unwrap().lost.join("\n");
    for row in ["preferences, member 1", "guilds, guild 1", "departures, guild 1"] {
        assert!(lost.contains(row), "{row}: {lost}");
    }
    assert_eq!(verify(folder.path()).await.unwrap().wrong, [""; 0]);
    let store = testing::open(folder.path()).await.unwrap();
    assert!(!store.preferences(UserId(1)).await.unwrap().hidden);
    assert_eq!(store.next_to_leave().await.unwrap(), None);
}

#[tokio::test]
async fn a_whole_store_is_left_alone_and_one_in_use_is_refused() {
    let (folder, _) = with_history(&STEPS).await;
    let log = std::fs::read(folder.path().join("db")).unwrap();
    assert!(repair(folder.path()).await.unwrap().kept.is_none());
    assert!(verify(folder.path()).await.unwrap().wrong.is_empty());
    assert_eq!(std::fs::read(folder.path().join("db")).unwrap(), log);
    let names: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !files::is_part(name))
        .collect();
    assert_eq!(names, [""; 0], "something is left behind");
    let store = testing::open(folder.path()).await.unwrap();
    for error in [
        verify(folder.path()).await.map(drop).unwrap_err(),
        repair(folder.path()).await.map(drop).unwrap_err(),
    ] {
        assert!(matches!(error, OpenError::Locked(_)), "{error}");
    }
    drop(store);
    let empty = tempfile::tempdir().unwrap();
    let error = verify(empty.path()).await.unwrap_err();
    assert!(matches!(error, OpenError::None(_)), "{error}");
}
