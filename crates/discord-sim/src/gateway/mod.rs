//! The gateway's sessions: numbering, filtering by intents, and keeping events for resuming.
//! `connection` speaks the protocol on one WebSocket.

pub(crate) mod connection;
pub(crate) mod transport;

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::{broadcast, mpsc};

use super::clock::{Clock, real_now};
use super::record::{Change, GatewayRecord, Numbers};

/// Gateway intents (<https://discord.com/developers/docs/events/gateway#gateway-intents>).
pub(crate) mod intents {
    pub const GUILDS: u64 = 1;
    pub const GUILD_MEMBERS: u64 = 1 << 1;
    pub const GUILD_PRESENCES: u64 = 1 << 8;
    pub const GUILD_MESSAGES: u64 = 1 << 9;
    pub const DIRECT_MESSAGES: u64 = 1 << 12;
    pub const MESSAGE_CONTENT: u64 = 1 << 15;
    pub const PRIVILEGED: u64 = GUILD_MEMBERS | GUILD_PRESENCES | MESSAGE_CONTENT;
    /// All bits that are in use; any other makes an IDENTIFY invalid.
    pub const ALL: u64 = 0x1fff | 1 << 13 | 1 << 14 | 1 << 15 | 1 << 16 | 3 << 20 | 3 << 24;
}

/// Most events that are kept: for a session to resume, and on record.
const KEPT_EVENTS: usize = 10_000;

/// What a connection is told to do.
#[derive(Debug)]
pub(crate) enum Out {
    /// Send a payload.
    Send(String),
    /// Close with a code.
    Close(u16, &'static str),
    /// Drop the TCP connection without a word.
    Cut,
}

#[derive(Debug)]
struct Session {
    id: String,
    intents: u64,
    seq: u64,
    log: VecDeque<(u64, String)>,
    /// The connection that holds it now.
    connection: Option<u64>,
}

/// How often what happened on the gateway.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GatewayStats {
    /// WebSocket connections that were accepted.
    pub connections: u64,
    /// Sessions begun by IDENTIFY.
    pub identifies: u64,
    /// Sessions taken up again by RESUME.
    pub resumes: u64,
    /// RESUMEs that were refused with an invalid session.
    pub refused_resumes: u64,
    /// Heartbeats received.
    pub heartbeats: u64,
}

/// All sessions and connections.
#[derive(Debug)]
pub struct Hub {
    sessions: Vec<Session>,
    connections: Vec<(u64, mpsc::UnboundedSender<Out>)>,
    next: u64,
    changes: broadcast::Sender<Change>,
    record: VecDeque<Arc<GatewayRecord>>,
    numbers: Numbers,
    clock: Clock,
    pub(crate) stats: GatewayStats,
    /// Heartbeats get no answer.
    pub(crate) mute_acks: bool,
    /// New connections are dropped.
    pub(crate) refuse: bool,
    /// New connections get no answer to their handshake.
    pub(crate) stall: bool,
    /// Whoever identifies or resumes is closed with this code.
    pub(crate) unwelcome: Option<u16>,
}

impl Hub {
    pub(crate) fn new(changes: broadcast::Sender<Change>, numbers: Numbers, clock: Clock) -> Self {
        Self {
            sessions: Vec::new(),
            connections: Vec::new(),
            next: 0,
            changes,
            record: VecDeque::new(),
            numbers,
            clock,
            stats: GatewayStats::default(),
            mute_acks: false,
            refuse: false,
            stall: false,
            unwelcome: None,
        }
    }

    pub(crate) fn connect(&mut self, out: mpsc::UnboundedSender<Out>) -> u64 {
        self.next += 1;
        self.stats.connections += 1;
        self.connections.push((self.next, out));
        self.next
    }

    /// Forgets a connection; its session waits to be resumed.
    pub(crate) fn disconnect(&mut self, connection: u64) {
        self.connections.retain(|(id, _)| *id != connection);
        for session in &mut self.sessions {
            if session.connection == Some(connection) {
                session.connection = None;
            }
        }
        self.tell_sessions();
    }

    /// Tells those who watch how many sessions are connected; nobody watching is fine.
    fn tell_sessions(&self) {
        let _ = self.changes.send(Change::Sessions { connected: self.connected_sessions() });
    }

    fn tell(&self, connection: u64, out: Out) {
        if let Some((_, tx)) = self.connections.iter().find(|(id, _)| *id == connection) {
            // A connection that is just ending no longer listens; its session keeps the event.
            let _ = tx.send(out);
        }
    }

    /// Tells every connection.
    pub(crate) fn tell_all(&self, make: impl Fn() -> Out) {
        for (_, tx) in &self.connections {
            let _ = tx.send(make());
        }
    }

