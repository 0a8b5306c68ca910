//! How a mistake is told to the person who made it, and the apology for a fault.

use super::{checks, cut, escape, options::bad_option, plural};
use crate::{
    domain::daily::{BadName, DailyName, NAME_MAX},
    error::Mistake,
    ui::Reply,
};

/// A mistake, with what to do instead.
pub fn mistake(mistake: &Mistake) -> Reply {
    Reply { content: cut(&words(mistake), 2000), ephemeral: true, ..Reply::default() }
}

/// The apology for a fault. The reference finds it in the log.
pub fn apology(reference: &str) -> Reply {
    let content = format!(
        "Sorry, something went wrong on my side. Please try again. If it goes on, tell whoever runs \
         me the reference `{reference}`."
    );
    Reply { content, ephemeral: true, ..Reply::default() }
}

/// What stands in the way of saving.
fn nothing_saved(why: &str) -> String {
    format!("Nothing was saved.\n❌ {why}\nThen run the command again.")
}

fn words(mistake: &Mistake) -> String {
    match mistake {
        Mistake::NeedsGuild => "This works in a server only.".to_owned(),
        Mistake::NeedsManageServer => {
            "This needs the permission **Manage Server**. Ask somebody who has it.".to_owned()
        }
        Mistake::NoDaily => {
            "There is no daily question here yet. Somebody with Manage Server sets one up with \
             `/daily set`; `/question any` gives a question right now."
                .to_owned()
        }
        Mistake::UnknownDaily { name, names } => {
            format!(
                "There is no daily named “{}”. Those here: {}.",
                escape(&cut(name, 40)),
                listed(names)
            )
        }
        Mistake::WhichDaily { names } => {
            format!("There are several dailies here, so name the one you mean: {}.", listed(names))
        }
        Mistake::BadDailyName(BadName(name)) => format!(
            "“{}” cannot be a daily's name: use 1 to {NAME_MAX} letters, digits, spaces, `-` or `_`.",
            escape(&cut(name, 40))
        ),
        Mistake::NameTaken { name } => {
            format!("There is a daily named **{}** already.", escape(name))
        }
        Mistake::NotAskedHere { question } => format!(
            "This daily does not ask `{question}`: it is banned, or its level and topics are not \
             among those that were set."
        ),
        Mistake::ShareFailed { passing: true } => {
            "Discord has a fault just now, so your answer may not be in the thread. Click again in a \
             moment; it is never posted twice."
                .to_owned()
        }
        Mistake::ShareFailed { passing: false } => {
            "Your answer could not be posted: the thread may be locked or gone. Nothing was lost."
                .to_owned()
        }
        Mistake::TooManyDailies { limit } => {
            format!("A server can have {limit} dailies. Remove one first, with `/daily remove`.")
        }
        Mistake::GovernedByFile { name } => format!(
            "The configuration file governs **{}**. Whoever runs the bot can change it there.",
            escape(name)
        ),
        Mistake::NoRoundYet { name } => format!(
            "**{}** has not posted a question yet. `/question any` gives one right now.",
            escape(name)
        ),
        Mistake::UnknownRound { number } => format!("There is no round #{number}."),
        Mistake::UnknownQuestion { asked } => format!(
            "No question is called “{}”. `/question find` searches the bank.",
            escape(&cut(asked, 80))
        ),
        Mistake::UnknownTopic { asked } => {
            format!("No topic is called “{}”. `/topics` lists them.", escape(&cut(asked, 80)))
        }
        Mistake::NothingMatches => {
            "No question matches that. `/topics` shows what the bank holds.".to_owned()
        }
        Mistake::BadOption { option, why } => bad_option(option, why),
        Mistake::MissingPermissions { channel, missing } => {
            nothing_saved(&checks::missing(&format!("<#{channel}>"), missing))
        }
        Mistake::ForumWantsTag { channel } => {
            nothing_saved(&checks::wants_tag(&format!("<#{channel}>")))
        }
        Mistake::UnknownChannel { channel } => format!(
            "Nothing was saved: the bot cannot see <#{channel}>. Allow it **View Channel** there, then \
             run the command again."
        ),
        Mistake::WrongChannelKind { channel } => {
            format!("Nothing was saved: <#{channel}> is not a text, announcement or forum channel.")
        }
        Mistake::Paused { name } => {
            format!("**{}** is paused. `/daily resume` starts it again.", escape(name))
        }
        Mistake::NotPaused { name } => format!("**{}** is not paused.", escape(name)),
        Mistake::RoundPostedMeanwhile { number } => {
            format!("Round #{number} was posted meanwhile, so nothing more was posted now.")
        }
        Mistake::PostUnderWay => {
            "A round of this daily is on its way already. It goes out as soon as Discord takes it."
                .to_owned()
        }
        Mistake::PostFailed { reason } => {
            format!(
                "Discord did not take it: {}. So the daily is paused. `/daily check` says what is \
                 missing; then `/daily resume` and `/daily post-now`.",
                escape(reason)
            )
        }
        Mistake::NothingToCredit => "They took part in that round already.".to_owned(),
        Mistake::NothingToTakeBack => "They have no credit for that round.".to_owned(),
        Mistake::StaleButton => {
            "What this belonged to is not here any more. `/question today` shows the open round, \
             `/help` what I can do."
                .to_owned()
        }
        Mistake::QuestionGone => {
            "This question has left the bank, so there is nothing to show; if you answered, it \
             counts. `/question any` gives another one."
                .to_owned()
        }
        Mistake::Hidden => "This member keeps their rounds to themselves.".to_owned(),
        Mistake::TooFast { wait } => {
            let wait = plural((*wait).max(1), "second");
            format!("That was a lot at once. Nothing is lost; please try again in {wait}.")
        }
        Mistake::NotYours => {
            "That button was somebody else's. The open question has one for you: `/question today`."
                .to_owned()
        }
        Mistake::GradeBeforeReveal => "Answer or reveal first, then grade yourself.".to_owned(),
    }
}

fn listed(names: &[DailyName]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("**{}**", escape(name))).collect();
    names.join(", ")
}
