//! The bot while Discord is at its worst: gateway connections that end in every way while members
//! click, REST calls that fail before or after they took effect, servers that are silent.

mod crowd;
mod lifecycle;
mod proxy;
mod rest;
mod storm;
pub mod trouble;

use crate::support;
