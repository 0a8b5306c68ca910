//! Schedules in zones with odd rules. The oracle knows nothing of gaps and overlaps: it watches
//! the zone's clock minute by minute and notes when it first reaches the daily's time.

use jiff::civil::{Date, DateTime, Time};
use jiff::{SignedDuration, Timestamp, ToSpan};
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeSet;
use whetstone::domain::schedule::{Day, Due, Schedule, zone};

/// Each with a span of years in which its rules were odd.
const ZONES: [(&str, i16, i16); 8] = [
    ("Australia/Lord_Howe", 1981, 2040),
    ("Pacific/Apia", 2009, 2022),
    ("Africa/Cairo", 2006, 2040),
    ("America/New_York", 1967, 2040),
    ("Asia/Kathmandu", 1985, 1987),
    ("Asia/Kolkata", 1941, 1946),
    ("America/Nuuk", 2020, 2030),
    ("Pacific/Apia", 2011, 2011),
];

/// The days before and after the middle of a case's window.
const BEFORE: SignedDuration = SignedDuration::from_hours(4 * 24);
const AFTER: SignedDuration = SignedDuration::from_hours(8 * 24);
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

#[derive(Debug)]
struct Case {
    schedule: Schedule,
    start: Timestamp,
    end: Timestamp,
}

/// A schedule and a window of time. Most windows lie about a change of the clock, and most times
/// of day lie near the local time of the change.
fn case() -> impl Strategy<Value = Case> {
    let rules = (vec(any::<bool>(), 7), btree_set(-4i64..8, 0..4));
    let place = (select(&ZONES[..]), 0.0..1.0f64, prop::bool::weighted(0.8));
    let time = (0i64..24 * 60, -45i64..105, prop::bool::weighted(0.7));
    (place, time, rules).prop_map(|((zone_of, share, snap), (any_time, near, at_change), rules)| {
        let (name, from, to) = zone_of;
        let zone = zone(name).unwrap();
        let [from, to] = [from, to + 1].map(|year| noon_utc(Date::new(year, 1, 1).unwrap()));
        let somewhere = from + to.duration_since(from).mul_f64(share);
        let change = zone.following(somewhere).next().filter(|change| change.timestamp() <= to);
        let middle = match change {
            Some(change) if snap => change.timestamp(),
            _ => somewhere.round(jiff::Unit::Minute).unwrap(),
        };
        // A minute before the change, so that the clock still shows the old time.
        let shown = zone.to_datetime(middle - MINUTE).time();
        let minutes = if at_change { near + minutes_of(shown) } else { any_time };
        let time = Time::midnight().wrapping_add(minutes.rem_euclid(24 * 60).minutes());
        let centre = zone.to_datetime(middle).date();
        let days = Day::ALL.into_iter().zip(rules.0).filter(|(_, on)| *on);
        let days = days.map(|(day, _)| day).collect();
        let skips = rules.1.iter().map(|n| centre.checked_add(n.days()).unwrap()).collect();
        let schedule = Schedule { time, zone, days, skips };
        Case { schedule, start: middle - BEFORE, end: middle + AFTER }
    })
}

fn noon_utc(date: Date) -> Timestamp {
    jiff::tz::Offset::UTC.to_timestamp(date.at(12, 0, 0, 0)).unwrap()
}

fn minutes_of(time: Time) -> i64 {
    i64::from(time.hour()) * 60 + i64::from(time.minute())
}

/// All posts due in the window: after its start and no later than its end.
fn watch_the_clock(case: &Case) -> Vec<Due> {
    let Case { schedule, start, end } = case;
    let clock = |at: Timestamp| -> DateTime { schedule.zone.to_offset(at).to_datetime(at) };
    // Two days of run-up, so that the clock's highest reading is known where the window begins
    // in an overlap; and two days beyond, to see all dates that exist.
    let margin = SignedDuration::from_hours(48);
    let mut now = *start - margin;
    let mut highest = clock(now);
    let mut dates_seen = BTreeSet::new();
    let mut reached = Vec::new();
    while now <= *end + margin {
        let shown = clock(now);
        dates_seen.insert(shown.date());
        if shown > highest {
            let mut date = highest.date();
            while date <= shown.date() {
                let time = date.to_datetime(schedule.time);
                if highest < time && time <= shown {
                    reached.push(Due { at: now, date });
                }
                date = date.tomorrow().unwrap();
            }
            highest = shown;
        }
        now += MINUTE;
    }
    let wanted = |date: Date| {
        dates_seen.contains(&date)
            && schedule.days.contains(&date.weekday().into())
            && !schedule.skips.contains(&date)
    };
    reached.retain(|due| *start < due.at && due.at <= *end && wanted(due.date));
    reached
}

/// The posts that a scheduler makes which asks for the next one after each.
fn walk(case: &Case, remember_dates: bool) -> Vec<Due> {
    let (mut now, mut last) = (case.start, None);
    let next = || {
        let due = case.schedule.next_after(now, last)?;
        now = due.at;
        last = remember_dates.then_some(due.date);
        (due.at <= case.end).then_some(due)
    };
    std::iter::from_fn(next).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(250))]

    #[test]
    fn no_date_is_posted_twice_and_none_is_lost(case in case()) {
        let expected = watch_the_clock(&case);
        let posted = walk(&case, true);
        prop_assert!(posted.is_sorted_by(|a, b| a.date < b.date && a.at < b.at), "{posted:?}");
        prop_assert_eq!(&posted, &expected);
        // The same without a memory of the last date, as the instants alone tell posts apart.
        prop_assert_eq!(walk(&case, false), expected);
    }

    #[test]
    fn each_date_is_due_when_the_clock_reaches_its_time(case in case()) {
        let expected = watch_the_clock(&case);
        let (from, to) = (case.schedule.local_date(case.start), case.schedule.local_date(case.end));
        // The window's first and last date may be due outside of it.
        let within = |due: &Due| case.start < due.at && due.at <= case.end;
        let mut date = from;
        while date <= to {
            let due = case.schedule.due_on(date).filter(within);
            let seen = expected.iter().find(|due| due.date == date).copied();
            prop_assert_eq!(due, seen, "{}", date);
            date = date.tomorrow().unwrap();
        }
    }

    #[test]
    fn the_next_is_the_first_that_is_later_in_time_and_date(
        case in case(),
        minutes in vec(0i64..12 * 24 * 60, 10),
        shift in -3i64..5,
    ) {
        let expected = watch_the_clock(&case);
        for minutes in minutes {
            let now = case.start + SignedDuration::from_mins(minutes);
            let last = case.schedule.local_date(now).checked_add(shift.days()).unwrap();
            let seen = expected.iter().find(|due| due.at > now && due.date > last).copied();
            let next = case.schedule.next_after(now, Some(last));
            let next = next.filter(|due| due.at <= case.end);
            prop_assert_eq!(next, seen, "after {} and {}", now, last);
        }
    }
}
