//! What twilight thinks of a body: its models read it, and its validators pass it.

use super::{Findings, Kind, items};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use twilight_model::{
    application::command::Command,
    http::interaction::{InteractionResponse, InteractionResponseData},
};
use twilight_validate::{channel, command, message};

pub(super) fn check(kind: Kind, body: &Value) -> Findings {
    let mut found = Findings::by("twilight");
    match kind {
        Kind::Commands => {
            let commands = items(body).iter().enumerate();
            commands.for_each(|(place, body)| one_command(&format!("/{place}"), body, &mut found));
        }
        Kind::Callback => callback(body, &mut found),
        Kind::Message | Kind::Edit | Kind::LateAnswer => data("", body, &mut found),
        Kind::Thread => thread(body, &mut found),
        // Twilight has no limits for a single flag.
        Kind::OpenAgain | Kind::Direct => {}
        Kind::Post => {
            thread(body, &mut found);
            data("/message", &body["message"], &mut found);
        }
    }
    found
}

fn read<T: DeserializeOwned>(at: &str, body: &Value, found: &mut Findings) -> Option<T> {
    match T::deserialize(body) {
        Ok(read) => Some(read),
        Err(error) => {
            found.add(at, error.to_string());
            None
        }
    }
}

fn pass<E: ToString>(at: String, verdict: Result<(), E>, found: &mut Findings) {
    if let Err(error) = verdict {
        found.add(at, error.to_string());
    }
}

/// twilight models a command as Discord gives it back, so what only Discord adds is added first.
fn one_command(at: &str, body: &Value, found: &mut Findings) {
    let mut body = body.clone();
    if body.is_object() {
        body["version"] = json!("1");
        if body["type"].is_null() {
            body["type"] = json!(1);
        }
        if body["type"] != 1 && body["description"].is_null() {
            body["description"] = json!("");
        }
    }
    let Some(read) = read::<Command>(at, &body, found) else { return };
    pass(at.to_owned(), command::command(&read), found);
    pass(format!("{at}/options"), command::options(&read.options), found);
}

fn callback(body: &Value, found: &mut Findings) {
    if read::<InteractionResponse>("", body, found).is_some() && !body["data"].is_null() {
        data("/data", &body["data"], found);
    }
}

/// All that a message, an answer or a form may hold. twilight has no model of the bodies of
/// messages, but they have the same keys as the data of an answer.
fn data(at: &str, body: &Value, found: &mut Findings) {
    let Some(read) = read::<InteractionResponseData>(at, body, found) else { return };
    if let Some(content) = &read.content {
        pass(format!("{at}/content"), message::content(content), found);
    }
    if let Some(embeds) = &read.embeds {
        pass(format!("{at}/embeds"), message::embeds(embeds), found);
    }
    if let Some(components) = &read.components {
        pass(format!("{at}/components"), message::components(components, false), found);
    }
    for (place, choice) in read.choices.iter().flatten().enumerate() {
        pass(format!("{at}/choices/{place}"), command::choice(choice), found);
    }
}

fn thread(body: &Value, found: &mut Findings) {
    if let Some(name) = read::<String>("/name", &body["name"], found) {
        pass("/name".to_owned(), channel::name(name), found);
    }
}
