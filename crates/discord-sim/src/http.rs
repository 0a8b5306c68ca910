//! The server: connections over TLS and plain, and a request's way through faults, rate limits and
//! routes to its answer and its record.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Multipart, WebSocketUpgrade};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, header};
use axum::response::IntoResponse;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::Shared;
use super::clock::real_now;
use super::error::ApiError;
use super::faults::{Fault, Met};
use super::gateway::connection;
use super::ratelimit::Verdict;
use super::record::{Change, RequestRecord};
use super::rest::{self, Answer, Call, Found};
use super::socket::{Reset, Socket};
use super::world::{Upload, World};

/// Largest body that is read, in bytes: Discord's limit for files, and some room.
const BODY_LIMIT: usize = 30 * 1024 * 1024;

/// How often a stalled handshake looks whether it may go on.
const STALL_STEP: Duration = Duration::from_millis(50);

/// Accepts connections until the simulation stops.
pub(crate) async fn listen(shared: Arc<Shared>, listener: TcpListener, tls: Option<TlsAcceptor>) {
    loop {
        let accepted = tokio::select! {
            () = shared.stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else { continue };
        let (shared, tls) = (Arc::clone(&shared), tls.clone());
        tokio::spawn(async move {
            let stop = shared.stop.clone();
            tokio::select! {
                () = stop.cancelled() => {}
                () = greet(shared, stream, tls) => {}
            }
        });
    }
}

async fn greet(shared: Arc<Shared>, stream: TcpStream, tls: Option<TlsAcceptor>) {
    // Without it a small answer may wait for the other side's delayed acknowledgement.
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let (stream, reset) = Socket::new(stream);
    match tls {
        None => serve(shared, stream, reset).await,
        Some(tls) => {
            if let Ok(stream) = tls.accept(stream).await {
                serve(shared, stream, reset).await;
            }
        }
    }
}

async fn serve(
    shared: Arc<Shared>,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    reset: Reset,
) {
    let service = service_fn(move |request| handle(Arc::clone(&shared), reset.clone(), request));
    let connection = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    // An error here is a connection that either side has dropped, which is part of the play.
    let _ = connection.await;
}

/// Answers a request, or gives an error, upon which the connection is dropped.
async fn handle(
    shared: Arc<Shared>,
    reset: Reset,
    request: Request<Incoming>,
) -> io::Result<Response<Body>> {
    let (parts, body) = request.into_parts();
    if parts.uri.path().trim_end_matches('/') == "/gateway" {
        return upgrade(shared, reset, parts).await;
    }
    if parts.uri.path().starts_with("/attachments/") {
        return Ok(attachment(&shared, parts.uri.path()));
    }
    let body = axum::body::to_bytes(Body::new(body), BODY_LIMIT).await.map_err(io::Error::other)?;
    // A task of its own, since Discord acts on what it has received even if the bot has gone.
    let work = tokio::spawn(pass(shared, parts, body));
    match work.await.map_err(io::Error::other)? {
        Some(response) => Ok(response),
        None => {
            reset.set();
            Err(io::Error::other("cut by a fault"))
        }
    }
}

async fn upgrade(
    shared: Arc<Shared>,
    reset: Reset,
    mut parts: Parts,
) -> io::Result<Response<Body>> {
    if shared.world().hub.refuse {
        return Err(io::Error::other("the gateway refuses connections"));
    }
    while shared.world().hub.stall {
        tokio::time::sleep(STALL_STEP).await;
    }
    let query = parts.uri.query().unwrap_or_default().to_owned();
    Ok(match WebSocketUpgrade::from_request_parts(&mut parts, &()).await {
        Ok(upgrade) => upgrade.on_upgrade(move |socket| async move {
            connection::serve(shared, socket, reset, &query).await;
        }),
        Err(rejection) => rejection.into_response(),
    })
}

fn attachment(shared: &Shared, path: &str) -> Response<Body> {
    let world = shared.world();
    let Some(file) = world.file(path) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kind = file.content_type.as_deref().unwrap_or("application/octet-stream");
    ([(header::CONTENT_TYPE, kind.to_owned())], file.bytes.clone()).into_response()
}

/// An answer on its way out.
struct Outcome {
    status: u16,
    error: Option<u32>,
    body: Value,
    headers: Vec<(&'static str, String)>,
}

impl Outcome {
    fn of(result: Result<Answer, ApiError>, headers: Vec<(&'static str, String)>) -> Self {
        match result {
            Ok(Answer::Json(body)) => Self { status: 200, error: None, body, headers },
            Ok(Answer::Created(body)) => Self { status: 201, error: None, body, headers },
            Ok(Answer::Empty) => Self { status: 204, error: None, body: Value::Null, headers },
            Err(error) => {
                Self { status: error.status, error: Some(error.code), body: error.body(), headers }
            }
        }
    }

    fn limited(
        retry_after: Duration,
        global: bool,
        mut headers: Vec<(&'static str, String)>,
    ) -> Self {
        // Discord's header counts whole seconds, rounded up; the body has the fraction.
        let seconds = retry_after.as_secs_f64();
        headers.push(("retry-after", format!("{}", seconds.ceil())));
        if global && !headers.iter().any(|(name, _)| *name == "x-ratelimit-global") {
            headers.push(("x-ratelimit-global", "true".to_owned()));
        }
        let body = json!({
            "message": if global { "You are being rate limited globally." } else { "You are being rate limited." },
            "retry_after": (seconds * 1000.0).ceil() / 1000.0,
            "global": global,
            "code": 0,
        });
        Self { status: 429, error: Some(0), body, headers }
    }

    fn response(&self, malformed: bool) -> Response<Body> {
        let body = match (&self.body, malformed) {
            (_, true) => Body::from("{\"id\": \"1"),
            (Value::Null, false) => Body::empty(),
            (body, false) => Body::from(body.to_string()),
        };
        let mut response = Response::new(body);
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        if malformed || !self.body.is_null() {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        for (name, value) in &self.headers {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}

/// A request that has been read.
struct Incomer {
    call: Call,
    record: RequestRecord,
    begun: Instant,
    found: Found,
    readable: bool,
}

/// Takes a request through everything; none if its connection is to be cut.
async fn pass(shared: Arc<Shared>, parts: Parts, body: Bytes) -> Option<Response<Body>> {
    let incomer = read(&shared, parts, body).await;
    let met = shared.faults.meet(&incomer.record.method, &incomer.record.path, &incomer.call.body);
    let early = match &met {
        Some(met) => before(met, &incomer).await,
        None => Ok(None),
    };
    let Ok(early) = early else {
        // Numbers are given under the lock, so that they are seen in their order.
        let _world = shared.world();
        let number = finish(&shared, incomer.record, incomer.begun, None);
        shared.record.cut(number);
        return None;
    };
    let acted = early.is_none();
    let (outcome, number) = {
        // One step with the state, so that who sees the effect finds the request on record.
        let mut world = shared.world();
        let outcome = early.unwrap_or_else(|| act(&shared, &mut world, &incomer));
        let number = finish(&shared, incomer.record, incomer.begun, Some(&outcome));
        (outcome, number)
    };
    let reply = match met.filter(|_| acted) {
        Some(met) => after(&met, &outcome).await,
        None => Some(outcome.response(false)),
    };
    if reply.is_none() {
        shared.record.cut(number);
    }
    reply
}

/// What a fault makes of the answer; none if the connection is to be cut.
async fn after(met: &Met, outcome: &Outcome) -> Option<Response<Body>> {
    match met.fault {
        Fault::CutAfter => {
            met.note();
            None
        }
        Fault::MalformedJson => {
            met.note();
            Some(outcome.response(true))
        }
        Fault::HoldAfter => met.held().await.then(|| outcome.response(false)),
        _ => Some(outcome.response(false)),
    }
}

/// What a fault does before the request is acted upon: an answer, or an error to cut.
async fn before(met: &Met, incomer: &Incomer) -> Result<Option<Outcome>, ()> {
    match &met.fault {
        Fault::CutAfter | Fault::HoldAfter | Fault::MalformedJson => return Ok(None),
        Fault::HoldBefore => return if met.held().await { Ok(None) } else { Err(()) },
        _ => met.note(),
    }
    let headers = || vec![("x-ratelimit-scope", "user".to_owned())];
    Ok(match &met.fault {
        Fault::Status { status, body } => {
            let code = body["code"].as_u64().and_then(|code| u32::try_from(code).ok());
            let (error, body) = (code, body.clone());
            Some(Outcome { status: *status, error, body, headers: Vec::new() })
        }
        Fault::RouteLimit { retry_after } => Some(Outcome::limited(*retry_after, false, headers())),
        Fault::GlobalLimit { retry_after } => {
            Some(Outcome::limited(*retry_after, true, Vec::new()))
        }
        Fault::Delay(time) => {
            tokio::time::sleep(*time).await;
            None
        }
        _ => {
            tracing::debug!(path = incomer.record.path, "the simulation cuts a request");
            return Err(());
        }
    })
}

/// Checks authorization and limits, then lets the route act.
fn act(shared: &Shared, world: &mut World, incomer: &Incomer) -> Outcome {
    let Found::Route(route) = incomer.found else {
        let wrong_method = matches!(incomer.found, Found::OtherMethod);
        let error =
            if wrong_method { ApiError::method_not_allowed() } else { ApiError::not_found() };
        return Outcome::of(Err(error), Vec::new());
    };
    if route.needs_token() && incomer.call.token.as_deref() != Some(world.app.token.as_str()) {
        return Outcome::of(Err(ApiError::unauthorized()), Vec::new());
    }
    let name = format!("{} {}", incomer.record.method, route.template);
    let verdict = if route.is_callback() {
        Verdict::Pass(Vec::new())
    } else {
        let major = incomer.call.major();
        shared.limiter().count(&name, &major, !route.needs_token())
    };
    match verdict {
        Verdict::Wait { retry_after, global, headers } => {
            Outcome::limited(retry_after, global, headers)
        }
        Verdict::Pass(headers) if !incomer.readable => {
            Outcome::of(Err(ApiError::invalid_json()), headers)
        }
        Verdict::Pass(headers) => Outcome::of((route.handler)(world, &incomer.call), headers),
    }
}

/// Records the request and its outcome; gives the record's number.
fn finish(
    shared: &Shared,
    mut record: RequestRecord,
    begun: Instant,
    outcome: Option<&Outcome>,
) -> u64 {
    record.took = begun.elapsed();
    if let Some(outcome) = outcome {
        record.status = Some(outcome.status);
        record.error = outcome.error;
        record.answer = outcome.body.clone();
    }
    let record = shared.record.add(record);
    let number = record.number;
    // Nobody watching is fine.
    let _ = shared.changes.send(Change::Request { record });
    number
}

async fn read(shared: &Shared, parts: Parts, body: Bytes) -> Incomer {
    let begun = Instant::now();
    let method = parts.method.as_str().to_owned();
    let path = strip_version(parts.uri.path()).to_owned();
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let token = authorization(&parts.headers);
    let headers = record_headers(&parts.headers);
    let read = read_body(parts, body).await;
    let readable = read.is_some();
    let (body, files) = read.unwrap_or_default();
    let (found, params) = rest::find(&method, &path);
    let record = RequestRecord {
        number: 0,
        method,
        path,
        query: query.clone(),
        route: if let Found::Route(route) = found { Some(route.template) } else { None },
        headers,
        body: body.clone(),
        attachments: files.iter().map(|file| file.filename.clone()).collect(),
        status: None,
        error: None,
        answer: Value::Null,
        cut: false,
        at: shared.clock.now(),
        real_at: real_now(),
        took: Duration::ZERO,
    };
    let call = Call { params, query, body, files, token, gateway: shared.gateway_url() };
    Incomer { call, record, begun, found, readable }
}

/// The path below `/api/vN`.
fn strip_version(path: &str) -> &str {
    let Some(rest) = path.strip_prefix("/api") else { return path };
    let Some(versioned) = rest.strip_prefix("/v") else { return rest };
    let digits = versioned.trim_start_matches(|c: char| c.is_ascii_digit());
    if digits.len() < versioned.len() { digits } else { rest }
}

fn authorization(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    value.strip_prefix("Bot ").map(str::to_owned)
}

fn record_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let shown = |name: &HeaderName, value: &HeaderValue| {
        let secret = *name == header::AUTHORIZATION;
        let value = if secret { "…".into() } else { String::from_utf8_lossy(value.as_bytes()) };
        (name.to_string(), value.into_owned())
    };
    headers.iter().map(|(name, value)| shown(name, value)).collect()
}

/// Reads a JSON or multipart body; none if it is neither.
async fn read_body(parts: Parts, body: Bytes) -> Option<(Value, Vec<Upload>)> {
    if body.is_empty() {
        return Some((Value::Null, Vec::new()));
    }
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("multipart/form-data")) {
        return Some((serde_json::from_slice(&body).ok()?, Vec::new()));
    }
    let request = Request::from_parts(parts, Body::from(body));
    let mut form = Multipart::from_request(request, &()).await.ok()?;
    let (mut json, mut files) = (Value::Null, Vec::new());
    while let Some(field) = form.next_field().await.ok()? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == "payload_json" {
            json = serde_json::from_str(&field.text().await.ok()?).ok()?;
            continue;
        }
        let filename = field.file_name().unwrap_or("unnamed").to_owned();
        let content_type = field.content_type().map(str::to_owned);
        let number = name.trim_start_matches("files[").trim_end_matches(']');
        let index = number.parse().unwrap_or(files.len() as u64);
        let bytes = field.bytes().await.ok()?.to_vec();
        files.push(Upload { index, filename, content_type, description: None, bytes });
    }
    Some((json, files))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_stripped_and_no_more() {
        assert_eq!(strip_version("/api/v10/gateway"), "/gateway");
        assert_eq!(strip_version("/api/voice"), "/voice");
        assert_eq!(strip_version("/other"), "/other");
    }
}
