//! The messenger over Discord's REST API.

use super::{
    account,
    custom_id::encode,
    endpoint::Rest,
    failure::{brief, is_thread_archived, is_thread_there, messenger_error},
    limits::HISTORY_PAGE,
    permissions::{self, FORUM, READ_MESSAGE_HISTORY},
    receive::{has_button, post_of},
    render, snowflake,
};
use crate::{
    app::messenger::{
        Account, AccountError, ChannelReport, Draft, Messenger, MessengerError, Needs, Recipient,
        Refusal,
    },
    domain::{
        ids::{ChannelId, GuildId, MessageId, UserId},
        round::Post,
    },
    ui::{Action, Reply},
};
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serenity::all::{
    ChannelId as DiscordChannel, CreateForumPost, CreateThread, EditThread,
    GuildId as DiscordGuild, LightMethod, Message, MessageId as DiscordMessage, MessagePagination,
    Nonce, Request, Route, UserId as DiscordUser,
};
use tokio::sync::OnceCell;

/// How far Discord's clock may be behind ours when we look for a message since an instant.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(5);

/// How many pages of a channel's history are looked through, at most.
const PAGES_MAX: usize = 50;

/// The messenger for Discord.
pub struct DiscordMessenger {
    rest: Rest,
    own_id: OnceCell<u64>,
}

type Outcome<T> = Result<T, MessengerError>;

impl DiscordMessenger {
    /// A messenger that calls Discord this way.
    pub fn new(rest: Rest) -> Self {
        Self { rest, own_id: OnceCell::new() }
    }

    async fn own_id(&self) -> Outcome<u64> {
        let fetch = || async {
            // Whatever stands in the way of this question says nothing of a channel.
            let asked = self.rest.paced().await.get_current_user().await;
            let user = asked.map_err(|error| MessengerError::Unavailable(brief(&error)))?;
            Ok(user.id.get())
        };
        self.own_id.get_or_try_init(fetch).await.copied()
    }

    async fn get<T: DeserializeOwned>(&self, route: Route<'_>) -> Outcome<T> {
        let request = Request::new(route, LightMethod::Get);
        self.rest.paced().await.fire(request).await.map_err(messenger_error)
    }

    async fn channel(&self, channel: ChannelId) -> Outcome<permissions::Channel> {
        self.get(Route::Channel { channel_id: channel_id(channel)? }).await
    }

    /// What the bot may do in the channel, with what that follows from.
    async fn permissions(
        &self,
        guild: GuildId,
        channel: &permissions::Channel,
    ) -> Outcome<(permissions::Guild, u64)> {
        let own_id = self.own_id().await?;
        let guild_id = guild_id(guild)?;
        let found: permissions::Guild = self.get(Route::Guild { guild_id }).await?;
        let route = Route::GuildMember { guild_id, user_id: DiscordUser::new(own_id) };
        let member: permissions::Member = self.get(route).await?;
        let allowed = permissions::in_channel(&found, channel, &own_id.to_string(), &member);
        Ok((found, allowed))
    }

    async fn edit_message(&self, post: Post, message: &Reply) -> Outcome<serenity::Result<()>> {
        let message = render::edit(message);
        let http = self.rest.paced().await;
        let edited =
            channel_id(post.channel)?.edit_message(http, message_id(post.message)?, message).await;
        Ok(edited.map(drop))
    }

    /// The channel of direct messages with a member.
    async fn direct_channel(&self, user: UserId) -> Outcome<ChannelId> {
        let http = self.rest.paced().await;
        let channel = user_id(user)?.create_dm_channel(http).await.map_err(messenger_error)?;
        Ok(ChannelId(channel.id.get()))
    }

