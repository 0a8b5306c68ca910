//! The simulated Discord's clock as the bot's clock, and moving it so that nothing is jumped over.

use crate::{
    domain::daily::Daily,
    scheduler::{self, Status},
};
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp, ToSpan, tz::TimeZone};
use serde::Deserialize;
use std::time::Duration;
use tokio::sync::watch;

/// The bot's view of the simulated clock.
pub struct SharedClock(pub discord_sim::Clock);

#[async_trait]
impl scheduler::Clock for SharedClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    async fn sleep_until(&self, at: Timestamp) {
        let mut moves = self.0.moves();
        while let Ok(left) = Duration::try_from(at.duration_since(self.0.now())) {
            if left.is_zero() {
                return;
            }
            let timer = async {
                match self.0.is_ticking() {
                    true => tokio::time::sleep(left).await,
                    false => std::future::pending().await,
                }
            };
            tokio::select! {
                () = timer => {}
                // The sender lives in the clock, so the channel cannot close while this waits.
                _ = moves.changed() => {}
            }
        }
    }
}

/// How long after a question's time a step towards it ends, so that it is out.
const AFTER_DUE: SignedDuration = SignedDuration::from_mins(1);

/// A step that the page's buttons take.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// An hour on.
    Hour,
    /// The same time tomorrow, or just after the first question of a later date if that comes
    /// later: over a weekend it leads to Monday's question.
    Day,
    /// Just after the next question.
    Round,
}

impl Step {
    /// Where the step leads from `now`. Where no question is to come, a day passes.
    pub fn target(self, now: Timestamp, zone: &TimeZone, dailies: &[Daily]) -> Timestamp {
        let tomorrow = || {
            let local = now.to_zoned_datetime(zone.clone()).checked_add(1.day());
            local.map_or(Timestamp::MAX, |local| local.timestamp())
        };
        let active = dailies.iter().filter(|daily| daily.pause.is_none());
        match self {
            Self::Hour => later(now, SignedDuration::from_hours(1)),
            Self::Day => {
                let first = active.filter_map(|daily| {
                    let schedule = &daily.settings.schedule;
                    schedule.next_after(now, Some(schedule.local_date(now)))
                });
                let first = first.map(|due| later(due.at, AFTER_DUE)).min();
                first.unwrap_or(now).max(tomorrow())
            }
            Self::Round => {
                // Where the bot is away, what was due has gone by.
                let next = |daily: &Daily| {
                    let due = daily.due_at().filter(|due| *due > now);
                    let later = || daily.settings.schedule.next_after(now, daily.last_date);
                    due.or_else(|| later().map(|due| due.at))
                };
                active.filter_map(next).min().map_or_else(tomorrow, |due| later(due, AFTER_DUE))
            }
        }
    }
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(Timestamp::MAX)
}

/// Waits until the scheduler has done all that is due by now.
pub async fn settle(clock: &discord_sim::Clock, scheduling: &mut watch::Receiver<Status>) {
    let settled = scheduling.wait_for(|status| {
        let now = clock.now();
        status.looked_at.is_some()
            && status.running == 0
            && status.unheard == 0
            && status.wakes_at.is_none_or(|wake| wake > now)
    });
    // A scheduler that has gone will do no more.
    let _ = settled.await;
}

/// Moves the clock to `target`, stopping at each instant at which the scheduler has something to
/// do, so that each post goes out at its own time.
pub async fn travel(
    clock: &discord_sim::Clock,
    scheduling: &mut watch::Receiver<Status>,
    target: Timestamp,
) {
    loop {
        settle(clock, scheduling).await;
        let wake = scheduling.borrow().wakes_at;
        match wake.filter(|wake| *wake < target && *wake > clock.now()) {
            Some(wake) => clock.set(wake),
            None => break,
        }
    }
    if clock.now() < target {
        clock.set(target);
    }
    settle(clock, scheduling).await;
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::domain::{
        daily::{DailyName, Settings},
        ids::{ChannelId, DailyId, GuildId},
        question::Filter,
        schedule::{self, Day, Schedule},
    };

    fn daily(now: Timestamp) -> Daily {
        let schedule = Schedule {
            time: schedule::parse_time("09:30").unwrap(),
            zone: schedule::zone("America/New_York").unwrap(),
            days: Day::WORKING.into(),
            skips: Default::default(),
        };
        let settings = Settings {
            name: DailyName::default(),
            channel: ChannelId(2),
            schedule,
            filter: Filter::default(),
            role: None,
            thread: true,
            pin: false,
        };
        Daily::new(DailyId(1), GuildId(1), settings, 0, now)
    }

    /// From a local time in New York to another.
    fn lead(step: Step, from: &str) -> String {
        let zone = schedule::zone("America/New_York").unwrap();
        let now = zone.to_ambiguous_timestamp(from.parse().unwrap()).compatible().unwrap();
        let target = step.target(now, &zone, &[daily(now)]);
        zone.to_datetime(target).to_string()
    }

    #[test]
    fn a_day_leads_to_the_same_time_tomorrow_with_its_question_out() {
        // The 3rd of March 2026 is a Tuesday.
        assert_eq!(lead(Step::Day, "2026-03-03T15:00:00"), "2026-03-04T15:00:00");
        assert_eq!(lead(Step::Day, "2026-03-03T08:00:00"), "2026-03-04T09:31:00");
    }

    #[test]
    fn a_day_leads_over_the_weekend_and_the_change_to_summer_time() {
        // Friday; the clocks go forward on Sunday.
        assert_eq!(lead(Step::Day, "2026-03-06T15:00:00"), "2026-03-09T09:31:00");
        assert_eq!(lead(Step::Day, "2026-03-08T12:00:00"), "2026-03-09T12:00:00");
    }

    #[test]
    fn an_hour_is_an_hour_and_a_round_is_the_next_question() {
        assert_eq!(lead(Step::Hour, "2026-03-08T01:30:00"), "2026-03-08T03:30:00");
        assert_eq!(lead(Step::Round, "2026-03-03T08:00:00"), "2026-03-03T09:31:00");
        assert_eq!(lead(Step::Round, "2026-03-03T09:30:00"), "2026-03-04T09:31:00");
    }

    #[test]
    fn without_a_daily_a_day_passes() {
        let now: Timestamp = "2026-03-06T15:00:00Z".parse().unwrap();
        for step in [Step::Day, Step::Round] {
            let target = step.target(now, &TimeZone::UTC, &[]);
            assert_eq!(target.to_string(), "2026-03-07T15:00:00Z");
        }
    }
}
