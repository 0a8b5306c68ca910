//! Replies as plain text, for the snapshots of tests: close to what a member reads, with the marks
//! of the frame kept to a minimum.

use crate::ui::{Button, Embed, Form, Reply, Response, Style};
use std::fmt::{self, Display, Formatter, Write};

impl Display for Response {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Say(reply) => reply.fmt(f),
            Self::Update(reply) => write!(f, "(in place of the message)\n{reply}"),
            Self::Ask(form) => form.fmt(f),
        }
    }
}

impl Display for Reply {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if !self.ephemeral {
            parts.push("(to the channel)".to_owned());
        }
        if !self.content.is_empty() {
            parts.push(self.content.clone());
        }
        parts.extend(self.embeds.iter().map(ToString::to_string));
        parts.extend(self.file.iter().map(|file| format!("(file) {}", file.name)));
        parts.extend(self.rows.iter().map(|row| row_text(row)));
        f.write_str(&parts.join("\n"))
    }
}

impl Display for Embed {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        for part in [&self.title, &self.description].into_iter().filter(|part| !part.is_empty()) {
            writeln!(text, "{part}")?;
        }
        for field in &self.fields {
            writeln!(text, "{}: {}", field.name, field.value)?;
        }
        if !self.footer.is_empty() {
            writeln!(text, "-- {}", self.footer)?;
        }
        let framed: Vec<String> =
            text.lines().map(|line| format!("│ {line}").trim_end().to_owned()).collect();
        f.write_str(&framed.join("\n"))
    }
}

impl Display for Form {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { title, label, placeholder, max, .. } = self;
        write!(f, "(form) {title}\n{label}: ({placeholder}) at most {max} characters")
    }
}

/// `[Answer!] [Quiz] [Remove (danger)]`: the main one has an exclamation mark.
fn row_text(row: &[Button]) -> String {
    let button = |button: &Button| {
        let mark = match button.style {
            Style::Primary => "!",
            Style::Secondary => "",
            Style::Success => " (good)",
            Style::Danger => " (danger)",
        };
        let off = if button.disabled { " (off)" } else { "" };
        format!("[{}{mark}{off}]", button.label)
    };
    row.iter().map(button).collect::<Vec<_>>().join(" ")
}
