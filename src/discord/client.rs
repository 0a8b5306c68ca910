//! One serenity client's life, in a runtime of its own that ends with it.
//!
//! serenity cannot be trusted to come back, nor to go. Where the gateway cannot be reached at the
//! moment at which a cut connection is resumed, its runner reads from the dead connection without a
//! pause until the next heartbeat is due (41 s of a busy core in which nothing arrives); where it
//! is told to shut down in that state, it does so for ever; and where a handshake is never
//! answered, it waits for ever. It leaves tasks behind when its client is dropped. So a client
//! that is not connected for too long, or silent, is given up with all its tasks.

use serenity::{
    Client,
    all::{ConnectionStage, ShardId, ShardManager, ShardRunnerMessage},
    client::ClientBuilder,
};
use std::{sync::Arc, time::Duration};
use tokio::{
    runtime::{Builder, Runtime},
    sync::watch,
    time::Instant,
};
use tokio_util::sync::CancellationToken;

/// How often a client is looked after.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How long a client may be without a connection. serenity itself begins a new session within
/// twelve seconds, if the gateway lets it.
const LOST_FOR: Duration = Duration::from_secs(15);

/// More for each further shard: serenity starts one every five seconds.
const LOST_FOR_EACH: Duration = Duration::from_secs(6);

/// How long a connected client may go without the answer to a heartbeat: three of Discord's
/// intervals, which are of 41.25 seconds.
/// <https://discord.com/developers/docs/events/gateway#sending-heartbeats>
const SILENT_FOR: Duration = Duration::from_secs(130);

/// How long the gateway may take to say goodbye.
const GOODBYE_WITHIN: Duration = Duration::from_secs(2);

/// The code with which a connection is closed that is given up: the session may be resumed.
/// <https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes>
const GIVEN_UP: u16 = 4000;

/// The runtime of one client. Dropping it ends all of the client's tasks, however the one who
/// waits for them ends.
pub(super) struct Life {
    runtime: Option<Runtime>,
}

impl Life {
    /// A runtime with a thread more than one spinning task can fill.
    pub(super) fn new() -> std::io::Result<Self> {
        let mut builder = Builder::new_multi_thread();
        let runtime = builder.worker_threads(2).thread_name("gateway").enable_all().build()?;
        Ok(Self { runtime: Some(runtime) })
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = serenity::Result<T>> + Send + 'static,
    ) -> serenity::Result<T> {
        let Some(runtime) = &self.runtime else { return Err(ended()) };
        match runtime.spawn(work).await {
            Ok(outcome) => outcome,
            Err(_) => Err(ended()),
        }
    }

    /// Runs a client on this many shards until it fails, is given up, or is told to stop.
    ///
    /// # Errors
    /// Why the client has failed or was given up.
    pub(super) async fn of(
        self,
        builder: ClientBuilder,
        gateway_url: String,
        shards: u32,
        stop: &CancellationToken,
        connected: &watch::Sender<bool>,
    ) -> serenity::Result<()> {
        let mut client: Client = tokio::select! {
            client = self.run(async move { builder.await }) => client?,
            () = stop.cancelled() => return Ok(()),
        };
        // serenity falls back to the real gateway where it could not ask for the address.
        *client.ws_url.lock().await = gateway_url;
        let manager = Arc::clone(&client.shard_manager);
        let running = self.run(async move { client.start_shards(shards).await });
        tokio::select! {
            outcome = running => outcome,
            why = watch_over(&manager, shards, connected) => {
                give_up(&manager).await;
                Err(serenity::Error::Other(why))
            }
            () = stop.cancelled() => {
                say_goodbye(&manager).await;
                Ok(())
            }
        }
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn ended() -> serenity::Error {
    serenity::Error::Other("the gateway client ended in a panic")
}

/// A shard's connection: its stage, and how long the last heartbeat took, which differs each time.
type Sign = (u32, ConnectionStage, Option<Duration>);

/// Returns once the client must be given up, and why.
async fn watch_over(
    manager: &ShardManager,
    shards: u32,
    connected: &watch::Sender<bool>,
) -> &'static str {
    let patience = LOST_FOR + LOST_FOR_EACH * shards.saturating_sub(1);
    let (mut well, mut heard, mut last) = (Instant::now(), Instant::now(), Vec::new());
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let now = signs(manager).await;
        let all = now.len() == shards as usize
            && now.iter().all(|(_, stage, _)| *stage == ConnectionStage::Connected);
        if all {
            well = Instant::now();
        }
        // A runner says so only once it has failed to resume; from then on it spins.
        if now.iter().any(|(_, stage, _)| *stage == ConnectionStage::Connecting) {
            return "the gateway could not be reached to resume; connecting anew";
        }
        if now != last {
            (heard, last) = (Instant::now(), now);
        }
        connected.send_if_modified(|connected| std::mem::replace(connected, all) != all);
        if well.elapsed() > patience {
            return "the gateway is not connected for too long; connecting anew";
        }
        if heard.elapsed() > SILENT_FOR {
            return "the gateway is silent; connecting anew";
        }
    }
}

async fn signs(manager: &ShardManager) -> Vec<Sign> {
    let runners = manager.runners.lock().await;
    let sign = |(id, runner): (&ShardId, &serenity::gateway::ShardRunnerInfo)| {
        (id.0, runner.stage, runner.latency)
    };
    let mut signs: Vec<Sign> = runners.iter().map(sign).collect();
    signs.sort_by_key(|(id, ..)| *id);
    signs
}

/// Ends runners that spin: on a dead connection the close frame fails, and then they end. The
/// message for an orderly shutdown would have them spin for ever.
async fn give_up(manager: &ShardManager) {
    for runner in manager.runners.lock().await.values() {
        runner.runner_tx.send_to_shard(ShardRunnerMessage::Close(GIVEN_UP, None));
    }
}

/// Closes the connections in order, where there are any.
async fn say_goodbye(manager: &ShardManager) {
    let signs = signs(manager).await;
    let all = signs.iter().all(|(_, stage, _)| *stage == ConnectionStage::Connected);
    let goodbye = tokio::time::timeout(GOODBYE_WITHIN, manager.shutdown_all());
    if !all || goodbye.await.is_err() {
        give_up(manager).await;
    }
}
