//! What is to be done for the message of a round that is out: each step is tried again on its own.

use super::{
    super::{
        App, Signal,
        messenger::{MessengerError, Refusal},
    },
    WorkOutcome,
};
use crate::{
    domain::{
        daily::{Daily, NOTICE, Part},
        ids::DailyId,
        round::{Round, Step, StepName},
    },
    error::Result,
};
use jiff::Timestamp;

impl App {
    /// Edits the number of those who took part into the open round's message.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn show_count(&self, id: DailyId, number: u32) -> Result<WorkOutcome> {
        let Some(daily) = self.store.daily(id).await? else { return Ok(WorkOutcome::Done) };
        let Some(round) = self.store.round(id, number).await? else { return Ok(WorkOutcome::Done) };
        if !round.count_is_behind() {
            return Ok(WorkOutcome::Done);
        }
        let message = self.wording.round(&self.card(&daily, &round));
        let edited = self.messenger.edit(round.post, &message).await;
        match edited {
            Err(MessengerError::Unavailable(reason)) => return Ok(WorkOutcome::TryAgain(reason)),
            Err(MessengerError::Refused(refusal)) => {
                tracing::warn!(daily = id.0, round = number, %refusal, "the count is not shown");
            }
            Ok(()) => {}
        }
        let shown = round.tally.took_part;
        let after = self.store.update_round(id, number, |round| round.shown = shown).await?;
        let behind = after.is_some_and(|round| round.count_is_behind());
        Ok(WorkOutcome::CountShown { behind })
    }

    /// Does one step and records how it went. Returns why it has to be tried again, if it has.
    pub(super) async fn do_step(
        &self,
        id: DailyId,
        number: u32,
        step: StepName,
        now: Timestamp,
    ) -> Result<Option<String>> {
        let (daily, round) =
            match (self.store.daily(id).await?, self.store.round(id, number).await?) {
                (Some(daily), Some(round)) => (daily, round),
                _ => return Ok(None),
            };
        let mut thread = None;
        let card = self.card(&daily, &round);
        let outcome = match step {
            StepName::Thread => {
                let name = self.wording.thread_name(&card);
                self.messenger.start_thread(round.post, &name).await.map(|id| thread = Some(id))
            }
            StepName::Pin => self.messenger.pin(round.post).await,
            StepName::Results => self.messenger.edit(round.post, &self.wording.round(&card)).await,
            StepName::Unpin => self.messenger.unpin(round.post).await,
        };
        if let Some(part) = part_of(step) {
            self.note_step(&daily, part, &outcome, now).await?;
        }
        let state = match outcome {
            Ok(()) => Step::Done,
            Err(MessengerError::Unavailable(reason)) => return Ok(Some(reason)),
            Err(MessengerError::Refused(refusal)) => {
                tracing::warn!(daily = id.0, round = number, ?step, %refusal, "step given up");
                Step::GaveUp(refusal.to_string())
            }
        };
        let tally = round.tally;
        let update = |round: &mut Round| {
            round.thread_id = thread.or(round.thread_id);
            match step {
                // What came in while the results were sent is to be shown, too.
                StepName::Results if round.tally != tally => return,
                StepName::Results => round.shown = tally.took_part,
                // A round that closed meanwhile wants its new pin gone again.
                StepName::Pin if round.closed_at.is_some() => round.unpin = Step::Pending,
                StepName::Thread | StepName::Pin | StepName::Unpin => {}
            }
            *round.step_mut(step) = state;
        };
        self.store.update_round(id, number, update).await?;
        Ok(None)
    }

    /// Notes that a part of a daily fails, or works again.
    async fn note_step(
        &self,
        daily: &Daily,
        part: Part,
        outcome: &Result<(), MessengerError>,
        now: Timestamp,
    ) -> Result<()> {
        let reason = match outcome {
            Ok(()) if daily.troubles.contains_key(&part) => None,
            // Somebody has removed the message, and no step more is wanted of it.
            Err(MessengerError::Refused(Refusal::NoMessage)) => return Ok(()),
            Err(MessengerError::Refused(refusal)) => Some(refusal.to_string()),
            Ok(()) | Err(MessengerError::Unavailable(_)) => return Ok(()),
        };
        let note = |daily: &mut Daily| {
            match reason {
                Some(reason) => daily.fails(part, reason, now),
                None => daily.works(part),
            }
            Ok(())
        };
        self.store.update_daily(daily.id, note).await?;
        self.signal(Signal::Work(daily.id, NOTICE));
        Ok(())
    }
}

/// The part of a daily that a step belongs to, where its failing is anybody's concern.
fn part_of(step: StepName) -> Option<Part> {
    match step {
        StepName::Thread => Some(Part::Thread),
        StepName::Pin => Some(Part::Pin),
        StepName::Results | StepName::Unpin => None,
    }
}
