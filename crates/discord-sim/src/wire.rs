//! The JSON of Discord's objects, as its API and gateway send them.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::id::Id;
use super::permissions::{Overwrite, Target};
use super::world::{
    Attachment, Channel, Guild, Interaction, InteractionKind, Member, Message, Role, User, World,
};

/// ISO 8601 with microseconds and offset, as Discord writes it.
pub(crate) fn timestamp(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string()
}

pub(crate) fn user(user: &User) -> Value {
    json!({
        "id": user.id,
        "username": user.name,
        "discriminator": if user.bot { "4242" } else { "0" },
        "global_name": if user.bot { Value::Null } else { json!(user.display) },
        "avatar": null,
        "bot": user.bot,
        "system": false,
        "flags": 0,
        "public_flags": 0,
        "banner": null,
        "accent_color": null,
        "avatar_decoration_data": null,
        "collectibles": null,
        "clan": null,
        "primary_guild": null,
    })
}

/// The bot's own user, with what only it may know of itself.
pub(crate) fn current_user(world: &World) -> Value {
    let mut data = world.users.get(&world.app.bot).map(user).unwrap_or_default();
    data["verified"] = json!(true);
    data["mfa_enabled"] = json!(false);
    data["email"] = Value::Null;
    data["locale"] = json!("en-US");
    data
}

pub(crate) fn application(world: &World) -> Value {
    let owner = world.users.get(&world.app.owner).map(user);
    json!({
        "id": world.app.id,
        "name": world.app.name,
        "icon": null,
        "description": "",
        "type": null,
        "summary": "",
        "bot": world.users.get(&world.app.bot).map(user),
        "bot_public": true,
        "bot_require_code_grant": false,
        "is_monetized": false,
        "is_verified": false,
        "is_discoverable": false,
        "hook": true,
        "verify_key": "0".repeat(64),
        "owner": owner,
        "team": null,
        "flags": 0,
        "flags_new": "0",
        "explicit_content_filter": 0,
        "eligible_oauth2_scopes": ["applications.commands", "bot"],
        "approximate_user_authorization_count": 0,
        "approximate_guild_count": world.guilds.len(),
        "approximate_user_install_count": 0,
        "redirect_uris": [],
        "interactions_endpoint_url": null,
        "role_connections_verification_url": null,
        "storefront_available": false,
        "tags": [],
        "integration_types_config": { "0": {} },
    })
}

pub(crate) fn role(role: &Role) -> Value {
    let mut data = json!({
        "id": role.id,
        "name": role.name,
        "description": null,
        "permissions": role.permissions.to_string(),
        "position": role.position,
        "color": 0,
        "colors": { "primary_color": 0, "secondary_color": null, "tertiary_color": null },
        "hoist": false,
        "managed": role.bot.is_some(),
        "mentionable": role.mentionable,
        "icon": null,
        "unicode_emoji": null,
        "flags": 0,
    });
    if let Some(bot) = role.bot {
        data["tags"] = json!({ "bot_id": bot });
    }
    data
}

/// A member without its user.
fn bare_member(member: &Member) -> Value {
    json!({
        "roles": member.roles,
        "joined_at": timestamp(member.joined),
        "nick": null,
        "avatar": null,
        "banner": null,
        "premium_since": null,
        "communication_disabled_until": null,
        "deaf": false,
        "mute": false,
        "pending": false,
        "flags": 0,
        "unusual_dm_activity_until": null,
    })
}

pub(crate) fn member(world: &World, member: &Member) -> Value {
    let mut data = bare_member(member);
    data["user"] = world.users.get(&member.user).map(user).unwrap_or_default();
    data
}

fn overwrite(overwrite: &Overwrite) -> Value {
    let (id, kind) = match overwrite.target {
        Target::Role(id) => (id, 0),
        Target::Member(id) => (id, 1),
    };
    json!({
        "id": id,
        "type": kind,
        "allow": overwrite.allow.to_string(),
        "deny": overwrite.deny.to_string(),
    })
}

pub(crate) fn channel(world: &World, channel: &Channel) -> Value {
    let mut data = json!({
        "id": channel.id,
        "type": channel.kind.number(),
        "last_message_id": channel.last_message,
        "flags": 0,
    });
    let Some(guild) = channel.guild else {
        let people = channel.recipients.iter().filter_map(|id| world.users.get(id)).map(user);
        data["recipients"] = people.collect();
        return data;
    };
    data["guild_id"] = guild.into();
    data["name"] = json!(channel.name);
    data["parent_id"] = json!(channel.parent);
    data["rate_limit_per_user"] = json!(0);
    data["last_pin_timestamp"] = json!(channel.last_pin.map(timestamp));
    if channel.thread.is_some() {
        thread_fields(world, channel, &mut data);
    } else {
        data["topic"] = json!(channel.topic);
        data["nsfw"] = json!(false);
        data["position"] = json!(channel.position);
        data["permission_overwrites"] = channel.overwrites.iter().map(overwrite).collect();
    }
    if channel.kind.number() == 15 {
        let tag = |(id, name): &(Id, String)| json!({ "id": id, "name": name, "moderated": false, "emoji_id": null, "emoji_name": null });
        data["available_tags"] = channel.tags.iter().map(tag).collect();
        data["default_forum_layout"] = json!(0);
        // 1 << 4: REQUIRE_TAG.
        data["flags"] = json!(if channel.requires_tag { 1 << 4 } else { 0 });
    }
    data
}

