//! What a slash command looks like to the chat platform: its name, options and who may use it.
//! The words of Discord's own API are used: <https://discord.com/developers/docs/interactions/application-commands>

use crate::text::{self, Words};

/// A command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Spec {
    /// Lower case, at most 32 characters.
    pub name: &'static str,
    /// At most 100 characters; blank until it is described.
    pub description: &'static str,
    /// Options, or subcommands.
    pub options: Vec<Opt>,
    /// Whether only those with Manage Server see it.
    pub manage_server: bool,
    /// Whether it also works in a direct message.
    pub direct_messages: bool,
}

/// An option or a subcommand.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Opt {
    /// Lower case, at most 32 characters.
    pub name: &'static str,
    /// At most 100 characters; blank until it is described.
    pub description: &'static str,
    /// What it takes.
    pub kind: OptKind,
    /// Whether it must be given.
    pub required: bool,
}

/// What an option takes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OptKind {
    /// A subcommand with options of its own.
    Subcommand(Vec<Opt>),
    /// Free text.
    Text {
        /// The longest text, in characters.
        max: u16,
        /// Whether suggestions come while it is typed.
        autocomplete: bool,
    },
    /// One of a few texts.
    Choice(&'static [(&'static str, &'static str)]),
    /// A whole number from the first to the second.
    Integer(i64, i64),
    /// Yes or no.
    Boolean,
    /// A member.
    User,
    /// A channel in which messages can be posted.
    Channel,
    /// A role.
    Role,
}

impl Spec {
    /// The same with its words, by the path of what they describe. What has none is left blank,
    /// which the tests of the registry do not let pass.
    #[must_use]
    pub fn described(mut self, words: Words) -> Self {
        self.description = text::command_word(words, "");
        self.options.iter_mut().for_each(|option| option.describe("", words));
        self
    }
}

impl Opt {
    fn describe(&mut self, above: &str, words: Words) {
        let path = format!("{above} {}", self.name);
        self.description = text::command_word(words, path.trim_start());
        if let OptKind::Subcommand(options) = &mut self.kind {
            options.iter_mut().for_each(|option| option.describe(self.name, words));
        }
    }

    /// An option that must be given.
    pub fn required(name: &'static str, kind: OptKind) -> Self {
        Self { name, description: "", kind, required: true }
    }

    /// An option that may be left out.
    pub fn optional(name: &'static str, kind: OptKind) -> Self {
        Self { name, description: "", kind, required: false }
    }

    /// A subcommand.
    pub fn subcommand(name: &'static str, options: Vec<Self>) -> Self {
        Self { name, description: "", kind: OptKind::Subcommand(options), required: false }
    }
}

/// Free text of at most 100 characters, which is what a suggestion can hold, with suggestions.
pub const SUGGESTED: OptKind = OptKind::Text { max: 100, autocomplete: true };

/// The option that names a daily.
pub fn daily_option() -> Opt {
    Opt::optional("daily", SUGGESTED)
}
