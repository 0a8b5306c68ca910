//! How Discord is reached: the real one, one behind a base URL, or one on this machine over TLS.

use super::limits::REQUESTS_PER_SECOND;
use crate::{
    error::{Fault, Result},
    telemetry::metrics::{self, Limiter},
};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use secrecy::{ExposeSecret, SecretString};
use serenity::http::{Http, HttpBuilder, RatelimitInfo, Ratelimiter};
use std::{net::SocketAddr, num::NonZeroU32, sync::Arc, time::Duration};
use tokio::{sync::watch, time::Instant};

/// A request that takes longer has failed.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Where Discord is.
#[derive(Clone, Debug)]
pub enum Endpoint {
    /// At discord.com.
    Real,
    /// At a base URL over plain HTTP: a REST proxy such as nirn-proxy, which does the rate
    /// limiting, or any server that speaks Discord's API.
    Proxy(String),
    /// At an address of this machine, which answers to the name discord.com with a certificate
    /// that this authority signed. All else is as with the real one.
    Local {
        /// Where it listens.
        address: SocketAddr,
        /// The authority's certificate, as PEM.
        authority: Vec<u8>,
    },
}

/// The ways to call Discord.
#[derive(Clone)]
pub struct Rest {
    /// For channels, guilds and commands: with serenity's rate limiter, unless a proxy limits.
    pub routes: Arc<Http>,
    /// For answers to interactions, which have no limit worth keeping; serenity would keep a
    /// bucket for every interaction for good.
    pub callbacks: Arc<Http>,
    pace: Arc<DefaultDirectRateLimiter>,
    /// Until when Discord's global limit holds all requests back.
    held: watch::Receiver<Instant>,
}

impl Rest {
    /// Sets the ways up.
    ///
    /// # Errors
    /// Where the authority's certificate cannot be read.
    pub fn new(endpoint: &Endpoint, token: &SecretString) -> Result<Self> {
        let per_second = NonZeroU32::new(REQUESTS_PER_SECOND).unwrap_or(NonZeroU32::MIN);
        let (hold, held) = watch::channel(Instant::now());
        // serenity itself keeps waiting only the request that met the global limit. Each of the
        // others would meet it, too, and count towards a ban of the address.
        let on_limit = move |info: RatelimitInfo| {
            say_limited(&info);
            if info.global {
                hold.send_replace(Instant::now() + info.timeout);
            }
        };
        Ok(Self {
            routes: Arc::new(http(endpoint, token, Some(Box::new(on_limit)))?),
            callbacks: Arc::new(http(endpoint, token, None)?),
            pace: Arc::new(RateLimiter::direct(Quota::per_second(per_second))),
            held,
        })
    }

    /// The routes, once the bot's global pace allows another request.
    pub async fn paced(&self) -> &Http {
        if self.pace.check().is_err() {
            let begun = Instant::now();
            self.pace.until_ready().await;
            metrics::limit_wait(Limiter::Own, begun.elapsed());
        }
        loop {
            let until = *self.held.borrow();
            if until <= Instant::now() {
                return &self.routes;
            }
            tokio::time::sleep_until(until).await;
        }
    }
}

/// Is told of each wait for a rate limit.
pub(super) type OnLimit = Box<dyn Fn(RatelimitInfo) + Send + Sync>;

/// Says and counts that a request waits. The path of a limited route holds ids and no secrets.
pub(super) fn say_limited(info: &RatelimitInfo) {
    metrics::limit_wait(Limiter::Discord, info.timeout);
    let kind = if info.global { "of the whole bot" } else { "of the route" };
    let seconds = info.timeout.as_secs_f64();
    tracing::warn!(reason = kind, path = info.path, seconds, "a rate limit; the request waits");
}

/// One way to call Discord: with serenity's rate limiter where somebody is told of its waits.
pub(super) fn http(
    endpoint: &Endpoint,
    token: &SecretString,
    on_limit: Option<OnLimit>,
) -> Result<Http> {
    let client = reqwest::Client::builder()
        .use_rustls_tls()
        .timeout(REQUEST_TIMEOUT)
        .connect_timeout(CONNECT_TIMEOUT);
    let bad = |error| Fault::because("the HTTP client cannot be set up", error);
    let client = match endpoint {
        Endpoint::Real | Endpoint::Proxy(_) => client,
        Endpoint::Local { address, authority } => client
            .resolve("discord.com", *address)
            .add_root_certificate(reqwest::Certificate::from_pem(authority).map_err(bad)?),
    };
    let client = client.build().map_err(bad)?;
    let builder = HttpBuilder::new(token.expose_secret()).client(client.clone());
    Ok(match (endpoint, on_limit) {
        // serenity's limiter does not go through the proxy, so it must be off there.
        (Endpoint::Proxy(url), _) => builder.proxy(url).ratelimiter_disabled(true),
        (_, None) => builder.ratelimiter_disabled(true),
        (_, Some(on_limit)) => {
            let mut limiter =
                Ratelimiter::new(client, format!("Bot {}", token.expose_secret().trim()));
            limiter.set_ratelimit_callback(on_limit);
            builder.ratelimiter(limiter)
        }
    }
    .build())
}
