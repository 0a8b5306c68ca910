//! Streaks and freezes. A streak counts rounds in a row, never calendar days, and a freeze covers
//! a missed round without adding to the count.

use serde::{Deserialize, Serialize};

/// The freezes that everyone starts with.
pub const FREEZES_AT_START: u8 = 1;
/// The most freezes that anyone holds.
pub const FREEZES_MAX: u8 = 2;
/// A freeze is earned each time the streak reaches a multiple of this.
pub const EARN_EVERY: u32 = 5;

/// A member's streak in a daily, as of the last round they took part in. Rounds missed since then
/// leave no trace in it until they take part again; [`Streak::standing`] reckons them in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Streak {
    /// Rounds taken part in without a break, at the last of them.
    pub current: u32,
    /// The highest that `current` has been.
    pub best: u32,
    /// Freezes held, at most [`FREEZES_MAX`].
    pub freezes: u8,
    /// The last round taken part in.
    pub last: Option<u32>,
}

impl Default for Streak {
    fn default() -> Self {
        Self { current: 0, best: 0, freezes: FREEZES_AT_START, last: None }
    }
}

/// A change of a streak, kept to explain it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The member took part.
    TookPart {
        /// In this round.
        round: u32,
        /// The streak with it.
        current: u32,
    },
    /// A freeze was spent.
    Covered {
        /// On this missed round.
        round: u32,
    },
    /// A freeze was earned.
    Earned {
        /// By taking part in this round.
        round: u32,
    },
    /// More rounds were missed than there were freezes, and the streak ended.
    Broke {
        /// The first round missed.
        from: u32,
        /// The last round missed.
        to: u32,
        /// The streak that ended.
        was: u32,
    },
}

/// A streak as seen while a certain round is the newest.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    /// Rounds in a row; 0 if the streak is over or never began.
    pub current: u32,
    /// The best ever.
    pub best: u32,
    /// Freezes left once the rounds in `covered` are paid for.
    pub freezes: u8,
    /// The closed rounds missed since, which freezes will cover; empty if the streak is over.
    pub covered: Vec<u32>,
    /// Whether the member took part in the newest round already.
    pub took_part_in_open: bool,
}

impl Streak {
    /// The streak after taking part in `round`, and what changed. A round no later than the last
    /// one changes nothing.
    pub fn take_part(mut self, round: u32) -> (Self, Vec<Event>) {
        let mut events = Vec::new();
        match self.last {
            Some(last) if round <= last => return (self, events),
            Some(last) => self.settle_missed(last + 1, round, &mut events),
            None => {}
        }
        self.current += 1;
        self.best = self.best.max(self.current);
        self.last = Some(round);
        events.push(Event::TookPart { round, current: self.current });
        if self.current.is_multiple_of(EARN_EVERY) && self.freezes < FREEZES_MAX {
            self.freezes += 1;
            events.push(Event::Earned { round });
        }
        (self, events)
    }

    /// Covers the missed rounds `from..to` with freezes if there are enough, and otherwise ends
    /// the streak and spends none.
    fn settle_missed(&mut self, from: u32, to: u32, events: &mut Vec<Event>) {
        match self.freezes_after(to - from) {
            Some(left) => {
                self.freezes = left;
                events.extend((from..to).map(|round| Event::Covered { round }));
            }
            None => {
                events.push(Event::Broke { from, to: to - 1, was: self.current });
                self.current = 0;
            }
        }
    }

    /// The freezes left once so many missed rounds are covered, if there are enough.
    fn freezes_after(&self, missed: u32) -> Option<u8> {
        self.freezes.checked_sub(u8::try_from(missed).ok()?)
    }

    /// The streak of a whole history: the rounds taken part in, ascending (repeats do no harm).
    pub fn replay(rounds: impl IntoIterator<Item = u32>) -> (Self, Vec<Event>) {
        rounds.into_iter().fold((Self::default(), Vec::new()), |(streak, mut events), round| {
            let (streak, news) = streak.take_part(round);
            events.extend(news);
            (streak, events)
        })
    }

