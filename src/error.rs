//! What can go wrong, in two kinds: a [`Mistake`] is told to the person who made it and needs no
//! attention from anybody else; a [`Fault`] is logged, and the person gets an apology with a
//! reference. The words of both stand in `text/`.

use crate::domain::{
    codes::UnknownCode,
    daily::{BadName, DailyName},
    permission::Permission,
    schedule::{BadDates, UnknownDate, UnknownDays, UnknownTime, UnknownZone},
};
use std::error::Error as StdError;

/// The result of a use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Either kind.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Told to the member.
    #[error("{0:?}")]
    Mistake(Mistake),
    /// Logged.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<Mistake> for Error {
    fn from(mistake: Mistake) -> Self {
        Self::Mistake(mistake)
    }
}

/// Something a person asked for that cannot be done as asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mistake {
    /// The command works in a server only.
    NeedsGuild,
    /// The command needs Manage Server.
    NeedsManageServer,
    /// The guild has no daily yet.
    NoDaily,
    /// No daily of that name.
    UnknownDaily {
        /// What was asked for.
        name: String,
        /// What there is.
        names: Vec<DailyName>,
    },
    /// There are several, so one must be named.
    WhichDaily {
        /// What there is.
        names: Vec<DailyName>,
    },
    /// A name that a daily cannot have.
    BadDailyName(BadName),
    /// The guild has a daily of that name.
    NameTaken {
        /// The name.
        name: DailyName,
    },
    /// The daily does not ask that question: it is banned, or of other levels and topics.
    NotAskedHere {
        /// The question's id.
        question: String,
    },
    /// The answer could not be posted in the thread.
    ShareFailed {
        /// Whether the platform had a fault, so that a second try may do.
        passing: bool,
    },
    /// The guild has as many dailies as it may have.
    TooManyDailies {
        /// The limit.
        limit: usize,
    },
    /// The configuration file governs the daily.
    GovernedByFile {
        /// Its name.
        name: DailyName,
    },
    /// The daily has not posted a round yet.
    NoRoundYet {
        /// The daily's name.
        name: DailyName,
    },
    /// No such round.
    UnknownRound {
        /// The number.
        number: u32,
    },
    /// No question by that id or title.
    UnknownQuestion {
        /// What was asked for.
        asked: String,
    },
    /// No topic by that id.
    UnknownTopic {
        /// What was asked for.
        asked: String,
    },
    /// No question matches the levels and topics wanted.
    NothingMatches,
    /// An option that cannot be taken as it is.
    BadOption {
        /// The option's name.
        option: &'static str,
        /// Why.
        why: BadOption,
    },
    /// The bot lacks permissions in the channel.
    MissingPermissions {
        /// The channel.
        channel: u64,
        /// What it lacks.
        missing: Vec<Permission>,
    },
    /// The bot cannot see the channel, or there is none.
    UnknownChannel {
        /// The channel.
        channel: u64,
    },
    /// A channel of a kind that cannot hold a daily.
    WrongChannelKind {
        /// The channel.
        channel: u64,
    },
    /// A forum that takes no post without a tag.
    ForumWantsTag {
        /// The channel.
        channel: u64,
    },
    /// The daily is paused.
    Paused {
        /// Its name.
        name: DailyName,
    },
    /// The daily is not paused.
    NotPaused {
        /// Its name.
        name: DailyName,
    },
    /// Another round was posted since the question was asked.
    RoundPostedMeanwhile {
        /// The newest round.
        number: u32,
    },
    /// A post of this daily is under way.
    PostUnderWay,
    /// The round's post was made, but Discord has refused it.
    PostFailed {
        /// Why, in Discord's or our words.
        reason: String,
    },
    /// The member has been credited already, or took part.
    NothingToCredit,
    /// There is no credit to take back.
    NothingToTakeBack,
    /// A button or form of a version that this program does not know, or that was tampered with.
    StaleButton,
    /// The question has left the bank.
    QuestionGone,
    /// More at once than one member, or one guild, may do.
    TooFast {
        /// When there is room again, in seconds.
        wait: u64,
    },
    /// A button of a message that was there for another member alone.
    NotYours,
    /// A grade without an answer or a reveal before it.
    GradeBeforeReveal,
    /// The member shows their streak to nobody else.
    Hidden,
}

/// Why an option cannot be taken as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadOption {
    /// It is no time of day.
    Time(UnknownTime),
    /// It is no time zone.
    Zone(UnknownZone),
    /// It names no days.
    Days(UnknownDays),
    /// It is no level.
    Level(UnknownCode),
    /// It is no date.
    Date(UnknownDate),
    /// These dates cannot be skipped.
    Dates(BadDates),
    /// Both a channel and a member are to be told.
    ChannelOrMember,
    /// A channel that takes no notices.
    NoticesNeedText,
}

macro_rules! bad_options {
    ($($variant:ident($fault:ty)),+ $(,)?) => {$(
        impl From<$fault> for BadOption {
            fn from(fault: $fault) -> Self {
                Self::$variant(fault)
            }
        }
    )+};
}

bad_options! {
    Time(UnknownTime),
    Zone(UnknownZone),
    Days(UnknownDays),
    Level(UnknownCode),
    Date(UnknownDate),
    Dates(BadDates),
}

/// Something that is not the member's doing.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct Fault {
    what: String,
    #[source]
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Fault {
    /// A fault that nothing else caused.
    pub fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), source: None }
    }

    /// A fault with its cause.
    pub fn because(
        what: impl Into<String>,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self { what: what.into(), source: Some(source.into()) }
    }

    /// The fault and each cause below it, on one line.
    pub fn chain(&self) -> String {
        let mut line = self.what.clone();
        let mut next = self.source();
        while let Some(cause) = next {
            line.push_str(": ");
            line.push_str(&cause.to_string());
            next = cause.source();
        }
        line
    }
}
