//! Reads a payload of the gateway as a connected bot does, up to the point where the use cases would
//! be asked. See [`crate::fuzzing`].

use super::{custom_id, limits::TEXT_INPUT_MAX, receive};
use crate::{commands, commands::invocation::Press};
use serenity::{
    all::{Event, Interaction},
    model::event::GatewayEvent,
};

/// Reads it; says whether it was an interaction.
///
/// # Panics
/// Where something comes of it that no member may do.
pub fn read(bytes: &[u8]) -> bool {
    match serde_json::from_slice(bytes) {
        Ok(GatewayEvent::Dispatch(_, Event::InteractionCreate(event))) => {
            interaction(&event.interaction);
            true
        }
        _ => false,
    }
}

fn interaction(interaction: &Interaction) {
    match interaction {
        Interaction::Command(command) => {
            let invocation = receive::invocation(command);
            commands::is_slow(&invocation);
        }
        Interaction::Autocomplete(command) => {
            if let Some(typing) = receive::typing(command) {
                assert_eq!(typing.invocation, receive::invocation(command));
            }
        }
        Interaction::Component(component) => {
            check(&receive::click(component), receive::button(component));
        }
        Interaction::Modal(modal) => {
            check(&receive::submission(modal), Some(&modal.data.custom_id));
        }
        _ => {}
    }
}

fn check(press: &Press, custom_id: Option<&str>) {
    let user = press.origin.user;
    assert!(press.quoted.is_none() || press.shown_to == Some(user), "another's message");
    let length = press.typed.as_ref().map_or(0, |text| text.chars().count());
    assert!(length <= TEXT_INPUT_MAX, "{length} characters of an answer");
    assert!(press.origin.guild.is_some() || !press.origin.manages, "nobody manages a conversation");
    let Some(action) = custom_id.and_then(custom_id::decode) else { return };
    commands::later(&action);
    let allowed = commands::may_press(press, &action).is_ok();
    assert!(!allowed || !press.is_anothers(), "a button of another's message");
}
