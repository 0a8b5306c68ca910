//! What the unit tests of the use cases and of the commands stand on: the use cases over a real
//! store in a folder of their own, a small bank, and a chat platform that lives in memory. The
//! platform keeps what it was given and answers from that, as a real one would; nothing here
//! records calls.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::{
    App, Policy,
    messenger::{
        Account, AccountError, ChannelReport, Draft, Messenger, MessengerError, Needs, Recipient,
        Refusal,
    },
    posting::{DueOutcome, WorkOutcome},
    wording::Wording,
};
pub use crate::store::testing::GUILD;
use crate::{
    bank::{Bank, Shelf},
    domain::{
        daily::{Claim, Daily},
        ids::{ChannelId, DailyId, GuildId, MessageId, UserId},
        permission::Permission,
        question::{FollowUp, Level, Question, Quiz, Source, Topic},
        round::Post,
    },
    store::{
        Store,
        testing::{CHANNEL, create, settings},
    },
    ui::{Action, Reply},
};
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard},
};

/// The guild's channel that suits a daily.
pub const QUESTIONS: ChannelId = CHANNEL;
/// Another that does.
pub const RUST: ChannelId = ChannelId(11);
/// A voice channel.
pub const VOICE: ChannelId = ChannelId(12);
/// A channel in which the bot may do nothing.
pub const QUIET: ChannelId = ChannelId(13);
/// A member with Manage Server.
pub const MONA: UserId = UserId(100);
/// Members.
pub const ADA: UserId = UserId(101);
/// The second.
pub const BOB: UserId = UserId(102);
/// The third.
pub const CLEO: UserId = UserId(103);

/// Sets the order of the deck of [`Fixture::daily`].
const SEED: u64 = 7;

/// The first instant of the tests: noon of a Monday.
const START: &str = "2026-03-02T12:00:00Z";

/// The use cases with all that they need.
pub struct Fixture {
    /// The use cases.
    pub app: App,
    /// Where their messages go.
    pub chat: Arc<Chat>,
    /// What time it is.
    pub now: Timestamp,
    _folder: tempfile::TempDir,
}

impl Fixture {
    /// Use cases over an empty store, whose messages look so.
    pub fn empty(wording: Arc<dyn Wording>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), 1 << 20).unwrap();
        let now: Timestamp = START.parse().unwrap();
        let chat = Arc::new(Chat::at(now, Arc::clone(&wording)));
        let shelf = Arc::new(Shelf::holding(bank()));
        let policy = Policy { catch_up: SignedDuration::from_hours(6), backups_kept: 7 };
        let (app, _) = App::new(store, shelf, chat.clone(), wording, policy);
        Self { app, chat, now, _folder: folder }
    }

    /// Moves the time.
    pub fn at(&mut self, now: Timestamp) {
        self.now = now;
        self.chat.world().now = now;
    }

    /// A daily at 09:30 UTC on working days, whose deck is always in the same order.
    pub async fn daily(&self, name: &str, channel: ChannelId) -> Daily {
        let settings = settings(name, channel);
        create(&self.app.store, GUILD, settings, SEED, self.now).await
    }

    /// Moves the time to the daily's next post, and does all that the scheduler would do then.
    /// Returns the round's number.
    pub async fn post(&mut self, id: DailyId) -> u32 {
        let due = self.app.store.daily(id).await.unwrap().unwrap().next_due.unwrap();
        self.at(due.at);
        let claimed = self.app.claim_due(id, self.now).await.unwrap();
        let DueOutcome::Claimed(number) = claimed else { panic!("nothing was due") };
        self.settle().await;
        number
    }

    /// Does all that waits to be done for messages.
    pub async fn settle(&self) {
        // A round that is confirmed closes the one before it, which then waits for work too.
        while let Some((id, number)) = self.app.store.work().await.unwrap().pop() {
            match self.app.work(id, number, false, self.now).await.unwrap() {
                WorkOutcome::Done => {}
                WorkOutcome::CountBehind => drop(self.app.show_count(id, number).await.unwrap()),
                other => panic!("{other:?}"),
            }
        }
    }
}

