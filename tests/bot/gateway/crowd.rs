//! Many members who take part in rounds, click again where an interaction failed, and remember
//! what the bot told them, so that it can be compared with what the bot remembers.

use super::support::{Stage, said};
use discord_sim::{ActError, Id, MessageView, Response};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// How long a member goes on clicking where interactions fail.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// How a member takes part.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    Form,
    Quiz,
    RevealAndGrade,
    FormTwice,
    QuizTwice,
}

const WAYS: [Way; 5] = [Way::Form, Way::Quiz, Way::RevealAndGrade, Way::FormTwice, Way::QuizTwice];

/// What members were told that they did in one round.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Told {
    pub took_part: u32,
    pub got_it: u32,
    pub quiz_answers: u32,
    pub quiz_right: u32,
}

/// Members of a stage's guild, and what they were told.
pub struct Crowd {
    pub members: Vec<Id>,
    rounds: Vec<(Id, Told)>,
    taken_part: BTreeMap<Id, u32>,
}

impl Crowd {
    pub fn of(stage: &Stage, count: usize) -> Self {
        let join = |place| {
            let user = stage.sim.add_user(&format!("member{place}"), &format!("Member {place}"));
            stage.sim.add_member(stage.guild, user, &[]);
            user
        };
        let members = (0..count).map(join).collect();
        Self { members, rounds: Vec::new(), taken_part: BTreeMap::new() }
    }

    /// All take part in the newest round side by side, save every seventh, who sits it out, while
    /// `meanwhile` happens.
    pub async fn take_part(&mut self, stage: &Stage, meanwhile: impl Future<Output = ()>) {
        let round = stage.newest_round();
        let number = self.rounds.len();
        let plays = |place: &usize| !(place + number).is_multiple_of(7);
        let acting = (0..self.members.len()).filter(plays).map(|place| {
            let (user, way) = (self.members[place], WAYS[(place + number) % WAYS.len()]);
            let member = Member { stage, user, round: &round };
            async move {
                // Not all at the same instant: some click before, some while, some after.
                tokio::time::sleep(Duration::from_millis(15 * place as u64)).await;
                (user, member.take_part(way).await)
            }
        });
        let (done, ()) = tokio::join!(join_all(acting), meanwhile);
        let mut told = Told::default();
        for (user, own) in done {
            *self.taken_part.entry(user).or_default() += 1;
            told.took_part += own.took_part;
            told.got_it += own.got_it;
            told.quiz_answers += own.quiz_answers;
            told.quiz_right += own.quiz_right;
        }
        self.rounds.push((round.id, told));
    }

    /// Compares what the members were told with what the bot shows: in the messages of the rounds
    /// (which must have closed), in everyone's streak, and on the board.
    pub async fn check(&self, stage: &Stage) {
        for (message, told) in &self.rounds {
            let shown = stage.actor(stage.mona).look(stage.channel, *message).unwrap();
            assert_eq!(tally(&shown), *told, "{}", shown.text());
        }
        for (user, rounds) in &self.taken_part {
            let streak = insist("the streak", || async {
                stage.actor(*user).command(stage.channel, "streak", &[]).await
            });
            let streak = said(&streak.await);
            let in_all = streak.lines().skip_while(|line| *line != "Rounds in all").nth(1);
            assert_eq!(in_all, Some(rounds.to_string().as_str()), "{user}: {streak}");
            let kind = [("kind", json!("all"))];
            let board = insist("the board", || async {
                stage.actor(*user).command(stage.channel, "leaderboard", &kind).await
            });
            let board = said(&board.await);
            let expected = format!(" — **{rounds}** round{}", plural(*rounds));
            let own = board.lines().find(|line| line.starts_with("You: "));
            assert!(own.is_some_and(|own| own.ends_with(&expected)), "{user}: {board}");
            assert!(board.contains(&format!(" {} members ", self.taken_part.len())), "{board}");
        }
    }
}

struct Member<'a> {
    stage: &'a Stage,
    user: Id,
    round: &'a MessageView,
}

