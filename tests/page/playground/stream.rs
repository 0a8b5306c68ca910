//! What the page is told by itself, over its WebSocket, and what the inspector then shows.

use super::page::{Page, START};
use futures_util::StreamExt;
use reqwest::{StatusCode, header};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest},
};

/// A page's connection.
pub struct Stream(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Stream {
    pub async fn open(page: &Page) -> Self {
        let address = format!("ws://{}/api/changes", page.playground.address);
        Self(connect_async(address).await.unwrap().0)
    }

    /// The next thing that is told; nothing at the end.
    async fn next(&mut self) -> Option<Value> {
        let told = async {
            loop {
                match self.0.next().await {
                    Some(Ok(Message::Text(text))) => {
                        return Some(serde_json::from_str(&text).unwrap());
                    }
                    Some(Ok(Message::Ping(_))) => {}
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                    Some(Ok(other)) => panic!("{other:?}"),
                }
            }
        };
        // Pings come all the while, and are no news.
        tokio::time::timeout(Duration::from_secs(60), told).await.expect("news or the end")
    }

    /// Waits for news of this kind.
    pub async fn hear(&mut self, kind: &str) {
        let wanted = json!({ "type": kind });
        while self.next().await.expect("no end") != wanted {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_is_told_that_something_has_changed_and_not_what() {
    let page = Page::open().await;
    let mut stream = Stream::open(&page).await;
    assert_eq!(stream.next().await.unwrap(), json!({ "type": "changed" }));
    assert_eq!(stream.next().await.unwrap(), json!({ "type": "bank" }));
    page.act(&page.bruno, "say", json!({ "text": "Hello" })).await;
    stream.hear("changed").await;
    page.command(&page.ada, "streak", json!({})).await;
    stream.hear("traffic").await;
    for trouble in ["gateway", "kill", "start"] {
        page.trouble(trouble, json!({})).await;
        stream.hear("changed").await;
    }
    // A page that comes back is told first, whatever it has missed.
    let mut other = Stream::open(&page).await;
    assert_eq!(other.next().await.unwrap(), json!({ "type": "changed" }));
    page.playground.stop().await.unwrap();
    while stream.next().await.is_some() {}
    while other.next().await.is_some() {}
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stream_is_for_the_own_page_alone() {
    let page = Page::open().await;
    let port = page.playground.address.port();
    let foreign = [
        (header::ORIGIN, "http://evil.example".to_owned()),
        (header::ORIGIN, "null".to_owned()),
        (header::HOST, format!("evil.example:{port}")),
    ];
    for (name, value) in &foreign {
        let address = format!("ws://{}/api/changes", page.playground.address);
        let mut request = address.into_client_request().unwrap();
        request.headers_mut().insert(name.clone(), value.parse().unwrap());
        match connect_async(request).await {
            Err(Error::Http(response)) => assert_eq!(response.status(), StatusCode::FORBIDDEN),
            other => panic!("{value}: {other:?}"),
        }
    }
    let address = format!("ws://{}/api/changes", page.playground.address);
    let mut request = address.into_client_request().unwrap();
    let own = format!("http://localhost:{port}");
    request.headers_mut().insert("origin", own.parse().unwrap());
    assert!(connect_async(request).await.is_ok());
    page.playground.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_inspector_shows_requests_and_events_and_no_token() {
    let page = Page::open().await;
    page.answer("It depends.").await;
    let (entries, last) = page.inspector(0).await;
    let numbers: Vec<u64> = entries.iter().map(|entry| entry["number"].as_u64().unwrap()).collect();
    assert!(numbers.is_sorted() && *numbers.last().unwrap() == last, "{numbers:?}");
    let find = |label: &str| {
        let found = entries.iter().find(|entry| entry["label"] == label);
        found.unwrap_or_else(|| panic!("{label}: {entries:#?}"))
    };

    let post = find(&format!("POST /channels/{}/messages", page.channel));
    assert_eq!((&post["kind"], &post["status"]), (&json!("request"), &json!(200)));
    assert_eq!(
        post["body"]["embeds"],
        json!([{
            "title": post["answer"]["embeds"][0]["title"],
            "description": post["answer"]["embeds"][0]["description"],
            "color": post["answer"]["embeds"][0]["color"],
            "footer": { "text": "#1 · open until the next question" },
            "type": "rich",
        }])
    );
    assert_eq!(post["answer"]["id"], page.round().await["id"]);
    let start: jiff::Timestamp = START.parse().unwrap();
    assert_eq!(post["at"], start.as_millisecond());
    assert!(post["real_at"].is_i64() && post["ms"].is_u64() && post["cut"] == false, "{post}");

    let event = find("INTERACTION_CREATE");
    assert_eq!((&event["kind"], &event["at"]), (&json!("event"), &post["at"]));
    for none in ["status", "ms", "error", "answer"] {
        assert_eq!(event[none], Value::Null, "{none}");
    }
    find("READY");
    let all = serde_json::to_string(&entries).unwrap();
    assert!(all.contains("It depends."));
    assert!(!all.contains(&discord_sim::Options::default().token));
    assert!(!all.to_lowercase().contains("authorization"));

    page.command(&page.ada, "streak", json!({})).await;
    let (more, newest) = page.inspector(last).await;
    assert!(more.len() >= 2 && newest > last);
    assert!(more.iter().all(|entry| entry["number"].as_u64().unwrap() > last));
    page.playground.stop().await.unwrap();
}
