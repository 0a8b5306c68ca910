//! The state of the simulated Discord: who and what exists. One lock guards all of it, so that an
//! act and the events that it causes are one step, and events leave in the order of the acts.

mod guild;
mod interaction;
mod message;
mod post;
mod thread;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::broadcast;

pub use guild::{Channel, ChannelKind, Guild, Member, Role, ThreadState, User};
pub use interaction::{
    ACKNOWLEDGE_WITHIN, Ack, Act, Choice, Interaction, InteractionKind, InteractionState, Modal,
    ModalInput,
};
pub use message::{Attachment, CROSSPOSTED, Message, MessageInteraction, Pings, Reference};
pub use post::{AllowedMentions, Draft, Origin, Upload};
pub use thread::NewThread;

use super::clock::Clock;
use super::gateway::Hub;
use super::id::{Id, IdSource};
use super::record::Change;

/// The bot's application.
#[derive(Clone, Debug)]
pub struct App {
    pub id: Id,
    /// The bot's user.
    pub bot: Id,
    pub name: String,
    pub token: String,
    pub owner: Id,
}

/// A registered application command, as Discord would give it back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Command {
    pub id: Id,
    /// The guild for which alone it is, if any.
    pub guild: Option<Id>,
    pub body: Value,
}

impl Command {
    pub fn name(&self) -> &str {
        self.body["name"].as_str().unwrap_or_default()
    }

    /// 1 slash command, 2 user, 3 message.
    pub fn kind(&self) -> u64 {
        self.body["type"].as_u64().unwrap_or(1)
    }
}

/// Everything that exists in the simulated Discord.
pub struct World {
    pub clock: Clock,
    pub ids: IdSource,
    pub app: App,
    pub users: BTreeMap<Id, User>,
    pub guilds: BTreeMap<Id, Guild>,
    /// Guilds that have an outage: those in them are told of nothing more than that.
    pub outages: BTreeSet<Id>,
    pub channels: BTreeMap<Id, Channel>,
    pub commands: Vec<Command>,
    pub interactions: BTreeMap<Id, Interaction>,
    /// Ephemeral messages, oldest first, with their channels.
    pub ephemerals: VecDeque<(Id, Id)>,
    /// What each role or member of the bot may do by default in a new guild.
    pub bot_permissions: u64,
    /// Most pins of a channel.
    pub max_pins: usize,
    pub hub: Hub,
    pub changes: broadcast::Sender<Change>,
    /// Where attachments are served from.
    pub http_url: String,
}

impl World {
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn new_id(&mut self) -> Id {
        self.ids.next(self.clock.now())
    }

    /// Tells those who watch; nobody watching is fine.
    pub fn tell(&self, change: Change) {
        let _ = self.changes.send(change);
    }

    pub fn message(&self, channel: Id, message: Id) -> Option<&Message> {
        self.channels.get(&channel)?.messages.get(&message)
    }

    pub fn message_mut(&mut self, channel: Id, message: Id) -> Option<&mut Message> {
        self.channels.get_mut(&channel)?.messages.get_mut(&message)
    }

    /// An uploaded file, by the path that it is served under.
    pub fn file(&self, path: &str) -> Option<&Attachment> {
        let messages = self.channels.values().flat_map(|channel| channel.messages.values());
        messages.flat_map(|message| &message.attachments).find(|file| file.path == path)
    }

    /// The commands that exist in a guild, or in direct messages.
    pub fn commands_in(&self, guild: Option<Id>) -> impl Iterator<Item = &Command> {
        self.commands.iter().filter(move |command| {
            let contexts = command.body["contexts"].as_array();
            let context = u64::from(guild.is_none());
            let older = guild.is_some() || command.body["dm_permission"] != false;
            let allowed = contexts
                .map_or(older, |list| list.iter().any(|value| value.as_u64() == Some(context)));
            match command.guild {
                Some(only) => Some(only) == guild,
                None => allowed,
            }
        })
    }
}
