//! Sending, editing, pinning and deleting messages, with the events that follow.

use serde_json::{Value, json};

use super::message::{EPHEMERAL, LOADING, SUPPRESS_EMBEDS};
use super::{Attachment, Message, MessageInteraction, Pings, Reference, World};
use crate::error::ApiError;
use crate::gateway::intents;
use crate::id::Id;
use crate::permissions::{MENTION_EVERYONE, VIEW_CHANNEL};
use crate::record::Change;
use crate::wire;

/// The same nonce by the same author within this time names the same message.
const NONCE_WINDOW_SECONDS: i64 = 300;
/// Ephemeral messages older than the latest so many are forgotten.
const KEPT_EPHEMERALS: usize = 20_000;

/// A file that came with a request.
#[derive(Clone, Debug)]
pub struct Upload {
    /// The number in the form field's name (`files[0]`), to which `attachments` refer.
    pub index: u64,
    pub filename: String,
    pub content_type: Option<String>,
    pub description: Option<String>,
    pub bytes: Vec<u8>,
}

/// Which mentions may ping (<https://discord.com/developers/docs/resources/message#allowed-mentions-object>).
#[derive(Clone, Debug, Default)]
pub struct AllowedMentions {
    pub parse_users: bool,
    pub parse_roles: bool,
    pub parse_everyone: bool,
    pub users: Vec<Id>,
    pub roles: Vec<Id>,
    pub replied_user: bool,
}

impl AllowedMentions {
    fn everything() -> Self {
        Self {
            parse_users: true,
            parse_roles: true,
            parse_everyone: true,
            users: Vec::new(),
            roles: Vec::new(),
            replied_user: true,
        }
    }
}

/// A message as a request described it, checked but not sent. In an edit, `None` leaves as it was.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    pub content: Option<String>,
    pub embeds: Option<Vec<Value>>,
    pub components: Option<Vec<Value>>,
    pub flags: Option<u64>,
    pub allowed: Option<AllowedMentions>,
    pub nonce: Option<Value>,
    pub enforce_nonce: bool,
    pub reply_to: Option<Id>,
    /// Attachments that an edit keeps.
    pub keep: Option<Vec<Id>>,
    pub files: Vec<Upload>,
}

impl Draft {
    pub fn text(content: &str) -> Self {
        Self { content: Some(content.to_owned()), ..Self::default() }
    }

    pub fn ephemeral(&self) -> bool {
        self.flags.unwrap_or(0) & EPHEMERAL != 0
    }

    pub fn is_empty(&self) -> bool {
        let none = |list: &Option<Vec<Value>>| list.as_ref().is_none_or(Vec::is_empty);
        self.content.as_deref().unwrap_or_default().is_empty()
            && none(&self.embeds)
            && none(&self.components)
            && self.files.is_empty()
    }
}

/// How a message comes about, beyond what it says.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The id, where it is not a fresh one: a forum post's first message has the thread's.
    pub id: Option<Id>,
    pub kind: u8,
    pub webhook: bool,
    pub interaction: Option<MessageInteraction>,
    pub reference: Option<Reference>,
    pub ephemeral_for: Option<Id>,
    pub loading: bool,
}

impl World {
    /// Sends a message that has passed all checks.
    pub fn post(&mut self, channel: Id, author: Id, draft: Draft, origin: Origin) -> Id {
        let id = origin.id.unwrap_or_else(|| self.new_id());
        let mut message = Message::new(id, channel, author, origin.kind);
        message.webhook = origin.webhook;
        message.interaction = origin.interaction;
        message.reference = origin.reference;
        message.ephemeral_for = origin.ephemeral_for;
        message.flags = draft.flags.unwrap_or(0) & !(EPHEMERAL | LOADING);
        message.flags |= if origin.ephemeral_for.is_some() { EPHEMERAL } else { 0 };
        message.flags |= if origin.loading { LOADING } else { 0 };
        message.nonce.clone_from(&draft.nonce);
        message.pings = self.pings(channel, author, &draft, origin.reference);
        self.fill(&mut message, draft);
        self.insert_message(message);
        id
    }

    fn insert_message(&mut self, message: Message) {
        let (channel, id, hidden) = (message.channel, message.id, message.ephemeral_for.is_some());
        let Some(state) = self.channels.get_mut(&channel) else { return };
        let author = message.author;
        state.messages.insert(id, message);
        if hidden {
            self.ephemerals.push_back((channel, id));
            self.forget_old_ephemerals();
        } else {
            state.last_message = Some(id);
            if let Some(thread) = &mut state.thread {
                thread.sent += 1;
                thread.members.insert(author);
            }
            self.message_event("MESSAGE_CREATE", channel, id);
        }
        self.tell(Change::MessageCreated { channel, message: id });
    }

