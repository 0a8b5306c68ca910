//! The simulated Discord's gateway and its interactions.

use std::io::Read;
use std::time::{Duration, Instant};

use crate::support::{INTENTS, Socket, Stage, stage, stage_with};
use discord_sim::{
    ActError, Change, ChannelKind, Choice, Id, Options, Response, Traffic, permissions as p,
};
use futures_util::StreamExt;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn identify_is_checked_and_answered() {
    let Stage { sim, guild, .. } = stage().await;
    for (token, intents, code) in [("x", 1, 4004), ("", 1 << 60, 4013), ("", 1 << 15, 4014)] {
        let (mut socket, hello) = Socket::connect(&sim).await;
        assert_eq!((&hello["op"], &hello["d"]["heartbeat_interval"]), (&json!(10), &json!(41_250)));
        let token = if token.is_empty() { sim.token() } else { token };
        socket.identify(token, intents).await;
        assert_eq!(socket.next().await, Err(Some(code)));
    }
    let (mut socket, ready) = Socket::identified(&sim, INTENTS).await;
    assert_eq!(ready["guilds"], json!([{ "id": guild, "unavailable": true }]));
    assert_eq!(ready["resume_gateway_url"], sim.gateway_url());
    let full = socket.event("GUILD_CREATE").await;
    assert_eq!((full["id"].clone(), full["channels"].as_array().unwrap().len()), (json!(guild), 1));
    socket.identify(sim.token(), INTENTS).await;
    assert_eq!(socket.next().await, Err(Some(4005)));
}

#[tokio::test]
async fn payloads_that_make_no_sense_close_the_connection() {
    let Stage { sim, .. } = stage().await;
    for (payload, code) in [
        (json!({ "op": 99 }), 4001),
        (json!({ "op": 3, "d": {} }), 4003),
        (json!({ "op": 6, "d": { "token": sim.token(), "session_id": "x" } }), 4007),
    ] {
        let (mut socket, _) = Socket::connect(&sim).await;
        socket.send(payload).await;
        assert_eq!(socket.next().await, Err(Some(code)));
    }
}

#[tokio::test]
async fn heartbeats_are_answered_and_missed() {
    let heartbeat_interval = Duration::from_millis(100);
    let Stage { sim, .. } = stage_with(Options { heartbeat_interval, ..Options::default() }).await;
    let (mut socket, _) = Socket::connect(&sim).await;
    socket.send(json!({ "op": 1, "d": null })).await;
    assert_eq!(socket.next().await.unwrap()["op"], 11);
    sim.gateway().mute_acks(true);
    socket.send(json!({ "op": 1, "d": null })).await;
    assert_eq!(socket.next().await, Err(Some(4009)));
    assert_eq!(sim.gateway().stats().heartbeats, 2);
}

#[tokio::test]
async fn intents_decide_which_events_come() {
    let Stage { sim, channel, guild, ada, .. } = stage().await;
    let (mut guilds, _) = Socket::identified(&sim, 1).await;
    let (mut messages, _) = Socket::identified(&sim, 1 << 9).await;
    sim.user(ada).say(channel, "secret").unwrap();
    sim.add_channel(guild, "new", ChannelKind::Text);
    // The first event after GUILD_CREATE is of the channel: the message did not come.
    guilds.event("GUILD_CREATE").await;
    assert_eq!(guilds.next().await.unwrap()["t"], "CHANNEL_CREATE");
    let message = messages.next().await.unwrap();
    assert_eq!(message["t"], "MESSAGE_CREATE");
    assert_eq!((&message["d"]["content"], &message["d"]["guild_id"]), (&json!(""), &json!(guild)));
}

