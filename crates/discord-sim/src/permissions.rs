//! Permission bits and their computation, as Discord documents them
//! (<https://discord.com/developers/docs/topics/permissions>).

use serde::{Deserialize, Serialize};

use super::id::Id;
use super::world::{Channel, World};

/// A set of permission bits.
pub type Bits = u64;

/// Every permission bit that Discord knows today.
pub const ALL: Bits = (1 << 53) - 1;
/// All permissions, and no overwrite counts.
pub const ADMINISTRATOR: Bits = 1 << 3;
/// Edit and delete channels.
pub const MANAGE_CHANNELS: Bits = 1 << 4;
/// Manage the guild.
pub const MANAGE_GUILD: Bits = 1 << 5;
/// See a channel; without it nothing else holds there.
pub const VIEW_CHANNEL: Bits = 1 << 10;
/// Send messages in a channel, or create posts in a forum.
pub const SEND_MESSAGES: Bits = 1 << 11;
/// Delete others' messages. Since 2026 it no longer includes pinning.
pub const MANAGE_MESSAGES: Bits = 1 << 13;
/// Show embeds.
pub const EMBED_LINKS: Bits = 1 << 14;
/// Upload files.
pub const ATTACH_FILES: Bits = 1 << 15;
/// Read messages that were sent before.
pub const READ_MESSAGE_HISTORY: Bits = 1 << 16;
/// Ping `@everyone`, and roles that are not mentionable by all.
pub const MENTION_EVERYONE: Bits = 1 << 17;
/// Use application commands.
pub const USE_APPLICATION_COMMANDS: Bits = 1 << 31;
/// Lock, archive, rename and delete others' threads.
pub const MANAGE_THREADS: Bits = 1 << 34;
/// Start public threads.
pub const CREATE_PUBLIC_THREADS: Bits = 1 << 35;
/// Start private threads.
pub const CREATE_PRIVATE_THREADS: Bits = 1 << 36;
/// Send messages in threads.
pub const SEND_MESSAGES_IN_THREADS: Bits = 1 << 38;
/// Pin and unpin messages (split from `MANAGE_MESSAGES`; alone in granting it since
/// 23 February 2026).
pub const PIN_MESSAGES: Bits = 1 << 51;

/// What `@everyone` may do in a new guild.
pub const EVERYONE: Bits = 1
    | 1 << 6
    | 1 << 9
    | VIEW_CHANNEL
    | SEND_MESSAGES
    | EMBED_LINKS
    | ATTACH_FILES
    | READ_MESSAGE_HISTORY
    | MENTION_EVERYONE
    | 1 << 18
    | 1 << 20
    | 1 << 21
    | 1 << 25
    | 1 << 26
    | USE_APPLICATION_COMMANDS
    | 1 << 32
    | CREATE_PUBLIC_THREADS
    | CREATE_PRIVATE_THREADS
    | 1 << 37
    | SEND_MESSAGES_IN_THREADS
    | 1 << 49;

/// What the bot's own role grants by default: a careful invite link's worth.
pub const BOT: Bits = VIEW_CHANNEL
    | SEND_MESSAGES
    | EMBED_LINKS
    | ATTACH_FILES
    | READ_MESSAGE_HISTORY
    | CREATE_PUBLIC_THREADS
    | SEND_MESSAGES_IN_THREADS
    | MANAGE_THREADS
    | MENTION_EVERYONE
    | PIN_MESSAGES;

/// Whom an overwrite is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    /// A role; the guild's own id stands for `@everyone`.
    Role(Id),
    /// A member.
    Member(Id),
}

/// A channel's exception to the permissions of the guild.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overwrite {
    /// Whom it is for.
    pub target: Target,
    /// What it grants.
    pub allow: Bits,
    /// What it takes away.
    pub deny: Bits,
}

