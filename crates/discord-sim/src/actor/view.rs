//! What a person sees, ready to be shown on a page.

use serde::Serialize;
use serde_json::Value;

use crate::id::Id;
use crate::permissions::MANAGE_GUILD;
use crate::wire;
use crate::world::{
    Attachment, Channel, ChannelKind, Command, Guild, Message, MessageInteraction, Pings,
    Reference, Role, User, World,
};

/// Who wrote a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuthorView {
    /// Their user id.
    pub id: Id,
    /// The name that is shown.
    pub name: String,
    /// Whether it carries the bot tag.
    pub bot: bool,
}

impl AuthorView {
    pub(crate) fn of(user: &User) -> Self {
        Self { id: user.id, name: user.display.clone(), bot: user.bot }
    }
}

/// A thread that hangs on a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ThreadView {
    /// The thread's channel id.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// How many messages it holds, the first not counted.
    pub messages: usize,
    /// Whether it is archived.
    pub archived: bool,
}

/// A file that can be fetched below the simulation's HTTP address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AttachmentView {
    /// Its name.
    pub filename: String,
    /// The path below the HTTP address.
    pub path: String,
    /// Its media type.
    pub content_type: Option<String>,
    /// The alternative text.
    pub description: Option<String>,
    /// Its size in bytes.
    pub size: usize,
}

impl AttachmentView {
    fn of(file: &Attachment) -> Self {
        Self {
            filename: file.filename.clone(),
            path: file.path.clone(),
            content_type: file.content_type.clone(),
            description: file.description.clone(),
            size: file.bytes.len(),
        }
    }
}

/// A message as a person sees it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MessageView {
    /// Its snowflake.
    pub id: Id,
    /// Where it stands.
    pub channel: Id,
    /// Discord's number for its kind: 0 ordinary, 6 a pin's notice, 19 reply, 20 command answer.
    pub kind: u8,
    /// Who wrote it.
    pub author: AuthorView,
    /// When it was sent, in RFC 3339.
    pub timestamp: String,
    /// Whether, and when, it was edited.
    pub edited: Option<String>,
    /// Its text.
    pub content: String,
    /// Its embeds, as Discord gives them.
    pub embeds: Vec<Value>,
    /// Its action rows, as Discord gives them.
    pub components: Vec<Value>,
    /// Its files.
    pub attachments: Vec<AttachmentView>,
    /// The thread that hangs on it.
    pub thread: Option<ThreadView>,
    /// Whether it is pinned.
    pub pinned: bool,
    /// Whether only this person sees it.
    pub ephemeral: bool,
    /// Whether the bot is still thinking.
    pub loading: bool,
    /// Discord's flag bits.
    pub flags: u64,
    /// The message that it points to.
    pub reference: Option<Reference>,
    /// The interaction that it answers.
    pub interaction: Option<MessageInteraction>,
    /// Whom it really pinged.
    pub pings: Pings,
}

impl MessageView {
    pub(crate) fn of(world: &World, message: &Message) -> Self {
        let author = world.users.get(&message.author);
        let thread =
            message.thread.and_then(|id| world.channels.get(&id)).map(|state| ThreadView {
                id: state.id,
                name: state.name.clone(),
                messages: state.messages.len().saturating_sub(1),
                archived: state.thread.as_ref().is_some_and(|thread| thread.archived),
            });
        Self {
            id: message.id,
            channel: message.channel,
            kind: message.kind,
            author: author.map_or_else(
                || AuthorView { id: message.author, name: String::new(), bot: false },
                AuthorView::of,
            ),
            timestamp: wire::timestamp(message.timestamp),
            edited: message.edited.map(wire::timestamp),
            content: message.content.clone(),
            embeds: message.embeds.clone(),
            components: message.components.clone(),
            attachments: message.attachments.iter().map(AttachmentView::of).collect(),
            thread,
            pinned: message.pinned.is_some(),
            ephemeral: message.ephemeral_for.is_some(),
            loading: message.loading(),
            flags: message.flags,
            reference: message.reference,
            interaction: message.interaction.clone(),
            pings: message.pings.clone(),
        }
    }

