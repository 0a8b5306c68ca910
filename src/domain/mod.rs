//! The rules of the game, pure: no input or output, no clock, no Discord.

pub mod board;
pub mod deck;
pub mod ids;
pub mod question;
pub mod schedule;
pub mod shuffle;
pub mod streak;
