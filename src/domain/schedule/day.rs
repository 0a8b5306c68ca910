//! Weekdays, and how people write sets of them.

use jiff::civil::Weekday;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt, str::FromStr};

/// A day of the week; weeks begin on Monday (ISO 8601).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Day {
    /// The whole week.
    pub const ALL: [Self; 7] =
        [Self::Mon, Self::Tue, Self::Wed, Self::Thu, Self::Fri, Self::Sat, Self::Sun];

    /// Monday to Friday.
    pub const WORKING: [Self; 5] = [Self::Mon, Self::Tue, Self::Wed, Self::Thu, Self::Fri];

    /// Saturday and Sunday.
    pub const WEEKEND: [Self; 2] = [Self::Sat, Self::Sun];

    /// The short word for it: `mon`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mon => "mon",
            Self::Tue => "tue",
            Self::Wed => "wed",
            Self::Thu => "thu",
            Self::Fri => "fri",
            Self::Sat => "sat",
            Self::Sun => "sun",
        }
    }

    /// Its full name: `Monday`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mon => "Monday",
            Self::Tue => "Tuesday",
            Self::Wed => "Wednesday",
            Self::Thu => "Thursday",
            Self::Fri => "Friday",
            Self::Sat => "Saturday",
            Self::Sun => "Sunday",
        }
    }

    /// The days from this one to `to`, both included; `sat` to `mon` goes round the week's end.
    fn through(self, to: Self) -> impl Iterator<Item = Self> {
        let from = self as usize;
        let length = (to as usize + 7 - from) % 7 + 1;
        Self::ALL.into_iter().cycle().skip(from).take(length)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
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
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` names no days; write for example mon-fri, or mon,wed,fri, or weekdays, or daily")]
pub struct UnknownDays(pub String);

impl FromStr for Day {
    type Err = UnknownDays;

    /// Reads a name or at least its first three letters, in capitals or not.
    fn from_str(word: &str) -> Result<Self, UnknownDays> {
        let small = word.to_lowercase();
        Self::ALL
            .into_iter()
            .find(|day| small.len() >= 3 && day.name().to_lowercase().starts_with(&small))
            .ok_or_else(|| UnknownDays(word.to_owned()))
    }
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
        Some((from, to)) => Ok(from.trim().parse::<Day>()?.through(to.trim().parse()?).collect()),
        None => Ok(vec![part.parse()?]),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::Day::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
    use super::{Day, UnknownDays, parse_days};
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
        let told = UnknownDays("foo".to_owned()).to_string();
        assert!(told.contains("`foo`") && told.contains("mon-fri"), "{told}");
    }

    #[test]
    fn a_day_is_written_and_read_alike() {
        for day in Day::ALL {
            assert_eq!(day.to_string().parse::<Day>().unwrap(), day);
            assert_eq!(day.name().parse::<Day>().unwrap(), day);
            assert_eq!(serde_json::to_value(day).unwrap(), day.as_str());
        }
    }
}
