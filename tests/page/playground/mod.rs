//! The playground as its page uses it: over HTTP and a WebSocket.

mod bank;
mod journey;
mod page;
mod stream;
mod trouble;

use crate::first_schema;
use page::{Page, json_of};
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};
use whetstone::playground::{Options, Playground, run};

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_finds_a_question_four_people_and_three_simulated_ones() {
    let page = Page::open().await;
    let state = page.state("").await;
    let people: Vec<_> = state["people"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| (p["name"].as_str().unwrap(), p["manages"] == true, p["habit"].is_string()))
        .collect();
    let real = [("Ada", false), ("Bruno", false), ("Chen", false), ("Mona", true)];
    let simulated = ["Dana", "Emil", "Farah"].map(|name| (name, false, true));
    let expected = real.map(|(name, manages)| (name, manages, false));
    assert_eq!(people, [&expected[..], &simulated].concat());
    assert_eq!(state["guild_name"], "Whetstone playground");
    assert_eq!(state["zone"], "Europe/Berlin");
    assert_eq!(state["viewer"], page.ada.as_str());
    let round = page.round().await;
    assert_eq!(round["embeds"][0]["footer"]["text"], "#1 · open until the next question");
    assert_eq!(round["author"]["bot"], true);

    // What Mona set up shows that she, unlike the others, may use /daily.
    let names = |state: Value| -> Vec<String> {
        state["commands"]
            .as_array()
            .unwrap()
            .iter()
            .map(|c| c["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert!(!names(state).contains(&"daily".to_owned()));
    assert!(
        names(page.state(&format!("?viewer={}", page.mona)).await).contains(&"daily".to_owned())
    );
    let show = page.command(&page.mona, "daily show", json!({})).await;
    let shown = show["message"]["embeds"][0]["description"].as_str().unwrap();
    assert!(shown.contains("Monday to Friday at **09:30** in Europe/Berlin"), "{shown}");
    page.playground.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_seen_by_their_author_alone_and_can_be_dismissed() {
    let page = Page::open().await;
    let answered = page.answer("It depends.").await;
    assert_eq!(answered["type"], "message", "{answered}");
    assert_eq!(answered["message"]["ephemeral"], true);
    let id = &answered["message"]["id"];
    let sees = async |viewer: &str| page.seen_by(viewer).await.iter().any(|m| m["id"] == *id);
    assert!(sees(&page.ada).await);
    assert!(!sees(&page.bruno).await);
    assert!(!sees(&page.mona).await);

    let dismiss =
        json!({ "viewer": page.bruno, "channel": page.channel, "act": "dismiss", "message": id });
    let refused = page.post("/api/act", &dismiss).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    page.act(&page.ada, "dismiss", json!({ "message": id })).await;
    assert!(!sees(&page.ada).await);
    let streak = page.command(&page.ada, "streak", json!({})).await;
    assert_eq!(streak["message"]["embeds"][0]["fields"][0]["value"], "1 round", "{streak}");
    page.playground.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_has_direct_messages_with_the_bot() {
    let page = Page::open().await;
    let direct = async |viewer: &str| {
        let state = page.state(&format!("?viewer={viewer}")).await;
        let channels = state["channels"].as_array().unwrap().iter();
        let direct: Vec<Value> = channels.filter(|c| c["kind"] == "dm").cloned().collect();
        assert_eq!(direct.len(), 1, "{direct:?}");
        assert_eq!((&direct[0]["parent"], &direct[0]["guild"]), (&Value::Null, &Value::Null));
        direct[0]["id"].as_str().unwrap().to_owned()
    };
    let (adas, brunos) = (direct(&page.ada).await, direct(&page.bruno).await);
    assert_ne!(adas, brunos);

    let ask = json!({ "viewer": page.ada, "channel": adas, "act": "command",
        "name": "question any", "options": {} });
    let asked = json_of(page.post("/api/act", &ask).await).await;
    assert_eq!(asked["type"], "message", "{asked}");
    let state = page.state(&format!("?viewer={}&channel={adas}", page.ada)).await;
    assert_eq!(state["open"]["id"], adas.as_str());
    assert_eq!(state["open"]["messages"][0]["id"], asked["message"]["id"]);
    let commands: Vec<&str> = state["commands"]
        .as_array()
        .unwrap()
        .iter()
        .map(|command| command["name"].as_str().unwrap())
        .collect();
    assert!(commands.contains(&"question") && !commands.contains(&"daily"), "{commands:?}");
    // Another's are not shown.
    let state = page.state(&format!("?viewer={}&channel={adas}", page.bruno)).await;
    assert_eq!(state["open"]["id"], page.channel.as_str());
    page.playground.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn time_passes_and_each_question_comes_at_its_own_time() {
    let page = Page::open().await;
    let now = |told: Value| told["now"].as_i64().unwrap();
    let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_millisecond();
    assert_eq!(now(page.step("hour").await), at("2026-11-12T14:05:00Z"));
    assert_eq!(now(page.step("day").await), at("2026-11-13T14:05:00Z"));
    let friday = page.round().await;
    assert_eq!(friday["timestamp"], "2026-11-13T08:30:00.000000+00:00");
    // Over the weekend to Monday's question.
    assert_eq!(now(page.step("day").await), at("2026-11-16T08:31:00Z"));
    let monday = page.round().await;
    assert_eq!(monday["timestamp"], "2026-11-16T08:30:00.000000+00:00");
    assert_eq!(monday["embeds"][0]["footer"]["text"], "#3 · open until the next question");
    assert_eq!(now(page.step("round").await), at("2026-11-17T08:31:00Z"));
    let wrong = page.post("/api/time", &json!({ "step": "year" })).await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    page.playground.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn options_are_suggested_and_what_the_client_refuses_is_told() {
    let page = Page::open().await;
    let typed = json!({ "name": "daily set", "options": {}, "option": "zone", "text": "berl" });
    let suggested = page.act(&page.mona, "autocomplete", typed).await;
    assert_eq!(
        suggested,
        json!({ "choices": [{ "name": "Europe/Berlin", "value": "Europe/Berlin" }] })
    );

    let refused = [
        (&page.ada, json!({ "act": "command", "name": "daily show", "options": {} }), "not shown"),
        (
            &page.ada,
            json!({ "act": "command", "name": "question find", "options": {} }),
            "text is required",
        ),
        (&page.ada, json!({ "act": "submit", "interaction": "1", "values": {} }), "not open"),
        (&"1".to_owned(), json!({ "act": "say", "text": "Boo" }), "nobody"),
    ];
    for (viewer, mut body, why) in refused {
        body["viewer"] = json!(viewer);
        body["channel"] = json!(page.channel);
        let response = page.post("/api/act", &body).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        let error = json_of(response).await["error"].as_str().unwrap().to_owned();
        assert!(error.contains(why), "{error}");
    }
    page.playground.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_texts_stay_data() {
    const HOSTILE: &str = "</script><script>alert(1)</script><img src=x onerror=alert(1)> \"'&";
    let page = Page::open().await;
    page.act(&page.bruno, "say", json!({ "text": HOSTILE })).await;
    let answered = page.answer(HOSTILE).await;
    assert_eq!(answered["message"]["embeds"][0]["description"], HOSTILE);
    let seen = page.seen_by(&page.ada).await;
    assert!(seen.iter().any(|message| message["content"] == HOSTILE));
    // Nor is any of it in what the browser reads as a page.
    let html = page.get("/").await.text().await.unwrap();
    assert!(!html.contains("alert(1)"));
    page.playground.stop().await.unwrap();
}

/// Where each file of the page is served.
fn files() -> Vec<String> {
    let path = |name: String| match name.strip_suffix(".html") {
        Some("index") => "/".to_owned(),
        Some(page) => format!("/{page}"),
        None => format!("/{name}"),
    };
    let names = std::fs::read_dir("src/playground/page").unwrap();
    names.map(|entry| path(entry.unwrap().file_name().into_string().unwrap())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_is_strict_and_needs_nobody_else() {
    let page = Page::open().await;
    let files = files();
    for file in &files {
        let response = page.get(file).await;
        assert_eq!(response.status(), StatusCode::OK, "{file}");
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"));
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(response.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        let text = response.text().await.unwrap();
        assert!(!text.contains("http://") && !text.contains("https://"), "{file} names a host");
        for import in text.split("from \"./").skip(1) {
            let name = format!("/{}", import.split('"').next().unwrap());
            assert!(files.contains(&name), "{file} imports {name}");
        }
        for sink in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "DOMParser",
            "srcdoc",
        ] {
            assert!(!text.contains(sink), "{file} makes markup of text: {sink}");
        }
    }
    for (path, script) in [("/", "app.js"), ("/bank", "bank.js")] {
        let html = page.get(path).await.text().await.unwrap();
        assert!(!html.contains("<style") && !html.contains(" style="));
        let mut words = html.split_whitespace();
        assert!(!words.any(|word| word.starts_with("on") && word.contains('=')));
        assert_eq!(html.matches("<script").count(), 1);
        assert!(html.contains(&format!("<script type=\"module\" src=\"/{script}\"></script>")));
    }
    page.playground.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_hosts_and_pages_are_turned_away() {
    let page = Page::open().await;
    let port = page.playground.address.port();
    let say = json!({ "viewer": page.ada, "channel": page.channel, "act": "say", "text": "Hi" });
    let send = async |method: Method, path: &str, headers: &[(header::HeaderName, String)]| {
        let mut request = page.client.request(method, page.url(path)).body(say.to_string());
        for (name, value) in headers {
            request = request.header(name, value);
        }
        request.send().await.unwrap().status()
    };
    let json = (header::CONTENT_TYPE, "application/json".to_owned());
    for path in ["/", "/api/state", "/api/changes"] {
        let host = (header::HOST, format!("evil.example:{port}"));
        assert_eq!(send(Method::GET, path, &[host]).await, StatusCode::FORBIDDEN, "{path}");
    }
    let local = (header::HOST, format!("localhost:{port}"));
    assert_eq!(send(Method::GET, "/", std::slice::from_ref(&local)).await, StatusCode::OK);
    let foreign = (header::ORIGIN, "http://evil.example".to_owned());
    assert_eq!(
        send(Method::POST, "/api/act", &[json.clone(), foreign]).await,
        StatusCode::FORBIDDEN
    );
    // What a form of another site's page could send.
    let plain = (header::CONTENT_TYPE, "text/plain".to_owned());
    assert_eq!(send(Method::POST, "/api/act", &[plain]).await, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let own = (header::ORIGIN, format!("http://localhost:{port}"));
    assert_eq!(send(Method::POST, "/api/act", &[json, local, own]).await, StatusCode::OK);
    let said = page.seen_by(&page.ada).await.iter().filter(|m| m["content"] == "Hi").count();
    assert_eq!(said, 1);
    page.playground.stop().await.unwrap();
}

#[tokio::test]
async fn it_is_served_to_this_machine_alone() {
    let options = Options { address: "0.0.0.0:0".parse().unwrap(), ..Options::default() };
    let error = Playground::start(options).await.err().expect("refused").to_string();
    assert!(error.contains("loopback"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_runs_until_it_is_told_to_stop() {
    let options = || Options { address: "127.0.0.1:0".parse().unwrap(), ..Options::default() };
    let (ready, told) = tokio::sync::oneshot::channel();
    let until = async {
        let address: std::net::SocketAddr = told.await.unwrap();
        let page = reqwest::get(format!("http://{address}/")).await.unwrap();
        assert_eq!(page.status(), StatusCode::OK);
    };
    run(options(), |address| ready.send(address).unwrap(), until).await.unwrap();
    // Told so before it has started, it does not start.
    let unready = |_| panic!("it has started");
    run(options(), unready, std::future::ready(())).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_goes_on_where_it_was_left() {
    let folder = tempfile::tempdir().unwrap();
    let first = Page::open_in(Some(folder.path())).await;
    first.answer("It depends.").await;
    first.step("day").await;
    let (round, ada) = (first.round().await, first.ada.clone());
    first.playground.stop().await.unwrap();

    let second = Page::open_in(Some(folder.path())).await;
    assert_eq!(second.ada, ada);
    assert_eq!(second.round().await["id"], round["id"]);
    // Friday 14:05, and not Thursday, at which the clock stood when this playground was started.
    let now = second.state("").await["now"].as_i64().unwrap();
    assert_eq!(jiff::Timestamp::from_millisecond(now).unwrap().to_string(), "2026-11-13T13:05:00Z");
    second.answer("It still depends.").await;
    let streak = second.command(&ada, "streak", json!({})).await;
    assert_eq!(streak["message"]["embeds"][0]["fields"][0]["value"], "2 rounds", "{streak}");
    second.step("day").await;
    assert_eq!(
        second.round().await["embeds"][0]["footer"]["text"],
        "#3 · open until the next question"
    );
    second.playground.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_store_of_an_older_schema_is_backed_up_before_it_is_migrated() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    std::fs::create_dir(&store).unwrap();
    first_schema::unpack(&store);
    let page = Page::open_in(Some(folder.path())).await;
    page.answer("It depends.").await;
    page.playground.stop().await.unwrap();
    let made: Vec<_> = std::fs::read_dir(store.join("backups"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(made.len(), 1, "{made:?}");
    assert!(made[0].ends_with("-before-schema-2.jsonl.gz"), "{made:?}");
}
