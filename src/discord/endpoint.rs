//! How Discord is reached: the real one, one behind a base URL, or one on this machine over TLS.

use super::limits::REQUESTS_PER_SECOND;
use crate::{
    error::{Fault, Result},
    telemetry::metrics::{self, Limiter},
};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use secrecy::{ExposeSecret, SecretString};
use serenity::http::{Http, HttpBuilder};
use std::{
    net::SocketAddr,
    num::NonZeroU32,
    sync::Arc,
    time::{Duration, Instant},
};

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
}

impl Rest {
    /// Sets the ways up.
    ///
    /// # Errors
    /// Where the authority's certificate cannot be read.
    pub fn new(endpoint: &Endpoint, token: &SecretString) -> Result<Self> {
        let per_second = NonZeroU32::new(REQUESTS_PER_SECOND).unwrap_or(NonZeroU32::MIN);
        Ok(Self {
            routes: Arc::new(http(endpoint, token, true)?),
            callbacks: Arc::new(http(endpoint, token, false)?),
            pace: Arc::new(RateLimiter::direct(Quota::per_second(per_second))),
        })
    }

    /// The routes, once the bot's global pace allows another request.
    pub async fn paced(&self) -> &Http {
        if self.pace.check().is_err() {
            let begun = Instant::now();
            self.pace.until_ready().await;
            metrics::limit_wait(Limiter::Own, begun.elapsed());
        }
        &self.routes
    }
}

/// One way to call Discord.
pub(super) fn http(endpoint: &Endpoint, token: &SecretString, limiter: bool) -> Result<Http> {
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
    let builder = HttpBuilder::new(token.expose_secret()).client(client.build().map_err(bad)?);
    let mut http = match endpoint {
        // serenity's limiter does not go through the proxy, so it must be off there.
        Endpoint::Proxy(url) => builder.proxy(url).ratelimiter_disabled(true),
        Endpoint::Real | Endpoint::Local { .. } => builder.ratelimiter_disabled(!limiter),
    }
    .build();
    if let Some(limiter) = &mut http.ratelimiter {
        limiter.set_ratelimit_callback(Box::new(|info| {
            metrics::limit_wait(Limiter::Discord, info.timeout);
        }));
    }
    Ok(http)
}
