//! Decks while questions come and go, are queued, banned and pardoned between the draws.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::subsequence;
use std::collections::BTreeSet;
use whetstone::domain::deck::Deck;
use whetstone::domain::ids::QuestionId;
use whetstone::domain::question::{Level, Question, Quiz};

/// Questions there are in all.
const ALL: usize = 9;
const TOPICS: [&str; 4] = ["apis", "caching", "queues", "sql"];

/// What happens to a question, named by its number, or to the deck.
#[derive(Clone, Debug)]
enum Step {
    Draw,
    ComeOrGo(usize),
    BanOrPardon(usize),
    Queue(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => Just(Step::Draw),
        2 => (0..ALL).prop_map(Step::ComeOrGo),
        1 => (0..ALL).prop_map(Step::BanOrPardon),
        1 => (0..ALL).prop_map(Step::Queue),
    ];
    vec(step, 1..120)
}

fn bank() -> impl Strategy<Value = Vec<Question>> {
    let topics = subsequence(&TOPICS[..], 1..=3);
    vec(topics, ALL)
        .prop_map(|topics| topics.iter().enumerate().map(|(n, t)| question(n, t)).collect())
}

fn question(number: usize, topics: &[&str]) -> Question {
    let text = String::new;
    Question {
        id: QuestionId(format!("question-{number}")),
        level: Level::Beginner,
        topics: topics.iter().map(|topic| (*topic).into()).collect(),
        title: text(),
        hint: text(),
        answer: text(),
        key_points: vec![],
        weak: None,
        strong: None,
        follow_ups: vec![],
        sources: vec![],
        quiz: Quiz { ask: text(), right: text(), wrong: [text(), text(), text()], why: text() },
    }
}

/// A deck beside an account of what it has done, kept by question number.
struct Watched<'a> {
    bank: &'a [Question],
    deck: Deck,
    present: BTreeSet<usize>,
    banned: BTreeSet<usize>,
    /// Drawn in this cycle.
    drawn: BTreeSet<usize>,
    /// Could have been drawn at any moment of this cycle.
    all_along: BTreeSet<usize>,
    last: Option<usize>,
}

fn toggle(set: &mut BTreeSet<usize>, number: usize) {
    if !set.remove(&number) {
        set.insert(number);
    }
}

impl<'a> Watched<'a> {
    fn new(bank: &'a [Question], seed: u64) -> Self {
        let present: BTreeSet<usize> = (0..ALL / 2).collect();
        Self {
            bank,
            deck: Deck::new(seed),
            all_along: present.clone(),
            present,
            banned: BTreeSet::new(),
            drawn: BTreeSet::new(),
            last: None,
        }
    }

    fn allowed(&self) -> BTreeSet<usize> {
        &self.present - &self.banned
    }

    fn pool(&self) -> Vec<&'a Question> {
        self.present.iter().map(|number| &self.bank[*number]).collect()
    }

    fn number(&self, id: &QuestionId) -> usize {
        self.bank.iter().position(|question| question.id == *id).unwrap()
    }

    fn alike(&self, a: usize, b: usize) -> bool {
        self.bank[a].topics.iter().any(|topic| self.bank[b].topics.contains(topic))
    }

    fn step(&mut self, step: &Step) -> Result<(), TestCaseError> {
        match *step {
            Step::Draw => self.draw()?,
            Step::ComeOrGo(number) => toggle(&mut self.present, number),
            Step::BanOrPardon(number) => {
                toggle(&mut self.banned, number);
                let id = self.bank[number].id.clone();
                if !self.deck.banned.remove(&id) {
                    self.deck.banned.insert(id);
                }
            }
            Step::Queue(number) => self.deck.queue.push(self.bank[number].id.clone()),
        }
        self.all_along = &self.all_along & &self.allowed();
        Ok(())
    }

    fn draw(&mut self) -> Result<(), TestCaseError> {
        let allowed = self.allowed();
        let queued = self.deck.queue.iter().map(|id| self.number(id)).find(|n| allowed.contains(n));
        let Some((id, after)) = self.deck.draw(&self.pool()) else {
            prop_assert!(allowed.is_empty(), "no draw from {allowed:?}");
            return Ok(());
        };
        let drawn = self.number(&id);
        prop_assert!(allowed.contains(&drawn), "{drawn} is gone or banned");
        match queued {
            Some(queued) => {
                prop_assert_eq!(drawn, queued);
                prop_assert_eq!(after.cycle, self.deck.cycle);
            }
            None => self.check_shuffled(drawn, after.cycle, &allowed)?,
        }
        self.drawn.insert(drawn);
        self.last = Some(drawn);
        // The store keeps a deck as JSON between two draws.
        let stored = serde_json::to_string(&after).unwrap();
        self.deck = serde_json::from_str(&stored).unwrap();
        prop_assert_eq!(&self.deck, &after);
        Ok(())
    }

    fn check_shuffled(
        &mut self,
        drawn: usize,
        cycle: u64,
        allowed: &BTreeSet<usize>,
    ) -> Result<(), TestCaseError> {
        let worked_through = allowed.is_subset(&self.drawn);
        prop_assert_eq!(cycle, self.deck.cycle + u64::from(worked_through));
        if worked_through {
            let lost = &self.all_along - &self.drawn;
            prop_assert!(lost.is_empty(), "{lost:?} were there all along and never drawn");
            self.drawn.clear();
            self.all_along = allowed.clone();
        }
        prop_assert!(!self.drawn.contains(&drawn), "{drawn} again in the same cycle");
        let Some(last) = self.last else { return Ok(()) };
        let open = allowed - &self.drawn;
        prop_assert!(drawn != last || open.len() == 1, "{drawn} twice in a row of {open:?}");
        let others_differ = open.iter().any(|n| *n != last && !self.alike(*n, last));
        prop_assert!(
            !others_differ || !self.alike(drawn, last),
            "{drawn} shares a topic with {last}, not all of {open:?} do"
        );
        Ok(())
    }
}

proptest! {
    #[test]
    fn nothing_repeats_in_a_cycle_and_nothing_is_left_out(
        bank in bank(), seed: u64, steps in steps(),
    ) {
        let mut watched = Watched::new(&bank, seed);
        for step in &steps {
            watched.step(step)?;
        }
    }

    #[test]
    fn a_preview_is_what_is_drawn(bank in bank(), seed: u64, steps in steps(), n in 0usize..25) {
        let mut watched = Watched::new(&bank, seed);
        for step in &steps {
            watched.step(step)?;
        }
        let pool = watched.pool();
        let foreseen = watched.deck.preview(&pool, n);
        let expected = if watched.allowed().is_empty() { 0 } else { n };
        prop_assert_eq!(foreseen.len(), expected);
        let mut deck = watched.deck;
        // The order in which the bank happens to list its questions plays no part.
        let backwards: Vec<&Question> = pool.into_iter().rev().collect();
        for id in foreseen {
            let (drawn, after) = deck.draw(&backwards).unwrap();
            prop_assert_eq!(drawn, id);
            deck = after;
        }
    }
}
