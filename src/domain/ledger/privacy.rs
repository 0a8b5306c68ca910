//! What a member wants shown and stored: to hide from boards, and to be forgotten.

use super::{DailyChange, PartChange, Plan, Presence, Seen, moves};
use crate::domain::{
    daily::Daily,
    ids::{DailyId, UserId},
    member::{Chapter, Preferences, Record},
    round::Round,
};

/// What was deleted of a member.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Forgotten {
    /// The dailies in which they had done anything.
    pub dailies: usize,
    /// The rounds in which they had done anything.
    pub rounds: Vec<(DailyId, u32)>,
}

/// What a member did in one daily.
#[derive(Clone, Debug)]
pub struct Trace {
    /// The daily.
    pub daily: DailyId,
    /// All that they did in it, the oldest round first.
    pub history: Vec<Chapter>,
    /// Those rounds.
    pub rounds: Vec<Round>,
}

/// All that is stored of a member.
#[derive(Clone, Debug)]
pub struct Traces {
    /// The member.
    pub user: UserId,
    /// What they have chosen.
    pub preferences: Preferences,
    /// Every daily in which they have done anything.
    pub dailies: Vec<Trace>,
    /// Every daily that names them otherwise.
    pub named_in: Vec<Daily>,
}

/// Hides a member from the boards of these dailies, all in which they have done anything, or shows
/// them again. Gives whether that is a change.
pub fn hide<'a>(
    user: UserId,
    before: Preferences,
    hidden: bool,
    histories: impl IntoIterator<Item = (DailyId, &'a [Chapter])>,
) -> (bool, Plan) {
    if before.hidden == hidden {
        return (false, Plan::default());
    }
    let mut after = before;
    after.hidden = hidden;
    let mut plan = Plan { preferences: vec![(user, after)], ..Plan::default() };
    for (daily, history) in histories {
        let record = &Record::replay(history);
        let seen = |hidden: bool| Seen { record, shown: !hidden };
        plan.moves.extend(moves(daily, user, seen(before.hidden), seen(hidden)));
    }
    (true, plan)
}

impl Traces {
    /// Deletes all of it. Rounds then count as if the member had never been there.
    pub fn forget(self) -> (Forgotten, Plan) {
        let (mut forgotten, mut plan) = (Forgotten::default(), Plan::default());
        let user = self.user;
        for trace in self.dailies {
            let daily = trace.daily;
            forgotten.dailies += 1;
            let numbers = trace.history.iter().map(|chapter| (daily, chapter.round));
            forgotten.rounds.extend(numbers);
            trace.forget(user, self.preferences, &mut plan);
        }
        for before in self.named_in {
            let mut after = before.clone();
            after.forget(user);
            plan.dailies.push(DailyChange { before: Some(before), after });
        }
        // What everybody begins with tells nothing of anybody.
        plan.preferences.push((user, Preferences::default()));
        (forgotten, plan)
    }
}

impl Trace {
    fn forget(self, user: UserId, preferences: Preferences, plan: &mut Plan) {
        let Self { daily, history, mut rounds } = self;
        let seen = |record| Seen { record, shown: !preferences.hidden };
        let (old, none) = (Record::replay(&history), Record::default());
        plan.moves.extend(moves(daily, user, seen(&old), seen(&none)));
        for chapter in history {
            let round = rounds.iter_mut().find(|round| round.number == chapter.round);
            if let Some(round) = round {
                round.forget_part(&chapter.part);
            }
            plan.parts.push(PartChange { daily, user, round: chapter.round, to: None });
        }
        plan.rounds.append(&mut rounds);
        plan.presences.push(Presence { daily, user, there: false });
    }
}
