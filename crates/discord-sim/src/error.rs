//! Errors as Discord's API gives them
//! (<https://discord.com/developers/docs/topics/opcodes-and-status-codes#json>).

use serde_json::{Map, Value, json};

/// An error answer: HTTP status, JSON error code, message, and what else the body holds.
#[derive(Clone, Debug)]
pub struct ApiError {
    /// The HTTP status.
    pub status: u16,
    /// Discord's JSON error code; 0 for a general error.
    pub code: u32,
    /// The text of the error.
    pub message: String,
    /// The nested `errors` object of a form error (code 50035).
    pub errors: Option<Value>,
}

impl ApiError {
    pub(crate) fn new(status: u16, code: u32, message: &str) -> Self {
        Self { status, code, message: message.to_owned(), errors: None }
    }

    pub(crate) fn body(&self) -> Value {
        let mut body = json!({ "message": self.message, "code": self.code });
        if let Some(errors) = &self.errors {
            body["errors"] = errors.clone();
        }
        body
    }

    pub(crate) fn form(path: &str, code: &str, message: &str) -> Self {
        let mut errors = FormErrors::default();
        errors.add(path, code, message);
        errors.into_error()
    }
}

macro_rules! known_errors {
    ($($name:ident => $status:literal, $code:literal, $message:literal;)*) => {
        impl ApiError {
            $(#[doc = $message]
            pub(crate) fn $name() -> Self {
                Self::new($status, $code, $message)
            })*
        }
    };
}

known_errors! {
    unauthorized => 401, 0, "401: Unauthorized";
    not_found => 404, 0, "404: Not Found";
    method_not_allowed => 405, 0, "405: Method Not Allowed";
    unknown_application => 404, 10002, "Unknown Application";
    unknown_channel => 404, 10003, "Unknown Channel";
    unknown_guild => 404, 10004, "Unknown Guild";
    unknown_member => 404, 10007, "Unknown Member";
    unknown_message => 404, 10008, "Unknown Message";
    unknown_user => 404, 10013, "Unknown User";
    unknown_webhook => 404, 10015, "Unknown Webhook";
    unknown_interaction => 404, 10062, "Unknown interaction";
    unknown_command => 404, 10063, "Unknown application command";
    max_pins => 400, 30003, "Maximum number of pins reached for the channel (250)";
    already_acknowledged => 400, 40060, "Interaction has already been acknowledged.";
    already_crossposted => 400, 40033, "This message has already been crossposted.";
    missing_access => 403, 50001, "Missing Access";
    not_in_dm => 403, 50003, "Cannot execute action on a DM channel";
    edit_of_others => 403, 50005, "Cannot edit a message authored by another user";
    empty_message => 400, 50006, "Cannot send an empty message";
    non_text_channel => 400, 50008, "Cannot send messages in a non-text channel";
    missing_permissions => 403, 50013, "Missing Permissions";
    system_message => 403, 50021, "Cannot execute action on a system message";
    wrong_channel_type => 400, 50024, "Cannot execute action on this channel type";
    invalid_webhook_token => 401, 50027, "Invalid Webhook Token";
    thread_archived => 400, 50083, "Thread is archived";
    invalid_json => 400, 50109, "The request body contains invalid JSON.";
    thread_exists => 400, 160004, "A thread has already been created for this message";
    thread_locked => 403, 160005, "Thread is locked";
}

/// Collects the faults of a form and nests them the way Discord does.
#[derive(Debug, Default)]
pub(crate) struct FormErrors {
    root: Map<String, Value>,
}

impl FormErrors {
    /// Adds a fault at a dotted path such as `embeds.0.title`.
    pub(crate) fn add(&mut self, path: &str, code: &str, message: &str) {
        let mut at = &mut self.root;
        for key in path.split('.').filter(|key| !key.is_empty()) {
            let next = at.entry(key).or_insert_with(|| Value::Object(Map::new()));
            match next {
                Value::Object(map) => at = map,
                _ => return,
            }
        }
        let list = at.entry("_errors").or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(list) = list {
            list.push(json!({ "code": code, "message": message }));
        }
    }

    /// Adds a fault unless the text's length lies within the bounds.
    pub(crate) fn length(&mut self, path: &str, text: &str, min: usize, max: usize) {
        let length = text.chars().count();
        if (min..=max).contains(&length) {
            return;
        }
        if length == 0 && min > 0 {
            self.add(path, "BASE_TYPE_REQUIRED", "This field is required");
        } else if min == 0 {
            let message = format!("Must be {max} or fewer in length.");
            self.add(path, "BASE_TYPE_MAX_LENGTH", &message);
        } else {
            let message = format!("Must be between {min} and {max} in length.");
            self.add(path, "BASE_TYPE_BAD_LENGTH", &message);
        }
    }

    pub(crate) fn into_error(self) -> ApiError {
        let mut error = ApiError::new(400, 50035, "Invalid Form Body");
        error.errors = Some(Value::Object(self.root));
        error
    }

    pub(crate) fn finish(self) -> Result<(), ApiError> {
        if self.root.is_empty() { Ok(()) } else { Err(self.into_error()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_nest_as_discord_shows_them() {
        let mut errors = FormErrors::default();
        errors.length("embeds.0.title", &"x".repeat(257), 0, 256);
        let fault =
            json!({ "code": "BASE_TYPE_MAX_LENGTH", "message": "Must be 256 or fewer in length." });
        let expected = json!({ "embeds": { "0": { "title": { "_errors": [fault] } } } });
        assert_eq!(errors.into_error().body()["errors"], expected);
    }
}
