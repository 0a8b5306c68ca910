//! What Discord accepts in a body: sizes, forms, and the errors that it gives otherwise.

mod command;
mod component;
mod message;

pub(crate) use command::{command, commands};
pub(crate) use component::{choices, modal};
pub(crate) use message::{edit, new_message};

use serde_json::Value;

/// Joins two parts of a path to a faulty field.
fn at(path: &str, key: impl std::fmt::Display) -> String {
    if path.is_empty() { key.to_string() } else { format!("{path}.{key}") }
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
