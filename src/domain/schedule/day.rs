//! Weekdays, and how people write sets of them.

use crate::domain::codes::codes;
use jiff::civil::Weekday;
use std::collections::BTreeSet;

codes! {
    /// A day of the week; weeks begin on Monday (ISO 8601).
    pub enum Day {
        Mon = "mon",
        Tue = "tue",
        Wed = "wed",
        Thu = "thu",
        Fri = "fri",
        Sat = "sat",
        Sun = "sun",
    }
}

impl Day {
    /// Monday to Friday.
    pub const WORKING: [Self; 5] = [Self::Mon, Self::Tue, Self::Wed, Self::Thu, Self::Fri];

    /// Saturday and Sunday.
    pub const WEEKEND: [Self; 2] = [Self::Sat, Self::Sun];

    /// Its English name, which people may write, too.
    fn name(self) -> &'static str {
        match self {
            Self::Mon => "monday",
            Self::Tue => "tuesday",
            Self::Wed => "wednesday",
            Self::Thu => "thursday",
            Self::Fri => "friday",
            Self::Sat => "saturday",
            Self::Sun => "sunday",
        }
    }

    /// The days from this one to `to`, both included; `sat` to `mon` goes round the week's end.
    fn through(self, to: Self) -> impl Iterator<Item = Self> {
        let from = self as usize;
        let length = (to as usize + 7 - from) % 7 + 1;
        Self::ALL.into_iter().cycle().skip(from).take(length)
    }
}

impl From<Weekday> for Day {
    fn from(day: Weekday) -> Self {
        match day {
            Weekday::Monday => Self::Mon,
            Weekday::Tuesday => Self::Tue,
            Weekday::Wednesday => Self::Wed,
            Weekday::Thursday => Self::Thu,
            Weekday::Friday => Self::Fri,
            Weekday::Saturday => Self::Sat,
            Weekday::Sunday => Self::Sun,
        }
    }
}

/// A text that names no days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownDays(pub String);

/// Reads a day: its name or at least the first three letters of it, in capitals or not.
///
/// # Errors
/// A word that is none.
pub fn parse_day(word: &str) -> Result<Day, UnknownDays> {
    let small = word.to_lowercase();
    let named = |day: &Day| small.len() >= 3 && day.name().starts_with(&small);
    Day::ALL.into_iter().find(named).ok_or_else(|| UnknownDays(word.to_owned()))
}

/// Reads a set of days: names, ranges (`mon-fri`, `sat-mon`), `weekdays`, `weekends`, `daily` or
/// `every day`, or several of these with commas between. The error holds the part not understood.
pub fn parse_days(text: &str) -> Result<BTreeSet<Day>, UnknownDays> {
    let mut days = BTreeSet::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        days.extend(some_days(part)?);
    }
    if days.is_empty() { Err(UnknownDays(text.to_owned())) } else { Ok(days) }
}

fn some_days(part: &str) -> Result<Vec<Day>, UnknownDays> {
    match part.to_lowercase().as_str() {
        "daily" | "every day" | "everyday" => return Ok(Day::ALL.to_vec()),
        "weekdays" | "weekday" | "working days" => return Ok(Day::WORKING.to_vec()),
        "weekends" | "weekend" => return Ok(Day::WEEKEND.to_vec()),
        _ => {}
    }
    // An en dash is what a phone's keyboard may make of a hyphen.
    match part.split_once(['-', '–']) {
        Some((from, to)) => Ok(parse_day(from.trim())?.through(parse_day(to.trim())?).collect()),
        None => Ok(vec![parse_day(part)?]),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::Day::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
    use super::{Day, UnknownDays, parse_day, parse_days};
    use std::collections::BTreeSet;

    #[test]
    fn days_are_read_as_people_write_them() {
        let cases: &[(&str, &[Day])] = &[
            ("mon-fri", &Day::WORKING),
            ("Mon - Fri", &Day::WORKING),
            ("mon–wed", &[Mon, Tue, Wed]),
            ("weekdays", &Day::WORKING),
            ("weekend", &[Sat, Sun]),
            ("daily", &Day::ALL),
            ("Every Day", &Day::ALL),
            ("mon,wed,fri", &[Mon, Wed, Fri]),
            ("Tuesday, THURS", &[Tue, Thu]),
            ("sat-mon", &[Sat, Sun, Mon]),
            ("sun-sat", &Day::ALL),
            ("wed-wed", &[Wed]),
            ("weekdays, sun,", &[Mon, Tue, Wed, Thu, Fri, Sun]),
        ];
        for (text, days) in cases {
            assert_eq!(
                parse_days(text).unwrap(),
                BTreeSet::from_iter(days.iter().copied()),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_day_is_named() {
        let cases = [
            ("mon,foo", "foo"),
            ("mon-fry", "fry"),
            ("mo", "mo"),
            ("mondays", "mondays"),
            ("mon-tue-wed", "tue-wed"),
            ("", ""),
            (",", ","),
        ];
        for (text, word) in cases {
            assert_eq!(parse_days(text), Err(UnknownDays(word.to_owned())), "{text}");
        }
    }

    #[test]
    fn a_day_is_read_by_its_code_and_by_its_name() {
        for day in Day::ALL {
            assert_eq!(parse_day(day.as_str()), Ok(day));
            assert_eq!(parse_day(&day.name().to_uppercase()), Ok(day));
        }
    }
}