    /// Looks for a message of the bot's own with this button that was sent at or after `since`.
    async fn find_in_history(
        &self,
        channel: ChannelId,
        since: Timestamp,
        button: &str,
    ) -> Outcome<Option<Post>> {
        // Another bot's rounds in this channel may have the same numbers.
        let own_id = self.own_id().await?;
        let mut after =
            snowflake::first_at(since.saturating_sub(CLOCK_SKEW).unwrap_or(since)).max(1);
        for _ in 0..PAGES_MAX {
            let target = MessagePagination::After(DiscordMessage::new(after));
            let http = self.rest.paced().await;
            let page = http.get_messages(channel_id(channel)?, Some(target), Some(HISTORY_PAGE));
            let page = page.await.map_err(messenger_error)?;
            let is_it = |m: &&Message| m.author.id.get() == own_id && has_button(m, button);
            if let Some(message) = page.iter().find(is_it) {
                return Ok(Some(post_of(message)));
            }
            if page.len() < usize::from(HISTORY_PAGE) {
                break;
            }
            after = page.iter().map(|message| message.id.get()).max().unwrap_or(after);
        }
        Ok(None)
    }

    /// In a forum the message is the first of a post of its own.
    async fn find_in_forum(
        &self,
        guild: GuildId,
        channel: ChannelId,
        since: Timestamp,
        button: &str,
    ) -> Outcome<Option<Post>> {
        let http = self.rest.paced().await;
        let active =
            http.get_guild_active_threads(guild_id(guild)?).await.map_err(messenger_error)?;
        let oldest = since.saturating_sub(CLOCK_SKEW).unwrap_or(since);
        let threads = active.threads.into_iter().filter(|thread| {
            thread.parent_id.is_some_and(|parent| parent.get() == channel.0)
                && snowflake::time_of(thread.id.get()) >= oldest
        });
        for thread in threads {
            let id = ChannelId(thread.id.get());
            if let Some(post) = self.find_in_history(id, since, button).await? {
                return Ok(Some(post));
            }
        }
        Ok(None)
    }
}

#[async_trait]
impl Messenger for DiscordMessenger {
    async fn send(&self, channel: ChannelId, draft: &Draft, nonce: &str) -> Outcome<Post> {
        let kind = self.channel(channel).await?.kind;
        let message = render::message(&draft.message, draft.ping.map(|role| role.0));
        let http = self.rest.paced().await;
        if kind == FORUM {
            let post = CreateForumPost::new(&draft.title, message);
            let thread = channel_id(channel)?.create_forum_post(http, post).await;
            let id = thread.map_err(messenger_error)?.id.get();
            let at = snowflake::time_of(id);
            return Ok(Post { channel: ChannelId(id), message: MessageId(id), at });
        }
        let message = message.nonce(Nonce::String(nonce.to_owned())).enforce_nonce(true);
        let sent = channel_id(channel)?.send_message(http, message).await;
        sent.map(|message| post_of(&message)).map_err(messenger_error)
    }

    async fn find(
        &self,
        guild: GuildId,
        channel: ChannelId,
        mark: &Action,
        since: Timestamp,
    ) -> Outcome<Option<Post>> {
        let button = encode(mark);
        let found = self.channel(channel).await?;
        // Without this permission Discord shows an empty history, and we would post twice.
        let (_, allowed) = self.permissions(guild, &found).await?;
        if allowed & READ_MESSAGE_HISTORY == 0 {
            return Err(MessengerError::Refused(Refusal::NoPermission));
        }
        if found.kind == FORUM {
            return self.find_in_forum(guild, channel, since, &button).await;
        }
        self.find_in_history(channel, since, &button).await
    }

    async fn edit(&self, post: Post, message: &Reply) -> Outcome<()> {
        let edited = match self.edit_message(post, message).await? {
            // A forum's post over a quiet weekend. Only in an open thread can be edited.
            Err(error) if is_thread_archived(&error) => {
                let thread = EditThread::new().archived(false);
                let http = self.rest.paced().await;
                let woken = channel_id(post.channel)?.edit_thread(http, thread).await;
                woken.map_err(messenger_error)?;
                self.edit_message(post, message).await?
            }
            edited => edited,
        };
        edited.map_err(messenger_error)
    }

