//! What the bot may do in a channel, computed as Discord's documentation says:
//! <https://discord.com/developers/docs/topics/permissions#permission-overwrites>
//!
//! Read from plain JSON, for serenity drops the bits that it does not know, such as Pin Messages.

use crate::{
    app::messenger::{ChannelReport, Needs},
    domain::permission::Permission,
};
use serde::Deserialize;

/// The parts of a channel that matter here.
#[derive(Deserialize)]
pub(super) struct Channel {
    #[serde(rename = "type")]
    pub kind: u8,
    #[serde(default)]
    pub permission_overwrites: Vec<Overwrite>,
    #[serde(default)]
    pub guild_id: Option<String>,
    #[serde(default)]
    flags: u64,
}

#[derive(Deserialize)]
pub(super) struct Overwrite {
    id: String,
    allow: String,
    deny: String,
}

/// The parts of a guild that matter here.
#[derive(Deserialize)]
pub(super) struct Guild {
    id: String,
    owner_id: String,
    roles: Vec<Role>,
}

#[derive(Deserialize)]
struct Role {
    id: String,
    permissions: String,
    #[serde(default)]
    mentionable: bool,
}

/// The parts of the bot's membership that matter here.
#[derive(Deserialize)]
pub(super) struct Member {
    roles: Vec<String>,
}

/// Channel types that can hold a daily.
/// <https://discord.com/developers/docs/resources/channel#channel-object-channel-types>
const TEXT: u8 = 0;
const ANNOUNCEMENT: u8 = 5;
pub(super) const FORUM: u8 = 15;

/// A flag of a forum that takes no post without a tag.
/// <https://discord.com/developers/docs/resources/channel#channel-object-channel-flags>
const REQUIRE_TAG: u64 = 1 << 4;

const ADMINISTRATOR: u64 = 1 << 3;
const VIEW_CHANNEL: u64 = 1 << 10;
const SEND_MESSAGES: u64 = 1 << 11;
const EMBED_LINKS: u64 = 1 << 14;
pub(super) const READ_MESSAGE_HISTORY: u64 = 1 << 16;
const MENTION_EVERYONE: u64 = 1 << 17;
const CREATE_PUBLIC_THREADS: u64 = 1 << 35;
const SEND_MESSAGES_IN_THREADS: u64 = 1 << 38;
const PIN_MESSAGES: u64 = 1 << 51;

/// What every message needs.
const ALWAYS: [(u64, Permission); 2] =
    [(VIEW_CHANNEL, Permission::ViewChannel), (SEND_MESSAGES, Permission::SendMessages)];

/// The permissions of all features, for an invite link.
pub const INVITE: u64 = VIEW_CHANNEL
    | SEND_MESSAGES
    | EMBED_LINKS
    | READ_MESSAGE_HISTORY
    | CREATE_PUBLIC_THREADS
    | SEND_MESSAGES_IN_THREADS
    | PIN_MESSAGES;

/// What a member may do in a channel, as bits.
pub(super) fn in_channel(guild: &Guild, channel: &Channel, user: &str, member: &Member) -> u64 {
    if guild.owner_id == user {
        return u64::MAX;
    }
    let has = |id: &str| id == guild.id || member.roles.iter().any(|role| role == id);
    let mut allowed = guild
        .roles
        .iter()
        .filter(|role| has(&role.id))
        .fold(0, |bits, role| bits | bits_of(&role.permissions));
    if allowed & ADMINISTRATOR != 0 {
        return u64::MAX;
    }
    // First @everyone's overwrite, then those of the roles together, then the member's own.
    apply(&mut allowed, channel, |id| id == guild.id);
    apply(&mut allowed, channel, |id| id != guild.id && has(id));
    apply(&mut allowed, channel, |id| id == user);
    if allowed & VIEW_CHANNEL == 0 { 0 } else { allowed }
}

fn apply(allowed: &mut u64, channel: &Channel, applies: impl Fn(&str) -> bool) {
    let overwrites = channel.permission_overwrites.iter().filter(|o| applies(&o.id));
    let (allow, deny) = overwrites.fold((0, 0), |(allow, deny), overwrite| {
        (allow | bits_of(&overwrite.allow), deny | bits_of(&overwrite.deny))
    });
    *allowed = *allowed & !deny | allow;
}

