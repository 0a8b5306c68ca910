//! Messages and pins of a channel.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Answer, Call, channel_for};
use crate::error::ApiError;
use crate::id::Id;
use crate::permissions::{
    ATTACH_FILES, EMBED_LINKS, MANAGE_MESSAGES, MANAGE_THREADS, PIN_MESSAGES, READ_MESSAGE_HISTORY,
    SEND_MESSAGES, SEND_MESSAGES_IN_THREADS,
};
use crate::record::Change;
use crate::validate;
use crate::wire;
use crate::world::{CROSSPOSTED, Channel, ChannelKind, Draft, Message, Origin, Reference, World};

type Outcome = Result<Answer, ApiError>;

/// The message as the bot sees it in an answer.
fn shown(world: &World, message: &Message) -> Value {
    wire::without_content(world, message, wire::message(world, message))
}

fn give(world: &World, channel: Id, message: Id) -> Outcome {
    let message = world.message(channel, message).ok_or_else(ApiError::unknown_message)?;
    Ok(Answer::Json(shown(world, message)))
}

/// The message of a request. Ephemeral ones exist for the webhook only.
fn message_of<'a>(channel: &'a Channel, call: &Call) -> Result<&'a Message, ApiError> {
    let message = channel.messages.get(&call.id("message")?);
    message.filter(|m| m.ephemeral_for.is_none()).ok_or_else(ApiError::unknown_message)
}

pub(super) fn list(world: &mut World, call: &Call) -> Outcome {
    let channel = channel_for(world, call, 0)?;
    if !channel.kind.holds_messages() {
        return Err(ApiError::non_text_channel());
    }
    if world.permissions(channel, world.app.bot) & READ_MESSAGE_HISTORY == 0 {
        return Ok(Answer::Json(json!([])));
    }
    let limit = call.query("limit").map_or(Ok(50), str::parse::<usize>);
    let limit = limit.ok().filter(|limit| (1..=100).contains(limit)).ok_or_else(|| {
        let message = "int value should be between 1 and 100 inclusive.";
        ApiError::form("limit", "NUMBER_TYPE_MAX", message)
    })?;
    let bound = |name| call.query(name).and_then(|text| text.parse::<Id>().ok());
    let visible = || channel.messages.values().filter(|m| m.ephemeral_for.is_none());
    let mut found: Vec<&Message> = if let Some(around) = bound("around") {
        let before = visible().rev().filter(|m| m.id < around).take(limit / 2);
        let after = visible().filter(|m| m.id >= around).take(limit - limit / 2);
        before.chain(after).collect()
    } else if let Some(after) = bound("after") {
        visible().filter(|m| m.id > after).take(limit).collect()
    } else {
        let before = bound("before").unwrap_or(Id(u64::MAX));
        visible().rev().filter(|m| m.id < before).take(limit).collect()
    };
    found.sort_by_key(|message| std::cmp::Reverse(message.id));
    Ok(Answer::Json(found.into_iter().map(|message| shown(world, message)).collect()))
}

pub(super) fn get(world: &mut World, call: &Call) -> Outcome {
    let channel = channel_for(world, call, 0)?;
    // Discord's answer here is Missing Access, not Missing Permissions.
    if world.permissions(channel, world.app.bot) & READ_MESSAGE_HISTORY == 0 {
        return Err(ApiError::missing_access());
    }
    let message = message_of(channel, call)?;
    Ok(Answer::Json(shown(world, message)))
}

/// What it takes to send into a channel.
fn send_permission(channel: &Channel) -> u64 {
    if channel.thread.is_some() { SEND_MESSAGES_IN_THREADS } else { SEND_MESSAGES }
}

/// Drops or refuses what the bot may not send: files are refused, embeds dropped, unless nothing
/// else is left of the message.
pub(super) fn within_permissions(
    world: &World,
    channel: &Channel,
    draft: &mut Draft,
) -> Result<(), ApiError> {
    let has = world.permissions(channel, world.app.bot);
    if !draft.files.is_empty() && has & ATTACH_FILES == 0 {
        return Err(ApiError::missing_permissions());
    }
    if has & EMBED_LINKS == 0 && draft.embeds.as_ref().is_some_and(|embeds| !embeds.is_empty()) {
        draft.embeds = Some(Vec::new());
        if draft.is_empty() {
            return Err(ApiError::missing_permissions());
        }
    }
    Ok(())
}

