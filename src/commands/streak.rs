//! `/streak`: how a member's streak stands, and why.

use super::{
    Command, Invocation, Spec, Typing,
    spec::{Opt, OptKind, daily_option},
    suggest_dailies,
};
use crate::{
    app::App,
    error::Result,
    text::{
        reply::{Reply, Suggestion},
        streaks,
    },
};
use async_trait::async_trait;

pub(super) struct StreakCommand;

#[async_trait]
impl Command for StreakCommand {
    fn spec(&self) -> Spec {
        Spec {
            name: "streak",
            description: "Streak, best, freezes and what happened lately",
            options: vec![Opt::optional("member", "Somebody else", OptKind::User), daily_option()],
            manage_server: false,
            direct_messages: false,
        }
    }

    fn help(&self) -> &'static str {
        "your streak or a member's: best, freezes, and what happened lately"
    }

    async fn run(&self, app: &App, invocation: &Invocation) -> Result<Reply> {
        let origin = &invocation.origin;
        let daily = app.daily(origin.guild()?, invocation.text("daily"), origin.channel)?;
        let member = invocation.user("member").unwrap_or(origin.user);
        Ok(streaks::streak(&app.streak(daily, member)?, origin.user))
    }

    async fn suggest(&self, app: &App, typing: &Typing) -> Result<Vec<Suggestion>> {
        suggest_dailies(app, &typing.invocation.origin, &typing.text)
    }
}
