//! Every fault of Discord's against every route and every state of the gateway that the bot
//! depends on. The bot must keep serving others, recover, post nothing twice, lose nothing that it
//! acknowledged, and say what is wrong. What each case led to is written down as it was seen, and
//! `docs/reliability/faults.md` must say the same.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

mod chains;
mod feature;
mod gateway;
mod journal;
mod kind;
mod rest;
mod routes;
mod scene;
#[path = "../support/mod.rs"]
mod support;
mod table;
#[path = "../bot/bodies/tour.rs"]
mod tour;
#[path = "../bot/gateway/trouble.rs"]
mod trouble;
