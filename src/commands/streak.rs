//! `/streak`: how a member's streak stands, and why.

use super::{
    Command, Invocation, Spec, Typing,
    spec::{Opt, OptKind, daily_option},
    suggest_dailies,
};
use crate::{
    app::App,
    error::Result,
    text::{self, Words, streaks},
    ui::{Reply, Suggestion},
};
use async_trait::async_trait;

pub(super) struct StreakCommand;

#[async_trait]
impl Command for StreakCommand {
    fn name(&self) -> &'static str {
        "streak"
    }

    fn spec(&self) -> Spec {
        Spec {
            name: self.name(),
            description: "",
            options: vec![Opt::optional("member", OptKind::User), daily_option()],
            manage_server: false,
            direct_messages: false,
        }
    }

    fn words(&self) -> Words {
        text::streaks::COMMAND
    }

    async fn run(&self, app: &App, invocation: &Invocation) -> Result<Reply> {
        let origin = &invocation.origin;
        let daily = app.daily(origin.guild()?, invocation.text("daily"), origin.channel).await?;
        let member = invocation.user("member").unwrap_or(origin.user);
        Ok(streaks::streak(&app.streak(daily, member, origin.user).await?, origin.user))
    }

    async fn suggest(&self, app: &App, typing: &Typing) -> Result<Vec<Suggestion>> {
        suggest_dailies(app, &typing.invocation.origin, &typing.text).await
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::{
        app::testing::{ADA, BOB, CLEO},
        commands::{
            invocation::Value,
            testing::{Desk, text},
        },
        domain::{ids::DailyId, round::Act},
    };

    /// Ada takes part in these rounds of the ones that are out.
    async fn takes_part(desk: &Desk, id: DailyId, rounds: impl IntoIterator<Item = u32>) {
        for number in rounds {
            let at = desk.chat.message(id, number).post.at;
            desk.app.store.act(id, number, ADA, at, Act::Answered).await.unwrap();
        }
    }

    #[tokio::test]
    async fn without_a_daily_or_a_round_it_says_so() {
        let desk = Desk::empty();
        insta::assert_snapshot!(desk.ask(ADA, "streak", &[]).await, @"There is no daily question here yet. Somebody with Manage Server sets one up with `/daily set`; `/question any` gives a question right now.");
        desk.daily("daily", crate::app::testing::QUESTIONS).await;
        insta::assert_snapshot!(desk.ask(ADA, "streak", &[]).await, @"
        │ Streak
        │ No round has been posted yet.
        │ Streak: 0 rounds
        │ Best: 0 rounds
        │ Freezes left: 1
        │ Rounds in all: 0
        │ -- daily · weekends, holidays and pauses break nothing; a freeze covers one missed round
        ");
        insta::assert_snapshot!(desk.ask_directly(ADA, "streak", &[]).await, @"This works in a server only.");
    }

    #[tokio::test]
    async fn a_newcomer_is_invited() {
        let (desk, _) = Desk::with_rounds(2).await;
        insta::assert_snapshot!(desk.ask(BOB, "streak", &[]).await, @"
        │ Streak
        │ You have not taken part in a round yet. The open one is a good start.
        │ Streak: 0 rounds
        │ Best: 0 rounds
        │ Freezes left: 1
        │ Rounds in all: 0
        │ -- daily · weekends, holidays and pauses break nothing; a freeze covers one missed round
        ");
    }

    /// Rounds 1 to 5 earn the second freeze; 6 is missed and covered; 7 taken part in; 8 is missed
    /// and will be covered while round 9 is open; with 10 out too the streak is over.
    #[tokio::test]
    async fn a_streak_is_explained_as_it_goes_on_and_ends() {
        let (mut desk, daily) = Desk::with_rounds(7).await;
        takes_part(&desk, daily.id, [1, 2, 3, 4, 5, 7]).await;
        insta::assert_snapshot!(desk.ask(ADA, "streak", &[]).await, @"
        │ Streak
        │ You have taken part in round #7. The streak is safe.
        │ Streak: 6 rounds
        │ Best: 6 rounds
        │ Freezes left: 1
        │ Rounds in all: 6
        │ Lately: ✅ #7 taken part, streak 6
        │ ❄️ #6 missed, covered by a freeze
        │ 🎁 #5 earned a freeze
        │ ✅ #5 taken part, streak 5
        │ ✅ #4 taken part, streak 4
        │ ✅ #3 taken part, streak 3
        │ ✅ #2 taken part, streak 2
        │ ✅ #1 taken part, streak 1
        │ -- daily · weekends, holidays and pauses break nothing; a freeze covers one missed round
        ");
        desk.post(daily.id).await;
        desk.post(daily.id).await;
        insta::assert_snapshot!(desk.ask(ADA, "streak", &[]).await, @"
        │ Streak
        │ You have a streak to keep: round #9 is open.
        │ Streak: 6 rounds
        │ Best: 6 rounds
        │ Freezes left: 0
        │ Rounds in all: 6
        │ Lately: ❄️ #8 missed; a freeze will cover it
        │ ✅ #7 taken part, streak 6
        │ ❄️ #6 missed, covered by a freeze
        │ 🎁 #5 earned a freeze
        │ ✅ #5 taken part, streak 5
        │ ✅ #4 taken part, streak 4
        │ ✅ #3 taken part, streak 3
        │ ✅ #2 taken part, streak 2
        │ -- daily · weekends, holidays and pauses break nothing; a freeze covers one missed round
        ");
        desk.post(daily.id).await;
        insta::assert_snapshot!(desk.ask(ADA, "streak", &[]).await, @"
        │ Streak
        │ You have no streak now. Round #10 can begin a new one.
        │ Streak: 0 rounds
        │ Best: 6 rounds
        │ Freezes left: 1
        │ Rounds in all: 6
        │ Lately: 💔 #8 to #9 missed: the streak ended at 6
        │ ✅ #7 taken part, streak 6
        │ ❄️ #6 missed, covered by a freeze
        │ 🎁 #5 earned a freeze
        │ ✅ #5 taken part, streak 5
        │ ✅ #4 taken part, streak 4
        │ ✅ #3 taken part, streak 3
        │ ✅ #2 taken part, streak 2
        │ -- daily · weekends, holidays and pauses break nothing; a freeze covers one missed round
        ");
        takes_part(&desk, daily.id, [10]).await;
        insta::assert_snapshot!(desk.ask(ADA, "streak", &[]).await, @"
        │ Streak
        │ You have taken part in round #10. The streak is safe.
        │ Streak: 1 round
        │ Best: 6 rounds
        │ Freezes left: 1
        │ Rounds in all: 7
        │ Lately: ✅ #10 taken part, streak 1
        │ 💔 #8 to #9 missed: the streak ended at 6
        │ ✅ #7 taken part, streak 6
        │ ❄️ #6 missed, covered by a freeze
        │ 🎁 #5 earned a freeze
        │ ✅ #5 taken part, streak 5
        │ ✅ #4 taken part, streak 4
        │ ✅ #3 taken part, streak 3
        │ -- daily · weekends, holidays and pauses break nothing; a freeze covers one missed round
        ");
    }

    #[tokio::test]
    async fn a_colleagues_streak_is_told_of_them() {
        let (desk, daily) = Desk::with_rounds(1).await;
        takes_part(&desk, daily.id, [1]).await;
        let ada = ("member", Value::User(ADA));
        insta::assert_snapshot!(desk.ask(BOB, "streak", &[ada]).await, @"
        │ Streak
        │ <@101> has taken part in round #1. The streak is safe.
        │ Streak: 1 round
        │ Best: 1 round
        │ Freezes left: 1
        │ Rounds in all: 1
        │ Lately: ✅ #1 taken part, streak 1
        │ -- daily · weekends, holidays and pauses break nothing; a freeze covers one missed round
        ");
        let cleo = ("member", Value::User(CLEO));
        insta::assert_snapshot!(desk.ask(BOB, "streak", &[cleo]).await, @"
        │ Streak
        │ <@103> has not taken part in a round yet. The open one is a good start.
        │ Streak: 0 rounds
        │ Best: 0 rounds
        │ Freezes left: 1
        │ Rounds in all: 0
        │ -- daily · weekends, holidays and pauses break nothing; a freeze covers one missed round
        ");
    }

    #[tokio::test]
    async fn where_there_are_several_dailies_one_is_named_or_it_is_the_channels() {
        let mut desk = Desk::empty();
        desk.daily("backend", crate::app::testing::QUESTIONS).await;
        let rust = desk.daily("rust", crate::app::testing::RUST).await;
        desk.post(rust.id).await;
        let told = desk.ask_in(crate::app::testing::RUST, ADA, "streak").await.to_string();
        assert!(told.contains("rust ·"), "{told}");
        let told = desk.ask(ADA, "streak", &[text("daily", "rust")]).await.to_string();
        assert!(told.contains("rust ·"), "{told}");
        insta::assert_snapshot!(desk.ask(ADA, "streak", &[text("daily", "go")]).await, @"There is no daily named “go”. Those here: **backend**, **rust**.");
        insta::assert_snapshot!(desk.ask_in(crate::app::testing::VOICE, ADA, "streak").await, @"There are several dailies here, so name the one you mean: **backend**, **rust**.");
        insta::assert_snapshot!(desk.suggested(ADA, "streak", "daily", "").await, @"
        backend = backend
        rust = rust
        ");
        insta::assert_snapshot!(desk.suggested(ADA, "streak", "daily", "RU").await, @"rust = rust");
    }
}
