//! Threads and forum posts, and the editing of channels.

use serde_json::{Value, json};

use super::guilds::guild_for;
use super::messages::within_permissions;
use super::{Answer, Call, channel_for};
use crate::error::{ApiError, FormErrors};
use crate::id::{Id, id_of};
use crate::permissions::{
    CREATE_PRIVATE_THREADS, CREATE_PUBLIC_THREADS, MANAGE_CHANNELS, MANAGE_THREADS, SEND_MESSAGES,
    VIEW_CHANNEL,
};
use crate::validate;
use crate::wire;
use crate::world::{Channel, ChannelKind, NewThread, World};

type Outcome = Result<Answer, ApiError>;

/// The durations after which a quiet thread may hide itself, in minutes.
const ARCHIVE_MINUTES: [u64; 4] = [60, 1440, 4320, 10_080];

fn give(world: &World, channel: Id) -> Result<Value, ApiError> {
    let channel = world.channels.get(&channel).ok_or_else(ApiError::unknown_channel)?;
    Ok(wire::channel(world, channel))
}

/// Reads and checks what all ways to make a thread share.
fn new_thread(
    world: &World,
    parent: Id,
    kind: ChannelKind,
    body: &Value,
) -> Result<NewThread, ApiError> {
    let mut errors = FormErrors::default();
    let name = body["name"].as_str().unwrap_or_default().trim();
    errors.length("name", name, 1, 100);
    let minutes = body["auto_archive_duration"].as_u64().unwrap_or(1440);
    if !ARCHIVE_MINUTES.contains(&minutes) {
        let message = "Value must be one of (60, 1440, 4320, 10080).";
        errors.add("auto_archive_duration", "BASE_TYPE_CHOICES", message);
    }
    errors.finish()?;
    let tags = body["applied_tags"].as_array().map(Vec::as_slice).unwrap_or_default();
    Ok(NewThread {
        parent,
        name: name.to_owned(),
        kind,
        auto_archive_minutes: minutes,
        owner: world.app.bot,
        applied_tags: tags.iter().filter_map(id_of).collect(),
    })
}

/// The kind of public thread that a channel can hold.
fn public_kind(channel: &Channel) -> Result<ChannelKind, ApiError> {
    match channel.kind {
        ChannelKind::Text => Ok(ChannelKind::PublicThread),
        ChannelKind::Announcement => Ok(ChannelKind::AnnouncementThread),
        ChannelKind::Dm => Err(ApiError::not_in_dm()),
        _ => Err(ApiError::wrong_channel_type()),
    }
}

pub(super) fn on_message(world: &mut World, call: &Call) -> Outcome {
    let channel = channel_for(world, call, 0)?;
    let kind = public_kind(channel)?;
    let id = channel.id;
    channel_for(world, call, CREATE_PUBLIC_THREADS)?;
    let message = channel.messages.get(&call.id("message")?);
    let message = message.filter(|m| m.ephemeral_for.is_none());
    let message = message.ok_or_else(ApiError::unknown_message)?;
    if message.is_system() {
        return Err(ApiError::system_message());
    }
    if message.thread.is_some() || world.channels.contains_key(&message.id) {
        return Err(ApiError::thread_exists());
    }
    let new = new_thread(world, id, kind, &call.body)?;
    let message = message.id;
    let thread = world.thread_on_message(message, new);
    Ok(Answer::Created(give(world, thread)?))
}

pub(super) fn create(world: &mut World, call: &Call) -> Outcome {
    let channel = channel_for(world, call, 0)?;
    if channel.kind == ChannelKind::Forum {
        return forum_post(world, call);
    }
    let public = public_kind(channel)?;
    // Type 12 is the default of this route for reasons of history.
    let (kind, needed) = match call.body["type"].as_u64() {
        Some(10 | 11) => (public, CREATE_PUBLIC_THREADS),
        _ => (ChannelKind::PrivateThread, CREATE_PRIVATE_THREADS),
    };
    let id = channel_for(world, call, needed)?.id;
    let new = new_thread(world, id, kind, &call.body)?;
    let thread = world.thread_alone(new);
    Ok(Answer::Created(give(world, thread)?))
}

fn forum_post(world: &mut World, call: &Call) -> Outcome {
    let channel = channel_for(world, call, SEND_MESSAGES)?;
    let new = new_thread(world, channel.id, ChannelKind::PublicThread, &call.body)?;
    if channel.requires_tag && new.applied_tags.is_empty() {
        return Err(ApiError::new(
            400,
            40067,
            "A tag is required to create a forum post in this channel",
        ));
    }
    if call.body["message"].is_null() {
        return Err(ApiError::form("message", "BASE_TYPE_REQUIRED", "This field is required"));
    }
    let mut draft = validate::new_message(&call.body["message"], call.files.clone())?;
    within_permissions(world, channel, &mut draft)?;
    let thread = world.forum_post(new, draft);
    let mut data = give(world, thread)?;
    let first = world.message(thread, thread).map(|message| wire::message(world, message));
    data["message"] = first.unwrap_or_default();
    Ok(Answer::Created(data))
}

pub(super) fn edit(world: &mut World, call: &Call) -> Outcome {
    let channel = channel_for(world, call, 0)?;
    let id = channel.id;
    match &channel.thread {
        Some(_) => edit_thread(world, id, &call.body)?,
        None if channel.guild.is_none() => return Err(ApiError::not_in_dm()),
        None => {
            channel_for(world, call, MANAGE_CHANNELS)?;
            edit_channel(world, id, &call.body)?;
        }
    }
    Ok(Answer::Json(give(world, id)?))
}

