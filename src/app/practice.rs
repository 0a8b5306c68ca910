//! Practice: everything outside an open round. It reads the bank and stores nothing.

use super::{
    App,
    posting::topic_names,
    rounds::{Shown, choice},
};
use crate::{
    domain::{
        ids::{GuildId, QuestionId, TopicId, UserId},
        question::{Filter, Level, Question, Topic},
        shuffle,
    },
    error::{Mistake, Result},
};
use rand::seq::IndexedRandom;

/// Sets the order of practice quizzes apart from that of any daily.
const PRACTICE_SEED: u64 = 0;

/// A practice quiz as one member sees it.
#[derive(Clone, PartialEq, Debug)]
pub struct PracticeQuiz {
    /// The question.
    pub shown: Shown,
    /// The order of its choices.
    pub seed: u64,
    /// What was picked, if anything yet, and whether that was right.
    pub picked: Option<(usize, bool)>,
}

/// A topic with how many questions of each level it has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TopicCount {
    /// The topic.
    pub topic: Topic,
    /// Questions by level, in the order of [`Level::ALL`].
    pub by_level: [usize; 3],
}

impl App {
    /// A question drawn at random. Those that are open in one of the guild's dailies are left out
    /// where that leaves any, so that practice spoils no round.
    ///
    /// # Errors
    /// A mistake where the topic is unknown or nothing matches.
    pub async fn draw_practice(
        &self,
        guild: Option<GuildId>,
        level: Option<Level>,
        topic: Option<&str>,
    ) -> Result<Shown> {
        let bank = self.bank();
        let topics = match topic {
            Some(asked) => vec![self.topic_id(asked)?],
            None => Vec::new(),
        };
        let filter = Filter { levels: level.into_iter().collect(), topics };
        let matching = bank.matching(&filter);
        let open = self.open_questions(guild).await?;
        let fresh: Vec<&Question> =
            matching.iter().copied().filter(|question| !open.contains(&question.id)).collect();
        let pool = if fresh.is_empty() { &matching } else { &fresh };
        let drawn = pool.choose(&mut rand::rng()).ok_or(Mistake::NothingMatches)?;
        Ok(Shown { question: (*drawn).clone(), topics: topic_names(&bank, drawn) })
    }

    async fn open_questions(&self, guild: Option<GuildId>) -> Result<Vec<QuestionId>> {
        let Some(guild) = guild else { return Ok(Vec::new()) };
        let mut open = Vec::new();
        for daily in self.store.dailies_of(guild).await? {
            open.extend(
                self.store.round(daily.id, daily.rounds).await?.map(|round| round.question),
            );
        }
        Ok(open)
    }

    /// The id of a topic that was named by its id or its name.
    ///
    /// # Errors
    /// A mistake where there is none.
    pub fn topic_id(&self, asked: &str) -> Result<TopicId> {
        let bank = self.bank();
        let found = bank.topics().iter().find(|topic| {
            topic.id.as_str() == asked || topic.name.eq_ignore_ascii_case(asked.trim())
        });
        found
            .map(|topic| topic.id.clone())
            .ok_or_else(|| Mistake::UnknownTopic { asked: asked.to_owned() }.into())
    }

    /// The question of that id, or of that title.
    ///
    /// # Errors
    /// A mistake where there is none.
    pub fn question(&self, asked: &str) -> Result<Shown> {
        let bank = self.bank();
        let question = bank
            .get(&QuestionId::from(asked.trim()))
            .or_else(|| bank.iter().find(|q| q.title.eq_ignore_ascii_case(asked.trim())))
            .ok_or_else(|| Mistake::UnknownQuestion { asked: asked.to_owned() })?;
        Ok(Shown { question: question.clone(), topics: topic_names(&bank, question) })
    }

    /// The question that a button names.
    ///
    /// # Errors
    /// A mistake where it has left the bank.
    pub fn practice_question(&self, id: &QuestionId) -> Result<Shown> {
        let bank = self.bank();
        let question = bank.get(id).ok_or(Mistake::QuestionGone)?;
        Ok(Shown { question: question.clone(), topics: topic_names(&bank, question) })
    }

    /// A practice quiz, before or after a choice was picked.
    ///
    /// # Errors
    /// Mistakes for a question that has left the bank and for a choice that is none.
    pub fn practice_quiz(
        &self,
        id: &QuestionId,
        user: UserId,
        picked: Option<usize>,
    ) -> Result<PracticeQuiz> {
        let shown = self.practice_question(id)?;
        let seed = shuffle::position(PRACTICE_SEED, user.0, id.as_str());
        let picked = match picked {
            Some(place) => Some((place, choice(&shown.question, seed, place)?.right)),
            None => None,
        };
        Ok(PracticeQuiz { shown, seed, picked })
    }

    /// Questions by a text that was typed, the best match first.
    pub fn find_questions(&self, text: &str, limit: usize) -> Vec<Question> {
        self.bank().find(text, limit).into_iter().cloned().collect()
    }

    /// Topics by a text that was typed, the best match first.
    pub fn find_topics(&self, text: &str, limit: usize) -> Vec<Topic> {
        self.bank().complete_topics(text, limit).into_iter().cloned().collect()
    }

    /// The topics that have questions, with how many.
    pub fn topic_counts(&self) -> Vec<TopicCount> {
        let bank = self.bank();
        let count = |topic: &Topic| {
            let questions = bank.iter().filter(|question| question.topics.contains(&topic.id));
            TopicCount { topic: topic.clone(), by_level: by_level(questions) }
        };
        let counts = bank.topics().iter().map(count);
        counts.filter(|count| count.by_level.iter().sum::<usize>() > 0).collect()
    }

    /// How many questions of each level there are, in the order of [`Level::ALL`].
    pub fn level_counts(&self) -> [usize; 3] {
        by_level(self.bank().iter())
    }
}

fn by_level<'a>(questions: impl Iterator<Item = &'a Question>) -> [usize; 3] {
    let mut counts = [0; 3];
    for question in questions {
        counts[question.level as usize] += 1;
    }
    counts
}
