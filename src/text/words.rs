//! Small helps for wording.

use super::foreign::visible;
use crate::domain::{question::Level, round::Grade, schedule::Day};
use jiff::{Timestamp, civil::Date};

/// "1 round", "2 rounds".
pub fn plural(count: impl Into<u64>, one: &str) -> String {
    match count.into() {
        1 => format!("1 {one}"),
        count => format!("{count} {one}s"),
    }
}

/// A text cut to at most `max` characters, with an ellipsis where something is missing.
pub fn cut(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(max.saturating_sub(1)).collect();
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

/// Text from outside with Discord's markup and all that cannot be seen taken away, so that it reads
/// as it was typed.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in visible(text).chars() {
        if matches!(letter, '*' | '_' | '~' | '`' | '|' | '>' | '<' | '#' | '[' | ']' | '\\' | '@')
        {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}

/// A level, in the middle of a sentence.
pub fn level(level: Level) -> &'static str {
    match level {
        Level::Beginner => "beginner",
        Level::Intermediate => "intermediate",
        Level::Advanced => "advanced",
    }
}

/// A grade, in the middle of a sentence.
pub fn grade(grade: Grade) -> &'static str {
    match grade {
        Grade::Missed => "missed",
        Grade::Partly => "partly",
        Grade::GotIt => "got it",
    }
}

/// A weekday in a list of them.
pub fn day(day: Day) -> &'static str {
    match day {
        Day::Mon => "mon",
        Day::Tue => "tue",
        Day::Wed => "wed",
        Day::Thu => "thu",
        Day::Fri => "fri",
        Day::Sat => "sat",
        Day::Sun => "sun",
    }
}

/// An instant that each member sees in their own zone: day, time, and how far off.
/// <https://discord.com/developers/docs/reference#message-formatting-timestamp-styles>
pub fn when(at: Timestamp) -> String {
    let seconds = at.as_second();
    format!("<t:{seconds}:F> (<t:{seconds}:R>)")
}

/// An instant as day and time, in each member's own zone.
pub fn short_time(at: Timestamp) -> String {
    format!("<t:{}:f>", at.as_second())
}

/// A date with its weekday.
pub fn date(date: Date) -> String {
    date.strftime("%a %-d %b %Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_agree_with_their_noun() {
        assert_eq!(plural(0_u32, "round"), "0 rounds");
        assert_eq!(plural(1_u32, "round"), "1 round");
        assert_eq!(plural(2_u32, "round"), "2 rounds");
    }

    #[test]
    fn a_cut_text_ends_in_an_ellipsis_and_is_no_longer_than_allowed() {
        assert_eq!(cut("épée", 4), "épée");
        assert_eq!(cut("a long text", 7), "a long…");
        assert_eq!(cut("a long text", 3), "a…");
    }

    #[test]
    fn markup_from_outside_is_shown_as_typed() {
        assert_eq!(escape("**hi** <@1> @everyone"), r"\*\*hi\*\* \<\@1\> \@everyone");
    }

    #[test]
    fn dates_name_their_weekday() {
        assert_eq!(date(jiff::civil::date(2026, 3, 9)), "Mon 9 Mar 2026");
    }
}