    /// The last round during which, while it is open, the streak still stands if the member takes
    /// part in nothing more; nothing if there never was a streak.
    pub fn alive_until(&self) -> Option<u32> {
        self.last.map(|last| last.saturating_add(u32::from(self.freezes)).saturating_add(1))
    }

    /// How the streak stands while round `open` is the newest: open, or closed with none after it.
    pub fn standing(&self, open: u32) -> Standing {
        let missed = self.last.map_or(0..0, |last| last.saturating_add(1)..open);
        let left = self.freezes_after(missed.len() as u32);
        let alive = self.last.is_some() && left.is_some();
        Standing {
            current: if alive { self.current } else { 0 },
            best: self.best,
            freezes: left.unwrap_or(self.freezes),
            covered: if alive { missed.collect() } else { Vec::new() },
            took_part_in_open: self.last == Some(open),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Event, Standing, Streak};

    #[test]
    fn a_history_by_hand() {
        // Rounds 1 to 5: five in a row, the fifth earns a second freeze. 6 and 7 missed, both
        // covered, none left. 8 and 9: streak 6 and 7. 10 missed: over. 11: starts again at 1.
        let (streak, events) = Streak::replay([1, 2, 3, 4, 5, 8, 9, 11]);
        assert_eq!(streak, Streak { current: 1, best: 7, freezes: 0, last: Some(11) });
        let took = |round, current| Event::TookPart { round, current };
        let mut expected: Vec<Event> = (1..=5).map(|round| took(round, round)).collect();
        expected.extend([
            Event::Earned { round: 5 },
            Event::Covered { round: 6 },
            Event::Covered { round: 7 },
            took(8, 6),
            took(9, 7),
            Event::Broke { from: 10, to: 10, was: 7 },
            took(11, 1),
        ]);
        assert_eq!(events, expected);
    }

    #[test]
    fn too_many_missed_spend_no_freeze() {
        let (streak, events) = Streak::replay([3, 6]);
        assert_eq!(streak, Streak { current: 1, best: 1, freezes: 1, last: Some(6) });
        assert!(events.contains(&Event::Broke { from: 4, to: 5, was: 1 }), "{events:?}");
    }

    #[test]
    fn a_full_purse_earns_nothing() {
        let (streak, events) = Streak::replay(1..=20);
        assert_eq!(streak, Streak { current: 20, best: 20, freezes: 2, last: Some(20) });
        let earned = events.iter().filter(|event| matches!(event, Event::Earned { .. })).count();
        assert_eq!(earned, 1);
    }

    #[test]
    fn a_second_click_changes_nothing() {
        let (streak, _) = Streak::replay([1, 2]);
        assert_eq!(streak.take_part(2), (streak, vec![]));
        assert_eq!(streak.take_part(1), (streak, vec![]));
    }

    #[test]
    fn the_standing_reckons_in_what_was_missed() {
        // Took part in 1 to 5, so holds two freezes.
        let (streak, _) = Streak::replay(1..=5);
        assert_eq!(streak.alive_until(), Some(8));
        let standing = |current, freezes, covered: &[u32], took_part_in_open| Standing {
            current,
            best: 5,
            freezes,
            covered: covered.to_vec(),
            took_part_in_open,
        };
        assert_eq!(streak.standing(5), standing(5, 2, &[], true));
        assert_eq!(streak.standing(6), standing(5, 2, &[], false));
        assert_eq!(streak.standing(8), standing(5, 0, &[6, 7], false));
        assert_eq!(streak.standing(9), standing(0, 2, &[], false));
    }

    #[test]
    fn a_newcomer_has_no_streak_and_one_freeze() {
        let standing = Streak::default().standing(40);
        assert_eq!((standing.current, standing.freezes, standing.covered.len()), (0, 1, 0));
        assert_eq!(Streak::default().alive_until(), None);
    }
}
