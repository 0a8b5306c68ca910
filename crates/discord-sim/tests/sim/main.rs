//! The simulated Discord as its users meet it: over HTTP and WebSocket, with a library and without.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

mod gateway;
mod rest;
mod shapes;
mod support;
mod with_serenity;
