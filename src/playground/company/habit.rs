//! The habits of the simulated members: in which rounds each takes part, how, and when. All of it
//! follows from the round and the month that it falls in, so that the same month comes out alike.

use crate::domain::{ids::DailyId, shuffle};
use jiff::{
    SignedDuration, Timestamp,
    civil::{Time, Weekday, time},
    tz::TimeZone,
};
use std::ops::RangeInclusive;

/// Of so many rounds in a row, one quiz goes wrong.
const QUIZZES: u64 = 5;

/// When Emil comes back from lunch, and when Farah sits down for the day's last thing.
const AFTER_LUNCH: Time = time(13, 0, 0, 0);
const LATE: Time = time(21, 30, 0, 0);

/// How a simulated member takes part.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::playground) enum Habit {
    /// Dana's.
    EveryMorning,
    /// Emil's.
    NeverOnFridays,
    /// Farah's.
    EveryOtherWeek,
}

/// A round as its members know it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Occasion {
    pub daily: DailyId,
    pub number: u32,
    pub posted: Timestamp,
}

impl Habit {
    /// The simulated members by their user names and shown names.
    pub(in crate::playground) const PEOPLE: [(&'static str, &'static str, Self); 3] = [
        ("dana", "Dana", Self::EveryMorning),
        ("emil", "Emil", Self::NeverOnFridays),
        ("farah", "Farah", Self::EveryOtherWeek),
    ];

    /// The habit of whoever is shown under that name.
    pub(in crate::playground) fn of(shown: &str) -> Option<Self> {
        let found = Self::PEOPLE.into_iter().find(|(_, name, _)| *name == shown);
        found.map(|(.., habit)| habit)
    }

    /// The habit in a line.
    pub(in crate::playground) fn line(self) -> &'static str {
        match self {
            Self::EveryMorning => "every question, in the morning, by its quiz",
            Self::NeverOnFridays => "most questions and never on Fridays, grading himself",
            Self::EveryOtherWeek => "a week on, a week off, late, in her own words",
        }
    }

    /// When the member begins with a round, if they take part in it. Who is asked later than that
    /// begins soon.
    pub(super) fn begins(
        self,
        round: &Occasion,
        zone: &TimeZone,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let posted = zone.to_datetime(round.posted);
        let minutes = |range| SignedDuration::from_mins(round.dice(zone, self.line(), range));
        let at = match self {
            Self::EveryMorning => later(round.posted, minutes(20..=40)),
            Self::NeverOnFridays if posted.weekday() == Weekday::Friday => return None,
            Self::NeverOnFridays => later(from(AFTER_LUNCH, round.posted, zone), minutes(5..=90)),
            Self::EveryOtherWeek if round.week(zone).1 % 2 == 1 => return None,
            Self::EveryOtherWeek => later(from(LATE, round.posted, zone), minutes(5..=90)),
        };
        Some(if at > now { at } else { later(now, minutes(1..=10)) })
    }
}

impl Occasion {
    /// A number that only the round, its month and the purpose decide.
    pub(super) fn dice(&self, zone: &TimeZone, what: &str, range: RangeInclusive<i64>) -> i64 {
        let position = shuffle::position(self.seed(zone), u64::from(self.number), what);
        let count = u64::try_from(range.end() - range.start() + 1).unwrap_or(1);
        range.start() + i64::try_from(position % count).unwrap_or(0)
    }

    /// The ISO week in which it was posted, after its year.
    pub(super) fn week(&self, zone: &TimeZone) -> (i16, i8) {
        let week = zone.to_datetime(self.posted).date().iso_week_date();
        (week.year(), week.week())
    }

    /// Whether Dana gets the quiz right: four times of five.
    pub(super) fn quiz_goes_well(&self, zone: &TimeZone) -> bool {
        let shift = shuffle::position(self.seed(zone), 0, "quiz") % QUIZZES;
        !(u64::from(self.number) + shift).is_multiple_of(QUIZZES)
    }

    fn seed(&self, zone: &TimeZone) -> u64 {
        let month = zone.to_datetime(self.posted).date().first_of_month();
        shuffle::position(self.daily.0, 0, &month.to_string())
    }
}

/// When the zone's clocks show this on the day of an instant, or the instant itself if that is later.
fn from(shown: Time, posted: Timestamp, zone: &TimeZone) -> Timestamp {
    let local = zone.to_datetime(posted).date().to_datetime(shown);
    let at = zone.to_ambiguous_timestamp(local).compatible();
    at.map_or(posted, |at| at.max(posted))
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(at)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::domain::schedule;

    fn zone() -> TimeZone {
        schedule::zone("Europe/Berlin").unwrap()
    }

    fn round(number: u32, posted: &str) -> Occasion {
        Occasion { daily: DailyId(1), number, posted: posted.parse().unwrap() }
    }

    /// The local time at which a member begins with a round that is out just now.
    fn begins(habit: Habit, posted: &str) -> Option<String> {
        let round = round(7, posted);
        let at = habit.begins(&round, &zone(), round.posted)?;
        Some(zone().to_datetime(at).to_string())
    }

    // The 12th of November 2026 is a Thursday of week 46; 08:30 UTC is 09:30 in Berlin.
    #[test]
    fn each_has_their_days_and_their_hour() {
        let dana = begins(Habit::EveryMorning, "2026-11-13T08:30:00Z").unwrap();
        assert!(("2026-11-13T09:50".."2026-11-13T10:11").contains(&&*dana), "{dana}");
        let emil = begins(Habit::NeverOnFridays, "2026-11-12T08:30:00Z").unwrap();
        assert!(("2026-11-12T13:00".."2026-11-12T14:31").contains(&&*emil), "{emil}");
        assert_eq!(begins(Habit::NeverOnFridays, "2026-11-13T08:30:00Z"), None);
        let farah = begins(Habit::EveryOtherWeek, "2026-11-13T08:30:00Z").unwrap();
        assert!(("2026-11-13T21:30".."2026-11-13T23:01").contains(&&*farah), "{farah}");
        assert_eq!(begins(Habit::EveryOtherWeek, "2026-11-16T08:30:00Z"), None);
        let emil = begins(Habit::NeverOnFridays, "2026-11-12T15:00:00Z").unwrap();
        assert!(("2026-11-12T16:05".."2026-11-12T17:31").contains(&&*emil), "{emil}");
    }

    #[test]
    fn who_comes_late_begins_soon() {
        let round = round(7, "2026-11-12T08:30:00Z");
        let now: Timestamp = "2026-11-12T22:45:00Z".parse().unwrap();
        for (.., habit) in Habit::PEOPLE {
            let at = habit.begins(&round, &zone(), now).unwrap();
            assert!(at > now && at <= now + SignedDuration::from_mins(10), "{at}");
        }
    }

    #[test]
    fn of_five_quizzes_in_a_row_one_goes_wrong() {
        for first in 1..20 {
            let rounds = (first..first + 5).map(|number| round(number, "2026-11-12T08:30:00Z"));
            assert_eq!(rounds.filter(|round| !round.quiz_goes_well(&zone())).count(), 1);
        }
    }
}
