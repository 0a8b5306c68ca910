//! The part of the table on the gateway: what it may do to a connection, and what becomes of the
//! program, run as a process of its own, and of its members.

use crate::{
    journal::Journal,
    scene::{PATIENCE, insist},
    support::{
        Stage, eventually,
        process::{Process, zone_at_noon},
        said,
    },
    table,
    trouble::Trouble,
};
use discord_sim::{ChannelKind, Clock, GatewayStats, Id, Limits, MessageView, Options};
use futures_util::{StreamExt, stream};
use serde_json::json;
use std::time::Duration;

/// How many processes run side by side.
const SIDE_BY_SIDE: usize = 6;

/// How long one case may take in real time, however slow the machine.
const CASE_WITHIN: Duration = Duration::from_secs(8 * 60);

/// How many events come at once.
const FLOOD: u64 = 10_000;

/// How long each new connection is closed: longer than the bot goes on with one client.
const FOR: Duration = Duration::from_secs(25);

/// What Discord's documentation calls the close codes.
/// <https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes>
const CLOSE_CODES: [(u16, &str); 15] = [
    (4000, "unknown error"),
    (4001, "unknown opcode"),
    (4002, "decode error"),
    (4003, "not authenticated"),
    (4004, "authentication failed"),
    (4005, "already authenticated"),
    (4006, "session no longer valid"),
    (4007, "invalid seq"),
    (4008, "rate limited"),
    (4009, "session timed out"),
    (4010, "invalid shard"),
    (4011, "sharding required"),
    (4012, "invalid API version"),
    (4013, "invalid intents"),
    (4014, "disallowed intents"),
];

/// What the gateway does.
#[derive(Clone, Debug)]
enum Deed {
    Trouble(Trouble),
    /// Each connection is closed with this code, for a while.
    ClosedEach(u16),
    Flood,
}

impl Deed {
    fn all() -> Vec<(String, Self)> {
        let closed = CLOSE_CODES.map(|(code, meaning)| {
            (format!("closes with {code}, {meaning}"), Trouble::Close(code))
        });
        let others = Trouble::ALL.into_iter().filter(|it| !matches!(it, Trouble::Close(_)));
        let others = others.map(|trouble| (name_of(trouble).to_owned(), trouble));
        let troubles = closed.into_iter().chain(others);
        let mut all: Vec<_> = troubles.map(|(name, it)| (name, Self::Trouble(it))).collect();
        all.extend([4010, 4011, 4012].map(|code| {
            (
                format!("closes each connection with {code} for {} seconds", FOR.as_secs()),
                Self::ClosedEach(code),
            )
        }));
        all.push((format!("a flood of {FLOOD} events"), Self::Flood));
        all
    }

    async fn happen(&self, stage: &Stage) {
        match self {
            Self::Trouble(trouble) => trouble.make(&stage.sim).await,
            Self::ClosedEach(code) => {
                let gateway = stage.sim.gateway();
                gateway.close_all(Some(*code));
                gateway.close(*code);
                tokio::time::sleep(FOR).await;
                stage.sim.gateway().close_all(None);
            }
            Self::Flood => (0..FLOOD).for_each(|number| typing(stage, number)),
        }
    }

    /// Heartbeats that are missed are noticed only if there are some.
    fn heartbeat_interval(&self) -> Duration {
        match self {
            Self::Trouble(Trouble::SilentAcks) => Duration::from_secs(1),
            _ => Duration::from_millis(41_250),
        }
    }
}