#[tokio::test]
async fn a_lost_session_is_resumed_with_what_it_missed() {
    let Stage { sim, guild, .. } = stage().await;
    let (mut socket, ready) = Socket::identified(&sim, INTENTS).await;
    socket.event("GUILD_CREATE").await;
    sim.gateway().cut();
    assert_eq!(socket.next().await, Err(None));
    for name in ["one", "two"] {
        sim.add_channel(guild, name, ChannelKind::Text);
    }
    let resume = json!({ "op": 6, "d": {
        "token": sim.token(), "session_id": ready["session_id"], "seq": 2,
    } });
    let (mut socket, _) = Socket::connect(&sim).await;
    socket.send(resume.clone()).await;
    let mut seen = Vec::new();
    for _ in 0..3 {
        let event = socket.next().await.unwrap();
        seen.push((event["s"].as_u64().unwrap(), event["t"].as_str().unwrap().to_owned()));
    }
    let expected = [(3, "CHANNEL_CREATE"), (4, "CHANNEL_CREATE"), (5, "RESUMED")];
    assert_eq!(seen, expected.map(|(seq, name)| (seq, name.to_owned())));
    let recorded: Vec<u64> = sim.gateway_events().iter().map(|event| event.seq).collect();
    assert_eq!(recorded, [1, 2, 3, 4, 5]);
    sim.gateway().invalidate(false);
    assert_eq!(socket.next().await.unwrap()["op"], 9);
    let (mut socket, _) = Socket::connect(&sim).await;
    socket.send(resume).await;
    let refused = socket.next().await.unwrap();
    assert_eq!((&refused["op"], &refused["d"]), (&json!(9), &json!(false)));
    let stats = sim.gateway().stats();
    assert_eq!((stats.identifies, stats.resumes, stats.refused_resumes), (1, 1, 1));
}

#[tokio::test]
async fn requests_and_events_are_numbered_in_one_row_and_told_of() {
    let stage = stage().await;
    let mut changes = stage.sim.subscribe();
    let (mut socket, _) = Socket::identified(&stage.sim, INTENTS).await;
    socket.event("GUILD_CREATE").await;
    stage.rest.say(stage.channel, "Hello").await;
    let (all, last) = stage.sim.traffic(0, 100);
    let names: Vec<_> = all
        .iter()
        .map(|one| match one {
            Traffic::Request(record) => format!("{} {}", record.method, record.path),
            Traffic::Event(record) => record.event.clone(),
        })
        .collect();
    let post = format!("POST /channels/{}/messages", stage.channel);
    assert_eq!(names, ["READY", "GUILD_CREATE", "MESSAGE_CREATE", &post]);
    assert_eq!((all.iter().map(Traffic::number).collect(), last), (vec![1, 2, 3, 4], 4));
    let Traffic::Event(ready) = &all[0] else { panic!("an event") };
    assert!(ready.at <= stage.sim.clock().now());
    assert_eq!(stage.sim.traffic(2, 1).0.iter().map(Traffic::number).collect::<Vec<_>>(), [4]);
    assert!(stage.sim.traffic(4, 100).0.is_empty());

    stage.sim.gateway().cut();
    let mut connected = Vec::new();
    while connected != [1, 0] {
        if let Change::Sessions { connected: count } = changes.recv().await.unwrap() {
            connected.push(count);
        }
    }
}

#[tokio::test]
async fn the_gateway_does_as_it_is_told() {
    let Stage { sim, .. } = stage().await;
    let (mut socket, _) = Socket::identified(&sim, 0).await;
    sim.gateway().request_reconnect();
    assert_eq!(socket.next().await.unwrap()["op"], 7);
    sim.gateway().request_heartbeat();
    assert_eq!(socket.next().await.unwrap()["op"], 1);
    sim.gateway().send_raw(&json!({ "op": 0, "t": "ODD", "s": 9, "d": null }));
    assert_eq!(socket.next().await.unwrap()["t"], "ODD");
    sim.gateway().close(4000);
    assert_eq!(socket.next().await, Err(Some(4000)));
    sim.gateway().refuse(true);
    assert!(connect_async(sim.gateway_url()).await.is_err());
    sim.gateway().refuse(false);
    assert!(connect_async(sim.gateway_url()).await.is_ok());
}

