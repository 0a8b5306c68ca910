//! What checks have found, for admins in Discord and for whoever runs the bot: each line says what
//! is wrong and what to do about it.

use crate::{
    app::messenger::{Account, AccountError, ChannelReport, MessengerError, Refusal},
    domain::permission::Permission,
};
use std::fmt;

/// How a permission is given.
const HOW: &str = "Open the channel's settings → Permissions, choose the bot's role, and allow";

/// Where the token is had.
const BAD_TOKEN: &str = "Token: Discord refuses it. Whoever runs the bot copies it anew from the \
     application's page, under Bot, into DISCORD_TOKEN or the file that DISCORD_TOKEN_FILE names.";

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

/// What was found about the bot's own account.
pub fn account(found: &Result<Account, AccountError>) -> Vec<Finding> {
    let account = match found {
        Ok(account) => account,
        Err(AccountError::BadToken) => return vec![Finding::bad(BAD_TOKEN)],
        Err(error) => {
            let words = error.to_string();
            return vec![Finding::bad(format!("{}.", words.trim_end_matches('.')))];
        }
    };
    let Account { name, id, .. } = account;
    vec![
        Finding::good(format!("Token: it is that of {name} ({id}).")),
        match account.refused_intents.as_slice() {
            [] => Finding::good("Intents: all that are needed are granted."),
            refused => Finding::bad(format!(
                "Intents: switch on {} on the application's page, under Bot.",
                refused.join(", ")
            )),
        },
        match &account.interactions_url {
            None => Finding::good("Interactions: they come over the gateway."),
            Some(url) => Finding::bad(format!(
                "Interactions: they go to {url}, so the bot sees none. Clear the Interactions \
                 Endpoint URL on the application's page, under General Information."
            )),
        },
        match account.starts_left {
            0 => Finding::bad("Gateway: no start is left; Discord counts anew within a day."),
            left => Finding::good(format!("Gateway: {left} starts are left for today.")),
        },
    ]
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
pub fn missing(place: &str, missing: &[Permission]) -> String {
    let names: Vec<&str> = missing.iter().map(|permission| name(*permission)).collect();
    format!("In {place} the bot lacks: **{}**. {HOW} them.", names.join("**, **"))
}

/// A permission as the settings of Discord's English client name it.
fn name(permission: Permission) -> &'static str {
    match permission {
        Permission::ViewChannel => "View Channel",
        Permission::SendMessages => "Send Messages",
        Permission::EmbedLinks => "Embed Links",
        Permission::ReadMessageHistory => "Read Message History",
        Permission::CreatePublicThreads => "Create Public Threads",
        Permission::SendMessagesInThreads => "Send Messages in Threads",
        Permission::PinMessages => "Pin Messages",
        Permission::MentionEveryone => "Mention @everyone, @here and All Roles",
    }
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
