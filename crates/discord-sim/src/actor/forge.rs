//! Acts that no client of Discord's would let a person do: the checks of the client are left out,
//! as they are by whoever speaks to Discord's API with a program of their own. Who acts, and where,
//! is Discord's to say, and stays true unless the payload itself is tampered with.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Actor, Pending};
use crate::id::Id;
use crate::world::{Act, InteractionKind};

/// What is forged.
#[derive(Clone, Debug)]
pub enum Forgery {
    /// A command, shown to the person or not, with options as Discord would send them.
    Command(Value),
    /// Typing into a command that may not be shown to the person.
    Autocomplete(Value),
    /// A click on a button that the message need not have, on any message of the channel.
    Click {
        /// The message, whoever may see it.
        message: Id,
        /// What the button is said to be.
        custom_id: String,
    },
    /// A form that was never opened.
    Form {
        /// What the form is said to be.
        custom_id: String,
        /// The custom id of its one input, and what was typed.
        input: (String, String),
    },
}

impl Forgery {
    /// A subcommand such as `daily pause`, with its options (name, Discord's type, value).
    pub fn command(path: &str, options: &[(&str, u8, Value)]) -> Self {
        Self::Command(data(path, options))
    }

    fn parts(self) -> (InteractionKind, Option<Id>, Value) {
        match self {
            Self::Command(data) => (InteractionKind::Command, None, data),
            Self::Autocomplete(data) => (InteractionKind::Autocomplete, None, data),
            Self::Click { message, custom_id } => {
                let data = json!({ "component_type": 2, "custom_id": custom_id, "id": 1 });
                (InteractionKind::Component, Some(message), data)
            }
            Self::Form { custom_id, input: (input, typed) } => {
                let input = json!({ "type": 4, "id": 2, "custom_id": input, "value": typed });
                let rows = json!([{ "type": 1, "id": 1, "components": [input] }]);
                let data = json!({ "custom_id": custom_id, "components": rows });
                (InteractionKind::Modal, None, data)
            }
        }
    }
}

/// The data of a command or of a subcommand.
fn data(path: &str, options: &[(&str, u8, Value)]) -> Value {
    let (name, subcommand) = path.split_once(' ').unwrap_or((path, ""));
    let option = |(name, kind, value): &(&str, u8, Value)| json!({ "name": name, "type": kind, "value": value });
    let options: Vec<Value> = options.iter().map(option).collect();
    let options = match subcommand {
        "" => json!(options),
        name => json!([{ "type": 1, "name": name, "options": options }]),
    };
    json!({ "id": "1", "name": name, "type": 1, "options": options })
}

impl Actor {
    /// Does what no client would do.
    pub fn forge(&self, channel: Id, forgery: Forgery) -> Pending {
        self.forge_with(channel, forgery, |_| {})
    }

    /// The same, with a hand in all that the bot is told, such as the person's permissions.
    pub fn forge_with(
        &self,
        channel: Id,
        forgery: Forgery,
        tamper: impl FnOnce(&mut Value),
    ) -> Pending {
        let (kind, message, data) = forgery.parts();
        let name = data["name"].as_str().map(str::to_owned);
        let act = Act { kind, user: self.id, channel, message, name, data };
        let mut world = self.shared.world();
        let (id, state) = world.interact_with(act, tamper);
        Pending::new(Arc::clone(&self.shared), id, channel, state)
    }
}
