//! The simulated Discord's REST API: what it accepts, refuses and gives.

use crate::support::{Stage, stage, stage_with};
use discord_sim::{ChannelKind, Fault, Limits, Options, Rule, permissions as p};
use serde_json::{Value, json};

#[tokio::test]
async fn the_token_and_the_route_are_checked() {
    let Stage { sim: _sim, mut rest, .. } = stage().await;
    assert_eq!(rest.get("/users/@me").await.status, 200);
    assert_eq!(rest.get("/nowhere").await.body, json!({ "message": "404: Not Found", "code": 0 }));
    assert_eq!(rest.call("PUT", "/users/@me", Value::Null).await.status, 405);
    rest.token = "wrong".to_owned();
    let answer = rest.get("/users/@me").await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.body, json!({ "message": "401: Unauthorized", "code": 0 }));
    assert_eq!(rest.get("/gateway").await.status, 200);
}

#[tokio::test]
async fn tls_is_served_for_discord_com() {
    let Stage { sim, mut rest, .. } = stage().await;
    let ca = reqwest::Certificate::from_pem(sim.ca_pem().as_bytes()).unwrap();
    let trusting = reqwest::Client::builder().resolve("discord.com", sim.https_addr());
    rest.base = "https://discord.com/api/v10".to_owned();
    rest.client = trusting.add_root_certificate(ca).build().unwrap();
    assert_eq!(rest.get("/users/@me").await.body["username"], "bot");
    let doubting = reqwest::Client::builder().resolve("discord.com", sim.https_addr());
    rest.client = doubting.build().unwrap();
    assert!(rest.try_call("GET", "/users/@me", Value::Null).await.is_err());
}

#[tokio::test]
async fn messages_are_listed_from_the_newest_in_pages() {
    let Stage { sim: _sim, rest, channel, .. } = stage().await;
    let mut ids = Vec::new();
    for n in 0..5 {
        ids.push(rest.say(channel, &n.to_string()).await);
    }
    let list = async |query: String| -> String {
        let answer = rest.get(&format!("/channels/{channel}/messages?{query}")).await;
        answer.body.as_array().unwrap().iter().map(|m| m["content"].as_str().unwrap()).collect()
    };
    assert_eq!(list(String::new()).await, "43210");
    assert_eq!(list("limit=2".to_owned()).await, "43");
    assert_eq!(list(format!("before={}&limit=2", ids[3])).await, "21");
    assert_eq!(list(format!("after={}&limit=2", ids[1])).await, "32");
    assert_eq!(list(format!("around={}&limit=3", ids[2])).await, "321");
    let answer = rest.get(&format!("/channels/{channel}/messages?limit=101")).await;
    assert_eq!(answer.error(), (400, 50035));
}

#[tokio::test]
async fn messages_are_edited_and_deleted() {
    let Stage { sim, rest, channel, ada, .. } = stage().await;
    let id = rest.say(channel, "one").await;
    let path = format!("/channels/{channel}/messages/{id}");
    let edited = rest.call("PATCH", &path, json!({ "content": "two" })).await;
    assert_eq!(edited.body["content"], "two");
    assert!(edited.body["edited_timestamp"].is_string());
    let emptied = rest.call("PATCH", &path, json!({ "content": "" })).await;
    assert_eq!(emptied.error(), (400, 50006));
    assert_eq!(rest.call("DELETE", &path, Value::Null).await.status, 204);
    assert_eq!(rest.get(&path).await.error(), (404, 10008));
    let theirs = sim.user(ada).say(channel, "mine").unwrap();
    let path = format!("/channels/{channel}/messages/{theirs}");
    assert_eq!(rest.call("PATCH", &path, json!({ "content": "x" })).await.error(), (403, 50005));
    assert_eq!(rest.call("DELETE", &path, Value::Null).await.error(), (403, 50013));
    // Without the privileged intent, the words of others stay hidden.
    assert_eq!(rest.get(&path).await.body["content"], "");
}

