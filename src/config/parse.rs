//! The values of single settings, from their text forms.

use crate::{
    diagnostic::{Fault, Source, fields::Value},
    domain::{
        daily::{BadName, NAME_MAX},
        ids::BadNumber,
        schedule::{UnknownTime, UnknownZone},
    },
    telemetry::LogFormat,
};
use jiff::SignedDuration;
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};
use tracing_subscriber::EnvFilter;
use url::{Host, Url};

/// What is wrong with a value, wherever it stands.
#[derive(PartialEq, Eq, Debug)]
pub struct Complaint {
    message: String,
    hint: String,
}

impl Complaint {
    fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }

    /// The fault of a value of the file.
    pub fn of(self, value: &Value<'_>) -> Fault {
        value.fault(self.message).hint(self.hint)
    }

    /// The fault of an environment variable.
    pub fn of_variable(self, name: &str, text: &str) -> Fault {
        let source = Source::new(Path::new(&format!("${name}")), text);
        source.fault(0..text.len(), format!("{name}: {}", self.message)).hint(self.hint)
    }
}

/// The address of a server, without a slash at its end.
pub fn api_url(text: &str) -> Result<String, Complaint> {
    let hint = "write scheme, host and port alone, such as http://127.0.0.1:8080";
    let bad = |why: &str| Complaint::new(format!("`{text}` is no address of a server{why}"), hint);
    let url = Url::parse(text).map_err(|error| bad(&format!(": {error}")))?;
    let host = url.host().is_some_and(|host| host != Host::Domain(""));
    if !matches!(url.scheme(), "http" | "https") || !host {
        return Err(bad(""));
    }
    let plain = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    if !plain || !url.username().is_empty() || url.password().is_some() {
        return Err(bad(" alone"));
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// An address of this machine with a port.
pub fn address(text: &str) -> Result<SocketAddr, Complaint> {
    text.trim().parse().map_err(|_| {
        Complaint::new(
            format!("`{text}` is no address to listen at"),
            "write an IP address and a port, such as \"127.0.0.1:9464\"",
        )
    })
}

/// A path, which may be anything but empty.
pub fn path(text: &str) -> Result<PathBuf, Complaint> {
    match text.trim() {
        "" => Err(Complaint::new("the path is empty", "write the path of a folder")),
        _ => Ok(text.into()),
    }
}

/// A size in MiB: at least one, and no more than a TiB, which is not meant.
pub fn cache_mib(text: &str) -> Result<u64, Complaint> {
    const MAX: u64 = 1024 * 1024;
    text.trim().parse().ok().filter(|mib| (1..=MAX).contains(mib)).ok_or_else(|| {
        Complaint::new(
            format!("`{text}` is no size in MiB"),
            format!("write a whole number from 1 to {MAX}"),
        )
    })
}

/// How often a minute; 0 for as often as one likes. The greatest is far more than Discord delivers.
pub fn per_minute(text: &str) -> Result<u32, Complaint> {
    const MAX: u32 = 1_000_000;
    text.trim().parse().ok().filter(|count| *count <= MAX).ok_or_else(|| {
        Complaint::new(
            format!("`{text}` is no number of interactions a minute"),
            format!("write a whole number up to {MAX}; 0 is no limit"),
        )
    })
}

/// How many backups are kept: none, or up to a year of them.
pub fn backups_kept(text: &str) -> Result<usize, Complaint> {
    const MAX: usize = 366;
    text.trim().parse().ok().filter(|count| *count <= MAX).ok_or_else(|| {
        Complaint::new(
            format!("`{text}` is no number of backups"),
            format!("write a whole number from 0, for none, to {MAX}"),
        )
    })
}

/// A duration such as `6h` or `1m 30s`.
pub fn duration(text: &str, positive: bool) -> Result<SignedDuration, Complaint> {
    let hint = "write a duration such as \"90s\", \"15m\" or \"6h\"";
    let bad = |why: &str| Complaint::new(format!("`{text}` is {why}"), hint);
    let duration: SignedDuration = text.trim().parse().map_err(|_| bad("no duration"))?;
    match duration.signum() {
        -1 => Err(bad("less than nothing")),
        0 if positive => Err(bad("no time at all")),
        _ => Ok(duration),
    }
}

/// For whom logs are written.
pub fn log_format(text: &str) -> Result<LogFormat, Complaint> {
    match text {
        "human" => Ok(LogFormat::Human),
        "json" => Ok(LogFormat::Json),
        _ => Err(Complaint::new(
            format!("`{text}` is no format of the log"),
            "write \"human\" or \"json\"",
        )),
    }
}

/// Directives that say what is logged.
pub fn log_filter(text: &str) -> Result<String, Complaint> {
    EnvFilter::builder().parse(text).map(|_| text.to_owned()).map_err(|error| {
        Complaint::new(
            format!("`{text}` is no filter of the log: {error}"),
            "write directives such as \"whetstone=debug,warn\"",
        )
    })
}

/// The domain's faults, as an operator is told of them.
macro_rules! complaints {
    ($($fault:pat => $type:ty: $message:expr, $hint:expr;)+) => {$(
        impl From<$type> for Complaint {
            fn from($fault: $type) -> Self {
                Self::new($message, $hint)
            }
        }
    )+};
}

complaints! {
    BadNumber(text) => BadNumber: format!("`{text}` is no id"),
        "copy the id from Discord: switch developer mode on, then \"Copy ID\"";
    UnknownTime(text) => UnknownTime: format!("`{text}` is no time of day"),
        "write it as \"09:30\" or \"17:05\"";
    BadName(text) => BadName: format!("`{text}` is no name for a daily"),
        format!("write 1 to {NAME_MAX} letters, digits, spaces, dashes and underscores");
    UnknownZone { name, nearest } => UnknownZone: format!("`{name}` is no time zone"),
        match nearest.first() {
            Some(near) => format!("did you mean `{near}`?"),
            None => "write an IANA name such as \"Europe/Berlin\"".to_owned(),
        };
}
