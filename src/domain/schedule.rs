//! When a daily is due: a local time on some weekdays in a time zone, less the dates to skip.
//!
//! One rule covers spring gaps, autumn overlaps and ordinary days alike: a date's post is due at
//! the first instant at which the local clock has reached the daily's time on that date.

mod day;
mod zone;

pub use day::{Day, UnknownDays, parse_day, parse_days};
pub use zone::{UnknownZone, zone, zone_names, zones_with};

use jiff::civil::{Date, Time};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// When a daily posts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Schedule {
    /// The time of day on the zone's clocks.
    pub time: Time,
    /// The time zone, stored by its IANA name.
    #[serde(with = "zone::by_name")]
    pub zone: TimeZone,
    /// The weekdays on which it posts; with none it never does.
    pub days: BTreeSet<Day>,
    /// Local dates without a post, such as public holidays.
    pub skips: BTreeSet<Date>,
}

/// One post that is due.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Due {
    /// The instant to post at.
    pub at: Timestamp,
    /// The local date whose post this is. It names the post: no date has two. Where a gap
    /// swallows the end of a date (Nuuk each spring), `at` is the first instant of the next.
    pub date: Date,
}

impl Schedule {
    /// The date that the zone's calendars show at the instant.
    pub fn local_date(&self, at: Timestamp) -> Date {
        self.zone.to_datetime(at).date()
    }

    /// The date's post, or nothing if the date is none of the schedule's weekdays, is to be
    /// skipped, or does not exist in the zone (2011-12-30 in Apia).
    ///
    /// In a gap it is due at the first valid instant after it, in an overlap at the first of two.
    pub fn due_on(&self, date: Date) -> Option<Due> {
        if !self.days.contains(&date.weekday().into()) || self.skips.contains(&date) {
            return None;
        }
        let local = date.to_datetime(self.time);
        let (before, after) = match self.zone.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } => (offset, offset),
            AmbiguousOffset::Gap { before, after } | AmbiguousOffset::Fold { before, after } => {
                (before, after)
            }
        };
        // jiff 1.0 takes a change of the rules that does not move the clock for an overlap (Nuuk,
        // 2023-10-29), so an instant counts only if the zone's clock shows the time at it.
        let shows = |at: &Timestamp| self.zone.to_datetime(*at) == local;
        let readings =
            [before, after].into_iter().filter_map(|offset| offset.to_timestamp(local).ok());
        let at = readings.filter(shows).min().or_else(|| self.end_of_gap(date, before, after))?;
        Some(Due { at, date })
    }

    /// The instant that ends the gap holding the daily's time on the date, or nothing if the gap
    /// swallows the whole date. (The policies of jiff shift by the gap's length instead.)
    fn end_of_gap(&self, date: Date, before: Offset, after: Offset) -> Option<Timestamp> {
        // Read with the offset that comes after the gap, a time within it lies before the gap.
        let within = after.to_timestamp(date.to_datetime(self.time)).ok()?;
        let end = self.zone.following(within).find(|change| change.offset() == after)?.timestamp();
        let begins = before.to_datetime(end);
        let ends = after.to_datetime(end);
        let swallowed = begins <= date.to_datetime(Time::midnight()) && ends.date() > date;
        (!swallowed).then_some(end)
    }

    /// The earliest post due strictly after the instant and, where `last` is given, on a later
    /// date than that. Nothing if the schedule has no weekday.
    pub fn next_after(&self, after: Timestamp, last: Option<Date>) -> Option<Due> {
        // All earlier dates are behind `after`, as its clock is past their time.
        let today = self.local_date(after);
        let first = match last {
            Some(last) => today.max(last.tomorrow().ok()?),
            None => today,
        };
        // Each week has a day of the schedule. A skip takes one, a date that does not exist
        // another, and today's may be past.
        let weeks = self.skips.len() + 3;
        first
            .series(1.day())
            .take(7 * weeks)
            .filter_map(|date| self.due_on(date))
            .find(|due| due.at > after)
    }
}

/// What to do about a post that is due.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It is not time yet.
    Wait,
    /// Post it now.
    Post,
    /// It is past the catch-up window: leave it out.
    TooLate,
}

/// Judges a due post at `now`. A post that is late by exactly `catch_up` still goes out.
pub fn judge(due: &Due, now: Timestamp, catch_up: SignedDuration) -> Verdict {
    let late = now.duration_since(due.at);
    if late.is_negative() {
        Verdict::Wait
    } else if late <= catch_up {
        Verdict::Post
    } else {
        Verdict::TooLate
    }
}

/// A text that is no time of day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownTime(pub String);

/// A text that is no date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownDate {
    /// What was written.
    pub text: String,
    /// The date today, as an example.
    pub today: Date,
}

/// Reads a date as people write it: `2026-12-24`, `today` or `tomorrow`.
///
/// # Errors
/// A text that is none.
pub fn parse_date(text: &str, today: Date) -> Result<Date, UnknownDate> {
    let date = match text.trim().to_lowercase().as_str() {
        "today" => Some(today),
        "tomorrow" => today.tomorrow().ok(),
        text => text.parse().ok(),
    };
    date.ok_or_else(|| UnknownDate { text: text.trim().to_owned(), today })
}

/// How many dates can be skipped at once.
pub const SKIP_MAX: usize = 92;

/// Why dates cannot be skipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadDates {
    /// The first has passed.
    Passed {
        /// It.
        first: Date,
        /// The date today.
        today: Date,
    },
    /// The last comes before the first.
    Backwards {
        /// The first.
        first: Date,
        /// The last.
        last: Date,
    },
    /// There are more than [`SKIP_MAX`].
    TooMany,
}

/// The dates from the first to the last, to be skipped.
///
/// # Errors
/// Why they cannot be.
pub fn skipped_dates(first: Date, last: Date, today: Date) -> Result<Vec<Date>, BadDates> {
    if first < today {
        return Err(BadDates::Passed { first, today });
    }
    if last < first {
        return Err(BadDates::Backwards { first, last });
    }
    let dates = first.series(1.day()).take_while(|date| *date <= last);
    let dates: Vec<Date> = dates.take(SKIP_MAX + 1).collect();
    if dates.len() > SKIP_MAX { Err(BadDates::TooMany) } else { Ok(dates) }
}

/// Reads a time of day, `H:MM` or `HH:MM` on a 24-hour clock.
pub fn parse_time(text: &str) -> Result<Time, UnknownTime> {
    time_of_day(text.trim()).ok_or_else(|| UnknownTime(text.trim().to_owned()))
}

fn time_of_day(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let shaped = matches!(hour.len(), 1 | 2) && minute.len() == 2;
    if !shaped || !digits(hour) || !digits(minute) {
        return None;
    }
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

#[cfg(test)]
mod tests;
