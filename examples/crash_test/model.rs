//! What must be so, from what members were told and nothing else. The rules of the game are
//! written here a second time, from the documentation, so that the bot is not its own judge.

use discord_sim::Id;
use std::collections::{BTreeMap, BTreeSet};

/// Milliseconds since 1970.
pub type At = i64;

/// What a member can do in a round, or have done for them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Deed {
    Answer,
    Quiz,
    Reveal,
    Grade,
    Credit,
}

/// How a deed went: for the quiz whether it was right, for a grade which, else nothing.
pub type Detail = Option<String>;

/// What the member was told of a try.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Told {
    /// Nothing: it may have happened or not.
    Nothing,
    /// That it counts, or counts already.
    Counts(Detail),
    /// That it does not count.
    CountsNot,
}

/// One try of a deed, in the order in which one member made them.
#[derive(Clone, Debug)]
pub struct Try {
    /// The interaction, which alone tells one try from another: two may be of the same millisecond.
    pub id: Id,
    pub deed: Deed,
    /// When. A negative time stands for taking a credit back.
    pub at: At,
    pub told: Told,
}

impl Try {
    /// A try of which nobody has heard anything yet.
    pub fn begun(id: Id, deed: Deed) -> Self {
        Self { id, deed, at: id.timestamp().as_millisecond(), told: Told::Nothing }
    }
}

/// One member in one round: what is known for certain, and the tries since.
#[derive(Clone, Debug, Default)]
pub struct Part {
    pub known: BTreeMap<Deed, (At, Detail)>,
    pub tries: Vec<Try>,
}

/// What is stored of a member in a round, by deed.
pub type Stored = BTreeMap<Deed, (At, Detail)>;

impl Part {
    /// Whether anything was tried of which nobody knows what became of it.
    pub fn is_open(&self) -> bool {
        self.tries.iter().any(|tried| tried.told == Told::Nothing)
    }

    /// Takes over what was told of a try.
    pub fn hear(&mut self, id: Id, told: Told) {
        if let Some(tried) = self.tries.iter_mut().find(|tried| tried.id == id) {
            tried.told = told;
        }
    }

    /// What is known, with what was told since.
    pub fn told(&self) -> Stored {
        let mut told = self.known.clone();
        for tried in &self.tries {
            match &tried.told {
                Told::Counts(_) if tried.at < 0 => drop(told.remove(&tried.deed)),
                Told::Counts(detail) => {
                    told.entry(tried.deed).or_insert((tried.at, detail.clone()));
                }
                Told::Nothing | Told::CountsNot => {}
            }
        }
        told
    }

    /// Compares with what is stored, and takes over what became of the open tries. Returns the
    /// faults.
    pub fn settle(&mut self, stored: &Stored) -> Vec<String> {
        let deeds = [Deed::Answer, Deed::Quiz, Deed::Reveal, Deed::Grade];
        let mut faults: Vec<String> =
            deeds.into_iter().filter_map(|deed| self.fault_of(deed, stored.get(&deed))).collect();
        faults.extend(self.fault_of_credit(stored.get(&Deed::Credit)));
        self.known.clone_from(stored);
        self.tries.clear();
        faults
    }

    /// The first try that is stored stays, so it is none after the first that was told to count.
    fn fault_of(&self, deed: Deed, stored: Option<&(At, Detail)>) -> Option<String> {
        let known = self.known.get(&deed);
        if known.is_some() {
            let same = known == stored;
            return (!same).then(|| format!("{deed:?}: {known:?} has become {stored:?}"));
        }
        let tries: Vec<&Try> = self.tries.iter().filter(|tried| tried.deed == deed).collect();
        let counts = |tried: &&Try| matches!(tried.told, Told::Counts(_));
        let promised = tries.iter().position(counts);
        let Some((at, detail)) = stored else {
            return promised.map(|place| format!("lost: {deed:?}, {:?}", tries[place]));
        };
        let end = promised.map_or(tries.len(), |place| place + 1);
        let of_these = &tries[..end];
        let tried = of_these.iter().any(|tried| tried.at == *at && tried.told != Told::CountsNot);
        let other = promised.is_some_and(
            |place| matches!(&tries[place].told, Told::Counts(told) if told.is_some() && told != detail),
        );
        (!tried || other).then(|| format!("{deed:?}: {at} {detail:?} is stored, tried: {tries:?}"))
    }

