//! `/reveal`: the model answer, for the member alone.

use super::{
    Command, Invocation, Spec, Typing, question, round,
    spec::{Opt, SUGGESTED, daily_option},
    suggest_dailies, suggest_questions,
};
use crate::{
    app::{App, rounds::Click},
    error::Result,
    text::{self, Words, rounds},
    ui::{Reply, Suggestion},
};
use async_trait::async_trait;

pub(super) struct RevealCommand;

#[async_trait]
impl Command for RevealCommand {
    fn name(&self) -> &'static str {
        "reveal"
    }

    fn spec(&self) -> Spec {
        Spec {
            name: self.name(),
            description: "",
            options: vec![Opt::optional("question", SUGGESTED), daily_option()],
            manage_server: false,
            direct_messages: true,
        }
    }

    fn words(&self) -> Words {
        text::reveal::COMMAND
    }

    async fn run(&self, app: &App, invocation: &Invocation) -> Result<Reply> {
        if let Some(asked) = invocation.text("question") {
            return Ok(question::revealed(&app.question(asked)?));
        }
        let origin = &invocation.origin;
        let guild = origin.guild()?;
        let daily = app.daily(guild, invocation.text("daily"), origin.channel).await?;
        let view = app.newest_round(daily).await?;
        let click = Click { guild, user: origin.user, at: origin.at, post: None };
        let acted = app.reveal(&click, view.daily.id, view.round.number).await?;
        let buttons = round::of(acted.view.round.daily, acted.view.round.number);
        Ok(rounds::revealed(&acted, buttons))
    }

    async fn suggest(&self, app: &App, typing: &Typing) -> Result<Vec<Suggestion>> {
        match typing.option.as_str() {
            "question" => Ok(suggest_questions(app, &typing.text)),
            _ => suggest_dailies(app, &typing.invocation.origin, &typing.text).await,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::{
        app::testing::{ADA, BOB, QUESTIONS},
        commands::testing::{Desk, text},
    };

    #[tokio::test]
    async fn a_named_question_is_practice() {
        let desk = Desk::empty();
        let named = [text("question", "full-queue")];
        insta::assert_snapshot!(desk.ask_directly(ADA, "reveal", &named).await, @"
        │ What if a queue is full?
        │ Did the answer mention …: ☐ The first point of full-queue.
        │ ☐ The second of full-queue.
        │ ☐ The third of full-queue.
        │ You hear from somebody who has read about it: A reader's line of full-queue.
        │ You hear from somebody who has run it: A practitioner's line of full-queue.
        [Full answer!] [Go deeper]
        ");
        let by_title =
            desk.ask(ADA, "reveal", &[text("question", "what if a QUEUE is full?")]).await;
        assert_eq!(by_title.to_string(), desk.ask(ADA, "reveal", &named).await.to_string());
    }

    #[tokio::test]
    async fn the_open_round_asks_for_a_grade_before_it_counts() {
        let (desk, daily) = Desk::with_rounds(1).await;
        let seen = desk.ask(ADA, "reveal", &[]).await;
        insta::assert_snapshot!(seen, @"
        Grade your own answer to take part in this round.
        │ Model answer in short
        │ Did the answer mention …: ☐ The first point of queue.
        │ ☐ The second of queue.
        │ ☐ The third of queue.
        │ You hear from somebody who has read about it: A reader's line of queue.
        │ You hear from somebody who has run it: A practitioner's line of queue.
        [Full answer!] [Go deeper]
        [Missed] [Partly] [Got it (good)]
        ");
        assert_eq!(desk.app.store.round(daily.id, 1).await.unwrap().unwrap().tally.took_part, 0);
        insta::assert_snapshot!(desk.click(ADA, &seen, "Partly").await, @"You graded yourself: **partly**. You are in. Your streak stands at **1** round.");
        assert_eq!(desk.app.store.round(daily.id, 1).await.unwrap().unwrap().tally.took_part, 1);
        let again = desk.ask(ADA, "reveal", &[]).await.to_string();
        insta::assert_snapshot!(again.lines().next().unwrap(), @"You have taken part in round #1.");
    }

    #[tokio::test]
    async fn what_cannot_be_revealed_says_what_to_do() {
        let desk = Desk::empty();
        insta::assert_snapshot!(desk.ask(ADA, "reveal", &[]).await, @"There is no daily question here yet. Somebody with Manage Server sets one up with `/daily set`; `/question any` gives a question right now.");
        insta::assert_snapshot!(desk.ask_directly(ADA, "reveal", &[]).await, @"This works in a server only.");
        insta::assert_snapshot!(
            desk.ask(ADA, "reveal", &[text("question", "what is *love*")]).await,
            @r"No question is called “what is \*love\*”. `/question find` searches the bank."
        );
        desk.daily("daily", QUESTIONS).await;
        insta::assert_snapshot!(desk.ask(BOB, "reveal", &[]).await, @"**daily** has not posted a question yet. `/question any` gives one right now.");
        insta::assert_snapshot!(desk.suggested(ADA, "reveal", "question", "queue").await, @"
        What if a queue is full? = full-queue
        What is a queue? = queue
        ");
    }
}
