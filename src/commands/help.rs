//! `/help`: built from the registry that registers the commands, so that it cannot fall behind.

use super::{Command, Invocation, Spec, registry, spec::OptKind};
use crate::{
    app::App,
    error::Result,
    text::{self, Words, help},
    ui::Reply,
};
use async_trait::async_trait;

pub(super) struct HelpCommand;

#[async_trait]
impl Command for HelpCommand {
    fn name(&self) -> &'static str {
        "help"
    }

    fn spec(&self) -> Spec {
        Spec {
            name: self.name(),
            description: "",
            options: Vec::new(),
            manage_server: false,
            direct_messages: true,
        }
    }

    fn words(&self) -> Words {
        text::help::COMMAND
    }

    async fn run(&self, _app: &App, invocation: &Invocation) -> Result<Reply> {
        let manages = invocation.origin.manages;
        let visible =
            registry().into_iter().filter(|command| manages || !command.spec().manage_server);
        let lines: Vec<String> = visible.map(line).collect();
        Ok(help::commands(&lines))
    }
}

fn line(command: &dyn Command) -> String {
    let spec = command.spec();
    let subcommands: Vec<&str> = spec
        .options
        .iter()
        .filter(|option| matches!(option.kind, OptKind::Subcommand(_)))
        .map(|option| option.name)
        .collect();
    let usage = match subcommands.is_empty() {
        true => format!("`/{}`", spec.name),
        false => format!("`/{} {}`", spec.name, subcommands.join("|")),
    };
    format!("{usage} — {}", text::command_word(command.words(), "help"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::{
        app::testing::{ADA, MONA},
        commands::testing::Desk,
    };

    #[tokio::test]
    async fn a_member_sees_what_members_can_do() {
        insta::assert_snapshot!(Desk::empty().ask(ADA, "help", &[]).await, @"
        │ Whetstone
        │ A good question every working day. Answer it in your own words, take its quiz, or reveal the model answer and grade yourself: each of these counts for your streak. A freeze covers a missed round; weekends, holidays and pauses break nothing.
        │
        │ `/question beginner|intermediate|advanced|any|today|find|show` — another question at any time, by level and topic; `today` shows the open round, `find` searches, `show` gives one by name
        │ `/reveal` — the model answer, for you alone; of the open round if you name no question
        │ `/topics` — topics and levels, with how many questions each has
        │ `/streak` — your streak or a member's: best, freezes, and what happened lately
        │ `/leaderboard` — the boards: this month, current and best streaks, all time, quiz
        │ `/settings` — hide yourself from the boards, or show yourself again
        │ `/privacy export|delete` — all that I keep of you, as a file; or delete it, in every server
        │ `/help` — this list
        ");
    }

    #[tokio::test]
    async fn an_admin_sees_how_to_set_a_daily_up() {
        let told = Desk::empty().ask(MONA, "help", &[]).await.to_string();
        let last = told.lines().find(|line| line.contains("/daily")).unwrap();
        insta::assert_snapshot!(last, @"│ `/daily set|show|preview|queue|ban|skip|pause|resume|post-now|credit|remove|check|notices` — set up and look after the daily question (needs Manage Server)");
    }
}