#[tokio::test]
async fn the_whole_connection_can_be_one_zlib_stream() {
    let Stage { sim, .. } = stage().await;
    let url = format!("{}?v=10&encoding=json&compress=zlib-stream", sim.gateway_url());
    let (mut stream, _) = connect_async(url).await.unwrap();
    let Some(Ok(Message::Binary(bytes))) = stream.next().await else { panic!("no binary frame") };
    let mut hello = String::new();
    // The stream goes on, so reading to its end fails after all that has come was read.
    let _ = flate2::read::ZlibDecoder::new(&bytes[..]).read_to_string(&mut hello);
    assert_eq!(serde_json::from_str::<Value>(&hello).unwrap()["op"], 10);
}

/// A connected bot that has registered `/daily set` and `/question`.
struct Connected {
    stage: Stage,
    socket: Socket,
}

async fn connected() -> Connected {
    let stage = stage().await;
    let option = |kind: u64, name: &str, more: Value| {
        let mut option = json!({ "type": kind, "name": name, "description": "d" });
        for (key, value) in more.as_object().unwrap() {
            option[key.as_str()] = value.clone();
        }
        option
    };
    let choices = json!([{ "name": "Any", "value": "any" }, { "name": "Easy", "value": "easy" }]);
    let commands = json!([
        { "name": "question", "description": "d", "options": [
            option(3, "level", json!({ "required": true, "choices": choices })),
            option(3, "topic", json!({ "autocomplete": true })),
            option(4, "count", json!({ "min_value": 1, "max_value": 5 })),
        ] },
        { "name": "daily", "description": "d", "default_member_permissions": "32", "options": [
            option(1, "set", json!({ "options": [
                option(7, "channel", json!({ "required": true, "channel_types": [0, 5] })),
                option(8, "role", json!({})),
                option(6, "member", json!({})),
            ] })),
        ] },
    ]);
    let path = format!("/applications/{}/commands", stage.sim.application_id());
    assert_eq!(stage.rest.call("PUT", &path, commands).await.status, 200);
    let (socket, _) = Socket::identified(&stage.sim, 0).await;
    Connected { stage, socket }
}

impl Connected {
    async fn interaction(&mut self) -> Value {
        self.socket.event("INTERACTION_CREATE").await
    }

    async fn answer(&self, interaction: &Value, body: Value) -> (u16, u64) {
        let id = |key: &str| interaction[key].as_str().unwrap().to_owned();
        let path = format!("/interactions/{}/{}/callback", id("id"), id("token"));
        self.stage.rest.post(&path, body).await.error()
    }

    fn webhook(&self, interaction: &Value, rest: &str) -> String {
        let app = self.stage.sim.application_id();
        format!("/webhooks/{app}/{}{rest}", interaction["token"].as_str().unwrap())
    }
}