    /// All that can be clicked on or chosen in, in order.
    pub fn buttons(&self) -> impl Iterator<Item = &Value> {
        self.components.iter().filter_map(|row| row["components"].as_array()).flatten()
    }

    /// The component with this label.
    pub fn button(&self, label: &str) -> Option<&Value> {
        self.buttons().find(|component| component["label"] == label)
    }

    /// The labels of all buttons, in order.
    pub fn labels(&self) -> Vec<&str> {
        self.buttons().filter_map(|component| component["label"].as_str()).collect()
    }

    /// All that can be read in it: content, and the texts of its embeds, line by line.
    pub fn text(&self) -> String {
        let mut lines = vec![self.content.as_str()];
        for embed in &self.embeds {
            let texts = ["/author/name", "/title", "/description"].map(|at| embed.pointer(at));
            lines.extend(texts.into_iter().flatten().filter_map(Value::as_str));
            for field in embed["fields"].as_array().into_iter().flatten() {
                lines.extend(
                    [&field["name"], &field["value"]].into_iter().filter_map(Value::as_str),
                );
            }
            lines.extend(embed.pointer("/footer/text").and_then(Value::as_str));
        }
        lines.retain(|line| !line.is_empty());
        lines.join("\n")
    }
}

/// A channel or thread as the list of channels shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChannelView {
    /// Its snowflake.
    pub id: Id,
    /// Its name; empty for a direct message.
    pub name: String,
    /// Its kind.
    pub kind: ChannelKind,
    /// Its guild, unless it is a direct message.
    pub guild: Option<Id>,
    /// A thread's parent channel.
    pub parent: Option<Id>,
    /// Whether it is an archived thread.
    pub archived: bool,
    /// Whether it is a locked thread.
    pub locked: bool,
}

impl ChannelView {
    pub(crate) fn of(channel: &Channel) -> Self {
        Self {
            id: channel.id,
            name: channel.name.clone(),
            kind: channel.kind,
            guild: channel.guild,
            parent: channel.parent,
            archived: channel.thread.as_ref().is_some_and(|thread| thread.archived),
            locked: channel.thread.as_ref().is_some_and(|thread| thread.locked),
        }
    }
}

/// A member as the list of members shows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MemberView {
    /// Their user id.
    pub id: Id,
    /// The name that is shown.
    pub name: String,
    /// Whether it is a bot.
    pub bot: bool,
    /// Whether the guild is theirs.
    pub owner: bool,
    /// Whether they may manage the guild.
    pub manages: bool,
}

impl MemberView {
    pub(crate) fn of(world: &World, guild: &Guild, user: &User) -> Self {
        Self {
            id: user.id,
            name: user.display.clone(),
            bot: user.bot,
            owner: guild.owner == user.id,
            manages: world.base_permissions(guild.id, user.id) & MANAGE_GUILD != 0,
        }
    }
}

/// A role as a list of roles shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RoleView {
    /// Its snowflake; the guild's own for `@everyone`.
    pub id: Id,
    /// Its name.
    pub name: String,
}

impl RoleView {
    pub(crate) fn of(role: &Role) -> Self {
        Self { id: role.id, name: role.name.clone() }
    }
}

/// A slash command as the command box shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CommandView {
    /// Its snowflake.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// What it says of itself.
    pub description: String,
    /// Its options, as they were registered.
    pub options: Vec<Value>,
}

impl CommandView {
    pub(crate) fn of(command: &Command) -> Self {
        Self {
            id: command.id,
            name: command.name().to_owned(),
            description: command.body["description"].as_str().unwrap_or_default().to_owned(),
            options: command.body["options"].as_array().cloned().unwrap_or_default(),
        }
    }
}
