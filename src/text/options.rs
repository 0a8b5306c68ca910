//! Why an option cannot be taken as it is, and what to write instead.

use crate::{
    domain::schedule::{BadDates, SKIP_MAX, UnknownDate, UnknownZone},
    error::BadOption,
};

/// What is said of an option.
pub fn bad_option(option: &str, why: &BadOption) -> String {
    let why = why_bad(why);
    if why.ends_with('?') { format!("`{option}`: {why}") } else { format!("`{option}`: {why}.") }
}

fn why_bad(why: &BadOption) -> String {
    match why {
        BadOption::Time(unknown) => format!(
            "`{}` is no time of day; write hours and minutes of a 24-hour clock, such as 9:30 or \
             17:05",
            unknown.0
        ),
        BadOption::Zone(UnknownZone { name, nearest }) => {
            format!("`{name}` is no time zone; {}", meant(nearest))
        }
        BadOption::Days(unknown) => format!(
            "`{}` names no days; write for example mon-fri, or mon,wed,fri, or weekdays, or daily",
            unknown.0
        ),
        BadOption::Level(unknown) => format!(
            "`{}` is no level; the levels are beginner, intermediate and advanced",
            unknown.0
        ),
        BadOption::Date(UnknownDate { today, .. }) => {
            format!("write a date as year, month, day, such as {today}, or `tomorrow`")
        }
        BadOption::Dates(BadDates::Passed { first, today }) => {
            format!("{first} has passed; today is {today} there")
        }
        BadOption::Dates(BadDates::Backwards { first, last }) => {
            format!("{last} is before {first}")
        }
        BadOption::Dates(BadDates::TooMany) => {
            format!("at most {SKIP_MAX} days at once; `/daily pause` stops it for longer")
        }
        BadOption::ChannelOrMember => "either a channel is told or a member, not both".to_owned(),
        BadOption::NoticesNeedText => "notices go to a text or announcement channel".to_owned(),
    }
}

/// The time zones that may have been meant.
fn meant(nearest: &[String]) -> String {
    match nearest.split_last() {
        None => "write an IANA name such as Europe/Berlin".to_owned(),
        Some((only, [])) => format!("did you mean {only}?"),
        Some((last, others)) => format!("did you mean {} or {last}?", others.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::schedule::zone;

    #[test]
    fn a_zone_that_is_none_leads_to_those_that_were_meant() {
        let said = |text| zone(text).err().map(|why| bad_option("zone", &why.into()));
        assert_eq!(
            said("Berlin").as_deref(),
            Some("`zone`: `Berlin` is no time zone; did you mean Europe/Berlin or America/Belize?")
        );
        assert_eq!(
            said("qqqqqqqq").as_deref(),
            Some("`zone`: `qqqqqqqq` is no time zone; write an IANA name such as Europe/Berlin.")
        );
    }
}
