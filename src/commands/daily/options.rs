//! Reading what admins type, by the rules of the domain.

use crate::{
    app::App,
    domain::{ids::TopicId, question, schedule},
    error::{BadOption, Error, Mistake, Result},
    ui::Suggestion,
};
use std::collections::BTreeSet;

/// The fault of an option.
pub(super) fn bad(option: &'static str, why: impl Into<BadOption>) -> Error {
    Mistake::BadOption { option, why: why.into() }.into()
}

/// Topics, with commas between them.
pub(super) fn topics(app: &App, text: &str) -> Result<Vec<TopicId>> {
    if question::means_all(text) {
        return Ok(Vec::new());
    }
    let topics: Result<BTreeSet<TopicId>> =
        question::listed(text).map(|word| app.topic_id(word)).collect();
    Ok(topics?.into_iter().collect())
}

pub(super) fn suggest_zones(text: &str) -> Vec<Suggestion> {
    let names = schedule::zones_with(text).into_iter().take(super::super::SUGGESTIONS_MAX);
    names.map(|name| Suggestion { value: name.clone(), name }).collect()
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
