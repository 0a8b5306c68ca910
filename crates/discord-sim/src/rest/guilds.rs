//! Guilds, their channels, roles and members, read only.

use super::{Answer, Call, channel_for};
use crate::error::ApiError;
use crate::wire;
use crate::world::{Guild, World};

type Outcome = Result<Answer, ApiError>;

/// The guild of a request, if the bot is in it.
pub(super) fn guild_for<'a>(world: &'a World, call: &Call) -> Result<&'a Guild, ApiError> {
    let guild = world.guilds.get(&call.id("guild")?).ok_or_else(ApiError::unknown_guild)?;
    // Discord does not say whether a guild exists to those outside it.
    let inside = guild.members.contains_key(&world.app.bot);
    if inside { Ok(guild) } else { Err(ApiError::unknown_guild()) }
}

pub(super) fn guild(world: &mut World, call: &Call) -> Outcome {
    Ok(Answer::Json(wire::guild(guild_for(world, call)?)))
}

pub(super) fn channels(world: &mut World, call: &Call) -> Outcome {
    let id = guild_for(world, call)?.id;
    let channels = world.channels.values();
    let own = channels.filter(|channel| channel.guild == Some(id) && channel.thread.is_none());
    Ok(Answer::Json(own.map(|channel| wire::channel(world, channel)).collect()))
}

pub(super) fn roles(world: &mut World, call: &Call) -> Outcome {
    let guild = guild_for(world, call)?;
    Ok(Answer::Json(guild.roles.values().map(wire::role).collect()))
}

pub(super) fn member(world: &mut World, call: &Call) -> Outcome {
    let guild = guild_for(world, call)?;
    let wanted = if call.text("user") == "@me" { world.app.bot } else { call.id("user")? };
    if !world.users.contains_key(&wanted) {
        return Err(ApiError::unknown_user());
    }
    let member = guild.members.get(&wanted).ok_or_else(ApiError::unknown_member)?;
    Ok(Answer::Json(wire::member(world, member)))
}

pub(super) fn channel(world: &mut World, call: &Call) -> Outcome {
    let channel = channel_for(world, call, 0)?;
    Ok(Answer::Json(wire::channel(world, channel)))
}