fn level() -> [(&'static str, Value); 1] {
    [("level", json!("any"))]
}

#[tokio::test]
async fn the_client_sends_only_what_the_command_takes() {
    let Connected { stage: Stage { sim, channel, ada, bob, .. }, socket: _socket } =
        connected().await;
    let (ada, bob) = (sim.user(ada), sim.user(bob));
    let refused = |name: &str, options: &[(&str, Value)]| {
        matches!(ada.start_command(channel, name, options), Err(ActError::Refused(_)))
    };
    assert!(refused("question", &[]));
    assert!(refused("question", &[("level", json!("odd"))]));
    assert!(refused("question", &[("level", json!("any")), ("count", json!(6))]));
    assert!(refused("question", &[("level", json!("any")), ("what", json!(6))]));
    assert!(refused("daily", &[]));
    assert!(refused("daily set", &[("channel", json!("1"))]));
    let hidden = bob.start_command(channel, "daily set", &[]).err();
    assert_eq!(hidden, Some(ActError::CommandNotShown));
    assert_eq!(bob.commands(channel).len(), 1);
    assert_eq!(ada.commands(channel).len(), 2);
    let missing = ada.start_command(channel, "nothing", &[]).err();
    assert_eq!(missing, Some(ActError::CommandNotShown));
}

#[tokio::test]
async fn a_command_carries_what_its_options_name() {
    let mut connected = connected().await;
    let Stage { sim, channel, guild, ada, bob, .. } = &connected.stage;
    let role = sim.add_role(*guild, "team", p::SEND_MESSAGES);
    let options = [("channel", json!(channel)), ("role", json!(role)), ("member", json!(bob))];
    let pending = sim.user(*ada).start_command(*channel, "daily set", &options).unwrap();
    let (bob, channel, guild) = (*bob, *channel, *guild);
    let sent = connected.interaction().await;
    assert_eq!(sent["id"], json!(pending.id()));
    let resolved = &sent["data"]["resolved"];
    assert_eq!(resolved["users"][bob.to_string()]["username"], "bob");
    assert_eq!(resolved["roles"][role.to_string()]["name"], "team");
    assert_eq!(resolved["channels"][channel.to_string()]["type"], 0);
    assert_eq!(sent["data"]["options"][0]["name"], "set");
    assert_eq!(sent["data"]["options"][0]["options"][1]["value"], json!(role));
    assert_eq!((&sent["guild_id"], &sent["context"]), (&json!(guild), &json!(0)));
    assert_eq!(sent["member"]["user"]["username"], "ada");
    assert!(sent["user"].is_null());
}

#[tokio::test]
async fn an_interaction_is_answered_once_and_in_time() {
    let mut connected = connected().await;
    let (ada, channel) = (connected.stage.sim.user(connected.stage.ada), connected.stage.channel);
    let pending = ada.start_command(channel, "question", &level()).unwrap();
    let sent = connected.interaction().await;
    let hello = json!({ "type": 4, "data": { "content": "hello", "flags": 64 } });
    assert_eq!(connected.answer(&sent, json!({ "type": 7, "data": {} })).await, (400, 50035));
    let followup = connected.webhook(&sent, "");
    let early = connected.stage.rest.post(&followup, json!({ "content": "x" })).await;
    assert_eq!(early.error(), (404, 10015));
    assert_eq!(connected.answer(&sent, hello.clone()).await, (204, 0));
    assert_eq!(connected.answer(&sent, hello.clone()).await, (400, 40060));
    let response = pending.response().await;
    assert!(response.message().unwrap().ephemeral);
    let mut wrong = sent.clone();
    wrong["token"] = json!("wrong");
    assert_eq!(connected.answer(&wrong, hello.clone()).await, (404, 10062));

    let before = Instant::now();
    let late = ada.start_command(channel, "question", &level()).unwrap();
    let sent = connected.interaction().await;
    // A jump of the clock does not shorten the three seconds.
    connected.stage.sim.clock().advance(SignedDuration::from_hours(24));
    assert_eq!(late.response().await, Response::Failed);
    assert!(before.elapsed() >= Duration::from_secs(3));
    assert_eq!(connected.answer(&sent, hello).await, (404, 10062));
}

#[tokio::test]
async fn ephemeral_answers_are_seen_by_one_person_and_by_no_one_else() {
    let mut connected = connected().await;
    let Stage { sim, channel, ada, bob, .. } = &connected.stage;
    let (ada, bob, channel) = (sim.user(*ada), sim.user(*bob), *channel);
    let pending = ada.start_command(channel, "question", &level()).unwrap();
    let sent = connected.interaction().await;
    let button = json!({ "type": 2, "style": 1, "label": "Go", "custom_id": "go" });
    let off =
        json!({ "type": 2, "style": 1, "label": "Off", "custom_id": "off", "disabled": true });
    let row = json!([{ "type": 1, "components": [button, off] }]);
    let data = json!({ "content": "psst", "flags": 64, "components": row });
    assert_eq!(connected.answer(&sent, json!({ "type": 4, "data": data })).await, (204, 0));
    let id = pending.response().await.message().unwrap().id;
    assert_eq!((ada.see(channel).len(), bob.see(channel).len()), (1, 0));
    let rest = &connected.stage.rest;
    let path = format!("/channels/{channel}/messages/{id}");
    assert_eq!(rest.get(&path).await.error(), (404, 10008));
    assert_eq!(bob.start_click(channel, id, "go").err(), Some(ActError::NotVisible));
    assert_eq!(ada.start_click(channel, id, "off").err(), Some(ActError::Disabled));
    assert!(matches!(ada.start_click(channel, id, "x").err(), Some(ActError::NoSuchComponent(_))));
    let path = connected.webhook(&sent, "/messages/@original");
    let edited = rest.call("PATCH", &path, json!({ "content": "changed" })).await;
    assert_eq!(edited.body["content"], "changed");
    assert_eq!(ada.see(channel)[0].content, "changed");
    ada.dismiss(channel, id).unwrap();
    assert!(ada.see(channel).is_empty());
}

#[tokio::test]
async fn a_deferred_answer_comes_later_and_followups_after_it() {
    let mut connected = connected().await;
    let (ada, channel) = (connected.stage.sim.user(connected.stage.ada), connected.stage.channel);
    let pending = ada.start_command(channel, "question", &level()).unwrap();
    let sent = connected.interaction().await;
    assert_eq!(connected.answer(&sent, json!({ "type": 5 })).await, (204, 0));
    assert!(ada.see(channel)[0].loading);
    let rest = connected.stage.rest.clone();
    let path = connected.webhook(&sent, "");
    let (first, response) =
        tokio::join!(rest.post(&path, json!({ "content": "thought" })), pending.response());
    assert_eq!(first.status, 200);
    let Response::Message { message, deferred: true } = response else { panic!("{response:?}") };
    assert_eq!((message.content.as_str(), message.id), ("thought", first.id()));
    let second = rest.post(&path, json!({ "content": "more", "flags": 64 })).await;
    assert_eq!(ada.see(channel).len(), 2);
    let one = connected.webhook(&sent, &format!("/messages/{}", second.id()));
    assert_eq!(rest.call("DELETE", &one, Value::Null).await.status, 204);
    assert_eq!(rest.get(&one).await.error(), (404, 10008));
    // The token is good for fifteen minutes.
    connected.stage.sim.clock().advance(SignedDuration::from_mins(16));
    let expired = rest.post(&path, json!({ "content": "late" })).await;
    assert_eq!(expired.error(), (401, 50027));
}

#[tokio::test]
async fn suggestions_come_while_typing() {
    let mut connected = connected().await;
    let (ada, channel) = (connected.stage.sim.user(connected.stage.ada), connected.stage.channel);
    let typing =
        tokio::spawn(
            async move { ada.autocomplete(channel, "question", "topic", "ht", &[]).await },
        );
    let sent = connected.interaction().await;
    assert_eq!(sent["type"], 4);
    let option = json!({ "type": 3, "name": "topic", "value": "ht", "focused": true });
    assert_eq!(sent["data"]["options"], json!([option]));
    let choices = |count: usize| {
        let list: Vec<Value> =
            (0..count).map(|n| json!({ "name": format!("HTTP {n}"), "value": "http" })).collect();
        json!({ "type": 8, "data": { "choices": list } })
    };
    assert_eq!(connected.answer(&sent, choices(26)).await, (400, 50035));
    assert_eq!(connected.answer(&sent, choices(1)).await, (204, 0));
    let expected = Choice { name: "HTTP 0".to_owned(), value: json!("http") };
    assert_eq!(typing.await.unwrap().unwrap(), [expected]);
}

/// Posts a message with a button and a select in the bot's name.
async fn post_components(connected: &Connected) -> Id {
    let button = json!({ "type": 2, "style": 1, "label": "Answer", "custom_id": "answer" });
    let options = json!([{ "label": "A", "value": "a" }, { "label": "B", "value": "b" }]);
    let select = json!({ "type": 3, "custom_id": "pick", "options": options });
    let row = |component: Value| json!({ "type": 1, "components": [component] });
    let body = json!({ "content": "x", "components": [row(button), row(select)] });
    let path = format!("/channels/{}/messages", connected.stage.channel);
    connected.stage.rest.post(&path, body).await.id()
}

#[tokio::test]
async fn a_modal_is_opened_filled_in_and_sent_off() {
    let mut connected = connected().await;
    let (ada, channel) = (connected.stage.sim.user(connected.stage.ada), connected.stage.channel);
    let bob = connected.stage.sim.user(connected.stage.bob);
    let id = post_components(&connected).await;
    let pending = ada.start_click_label(channel, id, "Answer").unwrap();
    let sent = connected.interaction().await;
    assert_eq!((&sent["type"], &sent["message"]["id"]), (&json!(3), &json!(id)));
    let input = json!({
        "type": 4, "custom_id": "text", "label": "Your answer", "style": 2,
        "min_length": 3, "max_length": 10,
    });
    let modal = |title: &str| {
        let rows = json!([{ "type": 1, "components": [input] }]);
        json!({ "type": 9, "data": { "custom_id": "m:1", "title": title, "components": rows } })
    };
    assert_eq!(connected.answer(&sent, modal(&"x".repeat(46))).await, (400, 50035));
    assert_eq!(connected.answer(&sent, modal("Answer")).await, (204, 0));
    let response = pending.response().await;
    let modal_view = response.modal().unwrap().clone();
    assert_eq!(modal_view.inputs[0].label, "Your answer");
    assert_eq!(ada.opened(modal_view.interaction), Some(modal_view.clone()));
    assert_eq!(bob.opened(modal_view.interaction), None);
    for wrong in ["", "ab", "much too long"] {
        let refused = ada.start_submit(&modal_view, &[("text", wrong)]).err();
        assert!(matches!(refused, Some(ActError::Refused(_))), "{wrong}");
    }
    assert_eq!(bob.start_submit(&modal_view, &[("text", "mine")]).err(), Some(ActError::NotYours));
    let pending = ada.start_submit(&modal_view, &[("text", "mine")]).unwrap();
    let sent = connected.interaction().await;
    assert_eq!(sent["data"]["components"][0]["components"][0]["value"], "mine");
    assert_eq!(connected.answer(&sent, modal("Again")).await, (400, 50035));
    let update = json!({ "type": 7, "data": { "content": "answered" } });
    assert_eq!(connected.answer(&sent, update).await, (204, 0));
    let Response::Updated { message } = pending.response().await else { panic!("no update") };
    assert_eq!((message.id, message.content.as_str()), (id, "answered"));
}

#[tokio::test]
async fn a_select_sends_its_values() {
    let mut connected = connected().await;
    let (ada, channel) = (connected.stage.sim.user(connected.stage.ada), connected.stage.channel);
    let id = post_components(&connected).await;
    let refused = ada.select(channel, id, "pick", &["c"]).await;
    assert!(matches!(refused, Err(ActError::Refused(_))));
    let picking = tokio::spawn(async move { ada.select(channel, id, "pick", &["b"]).await });
    let sent = connected.interaction().await;
    assert_eq!(sent["data"]["values"], json!(["b"]));
    assert_eq!(connected.answer(&sent, json!({ "type": 6 })).await, (204, 0));
    assert_eq!(picking.await.unwrap().unwrap(), Response::Acknowledged);
}

#[tokio::test]
async fn in_a_direct_message_there_is_a_user_and_no_member() {
    let mut connected = connected().await;
    let ada = connected.stage.sim.user(connected.stage.ada);
    let dm = ada.dm();
    let _pending = ada.start_command(dm, "question", &level()).unwrap();
    let sent = connected.interaction().await;
    assert_eq!((&sent["user"]["username"], &sent["context"]), (&json!("ada"), &json!(1)));
    assert!(sent["member"].is_null() && sent["guild_id"].is_null());
}
