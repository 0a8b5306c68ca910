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