fn thread_fields(world: &World, channel: &Channel, data: &mut Value) {
    let Some(thread) = &channel.thread else { return };
    data["owner_id"] = thread.owner.into();
    data["message_count"] = json!(channel.messages.len().saturating_sub(1));
    data["member_count"] = json!(thread.members.len().min(50));
    data["total_message_sent"] = json!(thread.sent);
    data["applied_tags"] = json!(thread.applied_tags);
    data["thread_metadata"] = json!({
        "archived": thread.archived,
        "auto_archive_duration": thread.auto_archive_minutes,
        "archive_timestamp": timestamp(thread.archive_timestamp),
        "locked": thread.locked,
        "create_timestamp": timestamp(thread.created),
    });
    if thread.members.contains(&world.app.bot) {
        data["member"] = thread_member(channel.id, world.app.bot, thread.created);
    }
}

pub(crate) fn thread_member(thread: Id, user: Id, joined: Timestamp) -> Value {
    json!({ "id": thread, "user_id": user, "join_timestamp": timestamp(joined), "flags": 0 })
}

/// A guild as `GET /guilds/{id}` gives it.
pub(crate) fn guild(guild: &Guild) -> Value {
    json!({
        "id": guild.id,
        "name": guild.name,
        "owner_id": guild.owner,
        "icon": null,
        "splash": null,
        "discovery_splash": null,
        "banner": null,
        "description": null,
        "home_header": null,
        "region": "us-west",
        "afk_channel_id": null,
        "afk_timeout": 300,
        "system_channel_id": null,
        "system_channel_flags": 0,
        "rules_channel_id": null,
        "public_updates_channel_id": null,
        "safety_alerts_channel_id": null,
        "application_id": null,
        "widget_enabled": false,
        "widget_channel_id": null,
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "nsfw": false,
        "nsfw_level": 0,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "premium_progress_bar_enabled": false,
        "preferred_locale": "en-US",
        "vanity_url_code": null,
        "max_members": 500_000,
        "max_presences": null,
        "max_video_channel_users": 25,
        "max_stage_video_channel_users": 50,
        "roles": guild.roles.values().map(role).collect::<Vec<_>>(),
        "emojis": [],
        "stickers": [],
        "features": ["COMMUNITY", "NEWS"],
        "incidents_data": null,
    })
}

/// A guild as `GUILD_CREATE` gives it. Without the privileged intent only the bot is in `members`.
pub(crate) fn gateway_guild(world: &World, state: &Guild) -> Value {
    let mut data = guild(state);
    let own = state.members.get(&world.app.bot);
    let channels = || world.channels.values().filter(|channel| channel.guild == Some(state.id));
    let active = |c: &&Channel| c.thread.as_ref().is_some_and(|thread| !thread.archived);
    data["joined_at"] = json!(own.map(|member| timestamp(member.joined)));
    data["large"] = json!(false);
    data["unavailable"] = json!(false);
    data["member_count"] = json!(state.members.len());
    data["members"] = own.map(|own| member(world, own)).into_iter().collect();
    data["channels"] =
        channels().filter(|c| c.thread.is_none()).map(|c| channel(world, c)).collect();
    data["threads"] = channels().filter(active).map(|c| channel(world, c)).collect();
    for empty in ["voice_states", "presences", "stage_instances", "guild_scheduled_events"] {
        data[empty] = json!([]);
    }
    data["soundboard_sounds"] = json!([]);
    data
}

pub(crate) fn ready(world: &World, session: &str, resume_url: &str) -> Value {
    let bot = world.app.bot;
    let guilds = world.guilds.values().filter(|guild| guild.members.contains_key(&bot));
    json!({
        "v": 10,
        "user": current_user(world),
        "guilds": guilds.map(|g| json!({ "id": g.id, "unavailable": true })).collect::<Vec<_>>(),
        "session_id": session,
        "session_type": "normal",
        "resume_gateway_url": resume_url,
        "shard": [0, 1],
        "application": { "id": world.app.id, "flags": 0 },
        "private_channels": [],
        "relationships": [],
        "presences": [],
        "guild_join_requests": [],
        "user_settings": {},
        "user_settings_proto": null,
        "auth": {},
        "_trace": ["[\"simulated\",{}]"],
    })
}

