//! The webhook of an interaction: its first answer (`@original`) and followups.

use super::callback::origin;
use super::messages::apply_edit;
use super::{Answer, Call};
use crate::error::ApiError;
use crate::id::Id;
use crate::validate;
use crate::wire;
use crate::world::{Interaction, InteractionState, World};

type Outcome = Result<Answer, ApiError>;

/// The interaction to which the token belongs; it must have been acknowledged.
fn interaction<'a>(world: &'a World, call: &Call) -> Result<&'a Interaction, ApiError> {
    if call.id("application")? != world.app.id {
        return Err(ApiError::unknown_webhook());
    }
    let token = call.text("token");
    let found = world.interaction_by_token(token).ok_or_else(|| {
        // A token that was right once has expired; any other never named a webhook.
        let ours = token.starts_with("aW50ZXJhY3Rpb24.");
        if ours { ApiError::invalid_webhook_token() } else { ApiError::unknown_webhook() }
    })?;
    let answered = matches!(*found.state.borrow(), InteractionState::Answered(_));
    if answered { Ok(found) } else { Err(ApiError::unknown_webhook()) }
}

fn target(world: &World, call: &Call) -> Result<(Id, Id), ApiError> {
    let interaction = interaction(world, call)?;
    let wanted = match call.text("message") {
        "@original" => interaction.original,
        _ => {
            let id = call.id("message")?;
            let own = interaction.followups.contains(&id)
                || interaction.original == Some(id)
                || interaction.message == Some(id);
            own.then_some(id)
        }
    };
    let id = wanted.ok_or_else(ApiError::unknown_message)?;
    let exists = world.message(interaction.channel, id).is_some();
    if exists { Ok((interaction.channel, id)) } else { Err(ApiError::unknown_message()) }
}

fn give(world: &World, channel: Id, message: Id) -> Outcome {
    let message = world.message(channel, message).ok_or_else(ApiError::unknown_message)?;
    Ok(Answer::Json(wire::message(world, message)))
}

pub(super) fn followup(world: &mut World, call: &Call) -> Outcome {
    let interaction = interaction(world, call)?;
    let (id, channel, user) = (interaction.id, interaction.channel, interaction.user);
    let mut origin = origin(interaction);
    let original = interaction.original;
    let draft = validate::new_message(&call.body, call.files.clone())?;
    // The first followup to a deferred answer takes its place, whatever its own flags say.
    let waiting = original.filter(|m| world.message(channel, *m).is_some_and(|m| m.loading()));
    if let Some(waiting) = waiting {
        world.edit(channel, waiting, draft);
        return give(world, channel, waiting);
    }
    origin.ephemeral_for = draft.ephemeral().then_some(user);
    let bot = world.app.bot;
    let message = world.post(channel, bot, draft, origin);
    if let Some(interaction) = world.interactions.get_mut(&id) {
        interaction.followups.push(message);
    }
    give(world, channel, message)
}

pub(super) fn get(world: &mut World, call: &Call) -> Outcome {
    let (channel, message) = target(world, call)?;
    give(world, channel, message)
}

pub(super) fn edit(world: &mut World, call: &Call) -> Outcome {
    let (channel, message) = target(world, call)?;
    let draft = validate::edit(&call.body, call.files.clone())?;
    apply_edit(world, channel, message, draft)?;
    give(world, channel, message)
}

pub(super) fn delete(world: &mut World, call: &Call) -> Outcome {
    let (channel, message) = target(world, call)?;
    world.delete_message(channel, message);
    Ok(Answer::Empty)
}
