//! One WebSocket of the gateway, version 10, JSON encoding
//! (<https://discord.com/developers/docs/events/gateway>).

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::transport::Transport;
use super::{Out, intents};
use crate::Shared;
use crate::socket::Reset;
use crate::wire;

/// Most payloads that a connection may send in a minute.
const SENDS_PER_MINUTE: u32 = 120;

/// Why a connection ends.
enum End {
    /// With a close frame.
    Close(u16, &'static str),
    /// By a reset of the TCP connection.
    Cut,
    /// Because the other side has gone, or the simulation stops.
    Silent,
}

struct Connection {
    shared: Arc<Shared>,
    socket: WebSocket,
    transport: Transport,
    id: u64,
    deadline: Instant,
    window: (Instant, u32),
}

/// Serves one connection until it ends. `query` is that of the WebSocket's address.
pub(crate) async fn serve(shared: Arc<Shared>, socket: WebSocket, reset: Reset, query: &str) {
    let (tx, out) = mpsc::unbounded_channel();
    let id = shared.world().hub.connect(tx);
    let stream = query.split('&').any(|pair| pair == "compress=zlib-stream");
    let deadline = Instant::now() + patience(&shared);
    let mut connection = Connection {
        transport: if stream { Transport::stream() } else { Transport::Plain },
        window: (Instant::now(), 0),
        shared: Arc::clone(&shared),
        socket,
        id,
        deadline,
    };
    let end = connection.run(out, query).await;
    shared.world().hub.disconnect(id);
    match end {
        End::Close(code, reason) => connection.close(code, reason).await,
        End::Cut => reset.set(),
        End::Silent => {}
    }
}

/// How long a connection may go without a heartbeat.
fn patience(shared: &Shared) -> Duration {
    shared.options.heartbeat_interval.mul_f64(1.5) + Duration::from_millis(500)
}

impl Connection {
    async fn run(&mut self, mut out: mpsc::UnboundedReceiver<Out>, query: &str) -> End {
        let version = query.split('&').find_map(|pair| pair.strip_prefix("v="));
        if !matches!(version, None | Some("10" | "9")) {
            return End::Close(4012, "Invalid API version.");
        }
        let interval = self.shared.options.heartbeat_interval.as_millis();
        let hello = json!({ "heartbeat_interval": interval, "_trace": [] });
        if let Err(end) = self.send(10, &hello).await {
            return end;
        }
        let stop = self.shared.stop.clone();
        loop {
            let step = tokio::select! {
                () = stop.cancelled() => Err(End::Silent),
                () = sleep_until(self.deadline) => Err(self.timed_out()),
                told = out.recv() => self.obey(told).await,
                frame = self.socket.recv() => self.hear(frame).await,
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    fn timed_out(&self) -> End {
        self.shared.world().hub.end(self.id);
        End::Close(4009, "Session timed out.")
    }

    async fn obey(&mut self, told: Option<Out>) -> Result<(), End> {
        match told {
            Some(Out::Send(payload)) => self.send_text(payload).await,
            Some(Out::Close(code, reason)) => Err(End::Close(code, reason)),
            Some(Out::Cut) => Err(End::Cut),
            None => Err(End::Silent),
        }
    }

    async fn hear(&mut self, frame: Option<Result<Message, axum::Error>>) -> Result<(), End> {
        let text = match frame {
            Some(Ok(Message::Text(text))) => text.to_string(),
            Some(Ok(Message::Binary(bytes))) => String::from_utf8_lossy(&bytes).into_owned(),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => return Ok(()),
            Some(Ok(Message::Close(frame))) => {
                self.closed_by_client(frame);
                return Err(End::Silent);
            }
            Some(Err(_)) | None => return Err(End::Silent),
        };
        self.count_send()?;
        if let Some(code) = self.shared.world().hub.unwelcome {
            return Err(End::Close(code, "Closed by the simulation."));
        }
        let Ok(payload) = serde_json::from_str::<Value>(&text) else {
            return Err(End::Close(4002, "Error while decoding payload."));
        };
        let data = &payload["d"];
        match payload["op"].as_u64() {
            Some(1) => self.heartbeat().await,
            Some(2) => self.identify(data).await,
            Some(6) => self.resume(data).await,
            // Presence, voice state, members and sounds: accepted, and without consequence here.
            Some(3 | 4 | 8 | 31) if self.shared.world().hub.holds(self.id) => Ok(()),
            Some(3 | 4 | 8 | 31) => Err(End::Close(4003, "Not authenticated.")),
            _ => Err(End::Close(4001, "Unknown opcode.")),
        }
    }

    /// A client that closes with 1000 or 1001 gives up its session.
    fn closed_by_client(&self, frame: Option<CloseFrame>) {
        if frame.is_some_and(|frame| matches!(frame.code, 1000 | 1001)) {
            self.shared.world().hub.end(self.id);
        }
    }

    fn count_send(&mut self) -> Result<(), End> {
        if self.window.0.elapsed() > Duration::from_secs(60) {
            self.window = (Instant::now(), 0);
        }
        self.window.1 += 1;
        let within = self.window.1 <= SENDS_PER_MINUTE;
        if within { Ok(()) } else { Err(End::Close(4008, "You are being rate limited.")) }
    }

    async fn heartbeat(&mut self) -> Result<(), End> {
        self.deadline = Instant::now() + patience(&self.shared);
        let muted = {
            let mut world = self.shared.world();
            world.hub.stats.heartbeats += 1;
            world.hub.mute_acks
        };
        if muted { Ok(()) } else { self.send(11, &Value::Null).await }
    }

    async fn identify(&mut self, data: &Value) -> Result<(), End> {
        if self.shared.world().hub.holds(self.id) {
            return Err(End::Close(4005, "Already authenticated."));
        }
        let wanted = self.check_identify(data)?;
        if data["compress"] == true && matches!(self.transport, Transport::Plain) {
            self.transport = Transport::LargeCompressed;
        }
        self.begin(wanted);
        Ok(())
    }

    /// Checks token, shard and intents; gives the intents.
    fn check_identify(&self, data: &Value) -> Result<u64, End> {
        self.check_token(data)?;
        let shard = &data["shard"];
        if !shard.is_null() && *shard != json!([0, 1]) {
            return Err(End::Close(4010, "Invalid shard."));
        }
        let wanted = data["intents"].as_u64();
        let Some(wanted) = wanted.filter(|bits| bits & !intents::ALL == 0) else {
            return Err(End::Close(4013, "Invalid intent(s)."));
        };
        let privileged = wanted & intents::PRIVILEGED;
        if privileged & !self.shared.options.privileged_intents != 0 {
            return Err(End::Close(4014, "Disallowed intent(s)."));
        }
        Ok(wanted)
    }

    fn check_token(&self, data: &Value) -> Result<(), End> {
        let token = data["token"].as_str().unwrap_or_default();
        let token = token.strip_prefix("Bot ").unwrap_or(token);
        let known = token == self.shared.world().app.token;
        if known { Ok(()) } else { Err(End::Close(4004, "Authentication failed.")) }
    }

    /// Begins a session: READY, then a GUILD_CREATE for each guild, in one step with the state.
    fn begin(&self, wanted: u64) {
        let mut world = self.shared.world();
        let session = world.hub.begin(self.id, wanted);
        let ready = wire::ready(&world, &session, &self.shared.gateway_url());
        world.hub.send_to(&session, "READY", &ready);
        if wanted & intents::GUILDS == 0 {
            return;
        }
        let bot = world.app.bot;
        let guilds = world.guilds.values().filter(|guild| guild.members.contains_key(&bot));
        let guilds = guilds.filter(|guild| !world.outages.contains(&guild.id));
        let guilds: Vec<Value> = guilds.map(|guild| wire::gateway_guild(&world, guild)).collect();
        for guild in guilds {
            world.hub.send_to(&session, "GUILD_CREATE", &guild);
        }
    }

    async fn resume(&mut self, data: &Value) -> Result<(), End> {
        self.check_token(data)?;
        let session = data["session_id"].as_str().unwrap_or_default();
        let Some(seq) = data["seq"].as_u64() else {
            return Err(End::Close(4007, "Invalid `seq` specified."));
        };
        let resumed = self.shared.world().hub.resume(self.id, session, seq);
        if resumed.is_err() { self.send(9, &json!(false)).await } else { Ok(()) }
    }

    async fn send(&mut self, op: u8, data: &Value) -> Result<(), End> {
        self.send_text(json!({ "op": op, "d": data, "s": null, "t": null }).to_string()).await
    }

    async fn send_text(&mut self, payload: String) -> Result<(), End> {
        let frame = self.transport.pack(payload);
        self.socket.send(frame).await.map_err(|_| End::Silent)
    }

    async fn close(&mut self, code: u16, reason: &'static str) {
        let frame = CloseFrame { code, reason: reason.into() };
        let sent = self.socket.send(Message::Close(Some(frame))).await;
        if sent.is_ok() {
            // Leaves time for the other side's close frame, so that it sees ours before a reset.
            let _ = tokio::time::timeout(Duration::from_millis(500), self.socket.recv()).await;
        }
    }
}
