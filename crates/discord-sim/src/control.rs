//! The handles of a running simulation: building its world, steering its gateway, reading its
//! records.

use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::broadcast;

use super::actor::{Actor, AuthorView, ChannelView, MemberView, MessageView, RoleView};
use super::clock::Clock;
use super::faults::Faults;
use super::gateway::{GatewayStats, Out};
use super::id::Id;
use super::permissions::{Bits, Overwrite, Target};
use super::ratelimit::Limits;
use super::record::{Change, GatewayRecord, RequestRecord, Traffic};
use super::world::{ChannelKind, Draft, Origin};
use super::{Shared, Sim};

/// Where it runs, and with what a bot gets in.
impl Sim {
    /// The address of REST over TLS; its certificate is for discord.com.
    pub fn https_addr(&self) -> SocketAddr {
        self.shared.https
    }

    /// The certificate authority to trust, as PEM.
    pub fn ca_pem(&self) -> &str {
        &self.shared.ca_pem
    }

    /// The address of REST over plain HTTP, such as `http://127.0.0.1:4567`.
    pub fn http_url(&self) -> String {
        format!("http://{}", self.shared.http)
    }

    /// The address of the gateway.
    pub fn gateway_url(&self) -> String {
        self.shared.gateway_url()
    }

    /// The bot's token.
    pub fn token(&self) -> &str {
        &self.shared.options.token
    }

    /// The id of the application.
    pub fn application_id(&self) -> Id {
        self.shared.world().app.id
    }

    /// The id of the bot's user.
    pub fn bot_id(&self) -> Id {
        self.shared.world().app.bot
    }

    /// The clock of the simulated world.
    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }
}

/// Building the world. Connected bots are told of each change as Discord tells them.
impl Sim {
    /// Adds a person, with a user name and a name that is shown.
    pub fn add_user(&self, name: &str, display: &str) -> Id {
        self.shared.world().add_user(name, display)
    }

    /// Adds a guild that `owner` owns, with the bot in it.
    pub fn add_guild(&self, name: &str, owner: Id) -> Id {
        self.shared.world().add_guild(name, owner)
    }

    /// Adds a role.
    pub fn add_role(&self, guild: Id, name: &str, permissions: Bits) -> Id {
        self.shared.world().add_role(guild, name, permissions, None)
    }

    /// Says whether everyone may ping the role.
    pub fn set_mentionable(&self, guild: Id, role: Id, mentionable: bool) {
        let mut world = self.shared.world();
        let guild = world.guilds.get_mut(&guild);
        if let Some(role) = guild.and_then(|guild| guild.roles.get_mut(&role)) {
            role.mentionable = mentionable;
        }
    }

    /// Makes a person a member of a guild, or changes their roles.
    pub fn add_member(&self, guild: Id, user: Id, roles: &[Id]) {
        self.shared.world().add_member(guild, user, roles);
    }

    /// Adds a channel at the end of the list.
    pub fn add_channel(&self, guild: Id, name: &str, kind: ChannelKind) -> Id {
        self.shared.world().add_channel(guild, name, kind)
    }

    /// Deletes a channel with its threads, or a thread.
    pub fn remove_channel(&self, channel: Id) {
        self.shared.world().remove_channel(channel);
    }

    /// Deletes a message, as a moderator would.
    pub fn remove_message(&self, channel: Id, message: Id) {
        self.shared.world().delete_message(channel, message);
    }

    /// Adds or replaces a channel's overwrite for a role or member.
    pub fn set_overwrite(&self, channel: Id, target: Target, allow: Bits, deny: Bits) {
        let mut world = self.shared.world();
        if let Some(state) = world.channels.get_mut(&channel) {
            state.overwrites.retain(|overwrite| overwrite.target != target);
            state.overwrites.push(Overwrite { target, allow, deny });
        }
        world.channel_event("CHANNEL_UPDATE", channel);
    }

    /// Takes permissions from the bot in one channel; 0 gives them all back.
    pub fn deny_bot(&self, channel: Id, permissions: Bits) {
        self.set_overwrite(channel, Target::Member(self.bot_id()), 0, permissions);
    }

    /// Changes a role's permissions in the guild; the guild's own id means `@everyone`.
    pub fn set_role_permissions(&self, guild: Id, role: Id, permissions: Bits) {
        let mut world = self.shared.world();
        let guild = world.guilds.get_mut(&guild);
        if let Some(role) = guild.and_then(|guild| guild.roles.get_mut(&role)) {
            role.permissions = permissions;
        }
    }

    /// Throws the bot out of a guild.
    pub fn kick_bot(&self, guild: Id) {
        self.shared.world().kick_bot(guild);
    }