#[tokio::test]
async fn faulty_messages_are_refused_with_nested_errors() {
    let Stage { sim: _sim, rest, channel, .. } = stage().await;
    let path = format!("/channels/{channel}/messages");
    assert_eq!(rest.post(&path, json!({})).await.error(), (400, 50006));
    let answer = rest.post(&path, json!({ "content": "x".repeat(2001) })).await;
    let fault = json!({
        "code": "BASE_TYPE_MAX_LENGTH", "message": "Must be 2000 or fewer in length.",
    });
    let expected = json!({
        "code": 50035, "message": "Invalid Form Body",
        "errors": { "content": { "_errors": [fault] } },
    });
    assert_eq!((answer.status, answer.body), (400, expected));
    let button = |id: &str| json!({ "type": 2, "style": 1, "label": "x", "custom_id": id });
    let with =
        |row: Value| json!({ "content": "x", "components": [{ "type": 1, "components": row }] });
    let code = async |row: Value, pointer: &str| {
        let body = rest.post(&path, with(row)).await.body;
        let found =
            body.pointer(&format!("/errors/components/0/components{pointer}/_errors/0/code"));
        found.unwrap_or(&body).as_str().unwrap_or_default().to_owned()
    };
    let duplicated = code(json!([button("a"), button("a")]), "/1/custom_id").await;
    assert_eq!(duplicated, "COMPONENT_CUSTOM_ID_DUPLICATED");
    let six: Vec<Value> = (0..6).map(|n| button(&n.to_string())).collect();
    assert_eq!(code(json!(six), "").await, "BASE_TYPE_BAD_LENGTH");
    assert_eq!(
        code(json!([button(&"x".repeat(101))]), "/0/custom_id").await,
        "BASE_TYPE_BAD_LENGTH"
    );
    let bare = json!([{ "type": 2, "style": 1, "custom_id": "a" }]);
    assert_eq!(code(bare, "/0/label").await, "BASE_TYPE_REQUIRED");
    let link =
        json!([{ "type": 2, "style": 5, "label": "x", "url": "https://a.b", "custom_id": "a" }]);
    assert_eq!(code(link, "/0").await, "BUTTON_COMPONENT_CUSTOM_ID_AND_URL");
}

#[tokio::test]
async fn each_act_needs_its_permission() {
    let Stage { sim, rest, channel, .. } = stage().await;
    let id = rest.say(channel, "x").await;
    let messages = format!("/channels/{channel}/messages");
    let (message, pin) = (format!("{messages}/{id}"), format!("/channels/{channel}/pins/{id}"));
    let thread = json!({ "name": "t" });
    for (bits, method, path, body, code) in [
        (p::VIEW_CHANNEL, "GET", format!("/channels/{channel}"), Value::Null, 50001),
        (p::VIEW_CHANNEL, "POST", messages.clone(), json!({ "content": "x" }), 50001),
        (p::SEND_MESSAGES, "POST", messages.clone(), json!({ "content": "x" }), 50013),
        (p::READ_MESSAGE_HISTORY, "GET", message.clone(), Value::Null, 50001),
        (p::PIN_MESSAGES, "PUT", pin.clone(), Value::Null, 50013),
        (p::CREATE_PUBLIC_THREADS, "POST", format!("{message}/threads"), thread, 50013),
    ] {
        sim.deny_bot(channel, bits);
        assert_eq!(rest.call(method, &path, body).await.error(), (403, code), "{method} {path}");
    }
    sim.deny_bot(channel, 0);
    assert_eq!(rest.call("PUT", &pin, Value::Null).await.status, 204);
}

#[tokio::test]
async fn embeds_without_permission_vanish_unless_nothing_else_is_left() {
    let Stage { sim, rest, channel, .. } = stage().await;
    let path = format!("/channels/{channel}/messages");
    let embeds = json!([{ "title": "t" }]);
    sim.deny_bot(channel, p::EMBED_LINKS);
    let both = rest.post(&path, json!({ "content": "x", "embeds": embeds })).await;
    assert_eq!((both.status, &both.body["embeds"]), (200, &json!([])));
    assert_eq!(rest.post(&path, json!({ "embeds": embeds })).await.error(), (403, 50013));
}

