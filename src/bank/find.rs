//! Fuzzy search, for commands and their autocompletion: letters in their order are enough.

use nucleo_matcher::{
    Config, Matcher, Utf32String,
    pattern::{AtomKind, CaseMatching, Normalization, Pattern},
};

/// The indices of the `limit` texts that match best, the best first; equally good ones stay in
/// their order. An empty text matches all.
pub fn best<'a>(
    wanted: &str,
    texts: impl IntoIterator<Item = &'a Utf32String>,
    limit: usize,
) -> Vec<usize> {
    let pattern = Pattern::new(wanted, CaseMatching::Ignore, Normalization::Smart, AtomKind::Fuzzy);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut scored: Vec<(u32, usize)> = texts
        .into_iter()
        .enumerate()
        .filter_map(|(at, text)| Some((pattern.score(text.slice(..), &mut matcher)?, at)))
        .collect();
    scored.sort_by_key(|(score, at)| (std::cmp::Reverse(*score), *at));
    scored.into_iter().take(limit).map(|(_, at)| at).collect()
}
