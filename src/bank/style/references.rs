//! Sources in a form that can be looked up: an RFC has its number, a section its own.

use crate::{
    bank::{passage::Passage, reader::Draft},
    diagnostic::{Report, fields::Text},
};
use std::ops::Range;

/// The highest number that an RFC may have. The series had not reached 10,000 in 2025
/// (<https://www.rfc-editor.org/rfc-index.html>) and grows by some 250 a year.
const RFC_MAX: u32 = 10_999;

/// Reports malformed numbers of RFCs and sections.
pub fn check(draft: &Draft, report: &Report) {
    for source in draft.sources.iter().flatten() {
        check_source(draft, &source.name, report);
    }
}

fn check_source(draft: &Draft, source: &Text, report: &Report) {
    let passage = Passage::of_value(draft.source(), "a source", source);
    let tokens = tokens(passage.text);
    let pairs = || tokens.iter().enumerate().map(|(at, token)| (token, tokens.get(at + 1)));
    for range in pairs().filter_map(|(token, next)| bad_rfc(token, next)) {
        let message = format!("`{}` is no RFC", &passage.text[range.clone()]);
        let hint = "write `RFC 9110`: capitals, one space, the number without leading zeros";
        report.add(passage.fault(range, message).hint(hint));
    }
    // Other documents number their parts as they please: a law's are §, for example.
    if !tokens.iter().any(|(_, token)| is_rfc(token)) {
        return;
    }
    for range in pairs().filter_map(|(token, next)| bad_section(token, next)) {
        let message = format!("`{}` is no section of an RFC", &passage.text[range.clone()]);
        let hint = "write `section 9.2`, and the section's heading behind a comma";
        report.add(passage.fault(range, message).hint(hint));
    }
}

/// What stands between two spaces, and its place.
type Token<'a> = (Range<usize>, &'a str);

/// What stands between spaces, without punctuation around it.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let ends = text.match_indices(' ').map(|(at, _)| at).chain([text.len()]);
    let parts = ends.scan(0, |start, end| Some(std::mem::replace(start, end + 1)..end));
    let bare = |range: Range<usize>| {
        let token = text[range.clone()].trim_end_matches([',', ';', ':', ')']);
        let start = range.start + token.len() - token.trim_start_matches('(').len();
        (start..range.start + token.len(), token.trim_start_matches('('))
    };
    parts.map(bare).collect()
}

fn is_rfc(token: &str) -> bool {
    token.get(..3).is_some_and(|name| name.eq_ignore_ascii_case("rfc"))
}

fn has_digit(token: &str) -> bool {
    token.contains(|c: char| c.is_ascii_digit())
}

/// The place of something that was meant as an RFC's number and is none.
fn bad_rfc((range, token): &Token<'_>, next: Option<&Token<'_>>) -> Option<Range<usize>> {
    if !is_rfc(token) {
        return None;
    }
    if token.len() > 3 {
        // RFCs is a word; RFC9110 and RFC-9110 are not.
        return has_digit(token).then(|| range.clone());
    }
    let (after, number) = next?;
    let good = *token == "RFC" && is_rfc_number(number);
    let meant = number.is_empty() || has_digit(number);
    (meant && !good).then_some(range.start..after.end)
}

fn is_rfc_number(number: &str) -> bool {
    !number.starts_with(['0', '+']) && number.parse().is_ok_and(|n: u32| n <= RFC_MAX)
}

/// The place of something that was meant as a section's number and is none.
fn bad_section((range, token): &Token<'_>, next: Option<&Token<'_>>) -> Option<Range<usize>> {
    let word = token.to_lowercase();
    if word.starts_with('§') || ["sec.", "sect."].contains(&word.as_str()) {
        return Some(range.start..next.map_or(range.end, |(after, _)| after.end));
    }
    let named = word == "section" || word == "sections";
    let (after, number) = next.filter(|(_, number)| named && has_digit(number))?;
    let good = *token == word && is_section_number(number);
    (!good).then_some(range.start..after.end)
}

fn is_section_number(number: &str) -> bool {
    let numbered = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric());
    number.split('.').all(numbered)
}

#[cfg(test)]
mod tests {
    use crate::bank::style::testing::with;

    fn judged(source: &str) -> Vec<String> {
        let knuth = "Knuth, The Art of Computer Programming, volume 1, section 2.2.1";
        with(&[(knuth, source)])
    }

    #[test]
    fn good_sources_pass() {
        for source in [
            "RFC 9110, HTTP Semantics, section 15.5.6, 405 Method Not Allowed",
            "RFC 1",
            "RFC 5280, sections 4.1 and 4.2, and appendix A.1",
            "RFC Editor, RFC Style Guide (RFC 7322)",
            "IETF draft-ietf-httpbis-rfc6265bis, Cookies: HTTP State Management Mechanism",
            "Bundesdatenschutzgesetz, § 26",
            "AICPA, TSP Section 100, 2017 Trust Services Criteria",
            "The RFCs of 1998",
        ] {
            assert_eq!(judged(source), Vec::<String>::new(), "{source}");
        }
    }

    #[test]
    fn numbers_that_are_none_are_found() {
        for (source, fault) in [
            ("RFC9110, HTTP Semantics", "`RFC9110` is no RFC"),
            ("RFC-9110, HTTP Semantics", "`RFC-9110` is no RFC"),
            ("rfc 9110, HTTP Semantics", "`rfc 9110` is no RFC"),
            ("RFC  9110", "`RFC ` is no RFC"),
            ("RFC 0791, Internet Protocol", "`RFC 0791` is no RFC"),
            ("RFC 99999", "`RFC 99999` is no RFC"),
            ("RFC 9110bis", "`RFC 9110bis` is no RFC"),
            ("RFC 9110, Section 9.2", "`Section 9.2` is no section of an RFC"),
            ("RFC 9110, section 9.2.", "`section 9.2.` is no section of an RFC"),
            ("RFC 9110, § 9.2", "`§ 9.2` is no section of an RFC"),
            ("RFC 9110, sec. 9.2", "`sec. 9.2` is no section of an RFC"),
        ] {
            let column = 13 + source.find(&fault[1..4]).unwrap_or_default();
            assert_eq!(judged(source), [format!("10:{column} {fault}")], "{source}");
        }
    }
}
