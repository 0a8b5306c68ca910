//! What serenity's errors mean for a use case.
//! <https://discord.com/developers/docs/topics/opcodes-and-status-codes#json-json-error-codes>

use super::cause;
use crate::app::messenger::{MessengerError, Refusal};
use serenity::{Error, http::HttpError};

const UNKNOWN_CHANNEL: isize = 10003;
const UNKNOWN_GUILD: isize = 10004;
const UNKNOWN_MEMBER: isize = 10007;
const UNKNOWN_MESSAGE: isize = 10008;
const ALREADY_ACKNOWLEDGED: isize = 40060;
const MISSING_ACCESS: isize = 50001;
const MISSING_PERMISSIONS: isize = 50013;
const THREAD_ARCHIVED: isize = 50083;
const THREAD_EXISTS: isize = 160_004;

/// Sorts an error into what will not succeed by itself and what may.
pub(super) fn messenger_error(error: Error) -> MessengerError {
    let Error::Http(HttpError::UnsuccessfulRequest(response)) = &error else {
        return MessengerError::Unavailable(brief(&error));
    };
    let status = response.status_code.as_u16();
    if status >= 500 || matches!(status, 401 | 408 | 429) {
        return MessengerError::Unavailable(format!("status {status}"));
    }
    // A refusal of Discord's own has a code; a block page of something before it has none.
    if response.error.code <= 0 {
        return MessengerError::Unavailable(brief(&error));
    }
    MessengerError::Refused(match response.error.code {
        // Of members the bot asks for itself alone.
        MISSING_ACCESS | UNKNOWN_GUILD | UNKNOWN_MEMBER => Refusal::NoAccess,
        MISSING_PERMISSIONS => Refusal::NoPermission,
        UNKNOWN_CHANNEL => Refusal::NoChannel,
        UNKNOWN_MESSAGE => Refusal::NoMessage,
        code => Refusal::Other(format!("{} (code {code})", response.error.message)),
    })
}

/// Whether the message has its thread already.
pub(super) fn is_thread_there(error: &Error) -> bool {
    code(error) == Some(THREAD_EXISTS)
}

/// Whether the message lies in a thread that Discord has put away, since nobody wrote there.
pub(super) fn is_thread_archived(error: &Error) -> bool {
    code(error) == Some(THREAD_ARCHIVED)
}

/// Whether the interaction has its answer already.
pub(super) fn is_already_acknowledged(error: &Error) -> bool {
    code(error) == Some(ALREADY_ACKNOWLEDGED)
}

/// Whether the same request may succeed at once: the connection was cut, or Discord had a fault.
pub(super) fn is_passing(error: &Error) -> bool {
    match error {
        Error::Http(HttpError::Request(_)) => true,
        Error::Http(HttpError::UnsuccessfulRequest(response)) => {
            response.status_code.as_u16() >= 500
        }
        _ => false,
    }
}

/// Whether the same request may succeed a little later: Discord limits the rate.
pub(super) fn is_limited(error: &Error) -> bool {
    match error {
        Error::Http(HttpError::UnsuccessfulRequest(response)) => {
            response.status_code.as_u16() == 429
        }
        _ => false,
    }
}

/// Whether the request succeeded, and only the answer to it makes no sense.
pub(super) fn is_garbled(error: &Error) -> bool {
    matches!(error, Error::Json(_))
        || matches!(error, Error::Http(HttpError::Request(error)) if error.is_decode())
}

fn code(error: &Error) -> Option<isize> {
    match error {
        Error::Http(HttpError::UnsuccessfulRequest(response)) => Some(response.error.code),
        _ => None,
    }
}

/// An error without the URL it happened at: URLs of interactions hold a token.
pub(super) fn brief(error: &Error) -> String {
    match error {
        Error::Http(HttpError::Request(error)) if error.is_timeout() => {
            "no answer in time".to_owned()
        }
        Error::Http(HttpError::Request(error)) if error.is_connect() => {
            let host = error.url().and_then(|url| url.host_str()).unwrap_or("Discord");
            format!("no connection to {host}: {}", cause::of_connection(error))
        }
        Error::Http(HttpError::Request(_)) => "the connection broke".to_owned(),
        // Whatever is no JSON is not Discord's, and serenity gives it no code of Discord's.
        Error::Http(HttpError::UnsuccessfulRequest(response)) if response.error.code < 0 => {
            match response.status_code.as_u16() {
                status @ 500.. => format!("status {status} with a page instead of an answer"),
                status => format!(
                    "status {status} with a page that is not Discord's; a proxy or a firewall may \
                     answer in its place"
                ),
            }
        }
        Error::Http(HttpError::UnsuccessfulRequest(response)) => {
            let (status, error) = (response.status_code.as_u16(), &response.error);
            format!("status {status}, code {}: {}", error.code, error.message)
        }
        Error::Json(_) => "an answer that is not JSON".to_owned(),
        Error::Tungstenite(_) | Error::Io(_) => {
            format!("no connection to the gateway: {}", cause::of_connection(error))
        }
        other => other.to_string(),
    }
}
