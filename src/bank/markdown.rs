//! Markdown that Discord cannot show. Discord renders a part of Markdown
//! (<https://support.discord.com/hc/en-us/articles/210298617>) and shows the rest as raw
//! characters. The text is parsed as CommonMark with the common extensions; what Discord does not
//! know is a fault. What the parser made something of is blanked out, and the rest is searched
//! for what was meant as markup but is none, such as half a link.

use super::passage::Passage;
use crate::diagnostic::{Fault, Report};
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, LinkType, Options, Parser, Tag};
use std::ops::Range;

/// How much markup a text may hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// Emphasis, code and links in a line of text.
    Inline,
    /// Also headings, lists, quotes and code blocks.
    Blocks,
}

/// Reports what Discord would not show as it is meant.
pub fn check(passage: &Passage<'_>, form: Form, report: &Report) {
    let mut checker = Checker { passage, form, report, rest: passage.text.as_bytes().to_vec() };
    let extensions = Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_TASKLISTS;
    let mut events = Parser::new_ext(passage.text, extensions).into_offset_iter();
    for (event, range) in events.by_ref() {
        checker.event(&event, range);
    }
    for (_, definition) in events.reference_definitions().iter() {
        checker.reference(definition.span.clone());
    }
    checker.leftovers();
}

struct Checker<'a> {
    passage: &'a Passage<'a>,
    form: Form,
    report: &'a Report,
    /// The text without what was understood.
    rest: Vec<u8>,
}

