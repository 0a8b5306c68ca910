//! `/settings`: what members choose for themselves.

use super::{Command, Invocation, Press, Spec};
use crate::{
    app::App,
    domain::member::Preferences,
    error::{Mistake, Result},
    text::{
        reply::{Action, Family, Reply, Response},
        settings as words,
    },
};
use async_trait::async_trait;

pub(super) struct SettingsCommand;

#[async_trait]
impl Command for SettingsCommand {
    fn spec(&self) -> Spec {
        Spec {
            name: "settings",
            description: "Whether boards show you",
            options: Vec::new(),
            manage_server: false,
            direct_messages: true,
        }
    }

    fn help(&self) -> &'static str {
        "hide yourself from the boards, or show yourself again"
    }

    fn family(&self) -> Option<Family> {
        Some(Family::Settings)
    }

    async fn run(&self, app: &App, invocation: &Invocation) -> Result<Reply> {
        Ok(words::settings(app.preferences(invocation.origin.user)?))
    }

    async fn press(&self, app: &App, press: &Press, action: &Action) -> Result<Response> {
        let Action::Hide(hidden) = *action else { return Err(Mistake::StaleButton.into()) };
        app.hide(press.origin.user, hidden).await?;
        Ok(Response::Update(words::settings(Preferences { hidden })))
    }
}
