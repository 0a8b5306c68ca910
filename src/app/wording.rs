//! How what the bot posts on its own looks: the use cases say what happened, and whoever owns the
//! words and the buttons makes a message of it. The chat platform gets the message as plain data
//! and chooses no words.

use super::messenger::{Notice, RoundCard};
use crate::{
    domain::ids::{DailyId, UserId},
    ui::{Action, Reply},
};

/// Makes messages of what the use cases have to say.
pub trait Wording: Send + Sync {
    /// The message of a round.
    fn round(&self, card: &RoundCard) -> Reply;

    /// The name of the thread below it, or of the forum's post that it is.
    fn thread_name(&self, card: &RoundCard) -> String;

    /// A button that the message of this round has and no other message, by which it is found again.
    fn round_mark(&self, daily: DailyId, number: u32) -> Action;

    /// A member's own answer as it stands in the thread.
    fn shared(&self, author: UserId, answer: &str) -> Reply;

    /// A notice that a daily fails.
    fn notice(&self, notice: &Notice) -> Reply;

    /// A button that this notice has and no other message.
    fn notice_mark(&self, notice: &Notice) -> Action;
}
