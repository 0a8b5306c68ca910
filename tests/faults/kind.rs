//! The faults that a request can meet, and what Discord would say with each.

use discord_sim::{Fault, Rule, RuleHandle};
use serde_json::json;
use std::time::Duration;

/// How long Discord asks to wait, where it limits.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// How many requests in a row a rate limit meets.
const LIMITED: usize = 2;

/// A fault of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Status500,
    Status502,
    RouteLimit,
    GlobalLimit,
    Status403,
    Status404,
    SilentBefore,
    SilentAfter,
    CutBefore,
    CutAfter,
    Malformed,
}

impl Kind {
    pub const ALL: [Self; 11] = [
        Self::Status500,
        Self::Status502,
        Self::RouteLimit,
        Self::GlobalLimit,
        Self::Status403,
        Self::Status404,
        Self::SilentBefore,
        Self::SilentAfter,
        Self::CutBefore,
        Self::CutAfter,
        Self::Malformed,
    ];

    /// As the table names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Status500 => "500",
            Self::Status502 => "502",
            Self::RouteLimit => "429, this route",
            Self::GlobalLimit => "429, global",
            Self::Status403 => "403",
            Self::Status404 => "404",
            Self::SilentBefore => "no answer, nothing done",
            Self::SilentAfter => "no answer, but done",
            Self::CutBefore => "cut before it was done",
            Self::CutAfter => "cut after it was done",
            Self::Malformed => "done, malformed JSON",
        }
    }

    /// Whether the bot waits for an answer that never comes.
    pub fn is_silent(self) -> bool {
        matches!(self, Self::SilentBefore | Self::SilentAfter)
    }

    /// Whether it ends by itself.
    pub fn passes(self) -> bool {
        matches!(self, Self::RouteLimit | Self::GlobalLimit)
    }

    /// Whether it is Discord's last word, which the bot takes for one.
    pub fn is_refusal(self) -> bool {
        matches!(self, Self::Status403 | Self::Status404)
    }

    /// The rule for requests of a route like `POST /channels/1/messages`, whose template tells
    /// Discord's error code. Rate limits end by themselves; all else holds until it is ended.
    pub fn rule(self, pattern: &str, template: &str) -> Rule {
        let rule = Rule::new(pattern, self.fault(template));
        match self {
            Self::RouteLimit | Self::GlobalLimit => rule.times(LIMITED),
            _ => rule,
        }
    }

    fn fault(self, template: &str) -> Fault {
        let status = |status: u16, code: u32, message: &str| {
            let body = json!({ "code": code, "message": message });
            Fault::Status { status, body }
        };
        match self {
            Self::Status500 => status(500, 0, "500: Internal Server Error"),
            Self::Status502 => status(502, 0, "502: Bad Gateway"),
            Self::RouteLimit => Fault::RouteLimit { retry_after: RETRY_AFTER },
            Self::GlobalLimit => Fault::GlobalLimit { retry_after: RETRY_AFTER },
            Self::Status403 if template.starts_with("/channels/") => {
                status(403, 50013, "Missing Permissions")
            }
            Self::Status403 => status(403, 50001, "Missing Access"),
            Self::Status404 => {
                let (code, message) = unknown(template);
                status(404, code, message)
            }
            Self::SilentBefore => Fault::HoldBefore,
            Self::SilentAfter => Fault::HoldAfter,
            Self::CutBefore => Fault::CutBefore,
            Self::CutAfter => Fault::CutAfter,
            Self::Malformed => Fault::MalformedJson,
        }
    }
}

/// What Discord answers where what the path names is not there.
/// <https://discord.com/developers/docs/topics/opcodes-and-status-codes#json-json-error-codes>
fn unknown(template: &str) -> (u32, &'static str) {
    match template {
        path if path.contains("/messages/{message}") || path.contains("/pins/") => {
            (10008, "Unknown Message")
        }
        path if path.starts_with("/channels/") => (10003, "Unknown Channel"),
        path if path.contains("/members/") => (10007, "Unknown Member"),
        path if path.starts_with("/guilds/") => (10004, "Unknown Guild"),
        path if path.starts_with("/users/") => (10013, "Unknown User"),
        path if path.starts_with("/applications/") => (10002, "Unknown Application"),
        path if path.starts_with("/interactions/") => (10062, "Unknown interaction"),
        path if path.starts_with("/webhooks/") => (10015, "Unknown Webhook"),
        _ => (0, "404: Not Found"),
    }
}

/// Ends a fault: requests that wait for an answer never get one.
pub fn end(rule: &RuleHandle) {
    rule.cut();
}
