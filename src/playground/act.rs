//! Acting as one of the guild's people.

use super::Shared;
use discord_sim::{ActError, Actor, Choice, Id, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// An act of a person in a channel or thread.
#[derive(Deserialize)]
pub(super) struct Act {
    viewer: Id,
    channel: Id,
    #[serde(flatten)]
    what: What,
}

/// The kinds of act.
#[derive(Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
enum What {
    /// Using a slash command, named with its subcommand.
    Command { name: String, options: Map<String, Value> },
    /// Typing into an option.
    Autocomplete { name: String, options: Map<String, Value>, option: String, text: String },
    /// Clicking a button.
    Click { message: Id, custom_id: String },
    /// Choosing in a select.
    Select { message: Id, custom_id: String, values: Vec<String> },
    /// Sending off the form that opened in answer to `interaction`.
    Submit { interaction: Id, values: BTreeMap<String, String> },
    /// Dismissing an ephemeral message.
    Dismiss { message: Id },
    /// Saying something.
    Say { text: String },
}

/// What came of an act.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Outcome {
    /// The bot's response.
    Response(Box<Response>),
    /// Suggestions for an option.
    Suggestions { choices: Vec<Choice> },
    /// It is done; the page will see it.
    Done {},
}

/// Why an act did not come about.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    /// The viewer is none of those whom one can be.
    #[error("there is nobody of that id to act as")]
    Nobody,
    /// The form is not open, or not for this person.
    #[error("the form is not open any more")]
    NoForm,
    /// Discord's client would not have let it pass.
    #[error(transparent)]
    Client(#[from] ActError),
}

impl Shared {
    /// Does it, and waits for what comes of it.
    pub(super) async fn act(&self, act: Act) -> Result<Outcome, Refusal> {
        if !self.people().iter().any(|person| person.id == act.viewer) {
            return Err(Refusal::Nobody);
        }
        perform(&self.sim.user(act.viewer), act.channel, act.what).await
    }
}

async fn perform(actor: &Actor, channel: Id, what: What) -> Result<Outcome, Refusal> {
    let response = match what {
        What::Command { name, options } => {
            actor.command(channel, &name, &borrowed(&options)).await?
        }
        What::Autocomplete { name, options, option, text } => {
            let others = borrowed(&options);
            let choices = actor.autocomplete(channel, &name, &option, &text, &others).await?;
            return Ok(Outcome::Suggestions { choices });
        }
        What::Click { message, custom_id } => actor.click(channel, message, &custom_id).await?,
        What::Select { message, custom_id, values } => {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            actor.select(channel, message, &custom_id, &values).await?
        }
        What::Submit { interaction, values } => {
            let modal = actor.opened(interaction).ok_or(Refusal::NoForm)?;
            let values: Vec<(&str, &str)> =
                values.iter().map(|(id, text)| (id.as_str(), text.as_str())).collect();
            actor.submit(&modal, &values).await?
        }
        What::Dismiss { message } => {
            actor.dismiss(channel, message)?;
            return Ok(Outcome::Done {});
        }
        What::Say { text } => {
            actor.say(channel, &text)?;
            return Ok(Outcome::Done {});
        }
    };
    Ok(Outcome::Response(Box::new(response)))
}

fn borrowed(options: &Map<String, Value>) -> Vec<(&str, Value)> {
    options.iter().map(|(name, value)| (name.as_str(), value.clone())).collect()
}
