//! The ways in which a gateway gives trouble.

use discord_sim::Sim;
use serde_json::json;
use std::time::Duration;

/// One way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trouble {
    /// The connection is reset without a word.
    Cut,
    /// Opcode 7.
    Reconnect,
    /// Opcode 9 with `true`, which lets the session be resumed, and with `false`.
    Invalid { resumable: bool },
    /// A close frame.
    Close(u16),
    /// Heartbeats get no answer for some seconds.
    SilentAcks,
    /// Frames that are not JSON or not the gateway's.
    Garbage,
    /// Events that no library knows.
    UnknownEvents,
    /// Known events without fields that they must have.
    MissingFields,
    /// The connection is reset, and no new one is accepted for a while.
    Refused,
    /// A close frame that ends the session, and no new connection is accepted for a while.
    ClosedAndRefused,
    /// Opcode 1.
    HeartbeatRequest,
}

impl Trouble {
    pub const ALL: [Self; 15] = [
        Self::Cut,
        Self::Reconnect,
        Self::Invalid { resumable: true },
        Self::Invalid { resumable: false },
        // "Unknown error": reconnect and resume.
        Self::Close(4000),
        // "Session timed out": begin a new one.
        Self::Close(4009),
        // "Going away", as a restarting server says.
        Self::Close(1001),
        // "Rate limited".
        Self::Close(4008),
        Self::SilentAcks,
        Self::Garbage,
        Self::UnknownEvents,
        Self::MissingFields,
        Self::Refused,
        Self::ClosedAndRefused,
        Self::HeartbeatRequest,
    ];

    /// Makes the trouble, and ends it where it lasts.
    pub async fn make(self, sim: &Sim) {
        let gateway = sim.gateway();
        match self {
            Self::Cut => gateway.cut(),
            Self::Reconnect => gateway.request_reconnect(),
            Self::Invalid { resumable } => gateway.invalidate(resumable),
            Self::Close(code) => gateway.close(code),
            Self::SilentAcks => {
                gateway.mute_acks(true);
                tokio::time::sleep(Duration::from_secs(4)).await;
                gateway.mute_acks(false);
            }
            Self::Garbage => garbage(sim),
            Self::UnknownEvents => unknown_events(sim),
            Self::MissingFields => missing_fields(sim),
            Self::Refused => refuse_after(sim, || sim.gateway().cut()).await,
            Self::ClosedAndRefused => refuse_after(sim, || sim.gateway().close(4009)).await,
            Self::HeartbeatRequest => gateway.request_heartbeat(),
        }
    }
}

async fn refuse_after(sim: &Sim, end: impl Fn()) {
    sim.gateway().refuse(true);
    end();
    tokio::time::sleep(Duration::from_secs(4)).await;
    sim.gateway().refuse(false);
}

fn garbage(sim: &Sim) {
    let gateway = sim.gateway();
    for text in ["", "{", "null", "[]", "{}", "no JSON at all", "{\"op\":0}", "{\"op\":\"x\"}"] {
        gateway.send_text(text);
    }
    gateway.send_raw(&json!({ "op": 99, "d": null, "s": null, "t": null }));
    gateway.send_raw(&json!({ "op": 0, "d": {}, "s": null, "t": "INTERACTION_CREATE" }));
    gateway.send_raw(&json!({ "op": 0, "d": {}, "s": "one", "t": "INTERACTION_CREATE" }));
    gateway.send_raw(&json!({ "op": 9, "d": null, "s": null, "t": null }));
}

fn unknown_events(sim: &Sim) {
    sim.gateway().send_event("A_NOVELTY", &json!({ "id": "1", "of": ["next", "year"] }));
    sim.gateway().send_event("ANOTHER_NOVELTY", &json!(null));
}

fn missing_fields(sim: &Sim) {
    let gateway = sim.gateway();
    let interaction = json!({ "id": "1234567890123456", "type": 3, "version": 1 });
    gateway.send_event("INTERACTION_CREATE", &interaction);
    gateway.send_event("INTERACTION_CREATE", &json!({ "id": "0", "type": 2, "token": "t" }));
    gateway.send_event("INTERACTION_CREATE", &json!({ "id": "7", "type": 99, "token": "t" }));
    gateway.send_event("GUILD_CREATE", &json!({ "id": "5" }));
    gateway.send_event("MESSAGE_CREATE", &json!({}));
    gateway.send_event("RESUMED", &json!(null));
}
