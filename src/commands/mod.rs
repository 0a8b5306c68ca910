//! The slash commands and the buttons: one file a command, and the registry below. A command takes
//! a plain invocation and gives a plain reply; it asks the use cases for all that it does.

pub mod invocation;
pub mod pace;
pub mod spec;

mod daily;
mod help;
mod leaderboard;
mod privacy;
mod question;
mod reveal;
mod round;
mod settings;
mod streak;
#[cfg(test)]
pub(crate) mod testing;
mod topics;

use crate::{
    app::App,
    error::{Mistake, Result},
    ui::{Action, Family, Reply, Response, Suggestion},
};
use async_trait::async_trait;
use invocation::{Invocation, Origin, Press, Typing};
use spec::Spec;

/// A slash command.
#[async_trait]
pub trait Command: Send + Sync {
    /// How it looks to the chat platform.
    fn spec(&self) -> Spec;

    /// What `/help` says about it, one line.
    fn help(&self) -> &'static str;

    /// The family of buttons that it handles, if any.
    fn family(&self) -> Option<Family> {
        None
    }

    /// Whether the answer may take longer than the three seconds that Discord allows.
    fn is_slow(&self, _invocation: &Invocation) -> bool {
        false
    }

    /// Does it.
    async fn run(&self, app: &App, invocation: &Invocation) -> Result<Reply>;

    /// Suggests values while an option is typed.
    async fn suggest(&self, _app: &App, _typing: &Typing) -> Result<Vec<Suggestion>> {
        Ok(Vec::new())
    }

    /// Handles a click on one of its buttons.
    async fn press(&self, _app: &App, _press: &Press, _action: &Action) -> Result<Response> {
        Err(Mistake::StaleButton.into())
    }
}

/// Every command. A new one is one file beside this one, and one line here.
pub fn registry() -> [&'static dyn Command; 9] {
    [
        &question::QuestionCommand,
        &reveal::RevealCommand,
        &topics::TopicsCommand,
        &streak::StreakCommand,
        &leaderboard::LeaderboardCommand,
        &settings::SettingsCommand,
        &privacy::PrivacyCommand,
        &daily::DailyCommand,
        &help::HelpCommand,
    ]
}

/// The command of that name.
fn find(name: &str) -> Option<&'static dyn Command> {
    registry().into_iter().find(|command| command.spec().name == name)
}

/// What autocompletes count as.
pub const TYPING: &str = "autocomplete";
/// What counts as no command.
pub const UNKNOWN: &str = "unknown";
const ROUND: &str = "round";

/// Every word that an interaction can count as.
pub fn labels() -> Vec<&'static str> {
    let names = registry().into_iter().map(|command| command.spec().name);
    names.chain([ROUND, TYPING, UNKNOWN]).collect()
}

/// What a command counts as.
pub fn label(name: &str) -> &'static str {
    find(name).map_or(UNKNOWN, |command| command.spec().name)
}

/// What a click or a form counts as.
pub fn press_label(action: &Action) -> &'static str {
    match action.family() {
        Family::Round => ROUND,
        family => handler(Some(family)).map_or(UNKNOWN, |command| command.spec().name),
    }
}

fn handler(family: Option<Family>) -> Option<&'static dyn Command> {
    registry().into_iter().find(|command| command.family() == family)
}

/// Whether the answer to a command should be deferred.
pub fn is_slow(invocation: &Invocation) -> bool {
    find(&invocation.command).is_some_and(|command| command.is_slow(invocation))
}

/// Runs a command.
///
/// # Errors
/// Mistakes of the member and faults.
pub async fn run(app: &App, invocation: &Invocation) -> Result<Reply> {
    match find(&invocation.command) {
        Some(command) => command.run(app, invocation).await,
        None => Err(Mistake::StaleButton.into()),
    }
}

/// Suggests values for the option that is being typed.
///
/// # Errors
/// Faults; there are just no suggestions where nothing fits.
pub async fn suggest(app: &App, typing: &Typing) -> Result<Vec<Suggestion>> {
    match find(&typing.invocation.command) {
        Some(command) => command.suggest(app, typing).await,
        None => Ok(Vec::new()),
    }
}

