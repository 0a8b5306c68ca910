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
        assert_eq!(parse_time(text), Err(UnknownTime(text.trim().to_owned())));
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

/// Checks the post of a date against an instant derived by hand.
#[track_caller]
fn assert_due(time: &str, zone_name: &str, on: Date, at: &str) {
    let due = schedule(time, zone_name, &Day::ALL).due_on(on);
    assert_eq!(due, Some(Due { at: instant(at), date: on }), "{time} {zone_name}");
}

#[test]
fn lord_howe_shifts_by_half_an_hour() {
    // 2026-10-04, 02:00 at +10:30 (15:30 UTC the day before) becomes 02:30 at +11.
    assert_due("02:10", "Australia/Lord_Howe", date(2026, 10, 4), "2026-10-03T15:30:00Z");
    assert_due("01:59", "Australia/Lord_Howe", date(2026, 10, 4), "2026-10-03T15:29:00Z");
    assert_due("02:30", "Australia/Lord_Howe", date(2026, 10, 4), "2026-10-03T15:30:00Z");
    // 2026-04-05, 02:00 at +11 becomes 01:30 at +10:30. The first 01:45 is the one at +11.
    assert_due("01:45", "Australia/Lord_Howe", date(2026, 4, 5), "2026-04-04T14:45:00Z");
    // 02:00 itself comes once only, at +10:30.
    assert_due("02:00", "Australia/Lord_Howe", date(2026, 4, 5), "2026-04-04T15:30:00Z");
}

#[test]
fn apia_left_out_a_friday() {
    let schedule = schedule("09:00", "Pacific/Apia", &Day::ALL);
    assert_eq!(schedule.due_on(date(2011, 12, 30)), None);
    // Thursday's 09:00 is at -10, Saturday's at +14: 24 hours apart.
    assert_due("09:00", "Pacific/Apia", date(2011, 12, 29), "2011-12-29T19:00:00Z");
    assert_due("09:00", "Pacific/Apia", date(2011, 12, 31), "2011-12-30T19:00:00Z");
    let thursday = instant("2011-12-29T19:00:00Z");
    let next = schedule.next_after(thursday, Some(date(2011, 12, 29))).unwrap();
    assert_eq!(next.date, date(2011, 12, 31));
    // At either end of what was left out: Thursday's last minute, Saturday's first.
    assert_due("23:59", "Pacific/Apia", date(2011, 12, 29), "2011-12-30T09:59:00Z");
    assert_due("00:00", "Pacific/Apia", date(2011, 12, 31), "2011-12-30T10:00:00Z");
}

#[test]
fn apia_where_only_fridays_are_wanted() {
    // The Friday that is not there costs a week, not the schedule.
    let schedule = schedule("09:00", "Pacific/Apia", &[Day::Fri]);
    let next = schedule.next_after(instant("2011-12-23T19:00:00Z"), None).unwrap();
    // 2012-01-06 09:00 at +14.
    assert_eq!(next, Due { at: instant("2012-01-05T19:00:00Z"), date: date(2012, 1, 6) });
}

#[test]
fn apia_also_had_a_gap_and_an_overlap() {
    // 2011-09-24, 03:00 at -11 becomes 04:00 at -10.
    assert_due("03:30", "Pacific/Apia", date(2011, 9, 24), "2011-09-24T14:00:00Z");
    // 2012-04-01, 04:00 at +14 becomes 03:00 at +13.
    assert_due("03:30", "Pacific/Apia", date(2012, 4, 1), "2012-03-31T13:30:00Z");
}

#[test]
fn cairo_changes_at_midnight() {
    // Friday 2026-04-24 has no 00:00 to 00:59: 24:00 at +2 becomes 01:00 at +3.
    assert_due("00:30", "Africa/Cairo", date(2026, 4, 24), "2026-04-23T22:00:00Z");
    assert_due("00:00", "Africa/Cairo", date(2026, 4, 24), "2026-04-23T22:00:00Z");
    assert_due("23:59", "Africa/Cairo", date(2026, 4, 23), "2026-04-23T21:59:00Z");
    // Thursday 2026-10-29 has its last hour twice: 24:00 at +3 becomes 23:00 at +2.
    assert_due("23:30", "Africa/Cairo", date(2026, 10, 29), "2026-10-29T20:30:00Z");
    assert_due("00:00", "Africa/Cairo", date(2026, 10, 30), "2026-10-29T22:00:00Z");
}

#[test]
fn new_york_as_most_know_it() {
    // 2026-03-08, 02:00 at -5 becomes 03:00 at -4.
    assert_due("02:30", "America/New_York", date(2026, 3, 8), "2026-03-08T07:00:00Z");
    // 2026-11-01, 02:00 at -4 becomes 01:00 at -5.
    assert_due("01:30", "America/New_York", date(2026, 11, 1), "2026-11-01T05:30:00Z");
}

#[test]
fn kathmandu_once_moved_by_a_quarter_of_an_hour() {
    // 1986-01-01, 00:00 at +5:30 becomes 00:15 at +5:45.
    assert_due("00:05", "Asia/Kathmandu", date(1986, 1, 1), "1985-12-31T18:30:00Z");
    assert_due("09:30", "Asia/Kathmandu", date(2026, 11, 10), "2026-11-10T03:45:00Z");
}

#[test]
fn kolkata_had_summer_time_in_the_war() {
    // 1942-09-01, 00:00 at +5:30 becomes 01:00 at +6:30.
    assert_due("00:30", "Asia/Kolkata", date(1942, 9, 1), "1942-08-31T18:30:00Z");
    // 1945-10-15, 00:00 at +6:30 becomes 23:00 of the 14th at +5:30.
    assert_due("23:30", "Asia/Kolkata", date(1945, 10, 14), "1945-10-14T17:00:00Z");
    assert_due("09:30", "Asia/Kolkata", date(2026, 11, 10), "2026-11-10T04:00:00Z");
}

#[test]
fn a_gap_over_midnight_leaves_each_date_its_own_post() {
    // Nuuk, Saturday 2026-03-28: 23:00 at -2 becomes Sunday's 00:00 at -1. Saturday's post goes
    // out then, and Sunday has its own.
    assert_due("23:30", "America/Nuuk", date(2026, 3, 28), "2026-03-29T01:00:00Z");
    assert_due("23:30", "America/Nuuk", date(2026, 3, 29), "2026-03-30T00:30:00Z");
    let schedule = schedule("23:30", "America/Nuuk", &Day::ALL);
    let next = schedule.next_after(instant("2026-03-29T01:00:00Z"), None).unwrap();
    assert_eq!(next.date, date(2026, 3, 29));
    // Toronto, 1919-03-30: 23:30 at -5 becomes 00:30 of the 31st at -4.
    assert_due("23:45", "America/Toronto", date(1919, 3, 30), "1919-03-31T04:30:00Z");
    assert_due("00:15", "America/Toronto", date(1919, 3, 31), "1919-03-31T04:30:00Z");
}

#[test]
fn a_change_of_rules_that_leaves_the_clock_alone_is_no_overlap() {
    // Nuuk kept -2 on 2023-10-29 at 01:00 UTC, while its standard time became -2 and its summer
    // time -1. So Saturday's 23:00 came once, at 01:00 UTC.
    assert_due("23:00", "America/Nuuk", date(2023, 10, 28), "2023-10-29T01:00:00Z");
}
