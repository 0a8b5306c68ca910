//! Messages and what belongs to them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::id::Id;

/// Whom a message really pinged, once `allowed_mentions` and permissions have had their say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pings {
    /// Whether `@everyone` or `@here` took effect.
    pub everyone: bool,
    /// The roles that were pinged.
    pub roles: Vec<Id>,
    /// The users that were pinged by name.
    pub users: Vec<Id>,
}

/// The interaction that a message answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageInteraction {
    /// The interaction.
    pub id: Id,
    /// Its kind: 2 command, 3 component, 5 modal.
    pub kind: u8,
    /// Who acted.
    pub user: Id,
    /// The command's name with its subcommand, if it was a command.
    pub name: Option<String>,
    /// The message whose component was used, if it was one.
    pub used: Option<Id>,
    /// The interaction that opened the modal, if it was one.
    pub opener: Option<Box<MessageInteraction>>,
}

/// Another message that this one points to: a reply, a thread's first message, a pin's notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// The channel of the other message.
    pub channel: Id,
    /// The other message; none where only the channel is meant.
    pub message: Option<Id>,
}

/// An uploaded file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Attachment {
    /// Its snowflake.
    pub id: Id,
    /// The file's name.
    pub filename: String,
    /// The alternative text.
    pub description: Option<String>,
    /// The media type that the uploader named.
    pub content_type: Option<String>,
    /// Where it can be fetched from, below the simulation's HTTP address.
    pub path: String,
    /// The file itself.
    pub bytes: Vec<u8>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Message {
    pub id: Id,
    pub channel: Id,
    pub author: Id,
    /// 0 ordinary, 6 a pin's notice, 18 a thread's notice, 19 reply, 20 answer to a slash command,
    /// 21 a thread's first message.
    pub kind: u8,
    pub content: String,
    pub timestamp: Timestamp,
    pub edited: Option<Timestamp>,
    pub embeds: Vec<Value>,
    pub components: Vec<Value>,
    pub attachments: Vec<Attachment>,
    pub flags: u64,
    pub pinned: Option<Timestamp>,
    pub nonce: Option<Value>,
    pub reference: Option<Reference>,
    pub interaction: Option<MessageInteraction>,
    /// Mentioned users, whether or not pinged.
    pub pings: Pings,
    pub thread: Option<Id>,
    /// The only person who sees it, if ephemeral.
    pub ephemeral_for: Option<Id>,
    /// Whether it came through the interaction's webhook.
    pub webhook: bool,
}

pub const CROSSPOSTED: u64 = 1;
pub const SUPPRESS_EMBEDS: u64 = 4;
pub const HAS_THREAD: u64 = 1 << 5;
pub const EPHEMERAL: u64 = 1 << 6;
pub const LOADING: u64 = 1 << 7;

impl Message {
    pub fn new(id: Id, channel: Id, author: Id, kind: u8) -> Self {
        Self {
            id,
            channel,
            author,
            kind,
            content: String::new(),
            timestamp: id.timestamp(),
            edited: None,
            embeds: Vec::new(),
            components: Vec::new(),
            attachments: Vec::new(),
            flags: 0,
            pinned: None,
            nonce: None,
            reference: None,
            interaction: None,
            pings: Pings::default(),
            thread: None,
            ephemeral_for: None,
            webhook: false,
        }
    }

    pub fn loading(&self) -> bool {
        self.flags & LOADING != 0
    }

    /// Whether it may be edited, deleted or replied to like an ordinary message.
    pub fn is_system(&self) -> bool {
        matches!(self.kind, 6 | 18 | 21)
    }

    /// All components below the action rows.
    pub fn buttons(&self) -> impl Iterator<Item = &Value> {
        self.components.iter().filter_map(|row| row["components"].as_array()).flatten()
    }
}
