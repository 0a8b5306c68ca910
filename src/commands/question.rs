//! `/question`: a practice question now, the open round again, a search, one by name.

use super::{
    Command, Invocation, Press, Spec, Typing,
    spec::{Opt, OptKind, SUGGESTED, daily_option},
    suggest_dailies, suggest_questions, suggest_topics,
};
use crate::{
    app::App,
    domain::question::Level,
    error::{Mistake, Result},
    text::{
        practice,
        reply::{Action, Family, Reply, Response, Suggestion, Verb},
        rounds,
    },
};
use async_trait::async_trait;

/// How many questions a search shows.
const FOUND_MAX: usize = 10;

pub(super) struct QuestionCommand;

#[async_trait]
impl Command for QuestionCommand {
    fn spec(&self) -> Spec {
        let draw = || {
            vec![
                Opt::optional("topic", "Only questions of this topic", SUGGESTED),
                Opt::optional("private", "Show it to me alone", OptKind::Boolean),
            ]
        };
        let text = OptKind::Text { max: 100, autocomplete: false };
        Spec {
            name: "question",
            description: "A question to practise on, or the open round again",
            options: vec![
                Opt::subcommand("beginner", "A beginner question, now", draw()),
                Opt::subcommand("intermediate", "An intermediate question, now", draw()),
                Opt::subcommand("advanced", "An advanced question, now", draw()),
                Opt::subcommand("any", "A question of any level, now", draw()),
                Opt::subcommand("today", "The open round again", vec![daily_option()]),
                Opt::subcommand(
                    "find",
                    "Search the bank",
                    vec![Opt::required("text", "Words of the title or topic", text)],
                ),
                Opt::subcommand(
                    "show",
                    "One question by its name",
                    vec![
                        Opt::required("id", "The question", SUGGESTED),
                        Opt::optional("private", "Show it to me alone", OptKind::Boolean),
                    ],
                ),
            ],
            manage_server: false,
            direct_messages: true,
        }
    }

    fn help(&self) -> &'static str {
        "another question at any time, by level and topic; `today` shows the open round, `find` \
         searches, `show` gives one by name"
    }

    fn family(&self) -> Option<Family> {
        Some(Family::Practice)
    }

    async fn run(&self, app: &App, invocation: &Invocation) -> Result<Reply> {
        let private = invocation.boolean("private").unwrap_or(false);
        match invocation.subcommand.as_deref().unwrap_or("any") {
            "today" => today(app, invocation),
            "find" => {
                let text = invocation.text("text").unwrap_or_default();
                Ok(practice::found(text, &app.find_questions(text, FOUND_MAX)))
            }
            "show" => {
                let asked = invocation.text("id").unwrap_or_default();
                Ok(practice::question(&app.question(asked)?, private))
            }
            level => {
                let guild = invocation.origin.guild;
                let topic = invocation.text("topic");
                let shown = app.draw_practice(guild, level.parse::<Level>().ok(), topic)?;
                Ok(practice::question(&shown, private))
            }
        }
    }

    async fn suggest(&self, app: &App, typing: &Typing) -> Result<Vec<Suggestion>> {
        match typing.option.as_str() {
            "topic" => Ok(suggest_topics(app, &typing.text)),
            "id" => Ok(suggest_questions(app, &typing.text)),
            _ => suggest_dailies(app, &typing.invocation.origin, &typing.text),
        }
    }

    async fn press(&self, app: &App, press: &Press, action: &Action) -> Result<Response> {
        Ok(match action {
            Action::Practice(id, Verb::Answer) => {
                let shown = app.practice_question(id)?;
                Response::Ask(rounds::form(
                    Some(&shown.question.title),
                    Action::PracticeForm(id.clone()),
                ))
            }
            Action::Practice(id, Verb::Hint) => {
                Response::Say(rounds::hint(&app.practice_question(id)?))
            }
            Action::Practice(id, Verb::Reveal) => {
                Response::Say(practice::revealed(&app.practice_question(id)?))
            }
            Action::Practice(id, Verb::Quiz) => {
                Response::Say(practice::quiz(&app.practice_quiz(id, press.origin.user, None)?))
            }
            Action::PracticeQuiz(id, place) => {
                let picked = Some(usize::from(*place));
                Response::Update(practice::quiz(&app.practice_quiz(
                    id,
                    press.origin.user,
                    picked,
                )?))
            }
            Action::PracticeForm(id) => {
                let text = press.typed.as_deref().unwrap_or_default();
                Response::Say(practice::answered(&app.practice_question(id)?, text))
            }
            _ => return Err(Mistake::StaleButton.into()),
        })
    }
}

fn today(app: &App, invocation: &Invocation) -> Result<Reply> {
    let guild = invocation.origin.guild()?;
    let daily = app.daily(guild, invocation.text("daily"), invocation.origin.channel)?;
    let view = app.newest_round(daily)?;
    let part = app.participation(&view, invocation.origin.user)?;
    Ok(rounds::again(&view, &part, guild.0))
}
