//! What happened: every request, every gateway event, and the stream of changes that a page or a
//! test can follow.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::id::Id;

/// One request that the bot made.
#[derive(Clone, Debug, Serialize)]
pub struct RequestRecord {
    /// Numbered from 1 together with the gateway's events, in the order in which requests were
    /// finished and events were sent.
    pub number: u64,
    /// The HTTP method.
    pub method: String,
    /// The path below `/api/v10`.
    pub path: String,
    /// The query, without `?`.
    pub query: String,
    /// The template of the matched route, such as `/channels/{channel}/messages`.
    pub route: Option<&'static str>,
    /// The headers, without the value of `authorization`.
    pub headers: Vec<(String, String)>,
    /// The JSON body (`payload_json` of a multipart body); null if there was none.
    pub body: Value,
    /// The names of the uploaded files.
    pub attachments: Vec<String>,
    /// The answer's HTTP status; none if the connection was cut before the request was acted upon.
    pub status: Option<u16>,
    /// Discord's JSON error code, if the answer was an error.
    pub error: Option<u32>,
    /// The JSON body of the answer; null if empty.
    pub answer: Value,
    /// Whether the answer never left, for a fault cut the connection.
    pub cut: bool,
    /// Simulated instant of arrival.
    pub at: Timestamp,
    /// Real instant of arrival.
    pub real_at: Timestamp,
    /// How long it took in real time until it was finished, any delay by a fault included.
    pub took: Duration,
}

/// One event that was sent, or queued for resuming.
#[derive(Clone, Debug, Serialize)]
pub struct GatewayRecord {
    /// Numbered from 1 together with the requests; see [`RequestRecord::number`].
    pub number: u64,
    /// The session.
    pub session: String,
    /// The sequence number within the session.
    pub seq: u64,
    /// The event's name.
    pub event: String,
    /// The event's data.
    pub data: Value,
    /// Simulated instant at which it was sent.
    pub at: Timestamp,
    /// Real instant at which it was sent.
    pub real_at: Timestamp,
}

/// What went over the wire: a request of the bot's, or an event to it.
#[derive(Clone, Debug)]
pub enum Traffic {
    /// A request with its answer.
    Request(Arc<RequestRecord>),
    /// An event of the gateway.
    Event(Arc<GatewayRecord>),
}

impl Traffic {
    /// Its number, which rises from record to record of either kind.
    pub fn number(&self) -> u64 {
        match self {
            Self::Request(record) => record.number,
            Self::Event(record) => record.number,
        }
    }
}

/// Counts requests and events in one row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Numbers(Arc<AtomicU64>);

impl Numbers {
    pub(crate) fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn last(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A change in the world, for those who watch it.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Change {
    /// A message appeared.
    MessageCreated {
        /// Where.
        channel: Id,
        /// Which.
        message: Id,
    },
    /// A message changed: edited, pinned, or got a thread.
    MessageEdited {
        /// Where.
        channel: Id,
        /// Which.
        message: Id,
    },
    /// A message is gone.
    MessageDeleted {
        /// Where.
        channel: Id,
        /// Which.
        message: Id,
    },
    /// A channel or thread appeared, changed or went.
    Channel {
        /// Which.
        channel: Id,
    },
    /// The set of application commands changed.
    Commands,
    /// A request was answered.
    Request {
        /// The record.
        #[serde(serialize_with = "inside")]
        record: Arc<RequestRecord>,
    },
    /// A gateway event was sent or queued.
    Gateway {
        /// The record.
        #[serde(serialize_with = "inside")]
        record: Arc<GatewayRecord>,
    },
    /// An interaction was made, answered, or failed.
    Interaction {
        /// Which.
        id: Id,
        /// Who acted.
        user: Id,
        /// Where.
        channel: Id,
        /// `pending`, `answered` or `failed`.
        state: &'static str,
    },
    /// A session of the gateway began, was taken up again, or lost its connection.
    Sessions {
        /// How many are connected now.
        connected: usize,
    },
    /// The bot is typing.
    Typing {
        /// Where.
        channel: Id,
    },
}

fn inside<T: Serialize, S: serde::Serializer>(arc: &Arc<T>, to: S) -> Result<S::Ok, S::Error> {
    T::serialize(arc, to)
}

/// Keeps the latest records.
#[derive(Debug)]
pub(crate) struct Record {
    inner: Mutex<Inner>,
    capacity: usize,
    numbers: Numbers,
}

#[derive(Debug, Default)]
struct Inner {
    requests: VecDeque<Arc<RequestRecord>>,
    count: u64,
    invalid: u64,
}

impl Record {
    pub(crate) fn new(capacity: usize, numbers: Numbers) -> Self {
        Self { inner: Mutex::default(), capacity, numbers }
    }

    pub(crate) fn add(&self, mut request: RequestRecord) -> Arc<RequestRecord> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.count += 1;
        request.number = self.numbers.next();
        if matches!(request.status, Some(401 | 403 | 429)) {
            inner.invalid += 1;
        }
        let request = Arc::new(request);
        inner.requests.push_back(Arc::clone(&request));
        if inner.requests.len() > self.capacity {
            inner.requests.pop_front();
        }
        request
    }

    /// Notes that a request's answer never left.
    pub(crate) fn cut(&self, number: u64) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = inner.requests.iter_mut().rev().find(|r| r.number == number) {
            Arc::make_mut(found).cut = true;
        }
    }

    pub(crate) fn requests(&self) -> Vec<Arc<RequestRecord>> {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.requests.iter().cloned().collect()
    }

    /// The newest requests after that number, at most so many, the newest first.
    pub(crate) fn after(&self, number: u64, limit: usize) -> Vec<Arc<RequestRecord>> {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = inner.requests.iter().rev();
        newest.take_while(|request| request.number > number).take(limit).cloned().collect()
    }

    /// The number that was given last, to a request or an event.
    pub(crate) fn last_number(&self) -> u64 {
        self.numbers.last()
    }

    pub(crate) fn counts(&self) -> (u64, u64) {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        (inner.count, inner.invalid)
    }
}