fn edit_channel(world: &mut World, id: Id, body: &Value) -> Result<(), ApiError> {
    let mut errors = FormErrors::default();
    let (name, topic) = (body["name"].as_str(), body["topic"].as_str());
    name.inspect(|name| errors.length("name", name, 1, 100));
    topic.inspect(|topic| errors.length("topic", topic, 0, 1024));
    errors.finish()?;
    if let Some(channel) = world.channels.get_mut(&id) {
        channel.name = name.map_or_else(|| channel.name.clone(), str::to_owned);
        channel.topic = topic.map(str::to_owned).or_else(|| channel.topic.clone());
    }
    world.channel_event("CHANNEL_UPDATE", id);
    Ok(())
}

/// The owner may rename, archive and unarchive; the rest, and all of it in a locked thread, is
/// for those who manage threads.
fn edit_thread(world: &mut World, id: Id, body: &Value) -> Result<(), ApiError> {
    let bot = world.app.bot;
    let now = world.now();
    let channel = world.channels.get(&id).ok_or_else(ApiError::unknown_channel)?;
    let thread = channel.thread.as_ref().ok_or_else(ApiError::unknown_channel)?;
    let manages = world.permissions(channel, bot) & MANAGE_THREADS != 0;
    let locks = body["locked"].as_bool().is_some_and(|locked| locked != thread.locked);
    if !manages && (thread.owner != bot || locks || thread.locked) {
        return Err(ApiError::missing_permissions());
    }
    let unarchives = body["archived"] == false;
    if thread.archived && !unarchives {
        return Err(ApiError::thread_archived());
    }
    let mut errors = FormErrors::default();
    let name = body["name"].as_str();
    name.inspect(|name| errors.length("name", name.trim(), 1, 100));
    errors.finish()?;
    let Some(channel) = world.channels.get_mut(&id) else { return Ok(()) };
    channel.name = name.map_or_else(|| channel.name.clone(), |name| name.trim().to_owned());
    if let Some(thread) = &mut channel.thread {
        let archived = body["archived"].as_bool().unwrap_or(thread.archived);
        if archived != thread.archived {
            thread.archive_timestamp = now;
        }
        thread.archived = archived;
        thread.locked = body["locked"].as_bool().unwrap_or(thread.locked);
        let minutes = body["auto_archive_duration"].as_u64();
        let minutes = minutes.filter(|minutes| ARCHIVE_MINUTES.contains(minutes));
        thread.auto_archive_minutes = minutes.unwrap_or(thread.auto_archive_minutes);
    }
    world.channel_event("THREAD_UPDATE", id);
    Ok(())
}

pub(super) fn delete(world: &mut World, call: &Call) -> Outcome {
    let channel = channel_for(world, call, 0)?;
    let needed = if channel.thread.is_some() { MANAGE_THREADS } else { MANAGE_CHANNELS };
    if channel.guild.is_some() {
        channel_for(world, call, needed)?;
    }
    let id = channel.id;
    let data = give(world, id)?;
    world.remove_channel(id);
    Ok(Answer::Json(data))
}

fn thread_for<'a>(world: &'a World, call: &Call) -> Result<&'a Channel, ApiError> {
    let channel = channel_for(world, call, 0)?;
    if channel.thread.is_some() { Ok(channel) } else { Err(ApiError::wrong_channel_type()) }
}

pub(super) fn members(world: &mut World, call: &Call) -> Outcome {
    let channel = thread_for(world, call)?;
    let thread = channel.thread.iter();
    let all = thread.flat_map(|thread| {
        let created = thread.created;
        thread.members.iter().map(move |user| wire::thread_member(channel.id, *user, created))
    });
    Ok(Answer::Json(all.collect()))
}

fn thread_user(world: &World, call: &Call) -> Result<Id, ApiError> {
    if call.text("user") == "@me" { Ok(world.app.bot) } else { call.id("user") }
}

pub(super) fn add_member(world: &mut World, call: &Call) -> Outcome {
    change_members(world, call, true)
}

pub(super) fn remove_member(world: &mut World, call: &Call) -> Outcome {
    change_members(world, call, false)
}

fn change_members(world: &mut World, call: &Call, joins: bool) -> Outcome {
    let channel = thread_for(world, call)?;
    let user = thread_user(world, call)?;
    if world.permissions(channel, user) & VIEW_CHANNEL == 0 {
        return Err(ApiError::missing_access());
    }
    let manages = world.permissions(channel, world.app.bot) & MANAGE_THREADS != 0;
    if !joins && user != world.app.bot && !manages {
        return Err(ApiError::missing_permissions());
    }
    let archived = channel.thread.as_ref().is_some_and(|thread| thread.archived);
    if archived {
        return Err(ApiError::thread_archived());
    }
    let id = channel.id;
    if let Some(thread) = world.channels.get_mut(&id).and_then(|c| c.thread.as_mut()) {
        if joins {
            thread.members.insert(user)
        } else {
            thread.members.remove(&user)
        };
    }
    Ok(Answer::Empty)
}

pub(super) fn active(world: &mut World, call: &Call) -> Outcome {
    let (guild, bot) = (guild_for(world, call)?.id, world.app.bot);
    let open = |c: &&Channel| {
        let active = c.thread.as_ref().is_some_and(|thread| !thread.archived);
        active && c.guild == Some(guild) && world.permissions(c, bot) & VIEW_CHANNEL != 0
    };
    let threads: Vec<&Channel> = world.channels.values().filter(open).collect();
    let joined = threads.iter().filter_map(|channel| {
        let thread = channel.thread.as_ref().filter(|thread| thread.members.contains(&bot))?;
        Some(wire::thread_member(channel.id, bot, thread.created))
    });
    Ok(Answer::Json(json!({
        "threads": threads.iter().map(|c| wire::channel(world, c)).collect::<Vec<_>>(),
        "members": joined.collect::<Vec<_>>(),
        "has_more": false,
    })))
}
