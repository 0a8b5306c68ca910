//! A daily: a named schedule in a guild, with its deck and the state of its posting.

use super::{
    codes::codes,
    deck::Deck,
    ids::{ChannelId, DailyId, GuildId, QuestionId, RoleId, UserId},
    question::Filter,
    schedule::{Due, Schedule},
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, ops::Deref};

/// How many dailies a guild may have: as many as one autocomplete answer can show.
/// <https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-response-object-autocomplete>
pub const DAILIES_MAX: usize = 25;

/// The longest name of a daily, in characters.
pub const NAME_MAX: usize = 32;

/// The name of a daily: letters and digits, and between them spaces, dashes and underscores. Names
/// in rows are taken as they stand, for an older rule let others in.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DailyName(String);

/// A text that no daily can have for a name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BadName(pub String);

impl DailyName {
    /// Reads a name.
    ///
    /// # Errors
    /// A text that is none.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        let fits = (1..=NAME_MAX).contains(&text.chars().count());
        let is_letter = |c: char| c.is_alphanumeric() && !is_filler(c);
        let plain = text.chars().all(|c| is_letter(c) || matches!(c, '-' | '_' | ' '));
        if fits && plain && text.trim() == text {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadName(text.to_owned()))
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for DailyName {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Default for DailyName {
    /// The name of a guild's first daily, where none is given.
    fn default() -> Self {
        Self("daily".to_owned())
    }
}

/// A daily that the configuration file declares.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Declared {
    /// The guild.
    pub guild: GuildId,
    /// All that an admin would choose otherwise.
    pub settings: Settings,
}

/// What an admin chooses.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Settings {
    /// Unique in its guild.
    pub name: DailyName,
    /// Where the rounds are posted.
    pub channel: ChannelId,
    /// When.
    pub schedule: Schedule,
    /// Which questions.
    pub filter: Filter,
    /// Who is pinged.
    pub role: Option<RoleId>,
    /// Whether each round gets a thread.
    pub thread: bool,
    /// Whether the open round is pinned.
    pub pin: bool,
}

/// Why a daily posts nothing for now.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pause {
    /// Somebody said so; nobody is named once they have had all about themselves deleted.
    Admin(Option<UserId>),
    /// Discord refuses its posts; the reason as it was given.
    Refused(String),
    /// No question matches its levels and topics.
    NoQuestions,
    /// It was declared in the configuration file and is there no more.
    LeftFile,
}

/// A round that was promised to be posted: made durable before anything is sent, so that a crash
/// neither loses nor doubles it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Claim {
    /// The round's number.
    pub number: u32,
    /// What will be asked.
    pub question: QuestionId,
    /// Where it is posted, whatever is set meanwhile.
    pub channel: ChannelId,
    /// The local date it is for.
    pub date: Date,
    /// Whether it comes on top of the day's own round.
    pub extra: bool,
    /// Until when it is worth posting.
    pub until: Timestamp,
    /// When it was claimed.
    pub at: Timestamp,
    /// Sent with the message, so that Discord itself refuses a second one.
    pub nonce: String,
    /// The deck once the question is out.
    pub deck: Deck,
    /// The last date before the claim, should it be given up.
    pub last_date_before: Option<Date>,
}

/// What stands for a daily's notice among the numbers of its rounds whose message needs work.
/// Rounds count from 1.
pub const NOTICE: u32 = 0;

codes! {
    /// A part of a daily that can fail while the others work.
    pub enum Part {
        /// The post itself.
        Post = "post",
        /// The thread below it.
        Thread = "thread",
        /// Its pin.
        Pin = "pin",
    }
}

/// A part that fails, until it works again.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Trouble {
    /// Why.
    pub reason: String,
    /// When it began.
    pub since: Timestamp,
    /// Whether somebody was told, or nobody could be.
    pub told: bool,
}

/// A daily with its state.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Daily {
    /// Unique over all guilds.
    pub id: DailyId,
    /// The guild.
    pub guild: GuildId,
    /// What the admin chose.
    pub settings: Settings,
    /// Whether the configuration file governs the settings.
    pub governed: bool,
    /// Why it posts nothing, if so.
    pub pause: Option<Pause>,
    /// The next post.
    pub next_due: Option<Due>,
    /// The local date of the newest round that was not an extra one.
    pub last_date: Option<Date>,
    /// The newest date that went by without its post: the bot was away for too long.
    pub last_missed: Option<Date>,
    /// The number of the newest round; 0 before the first.
    pub rounds: u32,
    /// Which questions were used.
    pub deck: Deck,
    /// The post under way.
    pub claim: Option<Claim>,
    /// Who set it up or changed it last; nobody where the configuration file did.
    #[serde(default)]
    pub set_by: Option<UserId>,
    /// The parts that fail.
    #[serde(default)]
    pub troubles: BTreeMap<Part, Trouble>,
}

