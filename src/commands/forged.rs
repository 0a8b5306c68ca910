//! Actions that somebody made up: whatever their text says, nothing is done that its sender may not
//! do.
#![allow(clippy::unwrap_used)]

use super::{families, owner, testing::Desk};
use crate::{
    app::testing::{ADA, BOB, MONA},
    domain::ids::DailyId,
    ui::Action,
};
use proptest::{prelude::*, test_runner::TestRunner};
use std::{cell::RefCell, collections::BTreeSet};

/// Actions of the families that there are, and what looks like them.
fn any_action() -> impl Strategy<Value = Action> {
    let family = prop::sample::select(families().map(|family| family.family()).collect::<Vec<_>>());
    let word = "(answer|quiz|hint|reveal|pick|grade|share|form|all|month|extra|remove|hide|show|\
                forget|[a-z]{1,6})";
    let part = "([0-3a]{1,2}|-|2026-03|down|up|queue|[a-z0-9-]{0,4})";
    let parts = prop::collection::vec(prop::string::string_regex(part).unwrap(), 0..7);
    (family, prop::string::string_regex(word).unwrap(), parts).prop_map(|(family, word, parts)| {
        parts.into_iter().fold(Action::new(family, &word), Action::text)
    })
}

/// All that may not change by what somebody may not do.
async fn state(desk: &Desk, daily: DailyId) -> String {
    let store = &desk.app.store;
    let (mut history, mut chosen) = (Vec::new(), Vec::new());
    for user in [ADA, BOB, MONA] {
        history.push(store.history(daily, user).await.unwrap());
    }
    // Whoever acts may hide themselves.
    for user in [ADA, BOB] {
        chosen.push(store.preferences(user).await.unwrap());
    }
    let round = store.round(daily, 1).await.unwrap();
    let daily = store.daily(daily).await.unwrap();
    format!("{daily:?} {round:?} {history:?} {chosen:?}")
}

/// Bob does not manage the guild; Mona does, and tries from another one, where she manages too.
async fn nothing_forbidden_is_done(desk: &Desk, daily: DailyId, action: Action) -> bool {
    let before = state(desk, daily).await;
    if action.family == "daily" {
        let told = desk.act(BOB, action.clone()).await.to_string();
        let refused = told.contains("**Manage Server**") || told.contains("not here any more");
        assert!(refused, "{action:?}: {told}");
    }
    let told = desk.act_elsewhere(MONA, action.clone()).await.to_string();
    let refused = told.contains("not here any more");
    // Practice is about no guild, and of the last two, whoever clicks is the one who is meant.
    let own = ["practice", "settings", "privacy"].contains(&action.family.as_str());
    assert!(refused || own, "{action:?}: {told}");
    assert_eq!(state(desk, daily).await, before, "{action:?}");
    !refused
}

#[test]
fn no_action_does_what_its_sender_may_not() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (desk, daily) = runtime.block_on(Desk::with_rounds(1));
    let mut runner = TestRunner::new(ProptestConfig::with_cases(6_000));
    let done = RefCell::new(BTreeSet::new());
    runner
        .run(&any_action(), |action| {
            let family = owner(&action).unwrap().family();
            if runtime.block_on(nothing_forbidden_is_done(&desk, daily.id, action)) {
                done.borrow_mut().insert(family);
            }
            Ok(())
        })
        .unwrap();
    // A check in which nothing is ever done checks nothing.
    assert_eq!(done.into_inner(), BTreeSet::from(["practice", "privacy", "settings"]));
}