fn writable<'a>(world: &'a World, call: &Call) -> Result<&'a Channel, ApiError> {
    let channel = channel_for(world, call, 0)?;
    if !channel.kind.holds_messages() {
        return Err(ApiError::non_text_channel());
    }
    let has = world.permissions(channel, world.app.bot);
    if has & send_permission(channel) == 0 {
        return Err(ApiError::missing_permissions());
    }
    let locked = channel.thread.as_ref().is_some_and(|thread| thread.locked);
    if locked && has & MANAGE_THREADS == 0 { Err(ApiError::thread_locked()) } else { Ok(channel) }
}

pub(super) fn create(world: &mut World, call: &Call) -> Outcome {
    let channel = writable(world, call)?;
    let mut draft = validate::new_message(&call.body, call.files.clone())?;
    within_permissions(world, channel, &mut draft)?;
    let (id, bot) = (channel.id, world.app.bot);
    let nonce = draft.nonce.clone();
    let repeated = nonce.as_ref().filter(|_| draft.enforce_nonce);
    let earlier = repeated.and_then(|nonce| world.by_nonce(bot, nonce));
    let (id, message) = match earlier {
        Some(earlier) => earlier,
        None => {
            let reference = reply(channel, &draft, &call.body)?;
            let kind = if reference.is_some() { 19 } else { 0 };
            world.unarchive(id);
            (id, world.post(id, bot, draft, Origin { kind, reference, ..Origin::default() }))
        }
    };
    let Answer::Json(mut data) = give(world, id, message)? else { return Ok(Answer::Empty) };
    if let Some(nonce) = nonce {
        data["nonce"] = nonce;
    }
    Ok(Answer::Json(data))
}

fn reply(channel: &Channel, draft: &Draft, body: &Value) -> Result<Option<Reference>, ApiError> {
    let Some(target) = draft.reply_to else { return Ok(None) };
    let exists = channel.messages.get(&target).is_some_and(|m| m.ephemeral_for.is_none());
    if exists {
        return Ok(Some(Reference { channel: channel.id, message: Some(target) }));
    }
    if body["message_reference"]["fail_if_not_exists"] == false {
        return Ok(None);
    }
    let path = "message_reference";
    Err(ApiError::form(path, "REPLIES_UNKNOWN_MESSAGE", "Unknown message"))
}

fn not_archived(channel: &Channel) -> Result<(), ApiError> {
    let archived = channel.thread.as_ref().is_some_and(|thread| thread.archived);
    if archived { Err(ApiError::thread_archived()) } else { Ok(()) }
}

pub(super) fn edit(world: &mut World, call: &Call) -> Outcome {
    let channel = channel_for(world, call, 0)?;
    let message = message_of(channel, call)?;
    if message.author != world.app.bot {
        return Err(ApiError::edit_of_others());
    }
    if message.is_system() {
        return Err(ApiError::system_message());
    }
    not_archived(channel)?;
    let mut draft = validate::edit(&call.body, call.files.clone())?;
    let has = world.permissions(channel, world.app.bot);
    if has & EMBED_LINKS == 0 {
        draft.embeds = draft.embeds.map(|_| Vec::new());
    }
    let (channel, message) = (channel.id, message.id);
    apply_edit(world, channel, message, draft)?;
    give(world, channel, message)
}

/// Edits, unless the message would be empty then.
pub(super) fn apply_edit(
    world: &mut World,
    channel: Id,
    message: Id,
    draft: Draft,
) -> Result<(), ApiError> {
    let current = world.message(channel, message).ok_or_else(ApiError::unknown_message)?;
    let left = |new: Option<bool>, old: bool| new.unwrap_or(old);
    let files = match &draft.keep {
        Some(keep) => current.attachments.iter().any(|file| keep.contains(&file.id)),
        None => !current.attachments.is_empty(),
    };
    let content = draft.content.as_ref().map(|text| !text.is_empty());
    let embeds = draft.embeds.as_ref().map(|list| !list.is_empty());
    let components = draft.components.as_ref().map(|list| !list.is_empty());
    let something = left(content, !current.content.is_empty())
        || left(embeds, !current.embeds.is_empty())
        || left(components, !current.components.is_empty())
        || files
        || !draft.files.is_empty();
    if !something {
        return Err(ApiError::empty_message());
    }
    world.edit(channel, message, draft);
    Ok(())
}

