//! What a member did, free of any chat platform's types.

use crate::{
    bank::limits::OWN_ANSWER_MAX,
    domain::{
        ids::{ChannelId, GuildId, RoleId, UserId},
        round::Post,
    },
    error::{Mistake, Result},
    text::cut,
};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Who did something, where and when.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Origin {
    /// The time of the interaction itself.
    pub at: Timestamp,
    /// The guild; `None` in a direct message.
    pub guild: Option<GuildId>,
    /// The channel.
    pub channel: ChannelId,
    /// The member.
    pub user: UserId,
    /// Whether the member has Manage Server.
    pub manages: bool,
}

impl Origin {
    /// The guild, which a command that works in servers only needs.
    ///
    /// # Errors
    /// A mistake in a direct message.
    pub fn guild(&self) -> Result<GuildId> {
        self.guild.ok_or_else(|| Mistake::NeedsGuild.into())
    }

    /// The guild, where the member may manage it.
    ///
    /// # Errors
    /// Mistakes in a direct message and for members without Manage Server.
    pub fn managed_guild(&self) -> Result<GuildId> {
        let guild = self.guild()?;
        if self.manages { Ok(guild) } else { Err(Mistake::NeedsManageServer.into()) }
    }
}

/// The value of an option.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Value {
    /// Text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// Yes or no.
    Boolean(bool),
    /// A member.
    User(UserId),
    /// A channel.
    Channel(ChannelId),
    /// A role.
    Role(RoleId),
}

/// A slash command as a member sent it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invocation {
    /// Who, where and when.
    pub origin: Origin,
    /// The command's name.
    pub command: String,
    /// The subcommand's name, if it has any.
    pub subcommand: Option<String>,
    /// The options that were given.
    pub options: BTreeMap<String, Value>,
}

impl Invocation {
    /// A text option.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.options.get(name) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// A whole number.
    pub fn integer(&self, name: &str) -> Option<i64> {
        match self.options.get(name) {
            Some(Value::Integer(number)) => Some(*number),
            _ => None,
        }
    }

    /// Yes or no.
    pub fn boolean(&self, name: &str) -> Option<bool> {
        match self.options.get(name) {
            Some(Value::Boolean(yes)) => Some(*yes),
            _ => None,
        }
    }

    /// A member.
    pub fn user(&self, name: &str) -> Option<UserId> {
        match self.options.get(name) {
            Some(Value::User(user)) => Some(*user),
            _ => None,
        }
    }

    /// A channel.
    pub fn channel(&self, name: &str) -> Option<ChannelId> {
        match self.options.get(name) {
            Some(Value::Channel(channel)) => Some(*channel),
            _ => None,
        }
    }

    /// A role.
    pub fn role(&self, name: &str) -> Option<RoleId> {
        match self.options.get(name) {
            Some(Value::Role(role)) => Some(*role),
            _ => None,
        }
    }
}

/// An option that is being typed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Typing {
    /// The command as far as it is there.
    pub invocation: Invocation,
    /// The option's name.
    pub option: String,
    /// What stands in it.
    pub text: String,
}

impl Press {
    /// Whether the button belongs to a message that is there for another member alone. No client
    /// of Discord's shows it to anybody else; a forged interaction may name it all the same.
    pub fn is_anothers(&self) -> bool {
        self.shown_to.is_some_and(|owner| owner != self.origin.user)
    }

    /// The answer that was typed into a form, no longer than a client lets it be.
    pub fn own_answer(&self) -> String {
        cut(self.typed.as_deref().unwrap_or_default(), OWN_ANSWER_MAX.into())
    }
}

/// A click on a button, or a form that was sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Press {
    /// Who, where and when.
    pub origin: Origin,
    /// The message that holds the button, and when it was posted.
    pub message: Option<Post>,
    /// The text of a form.
    pub typed: Option<String>,
    /// The text of the message's first embed, where the message is there for this member alone.
    pub quoted: Option<String>,
    /// The only member who sees the message, where it is not there for all.
    pub shown_to: Option<UserId>,
}