    /// Clients lose their ephemeral messages sooner or later, too.
    fn forget_old_ephemerals(&mut self) {
        while self.ephemerals.len() > KEPT_EPHEMERALS {
            if let Some((channel, id)) = self.ephemerals.pop_front() {
                self.delete_message(channel, id);
            }
        }
    }

    /// Takes over what the draft says, leaving alone what it does not say.
    fn fill(&mut self, message: &mut Message, draft: Draft) {
        if let Some(keep) = &draft.keep {
            message.attachments.retain(|file| keep.contains(&file.id));
        }
        for upload in draft.files {
            let file = self.store_upload(message.channel, upload);
            message.attachments.push(file);
        }
        if let Some(content) = draft.content {
            message.content = content;
        }
        if let Some(embeds) = draft.embeds {
            let files = &message.attachments;
            let url = &self.http_url;
            message.embeds = embeds.iter().map(|e| wire::embed(e, files, url)).collect();
        }
        if let Some(components) = draft.components {
            message.components = wire::components(components);
        }
    }

    fn store_upload(&mut self, channel: Id, upload: Upload) -> Attachment {
        let id = self.new_id();
        let path = format!("/attachments/{channel}/{id}/{}", upload.filename);
        Attachment {
            id,
            filename: upload.filename,
            description: upload.description,
            content_type: upload.content_type,
            path,
            bytes: upload.bytes,
        }
    }

    /// Edits a message that has passed all checks.
    pub fn edit(&mut self, channel: Id, id: Id, draft: Draft) {
        let Some(mut message) = self.message(channel, id).cloned() else { return };
        let was_loading = message.loading();
        if let Some(flags) = draft.flags {
            message.flags = (message.flags & !SUPPRESS_EMBEDS) | (flags & SUPPRESS_EMBEDS);
        }
        message.flags &= !LOADING;
        if was_loading {
            message.pings = self.pings(channel, message.author, &draft, message.reference);
        } else {
            message.edited = Some(self.now());
        }
        self.fill(&mut message, draft);
        self.replace_message(message);
    }

    /// Puts a changed message in place and says so.
    pub fn replace_message(&mut self, message: Message) {
        let (channel, id, hidden) = (message.channel, message.id, message.ephemeral_for.is_some());
        let Some(state) = self.channels.get_mut(&channel) else { return };
        state.messages.insert(id, message);
        if !hidden {
            self.message_event("MESSAGE_UPDATE", channel, id);
        }
        self.tell(Change::MessageEdited { channel, message: id });
    }

    /// Deletes a message; an ephemeral one is dismissed without an event.
    pub fn delete_message(&mut self, channel: Id, id: Id) {
        let Some(state) = self.channels.get_mut(&channel) else { return };
        let Some(message) = state.messages.remove(&id) else { return };
        let mut data = json!({ "id": id, "channel_id": channel });
        if let Some(guild) = state.guild {
            data["guild_id"] = guild.into();
        }
        if message.ephemeral_for.is_none() {
            let intent = self.message_intent(channel);
            self.hub.dispatch("MESSAGE_DELETE", intent, &data, None);
        }
        self.tell(Change::MessageDeleted { channel, message: id });
    }

    fn message_intent(&self, channel: Id) -> u64 {
        let guild = self.channels.get(&channel).is_some_and(|channel| channel.guild.is_some());
        if guild { intents::GUILD_MESSAGES } else { intents::DIRECT_MESSAGES }
    }

    fn message_event(&mut self, name: &str, channel: Id, id: Id) {
        let Some(state) = self.channels.get(&channel) else { return };
        let Some(message) = state.messages.get(&id) else { return };
        if self.permissions(state, self.app.bot) & VIEW_CHANNEL == 0 {
            return;
        }
        let full = wire::message_event(self, message, name == "MESSAGE_CREATE");
        let bare = wire::without_content(self, message, full.clone());
        let intent = self.message_intent(channel);
        self.hub.dispatch(name, intent, &full, Some(&bare));
    }

    /// The earlier message that an enforced nonce names, with its channel. Discord promises no
    /// more than that the author is the same, so a nonce counts in every channel.
    pub fn by_nonce(&self, author: Id, nonce: &Value) -> Option<(Id, Id)> {
        let now = self.now();
        let recent = self.channels.values().flat_map(|channel| {
            channel.messages.values().rev().take_while(|message| {
                now.duration_since(message.timestamp).as_secs().abs() <= NONCE_WINDOW_SECONDS
            })
        });
        let wanted = nonce_text(nonce);
        let mut same = recent.filter(|message| {
            message.author == author
                && message.nonce.as_ref().map(nonce_text).as_ref() == Some(&wanted)
        });
        same.next().map(|message| (message.channel, message.id))
    }