impl Checker<'_> {
    fn event(&mut self, event: &Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.tag(tag, range),
            Event::Code(_) => self.blank(range),
            Event::Text(text) => self.text(text, range),
            Event::InlineHtml(html) => self.inline_html(html, range),
            Event::Rule => self.fault(range, "a horizontal rule", "use a blank line or a heading"),
            Event::TaskListMarker(_) => self.fault(range, "a task list", "use a plain list"),
            Event::FootnoteReference(_) => self.footnote(range),
            _ => {}
        }
    }

    fn tag(&mut self, tag: &Tag<'_>, range: Range<usize>) {
        match tag {
            Tag::Table(_) => self.fault(range, "a table", "use a list or a code block"),
            Tag::Image { .. } => self.image(range),
            Tag::FootnoteDefinition(_) => self.footnote(range),
            Tag::HtmlBlock => self.html(range),
            Tag::Link { link_type, dest_url, .. } => self.link(*link_type, dest_url, range),
            Tag::Paragraph | Tag::Emphasis | Tag::Strong => {}
            _ if self.form == Form::Inline => self.block_in_line(range),
            Tag::Heading { level, .. } => self.heading(*level, range),
            Tag::CodeBlock(kind) => self.code_block(kind, range),
            _ => {}
        }
    }

    fn heading(&self, level: HeadingLevel, range: Range<usize>) {
        let underlined = !self.passage.text[range.clone()].starts_with('#');
        if underlined {
            self.fault_at(
                range,
                "Discord shows no underlined headings",
                "begin the heading with `#`, or put a blank line above the dashes",
            );
        } else if level > HeadingLevel::H3 {
            self.fault(range, "headings below the third level", "use at most `###`");
        }
    }

    fn code_block(&mut self, kind: &CodeBlockKind<'_>, range: Range<usize>) {
        let block = &self.passage.text[range.clone()];
        if matches!(kind, CodeBlockKind::Indented) {
            self.fault(range.clone(), "code blocks made by indenting", "put it between ``` lines");
        } else if block.starts_with('~') {
            self.fault(range.clone(), "code blocks between ~~~", "put it between ``` lines");
        } else if !closed(block) {
            self.fault_at(
                range.clone(),
                "this code block is never closed",
                "end it with a line of as many backticks",
            );
        }
        self.blank(range);
    }

    fn text(&self, text: &str, range: Range<usize>) {
        let written = &self.passage.text[range.clone()];
        if written.starts_with('&') && written != text {
            self.fault(range, "HTML entities", "write the character itself");
        }
    }

    fn html(&mut self, range: Range<usize>) {
        self.fault(range.clone(), "HTML", "put it between backticks, or use Markdown");
        self.blank(range);
    }

    fn inline_html(&mut self, html: &str, range: Range<usize>) {
        if html.starts_with("</") {
            self.blank(range);
        } else {
            self.html(range);
        }
    }

    fn image(&mut self, range: Range<usize>) {
        self.fault(range.clone(), "an image", "describe it, or link to it");
        self.blank(range);
    }

    fn footnote(&mut self, range: Range<usize>) {
        self.fault(range.clone(), "footnotes", "say it in the text or in `sources`");
        self.blank(range);
    }

    fn block_in_line(&self, range: Range<usize>) {
        let message =
            format!("{} may hold no headings, lists, quotes or blocks", self.passage.name);
        let first = range.start..self.line_end(range.start);
        let hint = "write it as a sentence";
        self.report.add(self.passage.fault(first, message).hint(hint));
    }

    fn link(&mut self, kind: LinkType, url: &str, range: Range<usize>) {
        match kind {
            LinkType::Inline | LinkType::Autolink => self.url(url, range.clone()),
            LinkType::Email => {
                self.fault(range.clone(), "links to mail addresses", "put it between backticks");
            }
            _ => self.reference(range.clone()),
        }
        self.blank(range);
    }

    fn url(&self, url: &str, range: Range<usize>) {
        let scheme = ["https://", "http://"].iter().any(|scheme| url.starts_with(scheme));
        if !scheme || url::Url::parse(url).is_err() {
            self.fault_at(
                range,
                format!("`{url}` is no address that a link can lead to"),
                "a link's address begins with https:// or http:// and a host",
            );
        }
    }

    fn reference(&mut self, range: Range<usize>) {
        self.fault(range.clone(), "reference links", "write [text](https://…)");
        self.blank(range);
    }

    /// Reports what looks like markup and was not understood as such.
    fn leftovers(&mut self) {
        self.blank_escapes();
        let rest = String::from_utf8_lossy(&self.rest).into_owned();
        let found = |form: &'static str| {
            let form_end = move |at: usize| at..at + form.len();
            rest.match_indices(form).map(move |(at, _)| form_end(at)).collect::<Vec<_>>()
        };
        for range in found("](") {
            self.fault_at(range, "this link is broken", "write [text](https://…), without spaces");
        }
        for range in found("][") {
            self.reference(range);
        }
        for range in found("[^") {
            self.footnote(range);
        }
        for range in found("<!--") {
            self.html(range);
        }
        if let Some(range) = found("`").into_iter().next() {
            let hint = "close the code, or put a backslash before the backtick";
            self.fault_at(range, "this backtick has no partner", hint);
        }
    }

    fn blank_escapes(&mut self) {
        let mut at = 0;
        while at + 1 < self.rest.len() {
            if self.rest[at] == b'\\' && self.rest[at + 1].is_ascii_punctuation() {
                self.blank(at..at + 2);
            }
            at += 1;
        }
    }

    fn blank(&mut self, range: Range<usize>) {
        self.rest[range].fill(b' ');
    }

    fn line_end(&self, from: usize) -> usize {
        self.passage.text[from..].find('\n').map_or(self.passage.text.len(), |at| from + at)
    }

    fn fault(&self, range: Range<usize>, what: &str, hint: &str) {
        self.fault_at(range, format!("Discord cannot show {what}"), hint);
    }

    fn fault_at(&self, range: Range<usize>, message: impl Into<String>, hint: &str) {
        let fault: Fault = self.passage.fault(range, message);
        self.report.add(fault.hint(hint));
    }
}

