//! Serves the pages so that nobody can hold the bot up by them: each connection serves one request,
//! ends in time whatever its client does, and gives way to newer ones where there are too many.

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use std::{collections::VecDeque, io, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    task::{AbortHandle, JoinSet},
};

/// How long a client may take to say what it wants.
const HEADERS_WITHIN: Duration = Duration::from_secs(5);

/// How long a connection may last, with the answer, for which the disk may be waited for.
const LASTS: Duration = Duration::from_secs(15);

/// How many connections there may be: more than Prometheus, a health check and a browser ever open,
/// and few beside the 1,024 descriptors that a process has at least.
const CONNECTIONS_MAX: usize = 64;

/// After a fault of the system's, most often that no descriptor is left.
const REST: Duration = Duration::from_secs(1);

/// Serves without end.
pub(super) async fn serve(listener: TcpListener, pages: Router) {
    let mut open = Connections::default();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => open.add(converse(stream, pages.clone())),
            Err(error) if is_of_client(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "the pages cannot be served for a moment");
                tokio::time::sleep(REST).await;
            }
        }
    }
}

/// Whether a client has gone away before it was served.
fn is_of_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn converse(stream: TcpStream, pages: Router) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEADERS_WITHIN).keep_alive(false);
    let served = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(pages));
    // What becomes of a connection is its client's affair.
    let _ = tokio::time::timeout(LASTS, served).await;
}

/// The connections that there are; they end with this.
#[derive(Default)]
struct Connections {
    tasks: JoinSet<()>,
    /// The oldest first. Those that are over may be among them.
    order: VecDeque<AbortHandle>,
}

impl Connections {
    /// One more. Where there are too many, the oldest ends: who means it has been answered by then.
    fn add(&mut self, connection: impl Future<Output = ()> + Send + 'static) {
        while self.tasks.try_join_next().is_some() {}
        self.order.retain(|connection| !connection.is_finished());
        if self.order.len() >= CONNECTIONS_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            oldest.abort();
        }
        self.order.push_back(self.tasks.spawn(connection));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use axum::routing::get;
    use std::{net::SocketAddr, time::Instant};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    /// How long anything here may take.
    const PATIENCE: Duration = Duration::from_secs(30);

    async fn server() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let pages = Router::new().route("/page", get(|| async { "here" }));
        tokio::spawn(serve(listener, pages));
        address
    }

    /// A client that has said this, and waits.
    async fn client(address: SocketAddr, says: &str) -> TcpStream {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(says.as_bytes()).await.unwrap();
        stream
    }

    /// All that the server says until it closes the connection.
    async fn until_closed(mut stream: TcpStream) -> String {
        let mut heard = Vec::new();
        // A connection that is cut has said all that it will.
        let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut heard)).await.unwrap();
        String::from_utf8(heard).unwrap()
    }

    const WHOLE: &str = "GET /page HTTP/1.1\r\nHost: a\r\n\r\n";
    const HALF: &str = "GET /page HTTP/1.1\r\nHost:";

    #[tokio::test]
    async fn a_request_is_answered_and_its_connection_closed() {
        let heard = until_closed(client(server().await, WHOLE).await).await;
        assert!(heard.starts_with("HTTP/1.1 200 OK\r\n") && heard.ends_with("here"), "{heard}");
    }

    #[tokio::test]
    async fn nothing_half_a_request_and_silence_after_one_are_not_waited_for() {
        let address = server().await;
        let begun = Instant::now();
        for says in ["", HALF] {
            until_closed(client(address, says).await).await;
        }
        assert!(begun.elapsed() >= HEADERS_WITHIN, "it had no time to say what it wants");
    }

    #[tokio::test]
    async fn however_many_half_requests_there_are_a_whole_one_is_answered() {
        let address = server().await;
        let mut halves = Vec::new();
        for _ in 0..3 * CONNECTIONS_MAX {
            halves.push(client(address, HALF).await);
        }
        let heard = until_closed(client(address, WHOLE).await).await;
        assert!(heard.ends_with("here"), "{heard}");
        drop(halves);
    }

    #[tokio::test]
    async fn the_oldest_connection_gives_way_and_no_other() {
        let mut open = Connections::default();
        for _ in 0..CONNECTIONS_MAX {
            open.add(std::future::pending());
        }
        let all: Vec<AbortHandle> = open.order.iter().cloned().collect();
        open.add(std::future::pending());
        let first = tokio::time::timeout(PATIENCE, open.tasks.join_next()).await.unwrap();
        assert!(first.unwrap().unwrap_err().is_cancelled());
        assert!(all[0].is_finished() && all[1..].iter().all(|other| !other.is_finished()));
        // Those that are over count for nothing.
        all[1].abort();
        tokio::time::timeout(PATIENCE, open.tasks.join_next()).await.unwrap();
        open.add(std::future::pending());
        assert_eq!(open.order.front().unwrap().id(), all[2].id());
    }
}