fn bits_of(text: &str) -> u64 {
    text.parse().unwrap_or(0)
}

/// What a daily with those needs lacks.
pub(super) fn report(
    allowed: u64,
    guild: &Guild,
    channel: &Channel,
    needs: Needs,
) -> ChannelReport {
    let in_forum = channel.kind == FORUM;
    let mut wanted = ALWAYS.to_vec();
    if needs.embeds {
        wanted.push((EMBED_LINKS, Permission::EmbedLinks));
    }
    // Without it nobody can tell after a crash what was sent before it.
    wanted.push((READ_MESSAGE_HISTORY, Permission::ReadMessageHistory));
    if needs.thread && !in_forum {
        wanted.push((CREATE_PUBLIC_THREADS, Permission::CreatePublicThreads));
    }
    if needs.thread || in_forum {
        wanted.push((SEND_MESSAGES_IN_THREADS, Permission::SendMessagesInThreads));
    }
    if needs.pin && !in_forum {
        wanted.push((PIN_MESSAGES, Permission::PinMessages));
    }
    let pinged = needs.role.map(|role| role.to_string());
    let pings_anyway = guild.roles.iter().any(|r| Some(&r.id) == pinged.as_ref() && r.mentionable);
    if pinged.is_some() && !pings_anyway {
        wanted.push((MENTION_EVERYONE, Permission::MentionEveryone));
    }
    ChannelReport {
        suitable: matches!(channel.kind, TEXT | ANNOUNCEMENT | FORUM),
        forum: in_forum,
        wants_tag: in_forum && channel.flags & REQUIRE_TAG != 0,
        missing: wanted
            .iter()
            .filter(|(bit, _)| allowed & bit == 0)
            .map(|(_, permission)| *permission)
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::{Value, from_value, json};

    fn allowed(everyone: u64, bot_role: u64, overwrites: Value) -> u64 {
        let guild = json!({"id": "1", "owner_id": "9", "roles": [
            {"id": "1", "permissions": everyone.to_string()},
            {"id": "2", "permissions": bot_role.to_string()},
        ]});
        let channel = json!({"id": "5", "type": 0, "permission_overwrites": overwrites});
        in_channel(
            &from_value(guild).unwrap(),
            &from_value(channel).unwrap(),
            "7",
            &from_value(json!({"roles": ["2"]})).unwrap(),
        )
    }

    fn overwrite(id: &str, allow: u64, deny: u64) -> Value {
        json!({"id": id, "type": 0, "allow": allow.to_string(), "deny": deny.to_string()})
    }

    #[test]
    fn roles_add_up() {
        let bits = allowed(VIEW_CHANNEL, SEND_MESSAGES, json!([]));
        assert_eq!(bits, VIEW_CHANNEL | SEND_MESSAGES);
    }

    #[test]
    fn an_administrator_may_do_all_whatever_is_denied() {
        let deny = json!([overwrite("1", 0, u64::MAX >> 1)]);
        assert_eq!(allowed(0, ADMINISTRATOR, deny), u64::MAX);
    }

    #[test]
    fn the_nearer_overwrite_wins() {
        let everyone = overwrite("1", 0, SEND_MESSAGES);
        let base = VIEW_CHANNEL | SEND_MESSAGES;
        assert_eq!(allowed(base, 0, json!([everyone])), VIEW_CHANNEL);
        let role = overwrite("2", SEND_MESSAGES, 0);
        assert_eq!(allowed(base, 0, json!([everyone, role])), base);
        let member = overwrite("7", 0, SEND_MESSAGES);
        assert_eq!(allowed(base, 0, json!([everyone, role, member])), VIEW_CHANNEL);
    }

    #[test]
    fn who_cannot_see_the_channel_can_do_nothing_there() {
        let hidden = json!([overwrite("1", 0, VIEW_CHANNEL)]);
        assert_eq!(allowed(VIEW_CHANNEL | SEND_MESSAGES, 0, hidden), 0);
    }
}