    /// Pins a message, and posts the notice that Discord posts.
    pub fn pin(&mut self, channel: Id, id: Id, by: Id) -> Result<(), ApiError> {
        let now = self.now();
        let max = self.max_pins;
        let state = self.channels.get_mut(&channel).ok_or_else(ApiError::unknown_channel)?;
        let count = state.pinned().len();
        let message = state.messages.get_mut(&id).ok_or_else(ApiError::unknown_message)?;
        if message.pinned.is_some() {
            return Ok(());
        }
        if count >= max {
            let mut error = ApiError::max_pins();
            error.message = format!("Maximum number of pins reached for the channel ({max})");
            return Err(error);
        }
        message.pinned = Some(now);
        state.last_pin = Some(now);
        self.message_event("MESSAGE_UPDATE", channel, id);
        self.tell(Change::MessageEdited { channel, message: id });
        self.pins_event(channel);
        let reference = Some(Reference { channel, message: Some(id) });
        self.post(
            channel,
            by,
            Draft::default(),
            Origin { kind: 6, reference, ..Origin::default() },
        );
        Ok(())
    }

    pub fn unpin(&mut self, channel: Id, id: Id) {
        let Some(message) = self.message_mut(channel, id) else { return };
        if message.pinned.take().is_some() {
            self.message_event("MESSAGE_UPDATE", channel, id);
            self.tell(Change::MessageEdited { channel, message: id });
            self.pins_event(channel);
        }
    }

    fn pins_event(&mut self, channel: Id) {
        let Some(state) = self.channels.get(&channel) else { return };
        let mut data = json!({
            "channel_id": channel,
            "last_pin_timestamp": state.last_pin.map(wire::timestamp),
        });
        if let Some(guild) = state.guild {
            data["guild_id"] = guild.into();
        }
        let intent = if state.guild.is_some() { intents::GUILDS } else { intents::DIRECT_MESSAGES };
        self.hub.dispatch("CHANNEL_PINS_UPDATE", intent, &data, None);
    }

    /// Works out whom a message pings.
    fn pings(&self, channel: Id, author: Id, draft: &Draft, reply: Option<Reference>) -> Pings {
        let Some(state) = self.channels.get(&channel) else { return Pings::default() };
        let allowed = draft.allowed.clone().unwrap_or_else(AllowedMentions::everything);
        let may_all = self.permissions(state, author) & MENTION_EVERYONE != 0;
        let content = draft.content.as_deref().unwrap_or_default();
        let everyone = content.contains("@everyone") || content.contains("@here");
        let mut users = mentioned(content, "<@");
        users.extend(mentioned(content, "<@!"));
        users.retain(|id| self.users.contains_key(id));
        users.retain(|id| allowed.parse_users || allowed.users.contains(id));
        let replied = reply.filter(|_| allowed.replied_user).and_then(|r| r.message);
        users.extend(replied.and_then(|id| state.messages.get(&id)).map(|m| m.author));
        let mut roles = mentioned(content, "<@&");
        let guild = state.guild.and_then(|guild| self.guilds.get(&guild));
        roles.retain(|id| {
            let role = guild.and_then(|guild| guild.roles.get(id));
            role.is_some_and(|role| role.mentionable || may_all)
        });
        roles.retain(|id| allowed.parse_roles || allowed.roles.contains(id));
        users.sort_unstable();
        users.dedup();
        Pings { everyone: everyone && may_all && allowed.parse_everyone, roles, users }
    }
}

fn nonce_text(nonce: &Value) -> String {
    nonce.as_str().map_or_else(|| nonce.to_string(), str::to_owned)
}

/// The ids in mentions that open with `prefix`.
fn mentioned(content: &str, prefix: &str) -> Vec<Id> {
    let parts = content.split(prefix).skip(1);
    parts.filter_map(|part| part.split_once('>')?.0.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mentions_are_told_apart_by_their_prefix() {
        let content = "<@1> <@!2> <@&3> <#4> <@x>";
        assert_eq!(mentioned(content, "<@"), [Id(1)]);
        assert_eq!(mentioned(content, "<@!"), [Id(2)]);
        assert_eq!(mentioned(content, "<@&"), [Id(3)]);
    }
}
