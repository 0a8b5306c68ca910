//! Every answer of the simulated Discord has the shape that Discord's OpenAPI description gives.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::support::{INTENTS, Rest, Socket, Stage, stage};
use discord_sim::{ChannelKind, RequestRecord};
use serde_json::{Value, json};

/// Discord's description, if it lies beside the project (or where `DISCORD_OPENAPI` says).
fn description() -> Option<Value> {
    let beside =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/discord-openapi.json");
    let named = std::env::var_os("DISCORD_OPENAPI").map(PathBuf::from);
    if named.is_none() && !beside.exists() {
        assert!(std::env::var_os("CI").is_none(), "CI needs Discord's OpenAPI description");
        eprintln!("skipped: Discord's OpenAPI description is not beside the project");
        return None;
    }
    let path = named.unwrap_or(beside);
    Some(serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
}

/// A path with its parameters' names left out.
fn nameless(path: &str) -> String {
    let segments = path.split('/').map(|s| if s.starts_with('{') { "{}" } else { s });
    segments.collect::<Vec<_>>().join("/")
}

struct Shapes {
    /// Schemas by method, nameless path and status.
    responses: BTreeMap<(String, String, String), Value>,
    components: Value,
}

impl Shapes {
    fn new(description: &Value) -> Self {
        let mut responses = BTreeMap::new();
        for (path, item) in description["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                for (status, response) in operation["responses"].as_object().into_iter().flatten() {
                    let schema = response["content"]["application/json"]["schema"].clone();
                    let key = (method.to_uppercase(), nameless(path), status.clone());
                    responses.insert(key, schema);
                }
            }
        }
        Self { responses, components: description["components"].clone() }
    }

    fn faults(&self, record: &RequestRecord) -> Vec<String> {
        let Some(route) = record.route else { return Vec::new() };
        // `@original` has a path of its own in the description.
        let route = if record.path.ends_with("/@original") {
            route.replace("{message}", "@original")
        } else {
            route.to_owned()
        };
        let status = record.status.unwrap().to_string();
        let key = (record.method.clone(), nameless(&route), status);
        let Some(schema) = self.responses.get(&key) else {
            return vec![format!("{key:?} is not described")];
        };
        if schema.is_null() {
            return Vec::new();
        }
        let whole = json!({ "allOf": [schema], "components": self.components });
        let validator = jsonschema::options().build(&whole).unwrap();
        let faults = validator.iter_errors(&record.answer);
        faults
            .map(|fault| format!("{} {route}: {fault} at {}", record.method, fault.instance_path()))
            .collect()
    }
}

/// Uses every kind of route once.
async fn tour(stage: &Stage) {
    let Stage { sim, rest, channel, guild, ada, .. } = stage;
    let (app, ada) = (sim.application_id(), *ada);
    for path in ["/gateway", "/gateway/bot", "/users/@me", "/applications/@me", "/users/@me/guilds"]
    {
        rest.get(path).await;
    }
    rest.get(&format!("/users/{ada}")).await;
    for rest_of in ["", "/channels", "/roles", "/threads/active", &format!("/members/{ada}")] {
        rest.get(&format!("/guilds/{guild}{rest_of}")).await;
    }
    rest.post("/users/@me/channels", json!({ "recipient_id": ada })).await;
    tour_of_messages(rest, *channel).await;
    let forum = sim.add_channel(*guild, "forum", ChannelKind::Forum);
    sim.add_forum_tag(forum, "daily");
    rest.get(&format!("/channels/{forum}")).await;
    let post = json!({ "name": "q", "message": { "content": "first" } });
    rest.post(&format!("/channels/{forum}/threads"), post).await;
    let option = json!({ "type": 3, "name": "level", "description": "d", "required": true });
    let ask = json!({ "name": "ask", "description": "Ask", "options": [option] });
    let commands = format!("/applications/{app}/commands");
    rest.call("PUT", &commands, json!([ask])).await;
    rest.get(&commands).await;
    rest.get(&format!("/guilds/{guild}/threads/active")).await;
}

async fn tour_of_messages(rest: &Rest, channel: discord_sim::Id) {
    let path = format!("/channels/{channel}/messages");
    let button = json!({ "type": 2, "style": 1, "label": "Go", "custom_id": "go" });
    let embed = json!({
        "title": "t", "description": "d", "color": 255, "timestamp": "2026-03-06T14:30:00Z",
        "fields": [{ "name": "n", "value": "v" }], "footer": { "text": "f" },
        "author": { "name": "a" }, "image": { "url": "https://example.com/a.png" },
    });
    let body = json!({
        "content": "x", "embeds": [embed], "nonce": "n",
        "components": [{ "type": 1, "components": [button] }],
    });
    let id = rest.post(&path, body).await.id();
    rest.get(&format!("/channels/{channel}")).await;
    rest.call("PATCH", &format!("{path}/{id}"), json!({ "content": "y" })).await;
    rest.call("PUT", &format!("{path}/pins/{id}"), Value::Null).await;
    rest.post(&format!("{path}/{id}/threads"), json!({ "name": "t" })).await;
    let reply = json!({ "content": "r", "message_reference": { "message_id": id } });
    rest.post(&path, reply).await;
    rest.get(&format!("{path}/{id}")).await;
    rest.get(&path).await;
    rest.get(&format!("{path}/pins")).await;
    rest.get(&format!("/channels/{channel}/pins")).await;
    rest.get(&format!("/channels/{id}/messages")).await;
    rest.get(&format!("/channels/{id}/thread-members")).await;
    rest.call("PATCH", &format!("/channels/{id}"), json!({ "archived": true })).await;
}

/// Answers a command, with an edit and a followup.
async fn tour_of_interactions(stage: &Stage, socket: &mut Socket) {
    let ada = stage.sim.user(stage.ada);
    let options = [("level", json!("any"))];
    let _pending = ada.start_command(stage.channel, "ask", &options).unwrap();
    let sent = socket.event("INTERACTION_CREATE").await;
    let text = |key: &str| sent[key].as_str().unwrap().to_owned();
    let path =
        format!("/interactions/{}/{}/callback?with_response=true", text("id"), text("token"));
    stage.rest.post(&path, json!({ "type": 4, "data": { "content": "x" } })).await;
    let hook = format!("/webhooks/{}/{}", text("application_id"), text("token"));
    let original = format!("{hook}/messages/@original");
    stage.rest.call("PATCH", &original, json!({ "content": "y" })).await;
    stage.rest.get(&original).await;
    stage.rest.post(&hook, json!({ "content": "more", "flags": 64 })).await;
}

#[tokio::test]
async fn answers_have_the_shapes_that_discord_describes() {
    let Some(description) = description() else { return };
    let stage = stage().await;
    tour(&stage).await;
    let (mut socket, _) = Socket::identified(&stage.sim, INTENTS).await;
    tour_of_interactions(&stage, &mut socket).await;
    let shapes = Shapes::new(&description);
    let records = stage.sim.requests();
    assert!(records.iter().all(|record| record.error.is_none()), "{records:#?}");
    let faults: Vec<String> = records.iter().flat_map(|record| shapes.faults(record)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