/// Four questions of three topics; a fourth topic has none.
pub fn bank() -> Bank {
    let topic = |id: &str, name: &str, about: &str| Topic {
        id: id.into(),
        name: name.to_owned(),
        about: about.to_owned(),
    };
    Bank::new(
        vec![
            topic("apis", "APIs", "How programs talk to each other"),
            topic("databases", "Databases", "Keeping data and finding it again"),
            topic("queues", "Queues", "Work that waits its turn"),
            topic("security", "Security", "Keeping others out"),
        ],
        [
            question("endpoint", Level::Beginner, &["apis"], "What is an API endpoint?"),
            question("index", Level::Intermediate, &["databases"], "What does an index cost?"),
            question("queue", Level::Beginner, &["queues"], "What is a queue?"),
            question(
                "full-queue",
                Level::Advanced,
                &["queues", "apis"],
                "What if a queue is full?",
            ),
        ],
    )
}

fn question(id: &str, level: Level, topics: &[&str], title: &str) -> Question {
    let text = |what: &str| format!("{what} of {id}.");
    Question {
        id: id.into(),
        level,
        topics: topics.iter().map(|topic| (*topic).into()).collect(),
        title: title.to_owned(),
        hint: text("The hint"),
        answer: text("The model answer"),
        key_points: vec![text("The first point"), text("The second"), text("The third")],
        weak: Some(text("A reader's line")),
        strong: Some(text("A practitioner's line")),
        follow_ups: vec![FollowUp { ask: text("The follow-up"), good: text("The good answer") }],
        sources: vec![Source {
            name: "RFC 9110, section 9".to_owned(),
            url: Some("https://www.rfc-editor.org/rfc/rfc9110#section-9".to_owned()),
            backs: Some(text("The point")),
        }],
        quiz: Quiz {
            ask: format!("Which is right of {id}?"),
            right: "The right one".to_owned(),
            wrong: ["Wrong one", "Wrong two", "Wrong three"].map(str::to_owned),
            why: text("The reason"),
        },
    }
}

/// A chat platform in memory.
pub struct Chat {
    world: Mutex<World>,
    wording: Arc<dyn Wording>,
}

/// What the platform holds.
pub struct World {
    /// Its clock.
    pub now: Timestamp,
    /// Whether it answers nothing just now.
    pub down: bool,
    /// Whether channels suit a daily, and what the bot lacks there.
    pub channels: BTreeMap<ChannelId, ChannelReport>,
    /// The guilds that the bot was thrown out of.
    pub left: BTreeSet<GuildId>,
    /// All messages, the oldest first.
    pub messages: BTreeMap<MessageId, Message>,
    /// Who was told that a daily fails, and what.
    pub notices: Vec<(Recipient, Reply)>,
    /// The threads with the messages in them, by their nonces.
    pub threads: BTreeMap<ChannelId, BTreeMap<String, Reply>>,
}

/// A message of the platform.
#[derive(Clone)]
pub struct Message {
    /// Where and when it stands.
    pub post: Post,
    /// What it shows.
    pub reply: Reply,
    /// Whether it is pinned.
    pub pinned: bool,
    nonce: String,
}

impl Chat {
    fn at(now: Timestamp, wording: Arc<dyn Wording>) -> Self {
        let report = |suitable, missing: &[Permission]| ChannelReport {
            suitable,
            forum: false,
            wants_tag: false,
            missing: missing.to_vec(),
        };
        let channels = BTreeMap::from([
            (QUESTIONS, report(true, &[])),
            (RUST, report(true, &[])),
            (VOICE, report(false, &[])),
            (QUIET, report(true, &[Permission::SendMessages, Permission::EmbedLinks])),
        ]);
        let (messages, threads) = (BTreeMap::new(), BTreeMap::new());
        let (left, notices) = (BTreeSet::new(), Vec::new());
        let world = World { now, down: false, channels, left, messages, notices, threads };
        Self { world: Mutex::new(world), wording }
    }

    /// What the platform holds, to look at and to change.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    /// The message of a daily's round.
    pub fn message(&self, daily: DailyId, number: u32) -> Message {
        let mark = self.wording.round_mark(daily, number);
        let world = self.world();
        let found = world.messages.values().find(|message| message.has(&mark));
        found.expect("the round was posted").clone()
    }

    /// The message of a claimed round arrives, and the bot dies before it hears of that.
    pub async fn send_claimed(&self, app: &App, claim: &Claim, daily: &Daily) {
        self.send(QUESTIONS, &app.draft(daily, claim), &claim.nonce).await.unwrap();
    }

    fn up(&self) -> Result<MutexGuard<'_, World>, MessengerError> {
        let world = self.world();
        if world.down {
            return Err(MessengerError::Unavailable("503 Service Unavailable".to_owned()));
        }
        Ok(world)
    }
}