    /// Invites the bot to a guild.
    pub fn add_bot(&self, guild: Id) {
        self.shared.world().add_bot(guild);
    }

    /// Begins or ends an outage of a guild, as the bot is told of it.
    pub fn set_outage(&self, guild: Id, out: bool) {
        self.shared.world().set_outage(guild, out);
    }

    /// Puts a thread away, as Discord does when nobody has written there for some days.
    pub fn archive_thread(&self, thread: Id) {
        self.shared.world().archive(thread);
    }

    /// Adds a tag to a forum.
    pub fn add_forum_tag(&self, forum: Id, name: &str) -> Id {
        let mut world = self.shared.world();
        let id = world.new_id();
        if let Some(forum) = world.channels.get_mut(&forum) {
            forum.tags.push((id, name.to_owned()));
        }
        id
    }

    /// Says whether a forum wants a tag on each post.
    pub fn require_forum_tag(&self, forum: Id, required: bool) {
        if let Some(forum) = self.shared.world().channels.get_mut(&forum) {
            forum.requires_tag = required;
        }
    }

    /// Posts a message in the bot's name, as if it had done so earlier.
    pub fn post_as_bot(&self, channel: Id, text: &str) -> Id {
        let mut world = self.shared.world();
        let bot = world.app.bot;
        world.post(channel, bot, Draft::text(text), Origin::default())
    }

    /// What a user may do in a channel.
    pub fn permissions_in(&self, channel: Id, user: Id) -> Bits {
        let world = self.shared.world();
        world.channels.get(&channel).map_or(0, |channel| world.permissions(channel, user))
    }
}

/// Watching and acting.
impl Sim {
    /// Acts as a person.
    pub fn user(&self, id: Id) -> Actor {
        Actor { shared: Arc::clone(&self.shared), id }
    }

    /// All messages of a channel, oldest first, everyone's ephemeral ones included.
    pub fn messages(&self, channel: Id) -> Vec<MessageView> {
        let world = self.shared.world();
        let state = world.channels.get(&channel);
        let all = state.into_iter().flat_map(|state| state.messages.values());
        all.map(|message| MessageView::of(&world, message)).collect()
    }

    /// All people and the bot.
    pub fn users(&self) -> Vec<AuthorView> {
        self.shared.world().users.values().map(AuthorView::of).collect()
    }

    /// All channels and threads.
    pub fn channels(&self) -> Vec<ChannelView> {
        self.shared.world().channels.values().map(ChannelView::of).collect()
    }

    /// The guild's members, in the order of their ids.
    pub fn members(&self, guild: Id) -> Vec<MemberView> {
        let world = self.shared.world();
        let Some(guild) = world.guilds.get(&guild) else { return Vec::new() };
        let users = guild.members.keys().filter_map(|id| world.users.get(id));
        users.map(|user| MemberView::of(&world, guild, user)).collect()
    }

    /// The guild's name.
    pub fn guild_name(&self, guild: Id) -> Option<String> {
        self.shared.world().guilds.get(&guild).map(|guild| guild.name.clone())
    }

    /// The guild's roles, `@everyone` among them.
    pub fn roles(&self, guild: Id) -> Vec<RoleView> {
        let world = self.shared.world();
        let guild = world.guilds.get(&guild);
        guild.map(|guild| guild.roles.values().map(RoleView::of).collect()).unwrap_or_default()
    }

    /// An uploaded file by its path: its media type, if the uploader named one, and its bytes.
    pub fn file(&self, path: &str) -> Option<(Option<String>, Vec<u8>)> {
        let world = self.shared.world();
        world.file(path).map(|file| (file.content_type.clone(), file.bytes.clone()))
    }

    /// The application commands, as Discord would give them; global ones if no guild is named.
    pub fn commands(&self, guild: Option<Id>) -> Vec<Value> {
        let world = self.shared.world();
        let own = world.commands.iter().filter(|command| command.guild == guild);
        own.map(|command| command.body.clone()).collect()
    }

    /// The requests on record, oldest first.
    pub fn requests(&self) -> Vec<Arc<RequestRecord>> {
        // Requests are recorded under the lock of the state, in one step with their effect.
        let _world = self.shared.world();
        self.shared.record.requests()
    }

    /// The latest gateway events that were sent or queued, oldest first.
    pub fn gateway_events(&self) -> Vec<Arc<GatewayRecord>> {
        self.shared.world().hub.recorded()
    }

    /// The newest records after that number, at most so many, the oldest first; and the number of
    /// the newest of all, `0` if there is none.
    pub fn traffic(&self, after: u64, limit: usize) -> (Vec<Traffic>, u64) {
        let world = self.shared.world();
        let requests = self.shared.record.after(after, limit).into_iter().map(Traffic::Request);
        let events = world.hub.recorded_after(after, limit).into_iter().map(Traffic::Event);
        let mut all: Vec<Traffic> = requests.chain(events).collect();
        all.sort_by_key(Traffic::number);
        all.drain(..all.len().saturating_sub(limit));
        (all, self.shared.record.last_number())
    }