/// Letters, by Unicode's count, that are blank.
pub fn is_filler(letter: char) -> bool {
    matches!(letter, '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{2800}')
        || matches!(letter, '\u{3164}' | '\u{ffa0}')
}

impl Daily {
    /// A new daily that has posted nothing.
    pub fn new(id: DailyId, guild: GuildId, settings: Settings, seed: u64, now: Timestamp) -> Self {
        let mut daily = Self {
            id,
            guild,
            settings,
            governed: false,
            pause: None,
            next_due: None,
            last_date: None,
            last_missed: None,
            rounds: 0,
            deck: Deck::new(seed),
            claim: None,
            set_by: None,
            troubles: BTreeMap::new(),
        };
        daily.reschedule(now);
        daily
    }

    /// Works out the next post after `now`. No date that already had its round comes again.
    pub fn reschedule(&mut self, now: Timestamp) {
        self.next_due = self.settings.schedule.next_after(now, self.last_date);
    }

    /// When the scheduler must look at it next.
    pub fn due_at(&self) -> Option<Timestamp> {
        if self.pause.is_some() || self.claim.is_some() {
            return None;
        }
        self.next_due.as_ref().map(|due| due.at)
    }

    /// Promises round number `rounds + 1`.
    pub fn claim(&mut self, claim: Claim) {
        if !claim.extra {
            self.last_date = Some(claim.date);
        }
        let at = claim.at;
        self.claim = Some(claim);
        self.reschedule(at);
    }

    /// The claimed round is out.
    pub fn confirm(&mut self, claim: Claim) {
        self.rounds = claim.number;
        let banned = std::mem::take(&mut self.deck.banned);
        let mut queue = std::mem::take(&mut self.deck.queue);
        if let Some(place) = queue.iter().position(|id| *id == claim.question) {
            queue.remove(place);
        }
        self.deck = Deck { banned, queue, ..claim.deck };
        self.claim = None;
        self.works(Part::Post);
    }

    /// A part fails. Only the first time since it worked is news.
    pub fn fails(&mut self, part: Part, reason: String, now: Timestamp) {
        self.troubles.entry(part).or_insert(Trouble { reason, since: now, told: false });
    }

    /// A part works.
    pub fn works(&mut self, part: Part) {
        self.troubles.remove(&part);
    }

    /// What nobody was told of yet.
    pub fn untold(&self) -> BTreeMap<Part, Trouble> {
        let untold = self.troubles.iter().filter(|(_, trouble)| !trouble.told);
        untold.map(|(part, trouble)| (*part, trouble.clone())).collect()
    }

    /// These were told, and are not news any more.
    pub fn told(&mut self, troubles: &BTreeMap<Part, Trouble>) {
        for (part, trouble) in troubles {
            if let Some(now) = self.troubles.get_mut(part).filter(|now| *now == trouble) {
                now.told = true;
            }
        }
    }

    /// The claimed round will not be posted: as if it had never been claimed. What has become due
    /// since the claim is due still.
    pub fn abandon(&mut self, claim: &Claim) {
        self.last_date = claim.last_date_before;
        self.claim = None;
        self.reschedule(claim.at);
    }

    /// Whether it was this member who paused it.
    pub fn is_paused_by(&self, user: UserId) -> bool {
        self.pause == Some(Pause::Admin(Some(user)))
    }

    /// Whether anything in it is about this member.
    pub fn names(&self, user: UserId) -> bool {
        self.set_by == Some(user) || self.is_paused_by(user)
    }

    /// Names the member no longer: it stays paused, by nobody in particular, and its notices go to
    /// nobody where the guild has chosen no channel for them.
    pub fn forget(&mut self, user: UserId) {
        if self.is_paused_by(user) {
            self.pause = Some(Pause::Admin(None));
        }
        self.set_by = self.set_by.filter(|set_by| *set_by != user);
    }

    /// Whether the claimed round may still be sent: what was said since the claim counts.
    pub fn still_wants(&self, claim: &Claim) -> bool {
        let skipped = !claim.extra && self.settings.schedule.skips.contains(&claim.date);
        self.pause.is_none() && !skipped && !self.deck.banned.contains(&claim.question)
    }
}
