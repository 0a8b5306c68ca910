//! The slash commands and the buttons: one file a command, and the registry below. A command takes
//! a plain invocation and gives a plain reply; it asks the use cases for all that it does.

pub mod invocation;
pub mod pace;
pub mod posts;
pub mod spec;

mod daily;
#[cfg(test)]
mod forged;
mod help;
mod leaderboard;
mod offers;
mod privacy;
pub mod question;
mod reveal;
pub mod round;
mod settings;
mod streak;
#[cfg(test)]
pub(crate) mod testing;
mod topics;

use crate::{
    app::App,
    error::{Error, Mistake, Result},
    text::{Words, mistakes},
    ui::{Action, Reply, Response, Suggestion},
};
use async_trait::async_trait;
use invocation::{Invocation, Origin, Press, Typing};
use spec::Spec;
use std::collections::BTreeSet;

/// A slash command.
#[async_trait]
pub trait Command: Send + Sync {
    /// Its name, by which it is found.
    fn name(&self) -> &'static str;

    /// What the chat platform is told of it, without words.
    fn spec(&self) -> Spec;

    /// The words of it: see [`Words`].
    fn words(&self) -> Words;

    /// The families of buttons that belong to it.
    fn buttons(&self) -> &'static [&'static dyn Buttons] {
        &[]
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
}

/// A family of buttons and forms.
#[async_trait]
pub trait Buttons: Send + Sync {
    /// What its actions are marked with: lower-case letters, and no other family's.
    fn family(&self) -> &'static str;

    /// What a click counts as in the metrics.
    fn label(&self) -> &'static str {
        self.family()
    }

    /// Whether this member may do that at all. Who sees a message for one member alone was asked
    /// before.
    ///
    /// # Errors
    /// The mistake that it is.
    fn may_press(&self, _press: &Press, _action: &Action) -> Result<()> {
        Ok(())
    }

    /// Which kind of answer it will be where that may take longer than Discord allows.
    fn later(&self, _action: &Action) -> Option<Later> {
        None
    }

    /// Does it. An action that this family does not write is a stale button.
    async fn press(&self, app: &App, press: &Press, action: &Action) -> Result<Response>;
}

/// Every command. A new one is one file beside this one, and one line here.
const COMMANDS: [&dyn Command; 9] = [
    &question::QuestionCommand,
    &reveal::RevealCommand,
    &topics::TopicsCommand,
    &streak::StreakCommand,
    &leaderboard::LeaderboardCommand,
    &settings::SettingsCommand,
    &privacy::PrivacyCommand,
    &daily::DailyCommand,
    &help::HelpCommand,
];

/// Every command.
pub fn registry() -> [&'static dyn Command; 9] {
    COMMANDS
}

/// What the chat platform is told of every command.
pub fn specs() -> impl Iterator<Item = Spec> {
    COMMANDS.into_iter().map(|command| command.spec().described(command.words()))
}

/// Every family of buttons.
pub fn families() -> impl Iterator<Item = &'static dyn Buttons> {
    COMMANDS.into_iter().flat_map(|command| command.buttons()).copied()
}

/// The command of that name.
fn find(name: &str) -> Option<&'static dyn Command> {
    COMMANDS.into_iter().find(|command| command.name() == name)
}

/// The owner of an action.
fn owner(action: &Action) -> Option<&'static dyn Buttons> {
    families().find(|buttons| buttons.family() == action.family)
}

/// What autocompletes count as.
pub const TYPING: &str = "autocomplete";
/// What counts as no command.
pub const UNKNOWN: &str = "unknown";

/// Every word that an interaction can count as.
pub fn labels() -> Vec<&'static str> {
    let names = COMMANDS.into_iter().map(Command::name);
    let labels: BTreeSet<_> =
        names.chain(families().map(Buttons::label)).chain([TYPING, UNKNOWN]).collect();
    labels.into_iter().collect()
}

/// What a command counts as.
pub fn label(name: &str) -> &'static str {
    find(name).map_or(UNKNOWN, Command::name)
}

/// What a click or a form counts as.
pub fn press_label(action: &Action) -> &'static str {
    owner(action).map_or(UNKNOWN, Buttons::label)
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
    owner(action).ok_or(Mistake::StaleButton)?.may_press(press, action)
}

/// Handles a click or a form.
///
/// # Errors
/// Mistakes of the member and faults.
pub async fn press(app: &App, press: &Press, action: &Action) -> Result<Response> {
    may_press(press, action)?;
    owner(action).ok_or(Mistake::StaleButton)?.press(app, press, action).await
}

/// How an error is told to the member: a mistake in its words, a fault by an apology with the
/// reference that finds it in the log.
pub fn error_reply(error: &Error, reference: &str) -> Reply {
    match error {
        Error::Mistake(mistake) => mistakes::mistake(mistake),
        Error::Fault(_) => mistakes::apology(reference),
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
pub fn later(action: &Action) -> Option<Later> {
    owner(action)?.later(action)
}

/// Suggestions for the option `daily`.
async fn suggest_dailies(app: &App, origin: &Origin, text: &str) -> Result<Vec<Suggestion>> {
    let Some(guild) = origin.guild else { return Ok(Vec::new()) };
    let wanted = text.to_lowercase();
    let names =
        app.dailies(guild).await?.into_iter().map(|daily| daily.settings.name.as_str().to_owned());
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
    use super::{spec::Opt, spec::OptKind, testing::Desk};
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
        let promised: Vec<_> =
            super::specs().flat_map(|spec| suggesting(spec.name, &spec.options)).collect();
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
