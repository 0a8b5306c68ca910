//! The file of `/privacy export`: JSON that a person can read, with each field explained in it.

use crate::{
    app::privacy::{DailyData, MemberData},
    domain::{
        board::BoardKind,
        ids::{GuildId, UserId},
        member::{Board, Chapter, Placed, Preferences},
        round::{Grade, Round},
        streak::Streak,
    },
    error::{Fault, Result},
    ui::File,
};
use jiff::{Timestamp, civil::Date};
use serde::{Serialize, Serializer, ser::SerializeMap};

/// The file's name.
pub const NAME: &str = "whetstone-my-data.json";

const ABOUT: &str = "All that Whetstone keeps of you, in every server. Answers that you typed are \
    not among it: they are shown back to you and never kept. Times are in UTC. `/privacy delete` \
    deletes all of this.";

/// What each field means, by its path; `[]` stands for each of several. A test holds the paths
/// against a file.
pub const EXPLANATIONS: [(&str, &str); 31] = [
    ("about", "What this file is."),
    ("member", "Your Discord id, which is all that names you."),
    ("exported_at", "When you asked for this file."),
    ("settings.hidden", "Whether boards hide you from others, in every server."),
    ("servers[].server", "A server's Discord id."),
    ("servers[].dailies[].daily", "The name of a daily question of that server."),
    (
        "servers[].dailies[].set_by_you",
        "Whether it was you who set it up or changed it last; you are told when it fails, unless the \
         server has chosen a channel for that.",
    ),
    ("servers[].dailies[].paused_by_you", "Whether it is paused, and by you."),
    ("servers[].dailies[].rounds[].round", "The number of a round in which you did something."),
    ("servers[].dailies[].rounds[].date", "The date that the round was posted for."),
    ("servers[].dailies[].rounds[].question", "What was asked: the question's name in the bank."),
    (
        "servers[].dailies[].rounds[].took_part_on",
        "The local date on which it counted as taking part; none if it did not.",
    ),
    ("servers[].dailies[].rounds[].answered", "When you first sent an answer."),
    ("servers[].dailies[].rounds[].quiz", "When you took the quiz."),
    ("servers[].dailies[].rounds[].quiz_right", "Whether that was right."),
    ("servers[].dailies[].rounds[].quiz_on", "The local date of the quiz, for the month's board."),
    ("servers[].dailies[].rounds[].revealed", "When you first looked at the model answer."),
    ("servers[].dailies[].rounds[].grade", "What you said of yourself: missed, partly or got_it."),
    ("servers[].dailies[].rounds[].graded", "When you said so."),
    ("servers[].dailies[].rounds[].shared", "When you had your answer posted in the thread."),
    ("servers[].dailies[].rounds[].credited", "When an admin counted the round for you."),
    (
        "servers[].dailies[].streak.current",
        "Rounds in a row, as of the last one that you took part in. Not kept: it is worked out from \
         the rounds, as is all of the streak.",
    ),
    ("servers[].dailies[].streak.best", "The most that it ever was."),
    ("servers[].dailies[].streak.freezes", "Freezes that you held then."),
    ("servers[].dailies[].streak.last", "The last round that you took part in."),
    ("servers[].dailies[].boards[].board", "A board: month, streak, best, all or quiz."),
    ("servers[].dailies[].boards[].month", "The month, where the board is about one."),
    ("servers[].dailies[].boards[].score", "Your score there."),
    ("servers[].dailies[].boards[].reached", "When you reached it."),
    (
        "servers[].dailies[].boards[].partition",
        "A number that the board is kept in order by: the last round until which a streak stands, the \
         month, or 0.",
    ),
    ("explanations", "These explanations."),
];

#[derive(Serialize)]
struct Whole<'a> {
    about: &'static str,
    member: Text<UserId>,
    exported_at: Timestamp,
    settings: &'a Preferences,
    servers: Vec<Server<'a>>,
    explanations: Explanations,
}

