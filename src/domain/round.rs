//! A round: one posted question of a daily, who took part in it and what is still to be done for
//! its message.

use super::{
    codes::codes,
    ids::{ChannelId, DailyId, MessageId, QuestionId},
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

codes! {
    /// What members say of their own answer, the lowest first.
    pub enum Grade {
        /// The answer missed the point.
        Missed = "missed",
        /// Some key points were there.
        Partly = "partly",
        /// All that matters was there.
        GotIt = "got_it",
    }
}

/// What a member does in a round.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Act {
    /// Sent an answer.
    Answered,
    /// Picked a choice of the quiz.
    Quiz {
        /// Whether it was the right one.
        right: bool,
    },
    /// Looked at the model answer.
    Revealed,
    /// Graded themselves.
    Graded(Grade),
    /// Posted their answer in the thread.
    Shared,
}

/// What one member did in one round.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Participation {
    /// When an answer was first sent.
    pub answered: Option<Timestamp>,
    /// When the quiz was answered, and whether rightly.
    pub quiz: Option<QuizResult>,
    /// When the model answer was first revealed.
    pub revealed: Option<Timestamp>,
    /// The grade and when it was given.
    pub graded: Option<(Grade, Timestamp)>,
    /// When the answer was posted in the thread.
    #[serde(default)]
    pub shared: Option<Timestamp>,
    /// When an admin credited the round.
    pub credited: Option<Timestamp>,
}

/// The one try at a quiz.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct QuizResult {
    /// When.
    pub at: Timestamp,
    /// Whether it was right.
    pub right: bool,
}

impl Participation {
    /// When this became taking part, if it did: an answer, the quiz, a grade after revealing, or
    /// an admin's credit, whichever came first.
    pub fn took_part(&self) -> Option<Timestamp> {
        let graded = self.revealed.and(self.graded.map(|(_, at)| at));
        [self.answered, self.quiz.map(|quiz| quiz.at), graded, self.credited]
            .into_iter()
            .flatten()
            .min()
    }

    /// Records an act. What was done before stays: a second click changes nothing.
    pub fn record(&mut self, act: Act, at: Timestamp) {
        match act {
            Act::Answered => drop(self.answered.get_or_insert(at)),
            Act::Quiz { right } => drop(self.quiz.get_or_insert(QuizResult { at, right })),
            Act::Revealed => drop(self.revealed.get_or_insert(at)),
            Act::Graded(grade) => drop(self.graded.get_or_insert((grade, at))),
            Act::Shared => drop(self.shared.get_or_insert(at)),
        }
    }
}

/// How many did what in a round.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Members who took part.
    pub took_part: u32,
    /// Members by grade: missed, partly, got it.
    pub grades: [u32; 3],
    /// Members who answered the quiz.
    pub quiz_answers: u32,
    /// Those of them who were right.
    pub quiz_right: u32,
}

impl Tally {
    /// Takes one member's part out and puts their new part in.
    fn replace(&mut self, before: &Participation, after: &Participation) {
        self.add(before, u32::wrapping_sub);
        self.add(after, u32::wrapping_add);
    }

    fn add(&mut self, part: &Participation, op: fn(u32, u32) -> u32) {
        if part.took_part().is_some() {
            self.took_part = op(self.took_part, 1);
        }
        if let Some((grade, _)) = part.graded {
            let slot = &mut self.grades[grade as usize];
            *slot = op(*slot, 1);
        }
        if let Some(quiz) = part.quiz {
            self.quiz_answers = op(self.quiz_answers, 1);
            self.quiz_right = op(self.quiz_right, u32::from(quiz.right));
        }
    }
}

/// Where and when a round's message stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Post {
    /// The channel that holds the message; in a forum, the post's own thread.
    pub channel: ChannelId,
    /// The message.
    pub message: MessageId,
    /// The message's own time.
    pub at: Timestamp,
}

/// One thing to be done for a round's message after it was posted, each retried by itself.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Nobody asked for it.
    #[default]
    NotWanted,
    /// Still to be done.
    Pending,
    /// Done.
    Done,
    /// It cannot be done; the reason is shown to admins.
    GaveUp(String),
}

impl Step {
    /// `Pending` where it is wanted.
    pub fn wanted(wanted: bool) -> Self {
        if wanted { Self::Pending } else { Self::NotWanted }
    }
}

