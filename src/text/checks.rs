//! What checks have found, for admins in Discord and for whoever runs the bot: each line says what
//! is wrong and what to do about it.

use crate::app::messenger::{ChannelReport, MessengerError, Refusal};
use std::fmt;

/// How a permission is given.
const HOW: &str = "Open the channel's settings → Permissions, choose the bot's role, and allow";

/// What was found about one thing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// Whether nothing is to be done.
    pub good: bool,
    /// What was found, and what to do.
    pub words: String,
}

impl Finding {
    /// All is well.
    pub fn good(words: impl Into<String>) -> Self {
        Self { good: true, words: words.into() }
    }

    /// Something is to be done.
    pub fn bad(words: impl Into<String>) -> Self {
        Self { good: false, words: words.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", if self.good { "✅" } else { "❌" }, self.words)
    }
}

/// What was found about the channel of a daily, which is called `place`.
pub fn channel(place: &str, found: &Result<ChannelReport, MessengerError>) -> Vec<Finding> {
    let report = match found {
        Ok(report) => report,
        Err(error) => return vec![Finding::bad(unseen(place, error))],
    };
    if !report.suitable {
        let words = format!("{place} is not a text, announcement or forum channel.");
        return vec![Finding::bad(words)];
    }
    let mut findings = Vec::new();
    if report.wants_tag {
        findings.push(Finding::bad(wants_tag(place)));
    }
    findings.push(match report.missing.is_empty() {
        true => Finding::good(format!("All permissions that it needs in {place} are there.")),
        false => Finding::bad(missing(place, &report.missing)),
    });
    findings
}

/// What was found about the channel that notices go to.
pub fn notices(place: &str, found: &Result<ChannelReport, MessengerError>) -> Finding {
    match found {
        Ok(report) if report.missing.is_empty() => Finding::good(format!("Notices go to {place}.")),
        Ok(report) => Finding::bad(format!("Notices: {}", missing(place, &report.missing))),
        Err(error) => Finding::bad(format!("Notices: {}", unseen(place, error))),
    }
}

/// Permissions that are missing, and how to give them.
pub fn missing(place: &str, names: &[&'static str]) -> String {
    format!("In {place} the bot lacks: **{}**. {HOW} them.", names.join("**, **"))
}

/// A forum that takes no post without a tag.
pub fn wants_tag(place: &str) -> String {
    format!(
        "{place} is a forum that wants a tag on each post, and the bot sets none. Edit the forum and \
         switch off *Require people to select tags when posting*."
    )
}

fn unseen(place: &str, error: &MessengerError) -> String {
    match error {
        MessengerError::Refused(Refusal::NoAccess) => format!(
            "{place}: the bot lacks **View Channel** there, or is no longer in the server. {HOW} it."
        ),
        error => format!("{place}: {error}."),
    }
}