#[derive(Serialize)]
struct Server<'a> {
    server: Text<GuildId>,
    dailies: Vec<InDaily<'a>>,
}

#[derive(Serialize)]
struct InDaily<'a> {
    daily: &'a str,
    set_by_you: bool,
    paused_by_you: bool,
    rounds: Vec<InRound<'a>>,
    streak: &'a Streak,
    boards: Vec<OnBoard>,
}

#[derive(Serialize)]
struct InRound<'a> {
    round: u32,
    date: Option<Date>,
    question: Option<&'a str>,
    took_part_on: Option<Date>,
    answered: Option<Timestamp>,
    quiz: Option<Timestamp>,
    quiz_right: Option<bool>,
    quiz_on: Option<Date>,
    revealed: Option<Timestamp>,
    grade: Option<Grade>,
    graded: Option<Timestamp>,
    shared: Option<Timestamp>,
    credited: Option<Timestamp>,
}

#[derive(Serialize)]
struct OnBoard {
    board: BoardKind,
    month: Option<String>,
    score: u32,
    reached: Timestamp,
    partition: u32,
}

/// An id as text, for many readers of JSON round large numbers.
struct Text<T>(T);

impl<T: std::fmt::Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

/// [`EXPLANATIONS`], in their order.
struct Explanations;

impl Serialize for Explanations {
    fn serialize<S: Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(EXPLANATIONS.len()))?;
        for (path, meaning) in EXPLANATIONS {
            map.serialize_entry(path, meaning)?;
        }
        map.end()
    }
}

/// The file of all that is stored of a member.
///
/// # Errors
/// Where it cannot be written as JSON.
pub fn of(data: &MemberData) -> Result<File> {
    let whole = Whole {
        about: ABOUT,
        member: Text(data.user),
        exported_at: data.at,
        settings: &data.preferences,
        servers: servers(&data.dailies),
        explanations: Explanations,
    };
    let text = serde_json::to_string_pretty(&whole);
    let text = text.map_err(|e| Fault::because("a member's data cannot be written as JSON", e))?;
    Ok(File { name: NAME.to_owned(), text })
}

fn servers(dailies: &[DailyData]) -> Vec<Server<'_>> {
    let groups = dailies.chunk_by(|one, next| one.daily.guild == next.daily.guild);
    let server = |group: &'_ [DailyData]| group.first().map(|first| first.daily.guild);
    groups
        .filter_map(|group| {
            let dailies = group.iter().map(in_daily).collect();
            Some(Server { server: Text(server(group)?), dailies })
        })
        .collect()
}

fn in_daily(data: &DailyData) -> InDaily<'_> {
    InDaily {
        daily: &data.daily.settings.name,
        set_by_you: data.daily.set_by == Some(data.user),
        paused_by_you: data.daily.is_paused_by(data.user),
        rounds: data.rounds.iter().map(|(chapter, round)| in_round(chapter, round)).collect(),
        streak: &data.streak,
        boards: data.boards.iter().map(on_board).collect(),
    }
}

fn in_round<'a>(chapter: &Chapter, round: &'a Option<Round>) -> InRound<'a> {
    let part = &chapter.part;
    InRound {
        round: chapter.round,
        date: round.as_ref().map(|round| round.date),
        question: round.as_ref().map(|round| round.question.as_str()),
        took_part_on: chapter.took_part_on,
        answered: part.answered,
        quiz: part.quiz.map(|quiz| quiz.at),
        quiz_right: part.quiz.map(|quiz| quiz.right),
        quiz_on: chapter.quiz_on,
        revealed: part.revealed,
        grade: part.graded.map(|(grade, _)| grade),
        graded: part.graded.map(|(_, at)| at),
        shared: part.shared,
        credited: part.credited,
    }
}

fn on_board((board, placed): &(Board, Placed)) -> OnBoard {
    OnBoard {
        board: board.kind,
        month: board.month.map(|month| month.to_string()),
        score: placed.score.score,
        reached: placed.score.reached,
        partition: placed.partition,
    }
}
