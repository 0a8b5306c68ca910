//! What only those with Manage Server may do: Discord hides the commands from others, and the bot
//! does not rely on it.

use super::{
    AFTER, BEFORE, Elsewhere, forged_click, state, support::Stage, told, tour, with_round,
};
use discord_sim::{Forgery, Id, Response};
use serde_json::{Value, json};

const REFUSED: &str = "needs the permission **Manage Server**";

/// An option's name, Discord's number for its type, and its value.
type Given = (String, u8, Value);

/// How an interaction may say that a member has no permissions.
fn without_permissions() -> Vec<fn(&mut Value)> {
    vec![
        |_| {},
        |payload| payload["member"]["permissions"] = json!("0"),
        // All but Manage Server and Administrator.
        |payload| payload["member"]["permissions"] = json!((!0x28_u64).to_string()),
        |payload| drop(payload["member"].as_object_mut().unwrap().remove("permissions")),
        // The bot's own permissions are not the member's.
        |payload| payload["app_permissions"] = json!(u64::MAX.to_string()),
    ]
}

/// A value for each option of a subcommand, such as an admin would give.
fn options(stage: &Stage, spec: &Value) -> Vec<Given> {
    let value = |name: &str| match name {
        "channel" => json!(stage.channel),
        "time" => json!("10:30"),
        "zone" => json!("Europe/Berlin"),
        "name" => json!("another"),
        "question" => json!("what-is-an-api-endpoint"),
        "date" => json!("tomorrow"),
        "member" => json!(stage.bob),
        _ => Value::Null,
    };
    let options = spec["options"].as_array().cloned().unwrap_or_default();
    let options = options.into_iter().map(|option| {
        let name = option["name"].as_str().unwrap().to_owned();
        let kind = u8::try_from(option["type"].as_u64().unwrap()).unwrap();
        let value = value(&name);
        (name, kind, value)
    });
    options.filter(|(.., value)| !value.is_null()).collect()
}

/// Every subcommand of `/daily` with its options.
fn subcommands(stage: &Stage) -> Vec<(String, Vec<Given>)> {
    let paths = tour::paths(stage).into_iter().filter(|(path, _)| path.starts_with("daily "));
    let found: Vec<_> = paths.map(|(path, spec)| (path, options(stage, &spec))).collect();
    assert_eq!(found.len(), 13, "{found:?}");
    found
}

