//! How time passes at the page's wish: by a step, to a date, or by a month in which the simulated
//! members take part. What falls due on the way happens at its own time, as long as the bot keeps
//! up; one that is slow, or gone, holds nobody up for long.

use super::{
    Shared,
    clock::{self, Step},
    company::{Company, Month},
    problem::Problem,
};
use crate::domain::ids::GuildId;
use discord_sim::{Limits, Sim};
use jiff::{Timestamp, ToSpan, civil::DateTime};
use serde::Deserialize;
use std::time::Duration;
use tokio::time::Instant;

/// How long a journey waits in all for answers that are slow or do not come.
const PATIENCE: Duration = Duration::from_secs(20);

/// A wait that is shorter tries nobody's patience.
const UNNOTICED: Duration = Duration::from_secs(1);

/// How long one without patience waits.
const GLANCE: Duration = Duration::from_millis(100);

/// Where the page wants to go: one of these.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    step: Option<Step>,
    /// On the clocks of the page's zone.
    to: Option<DateTime>,
    month: Option<bool>,
}

/// How long a journey still waits for what is slow.
pub(super) struct Patience {
    left: Duration,
}

impl Patience {
    fn new() -> Self {
        Self { left: PATIENCE }
    }

    /// Waits for it; nothing if it takes too long.
    pub(super) async fn wait<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        let begun = Instant::now();
        let outcome = tokio::time::timeout(self.left.max(GLANCE), work).await.ok();
        let took = begun.elapsed();
        if took > UNNOTICED {
            self.left = self.left.saturating_sub(took);
        }
        outcome
    }
}

/// Keeps rate limits away while simulated time flies: their windows run in real time, in which
/// days of work are done in a second.
struct Unlimited<'a>(&'a Sim);

impl<'a> Unlimited<'a> {
    fn new(sim: &'a Sim) -> Self {
        sim.set_limits(Limits::none());
        Self(sim)
    }
}

impl Drop for Unlimited<'_> {
    fn drop(&mut self) {
        self.0.set_limits(Limits::default());
    }
}

impl Shared {
    /// Lets time pass. Only one journey is made at a time.
    pub(super) async fn pass(&self, wish: Wish) -> Result<(), Problem> {
        let mut company = self.travelling.lock().await;
        let (target, month) = self.target(&wish).await?;
        let _unlimited = Unlimited::new(&self.sim);
        let mut patience = Patience::new();
        if month {
            self.travel_together(target, &mut company, &mut patience).await;
        } else {
            self.travel(target, None, &mut patience).await;
        }
        Ok(())
    }

    async fn travel_together(
        &self,
        target: Timestamp,
        company: &mut Company,
        patience: &mut Patience,
    ) {
        let month = Month::new(self, company);
        self.travel(target, Some(month), patience).await;
    }

    /// Where the wish leads, and whether the company comes along.
    async fn target(&self, wish: &Wish) -> Result<(Timestamp, bool), Problem> {
        let now = self.now();
        let target = match wish {
            Wish { step: Some(step), to: None, month: None } => {
                step.target(now, &self.zone, &self.life.dailies(GuildId(self.guild.0)).await)
            }
            Wish { step: None, to: Some(to), month: None } => self.date(*to, now)?,
            Wish { step: None, to: None, month: Some(true) } => {
                self.on_by(1.month(), now).ok_or_else(|| Problem::nonsense("time ends there"))?
            }
            _ => return Err(Problem::nonsense("one of step, to and month says where to go")),
        };
        Ok((target, wish.month.is_some()))
    }

    fn date(&self, to: DateTime, now: Timestamp) -> Result<Timestamp, Problem> {
        let at = self.zone.to_ambiguous_timestamp(to).compatible().ok();
        let at = at.ok_or_else(|| Problem::nonsense(format!("time ends before {to}")))?;
        if at <= now {
            let local = self.zone.to_datetime(now).strftime("%F %R").to_string();
            return Err(Problem::nonsense(format!(
                "time goes forwards only, and here it is {local} already"
            )));
        }
        match self.on_by(1.year(), now) {
            Some(limit) if at > limit => Err(Problem::nonsense("at most a year passes at a time")),
            _ => Ok(at),
        }
    }

    fn on_by(&self, span: jiff::Span, now: Timestamp) -> Option<Timestamp> {
        let local = now.to_zoned_datetime(self.zone.clone());
        Some(local.checked_add(span).ok()?.timestamp())
    }

    /// Moves the clock to `target`, stopping at each instant at which the scheduler or one of the
    /// members has something to do.
    async fn travel(
        &self,
        target: Timestamp,
        mut month: Option<Month<'_>>,
        patience: &mut Patience,
    ) {
        loop {
            self.settle(patience).await;
            if let Some(month) = &mut month {
                month.look_around().await;
            }
            let wake = self.wakes_at().filter(|wake| *wake > self.now() && *wake < target);
            let deed = month.as_ref().and_then(Month::next_at).filter(|at| *at < target);
            match (wake, deed, &mut month) {
                (wake, Some(at), Some(month)) if wake.is_none_or(|wake| at <= wake) => {
                    self.on_to(at);
                    month.act(patience).await;
                }
                (Some(wake), ..) => self.on_to(wake),
                _ => break,
            }
        }
        self.on_to(target);
        self.settle(patience).await;
    }

    fn on_to(&self, at: Timestamp) {
        if self.now() < at {
            self.sim.clock().set(at);
        }
    }

    fn wakes_at(&self) -> Option<Timestamp> {
        self.life.scheduling().and_then(|scheduling| scheduling.borrow().wakes_at)
    }

    /// Waits until the bot is connected, where it can be, and has done all that is due by now. One
    /// that is gone will do no more.
    async fn settle(&self, patience: &mut Patience) {
        let Some(mut scheduling) = self.life.scheduling() else { return };
        let settled = async {
            if !self.troubles.offline() {
                self.sim.ready().await;
            }
            clock::settle(self.sim.clock(), &mut scheduling).await;
        };
        patience.wait(settled).await;
    }
}
