//! The buttons and the form of a round.

use super::{Buttons, Later, Press, offers};
use crate::{
    app::{App, rounds::Click},
    domain::ids::DailyId,
    error::{Mistake, Result},
    text::{
        answer,
        rounds::{self, Offer},
    },
    ui::{Action, Meaning, Response},
};
use async_trait::async_trait;

const FAMILY: &str = "round";

/// What a button of a round means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RoundButton {
    /// The daily.
    pub daily: DailyId,
    /// The round's number.
    pub number: u32,
    /// What it does.
    pub offer: Offer,
}

impl Meaning for RoundButton {
    fn action(&self) -> Action {
        let action = Action::new(FAMILY, offers::word(self.offer));
        offers::with_detail(action.number(self.daily.0).number(self.number), self.offer)
    }

    fn read(action: &Action) -> Option<Self> {
        let mut parts = action.reader();
        let word = parts.text()?;
        let (daily, number) = (DailyId(parts.number()?), parts.number()?);
        Some(Self { daily, number, offer: offers::read(word, parts)? })
    }
}

/// The buttons of one round.
pub(super) fn of(daily: DailyId, number: u32) -> impl Fn(Offer) -> Action {
    move |offer| RoundButton { daily, number, offer }.action()
}

pub(super) struct RoundButtons;

