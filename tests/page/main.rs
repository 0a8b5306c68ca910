//! The playground: as its page uses it, and in a real browser.
#![cfg(feature = "playground")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod browser;
#[path = "../first_schema/mod.rs"]
mod first_schema;
mod playground;
