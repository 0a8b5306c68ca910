//! Fuzzy search, for commands and their autocompletion: letters in their order are enough.

use nucleo_matcher::{
    Config, Matcher, Utf32String,
    pattern::{AtomKind, CaseMatching, Normalization, Pattern},
};

/// What a letter has to score on average. The matcher gives 16 for each letter, more for letters
/// at the beginning of words or side by side, and less the more stands between them; below
/// this, the letters are merely scattered over a long text.
const SCORE_PER_LETTER: u32 = 16;

/// The indices of the `limit` texts that match best, the best first; equally good ones stay in
/// their order. An empty text matches all.
pub fn best<'a>(
    wanted: &str,
    texts: impl IntoIterator<Item = &'a Utf32String>,
    limit: usize,
) -> Vec<usize> {
    let pattern = Pattern::new(wanted, CaseMatching::Ignore, Normalization::Smart, AtomKind::Fuzzy);
    let letters = wanted.chars().filter(|c| !c.is_whitespace()).count();
    let least = SCORE_PER_LETTER.saturating_mul(u32::try_from(letters).unwrap_or(u32::MAX));
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut scored: Vec<(u32, usize)> = texts
        .into_iter()
        .enumerate()
        .filter_map(|(at, text)| Some((pattern.score(text.slice(..), &mut matcher)?, at)))
        .filter(|(score, _)| *score >= least)
        .collect();
    scored.sort_by_key(|(score, at)| (std::cmp::Reverse(*score), *at));
    scored.into_iter().take(limit).map(|(_, at)| at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_misses_are_found_and_scattered_letters_are_not() {
        let texts = ["What is a database?", "How do you load test a thing so that you trust it?"]
            .map(Utf32String::from);
        assert_eq!(best("databse", &texts, 9), [0]);
        assert_eq!(best("load tst", &texts, 9), [1]);
        assert_eq!(best("oauth", &texts, 9), Vec::<usize>::new());
        assert_eq!(best("", &texts, 9), [0, 1]);
        assert_eq!(best("", &texts, 1), [0]);
    }
}