fn name_of(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Cut => "the connection is cut",
        Trouble::Reconnect => "opcode 7, reconnect",
        Trouble::Invalid { resumable: true } => "opcode 9 with `true`, the session may be resumed",
        Trouble::Invalid { resumable: false } => "opcode 9 with `false`, the session is over",
        Trouble::Close(_) => "closes",
        Trouble::SilentAcks => "no heartbeat is acknowledged",
        Trouble::Garbage => "frames that are no JSON, or not the gateway's",
        Trouble::UnknownEvents => "events that no library knows",
        Trouble::MissingFields => "events without fields that they must have",
        Trouble::Refused => "the connection is cut, and refused for four seconds",
        Trouble::ClosedAndRefused => {
            "the session is over, and connections refused for four seconds"
        }
        Trouble::HeartbeatRequest => "opcode 1, a heartbeat is asked for",
    }
}

fn typing(stage: &Stage, number: u64) {
    let event = json!({
        "channel_id": stage.channel, "user_id": stage.ada, "timestamp": 1_700_000_000 + number,
    });
    stage.sim.gateway().send_event("TYPING_START", &event);
}

/// A row of the table.
struct Row {
    name: String,
    outcome: String,
    logged: String,
}

/// The bot in a process, with a round out in one guild and another guild next door.
struct Scene {
    stage: Stage,
    round: MessageView,
    next_door: Id,
    ben: Id,
}

impl Scene {
    async fn set_up(deed: &Deed) -> (Self, Process) {
        let stage = Stage::on(Options {
            clock: Clock::system(),
            limits: Limits::none(),
            heartbeat_interval: deed.heartbeat_interval(),
            ..Options::default()
        })
        .await;
        let nora = stage.sim.add_user("nora", "Nora");
        let guild = stage.sim.add_guild("Next door", nora);
        let ben = stage.sim.add_user("ben", "Ben");
        stage.sim.add_member(guild, ben, &[]);
        let next_door = stage.sim.add_channel(guild, "questions", ChannelKind::Text);
        let process = stage.run_process().await;
        let (mona, channel) = (stage.actor(stage.mona), stage.channel);
        let options = [
            ("channel", json!(channel)),
            ("time", json!("11:00")),
            ("zone", json!(zone_at_noon())),
            ("days", json!("mon-sun")),
        ];
        let set = said(&insist(|| mona.command(channel, "daily set", &options)).await);
        assert!(set.contains("is set up"), "{set}");
        let posted = said(&insist(|| mona.command(channel, "daily post-now", &[])).await);
        assert!(posted.contains("is out"), "{posted}");
        let round = stage.newest_round();
        (Self { stage, round, next_door, ben }, process)
    }

    /// A member takes part until the bot says so.
    async fn takes_part(&self, user: Id) {
        let actor = self.stage.actor(user);
        let round = &self.round;
        let shown = insist(|| actor.click_label(round.channel, round.id, "Reveal")).await;
        let shown = shown.message().unwrap().clone();
        if shown.button("Got it").is_none() {
            return;
        }
        let graded = said(&insist(|| actor.click_label(shown.channel, shown.id, "Got it")).await);
        assert!(graded.contains("got it"), "{graded}");
    }

    /// Members of both guilds are served.
    async fn serves(&self) {
        let ben = self.stage.actor(self.ben);
        tokio::join!(self.takes_part(self.stage.bob), async {
            said(&insist(|| ben.command(self.next_door, "help", &[])).await);
        });
    }