pub(super) fn delete(world: &mut World, call: &Call) -> Outcome {
    let channel = channel_for(world, call, 0)?;
    let message = message_of(channel, call)?;
    let own = message.author == world.app.bot;
    let may = own || world.permissions(channel, world.app.bot) & MANAGE_MESSAGES != 0;
    if !may {
        return Err(ApiError::missing_permissions());
    }
    not_archived(channel)?;
    let (channel, message) = (channel.id, message.id);
    world.delete_message(channel, message);
    Ok(Answer::Empty)
}

pub(super) fn crosspost(world: &mut World, call: &Call) -> Outcome {
    let channel = channel_for(world, call, SEND_MESSAGES)?;
    if channel.kind != ChannelKind::Announcement {
        return Err(ApiError::wrong_channel_type());
    }
    let mut message = message_of(channel, call)?.clone();
    let own = message.author == world.app.bot;
    if !own && world.permissions(channel, world.app.bot) & MANAGE_MESSAGES == 0 {
        return Err(ApiError::missing_permissions());
    }
    if message.flags & CROSSPOSTED != 0 {
        return Err(ApiError::already_crossposted());
    }
    message.flags |= CROSSPOSTED;
    let (channel, id) = (channel.id, message.id);
    world.replace_message(message);
    give(world, channel, id)
}

pub(super) fn pin(world: &mut World, call: &Call) -> Outcome {
    let channel = channel_for(world, call, PIN_MESSAGES | READ_MESSAGE_HISTORY)?;
    not_archived(channel)?;
    let message = message_of(channel, call)?;
    if message.is_system() {
        return Err(ApiError::system_message());
    }
    let (channel, message, bot) = (channel.id, message.id, world.app.bot);
    world.pin(channel, message, bot)?;
    Ok(Answer::Empty)
}

pub(super) fn unpin(world: &mut World, call: &Call) -> Outcome {
    let channel = channel_for(world, call, PIN_MESSAGES | READ_MESSAGE_HISTORY)?;
    not_archived(channel)?;
    let (channel, message) = (channel.id, message_of(channel, call)?.id);
    world.unpin(channel, message);
    Ok(Answer::Empty)
}

/// The pins in a page of `limit` (at most 50), newest pin first.
pub(super) fn pins(world: &mut World, call: &Call) -> Outcome {
    let channel = channel_for(world, call, 0)?;
    if world.permissions(channel, world.app.bot) & READ_MESSAGE_HISTORY == 0 {
        return Ok(Answer::Json(json!({ "items": [], "has_more": false })));
    }
    let limit = call.query("limit").and_then(|text| text.parse().ok()).unwrap_or(50);
    let before = call.query("before").map(|text| text.replace("%3A", ":").replace("%2B", "+"));
    let before: Option<Timestamp> = before.and_then(|text| text.parse().ok());
    let mut pinned = channel.pinned();
    pinned.retain(|message| before.is_none_or(|before| message.pinned < Some(before)));
    let has_more = pinned.len() > limit;
    let items = pinned.into_iter().take(limit).map(|message| {
        json!({
            "pinned_at": message.pinned.map(wire::timestamp),
            "message": shown(world, message),
        })
    });
    Ok(Answer::Json(json!({ "items": items.collect::<Vec<_>>(), "has_more": has_more })))
}

/// The older form: the latest 50 as a plain list.
pub(super) fn old_pins(world: &mut World, call: &Call) -> Outcome {
    let channel = channel_for(world, call, 0)?;
    if world.permissions(channel, world.app.bot) & READ_MESSAGE_HISTORY == 0 {
        return Ok(Answer::Json(json!([])));
    }
    let pinned = channel.pinned().into_iter().take(50);
    Ok(Answer::Json(pinned.map(|message| shown(world, message)).collect()))
}

pub(super) fn typing(world: &mut World, call: &Call) -> Outcome {
    let channel = writable(world, call)?.id;
    world.tell(Change::Typing { channel });
    Ok(Answer::Empty)
}
