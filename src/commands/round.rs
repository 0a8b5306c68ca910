//! The buttons and the form of a round.

use super::Press;
use crate::{
    app::{App, rounds::Click},
    error::{Mistake, Result},
    text::{
        reply::{Action, Response, Verb},
        rounds,
    },
};

/// Handles a click on a round's message, or on what it led to.
pub(super) async fn press(app: &App, press: &Press, action: &Action) -> Result<Response> {
    let click = Click {
        guild: press.origin.guild()?,
        user: press.origin.user,
        at: press.origin.at,
        // Only the buttons of the round's own message prove where that message is.
        post: press.message.filter(|_| matches!(action, Action::Round(..))),
    };
    match action {
        Action::Round(daily, number, verb) => {
            verb_pressed(app, &click, *daily, *number, *verb).await
        }
        Action::RoundForm(daily, number) => {
            let acted = app.answer(&click, *daily, *number).await?;
            let text = press.typed.as_deref().unwrap_or_default();
            Ok(Response::Say(rounds::answered(&acted, text)))
        }
        Action::RoundQuiz(daily, number, place) => {
            let tried = app.try_quiz(&click, *daily, *number, usize::from(*place)).await?;
            Ok(Response::Update(rounds::quiz_tried(&tried)))
        }
        Action::RoundGrade(daily, number, grade) => {
            let acted = app.grade(&click, *daily, *number, *grade).await?;
            Ok(Response::Say(rounds::graded(&acted, *grade)))
        }
        Action::RoundShare(daily, number) => {
            let answer = press.own_answer.as_deref().ok_or(Mistake::StaleButton)?;
            let shared = app.share(&click, *daily, *number, answer).await?;
            Ok(Response::Say(rounds::sharing(shared)))
        }
        _ => Err(Mistake::StaleButton.into()),
    }
}

async fn verb_pressed(
    app: &App,
    click: &Click,
    daily: crate::domain::ids::DailyId,
    number: u32,
    verb: Verb,
) -> Result<Response> {
    Ok(match verb {
        Verb::Answer => {
            let title = app.round_title(click, daily, number).await?;
            let action = Action::RoundForm(daily, number);
            Response::Ask(rounds::form(title.as_deref(), action))
        }
        Verb::Hint => {
            Response::Say(rounds::hint(&app.round_view(click, daily, number).await?.shown))
        }
        Verb::Quiz => Response::Say(rounds::quiz(&app.quiz(click, daily, number).await?)),
        Verb::Reveal => Response::Say(rounds::revealed(&app.reveal(click, daily, number).await?)),
    })
}
