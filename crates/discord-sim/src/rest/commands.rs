//! Application commands, global and of a guild.

use serde_json::{Value, json};

use super::guilds::guild_for;
use super::{Answer, Call};
use crate::error::{ApiError, FormErrors};
use crate::id::Id;
use crate::record::Change;
use crate::validate;
use crate::world::{Command, World};

type Outcome = Result<Answer, ApiError>;

/// The guild whose commands are meant; none: the global ones.
fn scope(world: &World, call: &Call) -> Result<Option<Id>, ApiError> {
    if call.id("application")? != world.app.id {
        return Err(ApiError::unknown_application());
    }
    if call.text("guild").is_empty() {
        return Ok(None);
    }
    // Outside its guilds the bot lacks access, rather than not knowing them.
    Ok(Some(guild_for(world, call).map_err(|_| ApiError::missing_access())?.id))
}

/// Fills in what Discord adds to a command that was sent.
fn complete(world: &mut World, guild: Option<Id>, sent: &Value, keep: Option<Id>) -> Command {
    let version = world.new_id();
    let id = keep.unwrap_or(version);
    let mut body = json!({
        "id": id,
        "application_id": world.app.id,
        "version": version,
        "type": sent["type"].as_u64().unwrap_or(1),
        "name": sent["name"],
        "name_localizations": sent["name_localizations"],
        "description": sent["description"].as_str().unwrap_or_default(),
        "description_localizations": sent["description_localizations"],
        "default_member_permissions": null,
        "dm_permission": sent["dm_permission"].as_bool().unwrap_or(true),
        "nsfw": sent["nsfw"].as_bool().unwrap_or(false),
        "integration_types": sent["integration_types"].as_array().cloned().unwrap_or_else(|| vec![json!(0)]),
        "contexts": sent["contexts"],
    });
    let bits = &sent["default_member_permissions"];
    if let Some(bits) = bits.as_u64() {
        body["default_member_permissions"] = json!(bits.to_string());
    } else if let Some(bits) = bits.as_str() {
        body["default_member_permissions"] = json!(bits);
    }
    if let Some(options) = sent["options"].as_array().filter(|options| !options.is_empty()) {
        body["options"] = json!(options);
    }
    if let Some(guild) = guild {
        body["guild_id"] = guild.into();
    }
    Command { id, guild, body }
}

fn own(world: &World, guild: Option<Id>) -> impl Iterator<Item = &Command> {
    world.commands.iter().filter(move |command| command.guild == guild)
}

/// The id of the command with the same kind and name, which a new definition replaces.
fn same(world: &World, guild: Option<Id>, sent: &Value) -> Option<Id> {
    let kind = sent["type"].as_u64().unwrap_or(1);
    let mut all = own(world, guild);
    all.find(|command| command.kind() == kind && command.name() == sent["name"]).map(|c| c.id)
}

pub(super) fn list(world: &mut World, call: &Call) -> Outcome {
    let guild = scope(world, call)?;
    Ok(Answer::Json(own(world, guild).map(|command| command.body.clone()).collect()))
}

pub(super) fn overwrite(world: &mut World, call: &Call) -> Outcome {
    let guild = scope(world, call)?;
    let Some(list) = call.body.as_array() else {
        return Err(ApiError::form("", "BASE_TYPE_BAD_TYPE", "Must be an array."));
    };
    let mut errors = FormErrors::default();
    validate::commands(list, &mut errors);
    errors.finish()?;
    let made: Vec<Command> = (list.iter())
        .map(|sent| {
            let keep = same(world, guild, sent);
            complete(world, guild, sent, keep)
        })
        .collect();
    world.commands.retain(|command| command.guild != guild);
    let bodies = made.iter().map(|command| command.body.clone()).collect();
    world.commands.extend(made);
    world.tell(Change::Commands);
    Ok(Answer::Json(bodies))
}

pub(super) fn create(world: &mut World, call: &Call) -> Outcome {
    let guild = scope(world, call)?;
    let mut errors = FormErrors::default();
    validate::command("", &call.body, &mut errors);
    errors.finish()?;
    let known = same(world, guild, &call.body);
    let kind = call.body["type"].as_u64().unwrap_or(1);
    if known.is_none() && own(world, guild).filter(|c| c.kind() == kind).count() >= 100 {
        let message = "Maximum number of application commands reached (100)";
        return Err(ApiError::new(400, 30032, message));
    }
    let command = complete(world, guild, &call.body, known);
    let body = command.body.clone();
    world.commands.retain(|other| other.id != command.id);
    world.commands.push(command);
    world.tell(Change::Commands);
    // 201 for a new one, 200 where it replaced one of the same name.
    Ok(if known.is_some() { Answer::Json(body) } else { Answer::Created(body) })
}

fn find(world: &World, call: &Call) -> Result<Command, ApiError> {
    let guild = scope(world, call)?;
    let id = call.id("command")?;
    let found = own(world, guild).find(|command| command.id == id);
    found.cloned().ok_or_else(ApiError::unknown_command)
}

pub(super) fn get(world: &mut World, call: &Call) -> Outcome {
    Ok(Answer::Json(find(world, call)?.body))
}

pub(super) fn edit(world: &mut World, call: &Call) -> Outcome {
    let found = find(world, call)?;
    let mut sent = found.body.clone();
    for (key, value) in call.body.as_object().into_iter().flatten() {
        sent[key.as_str()] = value.clone();
    }
    let mut errors = FormErrors::default();
    validate::command("", &sent, &mut errors);
    errors.finish()?;
    let command = complete(world, found.guild, &sent, Some(found.id));
    let body = command.body.clone();
    world.commands.retain(|other| other.id != command.id);
    world.commands.push(command);
    world.tell(Change::Commands);
    Ok(Answer::Json(body))
}

pub(super) fn delete(world: &mut World, call: &Call) -> Outcome {
    let found = find(world, call)?;
    world.commands.retain(|other| other.id != found.id);
    world.tell(Change::Commands);
    Ok(Answer::Empty)
}
