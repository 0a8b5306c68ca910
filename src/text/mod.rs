//! Every word that the bot says: an outcome of a use case goes in, a reply comes out. Nothing
//! else in the program words anything for members.

pub mod boards;
pub mod checks;
pub mod dailies;
mod foreign;
pub mod help;
pub mod mistakes;
#[cfg(test)]
mod plain;
pub mod practice;
pub mod privacy;
pub mod rounds;
pub mod settings;
pub mod streaks;
mod words;

pub use foreign::tame;
pub use words::{cut, date, escape, plural, short_time, when};