#[tokio::test]
async fn an_enforced_nonce_sends_once_and_is_told_only_at_first() {
    let Stage { sim, rest, channel, .. } = stage().await;
    let path = format!("/channels/{channel}/messages");
    let body = json!({ "content": "x", "nonce": "round-41", "enforce_nonce": true });
    let first = rest.post(&path, body.clone()).await;
    let again = rest.post(&path, body.clone()).await;
    assert_eq!(first.id(), again.id());
    assert_eq!(first.body["nonce"], "round-41");
    assert!(rest.get(&format!("{path}/{}", first.id())).await.body["nonce"].is_null());
    sim.clock().advance(jiff::SignedDuration::from_mins(10));
    assert_ne!(rest.post(&path, body).await.id(), first.id());
    let loose = json!({ "content": "x", "nonce": 7 });
    assert_ne!(rest.post(&path, loose.clone()).await.id(), rest.post(&path, loose).await.id());
}

#[tokio::test]
async fn a_pin_is_announced_listed_and_limited() {
    let options = Options { max_pins: 2, limits: Limits::none(), ..Options::default() };
    let Stage { sim, rest, channel, .. } = stage_with(options).await;
    let mut ids = Vec::new();
    for n in 0..3 {
        ids.push(rest.say(channel, &n.to_string()).await);
    }
    let old = |id| format!("/channels/{channel}/pins/{id}");
    let new = |id| format!("/channels/{channel}/messages/pins/{id}");
    assert_eq!(rest.call("PUT", &old(ids[0]), Value::Null).await.status, 204);
    assert_eq!(rest.call("PUT", &new(ids[1]), Value::Null).await.status, 204);
    assert_eq!(rest.call("PUT", &new(ids[2]), Value::Null).await.error(), (400, 30003));
    let notices = sim.messages(channel).into_iter().filter(|message| message.kind == 6);
    let pointed: Vec<_> = notices.map(|m| m.reference.unwrap().message.unwrap()).collect();
    assert_eq!(pointed, [ids[0], ids[1]]);
    let items = rest.get(&format!("/channels/{channel}/messages/pins")).await.body;
    assert_eq!(items["items"][0]["message"]["id"], json!(ids[1]));
    assert_eq!(rest.call("DELETE", &old(ids[1]), Value::Null).await.status, 204);
    let left = rest.get(&format!("/channels/{channel}/pins")).await.body;
    assert_eq!(left.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn threads_hang_on_messages_and_close() {
    let Stage { sim, rest, channel, guild, bob, .. } = stage().await;
    let id = rest.say(channel, "x").await;
    let threads = format!("/channels/{channel}/messages/{id}/threads");
    let made = rest.post(&threads, json!({ "name": "answers" })).await;
    assert_eq!((made.status, made.id()), (201, id));
    assert_eq!(made.body["type"], 11);
    assert_eq!(rest.post(&threads, json!({ "name": "again" })).await.error(), (400, 160_004));
    let long = json!({ "name": "x".repeat(101) });
    assert_eq!(rest.post(&threads, long).await.error(), (400, 160_004));
    let inside = rest.say(id, "in the thread").await;
    let active = rest.get(&format!("/guilds/{guild}/threads/active")).await.body;
    assert_eq!(active["threads"][0]["id"], json!(id));
    let archived = json!({ "archived": true, "locked": true });
    let path = format!("/channels/{id}");
    let closed = rest.call("PATCH", &path, archived).await.body;
    assert_eq!(closed["thread_metadata"]["locked"], true);
    let edit = format!("/channels/{id}/messages/{inside}");
    assert_eq!(rest.call("PATCH", &edit, json!({ "content": "y" })).await.error(), (400, 50083));
    assert_eq!(sim.user(bob).say(id, "me too"), Err(discord_sim::ActError::NotAllowed));
    sim.deny_bot(channel, p::MANAGE_THREADS);
    let say = rest.post(&format!("/channels/{id}/messages"), json!({ "content": "z" })).await;
    assert_eq!(say.error(), (403, 160_005));
}

#[tokio::test]
async fn a_forum_takes_posts_and_no_messages() {
    let Stage { sim, rest, guild, .. } = stage().await;
    let forum = sim.add_channel(guild, "forum", ChannelKind::Forum);
    let plain = rest.post(&format!("/channels/{forum}/messages"), json!({ "content": "x" })).await;
    assert_eq!(plain.error(), (400, 50008));
    let path = format!("/channels/{forum}/threads");
    let missing = rest.post(&path, json!({ "name": "q" })).await;
    assert_eq!(missing.error(), (400, 50035));
    let post = json!({ "name": "q", "message": { "content": "first" } });
    let made = rest.post(&path, post.clone()).await;
    assert_eq!(made.body["message"]["id"], made.body["id"]);
    sim.require_forum_tag(forum, true);
    assert_eq!(rest.post(&path, post).await.error(), (400, 40067));
}

#[tokio::test]
async fn an_announcement_is_crossposted_once() {
    let Stage { sim, rest, guild, channel, .. } = stage().await;
    let news = sim.add_channel(guild, "news", ChannelKind::Announcement);
    let path = |channel, id| format!("/channels/{channel}/messages/{id}/crosspost");
    let id = rest.say(news, "x").await;
    assert_eq!(rest.post(&path(news, id), Value::Null).await.body["flags"], 1);
    assert_eq!(rest.post(&path(news, id), Value::Null).await.error(), (400, 40033));
    let id = rest.say(channel, "x").await;
    assert_eq!(rest.post(&path(channel, id), Value::Null).await.error(), (400, 50024));
}

#[tokio::test]
async fn only_allowed_mentions_ping() {
    let Stage { sim, rest, channel, guild, ada, bob } = stage().await;
    let team = sim.add_role(guild, "team", 0);
    let path = format!("/channels/{channel}/messages");
    let text = format!("<@{ada}> <@{bob}> <@&{team}> @everyone");
    let pings = async |allowed: Value| {
        let mut body = json!({ "content": text });
        if !allowed.is_null() {
            body["allowed_mentions"] = allowed;
        }
        let id = rest.post(&path, body).await.id();
        sim.user(ada).look(channel, id).unwrap().pings
    };
    let all = pings(Value::Null).await;
    assert_eq!((all.everyone, all.users, all.roles), (true, vec![ada, bob], vec![team]));
    assert_eq!(pings(json!({ "parse": [] })).await, discord_sim::Pings::default());
    assert_eq!(pings(json!({ "users": [bob] })).await.users, [bob]);
    assert_eq!(pings(json!({ "parse": ["roles"] })).await.roles, [team]);
    sim.deny_bot(channel, p::MENTION_EVERYONE);
    let few = pings(Value::Null).await;
    assert_eq!((few.everyone, few.roles.len()), (false, 0));
    sim.set_mentionable(guild, team, true);
    assert_eq!(pings(Value::Null).await.roles, [team]);
}

#[tokio::test]
async fn commands_are_overwritten_in_bulk_and_keep_their_ids() {
    let Stage { sim, rest, guild, .. } = stage().await;
    let path = format!("/applications/{}/commands", sim.application_id());
    let ask = json!({ "name": "ask", "description": "Ask" });
    let made = rest.call("PUT", &path, json!([ask])).await.body;
    for key in ["id", "application_id", "version", "type"] {
        assert!(!made[0][key].is_null(), "{key}");
    }
    let other = json!({ "name": "other", "description": "Other" });
    let again = rest.call("PUT", &path, json!([other, ask])).await.body;
    assert_eq!(again[1]["id"], made[0]["id"]);
    let twice = rest.call("PUT", &path, json!([ask, ask])).await;
    let code = &twice.body["errors"]["1"]["name"]["_errors"][0]["code"];
    assert_eq!(code, "APPLICATION_COMMANDS_DUPLICATE_NAME");
    assert_eq!(sim.commands(None).len(), 2);
    assert_eq!(rest.post(&path, ask.clone()).await.status, 200);
    let own = format!("/applications/{}/guilds/{guild}/commands", sim.application_id());
    assert_eq!(rest.post(&own, ask).await.status, 201);
    assert_eq!(sim.commands(Some(guild)).len(), 1);
    assert_eq!(rest.get("/applications/1/commands").await.error(), (404, 10002));
}

#[tokio::test]
async fn limits_are_told_and_held() {
    let mut limits = Limits::none();
    let window = std::time::Duration::from_secs(30);
    limits.routes.insert("POST /channels/{channel}/messages".to_owned(), (1, window));
    let Stage { sim, rest, channel, guild, .. } =
        stage_with(Options { limits, ..Options::default() }).await;
    let path = format!("/channels/{channel}/messages");
    let first = rest.post(&path, json!({ "content": "x" })).await;
    assert_eq!(
        (first.header("x-ratelimit-limit"), first.header("x-ratelimit-remaining")),
        ("1", "0")
    );
    let second = rest.post(&path, json!({ "content": "x" })).await;
    assert_eq!((second.status, &second.body["global"]), (429, &json!(false)));
    assert_eq!(second.header("x-ratelimit-scope"), "user");
    let (body, header) =
        (second.body["retry_after"].as_f64().unwrap(), second.header("retry-after"));
    assert!(body > 25.0 && header.parse::<f64>().unwrap() >= body);
    // Another channel has a bucket of its own.
    let other = sim.add_channel(guild, "other", ChannelKind::Text);
    rest.say(other, "x").await;
    sim.set_limits(Limits { global: Some(2), ..Limits::none() });
    let mut last = rest.get("/users/@me").await;
    for _ in 0..2 {
        last = rest.get("/users/@me").await;
    }
    assert_eq!((last.status, &last.body["global"]), (429, &json!(true)));
    assert_eq!(last.header("x-ratelimit-global"), "true");
    assert_eq!(sim.request_counts().1, 2);
}

#[tokio::test]
async fn faults_answer_delay_and_garble() {
    let Stage { sim, rest, .. } = stage().await;
    let faults = sim.faults();
    let body = json!({ "message": "upstream", "code": 0 });
    faults.add(Rule::new("GET /users/@me", Fault::Status { status: 502, body }).once());
    assert_eq!(rest.get("/users/@me").await.status, 502);
    let retry_after = std::time::Duration::from_millis(1500);
    faults.add(Rule::new("GET /users/@me", Fault::GlobalLimit { retry_after }).once());
    let limited = rest.get("/users/@me").await;
    assert_eq!((limited.status, limited.header("retry-after")), (429, "2"));
    faults.add(Rule::new("GET /users/*", Fault::MalformedJson).once());
    let garbled = rest.get("/users/@me").await;
    assert_eq!((garbled.status, garbled.body), (200, Value::Null));
    let delay = Fault::Delay(std::time::Duration::from_millis(80));
    faults.add(Rule::new("* /users/**", delay).once());
    let before = std::time::Instant::now();
    assert_eq!(rest.get("/users/@me").await.status, 200);
    assert!(before.elapsed() >= std::time::Duration::from_millis(80));
    assert_eq!(rest.get("/users/@me").await.status, 200);
}

#[tokio::test]
async fn a_request_held_before_acts_upon_release_though_its_sender_has_gone() {
    let Stage { sim, rest, channel, .. } = stage().await;
    let hold = || Rule::new("POST /channels/*/messages", Fault::HoldBefore).once();
    for (release, expected) in [(false, 0), (true, 1)] {
        let held = sim.faults().add(hold());
        let sender = rest.clone();
        let task = tokio::spawn(async move { sender.say(channel, "x").await });
        held.hit().await;
        assert!(sim.messages(channel).is_empty());
        task.abort();
        let mut changes = sim.subscribe();
        if release {
            held.release()
        } else {
            held.cut()
        }
        while !matches!(changes.recv().await.unwrap(), discord_sim::Change::Request { .. }) {}
        assert_eq!(sim.messages(channel).len(), expected);
    }
}

#[tokio::test]
async fn files_are_kept_and_served() {
    let Stage { sim, rest, channel, ada, .. } = stage().await;
    let payload = json!({
        "embeds": [{ "title": "t", "image": { "url": "attachment://a.txt" } }],
        "attachments": [{ "id": 0, "filename": "a.txt", "description": "words" }],
    });
    let part = reqwest::multipart::Part::bytes(b"hello".to_vec()).file_name("a.txt");
    let form = reqwest::multipart::Form::new()
        .text("payload_json", payload.to_string())
        .part("files[0]", part.mime_str("text/plain").unwrap());
    let url = format!("{}/channels/{channel}/messages", rest.base);
    let sent = rest.client.post(url).header("authorization", format!("Bot {}", rest.token));
    assert_eq!(sent.multipart(form).send().await.unwrap().status(), 200);
    let view = sim.user(ada).see(channel).pop().unwrap();
    let file = &view.attachments[0];
    assert_eq!((file.description.as_deref(), file.size), (Some("words"), 5));
    let url = format!("{}{}", sim.http_url(), file.path);
    assert_eq!(view.embeds[0]["image"]["url"], json!(url));
    assert_eq!(rest.client.get(url).send().await.unwrap().text().await.unwrap(), "hello");
    assert_eq!(sim.requests().last().unwrap().attachments, ["a.txt"]);
}

#[tokio::test]
async fn a_guild_without_the_bot_and_a_deleted_channel_are_unknown() {
    let Stage { sim, rest, channel, guild, ada, .. } = stage().await;
    let member = rest.get(&format!("/guilds/{guild}/members/{ada}")).await;
    assert_eq!(member.body["user"]["username"], "ada");
    let nobody = rest.get(&format!("/guilds/{guild}/members/1")).await;
    assert_eq!(nobody.error(), (404, 10013));
    sim.kick_bot(guild);
    assert_eq!(rest.get(&format!("/guilds/{guild}")).await.error(), (404, 10004));
    assert_eq!(rest.get(&format!("/channels/{channel}")).await.error(), (403, 50001));
    sim.add_bot(guild);
    sim.remove_channel(channel);
    assert_eq!(rest.get(&format!("/channels/{channel}")).await.error(), (404, 10003));
    assert_eq!(rest.get("/channels/x").await.error(), (400, 50035));
}

#[tokio::test]
async fn a_direct_message_reaches_its_recipient() {
    let Stage { sim, rest, ada, bob, .. } = stage().await;
    let dm = rest.post("/users/@me/channels", json!({ "recipient_id": ada })).await;
    assert_eq!((dm.id(), &dm.body["type"]), (sim.user(ada).dm(), &json!(1)));
    rest.say(dm.id(), "psst").await;
    assert_eq!(sim.user(ada).see(dm.id())[0].content, "psst");
    assert!(sim.user(bob).see(dm.id()).is_empty());
    let nobody = rest.post("/users/@me/channels", json!({ "recipient_id": "5" })).await;
    assert_eq!(nobody.error(), (400, 50033));
}

#[tokio::test]
async fn records_hold_all_but_the_token() {
    let Stage { sim, rest, channel, .. } = stage().await;
    rest.say(channel, "x").await;
    let record = sim.requests().pop().unwrap();
    assert_eq!(record.route, Some("/channels/{channel}/messages"));
    assert_eq!((record.status, &record.body), (Some(200), &json!({ "content": "x" })));
    assert!(record.headers.iter().any(|(name, value)| name == "authorization" && value == "…"));
    assert!(!serde_json::to_string(&*record).unwrap().contains(sim.token()));
}
