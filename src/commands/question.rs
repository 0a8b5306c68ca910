//! `/question`: a practice question now, the open round again, a search, one by name.

use super::{
    Buttons, Command, Invocation, Press, Spec, Typing, offers, round,
    spec::{Opt, OptKind, SUGGESTED, daily_option},
    suggest_dailies, suggest_questions, suggest_topics,
};
use crate::{
    app::{App, practice::PracticeQuiz, rounds::Shown},
    domain::{ids::QuestionId, question::Level},
    error::{Mistake, Result},
    text::{
        self, Words, answer, practice,
        rounds::{self, Offer},
    },
    ui::{Action, Meaning, Reply, Response, Suggestion},
};
use async_trait::async_trait;

/// How many questions a search shows.
const FOUND_MAX: usize = 10;

const FAMILY: &str = "practice";

/// What a button of a practice question means.
#[derive(Clone, PartialEq, Eq, Debug)]
struct PracticeButton {
    question: QuestionId,
    offer: Offer,
}

impl Meaning for PracticeButton {
    fn action(&self) -> Action {
        let action = Action::new(FAMILY, offers::word(self.offer)).text(self.question.0.as_str());
        offers::with_detail(action, self.offer)
    }

    fn read(action: &Action) -> Option<Self> {
        let mut parts = action.reader();
        let word = parts.text()?;
        let question = QuestionId::parse(parts.text()?).ok()?;
        let offer = offers::read(word, parts)?;
        // Practice has neither a record nor a thread.
        let fits = !matches!(offer, Offer::Grade(_) | Offer::Share);
        fits.then_some(Self { question, offer })
    }
}

/// The buttons of one practice question.
fn buttons(question: &QuestionId) -> impl Fn(Offer) -> Action {
    |offer| PracticeButton { question: question.clone(), offer }.action()
}

pub(super) struct QuestionCommand;

#[async_trait]
impl Command for QuestionCommand {
    fn name(&self) -> &'static str {
        "question"
    }

    fn spec(&self) -> Spec {
        let draw =
            || vec![Opt::optional("topic", SUGGESTED), Opt::optional("private", OptKind::Boolean)];
        let text = OptKind::Text { max: 100, autocomplete: false };
        Spec {
            name: self.name(),
            description: "",
            options: vec![
                Opt::subcommand("beginner", draw()),
                Opt::subcommand("intermediate", draw()),
                Opt::subcommand("advanced", draw()),
                Opt::subcommand("any", draw()),
                Opt::subcommand("today", vec![daily_option()]),
                Opt::subcommand("find", vec![Opt::required("text", text)]),
                Opt::subcommand(
                    "show",
                    vec![
                        Opt::required("id", SUGGESTED),
                        Opt::optional("private", OptKind::Boolean),
                    ],
                ),
            ],
            manage_server: false,
            direct_messages: true,
        }
    }

    fn words(&self) -> Words {
        text::practice::COMMAND
    }

    fn buttons(&self) -> &'static [&'static dyn Buttons] {
        &[&Self, &round::RoundButtons]
    }

    async fn run(&self, app: &App, invocation: &Invocation) -> Result<Reply> {
        let private = invocation.boolean("private").unwrap_or(false);
        match invocation.subcommand.as_deref().unwrap_or("any") {
            "today" => today(app, invocation).await,
            "find" => {
                let text = invocation.text("text").unwrap_or_default();
                Ok(practice::found(text, &app.find_questions(text, FOUND_MAX)))
            }
            "show" => {
                let asked = invocation.text("id").unwrap_or_default();
                Ok(question(&app.question(asked)?, private))
            }
            level => {
                let guild = invocation.origin.guild;
                let topic = invocation.text("topic");
                let shown = app.draw_practice(guild, level.parse::<Level>().ok(), topic).await?;
                Ok(question(&shown, private))
            }
        }
    }

    async fn suggest(&self, app: &App, typing: &Typing) -> Result<Vec<Suggestion>> {
        match typing.option.as_str() {
            "topic" => Ok(suggest_topics(app, &typing.text)),
            "id" => Ok(suggest_questions(app, &typing.text)),
            _ => suggest_dailies(app, &typing.invocation.origin, &typing.text).await,
        }
    }
}

