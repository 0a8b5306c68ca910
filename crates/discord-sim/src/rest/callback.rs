//! Answering an interaction
//! (<https://discord.com/developers/docs/interactions/receiving-and-responding>).

use serde_json::{Value, json};

use super::{Answer, Call};
use crate::error::ApiError;
use crate::id::Id;
use crate::validate;
use crate::wire;
use crate::world::{Ack, Draft, Interaction, InteractionKind, Origin, Reference, World};

/// What the answer needs to know of its interaction.
struct Asked {
    id: Id,
    kind: InteractionKind,
    user: Id,
    channel: Id,
    message: Option<Id>,
    origin: Origin,
}

impl Asked {
    fn of(interaction: &Interaction) -> Self {
        Self {
            id: interaction.id,
            kind: interaction.kind,
            user: interaction.user,
            channel: interaction.channel,
            message: interaction.message,
            origin: origin(interaction),
        }
    }
}

/// How messages come about that answer the interaction.
pub(super) fn origin(interaction: &Interaction) -> Origin {
    let kind = if interaction.kind == InteractionKind::Command { 20 } else { 0 };
    let reply = interaction.message.filter(|_| interaction.kind == InteractionKind::Component);
    let channel = interaction.channel;
    Origin {
        kind: if reply.is_some() { 19 } else { kind },
        webhook: true,
        interaction: Some(interaction.metadata()),
        reference: reply.map(|id| Reference { channel, message: Some(id) }),
        ..Origin::default()
    }
}

pub(super) fn answer(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let id = call.id("interaction")?;
    let known = world.interactions.get(&id).filter(|known| known.token == call.text("token"));
    let known = known.ok_or_else(ApiError::unknown_interaction)?;
    if known.pending() && known.is_overdue() {
        world.fail_interaction(id);
        return Err(ApiError::unknown_interaction());
    }
    match &*known.state.borrow() {
        crate::world::InteractionState::Pending => {}
        crate::world::InteractionState::Answered(_) => {
            return Err(ApiError::already_acknowledged());
        }
        crate::world::InteractionState::Failed => {
            return Err(ApiError::unknown_interaction());
        }
    }
    let asked = Asked::of(known);
    let ack = acknowledge(world, call, asked)?;
    let message = match &ack {
        Ack::Message(message) | Ack::DeferredMessage(message) | Ack::Updated(message) => {
            Some(*message)
        }
        _ => None,
    };
    if let Some(interaction) = world.interactions.get_mut(&id) {
        interaction.original = message.or(interaction.message);
    }
    world.acknowledge(id, ack);
    let wanted = call.query("with_response").is_some_and(|value| value == "true" || value == "1");
    Ok(if wanted {
        Answer::Json(callback_response(world, id, &call.body, message))
    } else {
        Answer::Empty
    })
}

/// Does what the answer's type asks for.
fn acknowledge(world: &mut World, call: &Call, asked: Asked) -> Result<Ack, ApiError> {
    let data = &call.body["data"];
    let is = |kind| asked.kind == kind;
    let has_message = asked.message.is_some() && !is(InteractionKind::Autocomplete);
    match call.body["type"].as_u64() {
        Some(4) if !is(InteractionKind::Autocomplete) => {
            let draft = validate::new_message(data, call.files.clone())?;
            Ok(Ack::Message(send(world, asked, draft, false)))
        }
        Some(5) if !is(InteractionKind::Autocomplete) => {
            let draft = Draft { flags: data["flags"].as_u64(), ..Draft::default() };
            Ok(Ack::DeferredMessage(send(world, asked, draft, true)))
        }
        Some(6) if has_message => Ok(Ack::DeferredUpdate),
        Some(7) if has_message => update(world, call, &asked),
        Some(8) if is(InteractionKind::Autocomplete) => Ok(Ack::Choices(validate::choices(data)?)),
        Some(9) if is(InteractionKind::Command) || is(InteractionKind::Component) => {
            let modal = validate::modal(data, asked.id, asked.channel, asked.message)?;
            Ok(Ack::Modal(modal))
        }
        given => {
            let given = given.map_or_else(|| call.body["type"].to_string(), |n| n.to_string());
            let message = format!("Value \"{given}\" is not a valid response to this interaction.");
            Err(ApiError::form("type", "BASE_TYPE_CHOICES", &message))
        }
    }
}

fn send(world: &mut World, asked: Asked, draft: Draft, loading: bool) -> Id {
    let mut origin = asked.origin;
    origin.loading = loading;
    origin.ephemeral_for = draft.ephemeral().then_some(asked.user);
    let bot = world.app.bot;
    world.post(asked.channel, bot, draft, origin)
}

fn update(world: &mut World, call: &Call, asked: &Asked) -> Result<Ack, ApiError> {
    let message = asked.message.ok_or_else(ApiError::unknown_message)?;
    let draft = validate::edit(&call.body["data"], call.files.clone())?;
    super::messages::apply_edit(world, asked.channel, message, draft)?;
    Ok(Ack::Updated(message))
}

fn callback_response(world: &World, id: Id, body: &Value, message: Option<Id>) -> Value {
    let Some(interaction) = world.interactions.get(&id) else { return Value::Null };
    let found = message.and_then(|message| world.message(interaction.channel, message));
    let mut data = json!({
        "interaction": {
            "id": id,
            "type": interaction.kind as u8,
            "response_message_id": message,
            "response_message_loading": found.is_some_and(|message| message.loading()),
            "response_message_ephemeral": found.is_some_and(|m| m.ephemeral_for.is_some()),
        },
    });
    if let Some(found) = found {
        data["resource"] = json!({ "type": body["type"], "message": wire::message(world, found) });
    }
    data
}
