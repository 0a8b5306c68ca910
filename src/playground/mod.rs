//! The playground: the bot on a simulated Discord, with a page that shows it, so that anyone can
//! try it without an account.

pub mod clock;