#[async_trait]
impl Buttons for QuestionCommand {
    fn family(&self) -> &'static str {
        FAMILY
    }

    fn label(&self) -> &'static str {
        "question"
    }

    async fn press(&self, app: &App, press: &Press, action: &Action) -> Result<Response> {
        let PracticeButton { question: id, offer } =
            PracticeButton::of(action).ok_or(Mistake::StaleButton)?;
        let buttons = buttons(&id);
        Ok(match offer {
            Offer::Answer => {
                let title = app.practice_question(&id)?.question.title;
                Response::Ask(rounds::form(Some(&title), buttons(Offer::Send)))
            }
            Offer::Hint => Response::Say(rounds::hint(&app.practice_question(&id)?)),
            Offer::Reveal => {
                Response::Say(practice::revealed(&app.practice_question(&id)?, buttons))
            }
            Offer::Full => Response::Say(answer::in_full(&app.practice_question(&id)?.question)),
            Offer::Deeper => Response::Say(answer::deeper(&app.practice_question(&id)?.question)),
            Offer::Quiz => {
                let quiz = app.practice_quiz(&id, press.origin.user, None)?;
                Response::Say(self::quiz(&quiz))
            }
            Offer::Pick(place) => {
                let picked = Some(usize::from(place));
                let quiz = app.practice_quiz(&id, press.origin.user, picked)?;
                Response::Update(self::quiz(&quiz))
            }
            Offer::Send => {
                let text = press.own_answer();
                Response::Say(practice::answered(&app.practice_question(&id)?, &text, buttons))
            }
            Offer::Grade(_) | Offer::Share => return Err(Mistake::StaleButton.into()),
        })
    }
}

/// A practice quiz, open or solved.
pub fn quiz(quiz: &PracticeQuiz) -> Reply {
    practice::quiz(quiz, buttons(&quiz.shown.question.id))
}

/// The model answer of a practice question, in short.
pub fn revealed(shown: &Shown) -> Reply {
    practice::revealed(shown, buttons(&shown.question.id))
}

/// A practice question with its buttons.
fn question(shown: &Shown, private: bool) -> Reply {
    practice::question(shown, private, buttons(&shown.question.id))
}

