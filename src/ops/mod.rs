//! For whoever runs the bot: `/livez`, `/readyz` and `/metrics` over HTTP where the configuration
//! says so, the answer of `whetstone health`, and the doctor.

pub mod doctor;
pub mod health;
mod life;
mod listener;
mod watched;

pub use life::Life;
pub use watched::Watched;

use crate::{
    commands,
    error::{Fault, Result},
    telemetry::metrics::{Gauges, Metrics},
};
use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
    routing::get,
};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{net::TcpListener, task::JoinHandle};
use watched::Found;

/// How often what was measured is summed up.
const SUM_UP_EVERY: Duration = Duration::from_secs(5);

/// Prometheus' text form. <https://prometheus.io/docs/instrumenting/exposition_formats/>
const METRICS_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

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
    pub fn serve(self, watched: Arc<Watched>) -> JoinHandle<()> {
        tracing::info!(address = %self.address, "serving /livez, /readyz and /metrics");
        let metrics = self.metrics.clone();
        let server = Arc::new(Server { watched, metrics: self.metrics });
        let router = Router::new()
            .route("/livez", get(livez))
            .route("/readyz", get(readyz))
            .route("/metrics", get(scrape))
            .with_state(server);
        tokio::spawn(async move {
            tokio::select! {
                () = listener::serve(self.listener, router) => {}
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

struct Server {
    watched: Arc<Watched>,
    metrics: Metrics,
}

/// Whether it does its work at all; if not, a new start may help.
async fn livez(State(server): State<Arc<Server>>) -> impl IntoResponse {
    answer("alive", &[("scheduler", server.watched.scheduler())])
}

/// Whether members are served.
async fn readyz(State(server): State<Arc<Server>>) -> impl IntoResponse {
    let watched = &server.watched;
    let store = watched.store().await;
    let parts =
        [("gateway", watched.gateway()), ("store", store), ("scheduler", watched.scheduler())];
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
    let watched = &server.watched;
    let (store_bytes, free_bytes) = watched.sizes().await;
    let gauges = Gauges {
        gateway: watched.gateway().is_none(),
        writable: watched.store().await.is_none(),
        awake: watched.scheduler().is_none(),
        store_bytes,
        free_bytes,
    };
    ([(header::CONTENT_TYPE, METRICS_TYPE)], server.metrics.render(gauges))
}

#[cfg(test)]
mod tests {
    use super::*;

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