/// The steps by name, in the order in which they are done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum StepName {
    /// Start the discussion thread.
    Thread,
    /// Pin the message.
    Pin,
    /// Edit the results into the closed round's message.
    Results,
    /// Take the closed round's pin away.
    Unpin,
}

/// One posted question of a daily.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Round {
    /// The daily it belongs to.
    pub daily: DailyId,
    /// 1, 2, 3 …
    pub number: u32,
    /// What was asked.
    pub question: QuestionId,
    /// The daily's local date that it was posted for.
    pub date: Date,
    /// The daily's zone when it was posted: it decides in which month an act falls.
    #[serde(with = "jiff::fmt::serde::tz::required")]
    pub zone: TimeZone,
    /// Whether it was posted on top of the day's own round.
    pub extra: bool,
    /// Its message.
    pub post: Post,
    /// The thread below the message, once there is one.
    pub thread_id: Option<ChannelId>,
    /// Starting the thread.
    pub thread: Step,
    /// Pinning the message.
    pub pin: Step,
    /// Showing the results, once closed.
    pub results: Step,
    /// Taking the pin away, once closed.
    pub unpin: Step,
    /// When the next round was posted.
    pub closed_at: Option<Timestamp>,
    /// Who did what.
    pub tally: Tally,
    /// The number of people that the message shows.
    pub shown: u32,
}

impl Round {
    /// Whether what a member does at `at` counts for this round: the time of the interaction
    /// decides, not that of its processing.
    pub fn is_open_at(&self, at: Timestamp) -> bool {
        self.closed_at.is_none_or(|closed| at < closed)
    }

    /// The steps that are still to be done, in their order.
    pub fn pending_steps(&self) -> Vec<StepName> {
        let pending = self.steps().into_iter().filter(|(_, step)| **step == Step::Pending);
        pending.map(|(name, _)| name).collect()
    }

    /// The step of that name.
    pub fn step_mut(&mut self, name: StepName) -> &mut Step {
        match name {
            StepName::Thread => &mut self.thread,
            StepName::Pin => &mut self.pin,
            StepName::Results => &mut self.results,
            StepName::Unpin => &mut self.unpin,
        }
    }

    /// What could not be done for the message, and why.
    pub fn gave_up(&self) -> Vec<(StepName, String)> {
        let failed = self.steps().into_iter().filter_map(|(name, step)| match step {
            Step::GaveUp(reason) => Some((name, reason.clone())),
            Step::NotWanted | Step::Pending | Step::Done => None,
        });
        failed.collect()
    }

    fn steps(&self) -> [(StepName, &Step); 4] {
        [
            (StepName::Thread, &self.thread),
            (StepName::Pin, &self.pin),
            (StepName::Results, &self.results),
            (StepName::Unpin, &self.unpin),
        ]
    }

    /// Whether the count that the message shows is behind. A closed round shows its results
    /// instead.
    pub fn count_is_behind(&self) -> bool {
        self.closed_at.is_none() && self.shown != self.tally.took_part
    }

    /// Whether anything is left to do for the message.
    pub fn has_work(&self) -> bool {
        !self.pending_steps().is_empty() || self.count_is_behind()
    }

    /// Takes one member's part out of the tally and puts their new part in. Results that are
    /// shown already are to be shown anew.
    pub fn replace_part(&mut self, before: &Participation, after: &Participation) {
        let tally = self.tally;
        self.tally.replace(before, after);
        if self.closed_at.is_some() && self.tally != tally {
            self.results = Step::Pending;
        }
    }

    /// Takes the part of a member out of the tally who wants to be forgotten. What the message of a
    /// closed round shows stays as it was published: numbers without a name.
    pub fn forget_part(&mut self, part: &Participation) {
        self.tally.replace(part, &Participation::default());
    }

    /// Closes the round: its results are to be shown, and a pin that it has or is to have goes.
    pub fn close(&mut self, at: Timestamp) {
        self.closed_at = Some(at);
        self.results = Step::Pending;
        match self.pin {
            Step::Done => self.unpin = Step::Pending,
            // It may have been pinned all the same, by a request whose answer was lost.
            Step::Pending => {
                self.pin = Step::NotWanted;
                self.unpin = Step::Pending;
            }
            Step::NotWanted | Step::GaveUp(_) => {}
        }
    }
}
