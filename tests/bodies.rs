//! What the bot sends is what Discord takes: every command, button, form and suggestion is used
//! once, with the built-in questions and with questions as long as the bank allows, and each body
//! goes through the checks of `support/validate.rs`. Those checks are themselves put to the test
//! with bodies that are wrong on purpose.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

#[path = "bodies/judges.rs"]
mod judges;
