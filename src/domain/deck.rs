//! The shuffled deck that a daily draws its questions from. The order follows from a stored seed,
//! the cycle and what was used, so the next draws can be foretold, and questions may join and
//! leave the bank at any time.

use super::ids::{QuestionId, TopicId};
use super::question::Question;
use super::shuffle;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A daily's deck. It holds no questions, only what tells their order; the pool of questions that
/// match the daily's filter is handed in at each draw.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Deck {
    /// Chosen at random once, when the daily is made.
    pub seed: u64,
    /// How often the pool has been worked through.
    pub cycle: u64,
    /// What was drawn in this cycle. A question that left the bank stays, in case it comes back.
    pub used: BTreeSet<QuestionId>,
    /// What was drawn last.
    pub last: Option<QuestionId>,
    /// The topics of what was drawn last.
    pub last_topics: Vec<TopicId>,
    /// What to draw next, before all else; set by an admin.
    pub queue: Vec<QuestionId>,
    /// What never to draw; set by an admin.
    pub banned: BTreeSet<QuestionId>,
}

impl Deck {
    /// A fresh deck.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            cycle: 0,
            used: BTreeSet::new(),
            last: None,
            last_topics: Vec::new(),
            queue: Vec::new(),
            banned: BTreeSet::new(),
        }
    }

    /// Draws from `pool`, all questions that match the daily's filter; gives the question and the
    /// deck after the draw, or nothing if the pool holds no question that is not banned.
    ///
    /// The queue goes first, whether used in this cycle or not; entries at its head that are
    /// banned or not in the pool are dropped. Then comes the first of the unused in shuffled
    /// order, if possible of other topics than the last. When all were used, a new cycle begins,
    /// if possible with another question than the last.
    pub fn draw(&self, pool: &[&Question]) -> Option<(QuestionId, Self)> {
        let allowed: Vec<&Question> =
            pool.iter().copied().filter(|question| !self.banned.contains(&question.id)).collect();
        let mut after = self.clone();
        let drawn = match after.take_queued(&allowed) {
            Some(queued) => queued,
            None => after.take_shuffled(&allowed)?,
        };
        after.used.insert(drawn.id.clone());
        after.last = Some(drawn.id.clone());
        after.last_topics = drawn.topics.clone();
        Some((drawn.id.clone(), after))
    }

    /// What the next `n` draws from the same pool will give.
    pub fn preview(&self, pool: &[&Question], n: usize) -> Vec<QuestionId> {
        let mut deck = self.clone();
        std::iter::from_fn(|| {
            let (id, after) = deck.draw(pool)?;
            deck = after;
            Some(id)
        })
        .take(n)
        .collect()
    }

    fn take_queued<'a>(&mut self, allowed: &[&'a Question]) -> Option<&'a Question> {
        let found = |id: &QuestionId| allowed.iter().copied().find(|question| question.id == *id);
        let hit = self.queue.iter().enumerate().find_map(|(i, id)| Some((i, found(id)?)));
        let passed = hit.map_or(self.queue.len(), |(i, _)| i + 1);
        self.queue.drain(..passed);
        hit.map(|(_, question)| question)
    }

    fn take_shuffled<'a>(&mut self, allowed: &[&'a Question]) -> Option<&'a Question> {
        if allowed.iter().all(|question| self.used.contains(&question.id)) {
            self.cycle += 1;
            self.used.clear();
        }
        let unused: Vec<&Question> =
            allowed.iter().copied().filter(|question| !self.used.contains(&question.id)).collect();
        let is_last = |question: &Question| Some(&question.id) == self.last.as_ref();
        let shares =
            |question: &Question| question.topics.iter().any(|t| self.last_topics.contains(t));
        // Only a new cycle can offer the last question again; it is the last resort.
        unused.into_iter().min_by_key(|question| {
            let place = shuffle::position(self.seed, self.cycle, question.id.as_str());
            (is_last(question), shares(question), place, &question.id)
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::question::{Level, Quiz};
    use super::*;

    fn question(id: &str, topics: &[&str]) -> Question {
        let text = String::new;
        Question {
            id: id.into(),
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

    fn bank(topics: &[(&str, &[&str])]) -> Vec<Question> {
        topics.iter().map(|(id, topics)| question(id, topics)).collect()
    }

    fn ids(words: &[&str]) -> Vec<QuestionId> {
        words.iter().map(|word| (*word).into()).collect()
    }

    const APART: [(&str, &[&str]); 5] =
        [("a", &["t"]), ("b", &["u"]), ("c", &["v"]), ("d", &["w"]), ("e", &["x"])];

    #[test]
    fn a_cycle_goes_by_the_shuffle_and_the_next_by_another() {
        let bank = bank(&APART);
        let pool: Vec<&Question> = bank.iter().collect();
        let drawn = Deck::new(7).preview(&pool, 10);
        let shuffled = |cycle| {
            let mut all = ids(&["a", "b", "c", "d", "e"]);
            all.sort_by_key(|id| shuffle::position(7, cycle, id.as_str()));
            all
        };
        assert_eq!(drawn[..5], shuffled(0));
        assert_eq!(drawn[5..], shuffled(1));
        assert_ne!(shuffled(0), shuffled(1));
        assert_ne!(Deck::new(8).preview(&pool, 5), drawn[..5]);
    }

    #[test]
    fn the_queue_goes_first_even_with_what_was_used() {
        let bank = bank(&APART);
        let pool: Vec<&Question> = bank.iter().collect();
        let (first, mut deck) = Deck::new(7).draw(&pool).unwrap();
        let foreseen = deck.preview(&pool, 4);
        deck.banned.insert("b".into());
        deck.queue = vec!["gone".into(), "b".into(), first.clone(), "gone".into(), "b".into()];
        let (again, deck) = deck.draw(&pool).unwrap();
        assert_eq!(again, first);
        assert_eq!(deck.queue, ids(&["gone", "b"]));
        // With nothing left in the queue to draw, the deck goes on where it was.
        let expected: Vec<_> = foreseen.into_iter().filter(|id| id.as_str() != "b").collect();
        assert_eq!(deck.preview(&pool, 3), expected);
        assert_eq!(deck.draw(&pool).unwrap().1.queue, ids(&[]));
    }

    #[test]
    fn topics_alternate_where_they_can() {
        let bank = bank(&[("a", &["t"]), ("b", &["t"]), ("c", &["u"]), ("d", &["u"])]);
        let pool: Vec<&Question> = bank.iter().collect();
        for seed in 0..50 {
            let drawn = Deck::new(seed).preview(&pool, 4);
            let topics: Vec<bool> = drawn.iter().map(|id| id.as_str() < "c").collect();
            assert!(topics.windows(2).all(|pair| pair[0] != pair[1]), "{drawn:?}");
        }
    }

    #[test]
    fn a_new_cycle_opens_with_another_question() {
        // All share a topic, so only the rule on the last question keeps them apart.
        let bank = bank(&[("a", &["t"]), ("b", &["t"])]);
        let pool: Vec<&Question> = bank.iter().collect();
        for seed in 0..50 {
            let drawn = Deck::new(seed).preview(&pool, 6);
            assert!(drawn.windows(2).all(|pair| pair[0] != pair[1]), "{drawn:?}");
        }
        assert_eq!(Deck::new(1).preview(&pool[..1], 3), ids(&["a", "a", "a"]));
    }

    #[test]
    fn an_empty_or_banned_pool_gives_nothing() {
        let bank = bank(&APART[..1]);
        let mut deck = Deck::new(1);
        assert_eq!(deck.draw(&[]), None);
        deck.banned.insert("a".into());
        deck.queue.push("a".into());
        assert_eq!(deck.draw(&[&bank[0]]), None);
        assert_eq!(deck.preview(&[&bank[0]], 7), ids(&[]));
    }
}