    async fn start_thread(&self, post: Post, name: &str) -> Outcome<ChannelId> {
        let thread = CreateThread::new(name);
        let http = self.rest.paced().await;
        let message = message_id(post.message)?;
        let started =
            channel_id(post.channel)?.create_thread_from_message(http, message, thread).await;
        match started {
            Ok(thread) => Ok(ChannelId(thread.id.get())),
            // A thread below a message has the message's id.
            Err(error) if is_thread_there(&error) => Ok(ChannelId(post.message.0)),
            Err(error) => Err(messenger_error(error)),
        }
    }

    async fn pin(&self, post: Post) -> Outcome<()> {
        let http = self.rest.paced().await;
        let pinned = http.pin_message(channel_id(post.channel)?, message_id(post.message)?, None);
        pinned.await.map_err(messenger_error)
    }

    async fn unpin(&self, post: Post) -> Outcome<()> {
        let http = self.rest.paced().await;
        let unpinned =
            http.unpin_message(channel_id(post.channel)?, message_id(post.message)?, None);
        unpinned.await.map_err(messenger_error)
    }

    async fn say(&self, thread: ChannelId, message: &Reply, nonce: &str) -> Outcome<()> {
        let message = render::message(message, None)
            .nonce(Nonce::String(nonce.to_owned()))
            .enforce_nonce(true);
        let http = self.rest.paced().await;
        let sent = channel_id(thread)?.send_message(http, message).await;
        sent.map(drop).map_err(messenger_error)
    }

    async fn is_in(&self, guild: GuildId) -> Outcome<bool> {
        let guild_id = guild_id(guild)?;
        match self.get::<permissions::Guild>(Route::Guild { guild_id }).await {
            Ok(_) => Ok(true),
            // Discord does not say whether a guild exists to those outside it.
            Err(MessengerError::Refused(Refusal::NoAccess)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn account(&self) -> Result<Account, AccountError> {
        account::look(&self.rest).await
    }

    async fn notify(
        &self,
        to: Recipient,
        message: &Reply,
        mark: &Action,
        since: Timestamp,
    ) -> Outcome<()> {
        let channel = match to {
            Recipient::Channel(channel) => channel,
            Recipient::Member(user) => self.direct_channel(user).await?,
        };
        if self.find_in_history(channel, since, &encode(mark)).await?.is_some() {
            return Ok(());
        }
        let message = render::message(message, None);
        let http = self.rest.paced().await;
        let sent = channel_id(channel)?.send_message(http, message).await;
        sent.map(drop).map_err(messenger_error)
    }

    async fn inspect(
        &self,
        guild: GuildId,
        channel: ChannelId,
        needs: Needs,
    ) -> Outcome<ChannelReport> {
        let found = self.channel(channel).await?;
        // A forged option or the configuration file may name a channel of another guild that the bot
        // is in, and a direct message's channel is of none.
        if found.guild_id != Some(guild.to_string()) {
            let why = "the channel belongs to another server".to_owned();
            return Err(MessengerError::Refused(Refusal::Other(why)));
        }
        let (guild, allowed) = self.permissions(guild, &found).await?;
        Ok(permissions::report(allowed, &guild, &found, needs))
    }
}

// serenity panics on an id of zero, and an id may come from a configuration file.

fn channel_id(id: ChannelId) -> Outcome<DiscordChannel> {
    match id.0 {
        0 => Err(MessengerError::Refused(Refusal::NoChannel)),
        id => Ok(DiscordChannel::new(id)),
    }
}

fn guild_id(id: GuildId) -> Outcome<DiscordGuild> {
    match id.0 {
        0 => Err(MessengerError::Refused(Refusal::NoAccess)),
        id => Ok(DiscordGuild::new(id)),
    }
}

fn user_id(id: UserId) -> Outcome<DiscordUser> {
    match id.0 {
        0 => Err(MessengerError::Refused(Refusal::NoAccess)),
        id => Ok(DiscordUser::new(id)),
    }
}

fn message_id(id: MessageId) -> Outcome<DiscordMessage> {
    match id.0 {
        0 => Err(MessengerError::Refused(Refusal::NoMessage)),
        id => Ok(DiscordMessage::new(id)),
    }
}
