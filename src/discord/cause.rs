//! Why a connection did not come about, in words for whoever runs the bot: a name that cannot be
//! looked up, a port that refuses, a certificate that is not trusted, and the answer of something in
//! between call for different things to be done.

use std::{error::Error as StdError, io};

/// What stands in the way, by the error and all that caused it. No URL is shown, for it may hold a
/// secret.
pub(super) fn of_connection(error: &(dyn StdError + 'static)) -> String {
    let causes: Vec<&(dyn StdError + 'static)> =
        std::iter::successors(Some(error), |&error| error.source()).collect();
    let texts: Vec<String> = causes.iter().map(ToString::to_string).collect();
    let has = |words: &str| texts.iter().any(|text| text.contains(words));
    let detail = texts.last().map(String::as_str).unwrap_or_default();
    // The libraries keep these types to themselves; the tests below see when their words change.
    if has("dns error") || has("failed to lookup address") {
        return format!("the name cannot be looked up, see the DNS settings: {detail}");
    }
    if has("tunnel error") || has("proxy") {
        return format!("the proxy does not let it through: {}", of_proxy(detail));
    }
    if has("certificate") {
        return format!(
            "the certificate is not trusted, see the clock, the installed authorities, and whether \
             a proxy opens the encryption: {detail}"
        );
    }
    // The kind of this one is not among the causes, for reqwest keeps only its words.
    if has("tls handshake eof") {
        return "the connection was cut while it was set up".to_owned();
    }
    if has("received corrupt message") {
        return "what answers there does not speak TLS, as a proxy or a portal does".to_owned();
    }
    let kinds = causes.iter().filter_map(|cause| Some(cause.downcast_ref::<io::Error>()?.kind()));
    kinds.into_iter().find_map(of_kind).map_or_else(|| detail.to_owned(), str::to_owned)
}

fn of_proxy(detail: &str) -> &str {
    match detail {
        "tunnel error: unsuccessful" => "it refuses, or does not reach Discord itself",
        "tunnel error: proxy authorization required" => "it wants a name and a password",
        other => other,
    }
}

fn of_kind(kind: io::ErrorKind) -> Option<&'static str> {
    use io::ErrorKind as Kind;
    Some(match kind {
        Kind::ConnectionRefused => {
            "the connection is refused: nothing listens there, or a firewall forbids it"
        }
        Kind::ConnectionReset | Kind::ConnectionAborted | Kind::UnexpectedEof => {
            "the connection was cut while it was set up"
        }
        Kind::HostUnreachable | Kind::NetworkUnreachable | Kind::NetworkDown => {
            "the network does not lead there"
        }
        Kind::TimedOut => "no answer in time",
        _ => return None,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::{
        io::{Read, Write},
        net::{SocketAddr, TcpListener},
        sync::Arc,
    };

    /// What is told where a request to this address fails.
    async fn told(client: reqwest::ClientBuilder, url: &str) -> String {
        let error = client.build().unwrap().get(url).send().await.unwrap_err();
        of_connection(&error)
    }

    fn client() -> reqwest::ClientBuilder {
        reqwest::Client::builder().use_rustls_tls().no_proxy()
    }

    /// Answers the first connection with these bytes, whatever it says, and ends it.
    fn answers(bytes: &'static [u8]) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _read = stream.read(&mut [0; 4096]).unwrap();
            stream.write_all(bytes).unwrap();
        });
        address
    }

    /// Speaks TLS with a certificate that nobody has signed but itself.
    async fn self_signed() -> SocketAddr {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = made.signing_key.serialize_der().try_into().unwrap();
        let config = tokio_rustls::rustls::ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            // The client goes away over the certificate.
            let _ = acceptor.accept(stream).await;
        });
        address
    }

    fn assert_begins(told: &str, words: &str) {
        assert!(told.starts_with(words), "{told:?} does not begin with {words:?}");
    }

    #[tokio::test]
    async fn a_name_that_is_not_known_is_told() {
        // No name under this one exists. <https://www.rfc-editor.org/rfc/rfc2606#section-2>
        let told = told(client(), "https://discord.invalid/").await;
        assert_begins(&told, "the name cannot be looked up, see the DNS settings: ");
        assert!(!told.contains("discord.invalid/"), "{told}");
    }

    #[tokio::test]
    async fn a_port_at_which_nobody_listens_is_told() {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        assert_begins(
            &told(client(), &format!("http://{free}/")).await,
            "the connection is refused",
        );
    }

    #[tokio::test]
    async fn a_certificate_that_is_not_trusted_is_told() {
        let url = format!("https://localhost:{}/", self_signed().await.port());
        assert_begins(&told(client(), &url).await, "the certificate is not trusted");
    }

    #[tokio::test]
    async fn an_answer_that_is_not_encrypted_is_told() {
        let url = format!("https://{}/", answers(b"HTTP/1.1 200 OK\r\n\r\n<h1>Log in</h1>"));
        assert_begins(&told(client(), &url).await, "what answers there does not speak TLS");
    }

    #[tokio::test]
    async fn a_proxy_that_refuses_is_told() {
        for (answer, words) in [
            (&b"HTTP/1.1 403 Forbidden\r\n\r\n"[..], "it refuses, or does not reach Discord"),
            (
                b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
                "it wants a name and a password",
            ),
        ] {
            let proxy = reqwest::Proxy::all(format!("http://{}", answers(answer))).unwrap();
            let client = reqwest::Client::builder().use_rustls_tls().proxy(proxy);
            let told = told(client, "https://discord.invalid/").await;
            assert_begins(&told, &format!("the proxy does not let it through: {words}"));
        }
    }

    #[tokio::test]
    async fn a_connection_that_is_cut_is_told() {
        let url = format!("https://{}/", answers(b""));
        assert_begins(&told(client(), &url).await, "the connection was cut while it was set up");
    }
}
