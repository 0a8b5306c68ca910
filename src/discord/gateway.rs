//! The gateway: connects, hands interactions over, and comes back by itself.

use super::{
    endpoint::{Endpoint, Rest, http},
    failure::brief,
    interactions::Answerer,
    register,
};
use crate::{
    app::App,
    error::{Fault, Result},
};
use async_trait::async_trait;
use secrecy::SecretString;
use serenity::{
    all::{
        Context, Event, EventHandler, GatewayIntents, Interaction, RawEventHandler, Ready,
        ResumedEvent,
    },
    client::{Client, ClientBuilder},
    gateway::GatewayError,
    http::HttpError,
};
use std::{sync::Arc, time::Duration};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Interactions come whatever the intents; guilds tell serenity when it is ready. Neither
/// privileged. <https://discord.com/developers/docs/events/gateway#gateway-intents>
const INTENTS: GatewayIntents = GatewayIntents::GUILDS;

/// Between two tries to reach Discord for the first time, at first and at most.
const FIRST_RETRY: Duration = Duration::from_secs(1);
const LAST_RETRY: Duration = Duration::from_secs(60);

/// How the gateway is reached and what is done with what it sends.
pub struct Gateway {
    /// Where Discord is.
    pub endpoint: Endpoint,
    /// The bot's token.
    pub token: SecretString,
    /// The ways to call Discord.
    pub rest: Rest,
    /// The use cases.
    pub app: Arc<App>,
    /// Interactions that are being handled.
    pub tasks: TaskTracker,
    /// Says when to stop taking work.
    pub stop: CancellationToken,
    /// Is told whether the gateway is connected.
    pub connected: tokio::sync::watch::Sender<bool>,
}

impl Gateway {
    /// Runs until it is told to stop. Lost connections are taken up again without end.
    ///
    /// # Errors
    /// Where Discord refuses the token or the intents, which no retry mends.
    pub async fn run(&self) -> Result<()> {
        let mut wait = FIRST_RETRY;
        loop {
            match self.connect().await {
                Ok(()) => wait = FIRST_RETRY,
                Err(error) => self.judge(error)?,
            }
            self.connected.send_replace(false);
            tokio::select! {
                () = self.stop.cancelled() => return Ok(()),
                () = tokio::time::sleep(wait) => wait = (wait * 2).min(LAST_RETRY),
            }
        }
    }

    /// One client's life; told to stop, it takes leave of Discord.
    async fn connect(&self) -> serenity::Result<()> {
        let (mut client, shard_count) = tokio::select! {
            client = self.client() => client?,
            () = self.stop.cancelled() => return Ok(()),
        };
        let shards = client.shard_manager.clone();
        let running = async {
            match shard_count {
                0 | 1 => client.start().await,
                more => client.start_shards(more).await,
            }
        };
        tokio::select! {
            outcome = running => outcome,
            () = self.stop.cancelled() => {
                shards.shutdown_all().await;
                Ok(())
            }
        }
    }

    /// A client that has not connected yet, and how many shards Discord advises.
    async fn client(&self) -> serenity::Result<(Client, u32)> {
        // serenity falls back to the real gateway when it cannot ask for the address. So we ask
        // first, and pin what we were told.
        let gateway = self.rest.routes.get_bot_gateway().await?;
        let http = http(&self.endpoint, &self.token, true)
            .map_err(|_| serenity::Error::Other("the HTTP client cannot be set up"))?;
        let handler = Arc::new(Handler {
            answerer: Answerer { app: Arc::clone(&self.app), rest: self.rest.clone() },
            tasks: self.tasks.clone(),
            stop: self.stop.clone(),
            connected: self.connected.clone(),
        });
        let builder = ClientBuilder::new_with_http(http, INTENTS)
            .event_handler_arc(handler)
            .raw_event_handler(RawHandler);
        let client = builder.await?;
        *client.ws_url.lock().await = gateway.url;
        Ok((client, gateway.shards))
    }

    /// Whether it is worth trying again.
    fn judge(&self, error: serenity::Error) -> Result<()> {
        use serenity::Error::{Gateway as AtGateway, Http};
        let hopeless = match &error {
            AtGateway(GatewayError::InvalidAuthentication) => true,
            AtGateway(
                GatewayError::InvalidGatewayIntents | GatewayError::DisallowedGatewayIntents,
            ) => true,
            Http(HttpError::UnsuccessfulRequest(response)) => response.status_code.as_u16() == 401,
            _ => false,
        };
        if hopeless {
            return Err(Fault::new(format!(
                "Discord refuses the token ({}); copy it anew from the application's page, under \
                 Bot, into DISCORD_TOKEN or the file that DISCORD_TOKEN_FILE names",
                brief(&error)
            ))
            .into());
        }
        tracing::warn!(error = brief(&error), "Discord cannot be reached; trying again");
        Ok(())
    }
}

struct Handler {
    answerer: Answerer,
    tasks: TaskTracker,
    stop: CancellationToken,
    connected: tokio::sync::watch::Sender<bool>,
}

#[async_trait]
impl EventHandler for Handler {
    async fn ready(&self, _context: Context, ready: Ready) {
        tracing::info!(user = ready.user.name, guilds = ready.guilds.len(), "connected");
        let rest = &self.answerer.rest;
        rest.routes.set_application_id(ready.application.id);
        rest.callbacks.set_application_id(ready.application.id);
        self.connected.send_replace(true);
        let (app, rest) = (Arc::clone(&self.answerer.app), rest.clone());
        // Handling what members do must not wait for the registration.
        self.tasks.spawn(async move { register::register(&app, &rest).await });
    }

    async fn resume(&self, _context: Context, _event: ResumedEvent) {
        tracing::info!("resumed");
        self.connected.send_replace(true);
    }

    async fn interaction_create(&self, _context: Context, interaction: Interaction) {
        if self.stop.is_cancelled() {
            return;
        }
        let answerer = self.answerer.clone();
        // A panic in one interaction ends its own task alone.
        self.tasks.spawn(async move { answerer.handle(interaction).await });
    }
}

/// Sees every event, so that those which serenity cannot read are not lost in silence.
struct RawHandler;

#[async_trait]
impl RawEventHandler for RawHandler {
    async fn raw_event(&self, _context: Context, event: Event) {
        if let Event::Unknown(unknown) = event {
            tracing::warn!(kind = unknown.kind, "an event that serenity could not read");
        }
    }
}
