//! What members may not do, they cannot do: forged interactions, foreign guilds, texts that are
//! meant to harm, floods; and the token stays where it belongs. docs/threat-model.md names the tests.

mod admins;
mod buttons;
mod floods;
mod secrets;
mod texts;

use crate::{
    bodies::tour,
    support::{self, Stage},
};
use discord_sim::{Forgery, Id, MessageView};
use serde_json::{Value, json};

/// A Friday in New York, before and after the first round.
const BEFORE: &str = tour::START;
const AFTER: &str = "2026-03-06T15:00:00Z";

/// What somebody is told whose button is of no use.
const STALE: &str = "not here any more";

/// The threat model is worth what its tests are: each that it names is there.
#[test]
fn the_threat_model_names_tests_that_there_are() {
    let document = std::fs::read_to_string("docs/threat-model.md").unwrap();
    let mut code = String::new();
    let mut folders = vec![std::path::PathBuf::from("src"), "tests".into()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.extension() {
                Some(rust) if rust == "rs" => {
                    code.push_str(&std::fs::read_to_string(path).unwrap())
                }
                _ if path.is_dir() => folders.push(path),
                _ => {}
            }
        }
    }
    let words = document.split('`').skip(1).step_by(2);
    let names = words.filter_map(|word| word.rsplit("::").next());
    let tests: Vec<&str> = names.filter(|name| name.matches('_').count() > 2).collect();
    assert!(tests.len() > 20, "{tests:?}");
    for name in tests {
        assert!(code.contains(&format!("fn {name}(")), "no test is named {name}");
    }
}

/// A stage with one daily whose first round is out, by the numbers 1 and 1.
async fn with_round() -> Stage {
    let mut stage = Stage::at(BEFORE).await;
    stage.set_daily("09:30", "America/New_York", &[]).await;
    stage.travel(AFTER).await;
    assert_eq!(stage.rounds().len(), 1);
    stage
}

/// A second guild with the bot and a channel in it; its owner may do all there, and is a stranger in
/// the first.
struct Elsewhere {
    owner: Id,
    channel: Id,
}

impl Elsewhere {
    fn beside(stage: &Stage) -> Self {
        let owner = stage.sim.add_user("eve", "Eve");
        let guild = stage.sim.add_guild("Elsewhere", owner);
        let channel = stage.sim.add_channel(guild, "general", discord_sim::ChannelKind::Text);
        Self { owner, channel }
    }
}

/// A click on a button that the payload says is there, on a message where it is not.
async fn forged_click(
    stage: &Stage,
    user: Id,
    channel: Id,
    message: Id,
    custom_id: &str,
) -> MessageView {
    let forgery = Forgery::Click { message, custom_id: custom_id.to_owned() };
    let button = json!({ "type": 2, "style": 2, "label": "?", "custom_id": custom_id });
    let row = json!([{ "type": 1, "components": [button] }]);
    let claim = |payload: &mut Value| payload["message"]["components"] = row;
    told(stage.actor(user).forge_with(channel, forgery, claim)).await
}

/// The message that somebody alone gets for an answer.
async fn told(pending: discord_sim::Pending) -> MessageView {
    let response = pending.response().await;
    let message = response.message().unwrap_or_else(|| panic!("a message, not {response:?}"));
    assert!(message.ephemeral, "{}", message.text());
    message.clone()
}

/// All of a stage that an act without effect leaves as it is: the daily, the rounds, the threads.
async fn state(stage: &Stage) -> Vec<String> {
    let mut state = Vec::new();
    for command in ["daily show", "daily preview"] {
        state.push(stage.ask(stage.mona, command, &[]).await);
    }
    for kind in ["all", "quiz", "streak"] {
        state.push(format!("{:?}", stage.board(kind).await));
    }
    let channels = stage.sim.channels().into_iter();
    let channels = channels.filter(|channel| channel.guild == Some(stage.guild));
    let posts = channels.flat_map(|channel| stage.sim.messages(channel.id));
    let posts = posts.filter(|message| !message.ephemeral);
    state.extend(posts.map(|message| format!("{} {}", message.id, message.text())));
    state
}
