//! `/privacy`: all that is stored of a member, to have or to have deleted.

use super::{Buttons, Command, Invocation, Later, Press, Spec, spec::Opt};
use crate::{
    app::App,
    error::{Mistake, Result},
    text::{self, Words, privacy as words},
    ui::{Action, Reply, Response},
};
use async_trait::async_trait;

const FAMILY: &str = "privacy";

/// Deletes all that is stored of the member.
fn delete() -> Action {
    Action::new(FAMILY, "forget")
}

pub(super) struct PrivacyCommand;

#[async_trait]
impl Command for PrivacyCommand {
    fn name(&self) -> &'static str {
        "privacy"
    }

    fn spec(&self) -> Spec {
        let subcommand = |name| Opt::subcommand(name, Vec::new());
        Spec {
            name: self.name(),
            description: "",
            options: vec![subcommand("export"), subcommand("delete")],
            manage_server: false,
            direct_messages: true,
        }
    }

    fn words(&self) -> Words {
        text::privacy::COMMAND
    }

    fn buttons(&self) -> &'static [&'static dyn Buttons] {
        &[&Self]
    }

    fn is_slow(&self, invocation: &Invocation) -> bool {
        invocation.subcommand.as_deref() == Some("export")
    }

    async fn run(&self, app: &App, invocation: &Invocation) -> Result<Reply> {
        let origin = &invocation.origin;
        match invocation.subcommand.as_deref() {
            Some("export") => words::exported(&app.member_data(origin.user, origin.at).await?),
            Some("delete") => Ok(words::confirm_deletion(delete())),
            _ => Err(Mistake::StaleButton.into()),
        }
    }
}

#[async_trait]
impl Buttons for PrivacyCommand {
    fn family(&self) -> &'static str {
        FAMILY
    }

    /// The button goes, so that it cannot be clicked again.
    fn later(&self, action: &Action) -> Option<Later> {
        (*action == delete()).then_some(Later::Update)
    }

    /// Whoever clicks is the one who is forgotten, whatever the message said to whom.
    async fn press(&self, app: &App, press: &Press, action: &Action) -> Result<Response> {
        if *action != delete() {
            return Err(Mistake::StaleButton.into());
        }
        let forgotten = app.forget_member(press.origin.user).await?;
        Ok(Response::Update(words::deleted(&forgotten, app.policy().backups_kept)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
