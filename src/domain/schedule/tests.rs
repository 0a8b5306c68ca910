//! Times read from text, and due posts on ordinary and on odd days.
#![allow(clippy::unwrap_used)]

use super::*;
use jiff::civil::date;

fn schedule(time: &str, zone_name: &str, days: &[Day]) -> Schedule {
    Schedule {
        time: parse_time(time).unwrap(),
        zone: zone(zone_name).unwrap(),
        days: days.iter().copied().collect(),
        skips: BTreeSet::new(),
    }
}

fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn a_time_is_hours_and_minutes() {
    for (text, hour, minute) in
        [("9:30", 9, 30), ("09:30", 9, 30), (" 0:00 ", 0, 0), ("23:59", 23, 59)]
    {
        assert_eq!(parse_time(text).unwrap(), Time::new(hour, minute, 0, 0).unwrap(), "{text}");
    }
    for text in [
        "", "930", "0930", "9", "9:3", "9:300", "24:00", "12:60", "009:30", "+9:30", "9:30 am",
        "9.30", "-1:00", "9:+1",
    ] {
        let error = parse_time(text).unwrap_err();
        assert!(error.to_string().contains("such as 9:30"), "{error}");
    }
}

#[test]
fn a_week_of_working_days() {
    let mut schedule = schedule("09:30", "Europe/Berlin", &Day::WORKING);
    // Wednesday 2026-11-11 is skipped. Berlin is at +01 in November, so 09:30 is 08:30 UTC.
    schedule.skips.insert(date(2026, 11, 11));
    let mut now = instant("2026-11-08T00:00:00Z");
    for day in [9, 10, 12, 13, 16] {
        let due = schedule.next_after(now, None).unwrap();
        let at = instant(&format!("2026-11-{day:02}T08:30:00Z"));
        assert_eq!(due, Due { at, date: date(2026, 11, day) });
        now = due.at;
    }
}

#[test]
fn the_next_is_strictly_later_in_time_and_in_date() {
    let schedule = schedule("09:30", "UTC", &Day::ALL);
    let date_after = |after, last| schedule.next_after(instant(after), last).unwrap().date;
    let (tenth, eleventh) = (date(2026, 11, 10), date(2026, 11, 11));
    assert_eq!(date_after("2026-11-10T09:29:59Z", None), tenth);
    assert_eq!(date_after("2026-11-10T09:30:00Z", None), eleventh);
    // Today's has been brought forward, as post-now does.
    assert_eq!(date_after("2026-11-10T08:00:00Z", Some(tenth)), eleventh);
    assert_eq!(date_after("2026-11-10T08:00:00Z", Some(date(2026, 11, 20))), date(2026, 11, 21));
}

#[test]
fn without_days_nothing_is_ever_due() {
    let schedule = schedule("09:30", "UTC", &[]);
    assert_eq!(schedule.next_after(instant("2026-11-10T00:00:00Z"), None), None);
}

#[test]
fn a_long_skip_list_is_walked_to_its_end() {
    let mut schedule = schedule("09:30", "UTC", &[Day::Mon]);
    schedule.skips = date(2026, 1, 1).series(1.day()).take(1_000).collect();
    // The list ends on Tuesday 2028-09-26; the Monday after is 2028-10-02.
    let due = schedule.next_after(instant("2026-01-01T00:00:00Z"), None).unwrap();
    assert_eq!(due.date, date(2028, 10, 2));
}

#[test]
fn the_catch_up_window_includes_its_end() {
    let due = Due { at: instant("2026-11-10T09:30:00Z"), date: date(2026, 11, 10) };
    let six_hours = SignedDuration::from_hours(6);
    for (now, verdict) in [
        ("2026-11-10T09:29:59.999Z", Verdict::Wait),
        ("2026-11-10T09:30:00Z", Verdict::Post),
        ("2026-11-10T15:30:00Z", Verdict::Post),
        ("2026-11-10T15:30:00.001Z", Verdict::TooLate),
    ] {
        assert_eq!(judge(&due, instant(now), six_hours), verdict, "{now}");
    }
}

#[test]
fn a_schedule_is_stored_by_names() {
    let mut schedule = schedule("09:30", "America/New_York", &[Day::Mon, Day::Sun]);
    schedule.skips.insert(date(2026, 12, 25));
    let json = serde_json::to_string(&schedule).unwrap();
    assert_eq!(
        json,
        r#"{"time":"09:30:00","zone":"America/New_York","days":["mon","sun"],"skips":["2026-12-25"]}"#
    );
    assert_eq!(serde_json::from_str::<Schedule>(&json).unwrap(), schedule);
    let bad = json.replace("New_York", "Gotham");
    assert!(serde_json::from_str::<Schedule>(&bad).unwrap_err().to_string().contains("Gotham"));
}
