//! The gateway: connects, hands interactions over, and comes back by itself.

use super::{
    client::Life,
    endpoint::{Endpoint, Rest, http, say_limited},
    failure::brief,
    interactions::Answerer,
    register,
};
use crate::{
    app::{App, guilds::Presence},
    commands::pace::Pace,
    domain::ids::GuildId,
    error::{Fault, Result},
    telemetry::metrics::{self, Session},
};
use async_trait::async_trait;
use secrecy::SecretString;
use serenity::{
    all::{
        Context, Event, EventHandler, GatewayIntents, Guild, GuildId as DiscordGuild, Interaction,
        RawEventHandler, Ready, ResumedEvent, UnavailableGuild,
    },
    client::ClientBuilder,
    gateway::GatewayError,
    http::{HttpError, RatelimitInfo},
};
use std::{sync::Arc, time::Duration};
use tokio::{runtime::Handle, time::Instant};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Interactions come whatever the intents; guilds tell serenity when it is ready. Neither
/// privileged. <https://discord.com/developers/docs/events/gateway#gateway-intents>
pub(super) const INTENTS: GatewayIntents = GatewayIntents::GUILDS;

/// Between two tries to reach Discord for the first time, at first and at most.
const FIRST_RETRY: Duration = Duration::from_secs(1);
const LAST_RETRY: Duration = Duration::from_secs(120);

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
    /// How often members and guilds may act.
    pub pace: Arc<Pace>,
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
        while !self.stop.is_cancelled() {
            let since = Instant::now();
            if let Err(error) = self.connect().await {
                self.judge(error)?;
            }
            self.connected.send_replace(false);
            if since.elapsed() > LAST_RETRY {
                wait = FIRST_RETRY;
            }
            tokio::select! {
                () = self.stop.cancelled() => return Ok(()),
                () = tokio::time::sleep(wait) => wait = (wait * 2).min(LAST_RETRY),
            }
        }
        Ok(())
    }

    /// One client's life.
    async fn connect(&self) -> serenity::Result<()> {
        // serenity falls back to the real gateway when it cannot ask for the address. So we ask
        // first, and pin what we were told.
        let gateway = tokio::select! {
            asked = self.rest.routes.get_bot_gateway() => asked?,
            () = self.stop.cancelled() => return Ok(()),
        };
        // serenity tells the handler of waits for a rate limit, whatever was asked for here.
        let http = http(&self.endpoint, &self.token, Some(Box::new(|_| {})))
            .map_err(|_| serenity::Error::Other("the HTTP client cannot be set up"))?;
        let handler = Arc::new(Handler {
            answerer: Answerer {
                app: Arc::clone(&self.app),
                pace: Arc::clone(&self.pace),
                rest: self.rest.clone(),
            },
            tasks: self.tasks.clone(),
            runtime: Handle::current(),
            stop: self.stop.clone(),
            connected: self.connected.clone(),
        });
        let builder = ClientBuilder::new_with_http(http, INTENTS)
            .event_handler_arc(handler)
            .raw_event_handler(RawHandler);
        let life = Life::new()?;
        life.of(builder, gateway.url, gateway.shards.max(1), &self.stop, &self.connected).await
    }

    /// Whether it is worth trying again.
    fn judge(&self, error: serenity::Error) -> Result<()> {
        use serenity::Error::{Gateway as AtGateway, Http};
        let bad_token = match &error {
            AtGateway(GatewayError::InvalidAuthentication) => true,
            AtGateway(
                GatewayError::InvalidGatewayIntents | GatewayError::DisallowedGatewayIntents,
            ) => return Err(Fault::because("Discord refuses the intents", error).into()),
            Http(HttpError::UnsuccessfulRequest(response)) => response.status_code.as_u16() == 401,
            _ => false,
        };
        if bad_token {
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
    /// The bot's own runtime, which outlives the client's.
    runtime: Handle,
    stop: CancellationToken,
    connected: tokio::sync::watch::Sender<bool>,
}

#[async_trait]
impl EventHandler for Handler {
    async fn ready(&self, _context: Context, ready: Ready) {
        tracing::info!(user = ready.user.name, guilds = ready.guilds.len(), "connected");
        metrics::session(Session::Started);
        let rest = &self.answerer.rest;
        rest.routes.set_application_id(ready.application.id);
        rest.callbacks.set_application_id(ready.application.id);
        self.connected.send_replace(true);
        let (app, rest) = (Arc::clone(&self.answerer.app), rest.clone());
        self.compare_guilds(&ready).await;
        // Handling what members do must not wait for the registration.
        let stop = self.stop.clone();
        let registering = async move {
            stop.run_until_cancelled(register::register(&app, &rest)).await;
        };
        self.tasks.spawn_on(registering, &self.runtime);
    }

    async fn resume(&self, _context: Context, _event: ResumedEvent) {
        tracing::info!("resumed");
        metrics::session(Session::Resumed);
        self.connected.send_replace(true);
    }

    async fn guild_create(&self, _context: Context, guild: Guild, _is_new: Option<bool>) {
        self.note(guild.id, Presence::Here).await;
    }

    async fn guild_delete(&self, _: Context, incomplete: UnavailableGuild, _: Option<Guild>) {
        // An outage of Discord's is no removal.
        if !incomplete.unavailable {
            self.note(incomplete.id, Presence::Gone).await;
        }
    }

    async fn ratelimit(&self, info: RatelimitInfo) {
        say_limited(&info);
    }

    async fn interaction_create(&self, _context: Context, interaction: Interaction) {
        if self.stop.is_cancelled() {
            return;
        }
        let answerer = self.answerer.clone();
        // A panic in one interaction ends its own task alone.
        self.tasks.spawn_on(async move { answerer.handle(interaction).await }, &self.runtime);
    }
}

impl Handler {
    /// Notices the guilds that the bot was removed from, or invited to again, while it was not
    /// connected. A shard is told of its own guilds only, those with an outage included.
    /// <https://discord.com/developers/docs/events/gateway#sharding-sharding-formula>
    async fn compare_guilds(&self, ready: &Ready) {
        let here = ready.guilds.iter().map(|guild| domain_id(guild.id)).collect();
        let shard = ready.shard.map_or((0, 1), |shard| (shard.id.0, shard.total.max(1)));
        let is_ours = |guild: GuildId| (guild.0 >> 22) % u64::from(shard.1) == u64::from(shard.0);
        if let Err(error) = self.answerer.app.guilds_are(&here, is_ours).await {
            tracing::error!(%error, "the guilds could not be compared with those stored");
        }
    }

    async fn note(&self, guild: DiscordGuild, presence: Presence) {
        if let Err(error) = self.answerer.app.guild_is(domain_id(guild), presence).await {
            tracing::error!(guild = guild.get(), %error, "a guild's coming or going is not noted");
        }
    }
}

fn domain_id(guild: DiscordGuild) -> GuildId {
    GuildId(guild.get())
}

/// Sees every event, so that those which serenity cannot read are not lost in silence.
struct RawHandler;

#[async_trait]
impl RawEventHandler for RawHandler {
    async fn raw_event(&self, _context: Context, event: Event) {
        if let Event::Unknown(unknown) = event {
            metrics::unknown_event();
            tracing::warn!(kind = unknown.kind, "an event that serenity could not read");
        }
    }
}
