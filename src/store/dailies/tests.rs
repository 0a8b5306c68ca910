//! Dailies: the indexes follow every change, and a removal leaves nothing behind.

use super::*;
use crate::{
    domain::{
        daily::{DailyName, Pause},
        ids::{ChannelId, UserId},
        ledger::Credit,
        round::Act,
    },
    error::Mistake,
    store::testing::{self, GUILD, claim, daily, next_round, post, rows, settings},
};
use jiff::{SignedDuration, ToSpan};
use proptest::{collection::vec, prelude::*};

fn start() -> Timestamp {
    "2026-03-02T12:00:00Z".parse().unwrap()
}

fn new(guild: GuildId, name: &str, at: Timestamp, most: usize) -> NewDaily {
    NewDaily { guild, settings: settings(name, ChannelId(10)), seed: 7, set_by: None, at, most }
}

/// What may happen to one of the dailies.
#[derive(Clone, Copy, Debug)]
enum Change {
    Create,
    Pause,
    Resume,
    Skip,
    Rename,
    Claim,
    Confirm,
    Abandon,
    Remove,
}

fn changes() -> impl Strategy<Value = Vec<(Change, usize)>> {
    use Change::{Abandon, Claim, Confirm, Create, Pause, Remove, Rename, Resume, Skip};
    let change = prop_oneof![
        4 => Just(Create), 1 => Just(Pause), 1 => Just(Resume), 2 => Just(Skip),
        1 => Just(Rename), 4 => Just(Claim), 4 => Just(Confirm), 1 => Just(Abandon),
        1 => Just(Remove),
    ];
    vec((change, 0_usize..100), 1..25)
}

/// Makes the change, where the daily is in a state that allows it.
async fn make(store: &Store, change: Change, pick: usize) {
    let dailies = store.all_dailies().await.unwrap();
    if matches!(change, Change::Create) || dailies.is_empty() {
        let (name, now) =
            (format!("daily {pick}"), start() + SignedDuration::from_hours(pick as i64));
        // A name that is taken makes nothing.
        drop(store.create_daily(new(GUILD, &name, now, 100)).await.unwrap());
        return;
    }
    let daily = &dailies[pick % dailies.len()];
    let update = async |change: &dyn Fn(&mut Daily)| {
        let made = store.update_daily(daily.id, |daily| {
            change(daily);
            Ok(())
        });
        made.await.unwrap().unwrap();
    };
    match (change, &daily.claim) {
        (Change::Pause, _) => update(&|daily| daily.pause = Some(Pause::NoQuestions)).await,
        (Change::Resume, _) => update(&|daily| daily.pause = None).await,
        (Change::Rename, _) => {
            let rename = |daily: &mut Daily| {
                let longer = DailyName::parse(&format!("{}x", &*daily.settings.name));
                daily.settings.name = longer.unwrap_or_default();
            };
            update(&rename).await;
        }
        (Change::Skip, None) => {
            let due = daily.next_due.unwrap();
            let skip = |daily: &mut Daily| {
                daily.settings.schedule.skips.insert(due.date);
                daily.reschedule(due.at);
            };
            update(&skip).await;
        }
        (Change::Claim, None) if daily.pause.is_none() => {
            store.claim(daily.id, |daily| Ok(Some(claim(daily)))).await.unwrap().unwrap();
        }
        (Change::Confirm, Some(claim)) => {
            store.confirm(daily.id, claim.number, post(daily, claim)).await.unwrap().unwrap();
        }
        (Change::Abandon, Some(claim)) => update(&|daily| daily.abandon(claim)).await,
        (Change::Remove, _) => store.remove_daily(daily).await.unwrap(),
        _ => {}
    }
}

/// Holds each index against what it must be, worked out from all dailies and rounds.
async fn check_indexes(store: &Store) {
    let dailies = store.all_dailies().await.unwrap();
    let mut due: Vec<(Timestamp, DailyId)> =
        dailies.iter().filter_map(|daily| Some((daily.due_at()?, daily.id))).collect();
    due.sort_unstable();
    assert_eq!(store.next_due().await.unwrap(), due.first().map(|(at, _)| *at));
    let ids: Vec<DailyId> = due.iter().map(|(_, id)| *id).collect();
    assert_eq!(store.due(Timestamp::MAX, 1000).await.unwrap(), ids);

    let mut named = dailies.clone();
    named.sort_by(|a, b| a.settings.name.cmp(&b.settings.name));
    assert_eq!(store.dailies_of(GUILD).await.unwrap(), named);

    let mut work = Vec::new();
    for daily in &dailies {
        work.extend(daily.claim.as_ref().map(|claim| (daily.id, claim.number)));
        for number in 1..=daily.rounds {
            let round = store.round(daily.id, number).await.unwrap().unwrap();
            work.extend(round.has_work().then_some((daily.id, number)));
        }
    }
    work.sort_unstable();
    assert_eq!(store.work().await.unwrap(), work);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_indexes_follow_every_change(changes in changes()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let shop = testing::store();
            for (change, pick) in changes {
                make(&shop.store, change, pick).await;
                check_indexes(&shop.store).await;
            }
        });
    }
}

