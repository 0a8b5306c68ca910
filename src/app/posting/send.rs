//! Sends a claimed round: what was claimed before is looked for first.

use super::super::{
    App, Signal,
    messenger::{MessengerError, Refusal},
};
use crate::{
    domain::{
        daily::{Claim, Daily, NOTICE, Part, Pause},
        ids::DailyId,
        round::{Post, Round},
        schedule::Due,
    },
    error::Result,
    telemetry::metrics::{self, Posting},
};
use jiff::Timestamp;

/// Why a claim is taken back.
#[derive(Debug)]
enum GivenUp {
    /// Discord does not take it.
    Refused(Refusal),
    /// The catch-up window has passed.
    TooLate,
    /// The daily was paused, the date skipped, or the question banned.
    NotWanted,
    /// The question has left the bank.
    QuestionGone,
}

impl GivenUp {
    fn outcome(&self) -> Posting {
        match self {
            Self::Refused(_) => Posting::Refused,
            Self::TooLate => Posting::Missed,
            Self::NotWanted | Self::QuestionGone => Posting::Withdrawn,
        }
    }
}

impl App {
    /// Sends a claimed round. Returns why it has to be tried again, if it has.
    pub(super) async fn send(
        &self,
        daily: &Daily,
        claim: &Claim,
        fresh: bool,
        now: Timestamp,
    ) -> Result<Option<String>> {
        let (sent, found) = match fresh {
            true => (Ok(None), false),
            false => (self.find(daily, claim).await, true),
        };
        let sent = match sent {
            Ok(None) if found && now > claim.until => {
                return self.give_up(daily, claim, GivenUp::TooLate, now).await;
            }
            Ok(None) if !daily.still_wants(claim) => {
                return self.give_up(daily, claim, GivenUp::NotWanted, now).await;
            }
            Ok(None) if self.bank().get(&claim.question).is_none() => {
                return self.give_up(daily, claim, GivenUp::QuestionGone, now).await;
            }
            Ok(None) => {
                let draft = self.draft(daily, claim);
                match self.messenger.send(claim.channel, &draft, &claim.nonce).await {
                    Err(MessengerError::Refused(refusal)) => {
                        let why = GivenUp::Refused(refusal);
                        return self.give_up(daily, claim, why, now).await;
                    }
                    sent => sent.map(Some),
                }
            }
            found => found,
        };
        match sent {
            Ok(Some(post)) => self.confirm(daily.id, claim.number, post).await.map(|_| None),
            Ok(None) => Ok(None),
            // It may be out there, so the claim stays until somebody lets us look.
            Err(MessengerError::Refused(refusal)) => self.hold(daily.id, &refusal, now).await,
            Err(MessengerError::Unavailable(reason)) => Ok(Some(reason)),
        }
    }

    async fn find(&self, daily: &Daily, claim: &Claim) -> Result<Option<Post>, MessengerError> {
        let mark = self.wording.round_mark(daily.id, claim.number);
        self.messenger.find(daily.guild, claim.channel, &mark, claim.at).await
    }

    /// Records that a claimed round is out. The steps that follow are for whoever calls this.
    pub(in crate::app) async fn confirm(
        &self,
        id: DailyId,
        number: u32,
        post: Post,
    ) -> Result<Option<Round>> {
        let claim = self.store.daily(id).await?.and_then(|daily| daily.claim);
        let round = self.store.confirm(id, number, post).await?;
        tracing::info!(daily = id.0, round = number, "posted");
        // Confirmed again, by the scheduler after a click, it counts once.
        if let Some(claim) = claim.filter(|claim| claim.number == number) {
            let delay = post.at.duration_since(self.due(&claim));
            metrics::post_delay(delay.try_into().unwrap_or_default());
            metrics::round(Posting::Posted);
        }
        self.signal(Signal::Schedule);
        if number > 1 {
            self.signal(Signal::Work(id, number - 1));
        }
        Ok(round)
    }

    /// Pauses a daily whose claimed round can be neither found nor ruled out.
    async fn hold(&self, id: DailyId, refusal: &Refusal, now: Timestamp) -> Result<Option<String>> {
        tracing::warn!(daily = id.0, %refusal, "paused: the channel cannot be looked at");
        metrics::round(Posting::Refused);
        let pause = |daily: &mut Daily| {
            daily.pause.get_or_insert(Pause::Refused(refusal.to_string()));
            daily.fails(Part::Post, refusal.to_string(), now);
            Ok(())
        };
        self.store.update_daily(id, pause).await?;
        self.signal(Signal::Work(id, NOTICE));
        Ok(None)
    }

    /// Takes a claim back.
    async fn give_up(
        &self,
        daily: &Daily,
        claim: &Claim,
        why: GivenUp,
        now: Timestamp,
    ) -> Result<Option<String>> {
        tracing::warn!(
            daily = daily.id.0, round = claim.number, date = %claim.date, ?why,
            "the post is given up"
        );
        metrics::round(why.outcome());
        let abandon = |daily: &mut Daily| {
            // The round may have been confirmed meanwhile by a click on its message.
            if daily.claim.as_ref().is_none_or(|current| current.nonce != claim.nonce) {
                return Ok(());
            }
            daily.abandon(claim);
            match why {
                GivenUp::Refused(refusal) => {
                    daily.pause = Some(Pause::Refused(refusal.to_string()));
                    daily.fails(Part::Post, refusal.to_string(), now);
                }
                GivenUp::TooLate => daily.last_missed = Some(claim.date),
                // Another question takes its place.
                GivenUp::QuestionGone if !claim.extra => {
                    daily.next_due = Some(Due { at: claim.at, date: claim.date });
                }
                GivenUp::QuestionGone | GivenUp::NotWanted => {}
            }
            Ok(())
        };
        self.store.update_daily(daily.id, abandon).await?;
        self.signal(Signal::Schedule);
        self.signal(Signal::Work(daily.id, NOTICE));
        Ok(None)
    }

    /// When the claimed round should have gone out.
    fn due(&self, claim: &Claim) -> Timestamp {
        claim.until.checked_sub(self.policy.catch_up).unwrap_or(claim.at)
    }
}
