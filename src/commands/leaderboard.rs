//! `/leaderboard`: the boards, paged.

use super::{
    Buttons, Command, Invocation, Press, Spec, Typing,
    spec::{Opt, OptKind, daily_option},
    suggest_dailies,
};
use crate::{
    app::{App, standings::BoardView},
    domain::{
        board::{BoardKind, Cursor, Entry, Month},
        ids::{DailyId, UserId},
    },
    error::{Mistake, Result},
    text::{self, Words, boards},
    ui::{Action, Meaning, Parts, Reply, Response, Suggestion},
};
use async_trait::async_trait;
use jiff::Timestamp;

const FAMILY: &str = "board";

/// Turns to a page of a board.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct PageButton {
    daily: DailyId,
    kind: BoardKind,
    /// The month, of boards that count one month.
    month: Option<Month>,
    /// Where the page begins or ends.
    cursor: Cursor,
}

impl Meaning for PageButton {
    fn action(&self) -> Action {
        let month = self.month.map_or_else(|| "-".to_owned(), |month| month.to_string());
        let action = Action::new(FAMILY, self.kind.as_str()).number(self.daily.0).text(month);
        let (direction, entry) = match self.cursor {
            Cursor::Top => return action,
            Cursor::After(entry) => ("down", entry),
            Cursor::Before(entry) => ("up", entry),
        };
        let reached = u64::try_from(entry.reached.as_millisecond()).unwrap_or(0);
        action.text(direction).number(entry.score).number(reached).number(entry.user.0)
    }

    fn read(action: &Action) -> Option<Self> {
        let mut parts = action.reader();
        let kind = parts.text()?.parse().ok()?;
        let daily = DailyId(parts.number()?);
        let month = match parts.text()? {
            "-" => None,
            text => Some(text.parse().ok()?),
        };
        let cursor = match parts.text() {
            None => Cursor::Top,
            Some("down") => Cursor::After(entry(&mut parts)?),
            Some("up") => Cursor::Before(entry(&mut parts)?),
            Some(_) => return None,
        };
        Some(Self { daily, kind, month, cursor })
    }
}

fn entry(parts: &mut Parts<'_>) -> Option<Entry> {
    let score = parts.number()?;
    let reached = Timestamp::from_millisecond(parts.number()?).ok()?;
    Some(Entry { score, reached, user: UserId(parts.number()?) })
}

/// A page with the buttons to its neighbours.
fn page(view: &BoardView) -> Reply {
    let (daily, kind, month) = (view.daily.id, view.board.kind, view.board.month);
    boards::page(view, |cursor| PageButton { daily, kind, month, cursor }.action())
}

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
    fn name(&self) -> &'static str {
        "leaderboard"
    }

    fn spec(&self) -> Spec {
        Spec {
            name: self.name(),
            description: "",
            options: vec![Opt::optional("kind", OptKind::Choice(KINDS)), daily_option()],
            manage_server: false,
            direct_messages: false,
        }
    }

    fn words(&self) -> Words {
        text::boards::COMMAND
    }

    fn buttons(&self) -> &'static [&'static dyn Buttons] {
        &[&Self]
    }

    async fn run(&self, app: &App, invocation: &Invocation) -> Result<Reply> {
        let origin = &invocation.origin;
        let daily = app.daily(origin.guild()?, invocation.text("daily"), origin.channel).await?;
        let kind = invocation.text("kind").and_then(|word| word.parse().ok());
        let kind = kind.unwrap_or(BoardKind::Month);
        let view = app.board(daily, kind, None, Cursor::Top, origin.at, origin.user).await?;
        Ok(page(&view))
    }

    async fn suggest(&self, app: &App, typing: &Typing) -> Result<Vec<Suggestion>> {
        suggest_dailies(app, &typing.invocation.origin, &typing.text).await
    }
}

