//! Guilds with their roles and members, and channels.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Message, World};
use crate::gateway::intents;
use crate::id::Id;
use crate::permissions::{self, Overwrite};
use crate::record::Change;
use crate::wire;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct User {
    pub id: Id,
    pub name: String,
    pub display: String,
    pub bot: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Role {
    pub id: Id,
    pub name: String,
    pub permissions: u64,
    pub position: u64,
    pub mentionable: bool,
    /// The bot whose own role this is.
    pub bot: Option<Id>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Member {
    pub user: Id,
    pub roles: Vec<Id>,
    pub joined: Timestamp,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Guild {
    pub id: Id,
    pub name: String,
    pub owner: Id,
    pub roles: BTreeMap<Id, Role>,
    pub members: BTreeMap<Id, Member>,
}

/// The kinds of channel that the simulation knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelKind {
    /// An ordinary text channel of a guild (0).
    Text,
    /// A direct message (1).
    Dm,
    /// A voice channel (2).
    Voice,
    /// A category (4).
    Category,
    /// An announcement channel, whose messages can be crossposted (5).
    Announcement,
    /// A thread of an announcement channel (10).
    AnnouncementThread,
    /// A public thread, or a forum's post (11).
    PublicThread,
    /// A private thread (12).
    PrivateThread,
    /// A forum, which holds posts only (15).
    Forum,
}

impl ChannelKind {
    /// Discord's number for it
    /// (<https://discord.com/developers/docs/resources/channel#channel-object-channel-types>).
    pub fn number(self) -> u8 {
        match self {
            Self::Text => 0,
            Self::Dm => 1,
            Self::Voice => 2,
            Self::Category => 4,
            Self::Announcement => 5,
            Self::AnnouncementThread => 10,
            Self::PublicThread => 11,
            Self::PrivateThread => 12,
            Self::Forum => 15,
        }
    }

    /// Whether messages can be sent straight into it.
    pub fn holds_messages(self) -> bool {
        !matches!(self, Self::Category | Self::Forum)
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ThreadState {
    pub owner: Id,
    pub archived: bool,
    pub locked: bool,
    pub auto_archive_minutes: u64,
    pub archive_timestamp: Timestamp,
    pub created: Timestamp,
    pub members: BTreeSet<Id>,
    pub sent: u64,
    pub applied_tags: Vec<Id>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Channel {
    pub id: Id,
    pub kind: ChannelKind,
    pub guild: Option<Id>,
    pub parent: Option<Id>,
    pub name: String,
    pub topic: Option<String>,
    pub position: u64,
    pub overwrites: Vec<Overwrite>,
    pub thread: Option<ThreadState>,
    /// The people of a direct message, the bot left out.
    pub recipients: Vec<Id>,
    pub messages: BTreeMap<Id, Message>,
    pub last_message: Option<Id>,
    pub last_pin: Option<Timestamp>,
    /// Tags of a forum: id and name.
    pub tags: Vec<(Id, String)>,
    /// Whether a forum wants a tag on each post.
    pub requires_tag: bool,
}

impl Channel {
    pub fn new(id: Id, kind: ChannelKind, guild: Option<Id>, name: &str) -> Self {
        Self {
            id,
            kind,
            guild,
            parent: None,
            name: name.to_owned(),
            topic: None,
            position: 0,
            overwrites: Vec::new(),
            thread: None,
            recipients: Vec::new(),
            messages: BTreeMap::new(),
            last_message: None,
            last_pin: None,
            tags: Vec::new(),
            requires_tag: false,
        }
    }

    pub fn pinned(&self) -> Vec<&Message> {
        let mut pins: Vec<_> = self.messages.values().filter(|m| m.pinned.is_some()).collect();
        pins.sort_by_key(|message| std::cmp::Reverse((message.pinned, message.id)));
        pins
    }
}

impl World {
    pub fn add_user(&mut self, name: &str, display: &str) -> Id {
        let id = self.new_id();
        let user = User { id, name: name.to_owned(), display: display.to_owned(), bot: false };
        self.users.insert(id, user);
        id
    }

    pub fn add_guild(&mut self, name: &str, owner: Id) -> Id {
        let id = self.new_id();
        let everyone = Role {
            id,
            name: "@everyone".to_owned(),
            permissions: permissions::EVERYONE,
            position: 0,
            mentionable: false,
            bot: None,
        };
        let guild = Guild {
            id,
            name: name.to_owned(),
            owner,
            roles: BTreeMap::from([(id, everyone)]),
            members: BTreeMap::new(),
        };
        self.guilds.insert(id, guild);
        self.add_member(id, owner, &[]);
        self.add_bot(id);
        id
    }

    pub fn add_role(&mut self, guild: Id, name: &str, permissions: u64, bot: Option<Id>) -> Id {
        let id = self.new_id();
        let guild_id = guild;
        let Some(guild) = self.guilds.get_mut(&guild) else { return id };
        let position = guild.roles.len() as u64;
        let name = name.to_owned();
        let role = Role { id, name, permissions, position, mentionable: false, bot };
        let data = json!({ "guild_id": guild.id, "role": wire::role(&role) });
        guild.roles.insert(id, role);
        self.tell_guild(guild_id, "GUILD_ROLE_CREATE", &data);
        id
    }

    /// Sends an event of a guild, if the bot is in it.
    pub fn tell_guild(&mut self, guild: Id, event: &str, data: &Value) {
        let bot = self.app.bot;
        if self.guilds.get(&guild).is_some_and(|guild| guild.members.contains_key(&bot)) {
            self.hub.dispatch(event, intents::GUILDS, data, None);
        }
    }

    pub fn add_member(&mut self, guild: Id, user: Id, roles: &[Id]) {
        let joined = self.now();
        let Some(guild) = self.guilds.get_mut(&guild) else { return };
        guild.members.insert(user, Member { user, roles: roles.to_vec(), joined });
    }

    /// Invites the bot: a member with a role of its own. The gateway tells it by `GUILD_CREATE`.
    pub fn add_bot(&mut self, guild: Id) {
        let (bot, name, bits) = (self.app.bot, self.app.name.clone(), self.bot_permissions);
        let role = self.add_role(guild, &name, bits, Some(bot));
        self.add_member(guild, bot, &[role]);
        let Some(data) = self.guilds.get(&guild).map(|g| wire::gateway_guild(self, g)) else {
            return;
        };
        self.hub.dispatch("GUILD_CREATE", intents::GUILDS, &data, None);
    }

    pub fn kick_bot(&mut self, guild: Id) {
        let bot = self.app.bot;
        let Some(state) = self.guilds.get_mut(&guild) else { return };
        state.members.remove(&bot);
        state.roles.retain(|_, role| role.bot != Some(bot));
        self.commands.retain(|command| command.guild != Some(guild));
        let data = json!({ "id": guild });
        self.hub.dispatch("GUILD_DELETE", intents::GUILDS, &data, None);
    }

    /// An outage is told as a removal is, but for one field.
    /// <https://discord.com/developers/docs/events/gateway-events#guild-delete>
    pub fn set_outage(&mut self, guild: Id, out: bool) {
        let changed = if out { self.outages.insert(guild) } else { self.outages.remove(&guild) };
        let Some(state) = self.guilds.get(&guild).filter(|_| changed) else { return };
        if !state.members.contains_key(&self.app.bot) {
            return;
        }
        let (event, data) = match out {
            true => ("GUILD_DELETE", json!({ "id": guild, "unavailable": true })),
            false => ("GUILD_CREATE", wire::gateway_guild(self, state)),
        };
        self.hub.dispatch(event, intents::GUILDS, &data, None);
    }

    pub fn add_channel(&mut self, guild: Id, name: &str, kind: ChannelKind) -> Id {
        let id = self.new_id();
        let mut channel = Channel::new(id, kind, Some(guild), name);
        channel.position = self.channels.values().filter(|c| c.guild == Some(guild)).count() as u64;
        self.channels.insert(id, channel);
        self.channel_event("CHANNEL_CREATE", id);
        id
    }

    /// Sends a channel's state under the given event name, and tells the page.
    pub fn channel_event(&mut self, name: &str, channel: Id) {
        let Some(state) = self.channels.get(&channel) else { return };
        let Some(guild) = state.guild else { return };
        let data = wire::channel(self, state);
        self.tell_guild(guild, name, &data);
        self.tell(Change::Channel { channel });
    }

    pub fn remove_channel(&mut self, channel: Id) {
        let Some(state) = self.channels.remove(&channel) else { return };
        let name = if state.thread.is_some() { "THREAD_DELETE" } else { "CHANNEL_DELETE" };
        let data = wire::channel(self, &state);
        let threads: Vec<Id> =
            self.channels.values().filter(|c| c.parent == Some(channel)).map(|c| c.id).collect();
        for thread in threads {
            self.channels.remove(&thread);
        }
        if let Some(guild) = state.guild {
            self.tell_guild(guild, name, &data);
        }
        self.tell(Change::Channel { channel });
    }

    /// The direct-message channel of the bot and `user`, made when first asked for.
    pub fn dm(&mut self, user: Id) -> Id {
        let found = self
            .channels
            .values()
            .find(|channel| channel.kind == ChannelKind::Dm && channel.recipients.contains(&user));
        if let Some(channel) = found {
            return channel.id;
        }
        let id = self.new_id();
        let mut channel = Channel::new(id, ChannelKind::Dm, None, "");
        channel.recipients.push(user);
        self.channels.insert(id, channel);
        self.tell(Change::Channel { channel: id });
        id
    }
}