#[async_trait]
impl Buttons for RoundButtons {
    fn family(&self) -> &'static str {
        FAMILY
    }

    fn later(&self, action: &Action) -> Option<Later> {
        let button = RoundButton::of(action)?;
        // It is posted before it is told that it is.
        (button.offer == Offer::Share).then_some(Later::Say)
    }

    async fn press(&self, app: &App, press: &Press, action: &Action) -> Result<Response> {
        let button = RoundButton::of(action).ok_or(Mistake::StaleButton)?;
        let RoundButton { daily, number, offer } = button;
        let click = Click {
            guild: press.origin.guild()?,
            user: press.origin.user,
            at: press.origin.at,
            // Only the buttons of the round's own message prove where that message is.
            post: press.message.filter(|_| Offer::BELOW_QUESTION.contains(&offer)),
        };
        let buttons = of(daily, number);
        Ok(match offer {
            Offer::Answer => {
                let title = app.round_title(&click, daily, number).await?;
                Response::Ask(rounds::form(title.as_deref(), buttons(Offer::Send)))
            }
            Offer::Hint => {
                Response::Say(rounds::hint(&app.round_view(&click, daily, number).await?.shown))
            }
            Offer::Quiz => {
                Response::Say(rounds::quiz(&app.quiz(&click, daily, number).await?, buttons))
            }
            Offer::Reveal => {
                Response::Say(rounds::revealed(&app.reveal(&click, daily, number).await?, buttons))
            }
            Offer::Full => Response::Say(answer::in_full(
                &app.reveal(&click, daily, number).await?.view.shown.question,
            )),
            Offer::Deeper => Response::Say(answer::deeper(
                &app.reveal(&click, daily, number).await?.view.shown.question,
            )),
            Offer::Send => {
                let acted = app.answer(&click, daily, number).await?;
                Response::Say(rounds::answered(&acted, &press.own_answer(), buttons))
            }
            Offer::Pick(place) => {
                let tried = app.try_quiz(&click, daily, number, usize::from(place)).await?;
                Response::Update(rounds::quiz_tried(&tried))
            }
            Offer::Grade(grade) => {
                let acted = app.grade(&click, daily, number, grade).await?;
                Response::Say(rounds::graded(&acted, grade))
            }
            Offer::Share => {
                let answer = press.quoted.as_deref().ok_or(Mistake::StaleButton)?;
                Response::Say(rounds::sharing(app.share(&click, daily, number, answer).await?))
            }
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::RoundButton;
    use crate::{
        app::testing::{ADA, BOB, CLEO, Fixture},
        commands::testing::{Desk, Seen},
        domain::{
            ids::{DailyId, UserId},
            round::{Grade, Tally},
        },
        text::rounds::Offer,
        ui::Meaning,
    };

    fn button(daily: DailyId, number: u32, offer: Offer) -> crate::ui::Action {
        RoundButton { daily, number, offer }.action()
    }

    async fn tally(desk: &Fixture, id: DailyId, number: u32) -> Tally {
        desk.app.store.round(id, number).await.unwrap().unwrap().tally
    }

    /// Clicks on Answer below the round's message and sends the text.
    async fn answer(desk: &Desk, id: DailyId, number: u32, user: UserId, text: &str) -> Seen {
        let form = desk.click(user, &desk.message(id, number), "Answer").await;
        desk.fill_in(user, &form, text).await
    }

    /// Takes the quiz of round 1, rightly or wrongly.
    async fn take_quiz(desk: &Desk, id: DailyId, user: UserId, rightly: bool) -> (Seen, Seen) {
        let quiz = desk.click(user, &desk.message(id, 1), "Quiz").await;
        let lines = quiz.to_string();
        let choice =
            |line: &&str| line.contains("** · ") && line.contains("The right one") == rightly;
        let line = lines.lines().find(choice).unwrap();
        let letter = line.split("**").nth(1).unwrap();
        let told = desk.click(user, &quiz, letter).await;
        (quiz, told)
    }

    #[tokio::test]
    async fn the_message_of_an_open_round() {
        let (desk, daily) = Desk::with_rounds(1).await;
        insta::assert_snapshot!(desk.message(daily.id, 1), @"
        (to the channel)
        │ What is a queue?
        │ Beginner · Queues
        │
        │ Nobody has taken part yet.
        │ -- #1 · open until the next question
        [Answer!] [Quiz (good)] [Hint] [Reveal]
        ");
        answer(&desk, daily.id, 1, ADA, "It depends.").await;
        desk.settle().await;
        let one = desk.message(daily.id, 1).to_string();
        assert!(one.contains("**1** person has taken part."), "{one}");
    }

    #[tokio::test]
    async fn an_answer_is_shown_beside_the_model_answer_and_can_be_shared() {
        let (desk, daily) = Desk::with_rounds(1).await;
        let form = desk.click(ADA, &desk.message(daily.id, 1), "Answer").await;
        insta::assert_snapshot!(form, @"
        (form) What is a queue?
        Your answer: (In your own words. It is shown to you alone and not stored.) at most 1500 characters
        ");
        let seen = desk.fill_in(ADA, &form, "It depends.").await;
        insta::assert_snapshot!(seen, @"
        You are in. Your streak stands at **1** round.
        │ Your answer
        │ It depends.
        │ Model answer in short
        │ Did the answer mention …: ☐ The first point of queue.
        │ ☐ The second of queue.
        │ ☐ The third of queue.
        │ You hear from somebody who has read about it: A reader's line of queue.
        │ You hear from somebody who has run it: A practitioner's line of queue.
        [Full answer!] [Go deeper]
        [Missed] [Partly] [Got it (good)] [Share in thread]
        ");
        insta::assert_snapshot!(desk.click(ADA, &seen, "Share in thread").await, @"Your answer is in the round's thread.");
        let again = answer(&desk, daily.id, 1, ADA, "Sometimes.").await;
        insta::assert_snapshot!(desk.click(ADA, &again, "Share in thread").await, @"You have shared an answer to this round already.");
        let threads = desk.chat.world().threads.clone();
        let said: Vec<_> = threads.values().flat_map(|thread| thread.values()).collect();
        let [said] = said[..] else { panic!("{said:?}") };
        insta::assert_snapshot!(said, @"
        (to the channel)
        <@101> answered:
        │ It depends.
        │ -- A member's own answer
        ");
        insta::assert_snapshot!(desk.click(ADA, &seen, "Got it").await, @"You graded yourself: **got it**. You have taken part in round #1.");
        insta::assert_snapshot!(desk.click(ADA, &seen, "Missed").await, @"You already graded yourself: **got it**. You have taken part in round #1.");
        assert_eq!(tally(&desk, daily.id, 1).await.grades, [0, 0, 1]);
    }

    #[tokio::test]
    async fn the_answer_in_short_leads_to_all_of_it_and_further() {
        let (desk, daily) = Desk::with_rounds(1).await;
        let seen = answer(&desk, daily.id, 1, ADA, "It depends.").await;
        insta::assert_snapshot!(desk.click(ADA, &seen, "Full answer").await, @"
        │ What is a queue?
        │ The model answer of queue.
        │ Sources: • [RFC 9110, section 9](<https://www.rfc-editor.org/rfc/rfc9110#section-9>): The point of queue.
        ");
        insta::assert_snapshot!(desk.click(ADA, &seen, "Go deeper").await, @"
        │ Going deeper
        │ What an interviewer would ask next, and what a good answer has.
        │ The follow-up of queue.: The good answer of queue.
        ");
    }

    #[tokio::test]
    async fn whoever_sees_an_answer_by_another_button_has_revealed_it() {
        let (desk, daily) = Desk::with_rounds(1).await;
        for (user, offer) in [(BOB, Offer::Full), (CLEO, Offer::Deeper)] {
            desk.act(user, button(daily.id, 1, offer)).await;
            let part = desk.app.store.participation(daily.id, 1, user).await.unwrap();
            assert!(part.revealed.is_some(), "{offer:?}");
        }
    }

    #[tokio::test]
    async fn an_answer_that_cannot_be_shared_says_why() {
        let (desk, daily) = Desk::with_rounds(1).await;
        let seen = answer(&desk, daily.id, 1, ADA, "It depends.").await;
        desk.chat.world().threads.clear();
        insta::assert_snapshot!(desk.click(ADA, &seen, "Share in thread").await, @"Your answer could not be posted: the thread may be locked or gone. Nothing was lost.");
        desk.app.store.update_round(daily.id, 1, |round| round.thread_id = None).await.unwrap();
        insta::assert_snapshot!(desk.click(ADA, &seen, "Share in thread").await, @"This round has no thread, so there is nowhere to share it.");
    }

    #[tokio::test]
    async fn the_quiz_has_one_try() {
        let (desk, daily) = Desk::with_rounds(1).await;
        let (quiz, right) = take_quiz(&desk, daily.id, ADA, true).await;
        insta::assert_snapshot!(quiz, @"
        │ Quiz
        │ Which is right of queue?
        │
        │ **A** · Wrong two
        │ **B** · Wrong three
        │ **C** · The right one
        │ **D** · Wrong one
        │ -- One try
        [A] [B] [C] [D]
        ");
        insta::assert_snapshot!(right, @"
        (in place of the message)
        **Right!** You are in. Your streak stands at **1** round.
        │ Quiz
        │ Which is right of queue?
        │
        │ ▫️ **A** · Wrong two
        │ ▫️ **B** · Wrong three
        │ ✅ **C** · The right one
        │ ▫️ **D** · Wrong one
        │ Why: The reason of queue.
        ");
        insta::assert_snapshot!(desk.click(ADA, &desk.message(daily.id, 1), "Quiz").await, @"
        You have had your one try at this quiz, and it was right.
        │ Quiz
        │ Which is right of queue?
        │
        │ ▫️ **A** · Wrong two
        │ ▫️ **B** · Wrong three
        │ ✅ **C** · The right one
        │ ▫️ **D** · Wrong one
        │ Why: The reason of queue.
        ");
        let again = desk.click(ADA, &quiz, "A").await.to_string();
        insta::assert_snapshot!(again.lines().nth(1).unwrap(), @"Your one try was right; it stands.");
        let (_, wrong) = take_quiz(&desk, daily.id, BOB, false).await;
        insta::assert_snapshot!(wrong, @"
        (in place of the message)
        **Not quite.** You are in. Your streak stands at **1** round.
        │ Quiz
        │ Which is right of queue?
        │
        │ ✅ **A** · The right one
        │ ❌ **B** · Wrong three
        │ ▫️ **C** · Wrong two
        │ ▫️ **D** · Wrong one
        │ Why: The reason of queue.
        ");
        let tally = tally(&desk, daily.id, 1).await;
        assert_eq!((tally.took_part, tally.quiz_answers, tally.quiz_right), (2, 2, 1));
    }

    #[tokio::test]
    async fn the_hint_and_the_reveal_alone_are_no_taking_part() {
        let (desk, daily) = Desk::with_rounds(1).await;
        let message = desk.message(daily.id, 1);
        insta::assert_snapshot!(desk.click(ADA, &message, "Hint").await, @"
        │ Hint
        │ The hint of queue.
        ");
        let grade = button(daily.id, 1, Offer::Grade(Grade::GotIt));
        insta::assert_snapshot!(desk.act(ADA, grade.clone()).await, @"Answer or reveal first, then grade yourself.");
        desk.click(ADA, &message, "Reveal").await;
        assert_eq!(tally(&desk, daily.id, 1).await.took_part, 0);
        insta::assert_snapshot!(desk.act(ADA, grade).await, @"You graded yourself: **got it**. You are in. Your streak stands at **1** round.");
        assert_eq!(tally(&desk, daily.id, 1).await.took_part, 1);
    }

    /// Ada answers rounds 1 to 5, misses 6 and 7, and is back in 8; Bob is back after four missed.
    #[tokio::test]
    async fn what_happened_to_the_streak_is_told_at_once() {
        let (mut desk, daily) = Desk::with_rounds(1).await;
        let first = |seen: Seen| seen.to_string().lines().next().unwrap().to_owned();
        answer(&desk, daily.id, 1, BOB, "Yes.").await;
        for number in 1..5 {
            answer(&desk, daily.id, number, ADA, "Yes.").await;
            desk.post(daily.id).await;
        }
        insta::assert_snapshot!(first(answer(&desk, daily.id, 5, ADA, "Yes.").await), @"You are in. Your streak stands at **5** rounds. You have earned a freeze.");
        insta::assert_snapshot!(first(answer(&desk, daily.id, 5, ADA, "No.").await), @"You have taken part in round #5.");
        for _ in 6..=8 {
            desk.post(daily.id).await;
        }
        insta::assert_snapshot!(first(answer(&desk, daily.id, 8, ADA, "Yes.").await), @"You are in. Your streak stands at **6** rounds. Freezes covered the 2 rounds that you missed.");
        insta::assert_snapshot!(first(answer(&desk, daily.id, 8, BOB, "Yes.").await), @"You are in. Your streak stands at **1** round. The last one ended at 1; a new one begins.");
    }

    #[tokio::test]
    async fn the_closed_round_shows_how_it_went_and_takes_practice() {
        let (mut desk, daily) = Desk::with_rounds(1).await;
        let seen = answer(&desk, daily.id, 1, ADA, "It depends.").await;
        desk.click(ADA, &seen, "Got it").await;
        take_quiz(&desk, daily.id, ADA, true).await;
        take_quiz(&desk, daily.id, BOB, false).await;
        take_quiz(&desk, daily.id, CLEO, false).await;
        desk.post(daily.id).await;
        desk.settle().await;
        insta::assert_snapshot!(desk.message(daily.id, 1), @"
        (to the channel)
        │ What is a queue?
        │ Beginner · Queues
        │ Took part: 3 members
        │ How they graded themselves: got it **1** · partly **0** · missed **0**
        │ Quiz: **33 %** right (1 of 3)
        │ -- #1 · closed
        [Answer!] [Quiz (good)] [Hint] [Reveal]
        ");
        let before = tally(&desk, daily.id, 1).await;
        insta::assert_snapshot!(answer(&desk, daily.id, 1, BOB, "Too late.").await, @"
        Round #1 has closed, so this is practice: it changes no streak.
        │ Your answer
        │ Too late.
        │ Model answer in short
        │ Did the answer mention …: ☐ The first point of queue.
        │ ☐ The second of queue.
        │ ☐ The third of queue.
        │ You hear from somebody who has read about it: A reader's line of queue.
        │ You hear from somebody who has run it: A practitioner's line of queue.
        [Full answer!] [Go deeper]
        [Share in thread]
        ");
        let late = desk.act(BOB, button(daily.id, 1, Offer::Grade(Grade::GotIt))).await;
        insta::assert_snapshot!(late, @"Round #1 has closed, so this is practice: it changes no streak.");
        assert_eq!(tally(&desk, daily.id, 1).await, before);
    }

    #[tokio::test]
    async fn a_round_that_nobody_took_part_in_closes_quietly() {
        let (desk, daily) = Desk::with_rounds(2).await;
        insta::assert_snapshot!(desk.message(daily.id, 1), @"
        (to the channel)
        │ What is a queue?
        │ Beginner · Queues
        │ Took part: nobody
        │ -- #1 · closed
        [Answer!] [Quiz (good)] [Hint] [Reveal]
        ");
        let pinned = [1, 2].map(|number| desk.chat.message(daily.id, number).pinned);
        assert_eq!(pinned, [false, true]);
    }

    #[tokio::test]
    async fn a_foreign_or_unknown_round_is_refused() {
        let (desk, daily) = Desk::with_rounds(1).await;
        let hint = |number| button(daily.id, number, Offer::Hint);
        insta::assert_snapshot!(desk.act(ADA, hint(9)).await, @"There is no round #9.");
        insta::assert_snapshot!(desk.act_elsewhere(ADA, hint(1)).await, @"What this belonged to is not here any more. `/question today` shows the open round, `/help` what I can do.");
        insta::assert_snapshot!(desk.act(ADA, button(daily.id, 1, Offer::Pick(9))).await, @"What this belonged to is not here any more. `/question today` shows the open round, `/help` what I can do.");
    }

    /// The bot may die between sending and confirming; a click on the message proves that it is out.
    #[tokio::test]
    async fn a_click_confirms_a_claimed_round() {
        let mut desk = Desk::empty();
        let daily = desk.daily("daily", crate::app::testing::QUESTIONS).await;
        desk.at(daily.next_due.unwrap().at);
        desk.app.claim_due(daily.id, desk.now).await.unwrap();
        let daily = desk.app.store.daily(daily.id).await.unwrap().unwrap();
        assert!(desk.app.store.round(daily.id, 1).await.unwrap().is_none());
        desk.chat.send_claimed(&desk.app, daily.claim.as_ref().unwrap(), &daily).await;
        let seen = answer(&desk, daily.id, 1, ADA, "It depends.").await.to_string();
        assert!(seen.starts_with("You are in."), "{seen}");
        assert_eq!(tally(&desk, daily.id, 1).await.took_part, 1);
    }

    proptest::proptest! {
        #[test]
        fn every_button_comes_back(daily: u64, number: u32, offer in crate::commands::offers::any()) {
            let button = RoundButton { daily: DailyId(daily), number, offer };
            proptest::prop_assert_eq!(RoundButton::of(&button.action()), Some(button));
        }
    }
}