    /// A credit can be taken back; the tries say what it may have come to.
    fn fault_of_credit(&self, stored: Option<&(At, Detail)>) -> Option<String> {
        let mut possible = BTreeSet::from([self.known.get(&Deed::Credit).map(|(at, _)| *at)]);
        for tried in self.tries.iter().filter(|tried| tried.deed == Deed::Credit) {
            let after = (tried.at > 0).then_some(tried.at);
            match &tried.told {
                Told::Counts(_) => possible = BTreeSet::from([after]),
                Told::Nothing => drop(possible.insert(after)),
                Told::CountsNot => {}
            }
        }
        let stored = stored.map(|(at, _)| *at);
        (!possible.contains(&stored))
            .then(|| format!("lost: the credit is {stored:?}, not among {possible:?}"))
    }
}

/// Whether this is taking part: an answer, the quiz, a grade after a reveal, or a credit.
pub fn takes_part(part: &Stored) -> bool {
    let has = |deed| part.contains_key(&deed);
    has(Deed::Answer)
        || has(Deed::Quiz)
        || has(Deed::Credit)
        || (has(Deed::Reveal) && has(Deed::Grade))
}

/// A member's record as the bot tells it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Record {
    pub streak: u32,
    pub best: u32,
    pub freezes: u32,
    pub rounds: u32,
}

/// The record of one who took part in these rounds, while round `newest` is open. Goes through
/// the rounds one by one, as they happened.
pub fn record(took_part: &BTreeSet<u32>, newest: u32) -> Record {
    let (mut streak, mut best, mut freezes, mut missed) = (0, 0, 1, 0);
    for round in 1..=newest {
        if took_part.contains(&round) {
            if missed > freezes {
                streak = 0;
            } else {
                freezes -= missed;
            }
            missed = 0;
            streak += 1;
            best = best.max(streak);
            if streak % 5 == 0 {
                freezes = (freezes + 1).min(2);
            }
        } else if streak > 0 && round < newest {
            missed += 1;
        }
    }
    let rounds = took_part.len() as u32;
    match missed > freezes {
        true => Record { streak: 0, best, freezes, rounds },
        false => Record { streak, best, freezes: freezes - missed, rounds },
    }
}

/// What a moderator has set of a daily.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Setup {
    pub channel: Id,
    pub time: String,
    pub zone: String,
    pub thread: bool,
    pub pin: bool,
    pub paused: bool,
    pub skips: BTreeSet<String>,
    pub banned: BTreeSet<String>,
}

/// What a moderator does to a daily.
#[derive(Clone, Debug)]
pub enum Order {
    /// Sets it up, or changes it.
    Set(Box<Setup>),
    Pause,
    Resume,
    Skip(String),
    Ban(String),
    Remove,
}

impl Order {
    /// What it makes of a daily, and words that the answer then holds.
    pub fn applied(&self, before: Option<&Setup>) -> (Option<Setup>, &'static str) {
        let Some(before) = before else {
            return match self {
                Self::Set(new) => (Some((**new).clone()), "is set up"),
                _ => (None, ""),
            };
        };
        let mut after = before.clone();
        let words = match self {
            Self::Set(new) => {
                let (skips, banned) = (before.skips.clone(), before.banned.clone());
                after = Setup { skips, banned, paused: before.paused, ..(**new).clone() };
                "is changed"
            }
            Self::Pause if before.paused => "is paused. `/daily resume`",
            Self::Pause => {
                after.paused = true;
                "is paused. `/daily resume`"
            }
            Self::Resume if !before.paused => "is not paused",
            Self::Resume => {
                after.paused = false;
                "is running again"
            }
            Self::Skip(date) if after.skips.remove(date) => "will not be skipped any more",
            Self::Skip(date) => {
                after.skips.insert(date.clone());
                "will be skipped"
            }
            Self::Ban(question) if after.banned.remove(question) => "may come in",
            Self::Ban(question) => {
                after.banned.insert(question.clone());
                "will never come"
            }
            Self::Remove => return (None, "is removed"),
        };
        (Some(after), words)
    }
}

/// A daily: what it may be set to, what was promised of its rounds, who did what in them.
#[derive(Debug)]
pub struct Daily {
    pub channel: Id,
    /// More than one only where an order was not answered.
    pub setups: BTreeSet<Option<Setup>>,
    /// When its first round is due, if it is set up.
    pub due: At,
    /// The messages of rounds that somebody was told are out.
    pub told_out: BTreeMap<u32, Id>,
    /// Who was told that their answer is in a round's thread.
    pub told_shared: BTreeSet<(u32, Id)>,
    /// What each member did in each round.
    pub parts: BTreeMap<(Id, u32), Part>,
}

