//! How time passes at the page's wish: by a step or to a date. What falls due on the way happens at its own time, as long as the bot keeps
//! up; one that is slow, or gone, holds nobody up for long.

use super::{
    Shared,
    clock::{self, Step},
    problem::Problem,
};
use crate::{
    domain::ids::GuildId,
    sim::{Limits, Sim},
};
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
}

/// How long a journey still waits for what is slow.
struct Patience {
    left: Duration,
}

impl Patience {
    fn new() -> Self {
        Self { left: PATIENCE }
    }

    /// Waits for it; nothing if it takes too long.
    async fn wait<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
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
        let _turn = self.travelling.lock().await;
        let target = self.target(&wish)?;
        let _unlimited = Unlimited::new(&self.sim);
        let mut patience = Patience::new();
        self.travel(target, &mut patience).await;
        Ok(())
    }

    /// Where the wish leads.
    fn target(&self, wish: &Wish) -> Result<Timestamp, Problem> {
        let now = self.now();
        match wish {
            Wish { step: Some(step), to: None } => {
                Ok(step.target(now, &self.zone, &self.life.dailies(GuildId(self.guild.0))))
            }
            Wish { step: None, to: Some(to) } => self.date(*to, now),
            _ => Err(Problem::nonsense("either step or to says where to go")),
        }
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

    /// Moves the clock to `target`, stopping at each instant at which the scheduler has something to do.
    async fn travel(&self, target: Timestamp, patience: &mut Patience) {
        loop {
            self.settle(patience).await;
            match self.wakes_at().filter(|wake| *wake > self.now() && *wake < target) {
                Some(wake) => self.on_to(wake),
                None => break,
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
