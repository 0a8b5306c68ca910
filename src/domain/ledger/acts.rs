//! Acts and credits.

use super::{PartChange, Plan, Presence, Seen, moves};
use crate::domain::{
    ids::UserId,
    member::{Chapter, Preferences, Record},
    round::{Act, Participation, Round},
    streak::Event,
};
use jiff::Timestamp;

/// What became of an act.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ActOutcome {
    /// It is recorded.
    Recorded(Box<Change>),
    /// The round had closed before the act: it counts for nothing and nothing is stored.
    Late(Box<Round>),
    /// No such round.
    UnknownRound,
}

/// How an act changed a member's record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// The round after the act.
    pub round: Round,
    /// What the member had done before it.
    pub before: Participation,
    /// And has done now.
    pub after: Participation,
    /// The member's record now.
    pub record: Record,
    /// What the act did to the streak; empty if the member had taken part already.
    pub events: Vec<Event>,
}

/// What an admin does about a member's round.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Credit {
    /// Count it as taken part in.
    Give,
    /// Take an earlier credit back.
    TakeBack,
}

/// What became of a credit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CreditOutcome {
    /// It is recorded.
    Changed(Box<Change>),
    /// There was nothing to change: the member took part, or had no credit.
    Nothing,
    /// No such round.
    UnknownRound,
}

/// What is stored before a member does something in a round.
#[derive(Clone, Debug)]
pub struct Before {
    /// The round; `None` if there is none of that number.
    pub round: Option<Round>,
    /// The member.
    pub user: UserId,
    /// What the member has chosen.
    pub preferences: Preferences,
    /// All that the member did in the daily, the oldest round first.
    pub history: Vec<Chapter>,
}

impl Before {
    /// A member does something at `at`.
    pub fn act(self, at: Timestamp, act: Act) -> (ActOutcome, Plan) {
        let Self { round: Some(round), user, preferences, history } = self else {
            return (ActOutcome::UnknownRound, Plan::default());
        };
        if !round.is_open_at(at) {
            return (ActOutcome::Late(Box::new(round)), Plan::default());
        }
        let mut after = part_in(&history, &round);
        after.record(act, at);
        let (change, plan) = change(round, user, preferences, history, after);
        (ActOutcome::Recorded(Box::new(change)), plan)
    }

    /// An admin credits the member at `at`, or takes that back.
    pub fn credit(self, at: Timestamp, credit: Credit) -> (CreditOutcome, Plan) {
        let Self { round: Some(round), user, preferences, history } = self else {
            return (CreditOutcome::UnknownRound, Plan::default());
        };
        let mut after = part_in(&history, &round);
        match credit {
            Credit::Give if after.took_part().is_none() => after.credited = Some(at),
            Credit::TakeBack if after.credited.is_some() => after.credited = None,
            Credit::Give | Credit::TakeBack => return (CreditOutcome::Nothing, Plan::default()),
        }
        let (change, plan) = change(round, user, preferences, history, after);
        (CreditOutcome::Changed(Box::new(change)), plan)
    }
}

/// What a history has of a round; all blank where it has nothing.
fn part_in(history: &[Chapter], round: &Round) -> Participation {
    let chapter = history.iter().find(|chapter| chapter.round == round.number);
    chapter.map(|chapter| chapter.part.clone()).unwrap_or_default()
}

/// Changes what a member did in a round and everything that follows from it: the round's tally
/// and the member's scores. The record is replayed from the member's whole history, so a credit
/// for an old round and a click that arrives late are nothing special.
fn change(
    mut round: Round,
    user: UserId,
    preferences: Preferences,
    mut history: Vec<Chapter>,
    after: Participation,
) -> (Change, Plan) {
    let (daily, number) = (round.daily, round.number);
    let old = Record::replay(&history);
    let chapter = Chapter::new(&round, after.clone());
    let place = history.binary_search_by_key(&number, |chapter| chapter.round);
    let before = match place {
        Ok(place) => std::mem::replace(&mut history[place], chapter.clone()).part,
        Err(place) => {
            history.insert(place, chapter.clone());
            Participation::default()
        }
    };
    let record = Record::replay(&history);
    let mut plan = Plan::default();
    if before != after {
        round.replace_part(&before, &after);
        let seen = |record| Seen { record, shown: !preferences.hidden };
        plan = Plan {
            rounds: vec![round.clone()],
            parts: vec![PartChange { daily, user, round: number, to: Some(chapter) }],
            presences: vec![Presence { daily, user, there: true }],
            moves: moves(daily, user, seen(&old), seen(&record)),
            ..plan
        };
    }
    let events = news(&old.events, &record.events);
    (Change { round, before, after, record, events }, plan)
}

/// What happened to a streak that had not happened before.
fn news(before: &[Event], after: &[Event]) -> Vec<Event> {
    let same = before.iter().zip(after).take_while(|(before, after)| before == after).count();
    after[same..].to_vec()
}
