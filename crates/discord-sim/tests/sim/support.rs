//! A bot made of an HTTP client and a WebSocket, without a library between it and the protocol.

use std::time::Duration;

use discord_sim::{ChannelKind, Id, Limits, Options, Sim};
use futures_util::{SinkExt, StreamExt};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// The intents for guilds and their messages, none of them privileged.
pub const INTENTS: u64 = 1 | 1 << 9 | 1 << 12;

/// A world with a guild, three people, and a channel.
pub struct Stage {
    pub sim: Sim,
    pub guild: Id,
    pub channel: Id,
    pub ada: Id,
    pub bob: Id,
    pub rest: Rest,
}

pub async fn stage() -> Stage {
    stage_with(Options { limits: Limits::none(), ..Options::default() }).await
}

pub async fn stage_with(options: Options) -> Stage {
    let sim = Sim::start(options).await.unwrap();
    let (ada, bob) = (sim.add_user("ada", "Ada"), sim.add_user("bob", "Bob"));
    let guild = sim.add_guild("Team", ada);
    sim.add_member(guild, bob, &[]);
    let channel = sim.add_channel(guild, "questions", ChannelKind::Text);
    let rest = Rest {
        client: reqwest::Client::new(),
        base: format!("{}/api/v10", sim.http_url()),
        token: sim.token().to_owned(),
    };
    Stage { sim, guild, channel, ada, bob, rest }
}

/// REST, as a bot would use it.
#[derive(Clone)]
pub struct Rest {
    pub client: reqwest::Client,
    pub base: String,
    pub token: String,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
    pub headers: reqwest::header::HeaderMap,
}

impl Answer {
    /// HTTP status and Discord's error code.
    pub fn error(&self) -> (u16, u64) {
        (self.status, self.body["code"].as_u64().unwrap_or_default())
    }

    pub fn id(&self) -> Id {
        self.body["id"].as_str().unwrap_or_else(|| panic!("no id in {self:?}")).parse().unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

impl Rest {
    pub async fn try_call(&self, method: &str, path: &str, body: Value) -> reqwest::Result<Answer> {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        request = request.header("authorization", format!("Bot {}", self.token));
        if !body.is_null() {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = serde_json::from_str(&response.text().await?).unwrap_or_default();
        Ok(Answer { status, body, headers })
    }

    pub async fn call(&self, method: &str, path: &str, body: Value) -> Answer {
        self.try_call(method, path, body).await.unwrap()
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, Value::Null).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call("POST", path, body).await
    }

    pub async fn say(&self, channel: Id, text: &str) -> Id {
        self.post(&format!("/channels/{channel}/messages"), json!({ "content": text })).await.id()
    }
}

/// One gateway connection.
pub struct Socket {
    pub stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Socket {
    /// Connects and takes in HELLO.
    pub async fn connect(sim: &Sim) -> (Self, Value) {
        let (stream, _) =
            connect_async(format!("{}?v=10&encoding=json", sim.gateway_url())).await.unwrap();
        let mut socket = Self { stream };
        let hello = socket.next().await.unwrap();
        (socket, hello)
    }

    /// Connects and identifies; gives READY's data too.
    pub async fn identified(sim: &Sim, intents: u64) -> (Self, Value) {
        let (mut socket, _) = Self::connect(sim).await;
        socket.identify(sim.token(), intents).await;
        let ready = socket.event("READY").await;
        (socket, ready)
    }

    pub async fn send(&mut self, payload: Value) {
        self.stream.send(Message::text(payload.to_string())).await.unwrap();
    }

    pub async fn identify(&mut self, token: &str, intents: u64) {
        let data = json!({
            "token": token, "intents": intents, "shard": [0, 1],
            "properties": { "os": "linux", "browser": "test", "device": "test" },
        });
        self.send(json!({ "op": 2, "d": data })).await;
    }

    /// The next payload; an error holds the close code, or none if the connection was lost.
    pub async fn next(&mut self) -> Result<Value, Option<u16>> {
        loop {
            let frame = tokio::time::timeout(Duration::from_secs(5), self.stream.next());
            match frame.await.expect("a frame in time") {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(frame))) => return Err(frame.map(|f| f.code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(None),
            }
        }
    }

    /// The data of the next event of that name.
    pub async fn event(&mut self, name: &str) -> Value {
        loop {
            let payload =
                self.next().await.unwrap_or_else(|e| panic!("closed {e:?} before {name}"));
            if payload["t"] == name {
                return payload["d"].clone();
            }
        }
    }
}