    pub(crate) fn connected_sessions(&self) -> usize {
        self.sessions.iter().filter(|session| session.connection.is_some()).count()
    }

    pub(crate) fn recorded(&self) -> Vec<Arc<GatewayRecord>> {
        self.record.iter().cloned().collect()
    }

    /// The newest events after that number, at most so many, the newest first.
    pub(crate) fn recorded_after(&self, number: u64, limit: usize) -> Vec<Arc<GatewayRecord>> {
        let newest = self.record.iter().rev();
        newest.take_while(|event| event.number > number).take(limit).cloned().collect()
    }

    /// Begins a session. Sessions that nobody holds are given up: their holder began anew.
    pub(crate) fn begin(&mut self, connection: u64, intents: u64) -> String {
        self.sessions.retain(|session| session.connection.is_some());
        self.stats.identifies += 1;
        self.next += 1;
        let id = format!("{:032x}", u128::from(self.next).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c));
        self.sessions.push(Session {
            id: id.clone(),
            intents,
            seq: 0,
            log: VecDeque::new(),
            connection: Some(connection),
        });
        self.tell_sessions();
        id
    }

    /// Takes up a session: replays what came after `seq`, then says RESUMED.
    ///
    /// # Errors
    ///
    /// The session is unknown or its events are no longer kept, so it is invalid.
    pub(crate) fn resume(&mut self, connection: u64, id: &str, seq: u64) -> Result<(), ()> {
        let found = self.sessions.iter_mut().find(|session| session.id == id);
        let Some(session) = found.filter(|s| seq <= s.seq && s.oldest() <= seq + 1) else {
            self.stats.refused_resumes += 1;
            return Err(());
        };
        session.connection = Some(connection);
        let missed = session.log.iter().filter(|(at, _)| *at > seq);
        let replay: Vec<String> = missed.map(|(_, payload)| payload.clone()).collect();
        for payload in replay {
            self.tell(connection, Out::Send(payload));
        }
        self.stats.resumes += 1;
        self.tell_sessions();
        self.send_to(id, "RESUMED", &json!({ "_trace": [] }));
        Ok(())
    }

    /// Makes sessions that a connection holds invalid.
    pub(crate) fn end(&mut self, connection: u64) {
        self.sessions.retain(|session| session.connection != Some(connection));
        self.tell_sessions();
    }

    pub(crate) fn end_all(&mut self) {
        self.sessions.clear();
        self.tell_sessions();
    }

    /// Whether the connection holds a session.
    pub(crate) fn holds(&self, connection: u64) -> bool {
        self.sessions.iter().any(|session| session.connection == Some(connection))
    }

    /// Sends an event to one session.
    pub(crate) fn send_to(&mut self, id: &str, event: &str, data: &Value) {
        let Some(session) = self.sessions.iter_mut().find(|session| session.id == id) else {
            return;
        };
        let (payload, seq) = session.push(event, data);
        let connection = session.connection;
        let record = Arc::new(GatewayRecord {
            number: self.numbers.next(),
            session: id.to_owned(),
            seq,
            event: event.to_owned(),
            data: data.clone(),
            at: self.clock.now(),
            real_at: real_now(),
        });
        self.record.push_back(Arc::clone(&record));
        if self.record.len() > KEPT_EVENTS {
            self.record.pop_front();
        }
        if let Some(connection) = connection {
            self.tell(connection, Out::Send(payload));
        }
        let _ = self.changes.send(Change::Gateway { record });
    }

    /// Sends an event to all sessions that asked for one of the `wanted` intents (0: to all).
    /// Sessions without the message content intent get `bare` instead, where given.
    pub(crate) fn dispatch(
        &mut self,
        event: &str,
        wanted: u64,
        full: &Value,
        bare: Option<&Value>,
    ) {
        let targets: Vec<(String, bool)> = (self.sessions.iter())
            .filter(|session| wanted == 0 || session.intents & wanted != 0)
            .map(|session| (session.id.clone(), session.intents & intents::MESSAGE_CONTENT != 0))
            .collect();
        for (id, content) in targets {
            let data = if content { full } else { bare.unwrap_or(full) };
            self.send_to(&id, event, data);
        }
    }
}

impl Session {
    fn oldest(&self) -> u64 {
        self.log.front().map_or(self.seq + 1, |(seq, _)| *seq)
    }

    fn push(&mut self, event: &str, data: &Value) -> (String, u64) {
        self.seq += 1;
        let payload = json!({ "op": 0, "s": self.seq, "t": event, "d": data }).to_string();
        self.log.push_back((self.seq, payload.clone()));
        if self.log.len() > KEPT_EVENTS {
            self.log.pop_front();
        }
        (payload, self.seq)
    }
}