    /// Nothing is there twice, and nothing that was acknowledged is lost.
    async fn check(&self, members: &[Id]) {
        assert_eq!(self.stage.rounds().len(), 1);
        for user in members {
            let actor = self.stage.actor(*user);
            let streak = insist(|| actor.command(self.stage.channel, "streak", &[])).await;
            let streak = said(&streak);
            assert!(streak.contains("Rounds in all\n1"), "{streak}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_fault_of_the_gateway_leads_to_what_the_table_says() {
    Journal::of_all_else();
    let rows = stream::iter(Deed::all()).map(|(name, deed)| async move {
        let lived = tokio::time::timeout(CASE_WITHIN, case(&name, &deed)).await;
        lived.unwrap_or_else(|_| panic!("it hangs: {name}"))
    });
    let rows: Vec<Row> = rows.buffered(SIDE_BY_SIDE).collect().await;
    let mut text = "\n".to_owned();
    text.push_str(&table::row(&["the gateway", "outcome", "the log"]));
    text.push_str("|---|---|---|\n");
    text.extend(rows.iter().map(|row| table::row(&[&row.name, &row.outcome, &row.logged])));
    text.push('\n');
    table::compare("gateway", &text);
}

async fn case(name: &str, deed: &Deed) -> Row {
    eprintln!("begins: {name}");
    let (scene, mut process) = Scene::set_up(deed).await;
    scene.takes_part(scene.stage.ada).await;
    let (mark, before) = (process.log().len(), scene.stage.sim.gateway().stats());
    deed.happen(&scene.stage).await;
    let (outcome, members) = match fate(deed) {
        Some(code) => {
            let ended = process.ended(PATIENCE).await.code();
            assert_eq!(ended, Some(code), "{name}: {}", process.log());
            let outcome = format!("the program ends with exit code {code}");
            // Whoever mends the cause starts it again.
            process = scene.stage.run_process().await;
            (outcome, vec![scene.stage.ada])
        }
        None => {
            scene.serves().await;
            let after = scene.stage.sim.gateway().stats();
            (survived(before, after), vec![scene.stage.ada, scene.stage.bob])
        }
    };
    let logged = match deed {
        // Whether an answer comes too late in a flood depends on the machine.
        Deed::Flood => "—".to_owned(),
        _ => told(&process.log()[mark..], fate(deed).is_some()),
    };
    let nothing_is_wrong = matches!(deed, Deed::Flood | Deed::Trouble(Trouble::HeartbeatRequest));
    assert!(logged != "—" || nothing_is_wrong, "{name}: nobody says what is wrong");
    scene.serves().await;
    scene.check(&members).await;
    eventually("the gateway is connected", || scene.stage.sim.gateway().connected() == 1).await;
    process.stop().await;
    scene.stage.finish().await;
    eprintln!("{name}: {outcome}: {logged}");
    Row { name: name.to_owned(), outcome, logged }
}

/// The exit code of a program that cannot go on.
fn fate(deed: &Deed) -> Option<i32> {
    match deed {
        Deed::Trouble(Trouble::Close(4004 | 4013 | 4014)) => Some(1),
        _ => None,
    }
}

fn survived(before: GatewayStats, after: GatewayStats) -> String {
    let session = match (after.resumes > before.resumes, after.identifies > before.identifies) {
        (_, true) => "a new session begins",
        (true, false) => "the session is resumed",
        (false, false) => "the session stays",
    };
    format!("{session}; members of both guilds are served")
}

/// The first line of the log that warns; of a program that ended, the last; else the first of the
/// gateway's.
fn told(log: &str, ended: bool) -> String {
    if ended && let Some(last) = log.lines().rfind(|line| line.starts_with("whetstone: ")) {
        return last.to_owned();
    }
    let warned = log.lines().find_map(|line| after(line, &[" WARN ", "ERROR "]));
    let heard = || log.lines().find_map(|line| after(line, &[" INFO whetstone::discord::gateway"]));
    warned.or_else(heard).unwrap_or_else(|| "—".to_owned())
}

/// What a line says after one of the levels and the name of what logs it, without what differs
/// from run to run.
fn after(line: &str, levels: &[&str]) -> Option<String> {
    let found = levels.iter().find_map(|level| line.split_once(level))?.1;
    let message = found.split_once(": ").map_or(found, |(_, message)| message);
    // Of several unknown events none is the first: each is handled on its own.
    let varies = [(" kind=", 0), (" user=", 0), (" seq: ", " seq".len())];
    let ends = varies.iter().filter_map(|(field, kept)| Some(message.find(field)? + kept)).min();
    Some(message[..ends.unwrap_or(message.len())].trim_end().to_owned())
}
