//! Whetstone: a self-hosted Discord bot that asks a backend team one good interview question
//! every working day. `docs/architecture.md` shows how the modules lie; each depends only on
//! those that are listed below it.

pub mod fuzzing;

#[cfg(feature = "playground")]
pub mod playground;

pub mod ops;

pub mod bot;

pub mod discord;

pub mod scheduler;

pub mod commands;

pub mod text;

pub mod app;

pub mod config;

pub mod store;

pub mod bank;

pub mod ui;

pub mod error;

pub mod domain;

pub mod telemetry;

pub mod diagnostic;

pub mod files;