#[async_trait]
impl Buttons for LeaderboardCommand {
    fn family(&self) -> &'static str {
        FAMILY
    }

    fn label(&self) -> &'static str {
        "leaderboard"
    }

    async fn press(&self, app: &App, press: &Press, action: &Action) -> Result<Response> {
        let PageButton { daily, kind, month, cursor } =
            PageButton::of(action).ok_or(Mistake::StaleButton)?;
        let origin = &press.origin;
        let daily = app.board_daily(origin.guild()?, daily).await?;
        let view = app.board(daily, kind, month, cursor, origin.at, origin.user).await?;
        Ok(Response::Update(page(&view)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::{
        app::testing::{ADA, BOB, CLEO, MONA, QUESTIONS},
        commands::testing::{Desk, text},
        domain::round::Act,
    };

    #[test]
    fn the_choices_are_the_boards() {
        let kinds: Vec<BoardKind> = KINDS.iter().map(|(_, word)| word.parse().unwrap()).collect();
        assert_eq!(kinds, BoardKind::ALL);
    }

    /// A member takes the quizzes of these rounds while they are open, each rightly.
    async fn takes_part(desk: &Desk, id: DailyId, user: UserId, rounds: &[u32]) {
        for number in rounds {
            let at = desk.chat.message(id, *number).post.at;
            let act = Act::Quiz { right: true };
            desk.app.store.act(id, *number, user, at, act).await.unwrap();
        }
    }

    /// Four rounds: Ada takes part in all, Bob in the first two, Cleo in the last two.
    async fn four_rounds() -> (Desk, DailyId) {
        let (desk, daily) = Desk::with_rounds(4).await;
        takes_part(&desk, daily.id, ADA, &[1, 2, 3, 4]).await;
        takes_part(&desk, daily.id, BOB, &[1, 2]).await;
        takes_part(&desk, daily.id, CLEO, &[3, 4]).await;
        (desk, daily.id)
    }

    #[tokio::test]
    async fn equal_scores_share_a_place_and_who_came_first_is_first() {
        let (desk, _) = four_rounds().await;
        insta::assert_snapshot!(desk.ask(CLEO, "leaderboard", &[]).await, @"
        │ Rounds in March 2026
        │ 🥇 <@101> — **4** rounds
        │ 🥈 <@102> — **2** rounds
        │ 🥈 <@103> — **2** rounds
        │
        │ You: 2nd — **2** rounds
        │ -- daily · 3 members · everyone starts at zero each month
        ");
    }

    /// Bob missed round 3 and has not taken part in the open one: his freeze still carries him.
    #[tokio::test]
    async fn every_kind_of_board() {
        let (mut desk, daily) = four_rounds().await;
        let kind = |word| [text("kind", word)];
        insta::assert_snapshot!(desk.ask(MONA, "leaderboard", &kind("streak")).await, @"
        │ Current streaks
        │ 🥇 <@101> — **4** rounds
        │ 🥈 <@102> — **2** rounds
        │ 🥈 <@103> — **2** rounds
        │ -- daily · 3 members · rounds in a row, running now
        ");
        insta::assert_snapshot!(desk.ask(BOB, "leaderboard", &kind("best")).await, @"
        │ Best streaks
        │ 🥇 <@101> — **4** rounds
        │ 🥈 <@102> — **2** rounds
        │ 🥈 <@103> — **2** rounds
        │
        │ You: 2nd — **2** rounds
        │ -- daily · 3 members · the longest run ever
        ");
        insta::assert_snapshot!(desk.ask(BOB, "leaderboard", &kind("all")).await, @"
        │ Rounds of all time
        │ 🥇 <@101> — **4** rounds
        │ 🥈 <@102> — **2** rounds
        │ 🥈 <@103> — **2** rounds
        │
        │ You: 2nd — **2** rounds
        │ -- daily · 3 members · rounds taken part in since the start
        ");
        insta::assert_snapshot!(desk.ask(BOB, "leaderboard", &kind("quiz")).await, @"
        │ Right quiz answers in March 2026
        │ 🥇 <@101> — **4** right
        │ 🥈 <@102> — **2** right
        │ 🥈 <@103> — **2** right
        │
        │ You: 2nd — **2** right
        │ -- daily · 3 members · first tries that were right this month
        ");
        desk.post(daily).await;
        let streaks = desk.ask(BOB, "leaderboard", &kind("streak")).await.to_string();
        assert!(!streaks.contains("<@102>"), "{streaks}");
    }

    #[tokio::test]
    async fn an_empty_board_invites() {
        let (desk, _) = Desk::with_rounds(1).await;
        insta::assert_snapshot!(desk.ask(ADA, "leaderboard", &[]).await, @"
        │ Rounds in March 2026
        │ Nobody is here yet. Take part in the open round and you lead.
        │ -- daily · 0 members · everyone starts at zero each month
        ");
        insta::assert_snapshot!(desk.ask(ADA, "leaderboard", &[text("kind", "quiz")]).await, @"
        │ Right quiz answers in March 2026
        │ Nobody has got a quiz right yet. The first right answer leads.
        │ -- daily · 0 members · first tries that were right this month
        ");
    }

    #[tokio::test]
    async fn a_long_board_is_turned_by_buttons_and_shows_ones_own_place() {
        let (desk, daily) = Desk::with_rounds(1).await;
        for user in 201..=223 {
            takes_part(&desk, daily.id, UserId(user), &[1]).await;
        }
        let first = desk.ask(UserId(223), "leaderboard", &[text("kind", "all")]).await;
        insta::assert_snapshot!(first, @"
        │ Rounds of all time
        │ 🥇 <@201> — **1** round
        │ 🥇 <@202> — **1** round
        │ 🥇 <@203> — **1** round
        │ 🥇 <@204> — **1** round
        │ 🥇 <@205> — **1** round
        │ 🥇 <@206> — **1** round
        │ 🥇 <@207> — **1** round
        │ 🥇 <@208> — **1** round
        │ 🥇 <@209> — **1** round
        │ 🥇 <@210> — **1** round
        │
        │ You: 1st — **1** round
        │ -- daily · 23 members · rounds taken part in since the start
        [Lower ▶]
        ");
        let second = desk.click(UserId(223), &first, "Lower ▶").await;
        let last = desk.click(UserId(223), &second, "Lower ▶").await;
        insta::assert_snapshot!(last, @"
        (in place of the message)
        │ Rounds of all time
        │ 🥇 <@221> — **1** round
        │ 🥇 <@222> — **1** round
        │ 🥇 <@223> — **1** round
        │
        │ You: 1st — **1** round
        │ -- daily · 23 members · rounds taken part in since the start
        [◀ Higher]
        ");
        let back = desk.click(UserId(223), &last, "◀ Higher").await;
        assert_eq!(back.to_string(), second.to_string());
        let top = desk.click(UserId(223), &back, "◀ Higher").await.to_string();
        assert_eq!(top, format!("(in place of the message)\n{first}"));
    }

    /// The members below left the board after the page was shown: their streaks ended.
    #[tokio::test]
    async fn a_page_that_has_gone_leads_back_to_the_top() {
        let (mut desk, daily) = Desk::with_rounds(2).await;
        for user in 201..=210 {
            takes_part(&desk, daily.id, UserId(user), &[1, 2]).await;
        }
        takes_part(&desk, daily.id, BOB, &[1]).await;
        let first = desk.ask(ADA, "leaderboard", &[text("kind", "streak")]).await;
        desk.post(daily.id).await;
        desk.post(daily.id).await;
        let seen = desk.click(ADA, &first, "Lower ▶").await.to_string();
        assert!(seen.contains("<@201>"), "{seen}");
    }

    #[tokio::test]
    async fn the_board_of_a_foreign_daily_is_not_shown() {
        let (desk, daily) = four_rounds().await;
        let top = PageButton { daily, kind: BoardKind::All, month: None, cursor: Cursor::Top };
        insta::assert_snapshot!(desk.act_elsewhere(ADA, top.action()).await, @"What this belonged to is not here any more. `/question today` shows the open round, `/help` what I can do.");
        let desk = Desk::empty();
        insta::assert_snapshot!(desk.ask(ADA, "leaderboard", &[]).await, @"There is no daily question here yet. Somebody with Manage Server sets one up with `/daily set`; `/question any` gives a question right now.");
        desk.daily("backend", QUESTIONS).await;
        desk.daily("rust", QUESTIONS).await;
        insta::assert_snapshot!(desk.ask(ADA, "leaderboard", &[]).await, @"There are several dailies here, so name the one you mean: **backend**, **rust**.");
    }

    proptest::proptest! {
        #[test]
        fn every_page_comes_back(
            daily: u64,
            kind in proptest::sample::select(BoardKind::ALL.to_vec()),
            month in proptest::option::of((2015..3000_i16, 1..=12_i8)),
            edge in proptest::option::of((proptest::bool::ANY, 0..u32::MAX, 0..4_000_000_000_000_i64, 0..u64::MAX)),
        ) {
            let cursor = edge.map_or(Cursor::Top, |(down, score, reached, user)| {
                let reached = Timestamp::from_millisecond(reached).unwrap();
                let entry = Entry { score, reached, user: UserId(user) };
                if down { Cursor::After(entry) } else { Cursor::Before(entry) }
            });
            let month = month.map(|(year, month)| Month { year, month });
            let button = PageButton { daily: DailyId(daily), kind, month, cursor };
            proptest::prop_assert_eq!(PageButton::of(&button.action()), Some(button));
        }
    }
}
