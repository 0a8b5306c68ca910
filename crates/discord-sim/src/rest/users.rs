//! The bot itself, its application, the gateway's address, direct messages.

use serde_json::{Value, json};

use super::{Answer, Call};
use crate::error::ApiError;
use crate::id::id_of;
use crate::wire;
use crate::world::World;

type Outcome = Result<Answer, ApiError>;

pub(super) fn gateway(_: &mut World, call: &Call) -> Outcome {
    Ok(Answer::Json(json!({ "url": call.gateway })))
}

pub(super) fn gateway_bot(_: &mut World, call: &Call) -> Outcome {
    Ok(Answer::Json(json!({
        "url": call.gateway,
        "shards": 1,
        "session_start_limit": {
            "total": 1000, "remaining": 999, "reset_after": 14_400_000, "max_concurrency": 1,
        },
    })))
}

pub(super) fn me(world: &mut World, _: &Call) -> Outcome {
    Ok(Answer::Json(wire::current_user(world)))
}

pub(super) fn edit_me(world: &mut World, call: &Call) -> Outcome {
    let bot = world.app.bot;
    if let Some(name) = call.body["username"].as_str() {
        if !(2..=32).contains(&name.chars().count()) {
            let message = "Must be between 2 and 32 in length.";
            return Err(ApiError::form("username", "BASE_TYPE_BAD_LENGTH", message));
        }
        if let Some(user) = world.users.get_mut(&bot) {
            user.name = name.to_owned();
        }
    }
    me(world, call)
}

pub(super) fn my_guilds(world: &mut World, _: &Call) -> Outcome {
    let bot = world.app.bot;
    let mine = world.guilds.values().filter(|guild| guild.members.contains_key(&bot));
    let partial = mine.map(|guild| {
        json!({
            "id": guild.id,
            "name": guild.name,
            "icon": null,
            "banner": null,
            "owner": guild.owner == bot,
            "permissions": world.base_permissions(guild.id, bot).to_string(),
            "features": [],
        })
    });
    Ok(Answer::Json(partial.collect()))
}

pub(super) fn user(world: &mut World, call: &Call) -> Outcome {
    let user = world.users.get(&call.id("user")?).ok_or_else(ApiError::unknown_user)?;
    Ok(Answer::Json(wire::user(user)))
}

pub(super) fn application(world: &mut World, _: &Call) -> Outcome {
    Ok(Answer::Json(wire::application(world)))
}

pub(super) fn open_dm(world: &mut World, call: &Call) -> Outcome {
    let recipient = id_of(&call.body["recipient_id"]);
    let user = recipient.and_then(|id| world.users.get(&id)).filter(|user| !user.bot);
    let id = user.map(|user| user.id).ok_or_else(|| {
        let message = "Invalid Recipient(s)";
        ApiError::new(400, 50033, message)
    })?;
    let channel = world.dm(id);
    let data = world.channels.get(&channel).map_or(Value::Null, |c| wire::channel(world, c));
    Ok(Answer::Json(data))
}