fn attachment(file: &Attachment, base: &str) -> Value {
    let url = format!("{base}{}", file.path);
    let mut data = json!({
        "id": file.id,
        "filename": file.filename,
        "size": file.bytes.len(),
        "url": url,
        "proxy_url": url,
    });
    if let Some(kind) = &file.content_type {
        data["content_type"] = json!(kind);
    }
    if let Some(text) = &file.description {
        data["description"] = json!(text);
    }
    if let Some((width, height)) = png_size(&file.bytes) {
        data["width"] = json!(width);
        data["height"] = json!(height);
    }
    data
}

/// The size of a PNG picture: its header's first chunk says it.
fn png_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let bytes = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n")?;
    let number = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    Some((number(8)?, number(12)?))
}

/// An embed as Discord gives it back: of type `rich`, with `attachment://` resolved.
pub(crate) fn embed(sent: &Value, files: &[Attachment], base: &str) -> Value {
    const KNOWN: [&str; 7] =
        ["title", "description", "url", "timestamp", "color", "author", "footer"];
    let mut data = Map::new();
    data.insert("type".to_owned(), json!("rich"));
    for key in KNOWN {
        let value = &sent[key];
        if !value.is_null() && value.as_str() != Some("") {
            data.insert(key.to_owned(), value.clone());
        }
    }
    for key in ["image", "thumbnail"] {
        if let Some(url) = sent[key]["url"].as_str() {
            data.insert(key.to_owned(), embed_picture(url, files, base));
        }
    }
    if let Some(fields) = sent["fields"].as_array().filter(|fields| !fields.is_empty()) {
        let field = |field: &Value| {
            let inline = field["inline"].as_bool().unwrap_or(false);
            json!({ "name": field["name"], "value": field["value"], "inline": inline })
        };
        data.insert("fields".to_owned(), fields.iter().map(field).collect());
    }
    Value::Object(data)
}

/// Action rows as Discord gives them back: each component numbered, from 1, in order.
pub(crate) fn components(sent: Vec<Value>) -> Vec<Value> {
    let mut rows = sent;
    let mut next = 1..;
    for row in &mut rows {
        row["id"] = json!(next.next());
        for component in row["components"].as_array_mut().into_iter().flatten() {
            component["id"] = json!(next.next());
        }
    }
    rows
}

fn embed_picture(url: &str, files: &[Attachment], base: &str) -> Value {
    let name = url.strip_prefix("attachment://");
    let file = name.and_then(|name| files.iter().find(|file| file.filename == name));
    let url = file.map_or_else(|| url.to_owned(), |file| format!("{base}{}", file.path));
    let (width, height) = file.and_then(|file| png_size(&file.bytes)).unwrap_or_default();
    json!({ "url": url, "proxy_url": url, "width": width, "height": height })
}

/// A message as the API gives it, without nonce.
pub(crate) fn message(world: &World, message: &Message) -> Value {
    let users = |ids: &[Id]| -> Value {
        ids.iter().filter_map(|id| world.users.get(id)).map(user).collect()
    };
    let files = message.attachments.iter().map(|file| attachment(file, &world.http_url));
    let mut data = json!({
        "id": message.id,
        "channel_id": message.channel,
        "type": message.kind,
        "author": world.users.get(&message.author).map(user),
        "content": message.content,
        "timestamp": timestamp(message.timestamp),
        "edited_timestamp": message.edited.map(timestamp),
        "tts": false,
        "mention_everyone": message.pings.everyone,
        "mentions": users(&message.pings.users),
        "mention_roles": message.pings.roles,
        "attachments": files.collect::<Vec<_>>(),
        "embeds": message.embeds,
        "components": message.components,
        "pinned": message.pinned.is_some(),
        "flags": message.flags,
    });
    if message.webhook {
        data["webhook_id"] = world.app.id.into();
        data["application_id"] = world.app.id.into();
    }
    if let Some(interaction) = &message.interaction {
        data["interaction_metadata"] = interaction_metadata(world, interaction);
    }
    references(world, message, &mut data);
    data
}

fn references(world: &World, message: &Message, data: &mut Value) {
    if let Some(reference) = &message.reference {
        let mut pointer = json!({ "type": 0, "channel_id": reference.channel });
        if let Some(id) = reference.message {
            pointer["message_id"] = id.into();
        }
        let target = world.channels.get(&reference.channel);
        if let Some(guild) = target.and_then(|channel| channel.guild) {
            pointer["guild_id"] = guild.into();
        }
        data["message_reference"] = pointer;
        if matches!(message.kind, 19 | 21) {
            let target = reference.message.and_then(|id| world.message(reference.channel, id));
            // One level only, as Discord does.
            data["referenced_message"] = target.map_or(Value::Null, |target| {
                let mut target = target.clone();
                target.reference = None;
                self::message(world, &target)
            });
        }
    }
    if let Some(thread) = message.thread.and_then(|id| world.channels.get(&id)) {
        data["thread"] = channel(world, thread);
    }
}