impl Daily {
    pub fn new(channel: Id, due: At) -> Self {
        Self {
            channel,
            setups: [None].into(),
            due,
            told_out: BTreeMap::new(),
            told_shared: BTreeSet::new(),
            parts: BTreeMap::new(),
        }
    }

    /// An order that was not answered yet: it may be done at any time from now on.
    pub fn ordered(&mut self, order: &Order) {
        let after: Vec<_> =
            self.setups.iter().map(|setup| order.applied(setup.as_ref()).0).collect();
        self.setups.extend(after);
    }

    /// The answer to it, given the setups before it was ordered.
    ///
    /// # Errors
    /// The answer fits none of them.
    pub fn answered(
        &mut self,
        before: &BTreeSet<Option<Setup>>,
        order: &Order,
        words: &str,
    ) -> Result<(), String> {
        let applied = before.iter().map(|setup| order.applied(setup.as_ref()));
        let fitting = applied.filter(|(_, wanted)| !wanted.is_empty() && words.contains(wanted));
        self.setups = fitting.map(|(after, _)| after).collect();
        match self.setups.is_empty() {
            false => Ok(()),
            true => Err(format!("{order:?} on {before:?} was answered: {words}")),
        }
    }

    /// The rounds in which a member took part, as far as is known.
    pub fn took_part(&self, member: Id) -> BTreeSet<u32> {
        let own = self.parts.range((member, 0)..=(member, u32::MAX));
        own.filter(|(_, part)| takes_part(&part.told())).map(|((_, round), _)| *round).collect()
    }

    /// How often a member's quiz was right.
    pub fn quiz_right(&self, member: Id) -> u32 {
        let own = self.parts.range((member, 0)..=(member, u32::MAX));
        let right = |part: &Part| {
            part.told()
                .get(&Deed::Quiz)
                .is_some_and(|(_, detail)| detail.as_deref() == Some("right"))
        };
        own.filter(|(_, part)| right(part)).count() as u32
    }

    /// Whether any of a member's tries is open.
    pub fn is_open(&self, member: Id) -> bool {
        self.parts.range((member, 0)..=(member, u32::MAX)).any(|(_, part)| part.is_open())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example by hand that the documentation of the rules gives.
    #[test]
    fn a_history_by_hand() {
        let told = |rounds: &[u32], newest| record(&rounds.iter().copied().collect(), newest);
        let all = [1, 2, 3, 4, 5, 8, 9, 11];
        assert_eq!(told(&all, 11), Record { streak: 1, best: 7, freezes: 0, rounds: 8 });
        assert_eq!(told(&all[..5], 8), Record { streak: 5, best: 5, freezes: 0, rounds: 5 });
        assert_eq!(told(&all[..5], 9), Record { streak: 0, best: 5, freezes: 2, rounds: 5 });
    }

    #[test]
    fn what_was_promised_and_is_not_stored_is_lost() {
        let tried = Try { told: Told::Counts(None), ..Try::begun(Id(5 << 22), Deed::Answer) };
        let at = tried.at;
        let mut part = Part { tries: vec![tried], ..Part::default() };
        assert_eq!(part.clone().settle(&[(Deed::Answer, (at, None))].into()), [""; 0]);
        assert_eq!(part.clone().settle(&[(Deed::Answer, (at + 1, None))].into()).len(), 1);
        assert_eq!(part.settle(&Stored::new()).len(), 1);
    }

    #[test]
    fn what_is_told_of_a_try_is_told_of_no_other_of_that_millisecond() {
        let (reveal, grade) = (Id(5 << 22), Id((5 << 22) + 1));
        let mut part = Part::default();
        part.tries.push(Try::begun(reveal, Deed::Reveal));
        part.hear(reveal, Told::Counts(None));
        part.tries.push(Try::begun(grade, Deed::Grade));
        part.hear(grade, Told::Counts(Some("got it".to_owned())));
        assert!(takes_part(&part.told()) && !part.is_open(), "{part:?}");
        let at = reveal.timestamp().as_millisecond();
        let got_it = Some("got it".to_owned());
        let stored = [(Deed::Reveal, (at, None)), (Deed::Grade, (at, got_it))].into();
        assert_eq!(part.settle(&stored), [""; 0]);
    }
}