async fn today(app: &App, invocation: &Invocation) -> Result<Reply> {
    let guild = invocation.origin.guild()?;
    let daily = app.daily(guild, invocation.text("daily"), invocation.origin.channel).await?;
    let view = app.newest_round(daily).await?;
    let part = app.participation(&view, invocation.origin.user).await?;
    let buttons = round::of(view.round.daily, view.round.number);
    Ok(rounds::again(&view, &part, guild.0, buttons))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::PracticeButton;
    use crate::{
        app::testing::{ADA, QUESTIONS},
        commands::{
            invocation::Value,
            testing::{Desk, text},
        },
        domain::ids::QuestionId,
        text::rounds::Offer,
        ui::Meaning,
    };

    fn practice(id: &str, offer: Offer) -> crate::ui::Action {
        PracticeButton { question: QuestionId::from(id), offer }.action()
    }

    #[tokio::test]
    async fn a_question_of_a_level_is_for_all_unless_private() {
        let desk = Desk::empty();
        insta::assert_snapshot!(desk.ask(ADA, "question advanced", &[]).await, @"
        (to the channel)
        │ What if a queue is full?
        │ Advanced · Queues, APIs
        │ -- Practice · full-queue
        [Answer!] [Quiz (good)] [Hint] [Reveal]
        ");
        let private = [("private", Value::Boolean(true))];
        insta::assert_snapshot!(desk.ask_directly(ADA, "question intermediate", &private).await, @"
        │ What does an index cost?
        │ Intermediate · Databases
        │ -- Practice · index
        [Answer!] [Quiz (good)] [Hint] [Reveal]
        ");
    }

    #[tokio::test]
    async fn a_topic_narrows_by_its_id_or_its_name() {
        let desk = Desk::empty();
        let seen = desk.ask(ADA, "question beginner", &[text("topic", "queues")]).await.to_string();
        assert!(seen.contains("What is a queue?"), "{seen}");
        let seen = desk.ask(ADA, "question any", &[text("topic", "Databases")]).await.to_string();
        assert!(seen.contains("What does an index cost?"), "{seen}");
        insta::assert_snapshot!(
            desk.ask(ADA, "question any", &[text("topic", "cooking")]).await,
            @"No topic is called “cooking”. `/topics` lists them."
        );
        insta::assert_snapshot!(
            desk.ask(ADA, "question advanced", &[text("topic", "databases")]).await,
            @"No question matches that. `/topics` shows what the bank holds."
        );
        insta::assert_snapshot!(desk.suggested(ADA, "question any", "topic", "data").await, @"Databases = databases");
    }

    #[tokio::test]
    async fn practice_leaves_the_open_question_out() {
        let (desk, daily) = Desk::with_rounds(1).await;
        let open = desk.app.store.round(daily.id, 1).await.unwrap().unwrap().question;
        let open = desk.app.question(open.as_str()).unwrap().question.title;
        for _ in 0..30 {
            let seen = desk.ask(ADA, "question any", &[]).await.to_string();
            assert!(!seen.contains(&open), "{seen}");
        }
    }

    #[tokio::test]
    async fn practice_goes_on_by_its_buttons() {
        let desk = Desk::empty();
        let seen = desk.ask(ADA, "question show", &[text("id", "endpoint")]).await;
        insta::assert_snapshot!(seen, @"
        (to the channel)
        │ What is an API endpoint?
        │ Beginner · APIs
        │ -- Practice · endpoint
        [Answer!] [Quiz (good)] [Hint] [Reveal]
        ");
        let form = desk.click(ADA, &seen, "Answer").await;
        insta::assert_snapshot!(form, @"
        (form) What is an API endpoint?
        Your answer: (In your own words. It is shown to you alone and not stored.) at most 1500 characters
        ");
        insta::assert_snapshot!(desk.fill_in(ADA, &form, "A method and a path.").await, @"
        │ Your answer
        │ A method and a path.
        │ What is an API endpoint?
        │ Did the answer mention …: ☐ The first point of endpoint.
        │ ☐ The second of endpoint.
        │ ☐ The third of endpoint.
        │ You hear from somebody who has read about it: A reader's line of endpoint.
        │ You hear from somebody who has run it: A practitioner's line of endpoint.
        [Full answer!] [Go deeper]
        ");
        insta::assert_snapshot!(desk.click(ADA, &seen, "Hint").await, @"
        │ Hint
        │ The hint of endpoint.
        ");
        insta::assert_snapshot!(desk.click(ADA, &seen, "Reveal").await, @"
        │ What is an API endpoint?
        │ Did the answer mention …: ☐ The first point of endpoint.
        │ ☐ The second of endpoint.
        │ ☐ The third of endpoint.
        │ You hear from somebody who has read about it: A reader's line of endpoint.
        │ You hear from somebody who has run it: A practitioner's line of endpoint.
        [Full answer!] [Go deeper]
        ");
    }

    #[tokio::test]
    async fn a_practice_answer_leads_further() {
        let desk = Desk::empty();
        let named = [text("question", "endpoint")];
        let seen = desk.ask_directly(ADA, "reveal", &named).await;
        insta::assert_snapshot!(desk.click(ADA, &seen, "Full answer").await, @"
        │ What is an API endpoint?
        │ The model answer of endpoint.
        │ Sources: • [RFC 9110, section 9](<https://www.rfc-editor.org/rfc/rfc9110#section-9>): The point of endpoint.
        ");
        insta::assert_snapshot!(desk.click(ADA, &seen, "Go deeper").await, @"
        │ Going deeper
        │ What an interviewer would ask next, and what a good answer has.
        │ The follow-up of endpoint.: The good answer of endpoint.
        ");
    }

    #[tokio::test]
    async fn a_practice_quiz_tells_right_from_wrong_at_once() {
        let desk = Desk::empty();
        let seen = desk.ask(ADA, "question show", &[text("id", "index")]).await;
        let quiz = desk.click(ADA, &seen, "Quiz").await;
        insta::assert_snapshot!(quiz, @"
        │ Quiz
        │ Which is right of index?
        │
        │ **A** · Wrong one
        │ **B** · Wrong two
        │ **C** · Wrong three
        │ **D** · The right one
        │ -- Practice
        [A] [B] [C] [D]
        ");
        let right = right_letter(&quiz.to_string());
        let wrong = ["A", "B"].into_iter().find(|letter| *letter != right).unwrap();
        insta::assert_snapshot!(desk.click(ADA, &quiz, &right).await, @"
        (in place of the message)
        **Right!**
        │ Quiz
        │ Which is right of index?
        │
        │ ▫️ **A** · Wrong one
        │ ▫️ **B** · Wrong two
        │ ▫️ **C** · Wrong three
        │ ✅ **D** · The right one
        │ Why: The reason of index.
        ");
        insta::assert_snapshot!(desk.click(ADA, &quiz, wrong).await, @"
        (in place of the message)
        **Not quite.**
        │ Quiz
        │ Which is right of index?
        │
        │ ❌ **A** · Wrong one
        │ ▫️ **B** · Wrong two
        │ ▫️ **C** · Wrong three
        │ ✅ **D** · The right one
        │ Why: The reason of index.
        ");
    }

    fn right_letter(quiz: &str) -> String {
        let line = quiz.lines().find(|line| line.contains("The right one")).unwrap();
        line.chars().find(|letter| ('A'..='D').contains(letter)).unwrap().to_string()
    }

    #[tokio::test]
    async fn the_open_round_is_shown_again() {
        let desk = Desk::empty();
        insta::assert_snapshot!(desk.ask(ADA, "question today", &[]).await, @"There is no daily question here yet. Somebody with Manage Server sets one up with `/daily set`; `/question any` gives a question right now.");
        desk.daily("daily", QUESTIONS).await;
        insta::assert_snapshot!(desk.ask(ADA, "question today", &[]).await, @"**daily** has not posted a question yet. `/question any` gives one right now.");
        insta::assert_snapshot!(desk.ask_directly(ADA, "question today", &[]).await, @"This works in a server only.");

        let (desk, _) = Desk::with_rounds(1).await;
        let seen = desk.ask(ADA, "question today", &[]).await;
        insta::assert_snapshot!(seen, @"
        │ What is a queue?
        │ Beginner · Queues
        │
        │ You have not taken part yet. [Go to the round](https://discord.com/channels/1/10/1000)
        │ -- #1 of daily
        [Answer!] [Quiz (good)] [Hint] [Reveal]
        ");
        let form = desk.click(ADA, &seen, "Answer").await;
        desk.fill_in(ADA, &form, "It depends.").await;
        let again = desk.ask(ADA, "question today", &[]).await.to_string();
        assert!(again.contains("You have taken part."), "{again}");
    }

    #[tokio::test]
    async fn the_bank_is_searched() {
        let desk = Desk::empty();
        insta::assert_snapshot!(desk.ask(ADA, "question find", &[text("text", "queue")]).await, @"
        • What if a queue is full? — `full-queue` (advanced)
        • What is a queue? — `queue` (beginner)

        See one with `/question show`.
        ");
        insta::assert_snapshot!(desk.ask(ADA, "question find", &[text("text", "zzz*")]).await, @r"Nothing in the bank is like “zzz\*”. `/topics` lists what there is.");
        insta::assert_snapshot!(
            desk.ask(ADA, "question show", &[text("id", "no-such")]).await,
            @"No question is called “no-such”. `/question find` searches the bank."
        );
        insta::assert_snapshot!(desk.suggested(ADA, "question show", "id", "index").await, @"What does an index cost? = index");
    }

    #[tokio::test]
    async fn a_button_of_a_question_that_has_left_the_bank_says_so() {
        let gone = practice("gone", Offer::Hint);
        insta::assert_snapshot!(Desk::empty().act(ADA, gone).await, @"This question has left the bank, so there is nothing to show; if you answered, it counts. `/question any` gives another one.");
        let foreign = practice("index", Offer::Pick(7));
        insta::assert_snapshot!(Desk::empty().act(ADA, foreign).await, @"What this belonged to is not here any more. `/question today` shows the open round, `/help` what I can do.");
    }

    proptest::proptest! {
        #[test]
        fn every_button_comes_back(id in "[a-z0-9]{1,20}(-[a-z0-9]{1,19}){0,2}", offer in crate::commands::offers::any()) {
            let button = PracticeButton { question: QuestionId(id), offer };
            let fits = !matches!(offer, Offer::Grade(_) | Offer::Share);
            proptest::prop_assert_eq!(PracticeButton::of(&button.action()), fits.then_some(button));
        }
    }
}