fn interaction_metadata(world: &World, interaction: &super::world::MessageInteraction) -> Value {
    let mut data = json!({
        "id": interaction.id,
        "type": interaction.kind,
        "user": world.users.get(&interaction.user).map(user),
        "authorizing_integration_owners": {},
    });
    if let Some(name) = &interaction.name {
        data["name"] = json!(name);
        data["command_type"] = json!(1);
    }
    if let Some(used) = interaction.used {
        data["interacted_message_id"] = used.into();
    }
    if let Some(opener) = &interaction.opener {
        data["triggering_interaction_metadata"] = interaction_metadata(world, opener);
    }
    data
}

/// A message as its gateway events hold it; the nonce only when it is new.
pub(crate) fn message_event(world: &World, state: &Message, created: bool) -> Value {
    let mut data = message(world, state);
    let guild = world.channels.get(&state.channel).and_then(|channel| channel.guild);
    if let Some(guild) = guild {
        data["guild_id"] = guild.into();
        let members = world.guilds.get(&guild).map(|guild| &guild.members);
        if let Some(member) = members.and_then(|members| members.get(&state.author)) {
            data["member"] = bare_member(member);
        }
    }
    if let Some(nonce) = state.nonce.as_ref().filter(|_| created) {
        data["nonce"] = nonce.clone();
    }
    data
}

/// What a bot without the message content intent sees: all of its own messages, of direct
/// messages and of those that mention it; of others nothing but that they exist.
pub(crate) fn without_content(world: &World, message: &Message, mut data: Value) -> Value {
    let bot = world.app.bot;
    let direct = world.channels.get(&message.channel).is_none_or(|channel| channel.guild.is_none());
    if direct || message.author == bot || message.pings.users.contains(&bot) {
        return data;
    }
    data["content"] = json!("");
    for key in ["embeds", "attachments", "components"] {
        data[key] = json!([]);
    }
    data
}

/// The payload of INTERACTION_CREATE.
pub(crate) fn interaction(world: &World, interaction: &Interaction, data: Value) -> Value {
    let mut payload = json!({
        "id": interaction.id,
        "application_id": world.app.id,
        "type": interaction.kind as u8,
        "data": data,
        "channel_id": interaction.channel,
        "token": interaction.token,
        "version": 1,
        "locale": "en-US",
        "entitlements": [],
        "entitlement_sku_ids": [],
        "attachment_size_limit": 10_485_760,
    });
    if let Some(state) = world.channels.get(&interaction.channel) {
        payload["channel"] = interaction_channel(world, state, interaction.user);
        let app = world.permissions(state, world.app.bot);
        payload["app_permissions"] = json!(app.to_string());
    }
    who_and_where(world, interaction, &mut payload);
    let message = interaction.message.and_then(|id| world.message(interaction.channel, id));
    if let Some(message) = message.filter(|_| interaction.kind != InteractionKind::Command) {
        payload["message"] = self::message(world, message);
    }
    payload
}

fn who_and_where(world: &World, interaction: &Interaction, payload: &mut Value) {
    let person = world.users.get(&interaction.user).map(user).unwrap_or_default();
    let state = interaction.guild.and_then(|guild| world.guilds.get(&guild));
    let Some(guild) = state else {
        payload["user"] = person;
        payload["context"] = json!(1);
        payload["authorizing_integration_owners"] = json!({ "0": "0" });
        return;
    };
    payload["guild_id"] = guild.id.into();
    payload["guild"] = json!({ "id": guild.id, "locale": "en-US", "features": ["COMMUNITY"] });
    payload["guild_locale"] = json!("en-US");
    payload["context"] = json!(0);
    payload["authorizing_integration_owners"] = json!({ "0": guild.id });
    if let Some(state) = guild.members.get(&interaction.user) {
        let mut data = member(world, state);
        let bits = world.channels.get(&interaction.channel);
        let bits = bits.map_or(0, |channel| world.permissions(channel, interaction.user));
        data["permissions"] = json!(bits.to_string());
        payload["member"] = data;
    }
}

/// A partial channel, with the permissions of the person who acts.
pub(crate) fn interaction_channel(world: &World, state: &Channel, user: Id) -> Value {
    let mut data = channel(world, state);
    data["permissions"] = json!(world.permissions(state, user).to_string());
    data
}

/// A resolved member: without its user, with its permissions.
pub(crate) fn resolved_member(world: &World, guild: Id, member: &Member) -> Value {
    let mut data = bare_member(member);
    data["permissions"] = json!(world.base_permissions(guild, member.user).to_string());
    data
}
