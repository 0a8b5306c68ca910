//! The whole bot on the simulated Discord: what members and admins see, whatever happens.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod ambiguity;
mod bodies;
mod crash;
mod declared;
mod first_round;
mod gateway;
mod notices;
mod privacy;
mod registry;
mod scheduling;
mod security;
#[path = "../support/mod.rs"]
mod support;
mod working_month;