    /// How many requests were made, and how many of them Discord would have counted as invalid
    /// (401, 403, 429).
    pub fn request_counts(&self) -> (u64, u64) {
        self.shared.record.counts()
    }

    /// All changes from now on. A reader that falls far behind loses the oldest.
    pub fn subscribe(&self) -> broadcast::Receiver<Change> {
        self.shared.changes.subscribe()
    }

    /// The faults that requests meet.
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// Changes the rate limits and starts all windows anew.
    pub fn set_limits(&self, limits: Limits) {
        self.shared.limiter().set(limits);
    }

    /// Steers the gateway.
    pub fn gateway(&self) -> GatewayControl<'_> {
        GatewayControl { shared: &self.shared }
    }

    /// Waits until a bot is connected and has been sent READY.
    pub async fn ready(&self) {
        self.until(|sim| sim.gateway().connected() > 0).await;
    }

    /// Waits until something is so, and looks again at every change. It waits without end: wrap it
    /// in a time-out where it may never be so.
    pub async fn until(&self, holds: impl Fn(&Self) -> bool) {
        let mut changes = self.subscribe();
        while !holds(self) {
            if let Err(broadcast::error::RecvError::Closed) = changes.recv().await {
                return;
            }
        }
    }
}

/// Steers the gateway of a running simulation.
pub struct GatewayControl<'a> {
    shared: &'a Shared,
}

impl GatewayControl<'_> {
    /// Drops all connections without a word; sessions can be resumed.
    pub fn cut(&self) {
        self.shared.world().hub.tell_all(|| Out::Cut);
    }

    /// Closes all connections with a close code; sessions can be resumed, save after 4004, 4007,
    /// 4009 and 4010 to 4014.
    pub fn close(&self, code: u16) {
        let mut world = self.shared.world();
        world.hub.tell_all(|| Out::Close(code, "Closed by the simulation."));
        if matches!(code, 4004 | 4007 | 4009..=4014) {
            world.hub.end_all();
        }
    }

    /// Asks all connections to reconnect and resume (opcode 7).
    pub fn request_reconnect(&self) {
        self.send_raw(&serde_json::json!({ "op": 7, "d": null, "s": null, "t": null }));
    }

    /// Tells all connections that their session is invalid (opcode 9). Only one that is not
    /// resumable is forgotten.
    pub fn invalidate(&self, resumable: bool) {
        self.send_raw(&serde_json::json!({ "op": 9, "d": resumable, "s": null, "t": null }));
        if !resumable {
            self.shared.world().hub.end_all();
        }
    }

    /// Asks all connections for a heartbeat at once (opcode 1).
    pub fn request_heartbeat(&self) {
        self.send_raw(&serde_json::json!({ "op": 1, "d": null, "s": null, "t": null }));
    }

    /// Leaves heartbeats without an answer, so that the bot thinks the connection dead.
    pub fn mute_acks(&self, mute: bool) {
        self.shared.world().hub.mute_acks = mute;
    }

    /// Sends a payload to all connections just as it is.
    pub fn send_raw(&self, payload: &Value) {
        let text = payload.to_string();
        self.shared.world().hub.tell_all(|| Out::Send(text.clone()));
    }

    /// Sends a text frame to all connections just as it is, JSON or not.
    pub fn send_text(&self, text: &str) {
        self.shared.world().hub.tell_all(|| Out::Send(text.to_owned()));
    }

    /// Sends an event to all sessions, numbered and kept for resuming as any other.
    pub fn send_event(&self, event: &str, data: &Value) {
        self.shared.world().hub.dispatch(event, 0, data, None);
    }

    /// Leaves new connections without an answer to their handshake. Those that exist stay.
    pub fn stall(&self, stall: bool) {
        self.shared.world().hub.stall = stall;
    }

    /// Closes whoever says anything, so also each new connection, with a code; none: no longer.
    pub fn close_all(&self, code: Option<u16>) {
        self.shared.world().hub.unwelcome = code;
    }

    /// Drops new connections at once. Those that exist stay.
    pub fn refuse(&self, refuse: bool) {
        self.shared.world().hub.refuse = refuse;
    }

    /// How many sessions are connected now.
    pub fn connected(&self) -> usize {
        self.shared.world().hub.connected_sessions()
    }

    /// How often what has happened.
    pub fn stats(&self) -> GatewayStats {
        self.shared.world().hub.stats
    }
}