impl Member<'_> {
    async fn take_part(&self, way: Way) -> Told {
        let mut told = Told { took_part: 1, ..Told::default() };
        match way {
            Way::Form => self.send_form().await,
            Way::FormTwice => {
                self.send_form().await;
                self.send_form().await;
            }
            Way::Quiz | Way::QuizTwice => {
                told.quiz_answers = 1;
                let right = self.quiz().await;
                told.quiz_right = right.into();
                if way == Way::QuizTwice {
                    assert_eq!(self.quiz().await, right, "the one try stands");
                }
            }
            Way::RevealAndGrade => {
                told.got_it = 1;
                self.reveal_and_grade().await;
            }
        }
        told
    }

    async fn click(&self, message: Id, label: &str) -> Response {
        let what = format!("{label} by {}", self.user);
        let (actor, channel) = (self.stage.actor(self.user), self.stage.channel);
        insist(&what, || async { actor.click_label(channel, message, label).await }).await
    }

    async fn send_form(&self) {
        let opened = self.click(self.round.id, "Answer").await;
        let modal = opened.modal().unwrap_or_else(|| panic!("a form, not {opened:?}"));
        let actor = self.stage.actor(self.user);
        let typed = [("text", "It depends on the load.")];
        let sent = insist("the form", || async { actor.submit(modal, &typed).await }).await;
        assert!(said(&sent).contains("It depends on the load."), "{sent:?}");
    }

    /// Whether the member was told to have been right.
    async fn quiz(&self) -> bool {
        let asked = self.click(self.round.id, "Quiz").await;
        let asked = asked.message().unwrap();
        let verdict = if asked.button("B").is_some() {
            said(&self.click(asked.id, "B").await)
        } else {
            asked.text()
        };
        let verdict = verdict.lines().next().unwrap_or_default();
        let right = verdict.contains("**Right!**") || verdict.contains("was right");
        let wrong = verdict.contains("**Not quite.**") || verdict.contains("was wrong");
        assert!(right != wrong, "{verdict}");
        right
    }

    async fn reveal_and_grade(&self) {
        let seen = self.click(self.round.id, "Reveal").await;
        let graded = self.click(seen.message().unwrap().id, "Got it").await;
        assert!(said(&graded).contains("graded yourself: **got it**"), "{graded:?}");
    }
}

/// Acts again until the bot has acknowledged it.
pub async fn insist<F>(what: &str, act: impl Fn() -> F) -> Response
where
    F: Future<Output = Result<Response, ActError>>,
{
    let since = Instant::now();
    while since.elapsed() < PATIENCE {
        match act().await.unwrap_or_else(|error| panic!("{what}: {error}")) {
            Response::Failed => {}
            response => return response,
        }
    }
    panic!("{what}: nothing but failures for {PATIENCE:?}");
}

/// What a closed round's message says.
fn tally(message: &MessageView) -> Told {
    let field = |name: &str| {
        let fields = message.embeds[0]["fields"].as_array().into_iter().flatten();
        let mut found = fields.filter(|field| field["name"] == name);
        found.next().and_then(|field| field["value"].as_str()).unwrap_or_default().to_owned()
    };
    let numbers = |text: &str| -> Vec<u32> {
        let words = text.split(|c: char| !c.is_ascii_digit());
        words.filter_map(|word| word.parse().ok()).collect()
    };
    let nth = |text: &str, place: usize| numbers(text).get(place).copied().unwrap_or(0);
    let quiz = field("Quiz");
    Told {
        took_part: nth(&field("Took part"), 0),
        got_it: nth(&field("How they graded themselves"), 0),
        quiz_answers: nth(&quiz, 2),
        quiz_right: nth(&quiz, 1),
    }
}

fn plural(count: u32) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// A daily on every day of the week, at ten in the morning UTC.
pub async fn set_daily(stage: &Stage) {
    let days: [(&str, Value); 1] = [("days", json!("mon-sun"))];
    let told = stage.set_daily("10:00", "UTC", &days).await;
    assert!(told.contains("is set up"), "{told}");
    // The scheduler hears of it a moment later; time must not pass before.
    let mut scheduling = stage.bot.as_ref().unwrap().scheduling.clone();
    scheduling.wait_for(|status| status.wakes_at.is_some()).await.unwrap();
}
