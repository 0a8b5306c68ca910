//! For whoever runs the bot: `/livez`, `/readyz` and `/metrics` over HTTP where the configuration
//! says so, the answer of `whetstone health`, and the doctor.

pub mod doctor;
pub mod health;

use crate::{
    app::Status,
    commands,
    error::{Fault, Result},
    scheduler::Clock,
    store::Store,
    telemetry::metrics::{Gauges, Metrics},
};
use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
    routing::get,
};
use jiff::{SignedDuration, Timestamp};
use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    net::TcpListener,
    sync::{Mutex, watch},
    task::JoinHandle,
};

/// After its time, the scheduler should be awake by now.
const OVERSLEPT: SignedDuration = SignedDuration::from_mins(5);

/// How long the answer to a trial write holds, whoever asks how often.
const PROBE_EVERY: Duration = Duration::from_secs(10);

/// How long a trial write may take: less than the five seconds that health checks wait.
const PROBE_WITHIN: Duration = Duration::from_secs(3);

/// How often what was measured is summed up.
const SUM_UP_EVERY: Duration = Duration::from_secs(5);

/// Prometheus' text form. <https://prometheus.io/docs/instrumenting/exposition_formats/>
const METRICS_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Whether the scheduler does what it said: look again at its time.
pub fn is_awake(status: &Status, now: Timestamp) -> bool {
    status.wakes_at.is_none_or(|wakes_at| now <= wakes_at + OVERSLEPT)
}

/// The parts of a running bot that are looked at.
pub struct Watched {
    /// The store.
    pub store: Store,
    /// Whether the gateway is connected.
    pub connected: watch::Receiver<bool>,
    /// What the scheduler is doing.
    pub scheduling: watch::Receiver<Status>,
    /// Who tells the time.
    pub clock: Arc<dyn Clock>,
}

/// An address that is taken, and metrics that count; nobody is answered yet.
pub struct Ops {
    listener: TcpListener,
    address: SocketAddr,
    metrics: Metrics,
}

impl Ops {
    /// Takes the address, and begins to count.
    ///
    /// # Errors
    /// Where the address cannot be had, or the process counts already.
    pub async fn bind(address: SocketAddr) -> Result<Self> {
        let taken = TcpListener::bind(address).await;
        let listener = taken.map_err(|error| {
            Fault::because(format!("ops.listen: the address {address} cannot be used"), error)
        })?;
        let address = listener.local_addr().unwrap_or(address);
        let metrics = Metrics::install(&commands::labels())
            .map_err(|error| Fault::because("nothing can be counted", error))?;
        Ok(Self { listener, address, metrics })
    }

    /// Answers from now on, until the task is aborted.
    pub fn serve(self, watched: Watched) -> JoinHandle<()> {
        tracing::info!(address = %self.address, "serving /livez, /readyz and /metrics");
        let metrics = self.metrics.clone();
        let server = Arc::new(Server { watched, metrics: self.metrics, probed: Mutex::default() });
        let router = Router::new()
            .route("/livez", get(livez))
            .route("/readyz", get(readyz))
            .route("/metrics", get(scrape))
            .with_state(server);
        tokio::spawn(async move {
            tokio::select! {
                served = axum::serve(self.listener, router) => {
                    tracing::error!(?served, "nobody is served any more");
                }
                () = sum_up(metrics) => {}
            }
        })
    }
}

async fn sum_up(metrics: Metrics) {
    loop {
        tokio::time::sleep(SUM_UP_EVERY).await;
        metrics.sum_up();
    }
}

/// What was found about a part: nothing, or what is wrong with it.
type Found = Option<String>;

struct Server {
    watched: Watched,
    metrics: Metrics,
    probed: Mutex<Option<(Instant, Found)>>,
}

impl Server {
    fn gateway(&self) -> Found {
        (!*self.watched.connected.borrow()).then(|| "not connected".to_owned())
    }

    fn scheduler(&self) -> Found {
        let status = *self.watched.scheduling.borrow();
        let overslept = !is_awake(&status, self.watched.clock.now());
        let wakes_at = status.wakes_at.unwrap_or_default();
        overslept.then(|| format!("has slept past its time, {wakes_at}"))
    }

    /// The outcome of the last trial write. Whoever comes while one is made waits for it.
    async fn store(&self) -> Found {
        let mut probed = self.probed.lock().await;
        if let Some((at, found)) = &*probed
            && at.elapsed() < PROBE_EVERY
        {
            return found.clone();
        }
        let found = match tokio::time::timeout(PROBE_WITHIN, self.watched.store.probe()).await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(Fault::because("not writable", error).chain()),
            Err(_) => Some(format!("the disk has not answered within {PROBE_WITHIN:?}")),
        };
        *probed = Some((Instant::now(), found.clone()));
        found
    }
}

/// Whether it does its work at all; if not, a new start may help.
async fn livez(State(server): State<Arc<Server>>) -> impl IntoResponse {
    answer("alive", &[("scheduler", server.scheduler())])
}

/// Whether members are served.
async fn readyz(State(server): State<Arc<Server>>) -> impl IntoResponse {
    let store = server.store().await;
    let parts =
        [("gateway", server.gateway()), ("store", store), ("scheduler", server.scheduler())];
    answer("ready", &parts)
}

fn answer(good: &str, parts: &[(&str, Found)]) -> (StatusCode, String) {
    let wrong = parts.iter().filter_map(|(part, found)| Some((part, found.as_ref()?)));
    let lines: String = wrong.map(|(part, found)| format!("{part}: {found}\n")).collect();
    match lines.is_empty() {
        true => (StatusCode::OK, format!("{good}\n")),
        false => (StatusCode::SERVICE_UNAVAILABLE, format!("not {good}\n{lines}")),
    }
}

async fn scrape(State(server): State<Arc<Server>>) -> impl IntoResponse {
    let size = server.watched.store.size_on_disk().await;
    let gauges = Gauges {
        gateway: server.gateway().is_none(),
        writable: server.store().await.is_none(),
        awake: server.scheduler().is_none(),
        store_bytes: size.ok(),
    };
    ([(header::CONTENT_TYPE, METRICS_TYPE)], server.metrics.render(gauges))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_scheduler_that_waits_for_nothing_is_awake_and_one_past_its_time_is_not() {
        let wakes_at: Timestamp = "2026-03-06T14:30:00Z".parse().unwrap();
        let at = |wakes_at| Status { wakes_at, ..Status::default() };
        let minutes = SignedDuration::from_mins;
        assert!(is_awake(&at(None), wakes_at));
        assert!(is_awake(&at(Some(wakes_at)), wakes_at + minutes(5)));
        assert!(!is_awake(&at(Some(wakes_at)), wakes_at + minutes(6)));
    }

    #[test]
    fn each_part_that_is_wrong_is_named() {
        let parts = |gateway: Found, store: Found| [("gateway", gateway), ("store", store)];
        let good = answer("ready", &parts(None, None));
        assert_eq!(good, (StatusCode::OK, "ready\n".to_owned()));
        let (status, text) = answer("ready", &parts(None, Some("not writable".to_owned())));
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(text, "not ready\nstore: not writable\n");
    }
}
