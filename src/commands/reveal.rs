//! `/reveal`: the model answer, for the member alone.

use super::{
    Command, Invocation, Spec, Typing,
    spec::{Opt, SUGGESTED, daily_option},
    suggest_dailies, suggest_questions,
};
use crate::{
    app::{App, rounds::Click},
    error::Result,
    text::{
        practice,
        reply::{Reply, Suggestion},
        rounds,
    },
};
use async_trait::async_trait;

pub(super) struct RevealCommand;

#[async_trait]
impl Command for RevealCommand {
    fn spec(&self) -> Spec {
        Spec {
            name: "reveal",
            description: "The model answer, for you alone; of the open round if none is named",
            options: vec![Opt::optional("question", "The question", SUGGESTED), daily_option()],
            manage_server: false,
            direct_messages: true,
        }
    }

    fn help(&self) -> &'static str {
        "the model answer, for you alone; of the open round if you name no question"
    }

    async fn run(&self, app: &App, invocation: &Invocation) -> Result<Reply> {
        if let Some(asked) = invocation.text("question") {
            return Ok(practice::revealed(&app.question(asked)?));
        }
        let origin = &invocation.origin;
        let guild = origin.guild()?;
        let daily = app.daily(guild, invocation.text("daily"), origin.channel)?;
        let view = app.newest_round(daily)?;
        let click = Click { guild, user: origin.user, at: origin.at, post: None };
        let acted = app.reveal(&click, view.daily.id, view.round.number).await?;
        Ok(rounds::revealed(&acted))
    }

    async fn suggest(&self, app: &App, typing: &Typing) -> Result<Vec<Suggestion>> {
        match typing.option.as_str() {
            "question" => Ok(suggest_questions(app, &typing.text)),
            _ => suggest_dailies(app, &typing.invocation.origin, &typing.text),
        }
    }
}
