//! `/settings`: what members choose for themselves.

use super::{Buttons, Command, Invocation, Press, Spec};
use crate::{
    app::App,
    domain::member::Preferences,
    error::{Mistake, Result},
    text::{self, Words, settings as words},
    ui::{Action, Meaning, Reply, Response},
};
use async_trait::async_trait;

const FAMILY: &str = "settings";

/// Hides the member from boards, or shows them again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum SettingsButton {
    Hide,
    Show,
}

impl Meaning for SettingsButton {
    fn action(&self) -> Action {
        let word = match self {
            Self::Hide => "hide",
            Self::Show => "show",
        };
        Action::new(FAMILY, word)
    }

    fn read(action: &Action) -> Option<Self> {
        [Self::Hide, Self::Show].into_iter().find(|button| button.action() == *action)
    }
}

fn settings(chosen: Preferences) -> Reply {
    let hide = |hidden| if hidden { SettingsButton::Hide } else { SettingsButton::Show };
    words::settings(chosen, |hidden| hide(hidden).action())
}

pub(super) struct SettingsCommand;

#[async_trait]
impl Command for SettingsCommand {
    fn name(&self) -> &'static str {
        "settings"
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
        text::settings::COMMAND
    }

    fn buttons(&self) -> &'static [&'static dyn Buttons] {
        &[&Self]
    }

    async fn run(&self, app: &App, invocation: &Invocation) -> Result<Reply> {
        Ok(settings(app.preferences(invocation.origin.user).await?))
    }
}

#[async_trait]
impl Buttons for SettingsCommand {
    fn family(&self) -> &'static str {
        FAMILY
    }

    /// Whoever clicks is the one who is meant.
    async fn press(&self, app: &App, press: &Press, action: &Action) -> Result<Response> {
        let button = SettingsButton::of(action).ok_or(Mistake::StaleButton)?;
        let hidden = button == SettingsButton::Hide;
        app.hide(press.origin.user, hidden).await?;
        Ok(Response::Update(settings(Preferences { hidden })))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::{
        app::testing::{ADA, BOB},
        commands::{
            invocation::Value,
            testing::{Desk, text},
        },
        domain::round::Act,
    };

    #[tokio::test]
    async fn one_hides_and_shows_oneself_and_a_second_click_changes_nothing() {
        let (desk, _) = Desk::with_rounds(1).await;
        let shown = desk.ask_directly(ADA, "settings", &[]).await;
        insta::assert_snapshot!(shown, @"
        │ Your settings
        │ They hold in every server that I am in.
        │ Boards: **Shown**, where you have taken part.
        │ -- /privacy gives you all that I keep of you, or deletes it
        [Hide me from boards]
        ");
        let hidden = desk.click(ADA, &shown, "Hide me from boards").await;
        insta::assert_snapshot!(hidden, @"
        (in place of the message)
        │ Your settings
        │ They hold in every server that I am in.
        │ Boards: **Hidden.** No board shows you to anybody, `/streak` tells nobody else about you, and nobody's place counts you. You still see your own.
        │ -- /privacy gives you all that I keep of you, or deletes it
        [Show me on boards]
        ");
        let again = desk.click(ADA, &shown, "Hide me from boards").await;
        assert_eq!(again.to_string(), hidden.to_string());
        let back = desk.click(ADA, &hidden, "Show me on boards").await.to_string();
        assert_eq!(back, format!("(in place of the message)\n{shown}"));
    }

    #[tokio::test]
    async fn who_hides_sees_what_nobody_else_sees() {
        let (desk, daily) = Desk::with_rounds(1).await;
        let at = desk.chat.message(daily.id, 1).post.at;
        for user in [ADA, BOB] {
            desk.app.store.act(daily.id, 1, user, at, Act::Answered).await.unwrap();
        }
        desk.app.hide(ADA, true).await.unwrap();
        let kind = [text("kind", "all")];
        insta::assert_snapshot!(desk.ask(ADA, "leaderboard", &kind).await, @"
        │ Rounds of all time
        │ 🥇 <@102> — **1** round
        │
        │ You: 1st — **1** round · hidden from everybody else
        │ -- daily · 1 member · rounds taken part in since the start
        ");
        let member = [("member", Value::User(ADA))];
        insta::assert_snapshot!(desk.ask(BOB, "streak", &member).await, @"This member keeps their rounds to themselves.");
        assert!(desk.ask(ADA, "streak", &member).await.to_string().contains("Streak: 1 round"));
    }
}
