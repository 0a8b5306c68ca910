//! Rounds: nothing is claimed or confirmed twice, and the list of work is right.

use super::*;
use crate::{
    domain::{
        daily::Claim,
        ids::{ChannelId, MessageId, QuestionId},
        round::{Step, StepName},
    },
    error::Mistake,
    store::testing::{self, claim, daily, next_round, post, rows},
};
use jiff::Timestamp;
use std::collections::BTreeSet;

fn start() -> Timestamp {
    "2026-03-02T12:00:00Z".parse().unwrap()
}

/// Claims unless a round is under way, as the use cases do.
async fn try_to_claim(store: &Store, id: DailyId, question: String) -> Option<QuestionId> {
    let claimed = store.claim(id, |daily| {
        let free = daily.claim.is_none();
        Ok(free.then(|| Claim { question: question.as_str().into(), ..claim(daily) }))
    });
    claimed.await.unwrap().and_then(|daily| daily.claim).map(|claim| claim.question)
}

/// Many ask at once, from several threads; each daily is claimed by one of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_claimed_twice() {
    let shop = testing::store();
    let mut tasks = tokio::task::JoinSet::new();
    let ids =
        [daily(&shop.store, "a", start()).await.id, daily(&shop.store, "b", start()).await.id];
    for attempt in 0..100 {
        let (store, id) = (shop.store.clone(), ids[attempt % 2]);
        tasks.spawn(async move {
            try_to_claim(&store, id, format!("by {attempt}")).await.map(|question| (id, question))
        });
    }
    let won: Vec<_> = tasks.join_all().await.into_iter().flatten().collect();
    assert_eq!(won.len(), 2, "{won:?}");
    for (id, question) in won {
        let daily = shop.store.daily(id).await.unwrap().unwrap();
        let claim = daily.claim.unwrap();
        assert_eq!((claim.question, claim.number, daily.rounds), (question, 1, 0));
    }
    let work: BTreeSet<_> = shop.store.work().await.unwrap().into_iter().collect();
    assert_eq!(work, ids.map(|id| (id, 1)).into());
}

#[tokio::test]
async fn a_claim_that_is_not_made_leaves_all_as_it_was() {
    let shop = testing::store();
    let id = daily(&shop.store, "daily", start()).await.id;
    let before = rows(&shop.store);
    assert!(shop.store.claim(id, |_| Ok(None)).await.unwrap().is_none());
    assert!(shop.store.claim(id, |_| Err(Mistake::PostUnderWay.into())).await.is_err());
    assert!(shop.store.claim(DailyId(99), |daily| Ok(Some(claim(daily)))).await.unwrap().is_none());
    assert_eq!(rows(&shop.store), before);
}

#[tokio::test]
async fn a_round_is_confirmed_once() {
    let shop = testing::store();
    let id = daily(&shop.store, "daily", start()).await.id;
    let claimed = shop.store.claim(id, |daily| Ok(Some(claim(daily)))).await.unwrap().unwrap();
    let claim = claimed.claim.clone().unwrap();
    let post = post(&claimed, &claim);
    let first = shop.store.confirm(id, 1, post).await.unwrap().unwrap();
    assert_eq!((first.post, first.number, &first.question), (post, 1, &claim.question));
    let before = rows(&shop.store);
    // Asked again, even with another message, it stays what it was.
    let other = Post { message: MessageId(9), ..post };
    assert_eq!(shop.store.confirm(id, 1, other).await.unwrap(), Some(first));
    assert_eq!(shop.store.confirm(id, 2, other).await.unwrap(), None);
    assert_eq!(shop.store.confirm(DailyId(99), 1, other).await.unwrap(), None);
    assert_eq!(rows(&shop.store), before);
}

/// The scheduler's answer from Discord and members' clicks may come together.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_round_that_many_confirm_at_once_is_one() {
    let shop = testing::store();
    let id = daily(&shop.store, "daily", start()).await.id;
    next_round(&shop.store, id).await;
    let claimed = shop.store.claim(id, |daily| Ok(Some(claim(daily)))).await.unwrap().unwrap();
    let post = post(&claimed, claimed.claim.as_ref().unwrap());
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let store = shop.store.clone();
        tasks.spawn(async move { store.confirm(id, 2, post).await.unwrap().unwrap() });
    }
    let rounds = tasks.join_all().await;
    assert!(rounds.iter().all(|round| *round == rounds[0]), "{rounds:?}");
    let daily = shop.store.daily(id).await.unwrap().unwrap();
    assert_eq!((daily.rounds, daily.claim), (2, None));
}

#[tokio::test]
async fn a_confirmed_round_closes_the_one_before_it() {
    let shop = testing::store();
    let id = daily(&shop.store, "daily", start()).await.id;
    next_round(&shop.store, id).await;
    let second = next_round(&shop.store, id).await;
    let first = shop.store.round(id, 1).await.unwrap().unwrap();
    assert_eq!(first.closed_at, Some(second.post.at));
    assert_eq!(first.results, Step::Pending);
    assert_eq!(second.closed_at, None);
    assert_eq!(shop.store.daily(id).await.unwrap().unwrap().rounds, 2);
}

#[tokio::test]
async fn a_forums_post_is_its_own_thread() {
    let shop = testing::store();
    let id = daily(&shop.store, "daily", start()).await.id;
    let claimed = shop.store.claim(id, |daily| Ok(Some(claim(daily)))).await.unwrap().unwrap();
    let thread = ChannelId(555);
    let post = Post { channel: thread, ..post(&claimed, claimed.claim.as_ref().unwrap()) };
    let round = shop.store.confirm(id, 1, post).await.unwrap().unwrap();
    assert_eq!(round.thread_id, Some(thread));
    assert_eq!((round.thread, round.pin), (Step::NotWanted, Step::NotWanted));
    assert_eq!(shop.store.work().await.unwrap(), []);
}

#[tokio::test]
async fn a_round_is_work_until_all_is_done_for_it() {
    let shop = testing::store();
    let id = daily(&shop.store, "daily", start()).await.id;
    let claimed = shop.store.claim(id, |daily| Ok(Some(claim(daily)))).await.unwrap().unwrap();
    assert_eq!(shop.store.work().await.unwrap(), [(id, 1)]);
    let post = post(&claimed, claimed.claim.as_ref().unwrap());
    shop.store.confirm(id, 1, post).await.unwrap();
    for (step, left) in [(StepName::Thread, 1), (StepName::Pin, 0)] {
        let done = shop.store.update_round(id, 1, |round| *round.step_mut(step) = Step::Done);
        done.await.unwrap().unwrap();
        assert_eq!(shop.store.work().await.unwrap().len(), left, "{step:?}");
    }
    next_round(&shop.store, id).await;
    assert_eq!(shop.store.work().await.unwrap(), [(id, 1), (id, 2)]);
    assert!(shop.store.update_round(id, 9, |_| {}).await.unwrap().is_none());
}
