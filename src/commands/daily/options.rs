//! Reading what admins type: each failure says what to write instead.

use crate::{
    app::App,
    domain::{
        ids::TopicId,
        question::Level,
        schedule::{self, Day},
    },
    error::{Mistake, Result},
    ui::Suggestion,
};
use jiff::{
    Span,
    civil::{Date, Time},
    tz::TimeZone,
};
use std::collections::BTreeSet;

/// How many dates can be skipped by one command.
const SKIP_MAX: usize = 92;

fn bad(option: &'static str, reason: impl ToString) -> crate::error::Error {
    Mistake::BadOption { option, reason: reason.to_string() }.into()
}

pub(super) fn time(text: &str) -> Result<Time> {
    schedule::parse_time(text).map_err(|error| bad("time", error))
}

pub(super) fn zone(text: &str) -> Result<TimeZone> {
    schedule::zone(text).map_err(|error| bad("zone", error))
}

pub(super) fn days(text: &str) -> Result<BTreeSet<Day>> {
    schedule::parse_days(text).map_err(|error| bad("days", error))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|word| !word.is_empty())
}

fn means_all(text: &str) -> bool {
    matches!(text.trim().to_lowercase().as_str(), "all" | "any")
}

pub(super) fn levels(text: &str) -> Result<Vec<Level>> {
    if means_all(text) {
        return Ok(Vec::new());
    }
    let levels: Result<BTreeSet<Level>> = words(text)
        .flat_map(str::split_whitespace)
        .map(|word| word.to_lowercase().parse().map_err(|error| bad("levels", error)))
        .collect();
    Ok(levels?.into_iter().collect())
}

pub(super) fn topics(app: &App, text: &str) -> Result<Vec<TopicId>> {
    if means_all(text) {
        return Ok(Vec::new());
    }
    let topics: Result<BTreeSet<TopicId>> = words(text).map(|word| app.topic_id(word)).collect();
    Ok(topics?.into_iter().collect())
}

pub(super) fn date(option: &'static str, text: &str, today: Date) -> Result<Date> {
    match text.trim().to_lowercase().as_str() {
        "today" => Ok(today),
        "tomorrow" => today.tomorrow().map_err(|error| bad(option, error)),
        text => text.parse().map_err(|_| {
            bad(option, format!("write a date as year, month, day, such as {today}, or `tomorrow`"))
        }),
    }
}

/// The dates from the first to the last.
pub(super) fn dates(first: Date, last: Date, today: Date) -> Result<Vec<Date>> {
    if first < today {
        return Err(bad("date", format!("{first} has passed; today is {today} there")));
    }
    if last < first {
        return Err(bad("until", format!("{last} is before {first}")));
    }
    let dates: Vec<Date> = first
        .series(Span::new().days(1))
        .take_while(|date| *date <= last)
        .take(SKIP_MAX + 1)
        .collect();
    if dates.len() > SKIP_MAX {
        let advice = format!("at most {SKIP_MAX} days at once; `/daily pause` stops it for longer");
        return Err(bad("until", advice));
    }
    Ok(dates)
}

/// Zones whose name holds what was typed, those that begin with it first.
pub(super) fn suggest_zones(text: &str) -> Vec<Suggestion> {
    let wanted = text.trim().to_lowercase().replace(' ', "_");
    let mut names: Vec<(bool, String)> = schedule::zone_names()
        .into_iter()
        .map(|name| name.to_string())
        .filter_map(|name| {
            let lower = name.to_lowercase();
            let city = lower.rsplit('/').next().unwrap_or_default();
            let begins = lower.starts_with(&wanted) || city.starts_with(&wanted);
            lower.contains(&wanted).then_some((!begins, name))
        })
        .collect();
    names.sort();
    let names = names.into_iter().take(super::super::SUGGESTIONS_MAX);
    names.map(|(_, name)| Suggestion { value: name.clone(), name }).collect()
}

/// Suggestions for the last word of a list, each with the words before it.
pub(super) fn suggest_list(
    text: &str,
    suggest: impl Fn(&str) -> Vec<Suggestion>,
) -> Vec<Suggestion> {
    let (before, last) = match text.rsplit_once(',') {
        Some((before, last)) => (format!("{before},"), last.trim()),
        None => (String::new(), text.trim()),
    };
    let extend = |suggestion: Suggestion| {
        let value = format!("{before}{}", suggestion.value);
        (value.chars().count() <= 100).then(|| Suggestion { name: value.clone(), value })
    };
    suggest(last).into_iter().filter_map(extend).collect()
}