fn forgery(path: &str, options: &[Given]) -> Forgery {
    let options: Vec<_> =
        options.iter().map(|(name, kind, value)| (name.as_str(), *kind, value.clone())).collect();
    Forgery::command(path, &options)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_subcommand_works_without_manage_server() {
    let stage = with_round().await;
    let before = state(&stage).await;
    for (path, options) in subcommands(&stage) {
        for tamper in without_permissions() {
            let bob = stage.actor(stage.bob);
            let answer =
                told(bob.forge_with(stage.channel, forgery(&path, &options), tamper)).await;
            assert!(answer.text().contains(REFUSED), "/{path}: {}", answer.text());
        }
    }
    assert_eq!(state(&stage).await, before);
    stage.finish().await;
}

/// The same forgeries work for a moderator, or the test above would show nothing.
#[tokio::test(flavor = "multi_thread")]
async fn every_subcommand_works_with_manage_server() {
    let stage = with_round().await;
    for (path, options) in subcommands(&stage) {
        let answer = told(stage.actor(stage.mona).forge(stage.channel, forgery(&path, &options)));
        let text = answer.await.text();
        assert!(!text.contains(REFUSED) && !text.contains("not here any more"), "/{path}: {text}");
    }
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_suggestions_of_admins_are_given_to_others() {
    let stage = with_round().await;
    let suggesting = tour::leaves(&stage, |option| option["autocomplete"] == true);
    let suggesting: Vec<_> =
        suggesting.into_iter().filter(|(path, _)| path.starts_with("daily ")).collect();
    assert!(suggesting.len() > 10, "{suggesting:?}");
    for (path, option) in suggesting {
        let subcommand = path.split_once(' ').unwrap().1;
        let typed = json!({ "name": option, "type": 3, "value": "", "focused": true });
        let options = json!([{ "type": 1, "name": subcommand, "options": [typed] }]);
        let data = json!({ "id": "1", "name": "daily", "type": 1, "options": options });
        let forge = |user: Id| {
            let forgery = Forgery::Autocomplete(data.clone());
            stage.actor(user).forge(stage.channel, forgery).response()
        };
        assert_eq!(forge(stage.bob).await, Response::Choices(Vec::new()), "/{path} {option}");
        assert_ne!(forge(stage.mona).await, Response::Choices(Vec::new()), "/{path} {option}");
    }
    stage.finish().await;
}

/// On the round's message and on the moderator's own, which alone has such buttons.
#[tokio::test(flavor = "multi_thread")]
async fn no_admin_button_works_without_manage_server() {
    let stage = with_round().await;
    let asked = stage.actor(stage.mona).command(stage.channel, "daily remove", &[]).await.unwrap();
    let asked = asked.message().unwrap().clone();
    let before = state(&stage).await;
    let round = stage.newest_round().id;
    for custom_id in ["daily1:remove:1", "daily1:extra:1:1"] {
        let answer = forged_click(&stage, stage.bob, stage.channel, round, custom_id).await;
        assert!(answer.text().contains(REFUSED), "{custom_id}: {}", answer.text());
        let answer = forged_click(&stage, stage.bob, stage.channel, asked.id, custom_id).await;
        assert!(answer.text().contains("somebody else's"), "{custom_id}: {}", answer.text());
    }
    assert_eq!(state(&stage).await, before);
    // The moderator's question still stands, and can still be answered.
    let seen = stage.actor(stage.mona).look(stage.channel, asked.id).unwrap();
    assert_eq!((seen.text(), seen.labels()), (asked.text(), asked.labels()));
    let mona = stage.actor(stage.mona);
    mona.click_label(stage.channel, asked.id, "Remove it for good").await.unwrap();
    super::support::eventually("the daily is removed", || {
        mona.look(stage.channel, asked.id).is_some_and(|seen| seen.text().contains("is removed"))
    })
    .await;
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_manages_one_server_manages_no_other() {
    let stage = with_round().await;
    let there = Elsewhere::beside(&stage);
    let before = state(&stage).await;
    let eve = stage.actor(there.owner);
    let sent = eve.say(there.channel, "Hello").unwrap();
    for custom_id in ["daily1:remove:1", "daily1:extra:1:1"] {
        let forgery = Forgery::Click { message: sent, custom_id: custom_id.to_owned() };
        let button = json!({ "type": 2, "style": 4, "label": "?", "custom_id": custom_id });
        let row = json!([{ "type": 1, "components": [button] }]);
        let claim = |payload: &mut Value| payload["message"]["components"] = row;
        eve.forge_with(there.channel, forgery, claim).response().await;
    }
    for (path, options) in subcommands(&stage) {
        if path == "daily set" {
            continue;
        }
        let answer = told(eve.forge(there.channel, forgery(&path, &options))).await.text();
        // There is a server to choose for, but the channel is another's.
        let refusal = match path.as_str() {
            "daily notices" => "Nothing was saved",
            _ => "no daily question here",
        };
        assert!(answer.contains(refusal), "/{path}: {answer}");
    }
    assert_eq!(state(&stage).await, before);
    stage.finish().await;
}

/// The channel of another guild in which the bot may write: neither for a daily nor for its notices.
#[tokio::test(flavor = "multi_thread")]
async fn a_daily_cannot_be_set_into_another_servers_channel() {
    let mut stage = Stage::at(BEFORE).await;
    let there = Elsewhere::beside(&stage);
    let options = [
        ("channel", 7, json!(there.channel)),
        ("time", 3, json!("09:30")),
        ("zone", 3, json!("America/New_York")),
    ];
    let forgery = Forgery::command("daily set", &options);
    let answer = told(stage.actor(stage.mona).forge(stage.channel, forgery)).await.text();
    assert!(answer.contains("Nothing was saved"), "{answer}");
    let forgery = Forgery::command("daily notices", &options[..1]);
    let answer = told(stage.actor(stage.mona).forge(stage.channel, forgery)).await.text();
    assert!(answer.contains("Nothing was saved"), "{answer}");
    stage.travel(AFTER).await;
    assert_eq!(stage.sim.messages(there.channel).len(), 0);
    assert!(stage.ask(stage.mona, "daily show", &[]).await.contains("no daily question here"));
    stage.finish().await;
}