/// Whether a fenced code block ends with a fence at least as long as the one it begins with.
fn closed(block: &str) -> bool {
    let fence = block.len() - block.trim_start_matches('`').len();
    let last = block.trim_end().lines().skip(1).last().unwrap_or_default();
    let last = last.trim_start_matches(['>', ' ', '\t']);
    last.len() >= fence && last.chars().all(|c| c == '`')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Source;
    use std::path::Path;

    fn faults(text: &str, form: Form) -> Vec<String> {
        let (source, report) = (Source::new(Path::new("a"), text), Report::default());
        check(&Passage::of_file(&source, "the answer", 0..text.len()), form, &report);
        let faults = report.finish(()).err().map(|faults| faults.list).unwrap_or_default();
        faults.into_iter().map(|f| format!("{}:{} {}", f.line, f.column, f.message)).collect()
    }

    #[test]
    fn what_discord_shows_is_no_fault() {
        let text = "# One\n### Three\n\nText with **bold**, *slanted*, ~~gone~~, `<b> ](` and \
            [a link](https://example.org/a_(b)) or <https://example.org>.\n\n- a\n  1. b\n\n> \
            quoted\n> ```\n> <b>\n> ```\n\n````md\n```\n[x](\n````\n\\[no link\\](x) and a < b & c.";
        assert_eq!(faults(text, Form::Blocks), Vec::<String>::new());
    }

    #[test]
    fn what_discord_does_not_show_is_a_fault() {
        for (text, message) in [
            ("a | b\n--|--\n1 | 2", "1:1 Discord cannot show a table"),
            ("x ![a](https://a.b/c.png)", "1:3 Discord cannot show an image"),
            ("<div>\nx\n</div>", "1:1 Discord cannot show HTML"),
            ("a `Vec` or Vec<T>", "1:15 Discord cannot show HTML"),
            ("x <b>y</b>", "1:3 Discord cannot show HTML"),
            ("a <!-- b --> c", "1:3 Discord cannot show HTML"),
            ("a\n\n---\n\nb", "3:1 Discord cannot show a horizontal rule"),
            ("- [x] done", "1:3 Discord cannot show a task list"),
            ("#### deep", "1:1 Discord cannot show headings below the third level"),
            ("a\n---", "1:1 Discord shows no underlined headings"),
            ("a [b](/c)", "1:3 `/c` is no address that a link can lead to"),
            ("a [b](https://)", "1:3 `https://` is no address that a link can lead to"),
            ("a [b]()", "1:3 `` is no address that a link can lead to"),
            ("a [b](c d)", "1:5 this link is broken"),
            ("a [b](https://c", "1:5 this link is broken"),
            ("a [b][c]", "1:5 Discord cannot show reference links"),
            ("a [^1]", "1:3 Discord cannot show footnotes"),
            ("<a@example.org>", "1:1 Discord cannot show links to mail addresses"),
            ("```\nx", "1:1 this code block is never closed"),
            ("````\nx\n```", "1:1 this code block is never closed"),
            ("~~~\nx\n~~~", "1:1 Discord cannot show code blocks between ~~~"),
            ("a\n\n    code", "3:5 Discord cannot show code blocks made by indenting"),
            ("a ` b", "1:3 this backtick has no partner"),
            ("a &lt; b", "1:3 Discord cannot show HTML entities"),
        ] {
            assert_eq!(faults(text, Form::Blocks), [message], "{text}");
        }
    }

    #[test]
    fn references_are_found_at_both_ends() {
        let found = faults("a [b]\n\n[b]: https://c.d", Form::Blocks);
        assert_eq!(found.len(), 2, "{found:?}");
        let found = faults("a[^1]\n\n[^1]: b", Form::Blocks);
        assert_eq!(found.len(), 2, "{found:?}");
    }

    #[test]
    fn a_line_holds_no_blocks() {
        assert_eq!(
            faults("1. x", Form::Inline),
            ["1:1 the answer may hold no headings, lists, quotes or blocks"]
        );
        assert_eq!(faults("200 OK, `x` and *y*", Form::Inline), Vec::<String>::new());
    }
}