#[tokio::test]
async fn what_is_due_comes_in_its_order_and_no_more_than_asked_for() {
    let shop = testing::store();
    let mut ids = Vec::new();
    for hour in [5, 1, 3] {
        let mut settings = settings(&format!("at {hour}"), ChannelId(10));
        settings.schedule.time = jiff::civil::time(hour, 0, 0, 0);
        ids.push(testing::create(&shop.store, GUILD, settings, 7, start()).await.id);
    }
    let at = |hour: i64| start() + SignedDuration::from_hours(12 + hour);
    let due = async |now, limit| shop.store.due(now, limit).await.unwrap();
    assert_eq!(shop.store.next_due().await.unwrap(), Some(at(1)));
    assert_eq!(due(at(1) - 1.second(), 9).await, []);
    assert_eq!(due(at(1), 9).await, [ids[1]]);
    assert_eq!(due(at(4), 9).await, [ids[1], ids[2]]);
    assert_eq!(due(at(9), 2).await, [ids[1], ids[2]]);
}

#[tokio::test]
async fn a_guild_has_no_two_dailies_of_one_name_and_no_more_than_allowed() {
    let shop = testing::store();
    let create = async |guild, name| match shop
        .store
        .create_daily(new(guild, name, start(), 2))
        .await
        .unwrap()
    {
        CreateOutcome::Created(daily) => Ok(daily.settings.name.as_str().to_owned()),
        refused => Err(refused),
    };
    assert_eq!(create(GUILD, "a").await, Ok("a".to_owned()));
    assert_eq!(create(GUILD, "a").await, Err(CreateOutcome::NameTaken));
    assert_eq!(create(GUILD, "b").await, Ok("b".to_owned()));
    assert_eq!(create(GUILD, "c").await, Err(CreateOutcome::TooMany));
    assert_eq!(create(GuildId(2), "a").await, Ok("a".to_owned()));
    assert_eq!(shop.store.dailies_of(GUILD).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_change_that_fails_changes_nothing() {
    let shop = testing::store();
    let id = daily(&shop.store, "daily", start()).await.id;
    let before = rows(&shop.store);
    let failed = shop.store.update_daily(id, |daily| {
        daily.settings.name = DailyName::parse("other").unwrap();
        Err::<(), _>(Mistake::StaleButton.into())
    });
    assert!(failed.await.is_err());
    assert_eq!(rows(&shop.store), before);
    assert!(shop.store.update_daily(DailyId(99), |_| Ok(())).await.unwrap().is_none());
}

/// Fills a daily with all that a daily can have.
async fn fill(store: &Store, id: DailyId) {
    for number in 1..=4 {
        let round = next_round(store, id).await;
        for user in [101, 102] {
            let (user, at) = (UserId(user), round.post.at);
            for act in [Act::Answered, Act::Quiz { right: true }, Act::Revealed] {
                store.act(id, number, user, at, act).await.unwrap();
            }
        }
    }
    let at = start() + SignedDuration::from_hours(900);
    store.credit(id, 2, UserId(103), at, Credit::Give).await.unwrap();
    store.claim(id, |daily| Ok(Some(claim(daily)))).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_removed_daily_leaves_nothing_behind() {
    let shop = testing::store();
    let other = daily(&shop.store, "other", start()).await.id;
    fill(&shop.store, other).await;
    let counters =
        |(table, key, _): &testing::Row| *table == "meta" && key.starts_with(b"counter/");
    let without_counters = || {
        let mut rows = rows(&shop.store);
        rows.retain(|row| !counters(row));
        rows
    };
    let before = without_counters();
    let gone = daily(&shop.store, "gone", start()).await;
    fill(&shop.store, gone.id).await;
    // Each table that is about dailies has got rows of it, or the check would be none.
    let others = ["meta", "preferences", "departures", "leaving", "guilds"];
    let of_dailies = |(_, name): &(_, &str)| !others.contains(name);
    for (_, table) in super::super::Table::ALL.into_iter().filter(of_dailies) {
        let count = |rows: &[testing::Row]| rows.iter().filter(|row| row.0 == table).count();
        // A daily with a claim is not due: its place in that index is empty meanwhile.
        assert!(count(&without_counters()) > count(&before) || table == "due", "{table}");
    }
    shop.store.remove_daily(&gone).await.unwrap();
    assert_eq!(without_counters(), before);
}
