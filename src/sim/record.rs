//! What happened: every request, every gateway event, and the stream of changes that a page or a
//! test can follow.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::id::Id;

/// One request that the bot made.
#[derive(Clone, Debug, Serialize)]
pub struct RequestRecord {
    /// Numbered from 1 in the order in which the requests were finished.
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
}

/// One event that was sent, or queued for resuming.
#[derive(Clone, Debug, Serialize)]
pub struct GatewayRecord {
    /// The session.
    pub session: String,
    /// The sequence number within the session.
    pub seq: u64,
    /// The event's name.
    pub event: String,
    /// The event's data.
    pub data: Value,
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
}

#[derive(Debug, Default)]
struct Inner {
    requests: VecDeque<Arc<RequestRecord>>,
    count: u64,
    invalid: u64,
}

impl Record {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { inner: Mutex::default(), capacity }
    }

    pub(crate) fn add(&self, mut request: RequestRecord) -> Arc<RequestRecord> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.count += 1;
        request.number = inner.count;
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

    pub(crate) fn counts(&self) -> (u64, u64) {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        (inner.count, inner.invalid)
    }
}
