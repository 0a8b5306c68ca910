//! Streaks against an oracle that lives through every round one by one, missed ones included.

use proptest::collection::vec;
use proptest::prelude::*;
use whetstone::domain::streak::{Event, Standing, Streak};

/// A member's account, settled at the close of each round.
#[derive(Clone, Debug)]
struct Account {
    running: bool,
    current: u32,
    best: u32,
    held: u8,
    /// Missed rounds of the running streak that freezes stand in for until it ends or goes on.
    bridged: Vec<u32>,
}

impl Account {
    fn new() -> Self {
        Self { running: false, current: 0, best: 0, held: 1, bridged: vec![] }
    }

    fn missed(&mut self, round: u32) {
        if self.running {
            self.bridged.push(round);
            if self.bridged.len() > usize::from(self.held) {
                self.running = false;
                self.current = 0;
                self.bridged.clear();
            }
        }
    }

    fn took_part(&mut self) {
        self.running = true;
        for _ in self.bridged.drain(..) {
            self.held -= 1;
        }
        self.current += 1;
        self.best = self.best.max(self.current);
        if self.current.is_multiple_of(5) {
            self.held = (self.held + 1).min(2);
        }
    }

    fn standing(&self, took_part_in_open: bool) -> Standing {
        Standing {
            current: self.current,
            best: self.best,
            freezes: self.held - self.bridged.len() as u8,
            covered: self.bridged.clone(),
            took_part_in_open,
        }
    }
}

/// For each round from 1, whether the member took part. Members are keen, so that streaks of
/// fives, bridges and breaks all come up.
fn history() -> impl Strategy<Value = Vec<bool>> {
    vec(prop::bool::weighted(0.75), 0..80)
}

fn rounds(history: &[bool]) -> Vec<u32> {
    (1..).zip(history).filter(|(_, took)| **took).map(|(round, _)| round).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn the_standing_is_what_living_through_every_round_gives(history in history()) {
        let mut streak = Streak::default();
        let mut account = Account::new();
        for (open, took) in (1..).zip(&history) {
            // The round opens: nothing is settled about it yet.
            prop_assert_eq!(streak.standing(open), account.standing(false));
            if *took {
                streak = streak.take_part(open).0;
                account.took_part();
                prop_assert_eq!(streak.standing(open), account.standing(true));
            } else {
                account.missed(open);
            }
            prop_assert!(streak.freezes <= 2 && streak.best >= streak.current);
        }
    }

    #[test]
    fn step_by_step_equals_the_whole_history(history in history(), repeats in vec(1u32..80, 0..8)) {
        let rounds = rounds(&history);
        let mut streak = Streak::default();
        let mut events = vec![];
        for (count, round) in (1..).zip(&rounds) {
            let (after, news) = streak.take_part(*round);
            // The store keeps a streak as JSON between two rounds.
            streak = serde_json::from_str(&serde_json::to_string(&after).unwrap()).unwrap();
            events.extend(news);
            // A second click, on this round or an older one.
            for earlier in repeats.iter().filter(|earlier| *earlier <= round) {
                prop_assert_eq!(streak.take_part(*earlier), (streak, vec![]));
            }
            let whole = Streak::replay(rounds[..count].iter().flat_map(|round| [*round, *round]));
            prop_assert_eq!(&whole, &(streak, events.clone()));
        }
    }

    #[test]
    fn the_events_explain_the_streak(history in history()) {
        let rounds = rounds(&history);
        let (streak, events) = Streak::replay(rounds.iter().copied());
        let (mut current, mut best, mut freezes) = (0u32, 0, 1u8);
        let mut accounted = vec![];
        for event in events {
            match event {
                Event::TookPart { round, current: told } => {
                    current += 1;
                    best = best.max(current);
                    prop_assert_eq!(told, current);
                    accounted.push(round);
                }
                Event::Covered { round } => {
                    prop_assert!(freezes > 0, "a freeze out of nothing in round {round}");
                    freezes -= 1;
                    accounted.push(round);
                }
                Event::Earned { round } => {
                    freezes += 1;
                    prop_assert!(freezes <= 2 && current.is_multiple_of(5), "round {round}");
                }
                Event::Broke { from, to, was } => {
                    prop_assert_eq!(was, current);
                    current = 0;
                    accounted.extend(from..=to);
                }
            }
        }
        let last = rounds.last().copied();
        prop_assert_eq!(streak, Streak { current, best, freezes, last });
        // Every round from the first taken part in to the last is told of, once and in order.
        let expected: Vec<u32> = match (rounds.first(), last) {
            (Some(first), Some(last)) => (*first..=last).collect(),
            _ => vec![],
        };
        prop_assert_eq!(accounted, expected);
    }

    #[test]
    fn the_standing_foretells_what_taking_part_does(history in history(), ahead in 1u32..8) {
        let (streak, _) = Streak::replay(rounds(&history));
        let open = streak.last.unwrap_or(0) + ahead;
        let standing = streak.standing(open);
        let (after, events) = streak.take_part(open);
        prop_assert_eq!(after.current, standing.current + 1);
        let covered: Vec<u32> = events
            .iter()
            .filter_map(|event| match event {
                Event::Covered { round } => Some(*round),
                _ => None,
            })
            .collect();
        prop_assert_eq!(&standing.covered, &covered);
        let earned = events.contains(&Event::Earned { round: open });
        prop_assert_eq!(after.freezes, standing.freezes + u8::from(earned));
        let broke = events.iter().any(|event| matches!(event, Event::Broke { .. }));
        prop_assert_eq!(broke, streak.last.is_some() && standing.current == 0);
        let alive = streak.alive_until().is_some_and(|until| open <= until);
        prop_assert_eq!(alive, standing.current > 0);
    }
}