/// Whether this member may click on such a button of such a message at all. Asked before a late
/// answer is promised, for that would take the place of the message.
///
/// # Errors
/// The mistake that it is.
pub fn may_press(press: &Press, action: &Action) -> Result<()> {
    if press.is_anothers() {
        return Err(Mistake::NotYours.into());
    }
    match action.family() {
        Family::Daily => press.origin.managed_guild().map(drop),
        // Of the last two, whoever clicks is the one who is meant.
        Family::Round | Family::Practice | Family::Board | Family::Settings | Family::Privacy => {
            Ok(())
        }
    }
}

/// Handles a click or a form.
///
/// # Errors
/// Mistakes of the member and faults.
pub async fn press(app: &App, press: &Press, action: &Action) -> Result<Response> {
    may_press(press, action)?;
    let family = Some(action.family());
    if family == Some(Family::Round) {
        return round::press(app, press, action).await;
    }
    match handler(family) {
        Some(command) => command.press(app, press, action).await,
        None => Err(Mistake::StaleButton.into()),
    }
}

/// What is answered later, where that takes longer than Discord allows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Later {
    /// A new message.
    Say,
    /// A change of the message that was clicked on.
    Update,
}

/// Whether the answer to a click should be deferred, and which kind of answer it will be.
pub fn is_slow_press(action: &Action) -> Option<Later> {
    match action {
        Action::RoundShare(..) => Some(Later::Say),
        // The button goes, so that it cannot be clicked again.
        Action::PostExtra(..) | Action::RemoveDaily(..) | Action::ForgetMe => Some(Later::Update),
        _ => None,
    }
}

/// Suggestions for the option `daily`.
async fn suggest_dailies(app: &App, origin: &Origin, text: &str) -> Result<Vec<Suggestion>> {
    let Some(guild) = origin.guild else { return Ok(Vec::new()) };
    let wanted = text.to_lowercase();
    let names = app.dailies(guild).await?.into_iter().map(|daily| daily.settings.name);
    let fitting = names.filter(|name| name.to_lowercase().contains(&wanted));
    Ok(fitting.take(SUGGESTIONS_MAX).map(|name| Suggestion { value: name.clone(), name }).collect())
}

/// Suggestions for an option that names a question.
fn suggest_questions(app: &App, text: &str) -> Vec<Suggestion> {
    let found = app.find_questions(text, SUGGESTIONS_MAX).into_iter();
    found.map(|q| Suggestion { name: crate::text::cut(&q.title, 100), value: q.id.0 }).collect()
}

/// Suggestions for an option that names a topic.
fn suggest_topics(app: &App, text: &str) -> Vec<Suggestion> {
    let found = app.find_topics(text, SUGGESTIONS_MAX).into_iter();
    found.map(|topic| Suggestion { name: topic.name, value: topic.id.0 }).collect()
}

/// The most suggestions that Discord takes.
/// <https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-response-object-autocomplete>
const SUGGESTIONS_MAX: usize = 25;

#[cfg(test)]
mod tests {
    use super::{registry, spec::Opt, spec::OptKind, testing::Desk};
    use crate::app::testing::{MONA, QUESTIONS};

    /// The lines of commands with the options that promise suggestions.
    fn suggesting(line: &str, options: &[Opt]) -> Vec<(String, &'static str)> {
        let one = |option: &Opt| match &option.kind {
            OptKind::Subcommand(below) => suggesting(&format!("{line} {}", option.name), below),
            OptKind::Text { autocomplete: true, .. } => vec![(line.to_owned(), option.name)],
            _ => Vec::new(),
        };
        options.iter().flat_map(one).collect()
    }

    /// An option that promises suggestions and gives none would leave Discord's list empty.
    #[tokio::test]
    async fn every_option_that_promises_suggestions_gives_some() {
        let desk = Desk::empty();
        desk.daily("daily", QUESTIONS).await;
        let specs = registry().map(|command| command.spec());
        let promised: Vec<_> =
            specs.iter().flat_map(|spec| suggesting(spec.name, &spec.options)).collect();
        assert!(promised.len() > 10, "{promised:?}");
        for (line, option) in promised {
            let found = desk.suggested(MONA, &line, option, "").await;
            let expected = match option {
                "daily" => "daily = daily",
                "zone" => "Africa/Abidjan = Africa/Abidjan",
                "topic" | "topics" => "queues",
                "question" | "id" => "What is a queue? = queue",
                other => panic!("nobody has said what {other} suggests"),
            };
            assert!(found.contains(expected), "/{line} {option}: {found}");
        }
    }
}