impl World {
    /// What `user` may do in the guild as a whole; nothing if not a member.
    pub fn base_permissions(&self, guild: Id, user: Id) -> Bits {
        let Some(guild) = self.guilds.get(&guild) else { return 0 };
        let Some(member) = guild.members.get(&user) else { return 0 };
        if guild.owner == user {
            return ALL;
        }
        let everyone = guild.roles.get(&guild.id).map_or(0, |role| role.permissions);
        let roles = member.roles.iter().filter_map(|role| guild.roles.get(role));
        let bits = roles.fold(everyone, |bits, role| bits | role.permissions);
        if bits & ADMINISTRATOR != 0 { ALL } else { bits }
    }

    /// What `user` may do in the channel. Threads take those of their parent. In a direct message
    /// the two who take part may do all that can be done there.
    pub fn permissions(&self, channel: &Channel, user: Id) -> Bits {
        let Some(guild) = channel.guild else {
            return if channel.recipients.contains(&user) || user == self.app.bot {
                VIEW_CHANNEL
                    | SEND_MESSAGES
                    | EMBED_LINKS
                    | ATTACH_FILES
                    | READ_MESSAGE_HISTORY
                    | PIN_MESSAGES
                    | USE_APPLICATION_COMMANDS
            } else {
                0
            };
        };
        let base = self.base_permissions(guild, user);
        if base & ADMINISTRATOR != 0 {
            return base;
        }
        let holder = match (&channel.thread, channel.parent) {
            (Some(_), Some(parent)) => self.channels.get(&parent).unwrap_or(channel),
            _ => channel,
        };
        let roles = self.member_roles(guild, user);
        let bits = with_overwrites(base, &holder.overwrites, guild, &roles, user);
        if bits & VIEW_CHANNEL == 0 { 0 } else { bits }
    }

    fn member_roles(&self, guild: Id, user: Id) -> Vec<Id> {
        let member = self.guilds.get(&guild).and_then(|guild| guild.members.get(&user));
        member.map(|member| member.roles.clone()).unwrap_or_default()
    }
}

/// Applies overwrites in Discord's order: `@everyone`, then all roles together, then the member.
fn with_overwrites(base: Bits, all: &[Overwrite], guild: Id, roles: &[Id], user: Id) -> Bits {
    let fold = |bits: Bits, wanted: &dyn Fn(Target) -> bool| {
        let chosen = all.iter().filter(|overwrite| wanted(overwrite.target));
        let (allow, deny) = chosen.fold((0, 0), |(a, d), o| (a | o.allow, d | o.deny));
        (bits & !deny) | allow
    };
    let bits = fold(base, &|target| target == Target::Role(guild));
    let bits = fold(bits, &|target| matches!(target, Target::Role(role) if roles.contains(&role)));
    fold(bits, &|target| target == Target::Member(user))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUILD: Id = Id(1);
    const ROLE: Id = Id(2);
    const USER: Id = Id(3);

    fn deny(target: Target) -> Overwrite {
        Overwrite { target, allow: 0, deny: SEND_MESSAGES }
    }

    fn allow(target: Target) -> Overwrite {
        Overwrite { target, allow: SEND_MESSAGES, deny: 0 }
    }

    #[test]
    fn overwrites_of_a_member_win_over_roles_and_roles_over_everyone() {
        let base = VIEW_CHANNEL | SEND_MESSAGES;
        let apply = |all: &[Overwrite]| with_overwrites(base, all, GUILD, &[ROLE], USER);
        assert_eq!(apply(&[deny(Target::Role(GUILD))]), VIEW_CHANNEL);
        assert_eq!(apply(&[allow(Target::Role(ROLE)), deny(Target::Role(GUILD))]), base);
        let all = [allow(Target::Role(ROLE)), deny(Target::Member(USER))];
        assert_eq!(apply(&all), VIEW_CHANNEL);
        assert_eq!(apply(&[deny(Target::Role(Id(9)))]), base);
    }
}
