//! The rules of the game, pure: no input or output, no clock, no Discord.

pub mod ids;
pub mod question;
pub mod shuffle;
