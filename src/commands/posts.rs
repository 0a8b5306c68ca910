//! What the bot posts on its own, with the buttons of the commands that own them.

use super::{daily, round};
use crate::{
    app::{
        messenger::{Notice, RoundCard},
        wording::Wording,
    },
    domain::ids::{DailyId, UserId},
    text::{
        dailies,
        rounds::{self, Offer},
    },
    ui::{Action, Reply},
};

/// The wording of the use cases' own messages.
#[derive(Clone, Copy, Debug)]
pub struct Posts;

impl Wording for Posts {
    fn round(&self, card: &RoundCard) -> Reply {
        rounds::card(card, round::of(card.daily, card.number))
    }

    fn thread_name(&self, card: &RoundCard) -> String {
        rounds::thread_name(card)
    }

    fn round_mark(&self, daily: DailyId, number: u32) -> Action {
        round::of(daily, number)(Offer::Answer)
    }

    fn shared(&self, author: UserId, answer: &str) -> Reply {
        rounds::shared(author, answer)
    }

    fn notice(&self, notice: &Notice) -> Reply {
        dailies::notice(notice, self.notice_mark(notice))
    }

    fn notice_mark(&self, notice: &Notice) -> Action {
        let since = notice.troubles.values().map(|trouble| trouble.since).min();
        daily::check_button(notice.daily.id, since.unwrap_or_default())
    }
}
