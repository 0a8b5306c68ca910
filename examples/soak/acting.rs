//! The crowd that keeps the bot busy, and what became of each thing that somebody did.

use super::support::Outcome;
use rand::seq::IndexedRandom;
use serde_json::json;
use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};
use whetstone::sim::{Actor, ActError, ChannelKind, Id, Limits, MessageView, Options, Pending, Response, Sim};

/// Manage Server, as Discord numbers it.
const MANAGE_GUILD: u64 = 1 << 5;

/// How many members there are.
const MEMBERS: usize = 400;

/// How the gateway was when something was done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// It was connected until the answer came.
    Connected,
    /// It was cut before the answer came.
    Caught,
    /// It was cut already. Discord keeps these for three seconds at most.
    Cut,
}

impl Class {
    pub const ALL: [Self; 3] = [Self::Connected, Self::Caught, Self::Cut];
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connected => "while the gateway was connected",
            Self::Caught => "caught by a cut on the way",
            Self::Cut => "while the gateway was cut",
        })
    }
}

/// Something that somebody did.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    at: Instant,
    connected: bool,
    /// How many cuts there had been.
    cuts: u64,
    answered: Option<(Instant, u64)>,
}

impl Sent {
    pub fn class(&self) -> Class {
        let cut = self.answered.is_none_or(|(_, cuts)| cuts != self.cuts);
        match (self.connected, cut && self.cut_since()) {
            (false, _) => Class::Cut,
            (true, true) => Class::Caught,
            (true, false) => Class::Connected,
        }
    }

    /// What never was answered is caught only if a cut came in the three seconds that it had; its
    /// answer then notes the cuts by the end of them.
    fn cut_since(&self) -> bool {
        self.answered.is_some() || self.cuts == u64::MAX
    }

    /// How long it took until it was acknowledged.
    pub fn millis(&self) -> Option<f64> {
        self.answered.map(|(at, _)| at.duration_since(self.at).as_secs_f64() * 1000.0)
    }
}