impl Message {
    fn has(&self, mark: &Action) -> bool {
        self.reply.rows.iter().flatten().any(|button| button.action == *mark)
    }
}

impl World {
    fn message_mut(&mut self, post: Post) -> Result<&mut Message, MessengerError> {
        self.messages.get_mut(&post.message).ok_or(MessengerError::Refused(Refusal::NoMessage))
    }
}

#[async_trait]
impl Messenger for Chat {
    async fn send(
        &self,
        channel: ChannelId,
        draft: &Draft,
        nonce: &str,
    ) -> Result<Post, MessengerError> {
        let mut world = self.up()?;
        let refused = |refusal| Err(MessengerError::Refused(refusal));
        match world.channels.get(&channel) {
            None => return refused(Refusal::NoChannel),
            Some(report) if !report.missing.is_empty() => return refused(Refusal::NoPermission),
            Some(_) => {}
        }
        if let Some(sent) = world.messages.values().find(|message| message.nonce == nonce) {
            return Ok(sent.post);
        }
        let message = MessageId(1000 + world.messages.len() as u64);
        let post = Post { channel, message, at: world.now };
        let (reply, nonce) = (draft.message.clone(), nonce.to_owned());
        let message = Message { post, reply, pinned: false, nonce };
        world.messages.insert(post.message, message);
        Ok(post)
    }

    async fn find(
        &self,
        _guild: GuildId,
        channel: ChannelId,
        mark: &Action,
        since: Timestamp,
    ) -> Result<Option<Post>, MessengerError> {
        let world = self.up()?;
        let found = world.messages.values().find(|message| {
            let post = message.post;
            post.channel == channel && post.at >= since && message.has(mark)
        });
        Ok(found.map(|message| message.post))
    }

    async fn edit(&self, post: Post, message: &Reply) -> Result<(), MessengerError> {
        self.up()?.message_mut(post)?.reply = message.clone();
        Ok(())
    }

    async fn start_thread(&self, post: Post, _name: &str) -> Result<ChannelId, MessengerError> {
        let mut world = self.up()?;
        world.message_mut(post)?;
        let thread = ChannelId(post.message.0);
        world.threads.entry(thread).or_default();
        Ok(thread)
    }

    async fn pin(&self, post: Post) -> Result<(), MessengerError> {
        self.up()?.message_mut(post)?.pinned = true;
        Ok(())
    }

    async fn unpin(&self, post: Post) -> Result<(), MessengerError> {
        self.up()?.message_mut(post)?.pinned = false;
        Ok(())
    }

    async fn say(
        &self,
        thread: ChannelId,
        message: &Reply,
        nonce: &str,
    ) -> Result<(), MessengerError> {
        let mut world = self.up()?;
        let refused = MessengerError::Refused(Refusal::NoChannel);
        let said = world.threads.get_mut(&thread).ok_or(refused)?;
        said.entry(nonce.to_owned()).or_insert_with(|| message.clone());
        Ok(())
    }

    async fn is_in(&self, guild: GuildId) -> Result<bool, MessengerError> {
        Ok(!self.up()?.left.contains(&guild))
    }

    async fn account(&self) -> Result<Account, AccountError> {
        let _up = self.up().map_err(|error| AccountError::Unavailable(error.to_string()))?;
        Ok(Account {
            name: "Whetstone".to_owned(),
            id: UserId(1),
            refused_intents: Vec::new(),
            interactions_url: None,
            starts_left: 1000,
        })
    }

    async fn notify(
        &self,
        to: Recipient,
        message: &Reply,
        _mark: &Action,
        _since: Timestamp,
    ) -> Result<(), MessengerError> {
        let mut world = self.up()?;
        if let Recipient::Channel(channel) = to
            && world.channels.get(&channel).is_none_or(|report| !report.missing.is_empty())
        {
            return Err(MessengerError::Refused(Refusal::NoPermission));
        }
        world.notices.push((to, message.clone()));
        Ok(())
    }

    async fn inspect(
        &self,
        _guild: GuildId,
        channel: ChannelId,
        _needs: Needs,
    ) -> Result<ChannelReport, MessengerError> {
        let world = self.up()?;
        let refused = MessengerError::Refused(Refusal::NoAccess);
        world.channels.get(&channel).cloned().ok_or(refused)
    }
}
