//! Text that a member wrote, made fit to be shown to others below the bot's name: it pings nobody
//! anyway, and here it loses what hides, reorders or covers other text, and links whose words say
//! another address than their target. What can be seen stays as it was typed.

use crate::domain::daily::is_filler;

/// How many marks may stand on one letter. Living languages need no more; a pile of them grows over
/// the lines above.
const MARKS_MAX: usize = 3;

/// How many line breaks may follow each other, so that nothing is pushed out of sight.
const BREAKS_MAX: usize = 2;

/// What stands for a text of which nothing can be seen.
const NOTHING: &str = "(nothing that can be seen)";

/// The text as others may see it.
pub fn tame(text: &str) -> String {
    let mut tamer = Tamer::default();
    text.replace("\r\n", "\n").chars().for_each(|letter| tamer.push(letter));
    let tamed = tamer.text.trim();
    if tamed.is_empty() { NOTHING.to_owned() } else { tamed.to_owned() }
}

/// Text without characters that cannot be seen, as one line's worth.
pub(super) fn visible(text: &str) -> String {
    text.chars().filter(|letter| !is_hidden(*letter) && !is_joiner(*letter)).collect()
}

#[derive(Default)]
struct Tamer {
    text: String,
    last: Option<char>,
    marks: usize,
    breaks: usize,
}

impl Tamer {
    fn push(&mut self, letter: char) {
        match letter {
            '\r' | '\u{2028}' | '\u{2029}' | '\n' => self.push_break(),
            _ if is_hidden(letter) => {}
            // Emoji and some scripts are written with joiners, Latin text and code are not.
            _ if is_joiner(letter) => {
                if self.last.is_some_and(takes_joiner) {
                    self.put(letter);
                }
            }
            _ if is_mark(letter) => {
                self.marks += 1;
                if self.marks <= MARKS_MAX {
                    self.put(letter);
                }
            }
            _ => self.push_visible(letter),
        }
    }

    fn push_visible(&mut self, letter: char) {
        // Apart, the two do not make a link with words of its own.
        if letter == '(' && self.last == Some(']') {
            self.text.push(' ');
        }
        self.marks = 0;
        if !letter.is_whitespace() {
            self.breaks = 0;
        }
        self.put(letter);
    }

    fn push_break(&mut self) {
        self.breaks += 1;
        if self.breaks <= BREAKS_MAX {
            // A break that is left out does not part the marks before it from those behind it.
            self.marks = 0;
            self.put('\n');
        }
    }

    fn put(&mut self, letter: char) {
        self.text.push(letter);
        self.last = Some(letter);
    }
}

/// Characters that show nothing themselves, or change the order in which others are shown: control
/// characters, directional marks, embeddings, overrides and isolates, spaces of no width, fillers,
/// tags, and all variation selectors but those of emoji.
/// <https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing>
fn is_hidden(letter: char) -> bool {
    let control = letter.is_control() && !matches!(letter, '\n' | '\t');
    control
        || matches!(letter, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}')
        || matches!(letter, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(letter, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
        || matches!(letter, '\u{fe00}'..='\u{fe0d}' | '\u{e0000}'..='\u{e0fff}')
        || is_filler(letter)
}

/// Whether a joiner may follow: not in Latin text or code, nor behind a space or another one.
fn takes_joiner(letter: char) -> bool {
    !letter.is_ascii() && !letter.is_whitespace() && !is_joiner(letter)
}

/// Joiners and the variation selectors of emoji.
fn is_joiner(letter: char) -> bool {
    matches!(letter, '\u{200c}' | '\u{200d}' | '\u{fe0e}' | '\u{fe0f}')
}

/// Marks that stand above, below or through the letter before.
fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}')
        || matches!(letter, '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}')
        || matches!(letter, '\u{fe20}'..='\u{fe2f}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_can_be_seen_stays_as_it_was_typed() {
        for text in [
            "It depends.\n\n```rust\nlet a = b[0];\n```\n- one\n- two",
            "naïve, Größe, e\u{301}te\u{301}",
            "תשובה, جواب, ответ, 答え",
            "👩\u{200d}💻 ❄\u{fe0f} می\u{200c}خواهم",
            "<@1> @everyone **bold** https://example.org/a?b=c#d discord.gg/abc",
        ] {
            assert_eq!(tame(text), text);
        }
    }

    #[test]
    fn hidden_and_reordering_characters_go() {
        assert_eq!(tame("a\u{202e}b\u{2066}c\u{2069}\u{200f}d\u{61c}"), "abcd");
        assert_eq!(tame("ev\u{200b}il\u{feff}.e\u{2060}xe\u{ad}\u{200d}"), "evil.exe");
        assert_eq!(tame("a\u{e0041}\u{fe00}\u{3164}\u{7}\u{1b}[0m\tb"), "a[0m\tb");
        assert_eq!(tame("a\u{2008}\u{200c}b \u{200d}c"), "a\u{2008}b c");
        assert_eq!(tame("one\r\ntwo\rthree\u{2028}four"), "one\ntwo\nthree\nfour");
    }

    #[test]
    fn links_show_where_they_lead() {
        let text = "[your account](https://evil.example) `a[0](1)` [x]\u{200b}(y)";
        assert_eq!(tame(text), "[your account] (https://evil.example) `a[0] (1)` [x] (y)");
    }

    #[test]
    fn nothing_is_pushed_away_or_grown_over() {
        assert_eq!(
            tame(&format!("a{}b", "\n \t".repeat(300))),
            format!("a\n \t\n \t \t{}b", " \t".repeat(297))
        );
        assert_eq!(tame(&format!("a{}", "\u{300}".repeat(300))), "a\u{300}\u{300}\u{300}");
        let piled = format!("a\n\n{}b", "\u{300}\u{300}\n".repeat(100));
        assert_eq!(tame(&piled), "a\n\n\u{300}\u{300}\u{300}b");
    }

    #[test]
    fn a_text_of_which_nothing_is_seen_says_so() {
        for text in ["", " \n\t", "\u{200b}", "\u{3164}\u{2800}", "\u{202e}\n\u{200d}"] {
            assert_eq!(tame(text), NOTHING);
        }
    }

    #[test]
    fn one_line_loses_all_that_is_hidden() {
        assert_eq!(visible("d\u{202e}a\u{200d}ily"), "daily");
    }

    proptest! {
        #[test]
        fn taming_holds_for_any_text(text in "(\\PC|[\n\r\t\\]\\[()\u{200b}\u{202e}\u{300}\u{200d}\u{2067}\u{2008}é])*") {
            let tamed = tame(&text);
            prop_assert!(!tamed.chars().any(is_hidden), "{tamed:?}");
            prop_assert!(!tamed.contains("](") && !tamed.trim().is_empty());
            prop_assert!(!tamed.contains("\n\n\n"), "{tamed:?}");
            prop_assert!(!tamed.contains(&"\u{300}".repeat(MARKS_MAX + 1)), "{tamed:?}");
            prop_assert_eq!(tame(&tamed), tamed.clone(), "taming twice changes nothing");
            // A space for each link at most, so that the longest answer stays within an embed.
            prop_assert!(tamed.chars().count() <= 2 * text.chars().count().max(NOTHING.len()));
        }
    }
}
