//! What the use cases need of a chat platform. It is told what to show as plain data, wording
//! included; how that looks is the platform's affair.

use crate::domain::{
    daily::{Daily, Part, Trouble},
    ids::{ChannelId, DailyId, GuildId, RoleId, UserId},
    permission::Permission,
    question::Question,
    round::{Post, Tally},
};
use crate::ui::{Action, Reply};
use async_trait::async_trait;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// A round's message as data.
#[derive(Clone, PartialEq, Debug)]
pub struct RoundCard {
    /// The daily.
    pub daily: DailyId,
    /// The round's number.
    pub number: u32,
    /// What is asked; `None` where the question has left the bank since.
    pub question: Option<Question>,
    /// The names of the question's topics.
    pub topics: Vec<String>,
    /// Who is pinged when the message is sent.
    pub role: Option<RoleId>,
    /// Who did what so far.
    pub tally: Tally,
    /// Whether the next round is out.
    pub closed: bool,
}

/// Why the platform did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MessengerError {
    /// It will not, until somebody changes something there.
    #[error("{0}")]
    Refused(Refusal),
    /// It may later; whether it did this time is not known.
    #[error("Discord could not be reached or had a fault: {0}")]
    Unavailable(String),
}

/// What stands in the way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The bot may not see the channel, or is no longer in the guild.
    #[error("the bot has no access to the channel")]
    NoAccess,
    /// The bot lacks a permission there.
    #[error("the bot lacks a permission in the channel")]
    NoPermission,
    /// There is no such channel any more.
    #[error("the channel is gone")]
    NoChannel,
    /// There is no such message any more.
    #[error("the message is gone")]
    NoMessage,
    /// Anything else, in the platform's words.
    #[error("Discord refused: {0}")]
    Other(String),
}

/// What a daily needs to be able to do in its channel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Needs {
    /// Send messages with embeds.
    pub embeds: bool,
    /// Start threads and write in them.
    pub thread: bool,
    /// Pin messages.
    pub pin: bool,
    /// Ping this role.
    pub role: Option<RoleId>,
}

/// What was found about a channel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChannelReport {
    /// Whether it is of a kind that can hold a daily.
    pub suitable: bool,
    /// Whether it is a forum.
    pub forum: bool,
    /// Whether it is a forum that takes no post without a tag; the bot sets none.
    pub wants_tag: bool,
    /// The permissions that the bot needs and does not have.
    pub missing: Vec<Permission>,
}

/// The bot's own account, as the platform knows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    /// The bot's name.
    pub name: String,
    /// The bot's id.
    pub id: UserId,
    /// The intents that the bot needs and its application does not grant, as the platform names
    /// them.
    pub refused_intents: Vec<&'static str>,
    /// Where interactions are sent instead of to the bot, if anywhere.
    pub interactions_url: Option<String>,
    /// How often the bot may connect anew today.
    pub starts_left: u64,
}

/// Why the account cannot be looked at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// The token is none, or none any more.
    #[error("Discord refuses the token")]
    BadToken,
    /// It may be possible later.
    #[error("Can't reach Discord: {0}")]
    Unavailable(String),
}

/// Who is told that a daily fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Recipient {
    /// Those who read a channel.
    Channel(ChannelId),
    /// A member, directly.
    Member(UserId),
}

/// That a daily fails.
#[derive(Clone, PartialEq, Debug)]
pub struct Notice {
    /// The daily.
    pub daily: Daily,
    /// What fails, and why.
    pub troubles: BTreeMap<Part, Trouble>,
    /// What its channel looks like.
    pub channel: Result<ChannelReport, MessengerError>,
}

/// A message to be posted.
#[derive(Clone, PartialEq, Debug)]
pub struct Draft {
    /// What it shows.
    pub message: Reply,
    /// What the thread below it is called, or the forum's post that it is.
    pub title: String,
    /// Of all mentions in it, only this role's pings.
    pub ping: Option<RoleId>,
}

/// A chat platform. Each method is one act; any may be asked again after it failed.
#[async_trait]
pub trait Messenger: Send + Sync {
    /// Posts a message in a channel, or as a post of a forum. The nonce makes the platform refuse
    /// to post it twice.
    async fn send(
        &self,
        channel: ChannelId,
        draft: &Draft,
        nonce: &str,
    ) -> Result<Post, MessengerError>;

    /// Looks for a message of the bot's with this button that may have been sent at or after
    /// `since`.
    async fn find(
        &self,
        guild: GuildId,
        channel: ChannelId,
        mark: &Action,
        since: Timestamp,
    ) -> Result<Option<Post>, MessengerError>;

    /// Shows this in place of what the message showed. An edit pings nobody.
    async fn edit(&self, post: Post, message: &Reply) -> Result<(), MessengerError>;

    /// Starts the thread below the message; where there is one already, that one is meant.
    async fn start_thread(&self, post: Post, name: &str) -> Result<ChannelId, MessengerError>;

    /// Pins the message.
    async fn pin(&self, post: Post) -> Result<(), MessengerError>;

    /// Takes the pin away.
    async fn unpin(&self, post: Post) -> Result<(), MessengerError>;

    /// Posts a message in a thread. Pings nobody. The platform is to refuse a second one of the
    /// same nonce.
    async fn say(
        &self,
        thread: ChannelId,
        message: &Reply,
        nonce: &str,
    ) -> Result<(), MessengerError>;

    /// Whether the bot is in the guild.
    async fn is_in(&self, guild: GuildId) -> Result<bool, MessengerError>;

    /// Looks at the bot's own account.
    async fn account(&self) -> Result<Account, AccountError>;

    /// Tells somebody something, unless a message with the same button was sent to them at or after
    /// `since` already: a crash may have come between.
    async fn notify(
        &self,
        to: Recipient,
        message: &Reply,
        mark: &Action,
        since: Timestamp,
    ) -> Result<(), MessengerError>;

    /// Finds out whether a channel can hold a daily with those needs.
    async fn inspect(
        &self,
        guild: GuildId,
        channel: ChannelId,
        needs: Needs,
    ) -> Result<ChannelReport, MessengerError>;
}
