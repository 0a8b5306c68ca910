//! Every word that the bot says: an outcome of a use case goes in, a reply comes out. Nothing
//! else in the program words anything for members.

pub mod answer;
pub mod boards;
pub mod checks;
pub mod dailies;
mod foreign;
pub mod help;
pub mod mistakes;
mod options;
#[cfg(test)]
mod plain;
pub mod practice;
pub mod privacy;
pub mod reveal;
pub mod rounds;
pub mod settings;
pub mod streaks;
pub mod topics;
mod words;

pub use foreign::tame;
pub use words::{cut, date, escape, plural, short_time, when};

/// The words of a command: what a path names, and its words. The path of the command itself is empty,
/// that of its line in `/help` is `help`, that of an option its name, behind its subcommand's where
/// several subcommands use the name differently.
pub type Words = &'static [(&'static str, &'static str)];

/// What several commands have in common.
const COMMON: Words = &[("daily", "Which daily, where there are several")];

/// The words for a path of a command: those of the whole path, or else of the last name in it; nothing
/// where there are none.
pub fn command_word(words: Words, path: &str) -> &'static str {
    let last = path.rsplit(' ').next().unwrap_or(path);
    let found = |wanted: &str| words.iter().chain(COMMON).find(|(path, _)| *path == wanted);
    found(path).or_else(|| found(last)).map_or("", |(_, words)| words)
}
