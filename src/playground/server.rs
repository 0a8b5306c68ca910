//! The page's server: its files, which are part of the binary, and the requests that it makes.

use super::{
    Shared,
    act::{Act, Outcome, Refusal},
    clock::Step,
    guard::{Names, guard},
    state::{Query, State as Page},
};
use axum::{
    Json, Router,
    extract::{Query as Params, State},
    http::{StatusCode, Uri, header},
    middleware,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
    routing::{get, post},
};
use futures_util::{Stream, StreamExt, stream};
use serde::Deserialize;
use serde_json::json;
use std::{convert::Infallible, io, net::SocketAddr, sync::Arc};
use tokio::{net::TcpListener, sync::broadcast::error::RecvError};

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

/// The page's files.
const FILES: [(&str, &str, &str); 7] = [
    ("/", HTML, include_str!("page/index.html")),
    ("/style.css", CSS, include_str!("page/style.css")),
    ("/app.js", JS, include_str!("page/app.js")),
    ("/composer.js", JS, include_str!("page/composer.js")),
    ("/dom.js", JS, include_str!("page/dom.js")),
    ("/markdown.js", JS, include_str!("page/markdown.js")),
    ("/messages.js", JS, include_str!("page/messages.js")),
];

/// Serves the page until the playground stops.
pub(super) async fn serve(
    shared: Arc<Shared>,
    listener: TcpListener,
    address: SocketAddr,
) -> io::Result<()> {
    let stop = shared.stop.clone();
    let served = axum::serve(listener, router(shared, address));
    served.with_graceful_shutdown(stop.cancelled_owned()).await
}

fn router(shared: Arc<Shared>, address: SocketAddr) -> Router {
    let mut router = Router::new()
        .route("/api/state", get(state))
        .route("/api/act", post(act))
        .route("/api/time", post(time))
        .route("/api/changes", get(changes))
        .route("/attachments/{*path}", get(file));
    for (path, kind, text) in FILES {
        router =
            router.route(path, get(move || async move { ([(header::CONTENT_TYPE, kind)], text) }));
    }
    let names = Arc::new(Names::of(address));
    router.layer(middleware::from_fn_with_state(names, guard)).with_state(shared)
}

async fn state(State(shared): State<Arc<Shared>>, Params(query): Params<Query>) -> Response {
    let page: Option<Page> = shared.state(&query);
    page.map_or_else(|| StatusCode::NOT_FOUND.into_response(), |page| Json(page).into_response())
}

/// A body is taken as JSON only if it says that it is, which no other site's page can make it say
/// without being asked for leave first.
async fn act(
    State(shared): State<Arc<Shared>>,
    Json(act): Json<Act>,
) -> Result<Json<Outcome>, Refusal> {
    shared.act(act).await.map(Json)
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({ "error": self.to_string() });
        (StatusCode::UNPROCESSABLE_ENTITY, Json(body)).into_response()
    }
}

#[derive(Deserialize)]
struct Time {
    step: Step,
}

async fn time(State(shared): State<Arc<Shared>>, Json(time): Json<Time>) -> Response {
    match shared.pass(time.step).await {
        Ok(()) => Json(json!({ "now": shared.now().as_millisecond() })).into_response(),
        Err(error) => {
            tracing::error!(%error, "time could not pass");
            let body = json!({ "error": error.to_string() });
            (StatusCode::INTERNAL_SERVER_ERROR, Json(body)).into_response()
        }
    }
}

/// Tells the page that something has changed, and no more: what, it asks for as its viewer.
async fn changes(
    State(shared): State<Arc<Shared>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let seen = stream::unfold(shared.sim.subscribe(), |mut changes| async move {
        match changes.recv().await {
            // Having missed some is no harm: the page asks for all of it anyway.
            Ok(_) | Err(RecvError::Lagged(_)) => {
                Some((Ok(Event::default().data("changed")), changes))
            }
            Err(RecvError::Closed) => None,
        }
    });
    let stop = shared.stop.clone();
    Sse::new(seen.take_until(stop.cancelled_owned())).keep_alive(KeepAlive::default())
}

/// A file that the bot has uploaded. Only a picture is called what it is called: nothing else is
/// for a browser to open on this page's behalf.
async fn file(State(shared): State<Arc<Shared>>, uri: Uri) -> Response {
    let Some((kind, bytes)) = shared.sim.file(uri.path()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let picture = kind.filter(|kind| matches!(kind.as_str(), "image/png" | "image/jpeg"));
    let kind = picture.unwrap_or_else(|| "application/octet-stream".to_owned());
    ([(header::CONTENT_TYPE, kind)], bytes).into_response()
}
