//! Logs, metrics, the sign of life, and which program this is.

pub mod life;
pub mod metrics;
pub mod version;

use secrecy::{ExposeSecret, SecretString};
use std::{
    io::{self, IsTerminal, Write},
    sync::Arc,
};
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

/// What is logged.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Log {
    /// For whom.
    pub format: LogFormat,
    /// Directives of `tracing_subscriber::EnvFilter`, known to be good.
    pub filter: String,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Human, filter: "whetstone=info,warn".into() }
    }
}

/// For whom logs are written.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub enum LogFormat {
    /// For people.
    #[default]
    Human,
    /// For machines: one JSON object a line.
    Json,
}

/// Starts logging to standard error. The secret is blotted out wherever it would appear, also in
/// what libraries log.
pub fn init(log: &Log, secret: Option<&SecretString>) {
    let filter = EnvFilter::try_new(&log.filter).unwrap_or_default();
    let secret = secret.map_or_else(Default::default, |secret| forms(secret.expose_secret()));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(Blotter { secret, inner: io::stderr })
        // It would tell of an event that could not be written where that could not be written,
        // with a macro that panics then: a full disk would end whichever task or thread logs.
        .log_internal_errors(false)
        .with_ansi(log.format == LogFormat::Human && io::stderr().is_terminal());
    match log.format {
        LogFormat::Human => builder.init(),
        LogFormat::Json => builder.json().init(),
    }
}

/// The forms in which libraries write a secret: as it is, and in what they log of the bytes that
/// they send: tungstenite at the level trace shows each frame in hexadecimal, and as a list.
fn forms(secret: &str) -> Arc<[String]> {
    let list: Vec<String> = secret.bytes().map(|byte| byte.to_string()).collect();
    let hex = |digits: fn(u8) -> String| secret.bytes().map(digits).collect::<String>();
    let lower = hex(|byte| format!("{byte:02x}"));
    let upper = hex(|byte| format!("{byte:02X}"));
    [secret.to_owned(), lower, upper, list.join(", ")].into()
}

/// Makes writers that blot a secret out, in each of its forms.
struct Blotter<W> {
    secret: Arc<[String]>,
    inner: W,
}

/// Writes all but the secret. The formatter hands each event over in one piece.
struct Blotting<W> {
    secret: Arc<[String]>,
    inner: W,
}

impl<'a, W: MakeWriter<'a>> MakeWriter<'a> for Blotter<W> {
    type Writer = Blotting<W::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        Blotting { secret: self.secret.clone(), inner: self.inner.make_writer() }
    }
}

impl<W: Write> Write for Blotting<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let shown = self.secret.iter().filter(|form| text.contains(form.as_str()));
        let blotted = shown.fold(None, |blotted: Option<String>, form| {
            Some(blotted.as_deref().unwrap_or(&text).replace(form.as_str(), "[token]"))
        });
        match blotted {
            Some(blotted) => self.inner.write_all(blotted.as_bytes())?,
            None => self.inner.write_all(event)?,
        }
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_secret_is_blotted_out() {
        let mut out = Vec::new();
        let mut writer = Blotting { secret: forms("s3cre~"), inner: &mut out };
        writer.write_all(b"before s3cre~ after s3cre~").unwrap();
        writer.write_all(b", nothing here, ").unwrap();
        writer.write_all(b"0x2273336372657E22, ").unwrap();
        writer.write_all(b"0x2273336372657e22, [34, 115, 51, 99, 114, 101, 126, 34]").unwrap();
        let expected = "before [token] after [token], nothing here, 0x22[token]22, 0x22[token]22, [34, [token], 34]";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
