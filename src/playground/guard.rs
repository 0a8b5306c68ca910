//! Who may talk to the page's server, and what the page may do. The server acts as anyone for
//! whoever asks, so it answers to this machine's names alone (a foreign name that resolves here is
//! DNS rebinding) and takes no orders from other sites' pages.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::{net::SocketAddr, sync::Arc};

/// Nothing but what the server itself gives; no inline script or style; in nobody's frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
                      connect-src 'self'; img-src 'self' data:; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, HeaderValue); 5] = [
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
];

/// The names under which the server may be asked for.
pub(super) struct Names(Vec<String>);

impl Names {
    pub(super) fn of(address: SocketAddr) -> Self {
        let port = address.port();
        let mut names: Vec<String> =
            ["127.0.0.1", "localhost", "[::1]"].map(|name| format!("{name}:{port}")).into();
        names.push(address.to_string());
        Self(names)
    }

    fn holds(&self, name: &str) -> bool {
        self.0.iter().any(|own| own.eq_ignore_ascii_case(name))
    }

    /// Whether the request is for this server, and from its own page if it says where from.
    fn allow(&self, headers: &HeaderMap) -> bool {
        let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
        let host = text(header::HOST).is_some_and(|host| self.holds(host));
        let origin = text(header::ORIGIN).is_none_or(|origin| {
            origin.strip_prefix("http://").is_some_and(|origin| self.holds(origin))
        });
        host && origin
    }
}

/// Turns away what is not for this server, and puts the headers on what is.
pub(super) async fn guard(
    State(names): State<Arc<Names>>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = if names.allow(request.headers()) {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, "This page is served to this machine alone.").into_response()
    };
    response.headers_mut().extend(HEADERS);
    response
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn allowed(host: Option<&str>, origin: Option<&str>) -> bool {
        let names = Names::of("127.0.0.1:7070".parse().unwrap());
        let mut headers = HeaderMap::new();
        let mut put = |name, value: Option<&str>| {
            value.map(|value| headers.insert(name, value.parse().unwrap()));
        };
        put(header::HOST, host);
        put(header::ORIGIN, origin);
        names.allow(&headers)
    }

    #[test]
    fn only_this_machines_names_at_this_port_are_served() {
        assert!(allowed(Some("127.0.0.1:7070"), None));
        assert!(allowed(Some("LocalHost:7070"), Some("http://localhost:7070")));
        for host in ["evil.example:7070", "127.0.0.1", "127.0.0.1:80", "localhost.evil:7070", ""] {
            assert!(!allowed(Some(host), None), "{host}");
        }
        assert!(!allowed(None, None));
    }

    #[test]
    fn no_orders_from_other_pages() {
        for origin in
            ["http://evil.example", "https://localhost:7070", "null", "http://localhost:1"]
        {
            assert!(!allowed(Some("localhost:7070"), Some(origin)), "{origin}");
        }
    }
}
