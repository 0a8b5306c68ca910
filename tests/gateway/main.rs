//! The bot while Discord is at its worst: gateway connections that end in every way while members
//! click, REST calls that fail before or after they took effect, servers that are silent.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod crowd;
mod lifecycle;
mod proxy;
mod rest;
mod storm;
#[path = "../support/mod.rs"]
mod support;
mod trouble;
