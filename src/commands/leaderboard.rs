//! `/leaderboard`: the boards, paged.

use super::{
    Command, Invocation, Press, Spec, Typing,
    spec::{Opt, OptKind, daily_option},
    suggest_dailies,
};
use crate::{
    app::App,
    domain::board::BoardKind,
    error::{Mistake, Result},
    store::Cursor,
    text::{
        boards,
        reply::{Action, Direction, Family, Reply, Response, Suggestion},
    },
};
use async_trait::async_trait;

pub(super) struct LeaderboardCommand;

const KINDS: &[(&str, &str)] = &[
    ("This month", "month"),
    ("Current streaks", "streak"),
    ("Best streaks", "best"),
    ("All time", "all"),
    ("Quiz, this month", "quiz"),
];

#[async_trait]
impl Command for LeaderboardCommand {
    fn spec(&self) -> Spec {
        Spec {
            name: "leaderboard",
            description: "Who took part most: this month, in a row, ever; and who is best at quizzes",
            options: vec![
                Opt::optional("kind", "Which board; this month's if none", OptKind::Choice(KINDS)),
                daily_option(),
            ],
            manage_server: false,
            direct_messages: false,
        }
    }

    fn help(&self) -> &'static str {
        "the boards: this month, current and best streaks, all time, quiz"
    }

    fn family(&self) -> Option<Family> {
        Some(Family::Board)
    }

    async fn run(&self, app: &App, invocation: &Invocation) -> Result<Reply> {
        let origin = &invocation.origin;
        let daily = app.daily(origin.guild()?, invocation.text("daily"), origin.channel)?;
        let kind = invocation.text("kind").and_then(|word| word.parse().ok());
        let kind = kind.unwrap_or(BoardKind::Month);
        let view = app.board(daily, kind, None, Cursor::Top, origin.at, origin.user)?;
        Ok(boards::page(&view))
    }

    async fn suggest(&self, app: &App, typing: &Typing) -> Result<Vec<Suggestion>> {
        suggest_dailies(app, &typing.invocation.origin, &typing.text)
    }

    async fn press(&self, app: &App, press: &Press, action: &Action) -> Result<Response> {
        let Action::Board(turn) = action else { return Err(Mistake::StaleButton.into()) };
        let origin = &press.origin;
        let daily = app.board_daily(origin.guild()?, turn.daily)?;
        let cursor = match turn.edge {
            None => Cursor::Top,
            Some((Direction::Down, entry)) => Cursor::After(entry),
            Some((Direction::Up, entry)) => Cursor::Before(entry),
        };
        let view = app.board(daily, turn.kind, turn.month, cursor, origin.at, origin.user)?;
        Ok(Response::Update(boards::page(&view)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_choices_are_the_boards() {
        let kinds: Vec<BoardKind> = KINDS.iter().map(|(_, word)| word.parse().unwrap()).collect();
        assert_eq!(kinds, BoardKind::ALL);
    }
}
