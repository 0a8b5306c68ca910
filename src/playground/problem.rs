//! Why a request of the page's comes to nothing, as the page is told: a status and a sentence.

use super::act::Refusal;
use crate::error::Error;
use axum::{
    Json,
    extract::{FromRequest, Request, rejection::JsonRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::de::DeserializeOwned;
use serde_json::json;

/// What the page is told.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    text: String,
}

impl Problem {
    /// What was asked for makes no sense, or not now.
    pub(super) fn nonsense(text: impl Into<String>) -> Self {
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, text: text.into() }
    }

    /// It could not be done.
    pub(super) fn failed(text: impl Into<String>) -> Self {
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, text: text.into() }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self::nonsense(refusal.to_string())
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let text = match error {
            Error::Fault(fault) => fault.chain(),
            mistake => mistake.to_string(),
        };
        tracing::error!(error = text, "the page's request failed");
        Self::failed(text)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.status, Json(json!({ "error": self.text }))).into_response()
    }
}

/// A body of JSON. It is taken only if it says that it is JSON, which no other site's page can make
/// it say without being asked for leave first.
pub(super) struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let read = Json::<T>::from_request(request, state).await;
        let problem = |why: JsonRejection| Problem { status: why.status(), text: why.body_text() };
        read.map(|Json(body)| Self(body)).map_err(problem)
    }
}
