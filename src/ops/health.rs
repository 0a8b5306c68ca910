//! The answer of `whetstone health`: what a running bot says of itself where it is asked, or else
//! the sign of life that it left.

use crate::{
    config::Config,
    error::{Fault, Result},
    files,
    telemetry::life::{self, Tick},
};
use jiff::Timestamp;
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

/// How long the bot may take to answer: less than the five seconds of the container's check.
const ANSWERS_WITHIN: Duration = Duration::from_secs(4);

/// How the bot is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Health {
    /// Whether it serves members: connected, and able to write and to post.
    pub ready: bool,
    /// In words.
    pub words: String,
}

/// How the bot that uses this configuration is; it lives, if there is an answer.
///
/// # Errors
/// Where it does not live, or cannot be asked.
pub async fn health(config: &Config, now: Timestamp) -> Result<Health> {
    match config.ops.listen {
        Some(address) => ask(reachable(address)).await,
        None => {
            let (folder, max_age) = (config.store.path.clone(), config.health.max_age);
            let look = move || life::health(&folder, now, Tick::now().as_ref(), max_age);
            let hangs = |error| Fault::because("the sign of life cannot be read", error);
            let beat = files::apart(ANSWERS_WITHIN, look).await.map_err(hangs)?;
            let beat = beat.map_err(|error| Fault::because("the bot is not alive", error))?;
            let gateway = if beat.connected { "connected" } else { "not connected" };
            let words = format!("alive at {}, gateway {gateway}", beat.at);
            Ok(Health { ready: beat.connected, words })
        }
    }
}

async fn ask(address: SocketAddr) -> Result<Health> {
    let (alive, words) = get(address, "livez").await?;
    if !alive {
        return Err(Fault::new(joined(&words)).into());
    }
    let (ready, words) = get(address, "readyz").await?;
    Ok(Health { ready, words: format!("alive, {}", joined(&words)) })
}

async fn get(address: SocketAddr, page: &str) -> Result<(bool, String)> {
    let unheard = |error| {
        let what = format!("the bot does not answer at http://{address}/{page} (ops.listen)");
        Fault::because(what, error)
    };
    // Whatever proxy the environment names, this machine is not behind it.
    let client = reqwest::Client::builder().no_proxy().timeout(ANSWERS_WITHIN).build();
    let url = format!("http://{address}/{page}");
    let answer = client.map_err(unheard)?.get(url).send().await.map_err(unheard)?;
    let good = answer.status().is_success();
    Ok((good, answer.text().await.map_err(unheard)?))
}

/// The lines of an answer as one.
fn joined(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    match lines.split_first() {
        Some((first, rest)) if !rest.is_empty() => format!("{first}: {}", rest.join("; ")),
        _ => text.trim_end().to_owned(),
    }
}

/// Where a bot can be asked that listens at this address: at every address of this machine means
/// also at the loopback.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_bot_that_listens_everywhere_is_asked_here() {
        let asked = |address: &str| reachable(address.parse().unwrap()).to_string();
        assert_eq!(asked("0.0.0.0:9464"), "127.0.0.1:9464");
        assert_eq!(asked("[::]:9464"), "[::1]:9464");
        assert_eq!(asked("10.1.2.3:80"), "10.1.2.3:80");
    }

    #[test]
    fn the_answer_becomes_one_line() {
        assert_eq!(joined("ready\n"), "ready");
        assert_eq!(joined("not ready\na: b\nc: d\n"), "not ready: a: b; c: d");
    }
}
