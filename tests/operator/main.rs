//! What whoever runs the bot relies on: the program, its store, its disk, its pages.
#![allow(clippy::unwrap_used, clippy::expect_used)]
#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]

mod cli;
mod disk;
#[path = "../first_schema/mod.rs"]
mod first_schema;
mod operating;
mod store;
#[path = "../support/mod.rs"]
mod support;
