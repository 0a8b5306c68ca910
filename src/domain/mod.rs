//! The rules of the game, pure: no input or output, no clock, no Discord.

pub mod board;
pub mod codes;
pub mod daily;
pub mod deck;
pub mod guild;
pub mod ids;
pub mod ledger;
pub mod member;
pub mod permission;
pub mod question;
pub mod round;
pub mod schedule;
pub mod shuffle;
pub mod streak;
