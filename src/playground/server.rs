//! The page's server: its files, which are part of the binary, and the requests that it makes.

use super::{
    Shared,
    act::{Act, Outcome},
    guard::{Names, guard},
    inspector::{After, Entries},
    journey::Wish,
    library,
    problem::{Body, Problem},
    state::{Query, State as Page},
    trouble::{Standing, Trouble},
};
use axum::{
    Json, Router,
    extract::{Query as Params, State, WebSocketUpgrade},
    http::{StatusCode, Uri, header},
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::Serialize;
use std::{io, net::SocketAddr, sync::Arc};
use tokio::net::TcpListener;

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

/// The page's files: a new one is one line here.
const FILES: &[(&str, &str, &str)] = &[
    ("/", HTML, include_str!("page/index.html")),
    ("/bank", HTML, include_str!("page/bank.html")),
    ("/style.css", CSS, include_str!("page/style.css")),
    ("/chat.css", CSS, include_str!("page/chat.css")),
    ("/bank.css", CSS, include_str!("page/bank.css")),
    ("/app.js", JS, include_str!("page/app.js")),
    ("/bank.js", JS, include_str!("page/bank.js")),
    ("/composer.js", JS, include_str!("page/composer.js")),
    ("/dom.js", JS, include_str!("page/dom.js")),
    ("/embeds.js", JS, include_str!("page/embeds.js")),
    ("/highlight.js", JS, include_str!("page/highlight.js")),
    ("/inspector.js", JS, include_str!("page/inspector.js")),
    ("/live.js", JS, include_str!("page/live.js")),
    ("/markdown.js", JS, include_str!("page/markdown.js")),
    ("/messages.js", JS, include_str!("page/messages.js")),
    ("/modal.js", JS, include_str!("page/modal.js")),
    ("/sidebar.js", JS, include_str!("page/sidebar.js")),
    ("/suggestions.js", JS, include_str!("page/suggestions.js")),
    ("/time.js", JS, include_str!("page/time.js")),
    ("/trouble.js", JS, include_str!("page/trouble.js")),
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
        .route("/api/trouble", post(trouble))
        .route("/api/inspector", get(inspector))
        .route("/api/bank", get(bank))
        .route("/api/changes", get(changes))
        .route("/attachments/{*path}", get(file));
    for &(path, kind, text) in FILES {
        router =
            router.route(path, get(move || async move { ([(header::CONTENT_TYPE, kind)], text) }));
    }
    let names = Arc::new(Names::of(address));
    router.layer(middleware::from_fn_with_state(names, guard)).with_state(shared)
}

async fn state(State(shared): State<Arc<Shared>>, Params(query): Params<Query>) -> Response {
    let page: Option<Page> = shared.state(&query).await;
    page.map_or_else(|| StatusCode::NOT_FOUND.into_response(), |page| Json(page).into_response())
}

async fn act(
    State(shared): State<Arc<Shared>>,
    Body(act): Body<Act>,
) -> Result<Json<Outcome>, Problem> {
    Ok(Json(shared.act(act).await?))
}

/// The simulated instant, in milliseconds since 1970.
#[derive(Serialize)]
struct Now {
    now: i64,
}

async fn time(
    State(shared): State<Arc<Shared>>,
    Body(wish): Body<Wish>,
) -> Result<Json<Now>, Problem> {
    let traveller = Arc::clone(&shared);
    shared.to_the_end(async move { traveller.pass(wish).await }).await?;
    Ok(Json(Now { now: shared.now().as_millisecond() }))
}

async fn trouble(
    State(shared): State<Arc<Shared>>,
    Body(trouble): Body<Trouble>,
) -> Result<Json<Standing>, Problem> {
    let maker = Arc::clone(&shared);
    shared.to_the_end(async move { maker.make(trouble).await }).await.map(Json)
}

async fn inspector(
    State(shared): State<Arc<Shared>>,
    Params(after): Params<After>,
) -> Json<Entries> {
    Json(shared.inspect(&after))
}

async fn bank(State(shared): State<Arc<Shared>>) -> Json<library::Page> {
    Json(shared.library.page())
}

/// Tells the page that something has changed, and no more: what, it asks for as its viewer.
async fn changes(State(shared): State<Arc<Shared>>, upgrade: WebSocketUpgrade) -> Response {
    let (news, stop) = (shared.news.clone(), shared.stop.clone());
    upgrade.on_upgrade(move |page| news.tell(page, stop))
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
